//! Texts that say the same in another way: an amount with a currency sign, a day in another layout, a word for
//! nothing. They stay differences; this only tells what kind of difference they are.

use crate::columns::{day_written, plain_decimal};
use std::borrow::Cow;

/// Bytes of the shortest day, `1/2/2026`, and of one with a time.
const DAY_BYTES: std::ops::RangeInclusive<usize> = 8..=35;
/// The way of ISO 8601, alone.
const ISO: &[Option<&str>] = &[None];
/// Words that stand for nothing in exports of databases and spreadsheets, in any case.
const NOTHING: [&str; 5] = ["null", "none", "\\n", "n/a", "#n/a"];
/// Bytes of the longest of them.
const NOTHING_BYTES: usize = 4;
/// Currency signs that may stand before or after an amount.
const SIGNS: &str = "$€£¥₹₽₩₺₪₫₴₦฿";

/// Whether two texts say the same number or the same day: where a day can be read in more than one way, in one of them.
pub(super) fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (left.trim(), right.trim());
    match (amount(left), amount(right)) {
        (Some(one), Some(other)) => one == other,
        _ => is_same_day(left, right),
    }
}

/// Whether a text is a word for nothing.
pub(super) fn is_nothing(text: &str) -> bool {
    let text = text.trim();
    text.len() <= NOTHING_BYTES && NOTHING.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The amount of a text with a currency sign or with groups of three digits; digits and scale without trailing zeros.
fn amount(text: &str) -> Option<(i128, u8)> {
    let (minus, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let bare = rest.trim_start_matches(|c| SIGNS.contains(c)).trim_end_matches(|c| SIGNS.contains(c)).trim();
    let (minus, bare) = match bare.strip_prefix('-') {
        Some(rest) if !minus => (true, rest),
        _ => (minus, bare),
    };
    if !bare.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let (mut units, mut scale) = plain_decimal(&ungrouped(bare)?)?;
    while scale > 0 && units % 10 == 0 {
        units /= 10;
        scale -= 1;
    }
    Some((if minus { -units } else { units }, scale))
}

/// A number without its commas, where all of them part groups of three digits.
fn ungrouped(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(',') {
        return Some(Cow::Borrowed(text));
    }
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut groups = whole.split(',');
    let is_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()) && is_digits(group));
    let grouped = first && groups.all(|group| group.len() == 3 && is_digits(group));
    let fraction = fraction.map_or_else(String::new, |fraction| format!(".{fraction}"));
    grouped.then(|| Cow::Owned(whole.replace(',', "") + &fraction))
}

fn is_same_day(left: &str, right: &str) -> bool {
    let ways = [layouts(left), layouts(right)];
    // Two texts that write nothing but a day, and in one and the same way, are two days.
    if ways.iter().any(|ways| ways.is_empty())
        || (ways == [ISO; 2] && [left, right].iter().all(|text| text.len() == 10))
    {
        return false;
    }
    let [of_left, of_right] = ways;
    of_left
        .iter()
        .filter_map(|layout| day_written(left, *layout))
        .any(|day| of_right.iter().any(|layout| day_written(right, *layout) == Some(day)))
}

/// In which ways a text may be a day, by what parts its digits.
fn layouts(text: &str) -> &'static [Option<&'static str>] {
    if !DAY_BYTES.contains(&text.len()) {
        return &[];
    }
    match text.bytes().enumerate().find(|(_, byte)| !byte.is_ascii_digit()) {
        None => &[Some("%Y%m%d")],
        Some((4, b'-')) => ISO,
        Some((4, b'/')) => &[Some("%Y/%m/%d")],
        Some((1 | 2, b'/')) => &[Some("%d/%m/%Y"), Some("%m/%d/%Y")],
        Some((1 | 2, b'-')) => &[Some("%d-%m-%Y"), Some("%m-%d-%Y")],
        Some((1 | 2, b'.')) => &[Some("%d.%m.%Y")],
        Some(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days_are_the_same_in_other_writing() {
        for (one, other) in [
            ("399.94", "$399.94"),
            ("-3.50", "-$3.5000"),
            ("-3.50", "$-3.5"),
            ("1234567.80", "1,234,567.8 €"),
            ("2026-02-09", "02/09/2026"),
            ("2026-02-09", "09/02/2026"),
            ("2026-02-26", "26.02.2026"),
            ("2026-02-03", "20260203"),
            ("2026-03-11", "2026-03-11T00:00:00"),
            ("2026-03-11 00:00:00", "2026-03-11T00:00:00"),
            ("03/04/2026", "04/03/2026"),
            ("3-4-2026", "2026-04-03"),
            ("-.5", "-0.50"),
        ] {
            assert!(is_same(one, other) && is_same(other, one), "{one} {other}");
        }
    }

    #[test]
    fn other_numbers_and_days_are_others() {
        for (one, other) in [
            ("399.94", "$399.95"),
            ("12,34", "1234"),
            ("1,2345", "12345"),
            ("2026-02-26", "02/27/2026"),
            ("2026-03-11", "2026-03-11T10:00:00"),
            ("abc", "abd"),
            ("-3.5", "$3.5"),
            ("--3.5", "3.5"),
            ("03/04/2026", "05/03/2026"),
            ("$", "€"),
            ("", "20260203"),
        ] {
            assert!(!is_same(one, other) && !is_same(other, one), "{one} {other}");
        }
    }

    #[test]
    fn words_for_nothing_are_few() {
        assert!(["NULL", " None ", "\\N", "N/A"].into_iter().all(is_nothing));
        assert!(["", "NA", "nil", "NULLABLE", "0"].into_iter().all(|text| !is_nothing(text)));
    }
}
