//! Amounts from their own scale to the run's: exact, or refused with a reason.

use super::problem::Problem;
use crate::limits::AMOUNT_UNITS_END;
use arrow_buffer::i256;

/// 10^0 to 10^38: a table, because a power is asked for cell by cell.
const POWERS: [i128; 39] = {
    let mut powers = [1; 39];
    let mut places = 1;
    while places < powers.len() {
        powers[places] = powers[places - 1] * 10;
        places += 1;
    }
    powers
};

/// 10^`places`, where it fits.
#[inline]
fn power(places: u32) -> Option<i128> {
    POWERS.get(places as usize).copied()
}

/// How a column's units become the run's: divide by 10^`divide` without a remainder, multiply by 10^`multiply`,
/// turn the sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rescale {
    divide: u32,
    multiply: u32,
    negate: bool,
    /// Digits after the point that are kept, for the message.
    kept: u8,
}

/// What all cells of an amount column share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AmountRule {
    /// The run's scale.
    pub(super) run: u8,
    /// The scale the spec asks for on this side.
    pub(super) explicit: Option<u8>,
    /// Places that the written number is shifted by.
    pub(super) minor: u8,
    /// Whether signs are turned.
    pub(super) negate: bool,
}

impl AmountRule {
    /// Digits after the point that are kept.
    pub(super) fn kept(self) -> u8 {
        self.explicit.map_or(self.run, |explicit| explicit.min(self.run))
    }

    /// The steps for numbers written in units of 10^-`decimals`.
    #[inline]
    pub(super) fn rescale(self, decimals: i32) -> Rescale {
        let own = decimals + i32::from(self.minor);
        let kept = self.kept();
        let excess = own - i32::from(kept);
        let missing = i32::from(self.run) - own.min(i32::from(kept));
        Rescale {
            divide: excess.max(0).unsigned_abs(),
            multiply: missing.max(0).unsigned_abs(),
            negate: self.negate,
            kept,
        }
    }
}

impl Rescale {
    /// The factor of a column that only has to be multiplied, where it fits 64 bits.
    pub(super) fn factor(&self) -> Option<i64> {
        if self.divide > 0 {
            return None;
        }
        let factor = 10_i64.checked_pow(self.multiply)?;
        Some(if self.negate { -factor } else { factor })
    }

    /// One number.
    #[inline]
    pub(super) fn apply(&self, value: i128) -> Result<i128, Problem> {
        let whole = self.divided(value)?;
        let scaled = match self.multiply {
            0 => whole,
            _ if whole == 0 => 0,
            places => {
                power(places).and_then(|factor| whole.checked_mul(factor)).ok_or(Problem::AmountTooLarge)?
            }
        };
        if self.negate { scaled.checked_neg().ok_or(Problem::AmountTooLarge) } else { Ok(scaled) }
    }

    #[inline]
    fn divided(&self, value: i128) -> Result<i128, Problem> {
        if self.divide == 0 || value == 0 {
            return Ok(value);
        }
        let refused = Problem::TooManyDecimals(self.kept);
        // 64-bit division is several times cheaper, and nearly every amount fits.
        if let (Ok(value), Some(Ok(divisor))) = (i64::try_from(value), power(self.divide).map(i64::try_from))
        {
            return if value % divisor == 0 { Ok(i128::from(value / divisor)) } else { Err(refused) };
        }
        match power(self.divide) {
            Some(divisor) if value % divisor == 0 => Ok(value / divisor),
            _ => Err(refused),
        }
    }

    /// One number of 256 bits.
    pub(super) fn apply_large(&self, value: i256) -> Result<i128, Problem> {
        let mut value = value;
        for _ in 0..self.divide {
            if value.checked_rem(i256::from_i128(10)) != Some(i256::ZERO) {
                return Err(Problem::TooManyDecimals(self.kept));
            }
            value = value.checked_div(i256::from_i128(10)).ok_or(Problem::AmountTooLarge)?;
        }
        let value = value.to_i128().ok_or(Problem::AmountTooLarge)?;
        Self { divide: 0, ..*self }.apply(value)
    }
}

/// A width of amounts: `i64` or `i128`.
pub(super) trait Unit: Copy + Default + Send + 'static {
    /// The value in this width, where it is an amount at all (below [`AMOUNT_UNITS_END`]).
    fn fit(value: i128) -> Option<Self>;
    /// Multiplies a slice; false where a product does not fit (what was written is not to be used then).
    fn multiply_small<N: Copy + Into<i64>>(values: &[N], factor: i64, out: &mut [Self]) -> bool;
    /// The same for wider values.
    fn multiply_large<N: Copy + Into<i128>>(values: &[N], factor: i64, out: &mut [Self]) -> bool;
}

impl Unit for i64 {
    #[inline]
    fn fit(value: i128) -> Option<Self> {
        Self::try_from(value).ok()
    }

    fn multiply_small<N: Copy + Into<i64>>(values: &[N], factor: i64, out: &mut [Self]) -> bool {
        let most = Self::MAX / factor.abs();
        let mut fits = true;
        for (out, value) in out.iter_mut().zip(values) {
            let value: Self = (*value).into();
            fits &= (-most..=most).contains(&value);
            *out = value.wrapping_mul(factor);
        }
        fits
    }

    fn multiply_large<N: Copy + Into<i128>>(values: &[N], factor: i64, out: &mut [Self]) -> bool {
        let most = i128::from(Self::MAX / factor.abs());
        let mut fits = true;
        for (out, value) in out.iter_mut().zip(values) {
            let value: i128 = (*value).into();
            fits &= (-most..=most).contains(&value);
            #[expect(clippy::cast_possible_truncation, reason = "`fits` says when bits are lost")]
            let low = value as Self;
            *out = low.wrapping_mul(factor);
        }
        fits
    }
}

impl Unit for i128 {
    #[inline]
    fn fit(value: i128) -> Option<Self> {
        Some(value).filter(|value| value.unsigned_abs() < AMOUNT_UNITS_END)
    }

    fn multiply_small<N: Copy + Into<i64>>(values: &[N], factor: i64, out: &mut [Self]) -> bool {
        for (out, value) in out.iter_mut().zip(values) {
            let value: i64 = (*value).into();
            *out = Self::from(value) * Self::from(factor);
        }
        // 2^63 × 10^18 is below 10^37.
        true
    }

    fn multiply_large<N: Copy + Into<i128>>(values: &[N], factor: i64, out: &mut [Self]) -> bool {
        let most = (AMOUNT_UNITS_END - 1) / u128::from(factor.unsigned_abs());
        let mut fits = true;
        for (out, value) in out.iter_mut().zip(values) {
            let value: Self = (*value).into();
            fits &= value.unsigned_abs() <= most;
            *out = value.wrapping_mul(Self::from(factor));
        }
        fits
    }
}
