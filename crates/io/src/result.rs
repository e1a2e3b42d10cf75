//! A result folder, read back: the manifest, and tables in whichever format they were written.

use crate::error::{IoError, Result};
use crate::folder::{MANIFEST, ResultKind, read_text, workbook_of};
use crate::format::Format;
use crate::json;
use arrow_array::RecordBatch;
use recon378_core::Cancel;
use recon378_core::outcome::SCHEMA_VERSION;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// What stands in a folder that holds an outcome.
#[derive(Debug, Clone)]
pub struct ResultFolder {
    /// The manifest as it was written.
    pub manifest: Value,
    /// The batches of each table that was asked for. A table without rows may have none. CSV and NDJSON give text.
    pub tables: Vec<Vec<RecordBatch>>,
}

/// Reads the manifest and some tables of an outcome that [`write_result`](crate::write_result) wrote, in any format.
///
/// # Errors
/// `not_found`; `no_outcome` for a folder that holds something else; `other_schema_version` for an outcome of a version
/// whose tables are others; `missing_table`; files that can't be read.
pub fn read_outcome(folder: &Path, tables: &[&str], cancel: &Cancel) -> Result<ResultFolder> {
    let manifest = read_manifest(folder)?;
    let read = |table: &&str| {
        cancel.check().map_err(|_| IoError::Cancelled)?;
        read_table(folder, table, cancel)
    };
    Ok(ResultFolder { manifest, tables: tables.iter().map(read).collect::<Result<_>>()? })
}

fn read_manifest(folder: &Path) -> Result<Value> {
    let no_outcome = |problem: String| IoError::NoOutcome { path: folder.to_owned(), problem };
    let is_folder = fs::metadata(folder).map_err(|error| IoError::system(folder, error))?.is_dir();
    if !is_folder {
        return Err(no_outcome("it is a file, not a folder".to_owned()));
    }
    let path = folder.join(MANIFEST);
    if !path.is_file() {
        return Err(no_outcome(format!("there is no {MANIFEST} in it")));
    }
    let manifest: Value = serde_json::from_str(&read_text(&path)?)
        .map_err(|error| no_outcome(format!("its {MANIFEST} is damaged: {error}")))?;
    if let Some(kind) = manifest.get("result").and_then(Value::as_str) {
        return Err(no_outcome(format!("it holds a {kind}")));
    }
    match manifest.get("schema_version").and_then(Value::as_u64) {
        None => Err(no_outcome(format!("its {MANIFEST} names no schema_version"))),
        Some(found) if found != u64::from(SCHEMA_VERSION) => {
            Err(IoError::OtherSchemaVersion { path: folder.to_owned(), found, expected: SCHEMA_VERSION })
        }
        Some(_) => Ok(manifest),
    }
}

/// Where a table is: in the folder of an outcome its file, in whichever format; any other path is the table's own.
///
/// # Errors
/// `missing_table`; `no_outcome` where the tables are in a workbook.
pub fn table_of(path: &Path, table: &str) -> Result<PathBuf> {
    if !path.join(MANIFEST).is_file() {
        return Ok(path.to_owned());
    }
    let format = format_of(path, table)?;
    Ok(path.join(format!("{table}.{}", format.name())))
}

/// The format that a table of an outcome was written in.
fn format_of(folder: &Path, table: &str) -> Result<Format> {
    let workbook = workbook_of(ResultKind::Outcome);
    if folder.join(&workbook).is_file() {
        let problem = format!(
            "its tables are in {workbook}, whose numbers are no exact amounts: run its spec again, and write parquet, csv, ndjson or arrow"
        );
        return Err(IoError::NoOutcome { path: folder.to_owned(), problem });
    }
    let found =
        Format::ALL.into_iter().find(|format| folder.join(format!("{table}.{}", format.name())).is_file());
    found.ok_or_else(|| IoError::MissingTable { path: folder.to_owned(), table: table.to_owned() })
}

fn read_table(folder: &Path, table: &str, cancel: &Cancel) -> Result<Vec<RecordBatch>> {
    let file = |format: Format| folder.join(format!("{table}.{}", format.name()));
    let format = format_of(folder, table)?;
    if format == Format::Ndjson {
        return json::read_written(&file(format));
    }
    crate::read::read_written(&file(format), cancel)
}
