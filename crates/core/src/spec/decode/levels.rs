//! Evidence levels, and the passes that score by them.

use super::{Context, condition};
use crate::money::Number;
use crate::spec::report::{Cursor, Keys, Report, Table, codes, plain_number};
use crate::spec::tree::Value;
use crate::spec::{Cardinality, Condition, Level, Levels, Score, Test};
use std::ops::RangeInclusive;

pub(in crate::spec) const LEVEL_KEYS: Keys = Keys {
    known: &[
        "equals",
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
        "bits",
        "frequency",
    ],
    later: &[],
};
/// The tests that a level may have.
const LEVEL_TESTS: [&str; 7] = ["equals", "within", "days", "business_days", "similar", "occurs", "slip"];
/// Levels of one condition.
const LEVELS_MAX: usize = 16;

/// The levels of a condition, with the bits where none holds.
pub(super) fn levels(
    report: &mut Report,
    context: &Context,
    table: &Table<'_>,
    at: &Cursor<'_>,
) -> Option<Levels> {
    if at.is_list() && at.items().len() > LEVELS_MAX {
        report.refuse(codes::TOO_MANY, at, format!("at most {LEVELS_MAX} levels"));
        return None;
    }
    let mut tests: Vec<Test> = Vec::new();
    let levels = report.list(at, 1, |report, at| {
        let level = level(report, context, at)?;
        if tests.contains(&level.test) {
            report.refuse(codes::DUPLICATE_NAME, at, "every test once: the first level that holds counts");
        }
        tests.push(level.test.clone());
        Some(level)
    });
    let whether_required = condition::required(&mut Report::default(), table);
    let (otherwise, null) = if whether_required {
        for key in ["otherwise", "null"] {
            if table.has(key) {
                report.conflict(table, key, "no `required` beside it: there, one of the levels has to hold");
            }
        }
        (None, None)
    } else {
        let expected = "the bits where no level holds, such as -4.5";
        let otherwise = report.needed(table, "otherwise", expected, bits);
        (Some(otherwise?), table.get("null").and_then(|at| bits(report, &at)))
    };
    Some(Levels { levels: levels?, otherwise, null: null.unwrap_or_default() })
}

fn level(report: &mut Report, context: &Context, at: &Cursor<'_>) -> Option<Level> {
    if !at.is_table() {
        report.refuse(codes::WRONG_TYPE, at, "a table with one test and its `bits`");
        return None;
    }
    let table = report.table(at, &LEVEL_KEYS)?;
    let test = condition::one_test(report, context, (at, &table), &LEVEL_TESTS);
    let bits = report.needed(&table, "bits", "the bits that this level is worth, such as 9.1", bits);
    let frequency = table.get("frequency").and_then(|at| report.flag(&at)).unwrap_or_default();
    let (test, bits) = (test?, bits?);
    if frequency && test != Test::Equals {
        report.conflict(
            &table,
            "frequency",
            "`equals` beside it: how frequent a value is counts where both have it",
        );
    }
    Some(Level { test, bits, frequency })
}

/// Bits, to a thousandth.
fn bits(report: &mut Report, at: &Cursor<'_>) -> Option<Number> {
    decimal(
        report,
        at,
        (3, -100_000..=100_000),
        "bits from -100 to 100 with at most 3 digits after the point",
    )
}

/// A decimal in a range of units of 10^-scale.
fn decimal(
    report: &mut Report,
    at: &Cursor<'_>,
    (scale, range): (u8, RangeInclusive<i128>),
    expected: &str,
) -> Option<Number> {
    let (Value::Number(text) | Value::Text(text)) = &at.node.value else {
        report.refuse(codes::WRONG_TYPE, at, expected);
        return None;
    };
    let number =
        plain_number(text).filter(|number| number.units(scale).is_some_and(|units| range.contains(&units)));
    if number.is_none() {
        report.refuse(codes::BAD_VALUE, at, expected);
    }
    number
}

/// What a pass scores by, and its prior. No score where the one that is written means nothing.
pub(super) fn score(report: &mut Report, table: &Table<'_>) -> (Option<Score>, Option<Number>) {
    let names = [("grades", Score::Grades), ("probability", Score::Probability)];
    let score = match table.get("score") {
        Some(at) => report.choice(&at, &names),
        None => Some(Score::Grades),
    };
    let expected = "a probability above 0 and below 1 with at most 12 digits after the point";
    let prior = table.get("prior").and_then(|at| decimal(report, &at, (12, 1..=999_999_999_999), expected));
    if score == Some(Score::Grades) && table.has("prior") {
        report.conflict(table, "prior", "`score = \"probability\"` beside it");
    }
    if score == Some(Score::Probability) && !table.has("prior") {
        let expected = "the probability that two records of one block belong together, such as 0.001";
        report.missing(table, "prior", expected);
    }
    (score, prior)
}

/// Conditions and score go together: bits make a probability, grades a mean.
pub(super) fn check_pass(
    report: &mut Report,
    table: &Table<'_>,
    (score, cardinality): (Score, Cardinality),
    (defaults, own): (&[Condition], &[Condition]),
) {
    let default = |wrong: fn(&Condition) -> bool| defaults.iter().position(wrong);
    if score == Score::Grades {
        refuse_own(report, table, own, |one| one.test.is_levels(), "`score = \"probability\"` on the pass");
        if let Some(at) = default(|one| one.test.is_levels()) {
            report.missing(table, "score", format!("\"probability\": defaults.on[{at}] has levels"));
        }
        return;
    }
    if !matches!(cardinality, Cardinality::OneToOne | Cardinality::Cluster) {
        report.conflict(
            table,
            "score",
            "a 1:1 pass, or clusters: bits weigh two records that may be the same",
        );
    }
    let weighs = |one: &Condition| one.weight.is_some();
    let only_grades = |one: &Condition| !one.required && !one.test.is_levels();
    let unweighed =
        "no `weight` in a pass that scores by probability: the bits of levels say what is worth how much";
    refuse_own(report, table, own, |one| weighs(one) && !only_grades(one), unweighed);
    let expected = "`levels` that say in bits what it is worth, or `required`: a pass that scores by probability has no \
                    grades";
    refuse_own(report, table, own, only_grades, expected);
    if let Some(at) = default(|one| one.weight.is_some() || (!one.required && !one.test.is_levels())) {
        let expected = format!("defaults without grades and weights, and defaults.on[{at}] has one");
        report.conflict(table, "score", expected);
    }
    if !defaults.iter().chain(own).any(|one| one.test.is_levels()) {
        report.conflict(table, "score", "a condition with `levels`: without bits every score is the prior");
    }
}

/// Refuses the pass's own conditions that are wrong. Where `on` is a text they are equalities, and none is.
fn refuse_own(
    report: &mut Report,
    table: &Table<'_>,
    own: &[Condition],
    wrong: impl Fn(&Condition) -> bool,
    expected: &str,
) {
    let items = table.get("on").map(|at| at.items()).unwrap_or_default();
    for (at, _) in items.iter().zip(own).filter(|(_, one)| wrong(one)) {
        report.refuse(codes::CONFLICT, at, expected);
    }
}

#[cfg(test)]
mod tests;
