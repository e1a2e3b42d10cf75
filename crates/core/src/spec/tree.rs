//! The generic tree a spec is decoded from: JSON, TOML and the builder all become this, with the place of every
//! value in the text where there is a text. Decoding from a tree instead of straight into types is what lets
//! every mistake be reported at once.

/// Line and column, from 1, in characters.
pub(super) type Position = (u32, u32);

/// The most bytes a spec's text may have.
pub(super) const TEXT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The deepest a spec may nest. The deepest valid one has 8 levels.
pub(super) const DEPTH_MAX: usize = 32;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) position: Option<Position>,
}

/// What a spec's text can hold. Numbers stay the text that was written: no float comes in between.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Flag(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key of a table and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Where the key stands.
    pub(super) position: Option<Position>,
    pub(super) node: Node,
}

impl Node {
    /// The value in words, for the `given` of a mistake: short, however long the value is.
    pub(super) fn describe(&self) -> String {
        match &self.value {
            Value::Null => "null".to_owned(),
            Value::Flag(flag) => flag.to_string(),
            Value::Number(number) => format!("the number {}", shortened(number)),
            Value::Text(text) => quoted(text),
            Value::List(items) if items.is_empty() => "an empty list".to_owned(),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Table(entries) if entries.is_empty() => "an empty table".to_owned(),
            Value::Table(entries) => {
                let keys: Vec<_> = entries.iter().take(4).map(|entry| shortened(&entry.key)).collect();
                let more = if entries.len() > keys.len() { ", …" } else { "" };
                format!("a table with {}{more}", keys.join(", "))
            }
        }
    }
}

/// The path of a key of the table at a path.
pub(crate) fn child_path(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let key = if plain { key.to_owned() } else { quoted(key) };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// The path of an item of the list at a path.
pub(super) fn item_path(path: &str, at: usize) -> String {
    format!("{path}[{at}]")
}

/// A text in quotes, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", shortened(text).escape_debug())
}

fn shortened(text: &str) -> String {
    const CHARACTERS_MAX: usize = 60;
    if text.chars().count() <= CHARACTERS_MAX {
        return text.to_owned();
    }
    text.chars().take(CHARACTERS_MAX).chain(['…']).collect()
}

/// Finds lines and columns of byte offsets. A spec of one long line is common, so columns are not counted from the
/// line's start each time.
pub(super) struct Lines<'t> {
    text: &'t [u8],
    /// Where lines start.
    starts: Vec<usize>,
    /// Characters before every [`BLOCK_BYTES`]th byte.
    characters: Vec<usize>,
}

const BLOCK_BYTES: usize = 256;

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(after_breaks).collect();
        let characters = text.as_bytes().chunks(BLOCK_BYTES).scan(0, |before, block| {
            let here = *before;
            *before += characters(block);
            Some(here)
        });
        Self { text: text.as_bytes(), starts, characters: characters.collect() }
    }

    pub(super) fn position(&self, offset: usize) -> Option<Position> {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = *self.starts.get(line.checked_sub(1)?)?;
        let column = self.characters_before(offset)?.checked_sub(self.characters_before(start)?)? + 1;
        Some((u32::try_from(line).ok()?, u32::try_from(column).ok()?))
    }

    fn characters_before(&self, offset: usize) -> Option<usize> {
        let block = offset / BLOCK_BYTES;
        // At the end of the text there may be no block any more.
        let before = self.characters.get(block).copied();
        match before {
            Some(before) => Some(before + characters(self.text.get(block * BLOCK_BYTES..offset)?)),
            None => Some(characters(self.text.get(..offset)?)),
        }
    }
}

/// Characters that begin in these bytes of a text.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
}
