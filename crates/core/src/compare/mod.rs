//! What each condition says of a candidate: one file per condition, all under one conformance test.
//!
//! A condition is bound to its columns once per pass; grading then reads two cells and does integer arithmetic.
//! Floats occur only inside a measure of likeness and are rounded to millionths before they leave it. Meaning and
//! formulas: `docs/spec/conditions.md`.

pub(crate) mod bits;
mod business_days;
mod days;
mod equals;
mod every;
mod levels;
mod measured;
mod occurs;
mod rounding;
mod scorer;
pub mod similar;
mod slip;
mod within;

#[cfg(test)]
mod conformance;

pub use business_days::{BusinessDays, Calendar};
pub use days::Days;
pub use equals::Equals;
pub use every::Every;
pub use levels::{Levels, Reached, Weighed};
pub use measured::Measured;
pub use occurs::OccursIn;
pub(crate) use occurs::is_long_enough;
#[cfg(test)]
pub(crate) use occurs::occurs;
pub use scorer::Scorer;
pub(crate) use scorer::{Evidence, Step};
pub use similar::{Similar, Similarity, similarity};
pub use slip::SlipBetween;
pub(crate) use slip::is_slip;
pub use within::Within;
pub(crate) use within::{Allowance, Payment};

use crate::columns::{AmountColumn, Column, DateColumn, Row, SideColumns, TextColumn};
use crate::error::{Error, Result};
use crate::plan::{ConditionPlan, FieldIndex, Millionths, TestPlan};

/// What a condition says of one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// It holds, so well.
    Holds(Millionths),
    /// It fails.
    Fails,
    /// A value is null: a required condition fails, another is left out of the score.
    Null,
}

impl Grade {
    /// The grade where the condition holds.
    #[must_use]
    pub fn held(self) -> Option<Millionths> {
        match self {
            Self::Holds(grade) => Some(grade),
            Self::Fails | Self::Null => None,
        }
    }
}

/// A condition bound to the columns it reads. Owns (shared) handles on them, so it can be sent to any thread.
#[derive(Debug, Clone)]
pub enum Comparison {
    /// The values are equal.
    Equals(Equals),
    /// The amounts differ by at most a tolerance.
    Within(Within),
    /// right − left in calendar days.
    Days(Days),
    /// right − left in business days.
    BusinessDays(BusinessDays),
    /// The texts are alike.
    Similar(Similar),
    /// One text stands in the other.
    Occurs(OccursIn),
    /// The digits differ by one slip.
    Slip(SlipBetween),
    /// One of the others holds for every record that is taken as one.
    Every(Every),
    /// How near the values are, weighed in bits.
    Levels(Levels),
}

impl Comparison {
    /// Binds a condition to the columns of both sides (a `same_side` pass gives the same side twice). `scale` is
    /// the run's.
    ///
    /// # Errors
    /// A tolerance that has more digits than the scale (`tolerance_too_fine`) or is negative (`bad_value`); a plan
    /// that doesn't fit the columns is an internal error.
    pub fn bind(
        condition: &ConditionPlan,
        left: &SideColumns,
        right: &SideColumns,
        scale: u8,
    ) -> Result<Self> {
        Self::bind_test(&condition.test, condition, (left, right), scale)
    }

    /// The same, by another test: one of the condition's levels.
    fn bind_test(
        test: &TestPlan,
        condition: &ConditionPlan,
        sides: (&SideColumns, &SideColumns),
        scale: u8,
    ) -> Result<Self> {
        let (left, right) = (field(sides.0, condition.left)?, field(sides.1, condition.right)?);
        Ok(match test {
            TestPlan::Equals => Self::Equals(Equals::bind(left, right, condition.nulls_equal)),
            TestPlan::Within(plan) => Self::Within(Within::bind(plan, left, right, scale)?),
            TestPlan::Days(range) => Self::Days(Days::bind(*range, left, right)?),
            TestPlan::BusinessDays(range, calendar) => {
                Self::BusinessDays(BusinessDays::bind(*range, calendar, left, right)?)
            }
            TestPlan::Similar(measure, at_least) => {
                Self::Similar(Similar::bind(*measure, *at_least, left, right)?)
            }
            TestPlan::Occurs(plan) => Self::Occurs(OccursIn::bind(*plan, left, right)?),
            TestPlan::Slip(kinds) => Self::Slip(SlipBetween::bind(kinds, left, right, scale)?),
            TestPlan::Levels(plan) => Self::Levels(Levels::bind(plan, condition, sides, scale)?),
        })
    }

    /// What the condition says of one candidate.
    #[must_use]
    pub fn grade(&self, left: Row, right: Row) -> Grade {
        match self {
            Self::Equals(test) => test.grade(left, right),
            Self::Within(test) => test.grade(left, right),
            Self::Days(test) => test.grade(left, right),
            Self::BusinessDays(test) => test.grade(left, right),
            Self::Similar(test) => test.grade(left, right),
            Self::Occurs(test) => test.grade(left, right),
            Self::Slip(test) => test.grade(left, right),
            Self::Every(test) => test.grade(left, right),
            Self::Levels(test) => test.grade(left, right),
        }
    }

    /// Replaces `out` by what the condition says of each candidate, in their order. Candidates of one record that
    /// follow each other share what is prepared of its text.
    pub fn grade_many(&self, pairs: &[(Row, Row)], out: &mut Vec<Grade>) {
        out.clear();
        match self {
            Self::Equals(test) => out.extend(pairs.iter().map(|&(l, r)| test.grade(l, r))),
            Self::Within(test) => out.extend(pairs.iter().map(|&(l, r)| test.grade(l, r))),
            Self::Days(test) => out.extend(pairs.iter().map(|&(l, r)| test.grade(l, r))),
            Self::BusinessDays(test) => out.extend(pairs.iter().map(|&(l, r)| test.grade(l, r))),
            Self::Similar(test) => test.grade_many(pairs, out),
            Self::Occurs(test) => out.extend(pairs.iter().map(|&(l, r)| test.grade(l, r))),
            Self::Slip(test) => out.extend(pairs.iter().map(|&(l, r)| test.grade(l, r))),
            Self::Every(test) => out.extend(pairs.iter().map(|&(l, r)| test.grade(l, r))),
            Self::Levels(test) => test.grade_many(pairs, out),
        }
    }

    /// What one grading costs beside the others: the cheap ones go first.
    fn cost(&self) -> u8 {
        match self {
            Self::Equals(test) if test.is_many() => 1,
            Self::Equals(_) | Self::Days(_) => 0,
            Self::Within(_) => 1,
            Self::BusinessDays(_) => 2,
            Self::Slip(_) => 3,
            Self::Occurs(_) => 4,
            Self::Similar(_) => 5,
            Self::Every(test) => test.inner().cost().saturating_add(2),
            Self::Levels(test) => test.comparisons().map(Self::cost).max().unwrap_or(0),
        }
    }
}

fn field(side: &SideColumns, index: FieldIndex) -> Result<&Column> {
    side.fields.get(index).ok_or_else(|| Error::Internal(format!("a condition reads field {index} of none")))
}

/// Both columns as amounts, `None` where a side has no such column: every grade is null then.
fn amounts(left: &Column, right: &Column) -> Result<Option<(AmountColumn, AmountColumn)>> {
    match (left, right) {
        (Column::Amount(left), Column::Amount(right)) => Ok(Some((left.clone(), right.clone()))),
        _ => absent(left, right, "amounts"),
    }
}

/// Both columns as dates.
fn dates(left: &Column, right: &Column) -> Result<Option<(DateColumn, DateColumn)>> {
    match (left, right) {
        (Column::Date(left), Column::Date(right)) => Ok(Some((left.clone(), right.clone()))),
        _ => absent(left, right, "dates"),
    }
}

/// Both columns as texts.
fn texts(left: &Column, right: &Column) -> Result<Option<(TextColumn, TextColumn)>> {
    match (left, right) {
        (Column::Text(left), Column::Text(right)) => Ok(Some((left.clone(), right.clone()))),
        _ => absent(left, right, "texts"),
    }
}

fn absent<T>(left: &Column, right: &Column, wanted: &str) -> Result<Option<T>> {
    if matches!(left, Column::Absent) || matches!(right, Column::Absent) {
        return Ok(None);
    }
    Err(Error::Internal(format!("a condition on {wanted} is bound to other columns")))
}
