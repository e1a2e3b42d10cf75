//! Conditions: text (equality) or a table with exactly one test.

use super::{Context, PERCENT_MAX, levels};
use crate::money::Number;
use crate::plan::Side;
use crate::spec::report::{Cursor, Keys, Report, Table, codes, plain_number};
use crate::spec::tree::Value;
use crate::spec::{
    Condition, DEFAULT_MIN_LENGTH, DayRange, Direction, Measure, Occurs, Sign, Slip, Test, Tolerance,
};

pub(in crate::spec) const CONDITION_KEYS: Keys = Keys {
    known: &[
        "field",
        "left",
        "right",
        "equals",
        "nulls",
        "within",
        "of",
        "sign",
        "days",
        "business_days",
        "calendar",
        "similar",
        "at_least",
        "occurs",
        "min_length",
        "slip",
        "required",
        "weight",
        "levels",
        "otherwise",
        "null",
    ],
    later: &[
        ("convert", "`convert` turns one currency into another"),
        ("lookup", "`lookup` translates values by a table"),
    ],
};
/// The tests; every condition has exactly one.
pub(in crate::spec) const TESTS: [&str; 8] =
    ["equals", "within", "days", "business_days", "similar", "occurs", "slip", "levels"];
/// Keys that go with one test only.
const OWNED: [(&str, &str); 8] = [
    ("nulls", "equals"),
    ("of", "within"),
    ("sign", "within"),
    ("calendar", "business_days"),
    ("at_least", "similar"),
    ("min_length", "occurs"),
    ("otherwise", "levels"),
    ("null", "levels"),
];
/// Conditions of one pass, or of the defaults.
const CONDITIONS_MAX: usize = 64;
const WEIGHT_MAX: i64 = 1_000;
/// 273 years: beyond, somebody mistook a unit, and day arithmetic stays far from its bounds.
const DAYS_MAX: i64 = 100_000;
const MIN_LENGTH_MAX: i64 = 10_000;

/// `on`: a list of conditions, or names with commas between them.
pub(super) fn conditions(report: &mut Report, context: &Context, at: &Cursor<'_>) -> Option<Vec<Condition>> {
    let conditions: Vec<_> = if let Some(text) = at.text() {
        names(text).filter(|name| report.checked_name(at, name)).map(Condition::equality).collect()
    } else if at.is_list() && at.items().len() > CONDITIONS_MAX {
        report.refuse(codes::TOO_MANY, at, format!("at most {CONDITIONS_MAX} conditions"));
        return None;
    } else {
        report.list(at, 0, |report, at| condition(report, context, at))?
    };
    if conditions.len() > CONDITIONS_MAX {
        report.refuse(codes::TOO_MANY, at, format!("at most {CONDITIONS_MAX} conditions"));
    }
    Some(conditions)
}

/// The names of a comma list.
pub(in crate::spec) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim)
}

fn condition(report: &mut Report, context: &Context, at: &Cursor<'_>) -> Option<Condition> {
    if at.text().is_some() {
        return report.name(at).map(Condition::equality);
    }
    if !at.is_table() {
        report.refuse(codes::WRONG_TYPE, at, "a field's name (equality) or a table with one test");
        return None;
    }
    let table = report.table(at, &CONDITION_KEYS)?;
    let sides = sides(report, &table);
    let test = one_test(report, context, (at, &table), &TESTS);
    let required = required(report, &table);
    let weight = table.get("weight").and_then(|at| report.millionths(&at, WEIGHT_MAX));
    let nulls = table.get("nulls").and_then(|at| report.choice(&at, &[("equal", ())]));
    let (left, right) = sides?;
    let condition = Condition { left, right, test: test?, required, weight, nulls_equal: nulls.is_some() };
    refuse_without_effect(report, &table, &condition);
    Some(condition)
}

/// Levels weigh, unless they are asked to gate; all else gates, unless it is asked not to.
pub(super) fn required(report: &mut Report, table: &Table<'_>) -> bool {
    table.get("required").and_then(|at| report.flag(&at)).unwrap_or(!table.has("levels"))
}

/// The one test that a table has to have.
pub(super) fn one_test(
    report: &mut Report,
    context: &Context,
    (at, table): (&Cursor<'_>, &Table<'_>),
    tests: &[&'static str],
) -> Option<Test> {
    let written: Vec<_> = tests.iter().copied().filter(|test| table.has(test)).collect();
    match written.as_slice() {
        [name] => {
            refuse_strays(report, table, name);
            test(report, context, table, name)
        }
        [] => {
            let names: Vec<_> = tests.iter().map(|test| format!("`{test}`")).collect();
            report.refuse(codes::MISSING, at, format!("one test: {}", names.join(", ")));
            None
        }
        [first, second, ..] => {
            report.conflict(table, second, format!("one test: `{first}` is there too"));
            None
        }
    }
}

/// What a field is compared by inside groups: by one test, or by equality without one.
pub(super) fn compared(report: &mut Report, context: &Context, table: &Table<'_>) -> Option<Condition> {
    let sides = sides(report, table);
    // Levels are no key of it, and have been refused as such.
    let written: Vec<_> = TESTS.into_iter().filter(|test| table.has(test) && *test != "levels").collect();
    let test = match written.as_slice() {
        [] => {
            refuse_strays(report, table, "equals");
            Some(Test::Equals)
        }
        [name] => {
            refuse_strays(report, table, name);
            test(report, context, table, name)
        }
        [first, second, ..] => {
            report.conflict(table, second, format!("one test: `{first}` is there too"));
            None
        }
    };
    let (left, right) = sides?;
    Some(Condition { left, right, test: test?, required: true, weight: None, nulls_equal: false })
}

/// A condition that neither gates nor grades would be dropped in silence.
fn refuse_without_effect(report: &mut Report, table: &Table<'_>, condition: &Condition) {
    let weightless = match condition.weight {
        Some(weight) => weight == Number::default(),
        None => condition.test == Test::Equals && !table.has("weight"),
    };
    if !condition.required && weightless {
        let expected = "a `weight` above 0 beside it (an equality has 0 unless given), else it has no effect";
        report.conflict(table, "required", expected);
    }
}

fn refuse_strays(report: &mut Report, table: &Table<'_>, test: &str) {
    for (key, owner) in OWNED {
        if owner != test && table.has(key) {
            report.conflict(table, key, format!("`{owner}` beside it, and `{test}` is there"));
        }
    }
}

pub(super) fn sides(report: &mut Report, table: &Table<'_>) -> Option<(String, String)> {
    let mut name = |key: &str| table.get(key).map(|at| report.name(&at));
    match (name("field"), name("left"), name("right")) {
        (Some(field), None, None) => field.map(|field| (field.clone(), field)),
        (None, Some(left), Some(right)) => left.zip(right),
        (Some(_), _, _) => {
            report.conflict(table, "field", "either `field`, or `left` and `right`");
            None
        }
        (None, None, None) => {
            report.missing(table, "field", "the field that is tested, or `left` and `right`");
            None
        }
        (None, left, _) => {
            let key = if left.is_some() { "right" } else { "left" };
            report.missing(table, key, "the field that is tested on this side");
            None
        }
    }
}

fn test(report: &mut Report, context: &Context, table: &Table<'_>, name: &str) -> Option<Test> {
    let at = table.get(name)?;
    match name {
        "equals" => equals(report, &at),
        "within" => {
            let sign = sign(report, table);
            tolerance(report, table, &at).map(|tolerance| Test::Within(tolerance, sign))
        }
        "days" => day_range(report, &at).map(Test::Days),
        "business_days" => business_days(report, context, table, &at),
        "similar" => similar(report, table, &at),
        "occurs" => occurs(report, table, &at),
        "slip" => slips(report, &at).map(Test::Slip),
        _ => levels::levels(report, context, table, &at).map(Test::Levels),
    }
}

/// How signs are compared, by the `sign` of its table.
pub(super) fn sign(report: &mut Report, table: &Table<'_>) -> Sign {
    let signs = [("same", Sign::Same), ("opposite", Sign::Opposite), ("ignore", Sign::Ignore)];
    table.get("sign").and_then(|at| report.choice(&at, &signs)).unwrap_or_default()
}

fn equals(report: &mut Report, at: &Cursor<'_>) -> Option<Test> {
    if at.node.value == Value::Flag(true) {
        return Some(Test::Equals);
    }
    report.refuse(codes::BAD_VALUE, at, "true (to keep records with one value, use `where` of a source)");
    None
}

/// A tolerance with the `of` of its table.
pub(super) fn tolerance(report: &mut Report, table: &Table<'_>, at: &Cursor<'_>) -> Option<Tolerance> {
    let of =
        table.get("of").and_then(|at| report.choice(&at, &[("left", Side::Left), ("right", Side::Right)]));
    let tolerance = Tolerance { of, ..tolerance_parts(report, at)? };
    if tolerance.of.is_some() && tolerance.percent.is_none() {
        report.conflict(table, "of", "a tolerance in percent beside it");
    }
    Some(tolerance)
}

/// A tolerance: a part, two of which the smaller holds, or the larger.
pub(super) fn tolerance_parts(report: &mut Report, at: &Cursor<'_>) -> Option<Tolerance> {
    let (parts, larger) = if at.is_table() {
        let before = report.count();
        let inner = report.table(at, &Keys { known: &["larger"], later: &[] })?;
        let Some(parts) = inner.get("larger") else {
            // A misspelt key has been named already.
            if report.count() == before {
                report.missing(&inner, "larger", "two parts, such as [\"0.05\", \"0.5%\"]");
            }
            return None;
        };
        (parts, true)
    } else {
        (at.clone(), false)
    };
    let (absolute, percent) = two_parts(report, &parts, larger)?;
    Some(Tolerance { absolute, percent, larger, of: None })
}

fn two_parts(report: &mut Report, at: &Cursor<'_>, larger: bool) -> Option<(Option<Number>, Option<Number>)> {
    if larger && !at.is_list() {
        report.refuse(codes::WRONG_TYPE, at, "a list of two parts, such as [\"0.05\", \"0.5%\"]");
        return None;
    }
    let items = at.items();
    if at.is_list() && items.len() != 2 {
        report.refuse(codes::BAD_VALUE, at, "two parts, such as [\"0.05\", \"0.5%\"]");
        return None;
    }
    let parts: Option<Vec<_>> = items.iter().map(|item| part(report, item)).collect();
    match parts?.as_slice() {
        [Part::Absolute(absolute)] => Some((Some(*absolute), None)),
        [Part::Percent(percent)] => Some((None, Some(*percent))),
        [Part::Absolute(absolute), Part::Percent(percent)]
        | [Part::Percent(percent), Part::Absolute(absolute)] => Some((Some(*absolute), Some(*percent))),
        _ => {
            report.refuse(codes::BAD_VALUE, at, "one part in the amount's unit and one in percent");
            None
        }
    }
}

enum Part {
    Absolute(Number),
    Percent(Number),
}

fn part(report: &mut Report, at: &Cursor<'_>) -> Option<Part> {
    const EXPECTED: &str =
        "a tolerance of 0 or more: an amount such as \"0.05\", or percent up to 100 such as \"0.5%\"";
    let (Value::Number(text) | Value::Text(text)) = &at.node.value else {
        report.refuse(codes::WRONG_TYPE, at, EXPECTED);
        return None;
    };
    let part = match text.strip_suffix('%') {
        Some(percent) => plain_number(percent.trim_end())
            .filter(|number| *number <= Number::whole(PERCENT_MAX))
            .map(|number| (number, Part::Percent(number))),
        None => plain_number(text).map(|number| (number, Part::Absolute(number))),
    };
    match part {
        Some((number, part)) if !number.is_negative() => Some(part),
        _ => {
            report.refuse(codes::BAD_VALUE, at, EXPECTED);
            None
        }
    }
}

fn day_range(report: &mut Report, at: &Cursor<'_>) -> Option<DayRange> {
    let day = |report: &mut Report, at: &Cursor<'_>, range| {
        report.whole(at, &range).and_then(|days| i32::try_from(days).ok())
    };
    if !at.is_list() {
        let most = day(report, at, 0..=DAYS_MAX)?;
        return Some(DayRange { from: -most, to: most });
    }
    let [from, to] = at.items().try_into().ok().or_else(|| {
        report.refuse(codes::BAD_VALUE, at, "two whole numbers: the least and the most of right - left");
        None
    })?;
    let from = day(report, &from, -DAYS_MAX..=DAYS_MAX);
    let to = day(report, &to, -DAYS_MAX..=DAYS_MAX);
    let range = DayRange { from: from?, to: to? };
    if range.from > range.to {
        report.refuse(codes::BAD_VALUE, at, format!("the smaller first: [{}, {}]", range.to, range.from));
        return None;
    }
    Some(range)
}

fn business_days(report: &mut Report, context: &Context, table: &Table<'_>, at: &Cursor<'_>) -> Option<Test> {
    let range = day_range(report, at);
    let calendar = report.needed(table, "calendar", "the name of a calendar of the spec", |report, at| {
        context.calendar(report, at)
    });
    Some(Test::BusinessDays(range?, calendar?))
}

fn similar(report: &mut Report, table: &Table<'_>, at: &Cursor<'_>) -> Option<Test> {
    let measures = [
        ("jaro_winkler", Measure::JaroWinkler),
        ("levenshtein", Measure::Levenshtein),
        ("osa", Measure::Osa),
        ("ratio", Measure::Ratio),
        ("token_sort", Measure::TokenSort),
        ("token_set", Measure::TokenSet),
        ("token_jaccard", Measure::TokenJaccard),
        ("trigram", Measure::Trigram),
    ];
    let measure = report.choice(at, &measures);
    let at_least = report
        .needed(table, "at_least", "the least similarity, 0 to 1", |report, at| report.millionths(at, 1));
    Some(Test::Similar(measure?, at_least?))
}

fn occurs(report: &mut Report, table: &Table<'_>, at: &Cursor<'_>) -> Option<Test> {
    let directions = [
        ("right in left", Direction::RightInLeft),
        ("left in right", Direction::LeftInRight),
        ("either", Direction::Either),
    ];
    let direction = report.choice(at, &directions);
    let min_length = match table.get("min_length") {
        Some(at) => report.whole(&at, &(1..=MIN_LENGTH_MAX)).and_then(|length| u32::try_from(length).ok()),
        None => Some(DEFAULT_MIN_LENGTH),
    };
    Some(Test::Occurs(Occurs { direction: direction?, min_length: min_length? }))
}

fn slips(report: &mut Report, at: &Cursor<'_>) -> Option<Vec<Slip>> {
    let kinds = [("swapped", Slip::Swapped), ("one_digit", Slip::OneDigit), ("factor", Slip::Factor)];
    if at.text() == Some("any") {
        return Some(kinds.map(|(_, slip)| slip).to_vec());
    }
    if !at.is_list() {
        let any = [("any", Slip::Swapped)];
        let options: Vec<_> = any.into_iter().chain(kinds).collect();
        return report.choice(at, &options).map(|slip| vec![slip]);
    }
    let mut seen = Vec::new();
    let slips = report.list(at, 1, |report, at| {
        let slip = report.choice(at, &kinds)?;
        if seen.contains(&slip) {
            report.refuse(codes::DUPLICATE_NAME, at, "every kind once");
        }
        seen.push(slip);
        Some(slip)
    })?;
    (!slips.is_empty()).then_some(slips)
}
