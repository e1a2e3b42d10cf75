//! Which cells of paired rows differ. Equality is decided by a loop without branches on type; only cells that are not
//! equal are looked at again, for tolerances and for what kind of difference they are.

use super::NullPolicy;
use super::columns::{Compared, Layout, Within};
use crate::columns::plain_decimal;
use crate::control::Control;
use crate::error::{Error, Result};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType,
    TimestampNanosecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::i256;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, TimeUnit};
use rayon::prelude::*;
use std::cmp::Ordering;

/// Pairs after which cancellation is looked for.
const CHUNK: usize = 1 << 16;

/// What kind of difference two cells have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Another value.
    Changed,
    /// A value that became null or empty text.
    Nulled,
    /// A null or empty text that became a value.
    Filled,
    /// The same number, written otherwise.
    Format,
    /// The same text but for spaces and case.
    SpaceOrCase,
}

impl Kind {
    pub(super) const ALL: [&'static str; 5] = ["changed", "nulled", "filled", "format", "space_or_case"];
}

/// A differing cell.
#[derive(Debug, Clone)]
pub(super) struct Differing {
    /// Position among the pairs.
    pub(super) pair: u32,
    pub(super) kind: Kind,
    pub(super) left: Option<String>,
    pub(super) right: Option<String>,
    /// right − left, where both are numbers.
    pub(super) delta: Option<String>,
    /// |delta| as a number to sort by: digits and their scale.
    pub(super) size: Option<(i256, u8)>,
}

/// The differing cells of each compared column, ascending by pair.
pub(super) fn differences(
    layout: &Layout,
    sides: [&[RecordBatch]; 2],
    pairs: &[(u32, u32)],
    control: &Control,
) -> Result<Vec<Vec<Differing>>> {
    layout.columns.par_iter().map(|column| of_column(column, sides, pairs, control)).collect()
}

fn of_column(
    column: &Compared,
    sides: [&[RecordBatch]; 2],
    pairs: &[(u32, u32)],
    control: &Control,
) -> Result<Vec<Differing>> {
    let values = [column.values(sides[0], 0)?, column.values(sides[1], 1)?];
    let mut unequal = Vec::new();
    for (at, chunk) in pairs.chunks(CHUNK).enumerate() {
        control.cancel.check()?;
        unequal_in(&values, chunk, at * CHUNK, &mut unequal)?;
    }
    if column.nulls == NullPolicy::Differ {
        let both_null =
            |(left, right): (u32, u32)| values[0].is_null(left as usize) && values[1].is_null(right as usize);
        let nulls = (0_u32..).zip(pairs).filter(|(_, pair)| both_null(**pair)).map(|(at, _)| at);
        unequal.extend(nulls);
        unequal.sort_unstable();
    }
    let look = Look::new(column, &values)?;
    let told = |at: &u32| look.at(*at, pairs[*at as usize]);
    Ok(unequal.iter().filter_map(told).collect())
}

/// Positions of the pairs whose cells are not equal; nulls are equal to nulls.
fn unequal_in(values: &[ArrayRef; 2], pairs: &[(u32, u32)], from: usize, found: &mut Vec<u32>) -> Result<()> {
    fn primitive<T: ArrowPrimitiveType>(
        values: &[ArrayRef; 2],
        pairs: &[(u32, u32)],
        found: impl FnMut(usize),
        same: impl Fn(T::Native, T::Native) -> bool,
    ) {
        let (left, right) = (values[0].as_primitive::<T>(), values[1].as_primitive::<T>());
        let (a, b) = (left.values(), right.values());
        scan(values, pairs, found, |l, r| same(a[l], b[r]));
    }
    let mut note = |at: usize| found.push(u32::try_from(from + at).unwrap_or(u32::MAX));
    match values[0].data_type() {
        DataType::LargeUtf8 => {
            let (left, right) = (values[0].as_string::<i64>(), values[1].as_string::<i64>());
            scan(values, pairs, &mut note, |l, r| left.value(l).as_bytes() == right.value(r).as_bytes());
        }
        DataType::Boolean => {
            let (left, right) = (values[0].as_boolean(), values[1].as_boolean());
            scan(values, pairs, &mut note, |l, r| left.value(l) == right.value(r));
        }
        DataType::Int64 => primitive::<Int64Type>(values, pairs, &mut note, |a, b| a == b),
        DataType::Date32 => primitive::<Date32Type>(values, pairs, &mut note, |a, b| a == b),
        DataType::Decimal128(..) => primitive::<Decimal128Type>(values, pairs, &mut note, |a, b| a == b),
        DataType::Float64 => primitive::<Float64Type>(values, pairs, &mut note, same_double),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            primitive::<TimestampNanosecondType>(values, pairs, &mut note, |a, b| a == b);
        }
        DataType::Timestamp(..) => {
            primitive::<TimestampMicrosecondType>(values, pairs, &mut note, |a, b| a == b);
        }
        other => return Err(Error::Internal(format!("cells of {other} were to be compared"))),
    }
    Ok(())
}

/// NaN is NaN, and zero has no sign.
#[expect(clippy::float_cmp, reason = "equal is equal; tolerances come after")]
fn same_double(left: f64, right: f64) -> bool {
    left == right || (left.is_nan() && right.is_nan())
}

/// Looks at validity only where a side has nulls.
fn scan(
    values: &[ArrayRef; 2],
    pairs: &[(u32, u32)],
    mut unequal: impl FnMut(usize),
    same: impl Fn(usize, usize) -> bool,
) {
    let [left, right] = values.each_ref().map(|side| side.nulls().filter(|nulls| nulls.null_count() > 0));
    if left.is_none() && right.is_none() {
        for (at, (l, r)) in pairs.iter().enumerate() {
            if !same(*l as usize, *r as usize) {
                unequal(at);
            }
        }
        return;
    }
    for (at, (l, r)) in pairs.iter().enumerate() {
        let (l, r) = (*l as usize, *r as usize);
        let there = [left.is_none_or(|nulls| nulls.is_valid(l)), right.is_none_or(|nulls| nulls.is_valid(r))];
        let equal = match there {
            [true, true] => same(l, r),
            [one, other] => one == other,
        };
        if !equal {
            unequal(at);
        }
    }
}

/// A second look at cells that are not equal.
struct Look<'a> {
    column: &'a Compared,
    values: &'a [ArrayRef; 2],
    shown: [ArrayFormatter<'a>; 2],
}

impl<'a> Look<'a> {
    fn new(column: &'a Compared, values: &'a [ArrayRef; 2]) -> Result<Self> {
        const OPTIONS: FormatOptions<'static> = FormatOptions::new();
        let shown = |side: usize| {
            let array: &dyn Array = &values[side];
            ArrayFormatter::try_new(array, &OPTIONS).map_err(|error| Error::Internal(error.to_string()))
        };
        Ok(Self { column, values, shown: [shown(0)?, shown(1)?] })
    }

    fn text(&self, side: usize, row: u32) -> Option<String> {
        let there = self.values[side].is_valid(row as usize);
        there.then(|| match self.column.common {
            // Without an exponent.
            DataType::Float64 => format!("{}", self.double(side, row)),
            _ => self.shown[side].value(row as usize).to_string(),
        })
    }

    fn double(&self, side: usize, row: u32) -> f64 {
        self.values[side].as_primitive::<Float64Type>().value(row as usize)
    }

    /// A cell as a number, where it is one.
    fn number(&self, side: usize, row: u32, text: &str) -> Option<(i128, u8)> {
        match &self.column.common {
            DataType::Decimal128(_, scale) => {
                let units = self.values[side].as_primitive::<Decimal128Type>().value(row as usize);
                u8::try_from(*scale).ok().map(|scale| (units, scale))
            }
            DataType::Int64 | DataType::LargeUtf8 => decimal(text),
            _ => None,
        }
    }

    /// The difference, unless the column's rules say that it is none.
    fn at(&self, pair: u32, (left_row, right_row): (u32, u32)) -> Option<Differing> {
        let (left, right) = (self.text(0, left_row), self.text(1, right_row));
        let told = |kind, delta: Option<(String, (i256, u8))>| {
            let (delta, size) = delta.unzip();
            Some(Differing { pair, kind, left: left.clone(), right: right.clone(), delta, size })
        };
        let empty = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
        let (Some(one), Some(other), false, false) = (&left, &right, empty(&left), empty(&right)) else {
            let kind = match (empty(&left), empty(&right)) {
                (true, true) if self.column.nulls == NullPolicy::Empty => return None,
                (false, true) => Kind::Nulled,
                (true, false) => Kind::Filled,
                _ => Kind::Changed,
            };
            return told(kind, None);
        };
        if self.column.common == DataType::Float64 {
            let (a, b) = (self.double(0, left_row), self.double(1, right_row));
            let delta = || (b - a).is_finite().then(|| format!("{}", b - a));
            let near = self.column.within.is_some_and(|within| near(within, a, b));
            let size = delta()
                .and_then(|text| decimal(&text))
                .map(|(units, scale)| (magnitude(i256::from_i128(units)), scale));
            return (!near).then(|| Differing {
                pair,
                kind: Kind::Changed,
                left,
                right,
                delta: delta(),
                size,
            });
        }
        let (Some(a), Some(b)) = (self.number(0, left_row, one), self.number(1, right_row, other)) else {
            let bare = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            return told(if bare(one) == bare(other) { Kind::SpaceOrCase } else { Kind::Changed }, None);
        };
        let (a, b, scale) = aligned(a, b);
        let delta = b.wrapping_sub(a);
        if delta == i256::ZERO {
            // Text against a number is the same value; text against text was written otherwise.
            return if self.column.text_against_other() || self.column.within.is_some() {
                None
            } else {
                told(Kind::Format, None)
            };
        }
        if self.column.within.is_some_and(|within| holds(within, (a, b), scale)) {
            return None;
        }
        told(Kind::Changed, Some((written(delta, scale), (magnitude(delta), scale))))
    }
}

/// Whether two doubles are within a tolerance. Doubles may be compared as what they are; amounts are none.
fn near(within: Within, a: f64, b: f64) -> bool {
    let number = |number: crate::money::Number| number.to_string().parse::<f64>().unwrap_or(0.0);
    match within {
        Within::Absolute(allowed) => (b - a).abs() <= number(allowed),
        Within::Percent(percent) => (b - a).abs() * 100.0 <= number(percent) * a.abs().max(b.abs()),
    }
}

/// A text as a decimal, where it is one.
fn decimal(text: &str) -> Option<(i128, u8)> {
    plain_decimal(text.trim())
}

/// Both at the larger scale. A scale has at most 18 digits and an i128 39, so nothing leaves 256 bits.
fn aligned((a, a_scale): (i128, u8), (b, b_scale): (i128, u8)) -> (i256, i256, u8) {
    let scale = a_scale.max(b_scale);
    let up = |value: i128, from: u8| i256::from_i128(value).wrapping_mul(power(scale - from));
    (up(a, a_scale), up(b, b_scale), scale)
}

fn power(digits: u8) -> i256 {
    i256::from_i128(10).wrapping_pow(u32::from(digits))
}

fn magnitude(value: i256) -> i256 {
    if value.is_negative() { value.wrapping_neg() } else { value }
}

/// Whether |b − a| is within, compared without division.
fn holds(within: Within, (a, b): (i256, i256), scale: u8) -> bool {
    let delta = magnitude(b.wrapping_sub(a));
    let digits = |number: crate::money::Number| number.units(number.scale()).map(i256::from_i128);
    match within {
        Within::Absolute(number) => digits(number).is_some_and(|allowed| {
            let common = scale.max(number.scale());
            delta.wrapping_mul(power(common - scale)) <= allowed.wrapping_mul(power(common - number.scale()))
        }),
        Within::Percent(number) => digits(number).is_some_and(|percent| {
            let base = magnitude(a).max(magnitude(b));
            let hundred = power(number.scale().saturating_add(2));
            match (delta.checked_mul(hundred), base.checked_mul(percent)) {
                (Some(delta), Some(allowed)) => delta <= allowed,
                _ => false,
            }
        }),
    }
}

/// A decimal as text.
pub(super) fn written(value: i256, scale: u8) -> String {
    let sign = if value.is_negative() { "-" } else { "" };
    let digits = format!("{:0>width$}", magnitude(value).to_string(), width = usize::from(scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The larger of two sizes.
pub(super) fn by_size(one: (i256, u8), other: (i256, u8)) -> Ordering {
    let common = one.1.max(other.1);
    one.0.wrapping_mul(power(common - one.1)).cmp(&other.0.wrapping_mul(power(common - other.1)))
}
