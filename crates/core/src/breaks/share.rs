//! How rare it is that two values come as near to each other as they do: what makes a near miss evidence.
//!
//! Every share is symmetric in its two values, so that mirroring the request mirrors the evidence. Integers alone,
//! but for the likeness of texts. `docs/spec/breaks.md` has the table.

use crate::columns::row_of;
use crate::compare::{is_slip, similarity};
use crate::plan::{Millionths, ONE, Side};
use crate::spec::{DayRange, Measure, Sign};

/// The share of a coincidence that is next to impossible.
const RARE: Millionths = 10;
/// Units of the last place that two amounts are apart by rounding, whatever they are.
pub(crate) const ROUNDING_UNITS_MAX: u128 = 2;
/// Characters from which a text that stands in another is no coincidence.
const CONTAINED_CHARS_MIN: usize = 4;
/// Bytes of a text that likeness is measured on: it costs the product of both lengths.
const LIKENESS_BYTES_MAX: usize = 128;

/// How far apart two values are. Ordered: nearer first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Apart {
    /// Share of the values that come as near, in millionths.
    pub(super) share: Millionths,
    /// The difference in the unit of the values; between pairs that lack the same requirement.
    pub(super) distance: u128,
}

impl Apart {
    /// Values of which no distance is known.
    pub(super) const ANYWHERE: Self = Self { share: ONE, distance: u128::MAX };
}

/// Both amounts as a sign rule compares them: equal where it is satisfied.
pub(crate) fn comparable(left: i128, right: i128, sign: Sign) -> (i128, i128) {
    match sign {
        Sign::Same => (left, right),
        Sign::Opposite => (left, right.saturating_neg()),
        Sign::Ignore => (left.saturating_abs(), right.saturating_abs()),
    }
}

/// Two amounts, as their sign rule compares them.
pub(super) fn amounts((left, right): (i128, i128)) -> Apart {
    let distance = left.abs_diff(right);
    let (less, more) = ordered(left.unsigned_abs(), right.unsigned_abs());
    let share = if is_reversed(left, right) || is_factor(left, right) {
        RARE
    } else if (left < 0) != (right < 0) && less != 0 {
        ONE
    } else {
        let near = of(distance.saturating_mul(2), more);
        if is_slip(left, right, 0) { near.min(slips(more)) } else { near }
    };
    Apart { share, distance }
}

/// Whether two amounts differ in nothing but the sign.
pub(super) fn is_reversed(left: i128, right: i128) -> bool {
    left != 0 && left.checked_neg() == Some(right)
}

/// Whether two amounts of one sign are a factor of 10 or 100 apart.
fn is_factor(left: i128, right: i128) -> bool {
    let (less, more) = ordered(left.unsigned_abs(), right.unsigned_abs());
    let times = |factor: u128| less.checked_mul(factor) == Some(more);
    less != 0 && (left < 0) == (right < 0) && (times(10) || times(100))
}

/// Whether two amounts of one sign are one slip of the hand apart.
pub(super) fn is_slipped((left, right): (i128, i128), scale: u8) -> bool {
    is_factor(left, right) || is_slip(left, right, scale)
}

/// The share of the numbers with as many digits that are one slip away.
fn slips(number: u128) -> Millionths {
    let digits = number.checked_ilog10().unwrap_or(0) + 1;
    of(10 * u128::from(digits), 10_u128.saturating_pow(digits)).max(RARE)
}

/// A date so many days later, where the range allows others.
pub(super) fn days(days: i64, range: DayRange, span: u64) -> Apart {
    let (from, to) = (i64::from(range.from), i64::from(range.to));
    let outside = if days < from { days.abs_diff(from) } else { days.abs_diff(to) };
    let width = to.abs_diff(from) + 1;
    let share = of(u128::from(outside) * 2 + u128::from(width), u128::from(span));
    Apart { share, distance: u128::from(outside) }
}

/// Dates that a range allows.
pub(super) fn within_days(range: DayRange, span: u64) -> Millionths {
    let width = i64::from(range.to).abs_diff(range.from.into()) + 1;
    of(width.into(), span.into())
}

/// Amounts that a tolerance allows, which is so much of an amount.
pub(super) fn allowed(allowed: u128, amount: u128) -> Millionths {
    of(allowed.saturating_mul(2).saturating_add(1), amount)
}

/// Two texts. `stands` tells the share of the texts of a side (left, right) in which a text stands.
pub(super) fn texts(left: &str, right: &str, stands: impl Fn(&str, Side) -> Millionths) -> Apart {
    let unlike = ONE - similarity(Measure::Levenshtein, start(left), start(right)).min(ONE);
    let likely = unlike.saturating_mul(2).min(ONE);
    let whole = |text: &str| text.chars().nth(CONTAINED_CHARS_MIN - 1).is_some();
    let share = if whole(right) && left.contains(right) {
        likely.min(stands(right, Side::Left))
    } else if whole(left) && right.contains(left) {
        likely.min(stands(left, Side::Right))
    } else {
        likely
    };
    Apart { share, distance: u128::from(unlike) }
}

/// The least share of two different texts that are not longer than what likeness is measured on, where none is less
/// common than `stands`.
pub(super) fn texts_least(stands: Millionths) -> Millionths {
    let one_char = ONE / row_of(LIKENESS_BYTES_MAX);
    stands.min(2 * one_char)
}

/// Whether likeness is measured on the whole of a text.
pub(super) fn is_whole(text: &str) -> bool {
    text.len() <= LIKENESS_BYTES_MAX
}

/// Two integers: keys, of which only a slip is near.
pub(super) fn integers(left: i64, right: i64) -> Apart {
    let (left, right) = (i128::from(left), i128::from(right));
    let more = left.unsigned_abs().max(right.unsigned_abs());
    let share = if is_slip(left, right, 0) { slips(more) } else { ONE };
    Apart { share, distance: left.abs_diff(right) }
}

/// Whether a difference of amounts is one that rounding makes.
pub(crate) fn is_rounding((left, right): (i128, i128), scale: u8) -> bool {
    let distance = left.abs_diff(right);
    let coarse = |amount: i128| {
        let mut step = 1_u128;
        for _ in 0..scale {
            if !amount.unsigned_abs().is_multiple_of(step * 10) {
                break;
            }
            step *= 10;
        }
        step
    };
    let step = coarse(left).max(coarse(right));
    distance <= ROUNDING_UNITS_MAX || distance.saturating_mul(2) <= step
}

/// The first bytes of a text, cut between characters.
fn start(text: &str) -> &str {
    let mut end = text.len().min(LIKENESS_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

fn ordered(one: u128, other: u128) -> (u128, u128) {
    (one.min(other), one.max(other))
}

/// part / whole in millionths, rounded up, at most 1; 1 of nothing.
pub(super) fn of(part: u128, whole: u128) -> Millionths {
    let scaled = part.checked_mul(u128::from(ONE));
    let share = match scaled {
        Some(scaled) if whole != 0 => scaled.div_ceil(whole),
        _ if whole != 0 => part.div_ceil((whole / u128::from(ONE)).max(1)),
        _ => u128::from(ONE),
    };
    Millionths::try_from(share).map_or(ONE, |share| share.min(ONE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_of_the_spec_holds() {
        assert_eq!(amounts((10_000, -10_000)).share, RARE);
        assert_eq!(amounts((10_000, 1_000_000)).share, RARE);
        assert_eq!(amounts((123_456, 123_546)).share, 60);
        assert_eq!(amounts((10_000, 10_035)), Apart { share: 6_976, distance: 35 });
        assert_eq!(amounts((10_000, -9_000)).share, ONE);
        assert_eq!(days(7, DayRange { from: 0, to: 5 }, 100).share, 100_000);
        assert_eq!(days(-2, DayRange { from: 0, to: 0 }, 365), Apart { share: 13_699, distance: 2 });
        let stands = |_: &str, side: Side| if side == Side::Right { 7_752 } else { ONE };
        assert_eq!(texts("INV-2026-17", "PAYMENT INV-2026-17 THANKS", stands).share, 7_752);
        assert_eq!(texts("ABCD", "ABCE", stands).share, 500_000);
        assert_eq!(integers(4_711, 4_712).share, 4_000);
        assert_eq!(integers(4_711, 99).share, ONE);
    }

    #[test]
    fn rounding_is_told_by_the_coarser_amount() {
        assert!(is_rounding((10_049, 10_000), 2));
        assert!(is_rounding((10_045, 10_050), 2));
        assert!(is_rounding((10_041, 10_042), 2));
        assert!(!is_rounding((10_041, 10_091), 2));
        assert!(!is_rounding((104_900, 100_000), 2));
    }

    proptest! {
        /// What is not compared because of it could not have been nearer.
        #[test]
        fn no_two_different_texts_are_nearer_than_the_least(
            text in "[A-C1-3é]{1,64}", at in any::<prop::sample::Index>(), other in "[A-C1-3é]{0,8}", stands in 1_u32..=ONE,
        ) {
            prop_assume!(is_whole(&text));
            let mut edited: Vec<char> = text.chars().collect();
            edited[at.index(text.chars().count())] = 'Z';
            let edited: String = edited.into_iter().collect();
            let longer = format!("{other}{text}");
            let others = [edited, other, longer];
            for other in others.into_iter().filter(|other| *other != text && is_whole(other)) {
                let share = texts(&text, &other, |_, _| stands).share;
                prop_assert!(share >= texts_least(stands), "{text} {other}: {share}");
            }
        }

        #[test]
        fn shares_are_symmetric(a in any::<i128>(), b in any::<i128>(), s in "[A-C1-3 ]{0,8}", t in "[A-C1-3 ]{0,8}") {
            prop_assert_eq!(amounts((a, b)), amounts((b, a)));
            prop_assert_eq!(texts(&s, &t, |_, _| 9), texts(&t, &s, |_, _| 9));
            prop_assert_eq!(is_rounding((a, b), 2), is_rounding((b, a), 2));
        }

        #[test]
        fn days_mirror(d in -400_i64..400, from in -20_i32..0, width in 0_i32..40, span in 1_u64..400) {
            let to = from + width;
            prop_assume!(d < i64::from(from) || d > i64::from(to));
            prop_assert_eq!(
                days(d, DayRange { from, to }, span).share,
                days(-d, DayRange { from: -to, to: -from }, span).share
            );
        }
    }
}
