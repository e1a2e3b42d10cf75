//! Dates written as text: ISO 8601 and plain numeric formats by hand, any other strftime format through jiff.

use super::problem::Problem;
use super::zone::{parse_offset, two_digits};
use jiff::civil::Date;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZoneDatabase;

/// Seconds of a day.
pub(super) const DAY_SECONDS: i64 = 86_400;

/// A point in time as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// A day without a time: nothing shifts it.
    Day(i64),
    /// A local time without a zone: seconds since 1970-01-01T00:00 of the same clock.
    Local(i64),
    /// An instant: seconds since 1970 in UTC, and the offset that was written.
    Instant(i64, i64),
}

/// How dates are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DateFormat {
    /// `2026-01-31`, with or without a time, with or without an offset.
    Iso,
    /// `%d`, `%m`, `%Y` once each and ASCII between them: tried by hand first.
    Numeric(String, Vec<Part>),
    /// Any other.
    Other(String),
}

/// A part of a numeric format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Two digits.
    Day,
    /// Two digits.
    Month,
    /// Four digits.
    Year,
    /// This byte.
    Byte(u8),
}

impl DateFormat {
    /// The format of a strftime text, ISO without one.
    pub(super) fn new(format: Option<&str>) -> Self {
        match format {
            None => Self::Iso,
            Some(format) => match numeric_parts(format) {
                Some(parts) => Self::Numeric(format.to_owned(), parts),
                None => Self::Other(format.to_owned()),
            },
        }
    }

    /// As a strftime format.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Iso => "%Y-%m-%d",
            Self::Numeric(format, _) | Self::Other(format) => format,
        }
    }

    /// Reads a trimmed text.
    pub(super) fn parse(&self, text: &str) -> Result<Moment, Problem> {
        match self {
            Self::Iso => parse_iso(text.as_bytes()).ok_or(Problem::NotADate),
            Self::Numeric(format, parts) => match parse_parts(text.as_bytes(), parts) {
                Some(day) => Ok(Moment::Day(day)),
                None => parse_any(format, text),
            },
            Self::Other(format) => parse_any(format, text),
        }
    }
}

fn numeric_parts(format: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut bytes = format.bytes();
    while let Some(byte) = bytes.next() {
        parts.push(match byte {
            b'%' => match bytes.next()? {
                b'd' => Part::Day,
                b'm' => Part::Month,
                b'Y' => Part::Year,
                _ => return None,
            },
            // White space in a format matches any amount of it: left to jiff.
            b'0'..=b'9' => return None,
            byte if byte.is_ascii_graphic() => Part::Byte(byte),
            _ => return None,
        });
    }
    let once = |part| parts.iter().filter(|other| **other == part).count() == 1;
    (once(Part::Day) && once(Part::Month) && once(Part::Year)).then_some(parts)
}

fn parse_parts(text: &[u8], parts: &[Part]) -> Option<i64> {
    let (mut year, mut month, mut day) = (0, 0, 0);
    let mut rest = text;
    for part in parts {
        rest = match part {
            Part::Day => two_digits(rest).map(|(value, rest)| {
                day = value;
                rest
            })?,
            Part::Month => two_digits(rest).map(|(value, rest)| {
                month = value;
                rest
            })?,
            Part::Year => four_digits(rest).map(|(value, rest)| {
                year = value;
                rest
            })?,
            Part::Byte(byte) => rest.strip_prefix(&[*byte])?,
        };
    }
    // Years below 1000 take the slow road, which refuses them.
    if rest.is_empty() && year >= 1_000 { day_number(year, month, day) } else { None }
}

fn four_digits(text: &[u8]) -> Option<(i32, &[u8])> {
    let (high, rest) = two_digits(text)?;
    let (low, rest) = two_digits(rest)?;
    Some((i32::from(high) * 100 + i32::from(low), rest))
}

/// Days since 1970-01-01 of a civil date, `None` where there is no such day.
///
/// Counted in eras of 400 years that begin in March, so that the leap day is the last of its year.
pub(super) fn day_number(year: i32, month: u8, day: u8) -> Option<i64> {
    const MONTHS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = *MONTHS.get(usize::from(month).checked_sub(1)?)?;
    let longest = if month == 2 && !leap { 28 } else { longest };
    if day == 0 || day > longest {
        return None;
    }
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

/// `2026-01-31`, then `T` or a space, `10:20[:30[.123]]`, then an offset.
fn parse_iso(text: &[u8]) -> Option<Moment> {
    let (year, rest) = four_digits(text)?;
    let (month, rest) = two_digits(rest.strip_prefix(b"-")?)?;
    let (date, rest) = two_digits(rest.strip_prefix(b"-")?)?;
    let day = day_number(year, month, date)?;
    let rest = match rest {
        [] => return Some(Moment::Day(day)),
        [b'T' | b't' | b' ', rest @ ..] => rest,
        _ => return None,
    };
    let (second, rest) = parse_time(rest)?;
    let local = day * DAY_SECONDS + second;
    let rest = rest.strip_prefix(b" ").filter(|rest| !rest.is_empty()).unwrap_or(rest);
    if rest.is_empty() {
        return Some(Moment::Local(local));
    }
    let (offset, rest) = parse_offset(rest)?;
    let offset = i64::from(offset);
    rest.is_empty().then_some(Moment::Instant(local - offset, offset))
}

/// The second of the day. A leap second counts as the one before it.
fn parse_time(text: &[u8]) -> Option<(i64, &[u8])> {
    let (hour, rest) = two_digits(text)?;
    let (minute, rest) = two_digits(rest.strip_prefix(b":")?)?;
    let (second, rest) = match rest {
        [b':', rest @ ..] => two_digits(rest)?,
        _ => (0, rest),
    };
    let rest = match rest {
        [b'.' | b',', after @ ..] => {
            let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            after.get(digits..)?
        }
        _ => rest,
    };
    let in_range = hour <= 23 && minute <= 59 && second <= 60;
    let second = i64::from(second.min(59));
    in_range.then_some((i64::from(hour) * 3_600 + i64::from(minute) * 60 + second, rest))
}

fn parse_any(format: &str, text: &str) -> Result<Moment, Problem> {
    let parsed = BrokenDownTime::parse(format, text).map_err(|_| Problem::NotADate)?;
    if let Some(instant) = parsed.timestamp() {
        return Ok(Moment::Instant(instant.as_second(), 0));
    }
    let date = parsed.to_date().map_err(|_| Problem::NotADate)?;
    // `%Y` would take the two digits of `26` for the year 26.
    if date.year() < 1_000 {
        return Err(Problem::NotADate);
    }
    if parsed.hour().is_none() {
        return Ok(Moment::Day(day_of(date)));
    }
    let local = parsed.to_datetime().map_err(|_| Problem::NotADate)?;
    if parsed.iana_time_zone().is_some() {
        let zoned = parsed.to_zoned_with(&TimeZoneDatabase::bundled()).map_err(|_| Problem::NotADate)?;
        return Ok(Moment::Instant(zoned.timestamp().as_second(), i64::from(zoned.offset().seconds())));
    }
    let second = day_of(local.date()) * DAY_SECONDS
        + i64::from(local.hour()) * 3_600
        + i64::from(local.minute()) * 60
        + i64::from(local.second());
    Ok(match parsed.offset() {
        Some(offset) => {
            let offset = i64::from(offset.seconds());
            Moment::Instant(second - offset, offset)
        }
        None => Moment::Local(second),
    })
}

fn day_of(date: Date) -> i64 {
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    day_number(i32::from(date.year()), month, day).unwrap_or(0)
}

/// An ISO date as a day, for values of a spec.
pub(super) fn iso_day(text: &str) -> Option<i32> {
    match parse_iso(text.trim().as_bytes()) {
        Some(Moment::Day(day)) => i32::try_from(day).ok(),
        _ => None,
    }
}
