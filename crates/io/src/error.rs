//! What can go wrong with a file, with the file, the line and what to do.

use crate::packed::Unpacking;
use recon378_core::ErrorKind;
use recon378_core::spec::nearest_name;
use std::path::{Path, PathBuf};

/// The result of everything in this crate that can fail.
pub type Result<T, E = IoError> = std::result::Result<T, E>;

/// A file that can't be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IoError {
    /// There is no such file.
    #[error("{}: there is no such file.{} [not_found]", .path.display(), did_you_mean(.nearest.as_deref()))]
    NotFound {
        /// The file that was asked for.
        path: PathBuf,
        /// The file of the same folder with the nearest name.
        nearest: Option<String>,
    },
    /// There are no such files: two or more of a call.
    #[error("{} files are not there:{} [not_found]", .0.len(), each(.0))]
    SeveralNotFound(Vec<IoError>),
    /// The system refused to read or write.
    #[error("{}: {cause} [unavailable]", .path.display())]
    Unavailable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// The file's name doesn't tell a format that can be read.
    #[error(
        "{}: files of this kind can't be read. Known endings are .csv, .tsv, .psv, .txt, .json, .ndjson, .jsonl, .xlsx, .xlsm, .xlsb, .xls, .ods, .parquet, .pq, .arrow, .arrows, .feather, .ipc, and each with .gz or .zst behind it, or in a .zip [unsupported_format]",
        .path.display()
    )]
    UnsupportedFormat {
        /// The file.
        path: PathBuf,
    },
    /// No bytes, or no line after those to skip.
    #[error("{}: the file is empty. A source without records still names its columns [empty_file]", .path.display())]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// Bytes that are no characters of the file's encoding.
    #[error("{}, line {line}: bytes that are not {encoding}. {hint} [bad_encoding]", .path.display())]
    BadEncoding {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// The encoding the file was read with.
        encoding: String,
        /// What to do.
        hint: String,
    },
    /// A label that names no encoding.
    #[error(
        "\"{label}\" is no encoding. Labels are those of the web, such as utf-8, windows-1252, iso-8859-15, utf-16le [unknown_encoding]"
    )]
    UnknownEncoding {
        /// The label.
        label: String,
    },
    /// A delimiter or quote that a CSV file can't have.
    #[error(
        "the {what} of a CSV file can't be {given:?}: it is one ASCII character, no line end, and the delimiter is not the quote [bad_option]"
    )]
    BadOption {
        /// `delimiter` or `quote`.
        what: &'static str,
        /// What was given.
        given: char,
    },
    /// A row with more or fewer cells than the header.
    #[error(
        "{}, line {line}: {found} cells where the header has {expected}. The file was read with the delimiter {delimiter:?}; set read.delimiter or read.quote if that is wrong [ragged_row]",
        .path.display()
    )]
    RaggedRow {
        /// The file.
        path: PathBuf,
        /// Line the row begins on, from 1.
        line: u64,
        /// Cells of the row.
        found: usize,
        /// Cells of the header.
        expected: usize,
        /// The delimiter in use.
        delimiter: char,
    },
    /// The file ends inside quotes.
    #[error(
        "{}, line {line}: a quote opens in this row and never closes. Set read.quote if the file is quoted otherwise [unclosed_quote]",
        .path.display()
    )]
    UnclosedQuote {
        /// The file.
        path: PathBuf,
        /// Line the row begins on, from 1.
        line: u64,
    },
    /// Two columns with one name.
    #[error("{}: columns {first} and {second} are both named \"{name}\" [duplicate_column]", .path.display())]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// Position of the first, from 1.
        first: usize,
        /// Position of the second, from 1.
        second: usize,
    },
    /// A column without a name.
    #[error(
        "{}: column {position} has no name. Name it, or set read.header = false and use column_1, column_2, … [empty_column_name]",
        .path.display()
    )]
    EmptyColumnName {
        /// The file.
        path: PathBuf,
        /// Its position, from 1.
        position: usize,
    },
    /// A row beyond the size that one row may have.
    #[error(
        "{}, line {line}: a row of more than {limit_bytes} bytes. Mostly a quote that opens and never closes [row_too_large]",
        .path.display()
    )]
    RowTooLarge {
        /// The file.
        path: PathBuf,
        /// Line the row begins on, from 1.
        line: u64,
        /// The most bytes a row may have.
        limit_bytes: usize,
    },
    /// The files of one source have other columns.
    #[error("{}: its columns are not those of {}: {problem} [schema_differs]", .path.display(), .first.display())]
    SchemaDiffers {
        /// The file.
        path: PathBuf,
        /// The source's first file.
        first: PathBuf,
        /// The first difference.
        problem: String,
    },
    /// A Parquet or Arrow file that is not one, or is damaged.
    #[error("{}: this is no whole {format} file: {problem} [corrupt_file]", .path.display())]
    CorruptFile {
        /// The file.
        path: PathBuf,
        /// `Parquet`, `Arrow`.
        format: &'static str,
        /// What its reader said.
        problem: String,
    },
    /// A packed file that unpacks into far more than its size lets expect.
    #[error(
        "{}: it unpacks into more than {limit_bytes} bytes, as only a file made to fill memory does. Unpack it and name the file, if it is one to trust [unpacks_too_much]",
        .path.display()
    )]
    UnpacksTooMuch {
        /// The file.
        path: PathBuf,
        /// The most bytes that are read of it.
        limit_bytes: u64,
    },
    /// An archive of no file, or of several.
    #[error(
        "{}: the archive holds {count} files{}. Unpack it and name the file that is meant [not_one_file]",
        .path.display(),
        listed(.names, *.count)
    )]
    NotOneFile {
        /// The archive.
        path: PathBuf,
        /// How many files it holds.
        count: usize,
        /// The first of them.
        names: Vec<String>,
    },
    /// A workbook without the sheet that is named.
    #[error("{}: there is no sheet \"{sheet}\". Its sheets are{} [unknown_sheet]", .path.display(), listed(.names, .names.len()))]
    UnknownSheet {
        /// The workbook.
        path: PathBuf,
        /// The sheet that was asked for.
        sheet: String,
        /// Its sheets, the first ones.
        names: Vec<String>,
    },
    /// A workbook with several sheets, none of which is named.
    #[error(
        "{}: the workbook has several sheets or none that shows{}. Say which one by read.sheet = \"…\" of the source [sheet_needed]",
        .path.display(),
        listed(.names, .names.len())
    )]
    SheetNeeded {
        /// The workbook.
        path: PathBuf,
        /// Its visible sheets, the first ones.
        names: Vec<String>,
    },
    /// A column of a sheet that holds something under no title.
    #[error(
        "{}: column {column} has no title in row {row}, which names the columns. Write one, or set read.skip, read.range, or read.header = false [empty_column_name]",
        .path.display()
    )]
    NoColumnTitle {
        /// The workbook.
        path: PathBuf,
        /// The column's letters.
        column: String,
        /// The row of the titles, from 1.
        row: u32,
    },
    /// A folder without a file that can be read, or a pattern that no file fits.
    #[error("{}: no file that can be read is there, or fits [not_found]", .path.display())]
    NoFileMatches {
        /// The folder or the pattern.
        path: PathBuf,
    },
    /// A pattern that is none.
    #[error(
        "\"{given}\" is no pattern for files: {problem}. `*` stands for anything but a `/`, `**/` for any folders, `?` for one character, `[ab]` for one of some [bad_pattern]"
    )]
    BadPattern {
        /// What was given.
        given: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A source without files.
    #[error("no file is named [no_files]")]
    NoFiles,
    /// A result folder that recon378 didn't write.
    #[error(
        "{}: there is {} here, and it stays as it is. Name another folder, or empty this one [not_ours]",
        .path.display(),
        .holds.map_or("something that recon378 didn't write".to_owned(), |kind| format!("a result of another kind ({kind})"))
    )]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// `outcome`, `comparison` or `diff`, where it is a result of another kind.
        holds: Option<&'static str>,
    },
    /// A result folder that holds somebody's files, too.
    #[error(
        "{}: there is {name} beside the result, which would be gone with it. Move it, or name another folder [not_ours]",
        .path.display()
    )]
    NotOursBeside {
        /// The folder.
        path: PathBuf,
        /// The first of these files, by name.
        name: String,
    },
    /// A folder whose run can't be repeated.
    #[error("{}: this outcome can't be run again: {problem} [no_replay]", .path.display())]
    NoReplay {
        /// The folder, or the file in it.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// Sources that are no longer those of an outcome.
    #[error(
        "{}: {problem}. What this outcome says can't be explained by other records: run it again [sources_changed]",
        .path.display()
    )]
    SourcesChanged {
        /// The folder of the outcome.
        path: PathBuf,
        /// What tells.
        problem: String,
    },
    /// A folder that holds no outcome.
    #[error(
        "{}: this is no outcome of recon378: {problem}. Name a folder that `run --out` or `write` has written [no_outcome]",
        .path.display()
    )]
    NoOutcome {
        /// The folder.
        path: PathBuf,
        /// Why it is none.
        problem: String,
    },
    /// An outcome whose tables are of another version.
    #[error(
        "{}: its tables are of version {found}, this recon378 reads version {expected}. Run its spec again, which stands in its manifest.json [other_schema_version]",
        .path.display()
    )]
    OtherSchemaVersion {
        /// The folder.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// Ours.
        expected: u32,
    },
    /// An outcome that lacks a table.
    #[error(
        "{}: the table {table} is missing: there is no {table}.parquet, .csv, .ndjson or .arrow. Run its spec again, which stands in its manifest.json [missing_table]",
        .path.display()
    )]
    MissingTable {
        /// The folder.
        path: PathBuf,
        /// The table.
        table: String,
    },
    /// A table that the format can't hold.
    #[error("{}: the table can't be written: {problem} [unwritable]", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What its writer said.
        problem: String,
    },
    /// A name that is no output format.
    #[error("\"{given}\" is no format to write: parquet, csv, ndjson, arrow or xlsx [unknown_format]")]
    UnknownFormat {
        /// What was given.
        given: String,
    },
    /// The engine failed to make what was to be written.
    #[error(transparent)]
    Engine(#[from] recon378_core::Error),
    /// The host asked to stop.
    #[error("the run was cancelled [cancelled]")]
    Cancelled,
}

impl IoError {
    /// What a caller does about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound { .. }
            | Self::SeveralNotFound(_)
            | Self::NoFileMatches { .. }
            | Self::Unavailable { .. }
            | Self::NotOursBeside { .. }
            | Self::NotOurs { .. } => ErrorKind::Unavailable,
            Self::UnsupportedFormat { .. }
            | Self::UnknownEncoding { .. }
            | Self::BadOption { .. }
            | Self::UnknownFormat { .. }
            | Self::NoReplay { .. }
            | Self::NotOneFile { .. }
            | Self::UnknownSheet { .. }
            | Self::SheetNeeded { .. }
            | Self::BadPattern { .. }
            | Self::NoFiles => ErrorKind::InvalidSpec,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Engine(error) => error.kind(),
            Self::Unwritable { .. } => ErrorKind::Internal,
            _ => ErrorKind::InvalidData,
        }
    }

    /// The stable code, which also ends the text: `not_found`, `bad_encoding`, `ragged_row`, ….
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } | Self::SeveralNotFound(_) | Self::NoFileMatches { .. } => "not_found",
            Self::BadPattern { .. } => "bad_pattern",
            Self::Unavailable { .. } => "unavailable",
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::EmptyFile { .. } => "empty_file",
            Self::BadEncoding { .. } => "bad_encoding",
            Self::UnknownEncoding { .. } => "unknown_encoding",
            Self::BadOption { .. } => "bad_option",
            Self::RaggedRow { .. } => "ragged_row",
            Self::UnclosedQuote { .. } => "unclosed_quote",
            Self::DuplicateColumn { .. } => "duplicate_column",
            Self::EmptyColumnName { .. } | Self::NoColumnTitle { .. } => "empty_column_name",
            Self::RowTooLarge { .. } => "row_too_large",
            Self::SchemaDiffers { .. } => "schema_differs",
            Self::CorruptFile { .. } => "corrupt_file",
            Self::UnpacksTooMuch { .. } => "unpacks_too_much",
            Self::NotOneFile { .. } => "not_one_file",
            Self::UnknownSheet { .. } => "unknown_sheet",
            Self::SheetNeeded { .. } => "sheet_needed",
            Self::NoFiles => "no_files",
            Self::NotOurs { .. } | Self::NotOursBeside { .. } => "not_ours",
            Self::NoReplay { .. } => "no_replay",
            Self::SourcesChanged { .. } => "sources_changed",
            Self::NoOutcome { .. } => "no_outcome",
            Self::OtherSchemaVersion { .. } => "other_schema_version",
            Self::MissingTable { .. } => "missing_table",
            Self::Unwritable { .. } => "unwritable",
            Self::UnknownFormat { .. } => "unknown_format",
            Self::Cancelled => "cancelled",
            Self::Engine(error) => error.code(),
        }
    }

    /// The file or folder, where one is concerned.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::SeveralNotFound(errors) => errors.first().and_then(Self::path),
            Self::NotFound { path, .. }
            | Self::Unavailable { path, .. }
            | Self::UnsupportedFormat { path }
            | Self::EmptyFile { path }
            | Self::BadEncoding { path, .. }
            | Self::RaggedRow { path, .. }
            | Self::NotOursBeside { path, .. }
            | Self::UnclosedQuote { path, .. }
            | Self::DuplicateColumn { path, .. }
            | Self::EmptyColumnName { path, .. }
            | Self::RowTooLarge { path, .. }
            | Self::SchemaDiffers { path, .. }
            | Self::CorruptFile { path, .. }
            | Self::UnpacksTooMuch { path, .. }
            | Self::NotOneFile { path, .. }
            | Self::NoFileMatches { path }
            | Self::UnknownSheet { path, .. }
            | Self::SheetNeeded { path, .. }
            | Self::NoColumnTitle { path, .. }
            | Self::NotOurs { path, .. }
            | Self::NoReplay { path, .. }
            | Self::SourcesChanged { path, .. }
            | Self::NoOutcome { path, .. }
            | Self::OtherSchemaVersion { path, .. }
            | Self::MissingTable { path, .. }
            | Self::Unwritable { path, .. } => Some(path),
            _ => None,
        }
    }

    /// The line of the file, from 1, where one is concerned.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::BadEncoding { line, .. }
            | Self::RaggedRow { line, .. }
            | Self::UnclosedQuote { line, .. }
            | Self::RowTooLarge { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// What the system said about `path`; a missing file gets the nearest name of its folder.
    pub(crate) fn system(path: &Path, cause: std::io::Error) -> Self {
        let path_of = || path.to_owned();
        match cause.get_ref().and_then(|inner| inner.downcast_ref::<Unpacking>()) {
            Some(Unpacking::TooMuch(limit)) => {
                return Self::UnpacksTooMuch { path: path_of(), limit_bytes: *limit };
            }
            Some(Unpacking::Damaged { format, problem }) => {
                return Self::CorruptFile { path: path_of(), format, problem: problem.clone() };
            }
            None => {}
        }
        if cause.kind() == std::io::ErrorKind::NotFound {
            Self::NotFound { path: path.to_owned(), nearest: nearest_file(path) }
        } else {
            Self::Unavailable { path: path.to_owned(), cause }
        }
    }
}

/// A line for each.
fn each(errors: &[IoError]) -> String {
    let line = |error: &IoError| {
        let text = error.to_string();
        format!("\n  - {}", text.trim_end_matches(" [not_found]"))
    };
    errors.iter().map(line).collect()
}

/// Names behind a colon, with how many more there are.
fn listed(names: &[String], count: usize) -> String {
    if names.is_empty() {
        return String::new();
    }
    let names_told: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let more = if count > names.len() { format!(" and {} more", count - names.len()) } else { String::new() };
    format!(": {}{more}", names_told.join(", "))
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" Did you mean \"{name}\"?"))
}

/// The file beside `path` whose name is nearest.
fn nearest_file(path: &Path) -> Option<String> {
    /// Entries of a folder that are looked at.
    const ENTRIES_MAX: usize = 1_000;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wanted = path.file_name()?.to_str()?;
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .ok()?
        .take(ENTRIES_MAX)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    nearest_name(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}
