//! One source as columns over any number of batches, cut into pieces that threads read side by side.
//!
//! Pieces are an order of work, never a unit of meaning: nothing that is decided here depends on where one ends.

use super::problem::{Bad, Problem};
use crate::control::Control;
use crate::error::{DataError, Error, Result};
use crate::limits::ROWS_MAX;
use crate::plan::{FieldPlan, Plan, Side, SourcePlan};
use crate::spec::CellSpec;
use crate::tables::Tables;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, ArrayRef, RecordBatch, RunArray, StringArrayType, UInt64Array};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer};
use arrow_schema::{DataType, Schema};
use rayon::prelude::*;
use std::fmt::Write as _;

/// Records per piece: large enough to forget the scheduling, small enough to cancel soon and to stay in a cache.
pub(super) const PIECE_ROWS: usize = 1 << 16;

/// Characters of a cell that an issue shows.
const SHOWN_CHARS_MAX: usize = 200;

/// All batches of a side.
pub(super) struct Source<'a> {
    /// The name the user gave it.
    pub(super) name: &'a str,
    /// Records in all batches.
    pub(super) rows: u32,
    batches: &'a [RecordBatch],
}

impl<'a> Source<'a> {
    /// Takes the batches as one source.
    ///
    /// # Errors
    /// `schema_changed` where batches differ in columns, [`Error::Limit`] beyond [`ROWS_MAX`] records.
    pub(super) fn new(plan: &'a Plan, side: Side, batches: &'a [RecordBatch]) -> Result<Self> {
        Self::checked(plan.names.get(side.index()).map_or(side.name(), String::as_str), batches)
    }

    fn checked(name: &'a str, batches: &'a [RecordBatch]) -> Result<Self> {
        if let Some((first, rest)) = batches.split_first() {
            let schema = first.schema();
            for (index, batch) in rest.iter().enumerate() {
                if let Some(change) = schema_change(&schema, &batch.schema()) {
                    let problem = format!("batch {} {change}", index + 1);
                    let hint = "Give all batches of a source the same columns, in one order";
                    return Err(DataError::new("schema_changed", name, problem, hint).into());
                }
            }
        }
        Self::counted(name, batches)
    }

    /// The batches of a third table.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub(super) fn of_table(name: &'a str, batches: &'a [RecordBatch]) -> Result<Self> {
        Self::checked(name, batches)
    }

    fn counted(name: &'a str, batches: &'a [RecordBatch]) -> Result<Self> {
        let needed: u64 = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        match u32::try_from(needed) {
            Ok(rows) if needed <= ROWS_MAX => Ok(Self { name, rows, batches }),
            _ => Err(Error::Limit {
                what: format!("source \"{name}\""),
                unit: "rows",
                needed,
                limit: ROWS_MAX,
                hint: "Reconcile fewer records at a time".to_owned(),
            }),
        }
    }

    /// A physical column; without batches one without type or cells.
    ///
    /// # Errors
    /// `missing_column`.
    pub(super) fn column(&self, name: &str) -> Result<Physical> {
        let mut data_type = DataType::Null;
        let mut chunks = Vec::with_capacity(self.batches.len());
        for (index, batch) in self.batches.iter().enumerate() {
            let Some(array) = batch.column_by_name(name) else {
                let problem = format!("there is no column \"{name}\"");
                return Err(
                    DataError::new("missing_column", self.name, problem, "Name a column it has").into()
                );
            };
            if index == 0 {
                data_type = array.data_type().clone();
            }
            if !array.is_empty() {
                chunks.push(ArrayRef::clone(array));
            }
        }
        Ok(Physical { name: name.to_owned(), data_type, chunks, rows: self.rows as usize })
    }
}

impl Source<'_> {
    /// A type that was let through and has no reader.
    pub(super) fn internal_type(&self, data_type: &DataType) -> Error {
        Error::Internal(format!("no reader for {data_type} in source \"{}\"", self.name))
    }
}

pub(crate) fn schema_change(first: &Schema, other: &Schema) -> Option<String> {
    if first.fields().len() != other.fields().len() {
        return Some(format!("has {} columns, the first {}", other.fields().len(), first.fields().len()));
    }
    first.fields().iter().zip(other.fields()).find_map(|(first, other)| {
        if first.name() != other.name() {
            Some(format!("has the column \"{}\" where the first has \"{}\"", other.name(), first.name()))
        } else if first.data_type() != other.data_type() {
            Some(format!(
                "has the column \"{}\" as {}, the first as {}",
                first.name(),
                other.data_type(),
                first.data_type()
            ))
        } else {
            None
        }
    })
}

/// A physical column over all batches.
#[derive(Debug, Clone)]
pub(super) struct Physical {
    /// Its name.
    pub(super) name: String,
    /// Its type; `Null` without batches.
    pub(super) data_type: DataType,
    /// Its cells, batch by batch, empty ones left out.
    pub(super) chunks: Vec<ArrayRef>,
    /// Records.
    pub(super) rows: usize,
}

impl Physical {
    /// The column in pieces of at most [`PIECE_ROWS`] records.
    pub(super) fn pieces(&self) -> Vec<ArrayRef> {
        let mut pieces = Vec::with_capacity(self.chunks.len() + self.rows / PIECE_ROWS);
        for chunk in &self.chunks {
            let mut start = 0;
            while start < chunk.len() {
                let rows = PIECE_ROWS.min(chunk.len() - start);
                pieces.push(if rows == chunk.len() {
                    ArrayRef::clone(chunk)
                } else {
                    chunk.slice(start, rows)
                });
                start += rows;
            }
        }
        pieces
    }

    /// The only chunk, where there is one.
    pub(super) fn only_chunk(&self) -> Option<&ArrayRef> {
        match self.chunks.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// The cell as it was given, cut to a length that a person reads.
    pub(super) fn show(&self, row: u32) -> String {
        let mut index = row as usize;
        for chunk in &self.chunks {
            if index < chunk.len() {
                return unpack(&chunk.slice(index, 1))
                    .map_or_else(|_| String::new(), |cell| show_cell(&cell));
            }
            index -= chunk.len();
        }
        String::new()
    }
}

fn show_cell(cell: &ArrayRef) -> String {
    if cell.is_null(0) {
        return String::new();
    }
    match cell.data_type() {
        DataType::Utf8 => shorten(cell.as_string::<i32>().value(0)),
        DataType::LargeUtf8 => shorten(cell.as_string::<i64>().value(0)),
        DataType::Utf8View => shorten(cell.as_string_view().value(0)),
        // Out of the calendar there is no date to write: the count of units is what was given.
        DataType::Timestamp(_, _) | DataType::Date64 => arrow_cast::cast(cell, &DataType::Int64)
            .and_then(|units| arrow_cast::display::array_value_to_string(&units, 0))
            .unwrap_or_default(),
        _ => arrow_cast::display::array_value_to_string(cell, 0).unwrap_or_default(),
    }
}

pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => {
            let mut shown = text.get(..end).unwrap_or_default().to_owned();
            let _written = write!(shown, "… ({} bytes)", text.len());
            shown
        }
    }
}

/// A piece without its dictionary or its runs.
///
/// # Errors
/// [`Error::Limit`] where the unpacked text passes what Arrow can address.
pub(super) fn unpack(array: &ArrayRef) -> Result<ArrayRef> {
    let mut array = ArrayRef::clone(array);
    loop {
        array = if let Some(dictionary) = array.as_any_dictionary_opt() {
            take(dictionary.values(), dictionary.keys())?
        } else if let DataType::RunEndEncoded(ends, _) = array.data_type() {
            match ends.data_type() {
                DataType::Int16 => unpack_runs::<Int16Type>(&array)?,
                DataType::Int32 => unpack_runs::<Int32Type>(&array)?,
                _ => unpack_runs::<Int64Type>(&array)?,
            }
        } else {
            return Ok(array);
        };
    }
}

fn unpack_runs<R: RunEndIndexType>(array: &ArrayRef) -> Result<ArrayRef> {
    let runs = array.as_any().downcast_ref::<RunArray<R>>();
    let Some(runs) = runs else { return Err(Error::Internal("run ends of an unknown type".to_owned())) };
    let positions: Vec<u32> = (0..row(array.len())).collect();
    let found = runs
        .get_physical_indices(&positions)
        .map_err(|error| Error::Internal(format!("run ends out of range: {error}")))?;
    let keys: UInt64Array = found.into_iter().map(|index| index as u64).collect();
    take(runs.values().as_ref(), &keys)
}

/// The values at the keys.
///
/// # Errors
/// [`Error::Limit`] where the result passes what Arrow can address.
pub(super) fn take(values: &dyn Array, keys: &dyn Array) -> Result<ArrayRef> {
    arrow_select::take::take(values, keys, None).map_err(|error| Error::Limit {
        what: format!("unpacking a dictionary ({error})"),
        unit: "bytes",
        needed: values.get_buffer_memory_size() as u64,
        limit: u64::from(u32::MAX >> 1),
        hint: "Give the column as LargeUtf8".to_owned(),
    })
}

/// What Arrow types have in common for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Text,
    Integer,
    /// Digits after the point.
    Decimal(i8),
    Double,
    Date,
    Timestamp,
    Boolean,
    Null,
    Unsupported,
}

/// The class of a type, looking through dictionaries and runs.
pub(super) fn class(data_type: &DataType) -> Class {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Class::Text,
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => Class::Integer,
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => Class::Decimal(*scale),
        DataType::Float32 | DataType::Float64 => Class::Double,
        DataType::Date32 | DataType::Date64 => Class::Date,
        DataType::Timestamp(_, _) => Class::Timestamp,
        DataType::Boolean => Class::Boolean,
        DataType::Null => Class::Null,
        DataType::Dictionary(_, values) => class(values),
        DataType::RunEndEncoded(_, values) => class(values.data_type()),
        _ => Class::Unsupported,
    }
}

/// A type without its dictionaries and runs.
pub(super) fn plain_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => plain_type(values),
        DataType::RunEndEncoded(_, values) => plain_type(values.data_type()),
        other => other,
    }
}

/// All that is needed to read one field of one side.
#[derive(Clone, Copy)]
pub(super) struct FieldReader<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) rules: &'a SourcePlan,
    pub(super) field: &'a FieldPlan,
    pub(super) cell: &'a CellSpec,
    pub(super) side: Side,
    /// The run's scale.
    pub(super) scale: u8,
    pub(super) control: &'a Control,
    /// Third tables.
    pub(super) tables: &'a Tables,
}

impl FieldReader<'_> {
    /// A problem with a column's type.
    pub(super) fn type_error(&self, code: &'static str, column: &Physical, hint: &str) -> Error {
        let meaning = match self.field.kind {
            crate::spec::FieldKind::Amount => "an amount",
            crate::spec::FieldKind::Date => "a date",
            crate::spec::FieldKind::Text => "text",
            crate::spec::FieldKind::Integer => "an integer",
        };
        let problem = format!(
            "the column \"{}\" is {}, which can't be read as {meaning}",
            column.name, column.data_type
        );
        DataError::new(code, self.source.name, problem, hint).field(&self.field.name).into()
    }

    /// A type that no field can have.
    pub(super) fn unsupported(&self, column: &Physical) -> Error {
        self.type_error("unsupported_type", column, "Give it as text, integer, decimal, date or timestamp")
    }

    /// The compiled `extract`, where there is one.
    pub(super) fn extract(&self) -> Result<Option<Extract>> {
        self.cell.extract.as_deref().map(|pattern| Extract::new(pattern, self)).transpose()
    }
}

/// A compiled `extract`.
#[derive(Debug, Clone)]
pub(super) struct Extract {
    regex: regex::Regex,
    locations: regex::CaptureLocations,
    group: usize,
}

impl Extract {
    fn new(pattern: &str, reader: &FieldReader<'_>) -> Result<Self> {
        let regex = regex::Regex::new(pattern).map_err(|error| {
            let path = format!("fields.{}.{}.extract", reader.field.name, reader.side.name());
            Error::spec(crate::error::Mistake::new(
                "bad_value",
                path,
                pattern,
                format!("a regular expression ({error})"),
            ))
        })?;
        let locations = regex.capture_locations();
        let group = usize::from(locations.len() > 1);
        Ok(Self { regex, locations, group })
    }

    /// Group 1 of every match, or the whole match, trimmed; empty ones are left out.
    pub(super) fn find_all(&mut self, text: &str, mut each: impl FnMut(&str)) {
        let mut start = 0;
        while start <= text.len() {
            let Some(found) = self.regex.captures_read_at(&mut self.locations, text, start) else { return };
            let (from, to) = (found.start(), found.end());
            let value =
                self.locations.get(self.group).and_then(|(from, to)| text.get(from..to)).map(str::trim);
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                each(value);
            }
            // Behind an empty match the next one is looked for a character later.
            let step = text.get(to..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            start = if to > from { to } else { to + step };
        }
    }

    /// Group 1 of the first match, or the whole match; trimmed. `None` without one, or where it is empty.
    pub(super) fn find<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        self.regex.captures_read(&mut self.locations, text)?;
        let (start, end) = self.locations.get(self.group)?;
        text.get(start..end).map(str::trim).filter(|found| !found.is_empty())
    }
}

/// What reading one piece gave besides its values.
#[derive(Debug, Default)]
pub(super) struct PieceRead {
    pub(super) nulls: Option<NullBuffer>,
    /// Bad cells, rows counted from the start of the piece.
    pub(super) bad: Vec<Bad>,
    /// Doubles that became decimals.
    pub(super) doubles: u64,
    /// A value was read that the output's type can't hold: read again into a wider one.
    pub(super) overflow: bool,
}

/// A column of fixed-width values.
#[derive(Debug)]
pub(super) struct Filled<T> {
    pub(super) values: Vec<T>,
    pub(super) nulls: Option<NullBuffer>,
    pub(super) bad: Vec<Bad>,
    pub(super) doubles: u64,
    pub(super) overflow: bool,
}

/// Reads every piece of a column, in parallel, into one buffer.
///
/// # Errors
/// Those of `read` (the first piece's that fails), [`Error::Cancelled`].
pub(super) fn fill<T, F>(column: &Physical, control: &Control, read: F) -> Result<Filled<T>>
where
    T: Copy + Default + Send,
    F: Fn(&ArrayRef, &mut [T]) -> Result<PieceRead> + Sync,
{
    let mut values = vec![T::default(); column.rows];
    let mut rest = values.as_mut_slice();
    let mut jobs = Vec::new();
    for piece in column.pieces() {
        let (out, tail) = std::mem::take(&mut rest).split_at_mut(piece.len());
        rest = tail;
        jobs.push((piece, out));
    }
    let reads: Vec<(usize, Result<PieceRead>)> = jobs
        .into_par_iter()
        .map(|(piece, out)| {
            let read =
                control.cancel.check().and_then(|()| unpack(&piece)).and_then(|piece| read(&piece, out));
            (out.len(), read)
        })
        .collect();
    Filled::join(values, reads)
}

impl<T> Filled<T> {
    /// Values with what reading their pieces, in order, gave besides.
    ///
    /// # Errors
    /// The first piece's that failed.
    pub(super) fn join(values: Vec<T>, reads: Vec<(usize, Result<PieceRead>)>) -> Result<Self> {
        let mut nulls = Nulls::new(values.len());
        let mut filled = Self { values, nulls: None, bad: Vec::new(), doubles: 0, overflow: false };
        let mut base = 0;
        for (rows, read) in reads {
            let read = read?;
            nulls.append(rows, read.nulls.as_ref());
            filled.bad.extend(read.bad.into_iter().map(|bad| Bad { row: bad.row + base, ..bad }));
            filled.doubles += read.doubles;
            filled.overflow |= read.overflow;
            base += row(rows);
        }
        filled.nulls = nulls.finish();
        Ok(filled)
    }
}

/// A position as a row number: sources hold at most [`ROWS_MAX`] records.
pub(super) fn row(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Null masks of pieces, joined. Costs nothing while there are no nulls.
pub(super) struct Nulls {
    total: usize,
    seen: usize,
    bits: Option<BooleanBufferBuilder>,
}

impl Nulls {
    /// For a column of `total` records.
    pub(super) fn new(total: usize) -> Self {
        Self { total, seen: 0, bits: None }
    }

    /// The next piece.
    pub(super) fn append(&mut self, rows: usize, nulls: Option<&NullBuffer>) {
        match nulls.filter(|nulls| nulls.null_count() > 0) {
            Some(nulls) => {
                let (total, seen) = (self.total, self.seen);
                let bits = self.bits.get_or_insert_with(|| {
                    let mut bits = BooleanBufferBuilder::new(total);
                    bits.append_n(seen, true);
                    bits
                });
                bits.append_buffer(nulls.inner());
            }
            None => {
                if let Some(bits) = &mut self.bits {
                    bits.append_n(rows, true);
                }
            }
        }
        self.seen += rows;
    }

    /// All of them; `None` without a null.
    pub(super) fn finish(self) -> Option<NullBuffer> {
        self.bits.map(|mut bits| NullBuffer::new(bits.finish()))
    }
}

/// What a cell came to.
pub(super) enum Cell<T> {
    /// Nothing stands there.
    Null,
    /// A value.
    Value(T),
    /// A value the output can't hold.
    Overflow,
    /// Nothing that can be read.
    Bad(Problem),
}

/// Reads cells one by one where a loop over the whole piece can't: text, and pieces with a cell out of bounds.
pub(super) fn each<T: Copy>(
    nulls: Option<&NullBuffer>,
    out: &mut [T],
    mut cell: impl FnMut(usize) -> Cell<T>,
) -> PieceRead {
    let mut read = PieceRead::default();
    let valid = BooleanBuffer::collect_bool(out.len(), |index| {
        if nulls.is_some_and(|nulls| nulls.is_null(index)) {
            return false;
        }
        match cell(index) {
            Cell::Value(value) => {
                out[index] = value;
                return true;
            }
            Cell::Null => {}
            Cell::Overflow => read.overflow = true,
            Cell::Bad(problem) => read.bad.push(Bad { row: row(index), problem }),
        }
        false
    });
    let nulls = NullBuffer::new(valid);
    read.nulls = (nulls.null_count() > 0).then_some(nulls);
    read
}

/// Reads trimmed text that is not empty, after `extract`.
pub(super) fn each_text<'a, S: StringArrayType<'a>, T: Copy>(
    cells: &S,
    mut extract: Option<Extract>,
    out: &mut [T],
    mut parse: impl FnMut(&str) -> Cell<T>,
) -> PieceRead {
    each(cells.nulls(), out, |index| {
        let text = trim(cells.value(index));
        if text.is_empty() {
            return Cell::Null;
        }
        match &mut extract {
            None => parse(text),
            Some(extract) => extract.find(text).map_or(Cell::Null, &mut parse),
        }
    })
}

/// Runs `$read` with a text array of whichever layout; `$other` for any other type.
macro_rules! with_text {
    ($array:expr, $cells:ident => $read:expr, else $other:expr) => {
        match $array.data_type() {
            arrow_schema::DataType::Utf8 => {
                let $cells = arrow_array::cast::AsArray::as_string::<i32>($array.as_ref());
                $read
            }
            arrow_schema::DataType::LargeUtf8 => {
                let $cells = arrow_array::cast::AsArray::as_string::<i64>($array.as_ref());
                $read
            }
            arrow_schema::DataType::Utf8View => {
                let $cells = arrow_array::cast::AsArray::as_string_view($array.as_ref());
                $read
            }
            _ => $other,
        }
    };
}
pub(super) use with_text;

/// `str::trim` that looks at two bytes where the ends are plain.
#[inline]
pub(super) fn trim(text: &str) -> &str {
    if has_plain_ends(text.as_bytes()) { text } else { text.trim() }
}

/// Whether both ends are ASCII and no white space, so that trimming changes nothing. False for the empty text.
#[inline]
pub(super) fn has_plain_ends(bytes: &[u8]) -> bool {
    match bytes {
        [] => false,
        [one] => is_plain(*one),
        [first, .., last] => is_plain(*first) && is_plain(*last),
    }
}

#[inline]
fn is_plain(byte: u8) -> bool {
    byte > b' ' && byte < 0x80
}
