//! Decisions in memory, as hosts hand them over.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use arrow_array::{RecordBatch, record_batch};
use recon378::spec::DecisionKind;
use recon378::{Error, Outcome, Reconciler, Spec};

fn spec() -> Spec {
    r#"
        [left]
        name = "bank"
        [right]
        name = "ledger"
        [[pass]]
        on = ["reference", { field = "amount", within = "1.00" }]
        status = "proposed"
    "#
    .parse()
    .unwrap()
}

fn sources() -> [RecordBatch; 2] {
    let bank = record_batch!(
        ("id", Utf8, ["b1", "b1", "b2"]),
        ("reference", Utf8, ["R-1", "R-2", "R-3"]),
        ("amount", Utf8, ["10.00", "20.00", "30.00"])
    );
    let ledger = record_batch!(
        ("id", Utf8, ["l1", "l2", "l3"]),
        ("reference", Utf8, ["R-1", "R-2", "R-3"]),
        ("amount", Utf8, ["10.00", "20.50", "30.00"])
    );
    [bank.unwrap(), ledger.unwrap()]
}

fn run(decisions: &RecordBatch) -> Result<Outcome, Error> {
    let [bank, ledger] = sources();
    Reconciler::new(spec()).decisions(decisions).run(&bank, &ledger)
}

fn paths(error: &Error) -> Vec<(&str, &str)> {
    error.mistakes().iter().map(|mistake| (mistake.code, mistake.path.as_str())).collect()
}

#[test]
fn groups_of_repeated_ids_come_back_as_they_were() {
    let [bank, ledger] = sources();
    let first = Reconciler::new(spec()).run(&bank, &ledger).unwrap();
    let yes = first.decisions_from(&[2, 0, 4], DecisionKind::Accept).unwrap();
    let second = run(&yes).unwrap();
    assert_eq!((second.summary().matched(), second.summary().proposed()), (3, 0));
    let again = second.decisions_from(&[0, 2, 4], DecisionKind::Accept).unwrap();
    let labels = |table: &RecordBatch| {
        let mut labels: Vec<String> =
            (0..table.num_rows()).map(|row| arrow_cast_text(table, "decision", row)).collect();
        labels.sort();
        labels
    };
    assert_eq!(labels(&yes), labels(&again), "a group has one label in every run");
}

fn arrow_cast_text(table: &RecordBatch, column: &str, row: usize) -> String {
    let column = table.column_by_name(column).unwrap();
    let texts = column.as_any().downcast_ref::<arrow_array::StringArray>().unwrap();
    texts.value(row).to_owned()
}

#[test]
fn all_mistakes_of_a_table_come_at_once() {
    let table = record_batch!(
        ("decision", Utf8, ["1", "1", "2", "3"]),
        ("kind", Utf8, ["acept", "force", "force", "force"]),
        ("side", Utf8, ["bank", "ledgr", "bank", "ledger"]),
        ("id", Utf8, [Some("b2"), Some("l1"), None, Some("l9")])
    );
    let error = run(&table.unwrap()).unwrap_err();
    let expected = [
        ("bad_value", "decisions[0].kind"),
        ("bad_value", "decisions[1].side"),
        ("missing", "decisions[2].id"),
        ("bad_value", "decisions[3]"),
    ];
    assert_eq!(paths(&error), expected);
    assert_eq!(error.mistakes()[0].nearest.as_deref(), Some("accept"));
    assert_eq!(error.mistakes()[1].nearest.as_deref(), Some("ledger"));

    let table = record_batch!(("decison", Utf8, ["1"]), ("side", Utf8, ["left"]), ("row", Int32, [0]));
    let error = run(&table.unwrap()).unwrap_err();
    assert_eq!(paths(&error), [("missing", "decisions"), ("missing", "decisions")]);
    assert_eq!(error.mistakes()[0].nearest.as_deref(), Some("decison"));
}

#[test]
fn conflicts_and_repeated_ids_name_both_and_all() {
    let table = record_batch!(
        ("decision", Utf8, ["1", "1", "2", "2", "3", "3", "4", "4"]),
        ("kind", Utf8, ["force", "force", "accept", "accept", "reject", "reject", "reject", "reject"]),
        ("side", Utf8, ["left", "right", "left", "right", "left", "right", "left", "right"]),
        ("id", Utf8, ["b2", "l3", "b2", "l1", "b2", "l3", "b1", "l1"])
    );
    let error = run(&table.unwrap()).unwrap_err();
    let expected =
        [("repeated_id", "decisions[6]"), ("conflict", "decisions[2]"), ("conflict", "decisions[4]")];
    assert_eq!(paths(&error), expected);
    assert!(error.mistakes()[1].expected.contains("force \"1\""));
}

#[test]
fn a_pass_called_decision_is_a_mistake_beside_decisions() {
    let [bank, ledger] = sources();
    let spec: Spec = "[[pass]]\nname = \"decision\"\non = \"reference\"".parse().unwrap();
    assert!(Reconciler::new(spec.clone()).run(&bank, &ledger).is_ok());
    let table = record_batch!(
        ("decision", Int64, [7, 7]),
        ("kind", Utf8, ["force", "force"]),
        ("side", Utf8, ["left", "right"]),
        ("row", Float64, [2.0, 0.0])
    )
    .unwrap();
    let error = Reconciler::new(spec).decisions(&table).run(&bank, &ledger).unwrap_err();
    assert_eq!(paths(&error), [("duplicate_name", "pass[0].name")]);
    let forced = run(&table).unwrap();
    assert_eq!(forced.pairs_rows().last().map(|pair| (pair.left, pair.right)), Some((2, 0)));
}

#[test]
fn a_decision_on_a_group_in_parts_is_about_whole_records() {
    let spec: Spec = r#"
        [[pass]]
        on = ["invoice"]
        sum = { within = "0.00" }
        partial = true
        status = "proposed"
    "#
    .parse()
    .unwrap();
    let table = |id: &str, amount: &str| {
        record_batch!(("id", Utf8, [id]), ("invoice", Utf8, ["A"]), ("amount", Utf8, [amount])).unwrap()
    };
    let (invoice, payment) = (table("I1", "100.00"), table("P1", "60.00"));
    let reconciler = Reconciler::new(spec);
    let first = reconciler.run(&invoice, &payment).unwrap();
    assert_eq!((first.summary().proposed(), first.summary().breaks()), (1, 1));
    for (kind, expected) in [(DecisionKind::Accept, (1, 0)), (DecisionKind::Reject, (0, 2))] {
        let decided = first.decisions_from(&[0], kind).unwrap();
        let second = reconciler.clone().decisions(&decided).run(&invoice, &payment).unwrap();
        let summary = second.summary();
        assert_eq!((summary.matched(), summary.breaks()), expected, "{kind:?}");
        assert_eq!(summary.decisions.unwrap().stale, 0);
    }
}
