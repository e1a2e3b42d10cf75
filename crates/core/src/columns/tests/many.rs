//! Cells with many values, as they are read.

use super::*;
use crate::plan::resolve_with;
use crate::spec::{ReadSpec, Spec};
use crate::tables::Tables;
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::record_batch;

/// The left cells of the field `f` as one text each, and the rows of its issues.
fn read(field: &str, left: &[RecordBatch], tables: &Tables) -> (Vec<Option<String>>, Vec<u32>) {
    let spec: Spec = format!("fields.f = {field}\n[[pass]]\non = ['f']").parse().unwrap();
    let right = record_batch!(("right", Utf8, ["x"]), ("number", Int64, [1])).unwrap();
    let plan = resolve_with(&spec, &left[0].schema(), &right.schema(), tables).unwrap();
    let facts = Facts::gather(&plan, Side::Left, left).unwrap();
    let side = prepare_side(&plan, &facts, Side::Left, left, None, &Control::default()).unwrap();
    let Column::Many(many) = &side.fields[0] else { panic!("{:?}", side.fields[0]) };
    let cells = (0..side.rows).map(|row| many.cells().get(row).map(str::to_owned)).collect();
    (cells, side.issues.iter().map(|issue| issue.row).collect())
}

fn cells(of: &[&str]) -> Vec<Option<String>> {
    of.iter().map(|cell| (!cell.is_empty()).then(|| (*cell).to_owned())).collect()
}

#[test]
fn every_match_is_a_value_once_and_clean() {
    let left = record_batch!(("a", Utf8, ["INV-2 and inv-10, INV-2", "none", "INV- 7"])).unwrap();
    let field = r"{ left = { column = 'a', extract = '(?i)inv-?\s*(\d+)', all = true }, right = 'right' }";
    let halves = [left.slice(0, 1), left.slice(1, 2)];
    for batches in [&[left][..], &halves] {
        let (found, issues) = read(field, batches, &Tables::default());
        assert_eq!((found, issues.len()), (cells(&["10|2", "", "7"]), 0));
    }
}

#[test]
fn empty_matches_end() {
    let left = record_batch!(("a", Utf8, ["ab", "\u{e4}"])).unwrap();
    let field = "{ left = { column = 'a', extract = 'x*', all = true }, right = 'right' }";
    assert_eq!(read(field, &[left], &Tables::default()).0, cells(&["", ""]));
}

#[test]
fn integers_of_text_are_read_and_bad_ones_are_issues() {
    let left = record_batch!(("a", Utf8, ["10 9", "99999999999999999999 3", ""])).unwrap();
    let field = r"{ left = { column = 'a', extract = '\d+', all = true }, right = 'number', as = 'integer' }";
    assert_eq!(read(field, &[left], &Tables::default()), (cells(&["9|10", "3", ""]), vec![1]));
}

#[test]
fn items_of_lists_are_values_and_those_under_a_null_are_none() {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for (items, valid) in
        [(vec!["b", " a ", ""], true), (vec!["hidden"], false), (vec![], true), (vec!["c"], true)]
    {
        for item in items {
            lists.values().append_value(item);
        }
        lists.append(valid);
    }
    let lists: ArrayRef = Arc::new(lists.finish());
    let left = RecordBatch::try_from_iter_with_nullable([("a", lists, true)]).unwrap();
    let batches = [left.slice(0, 2), left.slice(2, 2)];
    for batches in [&[left][..], &batches] {
        let (found, _) =
            read("{ left = 'a', right = 'right', clean = ['upper'] }", batches, &Tables::default());
        assert_eq!(found, cells(&["A|B", "", "", "C"]));
    }
}

#[test]
fn keys_are_looked_up_and_stand_for_all_rows_that_have_them() {
    let lines = record_batch!(("key", Utf8, ["p1", "P1", "P2", "P3"]), ("value", Utf8, ["b", "a", "c", "a"]))
        .unwrap();
    let mut tables = Tables::default();
    let batches = vec![lines.slice(0, 2), lines.slice(2, 2)];
    tables.add("t", batches, &ReadSpec::default(), Vec::new()).unwrap();
    let left = record_batch!(("a", Utf8, ["p1 paid", "p2 and p3", "p9", "-"])).unwrap();
    let lookup = "lookup = { table = 't', key = 'key', column = 'value' }";
    let all = format!(
        "{{ left = {{ column = 'a', extract = 'p.', all = true, clean = ['upper'], {lookup} }}, right = 'right' }}"
    );
    assert_eq!(read(&all, std::slice::from_ref(&left), &tables).0, cells(&["a|b", "a|c", "", ""]));
    let first = format!(
        "{{ left = {{ column = 'a', extract = 'p.', clean = ['upper'], {lookup} }}, right = 'right', clean = ['upper'] }}"
    );
    assert_eq!(read(&first, &[left], &tables).0, cells(&["A|B", "C", "", ""]));
}

#[test]
fn a_filter_asks_for_any_of_the_values() {
    let left = record_batch!(("a", Utf8, ["1 2", "3", ""]), ("k", Utf8, ["x", "y", "z"])).unwrap();
    let excluded = |test: &str| -> Vec<usize> {
        let spec = format!(
            "left.where = [{{ field = 'f', {test} }}]\n[fields]\nf = {{ left = {{ column = 'a', extract = '\\d', all = true }} }}\n[[pass]]\non = ['k']"
        );
        let spec: Spec = spec.parse().unwrap();
        let plan = resolve_with(&spec, &left.schema(), &left.schema(), &Tables::default()).unwrap();
        let batches = [left.clone()];
        let facts = Facts::gather(&plan, Side::Left, &batches).unwrap();
        let side = prepare_side(&plan, &facts, Side::Left, &batches, None, &Control::default()).unwrap();
        side.excluded.iter().flat_map(|bits| bits.set_indices().collect::<Vec<_>>()).collect()
    };
    assert_eq!(excluded("in = ['2', '9']"), [1, 2]);
    assert_eq!(excluded("between = ['3', '4']"), [0, 2]);
    assert_eq!(excluded("matches = '^1'"), [1, 2]);
    assert_eq!(excluded("is_null = true"), [0, 1]);
}
