//! `groups`: one row per group.

use super::super::Outcome;
use super::super::found::{Ambiguity, NO_REGRET, Pair, Span};
use super::super::gather::{BothSides, TableBuilder, amounts, names, no_amounts, nullable_numbers, numbers};
use super::{STATUSES, ambiguity_key, group_id, pass_key, share, status_key};
use crate::columns::Columns;
use crate::error::Result;
use crate::plan::{PassPlan, Plan, Side};
use crate::spec::{Cardinality, Sign};
use arrow_array::types::{Float64Type, Int8Type, Int16Type, Int32Type, UInt32Type, UInt64Type};
use arrow_array::{ArrayRef, RecordBatch};

const CARDINALITIES: [Cardinality; 2] = [Cardinality::OneToOne, Cardinality::SameSide];

impl Outcome {
    pub(in super::super) fn groups_of(&self, pairs: &[Pair]) -> Result<RecordBatch> {
        let rows = pairs.len();
        let mut table = TableBuilder::default();
        table.full("group_id", || numbers::<UInt64Type>(rows, |at| group_id(&self.columns, &pairs[at])));
        table.full("pass", || self.pass_names(pairs));
        table.full("cardinality", || {
            let key = |at: usize| i8::from(pairs[at].span != Span::Across);
            names::<Int8Type, _>(rows, &CARDINALITIES.map(Cardinality::name), false, |at| Some(key(at)))
        });
        add_verdict(&mut table, pairs);
        table.full("rivals", || numbers::<UInt32Type>(rows, |at| pairs[at].rivals));
        table.full("score", || numbers::<Float64Type>(rows, |at| share(pairs[at].score)));
        table.nullable("regret", || {
            let regret = |pair: &Pair| (pair.regret != NO_REGRET).then(|| share(pair.regret));
            nullable_numbers::<Float64Type>(rows, true, |at| regret(&pairs[at]))
        });
        for (side, name) in Side::BOTH.into_iter().zip(["left_count", "right_count"]) {
            table.full(name, move || {
                let count = |pair: &Pair| pair.span.sides().iter().filter(|of| **of == side).count();
                numbers::<UInt32Type>(rows, |at| crate::columns::row_of(count(&pairs[at])))
            });
        }
        self.add_money(&mut table, pairs);
        let days = Days::of(&self.plan, &self.columns);
        table.nullable("days", move || {
            nullable_numbers::<Int32Type>(rows, true, |at| days.between(&pairs[at]))
        });
        table.build()
    }

    fn add_money<'a>(&'a self, table: &mut TableBuilder<'a>, pairs: &'a [Pair]) {
        let rows = pairs.len();
        let scale = self.columns.scale;
        let tied = BothSides::of(&self.columns, self.plan.tie_out.amount);
        let one_sided = pairs.iter().any(|pair| pair.span != Span::Across);
        let null = tied.may_be_null();
        for (side, name) in Side::BOTH.into_iter().zip(["left_amount", "right_amount"]) {
            table.nullable(name, move || {
                amounts(rows, scale, null || one_sided, |at| side_amount(tied, &pairs[at], side))
            });
        }
        table.nullable("currency", move || self.group_currencies(pairs));
        table.nullable("net", move || {
            if self.plan.tie_out.amount.is_none() {
                return no_amounts(rows, scale);
            }
            amounts(rows, scale, false, |at| Some(net(tied, &pairs[at])))
        });
        table.nullable("fee", move || no_amounts(rows, scale));
        let variances = Variances::of(&self.plan, &self.columns);
        table.nullable("variance", move || {
            amounts(rows, scale, variances.may_be_null(), |at| variances.of_pair(&pairs[at]))
        });
    }

    fn group_currencies(&self, pairs: &[Pair]) -> Result<ArrayRef> {
        match self.currencies() {
            None => names::<Int32Type, &str>(pairs.len(), &[], true, |_| None),
            Some(of) => names::<Int32Type, _>(pairs.len(), &of.names, true, |at| of.shared(&pairs[at])),
        }
    }

    pub(super) fn pass_names(&self, pairs: &[Pair]) -> Result<ArrayRef> {
        let passes: Vec<&str> = self.plan.passes.iter().map(|pass| pass.name.as_str()).collect();
        names::<Int16Type, _>(pairs.len(), &passes, false, |at| Some(pass_key(pairs[at].pass)))
    }
}

/// Status and ambiguity.
pub(super) fn add_verdict<'a>(table: &mut TableBuilder<'a>, pairs: &'a [Pair]) {
    let rows = pairs.len();
    table.full("status", move || {
        names::<Int8Type, _>(rows, &STATUSES, false, |at| Some(status_key(pairs[at].status)))
    });
    table.full("ambiguity", move || {
        let all = Ambiguity::ALL.map(Ambiguity::name);
        names::<Int8Type, _>(rows, &all, false, |at| Some(ambiguity_key(pairs[at].ambiguity)))
    });
}

/// Both amounts of a pair inside one source, added: `None` where both are null.
#[inline]
fn within_amounts(amounts: BothSides<'_>, pair: &Pair) -> Option<i128> {
    let [first, second] = pair.span.sides();
    let left = amounts.amount(first, pair.left);
    let right = amounts.amount(second, pair.right);
    match (left, right) {
        (None, None) => None,
        (left, right) => Some(left.unwrap_or(0) + right.unwrap_or(0)),
    }
}

/// The amounts of a group's members on one side.
#[inline]
fn side_amount(amounts: BothSides<'_>, pair: &Pair, side: Side) -> Option<i128> {
    match (pair.span, side) {
        (Span::Across, Side::Left) => amounts.amount(side, pair.left),
        (Span::Across, Side::Right) => amounts.amount(side, pair.right),
        (Span::WithinLeft, Side::Left) | (Span::WithinRight, Side::Right) => within_amounts(amounts, pair),
        _ => None,
    }
}

/// What a group adds to right − left; null amounts add 0.
#[inline]
fn net(amounts: BothSides<'_>, pair: &Pair) -> i128 {
    let of = |side| side_amount(amounts, pair, side).unwrap_or(0);
    of(Side::Right) - of(Side::Left)
}

/// The variance of a pair by a sign rule.
#[inline]
fn pair_variance(sign: Sign, left: i128, right: i128) -> i128 {
    match sign {
        Sign::Same => right - left,
        Sign::Opposite => left + right,
        Sign::Ignore => right.abs() - left.abs(),
    }
}

/// The variance of every pair, by its pass.
pub(super) struct Variances<'a> {
    passes: Vec<Option<(BothSides<'a>, Sign)>>,
}

impl<'a> Variances<'a> {
    pub(super) fn of(plan: &'a Plan, columns: &'a Columns) -> Self {
        let pass = |pass: &PassPlan| {
            let variance = pass.variance?;
            let fields = [Some(variance.left), Some(variance.right)];
            Some((BothSides::at(columns, fields), variance.sign))
        };
        Self { passes: plan.passes.iter().map(pass).collect() }
    }

    pub(super) fn may_be_null(&self) -> bool {
        self.passes.iter().any(|pass| pass.as_ref().is_none_or(|(amounts, _)| amounts.may_be_null()))
    }

    /// Null where an amount is null or the pass knows no amounts. Inside one source: the sum.
    #[inline]
    pub(super) fn of_pair(&self, pair: &Pair) -> Option<i128> {
        let (amounts, sign) = self.passes[usize::from(pair.pass)].as_ref()?;
        let [first, second] = pair.span.sides();
        let sign = if pair.span == Span::Across { *sign } else { Sign::Opposite };
        let left = amounts.amount(first, pair.left)?;
        let right = amounts.amount(second, pair.right)?;
        Some(pair_variance(sign, left, right))
    }
}

/// The days of every pair, by its pass.
pub(super) struct Days<'a> {
    passes: Vec<Option<BothSides<'a>>>,
}

impl<'a> Days<'a> {
    pub(super) fn of(plan: &'a Plan, columns: &'a Columns) -> Self {
        let both = |(left, right)| BothSides::at(columns, [Some(left), Some(right)]);
        Self { passes: plan.passes.iter().map(|pass| pass.days.map(both)).collect() }
    }

    /// right − left in calendar days; null where a day is, or where they pass 32 bits.
    #[inline]
    pub(super) fn between(&self, pair: &Pair) -> Option<i32> {
        let days = self.passes[usize::from(pair.pass)].as_ref()?;
        let [first, second] = pair.span.sides();
        days.day(second, pair.right)?.checked_sub(days.day(first, pair.left)?)
    }
}
