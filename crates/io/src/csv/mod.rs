//! CSV in and out. Every cell is read as text, exactly as it is written.

pub(crate) mod detect;
mod read;
mod write;

pub use read::BadRow;
pub(crate) use read::CsvReader;
pub(crate) use write::{unguarded, write_header, write_rows};
