//! What becomes of amounts before they are compared. Fees: text like `2.9% + 0.30 each`, a table, or a list of these.

use super::PERCENT_MAX;
use crate::money::Number;
use crate::plan::Side;
use crate::spec::report::{Cursor, Keys, Report, Table, codes, plain_number};
use crate::spec::tree::Value;
use crate::spec::{ConvertSpec, FeeBase, FeePer, FeeSpec, FeeTier, Negative, Rounding};

pub(in crate::spec) const FEE_KEYS: Keys = Keys {
    known: &["percent", "fixed", "tiers", "per", "side", "of", "round", "digits", "negative"],
    later: &[],
};
pub(in crate::spec) const TIER_KEYS: Keys = Keys { known: &["up_to", "percent", "fixed"], later: &[] };

pub(in crate::spec) const CONVERT_KEYS: Keys =
    Keys { known: &["rate", "side", "divide", "to", "per", "round", "digits"], later: &[] };

const ROUND: [(&str, Rounding); 4] = [
    ("half_up", Rounding::HalfUp),
    ("half_even", Rounding::HalfEven),
    ("up", Rounding::Up),
    ("down", Rounding::Down),
];
/// Fees of one pass.
const FEES_MAX: usize = 16;
/// Tiers of one fee.
const TIERS_MAX: usize = 64;
const EXPECTED: &str = "a fee such as \"2.9% + 0.30 each\", \"1.5%\" or \"0.25 each\", a table with `percent`, `fixed` or `tiers`, or a list";

/// One fee or a list of them; in their order.
pub(super) fn fees(report: &mut Report, at: &Cursor<'_>) -> Option<Vec<FeeSpec>> {
    if !at.is_list() {
        return fee(report, at).map(|fee| vec![fee]);
    }
    if at.items().len() > FEES_MAX {
        report.refuse(codes::TOO_MANY, at, format!("at most {FEES_MAX} fees"));
        return None;
    }
    report.list(at, 1, fee)
}

fn fee(report: &mut Report, at: &Cursor<'_>) -> Option<FeeSpec> {
    if let Some(written) = at.text() {
        let fee = text(written);
        if fee.is_none() {
            report.refuse(codes::BAD_VALUE, at, EXPECTED);
        }
        return fee;
    }
    if !at.is_table() {
        report.refuse(codes::WRONG_TYPE, at, EXPECTED);
        return None;
    }
    let table = report.table(at, &FEE_KEYS)?;
    let tiers = tiers(report, &table);
    let flat = ["percent", "fixed"].into_iter().any(|key| table.has(key));
    if !flat && !table.has("tiers") {
        report.missing(&table, "percent", "`percent`, `fixed`, or `tiers` by the size of the amount");
        return None;
    }
    if flat && table.has("tiers") {
        report.conflict(&table, "tiers", "either `tiers`, or `percent` and `fixed` of all amounts");
        return None;
    }
    let mut fee = FeeSpec {
        percent: percent(report, &table),
        fixed: amount(report, &table, "fixed"),
        tiers: tiers?,
        ..FeeSpec::default()
    };
    rules(report, &table, &mut fee);
    Some(fee)
}

fn rules(report: &mut Report, table: &Table<'_>, fee: &mut FeeSpec) {
    let per = [("record", FeePer::Record), ("group", FeePer::Group)];
    let sides = [("left", Side::Left), ("right", Side::Right)];
    let bases = [("gross", FeeBase::Gross), ("rest", FeeBase::Rest)];
    let negative =
        [("returned", Negative::Returned), ("charged", Negative::Charged), ("free", Negative::Free)];
    let mut choose = Choose { report, table };
    choose.of("per", &per, &mut fee.per);
    choose.of("of", &bases, &mut fee.of);
    choose.of("round", &ROUND, &mut fee.round);
    choose.of("negative", &negative, &mut fee.negative);
    fee.side = table.get("side").and_then(|at| report.choice(&at, &sides));
    let digits = table.get("digits").and_then(|at| report.whole(&at, &(0..=18)));
    fee.digits = digits.and_then(|digits| u8::try_from(digits).ok());
}

/// A conversion: the field of its rate, or a table.
pub(super) fn convert(report: &mut Report, at: &Cursor<'_>) -> Option<ConvertSpec> {
    if at.text().is_some() {
        return report.name(at).map(|rate| ConvertSpec { rate, ..ConvertSpec::default() });
    }
    if !at.is_table() {
        report.refuse(codes::WRONG_TYPE, at, "the field that holds the rate, or a table with `rate`");
        return None;
    }
    let table = report.table(at, &CONVERT_KEYS)?;
    let rate = report.needed(&table, "rate", "the field that holds the rate", Report::name);
    let mut convert = ConvertSpec::default();
    let per = [("record", FeePer::Record), ("group", FeePer::Group)];
    let sides = [("left", Side::Left), ("right", Side::Right)];
    let mut choose = Choose { report, table: &table };
    choose.of("per", &per, &mut convert.per);
    choose.of("round", &ROUND, &mut convert.round);
    convert.side = table.get("side").and_then(|at| report.choice(&at, &sides));
    convert.divide = table.get("divide").and_then(|at| report.flag(&at)).unwrap_or_default();
    convert.to = table.get("to").and_then(|at| report.name(&at));
    let digits = table.get("digits").and_then(|at| report.whole(&at, &(0..=18)));
    convert.digits = digits.and_then(|digits| u8::try_from(digits).ok());
    if convert.divide && convert.per == FeePer::Group {
        let expected = "`per` = \"record\" beside `divide`: quotients have no end, so each is rounded";
        report.conflict(&table, "per", expected);
    }
    convert.rate = rate?;
    Some(convert)
}

struct Choose<'a, 't> {
    report: &'a mut Report,
    table: &'a Table<'t>,
}

impl Choose<'_, '_> {
    fn of<T: Copy>(&mut self, key: &str, choices: &[(&'static str, T)], target: &mut T) {
        let chosen = self.table.get(key).and_then(|at| self.report.choice(&at, choices));
        *target = chosen.unwrap_or(*target);
    }
}

/// Tiers by the size of the amount, ascending; only the last may be without a bound.
fn tiers(report: &mut Report, table: &Table<'_>) -> Option<Vec<FeeTier>> {
    let Some(at) = table.get("tiers") else { return Some(Vec::new()) };
    if at.is_list() && at.items().len() > TIERS_MAX {
        report.refuse(codes::TOO_MANY, &at, format!("at most {TIERS_MAX} tiers"));
        return None;
    }
    let mut below: Option<Option<Number>> = None;
    report.list(&at, 1, |report, at| {
        let table = report.table(at, &TIER_KEYS)?;
        if !["percent", "fixed"].into_iter().any(|key| table.has(key)) {
            report.missing(&table, "percent", "`percent` or `fixed`");
        }
        let up_to = amount(report, &table, "up_to");
        let ascends = match (below, up_to) {
            (Some(None), _) => false,
            (Some(Some(below)), Some(up_to)) => below < up_to,
            (None, _) | (Some(Some(_)), None) => true,
        };
        if !ascends {
            report.refuse(codes::BAD_VALUE, at, "tiers whose `up_to` ascend, only the last without one");
        }
        below = Some(up_to);
        Some(FeeTier { up_to, percent: percent(report, &table), fixed: amount(report, &table, "fixed") })
    })
}

/// An amount of 0 or more.
fn amount(report: &mut Report, table: &Table<'_>, key: &str) -> Option<Number> {
    let at = table.get(key)?;
    let given = match &at.node.value {
        Value::Number(text) | Value::Text(text) => plain_number(text),
        _ => None,
    };
    let given = given.filter(|number| !number.is_negative());
    if given.is_none() {
        report.refuse(codes::BAD_VALUE, &at, "an amount of 0 or more, such as \"0.30\"");
    }
    given
}

/// A percentage, with its sign or without.
fn percent(report: &mut Report, table: &Table<'_>) -> Option<Number> {
    let at = table.get("percent")?;
    let given = match &at.node.value {
        Value::Number(text) => plain_number(text),
        Value::Text(text) => plain_number(text.strip_suffix('%').unwrap_or(text).trim_end()),
        _ => None,
    };
    let given = given.filter(is_percent);
    if given.is_none() {
        report.refuse(
            codes::BAD_VALUE,
            &at,
            "percent from 0 to 100 with at most 6 digits after the point, such as \"2.9\"",
        );
    }
    given
}

fn is_percent(number: &Number) -> bool {
    !number.is_negative() && *number <= Number::whole(PERCENT_MAX) && number.millionths().is_some()
}

/// `2.9% + 0.30 each`: a percentage, a fixed amount or both; with `each` of every record, else of the group.
fn text(written: &str) -> Option<FeeSpec> {
    let written = written.trim();
    let (parts, per) = match written.strip_suffix("each") {
        Some(parts) if parts.ends_with(char::is_whitespace) => (parts.trim_end(), FeePer::Record),
        _ => (written, FeePer::Group),
    };
    let mut fee = FeeSpec { per, ..FeeSpec::default() };
    for part in parts.split('+').map(str::trim) {
        match part.strip_suffix('%') {
            Some(percent) if fee.percent.is_none() => {
                fee.percent = Some(plain_number(percent.trim_end()).filter(is_percent)?);
            }
            None if fee.fixed.is_none() => {
                fee.fixed = Some(plain_number(part).filter(|fixed| !fixed.is_negative())?);
            }
            _ => return None,
        }
    }
    Some(fee)
}
