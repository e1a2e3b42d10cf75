//! What a run found, as Arrow tables, totals that tie out, and figures a person reads.
//!
//! An [`Outcome`] keeps what the passes found in compact form, and checks the promises "complete" and "tied out"
//! before it exists. Tables are made when they are asked for. `docs/spec/outcome.md` documents every column.

mod causes;
mod cells;
mod charges;
mod check;
mod differences;
mod digest;
mod found;
mod gather;
mod group;
mod ledger;
pub mod manifest;
mod open_bundles;
mod parted;
mod statement;
mod summary;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod tie_out;

pub use crate::breaks::systematic::{SystematicDifference, SystematicExample};
pub use causes::{Cause, CauseName};
pub use digest::DIGEST_VERSION;
pub use found::*;
pub use group::{Group, Groups, Verdict};
pub use manifest::Manifest;
pub use statement::{Balances, CellStatement, Statement, StatementKind, StatementLine};
pub use summary::*;
pub use tables::Batches;
pub use tie_out::{CellProof, Line, LineName, Section, TieOut, TieOutLine};

pub(crate) use gather::{cell_text, iso_date, write_cell};
pub(crate) use summary::{json, money as money_text};
pub(crate) use tables::group_id;
pub(crate) use text::{cell_name, grouped};

use crate::breaks::formula::Formula;
use crate::columns::Columns;
use crate::compare::Comparison;
use crate::error::Result;
use crate::plan::{Plan, Side};
use crate::resolve::alternatives::Alternative;
use arrow_array::RecordBatch;
use cells::Cells;
use charges::Charges;
use open_bundles::OpenBundles;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Names of the tables, in the order in which they are written and hashed.
pub const TABLES: &[&str] = &[
    "groups",
    "members",
    "pairs",
    "breaks",
    "differences",
    "issues",
    "tie_out",
    "causes",
    "alternatives",
    "decisions",
    "open_items",
    "adjustments",
    "balances",
    "statement",
];

/// Version of the tables' columns, of the summary and of the manifest. It grows with every change of them.
pub const SCHEMA_VERSION: u32 = 1;

/// What a run found. An outcome that exists is complete and tied out.
#[derive(Clone)]
pub struct Outcome {
    plan: Arc<Plan>,
    columns: Arc<Columns>,
    /// The columns as the passes saw them: without what is left of records that groups take in part.
    asked: Arc<Columns>,
    /// Pairs and groups in the order of their group ids, breaks in that of their rows.
    found: Found,
    /// What is compared inside groups, bound to the columns.
    compared: Vec<Comparison>,
    /// Where each of the found groups stands among pairs and groups together, ascending.
    group_places: Vec<usize>,
    cells: Cells,
    /// What passes keep back of amounts.
    charges: Charges,
    tie_out: TieOut,
    /// Cells by currency, made when a table wants them.
    currencies: OnceLock<Cells>,
    /// Other candidates of pairs, looked for when they are wanted.
    alternatives: OnceLock<Result<Vec<Alternative>>>,
    /// Records to carry forward, listed when a table wants them.
    open_items: OnceLock<Vec<tables::OpenItem>>,
    /// Made when balances are given.
    statement: Option<Statement>,
    /// Causes of every cell's difference, made when the table or the summary wants them.
    causes: OnceLock<Vec<Cause>>,
    /// What differing pairs agree on, looked for when causes or adjustments want it.
    formulas: OnceLock<Vec<Formula>>,
    /// What open records come to where a pass takes records as one, by pass; made when a shortfall is asked for.
    bundles: OnceLock<Vec<Option<OpenBundles>>>,
    /// Files of the sources in the order of their rows; empty where the caller named none.
    files: [Vec<FileRows>; 2],
}

/// A file that records of a source came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileRows {
    /// Its path, as the caller names it.
    pub path: String,
    /// Records read from it.
    pub rows: u64,
    /// Its lines that are no records.
    pub left_out: LeftOutLines,
}

/// Lines of a text file that are no records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftOutLines {
    /// Before the line that names the columns.
    pub before_header: u64,
    /// Equal to the line that names the columns, further down.
    pub repeated_header: u64,
    /// At the end, as the spec says.
    pub footer: u64,
}

impl LeftOutLines {
    /// The counts by their names.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 3] {
        [
            ("before_header", self.before_header),
            ("repeated_header", self.repeated_header),
            ("footer", self.footer),
        ]
    }
}

impl Outcome {
    /// Takes what the passes found and checks that every record is accounted for exactly once and that every
    /// cell ties out.
    ///
    /// Cost: a few nanoseconds per record, on the current rayon pool. One to four bytes per record are kept.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::Error::Internal) where a promise doesn't hold; `total_too_large`
    /// where a total passes the 38 digits of an Arrow decimal.
    pub fn new(plan: Arc<Plan>, columns: Arc<Columns>, mut found: Found) -> Result<Self> {
        let asked = Arc::clone(&columns);
        let columns = if found.parts.is_empty() {
            columns
        } else {
            Arc::new(parted::split(&plan, &columns, &mut found)?)
        };
        check::complete(&plan, &columns, &found)?;
        check::amounts_fit(&columns)?;
        check::groups_fit(&plan, &columns, &found)?;
        let compared = differences::bind(&plan, &columns)?;
        let group_places = tables::sort(&columns, &mut found);
        let cells = Cells::read(&columns, &plan.tie_out.by);
        let charges = Charges::of(&plan, &columns)?;
        let tie_out = ledger::tie_out(&plan, &columns, &found, (&cells, &charges));
        tie_out.check()?;
        let field = plan.tie_out.amount.and_then(|amount| plan.fields.get(amount));
        tie_out.check_size(&plan.names, field.map_or("", |field| &field.name))?;
        Ok(Self {
            plan,
            columns,
            asked,
            found,
            compared,
            group_places,
            cells,
            charges,
            tie_out,
            currencies: OnceLock::new(),
            alternatives: OnceLock::new(),
            open_items: OnceLock::new(),
            statement: None,
            causes: OnceLock::new(),
            formulas: OnceLock::new(),
            bundles: OnceLock::new(),
            files: [Vec::new(), Vec::new()],
        })
    }

    /// Says which files the sources came from: left and right, in the order of their rows. `issues` then names the
    /// file of each record. Nothing else depends on it, the digest neither.
    #[must_use]
    pub fn with_files(mut self, files: [Vec<FileRows>; 2]) -> Self {
        self.files = files;
        self
    }

    /// A table by its name in [`TABLES`].
    ///
    /// # Errors
    /// [`Error::Call`](crate::Error::Call) with the code `unknown_table` and the nearest name; else as the table's own method.
    pub fn table(&self, name: &str) -> Result<RecordBatch> {
        self.batches(name, usize::MAX)?.next().unwrap_or_else(|| self.empty(name))
    }

    /// One row per group, in the order of `group_id`.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::Error::Internal) where Arrow refuses the columns.
    pub fn groups(&self) -> Result<RecordBatch> {
        self.groups_between(0..self.groups_count())
    }

    /// One row per record in a group, in the order of (`group_id`, `side`, `row`).
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn members(&self) -> Result<RecordBatch> {
        self.members_between(0..self.groups_count())
    }

    /// One row per `1:1` group in wide form, with the carried fields, in the order of `group_id`.
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn pairs(&self) -> Result<RecordBatch> {
        self.pairs_of(&self.found.pairs)
    }

    /// One row per open record, left ones first, in the order of their rows.
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn breaks(&self) -> Result<RecordBatch> {
        self.breaks_between(0..self.open())
    }

    /// One row per compared field whose values disagree inside a group, in the order of `group_id`.
    ///
    /// Cost: one look at every pair and compared field.
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn differences(&self) -> Result<RecordBatch> {
        self.differences_between(0..self.groups_count())
    }

    /// One row per unreadable cell, in the order of (side, `row`, field).
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn issues(&self) -> Result<RecordBatch> {
        self.issues_table()
    }

    /// The identity that explains the totals, per cell.
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn tie_out(&self) -> Result<RecordBatch> {
        self.tie_out.to_batch()
    }

    /// Who else could have taken a place: one row per other candidate of a `1:1` or `same_side` group that is
    /// ambiguous or proposed, best first, at most [`ALTERNATIVES_MAX`](crate::limits::ALTERNATIVES_MAX) of a group.
    ///
    /// Cost: looked for when it is first asked for, in the blocks of such groups; then kept.
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn alternatives(&self) -> Result<RecordBatch> {
        self.alternatives_table()
    }

    /// One row per record that a decision names, in the order they were given: whether it was applied, and why not.
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn decisions(&self) -> Result<RecordBatch> {
        self.decisions_table()
    }

    /// One row per record that the next run begins with: open ones, and members of proposed groups. Left ones first,
    /// in the order of their rows.
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn open_items(&self) -> Result<RecordBatch> {
        self.open_items_of(self.open_list())
    }

    /// One row per matched group whose amounts differ: the line that would post the difference, in the order of
    /// `group_id`.
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn adjustments(&self) -> Result<RecordBatch> {
        self.adjustments_between(0..self.groups_count())
    }

    /// The tie-out as data.
    #[must_use]
    pub fn proof(&self) -> &TieOut {
        &self.tie_out
    }

    /// The causes of every cell's difference as data, by cell, the largest of a cell first. None where no amount is
    /// tied out.
    ///
    /// Cost: one look at every pair and break, the first time.
    #[must_use]
    pub fn all_causes(&self) -> &[Cause] {
        self.causes.get_or_init(|| {
            causes::causes(
                &self.plan,
                &self.columns,
                &self.found,
                (&self.cells, &self.charges, self.formulas()),
            )
        })
    }

    /// The fees, rates and factors that several pairs agree on.
    fn formulas(&self) -> &[Formula] {
        self.formulas.get_or_init(|| {
            causes::formulas(&self.plan, &self.columns, &self.found, (&self.cells, &self.charges))
        })
    }

    /// The pairs in compact form, in the order of `groups`. Row numbers are those of the prepared columns.
    #[must_use]
    pub fn pairs_rows(&self) -> &[Pair] {
        &self.found.pairs
    }

    /// The groups of more than two records in compact form, in the order of `groups`.
    #[must_use]
    pub fn groups_rows(&self) -> &Groups {
        &self.found.groups
    }

    /// The open records of a side in compact form, in the order of `breaks`.
    #[must_use]
    pub fn breaks_of(&self, side: Side) -> &[Break] {
        &self.found.breaks[side.index()]
    }

    /// All that the passes found.
    #[must_use]
    pub fn found(&self) -> &Found {
        &self.found
    }

    /// The plan that was run.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The prepared columns.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Counts, amounts and rates; work done and limits reached.
    ///
    /// Cost: one look at every pair and break.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(self)
    }

    /// A hash of the logical values of all tables: equal outcomes have equal digests, whatever the encoding,
    /// batches, threads or platform. `docs/spec/outcome.md` defines it. Tables are built in slices: the memory
    /// it takes doesn't grow with the outcome.
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub fn digest(&self) -> Result<String> {
        digest::outcome(self)
    }

    /// Pairs and groups.
    fn groups_count(&self) -> usize {
        self.found.pairs.len() + self.found.groups.len()
    }

    /// The files of a side, in the order of their rows; none where the caller named none.
    pub(crate) fn files(&self, side: Side) -> &[FileRows] {
        &self.files[side.index()]
    }

    /// The prepared columns as the passes saw them: [`columns`](Self::columns) without what is left of records that groups
    /// take in part.
    #[must_use]
    pub fn asked(&self) -> &Columns {
        &self.asked
    }

    /// The open records as a pass takes them as one, where it does.
    fn open_bundles(&self, pass: u16) -> Option<&OpenBundles> {
        let all = self.bundles.get_or_init(|| OpenBundles::all(&self.plan, &self.asked, &self.found));
        all.get(usize::from(pass))?.as_ref()
    }

    fn open(&self) -> usize {
        self.found.breaks.iter().map(Vec::len).sum()
    }
}

impl fmt::Display for Outcome {
    /// One line: `412 matched, 3 proposed, 7 open; EUR tied out`. Groups are counted, and open records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let statuses = self.found.pairs.iter().map(|pair| pair.status);
        let statuses = statuses.chain(self.found.groups.iter().map(|group| group.verdict.status));
        let proposed = statuses.filter(|status| *status == crate::spec::Status::Proposed).count();
        let [matched, proposed, open] = [self.groups_count() - proposed, proposed, self.open()].map(grouped);
        write!(f, "{matched} matched, {proposed} proposed, {open} open; ")?;
        match self.cells.keys.as_slice() {
            [] => f.write_str("nothing to tie out"),
            [key] if key.is_empty() => f.write_str("tied out"),
            keys if keys.len() <= 3 => {
                let names: Vec<String> = keys.iter().map(|key| cell_name(key)).collect();
                write!(f, "{} tied out", names.join(", "))
            }
            keys => write!(f, "{} cells tied out", grouped(keys.len())),
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outcome({self})")
    }
}
