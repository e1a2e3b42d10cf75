//! `groups`: one row per group.

use super::super::Outcome;
use super::super::found::Ambiguity;
use super::super::gather::{TableBuilder, names, nullable_numbers, numbers};
use super::money::Days;
use super::rows::{CLUSTER, Grouped, SHAPES, Stretch, prefetch_cells};
use super::{STATUSES, ambiguity_key, pass_key, share, status_key};
use crate::error::Result;
use crate::plan::Side;
use arrow_array::types::{Float64Type, Int8Type, Int16Type, Int32Type, UInt32Type, UInt64Type};
use arrow_array::{ArrayRef, RecordBatch};
use std::ops::Range;

impl Outcome {
    /// Groups by their position.
    pub(in super::super) fn groups_between(&self, range: Range<usize>) -> Result<RecordBatch> {
        match self.stretch(range) {
            Stretch::Pairs(pairs) => self.groups_of(pairs),
            Stretch::Both(items) => self.groups_of(&items),
        }
    }

    fn groups_of<T: Grouped>(&self, groups: &[T]) -> Result<RecordBatch> {
        let rows = groups.len();
        let mut table = TableBuilder::default();
        table.full("group_id", || numbers::<UInt64Type>(rows, |at| groups[at].id(&self.columns)));
        table.full("pass", || self.pass_names(groups));
        table.full("cardinality", || {
            names::<Int8Type, _>(rows, &SHAPES, |at| {
                Some(if self.plan.one_source { CLUSTER } else { groups[at].shape() })
            })
        });
        add_verdict(&mut table, groups);
        table.full("rivals", || numbers::<UInt32Type>(rows, |at| groups[at].verdict().rivals));
        table.full("score", || numbers::<Float64Type>(rows, |at| share(groups[at].verdict().score)));
        table.nullable("regret", || {
            nullable_numbers::<Float64Type>(rows, |at| groups[at].verdict().known_regret().map(share))
        });
        for (side, name) in Side::BOTH.into_iter().zip(["left_count", "right_count"]) {
            table.full(name, move || {
                numbers::<UInt32Type>(rows, |at| crate::columns::row_of(groups[at].count(side)))
            });
        }
        self.add_money(&mut table, groups);
        let days = Days::of(&self.plan, &self.columns);
        table.nullable("days", move || nullable_numbers::<Int32Type>(rows, |at| days.between(groups, at)));
        table.build()
    }

    fn add_money<'a, T: Grouped>(&'a self, table: &mut TableBuilder<'a>, groups: &'a [T]) {
        let names = ["left_amount", "right_amount", "currency", "net", "fee", "variance"];
        table.together(&names, move || {
            let (money, currency) = rayon::join(|| self.money(groups), || self.group_currencies(groups));
            let [left, right, net, fee, variance] = money?;
            Ok(vec![left, right, currency?, net, fee, variance])
        });
    }

    fn group_currencies<T: Grouped>(&self, groups: &[T]) -> Result<ArrayRef> {
        match self.currencies() {
            None => names::<Int32Type, &str>(groups.len(), &[], |_| None),
            Some(of) => names::<Int32Type, _>(groups.len(), &of.names, |at| {
                prefetch_cells(of.cells, groups, at);
                groups[at].currency(&of)
            }),
        }
    }

    pub(super) fn pass_names<T: Grouped>(&self, groups: &[T]) -> Result<ArrayRef> {
        let passes: Vec<&str> = self.plan.passes.iter().map(|pass| pass.name.as_str()).collect();
        names::<Int16Type, _>(groups.len(), &passes, |at| Some(pass_key(groups[at].verdict().pass)))
    }
}

/// Status and ambiguity.
pub(super) fn add_verdict<'a, T: Grouped>(table: &mut TableBuilder<'a>, groups: &'a [T]) {
    let rows = groups.len();
    table.full("status", move || {
        names::<Int8Type, _>(rows, &STATUSES, |at| Some(status_key(groups[at].verdict().status)))
    });
    table.full("ambiguity", move || {
        let all = Ambiguity::ALL.map(Ambiguity::name);
        names::<Int8Type, _>(rows, &all, |at| Some(ambiguity_key(groups[at].verdict().ambiguity)))
    });
}
