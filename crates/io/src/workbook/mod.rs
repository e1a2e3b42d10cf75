//! Workbooks in and out.

mod read;
mod write;

pub(crate) use read::{Format, WorkbookReader};
pub(crate) use write::WorkbookWriter;
