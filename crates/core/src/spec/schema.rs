//! The spec's JSON Schema, generated from flat types that say what may be written and what it means.
//!
//! Nothing is ever decoded into these types: decoding goes from a tree to the model, to report every mistake. A
//! test holds the decoder's keys and these types together.
#![expect(dead_code, reason = "the types are read by the schema generator, never built")]
#![expect(clippy::struct_field_names, reason = "fields have the names of a spec's keys")]

mod compare;
mod decisions;
mod groups;
mod levels;
mod third;

use super::{Clean, FieldKind, Measure, Ragged, Slip};
use compare::Compare;
use groups::{GroupBy, Sum, WireConditions};
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The JSON Schema of a spec as indented JSON: draft 2020-12, closed (unknown keys are invalid), every key described.
///
/// It says all that can be said of one value alone. Rules between values (a calendar that is named must exist, an
/// expression must compile) are checked when a spec is decoded.
///
/// ```
/// let schema = recon378_core::spec::json_schema();
/// assert!(schema.contains("https://json-schema.org/draft/2020-12/schema"));
/// ```
#[must_use]
pub fn json_schema() -> String {
    format!("{:#}\n", schema_value())
}

/// The schema as a tree.
pub(super) fn schema_value() -> Value {
    let mut schema = schemars::schema_for!(WireSpec);
    whole_numbers_may_be_text(&mut schema);
    schema.insert("$id".to_owned(), "https://github.com/recon378/recon378/docs/spec/schema.json".into());
    schema.to_value()
}

/// Numbers of a spec may be written as text, whole ones too.
fn whole_numbers_may_be_text(schema: &mut Schema) {
    transform_subschemas(&mut whole_numbers_may_be_text, schema);
    let Some(types) = schema.get_mut("type") else { return };
    let mut names = match types.take() {
        Value::Array(names) => names,
        name => vec![name],
    };
    let whole = names.contains(&Value::from("integer"));
    if whole {
        names.insert(1, Value::from("string"));
    }
    *types = if names.len() == 1 { names.swap_remove(0) } else { Value::Array(names) };
    if whole {
        schema.insert("pattern".to_owned(), "^-?[0-9]{1,18}$".into());
        // What schemars adds to Rust's integers means nothing elsewhere.
        schema.remove("format");
    }
}

/// A decimal: a number, or text with the same digits.
#[derive(Serialize)]
struct Decimal(String);

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A decimal of at most 28 digits, exact: a number, or text with the same digits.",
            "type": ["number", "string"],
            "pattern": "^-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]{1,3})?$",
        })
    }
}

/// A decimal from 0 to 1.
#[derive(Serialize)]
struct Share(String);

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A decimal from 0 to 1 with at most 6 digits after the point: a number, or text.",
            "type": ["number", "string"],
            "minimum": 0,
            "maximum": 1,
            "pattern": "^(0|1|0\\.[0-9]+|1\\.0+)$",
        })
    }
}

/// One part of a tolerance.
#[derive(Serialize)]
struct Part(String);

impl JsonSchema for Part {
    fn schema_name() -> Cow<'static, str> {
        "TolerancePart".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "One part of a tolerance: in the amount's unit (\"0.05\" or 0.05), or in percent (\"0.5%\").",
            "type": ["number", "string"],
            "minimum": 0,
            "pattern": "^[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]{1,3})?( *%)?$",
        })
    }
}

/// A whole number of days.
#[derive(Serialize)]
struct DayCount(i32);

impl JsonSchema for DayCount {
    fn schema_name() -> Cow<'static, str> {
        "Days".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A range of days, right - left, inclusive: [least, most], or one number n for [-n, n].",
            "oneOf": [
                { "type": "integer", "minimum": 0, "maximum": 100_000 },
                {
                    "type": "array",
                    "items": { "type": "integer", "minimum": -100_000, "maximum": 100_000 },
                    "minItems": 2,
                    "maxItems": 2,
                },
            ],
        })
    }
}

/// A cell's value.
#[derive(Serialize)]
struct Scalar(String);

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A cell's value: text, or a number or a flag that stands for its text.",
            "type": ["string", "number", "boolean"],
        })
    }
}

/// `false`, for: none.
#[derive(Serialize)]
struct No;

impl JsonSchema for No {
    fn schema_name() -> Cow<'static, str> {
        "No".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": false })
    }
}

/// `true`.
#[derive(Serialize)]
struct Yes;

impl JsonSchema for Yes {
    fn schema_name() -> Cow<'static, str> {
        "Yes".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": true })
    }
}

/// Exactly one of the variants, not at least one: closed tables with a key of their own exclude each other.
fn exactly_one(schema: &mut Schema) {
    if let Some(variants) = schema.remove("anyOf") {
        schema.insert("oneOf".to_owned(), variants);
    }
}

/// Either `field`, or `left` and `right`.
fn names_its_fields(schema: &mut Schema) {
    let text = serde_json::json!({ "type": "string" });
    let absent = serde_json::json!({ "type": "null" });
    let sides = serde_json::json!([
        { "required": ["field"], "properties": { "field": text, "left": absent, "right": absent } },
        { "required": ["left", "right"], "properties": { "field": absent, "left": text, "right": text } },
    ]);
    schema.insert("oneOf".to_owned(), sides);
}

/// What to reconcile: two sources, their fields, and the passes that match them; or one source with its duplicates.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Spec", title = "recon378 spec")]
struct WireSpec {
    /// Version of this format. Default 1, the only one there is.
    #[schemars(range(min = 1, max = 1))]
    version: Option<u32>,
    /// The only source, instead of `left` and `right`, of a spec that looks for duplicates: its passes have the
    /// `cardinality` "cluster".
    source: Option<Source>,
    /// The left source.
    left: Option<Source>,
    /// The right source.
    right: Option<Source>,
    /// Logical fields by name: a column of the same name on both sides, `[left, right]`, or a table. `amount`,
    /// `currency`, `date` and `id` have a meaning of their own. A column that exists under one name on both sides
    /// needs no entry.
    fields: Option<BTreeMap<String, Field>>,
    /// What stands before every pass's own.
    defaults: Option<Defaults>,
    /// The matching steps, in order, each over the records that earlier ones left open.
    #[schemars(length(min = 1, max = 1000))]
    pass: Vec<Pass>,
    /// What is checked inside groups, and reported in the table `differences`. Default: nothing.
    compare: Option<Vec<Compare>>,
    /// What totals are tied out, by which cells. Default: `amount` by `currency`, where they are mapped.
    tie_out: Option<TieOut>,
    /// Fields to carry into the table `pairs`, from both sides. Default: none.
    carry: Option<Vec<Name>>,
    /// Calendars by name, for `business_days`.
    calendars: Option<BTreeMap<String, Calendar>>,
    /// The day to which `age_days` of open records are counted, such as "2026-01-31". Default: ages are null.
    as_of: Option<Date>,
    /// The table or tables `open_items` of an earlier outcome: records that enter this run behind those of their
    /// source. Default: none.
    open_items: Option<OneOrMore>,
    /// Opening and closing balances per cell of the tie-out: a table or tables, or a list of them. Default: none,
    /// nothing is proved.
    balances: Option<Balances>,
    /// Whether the first unreadable cell is an error. Default false: it is an issue, and the record goes on or
    /// becomes a break.
    strict: Option<bool>,
    /// Bounds on work. Reaching one is named in the outcome.
    limits: Option<WireLimits>,
    /// What persons decided about an earlier outcome, applied before the first pass. Default: nothing.
    decisions: Option<decisions::Decisions>,
    /// Third tables by name, beside the two sources, for `lookup`. Default: none.
    tables: Option<BTreeMap<String, third::Table>>,
}

/// A name: not blank, without control characters.
#[derive(Serialize)]
struct Name(String);

impl JsonSchema for Name {
    fn schema_name() -> Cow<'static, str> {
        "Name".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A name: not blank, without control characters.",
            "type": "string",
            "minLength": 1,
            "maxLength": 1000,
            "pattern": "\\S",
        })
    }
}

/// A day.
#[derive(Serialize)]
struct Date(String);

impl JsonSchema for Date {
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A day of the calendar, such as \"2026-01-31\".",
            "type": "string",
            "format": "date",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        })
    }
}

/// One of the two sources.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Source {
    /// Its user-facing name. Default: `left`, `right`, `source`.
    name: Option<Name>,
    /// Its file or files, in order. Absent when tables are passed in memory.
    path: Option<OneOrMore>,
    /// How its text is written.
    read: Option<Read>,
    /// Records that take part: all tests must hold. The others are excluded, counted and totalled. Default: all.
    #[serde(rename = "where")]
    filter: Option<Vec<Filter>>,
    /// IANA time zone to which zoned timestamps are converted before their day is taken. Default: the column's own.
    zone: Option<Name>,
    /// Time of day, such as "17:00", from which a timestamp counts as the next day. Default: none.
    #[schemars(regex(pattern = r"^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"))]
    cut_off: Option<String>,
}

/// Balances, in tables or written down.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
enum Balances {
    /// A table's path.
    Table(Name),
    /// Paths of tables, in order.
    Tables(Vec<Name>),
    /// Per cell, the values of its fields, and what is known of `left_opening`, `left_closing`, `right_opening`,
    /// `right_closing`: plain decimals.
    Written(#[schemars(length(min = 1))] Vec<BTreeMap<String, Option<Scalar>>>),
}

/// One name, or a list of them.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
enum OneOrMore {
    /// One.
    One(Name),
    /// Some, in order.
    More(Vec<Name>),
}

/// How a source's text is written.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Read {
    /// CSV delimiter, one ASCII character. Default: detected among comma, semicolon, tab and bar.
    #[schemars(length(min = 1, max = 1))]
    delimiter: Option<String>,
    /// Decimal mark of amounts in text. Default ".".
    #[schemars(length(min = 1, max = 1))]
    decimal: Option<String>,
    /// Thousands separator of amounts in text. Default: none.
    #[schemars(length(min = 1, max = 1))]
    thousands: Option<String>,
    /// Currency sign that amounts in text may have before or behind them, such as "$" or "EUR": at most 8 characters, no
    /// digit, sign or parenthesis. Another sign makes an amount unreadable. Default: none.
    #[schemars(length(min = 1, max = 8))]
    currency_sign: Option<String>,
    /// strftime format of dates in text, such as "%d.%m.%Y". Default: ISO 8601, with or without a time.
    dates: Option<Name>,
    /// Encoding of text files by its WHATWG label, such as "windows-1252". Default: UTF-8, with or without a byte
    /// order mark.
    encoding: Option<Name>,
    /// CSV quote, one ASCII character. Default: the double quote.
    #[schemars(length(min = 1, max = 1))]
    quote: Option<String>,
    /// Whether the first line names the columns. Default true; else they are `column_1`, `column_2`, ….
    header: Option<bool>,
    /// Lines to skip before the header, rows of a sheet. Default: 0 of a sheet, of CSV those that plainly are no part of
    /// the table.
    #[schemars(range(min = 0, max = 1_000_000))]
    skip: Option<u32>,
    /// Rows to leave out at the end of each CSV file or sheet. Default 0.
    #[schemars(range(min = 0, max = 1_000))]
    footer: Option<u32>,
    /// What becomes of a row of CSV with more or fewer cells than the header: its record is "unreadable" (the default);
    /// "pad" takes cells that are missing at its end as empty; "error" stops the run.
    ragged: Option<Ragged>,
    /// Sheet of a workbook. Default: its only visible one.
    sheet: Option<Name>,
    /// Range of the sheet, such as "B3:F200", or "B:F" for whole columns. Default: all of it.
    range: Option<Name>,
}

/// A test on one field or column of the source, with exactly one of `equals`, `in`, `between`, `matches`,
/// `is_null`. A null passes only `is_null = true`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
enum Filter {
    /// Equal to one value.
    Equals(EqualsFilter),
    /// Equal to one of several values.
    In(InFilter),
    /// Between two values.
    Between(BetweenFilter),
    /// Found by a regular expression.
    Matches(MatchesFilter),
    /// Null or not.
    IsNull(IsNullFilter),
}

macro_rules! filters {
    ($($(#[$doc:meta])* $name:ident { $($body:tt)* })*) => {$(
        $(#[$doc])*
        #[derive(Serialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        struct $name {
            /// The field, or else the column of this source, that is tested.
            field: Name,
            $($body)*
        }
    )*};
}

filters! {
    /// Keeps records with one value.
    EqualsFilter {
        /// The value.
        equals: Scalar,
    }
    /// Keeps records with one of several values.
    InFilter {
        /// The values.
        #[serde(rename = "in")]
        #[schemars(length(min = 1))]
        values: Vec<Scalar>,
    }
    /// Keeps records between two values, inclusive: amounts and integers by value, dates by day, text by bytes.
    BetweenFilter {
        /// The least and the most.
        between: [Scalar; 2],
    }
    /// Keeps records in whose text a regular expression finds something.
    MatchesFilter {
        /// The regular expression (Rust's `regex` syntax, unanchored).
        #[schemars(length(min = 1, max = 4096))]
        matches: String,
    }
    /// Keeps records without, or with, a value.
    IsNullFilter {
        /// true: the cell must be null (or empty). false: it must not.
        is_null: bool,
    }
}

/// A logical field: the column of the same name on both sides, `[left, right]`, or the long form.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
enum Field {
    /// The same column on both sides.
    Same(Name),
    /// The left and the right column.
    Pair(Box<[Cell; 2]>),
    /// The long form.
    Long(Box<LongField>),
}

/// A field with its reading rules. Without `left` and `right` it is the column of its own name on both sides; with
/// one of them it is a field of that side only, for conditions that name it.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LongField {
    /// Where its cells come from, in a spec with one source. Default: the column of its own name.
    source: Option<Cell>,
    /// Where its cells come from on the left.
    left: Option<Cell>,
    /// Where its cells come from on the right.
    right: Option<Cell>,
    /// What its cells mean. Default: `amount`, `date`, `currency` and `id` mean themselves; others by use, else by
    /// the column's type, else text.
    #[serde(rename = "as")]
    kind: Option<WireKind>,
    /// Digits after the point of amounts, 0 to 18. Text and decimals with more are unreadable; doubles are rounded
    /// to it and counted. Default: decimals keep theirs, integers have 0, text has the most found in the column.
    #[schemars(range(min = 0, max = 18))]
    scale: Option<u8>,
    /// Cleaning of text on both sides, in order, before a side's own. Default: none.
    #[schemars(length(max = 32))]
    clean: Option<Vec<Clean>>,
}

/// What the cells of a field mean.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Kind")]
enum WireKind {
    /// A kind of value.
    Kind(FieldKind),
    /// Kinds of text.
    Text(TextKind),
}

/// Kinds of text.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum TextKind {
    /// A currency code: text.
    Currency,
    /// A record's identity: text.
    Id,
}

/// Where one side's cells of a field come from: a column's name, or a table.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
enum Cell {
    /// A column.
    Name(Name),
    /// A column with reading rules.
    Column(ColumnCell),
    /// An amount in two columns.
    DebitCredit(DebitCreditCell),
    /// An unsigned amount and a column that says which way it goes.
    Indicator(IndicatorCell),
}

/// One column with reading rules.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ColumnCell {
    /// The column.
    column: Name,
    /// Whether the amount's sign is turned. Default false.
    negate: Option<bool>,
    /// Integers count units of 10^-minor: 2 for cents. Amounts only. Default 0.
    #[schemars(range(min = 0, max = 18))]
    minor: Option<u8>,
    /// Digits after the point on this side; overrides the field's.
    #[schemars(range(min = 0, max = 18))]
    scale: Option<u8>,
    /// strftime format of this column's dates; overrides the source's.
    dates: Option<Name>,
    /// Regular expression on the text: the first match's group 1, or the whole match. No match is null.
    #[schemars(length(min = 1, max = 4096))]
    extract: Option<String>,
    /// Cleaning of text on this side, in order, after the field's. Default: none.
    #[schemars(length(max = 32))]
    clean: Option<Vec<Clean>>,
    /// Whether every match of `extract` is a value, not only the first: the field then has many values per record, and
    /// equality means "shares a value". Default false.
    all: Option<bool>,
    /// Where the values stand: the cell's text is a key into a third table, whose column has the field's values, many
    /// per record. Default: the cell is the value.
    lookup: Option<third::Lookup>,
}

/// An amount in two columns: credit - debit. At most one of them is filled; a zero counts as empty.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DebitCreditCell {
    /// The column of debits, counted negative.
    debit: Name,
    /// The column of credits, counted positive.
    credit: Name,
    /// Whether the amount's sign is turned. Default false.
    negate: Option<bool>,
    /// Integers count units of 10^-minor: 2 for cents. Default 0.
    #[schemars(range(min = 0, max = 18))]
    minor: Option<u8>,
    /// Digits after the point on this side; overrides the field's.
    #[schemars(range(min = 0, max = 18))]
    scale: Option<u8>,
}

/// An unsigned amount and a column that says which way it goes.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct IndicatorCell {
    /// The column of the amount.
    column: Name,
    /// The column that says which way it goes.
    indicator: Name,
    /// Values that mean debit (negative), compared after trimming, case-sensitive.
    debit: OneOrSome,
    /// Values that mean credit (positive). Any other value makes the amount unreadable.
    credit: OneOrSome,
    /// Whether the amount's sign is turned. Default false.
    negate: Option<bool>,
    /// Integers count units of 10^-minor: 2 for cents. Default 0.
    #[schemars(range(min = 0, max = 18))]
    minor: Option<u8>,
    /// Digits after the point on this side; overrides the field's.
    #[schemars(range(min = 0, max = 18))]
    scale: Option<u8>,
}

/// One value, or a list that is not empty.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
enum OneOrSome {
    /// One.
    One(Name),
    /// Some.
    Some(#[schemars(length(min = 1))] Vec<Name>),
}

/// What stands before every pass's own.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Defaults {
    /// Conditions that stand before every pass's own. Default: none.
    on: Option<On>,
}

/// Conditions: a list, or the names of fields that must be equal, with commas between them.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
enum On {
    /// Names of fields that must be equal, with commas between them.
    Names(Name),
    /// Conditions.
    Conditions(#[schemars(length(max = 64))] Vec<Condition>),
}

/// One matching step.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Pass {
    /// Its name, unique in the spec. Default: the fields of its conditions, joined by " + ".
    name: Option<Name>,
    /// How many records a group has on each side. Default "1:1".
    cardinality: Option<WireCardinality>,
    /// Its own conditions, after the defaults.
    on: Option<On>,
    /// The fields by which the records of a side that has many are taken as one: those with equal values, inside the
    /// equalities of `on`. A record in which one of them is null is in no group. Default: every record stands for itself.
    group_by: Option<GroupBy>,
    /// What the amounts of a group sum up to. Default: in a `same_side` pass exactly zero; in others sums are not compared.
    sum: Option<Sum>,
    /// With `group_by`: which records the conditions of `on` are asked of. Default "before".
    conditions: Option<WireConditions>,
    /// Status of what it finds. Default "matched" ("proposed" with a required `slip`).
    status: Option<WireStatus>,
    /// Groups with a lower score are proposed. Default 0: none.
    propose_below: Option<Share>,
    /// What happens to records that are tied in substance. Default "propose".
    ambiguous: Option<WireAmbiguous>,
    /// Score from which a candidate gains more than the least. A pair whose probability is lower is none. Default 0.5.
    floor: Option<Share>,
    /// Matches whose regret is up to this are ambiguous. Default 0: only true ties are.
    margin: Option<Share>,
    /// One record of a group is taken in part where the sums don't agree: what is left of it stays open. With `sum`, of what is
    /// tied out, without fees, conversion or payments. Default false.
    partial: Option<bool>,
    /// What its score is. Default "grades".
    score: Option<levels::Score>,
    /// The probability that two records of one block belong together. With `score` "probability" only.
    prior: Option<levels::Prior>,
}

/// How many records a group has on each side.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Cardinality")]
enum WireCardinality {
    /// One of each side.
    #[serde(rename = "1:1")]
    OneToOne,
    /// One on the left, any number on the right: taken as one by `group_by`, or each for itself to its best.
    #[serde(rename = "1:n")]
    OneToMany,
    /// Any number on the left, one on the right: taken as one by `group_by`, or each for itself to its best.
    #[serde(rename = "n:1")]
    ManyToOne,
    /// Any number of either, taken as one by `group_by`.
    #[serde(rename = "n:m")]
    ManyToMany,
    /// Two of one side that net to zero.
    #[serde(rename = "same_side")]
    SameSide,
    /// Any number of the only source: all that are near each other, one by one. With `source` only.
    #[serde(rename = "cluster")]
    Cluster,
}

/// Whether a group is final or a person decides.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Status")]
enum WireStatus {
    /// Final.
    Matched,
    /// A person decides; the group holds its records until then.
    Proposed,
}

/// What happens to records that are tied in substance.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Ambiguous")]
enum WireAmbiguous {
    /// One of the optimal answers is proposed.
    Propose,
    /// They stay open for later passes.
    Leave,
    /// One of the optimal answers is taken.
    Match,
}

/// A condition: a field's name (equality), or a table with exactly one of `equals`, `within`, `days`,
/// `business_days`, `similar`, `occurs`, `slip`, `levels`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
enum Condition {
    /// The field's values are equal.
    Name(Name),
    /// The values are equal.
    Equals(Equals),
    /// The amounts differ by at most a tolerance.
    Within(WithinTolerance),
    /// The dates are near in calendar days.
    Days(DaysApart),
    /// The dates are near in business days.
    BusinessDays(BusinessDaysApart),
    /// The texts are alike.
    Similar(Similar),
    /// One text stands in the other.
    Occurs(OccursIn),
    /// The digits differ by one slip.
    Slip(Slipped),
    /// Evidence in bits, by the first level that holds.
    Levels(levels::InLevels),
}

macro_rules! conditions {
    ($($(#[$doc:meta])* $name:ident { $($body:tt)* })*) => {$(
        $(#[$doc])*
        #[derive(Serialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[schemars(transform = names_its_fields)]
        struct $name {
            /// The field that is tested on both sides. Either this, or `left` and `right`.
            field: Option<Name>,
            /// The field that is read on the left (in a `same_side` pass: of the positive record).
            left: Option<Name>,
            /// The field that is read on the right (in a `same_side` pass: of the negative record).
            right: Option<Name>,
            $($body)*
            /// Whether a candidate must satisfy it. Default true; else it only grades.
            required: Option<bool>,
            /// Its part in the score, 0 to 1,000. Default 1, for equality 0.
            weight: Option<Decimal>,
        }
    )*};
}

conditions! {
    /// The values are equal.
    Equals {
        /// true.
        equals: Yes,
        /// "equal": two nulls are equal. Default: a null equals nothing.
        nulls: Option<WireNulls>,
    }
    /// The amounts differ by at most a tolerance, inclusive.
    WithinTolerance {
        /// The tolerance.
        within: Within,
        /// Side of which the percentage is. Default: the larger absolute amount.
        of: Option<WireSide>,
        /// How signs are compared. Default "same".
        sign: Option<WireSign>,
    }
    /// right - left in calendar days lies in a range.
    DaysApart {
        /// The range.
        days: DayCount,
    }
    /// right - left in business days lies in a range.
    BusinessDaysApart {
        /// The range.
        business_days: DayCount,
        /// The calendar, by its name in `calendars`.
        calendar: Name,
    }
    /// The texts are alike.
    Similar {
        /// The measure.
        similar: Measure,
        /// The least similarity, 0 to 1.
        at_least: Share,
    }
    /// One text stands in the other.
    OccursIn {
        /// Which text must stand in which.
        occurs: WireDirection,
        /// Values with fewer characters never occur. Default 4.
        #[schemars(range(min = 1, max = 10_000))]
        min_length: Option<u32>,
    }
    /// The digits differ by one slip.
    Slipped {
        /// The kinds of slip: "any", one, or a list.
        slip: Slips,
    }
}

/// A tolerance: one part, two parts of which the smaller allowance holds, or `larger` with two parts.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
enum Within {
    /// One part.
    One(Part),
    /// One part in the amount's unit and one in percent: the smaller allowance holds.
    Smaller([Part; 2]),
    /// The larger allowance holds.
    Larger(Larger),
}

/// Two parts of which the larger allowance holds.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Larger {
    /// One part in the amount's unit and one in percent.
    larger: [Part; 2],
}

/// How nulls are compared.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Nulls")]
enum WireNulls {
    /// Two nulls are equal.
    Equal,
}

/// A side.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Side")]
enum WireSide {
    /// The left one.
    Left,
    /// The right one.
    Right,
}

/// How signs are compared.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Sign")]
enum WireSign {
    /// Signs must agree; zero agrees with both.
    Same,
    /// Signs must be opposite; the variance is left + right.
    Opposite,
    /// Absolute values are compared.
    Ignore,
}

/// Which text must stand in which.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Direction")]
enum WireDirection {
    /// The right value stands in the left text.
    #[serde(rename = "right in left")]
    RightInLeft,
    /// The left value stands in the right text.
    #[serde(rename = "left in right")]
    LeftInRight,
    /// Either.
    #[serde(rename = "either")]
    Either,
}

/// Kinds of slip: "any", one, or a list.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
enum Slips {
    /// All kinds.
    Any(AnySlip),
    /// One kind.
    One(Slip),
    /// Some kinds.
    Some(#[schemars(length(min = 1), extend("uniqueItems" = true))] Vec<Slip>),
}

/// All kinds of slip.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum AnySlip {
    /// All kinds.
    Any,
}

/// What totals are tied out, by which cells.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TieOut {
    /// The amount field, or false to count records only. Default "amount".
    amount: Option<TieOutAmount>,
    /// Fields whose values make a cell.
    #[schemars(extend("uniqueItems" = true))]
    by: Vec<Name>,
}

/// The amount field, or false to count records only.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
enum TieOutAmount {
    /// The amount field.
    Field(Name),
    /// Records are counted only.
    None(No),
}

/// Which days are business days.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Calendar {
    /// Days of the week that are not. Default: Saturday and Sunday.
    weekend: Option<Vec<Weekday>>,
    /// Single days that are not. Default: none.
    holidays: Option<Vec<Date>>,
}

/// A day of the week.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// Bounds on work, counted per record, component or block, never in time.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Limits")]
struct WireLimits {
    /// Candidates a record keeps in one pass, best first. Default 64. A component in which one was cut is
    /// `limited`.
    #[schemars(range(min = 1, max = 65_535))]
    rivals_max: Option<u32>,
    /// Records (both sides) of a component up to which `regret` is computed. Default 64; beyond, it is null.
    #[schemars(range(min = 0, max = 65_535))]
    regret_nodes_max: Option<u32>,
    /// Candidates tested for one record in one pass. Default 20,000; beyond, its component is `limited`.
    #[schemars(range(min = 1, max = 4_294_967_295_u32))]
    comparisons_max: Option<u32>,
    /// Open records looked at for the nearest of one open record, per requirement that is left out. Default 256.
    #[schemars(range(min = 4, max = 65_535))]
    nearest_max: Option<u32>,
    /// Records of a cluster up to which it is matched. Default 1,000; beyond, it is proposed and `limited`.
    #[schemars(range(min = 2, max = 4_294_967_295_u32))]
    cluster_max: Option<u32>,
    /// Rows of `issues` kept per source and field; the rest are counted. Default 10,000.
    #[schemars(range(min = 0, max = 4_294_967_295_u32))]
    issues_max: Option<u32>,
}
