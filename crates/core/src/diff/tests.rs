//! Diffs that can be told by hand, and the properties that every diff has.

use super::*;
use crate::Control;
use crate::columns::{Facts, prepare};
use crate::engine;
use crate::plan::{Side, resolve};
use crate::spec::Spec;
use arrow_array::cast::AsArray as _;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType;
use std::sync::Arc;

/// A record: id, currency, amount, reference.
type Record<'a> = (&'a str, &'a str, &'a str, &'a str);

fn batch(records: &[Record<'_>]) -> RecordBatch {
    let column = |of: fn(&Record<'_>) -> String| -> ArrayRef {
        let cells = records.iter().map(of).map(|cell| (!cell.is_empty()).then_some(cell));
        Arc::new(cells.collect::<StringArray>())
    };
    let columns = [
        ("id", column(|record| record.0.to_owned())),
        ("currency", column(|record| record.1.to_owned())),
        ("amount", column(|record| record.2.to_owned())),
        ("reference", column(|record| record.3.to_owned())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap()
}

fn run(spec: &str, left: &[Record<'_>], right: &[Record<'_>]) -> Outcome {
    let spec = format!("version = 1\n{spec}");
    let spec = Spec::from_toml(&spec).unwrap();
    let batches = [[batch(left)], [batch(right)]];
    let plan = resolve(&spec, &batches[0][0].schema(), &batches[1][0].schema()).unwrap();
    let [one, other] =
        [Side::Left, Side::Right].map(|side| Facts::gather(&plan, side, &batches[side.index()]).unwrap());
    let sides = [batches[0].as_slice(), batches[1].as_slice()];
    let columns = prepare(&plan, &one.merge(other).unwrap(), sides, &Control::default()).unwrap();
    let found = engine::run(&plan, &columns, &Control::default()).unwrap();
    Outcome::new(Arc::new(plan), Arc::new(columns), found).unwrap()
}

const EXACT: &str = "[[pass]]\nname = \"exact\"\non = [\"currency\", \"reference\", \"amount\"]\n";
const TOLERANT: &str = "[[pass]]\nname = \"tolerant\"\non = [\"currency\", \"reference\", { field = \"amount\", within = \"0.05\" }]\n";

const BANK: &[Record<'_>] = &[
    ("B1", "EUR", "10.00", "INV-1"),
    ("B2", "EUR", "20.00", "INV-2"),
    ("B3", "EUR", "30.00", "INV-3"),
    ("B4", "USD", "40.00", "INV-4"),
];
const LEDGER: &[Record<'_>] = &[
    ("L1", "EUR", "10.00", "INV-1"),
    ("L2", "EUR", "20.03", "INV-2"),
    ("L3", "EUR", "35.00", "INV-3"),
    ("L4", "USD", "40.00", "INV-4"),
    ("L5", "EUR", "10.02", "INV-1"),
];

fn exact() -> Outcome {
    run(EXACT, BANK, LEDGER)
}

fn tolerant() -> Outcome {
    run(TOLERANT, BANK, LEDGER)
}

/// Some columns of a table, as text.
fn rows(table: &RecordBatch, columns: &[&str]) -> Vec<String> {
    let options = FormatOptions::default().with_null("-");
    let formatters: Vec<ArrayFormatter<'_>> = columns
        .iter()
        .map(|name| ArrayFormatter::try_new(table.column_by_name(name).unwrap(), &options).unwrap())
        .collect();
    let row =
        |row| formatters.iter().map(|cells| cells.value(row).to_string()).collect::<Vec<_>>().join(" | ");
    (0..table.num_rows()).map(row).collect()
}

#[test]
fn an_outcome_equals_itself() {
    let diff = diff(&tolerant(), &tolerant()).unwrap();
    assert!(diff.summary().equal);
    assert_eq!((diff.groups().num_rows(), diff.records().num_rows()), (0, 0));
    assert_eq!(diff.summary().groups_of(GroupKind::Unchanged), [3, 3]);
    assert_eq!(diff.summary().tie_out.changed_count, 0);
    assert_eq!(diff.summary().warnings, []);
}

#[test]
fn a_wider_tolerance_is_told_group_by_group() {
    let diff = diff(&exact(), &tolerant()).unwrap();
    let groups = rows(
        diff.groups(),
        &["kind", "changes", "pass_old", "pass_new", "left_ids_new", "right_ids_new", "net_new"],
    );
    assert_eq!(
        groups,
        [
            "changed | pass, score | exact | tolerant | B1 | L1 | 0.00",
            "changed | pass, score | exact | tolerant | B4 | L4 | 0.00",
            "appeared | - | - | tolerant | B2 | L2 | 0.03",
        ]
        .map(|row| row.replace("pass, score", changed_names(&diff)))
    );
    let records =
        rows(diff.records(), &["kind", "side", "id", "was", "is", "reason_old", "pass_new", "amount_new"]);
    assert_eq!(records[0], "grouped | left | B2 | open | matched | rounding_like | tolerant | 20.00");
    assert_eq!(records.len(), 2 + reasons_changed(&diff));
    insta::assert_snapshot!(diff.summary());
}

/// What changed about the groups that stay, whatever the scores of an exact pass are.
fn changed_names(diff: &Diff) -> &str {
    diff.groups().column_by_name("changes").unwrap().as_string::<i32>().value(0)
}

fn reasons_changed(diff: &Diff) -> usize {
    let kinds = rows(diff.records(), &["kind"]);
    kinds.iter().filter(|kind| *kind == "reason_changed").count()
}

#[test]
fn a_record_that_moves_to_another_partner_is_regrouped() {
    let near = "[[pass]]\nname = \"near\"\non = [\"currency\", { field = \"amount\", within = \"0.05\" }]\n";
    let left = [("B1", "EUR", "10.00", "INV-1")];
    let right = [("L1", "EUR", "10.04", "INV-1"), ("L2", "EUR", "10.01", "INV-9")];
    let old = run(TOLERANT, &left, &right);
    let new = run(near, &left, &right);
    let diff = diff(&old, &new).unwrap();
    let groups = rows(
        diff.groups(),
        &["kind", "regroup", "left_ids_old", "right_ids_old", "left_ids_new", "right_ids_new"],
    );
    assert_eq!(groups, ["regrouped | 0 | B1 | L1 | B1 | L2"]);
    let records = rows(diff.records(), &["kind", "id", "was", "is"]);
    assert_eq!(
        records,
        [
            "regrouped | B1 | matched | matched",
            "opened | L1 | matched | open",
            "grouped | L2 | open | matched"
        ]
    );
}

#[test]
fn other_rows_are_told_and_matched_by_id() {
    let later: Vec<Record<'_>> = LEDGER[1..].to_vec();
    let diff = diff(&exact(), &run(EXACT, BANK, &later)).unwrap();
    let codes: Vec<&str> = diff.summary().warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["records_differ", "ids_differ"]);
    assert_eq!(diff.summary().sources[1].matched_by, MatchedBy::Id);
    assert_eq!(diff.summary().sources[0].matched_by, MatchedBy::Row);
    assert_eq!(rows(diff.groups(), &["kind", "left_ids_old", "right_ids_old"]), ["vanished | B1 | L1"]);
    let records = rows(diff.records(), &["kind", "id", "row_old", "row_new", "was", "is"]);
    assert_eq!(
        records,
        [
            "opened | B1 | 0 | 0 | matched | open",
            "gone | L1 | 0 | - | matched | absent",
            // One open record fewer is less chance for a near miss to be one: what was none before is evidence now.
            "reason_changed | L5 | 4 | 3 | open | open"
        ]
    );
    counted(&diff);
}

#[test]
fn repeated_ids_leave_records_to_their_rows() {
    let mut twice: Vec<Record<'_>> = LEDGER[1..].to_vec();
    twice[0].0 = "L5";
    let diff = diff(&exact(), &run(EXACT, BANK, &twice)).unwrap();
    assert_eq!(diff.summary().sources[1].matched_by, MatchedBy::Row);
    assert!(!diff.summary().warnings.is_empty());
    counted(&diff);
}

#[test]
fn excluded_records_are_counted_and_told() {
    let filtered = EXACT.to_owned() + "[left]\nwhere = [{ field = \"currency\", in = [\"EUR\"] }]\n";
    let new = run(&filtered, BANK, LEDGER);
    let diff = diff(&exact(), &new).unwrap();
    let records = rows(diff.records(), &["kind", "id", "was", "is"]);
    assert_eq!(records, ["gone | B4 | matched | excluded", "opened | L4 | matched | open"]);
    counted(&diff);
    let same = super::diff(&new, &new).unwrap();
    assert!(same.summary().equal);
    counted(&same);
}

/// Every record of both inputs is in one line.
fn counted(diff: &Diff) {
    for source in &diff.summary().sources {
        let flows = || diff.summary().flows.iter().filter(|flow| flow.side == source.side);
        let old: u64 = flows().filter(|flow| flow.was != "absent").map(|flow| flow.records).sum();
        let new: u64 = flows().filter(|flow| flow.is != "absent").map(|flow| flow.records).sum();
        assert_eq!([old, new], source.records, "{:#?}", diff.summary().flows);
    }
}

/// The same tables as a text format has them: all columns text, null empty.
fn as_text(tables: &OutcomeTables) -> OutcomeTables {
    let text = |batch: &RecordBatch| {
        let options = FormatOptions::default();
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| {
            let cells = ArrayFormatter::try_new(column, &options).unwrap();
            let cells = (0..column.len()).map(|row| cells.value(row).to_string());
            (field.name().clone(), Arc::new(StringArray::from_iter_values(cells)) as ArrayRef)
        });
        RecordBatch::try_from_iter(columns.collect::<Vec<_>>()).unwrap()
    };
    let tables = OutcomeTables {
        tables: tables.tables.each_ref().map(|all| all.iter().map(text).collect()),
        ..tables.clone()
    };
    assert_eq!(tables.tables[0][0].column(0).data_type(), &DataType::Utf8);
    tables
}

#[test]
fn text_tells_what_types_tell() {
    let [old, new] =
        [("old", exact()), ("new", tolerant())].map(|(name, of)| OutcomeTables::of(&of, name).unwrap());
    let typed = diff_tables(&old, &new, &Cancel::new()).unwrap();
    let text = diff_tables(&as_text(&old), &new, &Cancel::new()).unwrap();
    assert_eq!(typed.summary(), text.summary());
    for name in Diff::TABLES {
        assert_eq!(typed.table(name).unwrap(), text.table(name).unwrap());
    }
}

#[test]
fn batches_change_nothing() {
    let [old, new] =
        [("old", exact()), ("new", tolerant())].map(|(name, of)| OutcomeTables::of(&of, name).unwrap());
    let cut = |tables: &OutcomeTables| OutcomeTables {
        tables: tables.tables.each_ref().map(|all| {
            all.iter().flat_map(|batch| (0..batch.num_rows()).map(|row| batch.slice(row, 1))).collect()
        }),
        ..tables.clone()
    };
    let whole = diff_tables(&old, &new, &Cancel::new()).unwrap();
    let pieces = diff_tables(&cut(&old), &cut(&new), &Cancel::new()).unwrap();
    assert_eq!(whole.summary(), pieces.summary());
    assert_eq!(whole.records(), pieces.records());
}

#[test]
fn damaged_tables_are_refused_by_name() {
    let whole = OutcomeTables::of(&exact(), "jan/").unwrap();
    let refused = |change: fn(&mut OutcomeTables)| {
        let mut damaged = whole.clone();
        change(&mut damaged);
        let error = diff_tables(&damaged, &whole, &Cancel::new()).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("damaged_result", crate::ErrorKind::InvalidData));
        error.to_string()
    };
    let text = refused(|tables| tables.tables[0] = vec![tables.tables[0][0].project(&[0, 1]).unwrap()]);
    assert!(text.contains("jan/") && text.contains("groups."), "{text}");
    refused(|tables| tables.tables[0] = vec![tables.tables[0][0].slice(1, 1)]);
    refused(|tables| tables.tables[1] = vec![tables.tables[1][0].slice(0, 2)]);
    refused(|tables| tables.sources[0].records = 2);
    refused(|tables| {
        let groups = &tables.tables[0][0];
        tables.tables[0] = vec![groups.slice(1, 1), groups.slice(0, 1)];
    });
}

#[test]
fn empty_outcomes_are_diffed() {
    let empty = run(EXACT, &[], &[]);
    let diff = diff(&empty, &exact()).unwrap();
    assert_eq!(diff.summary().groups_of(GroupKind::Appeared), [0, 2]);
    counted(&diff);
    assert!(super::diff(&empty, &empty).unwrap().summary().equal);
}
