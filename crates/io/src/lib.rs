//! Files to Arrow and back: readers and writers side by side, so that what one writes the other reads.
//!
//! Two things must never happen here. No value is inferred: a cell of a CSV file is the text that stands there,
//! and only the engine, which knows the spec, makes an amount or a date of it. And nothing is dropped in
//! silence: a row with a cell too many, a byte that is no character, a quote that never closes are errors that
//! name the file and the line.

mod columnar;
pub mod csv;
mod error;
mod folder;
mod format;
mod ipc;
mod ipc_lengths;
mod json;
mod listed;
mod ndjson;
mod packed;
mod read;
mod result;
mod spool;
#[cfg(test)]
mod tests;
mod text;
mod workbook;

pub use csv::BadRow;
pub use error::{IoError, Result};
pub use folder::{
    Attachment, MANIFEST, ResultKind, Table, check_folder, read_text, write_file, write_result,
    write_with_summary,
};
pub use format::Format;
pub use ipc::{read_ipc, write_ipc};
pub use listed::check_there;
pub use read::{Reader, open, open_written, read};
pub use result::{ResultFolder, read_outcome, table_of};
pub use spool::{Spooled, spool};
