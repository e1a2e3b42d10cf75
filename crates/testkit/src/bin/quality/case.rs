//! What stands beside a spec in `quality/`: which tables it is measured on, and what is known of them.

use crate::Outcome;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::DataType;
use recon378_core::Cancel;
use recon378_core::Spec;
use recon378_core::outcome::Span;
use recon378_core::spec::{ReadSpec, SourceSpec};
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a set's name is written as in the paths of a spec and of its truth.
const SET: &str = "{set}";

/// Two records: across the sides, or within one with the smaller id first.
pub(crate) type Pair = (Span, String, String);

/// `case.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What the data is and what is hard about it.
    pub(crate) about: String,
    /// What others reach on it, and where that is from.
    pub(crate) others: String,
    /// Sets that the one spec is measured on; each takes the place of `{set}` in the paths.
    sets: Option<Sets>,
    /// Where the records of the left and the right source stand, if they are lists inside of a JSON document.
    tables: Option<[String; 2]>,
    /// The known pairs: those of all of these.
    truth: Vec<Truth>,
}

/// The sets by name, or `folder/*`: every folder in it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Sets {
    Listed(Vec<String>),
    Folders(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Truth {
    Table(TruthTable),
    Same(SameIds),
}

/// Pairs that a file lists.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TruthTable {
    /// The file, relative to the data folder.
    path: String,
    /// Where the list of pairs stands, if the file is a JSON document.
    at: Option<String>,
    /// What holds the left and the right id. In JSON it may be a list of ids: each of it with each of the other.
    ids: [String; 2],
    /// Which side the pairs are within. Absent: they are across.
    span: Option<Within>,
    /// The column that says 1 of a pair and 0 of what is none. What the files with one don't list was never judged.
    label: Option<String>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Within {
    Left,
    Right,
}

/// Records belong together whose ids are the same in what group 1 finds in them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SameIds {
    same: [String; 2],
}

/// What is known of one set.
#[derive(Default)]
pub(crate) struct Known {
    /// The pairs.
    pub(crate) pairs: BTreeSet<Pair>,
    /// What was judged at all; empty: everything was.
    judged: BTreeSet<Pair>,
}

impl Known {
    /// Whether it is known if this is a pair.
    pub(crate) fn judges(&self, pair: &Pair) -> bool {
        self.judged.is_empty() || self.judged.contains(pair)
    }

    /// How many of the pairs one to one can find: each record once. `ids` are those of the left and the right records;
    /// an id that several records have can be found as often.
    pub(crate) fn one_to_one_max(&self, [lefts, rights]: &[Vec<String>; 2]) -> usize {
        let [left_records, right_records] = [records_by_id(lefts), records_by_id(rights)];
        let mut edges = Vec::new();
        let mut across = 0;
        for (_, left, right) in self.pairs.iter().filter(|(span, ..)| *span == Span::Across) {
            across += 1;
            for left in left_records.get(left.as_str()).into_iter().flatten() {
                edges.extend(
                    right_records.get(right.as_str()).into_iter().flatten().map(|right| (*left, *right)),
                );
            }
        }
        let within = self.pairs.len() - across;
        within + matching(edges).min(across)
    }
}

/// The rows of each id.
fn records_by_id(ids: &[String]) -> BTreeMap<&str, Vec<usize>> {
    let mut records: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, id) in ids.iter().enumerate() {
        records.entry(id).or_default().push(row);
    }
    records
}

/// The most of these pairs of rows that share no row: a free right one is searched for from each left one, breadth first
/// through those that are taken.
fn matching(pairs: Vec<(usize, usize)>) -> usize {
    let mut partners: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (left, right) in pairs {
        partners.entry(left).or_default().push(right);
    }
    let [mut holds, mut held_by] = [BTreeMap::new(), BTreeMap::new()];
    for start in partners.keys() {
        let mut reached_from: BTreeMap<usize, usize> = BTreeMap::new();
        let mut queue = VecDeque::from([*start]);
        let mut free = None;
        while let Some(left) = queue.pop_front().filter(|_| free.is_none()) {
            for right in partners.get(&left).into_iter().flatten() {
                if reached_from.contains_key(right) {
                    continue;
                }
                reached_from.insert(*right, left);
                match held_by.get(right) {
                    Some(holder) => queue.push_back(*holder),
                    None => free = free.or(Some(*right)),
                }
            }
        }
        while let Some(right) = free {
            let Some(left) = reached_from.get(&right).copied() else { break };
            held_by.insert(right, left);
            free = holds.insert(left, right);
        }
    }
    held_by.len()
}

impl Case {
    /// The sets that are there, without a name where the case is one.
    pub(crate) fn sets(&self, data: &Path) -> Outcome<Vec<String>> {
        match &self.sets {
            None => Ok(vec![String::new()]),
            Some(Sets::Listed(names)) => Ok(names.clone()),
            Some(Sets::Folders(pattern)) => {
                let parent = pattern.strip_suffix("/*").ok_or("`sets` is a list, or ends with /*")?;
                let mut names = Vec::new();
                if data.join(parent).is_dir() {
                    for entry in fs::read_dir(data.join(parent))? {
                        names.push(format!("{parent}/{}", entry?.file_name().to_string_lossy()));
                    }
                }
                names.sort();
                Ok(names)
            }
        }
    }

    /// The records of both sources, their paths relative to the data folder.
    pub(crate) fn sources(&self, spec: &Spec, data: &Path) -> Outcome<[Vec<RecordBatch>; 2]> {
        let at = |side: usize| self.tables.as_ref().and_then(|tables| tables.get(side)).map(String::as_str);
        let right = if spec.one_source { Vec::new() } else { source(&spec.right, at(1), data)? };
        Ok([source(&spec.left, at(0), data)?, right])
    }

    /// What is known of a set. `ids` are those of the left and the right records.
    pub(crate) fn known(&self, set: &str, data: &Path, ids: &[Vec<String>; 2]) -> Outcome<Known> {
        let mut known = Known::default();
        for truth in &self.truth {
            match truth {
                Truth::Table(table) => table.add(set, data, &mut known)?,
                Truth::Same(same) => same.add(ids, &mut known)?,
            }
        }
        Ok(known)
    }
}

/// A text with the set's name in its place.
pub(crate) fn with_set(text: &str, set: &str) -> String {
    text.replace(SET, set)
}

impl TruthTable {
    fn add(&self, set: &str, data: &Path, known: &mut Known) -> Outcome<()> {
        let path = data.join(with_set(&self.path, set));
        let mut columns: Vec<&str> = self.ids.iter().map(String::as_str).collect();
        columns.extend(self.label.as_deref());
        for row in rows(&path, self.at.as_deref(), &columns)? {
            let [lefts, rights, label @ ..] = row.as_slice() else { continue };
            let is_pair = label.iter().flatten().all(|label| label == "1");
            for (left, right) in lefts.iter().flat_map(|left| rights.iter().map(move |right| (left, right))) {
                let Some(pair) = self.pair(left, right) else { continue };
                if self.label.is_some() {
                    known.judged.insert(pair.clone());
                }
                if is_pair {
                    known.pairs.insert(pair);
                }
            }
        }
        Ok(())
    }

    fn pair(&self, left: &str, right: &str) -> Option<Pair> {
        match self.span {
            None => Some((Span::Across, left.to_owned(), right.to_owned())),
            Some(_) if left == right => None,
            Some(Within::Left) => Some(within(Span::WithinLeft, left, right)),
            Some(Within::Right) => Some(within(Span::WithinRight, left, right)),
        }
    }
}

/// A pair within a side, the smaller id first.
pub(crate) fn within(span: Span, one: &str, other: &str) -> Pair {
    (span, one.min(other).to_owned(), one.max(other).to_owned())
}

impl SameIds {
    fn add(&self, [lefts, rights]: &[Vec<String>; 2], known: &mut Known) -> Outcome<()> {
        let [left_rule, right_rule] = [Regex::new(&self.same[0])?, Regex::new(&self.same[1])?];
        let mut by_key: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for right in rights {
            if let Some(key) = group_1(&right_rule, right) {
                by_key.entry(key).or_default().push(right);
            }
        }
        for left in lefts {
            let same = group_1(&left_rule, left).and_then(|key| by_key.get(key));
            for right in same.into_iter().flatten() {
                known.pairs.insert((Span::Across, left.clone(), (*right).to_owned()));
            }
        }
        Ok(())
    }
}

fn group_1<'a>(rule: &Regex, text: &'a str) -> Option<&'a str> {
    Some(rule.captures(text)?.get(1)?.as_str())
}

/// The records of a source: a file, or a list inside of a JSON document.
fn source(spec: &SourceSpec, at: Option<&str>, data: &Path) -> Outcome<Vec<RecordBatch>> {
    let paths: Vec<PathBuf> = spec.path.iter().map(|path| data.join(path)).collect();
    match (at, paths.as_slice()) {
        (Some(at), [path]) => Ok(vec![as_columns(&json_list(path, at)?)?]),
        (Some(_), _) => Err("a JSON document is one file".into()),
        (None, paths) => Ok(recon378_io::read(paths, &spec.read, &Cancel::new())?),
    }
}

/// The list that a JSON pointer names.
fn json_list(path: &Path, at: &str) -> Outcome<Vec<Value>> {
    let document: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    match document.pointer(at) {
        Some(Value::Array(list)) => Ok(list.clone()),
        _ => Err(format!("{} has no list at {at}", path.display()).into()),
    }
}

/// Objects as text columns.
fn as_columns(rows: &[Value]) -> Outcome<RecordBatch> {
    let names: BTreeSet<&String> =
        rows.iter().filter_map(Value::as_object).flat_map(|row| row.keys()).collect();
    let column = |name: &String| {
        let cells = rows.iter().map(|row| row.get(name).and_then(cell));
        Arc::new(cells.collect::<StringArray>()) as ArrayRef
    };
    Ok(RecordBatch::try_from_iter_with_nullable(names.iter().map(|name| (*name, column(name), true)))?)
}

/// A value as text; a null is none.
fn cell(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.trim().to_owned()),
        other => Some(other.to_string()),
    }
}

/// The rows of a table with the cells of some columns; a list in JSON is several cells, a null none.
fn rows(path: &Path, at: Option<&str>, columns: &[&str]) -> Outcome<Vec<Vec<Vec<String>>>> {
    let Some(at) = at else { return table_rows(path, columns) };
    let cells = |value: Option<&Value>| -> Vec<String> {
        match value {
            Some(Value::Array(list)) => list.iter().filter_map(cell).collect(),
            value => value.and_then(cell).into_iter().collect(),
        }
    };
    let list = json_list(path, at)?;
    Ok(list.iter().map(|row| columns.iter().map(|name| cells(row.get(*name))).collect()).collect())
}

fn table_rows(path: &Path, columns: &[&str]) -> Outcome<Vec<Vec<Vec<String>>>> {
    let mut rows = Vec::new();
    for batch in recon378_io::read(&[path], &ReadSpec::default(), &Cancel::new())? {
        let mut texts = Vec::new();
        for name in columns {
            let column =
                batch.column_by_name(name).ok_or_else(|| format!("no column {name} in the truth"))?;
            let text = cast_with_options(column, &DataType::Utf8, &CastOptions::default())?;
            texts.push(StringArray::from(text.to_data()));
        }
        for row in 0..batch.num_rows() {
            let cell = |text: &StringArray| text.is_valid(row).then(|| text.value(row).trim().to_owned());
            rows.push(texts.iter().map(|text| cell(text).into_iter().collect()).collect());
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matching_shared_records_counts_each_once() {
        assert_eq!(matching(vec![(0, 1), (0, 2), (1, 1)]), 2);
        assert_eq!(matching(vec![(0, 1), (1, 1), (2, 1)]), 1);
        assert_eq!(matching(vec![(0, 1), (0, 2), (1, 1), (1, 3), (2, 1), (2, 2)]), 3);
        assert_eq!(matching(Vec::new()), 0);
    }

    #[test]
    fn one_to_one_max_id_of_two_records_is_found_twice() {
        let pair = |left: &str, right: &str| (Span::Across, left.to_owned(), right.to_owned());
        let known = Known { pairs: BTreeSet::from([pair("a", "1"), pair("a", "2")]), ..Known::default() };
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(known.one_to_one_max(&[ids(&["a"]), ids(&["1", "2"])]), 1);
        assert_eq!(known.one_to_one_max(&[ids(&["a", "a"]), ids(&["1", "2"])]), 2);
    }

    #[test]
    fn same_ids_pair_by_what_group_1_finds() {
        let same = SameIds { same: [r"^A0*(\d+)$".to_owned(), r"^[BC]0*(\d+)$".to_owned()] };
        let ids = [
            vec!["A01".to_owned(), "A2".to_owned()],
            vec!["B1".to_owned(), "C001".to_owned(), "X2".to_owned()],
        ];
        let mut known = Known::default();
        same.add(&ids, &mut known).unwrap();
        let rights: Vec<&str> = known.pairs.iter().map(|(_, _, right)| right.as_str()).collect();
        assert_eq!(rights, ["B1", "C001"]);
    }

    #[test]
    fn pairs_within_a_side_have_one_order_and_are_never_of_one_record() {
        let ids = ["ids".to_owned(), "ids".to_owned()];
        let table = TruthTable { path: String::new(), at: None, ids, span: Some(Within::Right), label: None };
        assert_eq!(table.pair("b", "a"), table.pair("a", "b"));
        assert_eq!(table.pair("a", "a"), None);
    }
}
