//! Which pairs of rows have unequal cells in one column: all cells are looked at here, so nothing is decided inside the
//! loops but equality.
//!
//! Left rows ascend and right ones are all over the place. Cells are fetched for a block of pairs before any two are
//! compared, so that many of those loads are on their way at a time; a column is gone through by all threads at once,
//! so that what they share of the cache holds one column and not several.

use super::NullPolicy;
use super::columns::Compared;
use super::table::{Place, Split, Table};
use crate::control::{Control, Stage};
use crate::error::{Error, Result};
use crate::kernel::prefetch;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, GenericStringArray, OffsetSizeTrait, StringViewArray};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow_schema::DataType;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Pairs compared by one task, after which cancellation is looked for.
const CHUNK: usize = 1 << 16;
/// Pairs whose cells are fetched together: a bit each.
const BLOCK: usize = 64;

/// Where the rows of each pair stand, ascending by left row.
#[derive(Debug, Default)]
pub(super) struct Places(pub(super) [Vec<Place>; 2]);

/// How far a comparison is, in cells.
pub(super) struct Watch<'a> {
    pub(super) control: &'a Control,
    pub(super) total: u64,
    done: AtomicU64,
}

impl<'a> Watch<'a> {
    pub(super) fn new(control: &'a Control, total: u64) -> Self {
        Self { control, total, done: AtomicU64::new(0) }
    }

    fn did(&self, cells: usize) {
        let done = self.done.fetch_add(cells as u64, Ordering::Relaxed) + cells as u64;
        self.control.advanced(Stage::Cells, done, self.total);
    }
}

/// Positions of the pairs whose cells are unequal, ascending. Nulls are equal, unless the column says otherwise.
pub(super) fn unequal(
    column: &Compared,
    tables: &[Table<'_>; 2],
    places: &Places,
    watch: &Watch<'_>,
) -> Result<Vec<u32>> {
    let parts = [column.parts(tables, 0)?, column.parts(tables, 1)?];
    let splits = tables.each_ref().map(|table| table.split);
    let validity = parts.each_ref().map(|parts| Validity::of(parts));
    let scan = Scan { validity, differ: column.nulls == NullPolicy::Differ, splits, places, watch };
    let first = parts.iter().flatten().next().map_or(&DataType::Null, |array| array.data_type());
    match first {
        DataType::Utf8 => scan.of(&parts.each_ref().map(|parts| Texts::<i32>::of(parts))),
        DataType::LargeUtf8 => scan.of(&parts.each_ref().map(|parts| Texts::<i64>::of(parts))),
        DataType::Utf8View => scan.of(&parts.each_ref().map(|parts| Views::of(parts))),
        DataType::Boolean => scan.of(&parts.each_ref().map(|parts| Bits::of(parts))),
        DataType::Float32 => {
            let values = |array: &ArrayRef| array.as_primitive::<Float32Type>().values().clone();
            scan.of(&parts.each_ref().map(|parts| Doubles(parts.iter().map(values).collect())))
        }
        DataType::Float64 => {
            let values = |array: &ArrayRef| array.as_primitive::<Float64Type>().values().clone();
            scan.of(&parts.each_ref().map(|parts| Doubles(parts.iter().map(values).collect())))
        }
        other => match other.primitive_width() {
            Some(1) => scan.of(&fixed::<i8>(&parts)?),
            Some(2) => scan.of(&fixed::<i16>(&parts)?),
            Some(4) => scan.of(&fixed::<i32>(&parts)?),
            Some(8) => scan.of(&fixed::<i64>(&parts)?),
            Some(16) => scan.of(&fixed::<i128>(&parts)?),
            _ => Err(Error::Internal(format!("cells of {other} were to be compared"))),
        },
    }
}

/// The cells of a column on one side, batch by batch.
trait Cells: Sync {
    type Cell: Copy + Default;
    /// Fetches the cells of some places.
    fn fetch(&self, split: Split, places: &[Place], cells: &mut [Self::Cell]);
    /// Asks for the cells of some places, which are fetched next.
    fn ahead(&self, split: Split, places: &[Place]);
    /// Asks for what a cell points to.
    fn ask(_cell: Self::Cell) {}
    fn same(one: Self::Cell, other: Self::Cell) -> bool;
}

/// Numbers, days, instants: equal where their bits are.
struct Fixed<T: ArrowNativeType>(Vec<ScalarBuffer<T>>);

fn fixed<T: ArrowNativeType>(parts: &[Vec<ArrayRef>; 2]) -> Result<[Fixed<T>; 2]> {
    let values = |array: &ArrayRef| {
        let data = array.to_data();
        let gone = || Error::Internal(format!("a column of {} has no values", array.data_type()));
        let buffer = data.buffers().first().ok_or_else(gone)?;
        Ok(ScalarBuffer::new(buffer.clone(), data.offset(), data.len()))
    };
    let side = |parts: &[ArrayRef]| parts.iter().map(values).collect::<Result<Vec<_>>>().map(Fixed);
    Ok([side(&parts[0])?, side(&parts[1])?])
}

/// Fetches from slices; a table of one batch takes nothing apart.
#[inline]
fn fetch<T: ArrowNativeType>(parts: &[ScalarBuffer<T>], split: Split, places: &[Place], cells: &mut [T]) {
    if let [only] = parts {
        for (cell, place) in cells.iter_mut().zip(places) {
            *cell = only[*place as usize];
        }
        return;
    }
    for (cell, place) in cells.iter_mut().zip(places) {
        let (batch, at) = split.of(*place);
        *cell = parts[batch][at];
    }
}

/// Asks for what is fetched next.
#[inline]
fn ahead<T: ArrowNativeType>(parts: &[ScalarBuffer<T>], split: Split, places: &[Place]) {
    for place in places {
        let (batch, at) = split.of(*place);
        prefetch(&parts[batch], at);
    }
}

impl<T: ArrowNativeType + Default + Sync> Cells for Fixed<T> {
    type Cell = T;

    #[inline]
    fn ahead(&self, split: Split, places: &[Place]) {
        ahead(&self.0, split, places);
    }

    #[inline]
    fn fetch(&self, split: Split, places: &[Place], cells: &mut [T]) {
        fetch(&self.0, split, places, cells);
    }

    #[inline]
    fn same(one: T, other: T) -> bool {
        one == other
    }
}

/// Doubles: NaN is NaN, and zero has no sign.
struct Doubles<T: ArrowNativeType>(Vec<ScalarBuffer<T>>);

impl<T: ArrowNativeType + Default + Sync> Cells for Doubles<T> {
    type Cell = T;

    #[inline]
    fn ahead(&self, split: Split, places: &[Place]) {
        ahead(&self.0, split, places);
    }

    #[inline]
    fn fetch(&self, split: Split, places: &[Place], cells: &mut [T]) {
        fetch(&self.0, split, places, cells);
    }

    #[inline]
    #[expect(clippy::eq_op, reason = "only NaN is not equal to itself")]
    fn same(one: T, other: T) -> bool {
        one == other || (one != one && other != other)
    }
}

struct Bits(Vec<BooleanBuffer>);

impl Bits {
    fn of(parts: &[ArrayRef]) -> Self {
        Self(parts.iter().map(|array| array.as_boolean().values().clone()).collect())
    }
}

impl Cells for Bits {
    type Cell = bool;

    /// Bits are so few that the cache holds them.
    #[inline]
    fn ahead(&self, _split: Split, _places: &[Place]) {}

    #[inline]
    fn fetch(&self, split: Split, places: &[Place], cells: &mut [bool]) {
        for (cell, place) in cells.iter_mut().zip(places) {
            let (batch, at) = split.of(*place);
            *cell = self.0[batch].value(at);
        }
    }

    #[inline]
    fn same(one: bool, other: bool) -> bool {
        one == other
    }
}

/// Texts by their offsets.
struct Texts<'a, O>(Vec<(&'a [O], &'a [u8])>);

impl<'a, O: OffsetSizeTrait> Texts<'a, O> {
    fn of(parts: &'a [ArrayRef]) -> Self {
        let text = |array: &'a ArrayRef| {
            let array: &GenericStringArray<O> = array.as_string();
            (array.value_offsets(), array.value_data())
        };
        Self(parts.iter().map(text).collect())
    }
}

impl<'a, O: OffsetSizeTrait> Cells for Texts<'a, O> {
    type Cell = &'a [u8];

    #[inline]
    fn ahead(&self, split: Split, places: &[Place]) {
        for place in places {
            let (batch, at) = split.of(*place);
            prefetch(self.0[batch].0, at);
        }
    }

    #[inline]
    fn fetch(&self, split: Split, places: &[Place], cells: &mut [&'a [u8]]) {
        for (cell, place) in cells.iter_mut().zip(places) {
            let (batch, at) = split.of(*place);
            let (offsets, bytes) = self.0[batch];
            *cell = &bytes[offsets[at].as_usize()..offsets[at + 1].as_usize()];
        }
    }

    #[inline]
    fn ask(cell: &'a [u8]) {
        ask_text(cell);
    }

    #[inline]
    fn same(one: &'a [u8], other: &'a [u8]) -> bool {
        one == other
    }
}

/// Texts by their views: short ones stand in them.
struct Views<'a>(Vec<&'a StringViewArray>);

impl<'a> Views<'a> {
    fn of(parts: &'a [ArrayRef]) -> Self {
        Self(parts.iter().map(ArrayRef::as_string_view).collect())
    }
}

impl<'a> Cells for Views<'a> {
    type Cell = &'a [u8];

    #[inline]
    fn ahead(&self, split: Split, places: &[Place]) {
        for place in places {
            let (batch, at) = split.of(*place);
            prefetch(self.0[batch].views(), at);
        }
    }

    #[inline]
    fn fetch(&self, split: Split, places: &[Place], cells: &mut [&'a [u8]]) {
        for (cell, place) in cells.iter_mut().zip(places) {
            let (batch, at) = split.of(*place);
            *cell = self.0[batch].value(at).as_bytes();
        }
    }

    #[inline]
    fn ask(cell: &'a [u8]) {
        ask_text(cell);
    }

    #[inline]
    fn same(one: &'a [u8], other: &'a [u8]) -> bool {
        one == other
    }
}

/// Which cells of a column are there; nothing where all are.
struct Validity(Option<Vec<Option<NullBuffer>>>);

impl Validity {
    fn of(parts: &[ArrayRef]) -> Self {
        let nulls: Vec<_> = parts.iter().map(Array::logical_nulls).collect();
        let some = nulls.iter().flatten().any(|nulls| nulls.null_count() > 0);
        Self(some.then_some(nulls))
    }

    /// A bit for each place.
    fn bits(&self, split: Split, places: &[Place]) -> u64 {
        let Some(parts) = &self.0 else { return u64::MAX };
        let valid = |place: &Place| {
            let (batch, at) = split.of(*place);
            parts[batch].as_ref().is_none_or(|nulls| nulls.is_valid(at))
        };
        (0..).zip(places).fold(0, |bits, (at, place)| bits | u64::from(valid(place)) << at)
    }
}

/// The places of a block, none beyond the last.
fn block_of(places: [&[Place]; 2], block: usize) -> [&[Place]; 2] {
    let from = block * BLOCK;
    places.map(|places| places.get(from..places.len().min(from + BLOCK)).unwrap_or_default())
}

/// Asks for a text: for both lines of memory where it stands on two.
#[inline]
fn ask_text(cell: &[u8]) {
    const LINE: usize = 64;
    prefetch(cell, 0);
    if cell.as_ptr().addr() % LINE + cell.len() > LINE {
        prefetch(cell, cell.len() - 1);
    }
}

/// What looks through all pairs.
struct Scan<'a> {
    validity: [Validity; 2],
    /// Whether two nulls differ.
    differ: bool,
    splits: [Split; 2],
    places: &'a Places,
    watch: &'a Watch<'a>,
}

impl Scan<'_> {
    fn of<C: Cells>(&self, cells: &[C; 2]) -> Result<Vec<u32>> {
        let [left, right] = &self.places.0;
        let chunks = left.par_chunks(CHUNK).zip(right.par_chunks(CHUNK)).enumerate();
        let found: Vec<Vec<u32>> = chunks
            .map(|(at, (left, right))| {
                self.watch.control.cancel.check()?;
                let mut found = Vec::new();
                self.chunk(cells, [left, right], at * CHUNK, &mut found);
                self.watch.did(left.len());
                Ok(found)
            })
            .collect::<Result<_>>()?;
        Ok(found.concat())
    }

    fn chunk<C: Cells>(&self, cells: &[C; 2], places: [&[Place]; 2], from: usize, found: &mut Vec<u32>) {
        let nulls = self.validity.iter().any(|validity| validity.0.is_some());
        let mut buffers = [[[C::Cell::default(); BLOCK]; 2]; 2];
        self.fetch(cells, block_of(places, 0), &mut buffers[0]);
        for block in 0..places[0].len().div_ceil(BLOCK) {
            let [even, odd] = &mut buffers;
            let (now, next) = if block % 2 == 0 { (even, odd) } else { (odd, even) };
            cells[1].ahead(self.splits[1], block_of(places, block + 2)[1]);
            self.fetch(cells, block_of(places, block + 1), next);
            let compared = block_of(places, block);
            let mut bits = 0_u64;
            for (at, (one, other)) in now[0].iter().zip(&now[1]).take(compared[0].len()).enumerate() {
                bits |= u64::from(!C::same(*one, *other)) << at;
            }
            if nulls {
                bits = self.with_nulls(bits, compared);
            }
            while bits != 0 {
                let at = from + block * BLOCK + bits.trailing_zeros() as usize;
                found.push(u32::try_from(at).unwrap_or(u32::MAX));
                bits &= bits - 1;
            }
        }
    }

    /// Fetches the cells of a block, which are compared after those of the block before, and asks for what they point to.
    fn fetch<C: Cells>(&self, cells: &[C; 2], places: [&[Place]; 2], fetched: &mut [[C::Cell; BLOCK]; 2]) {
        let [left, right] = fetched;
        cells[0].fetch(self.splits[0], places[0], left);
        cells[1].fetch(self.splits[1], places[1], right);
        right.iter().take(places[1].len()).for_each(|cell| C::ask(*cell));
    }

    /// Corrects which cells are unequal for those that are null.
    fn with_nulls(&self, unequal: u64, places: [&[Place]; 2]) -> u64 {
        let one = self.validity[0].bits(self.splits[0], places[0]);
        let other = self.validity[1].bits(self.splits[1], places[1]);
        let neither = if self.differ { !(one | other) } else { 0 };
        let all = u64::MAX >> (BLOCK - places[0].len());
        ((unequal & one & other) | (one ^ other) | neither) & all
    }
}
