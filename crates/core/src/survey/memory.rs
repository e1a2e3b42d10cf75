//! How much memory a run would take at most, told before it runs.
//!
//! Every term is a bound from above and depends on the records and the spec alone, not on threads: what a host plans
//! by must not be too small on a larger machine. Tables are not part of it: they are made when they are asked for, and
//! written slice by slice.

use crate::bundles::BYTES_EACH as BUNDLED_BYTES;
use crate::candidates::blocks::join_bytes;
use crate::candidates::edges::Candidate;
use crate::columns::{Column, Columns, SideColumns};
use crate::control::Control;
use crate::outcome::{Break, Note, Pair, grouped};
use crate::plan::{PassPlan, Plan, Side, TestPlan};
use crate::resolve::Edge;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// Blocks that are searched at one time, at the most: threads of a large machine.
const BLOCKS_AT_ONCE: u64 = 64;
/// Bytes per class of a block while it is searched and resolved: members, windows, components, prices.
const CLASS_BYTES: u64 = 128;
/// Bytes of a value of many in an index: its number and its holder, where both begin.
const VALUE_BYTES: u64 = 24;
/// Bytes of a record in such an index, were it the only one of its block.
const BLOCK_RECORD_BYTES: u64 = 48;
/// Bytes of a code of a repeated text: two, and two more while codes are made.
const CODE_BYTES: u64 = 4;

/// Bytes that a run holds at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MemoryEstimate {
    /// Records read from files. 0 where tables are handed over: those belong to the host.
    pub read: u64,
    /// Columns made of them. Text and numbers that need no change are shared with the records and add nothing.
    pub columns: u64,
    /// What making the columns takes beside them, given back before the first pass.
    pub preparing: u64,
    /// The largest join of a pass, with the codes of its keys and the records that it takes as one.
    pub joins: u64,
    /// The candidates of the largest blocks: each has at most its records × `rivals_max`, or × those that its limiting
    /// condition leaves.
    pub candidates: u64,
    /// The search for the nearest records, were all open: the records in columns of their own, a join, and hits of texts.
    pub nearest: u64,
    /// Groups, breaks, and what passes note about open records.
    pub found: u64,
    /// What a memory limit counts of it: records read, columns, and the largest of preparing, joins and nearest.
    pub counted: u64,
    /// All of it: records read, columns, and the largest of preparing, what passes take and the search for the nearest.
    pub total: u64,
    /// The memory limit, where one was given.
    pub limit: Option<u64>,
    /// Whether a run stays below the limit for certain: `counted` is no more than it.
    pub fits: Option<bool>,
}

impl MemoryEstimate {
    /// The same estimate held against a limit in bytes.
    #[must_use]
    pub fn held_against(mut self, limit: Option<u64>) -> Self {
        self.limit = limit;
        self.fits = limit.map(|limit| self.counted <= limit);
        self
    }
}

/// What the passes of a survey take, counted as it goes on.
#[derive(Debug, Default)]
pub(super) struct PassBytes {
    joins: u64,
    candidates: u64,
}

impl PassBytes {
    /// Notes a pass between so many records.
    pub(super) fn note(&mut self, rows: [usize; 2], keyed: bool, candidates: &BlockBytes) {
        if keyed {
            self.joins = self.joins.max(join_bytes(rows[0], rows[1]));
        }
        self.candidates = self.candidates.max(candidates.at_once());
    }

    /// The estimate of a run on these columns.
    pub(super) fn estimate(&self, plan: &Plan, columns: &Columns, control: &Control) -> MemoryEstimate {
        let sides = Side::BOTH.map(|side| columns.side(side));
        let held: u64 =
            sides.iter().flat_map(|side| side.memory.iter()).map(crate::control::Reservation::bytes).sum();
        let read = control.memory.held().saturating_sub(held);
        // Texts are held once in pieces and once joined; an amount of two columns comes from two more.
        let preparing = (2 * held).max(control.memory.peak().saturating_sub(read + held));
        let rows = sides.map(|side| side.rows as usize);
        let bundles = bundles(plan, sides, rows);
        let joins = self.joins + codes(plan, sides) + bundles;
        let nearest = nearest(plan, sides, rows) + bundles;
        let found = found(plan, rows);
        let base = read + held;
        MemoryEstimate {
            read,
            columns: held,
            preparing,
            joins,
            candidates: self.candidates,
            nearest,
            found,
            counted: base + preparing.max(joins).max(nearest),
            total: base + preparing.max((joins + self.candidates).max(nearest) + found),
            limit: None,
            fits: None,
        }
    }
}

/// Bytes of the records that the pass with the most takes as one, were each a bundle of its own.
fn bundles(plan: &Plan, sides: [&SideColumns; 2], rows: [usize; 2]) -> u64 {
    let fields = plan.fields_compared();
    let of = |pass: &PassPlan| {
        let Some(bundles) = pass.bundles() else { return 0 };
        let grouped = Side::BOTH.into_iter().filter(|side| bundles.by[side.index()].is_some());
        let bytes = |side: Side| {
            let rows = rows[side.index()];
            rows as u64 * BUNDLED_BYTES + sides[side.index()].taken_bytes(rows, &fields)
        };
        grouped.map(bytes).sum::<u64>()
    };
    plan.passes.iter().map(of).max().unwrap_or(0)
}

/// Bytes that the search for the nearest records takes at most.
fn nearest(plan: &Plan, sides: [&SideColumns; 2], rows: [usize; 2]) -> u64 {
    if !plan.passes.iter().any(PassPlan::searches) {
        return 0;
    }
    let fields = plan.fields_compared();
    let taken: u64 = sides.iter().zip(rows).map(|(side, rows)| side.taken_bytes(rows, &fields)).sum();
    let by_text = |pass: &PassPlan| {
        let tests = pass.conditions.iter().filter(|condition| condition.required).map(|one| &one.test);
        tests.into_iter().any(|test| matches!(test, TestPlan::Similar(..) | TestPlan::Occurs(_)))
    };
    let hits =
        |own: usize, others: usize| 4 * own as u64 * others.min(plan.limits.nearest_max as usize) as u64;
    let hits =
        if plan.passes.iter().any(by_text) { hits(rows[0], rows[1]) + hits(rows[1], rows[0]) } else { 0 };
    taken + join_bytes(rows[0], rows[1]) + hits + shared(plan, sides)
}

/// Bytes that indexes of many values take at most, one pass after the other.
fn shared(plan: &Plan, sides: [&SideColumns; 2]) -> u64 {
    let conditions = plan.passes.iter().flat_map(|pass| &pass.conditions);
    let equalities = conditions.filter(|one| one.required && matches!(one.test, TestPlan::Equals));
    let bytes = equalities.map(|one| {
        let columns = [(sides[0], one.left), (sides[1], one.right)];
        let of = |(side, field): (&SideColumns, usize)| {
            let values = side.fields.get(field).map_or(0, Column::values_count);
            VALUE_BYTES * values + BLOCK_RECORD_BYTES * u64::from(side.rows)
        };
        columns.into_iter().map(of).sum()
    });
    bytes.max().unwrap_or(0)
}

/// Bytes of the codes that texts of keys may get.
fn codes(plan: &Plan, sides: [&SideColumns; 2]) -> u64 {
    let mut fields: BTreeSet<(usize, usize)> = BTreeSet::new();
    for pass in &plan.passes {
        for key in &pass.key {
            fields.extend(keys_of(pass, key.left, key.right));
        }
    }
    let bytes = |(side, field): (usize, usize)| match sides[side].fields.get(field) {
        Some(Column::Text(_)) => u64::from(sides[side].rows) * CODE_BYTES,
        _ => 0,
    };
    fields.into_iter().map(bytes).sum()
}

/// The columns that a pass keys by, as side and field.
fn keys_of(pass: &PassPlan, left: usize, right: usize) -> Vec<(usize, usize)> {
    if pass.is_across() {
        vec![(0, left), (1, right)]
    } else {
        vec![(0, left), (0, right), (1, left), (1, right)]
    }
}

/// Bytes of what the passes find: pairs are copied once when a pass adds to those before it.
fn found(plan: &Plan, rows: [usize; 2]) -> u64 {
    let records = rows[0] as u64 + rows[1] as u64;
    let across = plan.passes.iter().all(PassPlan::is_across);
    let pairs = if across { rows[0].min(rows[1]) as u64 } else { records / 2 };
    let of = |bytes: usize| bytes as u64;
    // Rows that are open, and the cell that each record counts in.
    let each = of(size_of::<Break>()) + of(size_of::<Note>()) + 2 * of(size_of::<u32>()) + 4;
    2 * pairs * of(size_of::<Pair>()) + records * each
}

/// Candidates of blocks, in bytes.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct BlockBytes {
    sum: u64,
    largest: u64,
}

impl BlockBytes {
    /// Adds a block of so many classes in which so many pairs are looked at.
    pub(super) fn add(&mut self, classes: u64, looked_at: u64, rivals_max: u32) {
        let candidates = looked_at.min(classes.saturating_mul(u64::from(rivals_max)));
        // A candidate, its edge, and its place in lists of both sides.
        let each = (size_of::<Candidate>() + size_of::<Edge>() + 16) as u64;
        let bytes = candidates.saturating_mul(each).saturating_add(classes.saturating_mul(CLASS_BYTES));
        self.sum = self.sum.saturating_add(bytes);
        self.largest = self.largest.max(bytes);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.sum = self.sum.saturating_add(other.sum);
        self.largest = self.largest.max(other.largest);
    }

    fn at_once(self) -> u64 {
        self.sum.min(self.largest.saturating_mul(BLOCKS_AT_ONCE))
    }
}

impl fmt::Display for MemoryEstimate {
    /// What a run takes at most, of what, and whether a limit is kept. Ends with a line break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = if self.total < MEGABYTE { "" } else { "at most " };
        writeln!(f, "\nA run takes {most}{} of memory", size(self.total))?;
        if self.total >= MEGABYTE {
            let parts = [
                ("records read", self.read),
                ("columns", self.columns),
                ("making them", self.preparing),
                ("joins", self.joins),
                ("candidates", self.candidates),
                ("nearest records", self.nearest),
                ("groups and breaks", self.found),
            ];
            let parts = parts.iter().filter(|(_, bytes)| *bytes > 0);
            let parts: Vec<String> = parts.map(|(name, bytes)| format!("{name} {}", size(*bytes))).collect();
            writeln!(f, "    {}", parts.join(", "))?;
        }
        let counted = exact(self.counted);
        match (self.limit, self.fits) {
            (Some(limit), Some(true)) => {
                writeln!(f, "    It fits: of the limit of {} it uses {counted} at most", exact(limit))
            }
            (Some(limit), _) => {
                writeln!(f, "    It may not fit: it can use {counted}, and the limit is {}", exact(limit))
            }
            (None, _) => Ok(()),
        }
    }
}

const MEGABYTE: u64 = 1_000_000;

/// Bytes in words, small ones to the last.
fn exact(bytes: u64) -> String {
    if bytes < MEGABYTE { format!("{} bytes", grouped(bytes)) } else { size(bytes) }
}

/// Bytes in words, rounded up to a tenth.
fn size(bytes: u64) -> String {
    if bytes < MEGABYTE {
        return "less than 1 MB".to_owned();
    }
    let (unit, name) = if bytes < 1_000 * MEGABYTE { (MEGABYTE, "MB") } else { (1_000 * MEGABYTE, "GB") };
    let tenths = bytes.div_ceil(unit / 10);
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}
