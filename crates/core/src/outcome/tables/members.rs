//! `members`: one row per record in a group.

use super::super::Outcome;
use super::super::found::Pair;
use super::super::gather::{BothSides, TableBuilder, amounts, names, numbers, texts_of};
use super::rows::{Grouped as _, Item, Stretch};
use super::{SIDES, group_id, side_key};
use crate::columns::{Columns, Row};
use crate::error::Result;
use crate::plan::Side;
use arrow_array::RecordBatch;
use arrow_array::types::{Int8Type, UInt64Type};
use std::ops::Range;

impl Outcome {
    /// Members of the groups at these positions.
    pub(in super::super) fn members_between(&self, range: Range<usize>) -> Result<RecordBatch> {
        match self.stretch(range) {
            Stretch::Pairs(pairs) => self.members_of_pairs(pairs),
            Stretch::Both(items) => self.members_of_items(&items),
        }
    }

    fn members_of_pairs(&self, pairs: &[Pair]) -> Result<RecordBatch> {
        let columns: &Columns = &self.columns;
        let id = |at: usize| group_id(columns, &pairs[at / 2]);
        let member = |at: usize| member(columns, &pairs[at / 2], at % 2);
        let prefetch = |tied: BothSides<'_>, at: usize| {
            if at.is_multiple_of(2) {
                tied.prefetch(pairs, at / 2);
            }
        };
        self.members_table(2 * pairs.len(), id, (&member, &prefetch))
    }

    fn members_of_items(&self, items: &[Item<'_>]) -> Result<RecordBatch> {
        let (mut ids, mut members) = (Vec::new(), Vec::new());
        for item in items {
            item.members(&self.columns, &mut members);
            ids.resize(members.len(), item.id(&self.columns));
        }
        let member = |at: usize| members[at];
        self.members_table(members.len(), |at| ids[at], (&member, &|_: BothSides<'_>, _| ()))
    }

    fn members_table<M, P>(
        &self,
        rows: usize,
        id: impl Fn(usize) -> u64 + Send + Sync,
        (member, prefetch): (&M, &P),
    ) -> Result<RecordBatch>
    where
        M: Fn(usize) -> (Side, Row) + Send + Sync,
        P: Fn(BothSides<'_>, usize) + Send + Sync,
    {
        let columns: &Columns = &self.columns;
        let mut table = TableBuilder::default();
        let ids = BothSides::of(columns, self.plan.id);
        let tied = BothSides::of(columns, self.plan.tie_out.amount);
        table.full("group_id", move || numbers::<UInt64Type>(rows, id));
        table.full("side", move || names::<Int8Type, _>(rows, &SIDES, |at| Some(side_key(member(at).0))));
        table.full("row", move || {
            numbers::<UInt64Type>(rows, |at| {
                let (side, row) = member(at);
                columns.side(side).row_number(row)
            })
        });
        table.nullable("id", move || texts_of(rows, ids, member));
        table.nullable("amount", move || {
            amounts(rows, columns.scale, |at| {
                prefetch(tied, at);
                let (side, row) = member(at);
                tied.amount(side, row)
            })
        });
        table.build()
    }
}

/// The first or second member of a pair, in the order of (side, row).
#[inline]
pub(super) fn member(columns: &Columns, pair: &Pair, which: usize) -> (Side, Row) {
    let [first, second] = pair.span.sides();
    let ordered = first != second || {
        let source = columns.side(first);
        source.row_number(pair.left) <= source.row_number(pair.right)
    };
    if (which == 0) == ordered { (first, pair.left) } else { (second, pair.right) }
}
