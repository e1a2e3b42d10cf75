//! JSON text to the tree. `serde_json` parses; raw values are slices of the text, so that their addresses give
//! the places.

use super::report::codes;
use super::tree::{DEPTH_MAX, Entry, Lines, Node, Value};
use crate::error::Mistake;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Reads one JSON value. At most [`DEPTH_MAX`] levels; every level reads its part of the text again.
pub(super) fn read(text: &str) -> Result<Node, Box<Mistake>> {
    let reader = Reader { text, lines: Lines::new(text) };
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| Box::new(syntax(&error)))?;
    reader.node(whole, DEPTH_MAX)
}

/// A value that a program built, as a tree without places.
pub(super) fn from_value(value: &serde_json::Value) -> Node {
    let value = match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Flag(*flag),
        serde_json::Value::Number(number) => Value::Number(number.to_string()),
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(from_value).collect()),
        serde_json::Value::Object(entries) => Value::Table(
            entries
                .iter()
                .map(|(key, value)| Entry { key: key.clone(), position: None, node: from_value(value) })
                .collect(),
        ),
    };
    Node { value, position: None }
}

pub(super) fn syntax(error: &serde_json::Error) -> Mistake {
    let line = u32::try_from(error.line()).ok();
    let column = u32::try_from(error.column()).ok();
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    Mistake::new(codes::SYNTAX, "", what, "a JSON object").at(line.zip(column))
}

struct Reader<'t> {
    text: &'t str,
    lines: Lines<'t>,
}

impl<'t> Reader<'t> {
    fn node(&self, raw: &'t RawValue, depth: usize) -> Result<Node, Box<Mistake>> {
        let text = raw.get();
        let position = self.lines.position(self.offset(text));
        let refused = |error: serde_json::Error| Box::new(syntax(&error).at(position));
        let value = match text.bytes().next() {
            Some(b'{' | b'[') if depth == 0 => {
                let expected = format!("at most {DEPTH_MAX} levels of tables and lists");
                return Err(Box::new(Mistake::new(codes::SYNTAX, "", "more levels", expected).at(position)));
            }
            Some(b'{') => {
                let entries: RawEntries<'t> = serde_json::from_str(text).map_err(refused)?;
                let entries = entries.0.into_iter().map(|(key, value)| self.entry(key, value, depth - 1));
                Value::Table(entries.collect::<Result<_, _>>()?)
            }
            Some(b'[') => {
                let items: Vec<&'t RawValue> = serde_json::from_str(text).map_err(refused)?;
                let items = items.into_iter().map(|item| self.node(item, depth - 1));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            Some(b'"') => Value::Text(serde_json::from_str(text).map_err(refused)?),
            Some(b't') => Value::Flag(true),
            Some(b'f') => Value::Flag(false),
            Some(b'n') => Value::Null,
            _ => Value::Number(text.to_owned()),
        };
        Ok(Node { value, position })
    }

    fn entry(&self, key: &'t RawValue, value: &'t RawValue, depth: usize) -> Result<Entry, Box<Mistake>> {
        let position = self.lines.position(self.offset(key.get()));
        let key = serde_json::from_str(key.get()).map_err(|error| Box::new(syntax(&error).at(position)))?;
        Ok(Entry { key, position, node: self.node(value, depth)? })
    }

    fn offset(&self, part: &str) -> usize {
        part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr())
    }
}

/// The entries of an object in the order of the text, repeats included.
struct RawEntries<'t>(Vec<(&'t RawValue, &'t RawValue)>);

impl<'de> serde::Deserialize<'de> for RawEntries<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = RawEntries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(RawEntries(entries))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
