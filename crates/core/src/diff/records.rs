//! Which record of the old outcome is which of the new one.
//!
//! The same input has the same rows, whatever the spec. Where the inputs differ, rows may have moved: then ids bring
//! records together, as long as each is there once.

use super::names::Names;
use super::snapshot::{NOWHERE, Snapshot};
use super::summary::{DiffWarning, MatchedBy};
use std::cmp::Ordering;

/// A record in both outcomes: its place among the records of each, or [`NOWHERE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Both {
    pub(super) side: u8,
    pub(super) at: [u32; 2],
}

/// All records that stand in either outcome, left before right, in the order of their old rows, then new ones.
pub(super) struct Paired {
    pub(super) records: Vec<Both>,
    pub(super) matched_by: [MatchedBy; 2],
    pub(super) warnings: Vec<DiffWarning>,
}

/// Brings the records of two outcomes together.
pub(super) fn pair(snapshots: [&Snapshot<'_>; 2], labels: [&str; 2]) -> Paired {
    let mut paired = Paired { records: Vec::new(), matched_by: [MatchedBy::Row; 2], warnings: Vec::new() };
    for side in 0..2_u8 {
        let lists = snapshots.map(|snapshot| of_side(snapshot, side));
        let mut records = by_row(snapshots, &lists, side);
        let warnings = differing_inputs(snapshots, &records, side, labels);
        if !warnings.is_empty()
            && let Some(by_id) = by_id(snapshots, lists, side)
        {
            records = by_id;
            paired.matched_by[usize::from(side)] = MatchedBy::Id;
        }
        paired.records.extend(records);
        paired.warnings.extend(warnings);
    }
    paired
}

/// The records of a side in the order of their rows.
fn of_side(snapshot: &Snapshot<'_>, side: u8) -> Vec<u32> {
    let records = &snapshot.records;
    let mut list: Vec<u32> =
        (0_u32..).take(records.len()).filter(|at| records.side[*at as usize] == side).collect();
    if !records.remainders.is_empty() {
        list.retain(|at| records.remainders.binary_search(at).is_err());
    }
    // Stable, and quick on members and breaks, which ascend by themselves.
    list.sort_by_key(|at| records.row[*at as usize]);
    list
}

/// Two ascending lists, merged: what is equal stands together.
fn merged(lists: &[Vec<u32>; 2], side: u8, order: impl Fn(u32, u32) -> Ordering) -> Vec<Both> {
    let [old, new] = lists;
    let mut all = Vec::with_capacity(old.len().max(new.len()));
    let (mut one, mut other) = (0, 0);
    loop {
        let at = match (old.get(one), new.get(other)) {
            (None, None) => return all,
            (Some(&old), None) => [old, NOWHERE],
            (None, Some(&new)) => [NOWHERE, new],
            (Some(&old), Some(&new)) => match order(old, new) {
                Ordering::Less => [old, NOWHERE],
                Ordering::Equal => [old, new],
                Ordering::Greater => [NOWHERE, new],
            },
        };
        one += usize::from(at[0] != NOWHERE);
        other += usize::from(at[1] != NOWHERE);
        all.push(Both { side, at });
    }
}

fn by_row(snapshots: [&Snapshot<'_>; 2], lists: &[Vec<u32>; 2], side: u8) -> Vec<Both> {
    let row = |which: usize, at: u32| snapshots[which].records.row[at as usize];
    merged(lists, side, |old, new| row(0, old).cmp(&row(1, new)))
}

/// `None` where an id is missing or repeated, or the two have no id in common: then ids tell nothing.
fn by_id(snapshots: [&Snapshot<'_>; 2], mut lists: [Vec<u32>; 2], side: u8) -> Option<Vec<Both>> {
    let [old, new] = snapshots.map(|snapshot| &snapshot.records);
    for (list, records) in lists.iter_mut().zip([old, new]) {
        list.sort_by(|one, other| records.id(*one).cmp(&records.id(*other)));
        let repeated = list.windows(2).any(|two| records.id(two[0]) == records.id(two[1]));
        if repeated || list.first().is_some_and(|first| records.id(*first).is_none()) {
            return None;
        }
    }
    let mut all = merged(&lists, side, |one, other| old.id(one).cmp(&new.id(other)));
    if !all.iter().any(|both| !both.at.contains(&NOWHERE)) {
        return None;
    }
    let row = |records: &super::snapshot::Records, at: u32| {
        (at == NOWHERE, records.row.get(at as usize).copied().unwrap_or(u64::MAX))
    };
    all.sort_by_key(|both| (row(old, both.at[0]), row(new, both.at[1])));
    Some(all)
}

/// What tells that the two outcomes are not of the same records.
fn differing_inputs(
    snapshots: [&Snapshot<'_>; 2],
    records: &[Both],
    side: u8,
    labels: [&str; 2],
) -> Vec<DiffWarning> {
    let [old, new] = snapshots.map(|snapshot| &snapshot.sources[usize::from(side)]);
    let [before, after] = labels;
    let name = if old.name == new.name { old.name.clone() } else { format!("{}, {}", old.name, new.name) };
    let mut warnings = Vec::new();
    let mut warn = |code: &'static str, text: String| {
        let side = Some(["left", "right"][usize::from(side)]);
        warnings.push(DiffWarning { code, side, text });
    };
    if old.records != new.records {
        let (one, other) = (old.records, new.records);
        warn("records_differ", format!("{name} had {one} records in {before} and has {other} in {after}"));
    }
    let [old_records, new_records] = snapshots.map(|snapshot| &snapshot.records);
    let ids = |both: &Both| {
        let at = both.at;
        if at.contains(&NOWHERE) {
            return None;
        }
        let (one, other) = (old_records.id(at[0])?, new_records.id(at[1])?);
        (one != other).then_some((old_records.row[at[0] as usize], one, other))
    };
    let mut differing = records.iter().filter_map(ids);
    if let Some((row, one, other)) = differing.next() {
        let count = differing.count() + 1;
        let first = format!("row {row} is \"{one}\" in {before} and \"{other}\" in {after}");
        warn("ids_differ", format!("{name}: {count} records have another id at their row; {first}"));
    }
    if let (Some(one), Some(other)) = (&old.content_hash, &new.content_hash)
        && one != other
    {
        warn("content_differs", format!("{name} had other content in {before} than in {after}"));
    }
    warnings
}

/// What became of a record, as far as one outcome tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Matched,
    Proposed,
    Open,
    Excluded,
    Absent,
}

impl State {
    pub(super) const ALL: [Self; 5] =
        [Self::Matched, Self::Proposed, Self::Open, Self::Excluded, Self::Absent];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Proposed => "proposed",
            Self::Open => "open",
            Self::Excluded => "excluded",
            Self::Absent => "absent",
        }
    }

    /// Whether it stands in a group.
    pub(super) fn is_grouped(self) -> bool {
        matches!(self, Self::Matched | Self::Proposed)
    }

    /// Whether the run looked at it.
    pub(super) fn took_part(self) -> bool {
        !matches!(self, Self::Excluded | Self::Absent)
    }
}

/// States of both outcomes.
pub(super) struct States<'a> {
    pub(super) snapshots: [&'a Snapshot<'a>; 2],
    pub(super) matched_by: [MatchedBy; 2],
    proposed: super::names::Code,
}

impl<'a> States<'a> {
    pub(super) fn new(
        snapshots: [&'a Snapshot<'a>; 2],
        matched_by: [MatchedBy; 2],
        names: &mut Names,
    ) -> Self {
        Self { snapshots, matched_by, proposed: names.code("proposed") }
    }

    /// The state of a record in the old (0) or the new (1) outcome.
    pub(super) fn of(&self, both: &Both, which: usize) -> State {
        let snapshot = self.snapshots[which];
        let at = both.at[which];
        if at == NOWHERE {
            // The other outcome has it. A row that was read and stands nowhere was left out by `where`; an id that
            // stands nowhere may have been left out or not be there at all, which nobody can tell.
            let other = 1 - which;
            let row = self.snapshots[other].records.row[both.at[other] as usize];
            let side = usize::from(both.side);
            let by_row = self.matched_by[side] == MatchedBy::Row;
            let read = by_row && row < snapshot.sources[side].records;
            return if read { State::Excluded } else { State::Absent };
        }
        match snapshot.records.group(at) {
            None => State::Open,
            Some(group) if snapshot.groups.status[group as usize] == self.proposed => State::Proposed,
            Some(_) => State::Matched,
        }
    }
}
