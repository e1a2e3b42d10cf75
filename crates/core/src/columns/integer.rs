//! Integer cells: 64-bit keys. Text is refused, because a number would lose its leading zeros in silence.

use super::FieldRead;
use super::amount::all_null;
use super::date::single_column;
use super::model::{Column, IntegerColumn};
use super::problem::Problem;
use super::source::{Cell, Class, FieldReader, Physical, PieceRead, class, each, fill};
use crate::error::Result;
use arrow_array::cast::AsArray as _;
use arrow_array::types as arrow;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow_schema::DataType;

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
        _ if reader.cell.extract.is_some() => {
            Err(reader.type_error("wrong_type", column, "Read it as text: `extract` reads text"))
        }
        Class::Integer | Class::Null | Class::Decimal(0) => Ok(()),
        Class::Text => Err(reader.type_error(
            "wrong_type",
            column,
            "Read the field as text on both sides, with clean = [\"strip_zeros\"] where leading zeros don't count",
        )),
        Class::Double => Err(reader.type_error("wrong_type", column, "Convert it to integers or text first")),
        Class::Decimal(_) => Err(reader.type_error("wrong_type", column, "Read the field as an amount")),
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
    macro_rules! narrow {
        ($kind:ty) => {
            narrow(piece.as_primitive::<$kind>(), out)
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
        DataType::UInt64 => narrow!(arrow::UInt64Type),
        DataType::Decimal32(..) => widen!(arrow::Decimal32Type),
        DataType::Decimal64(..) => widen!(arrow::Decimal64Type),
        DataType::Decimal128(..) => narrow!(arrow::Decimal128Type),
        DataType::Decimal256(..) => {
            let values = piece.as_primitive::<arrow::Decimal256Type>().values();
            each(piece.nulls(), out, |index| {
                fit(values[index].to_i128().and_then(|value| i64::try_from(value).ok()))
            })
        }
        DataType::Null => all_null(out.len()),
        other => return Err(reader.source.internal_type(other)),
    })
}

fn widen<P: ArrowPrimitiveType<Native: Into<i64>>>(array: &PrimitiveArray<P>, out: &mut [i64]) -> PieceRead {
    for (out, value) in out.iter_mut().zip(array.values()) {
        *out = (*value).into();
    }
    PieceRead { nulls: array.nulls().cloned(), ..PieceRead::default() }
}

fn narrow<P: ArrowPrimitiveType<Native: TryInto<i64>>>(
    array: &PrimitiveArray<P>,
    out: &mut [i64],
) -> PieceRead {
    let values = array.values();
    each(array.nulls(), out, |index| fit(values[index].try_into().ok()))
}

fn fit(value: Option<i64>) -> Cell<i64> {
    value.map_or(Cell::Bad(Problem::IntegerTooLarge), Cell::Value)
}
