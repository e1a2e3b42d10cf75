//! `where`: which records take part. The others are `excluded`: counted and totalled, in no pass.
//!
//! A null cell passes only `is_null = true`. An amount or id that can't be read is not judged by the filter on
//! it: the record stays and becomes a break `unreadable`, or it would vanish for being written badly.

use super::Value;
use super::amount_text::Marks;
use super::date_text::iso_day;
use super::model::{Column, Columns};
use super::problem::Bad;
use super::source::{Class, FieldReader, PIECE_ROWS, Physical, Source, class, row};
use super::{amount, read_field};
use crate::control::Control;
use crate::error::{Error, Mistake, Result};
use crate::money::display_units;
use crate::plan::{FieldPlan, FilterPlan, FilterSubject, Plan, Side};
use crate::spec::{CellSource, CellSpec, FieldKind, FilterTest};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};
use rayon::prelude::*;

/// What filters look at.
pub(super) struct Prepared<'a> {
    pub(super) plan: &'a Plan,
    pub(super) side: Side,
    pub(super) source: &'a Source<'a>,
    pub(super) fields: &'a [Column],
    /// Cells by field that the filter on them does not judge.
    pub(super) undecided: &'a [&'a [Bad]],
    pub(super) scale: u8,
    pub(super) control: &'a Control,
}

/// The records that some filter leaves out; `None` without one.
///
/// # Errors
/// A value of a filter that can't be read, a raw column that is missing or of an unsupported type.
pub(super) fn excluded(prepared: &Prepared<'_>) -> Result<Option<BooleanBuffer>> {
    let filters = &prepared.plan.sources[prepared.side.index()].filter;
    let mut passing: Option<BooleanBuffer> = None;
    for (index, filter) in filters.iter().enumerate() {
        let path = format!("{}.where[{index}]", prepared.side.name());
        let passes = passes(prepared, filter, &path)?;
        passing = Some(match passing {
            None => passes,
            Some(before) => &before & &passes,
        });
    }
    Ok(passing.map(|passing| !&passing).filter(BooleanBuffer::has_true))
}

fn passes(prepared: &Prepared<'_>, filter: &FilterPlan, path: &str) -> Result<BooleanBuffer> {
    let rows = prepared.source.rows as usize;
    let (raw, scale);
    let (column, undecided): (&Column, &[Bad]) = match &filter.subject {
        FilterSubject::Field(field) => {
            scale = prepared.scale;
            let column = prepared.fields.get(*field).unwrap_or(&Column::Absent);
            (column, prepared.undecided.get(*field).copied().unwrap_or_default())
        }
        FilterSubject::Column(name) => {
            (raw, scale) = raw_column(prepared, name)?;
            (&raw, &[])
        }
    };
    let test = Test::new(column, &filter.test, scale, path)?;
    let bits = each_record(prepared.control, rows, |row| test.holds(column, row))?;
    if undecided.is_empty() {
        return Ok(bits);
    }
    let mut undecided = undecided.iter().map(|bad| bad.row as usize).peekable();
    Ok(BooleanBuffer::collect_bool(rows, |index| undecided.next_if_eq(&index).is_some() || bits.value(index)))
}

/// Which filters of a side leave a record out, by their positions: those on fields that do. Those on a column that no
/// field maps can't be asked again, as such columns are not kept: where no other is to blame, all of them are named.
///
/// # Errors
/// As [`excluded`].
pub(crate) fn left_out_by(plan: &Plan, side: Side, columns: &Columns, row: u32) -> Result<Vec<usize>> {
    let source = columns.side(side);
    let unreadable = source.unreadable.as_ref().is_some_and(|bits| bits.value(row as usize));
    let (mut sure, mut perhaps) = (Vec::new(), Vec::new());
    for (index, filter) in plan.sources[side.index()].filter.iter().enumerate() {
        let FilterSubject::Field(field) = &filter.subject else {
            perhaps.push(index);
            continue;
        };
        let column = source.fields.get(*field).unwrap_or(&Column::Absent);
        let path = format!("{}.where[{index}]", side.name());
        let undecided = unreadable && column.is_null(row);
        if !undecided && !Test::new(column, &filter.test, columns.scale, &path)?.holds(column, row) {
            sure.push(index);
        }
    }
    Ok(if sure.is_empty() { perhaps } else { sure })
}

/// One bit per record, made in parallel.
fn each_record(control: &Control, rows: usize, holds: impl Fn(u32) -> bool + Sync) -> Result<BooleanBuffer> {
    let pieces: Vec<Result<BooleanBuffer>> = (0..rows.div_ceil(PIECE_ROWS))
        .into_par_iter()
        .map(|piece| {
            control.cancel.check()?;
            let base = piece * PIECE_ROWS;
            let len = PIECE_ROWS.min(rows - base);
            Ok(BooleanBuffer::collect_bool(len, |index| holds(row(base + index))))
        })
        .collect();
    let mut bits = BooleanBufferBuilder::new(rows);
    for piece in pieces {
        bits.append_buffer(&piece?);
    }
    Ok(bits.finish())
}

/// A column that no field maps, read as what its type says.
fn raw_column(prepared: &Prepared<'_>, name: &str) -> Result<(Column, u8)> {
    let physical: Physical = prepared.source.column(name)?;
    let (kind, scale) = match class(&physical.data_type) {
        Class::Integer => (FieldKind::Integer, 0),
        Class::Decimal(_) => (FieldKind::Amount, amount::own_scale(&physical.data_type).unwrap_or(0)),
        Class::Date | Class::Timestamp => (FieldKind::Date, 0),
        _ => (FieldKind::Text, 0),
    };
    let cell = CellSpec { from: CellSource::Column(name.to_owned()), ..CellSpec::default() };
    let field = FieldPlan {
        name: name.to_owned(),
        kind,
        scale: [None, None],
        cells: [Some(cell.clone()), Some(cell.clone())],
        clean: [Vec::new(), Vec::new()],
        many: [false; 2],
    };
    let reader = FieldReader {
        source: prepared.source,
        rules: &prepared.plan.sources[prepared.side.index()],
        field: &field,
        cell: &cell,
        side: prepared.side,
        scale,
        control: prepared.control,
        tables: &prepared.plan.tables,
    };
    Ok((read_field(&reader)?.column, scale))
}

/// A compiled test.
enum Test {
    IsNull(bool),
    /// Amounts at the column's scale, days or integers, in one of these ranges, inclusive.
    Ranges(Vec<(i128, i128)>),
    /// One of these texts.
    Texts(Vec<String>),
    /// Between both, by bytes.
    Between(String, String),
    /// The regular expression finds something in the text, or in the value as text.
    Matches(regex::Regex, u8),
}

impl Test {
    fn new(column: &Column, test: &FilterTest, scale: u8, path: &str) -> Result<Self> {
        let range = |low: &str, high: &str| -> Result<(i128, i128)> {
            Ok((bound(column, low, scale, path)?.0, bound(column, high, scale, path)?.1))
        };
        let is_text = match column {
            Column::Many(many) => many.is_text(),
            other => matches!(other, Column::Text(_) | Column::Absent),
        };
        Ok(match test {
            FilterTest::IsNull(null) => Self::IsNull(*null),
            FilterTest::Matches(pattern) => {
                let regex = regex::Regex::new(pattern)
                    .map_err(|error| bad_value(path, pattern, &format!("a regular expression ({error})")))?;
                Self::Matches(regex, scale)
            }
            FilterTest::Equals(value) if is_text => Self::Texts(vec![value.clone()]),
            FilterTest::In(values) if is_text => Self::Texts(values.clone()),
            FilterTest::Between(low, high) if is_text => Self::Between(low.clone(), high.clone()),
            FilterTest::Equals(value) => Self::Ranges(vec![range(value, value)?]),
            FilterTest::In(values) => {
                Self::Ranges(values.iter().map(|value| range(value, value)).collect::<Result<_>>()?)
            }
            FilterTest::Between(low, high) => Self::Ranges(vec![range(low, high)?]),
        })
    }

    fn holds(&self, column: &Column, row: u32) -> bool {
        match (self, column) {
            (Self::IsNull(null), _) => column.is_null(row) == *null,
            (_, Column::Many(many)) => many.values(row).any(|value| self.holds_of(value)),
            (Self::Ranges(ranges), Column::Amount(amounts)) => in_ranges(ranges, amounts.get(row)),
            (Self::Ranges(ranges), Column::Date(dates)) => in_ranges(ranges, dates.get(row).map(i128::from)),
            (Self::Ranges(ranges), Column::Integer(integers)) => {
                in_ranges(ranges, integers.get(row).map(i128::from))
            }
            (Self::Texts(texts), Column::Text(cells)) => {
                cells.get(row).is_some_and(|cell| texts.iter().any(|text| text == cell))
            }
            (Self::Between(low, high), Column::Text(cells)) => {
                cells.get(row).is_some_and(|cell| low.as_str() <= cell && cell <= high.as_str())
            }
            (Self::Matches(regex, _), Column::Text(cells)) => {
                cells.get(row).is_some_and(|cell| regex.is_match(cell))
            }
            (Self::Matches(regex, scale), _) => {
                written(column, row, *scale).is_some_and(|cell| regex.is_match(&cell))
            }
            _ => false,
        }
    }
}

impl Test {
    /// Of one value of many.
    fn holds_of(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::Ranges(ranges), Value::Integer(value)) => in_ranges(ranges, Some(i128::from(value))),
            (Self::Texts(texts), Value::Text(value)) => texts.iter().any(|text| text == value),
            (Self::Between(low, high), Value::Text(value)) => low.as_str() <= value && value <= high.as_str(),
            (Self::Matches(regex, _), Value::Text(value)) => regex.is_match(value),
            (Self::Matches(regex, _), Value::Integer(value)) => regex.is_match(&value.to_string()),
            _ => false,
        }
    }
}

fn in_ranges(ranges: &[(i128, i128)], value: Option<i128>) -> bool {
    value.is_some_and(|value| ranges.iter().any(|(low, high)| (*low..=*high).contains(&value)))
}

fn written(column: &Column, row: u32, scale: u8) -> Option<String> {
    match column {
        Column::Amount(amounts) => amounts.get(row).map(|units| display_units(units, scale)),
        Column::Integer(integers) => integers.get(row).map(|value| value.to_string()),
        Column::Date(dates) => dates.get(row).and_then(|day| {
            let span = jiff::Span::new().try_days(i64::from(day)).ok()?;
            jiff::civil::date(1970, 1, 1).checked_add(span).ok().map(|date| date.to_string())
        }),
        Column::Absent | Column::Text(_) | Column::Many(_) => None,
    }
}

/// A value of the spec as the bounds it sets: the least value that is not below it, the greatest not above it.
/// They cross where the value lies between two units, so that nothing equals it.
fn bound(column: &Column, value: &str, scale: u8, path: &str) -> Result<(i128, i128)> {
    let text = value.trim();
    if matches!(column, Column::Date(_)) {
        let day = iso_day(text).ok_or_else(|| bad_value(path, value, "a date such as \"2026-01-31\""))?;
        return Ok((i128::from(day), i128::from(day)));
    }
    let written =
        Marks::plain().parse(text).map_err(|_| bad_value(path, value, "a number such as \"-12.05\""))?;
    Ok(units_around(written.mantissa, written.decimals, scale))
}

fn units_around(mantissa: i128, decimals: u8, scale: u8) -> (i128, i128) {
    if decimals <= scale {
        let factor = 10_i128.pow(u32::from(scale - decimals));
        // A value beyond 128 bits is beyond every amount: the bound on one side holds all, on the other none.
        let far = if mantissa < 0 { i128::MIN } else { i128::MAX };
        return mantissa.checked_mul(factor).map_or((far, far), |units| (units, units));
    }
    let divisor = 10_i128.pow(u32::from(decimals - scale));
    let below = mantissa.div_euclid(divisor);
    if mantissa.rem_euclid(divisor) == 0 { (below, below) } else { (below + 1, below) }
}

fn bad_value(path: &str, given: &str, expected: &str) -> Error {
    Error::spec(Mistake::new("bad_value", path, format!("\"{given}\""), expected))
}
