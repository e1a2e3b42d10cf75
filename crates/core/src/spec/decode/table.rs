//! Third tables: what stands beside the two sources.

use super::source;
use crate::spec::TableSpec;
use crate::spec::report::{Cursor, Keys, Report, codes};
use std::collections::BTreeMap;

pub(in crate::spec) const TABLE_KEYS: Keys = Keys { known: &["path", "read"], later: &[] };
/// Third tables of a spec.
const TABLES_MAX: usize = 100;

pub(super) fn tables(report: &mut Report, at: &Cursor<'_>) -> Option<BTreeMap<String, TableSpec>> {
    let table = report.open_table(at)?;
    if table.entries().count() > TABLES_MAX {
        report.refuse(codes::TOO_MANY, at, format!("at most {TABLES_MAX} tables"));
        return None;
    }
    let mut tables = BTreeMap::new();
    for (name, at) in table.entries() {
        if report.checked_name(&at, name)
            && let Some(third) = third(report, &at)
        {
            tables.insert(name.to_owned(), third);
        }
    }
    Some(tables)
}

fn third(report: &mut Report, at: &Cursor<'_>) -> Option<TableSpec> {
    let table = report.table(at, &TABLE_KEYS)?;
    Some(TableSpec {
        path: table.get("path").and_then(|at| source::paths(report, &at)).unwrap_or_default(),
        read: table.get("read").and_then(|at| source::read(report, &at)).unwrap_or_default(),
    })
}
