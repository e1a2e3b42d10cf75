//! The sums behind the tie-out: every record's amount is added once, from whichever stage accounts for it.

use super::cells::Cells;
use super::charges::{Charges, explained, signs};
use super::found::{Break, Found, Pair, Reason, Span};
use super::gather::BothSides;
use super::group::Group;
use super::tie_out::{Line, LineName, Section, TieOut, TieOutLine};
use crate::columns::{Columns, row_of};
use crate::plan::{PassPlan, Plan, Side};
use crate::spec::{Sign, Status};
use arrow_buffer::i256;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rayon::prelude::*;
use std::ops::Range;

/// Cells × lines up to which sums stand in one array; beyond, only lines that occur are kept.
const DENSE_MAX: usize = 1 << 14;
/// Records that one thread adds up at a time, where sums are dense.
const CHUNK: usize = 1 << 18;
/// Lines of a pass and status: within one cell, across cells, inside one source.
const KINDS: usize = 3;
/// Totals, excluded and carried records.
const FIXED: usize = 3;
/// The line of carried records among them.
const CARRIED: usize = 2;

/// A sum that can't overflow: 128 bits are added to until they are full.
#[derive(Debug, Clone, Copy, Default)]
struct Wide {
    low: i128,
    high: i256,
}

impl Wide {
    #[inline]
    fn add(&mut self, amount: i128) {
        if let Some(low) = self.low.checked_add(amount) {
            self.low = low;
        } else {
            self.high = self.total();
            self.low = amount;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.high = self.high.wrapping_add(other.high);
        self.add(other.low);
    }

    fn total(&self) -> i256 {
        self.high.wrapping_add(i256::from_i128(self.low))
    }
}

/// What stands on one line of one cell.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    counts: [u64; 2],
    amounts: [Wide; 2],
    /// The part of right − left that the pass's sign rule explains.
    sign: i256,
    /// The part that its fees explain.
    fee: i256,
}

impl Sum {
    #[inline]
    fn add(&mut self, side: Side, amount: i128) {
        let at = side.index();
        self.counts[at] += 1;
        self.amounts[at].add(amount);
    }

    fn merge(&mut self, other: &Self) {
        for at in 0..2 {
            self.counts[at] += other.counts[at];
            self.amounts[at].merge(&other.amounts[at]);
        }
        self.sign = self.sign.wrapping_add(other.sign);
        self.fee = self.fee.wrapping_add(other.fee);
    }

    /// Adds what fees and the sign rule explain of a group.
    fn explain(&mut self, (fee, sign): (i256, i256)) {
        self.sign = self.sign.wrapping_add(sign);
        self.fee = self.fee.wrapping_add(fee);
    }

    fn is_empty(&self) -> bool {
        self.counts == [0, 0]
    }
}

/// Sums by cell and line.
struct Ledger {
    lines: usize,
    slots: Vec<(usize, Sum)>,
    /// `None` where `slots` holds every place in order.
    sparse: Option<HashMap<usize, usize, FixedState>>,
}

impl Ledger {
    fn new(cells: usize, lines: usize) -> Self {
        let places = cells.saturating_mul(lines);
        if places <= DENSE_MAX {
            let slots = (0..places).map(|place| (place, Sum::default())).collect();
            return Self { lines, slots, sparse: None };
        }
        Self { lines, slots: Vec::new(), sparse: Some(HashMap::default()) }
    }

    #[inline]
    fn at(&mut self, cell: u32, line: usize) -> &mut Sum {
        self.at_place(cell as usize * self.lines + line)
    }

    #[inline]
    fn at_place(&mut self, place: usize) -> &mut Sum {
        let slot = match &mut self.sparse {
            None => place,
            Some(index) => *index.entry(place).or_insert_with(|| {
                self.slots.push((place, Sum::default()));
                self.slots.len() - 1
            }),
        };
        &mut self.slots[slot].1
    }

    fn merge(mut self, other: &Self) -> Self {
        for (place, sum) in other.slots.iter().filter(|(_, sum)| !sum.is_empty()) {
            self.at_place(*place).merge(sum);
        }
        self
    }
}

/// A stretch of work that one thread does.
enum Stretch {
    Totals(Side, Range<usize>),
    Open(Side, Range<usize>),
    Pairs(Range<usize>),
    Groups,
}

/// Where each record's amount, cell and sign rule come from.
struct Source<'a> {
    plan: &'a Plan,
    columns: &'a Columns,
    found: &'a Found,
    cells: &'a Cells,
    amounts: BothSides<'a>,
    signs: Vec<Sign>,
    charges: &'a Charges,
}

/// Adds up totals from the columns, matched and proposed from the pairs, open from the breaks. The found must have
/// passed the completeness check.
pub(super) fn tie_out(
    plan: &Plan,
    columns: &Columns,
    found: &Found,
    (cells, charges): (&Cells, &Charges),
) -> TieOut {
    let amounts = BothSides::of(columns, plan.tie_out.amount);
    let source = Source { plan, columns, found, cells, amounts, signs: signs(plan), charges };
    let ledger = source
        .stretches()
        .into_par_iter()
        .map(|stretch| source.add(&stretch))
        .reduce_with(|one, other| one.merge(&other))
        .unwrap_or_else(|| source.ledger());
    source.lines(ledger)
}

/// The pass's sign rule, where it is about the amount that is tied out.
pub(super) fn sign_rule(plan: &Plan, pass: &PassPlan) -> Sign {
    let tied = plan.tie_out.amount;
    pass.variance
        .filter(|variance| Some(variance.left) == tied && Some(variance.right) == tied)
        .map_or(Sign::Same, |variance| variance.sign)
}

impl Source<'_> {
    fn ledger(&self) -> Ledger {
        let lines = FIXED + 2 * KINDS * self.plan.passes.len() + Reason::ALL.len();
        Ledger::new(self.cells.keys.len(), lines)
    }

    fn group_line(&self, status: Status, pass: u16, kind: usize) -> usize {
        let status = usize::from(status == Status::Proposed);
        FIXED + (status * self.plan.passes.len() + usize::from(pass)) * KINDS + kind
    }

    fn open_line(&self, reason: Reason) -> usize {
        let at = Reason::ALL.iter().position(|other| *other == reason).unwrap_or_default();
        FIXED + 2 * KINDS * self.plan.passes.len() + at
    }

    fn stretches(&self) -> Vec<Stretch> {
        let sparse = self.ledger().sparse.is_some();
        let cut = |length: usize| {
            // A sparse ledger costs its cells on every merge: few large stretches.
            let chunk = if sparse { length.div_ceil(2).max(CHUNK) } else { CHUNK };
            (0..length).step_by(chunk).map(move |start| start..length.min(start + chunk))
        };
        let mut stretches: Vec<Stretch> = cut(self.found.pairs.len()).map(Stretch::Pairs).collect();
        if !self.found.groups.is_empty() {
            stretches.push(Stretch::Groups);
        }
        for side in Side::BOTH {
            let rows = self.columns.side(side).rows as usize;
            stretches.extend(cut(rows).map(|range| Stretch::Totals(side, range)));
            let open = self.found.breaks[side.index()].len();
            stretches.extend(cut(open).map(|range| Stretch::Open(side, range)));
        }
        stretches
    }

    fn add(&self, stretch: &Stretch) -> Ledger {
        let mut ledger = self.ledger();
        match stretch {
            Stretch::Totals(side, rows) => self.add_totals(&mut ledger, *side, rows.clone()),
            Stretch::Open(side, range) => {
                for open in &self.found.breaks[side.index()][range.clone()] {
                    self.add_open(&mut ledger, *side, open);
                }
            }
            Stretch::Pairs(range) => {
                let pairs = &self.found.pairs[range.clone()];
                for (at, pair) in pairs.iter().enumerate() {
                    self.amounts.prefetch(pairs, at);
                    self.cells.prefetch(pairs, at);
                    self.add_pair(&mut ledger, pair);
                }
            }
            Stretch::Groups => {
                self.found.groups.iter().for_each(|group| self.add_group(&mut ledger, group));
            }
        }
        ledger
    }

    fn add_totals(&self, ledger: &mut Ledger, side: Side, rows: Range<usize>) {
        let source = self.columns.side(side);
        let excluded = source.excluded.as_ref();
        let own = source.own();
        let records = source.records() as usize;
        let carried = rows.start.max(own as usize)..rows.end.min(records);
        let remainders = (rows.start.max(records)..rows.end).filter(|row| source.origin(row_of(*row)) >= own);
        let carried = carried.chain(remainders.collect::<Vec<_>>()).map(row_of);
        for index in rows {
            let row = row_of(index);
            let line = usize::from(excluded.is_some_and(|bits| bits.value(index)));
            let amount = self.amounts.amount(side, row).unwrap_or(0);
            ledger.at(self.cells.of(side, row), line).add(side, amount);
        }
        for row in carried {
            let amount = self.amounts.amount(side, row).unwrap_or(0);
            ledger.at(self.cells.of(side, row), CARRIED).add(side, amount);
        }
    }

    fn add_open(&self, ledger: &mut Ledger, side: Side, open: &Break) {
        let amount = self.amounts.amount(side, open.row).unwrap_or(0);
        ledger.at(self.cells.of(side, open.row), self.open_line(open.reason)).add(side, amount);
    }

    #[inline]
    fn add_pair(&self, ledger: &mut Ledger, pair: &Pair) {
        let [first, second] = pair.span.sides();
        let left = self.amounts.amount(first, pair.left).unwrap_or(0);
        let right = self.amounts.amount(second, pair.right).unwrap_or(0);
        let left_cell = self.cells.of(first, pair.left);
        let right_cell = self.cells.of(second, pair.right);
        let kind = match pair.span {
            Span::Across if left_cell == right_cell => 0,
            Span::Across => 1,
            Span::WithinLeft | Span::WithinRight => 2,
        };
        let line = self.group_line(pair.status, pair.pass, kind);
        let sum = ledger.at(left_cell, line);
        sum.add(first, left);
        let has_fee = self.charges.is_tied(pair.pass);
        if kind == 0 && (has_fee || self.signs[usize::from(pair.pass)] != Sign::Same) {
            let members = pair.members();
            let kept = self.charges.kept_of_tied(pair.pass, self.amounts, &members.into_iter());
            let sums = [left, right].map(i256::from_i128);
            sum.explain(explained(self.signs[usize::from(pair.pass)], sums, kept));
        }
        ledger.at(right_cell, line).add(second, right);
    }

    fn add_group(&self, ledger: &mut Ledger, group: Group<'_>) {
        let cell = |(side, row)| self.cells.of(side, row);
        let Some(first) = group.members().map(cell).next() else { return };
        let kind = if group.is_one_sided() {
            2
        } else {
            usize::from(group.members().any(|member| cell(member) != first))
        };
        let line = self.group_line(group.verdict.status, group.verdict.pass, kind);
        let mut sums = [i256::ZERO; 2];
        for (side, row) in group.members() {
            let amount = self.amounts.amount(side, row).unwrap_or(0);
            ledger.at(self.cells.of(side, row), line).add(side, amount);
            let sum = &mut sums[side.index()];
            *sum = sum.wrapping_add(i256::from_i128(amount));
        }
        if kind == 0 {
            let pass = group.verdict.pass;
            let kept = self.charges.kept_of_tied(pass, self.amounts, &group.members());
            let sum = ledger.at(first, line);
            sum.explain(explained(self.signs[usize::from(pass)], sums, kept));
        }
    }

    fn lines(&self, ledger: Ledger) -> TieOut {
        let width = ledger.lines;
        let mut slots = ledger.slots;
        slots.retain(|(_, sum)| !sum.is_empty());
        slots.sort_unstable_by_key(|(place, _)| *place);
        let amount = self.plan.tie_out.amount.is_some();
        let mut lines = Vec::with_capacity(slots.len());
        for (place, sum) in slots {
            let (cell, line) = (place / width, place % width);
            self.expand(&self.cells.keys[cell], line, &sum, &mut lines);
        }
        lines.sort_by(|one, other| one.place().cmp(&other.place()));
        let name = |&field: &usize| self.plan.fields[field].name.clone();
        TieOut {
            by: self.plan.tie_out.by.iter().map(name).collect(),
            passes: self.plan.passes.iter().map(|pass| pass.name.clone()).collect(),
            scale: amount.then_some(self.columns.scale),
            lines,
        }
    }

    /// One line, or two where a sign rule explains a part.
    fn expand(&self, cell: &[Option<String>], line: usize, sum: &Sum, lines: &mut Vec<TieOutLine>) {
        let passes = self.plan.passes.len();
        let amounts = sum.amounts.map(|amount| amount.total());
        let whole = amounts[1].wrapping_sub(amounts[0]);
        let mut push = |section, name, line, counts, amounts, difference| {
            lines.push(TieOutLine { cell: cell.to_vec(), section, name, line, counts, amounts, difference });
        };
        if line < FIXED {
            let section = [Section::Total, Section::Excluded, Section::Carried][line];
            push(section, LineName::None, Line::Amount, sum.counts, amounts, whole);
            return;
        }
        let line = line - FIXED;
        if line >= 2 * KINDS * passes {
            let reason = Reason::ALL[line - 2 * KINDS * passes];
            push(Section::Open, LineName::Reason(reason), Line::Amount, sum.counts, amounts, whole);
            return;
        }
        let (status, pass, kind) = (line / KINDS / passes, line / KINDS % passes, line % KINDS);
        let section = if status == 0 { Section::Matched } else { Section::Proposed };
        let name = LineName::Pass(u16::try_from(pass).unwrap_or(u16::MAX));
        let other = if self.charges.converts(u16::try_from(pass).unwrap_or(u16::MAX)) {
            Line::Conversion
        } else {
            Line::OtherCell
        };
        let within = if self.plan.one_source { Line::Amount } else { Line::Netted };
        let line = [Line::Variance, other, within][kind];
        let rest = whole.wrapping_sub(sum.sign).wrapping_sub(sum.fee);
        push(section, name, line, sum.counts, amounts, rest);
        if sum.fee != i256::ZERO {
            push(section, name, Line::Fee, [0; 2], [i256::ZERO; 2], sum.fee);
        }
        if sum.sign != i256::ZERO {
            push(section, name, Line::Sign, [0; 2], [i256::ZERO; 2], sum.sign);
        }
    }
}

/// right − left, less the variance by the sign rule.
#[inline]
pub(super) fn sign_part(sign: Sign, left: i256, right: i256) -> i256 {
    match sign {
        Sign::Same => i256::ZERO,
        Sign::Opposite => left.wrapping_add(left).wrapping_neg(),
        Sign::Ignore => {
            let variance = right.wrapping_abs().wrapping_sub(left.wrapping_abs());
            right.wrapping_sub(left).wrapping_sub(variance)
        }
    }
}
