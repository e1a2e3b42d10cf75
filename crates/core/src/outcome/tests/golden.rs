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
