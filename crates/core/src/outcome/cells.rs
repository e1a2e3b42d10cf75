//! Which cell of the tie-out (currency, account, …) each record belongs to, as small codes.
//!
//! Text that stands in a cell key is mostly short and of few distinct values; both are used, neither is relied on.

use super::found::Pair;
use super::gather::AHEAD;
use crate::columns::{Column, Columns, Row, TextColumn, TextParts};
use crate::kernel::prefetch;
use crate::money::display_units;
use crate::plan::{FieldIndex, Side};
use arrow_array::{Array as _, OffsetSizeTrait};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::hash::Hash;

/// The values of one cell, in the order of the fields that make it. `None` is the cell of the nulls.
pub(super) type CellKey = Vec<Option<String>>;

/// Every record's cell.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    sides: [Codes; 2],
    /// The cells in order of their values, nulls first. A code is a position in here.
    pub(super) keys: Vec<CellKey>,
}

/// A code per record, in the narrowest form.
#[derive(Debug, Clone)]
enum Codes {
    One,
    Byte(Vec<u8>),
    Wide(Vec<u32>),
}

impl Cells {
    /// Reads the cells of both sides: one look at each value, one side per thread.
    pub(super) fn read(columns: &Columns, by: &[FieldIndex]) -> Self {
        if by.is_empty() {
            return Self { sides: [Codes::One, Codes::One], keys: vec![Vec::new()] };
        }
        let read = |side| Local::read(columns, side, by);
        let (left, right) = rayon::join(|| read(Side::Left), || read(Side::Right));
        let mut keys: Vec<CellKey> = left.keys.iter().chain(&right.keys).cloned().collect();
        keys.sort_unstable();
        keys.dedup();
        let (left, right) = rayon::join(|| left.onto(&keys), || right.onto(&keys));
        Self { sides: [left, right], keys }
    }

    /// Asks for the cells of the pair that comes [`AHEAD`] of `pairs[at]`.
    #[inline]
    pub(super) fn prefetch(&self, pairs: &[Pair], at: usize) {
        if let Some(pair) = pairs.get(at + AHEAD) {
            self.prefetch_pair(pair);
        }
    }

    /// Asks for the cells of a pair.
    #[inline]
    pub(super) fn prefetch_pair(&self, pair: &Pair) {
        for (side, row) in pair.members() {
            match &self.sides[side.index()] {
                Codes::One => {}
                Codes::Byte(codes) => prefetch(codes, row as usize),
                Codes::Wide(codes) => prefetch(codes, row as usize),
            }
        }
    }

    /// The cell of a record.
    #[inline]
    pub(super) fn of(&self, side: Side, row: Row) -> u32 {
        match &self.sides[side.index()] {
            Codes::One => 0,
            Codes::Byte(codes) => u32::from(codes[row as usize]),
            Codes::Wide(codes) => codes[row as usize],
        }
    }
}

/// Codes in the order in which one column, or one side, shows its values.
struct Local {
    codes: Vec<u32>,
    keys: Vec<CellKey>,
}

impl Local {
    fn read(columns: &Columns, side: Side, by: &[FieldIndex]) -> Self {
        let source = columns.side(side);
        let rows = source.rows as usize;
        let field = |&index: &FieldIndex| {
            let column = source.fields.get(index).unwrap_or(&Column::Absent);
            Self::of_column(column, rows, columns.scale)
        };
        by.iter()
            .map(field)
            .reduce(|first, second| first.combine(&second))
            .unwrap_or_else(|| Self::constant(rows))
    }

    fn constant(rows: usize) -> Self {
        Self { codes: vec![0; rows], keys: vec![vec![None]] }
    }

    fn of_column(column: &Column, rows: usize, scale: u8) -> Self {
        match column {
            Column::Absent => Self::constant(rows),
            Column::Text(texts) => of_texts(texts),
            Column::Many(many) => of_texts(many.cells()),
            Column::Amount(column) => {
                of_values(rows, |row| column.get(row), |units| display_units(units, scale))
            }
            Column::Date(column) => of_values(rows, |row| column.get(row), super::gather::iso_date),
            Column::Integer(column) => of_values(rows, |row| column.get(row), |value: i64| value.to_string()),
        }
    }

    /// The cells of two keys, one after the other.
    fn combine(mut self, other: &Self) -> Self {
        let mut seen = Recent::default();
        let mut keys = Vec::new();
        for (code, &second) in self.codes.iter_mut().zip(&other.codes) {
            let first = *code;
            *code = seen.code(u64::from(first) << 32 | u64::from(second), || {
                let mut key = self.keys[first as usize].clone();
                key.extend_from_slice(&other.keys[second as usize]);
                keys.push(key);
            });
        }
        Self { codes: self.codes, keys }
    }

    fn onto(self, keys: &[CellKey]) -> Codes {
        let place = |key: &CellKey| crate::columns::row_of(keys.binary_search(key).unwrap_or_default());
        let places: Vec<u32> = self.keys.iter().map(place).collect();
        let mut codes = self.codes;
        if keys.len() <= 1 {
            return Codes::One;
        }
        if keys.len() <= 256 {
            let bytes: Vec<u8> =
                places.iter().map(|&place| u8::try_from(place).unwrap_or_default()).collect();
            return Codes::Byte(codes.iter().map(|&code| bytes[code as usize]).collect());
        }
        for code in &mut codes {
            *code = places[*code as usize];
        }
        Codes::Wide(codes)
    }
}

/// Codes of values seen so far. The last ones are found without hashing them well.
struct Recent {
    slots: [(u64, u32); 256],
    all: HashMap<u64, u32, FixedState>,
    next: u32,
}

impl Default for Recent {
    fn default() -> Self {
        Self { slots: [(u64::MAX, 0); 256], all: HashMap::default(), next: 0 }
    }
}

impl Recent {
    /// The code of a key below `u64::MAX`; `new` is told when it is seen for the first time.
    #[inline]
    fn code(&mut self, key: u64, new: impl FnOnce()) -> u32 {
        let slot = &mut self.slots[(key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as usize];
        if slot.0 == key {
            return slot.1;
        }
        let next = &mut self.next;
        let code = *self.all.entry(key).or_insert_with(|| {
            new();
            let code = *next;
            *next += 1;
            code
        });
        *slot = (key, code);
        code
    }
}

fn of_values<T: Eq + Hash + Copy>(
    rows: usize,
    value: impl Fn(Row) -> Option<T>,
    show: impl Fn(T) -> String,
) -> Local {
    let mut seen: HashMap<Option<T>, u32, FixedState> = HashMap::default();
    let mut keys: Vec<CellKey> = Vec::new();
    let mut code = |value: Option<T>| {
        *seen.entry(value).or_insert_with(|| {
            keys.push(vec![value.map(&show)]);
            crate::columns::row_of(keys.len() - 1)
        })
    };
    let codes = (0..rows).map(|index| code(value(crate::columns::row_of(index)))).collect();
    Local { codes, keys }
}

fn of_texts(texts: &TextColumn) -> Local {
    match texts {
        TextColumn::Small(texts) => of_text(texts),
        TextColumn::Large(texts) => of_text(texts),
    }
}

/// Texts of up to seven bytes are told apart as one number, longer ones by their bytes.
fn of_text<O: OffsetSizeTrait>(texts: &TextParts<O>) -> Local {
    const NULL: u64 = 0;
    let mut short = Recent::default();
    let mut long: HashMap<&str, u32, FixedState> = HashMap::default();
    let mut keys: Vec<CellKey> = Vec::new();
    // Codes of short texts count in `short`, those of long ones from the other end, until both are known.
    let mut long_keys: Vec<CellKey> = Vec::new();
    let mut codes = Vec::with_capacity(texts.len());
    for array in texts.parts() {
        let (offsets, bytes) = (array.value_offsets(), array.value_data());
        for index in 0..array.len() {
            let start = offsets[index].as_usize();
            let length = offsets[index + 1].as_usize() - start;
            codes.push(if array.is_null(index) {
                short.code(NULL, || keys.push(vec![None]))
            } else if length < 8 {
                let text = || vec![Some(array.value(index).to_owned())];
                short.code(packed(bytes, start, length), || keys.push(text()))
            } else {
                let text = array.value(index);
                u32::MAX
                    - *long.entry(text).or_insert_with(|| {
                        long_keys.push(vec![Some(text.to_owned())]);
                        crate::columns::row_of(long_keys.len() - 1)
                    })
            });
        }
    }
    let first_long = crate::columns::row_of(keys.len());
    if !long_keys.is_empty() {
        for code in codes.iter_mut().filter(|code| **code >= first_long) {
            *code = first_long + (u32::MAX - *code);
        }
        keys.append(&mut long_keys);
    }
    Local { codes, keys }
}

/// Up to seven bytes and their count, as a number that is never 0.
#[inline]
fn packed(bytes: &[u8], start: usize, length: usize) -> u64 {
    let word = if let Some(window) = bytes.get(start..start + 8) {
        let mut eight = [0_u8; 8];
        eight.copy_from_slice(window);
        u64::from_le_bytes(eight) & ((1 << (8 * length)) - 1)
    } else {
        let mut eight = [0_u8; 8];
        eight[..length].copy_from_slice(&bytes[start..start + length]);
        u64::from_le_bytes(eight)
    };
    word | (length as u64 + 1) << 56
}
