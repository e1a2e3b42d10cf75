//! The tables, one file each, and the order of their rows.

mod adjustments;
mod alternatives;
mod breaks;
mod causes;
mod decisions;
mod differences;
mod groups;
mod issues;
mod members;
mod money;
mod open_items;
mod pairs;
mod rows;

pub(super) use open_items::OpenItem;
pub(super) use rows::{Item, Stretch};

use super::cells::Cells;
use super::found::{Ambiguity, Found, Pair, Span};
use super::group::Group;
use super::{Outcome, TABLES};
use crate::columns::{Columns, Row};
use crate::error::{Error, Mistake, Result};
use crate::plan::Side;
use crate::spec::Status;
use arrow_array::RecordBatch;
use rayon::prelude::*;
use std::collections::VecDeque;
use std::ops::Range;

/// The names of both sides, as dictionaries list them.
const SIDES: [&str; 2] = ["left", "right"];
/// The names of the statuses, as dictionaries list them.
const STATUSES: [&str; 2] = ["matched", "proposed"];

/// 2 × row of the first left record, or 2 × row of the first right record + 1.
#[inline]
pub(crate) fn group_id(columns: &Columns, pair: &Pair) -> u64 {
    let row = |side, row: Row| columns.side(side).row_number(row);
    match pair.span {
        Span::Across => 2 * row(Side::Left, pair.left),
        Span::WithinLeft => 2 * row(Side::Left, pair.left).min(row(Side::Left, pair.right)),
        Span::WithinRight => 2 * row(Side::Right, pair.left).min(row(Side::Right, pair.right)) + 1,
    }
}

/// Brings pairs and groups into the order of their group ids and breaks into that of their rows: linear where they
/// are. Returns where each group stands among pairs and groups together.
pub(super) fn sort(columns: &Columns, found: &mut Found) -> Vec<usize> {
    let id = |pair: &Pair| group_id(columns, pair);
    if !found.pairs.is_sorted_by_key(id) {
        found.pairs.sort_by_key(id);
    }
    let number = |side: Side, row| columns.side(side).row_number(row);
    found.groups.sort_by(number);
    for side in Side::BOTH {
        let source = columns.side(side);
        let breaks = &mut found.breaks[side.index()];
        if !breaks.is_sorted_by_key(|open| source.row_number(open.row)) {
            breaks.sort_by_key(|open| source.row_number(open.row));
        }
    }
    let before = |group: &Group<'_>| found.pairs.partition_point(|pair| id(pair) < group.id(number));
    found.groups.iter().enumerate().map(|(at, group)| at + before(&group)).collect()
}

/// A table in slices: as many are made at a time as there are threads.
#[derive(Debug)]
pub struct Batches<'a> {
    outcome: &'a Outcome,
    table: Table,
    at: usize,
    rows: usize,
    ready: VecDeque<Result<RecordBatch>>,
}

/// The tables, by what their rows are cut by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Groups,
    Members,
    Pairs,
    Breaks,
    Differences,
    Issues,
    TieOut,
    Causes,
    Alternatives,
    Decisions,
    OpenItems,
    Adjustments,
    Balances,
    Statement,
}

impl Table {
    const ALL: [Self; 14] = [
        Self::Groups,
        Self::Members,
        Self::Pairs,
        Self::Breaks,
        Self::Differences,
        Self::Issues,
        Self::TieOut,
        Self::Causes,
        Self::Alternatives,
        Self::Decisions,
        Self::OpenItems,
        Self::Adjustments,
        Self::Balances,
        Self::Statement,
    ];

    fn named(name: &str) -> Result<Self> {
        let at = TABLES.iter().position(|table| *table == name);
        at.map(|at| Self::ALL[at]).ok_or_else(|| {
            let nearest = crate::spec::nearest_name(name, TABLES.iter().copied());
            let expected = format!("one of {}", TABLES.join(", "));
            let given = format!("\"{name}\"");
            Error::call(Mistake::new("unknown_table", "table", given, expected).nearest(nearest))
        })
    }
}

impl Outcome {
    /// A table of [`TABLES`] in slices of about `rows` groups or breaks, so that it never stands in memory as a
    /// whole. `issues`, `tie_out`, `causes`, `alternatives`, `decisions`, `balances` and `statement` come in one. A table
    /// without rows has no slices.
    ///
    /// # Errors
    /// `unknown_table`, with the nearest name.
    pub fn batches(&self, name: &str, rows: usize) -> Result<Batches<'_>> {
        Ok(Batches {
            outcome: self,
            table: Table::named(name)?,
            at: 0,
            rows: rows.max(1),
            ready: VecDeque::new(),
        })
    }

    /// A table of [`TABLES`] without rows: its schema.
    ///
    /// # Errors
    /// `unknown_table`, with the nearest name.
    pub fn empty(&self, name: &str) -> Result<RecordBatch> {
        match Table::named(name)? {
            Table::Groups => self.groups_between(0..0),
            Table::Members => self.members_between(0..0),
            Table::Pairs => self.pairs_of(&[]),
            Table::Breaks => self.breaks_between(0..0),
            Table::Differences => self.differences_between(0..0),
            Table::Issues => Ok(self.issues_table()?.slice(0, 0)),
            Table::TieOut => Ok(self.tie_out()?.slice(0, 0)),
            Table::Alternatives => self.alternatives_of(&[]),
            Table::Decisions => Ok(self.decisions_table()?.slice(0, 0)),
            Table::OpenItems => self.open_items_of(&[]),
            Table::Adjustments => self.adjustments_between(0..0),
            Table::Balances => Ok(self.balances_table()?.slice(0, 0)),
            Table::Statement => Ok(self.statement_table()?.slice(0, 0)),
            Table::Causes => Ok(self.causes()?.slice(0, 0)),
        }
    }

    /// The currency of every record, where it is mapped.
    fn currencies(&self) -> Option<Currencies<'_>> {
        let field = self.plan.currency?;
        if let Some(position) = self.plan.tie_out.by.iter().position(|&by| by == field) {
            return Some(Currencies::of(&self.cells, position));
        }
        Some(Currencies::of(self.currencies.get_or_init(|| Cells::read(&self.columns, &[field])), 0))
    }
}

impl Iterator for Batches<'_> {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() {
            self.make();
        }
        self.ready.pop_front()
    }
}

impl Batches<'_> {
    /// Makes the next slices, one per thread.
    fn make(&mut self) {
        let outcome = self.outcome;
        let total = match self.table {
            Table::Groups | Table::Members | Table::Differences | Table::Adjustments => {
                outcome.groups_count()
            }
            Table::Pairs => outcome.found.pairs.len(),
            Table::Breaks => outcome.open(),
            Table::OpenItems => outcome.open_list().len(),
            Table::Issues
            | Table::TieOut
            | Table::Causes
            | Table::Alternatives
            | Table::Decisions
            | Table::Balances
            | Table::Statement => 1,
        };
        let mut ranges = Vec::new();
        while self.at < total && ranges.len() < rayon::current_num_threads() {
            let range = self.at..total.min(self.at.saturating_add(self.rows));
            self.at = range.end;
            ranges.push(range);
        }
        let table = self.table;
        let made: Vec<Result<RecordBatch>> =
            ranges.into_par_iter().map(|range| outcome.slice(table, range)).collect();
        self.ready.extend(made);
    }
}

impl Outcome {
    fn slice(&self, table: Table, range: Range<usize>) -> Result<RecordBatch> {
        match table {
            Table::Groups => self.groups_between(range),
            Table::Members => self.members_between(range),
            Table::Pairs => self.pairs_of(&self.found.pairs[range]),
            Table::Breaks => self.breaks_between(range),
            Table::Differences => self.differences_between(range),
            Table::Issues => self.issues_table(),
            Table::TieOut => self.tie_out(),
            Table::Alternatives => self.alternatives_table(),
            Table::Decisions => self.decisions_table(),
            Table::OpenItems => self.open_items_of(&self.open_list()[range]),
            Table::Adjustments => self.adjustments_between(range),
            Table::Balances => self.balances_table(),
            Table::Statement => self.statement_table(),
            Table::Causes => self.causes(),
        }
    }
}

/// Every record's currency as a position in a list of names.
struct Currencies<'a> {
    cells: &'a Cells,
    /// By cell; `None`: the currency is null.
    of_cell: Vec<Option<i32>>,
    names: Vec<String>,
}

impl<'a> Currencies<'a> {
    fn of(cells: &'a Cells, position: usize) -> Self {
        let name = |key: &Vec<Option<String>>| key.get(position).cloned().flatten();
        let mut names: Vec<String> = cells.keys.iter().filter_map(name).collect();
        names.sort_unstable();
        names.dedup();
        let place = |name: String| names.binary_search(&name).ok().and_then(|at| i32::try_from(at).ok());
        let of_cell = cells.keys.iter().map(|key| name(key).and_then(place)).collect();
        Self { cells, of_cell, names }
    }

    #[inline]
    fn get(&self, side: Side, row: Row) -> Option<i32> {
        self.of_cell[self.cells.of(side, row) as usize]
    }
}

#[inline]
fn status_key(status: Status) -> i8 {
    i8::from(status == Status::Proposed)
}

#[inline]
fn ambiguity_key(ambiguity: Ambiguity) -> i8 {
    match ambiguity {
        Ambiguity::Unique => 0,
        Ambiguity::Interchangeable => 1,
        Ambiguity::Ambiguous => 2,
        Ambiguity::Limited => 3,
    }
}

#[inline]
fn side_key(side: Side) -> i8 {
    i8::from(side == Side::Right)
}

#[inline]
fn pass_key(pass: u16) -> i16 {
    i16::try_from(pass).unwrap_or(i16::MAX)
}

/// Millionths as a share: one exact division.
#[inline]
fn share(millionths: u32) -> f64 {
    f64::from(millionths) / 1e6
}
