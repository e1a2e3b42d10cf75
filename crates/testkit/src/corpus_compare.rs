//! The cases of `corpus/` that compare two versions of a table: `compare.json` with the options, `left.csv`, `right.csv`, and
//! what is expected in `expected.json`.
//!
//! CSV has no types and no nulls. Where a case names types, `left.arrow` stands beside `left.csv`: the same cells, cast, and
//! null where the CSV says `NULL`; blessing writes it, and a test sees that it is still the same.

use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt64Type;
use arrow_array::{RecordBatch, StringArray};
use arrow_cast::display::array_value_to_string;
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use recon378::spec::ReadSpec;
use recon378::{Comparer, Comparison, Version, compare_options};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

type Outcome<T> = Result<T, Box<dyn Error>>;

const SIDES: [&str; 2] = ["left", "right"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    options: Value,
    /// By side and column.
    #[serde(default)]
    types: BTreeMap<String, BTreeMap<String, String>>,
}

impl Case {
    fn read(case: &Path) -> Outcome<Self> {
        Ok(serde_json::from_str(&std::fs::read_to_string(case.join("compare.json"))?)?)
    }
}

/// Folders of all cases, by name.
///
/// # Errors
/// When the folder can't be read.
pub fn cases() -> std::io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(crate::corpus::root())? {
        let path = entry?.path();
        if path.join("compare.json").is_file() {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// Runs a case and tells what came out, errors included, as `expected.json` says it. Tables are cut into batches of
/// `batch_rows` rows; without a number they are read from their files as hosts do.
///
/// # Errors
/// When a file of the case can't be read at all.
pub fn outcome(case: &Path, batch_rows: Option<usize>) -> Outcome<Value> {
    let Case { options, .. } = Case::read(case)?;
    let comparer = Comparer::new(compare_options(&options.to_string())?);
    let versions = SIDES.map(|side| file(case, side));
    let versions = match batch_rows {
        None => versions.map(Version::File),
        Some(rows) => {
            let [left, right] = versions;
            [cut(&left, rows)?, cut(&right, rows)?].map(Version::Records)
        }
    };
    match comparer.run_versions(versions, &ReadSpec::default()) {
        Ok(found) => told(&found),
        Err(error) => {
            let paths: Vec<&str> = error.mistakes().iter().map(|mistake| mistake.path.as_str()).collect();
            Ok(json!({ "error": { "kind": error.kind().name(), "code": error.code(), "paths": paths } }))
        }
    }
}

/// A side's file: the one with types where there is one.
fn file(case: &Path, side: &str) -> PathBuf {
    let typed = case.join(format!("{side}.arrow"));
    if typed.is_file() { typed } else { case.join(format!("{side}.csv")) }
}

fn cut(path: &Path, rows: usize) -> Outcome<Vec<RecordBatch>> {
    let mut cut = Vec::new();
    for batch in recon378::read(&[path], &ReadSpec::default())? {
        if batch.num_rows() == 0 {
            cut.push(batch.clone());
        }
        for from in (0..batch.num_rows()).step_by(rows.max(1)) {
            cut.push(batch.slice(from, rows.min(batch.num_rows() - from)));
        }
    }
    Ok(cut)
}

fn told(found: &Comparison) -> Outcome<Value> {
    let summary: Value = serde_json::from_str(&found.summary().to_json())?;
    Ok(json!({
        "summary": summary,
        "differences": lines(found.differences())?,
        "rows": lines(found.rows())?,
    }))
}

/// A table as objects: numbers, texts, nulls.
fn lines(table: &RecordBatch) -> Outcome<Vec<Value>> {
    let schema = table.schema();
    let line = |row: usize| {
        let mut line = Map::new();
        for (field, column) in schema.fields().iter().zip(table.columns()) {
            let cell = if column.is_null(row) {
                Value::Null
            } else if *field.data_type() == DataType::UInt64 {
                column.as_primitive::<UInt64Type>().value(row).into()
            } else {
                array_value_to_string(column, row)?.into()
            };
            line.insert(field.name().clone(), cell);
        }
        Ok(Value::Object(line))
    };
    (0..table.num_rows()).map(line).collect()
}

/// The typed files of a case, as they should be: name and bytes.
///
/// # Errors
/// Types that there are not, cells that are not of their type.
pub fn typed_files(case: &Path) -> Outcome<Vec<(PathBuf, Vec<u8>)>> {
    let Case { types, .. } = Case::read(case)?;
    let mut files = Vec::new();
    for (side, types) in &types {
        let batches = recon378::read(&[case.join(format!("{side}.csv"))], &ReadSpec::default())?;
        let records = batches.iter().map(|batch| typed(batch, types)).collect::<Outcome<Vec<_>>>()?;
        let schema = records.first().ok_or("a table without a batch")?.schema();
        let bytes = recon378_io::write_ipc(&schema, records.into_iter().map(Ok::<_, recon378_io::IoError>))?;
        files.push((case.join(format!("{side}.arrow")), bytes));
    }
    Ok(files)
}

fn typed(batch: &RecordBatch, types: &BTreeMap<String, String>) -> Outcome<RecordBatch> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let wanted = types.get(field.name()).map_or(Ok(field.data_type().clone()), |name| type_of(name))?;
        let text = cast_with_options(column, &DataType::Utf8, &options)?;
        let cells = text.as_string::<i32>().iter().map(|cell| cell.filter(|cell| *cell != "NULL"));
        columns.push(cast_with_options(&cells.collect::<StringArray>(), &wanted, &options)?);
        fields.push(Field::new(field.name(), wanted, true));
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn type_of(name: &str) -> Outcome<DataType> {
    Ok(match name {
        "text" => DataType::Utf8,
        "integer" => DataType::Int64,
        "double" => DataType::Float64,
        "boolean" => DataType::Boolean,
        "date" => DataType::Date32,
        "timestamp(s)" => DataType::Timestamp(TimeUnit::Second, None),
        "timestamp(ms)" => DataType::Timestamp(TimeUnit::Millisecond, None),
        "decimal(10, 2)" => DataType::Decimal128(10, 2),
        "decimal(12, 3)" => DataType::Decimal128(12, 3),
        other => return Err(format!("{other} is no type of the cases").into()),
    })
}
