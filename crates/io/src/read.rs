//! Files to batches, whatever their format.

use crate::columnar::ColumnarReader;
use crate::csv::{BadRow, CsvReader};
use crate::error::{IoError, Result};
use crate::format::Input;
use crate::json::JsonReader;
use crate::listed::{self, Listed};
use crate::packed;
use crate::workbook::WorkbookReader;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use recon378_core::Cancel;
use recon378_core::outcome::LeftOutLines;
use recon378_core::spec::{Ragged, ReadSpec};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of a batch.
pub(crate) const BATCH_ROWS_MAX: usize = 65_536;
/// Bytes of text of a batch; the row that passes it is its last.
pub(crate) const BATCH_BYTES_MAX: usize = 32 << 20;
/// Bytes of text of one row: with those of a batch they stay far under what 32-bit offsets can tell.
pub(crate) const ROW_BYTES_MAX: usize = 1 << 30;

/// Reads the files of one source, in the order they are listed, as if they were one.
///
/// A path is a file, a folder (its files that can be read, by name), or a pattern such as `2026-*/bank*.csv.gz` (the
/// files that fit, by name). Where one is no file, a column `file` tells of each record which one it is from, unless the
/// files have such a column.
///
/// Row numbers run through the files in that order. At least one batch comes back, empty where the files have no
/// records, so that the columns are always known.
///
/// Cost: one pass over the bytes; all batches are held at once ([`open`] hands them out one by one).
///
/// # Errors
/// Any [`IoError`] of reading: each names the file, and the line where there is one.
///
/// ```
/// use recon378_io::read;
/// use recon378_core::{Cancel, spec::ReadSpec};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("bank.csv");
/// std::fs::write(&path, "id;amount\nA1;1.234,50\n").unwrap();
/// let batches = read(&[&path], &ReadSpec::default(), &Cancel::new()).unwrap();
/// assert_eq!(batches[0].num_rows(), 1); // the delimiter was detected, the amount is still text
/// ```
pub fn read<P: AsRef<Path>>(paths: &[P], spec: &ReadSpec, cancel: &Cancel) -> Result<Vec<RecordBatch>> {
    let ragged = if spec.ragged == Ragged::Pad { Ragged::Pad } else { Ragged::Error };
    all(open(paths, &ReadSpec { ragged, ..spec.clone() })?, cancel)
}

/// A CSV, Parquet or Arrow file that recon378 wrote. Nothing of it is to be detected, no line is left out.
pub(crate) fn read_written(path: &Path, cancel: &Cancel) -> Result<Vec<RecordBatch>> {
    let spec = ReadSpec { delimiter: Some(','), quote: Some('"'), ..written_rules() };
    all(open_as(&[path], &spec, true)?, cancel)
}

fn all(mut reader: Reader, cancel: &Cancel) -> Result<Vec<RecordBatch>> {
    let mut batches = Vec::new();
    while let Some(batch) = reader.next_batch()? {
        cancel.check().map_err(|_| IoError::Cancelled)?;
        reader.refuse_bad_rows()?;
        batches.push(batch);
    }
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(reader.schema()));
    }
    Ok(batches)
}

/// Opens the files of one source and reads their columns, no records yet.
///
/// # Errors
/// Any [`IoError`] of reading; files whose columns differ from those of the first are `schema_differs`.
pub fn open<P: AsRef<Path>>(paths: &[P], spec: &ReadSpec) -> Result<Reader> {
    open_as(paths, spec, false)
}

/// [`open`] for tables that recon378 may have written: in CSV, the apostrophes that keep spreadsheets from running a
/// text come off.
///
/// # Errors
/// As [`open`].
pub fn open_written<P: AsRef<Path>>(paths: &[P]) -> Result<Reader> {
    open_as(paths, &ReadSpec { ragged: Ragged::Error, ..written_rules() }, true)
}

/// Every line counts in a table that recon378 may have written.
fn written_rules() -> ReadSpec {
    ReadSpec { skip: Some(0), ..ReadSpec::default() }
}

fn open_as<P: AsRef<Path>>(paths: &[P], spec: &ReadSpec, written: bool) -> Result<Reader> {
    let files = listed::files(paths)?;
    let first = &files.first().ok_or(IoError::NoFiles)?.path;
    let reader = FileReader::open(first, spec, written)?;
    check_names(first, reader.schema())?;
    // Files may differ in metadata and nullability: the source promises neither.
    let fields: Fields = reader.schema().fields().iter().map(|field| nullable(field)).collect();
    let schema = SchemaRef::new(Schema::new(fields));
    // Every file's columns are checked before the first record is read.
    for file in &files[1..] {
        let other = FileReader::open(&file.path, spec, written)?;
        check_same(first, &schema, &file.path, other.schema())?;
    }
    let tells_file =
        files.iter().any(|file| file.name.is_some()) && schema.column_with_name(FILE_COLUMN).is_none();
    let schema = if tells_file { with_file_column(&schema) } else { schema };
    let (current, spec) = (Some(reader), spec.clone());
    let left_out = vec![LeftOutLines::default(); files.len()];
    let (rows, bad_rows) = ([0; 2], Vec::new());
    Ok(Reader {
        current,
        position: 0,
        files,
        spec,
        written,
        schema,
        kept: None,
        tells_file,
        rows,
        bad_rows,
        left_out,
    })
}

/// The column that tells which file a record is from.
const FILE_COLUMN: &str = "file";

fn with_file_column(schema: &Schema) -> SchemaRef {
    let file = Arc::new(Field::new(FILE_COLUMN, DataType::Utf8, true));
    SchemaRef::new(Schema::new(schema.fields().iter().cloned().chain([file]).collect::<Fields>()))
}

/// The records of one source, batch by batch.
pub struct Reader {
    current: Option<FileReader>,
    position: usize,
    files: Vec<Listed>,
    spec: ReadSpec,
    /// The files may be ours.
    written: bool,
    schema: SchemaRef,
    /// Positions of the columns of the files that are kept.
    kept: Option<Vec<usize>>,
    /// The last column tells the file.
    tells_file: bool,
    /// Records of the files before the current one, and of all batches so far.
    rows: [u64; 2],
    bad_rows: Vec<BadRow>,
    /// Lines that are no records, by file.
    left_out: Vec<LeftOutLines>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("schema", &self.schema)
            .field("files", &self.files)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// The columns that are read.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    /// Reads only the columns that `keep` says yes to, in their order; to be called once, before the first batch.
    ///
    /// # Errors
    /// An [`IoError`] when the file's format can't do it.
    pub fn keep_columns(&mut self, keep: impl Fn(&str) -> bool) -> Result<()> {
        let fields = self.schema.fields();
        let of_files = fields.len() - usize::from(self.tells_file);
        let kept: Vec<usize> = (0..of_files).filter(|&index| keep(fields[index].name())).collect();
        self.tells_file &= keep(FILE_COLUMN);
        if let Some(reader) = &mut self.current {
            reader.project(&kept)?;
            let fields: Fields = kept.iter().map(|&index| Arc::clone(&self.schema.fields()[index])).collect();
            let schema = SchemaRef::new(Schema::new(fields));
            self.schema = if self.tells_file { with_file_column(&schema) } else { schema };
        }
        self.kept = Some(kept);
        Ok(())
    }

    /// The files that are read, in order: those that the paths named, of a folder or a pattern all that it means.
    #[must_use]
    pub fn files(&self) -> impl ExactSizeIterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// Which of [`files`](Self::files) the last batch came from.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// The next batch, of one file; `None` after the last one of the last file.
    ///
    /// # Errors
    /// Any [`IoError`] of reading.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        while let Some(reader) = &mut self.current {
            let batch = reader.next_batch()?;
            if let Some(left_out) = self.left_out.get_mut(self.position) {
                *left_out = reader.left_out();
            }
            let bad_rows = reader.take_bad_rows().into_iter();
            let first = self.rows[0];
            self.bad_rows.extend(bad_rows.map(|mut bad| {
                bad.row += first;
                bad
            }));
            if let Some(batch) = batch {
                self.rows[1] += batch.num_rows() as u64;
                let name = self.files.get(self.position).and_then(|file| file.name.as_deref());
                return with_schema(batch, &self.schema, (self.tells_file, name)).map(Some);
            }
            self.current = None;
            self.rows[0] = self.rows[1];
            if let Some(file) = self.files.get(self.position + 1) {
                let mut next = FileReader::open(&file.path, &self.spec, self.written)?;
                if let Some(kept) = &self.kept {
                    next.project(kept)?;
                }
                self.current = Some(next);
                self.position += 1;
            }
        }
        Ok(None)
    }
}

impl Reader {
    /// Rows of the batches so far that couldn't be read, since this was last asked: their cells are null. Positions run
    /// through the files.
    #[must_use]
    pub fn take_bad_rows(&mut self) -> Vec<BadRow> {
        std::mem::take(&mut self.bad_rows)
    }

    /// For tables in which a row that can't be read is no use.
    ///
    /// # Errors
    /// `ragged_row` for the first of [`take_bad_rows`](Self::take_bad_rows).
    pub fn refuse_bad_rows(&mut self) -> Result<()> {
        match (self.take_bad_rows().first(), self.files.get(self.position)) {
            (Some(bad), Some(file)) => Err(bad.error(&file.path)),
            _ => Ok(()),
        }
    }

    /// Lines of each file that are no records, as far as it was read.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOutLines] {
        &self.left_out
    }
}

fn nullable(field: &Field) -> Field {
    Field::new(field.name(), field.data_type().clone(), true)
}

fn with_schema(
    batch: RecordBatch,
    schema: &SchemaRef,
    (tells_file, name): (bool, Option<&str>),
) -> Result<RecordBatch> {
    let (_, mut columns, rows) = batch.into_parts();
    if tells_file {
        let names: StringArray = std::iter::repeat_n(name, rows).collect();
        columns.push(Arc::new(names) as ArrayRef);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(SchemaRef::clone(schema), columns, &options).map_err(|error| {
        IoError::CorruptFile { path: PathBuf::new(), format: "Arrow", problem: error.to_string() }
    })
}

enum FileReader {
    Csv(Box<CsvReader>),
    Json(Box<JsonReader>),
    Columnar(ColumnarReader),
    Workbook(PathBuf, WorkbookReader),
}

impl FileReader {
    fn open(path: &Path, spec: &ReadSpec, written: bool) -> Result<Self> {
        // The name is looked up before its ending is judged: a missing file is the plainer mistake.
        let metadata = std::fs::metadata(path).map_err(|error| IoError::system(path, error))?;
        if metadata.is_file() && metadata.len() == 0 {
            Input::of(&packed::plain_name(path))?;
            return Err(IoError::EmptyFile { path: path.to_owned() });
        }
        let content = packed::open(path)?;
        let input =
            Input::of(&content.name).map_err(|_| IoError::UnsupportedFormat { path: path.to_owned() })?;
        let bytes = content.bytes;
        match input {
            Input::Csv => {
                let reader = CsvReader::new(path, bytes.into_stream(), spec)?;
                Ok(Self::Csv(Box::new(if written { reader.of_ours() } else { reader })))
            }
            Input::Json => JsonReader::open(path, spec).map(|reader| Self::Json(Box::new(reader))),
            Input::Parquet => ColumnarReader::parquet(path, bytes.into_file(path)?).map(Self::Columnar),
            Input::Ipc => ColumnarReader::ipc(path, bytes.into_file(path)?).map(Self::Columnar),
            Input::Workbook(format) => WorkbookReader::open(path, bytes.into_file(path)?, format, spec)
                .map(|reader| Self::Workbook(path.to_owned(), reader)),
        }
    }

    fn schema(&self) -> &SchemaRef {
        match self {
            Self::Csv(reader) => reader.schema(),
            Self::Json(reader) => reader.schema(),
            Self::Columnar(reader) => reader.schema(),
            Self::Workbook(_, reader) => reader.schema(),
        }
    }

    fn project(&mut self, kept: &[usize]) -> Result<()> {
        match self {
            Self::Csv(reader) => {
                reader.project(kept);
                Ok(())
            }
            Self::Json(reader) => {
                reader.project(kept);
                Ok(())
            }
            Self::Columnar(reader) => reader.project(kept),
            Self::Workbook(path, reader) => reader.project(path, kept),
        }
    }

    /// Rows that can't be read, since this was last asked.
    fn take_bad_rows(&mut self) -> Vec<BadRow> {
        match self {
            Self::Csv(reader) => reader.take_bad_rows(),
            _ => Vec::new(),
        }
    }

    /// Lines that are no records, as far as the file was read.
    fn left_out(&self) -> LeftOutLines {
        match self {
            Self::Csv(reader) => reader.left_out(),
            Self::Workbook(_, reader) => reader.left_out(),
            _ => LeftOutLines::default(),
        }
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        match self {
            Self::Csv(reader) => reader.next_batch(),
            Self::Json(reader) => reader.next_batch(),
            Self::Columnar(reader) => reader.next_batch(),
            Self::Workbook(_, reader) => Ok(reader.next_batch()),
        }
    }
}

/// Columns are told apart by their names: none may be empty or stand twice.
fn check_names(path: &Path, schema: &Schema) -> Result<()> {
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, field) in schema.fields().iter().enumerate() {
        let name = field.name().as_str();
        if name.trim().is_empty() {
            return Err(IoError::EmptyColumnName { path: path.to_owned(), position: index + 1 });
        }
        if let Some(first) = positions.insert(name, index + 1) {
            let (path, name) = (path.to_owned(), name.to_owned());
            return Err(IoError::DuplicateColumn { path, name, first, second: index + 1 });
        }
    }
    Ok(())
}

/// All files of a source have the same columns in the same order.
fn check_same(first: &Path, schema: &Schema, path: &Path, other: &Schema) -> Result<()> {
    let differs = |problem: String| {
        Err(IoError::SchemaDiffers { path: path.to_owned(), first: first.to_owned(), problem })
    };
    if schema.fields().len() != other.fields().len() {
        return differs(format!("{} columns instead of {}", other.fields().len(), schema.fields().len()));
    }
    for (index, (expected, found)) in schema.fields().iter().zip(other.fields()).enumerate() {
        if expected.name() != found.name() {
            let (found, expected) = (found.name(), expected.name());
            return differs(format!("column {} is \"{found}\" instead of \"{expected}\"", index + 1));
        }
        if expected.data_type() != found.data_type() {
            let (name, found, expected) = (found.name(), found.data_type(), expected.data_type());
            return differs(format!("column \"{name}\" has type {found} instead of {expected}"));
        }
    }
    Ok(())
}
