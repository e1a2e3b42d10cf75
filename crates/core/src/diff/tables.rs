//! The tables of a diff.

use super::money::amount;
use super::names::{Code, NONE};
use super::records::State;
use super::relate::{CHANGES, GroupRow};
use super::report::{Found, RecordRow, SIDES};
use super::snapshot::{Groups, MONEY, NOWHERE};
use super::summary::{GroupKind, RecordKind};
use super::tie_out::{CellTerms, TERMS, fitting};
use crate::error::{Error, Result};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, Decimal128Array, DictionaryArray, Float64Array, PrimitiveArray, RecordBatch, StringArray,
    UInt64Array,
};
use arrow_schema::{ArrowError, Field, Schema};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Members of a group that are named per side; the others are counted.
const MEMBERS_TOLD_MAX: usize = 8;

/// Columns in the making.
struct Table {
    scale: u8,
    columns: Vec<(String, ArrayRef)>,
}

impl Table {
    fn new(scale: u8) -> Self {
        Self { scale, columns: Vec::new() }
    }

    fn add(&mut self, name: impl Into<String>, array: ArrayRef) {
        self.columns.push((name.into(), array));
    }

    fn amounts(&mut self, name: &str, values: Vec<Option<i128>>) -> Result<()> {
        let scale = i8::try_from(self.scale).unwrap_or(0);
        let array = Decimal128Array::from(values).with_precision_and_scale(38, scale).map_err(internal)?;
        self.add(name, Arc::new(array));
        Ok(())
    }

    /// Names as a dictionary of those that occur, in the order in which they do.
    fn words(&mut self, name: &str, words: &[Option<&str>]) -> Result<()> {
        let mut places: BTreeMap<&str, i32> = BTreeMap::new();
        let mut values: Vec<&str> = Vec::new();
        let mut keys: Vec<Option<i32>> = Vec::with_capacity(words.len());
        for word in words {
            let Some(word) = *word else {
                keys.push(None);
                continue;
            };
            let next = i32::try_from(values.len()).map_err(internal)?;
            let place = *places.entry(word).or_insert(next);
            if place == next {
                values.push(word);
            }
            keys.push(Some(place));
        }
        let keys = PrimitiveArray::<Int32Type>::from(keys);
        let values = Arc::new(StringArray::from(values));
        self.add(name, Arc::new(DictionaryArray::try_new(keys, values).map_err(internal)?));
        Ok(())
    }

    fn build(self) -> Result<RecordBatch> {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
            .collect();
        let arrays = self.columns.into_iter().map(|(_, array)| array).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .map_err(|error: ArrowError| internal(error))
    }
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("a table of the diff can't be built: {error}"))
}

/// A column of names of the groups.
type CodesOf = fn(&Groups) -> &[Code];

/// A word per row.
fn all<'w, R>(rows: &[R], word: impl Fn(&R) -> Option<&'w str>) -> Vec<Option<&'w str>> {
    rows.iter().map(word).collect()
}

/// The name of a column in the old or the new outcome.
const WHICH: [&str; 2] = ["old", "new"];

pub(super) fn groups(found: &Found<'_>, rows: &[GroupRow]) -> Result<RecordBatch> {
    let mut table = Table::new(found.scale);
    table.words("kind", &all(rows, |row| Some(GroupKind::name(row.kind))))?;
    let regroup: UInt64Array = rows.iter().map(|row| row.regroup.map(u64::from)).collect();
    table.add("regroup", Arc::new(regroup));
    let changes: StringArray = rows.iter().map(|row| changed(row.changes)).collect();
    table.add("changes", Arc::new(changes));
    let places: [Vec<Option<usize>>; 2] = [0, 1].map(|which| {
        rows.iter().map(|row| (row.at[which] != NOWHERE).then_some(row.at[which] as usize)).collect()
    });
    let of = |which: usize| &found.snapshots[which].groups;
    for (which, suffix) in WHICH.into_iter().enumerate() {
        let id: UInt64Array = places[which].iter().map(|at| at.map(|at| of(which).id[at])).collect();
        table.add(format!("group_id_{suffix}"), Arc::new(id));
    }
    let codes: [(&str, CodesOf); 4] = [
        ("pass", |groups| &groups.pass),
        ("status", |groups| &groups.status),
        ("ambiguity", |groups| &groups.ambiguity),
        ("currency", |groups| &groups.currency),
    ];
    for (name, column) in codes {
        for (which, suffix) in WHICH.into_iter().enumerate() {
            let code = |at: &Option<usize>| at.map_or(NONE, |at| column(of(which))[at]);
            let words = all(&places[which], |at| found.names.text(code(at)));
            table.words(&format!("{name}_{suffix}"), &words)?;
        }
    }
    for (which, suffix) in WHICH.into_iter().enumerate() {
        table.add(format!("score_{suffix}"), scores(&places[which], &of(which).score));
    }
    for (side, name) in SIDES.iter().enumerate() {
        for (which, suffix) in WHICH.into_iter().enumerate() {
            let ids = places[which].iter().map(|at| at.and_then(|at| members(found, which, at, side)));
            table.add(format!("{name}_ids_{suffix}"), Arc::new(ids.collect::<StringArray>()));
        }
    }
    for (money, name) in MONEY.iter().enumerate().take(4) {
        for (which, suffix) in WHICH.into_iter().enumerate() {
            let value = |at: &Option<usize>| at.and_then(|at| amount(&of(which).money[money], at));
            table.amounts(&format!("{name}_{suffix}"), places[which].iter().map(value).collect())?;
        }
    }
    table.build()
}

/// Millionths as shares; a negative one is null.
fn scores(places: &[Option<usize>], scores: &[i64]) -> ArrayRef {
    let share = |at: &Option<usize>| {
        let millionths = scores[(*at)?];
        // A score has at most seven digits.
        u32::try_from(millionths).ok().map(|millionths| f64::from(millionths) / 1e6)
    };
    Arc::new(places.iter().map(share).collect::<Float64Array>())
}

/// Names of what changed.
fn changed(bits: u16) -> Option<String> {
    let names: Vec<&str> =
        CHANGES.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0).map(|(_, name)| *name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The members of a group on one side: ids, or `#row` where there is none.
fn members(found: &Found<'_>, which: usize, group: usize, side: usize) -> Option<String> {
    let snapshot = found.snapshots[which];
    let records = &snapshot.records;
    let of_side: Vec<u32> = snapshot
        .groups
        .members(u32::try_from(group).unwrap_or(NOWHERE))
        .filter(|record| usize::from(records.side[*record as usize]) == side)
        .collect();
    let mut names: Vec<String> = of_side
        .iter()
        .take(MEMBERS_TOLD_MAX)
        .map(|record| match records.id(*record) {
            Some(id) => id.to_owned(),
            None => format!("#{}", records.row[*record as usize]),
        })
        .collect();
    if of_side.len() > names.len() {
        names.push(format!("and {} more", of_side.len() - names.len()));
    }
    (!names.is_empty()).then(|| names.join(", "))
}

pub(super) fn records(found: &Found<'_>, rows: &[RecordRow]) -> Result<RecordBatch> {
    let mut table = Table::new(found.scale);
    table.words("kind", &all(rows, |row| Some(RecordKind::name(row.kind))))?;
    table.words("side", &all(rows, |row| Some(SIDES[usize::from(row.both.side)])))?;
    let place = |row: &RecordRow, which: usize| Some(row.both.at[which]).filter(|at| *at != NOWHERE);
    let of = |which: usize| found.snapshots[which];
    for (which, suffix) in WHICH.into_iter().enumerate() {
        let number = |row: &RecordRow| place(row, which).map(|at| of(which).records.row[at as usize]);
        let numbers: UInt64Array = rows.iter().map(number).collect();
        table.add(format!("row_{suffix}"), Arc::new(numbers));
    }
    let id = |row: &RecordRow| {
        let of = |which: usize| place(row, which).and_then(|at| of(which).records.id(at));
        // Where a row has another id after than before, the newer one.
        of(1).or_else(|| of(0))
    };
    table.add("id", Arc::new(rows.iter().map(id).collect::<StringArray>()));
    for (which, suffix) in WHICH.into_iter().enumerate() {
        let value = |row: &RecordRow| amount(&of(which).records.amount, place(row, which)? as usize);
        table.amounts(&format!("amount_{suffix}"), rows.iter().map(value).collect())?;
    }
    table.words("currency", &all(rows, |row| found.names.text(found.currency(&row.both))))?;
    for (which, name) in ["was", "is"].into_iter().enumerate() {
        table.words(name, &all(rows, |row| Some(State::name(row.states[which]))))?;
    }
    for (which, suffix) in WHICH.into_iter().enumerate() {
        let reason = |row: &RecordRow| place(row, which).map_or(NONE, |at| of(which).reason(at));
        let words = all(rows, |row| found.names.text(reason(row)));
        table.words(&format!("reason_{suffix}"), &words)?;
    }
    for (which, suffix) in WHICH.into_iter().enumerate() {
        let pass = |row: &RecordRow| place(row, which).map_or(NONE, |at| of(which).pass(at));
        let words = all(rows, |row| found.names.text(pass(row)));
        table.words(&format!("pass_{suffix}"), &words)?;
    }
    for (which, suffix) in WHICH.into_iter().enumerate() {
        let group = |row: &RecordRow| {
            let group = of(which).records.group(place(row, which)?)?;
            Some(of(which).groups.id[group as usize])
        };
        let groups: UInt64Array = rows.iter().map(group).collect();
        table.add(format!("group_id_{suffix}"), Arc::new(groups));
    }
    table.build()
}

/// Cells in order, and in each its terms.
pub(super) fn tie_out(by: &[String], cells: &[CellTerms], scale: u8) -> Result<RecordBatch> {
    const FIXED: [&str; 4] = ["term", "old", "new", "change"];
    let mut table = Table::new(scale);
    let each = || cells.iter().flat_map(|cell| TERMS.iter().zip(&cell.terms).map(move |term| (cell, term)));
    for (at, name) in by.iter().enumerate() {
        let values = each().map(|(cell, _)| cell.cell.get(at).cloned().flatten());
        let taken = FIXED.contains(&name.as_str());
        let name = if taken { format!("cell_{name}") } else { name.clone() };
        table.add(name, Arc::new(values.collect::<StringArray>()));
    }
    table.words("term", &each().map(|(_, (name, _))| Some(*name)).collect::<Vec<_>>())?;
    for (at, name) in WHICH.iter().enumerate() {
        let values: Result<Vec<_>> = each().map(|(_, (_, values))| fitting(values[at])).collect();
        table.amounts(name, values?)?;
    }
    let changes: Result<Vec<_>> =
        each().map(|(_, (_, values))| fitting(CellTerms::change(*values))).collect();
    table.amounts("change", changes?)?;
    table.build()
}
