//! Constant rates: the number that lies in most of the intervals that each pair allows.

use super::{
    DIGIT_BITS, Distinct, Kind, MARGIN_BITS, PERCENT_MAX, PERCENT_UNITS, RATE_UNITS, Rate, SUPPORT_MIN,
    choice, digits, sample, saved,
};
use crate::limits::FORMULA_PAIRS_MAX;
use crate::plan::Side;
use rayon::prelude::*;

/// Significant digits of a rate.
const RATE_DIGITS_MAX: u32 = 7;
/// Units of an amount below which it says too little about a rate.
const UNITS_MIN: u128 = 100;

/// Base and other amount, without signs.
type Point = (u128, u128);

/// The rate that saves most, if one does.
pub(super) fn best(rest: &Distinct) -> Option<Kind> {
    let shapes = [false, true].map(|reversed| Side::BOTH.map(|base| Rate { reversed, times: 0, base }));
    let of_shape = |shape: &Rate| {
        let points = points(rest, shape.reversed, shape.base);
        let points = sample(&points, FORMULA_PAIRS_MAX);
        let rates = candidates(&points).into_iter().map(|times| Rate { times, ..*shape });
        let scored = rates.filter(|rate| is_rate(*rate)).map(|rate| (saves(rate, &points), rate));
        let mut found: Vec<(i64, Rate)> = scored.filter(|(saves, _)| *saves >= 0).collect();
        found.sort_by_key(|one| std::cmp::Reverse(rank(*one)));
        // Support is asked last: it looks at every pair.
        found.into_iter().find(|(_, rate)| rest.is_supported(Kind::Rate(*rate)))
    };
    let best = shapes.as_flattened().par_iter().filter_map(of_shape).max_by_key(|found| rank(*found));
    best.map(|(_, rate)| Kind::Rate(rate))
}

fn rank((saves, rate): (i64, Rate)) -> impl Ord {
    (saves, std::cmp::Reverse(digits(rate.times)), std::cmp::Reverse(rate))
}

/// A plain reversal of the sign is none, and what a percentage of the grid says is a fee.
fn is_rate(rate: Rate) -> bool {
    let percent = RATE_UNITS / u128::from(PERCENT_UNITS);
    let off = rate.times.abs_diff(RATE_UNITS);
    let is_fee = off <= u128::from(PERCENT_MAX) * percent && off.is_multiple_of(percent);
    off != 0 && (rate.reversed || !is_fee)
}

fn points(rest: &Distinct, reversed: bool, base: Side) -> Vec<Point> {
    rest.points(base, |(base, other)| {
        let amounts = (base.unsigned_abs(), other.unsigned_abs());
        let tells = ((base < 0) != (other < 0)) == reversed && amounts.0.min(amounts.1) >= UNITS_MIN;
        tells.then_some(amounts)
    })
}

/// Rates that round to `other`: at least, at most. `None` where 128 bits don't hold them.
fn interval(&(base, other): &Point) -> Option<(u128, u128)> {
    let twice = base.checked_mul(2)?;
    let scaled = |half: u128| half.checked_mul(RATE_UNITS);
    let least = scaled(other.checked_mul(2)? - 1)?.div_ceil(twice);
    let most = scaled(other.checked_mul(2)? + 1)? / twice;
    (least <= most).then_some((least, most))
}

/// The middle of where most intervals overlap, with one digit, two digits, and so on.
fn candidates(points: &[Point]) -> Vec<u128> {
    let mut ends: Vec<(u128, bool)> = Vec::with_capacity(points.len() * 2);
    for (least, most) in points.iter().filter_map(interval) {
        ends.push((least, false));
        ends.push((most, true));
    }
    // An interval that begins where another ends overlaps with it.
    ends.sort_unstable();
    let (mut depth, mut deepest, mut place) = (0_usize, 0, None);
    for (at, &(end, closes)) in ends.iter().enumerate() {
        if closes {
            depth -= 1;
            continue;
        }
        depth += 1;
        if depth > deepest {
            deepest = depth;
            place = ends.get(at + 1).map(|next| end + (next.0 - end) / 2);
        }
    }
    let Some(middle) = place.filter(|_| deepest >= SUPPORT_MIN) else { return Vec::new() };
    let mut rates: Vec<u128> = (1..=RATE_DIGITS_MAX).filter_map(|kept| rounded(middle, kept)).collect();
    rates.dedup();
    rates
}

/// A number with so many significant digits.
fn rounded(number: u128, kept: u32) -> Option<u128> {
    let unit = 10_u128.checked_pow((number.checked_ilog10()? + 1).saturating_sub(kept))?;
    Some(number.checked_add(unit / 2)? / unit * unit).filter(|rate| *rate > 0)
}

fn saves(rate: Rate, points: &[Point]) -> i64 {
    let explained =
        |&&(base, other): &&Point| super::product_is(base, rate.times, &super::Product::nearest(other));
    let (mut count, mut gain) = (0, 0);
    for (base, other) in points.iter().filter(explained) {
        count += 1;
        // Near 1 a rate says no more than how much the amounts differ.
        let told = (*other).min(base.abs_diff(*other));
        gain += saved(u64::try_from(told).unwrap_or(u64::MAX));
    }
    let price = digits(rate.times) * DIGIT_BITS + MARGIN_BITS + choice(count, points.len());
    i64::try_from(gain).unwrap_or(i64::MAX) - i64::try_from(price).unwrap_or(i64::MAX)
}
