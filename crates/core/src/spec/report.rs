//! Reads single values out of the tree and collects every mistake on the way.
//!
//! A reading function returns `None` after it has noted why; the caller goes on with a stand-in, so that one run
//! over the tree finds all mistakes.

use super::tree::{Entry, Node, Position, Value, child_path, item_path, quoted};
use crate::error::{Mistake, Mistakes};
use crate::money::Number;
use std::ops::RangeInclusive;

/// Stable codes of mistakes in a spec's text.
pub(super) mod codes {
    /// The text is not JSON or TOML.
    pub(in crate::spec) const SYNTAX: &str = "syntax";
    /// A key that means nothing there.
    pub(in crate::spec) const UNKNOWN_KEY: &str = "unknown_key";
    /// A key that stands twice in one table.
    pub(in crate::spec) const DUPLICATE_KEY: &str = "duplicate_key";
    /// A text where a number is needed, and the like.
    pub(in crate::spec) const WRONG_TYPE: &str = "wrong_type";
    /// A key that must be there.
    pub(in crate::spec) const MISSING: &str = "missing";
    /// The right type, but not a value that can be.
    pub(in crate::spec) const BAD_VALUE: &str = "bad_value";
    /// Valid, but this version of the engine can't do it.
    pub(in crate::spec) const NOT_YET: &str = "not_yet";
    /// Two things that exclude each other.
    pub(in crate::spec) const CONFLICT: &str = "conflict";
    /// A calendar that the spec doesn't define.
    pub(in crate::spec) const UNKNOWN_CALENDAR: &str = "unknown_calendar";
    /// A name that must be unique stands twice.
    pub(in crate::spec) const DUPLICATE_NAME: &str = "duplicate_name";
    /// More of something than a spec may have.
    pub(in crate::spec) const TOO_MANY: &str = "too_many";
}

/// Mistakes kept; a text with more is not a spec with mistakes but not a spec.
const MISTAKES_MAX: usize = 1_000;
/// Characters of a name: of a field, a pass, a column, a calendar, a path.
const NAME_CHARACTERS_MAX: usize = 1_000;

/// A value of the tree and the path to it.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'t> {
    pub(super) path: String,
    pub(super) node: &'t Node,
}

impl<'t> Cursor<'t> {
    pub(super) fn root(node: &'t Node) -> Self {
        Self { path: String::new(), node }
    }

    /// The items of a list, or the value itself as the only one.
    pub(super) fn items(&self) -> Vec<Self> {
        match &self.node.value {
            Value::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, node)| Self { path: item_path(&self.path, index), node })
                .collect(),
            _ => vec![self.clone()],
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.node.value, Value::List(_))
    }

    pub(super) fn is_table(&self) -> bool {
        matches!(self.node.value, Value::Table(_))
    }

    pub(super) fn text(&self) -> Option<&'t str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A table of the tree whose keys have been checked.
#[derive(Debug, Clone)]
pub(super) struct Table<'t> {
    pub(super) path: String,
    pub(super) position: Option<Position>,
    entries: &'t [Entry],
}

impl<'t> Table<'t> {
    /// A key that is there and not null.
    pub(super) fn get(&self, key: &str) -> Option<Cursor<'t>> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        (entry.node.value != Value::Null).then(|| Cursor { path: self.path_of(key), node: &entry.node })
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Keys and values in the order of the text, nulls left out.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'t str, Cursor<'t>)> + use<'t, '_> {
        self.entries
            .iter()
            .filter(|entry| entry.node.value != Value::Null)
            .map(|entry| (entry.key.as_str(), Cursor { path: self.path_of(&entry.key), node: &entry.node }))
    }

    pub(super) fn path_of(&self, key: &str) -> String {
        child_path(&self.path, key)
    }

    fn position_of(&self, key: &str) -> Option<Position> {
        self.entries.iter().find(|entry| entry.key == key).and_then(|entry| entry.position)
    }
}

/// What a table may hold.
pub(super) struct Keys {
    /// Keys that mean something.
    pub(super) known: &'static [&'static str],
    /// Keys that will mean something, and what.
    pub(super) later: &'static [(&'static str, &'static str)],
}

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    mistakes: Vec<Mistake>,
}

impl Report {
    /// All mistakes in the order of the text, or none.
    pub(super) fn finish(mut self) -> Result<(), Mistakes> {
        if self.mistakes.is_empty() {
            return Ok(());
        }
        self.mistakes.sort_by_key(|mistake| mistake.position);
        self.mistakes.truncate(MISTAKES_MAX);
        Err(Mistakes(self.mistakes))
    }

    pub(super) fn count(&self) -> usize {
        self.mistakes.len()
    }

    /// Whether further mistakes are dropped.
    pub(super) fn is_full(&self) -> bool {
        self.mistakes.len() > MISTAKES_MAX
    }

    pub(super) fn push(&mut self, mistake: Mistake) {
        if !self.is_full() {
            self.mistakes.push(mistake);
        }
    }

    /// Notes what is wrong with a value.
    pub(super) fn refuse(&mut self, code: &'static str, at: &Cursor<'_>, expected: impl Into<String>) {
        let mistake = Mistake::new(code, &at.path, at.node.describe(), expected).at(at.node.position);
        self.push(mistake);
    }

    /// Notes that a key must be there.
    pub(super) fn missing(&mut self, table: &Table<'_>, key: &str, expected: impl Into<String>) {
        let mistake = Mistake::new(codes::MISSING, table.path_of(key), "nothing", expected);
        self.push(mistake.at(table.position));
    }

    /// What stands at a key that must be there.
    pub(super) fn needed<'t, T>(
        &mut self,
        table: &Table<'t>,
        key: &str,
        expected: &str,
        read: impl FnOnce(&mut Self, &Cursor<'t>) -> Option<T>,
    ) -> Option<T> {
        let Some(at) = table.get(key) else {
            self.missing(table, key, expected);
            return None;
        };
        read(self, &at)
    }

    /// Notes that a key doesn't go with the rest of its table.
    pub(super) fn conflict(&mut self, table: &Table<'_>, key: &str, expected: impl Into<String>) {
        let mistake = Mistake::new(codes::CONFLICT, table.path_of(key), format!("`{key}`"), expected);
        self.push(mistake.at(table.position_of(key)));
    }

    /// A table with any keys.
    pub(super) fn open_table<'t>(&mut self, at: &Cursor<'t>) -> Option<Table<'t>> {
        let Value::Table(entries) = &at.node.value else {
            self.refuse(codes::WRONG_TYPE, at, "a table");
            return None;
        };
        let table = Table { path: at.path.clone(), position: at.node.position, entries };
        self.note_repeats(&table);
        Some(table)
    }

    /// A table with these keys only.
    pub(super) fn table<'t>(&mut self, at: &Cursor<'t>, keys: &Keys) -> Option<Table<'t>> {
        let table = self.open_table(at)?;
        for entry in table.entries {
            let key = entry.key.as_str();
            if keys.known.contains(&key) || self.is_full() {
                continue;
            }
            let given = quoted(key);
            let path = table.path_of(key);
            let mistake = match keys.later.iter().find(|(later, _)| *later == key) {
                Some((_, meaning)) => Mistake::new(codes::NOT_YET, path, given, not_yet(meaning)),
                None => Mistake::new(codes::UNKNOWN_KEY, path, given, format!("one of {}", list(keys.known)))
                    .nearest(nearest_name(key, keys.known.iter().copied())),
            };
            self.push(mistake.at(entry.position));
        }
        Some(table)
    }

    fn note_repeats(&mut self, table: &Table<'_>) {
        let mut keys: Vec<_> = table.entries.iter().enumerate().map(|(at, entry)| (&entry.key, at)).collect();
        keys.sort_unstable();
        for pair in keys.windows(2) {
            if let [(first, _), (second, at)] = pair
                && first == second
            {
                let path = table.path_of(second);
                let mistake = Mistake::new(codes::DUPLICATE_KEY, path, quoted(second), "every key once");
                self.push(mistake.at(table.entries[*at].position));
            }
        }
    }

    /// A list with at least `least` items, each read by `read`; those with mistakes are left out.
    pub(super) fn list<'t, T>(
        &mut self,
        at: &Cursor<'t>,
        least: usize,
        mut read: impl FnMut(&mut Self, &Cursor<'t>) -> Option<T>,
    ) -> Option<Vec<T>> {
        if !at.is_list() {
            self.refuse(codes::WRONG_TYPE, at, "a list");
            return None;
        }
        let items = at.items();
        if items.len() < least {
            self.refuse(codes::BAD_VALUE, at, "a list that is not empty");
            return None;
        }
        Some(items.iter().filter_map(|item| read(self, item)).collect())
    }

    /// A name: text that is not blank and has no control characters.
    pub(super) fn name(&mut self, at: &Cursor<'_>) -> Option<String> {
        let text = self.text(at)?;
        self.checked_name(at, &text).then_some(text)
    }

    pub(super) fn checked_name(&mut self, at: &Cursor<'_>, text: &str) -> bool {
        let problem = if text.trim().is_empty() {
            "a name that is not blank"
        } else if text.chars().any(char::is_control) {
            "a name without control characters"
        } else if text.chars().nth(NAME_CHARACTERS_MAX).is_some() {
            "a name of at most 1,000 characters"
        } else {
            return true;
        };
        self.refuse(codes::BAD_VALUE, at, problem);
        false
    }

    pub(super) fn text(&mut self, at: &Cursor<'_>) -> Option<String> {
        let text = at.text().map(str::to_owned);
        if text.is_none() {
            self.refuse(codes::WRONG_TYPE, at, "text");
        }
        text
    }

    pub(super) fn flag(&mut self, at: &Cursor<'_>) -> Option<bool> {
        if let Value::Flag(flag) = at.node.value {
            return Some(flag);
        }
        self.refuse(codes::WRONG_TYPE, at, "true or false");
        None
    }

    /// A whole number in a range.
    pub(super) fn whole(&mut self, at: &Cursor<'_>, range: &RangeInclusive<i64>) -> Option<i64> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        let (Value::Number(text) | Value::Text(text)) = &at.node.value else {
            self.refuse(codes::WRONG_TYPE, at, expected);
            return None;
        };
        let number = plain_number(text).and_then(|number| number.units(0));
        let number = number.and_then(|number| i64::try_from(number).ok());
        let Some(number) = number.filter(|number| range.contains(number)) else {
            self.refuse(codes::BAD_VALUE, at, expected);
            return None;
        };
        Some(number)
    }

    /// A decimal from zero to `most` with at most 6 digits after the point.
    pub(super) fn millionths(&mut self, at: &Cursor<'_>, most: i64) -> Option<Number> {
        let expected = format!("a number from 0 to {most} with at most 6 digits after the point");
        let (Value::Number(text) | Value::Text(text)) = &at.node.value else {
            self.refuse(codes::WRONG_TYPE, at, expected);
            return None;
        };
        let number = plain_number(text).filter(|number| {
            number.millionths().is_some_and(|units| (0..=most.saturating_mul(1_000_000)).contains(&units))
        });
        if number.is_none() {
            self.refuse(codes::BAD_VALUE, at, expected);
        }
        number
    }

    /// One of a closed set of names.
    pub(super) fn choice<T: Copy>(&mut self, at: &Cursor<'_>, options: &[(&'static str, T)]) -> Option<T> {
        let expected = || {
            let names: Vec<_> = options.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            if let [only] = names.as_slice() { only.clone() } else { format!("one of {}", names.join(", ")) }
        };
        let Some(text) = at.text() else {
            self.refuse(codes::WRONG_TYPE, at, expected());
            return None;
        };
        if let Some((_, value)) = options.iter().find(|(name, _)| *name == text) {
            return Some(*value);
        }
        let nearest = nearest_name(text, options.iter().map(|(name, _)| *name));
        let mistake = Mistake::new(codes::BAD_VALUE, &at.path, quoted(text), expected());
        self.push(mistake.nearest(nearest).at(at.node.position));
        None
    }
}

/// The text that refuses what will come.
pub(super) fn not_yet(meaning: &str) -> String {
    format!("nothing: {meaning}, and this version can't do that yet")
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A number as JSON and TOML write them; what Rust or a spreadsheet would also take is refused.
pub(super) fn plain_number(text: &str) -> Option<Number> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        digits(unsigned) && unsigned.len() <= 3
    });
    let plain = digits(whole) && fraction.is_none_or(digits) && exponent_fits;
    if plain { text.parse().ok() } else { None }
}

/// The valid name that a person most likely meant: at most a third of its letters wrong, the first of equals.
///
/// ```
/// use recon378_core::spec::nearest_name;
/// assert_eq!(nearest_name("ammount", ["account", "amount"]), Some("amount"));
/// assert_eq!(nearest_name("colour", ["account", "amount"]), None);
/// ```
#[must_use]
pub fn nearest_name<'n>(given: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    const CHARACTERS_MAX: usize = 64;
    let folded = given.trim().to_lowercase();
    if folded.chars().count() > CHARACTERS_MAX {
        return None;
    }
    let distance = |name: &str| {
        if name.chars().count() > CHARACTERS_MAX {
            return usize::MAX;
        }
        rapidfuzz::distance::osa::distance(folded.chars(), name.to_lowercase().chars())
    };
    names
        .into_iter()
        .map(|name| (distance(name), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| *distance <= (name.chars().count() / 3).max(1))
        .map(|(_, name)| name)
}
