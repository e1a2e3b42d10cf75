//! Amounts written as text: a sign, a currency sign where the spec names one, digits, a decimal mark, thousands
//! separators, and nothing else.
//!
//! Strict on purpose: an amount that is read wrongly is worse than one that is reported. With the separator `,`
//! the text `1,5` is no amount, because in another country it is one and a half.

use super::problem::Problem;
use crate::limits::SCALE_MAX;
use crate::spec::ReadSpec;

/// How amounts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks<'a> {
    decimal: char,
    thousands: Option<char>,
    /// The only currency sign that may stand before or behind the digits.
    currency: Option<&'a str>,
    /// The decimal mark where it is one byte: what a short text without separators needs.
    quick: Option<u8>,
}

/// An amount as written: `mantissa` × 10^-`decimals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    /// All digits.
    pub(super) mantissa: i128,
    /// Digits after the mark, at most [`SCALE_MAX`].
    pub(super) decimals: u8,
}

impl<'a> Marks<'a> {
    /// Marks of a source.
    pub(super) fn new(read: &'a ReadSpec) -> Self {
        let decimal = read.decimal.unwrap_or('.');
        let quick = u8::try_from(decimal).ok().filter(u8::is_ascii);
        Self { decimal, thousands: read.thousands, currency: read.currency_sign.as_deref(), quick }
    }

    /// A plain number with a point.
    pub(super) fn plain() -> Self {
        Self { decimal: '.', thousands: None, currency: None, quick: Some(b'.') }
    }

    /// Reads a trimmed text.
    #[inline]
    pub(super) fn parse(&self, text: &str) -> Result<Written, Problem> {
        match self.quick.and_then(|mark| parse_short(text.as_bytes(), mark)) {
            Some(written) => Ok(written),
            None => self.parse_any(text),
        }
    }

    fn parse_any(&self, text: &str) -> Result<Written, Problem> {
        let refused = Problem::NotAnAmount { decimal: self.decimal, thousands: self.thousands };
        let (bare, has_currency) = self.without_currency(text);
        let (negative, digits) = without_sign(bare);
        let digits = if has_currency || bare == digits { digits } else { self.without_currency(digits).0 };
        let mut sum = Sum { negative, ..Sum::default() };
        let mut groups = Groups::default();
        let mut fraction = false;
        for character in digits.chars() {
            if let Some(digit) = character.to_digit(10) {
                if fraction {
                    sum.push_decimal(digit)?;
                } else {
                    sum.push(digit)?;
                }
                groups.digits += u32::from(!fraction);
            } else if character == self.decimal && !fraction {
                fraction = true;
            } else if !fraction && self.is_thousands(character) {
                groups.separate()?;
            } else {
                // The sign stands first or last: `€5`, `5 €`.
                let last = || digits.chars().next_back().and_then(currency_sign);
                return Err(currency_sign(character).or_else(last).map_or(refused, Problem::CurrencySign));
            }
        }
        if sum.digits == 0 {
            return Err(refused);
        }
        groups.finish()?;
        Ok(Written { mantissa: sum.mantissa, decimals: sum.decimals })
    }

    /// Text without the currency sign that stands before or behind it, and whether there was one.
    fn without_currency<'t>(&self, text: &'t str) -> (&'t str, bool) {
        let bare = self.currency.and_then(|sign| text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)));
        bare.map_or((text, false), |bare| (bare.trim(), true))
    }

    /// A separator that is a space may be any of the spaces that don't break.
    fn is_thousands(&self, character: char) -> bool {
        const SPACES: [char; 3] = [' ', '\u{a0}', '\u{202f}'];
        self.thousands
            .is_some_and(|mark| character == mark || (SPACES.contains(&mark) && SPACES.contains(&character)))
    }
}

/// Text without its sign, and whether it is negative: `-5`, `5-` as some ledgers print it, `(5)` as accountants write it.
fn without_sign(text: &str) -> (bool, &str) {
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (true, inner.trim());
    }
    match (text.strip_prefix(['-', '+']), text.strip_suffix('-')) {
        (Some(digits), _) => (text.starts_with('-'), digits),
        (None, Some(digits)) => (true, digits),
        (None, None) => (false, text),
    }
}

/// The signs of currencies, as far as amounts are likely to be written with them.
fn currency_sign(character: char) -> Option<char> {
    matches!(
        character,
        '$' | '¢' | '£' | '¤' | '¥' | '֏' | '؋' | '৳' | '฿' | '៛' | '\u{20a0}'
            ..='\u{20c0}' | '﷼' | '＄' | '￡' | '￥'
    )
    .then_some(character)
}

/// At most 18 digits and one mark: no overflow is possible. `None` for anything else.
#[inline]
fn parse_short(bytes: &[u8], mark: u8) -> Option<Written> {
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    };
    if digits.len() > 19 {
        return None;
    }
    let mut mantissa = 0_i64;
    let mut count = 0_u8;
    let mut before_mark = None;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(i64::from(digit));
            count += 1;
        } else if byte == mark && before_mark.is_none() {
            before_mark = Some(count);
        } else {
            return None;
        }
    }
    if count == 0 || count > 18 {
        return None;
    }
    let decimals = before_mark.map_or(0, |before| count - before);
    Some(Written { mantissa: i128::from(if negative { -mantissa } else { mantissa }), decimals })
}

/// Counts away from zero, so that both ends of the range can be read.
#[derive(Default)]
struct Sum {
    negative: bool,
    mantissa: i128,
    digits: u64,
    decimals: u8,
    /// Zeros after the mark were left out, because there was no room for them.
    full: bool,
}

impl Sum {
    fn push(&mut self, digit: u32) -> Result<(), Problem> {
        self.digits += 1;
        self.mantissa = self
            .mantissa
            .checked_mul(10)
            .and_then(|shifted| {
                let digit = i128::from(digit);
                if self.negative { shifted.checked_sub(digit) } else { shifted.checked_add(digit) }
            })
            .ok_or(Problem::AmountTooLarge)?;
        Ok(())
    }

    /// Zeros past the last place that is kept say nothing and are not counted.
    fn push_decimal(&mut self, digit: u32) -> Result<(), Problem> {
        if self.decimals == SCALE_MAX {
            self.digits += 1;
            return if digit == 0 { Ok(()) } else { Err(Problem::TooManyDecimals(SCALE_MAX)) };
        }
        match self.push(digit) {
            Ok(()) if !self.full => self.decimals += 1,
            // Nor are zeros for which there is no room: the amount is the same without them.
            Err(_) if digit == 0 => self.full = true,
            Ok(()) | Err(_) => return Err(Problem::AmountTooLarge),
        }
        Ok(())
    }
}

/// Groups of digits before the mark: the first of 1 to 3, the last of 3, those between of 3, or of 2 as in India.
#[derive(Default)]
struct Groups {
    separated: bool,
    digits: u32,
}

impl Groups {
    fn separate(&mut self) -> Result<(), Problem> {
        let allowed = if self.separated { 2..=3 } else { 1..=3 };
        if !allowed.contains(&self.digits) {
            return Err(Problem::Grouping);
        }
        self.separated = true;
        self.digits = 0;
        Ok(())
    }

    fn finish(&self) -> Result<(), Problem> {
        if self.separated && self.digits != 3 { Err(Problem::Grouping) } else { Ok(()) }
    }
}
