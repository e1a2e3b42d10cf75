//! Two versions of a table, compared.

use crate::batches::Batches;
use crate::error::Result;
use crate::files::Format;
use crate::reconciler::on_threads;
use recon378_core::versions::{self, CompareOptions, Comparison};
use recon378_core::{Cancel, Control};
use recon378_io::{Attachment, MANIFEST, Table};
use std::path::Path;

/// Compares two versions of a table by a key: which rows stand on one side only, which cells differ, by how much.
///
/// ```
/// use arrow_array::record_batch;
/// use recon378::{CompareOptions, compare};
///
/// let before = record_batch!(("id", Int64, [1, 2, 3]), ("price", Utf8, ["9.50", "7.00", "1.25"]))?;
/// let after = record_batch!(("id", Int64, [3, 2, 4]), ("price", Utf8, ["1.25", "7.10", "2.00"]))?;
/// let options = CompareOptions { key: vec!["id".into()], ..CompareOptions::default() };
/// let comparison = compare(&before, &after, &options)?;
/// assert!(!comparison.summary().equal);
/// assert_eq!(comparison.summary().columns[1].largest.as_ref().map(|largest| largest.delta.as_str()), Some("0.10"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Columns that aren't there, a key that is missing (with columns that would do), types that can't be compared.
pub fn compare<L, R>(left: &L, right: &R, options: &CompareOptions) -> Result<Comparison>
where
    L: Batches + ?Sized,
    R: Batches + ?Sized,
{
    compare_with(left, right, options, &Cancel::new(), 0)
}

/// [`compare`] that can be stopped, on this many threads; 0: as many as the machine has.
///
/// # Errors
/// As [`compare`]; cancellation.
pub fn compare_with<L, R>(
    left: &L,
    right: &R,
    options: &CompareOptions,
    cancel: &Cancel,
    threads: usize,
) -> Result<Comparison>
where
    L: Batches + ?Sized,
    R: Batches + ?Sized,
{
    let control = Control { cancel: cancel.clone(), ..Control::default() };
    let (left, right) = (left.batches(), right.batches());
    on_threads(Some(threads), || Ok(versions::compare(left, right, options, &control)?))
}

/// Reads options that a program wrote as JSON.
///
/// # Errors
/// `bad_options`, with what is wrong with them.
pub fn compare_options(json: &str) -> Result<CompareOptions> {
    serde_json::from_str(json).map_err(|error| {
        let expected = "key, columns, ignored, renamed, within, nulls (equal, empty, differ), rivals_max";
        let mistake = recon378_core::error::Mistake::new("bad_options", "", error.to_string(), expected);
        recon378_core::Error::spec(mistake).into()
    })
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
/// When something else than a result of recon378 stands there (`not_ours`), the system refuses, or `cancel` is set.
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
    let manifest = serde_json::json!({ "engine": env!("CARGO_PKG_VERSION"), "result": "comparison" });
    let attachments = [
        Attachment { name: "summary.json".to_owned(), bytes: comparison.summary().to_json().into_bytes() },
        Attachment { name: MANIFEST.to_owned(), bytes: format!("{manifest:#}\n").into_bytes() },
    ];
    Ok(recon378_io::write_outcome(folder, tables, &attachments, format, cancel)?)
}
