//! `members`: one row per record in a group.

use super::super::Outcome;
use super::super::found::Pair;
use super::super::gather::{BothSides, TableBuilder, amounts, names, numbers, texts_of};
use super::{SIDES, group_id, side_key};
use crate::columns::{Columns, Row};
use crate::error::Result;
use crate::plan::Side;
use arrow_array::RecordBatch;
use arrow_array::types::{Int8Type, UInt64Type};

impl Outcome {
    pub(in super::super) fn members_of(&self, pairs: &[Pair]) -> Result<RecordBatch> {
        let rows = 2 * pairs.len();
        let columns: &Columns = &self.columns;
        let member = move |at: usize| member(columns, &pairs[at / 2], at % 2);
        let mut table = TableBuilder::default();
        let ids = BothSides::of(columns, self.plan.id);
        let tied = BothSides::of(columns, self.plan.tie_out.amount);
        table.full("group_id", move || numbers::<UInt64Type>(rows, |at| group_id(columns, &pairs[at / 2])));
        table.full("side", move || {
            names::<Int8Type, _>(rows, &SIDES, |at| Some(side_key(pairs[at / 2].span.sides()[at % 2])))
        });
        table.full("row", move || {
            numbers::<UInt64Type>(rows, |at| {
                let (side, row) = member(at);
                columns.side(side).row_number(row)
            })
        });
        table.nullable("id", move || texts_of(rows, ids, member));
        table.nullable("amount", move || {
            amounts(rows, columns.scale, |at| {
                if at % 2 == 0 {
                    tied.prefetch(pairs, at / 2);
                }
                let (side, row) = member(at);
                tied.amount(side, row)
            })
        });
        table.build()
    }
}

/// The first or second member of a pair, in the order of (side, row).
#[inline]
fn member(columns: &Columns, pair: &Pair, which: usize) -> (Side, Row) {
    let [first, second] = pair.span.sides();
    let ordered = first != second || {
        let source = columns.side(first);
        source.row_number(pair.left) <= source.row_number(pair.right)
    };
    if (which == 0) == ordered { (first, pair.left) } else { (second, pair.right) }
}
