//! CSV in and out. Every cell is read as text, exactly as it is written.

mod detect;
mod read;
mod write;

pub(crate) use read::CsvReader;
pub(crate) use write::{write_header, write_rows};
