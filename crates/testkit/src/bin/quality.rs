//! How well the specs of `quality/`, written as a user would write them, do on cases with known answers: precision,
//! recall and F1, into `docs/quality.md`. The data is not part of the project; what isn't there is skipped and said.

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::DataType;
use recon378_core::columns::Column;
use recon378_core::outcome::{Found, Span};
use recon378_core::spec::{SourceSpec, Status};
use recon378_core::{Cancel, Side, Spec};
use recon378_testkit::run::{Prepared, prepare_batches};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;
/// Pass, status, ids of left and right.
type NamedPair = (u16, Status, (String, String));

/// `case.toml`: what stands beside a spec.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The known pairs, relative to the data folder.
    truth: PathBuf,
    /// The truth's columns that hold the left and the right id.
    ids: [String; 2],
    /// What the data is and what is hard about it.
    about: String,
    /// What others reach on it, and where that is from.
    others: String,
}

/// Pairs found against pairs known.
struct Figures {
    found: usize,
    right: usize,
    known: usize,
}

impl Figures {
    fn of(found: &BTreeSet<(String, String)>, known: &BTreeSet<(String, String)>) -> Self {
        Self { found: found.len(), right: found.intersection(known).count(), known: known.len() }
    }

    /// Precision, recall and F1 as table cells.
    fn cells(&self) -> String {
        let [precision, recall, f1] =
            [(self.right, self.found), (self.right, self.known), (2 * self.right, self.found + self.known)]
                .map(|(part, whole)| share(part, whole));
        format!("{} | {} | {precision} | {recall} | {f1}", self.found, self.right)
    }
}

/// A share with four digits, in integers.
fn share(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let rounded = (part * 20_000 + whole) / (2 * whole);
    format!("{}.{:04}", rounded / 10_000, rounded % 10_000)
}

/// What one case came to.
struct Measured {
    records: [u32; 2],
    matched: Figures,
    both: Figures,
    by_pass: BTreeMap<u16, Figures>,
    passes: Vec<String>,
    /// Reading, preparing, matching.
    seconds: [f64; 3],
}

fn main() -> Outcome<()> {
    let data = std::env::args().nth(1).map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join("quality"))? {
        let entry = entry?;
        if entry.path().join("spec.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    let mut out = std::io::stdout().lock();
    let mut measured = Vec::new();
    for name in names {
        let folder = root.join("quality").join(&name);
        let case: Case = toml::from_str(&std::fs::read_to_string(folder.join("case.toml"))?)?;
        if !data.join(&case.truth).is_file() {
            writeln!(out, "skipped: {name}, its data is not there")?;
            continue;
        }
        let spec = Spec::from_toml(&std::fs::read_to_string(folder.join("spec.toml"))?)
            .map_err(|error| format!("{name}: {error}"))?;
        let result = measure(&spec, &case, &data).map_err(|error| format!("{name}: {error}"))?;
        print(&mut out, &name, &result)?;
        measured.push((name, case, result));
    }
    if measured.is_empty() {
        writeln!(out, "nothing measured: docs/quality.md stays as it is")?;
        return Ok(());
    }
    let mut page = page(&measured)?;
    if data.join("diff").is_dir() {
        let (differences, beyond) = recon378_testkit::diff::measure(&data)?;
        page.push_str(&recon378_testkit::diff::section(&differences, &beyond));
    } else {
        writeln!(out, "skipped: diff, its data is not there")?;
    }
    std::fs::write(root.join("docs/quality.md"), page)?;
    Ok(())
}

fn print(out: &mut impl std::io::Write, name: &str, result: &Measured) -> Outcome<()> {
    let [read, prepared, run] = result.seconds;
    writeln!(out, "{name}: {read:.3} s read, {prepared:.3} s prepared, {run:.3} s matched")?;
    writeln!(out, "  pairs | true | precision | recall | F1")?;
    writeln!(out, "  {} matched", result.matched.cells())?;
    writeln!(out, "  {} matched + proposed", result.both.cells())?;
    for (pass, figures) in &result.by_pass {
        writeln!(out, "  {} {}", figures.cells(), pass_name(result, *pass))?;
    }
    Ok(())
}

fn pass_name(result: &Measured, pass: u16) -> &str {
    result.passes.get(usize::from(pass)).map_or("", String::as_str)
}

#[expect(clippy::disallowed_methods, reason = "it measures seconds; no result depends on them")]
fn measure(spec: &Spec, case: &Case, data: &Path) -> Outcome<Measured> {
    let known = truth(&data.join(&case.truth), &case.ids)?;
    let started = Instant::now();
    let left = source(&spec.left, data)?;
    let right = source(&spec.right, data)?;
    let read = started.elapsed();
    let prepared = prepare_batches(spec, [&left, &right])?;
    let ready = started.elapsed();
    let found = prepared.run()?;
    let done = started.elapsed();

    let [mut matched, mut both] = [BTreeSet::new(), BTreeSet::new()];
    let mut by_pass: BTreeMap<u16, BTreeSet<_>> = BTreeMap::new();
    for (pass, status, pair) in named_pairs(&prepared, &found)? {
        if status == Status::Matched {
            matched.insert(pair.clone());
        }
        by_pass.entry(pass).or_default().insert(pair.clone());
        both.insert(pair);
    }
    Ok(Measured {
        records: Side::BOTH.map(|side| prepared.columns.side(side).rows),
        matched: Figures::of(&matched, &known),
        both: Figures::of(&both, &known),
        by_pass: by_pass.into_iter().map(|(pass, pairs)| (pass, Figures::of(&pairs, &known))).collect(),
        passes: prepared.plan.passes.iter().map(|pass| pass.name.clone()).collect(),
        seconds: [read, ready.saturating_sub(read), done.saturating_sub(ready)]
            .map(|time| time.as_secs_f64()),
    })
}

/// The pairs across the sides, by pass and status, as ids.
fn named_pairs(prepared: &Prepared, found: &Found) -> Outcome<Vec<NamedPair>> {
    let field = prepared.plan.id.ok_or("the spec maps no id")?;
    let id = |side, row| match prepared.columns.side(side).fields.get(field) {
        Some(Column::Text(ids)) => Ok(ids.get(row).unwrap_or_default().to_owned()),
        _ => Err("the id is no text"),
    };
    let mut pairs = Vec::with_capacity(found.pairs.len());
    for pair in found.pairs.iter().filter(|pair| pair.span == Span::Across) {
        pairs.push((pair.pass, pair.status, (id(Side::Left, pair.left)?, id(Side::Right, pair.right)?)));
    }
    Ok(pairs)
}

/// The records of a source, its paths relative to the data folder.
fn source(spec: &SourceSpec, data: &Path) -> Outcome<Vec<RecordBatch>> {
    let paths: Vec<PathBuf> = spec.path.iter().map(|path| data.join(path)).collect();
    match paths.as_slice() {
        [path] if path.extension().is_some_and(|extension| extension == "json") => Ok(vec![json_rows(path)?]),
        paths => Ok(recon378_io::read(paths, &spec.read, &Cancel::new())?),
    }
}

/// A JSON array of objects as text columns.
fn json_rows(path: &Path) -> Outcome<RecordBatch> {
    type Rows = Vec<BTreeMap<String, serde_json::Value>>;
    let rows: Rows = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let names: BTreeSet<&String> = rows.iter().flat_map(BTreeMap::keys).collect();
    let column = |name: &String| {
        let cells = rows.iter().map(|row| match row.get(name)? {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        });
        Arc::new(cells.collect::<StringArray>()) as ArrayRef
    };
    Ok(RecordBatch::try_from_iter_with_nullable(names.iter().map(|name| (*name, column(name), true)))?)
}

/// The known pairs.
fn truth(path: &Path, ids: &[String; 2]) -> Outcome<BTreeSet<(String, String)>> {
    let mut pairs = BTreeSet::new();
    for batch in recon378_io::read(&[path], &recon378_core::spec::ReadSpec::default(), &Cancel::new())? {
        let text = |name: &String| -> Outcome<StringArray> {
            let column =
                batch.column_by_name(name).ok_or_else(|| format!("no column {name} in the truth"))?;
            let text = cast_with_options(column, &DataType::Utf8, &CastOptions::default())?;
            Ok(StringArray::from(text.to_data()))
        };
        let [left, right] = [text(&ids[0])?, text(&ids[1])?];
        for (left, right) in left.iter().zip(&right) {
            if let (Some(left), Some(right)) = (left, right) {
                pairs.insert((left.trim().to_owned(), right.trim().to_owned()));
            }
        }
    }
    Ok(pairs)
}

const HEAD: &str = "# Quality

How well specs written as a user would write them do on cases whose answers are known. Each spec stands in
`quality/<case>/spec.toml`: general passes from strict to lenient, written by hand after a look at the data, without
training. Where the author had seen more than the two tables, the case says so. There is no held-back part: these are
the cases the specs were written for. This page is written by

```sh
make quality
```

which is `cargo run --release -p recon378-testkit --bin quality -- ../shared/data`. The data sets belong to others and
are not part of the project; a case whose data is not there is skipped.

`matched` is what the engine decides alone; `proposed` is what it leaves to a person. Precision is the share of found
pairs that are true, recall the share of true pairs that were found, F1 their harmonic mean. Pairs are compared over
the whole tables, nothing is blocked beforehand. Seconds are the time of one run: reading, preparing, matching; they
vary between machines and runs, the other figures don't. What others reach is quoted, not measured here.
";

fn page(measured: &[(String, Case, Measured)]) -> Outcome<String> {
    let mut page = HEAD.to_owned();
    writeln!(page, "\n| case | F1 matched | F1 matched + proposed | seconds |\n| --- | --- | --- | --- |")?;
    let f1 = |figures: &Figures| share(2 * figures.right, figures.found + figures.known);
    for (name, _, result) in measured {
        let seconds: f64 = result.seconds.iter().sum();
        writeln!(page, "| {name} | {} | {} | {seconds:.2} |", f1(&result.matched), f1(&result.both))?;
    }
    for (name, case, result) in measured {
        let [left, right] = result.records;
        let [read, prepared, run] = result.seconds;
        writeln!(page, "\n## {name}\n\n{}\n", case.about.trim())?;
        let known = result.matched.known;
        writeln!(page, "{left} left and {right} right records, {known} true pairs.")?;
        writeln!(page, "{read:.3} s reading, {prepared:.3} s preparing, {run:.3} s matching.\n")?;
        writeln!(
            page,
            "| | pairs | true | precision | recall | F1 |\n| --- | --- | --- | --- | --- | --- |"
        )?;
        writeln!(page, "| matched | {} |", result.matched.cells())?;
        writeln!(page, "| matched + proposed | {} |\n", result.both.cells())?;
        writeln!(page, "| pass | pairs | true | precision |\n| --- | --- | --- | --- |")?;
        for (pass, figures) in &result.by_pass {
            let precision = share(figures.right, figures.found);
            let pass = pass_name(result, *pass);
            writeln!(page, "| {pass} | {} | {} | {precision} |", figures.found, figures.right)?;
        }
        writeln!(page, "\nOthers: {}", case.others.trim())?;
    }
    Ok(page)
}
