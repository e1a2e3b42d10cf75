//! JSON to Arrow: objects one after the other (NDJSON), or a list of them. Every value comes out as the text that stands
//! there; lists and objects inside of a record as their JSON.
//!
//! Records needn't have the same keys, so a file is looked through for its keys first, then read.

use crate::error::{IoError, Result};
use crate::read::{BATCH_BYTES_MAX, BATCH_ROWS_MAX, ROW_BYTES_MAX};
use crate::text::{Text, lines_in};
use crate::{columnar::corrupt, packed};
use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use recon378_core::spec::ReadSpec;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads one JSON file in batches of bounded size.
pub(crate) struct JsonReader {
    path: PathBuf,
    records: Records,
    schema: SchemaRef,
    /// Where the cell of a key goes; `None` for a key that is not kept.
    places: BTreeMap<String, Option<usize>>,
}

impl JsonReader {
    /// Opens a file and looks through it for its keys.
    pub(crate) fn open(path: &Path, spec: &ReadSpec) -> Result<Self> {
        Self::looked_through(path, spec, |_, _| Ok(()))
    }

    /// Opens a file, with a look at each of its records and the keys that came before.
    fn looked_through(
        path: &Path,
        spec: &ReadSpec,
        check: impl Fn(&[String], &Record) -> Result<(), &'static str>,
    ) -> Result<Self> {
        let mut records = Records::open(path, spec)?;
        let mut names: Vec<String> = Vec::new();
        let mut places: BTreeMap<String, Option<usize>> = BTreeMap::new();
        let mut any = false;
        while let Some((record, line)) = records.next()? {
            if std::mem::replace(&mut any, true) {
                check(&names, &record).map_err(|problem| records.refused(line, problem))?;
            }
            for (name, _) in &record.cells {
                if !places.contains_key(name) {
                    places.insert(name.clone(), Some(names.len()));
                    names.push(name.clone());
                }
            }
        }
        if !any {
            return Err(IoError::EmptyFile { path: path.to_owned() });
        }
        let schema = schema_of(names.into_iter());
        Ok(Self { path: path.to_owned(), records: Records::open(path, spec)?, schema, places })
    }

    /// Names of the columns that are read.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Keeps only the columns at these positions.
    pub(crate) fn project(&mut self, positions: &[usize]) {
        let kept = positions.iter().map(|position| self.schema.field(*position).name().clone());
        let schema = schema_of(kept);
        self.places.values_mut().for_each(|place| *place = None);
        for (place, field) in schema.fields().iter().enumerate() {
            self.places.insert(field.name().clone(), Some(place));
        }
        self.schema = schema;
    }

    /// The next batch, `None` at the end.
    pub(crate) fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let mut columns: Vec<StringBuilder> =
            self.schema.fields().iter().map(|_| StringBuilder::new()).collect();
        let mut cells: Vec<Option<String>> = vec![None; columns.len()];
        let (mut rows, mut bytes) = (0, 0);
        while rows < BATCH_ROWS_MAX && bytes < BATCH_BYTES_MAX {
            let Some((record, line)) = self.records.next()? else { break };
            cells.fill(None);
            for (name, value) in record.cells {
                match self.places.get(&name) {
                    Some(Some(place)) => cells[*place] = value,
                    Some(None) => {}
                    None => return Err(changed(&self.path, line)),
                }
            }
            for (column, cell) in columns.iter_mut().zip(&cells) {
                bytes += cell.as_ref().map_or(0, String::len);
                column.append_option(cell.as_deref());
            }
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        let arrays = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
            .map(Some)
            .map_err(|error| corrupt(&self.path, "JSON", &error.to_string()))
    }
}

fn schema_of(names: impl Iterator<Item = String>) -> SchemaRef {
    let fields: Vec<Field> = names.map(|name| Field::new(name, DataType::Utf8, true)).collect();
    Arc::new(Schema::new(fields))
}

fn changed(path: &Path, line: u64) -> IoError {
    corrupt(path, "JSON", &format!("line {line}: the file changed while it was read"))
}

/// Reads a table of a result: NDJSON of our own writing, whose records are flat and have the same keys. No batches where
/// it has no records, which tell no columns either.
pub(crate) fn read_written(path: &Path) -> Result<Vec<RecordBatch>> {
    let check = |names: &[String], record: &Record| match record {
        _ if !record.cells.iter().map(|(name, _)| name).eq(names) => {
            Err("its keys are not those of the first line")
        }
        Record { is_flat: false, .. } => Err("a value is a list or an object"),
        _ => Ok(()),
    };
    let mut reader = match JsonReader::looked_through(path, &ReadSpec::default(), check) {
        Err(IoError::EmptyFile { .. }) => return Ok(Vec::new()),
        other => other?,
    };
    let mut batches = Vec::new();
    while let Some(batch) = reader.next_batch()? {
        batches.push(batch);
    }
    Ok(batches)
}

/// One record.
struct Record {
    /// Its keys in the order they stand, with their values as text; null is `None`.
    cells: Vec<(String, Option<String>)>,
    /// Whether no value is a list or an object.
    is_flat: bool,
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Record;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a record, which is an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
                let mut record = Record { cells: Vec::new(), is_flat: true };
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    let raw = value.get();
                    let text = match raw.as_bytes().first() {
                        Some(b'n') => None,
                        Some(b'"') => Some(serde_json::from_str(raw).map_err(serde::de::Error::custom)?),
                        // Numbers keep the digits they are written with.
                        _ => Some(raw.to_owned()),
                    };
                    record.is_flat &= !raw.starts_with(['[', '{']);
                    record.cells.push((key, text));
                }
                match repeated(&record.cells) {
                    Some(key) => {
                        Err(serde::de::Error::custom(format_args!("the key \"{key}\" stands twice")))
                    }
                    None => Ok(record),
                }
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

/// A key that stands twice.
fn repeated(cells: &[(String, Option<String>)]) -> Option<&str> {
    let mut keys: Vec<&str> = cells.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys.windows(2).find(|two| two[0] == two[1]).map(|two| two[0])
}

/// What stands around the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// Nothing was read yet.
    Unknown,
    /// Nothing: one after the other.
    Lines,
    /// A list; whether it has a record already.
    List { begun: bool },
    /// The list is closed.
    Closed,
}

/// The records of a file, cut out of its text.
struct Records {
    path: PathBuf,
    text: Text,
    frame: Frame,
    line: u64,
    record: Vec<u8>,
}

impl Records {
    fn open(path: &Path, spec: &ReadSpec) -> Result<Self> {
        let input = packed::open(path)?.bytes.into_stream();
        let text = Text::new(path, input, spec.encoding.as_deref())?;
        Ok(Self { path: path.to_owned(), text, frame: Frame::Unknown, line: 1, record: Vec::new() })
    }

    fn refused(&self, line: u64, problem: impl fmt::Display) -> IoError {
        corrupt(&self.path, "JSON", &format!("line {line}: {problem}"))
    }

    /// The next record, and the line it begins on.
    fn next(&mut self) -> Result<Option<(Record, u64)>> {
        if !self.begins_record()? {
            return Ok(None);
        }
        let line = self.line;
        self.cut()?;
        let record = serde_json::from_slice(&self.record).map_err(|error| {
            // The record's own lines are counted by its parser, the file's here.
            let inside = u64::try_from(error.line()).unwrap_or(1).saturating_sub(1);
            let problem = error.to_string();
            let problem = problem.split(" at line ").next().unwrap_or(&problem).to_owned();
            self.refused(line + inside, problem)
        })?;
        Ok(Some((record, line)))
    }

    /// The first byte that is no white space; it stays.
    fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            let chunk = self.text.chunk()?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let blank = chunk.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
            let lines = lines_in(&chunk[..blank]);
            let found = chunk.get(blank).copied();
            self.text.consume(blank);
            self.line += lines;
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Goes to where a record begins; false at the end.
    fn begins_record(&mut self) -> Result<bool> {
        loop {
            let next = self.peek()?;
            let problem = match (self.frame, next) {
                (Frame::Unknown, Some(b'[')) => {
                    self.frame = Frame::List { begun: false };
                    self.text.consume(1);
                    continue;
                }
                (Frame::Unknown, Some(_)) => {
                    self.frame = Frame::Lines;
                    continue;
                }
                (Frame::Unknown | Frame::Lines | Frame::Closed, None) => return Ok(false),
                (Frame::Lines | Frame::List { begun: false }, Some(b'{')) => return Ok(true),
                (Frame::List { .. }, Some(b']')) => {
                    self.frame = Frame::Closed;
                    self.text.consume(1);
                    continue;
                }
                (Frame::List { begun: true }, Some(b',')) => {
                    self.text.consume(1);
                    if self.peek()? == Some(b'{') {
                        return Ok(true);
                    }
                    "a record, which is an object, has to follow the comma"
                }
                (Frame::List { .. }, None) => "the list of records is not closed",
                (Frame::List { begun: true }, Some(_)) => "a comma has to stand between two records",
                (Frame::Closed, Some(_)) => "something stands behind the list of records",
                (Frame::Lines | Frame::List { begun: false }, Some(_)) => {
                    "a record has to be an object, such as {\"id\": \"A1\", \"amount\": \"12.50\"}"
                }
            };
            return Err(self.refused(self.line, problem));
        }
    }

    /// Cuts the object out that begins here, by its braces.
    fn cut(&mut self) -> Result<()> {
        let first = self.line;
        self.record.clear();
        let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
        loop {
            let chunk = self.text.chunk()?;
            if chunk.is_empty() {
                return Err(self.refused(first, "the record that begins here doesn't end"));
            }
            let mut end = None;
            for (at, byte) in chunk.iter().enumerate() {
                if in_string {
                    match byte {
                        _ if escaped => escaped = false,
                        b'\\' => escaped = true,
                        b'"' => in_string = false,
                        _ => {}
                    }
                    continue;
                }
                match byte {
                    b'"' => in_string = true,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if depth == 0 {
                    end = Some(at + 1);
                    break;
                }
            }
            let taken = end.unwrap_or(chunk.len());
            let part = &chunk[..taken];
            let lines = lines_in(part);
            if self.record.len() + taken > ROW_BYTES_MAX {
                let (path, limit_bytes) = (self.path.clone(), ROW_BYTES_MAX);
                return Err(IoError::RowTooLarge { path, line: first, limit_bytes });
            }
            self.record.extend_from_slice(part);
            self.text.consume(taken);
            self.line += lines;
            if end.is_some() {
                if let Frame::List { begun } = &mut self.frame {
                    *begun = true;
                }
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;
    use arrow_array::cast::AsArray as _;
    use recon378_core::Cancel;

    fn read_json(name: &str, text: &str) -> Result<Vec<RecordBatch>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        read(&[path], &ReadSpec::default(), &Cancel::new())
    }

    fn cells(batches: &[RecordBatch]) -> Vec<Vec<Option<String>>> {
        let of = |batch: &RecordBatch, row: usize| {
            batch
                .columns()
                .iter()
                .map(|column| {
                    let column = column.as_string::<i32>();
                    column.is_valid(row).then(|| column.value(row).to_owned())
                })
                .collect()
        };
        batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| of(batch, row))).collect()
    }

    fn names(batches: &[RecordBatch]) -> Vec<String> {
        batches[0].schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    use arrow_array::Array as _;

    const LINES: &str = "{\"id\": \"A\\u00e41\", \"amount\": 12.50, \"ok\": true}\n\n{\"amount\": 1e3, \"id\": null, \"tags\": [\"x\", {\"y\": \"}\"}]}\n";

    #[test]
    fn lines_and_lists_are_the_same_records() {
        let list = format!("\u{feff} [{}]\n", LINES.trim().replace("\n\n", ", "));
        for (name, text) in [("a.ndjson", LINES), ("a.jsonl", LINES), ("a.json", &list), ("b.json", LINES)] {
            let batches = read_json(name, text).unwrap();
            assert_eq!(names(&batches), ["id", "amount", "ok", "tags"], "{name}");
            let text = |cell: &str| Some(cell.to_owned());
            assert_eq!(
                cells(&batches),
                [
                    [text("Aä1"), text("12.50"), text("true"), None],
                    [None, text("1e3"), None, text("[\"x\", {\"y\": \"}\"}]")],
                ],
                "{name}: numbers keep the digits they are written with"
            );
        }
    }

    #[test]
    fn mistakes_name_their_line() {
        for (text, line, problem) in [
            ("{\"a\": 1}\n{\"a\": 1, \"a\": 2}", "line 2", "stands twice"),
            ("{\"a\": 1}\n[1]", "line 2", "has to be an object"),
            ("[{\"a\": 1}\n {\"a\": 2}]", "line 2", "comma"),
            ("[{\"a\": 1},\n\n 7]", "line 3", "follow the comma"),
            ("[{\"a\": 1}", "line 1", "not closed"),
            ("[]\n{}", "line 2", "behind the list"),
            ("{\"a\": {\"b\": 1}", "line 1", "doesn't end"),
            ("{\"a\":\n\n bad}", "line 3", "expected"),
            ("\"text\"", "line 1", "has to be an object"),
        ] {
            let error = read_json("a.json", text).unwrap_err();
            assert_eq!(error.code(), "corrupt_file", "{text}");
            let told = error.to_string();
            assert!(told.contains(line) && told.contains(problem), "{text}: {told}");
        }
        assert_eq!(read_json("a.json", "[]").unwrap_err().code(), "empty_file");
        assert_eq!(read_json("a.json", " \n ").unwrap_err().code(), "empty_file");
    }

    #[test]
    fn a_record_may_lie_across_chunks_and_columns_are_kept_by_name() {
        let long = "x".repeat(700_000);
        let text = format!("{{\"a\": \"{long}\", \"b\": 1}}\n{{\"b\": 2, \"c\": \"\\\"{{\"}}\n");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.ndjson");
        std::fs::write(&path, text).unwrap();
        let mut reader = crate::open(&[path], &ReadSpec::default()).unwrap();
        reader.keep_columns(|name| name != "a").unwrap();
        let batch = reader.next_batch().unwrap().unwrap();
        let text = |cell: &str| Some(cell.to_owned());
        assert_eq!(cells(&[batch]), [[text("1"), None], [text("2"), text("\"{")]]);
        assert!(reader.next_batch().unwrap().is_none());
    }
}
