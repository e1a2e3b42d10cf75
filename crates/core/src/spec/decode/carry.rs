//! What a run brings along from the last one: open items and balances.

use super::source::paths;
use crate::spec::BalancesSpec;
use crate::spec::report::{Cursor, Report, codes, plain_number};
use crate::spec::tree::Value;
use std::collections::BTreeMap;

/// Cells whose balances a spec itself may hold; more belong into a table.
const BALANCES_MAX: usize = 10_000;

/// Paths of tables, or the balances themselves.
pub(super) fn balances(report: &mut Report, at: &Cursor<'_>) -> Option<BalancesSpec> {
    let items = at.items();
    let is_inline = !items.is_empty() && items.iter().all(Cursor::is_table);
    if !at.is_list() || !is_inline {
        if items.iter().any(Cursor::is_table) {
            report.refuse(codes::WRONG_TYPE, at, "paths of tables, or a list of balances, not both");
            return None;
        }
        return paths(report, at).filter(|paths| !paths.is_empty()).map(BalancesSpec::Paths);
    }
    if items.len() > BALANCES_MAX {
        report.refuse(codes::TOO_MANY, at, format!("at most {BALANCES_MAX} balances; put more into a table"));
        return None;
    }
    report.list(at, 1, balance).map(BalancesSpec::Inline)
}

/// The balances of a cell: what stands in which column is checked by the plan, which knows the cell's fields.
fn balance(report: &mut Report, at: &Cursor<'_>) -> Option<BTreeMap<String, String>> {
    let table = report.open_table(at)?;
    let mut balance = BTreeMap::new();
    for (name, at) in table.entries() {
        if report.checked_name(&at, name)
            && let Some(value) = value(report, &at)
        {
            balance.insert(name.to_owned(), value);
        }
    }
    Some(balance)
}

/// A number counts as the decimal that was written.
fn value(report: &mut Report, at: &Cursor<'_>) -> Option<String> {
    match &at.node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(text) => {
            let exponent = text.contains(['e', 'E']);
            let plain = || plain_number(text).map(|number| number.decimal().normalize().to_string());
            if exponent { plain() } else { Some(text.clone()) }
        }
        Value::Flag(flag) => Some(flag.to_string()),
        _ => {
            report.refuse(codes::WRONG_TYPE, at, "text or a number");
            None
        }
    }
}
