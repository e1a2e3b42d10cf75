//! How much the conditions allow that remain of a pass: the share of values that satisfy them by their tolerances alone.
//! It stands in where none of a few records satisfies them: of few records that shows little. The rule is in
//! `docs/spec/breaks.md`.

use super::frequency::Frequency;
use super::share;
use crate::columns::{AmountColumn, Column, Columns, Row};
use crate::compare::Allowance;
use crate::error::Result;
use crate::plan::{ConditionPlan, Millionths, ONE, Side, TestPlan};

/// The tolerances of what remains of a pass.
pub(super) struct Tolerated<'a> {
    amounts: Vec<Amounts<'a>>,
    /// The share of all others together: it is the same whatever the values.
    others: Millionths,
}

/// A tolerance of amounts.
struct Amounts<'a> {
    allowance: Allowance,
    columns: [&'a AmountColumn; 2],
    /// The share of the largest amounts that can be compared: no pair's is less.
    least: Millionths,
}

impl<'a> Tolerated<'a> {
    /// Those of the required ones among these conditions.
    pub(super) fn of(
        conditions: &[ConditionPlan],
        columns: &'a Columns,
        frequency: &Frequency<'_>,
    ) -> Result<Self> {
        let mut tolerated = Self { amounts: Vec::new(), others: ONE };
        let sides = Side::BOTH.map(|side| columns.side(side));
        for condition in conditions.iter().filter(|condition| condition.required) {
            let fields = [sides[0].fields.get(condition.left), sides[1].fields.get(condition.right)];
            match (&condition.test, fields) {
                // Any amounts of one sign are.
                (TestPlan::Within(within), _) if within.payment.as_ref().is_some_and(|one| one.in_parts) => {}
                (TestPlan::Within(within), [Some(Column::Amount(left)), Some(Column::Amount(right))]) => {
                    let allowance = Allowance::new(within, columns.scale)?;
                    let rows = sides.map(|side| side.rows);
                    tolerated.amounts.push(Amounts::of(allowance, [left, right], rows));
                }
                (TestPlan::Days(range) | TestPlan::BusinessDays(range, _), _) => {
                    let span = |side, field| frequency.span(side, field);
                    let span = span(Side::Left, condition.left).max(span(Side::Right, condition.right));
                    tolerated.others = times(tolerated.others, share::within_days(*range, span));
                }
                (TestPlan::Similar(_, at_least), _) => {
                    let unlike = ONE.saturating_sub(*at_least).saturating_mul(2).min(ONE);
                    tolerated.others = times(tolerated.others, unlike.max(1));
                }
                _ => {}
            }
        }
        Ok(tolerated)
    }

    /// The share of values that come as near as these two records are allowed to be. Never 0.
    pub(super) fn share(&self, left: Row, right: Row) -> Millionths {
        self.amounts.iter().fold(self.others, |share, amounts| times(share, amounts.share(left, right)))
    }

    /// The least that it is for any two records.
    pub(super) fn least(&self) -> Millionths {
        self.amounts.iter().fold(self.others, |share, amounts| times(share, amounts.least))
    }
}

impl<'a> Amounts<'a> {
    fn of(allowance: Allowance, columns: [&'a AmountColumn; 2], rows: [Row; 2]) -> Self {
        let amounts =
            columns.iter().zip(rows).flat_map(|(column, rows)| (0..rows).filter_map(|row| column.get(row)));
        let largest = amounts.map(i128::unsigned_abs).max().unwrap_or(0);
        // A percentage is the same of every amount, a fixed tolerance less of a larger one. Half the width that counts, so
        // that what is rounded makes no difference.
        let least = share::of(allowance.allowed(largest), largest).saturating_sub(1);
        Self { allowance, columns, least }
    }

    fn share(&self, left: Row, right: Row) -> Millionths {
        let both = self.columns[0].get(left).zip(self.columns[1].get(right));
        let shares = both.map(|(left, right)| {
            let all = self.allowance.all(left.unsigned_abs(), right.unsigned_abs());
            all.map(|(allowed, of)| share::allowed(allowed, of)).max().unwrap_or(ONE)
        });
        shares.unwrap_or(ONE)
    }
}

/// The product, rounded up.
fn times(one: Millionths, other: Millionths) -> Millionths {
    let product = (u64::from(one) * u64::from(other)).div_ceil(ONE.into());
    Millionths::try_from(product).unwrap_or(ONE)
}
