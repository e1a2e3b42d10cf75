//! Business days between two dates, by a running count.

use super::days::GradedRange;
use super::{Grade, dates};
use crate::columns::{Column, DateColumn, Row};
use crate::error::Result;
use crate::plan::CalendarPlan;
use crate::spec::DayRange;

/// Days from the Monday before 1970-01-01 (a Thursday) to it.
const MONDAY_TO_EPOCH: i64 = 3;

/// A calendar that counts: the distance of two days is the difference of their counts.
///
/// ```
/// use recon378_core::compare::Calendar;
/// use recon378_core::plan::CalendarPlan;
/// let weekend = [false, false, false, false, false, true, true];
/// let calendar = Calendar::new(&CalendarPlan { name: "week".into(), weekend, holidays: vec![] });
/// // 1970-01-02 was a Friday: Saturday counts as Friday, Monday is one business day later.
/// assert_eq!(calendar.distance(1, 2), 0);
/// assert_eq!(calendar.distance(1, 4), 1);
/// assert_eq!(calendar.distance(4, 1), -1);
/// ```
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Business days of a week up to and including a weekday, Monday first.
    upto: [i64; 7],
    /// Ascending, distinct, none on a weekend.
    holidays: Vec<i32>,
}

impl Calendar {
    /// The calendar of a plan.
    #[must_use]
    pub fn new(plan: &CalendarPlan) -> Self {
        let mut count = 0;
        let upto = plan.weekend.map(|free| {
            count += i64::from(!free);
            count
        });
        let mut holidays: Vec<i32> =
            plan.holidays.iter().copied().filter(|day| !plan.weekend[weekday(*day).1]).collect();
        holidays.sort_unstable();
        holidays.dedup();
        Self { upto, holidays }
    }

    /// Business days up to and including `day`, counted from a fixed origin: only differences have a meaning.
    /// O(log holidays); no day overflows.
    #[must_use]
    #[inline]
    pub fn index(&self, day: i32) -> i64 {
        let (week, weekday) = weekday(day);
        let [.., per_week] = self.upto;
        let passed = self.holidays.partition_point(|holiday| *holiday <= day);
        week * per_week + self.upto[weekday] - i64::try_from(passed).unwrap_or(i64::MAX)
    }

    /// Business days from `left` to `right`; negative where `right` is earlier.
    #[must_use]
    #[inline]
    pub fn distance(&self, left: i32, right: i32) -> i64 {
        self.index(right) - self.index(left)
    }
}

/// The week a day is in, and its weekday from Monday.
#[inline]
fn weekday(day: i32) -> (i64, usize) {
    let days = i64::from(day) + MONDAY_TO_EPOCH;
    (days.div_euclid(7), usize::try_from(days.rem_euclid(7)).unwrap_or(0))
}

/// Whether right − left lies in an inclusive range of business days.
#[derive(Debug, Clone)]
pub struct BusinessDays {
    columns: Option<(DateColumn, DateColumn)>,
    range: GradedRange,
    calendar: Calendar,
}

impl BusinessDays {
    pub(super) fn bind(
        range: DayRange,
        calendar: &CalendarPlan,
        left: &Column,
        right: &Column,
    ) -> Result<Self> {
        let columns = dates(left, right)?;
        Ok(Self { columns, range: GradedRange::new(range), calendar: Calendar::new(calendar) })
    }

    /// What the condition says of one candidate.
    #[must_use]
    #[inline]
    pub fn grade(&self, left: Row, right: Row) -> Grade {
        let Some((lefts, rights)) = &self.columns else { return Grade::Null };
        match (lefts.get(left), rights.get(right)) {
            (Some(left), Some(right)) => self.range.grade(self.calendar.distance(left, right)),
            _ => Grade::Null,
        }
    }

    /// Business days from left to right; `None` where a date is null.
    pub(super) fn measured(&self, left: Row, right: Row) -> Option<i64> {
        let (lefts, rights) = self.columns.as_ref()?;
        Some(self.calendar.distance(lefts.get(left)?, rights.get(right)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plan(holidays: Vec<i32>) -> CalendarPlan {
        let weekend = [false, false, false, false, false, true, true];
        CalendarPlan { name: "test".into(), weekend, holidays }
    }

    fn is_business_day(plan: &CalendarPlan, day: i32) -> bool {
        !plan.weekend[weekday(day).1] && !plan.holidays.contains(&day)
    }

    #[test]
    fn new_year_2026_is_skipped() {
        // 2025-12-31 is day 20453, a Wednesday; 2026-01-01 a holiday; 2026-01-02 a Friday; 2026-01-05 a Monday.
        let calendar = Calendar::new(&plan(vec![20_454]));
        assert_eq!(calendar.distance(20_453, 20_454), 0);
        assert_eq!(calendar.distance(20_453, 20_455), 1);
        assert_eq!(calendar.distance(20_453, 20_458), 2);
        assert_eq!(calendar.distance(20_458, 20_453), -2);
    }

    #[test]
    fn the_extremes_of_a_date_count() {
        let calendar = Calendar::new(&plan(vec![i32::MIN, i32::MAX]));
        assert!(calendar.distance(i32::MIN, i32::MAX) > 3_000_000_000);
        assert_eq!(calendar.distance(i32::MIN, i32::MAX), -calendar.distance(i32::MAX, i32::MIN));
    }

    #[test]
    fn a_calendar_without_business_days_has_no_distance() {
        let all = CalendarPlan { name: "never".into(), weekend: [true; 7], holidays: vec![5] };
        assert_eq!(Calendar::new(&all).distance(-100, 100), 0);
    }

    proptest! {
        #[test]
        fn a_distance_counts_the_business_days_after_left_up_to_right(
            left in -400_i32..400, days in 0_i32..60, holidays in prop::collection::vec(-450_i32..450, 0..40),
        ) {
            let plan = plan(holidays);
            let counted = (left + 1..=left + days).filter(|day| is_business_day(&plan, *day)).count();
            let calendar = Calendar::new(&plan);
            prop_assert_eq!(calendar.distance(left, left + days), i64::try_from(counted).unwrap());
            prop_assert_eq!(calendar.distance(left + days, left), -i64::try_from(counted).unwrap());
        }
    }
}
