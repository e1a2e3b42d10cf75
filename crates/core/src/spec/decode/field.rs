//! Logical fields and where their cells come from.

use super::{Context, text};
use crate::limits::SCALE_MAX;
use crate::spec::report::{Cursor, Keys, Report, Table, codes};
use crate::spec::tree::Value;
use crate::spec::{AsOf, CellSource, CellSpec, Clean, FieldKind, FieldSpec, LookupSpec};
use std::collections::BTreeMap;

pub(in crate::spec) const FIELD_KEYS: Keys = Keys {
    known: &["source", "left", "right", "as", "scale", "clean"],
    later: &[("convert", "`convert` turns one currency into another")],
};
pub(in crate::spec) const CELL_KEYS: Keys = Keys {
    known: &[
        "column",
        "negate",
        "minor",
        "scale",
        "dates",
        "extract",
        "clean",
        "debit",
        "credit",
        "indicator",
        "all",
        "lookup",
    ],
    later: &[("convert", "`convert` turns one currency into another")],
};
pub(in crate::spec) const LOOKUP_KEYS: Keys =
    Keys { known: &["table", "key", "column", "where", "date", "at", "days"], later: &[] };
/// Days that a row of a third table may be older than the record.
const AS_OF_DAYS_MAX: i64 = 100_000;
const KINDS: [(&str, FieldKind); 6] = [
    ("amount", FieldKind::Amount),
    ("date", FieldKind::Date),
    ("text", FieldKind::Text),
    ("integer", FieldKind::Integer),
    ("currency", FieldKind::Text),
    ("id", FieldKind::Text),
];
const CLEAN: [(&str, Clean); 8] = [
    ("upper", Clean::Upper),
    ("lower", Clean::Lower),
    ("unaccent", Clean::Unaccent),
    ("collapse", Clean::Collapse),
    ("alphanumeric", Clean::Alphanumeric),
    ("digits", Clean::Digits),
    ("strip_zeros", Clean::StripZeros),
    ("punctuation", Clean::Punctuation),
];
const AMOUNT_KEYS: [&str; 6] = ["negate", "minor", "scale", "debit", "credit", "indicator"];

pub(super) fn field(
    report: &mut Report,
    context: &Context,
    name: &str,
    at: &Cursor<'_>,
) -> Option<FieldSpec> {
    match &at.node.value {
        Value::Text(_) => {
            let cell = same_name(&report.name(at)?);
            Some(FieldSpec { left: Some(cell.clone()), right: Some(cell), ..FieldSpec::default() })
        }
        Value::List(_) if context.one_source => {
            report.refuse(codes::CONFLICT, at, "one column: there is one source");
            None
        }
        Value::List(_) => pair(report, name, at),
        Value::Table(_) => long(report, context, name, at),
        _ => {
            report.refuse(
                codes::WRONG_TYPE,
                at,
                "a column, [left, right], or a table with `left` and `right`",
            );
            None
        }
    }
}

fn pair(report: &mut Report, name: &str, at: &Cursor<'_>) -> Option<FieldSpec> {
    let [left, right] = at.items().try_into().ok().or_else(|| {
        report.refuse(codes::BAD_VALUE, at, "two columns: [left, right]");
        None
    })?;
    let kind = kind_by_name(name);
    let (left, right) = (cell(report, kind, &left), cell(report, kind, &right));
    Some(FieldSpec { left: Some(left?), right: Some(right?), ..FieldSpec::default() })
}

fn long(report: &mut Report, context: &Context, name: &str, at: &Cursor<'_>) -> Option<FieldSpec> {
    let table = report.table(at, &FIELD_KEYS)?;
    let written = table.get("as").and_then(|at| report.choice(&at, &KINDS));
    let kind = written.or_else(|| kind_by_name(name));
    refuse_other_kinds(report, &table, kind);
    for key in ["source", "left", "right"].into_iter().filter(|key| table.has(key)) {
        match (context.one_source, key) {
            (true, "source") => {}
            (true, _) => report.conflict(&table, key, "`source`: there is one source"),
            (false, "source") => {
                report.conflict(&table, key, "`left` and `right`: `source` is of a spec with one source");
            }
            (false, _) => {}
        }
    }
    let mut field = FieldSpec {
        left: table.get("left").and_then(|at| cell(report, kind, &at)),
        right: table.get("right").and_then(|at| cell(report, kind, &at)),
        kind: written,
        scale: table.get("scale").and_then(|at| scale(report, &at)),
        clean: table.get("clean").and_then(|at| clean(report, &at)).unwrap_or_default(),
    };
    if let Some(at) = table.get("source") {
        field.left = cell(report, kind, &at);
        field.right.clone_from(&field.left);
    } else if !table.has("left") && !table.has("right") {
        field.left = Some(same_name(name));
        field.right = Some(same_name(name));
    }
    Some(field)
}

/// The column that has the name on a side.
fn same_name(name: &str) -> CellSpec {
    CellSpec { from: CellSource::Column(name.to_owned()), ..CellSpec::default() }
}

/// What the four reserved names mean.
fn kind_by_name(name: &str) -> Option<FieldKind> {
    match name {
        "amount" => Some(FieldKind::Amount),
        "date" => Some(FieldKind::Date),
        "currency" | "id" => Some(FieldKind::Text),
        _ => None,
    }
}

/// A reading rule that the kind of the field never uses would be dropped in silence.
fn refuse_other_kinds(report: &mut Report, table: &Table<'_>, kind: Option<FieldKind>) {
    let Some(kind) = kind else { return };
    if kind != FieldKind::Amount {
        for key in AMOUNT_KEYS.into_iter().filter(|key| table.has(key)) {
            report.conflict(table, key, "a field of amounts (as = \"amount\")");
        }
    }
    if kind != FieldKind::Date && table.has("dates") {
        report.conflict(table, "dates", "a field of dates (as = \"date\")");
    }
    // A look-up cleans its key, whatever the values are.
    if kind != FieldKind::Text && table.has("clean") && !table.has("lookup") {
        report.conflict(table, "clean", "a field of text (as = \"text\")");
    }
}

fn cell(report: &mut Report, kind: Option<FieldKind>, at: &Cursor<'_>) -> Option<CellSpec> {
    if at.text().is_some() {
        return Some(CellSpec { from: CellSource::Column(report.name(at)?), ..CellSpec::default() });
    }
    if !at.is_table() {
        report.refuse(
            codes::WRONG_TYPE,
            at,
            "a column or a table such as { column = \"amt\", negate = true }",
        );
        return None;
    }
    let table = report.table(at, &CELL_KEYS)?;
    refuse_other_kinds(report, &table, kind);
    let from = cell_source(report, &table);
    let cell = CellSpec {
        from: CellSource::default(),
        negate: table.get("negate").and_then(|at| report.flag(&at)).unwrap_or_default(),
        minor: table.get("minor").and_then(|at| scale(report, &at)),
        scale: table.get("scale").and_then(|at| scale(report, &at)),
        dates: table.get("dates").and_then(|at| text::date_format(report, &at)),
        extract: table.get("extract").and_then(|at| text::expression(report, &at)),
        clean: table.get("clean").and_then(|at| clean(report, &at)).unwrap_or_default(),
        all: table.get("all").and_then(|at| report.flag(&at)).unwrap_or_default(),
        lookup: table.get("lookup").and_then(|at| lookup(report, &at)),
    };
    if cell.all && !table.has("extract") {
        report.missing(
            &table,
            "extract",
            "the expression whose every match is a value: `all` alone says nothing",
        );
    }
    Some(CellSpec { from: from?, ..cell })
}

fn lookup(report: &mut Report, at: &Cursor<'_>) -> Option<LookupSpec> {
    if !at.is_table() {
        let expected =
            "a table such as { table = \"remittance\", key = \"payment_ref\", column = \"invoice_no\" }";
        report.refuse(codes::WRONG_TYPE, at, expected);
        return None;
    }
    let table = report.table(at, &LOOKUP_KEYS)?;
    let name = required_name(report, &table, "table", "the name of a table of [tables]");
    let key = required_name(report, &table, "key", "the column of that table that the cell is looked up in");
    let column = required_name(report, &table, "column", "the column of that table with the values");
    let only = table.get("where").and_then(|at| only(report, &at)).unwrap_or_default();
    let as_of = as_of(report, &table);
    Some(LookupSpec { table: name?, key: key?, column: column?, only, as_of })
}

/// What rows of a third table must hold, by column.
fn only(report: &mut Report, at: &Cursor<'_>) -> Option<BTreeMap<String, String>> {
    let table = report.open_table(at)?;
    let mut only = BTreeMap::new();
    for (column, at) in table.entries() {
        if report.checked_name(&at, column)
            && let Some(value) = super::source::scalar(report, &at)
        {
            only.insert(column.to_owned(), value);
        }
    }
    Some(only)
}

/// The day whose rows count: its three keys go together.
fn as_of(report: &mut Report, table: &Table<'_>) -> Option<AsOf> {
    if !["date", "at", "days"].into_iter().any(|key| table.has(key)) {
        return None;
    }
    let date =
        required_name(report, table, "date", "the column of that table with the day from which a row holds");
    let at = required_name(report, table, "at", "the record's own column with the day that is asked for");
    let expected = "how many days earlier than the record's day a row may be, such as 5";
    let days = report.needed(table, "days", expected, |report, at| report.whole(at, &(0..=AS_OF_DAYS_MAX)));
    Some(AsOf { date: date?, at: at?, days: u32::try_from(days?).ok()? })
}

fn cell_source(report: &mut Report, table: &Table<'_>) -> Option<CellSource> {
    let signed = table.has("debit") || table.has("credit") || table.has("indicator");
    if signed {
        for key in ["dates", "extract", "clean", "all", "lookup"].into_iter().filter(|key| table.has(key)) {
            report.conflict(table, key, "only reading rules of amounts beside debit and credit");
        }
    }
    if table.has("indicator") {
        return indicator(report, table);
    }
    if !signed {
        return Some(CellSource::Column(required_name(report, table, "column", "the column")?));
    }
    if table.has("column") {
        report.conflict(
            table,
            "column",
            "`debit` and `credit` as two columns, or `column`, `indicator` and the values that mean debit and credit",
        );
        return None;
    }
    let debit = required_name(report, table, "debit", "the column of debits");
    let credit = required_name(report, table, "credit", "the column of credits");
    Some(CellSource::DebitCredit { debit: debit?, credit: credit? })
}

fn indicator(report: &mut Report, table: &Table<'_>) -> Option<CellSource> {
    let column = required_name(report, table, "column", "the column of the amount");
    let indicator = required_name(report, table, "indicator", "the column that says debit or credit");
    let debit = values(report, table, "debit");
    let credit = values(report, table, "credit");
    let source =
        CellSource::Indicator { column: column?, indicator: indicator?, debit: debit?, credit: credit? };
    if let CellSource::Indicator { debit, credit, .. } = &source
        && debit.iter().any(|value| credit.contains(value))
    {
        report.conflict(table, "credit", "other values than those of `debit`");
    }
    Some(source)
}

fn required_name(report: &mut Report, table: &Table<'_>, key: &str, what: &str) -> Option<String> {
    report.needed(table, key, what, Report::name)
}

/// Values of an indicator: a list, or one alone.
fn values(report: &mut Report, table: &Table<'_>, key: &str) -> Option<Vec<String>> {
    match table.get(key) {
        Some(at) if at.is_list() => report.list(&at, 1, trimmed),
        Some(at) => trimmed(report, &at).map(|value| vec![value]),
        None => {
            report.missing(table, key, format!("the values of `indicator` that mean {key}"));
            None
        }
    }
}

/// Indicators are compared after trimming, so a value with blanks at its ends could never be met.
fn trimmed(report: &mut Report, at: &Cursor<'_>) -> Option<String> {
    let value = report.name(at)?;
    if value.trim() != value {
        report.refuse(codes::BAD_VALUE, at, "a value without blanks at its ends");
        return None;
    }
    Some(value)
}

fn scale(report: &mut Report, at: &Cursor<'_>) -> Option<u8> {
    report.whole(at, &(0..=i64::from(SCALE_MAX))).and_then(|scale| u8::try_from(scale).ok())
}

fn clean(report: &mut Report, at: &Cursor<'_>) -> Option<Vec<Clean>> {
    const STEPS_MAX: usize = 32;
    let steps = report.list(at, 0, |report, at| report.choice(at, &CLEAN))?;
    if steps.len() > STEPS_MAX {
        report.refuse(codes::TOO_MANY, at, format!("at most {STEPS_MAX} steps"));
    }
    Some(steps)
}
