//! Gain, variance and days as one number that can be added and compared.
//!
//! The three criteria are lexicographic: no amount of variance outweighs a millionth of gain. Where a component's
//! largest possible sums fit, the three are packed into one integer (`i64`, else `i128`) whose order is the
//! lexicographic order of every pair of answers; else they stay three numbers, wide enough for any sum. All widths
//! give equal answers. Bounds are checked once per component, so the sums themselves need no check.

use super::{Edge, survey::Survey};
use arrow_buffer::i256;
use std::ops::{Add, Sub};

/// What a candidate is worth: an ordered abelian group. Greater is better; gain comes first.
pub(super) trait Cost: Copy + Ord + Default + Add<Output = Self> + Sub<Output = Self> {
    /// What one unit of each criterion weighs.
    type Units: Copy;
    /// Nothing: the worth of a record that stays open.
    const ZERO: Self;
    /// More than any sum of a component; never added to.
    const INFINITE: Self;
    /// The worth of a candidate.
    fn weigh(edge: &Edge, units: Self::Units) -> Self;
    /// The part of it that is left after so many halvings.
    fn halved(self, times: u32) -> Self;
    /// The gain in the difference of two answers.
    fn gain(self, units: Self::Units) -> u32;
}

/// The factors that pack three criteria into one integer; days weigh one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Units<T> {
    /// What a millionth of gain weighs.
    pub(super) gain: T,
    /// What a unit of variance weighs.
    pub(super) variance: T,
}

/// How wide a component's costs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Narrow(Units<i64>),
    Packed(Units<i128>),
    Wide,
}

/// Room for the sums of the algorithms: duals lie within the heaviest candidate, distances within three of it.
const HEADROOM: u128 = 8;

impl Width {
    /// The narrowest width in which every sum of the component fits.
    pub(super) fn of(survey: &Survey) -> Self {
        Self::packed(survey).unwrap_or(Self::Wide)
    }

    fn packed(survey: &Survey) -> Option<Self> {
        // At most so many pairs are made, so no sum passes pairs × maximum.
        let pairs = u128::from(survey.left_records.min(survey.right_records));
        let days_sum = pairs.checked_mul(u128::from(survey.days_max))?;
        let variance = if survey.variance_max == 0 { 1 } else { days_sum.checked_add(1)? };
        let lesser_sum =
            pairs.checked_mul(survey.variance_max)?.checked_mul(variance)?.checked_add(days_sum)?;
        // Twice the sum of the lesser criteria: the gain of a difference is then its nearest multiple.
        let gain = if lesser_sum == 0 { 1 } else { lesser_sum.checked_mul(2)?.checked_add(2)? };
        let most = gain.checked_mul(u128::from(survey.gain_max).max(1))?.checked_mul(HEADROOM)?;
        if i64::try_from(most).is_ok() {
            let units = Units { gain: i64::try_from(gain).ok()?, variance: i64::try_from(variance).ok()? };
            return Some(Self::Narrow(units));
        }
        i128::try_from(most).ok()?;
        let units = Units { gain: i128::try_from(gain).ok()?, variance: i128::try_from(variance).ok()? };
        Some(Self::Packed(units))
    }
}

impl Cost for i64 {
    type Units = Units<Self>;
    const ZERO: Self = 0;
    const INFINITE: Self = Self::MAX;

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "this width is chosen only where the largest variance times the pairs fits"
    )]
    fn weigh(edge: &Edge, units: Self::Units) -> Self {
        Self::from(edge.gain) * units.gain - edge.variance as Self * units.variance - Self::from(edge.days)
    }

    fn halved(self, times: u32) -> Self {
        self >> times
    }

    fn gain(self, units: Self::Units) -> u32 {
        u32::try_from((self + units.gain / 2).div_euclid(units.gain)).unwrap_or(u32::MAX)
    }
}

impl Cost for i128 {
    type Units = Units<Self>;
    const ZERO: Self = 0;
    const INFINITE: Self = Self::MAX;

    #[inline]
    #[expect(
        clippy::cast_possible_wrap,
        reason = "this width is chosen only where the largest variance times the pairs fits"
    )]
    fn weigh(edge: &Edge, units: Self::Units) -> Self {
        Self::from(edge.gain) * units.gain - edge.variance as Self * units.variance - Self::from(edge.days)
    }

    fn halved(self, times: u32) -> Self {
        self >> times
    }

    fn gain(self, units: Self::Units) -> u32 {
        u32::try_from((self + units.gain / 2).div_euclid(units.gain)).unwrap_or(u32::MAX)
    }
}

/// The three criteria side by side, each wider than any sum over 2^32 candidates. Variance and days are negated:
/// less is better. Field order is the order of comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Wide {
    gain: i128,
    variance: i256,
    days: i128,
}

impl Add for Wide {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            gain: self.gain + other.gain,
            variance: self.variance.wrapping_add(other.variance),
            days: self.days + other.days,
        }
    }
}

impl Sub for Wide {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            gain: self.gain - other.gain,
            variance: self.variance.wrapping_sub(other.variance),
            days: self.days - other.days,
        }
    }
}

impl Cost for Wide {
    type Units = ();
    const ZERO: Self = Self { gain: 0, variance: i256::ZERO, days: 0 };
    const INFINITE: Self = Self { gain: i128::MAX, variance: i256::MAX, days: i128::MAX };

    fn weigh(edge: &Edge, (): ()) -> Self {
        Self {
            gain: i128::from(edge.gain),
            variance: i256::from_parts(edge.variance, 0).wrapping_neg(),
            days: -i128::from(edge.days),
        }
    }

    fn halved(self, times: u32) -> Self {
        Self { gain: self.gain >> times, ..Self::ZERO }
    }

    fn gain(self, (): ()) -> u32 {
        u32::try_from(self.gain).unwrap_or(u32::MAX)
    }
}
