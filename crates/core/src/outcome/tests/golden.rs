//! Every table and text of a run with a little of everything, printed.

use super::*;

#[test]
fn every_table_is_as_documented() {
    let outcome = outcome(everything()).unwrap();
    for name in TABLES {
        insta::assert_snapshot!(*name, printed(&outcome.table(name).unwrap()));
    }
}

#[test]
fn summary_reads_well() {
    let outcome = outcome(everything()).unwrap();
    insta::assert_snapshot!("summary_text", outcome.summary().to_text(100));
    insta::assert_snapshot!("summary_json", outcome.summary().to_json());
    assert_eq!(outcome.to_string(), "5 matched, 1 proposed, 3 open; 4 cells tied out");
}

#[test]
fn summary_of_one_cell_is_a_block() {
    let (mut plan, columns, found) = everything();
    plan.tie_out.by.clear();
    let outcome = outcome((plan, columns, found)).unwrap();
    insta::assert_snapshot!("summary_one_cell", outcome.summary().to_text(60));
    assert_eq!(outcome.to_string(), "5 matched, 1 proposed, 3 open; tied out");
}

#[test]
fn records_that_share_an_id_are_counted() {
    let record = |id| ("A", Some(1), "EUR", Some(20_000), id, "P");
    let ids = ["b", "a", "b", "", "", "c", "b"];
    let columns = columns(&ids.map(record), &["a", "b", "c"].map(record));
    let breaks = [(0..7, Reason::MissingOnRight), (0..3, Reason::MissingOnLeft)]
        .map(|(rows, reason)| rows.map(|row| open(row, reason)).collect());
    let found = Found { breaks, ..Found::default() };
    let summary = outcome((plan(&[CURRENCY]), columns, found)).unwrap().summary();
    let repeated: Vec<u64> = summary.sources.iter().map(|source| source.repeated_ids).collect();
    assert_eq!(repeated, [3, 0]);
}

#[test]
fn counted_only_has_no_amounts() {
    let (mut plan, columns, found) = everything();
    plan.tie_out = TieOutPlan { amount: None, by: vec![ACCOUNT] };
    let outcome = outcome((plan, columns, found)).unwrap();
    insta::assert_snapshot!("counted_tie_out", printed(&outcome.tie_out().unwrap()));
    insta::assert_snapshot!("counted_summary", outcome.summary().to_text(60));
    assert_eq!(outcome.to_string(), "5 matched, 1 proposed, 3 open; A, B, C tied out");
}

#[test]
fn manifest_names_versions_and_rows() {
    let outcome = outcome(everything()).unwrap();
    let manifest = Manifest::new(&outcome, "{}").with_digest(&outcome).unwrap();
    assert_eq!(manifest.digest.as_deref(), Some(outcome.digest().unwrap().as_str()));
    assert_eq!(manifest.sources.iter().map(|source| source.rows).collect::<Vec<_>>(), [9, 7]);
    let json: serde_json::Value = serde_json::from_str(&manifest.to_json()).unwrap();
    assert!(json["time_zones"].as_str().unwrap().starts_with("20"));
    assert_eq!(json["schema_version"], SCHEMA_VERSION);
}
