//! Open items read again: every way to write them, where they stand, and what the source holds itself.

use super::OpenItems;
use crate::columns::{Column, Columns, Facts, prepare};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::money::display_units;
use crate::outcome::cell_text;
use crate::plan::{Plan, Side, resolve};
use crate::spec::Spec;
use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use std::sync::Arc;

fn text(cells: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(cells.to_vec()))
}

fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

/// A source with one record per (id, date, amount).
fn source(records: &[(&str, &str, &str)]) -> RecordBatch {
    let column = |cell: fn(&(&str, &str, &str)) -> String| -> ArrayRef {
        Arc::new(records.iter().map(|record| Some(cell(record))).collect::<StringArray>())
    };
    table(vec![
        ("id", column(|record| record.0.to_owned())),
        ("date", column(|record| record.1.to_owned())),
        ("amount", column(|record| record.2.to_owned())),
        ("reference", column(|record| format!("ref {}", record.0))),
    ])
}

fn plan() -> Plan {
    let empty = source(&[]);
    let spec: Spec = "[[pass]]\non = ['reference', 'amount', 'date']".parse().unwrap();
    resolve(&spec, &empty.schema(), &empty.schema()).unwrap()
}

/// Left records with these open items behind them, which have empty columns where a field has none.
fn joined(left: &RecordBatch, items: &RecordBatch) -> Result<Columns> {
    let schema = items.schema();
    let mut columns: Vec<(&str, ArrayRef)> =
        schema.fields().iter().map(|field| field.name().as_str()).zip(items.columns().to_vec()).collect();
    for field in ["reference", "amount", "date"] {
        if schema.column_with_name(field).is_none() {
            columns.push((field, text(&vec![None; items.num_rows()])));
        }
    }
    joined_as_is(left, table(columns))
}

fn joined_as_is(left: &RecordBatch, items: RecordBatch) -> Result<Columns> {
    let plan = plan();
    let right = source(&[]);
    let items = OpenItems::new(&plan, vec![items])?;
    let sides: [&[RecordBatch]; 2] = [std::slice::from_ref(left), std::slice::from_ref(&right)];
    let facts = Facts::gather(&plan, Side::Left, sides[0])?
        .merge(Facts::gather(&plan, Side::Right, sides[1])?)?
        .with_scale(items.scale());
    let columns = prepare(&plan, &facts, sides, &Control::default())?;
    items.join(&plan, &facts, columns, &Control::default())
}

/// A field of a side as text.
fn cells(columns: &Columns, side: Side, field: &str) -> Vec<String> {
    let plan = plan();
    let at = plan.fields.iter().position(|plan| plan.name == field).unwrap();
    let source = columns.side(side);
    let cell = |row| cell_text(&source.fields[at], columns.scale, row).unwrap_or_else(|| "-".to_owned());
    (0..source.rows).map(cell).collect()
}

fn code(result: Result<Columns>) -> &'static str {
    result.map_or_else(|error: Error| error.code(), |_| "none")
}

const OWN: [(&str, &str, &str); 2] = [("b1", "2026-02-01", "10.50"), ("b2", "2026-02-02", "7")];

#[test]
fn items_stand_behind_the_own_records_in_the_order_of_their_table() {
    let items = table(vec![
        ("side", text(&[Some("left"), Some("right"), Some("left")])),
        ("id", text(&[Some("a1"), Some("a2"), None])),
        ("amount", text(&[Some("1.005"), Some("2"), None])),
        ("date", text(&[Some("2026-01-03"), None, Some("2026-01-04")])),
        ("first_seen", text(&[Some("2026-01-31"), None, None])),
        ("else", text(&[None, None, None])),
    ]);
    let columns = joined(&source(&OWN), &items).unwrap();
    assert_eq!(columns.scale, 3);
    assert_eq!(cells(&columns, Side::Left, "id"), ["b1", "b2", "a1", "-"]);
    assert_eq!(cells(&columns, Side::Left, "amount"), ["10.500", "7.000", "1.005", "-"]);
    assert_eq!(cells(&columns, Side::Left, "reference"), ["ref b1", "ref b2", "-", "-"]);
    assert_eq!(cells(&columns, Side::Right, "amount"), ["2.000"]);
    let left = columns.side(Side::Left);
    assert_eq!((left.carried, left.own(), left.replaced), (2, 2, 0));
    assert_eq!(left.first_seen, [(2, Some(20_484)), (3, None)]);
    assert_eq!((left.first_seen(0), left.first_seen(3)), (None, Some(None)));
}

#[test]
fn typed_columns_read_like_text() {
    let written = table(vec![
        ("side", text(&[Some("right")])),
        ("id", text(&[Some("a1")])),
        ("amount", text(&[Some("-12.5")])),
        ("date", text(&[Some("2026-01-31")])),
    ]);
    let amount = Decimal128Array::from(vec![-125]).with_precision_and_scale(38, 1).unwrap();
    let typed = table(vec![
        ("side", text(&[Some("right")])),
        ("id", text(&[Some("a1")])),
        ("amount", Arc::new(amount)),
        ("date", Arc::new(Date32Array::from(vec![20_484]))),
    ]);
    for items in [written, typed] {
        let columns = joined(&source(&OWN), &items).unwrap();
        assert_eq!(cells(&columns, Side::Right, "amount"), ["-12.50"]);
        assert_eq!(cells(&columns, Side::Right, "date"), ["2026-01-31"]);
    }
}

#[test]
fn an_unreadable_item_stays_unreadable() {
    let items = table(vec![
        ("side", text(&[Some("left"), Some("left")])),
        ("id", text(&[Some("a1"), Some("a2")])),
        ("reason", text(&[Some("unreadable"), Some("taken")])),
    ]);
    let columns = joined(&source(&OWN), &items).unwrap();
    let left = columns.side(Side::Left);
    assert_eq!([0, 1, 2, 3].map(|row| left.takes_part(row)), [true, true, false, true]);
}

#[test]
fn a_record_the_source_holds_itself_takes_the_items_place() {
    let items = table(vec![
        ("side", text(&[Some("left"), Some("left"), Some("left")])),
        ("id", text(&[Some("a1"), Some("b2"), None])),
        ("amount", text(&[Some("1.00"), Some("7.00"), Some("3.00")])),
        ("date", text(&[Some("2026-01-03"), Some("2026-02-02"), Some("2026-01-04")])),
        ("reference", text(&[None, Some("read otherwise then"), None])),
        ("first_seen", text(&[None, Some("2026-01-31"), None])),
    ]);
    let columns = joined(&source(&OWN), &items).unwrap();
    assert_eq!(cells(&columns, Side::Left, "id"), ["b1", "b2", "a1", "-"]);
    let left = columns.side(Side::Left);
    assert_eq!((left.carried, left.replaced), (2, 1));
    assert_eq!(left.first_seen(1), Some(Some(20_484)));
}

#[test]
fn without_an_id_all_values_tell() {
    let own = table(vec![
        ("id", text(&[None, None, Some("b1")])),
        ("date", text(&[Some("2026-01-03"); 3])),
        ("amount", text(&[Some("1.00"), Some("1.00"), Some("1.00")])),
        ("reference", text(&[Some("x"), Some("y"), Some("x")])),
    ]);
    let items = table(vec![
        ("side", text(&[Some("left"); 3])),
        ("id", text(&[None; 3])),
        ("date", text(&[Some("2026-01-03"), Some("2026-01-03"), None])),
        ("amount", text(&[Some("1"); 3])),
        ("reference", text(&[Some("x"); 3])),
    ]);
    let columns = joined(&own, &items).unwrap();
    let left = columns.side(Side::Left);
    // One of the two is the own record; the other would be counted twice only if the source held it twice.
    assert_eq!((left.carried, left.replaced), (2, 1));
}

#[test]
fn the_same_id_with_other_values_is_refused() {
    let items = table(vec![
        ("side", text(&[Some("left")])),
        ("id", text(&[Some("b2")])),
        ("amount", text(&[Some("7.01")])),
    ]);
    let error = joined(&source(&OWN), &items).unwrap_err();
    assert_eq!(error.code(), "carried_twice");
    assert!(error.to_string().contains("b2"), "{error}");
}

#[test]
fn what_is_missing_or_can_not_be_read_is_refused() {
    let side = || ("side", text(&[Some("left")]));
    let id = || ("id", text(&[Some("a1")]));
    assert_eq!(code(joined_as_is(&source(&OWN), table(vec![side(), id()]))), "missing_column");
    for (columns, expected) in [
        (vec![id()], "missing_column"),
        (vec![side()], "missing_column"),
        (vec![("side", text(&[Some("bank")])), id()], "unreadable_cell"),
        (vec![("side", text(&[None])), id()], "unreadable_cell"),
        (vec![side(), id(), ("amount", text(&[Some("1,5")]))], "unreadable_cell"),
        (vec![side(), id(), ("date", text(&[Some("31.1.2026")]))], "unreadable_cell"),
        (vec![side(), id(), ("amount", Arc::new(Float64Array::from(vec![1.5])))], "double_needs_scale"),
        (vec![side(), id(), ("date", Arc::new(Float64Array::from(vec![1.5])))], "wrong_type"),
    ] {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        assert_eq!(code(joined(&source(&OWN), &table(columns.clone()))), expected, "{names:?}");
    }
}

#[test]
fn wide_amounts_and_empty_sources_join() {
    let large = "123456789012345678901234567890.12";
    let items = table(vec![
        ("side", text(&[Some("left"), Some("right")])),
        ("id", text(&[Some("a1"), Some("a2")])),
        ("amount", text(&[Some(large), Some("1")])),
    ]);
    let columns = joined(&source(&OWN), &items).unwrap();
    assert_eq!(cells(&columns, Side::Left, "amount"), ["10.50", "7.00", large]);
    assert_eq!(cells(&columns, Side::Right, "amount"), ["1.00"]);
    assert!(matches!(&columns.side(Side::Right).fields[0], Column::Amount(_)));
    assert_eq!(display_units(1, columns.scale), "0.01");
    let whole = table(vec![
        ("side", text(&[Some("left")])),
        ("id", text(&[Some("a1")])),
        ("amount", Arc::new(Int64Array::from(vec![3]))),
    ]);
    let columns = joined(&source(&[]), &whole).unwrap();
    assert_eq!(cells(&columns, Side::Left, "amount"), ["3"]);
}
