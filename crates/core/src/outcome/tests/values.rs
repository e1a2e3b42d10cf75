//! What stands in the tables, whatever the order, the cut and the encoding.

use super::*;
use crate::outcome::manifest::hash_batches;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int8Type, UInt64Type};
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, LargeStringArray, StringViewArray,
};

fn concatenated(outcome: &Outcome, name: &str, rows: usize) -> RecordBatch {
    let batches: Vec<RecordBatch> = outcome.batches(name, rows).unwrap().map(Result::unwrap).collect();
    let schema = outcome.empty(name).unwrap().schema();
    arrow_select::concat::concat_batches(&schema, &batches).unwrap()
}

#[test]
fn slices_are_the_table() {
    let outcome = outcome(everything()).unwrap();
    for name in TABLES {
        let whole = printed(&outcome.table(name).unwrap());
        for rows in [1, 2, 3, 5, 100] {
            assert_eq!(printed(&concatenated(&outcome, name, rows)), whole, "{name} by {rows}");
        }
    }
}

#[test]
fn unknown_table_is_told_the_nearest() {
    let error = outcome(everything()).unwrap().table("group").unwrap_err();
    assert_eq!(error.code(), "unknown_table");
    assert_eq!(error.mistakes()[0].nearest.as_deref(), Some("groups"));
}

#[test]
fn empty_run_has_all_tables() {
    let run = || outcome((plan(&[CURRENCY]), columns(&[], &[]), Found::default())).unwrap();
    for name in TABLES {
        assert_eq!(run().table(name).unwrap().num_rows(), 0, "{name}");
        assert_eq!(
            run().table(name).unwrap().schema(),
            outcome(everything()).unwrap().empty(name).unwrap().schema()
        );
    }
    assert_eq!(run().to_string(), "0 matched, 0 proposed, 0 open; nothing to tie out");
    assert!(run().summary().to_text(80).contains("tied out"));
}

#[test]
fn order_of_what_was_found_makes_no_difference() {
    let (plan, columns, mut found) = everything();
    let digest = outcome(everything()).unwrap().digest().unwrap();
    found.pairs.reverse();
    found.breaks[0].reverse();
    assert_eq!(outcome((plan, columns, found)).unwrap().digest().unwrap(), digest);
}

#[test]
fn digest_sees_every_change() {
    let changed = |change: fn(&mut Plan, &mut Columns, &mut Found)| {
        let (mut plan, mut columns, mut found) = everything();
        change(&mut plan, &mut columns, &mut found);
        outcome((plan, columns, found)).unwrap().digest().unwrap()
    };
    let digests = [
        changed(|_, _, _| {}),
        changed(|_, _, found| found.pairs[0].status = Status::Proposed),
        changed(|_, _, found| found.pairs[0].score -= 1),
        changed(|_, _, found| found.pairs[0].regret = NO_REGRET),
        changed(|_, _, found| found.pairs[0].regret = 0),
        changed(|_, _, found| found.breaks[1][0].rival = NO_ROW),
        changed(|plan, _, _| plan.passes[0].name.push('x')),
        changed(|plan, _, _| plan.carry.clear()),
        changed(|_, columns, _| columns.scale = 3),
        changed(|_, columns, _| columns.sides[0].issues[0].value.clear()),
    ];
    for (at, digest) in digests.iter().enumerate() {
        assert!(digest.starts_with("1-") && digest.len() == 66);
        assert!(!digests[..at].contains(digest), "change {at} is not seen");
    }
}

/// The definition in docs/spec/outcome.md, followed by hand for one small column.
#[test]
fn digest_is_as_documented() {
    let batch = RecordBatch::try_from_iter_with_nullable([(
        "n",
        Arc::new(StringArray::from(vec![Some("ab"), None, Some("")])) as ArrayRef,
        true,
    )])
    .unwrap();
    let number = |value: u64| value.to_le_bytes().to_vec();
    let text = |text: &str| [number(text.len() as u64), text.as_bytes().to_vec()].concat();
    let column = [text("n"), text("text"), vec![1], text("ab"), vec![0], vec![1], text("")].concat();
    let table = [text("source"), number(3), blake3::hash(&column).as_bytes().to_vec()].concat();
    assert_eq!(hash_batches(&[batch]).unwrap(), format!("1-{}", blake3::hash(&table).to_hex()));
}

#[test]
fn content_hash_ignores_encoding_and_cut() {
    let words = vec![Some("a"), None, Some(""), Some("a longer word than inlined")];
    let hash = |array: ArrayRef, cut: usize| {
        let batch = RecordBatch::try_from_iter_with_nullable([("c", array, true)]).unwrap();
        let rest = batch.num_rows() - cut;
        hash_batches(&[batch.slice(0, cut), batch.slice(cut, rest)]).unwrap()
    };
    let small = hash(Arc::new(StringArray::from(words.clone())), 0);
    let dictionary: DictionaryArray<Int8Type> = words.iter().copied().collect();
    assert_eq!(hash(Arc::new(LargeStringArray::from(words.clone())), 1), small);
    assert_eq!(hash(Arc::new(StringViewArray::from(words.clone())), 2), small);
    assert_eq!(hash(Arc::new(dictionary), 3), small);
    let other = vec![Some("a"), Some(""), None, Some("a longer word than inlined")];
    assert_ne!(hash(Arc::new(StringArray::from(other)), 0), small);
    let integers = hash(Arc::new(Int32Array::from(vec![1, -2])), 0);
    assert_eq!(hash(Arc::new(Int64Array::from(vec![1, -2])), 1), integers);
    assert_ne!(hash(Arc::new(Float64Array::from(vec![1.0, -2.0])), 1), integers);
    let zeros = hash(Arc::new(Float64Array::from(vec![0.0])), 0);
    assert_eq!(hash(Arc::new(Float64Array::from(vec![-0.0])), 0), zeros);
}

#[test]
fn row_numbers_of_the_source_are_shown() {
    let (plan, mut columns, found) = everything();
    columns.sides[0].row_numbers = Some((0..9).map(|row| 1_000 - row).collect());
    let outcome = outcome((plan, columns, found)).unwrap();
    let groups = outcome.groups().unwrap();
    let ids = groups.column(0).as_primitive::<UInt64Type>();
    assert!(ids.values().is_sorted(), "{ids:?}");
    assert!(ids.values().contains(&2_000));
    let breaks = outcome.breaks().unwrap();
    assert_eq!(breaks.column(1).as_primitive::<UInt64Type>().values()[..2], [993, 994]);
}

#[test]
fn partial_tie_outs_merge() {
    let run = |left: &[Record<'_>], right: &[Record<'_>], found: Found| {
        outcome((plan(&[CURRENCY]), columns(left, right), found)).unwrap().proof().clone()
    };
    let one = ("A", Some(5), "EUR", None, "", "");
    let two = ("A", Some(7), "USD", None, "", "");
    let pairs = vec![pair(0, Span::Across, 0, 0)];
    let left_open = |row| [vec![open(row, Reason::MissingOnRight)], vec![]];
    let whole =
        run(&[one, two], &[one], Found { pairs: pairs.clone(), breaks: left_open(1), ..Found::default() });
    let first = run(&[one], &[one], Found { pairs, ..Found::default() });
    let second = run(&[two], &[], Found { breaks: left_open(0), ..Found::default() });
    assert_eq!(first.clone().merge(second.clone()), whole);
    assert_eq!(second.merge(first).merge(TieOut::default()), whole);
}

#[test]
fn partial_finds_merge_and_renumber() {
    let (plan, _, whole) = everything();
    // The second part holds left records 2.. and right records 2.., numbered from 0.
    let mut first = whole.clone();
    let mut second = Found {
        pairs: first.pairs.split_off(2),
        breaks: std::mem::take(&mut first.breaks),
        work: vec![PassWork { entered: [1, 1], ..PassWork::default() }],
        ..Found::default()
    };
    second.breaks[1][0].nearest = 3;
    second.breaks[1][0].rival = 3;
    for pair in &mut second.pairs {
        pair.left -= 2;
        pair.right -= 2;
    }
    for open in second.breaks.iter_mut().flatten() {
        open.row -= 2;
    }
    second.breaks[1][0].nearest -= 2;
    second.breaks[1][0].rival -= 2;
    second.renumber(&plan, |_, row| row + 2);
    second.merge(first);
    second.canonical_sort();
    assert_eq!(second.pairs, whole.pairs);
    assert_eq!(second.work[0].entered, [8, 8]);
    assert_eq!((second.breaks[1][0].nearest, second.breaks[1][0].rival), (3, 3));
    assert_eq!(second.breaks[0], whole.breaks[0]);
}

#[test]
fn text_shared_between_short_and_long_cells_is_one_cell() {
    let words = ["", "a", "1234567", "12345678", "a", "12345678", "1234567", "ab"];
    let records: Vec<Record<'_>> = words.iter().map(|word| (*word, Some(1), "EUR", None, "", "")).collect();
    let breaks = (0..8).map(|row| open(row, Reason::Duplicate)).collect();
    let found = Found { breaks: [breaks, vec![]], ..Found::default() };
    let outcome = outcome((plan(&[ACCOUNT]), columns(&records, &[]), found)).unwrap();
    let counts: Vec<(Option<String>, u64)> =
        outcome.proof().proofs().into_iter().map(|proof| (proof.cell[0].clone(), proof.counts[0])).collect();
    let expected = [(None, 1), (Some("1234567"), 2), (Some("12345678"), 2), (Some("a"), 2), (Some("ab"), 1)];
    assert_eq!(counts, expected.map(|(cell, count)| (cell.map(str::to_owned), count)));
}

#[test]
fn many_cells_tie_out() {
    let names: Vec<String> = (0..5_000).map(|at| format!("account {at}")).collect();
    let records: Vec<Record<'_>> =
        names.iter().map(|name| (name.as_str(), Some(3), "EUR", None, "", "")).collect();
    let breaks = |reason| (0..5_000).map(|row| open(row, reason)).collect::<Vec<_>>();
    let found =
        Found { breaks: [breaks(Reason::MissingOnRight), breaks(Reason::MissingOnLeft)], ..Found::default() };
    let outcome = outcome((plan(&[ACCOUNT, CURRENCY]), columns(&records, &records), found)).unwrap();
    assert_eq!(outcome.proof().proofs().len(), 5_000);
    let summary = outcome.summary();
    assert_eq!((summary.tie_out.cells_count, summary.tie_out.cells.len()), (5_000, SUMMARY_CELLS_MAX));
    assert_eq!(summary.open[0].amounts[0].amount, "150.00");
    assert!(summary.to_text(100).contains("and 4,980 more cells"));
}
