//! The causes of a cell's difference: why the right total is not the left one, as a list that adds up exactly.
//!
//! The tie-out says where each amount stands; the causes say what it is about. An open record and the open one that it
//! nearly matches are one cause with their difference, not two with their full amounts. Every record that is no part
//! of a group without a difference is in exactly one cause, so that Σ amounts = right − left in every cell. The
//! rules are `docs/spec/systematic.md`.
//!
//! Cost: one look at every pair, one at every break.

use super::cells::{CellKey, Cells};
use super::charges::{Charges, signs};
use super::found::{Break, Found, Pair, Reason, Span};
use super::gather::BothSides;
use super::group::{Group, Verdict};
use crate::breaks::formula::{self, Formula, Kind};
use crate::breaks::{ROUNDING_UNITS_MAX, comparable};
use crate::columns::{Columns, NO_ROW, Row};
use crate::compare::Payment;
use crate::limits::CAUSE_PAIRS_MAX;
use crate::plan::{Plan, Side};
use crate::spec::{Sign, Status};
use arrow_buffer::i256;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rayon::prelude::*;
use std::cmp::Reverse;

/// What a difference comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CauseName {
    /// Open records, and pairs of them that nearly match.
    Open(Reason),
    /// Matched groups that differ by a fee: one that their pass expects, or that others show too.
    Fee,
    /// Matched groups that differ by a rate or a factor which others show too.
    Rate,
    /// Matched groups that differ by a unit or two.
    Rounding,
    /// Matched groups that differ otherwise.
    Variance,
    /// Matched groups in which less was paid than is due, as a discount that their pass allows.
    Discount,
    /// Matched groups in which less was paid than is due, as their pass allows.
    ShortPay,
    /// Matched groups in which more was paid than is due, as their pass allows.
    Overpay,
    /// Of matched groups: what the pass's sign rule explains.
    Sign,
    /// Members of groups whose partner stands in another cell because the pass turns one currency into the other.
    Conversion,
    /// Members of groups whose partner stands in another cell.
    OtherCell,
    /// Groups inside one source.
    Netted,
    /// Proposed groups: a person decides.
    Proposed,
}

impl CauseName {
    /// The names that are no reason, in order.
    const OF_GROUPS: [Self; 12] = [
        Self::Fee,
        Self::Rate,
        Self::Rounding,
        Self::Variance,
        Self::Discount,
        Self::ShortPay,
        Self::Overpay,
        Self::Sign,
        Self::Conversion,
        Self::OtherCell,
        Self::Netted,
        Self::Proposed,
    ];

    /// All, reasons first, in order.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        Reason::ALL.iter().map(|reason| Self::Open(*reason)).chain(Self::OF_GROUPS)
    }

    /// As written in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open(reason) => reason.name(),
            Self::Fee => "fee",
            Self::Rate => "rate",
            Self::Rounding => "rounding",
            Self::Variance => "variance",
            Self::Discount => "discount",
            Self::ShortPay => "short_pay",
            Self::Overpay => "overpay",
            Self::Sign => "sign",
            Self::Conversion => "conversion",
            Self::OtherCell => "other_cell",
            Self::Netted => "netted",
            Self::Proposed => "proposed",
        }
    }
}

/// One cause of one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The cell's values, by the fields of the tie-out; `None` is null.
    pub cell: Vec<Option<String>>,
    /// What it is.
    pub name: CauseName,
    /// The fee, the rate or the factor, where several pairs agree on one: `2.9 % + 0.30`.
    pub detail: Option<String>,
    /// The pass that made the groups, or gave the evidence.
    pub pass: Option<u16>,
    /// The side of single records; `None` for pairs.
    pub side: Option<Side>,
    /// Records, left and right.
    pub counts: [u64; 2],
    /// What it adds to right − left, in units of 10^-scale.
    pub amount: i256,
    /// The records of its largest part, left and right.
    pub example: [Option<Row>; 2],
}

/// What the parts of a cause share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    cell: u32,
    name: CauseName,
    /// A position in the list of formulas.
    formula: Option<u8>,
    pass: Option<u16>,
    side: Option<Side>,
}

/// The parts of a cause, added up.
#[derive(Debug, Clone, Copy)]
struct Sum {
    counts: [u64; 2],
    amount: i256,
    largest: (Reverse<i256>, [Row; 2]),
}

type Sums = HashMap<Key, Sum, FixedState>;

/// One part of a cause.
struct Part {
    key: Key,
    rows: [Row; 2],
    amount: i256,
}

/// Where amounts and cells come from.
struct Source<'a> {
    found: &'a Found,
    cells: &'a Cells,
    amounts: BothSides<'a>,
    signs: Vec<Sign>,
    charges: &'a Charges,
    /// Open records that nearly match one of the other side, by side and row.
    near: [Near<'a>; 2],
    formulas: &'a [Formula],
}

type Near<'a> = HashMap<Row, &'a Break, FixedState>;

/// The fees, rates and factors that several pairs of one cell agree on. None where no amount is tied out.
pub(super) fn formulas(
    plan: &Plan,
    columns: &Columns,
    found: &Found,
    (cells, charges): (&Cells, &Charges),
) -> Vec<Formula> {
    if plan.tie_out.amount.is_none() {
        return Vec::new();
    }
    let source = Source::of(plan, columns, found, (cells, charges, &[]));
    source.agreed(&source.telling(), &source.near_pairs())
}

/// The causes of every cell, by cell; in a cell those with the largest amounts first. None where no amount is tied out.
pub(super) fn causes(
    plan: &Plan,
    columns: &Columns,
    found: &Found,
    (cells, charges, formulas): (&Cells, &Charges, &[Formula]),
) -> Vec<Cause> {
    if plan.tie_out.amount.is_none() {
        return Vec::new();
    }
    let source = Source::of(plan, columns, found, (cells, charges, formulas));
    let telling: Vec<&Pair> = source.telling();
    let near = source.near_pairs();
    let sums = telling
        .par_iter()
        .fold(Sums::default, |mut sums, pair| {
            source.of_pair(pair, &mut |part| add(&mut sums, &part));
            sums
        })
        .reduce(Sums::default, merge);
    let mut sums = sums;
    for group in found.groups.iter() {
        source.of_group(group, &mut |part| add(&mut sums, &part));
    }
    source.of_breaks(&near, &mut |part| add(&mut sums, &part));
    source.named(sums, columns.scale)
}

fn add(sums: &mut Sums, part: &Part) {
    let [left, right] = part.rows.map(|row| u64::from(row != NO_ROW));
    let sum = Sum {
        counts: [left, right],
        amount: part.amount,
        largest: (Reverse(part.amount.wrapping_abs()), part.rows),
    };
    merge_one(sums, part.key, sum);
}

fn merge_one(sums: &mut Sums, key: Key, other: Sum) {
    let none = Sum { counts: [0, 0], amount: i256::ZERO, largest: other.largest };
    let sum = sums.entry(key).or_insert(none);
    for (count, more) in sum.counts.iter_mut().zip(other.counts) {
        *count += more;
    }
    sum.amount = sum.amount.wrapping_add(other.amount);
    sum.largest = sum.largest.min(other.largest);
}

fn merge(one: Sums, other: Sums) -> Sums {
    let (mut large, small) = if one.len() < other.len() { (other, one) } else { (one, other) };
    let mut small: Vec<(Key, Sum)> = small.into_iter().collect();
    small.sort_unstable_by_key(|(key, _)| *key);
    for (key, sum) in small {
        merge_one(&mut large, key, sum);
    }
    large
}

impl<'a> Source<'a> {
    fn of(
        plan: &Plan,
        columns: &'a Columns,
        found: &'a Found,
        (cells, charges, formulas): (&'a Cells, &'a Charges, &'a [Formula]),
    ) -> Self {
        let signs = signs(plan);
        let amounts = BothSides::of(columns, plan.tie_out.amount);
        let near = Side::BOTH.map(|side| near_of(plan, found, side));
        Self { found, cells, amounts, signs, charges, near, formulas }
    }

    /// Why members of a pass's groups stand in several cells.
    fn other_cell(&self, pass: u16) -> CauseName {
        if self.charges.converts(pass) { CauseName::Conversion } else { CauseName::OtherCell }
    }

    fn amount(&self, side: Side, row: Row) -> i128 {
        self.amounts.amount(side, row).unwrap_or(0)
    }

    fn both(&self, left: Row, right: Row) -> (i128, i128) {
        (self.amount(Side::Left, left), self.amount(Side::Right, right))
    }

    /// Both amounts as a pass compares them, for the formulas that pairs agree on.
    fn compared(&self, pass: u16, (left, right): (i128, i128)) -> (i128, i128) {
        comparable(left, right, self.signs[usize::from(pass)])
    }

    /// The variance of two sums: right − left, the left one with its sign as the pass reads it.
    fn variance(&self, pass: u16, (left, right): (i256, i256)) -> i256 {
        match self.signs[usize::from(pass)] {
            Sign::Same => right.wrapping_sub(left),
            Sign::Opposite => right.wrapping_add(left),
            Sign::Ignore => right.wrapping_abs().wrapping_sub(left.wrapping_abs()),
        }
    }

    fn in_one_cell(&self, left: Row, right: Row) -> bool {
        self.cells.of(Side::Left, left) == self.cells.of(Side::Right, right)
    }

    /// The pairs that have something to tell: all but matched ones of equal amounts in one cell.
    fn telling(&self) -> Vec<&'a Pair> {
        let tells = |pair: &&Pair| {
            pair.span != Span::Across
                || pair.status == Status::Proposed
                || !self.in_one_cell(pair.left, pair.right)
                || self.amount(Side::Left, pair.left) != self.amount(Side::Right, pair.right)
        };
        self.found.pairs.par_iter().filter(tells).collect()
    }

    /// Open records that are each other's nearest, in one cell, with what they lack: left, right. In order.
    fn near_pairs(&self) -> Vec<(&'a Break, &'a Break)> {
        let partner = |open: &'a Break| {
            let left = *self.near[0].get(&open.row)?;
            let right = *self.near[1].get(&left.nearest)?;
            (right.nearest == left.row && self.in_one_cell(left.row, right.row)).then_some((left, right))
        };
        self.found.breaks[0].iter().filter_map(partner).collect()
    }

    /// What several pairs that differ agree on.
    fn agreed(&self, telling: &[&Pair], near: &[(&Break, &Break)]) -> Vec<Formula> {
        let made = telling.iter().filter(|pair| pair.span == Span::Across && pair.status == Status::Matched);
        // What a pass expects need not be found.
        let made = made
            .filter(|pair| !self.charges.is_tied(pair.pass) && self.in_one_cell(pair.left, pair.right))
            .map(|pair| self.compared(pair.pass, self.both(pair.left, pair.right)));
        let near = near.iter().filter(|near| may_agree(near)).map(|near| self.of_near(near));
        let is_more = |(left, right): &(i128, i128)| left.abs_diff(*right) > ROUNDING_UNITS_MAX;
        let mut pairs: Vec<(i128, i128)> = made.chain(near).filter(is_more).collect();
        // By what mirroring leaves as it is, so that the sample of the mirrored request is the mirrored one.
        pairs.par_sort_unstable_by_key(|(left, right)| {
            (left.abs_diff(*right), *left.min(right), *left.max(right), left < right)
        });
        pairs.dedup();
        let pairs = formula::sample(&pairs, CAUSE_PAIRS_MAX);
        formula::find(&pairs)
    }

    /// Both amounts of a near miss, as the pass that gives the evidence compares them.
    fn of_near(&self, (left, right): &(&Break, &Break)) -> (i128, i128) {
        let amounts = self.both(left.row, right.row);
        evidence(left, right).1.map_or(amounts, |pass| self.compared(pass, amounts))
    }

    /// The first formula that gives the one amount from the other.
    fn formula(&self, (left, right): (i128, i128)) -> Option<u8> {
        let at = self.formulas.iter().position(|formula| formula.explains(left, right))?;
        u8::try_from(at).ok()
    }

    fn of_pair(&self, pair: &Pair, tell: &mut impl FnMut(Part)) {
        let pass = Some(pair.pass);
        let proposed = pair.status == Status::Proposed;
        let key = |cell, name| Key { cell, name, formula: None, pass, side: None };
        let sides = pair.span.sides();
        if pair.span != Span::Across || !self.in_one_cell(pair.left, pair.right) {
            let group =
                if pair.span == Span::Across { self.other_cell(pair.pass) } else { CauseName::Netted };
            let name = if proposed { CauseName::Proposed } else { group };
            for (side, row) in sides.into_iter().zip([pair.left, pair.right]) {
                let side_only = (pair.span == Span::Across).then_some(side);
                let key = Key { side: side_only, ..key(self.cells.of(side, row), name) };
                tell(Part { key, ..self.single(side, row, key) });
            }
            return;
        }
        let (left, right) = self.both(pair.left, pair.right);
        let sums = (i256::from_i128(left), i256::from_i128(right));
        let place = (self.cells.of(Side::Left, pair.left), pair.pass);
        let kept = self.charges.kept_of_tied(pair.pass, self.amounts, &pair.members().into_iter());
        self.of_sums(place, (sums, kept, proposed), [pair.left, pair.right], tell);
    }

    /// The parts of a group in one cell whose sides have these sums. Tells under which key its records stand.
    fn of_sums(
        &self,
        (cell, pass): (u32, u16),
        (sums, kept, proposed): ((i256, i256), [i256; 2], bool),
        rows: [Row; 2],
        tell: &mut impl FnMut(Part),
    ) -> Option<Key> {
        let key = |name| Key { cell, name, formula: None, pass: Some(pass), side: None };
        let net = sums.1.wrapping_sub(sums.0);
        if proposed {
            tell(Part { key: key(CauseName::Proposed), rows, amount: net });
            return Some(key(CauseName::Proposed));
        }
        // Of what the pass's fees leave.
        let fee = kept[1].wrapping_sub(kept[0]);
        let rest = net.wrapping_sub(fee);
        let sums = (sums.0.wrapping_sub(kept[0]), sums.1.wrapping_sub(kept[1]));
        let variance = self.variance(pass, sums);
        let mut told = None;
        if fee != i256::ZERO {
            told = Some(key(CauseName::Fee));
            tell(Part { key: key(CauseName::Fee), rows, amount: fee });
        }
        if variance != i256::ZERO {
            let (name, formula) = self.name_of(pass, sums);
            told = told.or(Some(Key { formula, ..key(name) }));
            tell(Part { key: Key { formula, ..key(name) }, rows, amount: variance });
        }
        if rest != variance {
            told = told.or(Some(key(CauseName::Sign)));
            tell(Part { key: key(CauseName::Sign), rows, amount: rest.wrapping_sub(variance) });
        }
        told
    }

    /// The parts of a group of many, as of a pair. In one cell its first records stand for the difference, the others
    /// are counted beside them.
    fn of_group(&self, group: Group<'_>, tell: &mut impl FnMut(Part)) {
        let Verdict { pass, status, .. } = group.verdict;
        let proposed = status == Status::Proposed;
        let cell = |(side, row): (Side, Row)| self.cells.of(side, row);
        let Some(first) = group.members().map(cell).next() else { return };
        let one_sided = group.is_one_sided();
        if one_sided || group.members().any(|member| cell(member) != first) {
            let kind = if one_sided { CauseName::Netted } else { self.other_cell(pass) };
            let name = if proposed { CauseName::Proposed } else { kind };
            for (side, row) in group.members() {
                let side_only = (!one_sided).then_some(side);
                let key =
                    Key { cell: cell((side, row)), name, formula: None, pass: Some(pass), side: side_only };
                tell(self.single(side, row, key));
            }
            return;
        }
        let sum = |side: Side| {
            let amounts = group.on(side).iter().map(|row| i256::from_i128(self.amount(side, *row)));
            amounts.fold(i256::ZERO, i256::wrapping_add)
        };
        let first_of = |side: Side| group.on(side).first().copied().unwrap_or(NO_ROW);
        let rows = Side::BOTH.map(first_of);
        let sums = (sum(Side::Left), sum(Side::Right));
        let kept = self.charges.kept_of_tied(pass, self.amounts, &group.members());
        let Some(key) = self.of_sums((first, pass), (sums, kept, proposed), rows, tell) else { return };
        for (side, row) in group.members().filter(|(side, row)| rows[side.index()] != *row) {
            tell(Part { amount: i256::ZERO, ..self.single(side, row, key) });
        }
    }

    /// What the variance of two sums is. Sums of more than 38 digits follow no formula.
    fn name_of(&self, pass: u16, (left, right): (i256, i256)) -> (CauseName, Option<u8>) {
        let (Some(left), Some(right)) = (left.to_i128(), right.to_i128()) else {
            return (CauseName::Variance, None);
        };
        match self.charges.payment(pass, (left, right)) {
            Some(Payment::Discount) => return (CauseName::Discount, None),
            Some(Payment::Short) => return (CauseName::ShortPay, None),
            Some(Payment::Over) => return (CauseName::Overpay, None),
            None => {}
        }
        let amounts = self.compared(pass, (left, right));
        if amounts.0.abs_diff(amounts.1) <= ROUNDING_UNITS_MAX {
            return (CauseName::Rounding, None);
        }
        let formula = self.formula(amounts);
        let name = match formula.and_then(|at| self.formulas.get(usize::from(at))).map(|formula| formula.kind)
        {
            None => CauseName::Variance,
            Some(Kind::Fee(_)) => CauseName::Fee,
            Some(Kind::Rate(_) | Kind::Factor(_)) => CauseName::Rate,
        };
        (name, formula)
    }

    /// A record that counts with its full amount.
    fn single(&self, side: Side, row: Row, key: Key) -> Part {
        let amount = i256::from_i128(self.amount(side, row));
        match side {
            Side::Left => Part { key, rows: [row, NO_ROW], amount: amount.wrapping_neg() },
            Side::Right => Part { key, rows: [NO_ROW, row], amount },
        }
    }

    fn of_breaks(&self, near: &[(&Break, &Break)], tell: &mut impl FnMut(Part)) {
        for (left, right) in near {
            let near = &(*left, *right);
            let formula = may_agree(near).then(|| self.formula(self.of_near(near))).flatten();
            let (reason, pass) = evidence(left, right);
            let cell = self.cells.of(Side::Left, left.row);
            let key = Key { cell, name: CauseName::Open(reason), formula, pass, side: None };
            let amounts = self.both(left.row, right.row);
            let amount = i256::from_i128(amounts.1).wrapping_sub(i256::from_i128(amounts.0));
            tell(Part { key, rows: [left.row, right.row], amount });
        }
        let mut paired = [Vec::new(), Vec::new()];
        paired[0].extend(near.iter().map(|(left, _)| left.row));
        paired[1].extend(near.iter().map(|(_, right)| right.row));
        for side in Side::BOTH {
            let paired = &mut paired[side.index()];
            paired.sort_unstable();
            for open in &self.found.breaks[side.index()] {
                if paired.binary_search(&open.row).is_err() {
                    let key = self.open(open, side);
                    tell(self.single(side, open.row, key));
                }
            }
        }
    }

    /// A record whose nearest one is nearer to another, has no partner.
    fn open(&self, open: &Break, side: Side) -> Key {
        let missing = match side {
            Side::Left => Reason::MissingOnRight,
            Side::Right => Reason::MissingOnLeft,
        };
        let others = &self.near[side.other().index()];
        let is_mutual =
            |near: &Break| others.get(&near.nearest).is_some_and(|other| other.nearest == open.row);
        let is_alone = self.near[side.index()].get(&open.row).is_some_and(|near| !is_mutual(near));
        let (reason, pass) = if is_alone { (missing, None) } else { (open.reason, open.pass) };
        let cell = self.cells.of(side, open.row);
        Key { cell, name: CauseName::Open(reason), formula: None, pass, side: Some(side) }
    }

    fn named(&self, sums: Sums, scale: u8) -> Vec<Cause> {
        let words = |at: u8| self.formulas.get(usize::from(at)).map(|formula| formula.words(scale));
        let mut all: Vec<(Key, Sum)> = sums.into_iter().collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        let row = |row: Row| (row != NO_ROW).then_some(row);
        let mut causes: Vec<(u32, Cause)> = all
            .into_iter()
            .map(|(key, sum)| {
                let cause = Cause {
                    cell: self.cells.keys[key.cell as usize].clone(),
                    name: key.name,
                    detail: key.formula.and_then(words),
                    pass: key.pass,
                    side: key.side,
                    counts: sum.counts,
                    amount: sum.amount,
                    example: sum.largest.1.map(row),
                };
                (key.cell, cause)
            })
            .collect();
        causes.sort_by(|(cell, one), (other_cell, other)| {
            let place = |cause: &Cause| (cause.name.name(), cause.detail.clone(), cause.pass, cause.side);
            (cell.cmp(other_cell))
                .then_with(|| other.amount.wrapping_abs().cmp(&one.amount.wrapping_abs()))
                .then_with(|| place(one).cmp(&place(other)))
        });
        causes.into_iter().map(|(_, cause)| cause).collect()
    }
}

/// Of the two breaks of a near miss the stronger reason, with its pass.
fn evidence(left: &Break, right: &Break) -> (Reason, Option<u16>) {
    (left.reason, left.pass).min((right.reason, right.pass))
}

/// Whether a near miss may differ by what others show too. A slip, a reversed sign and rounding are explained, and
/// differ by so few numbers that several agree by chance.
fn may_agree((left, right): &(&Break, &Break)) -> bool {
    matches!(evidence(left, right).0, Reason::FeeLike | Reason::FxLike | Reason::AmountDiffers)
}

/// The open records of a side that nearly match one of the other.
fn near_of<'a>(plan: &Plan, found: &'a Found, side: Side) -> Near<'a> {
    let is_near = |open: &&Break| {
        open.lacks.is_some() && open.nearest != NO_ROW && open.nearest_side(plan, side) != side
    };
    found.breaks[side.index()].iter().filter(is_near).map(|open| (open.row, open)).collect()
}

/// Causes of one cell by what they are: over all passes and both sides, those that add something. The largest first.
pub(super) fn shortest(causes: &[Cause]) -> Vec<Cause> {
    let mut all: Vec<Cause> = Vec::new();
    for cause in causes {
        let same = |other: &&mut Cause| other.name == cause.name && other.detail == cause.detail;
        if let Some(held) = all.iter_mut().find(same) {
            held.amount = held.amount.wrapping_add(cause.amount);
            for (count, more) in held.counts.iter_mut().zip(cause.counts) {
                *count += more;
            }
            held.pass = held.pass.filter(|_| held.pass == cause.pass);
            held.side = held.side.filter(|_| held.side == cause.side);
        } else {
            all.push(cause.clone());
        }
    }
    all.retain(|cause| cause.amount != i256::ZERO);
    all.sort_by(|one, other| {
        let place = |cause: &Cause| (cause.name.name(), cause.detail.clone());
        (other.amount.wrapping_abs().cmp(&one.amount.wrapping_abs()))
            .then_with(|| place(one).cmp(&place(other)))
    });
    all
}

/// Causes by cell, in the order of the cells.
pub(super) fn of_cell<'a>(causes: &'a [Cause], cell: &CellKey) -> &'a [Cause] {
    let from = causes.partition_point(|cause| cause.cell < *cell);
    let to = causes.partition_point(|cause| cause.cell <= *cell);
    &causes[from..to]
}
