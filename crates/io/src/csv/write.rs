//! Arrow to CSV, quoted as RFC 4180 says.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, whoever wrote it: a payee named
//! `=HYPERLINK(…)` would run on the desk of the one who looks for it (OWASP, "CSV Injection"). So such texts get an
//! apostrophe in front, and so do those that begin with apostrophes before such a mark, so that it can be taken off again.

use arrow_array::{Array, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes the names of the columns.
pub(crate) fn write_header(output: &mut dyn Write, schema: &SchemaRef) -> io::Result<()> {
    let mut line = String::new();
    for (index, field) in schema.fields().iter().enumerate() {
        separate(&mut line, index);
        quote(&mut line, &guarded(field.name()));
    }
    end(output, &mut line)
}

/// Writes rows. Null is an empty cell, an empty text is `""`; amounts are exact decimals.
pub(crate) fn write_rows(output: &mut dyn Write, batch: &RecordBatch) -> Result<(), ArrowError> {
    let options = FormatOptions::default();
    let formatters: Vec<ArrayFormatter<'_>> = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column, &options))
        .collect::<Result<_, _>>()?;
    let (mut line, mut cell) = (String::new(), String::new());
    for row in 0..batch.num_rows() {
        for (index, (column, formatter)) in batch.columns().iter().zip(&formatters).enumerate() {
            separate(&mut line, index);
            if column.is_null(row) {
                continue;
            }
            cell.clear();
            write!(cell, "{}", formatter.value(row)).map_err(|_| unformattable(index, row))?;
            if column.data_type().is_floating() {
                cell = plain(cell);
            }
            if is_text(column.data_type()) {
                quote(&mut line, &guarded(&cell));
            } else {
                quote(&mut line, &cell);
            }
        }
        end(output, &mut line)?;
    }
    Ok(())
}

/// A number with its digits in their places: `0.000001`, which a person and every reader take, for `1e-6`. Those that
/// would be longer than a double is exact stay as they are.
fn plain(cell: String) -> String {
    const DIGITS_MAX: f64 = 1e15;
    let number = cell.contains('e').then(|| cell.parse::<f64>().ok()).flatten();
    match number.filter(|number| (1.0 / DIGITS_MAX..DIGITS_MAX).contains(&number.abs())) {
        Some(number) => number.to_string(),
        None => cell,
    }
}

fn unformattable(column: usize, row: usize) -> ArrowError {
    ArrowError::CsvError(format!("column {column}, row {row} has no text form"))
}

fn separate(line: &mut String, index: usize) {
    if index > 0 {
        line.push(',');
    }
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// A text as it is written: with an apostrophe where a spreadsheet would take it for a formula.
fn guarded(cell: &str) -> Cow<'_, str> {
    if needs_guard(cell.as_bytes()) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// A cell as it was before it was written.
pub(crate) fn unguarded(cell: &[u8]) -> &[u8] {
    match cell.split_first() {
        Some((b'\'', rest)) if needs_guard(rest) => rest,
        _ => cell,
    }
}

/// Whether a text begins, behind any apostrophes, as a formula does. Numbers with a sign are none.
fn needs_guard(cell: &[u8]) -> bool {
    let bare = cell.iter().position(|&byte| byte != b'\'').map_or(&[][..], |at| &cell[at..]);
    let is_number = |rest: &[u8]| {
        rest.iter().any(u8::is_ascii_digit)
            && rest.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
    };
    match bare {
        [b'+' | b'-', rest @ ..] => bare.len() < cell.len() || !is_number(rest),
        [b'=' | b'@' | b'\t' | b'\r' | b'\n', ..] => true,
        _ => false,
    }
}

/// Appends a cell, in quotes where it needs them or is empty (a null is empty without quotes).
fn quote(line: &mut String, cell: &str) {
    if !cell.is_empty() && !cell.contains([',', '"', '\r', '\n']) {
        line.push_str(cell);
        return;
    }
    line.push('"');
    line.push_str(&cell.replace('"', "\"\""));
    line.push('"');
}

fn end(output: &mut dyn Write, line: &mut String) -> io::Result<()> {
    if line.is_empty() {
        // A lone null: an empty line would be no row.
        line.push_str("\"\"");
    }
    line.push('\n');
    output.write_all(line.as_bytes())?;
    line.clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn small_numbers_have_their_digits_in_their_places() {
        for (given, expected) in [
            ("1e-6", "0.000001"),
            ("-2.5e-7", "-0.00000025"),
            ("1e14", "100000000000000"),
            ("1e300", "1e300"),
            ("0.95", "0.95"),
            ("1.0", "1.0"),
            ("NaN", "NaN"),
            ("inf", "inf"),
        ] {
            assert_eq!(plain(given.to_owned()), expected);
        }
    }
}
