//! How frequent values are, over both sources: facts of a whole run, counted once the columns stand.
//!
//! Exact counters by value that merge in any order. Partitions and threads read what was counted of all records, never
//! of their own, so that evidence doesn't depend on how a run is cut.

use super::model::{Column, Row, SideColumns};
use crate::compare::bits;
use crate::control::Control;
use crate::error::Result;
use crate::plan::{FieldIndex, Plan, TestPlan};
use arrow_buffer::ScalarBuffer;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::sync::Arc;

/// Bytes that a value takes in the counters beside its own, about.
const ENTRY_BYTES: u64 = 48;

/// How often each value occurs.
#[derive(Debug, Clone, Default)]
pub struct ValueCounts {
    /// By the bytes of the value.
    counts: HashMap<Vec<u8>, u64, FixedState>,
    total: u64,
}

/// What the frequency of a value says, beside each left record.
#[derive(Debug, Clone)]
pub struct Rarity {
    /// The field on the left.
    pub left: FieldIndex,
    /// The field on the right.
    pub right: FieldIndex,
    /// By left record: what equality in its value says beyond equality in one of average frequency, in thousandths of a
    /// bit. 0 where it is null.
    pub millibits: ScalarBuffer<i32>,
    /// The most of them.
    pub most: i32,
}

impl ValueCounts {
    /// Counts the values of a field in the records that take part; nulls don't count.
    #[must_use]
    pub fn gather(side: &SideColumns, field: FieldIndex) -> Self {
        let mut all = Self::default();
        let Some(column) = side.fields.get(field) else { return all };
        for row in (0..side.rows).filter(|row| side.takes_part(*row)) {
            with_bytes(column, row, |bytes| {
                *all.counts.entry_ref(bytes).or_insert(0) += 1;
                all.total += 1;
            });
        }
        all
    }

    /// The counts of both. The order doesn't matter, nor how they were grouped.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let (mut more, fewer) =
            if self.counts.len() < other.counts.len() { (other, self) } else { (self, other) };
        // Sums don't depend on the order of the table.
        for (value, count) in fewer.counts {
            *more.counts.entry(value).or_insert(0) += count;
        }
        more.total += fewer.total;
        more
    }

    /// What each record's value says by its frequency.
    fn rarity(&self, side: &SideColumns, (left, right): (FieldIndex, FieldIndex)) -> Rarity {
        let squares: u128 = self.counts.values().map(|count| u128::from(*count) * u128::from(*count)).sum();
        let of = |row: Row| {
            let mut millibits = 0;
            let column = side.fields.get(left).unwrap_or(&Column::Absent);
            with_bytes(column, row, |bytes| {
                if let Some(count) = self.counts.get(bytes) {
                    millibits = bits::rarity(*count, self.total, squares);
                }
            });
            millibits
        };
        let millibits: ScalarBuffer<i32> = (0..side.rows).map(of).collect();
        let most = millibits.iter().copied().max().unwrap_or(0);
        Rarity { left, right, millibits, most }
    }
}

/// Calls `each` with the bytes of a value: equal ones are equal values of one kind. Nulls have none.
fn with_bytes(column: &Column, row: Row, each: impl FnOnce(&[u8])) {
    match column {
        Column::Absent => {}
        Column::Text(texts) => {
            if let Some(text) = texts.get(row) {
                each(text.as_bytes());
            }
        }
        Column::Amount(amounts) => {
            if let Some(units) = amounts.get(row) {
                each(&units.to_le_bytes());
            }
        }
        Column::Date(dates) => {
            if let Some(day) = dates.get(row) {
                each(&day.to_le_bytes());
            }
        }
        Column::Integer(integers) => {
            if let Some(whole) = integers.get(row) {
                each(&whole.to_le_bytes());
            }
        }
    }
}

/// Counts what the levels of the plan's passes go by, and lays it beside the left records.
///
/// Cost: for each pair of fields with `frequency` one look at every record of both sides, and 4 bytes per left record.
///
/// # Errors
/// A memory limit; cancellation.
pub(crate) fn count(plan: &Plan, sides: &mut [SideColumns; 2], control: &Control) -> Result<()> {
    let mut fields: Vec<(FieldIndex, FieldIndex)> = Vec::new();
    for condition in plan.passes.iter().flat_map(|pass| &pass.conditions) {
        let both = (condition.left, condition.right);
        if matches!(&condition.test, TestPlan::Levels(levels) if levels.by_frequency())
            && !fields.contains(&both)
        {
            fields.push(both);
        }
    }
    let [left, right] = sides;
    left.rarities.clear();
    for (from, to) in fields {
        control.cancel.check()?;
        let values =
            left.taken_bytes(left.rows as usize, &[from]) + right.taken_bytes(right.rows as usize, &[to]);
        let records = u64::from(left.rows) + u64::from(right.rows);
        let _counting =
            control.memory.reserve(values + records * ENTRY_BYTES, "counting how frequent values are")?;
        let held = control.memory.reserve(u64::from(left.rows) * 4, "how frequent values are")?;
        let (lefts, rights) =
            rayon::join(|| ValueCounts::gather(left, from), || ValueCounts::gather(right, to));
        let rarity = lefts.merge(rights).rarity(left, (from, to));
        left.rarities.push(rarity);
        if let Some(memory) = Arc::get_mut(&mut left.memory) {
            memory.push(held);
        }
    }
    Ok(())
}

impl SideColumns {
    /// What the frequencies of values say that two fields have, where a level goes by it.
    pub(crate) fn rarity_of(&self, left: FieldIndex, right: FieldIndex) -> Option<&Rarity> {
        self.rarities.iter().find(|rarity| (rarity.left, rarity.right) == (left, right))
    }
}

impl Rarity {
    /// Of some of the records.
    pub(super) fn taken(&self, rows: &[Row]) -> Self {
        let millibits = rows.iter().map(|row| self.millibits[*row as usize]).collect();
        Self { millibits, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{IntegerColumn, TextColumn};
    use arrow_buffer::BooleanBuffer;

    fn side(names: &[Option<&str>], excluded: &[usize]) -> SideColumns {
        let texts = names.iter().copied().collect::<arrow_array::StringArray>();
        SideColumns {
            rows: crate::columns::row_of(names.len()),
            fields: vec![Column::Text(TextColumn::Small(texts.into()))],
            excluded: Some(BooleanBuffer::collect_bool(names.len(), |at| excluded.contains(&at))),
            ..SideColumns::default()
        }
    }

    #[test]
    fn values_are_counted_over_both_sides_and_only_of_records_that_take_part() {
        let left = side(&[Some("Smith"), Some("Smith"), None, Some("Boreal"), Some("gone")], &[4]);
        let right = side(&[Some("Smith"), Some("Boreal")], &[]);
        let counts = ValueCounts::gather(&left, 0).merge(ValueCounts::gather(&right, 0));
        assert_eq!(counts.total, 5);
        let rarity = counts.rarity(&left, (0, 0));
        // 3 Smith and 2 Boreal: Σc² = 13; log2(13 / (5 × 3)) and log2(13 / (5 × 2)).
        assert_eq!(rarity.millibits.as_ref(), [-206, -206, 0, 379, 0]);
        assert_eq!(rarity.most, 379);
    }

    #[test]
    fn counts_of_parts_merge_to_those_of_the_whole_in_any_order() {
        let names: Vec<Option<&str>> = (0..40).map(|at| ["a", "b", "c", "d"].get(at % 7).copied()).collect();
        let whole = side(&names, &[3]);
        let parts = || {
            (0..4).map(|part| {
                let own: Vec<usize> = if part == 0 { vec![3] } else { vec![] };
                ValueCounts::gather(&side(&names[part * 10..][..10], &own), 0)
            })
        };
        let expected = ValueCounts::gather(&whole, 0).rarity(&whole, (0, 0));
        let merged = parts().fold(ValueCounts::default(), ValueCounts::merge);
        let turned = parts().rev().reduce(ValueCounts::merge).unwrap();
        for counts in [merged, turned] {
            assert_eq!(counts.rarity(&whole, (0, 0)).millibits, expected.millibits);
        }
    }

    #[test]
    fn equal_numbers_are_one_value_whatever_the_width() {
        let integers = IntegerColumn { values: vec![7, 7, -7].into(), nulls: None };
        let side = SideColumns { rows: 3, fields: vec![Column::Integer(integers)], ..SideColumns::default() };
        let counts = ValueCounts::gather(&side, 0);
        assert_eq!((counts.total, counts.counts.len()), (3, 2));
        assert_eq!(ValueCounts::gather(&side, 9).total, 0);
    }
}
