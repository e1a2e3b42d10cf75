//! The columns of a table as they were written: typed, or text where the format knows nothing else.

use super::OutcomeTables;
use super::names::{Code, NONE, Names};
use crate::error::{DataError, Error, Result};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, Float64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, Decimal128Array, RecordBatch, StringViewArray};
use arrow_cast::parse::parse_decimal;
use arrow_schema::DataType;

/// One table of an outcome.
pub(super) struct TableReader<'a> {
    of: &'a str,
    table: &'static str,
    batches: &'a [RecordBatch],
    pub(super) rows: usize,
}

/// The position of a table in [`super::TABLES_READ`].
#[derive(Clone, Copy)]
pub(super) enum TableAt {
    Groups,
    Members,
    Breaks,
    TieOut,
}

impl<'a> TableReader<'a> {
    pub(super) fn of(tables: &'a OutcomeTables, at: TableAt) -> Self {
        let batches = tables.tables[at as usize].as_slice();
        let rows = batches.iter().map(RecordBatch::num_rows).sum();
        Self { of: &tables.name, table: super::TABLES_READ[at as usize], batches, rows }
    }

    /// What is wrong with a column, in the words of whoever wrote the file.
    pub(super) fn damaged(&self, column: &str, problem: impl Into<String>) -> Error {
        let hint = "Diff outcomes as recon378 wrote them: rows in their order, no column changed";
        DataError::new("damaged_result", self.of, problem, hint)
            .field(format!("{}.{column}", self.table))
            .into()
    }

    fn damaged_cell(&self, column: &str, row: usize, value: &str, expected: &str) -> Error {
        let hint = "Diff outcomes as recon378 wrote them: rows in their order, no column changed";
        DataError::new("damaged_result", self.of, format!("{expected} is expected"), hint)
            .field(format!("{}.{column}", self.table))
            .cell(row as u64, value)
            .into()
    }

    /// Names of the columns, in order.
    pub(super) fn names(&self) -> Vec<String> {
        let schema = self.batches.first().map(RecordBatch::schema);
        schema.map_or_else(Vec::new, |schema| {
            schema.fields().iter().map(|field| field.name().clone()).collect()
        })
    }

    /// The pieces of a column; none where the table has no rows.
    fn pieces(&self, column: &str) -> Result<Vec<&'a ArrayRef>> {
        let with_rows = self.batches.iter().filter(|batch| batch.num_rows() > 0);
        let piece = |batch: &'a RecordBatch| batch.column_by_name(column);
        with_rows
            .map(|batch| piece(batch).ok_or_else(|| self.damaged(column, "there is no such column")))
            .collect()
    }

    fn cast(&self, column: &str, piece: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
        let options = arrow_cast::CastOptions { safe: false, ..arrow_cast::CastOptions::default() };
        arrow_cast::cast_with_options(piece, wanted, &options)
            .map_err(|error| self.damaged(column, error.to_string()))
    }

    fn text(&self, column: &str, piece: &ArrayRef) -> Result<StringViewArray> {
        Ok(self.cast(column, piece, &DataType::Utf8View)?.as_string_view().clone())
    }

    /// Texts; empty ones are left as they are.
    pub(super) fn texts(&self, column: &str) -> Result<StringViewArray> {
        let pieces = self.pieces(column)?;
        let texts: Vec<StringViewArray> =
            pieces.into_iter().map(|piece| self.text(column, piece)).collect::<Result<_>>()?;
        let parts: Vec<&dyn Array> = texts.iter().map(|text| text as &dyn Array).collect();
        if parts.is_empty() {
            return Ok(StringViewArray::new_null(0));
        }
        let whole =
            arrow_select::concat::concat(&parts).map_err(|error| self.damaged(column, error.to_string()))?;
        Ok(whole.as_string_view().clone())
    }

    /// Whole numbers from 0, none of them null.
    pub(super) fn numbers(&self, column: &str) -> Result<Vec<u64>> {
        let mut all = Vec::with_capacity(self.rows);
        for piece in self.pieces(column)? {
            if is_text(piece.data_type()) {
                let text = self.text(column, piece)?;
                for (row, value) in text.iter().enumerate() {
                    let value = value.unwrap_or_default();
                    let number = value.parse();
                    all.push(number.map_err(|_| self.damaged_cell(column, row, value, "a whole number"))?);
                }
                continue;
            }
            let numbers = self.cast(column, piece, &DataType::UInt64)?;
            if numbers.null_count() > 0 {
                return Err(self.damaged(column, "a value is missing"));
            }
            all.extend_from_slice(numbers.as_primitive::<UInt64Type>().values());
        }
        Ok(all)
    }

    /// Names by their numbers.
    pub(super) fn codes(&self, column: &str, names: &mut Names) -> Result<Vec<Code>> {
        let mut all = Vec::with_capacity(self.rows);
        for piece in self.pieces(column)? {
            if let Some(dictionary) = piece.as_any_dictionary_opt() {
                if dictionary.values().is_empty() {
                    // All its rows are null.
                    all.resize(all.len() + piece.len(), NONE);
                    continue;
                }
                let values = self.text(column, dictionary.values())?;
                let values: Vec<Code> =
                    values.iter().map(|name| names.code(name.unwrap_or_default())).collect();
                let keys = dictionary.normalized_keys();
                let code = |(row, key): (usize, usize)| {
                    let known = dictionary.keys().is_valid(row).then(|| values.get(key).copied());
                    known.flatten().unwrap_or(NONE)
                };
                all.extend(keys.into_iter().enumerate().map(code));
                continue;
            }
            let text = self.text(column, piece)?;
            all.extend(text.iter().map(|name| names.code(name.unwrap_or_default())));
        }
        Ok(all)
    }

    /// Shares of 0 to 1 as millionths; null is −1.
    pub(super) fn millionths(&self, column: &str) -> Result<Vec<i64>> {
        let mut all = Vec::with_capacity(self.rows);
        for piece in self.pieces(column)? {
            if is_text(piece.data_type()) {
                let text = self.text(column, piece)?;
                for (row, value) in text.iter().enumerate() {
                    let value = value.unwrap_or_default();
                    let share = if value.is_empty() { Ok(None) } else { value.parse().map(Some) };
                    all.push(millionths(
                        share.map_err(|_| self.damaged_cell(column, row, value, "a number"))?,
                    ));
                }
                continue;
            }
            let shares = self.cast(column, piece, &DataType::Float64)?;
            all.extend(shares.as_primitive::<Float64Type>().iter().map(millionths));
        }
        Ok(all)
    }

    /// Digits after the point that a column of amounts has.
    pub(super) fn scale(&self, column: &str) -> Result<i8> {
        let mut scale = 0;
        for piece in self.pieces(column)? {
            scale = scale.max(match piece.data_type() {
                DataType::Decimal128(_, scale) => *scale,
                other if is_text(other) => {
                    let digits = |text: &str| text.split_once('.').map_or(0, |(_, digits)| digits.len());
                    let most = self.text(column, piece)?.iter().flatten().map(digits).max().unwrap_or(0);
                    i8::try_from(most).ok().filter(|digits| *digits <= 38).ok_or_else(|| {
                        self.damaged(column, format!("an amount has {most} digits after the point"))
                    })?
                }
                _ => 0,
            });
        }
        Ok(scale)
    }

    /// Amounts in units of 10^-`scale`, which is no smaller than the column's own.
    pub(super) fn amounts(&self, column: &str, scale: i8) -> Result<Decimal128Array> {
        let wanted = DataType::Decimal128(38, scale);
        let mut parts: Vec<ArrayRef> = Vec::new();
        for piece in self.pieces(column)? {
            parts.push(if is_text(piece.data_type()) {
                std::sync::Arc::new(self.written_amounts(column, &self.text(column, piece)?, scale)?)
            } else {
                self.cast(column, piece, &wanted)?
            });
        }
        let parts: Vec<&dyn Array> = parts.iter().map(|part| &**part as &dyn Array).collect();
        if parts.is_empty() {
            return Ok(arrow_array::new_empty_array(&wanted).as_primitive::<Decimal128Type>().clone());
        }
        let whole =
            arrow_select::concat::concat(&parts).map_err(|error| self.damaged(column, error.to_string()))?;
        Ok(whole.as_primitive::<Decimal128Type>().clone())
    }

    fn written_amounts(&self, column: &str, text: &StringViewArray, scale: i8) -> Result<Decimal128Array> {
        let mut amounts: Vec<Option<i128>> = Vec::with_capacity(text.len());
        for (row, value) in text.iter().enumerate() {
            let value = value.unwrap_or_default();
            if value.is_empty() {
                amounts.push(None);
                continue;
            }
            let amount = parse_decimal::<Decimal128Type>(value, 38, scale);
            amounts.push(Some(amount.map_err(|_| self.damaged_cell(column, row, value, "an amount"))?));
        }
        let amounts: Decimal128Array = amounts.into_iter().collect();
        amounts.with_precision_and_scale(38, scale).map_err(|error| self.damaged(column, error.to_string()))
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// A share as millionths: shares are millionths divided by 10^6, so that this gives the very number back.
#[expect(clippy::cast_possible_truncation, reason = "saturates, and a share is 0 to 1")]
fn millionths(share: Option<f64>) -> i64 {
    share.map_or(-1, |share| libm::round(share * 1e6) as i64)
}
