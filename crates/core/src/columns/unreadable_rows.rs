//! Rows whose cells their reader couldn't tell apart: records that are there and say nothing.

use super::model::{Issue, Row, SideColumns};
use super::source::shorten;
use crate::error::{Error, Result};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};

/// A row that its reader couldn't cut into the cells that the columns ask for. Its cells are null or empty in every
/// column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableRow {
    /// The record: its position in the batches of its side.
    pub row: Row,
    /// The row as it was given.
    pub value: String,
    /// What is wrong with it.
    pub problem: String,
}

impl SideColumns {
    /// Whether no cell of a record can be read.
    #[must_use]
    pub fn is_unreadable_row(&self, row: Row) -> bool {
        self.unreadable_rows.binary_search(&row).is_ok()
    }

    /// Takes these records out of every pass: each becomes a break `unreadable` and an issue without a field; the first
    /// `issues_max` are listed, and of the others no more than the row is asked for. `where` doesn't leave them out, for they would vanish for being written badly.
    ///
    /// # Errors
    /// [`Error::Internal`] for a row that the side doesn't have.
    pub fn mark_unreadable(&mut self, rows: Vec<UnreadableRow>, issues_max: u32) -> Result<()> {
        let Some(beyond) = rows.iter().find(|row| row.row >= self.rows).map(|row| row.row) else {
            self.unreadable_rows.extend(rows.iter().map(|row| row.row));
            self.unreadable_rows.sort_unstable();
            let positions: Vec<usize> = rows.iter().map(|row| row.row as usize).collect();
            self.unreadable = with(self.unreadable.as_ref(), self.rows, &positions, true);
            self.excluded = with(self.excluded.as_ref(), self.rows, &positions, false);
            let listed = rows.into_iter().take(issues_max as usize);
            self.issues.extend(listed.map(|row| Issue {
                row: row.row,
                field: None,
                value: shorten(&row.value),
                problem: row.problem,
            }));
            self.issues.sort_by_key(|issue| (issue.row, issue.field));
            return Ok(());
        };
        Err(Error::Internal(format!("row {beyond} is unreadable, the source has {}", self.rows)))
    }
}

/// The bits with those at `positions` set to `to`; `None` where none is set.
fn with(bits: Option<&BooleanBuffer>, rows: Row, positions: &[usize], to: bool) -> Option<BooleanBuffer> {
    if bits.is_none() && (positions.is_empty() || !to) {
        return None;
    }
    let mut builder = BooleanBufferBuilder::new(rows as usize);
    match bits {
        Some(bits) => builder.append_buffer(bits),
        None => builder.append_n(rows as usize, false),
    }
    for &position in positions {
        builder.set_bit(position, to);
    }
    Some(builder.finish()).filter(BooleanBuffer::has_true)
}
