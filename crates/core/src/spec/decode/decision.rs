//! Decisions: a file, files, or a list of what persons said.

use crate::spec::report::{Cursor, Keys, Report, codes};
use crate::spec::tree::Value;
use crate::spec::{DecisionKind, DecisionSpec, DecisionsSpec, RecordName};
use std::collections::BTreeMap;

pub(in crate::spec) const FILES_KEYS: Keys = Keys { known: &["path", "swapped"], later: &[] };
pub(in crate::spec) const DECISION_KEYS: Keys =
    Keys { known: &["decision", "kind", "left", "right"], later: &[] };
pub(in crate::spec) const RECORD_KEYS: Keys = Keys { known: &["id", "occurrence", "row", "was"], later: &[] };

pub(super) fn decisions(report: &mut Report, at: &Cursor<'_>) -> Option<DecisionsSpec> {
    let files = |path, swapped| DecisionsSpec::Files { path, swapped };
    if at.is_table() {
        let table = report.table(at, &FILES_KEYS)?;
        let path = report.needed(&table, "path", "the path of a file of decisions", paths);
        let swapped = table.get("swapped").and_then(|at| report.flag(&at)).unwrap_or_default();
        return path.map(|path| files(path, swapped));
    }
    let first = at.items().first().map(Cursor::is_table);
    if !at.is_list() || first == Some(false) {
        return paths(report, at).map(|path| files(path, false));
    }
    report.list(at, 0, decision).map(DecisionsSpec::Listed)
}

fn paths(report: &mut Report, at: &Cursor<'_>) -> Option<Vec<String>> {
    if at.is_list() { report.list(at, 1, Report::name) } else { report.name(at).map(|path| vec![path]) }
}

fn decision(report: &mut Report, at: &Cursor<'_>) -> Option<DecisionSpec> {
    let table = report.table(at, &DECISION_KEYS)?;
    let label = table.get("decision").and_then(|at| label(report, &at));
    let kind = report.needed(&table, "kind", "what it says: accept, reject or force", |report, at| {
        report.choice(at, &DecisionKind::ALL.map(|kind| (kind.name(), kind)))
    });
    let mut side = |key: &str| match table.get(key) {
        Some(at) => report.list(&at, 0, record),
        None => Some(Vec::new()),
    };
    let (left, right) = (side("left")?, side("right")?);
    if left.len() + right.len() < 2 {
        report.refuse(codes::BAD_VALUE, at, "a decision about at least two records");
        return None;
    }
    Some(DecisionSpec { label, kind: kind?, left, right })
}

/// Text, or a number that stands for its text.
fn label(report: &mut Report, at: &Cursor<'_>) -> Option<String> {
    match &at.node.value {
        Value::Number(text) => Some(text.clone()),
        _ => report.name(at),
    }
}

fn record(report: &mut Report, at: &Cursor<'_>) -> Option<RecordName> {
    if !at.is_table() {
        let id = label(report, at)?;
        return Some(RecordName { id: Some(id), ..RecordName::default() });
    }
    let table = report.table(at, &RECORD_KEYS)?;
    let mut whole =
        |key: &str, least: i64, most: i64| table.get(key).and_then(|at| report.whole(&at, &(least..=most)));
    let occurrence =
        whole("occurrence", 1, i64::from(u32::MAX)).and_then(|number| u32::try_from(number).ok());
    let row = whole("row", 0, i64::from(u32::MAX)).and_then(|number| u64::try_from(number).ok());
    let id = table.get("id").and_then(|at| label(report, &at));
    let was = table.get("was").and_then(|at| values(report, &at)).unwrap_or_default();
    if !table.has("id") && !table.has("row") {
        report.missing(&table, "id", "the record's id, or its row");
        return None;
    }
    if occurrence.is_some() && !table.has("id") {
        report.conflict(&table, "occurrence", "an id beside it: it counts the records with one id");
    }
    Some(RecordName { id, occurrence, row, was })
}

fn values(report: &mut Report, at: &Cursor<'_>) -> Option<BTreeMap<String, String>> {
    let table = report.open_table(at)?;
    let mut values = BTreeMap::new();
    for (name, at) in table.entries() {
        if report.checked_name(&at, name)
            && let Some(value) = super::source::scalar(report, &at)
        {
            values.insert(name.to_owned(), value);
        }
    }
    Some(values)
}
