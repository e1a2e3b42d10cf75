//! Integer cells: 64-bit keys.
//!
//! Text becomes an integer only where the spec says so (`as = "integer"`): by itself a plan keeps it text, because
//! `007` and `7` would become equal in silence.

use super::FieldRead;
use super::amount::all_null;
use super::date::single_column;
use super::model::{Column, IntegerColumn};
use super::problem::Problem;
use super::rescale::{AmountRule, Rescale};
use super::source::{Cell, Class, FieldReader, Physical, PieceRead, class, each, each_text, fill, with_text};
use crate::error::Result;
use arrow_array::cast::AsArray as _;
use arrow_array::types as arrow;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow_schema::DataType;
use std::num::IntErrorKind;

/// Reads the integers of a field.
///
/// # Errors
/// A type that holds no integers, a limit, cancellation.
pub(super) fn read(reader: &FieldReader<'_>) -> Result<FieldRead> {
    let column = reader.source.column(single_column(&reader.cell.from))?;
    check_type(reader, &column)?;
    if let Some(array) = column.only_chunk().and_then(|chunk| chunk.as_primitive_opt::<arrow::Int64Type>()) {
        let integers = IntegerColumn { values: array.values().clone(), nulls: array.nulls().cloned() };
        return Ok(FieldRead::new(Column::Integer(integers), column));
    }
    let what = format!("the integers of \"{}\"", reader.field.name);
    let memory = reader.control.memory.reserve(column.rows as u64 * 8, &what)?;
    let filled = fill(&column, reader.control, |piece, out| read_piece(reader, piece, out))?;
    let integers = IntegerColumn { values: filled.values.into(), nulls: filled.nulls };
    Ok(FieldRead {
        bad: filled.bad,
        memory: vec![memory],
        ..FieldRead::new(Column::Integer(integers), column)
    })
}

fn check_type(reader: &FieldReader<'_>, column: &Physical) -> Result<()> {
    match class(&column.data_type) {
        Class::Unsupported => Err(reader.unsupported(column)),
        Class::Text | Class::Null => Ok(()),
        _ if reader.cell.extract.is_some() => {
            Err(reader.type_error("wrong_type", column, "Leave `extract` away: it reads text"))
        }
        Class::Integer | Class::Decimal(_) => Ok(()),
        Class::Double => Err(reader.type_error("wrong_type", column, "Convert it to integers or text first")),
        Class::Date | Class::Timestamp | Class::Boolean => {
            Err(reader.type_error("wrong_type", column, "Read the field as text or as a date"))
        }
    }
}

fn read_piece(reader: &FieldReader<'_>, piece: &ArrayRef, out: &mut [i64]) -> Result<PieceRead> {
    macro_rules! widen {
        ($kind:ty) => {
            widen(piece.as_primitive::<$kind>(), out)
        };
    }
    macro_rules! whole {
        ($kind:ty, $scale:expr) => {
            whole(piece.as_primitive::<$kind>(), $scale, out)
        };
    }
    Ok(match piece.data_type() {
        DataType::Int8 => widen!(arrow::Int8Type),
        DataType::Int16 => widen!(arrow::Int16Type),
        DataType::Int32 => widen!(arrow::Int32Type),
        DataType::Int64 => widen!(arrow::Int64Type),
        DataType::UInt8 => widen!(arrow::UInt8Type),
        DataType::UInt16 => widen!(arrow::UInt16Type),
        DataType::UInt32 => widen!(arrow::UInt32Type),
        DataType::UInt64 => whole!(arrow::UInt64Type, 0),
        DataType::Decimal32(_, scale) => whole!(arrow::Decimal32Type, *scale),
        DataType::Decimal64(_, scale) => whole!(arrow::Decimal64Type, *scale),
        DataType::Decimal128(_, scale) => whole!(arrow::Decimal128Type, *scale),
        DataType::Decimal256(_, scale) => {
            let (values, rescale) =
                (piece.as_primitive::<arrow::Decimal256Type>().values(), to_whole(*scale));
            each(piece.nulls(), out, |index| fit(rescale.apply_large(values[index])))
        }
        DataType::Null => all_null(out.len()),
        other => {
            let extract = reader.extract()?;
            with_text!(piece, cells => each_text(&cells, extract, out, parse), else {
                return Err(reader.source.internal_type(other));
            })
        }
    })
}

fn widen<P: ArrowPrimitiveType<Native: Into<i64>>>(array: &PrimitiveArray<P>, out: &mut [i64]) -> PieceRead {
    for (out, value) in out.iter_mut().zip(array.values()) {
        *out = (*value).into();
    }
    PieceRead { nulls: array.nulls().cloned(), ..PieceRead::default() }
}

fn whole<P: ArrowPrimitiveType<Native: Into<i128>>>(
    array: &PrimitiveArray<P>,
    scale: i8,
    out: &mut [i64],
) -> PieceRead {
    let (values, rescale) = (array.values(), to_whole(scale));
    each(array.nulls(), out, |index| fit(rescale.apply(values[index].into())))
}

/// Decimals are integers where no digit stands after the point.
fn to_whole(scale: i8) -> Rescale {
    AmountRule { run: 0, explicit: None, minor: 0, negate: false }.rescale(i32::from(scale))
}

fn fit(value: Result<i128, Problem>) -> Cell<i64> {
    match value.map(i64::try_from) {
        Ok(Ok(value)) => Cell::Value(value),
        Ok(Err(_)) | Err(Problem::AmountTooLarge) => Cell::Bad(Problem::IntegerTooLarge),
        Err(problem) => Cell::Bad(problem),
    }
}

/// An optional sign and digits.
pub(super) fn parse(text: &str) -> Cell<i64> {
    match text.parse::<i64>() {
        Ok(value) => Cell::Value(value),
        Err(error) => Cell::Bad(match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => Problem::IntegerTooLarge,
            _ => Problem::NotAnInteger,
        }),
    }
}
