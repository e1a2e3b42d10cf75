//! Days, times, zones, formats and expressions: values that are text in a spec and more than text in its meaning.

use crate::spec::Day;
use crate::spec::report::{Cursor, Report, codes};
use jiff::civil::{Date, date};
use jiff::fmt::strtime;

const EPOCH: Date = date(1970, 1, 1);
const SECONDS_OF_DAY: i64 = 86_400;
/// Bytes of a regular expression.
const EXPRESSION_BYTES_MAX: usize = 4_096;
/// Bytes a compiled regular expression may take. `\w{100}` takes 5 MB by its Unicode tables alone.
const EXPRESSION_COMPILED_BYTES_MAX: usize = 8 * 1024 * 1024;
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The names of the days of the week, Monday first.
pub(in crate::spec) fn weekday_names() -> [&'static str; 7] {
    WEEKDAYS
}

pub(super) fn weekday(report: &mut Report, at: &Cursor<'_>) -> Option<u8> {
    let options = [("mon", 0), ("tue", 1), ("wed", 2), ("thu", 3), ("fri", 4), ("sat", 5), ("sun", 6)];
    report.choice(at, &options)
}

/// A day written `2026-01-31`.
pub(super) fn day(report: &mut Report, at: &Cursor<'_>) -> Option<Day> {
    let text = report.text(at)?;
    let day = parse_day(&text);
    if day.is_none() {
        report.refuse(codes::BAD_VALUE, at, "a day of the calendar written as 2026-01-31");
    }
    day
}

fn parse_day(text: &str) -> Option<Day> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape != "0000-00-00" {
        return None;
    }
    let seconds = text.parse::<Date>().ok()?.duration_since(EPOCH).as_secs();
    Day::try_from(seconds / SECONDS_OF_DAY).ok()
}

/// A day as text. One that no calendar has becomes text that [`day`] refuses.
pub(in crate::spec) fn day_text(day: Day) -> String {
    let since = jiff::SignedDuration::from_secs(i64::from(day) * SECONDS_OF_DAY);
    match EPOCH.checked_add(since) {
        Ok(date) => date.to_string(),
        Err(_) => format!("day {day}"),
    }
}

/// A time of day written `17:00` or `17:00:30`, in seconds.
pub(super) fn time_of_day(report: &mut Report, at: &Cursor<'_>) -> Option<u32> {
    let text = report.text(at)?;
    let seconds = parse_seconds(&text);
    if seconds.is_none() {
        report.refuse(codes::BAD_VALUE, at, "a time of day written as 17:00 or 17:00:30");
    }
    seconds
}

fn parse_seconds(text: &str) -> Option<u32> {
    let two_digits = |part: &str| {
        let plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if plain { part.parse::<u32>().ok() } else { None }
    };
    let parts = text.split(':').map(two_digits).collect::<Option<Vec<_>>>()?;
    let (hours, minutes, seconds) = match parts.as_slice() {
        [hours, minutes] => (*hours, *minutes, 0),
        [hours, minutes, seconds] => (*hours, *minutes, *seconds),
        _ => return None,
    };
    (hours < 24 && minutes < 60 && seconds < 60).then_some(hours * 3_600 + minutes * 60 + seconds)
}

/// A time of day as text. One past midnight becomes text that [`time_of_day`] refuses.
pub(in crate::spec) fn seconds_text(seconds: u32) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if rest == 0 { format!("{hours:02}:{minutes:02}") } else { format!("{hours:02}:{minutes:02}:{rest:02}") }
}

/// An IANA time zone of the bundled data.
pub(super) fn zone(report: &mut Report, at: &Cursor<'_>) -> Option<String> {
    let name = report.name(at)?;
    if jiff::tz::TimeZone::get(&name).is_err() {
        report.refuse(codes::BAD_VALUE, at, "a time zone's IANA name, such as Europe/Berlin");
        return None;
    }
    Some(name)
}

/// A strftime format that names a whole day.
pub(super) fn date_format(report: &mut Report, at: &Cursor<'_>) -> Option<String> {
    let format = report.name(at)?;
    if !names_a_day(&format) {
        report.refuse(
            codes::BAD_VALUE,
            at,
            "a strftime format with year, month and day, such as %d.%m.%Y or %Y-%m-%dT%H:%M:%S",
        );
        return None;
    }
    Some(format)
}

/// Writes a day in the format and reads it back: what can't do that can't read a column.
fn names_a_day(format: &str) -> bool {
    let day = date(2026, 11, 23);
    let Ok(zoned) = day.at(14, 5, 9, 0).to_zoned(jiff::tz::TimeZone::UTC) else { return false };
    let written = strtime::BrokenDownTime::from(&zoned).to_string(format);
    let read = written.and_then(|text| strtime::BrokenDownTime::parse(format, &text));
    read.and_then(|read| read.to_date()).is_ok_and(|read| read == day)
}

/// A regular expression, compiled once to see that it can be.
pub(super) fn expression(report: &mut Report, at: &Cursor<'_>) -> Option<String> {
    let text = report.text(at)?;
    if text.is_empty() || text.len() > EXPRESSION_BYTES_MAX {
        report.refuse(codes::BAD_VALUE, at, "a regular expression of 1 to 4,096 bytes");
        return None;
    }
    let compiled =
        regex::RegexBuilder::new(&text).size_limit(EXPRESSION_COMPILED_BYTES_MAX).nest_limit(50).build();
    if let Err(error) = compiled {
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
        report.refuse(codes::BAD_VALUE, at, format!("a regular expression ({reason})"));
        return None;
    }
    Some(text)
}
