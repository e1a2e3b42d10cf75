//! A [`Spec`] as JSON, canonical: one order of keys, defaults left out, numbers as the shortest text.
//!
//! Everything a spec can hold is written, valid or not, because [`Spec::check`] judges what is written here.

use super::decode::{day_text, seconds_text, weekday_names};
use super::{
    Ambiguous, AsOf, BalancesSpec, CalendarSpec, Cardinality, CellSource, CellSpec, Condition, Conditions,
    ConvertSpec, DEFAULT_MIN_LENGTH, DayRange, DecisionSpec, DecisionsSpec, FeeBase, FeePer, FeeSpec,
    FeeTier, FieldSpec, FilterSpec, FilterTest, GroupBy, Level, LookupSpec, Negative, PassSpec, Ragged,
    ReadSpec, RecordName, Rounding, Score, Sign, SourceSpec, Spec, Status, SumSpec, TableSpec, Test,
    TieOutSpec, Tolerance,
};
use crate::limits::Limits;
use crate::money::Number;
use crate::plan::Side;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A table under construction.
#[derive(Default)]
struct Table(Map<String, Value>);

impl Table {
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    fn put_some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn put_filled(&mut self, key: &str, value: Value) {
        let empty = match &value {
            Value::Array(items) => items.is_empty(),
            Value::Object(entries) => entries.is_empty(),
            _ => false,
        };
        if !empty {
            self.put(key, value);
        }
    }

    fn put_true(&mut self, key: &str, flag: bool) {
        if flag {
            self.put(key, true);
        }
    }

    fn finish(self) -> Value {
        Value::Object(self.0)
    }
}

/// The whole spec.
pub(super) fn spec(spec: &Spec) -> Value {
    let mut table = Table::default();
    table.put("version", 1);
    if spec.one_source {
        table.put("source", source(&spec.left));
    } else {
        table.put_filled("left", source(&spec.left));
        table.put_filled("right", source(&spec.right));
    }
    let field = |one: &FieldSpec| field(one, spec.one_source);
    table.put_filled("fields", named(&spec.fields, field));
    if !spec.defaults.is_empty() {
        let mut defaults = Table::default();
        defaults.put("on", list(&spec.defaults, condition));
        table.put("defaults", defaults.finish());
    }
    let amount = spec.tie_out.as_ref().and_then(|tie_out| tie_out.amount.as_deref()).unwrap_or("amount");
    table.put("pass", list(&spec.passes, |one| pass(one, amount)));
    let names_alone = spec.compare.iter().all(|one| *one == Condition::equality(one.left.as_str()));
    table.put_filled("compare", list(&spec.compare, if names_alone { condition } else { compared }));
    table.put_some("tie_out", spec.tie_out.as_ref().map(tie_out));
    table.put_filled("carry", list(&spec.carry, text));
    table.put_some("as_of", spec.as_of.map(day_text));
    match spec.open_items.as_slice() {
        [] => {}
        [only] => table.put("open_items", only.as_str()),
        all => table.put("open_items", list(all, text)),
    }
    table.put_some("balances", spec.balances.as_ref().map(balances));
    table.put_true("strict", spec.strict);
    table.put_filled("calendars", named(&spec.calendars, calendar));
    table.put_filled("limits", limits(&spec.limits));
    table.put_filled("decisions", decisions(&spec.decisions));
    table.put_filled("tables", named(&spec.tables, third_table));
    table.finish()
}

fn list<T>(items: &[T], write: impl FnMut(&T) -> Value) -> Value {
    Value::Array(items.iter().map(write).collect())
}

fn named<T>(items: &BTreeMap<String, T>, write: impl Fn(&T) -> Value) -> Value {
    Value::Object(items.iter().map(|(name, item)| (name.clone(), write(item))).collect())
}

fn text(text: &impl AsRef<str>) -> Value {
    Value::from(text.as_ref())
}

/// The shortest text of a number: `0.50` and `5e-1` are both `0.5`.
fn number(number: Number) -> String {
    number.decimal().normalize().to_string()
}

/// The wire name of a plain enum, as serde writes it.
fn wire_name(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

fn source(source: &SourceSpec) -> Value {
    let mut table = Table::default();
    table.put_some("name", source.name.as_deref());
    put_paths(&mut table, &source.path);
    table.put_filled("read", read(&source.read));
    table.put_filled("where", list(&source.filter, filter));
    table.put_some("zone", source.zone.as_deref());
    table.put_some("cut_off", source.cut_off.map(seconds_text));
    table.finish()
}

fn read(read: &ReadSpec) -> Value {
    let mut table = Table::default();
    table.put_some("delimiter", read.delimiter.map(String::from));
    table.put_some("decimal", read.decimal.map(String::from));
    table.put_some("thousands", read.thousands.map(String::from));
    table.put_some("currency_sign", read.currency_sign.as_deref());
    table.put_some("dates", read.dates.as_deref());
    table.put_some("encoding", read.encoding.as_deref());
    table.put_some("quote", read.quote.map(String::from));
    table.put_some("header", read.header);
    table.put_some("skip", read.skip);
    table.put_some("footer", read.footer);
    match read.ragged {
        Ragged::Unreadable => {}
        Ragged::Pad => table.put("ragged", "pad"),
        Ragged::Error => table.put("ragged", "error"),
    }
    table.put_some("sheet", read.sheet.as_deref());
    table.put_some("range", read.range.map(|range| range.to_string()));
    table.finish()
}

fn filter(filter: &FilterSpec) -> Value {
    let mut table = Table::default();
    table.put("field", filter.field.as_str());
    match &filter.test {
        FilterTest::Equals(value) => table.put("equals", value.as_str()),
        FilterTest::In(values) => table.put("in", list(values, text)),
        FilterTest::Between(from, to) => {
            table.put("between", Value::Array(vec![text(from), text(to)]));
        }
        FilterTest::Matches(expression) => table.put("matches", expression.as_str()),
        FilterTest::IsNull(null) => table.put("is_null", *null),
    }
    table.finish()
}

fn field(field: &FieldSpec, one_source: bool) -> Value {
    let plain = field.kind.is_none() && field.scale.is_none() && field.clean.is_empty();
    let left = field.left.as_ref().map(cell);
    let right = field.right.as_ref().map(cell);
    match (left, right) {
        (Some(left), Some(right)) if plain && left == right && left.is_string() => left,
        (Some(left), Some(right)) if plain && !one_source => Value::Array(vec![left, right]),
        (left, right) => {
            let mut table = Table::default();
            if left.is_none() && right.is_none() {
                // No text says this: without a side, a table means both. No column has a blank name, so it is refused.
                table.put("left", "");
            }
            if one_source {
                table.put_some("source", left);
            } else {
                table.put_some("left", left);
                table.put_some("right", right);
            }
            table.put_some("as", field.kind.map(|kind| wire_name(&kind)));
            table.put_some("scale", field.scale);
            table.put_filled("clean", list(&field.clean, wire_name));
            table.finish()
        }
    }
}

fn cell(cell: &CellSpec) -> Value {
    let mut table = Table::default();
    match &cell.from {
        CellSource::Column(column) => table.put("column", column.as_str()),
        CellSource::DebitCredit { debit, credit } => {
            table.put("debit", debit.as_str());
            table.put("credit", credit.as_str());
        }
        CellSource::Indicator { column, indicator, debit, credit } => {
            table.put("column", column.as_str());
            table.put("indicator", indicator.as_str());
            table.put("debit", list(debit, text));
            table.put("credit", list(credit, text));
        }
    }
    table.put_true("negate", cell.negate);
    table.put_some("minor", cell.minor);
    table.put_some("scale", cell.scale);
    table.put_some("dates", cell.dates.as_deref());
    table.put_some("extract", cell.extract.as_deref());
    table.put_true("all", cell.all);
    table.put_filled("clean", list(&cell.clean, wire_name));
    table.put_some("lookup", cell.lookup.as_ref().map(lookup));
    match (&cell.from, table.0.len()) {
        (CellSource::Column(column), 1) => Value::from(column.as_str()),
        _ => table.finish(),
    }
}

fn lookup(lookup: &LookupSpec) -> Value {
    let mut table = Table::default();
    table.put("table", lookup.table.as_str());
    table.put("key", lookup.key.as_str());
    table.put("column", lookup.column.as_str());
    table.put_filled("where", named(&lookup.only, text));
    if let Some(AsOf { date, at, days }) = &lookup.as_of {
        table.put("date", date.as_str());
        table.put("at", at.as_str());
        table.put("days", *days);
    }
    table.finish()
}

fn third_table(spec: &TableSpec) -> Value {
    let mut table = Table::default();
    put_paths(&mut table, &spec.path);
    table.put_filled("read", read(&spec.read));
    table.finish()
}

fn put_paths(table: &mut Table, paths: &[String]) {
    match paths {
        [] => {}
        [only] => table.put("path", only.as_str()),
        all => table.put("path", list(all, text)),
    }
}

fn pass(pass: &PassSpec, amount: &str) -> Value {
    let mut table = Table::default();
    table.put_some("name", pass.name.as_deref());
    if pass.cardinality != Cardinality::OneToOne {
        table.put("cardinality", pass.cardinality.name());
    }
    table.put_filled("on", list(&pass.on, condition));
    if let Some(by) = &pass.group_by {
        table.put("group_by", group_by(by, pass.cardinality));
    }
    if let Some(sum) = &pass.sum {
        table.put("sum", summed(sum, amount));
    }
    if pass.conditions == Conditions::After {
        table.put("conditions", "after");
    }
    table.put_true("partial", pass.partial);
    table.put_some("status", pass.status.map(Status::name));
    table.put_some("propose_below", pass.propose_below.map(number));
    match pass.ambiguous {
        Ambiguous::Propose => {}
        Ambiguous::Leave => table.put("ambiguous", "leave"),
        Ambiguous::Match => table.put("ambiguous", "match"),
    }
    table.put_some("floor", pass.floor.map(number));
    table.put_some("margin", pass.margin.map(number));
    if pass.score == Score::Probability {
        table.put("score", "probability");
    }
    table.put_some("prior", pass.prior.map(number));
    table.finish()
}

/// Fields of the one side that is grouped, or of both where they are the same; else a table.
fn group_by(by: &GroupBy, cardinality: Cardinality) -> Value {
    let one_or_list = |names: &[String]| match names {
        [one] => Value::from(one.as_str()),
        names => list(names, text),
    };
    match cardinality {
        Cardinality::OneToMany => one_or_list(&by.right),
        Cardinality::ManyToOne => one_or_list(&by.left),
        _ if by.left == by.right => one_or_list(&by.left),
        _ => {
            let mut table = Table::default();
            table.put("left", one_or_list(&by.left));
            table.put("right", one_or_list(&by.right));
            table.finish()
        }
    }
}

fn summed(sum: &SumSpec, amount: &str) -> Value {
    let mut table = Table::default();
    match &sum.fields {
        None => table.put("field", amount),
        Some((left, right)) if left == right => table.put("field", left.as_str()),
        Some((left, right)) => {
            table.put("left", left.as_str());
            table.put("right", right.as_str());
        }
    }
    put_tolerance(&mut table, &sum.within);
    put_sign(&mut table, sum.sign);
    match sum.fee.as_slice() {
        [] => {}
        [one] => table.put("fee", fee(one)),
        several => table.put("fee", list(several, fee)),
    }
    table.put_some("convert", sum.convert.as_ref().map(convert));
    table.put_some("short_pay", sum.short_pay.as_ref().map(tolerance));
    table.put_some("discount", sum.discount.as_ref().map(tolerance));
    table.put_some("overpay", sum.overpay.as_ref().map(tolerance));
    table.put_some("paid", sum.paid.map(Side::name));
    table.finish()
}

fn convert(convert: &ConvertSpec) -> Value {
    let mut table = Table::default();
    table.put("rate", convert.rate.as_str());
    table.put_some("side", convert.side.map(Side::name));
    table.put_true("divide", convert.divide);
    table.put_some("to", convert.to.as_deref());
    if convert.per != FeePer::default() {
        table.put("per", wire_name(&convert.per));
    }
    if convert.round != Rounding::default() {
        table.put("round", wire_name(&convert.round));
    }
    table.put_some("digits", convert.digits);
    table.finish()
}

fn fee(fee: &FeeSpec) -> Value {
    let mut table = Table::default();
    table.put_some("percent", fee.percent.map(number));
    table.put_some("fixed", fee.fixed.map(number));
    table.put_filled("tiers", list(&fee.tiers, tier));
    if fee.per != FeePer::default() {
        table.put("per", wire_name(&fee.per));
    }
    table.put_some("side", fee.side.map(Side::name));
    if fee.of != FeeBase::default() {
        table.put("of", wire_name(&fee.of));
    }
    if fee.round != Rounding::default() {
        table.put("round", wire_name(&fee.round));
    }
    table.put_some("digits", fee.digits);
    if fee.negative != Negative::default() {
        table.put("negative", wire_name(&fee.negative));
    }
    table.finish()
}

fn tier(tier: &FeeTier) -> Value {
    let mut table = Table::default();
    table.put_some("up_to", tier.up_to.map(number));
    table.put_some("percent", tier.percent.map(number));
    table.put_some("fixed", tier.fixed.map(number));
    table.finish()
}

fn condition(condition: &Condition) -> Value {
    if *condition == Condition::equality(condition.left.as_str()) {
        return Value::from(condition.left.as_str());
    }
    let mut table = Table::default();
    if condition.left == condition.right {
        table.put("field", condition.left.as_str());
    } else {
        table.put("left", condition.left.as_str());
        table.put("right", condition.right.as_str());
    }
    put_test(&mut table, &condition.test);
    if condition.nulls_equal {
        table.put("nulls", "equal");
    }
    if condition.required == condition.test.is_levels() {
        table.put("required", condition.required);
    }
    table.put_some("weight", condition.weight.map(number));
    table.finish()
}

/// A field that is compared inside groups, as a table: where one needs a table all get one, so that TOML has a block for each.
fn compared(compared: &Condition) -> Value {
    match condition(compared) {
        Value::Object(mut table) => {
            table.remove("equals");
            Value::Object(table)
        }
        name => Value::Object(Map::from_iter([("field".to_owned(), name)])),
    }
}

fn put_test(table: &mut Table, test: &Test) {
    match test {
        Test::Equals => table.put("equals", true),
        Test::Within(tolerance, sign) => {
            put_tolerance(table, tolerance);
            put_sign(table, *sign);
        }
        Test::Days(range) => table.put("days", day_range(*range)),
        Test::BusinessDays(range, calendar) => {
            table.put("business_days", day_range(*range));
            table.put("calendar", calendar.as_str());
        }
        Test::Similar(measure, at_least) => {
            table.put("similar", wire_name(measure));
            table.put("at_least", number(*at_least));
        }
        Test::Occurs(occurs) => {
            table.put("occurs", occurs.direction.name());
            if occurs.min_length != DEFAULT_MIN_LENGTH {
                table.put("min_length", occurs.min_length);
            }
        }
        Test::Slip(slips) => table.put("slip", list(slips, wire_name)),
        Test::Levels(levels) => {
            table.put("levels", list(&levels.levels, level));
            table.put_some("otherwise", levels.otherwise.map(number));
            table.put_some("null", Some(levels.null).filter(|null| *null != Number::default()).map(number));
        }
    }
}

fn put_sign(table: &mut Table, sign: Sign) {
    match sign {
        Sign::Same => {}
        Sign::Opposite => table.put("sign", "opposite"),
        Sign::Ignore => table.put("sign", "ignore"),
    }
}

fn level(level: &Level) -> Value {
    let mut table = Table::default();
    put_test(&mut table, &level.test);
    table.put("bits", number(level.bits));
    table.put_true("frequency", level.frequency);
    table.finish()
}

fn put_tolerance(table: &mut Table, within: &Tolerance) {
    table.put("within", tolerance(within));
    table.put_some("of", within.of.map(Side::name));
}

fn tolerance(tolerance: &Tolerance) -> Value {
    let absolute = tolerance.absolute.map(|part| Value::from(number(part)));
    let percent = tolerance.percent.map(|part| Value::from(format!("{}%", number(part))));
    let mut parts: Vec<_> = absolute.into_iter().chain(percent).collect();
    let parts = match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => Value::Array(parts.into_iter().chain(last).collect()),
    };
    if tolerance.larger {
        let mut larger = Table::default();
        larger.put("larger", parts);
        larger.finish()
    } else {
        parts
    }
}

fn day_range(range: DayRange) -> Value {
    if range.to >= 0 && range.from == -range.to {
        return Value::from(range.to);
    }
    Value::Array(vec![Value::from(range.from), Value::from(range.to)])
}

fn tie_out(tie_out: &TieOutSpec) -> Value {
    let mut table = Table::default();
    match &tie_out.amount {
        Some(amount) => table.put("amount", amount.as_str()),
        None => table.put("amount", false),
    }
    table.put("by", list(&tie_out.by, text));
    table.finish()
}

fn balances(balances: &BalancesSpec) -> Value {
    let cells = |cell: &BTreeMap<String, String>| {
        Value::Object(cell.iter().map(|(name, value)| (name.clone(), text(value))).collect())
    };
    match balances {
        BalancesSpec::Paths(paths) => match paths.as_slice() {
            [only] => Value::from(only.as_str()),
            all => list(all, text),
        },
        BalancesSpec::Inline(all) => list(all, cells),
    }
}

fn calendar(calendar: &CalendarSpec) -> Value {
    let mut table = Table::default();
    if calendar.weekend != CalendarSpec::default().weekend {
        let names = weekday_names();
        let name = |day: &u8| match names.get(usize::from(*day)) {
            Some(name) => Value::from(*name),
            None => Value::from(format!("weekday {day}")),
        };
        table.put("weekend", list(&calendar.weekend, name));
    }
    table.put_filled("holidays", list(&calendar.holidays, |day| Value::from(day_text(*day))));
    table.finish()
}

fn decisions(decisions: &DecisionsSpec) -> Value {
    match decisions {
        DecisionsSpec::Listed(all) => list(all, decision),
        DecisionsSpec::Files { path, swapped } => {
            let path = match path.as_slice() {
                [only] => Value::from(only.as_str()),
                all => list(all, text),
            };
            if !swapped {
                return path;
            }
            let mut table = Table::default();
            table.put("path", path);
            table.put("swapped", true);
            table.finish()
        }
    }
}

fn decision(decision: &DecisionSpec) -> Value {
    let mut table = Table::default();
    table.put_some("decision", decision.label.as_deref());
    table.put("kind", decision.kind.name());
    table.put_filled("left", list(&decision.left, record));
    table.put_filled("right", list(&decision.right, record));
    table.finish()
}

fn record(record: &RecordName) -> Value {
    let RecordName { id, occurrence, row, was } = record;
    if let (Some(id), None, None, true) = (id, occurrence, row, was.is_empty()) {
        return Value::from(id.as_str());
    }
    let mut table = Table::default();
    table.put_some("id", id.as_deref());
    table.put_some("occurrence", *occurrence);
    table.put_some("row", *row);
    table.put_filled("was", named(was, |value| Value::from(value.as_str())));
    table.finish()
}

fn limits(limits: &Limits) -> Value {
    let Limits { rivals_max, regret_nodes_max, comparisons_max, nearest_max, cluster_max, issues_max } =
        *limits;
    let defaults = Limits::default();
    let mut table = Table::default();
    for (key, value, default) in [
        ("rivals_max", rivals_max, defaults.rivals_max),
        ("regret_nodes_max", regret_nodes_max, defaults.regret_nodes_max),
        ("comparisons_max", comparisons_max, defaults.comparisons_max),
        ("nearest_max", nearest_max, defaults.nearest_max),
        ("cluster_max", cluster_max, defaults.cluster_max),
        ("issues_max", issues_max, defaults.issues_max),
    ] {
        if value != default {
            table.put(key, value);
        }
    }
    table.finish()
}
