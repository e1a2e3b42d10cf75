//! What every diff of two outcomes must be, on generated cases under changed specs and of changed records.

use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use arrow_array::types::Decimal128Type;
use recon378_core::diff::{Diff, DiffFlow, GroupKind, RecordKind, diff};
use recon378_core::outcome::Outcome;
use recon378_testkit::generate::{Case, Random, case};
use recon378_testkit::run;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Seeds that the properties walk through.
const CASES: u64 = 600;

fn outcome(case: &Case) -> Option<Outcome> {
    let prepared = run::prepare(case).ok()?;
    let found = prepared.run().ok()?;
    Some(Outcome::new(Arc::new(prepared.plan), Arc::new(prepared.columns), found).unwrap())
}

/// The same records under another spec: the first pass is gone, or the passes change places.
fn other_rules(case: &Case, random: &mut Random) -> Case {
    let mut other = case.clone();
    if other.spec.passes.len() > 1 && random.chance(50) {
        other.spec.passes.remove(0);
    } else {
        other.spec.passes.reverse();
    }
    other
}

/// The same spec on other records: one is gone.
fn other_records(case: &Case, random: &mut Random) -> Case {
    let mut other = case.clone();
    let side = random.index(2);
    if !other.sides[side].is_empty() {
        let at = random.index(other.sides[side].len());
        other.sides[side].remove(at);
    }
    other
}

fn always(property: impl Fn(&Diff, bool)) {
    let mut held = 0;
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let made = case(seed);
        let same_records = seed % 3 != 0;
        let other =
            if same_records { other_rules(&made, &mut random) } else { other_records(&made, &mut random) };
        let (Some(old), Some(new)) = (outcome(&made), outcome(&other)) else { continue };
        property(&diff(&old, &new).unwrap(), same_records);
        held += 1;
    }
    assert!(held * 2 > CASES, "only {held} of {CASES} cases ran");
}

#[test]
fn an_outcome_equals_itself() {
    for seed in 0..CASES {
        if let Some(outcome) = outcome(&case(seed)) {
            let diff = diff(&outcome, &outcome).unwrap();
            assert!(diff.summary().equal, "seed {seed}: {}", diff.summary());
            assert_eq!((diff.groups().num_rows(), diff.records().num_rows()), (0, 0));
        }
    }
}

#[test]
fn every_record_is_in_one_flow_and_every_group_of_one_kind() {
    always(|diff, _| {
        for source in &diff.summary().sources {
            let sum = |counts: fn(&DiffFlow) -> bool| -> u64 {
                let flows = diff.summary().flows.iter().filter(|flow| flow.side == source.side);
                flows.filter(|flow| counts(flow)).map(|flow| flow.records).sum()
            };
            let counted = [sum(|flow| flow.was != "absent"), sum(|flow| flow.is != "absent")];
            assert_eq!(counted, source.records, "{:#?}", diff.summary().flows);
        }
        let rows = diff.groups().num_rows() as u64;
        let told =
            diff.summary().groups[1..].iter().map(|groups| groups.groups[0] + groups.groups[1]).sum::<u64>();
        assert!(rows <= told && told <= 2 * rows, "{rows} rows tell {told} groups");
    });
}

/// Σ of a column of amounts.
fn sum(table: &arrow_array::RecordBatch, column: &str) -> i128 {
    let amounts = table.column_by_name(column).unwrap();
    amounts.as_primitive::<Decimal128Type>().iter().flatten().sum()
}

#[test]
fn changes_of_the_tie_out_add_up() {
    always(|diff, same_records| {
        let table = diff.tie_out();
        let terms = table.column_by_name("term").unwrap();
        let terms = arrow_cast::cast(terms, &arrow_schema::DataType::Utf8).unwrap();
        let changes = table.column_by_name("change").unwrap().as_primitive::<Decimal128Type>().clone();
        let mut grouped = 0;
        for cell in (0..table.num_rows()).step_by(6) {
            let change: [i128; 6] = std::array::from_fn(|at| {
                let at = cell + at;
                if changes.is_valid(at) { changes.value(at) } else { 0 }
            });
            assert_eq!(terms.as_string::<i32>().value(cell + 3), "proposed");
            let [left, right, matched, proposed, open_left, open_right] = change;
            assert_eq!(right - left, matched + proposed + open_right - open_left);
            if same_records {
                assert_eq!([left, right], [0, 0]);
            }
            grouped += matched + proposed;
        }
        let moved = sum(diff.groups(), "net_new") - sum(diff.groups(), "net_old");
        assert_eq!(moved, grouped, "{}", diff.summary());
    });
}

/// A flow from the other end.
fn turned(flow: &DiffFlow) -> DiffFlow {
    let mut turned = flow.clone();
    (turned.was, turned.is) = (flow.is, flow.was);
    (turned.was_by, turned.is_by) = (flow.is_by.clone(), flow.was_by.clone());
    turned.amounts.iter_mut().for_each(|amount| amount.amount.reverse());
    turned
}

#[test]
fn mirrored_old_and_new_are_exchanged() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let made = case(seed);
        let other =
            if seed % 3 == 0 { other_records(&made, &mut random) } else { other_rules(&made, &mut random) };
        let (Some(old), Some(new)) = (outcome(&made), outcome(&other)) else { continue };
        let (one, back) = (diff(&old, &new).unwrap(), diff(&new, &old).unwrap());
        let (one, back) = (one.summary(), back.summary());
        assert_eq!(one.equal, back.equal);
        for kind in GroupKind::ALL {
            let mirrored = match kind {
                GroupKind::Vanished => GroupKind::Appeared,
                GroupKind::Appeared => GroupKind::Vanished,
                other => other,
            };
            let [was, is] = one.groups_of(kind);
            assert_eq!([is, was], back.groups_of(mirrored), "seed {seed}, {}", kind.name());
        }
        let kinds = |summary: &recon378_core::diff::DiffSummary| -> BTreeMap<(RecordKind, &str), u64> {
            summary.records.iter().map(|records| ((records.kind, records.side), records.records)).collect()
        };
        let mirrored = |kind| match kind {
            RecordKind::Grouped => RecordKind::Opened,
            RecordKind::Opened => RecordKind::Grouped,
            RecordKind::Entered => RecordKind::Gone,
            RecordKind::Gone => RecordKind::Entered,
            other => other,
        };
        let turned_kinds =
            kinds(back).into_iter().map(|((kind, side), count)| ((mirrored(kind), side), count)).collect();
        assert_eq!(kinds(one), turned_kinds, "seed {seed}");
        let mut flows: Vec<DiffFlow> = back.flows.iter().map(turned).collect();
        let key = |flow: &DiffFlow| format!("{flow:?}");
        flows.sort_by_key(key);
        let mut expected = one.flows.clone();
        expected.sort_by_key(key);
        assert_eq!(expected, flows, "seed {seed}");
    }
}
