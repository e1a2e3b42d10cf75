//! Between probabilities and bits. Floats come in here and are rounded before they leave: bits to thousandths,
//! probabilities to millionths. All of it is `+ − × ÷` and `libm`, so that every platform comes to the same.

use super::rounding::likeness;
use crate::plan::{Millionths, ONE};

/// Millibits, of either sign, from which every probability is 0 or 1 in millionths.
const CERTAIN_MILLIBITS: i64 = 64_000;

/// log2(p / (1 − p)) of p = `part` / `whole`, in thousandths of a bit. `part` is above 0 and below `whole`.
pub(crate) fn log_odds(part: u64, whole: u64) -> i64 {
    i64::from(thousandths(libm::log2(
        float(u128::from(part)) / float(u128::from(whole.saturating_sub(part))),
    )))
}

/// The probability whose log-odds are so many thousandths of a bit: 1 / (1 + 2^−bits), in millionths.
#[inline]
pub(crate) fn probability(millibits: i64) -> Millionths {
    #[expect(
        clippy::cast_precision_loss,
        reason = "sums of a few hundred bits in thousandths are far below 2^53"
    )]
    let bits = millibits as f64 / 1_000.0;
    likeness(1.0 / (1.0 + libm::exp2(-bits)))
}

/// The least log-odds whose probability reaches a floor; `None` where any does.
pub(crate) fn least(floor: Millionths) -> Option<i64> {
    if floor == 0 {
        return None;
    }
    let floor = floor.min(ONE);
    let (mut below, mut reached) = (-CERTAIN_MILLIBITS, CERTAIN_MILLIBITS);
    while reached - below > 1 {
        let middle = below.midpoint(reached);
        if probability(middle) >= floor { reached = middle } else { below = middle }
    }
    Some(reached)
}

/// What equality in a value says beyond equality in a value of average frequency: log2(Σc² / (n × c)), in thousandths
/// of a bit, where `count` = c of `total` = n values are this one and `squares` = Σc² over all different ones.
pub(crate) fn rarity(count: u64, total: u64, squares: u128) -> i32 {
    thousandths(libm::log2(float(squares) / (float(u128::from(total)) * float(u128::from(count)))))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "what is lost is far below the thousandth of a bit that is kept"
)]
fn float(whole: u128) -> f64 {
    whole as f64
}

/// To the nearest thousandth, halves away from zero. Logarithms of 128-bit numbers are below 200.
fn thousandths(value: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "below 200,000, and whole")]
    let rounded = libm::round(value * 1_000.0) as i32;
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn even_odds_are_no_bits_and_a_bit_doubles_them() {
        assert_eq!(log_odds(1, 2), 0);
        assert_eq!(log_odds(2, 3), 1_000);
        assert_eq!(log_odds(1, 1_000), -9_964);
        assert_eq!(log_odds(1, 1_000_000_000_000), -39_863);
        assert_eq!(probability(0), 500_000);
        assert_eq!(probability(1_000), 666_667);
        assert_eq!(probability(-1_000), 333_333);
        assert_eq!((probability(21_000), probability(-21_000)), (ONE, 0));
        assert_eq!((probability(i64::MAX), probability(i64::MIN)), (ONE, 0));
    }

    #[test]
    fn a_rare_value_says_more_and_an_average_one_what_its_level_says() {
        // Four values of one kind each: all are average.
        assert_eq!(rarity(2, 8, 16), 0);
        // 6 Smith and 2 Boreal: Σc² = 40, 40 / (8 × 6) and 40 / (8 × 2).
        assert_eq!(rarity(6, 8, 40), -263);
        assert_eq!(rarity(2, 8, 40), 1_322);
        assert_eq!(rarity(u64::MAX, u64::MAX, u128::from(u64::MAX) * u128::from(u64::MAX)), 0);
    }

    proptest! {
        #[test]
        fn the_least_odds_of_a_floor_reach_it_and_less_do_not(floor in 1..=ONE) {
            let least = least(floor).unwrap();
            prop_assert!(probability(least) >= floor);
            prop_assert!(probability(least - 1) < floor);
        }

        #[test]
        fn more_bits_are_never_less_likely(bits in -70_000_i64..70_000, more in 0_i64..70_000) {
            prop_assert!(probability(bits) <= probability(bits + more));
            prop_assert!(probability(bits).abs_diff(ONE - probability(-bits)) <= 1);
        }
    }
}
