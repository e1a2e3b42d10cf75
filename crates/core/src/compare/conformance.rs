//! One function that every condition must pass: symmetric under mirroring, null where a value is, never above 1,
//! the same one by one and many at a time.

use super::{Comparison, Grade};
use crate::columns::{
    AmountColumn, AmountValues, Column, DateColumn, IntegerColumn, Row, SideColumns, TextColumn,
};
use crate::money::Number;
use crate::plan::{
    CalendarPlan, ConditionPlan, LevelPlan, LevelsPlan, ONE, PaymentPlan, Side, TestPlan, WithinPlan,
};
use crate::spec::{DayRange, Direction, Measure, Occurs, Sign, Slip};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use proptest::prelude::*;
use std::sync::Arc;

/// A side with these columns.
pub(super) fn side(fields: Vec<Column>) -> SideColumns {
    SideColumns {
        rows: 0,
        row_numbers: None,
        fields,
        excluded: None,
        unreadable: None,
        issues: Vec::new(),
        issues_dropped: Vec::new(),
        doubles: Vec::new(),
        memory: Arc::default(),
        ..SideColumns::default()
    }
}

fn nulls<T>(values: &[Option<T>]) -> NullBuffer {
    values.iter().map(Option::is_some).collect()
}

pub(super) fn amounts(values: &[Option<i128>]) -> Column {
    let filled = || values.iter().map(|value| value.unwrap_or(77));
    let narrow: Result<Vec<i64>, _> = filled().map(i64::try_from).collect();
    let stored = narrow.map_or_else(
        |_| AmountValues::Wide(filled().collect::<Vec<_>>().into()),
        |narrow| AmountValues::Narrow(narrow.into()),
    );
    Column::Amount(AmountColumn { values: stored, nulls: Some(nulls(values)) })
}

pub(super) fn dates(values: &[Option<i32>]) -> Column {
    let days: ScalarBuffer<i32> = values.iter().map(|value| value.unwrap_or(77)).collect::<Vec<_>>().into();
    Column::Date(DateColumn { days, nulls: Some(nulls(values)) })
}

fn integers(values: &[Option<i64>]) -> Column {
    let stored: ScalarBuffer<i64> = values.iter().map(|value| value.unwrap_or(77)).collect::<Vec<_>>().into();
    Column::Integer(IntegerColumn { values: stored, nulls: Some(nulls(values)) })
}

pub(super) fn texts(values: &[Option<String>]) -> Column {
    // Empty text is null.
    let values = values.iter().map(|value| value.as_deref().filter(|text| !text.is_empty()));
    Column::Text(TextColumn::Small(values.collect::<arrow_array::StringArray>().into()))
}

pub(super) fn condition(test: TestPlan) -> ConditionPlan {
    ConditionPlan { left: 0, right: 0, test, required: true, weight: 1_000_000, nulls_equal: false }
}

/// The condition of the mirrored request.
fn mirrored(test: &TestPlan) -> TestPlan {
    let turned = |range: &DayRange| DayRange { from: -range.to, to: -range.from };
    match test {
        TestPlan::Days(range) => TestPlan::Days(turned(range)),
        TestPlan::BusinessDays(range, calendar) => {
            TestPlan::BusinessDays(turned(range), Arc::clone(calendar))
        }
        TestPlan::Within(plan) => {
            let mirror = |plan: &WithinPlan| WithinPlan { of: plan.of.map(Side::other), ..plan.clone() };
            let payment = plan.payment.as_ref().map(|payment| {
                Box::new(PaymentPlan {
                    paid: payment.paid.other(),
                    short_pay: payment.short_pay.as_ref().map(mirror),
                    discount: payment.discount.as_ref().map(mirror),
                    overpay: payment.overpay.as_ref().map(mirror),
                    in_parts: payment.in_parts,
                })
            });
            TestPlan::Within(WithinPlan { payment, ..mirror(plan) })
        }
        TestPlan::Occurs(plan) => TestPlan::Occurs(Occurs {
            direction: match plan.direction {
                Direction::RightInLeft => Direction::LeftInRight,
                Direction::LeftInRight => Direction::RightInLeft,
                Direction::Either => Direction::Either,
            },
            ..*plan
        }),
        TestPlan::Levels(plan) => TestPlan::Levels(LevelsPlan {
            levels: plan
                .levels
                .iter()
                .map(|level| LevelPlan { test: mirrored(&level.test), ..level.clone() })
                .collect(),
            ..plan.clone()
        }),
        other => other.clone(),
    }
}

/// The test behind an equality, as levels; and the other way round.
fn weighed(test: &TestPlan) -> [TestPlan; 2] {
    let level = |test: &TestPlan, millibits| LevelPlan { test: test.clone(), millibits, frequency: false };
    let levels = |levels| TestPlan::Levels(LevelsPlan { levels, otherwise: -4_500, null: 250 });
    [
        levels(vec![level(&TestPlan::Equals, 9_000), level(test, 3_000)]),
        levels(vec![level(test, 3_000), level(&TestPlan::Equals, 9_000)]),
    ]
}

/// What every condition promises, by itself and as one of several levels.
fn conforms(test: &TestPlan, left: &Column, right: &Column, rows: usize) {
    conforms_alone(test, left, right, rows);
    for levels in weighed(test) {
        conforms_alone(&levels, left, right, rows);
        first_that_holds_counts(&levels, left, right, rows);
    }
}

fn first_that_holds_counts(test: &TestPlan, left: &Column, right: &Column, rows: usize) {
    let (lefts, rights) = (side(vec![left.clone()]), side(vec![right.clone()]));
    let bind = |test: &TestPlan| Comparison::bind(&condition(test.clone()), &lefts, &rights, 2).unwrap();
    let (Comparison::Levels(bound), TestPlan::Levels(plan)) = (bind(test), test) else { panic!("levels") };
    let each: Vec<Comparison> = plan.levels.iter().map(|level| bind(&level.test)).collect();
    let rows = Row::try_from(rows).unwrap();
    for (l, r) in (0..rows).flat_map(|l| (0..rows).map(move |r| (l, r))) {
        let first = each.iter().position(|test| test.grade(l, r).held().is_some());
        let is_null = left.is_null(l) || right.is_null(r);
        let expected = match first {
            _ if is_null => plan.null,
            Some(at) => plan.levels[at].millibits,
            None => plan.otherwise,
        };
        assert_eq!(bound.weigh(l, r).millibits, expected, "{test:?} on {l}, {r}");
        assert!(expected <= bound.most());
    }
}

/// What every condition promises, on all pairs of two columns.
fn conforms_alone(test: &TestPlan, left: &Column, right: &Column, rows: usize) {
    let (lefts, rights) = (side(vec![left.clone()]), side(vec![right.clone()]));
    let bound = Comparison::bind(&condition(test.clone()), &lefts, &rights, 2).unwrap();
    let turned = Comparison::bind(&condition(mirrored(test)), &rights, &lefts, 2).unwrap();
    let rows = Row::try_from(rows).unwrap();
    // Runs of one left record, then runs of one right record.
    let by_left = (0..rows).flat_map(|l| (0..rows).map(move |r| (l, r)));
    let by_right = (0..rows).flat_map(|r| (0..rows).map(move |l| (l, r)));
    let pairs: Vec<(Row, Row)> = by_left.chain(by_right).collect();
    let mut many = Vec::new();
    bound.grade_many(&pairs, &mut many);
    assert_eq!(many.len(), pairs.len());
    for ((l, r), batch) in pairs.into_iter().zip(many) {
        let grade = bound.grade(l, r);
        assert_eq!(grade, batch, "one by one and many at a time, {test:?} on {l}, {r}");
        assert_eq!(grade, turned.grade(r, l), "mirrored, {test:?} on {l}, {r}");
        let is_null = left.is_null(l) || right.is_null(r);
        assert_eq!(grade == Grade::Null, is_null, "null exactly where a value is, {test:?} on {l}, {r}");
        assert!(grade.held().is_none_or(|grade| grade <= ONE));
        if !is_null && left.same(l, right, r) {
            let always =
                !matches!(test, TestPlan::Days(_) | TestPlan::BusinessDays(..) | TestPlan::Occurs(_));
            let signed = matches!(test, TestPlan::Within(plan) if plan.sign == Sign::Opposite);
            assert!(!always || signed || grade == Grade::Holds(ONE), "equal values grade 1, {test:?}");
        }
    }
    let absent = Comparison::bind(&condition(test.clone()), &lefts, &side(vec![Column::Absent]), 2).unwrap();
    assert_eq!(absent.grade(0, 0), Grade::Null, "a column that a side doesn't have is null");
}

fn calendar() -> Arc<CalendarPlan> {
    let weekend = [false, false, false, false, false, true, true];
    Arc::new(CalendarPlan { name: "test".into(), weekend, holidays: vec![-5, 0, 6, 7] })
}

fn within(absolute: Option<i64>, percent: Option<i64>, larger: bool, sign: Sign) -> TestPlan {
    let number = |units: i64| Number::from(rust_decimal::Decimal::new(units, 2));
    let (absolute, percent) = (absolute.map(number), percent.map(number));
    TestPlan::Within(WithinPlan {
        path: String::new(),
        absolute,
        percent,
        larger,
        of: None,
        sign,
        payment: None,
    })
}

const ROWS: usize = 6;

fn column<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<Option<T>>> {
    prop::collection::vec(prop::option::weighted(0.85, value), ROWS)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn conditions_on_amounts_conform(
        left in column(prop_oneof![-30_i128..30, any::<i128>()]),
        right in column(prop_oneof![-30_i128..30, any::<i128>()]),
        units in 0_i64..40, percent in 0_i64..10_000,
    ) {
        let (left, right) = (amounts(&left), amounts(&right));
        for sign in [Sign::Same, Sign::Opposite, Sign::Ignore] {
            for larger in [false, true] {
                conforms(&within(Some(units), Some(percent), larger, sign), &left, &right, ROWS);
            }
            conforms(&within(Some(units), None, false, sign), &left, &right, ROWS);
            conforms(&within(None, Some(percent), false, sign), &left, &right, ROWS);
        }
        conforms(&TestPlan::Slip(vec![Slip::Swapped, Slip::OneDigit, Slip::Factor]), &left, &right, ROWS);
        conforms(&TestPlan::Equals, &left, &right, ROWS);
    }

    #[test]
    fn conditions_on_days_conform(
        left in column(prop_oneof![3 => -20_i32..20, 1 => any::<i32>()]),
        right in column(prop_oneof![3 => -20_i32..20, 1 => any::<i32>()]),
        from in -8_i32..8, span in 0_i32..8,
    ) {
        let (left, right) = (dates(&left), dates(&right));
        let range = DayRange { from, to: from + span };
        conforms(&TestPlan::Days(range), &left, &right, ROWS);
        conforms(&TestPlan::BusinessDays(range, calendar()), &left, &right, ROWS);
        conforms(&TestPlan::Equals, &left, &right, ROWS);
    }

    #[test]
    fn conditions_on_texts_conform(
        left in column("[ab1é ]{1,8}"), right in column("[ab1é ]{1,8}"), least in 0_u32..4, at_least in 0..=ONE,
    ) {
        let (left, right) = (texts(&left), texts(&right));
        for measure in [
            Measure::JaroWinkler, Measure::Levenshtein, Measure::Osa, Measure::Ratio, Measure::TokenSort,
            Measure::TokenSet, Measure::TokenJaccard, Measure::Trigram,
        ] {
            conforms(&TestPlan::Similar(measure, at_least), &left, &right, ROWS);
        }
        for direction in [Direction::RightInLeft, Direction::LeftInRight, Direction::Either] {
            conforms(&TestPlan::Occurs(Occurs { direction, min_length: least }), &left, &right, ROWS);
        }
        conforms(&TestPlan::Slip(vec![Slip::Swapped, Slip::OneDigit]), &left, &right, ROWS);
        conforms(&TestPlan::Equals, &left, &right, ROWS);
    }

    #[test]
    fn conditions_on_integers_conform(left in column(-200_i64..2_000), right in column(any::<i64>())) {
        let (left, right) = (integers(&left), integers(&right));
        conforms(&TestPlan::Slip(vec![Slip::Swapped, Slip::OneDigit]), &left, &right, ROWS);
        conforms(&TestPlan::Slip(vec![Slip::OneDigit]), &left, &left, ROWS);
        conforms(&TestPlan::Equals, &left, &right, ROWS);
    }

    #[test]
    fn grades_fall_with_the_distance(base in -1_000_i128..1_000, units in 1_i64..60, from in -5_i32..5, span in 0_i32..9) {
        let steps: Vec<Option<i128>> = (0..70).map(|step| Some(base + step)).collect();
        let steps = side(vec![amounts(&steps)]);
        let bound = Comparison::bind(&condition(within(Some(units), None, false, Sign::Same)), &steps, &steps, 2);
        let bound = bound.unwrap();
        for (near, far) in (0..69).map(|row| (row, row + 1)) {
            let (near_grade, far_grade) = (bound.grade(0, near), bound.grade(0, far));
            let signs_agree = base >= 0 || base + i128::from(far) <= 0;
            prop_assert_eq!(far_grade.held().is_some(), signs_agree && i64::from(far) <= units, "inclusive");
            prop_assert!(near_grade.held() > far_grade.held() || far_grade == Grade::Fails);
        }

        let range = DayRange { from, to: from + span };
        let days: Vec<Option<i32>> = (-20..20).map(Some).collect();
        let date_side = side(vec![dates(&days)]);
        let bound = Comparison::bind(&condition(TestPlan::Days(range)), &date_side, &date_side, 2).unwrap();
        let expected = if from > 0 { from } else if from + span < 0 { from + span } else { 0 };
        // Row 20 is day 0.
        let grade = |day: i32| bound.grade(20, Row::try_from(day + 20).unwrap()).held();
        for day in -19..19 {
            prop_assert_eq!(grade(day).is_some(), range.from <= day && day <= range.to, "inclusive");
            let (near, far) = if day >= expected { (day, day + 1) } else { (day + 1, day) };
            prop_assert!(grade(near) >= grade(far));
        }
    }
}

#[test]
fn two_nulls_are_equal_where_the_condition_says_so() {
    let values = side(vec![amounts(&[Some(1), None])]);
    let equal = ConditionPlan { nulls_equal: true, ..condition(TestPlan::Equals) };
    let bound = Comparison::bind(&equal, &values, &values, 2).unwrap();
    assert_eq!(bound.grade(1, 1), Grade::Holds(ONE));
    assert_eq!(bound.grade(0, 1), Grade::Fails);
    assert_eq!(bound.grade(0, 0), Grade::Holds(ONE));
}
