use super::*;
use crate::compare::Reached;
use crate::compare::conformance::{amounts, condition, dates, side, texts};
use crate::plan::{ConditionPlan, LevelPlan, LevelsPlan, PriorPlan, TestPlan, VariancePlan, WithinPlan};
use crate::spec::{Ambiguous, Cardinality, DayRange, Measure, Status};
use proptest::prelude::*;

const AMOUNT: usize = 0;
const DATE: usize = 1;
const PAYEE: usize = 2;

fn on(field: usize, test: TestPlan, required: bool, weight: u64) -> ConditionPlan {
    ConditionPlan { left: field, right: field, required, weight, ..condition(test) }
}

fn within(units: i64, sign: Sign) -> TestPlan {
    let absolute = Some(crate::money::Number::from(rust_decimal::Decimal::new(units, 2)));
    let path = "pass[0].on[0].within".into();
    TestPlan::Within(WithinPlan {
        path,
        absolute,
        percent: None,
        larger: false,
        of: None,
        sign,
        payment: None,
    })
}

fn days(from: i32, to: i32) -> TestPlan {
    TestPlan::Days(DayRange { from, to })
}

fn pass(conditions: Vec<ConditionPlan>, key_weight: u64) -> PassPlan {
    PassPlan {
        name: "test".into(),
        cardinality: Cardinality::OneToOne,
        key: Vec::new(),
        conditions,
        limiter: None,
        key_weight,
        prior: None,
        variance: Some(VariancePlan { left: AMOUNT, right: AMOUNT, sign: Sign::Same }),
        days: Some((DATE, DATE)),
        floor: 500_000,
        margin: 0,
        ambiguous: Ambiguous::Propose,
        status: Status::Matched,
        propose_below: 0,
        grouping: crate::plan::Grouping::default(),
    }
}

fn one(amount: i128, date: Option<i32>, payee: &str) -> SideColumns {
    side(vec![amounts(&[Some(amount)]), dates(&[date]), texts(&[Some(payee.to_owned())])])
}

#[test]
fn the_example_of_the_spec_holds() {
    let conditions = vec![
        on(AMOUNT, within(5, Sign::Same), true, 1_000_000),
        on(DATE, days(0, 5), true, 1_000_000),
        on(PAYEE, TestPlan::Similar(Measure::TokenSet, 800_000), false, 1_000_000),
    ];
    let left = one(10_000, Some(100), "ACME GmbH");
    let scored = |right: &SideColumns| {
        Scorer::bind(&pass(conditions.clone(), 0), &left, right, 2).unwrap().score(0, 0)
    };
    // (0.8 + 0.9 + 1) / 3
    assert_eq!(scored(&one(10_002, Some(101), "GmbH ACME Berlin")), Some(900_000));
    // (0.8 + 0.9 + 0) / 3
    assert_eq!(scored(&one(10_002, Some(101), "Globex AG")), Some(566_667));
    // (0.8 + 0.9) / 2: a null that grades is left out
    assert_eq!(scored(&one(10_002, Some(101), "")), Some(850_000));
    assert_eq!(scored(&one(10_006, Some(101), "ACME GmbH")), None);
    assert_eq!(scored(&one(10_002, None, "ACME GmbH")), None, "a null that is required");
}

#[test]
fn equalities_count_as_one_and_no_weight_at_all_scores_one() {
    let (left, right) = (one(0, Some(0), "a"), one(5, Some(0), "a"));
    let half = on(AMOUNT, within(5, Sign::Same), true, 1_000_000);
    let scored = |pass: &PassPlan| Scorer::bind(pass, &left, &right, 2).unwrap().score(0, 0);
    assert_eq!(scored(&pass(vec![half.clone()], 0)), Some(500_000));
    assert_eq!(scored(&pass(vec![half.clone()], 3_000_000)), Some(875_000));
    assert_eq!(scored(&pass(vec![ConditionPlan { weight: 0, ..half }], 0)), Some(ONE));
    assert_eq!(scored(&pass(Vec::new(), 0)), Some(ONE));
}

#[test]
fn variance_and_days_follow_the_pass() {
    let (left, right) = (one(-300, Some(i32::MAX), "a"), one(500, Some(i32::MIN), "a"));
    let mut plan = pass(Vec::new(), 0);
    let mut under = |sign| {
        plan.variance = Some(VariancePlan { left: AMOUNT, right: AMOUNT, sign });
        let scorer = Scorer::bind(&plan, &left, &right, 2).unwrap();
        (scorer.variance(0, 0), scorer.distance(0, 0))
    };
    assert_eq!(under(Sign::Same), (Some(800), Some(800)));
    assert_eq!(under(Sign::Opposite), (Some(200), Some(200)));
    assert_eq!(under(Sign::Ignore), (Some(200), Some(200)));
    let scorer = Scorer::bind(&plan, &left, &right, 2).unwrap();
    assert_eq!(scorer.days(0, 0), Some(i64::from(i32::MIN) - i64::from(i32::MAX)));

    let far = (one(i128::MIN, None, "a"), one(i128::MAX, None, "a"));
    let scorer = Scorer::bind(&pass(Vec::new(), 0), &far.0, &far.1, 2).unwrap();
    assert_eq!((scorer.variance(0, 0), scorer.distance(0, 0)), (Some(i128::MAX), Some(u128::MAX)));
    assert_eq!(scorer.days(0, 0), None);
}

#[test]
fn all_tolerances_that_are_too_fine_are_reported() {
    let fine = |sign| {
        let TestPlan::Within(plan) = within(5, sign) else { panic!("within makes a tolerance") };
        on(AMOUNT, TestPlan::Within(plan), true, 1)
    };
    let sides = one(0, None, "a");
    let error =
        Scorer::bind(&pass(vec![fine(Sign::Same), fine(Sign::Ignore)], 0), &sides, &sides, 1).unwrap_err();
    assert_eq!(error.mistakes().len(), 2);
    assert_eq!(error.code(), "tolerance_too_fine");
}

const ROWS: usize = 5;

fn any_side() -> impl Strategy<Value = SideColumns> {
    let rows = |weight| prop::collection::vec(weight, ROWS);
    (
        prop::collection::vec(prop::option::weighted(0.9, -6_i128..6), ROWS),
        prop::collection::vec(prop::option::weighted(0.9, -3_i32..3), ROWS),
        rows(prop::option::weighted(0.9, "[ab ]{1,4}".boxed())),
    )
        .prop_map(|(amount, date, payee)| side(vec![amounts(&amount), dates(&date), texts(&payee)]))
}

/// A pass of two conditions that weigh and two that gate, by probability.
fn probable(required: [bool; 2], bits: [i32; 6], prior: &str, floor: Millionths) -> PassPlan {
    let [a, b, c, d, otherwise, null] = bits;
    let level = |test: TestPlan, millibits| LevelPlan { test, millibits, frequency: false };
    let levels = |levels| TestPlan::Levels(LevelsPlan { levels, otherwise, null });
    let alike = TestPlan::Similar(Measure::Levenshtein, 500_000);
    let conditions = vec![
        on(PAYEE, levels(vec![level(TestPlan::Equals, a), level(alike, b)]), required[0], 0),
        on(AMOUNT, within(4, Sign::Same), true, 0),
        on(DATE, levels(vec![level(days(-1, 2), c), level(days(-3, 3), d)]), required[1], 0),
    ];
    let prior = PriorPlan::new(prior.parse().unwrap());
    PassPlan { floor, prior, ..pass(conditions, 0) }
}

#[test]
fn bits_add_up_to_a_probability_and_the_floor_gates() {
    let text = |text: &str| texts(&[Some(text.to_owned())]);
    let left = side(vec![amounts(&[Some(100)]), dates(&[Some(0)]), text("ab")]);
    let right = side(vec![amounts(&[Some(101)]), dates(&[Some(3)]), text("ab")]);
    // -9.964 + 8 + 3 = 1.036 bits: 1 / (1 + 2^-1.036) = 0.672189.
    let bits = [8_000, 5_000, 6_000, 3_000, -4_500, 0];
    let scored = |prior: &str, floor| {
        Scorer::bind(&probable([false; 2], bits, prior, floor), &left, &right, 2).unwrap().score(0, 0)
    };
    assert_eq!(scored("0.001", 500_000), Some(672_189));
    assert_eq!(scored("0.001", 672_189), Some(672_189), "inclusive");
    assert_eq!(scored("0.001", 672_190), None);
    assert_eq!(scored("0.000001", 0), Some(2_043));
    let whole = Scorer::bind(&probable([false; 2], bits, "0.001", 0), &left, &right, 2).unwrap();
    let evidence = whole.evidence(0, 0).unwrap();
    assert_eq!((evidence.prior.millibits, evidence.millibits), (-9_964, 1_036));
    let levels: Vec<_> = evidence.steps.iter().map(|(at, weighed)| (*at, weighed.reached)).collect();
    assert_eq!(levels, [(0, Reached::Level(0)), (2, Reached::Level(1))]);
}

proptest! {
    #[test]
    fn many_pairs_are_as_likely_as_one_by_one(
        left in any_side(), right in any_side(), required in any::<[bool; 2]>(),
        bits in prop::array::uniform6(-9_000_i32..9_000), floor in 0..=ONE, prior in 1_u32..1_000,
        pairs in prop::collection::vec((0_u32..5, 0_u32..5), 0..40),
    ) {
        let plan = probable(required, bits, &format!("0.{prior:03}"), floor);
        let scorer = Scorer::bind(&plan, &left, &right, 2).unwrap();
        let mut many = Vec::new();
        scorer.score_many(&pairs, &mut many);
        let each: Vec<_> = pairs.iter().map(|(l, r)| scorer.score(*l, *r)).collect();
        prop_assert_eq!(&many, &each);
        for ((l, r), score) in pairs.iter().zip(each) {
            let gate = |(at, grade): &(usize, Grade)| !plan.conditions[*at].required || grade.held().is_some();
            let likely = scorer.evidence(*l, *r).unwrap().score;
            let holds = scorer.grades(*l, *r).iter().all(gate) && likely >= floor;
            prop_assert_eq!(score, holds.then_some(likely), "nothing is stopped too early");
        }
    }

    #[test]
    fn many_pairs_score_as_they_do_one_by_one(
        left in any_side(), right in any_side(), required in any::<[bool; 4]>(),
        weights in prop::array::uniform4(0_u64..3), key_weight in 0_u64..3,
        pairs in prop::collection::vec((0_u32..5, 0_u32..5), 0..40),
    ) {
        let [a, b, c, d] = required;
        let [v, w, x, y] = weights;
        let conditions = vec![
            on(PAYEE, TestPlan::Similar(Measure::Levenshtein, 500_000), a, v),
            on(AMOUNT, within(4, Sign::Same), b, w),
            on(DATE, days(-1, 2), c, x),
            on(PAYEE, TestPlan::Equals, d, y),
        ];
        let plan = pass(conditions, key_weight);
        let scorer = Scorer::bind(&plan, &left, &right, 2).unwrap();
        let mut many = Vec::new();
        scorer.score_many(&pairs, &mut many);
        let each: Vec<_> = pairs.iter().map(|(l, r)| scorer.score(*l, *r)).collect();
        prop_assert_eq!(&many, &each);
        for ((l, r), score) in pairs.iter().zip(each) {
            let grades = scorer.grades(*l, *r);
            prop_assert!(grades.iter().map(|(position, _)| *position).eq(0..4));
            let gate = |(at, grade): &(usize, Grade)| !plan.conditions[*at].required || grade.held().is_some();
            prop_assert_eq!(score.is_some(), grades.iter().all(gate));
        }
    }
}
