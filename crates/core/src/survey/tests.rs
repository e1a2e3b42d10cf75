//! Counts against what can be counted by hand, and what a run then looks at.

use super::*;
use crate::columns::{Facts, prepare};
use crate::engine;
use crate::plan::resolve;
use crate::spec::Spec;
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use std::sync::Arc;

/// Accounts and amounts of some records.
fn batch(records: &[(&str, &str)]) -> RecordBatch {
    let texts = |of: fn(&(&str, &str)) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(records.iter().map(of)))
    };
    let columns =
        [("account", texts(|record| record.0.to_owned())), ("amount", texts(|record| record.1.to_owned()))];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn surveyed(spec: &str, left: &[(&str, &str)], right: &[(&str, &str)]) -> (Survey, Vec<u64>) {
    let spec = Spec::from_toml(&format!("version = 1\n{spec}")).unwrap();
    let batches = [[batch(left)], [batch(right)]];
    let plan = resolve(&spec, &batches[0][0].schema(), &batches[1][0].schema()).unwrap();
    let facts =
        [Side::Left, Side::Right].map(|side| Facts::gather(&plan, side, &batches[side.index()]).unwrap());
    let [left, right] = facts;
    let sides = [batches[0].as_slice(), batches[1].as_slice()];
    let columns = prepare(&plan, &left.merge(right).unwrap(), sides, &Control::default()).unwrap();
    let found = engine::run(&plan, &columns, &Control::default()).unwrap();
    let compared = found.work.iter().map(|work| work.comparisons).collect();
    (survey(&plan, &columns, &Control::default()).unwrap(), compared)
}

const LEFT: &[(&str, &str)] =
    &[("A", "1.00"), ("A", "2.00"), ("A", "9.00"), ("B", "5.00"), ("C", "7.00"), ("D", "x"), ("", "1.00")];
const RIGHT: &[(&str, &str)] =
    &[("A", "1.00"), ("A", "2.00"), ("B", "5.00"), ("E", "5.00"), ("", "1.00"), ("B", "6.00")];

#[test]
fn a_pass_by_key_counts_blocks_pairs_and_partners() {
    let (survey, _) = surveyed("[[pass]]\non = \"account\"", LEFT, RIGHT);
    assert_eq!(survey.records, [6, 6], "an unreadable amount takes no part");
    let pass = &survey.passes[0];
    assert_eq!((pass.records, pass.with_partner), ([6, 6], [4, 4]));
    assert_eq!((pass.blocks, pass.pairs, pass.comparisons), (2, 8, 8));
    let blocks: Vec<_> = pass.largest.iter().map(|block| (block.key[0].as_deref(), block.records)).collect();
    assert_eq!(blocks, [(Some("A"), [3, 2]), (Some("B"), [1, 2])]);
    assert_eq!(
        survey.to_string(),
        "6 records of left and 6 of right take part. Were they all open in every pass:\n\n  account\n    \
         with a partner by the key: 4 of 6 records of left (66.6 %), 4 of 6 records of right (66.6 %)\n    \
         pairs to compare: 8 of 8 that agree on the key\n    blocks: 2, the largest\n      \
         3 × 2: account \"A\"\n      1 × 2: account \"B\"\n\n\
         Somebody to be compared with, in one pass at least: 4 of 6 records of left (66.6 %), 4 of 6 records of \
         right (66.6 %)\n\nA run takes less than 1 MB of memory\n"
    );
}

#[test]
fn a_tolerance_leaves_fewer_pairs_to_compare() {
    let spec = "[[pass]]\non = [\"account\", { field = \"amount\", within = \"0.50\" }]";
    let (survey, compared) = surveyed(spec, LEFT, RIGHT);
    assert_eq!((survey.passes[0].pairs, survey.passes[0].comparisons), (8, 3));
    assert_eq!(compared, [3], "the first pass of a run looks at just that");
    let spec = "[[pass]]\non = [{ field = \"amount\", within = \"0.50\" }]";
    let (survey, compared) = surveyed(spec, LEFT, RIGHT);
    let pass = &survey.passes[0];
    assert_eq!((pass.blocks, pass.pairs, pass.comparisons), (1, 36, 3), "equal records are looked at once");
    assert_eq!(compared, [3]);
    assert!(pass.key.is_empty() && pass.largest[0].key.is_empty());
    let text = survey.to_string();
    let told = "  amount\n    with somebody to be compared with: 4 of left (66.6 %), 5 of right (83.3 %)\n    \
                pairs to compare: 3 of 36 (no equality: all records are one block)\n";
    assert!(text.contains(told), "{text}");
}

#[test]
fn same_side_is_surveyed_inside_each_source() {
    let left = [("A", "5.00"), ("A", "-5.00"), ("B", "-1.00")];
    let spec = "[[pass]]\ncardinality = \"same_side\"\non = \"account\"";
    let (survey, _) = surveyed(spec, &left, RIGHT);
    let counts: Vec<_> =
        survey.passes.iter().map(|pass| (pass.inside.as_deref(), pass.records, pass.with_partner)).collect();
    assert_eq!(counts, [(Some("left"), [1, 2], [1, 1]), (Some("right"), [6, 0], [0, 0])]);
    assert_eq!((survey.passes[0].pairs, survey.passes[0].blocks), (1, 1));
}

#[test]
fn nothing_has_no_partner() {
    let (survey, _) = surveyed("[[pass]]\non = \"account\"", &[], RIGHT);
    assert_eq!((survey.passes[0].with_partner, survey.passes[0].blocks), ([0, 0], 0));
}

#[test]
fn the_largest_blocks_are_the_same_on_any_number_of_threads() {
    let records: Vec<(String, String)> = (0..60_000)
        .map(|row| (format!("{}", if row % 5 == 0 { row % 40 } else { row }), format!("{}", row % 7)))
        .collect();
    let records: Vec<(&str, &str)> = records.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| surveyed("[[pass]]\non = \"account\"", &records, &records[..30_000]).0)
    };
    let one = on(1);
    assert_eq!(one, on(3));
    assert_eq!(one.passes[0].largest.len(), LARGEST_MAX);
    assert_eq!(one.passes[0].largest[0].records, [1500, 750]);
}

#[test]
fn covered_are_records_that_any_pass_can_compare() {
    let spec =
        "[[pass]]\non = [\"account\", { field = \"amount\", within = \"0.50\" }]\n[[pass]]\non = \"account\"";
    let (survey, _) = surveyed(spec, LEFT, RIGHT);
    let covered: Vec<_> = survey.passes.iter().map(|pass| pass.covered).collect();
    assert_eq!(covered, [[3, 3], [4, 4]]);
    assert_eq!(survey.covered, [4, 4]);
    let spec = "[[pass]]\ncardinality = \"same_side\"\non = \"account\"";
    let left = [("A", "5.00"), ("A", "-5.00"), ("B", "-1.00")];
    assert_eq!(surveyed(spec, &left, RIGHT).0.covered, [2, 0], "inside a source, both are of it");
}

#[test]
fn an_estimate_is_held_against_a_limit() {
    let (survey, _) = surveyed("[[pass]]\non = \"account\"", LEFT, RIGHT);
    let memory = survey.memory;
    assert!(memory.counted > 0 && memory.counted <= memory.total, "{memory:?}");
    assert_eq!(memory.clone().held_against(Some(memory.counted)).fits, Some(true));
    let tight = memory.clone().held_against(Some(memory.counted - 1));
    assert_eq!(tight.fits, Some(false));
    assert!(tight.to_string().contains("may not fit"), "{tight}");
    assert_eq!(memory.held_against(None).fits, None);
}
