//! Calendar days between two dates.

use super::{Grade, dates};
use crate::columns::{Column, DateColumn, Row};
use crate::error::Result;
use crate::plan::ONE;
use crate::spec::DayRange;

/// Whether right − left lies in an inclusive range of calendar days.
#[derive(Debug, Clone)]
pub struct Days {
    columns: Option<(DateColumn, DateColumn)>,
    range: GradedRange,
}

impl Days {
    pub(super) fn bind(range: DayRange, left: &Column, right: &Column) -> Result<Self> {
        Ok(Self { columns: dates(left, right)?, range: GradedRange::new(range) })
    }

    /// What the condition says of one candidate.
    #[must_use]
    #[inline]
    pub fn grade(&self, left: Row, right: Row) -> Grade {
        let Some((lefts, rights)) = &self.columns else { return Grade::Null };
        match (lefts.get(left), rights.get(right)) {
            (Some(left), Some(right)) => self.range.grade(i64::from(right) - i64::from(left)),
            _ => Grade::Null,
        }
    }

    /// right − left; `None` where a date is null.
    pub(super) fn measured(&self, left: Row, right: Row) -> Option<i64> {
        let (lefts, rights) = self.columns.as_ref()?;
        Some(i64::from(rights.get(right)?) - i64::from(lefts.get(left)?))
    }
}

/// A range of days with its expected day: 0, or the bound nearest 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct GradedRange {
    from: i64,
    to: i64,
    expected: i64,
    /// Twice the farthest bound; 0 where the range is 0 alone.
    whole: u64,
}

impl GradedRange {
    pub(super) fn new(range: DayRange) -> Self {
        let (from, to) = (i64::from(range.from), i64::from(range.to));
        let expected = if from > 0 {
            from
        } else if to < 0 {
            to
        } else {
            0
        };
        Self { from, to, expected, whole: 2 * from.unsigned_abs().max(to.unsigned_abs()) }
    }

    /// 1 − |days − expected| / (2 × farthest bound).
    #[inline]
    pub(super) fn grade(self, days: i64) -> Grade {
        if days < self.from || days > self.to {
            return Grade::Fails;
        }
        if self.whole == 0 {
            return Grade::Holds(ONE);
        }
        let off = days.abs_diff(self.expected);
        Grade::Holds(super::rounding::share(self.whole.saturating_sub(off), self.whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grade(from: i32, to: i32, days: i64) -> Grade {
        GradedRange::new(DayRange { from, to }).grade(days)
    }

    #[test]
    fn the_examples_of_the_spec_hold() {
        assert_eq!(grade(-3, 3, 0), Grade::Holds(ONE));
        assert_eq!(grade(-3, 3, 1), Grade::Holds(833_333));
        assert_eq!(grade(-3, 3, -3), Grade::Holds(500_000));
        assert_eq!(grade(-3, 3, 4), Grade::Fails);
        assert_eq!(grade(5, 10, 5), Grade::Holds(ONE));
        assert_eq!(grade(5, 10, 10), Grade::Holds(750_000));
        assert_eq!(grade(0, 0, 0), Grade::Holds(ONE));
    }

    #[test]
    fn the_widest_range_and_distance_do_not_overflow() {
        let widest = i64::from(i32::MAX) - i64::from(i32::MIN);
        assert_eq!(grade(i32::MIN, i32::MAX, widest), Grade::Fails);
        assert_eq!(grade(i32::MIN, i32::MAX, i64::from(i32::MIN)), Grade::Holds(500_000));
        assert_eq!(grade(i32::MIN, i32::MIN, i64::from(i32::MIN)), Grade::Holds(ONE));
    }
}
