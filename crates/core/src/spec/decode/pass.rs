//! Passes.

use super::{Context, condition, levels};
use crate::error::Mistake;
use crate::limits::PASSES_MAX;
use crate::plan::Side;
use crate::spec::report::{Cursor, Keys, Report, Table, codes};
use crate::spec::tree::{Value, quoted};
use crate::spec::{
    Ambiguous, Cardinality, Condition, Conditions, FeeSpec, GroupBy, PassSpec, Score, Status, SumSpec,
    Tolerance,
};

pub(in crate::spec) const PASS_KEYS: Keys = Keys {
    known: &[
        "name",
        "cardinality",
        "on",
        "group_by",
        "sum",
        "conditions",
        "status",
        "propose_below",
        "ambiguous",
        "floor",
        "margin",
        "score",
        "prior",
        "partial",
    ],
    later: &[
        ("max_members", "`max_members` bounds groups that are searched by their sum"),
        ("chance", "`chance` bounds coincidence in sums"),
    ],
};
pub(in crate::spec) const SUM_KEYS: Keys = Keys { known: &SUM_KEY_NAMES, later: &[] };
const SUM_KEY_NAMES: [&str; 12] = [
    "field",
    "left",
    "right",
    "within",
    "of",
    "sign",
    "fee",
    "convert",
    "short_pay",
    "discount",
    "overpay",
    "paid",
];
/// Keys of `sum` that a pass of single records can have, and one inside a source can't.
const TERM_KEYS: [&str; 6] = ["fee", "convert", "short_pay", "discount", "overpay", "paid"];
/// Keys of `sum` that say how much more or less than is due may be paid.
const PAYMENT_KEYS: [&str; 3] = ["short_pay", "discount", "overpay"];
pub(in crate::spec) const GROUP_BY_KEYS: Keys = Keys { known: &["left", "right"], later: &[] };

pub(super) fn passes(
    report: &mut Report,
    context: &Context,
    table: &Table<'_>,
    defaults: Option<&[Condition]>,
) -> Option<Vec<PassSpec>> {
    let Some(at) = table.get("pass") else {
        report.missing(table, "pass", "a list of passes, at least one");
        return None;
    };
    if at.is_list() && at.items().len() > PASSES_MAX {
        report.refuse(codes::TOO_MANY, &at, format!("at most {PASSES_MAX} passes"));
        return None;
    }
    let mut names = Vec::new();
    report.list(&at, 1, |report, at| {
        let pass = pass(report, context, at, defaults)?;
        if let Some(name) = &pass.name {
            refuse_repeat(report, at, name, &names);
            names.push(name.clone());
        }
        Some(pass)
    })
}

fn refuse_repeat(report: &mut Report, at: &Cursor<'_>, name: &str, names: &[String]) {
    if names.iter().any(|other| other == name) {
        let path = format!("{}.name", at.path);
        let position =
            report.open_table(at).and_then(|table| table.get("name")).and_then(|at| at.node.position);
        let expected = "a name that no other pass has";
        report.push(Mistake::new(codes::DUPLICATE_NAME, path, quoted(name), expected).at(position));
    }
}

fn pass(
    report: &mut Report,
    context: &Context,
    at: &Cursor<'_>,
    defaults: Option<&[Condition]>,
) -> Option<PassSpec> {
    let table = report.table(at, &PASS_KEYS)?;
    let cardinality = match table.get("cardinality") {
        None => Some(Cardinality::OneToOne),
        Some(at) => cardinality(report, context, &at),
    };
    if context.one_source && !table.has("cardinality") {
        report.missing(&table, "cardinality", "\"cluster\": a spec with one source looks for duplicates");
    }
    let before = report.count();
    let on = table.get("on").and_then(|at| condition::conditions(report, context, &at)).unwrap_or_default();
    // With mistakes among the conditions, nobody knows which were meant to be required.
    let unclear = report.count() > before || defaults.is_none();
    let sums = table.has("sum") && cardinality != Some(Cardinality::SameSide);
    if !unclear && !sums && !defaults.into_iter().flatten().chain(&on).any(|condition| condition.required) {
        report.missing(&table, "on", "at least one condition that is required");
    }
    let (score, prior) = levels::score(report, &table);
    if cardinality == Some(Cardinality::Cluster) {
        refuse_rivalry(report, &table, score.unwrap_or_default());
    }
    if !unclear && let Some(score) = score {
        levels::check_pass(
            report,
            &table,
            (score, cardinality.unwrap_or_default()),
            (defaults.unwrap_or_default(), &on),
        );
    }
    let statuses = [("matched", Status::Matched), ("proposed", Status::Proposed)];
    let group_by = cardinality.and_then(|cardinality| group_by(report, &table, cardinality));
    let ambiguous =
        [("propose", Ambiguous::Propose), ("leave", Ambiguous::Leave), ("match", Ambiguous::Match)];
    let sum = cardinality.and_then(|cardinality| sum(report, context, &table, cardinality));
    let partial = cardinality.is_some_and(|cardinality| partial(report, (&table, sum.as_ref()), cardinality));
    Some(PassSpec {
        name: table.get("name").and_then(|at| report.name(&at)),
        cardinality: cardinality.unwrap_or_default(),
        on,
        partial,
        status: table.get("status").and_then(|at| report.choice(&at, &statuses)),
        propose_below: table.get("propose_below").and_then(|at| report.millionths(&at, 1)),
        ambiguous: table
            .get("ambiguous")
            .and_then(|at| report.choice(&at, &ambiguous))
            .unwrap_or(Ambiguous::Propose),
        floor: table.get("floor").and_then(|at| report.millionths(&at, 1)),
        margin: table.get("margin").and_then(|at| report.millionths(&at, 1)),
        sum,
        conditions: conditions(report, &table, group_by.as_ref()),
        group_by,
        score: score.unwrap_or_default(),
        prior,
    })
}

/// Whether records are taken in part. What is taken of them is told by sums, as they stand.
fn partial(
    report: &mut Report,
    (table, summed): (&Table<'_>, Option<&SumSpec>),
    cardinality: Cardinality,
) -> bool {
    let Some(at) = table.get("partial") else { return false };
    if !report.flag(&at).unwrap_or_default() {
        return false;
    }
    if matches!(cardinality, Cardinality::SameSide | Cardinality::Cluster) {
        report.conflict(table, "partial", "no such key: only groups of both sides are taken in part");
        return false;
    }
    let Some(sum) = table.get("sum") else {
        let expected = "sum = { within = \"0.00\" }: the sums tell what is taken of a record";
        report.missing(table, "sum", expected);
        return false;
    };
    if let Some(sum) = report.open_table(&sum) {
        for key in TERM_KEYS.into_iter().filter(|key| sum.has(key)) {
            report.conflict(&sum, key, "no such key beside `partial`: what is taken is what stands there");
        }
    }
    if summed.is_some_and(|sum| sum.fields.is_some()) {
        report.refuse(
            codes::CONFLICT,
            &sum,
            "a sum of the amount that is tied out: its parts are tied out too",
        );
    }
    true
}

/// The records of a cluster don't compete: what says who wins says nothing.
fn refuse_rivalry(report: &mut Report, table: &Table<'_>, score: Score) {
    let keys = ["ambiguous", "margin", "floor"].into_iter();
    for key in keys.filter(|key| table.has(key) && (*key != "floor" || score == Score::Grades)) {
        report.conflict(table, key, "no such key: the records of a cluster don't compete");
    }
}

fn cardinality(report: &mut Report, context: &Context, at: &Cursor<'_>) -> Option<Cardinality> {
    let all = [
        Cardinality::OneToOne,
        Cardinality::OneToMany,
        Cardinality::ManyToOne,
        Cardinality::ManyToMany,
        Cardinality::SameSide,
        Cardinality::Cluster,
    ];
    let chosen = report.choice(at, &all.map(|one| (one.name(), one)))?;
    match (context.one_source, chosen == Cardinality::Cluster) {
        (true, false) => {
            report.refuse(codes::CONFLICT, at, "\"cluster\": a spec with one source looks for duplicates");
            None
        }
        (false, true) => {
            let expected = "another cardinality, or one source: `source` instead of `left` and `right`";
            report.refuse(codes::CONFLICT, at, expected);
            None
        }
        _ => Some(chosen),
    }
}

/// The fields by which records are taken as one. A pass that sums several records needs them, and so does one with
/// several on both sides.
fn group_by(report: &mut Report, table: &Table<'_>, cardinality: Cardinality) -> Option<GroupBy> {
    const EXPECTED: &str = "the fields by which the records of a group belong together, such as \"batch\"";
    let Some(at) = table.get("group_by") else {
        match cardinality {
            Cardinality::ManyToMany => report.missing(table, "group_by", EXPECTED),
            Cardinality::OneToMany | Cardinality::ManyToOne if table.has("sum") => {
                let expected =
                    format!("{EXPECTED} (groups that are searched by their sum alone are not there yet)");
                report.missing(table, "group_by", &expected);
            }
            _ => {}
        }
        return None;
    };
    if matches!(cardinality, Cardinality::OneToOne | Cardinality::SameSide | Cardinality::Cluster) {
        let expected = "a pass with several records on a side: cardinality = \"1:n\", \"n:1\" or \"n:m\"";
        report.conflict(table, "group_by", expected);
        return None;
    }
    if at.is_table() {
        return group_by_sides(report, &at, cardinality);
    }
    let names = group_fields(report, &at)?;
    let of = |side| if cardinality.has_many(side) { names.clone() } else { Vec::new() };
    Some(GroupBy { left: of(Side::Left), right: of(Side::Right) })
}

fn group_by_sides(report: &mut Report, at: &Cursor<'_>, cardinality: Cardinality) -> Option<GroupBy> {
    let table = report.table(at, &GROUP_BY_KEYS)?;
    let mut of = |side: Side| match (table.get(side.name()), cardinality.has_many(side)) {
        (Some(at), true) => group_fields(report, &at),
        (Some(_), false) => {
            let expected = format!("one record on the {} of a {} pass", side.name(), cardinality.name());
            report.conflict(&table, side.name(), expected);
            None
        }
        (None, true) => {
            report.missing(&table, side.name(), "the fields by which this side's records belong together");
            None
        }
        (None, false) => Some(Vec::new()),
    };
    let (left, right) = (of(Side::Left), of(Side::Right));
    Some(GroupBy { left: left?, right: right? })
}

/// One field, or a list that is not empty.
fn group_fields(report: &mut Report, at: &Cursor<'_>) -> Option<Vec<String>> {
    if at.text().is_some() {
        return report.name(at).map(|name| vec![name]);
    }
    let names = super::distinct_names(report, at)?;
    if names.is_empty() {
        report.refuse(codes::BAD_VALUE, at, "at least one field");
        return None;
    }
    Some(names)
}

fn conditions(report: &mut Report, table: &Table<'_>, group_by: Option<&GroupBy>) -> Conditions {
    let Some(at) = table.get("conditions") else { return Conditions::Before };
    let choices = [("before", Conditions::Before), ("after", Conditions::After)];
    let chosen = report.choice(&at, &choices).unwrap_or_default();
    if group_by.is_none() && !table.has("group_by") {
        report.conflict(
            table,
            "conditions",
            "`group_by` beside it: without it every record stands for itself",
        );
    }
    chosen
}

fn sum(
    report: &mut Report,
    context: &Context,
    table: &Table<'_>,
    cardinality: Cardinality,
) -> Option<SumSpec> {
    let at = table.get("sum")?;
    if cardinality == Cardinality::Cluster {
        report.conflict(table, "sum", "no such key: nothing is summed in a cluster");
        return None;
    }
    let sum = report.table(&at, &SUM_KEYS)?;
    let in_parts = table.get("partial").is_some_and(|at| at.node.value == Value::Flag(true));
    let has_terms = in_parts || TERM_KEYS.into_iter().any(|key| sum.has(key));
    if cardinality == Cardinality::OneToOne && !has_terms {
        report.conflict(table, "sum", "a pass that sums: in a 1:1 pass use a condition with `within`");
        return None;
    }
    let within = match sum.get("within") {
        None => Some(Tolerance::exact()),
        Some(within) => condition::tolerance(report, &sum, &within),
    };
    let same_side = cardinality == Cardinality::SameSide;
    let fields = if same_side { netted(report, context, &sum) } else { summed(report, context, &sum) };
    let sign = condition::sign(report, &sum);
    if same_side && sum.has("sign") {
        report.conflict(&sum, "sign", "no sign: in a same_side pass the signs are opposite");
    }
    for key in TERM_KEYS {
        if same_side && sum.has(key) {
            report.conflict(&sum, key, "no such key: in a same_side pass both records are of one source");
        }
    }
    let fee = sum.get("fee").map_or(Some(Vec::new()), |at| super::fee::fees(report, &at));
    // Where both sides are alike the left one is gross unless it is said: what says nothing could not be mirrored.
    let alike = cardinality.has_many(Side::Left) == cardinality.has_many(Side::Right);
    let fee = fee.map(|fees| {
        let named = |fee: FeeSpec| FeeSpec { side: fee.side.or(alike.then_some(Side::Left)), ..fee };
        fees.into_iter().map(named).collect()
    });
    let convert = sum.get("convert").and_then(|at| super::fee::convert(report, &at));
    let [short_pay, discount, overpay] = PAYMENT_KEYS.map(|key| beyond(report, &sum, (key, within.as_ref())));
    let mut paid =
        sum.get("paid").and_then(|at| report.choice(&at, &[("left", Side::Left), ("right", Side::Right)]));
    if PAYMENT_KEYS.into_iter().any(|key| sum.has(key)) {
        // As of fees: what says nothing could not be mirrored.
        paid = paid.or(alike.then_some(Side::Right));
    } else if sum.has("paid") {
        report.conflict(&sum, "paid", "`short_pay`, `discount` or `overpay` beside it");
    }
    Some(SumSpec { fields, within: within?, sign, fee: fee?, convert, short_pay, discount, overpay, paid })
}

/// How much more or less than is due may be paid. In percent it is of what is due.
fn beyond(
    report: &mut Report,
    sum: &Table<'_>,
    (key, within): (&str, Option<&Tolerance>),
) -> Option<Tolerance> {
    let at = sum.get(key)?;
    let beyond = condition::tolerance_parts(report, &at)?;
    if within.is_some_and(|within| within.allows_all_of(&beyond)) {
        report.refuse(codes::CONFLICT, &at, "more than `within`, which allows as much of every amount");
    }
    Some(beyond)
}

/// The amounts that are summed; `None`: what is tied out.
fn summed(report: &mut Report, context: &Context, sum: &Table<'_>) -> Option<(String, String)> {
    if !["field", "left", "right"].into_iter().any(|key| sum.has(key)) {
        return None;
    }
    let fields = condition::sides(report, sum)?;
    (fields.0 != context.amount || fields.1 != context.amount).then_some(fields)
}

/// A `same_side` pass nets what is tied out.
fn netted(report: &mut Report, context: &Context, sum: &Table<'_>) -> Option<(String, String)> {
    for key in ["left", "right"] {
        if sum.has(key) {
            report.conflict(sum, key, "`field`: both records are of one source");
        }
    }
    if let Some(field) = sum.get("field")
        && report.name(&field).is_some_and(|name| name != context.amount)
    {
        let expected = format!("\"{}\", the amount that is tied out", context.amount);
        report.refuse(codes::BAD_VALUE, &field, expected);
    }
    None
}
