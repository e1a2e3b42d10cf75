//! A text file as chunks of UTF-8, whatever its encoding.
//!
//! A byte order mark of UTF-16 is heeded where no encoding is named. Files in UTF-8 pass through untouched and are checked where columns are built, once per batch; others are
//! converted here, and a byte that is no character is an error that names its line.

use crate::error::{IoError, Result};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes read at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// Lines that end in `bytes`.
pub(crate) fn lines_in(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from(byte == b'\n')).sum()
}

/// Whether a cell is written as numbers and days are: with digits, and hardly any letter.
pub(crate) fn is_value(cell: &str) -> bool {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let letters = cell.chars().filter(|character| character.is_alphabetic()).count();
    digits > 0 && letters <= 3 && digits >= letters
}

/// What text looks like of which nearly every second byte is zero.
fn looks_like_utf16(raw: &[u8]) -> Option<&'static str> {
    let head = raw.get(..64)?;
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    match (zeros(0), zeros(1)) {
        (0..=2, 24..) => Some("utf-16le"),
        (24.., 0..=2) => Some("utf-16be"),
        _ => None,
    }
}

/// A text file, read in chunks.
pub(crate) struct Text {
    path: PathBuf,
    input: Box<dyn Read + Send>,
    encoding: &'static Encoding,
    /// Absent for UTF-8.
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    decoded: Vec<u8>,
    /// Consumed part of the chunk.
    start: usize,
    /// Lines that ended in decoded chunks; kept for converted files only.
    lines: u64,
    ended: bool,
    begun: bool,
}

impl Text {
    /// Reads `input` as `label` says.
    pub(crate) fn new(path: &Path, input: Box<dyn Read + Send>, label: Option<&str>) -> Result<Self> {
        let encoding = match label {
            None => UTF_8,
            Some(label) => Encoding::for_label(label.as_bytes())
                .ok_or_else(|| IoError::UnknownEncoding { label: label.to_owned() })?,
        };
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder());
        Ok(Self {
            path: path.to_owned(),
            input,
            encoding,
            decoder,
            raw: Vec::new(),
            decoded: Vec::new(),
            start: 0,
            lines: 0,
            ended: false,
            begun: false,
        })
    }

    /// The name of the encoding.
    pub(crate) fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// The unconsumed bytes at hand, more from the file when there are none. Empty at the end.
    pub(crate) fn chunk(&mut self) -> Result<&[u8]> {
        while self.start == self.buffer().len() && !self.ended {
            self.fill()?;
        }
        let start = self.start;
        Ok(&self.buffer()[start..])
    }

    /// Whether the chunk at hand is the last one.
    pub(crate) fn is_last_chunk(&self) -> bool {
        self.ended
    }

    /// Marks `bytes` of the chunk as used.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.start += bytes;
    }

    fn buffer(&self) -> &[u8] {
        if self.decoder.is_some() { &self.decoded } else { &self.raw }
    }

    fn fill(&mut self) -> Result<()> {
        self.start = 0;
        self.raw.resize(CHUNK_BYTES, 0);
        let mut filled = 0;
        while filled < CHUNK_BYTES {
            match self.input.read(&mut self.raw[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(bytes) => filled += bytes,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(IoError::system(&self.path, error)),
            }
        }
        self.raw.truncate(filled);
        if self.decoder.is_some() {
            self.decode()?;
        } else if !self.begun {
            self.read_mark()?;
        }
        self.begun = true;
        Ok(())
    }

    /// Drops the byte order mark of UTF-8; that of UTF-16 says what the file is.
    fn read_mark(&mut self) -> Result<()> {
        self.encoding = match self.raw.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] => {
                self.start = 3;
                return Ok(());
            }
            [0xFF, 0xFE, ..] => UTF_16LE,
            [0xFE, 0xFF, ..] => UTF_16BE,
            raw => {
                return match looks_like_utf16(raw) {
                    Some(label) => {
                        let hint = format!("It looks like {label}: set read.encoding = \"{label}\"");
                        Err(self.bad_encoding(1, hint))
                    }
                    None => Ok(()),
                };
            }
        };
        self.decoder = Some(self.encoding.new_decoder());
        self.decode()
    }

    fn decode(&mut self) -> Result<()> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        let room =
            decoder.max_utf8_buffer_length_without_replacement(self.raw.len()).unwrap_or(usize::MAX / 4);
        self.decoded.clear();
        self.decoded.resize(room, 0);
        let (result, _, written) =
            decoder.decode_to_utf8_without_replacement(&self.raw, &mut self.decoded, self.ended);
        self.decoded.truncate(written);
        self.lines += lines_in(&self.decoded);
        if let DecoderResult::Malformed(..) = result {
            return Err(self.bad_encoding(self.lines + 1, "Set read.encoding to the file's own".to_owned()));
        }
        Ok(())
    }

    fn bad_encoding(&self, line: u64, hint: String) -> IoError {
        IoError::BadEncoding { path: self.path.clone(), line, encoding: self.encoding().to_owned(), hint }
    }
}
