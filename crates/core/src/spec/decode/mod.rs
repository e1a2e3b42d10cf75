//! The tree to a [`Spec`]: every rule of a spec that needs no data is checked here, and only here. The builder
//! and [`Spec::check`] come through this door too, so that a mistake reads the same whoever made it.

mod carry;
mod compare;
mod condition;
mod decision;
mod fee;
mod field;
mod levels;
mod one_source;
mod pass;
mod source;
mod table;
mod text;

pub(super) use condition::names;
pub(super) use text::{day_text, seconds_text, weekday_names};

use super::report::{Cursor, Keys, Report, Table, codes, nearest_name};
use super::tree::{Node, quoted};
use super::{CalendarSpec, Cardinality, Spec, TieOutSpec};
use crate::error::{Mistake, Mistakes};
use crate::limits::{FIELDS_MAX, Limits};
use std::collections::BTreeMap;

/// Calendars of a spec. Every condition looks its calendar up among them.
const CALENDARS_MAX: usize = 1_000;
/// The largest percentage.
const PERCENT_MAX: i64 = 100;

/// What conditions and passes must know of the rest of the spec.
struct Context {
    /// Names of the calendars.
    calendars: Vec<String>,
    /// The field whose totals are tied out.
    amount: String,
    /// There is one source only.
    one_source: bool,
}

pub(super) const SPEC_KEYS: Keys = Keys {
    known: &[
        "version",
        "source",
        "left",
        "right",
        "fields",
        "defaults",
        "pass",
        "compare",
        "tie_out",
        "carry",
        "calendars",
        "as_of",
        "open_items",
        "balances",
        "strict",
        "limits",
        "decisions",
        "tables",
    ],
    later: &[("rates", "`rates` gives conversion rates"), ("learn", "`learn` proposes a spec from data")],
};
pub(super) const DEFAULTS_KEYS: Keys = Keys { known: &["on"], later: &[] };
pub(super) const TIE_OUT_KEYS: Keys = Keys { known: &["amount", "by"], later: &[] };
pub(super) const CALENDAR_KEYS: Keys = Keys { known: &["weekend", "holidays"], later: &[] };
pub(super) const LIMITS_KEYS: Keys = Keys {
    known: &["rivals_max", "regret_nodes_max", "comparisons_max", "nearest_max", "cluster_max", "issues_max"],
    later: &[],
};

/// Reads a whole spec.
pub(super) fn spec(root: &Node) -> Result<Spec, Mistakes> {
    let mut report = Report::default();
    let spec = whole(&mut report, &Cursor::root(root));
    report.finish()?;
    Ok(spec.unwrap_or_default())
}

fn whole(report: &mut Report, root: &Cursor<'_>) -> Option<Spec> {
    let table = report.table(root, &SPEC_KEYS)?;
    let one_source = table.has("source");
    let context = Context { calendars: calendar_names(&table), amount: amount_name(&table), one_source };
    if let Some(at) = table.get("version") {
        version(report, &at);
    }
    let mut spec = Spec { one_source, ..Spec::default() };
    if let Some(at) = table.get("source") {
        spec.left = source::source(report, &at).unwrap_or_default();
        one_source::check(report, &table);
    }
    if let Some(at) = table.get("left").filter(|_| !one_source) {
        spec.left = source::source(report, &at).unwrap_or_default();
    }
    if let Some(at) = table.get("right").filter(|_| !one_source) {
        spec.right = source::source(report, &at).unwrap_or_default();
    }
    if let Some(at) = table.get("fields") {
        spec.fields = fields(report, &context, &at).unwrap_or_default();
    }
    let before = report.count();
    if let Some(at) = table.get("defaults") {
        spec.defaults = defaults(report, &context, &at).unwrap_or_default();
    }
    let known_defaults = (report.count() == before).then_some(spec.defaults.as_slice());
    spec.passes = pass::passes(report, &context, &table, known_defaults).unwrap_or_default();
    refuse_directed_defaults(report, &table, &spec);
    if one_source {
        one_source::check_conditions(report, &table, &spec);
    }
    spec.compare =
        table.get("compare").and_then(|at| compare::compare(report, &context, &at)).unwrap_or_default();
    spec.tie_out = table.get("tie_out").and_then(|at| tie_out(report, &at));
    if let Some(at) = table.get("carry") {
        spec.carry = distinct_names(report, &at).unwrap_or_default();
    }
    if let Some(at) = table.get("calendars") {
        spec.calendars = calendars(report, &at).unwrap_or_default();
    }
    spec.as_of = table.get("as_of").and_then(|at| text::day(report, &at));
    spec.open_items = table.get("open_items").and_then(|at| source::paths(report, &at)).unwrap_or_default();
    spec.balances = table.get("balances").and_then(|at| carry::balances(report, &at));
    spec.strict = table.get("strict").and_then(|at| report.flag(&at)).unwrap_or_default();
    spec.decisions =
        table.get("decisions").and_then(|at| decision::decisions(report, &at)).unwrap_or_default();
    spec.limits = table.get("limits").and_then(|at| limits(report, &at)).unwrap_or_default();
    spec.tables = table.get("tables").and_then(|at| table::tables(report, &at)).unwrap_or_default();
    Some(spec)
}

fn version(report: &mut Report, at: &Cursor<'_>) {
    if report.whole(at, &(0..=i64::from(u32::MAX))).is_some_and(|version| version != 1) {
        report.refuse(codes::BAD_VALUE, at, "1, the only version of the format there is");
    }
}

/// Calendar names, before anything is checked: conditions only ask whether one is there.
fn calendar_names(table: &Table<'_>) -> Vec<String> {
    let Some(at) = table.get("calendars").filter(Cursor::is_table) else { return Vec::new() };
    let names = Report::default().open_table(&at);
    let names =
        names.map(|names| names.entries().map(|(name, _)| name.to_owned()).take(CALENDARS_MAX).collect());
    names.unwrap_or_default()
}

fn amount_name(table: &Table<'_>) -> String {
    let tie_out = table.get("tie_out").and_then(|at| Report::default().open_table(&at));
    let amount = tie_out.and_then(|tie_out| tie_out.get("amount")).and_then(|at| at.text());
    amount.unwrap_or("amount").to_owned()
}

fn fields(
    report: &mut Report,
    context: &Context,
    at: &Cursor<'_>,
) -> Option<BTreeMap<String, super::FieldSpec>> {
    let table = report.open_table(at)?;
    // Before the fields are read: their expressions are compiled, which takes time.
    if table.entries().count() > FIELDS_MAX {
        report.refuse(codes::TOO_MANY, at, format!("at most {FIELDS_MAX} fields"));
        return None;
    }
    let mut fields = BTreeMap::new();
    for (name, at) in table.entries() {
        if report.checked_name(&at, name)
            && let Some(field) = field::field(report, context, name, &at)
        {
            fields.insert(name.to_owned(), field);
        }
    }
    Some(fields)
}

fn defaults(report: &mut Report, context: &Context, at: &Cursor<'_>) -> Option<Vec<super::Condition>> {
    let table = report.table(at, &DEFAULTS_KEYS)?;
    table.get("on").and_then(|on| condition::conditions(report, context, &on))
}

/// In a `same_side` pass left and right of a condition mean the positive and the negative record. A default that
/// tells left from right would silently mean two things.
fn refuse_directed_defaults(report: &mut Report, table: &Table<'_>, spec: &Spec) {
    if !spec.passes.iter().any(|pass| pass.cardinality == Cardinality::SameSide) {
        return;
    }
    let on = table.get("defaults").and_then(|at| report.open_table(&at)).and_then(|table| table.get("on"));
    for (at, condition) in on.iter().flat_map(Cursor::items).zip(&spec.defaults) {
        if condition.is_directed() {
            report.refuse(
                codes::CONFLICT,
                &at,
                "a default that treats both sides alike, because a same_side pass has it too (else write it in \
                 the passes that need it)",
            );
        }
    }
}

fn tie_out(report: &mut Report, at: &Cursor<'_>) -> Option<TieOutSpec> {
    let table = report.table(at, &TIE_OUT_KEYS)?;
    let amount = match table.get("amount") {
        None => Some("amount".to_owned()),
        Some(at) if at.node.value == super::tree::Value::Flag(false) => None,
        Some(at) => report.name(&at),
    };
    let expected = "the fields whose values make a cell, such as [\"currency\"]";
    let by = report.needed(&table, "by", expected, distinct_names);
    by.map(|by| TieOutSpec { amount, by })
}

fn distinct_names(report: &mut Report, at: &Cursor<'_>) -> Option<Vec<String>> {
    if at.is_list() && at.items().len() > FIELDS_MAX {
        report.refuse(codes::TOO_MANY, at, format!("at most {FIELDS_MAX} fields"));
        return None;
    }
    let mut seen: Vec<String> = Vec::new();
    report.list(at, 0, |report, at| {
        let name = report.name(at)?;
        if seen.contains(&name) {
            report.refuse(codes::DUPLICATE_NAME, at, "every field once");
        } else {
            seen.push(name.clone());
        }
        Some(name)
    })
}

fn calendars(report: &mut Report, at: &Cursor<'_>) -> Option<BTreeMap<String, CalendarSpec>> {
    let table = report.open_table(at)?;
    if table.entries().count() > CALENDARS_MAX {
        report.refuse(codes::TOO_MANY, at, format!("at most {CALENDARS_MAX} calendars"));
        return None;
    }
    let mut calendars = BTreeMap::new();
    for (name, at) in table.entries() {
        if report.checked_name(&at, name)
            && let Some(calendar) = calendar(report, &at)
        {
            calendars.insert(name.to_owned(), calendar);
        }
    }
    Some(calendars)
}

fn calendar(report: &mut Report, at: &Cursor<'_>) -> Option<CalendarSpec> {
    let table = report.table(at, &CALENDAR_KEYS)?;
    let mut calendar = CalendarSpec::default();
    if let Some(at) = table.get("weekend") {
        calendar.weekend = report.list(&at, 0, text::weekday)?;
        let mut days = calendar.weekend.clone();
        days.sort_unstable();
        days.dedup();
        if days.len() == 7 {
            report.refuse(codes::BAD_VALUE, &at, "at least one day of the week that is a business day");
        }
    }
    if let Some(at) = table.get("holidays") {
        calendar.holidays = report.list(&at, 0, text::day)?;
    }
    Some(calendar)
}

fn limits(report: &mut Report, at: &Cursor<'_>) -> Option<Limits> {
    let table = report.table(at, &LIMITS_KEYS)?;
    let mut limits = Limits::default();
    let most = i64::from(u32::MAX);
    let targets = [
        ("rivals_max", &mut limits.rivals_max, 1..=65_535),
        ("regret_nodes_max", &mut limits.regret_nodes_max, 0..=65_535),
        ("comparisons_max", &mut limits.comparisons_max, 1..=most),
        ("nearest_max", &mut limits.nearest_max, 4..=65_535),
        ("cluster_max", &mut limits.cluster_max, 2..=most),
        ("issues_max", &mut limits.issues_max, 0..=most),
    ];
    for (key, target, range) in targets {
        if let Some(number) = table.get(key).and_then(|at| report.whole(&at, &range))
            && let Ok(number) = u32::try_from(number)
        {
            *target = number;
        }
    }
    Some(limits)
}

impl Context {
    /// Notes a calendar that isn't there.
    fn calendar(&self, report: &mut Report, at: &Cursor<'_>) -> Option<String> {
        let name = report.name(at)?;
        if !self.calendars.contains(&name) && !report.is_full() {
            let nearest = nearest_name(&name, self.calendars.iter().map(String::as_str));
            let expected = match self.calendars.as_slice() {
                [] => "a calendar, and the spec has none: add a table [calendars.NAME]".to_owned(),
                names => {
                    let more = if names.len() > 8 { ", …" } else { "" };
                    let first: Vec<_> = names.iter().take(8).map(String::as_str).collect();
                    format!("one of the calendars {}{more}", first.join(", "))
                }
            };
            let mistake = Mistake::new(codes::UNKNOWN_CALENDAR, &at.path, quoted(&name), expected);
            report.push(mistake.nearest(nearest).at(at.node.position));
        }
        Some(name)
    }
}

/// Every key that means something somewhere, for the test against the schema.
#[cfg(test)]
pub(super) fn all_keys() -> Vec<&'static str> {
    [
        SPEC_KEYS,
        DEFAULTS_KEYS,
        TIE_OUT_KEYS,
        CALENDAR_KEYS,
        LIMITS_KEYS,
        source::SOURCE_KEYS,
        source::READ_KEYS,
        source::FILTER_KEYS,
        table::TABLE_KEYS,
        field::LOOKUP_KEYS,
        field::FIELD_KEYS,
        field::CELL_KEYS,
        pass::PASS_KEYS,
        pass::SUM_KEYS,
        pass::GROUP_BY_KEYS,
        fee::FEE_KEYS,
        fee::TIER_KEYS,
        fee::CONVERT_KEYS,
        condition::CONDITION_KEYS,
        levels::LEVEL_KEYS,
        compare::COMPARE_KEYS,
        decision::FILES_KEYS,
        decision::DECISION_KEYS,
        decision::RECORD_KEYS,
        Keys { known: &["larger"], later: &[] },
    ]
    .iter()
    .flat_map(|keys| keys.known.iter().copied())
    .collect()
}
