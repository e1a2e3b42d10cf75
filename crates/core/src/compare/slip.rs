//! Values that a slip of the hand turns into each other: two adjacent digits swapped, one digit wrong, a factor.
//!
//! Amounts are judged by their difference: one wrong digit is d × 10^p, a swap 9 × d × 10^p, with d from 1 to 9. So
//! a pair costs a few divisions, and most pairs one.

use super::{Grade, absent};
use crate::columns::{AmountColumn, Column, IntegerColumn, Row, TextColumn};
use crate::error::Result;
use crate::plan::{Millionths, ONE};
use crate::spec::Slip;

/// The grade of two values that one slip keeps apart. Equal values grade 1.
pub(super) const SLIPPED: Millionths = ONE / 2;

/// Whether two values are equal (grade 1) or one slip apart (grade 0.5).
#[derive(Debug, Clone)]
pub struct SlipBetween {
    columns: Columns,
    kinds: Kinds,
}

#[derive(Debug, Clone)]
enum Columns {
    Absent,
    /// The scale is the run's: an amount is written with at least one digit before the point.
    Amounts(AmountColumn, AmountColumn, u8),
    Integers(IntegerColumn, IntegerColumn),
    Texts(TextColumn, TextColumn),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Kinds {
    swapped: bool,
    one_digit: bool,
    factor: bool,
}

impl Kinds {
    pub(super) fn of(kinds: &[Slip]) -> Self {
        Self {
            swapped: kinds.contains(&Slip::Swapped),
            one_digit: kinds.contains(&Slip::OneDigit),
            factor: kinds.contains(&Slip::Factor),
        }
    }
}

impl SlipBetween {
    pub(super) fn bind(kinds: &[Slip], left: &Column, right: &Column, scale: u8) -> Result<Self> {
        let columns = match (left, right) {
            (Column::Amount(left), Column::Amount(right)) => {
                Columns::Amounts(left.clone(), right.clone(), scale)
            }
            (Column::Integer(left), Column::Integer(right)) => Columns::Integers(left.clone(), right.clone()),
            (Column::Text(left), Column::Text(right)) => Columns::Texts(left.clone(), right.clone()),
            _ => absent(left, right, "digits")?.unwrap_or(Columns::Absent),
        };
        Ok(Self { columns, kinds: Kinds::of(kinds) })
    }

    /// What the condition says of one candidate.
    #[must_use]
    pub fn grade(&self, left: Row, right: Row) -> Grade {
        match &self.columns {
            Columns::Absent => Grade::Null,
            Columns::Amounts(lefts, rights, scale) => match (lefts.get(left), rights.get(right)) {
                (Some(left), Some(right)) => numbers(left, right, *scale, self.kinds),
                _ => Grade::Null,
            },
            Columns::Integers(lefts, rights) => match (lefts.get(left), rights.get(right)) {
                (Some(left), Some(right)) => numbers(i128::from(left), i128::from(right), 0, self.kinds),
                _ => Grade::Null,
            },
            Columns::Texts(lefts, rights) => match (lefts.get(left), rights.get(right)) {
                (Some(left), Some(right)) => digits(left, right, self.kinds),
                _ => Grade::Null,
            },
        }
    }
}

/// Whether two different numbers of one sign have one digit wrong or two neighbouring digits swapped.
pub(crate) fn is_slip(left: i128, right: i128, scale: u8) -> bool {
    let kinds = Kinds { swapped: true, one_digit: true, factor: false };
    left != right && matches!(numbers(left, right, scale, kinds), Grade::Holds(_))
}

fn slipped(is_slip: bool) -> Grade {
    if is_slip { Grade::Holds(SLIPPED) } else { Grade::Fails }
}

/// Two numbers of one sign (zero has both), written with at least `scale` + 1 digits.
pub(super) fn numbers(left: i128, right: i128, scale: u8, kinds: Kinds) -> Grade {
    if left == right {
        return Grade::Holds(ONE);
    }
    if left != 0 && right != 0 && (left < 0) != (right < 0) {
        return Grade::Fails;
    }
    let (left, right) = (left.unsigned_abs(), right.unsigned_abs());
    let (less, more) = (left.min(right), left.max(right));
    let is_factor = kinds.factor
        && less != 0
        && (less.checked_mul(10) == Some(more) || less.checked_mul(100) == Some(more));
    slipped(is_factor || (kinds.swapped || kinds.one_digit) && digit_slip(less, more, scale, kinds))
}

/// Whether `less` becomes `more` by one wrong digit or one swap of neighbours, with the same number of digits.
fn digit_slip(less: u128, more: u128, scale: u8, kinds: Kinds) -> bool {
    let mut gap = more - less;
    let mut place = 0_u32;
    while gap.is_multiple_of(10) {
        gap /= 10;
        place += 1;
    }
    if gap > 81 {
        return false;
    }
    let Some(unit) = 10_u128.checked_pow(place) else { return false };
    let digit = less / unit % 10;
    let one_digit = kinds.one_digit && gap <= 9 && digit + gap <= 9;
    if one_digit && as_long(less, more, place, scale) {
        return true;
    }
    let next = less / unit / 10 % 10;
    let swapped = kinds.swapped && gap.is_multiple_of(9) && digit == next + gap / 9;
    swapped && as_long(less, more, place + 1, scale)
}

/// Whether both numbers are written with equally many digits, when `place` is the highest that differs.
fn as_long(less: u128, more: u128, place: u32, scale: u8) -> bool {
    place <= u32::from(scale) || less.checked_ilog10() == more.checked_ilog10()
}

/// Two texts that are equal but for their digits. A factor has no meaning there.
pub(super) fn digits(left: &str, right: &str, kinds: Kinds) -> Grade {
    if left == right {
        return Grade::Holds(ONE);
    }
    if left.len() != right.len() {
        return Grade::Fails;
    }
    // Digits are ASCII: bytes that differ must be digits, so everything else is equal byte for byte.
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut differing = left.iter().zip(right).enumerate().filter(|(_, (a, b))| a != b);
    let first = differing.next();
    let second = differing.next();
    if differing.next().is_some() {
        return Grade::Fails;
    }
    slipped(match (first, second) {
        (Some((_, (a, b))), None) => kinds.one_digit && a.is_ascii_digit() && b.is_ascii_digit(),
        (Some((at, (a, b))), Some((next, (c, d)))) => {
            kinds.swapped && next == at + 1 && a == d && b == c && a.is_ascii_digit() && b.is_ascii_digit()
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: Kinds = Kinds { swapped: true, one_digit: true, factor: true };
    const SWAPPED: Kinds = Kinds { swapped: true, one_digit: false, factor: false };
    const ONE_DIGIT: Kinds = Kinds { swapped: false, one_digit: true, factor: false };
    const FACTOR: Kinds = Kinds { swapped: false, one_digit: false, factor: true };

    #[test]
    fn the_examples_of_the_spec_hold() {
        assert_eq!(numbers(12_345, 12_354, 2, SWAPPED), slipped(true));
        assert_eq!(numbers(12_345, 12_945, 2, ONE_DIGIT), slipped(true));
        assert_eq!(numbers(12_345, 1_234_500, 2, FACTOR), slipped(true));
        assert_eq!(numbers(105, 15, 2, SWAPPED), slipped(true), "1.05 and 0.15");
        assert_eq!(numbers(1_000, 100, 2, SWAPPED), Grade::Fails, "10.00 and 1.00 is a factor");
        assert_eq!(numbers(12_345, 12_345, 2, ALL), Grade::Holds(ONE));
        assert_eq!(numbers(12_345, -12_354, 2, ALL), Grade::Fails);
        assert_eq!(digits("INV-1234", "INV-1324", SWAPPED), slipped(true));
        assert_eq!(digits("INV-1234", "INV-1934", ONE_DIGIT), slipped(true));
        assert_eq!(digits("INV-1234", "INX-1234", ALL), Grade::Fails);
        assert_eq!(digits("12-34", "13-24", ALL), Grade::Fails, "swapped, but not neighbours");
        assert_eq!(numbers(i128::MAX, i128::MIN, 0, ALL), Grade::Fails);
        assert_eq!(numbers(0, i128::MIN, 18, ALL), Grade::Fails);
    }

    /// The definition, on written digits.
    fn written(value: u64, scale: u8) -> String {
        let width = usize::from(scale) + 1;
        format!("{value:0>width$}")
    }

    fn close(base: u64) -> impl Strategy<Value = (u64, u64)> {
        (0..base, 0_u32..6, -9_i64..=9, prop::bool::ANY).prop_map(|(value, place, factor, swap)| {
            let step = 10_i64.pow(place) * if swap { 9 } else { 1 } * factor;
            (value, value.saturating_add_signed(step))
        })
    }

    proptest! {
        #[test]
        fn numbers_slip_as_their_written_digits_do((left, right) in close(2_000_000), scale in 0_u8..4) {
            let (a, b) = (written(left, scale), written(right, scale));
            for kinds in [SWAPPED, ONE_DIGIT] {
                let by_digits = digits(&a, &b, kinds);
                prop_assert_eq!(numbers(left.into(), right.into(), scale, kinds), by_digits, "{} {}", a, b);
                prop_assert_eq!(numbers(right.into(), left.into(), scale, kinds), by_digits);
            }
        }
    }
}
