//! Causes: Σ amounts is right − left in every cell, and pairs that nearly match count once.

use super::promises::{find, random_columns, records};
use super::*;
use crate::outcome::causes::{of_cell, shortest};
use crate::outcome::found::Requirement;
use arrow_buffer::i256;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Bank amounts, ledger amounts, and open records that nearly match: left row, right row, reason.
fn near_misses(amounts: [&[i128]; 2], near: &[(Row, Row, Reason)]) -> Outcome {
    let records = |side: &'static str, amounts: &[i128]| -> Vec<(String, i128)> {
        amounts.iter().enumerate().map(|(at, amount)| (format!("{side}{at}"), *amount)).collect()
    };
    let [left, right] = [records("L", amounts[0]), records("R", amounts[1])];
    let cells = |records: &'static [(String, i128)]| -> Vec<Record<'static>> {
        records
            .iter()
            .map(|(id, amount)| ("A", Some(*amount), "EUR", Some(20_000), id.as_str(), "P"))
            .collect()
    };
    let columns = columns(&cells(left.leak()), &cells(right.leak()));
    let mut breaks = [
        (0..columns.sides[0].rows).map(|row| open(row, Reason::MissingOnRight)).collect::<Vec<_>>(),
        (0..columns.sides[1].rows).map(|row| open(row, Reason::MissingOnLeft)).collect::<Vec<_>>(),
    ];
    for (left, right, reason) in near {
        for (side, row, nearest) in [(0, *left, *right), (1, *right, *left)] {
            let broken = &mut breaks[side][row as usize];
            *broken = Break {
                lacks: Some(Requirement::Condition(0)),
                nearest,
                pass: Some(0),
                ..open(row, *reason)
            };
        }
    }
    outcome((plan(&[CURRENCY]), columns, Found { breaks, ..Found::default() })).unwrap()
}

#[test]
fn a_near_miss_counts_once_with_its_difference() {
    let near = [(0, 0, Reason::DigitsSlipped), (1, 1, Reason::DateOutsideWindow)];
    let outcome = near_misses([&[5_400, 700, 100], &[4_500, 700, 30]], &near);
    insta::assert_snapshot!(printed(&outcome.causes().unwrap()), @r#"
    currency | cause               | detail | pass        | side       | left_count | right_count | amount    | left_row | left_id | right_row | right_id
    Utf8?    | Dict Int8           | Utf8?  | Dict Int16? | Dict Int8? | UInt64     | UInt64      | Dec(38,2) | UInt64?  | Utf8?   | UInt64?   | Utf8?
    EUR      | digits_slipped      | ∅      | exact       | ∅          | 1          | 1           | -9.00     | 0        | L0      | 0         | R0
    EUR      | missing_on_right    | ∅      | ∅           | left       | 1          | 0           | -1.00     | 2        | L2      | ∅         | ∅
    EUR      | missing_on_left     | ∅      | ∅           | right      | 0          | 1           | 0.30      | ∅        | ∅       | 2         | R2
    EUR      | date_outside_window | ∅      | exact       | ∅          | 1          | 1           | 0.00      | 1        | L1      | 1         | R1
    "#);
    let summary = outcome.summary();
    let cell = &summary.tie_out.cells[0];
    let told: Vec<(&str, &str)> =
        cell.causes.iter().map(|cause| (cause.cause, cause.amount.as_str())).collect();
    assert_eq!(
        told,
        [("digits_slipped", "-9.00"), ("missing_on_right", "-1.00"), ("missing_on_left", "0.30")]
    );
    assert_eq!(cell.residual.as_deref(), Some("0.00"));
}

#[test]
fn a_record_whose_nearest_is_nearer_to_another_is_missing() {
    let mut near = vec![(0, 0, Reason::AmountDiffers)];
    near.push((1, 0, Reason::AmountDiffers));
    let outcome = near_misses([&[5_400, 700], &[4_500]], &near);
    let causes = outcome.all_causes();
    let names: Vec<&str> = causes.iter().map(|cause| cause.name.name()).collect();
    assert_eq!(names, ["missing_on_right", "amount_differs"]);
    assert_eq!(causes[1].amount, i256::from_i128(4_500 - 700));
}

#[test]
fn a_fee_that_several_show_is_named() {
    let grosses = [10_000, 25_000, 100_000, 4_000];
    let nets: Vec<i128> = grosses.iter().map(|gross| gross - gross * 29 / 1_000 - 30).collect();
    let near: Vec<_> = (0..4).map(|row| (row, row, Reason::FeeLike)).collect();
    let outcome = near_misses([&grosses, &nets], &near);
    let summary = outcome.summary();
    let cause = &summary.tie_out.cells[0].causes[0];
    assert_eq!((cause.cause, cause.detail.as_deref()), ("fee_like", Some("2.9 % + 0.30")));
    assert_eq!(summary.tie_out.cells[0].causes.len(), 1);
}

proptest! {
    #[test]
    fn causes_add_up_to_the_difference_of_every_cell(
        left in records(), right in records(), choices in prop::collection::vec(any::<u8>(), 0..60),
        by in prop::sample::subsequence(vec![ACCOUNT, CURRENCY], 0..=2),
        near in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 0..30),
    ) {
        let columns = Arc::new(random_columns(&[left, right]));
        let mut found = find(&columns, &choices);
        let [lefts, rights] = &mut found.breaks;
        for (one, other, mutual) in near {
            if lefts.is_empty() || rights.is_empty() {
                break;
            }
            let (left, right) = (one.index(lefts.len()), other.index(rights.len()));
            let near = |row, nearest| Break {
                lacks: Some(Requirement::Key(0)), nearest, pass: Some(0), ..open(row, Reason::AmountDiffers)
            };
            let rows = (lefts[left].row, rights[right].row);
            lefts[left] = near(rows.0, rows.1);
            if mutual {
                rights[right] = near(rows.1, rows.0);
            }
        }
        let mut plan = plan(&by);
        plan.passes.push(pass("decision", Cardinality::ManyToMany, Sign::Ignore));
        let outcome = Outcome::new(Arc::new(plan), columns, found.clone()).unwrap();
        let causes = outcome.all_causes();
        let mut counts: BTreeMap<Vec<Option<String>>, i256> = BTreeMap::new();
        for cause in causes {
            let sum = counts.entry(cause.cell.clone()).or_default();
            *sum = sum.wrapping_add(cause.amount);
        }
        for proof in outcome.proof().proofs() {
            let difference = proof.totals[1].wrapping_sub(proof.totals[0]);
            prop_assert_eq!(counts.get(&proof.cell).copied().unwrap_or_default(), difference);
            let short = shortest(of_cell(causes, &proof.cell));
            let sum = short.iter().fold(i256::ZERO, |sum, cause| sum.wrapping_add(cause.amount));
            prop_assert_eq!(sum, difference);
        }
        // Every open record is in exactly one cause.
        for side in 0..2 {
            let open = causes.iter().filter(|cause| matches!(cause.name, CauseName::Open(_)));
            prop_assert_eq!(open.map(|cause| cause.counts[side]).sum::<u64>(), found.breaks[side].len() as u64);
        }
        let residuals = outcome.summary().tie_out.cells;
        prop_assert!(residuals.iter().all(|cell| cell.residual.as_deref() == Some("0.00")));
    }
}
