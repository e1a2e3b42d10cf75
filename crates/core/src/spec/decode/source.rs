//! One source: where it is, how it is written, which records take part.

use super::text;
use crate::spec::report::{Cursor, Keys, Report, Table, codes};
use crate::spec::tree::Value;
use crate::spec::{FilterSpec, FilterTest, Ragged, ReadSpec, SheetRange, SourceSpec, sheet_range};

pub(in crate::spec) const SOURCE_KEYS: Keys = Keys {
    known: &["name", "path", "read", "where", "zone", "cut_off"],
    later: &[("sql", "`sql` reads a source by a query")],
};
pub(in crate::spec) const READ_KEYS: Keys = Keys {
    known: &[
        "delimiter",
        "decimal",
        "thousands",
        "currency_sign",
        "dates",
        "encoding",
        "quote",
        "header",
        "skip",
        "footer",
        "ragged",
        "sheet",
        "range",
    ],
    later: &[],
};
pub(in crate::spec) const FILTER_KEYS: Keys =
    Keys { known: &["field", "equals", "in", "between", "matches", "is_null"], later: &[] };
const FILTER_TESTS: [&str; 5] = ["equals", "in", "between", "matches", "is_null"];
const SKIP_MAX: i64 = 1_000_000;
/// They are held until the file ends.
const FOOTER_MAX: i64 = 1_000;
/// Tests of `where`: every record takes all of them.
const FILTERS_MAX: usize = 64;

pub(super) fn source(report: &mut Report, at: &Cursor<'_>) -> Option<SourceSpec> {
    let table = report.table(at, &SOURCE_KEYS)?;
    let read = table.get("read").and_then(|at| read(report, &at)).unwrap_or_default();
    let filter = table.get("where").and_then(|at| filters(report, &at)).unwrap_or_default();
    Some(SourceSpec {
        name: table.get("name").and_then(|at| report.name(&at)),
        path: table.get("path").and_then(|at| paths(report, &at)).unwrap_or_default(),
        read,
        filter,
        zone: table.get("zone").and_then(|at| text::zone(report, &at)),
        cut_off: table.get("cut_off").and_then(|at| text::time_of_day(report, &at)),
    })
}

pub(super) fn paths(report: &mut Report, at: &Cursor<'_>) -> Option<Vec<String>> {
    if at.is_list() { report.list(at, 0, Report::name) } else { report.name(at).map(|path| vec![path]) }
}

pub(super) fn read(report: &mut Report, at: &Cursor<'_>) -> Option<ReadSpec> {
    let table = report.table(at, &READ_KEYS)?;
    let read = ReadSpec {
        delimiter: table.get("delimiter").and_then(|at| mark(report, &at, is_delimiter, DELIMITER)),
        decimal: table.get("decimal").and_then(|at| mark(report, &at, is_number_mark, NUMBER_MARK)),
        thousands: table.get("thousands").and_then(|at| mark(report, &at, is_number_mark, NUMBER_MARK)),
        currency_sign: table.get("currency_sign").and_then(|at| currency_sign(report, &at)),
        dates: table.get("dates").and_then(|at| text::date_format(report, &at)),
        encoding: table.get("encoding").and_then(|at| report.name(&at)),
        quote: table.get("quote").and_then(|at| mark(report, &at, is_delimiter, DELIMITER)),
        header: table.get("header").and_then(|at| report.flag(&at)),
        skip: lines(report, &table, "skip", SKIP_MAX),
        footer: lines(report, &table, "footer", FOOTER_MAX),
        ragged: table.get("ragged").and_then(|at| report.choice(&at, &RAGGED)).unwrap_or_default(),
        sheet: table.get("sheet").and_then(|at| report.name(&at)),
        range: table.get("range").and_then(|at| range(report, &at)),
    };
    refuse_equal_marks(report, &table, &read);
    Some(read)
}

const RAGGED: [(&str, Ragged); 3] =
    [("unreadable", Ragged::Unreadable), ("pad", Ragged::Pad), ("error", Ragged::Error)];

fn lines(report: &mut Report, table: &Table<'_>, key: &str, most: i64) -> Option<u32> {
    table.get(key).and_then(|at| report.whole(&at, &(0..=most))).and_then(|lines| u32::try_from(lines).ok())
}

fn refuse_equal_marks(report: &mut Report, table: &Table<'_>, read: &ReadSpec) {
    let decimal = read.decimal.unwrap_or('.');
    if read.thousands == Some(decimal) {
        report.conflict(table, "thousands", format!("another character than the decimal mark {decimal:?}"));
    }
    if let Some(sign) = &read.currency_sign
        && sign.contains([decimal, read.thousands.unwrap_or(decimal)])
    {
        report.conflict(table, "currency_sign", "none of the marks of numbers");
    }
    let quote = read.quote.unwrap_or('"');
    if read.delimiter == Some(quote) {
        report.conflict(table, "delimiter", format!("another character than the quote {quote:?}"));
    }
}

const DELIMITER: &str = "one ASCII character that is no letter, digit or line break";
const CURRENCY_SIGN: &str =
    "1 to 8 characters, such as \"$\" or \"EUR\", none of them a digit, a sign or a parenthesis";
const CURRENCY_SIGN_CHARS_MAX: usize = 8;
const NUMBER_MARK: &str = "one character that can't be part of a number";

fn is_delimiter(mark: char) -> bool {
    mark.is_ascii() && !mark.is_ascii_alphanumeric() && !matches!(mark, '\n' | '\r' | '\0')
}

fn is_number_mark(mark: char) -> bool {
    !mark.is_alphanumeric() && !matches!(mark, '+' | '-' | '(' | ')' | '\u{2212}') && (!mark.is_control())
}

fn mark(report: &mut Report, at: &Cursor<'_>, fits: fn(char) -> bool, expected: &str) -> Option<char> {
    let text = report.text(at)?;
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(mark), None) if fits(mark) => Some(mark),
        _ => {
            report.refuse(codes::BAD_VALUE, at, expected);
            None
        }
    }
}

fn range(report: &mut Report, at: &Cursor<'_>) -> Option<SheetRange> {
    let range = report.text(at)?.parse().ok();
    if range.is_none() {
        report.refuse(codes::BAD_VALUE, at, sheet_range::EXPECTED);
    }
    range
}

fn currency_sign(report: &mut Report, at: &Cursor<'_>) -> Option<String> {
    let sign = report.text(at)?;
    let is_part = |character: char| {
        character.is_numeric()
            || character.is_control()
            || matches!(character, '+' | '-' | '(' | ')' | '\u{2212}')
    };
    let fits = !sign.is_empty()
        && sign.trim() == sign
        && sign.chars().count() <= CURRENCY_SIGN_CHARS_MAX
        && !sign.chars().any(is_part);
    if !fits {
        report.refuse(codes::BAD_VALUE, at, CURRENCY_SIGN);
        return None;
    }
    Some(sign)
}

fn filters(report: &mut Report, at: &Cursor<'_>) -> Option<Vec<FilterSpec>> {
    if at.is_list() && at.items().len() > FILTERS_MAX {
        report.refuse(codes::TOO_MANY, at, format!("at most {FILTERS_MAX} tests"));
        return None;
    }
    report.list(at, 0, filter)
}

fn filter(report: &mut Report, at: &Cursor<'_>) -> Option<FilterSpec> {
    let table = report.table(at, &FILTER_KEYS)?;
    let field = report.needed(&table, "field", "the field or column that is tested", Report::name);
    let tests: Vec<_> = FILTER_TESTS.into_iter().filter(|test| table.has(test)).collect();
    let test = match tests.as_slice() {
        [test] => filter_test(report, test, &table.get(test)?),
        [] => {
            report.refuse(codes::MISSING, at, "one of `equals`, `in`, `between`, `matches`, `is_null`");
            None
        }
        [first, second, ..] => {
            report.conflict(&table, second, format!("one test: `{first}` is there too"));
            None
        }
    };
    Some(FilterSpec { field: field?, test: test? })
}

fn filter_test(report: &mut Report, test: &str, at: &Cursor<'_>) -> Option<FilterTest> {
    match test {
        "equals" => scalar(report, at).map(FilterTest::Equals),
        "in" => report.list(at, 1, scalar).map(FilterTest::In),
        "between" => match report.list(at, 1, scalar)?.as_slice() {
            [from, to] if at.items().len() == 2 => Some(FilterTest::Between(from.clone(), to.clone())),
            _ => {
                report.refuse(codes::BAD_VALUE, at, "two values: the least and the most");
                None
            }
        },
        "matches" => text::expression(report, at).map(FilterTest::Matches),
        _ => report.flag(at).map(FilterTest::IsNull),
    }
}

/// A cell's value as text: `7`, `true` and `"7"` are what a column of text would hold.
pub(super) fn scalar(report: &mut Report, at: &Cursor<'_>) -> Option<String> {
    match &at.node.value {
        Value::Text(text) | Value::Number(text) => Some(text.clone()),
        Value::Flag(flag) => Some(flag.to_string()),
        _ => {
            report.refuse(codes::WRONG_TYPE, at, "text, a number or true or false");
            None
        }
    }
}
