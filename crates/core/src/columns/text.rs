//! Text cells: trimmed, extracted, cleaned; empty is null. Where nothing has to change, the Arrow buffers are shared.
//!
//! A dictionary is cleaned value by value, not record by record.

use super::FieldRead;
use super::clean::Cleaner;
use super::date::single_column;
use super::model::{Column, TextColumn};
use super::parts::TextParts;
use super::source::{
    Class, Extract, FieldReader, Nulls, PIECE_ROWS, Physical, class, has_plain_ends, plain_type, take, trim,
    with_text,
};
use super::zone::Zone;
use crate::control::Reservation;
use crate::error::{Error, Result};
use crate::spec::Clean;
use arrow_array::builder::LargeStringBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::types as arrow;
use arrow_array::{
    Array, ArrayRef, GenericStringArray, LargeStringArray, OffsetSizeTrait, StringArray, StringArrayType,
};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use rayon::prelude::*;
use std::fmt::Write as _;
use std::sync::Arc;

/// Records that parts of a column have on average, or they are joined.
const PART_ROWS_MIN: usize = 4_096;

/// Reads the text of a field.
///
/// # Errors
/// A type that is no text, a limit, cancellation.
pub(super) fn read(reader: &FieldReader<'_>) -> Result<FieldRead> {
    let column = reader.source.column(single_column(&reader.cell.from))?;
    let steps = reader.field.clean[reader.side.index()].as_slice();
    let rule = TextRule { extract: reader.extract()?, steps };
    let (text, memory) = read_column(reader, &column, &rule)?;
    Ok(FieldRead { memory, ..FieldRead::new(Column::Text(text), column) })
}

/// What is done to every cell.
#[derive(Debug, Clone)]
pub(super) struct TextRule<'a> {
    pub(super) extract: Option<Extract>,
    pub(super) steps: &'a [Clean],
}

impl TextRule<'_> {
    /// Trimmed, nothing else.
    pub(super) fn plain() -> Self {
        Self { extract: None, steps: &[] }
    }

    fn is_plain(&self) -> bool {
        self.extract.is_none() && self.steps.is_empty()
    }
}

/// Reads one physical column as text.
pub(super) fn read_column(
    reader: &FieldReader<'_>,
    column: &Physical,
    rule: &TextRule<'_>,
) -> Result<(TextColumn, Vec<Reservation>)> {
    check_type(reader, column)?;
    if rule.is_plain()
        && let Some(shared) = shared(reader, column)?
    {
        return Ok((shared, Vec::new()));
    }
    let what = format!("the text of \"{}\"", reader.field.name);
    let zone = match plain_type(&column.data_type) {
        DataType::Timestamp(_, Some(own)) => {
            let name = reader.rules.zone.as_deref().unwrap_or(own.as_ref());
            Some(Zone::new(name, reader.source.name, &reader.field.name)?)
        }
        _ => None,
    };
    let builder = Pieces { reader, rule, zone };
    let dictionaries = builder.dictionaries(column)?;
    let jobs: Vec<(usize, ArrayRef)> = numbered_pieces(column);
    let pieces: Vec<Result<Built>> = jobs
        .into_par_iter()
        .map(|(chunk, piece)| {
            reader.control.cancel.check()?;
            match (dictionaries.get(chunk).and_then(Option::as_ref), piece.as_any_dictionary_opt()) {
                (Some(values), Some(dictionary)) => {
                    builder.held(&take(values.as_ref(), dictionary.keys())?, false)
                }
                _ => builder.read(&piece),
            }
        })
        .collect();
    let (pieces, _held): (Vec<Piece>, Vec<Option<Reservation>>) =
        pieces.into_iter().collect::<Result<Vec<_>>>()?.into_iter().unzip();
    let bytes = pieces.iter().map(Piece::bytes).sum::<u64>() + column.rows as u64 * 4;
    let memory = reader.control.memory.reserve(bytes, &what)?;
    Ok((join(pieces, column.rows)?, vec![memory]))
}

/// The pieces with the number of the chunk they are of.
fn numbered_pieces(column: &Physical) -> Vec<(usize, ArrayRef)> {
    let chunks = column.chunks.iter().enumerate();
    chunks
        .flat_map(|(index, chunk)| {
            let of_chunk =
                Physical { chunks: vec![ArrayRef::clone(chunk)], rows: chunk.len(), ..column.clone() };
            of_chunk.pieces().into_iter().map(move |piece| (index, piece)).collect::<Vec<_>>()
        })
        .collect()
}

fn check_type(reader: &FieldReader<'_>, column: &Physical) -> Result<()> {
    match class(&column.data_type) {
        Class::Double => Err(reader.type_error(
            "wrong_type",
            column,
            "Convert it to text or integers first: a double has no certain spelling",
        )),
        Class::Unsupported => Err(reader.unsupported(column)),
        _ => Ok(()),
    }
}

fn value_bytes<O: OffsetSizeTrait>(array: &GenericStringArray<O>) -> u64 {
    let offsets = array.value_offsets();
    match (offsets.first(), offsets.last()) {
        (Some(first), Some(last)) => (last.as_usize() - first.as_usize()) as u64,
        _ => 0,
    }
}

/// The Arrow arrays themselves, where no cell changes and they are not many small ones.
fn shared(reader: &FieldReader<'_>, column: &Physical) -> Result<Option<TextColumn>> {
    let plain = matches!(column.data_type, DataType::Utf8 | DataType::LargeUtf8);
    if !plain || !is_coarse(column.chunks.len(), column.rows) {
        return Ok(None);
    }
    let unchanged = column.pieces().into_par_iter().all(|piece| {
        !reader.control.cancel.is_cancelled()
            && match piece.data_type() {
                DataType::Utf8 => is_unchanged(piece.as_string::<i32>()),
                _ => is_unchanged(piece.as_string::<i64>()),
            }
    });
    reader.control.cancel.check()?;
    let chunks = column.chunks.iter();
    Ok(unchanged.then(|| match column.data_type {
        DataType::Utf8 => {
            TextColumn::Small(TextParts::new(chunks.map(|chunk| chunk.as_string().clone()).collect()))
        }
        _ => TextColumn::Large(TextParts::new(chunks.map(|chunk| chunk.as_string().clone()).collect())),
    }))
}

/// Whether parts are few enough that finding a row's part costs little.
fn is_coarse(parts: usize, rows: usize) -> bool {
    parts <= 1 || rows / parts >= PART_ROWS_MIN
}

/// Whether every cell is null, or neither empty nor to be trimmed.
fn is_unchanged<O: OffsetSizeTrait>(array: &GenericStringArray<O>) -> bool {
    let bytes = array.value_data();
    let is_kept = |from: O, to: O| {
        bytes.get(from.as_usize()..to.as_usize()).is_some_and(|cell| {
            has_plain_ends(cell)
                || std::str::from_utf8(cell)
                    .is_ok_and(|text| !text.is_empty() && text.trim().len() == text.len())
        })
    };
    let cells = array.value_offsets().windows(2);
    match array.nulls() {
        None => cells.into_iter().all(|ends| is_kept(ends[0], ends[1])),
        Some(nulls) => cells.zip(nulls).all(|(ends, valid)| !valid || is_kept(ends[0], ends[1])),
    }
}

/// A piece that is done.
enum Piece {
    Small(StringArray),
    Large(LargeStringArray),
}

impl Piece {
    fn of(array: &ArrayRef) -> Result<Self> {
        match array.data_type() {
            DataType::Utf8 => Ok(Self::Small(array.as_string::<i32>().clone())),
            DataType::LargeUtf8 => Ok(Self::Large(array.as_string::<i64>().clone())),
            other => Err(Error::Internal(format!("text was read as {other}"))),
        }
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Small(array) => array,
            Self::Large(array) => array,
        }
    }

    /// As the values of a dictionary: with 32-bit offsets only where a whole piece of the longest value fits them.
    fn repeatable(self) -> ArrayRef {
        let widest = |longest: usize| i32::try_from(longest.saturating_mul(PIECE_ROWS)).is_ok();
        match self {
            Self::Small(array) if widest(longest(&array)) => Arc::new(array),
            Self::Small(array) => Arc::new(resized::<_, i64>(&array)),
            Self::Large(array) if widest(longest(&array).max(array.values().len() / PIECE_ROWS)) => {
                Arc::new(resized::<_, i32>(&array))
            }
            Self::Large(array) => Arc::new(array),
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Small(array) => value_bytes(array),
            Self::Large(array) => value_bytes(array),
        }
    }
}

/// A piece, and what it holds beyond the input.
type Built = (Piece, Option<Reservation>);

/// How pieces of one column are read.
struct Pieces<'a> {
    reader: &'a FieldReader<'a>,
    rule: &'a TextRule<'a>,
    /// For zoned timestamps.
    zone: Option<Zone>,
}

impl Pieces<'_> {
    /// The values of each dictionary, read once, where they are no more than the records that use them.
    fn dictionaries(&self, column: &Physical) -> Result<Vec<Option<ArrayRef>>> {
        let values: Vec<Result<Option<ArrayRef>>> = column
            .chunks
            .par_iter()
            .map(|chunk| match chunk.as_any_dictionary_opt() {
                Some(dictionary) if dictionary.values().len() <= chunk.len() => {
                    self.read(dictionary.values()).map(|(values, _held)| Some(values.repeatable()))
                }
                _ => Ok(None),
            })
            .collect();
        values.into_iter().collect()
    }

    fn read(&self, piece: &ArrayRef) -> Result<Built> {
        let shared = matches!(piece.data_type(), DataType::Utf8 | DataType::LargeUtf8);
        let piece = super::source::unpack(piece)?;
        if self.rule.is_plain() {
            match piece.data_type() {
                DataType::Utf8 if is_unchanged(piece.as_string::<i32>()) => return self.held(&piece, shared),
                DataType::LargeUtf8 if is_unchanged(piece.as_string::<i64>()) => {
                    return self.held(&piece, shared);
                }
                _ => {}
            }
        }
        let piece = self.render(piece)?;
        with_text!(piece, cells => self.build(&cells), else {
            Err(self.reader.source.internal_type(piece.data_type()))
        })
    }

    /// A piece, with the memory it holds until the pieces are joined where it is not `shared` with the input.
    fn held(&self, text: &ArrayRef, shared: bool) -> Result<Built> {
        let piece = Piece::of(text)?;
        let bytes = piece.bytes() + text.len() as u64 * 8;
        let memory = &self.reader.control.memory;
        let held = if shared { None } else { Some(memory.reserve(bytes, "text that is being read")?) };
        Ok((piece, held))
    }

    fn build<'t, S: StringArrayType<'t>>(&self, cells: &S) -> Result<Built> {
        let mut builder = LargeStringBuilder::with_capacity(cells.len(), 0);
        let mut extract = self.rule.extract.clone();
        let mut cleaner = Cleaner::new(self.rule.steps);
        for index in 0..cells.len() {
            // A cell may be megabytes: a piece of them must not outlive a cancellation by much.
            if index % 4_096 == 0 {
                self.reader.control.cancel.check()?;
            }
            if cells.is_null(index) {
                builder.append_null();
                continue;
            }
            let text = trim(cells.value(index));
            let text = match &mut extract {
                Some(extract) => extract.find(text).unwrap_or_default(),
                None => text,
            };
            let text = if self.rule.steps.is_empty() { text } else { cleaner.clean(text) };
            if text.is_empty() {
                builder.append_null();
            } else {
                builder.append_value(text);
            }
        }
        self.held(&(Arc::new(builder.finish()) as ArrayRef), false)
    }

    /// Writes other types as text: integers and decimals plainly, dates in ISO 8601, truth as `true` and `false`.
    fn render(&self, piece: ArrayRef) -> Result<ArrayRef> {
        let written = match piece.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => return Ok(piece),
            DataType::Boolean => {
                let values = piece.as_boolean();
                written(&piece, |index, out| {
                    out.write_str(if values.value(index) { "true" } else { "false" })
                })
            }
            DataType::Timestamp(_, _) => self.written_instants(&piece)?,
            DataType::Date32 => {
                let values = piece.as_primitive::<arrow::Date32Type>().values();
                let date = |index: usize| civil_date(i64::from(values[index]));
                written(&piece, |index, out| date(index).map_or(Ok(()), |date| write!(out, "{date}")))
            }
            DataType::Date64 => {
                let values = piece.as_primitive::<arrow::Date64Type>().values();
                let date = |index: usize| civil_date(values[index].div_euclid(86_400_000));
                written(&piece, |index, out| date(index).map_or(Ok(()), |date| write!(out, "{date}")))
            }
            _ => {
                return arrow_cast::cast(&piece, &DataType::LargeUtf8).map_err(|error| {
                    Error::Internal(format!("writing {} as text: {error}", piece.data_type()))
                });
            }
        };
        Ok(Arc::new(written))
    }

    fn written_instants(&self, piece: &ArrayRef) -> Result<LargeStringArray> {
        let plain = DataType::Timestamp(arrow_schema::TimeUnit::Second, None);
        let per_second = match piece.data_type() {
            DataType::Timestamp(arrow_schema::TimeUnit::Second, _) => 1,
            DataType::Timestamp(arrow_schema::TimeUnit::Millisecond, _) => 1_000,
            DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, _) => 1_000_000,
            DataType::Timestamp(arrow_schema::TimeUnit::Nanosecond, _) => 1_000_000_000,
            _ => return Err(self.reader.source.internal_type(&plain)),
        };
        let units = arrow_cast::cast(piece, &DataType::Int64)
            .map_err(|error| Error::Internal(format!("reading a timestamp: {error}")))?;
        let units = units.as_primitive::<arrow::Int64Type>();
        let mut last = 0;
        Ok(written(piece, |index, out| {
            let unit = units.value(index);
            let second = unit.div_euclid(per_second);
            let offset = self.zone.as_ref().map_or(Some(0), |zone| zone.offset(second, &mut last));
            let Some(local) = offset.and_then(|offset| second.checked_add(offset)) else { return Ok(()) };
            let Some(date) = civil_date(local.div_euclid(86_400)) else { return Ok(()) };
            let time = local.rem_euclid(86_400);
            write!(out, "{date}T{:02}:{:02}:{:02}", time / 3_600, time / 60 % 60, time % 60)?;
            let nanosecond = unit.rem_euclid(per_second) * (1_000_000_000 / per_second);
            if nanosecond > 0 {
                let digits = format!("{nanosecond:09}");
                write!(out, ".{}", digits.trim_end_matches('0'))?;
            }
            Ok(())
        }))
    }
}

/// Writes every cell that is not null.
fn written(
    piece: &ArrayRef,
    mut write: impl FnMut(usize, &mut LargeStringBuilder) -> std::fmt::Result,
) -> LargeStringArray {
    let mut builder = LargeStringBuilder::with_capacity(piece.len(), piece.len() * 8);
    for index in 0..piece.len() {
        // Writing to a builder can't fail.
        if piece.is_valid(index) && write(index, &mut builder).is_ok() {
            builder.append_value("");
        } else {
            builder.append_null();
        }
    }
    builder.finish()
}

fn civil_date(day: i64) -> Option<jiff::civil::Date> {
    let span = jiff::Span::new().try_days(day).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(span).ok()
}

/// The longest value.
fn longest<O: OffsetSizeTrait>(array: &GenericStringArray<O>) -> usize {
    let ends = array.value_offsets().windows(2);
    ends.into_iter().map(|ends| ends[1].as_usize() - ends[0].as_usize()).max().unwrap_or(0)
}

/// The same text under offsets of another width, which all of its bytes must fit.
fn resized<P: OffsetSizeTrait, O: OffsetSizeTrait>(array: &GenericStringArray<P>) -> GenericStringArray<O> {
    let offsets: Vec<O> = array.value_offsets().iter().map(|offset| O::usize_as(offset.as_usize())).collect();
    GenericStringArray::new(OffsetBuffer::new(offsets.into()), array.values().clone(), array.nulls().cloned())
}

/// All pieces as one column: in the pieces that they are where all are of one kind, else small where the text fits.
fn join(pieces: Vec<Piece>, rows: usize) -> Result<TextColumn> {
    let small = pieces.iter().filter(|piece| matches!(piece, Piece::Small(_))).count();
    if is_coarse(pieces.len(), rows) && (small == 0 || small == pieces.len()) {
        let (mut smalls, mut larges) = (Vec::with_capacity(small), Vec::with_capacity(pieces.len() - small));
        for piece in pieces {
            match piece {
                Piece::Small(array) => smalls.push(array),
                Piece::Large(array) => larges.push(array),
            }
        }
        return Ok(if larges.is_empty() {
            TextColumn::Small(TextParts::new(smalls))
        } else {
            TextColumn::Large(TextParts::new(larges))
        });
    }
    let bytes: u64 = pieces.iter().map(Piece::bytes).sum();
    if i32::try_from(bytes).is_ok() {
        join_as::<i32>(&pieces, rows).map(|array| TextColumn::Small(array.into()))
    } else {
        join_as::<i64>(&pieces, rows).map(|array| TextColumn::Large(array.into()))
    }
}

fn join_as<O: OffsetSizeTrait>(pieces: &[Piece], rows: usize) -> Result<GenericStringArray<O>> {
    let total = usize::try_from(pieces.iter().map(Piece::bytes).sum::<u64>()).unwrap_or(usize::MAX);
    let mut offsets = vec![O::zero(); rows + 1];
    let mut bytes = vec![0_u8; total];
    let mut nulls = Nulls::new(rows);
    let (mut ends_left, mut bytes_left) = (offsets.get_mut(1..).unwrap_or_default(), bytes.as_mut_slice());
    let mut jobs = Vec::with_capacity(pieces.len());
    let mut base = 0;
    for piece in pieces {
        let len = usize::try_from(piece.bytes()).unwrap_or(usize::MAX);
        let (out, tail) = std::mem::take(&mut bytes_left).split_at_mut(len);
        let (ends, ends_tail) = std::mem::take(&mut ends_left).split_at_mut(piece.array().len());
        (bytes_left, ends_left) = (tail, ends_tail);
        nulls.append(piece.array().len(), piece.array().nulls());
        jobs.push((piece, base, out, ends));
        base += len;
    }
    jobs.into_par_iter().for_each(|(piece, base, out, ends)| match piece {
        Piece::Small(array) => copy_text(array, base, out, ends),
        Piece::Large(array) => copy_text(array, base, out, ends),
    });
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    GenericStringArray::try_new(offsets, Buffer::from_vec(bytes), nulls.finish())
        .map_err(|error| Error::Internal(format!("joining text: {error}")))
}

/// Copies the text of a piece to its place, which begins at byte `base` of the column.
fn copy_text<P: OffsetSizeTrait, O: OffsetSizeTrait>(
    piece: &GenericStringArray<P>,
    base: usize,
    out: &mut [u8],
    ends: &mut [O],
) {
    let offsets = piece.value_offsets();
    if let [first, rest @ ..] = offsets {
        let first = first.as_usize();
        if let Some(text) = piece.value_data().get(first..first + out.len()) {
            out.copy_from_slice(text);
        }
        for (end, offset) in ends.iter_mut().zip(rest) {
            *end = O::usize_as(offset.as_usize() - first + base);
        }
    }
}
