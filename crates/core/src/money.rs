//! Exact numbers: the spec's decimals, and amounts as integers with a scale. No float comes in here.

#![warn(clippy::arithmetic_side_effects)]

use rust_decimal::Decimal;
use std::fmt;
use std::str::FromStr;

/// A decimal of the spec: a tolerance, a weight, a threshold. At most 28 digits, exact, at most 18 after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Number(Decimal);

/// A text that is not a [`Number`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a decimal number of at most 28 digits, 18 of them after the point")]
pub struct NotANumber(pub String);

impl Number {
    /// A whole number.
    #[must_use]
    pub fn whole(value: i64) -> Self {
        Self(Decimal::from(value))
    }

    /// Digits after the point that are not trailing zeros.
    #[must_use]
    pub fn scale(self) -> u8 {
        u8::try_from(self.0.normalize().scale()).unwrap_or(u8::MAX)
    }

    /// The number in units of 10^-`scale`, or `None` where that would lose a digit or pass i128.
    ///
    /// ```
    /// # use recon378_core::Number;
    /// let tolerance: Number = "0.05".parse().unwrap();
    /// assert_eq!(tolerance.units(2), Some(5));
    /// assert_eq!(tolerance.units(1), None);
    /// ```
    #[must_use]
    pub fn units(self, scale: u8) -> Option<i128> {
        let number = self.0.normalize();
        let missing = u32::from(scale).checked_sub(number.scale())?;
        number.mantissa().checked_mul(10_i128.checked_pow(missing)?)
    }

    /// The number in millionths, or `None` where that would lose a digit.
    #[must_use]
    pub fn millionths(self) -> Option<i64> {
        self.units(6).and_then(|units| i64::try_from(units).ok())
    }

    /// Whether the number is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// The exact decimal behind it.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Self {
        Self(value)
    }
}

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let refused = || NotANumber(text.to_owned());
        let number = if text.contains(['e', 'E']) {
            Decimal::from_scientific(text).map_err(|_| refused())?
        } else {
            Decimal::from_str_exact(text).map_err(|_| refused())?
        };
        if number.normalize().scale() > 18 { Err(refused()) } else { Ok(Self(number)) }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Writes `units` of 10^-`scale` as a plain decimal: `-12.05`.
///
/// ```
/// # use recon378_core::money::display_units;
/// assert_eq!(display_units(-1205, 2), "-12.05");
/// assert_eq!(display_units(i128::MIN, 0), "-170141183460469231731687303715884105728");
/// ```
#[must_use]
pub fn display_units(units: i128, scale: u8) -> String {
    let digits = units.unsigned_abs().to_string();
    let sign = if units < 0 { "-" } else { "" };
    let places = usize::from(scale);
    if places == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = places.saturating_add(1));
    let (whole, fraction) = padded.split_at(padded.len().saturating_sub(places));
    format!("{sign}{whole}.{fraction}")
}
