//! The reference engine against answers worked out by hand.

use super::{Reference, run};
use arrow_array::StringArray;
use arrow_buffer::ScalarBuffer;
use recon378_core::Limits;
use recon378_core::columns::{
    AmountColumn, AmountValues, Column, Columns, DateColumn, Row, SideColumns, TextColumn,
};
use recon378_core::outcome::{Ambiguity, Reason};
use recon378_core::plan::{
    ConditionPlan, FieldPlan, KeyPlan, PassPlan, Plan, SourcePlan, TestPlan, TieOutPlan, VariancePlan,
    WithinPlan,
};
use recon378_core::spec::{Ambiguous, Cardinality, DayRange, FieldKind, Sign, Status};

const ID: usize = 0;
const ACCOUNT: usize = 1;
const AMOUNT: usize = 2;
const DATE: usize = 3;

type Rec = (&'static str, i64, i32);

fn columns(left: &[Rec], right: &[Rec]) -> Columns {
    let side = |records: &[Rec]| {
        let text = |texts: Vec<String>| Column::Text(TextColumn::Small(StringArray::from(texts).into()));
        let amounts = records.iter().map(|record| record.1).collect::<Vec<i64>>();
        let days = records.iter().map(|record| record.2).collect::<Vec<i32>>();
        SideColumns {
            rows: u32::try_from(records.len()).unwrap(),
            row_numbers: None,
            fields: vec![
                text((0..records.len()).map(|at| format!("{at:03}")).collect()),
                text(records.iter().map(|record| record.0.to_owned()).collect()),
                Column::Amount(AmountColumn {
                    values: AmountValues::Narrow(ScalarBuffer::from(amounts)),
                    nulls: None,
                }),
                Column::Date(DateColumn { days: ScalarBuffer::from(days), nulls: None }),
            ],
            excluded: None,
            unreadable: None,
            issues: Vec::new(),
            issues_dropped: Vec::new(),
            doubles: Vec::new(),
            memory: std::sync::Arc::default(),
            ..SideColumns::default()
        }
    };
    Columns { sides: [side(left), side(right)], scale: 2, ..Columns::default() }
}

fn plan(passes: Vec<PassPlan>) -> Plan {
    let field = |name: &str, kind| FieldPlan {
        name: name.to_owned(),
        kind,
        scale: [None; 2],
        cells: [None, None],
        clean: [Vec::new(), Vec::new()],
        many: [false; 2],
    };
    Plan {
        one_source: false,
        names: ["left".to_owned(), "right".to_owned()],
        sources: [SourcePlan::default(), SourcePlan::default()],
        fields: vec![
            field("id", FieldKind::Text),
            field("account", FieldKind::Text),
            field("amount", FieldKind::Amount),
            field("date", FieldKind::Date),
        ],
        id: Some(ID),
        date: Some(DATE),
        currency: None,
        tie_out: TieOutPlan { amount: Some(AMOUNT), by: Vec::new() },
        used: vec![ACCOUNT, AMOUNT, DATE],
        passes,
        compare: Vec::new(),
        carry: Vec::new(),
        as_of: None,
        strict: false,
        limits: Limits::default(),
        tables: recon378_core::tables::Tables::default(),
    }
}

fn pass(conditions: Vec<ConditionPlan>) -> PassPlan {
    PassPlan {
        name: "pass".to_owned(),
        cardinality: Cardinality::OneToOne,
        key: vec![KeyPlan { left: ACCOUNT, right: ACCOUNT, nulls_equal: false }],
        conditions,
        limiter: None,
        key_weight: 0,
        prior: None,
        variance: Some(VariancePlan { left: AMOUNT, right: AMOUNT, sign: Sign::Same }),
        days: Some((DATE, DATE)),
        floor: 500_000,
        margin: 0,
        ambiguous: Ambiguous::Propose,
        status: Status::Matched,
        propose_below: 0,
        grouping: recon378_core::plan::Grouping::default(),
    }
}

fn condition(field: usize, test: TestPlan) -> ConditionPlan {
    ConditionPlan { left: field, right: field, test, required: true, weight: 1_000_000, nulls_equal: false }
}

fn within(absolute: &str) -> ConditionPlan {
    condition(
        AMOUNT,
        TestPlan::Within(WithinPlan {
            path: String::new(),
            absolute: Some(absolute.parse().unwrap()),
            percent: None,
            larger: false,
            of: None,
            sign: Sign::Same,
            payment: None,
        }),
    )
}

fn pairs(result: &Reference) -> Vec<(Row, Row, Ambiguity)> {
    result.pairs.iter().map(|pair| (pair.left, pair.right, pair.ambiguity)).collect()
}

fn reasons(result: &Reference) -> [Vec<(Row, Reason)>; 2] {
    result.breaks.clone().map(|side| side.into_iter().map(|(row, reason, _)| (row, reason)).collect())
}

#[test]
fn two_twins_against_three_leave_the_last_as_a_duplicate() {
    let twins = [("A", 100, 1); 3];
    let result = run(&plan(vec![pass(vec![within("0.05")])]), &columns(&twins[..2], &twins));
    assert_eq!(pairs(&result), [(0, 0, Ambiguity::Interchangeable), (1, 1, Ambiguity::Interchangeable)]);
    assert_eq!(reasons(&result), [vec![], vec![(2, Reason::Duplicate)]]);
}

#[test]
fn equally_near_records_are_a_tie_and_the_other_is_open_as_ambiguous() {
    let (left, right) = ([("A", 100, 1)], [("A", 102, 1), ("A", 98, 1)]);
    let result = run(&plan(vec![pass(vec![within("0.05")])]), &columns(&left, &right));
    assert_eq!(result.pairs.len(), 1);
    assert_eq!(result.pairs[0].ambiguity, Ambiguity::Ambiguous);
    assert_eq!(result.pairs[0].status, Status::Proposed);
    assert_eq!((result.pairs[0].rivals, result.pairs[0].regret), (1, 0));
    assert_eq!(reasons(&result)[1].len(), 1);
    assert_eq!(reasons(&result)[1][0].1, Reason::Ambiguous);
}

#[test]
fn days_break_a_tie_though_the_pass_has_no_condition_on_them() {
    let (left, right) = ([("A", 100, 1)], [("A", 102, 5), ("A", 98, 2)]);
    let result = run(&plan(vec![pass(vec![within("0.05")])]), &columns(&left, &right));
    assert_eq!(pairs(&result), [(0, 1, Ambiguity::Unique)]);
    assert_eq!(reasons(&result)[1], [(0, Reason::Taken)]);
    assert_eq!(result.pairs[0].score, 800_000);
}

#[test]
fn two_pairs_at_the_floor_do_not_push_out_a_certain_one() {
    // 100-100 is certain (gain 0.5); 100-105 and 95-100 grade 0.5 each: gain 1 millionth each.
    let (left, right) = ([("A", 100, 1), ("A", 95, 1)], [("A", 100, 1), ("A", 105, 1)]);
    let result = run(&plan(vec![pass(vec![within("0.05")])]), &columns(&left, &right));
    assert_eq!(pairs(&result), [(0, 0, Ambiguity::Unique)]);
    assert_eq!(result.pairs[0].regret, 499_998);
}

#[test]
fn two_pairs_above_three_quarters_do_push_out_a_certain_one() {
    let (left, right) = ([("A", 100, 1), ("A", 98, 0)], [("A", 100, 1), ("A", 102, 2)]);
    let mut near = condition(DATE, TestPlan::Days(DayRange { from: -1, to: 1 }));
    near.weight = 0;
    let result = run(&plan(vec![pass(vec![within("0.05"), near])]), &columns(&left, &right));
    assert_eq!(pairs(&result), [(0, 1, Ambiguity::Unique), (1, 0, Ambiguity::Unique)]);
    assert_eq!(result.pairs[0].regret, 100_000);
}

#[test]
fn leave_frees_the_tied_for_the_next_pass() {
    let (left, right) = ([("A", 100, 1)], [("A", 102, 1), ("A", 98, 4)]);
    let mut first = pass(vec![within("0.05")]);
    (first.ambiguous, first.days) = (Ambiguous::Leave, None);
    let days = condition(DATE, TestPlan::Days(DayRange { from: -1, to: 1 }));
    let result = run(&plan(vec![first.clone(), pass(vec![days])]), &columns(&left, &right));
    assert_eq!(pairs(&result), [(0, 0, Ambiguity::Unique)]);
    assert_eq!(result.pairs[0].pass, 1);
    let alone = run(&plan(vec![first]), &columns(&left, &right));
    assert!(alone.pairs.is_empty());
    assert_eq!(
        reasons(&alone),
        [vec![(0, Reason::Ambiguous)], vec![(0, Reason::Ambiguous), (1, Reason::Ambiguous)]]
    );
}

#[test]
fn records_net_inside_one_side_and_zero_takes_no_part() {
    let mut netting = pass(vec![within("0")]);
    netting.cardinality = Cardinality::SameSide;
    netting.variance = Some(VariancePlan { left: AMOUNT, right: AMOUNT, sign: Sign::Opposite });
    if let TestPlan::Within(plan) = &mut netting.conditions[0].test {
        plan.sign = Sign::Opposite;
    }
    let (left, right) = ([("A", -100, 1), ("A", 100, 1), ("A", 0, 1)], [("A", 0, 1), ("A", 7, 1)]);
    let result = run(&plan(vec![netting]), &columns(&left, &right));
    assert_eq!(pairs(&result), [(1, 0, Ambiguity::Unique)]);
    assert_eq!(
        reasons(&result),
        [vec![(2, Reason::MissingOnRight)], vec![(0, Reason::MissingOnLeft), (1, Reason::MissingOnLeft)]]
    );
}

#[test]
fn a_regret_within_the_margin_is_ambiguous() {
    let (left, right) = ([("A", 100, 1)], [("A", 101, 1), ("A", 98, 1)]);
    let mut close = pass(vec![within("0.05")]);
    close.margin = 100_000;
    let result = run(&plan(vec![close.clone()]), &columns(&left, &right));
    assert_eq!(pairs(&result), [(0, 0, Ambiguity::Ambiguous)]);
    assert_eq!(result.pairs[0].regret, 100_000);
    close.margin = 99_999;
    let result = run(&plan(vec![close]), &columns(&left, &right));
    assert_eq!(pairs(&result), [(0, 0, Ambiguity::Unique)]);
}
