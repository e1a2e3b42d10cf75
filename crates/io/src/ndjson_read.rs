//! NDJSON of our own writing to Arrow: flat objects that all have the same keys. Every value comes back as text, as it
//! is written; who reads it knows what it is.

use crate::columnar::corrupt;
use crate::error::{IoError, Result};
use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::sync::Arc;

/// Rows of a batch.
const BATCH_ROWS: usize = 65_536;

/// Reads a file; no batches where it has no lines, which tell no columns either.
pub(crate) fn read(path: &Path) -> Result<Vec<RecordBatch>> {
    let system = |error| IoError::system(path, error);
    let mut input = BufReader::new(File::open(path).map_err(system)?);
    let mut table: Option<Columns> = None;
    let mut batches = Vec::new();
    let mut line = String::new();
    for number in 1_u64.. {
        line.clear();
        if input.read_line(&mut line).map_err(system)? == 0 {
            break;
        }
        let refused = |problem: &str| corrupt(path, "NDJSON", &format!("line {number}: {problem}"));
        let object: Map<String, Value> =
            serde_json::from_str(&line).map_err(|error| refused(&error.to_string()))?;
        let columns = table.get_or_insert_with(|| Columns::of(&object));
        columns.push(object).map_err(refused)?;
        if columns.rows == BATCH_ROWS {
            batches.push(columns.take(path)?);
        }
    }
    if let Some(mut columns) = table.filter(|columns| columns.rows > 0) {
        batches.push(columns.take(path)?);
    }
    Ok(batches)
}

/// A table in the making.
struct Columns {
    names: Vec<String>,
    cells: Vec<StringBuilder>,
    rows: usize,
}

impl Columns {
    fn of(object: &Map<String, Value>) -> Self {
        let names: Vec<String> = object.keys().cloned().collect();
        let cells = names.iter().map(|_| StringBuilder::new()).collect();
        Self { names, cells, rows: 0 }
    }

    fn push(&mut self, object: Map<String, Value>) -> Result<(), &'static str> {
        if !object.keys().eq(&self.names) {
            return Err("its keys are not those of the first line");
        }
        for (cells, (_, value)) in self.cells.iter_mut().zip(object) {
            cells.append_option(written(value)?);
        }
        self.rows += 1;
        Ok(())
    }

    fn take(&mut self, path: &Path) -> Result<RecordBatch> {
        self.rows = 0;
        let fields: Vec<Field> =
            self.names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        let arrays = self.cells.iter_mut().map(|cells| Arc::new(cells.finish()) as ArrayRef).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .map_err(|error| corrupt(path, "NDJSON", &error.to_string()))
    }
}

/// A value as text; null is `None`.
fn written(value: Value) -> Result<Option<String>, &'static str> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(value) => Ok(Some(value.to_string())),
        // Numbers keep the digits they are written with.
        Value::Number(value) => Ok(Some(value.to_string())),
        Value::String(value) => Ok(Some(value)),
        Value::Array(_) | Value::Object(_) => Err("a value is a list or an object"),
    }
}
