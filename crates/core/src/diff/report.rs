//! From two snapshots to tables and figures.

use super::money::{ByCurrency, amount};
use super::names::{Code, NONE, Names};
use super::records::{Both, Paired, State, States, pair};
use super::relate::{GroupRow, Related, relate};
use super::snapshot::{NOWHERE, Snapshot, scale_of};
use super::summary::{
    DiffAmount, DiffFlow, DiffGroupAmounts, DiffGroups, DiffRecords, DiffSource, DiffSummary, DiffTieOut,
    DiffWarning, GroupKind, MatchedBy, RecordKind, SUMMARY_CELLS_MAX,
};
use super::tie_out::{CellTerms, beside};
use super::{Diff, OutcomeTables, SCHEMA_VERSION, tables};
use crate::control::Cancel;
use crate::error::Result;
use std::collections::BTreeMap;

/// A record whose state is told, for the table `records`.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordRow {
    pub(super) kind: RecordKind,
    pub(super) both: Both,
    pub(super) states: [State; 2],
}

/// Everything a table or a figure is made of.
pub(super) struct Found<'a> {
    pub(super) snapshots: [&'a Snapshot<'a>; 2],
    pub(super) names: &'a Names,
    pub(super) scale: u8,
}

pub(super) fn diff(tables: [&OutcomeTables; 2], cancel: &Cancel) -> Result<Diff> {
    let scale = scale_of(tables[0])?.max(scale_of(tables[1])?);
    let mut names = Names::default();
    let old = Snapshot::read(tables[0], scale, &mut names)?;
    cancel.check()?;
    let new = Snapshot::read(tables[1], scale, &mut names)?;
    cancel.check()?;
    let snapshots = [&old, &new];
    let labels = tables.map(|tables| tables.name.as_str());
    let mut paired = pair(snapshots, labels);
    cancel.check()?;
    let related = relate(snapshots, &paired.records);
    cancel.check()?;
    let states = States::new(snapshots, paired.matched_by, &mut names);
    let found = Found { snapshots, names: &names, scale: u8::try_from(scale).unwrap_or(0) };
    let (rows, records, flows) = found.records(&paired, &related, &states);
    let cells = beside(&old.cells, &new.cells);
    if cells.is_none() {
        paired.warnings.push(other_cells(snapshots, labels));
    }
    let comparable = cells.is_some();
    let cells = cells.unwrap_or_default();
    let told: Vec<GroupRow> =
        related.rows.iter().filter(|row| row.kind != GroupKind::Unchanged).copied().collect();
    let same_totals = comparable && cells.iter().all(CellTerms::is_same);
    let summary = DiffSummary {
        schema_version: SCHEMA_VERSION,
        equal: told.is_empty() && rows.is_empty() && same_totals,
        names: labels.map(str::to_owned),
        warnings: paired.warnings,
        sources: [0, 1].map(|side| source(snapshots, paired.matched_by, side)),
        groups: found.groups(&related.rows),
        records,
        flows,
        tie_out: tie_out(snapshots, &cells, found.scale),
    };
    Ok(Diff {
        groups: tables::groups(&found, &told)?,
        records: tables::records(&found, &rows)?,
        tie_out: tables::tie_out(&summary.tie_out.by, &cells, found.scale)?,
        summary,
    })
}

fn other_cells(snapshots: [&Snapshot<'_>; 2], labels: [&str; 2]) -> DiffWarning {
    let [old, new] = snapshots.map(|snapshot| snapshot.cells.by.join(", "));
    let [before, after] = labels;
    let text = format!(
        "the tie-out's cells are made of ({old}) in {before} and of ({new}) in {after}: its terms can't stand beside each other"
    );
    DiffWarning { code: "cells_differ", side: None, text }
}

fn source(snapshots: [&Snapshot<'_>; 2], matched_by: [MatchedBy; 2], side: usize) -> DiffSource {
    let sources = snapshots.map(|snapshot| &snapshot.sources[side]);
    DiffSource {
        side: SIDES[side],
        names: sources.map(|source| source.name.clone()),
        records: sources.map(|source| source.records),
        matched_by: matched_by[side],
    }
}

pub(super) const SIDES: [&str; 2] = ["left", "right"];

fn tie_out(snapshots: [&Snapshot<'_>; 2], cells: &[CellTerms], scale: u8) -> DiffTieOut {
    let [old, new] = snapshots.map(|snapshot| &snapshot.cells);
    let by = if old.cells.is_empty() { &new.by } else { &old.by };
    let (same, changed): (Vec<&CellTerms>, Vec<_>) = cells.iter().partition(|cell| cell.is_same());
    DiffTieOut {
        by: by.clone(),
        cells_count: cells.len() as u64,
        changed_count: changed.len() as u64,
        cells: changed.into_iter().chain(same).take(SUMMARY_CELLS_MAX).map(|cell| cell.told(scale)).collect(),
    }
}

/// Where a record was and is: side, state and pass or reason of each.
type Way = (u8, [State; 2], [Code; 2]);

/// Records that went one way.
#[derive(Default)]
struct Flow {
    records: u64,
    amounts: ByCurrency<2>,
}

impl Found<'_> {
    /// The pass of a grouped record, the reason of an open one.
    pub(super) fn by(&self, which: usize, at: u32, state: State) -> Code {
        match state {
            State::Matched | State::Proposed => self.snapshots[which].pass(at),
            State::Open => self.snapshots[which].reason(at),
            State::Excluded | State::Absent => NONE,
        }
    }

    /// The currency that either outcome knows; where they disagree, none.
    pub(super) fn currency(&self, both: &Both) -> Code {
        let of = |which: usize| match both.at[which] {
            NOWHERE => NONE,
            at => self.snapshots[which].currency(at),
        };
        match [of(0), of(1)] {
            [NONE, known] | [known, NONE] => known,
            [old, new] if old == new => old,
            _ => NONE,
        }
    }

    /// The records whose state is told, the same counted, and all ways that records went.
    fn records(
        &self,
        paired: &Paired,
        related: &Related,
        states: &States<'_>,
    ) -> (Vec<RecordRow>, Vec<DiffRecords>, Vec<DiffFlow>) {
        let mut rows = Vec::new();
        let mut kinds: BTreeMap<(RecordKind, u8), Flow> = BTreeMap::new();
        let mut flows: BTreeMap<Way, Flow> = BTreeMap::new();
        let mut unseen = Unseen::new(self.snapshots, states.matched_by);
        for both in &paired.records {
            let of = [0, 1].map(|which| states.of(both, which));
            unseen.see(self.snapshots, both, of);
            let by = [0, 1].map(|which| self.by(which, both.at[which], of[which]));
            self.count(flows.entry((both.side, of, by)).or_default(), both);
            if let Some(kind) = self.kind(both, of, by, related) {
                self.count(kinds.entry((kind, both.side)).or_default(), both);
                rows.push(RecordRow { kind, both: *both, states: of });
            }
        }
        for (side, of, records) in unseen.left() {
            flows.entry((side, of, [NONE; 2])).or_default().records += records;
        }
        let records = kinds.into_iter().map(|((kind, side), flow)| DiffRecords {
            kind,
            side: SIDES[usize::from(side)],
            records: flow.records,
            amounts: self.amounts(&flow),
        });
        let records = records.collect();
        (rows, records, self.flows(flows))
    }

    fn flows(&self, flows: BTreeMap<Way, Flow>) -> Vec<DiffFlow> {
        let told = |((side, of, by), flow): (Way, Flow)| DiffFlow {
            side: SIDES[usize::from(side)],
            was: of[0].name(),
            was_by: self.names.owned(by[0]),
            is: of[1].name(),
            is_by: self.names.owned(by[1]),
            records: flow.records,
            amounts: self.amounts(&flow),
        };
        let mut all: Vec<DiffFlow> = flows.into_iter().map(told).collect();
        // By name, not by the order in which names were met: that would be another one the other way round.
        let place = |name: &str| State::ALL.iter().position(|state| state.name() == name);
        all.sort_by(|one, other| {
            let key = |flow: &DiffFlow| (flow.side, place(flow.was), place(flow.is));
            let by = |flow: &DiffFlow| (flow.was_by.clone(), flow.is_by.clone());
            key(one).cmp(&key(other)).then_with(|| by(one).cmp(&by(other)))
        });
        all
    }

    fn count(&self, flow: &mut Flow, both: &Both) {
        flow.records += 1;
        let currency = self.currency(both);
        for which in 0..2 {
            if both.at[which] == NOWHERE {
                continue;
            }
            if let Some(amount) = amount(&self.snapshots[which].records.amount, both.at[which] as usize) {
                flow.amounts.add(currency, which, amount);
            }
        }
    }

    fn amounts(&self, flow: &Flow) -> Vec<DiffAmount> {
        let texts = flow.amounts.texts(self.names, self.scale);
        texts.into_iter().map(|(currency, amount)| DiffAmount { currency, amount }).collect()
    }

    fn kind(&self, both: &Both, of: [State; 2], by: [Code; 2], related: &Related) -> Option<RecordKind> {
        match of {
            [was, is] if was.is_grouped() && is.is_grouped() => {
                let [old, new] = [0, 1].map(|which| self.snapshots[which].records.group(both.at[which]));
                let same = old.map(|old| related.same[old as usize]) == new;
                if same {
                    (was != is).then_some(RecordKind::StatusChanged)
                } else {
                    Some(RecordKind::Regrouped)
                }
            }
            [State::Open, State::Open] => (by[0] != by[1]).then_some(RecordKind::ReasonChanged),
            [was, is] => match [was.took_part(), is.took_part()] {
                [true, true] if is.is_grouped() => Some(RecordKind::Grouped),
                [true, true] => Some(RecordKind::Opened),
                [false, true] => Some(RecordKind::Entered),
                [true, false] => Some(RecordKind::Gone),
                [false, false] => None,
            },
        }
    }

    fn groups(&self, rows: &[GroupRow]) -> Vec<DiffGroups> {
        let kinds = GroupKind::ALL.map(|kind| {
            let mut groups = [0; 2];
            let mut sums: ByCurrency<6> = ByCurrency::default();
            for row in rows.iter().filter(|row| row.kind == kind) {
                for which in (0..2).filter(|which| row.at[*which] != NOWHERE) {
                    groups[which] += 1;
                    let (of, at) = (&self.snapshots[which].groups, row.at[which] as usize);
                    for money in 0..3 {
                        if let Some(amount) = amount(&of.money[money], at) {
                            sums.add(of.currency[at], 2 * money + which, amount);
                        }
                    }
                }
            }
            let amounts = sums.texts(self.names, self.scale).into_iter().map(|(currency, sums)| {
                let [left_old, left_new, right_old, right_new, net_old, net_new] = sums;
                let (left, right) = ([left_old, left_new], [right_old, right_new]);
                DiffGroupAmounts { currency, left, right, net: [net_old, net_new] }
            });
            DiffGroups { kind, groups, amounts: amounts.collect() }
        });
        kinds.into()
    }
}

/// Records that stand in neither outcome: `where` left them out of both, or out of the one that had them.
struct Unseen {
    matched_by: [MatchedBy; 2],
    records: [[u64; 2]; 2],
    /// By side: records that stand in either outcome, by row below both counts and beyond the smaller one.
    seen: [[u64; 2]; 2],
    /// By side and outcome, where ids bring records together: records that stand in it.
    seen_of: [[u64; 2]; 2],
}

impl Unseen {
    fn new(snapshots: [&Snapshot<'_>; 2], matched_by: [MatchedBy; 2]) -> Self {
        let records = [0, 1].map(|side| snapshots.map(|snapshot| snapshot.sources[side].records));
        Self { matched_by, records, seen: [[0; 2]; 2], seen_of: [[0; 2]; 2] }
    }

    fn see(&mut self, snapshots: [&Snapshot<'_>; 2], both: &Both, of: [State; 2]) {
        let side = usize::from(both.side);
        for (seen, state) in self.seen_of[side].iter_mut().zip(of) {
            *seen += u64::from(state.took_part());
        }
        let which = usize::from(both.at[0] == NOWHERE);
        let row = snapshots[which].records.row[both.at[which] as usize];
        let [old, new] = self.records[side];
        self.seen[side][usize::from(row >= old.min(new))] += 1;
    }

    /// Side, states and count of those that were not seen.
    fn left(&self) -> Vec<(u8, [State; 2], u64)> {
        let mut all = Vec::new();
        for side in 0..2_u8 {
            let at = usize::from(side);
            let [old, new] = self.records[at];
            let rest = |which: usize| self.records[at][which].saturating_sub(self.seen_of[at][which]);
            if self.matched_by[at] == MatchedBy::Id {
                all.push((side, [State::Excluded, State::Absent], rest(0)));
                all.push((side, [State::Absent, State::Excluded], rest(1)));
                continue;
            }
            let [below, beyond] = self.seen[at];
            let longer =
                if old > new { [State::Excluded, State::Absent] } else { [State::Absent, State::Excluded] };
            all.push((side, [State::Excluded; 2], old.min(new).saturating_sub(below)));
            all.push((side, longer, old.abs_diff(new).saturating_sub(beyond)));
        }
        all.retain(|(_, _, records)| *records > 0);
        all
    }
}
