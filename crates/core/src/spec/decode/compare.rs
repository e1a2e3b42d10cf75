//! `compare`: what is checked inside groups.

use super::{Context, condition};
use crate::limits::FIELDS_MAX;
use crate::spec::Condition;
use crate::spec::report::{Cursor, Keys, Report, codes};

pub(in crate::spec) const COMPARE_KEYS: Keys = Keys {
    known: &[
        "field",
        "left",
        "right",
        "equals",
        "within",
        "of",
        "sign",
        "days",
        "business_days",
        "calendar",
        "similar",
        "at_least",
    ],
    later: &[],
};

/// A list of fields, each with at most one test; without one the values have to be equal.
pub(super) fn compare(report: &mut Report, context: &Context, at: &Cursor<'_>) -> Option<Vec<Condition>> {
    if at.is_list() && at.items().len() > FIELDS_MAX {
        report.refuse(codes::TOO_MANY, at, format!("at most {FIELDS_MAX} fields"));
        return None;
    }
    report.list(at, 0, |report, at| {
        if at.text().is_some() {
            return report.name(at).map(Condition::equality);
        }
        if !at.is_table() {
            report.refuse(
                codes::WRONG_TYPE,
                at,
                "a field's name, or a table with `field` and at most one test",
            );
            return None;
        }
        let table = report.table(at, &COMPARE_KEYS)?;
        condition::compared(report, context, &table)
    })
}
