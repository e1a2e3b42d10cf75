//! Cells as keys: hashes that agree on both sides, equality that verifies them, and the canonical order.
//!
//! A hash only brings records together; what decides is always the comparison of the cells themselves.

use super::{AmountColumn, AmountValues, Column, Row, SideColumns, TextColumn, TextParts};
use crate::control::Memory;
use crate::kernel::prefetch;
use crate::plan::Plan;
use arrow_array::OffsetSizeTrait;
use arrow_buffer::{BooleanBuffer, NullBuffer};
use std::cmp::Ordering;
use std::hash::{BuildHasher as _, Hasher as _};

/// Odd constant with mixed bits (the fractional part of the golden ratio).
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
/// Stands for a null where nulls are equal.
pub(super) const NULL_KEY: u64 = 0x5851_F42D_4C95_7F2D;

/// Folds a value into a running hash: the two halves of a 128-bit product.
#[inline]
pub(super) fn fold(hash: u64, value: u64) -> u64 {
    let product = u128::from(hash ^ value) * u128::from(MIX);
    let [low, high] = halves(product);
    low ^ high.rotate_left(23)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the halves of a 128-bit product are what is wanted")]
fn halves(product: u128) -> [u64; 2] {
    [product as u64, (product >> 64) as u64]
}

/// A record's number from an index that is known to be a row.
#[inline]
#[must_use]
pub fn row_of(index: usize) -> Row {
    debug_assert!(u32::try_from(index).is_ok(), "rows are bounded by ROWS_MAX");
    #[expect(clippy::cast_possible_truncation, reason = "bounded by ROWS_MAX when columns are prepared")]
    let row = index as Row;
    row
}

impl Column {
    /// The column's nulls, where there are any.
    #[must_use]
    pub fn nulls(&self) -> Option<&NullBuffer> {
        match self {
            Self::Absent => None,
            Self::Text(texts) => texts.nulls(),
            Self::Amount(column) => column.nulls.as_ref(),
            Self::Date(column) => column.nulls.as_ref(),
            Self::Integer(column) => column.nulls.as_ref(),
            Self::Many(many) => many.cells().nulls(),
        }
    }

    /// Whether a record's cell is null. Every cell of an absent column is.
    #[must_use]
    #[inline]
    pub fn is_null(&self, row: Row) -> bool {
        matches!(self, Self::Absent) || self.nulls().is_some_and(|nulls| nulls.is_null(row as usize))
    }

    /// Folds the cells of `rows` into `hashes`. Equal cells of columns of one kind fold alike, whatever their
    /// width or side; nulls fold alike too. O(rows), sequential where the rows are.
    pub fn fold_hashes(&self, rows: &[Row], hashes: &mut [u64]) {
        let before = self.nulls().map(|_| hashes.to_vec());
        match self {
            Self::Absent => hashes.iter_mut().for_each(|hash| *hash = fold(*hash, NULL_KEY)),
            Self::Text(texts) => fold_texts(texts, rows, hashes),
            Self::Many(many) => fold_texts(many.cells(), rows, hashes),
            Self::Amount(AmountColumn { values: AmountValues::Narrow(values), .. }) => {
                fold_each(rows, hashes, |row| values[row].cast_unsigned());
            }
            Self::Amount(AmountColumn { values: AmountValues::Wide(values), .. }) => {
                fold_each(rows, hashes, |row| wide_key(values[row]));
            }
            Self::Date(column) => fold_each(rows, hashes, |row| u64::from(column.days[row].cast_unsigned())),
            Self::Integer(column) => fold_each(rows, hashes, |row| column.values[row].cast_unsigned()),
        }
        if let (Some(nulls), Some(before)) = (self.nulls(), before) {
            replace_nulls(nulls, rows, &before, hashes);
        }
    }

    /// Asks for a number's cell before it is needed. Text has [`TextParts::gather`].
    #[inline]
    pub(crate) fn prefetch(&self, row: Row) {
        let index = row as usize;
        match self {
            Self::Amount(AmountColumn { values: AmountValues::Narrow(values), .. }) => {
                prefetch(values, index);
            }
            Self::Amount(AmountColumn { values: AmountValues::Wide(values), .. }) => prefetch(values, index),
            Self::Date(column) => prefetch(&column.days, index),
            Self::Integer(column) => prefetch(&column.values, index),
            Self::Absent | Self::Text(_) | Self::Many(_) => {}
        }
    }

    /// Whether two cells hold the same value, or all the same values. Null equals null here: callers decide what nulls
    /// mean. Whether two records share one of many values is for [`shares`](Self::shares) to say.
    #[must_use]
    #[inline]
    pub fn same(&self, row: Row, other: &Self, other_row: Row) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.get(row) == b.get(other_row),
            (Self::Amount(a), Self::Amount(b)) => a.get(row) == b.get(other_row),
            (Self::Date(a), Self::Date(b)) => a.get(row) == b.get(other_row),
            (Self::Integer(a), Self::Integer(b)) => a.get(row) == b.get(other_row),
            (Self::Many(a), Self::Many(b)) => a.cells().get(row) == b.cells().get(other_row),
            (Self::Absent, Self::Absent) => true,
            _ => false,
        }
    }

    /// Whether two cells of this column hold the same value; null and null do.
    #[inline]
    pub(crate) fn alike(&self, row: Row, other_row: Row) -> bool {
        let codes = match self {
            Self::Text(TextColumn::Small(texts)) if texts.nulls().is_none() => texts.codes(),
            Self::Text(TextColumn::Large(texts)) if texts.nulls().is_none() => texts.codes(),
            _ => None,
        };
        match codes {
            Some(codes) => codes.of[row as usize] == codes.of[other_row as usize],
            None => self.same(row, self, other_row),
        }
    }

    /// Gives the texts of a key column codes, where that pays.
    pub(crate) fn number(&self, memory: &Memory) {
        match self {
            Self::Text(TextColumn::Small(texts)) => texts.number(memory),
            Self::Text(TextColumn::Large(texts)) => texts.number(memory),
            _ => {}
        }
    }

    /// Orders two cells of one column: null first, then by value (text by bytes).
    #[must_use]
    pub fn order(&self, row: Row, other_row: Row) -> Ordering {
        self.order_across(row, self, other_row)
    }

    /// Orders a cell and one of another column of its kind; by kind where they differ.
    #[must_use]
    pub fn order_across(&self, row: Row, other: &Self, other_row: Row) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.get(row).cmp(&b.get(other_row)),
            (Self::Amount(a), Self::Amount(b)) => a.get(row).cmp(&b.get(other_row)),
            (Self::Date(a), Self::Date(b)) => a.get(row).cmp(&b.get(other_row)),
            (Self::Integer(a), Self::Integer(b)) => a.get(row).cmp(&b.get(other_row)),
            (Self::Many(a), Self::Many(b)) => a.cells().get(row).cmp(&b.cells().get(other_row)),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Absent => 0,
            Self::Text(_) => 1,
            Self::Amount(_) => 2,
            Self::Date(_) => 3,
            Self::Integer(_) => 4,
            Self::Many(_) => 5,
        }
    }
}

/// Nulls are folded as one value: what the value slots of null cells hold must not matter.
fn replace_nulls(nulls: &NullBuffer, rows: &[Row], before: &[u64], hashes: &mut [u64]) {
    for ((hash, before), row) in hashes.iter_mut().zip(before).zip(rows) {
        if nulls.is_null(*row as usize) {
            *hash = fold(*before, NULL_KEY);
        }
    }
}

#[inline]
fn fold_each(rows: &[Row], hashes: &mut [u64], key: impl Fn(usize) -> u64) {
    for (hash, row) in hashes.iter_mut().zip(rows) {
        *hash = fold(*hash, key(*row as usize));
    }
}

fn fold_texts(texts: &TextColumn, rows: &[Row], hashes: &mut [u64]) {
    match texts {
        TextColumn::Small(texts) => fold_text(texts, rows, hashes),
        TextColumn::Large(texts) => fold_text(texts, rows, hashes),
    }
}

fn fold_text<O: OffsetSizeTrait>(texts: &TextParts<O>, rows: &[Row], hashes: &mut [u64]) {
    if let Some(codes) = texts.codes() {
        return fold_each(rows, hashes, |row| codes.keys[usize::from(codes.of[row])]);
    }
    let key = |hash: &mut u64, text: &[u8]| *hash = fold(*hash, text_key(text));
    if are_sparse(rows) {
        texts.gather(rows.len(), |at| rows[at], |at, text| key(&mut hashes[at], text));
    } else {
        texts.for_each(rows, |at, text| key(&mut hashes[at], text.as_bytes()));
    }
}

/// Whether rows lie so far apart that the machine doesn't load the next ones by itself.
fn are_sparse(rows: &[Row]) -> bool {
    const FAR: usize = 4;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return false };
    last.abs_diff(*first) as usize > FAR * rows.len()
}

/// What a text folds into hashes as.
#[inline]
pub(super) fn text_key(bytes: &[u8]) -> u64 {
    let mut state = foldhash::fast::FixedState::with_seed(MIX).build_hasher();
    state.write(bytes);
    state.finish() ^ (bytes.len() as u64).wrapping_mul(MIX)
}

/// A wide amount that fits 64 bits folds as the narrow one does.
#[inline]
fn wide_key(value: i128) -> u64 {
    i64::try_from(value).map_or_else(
        |_| {
            let [low, high] = halves(value.cast_unsigned());
            fold(low, high)
        },
        i64::cast_unsigned,
    )
}

/// Orders and compares the records of one side in full: by id, then the fields in use, then the row.
#[derive(Debug, Clone)]
pub struct Canon<'a> {
    id: Option<&'a Column>,
    used: Vec<&'a Column>,
    /// Records that are no twins.
    distinct: Option<&'a BooleanBuffer>,
}

impl<'a> Canon<'a> {
    /// The canonical order of a side under a plan.
    #[must_use]
    pub fn new(plan: &Plan, side: &'a SideColumns) -> Self {
        let used = plan
            .used
            .iter()
            .filter_map(|field| side.fields.get(*field))
            .filter(|column| !matches!(column, Column::Absent))
            .collect();
        let id = plan.id.and_then(|field| side.fields.get(field));
        Self { id, used, distinct: side.distinct.as_ref() }
    }

    /// Canonical order: id bytes, then the fields in use, then the row.
    #[must_use]
    pub fn order(&self, a: Row, b: Row) -> Ordering {
        self.id
            .map_or(Ordering::Equal, |id| id.order(a, b))
            .then_with(|| self.order_used(a, b))
            .then_with(|| a.cmp(&b))
    }

    /// The order of the fields in use alone: equal for twins.
    #[must_use]
    pub fn order_used(&self, a: Row, b: Row) -> Ordering {
        self.used
            .iter()
            .map(|column| column.order(a, b))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Whether two records are twins: equal in every field in use, and no decision tells them apart.
    #[must_use]
    pub fn twins(&self, a: Row, b: Row) -> bool {
        !self.is_distinct(a)
            && !self.is_distinct(b)
            && self.used.iter().all(|column| column.same(a, column, b))
    }

    /// Whether a record is known to be no twin.
    #[must_use]
    #[inline]
    pub fn is_distinct(&self, row: Row) -> bool {
        self.distinct.is_some_and(|bits| bits.value(row as usize))
    }

    /// Hashes of the fields in use: equal for twins.
    #[must_use]
    pub fn hashes(&self, rows: &[Row]) -> Vec<u64> {
        let mut hashes = vec![MIX; rows.len()];
        for column in &self.used {
            column.fold_hashes(rows, &mut hashes);
        }
        hashes
    }

    /// Sorts rows into canonical order. O(n log n); ids are compared by their first eight bytes first.
    pub fn sort(&self, rows: &mut [Row]) {
        if rows.len() < 2 {
            return;
        }
        let mut keyed: Vec<(u64, Row)> = rows.iter().map(|row| (self.prefix(*row), *row)).collect();
        keyed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| self.order(a.1, b.1)));
        for (slot, (_, row)) in rows.iter_mut().zip(keyed) {
            *slot = row;
        }
    }

    /// The first eight bytes of the id, big-endian: orders as the ids do, as far as it goes. Null ids come first.
    fn prefix(&self, row: Row) -> u64 {
        let Some(Column::Text(text)) = self.id else { return 0 };
        let mut bytes = [0_u8; 8];
        for (slot, byte) in bytes.iter_mut().zip(text.get(row).unwrap_or("").bytes()) {
            *slot = byte;
        }
        u64::from_be_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::StringArray;
    use arrow_buffer::ScalarBuffer;

    fn amounts(narrow: bool, values: &[i64]) -> Column {
        let values = if narrow {
            AmountValues::Narrow(values.to_vec().into())
        } else {
            AmountValues::Wide(values.iter().map(|v| i128::from(*v)).collect::<Vec<_>>().into())
        };
        Column::Amount(AmountColumn { values, nulls: None })
    }

    #[test]
    fn amounts_of_either_width_hash_alike() {
        let rows = [0, 1, 2];
        let (mut a, mut b) = ([7; 3], [7; 3]);
        amounts(true, &[5, -5, i64::MIN]).fold_hashes(&rows, &mut a);
        amounts(false, &[5, -5, i64::MIN]).fold_hashes(&rows, &mut b);
        assert_eq!(a, b);
        assert!(a[0] != a[1] && a[1] != a[2]);
    }

    #[test]
    fn a_null_hashes_alike_whatever_its_slot_holds() {
        let nulls = Some(NullBuffer::from(vec![true, false, false]));
        let column =
            Column::Date(super::super::DateColumn { days: ScalarBuffer::from(vec![1, 2, 3]), nulls });
        let mut hashes = [9; 3];
        column.fold_hashes(&[0, 1, 2], &mut hashes);
        assert!(hashes[1] == hashes[2] && hashes[0] != hashes[1]);
    }

    #[test]
    fn prefixes_order_as_ids_do() {
        let ids =
            StringArray::from(vec![Some("b"), Some("aaaaaaaaa2"), Some("aaaaaaaaa1"), None, Some("aé")]);
        let column = Column::Text(TextColumn::Small(ids.into()));
        let canon = Canon { id: Some(&column), used: vec![], distinct: None };
        let mut rows = [0, 1, 2, 3, 4];
        canon.sort(&mut rows);
        assert_eq!(rows, [3, 2, 1, 4, 0]);
    }
}
