//! Whether an Arrow IPC file holds what it says it holds. Its reader takes lengths at their word and makes room for them,
//! which ends the host where a damaged file names more than there is memory.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};

/// The end of a file: the length of the footer, and `ARROW1`.
const TAIL: u64 = 10;

/// Looks at the footer of the file format: every block has to lie inside. A footer that can't be read is left for the
/// reader to refuse.
///
/// # Errors
/// What the system says.
pub(crate) fn of_file(file: &mut File, length: u64) -> io::Result<bool> {
    let Some(end) = length.checked_sub(TAIL) else { return Ok(false) };
    let mut tail = [0; 4];
    file.seek(SeekFrom::Start(end))?;
    file.read_exact(&mut tail)?;
    let Some(start) = end.checked_sub(u64::from(u32::from_le_bytes(tail))) else { return Ok(false) };
    let mut footer = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(end - start).read_to_end(&mut footer)?;
    let Ok(footer) = arrow_ipc::root_as_footer(&footer) else { return Ok(true) };
    let blocks =
        footer.recordBatches().into_iter().flatten().chain(footer.dictionaries().into_iter().flatten());
    let mut inside = blocks.map(|block| {
        let parts = [block.offset(), i64::from(block.metaDataLength()), block.bodyLength()];
        let parts = parts.map(|part| u64::try_from(part).ok());
        parts.into_iter().try_fold(0_u64, |sum, part| sum.checked_add(part?)).is_some_and(|sum| sum <= length)
    });
    Ok(inside.all(|inside| inside))
}

/// Walks the messages of the stream format: each has to end before the stream does. One that can't be read is left for the
/// reader to refuse.
///
/// # Errors
/// What the system says.
pub(crate) fn of_stream(file: &mut File, length: u64) -> io::Result<bool> {
    file.seek(SeekFrom::Start(0))?;
    let mut input = BufReader::new(file);
    let mut place = 0_u64;
    let mut metadata = Vec::new();
    while length - place >= 4 {
        let mut size = word(&mut input)?;
        place += 4;
        if size == u32::MAX {
            if length - place < 4 {
                return Ok(true);
            }
            size = word(&mut input)?;
            place += 4;
        }
        if size == 0 {
            return Ok(true);
        }
        if u64::from(size) > length - place {
            return Ok(false);
        }
        metadata.clear();
        input.by_ref().take(u64::from(size)).read_to_end(&mut metadata)?;
        place += u64::from(size);
        let Ok(message) = arrow_ipc::root_as_message(&metadata) else { return Ok(true) };
        let Ok(body) = u64::try_from(message.bodyLength()) else { return Ok(false) };
        if body > length - place {
            return Ok(false);
        }
        place += body;
        input.seek_relative(i64::try_from(body).unwrap_or(i64::MAX))?;
    }
    Ok(true)
}

fn word(input: &mut impl io::Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}
