//! Two outcomes beside each other: in memory, from folders, or from two specs that are run for it.

use crate::error::Result;
use crate::files::{Format, write_result};
use crate::host::{Host, host_methods};
use crate::reconciler::Reconciler;
use recon378_core::diff::{self, Diff, OutcomeTables, SourceFacts, TABLES_READ};
use recon378_core::{Cancel, Spec};
use recon378_io::{ResultKind, Table};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// An outcome for [`diff()`]: made from `&Outcome`, or from a path.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum DiffInput<'a> {
    /// One in memory.
    Outcome(&'a crate::Outcome),
    /// A folder that an outcome was written to, in any format; or a spec (`.toml`, `.json`), which is run on the files
    /// it names, relative to its own folder.
    Path(&'a Path),
}

impl<'a> From<&'a crate::Outcome> for DiffInput<'a> {
    fn from(outcome: &'a crate::Outcome) -> Self {
        Self::Outcome(outcome)
    }
}

impl<'a> From<&'a Path> for DiffInput<'a> {
    fn from(path: &'a Path) -> Self {
        Self::Path(path)
    }
}

impl<'a> From<&'a PathBuf> for DiffInput<'a> {
    fn from(path: &'a PathBuf) -> Self {
        Self::Path(path)
    }
}

impl<'a> From<&'a str> for DiffInput<'a> {
    fn from(path: &'a str) -> Self {
        Self::Path(Path::new(path))
    }
}

/// What differs between two outcomes: groups that appear, vanish and change, records that open and close, terms of the
/// tie-out that move. Of one input under two specs it is the plan before a rule is changed.
///
/// ```
/// use arrow_array::record_batch;
/// use recon378::{Spec, diff, reconcile};
///
/// let bank = record_batch!(("reference", Utf8, ["INV-1", "INV-2"]), ("amount", Utf8, ["10.50", "7.00"]))?;
/// let ledger = record_batch!(("reference", Utf8, ["INV-1", "INV-2"]), ("amount", Utf8, ["10.50", "7.01"]))?;
/// let strict = reconcile(&Spec::short(&["reference", "amount"])?, &bank, &ledger)?;
/// let loose = reconcile(&Spec::short(&["reference"])?, &bank, &ledger)?;
/// let diff = diff(&strict, &loose)?;
/// assert!(!diff.summary().equal);
/// assert_eq!(diff.groups().num_rows(), 2); // one under another pass, one that appeared
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// For paths: what isn't there or is no outcome (`not_found`, `no_outcome`, `other_schema_version`, `missing_table`,
/// `damaged_result`), and what running a spec says. `total_too_large` where a change has more than 38 digits.
pub fn diff<'a>(old: impl Into<DiffInput<'a>>, new: impl Into<DiffInput<'a>>) -> Result<Diff> {
    Differ::new().run(old, new)
}

/// [`diff()`] with what a host hands in. None of it changes a result.
///
/// ```
/// # use recon378::{Cancel, Differ};
/// let stop = Cancel::new(); // keep a clone: another thread may call stop.cancel()
/// let differ = Differ::new().cancel(stop.clone()).memory_limit(2 << 30).threads(4);
/// # let _unused = differ;
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "nothing happens before run()"]
pub struct Differ {
    pub(crate) host: Host,
}

host_methods!(Differ, "Tells `progress` how far the runs of specs are, the old one's first.");

impl Differ {
    /// Quiet, without a memory limit, on as many threads as the machine has.
    pub fn new() -> Self {
        Self::default()
    }

    /// What differs between two outcomes. See [`diff()`].
    ///
    /// # Errors
    /// As [`diff()`]; cancellation; a memory limit that the run of a spec reached.
    pub fn run<'a>(&self, old: impl Into<DiffInput<'a>>, new: impl Into<DiffInput<'a>>) -> Result<Diff> {
        let (old, new) = (old.into(), new.into());
        self.host.on_threads(|| {
            let (old, new) = (self.tables(old, "old")?, self.tables(new, "new")?);
            Ok(diff::diff_tables(&old, &new, &self.host.control.cancel)?)
        })
    }

    fn tables(&self, input: DiffInput<'_>, name: &str) -> Result<OutcomeTables> {
        match input {
            DiffInput::Outcome(outcome) => Ok(OutcomeTables::of(outcome, name)?),
            DiffInput::Path(path) if is_spec(path) => {
                Ok(OutcomeTables::of(&self.outcome_of(path)?, path.display().to_string())?)
            }
            DiffInput::Path(path) => folder(path, &self.host.control.cancel),
        }
    }

    /// Runs a spec on the files that it names.
    fn outcome_of(&self, path: &Path) -> Result<crate::Outcome> {
        let spec: Spec = recon378_io::read_text(path)?.parse()?;
        let base = path.parent().unwrap_or(Path::new(""));
        Reconciler { host: self.host.clone(), ..Reconciler::new(spec).base(base) }.run_files()
    }
}

fn is_spec(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "toml" || ending == "json") && !path.is_dir()
}

fn folder(path: &Path, cancel: &Cancel) -> Result<OutcomeTables> {
    let read = recon378_io::read_outcome(path, &TABLES_READ, cancel)?;
    let mut tables = read.tables.into_iter();
    let mut next = || tables.next().unwrap_or_default();
    Ok(OutcomeTables {
        name: path.display().to_string(),
        tables: [next(), next(), next(), next()],
        sources: [0, 1].map(|side| source(&read.manifest, side)),
    })
}

/// What a manifest tells of a source.
fn source(manifest: &Value, side: usize) -> SourceFacts {
    let of = |key: &str| manifest.get("sources").and_then(|sources| sources.get(side)?.get(key));
    let text = |key: &str| of(key).and_then(Value::as_str).map(str::to_owned);
    let number = |key: &str| of(key).and_then(Value::as_u64).unwrap_or(0);
    SourceFacts {
        name: text("name").unwrap_or_default(),
        records: number("rows") + number("carried"),
        content_hash: text("content_hash"),
    }
}

/// A table of a diff as an uncompressed Arrow IPC stream.
///
/// # Errors
/// A name that no table has.
pub fn write_diff_ipc(diff: &Diff, table: &str) -> Result<Vec<u8>> {
    let table = diff.table(table)?;
    recon378_io::write_ipc(&table.schema(), std::iter::once(Ok(table.clone())))
}

/// Writes the tables `groups`, `records` and `tie_out`, with summary.json, into a folder, whole or not at all.
///
/// # Errors
/// When something else than a diff stands there (`not_ours`), the system refuses, or `cancel` is set.
pub fn write_diff(diff: &Diff, folder: &Path, format: Format, cancel: &Cancel) -> Result<()> {
    let tables = vec![
        Table::new("groups", diff.groups().clone()),
        Table::new("records", diff.records().clone()),
        Table::new("tie_out", diff.tie_out().clone()),
    ];
    write_result((ResultKind::Diff, diff.summary().to_json()), tables, (folder, format), cancel)
}
