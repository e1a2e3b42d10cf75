//! A result folder, written whole or not at all.
//!
//! Everything goes into a new folder beside the wanted one and reaches the disk; only then does it take the
//! name. A reader sees the old result or the new one, never half of one; an error or a stop leaves the old one.

use crate::error::{IoError, Result};
use crate::format::Format;
use crate::workbook::WorkbookWriter;
use crate::{columnar, csv, ndjson};
use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use recon378_core::Cancel;
use std::fmt;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The file that every result folder has: by it a folder is known as ours.
pub const MANIFEST: &str = "manifest.json";

/// What a result folder holds, as its manifest says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultKind {
    /// What a run found.
    Outcome,
    /// Two versions of a table, compared.
    Comparison,
    /// Two outcomes beside each other.
    Diff,
}

impl ResultKind {
    /// As a manifest says it under `result`; that of an outcome has no such key.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Comparison => "comparison",
            Self::Diff => "diff",
        }
    }

    /// What a folder holds; `None` where its manifest is none of ours.
    fn of(folder: &Path) -> Option<Self> {
        let manifest: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(folder.join(MANIFEST)).ok()?).ok()?;
        manifest.get("engine")?.as_str()?;
        match manifest.get("result").map(|kind| kind.as_str()) {
            None => manifest.get("schema_version").map(|_| Self::Outcome),
            Some(name) => [Self::Comparison, Self::Diff].into_iter().find(|kind| name == Some(kind.name())),
        }
    }
}

/// A table to write, batch by batch: it need not stand in memory as a whole.
pub struct Table<'a> {
    /// Its name, which becomes the file's.
    pub name: &'a str,
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows. Each batch is asked for when the one before it is written.
    pub batches: Box<dyn Iterator<Item = recon378_core::Result<RecordBatch>> + 'a>,
}

impl fmt::Debug for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("name", &self.name)
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

impl<'a> Table<'a> {
    /// A table of one batch.
    #[must_use]
    pub fn new(name: &'a str, batch: RecordBatch) -> Self {
        Self { name, schema: batch.schema(), batches: Box::new(std::iter::once(Ok(batch))) }
    }
}

/// A file written beside the tables, as it is.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// The file's name: `manifest.json`, `summary.json`.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The text of a file, such as a [`MANIFEST`].
///
/// # Errors
/// `not_found`, with the nearest name; `unavailable` when the system refuses, or the file is no UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|cause| IoError::system(path, cause))
}

/// Writes a result into the folder `path`, which then holds exactly these files, or fails and leaves everything
/// as it was. Parent folders are made.
///
/// An existing folder is replaced when it is empty or holds a result of the same kind. An attachment should be named
/// [`MANIFEST`] and say what the folder holds, or it can't be replaced next time.
///
/// # Errors
/// `not_ours` when something else stands there; `unavailable` when the system refuses; `cancelled`.
pub fn write_result(
    (path, kind): (&Path, ResultKind),
    tables: Vec<Table<'_>>,
    attachments: &[Attachment],
    format: Format,
    cancel: &Cancel,
) -> Result<()> {
    write_with_summary((path, kind), tables, (attachments, &[]), format, cancel)
}

/// [`write_result`] with the summary as rows of cells, which a workbook shows on its first sheet; other formats don't.
///
/// # Errors
/// As [`write_result`].
pub fn write_with_summary(
    (path, kind): (&Path, ResultKind),
    tables: Vec<Table<'_>>,
    (attachments, summary): (&[Attachment], &[Vec<String>]),
    format: Format,
    cancel: &Cancel,
) -> Result<()> {
    cancel.check().map_err(|_| IoError::Cancelled)?;
    let target = Target::find(path, kind)?;
    let staging = target.stage()?;
    if format == Format::Xlsx {
        let file = staging.path().join(workbook_of(kind));
        write_tables(&file, summary, tables, format, cancel)?;
    } else {
        for table in tables {
            let file = staging.path().join(format!("{}.{}", table.name, format.name()));
            write_tables(&file, &[], vec![table], format, cancel)?;
        }
    }
    for attachment in attachments {
        let path = staging.path().join(&attachment.name);
        let system = |error| IoError::system(&path, error);
        let mut file = File::create(&path).map_err(system)?;
        file.write_all(&attachment.bytes).map_err(system)?;
        file.sync_all().map_err(system)?;
    }
    sync_folder(staging.path())?;
    cancel.check().map_err(|_| IoError::Cancelled)?;
    target.take(staging)
}

/// Whether [`write_result`] may write to `path`, to be asked before the work is done.
///
/// # Errors
/// `not_ours` when something else stands there than a result of this kind.
pub fn check_folder(path: &Path, kind: ResultKind) -> Result<()> {
    if path.exists() { may_be_replaced(path, kind) } else { Ok(()) }
}

/// Writes one table to the file `path`, whole or not at all. An existing file is replaced.
///
/// # Errors
/// `unavailable` when the system refuses.
pub fn write_file(path: &Path, table: Table<'_>, format: Format) -> Result<()> {
    let system = |error| IoError::system(path, error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let staging = tempfile::Builder::new().prefix(".recon378-").tempdir_in(folder).map_err(system)?;
    let new = staging.path().join("table");
    write_tables(&new, &[], vec![table], format, &Cancel::new())?;
    fs::rename(&new, path).map_err(system)?;
    sync_folder(folder)
}

/// The workbook that holds the tables of a result.
pub(crate) fn workbook_of(kind: ResultKind) -> String {
    format!("{}.{}", kind.name(), Format::Xlsx.name())
}

/// Writes tables to one file and waits until it is on the disk. One that is no workbook takes one table.
fn write_tables(
    path: &Path,
    summary: &[Vec<String>],
    tables: Vec<Table<'_>>,
    format: Format,
    cancel: &Cancel,
) -> Result<()> {
    let system = |error| IoError::system(path, error);
    let refused = Arc::new(Mutex::new(None));
    // The system's own words come first: writers of formats turn them into text.
    let failed = |problem: String| match refused.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(cause) => system(cause),
        None => IoError::Unwritable { path: path.to_owned(), problem },
    };
    let file = BufWriter::new(File::create(path).map_err(system)?);
    let output = Output { file, refused: Arc::clone(&refused) };
    let mut writer = Writer::begin(format, output, summary, &tables).map_err(failed)?;
    for table in tables {
        writer.begin_table(&table).map_err(failed)?;
        for batch in table.batches {
            cancel.check().map_err(|_| IoError::Cancelled)?;
            writer.write(&batch?).map_err(failed)?;
        }
    }
    let output = writer.finish().map_err(failed)?;
    let file = output.file.into_inner().map_err(|error| system(error.into_error()))?;
    file.sync_all().map_err(system)
}

/// A table being written.
enum Writer {
    Parquet(Box<ArrowWriter<Output>>),
    Csv(Output),
    Ndjson(Output),
    Arrow(Box<FileWriter<Output>>),
    Xlsx(Box<WorkbookWriter>, Output),
}

impl Writer {
    fn begin(
        format: Format,
        mut output: Output,
        summary: &[Vec<String>],
        tables: &[Table<'_>],
    ) -> Result<Self, String> {
        if format == Format::Xlsx {
            let mut workbook = WorkbookWriter::new().map_err(|error| output.note(error))?;
            if !summary.is_empty() {
                workbook.rows("summary", summary).map_err(|error| output.note(error))?;
            }
            return Ok(Self::Xlsx(Box::new(workbook), output));
        }
        let [table] = tables else { return Err(format!("{} holds one table", format.name())) };
        let schema = &table.schema;
        Ok(match format {
            Format::Parquet => {
                Self::Parquet(Box::new(columnar::parquet_writer(output, schema).map_err(text)?))
            }
            Format::Csv => {
                csv::write_header(&mut output, schema).map_err(text)?;
                Self::Csv(output)
            }
            Format::Ndjson => Self::Ndjson(output),
            Format::Arrow => Self::Arrow(Box::new(FileWriter::try_new(output, schema).map_err(text)?)),
            Format::Xlsx => return Err("a workbook is begun above".to_owned()),
        })
    }

    fn begin_table(&mut self, table: &Table<'_>) -> Result<(), String> {
        match self {
            Self::Xlsx(workbook, output) => {
                let name = if table.name.is_empty() { "table" } else { table.name };
                workbook.begin(name, &table.schema).map_err(|error| output.note(error))
            }
            _ => Ok(()),
        }
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), String> {
        match self {
            Self::Parquet(writer) => writer.write(batch).map_err(text),
            Self::Csv(output) => csv::write_rows(output, batch).map_err(text),
            Self::Ndjson(output) => ndjson::write_rows(output, batch).map_err(text),
            Self::Arrow(writer) => writer.write(batch).map_err(text),
            Self::Xlsx(workbook, output) => workbook.write(batch).map_err(|error| output.note(error)),
        }
    }

    fn finish(self) -> Result<Output, String> {
        match self {
            Self::Parquet(writer) => writer.into_inner().map_err(text),
            Self::Csv(output) | Self::Ndjson(output) => Ok(output),
            Self::Xlsx(workbook, mut output) => {
                let finished = workbook.finish(&mut output);
                finished.map_err(|error| output.note(error))?;
                Ok(output)
            }
            Self::Arrow(mut writer) => {
                writer.finish().map_err(text)?;
                writer.into_inner().map_err(text)
            }
        }
    }
}

fn text(error: impl fmt::Display) -> String {
    error.to_string()
}

/// A file that remembers what the system refused.
struct Output {
    file: BufWriter<File>,
    refused: Arc<Mutex<Option<std::io::Error>>>,
}

impl Output {
    /// Remembers an error of a writer, if it is the system's, and gives its text.
    fn note(&self, error: std::io::Error) -> String {
        let told = error.to_string();
        if error.kind() != std::io::ErrorKind::InvalidData {
            self.refused.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
        told
    }

    fn noted<T>(&self, result: std::io::Result<T>) -> std::io::Result<T> {
        result.map_err(|error| {
            let told = std::io::Error::new(error.kind(), error.to_string());
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            told
        })
    }
}

impl std::io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let result = self.file.write(bytes);
        self.noted(result)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let result = self.file.flush();
        self.noted(result)
    }
}

/// Where a result goes: a name inside an existing folder.
struct Target {
    parent: PathBuf,
    path: PathBuf,
    name: String,
    kind: ResultKind,
}

impl Target {
    fn find(path: &Path, kind: ResultKind) -> Result<Self> {
        let system = |error| IoError::system(path, error);
        // A link is followed, so that the folder behind it is replaced and not the link.
        let path = if path.exists() { fs::canonicalize(path).map_err(system)? } else { path.to_owned() };
        let not_ours = || IoError::NotOurs { path: path.clone(), holds: None };
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(not_ours)?.to_owned();
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        check_folder(&path, kind)?;
        fs::create_dir_all(&parent).map_err(|error| IoError::system(&parent, error))?;
        Ok(Self { parent, path, name, kind })
    }

    /// A new folder beside the target, gone again when dropped.
    fn stage(&self) -> Result<tempfile::TempDir> {
        let prefix = format!(".{}.new-", self.name);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // As any folder the user makes: the process's mask takes its part.
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        builder.tempdir_in(&self.parent).map_err(|error| IoError::system(&self.parent, error))
    }

    /// Gives the new folder the target's name; the old one goes last.
    fn take(&self, staging: tempfile::TempDir) -> Result<()> {
        let system = |error| IoError::system(&self.path, error);
        let old = if self.path.exists() {
            let prefix = format!(".{}.old-", self.name);
            let aside = tempfile::Builder::new()
                .prefix(&prefix)
                .tempdir_in(&self.parent)
                .map_err(|error| IoError::system(&self.parent, error))?;
            // A second look: something may have been put there while the tables were written.
            may_be_replaced(&self.path, self.kind)?;
            fs::rename(&self.path, aside.path().join("result")).map_err(system)?;
            Some(aside)
        } else {
            None
        };
        if let Err(error) = fs::rename(staging.path(), &self.path) {
            if let Some(aside) = old {
                let back = aside.path().join("result");
                if fs::rename(&back, &self.path).is_err() {
                    // The old result stays where it is rather than be deleted with its folder.
                    let _kept: PathBuf = aside.keep();
                }
            }
            return Err(system(error));
        }
        // The folder has its name now: there is nothing left to clean up under the old one.
        let _moved: PathBuf = staging.keep();
        drop(old);
        sync_folder(&self.parent)
    }
}

/// Makes sure that a result may replace what stands there.
fn may_be_replaced(path: &Path, kind: ResultKind) -> Result<()> {
    let system = |error| IoError::system(path, error);
    let is_folder = fs::metadata(path).map_err(system)?.is_dir();
    if is_folder && fs::read_dir(path).map_err(system)?.next().is_none() {
        return Ok(());
    }
    let holds = ResultKind::of(path);
    if holds == Some(kind) {
        let mut others = Vec::new();
        for entry in fs::read_dir(path).map_err(system)? {
            let entry = entry.map_err(system)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !is_of_result(&name) || !entry.file_type().map_err(system)?.is_file() {
                others.push(name);
            }
        }
        return match others.into_iter().min() {
            Some(name) => Err(IoError::NotOursBeside { path: path.to_owned(), name }),
            None => Ok(()),
        };
    }
    Err(IoError::NotOurs { path: path.to_owned(), holds: holds.map(ResultKind::name) })
}

/// Whether a file can be one of a result: named as tables are, with the ending of a format, or JSON.
fn is_of_result(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let is_table = stem.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_table && (ending == "json" || Format::ALL.iter().any(|format| format.name() == ending))
}

/// Waits until the entries of a folder are on the disk, where the system can do that for folders.
fn sync_folder(path: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(path)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| IoError::system(path, error))?;
    }
    Ok(())
}
