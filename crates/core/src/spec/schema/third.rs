//! Third tables and what looks things up in them.

use super::{Name, OneOrMore, Read, Scalar};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

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
    /// What its rows must hold, by column: others are not looked at. Default: all rows.
    #[serde(rename = "where")]
    only: Option<BTreeMap<String, Scalar>>,
    /// Its column with the day from which a row holds. With it only the rows of one day count: the latest that is not after
    /// the record's. Goes with `at` and `days`.
    date: Option<Name>,
    /// The record's own column with the day that is asked for.
    at: Option<Name>,
    /// How many days earlier than the record's a row may be.
    #[schemars(range(min = 0, max = 100_000))]
    days: Option<u32>,
}
