//! Text in the pieces that it came in: batches are not copied into one array to be one column.
//!
//! A row finds its piece through a small table with more slots than there are pieces, so that nearly every slot
//! lies inside one of them.

use super::codes::Codes;
use super::keys::row_of;
use super::model::Row;
use crate::control::Memory;
use crate::kernel::prefetch;
use arrow_array::{Array as _, GenericStringArray, OffsetSizeTrait};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use std::sync::{Arc, OnceLock};

/// Slots of the table per piece: one row in as many costs a search among the pieces of its slot.
const SLOTS_PER_PART: usize = 64;

/// Texts that are asked for ahead of their use. What matters is that they are more than the machine loads at a time.
const AHEAD: usize = 32;

/// The texts of a column, in one or more arrays.
#[derive(Debug, Clone)]
pub struct TextParts<O: OffsetSizeTrait> {
    parts: Vec<GenericStringArray<O>>,
    /// First row of each part, and the number of rows.
    starts: Vec<Row>,
    /// The part of the first row of each slot, and the last part.
    slots: Vec<u32>,
    /// Rows of a slot, as a power of two.
    slot_bits: u32,
    nulls: Option<NullBuffer>,
    /// Made when the column is first a key of many records.
    codes: Arc<OnceLock<Option<Codes>>>,
}

impl<O: OffsetSizeTrait> TextParts<O> {
    /// The arrays as one column, in their order. Shares their buffers; only null bits are copied.
    #[must_use]
    pub fn new(parts: Vec<GenericStringArray<O>>) -> Self {
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let mut starts = Vec::with_capacity(parts.len() + 1);
        let mut rows = 0;
        for part in &parts {
            starts.push(row_of(rows));
            rows += part.len();
        }
        starts.push(row_of(rows));
        let slot_rows = (rows / (parts.len() * SLOTS_PER_PART).max(1)).next_power_of_two();
        let slots = (0..=rows / slot_rows).map(|slot| part_of(&starts, slot * slot_rows));
        let last = row_of(parts.len().saturating_sub(1));
        let slots = slots.chain([last]).collect();
        let nulls = joined_nulls(&parts, rows);
        Self { parts, starts, slots, slot_bits: slot_rows.trailing_zeros(), nulls, codes: Arc::default() }
    }

    /// Records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.last().map_or(0, |rows| *rows as usize)
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The nulls, where there are any.
    #[must_use]
    pub fn nulls(&self) -> Option<&NullBuffer> {
        self.nulls.as_ref()
    }

    /// Bytes of all texts.
    pub(crate) fn bytes(&self) -> u64 {
        let of = |part: &GenericStringArray<O>| {
            let offsets = part.value_offsets();
            let (first, last) = (offsets.first(), offsets.last());
            first.zip(last).map_or(0, |(first, last)| last.as_usize() - first.as_usize()) as u64
        };
        self.parts.iter().map(of).sum()
    }

    /// The arrays.
    #[must_use]
    pub fn parts(&self) -> &[GenericStringArray<O>] {
        &self.parts
    }

    /// Gives every text a code, where they repeat enough for it to pay. Once: later calls return at once.
    pub(crate) fn number(&self, memory: &Memory) {
        self.codes.get_or_init(|| Codes::of(self, memory));
    }

    /// The codes, if the texts were given any.
    #[inline]
    pub(crate) fn codes(&self) -> Option<&Codes> {
        self.codes.get().and_then(Option::as_ref)
    }

    /// The text of a record, whatever its null bit says.
    ///
    /// # Panics
    /// Where there is no such record.
    #[must_use]
    #[inline]
    pub fn value(&self, row: Row) -> &str {
        let (part, index) = self.place(row);
        part.value(index)
    }

    /// The part of a row, and its place there.
    #[inline]
    fn place(&self, row: Row) -> (&GenericStringArray<O>, usize) {
        let slot = (row >> self.slot_bits) as usize;
        let (first, last) = (self.slots[slot], self.slots[slot + 1]);
        let part = if first == last { first } else { self.search(row, first, last) } as usize;
        (&self.parts[part], (row - self.starts[part]) as usize)
    }

    /// The part of a row that is in one of some parts.
    #[cold]
    fn search(&self, row: Row, first: u32, last: u32) -> u32 {
        let starts = &self.starts[first as usize + 1..=last as usize];
        first + row_of(starts.partition_point(|start| *start <= row))
    }

    /// The text of a record, `None` for null.
    #[must_use]
    #[inline]
    pub fn get(&self, row: Row) -> Option<&str> {
        let valid = self.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row as usize));
        valid.then(|| self.value(row))
    }

    /// The texts of rows in any order: calls with each row's position and its text, whatever its null bit says. Two
    /// blocks ahead the offsets are asked for, one block ahead the text.
    #[inline]
    pub(crate) fn gather<'t>(
        &'t self,
        count: usize,
        row: impl Fn(usize) -> Row,
        mut each: impl FnMut(usize, &'t [u8]),
    ) {
        let mut found: [[&[u8]; AHEAD]; 2] = [[&[]; AHEAD]; 2];
        let blocks = count.div_ceil(AHEAD);
        let block_at = |block: usize| (block * AHEAD..count.min((block + 1) * AHEAD)).enumerate();
        for block in 0..blocks + 2 {
            for (_, at) in block_at(block) {
                let (part, index) = self.place(row(at));
                prefetch(part.value_offsets(), index);
            }
            if let Some(block) = block.checked_sub(1) {
                for (slot, at) in block_at(block) {
                    let text = self.value(row(at)).as_bytes();
                    prefetch(text, 0);
                    found[block % 2][slot] = text;
                }
            }
            if let Some(block) = block.checked_sub(2) {
                for (slot, at) in block_at(block) {
                    each(at, found[block % 2][slot]);
                }
            }
        }
    }

    /// Walks the parts along rows that mostly ascend: calls with each row's text, in the order of `rows`.
    #[inline]
    pub(super) fn for_each<'t>(&'t self, rows: &[Row], mut each: impl FnMut(usize, &'t str)) {
        let (mut part, mut start, mut end) = (None, 0, 0);
        for (at, row) in rows.iter().enumerate() {
            if *row < start || *row >= end {
                let found = part_of(&self.starts, *row as usize) as usize;
                (start, end) = (self.starts[found], self.starts[found + 1]);
                part = self.parts.get(found);
            }
            if let Some(part) = part {
                each(at, part.value((*row - start) as usize));
            }
        }
    }
}

/// The part that a row is in: the last one for a row beyond all.
fn part_of(starts: &[Row], row: usize) -> u32 {
    let parts = starts.len().saturating_sub(1).max(1);
    row_of(starts.partition_point(|start| *start as usize <= row).clamp(1, parts) - 1)
}

fn joined_nulls<O: OffsetSizeTrait>(parts: &[GenericStringArray<O>], rows: usize) -> Option<NullBuffer> {
    if let [one] = parts {
        return one.nulls().filter(|nulls| nulls.null_count() > 0).cloned();
    }
    if parts.iter().all(|part| part.null_count() == 0) {
        return None;
    }
    let mut bits = BooleanBufferBuilder::new(rows);
    for part in parts {
        match part.nulls() {
            Some(nulls) => bits.append_buffer(nulls.inner()),
            None => bits.append_n(part.len(), true),
        }
    }
    Some(NullBuffer::new(bits.finish()))
}

impl<O: OffsetSizeTrait> From<GenericStringArray<O>> for TextParts<O> {
    fn from(array: GenericStringArray<O>) -> Self {
        Self::new(vec![array])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::StringArray;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_row_finds_its_text_however_the_column_is_cut(
            parts in prop::collection::vec(prop::collection::vec(prop::option::of("[a-c]{0,3}"), 0..200), 0..12)
        ) {
            let whole: Vec<Option<String>> = parts.concat();
            let column: TextParts<i32> =
                TextParts::new(parts.into_iter().map(StringArray::from).collect());
            prop_assert_eq!(column.len(), whole.len());
            let rows: Vec<Row> = (0..row_of(whole.len())).collect();
            for row in &rows {
                prop_assert_eq!(column.get(*row), whole[*row as usize].as_deref());
            }
            let mut seen = 0;
            column.for_each(&rows, |at, text| {
                assert_eq!(at, seen);
                assert_eq!(text, whole[at].as_deref().unwrap_or(""));
                seen += 1;
            });
            prop_assert_eq!(seen, whole.len());
            let mut gathered = Vec::new();
            column.gather(whole.len(), |at| rows[whole.len() - 1 - at], |at, text| gathered.push((at, text)));
            let expected = whole.iter().rev().map(|text| text.as_deref().unwrap_or("").as_bytes());
            prop_assert!(gathered.into_iter().eq(expected.enumerate()));
        }
    }
}
