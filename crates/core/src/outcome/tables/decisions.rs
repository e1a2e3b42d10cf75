//! `decisions`: one row per record that a decision names; and decisions made of groups, for a review screen.

use super::super::Outcome;
use super::super::gather::{
    BothSides, TableBuilder, amounts, cell_text, names, nullable_numbers, numbers, texts, texts_of,
};
use super::rows::{Grouped as _, Item, Stretch};
use super::{SIDES, side_key};
use crate::columns::{Canon, Row};
use crate::decisions::{Decided, Member, Stale};
use crate::error::{Error, Mistake, Mistakes, Result};
use crate::plan::Side;
use crate::spec::DecisionKind;
use arrow_array::RecordBatch;
use arrow_array::types::{Int8Type, Int16Type, UInt32Type, UInt64Type};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::collections::BTreeSet;
use std::ops::Range;

/// Whether a decision was applied.
const STATES: [&str; 2] = ["applied", "stale"];
/// Digits of a label that is made of a group.
const LABEL_DIGITS: usize = 16;

impl Outcome {
    pub(in super::super) fn decisions_table(&self) -> Result<RecordBatch> {
        let mut rows: Vec<(&Decided, &Member)> = Vec::new();
        for decided in &self.columns.decisions.all {
            rows.extend(decided.members.iter().map(|member| (decided, member)));
        }
        let rows: &[(&Decided, &Member)] = &rows;
        let count = rows.len();
        let ids = self.decided_groups();
        let mut table = TableBuilder::default();
        table.full("decision", || texts(count, |at, out| written(&rows[at].0.label, out)));
        table.full("kind", || {
            let all = DecisionKind::ALL.map(DecisionKind::name);
            names::<Int8Type, _>(count, &all, |at| i8::try_from(rows[at].0.kind as usize).ok())
        });
        table.full("state", || {
            names::<Int8Type, _>(count, &STATES, |at| Some(i8::from(!rows[at].0.is_applied())))
        });
        table.nullable("group_id", || {
            let id = |(decided, member): (&Decided, &Member)| {
                let made = decided.kind.makes() && decided.is_applied();
                member.row.filter(|_| made).and_then(|row| ids.get(&(member.side, row)).copied())
            };
            nullable_numbers::<UInt64Type>(count, |at| id(rows[at]))
        });
        table.full("side", || names::<Int8Type, _>(count, &SIDES, |at| Some(side_key(rows[at].1.side))));
        table.nullable("row", || {
            let number = |member: &Member| Some(self.columns.side(member.side).row_number(member.row?));
            nullable_numbers::<UInt64Type>(count, |at| number(rows[at].1))
        });
        table.nullable("id", || texts(count, |at, out| self.write_named(rows[at].1, out)));
        table.nullable("occurrence", || nullable_numbers::<UInt32Type>(count, |at| rows[at].1.occurrence));
        self.add_stale(&mut table, rows);
        table.build()
    }

    fn add_stale<'a>(&'a self, table: &mut TableBuilder<'a>, rows: &'a [(&'a Decided, &'a Member)]) {
        let count = rows.len();
        let stale = |at: usize| rows[at].1.stale.as_ref();
        table.nullable("why", move || {
            names::<Int8Type, _>(count, &Stale::NAMES, |at| stale(at).map(Stale::at))
        });
        table.nullable("field", move || {
            let all: Vec<&str> = self.plan.fields.iter().map(|field| field.name.as_str()).collect();
            names::<Int16Type, _>(count, &all, |at| match stale(at) {
                Some(Stale::Changed { field, .. }) => i16::try_from(*field).ok(),
                _ => None,
            })
        });
        table.nullable("was", move || {
            texts(count, |at, out| matches!(stale(at), Some(Stale::Changed { was, .. }) if written(was, out)))
        });
        table.nullable("now", move || {
            texts(count, |at, out| {
                matches!(stale(at), Some(Stale::Changed { now: Some(now), .. }) if written(now, out))
            })
        });
    }

    /// The id of a record that is there, else the one it was named by.
    fn write_named(&self, member: &Member, out: &mut Vec<u8>) -> bool {
        match member.row {
            Some(row) => BothSides::of(&self.columns, self.plan.id).write(member.side, row, out),
            None => member.id.as_ref().is_some_and(|id| written(id, out)),
        }
    }

    /// The groups that decisions made, by their records.
    fn decided_groups(&self) -> HashMap<(Side, Row), u64, FixedState> {
        let mut ids = HashMap::default();
        if self.columns.decisions.all.is_empty() {
            return ids;
        }
        for pair in self.found.pairs.iter().filter(|pair| pair.pass == 0) {
            ids.extend(pair.members().map(|member| (member, super::group_id(&self.columns, pair))));
        }
        for group in self.found.groups.iter().filter(|group| group.verdict.pass == 0) {
            ids.extend(group.members().map(|member| (member, Item::Group(group).id(&self.columns))));
        }
        ids
    }

    /// Decisions about groups of this outcome, as a table that a later run takes: what a review screen hands back of
    /// the groups a person said yes or no to. Each row has the record's amount, so that the decision is stale once
    /// it changed.
    ///
    /// A decision is called after what its group holds: the same group has the same label in every run, and no other has it.
    /// A group that is named twice is decided once.
    ///
    /// # Errors
    /// [`Error::Call`] with the code `unknown_group` for every id that no group has.
    ///
    /// Cost: a look at every group, and at every id of the sources.
    pub fn decisions_from(&self, group_ids: &[u64], kind: DecisionKind) -> Result<RecordBatch> {
        let mut members: Vec<(Side, Row)> = Vec::new();
        let mut groups: Vec<Range<usize>> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut mistakes = Vec::new();
        let places = self.places_of(group_ids);
        for (at, id) in group_ids.iter().enumerate() {
            let Some(&place) = places.get(id) else {
                let expected = "the group_id of a group of this outcome";
                mistakes.push(Mistake::new(
                    "unknown_group",
                    format!("group_ids[{at}]"),
                    id.to_string(),
                    expected,
                ));
                continue;
            };
            // A group that is named twice is decided once.
            if seen.insert(*id) {
                let from = members.len();
                members.extend(self.members_at(place));
                groups.push(from..members.len());
            }
        }
        if !mistakes.is_empty() {
            return Err(Error::Call(Mistakes(mistakes)));
        }
        let occurrences = self.occurrences(&members);
        let label = |group: Range<usize>| self.label(&members[group.clone()], &occurrences[group]);
        let labels = groups.into_iter().flat_map(|group| vec![label(group.clone()); group.len()]);
        let rows: Vec<(String, Side, Row)> =
            labels.zip(&members).map(|(label, (side, row))| (label, *side, *row)).collect();
        self.decision_rows(&rows, &occurrences, kind)
    }

    fn decision_rows(
        &self,
        rows: &[(String, Side, Row)],
        occurrences: &[Option<u32>],
        kind: DecisionKind,
    ) -> Result<RecordBatch> {
        let count = rows.len();
        let ids = BothSides::of(&self.columns, self.plan.id);
        // A decision is about records, not about what a group takes of them.
        let tied = BothSides::of(&self.asked, self.plan.tie_out.amount);
        let record = |at: usize| (rows[at].1, rows[at].2);
        let mut table = TableBuilder::default();
        table.full("decision", || texts(count, |at, out| written(&rows[at].0, out)));
        table.full("kind", || texts(count, |_, out| written(kind.name(), out)));
        table.full("side", || texts(count, |at, out| written(rows[at].1.name(), out)));
        table.nullable("id", || texts_of(count, ids, record));
        table.nullable("occurrence", || nullable_numbers::<UInt32Type>(count, |at| occurrences[at]));
        table.full("row", || {
            numbers::<UInt64Type>(count, |at| self.columns.side(rows[at].1).row_number(rows[at].2))
        });
        if let Some(field) = self.plan.tie_out.amount.and_then(|field| self.plan.fields.get(field)) {
            table.nullable(&field.name, || {
                amounts(count, self.columns.scale, |at| tied.amount(rows[at].1, rows[at].2))
            });
        }
        table.build()
    }

    /// Where the groups of these ids stand, pairs and groups together.
    fn places_of(&self, ids: &[u64]) -> HashMap<u64, usize, FixedState> {
        let mut wanted: HashMap<u64, usize, FixedState> = ids.iter().map(|id| (*id, usize::MAX)).collect();
        let mut note = |at: usize, id: u64| {
            if let Some(place) = wanted.get_mut(&id) {
                *place = at;
            }
        };
        match self.stretch(0..self.groups_count()) {
            Stretch::Pairs(pairs) => {
                pairs
                    .iter()
                    .enumerate()
                    .for_each(|(at, pair)| note(at, super::group_id(&self.columns, pair)));
            }
            Stretch::Both(items) => {
                items.iter().enumerate().for_each(|(at, item)| note(at, item.id(&self.columns)));
            }
        }
        wanted.retain(|_, place| *place != usize::MAX);
        wanted
    }

    fn members_at(&self, place: usize) -> Vec<(Side, Row)> {
        let mut members = Vec::new();
        match self.stretch(place..place + 1) {
            Stretch::Pairs(pairs) => {
                for pair in pairs {
                    Item::Pair(pair).members(&self.columns, &mut members);
                }
            }
            Stretch::Both(items) => {
                for item in items {
                    item.members(&self.columns, &mut members);
                }
            }
        }
        members
    }

    /// A hash of what names the members: their ids, with the occurrence where an id repeats, else their rows; and their
    /// amounts.
    fn label(&self, members: &[(Side, Row)], occurrences: &[Option<u32>]) -> String {
        let mut hasher = blake3::Hasher::new();
        for ((side, row), occurrence) in members.iter().zip(occurrences) {
            let source = self.asked.side(*side);
            let cell = |field: Option<usize>| cell_text(source.fields.get(field?)?, self.columns.scale, *row);
            let id = cell(self.plan.id).unwrap_or_else(|| format!("row {}", source.row_number(*row)));
            let amount = cell(self.plan.tie_out.amount).unwrap_or_default();
            let occurrence = occurrence.map(|occurrence| occurrence.to_string());
            for part in
                [Some(side.name()), Some(&id), Some(&amount), occurrence.as_deref()].into_iter().flatten()
            {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        hasher.finalize().to_hex().chars().take(LABEL_DIGITS).collect()
    }

    /// Which of the records with its id each is, in canonical order, from 1; `None` where no other has it.
    fn occurrences(&self, rows: &[(Side, Row)]) -> Vec<Option<u32>> {
        let mut found: HashMap<(Side, Row), u32, FixedState> = HashMap::default();
        for side in Side::BOTH {
            let source = self.columns.side(side);
            let Some(ids) = self.plan.id.and_then(|field| source.fields.get(field)) else { continue };
            let id = |row: Row| cell_text(ids, self.columns.scale, row);
            let of_side = rows.iter().filter(|row| row.0 == side);
            let mut wanted: HashMap<String, Vec<Row>, FixedState> =
                of_side.filter_map(|row| Some((id(row.1)?, Vec::new()))).collect();
            if wanted.is_empty() {
                continue;
            }
            for row in 0..source.records() {
                if let Some(same) = id(row).and_then(|id| wanted.get_mut(&id)) {
                    same.push(row);
                }
            }
            let canon = Canon::new(&self.plan, source);
            for same in wanted.values_mut().filter(|same| same.len() > 1) {
                canon.sort(same);
                found.extend(same.iter().zip(1..).map(|(row, at)| ((side, *row), at)));
            }
        }
        rows.iter().map(|(side, row)| found.get(&(*side, *row)).copied()).collect()
    }
}

fn written(text: &str, out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(text.as_bytes());
    true
}
