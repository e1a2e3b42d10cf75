//! Amount cells: from any type that holds a number to integers at the run's scale.
//!
//! Two widths: the column is read into `i64`, and once more into `i128` where a value does not fit. Which one it
//! is depends on the values alone.

use super::amount_text::Marks;
use super::doubles::{self, Double};
use super::model::{AmountColumn, AmountValues, Column};
use super::problem::{Bad, Problem};
use super::rescale::{AmountRule, Rescale, Unit};
use super::source::{
    Cell, Class, FieldReader, Filled, PIECE_ROWS, Physical, PieceRead, class, each, each_text, fill,
    plain_type, row, with_text,
};
use super::text;
use super::{FieldRead, TextColumn};
use crate::control::Reservation;
use crate::error::{DataError, Result};
use crate::limits::{AMOUNT_UNITS_END, SCALE_MAX};
use crate::spec::CellSource;
use arrow_array::cast::AsArray as _;
use arrow_array::types as arrow;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow_schema::DataType;
use rayon::prelude::*;

/// Reads the amounts of a field.
///
/// # Errors
/// A type that holds no amounts, a limit, cancellation.
pub(super) fn read(reader: &FieldReader<'_>) -> Result<FieldRead> {
    let rule = AmountRule {
        run: reader.scale,
        explicit: reader.field.scale[reader.side.index()],
        minor: reader.cell.minor.unwrap_or(0),
        negate: reader.cell.negate,
    };
    match &reader.cell.from {
        CellSource::Column(name) => {
            let column = reader.source.column(name)?;
            let (amounts, memory) = read_column(reader, &column, rule)?;
            Ok(amounts.into_read(vec![column], memory))
        }
        CellSource::DebitCredit { debit, credit } => {
            let plain = AmountRule { negate: false, ..rule };
            let (debit, credit) = (reader.source.column(debit)?, reader.source.column(credit)?);
            let (debits, _held) = read_column(reader, &debit, plain)?;
            let (credits, _held_too) = read_column(reader, &credit, plain)?;
            let bad = join_bad(&debits.bad, &credits.bad);
            let doubles = debits.doubles + credits.doubles;
            let (amounts, memory) = combine(reader, &bad, |index| {
                debit_credit(&debits.column, &credits.column, row(index), rule.negate)
            })?;
            Ok(Amounts { doubles, ..amounts }.into_read(vec![debit, credit], memory))
        }
        CellSource::Indicator { column, indicator, debit, credit } => {
            let plain = AmountRule { negate: false, ..rule };
            let (column, indicator) = (reader.source.column(column)?, reader.source.column(indicator)?);
            let (unsigned, _held) = read_column(reader, &column, plain)?;
            let (indicators, _held_too) = text::read_column(reader, &indicator, &text::TextRule::plain())?;
            let signs = Signs { indicators: &indicators, debit, credit, negate: rule.negate };
            let (amounts, memory) =
                combine(reader, &unsigned.bad, |index| signs.signed(&unsigned.column, row(index)))?;
            Ok(Amounts { doubles: unsigned.doubles, ..amounts }.into_read(vec![column, indicator], memory))
        }
    }
}

/// The amounts of one physical column, or of several combined.
pub(super) struct Amounts {
    pub(super) column: AmountColumn,
    pub(super) bad: Vec<Bad>,
    pub(super) doubles: u64,
}

impl Amounts {
    fn into_read(self, columns: Vec<Physical>, memory: Vec<Reservation>) -> FieldRead {
        FieldRead {
            column: Column::Amount(self.column),
            bad: self.bad,
            doubles: self.doubles,
            memory,
            columns,
            format: None,
        }
    }
}

/// Reads one physical column.
pub(super) fn read_column(
    reader: &FieldReader<'_>,
    column: &Physical,
    rule: AmountRule,
) -> Result<(Amounts, Vec<Reservation>)> {
    check_type(reader, column, rule.explicit)?;
    if class(&column.data_type) == Class::Null {
        let nulls = (column.rows > 0).then(|| NullBuffer::new_null(column.rows));
        let values = AmountValues::Narrow(vec![0; column.rows].into());
        return Ok((
            Amounts { column: AmountColumn { values, nulls }, bad: Vec::new(), doubles: 0 },
            Vec::new(),
        ));
    }
    if let Some(values) = shared(column, rule) {
        let nulls = column.only_chunk().and_then(|chunk| chunk.nulls().cloned());
        let column = AmountColumn { values: AmountValues::Narrow(values), nulls };
        return Ok((Amounts { column, bad: Vec::new(), doubles: 0 }, Vec::new()));
    }
    let pieces = Pieces { reader, rule, marks: Marks::new(&reader.rules.read), extract: reader.extract()? };
    widest(reader, column.rows, |narrow| {
        if narrow {
            fill(column, reader.control, |piece, out| pieces.read(piece, out)).map(Either::Narrow)
        } else {
            fill(column, reader.control, |piece, out| pieces.read(piece, out)).map(Either::Wide)
        }
    })
}

/// Refuses what holds no amounts.
///
/// # Errors
/// `unsupported_type`, `wrong_type`, `scale_too_large`.
pub(super) fn check_type(reader: &FieldReader<'_>, column: &Physical, explicit: Option<u8>) -> Result<()> {
    let minor = reader.cell.minor.unwrap_or(0);
    match class(&column.data_type) {
        Class::Decimal(scale)
            if explicit.is_none() && i32::from(scale) + i32::from(minor) > i32::from(SCALE_MAX) =>
        {
            let problem = format!(
                "the column \"{}\" is {}; an amount has at most {SCALE_MAX} digits after the point",
                column.name, column.data_type
            );
            let hint =
                "Give the field the scale its values need: values with other digits past it are unreadable";
            Err(DataError::new("scale_too_large", reader.source.name, problem, hint)
                .field(&reader.field.name)
                .into())
        }
        class if reader.cell.extract.is_some() && !matches!(class, Class::Text | Class::Null) => {
            Err(reader.type_error("wrong_type", column, "Leave `extract` away: it reads text"))
        }
        Class::Text | Class::Integer | Class::Decimal(_) | Class::Double | Class::Null => Ok(()),
        Class::Date | Class::Timestamp | Class::Boolean => {
            Err(reader.type_error("wrong_type", column, "Map a column of numbers"))
        }
        Class::Unsupported => Err(reader.unsupported(column)),
    }
}

/// The Arrow buffer itself, where its units are the run's already.
fn shared(column: &Physical, rule: AmountRule) -> Option<ScalarBuffer<i64>> {
    let chunk = column.only_chunk()?;
    let decimals = match class(chunk.data_type()) {
        Class::Integer => 0,
        Class::Decimal(scale) => i32::from(scale),
        _ => return None,
    };
    if rule.rescale(decimals).factor() != Some(1) {
        return None;
    }
    chunk
        .as_primitive_opt::<arrow::Int64Type>()
        .map(|array| array.values().clone())
        .or_else(|| chunk.as_primitive_opt::<arrow::Decimal64Type>().map(|array| array.values().clone()))
}

enum Either {
    Narrow(Filled<i64>),
    Wide(Filled<i128>),
}

/// Runs `read` into `i64`, and again into `i128` where a value asks for it.
fn widest(
    reader: &FieldReader<'_>,
    rows: usize,
    read: impl Fn(bool) -> Result<Either>,
) -> Result<(Amounts, Vec<Reservation>)> {
    let what = format!("the amounts of \"{}\"", reader.field.name);
    for narrow in [true, false] {
        let bytes = rows as u64 * if narrow { 8 } else { 16 };
        let reservation = reader.control.memory.reserve(bytes, &what)?;
        let (values, nulls, bad, doubles) = match read(narrow)? {
            Either::Narrow(filled) if filled.overflow => continue,
            Either::Narrow(filled) => {
                (AmountValues::Narrow(filled.values.into()), filled.nulls, filled.bad, filled.doubles)
            }
            Either::Wide(filled) => {
                (AmountValues::Wide(filled.values.into()), filled.nulls, filled.bad, filled.doubles)
            }
        };
        return Ok((Amounts { column: AmountColumn { values, nulls }, bad, doubles }, vec![reservation]));
    }
    Err(crate::error::Error::Internal("an amount fits no width".to_owned()))
}

/// How pieces of one column are read.
struct Pieces<'a> {
    reader: &'a FieldReader<'a>,
    rule: AmountRule,
    marks: Marks<'a>,
    extract: Option<super::source::Extract>,
}

impl Pieces<'_> {
    fn read<T: Unit>(&self, piece: &ArrayRef, out: &mut [T]) -> Result<PieceRead> {
        macro_rules! small {
            ($kind:ty, $decimals:expr) => {
                multiply(piece.as_primitive::<$kind>(), out, self.rule.rescale($decimals), T::multiply_small)
            };
        }
        macro_rules! large {
            ($kind:ty, $decimals:expr) => {
                multiply(piece.as_primitive::<$kind>(), out, self.rule.rescale($decimals), T::multiply_large)
            };
        }
        Ok(match piece.data_type() {
            DataType::Int8 => small!(arrow::Int8Type, 0),
            DataType::Int16 => small!(arrow::Int16Type, 0),
            DataType::Int32 => small!(arrow::Int32Type, 0),
            DataType::Int64 => small!(arrow::Int64Type, 0),
            DataType::UInt8 => small!(arrow::UInt8Type, 0),
            DataType::UInt16 => small!(arrow::UInt16Type, 0),
            DataType::UInt32 => small!(arrow::UInt32Type, 0),
            DataType::UInt64 => large!(arrow::UInt64Type, 0),
            DataType::Decimal32(_, scale) => small!(arrow::Decimal32Type, i32::from(*scale)),
            DataType::Decimal64(_, scale) => small!(arrow::Decimal64Type, i32::from(*scale)),
            DataType::Decimal128(_, scale) => large!(arrow::Decimal128Type, i32::from(*scale)),
            DataType::Decimal256(_, scale) => {
                let rescale = self.rule.rescale(i32::from(*scale));
                let values = piece.as_primitive::<arrow::Decimal256Type>().values();
                each(piece.nulls(), out, |index| cell(rescale.apply_large(values[index])))
            }
            DataType::Float32 => self.doubles(piece.as_primitive::<arrow::Float32Type>(), out),
            DataType::Float64 => self.doubles(piece.as_primitive::<arrow::Float64Type>(), out),
            DataType::Null => all_null(out.len()),
            _ => with_text!(piece, cells => self.texts(&cells, out), else {
                return Err(self.reader.source.internal_type(piece.data_type()));
            }),
        })
    }

    fn texts<'a, T: Unit, S: arrow_array::StringArrayType<'a>>(&self, cells: &S, out: &mut [T]) -> PieceRead {
        // The steps depend on the digits written: made once for each count.
        let steps: [Rescale; SCALE_MAX as usize + 1] =
            std::array::from_fn(|decimals| self.rule.rescale(i32::try_from(decimals).unwrap_or(0)));
        each_text(cells, self.extract.clone(), out, |text| match self.marks.parse(text) {
            Ok(written) => cell(steps[usize::from(written.decimals)].apply(written.mantissa)),
            Err(problem) => Cell::Bad(problem),
        })
    }

    fn doubles<T: Unit, P>(&self, array: &arrow_array::PrimitiveArray<P>, out: &mut [T]) -> PieceRead
    where
        P: arrow_array::ArrowPrimitiveType<Native: Double>,
    {
        let places = i32::from(self.rule.kept()) - i32::from(self.rule.minor);
        let power = doubles::exact_power(places);
        let rescale = self.rule.rescale(places);
        let values = array.values();
        let mut count = 0;
        let mut read = each(array.nulls(), out, |index| {
            let value = values[index];
            let units = match power.and_then(|power| value.quick(power)) {
                Some(units) => rescale.apply(i128::from(units)),
                None => doubles::units(value, self.rule),
            };
            count += u64::from(units.is_ok());
            cell(units)
        });
        read.doubles = count;
        read
    }
}

/// Nulls for a piece without a type.
pub(super) fn all_null(rows: usize) -> PieceRead {
    PieceRead { nulls: Some(NullBuffer::new_null(rows)), ..PieceRead::default() }
}

#[inline]
fn cell<T: Unit>(units: Result<i128, Problem>) -> Cell<T> {
    match units {
        Ok(units) => match T::fit(units) {
            Some(value) => Cell::Value(value),
            None if units.unsigned_abs() < AMOUNT_UNITS_END => Cell::Overflow,
            None => Cell::Bad(Problem::AmountTooLarge),
        },
        Err(problem) => Cell::Bad(problem),
    }
}

/// One loop over the values, nulls left aside; cell by cell only where something does not fit.
fn multiply<T, P>(
    array: &arrow_array::PrimitiveArray<P>,
    out: &mut [T],
    rescale: Rescale,
    quick: impl Fn(&[P::Native], i64, &mut [T]) -> bool,
) -> PieceRead
where
    T: Unit,
    P: arrow_array::ArrowPrimitiveType<Native: ArrowNativeType + Into<i128>>,
{
    let values = array.values();
    if rescale.factor().is_some_and(|factor| quick(values, factor, out)) {
        return PieceRead { nulls: array.nulls().cloned(), ..PieceRead::default() };
    }
    each(array.nulls(), out, |index| cell(rescale.apply(values[index].into())))
}

/// Credit − debit. A zero counts as empty beside a filled one; two empty cells are null.
fn debit_credit(debits: &AmountColumn, credits: &AmountColumn, row: u32, negate: bool) -> Cell<i128> {
    let (debit, credit) = (debits.get(row), credits.get(row));
    if debit.is_none() && credit.is_none() {
        return Cell::Null;
    }
    let (debit, credit) = (debit.unwrap_or(0), credit.unwrap_or(0));
    if debit != 0 && credit != 0 {
        return Cell::Bad(Problem::BothFilled);
    }
    let net = if negate { debit.checked_sub(credit) } else { credit.checked_sub(debit) };
    net.map_or(Cell::Bad(Problem::AmountTooLarge), Cell::Value)
}

/// An indicator column and what its values mean.
struct Signs<'a> {
    indicators: &'a TextColumn,
    debit: &'a [String],
    credit: &'a [String],
    negate: bool,
}

impl Signs<'_> {
    fn signed(&self, unsigned: &AmountColumn, row: u32) -> Cell<i128> {
        let Some(amount) = unsigned.get(row) else { return Cell::Null };
        let Some(indicator) = self.indicators.get(row) else { return Cell::Bad(Problem::UnknownIndicator) };
        let is = |values: &[String]| values.iter().any(|value| value.trim() == indicator);
        let debit = is(self.debit);
        if !debit && !is(self.credit) {
            return Cell::Bad(Problem::UnknownIndicator);
        }
        if amount < 0 {
            return Cell::Bad(Problem::SignedIndicator);
        }
        // Not below zero: turning its sign can't overflow.
        Cell::Value(if debit == self.negate { amount } else { -amount })
    }
}

/// Bad cells of both columns, one per record.
fn join_bad(left: &[Bad], right: &[Bad]) -> Vec<Bad> {
    let mut bad = [left, right].concat();
    bad.sort_by_key(|bad| bad.row);
    bad.dedup_by_key(|bad| bad.row);
    bad
}

/// Makes amounts of several columns, record by record. `bad` stays bad.
fn combine(
    reader: &FieldReader<'_>,
    bad: &[Bad],
    amount: impl Fn(usize) -> Cell<i128> + Sync,
) -> Result<(Amounts, Vec<Reservation>)> {
    let rows = reader.source.rows as usize;
    let (mut amounts, memory) = widest(reader, rows, |narrow| {
        if narrow {
            combine_into(reader, rows, bad, &amount).map(Either::Narrow)
        } else {
            combine_into(reader, rows, bad, &amount).map(Either::Wide)
        }
    })?;
    amounts.bad = join_bad(bad, &amounts.bad);
    Ok((amounts, memory))
}

fn combine_into<T: Unit>(
    reader: &FieldReader<'_>,
    rows: usize,
    bad: &[Bad],
    amount: &(impl Fn(usize) -> Cell<i128> + Sync),
) -> Result<Filled<T>> {
    let mut values = vec![T::default(); rows];
    let reads: Vec<(usize, Result<PieceRead>)> = values
        .par_chunks_mut(PIECE_ROWS)
        .enumerate()
        .map(|(piece, out)| {
            let base = piece * PIECE_ROWS;
            let from = bad.partition_point(|bad| (bad.row as usize) < base);
            let to = bad.partition_point(|bad| (bad.row as usize) < base + out.len());
            let known = bad.get(from..to).unwrap_or_default();
            let nulls = (!known.is_empty()).then(|| {
                let mut known = known.iter().map(|bad| bad.row as usize - base).peekable();
                NullBuffer::new(BooleanBuffer::collect_bool(out.len(), |index| {
                    known.next_if_eq(&index).is_none()
                }))
            });
            let read = reader.control.cancel.check().map(|()| {
                each(nulls.as_ref(), out, |index| match amount(base + index) {
                    Cell::Value(units) => cell(Ok(units)),
                    Cell::Null => Cell::Null,
                    Cell::Overflow => Cell::Overflow,
                    Cell::Bad(problem) => Cell::Bad(problem),
                })
            });
            (out.len(), read)
        })
        .collect();
    Filled::join(values, reads)
}

/// The scale a raw decimal column brings.
pub(super) fn own_scale(data_type: &DataType) -> Option<u8> {
    match class(plain_type(data_type)) {
        Class::Decimal(scale) => Some(u8::try_from(scale).unwrap_or(0)),
        _ => None,
    }
}
