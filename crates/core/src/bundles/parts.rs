//! Groups in which the sums don't agree, and one record is taken in part: what there is less of is taken whole, and of the
//! other side as much, the oldest records first.

use super::Bundled;
use crate::columns::{AmountColumn, Canon, Column, Columns, Row};
use crate::compare::Allowance;
use crate::error::{Error, Result};
use crate::outcome::Part;
use crate::plan::{PassPlan, Plan, Side, TestPlan};
use arrow_buffer::i256;

/// Takes records in part, for a pass that does.
pub(super) struct Parting<'a> {
    bundled: &'a Bundled<'a>,
    allowance: Allowance,
    /// Of the records.
    amounts: [&'a AmountColumn; 2],
    /// Of what stands for them.
    sums: [&'a AmountColumn; 2],
    dates: [Option<&'a Column>; 2],
    canon: [Canon<'a>; 2],
}

/// Whom a group has, and the record that it has in part.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parted {
    pub(super) members: [Vec<Row>; 2],
    pub(super) part: Option<Part>,
    /// Records that are not reached and equal one that is, which is named, with their side.
    pub(super) twins: Vec<(Side, Row, Row)>,
}

impl<'a> Parting<'a> {
    /// `None` for a pass that takes records whole.
    ///
    /// # Errors
    /// A plan that doesn't fit the columns is an internal error.
    pub(super) fn of(
        (plan, pass): (&Plan, &PassPlan),
        columns: &'a Columns,
        bundled: &'a Bundled<'_>,
    ) -> Result<Option<Self>> {
        let Some(plan_of) = pass.bundles().filter(|bundles| bundles.partial) else { return Ok(None) };
        let sum = plan_of.sum.and_then(|at| pass.conditions.get(at));
        let (Some(condition), Some(TestPlan::Within(within))) = (sum, sum.map(|sum| &sum.test)) else {
            return Err(Error::Internal(format!(
                "pass \"{}\" takes parts of what it does not sum",
                pass.name
            )));
        };
        let sides = Side::BOTH.map(|side| columns.side(side));
        let amounts =
            |side: usize, fields: &'a [Column]| match fields.get([condition.left, condition.right][side]) {
                Some(Column::Amount(amounts)) => Ok(amounts),
                _ => Err(Error::Internal("a pass sums a field that holds no amounts".to_owned())),
            };
        let own = bundled.sides();
        let date = |side: usize| {
            let (left, right) = pass.days?;
            sides[side].fields.get(if side == 0 { left } else { right })
        };
        Ok(Some(Self {
            bundled,
            allowance: Allowance::new(within, columns.scale)?,
            amounts: [amounts(0, &sides[0].fields)?, amounts(1, &sides[1].fields)?],
            sums: [amounts(0, &own[0].fields)?, amounts(1, &own[1].fields)?],
            dates: [date(0), date(1)],
            canon: sides.map(|side| Canon::new(plan, side)),
        }))
    }

    /// The group of two bundles whose sums don't agree; `None` where they do, and all is taken whole.
    pub(super) fn parted(&self, (left, right): (Row, Row)) -> Option<Parted> {
        let sums = [self.sums[0].get(left)?, self.sums[1].get(right)?];
        if self.allowance.agree(sums[0], sums[1]) {
            return None;
        }
        let larger = if sums[0].unsigned_abs() > sums[1].unsigned_abs() { Side::Left } else { Side::Right };
        let bundle = |side: Side| if side == Side::Left { left } else { right };
        let smaller = self.bundled.members.of(larger.other(), &bundle(larger.other())).to_vec();
        let partner = self.bundled.members.latest(larger.other(), bundle(larger.other()));
        let size = sums[larger.other().index()].unsigned_abs();
        let is_negative = sums[larger.index()] < 0;
        // As its own side writes it.
        let wanted = i128::try_from(size).ok()?;
        let wanted = if is_negative { -wanted } else { wanted };
        let whole = bundle(larger);
        let all = self.bundled.members.of(larger, &whole);
        let queue = self.queue(larger, all, wanted);
        let (count, part) = self.reached(larger, &queue, (wanted, sums[larger.other().index()]));
        let (taken, rest) = queue.split_at(count);
        let twins = self.twins(larger, taken, rest);
        let mut taken = taken.to_vec();
        taken.sort_unstable();
        let mut members = [smaller, taken];
        if larger == Side::Left {
            members.swap(0, 1);
        }
        let part = part.map(|(row, taken)| Part { side: larger, row, taken, pass: 0, partner });
        Some(Parted { members, part, twins })
    }

    /// The records of a bundle, the oldest first. Those whose sign is the other one come before: they make the sum smaller,
    /// whichever is paid.
    fn queue(&self, side: Side, rows: &[Row], wanted: i128) -> Vec<Row> {
        let day = |row: Row| match self.dates[side.index()] {
            Some(Column::Date(dates)) => dates.get(row),
            _ => None,
        };
        let adds = |row: Row| (self.amount(side, row) < 0) == (wanted < 0);
        let mut queue = rows.to_vec();
        queue.sort_by(|one, other| {
            let place = |row: Row| (adds(row), day(row));
            place(*one).cmp(&place(*other)).then_with(|| self.canon[side.index()].order(*one, *other))
        });
        queue
    }

    /// Of the records that are not reached, those that equal one that is, with the first such.
    fn twins(&self, side: Side, taken: &[Row], rest: &[Row]) -> Vec<(Side, Row, Row)> {
        let canon = &self.canon[side.index()];
        let mut hashed: Vec<(u64, Row)> =
            canon.hashes(taken).into_iter().zip(taken.iter().copied()).collect();
        hashed.sort_by(|one, other| one.0.cmp(&other.0).then_with(|| canon.order(one.1, other.1)));
        let first = |hash: u64, row: Row| {
            let from = hashed.partition_point(|(other, _)| *other < hash);
            let same = hashed[from..].iter().take_while(|(other, _)| *other == hash);
            same.map(|(_, other)| *other).find(|other| canon.twins(row, *other))
        };
        let rest = rest.iter().copied().zip(canon.hashes(rest));
        rest.filter_map(|(row, hash)| Some((side, row, first(hash, row)?))).collect()
    }

    fn amount(&self, side: Side, row: Row) -> i128 {
        self.amounts[side.index()].get(row).unwrap_or(0)
    }

    /// How many of a queue are reached by an amount, and what is taken of the last where that is not all.
    fn reached(
        &self,
        side: Side,
        queue: &[Row],
        (wanted, other): (i128, i128),
    ) -> (usize, Option<(Row, i128)>) {
        let agrees = |sum: i256| {
            let pair = |sum: i128| if side == Side::Left { (sum, other) } else { (other, sum) };
            sum.to_i128().map(pair).is_some_and(|(left, right)| self.allowance.agree(left, right))
        };
        let whole = i256::from_i128(wanted);
        let mut sum = i256::ZERO;
        for (before, row) in queue.iter().copied().enumerate() {
            let with = sum.wrapping_add(i256::from_i128(self.amount(side, row)));
            let is_beyond = (with < i256::ZERO) == (wanted < 0) && with.wrapping_abs() > whole.wrapping_abs();
            if is_beyond && !agrees(with) {
                // What is nearly reached is not worth a part.
                if before > 0 && agrees(sum) {
                    return (before, None);
                }
                return (before + 1, whole.wrapping_sub(sum).to_i128().map(|part| (row, part)));
            }
            if with == whole || is_beyond {
                return (before + 1, None);
            }
            sum = with;
        }
        (queue.len(), None)
    }
}
