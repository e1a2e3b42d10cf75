//! Open items that the source itself holds again, because its exports overlap: the source's own record takes the
//! item's place, and nothing is counted twice.
//!
//! An item with an id is the record of that id whose amount, currency and date are the item's, where both have them.
//! One without an id is a record without an id that equals it in every field, the date not null. The same id with
//! other values is refused: whether the source was corrected or gave the id to another record, only a person knows.

use super::OPEN_ITEMS;
use super::read::Items;
use crate::columns::{Canon, Column, Row, SideColumns, row_of};
use crate::error::{DataError, Result};
use crate::outcome::cell_text;
use crate::plan::{FieldIndex, Plan, Side};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

/// Ids that an error names.
const NAMED_MAX: usize = 5;

/// Items by what tells them apart.
type ByKey = HashMap<String, Vec<Row>, FixedState>;

/// Looks for the items of a side among the source's own records.
pub(super) struct Overlap<'a> {
    pub(super) plan: &'a Plan,
    pub(super) side: Side,
    pub(super) own: &'a SideColumns,
    pub(super) items: &'a Items,
    pub(super) scale: u8,
}

impl Overlap<'_> {
    /// Which own record stands for which of `items`, in the order of the own records.
    ///
    /// # Errors
    /// `carried_twice`.
    pub(super) fn find(&self, items: &[Row]) -> Result<Vec<(Row, Row)>> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.by_id(items)?;
        found.extend(self.by_values(items));
        found.sort_unstable();
        Ok(found)
    }

    fn cell(&self, own: bool, field: FieldIndex, row: Row) -> Option<String> {
        let fields = if own { &self.own.fields } else { &self.items.fields };
        fields.get(field).and_then(|column| cell_text(column, self.scale, row))
    }

    fn by_id(&self, items: &[Row]) -> Result<Vec<(Row, Row)>> {
        let Some(id) = self.plan.id else { return Ok(Vec::new()) };
        let mut waiting = ByKey::default();
        for item in items {
            if let Some(key) = self.cell(false, id, *item) {
                waiting.entry(key).or_default().push(*item);
            }
        }
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        let mut own: HashMap<String, Vec<Row>, FixedState> = HashMap::default();
        let mut buffer = String::new();
        for row in 0..self.own.rows {
            let Some(key) = id_text(&self.own.fields[id], row, &mut buffer) else { continue };
            if waiting.contains_key(key) {
                own.entry(key.to_owned()).or_default().push(row);
            }
        }
        let (mut found, mut twice) = (Vec::new(), Vec::new());
        let canon = Canon::new(self.plan, self.own);
        for (key, mut rows) in own {
            let Some(mut left) = waiting.remove(&key) else { continue };
            // Which record stands for which item doesn't depend on the order of either.
            canon.sort(&mut rows);
            left.sort_by_cached_key(|item| (self.all_cells(false, *item), *item));
            for exactly in [true, false] {
                rows.retain(|row| {
                    let at = left.iter().position(|item| self.agree(*row, *item, exactly));
                    found.extend(at.map(|at| (*row, left.remove(at))));
                    at.is_none()
                });
            }
            twice.extend(left.first().map(|item| (*item, key)));
        }
        twice.sort_unstable();
        if twice.is_empty() { Ok(found) } else { Err(self.carried_twice(&twice).into()) }
    }

    /// Whether amount, currency and date are the same, where both have them unless it is to be exactly.
    fn agree(&self, own: Row, item: Row, exactly: bool) -> bool {
        let fields = [self.plan.tie_out.amount, self.plan.currency, self.plan.date];
        fields.into_iter().flatten().all(|field| {
            let (one, other) = (self.cell(true, field, own), self.cell(false, field, item));
            one == other || (!exactly && (one.is_none() || other.is_none()))
        })
    }

    fn carried_twice(&self, twice: &[(Row, String)]) -> DataError {
        let named: Vec<&str> = twice.iter().take(NAMED_MAX).map(|(_, id)| id.as_str()).collect();
        let more = if twice.len() > NAMED_MAX { ", …" } else { "" };
        let name = &self.plan.names[self.side.index()];
        let problem = format!(
            "open items have the id of a record of {name}, but another amount, currency or date ({} of them): {}{more}",
            twice.len(),
            named.join(", "),
        );
        let hint = "Take the item out of the open items where the source's record is a new version of it, or the record out of \
                    the source where the item is what is left of it; map a unique `id` where they are two records";
        let (row, id) = &twice[0];
        DataError::new("carried_twice", OPEN_ITEMS, problem, hint).field("id").cell(u64::from(*row), id)
    }

    /// Items without an id, by all their values.
    fn by_values(&self, items: &[Row]) -> Vec<(Row, Row)> {
        let Some(date) = self.plan.date else { return Vec::new() };
        let (Column::Date(own_days), Column::Date(days)) = (&self.own.fields[date], &self.items.fields[date])
        else {
            return Vec::new();
        };
        let mut waiting = ByKey::default();
        let mut seen = HashSet::<i32, FixedState>::default();
        for item in items.iter().rev() {
            if let (Some(day), false) = (days.get(*item), self.has_id(false, *item)) {
                seen.insert(day);
                waiting.entry(self.all_cells(false, *item)).or_default().push(*item);
            }
        }
        let mut found = Vec::new();
        if waiting.is_empty() {
            return found;
        }
        for row in 0..self.own.rows {
            let is_near = own_days.get(row).is_some_and(|day| seen.contains(&day));
            if is_near
                && !self.has_id(true, row)
                && let Some(item) = waiting.get_mut(&self.all_cells(true, row)).and_then(Vec::pop)
            {
                found.push((row, item));
            }
        }
        found
    }

    fn has_id(&self, own: bool, row: Row) -> bool {
        self.plan.id.is_some_and(|id| self.cell(own, id, row).is_some())
    }

    /// All values that the table can tell, each with its length before it.
    fn all_cells(&self, own: bool, row: Row) -> String {
        let told = |field: &FieldIndex| {
            self.plan.fields[*field].cells[self.side.index()].is_some()
                && !matches!(self.items.fields[*field], Column::Absent)
        };
        let cells = (0..self.plan.fields.len()).filter(told).map(|field| {
            self.cell(own, field, row).map_or_else(|| "-".to_owned(), |cell| format!("{}:{cell}", cell.len()))
        });
        cells.collect()
    }
}

/// An id as text, without allocating for text.
fn id_text<'a>(column: &'a Column, row: Row, buffer: &'a mut String) -> Option<&'a str> {
    match column {
        Column::Text(cells) => cells.get(row),
        other => {
            *buffer = cell_text(other, 0, row)?;
            Some(buffer)
        }
    }
}

/// `items` without those that were found, in their order.
pub(super) fn kept(items: Vec<Row>, found: &[(Row, Row)]) -> Vec<Row> {
    let mut gone: Vec<Row> = found.iter().map(|(_, item)| *item).collect();
    gone.sort_unstable();
    items.into_iter().filter(|item| gone.binary_search(item).is_err()).collect()
}

/// How many own records stand for an item.
pub(super) fn count(found: &[(Row, Row)]) -> u64 {
    u64::from(row_of(found.len()))
}
