//! Parquet and Arrow IPC, in and out.

use crate::error::{IoError, Result};
use crate::ipc_lengths;
use crate::read::BATCH_ROWS_MAX;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, SchemaRef};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Reads one Parquet or Arrow IPC file. Its batches open when the first one is asked for.
pub(crate) struct ColumnarReader {
    path: PathBuf,
    schema: SchemaRef,
    /// Positions of the columns that are kept; all of them when absent.
    kept: Option<Vec<usize>>,
    state: State,
}

enum State {
    Parquet(Box<ParquetRecordBatchReaderBuilder<File>>),
    Ipc(File),
    Reading(Batches),
    Ended,
}

impl ColumnarReader {
    /// Opens a Parquet file and reads its schema.
    pub(crate) fn parquet(path: &Path, file: File) -> Result<Self> {
        let builder = guarded(path, "Parquet", || {
            ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())
        })?;
        let schema = builder.schema().clone();
        Ok(Self { path: path.to_owned(), schema, kept: None, state: State::Parquet(Box::new(builder)) })
    }

    /// Opens an Arrow IPC file or stream and reads its schema.
    pub(crate) fn ipc(path: &Path, mut file: File) -> Result<Self> {
        let (schema, _) = ipc_batches(path, &mut file, None)?;
        Ok(Self { path: path.to_owned(), schema, kept: None, state: State::Ipc(file) })
    }

    /// The columns that are read.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Keeps only the columns at these ascending positions.
    pub(crate) fn project(&mut self, positions: &[usize]) -> Result<()> {
        let projected = self
            .schema
            .project(positions)
            .map_err(|error| corrupt(&self.path, "Arrow", &error.to_string()))?;
        self.schema = projected.into();
        self.kept = Some(match &self.kept {
            None => positions.to_vec(),
            Some(kept) => positions.iter().map(|&position| kept[position]).collect(),
        });
        Ok(())
    }

    /// The next batch, `None` at the end.
    pub(crate) fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let mut batches = match std::mem::replace(&mut self.state, State::Ended) {
            State::Parquet(builder) => Box::new(self.parquet_batches(*builder)?),
            State::Ipc(mut file) => ipc_batches(&self.path, &mut file, self.kept.clone())?.1,
            State::Reading(batches) => batches,
            State::Ended => return Ok(None),
        };
        let next = guarded(&self.path, "Arrow or Parquet", || {
            batches.next().transpose().map_err(|error| error.to_string())
        })?;
        if next.is_some() {
            self.state = State::Reading(batches);
        }
        Ok(next)
    }

    fn parquet_batches(
        &self,
        builder: ParquetRecordBatchReaderBuilder<File>,
    ) -> Result<ParquetRecordBatchReader> {
        let builder = builder.with_batch_size(BATCH_ROWS_MAX);
        let builder = match &self.kept {
            Some(kept) => {
                let mask = ProjectionMask::roots(builder.parquet_schema(), kept.iter().copied());
                builder.with_projection(mask)
            }
            None => builder,
        };
        guarded(&self.path, "Parquet", || builder.build().map_err(|error| error.to_string()))
    }
}

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

/// The batches of an IPC file (which begins with `ARROW1`) or stream.
fn ipc_batches(path: &Path, file: &mut File, kept: Option<Vec<usize>>) -> Result<(SchemaRef, Batches)> {
    let system = |error| IoError::system(path, error);
    let mut head = Vec::with_capacity(8);
    let length = file.seek(SeekFrom::End(0)).map_err(system)?;
    file.seek(SeekFrom::Start(0)).map_err(system)?;
    file.take(8).read_to_end(&mut head).map_err(system)?;
    file.seek(SeekFrom::Start(0)).map_err(system)?;
    let is_file = head.starts_with(b"ARROW1");
    if !is_file && !begins_as_stream(&head, length) {
        return Err(corrupt(path, "Arrow", "it begins as neither a file nor a stream"));
    }
    let lengths = if is_file { ipc_lengths::of_file } else { ipc_lengths::of_stream };
    if !lengths(file, length).map_err(system)? {
        return Err(corrupt(path, "Arrow", "it says that it is longer than it is"));
    }
    file.seek(SeekFrom::Start(0)).map_err(system)?;
    let input = BufReader::new(file.try_clone().map_err(system)?);
    guarded(path, "Arrow", || {
        if is_file {
            let reader = FileReader::try_new(input, kept).map_err(|error| error.to_string())?;
            Ok((reader.schema(), Box::new(reader) as Batches))
        } else {
            let reader = StreamReader::try_new(input, kept).map_err(|error| error.to_string())?;
            Ok((RecordBatchReader::schema(&reader), Box::new(reader) as Batches))
        }
    })
}

/// Whether a stream's first message fits the file: its reader takes the length at its word, and memory for it.
fn begins_as_stream(head: &[u8], length: u64) -> bool {
    let Some((&first, rest)) = head.split_first_chunk::<4>() else { return false };
    let Some(&second) = rest.first_chunk::<4>() else { return false };
    let marked = first == [0xFF; 4];
    let message = u32::from_le_bytes(if marked { second } else { first });
    u64::from(message) <= length
}

/// Runs a foreign reader, which may panic on a damaged file: no panic reaches the host. What it leaves behind
/// is never used again.
pub(crate) fn guarded<T>(
    path: &Path,
    format: &'static str,
    work: impl FnOnce() -> Result<T, String>,
) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|problem| corrupt(path, format, &problem)),
        Err(_) => Err(corrupt(path, format, "its reader gave up on it")),
    }
}

pub(crate) fn corrupt(path: &Path, format: &'static str, problem: &str) -> IoError {
    IoError::CorruptFile { path: path.to_owned(), format, problem: problem.to_owned() }
}

/// Begins a Parquet file, compressed with zstd.
pub(crate) fn parquet_writer<W: Write + Send>(
    output: W,
    schema: &SchemaRef,
) -> Result<ArrowWriter<W>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_created_by(concat!("recon378 ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    ArrowWriter::try_new(output, SchemaRef::clone(schema), Some(properties))
}
