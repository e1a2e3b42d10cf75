//! Cells as plain values: what the reference engine reads instead of columns.

use recon378_core::columns::{Column, Columns, Row};
use recon378_core::plan::{FieldIndex, Plan, Side};
use std::collections::BTreeSet;

/// One cell. The order is the canonical one inside a field: null first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Null,
    Text(String),
    Amount(i128),
    Date(i32),
    Integer(i64),
    /// Many, as the one text that they are written as.
    Many(String),
}

impl Value {
    /// The values that a cell holds, as text.
    pub(super) fn set(&self) -> BTreeSet<String> {
        match self {
            Self::Text(text) => BTreeSet::from([text.clone()]),
            Self::Integer(integer) => BTreeSet::from([integer.to_string()]),
            Self::Many(cell) => split(cell),
            Self::Null | Self::Amount(_) | Self::Date(_) => BTreeSet::new(),
        }
    }

    /// Whether two cells are equal: with many values, whether they share one.
    pub(super) fn equals(&self, other: &Self) -> bool {
        let is_many = |value: &Self| matches!(value, Self::Many(_));
        if self.is_null() || other.is_null() || !(is_many(self) || is_many(other)) {
            return self == other;
        }
        !self.set().is_disjoint(&other.set())
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(super) fn amount(&self) -> Option<i128> {
        if let Self::Amount(units) = self { Some(*units) } else { None }
    }

    pub(super) fn day(&self) -> Option<i32> {
        if let Self::Date(day) = self { Some(*day) } else { None }
    }
}

/// All cells of a run: `sides[side][row][field]`.
pub(super) struct Table {
    sides: [Vec<Vec<Value>>; 2],
}

impl Table {
    pub(super) fn read(plan: &Plan, columns: &Columns) -> Self {
        let side = |side: Side| {
            let source = columns.side(side);
            (0..source.rows)
                .map(|row| {
                    (0..plan.fields.len())
                        .map(|field| source.fields.get(field).map_or(Value::Null, |column| cell(column, row)))
                        .collect()
                })
                .collect()
        };
        Self { sides: [side(Side::Left), side(Side::Right)] }
    }

    pub(super) fn get(&self, side: Side, row: Row, field: FieldIndex) -> &Value {
        &self.sides[side.index()][row as usize][field]
    }

    pub(super) fn rows(&self, side: Side) -> u32 {
        u32::try_from(self.sides[side.index()].len()).unwrap_or(u32::MAX)
    }
}

fn cell(column: &Column, row: Row) -> Value {
    match column {
        Column::Absent => Value::Null,
        Column::Text(text) => text.get(row).map_or(Value::Null, |text| Value::Text(text.to_owned())),
        Column::Amount(amounts) => amounts.get(row).map_or(Value::Null, Value::Amount),
        Column::Date(days) => days.get(row).map_or(Value::Null, Value::Date),
        Column::Integer(integers) => integers.get(row).map_or(Value::Null, Value::Integer),
        Column::Many(many) => many.cells().get(row).map_or(Value::Null, |cell| Value::Many(cell.to_owned())),
    }
}

/// `a|b\|c` is `a` and `b|c`.
fn split(cell: &str) -> BTreeSet<String> {
    let marked = cell.replace("\\\\", "\u{1}").replace("\\|", "\u{2}");
    let values = marked.split('|').map(|value| value.replace('\u{2}', "|").replace('\u{1}', "\\"));
    values.collect()
}
