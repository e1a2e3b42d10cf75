//! Fields with many values per record.

use super::*;
use crate::spec::{LookupSpec, ReadSpec};
use crate::tables::Tables;
use arrow_array::RecordBatch;
use std::collections::BTreeMap;

/// A third table with the columns `payment` (text), `invoice` (text) and `number` (whole numbers).
fn tables() -> Tables {
    let columns = [("payment", DataType::Utf8), ("invoice", DataType::Utf8), ("number", DataType::Int64)];
    let mut tables = Tables::default();
    let lines = RecordBatch::new_empty(std::sync::Arc::new(schema(&columns)));
    tables.add("remittance", vec![lines], &ReadSpec::default(), Vec::new()).unwrap();
    tables
}

/// `left` is looked up in the table, `right` is the column `invoice`.
fn looked_up(table: &str, key: &str, column: &str) -> FieldSpec {
    let mut field = columns("left", "right");
    let (table, key, column) = (table.into(), key.into(), column.into());
    let lookup = LookupSpec { table, key, column, only: BTreeMap::new(), as_of: None };
    field.left.as_mut().unwrap().lookup = Some(lookup);
    field
}

fn listed(fields: &[(&str, FieldSpec)], passes: Vec<PassSpec>) -> Spec {
    let fields = fields.iter().map(|(name, field)| ((*name).to_owned(), field.clone())).collect();
    Spec { fields, ..spec(passes) }
}

fn every(left: &str, right: &str) -> FieldSpec {
    let mut field = columns(left, right);
    let cell = field.left.as_mut().unwrap();
    (cell.extract, cell.all) = (Some("\\d+".into()), true);
    field
}

fn refused(spec: &Spec, left: &Schema, right: &Schema) -> Vec<Mistake> {
    resolve_with(spec, left, right, &tables()).unwrap_err().mistakes().to_vec()
}

#[test]
fn a_required_equality_of_many_values_limits_and_makes_no_blocks() {
    let on = vec![equal("account"), equal("invoice"), within("amount", "0.01")];
    let one = listed(&[("invoice", looked_up("remittance", "payment", "invoice"))], vec![pass(on)]);
    let left = texts(&["account", "left", "amount"]);
    let plan = resolve_with(&one, &left, &texts(&["account", "right", "amount"]), &tables()).unwrap();
    let pass = &plan.passes[0];
    assert_eq!(
        pass.key.iter().map(|key| plan.fields[key.left].name.as_str()).collect::<Vec<_>>(),
        ["account"]
    );
    assert_eq!(pass.limiter, Some(0));
    assert!(matches!(pass.conditions[0].test, TestPlan::Equals));
    assert_eq!((pass.conditions[0].weight, pass.conditions[0].required), (0, true));
    assert!(describe(&plan).contains("invoice share a value (limits the candidates)"), "{}", describe(&plan));
    assert!(describe(&plan).contains("left, looked up as payment of remittance: its invoice"));
}

#[test]
fn tables_and_their_columns_are_looked_for_with_the_nearest_names() {
    let fields = [
        ("a", looked_up("remitance", "payment", "invoice")),
        ("b", looked_up("remittance", "payments", "invoce")),
    ];
    let one = listed(&fields, vec![pass(vec![equal("a")]), pass(vec![equal("b")])]);
    let found = refused(&one, &texts(&["left"]), &texts(&["right"]));
    let told: Vec<_> =
        found.iter().map(|one| (one.code, one.path.as_str(), one.nearest.as_deref().unwrap_or(""))).collect();
    let expected = [
        ("unknown_table", "fields.a.left.lookup.table", "remittance"),
        ("unknown_column", "fields.b.left.lookup.key", "payment"),
        ("unknown_column", "fields.b.left.lookup.column", "invoice"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_is_looked_up_is_written_as_the_key() {
    let one = listed(&[("f", looked_up("remittance", "number", "invoice"))], vec![pass(vec![equal("f")])]);
    let found = refused(&one, &texts(&["left"]), &texts(&["right"]));
    assert_eq!((found[0].code, found[0].path.as_str()), ("text_against_integer", "fields.f.left.lookup"));
    let number = schema(&[("left", DataType::Int32)]);
    resolve_with(&one, &number, &texts(&["right"]), &tables()).unwrap();
    let values = listed(&[("f", looked_up("remittance", "payment", "number"))], vec![pass(vec![equal("f")])]);
    let found = refused(&values, &texts(&["left"]), &texts(&["right"]));
    assert_eq!((found[0].code, found[0].path.as_str()), ("text_against_integer", "pass[0].on[0]"));
    let plan = resolve_with(&values, &texts(&["left"]), &schema(&[("right", DataType::Int64)]), &tables());
    assert_eq!(plan.unwrap().fields[0].kind, FieldKind::Integer);
}

#[test]
fn what_must_be_one_value_is_refused() {
    let (left, right) = (texts(&["key", "left"]), texts(&["key", "right"]));
    let of = |field: &str, spec: &Spec| {
        let found = refused(spec, &left, &right);
        let told: Vec<_> = found.into_iter().map(|one| (one.code, one.path)).collect();
        assert_eq!(told, [("many_values", field.to_owned())]);
    };
    for name in ["amount", "date", "id", "currency"] {
        of(
            &format!("fields.{name}"),
            &listed(&[(name, every("left", "right"))], vec![pass(vec![equal("key")])]),
        );
    }
    let fields = [("f", every("left", "right"))];
    of("pass[0].on[1]", &listed(&fields, vec![pass(vec![equal("key"), similar("f")])]));
    let cells = TieOutSpec { amount: None, by: vec!["f".into()] };
    of("tie_out.by[0]", &Spec { tie_out: Some(cells), ..listed(&fields, vec![pass(vec![equal("key")])]) });
}
