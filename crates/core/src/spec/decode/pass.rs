//! Passes.

use super::{Context, condition, levels, refuse_not_yet};
use crate::error::Mistake;
use crate::limits::PASSES_MAX;
use crate::spec::report::{Cursor, Keys, Report, Table, codes};
use crate::spec::tree::quoted;
use crate::spec::{Ambiguous, Cardinality, Condition, PassSpec, Status, Tolerance};

pub(in crate::spec) const PASS_KEYS: Keys = Keys {
    known: &[
        "name",
        "cardinality",
        "on",
        "status",
        "propose_below",
        "ambiguous",
        "floor",
        "margin",
        "sum",
        "score",
        "prior",
    ],
    later: GROUP_KEYS,
};
/// Keys that only passes have whose cardinality is still to come: with one of those, it alone is refused.
const GROUPED_PASS_KEYS: Keys = Keys {
    known: &[
        "name",
        "cardinality",
        "on",
        "status",
        "propose_below",
        "ambiguous",
        "floor",
        "margin",
        "sum",
        "max_members",
        "group_by",
        "partial",
        "dates",
        "chance",
        "score",
        "prior",
    ],
    later: &[],
};
const GROUP_KEYS: &[(&str, &str)] = &[
    ("max_members", "`max_members` bounds groups of more than two records"),
    ("group_by", "`group_by` names the key of groups of more than two records"),
    ("partial", "`partial` allocates parts of records"),
    ("dates", "`dates` says which dates of a larger group count"),
    ("chance", "`chance` bounds coincidence in sums"),
];
pub(in crate::spec) const SUM_KEYS: Keys =
    Keys { known: &["field", "within", "of"], later: &[("fee", "`fee` explains a sum by a fee formula")] };
const GROUPED: [&str; 4] = ["1:n", "n:1", "n:m", "cluster"];

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
    let grouped = written_cardinality(at).is_some_and(|name| GROUPED.contains(&name));
    let table = report.table(at, if grouped { &GROUPED_PASS_KEYS } else { &PASS_KEYS })?;
    let cardinality = table.get("cardinality").and_then(|at| cardinality(report, &at)).unwrap_or_default();
    let before = report.count();
    let on = table.get("on").and_then(|at| condition::conditions(report, context, &at)).unwrap_or_default();
    // With mistakes among the conditions, nobody knows which were meant to be required.
    let unclear = report.count() > before || defaults.is_none();
    if !unclear && !defaults.into_iter().flatten().chain(&on).any(|condition| condition.required) {
        report.missing(&table, "on", "at least one condition that is required");
    }
    let (score, prior) = levels::score(report, &table);
    if !unclear && let Some(score) = score {
        levels::check_pass(report, &table, (score, cardinality), (defaults.unwrap_or_default(), &on));
    }
    let statuses = [("matched", Status::Matched), ("proposed", Status::Proposed)];
    let ambiguous =
        [("propose", Ambiguous::Propose), ("leave", Ambiguous::Leave), ("match", Ambiguous::Match)];
    Some(PassSpec {
        name: table.get("name").and_then(|at| report.name(&at)),
        cardinality,
        on,
        status: table.get("status").and_then(|at| report.choice(&at, &statuses)),
        propose_below: table.get("propose_below").and_then(|at| report.millionths(&at, 1)),
        ambiguous: table
            .get("ambiguous")
            .and_then(|at| report.choice(&at, &ambiguous))
            .unwrap_or(Ambiguous::Propose),
        floor: table.get("floor").and_then(|at| report.millionths(&at, 1)),
        margin: table.get("margin").and_then(|at| report.millionths(&at, 1)),
        net_within: if grouped { None } else { net_within(report, context, &table, cardinality) },
        score: score.unwrap_or_default(),
        prior,
    })
}

fn written_cardinality<'t>(at: &Cursor<'t>) -> Option<&'t str> {
    let table = Report::default().open_table(at)?;
    table.get("cardinality").and_then(|at| at.text())
}

fn cardinality(report: &mut Report, at: &Cursor<'_>) -> Option<Cardinality> {
    if let Some(name) = at.text().filter(|name| GROUPED.contains(name)) {
        refuse_not_yet(report, at, &format!("`{name}` makes groups of more than two records"));
        return None;
    }
    report.choice(at, &[("1:1", Cardinality::OneToOne), ("same_side", Cardinality::SameSide)])
}

fn net_within(
    report: &mut Report,
    context: &Context,
    table: &Table<'_>,
    cardinality: Cardinality,
) -> Option<Tolerance> {
    let at = table.get("sum")?;
    if cardinality == Cardinality::OneToOne {
        report.conflict(table, "sum", "a pass that sums: in a 1:1 pass use a condition with `within`");
        return None;
    }
    let sum = report.table(&at, &SUM_KEYS)?;
    if let Some(field) = sum.get("field")
        && report.name(&field).is_some_and(|name| name != context.amount)
    {
        let expected = format!("\"{}\", the amount that is tied out", context.amount);
        report.refuse(codes::BAD_VALUE, &field, expected);
    }
    let Some(within) = sum.get("within") else {
        report.missing(&sum, "within", "the tolerance of the sum, such as \"0.00\"");
        return None;
    };
    condition::tolerance(report, &sum, &within)
}
