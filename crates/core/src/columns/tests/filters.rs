use super::*;
use crate::plan::{FilterPlan, FilterSubject};
use crate::spec::FilterTest;
use arrow_array::{Date32Array, Decimal128Array, Int32Array};

fn filtered(filters: Vec<(FilterSubject, FilterTest)>) -> Plan {
    let mut plan = plan(vec![field("amount", FieldKind::Amount), field("date", FieldKind::Date)]);
    plan.sources[0].filter =
        filters.into_iter().map(|(subject, test)| FilterPlan { subject, test }).collect();
    plan
}

fn table() -> RecordBatch {
    batch(vec![
        ("amount", utf8(&["1.00", "1.01", "-5", "", "x", "100"])),
        ("date", utf8(&["2026-01-01", "2026-01-31", "2026-02-01", "", "bad", "2026-01-15"])),
        ("state", utf8(&[" booked ", "open", "booked", "", "booked", "Booked"])),
        ("code", Arc::new(Int32Array::from(vec![Some(5), Some(10), None, Some(-1), Some(7), Some(100)]))),
        ("day", Arc::new(Date32Array::from(vec![0, 1, 2, 3, 4, 5]))),
        (
            "rate",
            Arc::new(
                Decimal128Array::from(vec![150, 151, 0, 1, 2, 3]).with_precision_and_scale(9, 2).unwrap(),
            ),
        ),
    ])
}

/// Rows that are not excluded.
fn kept(subject: FilterSubject, test: FilterTest) -> Vec<u32> {
    let side = read(&filtered(vec![(subject, test)]), &[table()]).unwrap();
    let excluded = side.excluded.clone();
    (0..side.rows).filter(|row| !excluded.as_ref().is_some_and(|bits| bits.value(*row as usize))).collect()
}

fn column(name: &str) -> FilterSubject {
    FilterSubject::Column(name.to_owned())
}

fn equals(value: &str) -> FilterTest {
    FilterTest::Equals(value.to_owned())
}

fn between(low: &str, high: &str) -> FilterTest {
    FilterTest::Between(low.to_owned(), high.to_owned())
}

fn matches(pattern: &str) -> FilterTest {
    FilterTest::Matches(pattern.to_owned())
}

const AMOUNT: FilterSubject = FilterSubject::Field(0);
const DATE: FilterSubject = FilterSubject::Field(1);

#[test]
fn text_columns_compare_trimmed_cells() {
    assert_eq!(kept(column("state"), equals("booked")), [0, 2, 4]);
    assert_eq!(kept(column("state"), FilterTest::In(vec!["open".to_owned(), "Booked".to_owned()])), [1, 5]);
    assert_eq!(kept(column("state"), between("a", "c")), [0, 2, 4]);
    assert_eq!(kept(column("state"), matches("(?i)^book")), [0, 2, 4, 5]);
    assert_eq!(kept(column("state"), FilterTest::IsNull(true)), [3]);
    assert_eq!(kept(column("state"), FilterTest::IsNull(false)), [0, 1, 2, 4, 5]);
}

#[test]
fn amounts_compare_exactly_and_unreadable_ones_are_not_judged() {
    // Row 4 can't be read: it stays, to become a break.
    assert_eq!(kept(AMOUNT, between("1.000", "1.009")), [0, 4]);
    assert_eq!(kept(AMOUNT, equals("1.0")), [0, 4]);
    assert_eq!(kept(AMOUNT, equals("1.001")), [4]);
    assert_eq!(kept(AMOUNT, between("-5.001", "1.0001")), [0, 2, 4]);
    assert_eq!(kept(AMOUNT, between("1", "99999999999999999999999999999999999999")), [0, 1, 4, 5]);
    assert_eq!(kept(AMOUNT, matches("^-")), [2, 4]);
    assert_eq!(kept(AMOUNT, FilterTest::IsNull(true)), [3, 4]);
    assert_eq!(kept(AMOUNT, between("5", "1")), [4]);
}

#[test]
fn dates_compare_by_day_and_unreadable_ones_are_null() {
    assert_eq!(kept(DATE, between("2026-01-01", "2026-01-31")), [0, 1, 5]);
    assert_eq!(kept(DATE, equals("2026-02-01")), [2]);
    assert_eq!(kept(DATE, FilterTest::IsNull(true)), [3, 4]);
    assert_eq!(kept(DATE, matches("-01-")), [0, 1, 5]);
    assert_eq!(kept(column("day"), between("1970-01-02", "1970-01-03")), [1, 2]);
}

#[test]
fn raw_numbers_compare_by_value() {
    assert_eq!(kept(column("code"), between("5", "10")), [0, 1, 4]);
    assert_eq!(kept(column("code"), equals("5.0")), [0]);
    assert_eq!(kept(column("rate"), equals("1.5")), [0]);
    assert_eq!(kept(column("rate"), between("1.501", "2")), [1]);
}

#[test]
fn all_filters_must_hold_and_excluded_records_are_not_unreadable() {
    let plan =
        filtered(vec![(column("state"), equals("booked")), (column("code"), FilterTest::IsNull(false))]);
    let side = read(&plan, &[table()]).unwrap();
    assert_eq!((0..6).filter(|row| side.takes_part(*row)).collect::<Vec<_>>(), [0]);
    let plan = filtered(vec![(column("state"), equals("open"))]);
    let side = read(&plan, &[table()]).unwrap();
    assert!(side.unreadable.is_none());
    assert_eq!(side.issues.len(), 2, "bad cells are listed all the same");
}

#[test]
fn strict_runs_let_excluded_records_be() {
    let mut plan = filtered(vec![(column("state"), equals("open"))]);
    plan.strict = true;
    assert!(read(&plan, &[table()]).is_ok());
    plan.sources[0].filter.clear();
    assert_eq!(code(&read(&plan, &[table()]).unwrap_err()), "unreadable_cell");
}

#[test]
fn values_that_can_not_be_read_are_mistakes_of_the_spec() {
    for (subject, test) in [
        (AMOUNT, equals("many")),
        (DATE, equals("31.01.2026")),
        (column("state"), matches("(")),
        (column("code"), between("a", "b")),
    ] {
        let error = read(&filtered(vec![(subject, test)]), &[table()]).unwrap_err();
        assert_eq!((code(&error), error.mistakes()[0].path.as_str()), ("bad_value", "left.where[0]"));
    }
    let error = read(&filtered(vec![(column("nowhere"), equals("x"))]), &[table()]).unwrap_err();
    assert_eq!(code(&error), "missing_column");
}
