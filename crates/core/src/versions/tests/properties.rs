//! What holds for any two tables.

use super::*;
use arrow_select::take::take_record_batch;
use proptest::prelude::*;
use std::collections::BTreeSet;

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

/// Rows of one key.
fn few() -> impl Strategy<Value = Vec<(u8, u8, Option<u8>)>> {
    prop::collection::vec((Just(0), 0..6_u8, prop::option::of(0..3_u8)), 0..6)
}

/// The fewest cells in which the rows of one key can differ when as many as possible are paired, by trying all ways.
fn least_by<T: Copy>(left: &[T], right: &[T], cost: &dyn Fn(T, T) -> u64) -> u64 {
    if left.len() > right.len() {
        return least_by(right, left, &|one, other| cost(other, one));
    }
    let Some((first, rest)) = left.split_first() else { return 0 };
    let without = |at: usize| -> Vec<T> {
        right.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, row)| *row).collect()
    };
    (0..right.len()).map(|at| cost(*first, right[at]) + least_by(rest, &without(at), cost)).min().unwrap_or(0)
}

/// A cell that differs: rows and column, kind, values and delta.
type Cell = (u64, u64, String, String, [Option<String>; 3]);

/// Everything that was found but for the names of sides: cells, then rows alone by side.
fn told(found: &Comparison) -> (Vec<Cell>, [Vec<(String, String)>; 2]) {
    let rows = |name: &str| {
        let column = found.differences().column_by_name(name).unwrap();
        column.as_primitive::<UInt64Type>().values().to_vec()
    };
    let of = |name: &str| text(found.differences(), name);
    let (lefts, rights) = (rows("left_row"), rows("right_row"));
    let (columns, kinds) = (of("column"), of("kind"));
    let values = ["left", "right", "delta"].map(of);
    let cells = (0..lefts.len()).map(|at| {
        let values = values.each_ref().map(|values| values[at].clone());
        (lefts[at], rights[at], columns[at].clone().unwrap(), kinds[at].clone().unwrap(), values)
    });
    let mut alone = [Vec::new(), Vec::new()];
    let reasons = text(found.rows(), "reason");
    for ((side, row), reason) in
        text(found.rows(), "side").into_iter().zip(text(found.rows(), "row")).zip(reasons)
    {
        alone[usize::from(side.as_deref() == Some("right"))].push((row.unwrap(), reason.unwrap()));
    }
    (cells.collect(), alone)
}

/// What the same comparison says with its sides swapped.
fn mirrored(
    (cells, [left, right]): (Vec<Cell>, [Vec<(String, String)>; 2]),
) -> (Vec<Cell>, [Vec<(String, String)>; 2]) {
    let kind = |kind: String| match kind.as_str() {
        "nulled" => "filled".to_owned(),
        "filled" => "nulled".to_owned(),
        _ => kind,
    };
    let negated = |delta: String| delta.strip_prefix('-').map_or_else(|| format!("-{delta}"), str::to_owned);
    let mut cells: Vec<Cell> = cells
        .into_iter()
        .map(|(l, r, column, of, [one, other, delta])| {
            (r, l, column, kind(of), [other, one, delta.map(negated)])
        })
        .collect();
    cells.sort();
    let reasons = |rows: Vec<(String, String)>| {
        let reason = |reason: String| match reason.as_str() {
            "missing_on_left" => "missing_on_right".to_owned(),
            "missing_on_right" => "missing_on_left".to_owned(),
            _ => reason,
        };
        rows.into_iter().map(|(row, of)| (row, reason(of))).collect()
    };
    (cells, [reasons(right), reasons(left)])
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
        let places: BTreeSet<_> = text(found.rows(), "side").into_iter().zip(text(found.rows(), "row")).collect();
        prop_assert_eq!(places.len() as u64, alone);
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
                let cost = |(x, y): (Option<u8>, Option<u8>), (u, v): (Option<u8>, Option<u8>)| {
                    u64::from(x != u) + u64::from(y != v)
                };
                expected += least_by(&one, &other, &cost);
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
        prop_assert_eq!(mirrored(told(&back)), told(&there));
    }

    #[test]
    fn rows_of_one_key_differ_in_as_few_cells_as_any_way_allows(
        left in few(), right in few(), within in prop::option::of(1..3_u8), differ: bool,
    ) {
        let mut options = by(&["id"]);
        if let Some(within) = within {
            options.within.insert("x".to_owned(), within.to_string());
        }
        if differ {
            options.nulls.insert("y".to_owned(), NullPolicy::Differ);
        }
        let of = |rows: &[(u8, u8, Option<u8>)]| rows.iter().map(|(_, x, y)| (*x, *y)).collect::<Vec<_>>();
        let (mut one, mut other) = (of(&left), of(&right));
        one.retain(|row| match other.iter().position(|candidate| candidate == row) {
            Some(at) => { other.swap_remove(at); false }
            None => true,
        });
        let cost = |(x, y): (u8, Option<u8>), (u, v): (u8, Option<u8>)| {
            let near = within.map_or(x == u, |within| x.abs_diff(u) <= within);
            u64::from(!near) + u64::from(y != v || (differ && y.is_none()))
        };
        // Rows that cancelled differ in the nulls that equal nothing.
        let nulls = of(&left).iter().filter(|(_, y)| y.is_none()).count() - one.iter().filter(|(_, y)| y.is_none()).count();
        let expected = least_by(&one, &other, &cost) + if differ { nulls as u64 } else { 0 };
        let table = |rows: &[(u8, u8, Option<u8>)]| {
            let rows: Vec<_> = rows.iter().map(|(_, x, y)| (0, Some(*x), *y)).collect();
            table_of(&rows)
        };
        let found = compared(&table(&left), &table(&right), &options);
        prop_assert_eq!(found.summary().differing_cells, expected);
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
