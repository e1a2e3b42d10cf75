//! Sources from files, outcomes to folders.

use crate::error::Result;
use crate::reconciler::Reconciler;
use arrow_array::RecordBatch;
use recon378_core::control::Reservation;
use recon378_core::error::{Error as CoreError, Mistake};
use recon378_core::outcome::manifest::hash_batches;
use recon378_core::outcome::{FileRows, Manifest, Outcome, TABLES};
use recon378_core::plan::{FilterSubject, Plan, Side};
use recon378_core::spec::{CellSource, ReadSpec, SourceSpec};
use recon378_core::survey::Survey;
use recon378_core::{Cancel, Spec};
use recon378_io::{Attachment, MANIFEST, Reader, Table};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use recon378_io::Format;

/// Reads the files of one source, in the order they are listed: CSV, Parquet, Arrow IPC, told by their endings.
///
/// Text stays the text that was written. At least one batch comes back, so that the columns are known.
///
/// # Errors
/// Files that are missing, damaged, or not as `spec` says; each error names the file and, in text, the line.
pub fn read<P: AsRef<Path>>(paths: &[P], spec: &ReadSpec) -> Result<Vec<RecordBatch>> {
    Ok(recon378_io::read(paths, spec, &Cancel::new())?)
}

/// The columns of the files of one source; no records are read.
///
/// # Errors
/// As [`read`].
pub fn columns<P: AsRef<Path>>(paths: &[P], spec: &ReadSpec) -> Result<Vec<String>> {
    let reader = recon378_io::open(paths, spec)?;
    Ok(reader.schema().fields().iter().map(|field| field.name().clone()).collect())
}

/// Writes one table to a file, whole or not at all. An existing file is replaced.
///
/// # Errors
/// When the system refuses.
pub fn write_table(path: &Path, table: &RecordBatch, format: Format) -> Result<()> {
    Ok(recon378_io::write_file(path, Table::new("", table.clone()), format)?)
}

impl Reconciler {
    /// Reads the files the spec names and reconciles them. Only columns that the plan uses are kept.
    ///
    /// # Errors
    /// As [`run`](Self::run); a source without a `path` (`missing`); files that can't be read.
    pub fn run_files(&self) -> Result<Outcome> {
        let (plan, readers) = self.open()?;
        let (outcome, kept) = self.stages(plan, || {
            let [left, right] = self.read_both(readers)?;
            Ok(([left.batches, right.batches], [(left.files, left.held), (right.files, right.held)]))
        })?;
        Ok(outcome.with_files(kept.map(|(files, _held)| files)))
    }

    /// Opens the files the spec names and resolves the spec against their columns. Reads no records.
    ///
    /// # Errors
    /// As [`run_files`](Self::run_files), for what can be known without records.
    pub fn check_files(&self) -> Result<Plan> {
        self.open().map(|(plan, _)| plan)
    }

    /// [`check_records`](Self::check_records) for the files the spec names.
    ///
    /// # Errors
    /// As [`run_files`](Self::run_files).
    pub fn check_file_records(&self) -> Result<(Plan, Survey)> {
        let (plan, readers) = self.open()?;
        self.surveyed(plan, || {
            let [left, right] = self.read_both(readers)?;
            Ok(([left.batches, right.batches], [left.held, right.held]))
        })
    }

    /// The manifest of an outcome of this run, with hashes of all that went in and came out: what makes the run
    /// one that can be replayed and checked. Reads the files once more.
    ///
    /// # Errors
    /// As [`run_files`](Self::run_files).
    pub fn manifest_with_hashes(&self, outcome: &Outcome) -> Result<Manifest> {
        let mut manifest = self.manifest(outcome).with_digest(outcome)?;
        let paths = paths(&self.spec, &self.base)?;
        let rules = [&self.spec.left.read, &self.spec.right.read];
        for ((source, paths), rules) in manifest.sources.iter_mut().zip(paths).zip(rules) {
            let batches = recon378_io::read(&paths, rules, &self.control.cancel)?;
            source.content_hash = Some(hash_batches(&batches)?);
        }
        Ok(manifest)
    }

    fn open(&self) -> Result<(Plan, [Reader; 2])> {
        let paths = paths(&self.spec, &self.base)?;
        let mut left = recon378_io::open(&paths[0], &self.spec.left.read)?;
        let mut right = recon378_io::open(&paths[1], &self.spec.right.read)?;
        let plan = self.check(&left.schema(), &right.schema())?;
        let used = |side| used_columns(&plan, side);
        left.keep_columns(|name| used(Side::Left).contains(name))?;
        right.keep_columns(|name| used(Side::Right).contains(name))?;
        Ok((plan, [left, right]))
    }

    fn read_both(&self, readers: [Reader; 2]) -> Result<[FileRecords; 2]> {
        let [left, right] = readers;
        let [left_paths, right_paths] = [&self.spec.left.path, &self.spec.right.path];
        let (left, right) =
            rayon::join(|| self.read_all(left, left_paths), || self.read_all(right, right_paths));
        Ok([left?, right?])
    }

    fn read_all(&self, mut reader: Reader, paths: &[String]) -> Result<FileRecords> {
        let (mut batches, mut held) = (Vec::new(), Vec::new());
        let mut files: Vec<_> = paths.iter().map(|path| FileRows { path: path.clone(), rows: 0 }).collect();
        while let Some(batch) = reader.next_batch()? {
            self.control.cancel.check()?;
            let bytes = u64::try_from(batch.get_array_memory_size()).unwrap_or(u64::MAX);
            held.push(self.control.memory.reserve(bytes, "reading the files")?);
            if let Some(file) = files.get_mut(reader.position()) {
                file.rows += batch.num_rows() as u64;
            }
            batches.push(batch);
        }
        if batches.is_empty() {
            batches.push(RecordBatch::new_empty(reader.schema()));
        }
        Ok(FileRecords { batches, files, held })
    }
}

/// All records of one source.
struct FileRecords {
    batches: Vec<RecordBatch>,
    /// How many each file had.
    files: Vec<FileRows>,
    /// What they take from the memory limit.
    held: Vec<Reservation>,
}

/// The files of both sources.
fn paths(spec: &Spec, base: &Path) -> Result<[Vec<PathBuf>; 2]> {
    let sources = [("left", &spec.left), ("right", &spec.right)];
    let mistakes: Vec<Mistake> = sources
        .iter()
        .filter(|(_, source)| source.path.is_empty())
        .map(|(side, _)| Mistake::new("missing", format!("{side}.path"), "nothing", "the path of a file"))
        .collect();
    if !mistakes.is_empty() {
        return Err(CoreError::Spec(recon378_core::error::Mistakes(mistakes)).into());
    }
    let of = |source: &SourceSpec| source.path.iter().map(|path| base.join(path)).collect();
    Ok(sources.map(|(_, source)| of(source)))
}

/// The physical columns of a side that the plan reads.
fn used_columns(plan: &Plan, side: Side) -> BTreeSet<&str> {
    let mut used = BTreeSet::new();
    for cell in plan.fields.iter().filter_map(|field| field.cells[side.index()].as_ref()) {
        match &cell.from {
            CellSource::Column(column) => used.extend([column.as_str()]),
            CellSource::DebitCredit { debit, credit } => used.extend([debit.as_str(), credit.as_str()]),
            CellSource::Indicator { column, indicator, .. } => {
                used.extend([column.as_str(), indicator.as_str()]);
            }
        }
    }
    for filter in &plan.sources[side.index()].filter {
        if let FilterSubject::Column(column) = &filter.subject {
            used.insert(column.as_str());
        }
    }
    used
}

/// Whether [`write_outcome`] may write to `folder`, to be asked before the work is done.
///
/// # Errors
/// `not_ours` when something stands there that is no outcome.
pub fn check_folder(folder: &Path) -> Result<()> {
    Ok(recon378_io::check_folder(folder)?)
}

/// Writes an outcome into a folder, whole or not at all: a file per table, `summary.json`, `manifest.json`.
///
/// The manifest comes from [`Reconciler::manifest`]. Tables are made and written slice by slice.
///
/// # Errors
/// When something else than an outcome stands there (`not_ours`), the system refuses, or `cancel` is set.
pub fn write_outcome(
    outcome: &Outcome,
    manifest: &Manifest,
    folder: &Path,
    format: Format,
    cancel: &Cancel,
) -> Result<()> {
    /// Groups or breaks of a table that are made, written and dropped before the next ones.
    const ROWS: usize = 65_536;
    let table = |name: &&'static str| {
        Ok(Table {
            name,
            schema: outcome.empty(name)?.schema(),
            batches: Box::new(outcome.batches(name, ROWS)?),
        })
    };
    let tables: Vec<Table<'_>> = TABLES.iter().map(table).collect::<Result<_>>()?;
    let attachments = [
        Attachment { name: "summary.json".to_owned(), bytes: outcome.summary().to_json().into_bytes() },
        Attachment { name: MANIFEST.to_owned(), bytes: manifest.to_json().into_bytes() },
    ];
    Ok(recon378_io::write_outcome(folder, tables, &attachments, format, cancel)?)
}
