//! `open_items`: one row per record that the next run begins with.
//!
//! Members of proposed groups are among them: nobody has decided yet, and a record that is in no list is lost.

use super::super::Outcome;
use super::super::found::{Break, Reason};
use super::super::gather::{BothSides, TableBuilder, amounts, names, nullable_numbers, numbers, texts_of};
use super::breaks::reason_key;
use super::{SIDES, side_key};
use crate::carry::field_columns;
use crate::columns::Row;
use crate::error::Result;
use crate::plan::{FieldIndex, Side};
use crate::spec::{FieldKind, Status};
use arrow_array::RecordBatch;
use arrow_array::types::{Date32Type, Int8Type, Int32Type, Int64Type, UInt64Type};

/// What an open item waits for, as dictionaries list it.
const STATES: [&str; 2] = ["open", "proposed"];

/// A record to carry forward.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct OpenItem {
    side: Side,
    row: Row,
    /// Why it is open; `None` for a member of a proposed group.
    reason: Option<Reason>,
}

impl Outcome {
    /// All records to carry forward, left ones first, by row.
    pub(in super::super) fn open_list(&self) -> &[OpenItem] {
        self.open_items.get_or_init(|| {
            let proposed = self.proposed_members().map(|(side, row)| OpenItem { side, row, reason: None });
            let mut items: Vec<OpenItem> = proposed.collect();
            // Nobody has decided about a part of them yet: they go on whole.
            let mut whole: Vec<(Side, Row)> = items.iter().map(|item| (item.side, item.row)).collect();
            whole.sort_unstable();
            for side in Side::BOTH {
                // A row that says nothing can't be known again, nor ever be matched: it is told in its own run.
                let source = self.columns.side(side);
                let breaks = self.found.breaks[side.index()].iter();
                let is_left_of_whole = |open: &&Break| {
                    open.reason == Reason::PartlyAllocated
                        && whole.binary_search(&(side, source.origin(open.row))).is_ok()
                };
                let breaks = breaks.filter(|open| !source.is_unreadable_row(open.row));
                let breaks = breaks.filter(|open| !is_left_of_whole(open));
                items.extend(breaks.map(|open| OpenItem { side, row: open.row, reason: Some(open.reason) }));
            }
            items.sort_by_key(|item| (item.side, self.columns.side(item.side).row_number(item.row)));
            items
        })
    }

    fn proposed_members(&self) -> impl Iterator<Item = (Side, Row)> + '_ {
        let pairs = self.found.pairs.iter().filter(|pair| pair.status == Status::Proposed);
        let of_pairs = pairs.flat_map(|pair| {
            let [first, second] = pair.span.sides();
            [(first, pair.left), (second, pair.right)]
        });
        let groups = self.found.groups.iter().filter(|group| group.verdict.status == Status::Proposed);
        let of_groups = groups.flat_map(|group| group.members().collect::<Vec<_>>());
        of_pairs.chain(of_groups)
    }

    /// Since when a record that this run leaves open is so.
    pub(in super::super) fn open_since(&self, side: Side, row: Row) -> Option<i32> {
        self.columns.side(side).first_seen(row).unwrap_or(self.plan.as_of)
    }

    pub(in super::super) fn open_items_of(&self, items: &[OpenItem]) -> Result<RecordBatch> {
        let rows = items.len();
        let mut table = TableBuilder::default();
        let ids = BothSides::of(&self.columns, self.plan.id);
        let dates = BothSides::of(&self.columns, self.plan.date);
        table.full("side", || names::<Int8Type, _>(rows, &SIDES, |at| Some(side_key(items[at].side))));
        table.full("row", || {
            numbers::<UInt64Type>(rows, |at| self.columns.side(items[at].side).row_number(items[at].row))
        });
        table.nullable("id", move || texts_of(rows, ids, |at| (items[at].side, items[at].row)));
        table.full("state", || {
            names::<Int8Type, _>(rows, &STATES, |at| Some(i8::from(items[at].reason.is_none())))
        });
        table.nullable("reason", || {
            let all: Vec<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
            names::<Int8Type, _>(rows, &all, |at| items[at].reason.and_then(reason_key))
        });
        table.nullable("first_seen", || {
            nullable_numbers::<Date32Type>(rows, |at| self.open_since(items[at].side, items[at].row))
        });
        table.nullable("age_days", move || {
            let day = |at: usize| dates.day(items[at].side, items[at].row);
            nullable_numbers::<Int32Type>(rows, |at| self.plan.as_of?.checked_sub(day(at)?))
        });
        for (field, column) in field_columns(&self.plan) {
            self.add_field(&mut table, items, field, &column);
        }
        table.build()
    }

    /// A field of both sides in one column, of the field's kind whatever the data.
    fn add_field<'a>(
        &'a self,
        table: &mut TableBuilder<'a>,
        items: &'a [OpenItem],
        field: FieldIndex,
        name: &str,
    ) {
        let rows = items.len();
        let cells = BothSides::of(&self.columns, Some(field));
        let whole = BothSides::of(&self.asked, Some(field));
        let of = move |at: usize| (items[at].side, items[at].row);
        match self.plan.fields[field].kind {
            FieldKind::Text => table.nullable(name, move || texts_of(rows, cells, of)),
            FieldKind::Amount => table.nullable(name, move || {
                amounts(rows, self.columns.scale, |at| {
                    let OpenItem { side, row, reason } = items[at];
                    if reason.is_none() { whole.amount(side, row) } else { cells.amount(side, row) }
                })
            }),
            FieldKind::Date => table.nullable(name, move || {
                nullable_numbers::<Date32Type>(rows, |at| cells.day(items[at].side, items[at].row))
            }),
            FieldKind::Integer => table.nullable(name, move || {
                nullable_numbers::<Int64Type>(rows, |at| cells.integer(items[at].side, items[at].row))
            }),
        };
    }
}
