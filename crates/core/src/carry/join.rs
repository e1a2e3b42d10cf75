//! Carried records behind the source's own, column by column.

use super::overlap::{self, Overlap};
use super::read::{Items, OpenItems, rows_where};
use crate::columns::{
    AmountColumn, AmountValues, Column, Columns, DateColumn, Facts, IntegerColumn, Row, SideColumns,
    TextColumn, TextParts, frequencies,
};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::limits::ROWS_MAX;
use crate::plan::{FieldPlan, Plan, Side};
use crate::spec::FieldKind;
use arrow_array::{GenericStringArray, OffsetSizeTrait, StringArray};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer, ScalarBuffer};
use std::sync::Arc;

impl OpenItems {
    /// The prepared columns with the open items behind the own records of their side, in the order of their table.
    /// `facts` must know [`OpenItems::scale`]. An own record that is an open item takes its place.
    ///
    /// Cost: one copy of the columns but text, one look at every own id.
    ///
    /// # Errors
    /// `unreadable_cell` and `carried_twice`, the source being `open_items`; [`Error::Limit`] for rows and memory;
    /// [`Error::Cancelled`].
    pub fn join(&self, plan: &Plan, facts: &Facts, columns: Columns, control: &Control) -> Result<Columns> {
        let items = self.items(facts, control)?;
        let scale = columns.scale;
        let Columns { sides: [left, right], decisions, .. } = columns;
        let join = |side, own| joined(plan, (side, own), (&items, facts), scale, control);
        let mut sides = [join(Side::Left, left)?, join(Side::Right, right)?];
        frequencies::count(plan, &mut sides, control)?;
        Ok(Columns { sides, scale, decisions })
    }
}

fn joined(
    plan: &Plan,
    (side, mut own): (Side, SideColumns),
    (items, facts): (&Items, &Facts),
    scale: u8,
    control: &Control,
) -> Result<SideColumns> {
    control.cancel.check()?;
    let mine = rows_where(items.sides.len(), |at| items.sides[at] == side);
    let found = Overlap { plan, side, own: &own, items, scale }.find(&mine)?;
    let kept = overlap::kept(mine, &found);
    let rows = u64::from(own.rows) + kept.len() as u64;
    let Some(rows) = u32::try_from(rows).ok().filter(|rows| u64::from(*rows) <= ROWS_MAX) else {
        return Err(too_many(&plan.names[side.index()], rows));
    };
    let first = own.rows;
    own.first_seen = found.iter().map(|(row, item)| (*row, items.first_seen[*item as usize])).collect();
    own.first_seen
        .extend((first..rows).zip(&kept).map(|(row, item)| (row, items.first_seen[*item as usize])));
    own.replaced = overlap::count(&found);
    if kept.is_empty() {
        return Ok(own);
    }
    let bytes = u64::from(rows).saturating_mul(own.fields.iter().map(cell_bytes).sum());
    let held = control.memory.reserve(bytes, "joining the open items")?;
    if let Some(memory) = Arc::get_mut(&mut own.memory) {
        memory.push(held);
    }
    own.fields = own
        .fields
        .iter()
        .zip(&plan.fields)
        .zip(&items.fields)
        .map(|((column, field), more)| {
            if field.cells[side.index()].is_none() {
                Column::Absent
            } else {
                behind(column, (more, &kept), field)
            }
        })
        .collect();
    own.row_numbers = own.row_numbers.map(|numbers| {
        let base = facts.rows[side.index()];
        numbers.iter().copied().chain((base..).take(kept.len())).collect::<Vec<u64>>().into()
    });
    own.excluded = own.excluded.map(|bits| longer(Some(&bits), first, &vec![false; kept.len()]));
    let unreadable: Vec<bool> = kept.iter().map(|item| items.unreadable[*item as usize]).collect();
    if own.unreadable.is_some() || unreadable.contains(&true) {
        own.unreadable = Some(longer(own.unreadable.as_ref(), first, &unreadable));
    }
    own.carried = rows - first;
    own.rows = rows;
    Ok(own)
}

fn too_many(name: &str, needed: u64) -> Error {
    Error::Limit {
        what: format!("source \"{name}\" with its open items"),
        unit: "rows",
        needed,
        limit: ROWS_MAX,
        hint: "Reconcile fewer records at a time".to_owned(),
    }
}

/// Bytes that one more record takes; text is not copied.
fn cell_bytes(column: &Column) -> u64 {
    match column {
        // Those of many values are copied, but hold little beside their text.
        Column::Absent | Column::Text(_) | Column::Many(_) => 0,
        Column::Amount(AmountColumn { values: AmountValues::Wide(_), .. }) => 16,
        Column::Date(_) => 4,
        Column::Amount(_) | Column::Integer(_) => 8,
    }
}

/// Bits with more behind them.
pub(crate) fn longer(bits: Option<&BooleanBuffer>, rows: Row, more: &[bool]) -> BooleanBuffer {
    let mut all = BooleanBufferBuilder::new(rows as usize + more.len());
    match bits {
        Some(bits) => all.append_buffer(bits),
        None => all.append_n(rows as usize, false),
    }
    all.append_slice(more);
    all.finish()
}

/// A field's own cells, and behind them those of some items.
pub(crate) fn behind(own: &Column, (items, rows): (&Column, &[Row]), field: &FieldPlan) -> Column {
    match own {
        Column::Absent => empty(field.kind, rows.len()),
        Column::Text(TextColumn::Small(texts)) => {
            Column::Text(TextColumn::Small(texts_behind(texts, items, rows)))
        }
        Column::Text(TextColumn::Large(texts)) => {
            Column::Text(TextColumn::Large(texts_behind(texts, items, rows)))
        }
        Column::Amount(own) => Column::Amount(amounts_behind(own, items, rows)),
        Column::Date(own) => {
            let cell = |row: Row| if let Column::Date(days) = items { days.get(row) } else { None };
            let (days, nulls) =
                fixed_behind(&own.days, own.nulls.as_ref(), rows.iter().map(|row| cell(*row)));
            Column::Date(DateColumn { days, nulls })
        }
        Column::Integer(own) => {
            let cell = |row: Row| match items {
                Column::Integer(values) => values.get(row),
                // The other side has many, which stand in one text.
                Column::Text(texts) => texts.get(row).and_then(|text| text.parse().ok()),
                _ => None,
            };
            let cells = rows.iter().map(|row| cell(*row));
            let (values, nulls) = fixed_behind(&own.values, own.nulls.as_ref(), cells);
            Column::Integer(IntegerColumn { values, nulls })
        }
        Column::Many(own) => {
            let cell = |row: &Row| items.texts().and_then(|texts| texts.get(*row));
            let cells: Vec<Option<&str>> = rows.iter().map(cell).collect();
            Column::Many(Arc::new(own.with_cells_behind(&cells)))
        }
    }
}

/// A column of nulls: a source without batches has no cells to stand before the items.
fn empty(kind: FieldKind, rows: usize) -> Column {
    let nulls = Some(NullBuffer::new_null(rows));
    match kind {
        FieldKind::Text => Column::Text(TextColumn::Small(StringArray::new_null(rows).into())),
        FieldKind::Amount => {
            Column::Amount(AmountColumn { values: AmountValues::Narrow(vec![0; rows].into()), nulls })
        }
        FieldKind::Date => Column::Date(DateColumn { days: vec![0; rows].into(), nulls }),
        FieldKind::Integer => Column::Integer(IntegerColumn { values: vec![0; rows].into(), nulls }),
    }
}

fn texts_behind<O: OffsetSizeTrait>(own: &TextParts<O>, items: &Column, rows: &[Row]) -> TextParts<O> {
    let cell = |row: &Row| if let Column::Text(texts) = items { texts.get(*row) } else { None };
    let more: GenericStringArray<O> = rows.iter().map(cell).collect();
    TextParts::new(own.parts().iter().cloned().chain([more]).collect())
}

fn amounts_behind(own: &AmountColumn, items: &Column, rows: &[Row]) -> AmountColumn {
    let cell = |row: &Row| if let Column::Amount(amounts) = items { amounts.get(*row) } else { None };
    let cells: Vec<Option<i128>> = rows.iter().map(cell).collect();
    let narrow = |cell: &Option<i128>| cell.map(i64::try_from).transpose().ok();
    let nulls = own.nulls.as_ref();
    match &own.values {
        AmountValues::Narrow(values) => {
            if let Some(cells) = cells.iter().map(narrow).collect::<Option<Vec<Option<i64>>>>() {
                let (values, nulls) = fixed_behind(values, nulls, cells.into_iter());
                return AmountColumn { values: AmountValues::Narrow(values), nulls };
            }
            let wide: ScalarBuffer<i128> = values.iter().copied().map(i128::from).collect();
            let (values, nulls) = fixed_behind(&wide, nulls, cells.into_iter());
            AmountColumn { values: AmountValues::Wide(values), nulls }
        }
        AmountValues::Wide(values) => {
            let (values, nulls) = fixed_behind(values, nulls, cells.into_iter());
            AmountColumn { values: AmountValues::Wide(values), nulls }
        }
    }
}

fn fixed_behind<T: arrow_buffer::ArrowNativeType>(
    own: &ScalarBuffer<T>,
    nulls: Option<&NullBuffer>,
    cells: impl ExactSizeIterator<Item = Option<T>> + Clone,
) -> (ScalarBuffer<T>, Option<NullBuffer>) {
    let has_nulls = nulls.is_some() || cells.clone().any(|cell| cell.is_none());
    let valid = has_nulls.then(|| {
        let mut valid = BooleanBufferBuilder::new(own.len() + cells.len());
        match nulls {
            Some(nulls) => valid.append_buffer(nulls.inner()),
            None => valid.append_n(own.len(), true),
        }
        cells.clone().for_each(|cell| valid.append(cell.is_some()));
        NullBuffer::new(valid.finish())
    });
    let values: Vec<T> = own.iter().copied().chain(cells.map(Option::unwrap_or_default)).collect();
    (values.into(), valid)
}
