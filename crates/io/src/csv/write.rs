//! Arrow to CSV, quoted as RFC 4180 says.

use arrow_array::{Array, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, SchemaRef};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes the names of the columns.
pub(crate) fn write_header(output: &mut dyn Write, schema: &SchemaRef) -> io::Result<()> {
    let mut line = String::new();
    for (index, field) in schema.fields().iter().enumerate() {
        separate(&mut line, index);
        quote(&mut line, field.name());
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
            quote(&mut line, &cell);
        }
        end(output, &mut line)?;
    }
    Ok(())
}

fn unformattable(column: usize, row: usize) -> ArrowError {
    ArrowError::CsvError(format!("column {column}, row {row} has no text form"))
}

fn separate(line: &mut String, index: usize) {
    if index > 0 {
        line.push(',');
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
