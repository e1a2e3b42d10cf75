//! One pass as it ran: the engine's own blocks, limiter and scorer, asked again about the records concerned.

use super::model::Place;
use super::world::World;
use crate::candidates::blocks::KeyColumns;
use crate::candidates::classes::Classes;
use crate::candidates::neighbours::Most;
use crate::columns::{Row, SideColumns, row_of};
use crate::decisions::barred_from;
use crate::engine::{by_sign, key_columns};
use crate::error::Result;
use crate::outcome::{Pair, Span};
use crate::plan::{Millionths, PassPlan, Side};
use crate::resolve::one_to_one::PassContext;
use crate::spec::Cardinality;
use std::cmp::Reverse;

/// A pass with the records that were open when it ran. A seat is a place in a pair: 0 for the left or positive
/// record, 1 for the right or negative one.
pub(super) struct Scene<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) pass: &'a PassPlan,
    pub(super) index: u16,
    pub(super) context: PassContext<'a>,
    pub(super) sides: [Side; 2],
    pub(super) keys: [KeyColumns<'a>; 2],
    pub(super) open: [Vec<Row>; 2],
}

/// The open records that share a record's key, by seat.
pub(super) struct Block {
    pub(super) rows: [Vec<Row>; 2],
}

impl Block {
    /// How many: of the seat, and of the other.
    pub(super) fn sizes(&self, seat: usize) -> [u64; 2] {
        [self.rows[seat].len() as u64, self.rows[1 - seat].len() as u64]
    }
}

/// A candidate of a record: one class of equal records.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Its records, in canonical order; never empty.
    pub(super) members: Vec<Row>,
    pub(super) score: Millionths,
    pub(super) gain: Millionths,
    /// |variance|; 0 where unknown.
    pub(super) distance: u128,
    /// |days|; 0 where unknown.
    pub(super) days: u64,
}

impl Found {
    fn worth(&self) -> (Reverse<Millionths>, u128, u64) {
        (Reverse(self.gain), self.distance, self.days)
    }
}

/// The candidates of a record, best first.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub(super) found: Vec<Found>,
    /// Whether a limit kept records from being looked at.
    pub(super) limited: bool,
}

impl Candidates {
    /// How many records they are.
    pub(super) fn records(&self) -> u64 {
        self.found.iter().map(|one| one.members.len() as u64).sum()
    }
}

/// Left and right row of a seat's record and another.
pub(super) fn seated(seat: usize, row: Row, other: Row) -> (Row, Row) {
    if seat == 0 { (row, other) } else { (other, row) }
}

impl<'a> Scene<'a> {
    /// The pass of a span as it ran. One look at every record of its sides.
    ///
    /// # Errors
    /// A plan that doesn't fit the columns is an internal error.
    pub(super) fn new(world: &'a World<'a>, index: u16, span: Span) -> Result<Option<Self>> {
        let (plan, columns) = (world.outcome.plan(), world.outcome.columns());
        let Some(pass) = plan.passes.get(usize::from(index)) else { return Ok(None) };
        let sides = span.sides();
        let records = sides.map(|side| columns.side(side));
        let Some(context) = PassContext::bind(plan, index, span, (records, columns.scale), &world.cancel)?
        else {
            return Ok(None);
        };
        let open = if pass.cardinality == Cardinality::SameSide {
            let (positive, negative) = by_sign(pass, records[0], &world.open_at(sides[0], index));
            [positive, negative]
        } else {
            sides.map(|side| world.open_at(side, index))
        };
        let keys = [key_columns(pass, records[0], 0), key_columns(pass, records[1], 1)];
        Ok(Some(Self { world, pass, index, context, sides, keys, open }))
    }

    fn records(&self, seat: usize) -> &'a SideColumns {
        self.world.outcome.columns().side(self.sides[seat])
    }

    /// A record of a seat.
    pub(super) fn place(&self, seat: usize, row: Row) -> Place {
        (self.sides[seat], row)
    }

    /// The seat of a record, `None` where it has none in this pass.
    pub(super) fn seat_of(&self, (side, row): Place) -> Option<usize> {
        (0..2).find(|seat| self.sides[*seat] == side && self.open[*seat].binary_search(&row).is_ok())
    }

    /// The partner of a seat's record in this pass's pair with it.
    pub(super) fn partner(&self, seat: usize, row: Row) -> Option<(&'a Pair, Row)> {
        let pair = self.world.pair_in(self.place(seat, row), self.index)?;
        Some((pair, if seat == 0 { pair.right } else { pair.left }))
    }

    /// The block of a record. One look at every open record's key.
    pub(super) fn block(&self, seat: usize, row: Row) -> Block {
        let of = |other: usize| self.keys[other].sharing(&self.open[other], &self.keys[seat], row);
        Block { rows: [of(0), of(1)] }
    }

    /// Whether two records are equal in an equality of the key, as the join sees it.
    pub(super) fn keys_agree(&self, at: usize, (left, right): (Row, Row)) -> bool {
        let [a, b] = self.keys.each_ref().map(|keys| keys.columns.get(at));
        a.zip(b).is_some_and(|((a, _), (b, _))| a.same(left, b, right))
    }

    /// The key fields of a record that are null and equal nothing.
    pub(super) fn null_keys(&self, seat: usize, row: Row) -> Vec<usize> {
        let nothing = |key: &crate::plan::KeyPlan| {
            let field = if seat == 0 { key.left } else { key.right };
            let column = self.records(seat).fields.get(field);
            (!key.nulls_equal && column.is_none_or(|column| column.is_null(row))).then_some(field)
        };
        self.pass.key.iter().filter_map(nothing).collect()
    }

    /// The candidates of a record in its block, best first.
    ///
    /// # Errors
    /// Cancellation.
    pub(super) fn candidates(&self, seat: usize, row: Row, block: &Block) -> Result<Candidates> {
        let mut others = block.rows[1 - seat].clone();
        if others.is_empty() {
            return Ok(Candidates::default());
        }
        let looked_up = self.context.limiter.looks_up_text();
        let mut own = if looked_up { vec![row] } else { block.rows[seat].clone() };
        let own = Classes::of(&self.context.canon[seat], &mut own);
        let others = Classes::of(&self.context.canon[1 - seat], &mut others);
        let Some(class) = (0..row_of(own.len())).find(|class| own.members(*class).contains(&row)) else {
            return Ok(Candidates::default());
        };
        let classes = if seat == 0 { [&own, &others] } else { [&others, &own] };
        let plan = self.world.outcome.plan();
        let (neighbours, _) =
            self.context.limiter.neighbours(classes, Most::of_pass(&plan.limits), &self.world.cancel)?;
        let mut near = Vec::new();
        neighbours.collect(seat, class, row_of(others.len()), &mut near);
        let pairs: Vec<(Row, Row)> =
            near.iter().map(|other| seated(seat, row, others.first(*other))).collect();
        let mut scores = Vec::new();
        self.context.scorer.score_many(&pairs, &mut scores);
        // Records that a decision names stand in classes of their own.
        let barred = barred_from(self.context.barred[seat], row);
        let is_barred = |other: Row| barred.iter().any(|pair| pair.1 == other);
        let found = near.iter().zip(&pairs).zip(scores).filter_map(|((other, pair), score)| {
            if is_barred(others.first(*other)) {
                return None;
            }
            Some(self.found(others.members(*other).to_vec(), *pair, score?))
        });
        // Classes are in canonical order, and the sort is stable.
        let mut found: Vec<Found> = found.collect();
        found.sort_by_key(Found::worth);
        Ok(Candidates { found, limited: neighbours.cut(seat, class) })
    }

    fn found(&self, members: Vec<Row>, (left, right): (Row, Row), score: Millionths) -> Found {
        Found {
            members,
            score,
            gain: self.context.gain(score),
            distance: self.context.scorer.distance(left, right).unwrap_or(0),
            days: self.context.scorer.days(left, right).map_or(0, i64::unsigned_abs),
        }
    }

    /// A pair as a candidate.
    pub(super) fn found_of(&self, pair: &Pair) -> Found {
        self.found(vec![pair.right], (pair.left, pair.right), pair.score)
    }
}
