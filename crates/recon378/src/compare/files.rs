//! Versions of a table in files, and comparisons written to them.

use super::Comparer;
use crate::error::Result;
use crate::files::{Format, all_batches, write_result};
use arrow_array::RecordBatch;
use recon378_core::Cancel;
use recon378_core::control::Reservation;
use recon378_core::spec::{Ragged, ReadSpec};
use recon378_core::versions::{self, CompareOptions, Comparison};
use recon378_io::{ResultKind, Table};
use std::path::{Path, PathBuf};

/// Where a table of a comparison comes from.
#[derive(Debug, Clone)]
pub enum Version {
    /// Batches with the same columns, in the order of their rows: at least one, which may be empty.
    Records(Vec<RecordBatch>),
    /// A file, read by its ending.
    File(PathBuf),
}

impl Comparer {
    /// Compares two tables, each in memory or in a file that is read by `rules`. Tables without a name of their own are
    /// called by their files.
    ///
    /// # Errors
    /// As [`run`](Self::run); files that can't be read.
    pub fn run_versions(&self, versions: [Version; 2], rules: &ReadSpec) -> Result<Comparison> {
        let mut options = self.options.clone();
        if options.names == CompareOptions::default().names
            && let Some(names) = names_of(&versions)
        {
            options.names = names;
        }
        self.host.on_threads(|| {
            let [left, right] = versions;
            let (left, right) = rayon::join(|| self.read(left, rules), || self.read(right, rules));
            let ((left, _left_held), (right, _right_held)) = (left?, right?);
            Ok(versions::compare(&left, &right, &options, &self.host.control)?)
        })
    }

    /// The batches of a table, and what they take from the memory limit.
    fn read(&self, version: Version, rules: &ReadSpec) -> Result<(Vec<RecordBatch>, Vec<Reservation>)> {
        let path = match version {
            Version::Records(batches) => return Ok((batches, Vec::new())),
            Version::File(path) => path,
        };
        // Every line counts: none is left out for looking like no record.
        let ragged = if rules.ragged == Ragged::Pad { Ragged::Pad } else { Ragged::Error };
        let rules = ReadSpec { skip: Some(rules.skip.unwrap_or(0)), ragged, ..rules.clone() };
        let mut reader = recon378_io::open(&[path], &rules)?;
        // `pad` leaves rows with too many cells.
        all_batches(&self.host.control, &mut reader, |reader, _| Ok(reader.refuse_bad_rows()?))
    }
}

/// What the tables are called: by their files, a table in memory by its side. Two files of one name are left and right.
fn names_of(versions: &[Version; 2]) -> Option<[String; 2]> {
    let name = |side: usize| match &versions[side] {
        Version::Records(_) => Some(["left", "right"][side].to_owned()),
        Version::File(path) => path.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
    };
    let names = [name(0)?, name(1)?];
    (names[0] != names[1]).then_some(names)
}

/// A table of a comparison as an uncompressed Arrow IPC stream.
///
/// # Errors
/// A name that no table has.
pub fn write_comparison_ipc(comparison: &Comparison, table: &str) -> Result<Vec<u8>> {
    let table = comparison.table(table)?;
    recon378_io::write_ipc(&table.schema(), std::iter::once(Ok(table.clone())))
}

/// Writes the tables `differences` and `rows`, with summary.json, into a folder, whole or not at all.
///
/// # Errors
/// When something else than a comparison stands there (`not_ours`), the system refuses, or `cancel` is set.
pub fn write_comparison(
    comparison: &Comparison,
    folder: &Path,
    format: Format,
    cancel: &Cancel,
) -> Result<()> {
    let tables = vec![
        Table::new("differences", comparison.differences().clone()),
        Table::new("rows", comparison.rows().clone()),
    ];
    let summary = comparison.summary().to_json();
    write_result((ResultKind::Comparison, summary), tables, (folder, format), cancel)
}
