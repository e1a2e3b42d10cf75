//! From batches to columns: every field of a side read in parallel, then issues, filters and the bits of records
//! that take no part.

use super::filter::{self, Prepared};
use super::model::{Column, Columns, Issue, SideColumns};
use super::problem::{Bad, Problem};
use super::source::{FieldReader, Physical, Source};
use super::{Facts, amount, date, frequencies, integer, many_read, text};
use crate::control::{Control, Reservation};
use crate::decisions::Barred;
use crate::error::{DataError, Error, Result};
use crate::plan::{FieldIndex, Plan, Side};
use crate::spec::FieldKind;
use arrow_array::RecordBatch;
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, ScalarBuffer};
use rayon::prelude::*;
use std::sync::Arc;

/// A field that was read.
pub(super) struct FieldRead {
    pub(super) column: Column,
    /// Bad cells, ascending by row; null in the column.
    pub(super) bad: Vec<Bad>,
    /// Doubles that became decimals.
    pub(super) doubles: u64,
    /// What the column holds beyond the input.
    pub(super) memory: Vec<Reservation>,
    /// Where its cells came from, to show bad ones.
    pub(super) columns: Vec<Physical>,
    /// How its dates should have been written, for text.
    pub(super) format: Option<String>,
}

impl FieldRead {
    /// A column without bad cells.
    pub(super) fn new(column: Column, physical: Physical) -> Self {
        Self {
            column,
            bad: Vec::new(),
            doubles: 0,
            memory: Vec::new(),
            columns: vec![physical],
            format: None,
        }
    }

    fn absent() -> Self {
        Self {
            column: Column::Absent,
            bad: Vec::new(),
            doubles: 0,
            memory: Vec::new(),
            columns: Vec::new(),
            format: None,
        }
    }

    pub(super) fn show(&self, row: u32) -> String {
        match self.columns.as_slice() {
            [one] => one.show(row),
            several => {
                let cells =
                    several.iter().map(|column| format!("{} = \"{}\"", column.name, column.show(row)));
                cells.collect::<Vec<_>>().join(", ")
            }
        }
    }

    fn problem(&self, bad: &Bad) -> String {
        match (bad.problem, &self.format) {
            (Problem::NotADate, Some(format)) => format!("{} \"{format}\"", bad.problem),
            _ => bad.problem.to_string(),
        }
    }

    fn issue(&self, bad: &Bad, field: FieldIndex) -> Issue {
        Issue { row: bad.row, field: Some(field), value: self.show(bad.row), problem: self.problem(bad) }
    }
}

/// Reads both sides. `batches[0]` is left; a record's row number is its position in the batches of its side.
///
/// # Errors
/// Those of [`prepare_side`], the left side's first.
pub fn prepare(
    plan: &Plan,
    facts: &Facts,
    batches: [&[RecordBatch]; 2],
    control: &Control,
) -> Result<Columns> {
    let [left, right] = batches;
    let (left, right) = rayon::join(
        || prepare_side(plan, facts, Side::Left, left, None, control),
        || prepare_side(plan, facts, Side::Right, right, None, control),
    );
    let mut sides = [left?, right?];
    frequencies::count(plan, &mut sides, control)?;
    Ok(Columns { sides, scale: facts.scale(), ..Columns::default() })
}

/// Reads one side, or a part of one, at the scale of `facts`. The batches are one source: where one ends and the
/// next begins changes nothing. `row_numbers` says where the records stand in the source; `None`: in this order.
///
/// Order: that of the batches. Nulls: null cells, empty text, text that is empty after cleaning, cells that can't
/// be read. Cost: one read of the input and one write of the columns; columns that need no change are shared.
///
/// # Errors
/// `schema_changed`, `missing_column`, `unsupported_type`, `wrong_type`, `unknown_zone`; `unreadable_cell` where the
/// plan is strict; [`Error::Limit`] for rows or memory; [`Error::Cancelled`].
#[expect(clippy::too_many_arguments, reason = "what is read, as what, from where, under whose control")]
pub fn prepare_side(
    plan: &Plan,
    facts: &Facts,
    side: Side,
    batches: &[RecordBatch],
    row_numbers: Option<ScalarBuffer<u64>>,
    control: &Control,
) -> Result<SideColumns> {
    let source = Source::new(plan, side, batches)?;
    if row_numbers.as_ref().is_some_and(|numbers| numbers.len() != source.rows as usize) {
        return Err(Error::Internal("row numbers and records differ in count".to_owned()));
    }
    let scale = facts.scale();
    let reads = read_fields(plan, side, &source, scale, control)?;
    let whole = |field: FieldIndex| plan.fields[field].kind == FieldKind::Amount || plan.id == Some(field);
    let undecided: Vec<&[Bad]> = reads
        .iter()
        .enumerate()
        .map(|(field, read)| if whole(field) { read.bad.as_slice() } else { &[] })
        .collect();
    let fields: Vec<Column> = reads.iter().map(|read| read.column.clone()).collect();
    let prepared =
        Prepared { plan, side, source: &source, fields: &fields, undecided: &undecided, scale, control };
    let excluded = filter::excluded(&prepared)?;
    let unreadable = unreadable(&undecided, excluded.as_ref(), source.rows as usize);
    if plan.strict
        && let Some((field, bad)) = first_bad(&reads, excluded.as_ref())
    {
        let row = row_numbers.as_ref().map_or(u64::from(bad.row), |numbers| numbers[bad.row as usize]);
        return Err(unreadable_cell(plan, &source, &reads[field], field, (bad, row)));
    }
    let (issues, issues_dropped) = issues(plan, &reads);
    let doubles = reads.iter().map(|read| read.doubles).collect();
    let memory = Arc::new(reads.into_iter().flat_map(|read| read.memory).collect());
    let rows = source.rows;
    Ok(SideColumns {
        rows,
        row_numbers,
        fields,
        excluded,
        unreadable,
        held: None,
        distinct: None,
        barred: Barred::default(),
        issues,
        issues_dropped,
        doubles,
        memory,
        ..SideColumns::default()
    })
}

fn read_fields(
    plan: &Plan,
    side: Side,
    source: &Source<'_>,
    scale: u8,
    control: &Control,
) -> Result<Vec<FieldRead>> {
    let reads: Vec<Result<FieldRead>> = plan
        .fields
        .par_iter()
        .map(|field| match &field.cells[side.index()] {
            None => Ok(FieldRead::absent()),
            Some(cell) => {
                let rules = &plan.sources[side.index()];
                let tables = &plan.tables;
                read_field(&FieldReader { source, rules, field, cell, side, scale, control, tables })
            }
        })
        .collect();
    // Not collected as a `Result` in parallel: which error came first would depend on the threads.
    reads.into_iter().collect()
}

pub(super) fn read_field(reader: &FieldReader<'_>) -> Result<FieldRead> {
    if reader.field.many[reader.side.index()] {
        return many_read::read(reader);
    }
    match reader.field.kind {
        FieldKind::Amount => amount::read(reader),
        FieldKind::Date => date::read(reader),
        FieldKind::Text => text::read(reader),
        FieldKind::Integer => integer::read(reader),
    }
}

/// Records with a bad amount or id that take part otherwise.
fn unreadable(undecided: &[&[Bad]], excluded: Option<&BooleanBuffer>, rows: usize) -> Option<BooleanBuffer> {
    if undecided.iter().all(|bad| bad.is_empty()) {
        return None;
    }
    let mut bits = BooleanBufferBuilder::new(rows);
    bits.append_n(rows, false);
    for bad in undecided.iter().copied().flatten() {
        let index = bad.row as usize;
        if !excluded.is_some_and(|excluded| excluded.value(index)) {
            bits.set_bit(index, true);
        }
    }
    Some(bits.finish()).filter(BooleanBuffer::has_true)
}

/// The first bad cell of a record that takes part, by row, then by field.
fn first_bad(reads: &[FieldRead], excluded: Option<&BooleanBuffer>) -> Option<(FieldIndex, Bad)> {
    let takes_part = |bad: &&Bad| !excluded.is_some_and(|excluded| excluded.value(bad.row as usize));
    let firsts = reads.iter().enumerate();
    firsts
        .filter_map(|(field, read)| read.bad.iter().find(takes_part).map(|bad| (field, *bad)))
        .min_by_key(|(field, bad)| (bad.row, *field))
}

fn unreadable_cell(
    plan: &Plan,
    source: &Source<'_>,
    read: &FieldRead,
    field: FieldIndex,
    (bad, row): (Bad, u64),
) -> Error {
    let hint = match bad.problem {
        Problem::NotAnAmount { .. } | Problem::Grouping => "Check `decimal` and `thousands` of the source",
        Problem::CurrencySign(_) => {
            "Name the sign by `currency_sign` of the source, if all of its amounts are in that currency"
        }
        Problem::NotADate => "Check `dates` of the source or the field",
        Problem::TooManyDecimals(_) => "Check the field's `scale`",
        _ => "Mend the cell, leave the record out by `where`, or read without `strict`",
    };
    DataError::new("unreadable_cell", source.name, read.problem(&bad), hint)
        .field(&plan.fields[field].name)
        .cell(row, read.show(bad.row))
        .into()
}

/// The first bad cells of every field, by row and field, and how many more there were.
fn issues(plan: &Plan, reads: &[FieldRead]) -> (Vec<Issue>, Vec<u64>) {
    let most = usize::try_from(plan.limits.issues_max).unwrap_or(usize::MAX);
    let mut issues: Vec<Issue> = Vec::new();
    let mut dropped = Vec::with_capacity(reads.len());
    for (field, read) in reads.iter().enumerate() {
        issues.extend(read.bad.iter().take(most).map(|bad| read.issue(bad, field)));
        dropped.push(read.bad.len().saturating_sub(most) as u64);
    }
    issues.sort_by_key(|issue| (issue.row, issue.field));
    (issues, dropped)
}
