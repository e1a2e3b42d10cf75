//! Third tables and what looks things up in them.

use super::{Name, OneOrMore, Read};
use schemars::JsonSchema;
use serde::Serialize;

/// A third table, beside the two sources.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ThirdTable")]
pub(super) struct Table {
    /// Its file or files, in order. Absent when the table is passed in memory.
    path: Option<OneOrMore>,
    /// How its text is written.
    read: Option<Read>,
}

/// Where a cell's values stand in a third table.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Lookup {
    /// The table's name in `tables`.
    table: Name,
    /// Its column that the cell's text is looked up in.
    key: Name,
    /// Its column with the values, of every row that has the key.
    column: Name,
}
