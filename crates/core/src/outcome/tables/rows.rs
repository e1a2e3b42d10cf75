//! What stands on a row of the tables about groups: a pair, or a group of any size. Tables are written once for
//! both; where there are only pairs they are made without asking which it is.

use super::super::Outcome;
use super::super::cells::Cells;
use super::super::charges::Charges;
use super::super::found::{Pair, Span};
use super::super::gather::{AHEAD, BothSides};
use super::super::group::{Group, Verdict};
use super::Currencies;
use super::money::{Variance, Variances};
use crate::columns::{Columns, Row};
use crate::plan::Side;
use crate::spec::Sign;
use std::ops::Range;

/// Cardinalities of groups, as the dictionary lists them.
pub(super) const SHAPES: [&str; 6] = ["1:1", "same_side", "1:n", "n:1", "n:m", "cluster"];
/// The place of `cluster` in [`SHAPES`]: what every group of an only source is.
pub(super) const CLUSTER: i8 = 5;

/// The amounts of a group: sums per side, and the variance.
pub(super) struct Money {
    pub(super) sides: [Option<i128>; 2],
    /// What the pass's fees explain of right − left; `None` where it has none.
    pub(super) fee: Option<i128>,
    pub(super) variance: Option<i128>,
}

/// A pair or a group.
pub(super) trait Grouped: Copy + Send + Sync {
    fn verdict(&self) -> Verdict;
    fn id(&self, columns: &Columns) -> u64;
    fn count(&self, side: Side) -> usize;
    fn money(&self, tied: BothSides<'_>, variances: &Variances<'_>) -> Money;
    fn days(&self, days: BothSides<'_>) -> Option<i32>;
    fn currency(&self, of: &Currencies<'_>) -> Option<i32>;

    /// The pair whose cells are soon wanted.
    #[inline]
    fn ahead(_rows: &[Self], _at: usize) -> Option<&Pair> {
        None
    }

    /// Its place in [`SHAPES`].
    #[inline]
    fn shape(&self) -> i8 {
        match (self.count(Side::Left), self.count(Side::Right)) {
            (1, 1) => 0,
            (0, _) | (_, 0) => 1,
            (1, _) => 2,
            (_, 1) => 3,
            _ => 4,
        }
    }
}

impl Grouped for Pair {
    #[inline]
    fn verdict(&self) -> Verdict {
        Self::verdict(self)
    }

    #[inline]
    fn id(&self, columns: &Columns) -> u64 {
        super::group_id(columns, self)
    }

    #[inline]
    fn count(&self, side: Side) -> usize {
        self.span.sides().iter().filter(|of| **of == side).count()
    }

    #[inline]
    fn money(&self, tied: BothSides<'_>, variances: &Variances<'_>) -> Money {
        let [first, second] = self.span.sides();
        let (one, other) = (tied.amount(first, self.left), tied.amount(second, self.right));
        let sides = match self.span {
            Span::Across => [one, other],
            Span::WithinLeft => [together(one, other), None],
            Span::WithinRight => [None, together(one, other)],
        };
        let fee = variances.fee(self.pass, tied, &self.members().into_iter());
        Money { sides, fee, variance: variances.of_pair(self, one, other) }
    }

    #[inline]
    fn days(&self, days: BothSides<'_>) -> Option<i32> {
        let [first, second] = self.span.sides();
        days.day(second, self.right)?.checked_sub(days.day(first, self.left)?)
    }

    #[inline]
    fn currency(&self, of: &Currencies<'_>) -> Option<i32> {
        let [first, second] = self.span.sides();
        of.get(first, self.left).filter(|&currency| of.get(second, self.right) == Some(currency))
    }

    #[inline]
    fn ahead(rows: &[Self], at: usize) -> Option<&Pair> {
        rows.get(at + AHEAD)
    }

    #[inline]
    fn shape(&self) -> i8 {
        i8::from(self.span != Span::Across)
    }
}

/// Both amounts of a pair inside one source, added: `None` where both are null.
#[inline]
fn together(one: Option<i128>, other: Option<i128>) -> Option<i128> {
    match (one, other) {
        (None, None) => None,
        (one, other) => Some(one.unwrap_or(0) + other.unwrap_or(0)),
    }
}

impl Grouped for Group<'_> {
    fn verdict(&self) -> Verdict {
        self.verdict
    }

    fn id(&self, columns: &Columns) -> u64 {
        Group::id(self, |side, row| columns.side(side).row_number(row))
    }

    fn count(&self, side: Side) -> usize {
        self.on(side).len()
    }

    fn money(&self, tied: BothSides<'_>, variances: &Variances<'_>) -> Money {
        let sum = |side: Side| {
            let amounts = self.on(side).iter().filter_map(|row| tied.amount(side, *row));
            amounts.reduce(i128::wrapping_add)
        };
        let charges = variances.charges;
        let variance = match variances.of_pass(self.verdict.pass) {
            Variance::None => None,
            Variance::Tied(sign) => self.variance(tied, *sign, charges),
            Variance::Own(amounts, sign) => self.variance(*amounts, *sign, charges),
        };
        let fee = variances.fee(self.verdict.pass, tied, &self.members());
        Money { sides: Side::BOTH.map(sum), fee, variance }
    }

    /// The latest day on the right less the latest on the left.
    fn days(&self, days: BothSides<'_>) -> Option<i32> {
        let latest = |side: Side| {
            let all: Option<Vec<i32>> = self.on(side).iter().map(|row| days.day(side, *row)).collect();
            all?.into_iter().max()
        };
        latest(Side::Right)?.checked_sub(latest(Side::Left)?)
    }

    fn currency(&self, of: &Currencies<'_>) -> Option<i32> {
        let mut all = self.members().map(|(side, row)| of.get(side, row));
        let first = all.next()??;
        all.all(|other| other == Some(first)).then_some(first)
    }
}

impl Group<'_> {
    /// Sums are checked to fit before an outcome exists.
    fn variance(&self, amounts: BothSides<'_>, sign: Sign, charges: &Charges) -> Option<i128> {
        let pass = self.verdict.pass;
        let sum = |side: Side| {
            if charges.has(pass) {
                let all = self.on(side).iter().map(|row| (*row, amounts.amount(side, *row)));
                return charges.sum(pass, side, &all)?.to_i128();
            }
            let of = |row: &Row| amounts.amount(side, *row);
            self.on(side).iter().map(of).try_fold(0_i128, |sum, amount| Some(sum.wrapping_add(amount?)))
        };
        let (left, right) = (sum(Side::Left)?, sum(Side::Right)?);
        let sign = if self.is_one_sided() { Sign::Opposite } else { sign };
        Some(match sign {
            Sign::Same => right.wrapping_sub(left),
            Sign::Opposite => left.wrapping_add(right),
            Sign::Ignore => right.wrapping_abs().wrapping_sub(left.wrapping_abs()),
        })
    }
}

/// A pair or a group, where a table has both.
#[derive(Clone, Copy)]
pub(in super::super) enum Item<'a> {
    Pair(&'a Pair),
    Group(Group<'a>),
}

impl Item<'_> {
    /// Its records, in the order of (side, row).
    pub(super) fn members(self, columns: &Columns, out: &mut Vec<(Side, Row)>) {
        match self {
            Self::Pair(pair) => {
                out.extend([0, 1].map(|which| super::members::member(columns, pair, which)));
            }
            Self::Group(group) => out.extend(group.members()),
        }
    }
}

macro_rules! either {
    ($item:expr, $one:ident => $what:expr) => {
        match $item {
            Item::Pair(one) => {
                let $one: &Pair = one;
                $what
            }
            Item::Group(one) => {
                let $one: &Group<'_> = one;
                $what
            }
        }
    };
}

impl Grouped for Item<'_> {
    fn verdict(&self) -> Verdict {
        either!(self, one => Grouped::verdict(one))
    }

    fn id(&self, columns: &Columns) -> u64 {
        either!(self, one => Grouped::id(one, columns))
    }

    fn count(&self, side: Side) -> usize {
        either!(self, one => one.count(side))
    }

    fn money(&self, tied: BothSides<'_>, variances: &Variances<'_>) -> Money {
        either!(self, one => one.money(tied, variances))
    }

    fn days(&self, days: BothSides<'_>) -> Option<i32> {
        either!(self, one => one.days(days))
    }

    fn currency(&self, of: &Currencies<'_>) -> Option<i32> {
        either!(self, one => one.currency(of))
    }
}

/// Pairs and groups of one stretch of their common order.
pub(in super::super) enum Stretch<'a> {
    Pairs(&'a [Pair]),
    Both(Vec<Item<'a>>),
}

impl Outcome {
    /// Pairs and groups by their common position.
    pub(in super::super) fn stretch(&self, range: Range<usize>) -> Stretch<'_> {
        let groups_before = |place: usize| self.group_places.partition_point(|group| *group < place);
        let groups = groups_before(range.start)..groups_before(range.end);
        let pairs = &self.found.pairs[range.start - groups.start..range.end - groups.end];
        if groups.is_empty() {
            return Stretch::Pairs(pairs);
        }
        let mut items = Vec::with_capacity(range.len());
        let mut pairs = pairs.iter().map(Item::Pair);
        for at in groups {
            let before = self.group_places[at] - range.start - items.len();
            items.extend(pairs.by_ref().take(before));
            items.extend(self.found.groups.get(at).map(Item::Group));
        }
        items.extend(pairs);
        Stretch::Both(items)
    }
}

/// Asks for the cells of the pair that comes a little later.
#[inline]
pub(super) fn prefetch<T: Grouped>(amounts: BothSides<'_>, rows: &[T], at: usize) {
    if let Some(pair) = T::ahead(rows, at) {
        amounts.prefetch_pair(pair);
    }
}

/// Likewise, for cells of the tie-out.
#[inline]
pub(super) fn prefetch_cells<T: Grouped>(cells: &Cells, rows: &[T], at: usize) {
    if let Some(pair) = T::ahead(rows, at) {
        cells.prefetch_pair(pair);
    }
}
