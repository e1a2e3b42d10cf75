//! Two outcomes beside each other: which groups appear, vanish and change, which records open and close, and what
//! that does to the totals. It is the plan before a rule is changed: the same records under the old and the new spec.
//!
//! It works on the tables of an outcome alone, so that outcomes in memory and outcomes in files are compared by the
//! same code, and nothing is run again. The rules and every column are `docs/spec/diff.md`.
//!
//! A group is its records, never its id or its pass: that is what makes "the same match, found by another rule" a
//! change and not a loss and a gain.

mod columns;
mod money;
mod names;
mod records;
mod relate;
mod report;
mod snapshot;
mod summary;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod tie_out;

use crate::control::Cancel;
use crate::error::{Error, Mistake, Result};
use crate::outcome::manifest::SourceRecord;
use crate::outcome::{Manifest, Outcome};
use crate::spec::nearest_name;
use arrow_array::RecordBatch;

pub use summary::*;

/// Names of the tables of an outcome that a diff reads.
pub const TABLES_READ: [&str; 4] = ["groups", "members", "breaks", "tie_out"];

/// Version of a diff's tables and summary. It grows with every change of them.
pub const SCHEMA_VERSION: u32 = 1;

/// An outcome as a diff reads it: four of its tables, and what is known of its sources.
#[derive(Debug, Clone)]
pub struct OutcomeTables {
    /// What messages call it: a folder, `old`, `new`.
    pub name: String,
    /// The batches of each table of [`TABLES_READ`], in order. A table without batches has no rows. Types are those of
    /// the outcome, or all of them text, as text formats have them.
    pub tables: [Vec<RecordBatch>; 4],
    /// Left, right.
    pub sources: [SourceFacts; 2],
}

/// What is known of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceFacts {
    /// Its user-facing name.
    pub name: String,
    /// Records read, and open items that were carried in behind them.
    pub records: u64,
    /// The hash of its content, where the run was asked for it.
    pub content_hash: Option<String>,
}

impl OutcomeTables {
    /// The tables of an outcome. `name` is what messages call it.
    ///
    /// Cost: the four tables are made.
    ///
    /// # Errors
    /// As [`Outcome::table`].
    pub fn of(outcome: &Outcome, name: impl Into<String>) -> Result<Self> {
        let table = |at: usize| Ok::<_, Error>(vec![outcome.table(TABLES_READ[at])?]);
        let source = |source: SourceRecord| SourceFacts {
            name: source.name,
            records: source.rows + source.carried,
            content_hash: source.content_hash,
        };
        let mut sources = Manifest::new(outcome, "").sources.into_iter().map(source);
        let mut next = || sources.next().unwrap_or_default();
        Ok(Self {
            name: name.into(),
            tables: [table(0)?, table(1)?, table(2)?, table(3)?],
            sources: [next(), next()],
        })
    }
}

/// What differs between two outcomes, `old` and `new`.
///
/// Cost: the tables of both are made, then every member and every open record is looked at a few times; about 250 bytes
/// per record are held meanwhile.
///
/// # Errors
/// As [`Outcome::table`]; `total_too_large` where a change has more than 38 digits.
pub fn diff(old: &Outcome, new: &Outcome) -> Result<Diff> {
    let tables = [OutcomeTables::of(old, "old")?, OutcomeTables::of(new, "new")?];
    diff_tables(&tables[0], &tables[1], &Cancel::new())
}

/// [`diff`] of outcomes whose tables are at hand: read from files, or received.
///
/// # Errors
/// `damaged_result`, with the table and the column, where tables are not as an outcome's are; `total_too_large`;
/// cancellation.
pub fn diff_tables(old: &OutcomeTables, new: &OutcomeTables, cancel: &Cancel) -> Result<Diff> {
    report::diff([old, new], cancel)
}

/// What differs between two outcomes.
#[derive(Debug, Clone)]
pub struct Diff {
    pub(super) groups: RecordBatch,
    pub(super) records: RecordBatch,
    pub(super) tie_out: RecordBatch,
    pub(super) summary: DiffSummary,
}

impl Diff {
    /// Names of the tables.
    pub const TABLES: [&'static str; 3] = ["groups", "records", "tie_out"];

    /// One row per group that changed, vanished or appeared; groups that are the same in both are counted only.
    #[must_use]
    pub fn groups(&self) -> &RecordBatch {
        &self.groups
    }

    /// One row per record that is grouped, open or excluded otherwise than before.
    #[must_use]
    pub fn records(&self) -> &RecordBatch {
        &self.records
    }

    /// One row per cell and term of the tie-out: before, after, and the change.
    #[must_use]
    pub fn tie_out(&self) -> &RecordBatch {
        &self.tie_out
    }

    /// A table by its name.
    ///
    /// # Errors
    /// `unknown_table`, with the nearest name.
    pub fn table(&self, name: &str) -> Result<&RecordBatch> {
        match name {
            "groups" => Ok(&self.groups),
            "records" => Ok(&self.records),
            "tie_out" => Ok(&self.tie_out),
            other => {
                let nearest = nearest_name(other, Self::TABLES).map(str::to_owned);
                let expected = format!("one of {}", Self::TABLES.join(", "));
                let mistake = Mistake::new("unknown_table", "table", format!("\"{other}\""), expected);
                Err(Error::call(mistake.nearest(nearest)))
            }
        }
    }

    /// The figures.
    #[must_use]
    pub fn summary(&self) -> &DiffSummary {
        &self.summary
    }
}
