//! The records of a side that a pass takes as one: those that agree in its key and in `group_by`.
//!
//! A bundle becomes one record of columns of its own: its latest record's cells, and the sum of its amounts. What pairs
//! records then pairs bundles; [`Members`] says whom they stand for.

mod convert;
mod fees;
mod form;
mod members;
mod parts;
mod sums;
mod terms;

pub(crate) use convert::Convert;
pub(crate) use fees::Fees;
pub(crate) use form::BYTES_EACH;
pub(crate) use members::Members;
pub(crate) use terms::Terms;

use crate::columns::{Column, Columns, NO_ROW, Row, SideColumns, row_of};
use crate::control::{Control, Reservation};
use crate::decisions::Barred;
use crate::error::Result;
use crate::outcome::{Groups, Note, Pair, Part};
use crate::plan::{BundlePlan, PassPlan, Plan, Side};
use crate::resolve::one_to_one::{PassFound, rejected};
use arrow_buffer::BooleanBuffer;
use parts::{Parted, Parting};
use std::borrow::Cow;
use std::sync::Arc;
use sums::Summing;

/// Both sides of a pass as it compares them.
#[derive(Debug)]
pub(crate) struct Bundled<'a> {
    sides: [Cow<'a, SideColumns>; 2],
    /// The rows that take part.
    pub(crate) rows: [Vec<Row>; 2],
    pub(crate) members: Members,
    _held: Vec<Reservation>,
}

/// The bundles of a side.
#[derive(Debug, Default)]
pub(crate) struct Bundles {
    /// Where each bundle's members begin, and the end.
    starts: Vec<u32>,
    /// Members, ascending in each bundle; bundles in the order of their first ones.
    rows: Vec<Row>,
    /// The member with the first day; the first in canonical order among several.
    earliest: Vec<Row>,
    /// The member with the last day, likewise.
    latest: Vec<Row>,
}

impl Bundles {
    fn len(&self) -> usize {
        self.latest.len()
    }

    /// The members of a bundle, ascending.
    pub(crate) fn members(&self, bundle: Row) -> &[Row] {
        let at = bundle as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(start), Some(end)) => &self.rows[*start as usize..*end as usize],
            _ => &[],
        }
    }
}

impl<'a> Bundled<'a> {
    /// Takes the records `rows` of both sides as one where the pass does.
    ///
    /// Cost: a sort of the records by key, one look at each amount and date; columns of as many rows as there are
    /// bundles.
    ///
    /// # Errors
    /// `total_too_large` where a sum passes the 37 digits of an amount; a memory limit; cancellation.
    pub(crate) fn of(
        plan: &Plan,
        pass: &PassPlan,
        columns: &'a Columns,
        rows: [&[Row]; 2],
        control: &Control,
    ) -> Result<Self> {
        let mut held = Vec::new();
        let mut sides = Side::BOTH.map(|side| Cow::Borrowed(columns.side(side)));
        let mut taken = rows.map(<[Row]>::to_vec);
        let mut bundles = [None, None];
        let by = pass.bundles().map(|plan| &plan.by);
        let terms = Terms::bind(pass, columns)?;
        for side in Side::BOTH {
            let records = columns.side(side);
            let terms = terms.as_ref().filter(|terms| terms.on(side));
            keep_currency(pass, (columns, side), &mut taken[side.index()]);
            let Some(by) = by.and_then(|by| by[side.index()].as_ref()) else {
                if let Some(terms) = terms {
                    let mut net = records.clone();
                    let summing = Summing { source: &plan.names[side.index()], side, terms: Some(terms) };
                    summing.replace(pass, records, &mut net, &taken[side.index()])?;
                    sides[side.index()] = Cow::Owned(net);
                }
                continue;
            };
            let bytes = taken[side.index()].len() as u64 * BYTES_EACH;
            held.push(control.memory.reserve(bytes, &format!("the groups of pass \"{}\"", pass.name))?);
            let formed = form::form(plan, (pass, by), (records, side), &taken[side.index()], control)?;
            let fields = plan.fields_compared();
            let bytes = records.taken_bytes(formed.len(), &fields);
            held.push(control.memory.reserve(bytes, &format!("the groups of pass \"{}\"", pass.name))?);
            let summing = Summing { source: &plan.names[side.index()], side, terms };
            sides[side.index()] = Cow::Owned(one_each(plan, pass, (records, &formed), summing)?);
            taken[side.index()] = (0..row_of(formed.len())).collect();
            bundles[side.index()] = Some(Arc::new(formed));
        }
        let mut all = Self { sides, rows: taken, members: Members::new(bundles), _held: held };
        all.bar(columns);
        Ok(all)
    }

    /// The columns of both sides: a row per bundle, or per record where they stand for themselves.
    pub(crate) fn sides(&self) -> [&SideColumns; 2] {
        self.sides.each_ref().map(AsRef::as_ref)
    }

    /// The columns of both sides as those of a run.
    pub(crate) fn columns(&self, scale: u8) -> Columns {
        Columns {
            sides: self.sides.each_ref().map(|side| side.as_ref().clone()),
            scale,
            ..Columns::default()
        }
    }

    /// Pairs of bundles that a person rejected as exactly that group.
    fn bar(&mut self, columns: &Columns) {
        let rejected: Vec<_> = columns.decisions.applied().filter(|one| !one.kind.makes()).collect();
        if rejected.is_empty() {
            return;
        }
        let at = Side::BOTH.map(|side| self.places(side, columns.side(side).rows));
        let mut across = Vec::new();
        for decided in rejected {
            let bundle = |side: Side| {
                let rows = decided.rows(side);
                let bundle = *at[side.index()].get(*rows.first()? as usize)?;
                (bundle != NO_ROW && self.members.of(side, &bundle) == rows).then_some(bundle)
            };
            across.extend(bundle(Side::Left).zip(bundle(Side::Right)));
        }
        across.sort_unstable();
        across.dedup();
        let mut back: Vec<(Row, Row)> = across.iter().map(|(left, right)| (*right, *left)).collect();
        back.sort_unstable();
        for (side, across) in Side::BOTH.into_iter().zip([across, back]) {
            let named: Vec<Row> = across.iter().map(|(bundle, _)| *bundle).collect();
            let columns = self.sides[side.index()].to_mut();
            let rows = columns.rows as usize;
            let known = columns.distinct.take();
            let is = |row: usize| {
                known.as_ref().is_some_and(|bits| bits.value(row))
                    || named.binary_search(&row_of(row)).is_ok()
            };
            columns.distinct = Some(BooleanBuffer::collect_bool(rows, is));
            columns.barred = Barred { across, ..Barred::default() };
        }
    }

    /// The bundle of every record of a side, [`NO_ROW`] for those in none.
    pub(crate) fn places(&self, side: Side, records: u32) -> Vec<Row> {
        let mut places = vec![NO_ROW; records as usize];
        for bundle in &self.rows[side.index()] {
            for row in self.members.of(side, bundle) {
                places[*row as usize] = *bundle;
            }
        }
        places
    }

    /// What was found between bundles, as what it is between records.
    ///
    /// # Errors
    /// A plan that doesn't fit the columns is an internal error.
    pub(crate) fn told(
        &self,
        (plan, index): (&Plan, u16),
        columns: &Columns,
        found: PassFound,
    ) -> Result<Told> {
        let mut told = Told::default();
        let parting = match plan.passes.get(usize::from(index)) {
            Some(pass) => Parting::of((plan, pass), columns, self)?,
            None => None,
        };
        for pair in found.pairs {
            let (lefts, rights) =
                (self.members.of(Side::Left, &pair.left), self.members.of(Side::Right, &pair.right));
            let parted = parting.as_ref().and_then(|parting| parting.parted((pair.left, pair.right)));
            let (lefts, rights) = match &parted {
                // What a person rejected is exactly that group, which only now is known.
                Some(Parted { members: [lefts, rights], .. }) if columns.decisions.bar(lefts, rights) => {
                    let note = |row: &Row, other: &[Row]| {
                        rejected(*row, other.first().copied().unwrap_or(NO_ROW), index, pair.score)
                    };
                    told.notes[0].extend(lefts.iter().map(|row| note(row, rights)));
                    told.notes[1].extend(rights.iter().map(|row| note(row, lefts)));
                    continue;
                }
                Some(Parted { members: [lefts, rights], part, twins }) => {
                    told.parts.extend(part.map(|part| Part { pass: index, ..part }));
                    for (side, row, nearest) in twins {
                        told.notes[side.index()].push(Note {
                            row: *row,
                            reason: crate::outcome::Reason::Duplicate,
                            pass: index,
                            nearest: *nearest,
                            rival: NO_ROW,
                            score: 0,
                        });
                    }
                    (lefts.as_slice(), rights.as_slice())
                }
                None => (lefts, rights),
            };
            match (lefts, rights) {
                ([left], [right]) => told.pairs.push(Pair { left: *left, right: *right, ..pair }),
                _ => told.groups.push(pair.verdict(), lefts, rights),
            }
        }
        for (side, notes) in Side::BOTH.into_iter().zip(found.notes) {
            for note in notes {
                let duplicate = note.reason == crate::outcome::Reason::Duplicate;
                let nearest_side = if duplicate { side } else { side.other() };
                let nearest = self.members.latest(nearest_side, note.nearest);
                let rival = self.members.latest(side, note.rival);
                let of = |row: &Row| Note { row: *row, nearest, rival, ..note };
                told.notes[side.index()].extend(self.members.of(side, &note.row).iter().map(of));
            }
        }
        Ok(told)
    }
}

/// Of the side that another is converted to, only records in that currency are compared, where the spec names it.
fn keep_currency(pass: &PassPlan, (columns, side): (&Columns, Side), rows: &mut Vec<Row>) {
    let convert = pass.bundles().and_then(|bundles| bundles.convert.as_ref());
    let Some(convert) = convert.filter(|convert| convert.side != side) else { return };
    let Some((field, currency)) = &convert.to else { return };
    let column = columns.side(side).fields.get(*field);
    rows.retain(|row| match column {
        Some(Column::Text(texts)) => texts.get(*row) == Some(currency.as_str()),
        _ => false,
    });
}

/// What a pass found, in records.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) pairs: Vec<Pair>,
    pub(crate) groups: Groups,
    pub(crate) parts: Vec<Part>,
    pub(crate) notes: [Vec<Note>; 2],
}

/// A row for each bundle: the cells of its latest record, the sum of its amounts. Several records are no twin of any.
fn one_each(
    plan: &Plan,
    pass: &PassPlan,
    (records, bundles): (&SideColumns, &Bundles),
    summing: Summing<'_>,
) -> Result<SideColumns> {
    let mut columns = records.taken(&bundles.latest, &plan.fields_compared());
    let known = columns.distinct.take();
    let is_distinct = |at: usize| {
        let several = bundles.starts[at + 1] - bundles.starts[at] > 1;
        several || known.as_ref().is_some_and(|bits| bits.value(at))
    };
    columns.distinct = Some(BooleanBuffer::collect_bool(bundles.len(), is_distinct));
    if let Some(field) = summing.field(pass)
        && let (Some(amounts), Some(slot)) = (records.fields.get(field), columns.fields.get_mut(field))
    {
        *slot = summing.of(amounts, bundles)?;
    }
    Ok(columns)
}

impl BundlePlan {
    /// Whether a condition, by its position, is asked of every record and not of the sums or the latest.
    pub(crate) fn asks_every(&self, position: usize) -> bool {
        self.conditions == crate::spec::Conditions::Before && self.sum != Some(position)
    }
}
