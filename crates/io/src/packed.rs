//! Files that are packed: gzip and zstd streams, and zip archives of one file.
//!
//! A few kilobytes can unpack into what no machine holds. So what comes out is bounded by what went in, and a file that
//! claims more is refused before it is read to its end.

use crate::error::{IoError, Result};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes that any file may unpack into.
const UNPACKED_FREE_BYTES: u64 = 256 << 20;
/// Bytes that each packed byte may become beyond that.
const UNPACKED_PER_BYTE: u64 = 200;
/// Bytes that are unpacked to tell what a packed stream holds.
pub(crate) const BOUNDED_HEAD: u64 = 4 * 1024;
/// Files of an archive that a message names.
const NAMES_TOLD: usize = 5;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstd,
    Zip,
}

/// What a file holds.
pub(crate) struct Content {
    /// The name that tells its format: without the ending of the packing, or that of the file in the archive.
    pub(crate) name: PathBuf,
    /// Its bytes, unpacked.
    pub(crate) bytes: Bytes,
}

/// Bytes to be read once, or as often as one likes.
pub(crate) enum Bytes {
    File(File),
    Stream(Box<dyn Read + Send>),
}

impl Packing {
    fn of(path: &Path) -> Option<Self> {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("gz" | "gzip") => Some(Self::Gzip),
            Some("zst" | "zstd") => Some(Self::Zstd),
            Some("zip") => Some(Self::Zip),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Zip => "zip",
        }
    }
}

/// What so many packed bytes may unpack into.
pub(crate) fn unpacked_max(packed: u64) -> u64 {
    UNPACKED_FREE_BYTES.max(packed.saturating_mul(UNPACKED_PER_BYTE))
}

/// Opens a file that is there and is no folder.
pub(crate) fn open(path: &Path) -> Result<Content> {
    let system = |error| IoError::system(path, error);
    let file = File::open(path).map_err(system)?;
    let Some(packing) = Packing::of(path) else {
        return Ok(Content { name: path.to_owned(), bytes: Bytes::File(file) });
    };
    let packed = file.metadata().map_err(system)?.len();
    let most = unpacked_max(packed);
    let stream = |inner: Box<dyn Read + Send>| {
        Bytes::Stream(Box::new(Bounded { inner, format: packing.name(), left: most, most }))
    };
    let bytes = match packing {
        Packing::Gzip => stream(Box::new(MultiGzDecoder::new(BufReader::new(file)))),
        Packing::Zstd => stream(Box::new(zstd::stream::read::Decoder::new(file).map_err(system)?)),
        Packing::Zip => return only_file(path, file, most),
    };
    Ok(Content { name: path.with_extension(""), bytes })
}

/// A file's name without the ending of its packing; an archive's own name tells nothing.
pub(crate) fn plain_name(path: &Path) -> PathBuf {
    if Packing::of(path).is_some() { path.with_extension("") } else { path.to_owned() }
}

/// Whether a file is an archive, whose name tells nothing of what it holds.
pub(crate) fn is_archive(path: &Path) -> bool {
    Packing::of(path) == Some(Packing::Zip)
}

impl Bytes {
    /// The bytes as a file: a stream is unpacked into one that has no name and goes when it is closed.
    pub(crate) fn into_file(self, path: &Path) -> Result<File> {
        match self {
            Self::File(file) => Ok(file),
            Self::Stream(stream) => spooled(path, stream),
        }
    }

    /// The bytes from their beginning.
    pub(crate) fn into_stream(self) -> Box<dyn Read + Send> {
        match self {
            Self::File(file) => Box::new(file),
            Self::Stream(stream) => stream,
        }
    }
}

fn spooled(path: &Path, mut stream: impl Read) -> Result<File> {
    let system = |error| IoError::system(path, error);
    let mut file = tempfile::tempfile().map_err(system)?;
    std::io::copy(&mut stream, &mut file).map_err(system)?;
    file.seek(SeekFrom::Start(0)).map_err(system)?;
    Ok(file)
}

/// The one file of an archive, unpacked.
fn only_file(path: &Path, file: File, most: u64) -> Result<Content> {
    let corrupt = |error: zip::result::ZipError| IoError::CorruptFile {
        path: path.to_owned(),
        format: "zip",
        problem: error.to_string(),
    };
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(corrupt)?;
    let mut found: Vec<(usize, String)> = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(corrupt)?;
        let name = entry.name().map_err(corrupt)?.into_owned();
        // What macOS packs beside a file describes the file.
        if !entry.is_dir() && !name.starts_with("__MACOSX/") && !name.ends_with(".DS_Store") {
            found.push((index, name));
        }
    }
    let [(index, name)] = found.as_slice() else {
        let names = found.iter().take(NAMES_TOLD).map(|(_, name)| name.clone()).collect();
        return Err(IoError::NotOneFile { path: path.to_owned(), count: found.len(), names });
    };
    let entry = archive.by_index(*index).map_err(corrupt)?;
    let bounded = Bounded { inner: entry, format: "zip", left: most, most };
    Ok(Content { name: PathBuf::from(name), bytes: Bytes::File(spooled(path, bounded)?) })
}

/// Why unpacking stopped; travels inside an [`std::io::Error`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unpacking {
    #[error("it unpacks into more than {0} bytes")]
    TooMuch(u64),
    #[error("{problem}")]
    Damaged { format: &'static str, problem: String },
}

/// What a packed file holds, as far as it is plausible.
struct Bounded<R> {
    inner: R,
    format: &'static str,
    left: u64,
    most: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = match self.inner.read(buffer) {
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => {
                let (format, problem) = (self.format, error.to_string());
                return Err(std::io::Error::other(Unpacking::Damaged { format, problem }));
            }
            other => other?,
        };
        self.left = (self.left.checked_sub(read as u64))
            .ok_or_else(|| std::io::Error::other(Unpacking::TooMuch(self.most)))?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;
    use recon378_core::Cancel;
    use recon378_core::spec::ReadSpec;
    use std::io::Write as _;
    use zip::write::SimpleFileOptions;

    const CSV: &[u8] = b"id,amount\nA1,12.50\n";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            out.start_file(*name, SimpleFileOptions::default()).unwrap();
            out.write_all(bytes).unwrap();
        }
        out.finish().unwrap().into_inner()
    }

    fn rows(name: &str, bytes: &[u8]) -> Result<usize> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let batches = read(&[path], &ReadSpec::default(), &Cancel::new())?;
        Ok(batches.iter().map(arrow_array::RecordBatch::num_rows).sum())
    }

    #[test]
    fn packed_files_are_read_as_what_they_hold() {
        let two_parts = [gzip(b"id,amount\nA1,"), gzip(b"12.50\n")].concat();
        let zstd = zstd::stream::encode_all(CSV, 3).unwrap();
        let in_folder = zipped(&[("march/bank.csv", CSV), ("__MACOSX/._bank.csv", b"x")]);
        let json = gzip(b"{\"id\": 1}\n");
        for (name, bytes) in [
            ("bank.csv.gz", gzip(CSV)),
            ("parts.CSV.GZ", two_parts),
            ("bank.csv.zst", zstd),
            ("bank.zip", in_folder),
            ("bank.ndjson.gz", json),
        ] {
            assert_eq!(rows(name, &bytes).unwrap(), 1, "{name}");
        }
    }

    #[test]
    fn archives_of_no_or_several_files_are_refused_by_name() {
        let error = rows("bank.zip", &zipped(&[("a.csv", CSV), ("b.csv", CSV)])).unwrap_err();
        assert_eq!(error.code(), "not_one_file");
        assert!(error.to_string().contains("2 files: \"a.csv\", \"b.csv\""), "{error}");
        assert_eq!(rows("bank.zip", &zipped(&[])).unwrap_err().code(), "not_one_file");
        assert_eq!(rows("bank.zip", &zipped(&[("a.pdf", CSV)])).unwrap_err().code(), "unsupported_format");
    }

    #[test]
    fn damaged_files_say_what_they_were_taken_for() {
        let whole = gzip(&CSV.repeat(1_000));
        for (name, bytes) in [
            ("cut.csv.gz", whole[..whole.len() / 2].to_vec()),
            ("none.csv.gz", CSV.to_vec()),
            ("none.csv.zst", CSV.to_vec()),
            ("none.zip", CSV.to_vec()),
        ] {
            let error = rows(name, &bytes).unwrap_err();
            assert_eq!(error.code(), "corrupt_file", "{name}: {error}");
        }
        assert_eq!(rows("a.csv.rar", CSV).unwrap_err().code(), "unsupported_format");
    }

    #[test]
    fn what_unpacks_into_too_much_is_refused() {
        let bounded = |most: u64| Bounded { inner: &[7_u8; 100][..], format: "gzip", left: most, most };
        assert_eq!(std::io::copy(&mut bounded(100), &mut std::io::sink()).unwrap(), 100);
        let error = std::io::copy(&mut bounded(99), &mut std::io::sink()).unwrap_err();
        let error = IoError::system(Path::new("bomb.csv.gz"), error);
        assert_eq!(error.code(), "unpacks_too_much");
    }
}
