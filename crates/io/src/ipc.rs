//! Arrow IPC in memory: what hosts without a shared memory layout hand over and take back.

use crate::columnar::{corrupt, guarded};
use crate::error::{IoError, Result};
use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::{FileDecoder, StreamDecoder, read_footer_length};
use arrow_ipc::writer::StreamWriter;
use arrow_ipc::{Block, convert::fb_to_schema, root_as_footer};
use arrow_schema::{ArrowError, SchemaRef};
use std::path::Path;
use std::sync::Arc;

/// What ends a file: the footer's length and the magic.
const TRAILER: usize = 10;

/// Reads the bytes of an Arrow IPC stream or file; columns are slices of these bytes where they aren't compressed. At
/// least one batch comes back, so that the columns are known. `name` is what an error calls them.
///
/// # Errors
/// [`IoError::CorruptFile`](crate::IoError::CorruptFile) when they are neither, or damaged.
pub fn read_ipc(name: &str, bytes: Vec<u8>) -> Result<Vec<RecordBatch>> {
    let path = Path::new(name);
    let is_file = bytes.starts_with(b"ARROW1");
    if bytes.is_empty() {
        return Err(corrupt(path, "Arrow", "there are no bytes"));
    }
    let bytes = Buffer::from(bytes);
    guarded(path, "Arrow", || if is_file { file(&bytes) } else { stream(bytes) })
}

/// Writes a table, given in batches, as an uncompressed Arrow IPC stream, which every reader knows. Small batches cost
/// less: the writer copies each one twice, and what is small is still in the cache.
///
/// # Errors
/// What the batches say; a type that IPC doesn't hold, which outcomes don't have.
pub fn write_ipc<E: From<IoError>>(
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, E>>,
) -> Result<Vec<u8>, E> {
    let said = |error: ArrowError| corrupt(Path::new("Arrow IPC"), "Arrow", &error.to_string());
    let mut writer = StreamWriter::try_new(Vec::new(), schema).map_err(said)?;
    for batch in batches {
        writer.write(&batch?).map_err(said)?;
    }
    Ok(writer.into_inner().map_err(said)?)
}

fn stream(mut bytes: Buffer) -> Result<Vec<RecordBatch>, String> {
    let mut decoder = StreamDecoder::new();
    let mut batches = Vec::new();
    while !bytes.is_empty() {
        batches.extend(decoder.decode(&mut bytes).map_err(|error| error.to_string())?);
    }
    decoder.finish().map_err(|error| error.to_string())?;
    if batches.is_empty() {
        let schema = decoder.schema().ok_or("it begins as neither a file nor a stream")?;
        batches.push(RecordBatch::new_empty(schema));
    }
    Ok(batches)
}

fn file(bytes: &Buffer) -> Result<Vec<RecordBatch>, String> {
    let said = |error: ArrowError| error.to_string();
    let cut = || "it ends too early".to_owned();
    let (rest, trailer) = bytes.split_last_chunk::<TRAILER>().ok_or_else(cut)?;
    let footer_length = read_footer_length(*trailer).map_err(said)?;
    let footer = rest.len().checked_sub(footer_length).and_then(|from| rest.get(from..)).ok_or_else(cut)?;
    let footer = root_as_footer(footer).map_err(|error| error.to_string())?;
    let schema = footer.schema().ok_or("it has no schema")?;
    let schema = Arc::new(fb_to_schema(schema));
    let mut decoder = FileDecoder::new(Arc::clone(&schema), footer.version());
    let slice = |block: &Block| {
        let from = usize::try_from(block.offset()).ok();
        let metadata = usize::try_from(block.metaDataLength()).ok();
        let body = usize::try_from(block.bodyLength()).ok();
        let length = metadata.zip(body).and_then(|(metadata, body)| metadata.checked_add(body));
        let (from, length) = from.zip(length).ok_or_else(cut)?;
        let ends_inside = from.checked_add(length).is_some_and(|end| end <= bytes.len());
        if ends_inside { Ok(bytes.slice_with_length(from, length)) } else { Err(cut()) }
    };
    for block in footer.dictionaries().into_iter().flatten() {
        decoder.read_dictionary(block, &slice(block)?).map_err(said)?;
    }
    let mut batches = Vec::new();
    for block in footer.recordBatches().into_iter().flatten() {
        batches.extend(decoder.read_record_batch(block, &slice(block)?).map_err(said)?);
    }
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema));
    }
    Ok(batches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::record_batch;
    use arrow_ipc::writer::FileWriter;

    fn table() -> RecordBatch {
        record_batch!(("reference", Utf8, ["INV-1", "INV-2"]), ("units", Int64, [1050, 700])).unwrap()
    }

    fn as_stream(table: &RecordBatch) -> Vec<u8> {
        write_ipc::<IoError>(&table.schema(), std::iter::once(Ok(table.clone()))).unwrap()
    }

    fn as_file(table: &RecordBatch) -> Vec<u8> {
        let mut writer = FileWriter::try_new(Vec::new(), &table.schema()).unwrap();
        writer.write(table).unwrap();
        writer.into_inner().unwrap()
    }

    #[test]
    fn streams_and_files_are_read_as_they_were_written() {
        let table = table();
        for bytes in [as_stream(&table), as_file(&table)] {
            assert_eq!(read_ipc("left", bytes).unwrap(), std::slice::from_ref(&table));
        }
    }

    #[test]
    fn a_table_without_rows_tells_its_columns() {
        let empty = table().slice(0, 0);
        for bytes in [as_stream(&empty), as_file(&empty)] {
            let read = read_ipc("left", bytes).unwrap();
            assert_eq!(read.iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
            assert_eq!(read[0].schema(), empty.schema());
        }
    }

    #[test]
    fn every_damage_is_an_error_with_the_name() {
        for whole in [as_stream(&table()), as_file(&table())] {
            for length in 0..whole.len() {
                // A stream cut between two messages is a shorter stream.
                if let Err(error) = read_ipc("left", whole[..length].to_vec()) {
                    assert_eq!(error.code(), "corrupt_file");
                    assert!(error.to_string().contains("left"), "{error}");
                }
            }
            for position in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[position] ^= 0xFF;
                let _read_or_refused = read_ipc("left", damaged);
            }
        }
        assert_eq!(read_ipc("left", b"reference,amount".to_vec()).unwrap_err().code(), "corrupt_file");
        assert_eq!(read_ipc("left", Vec::new()).unwrap_err().code(), "corrupt_file");
    }
}
