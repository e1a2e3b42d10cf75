//! Arrays gathered from the prepared columns: what every table is made of.
//!
//! A column is one task; tasks of a table run beside each other on the current rayon pool. Nothing here allocates
//! per record.

use super::found::Pair;
use crate::columns::{Column, Columns, NO_ROW, Row, TextColumn, TextParts, row_of};
use crate::error::{Error, Result};
use crate::money::display_units;
use crate::plan::{FieldIndex, Plan, Side};
use arrow_array::types::{ArrowDictionaryKeyType, ArrowPrimitiveType, Decimal128Type};
use arrow_array::{
    Array, ArrayRef, DictionaryArray, LargeStringArray, OffsetSizeTrait, PrimitiveArray, RecordBatch,
    StringArray,
};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{Field, Schema};
use rayon::prelude::*;
use std::sync::Arc;

/// Rows that one thread gathers text of at a time.
const TEXT_ROWS: usize = 1 << 18;
/// Bytes that an array with 32-bit offsets can hold.
const SMALL_BYTES_MAX: usize = i32::MAX as usize;

/// Pairs between asking for a cell and looking at it.
pub(super) const AHEAD: usize = 24;

type Task<'a> = Box<dyn FnOnce() -> Result<Vec<ArrayRef>> + Send + 'a>;

/// A table in the making: columns with the work that fills them.
#[derive(Default)]
pub(super) struct TableBuilder<'a> {
    heads: Vec<(String, bool)>,
    tasks: Vec<Task<'a>>,
}

impl<'a> TableBuilder<'a> {
    /// A column that never holds null.
    pub(super) fn full(
        &mut self,
        name: &str,
        task: impl FnOnce() -> Result<ArrayRef> + Send + 'a,
    ) -> &mut Self {
        self.heads.push((name.to_owned(), false));
        self.tasks.push(Box::new(|| Ok(vec![task()?])));
        self
    }

    /// A column that may hold nulls.
    pub(super) fn nullable(
        &mut self,
        name: &str,
        task: impl FnOnce() -> Result<ArrayRef> + Send + 'a,
    ) -> &mut Self {
        self.together(&[name], || Ok(vec![task()?]))
    }

    /// Columns that may hold nulls, made by one task.
    pub(super) fn together(
        &mut self,
        names: &[&str],
        task: impl FnOnce() -> Result<Vec<ArrayRef>> + Send + 'a,
    ) -> &mut Self {
        self.heads.extend(names.iter().map(|name| ((*name).to_owned(), true)));
        self.tasks.push(Box::new(task));
        self
    }

    /// Whether a column of this name stands already.
    pub(super) fn has(&self, name: &str) -> bool {
        self.heads.iter().any(|(other, _)| other == name)
    }

    /// Fills all columns.
    pub(super) fn build(self) -> Result<RecordBatch> {
        let made: Vec<Vec<ArrayRef>> =
            self.tasks.into_par_iter().map(|task| task()).collect::<Result<_>>()?;
        let arrays: Vec<ArrayRef> = made.into_iter().flatten().collect();
        let fields: Vec<Field> = self
            .heads
            .into_iter()
            .zip(&arrays)
            .map(|((name, nullable), array)| Field::new(name, array.data_type().clone(), nullable))
            .collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(internal)
    }
}

/// An Arrow call refused what we gave it.
pub(super) fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("a table can't be built: {error}"))
}

/// Numbers without nulls.
#[expect(clippy::unnecessary_wraps, reason = "every task of a table may fail")]
pub(super) fn numbers<T: ArrowPrimitiveType>(
    rows: usize,
    value: impl Fn(usize) -> T::Native,
) -> Result<ArrayRef> {
    let values: Vec<T::Native> = (0..rows).map(value).collect();
    Ok(Arc::new(PrimitiveArray::<T>::new(ScalarBuffer::from(values), None)))
}

/// Numbers with nulls.
#[expect(clippy::unnecessary_wraps, reason = "every task of a table may fail")]
pub(super) fn nullable_numbers<T: ArrowPrimitiveType>(
    rows: usize,
    value: impl Fn(usize) -> Option<T::Native>,
) -> Result<ArrayRef> {
    Ok(Arc::new(nullable_primitive::<T>(rows, value)))
}

/// Values and their validity in one look.
fn nullable_primitive<T: ArrowPrimitiveType>(
    rows: usize,
    value: impl Fn(usize) -> Option<T::Native>,
) -> PrimitiveArray<T> {
    let mut values: Vec<T::Native> = Vec::with_capacity(rows);
    let mut words: Vec<u64> = Vec::with_capacity(rows.div_ceil(64));
    for start in (0..rows).step_by(64) {
        let mut word = 0;
        values.extend((start..rows.min(start + 64)).map(|at| {
            let value = value(at);
            word |= u64::from(value.is_some()) << (at - start);
            value.unwrap_or_default()
        }));
        words.push(word);
    }
    PrimitiveArray::new(ScalarBuffer::from(values), validity(words, rows))
}

/// Set bits are values; no buffer where all are.
fn validity(words: Vec<u64>, rows: usize) -> Option<NullBuffer> {
    let nulls = NullBuffer::new(BooleanBuffer::new(words.into(), 0, rows));
    Some(nulls).filter(|nulls| nulls.null_count() > 0)
}

/// Amounts at the run's scale.
pub(super) fn amounts(rows: usize, scale: u8, value: impl Fn(usize) -> Option<i128>) -> Result<ArrayRef> {
    decimals(nullable_primitive(rows, value), scale)
}

fn decimals(array: PrimitiveArray<Decimal128Type>, scale: u8) -> Result<ArrayRef> {
    let scale = i8::try_from(scale).map_err(internal)?;
    Ok(Arc::new(array.with_precision_and_scale(38, scale).map_err(internal)?))
}

/// Amounts that come one by one.
pub(super) struct DecimalBuilder {
    values: Vec<i128>,
    words: Vec<u64>,
    word: u64,
}

impl DecimalBuilder {
    /// For so many rows.
    pub(super) fn new(rows: usize) -> Self {
        let words = Vec::with_capacity(rows.div_ceil(64));
        Self { values: Vec::with_capacity(rows), words, word: 0 }
    }

    #[inline]
    pub(super) fn push(&mut self, value: Option<i128>) {
        let bit = self.values.len() % 64;
        self.word |= u64::from(value.is_some()) << bit;
        self.values.push(value.unwrap_or_default());
        if bit == 63 {
            self.words.push(self.word);
            self.word = 0;
        }
    }

    /// The column.
    pub(super) fn finish(mut self, scale: u8) -> Result<ArrayRef> {
        let rows = self.values.len();
        if !rows.is_multiple_of(64) {
            self.words.push(self.word);
        }
        let nulls = validity(self.words, rows);
        decimals(PrimitiveArray::new(ScalarBuffer::from(self.values), nulls), scale)
    }
}

/// A column of nulls; no memory of its size is touched.
pub(super) fn no_amounts(rows: usize, scale: u8) -> Result<ArrayRef> {
    decimals(PrimitiveArray::new_null(rows), scale)
}

/// Names from a short list, as a dictionary. `None` is null.
pub(super) fn names<K: ArrowDictionaryKeyType, S: AsRef<str>>(
    rows: usize,
    values: &[S],
    key: impl Fn(usize) -> Option<K::Native>,
) -> Result<ArrayRef> {
    let values = StringArray::from_iter_values(values.iter().map(AsRef::as_ref));
    let keys = nullable_primitive::<K>(rows, key);
    Ok(Arc::new(DictionaryArray::try_new(keys, Arc::new(values)).map_err(internal)?))
}

/// Text. `write` appends the text of a row and says whether there is one; what it appended to a null is dropped.
/// The array is `Utf8`, or `LargeUtf8` where the text passes 2 GiB.
pub(super) fn texts(
    rows: usize,
    write: impl Fn(usize, &mut Vec<u8>) -> bool + Send + Sync,
) -> Result<ArrayRef> {
    let starts: Vec<usize> = (0..rows).step_by(TEXT_ROWS).collect();
    let parts = starts.into_par_iter();
    joined_texts(
        rows,
        parts.map(|start| TextPart::write(start..rows.min(start + TEXT_ROWS), &write)).collect(),
    )
}

/// The texts of a field of records of either side, in any order: text is looked up in blocks, see
/// [`TextParts::gather`]. [`NO_ROW`] has none.
pub(super) fn texts_of(
    rows: usize,
    cells: BothSides<'_>,
    record: impl Fn(usize) -> (Side, Row) + Send + Sync,
) -> Result<ArrayRef> {
    let is_text =
        |side: Side| matches!(cells.column(side), Column::Text(_) | Column::Many(_) | Column::Absent);
    if !Side::BOTH.into_iter().all(is_text) {
        return texts(rows, |at, out| {
            let (side, row) = record(at);
            cells.write(side, row, out)
        });
    }
    let starts: Vec<usize> = (0..rows).step_by(TEXT_ROWS).collect();
    let parts = starts.into_par_iter();
    joined_texts(
        rows,
        parts.map(|start| TextPart::gather(start..rows.min(start + TEXT_ROWS), cells, &record)).collect(),
    )
}

/// Parts one after the other, as one array.
fn joined_texts(rows: usize, mut parts: Vec<TextPart>) -> Result<ArrayRef> {
    let total: usize = parts.iter().map(|part| part.bytes.len()).sum();
    let nulls = null_buffer(rows, &parts);
    let bytes = match parts.as_mut_slice() {
        [one] => std::mem::take(&mut one.bytes),
        several => joined(several, total),
    };
    let ends = parts.iter().scan(0, |base, part| {
        let before = *base;
        *base += part.ends.last().copied().unwrap_or_default();
        Some(part.ends.iter().map(move |end| before + end))
    });
    let ends = std::iter::once(0).chain(ends.flatten());
    if total <= SMALL_BYTES_MAX {
        let mut offsets: Vec<i32> = Vec::with_capacity(rows + 1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "total fits i32")]
        offsets.extend(ends.map(|end| end as i32));
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        return Ok(Arc::new(StringArray::try_new(offsets, bytes.into(), nulls).map_err(internal)?));
    }
    #[expect(clippy::cast_possible_wrap, reason = "a buffer has at most i64::MAX bytes")]
    let offsets: Vec<i64> = ends.map(|end| end as i64).collect();
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    Ok(Arc::new(LargeStringArray::try_new(offsets, bytes.into(), nulls).map_err(internal)?))
}

/// The text of some rows.
struct TextPart {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Set bits: there is a text. Absent while every row has one.
    valid: Option<BooleanBufferBuilder>,
}

impl TextPart {
    fn write(rows: std::ops::Range<usize>, write: &impl Fn(usize, &mut Vec<u8>) -> bool) -> Self {
        let mut part = Self {
            bytes: Vec::with_capacity(rows.len() * 8),
            ends: Vec::with_capacity(rows.len()),
            valid: None,
        };
        let count = rows.len();
        for index in rows {
            let before = part.bytes.len();
            let there = write(index, &mut part.bytes);
            if !there {
                part.bytes.truncate(before);
                let done = part.ends.len();
                part.valid.get_or_insert_with(|| {
                    let mut valid = BooleanBufferBuilder::new(count);
                    valid.append_n(done, true);
                    valid
                });
            }
            if let Some(valid) = &mut part.valid {
                valid.append(there);
            }
            part.ends.push(part.bytes.len());
        }
        part
    }

    fn gather(
        rows: std::ops::Range<usize>,
        cells: BothSides<'_>,
        record: &impl Fn(usize) -> (Side, Row),
    ) -> Self {
        let mut found: Vec<Option<&[u8]>> = vec![None; rows.len()];
        for side in Side::BOTH {
            let Some(column) = cells.column(side).texts() else { continue };
            let here: Vec<(u32, Row)> = rows
                .clone()
                .enumerate()
                .filter_map(|(at, index)| {
                    let (of, row) = record(index);
                    (of == side && row != NO_ROW).then_some((row_of(at), row))
                })
                .collect();
            match column {
                TextColumn::Small(texts) => gather_side(texts, &here, &mut found),
                TextColumn::Large(texts) => gather_side(texts, &here, &mut found),
            }
        }
        let total = found.iter().flatten().map(|text| text.len()).sum();
        let mut part =
            Self { bytes: Vec::with_capacity(total), ends: Vec::with_capacity(rows.len()), valid: None };
        for text in &found {
            part.bytes.extend_from_slice(text.unwrap_or_default());
            part.ends.push(part.bytes.len());
        }
        if found.contains(&None) {
            let mut valid = BooleanBufferBuilder::new(rows.len());
            for text in &found {
                valid.append(text.is_some());
            }
            part.valid = Some(valid);
        }
        part
    }
}

/// Looks up the texts of `here`, positions with rows.
fn gather_side<'t, O: OffsetSizeTrait>(
    texts: &'t TextParts<O>,
    here: &[(u32, Row)],
    found: &mut [Option<&'t [u8]>],
) {
    let nulls = texts.nulls();
    texts.gather(
        here.len(),
        |at| here[at].1,
        |at, text| {
            let (position, row) = here[at];
            if nulls.is_none_or(|nulls| nulls.is_valid(row as usize)) {
                found[position as usize] = Some(text);
            }
        },
    );
}

fn null_buffer(rows: usize, parts: &[TextPart]) -> Option<NullBuffer> {
    if parts.iter().all(|part| part.valid.is_none()) {
        return None;
    }
    let mut valid = BooleanBufferBuilder::new(rows);
    for part in parts {
        match &part.valid {
            Some(bits) => valid.append_buffer(&bits.finish_cloned()),
            None => valid.append_n(part.ends.len(), true),
        }
    }
    Some(NullBuffer::new(valid.finish()))
}

/// All bytes in one buffer; threads copy their parts.
fn joined(parts: &[TextPart], total: usize) -> Vec<u8> {
    let mut bytes = vec![0_u8; total];
    let mut rest = bytes.as_mut_slice();
    let mut copies = Vec::with_capacity(parts.len());
    for part in parts {
        let (mine, others) = rest.split_at_mut(part.bytes.len());
        copies.push((mine, &part.bytes));
        rest = others;
    }
    copies.into_par_iter().for_each(|(target, source)| target.copy_from_slice(source));
    bytes
}

/// Appends a cell as text and says whether there is one.
#[inline]
pub(crate) fn write_cell(column: &Column, scale: u8, row: Row, out: &mut Vec<u8>) -> bool {
    let text = match column {
        Column::Absent => None,
        Column::Text(_) | Column::Many(_) => {
            return column.texts().and_then(|texts| texts.get(row)).is_some_and(|text| {
                out.extend_from_slice(text.as_bytes());
                true
            });
        }
        Column::Amount(column) => column.get(row).map(|units| display_units(units, scale)),
        Column::Date(column) => column.get(row).map(iso_date),
        Column::Integer(column) => column.get(row).map(|value| value.to_string()),
    };
    text.is_some_and(|text| {
        out.extend_from_slice(text.as_bytes());
        true
    })
}

/// A cell as text; `None` where it is null.
pub(crate) fn cell_text(column: &Column, scale: u8, row: Row) -> Option<String> {
    let mut bytes = Vec::new();
    write_cell(column, scale, row, &mut bytes).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

/// A record's id, or its row where it has none.
pub(super) fn record_name(plan: &Plan, columns: &Columns, (side, row): (Side, Row)) -> String {
    let source = columns.side(side);
    let id = plan.id.and_then(|id| source.fields.get(id));
    let id = id.and_then(|ids| cell_text(ids, columns.scale, row));
    id.unwrap_or_else(|| format!("row {}", source.row_number(row)))
}

/// A day as ISO 8601; days beyond the year 9999 as their number.
pub(crate) fn iso_date(day: i32) -> String {
    jiff::civil::Date::constant(1970, 1, 1)
        .checked_add(jiff::Span::new().days(i64::from(day).clamp(-4_000_000, 4_000_000)))
        .map_or_else(|_| format!("day {day}"), |date| date.to_string())
}

/// A column of both sides, by field: what pairs and breaks look cells up in.
#[derive(Clone, Copy)]
pub(super) struct BothSides<'a> {
    sides: [&'a Column; 2],
    scale: u8,
}

impl<'a> BothSides<'a> {
    /// The columns of a field, or of none.
    pub(super) fn of(columns: &'a Columns, field: Option<FieldIndex>) -> Self {
        Self::at(columns, [field, field])
    }

    /// The columns of one field on the left, another on the right.
    pub(super) fn at(columns: &'a Columns, fields: [Option<FieldIndex>; 2]) -> Self {
        let sides = Side::BOTH.map(|side| {
            let field = fields[side.index()];
            field.and_then(|field| columns.side(side).fields.get(field)).unwrap_or(&Column::Absent)
        });
        Self { sides, scale: columns.scale }
    }

    /// The column of a side.
    pub(super) fn column(&self, side: Side) -> &'a Column {
        self.sides[side.index()]
    }

    /// Asks for the cells of the pair that comes [`AHEAD`] of `pairs[at]`.
    #[inline]
    pub(super) fn prefetch(&self, pairs: &[Pair], at: usize) {
        if let Some(pair) = pairs.get(at + AHEAD) {
            self.prefetch_pair(pair);
        }
    }

    /// Asks for the cells of a pair.
    #[inline]
    pub(super) fn prefetch_pair(&self, pair: &Pair) {
        let [first, second] = pair.span.sides();
        self.column(first).prefetch(pair.left);
        self.column(second).prefetch(pair.right);
    }

    /// The amount of a record.
    #[inline]
    pub(super) fn amount(&self, side: Side, row: Row) -> Option<i128> {
        match self.sides[side.index()] {
            Column::Amount(column) => column.get(row),
            _ => None,
        }
    }

    /// The day of a record.
    #[inline]
    pub(super) fn day(&self, side: Side, row: Row) -> Option<i32> {
        match self.sides[side.index()] {
            Column::Date(column) => column.get(row),
            _ => None,
        }
    }

    /// The integer of a record.
    #[inline]
    pub(super) fn integer(&self, side: Side, row: Row) -> Option<i64> {
        match self.sides[side.index()] {
            Column::Integer(column) => column.get(row),
            _ => None,
        }
    }

    /// Appends the cell of a record as text and says whether there is one.
    #[inline]
    pub(super) fn write(&self, side: Side, row: Row, out: &mut Vec<u8>) -> bool {
        row != NO_ROW && write_cell(self.sides[side.index()], self.scale, row, out)
    }
}
