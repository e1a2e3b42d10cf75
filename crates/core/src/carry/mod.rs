//! Open items: what one run left open, as the input of the next.
//!
//! The table `open_items` of an outcome holds prepared values. Read again, they bypass the reading rules and `where`:
//! a sign that was turned once must not be turned twice. Carried records stand after the source's own, and are
//! records like any other from there on. `docs/spec/outcome.md` documents the table, `docs/spec/spec.md` the key.

mod join;
mod overlap;
mod read;
#[cfg(test)]
mod tests;

pub use read::OpenItems;

pub(crate) use join::{behind, longer};

use crate::plan::{FieldIndex, Plan};

/// What the source of an error is called that lies in the open items.
pub(crate) const OPEN_ITEMS: &str = "open_items";

/// Columns of the table `open_items` that are no fields of the spec.
pub(crate) const FIXED_COLUMNS: [&str; 7] =
    ["side", "row", "id", "state", "reason", "first_seen", "age_days"];

/// The fields that have a column of their own, with its name: all but `id`, which every table has.
pub(crate) fn field_columns(plan: &Plan) -> Vec<(FieldIndex, String)> {
    let fields = plan.fields.iter().enumerate().filter(|(field, _)| Some(*field) != plan.id);
    let named = |name: &str| {
        if FIXED_COLUMNS.contains(&name) { format!("field_{name}") } else { name.to_owned() }
    };
    fields.map(|(field, plan)| (field, named(&plan.name))).collect()
}
