//! Amounts, net, variance and days of pairs. The amounts of a pair are looked up once for all columns made of
//! them: on one side the look-ups are random, and they are what the tables cost.

use super::super::Outcome;
use super::super::charges::Charges;
use super::super::found::{Pair, Span};
use super::super::gather::{BothSides, DecimalBuilder, no_amounts};
use super::rows::{Grouped, Money, prefetch};
use crate::columns::{Columns, Row};
use crate::error::Result;
use crate::plan::{PassPlan, Plan, Side};
use crate::spec::Sign;
use arrow_array::ArrayRef;

impl Outcome {
    /// Left amount, right amount, net, fee, variance, in the order of `groups`.
    pub(super) fn money<T: Grouped>(&self, groups: &[T]) -> Result<[ArrayRef; 5]> {
        let scale = self.columns.scale;
        let tied = BothSides::of(&self.columns, self.plan.tie_out.amount);
        let is_tied = self.plan.tie_out.amount.is_some();
        let variances = Variances::of(&self.plan, &self.columns, &self.charges);
        let [mut left, mut right, mut net, mut fee, mut variance] =
            [(); 5].map(|()| DecimalBuilder::new(groups.len()));
        let has_fees = self.charges.any();
        for (at, group) in groups.iter().enumerate() {
            prefetch(tied, groups, at);
            let Money { sides: [on_left, on_right], fee: of_fees, variance: of_group } =
                group.money(tied, &variances);
            left.push(on_left);
            right.push(on_right);
            net.push(is_tied.then(|| on_right.unwrap_or(0).wrapping_sub(on_left.unwrap_or(0))));
            if has_fees {
                fee.push(of_fees);
            }
            variance.push(of_group);
        }
        let fee = if has_fees { fee.finish(scale)? } else { no_amounts(groups.len(), scale)? };
        Ok([left.finish(scale)?, right.finish(scale)?, net.finish(scale)?, fee, variance.finish(scale)?])
    }
}

/// Which amounts a pass's variance is of.
pub(super) enum Variance<'a> {
    /// The pass knows no amounts.
    None,
    /// The amounts that are tied out.
    Tied(Sign),
    /// Others.
    Own(BothSides<'a>, Sign),
}

/// The variance of every pair, by its pass.
pub(super) struct Variances<'a> {
    passes: Vec<Variance<'a>>,
    pub(super) charges: &'a Charges,
}

impl<'a> Variances<'a> {
    fn of(plan: &Plan, columns: &'a Columns, charges: &'a Charges) -> Self {
        let pass = |pass: &PassPlan| {
            let Some(variance) = pass.variance else { return Variance::None };
            let fields = [Some(variance.left), Some(variance.right)];
            if fields == [plan.tie_out.amount; 2] {
                return Variance::Tied(variance.sign);
            }
            Variance::Own(BothSides::at(columns, fields), variance.sign)
        };
        Self { passes: plan.passes.iter().map(pass).collect(), charges }
    }

    /// What a pass keeps back of the tied-out amounts of some records, as its part in right − left; `None` where the pass
    /// has no fee on them.
    pub(super) fn fee(
        &self,
        pass: u16,
        tied: BothSides<'_>,
        members: &(impl Iterator<Item = (Side, Row)> + Clone),
    ) -> Option<i128> {
        if !self.charges.keeps(pass) {
            return None;
        }
        let [left, right] = self.charges.kept_of_tied(pass, tied, members);
        right.wrapping_sub(left).to_i128()
    }

    /// Which amounts a pass compares.
    pub(super) fn of_pass(&self, pass: u16) -> &Variance<'a> {
        &self.passes[usize::from(pass)]
    }

    /// Null where an amount is null or the pass knows no amounts. Inside one source: the sum.
    #[inline]
    pub(super) fn of_pair(&self, pair: &Pair, one: Option<i128>, other: Option<i128>) -> Option<i128> {
        let (left, right, sign) = match &self.passes[usize::from(pair.pass)] {
            Variance::None => return None,
            Variance::Tied(sign) => (one?, other?, *sign),
            Variance::Own(amounts, sign) => {
                let [first, second] = pair.span.sides();
                (amounts.amount(first, pair.left)?, amounts.amount(second, pair.right)?, *sign)
            }
        };
        let (left, right) = if self.charges.has(pair.pass) {
            let as_compared = |side: Side, row: Row, amount: i128| {
                let one = std::iter::once((row, Some(amount)));
                self.charges.sum(pair.pass, side, &one)?.to_i128()
            };
            (as_compared(Side::Left, pair.left, left)?, as_compared(Side::Right, pair.right, right)?)
        } else {
            (left, right)
        };
        Some(match if pair.span == Span::Across { sign } else { Sign::Opposite } {
            Sign::Same => right - left,
            Sign::Opposite => left + right,
            Sign::Ignore => right.abs() - left.abs(),
        })
    }
}

/// The days of every pair, by its pass.
pub(super) struct Days<'a> {
    passes: Vec<Option<BothSides<'a>>>,
}

impl<'a> Days<'a> {
    pub(super) fn of(plan: &Plan, columns: &'a Columns) -> Self {
        let both = |(left, right)| BothSides::at(columns, [Some(left), Some(right)]);
        Self { passes: plan.passes.iter().map(|pass| pass.days.map(both)).collect() }
    }

    /// right − left of a group in calendar days; null where a day is, or where they pass 32 bits.
    #[inline]
    pub(super) fn between<T: Grouped>(&self, groups: &[T], at: usize) -> Option<i32> {
        let days = *self.passes[usize::from(groups[at].verdict().pass)].as_ref()?;
        prefetch(days, groups, at);
        groups[at].days(days)
    }
}

/// The row of a pair on a side, where it is one of each.
#[inline]
pub(super) fn row(pair: &Pair, side: Side) -> Row {
    match side {
        Side::Left => pair.left,
        Side::Right => pair.right,
    }
}
