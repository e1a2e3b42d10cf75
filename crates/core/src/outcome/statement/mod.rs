//! The reconciliation statement: from the closing balance of the left source to that of the right one, line by line,
//! per cell, with a proof.
//!
//! It is made of the tie-out and of balances that somebody read off the sources. What these don't explain is the
//! proof: a result that is said loudly, never an error. `docs/spec/outcome.md` states the identity.

mod balances;
mod lines;
mod table;
mod text;

pub use balances::Balances;
pub use lines::{CellStatement, Statement, StatementKind, StatementLine};

use super::Outcome;
use super::cells::CellKey;
use super::gather::BothSides;
use crate::error::Result;
use crate::plan::Side;
use arrow_array::RecordBatch;
use arrow_buffer::i256;

impl Outcome {
    /// Takes balances and makes the statement of every cell.
    ///
    /// # Errors
    /// `total_too_large` where a sum passes the 38 digits of an Arrow decimal.
    pub fn with_balances(mut self, balances: &Balances) -> Result<Self> {
        let statement = Statement::of(&self.plan, &self.tie_out, balances, &self.in_place_of_items());
        statement.check_size()?;
        self.statement = Some(statement);
        Ok(self)
    }

    /// The statement as data; none where no balances were given.
    #[must_use]
    pub fn statement(&self) -> Option<&Statement> {
        self.statement.as_ref()
    }

    /// The statement as a text of at most `width` columns (at least 60) that a person reads: per cell the balances,
    /// the items open on each side, oldest first, the differences inside groups, and the proof. `None` where no balances
    /// were given.
    ///
    /// At most 1,000 cells and 20 items per cell and side are shown; the others are counted.
    #[must_use]
    pub fn statement_text(&self, width: usize) -> Option<String> {
        self.statement.as_ref().map(|statement| text::render(self, statement, width))
    }

    /// One row per cell: balances, movements and proofs. Empty where no balances were given.
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn balances_table(&self) -> Result<RecordBatch> {
        table::balances(&self.statement_or_empty())
    }

    /// One row per cell and line of the statement. Empty where no balances were given.
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn statement_table(&self) -> Result<RecordBatch> {
        table::statement(&self.statement_or_empty())
    }

    /// Amounts of own records that took the place of an open item, by cell: the opening balances hold them already.
    fn in_place_of_items(&self) -> Vec<(&CellKey, Side, i256)> {
        let amounts = BothSides::of(&self.columns, self.plan.tie_out.amount);
        let of_side = |side: Side| {
            self.columns.side(side).in_place_of_items().filter_map(move |row| {
                let cell = self.cells.keys.get(self.cells.of(side, row) as usize)?;
                Some((cell, side, i256::from_i128(amounts.amount(side, row)?)))
            })
        };
        Side::BOTH.into_iter().flat_map(of_side).collect()
    }

    fn statement_or_empty(&self) -> std::borrow::Cow<'_, Statement> {
        self.statement.as_ref().map_or_else(
            || std::borrow::Cow::Owned(Statement::empty(&self.plan, self.columns.scale)),
            std::borrow::Cow::Borrowed,
        )
    }
}

/// The name of a cell's column beside the fixed ones of a table.
fn cell_column(field: &str, fixed: &[&str]) -> String {
    if fixed.contains(&field) { format!("cell_{field}") } else { field.to_owned() }
}
