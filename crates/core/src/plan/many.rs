//! Fields with many values per record: where the values come from, and what has no meaning for them.
//!
//! Equality is the one test of many values: it holds where two records share one. An amount, a day, a currency or an id
//! is one value, and so is what a cell of the tie-out is named by.

use super::fields::{Catalog, CellType, Draft, check_holds};
use super::kinds::check_spelling;
use super::model::{FieldIndex, Side};
use super::names::{Report, listed, quoted};
use super::passes::{Bound, BoundPass};
use crate::error::Mistake;
use crate::spec::{Cardinality, CellSpec, Clean, FieldKind, LookupSpec, Test, nearest_name};
use crate::tables::Table;

impl Draft {
    /// Whether a side's records have many values.
    pub(super) fn many(&self, side: Side) -> bool {
        self.cells[side.index()].as_ref().is_some_and(|cell| cell.many)
    }

    /// Whether the records of some side have many values.
    pub(super) fn is_many(&self) -> bool {
        Side::BOTH.into_iter().any(|side| self.many(side))
    }
}

/// Whether a condition compares many values.
pub(super) fn compares_many(catalog: &Catalog<'_>, bound: &Bound<'_>, cardinality: Cardinality) -> bool {
    let (left, right) = (&catalog.drafts[bound.left], &catalog.drafts[bound.right]);
    if matches!(cardinality, Cardinality::SameSide | Cardinality::Cluster) {
        return left.is_many() || right.is_many();
    }
    left.many(Side::Left) || right.many(Side::Right)
}

/// Notes conditions that have no meaning for many values. What asks for an amount or a date is noted with its field.
pub(super) fn check_tests(catalog: &Catalog<'_>, passes: &[BoundPass<'_>], report: &mut Report) {
    for pass in passes {
        for bound in &pass.conditions {
            let compares_one = matches!(
                bound.condition.test,
                Test::Similar(..) | Test::Occurs(_) | Test::Slip(_) | Test::Levels(_)
            );
            if compares_one && compares_many(catalog, bound, pass.spec.cardinality) {
                let expected = "equality, which holds where two records share a value: this test compares one value a record";
                report.refuse(
                    "many_values",
                    &bound.path,
                    many_words(catalog, bound.left, bound.right),
                    expected,
                );
            }
        }
    }
}

fn many_words(catalog: &Catalog<'_>, left: FieldIndex, right: FieldIndex) -> String {
    let field = if catalog.drafts[left].is_many() { left } else { right };
    format!("{}, which has many values per record", quoted(&catalog.drafts[field].name))
}

/// Notes a field whose records must have one value, and have many.
pub(super) fn check_single(
    catalog: &Catalog<'_>,
    field: FieldIndex,
    (path, what): (&str, &str),
    report: &mut Report,
) {
    let draft = &catalog.drafts[field];
    for side in Side::BOTH.into_iter().filter(|side| draft.many(*side)) {
        let given = format!(
            "{}'s {}, which has many values per record",
            catalog.names[side.index()],
            quoted(&draft.name)
        );
        report.refuse("many_values", path, given, format!("one value per record: {what}"));
    }
}

/// What a field is that may not have many values; `None` where it may.
pub(super) fn single_kind(name: &str, kind: FieldKind) -> Option<&'static str> {
    match (name, kind) {
        (_, FieldKind::Amount) => Some("many amounts have no variance"),
        (_, FieldKind::Date) => Some("many dates have no distance"),
        ("currency", _) => Some("a record counts in one currency"),
        ("id", _) => Some("a record has one id"),
        _ => None,
    }
}

/// Whether `extract` cuts the field's own values: that of a look-up cuts its key.
pub(super) fn is_cut(cell: &CellSpec) -> bool {
    cell.extract.is_some() && cell.lookup.is_none()
}

impl Catalog<'_> {
    /// What the values of a look-up hold, given what its key cell does. Unknown tables and columns are noted and count as
    /// null, so that one mistake stays one.
    pub(super) fn lookup_type(
        &self,
        (cell, lookup, side): (&CellSpec, &LookupSpec, Side),
        own: CellType,
        path: &str,
        report: &mut Report,
    ) -> CellType {
        let path = format!("{path}.lookup");
        let Some(table) = self.tables.get(&lookup.table) else {
            let names = || self.tables.names();
            let expected = match names().next() {
                None => "a table of [tables] with a path, or one that is handed over beside the sources"
                    .to_owned(),
                Some(_) => format!("a table: {}", listed(names())),
            };
            let mistake =
                Mistake::new("unknown_table", format!("{path}.table"), quoted(&lookup.table), expected);
            report.push(mistake.nearest(nearest_name(&lookup.table, names())));
            return CellType::Null;
        };
        let holds = |key: &str, column: &str, report: &mut Report| {
            column_of(table, lookup, (&format!("{path}.{key}"), column), report)
        };
        let (key, values) = (holds("key", &lookup.key, report), holds("column", &lookup.column, report));
        let what = |column: &str| format!("{}'s column {}", lookup.table, quoted(column));
        check_holds(FieldKind::Text, (own, false), &path, "the cell that is looked up", report);
        if let Some(key) = key {
            check_holds(FieldKind::Text, (key, false), &format!("{path}.key"), &what(&lookup.key), report);
            let settled = cell.extract.is_some() || cell.clean.contains(&Clean::StripZeros);
            if !settled && own != CellType::Other && key != CellType::Other {
                let given = format!(
                    "the cell that is looked up is {}, {} is {}",
                    own.words(),
                    what(&lookup.key),
                    key.words()
                );
                check_spelling((own, key), given, &path, report);
            }
        }
        for column in lookup.only.keys() {
            let key = format!("where.{column}");
            if let Some(found) = holds(&key, column, report) {
                check_holds(FieldKind::Text, (found, false), &format!("{path}.{key}"), &what(column), report);
            }
        }
        if let Some(as_of) = &lookup.as_of {
            if let Some(found) = holds("date", &as_of.date, report) {
                check_holds(
                    FieldKind::Date,
                    (found, false),
                    &format!("{path}.date"),
                    &what(&as_of.date),
                    report,
                );
            }
            let at = format!("{path}.at");
            if let Some(found) = self.need_column(side, &as_of.at, &at, report) {
                let what = format!("column {}", quoted(&as_of.at));
                check_holds(FieldKind::Date, (found, false), &at, &what, report);
            }
        }
        values.unwrap_or(CellType::Null)
    }
}

/// What a column of a third table holds.
fn column_of(
    table: &Table,
    lookup: &LookupSpec,
    (path, column): (&str, &str),
    report: &mut Report,
) -> Option<CellType> {
    let names = || table.schema().fields().iter().map(|field| field.name().as_str());
    let found = table.schema().fields().iter().find(|field| field.name() == column);
    if found.is_none() {
        let expected = format!("a column of {}: {}", lookup.table, listed(names()));
        let mistake = Mistake::new("unknown_column", path, quoted(column), expected);
        report.push(mistake.nearest(nearest_name(column, names())));
    } else if names().filter(|name| *name == column).nth(1).is_some() {
        let expected = format!("a column name that {} has once", lookup.table);
        report.refuse("duplicate_column", path, quoted(column), expected);
    }
    found.map(|field| CellType::of(field.data_type()))
}
