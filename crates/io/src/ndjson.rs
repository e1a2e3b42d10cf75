//! Arrow to NDJSON: one object a line, amounts as strings.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType};
use std::io::Write;

/// How the values of a column stand in JSON.
#[derive(Clone, Copy)]
enum Style {
    /// As they are printed: integers, booleans.
    Bare,
    /// As a number, null where JSON has none for it.
    Float,
    /// In quotes, as they are printed: decimals, dates. Nothing in them needs escaping.
    Quoted,
    /// In quotes, escaped.
    Text,
}

/// Writes rows; a null is `null`, so that every line has every key.
pub(crate) fn write_rows(output: &mut dyn Write, batch: &RecordBatch) -> Result<(), ArrowError> {
    let options = FormatOptions::default();
    let schema = batch.schema();
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let key = serde_json::to_string(field.name()).map_err(json_error)?;
        columns.push((key, style(column.data_type()), column, ArrayFormatter::try_new(column, &options)?));
    }
    let (mut line, mut text) = (Vec::new(), String::new());
    for row in 0..batch.num_rows() {
        line.clear();
        for (index, (key, style, column, formatter)) in columns.iter().enumerate() {
            line.push(if index == 0 { b'{' } else { b',' });
            line.extend_from_slice(key.as_bytes());
            line.push(b':');
            if column.is_null(row) || (matches!(style, Style::Float) && !is_finite(column, row)) {
                line.extend_from_slice(b"null");
                continue;
            }
            let value = formatter.value(row);
            match style {
                Style::Bare | Style::Float => write!(line, "{value}")?,
                Style::Quoted => write!(line, "\"{value}\"")?,
                Style::Text => {
                    text.clear();
                    value.write(&mut text)?;
                    serde_json::to_writer(&mut line, &text).map_err(json_error)?;
                }
            }
        }
        if columns.is_empty() {
            line.push(b'{');
        }
        line.extend_from_slice(b"}\n");
        output.write_all(&line)?;
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "a map_err target")]
fn json_error(error: serde_json::Error) -> ArrowError {
    ArrowError::JsonError(error.to_string())
}

fn style(data_type: &DataType) -> Style {
    match data_type {
        DataType::Boolean => Style::Bare,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => Style::Float,
        other if other.is_integer() => Style::Bare,
        DataType::Dictionary(_, values) => style(values),
        other if other.is_decimal() || matches!(other, DataType::Date32) => Style::Quoted,
        _ => Style::Text,
    }
}

fn is_finite(column: &dyn Array, row: usize) -> bool {
    if let Some(values) = column.as_primitive_opt::<Float64Type>() {
        values.value(row).is_finite()
    } else if let Some(values) = column.as_primitive_opt::<Float32Type>() {
        values.value(row).is_finite()
    } else {
        false
    }
}
