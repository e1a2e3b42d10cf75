//! Why a record is open: the strongest of what the passes noted, else the nearest record of the other side and what
//! it lacks, else that nothing was near. The rules are `docs/spec/breaks.md`.
//!
//! Cost: proportional to the open records, but for one look at all records where something is open.

mod block;
mod bundles;
mod chance;
pub(crate) mod formula;
mod frequency;
mod nearest;
mod relaxed;
mod rest;
mod share;
mod shortfall;
pub(crate) mod systematic;
mod tolerated;

use crate::bundles::Bundled;
use crate::columns::{Canon, Column, Columns, NO_ROW, Row, SideColumns, row_of};
use crate::control::Control;
use crate::error::Result;
use crate::outcome::{Break, Note, Pair, Reason, Span};
use crate::plan::{PassPlan, Plan, Side, VariancePlan};
use crate::spec::Sign;
use formula::{Formula, Kind};
use frequency::{Frequency, Samples};
use nearest::{Finding, Near, Open, Wanted};
use rayon::prelude::*;
use relaxed::{Relaxed, relaxed};
use rest::Rest;

pub(crate) use share::{ROUNDING_UNITS_MAX, comparable, is_rounding};
pub use shortfall::{Change, Shortfall, shortfall};

/// What the passes left.
#[derive(Debug, Clone, Copy)]
pub struct Passed<'a> {
    /// The pairs they made.
    pub pairs: &'a [Pair],
    /// Records in no group, by side, in any order.
    pub open: &'a [Vec<Row>; 2],
    /// What they noted about records, in any order.
    pub notes: &'a [Vec<Note>; 2],
}

/// Why records are open.
#[derive(Debug, Clone, Default)]
pub struct Explained {
    /// Breaks of both sides, ascending by row: one per open or unreadable record.
    pub breaks: [Vec<Break>; 2],
    /// Per pass: records whose nearest was not found, not all being looked at.
    pub cut: Vec<u64>,
    /// What near misses that look like a fee or a rate agree on.
    pub(crate) formulas: Vec<Formula>,
}

/// Says of every open record why it is open.
///
/// # Errors
/// [`crate::Error::Cancelled`], a memory limit.
pub fn explain(plan: &Plan, columns: &Columns, passed: Passed<'_>, control: &Control) -> Result<Explained> {
    control.cancel.check()?;
    let side = |side: Side| Noted::of(plan, (columns.side(side), side), passed);
    let (left, right) = rayon::join(|| side(Side::Left), || side(Side::Right));
    let mut noted = [left, right];
    let (cut, formulas) = near_misses(plan, columns, (&mut noted, passed.pairs), control)?;
    Ok(Explained { breaks: noted.map(|noted| noted.breaks), cut, formulas })
}

/// The breaks of one side while they are being found.
struct Noted {
    /// Open records, ascending.
    open: Vec<Row>,
    /// Those that another open record, or one that a decision put in a group, may equal: their hashes do. Ascending.
    alike: Vec<Row>,
    /// A break per open or unreadable record, ascending.
    breaks: Vec<Break>,
}

impl Noted {
    /// What the passes noted decides; for the other records nothing is known yet.
    fn of(plan: &Plan, (records, side): (&SideColumns, Side), passed: Passed<'_>) -> Self {
        let mut open = passed.open[side.index()].clone();
        open.par_sort_unstable();
        let is_open = |row: Row| open.binary_search(&row).is_ok();
        let notes = &passed.notes[side.index()];
        let mut notes: Vec<Note> = notes.par_iter().filter(|note| is_open(note.row)).copied().collect();
        let (twins, alike) = open_twins(&Canon::new(plan, records), records, &open);
        notes.extend(twins);
        notes.par_sort_by_key(|note| (note.row, note.reason, note.pass));
        notes.dedup_by_key(|note| note.row);
        let missing = missing(side);
        let mut notes = notes.into_iter().peekable();
        let mut breaks: Vec<Break> = open
            .iter()
            .map(|row| {
                let note = notes.next_if(|note| note.row == *row);
                note.map_or_else(|| bare(*row, missing), |note| noted(&note))
            })
            .collect();
        if records.unreadable.is_some() {
            breaks.extend(unreadable(records).map(|row| bare(row, Reason::Unreadable)));
            breaks.sort_unstable_by_key(|found| found.row);
        }
        Self { open, alike, breaks }
    }

    /// Where the breaks of some records stand, ascending; [`NO_ROW`] for a record that has none.
    fn positions(&self, records: &[Row]) -> Vec<u32> {
        let mut breaks = (0_u32..).zip(&self.breaks).peekable();
        let position = |record: &Row| {
            while breaks.next_if(|(_, found)| found.row < *record).is_some() {}
            breaks.next_if(|(_, found)| found.row == *record).map_or(NO_ROW, |(at, _)| at)
        };
        records.iter().map(position).collect()
    }
}

fn missing(side: Side) -> Reason {
    match side {
        Side::Left => Reason::MissingOnRight,
        Side::Right => Reason::MissingOnLeft,
    }
}

/// Gives the records that no pass noted their nearest record, pass by pass. Tells per pass for how many the search was
/// cut, and what their differences agree on.
fn near_misses(
    plan: &Plan,
    columns: &Columns,
    (noted, pairs): (&mut [Noted; 2], &[Pair]),
    control: &Control,
) -> Result<(Vec<u64>, Vec<Formula>)> {
    let mut cut = vec![0; plan.passes.len()];
    if noted.iter().any(|noted| noted.open.is_empty()) {
        return Ok((cut, Vec::new()));
    }
    let unknown = |side: Side| noted[side.index()].breaks.iter().any(|found| found.reason == missing(side));
    if !Side::BOTH.into_iter().any(unknown) {
        return Ok((cut, Vec::new()));
    }
    let samples = Samples::draw(plan, columns);
    let open = [noted[0].open.as_slice(), noted[1].open.as_slice()];
    let alike = [noted[0].alike.as_slice(), noted[1].alike.as_slice()];
    let rest = Rest::take(plan, columns, rest::Wanted { open, alike, samples: samples.rows() }, control)?;
    let rows = Side::BOTH.map(|side| rest.places(side, open[side.index()]));
    let at = Side::BOTH.map(|side| noted[side.index()].positions(rest.records(side)));
    let is_unknown = |(side, at): (Side, u32)| {
        noted[side.index()].breaks.get(at as usize).is_some_and(|found| found.reason == missing(side))
    };
    let mut wanted: Wanted =
        Side::BOTH.map(|side| at[side.index()].iter().map(|at| is_unknown((side, *at))).collect());
    let frequency = Frequency::new(&samples, &rest);
    let open = Open { plan, columns: &rest.columns, rows: [&rows[0], &rows[1]], control };
    let mut misses = Vec::new();
    for (index, pass) in (0_u16..).zip(&plan.passes).filter(|(_, pass)| pass.searches()) {
        control.cancel.check()?;
        if pass.bundles().is_some() {
            let is_wanted = |side: Side, row: Row| {
                rest.place(side, row).is_some_and(|place| wanted[side.index()][place as usize])
            };
            let found = bundles::misses((plan, columns), index, (noted, &is_wanted), control)?;
            for (side, miss) in found {
                if let Some(place) = rest.place(side, miss.found.row) {
                    wanted[side.index()][place as usize] = false;
                }
                misses.push(miss);
            }
            continue;
        }
        let ways = relaxed((pass, index), &rest.columns, &frequency)?;
        let best = best_of(&open, &ways, &wanted, &frequency)?;
        for side in Side::BOTH {
            let (at, wanted) = (&at[side.index()], &mut wanted[side.index()]);
            let breaks = &mut noted[side.index()].breaks;
            let Best { near, cut } = &best[side.index()];
            for place in cut {
                if let Some(broken) = breaks.get_mut(at[*place as usize] as usize) {
                    broken.reason = Reason::SearchLimit;
                    broken.pass = broken.pass.or(Some(index));
                }
            }
            for (_, near) in near {
                wanted[near.row as usize] = false;
            }
            misses.par_extend(near.par_iter().map(|(way, near)| {
                let at = at[near.row as usize];
                Miss::of(&ways[*way], near, (side, at, &rest))
            }));
        }
    }
    for side in Side::BOTH {
        let breaks = &noted[side.index()].breaks;
        let unseen = at[side.index()].iter().zip(&wanted[side.index()]).filter(|(_, wanted)| **wanted);
        let unseen = unseen.filter_map(|(at, _)| breaks.get(*at as usize));
        let limited = unseen.filter(|found| found.reason == Reason::SearchLimit);
        for pass in limited.filter_map(|found| found.pass) {
            cut[usize::from(pass)] += 1;
        }
    }
    let formulas = formulas(plan, columns, &misses, pairs);
    settle(&misses, &formulas, columns.scale, noted);
    Ok((cut, formulas))
}

/// What was found for records of a side, ascending by row.
struct Best {
    /// The nearest ones, with the ways they were found by.
    near: Vec<(usize, Near)>,
    /// Records for which none was, the search being cut.
    cut: Vec<Row>,
}

/// The nearest record over all ways to leave out one requirement of a pass.
fn best_of(
    open: &Open<'_>,
    ways: &[Relaxed<'_>],
    wanted: &Wanted,
    frequency: &Frequency<'_>,
) -> Result<[Best; 2]> {
    let mut best = Side::BOTH.map(|side| Nearest::of(open, side));
    for (way, relaxed) in ways.iter().enumerate() {
        let found = open.search(relaxed, wanted, frequency)?;
        best.par_iter_mut().zip(found).for_each(|(best, found)| best.offer(way, found));
    }
    let [left, right] = best;
    let (left, right) = rayon::join(|| left.into_best(), || right.into_best());
    Ok([left, right])
}

/// The nearest records found so far for the records of a side.
struct Nearest<'a> {
    /// Position in `found` by row, [`NO_ROW`] where nothing was found.
    at: Vec<u32>,
    /// The nearest and the way it was found by; `None` where the search was cut.
    found: Vec<(Row, Option<(usize, Near)>)>,
    /// Orders records of the other side.
    others: Canon<'a>,
}

impl<'a> Nearest<'a> {
    fn of(open: &Open<'a>, side: Side) -> Self {
        let others = Canon::new(open.plan, open.columns.side(side.other()));
        Self { at: vec![NO_ROW; open.columns.side(side).rows as usize], found: Vec::new(), others }
    }

    /// Takes what was found by a way, where it is nearer.
    fn offer(&mut self, way: usize, found: Vec<Finding>) {
        for finding in found {
            let (row, found) = match finding {
                Finding::Near(near) => (near.row, Some((way, near))),
                Finding::Cut(row) => (row, None),
            };
            let at = &mut self.at[row as usize];
            match self.found.get_mut(*at as usize) {
                None => {
                    *at = row_of(self.found.len());
                    self.found.push((row, found));
                }
                Some((_, known)) if Self::is_nearer(&self.others, found.as_ref(), known.as_ref()) => {
                    *known = found;
                }
                Some(_) => {}
            }
        }
    }

    fn is_nearer(others: &Canon<'_>, one: Option<&(usize, Near)>, known: Option<&(usize, Near)>) -> bool {
        let Some((way, near)) = one else { return false };
        let Some((known_way, known)) = known else { return true };
        let order = (near.by_chance, near.share)
            .cmp(&(known.by_chance, known.share))
            .then_with(|| others.order(near.nearest, known.nearest))
            .then(way.cmp(known_way));
        order.is_lt()
    }

    fn into_best(self) -> Best {
        let mut best = Best { near: Vec::with_capacity(self.found.len()), cut: Vec::new() };
        for (row, found) in self.at.iter().filter_map(|at| self.found.get(*at as usize)) {
            match found {
                Some(found) => best.near.push(*found),
                None => best.cut.push(*row),
            }
        }
        best
    }
}

/// A record and its nearest one, with what tells the reason.
struct Miss {
    side: Side,
    /// Where its break stands.
    at: u32,
    found: Break,
    /// Both records, left first: two that name the same tell of one difference.
    records: (Row, Row),
    /// Both amounts, where an amount is lacking.
    amounts: Option<(i128, i128)>,
    is_date: bool,
}

impl Miss {
    fn of(relaxed: &Relaxed<'_>, near: &Near, (side, at, rest): (Side, u32, &Rest)) -> Self {
        let (left, right) = match side {
            Side::Left => (near.row, near.nearest),
            Side::Right => (near.nearest, near.row),
        };
        let found = Break {
            row: rest.record(side, near.row),
            reason: Reason::FieldDiffers,
            pass: Some(relaxed.index),
            nearest: rest.record(side.other(), near.nearest),
            rival: NO_ROW,
            score: relaxed.score(left, right),
            lacks: Some(relaxed.lacks),
        };
        let is_date = relaxed.is_date(left, right);
        let records = match side {
            Side::Left => (found.row, found.nearest),
            Side::Right => (found.nearest, found.row),
        };
        Self { side, at, found, records, amounts: relaxed.amounts(left, right), is_date }
    }

    /// What was found for a bundle, as one of its members sees it.
    fn of_bundle(
        relaxed: &Relaxed<'_>,
        near: &Near,
        (side, at, row): (Side, u32, Row),
        bundled: &Bundled<'_>,
    ) -> Self {
        let (left, right) = match side {
            Side::Left => (near.row, near.nearest),
            Side::Right => (near.nearest, near.row),
        };
        let latest = |side: Side, row: Row| bundled.members.latest(side, row);
        let found = Break {
            row,
            reason: Reason::FieldDiffers,
            pass: Some(relaxed.index),
            nearest: latest(side.other(), near.nearest),
            rival: NO_ROW,
            score: relaxed.score(left, right),
            lacks: Some(relaxed.lacks),
        };
        let records = (latest(Side::Left, left), latest(Side::Right, right));
        let is_date = relaxed.is_date(left, right);
        Self { side, at, found, records, amounts: relaxed.amounts(left, right), is_date }
    }

    /// The reason that its own values tell, and the formulas that others agree on.
    fn reason(&self, scale: u8, formulas: &[Formula]) -> Reason {
        let Some(amounts) = self.amounts else {
            return if self.is_date { Reason::DateOutsideWindow } else { Reason::FieldDiffers };
        };
        let (left, right) = amounts;
        if share::is_reversed(left, right) {
            return Reason::SignReversed;
        }
        if left.abs_diff(right) <= ROUNDING_UNITS_MAX {
            return Reason::RoundingLike;
        }
        match formulas.iter().find(|formula| formula.explains(left, right)).map(|formula| formula.kind) {
            Some(Kind::Fee(_)) => return Reason::FeeLike,
            Some(Kind::Rate(_)) => return Reason::FxLike,
            Some(Kind::Factor(_)) | None => {}
        }
        if is_rounding(amounts, scale) {
            Reason::RoundingLike
        } else if share::is_slipped(amounts, scale) {
            Reason::DigitsSlipped
        } else {
            Reason::AmountDiffers
        }
    }
}

/// What the amounts of near misses, and of pairs with a variance, agree on. What rounding or a slip of digits explains differs
/// by few numbers, so that several agree by chance: it is no evidence of a fee.
fn formulas(plan: &Plan, columns: &Columns, misses: &[Miss], pairs: &[Pair]) -> Vec<Formula> {
    let differing = |miss: &Miss| {
        let amounts = miss.amounts?;
        let is_known = share::is_reversed(amounts.0, amounts.1)
            || is_rounding(amounts, columns.scale)
            || share::is_slipped(amounts, columns.scale);
        (!is_known).then_some((miss.records, amounts))
    };
    let mut near: Vec<_> = misses.par_iter().filter_map(differing).collect();
    if near.is_empty() {
        return Vec::new();
    }
    // Two records that are each other's nearest tell of one difference.
    near.par_sort_unstable();
    near.dedup();
    let mut amounts: Vec<(i128, i128)> = near.into_iter().map(|(_, amounts)| amounts).collect();
    let variances: Vec<_> = plan.passes.iter().map(variance).collect();
    let of_pair = |pair: &Pair| {
        let variance = variances.get(usize::from(pair.pass)).copied().flatten()?;
        let amount = |side: Side, field: usize, row: Row| match columns.side(side).fields.get(field)? {
            Column::Amount(amounts) => amounts.get(row),
            _ => None,
        };
        let (left, right) =
            (amount(Side::Left, variance.left, pair.left)?, amount(Side::Right, variance.right, pair.right)?);
        let (left, right) = comparable(left, right, variance.sign);
        (left != right).then_some((left, right))
    };
    let across = pairs.par_iter().filter(|pair| pair.span == Span::Across);
    amounts.par_extend(across.filter_map(of_pair));
    formula::find(&amounts)
}

/// The amounts in which the pairs of a pass may differ: none where it joins on them.
fn variance(pass: &PassPlan) -> Option<VariancePlan> {
    let variance = pass.variance?;
    let joins = pass.key.iter().any(|key| (key.left, key.right) == (variance.left, variance.right));
    (!joins || variance.sign != Sign::Same).then_some(variance)
}

/// Writes what was found into the breaks.
fn settle(misses: &[Miss], formulas: &[Formula], scale: u8, noted: &mut [Noted; 2]) {
    let reasons: Vec<Reason> = misses.par_iter().map(|miss| miss.reason(scale, formulas)).collect();
    for (miss, reason) in misses.iter().zip(reasons) {
        if let Some(found) = noted[miss.side.index()].breaks.get_mut(miss.at as usize) {
            *found = Break { reason, ..miss.found };
        }
    }
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
/// canonical order. Twins of records that a pass matched are noted by that pass, and its note comes first. With them the
/// records that were looked at for it, ascending.
fn open_twins(canon: &Canon<'_>, records: &SideColumns, open: &[Row]) -> (Vec<Note>, Vec<Row>) {
    let held = records.held.iter().flat_map(|bits| bits.set_indices()).map(row_of);
    let rows: Vec<Row> = open.iter().copied().chain(held).filter(|row| !canon.is_distinct(*row)).collect();
    let mut hashed: Vec<(u64, Row)> = canon.hashes(&rows).into_iter().zip(rows).collect();
    hashed.par_sort_unstable();
    let (mut notes, mut alike) = (Vec::new(), Vec::new());
    for run in hashed.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let mut rows: Vec<Row> = run.iter().map(|(_, row)| *row).collect();
        alike.extend_from_slice(&rows);
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
    alike.sort_unstable();
    (notes, alike)
}

fn duplicate(row: Row, nearest: Row) -> Note {
    Note { row, reason: Reason::Duplicate, pass: u16::MAX, nearest, rival: NO_ROW, score: 0 }
}
