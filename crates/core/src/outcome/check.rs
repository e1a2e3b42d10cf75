//! The promise "complete", checked: every record is in exactly one of a group, a break, or excluded.

use super::found::{Found, Pair};
use super::gather::BothSides;
use super::group::Group;
use crate::columns::{AmountValues, Column, Columns, Row, SideColumns};
use crate::error::{DataError, Error, Result};
use crate::limits::AMOUNT_UNITS_END;
use crate::plan::{Grouping, PassPlan, Plan, Side};
use crate::spec::Cardinality;
use arrow_buffer::i256;

/// Checks that every record is accounted for exactly once, and that what was found fits the plan.
///
/// # Errors
/// [`Error::Internal`] otherwise.
pub(super) fn complete(plan: &Plan, columns: &Columns, found: &Found) -> Result<()> {
    let makes = |pass: u16| plan.passes.get(usize::from(pass)).map(|pass| (&pass.grouping, pass.cardinality));
    let fits = |pair: &Pair| {
        let within = pair.span.sides()[0] == pair.span.sides()[1];
        match makes(pair.pass) {
            Some((Grouping::Decided, _)) => true,
            Some((_, cardinality)) => {
                within == matches!(cardinality, Cardinality::SameSide | Cardinality::Cluster)
            }
            None => false,
        }
    };
    if let Some(pair) = found.pairs.iter().find(|pair| !fits(pair)) {
        return Err(Error::Internal(format!("no pass of the plan makes pairs like {pair:?}")));
    }
    // Two records are a pair: the tables of pairs would miss them among the groups.
    let fits = |group: &Group<'_>| {
        let counts = |cardinality: Cardinality| {
            let of = |side: Side| match group.on(side).len() {
                0 => false,
                1 => true,
                _ => cardinality.has_many(side),
            };
            Side::BOTH.into_iter().all(of)
        };
        let makes = match makes(group.verdict.pass) {
            Some((Grouping::Decided, _)) => true,
            Some((Grouping::Bundles(_) | Grouping::Lookup, cardinality)) => counts(cardinality),
            Some((Grouping::Cluster, _)) => group.rights.is_empty(),
            Some((Grouping::Pairs, _)) | None => false,
        };
        makes && group.members().count() > 2
    };
    if let Some(group) = found.groups.iter().find(|group| !fits(group)) {
        return Err(Error::Internal(format!("no pass of the plan makes groups like {group:?}")));
    }
    no_barred(plan, columns, found)?;
    let check = |side| Records::of(columns, side).check(found);
    let (left, right) = rayon::join(|| check(Side::Left), || check(Side::Right));
    left.and(right)
}

/// Checks that no pass made a group that a person rejected.
fn no_barred(plan: &Plan, columns: &Columns, found: &Found) -> Result<()> {
    let decisions = &columns.decisions;
    if decisions.applied().all(|decided| decided.kind.makes()) {
        return Ok(());
    }
    let searched = |pass: u16| plan.passes.get(usize::from(pass)).is_some_and(PassPlan::searches);
    let barred = |pair: &Pair| {
        let [(side, left), (other, right)] = pair.members();
        let barred = &columns.side(side).barred;
        let pairs = if side == other { &barred.within } else { &barred.across };
        pairs.binary_search(&(left, right)).is_ok()
    };
    if let Some(pair) = found.pairs.iter().find(|pair| searched(pair.pass) && barred(pair)) {
        return Err(Error::Internal(format!("a person rejected {pair:?}")));
    }
    let barred = |group: &Group<'_>| searched(group.verdict.pass) && decisions.bar(group.lefts, group.rights);
    match found.groups.iter().find(barred) {
        Some(group) => Err(Error::Internal(format!("a person rejected {group:?}"))),
        None => Ok(()),
    }
}

/// Checks that no amount is larger than the columns promise: the tables add two of them without looking.
///
/// # Errors
/// [`Error::Internal`] otherwise.
pub(super) fn amounts_fit(columns: &Columns) -> Result<()> {
    for side in Side::BOTH {
        for column in &columns.side(side).fields {
            let Column::Amount(column) = column else { continue };
            let AmountValues::Wide(values) = &column.values else { continue };
            let too_large = |index: &usize| {
                let null = column.nulls.as_ref().is_some_and(|nulls| nulls.is_null(*index));
                !null && values[*index].unsigned_abs() >= AMOUNT_UNITS_END
            };
            if let Some(row) = (0..values.len()).find(too_large) {
                return Err(Error::Internal(format!(
                    "{} record {row} has an amount of more than 37 digits",
                    side.name()
                )));
            }
        }
    }
    Ok(())
}

/// Checks that what the tables say of a group fits the 38 digits of an Arrow decimal: two records always do.
///
/// # Errors
/// `total_too_large`.
pub(super) fn groups_fit(plan: &Plan, columns: &Columns, found: &Found) -> Result<()> {
    let Some(limit) = i256::from_i128(10).checked_pow(38) else { return Ok(()) };
    let tied = BothSides::of(columns, plan.tie_out.amount);
    for group in found.groups.iter() {
        let pass = plan.passes.get(usize::from(group.verdict.pass));
        let own = pass.and_then(|pass| pass.variance).map(|fields| [Some(fields.left), Some(fields.right)]);
        for amounts in own.map(|fields| BothSides::at(columns, fields)).iter().chain([&tied]) {
            let sum = |side: Side| {
                let all = group.on(side).iter().filter_map(|row| amounts.amount(side, *row));
                all.fold(i256::ZERO, |sum, amount| sum.wrapping_add(i256::from_i128(amount)))
            };
            let (left, right) = (sum(Side::Left), sum(Side::Right));
            let figures = [left, right, right.wrapping_sub(left), right.wrapping_add(left)];
            if figures.iter().any(|figure| figure.wrapping_abs() >= limit) {
                let source = &plan.names[usize::from(group.lefts.is_empty())];
                let (problem, hint) =
                    ("a group's total has more than 38 digits", "Check the scale of its amounts");
                return Err(DataError::new("total_too_large", source, problem, hint).into());
            }
        }
    }
    Ok(())
}

/// Which records of a side are accounted for.
struct Records<'a> {
    side: Side,
    source: &'a SideColumns,
    seen: Vec<u64>,
    count: u64,
}

impl<'a> Records<'a> {
    fn of(columns: &'a Columns, side: Side) -> Self {
        let source = columns.side(side);
        Self { side, source, seen: vec![0; (source.rows as usize).div_ceil(64)], count: 0 }
    }

    fn check(mut self, found: &Found) -> Result<()> {
        if let Some(excluded) = &self.source.excluded {
            for index in excluded.set_indices() {
                self.mark(crate::columns::row_of(index))?;
            }
        }
        for pair in &found.pairs {
            let [first, second] = pair.span.sides();
            if first == self.side {
                self.mark_member(pair.left)?;
            }
            if second == self.side {
                self.mark_member(pair.right)?;
            }
        }
        for group in found.groups.iter() {
            group.on(self.side).iter().try_for_each(|row| self.mark_member(*row))?;
        }
        for open in &found.breaks[self.side.index()] {
            self.mark(open.row)?;
        }
        if self.count == u64::from(self.source.rows) {
            return Ok(());
        }
        let missing = (0..self.source.rows).find(|&row| self.seen[row as usize / 64] >> (row % 64) & 1 == 0);
        let missing = missing.unwrap_or_default();
        Err(Error::Internal(format!("{} record {missing} is in no group and no break", self.side.name())))
    }

    #[inline]
    fn mark_member(&mut self, row: Row) -> Result<()> {
        if let Some(unreadable) = &self.source.unreadable
            && row < self.source.rows
            && unreadable.value(row as usize)
        {
            return Err(Error::Internal(format!(
                "unreadable {} record {row} is in a group",
                self.side.name()
            )));
        }
        self.mark(row)
    }

    #[inline]
    fn mark(&mut self, row: Row) -> Result<()> {
        let bit = 1 << (row % 64);
        let word = self.seen.get_mut(row as usize / 64).filter(|_| row < self.source.rows);
        match word {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                self.count += 1;
                Ok(())
            }
            Some(_) => {
                Err(Error::Internal(format!("{} record {row} is accounted for twice", self.side.name())))
            }
            None => Err(Error::Internal(format!("there is no {} record {row}", self.side.name()))),
        }
    }
}
