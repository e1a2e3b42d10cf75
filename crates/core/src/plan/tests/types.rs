//! The plan accepts a column exactly where the columns can read it.

use super::*;
use crate::columns::{Facts, prepare_side};
use crate::control::Control;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, new_null_array};
use arrow_schema::{Fields, IntervalUnit};
use std::sync::Arc;

/// Every type that Arrow has, with dictionaries and runs of some.
fn every_type() -> Vec<DataType> {
    use DataType as T;
    let item = |of: T| Arc::new(Field::new("item", of, true));
    let mut types = vec![
        T::Null,
        T::Boolean,
        T::Int8,
        T::Int16,
        T::Int32,
        T::Int64,
        T::UInt8,
        T::UInt16,
        T::UInt32,
        T::UInt64,
        T::Float16,
        T::Float32,
        T::Float64,
        T::Utf8,
        T::LargeUtf8,
        T::Utf8View,
        T::Binary,
        T::LargeBinary,
        T::BinaryView,
        T::FixedSizeBinary(3),
        T::Date32,
        T::Date64,
        T::Time32(TimeUnit::Second),
        T::Time64(TimeUnit::Microsecond),
        T::Duration(TimeUnit::Second),
        T::Interval(IntervalUnit::DayTime),
        T::Decimal32(9, 2),
        T::Decimal64(18, 2),
        T::Decimal128(38, 2),
        T::Decimal256(76, 2),
        T::Decimal128(10, -2),
        T::List(item(T::Float64)),
        T::LargeList(item(T::List(item(T::Utf8)))),
        T::Struct(Fields::from(vec![Field::new("a", T::Utf8, true)])),
    ];
    for unit in [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond] {
        types.push(T::Timestamp(unit, None));
        types.push(T::Timestamp(unit, Some("Europe/Berlin".into())));
    }
    let dictionaries =
        [T::Utf8, T::Utf8View, T::Int64, T::Date32, T::Float64, T::Decimal128(9, 2), T::Binary];
    let plain = types.clone().into_iter().filter(|one| dictionaries.contains(one));
    let wrapped = plain.flat_map(|of| {
        let runs = T::RunEndEncoded(
            Arc::new(Field::new("run_ends", T::Int32, false)),
            Arc::new(Field::new("values", of.clone(), true)),
        );
        [T::Dictionary(Box::new(T::Int16), Box::new(of)), runs]
    });
    let wrapped: Vec<_> = wrapped.collect();
    types.extend(wrapped);
    types
}

/// Two values and a null where the type can be made from a number, else nulls.
fn cells(of: &DataType) -> ArrayRef {
    let numbers = Int64Array::from(vec![Some(1), None, Some(-2)]);
    arrow_cast::cast(&numbers, of).unwrap_or_else(|_| new_null_array(of, 3))
}

fn batch(x: ArrayRef) -> RecordBatch {
    let key: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "c"]));
    RecordBatch::try_from_iter_with_nullable([("key", key, true), ("x", x, true)]).unwrap()
}

/// Whether the columns read the cells as the plan says.
fn reads(plan: &Plan, cells: &DataType) -> bool {
    let batches = [batch(self::cells(cells))];
    Facts::gather(plan, Side::Left, &batches)
        .and_then(|facts| prepare_side(plan, &facts, Side::Left, &batches, None, &Control::default()))
        .is_ok()
}

#[test]
fn every_type_is_accepted_as_a_kind_exactly_where_it_is_read() {
    for kind in [FieldKind::Amount, FieldKind::Date, FieldKind::Text, FieldKind::Integer] {
        for extract in [None, Some("(.*)".to_owned())] {
            let mut field = columns("x", "x");
            field.kind = Some(kind);
            field.scale = (kind == FieldKind::Amount).then_some(2);
            for cell in [&mut field.left, &mut field.right].into_iter().flatten() {
                cell.extract.clone_from(&extract);
            }
            let spec = Spec {
                fields: BTreeMap::from([("x".into(), field)]),
                carry: vec!["x".into()],
                ..spec(vec![pass(vec![equal("key")])])
            };
            let of_text = texts(&["key", "x"]);
            let plan_of_text = resolve(&spec, &of_text, &of_text).unwrap();
            for one in every_type() {
                let table = schema(&[("key", DataType::Utf8), ("x", one.clone())]);
                let accepted = resolve(&spec, &table, &table);
                assert_eq!(accepted.is_ok(), reads(&plan_of_text, &one), "{one} as {kind:?}, {extract:?}");
                if let Err(error) = accepted {
                    let [mistake, ..] = error.mistakes() else { panic!("{error}") };
                    assert_eq!((mistake.code, mistake.path.as_str()), ("wrong_type", "fields.x"), "{one}");
                }
            }
        }
    }
}

/// Lists of texts and whole numbers are many values of them.
#[test]
fn lists_are_read_as_what_may_have_many_values() {
    use DataType as T;
    let item = |of: T| Arc::new(Field::new("item", of, true));
    let lists =
        [T::List(item(T::Utf8)), T::LargeList(item(T::Int8)), T::FixedSizeList(item(T::LargeUtf8), 2)];
    for kind in [FieldKind::Amount, FieldKind::Date, FieldKind::Text, FieldKind::Integer] {
        let mut field = columns("x", "x");
        field.kind = Some(kind);
        field.scale = (kind == FieldKind::Amount).then_some(2);
        let fields = BTreeMap::from([("x".into(), field)]);
        let spec = Spec { fields, carry: vec!["x".into()], ..spec(vec![pass(vec![equal("key")])]) };
        for one in &lists {
            let table = schema(&[("key", T::Utf8), ("x", one.clone())]);
            match resolve(&spec, &table, &table) {
                Ok(plan) => {
                    assert!(matches!(kind, FieldKind::Text | FieldKind::Integer));
                    assert!(reads(&plan, one), "{one} as {kind:?}");
                }
                Err(error) => {
                    let codes: Vec<_> = error.mistakes().iter().map(|mistake| mistake.code).collect();
                    assert!(matches!(kind, FieldKind::Amount | FieldKind::Date), "{one} as {kind:?}");
                    assert!(codes.contains(&"many_values"), "{one} as {kind:?}: {codes:?}");
                }
            }
        }
    }
}

#[test]
fn every_type_is_accepted_by_a_filter_exactly_where_it_is_read() {
    let mut spec = spec(vec![pass(vec![equal("key")])]);
    spec.left.filter = vec![FilterSpec { field: "x".into(), test: FilterTest::IsNull(false) }];
    let (of_text, right) = (texts(&["key", "x"]), texts(&["key"]));
    let plan_of_text = resolve(&spec, &of_text, &right).unwrap();
    for one in every_type() {
        let table = schema(&[("key", DataType::Utf8), ("x", one.clone())]);
        let accepted = resolve(&spec, &table, &right);
        assert_eq!(accepted.is_ok(), reads(&plan_of_text, &one), "{one}");
        if let Err(error) = accepted {
            let found = error.mistakes().iter().map(|mistake| (mistake.code, mistake.path.as_str()));
            assert_eq!(found.collect::<Vec<_>>(), [("wrong_type", "left.where[0].field")], "{one}");
        }
    }
}

#[test]
fn the_indicator_and_both_amount_columns_are_checked() {
    let cell = |from| CellSpec { from, ..CellSpec::default() };
    let text = |name: &str| name.to_owned();
    let indicator = CellSource::Indicator {
        column: text("x"),
        indicator: text("y"),
        debit: vec![text("D")],
        credit: vec![text("C")],
    };
    let both = CellSource::DebitCredit { debit: text("x"), credit: text("y") };
    let table = |x, y| schema(&[("key", DataType::Utf8), ("x", x), ("y", y)]);
    for (from, second) in [(indicator, DataType::Float64), (both, DataType::Date32)] {
        let field = FieldSpec { left: Some(cell(from)), ..columns("", "x") };
        let mut one = spec(vec![pass(vec![equal("key"), equal("amount")])]);
        one.fields = BTreeMap::from([("amount".into(), field)]);
        let right = table(DataType::Int64, DataType::Utf8);
        resolve(&one, &right, &right).unwrap();
        let found = codes(&one, &table(DataType::Int64, second), &right);
        assert_eq!(found, [("wrong_type", "fields.amount.left".into())]);
    }
}

#[test]
fn options_that_the_kind_has_no_use_for_are_refused() {
    let table = texts(&["key", "x"]);
    let refused = |change: fn(&mut FieldSpec)| {
        let mut field = columns("x", "x");
        change(&mut field);
        let mut one = spec(vec![pass(vec![equal("key"), equal("f")])]);
        one.fields = BTreeMap::from([("f".into(), field)]);
        codes(&one, &table, &table)
    };
    let wrong = [("conflict", "fields.f".to_owned())];
    assert_eq!(
        refused(|field| {
            field.kind = Some(FieldKind::Text);
            field.scale = Some(2);
        }),
        wrong
    );
    assert_eq!(
        refused(|field| {
            field.kind = Some(FieldKind::Integer);
            field.left.as_mut().unwrap().negate = true;
        }),
        wrong
    );
    assert_eq!(
        refused(|field| {
            field.kind = Some(FieldKind::Amount);
            field.clean = vec![Clean::Upper];
        }),
        wrong
    );
    assert_eq!(
        refused(|field| {
            field.kind = Some(FieldKind::Text);
            field.left.as_mut().unwrap().dates = Some("%Y".into());
        }),
        wrong
    );
}
