//! `groups`: one row per group.

use super::super::Outcome;
use super::super::found::{Ambiguity, NO_REGRET, Pair, Span};
use super::super::gather::{TableBuilder, names, no_amounts, nullable_numbers, numbers};
use super::money::Days;
use super::{STATUSES, ambiguity_key, group_id, pass_key, share, status_key};
use crate::error::Result;
use crate::plan::Side;
use crate::spec::Cardinality;
use arrow_array::types::{Float64Type, Int8Type, Int16Type, Int32Type, UInt32Type, UInt64Type};
use arrow_array::{ArrayRef, RecordBatch};

const CARDINALITIES: [Cardinality; 2] = [Cardinality::OneToOne, Cardinality::SameSide];

impl Outcome {
    pub(in super::super) fn groups_of(&self, pairs: &[Pair]) -> Result<RecordBatch> {
        let rows = pairs.len();
        let mut table = TableBuilder::default();
        table.full("group_id", || numbers::<UInt64Type>(rows, |at| group_id(&self.columns, &pairs[at])));
        table.full("pass", || self.pass_names(pairs));
        table.full("cardinality", || {
            let key = |at: usize| i8::from(pairs[at].span != Span::Across);
            names::<Int8Type, _>(rows, &CARDINALITIES.map(Cardinality::name), |at| Some(key(at)))
        });
        add_verdict(&mut table, pairs);
        table.full("rivals", || numbers::<UInt32Type>(rows, |at| pairs[at].rivals));
        table.full("score", || numbers::<Float64Type>(rows, |at| share(pairs[at].score)));
        table.nullable("regret", || {
            let regret = |pair: &Pair| (pair.regret != NO_REGRET).then(|| share(pair.regret));
            nullable_numbers::<Float64Type>(rows, |at| regret(&pairs[at]))
        });
        for (side, name) in Side::BOTH.into_iter().zip(["left_count", "right_count"]) {
            table.full(name, move || {
                let count = |pair: &Pair| pair.span.sides().iter().filter(|of| **of == side).count();
                numbers::<UInt32Type>(rows, |at| crate::columns::row_of(count(&pairs[at])))
            });
        }
        self.add_money(&mut table, pairs);
        let days = Days::of(&self.plan, &self.columns);
        table.nullable("days", move || nullable_numbers::<Int32Type>(rows, |at| days.between(pairs, at)));
        table.build()
    }

    fn add_money<'a>(&'a self, table: &mut TableBuilder<'a>, pairs: &'a [Pair]) {
        let names = ["left_amount", "right_amount", "currency", "net", "fee", "variance"];
        table.together(&names, move || {
            let (money, currency) = rayon::join(|| self.money(pairs), || self.group_currencies(pairs));
            let [left, right, net, variance] = money?;
            Ok(vec![left, right, currency?, net, no_amounts(pairs.len(), self.columns.scale)?, variance])
        });
    }

    fn group_currencies(&self, pairs: &[Pair]) -> Result<ArrayRef> {
        match self.currencies() {
            None => names::<Int32Type, &str>(pairs.len(), &[], |_| None),
            Some(of) => names::<Int32Type, _>(pairs.len(), &of.names, |at| of.shared(pairs, at)),
        }
    }

    pub(super) fn pass_names(&self, pairs: &[Pair]) -> Result<ArrayRef> {
        let passes: Vec<&str> = self.plan.passes.iter().map(|pass| pass.name.as_str()).collect();
        names::<Int16Type, _>(pairs.len(), &passes, |at| Some(pass_key(pairs[at].pass)))
    }
}

/// Status and ambiguity.
pub(super) fn add_verdict<'a>(table: &mut TableBuilder<'a>, pairs: &'a [Pair]) {
    let rows = pairs.len();
    table.full("status", move || {
        names::<Int8Type, _>(rows, &STATUSES, |at| Some(status_key(pairs[at].status)))
    });
    table.full("ambiguity", move || {
        let all = Ambiguity::ALL.map(Ambiguity::name);
        names::<Int8Type, _>(rows, &all, |at| Some(ambiguity_key(pairs[at].ambiguity)))
    });
}
