//! The readers against slow ones that are obviously right.

use crate::columns::amount_text::Marks;
use crate::columns::clean::Cleaner;
use crate::columns::date_text::{DateFormat, Moment, day_number};
use crate::columns::doubles::{self, Double as _};
use crate::columns::problem::Problem;
use crate::columns::rescale::AmountRule;
use crate::columns::zone::Zone;
use crate::spec::{Clean, ReadSpec};
use jiff::civil::{Date, DateTime};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn epoch() -> Date {
    jiff::civil::date(1970, 1, 1)
}

fn days_since_epoch(date: Date) -> i64 {
    i64::from((date - epoch()).get_days())
}

/// An amount by string arithmetic: move the point, parse the digits.
fn slow_units(text: &str, scale: usize) -> Option<i128> {
    let inside = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let (sign, digits) = if let Some(inside) = inside {
        ("-", inside.trim())
    } else if let Some(rest) = text.strip_prefix('-') {
        ("-", rest)
    } else if let Some(rest) = text.strip_prefix('+') {
        ("", rest)
    } else {
        text.strip_suffix('-').map_or(("", text), |rest| ("-", rest))
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let kept = format!("{fraction:0<scale$}");
    let (kept, cut) = kept.split_at(scale);
    if whole.is_empty() && fraction.is_empty() || cut.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let all = format!("{whole}{kept}");
    all.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    format!("{sign}{all}").parse().ok()
}

fn fast_units(text: &str, scale: u8) -> Option<i128> {
    let rule = AmountRule { run: scale, explicit: Some(scale), minor: 0, negate: false };
    let written = Marks::plain().parse(text).ok()?;
    rule.rescale(i32::from(written.decimals)).apply(written.mantissa).ok()
}

proptest! {
    #[test]
    fn amount_text_equals_string_arithmetic(text in "[+-]?[0-9]{0,40}(\\.[0-9]{0,18})?", scale in 0_u8..=18) {
        prop_assert_eq!(fast_units(&text, scale), slow_units(&text, usize::from(scale)));
    }

    #[test]
    fn any_text_is_an_amount_exactly_where_the_slow_reader_says(text in "[-+0-9. ,e()]{0,8}") {
        prop_assert_eq!(fast_units(&text, 9), slow_units(&text, 9));
    }

    #[test]
    fn amount_text_equals_rust_decimal(units in -1_i64 << 62..1_i64 << 62, places in 0_u32..=18) {
        let text = Decimal::new(units, places).to_string();
        let written = Marks::plain().parse(&text).unwrap();
        prop_assert_eq!((written.mantissa, u32::from(written.decimals)), (i128::from(units), places));
    }

    #[test]
    fn separators_change_nothing_where_they_are_allowed(units in -1_i64 << 53..1_i64 << 53, places in 0_usize..=4) {
        let plain = crate::money::display_units(i128::from(units), u8::try_from(places).unwrap());
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let digits = whole.trim_start_matches('-');
        let mut grouped = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push('\'');
            }
            grouped.push(digit);
        }
        let sign = if units < 0 { "-" } else { "" };
        let text = if places == 0 { format!("{sign}{grouped}") } else { format!("{sign}{grouped},{fraction}") };
        let swiss = ReadSpec { decimal: Some(','), thousands: Some('\''), ..ReadSpec::default() };
        prop_assert_eq!(Marks::new(&swiss).parse(&text), Marks::plain().parse(&plain));
    }

    #[test]
    fn rescaling_equals_rust_decimal(mantissa in -1_i64 << 40..1_i64 << 40, own in 0_i32..=9, kept in 0_u8..=9, more in 0_u8..=6) {
        let rule = AmountRule { run: kept + more, explicit: Some(kept), minor: 0, negate: true };
        let given = Decimal::new(mantissa, own.unsigned_abs());
        let expected = if given.round_dp(u32::from(kept)) == given {
            let mut scaled = -given;
            scaled.rescale(u32::from(kept + more));
            Ok(scaled.mantissa())
        } else {
            Err(Problem::TooManyDecimals(kept))
        };
        let rescale = rule.rescale(own);
        prop_assert_eq!(rescale.apply(i128::from(mantissa)), expected);
        prop_assert_eq!(rescale.apply_large(arrow_buffer::i256::from_i128(i128::from(mantissa))), expected);
        prop_assert_eq!(rescale.apply(i128::from(mantissa) << 64).is_ok(), rescale.apply_large(arrow_buffer::i256::from_i128(i128::from(mantissa) << 64)).is_ok());
    }

    #[test]
    fn the_shortest_decimal_reads_back_as_the_same_double(bits in any::<u64>()) {
        let value = f64::from_bits(bits);
        match doubles::shortest(value) {
            None => prop_assert!(!value.is_finite()),
            Some((mantissa, decimals)) => {
                let back: f64 = format!("{mantissa}e{}", -decimals).parse().unwrap();
                prop_assert_eq!(back.abs().to_bits(), value.abs().to_bits());
            }
        }
    }

    #[test]
    fn quick_doubles_equal_written_ones(units in -1_i64 << 54..1_i64 << 54, places in 0_i32..=8, noise in -2_i64..=2) {
        let written: f64 = format!("{units}e-{places}").parse().unwrap();
        let value = f64::from_bits(written.to_bits().wrapping_add_signed(noise));
        let rule = AmountRule { run: 8, explicit: Some(u8::try_from(places).unwrap()), minor: 0, negate: false };
        let power = doubles::exact_power(places).unwrap();
        if let Some(quick) = value.quick(power) {
            let quick = rule.rescale(places).apply(i128::from(quick));
            prop_assert_eq!(quick, doubles::units(value, rule));
        } else {
            // It declines only beyond 15 digits, or where the decimal is another.
            let shortest = doubles::shortest(value).unwrap();
            prop_assert!(units.abs() >= 999_999_999_999_999 || shortest.1 > places, "{value:?}");
        }
    }

    #[test]
    fn rounding_of_doubles_is_half_away_from_zero(units in -1_i64 << 40..1_i64 << 40, places in 0_u32..=9, kept in 0_u8..=4) {
        use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
        let given = Decimal::new(units, places);
        let value: f64 = given.to_string().parse().unwrap();
        let rule = AmountRule { run: kept, explicit: Some(kept), minor: 0, negate: false };
        let mut expected = given.round_dp_with_strategy(u32::from(kept), MidpointAwayFromZero);
        expected.rescale(u32::from(kept));
        prop_assert_eq!(doubles::units(value, rule), Ok(expected.mantissa()));
    }

    #[test]
    fn days_equal_jiff(day in -4_371_587_i64..=2_932_896) {
        let date = epoch() + jiff::Span::new().days(day);
        let (month, of_month) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        prop_assert_eq!(day_number(i32::from(date.year()), month, of_month), Some(day));
    }

    #[test]
    fn days_that_jiff_refuses_are_refused(year in 1_i16..9_999, month in 0_u8..15, day in 0_u8..35) {
        let slow = Date::new(year, i8::try_from(month).unwrap(), i8::try_from(day).unwrap());
        prop_assert_eq!(day_number(i32::from(year), month, day), slow.ok().map(days_since_epoch));
    }

    #[test]
    fn iso_text_equals_jiff(second in -60_000_000_000_i64..250_000_000_000, offset in -50_i32..=50, shape in 0..5) {
        let offset = jiff::tz::Offset::from_seconds(offset * 900).unwrap();
        let instant = jiff::Timestamp::from_second(second).unwrap();
        let local: DateTime = offset.to_datetime(instant);
        let in_day = local.time().duration_since(jiff::civil::Time::midnight()).as_secs();
        let seconds = days_since_epoch(local.date()) * 86_400 + in_day;
        let (text, expected) = match shape {
            0 => (local.date().to_string(), Moment::Day(days_since_epoch(local.date()))),
            1 => (local.to_string(), Moment::Local(seconds)),
            2 => (local.to_string().replace('T', " ") + ".125", Moment::Local(seconds)),
            3 => (instant.to_string(), Moment::Instant(second, 0)),
            _ => (format!("{}", instant.display_with_offset(offset)), Moment::Instant(second, i64::from(offset.seconds()))),
        };
        prop_assert_eq!(DateFormat::new(None).parse(&text), Ok(expected), "{}", text);
    }

    #[test]
    fn numeric_formats_equal_strptime(
        format in prop::sample::select(vec!["%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "%Y-%m-%d", "%d%m%Y"]),
        text in prop_oneof!["[0-9]{2}[./-]?[0-9]{2}[./-]?[0-9]{4}", "[0-9]{4}-[01][0-9]-[0-3][0-9]", "[0-3]?[0-9]\\.[01]?[0-9]\\.[0-9]{2,4}"],
    ) {
        let numeric = DateFormat::new(Some(format));
        prop_assert!(matches!(numeric, DateFormat::Numeric(..)));
        prop_assert_eq!(numeric.parse(&text), DateFormat::Other(format.to_owned()).parse(&text));
    }

    #[test]
    fn zones_equal_jiff(
        name in prop::sample::select(vec!["Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "UTC", "-03:30"]),
        seconds in prop::collection::vec(prop_oneof![-3_000_000_000_i64..5_000_000_000, -300_000_000_000_i64..250_000_000_000], 1..50),
    ) {
        let zone = Zone::new(name, "bank", "date").unwrap();
        let slow = match name {
            "-03:30" => jiff::tz::TimeZone::fixed(jiff::tz::Offset::from_seconds(-12_600).unwrap()),
            name => jiff::tz::TimeZoneDatabase::bundled().get(name).unwrap(),
        };
        let mut last = 0;
        for second in seconds {
            let expected = slow.to_offset(jiff::Timestamp::from_second(second).unwrap()).seconds();
            prop_assert_eq!(zone.offset(second, &mut last), Some(i64::from(expected)));
        }
    }

    #[test]
    fn cleaning_ascii_equals_cleaning_with_a_letter_beside_it(text in "[ -~]{0,20}", steps in prop::collection::vec(any_step(), 1..4)) {
        // A letter outside ASCII that no step touches but `Digits` and `Upper` sends the text down the other road.
        let digits = steps.contains(&Clean::Digits);
        let letter = "ı";
        prop_assume!(!digits && !steps.contains(&Clean::Upper) && !steps.contains(&Clean::Unaccent));
        let mut cleaner = Cleaner::new(&steps);
        let plain = cleaner.clean(&format!("{text}i")).to_owned();
        let marked = cleaner.clean(&format!("{text}{letter}")).to_owned();
        prop_assert_eq!(plain, marked.replace(letter, "i"));
    }

    #[test]
    fn cleaning_is_the_same_after_any_other_text(first in "\\PC{0,12}", text in "\\PC{0,12}", steps in prop::collection::vec(any_step(), 0..5)) {
        let mut used = Cleaner::new(&steps);
        let _before = used.clean(&first).len();
        let expected = Cleaner::new(&steps).clean(&text).to_owned();
        prop_assert_eq!(used.clean(&text), expected.as_str());
        prop_assert_eq!(expected.trim(), expected.as_str());
    }
}

fn any_step() -> impl Strategy<Value = Clean> {
    use Clean::{Alphanumeric, Collapse, Digits, Lower, Punctuation, StripZeros, Unaccent, Upper};
    prop::sample::select(vec![
        Upper,
        Lower,
        Unaccent,
        Collapse,
        Alphanumeric,
        Digits,
        StripZeros,
        Punctuation,
    ])
}
