//! Whole columns from batches: every type, every rule, every way to cut the batches.

mod amounts;
mod batches;
mod dates;
mod filters;
mod many;
mod texts;
mod twins;

use super::{Column, Columns, Facts, SideColumns, prepare, prepare_side};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::money::display_units;
use crate::plan::{FieldPlan, Plan, Side, SourcePlan};
use crate::spec::{CellSource, CellSpec, FieldKind};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use std::sync::Arc;

/// A field that is read from the column of its name on both sides.
fn field(name: &str, kind: FieldKind) -> FieldPlan {
    let cell = CellSpec { from: CellSource::Column(name.to_owned()), ..CellSpec::default() };
    FieldPlan {
        name: name.to_owned(),
        kind,
        scale: [None, None],
        cells: [Some(cell.clone()), Some(cell)],
        clean: [Vec::new(), Vec::new()],
        many: [false; 2],
    }
}

fn plan(fields: Vec<FieldPlan>) -> Plan {
    Plan {
        names: ["bank".to_owned(), "ledger".to_owned()],
        sources: [SourcePlan::default(), SourcePlan::default()],
        fields,
        ..Plan::default()
    }
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn utf8(cells: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(cells.to_vec()))
}

/// Reads the left side alone.
fn read(plan: &Plan, batches: &[RecordBatch]) -> Result<SideColumns> {
    let facts = Facts::gather(plan, Side::Left, batches)?;
    prepare_side(plan, &facts, Side::Left, batches, None, &Control::default())
}

/// The only field of the left side, each cell as text; amounts at the run's scale.
fn cells(plan: &Plan, array: ArrayRef) -> Vec<String> {
    let batch = batch(vec![(plan.fields[0].name.as_str(), array)]);
    let facts = Facts::gather(plan, Side::Left, std::slice::from_ref(&batch)).unwrap();
    let side = prepare_side(plan, &facts, Side::Left, &[batch], None, &Control::default()).unwrap();
    written(&side, 0, facts.scale())
}

/// A column as text, bad cells as `!`, other nulls as `-`.
fn written(side: &SideColumns, field: usize, scale: u8) -> Vec<String> {
    (0..side.rows)
        .map(|row| {
            let cell = match &side.fields[field] {
                Column::Absent => None,
                Column::Text(cells) => cells.get(row).map(str::to_owned),
                Column::Amount(cells) => cells.get(row).map(|units| display_units(units, scale)),
                Column::Date(cells) => cells.get(row).map(day_text),
                Column::Integer(cells) => cells.get(row).map(|value| value.to_string()),
                Column::Many(cells) => cells.cells().get(row).map(str::to_owned),
            };
            let bad = side.issues.iter().any(|issue| issue.row == row && issue.field == Some(field));
            cell.unwrap_or_else(|| if bad { "!".to_owned() } else { "-".to_owned() })
        })
        .collect()
}

fn day_text(day: i32) -> String {
    let span = jiff::Span::new().days(i64::from(day));
    (jiff::civil::date(1970, 1, 1) + span).to_string()
}

fn code(error: &Error) -> &'static str {
    error.code()
}

/// The code a single column is refused with.
fn refused(plan: &Plan, array: ArrayRef) -> &'static str {
    let batch = batch(vec![(plan.fields[0].name.as_str(), array)]);
    code(&read(plan, &[batch]).unwrap_err())
}

#[test]
fn both_sides_come_to_the_larger_scale() {
    let plan = plan(vec![field("amount", FieldKind::Amount)]);
    let left = [batch(vec![("amount", utf8(&["1.5", "2"]))])];
    let right = [batch(vec![("amount", utf8(&["1.500", "-0.25"]))])];
    let facts = Facts::gather(&plan, Side::Right, &right)
        .unwrap()
        .merge(Facts::gather(&plan, Side::Left, &left).unwrap())
        .unwrap();
    let Columns { sides: [left, right], scale, .. } =
        prepare(&plan, &facts, [&left, &right], &Control::default()).unwrap();
    assert_eq!(scale, 3);
    assert_eq!(written(&left, 0, scale), ["1.500", "2.000"]);
    assert_eq!(written(&right, 0, scale), ["1.500", "-0.250"]);
}

#[test]
fn facts_merge_in_any_order_and_grouping() {
    let plan = plan(vec![field("amount", FieldKind::Amount), field("fee", FieldKind::Amount)]);
    let part = |side, amount: &str, fee: &str| {
        Facts::gather(&plan, side, &[batch(vec![("amount", utf8(&[amount])), ("fee", utf8(&[fee]))])])
            .unwrap()
    };
    let (a, b, c) = (part(Side::Left, "1.25", "x"), part(Side::Right, "1", "0.5"), part(Side::Left, "", "7"));
    let merge = |a: &Facts, b: &Facts| a.clone().merge(b.clone()).unwrap();
    let once = merge(&merge(&a, &b), &c);
    assert_eq!(once, merge(&a, &merge(&b, &c)));
    assert_eq!(once, merge(&merge(&c, &b), &a));
    assert_eq!(once, merge(&once, &Facts::default()));
    assert_eq!(once.rows, [2, 1]);
    assert_eq!(once.scales, [vec![Some(2), Some(0)], vec![Some(0), Some(1)]]);
    assert_eq!(once.scale(), 2);
}

#[test]
fn a_cancelled_run_stops() {
    let plan = plan(vec![field("amount", FieldKind::Amount)]);
    let batches = [batch(vec![("amount", utf8(&["1.5"]))])];
    let facts = Facts::gather(&plan, Side::Left, &batches).unwrap();
    let control = Control::default();
    control.cancel.cancel();
    let result = prepare_side(&plan, &facts, Side::Left, &batches, None, &control);
    assert!(matches!(result, Err(Error::Cancelled)));
}

#[test]
fn memory_is_kept_and_given_back() {
    let plan = plan(vec![field("amount", FieldKind::Amount), field("name", FieldKind::Text)]);
    let batches = [batch(vec![("amount", utf8(&["1.5", "2"])), ("name", utf8(&["a", " b "]))])];
    let facts = Facts::gather(&plan, Side::Left, &batches).unwrap();
    let tight = Control { memory: crate::Memory::limited(10), ..Control::default() };
    let error = prepare_side(&plan, &facts, Side::Left, &batches, None, &tight).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Limit);
    assert_eq!(tight.memory.held(), 0);

    let wide = Control { memory: crate::Memory::limited(10_000), ..Control::default() };
    let side = prepare_side(&plan, &facts, Side::Left, &batches, None, &wide).unwrap();
    // Two amounts of 8 bytes; "a" and "b" with two offsets of 4.
    assert_eq!(wide.memory.held(), 16 + 2 + 8);
    drop(side);
    assert_eq!(wide.memory.held(), 0);
}

#[test]
fn no_batches_and_no_rows_are_empty_columns() {
    let plan = plan(vec![
        field("a", FieldKind::Amount),
        field("b", FieldKind::Date),
        field("c", FieldKind::Text),
        field("d", FieldKind::Integer),
    ]);
    let none = read(&plan, &[]).unwrap();
    assert_eq!((none.rows, none.fields.len()), (0, 4));
    let empty = utf8(&[]);
    let ints: ArrayRef = Arc::new(arrow_array::Int32Array::from(Vec::<i32>::new()));
    let columns = vec![("a", empty.clone()), ("b", empty.clone()), ("c", empty), ("d", ints)];
    assert_eq!(read(&plan, &[batch(columns)]).unwrap().rows, 0);
}

#[test]
fn missing_columns_and_changed_schemas_are_named() {
    let plan = plan(vec![field("name", FieldKind::Text)]);
    let other = batch(vec![("other", utf8(&["x"]))]);
    assert_eq!(code(&read(&plan, std::slice::from_ref(&other)).unwrap_err()), "missing_column");
    let one = batch(vec![("name", utf8(&["x"]))]);
    assert_eq!(code(&read(&plan, &[one.clone(), other]).unwrap_err()), "schema_changed");
    let large: ArrayRef = Arc::new(arrow_array::LargeStringArray::from(vec!["x"]));
    assert_eq!(code(&read(&plan, &[one, batch(vec![("name", large)])]).unwrap_err()), "schema_changed");
}

#[test]
fn types_that_no_field_can_have_are_refused() {
    let binary: ArrayRef = Arc::new(arrow_array::BinaryArray::from(vec![b"x".as_slice()]));
    let fixed: ArrayRef = Arc::new(arrow_array::FixedSizeBinaryArray::new_null(2, 1));
    let duration: ArrayRef = Arc::new(arrow_array::DurationSecondArray::from(vec![1]));
    let time: ArrayRef = Arc::new(arrow_array::Time32SecondArray::from(vec![1]));
    for kind in [FieldKind::Amount, FieldKind::Date, FieldKind::Text, FieldKind::Integer] {
        for array in [&binary, &fixed, &duration, &time] {
            assert_eq!(refused(&plan(vec![field("x", kind)]), array.clone()), "unsupported_type");
        }
    }
}

#[test]
fn strict_stops_at_the_lowest_row_then_the_first_field() {
    let mut plan = plan(vec![field("amount", FieldKind::Amount), field("date", FieldKind::Date)]);
    plan.strict = true;
    let batches =
        [batch(vec![("amount", utf8(&["1", "x", "y"])), ("date", utf8(&["2026-01-01", "z", "z"]))])];
    let facts = Facts::gather(&plan, Side::Left, &batches).unwrap();
    let rows = Some(vec![10, 20, 30].into());
    let error = prepare_side(&plan, &facts, Side::Left, &batches, rows, &Control::default()).unwrap_err();
    let Error::Data(error) = error else { panic!("{error}") };
    assert_eq!(
        (error.code, error.field.as_deref(), error.row),
        ("unreadable_cell", Some("amount"), Some(20))
    );
    assert_eq!(error.value.as_deref(), Some("x"));
}

#[test]
fn issues_are_capped_by_field_and_counted() {
    let mut plan = plan(vec![field("amount", FieldKind::Amount), field("date", FieldKind::Date)]);
    plan.limits.issues_max = 2;
    let long = "x".repeat(1_000);
    let amounts = utf8(&["1", &long, "b", "c", "d"]);
    let side =
        read(&plan, &[batch(vec![("amount", amounts), ("date", utf8(&["", "", "", "", "x"]))])]).unwrap();
    let seen: Vec<(u32, Option<usize>)> = side.issues.iter().map(|issue| (issue.row, issue.field)).collect();
    assert_eq!(seen, [(1, Some(0)), (2, Some(0)), (4, Some(1))]);
    assert_eq!(side.issues_dropped, [2, 0]);
    assert!(side.issues[0].value.ends_with("… (1000 bytes)"), "{}", side.issues[0].value);
    // A bad amount takes the record out, a bad date does not.
    let taking_part: Vec<bool> = (0..5).map(|row| side.takes_part(row)).collect();
    assert_eq!(taking_part, [true, false, false, false, false]);
    assert_eq!(side.unreadable.unwrap().count_set_bits(), 4);
}

#[test]
fn a_bad_id_takes_the_record_out_and_a_bad_other_key_does_not() {
    let mut plan = plan(vec![field("entry", FieldKind::Integer), field("id", FieldKind::Integer)]);
    plan.id = Some(1);
    let numbers: ArrayRef = Arc::new(arrow_array::UInt64Array::from(vec![1, u64::MAX, 3]));
    let ids: ArrayRef = Arc::new(arrow_array::UInt64Array::from(vec![1, 2, u64::MAX]));
    let side = read(&plan, &[batch(vec![("entry", numbers), ("id", ids)])]).unwrap();
    assert_eq!(written(&side, 0, 0), ["1", "!", "3"]);
    assert_eq!([side.takes_part(1), side.takes_part(2)], [true, false]);
    assert_eq!(side.issues[0].value, u64::MAX.to_string());
}
