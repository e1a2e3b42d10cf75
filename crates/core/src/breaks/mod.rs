//! Why a record is open: the strongest of what the passes noted, or that nothing was near enough.
//!
//! Cost: proportional to the open records, not to the sources.

use crate::columns::{Canon, Columns, NO_ROW, Row, SideColumns, row_of};
use crate::control::Cancel;
use crate::error::Result;
use crate::outcome::{Break, Note, Reason};
use crate::plan::{Plan, Side};
use rayon::prelude::*;

/// Breaks of both sides, ascending by row: one per open or unreadable record.
///
/// # Errors
/// [`crate::Error::Cancelled`].
pub fn explain(
    plan: &Plan,
    columns: &Columns,
    open: &[Vec<Row>; 2],
    notes: &[Vec<Note>; 2],
    cancel: &Cancel,
) -> Result<[Vec<Break>; 2]> {
    let side = |side: Side| -> Result<Vec<Break>> {
        cancel.check()?;
        let at = side.index();
        Ok(explain_side(plan, (columns.side(side), side), &open[at], &notes[at]))
    };
    let (left, right) = rayon::join(|| side(Side::Left), || side(Side::Right));
    Ok([left?, right?])
}

fn explain_side(
    plan: &Plan,
    (records, side): (&SideColumns, Side),
    open: &[Row],
    notes: &[Note],
) -> Vec<Break> {
    let mut open = open.to_vec();
    open.par_sort_unstable();
    let is_open = |row: Row| open.binary_search(&row).is_ok();
    let mut notes: Vec<Note> = notes.par_iter().filter(|note| is_open(note.row)).copied().collect();
    notes.extend(open_twins(&Canon::new(plan, records), records, &open));
    notes.par_sort_by_key(|note| (note.row, note.reason, note.pass));
    notes.dedup_by_key(|note| note.row);

    let missing = match side {
        Side::Left => Reason::MissingOnRight,
        Side::Right => Reason::MissingOnLeft,
    };
    let mut notes = notes.into_iter().peekable();
    let mut breaks: Vec<Break> = open
        .iter()
        .map(|row| {
            notes.next_if(|note| note.row == *row).map_or_else(|| bare(*row, missing), |note| noted(&note))
        })
        .collect();
    if records.unreadable.is_some() {
        breaks.extend(unreadable(records).map(|row| bare(row, Reason::Unreadable)));
        breaks.sort_unstable_by_key(|found| found.row);
    }
    breaks
}

fn bare(row: Row, reason: Reason) -> Break {
    Break { row, reason, pass: None, nearest: NO_ROW, rival: NO_ROW, score: None, lacks: None }
}

fn noted(note: &Note) -> Break {
    let by_pass = note.reason != Reason::Duplicate;
    Break {
        row: note.row,
        reason: note.reason,
        pass: by_pass.then_some(note.pass),
        nearest: note.nearest,
        rival: note.rival,
        score: (by_pass && note.nearest != NO_ROW).then_some(note.score),
        lacks: None,
    }
}

/// Records that take no part because their amount or id can't be read, and are not excluded.
fn unreadable(records: &SideColumns) -> impl Iterator<Item = Row> {
    let excluded = |row: Row| records.excluded.as_ref().is_some_and(|bits| bits.value(row as usize));
    (0..records.rows).filter(move |row| {
        records.unreadable.as_ref().is_some_and(|bits| bits.value(*row as usize)) && !excluded(*row)
    })
}

/// Open records that equal another open record, or one that a decision put in a group: each names the first other in
/// canonical order. Twins of records that a pass matched are noted by that pass, and its note comes first.
fn open_twins(canon: &Canon<'_>, records: &SideColumns, open: &[Row]) -> Vec<Note> {
    let held = records.held.iter().flat_map(|bits| bits.set_indices()).map(row_of);
    let rows: Vec<Row> = open.iter().copied().chain(held).filter(|row| !canon.is_distinct(*row)).collect();
    let mut hashed: Vec<(u64, Row)> = canon.hashes(&rows).into_iter().zip(rows).collect();
    hashed.par_sort_unstable();
    let mut notes = Vec::new();
    for run in hashed.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let mut rows: Vec<Row> = run.iter().map(|(_, row)| *row).collect();
        rows.sort_by(|a, b| canon.order_used(*a, *b));
        for twins in rows.chunk_by_mut(|a, b| canon.twins(*a, *b)) {
            canon.sort(twins);
            if let [first, second, ..] = twins {
                let (first, second) = (*first, *second);
                let open = twins.iter().filter(|row| !records.is_held(**row));
                notes.extend(open.map(|row| duplicate(*row, if *row == first { second } else { first })));
            }
        }
    }
    notes
}

fn duplicate(row: Row, nearest: Row) -> Note {
    Note { row, reason: Reason::Duplicate, pass: u16::MAX, nearest, rival: NO_ROW, score: 0 }
}
