//! The formats of files, told by their endings.

use crate::error::IoError;
use crate::workbook;
use std::path::Path;
use std::str::FromStr;

/// A format that tables are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// Parquet, compressed with zstd. Keeps all types.
    #[default]
    Parquet,
    /// CSV with a header, quoted as RFC 4180 says, lines ended by `\n`, UTF-8. Null is an empty cell, an empty
    /// text is `""`. Amounts are exact decimals. A text that a spreadsheet would take for a formula has an apostrophe in
    /// front, which comes off where recon378 reads the file again.
    Csv,
    /// A JSON object per line. Amounts are strings, so that no reader makes floats of them.
    Ndjson,
    /// An Arrow IPC file, uncompressed: apache-arrow JS can't read compressed ones.
    Arrow,
    /// One XLSX workbook for people, a sheet per table. Amounts and days are numbers that look like them; what a double
    /// doesn't hold exactly is text. It isn't read back as a result.
    Xlsx,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Parquet, Self::Csv, Self::Ndjson, Self::Arrow, Self::Xlsx];

    /// Its name, which is also the ending of its files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Arrow => "arrow",
            Self::Xlsx => "xlsx",
        }
    }
}

impl FromStr for Format {
    type Err = IoError;

    fn from_str(given: &str) -> Result<Self, IoError> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == given)
            .ok_or_else(|| IoError::UnknownFormat { given: given.to_owned() })
    }
}

/// A format that sources are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    Csv,
    Json,
    Parquet,
    Ipc,
    Workbook(workbook::Format),
}

impl Input {
    /// The format that a file's ending names.
    pub(crate) fn of(path: &Path) -> Result<Self, IoError> {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("csv" | "tsv" | "psv" | "txt") => Ok(Self::Csv),
            Some("json" | "ndjson" | "jsonl") => Ok(Self::Json),
            Some("xlsx" | "xlsm") => Ok(Self::Workbook(workbook::Format::Xlsx)),
            Some("xlsb") => Ok(Self::Workbook(workbook::Format::Xlsb)),
            Some("xls") => Ok(Self::Workbook(workbook::Format::Xls)),
            Some("ods") => Ok(Self::Workbook(workbook::Format::Ods)),
            Some("parquet" | "pq") => Ok(Self::Parquet),
            Some("arrow" | "arrows" | "feather" | "ipc") => Ok(Self::Ipc),
            _ => Err(IoError::UnsupportedFormat { path: path.to_owned() }),
        }
    }
}
