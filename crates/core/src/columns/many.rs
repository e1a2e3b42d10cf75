//! Many values per record: the invoices that one payment names, the tags of an order.
//!
//! The values of a record are a set: clean, none of them empty, each once, in order. Two things are asked of them. Whether
//! two records hold the same set, which makes twins: the set as one text tells that. And whether two records share a
//! value, which is what equality means: that is asked of the values.

use super::keys::{NULL_KEY, fold, row_of, text_key};
use super::model::{Column, Row, TextColumn};
use super::parts::TextParts;
use super::problem::Problem;
use super::source::Cell;
use crate::error::{Error, Result};
use crate::spec::FieldKind;
use arrow_array::builder::LargeStringBuilder;
use arrow_buffer::ScalarBuffer;
use std::fmt;
use std::ops::Range;

/// What stands between the values of a record where they are written as one text.
const SEPARATOR: char = '|';
/// What stands before a separator, or one of these, that is part of a value.
const ESCAPE: char = '\\';
/// Values of all records of a source that one field may have: they are numbered by 32 bits.
const VALUES_MAX: u64 = u32::MAX as u64 - 1;

/// Many texts, or many integers, a record.
#[derive(Debug, Clone)]
pub struct ManyColumn {
    /// The values of record i: `starts[i]..starts[i + 1]`.
    starts: ScalarBuffer<u32>,
    values: Values,
    /// The values of each record as one text; null where there are none.
    cells: TextColumn,
}

#[derive(Debug, Clone)]
enum Values {
    Text(TextParts<i64>),
    Integer(ScalarBuffer<i64>),
}

/// One value of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Value<'a> {
    /// A text.
    Text(&'a str),
    /// An integer.
    Integer(i64),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::Integer(integer) => integer.fmt(f),
        }
    }
}

impl ManyColumn {
    /// The values of each record as one text, `|` between them; null where there are none. A `|` or `\` inside a value has
    /// a `\` before it, so that equal texts are equal sets.
    #[must_use]
    #[inline]
    pub fn cells(&self) -> &TextColumn {
        &self.cells
    }

    /// The values of a record, ascending.
    pub(crate) fn values(&self, row: Row) -> impl Iterator<Item = Value<'_>> {
        self.range(row).map(|at| self.value(at))
    }

    fn range(&self, row: Row) -> Range<u32> {
        self.starts[row as usize]..self.starts[row as usize + 1]
    }

    fn value(&self, at: u32) -> Value<'_> {
        match &self.values {
            Values::Text(texts) => Value::Text(texts.value(at)),
            Values::Integer(integers) => Value::Integer(integers[at as usize]),
        }
    }

    /// Whether the values are texts; else integers.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.values, Values::Text(_))
    }

    fn kind(&self) -> FieldKind {
        match self.values {
            Values::Text(_) => FieldKind::Text,
            Values::Integer(_) => FieldKind::Integer,
        }
    }

    /// Some records in a column of their own.
    pub(super) fn taken(&self, rows: &[Row]) -> Self {
        let mut builder = ManyBuilder::new(self.kind());
        for row in rows {
            for value in self.values(*row) {
                builder.add_value(value);
            }
            builder.end_record();
        }
        let mut taken = Self::of_parts(vec![builder.finish()]);
        // The texts of the cells are at hand.
        taken.cells = self.cells.taken(rows);
        taken
    }

    /// Bytes of a record, on average, rounded up.
    pub(super) fn bytes_each(&self) -> u64 {
        4 + 8 + 2 * self.cells.bytes_each()
    }

    /// Bytes of it all.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes_each() * self.starts.len() as u64
    }

    /// The same with more records behind, whose cells come as one text. Text that is no integer is no value of integers.
    pub(crate) fn with_cells_behind(&self, cells: &[Option<&str>]) -> Self {
        let mut builder = ManyBuilder::new(self.kind());
        let mut value = String::new();
        for cell in cells {
            each_written(cell.unwrap_or_default(), &mut value, |value| {
                let _unreadable = builder.add(value);
            });
            builder.end_record();
        }
        let more = builder.finish();
        let base = self.starts.last().copied().unwrap_or_default();
        let starts = self.starts.iter().copied().chain(more.ends.iter().map(|end| base + end));
        let values = match &self.values {
            Values::Text(texts) => {
                Values::Text(TextParts::new(texts.parts().iter().cloned().chain([more.texts]).collect()))
            }
            Values::Integer(integers) => {
                Values::Integer(integers.iter().copied().chain(more.integers).collect())
            }
        };
        let cells = match &self.cells {
            TextColumn::Large(cells) => cells.parts().to_vec(),
            TextColumn::Small(_) => Vec::new(),
        };
        let cells = TextColumn::Large(TextParts::new(cells.into_iter().chain([more.cells]).collect()));
        Self { starts: starts.collect(), values, cells }
    }

    /// Parts one after the other, as one column.
    ///
    /// # Errors
    /// [`Error::Limit`] for more values than can be numbered.
    pub(super) fn join(parts: Vec<ManyPart>, source: &str, field: &str) -> Result<Self> {
        let needed: u64 =
            parts.iter().map(|part| u64::from(part.ends.last().copied().unwrap_or_default())).sum();
        if needed > VALUES_MAX {
            return Err(Error::Limit {
                what: format!("the many values of \"{field}\" in source \"{source}\""),
                unit: "values",
                needed,
                limit: VALUES_MAX,
                hint: "Reconcile fewer records at a time".to_owned(),
            });
        }
        Ok(Self::of_parts(parts))
    }

    fn of_parts(parts: Vec<ManyPart>) -> Self {
        let kind = parts.first().map_or(FieldKind::Text, |part| part.kind);
        let records: usize = parts.iter().map(|part| part.ends.len()).sum();
        let mut starts = Vec::with_capacity(records + 1);
        starts.push(0);
        let (mut texts, mut integers, mut cells) = (Vec::new(), Vec::new(), Vec::new());
        let mut base = 0;
        for part in parts {
            starts.extend(part.ends.iter().map(|end| base + end));
            base += part.ends.last().copied().unwrap_or_default();
            integers.extend(part.integers);
            texts.push(part.texts);
            cells.push(part.cells);
        }
        let values = if kind == FieldKind::Integer {
            Values::Integer(integers.into())
        } else {
            Values::Text(TextParts::new(texts))
        };
        Self { starts: starts.into(), values, cells: TextColumn::Large(TextParts::new(cells)) }
    }
}

impl Column {
    /// Whether it has many values a record.
    #[must_use]
    #[inline]
    pub fn is_many(&self) -> bool {
        matches!(self, Self::Many(_))
    }

    /// Values of all records, at most.
    pub(crate) fn values_count(&self) -> u64 {
        match self {
            Self::Many(many) => u64::from(many.starts.last().copied().unwrap_or_default()),
            Self::Text(TextColumn::Small(texts)) => texts.len() as u64,
            Self::Text(TextColumn::Large(texts)) => texts.len() as u64,
            Self::Integer(integers) => integers.values.len() as u64,
            Self::Absent | Self::Amount(_) | Self::Date(_) => 0,
        }
    }

    /// The values of a record, ascending: of texts and integers the only one, where there is one. Amounts and dates have
    /// none to share.
    pub(crate) fn values(&self, row: Row) -> impl Iterator<Item = Value<'_>> {
        let (many, one) = match self {
            Self::Many(many) => (Some(many.values(row)), None),
            Self::Text(texts) => (None, texts.get(row).map(Value::Text)),
            Self::Integer(integers) => (None, integers.get(row).map(Value::Integer)),
            Self::Absent | Self::Amount(_) | Self::Date(_) => (None, None),
        };
        many.into_iter().flatten().chain(one)
    }

    /// Folds each value of a record into a hash: equal values of either side fold alike. The null that equals nulls counts
    /// as one.
    pub(crate) fn fold_values(&self, row: Row, nulls_equal: bool, hash: u64, mut each: impl FnMut(u64)) {
        if nulls_equal && self.is_null(row) {
            each(fold(hash, NULL_KEY));
        }
        for value in self.values(row) {
            each(fold(
                hash,
                match value {
                    Value::Text(text) => text_key(text.as_bytes()),
                    Value::Integer(integer) => integer.cast_unsigned(),
                },
            ));
        }
    }

    /// The first value that two records share; a null shares none. One walk along both.
    pub(crate) fn shared<'a>(&'a self, row: Row, other: &Self, other_row: Row) -> Option<Value<'a>> {
        let (mut mine, mut theirs) = (self.values(row), other.values(other_row));
        let (mut one, mut another) = (mine.next()?, theirs.next()?);
        loop {
            match one.cmp(&another) {
                std::cmp::Ordering::Less => one = mine.next()?,
                std::cmp::Ordering::Greater => another = theirs.next()?,
                std::cmp::Ordering::Equal => return Some(one),
            }
        }
    }

    /// Whether two records share a value; a null shares none.
    #[must_use]
    #[inline]
    pub fn shares(&self, row: Row, other: &Self, other_row: Row) -> bool {
        self.shared(row, other, other_row).is_some()
    }
}

/// Some records of a column in the making.
pub(super) struct ManyPart {
    kind: FieldKind,
    /// Where the values of each record end.
    ends: Vec<u32>,
    texts: arrow_array::LargeStringArray,
    integers: Vec<i64>,
    cells: arrow_array::LargeStringArray,
}

/// Takes the values of one record after the other.
pub(super) struct ManyBuilder {
    kind: FieldKind,
    /// The values of the record that is not ended: texts one after another with their places, or integers.
    text: String,
    places: Vec<Range<usize>>,
    whole: Vec<i64>,
    ends: Vec<u32>,
    texts: LargeStringBuilder,
    integers: Vec<i64>,
    cells: LargeStringBuilder,
    cell: String,
}

impl ManyBuilder {
    /// Of texts or integers.
    pub(super) fn new(kind: FieldKind) -> Self {
        Self {
            kind,
            text: String::new(),
            places: Vec::new(),
            whole: Vec::new(),
            ends: Vec::new(),
            texts: LargeStringBuilder::new(),
            integers: Vec::new(),
            cells: LargeStringBuilder::new(),
            cell: String::new(),
        }
    }

    /// A value of the record, as text. Empty text is none.
    ///
    /// # Errors
    /// Text that is no integer, where integers are wanted.
    pub(super) fn add(&mut self, value: &str) -> Result<(), Problem> {
        if value.is_empty() {
            return Ok(());
        }
        if self.kind != FieldKind::Integer {
            self.add_value(Value::Text(value));
            return Ok(());
        }
        match super::integer::parse(value) {
            Cell::Value(value) => self.add_value(Value::Integer(value)),
            Cell::Bad(problem) => return Err(problem),
            Cell::Null | Cell::Overflow => {}
        }
        Ok(())
    }

    fn add_value(&mut self, value: Value<'_>) {
        match value {
            Value::Text(value) => {
                let start = self.text.len();
                self.text.push_str(value);
                self.places.push(start..self.text.len());
            }
            Value::Integer(value) => self.whole.push(value),
        }
    }

    /// The record has no more values.
    pub(super) fn end_record(&mut self) {
        self.cell.clear();
        let mut added = 0;
        let text = &self.text;
        let value = |place: &Range<usize>| text.get(place.clone()).unwrap_or_default();
        self.places.sort_unstable_by(|a, b| value(a).cmp(value(b)));
        self.places.dedup_by(|a, b| value(a) == value(b));
        for place in &self.places {
            let value = value(place);
            if added > 0 {
                self.cell.push(SEPARATOR);
            }
            write_escaped(value, &mut self.cell);
            self.texts.append_value(value);
            added += 1;
        }
        self.whole.sort_unstable();
        self.whole.dedup();
        for value in &self.whole {
            if added > 0 {
                self.cell.push(SEPARATOR);
            }
            self.cell.push_str(&value.to_string());
            self.integers.push(*value);
            added += 1;
        }
        // A part has at most 2^16 records; where their values pass 32 bits, the join refuses them.
        let end = self.ends.last().copied().unwrap_or_default();
        self.ends.push(end.saturating_add(row_of(added)));
        self.cells.append_option((added > 0).then_some(self.cell.as_str()));
        self.text.clear();
        self.places.clear();
        self.whole.clear();
    }

    pub(super) fn finish(mut self) -> ManyPart {
        ManyPart {
            kind: self.kind,
            ends: self.ends,
            texts: self.texts.finish(),
            integers: self.integers,
            cells: self.cells.finish(),
        }
    }
}

fn write_escaped(value: &str, out: &mut String) {
    if !value.contains([SEPARATOR, ESCAPE]) {
        out.push_str(value);
        return;
    }
    for character in value.chars() {
        if matches!(character, SEPARATOR | ESCAPE) {
            out.push(ESCAPE);
        }
        out.push(character);
    }
}

/// The values that a cell's one text was written of. `value` is room for one.
fn each_written(cell: &str, value: &mut String, mut each: impl FnMut(&str)) {
    value.clear();
    let mut characters = cell.chars();
    while let Some(character) = characters.next() {
        match character {
            ESCAPE => value.extend(characters.next()),
            SEPARATOR => {
                each(value);
                value.clear();
            }
            other => value.push(other),
        }
    }
    each(value);
    value.clear();
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn column(kind: FieldKind, records: &[Vec<String>]) -> ManyColumn {
        let mut builder = ManyBuilder::new(kind);
        for record in records {
            for value in record {
                let _unreadable = builder.add(value);
            }
            builder.end_record();
        }
        ManyColumn::of_parts(vec![builder.finish()])
    }

    fn set(record: &[String]) -> std::collections::BTreeSet<&str> {
        record.iter().map(String::as_str).filter(|value| !value.is_empty()).collect()
    }

    #[test]
    fn values_are_a_set_in_order_and_one_text() {
        let texts = ["b", "a|c", "", "b", "\\"].map(str::to_owned).to_vec();
        let many = column(FieldKind::Text, &[texts, Vec::new()]);
        let values: Vec<Value<'_>> = many.values(0).collect();
        assert_eq!(values, [Value::Text("\\"), Value::Text("a|c"), Value::Text("b")]);
        assert_eq!(many.cells().get(0), Some("\\\\|a\\|c|b"));
        assert_eq!(many.cells().get(1), None);
        let numbers = ["10", "9", "x", "10"].map(str::to_owned).to_vec();
        let many = column(FieldKind::Integer, &[numbers]);
        assert_eq!(many.values(0).collect::<Vec<_>>(), [Value::Integer(9), Value::Integer(10)]);
        assert_eq!(many.cells().get(0), Some("9|10"));
    }

    proptest! {
        #[test]
        fn a_cell_as_text_is_read_back(
            records in prop::collection::vec(prop::collection::vec("[ab|\\\\]{0,3}", 0..4), 0..6),
            more in prop::collection::vec(prop::collection::vec("[ab|\\\\]{0,3}", 0..4), 0..6),
        ) {
            let behind = column(FieldKind::Text, &more);
            let cells: Vec<Option<&str>> = (0..row_of(more.len())).map(|row| behind.cells().get(row)).collect();
            let all = column(FieldKind::Text, &records).with_cells_behind(&cells);
            let expected = column(FieldKind::Text, &[records, more].concat());
            let whole = Column::Many(Arc::new(expected.clone()));
            let all = Column::Many(Arc::new(all));
            for row in 0..row_of(expected.starts.len() - 1) {
                prop_assert!(all.same(row, &whole, row));
                prop_assert!(all.values(row).eq(whole.values(row)));
            }
            let taken: Vec<Row> = (0..row_of(expected.starts.len() - 1)).step_by(2).collect();
            let few = Column::Many(Arc::new(expected.taken(&taken)));
            for (at, row) in (0..).zip(taken) {
                prop_assert!(few.same(at, &whole, row));
                prop_assert!(few.values(at).eq(whole.values(row)));
            }
        }

        #[test]
        fn records_share_a_value_when_their_sets_meet(
            one in prop::collection::vec("[ab|]{0,2}", 0..5),
            other in prop::collection::vec("[ab|]{0,2}", 0..5),
        ) {
            let meet = set(&one).intersection(&set(&other)).next().is_some();
            let equal = set(&one) == set(&other);
            let columns = [one, other].map(|record| Column::Many(Arc::new(column(FieldKind::Text, &[record]))));
            prop_assert_eq!(columns[0].shares(0, &columns[1], 0), meet);
            prop_assert_eq!(columns[1].shares(0, &columns[0], 0), meet);
            prop_assert_eq!(columns[0].same(0, &columns[1], 0), equal);
        }
    }
}
