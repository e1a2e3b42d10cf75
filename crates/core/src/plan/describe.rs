//! A plan in words, for people (`recon378 check`), and as data, for programs.

use super::levels::{LevelsPlan, bits_text};
use super::model::{
    BundlePlan, ConditionPlan, FieldIndex, FieldPlan, FilterSubject, PassPlan, PaymentPlan, Plan, Side,
    TestPlan, WithinPlan,
};
use crate::money::display_units;
use crate::spec::{
    Ambiguous, AsOf, Cardinality, CellSource, CellSpec, Clean, Conditions, DayRange, Direction, FieldKind,
    FilterTest, LookupSpec, Measure, Sign, Slip,
};
use serde::Serialize;
use std::fmt::Write as _;

/// A plan as data: what each pass tests, in words, and every default as its value.
///
/// Serialise it with any serde format; key order is fixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlanView {
    /// Left, right; or the only one.
    pub sources: Vec<SourceView>,
    /// Fields the run prepares.
    pub fields: Vec<FieldView>,
    /// Passes, in order.
    pub passes: Vec<PassView>,
    /// What is compared inside groups.
    pub compare: Vec<ConditionView>,
    /// The amount that is tied out; `None`: records are only counted.
    pub tie_out_amount: Option<String>,
    /// Fields whose values make a cell of the tie-out.
    pub tie_out_by: Vec<String>,
    /// Fields carried into `pairs`.
    pub carry: Vec<String>,
}

/// A source of a [`PlanView`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SourceView {
    /// `left` or `right`.
    pub side: &'static str,
    /// Its user-facing name.
    pub name: String,
    /// What a record must hold to take part, in words.
    pub only: Vec<String>,
}

/// A field of a [`PlanView`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FieldView {
    /// Its name.
    pub name: String,
    /// What its cells mean.
    pub kind: FieldKind,
    /// Where the left cells come from, in words.
    pub left: Option<String>,
    /// Where the right cells come from, in words; where there is one source, as left.
    pub right: Option<String>,
}

/// A pass of a [`PlanView`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PassView {
    /// Its name.
    pub name: String,
    /// As specs write it.
    pub cardinality: &'static str,
    /// Sources a `same_side` pass runs on; both for others.
    pub sources: Vec<String>,
    /// Fields whose equality makes a block; `left = right` where the names differ.
    pub key: Vec<String>,
    /// The other conditions.
    pub conditions: Vec<ConditionView>,
    /// Position in `conditions` of the one that limits the candidates; `None`: the key alone does.
    pub limiter: Option<usize>,
    /// Score from which a candidate gains more than the least, as a decimal.
    pub floor: String,
    /// Matches with a regret up to this are ambiguous, as a decimal.
    pub margin: String,
    /// `propose`, `leave` or `match`.
    pub ambiguous: &'static str,
    /// `matched` or `proposed`.
    pub status: &'static str,
    /// Groups with a lower score are proposed, as a decimal.
    pub propose_below: String,
    /// How records are taken as one; `None` where each stands for itself.
    pub group_by: Option<GroupByView>,
    /// `grades` or `probability`.
    pub score: &'static str,
    /// The probability before any evidence, as a decimal; `None` where the score is of grades.
    pub prior: Option<String>,
}

/// How a pass of a [`PlanView`] takes records as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GroupByView {
    /// The fields of the left source beside the pass's key; `None` where its records stand for themselves.
    pub left: Option<Vec<String>>,
    /// The fields of the right source.
    pub right: Option<Vec<String>>,
    /// Position in `conditions` of the one on the sums.
    pub sum: Option<usize>,
    /// `before`: the other conditions are asked of every record; `after`: of the latest.
    pub conditions: &'static str,
}

/// A condition of a [`PassView`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConditionView {
    /// Field on the left.
    pub left: String,
    /// Field on the right.
    pub right: String,
    /// What must hold, in words.
    pub test: String,
    /// Whether a candidate must satisfy it; else it only grades.
    pub required: bool,
    /// Its part in the score, as a decimal.
    pub weight: String,
}

/// The plan as data.
#[must_use]
pub fn view(plan: &Plan) -> PlanView {
    let names = |fields: &[FieldIndex]| fields.iter().map(|field| name(plan, *field).to_owned()).collect();
    PlanView {
        sources: plan
            .sides()
            .map(|side| SourceView {
                side: side.name(),
                name: plan.names[side.index()].clone(),
                only: filters(plan, side),
            })
            .collect(),
        fields: plan.fields.iter().map(field_view).collect(),
        passes: plan.passes.iter().map(|pass| pass_view(plan, pass)).collect(),
        compare: plan.compare.iter().map(|one| condition_view(plan, one)).collect(),
        tie_out_amount: plan.tie_out.amount.map(|field| name(plan, field).to_owned()),
        tie_out_by: names(&plan.tie_out.by),
        carry: names(&plan.carry),
    }
}

/// The plan in words: sources, fields, passes, what is tied out. Ends with a line break.
#[must_use]
pub fn describe(plan: &Plan) -> String {
    let view = view(plan);
    let mut text = match view.sources.as_slice() {
        [left, right] => format!("{} (left) against {} (right)\n", left.name, right.name),
        _ => format!("duplicates in {}\n", plan.names[0]),
    };
    for source in &view.sources {
        for only in &source.only {
            line(&mut text, 1, &format!("only records of {} with {only}", source.name));
        }
    }
    text.push_str("\nFields\n");
    let width = |text: fn(&FieldView) -> usize| view.fields.iter().map(text).max().unwrap_or(0);
    let (names, lefts) = (
        width(|field| field.name.chars().count()),
        width(|field| side_words(field.left.as_ref()).chars().count()),
    );
    for field in &view.fields {
        let (left, right) = (side_words(field.left.as_ref()), side_words(field.right.as_ref()));
        let kind = kind_words(field.kind);
        let cells = if plan.one_source { left.to_owned() } else { format!("{left:lefts$}  |  {right}") };
        line(&mut text, 1, &format!("{:names$}  {kind:7}  {cells}", field.name));
    }
    text.push_str("\nPasses\n");
    for (at, pass) in view.passes.iter().enumerate() {
        describe_pass(&mut text, at + 1, pass);
    }
    if !view.compare.is_empty() {
        text.push_str("\nCompared inside groups\n");
        for compared in &view.compare {
            line(
                &mut text,
                1,
                &format!("{}: {}", pair_words(&compared.left, &compared.right), compared.test),
            );
        }
    }
    if plan.one_source {
        return text;
    }
    text.push_str("\nTied out\n");
    let by = if view.tie_out_by.is_empty() {
        String::new()
    } else {
        format!(" by {}", view.tie_out_by.join(", "))
    };
    let amounts = || {
        let both = |field: &&FieldView| field.left.is_some() && field.right.is_some();
        view.fields.iter().filter(|field| field.kind == FieldKind::Amount).find(both)
    };
    let what = match (&view.tie_out_amount, amounts()) {
        (Some(amount), _) => amount.clone(),
        (None, Some(field)) => format!(
            "counts of records only. For totals call the field {} amount, or say tie_out = {{ amount = \"{}\" }}",
            field.name, field.name
        ),
        (None, None) => "counts of records only: no amount on both sides".to_owned(),
    };
    line(&mut text, 1, &format!("{what}{by}"));
    text
}

fn describe_pass(text: &mut String, number: usize, pass: &PassView) {
    line(text, 1, &format!("{number}. {} ({}, {})", pass.name, pass.cardinality, pass.status));
    if pass.cardinality == Cardinality::SameSide.name() {
        line(text, 2, &format!("inside {}, each alone", pass.sources.join(" and ")));
    }
    if !pass.key.is_empty() {
        line(text, 2, &format!("equal {}", pass.key.join(", ")));
    }
    if let Some(by) = &pass.group_by {
        for (source, fields) in pass.sources.iter().zip([&by.left, &by.right]) {
            if let Some(fields) = fields {
                line(text, 2, &format!("records of {source} with equal {} taken as one", fields.join(", ")));
            }
        }
        if by.conditions == "after" {
            line(text, 2, "conditions between the latest of both sides");
        }
    }
    if let ("1:n" | "n:1", None) = (pass.cardinality, &pass.group_by) {
        line(text, 2, "each of the many goes to its best");
    }
    for (at, condition) in pass.conditions.iter().enumerate() {
        let sum = pass.group_by.as_ref().is_some_and(|by| by.sum == Some(at));
        let fields = pair_words(&condition.left, &condition.right);
        let fields = if sum { format!("sums of {fields}") } else { fields };
        let graded = match (condition.required, pass.prior.is_some()) {
            (true, true) if condition.test.starts_with(WEIGHED) => " (required)",
            (true, _) | (false, true) => "",
            (false, false) => " (graded, not required)",
        };
        let limits = if pass.limiter == Some(at) { " (limits the candidates)" } else { "" };
        line(text, 2, &format!("{fields} {}{graded}{limits}", condition.test));
    }
    if let Some(prior) = &pass.prior {
        line(text, 2, &format!("scores by probability, {prior} before any evidence"));
        line(text, 2, &format!("floor {}: a pair that is less likely is no candidate", pass.floor));
    } else if pass.conditions.is_empty() {
        line(text, 2, "every candidate scores 1");
    } else if pass.cardinality != Cardinality::Cluster.name() {
        line(text, 2, &format!("floor {}", pass.floor));
    }
    if pass.margin != "0" {
        line(text, 2, &format!("ambiguous within a margin of {}", pass.margin));
    }
    if pass.propose_below != "0" {
        line(text, 2, &format!("proposed below a score of {}", pass.propose_below));
    }
    if pass.cardinality == Cardinality::Cluster.name() {
        line(text, 2, "all that are near each other, one by one, are a cluster");
        return;
    }
    let ties = match pass.ambiguous {
        "leave" => "ties stay open for later passes",
        "match" => "ties are matched, one of the best answers",
        _ => "ties are proposed",
    };
    line(text, 2, ties);
}

fn line(text: &mut String, depth: usize, what: &str) {
    // Writing to a string can't fail.
    let _ = writeln!(text, "{:indent$}{what}", "", indent = depth * 2);
}

pub(crate) fn name(plan: &Plan, field: FieldIndex) -> &str {
    plan.fields.get(field).map_or("?", |field| field.name.as_str())
}

fn side_words(cell: Option<&String>) -> &str {
    cell.map_or("-", String::as_str)
}

pub(crate) fn pair_words(left: &str, right: &str) -> String {
    if left == right { left.to_owned() } else { format!("{left} = {right}") }
}

/// Millionths, or more, as a decimal without trailing zeros.
pub(crate) fn decimal(millionths: u64) -> String {
    let text = display_units(i128::from(millionths), 6);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn kind_words(kind: FieldKind) -> &'static str {
    super::fields::kind_name(kind)
}

fn field_view(field: &FieldPlan) -> FieldView {
    let cell = |side: usize| field.cells[side].as_ref().map(|cell| cell_words(field, cell, side));
    FieldView { name: field.name.clone(), kind: field.kind, left: cell(0), right: cell(1) }
}

pub(crate) fn cell_words(field: &FieldPlan, cell: &CellSpec, side: usize) -> String {
    let mut words = match &cell.from {
        CellSource::Column(column) => column.clone(),
        CellSource::DebitCredit { debit, credit } => format!("{credit} - {debit}"),
        CellSource::Indicator { column, indicator, .. } => format!("{column}, sign from {indicator}"),
    };
    if cell.negate {
        words.push_str(", negated");
    }
    if let Some(minor) = cell.minor {
        let _ = write!(words, ", in units of 10^-{minor}");
    }
    if let Some(scale) = field.scale[side] {
        let _ = write!(words, ", {scale} decimals");
    }
    if let Some(format) = &cell.dates {
        let _ = write!(words, ", written {format}");
    }
    if let Some(pattern) = &cell.extract {
        let every = if cell.all { "each " } else { "" };
        let _ = write!(words, ", {every}cut out by /{pattern}/");
    }
    if let Some(LookupSpec { table, key, column, only, as_of }) = &cell.lookup {
        words.push_str(&cleaned_words(&cell.clean));
        let _ = write!(words, ", looked up as {key} of {table}: its {column}");
        for (column, value) in only {
            let _ = write!(words, ", where {column} = {value:?}");
        }
        if let Some(AsOf { date, at, days }) = as_of {
            let _ = write!(words, ", of the latest {date} up to {at}, {days} days earlier at most");
        }
    }
    words.push_str(&cleaned_words(&field.clean[side]));
    words
}

fn cleaned_words(steps: &[Clean]) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let steps: Vec<_> = steps.iter().map(|step| snake(&format!("{step:?}"))).collect();
    format!(", cleaned: {}", steps.join(", "))
}

/// `StripZeros` as specs write it: `strip_zeros`.
fn snake(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

pub(crate) fn filters(plan: &Plan, side: Side) -> Vec<String> {
    let filters = plan.sources[side.index()].filter.iter();
    filters
        .map(|filter| {
            let subject = match &filter.subject {
                FilterSubject::Field(field) => name(plan, *field),
                FilterSubject::Column(column) => column.as_str(),
            };
            match &filter.test {
                FilterTest::Equals(value) => format!("{subject} = {value:?}"),
                FilterTest::In(values) => format!("{subject} one of {values:?}"),
                FilterTest::Between(from, to) => format!("{subject} from {from:?} to {to:?}"),
                FilterTest::Matches(pattern) => format!("{subject} matching /{pattern}/"),
                FilterTest::IsNull(true) => format!("{subject} empty"),
                FilterTest::IsNull(false) => format!("{subject} not empty"),
            }
        })
        .collect()
}

fn pass_view(plan: &Plan, pass: &PassPlan) -> PassView {
    let key = pass.key.iter().map(|one| {
        let nulls = if one.nulls_equal { " (nulls too)" } else { "" };
        pair_words(name(plan, one.left), name(plan, one.right)) + nulls
    });
    let runs = |side: &Side| pass.is_across() || plan.runs_on(pass, *side);
    PassView {
        name: pass.name.clone(),
        cardinality: pass.cardinality.name(),
        sources: plan.sides().filter(runs).map(|side| plan.names[side.index()].clone()).collect(),
        key: key.collect(),
        conditions: pass.conditions.iter().map(|one| condition_view(plan, one)).collect(),
        limiter: pass.limiter,
        floor: decimal(pass.floor.into()),
        margin: decimal(pass.margin.into()),
        ambiguous: match pass.ambiguous {
            Ambiguous::Propose => "propose",
            Ambiguous::Leave => "leave",
            Ambiguous::Match => "match",
        },
        status: pass.status.name(),
        propose_below: decimal(pass.propose_below.into()),
        group_by: pass.bundles().map(|bundles| group_by_view(plan, bundles)),
        score: if pass.prior.is_some() { "probability" } else { "grades" },
        prior: pass.prior.map(|prior| prior.probability.decimal().normalize().to_string()),
    }
}

fn group_by_view(plan: &Plan, bundles: &BundlePlan) -> GroupByView {
    let names = |side: usize| {
        let fields = bundles.by[side].as_ref()?.iter();
        Some(fields.map(|field| name(plan, *field).to_owned()).collect())
    };
    GroupByView {
        left: names(0),
        right: names(1),
        sum: bundles.sum,
        conditions: match bundles.conditions {
            Conditions::Before => "before",
            Conditions::After => "after",
        },
    }
}

pub(crate) fn condition_view(plan: &Plan, one: &ConditionPlan) -> ConditionView {
    ConditionView {
        left: name(plan, one.left).to_owned(),
        right: name(plan, one.right).to_owned(),
        test: test_words(plan, one, &one.test),
        required: one.required,
        weight: decimal(one.weight),
    }
}

/// Whether an equality is one of many values.
pub(crate) fn shares(plan: &Plan, one: &ConditionPlan) -> bool {
    let many = |field: FieldIndex| plan.fields.get(field).is_some_and(|field| field.many != [false; 2]);
    many(one.left) || many(one.right)
}

pub(crate) fn test_words(plan: &Plan, one: &ConditionPlan, test: &TestPlan) -> String {
    match test {
        TestPlan::Equals if shares(plan, one) => "share a value".to_owned(),
        TestPlan::Equals => "equal".to_owned(),
        TestPlan::Within(within) => within_words(plan, within),
        TestPlan::Days(range) => range_words(*range, "days"),
        TestPlan::BusinessDays(range, calendar) => {
            range_words(*range, &format!("business days of {}", calendar.name))
        }
        TestPlan::Similar(measure, at_least) => {
            format!("alike by {} to at least {}", measure_words(*measure), decimal((*at_least).into()))
        }
        TestPlan::Occurs(occurs) => {
            let (right, left) = (name(plan, one.right), name(plan, one.left));
            let where_ = match occurs.direction {
                Direction::RightInLeft => format!("{right} stands in {left}"),
                Direction::LeftInRight => format!("{left} stands in {right}"),
                Direction::Either => "one stands in the other".to_owned(),
            };
            format!("where {where_}, at least {} characters", occurs.min_length)
        }
        TestPlan::Slip(slips) => {
            let words: Vec<_> = slips.iter().map(|slip| slip_words(*slip)).collect();
            format!("off by one slip: {}", words.join(" or "))
        }
        TestPlan::Levels(levels) => levels_words(plan, one, levels),
    }
}

/// How the words of levels begin.
const WEIGHED: &str = "weighed: ";

/// `weighed: equal 9.1 bits by frequency, at most 3 days apart 3 bits, else -4.5 bits, empty 0 bits`.
fn levels_words(plan: &Plan, one: &ConditionPlan, levels: &LevelsPlan) -> String {
    let level = |level: &super::LevelPlan| {
        let by = if level.frequency { " by frequency" } else { "" };
        format!("{} {} bits{by}", test_words(plan, one, &level.test), bits_text(level.millibits.into()))
    };
    let mut words: Vec<String> = levels.levels.iter().map(level).collect();
    if !one.required {
        words.push(format!("else {} bits", bits_text(levels.otherwise.into())));
        words.push(format!("empty {} bits", bits_text(levels.null.into())));
    }
    format!("{WEIGHED}{}", words.join(", "))
}

fn within_words(plan: &Plan, within: &WithinPlan) -> String {
    let words = tolerance_words(within, &allowance_words(plan, within));
    within.payment.as_ref().map_or(words.clone(), |payment| words + &payment_words(plan, payment))
}

fn allowance_words(plan: &Plan, within: &WithinPlan) -> String {
    let percent = within.percent.map(|percent| match within.of {
        Some(side) => format!("{percent} % of {}'s amount", plan.names[side.index()]),
        None => format!("{percent} % of the larger amount"),
    });
    match (within.absolute, percent) {
        (Some(absolute), Some(percent)) => {
            let which = if within.larger { "larger" } else { "smaller" };
            format!("the {which} of {absolute} and {percent}")
        }
        (Some(absolute), None) => absolute.to_string(),
        (None, percent) => percent.unwrap_or_default(),
    }
}

/// How much more or less than is due may be paid.
fn payment_words(plan: &Plan, payment: &PaymentPlan) -> String {
    if payment.in_parts {
        return ", or one record in part".to_owned();
    }
    let beyond =
        [(&payment.discount, "less (discount)"), (&payment.short_pay, "less"), (&payment.overpay, "more")];
    let words = beyond
        .into_iter()
        .filter_map(|(one, which)| Some(format!("up to {} {which}", allowance_words(plan, one.as_ref()?))));
    let words: Vec<String> = words.collect();
    format!(", or {} in {}", words.join(" or "), plan.names[payment.paid.index()])
}

fn tolerance_words(within: &WithinPlan, allowance: &str) -> String {
    let exactly = within.percent.is_none()
        && within.absolute.is_some_and(|part| part == crate::money::Number::default());
    match (within.sign, exactly) {
        (Sign::Opposite, true) => "netting to exactly zero".to_owned(),
        (Sign::Opposite, false) => format!("netting to zero within {allowance}"),
        (Sign::Same, _) => format!("within {allowance}"),
        (Sign::Ignore, _) => format!("within {allowance}, signs ignored"),
    }
}

fn range_words(range: DayRange, unit: &str) -> String {
    if range.from == -range.to.max(0) && range.from <= 0 {
        return format!("at most {} {unit} apart", range.to);
    }
    format!("{} to {} {unit} later on the right", range.from, range.to)
}

fn measure_words(measure: Measure) -> &'static str {
    match measure {
        Measure::JaroWinkler => "jaro_winkler",
        Measure::Levenshtein => "levenshtein",
        Measure::Osa => "osa",
        Measure::Ratio => "ratio",
        Measure::TokenSort => "token_sort",
        Measure::TokenSet => "token_set",
        Measure::TokenJaccard => "token_jaccard",
        Measure::Trigram => "trigram",
    }
}

fn slip_words(slip: Slip) -> &'static str {
    match slip {
        Slip::Swapped => "two neighbouring digits swapped",
        Slip::OneDigit => "one digit wrong",
        Slip::Factor => "a factor of 10 or 100",
    }
}
