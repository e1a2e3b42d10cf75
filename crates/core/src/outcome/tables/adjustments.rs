//! `adjustments`: one row per matched group whose amounts differ, as the line that would post the difference.
//!
//! By convention a line is posted to the right source: with it the group differs by nothing. Proposed groups have none,
//! because nobody has decided that they belong together. `docs/spec/outcome.md` states what the lines add up to.

use super::super::Outcome;
use super::super::cells::Cells;
use super::super::gather::{BothSides, TableBuilder, amounts, names, numbers, record_name, texts};
use super::super::ledger::sign_rule;
use super::rows::{Grouped as _, Item, Stretch};
use super::{SIDES, side_key};
use crate::breaks::formula::Kind;
use crate::breaks::{ROUNDING_UNITS_MAX, comparable, is_rounding};
use crate::columns::Row;
use crate::compare::Payment;
use crate::error::Result;
use crate::plan::Side;
use crate::spec::{Sign, Status};
use arrow_array::types::{Int8Type, Int32Type, UInt64Type};
use arrow_array::{RecordBatch, StringArray};
use std::ops::Range;
use std::sync::Arc;

/// What a line is taken to be, as dictionaries list it.
const KINDS: [&str; 7] = ["fee", "conversion", "rounding", "write_off", "short_pay", "overpay", "discount"];
/// Columns that a field of the cell can't take.
const FIXED_COLUMNS: [&str; 6] = ["group_id", "kind", "side", "currency", "amount", "memo"];

/// Records that a memo names, per side.
const NAMED_MAX: usize = 3;

/// A line that would post a group's difference.
struct Adjustment {
    group_id: u64,
    /// The pass, by its position.
    pass: u16,
    /// Units to post to the right source; never 0.
    units: i128,
    /// Position in [`KINDS`].
    kind: i8,
    /// Its records.
    members: Vec<(Side, Row)>,
    /// The record in whose cell it is posted.
    at: (Side, Row),
}

/// The two amounts of a group that should have been one.
#[derive(Debug, Clone, Copy)]
enum Amounts {
    /// Left and right, as the pass compares them.
    Across(i128, i128),
    /// What came in and what went out, of a group inside one source.
    Netted(i128, i128),
}

impl Amounts {
    fn pair(self) -> (i128, i128) {
        match self {
            Self::Across(one, other) | Self::Netted(one, other) => (one, other),
        }
    }
}

impl Outcome {
    /// Lines of groups by the groups' position.
    pub(in super::super) fn adjustments_between(&self, range: Range<usize>) -> Result<RecordBatch> {
        let lines: Vec<Adjustment> = match self.stretch(range) {
            Stretch::Pairs(pairs) => {
                pairs.iter().flat_map(|pair| self.adjustments_of(Item::Pair(pair))).collect()
            }
            Stretch::Both(items) => items.into_iter().flat_map(|item| self.adjustments_of(item)).collect(),
        };
        let lines = &lines;
        let rows = lines.len();
        let mut table = TableBuilder::default();
        table.full("group_id", move || numbers::<UInt64Type>(rows, |at| lines[at].group_id));
        table.full("kind", move || names::<Int8Type, _>(rows, &KINDS, |at| Some(lines[at].kind)));
        table.full("side", move || names::<Int8Type, _>(rows, &SIDES, |_| Some(side_key(Side::Right))));
        table.nullable("currency", move || match self.currencies() {
            None => names::<Int32Type, &str>(rows, &[], |_| None),
            Some(of) => names::<Int32Type, _>(rows, &of.names, |at| of.get(lines[at].at.0, lines[at].at.1)),
        });
        table.full("amount", move || amounts(rows, self.columns.scale, |at| Some(lines[at].units)));
        table.full("memo", move || {
            texts(rows, |at, out| {
                out.extend_from_slice(self.memo(&lines[at]).as_bytes());
                true
            })
        });
        self.add_cell_of_lines(&mut table, lines);
        table.build()
    }

    /// The fields of the tie-out's cells, but for the currency, which stands there already.
    fn add_cell_of_lines<'a>(&'a self, table: &mut TableBuilder<'a>, lines: &'a [Adjustment]) {
        for (position, field) in self.plan.tie_out.by.iter().enumerate() {
            if Some(*field) == self.plan.currency {
                continue;
            }
            let name = &self.plan.fields[*field].name;
            let name =
                if FIXED_COLUMNS.contains(&name.as_str()) { format!("cell_{name}") } else { name.clone() };
            table.nullable(&name, move || {
                let value = |line: &Adjustment| cell_value(&self.cells, line.at, position);
                Ok(Arc::new(lines.iter().map(value).collect::<StringArray>()))
            });
        }
    }

    /// The lines of a group, where it is matched, all amounts are known and in one currency, and they differ: what its pass
    /// keeps back as a fee, and the rest.
    fn adjustments_of(&self, item: Item<'_>) -> Vec<Adjustment> {
        let verdict = item.verdict();
        let mut members = Vec::new();
        item.members(&self.columns, &mut members);
        let currency = BothSides::of(&self.columns, self.plan.currency);
        let Some((first_side, first)) = members.first().copied() else { return Vec::new() };
        let same = |(side, row): &(Side, Row)| {
            currency.column(first_side).order_across(first, currency.column(*side), *row).is_eq()
        };
        let pass = self.plan.passes.get(usize::from(verdict.pass));
        let Some(pass) = pass.filter(|_| verdict.status == Status::Matched && members.iter().all(same))
        else {
            return Vec::new();
        };
        let Some((fee, units, amounts, payment)) =
            self.posted(&members, verdict.pass, sign_rule(&self.plan, pass))
        else {
            return Vec::new();
        };
        let at =
            members.iter().copied().find(|(side, _)| *side == Side::Right).unwrap_or((first_side, first));
        let line = |units: i128, kind: i8| Adjustment {
            group_id: item.id(&self.columns),
            pass: verdict.pass,
            units,
            kind,
            members: members.clone(),
            at,
        };
        let fee = (fee != 0).then(|| line(fee, 0));
        let rest = (units != 0).then(|| line(units, self.kind_of(amounts, payment)));
        fee.into_iter().chain(rest).collect()
    }

    /// What a difference is: a fee or a rate where others show it too, rounding, else an amount to write off. As in
    /// `causes`; what rounding explains in amounts that are off by more than a unit or two is told by them, not by others.
    fn kind_of(&self, amounts: Amounts, payment: Option<Payment>) -> i8 {
        match payment {
            Some(Payment::Short) => return 4,
            Some(Payment::Over) => return 5,
            Some(Payment::Discount) => return 6,
            None => {}
        }
        let (one, other) = amounts.pair();
        let by_formula = match amounts {
            Amounts::Across(left, right) if left.abs_diff(right) > ROUNDING_UNITS_MAX => self
                .formulas()
                .iter()
                .find(|formula| formula.explains(left, right))
                .map(|formula| formula.kind),
            Amounts::Across(..) | Amounts::Netted(..) => None,
        };
        match by_formula {
            Some(Kind::Fee(_)) => 0,
            Some(Kind::Rate(_) | Kind::Factor(_)) => 1,
            None if is_rounding((one, other), self.columns.scale) => 2,
            None => 3,
        }
    }

    /// What is posted as the pass's fee, what else, the two amounts that should have been one, and what kind of payment they
    /// make, where the pass says. Sums were checked to fit when the outcome was made.
    fn posted(
        &self,
        members: &[(Side, Row)],
        pass: u16,
        sign: Sign,
    ) -> Option<(i128, i128, Amounts, Option<Payment>)> {
        let tied = BothSides::of(&self.columns, self.plan.tie_out.amount);
        let amounts: Option<Vec<(Side, i128)>> =
            members.iter().map(|(side, row)| Some((*side, tied.amount(*side, *row)?))).collect();
        let amounts = amounts?;
        let sum = |wanted: &dyn Fn(Side, i128) -> bool| {
            let some = amounts.iter().filter(|(side, amount)| wanted(*side, *amount));
            some.fold(0_i128, |sum, (_, amount)| sum.wrapping_add(*amount))
        };
        let on = |side: Side| amounts.iter().any(|(of, _)| *of == side);
        if on(Side::Left) && on(Side::Right) {
            let (left, right) = (sum(&|side, _| side == Side::Left), sum(&|side, _| side == Side::Right));
            let kept = self.charges.kept_of_tied(pass, tied, &members.iter().copied());
            let [left_net, right_net] = [(left, kept[0]), (right, kept[1])]
                .map(|(gross, kept)| Some(gross.wrapping_sub(kept.to_i128()?)));
            let (left_net, right_net) = (left_net?, right_net?);
            let (left_compared, right_compared) = comparable(left_net, right_net, sign);
            let rest = missing_on_right(sign, left_net, right_net);
            let fee = missing_on_right(sign, left, right).wrapping_sub(rest);
            let payment = self.charges.payment(pass, (left_net, right_net));
            return Some((fee, rest, Amounts::Across(left_compared, right_compared), payment));
        }
        let (into, out) = (sum(&|_, amount| amount > 0), sum(&|_, amount| amount < 0));
        let net = into + out;
        Some((0, if on(Side::Left) { net } else { -net }, Amounts::Netted(into, -out), None))
    }

    /// Which records differ, and which pass put them together.
    fn memo(&self, line: &Adjustment) -> String {
        let of = |wanted: Side| {
            let rows: Vec<Row> =
                line.members.iter().filter(|(side, _)| *side == wanted).map(|(_, row)| *row).collect();
            let mut named: Vec<String> = rows
                .iter()
                .take(NAMED_MAX)
                .map(|row| record_name(&self.plan, &self.columns, (wanted, *row)))
                .collect();
            if rows.len() > NAMED_MAX {
                named.push(format!("{} more", rows.len() - NAMED_MAX));
            }
            (!named.is_empty()).then(|| format!("{} {}", self.plan.names[wanted.index()], listed(&named)))
        };
        let records: Vec<String> = Side::BOTH.into_iter().filter_map(of).collect();
        let pass = self.plan.passes.get(usize::from(line.pass)).map_or("", |pass| pass.name.as_str());
        let kind =
            usize::try_from(line.kind).ok().and_then(|kind| KINDS.get(kind)).copied().unwrap_or_default();
        format!("{kind}: {}, by \"{pass}\"", records.join(" and "))
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// What the right amount lacks to be the left one, by a sign rule.
fn missing_on_right(sign: Sign, left: i128, right: i128) -> i128 {
    match sign {
        Sign::Same => left - right,
        Sign::Opposite => -(left + right),
        Sign::Ignore => {
            let towards = if right == 0 { left.signum() } else { right.signum() };
            towards * (left.abs() - right.abs())
        }
    }
}

fn cell_value(cells: &Cells, (side, row): (Side, Row), position: usize) -> Option<&str> {
    cells.keys.get(cells.of(side, row) as usize)?.get(position)?.as_deref()
}
