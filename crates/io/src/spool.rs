//! A stream without a name, such as standard input, as a file whose ending tells what it holds.

use crate::error::{IoError, Result};
use crate::packed::BOUNDED_HEAD;
use flate2::read::MultiGzDecoder;
use recon378_core::Cancel;
use std::io::{Read, Write as _};
use std::path::Path;

/// Bytes that are looked at to tell what a stream holds. A zstd stream gives nothing before its first block is there, of up to 128 KiB.
const HEAD_BYTES: usize = 256 * 1024;

/// A stream's bytes in a temporary file, which goes when this does.
#[derive(Debug)]
pub struct Spooled {
    file: tempfile::NamedTempFile,
}

impl Spooled {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }
}

/// Takes all of a stream into a temporary file, to be read as any file is: as often as needed. What it holds is told by
/// its first bytes: Parquet, Arrow IPC, a workbook, JSON, each packed or not, and text with delimiters where it is none
/// of these.
///
/// # Errors
/// `unavailable` when the system refuses; `empty_file` for a stream of no bytes; `cancelled`.
pub fn spool(mut input: impl Read, cancel: &Cancel) -> Result<Spooled> {
    let system = |error| IoError::system(Path::new("-"), error);
    let mut head = Vec::new();
    input.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(system)?;
    if head.is_empty() {
        return Err(IoError::EmptyFile { path: "-".into() });
    }
    let ending = ending(&head);
    let mut file = tempfile::Builder::new()
        .prefix("recon378-standard-input-")
        .suffix(&ending)
        .tempfile()
        .map_err(system)?;
    file.write_all(&head).map_err(system)?;
    let mut chunk = vec![0; HEAD_BYTES];
    loop {
        cancel.check().map_err(|_| IoError::Cancelled)?;
        match input.read(&mut chunk) {
            Ok(0) => break,
            Ok(bytes) => file.write_all(&chunk[..bytes]).map_err(system)?,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(system(error)),
        }
    }
    file.flush().map_err(system)?;
    Ok(Spooled { file })
}

/// The ending of files that begin so.
fn ending(head: &[u8]) -> String {
    let unpacked = |stream: &mut dyn Read| {
        let mut inner = Vec::new();
        // What can't be unpacked is refused where it is read.
        let _cut = stream.take(BOUNDED_HEAD).read_to_end(&mut inner);
        inner
    };
    let packed = match head {
        [0x1F, 0x8B, ..] => Some((unpacked(&mut MultiGzDecoder::new(head)), ".gz")),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => {
            let inner = zstd::stream::read::Decoder::new(head).map(|mut stream| unpacked(&mut stream));
            Some((inner.unwrap_or_default(), ".zst"))
        }
        _ => None,
    };
    match packed {
        Some((inner, packing)) => format!("{}{packing}", plain_ending(&inner)),
        None => plain_ending(head).to_owned(),
    }
}

fn plain_ending(head: &[u8]) -> &'static str {
    let holds = |mark: &[u8]| head.windows(mark.len()).any(|window| window == mark);
    match head {
        [b'P', b'A', b'R', b'1', ..] => ".parquet",
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] | [0xFF, 0xFF, 0xFF, 0xFF, ..] => ".arrow",
        [0xD0, 0xCF, 0x11, 0xE0, ..] => ".xls",
        [b'P', b'K', 3, 4, ..] if holds(b"opendocument.spreadsheet") => ".ods",
        [b'P', b'K', 3, 4, ..] if holds(b"xl/workbook.bin") => ".xlsb",
        [b'P', b'K', 3, 4, ..] if holds(b"[Content_Types].xml") => ".xlsx",
        [b'P', b'K', 3, 4, ..] => ".zip",
        _ => {
            let text = head.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(head).trim_ascii_start();
            if matches!(text, [b'{' | b'[', ..]) { ".json" } else { ".csv" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_told_by_the_first_bytes() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"[{\"a\": 1}]").unwrap();
        let gzip = gzip.finish().unwrap();
        let zstd = zstd::encode_all(&b"a;b\n1;2\n"[..], 1).unwrap();
        let numbers = (0..40_000_u64).map(|at| format!("{at};{}\n", at.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let long = zstd::encode_all(
            "a;b\n".chars().map(String::from).chain(numbers).collect::<String>().as_bytes(),
            1,
        );
        let long = long.unwrap();
        let heads: [(&[u8], &str); 10] = [
            (b"PAR1...", ".parquet"),
            (b"ARROW1..", ".arrow"),
            (b"\xFF\xFF\xFF\xFF\x10\0\0\0", ".arrow"),
            (b"PK\x03\x04..[Content_Types].xml", ".xlsx"),
            (b"PK\x03\x04..bank.csv", ".zip"),
            (b"\xEF\xBB\xBF  {\"a\": 1}", ".json"),
            (&gzip, ".json.gz"),
            (&zstd, ".csv.zst"),
            (&long, ".csv.zst"),
            (b"a;b\n1;2\n", ".csv"),
        ];
        for (head, expected) in heads {
            let spooled = spool(head, &Cancel::new()).unwrap();
            let name = spooled.path().to_string_lossy().into_owned();
            assert!(name.ends_with(expected), "{name} for {expected}");
            assert_eq!(std::fs::read(spooled.path()).unwrap(), head);
        }
        assert_eq!(spool(&b""[..], &Cancel::new()).unwrap_err().code(), "empty_file");
    }

    #[test]
    fn a_spooled_file_is_read_and_gone() {
        let text = "a;b\n".to_owned() + &"1;2\n".repeat(10_000);
        let spooled = spool(text.as_bytes(), &Cancel::new()).unwrap();
        let path = spooled.path().to_owned();
        let read = crate::read(&[&path], &recon378_core::spec::ReadSpec::default(), &Cancel::new());
        let rows: usize = read.unwrap().iter().map(arrow_array::RecordBatch::num_rows).sum();
        assert_eq!(rows, 10_000);
        drop(spooled);
        assert!(!path.exists());
    }
}
