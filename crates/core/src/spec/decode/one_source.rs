//! What a spec of one source can't say: its records have no other side.

use crate::spec::report::{Cursor, Report, Table, codes};
use crate::spec::{Condition, Spec};

/// Keys of a spec that tell one side from another, or total them.
const OF_TWO: [(&str, &str); 7] = [
    ("left", "`source` alone, or `left` and `right`"),
    ("right", "`source` alone, or `left` and `right`"),
    ("compare", "no such key: the records of a cluster are not compared with another side's"),
    ("tie_out", "no such key: one source has no other to be tied out against"),
    ("carry", "no such key: `carry` is of the table `pairs`, which one source doesn't have"),
    ("open_items", "no such key: nothing is carried into a run that looks for duplicates"),
    ("balances", "no such key: one source has no other to be proved against"),
];

/// Notes what is of two sources.
pub(super) fn check(report: &mut Report, table: &Table<'_>) {
    for (key, expected) in OF_TWO.into_iter().filter(|(key, _)| table.has(key)) {
        report.conflict(table, key, expected);
    }
}

/// Notes conditions that tell one record of a pair from the other: which of two would be the left one?
pub(super) fn check_conditions(report: &mut Report, table: &Table<'_>, spec: &Spec) {
    let defaults = table.get("defaults");
    check_all(report, defaults.as_ref(), &spec.defaults);
    let passes = table.get("pass");
    for (at, pass) in passes.iter().flat_map(Cursor::items).zip(&spec.passes) {
        check_all(report, Some(&at), &pass.on);
    }
}

/// The conditions of a pass, or of the defaults.
fn check_all(report: &mut Report, of: Option<&Cursor<'_>>, conditions: &[Condition]) {
    // What is wrong with these tables has been noted where they were read.
    let on = of.and_then(|at| Report::default().open_table(at)).and_then(|table| table.get("on"));
    // With a mistake among them nobody knows which is which.
    let items = on.as_ref().map(Cursor::items).unwrap_or_default();
    if items.len() != conditions.len() {
        return;
    }
    for (at, condition) in items.iter().zip(conditions) {
        if condition.is_directed() {
            let expected =
                "a condition that treats both records alike: one field, and ranges such as days = 3";
            report.refuse(codes::CONFLICT, at, expected);
        }
    }
}
