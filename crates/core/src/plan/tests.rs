//! Plans of hand-built specs.

mod many;
mod types;

use super::*;
use crate::error::{Error, Mistake};
use crate::money::Number;
use crate::spec::*;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn schema(columns: &[(&str, DataType)]) -> Schema {
    Schema::new(columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>())
}

fn texts(columns: &[&str]) -> Schema {
    schema(&columns.iter().map(|name| (*name, DataType::Utf8)).collect::<Vec<_>>())
}

fn condition(field: &str, test: Test) -> Condition {
    Condition {
        left: field.into(),
        right: field.into(),
        test,
        required: true,
        weight: None,
        nulls_equal: false,
    }
}

fn equal(field: &str) -> Condition {
    condition(field, Test::Equals)
}

fn within(field: &str, absolute: &str) -> Condition {
    condition(field, Test::Within(tolerance(Some(absolute), None), Sign::Same))
}

fn tolerance(absolute: Option<&str>, percent: Option<&str>) -> Tolerance {
    let number = |text: &str| text.parse::<Number>().unwrap();
    Tolerance { absolute: absolute.map(number), percent: percent.map(number), larger: false, of: None }
}

fn days(field: &str, from: i32, to: i32) -> Condition {
    condition(field, Test::Days(DayRange { from, to }))
}

fn similar(field: &str) -> Condition {
    condition(field, Test::Similar(Measure::TokenSet, "0.8".parse().unwrap()))
}

fn pass(on: Vec<Condition>) -> PassSpec {
    PassSpec { on, ..PassSpec::default() }
}

fn spec(passes: Vec<PassSpec>) -> Spec {
    Spec { passes, ..Spec::default() }
}

fn columns(left: &str, right: &str) -> FieldSpec {
    let cell = |column: &str| {
        (!column.is_empty())
            .then(|| CellSpec { from: CellSource::Column(column.into()), ..CellSpec::default() })
    };
    FieldSpec { left: cell(left), right: cell(right), ..FieldSpec::default() }
}

fn mistakes(spec: &Spec, left: &Schema, right: &Schema) -> Vec<Mistake> {
    resolve(spec, left, right).unwrap_err().mistakes().to_vec()
}

fn codes(spec: &Spec, left: &Schema, right: &Schema) -> Vec<(&'static str, String)> {
    mistakes(spec, left, right).into_iter().map(|mistake| (mistake.code, mistake.path)).collect()
}

fn field<'p>(plan: &'p Plan, name: &str) -> &'p FieldPlan {
    plan.fields.iter().find(|field| field.name == name).unwrap()
}

fn names(plan: &Plan, fields: &[FieldIndex]) -> Vec<String> {
    fields.iter().map(|at| plan.fields[*at].name.clone()).collect()
}

#[test]
fn equalities_become_the_key_and_currency_joins_an_amount() {
    let table = texts(&["reference", "amount", "currency", "date", "unused"]);
    let plan = resolve(&spec(vec![pass(vec![equal("reference"), equal("amount")])]), &table, &table).unwrap();
    let one = &plan.passes[0];
    let key: Vec<_> = one.key.iter().map(|key| key.left).collect();
    assert_eq!(names(&plan, &key), ["reference", "amount", "currency"]);
    assert_eq!(one.name, "reference + amount");
    assert!(one.conditions.is_empty() && one.limiter.is_none());
    assert_eq!(one.variance.unwrap().sign, Sign::Same);
    assert_eq!(names(&plan, &[one.days.unwrap().0]), ["date"]);
    assert_eq!((one.floor, one.margin, one.status), (500_000, 0, Status::Matched));
    assert_eq!(plan.tie_out.amount, Some(0));
    assert_eq!(names(&plan, &plan.tie_out.by), ["currency"]);
    assert_eq!(plan.fields.len(), 4, "a column nobody needs is not prepared");
    assert_eq!(names(&plan, &plan.used), ["amount", "currency", "date", "reference"]);
}

#[test]
fn sources_of_one_name_are_refused() {
    let mut twice = spec(vec![pass(vec![equal("reference")])]);
    (twice.left.name, twice.right.name) = (Some("ledger".to_owned()), Some("ledger".to_owned()));
    let both = texts(&["reference"]);
    assert_eq!(codes(&twice, &both, &both), [("duplicate_name", "right.name".to_owned())]);
    // The default of the other side counts, too.
    (twice.left.name, twice.right.name) = (Some("right".to_owned()), None);
    assert_eq!(codes(&twice, &both, &both).len(), 1);
    (twice.left.name, twice.right.name) = (Some("right".to_owned()), Some("left".to_owned()));
    assert!(resolve(&twice, &both, &both).is_ok());
}

#[test]
fn defaults_stand_before_a_passs_own_and_are_keyed_once() {
    let table = texts(&["account", "amount", "reference"]);
    let mut spec =
        spec(vec![pass(vec![equal("account"), within("amount", "0.05")]), pass(vec![equal("reference")])]);
    spec.defaults = vec![equal("account")];
    let plan = resolve(&spec, &table, &table).unwrap();
    let key = |pass: usize| plan.passes[pass].key.iter().map(|key| key.left).collect::<Vec<_>>();
    assert_eq!(names(&plan, &key(0)), ["account"]);
    assert_eq!(names(&plan, &key(1)), ["account", "reference"]);
    assert_eq!(plan.passes[0].limiter, Some(0));
    let TestPlan::Within(within) = &plan.passes[0].conditions[0].test else { panic!("a tolerance") };
    assert_eq!(within.path, "pass[0].on[1].within");
}

#[test]
fn the_limiter_is_the_tolerance_before_days_before_text() {
    let table = texts(&["amount", "date", "payee"]);
    let wide = condition("amount", Test::Within(tolerance(None, Some("100")), Sign::Same));
    let optional = Condition { required: false, ..within("amount", "1") };
    for (on, limiter) in [
        (vec![similar("payee"), days("date", 0, 3), within("amount", "0.05")], 2),
        (vec![similar("payee"), days("date", 0, 3), wide.clone()], 1),
        (vec![similar("payee"), optional.clone()], 0),
    ] {
        let plan = resolve(&spec(vec![pass(on)]), &table, &table).unwrap();
        assert_eq!(plan.passes[0].limiter, Some(limiter));
    }
    for on in [vec![wide], vec![optional], vec![]] {
        assert_eq!(codes(&spec(vec![pass(on)]), &table, &table), [("unlimited_pass", "pass[0].on".into())]);
    }
}

#[test]
fn kinds_follow_name_then_use_then_type() {
    let left = schema(&[
        ("total", DataType::Utf8),
        ("booked", DataType::Timestamp(TimeUnit::Microsecond, None)),
        ("number", DataType::Int32),
        ("net", DataType::Decimal128(12, 2)),
        ("payee", DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))),
        ("id", DataType::Int64),
    ]);
    let on =
        ["booked", "number", "net", "payee"].map(equal).into_iter().chain([within("total", "1")]).collect();
    let plan = resolve(&spec(vec![pass(on)]), &left, &left).unwrap();
    let kind = |name: &str| field(&plan, name).kind;
    assert_eq!(kind("total"), FieldKind::Amount);
    assert_eq!(kind("booked"), FieldKind::Date);
    assert_eq!(kind("number"), FieldKind::Integer);
    assert_eq!(kind("net"), FieldKind::Amount);
    assert_eq!(kind("payee"), FieldKind::Text);
    assert_eq!(kind("id"), FieldKind::Text);
}

#[test]
fn fields_joined_by_an_equality_hold_one_kind() {
    let left = schema(&[("amount", DataType::Utf8), ("id", DataType::Utf8)]);
    let right = schema(&[("total", DataType::Int64)]);
    let mut cross = equal("amount");
    cross.right = "sum".into();
    let mut spec = spec(vec![pass(vec![cross])]);
    spec.fields =
        BTreeMap::from([("sum".into(), columns("", "total")), ("amount".into(), columns("amount", ""))]);
    let plan = resolve(&spec, &left, &right).unwrap();
    assert_eq!(field(&plan, "sum").kind, FieldKind::Amount);
    assert_eq!(plan.passes[0].name, "amount/sum");
    assert_eq!(plan.tie_out.amount, None, "an amount on one side can't be tied out");
}

#[test]
fn text_against_integer_is_refused_until_the_spec_says_how() {
    let left = schema(&[("number", DataType::Utf8), ("id", DataType::Utf8)]);
    let right = schema(&[("number", DataType::Int64), ("id", DataType::Int64)]);
    let refused = spec(vec![pass(vec![equal("number"), equal("id")])]);
    let path = |at: usize| ("text_against_integer", format!("pass[0].on[{at}]"));
    assert_eq!(codes(&refused, &left, &right), [path(0), path(1)]);
    let mut settled = spec(vec![pass(vec![equal("number")])]);
    for (kind, clean) in
        [(Some(FieldKind::Text), vec![]), (Some(FieldKind::Integer), vec![]), (None, vec![Clean::StripZeros])]
    {
        let field = FieldSpec { kind, clean, ..columns("number", "number") };
        settled.fields = BTreeMap::from([("number".into(), field)]);
        resolve(&settled, &left, &right).unwrap();
    }
    settled.fields = BTreeMap::from([(
        "number".into(),
        FieldSpec { clean: vec![Clean::Upper], ..columns("number", "number") },
    )]);
    assert_eq!(codes(&settled, &left, &right), [path(0)], "other cleaning says nothing of zeros");
}

#[test]
fn doubles_are_no_keys_but_may_be_amounts() {
    let table = schema(&[("number", DataType::Float64), ("amount", DataType::Float64)]);
    let found = codes(&spec(vec![pass(vec![equal("number"), equal("amount")])]), &table, &table);
    let one = || ("wrong_type", "fields.number".to_owned());
    assert_eq!(found, [one(), one()], "one for each source");
}

#[test]
fn every_mistake_is_told_at_once_with_the_nearest_name() {
    let left = texts(&["amount", "reference", "narrative"]);
    let right = texts(&["amount", "reference"]);
    let mut wrong = spec(vec![
        pass(vec![equal("refrence"), equal("narrative")]),
        PassSpec { floor: Some(Number::whole(2)), ..pass(vec![within("amount", "-1"), days("date", 3, 1)]) },
    ]);
    wrong.fields = BTreeMap::from([("date".into(), columns("amont", "reference"))]);
    wrong.left.filter = vec![FilterSpec { field: "stat".into(), test: FilterTest::IsNull(true) }];
    wrong.carry = vec!["narrative".into(), "nothing".into()];
    let found = mistakes(&wrong, &left, &right);
    let told: Vec<_> =
        found.iter().map(|one| (one.code, one.path.as_str(), one.nearest.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("unknown_column", "fields.date.left", Some("amount")),
            ("unknown_field", "pass[0].on[0]", Some("reference")),
            ("one_sided_field", "pass[0].on[1]", None),
            ("bad_value", "pass[1].on[0].within", None),
            ("bad_value", "pass[1].on[1].days", None),
            ("bad_value", "pass[1].floor", None),
            ("unknown_field", "left.where[0].field", None),
            ("unknown_field", "carry[1]", None),
        ]
    );
}

#[test]
fn a_column_of_one_side_is_refused_with_the_line_that_lists_it() {
    let found = mistakes(&spec(vec![pass(vec![equal("narrative")])]), &texts(&["narrative"]), &texts(&["x"]));
    assert!(found[0].expected.contains("narrative = { left = \"narrative\" }"), "{}", found[0].expected);
}

#[test]
fn same_side_nets_the_amount_exactly_by_default() {
    let table = texts(&["account", "amount", "currency", "date"]);
    let same_side = |on, within: Option<Tolerance>| {
        let sum = within.map(|within| SumSpec { within, ..SumSpec::default() });
        PassSpec { cardinality: Cardinality::SameSide, sum, ..pass(on) }
    };
    for (one, path) in [
        (same_side(vec![equal("account")], None), "pass[0].sum.within"),
        (same_side(vec![equal("account"), equal("amount")], None), "pass[0].sum.within"),
        (same_side(vec![equal("account"), within("amount", "0.02")], None), "pass[0].on[1].within"),
    ] {
        let plan = resolve(&spec(vec![one]), &table, &table).unwrap();
        let one = &plan.passes[0];
        let [netting] = one.conditions.as_slice() else { panic!("one condition") };
        let TestPlan::Within(within) = &netting.test else { panic!("a tolerance") };
        assert_eq!((within.sign, within.path.as_str()), (Sign::Opposite, path));
        assert_eq!(one.limiter, Some(0));
        assert_eq!(one.variance.unwrap().sign, Sign::Opposite);
        let key: Vec<_> = one.key.iter().map(|key| key.left).collect();
        assert_eq!(names(&plan, &key), ["account", "currency"]);
    }
    let twice = same_side(vec![within("amount", "0.02")], Some(tolerance(Some("1"), None)));
    assert_eq!(codes(&spec(vec![twice]), &table, &table), [("conflict", "pass[0].on[0]".into())]);
    let none = same_side(vec![equal("account")], None);
    assert_eq!(
        codes(&spec(vec![none]), &texts(&["account"]), &texts(&["account"])),
        [("missing", "pass[0]".into())]
    );
}

#[test]
fn same_side_runs_where_its_fields_are() {
    let (left, right) = (texts(&["account", "amount"]), texts(&["x"]));
    let mut one = spec(vec![PassSpec { cardinality: Cardinality::SameSide, ..pass(vec![equal("account")]) }]);
    one.fields = BTreeMap::from([
        ("account".into(), columns("account", "")),
        ("amount".into(), columns("amount", "")),
    ]);
    let plan = resolve(&one, &left, &right).unwrap();
    assert!(plan.runs_on(&plan.passes[0], Side::Left));
    assert!(!plan.runs_on(&plan.passes[0], Side::Right));
}

#[test]
fn slips_propose_and_names_stay_unique() {
    let table = texts(&["reference", "amount"]);
    let slip = condition("amount", Test::Slip(vec![Slip::Factor, Slip::Swapped, Slip::Factor]));
    let passes = vec![
        pass(vec![equal("reference"), slip.clone()]),
        pass(vec![equal("reference"), slip]),
        pass(vec![equal("reference")]),
    ];
    let plan = resolve(&spec(passes), &table, &table).unwrap();
    assert_eq!(plan.passes[0].status, Status::Proposed);
    assert_eq!(plan.passes[1].name, "reference + amount (2)");
    assert_eq!(plan.passes[2].status, Status::Matched);
    let TestPlan::Slip(slips) = &plan.passes[0].conditions[0].test else { panic!("a slip") };
    assert_eq!(slips, &[Slip::Swapped, Slip::Factor]);
}

#[test]
fn calendars_are_sorted_and_without_weekends() {
    let table = texts(&["date"]);
    let business = condition("date", Test::BusinessDays(DayRange { from: 0, to: 2 }, "TARGET".into()));
    let mut one = spec(vec![pass(vec![business])]);
    // 2026-01-03 and 04 are a weekend, 2026-01-01 and 2025-12-25 Thursdays.
    let holidays = vec![20_456, 20_454, 20_454, 20_457, 20_447];
    one.calendars = BTreeMap::from([("TARGET".into(), CalendarSpec { weekend: vec![5, 6], holidays })]);
    let plan = resolve(&one, &table, &table).unwrap();
    let TestPlan::BusinessDays(_, calendar) = &plan.passes[0].conditions[0].test else { panic!("days") };
    assert_eq!(calendar.holidays, [20_447, 20_454]);
    one.calendars = BTreeMap::from([("TARGER".into(), CalendarSpec::default())]);
    let found = mistakes(&one, &table, &table);
    assert_eq!((found[0].code, found[0].nearest.as_deref()), ("unknown_calendar", Some("TARGER")));
}

#[test]
fn an_unlisted_column_that_cant_be_what_its_name_means_is_left_alone() {
    let days = schema(&[("amount", DataType::Date32), ("reference", DataType::Utf8)]);
    let plan = resolve(&spec(vec![pass(vec![equal("reference")])]), &days, &days).unwrap();
    assert_eq!(plan.tie_out, TieOutPlan::default());
    assert_eq!(plan.fields.len(), 1);
    assert_eq!(
        codes(&spec(vec![pass(vec![equal("amount")])]), &days, &days)[0],
        ("wrong_type", "fields.amount".into())
    );
}

#[test]
fn a_plan_in_words_says_every_choice_that_was_made() {
    let left = texts(&["acct", "dr", "cr", "booked", "name", "currency"]);
    let right = texts(&["account", "amt", "posted", "payee", "currency"]);
    let amount = FieldSpec {
        left: Some(CellSpec {
            from: CellSource::DebitCredit { debit: "dr".into(), credit: "cr".into() },
            ..CellSpec::default()
        }),
        scale: Some(2),
        ..columns("", "amt")
    };
    let payee = FieldSpec { clean: vec![Clean::Upper, Clean::StripZeros], ..columns("name", "payee") };
    let both = Test::Within(tolerance(Some("0.05"), Some("0.5")), Sign::Same);
    let likeness = Condition { required: false, ..similar("payee") };
    let mut one = spec(vec![
        pass(vec![equal("amount")]),
        pass(vec![condition("amount", both), days("date", 0, 5), likeness]),
        PassSpec { cardinality: Cardinality::SameSide, ..pass(vec![days("date", -3, 3)]) },
    ]);
    one.left.name = Some("bank".into());
    one.right.name = Some("ledger".into());
    one.left.filter =
        vec![FilterSpec { field: "account".into(), test: FilterTest::In(vec!["A".into(), "B".into()]) }];
    one.defaults = vec![equal("account")];
    one.fields = BTreeMap::from([
        ("account".into(), columns("acct", "account")),
        ("amount".into(), amount),
        ("date".into(), columns("booked", "posted")),
        ("payee".into(), payee),
    ]);
    let plan = resolve(&one, &left, &right).unwrap();
    insta::assert_snapshot!(describe(&plan), @r#"
    bank (left) against ledger (right)
      only records of bank with account one of ["A", "B"]

    Fields
      account   text     acct                               |  account
      amount    amount   cr - dr, 2 decimals                |  amt, 2 decimals
      currency  text     currency                           |  currency
      date      date     booked                             |  posted
      payee     text     name, cleaned: upper, strip_zeros  |  payee, cleaned: upper, strip_zeros

    Passes
      1. amount (1:1, matched)
        equal account, amount, currency
        every candidate scores 1
        ties are proposed
      2. amount + date + payee (1:1, matched)
        equal account, currency
        amount within the smaller of 0.05 and 0.5 % of the larger amount (limits the candidates)
        date 0 to 5 days later on the right
        payee alike by token_set to at least 0.8 (graded, not required)
        floor 0.5
        ties are proposed
      3. date (same_side, matched)
        inside bank and ledger, each alone
        equal account, currency
        date at most 3 days apart
        amount netting to exactly zero (limits the candidates)
        floor 0.5
        ties are proposed

    Tied out
      amount by currency
    "#);
    let view = view(&plan);
    assert_eq!(view.passes[1].key, ["account", "currency"]);
    assert_eq!(
        view.passes[1].conditions[0].test,
        "within the smaller of 0.05 and 0.5 % of the larger amount"
    );
}

fn any_type() -> impl Strategy<Value = DataType> {
    prop::sample::select(vec![
        DataType::Utf8,
        DataType::Utf8View,
        DataType::Int64,
        DataType::UInt8,
        DataType::Float64,
        DataType::Decimal128(10, 2),
        DataType::Date32,
        DataType::Boolean,
        DataType::Binary,
        DataType::Null,
    ])
}

const NAMES: [&str; 6] = ["amount", "currency", "date", "id", "a", "b"];

fn any_schema() -> impl Strategy<Value = Schema> {
    prop::collection::vec((prop::sample::select(&NAMES[..]), any_type()), 0..7)
        .prop_map(|columns| schema(&columns))
}

fn any_test() -> impl Strategy<Value = Test> {
    let number = || (-2_i64..200).prop_map(Number::whole);
    let part = || prop::option::of(number());
    let sign = prop::sample::select(vec![Sign::Same, Sign::Opposite, Sign::Ignore]);
    let range = || (-3..3, -3..3).prop_map(|(from, to)| DayRange { from, to });
    prop_oneof![
        Just(Test::Equals),
        (part(), part(), any::<bool>(), sign).prop_map(|(absolute, percent, larger, sign)| {
            Test::Within(Tolerance { absolute, percent, larger, of: None }, sign)
        }),
        range().prop_map(Test::Days),
        range().prop_map(|range| Test::BusinessDays(range, "c".into())),
        number().prop_map(|number| Test::Similar(Measure::Osa, number)),
        Just(Test::Occurs(Occurs { direction: Direction::Either, min_length: 4 })),
        prop::collection::vec(prop::sample::select(vec![Slip::Factor, Slip::Swapped]), 0..3)
            .prop_map(Test::Slip),
    ]
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let name = || prop::sample::select(vec!["amount", "currency", "date", "id", "a", "b", "c"]);
    (name(), name(), any::<bool>(), any_test(), any::<bool>()).prop_map(
        |(left, right, one, test, required)| {
            let right = if one { left } else { right };
            Condition { left: left.into(), right: right.into(), required, ..condition(left, test) }
        },
    )
}

fn any_pass() -> impl Strategy<Value = PassSpec> {
    let cardinality = prop::sample::select(vec![Cardinality::OneToOne, Cardinality::SameSide]);
    (prop::collection::vec(any_condition(), 0..4), cardinality)
        .prop_map(|(on, cardinality)| PassSpec { cardinality, ..pass(on) })
}

fn any_spec() -> impl Strategy<Value = Spec> {
    let field = (prop::sample::select(&NAMES[..]), prop::sample::select(&NAMES[..]), any::<bool>())
        .prop_map(|(left, right, both)| columns(left, if both { right } else { "" }));
    let fields =
        prop::collection::btree_map(prop::sample::select(&NAMES[..]).prop_map(str::to_owned), field, 0..3);
    let passes = prop::collection::vec(any_pass(), 1..4);
    (fields, prop::collection::vec(any_condition(), 0..2), passes, any::<bool>()).prop_map(
        |(fields, defaults, passes, calendar)| Spec {
            fields,
            defaults,
            passes,
            calendars: calendar.then(|| ("c".to_owned(), CalendarSpec::default())).into_iter().collect(),
            ..Spec::default()
        },
    )
}

proptest! {
    #[test]
    fn any_request_becomes_a_plan_that_holds_together_or_mistakes(
        spec in any_spec(), left in any_schema(), right in any_schema(),
    ) {
        match resolve(&spec, &left, &right) {
            Err(Error::Spec(mistakes)) => prop_assert!(!mistakes.0.is_empty()),
            Err(other) => prop_assert!(false, "{other}"),
            Ok(plan) => {
                prop_assert!(plan.fields.windows(2).all(|pair| pair[0].name < pair[1].name));
                prop_assert!(plan.used.windows(2).all(|pair| pair[0] < pair[1]));
                for pass in &plan.passes {
                    prop_assert!(!pass.key.is_empty() || pass.limiter.is_some());
                    prop_assert!(pass.limiter.is_none_or(|at| pass.conditions[at].required));
                    for field in resolve::pass_fields(pass) {
                        prop_assert!(plan.used.contains(&field));
                    }
                    for key in &pass.key {
                        prop_assert_eq!(plan.fields[key.left].kind, plan.fields[key.right].kind);
                    }
                    let across = pass.cardinality == Cardinality::OneToOne;
                    prop_assert!(across || Side::BOTH.into_iter().any(|side| plan.runs_on(pass, side)));
                    for key in pass.key.iter().filter(|_| across) {
                        prop_assert!(plan.fields[key.left].cells[0].is_some());
                        prop_assert!(plan.fields[key.right].cells[1].is_some());
                    }
                }
                prop_assert!(!describe(&plan).is_empty());
            }
        }
    }
}
