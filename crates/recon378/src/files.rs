//! Sources from files, outcomes to folders.

use crate::error::Result;
use crate::reconciler::{Reconciler, Sides};
use crate::replay::{SUMMARY, seen_from};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::SchemaRef;
use recon378_core::Cancel;
use recon378_core::columns::UnreadableRow;
use recon378_core::control::{Control, Reservation};
use recon378_core::error::{Error as CoreError, Mistake};
use recon378_core::outcome::manifest::ContentHasher;
use recon378_core::outcome::{FileRows, Manifest, Outcome, TABLES};
use recon378_core::plan::{FilterSubject, Plan, Side};
use recon378_core::spec::{CellSource, Ragged, ReadSpec, SourceSpec};
use recon378_core::survey::Survey;
use recon378_io::{Attachment, MANIFEST, Reader, Table};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use recon378_io::{Format, ResultKind, Spooled};

/// Groups or breaks of a table that are made, written and dropped before the next ones.
const WRITTEN_ROWS: usize = 65_536;

/// The first sheets of a workbook, behind the summary.
const SHEETS_FIRST: [&str; 5] = ["breaks", "groups", "differences", "pairs", "tie_out"];

/// Reads the files of one source, in the order they are listed: CSV, JSON, workbooks, Parquet, Arrow IPC, told by their
/// endings, packed (`.gz`, `.zst`, `.zip`) or not. A folder or a pattern (`2026-*.csv`) stands for its files, by name, and
/// adds a column `file`.
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

/// Takes all of a stream, such as standard input, into a temporary file that can be read as any file is.
///
/// # Errors
/// When the system refuses; a stream of no bytes; `cancel` is set.
pub fn spool(input: impl std::io::Read, cancel: &Cancel) -> Result<Spooled> {
    Ok(recon378_io::spool(input, cancel)?)
}

/// Reads the bytes of an Arrow IPC stream or file; uncompressed columns are slices of these bytes. At least one batch
/// comes back. `name` is what an error calls them.
///
/// # Errors
/// Bytes that are neither, or damaged.
pub fn read_ipc(name: &str, bytes: Vec<u8>) -> Result<Vec<RecordBatch>> {
    Ok(recon378_io::read_ipc(name, bytes)?)
}

/// A table of an outcome as an uncompressed Arrow IPC stream. It is made and written slice by slice.
///
/// # Errors
/// A name that no table has.
pub fn write_ipc(outcome: &Outcome, table: &str) -> Result<Vec<u8>> {
    let schema = outcome.empty(table)?.schema();
    let batches = outcome.batches(table, WRITTEN_ROWS)?;
    recon378_io::write_ipc(&schema, batches.map(|batch| Ok(batch?)))
}

/// A table as an uncompressed Arrow IPC stream.
///
/// # Errors
/// Arrow refuses the columns.
pub fn write_table_ipc(table: &RecordBatch) -> Result<Vec<u8>> {
    recon378_io::write_ipc(&table.schema(), std::iter::once(Ok(table.clone())))
}

/// Where the records of one side come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Batches with the same columns, in the order of their rows: at least one, which may be empty.
    Records(Vec<RecordBatch>),
    /// The files that the spec names.
    Files,
}

impl Reconciler {
    /// Reconciles two sources, each in memory or in the files the spec names. Only columns that the plan uses are
    /// read from files. A spec with one source has it as the first; the second is [`Source::Files`], of which it names none.
    ///
    /// # Errors
    /// As [`run`](Self::run); a source without a `path` (`missing`); files that can't be read.
    pub fn run_sources(&self, sources: [Source; 2]) -> Result<Outcome> {
        let (plan, opened) = self.open(sources)?;
        let (outcome, kept) = self.stages(plan, || {
            let [left, right] = self.read_both(opened)?;
            let kept = [(left.files, left.held), (right.files, right.held)];
            Ok(Sides {
                batches: [left.batches, right.batches],
                unreadable: [left.unreadable, right.unreadable],
                kept,
            })
        })?;
        Ok(outcome.with_files(kept.map(|(files, _held)| files)))
    }

    /// Resolves the spec against the columns of both sources. Reads no records.
    ///
    /// # Errors
    /// As [`run_sources`](Self::run_sources), for what can be known without records.
    pub fn check_sources(&self, sources: [Source; 2]) -> Result<Plan> {
        self.open(sources).map(|(plan, _)| plan)
    }

    /// [`check_records`](Self::check_records) for sources in memory or in files.
    ///
    /// # Errors
    /// As [`run_sources`](Self::run_sources).
    pub fn survey_sources(&self, sources: [Source; 2]) -> Result<(Plan, Survey)> {
        let unlimited = self.unlimited();
        let (plan, opened) = unlimited.open(sources)?;
        unlimited.surveyed(plan, self.host.control.memory.limit(), || {
            let [left, right] = unlimited.read_both(opened)?;
            let (unreadable, kept) = ([left.unreadable, right.unreadable], [left.held, right.held]);
            Ok(Sides { batches: [left.batches, right.batches], unreadable, kept })
        })
    }

    /// [`run_sources`](Self::run_sources) with both in files.
    ///
    /// # Errors
    /// As [`run_sources`](Self::run_sources).
    pub fn run_files(&self) -> Result<Outcome> {
        self.run_sources([Source::Files, Source::Files])
    }

    /// [`check_sources`](Self::check_sources) with both in files.
    ///
    /// # Errors
    /// As [`run_sources`](Self::run_sources).
    pub fn check_files(&self) -> Result<Plan> {
        self.check_sources([Source::Files, Source::Files])
    }

    /// [`survey_sources`](Self::survey_sources) with both in files.
    ///
    /// # Errors
    /// As [`run_sources`](Self::run_sources).
    pub fn check_file_records(&self) -> Result<(Plan, Survey)> {
        self.survey_sources([Source::Files, Source::Files])
    }

    /// The manifest of an outcome of this run, with hashes of what came out and of all that went in from files: what
    /// makes the run one that can be replayed and checked. Reads the files once more, batch by batch.
    ///
    /// # Errors
    /// As [`run_files`](Self::run_files).
    pub fn manifest_with_hashes(&self, outcome: &Outcome) -> Result<Manifest> {
        let mut manifest = self.manifest(outcome).with_digest(outcome)?;
        // As the spec names them, for a folder or a pattern adds a column that tells the file.
        for (source, spec) in manifest.sources.iter_mut().zip([&self.spec.left, &self.spec.right]) {
            if !source.files.is_empty() {
                source.content_hash = Some(self.hash_files(&spec.path, &spec.read)?);
            }
        }
        for record in &mut manifest.brought {
            record.content_hash = self.brought_hash(&record.table)?;
        }
        Ok(manifest)
    }

    /// The hash of what files hold. They are read batch by batch, none is kept.
    pub(crate) fn hash_files(&self, paths: &[String], rules: &ReadSpec) -> Result<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| self.place(path)).collect();
        let mut reader = recon378_io::open(&paths, rules)?;
        let mut hasher = ContentHasher::new(&reader.schema());
        let schema = reader.schema();
        while let Some(batch) = reader.next_batch()? {
            self.host.control.cancel.check()?;
            hasher.update(&batch)?;
            // Rows that couldn't be cut into cells have none in the batch: what they say counts behind it.
            let bad = reader.take_bad_rows();
            if !bad.is_empty() {
                let told = bad.iter().map(|bad| format!("{} {} {}", bad.row, bad.problem, bad.hash));
                let told: ArrayRef = Arc::new(StringArray::from_iter_values(told));
                let cells = schema.fields().iter().map(|_| Arc::clone(&told)).collect();
                let told = RecordBatch::try_new(SchemaRef::clone(&schema), cells);
                hasher.update(&told.map_err(|error| CoreError::Internal(error.to_string()))?)?;
            }
        }
        Ok(hasher.finish())
    }

    fn open(&self, sources: [Source; 2]) -> Result<(Plan, [Opened; 2])> {
        let files = sources.each_ref().map(|source| matches!(source, Source::Files));
        let [left_paths, right_paths] = self.paths(files)?;
        let read = [&left_paths, &right_paths].into_iter().zip(files).filter(|(_, from_files)| *from_files);
        let brought = self.brought_paths().into_iter().map(|path| self.place(path));
        let all: Vec<PathBuf> = read.flat_map(|(paths, _)| paths.clone()).chain(brought).collect();
        recon378_io::check_there(&all)?;
        let [left, right] = sources;
        self.check_no_second(matches!(right, Source::Records(_)))?;
        let mut left = opened(left, &left_paths, &self.rules(&self.spec.left))?;
        let mut right = if self.spec.one_source {
            Opened::Records(Vec::new())
        } else {
            opened(right, &right_paths, &self.rules(&self.spec.right))?
        };
        let schema = self.schema_of(&left, Side::Left)?;
        let plan = if self.spec.one_source {
            self.check(&schema, &schema)?
        } else {
            self.check(&schema, self.schema_of(&right, Side::Right)?.as_ref())?
        };
        for (opened, side) in [(&mut left, Side::Left), (&mut right, Side::Right)] {
            if let Opened::Files(reader) = opened {
                let used = used_columns(&plan, side);
                reader.keep_columns(|name| used.contains(name))?;
            }
        }
        Ok((plan, [left, right]))
    }

    /// The files of both sources; those that are `wanted` must be named.
    fn paths(&self, wanted: [bool; 2]) -> Result<[Vec<PathBuf>; 2]> {
        let key = |side: Side| self.spec.source_key(side);
        let sources = [(key(Side::Left), &self.spec.left), (key(Side::Right), &self.spec.right)];
        let wanted = if self.spec.one_source { [wanted[0], false] } else { wanted };
        let mistakes: Vec<Mistake> = sources
            .iter()
            .zip(wanted)
            .filter(|((_, source), wanted)| *wanted && source.path.is_empty())
            .map(|((side, _), _)| {
                Mistake::new("missing", format!("{side}.path"), "nothing", "the path of a file")
            })
            .collect();
        if !mistakes.is_empty() {
            let mistakes = recon378_core::error::Mistakes(mistakes);
            return Err(self.spec.places.locate(CoreError::Spec(mistakes)).into());
        }
        let of = |source: &SourceSpec| source.path.iter().map(|path| self.place(path)).collect();
        Ok(sources.map(|(_, source)| of(source)))
    }

    /// How a source is read: the first row that can't be stops a strict run.
    fn rules(&self, source: &SourceSpec) -> ReadSpec {
        let ragged = if self.spec.strict { Ragged::Error } else { source.read.ragged };
        ReadSpec { ragged, ..source.read.clone() }
    }

    fn schema_of(&self, opened: &Opened, side: Side) -> Result<SchemaRef> {
        match opened {
            Opened::Records(batches) => self.schema(batches, side),
            Opened::Files(reader) => Ok(reader.schema()),
        }
    }

    fn read_both(&self, opened: [Opened; 2]) -> Result<[SourceRecords; 2]> {
        let [left, right] = opened;
        let read = |opened: Opened, paths: &[String]| match opened {
            Opened::Records(batches) => Ok(SourceRecords { batches, ..SourceRecords::default() }),
            Opened::Files(reader) => self.read_all(*reader, paths),
        };
        let [left_paths, right_paths] = [&self.spec.left.path, &self.spec.right.path];
        let (left, right) = rayon::join(|| read(left, left_paths), || read(right, right_paths));
        Ok([left?, right?])
    }

    fn read_all(&self, mut reader: Reader, paths: &[String]) -> Result<SourceRecords> {
        // A file that was named keeps its name in the spec; those of a folder or a pattern are told from there, too.
        let named = paths.len() == reader.files().len();
        let told =
            |(at, file): (usize, &Path)| match paths.get(at).filter(|path| named && self.place(path) == file)
            {
                Some(path) => path.clone(),
                None => file.strip_prefix(&self.base).unwrap_or(file).to_string_lossy().replace('\\', "/"),
            };
        let mut files: Vec<_> = reader
            .files()
            .enumerate()
            .map(told)
            .map(|path| FileRows { path, ..FileRows::default() })
            .collect();
        let listed = self.spec.limits.issues_max as usize;
        let memory = &self.host.control.memory;
        let (mut unreadable, mut told): (Vec<UnreadableRow>, Vec<Reservation>) = (Vec::new(), Vec::new());
        let (batches, mut held) = all_batches(&self.host.control, &mut reader, |reader, rows| {
            if let Some(file) = files.get_mut(reader.position()) {
                file.rows += rows as u64;
            }
            let before = unreadable.len();
            for bad in reader.take_bad_rows() {
                // What isn't listed needn't be told. Rows beyond what a source may have end the run where they are
                // counted.
                let is_listed = unreadable.len() < listed;
                unreadable.push(UnreadableRow {
                    row: u32::try_from(bad.row).unwrap_or(u32::MAX),
                    value: if is_listed { bad.value } else { String::new() },
                    problem: if is_listed { bad.problem } else { String::new() },
                });
            }
            let bytes = unreadable[before..].iter().map(|row| row.value.len() + row.problem.len());
            let bytes = bytes.sum::<usize>() + (unreadable.len() - before) * size_of::<UnreadableRow>();
            if bytes > 0 {
                told.push(memory.reserve(bytes as u64, "rows that can't be read")?);
            }
            Ok(())
        })?;
        held.append(&mut told);
        for (file, left_out) in files.iter_mut().zip(reader.left_out()) {
            file.left_out = *left_out;
        }
        Ok(SourceRecords { batches, files, held, unreadable })
    }
}

/// All batches of a reader, at least one, so that the columns are known; and what they take from the memory limit.
/// `each` is asked at every batch, with its rows, while the reader stands behind it.
pub(crate) fn all_batches(
    control: &Control,
    reader: &mut Reader,
    mut each: impl FnMut(&mut Reader, usize) -> Result<()>,
) -> Result<(Vec<RecordBatch>, Vec<Reservation>)> {
    let (mut batches, mut held) = (Vec::new(), Vec::new());
    while let Some(batch) = reader.next_batch()? {
        control.cancel.check()?;
        let bytes = u64::try_from(batch.get_array_memory_size()).unwrap_or(u64::MAX);
        held.push(control.memory.reserve(bytes, "reading the files")?);
        each(reader, batch.num_rows())?;
        batches.push(batch);
    }
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(reader.schema()));
    }
    Ok((batches, held))
}

/// All records of one source.
#[derive(Default)]
struct SourceRecords {
    batches: Vec<RecordBatch>,
    /// How many each file had.
    files: Vec<FileRows>,
    /// What they take from the memory limit.
    held: Vec<Reservation>,
    /// Rows whose cells its reader couldn't tell apart.
    unreadable: Vec<UnreadableRow>,
}

/// A source whose columns are known.
enum Opened {
    Records(Vec<RecordBatch>),
    Files(Box<Reader>),
}

fn opened(source: Source, paths: &[PathBuf], rules: &ReadSpec) -> Result<Opened> {
    Ok(match source {
        Source::Records(batches) => Opened::Records(batches),
        Source::Files => Opened::Files(Box::new(recon378_io::open(paths, rules)?)),
    })
}

/// The physical columns of a side that the plan reads.
fn used_columns(plan: &Plan, side: Side) -> BTreeSet<&str> {
    let mut used = BTreeSet::new();
    for cell in plan.fields.iter().filter_map(|field| field.cells[side.index()].as_ref()) {
        // The day that a look-up asks for stands in a column of its own.
        used.extend(cell.lookup.iter().flat_map(|lookup| &lookup.as_of).map(|as_of| as_of.at.as_str()));
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

/// Whether a result of this kind may be written to `folder`, to be asked before the work is done.
///
/// # Errors
/// `not_ours` when something else stands there.
pub fn check_folder(folder: &Path, kind: ResultKind) -> Result<()> {
    Ok(recon378_io::check_folder(folder, kind)?)
}

/// Writes an outcome into a folder, whole or not at all: a file per table, `summary.json`, `manifest.json`. As
/// [`Format::Xlsx`] all tables are in `outcome.xlsx`, whose first sheet is the summary.
///
/// The manifest comes from [`Reconciler::manifest`]; its `base` is written as seen from the folder, so that sources
/// and result can move together. Tables are made and written slice by slice.
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
    let table = |name: &&'static str| {
        Ok(Table {
            name,
            schema: outcome.empty(name)?.schema(),
            batches: Box::new(outcome.batches(name, WRITTEN_ROWS)?),
        })
    };
    let mut names = TABLES.to_vec();
    if format == Format::Xlsx {
        // What a person looks for stands first.
        names.sort_by_key(|name| SHEETS_FIRST.iter().position(|first| first == name).unwrap_or(usize::MAX));
    }
    let tables: Vec<Table<'_>> = names.iter().map(table).collect::<Result<_>>()?;
    let mut manifest = manifest.clone();
    if format == Format::Xlsx && manifest.digest.is_none() {
        // The numbers of a workbook are no exact amounts: the digest is what a replay is held against.
        manifest = manifest.with_digest(outcome)?;
    }
    manifest.base = manifest.base.map(|base| seen_from(Path::new(&base), folder));
    let attachments = [
        Attachment { name: SUMMARY.to_owned(), bytes: outcome.summary().to_json().into_bytes() },
        Attachment { name: MANIFEST.to_owned(), bytes: manifest.to_json().into_bytes() },
    ];
    let summary = if format == Format::Xlsx { outcome.summary().rows() } else { Vec::new() };
    let (place, beside) = ((folder, ResultKind::Outcome), (attachments.as_slice(), summary.as_slice()));
    Ok(recon378_io::write_with_summary(place, tables, beside, format, cancel)?)
}

/// Writes a result that isn't an outcome into a folder, whole or not at all: its tables, its summary, and a manifest
/// that says what it is.
pub(crate) fn write_result(
    (kind, summary): (ResultKind, String),
    tables: Vec<Table<'_>>,
    (folder, format): (&Path, Format),
    cancel: &Cancel,
) -> Result<()> {
    let manifest = serde_json::json!({ "engine": env!("CARGO_PKG_VERSION"), "result": kind.name() });
    let attachments = [
        Attachment { name: SUMMARY.to_owned(), bytes: summary.into_bytes() },
        Attachment { name: MANIFEST.to_owned(), bytes: format!("{manifest:#}\n").into_bytes() },
    ];
    Ok(recon378_io::write_result((folder, kind), tables, &attachments, format, cancel)?)
}
