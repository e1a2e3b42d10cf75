use super::*;
use crate::error::ErrorKind;
use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt64Type;
use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, StringArray,
    TimestampMillisecondArray, record_batch,
};
use arrow_schema::Schema;
use arrow_select::take::take_record_batch;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

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
fn hostile_tables_are_compared_or_refused() {
    let empty = RecordBatch::new_empty(Arc::new(Schema::empty()));
    assert_eq!(refused(&empty, &empty, &CompareOptions::default()).code(), "missing");
    let none = record_batch!(("id", Int64, [1])).unwrap().slice(0, 0);
    assert!(compared(&none, &none, &by(&["id"])).summary().equal);
    let nulls = record_batch!(("id", Int64, [None::<i64>, None, Some(1)])).unwrap();
    assert!(compared(&nulls, &nulls, &by(&["id"])).summary().equal);
    assert_eq!(compare(&[], &[none], &by(&["id"]), &Control::default()).unwrap_err().code(), "no_batches");
}

/// A table of few values, so that keys and rows repeat.
fn tables() -> impl Strategy<Value = Vec<(u8, Option<u8>, Option<u8>)>> {
    prop::collection::vec((0..4_u8, prop::option::of(0..3_u8), prop::option::of(0..3_u8)), 0..24)
}

fn table_of(rows: &[(u8, Option<u8>, Option<u8>)]) -> RecordBatch {
    let key: ArrayRef =
        Arc::new(StringArray::from_iter_values(rows.iter().map(|(key, ..)| format!("k{key}"))));
    let x: ArrayRef = Arc::new(rows.iter().map(|(_, x, _)| x.map(i64::from)).collect::<Int64Array>());
    let y: ArrayRef =
        Arc::new(rows.iter().map(|(.., y)| y.map(|y| format!("v{y}"))).collect::<StringArray>());
    RecordBatch::try_from_iter([("id", key), ("x", x), ("y", y)]).unwrap()
}

/// The fewest cells in which the rows of one key can differ when as many as possible are paired, by trying all ways.
fn least(left: &[(Option<u8>, Option<u8>)], right: &[(Option<u8>, Option<u8>)]) -> u64 {
    if left.len() > right.len() {
        return least(right, left);
    }
    let Some((first, rest)) = left.split_first() else { return 0 };
    (0..right.len())
        .map(|at| {
            let other = right[at];
            let remaining: Vec<_> =
                right.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, row)| *row).collect();
            u64::from(first.0 != other.0) + u64::from(first.1 != other.1) + least(rest, &remaining)
        })
        .min()
        .unwrap_or(0)
}

proptest! {
    #[test]
    fn a_table_never_differs_from_itself_whatever_its_order((rows, order) in tables().prop_flat_map(|rows| {
        let order: Vec<u32> = (0..u32::try_from(rows.len()).unwrap_or(0)).collect();
        (Just(rows), Just(order).prop_shuffle())
    })) {
        let table = table_of(&rows);
        let shuffled = take_record_batch(&table, &arrow_array::UInt32Array::from(order)).unwrap();
        let found = compared(&table, &shuffled, &by(&["id"]));
        prop_assert!(found.summary().equal, "{}", found.summary());
    }

    #[test]
    fn every_row_is_paired_once_or_alone_and_the_fewest_cells_differ(left in tables(), right in tables()) {
        let found = compared(&table_of(&left), &table_of(&right), &by(&["id"]));
        let summary = found.summary();
        let alone = summary.only_left + summary.only_right;
        prop_assert_eq!(summary.paired_rows * 2 + alone, (left.len() + right.len()) as u64);
        let keys: BTreeSet<u8> = left.iter().chain(&right).map(|(key, ..)| *key).collect();
        let of = |rows: &[(u8, Option<u8>, Option<u8>)], key: u8| -> Vec<(Option<u8>, Option<u8>)> {
            rows.iter().filter(|row| row.0 == key).map(|(_, x, y)| (*x, *y)).collect()
        };
        // Equal rows cancel first; what is left is paired so that the fewest cells differ.
        let mut expected = 0;
        for key in keys {
            let (mut one, mut other) = (of(&left, key), of(&right, key));
            one.retain(|row| match other.iter().position(|candidate| candidate == row) {
                Some(at) => { other.swap_remove(at); false }
                None => true,
            });
            if one.len().min(other.len()) <= 6 {
                expected += least(&one, &other);
            } else {
                return Ok(());
            }
        }
        prop_assert_eq!(summary.differing_cells, expected);
    }

    #[test]
    fn swapping_the_sides_swaps_the_answer(left in tables(), right in tables()) {
        let there = compared(&table_of(&left), &table_of(&right), &by(&["id"]));
        let back = compared(&table_of(&right), &table_of(&left), &by(&["id"]));
        prop_assert_eq!(there.summary().differing_cells, back.summary().differing_cells);
        prop_assert_eq!(there.summary().only_left, back.summary().only_right);
    }

    #[test]
    fn batches_change_nothing(left in tables(), right in tables(), rows in 1..9_usize) {
        let cut = |table: &RecordBatch| -> Vec<RecordBatch> {
            let parts: Vec<_> = (0..table.num_rows()).step_by(rows).map(|at| table.slice(at, rows.min(table.num_rows() - at))).collect();
            if parts.is_empty() { vec![table.clone()] } else { parts }
        };
        let (left, right) = (table_of(&left), table_of(&right));
        let whole = compared(&left, &right, &by(&["id"]));
        let parts = compare(&cut(&left), &cut(&right), &by(&["id"]), &Control::default()).unwrap();
        prop_assert_eq!(whole.differences(), parts.differences());
        prop_assert_eq!(whole.rows(), parts.rows());
    }
}
