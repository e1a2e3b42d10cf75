//! `alternatives`: one row per other candidate of an ambiguous or proposed pair.

use super::super::Outcome;
use super::super::gather::{BothSides, TableBuilder, names, numbers, texts_of};
use super::{SIDES, group_id, share, side_key};
use crate::error::Result;
use crate::resolve::alternatives::{Alternative, alternatives};
use arrow_array::types::{Float64Type, Int8Type, UInt32Type, UInt64Type};
use arrow_array::{BooleanArray, RecordBatch};
use std::sync::Arc;

impl Outcome {
    /// All alternatives, looked for when they are first wanted.
    fn alternatives_found(&self) -> Result<&[Alternative]> {
        let found = self.alternatives.get_or_init(|| alternatives(&self.plan, &self.asked, &self.found));
        match found {
            Ok(found) => Ok(found),
            Err(error) => Err(error.clone()),
        }
    }

    pub(in super::super) fn alternatives_table(&self) -> Result<RecordBatch> {
        self.alternatives_of(self.alternatives_found()?)
    }

    pub(super) fn alternatives_of(&self, all: &[Alternative]) -> Result<RecordBatch> {
        let rows = all.len();
        let mut table = TableBuilder::default();
        let ids = BothSides::of(&self.columns, self.plan.id);
        table.full("group_id", || {
            numbers::<UInt64Type>(rows, |at| group_id(&self.columns, &self.found.pairs[all[at].pair]))
        });
        table.full("rank", || numbers::<UInt32Type>(rows, |at| all[at].rank));
        table.full("side", || names::<Int8Type, _>(rows, &SIDES, |at| Some(side_key(all[at].side))));
        table.full("row", || {
            numbers::<UInt64Type>(rows, |at| self.columns.side(all[at].side).row_number(all[at].row))
        });
        table.nullable("id", move || texts_of(rows, ids, |at| (all[at].side, all[at].row)));
        table.full("score", || numbers::<Float64Type>(rows, |at| share(all[at].score)));
        table.full("optimal", || {
            let flags: Vec<bool> = all.iter().map(|one| one.optimal).collect();
            Ok(Arc::new(BooleanArray::from(flags)))
        });
        table.build()
    }
}
