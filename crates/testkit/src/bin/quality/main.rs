//! How well the specs of `quality/`, written as a user would write them, do on cases with known answers: precision,
//! recall and F1, into `docs/quality.md`. The data is not part of the project; what isn't there is skipped and said.

mod case;
mod page;

use case::{Case, Pair, with_set, within};
use recon378_core::columns::Column;
use recon378_core::outcome::{Found, Span, Verdict};
use recon378_core::plan::Grouping;
use recon378_core::spec::Status;
use recon378_core::{Side, Spec};
use recon378_testkit::run::{Prepared, prepare_batches};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// `not_yet.toml`: data whose answers are known and that nothing here measures.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Missing {
    not_yet: Vec<NotYet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotYet {
    /// Which data.
    data: String,
    /// What the engine lacks for it, or what the data lacks.
    why: String,
}

/// Pairs found against pairs known.
#[derive(Debug, Clone, Copy, Default)]
struct Figures {
    found: usize,
    right: usize,
    known: usize,
}

impl Figures {
    fn of(found: &BTreeSet<Pair>, known: &BTreeSet<Pair>) -> Self {
        Self { found: found.len(), right: found.intersection(known).count(), known: known.len() }
    }

    fn add(&mut self, other: Self) {
        self.found += other.found;
        self.right += other.right;
        self.known += other.known;
    }

    /// Precision, recall and F1.
    fn shares(&self) -> [String; 3] {
        [(self.right, self.found), (self.right, self.known), (2 * self.right, self.found + self.known)]
            .map(|(part, whole)| share(part, whole))
    }

    /// The same as table cells, behind what was counted.
    fn cells(&self) -> String {
        format!("{} | {} | {}", self.found, self.right, self.shares().join(" | "))
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

/// What one case came to, all its sets together.
#[derive(Default)]
struct Measured {
    records: [u32; 2],
    matched: Figures,
    both: Figures,
    /// Matched, and matched and proposed, by the name of the set.
    by_set: Vec<(String, [Figures; 2])>,
    by_pass: BTreeMap<u16, Figures>,
    passes: Vec<String>,
    /// How many of the known pairs one to one can find.
    one_to_one_max: usize,
    /// Found pairs of which nobody knows whether they are true.
    not_judged: usize,
    /// Reading, preparing, matching.
    seconds: [f64; 3],
}

impl Measured {
    fn pass_name(&self, pass: u16) -> &str {
        self.passes.get(usize::from(pass)).map_or("", String::as_str)
    }
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let data = arguments.next().map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut out = std::io::stdout().lock();
    let mut measured = Vec::new();
    for name in case_names(&root)? {
        let folder = root.join("quality").join(&name);
        let case: Case = toml::from_str(&std::fs::read_to_string(folder.join("case.toml"))?)
            .map_err(|error| format!("{name}: {error}"))?;
        let spec = std::fs::read_to_string(folder.join("spec.toml"))?;
        match measure(&spec, &case, &data).map_err(|error| format!("{name}: {error}"))? {
            None => writeln!(out, "skipped: {name}, its data is not there")?,
            Some(result) => {
                print(&mut out, &name, &result)?;
                measured.push((name, case, result));
            }
        }
    }
    if measured.is_empty() {
        writeln!(out, "nothing measured: docs/quality.md stays as it is")?;
        return Ok(());
    }
    let missing: Missing = toml::from_str(&std::fs::read_to_string(root.join("quality/not_yet.toml"))?)?;
    let mut page = page::page(&measured, &missing.not_yet)?;
    if data.join("diff").is_dir() {
        let (differences, beyond) = recon378_testkit::diff::measure(&data)?;
        page.push_str(&recon378_testkit::diff::section(&differences, &beyond));
    } else {
        writeln!(out, "skipped: diff, its data is not there")?;
    }
    std::fs::write(root.join("docs/quality.md"), page)?;
    Ok(())
}

/// The folders of `quality/` that hold a spec, sorted.
fn case_names(root: &Path) -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join("quality"))? {
        let entry = entry?;
        if entry.path().join("spec.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn print(out: &mut impl std::io::Write, name: &str, result: &Measured) -> Outcome<()> {
    let [read, prepared, run] = result.seconds;
    writeln!(out, "{name}: {read:.3} s read, {prepared:.3} s prepared, {run:.3} s matched")?;
    writeln!(out, "  pairs | true | precision | recall | F1")?;
    writeln!(out, "  {} matched", result.matched.cells())?;
    writeln!(out, "  {} matched + proposed", result.both.cells())?;
    for (pass, figures) in &result.by_pass {
        writeln!(out, "  {} {}", figures.cells(), result.pass_name(*pass))?;
    }
    Ok(out.flush()?)
}

/// The spec on every set of the case; none where their data is not there.
fn measure(spec: &str, case: &Case, data: &Path) -> Outcome<Option<Measured>> {
    let mut result = Measured::default();
    for set in case.sets(data)? {
        let spec = Spec::from_toml(&with_set(spec, &set))?;
        if !spec.left.path.iter().all(|path| data.join(path).is_file()) {
            return Ok(None);
        }
        measure_set(&spec, case, &set, data, &mut result).map_err(|error| format!("{set} {error}"))?;
    }
    Ok((!result.by_set.is_empty()).then_some(result))
}

#[expect(clippy::disallowed_methods, reason = "it measures seconds; no result depends on them")]
fn measure_set(spec: &Spec, case: &Case, set: &str, data: &Path, result: &mut Measured) -> Outcome<()> {
    let started = Instant::now();
    let [left, right] = case.sources(spec, data)?;
    let read = started.elapsed();
    let prepared = prepare_batches(spec, [&left, &right])?;
    let ready = started.elapsed();
    let found = prepared.run()?;
    let done = started.elapsed();

    let ids = [ids(&prepared, Side::Left)?, ids(&prepared, Side::Right)?];
    let known = case.known(set, data, &ids)?;
    let [mut matched, mut both] = [BTreeSet::new(), BTreeSet::new()];
    let mut by_pass: BTreeMap<u16, BTreeSet<Pair>> = BTreeMap::new();
    for (pass, status, pair) in named_pairs(&ids, &found)? {
        if !known.judges(&pair) {
            result.not_judged += 1;
            continue;
        }
        if status == Status::Matched {
            matched.insert(pair.clone());
        }
        by_pass.entry(pass).or_default().insert(pair.clone());
        both.insert(pair);
    }
    let [matched, both] = [matched, both].map(|found| Figures::of(&found, &known.pairs));
    result.matched.add(matched);
    result.both.add(both);
    let name = Path::new(set).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    result.by_set.push((name, [matched, both]));
    for (pass, pairs) in by_pass {
        result.by_pass.entry(pass).or_default().add(Figures::of(&pairs, &known.pairs));
    }
    let one_to_one = prepared.plan.passes.iter().all(|pass| pass.grouping == Grouping::Pairs);
    result.one_to_one_max += if one_to_one { known.one_to_one_max(&ids) } else { known.pairs.len() };
    result.passes = prepared.plan.passes.iter().map(|pass| pass.name.clone()).collect();
    for side in Side::BOTH {
        result.records[side.index()] += prepared.columns.side(side).rows;
    }
    let times = [read, ready.saturating_sub(read), done.saturating_sub(ready)];
    for (sum, time) in result.seconds.iter_mut().zip(times) {
        *sum += time.as_secs_f64();
    }
    Ok(())
}

/// The ids of one side's records, by row.
fn ids(prepared: &Prepared, side: Side) -> Outcome<Vec<String>> {
    let field = prepared.plan.id.ok_or("the spec maps no id")?;
    let source = prepared.columns.side(side);
    let Some(Column::Text(ids)) = source.fields.get(field) else { return Err("the id is no text".into()) };
    Ok((0..source.rows).map(|row| ids.get(row).unwrap_or_default().to_owned()).collect())
}

/// The pairs that were found: pass, status, and the two records by their ids.
fn named_pairs([lefts, rights]: &[Vec<String>; 2], found: &Found) -> Outcome<Vec<(u16, Status, Pair)>> {
    let id = |ids: &[String], row: u32| -> Outcome<String> {
        Ok(ids.get(usize::try_from(row)?).ok_or("a pair of no record")?.clone())
    };
    let mut pairs = Vec::with_capacity(found.pairs.len());
    for pair in &found.pairs {
        let named = match pair.span {
            Span::Across => (Span::Across, id(lefts, pair.left)?, id(rights, pair.right)?),
            span @ Span::WithinLeft => within(span, &id(lefts, pair.left)?, &id(lefts, pair.right)?),
            span @ Span::WithinRight => within(span, &id(rights, pair.left)?, &id(rights, pair.right)?),
        };
        pairs.push((pair.pass, pair.status, named));
    }
    for group in found.groups.iter() {
        let Verdict { pass, status, .. } = group.verdict;
        let named = |ids: &[String], rows: &[u32]| -> Outcome<Vec<String>> {
            rows.iter().map(|row| id(ids, *row)).collect()
        };
        let (left, right) = (named(lefts, group.lefts)?, named(rights, group.rights)?);
        let across = left.iter().flat_map(|left| right.iter().map(move |right| (left, right)));
        let across = across.map(|(left, right)| (Span::Across, left.clone(), right.clone()));
        pairs.extend(across.map(|named| (pass, status, named)));
        // Those of one source are each a pair with every other.
        if group.is_one_sided() {
            let (span, all) =
                if right.is_empty() { (Span::WithinLeft, left) } else { (Span::WithinRight, right) };
            for (at, one) in all.iter().enumerate() {
                pairs.extend(all[at + 1..].iter().map(|other| (pass, status, within(span, one, other))));
            }
        }
    }
    Ok(pairs)
}
