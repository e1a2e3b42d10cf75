//! The cases of `corpus/`: a spec and two CSV files in a folder, and what is expected of them in `expected.json`.
//!
//! The cases are files so that every language runs the same ones. `cargo run -p recon378-testkit --example bless`
//! writes what the engine says now; what changed is then read like any other change.

use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt32Type;
use arrow_array::{Array as _, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use recon378_core::columns::{Column, NO_ROW, Row};
use recon378_core::decisions::{Decided, Stale};
use recon378_core::money::display_units;
use recon378_core::outcome::{Break, Found, Group, Outcome, Pair, Reason, Span, Summary, Verdict};
use recon378_core::plan::{Plan, Side};
use recon378_core::spec::{DecisionsSpec, PassSpec, ReadSpec, Spec, SumSpec};
use recon378_core::tables::Tables;
use recon378_core::{Cancel, Error, Result};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::run::{self, Prepared};

/// The folder of the cases.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus")
}

/// Folders of all cases, by name.
///
/// # Errors
/// When the folder can't be read.
pub fn cases() -> std::io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root())? {
        let path = entry?.path();
        if path.join("spec.toml").is_file() {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// Runs a case and tells what came out, errors included, as `expected.json` says it.
///
/// # Errors
/// When a file of the case can't be read at all.
pub fn outcome(case: &Path) -> std::io::Result<Value> {
    let text = std::fs::read_to_string(case.join("spec.toml"))?;
    Ok(match told(case, &text) {
        Ok(told) => told,
        Err(error) => {
            let mistakes: Vec<&str> = error.mistakes().iter().map(|mistake| mistake.path.as_str()).collect();
            json!({ "error": { "kind": error.kind().name(), "code": error.code(), "paths": mistakes } })
        }
    })
}

fn told(case: &Path, text: &str) -> recon378::Result<Value> {
    let spec = Spec::from_toml(text)?;
    let left = read(case, &spec.left.path, &spec.left.read)?;
    let right = if spec.one_source { Vec::new() } else { read(case, &spec.right.path, &spec.right.read)? };
    let decided = match &spec.decisions {
        DecisionsSpec::Files { path, .. } => read(case, path, &ReadSpec::default())?,
        DecisionsSpec::Listed(_) => Vec::new(),
    };
    let open_items = if spec.open_items.is_empty() {
        Vec::new()
    } else {
        read(case, &spec.open_items, &ReadSpec::default())?
    };
    let mut tables = Tables::default();
    for (name, table) in &spec.tables {
        tables.add(name, read(case, &table.path, &table.read)?, &table.read, Vec::new())?;
    }
    let brought = run::Brought { decisions: &decided, open_items: &open_items, tables: Some(&tables) };
    let prepared = run::prepare_with(&spec, [&left, &right], &brought)?;
    let found = prepared.run()?;
    let carries = !spec.open_items.is_empty() || spec.balances.is_some();
    let compares = !spec.compare.is_empty();
    let partial = spec.passes.iter().any(|pass| pass.partial);
    let has_terms = |pass: &PassSpec| pass.partial || pass.sum.as_ref().is_some_and(SumSpec::has_terms);
    let terms = spec.passes.iter().any(has_terms);
    // Through the door that hosts use.
    let outcome = recon378::Reconciler::new(spec).base(case).run_files()?;
    let story = Story { prepared: &prepared, outcome: &outcome, money: money(&outcome)? };
    let mut told = json!({
        "digest": outcome.digest()?,
        "groups": story.groups(&found),
        // What is left of records that groups take in part only an outcome has.
        "breaks": story.breaks(if found.parts.is_empty() { &found } else { outcome.found() }),
        "issues": story.issues(),
    });
    let decisions = story.decisions();
    if let (Some(told), false) = (told.as_object_mut(), decisions.is_empty()) {
        told.insert("decisions".to_owned(), decisions.into());
    }
    if let (true, Value::Object(sections)) = (compares, &mut told) {
        sections.insert("differences".to_owned(), rows(&outcome.differences()?)?);
        sections.insert("compared".to_owned(), compared(&outcome.summary()));
    }
    if let (true, Value::Object(sections)) = (terms, &mut told) {
        for table in ["tie_out", "adjustments"] {
            sections.insert(table.to_owned(), rows(&outcome.table(table)?)?);
        }
    }
    if let (true, Value::Object(sections)) = (partial, &mut told) {
        for table in ["members", "open_items"] {
            sections.insert(table.to_owned(), rows(&outcome.table(table)?)?);
        }
    }
    if let (true, Value::Object(sections)) = (carries, &mut told) {
        for table in ["open_items", "adjustments", "statement"] {
            sections.insert(table.to_owned(), rows(&outcome.table(table)?)?);
        }
    }
    Ok(told)
}

/// Variance, days and fee of groups, by their members.
type Money = BTreeMap<[Vec<Row>; 2], [Option<String>; 3]>;

/// The figures of every group of an outcome.
fn money(outcome: &Outcome) -> Result<Money> {
    let table = outcome.groups()?;
    let options = FormatOptions::default();
    let bug = |error: arrow_schema::ArrowError| Error::Internal(error.to_string());
    let columns = ["variance", "days", "fee"].map(|name| &table[name]);
    let told = columns.map(|column| ArrayFormatter::try_new(column, &options).map_err(bug));
    let [variance, days, fee] = told;
    let told = [variance?, days?, fee?];
    let counts = ["left_count", "right_count"].map(|name| table[name].as_primitive::<UInt32Type>());
    let is_pair = |at: &usize| counts[0].value(*at) + counts[1].value(*at) == 2;
    let of = |at: usize| {
        let mut figures = told
            .iter()
            .zip(columns)
            .map(|(told, column)| column.is_valid(at).then(|| told.value(at).to_string()));
        std::array::from_fn(|_| figures.next().flatten())
    };
    let members = |pair: &Pair| {
        let on = |side: Side| {
            let own = pair.members().into_iter().filter(|(of, _)| *of == side);
            own.map(|(_, row)| row).collect::<Vec<Row>>()
        };
        Side::BOTH.map(on)
    };
    let (pairs, groups): (Vec<usize>, Vec<usize>) = (0..table.num_rows()).partition(is_pair);
    let pairs = outcome.pairs_rows().iter().map(members).zip(pairs);
    let groups =
        outcome.groups_rows().iter().map(|group| [group.lefts.to_vec(), group.rights.to_vec()]).zip(groups);
    Ok(pairs.chain(groups).map(|(members, at)| (members, of(at))).collect())
}

/// How much was compared inside groups.
fn compared(summary: &Summary) -> Value {
    let fields = summary.compared.iter();
    let mut told: Vec<Value> = fields
        .map(|one| json!([one.field, one.test, format!("{} of {} differ", one.differing, one.pairs)]))
        .collect();
    told.push(json!(["not compared", summary.not_compared]));
    Value::Array(told)
}

/// A table as a list of lists of texts, its columns' names first.
fn rows(table: &RecordBatch) -> Result<Value> {
    let bug = |error: arrow_schema::ArrowError| Error::Internal(error.to_string());
    let options = FormatOptions::default().with_null("-");
    let columns = table.columns().iter().map(|column| ArrayFormatter::try_new(column, &options));
    let columns: Vec<ArrayFormatter<'_>> = columns.collect::<Result<_, _>>().map_err(bug)?;
    let names = table.schema().fields().iter().map(|field| Value::from(field.name().as_str())).collect();
    let row = |row: usize| columns.iter().map(|column| Value::from(column.value(row).to_string())).collect();
    Ok(Value::Array(std::iter::once(names).chain((0..table.num_rows()).map(row)).collect()))
}

fn read(case: &Path, paths: &[String], how: &ReadSpec) -> Result<Vec<RecordBatch>> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| case.join(path)).collect();
    recon378_io::read(&paths, how, &Cancel::new()).map_err(|error| Error::Internal(error.to_string()))
}

/// The expectation as text: a line per group, break and issue.
#[must_use]
pub fn readable(told: &Value) -> String {
    let mut text = String::from("{\n");
    let sections = told.as_object().into_iter().flatten();
    let sections: Vec<String> = sections
        .map(|(name, section)| match section.as_array() {
            Some(lines) if !lines.is_empty() => {
                let mut text = format!("  \"{name}\": [\n");
                let lines: Vec<String> = lines.iter().map(|line| format!("    {line}")).collect();
                text.push_str(&lines.join(",\n"));
                text.push_str("\n  ]");
                text
            }
            _ => format!("  \"{name}\": {section}"),
        })
        .collect();
    let _written = write!(text, "{}\n}}\n", sections.join(",\n"));
    text
}

/// A group's ids and rows.
struct Told {
    left: Vec<Value>,
    right: Vec<Value>,
    members: [Vec<Row>; 2],
}

struct Story<'a> {
    prepared: &'a Prepared,
    outcome: &'a Outcome,
    /// Variance, days and fee of every group.
    money: Money,
}

impl Story<'_> {
    fn plan(&self) -> &Plan {
        &self.prepared.plan
    }

    fn column(&self, side: Side, field: usize) -> &Column {
        &self.outcome.columns().side(side).fields[field]
    }

    fn id(&self, side: Side, row: Row) -> Value {
        if row == NO_ROW {
            return Value::Null;
        }
        match self.plan().id.map(|field| self.column(side, field)) {
            Some(Column::Text(ids)) => ids.get(row).map_or(Value::Null, Value::from),
            Some(Column::Integer(ids)) => ids.get(row).map_or(Value::Null, Value::from),
            _ => Value::from(self.prepared.columns.side(side).row_number(row)),
        }
    }

    fn groups(&self, found: &Found) -> Vec<Value> {
        let pairs = found.pairs.iter().map(|pair| self.group(pair));
        pairs.chain(found.groups.iter().map(|group| self.larger(group))).collect()
    }

    fn larger(&self, group: Group<'_>) -> Value {
        let ids =
            |side: Side| -> Vec<Value> { group.on(side).iter().map(|row| self.id(side, *row)).collect() };
        let members = [group.lefts.to_vec(), group.rights.to_vec()];
        let told = Told { left: ids(Side::Left), right: ids(Side::Right), members };
        self.group_of(group.verdict, told)
    }

    fn group(&self, pair: &Pair) -> Value {
        let [first, second] = pair.span.sides();
        let (one, other) = (self.id(first, pair.left), self.id(second, pair.right));
        let rows = vec![pair.left, pair.right];
        let told = match pair.span {
            Span::Across => {
                Told { left: vec![one], right: vec![other], members: [vec![pair.left], vec![pair.right]] }
            }
            Span::WithinLeft => Told { left: vec![one, other], right: vec![], members: [rows, vec![]] },
            Span::WithinRight => Told { left: vec![], right: vec![one, other], members: [vec![], rows] },
        };
        self.group_of(pair.verdict(), told)
    }

    fn group_of(&self, verdict: Verdict, told: Told) -> Value {
        let [variance, days, fee] = self.money.get(&told.members).cloned().unwrap_or_default();
        let mut group = Map::new();
        group.insert("left".to_owned(), told.left.into());
        group.insert("right".to_owned(), told.right.into());
        group.insert("pass".to_owned(), self.plan().passes[usize::from(verdict.pass)].name.as_str().into());
        group.insert("status".to_owned(), verdict.status.name().into());
        group.insert("ambiguity".to_owned(), verdict.ambiguity.name().into());
        group.insert("score".to_owned(), display_units(i128::from(verdict.score), 6).into());
        group.insert("variance".to_owned(), variance.into());
        let days = days.and_then(|days| days.parse::<i64>().ok());
        group.insert("days".to_owned(), days.into());
        if let Some(fee) = fee {
            group.insert("fee".to_owned(), fee.into());
        }
        Value::Object(group)
    }

    fn breaks(&self, found: &Found) -> Vec<Value> {
        let side = |side: Side| found.breaks[side.index()].iter().map(move |open| self.open(side, open));
        side(Side::Left).chain(side(Side::Right)).collect()
    }

    fn open(&self, side: Side, open: &Break) -> Value {
        let within = open.reason == Reason::Duplicate
            || open.pass.is_some_and(|pass| !self.plan().passes[usize::from(pass)].is_across());
        let other = if within { side } else { side.other() };
        let mut told = Map::new();
        told.insert("side".to_owned(), side.name().into());
        told.insert("id".to_owned(), self.id(side, open.row));
        told.insert("reason".to_owned(), open.reason.name().into());
        if open.nearest != NO_ROW {
            told.insert("nearest".to_owned(), self.id(other, open.nearest));
        }
        if open.rival != NO_ROW {
            told.insert("rival".to_owned(), self.id(side, open.rival));
        }
        if open.pass.zip(open.lacks).is_some() {
            let words = self.outcome.shortfall(side, open);
            told.insert("shortfall".to_owned(), words.map(|words| words.to_string()).into());
        }
        if let Some(words) = self.outcome.left_words(side, open) {
            told.insert("shortfall".to_owned(), words.into());
        }
        Value::Object(told)
    }

    fn decisions(&self) -> Vec<Value> {
        let told = |decided: &Decided| {
            let why = decided.members.iter().filter_map(|member| member.stale.as_ref());
            let why: Vec<&str> =
                why.map(|stale| Stale::NAMES[usize::from(stale.at().unsigned_abs())]).collect();
            let (kind, applied) = (decided.kind.name(), decided.is_applied());
            json!({ "decision": decided.label, "kind": kind, "applied": applied, "why": why })
        };
        self.prepared.columns.decisions.all.iter().map(told).collect()
    }

    fn issues(&self) -> Vec<Value> {
        let of = |side: Side| {
            self.prepared.columns.side(side).issues.iter().map(move |issue| {
                let field = issue.field.map(|field| &self.plan().fields[field].name);
                json!({ "side": side.name(), "row": issue.row, "field": field, "value": issue.value })
            })
        };
        of(Side::Left).chain(of(Side::Right)).collect()
    }
}
