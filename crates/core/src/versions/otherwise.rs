//! Texts that say the same in another way: an amount with a currency sign, a day in another layout, a word for
//! nothing. They stay differences; this only tells what kind of difference they are.

use crate::columns::{day_written, plain_decimal};

/// Layouts of days beside ISO 8601.
const LAYOUTS: [&str; 7] = ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d"];
/// Bytes of the shortest day, `20260131`, and of one with a time.
const DAY_BYTES: std::ops::RangeInclusive<usize> = 8..=35;
/// Words that stand for nothing in exports of databases and spreadsheets, in any case.
const NOTHING: [&str; 5] = ["null", "none", "\\n", "n/a", "#n/a"];
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
    NOTHING.iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

/// The amount of a text with a currency sign or with groups of three digits; digits and scale without trailing zeros.
fn amount(text: &str) -> Option<(i128, u8)> {
    let (minus, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let bare = rest.trim_start_matches(|c| SIGNS.contains(c)).trim_end_matches(|c| SIGNS.contains(c)).trim();
    let (minus, bare) = match (minus, bare.strip_prefix('-')) {
        ("", Some(rest)) => ("-", rest),
        _ => (minus, bare),
    };
    let digits = ungrouped(bare)?;
    let (mut units, mut scale) = plain_decimal(&format!("{minus}{digits}"))?;
    while scale > 0 && units % 10 == 0 {
        units /= 10;
        scale -= 1;
    }
    Some((units, scale))
}

/// A number without its commas, where all of them part groups of three digits.
fn ungrouped(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut groups = whole.split(',');
    let is_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()) && is_digits(group));
    let grouped = first && groups.all(|group| group.len() == 3 && is_digits(group));
    let fraction = fraction.map_or_else(String::new, |fraction| format!(".{fraction}"));
    grouped.then(|| whole.replace(',', "") + &fraction)
}

fn is_same_day(left: &str, right: &str) -> bool {
    let may_be = |text: &str| {
        DAY_BYTES.contains(&text.len()) && text.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
    };
    if !may_be(left) || !may_be(right) {
        return false;
    }
    let days = |text: &str| -> Vec<i64> {
        let layouts = LAYOUTS.iter().filter_map(|layout| day_written(text, Some(layout)));
        day_written(text, None).into_iter().chain(layouts).collect()
    };
    let left = days(left);
    days(right).iter().any(|day| left.contains(day))
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
