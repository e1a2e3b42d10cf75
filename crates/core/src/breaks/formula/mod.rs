//! Fee formulas, constant rates and factors that several pairs of amounts agree on.
//!
//! One pair that differs by 3.20 says nothing; three that all differ by 2.9 % + 0.30 of what they are of do. So a
//! formula is believed by what it saves: the digits of the differences that it predicts, less the digits it is
//! written with, less the choice of which pairs it is about. That keeps coincidences out and makes 2.9 % win over
//! 2.897 %. `docs/spec/systematic.md` gives the rule; it must never depend on the order of the pairs.
//!
//! Cost: a sort of the pairs, a bounded search over a sample of them, and one look at each pair per formula.

mod fee;
mod rate;
#[cfg(test)]
mod tests;

use crate::limits::FORMULAS_MAX;
use crate::money::display_units;
use crate::plan::Side;
use arrow_buffer::i256;
use rayon::prelude::*;
use std::cmp::Ordering;

/// Different pairs that must agree on a formula.
pub(crate) const SUPPORT_MIN: usize = 3;
/// Different grosses among them.
pub(crate) const GROSSES_MIN: usize = 3;
/// Units of [`Fee::percent`] in a whole: thousandths of a percent.
pub(crate) const PERCENT_UNITS: u32 = 100_000;
/// The largest percentage that counts as a fee, in thousandths of a percent; beyond, it is a rate.
pub(crate) const PERCENT_MAX: u32 = 10_000;
/// Units of [`Rate::times`] in a whole.
pub(crate) const RATE_UNITS: u128 = 1_000_000_000_000;

/// What several pairs agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Formula {
    /// The formula.
    pub(crate) kind: Kind,
    /// Pairs that it explains and no better supported one does, repeated ones included.
    pub(crate) support: u64,
}

/// The kinds of formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// One side is the other, 10, 100 or 1000 times.
    Factor(Factor),
    /// One side is the other less (or plus) a percentage and a fixed amount.
    Fee(Fee),
    /// One side is the other times a constant.
    Rate(Rate),
}

/// `larger = smaller × by`, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Factor {
    /// 10, 100 or 1000.
    pub(crate) by: u32,
    /// The side with the larger amounts.
    pub(crate) larger: Side,
}

/// `net = gross − fee`, or `gross + fee` where it is [`Fee::added`], with `fee = round(percent × |gross|) + fixed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fee {
    /// Whether the other side is higher than the gross, with the sign of the amounts.
    pub(crate) added: bool,
    /// The side that the percentage is of. For a fixed fee: the higher one.
    pub(crate) gross: Side,
    /// Thousandths of a percent.
    pub(crate) percent: u32,
    /// Units.
    pub(crate) fixed: i128,
    /// How the percentage becomes units.
    pub(crate) rounding: Rounding,
}

/// How a product becomes whole units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rounding {
    /// To the nearest; a half either way.
    Nearest,
    /// Cut.
    Down,
    /// To the next larger.
    Up,
}

/// `other = ± round(base × rate)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rate {
    /// Whether the signs differ as well.
    pub(crate) reversed: bool,
    /// The rate in units of 10^-12, trailing zeros included.
    pub(crate) times: u128,
    /// The side that is multiplied.
    pub(crate) base: Side,
}

/// Formulas that explain pairs `(left, right)` of amounts at one scale: factors, then fees, then rates, each the best
/// supported first. A formula is looked for among the pairs that those before it leave unexplained.
///
/// Pairs that are equal, or of which one is 0, are no evidence. The result doesn't depend on the order of the pairs.
pub(crate) fn find(pairs: &[(i128, i128)]) -> Vec<Formula> {
    let mut rest = Distinct::of(pairs);
    let mut found = Vec::new();
    for by in [10, 100, 1000] {
        for larger in Side::BOTH {
            let kind = Kind::Factor(Factor { by, larger });
            if rest.is_supported(kind) {
                found.push(rest.take(kind));
            }
        }
    }
    found.sort_by_key(|formula| (std::cmp::Reverse(formula.support), formula.kind));
    for best in [fee::best, rate::best] {
        let from = found.len();
        while found.len() < FORMULAS_MAX {
            let Some(kind) = best(&rest) else { break };
            found.push(rest.take(kind));
        }
        found[from..].sort_by_key(|formula| (std::cmp::Reverse(formula.support), formula.kind));
    }
    found
}

impl Formula {
    /// Whether it gives the one amount from the other exactly. Never for two equal amounts.
    pub(crate) fn explains(&self, left: i128, right: i128) -> bool {
        self.kind.explains(left, right)
    }

    /// The formula in a few words: `2.9 % + 0.30`, `rate 1.25`, `factor 100`.
    pub(crate) fn words(&self, scale: u8) -> String {
        match self.kind {
            Kind::Factor(factor) => format!("factor {}", factor.by),
            Kind::Fee(fee) => fee.words(scale),
            Kind::Rate(rate) => format!("rate {}", rate.number()),
        }
    }
}

impl Fee {
    /// `2.9 % + 0.30`.
    pub(crate) fn words(&self, scale: u8) -> String {
        let percent = format!("{} %", trimmed(u128::from(self.percent), 3));
        match (self.percent, self.fixed) {
            (0, fixed) => display_units(fixed, scale),
            (_, 0) => percent,
            (_, fixed) => format!("{percent} + {}", display_units(fixed, scale)),
        }
    }
}

impl Rate {
    /// `1.25`, or `-1.25` where the signs differ as well.
    pub(crate) fn number(&self) -> String {
        format!("{}{}", if self.reversed { "-" } else { "" }, trimmed(self.times, 12))
    }
}

/// A decimal without trailing zeros.
pub(crate) fn trimmed(units: u128, scale: u8) -> String {
    let text = display_units(i128::try_from(units).unwrap_or(i128::MAX), scale);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

impl Kind {
    /// Whether it gives the one amount from the other exactly.
    pub(crate) fn explains(&self, left: i128, right: i128) -> bool {
        let of = |side: Side| if side == Side::Left { (left, right) } else { (right, left) };
        if left == right {
            return false;
        }
        match self {
            Self::Factor(factor) => {
                let (larger, smaller) = of(factor.larger);
                larger != 0 && smaller.checked_mul(i128::from(factor.by)) == Some(larger)
            }
            Self::Fee(fee) => {
                let (gross, net) = of(fee.gross);
                fee.of(gross, net).is_some_and(|part| {
                    product_is(gross.unsigned_abs(), u128::from(fee.percent), &fee.split(part))
                })
            }
            Self::Rate(rate) => {
                let (base, other) = of(rate.base);
                base != 0
                    && other != 0
                    && ((base < 0) != (other < 0)) == rate.reversed
                    && product_is(base.unsigned_abs(), rate.times, &Product::nearest(other.unsigned_abs()))
            }
        }
    }
}

impl Fee {
    /// The fee between two amounts, if they can be gross and net: of one sign. More is not asked for, so that a fee of
    /// the gross and one of the net are weighed over the same pairs.
    fn of(&self, gross: i128, net: i128) -> Option<u128> {
        let fee = if self.added { net.checked_sub(gross)? } else { gross.checked_sub(net)? };
        let plausible = fee > 0 && net != 0 && gross != 0 && (net < 0) == (gross < 0);
        plausible.then_some(fee.unsigned_abs())
    }

    /// What the percentage must come to, when the whole fee is `fee`.
    fn split(&self, fee: u128) -> Product {
        let value = fee.checked_sub(self.fixed.unsigned_abs());
        Product { value, unit: u128::from(PERCENT_UNITS), rounding: self.rounding }
    }
}

/// A whole number that a product of units shall round to.
struct Product {
    /// `None` is met by no product.
    value: Option<u128>,
    unit: u128,
    rounding: Rounding,
}

impl Product {
    fn nearest(value: u128) -> Self {
        Self { value: Some(value), unit: RATE_UNITS, rounding: Rounding::Nearest }
    }
}

/// Whether `amount × factor / unit` rounds to the value, in 256 bits where 128 don't do.
fn product_is(amount: u128, factor: u128, wanted: &Product) -> bool {
    let Some(value) = wanted.value else { return false };
    let doubled = (amount.checked_mul(factor).and_then(|product| product.checked_mul(2)))
        .zip(value.checked_mul(wanted.unit).and_then(|product| product.checked_mul(2)));
    let (over, half) = if let Some((product, target)) = doubled {
        (product.cmp(&target), product.abs_diff(target).cmp(&wanted.unit))
    } else {
        let wide = |number: u128| i256::from_parts(number, 0);
        let twice = |product: i256| product.checked_add(product);
        let product = wide(amount).checked_mul(wide(factor)).and_then(twice);
        let target = wide(value).checked_mul(wide(wanted.unit)).and_then(twice);
        let Some((product, target)) = product.zip(target) else { return false };
        (product.cmp(&target), product.wrapping_sub(target).wrapping_abs().cmp(&wide(wanted.unit)))
    };
    let within_one = || {
        let whole = amount.checked_mul(factor).map(|product| (product / wanted.unit, product % wanted.unit));
        whole.map_or_else(
            || wide_quotient(amount, factor, wanted.unit),
            |(quotient, rest)| Some((quotient, rest != 0)),
        )
    };
    match wanted.rounding {
        Rounding::Nearest => half != Ordering::Greater,
        Rounding::Down => over != Ordering::Less && within_one().is_some_and(|(whole, _)| whole == value),
        Rounding::Up => {
            over != Ordering::Greater
                && within_one()
                    .is_some_and(|(whole, more)| whole.checked_add(u128::from(more)) == Some(value))
        }
    }
}

/// The whole part of `amount × factor / unit`, and whether there is a rest.
fn wide_quotient(amount: u128, factor: u128, unit: u128) -> Option<(u128, bool)> {
    let product = i256::from_parts(amount, 0).checked_mul(i256::from_parts(factor, 0))?;
    let unit = i256::from_parts(unit, 0);
    let whole = product.checked_div(unit)?.to_i128()?;
    let more = product.checked_rem(unit)? != i256::ZERO;
    Some((u128::try_from(whole).ok()?, more))
}

/// Different pairs, ascending, with how often each occurs.
pub(crate) struct Distinct {
    pairs: Vec<((i128, i128), u64)>,
    /// The same ordered by their right amounts first: points of either side are then all but sorted.
    by_right: Vec<((i128, i128), u64)>,
}

impl Distinct {
    fn of(pairs: &[(i128, i128)]) -> Self {
        let is_evidence = |(left, right): &&(i128, i128)| left != right && *left != 0 && *right != 0;
        let mut sorted: Vec<(i128, i128)> = pairs.iter().filter(is_evidence).copied().collect();
        sorted.par_sort_unstable();
        let pairs: Vec<_> =
            sorted.chunk_by(|one, other| one == other).map(|run| (run[0], run.len() as u64)).collect();
        let mut by_right = pairs.clone();
        by_right.par_sort_unstable_by_key(|((left, right), _)| (*right, *left));
        Self { pairs, by_right }
    }

    /// What the pairs say with the amounts of one side as base, ascending and distinct.
    fn points<T: Ord>(&self, base: Side, point: impl Fn((i128, i128)) -> Option<T>) -> Vec<T> {
        let pairs = if base == Side::Left { &self.pairs } else { &self.by_right };
        let based = |(left, right)| if base == Side::Left { (left, right) } else { (right, left) };
        let mut points: Vec<T> = pairs.iter().filter_map(|(pair, _)| point(based(*pair))).collect();
        // Stable, because that takes what is all but sorted as it is.
        points.sort();
        points.dedup();
        points
    }

    /// Pairs that a formula explains, with how often each occurs.
    fn explained(&self, kind: Kind) -> impl Iterator<Item = ((i128, i128), u64)> {
        self.pairs.iter().copied().filter(move |((left, right), _)| kind.explains(*left, *right))
    }

    /// Whether enough different pairs, of enough different grosses, agree.
    fn is_supported(&self, kind: Kind) -> bool {
        let grosses = |side: Side| {
            let mut all: Vec<i128> = self
                .explained(kind)
                .map(|((left, right), _)| if side == Side::Left { left } else { right })
                .collect();
            all.sort_unstable();
            all.dedup();
            all.len()
        };
        let base = match kind {
            Kind::Factor(factor) => factor.larger,
            Kind::Fee(fee) => fee.gross,
            Kind::Rate(rate) => rate.base,
        };
        self.explained(kind).count() >= SUPPORT_MIN && grosses(base) >= GROSSES_MIN
    }

    /// Takes the pairs off that a formula explains.
    fn take(&mut self, kind: Kind) -> Formula {
        let support = self.explained(kind).map(|(_, count)| count).sum();
        for pairs in [&mut self.pairs, &mut self.by_right] {
            pairs.retain(|((left, right), _)| !kind.explains(*left, *right));
        }
        Formula { kind, support }
    }
}

/// At most `limit` of `all`, evenly from its order.
pub(crate) fn sample<T: Copy>(all: &[T], limit: usize) -> Vec<T> {
    if all.len() <= limit {
        return all.to_vec();
    }
    (0..limit).map(|at| all[at * all.len() / limit]).collect()
}

/// Bits that an explained number saves; a few digits say what there is to say.
fn saved(number: u64) -> u64 {
    const SAVED_MAX: u32 = 16;
    u64::from(number.max(1).ilog2().min(SAVED_MAX))
}

/// Bits that it takes to say which `chosen` of `all` a formula is about. At least log2 of the ways to choose.
fn choice(chosen: usize, all: usize) -> u64 {
    let fewer = chosen.min(all - chosen.min(all)).max(usize::from(chosen < all));
    if fewer == 0 {
        return 0;
    }
    fewer as u64 * (u64::from((all / fewer).max(1).ilog2()) + 2)
}

/// Significant decimal digits.
fn digits(mut number: u128) -> u64 {
    while number != 0 && number.is_multiple_of(10) {
        number /= 10;
    }
    number.checked_ilog10().map_or(0, |digits| u64::from(digits) + 1)
}

/// Bits that a digit of a fixed amount or a rate costs: more than the 3.3 it holds, so that simple ones win.
const DIGIT_BITS: u64 = 4;
/// Bits by which a formula must save more than it costs: less than 1 in 250 by chance.
const MARGIN_BITS: u64 = 8;
