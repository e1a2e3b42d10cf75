//! `breaks`: one row per open record.

use super::super::Outcome;
use super::super::found::{Break, Reason};
use super::super::gather::{
    BothSides, TableBuilder, amounts, names, nullable_numbers, numbers, texts, texts_of,
};
use super::{SIDES, pass_key, share, side_key};
use crate::breaks::{self, Shortfall};
use crate::columns::{NO_ROW, Row};
use crate::error::Result;
use crate::money::display_units;
use crate::plan::Side;
use arrow_array::types::{Date32Type, Float64Type, Int8Type, Int16Type, Int32Type, UInt64Type};
use arrow_array::{ArrayRef, RecordBatch};
use std::ops::Range;

/// An open record with its side and that of its nearest record.
type Open<'a> = (Side, Side, &'a Break);

impl Outcome {
    /// Breaks by their position, left ones first.
    pub(in super::super) fn breaks_between(&self, range: Range<usize>) -> Result<RecordBatch> {
        let [left, right] = &self.found.breaks;
        let of = |side: Side, range: Range<usize>| {
            let breaks = &self.found.breaks[side.index()][range];
            breaks.iter().map(move |open| (side, open.nearest_side(&self.plan, side), open))
        };
        let split = left.len();
        let lefts = range.start.min(split)..range.end.min(split);
        let rights = range.start.max(split) - split..range.end.max(split).min(split + right.len()) - split;
        let open: Vec<Open<'_>> = of(Side::Left, lefts).chain(of(Side::Right, rights)).collect();
        self.breaks_table(&open)
    }

    fn breaks_table(&self, open: &[Open<'_>]) -> Result<RecordBatch> {
        let rows = open.len();
        let mut table = TableBuilder::default();
        let ids = BothSides::of(&self.columns, self.plan.id);
        table.full("side", || names::<Int8Type, _>(rows, &SIDES, |at| Some(side_key(open[at].0))));
        table.full("row", || {
            let number = |(side, _, open): Open<'_>| self.columns.side(side).row_number(open.row);
            numbers::<UInt64Type>(rows, |at| number(open[at]))
        });
        table.nullable("id", move || texts_of(rows, ids, |at| (open[at].0, open[at].2.row)));
        table.full("reason", || {
            let all: Vec<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
            names::<Int8Type, _>(rows, &all, |at| reason_key(open[at].2.reason))
        });
        table.nullable("pass", || {
            let all: Vec<&str> = self.plan.passes.iter().map(|pass| pass.name.as_str()).collect();
            names::<Int16Type, _>(rows, &all, |at| open[at].2.pass.map(pass_key))
        });
        table.nullable("field", || {
            let all: Vec<&str> = self.plan.fields.iter().map(|field| field.name.as_str()).collect();
            names::<Int16Type, _>(rows, &all, |at| self.lacking_field(open[at]))
        });
        self.add_cells(&mut table, open);
        self.add_nearest(&mut table, open);
        table.nullable("score", || nullable_numbers::<Float64Type>(rows, |at| open[at].2.score.map(share)));
        table.nullable("shortfall", || {
            texts(rows, |at, out| {
                let (side, _, found) = open[at];
                let words = self.shortfall(side, found).map(|shortfall| shortfall.to_string());
                let words = words.or_else(|| self.left_words(side, found));
                out.extend_from_slice(words.as_deref().unwrap_or_default().as_bytes());
                words.is_some()
            })
        });
        table.build()
    }

    /// What the nearest record of an open one lacks; `None` where that is no single requirement.
    #[must_use]
    pub fn shortfall(&self, side: Side, open: &Break) -> Option<Shortfall> {
        let pair = match side {
            Side::Left => (open.row, open.nearest),
            Side::Right => (open.nearest, open.row),
        };
        let (pass, lacks) = (open.pass?, open.lacks?);
        let short = match self.open_bundles(pass) {
            Some(bundles) => bundles.shortfall((&self.plan, &self.columns), (pass, lacks), pair),
            None => breaks::shortfall(&self.plan, &self.columns, (pass, lacks), pair),
        };
        let is_formula = matches!(open.reason, Reason::FeeLike | Reason::FxLike);
        short.map(
            |short| {
                if is_formula { short.explained(&self.found.formulas, self.columns.scale) } else { short }
            },
        )
    }

    /// How much is left of a record that its group takes in part: `40.00 is left of 100.00`. `None` for other breaks.
    #[must_use]
    pub fn left_words(&self, side: Side, open: &Break) -> Option<String> {
        let source = self.columns.side(side);
        let amounts = BothSides::of(&self.columns, self.plan.tie_out.amount);
        let (left, taken) = (amounts.amount(side, open.row)?, amounts.amount(side, source.origin(open.row))?);
        let [left, whole] =
            [left, left.checked_add(taken)?].map(|units| display_units(units, self.columns.scale));
        (open.reason == Reason::PartlyAllocated).then(|| format!("{left} is left of {whole}"))
    }

    /// The field that the lacking requirement reads on the record's own side.
    fn lacking_field(&self, (side, _, open): Open<'_>) -> Option<i16> {
        let pass = self.plan.passes.get(usize::from(open.pass?))?;
        let (left, right) = pass.fields_of(open.lacks?)?;
        i16::try_from(if side == Side::Left { left } else { right }).ok()
    }

    /// Amount, currency, date and age of the open record itself.
    fn add_cells<'a>(&'a self, table: &mut TableBuilder<'a>, open: &'a [Open<'a>]) {
        let rows = open.len();
        let tied = BothSides::of(&self.columns, self.plan.tie_out.amount);
        let dates = BothSides::of(&self.columns, self.plan.date);
        let day = move |at: usize| dates.day(open[at].0, open[at].2.row);
        table.nullable("amount", move || {
            let amount = |(side, _, open): Open<'_>| tied.amount(side, open.row);
            amounts(rows, self.columns.scale, |at| amount(open[at]))
        });
        table.nullable("currency", move || self.break_currencies(open));
        table.nullable("date", move || nullable_numbers::<Date32Type>(rows, day));
        table.nullable("age_days", move || {
            let age = |at| self.plan.as_of?.checked_sub(day(at)?);
            nullable_numbers::<Int32Type>(rows, age)
        });
        table.nullable("first_seen", move || {
            nullable_numbers::<Date32Type>(rows, |at| self.open_since(open[at].0, open[at].2.row))
        });
    }

    fn break_currencies(&self, open: &[Open<'_>]) -> Result<ArrayRef> {
        match self.currencies() {
            None => names::<Int32Type, &str>(open.len(), &[], |_| None),
            Some(of) => {
                let currency = |(side, _, open): Open<'_>| of.get(side, open.row);
                names::<Int32Type, _>(open.len(), &of.names, |at| currency(open[at]))
            }
        }
    }

    /// The nearest record, and the rival that took it.
    fn add_nearest<'a>(&'a self, table: &mut TableBuilder<'a>, open: &'a [Open<'a>]) {
        let rows = open.len();
        let ids = BothSides::of(&self.columns, self.plan.id);
        let number = |side: Side, row: Row| (row != NO_ROW).then(|| self.columns.side(side).row_number(row));
        table.nullable("nearest_side", move || {
            names::<Int8Type, _>(rows, &SIDES, |at| {
                (open[at].2.nearest != NO_ROW).then(|| side_key(open[at].1))
            })
        });
        table.nullable("nearest_row", move || {
            nullable_numbers::<UInt64Type>(rows, |at| number(open[at].1, open[at].2.nearest))
        });
        table.nullable("nearest_id", move || texts_of(rows, ids, |at| (open[at].1, open[at].2.nearest)));
        table.nullable("rival_row", move || {
            nullable_numbers::<UInt64Type>(rows, |at| number(open[at].0, open[at].2.rival))
        });
        table.nullable("rival_id", move || texts_of(rows, ids, |at| (open[at].0, open[at].2.rival)));
    }
}

pub(super) fn reason_key(reason: Reason) -> Option<i8> {
    Reason::ALL.iter().position(|other| *other == reason).and_then(|at| i8::try_from(at).ok())
}
