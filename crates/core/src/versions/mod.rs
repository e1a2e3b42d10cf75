//! Two versions of a table: which rows stand on one side only, which cells differ, and by how much.
//!
//! Rows are brought together by a key, with the engine's own exact pass. Rows whose key repeats are paired by what
//! they hold: equal ones first, the rest by the optimal assignment over their differing cells. Two equal tables never
//! differ, whatever their duplicates and their order. The rules are `docs/guide/compare.md`.
//!
//! ```
//! use arrow_array::record_batch;
//! use recon378_core::versions::{CompareOptions, compare};
//! use recon378_core::Control;
//!
//! let before = record_batch!(("id", Int64, [1, 2, 3]), ("name", Utf8, ["Ann", "Bob", "Cid"]))?;
//! let after = record_batch!(("id", Int64, [3, 2, 4]), ("name", Utf8, ["Cid", "Rob", "Dan"]))?;
//! let options = CompareOptions { key: vec!["id".to_owned()], ..CompareOptions::default() };
//! let found = compare(&[before], &[after], &options, &Control::default()).unwrap();
//! assert!(!found.summary().equal);
//! assert_eq!((found.summary().only_left, found.summary().only_right, found.summary().changed_rows), (1, 1, 1));
//! # Ok::<(), arrow_schema::ArrowError>(())
//! ```

mod cells;
mod classes;
mod columns;
mod equal;
mod hint;
mod otherwise;
mod report;
mod rows;
mod summary;
mod table;
#[cfg(test)]
mod tests;

use crate::control::{Control, Stage};
use crate::error::Result;
use arrow_array::RecordBatch;
use serde::Deserialize;
use std::collections::BTreeMap;

pub use report::Comparison;
pub use summary::{ColumnSummary, ComparisonSummary, LargestDifference, OneSided};

/// How two tables are compared. Columns go by the names of the left table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CompareOptions {
    /// The columns that bring rows together. Without one, the error names columns that would do.
    pub key: Vec<String>,
    /// The columns that are compared. Default: all that both tables have, by name or by `renamed`.
    pub columns: Vec<String>,
    /// Columns that are left out of it, of both tables or of one.
    pub ignored: Vec<String>,
    /// The right table's name of a column, where it has another one.
    pub renamed: BTreeMap<String, String>,
    /// Per column the tolerance, inclusive: `"0.01"`, or percent of the larger value, `"0.5%"`. Default: none.
    pub within: BTreeMap<String, String>,
    /// Per column what nulls are equal to. Default: nulls.
    pub nulls: BTreeMap<String, NullPolicy>,
    /// Rows of one key on a side up to which unequal ones are paired by assignment. Beyond, they are paired in sorted
    /// order, and the key is counted as `limited`. Default 64.
    pub rivals_max: u32,
    /// What the summary and the errors call the two tables. Default: left and right.
    pub names: [String; 2],
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self {
            key: Vec::new(),
            columns: Vec::new(),
            ignored: Vec::new(),
            renamed: BTreeMap::new(),
            within: BTreeMap::new(),
            nulls: BTreeMap::new(),
            rivals_max: 64,
            names: ["left".to_owned(), "right".to_owned()],
        }
    }
}

/// What a null is equal to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NullPolicy {
    /// A null.
    #[default]
    Equal,
    /// A null, and empty text.
    Empty,
    /// Nothing.
    Differ,
}

/// Compares two versions of a table. Each side is one batch or several with the same columns; rows are numbered
/// through them.
///
/// Cost: one join of the keys; then each compared column is read once, a cell of each side for every pair of rows. Held
/// beside the tables: about 40 bytes a row while keys are joined and 16 while cells are compared, a column of each side
/// where it has another type on the other side, and the differing cells as text.
///
/// # Errors
/// Columns that aren't there, a key that is missing (with columns that would do), a tolerance that is none, types
/// that can't be compared; cancellation, a memory limit that was reached.
pub fn compare(
    left: &[RecordBatch],
    right: &[RecordBatch],
    options: &CompareOptions,
    control: &Control,
) -> Result<Comparison> {
    let [one, other] = &options.names;
    let tables = [table::Table::new(one, left)?, table::Table::new(other, right)?];
    let layout = columns::Layout::new(&tables, options)?;
    let paired = rows::pair(&layout, &tables, options, control)?;
    let pairs = paired.pairs.len() as u64 * 8;
    let _held = control.memory.reserve(pairs, "the pairs of rows")?;
    let found =
        control.stage(Stage::Cells, || cells::differences(&layout, &tables, &paired.pairs, control))?;
    control.stage(Stage::Outcome, || report::report(&layout, &tables, &paired, &found, control))
}
