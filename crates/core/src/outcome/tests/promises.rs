//! Complete and tied out: what is valid is taken, what is not is refused.

use super::*;
use crate::Error;
use proptest::prelude::*;

/// A find that lost, doubled or invented a record is refused as a bug of ours.
fn refused(change: impl FnOnce(&mut Found)) {
    let (plan, columns, mut found) = everything();
    change(&mut found);
    let error = outcome((plan, columns, found)).unwrap_err();
    assert!(matches!(error, Error::Internal(_)), "{error}");
}

#[test]
fn corrupted_finds_are_refused() {
    refused(|found| found.pairs.truncate(5));
    refused(|found| found.breaks[1].clear());
    refused(|found| found.pairs.push(found.pairs[0]));
    refused(|found| found.pairs[0].right = 4);
    refused(|found| found.pairs[0].right = 700);
    refused(|found| found.pairs[0].pass = 9);
    refused(|found| found.pairs[0].span = Span::WithinLeft);
    refused(|found| found.breaks[0].push(open(8, Reason::MissingOnRight)));
    refused(|found| found.breaks[0].push(open(NO_ROW, Reason::MissingOnRight)));
    refused(|found| {
        found.breaks[0].remove(0);
        found.pairs[0].left = 6;
        found.breaks[0].insert(0, open(0, Reason::Unreadable));
    });
}

#[test]
fn tie_out_with_a_changed_amount_is_refused() {
    let mut tie_out = outcome(everything()).unwrap().proof().clone();
    tie_out.check().unwrap();
    let line = tie_out.lines.iter_mut().find(|line| line.section == Section::Matched).unwrap();
    line.difference = line.difference.wrapping_add(arrow_buffer::i256::ONE);
    assert!(matches!(tie_out.check().unwrap_err(), Error::Internal(_)));
}

#[test]
fn tie_out_with_a_lost_record_is_refused() {
    let mut tie_out = outcome(everything()).unwrap().proof().clone();
    let line = tie_out.lines.iter_mut().find(|line| line.section == Section::Open).unwrap();
    line.counts = [0, 0];
    assert!(matches!(tie_out.check().unwrap_err(), Error::Internal(_)));
}

#[test]
fn amounts_beyond_37_digits_are_refused() {
    let largest = 10_i128.pow(37) - 1;
    let run = |left: i128| {
        let left = [("A", Some(left), "EUR", None, "L", "")];
        let found = Found { breaks: [vec![open(0, Reason::MissingOnRight)], vec![]], ..Found::default() };
        outcome((plan(&[]), columns(&left, &[]), found))
    };
    assert!(matches!(run(i128::MIN), Err(Error::Internal(_))));
    assert!(matches!(run(largest + 1), Err(Error::Internal(_))));
    let total = run(-largest).unwrap().tie_out().unwrap();
    assert!(printed(&total).contains("-99999999999999999999999999999999999.99"));
}

#[test]
fn totals_beyond_38_digits_are_a_data_error() {
    let record = ("A", Some(9 * 10_i128.pow(36)), "EUR", None, "L", "");
    let breaks = |rows| (0..rows).map(|row| open(row, Reason::Duplicate)).collect();
    let run = |records: &[_], rows| {
        let found = Found { breaks: [breaks(rows), vec![]], ..Found::default() };
        outcome((plan(&[]), columns(records, &[]), found))
    };
    assert!(run(&[record; 11], 11).is_ok());
    let error = run(&[record; 12], 12).unwrap_err();
    assert_eq!((error.kind().name(), error.code()), ("invalid_data", "total_too_large"));
}

/// A record's account, amount, currency, and whether it is excluded.
pub(super) type RandomRecord = (String, Option<i128>, String, bool);

pub(super) fn records() -> impl Strategy<Value = Vec<RandomRecord>> {
    let text = prop_oneof![
        Just(String::new()),
        Just("EUR".to_owned()),
        Just("a long account".to_owned()),
        "[a-c]{1,9}",
    ];
    let amount = prop_oneof![
        3 => (-5_i128..5).prop_map(Some),
        1 => Just(None),
        1 => (-10_i128.pow(30)..10_i128.pow(30)).prop_map(Some)
    ];
    prop::collection::vec((text.clone(), amount, text, prop::bool::weighted(0.1)), 0..40)
}

/// A valid find: open records are put together as `choices` say.
pub(super) fn find(columns: &Columns, choices: &[u8]) -> Found {
    let mut free: [Vec<Row>; 2] = Side::BOTH.map(|side| {
        let source = columns.side(side);
        (0..source.rows).filter(|&row| source.takes_part(row)).collect()
    });
    let mut found = Found::default();
    for &choice in choices {
        if choice & 128 != 0 {
            let lefts = taken(&mut free[0], usize::from(choice % 4));
            let rights = taken(&mut free[1], usize::from(choice / 4 % 4));
            if lefts.len() + rights.len() > 2 {
                let verdict = Pair { status: Status::Proposed, ..pair(4, Span::Across, 0, 0) }.verdict();
                found.groups.push(verdict, &lefts, &rights);
            } else {
                free[0].extend(lefts);
                free[1].extend(rights);
            }
            continue;
        }
        let span = [Span::Across, Span::Across, Span::WithinLeft, Span::WithinRight][usize::from(choice % 4)];
        let [first, second] = span.sides().map(Side::index);
        let needed = |side: usize| usize::from(first == side) + usize::from(second == side);
        if (0..2).any(|side| free[side].len() < needed(side)) {
            continue;
        }
        let at = usize::from(choice) % free[first].len();
        let left = free[first].swap_remove(at);
        let right = free[second].pop().unwrap();
        let pass = if span == Span::Across { u16::from(choice / 4 % 3) } else { 3 };
        let status = if choice & 64 == 0 { Status::Matched } else { Status::Proposed };
        found.pairs.push(Pair { status, ..pair(pass, span, left, right) });
    }
    for side in Side::BOTH {
        let rows = std::mem::take(&mut free[side.index()]);
        found.breaks[side.index()] = rows.into_iter().map(|row| open(row, Reason::Duplicate)).collect();
    }
    found.canonical_sort();
    found
}

fn taken(free: &mut Vec<Row>, count: usize) -> Vec<Row> {
    free.split_off(free.len().saturating_sub(count))
}

pub(super) fn random_columns(sides: &[Vec<RandomRecord>; 2]) -> Columns {
    let [left, right] = sides.each_ref().map(|records| {
        let cells: Vec<Record<'_>> =
            records.iter().map(|(a, amount, c, _)| (a.as_str(), *amount, c.as_str(), None, "", "")).collect();
        let mut columns = side(&cells);
        let excluded: Vec<usize> = (0..records.len()).filter(|&at| records[at].3).collect();
        columns.excluded = Some(bits(records.len(), &excluded));
        columns
    });
    Columns { sides: [left, right], scale: 2, ..Columns::default() }
}

proptest! {
    #[test]
    fn random_finds_tie_out_and_corrupted_ones_do_not(
        left in records(), right in records(), choices in prop::collection::vec(any::<u8>(), 0..60),
        by in prop::sample::subsequence(vec![ACCOUNT, CURRENCY], 0..=2), lose in any::<prop::sample::Index>(),
    ) {
        let columns = Arc::new(random_columns(&[left, right]));
        let mut plan = plan(&by);
        plan.passes.push(pass("decision", Cardinality::ManyToMany, Sign::Ignore));
        let plan = Arc::new(plan);
        let found = find(&columns, &choices);
        let outcome = Outcome::new(plan.clone(), columns.clone(), found.clone()).unwrap();
        // The totals once more, as plainly as can be.
        for proof in outcome.proof().proofs() {
            for side in Side::BOTH {
                let source = columns.side(side);
                let cell = |row: Row| by.iter().map(|&field| match &source.fields[field] {
                    Column::Text(column) => column.get(row).map(str::to_owned),
                    _ => None,
                }).collect::<Vec<_>>();
                let rows: Vec<Row> = (0..source.rows)
                    .filter(|&row| source.takes_part(row) && cell(row) == proof.cell).collect();
                let Column::Amount(amounts) = &source.fields[AMOUNT] else { panic!("amounts are amounts") };
                let total: i128 = rows.iter().filter_map(|&row| amounts.get(row)).sum();
                prop_assert_eq!(proof.counts[side.index()], rows.len() as u64);
                prop_assert_eq!(proof.totals[side.index()].to_i128(), Some(total));
            }
        }
        // Σ net of the groups is what the tie-out says they explain.
        let net: i128 = sum(&outcome.groups().unwrap(), "net");
        let explained = outcome.proof().lines.iter()
            .filter(|line| matches!(line.section, Section::Matched | Section::Proposed))
            .filter_map(|line| line.difference.to_i128()).sum::<i128>();
        prop_assert_eq!(net, explained);
        let everything = found.pairs.len() + found.breaks[0].len() + found.breaks[1].len();
        if everything > 0 {
            let at = lose.index(everything);
            let mut corrupt = found.clone();
            if at < corrupt.pairs.len() {
                corrupt.pairs.remove(at);
            } else if at - corrupt.pairs.len() < corrupt.breaks[0].len() {
                corrupt.breaks[0].remove(at - found.pairs.len());
            } else {
                corrupt.breaks[1].remove(at - found.pairs.len() - found.breaks[0].len());
            }
            prop_assert!(matches!(Outcome::new(plan, columns, corrupt), Err(Error::Internal(_))));
        }
    }
}

fn sum(batch: &RecordBatch, column: &str) -> i128 {
    use arrow_array::cast::AsArray as _;
    let array = batch.column_by_name(column).unwrap();
    array.as_primitive::<arrow_array::types::Decimal128Type>().iter().flatten().sum()
}
