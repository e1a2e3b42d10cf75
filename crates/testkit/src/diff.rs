//! Comparisons of tables with known differences: the small pairs that `quality/diff/cases.toml` lists, and a ledger that was
//! changed by a generator which says what it did. The tables belong to others and are read where they are.

use arrow_array::RecordBatch;
use arrow_cast::display::array_value_to_string;
use recon378::spec::ReadSpec;
use recon378::{CompareOptions, Comparer, Comparison, Version};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What a comparison found against what is known.
#[derive(Debug)]
pub struct Measured {
    /// The two files.
    pub name: String,
    /// How the differences are known.
    pub why: String,
    /// Known differences: cells, rows without a partner, columns of one table.
    pub known: usize,
    /// Those of them that were found.
    pub found: usize,
    /// Known and not found.
    pub missed: Vec<String>,
    /// Found and not known.
    pub invented: Vec<String>,
}

/// What is beyond a comparison of tables by key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beyond {
    /// The files.
    pub what: String,
    /// The feature they need.
    pub why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
    beyond: Vec<Beyond>,
}

/// A pair of tables and what differs. Keys of several columns are joined by a comma.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    left: String,
    right: String,
    key: Vec<String>,
    #[serde(default)]
    renamed: BTreeMap<String, String>,
    #[serde(default)]
    read: Read,
    /// Key, column, left, right.
    #[serde(default)]
    cells: Vec<[Option<String>; 4]>,
    #[serde(default)]
    only_left: Vec<String>,
    #[serde(default)]
    only_right: Vec<String>,
    #[serde(default)]
    duplicates: Vec<String>,
    #[serde(default)]
    columns_left: Vec<String>,
    #[serde(default)]
    columns_right: Vec<String>,
    why: String,
}

/// How both files are written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Read {
    header: Option<bool>,
    delimiter: Option<char>,
    quote: Option<char>,
}

/// Differences, each as often as it is there.
type Bag = BTreeMap<String, usize>;

/// Compares every pair, `data` being the folder that holds `diff/`.
///
/// # Errors
/// A list of cases that can't be read; tables that can't be compared.
pub fn measure(data: &Path) -> Outcome<(Vec<Measured>, Vec<Beyond>)> {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../quality/diff/cases.toml");
    let Cases { case: cases, beyond } = toml::from_str(&std::fs::read_to_string(list)?)?;
    let mut measured = vec![ledger(data)?];
    for case in cases {
        let name = format!("{} → {}", case.left, case.right);
        let found = compared(data, &case).map_err(|error| format!("{name}: {error}"))?;
        measured.push(against(name, case.why.clone(), &known(&case), &bag(&found)?));
    }
    Ok((measured, beyond))
}

fn compared(data: &Path, case: &Case) -> Outcome<Comparison> {
    let options =
        CompareOptions { key: case.key.clone(), renamed: case.renamed.clone(), ..CompareOptions::default() };
    let versions = [&case.left, &case.right].map(|file| Version::File(data.join("diff").join(file)));
    let Read { header, delimiter, quote } = case.read;
    let rules = ReadSpec { header, delimiter, quote, ..ReadSpec::default() };
    Ok(Comparer::new(options).threads(1).run_versions(versions, &rules)?)
}

fn known(case: &Case) -> Bag {
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let cells = case.cells.iter().map(|[key, column, left, right]| {
        cell(&text(key), &text(column), [left.as_deref().unwrap_or_default(), &text(right)])
    });
    let rows = [
        ("missing_on_right", &case.only_left),
        ("missing_on_left", &case.only_right),
        ("duplicate", &case.duplicates),
        ("column of left", &case.columns_left),
        ("column of right", &case.columns_right),
    ];
    let rows = rows.into_iter().flat_map(|(what, names)| names.iter().map(move |name| row(what, name)));
    counted(cells.chain(rows))
}

fn cell(key: &str, column: &str, [left, right]: [&str; 2]) -> String {
    format!("{key} | {column} | {left:?} → {right:?}")
}

fn row(what: &str, key: &str) -> String {
    format!("{what} | {key}")
}

fn counted(all: impl Iterator<Item = String>) -> Bag {
    let mut bag = Bag::new();
    all.for_each(|one| *bag.entry(one).or_default() += 1);
    bag
}

/// Everything that a comparison found.
fn bag(found: &Comparison) -> Outcome<Bag> {
    let mut all = Vec::new();
    let summary = found.summary();
    let keys = summary.key.len();
    for line in lines(found.differences())? {
        let rest = &line[2 + keys..];
        all.push(cell(&line[2..2 + keys].join(","), &rest[0], [&rest[2], &rest[3]]));
    }
    for line in lines(found.rows())? {
        all.push(row(&line[2 + keys], &line[2..2 + keys].join(",")));
    }
    all.extend(summary.one_sided.left.iter().map(|name| row("column of left", name)));
    all.extend(summary.one_sided.right.iter().map(|name| row("column of right", name)));
    let equal = summary.equal;
    if equal != all.is_empty() {
        all.push(format!("equal: {equal}"));
    }
    Ok(counted(all.into_iter()))
}

/// A table as text, row by row; null is empty.
fn lines(table: &RecordBatch) -> Outcome<Vec<Vec<String>>> {
    let line = |row: usize| {
        let cells = table.columns().iter().map(|column| Ok(array_value_to_string(column, row)?));
        cells.collect::<Outcome<Vec<String>>>()
    };
    (0..table.num_rows()).map(line).collect()
}

fn against(name: String, why: String, known: &Bag, found: &Bag) -> Measured {
    let without = |some: &Bag, others: &Bag| -> Vec<String> {
        let rest = some.iter().flat_map(|(what, count)| {
            let left = count.saturating_sub(others.get(what).copied().unwrap_or(0));
            std::iter::repeat_n(what.clone(), left)
        });
        rest.collect()
    };
    let missed = without(known, found);
    let all: usize = known.values().sum();
    Measured { name, why, known: all, found: all - missed.len(), missed, invented: without(found, known) }
}

/// The section of docs/quality.md.
#[must_use]
pub fn section(measured: &[Measured], beyond: &[Beyond]) -> String {
    let mut text = String::from(
        "\n## diff\n
Pairs of tables whose differences are known, compared by key with `recon378 compare` as a user would call it: the pairs and what is
known of them stand in `quality/diff/cases.toml`, in the authors' words where they say it, else read off the files before anything
was compared. A difference is a cell that differs with both its values, a row without a partner, a column of one table. Columns that
were renamed are named.

Kinds are told, not guessed: of the ledger's 30 changes of format, 8 are numbers written otherwise and told as `format`; a currency
sign or another way to write a day is another text, told as `changed`. So is the word NULL where a value was.

| case | known | found | missed | invented |
| --- | --- | --- | --- | --- |
",
    );
    let cells = |case: &Measured| [case.known, case.found, case.missed.len(), case.invented.len()];
    let mut folders: BTreeMap<&str, (usize, [usize; 4])> = BTreeMap::new();
    for case in measured {
        let folder = case.name.split('/').next().unwrap_or_default();
        let (pairs, figures) = folders.entry(folder).or_default();
        *pairs += 1;
        figures.iter_mut().zip(cells(case)).for_each(|(sum, one)| *sum += one);
    }
    let lines = folders.iter().map(|(folder, (pairs, figures))| {
        let [known, found, missed, invented] = figures;
        let plural = if *pairs == 1 { "pair" } else { "pairs" };
        format!("| {folder}, {pairs} {plural} | {known} | {found} | {missed} | {invented} |\n")
    });
    text.extend(lines);
    let wrong = measured.iter().filter(|case| !case.missed.is_empty() || !case.invented.is_empty());
    text.extend(
        wrong
            .map(|case| format!("\n{}: missed {:?}, invented {:?}\n", case.name, case.missed, case.invented)),
    );
    text.push_str("\nBeyond a comparison by key:\n\n| files | what they need |\n| --- | --- |\n");
    text.extend(beyond.iter().map(|Beyond { what, why }| format!("| {what} | {why} |\n")));
    text
}

/// What the generator of the changed ledger did to a row or a cell.
#[derive(Deserialize)]
struct Change {
    kind: String,
    key: Option<String>,
    column: Option<String>,
    old: Option<serde_json::Value>,
    new: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Truth {
    key: String,
    changes: Vec<Change>,
}

/// The kinds that a comparison tells of a change of a cell.
const KINDS: [(&str, &[&str]); 5] = [
    ("value_changed", &["changed"]),
    ("format_only", &["format"]),
    ("float_noise", &["changed", "format"]),
    ("whitespace_or_case", &["space_or_case"]),
    ("nulled", &["nulled"]),
];

fn ledger(data: &Path) -> Outcome<Measured> {
    let folder = data.join("diff/mutated_ledger");
    let truth: Truth = serde_json::from_str(&std::fs::read_to_string(folder.join("changes.json"))?)?;
    let text = |value: &Option<serde_json::Value>| match value {
        Some(serde_json::Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    let mut options = CompareOptions { key: vec![truth.key.clone()], ..CompareOptions::default() };
    let mut known = Vec::new();
    for change in &truth.changes {
        let key = change.key.clone().unwrap_or_default();
        match (change.kind.as_str(), &change.column) {
            ("column_renamed", _) => drop(options.renamed.insert(text(&change.old), text(&change.new))),
            ("row_removed", _) => known.push(row("missing_on_right", &key)),
            ("row_added", _) => known.push(row("missing_on_left", &key)),
            ("row_duplicated", _) => known.push(row("duplicate", &key)),
            (_, Some(column)) => {
                known.push(cell(&key, column, [&text(&change.old), &text(&change.new)]));
            }
            _ => {}
        }
    }
    let versions = ["base.csv", "changed.csv"].map(|file| Version::File(folder.join(file)));
    let found = Comparer::new(options).threads(1).run_versions(versions, &ReadSpec::default())?;
    let why = "changes.json: values, formats, noise of floats, spaces and case, nulls, rows gone, new and \
               doubled, a column renamed, columns and rows in another order";
    let name = "mutated_ledger/base.csv → changed.csv".to_owned();
    let mut measured = against(name, why.to_owned(), &counted(known.into_iter()), &bag(&found)?);
    measured.invented.extend(wrong_kinds(&truth, &found)?);
    Ok(measured)
}

/// Cells that were told as another kind of difference than they were made.
fn wrong_kinds(truth: &Truth, found: &Comparison) -> Outcome<Vec<String>> {
    let mut made: BTreeMap<(String, String), &[&str]> = BTreeMap::new();
    for change in &truth.changes {
        if let (Some(key), Some(column)) = (&change.key, &change.column)
            && let Some((_, kinds)) = KINDS.iter().find(|(kind, _)| *kind == change.kind)
        {
            made.insert((key.clone(), column.clone()), kinds);
        }
    }
    let lines = lines(found.differences())?;
    let wrong = lines.into_iter().filter_map(|line| {
        let kinds = made.get(&(line[2].clone(), line[3].clone()))?;
        let kind = &line[4];
        (!kinds.contains(&kind.as_str())).then(|| format!("{} | {} told as {kind}", line[2], line[3]))
    });
    Ok(wrong.collect())
}
