//! `pairs`: one row per `1:1` group in wide form, with the carried fields.

use super::super::Outcome;
use super::super::found::{Pair, Span};
use super::super::gather::{AHEAD, BothSides, TableBuilder, amounts, nullable_numbers, numbers, texts_of};
use super::groups::add_verdict;
use super::money::{Days, row};
use super::{group_id, share};
use crate::columns::Column;
use crate::error::Result;
use crate::plan::Side;
use arrow_array::RecordBatch;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type, UInt64Type};
use std::borrow::Cow;

impl Outcome {
    pub(in super::super) fn pairs_of(&self, pairs: &[Pair]) -> Result<RecordBatch> {
        let is_across = |pair: &Pair| pair.span == Span::Across;
        let pairs: Cow<'_, [Pair]> = if pairs.iter().all(is_across) {
            Cow::Borrowed(pairs)
        } else {
            Cow::Owned(pairs.iter().copied().filter(is_across).collect())
        };
        let pairs: &[Pair] = &pairs;
        let rows = pairs.len();
        let mut table = TableBuilder::default();
        table.full("group_id", || numbers::<UInt64Type>(rows, |at| group_id(&self.columns, &pairs[at])));
        table.full("pass", || self.pass_names(pairs));
        add_verdict(&mut table, pairs);
        table.full("score", || numbers::<Float64Type>(rows, |at| share(pairs[at].score)));
        self.add_sides(&mut table, pairs);
        table.together(&["left_amount", "right_amount", "variance"], || {
            let [left, right, _, _, variance] = self.money(pairs)?;
            Ok(vec![left, right, variance])
        });
        let days = Days::of(&self.plan, &self.columns);
        table.nullable("days", move || nullable_numbers::<Int32Type>(rows, |at| days.between(pairs, at)));
        for &field in &self.plan.carry {
            self.carry(&mut table, pairs, field);
        }
        table.build()
    }

    /// Rows and ids of both sides.
    fn add_sides<'a>(&'a self, table: &mut TableBuilder<'a>, pairs: &'a [Pair]) {
        let rows = pairs.len();
        let ids = BothSides::of(&self.columns, self.plan.id);
        for side in Side::BOTH {
            let source = self.columns.side(side);
            table.full(&format!("{}_row", side.name()), move || {
                numbers::<UInt64Type>(rows, |at| source.row_number(row(&pairs[at], side)))
            });
        }
        for side in Side::BOTH {
            table.nullable(&format!("{}_id", side.name()), move || {
                texts_of(rows, ids, |at| (side, row(&pairs[at], side)))
            });
        }
    }

    /// A carried field of both sides: of its own type, and only where a side has it.
    fn carry<'a>(&'a self, table: &mut TableBuilder<'a>, pairs: &'a [Pair], field: usize) {
        if Some(field) == self.plan.id || Some(field) == self.plan.tie_out.amount {
            return;
        }
        let Some(plan) = self.plan.fields.get(field) else { return };
        let rows = pairs.len();
        let both = BothSides::of(&self.columns, Some(field));
        for side in Side::BOTH {
            let short = format!("{}_{}", side.name(), plan.name);
            let name = if table.has(&short) { format!("{}_field_{}", side.name(), plan.name) } else { short };
            let column = both.column(side);
            let row = move |at: usize| {
                if let Some(pair) = pairs.get(at + AHEAD) {
                    column.prefetch(row(pair, side));
                }
                row(&pairs[at], side)
            };
            match column {
                Column::Absent => continue,
                Column::Text(_) | Column::Many(_) => {
                    table.nullable(&name, move || texts_of(rows, both, |at| (side, row(at))))
                }
                Column::Amount(column) => {
                    table.nullable(&name, move || amounts(rows, self.columns.scale, |at| column.get(row(at))))
                }
                Column::Date(column) => table
                    .nullable(&name, move || nullable_numbers::<Date32Type>(rows, |at| column.get(row(at)))),
                Column::Integer(column) => table
                    .nullable(&name, move || nullable_numbers::<Int64Type>(rows, |at| column.get(row(at)))),
            };
        }
    }
}
