//! Date cells: from dates, timestamps and text to days since 1970-01-01.

use super::FieldRead;
use super::amount::all_null;
use super::date_text::{DAY_SECONDS, DateFormat, Moment};
use super::model::{Column, DateColumn};
use super::problem::Problem;
use super::source::{
    Cell, Class, FieldReader, Physical, PieceRead, class, each, each_text, fill, plain_type, with_text,
};
use super::zone::Zone;
use crate::error::Result;
use crate::spec::CellSource;
use arrow_array::cast::AsArray as _;
use arrow_array::types as arrow;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};

/// Reads the days of a field.
///
/// # Errors
/// A type that holds no dates, an unknown zone, a limit, cancellation.
pub(super) fn read(reader: &FieldReader<'_>) -> Result<FieldRead> {
    let column = reader.source.column(single_column(&reader.cell.from))?;
    check_type(reader, &column)?;
    if let Some(array) = column.only_chunk().and_then(|chunk| chunk.as_primitive_opt::<arrow::Date32Type>()) {
        let days = DateColumn { days: array.values().clone(), nulls: array.nulls().cloned() };
        return Ok(FieldRead::new(Column::Date(days), column));
    }
    let what = format!("the dates of \"{}\"", reader.field.name);
    let memory = reader.control.memory.reserve(column.rows as u64 * 4, &what)?;
    let rule = DateRule::new(reader, &column)?;
    let filled = fill(&column, reader.control, |piece, out| rule.read(reader, piece, out))?;
    let days = DateColumn { days: filled.values.into(), nulls: filled.nulls };
    let format = Some(rule.format.text().to_owned());
    Ok(FieldRead {
        bad: filled.bad,
        memory: vec![memory],
        format,
        ..FieldRead::new(Column::Date(days), column)
    })
}

/// The column of a field that is read from one.
pub(super) fn single_column(from: &CellSource) -> &str {
    match from {
        CellSource::Column(name) => name,
        CellSource::DebitCredit { debit, .. } => debit,
        CellSource::Indicator { column, .. } => column,
    }
}

fn check_type(reader: &FieldReader<'_>, column: &Physical) -> Result<()> {
    match class(&column.data_type) {
        Class::Text | Class::Null => Ok(()),
        Class::Date | Class::Timestamp if reader.cell.extract.is_none() => Ok(()),
        Class::Date | Class::Timestamp => {
            Err(reader.type_error("wrong_type", column, "Leave `extract` away: it reads text"))
        }
        Class::Integer => Err(reader.type_error(
            "wrong_type",
            column,
            "Give it as a date or a timestamp, or as text such as \"20260131\" with dates = \"%Y%m%d\"",
        )),
        Class::Double | Class::Decimal(_) | Class::Boolean => {
            Err(reader.type_error("wrong_type", column, "Give it as a date, a timestamp or text"))
        }
        Class::Unsupported => Err(reader.unsupported(column)),
    }
}

/// How a column's cells become days.
struct DateRule {
    format: DateFormat,
    extract: Option<super::source::Extract>,
    /// Zone that instants are converted to; `None`: the offset they were written with.
    zone: Option<Zone>,
    /// Second of the day from which the next day counts.
    cut_off: i64,
}

impl DateRule {
    fn new(reader: &FieldReader<'_>, column: &Physical) -> Result<Self> {
        let format = reader.cell.dates.as_deref().or(reader.rules.read.dates.as_deref());
        let name = match plain_type(&column.data_type) {
            DataType::Timestamp(_, None) => None,
            DataType::Timestamp(_, Some(own)) => reader.rules.zone.as_deref().or(Some(own.as_ref())),
            _ => reader.rules.zone.as_deref(),
        };
        let zone = name.map(|name| Zone::new(name, reader.source.name, &reader.field.name)).transpose()?;
        Ok(Self {
            format: DateFormat::new(format),
            extract: reader.extract()?,
            zone,
            cut_off: reader.rules.cut_off.map_or(DAY_SECONDS, i64::from),
        })
    }

    fn read(&self, reader: &FieldReader<'_>, piece: &ArrayRef, out: &mut [i32]) -> Result<PieceRead> {
        let nulls = piece.nulls();
        Ok(match piece.data_type() {
            DataType::Date32 => {
                out.copy_from_slice(piece.as_primitive::<arrow::Date32Type>().values());
                PieceRead { nulls: nulls.cloned(), ..PieceRead::default() }
            }
            DataType::Date64 => {
                let values = piece.as_primitive::<arrow::Date64Type>().values();
                each(nulls, out, |index| cell(values[index].div_euclid(DAY_SECONDS * 1_000)))
            }
            DataType::Timestamp(unit, _) => match unit {
                TimeUnit::Second => self.instants::<1>(
                    piece.as_primitive::<arrow::TimestampSecondType>().values(),
                    nulls,
                    out,
                ),
                TimeUnit::Millisecond => self.instants::<1_000>(
                    piece.as_primitive::<arrow::TimestampMillisecondType>().values(),
                    nulls,
                    out,
                ),
                TimeUnit::Microsecond => self.instants::<1_000_000>(
                    piece.as_primitive::<arrow::TimestampMicrosecondType>().values(),
                    nulls,
                    out,
                ),
                TimeUnit::Nanosecond => self.instants::<1_000_000_000>(
                    piece.as_primitive::<arrow::TimestampNanosecondType>().values(),
                    nulls,
                    out,
                ),
            },
            DataType::Null => all_null(out.len()),
            _ => with_text!(piece, cells => self.texts(&cells, out), else {
                return Err(reader.source.internal_type(piece.data_type()));
            }),
        })
    }

    fn instants<const PER_SECOND: i64>(
        &self,
        values: &[i64],
        nulls: Option<&NullBuffer>,
        out: &mut [i32],
    ) -> PieceRead {
        let fixed = match &self.zone {
            None => Some(0),
            Some(zone) => zone.fixed(),
        };
        if fixed.is_some_and(|offset| shift_all::<PER_SECOND>(values, offset, self.cut_off, out)) {
            return PieceRead { nulls: nulls.cloned(), ..PieceRead::default() };
        }
        let mut last = 0;
        each(nulls, out, |index| {
            let second = values[index].div_euclid(PER_SECOND);
            let offset = match (&self.zone, fixed) {
                (Some(zone), None) => zone.offset(second, &mut last),
                (_, fixed) => fixed,
            };
            match offset.and_then(|offset| second.checked_add(offset)) {
                Some(local) => cell(self.day(local)),
                None => Cell::Bad(Problem::DateOutOfRange),
            }
        })
    }

    fn texts<'a, S: arrow_array::StringArrayType<'a>>(&self, cells: &S, out: &mut [i32]) -> PieceRead {
        let mut last = 0;
        each_text(cells, self.extract.clone(), out, |text| match self.format.parse(text) {
            Err(problem) => Cell::Bad(problem),
            Ok(Moment::Day(day)) => cell(day),
            Ok(Moment::Local(second)) => cell(self.day(second)),
            Ok(Moment::Instant(second, written)) => {
                let offset = match &self.zone {
                    Some(zone) => zone.offset(second, &mut last),
                    None => Some(written),
                };
                offset.map_or(Cell::Bad(Problem::DateOutOfRange), |offset| cell(self.day(second + offset)))
            }
        })
    }

    /// The day a local second counts to.
    #[inline]
    fn day(&self, local: i64) -> i64 {
        local.div_euclid(DAY_SECONDS) + i64::from(local.rem_euclid(DAY_SECONDS) >= self.cut_off)
    }
}

#[inline]
fn cell(day: i64) -> Cell<i32> {
    i32::try_from(day).map_or(Cell::Bad(Problem::DateOutOfRange), Cell::Value)
}

/// Days of instants at one offset; false where one is out of range.
fn shift_all<const PER_SECOND: i64>(values: &[i64], offset: i64, cut_off: i64, out: &mut [i32]) -> bool {
    let mut fits = true;
    for (out, value) in out.iter_mut().zip(values) {
        let local = value.div_euclid(PER_SECOND).wrapping_add(offset);
        let day = local.div_euclid(DAY_SECONDS);
        let day = day + i64::from(local.rem_euclid(DAY_SECONDS) >= cut_off);
        fits &= (i64::from(i32::MIN)..=i64::from(i32::MAX)).contains(&day);
        #[expect(clippy::cast_possible_truncation, reason = "`fits` says when bits are lost")]
        let low = day as i32;
        *out = low;
    }
    fits
}
