//! Doubles as amounts: the shortest decimal that reads back as the same double, rounded to the scale that the
//! spec asks for, half away from zero.
//!
//! This is the one place where a float becomes an amount. Nothing is computed with it: its decimal is found,
//! and from there on the amount is an integer.

use super::problem::Problem;
use super::rescale::AmountRule;
use std::fmt::Write as _;

/// The shortest decimal of a double: `mantissa` × 10^-`decimals`. `None` where it is not finite.
pub(super) fn shortest(value: impl Double) -> Option<(i64, i32)> {
    if !value.is_finite() {
        return None;
    }
    let mut text = Digits::default();
    // Rust writes the shortest digits that read back the same; at most 17 digits, sign, point, `e-324`.
    value.write(&mut text).ok()?;
    let (mut mantissa, mut decimals, mut exponent) = (0_i64, 0_i32, 0_i32);
    let (mut negative, mut negative_exponent, mut after_point, mut after_e) = (false, false, false, false);
    for byte in text.bytes.iter().take(text.len) {
        match byte {
            b'0'..=b'9' if after_e => exponent = exponent * 10 + i32::from(byte - b'0'),
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + i64::from(byte - b'0');
                decimals += i32::from(after_point);
            }
            b'.' => after_point = true,
            b'e' => after_e = true,
            b'-' if after_e => negative_exponent = true,
            b'-' => negative = true,
            _ => return None,
        }
    }
    let exponent = if negative_exponent { -exponent } else { exponent };
    Some((if negative { -mantissa } else { mantissa }, decimals - exponent))
}

/// The double in units of the run.
pub(super) fn units(value: impl Double, rule: AmountRule) -> Result<i128, Problem> {
    let (mantissa, decimals) = shortest(value).ok_or(Problem::NotFinite)?;
    let kept = i32::from(rule.kept());
    let excess = decimals + i32::from(rule.minor) - kept;
    if excess <= 0 {
        return rule.rescale(decimals).apply(i128::from(mantissa));
    }
    let rounded = match 10_i128.checked_pow(excess.unsigned_abs()) {
        Some(divisor) => {
            let (mantissa, half) = (i128::from(mantissa), divisor / 2);
            (mantissa + if mantissa < 0 { -half } else { half }) / divisor
        }
        None => 0,
    };
    rule.rescale(kept - i32::from(rule.minor)).apply(rounded)
}

/// A double whose decimal at `places` has at most 15 digits, in units of 10^-`places`; `None`: take [`units`].
///
/// Exact, though it multiplies: the guess only counts where guess ÷ 10^places, one correctly rounded division of
/// two exact doubles, gives the double back. No two decimals of 15 digits share a double, so that the guess is
/// then its shortest decimal.
#[inline]
pub(super) fn quick(value: f64, power: f64) -> Option<i64> {
    const EXACT_MAX: f64 = 1e15;
    // 1.5 × 2^52: adding it leaves no room for a fraction, which is rounded off. A call to round costs ten times that.
    const ROUNDER: f64 = 6_755_399_441_055_744.0;
    let guess = (value * power + ROUNDER) - ROUNDER;
    #[expect(clippy::float_cmp, reason = "only the very same double will do")]
    let same = guess / power == value;
    #[expect(clippy::cast_possible_truncation, reason = "below 10^15 and whole")]
    (guess.abs() < EXACT_MAX && same).then_some(guess as i64)
}

/// 10^`places` as a double, where it is exact (up to 10^22).
pub(super) fn exact_power(places: i32) -> Option<f64> {
    let places = u32::try_from(places).ok().filter(|places| *places <= 15)?;
    #[expect(clippy::cast_precision_loss, reason = "powers up to 10^15 are exact doubles")]
    Some(10_u64.pow(places) as f64)
}

/// `f32` or `f64`.
pub(super) trait Double: Copy {
    /// Neither NaN nor infinite.
    fn is_finite(self) -> bool;
    /// Writes the shortest digits, as `1.25e2`.
    fn write(self, out: &mut Digits) -> std::fmt::Result;
    /// The decimal at 10^-places without writing it, where that is certain.
    fn quick(self, power: f64) -> Option<i64>;
}

impl Double for f64 {
    fn is_finite(self) -> bool {
        self.is_finite()
    }

    fn write(self, out: &mut Digits) -> std::fmt::Result {
        write!(out, "{self:e}")
    }

    #[inline]
    fn quick(self, power: f64) -> Option<i64> {
        quick(self, power)
    }
}

impl Double for f32 {
    fn is_finite(self) -> bool {
        self.is_finite()
    }

    fn write(self, out: &mut Digits) -> std::fmt::Result {
        write!(out, "{self:e}")
    }

    // The decimal of an `f32` is not that of the `f64` of the same value.
    #[inline]
    fn quick(self, _power: f64) -> Option<i64> {
        None
    }
}

/// Room for the digits of one double.
#[derive(Default)]
pub(super) struct Digits {
    bytes: [u8; 32],
    len: usize,
}

impl std::fmt::Write for Digits {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(std::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// How many doubles need how many digits after the point: what a refusal recommends a scale from.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    counts: [u64; 20],
    total: u64,
}

impl Places {
    /// Counts one double; those that are not finite don't count.
    pub(super) fn add(&mut self, value: impl Double, minor: u8) {
        if let Some((mantissa, decimals)) = shortest(value) {
            let decimals = if mantissa == 0 { 0 } else { decimals + i32::from(minor) };
            let places = usize::try_from(decimals.max(0)).unwrap_or(0);
            self.counts[places.min(19)] += 1;
            self.total += 1;
        }
    }

    /// Adds the counts of other doubles.
    pub(super) fn merge(&mut self, other: &Self) {
        for (count, other) in self.counts.iter_mut().zip(&other.counts) {
            *count += other;
        }
        self.total += other.total;
    }

    /// The scale to recommend, and in words what it would do: the smallest that changes at most one value in a
    /// hundred (noise of arithmetic on doubles needs 17 digits and should not decide), else the one that changes
    /// the fewest.
    pub(super) fn advice(&self) -> (usize, String) {
        let changed = |scale: usize| self.counts.iter().skip(scale + 1).sum::<u64>();
        let scale = (0..=8)
            .find(|scale| changed(*scale) * 100 <= self.total)
            .or_else(|| (0..=18).min_by_key(|scale| changed(*scale)))
            .unwrap_or(2);
        let text = format!(
            "scale = {scale} changes {} of {} values",
            with_commas(changed(scale)),
            with_commas(self.total)
        );
        (scale, text)
    }
}

fn with_commas(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
