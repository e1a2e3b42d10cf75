//! One pass as it ran: the engine's own blocks, limiter and scorer, asked again about the records concerned.

use super::model::Place;
use super::world::{Member, World};
use crate::bundles::Bundled;
use crate::candidates::blocks::KeyColumns;
use crate::candidates::classes::Classes;
use crate::candidates::neighbours::Most;
use crate::columns::{Column, Columns, Row, SideColumns, row_of};
use crate::control::Control;
use crate::decisions::barred_from;
use crate::engine::{by_sign, key_columns};
use crate::error::{Error, Result};
use crate::outcome::{Group, Pair, Span, cell_text};
use crate::plan::{Grouping, Millionths, PassPlan, Side};
use crate::resolve::one_to_one::PassContext;
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
    bundled: &'a Bundled<'a>,
    /// The columns of bundles, where the pass takes records as one.
    own: Option<Columns>,
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
    /// The records of both sides that were open when a pass ran, as it takes them.
    ///
    /// # Errors
    /// As [`Bundled::of`].
    pub(super) fn bundled(world: &'a World<'a>, index: u16) -> Result<Bundled<'a>> {
        let (plan, columns) = (world.outcome.plan(), world.outcome.asked());
        let open = Side::BOTH.map(|side| world.open_at(side, index));
        let control = Control { cancel: world.cancel.clone(), ..Control::default() };
        match plan.passes.get(usize::from(index)) {
            Some(pass) => Bundled::of(plan, pass, columns, [&open[0], &open[1]], &control),
            None => Err(Error::Internal(format!("there is no pass {index}"))),
        }
    }

    /// The pass of a span as it ran. One look at every record of its sides.
    ///
    /// # Errors
    /// A plan that doesn't fit the columns is an internal error.
    pub(super) fn new(
        world: &'a World<'a>,
        (index, span): (u16, Span),
        bundled: &'a Bundled<'a>,
    ) -> Result<Option<Self>> {
        let (plan, columns) = (world.outcome.plan(), world.outcome.asked());
        let Some(pass) = plan.passes.get(usize::from(index)) else { return Ok(None) };
        let sides = span.sides();
        let records = if pass.is_across() { bundled.sides() } else { sides.map(|side| columns.side(side)) };
        let context = match &pass.grouping {
            Grouping::Bundles(_) => {
                PassContext::bind_bundled(plan, index, (columns, bundled), &world.cancel)?
            }
            _ => PassContext::bind(plan, index, span, (records, columns.scale), &world.cancel)?,
        };
        let Some(context) = context else { return Ok(None) };
        let open = if pass.is_across() {
            bundled.rows.clone()
        } else if pass.grouping == Grouping::Cluster {
            [bundled.rows[0].clone(), bundled.rows[0].clone()]
        } else {
            let (positive, negative) = by_sign(pass, records[0], &bundled.rows[sides[0].index()]);
            [positive, negative]
        };
        let keys = [key_columns(pass, records[0], 0), key_columns(pass, records[1], 1)];
        let own = pass.bundles().map(|_| bundled.columns(columns.scale));
        Ok(Some(Self { world, pass, index, context, sides, keys, open, bundled, own }))
    }

    /// Whether the pass puts near records of the only source together.
    pub(super) fn is_cluster(&self) -> bool {
        self.pass.grouping == Grouping::Cluster
    }

    /// The columns that the pass compares.
    pub(super) fn columns(&self) -> &Columns {
        self.own.as_ref().unwrap_or_else(|| self.world.outcome.asked())
    }

    fn records(&self, seat: usize) -> &SideColumns {
        self.columns().side(self.sides[seat])
    }

    /// A record of a seat: the latest of those that are taken as one; where not all of them came into a group, one that did.
    pub(super) fn place(&self, seat: usize, row: Row) -> Place {
        let side = self.sides[seat];
        if self.own.is_none() {
            return (side, row);
        }
        let latest = self.bundled.members.latest(side, row);
        let is_in_group = |row: Row| self.world.pass_of((side, row)) == Some(self.index);
        if !self.is_partial() || is_in_group(latest) {
            return (side, latest);
        }
        let members = self.bundled.members.of(side, &row);
        (side, members.iter().copied().find(|row| is_in_group(*row)).unwrap_or(latest))
    }

    /// Whether the pass takes records in part.
    fn is_partial(&self) -> bool {
        self.pass.bundles().is_some_and(|bundles| bundles.partial)
    }

    /// Whether a record is one of several that are taken as one, of which a group has others and not this one.
    pub(super) fn is_left_over(&self, place: Place, (seat, row): (usize, Row)) -> bool {
        self.is_partial()
            && self.world.pass_of(place) != Some(self.index)
            && self.world.pass_of(self.place(seat, row)) == Some(self.index)
    }

    /// A cell as the pass compares it, as text; `None` where it is null.
    pub(super) fn cell(&self, seat: usize, row: Row, field: usize) -> Option<String> {
        let column = self.records(seat).fields.get(field).unwrap_or(&Column::Absent);
        cell_text(column, self.columns().scale, row)
    }

    /// The seat of a record and the row that it is in there, `None` where it has none in this pass.
    pub(super) fn seat_of(&self, (side, row): Place) -> Option<(usize, Row)> {
        (0..2).filter(|seat| self.sides[*seat] == side).find_map(|seat| {
            let open = &self.open[seat];
            let at = if self.own.is_some() {
                *open.iter().find(|bundle| self.bundled.members.of(side, bundle).contains(&row))?
            } else {
                *open.get(open.binary_search(&row).ok()?)?
            };
            Some((seat, at))
        })
    }

    /// The partner of a seat's record in this pass's pair with it: one that has no other, so not one that many went to.
    pub(super) fn partner(&self, seat: usize, row: Row) -> Option<(Pair, Row)> {
        if self.is_cluster() {
            return None;
        }
        let pair = match self.world.member_of(self.place(seat, row))? {
            Member::Pair(pair) if pair.pass == self.index => self.pair_of_rows(pair)?,
            Member::Grouped(group) if group.verdict.pass == self.index => {
                self.pair_of_group(group, seat, row)?
            }
            _ => return None,
        };
        Some((pair, if seat == 0 { pair.right } else { pair.left }))
    }

    fn pair_of_rows(&self, pair: &Pair) -> Option<Pair> {
        if self.own.is_none() {
            return Some(*pair);
        }
        let left = self.seat_of((Side::Left, pair.left))?.1;
        let right = self.seat_of((Side::Right, pair.right))?.1;
        Some(Pair { left, right, ..*pair })
    }

    /// A group as the two bundles it is of; of a lookup, what the seat's record has to do with it.
    fn pair_of_group(&self, group: Group<'_>, seat: usize, row: Row) -> Option<Pair> {
        let (mut left, mut right) = (*group.lefts.first()?, *group.rights.first()?);
        if self.own.is_some() {
            left = self.seat_of((Side::Left, left))?.1;
            right = self.seat_of((Side::Right, right))?.1;
        } else if self.pass.cardinality.has_many(self.sides[seat]) {
            *(if seat == 0 { &mut left } else { &mut right }) = row;
        } else {
            return None;
        }
        Some(group.verdict.pair(left, right))
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
        // Classes are in canonical order; a window has them in that of its values.
        near.sort_unstable();
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
            let mut members = others.members(*other).to_vec();
            if self.is_cluster() {
                // Both seats are the only source, and nobody is its own candidate.
                members.retain(|member| *member != row);
            }
            if members.is_empty() {
                return None;
            }
            Some(self.found(members, *pair, score?))
        });
        // The sort is stable: of equals the first in canonical order comes first.
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
