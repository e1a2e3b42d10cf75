//! Fees: for every percentage on the grid, the fixed amount on which most pairs agree.
//!
//! The grid is complete (0 to 10 % in thousandths), so no percentage is missed for want of two good pairs to solve
//! it from, and noise can't lead the search astray.

use super::{
    DIGIT_BITS, Distinct, Fee, Kind, MARGIN_BITS, PERCENT_MAX, PERCENT_UNITS, Rounding, SUPPORT_MIN, choice,
    digits, sample, saved,
};
use crate::limits::FORMULA_PAIRS_MAX;
use crate::plan::Side;
use rayon::prelude::*;

/// Bits of a percentage without digits after its point, and of each digit after it.
const PERCENT_BITS: (u64, u64) = (4, 6);
/// Amounts that the search looks at; larger ones are explained all the same.
const UNITS_END: u64 = 1 << 45;
/// Digits after the point of a percentage: 0 to 3.
const PLACES: usize = 4;

/// A gross and a fee.
type Point = (u64, u64);

/// A percentage and a fixed amount that some points agree on.
#[derive(Clone, Copy)]
struct Proposal {
    percent: u32,
    fixed: u64,
    saves: i64,
}

/// The fee that saves most, if one does.
pub(super) fn best(rest: &Distinct) -> Option<Kind> {
    let shapes = [false, true].map(|added| {
        Side::BOTH.map(|gross| Fee { added, gross, percent: 0, fixed: 0, rounding: Rounding::Nearest })
    });
    let of_shape = |shape: &Fee| {
        let points = points(rest, *shape);
        let sampled = sample(&points, FORMULA_PAIRS_MAX);
        let proposals = proposals(&sampled).into_iter().flatten();
        let mut refined: Vec<(i64, Fee)> = proposals.map(|one| refine(*shape, one, &sampled)).collect();
        refined.retain(|(saves, _)| *saves >= 0);
        refined.sort_by_key(|found| std::cmp::Reverse(rank(*found)));
        // Support is asked last: it looks at every pair.
        refined.into_iter().find(|(_, fee)| rest.is_supported(Kind::Fee(*fee)))
    };
    let best = shapes.as_flattened().par_iter().filter_map(of_shape).max_by_key(|found| rank(*found));
    best.map(|(_, fee)| Kind::Fee(fee))
}

/// What saves more comes first, then the simpler.
fn rank((saves, fee): (i64, Fee)) -> impl Ord {
    (saves, std::cmp::Reverse(cost(fee.percent, fee.fixed.unsigned_abs())), std::cmp::Reverse(fee))
}

/// Gross and fee of the pairs that can be of a shape, ascending and distinct.
fn points(rest: &Distinct, shape: Fee) -> Vec<Point> {
    rest.points(shape.gross, |(gross, net)| {
        let fee = u64::try_from(shape.of(gross, net)?).ok()?;
        let gross = u64::try_from(gross.unsigned_abs()).ok().filter(|gross| *gross < UNITS_END)?;
        Some((gross, fee))
    })
}

/// The best proposal for each number of digits after the percentage's point.
fn proposals(points: &[Point]) -> [Option<Proposal>; PLACES] {
    let mut best = [None::<Proposal>; PLACES];
    let mut fixed = Vec::with_capacity(points.len());
    for percent in promising(points) {
        left_over(points, percent, &mut fixed);
        let slot = &mut best[places(percent)];
        for run in fixed.chunk_by(|one, other| one >> SAVED_BITS == other >> SAVED_BITS) {
            let amount = run[0] >> SAVED_BITS;
            if run.len() < SUPPORT_MIN || (percent == 0 && amount == 0) {
                continue;
            }
            let gain: u64 = run.iter().map(|key| key & ((1 << SAVED_BITS) - 1)).sum();
            let price = cost(percent, u128::from(amount)) + choice(run.len(), points.len());
            let saves = difference(gain, price);
            if slot.is_none_or(|held| saves > held.saves) {
                *slot = Some(Proposal { percent, fixed: amount, saves });
            }
        }
    }
    best
}

/// The percentages under which at least [`SUPPORT_MIN`] points may leave one fixed amount, ascending.
///
/// Where `n` points leave the same, so do their `n (n − 1) / 2` pairs; and two points can leave the same only under a
/// stretch of percentages around the slope between them: `|D − G × p| < 1` for the differences of their fees and
/// grosses, as each part is rounded by at most a half. So each pair is tried under its own stretch alone, and of ten
/// thousand percentages a few remain. Where the grosses are so near each other that the stretches cover more than that
/// saves, every percentage is looked at.
fn promising(points: &[Point]) -> Vec<u32> {
    let pairs =
        points.iter().enumerate().flat_map(|(at, more)| points[..at].iter().map(move |less| (less, more)));
    let pairs: Vec<(&Point, &Point, u32, u32)> = pairs
        .filter_map(|(less, more)| {
            let (from, to) = stretch(more.0 - less.0, (more.1, less.1))?;
            Some((less, more, from, to))
        })
        .collect();
    let covered: usize = pairs.iter().map(|(_, _, from, to)| (to - from + 1) as usize).sum();
    if covered > COVERED_MAX {
        let mut counts = Counts::new();
        return (0..=PERCENT_MAX).filter(|percent| counts.may_agree(points, *percent)).collect();
    }
    let mut left: Vec<(u32, u64)> = Vec::with_capacity(covered);
    for (less, more, from, to) in pairs {
        let agreeing = (from..=to).filter_map(|percent| {
            let amount = amount_left(*less, percent)?;
            (amount_left(*more, percent) == Some(amount)).then_some((percent, amount))
        });
        left.extend(agreeing);
    }
    left.sort_unstable();
    let pairs_min = SUPPORT_MIN * (SUPPORT_MIN - 1) / 2;
    let agreed = left.chunk_by(|one, other| one == other).filter(|run| run.len() >= pairs_min);
    let mut percents: Vec<u32> = agreed.map(|run| run[0].0).collect();
    percents.dedup();
    percents
}

/// Percentages that all stretches together cover, beyond which looking at every percentage is cheaper.
const COVERED_MAX: usize = 1 << 18;

/// The percentages under which two points may leave the same, first and last, by the differences of their grosses and
/// fees. Two different points of one gross never do.
fn stretch(gross: u64, (fee, less_fee): (u64, u64)) -> Option<(u32, u32)> {
    let units = u64::from(PERCENT_UNITS);
    // At most and at least, times the units; grosses are below 2^45.
    let most = fee.checked_add(1)?.checked_sub(less_fee)?.checked_mul(units)?;
    let least = most.saturating_sub(2 * units);
    if gross == 0 || least > gross * u64::from(PERCENT_MAX) {
        return None;
    }
    let percent = |value: u64| u32::try_from(value).unwrap_or(PERCENT_MAX).min(PERCENT_MAX);
    Some((percent(least / gross), percent(most.div_ceil(gross))))
}

/// Bits of a key that hold what the point saves.
const SAVED_BITS: u32 = 5;

/// What a percentage leaves of each fee, with what the fee saves in the lowest bits, ascending.
fn left_over(points: &[Point], percent: u32, fixed: &mut Vec<u64>) {
    fixed.clear();
    let left = |point: &Point| Some(amount_left(*point, percent)? << SAVED_BITS | saved(point.1));
    fixed.extend(points.iter().filter_map(left));
    fixed.sort_unstable();
}

/// What a percentage leaves of a fee, if it leaves something.
#[inline]
fn amount_left((gross, fee): Point, percent: u32) -> Option<u64> {
    let part = (gross * u64::from(percent) + u64::from(PERCENT_UNITS / 2)) / u64::from(PERCENT_UNITS);
    fee.checked_sub(part)
}

/// How many amounts fall into each of some slots: where no slot has [`SUPPORT_MIN`], no so many are equal, and that
/// is cheaper to see than by sorting them.
struct Counts(Vec<u8>);

impl Counts {
    const BITS: u32 = 12;

    fn new() -> Self {
        Self(vec![0; 1 << Self::BITS])
    }

    fn may_agree(&mut self, points: &[Point], percent: u32) -> bool {
        self.0.fill(0);
        let mut most = 0;
        for amount in points.iter().filter_map(|point| amount_left(*point, percent)) {
            let slot = amount.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - Self::BITS);
            let count = &mut self.0[usize::try_from(slot).unwrap_or(0)];
            *count = count.saturating_add(1);
            most = most.max(*count);
        }
        usize::from(most) >= SUPPORT_MIN
    }
}

/// Digits after the point of a percentage in thousandths.
fn places(percent: u32) -> usize {
    [1000, 100, 10].iter().position(|unit| percent.is_multiple_of(*unit)).unwrap_or(PLACES - 1)
}

/// Bits that a fee is written with, and the margin.
fn cost(percent: u32, fixed: u128) -> u64 {
    let (whole, place) = PERCENT_BITS;
    let percentage = if percent == 0 { 0 } else { whole + place * places(percent) as u64 };
    percentage + digits(fixed) * DIGIT_BITS + MARGIN_BITS
}

fn difference(gain: u64, price: u64) -> i64 {
    i64::try_from(gain).unwrap_or(i64::MAX) - i64::try_from(price).unwrap_or(i64::MAX)
}

/// The rounding under which a proposal saves most. A vote to the nearest sees a fee that is cut, or rounded up, with
/// a fixed amount that is one unit off half of the time.
fn refine(shape: Fee, proposal: Proposal, points: &[Point]) -> (i64, Fee) {
    let fixed = i128::from(proposal.fixed);
    let variants = [
        (Rounding::Nearest, fixed),
        (Rounding::Down, fixed),
        (Rounding::Down, fixed + 1),
        (Rounding::Up, fixed),
        (Rounding::Up, fixed - 1),
    ];
    let fees = variants.into_iter().filter(|(_, fixed)| *fixed >= 0);
    let scored = fees.map(|(rounding, fixed)| {
        let fee = Fee { percent: proposal.percent, fixed, rounding, ..shape };
        (saves(fee, points), fee)
    });
    scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).unwrap_or((i64::MIN, shape))
}

/// What a fee saves over some points.
fn saves(fee: Fee, points: &[Point]) -> i64 {
    let explained = |&&(gross, part): &&Point| {
        super::product_is(u128::from(gross), u128::from(fee.percent), &fee.split(u128::from(part)))
    };
    let (mut count, mut gain) = (0, 0);
    for (_, part) in points.iter().filter(explained) {
        count += 1;
        gain += saved(*part);
    }
    let rounding = if fee.rounding == Rounding::Nearest { 0 } else { DIGIT_BITS };
    difference(gain, cost(fee.percent, fee.fixed.unsigned_abs()) + choice(count, points.len()) + rounding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever the amounts: those that noise makes, those of few units, those of a fee, and the largest.
        #[test]
        fn no_percentage_that_three_points_agree_on_is_left_out(
            noise in prop::collection::vec((1_u64..100_000, 0_u64..10_000), 0..24),
            small in prop::collection::vec((1_u64..40, 0_u64..4), 0..12),
            large in prop::collection::vec((UNITS_END - 9_000..UNITS_END, 0..UNITS_END / 8), 0..6),
            grosses in prop::collection::vec(1_u64..300_000, 0..8),
            (percent, flat) in (0..=u64::from(PERCENT_MAX), 0_u64..100),
        ) {
            let part = |gross: u64| (gross * percent + 50_000) / 100_000 + flat;
            let fees = grosses.into_iter().map(|gross| (gross, part(gross)));
            let mut points: Vec<Point> = noise.into_iter().chain(small).chain(large).chain(fees).collect();
            points.sort_unstable();
            points.dedup();
            let tried = promising(&points);
            let mut fixed = Vec::new();
            for percent in 0..=PERCENT_MAX {
                left_over(&points, percent, &mut fixed);
                let runs = fixed.chunk_by(|one, other| one >> SAVED_BITS == other >> SAVED_BITS);
                let agree = runs.map(<[u64]>::len).max().unwrap_or(0) >= SUPPORT_MIN;
                prop_assert!(!agree || tried.binary_search(&percent).is_ok(), "{percent} of {points:?}");
            }
        }
    }
}
