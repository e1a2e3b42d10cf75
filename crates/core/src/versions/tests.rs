use super::*;
use crate::error::ErrorKind;
use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt64Type;
use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, StringArray,
    TimestampMillisecondArray, record_batch,
};
use arrow_schema::Schema;
use std::sync::Arc;

mod properties;

fn by(key: &[&str]) -> CompareOptions {
    CompareOptions { key: key.iter().map(|name| (*name).to_owned()).collect(), ..CompareOptions::default() }
}

fn compared(left: &RecordBatch, right: &RecordBatch, options: &CompareOptions) -> Comparison {
    compare(std::slice::from_ref(left), std::slice::from_ref(right), options, &Control::default()).unwrap()
}

fn refused(left: &RecordBatch, right: &RecordBatch, options: &CompareOptions) -> crate::Error {
    compare(std::slice::from_ref(left), std::slice::from_ref(right), options, &Control::default())
        .unwrap_err()
}

fn text(table: &RecordBatch, column: &str) -> Vec<Option<String>> {
    let column =
        arrow_cast::cast(table.column_by_name(column).unwrap(), &arrow_schema::DataType::Utf8).unwrap();
    column.as_string::<i32>().iter().map(|value| value.map(str::to_owned)).collect()
}

/// Column, kind, left, right and delta of each difference.
fn cells(found: &Comparison) -> Vec<[String; 5]> {
    let of = |name: &str| text(found.differences(), name);
    let columns = ["column", "kind", "left", "right", "delta"].map(of);
    (0..found.differences().num_rows())
        .map(|row| columns.each_ref().map(|column| column[row].clone().unwrap_or_default()))
        .collect()
}

#[test]
fn changed_missing_and_added_rows_are_told_apart() {
    let before = record_batch!(("id", Int64, [1, 2, 3]), ("price", Utf8, ["9.50", "7.00", "1.25"])).unwrap();
    let after = record_batch!(("id", Int64, [3, 2, 4]), ("price", Utf8, ["1.25", "7.10", "2.00"])).unwrap();
    let found = compared(&before, &after, &by(&["id"]));
    assert_eq!(cells(&found), [["price", "changed", "7.00", "7.10", "0.10"].map(str::to_owned)]);
    assert_eq!(found.differences().column(0).as_primitive::<UInt64Type>().value(0), 1);
    assert_eq!(
        text(found.rows(), "reason"),
        [Some("missing_on_right".into()), Some("missing_on_left".into())]
    );
    assert_eq!(text(found.rows(), "id"), [Some("1".into()), Some("4".into())]);
    let summary = found.summary();
    assert_eq!((summary.equal, summary.paired_rows, summary.changed_rows), (false, 2, 1));
    assert_eq!((summary.only_left, summary.only_right, summary.differing_cells), (1, 1, 1));
}

#[test]
fn kinds_say_what_sort_of_difference_it_is() {
    let before = record_batch!(
        ("id", Int64, [1, 2, 3, 4, 5, 6]),
        ("x", Utf8, [Some("1.50"), Some("Ann  Lee"), Some("a"), None, Some("-2"), Some("")])
    )
    .unwrap();
    let after = record_batch!(
        ("id", Int64, [1, 2, 3, 4, 5, 6]),
        ("x", Utf8, [Some("1.5"), Some("ann lee "), None, Some("b"), Some("1e"), Some("c")])
    )
    .unwrap();
    let kinds: Vec<String> =
        cells(&compared(&before, &after, &by(&["id"]))).into_iter().map(|[_, kind, ..]| kind).collect();
    assert_eq!(kinds, ["format", "space_or_case", "nulled", "filled", "changed", "filled"]);
}

#[test]
fn rows_of_one_key_are_paired_by_what_they_hold() {
    let before = record_batch!(
        ("id", Utf8, ["a", "a", "a"]),
        ("x", Utf8, ["1", "2", "3"]),
        ("y", Utf8, ["p", "q", "r"])
    )
    .unwrap();
    let after = record_batch!(
        ("id", Utf8, ["a", "a", "a"]),
        ("x", Utf8, ["3", "9", "1"]),
        ("y", Utf8, ["r", "q", "p"])
    )
    .unwrap();
    let found = compared(&before, &after, &by(&["id"]));
    assert_eq!(cells(&found), [["x", "changed", "2", "9", "7"].map(str::to_owned)]);
    assert_eq!((found.summary().repeated_keys, found.summary().only_left), (1, 0));
}

#[test]
fn a_row_too_many_is_a_duplicate() {
    let before = record_batch!(("id", Utf8, ["a", "b"]), ("x", Utf8, ["1", "2"])).unwrap();
    let after = record_batch!(("id", Utf8, ["a", "b", "a"]), ("x", Utf8, ["1", "2", "1"])).unwrap();
    let found = compared(&before, &after, &by(&["id"]));
    assert_eq!(cells(&found), Vec::<[String; 5]>::new());
    assert_eq!(text(found.rows(), "reason"), [Some("duplicate".into())]);
    assert!(!found.summary().equal);
}

#[test]
fn too_many_rows_of_a_key_are_paired_in_sorted_order_and_counted() {
    let rows = |from: i64| {
        let values: ArrayRef = Arc::new(Int64Array::from_iter_values(from..from + 70));
        let key: ArrayRef = Arc::new(StringArray::from_iter_values((0..70).map(|_| "k")));
        RecordBatch::try_from_iter([("id", key), ("x", values)]).unwrap()
    };
    let found = compared(&rows(0), &rows(100), &by(&["id"]));
    assert_eq!((found.summary().limited_keys, found.summary().differing_cells), (1, 70));
    let equal = compared(&rows(0), &rows(0), &by(&["id"]));
    assert!(equal.summary().equal);
}

#[test]
fn tolerances_are_inclusive_and_exact() {
    let before = record_batch!(("id", Int64, [1, 2, 3]), ("x", Utf8, ["10.00", "10.00", "200"])).unwrap();
    let after = record_batch!(("id", Int64, [1, 2, 3]), ("x", Utf8, ["10.05", "10.051", "201"])).unwrap();
    let within = |tolerance: &str| {
        let mut options = by(&["id"]);
        options.within.insert("x".to_owned(), tolerance.to_owned());
        compared(&before, &after, &options).summary().differing_cells
    };
    assert_eq!(within("0.05"), 2);
    assert_eq!(within("0.051"), 1);
    assert_eq!(within("0.5%"), 1);
    assert_eq!(within("1"), 0);
}

#[test]
fn doubles_nulls_and_zeros() {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..5));
    let table = |values: [Option<f64>; 5]| {
        let values: ArrayRef = Arc::new(Float64Array::from_iter(values));
        RecordBatch::try_from_iter([("id", Arc::clone(&ids)), ("x", values)]).unwrap()
    };
    let before = table([Some(f64::NAN), Some(-0.0), None, Some(0.3), Some(1.0)]);
    let after = table([Some(f64::NAN), Some(0.0), None, Some(0.1 + 0.2), Some(f64::INFINITY)]);
    let found = compared(&before, &after, &by(&["id"]));
    assert_eq!(found.summary().differing_cells, 2);
    let mut options = by(&["id"]);
    options.within.insert("x".to_owned(), "0.000001".to_owned());
    assert_eq!(compared(&before, &after, &options).summary().differing_cells, 1);
    options.nulls.insert("x".to_owned(), NullPolicy::Differ);
    assert_eq!(compared(&before, &after, &options).summary().differing_cells, 2);
}

#[test]
fn null_and_empty_text_are_the_same_where_that_is_said() {
    let before = record_batch!(("id", Int64, [1]), ("x", Utf8, [None::<&str>])).unwrap();
    let after = record_batch!(("id", Int64, [1]), ("x", Utf8, [Some("")])).unwrap();
    let mut options = by(&["id"]);
    assert_eq!(compared(&before, &after, &options).summary().differing_cells, 1);
    options.nulls.insert("x".to_owned(), NullPolicy::Empty);
    assert!(compared(&before, &after, &options).summary().equal);
}

#[test]
fn values_are_compared_across_types() {
    let table = |columns: Vec<(&str, ArrayRef)>| RecordBatch::try_from_iter(columns).unwrap();
    let before = table(vec![
        ("id", Arc::new(StringArray::from(vec!["1", "2"]))),
        ("amount", Arc::new(StringArray::from(vec!["1.50", "2"]))),
        ("day", Arc::new(StringArray::from(vec!["1970-01-02", "1970-01-03"]))),
        ("at", Arc::new(TimestampMillisecondArray::from(vec![1_000, 2_000]))),
        ("count", Arc::new(Int32Array::from(vec![7, 8]))),
    ]);
    let amounts = Decimal128Array::from(vec![1_500, 2_001]).with_precision_and_scale(10, 3).unwrap();
    let after = table(vec![
        ("id", Arc::new(Int64Array::from(vec![2, 1]))),
        ("amount", arrow_select::take::take(&amounts, &Int32Array::from(vec![1, 0]), None).unwrap()),
        ("day", Arc::new(Date32Array::from(vec![2, 1]))),
        ("at", Arc::new(arrow_array::TimestampSecondArray::from(vec![2, 1]))),
        ("count", Arc::new(Int64Array::from(vec![8, 7]))),
    ]);
    let found = compared(&before, &after, &by(&["id"]));
    assert_eq!(cells(&found), [["amount", "changed", "2", "2.001", "0.001"].map(str::to_owned)]);
    let changed: Vec<&str> = found
        .summary()
        .columns
        .iter()
        .filter(|column| column.type_changed)
        .map(|column| column.name.as_str())
        .collect();
    // Seconds and milliseconds are two layouts of one kind.
    assert_eq!(changed, ["id", "amount", "day"]);
}

#[test]
fn columns_without_a_partner_are_listed_and_make_tables_differ() {
    let before = record_batch!(("id", Int64, [1]), ("old", Utf8, ["x"]), ("gone", Utf8, ["y"])).unwrap();
    let after = record_batch!(("new", Utf8, ["x"]), ("id", Int64, [1]), ("added", Utf8, ["z"])).unwrap();
    let mut options = by(&["id"]);
    options.renamed.insert("old".to_owned(), "new".to_owned());
    let found = compared(&before, &after, &options);
    assert_eq!(
        found.summary().one_sided,
        OneSided { left: vec!["gone".to_owned()], right: vec!["added".to_owned()] }
    );
    assert_eq!((found.summary().differing_cells, found.summary().equal), (0, false));
    assert_eq!(found.summary().columns[1].right_name, "new");
}

#[test]
fn all_mistakes_come_at_once_with_the_nearest_name() {
    let table = record_batch!(("id", Int64, [1]), ("price", Int64, [1])).unwrap();
    let mut options = by(&["ids"]);
    options.ignored.push("prize".to_owned());
    options.within.insert("price".to_owned(), "-1".to_owned());
    let error = refused(&table, &table, &options);
    let found: Vec<_> = error
        .mistakes()
        .iter()
        .map(|mistake| (mistake.code, mistake.path.as_str(), mistake.nearest.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            ("unknown_column", "key[0]", Some("id")),
            ("unknown_column", "ignored[0]", Some("price")),
            ("bad_value", "within.price", None),
        ]
    );
}

#[test]
fn without_a_key_the_columns_that_would_do_are_named() {
    let table = record_batch!(("kind", Utf8, ["x", "x"]), ("id", Int64, [1, 2])).unwrap();
    let error = refused(&table, &table, &CompareOptions::default());
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidSpec, "missing"));
    assert!(error.to_string().contains("\"id\"") && !error.to_string().contains("\"kind\""), "{error}");
}

#[test]
fn two_columns_that_are_a_key_together_are_named() {
    let table =
        record_batch!(("kind", Utf8, ["x", "x", "y"]), ("no", Int64, [1, 2, 1]), ("z", Utf8, ["", "", ""]))
            .unwrap();
    let text = refused(&table, &table, &CompareOptions::default()).to_string();
    assert!(text.contains("\"kind\" with \"no\"") || text.contains("\"no\" with \"kind\""), "{text}");
}

#[test]
fn tables_are_called_by_their_names() {
    let table = record_batch!(("id", Int64, [1]), ("x", Utf8, ["a"])).unwrap();
    let mut options = by(&["nr"]);
    options.names = ["monday".to_owned(), "friday".to_owned()];
    assert!(refused(&table, &table, &options).to_string().contains("a column of monday"));
    options.key = vec!["id".to_owned()];
    assert!(compared(&table, &table, &options).summary().to_string().contains("1 in monday, 1 in friday"));
    let none = compare(&[], &[table], &options, &Control::default()).unwrap_err();
    assert!(none.to_string().contains("monday"), "{none}");
}

#[test]
fn limits_and_cancellation_are_kept_and_stages_told() {
    #[derive(Default)]
    struct Heard(std::sync::Mutex<Vec<String>>);
    impl crate::Progress for Heard {
        fn started(&self, _stage: Stage, _bytes: u64) {}
        fn advanced(&self, stage: Stage, done: u64, total: u64) {
            assert!(stage == Stage::Cells && done <= total);
        }
        fn finished(&self, stage: Stage, _bytes: u64) {
            self.0.lock().unwrap().push(stage.to_string());
        }
    }
    let table = record_batch!(("id", Int64, [1, 2]), ("x", Utf8, ["a", "b"])).unwrap();
    let sides = std::slice::from_ref(&table);
    let heard = Arc::new(Heard::default());
    let control = Control { progress: Some(heard.clone()), ..Control::default() };
    compare(sides, sides, &by(&["id"]), &control).unwrap();
    assert_eq!(*heard.0.lock().unwrap(), ["columns", "pass 1", "cells", "outcome"]);
    assert_eq!(control.memory.held(), 0);
    assert!(control.memory.peak() > 0);
    let small = Control { memory: crate::control::Memory::limited(8), ..Control::default() };
    assert_eq!(compare(sides, sides, &by(&["id"]), &small).unwrap_err().kind(), ErrorKind::Limit);
    let stopped = Control::default();
    stopped.cancel.cancel();
    assert_eq!(compare(sides, sides, &by(&["id"]), &stopped).unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn text_and_numbers_that_are_equal_are_paired_among_duplicates() {
    let before = record_batch!(("id", Utf8, ["a", "a"]), ("x", Utf8, ["1.50", "2.0"])).unwrap();
    let after = record_batch!(("id", Utf8, ["a", "a"]), ("x", Float64, [2.0, 1.5])).unwrap();
    assert_eq!(compared(&before, &after, &by(&["id"])).summary().differing_cells, 0);
    // Within a tolerance counts as equal, too.
    let after = record_batch!(("id", Utf8, ["a", "a"]), ("x", Utf8, ["2.01", "1.49"])).unwrap();
    let mut options = by(&["id"]);
    options.within.insert("x".to_owned(), "0.01".to_owned());
    assert!(compared(&before, &after, &options).summary().equal);
}

#[test]
fn layouts_of_text_are_one_type() {
    use arrow_schema::DataType::{LargeUtf8, Utf8, Utf8View};
    let table = record_batch!(
        ("id", Int64, [1, 2, 3]),
        ("x", Utf8, [Some("a"), None, Some("a text that is longer than twelve bytes")])
    )
    .unwrap();
    let other = record_batch!(
        ("id", Int64, [3, 2, 1]),
        ("x", Utf8, [Some("a text that is longer than twelve letters"), Some("b"), Some("a")])
    )
    .unwrap();
    let cast = |table: &RecordBatch, to: &arrow_schema::DataType| {
        let x = arrow_cast::cast(table.column(1), to).unwrap();
        RecordBatch::try_from_iter_with_nullable([("id", Arc::clone(table.column(0)), true), ("x", x, true)])
            .unwrap()
    };
    let expected = cells(&compared(&table, &other, &by(&["id"])));
    assert_eq!(expected.len(), 2);
    for left in [Utf8, LargeUtf8, Utf8View] {
        for right in [Utf8, LargeUtf8, Utf8View] {
            let found = compared(&cast(&table, &left), &cast(&other, &right), &by(&["id"]));
            assert_eq!(cells(&found), expected, "{left} {right}");
            assert!(!found.summary().columns[1].type_changed);
        }
    }
}

#[test]
fn hostile_tables_are_compared_or_refused() {
    let empty = RecordBatch::new_empty(Arc::new(Schema::empty()));
    assert_eq!(refused(&empty, &empty, &CompareOptions::default()).code(), "missing");
    let none = record_batch!(("id", Int64, [1])).unwrap().slice(0, 0);
    assert!(compared(&none, &none, &by(&["id"])).summary().equal);
    let nulls = record_batch!(("id", Int64, [None::<i64>, None, Some(1)])).unwrap();
    assert!(compared(&nulls, &nulls, &by(&["id"])).summary().equal);
    assert_eq!(compare(&[], &[none], &by(&["id"]), &Control::default()).unwrap_err().code(), "no_batches");
    let other = record_batch!(("id", Utf8, ["1"])).unwrap();
    let ids = record_batch!(("id", Int64, [1])).unwrap();
    let mixed = compare(&[ids.clone(), other], &[ids], &by(&["id"]), &Control::default());
    assert_eq!(mixed.unwrap_err().code(), "schema_changed");
}
