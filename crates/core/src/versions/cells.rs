//! A second look at cells that are not equal: whether the column's rules let them be, what kind of difference they are,
//! and by how much.

use super::NullPolicy;
use super::columns::{Compared, Layout, Within};
use super::equal::{Places, Watch, unequal};
use super::otherwise::{is_nothing, is_same};
use super::table::Table;
use crate::columns::plain_decimal;
use crate::control::Control;
use crate::error::{Error, Result};
use crate::money::display_units;
use arrow_array::builder::LargeStringBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, LargeStringArray};
use arrow_buffer::i256;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType;
use rayon::prelude::*;
use std::cmp::Ordering;
use std::fmt::Write as _;

/// Unequal cells looked at by one task.
const TASK_CELLS: usize = 1 << 13;

/// What kind of difference two cells have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Another value.
    Changed,
    /// A value that became null, empty text or a word for nothing.
    Nulled,
    /// A null, empty text or a word for nothing that became a value.
    Filled,
    /// The same number or day, written otherwise.
    Format,
    /// The same text but for spaces and case.
    SpaceOrCase,
}

impl Kind {
    pub(super) const ALL: [&'static str; 5] = ["changed", "nulled", "filled", "format", "space_or_case"];
}

/// How two cells differ.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) kind: Kind,
    /// right − left, where both are numbers.
    delta: Option<String>,
    /// |delta| as a number to sort by: digits and their scale.
    size: Option<(i256, u8)>,
}

/// Some differing cells of a column, ascending by pair.
#[derive(Debug)]
pub(super) struct Differing {
    /// Positions among the pairs.
    pub(super) pairs: Vec<u32>,
    pub(super) kinds: Vec<Kind>,
    /// Left, right and delta, as text.
    pub(super) texts: [LargeStringArray; 3],
    /// The pair with the largest delta, the first of equal ones, and that delta.
    pub(super) largest: Option<Largest>,
}

/// A largest difference.
#[derive(Debug, Clone)]
pub(super) struct Largest {
    pub(super) pair: u32,
    pub(super) delta: String,
    size: (i256, u8),
}

impl Largest {
    /// The larger of two; the first where they are equal.
    pub(super) fn or_larger(self, other: Self) -> Self {
        if by_size(other.size, self.size).is_gt() { other } else { self }
    }
}

/// The differing cells of each compared column, in parts, ascending by pair.
pub(super) fn differences(
    layout: &Layout,
    tables: &[Table<'_>; 2],
    pairs: &[(u32, u32)],
    control: &Control,
) -> Result<Vec<Vec<Differing>>> {
    let _held = control.memory.reserve(pairs.len() as u64 * 8, "comparing cells")?;
    let places = Places(
        rayon::join(
            || pairs.par_iter().map(|pair| tables[0].place(pair.0)).collect(),
            || pairs.par_iter().map(|pair| tables[1].place(pair.1)).collect(),
        )
        .into(),
    );
    let watch = Watch::new(control, pairs.len() as u64 * layout.columns.len() as u64);
    let of = |column| of_column((column, tables), &places, pairs, &watch);
    layout.columns.iter().map(of).collect()
}

fn of_column(
    (column, tables): (&Compared, &[Table<'_>; 2]),
    places: &Places,
    pairs: &[(u32, u32)],
    watch: &Watch<'_>,
) -> Result<Vec<Differing>> {
    let cast = if column.is_cast() { column.cast_bytes(tables) } else { 0 };
    let held = watch.control.memory.reserve(cast, "comparing columns of two types")?;
    let unequal = unequal(column, tables, places, watch)?;
    drop(held);
    // The cells in both types, then as text.
    let bytes = unequal.len() as u64 * 128;
    let _held = watch.control.memory.reserve(bytes, "telling how cells differ")?;
    let look = |unequal: &[u32]| -> Result<Differing> {
        watch.control.cancel.check()?;
        let rows = |of: fn(&(u32, u32)) -> u32| unequal.iter().map(move |at| of(&pairs[*at as usize]));
        let left = column.gather(tables, 0, rows(|pair| pair.0))?;
        let right = column.gather(tables, 1, rows(|pair| pair.1))?;
        Ok(Look::new(column, [&left, &right])?.all(unequal))
    };
    unequal.par_chunks(TASK_CELLS).map(look).collect()
}

/// A second look at cells that stand side by side.
pub(super) struct Look<'a> {
    column: &'a Compared,
    values: [&'a ArrayRef; 2],
    shown: [ArrayFormatter<'a>; 2],
}

impl<'a> Look<'a> {
    /// Cells in the type in which the column is compared.
    pub(super) fn new(column: &'a Compared, values: [&'a ArrayRef; 2]) -> Result<Self> {
        const OPTIONS: FormatOptions<'static> = FormatOptions::new();
        let shown = |array: &'a ArrayRef| {
            ArrayFormatter::try_new(&**array, &OPTIONS).map_err(|error| Error::Internal(error.to_string()))
        };
        Ok(Self { column, values, shown: [shown(values[0])?, shown(values[1])?] })
    }

    /// Looks at cells that belong to pairs one by one.
    fn all(&self, pairs: &[u32]) -> Differing {
        let mut kept = Vec::with_capacity(pairs.len());
        let mut kinds = Vec::with_capacity(pairs.len());
        let mut largest: Option<Largest> = None;
        let mut texts = [0; 3].map(|_: u8| LargeStringBuilder::new());
        let mut told = [String::new(), String::new()];
        for (at, pair) in pairs.iter().enumerate() {
            let there = [0, 1].map(|side: usize| self.tell(side, at, &mut told[side]));
            let cells = [0, 1].map(|side: usize| there[side].then_some(told[side].as_str()));
            let Some(verdict) = self.judge([at, at], cells) else { continue };
            kept.push(*pair);
            kinds.push(verdict.kind);
            let cells = [cells[0], cells[1], verdict.delta.as_deref()];
            texts.iter_mut().zip(cells).for_each(|(texts, cell)| texts.append_option(cell));
            if let (Some(delta), Some(size)) = (verdict.delta, verdict.size)
                && largest.as_ref().is_none_or(|known| by_size(size, known.size).is_gt())
            {
                largest = Some(Largest { pair: *pair, delta, size });
            }
        }
        Differing { pairs: kept, kinds, texts: texts.map(|mut texts| texts.finish()), largest }
    }

    /// Whether unequal cells may be let be by a tolerance.
    pub(super) fn is_tolerant(&self) -> bool {
        self.column.within.is_some()
    }

    pub(super) fn nulls_are_equal(&self) -> bool {
        self.column.nulls != NullPolicy::Differ
    }

    /// Writes a cell as text; tells whether there is one.
    fn tell(&self, side: usize, at: usize, text: &mut String) -> bool {
        text.clear();
        let values = self.values[side];
        if values.is_null(at) {
            return false;
        }
        // Writing into a text never fails.
        let _written = match self.column.common {
            DataType::LargeUtf8 => {
                text.push_str(values.as_string::<i64>().value(at));
                Ok(())
            }
            DataType::Int64 => write!(text, "{}", values.as_primitive::<Int64Type>().value(at)),
            // Without an exponent.
            DataType::Float64 => write!(text, "{}", self.double(side, at)),
            _ => write!(text, "{}", self.shown[side].value(at)),
        };
        true
    }

    /// Writes a cell so that cells which are the same by the column's rules, its tolerance aside, are the same text.
    pub(super) fn held(&self, side: usize, at: usize, text: &mut String) -> bool {
        let there = self.tell(side, at, text);
        if self.column.nulls == NullPolicy::Empty && text.trim().is_empty() {
            return false;
        }
        if there && self.column.common == DataType::Float64 && self.double(side, at) == 0.0 {
            text.clear();
            text.push('0');
        }
        if there
            && self.column.text_against_other()
            && let Some((mut units, mut scale)) = decimal(text)
        {
            while scale > 0 && units % 10 == 0 {
                units /= 10;
                scale -= 1;
            }
            *text = display_units(units, scale);
        }
        there
    }

    fn double(&self, side: usize, at: usize) -> f64 {
        self.values[side].as_primitive::<Float64Type>().value(at)
    }

    /// A cell as a number, where it is one.
    fn number(&self, side: usize, at: usize, text: &str) -> Option<(i128, u8)> {
        match &self.column.common {
            DataType::Decimal128(_, scale) => {
                let units = self.values[side].as_primitive::<Decimal128Type>().value(at);
                u8::try_from(*scale).ok().map(|scale| (units, scale))
            }
            DataType::Int64 => Some((self.values[side].as_primitive::<Int64Type>().value(at).into(), 0)),
            DataType::LargeUtf8 => decimal(text),
            _ => None,
        }
    }

    /// How the cells at two positions differ, if they do by the column's rules. They are unequal.
    pub(super) fn at(&self, at: [usize; 2]) -> Option<Verdict> {
        let mut told = [String::new(), String::new()];
        let there = [0, 1].map(|side: usize| self.tell(side, at[side], &mut told[side]));
        self.judge(at, [0, 1].map(|side: usize| there[side].then_some(told[side].as_str())))
    }

    fn judge(&self, at: [usize; 2], cells: [Option<&str>; 2]) -> Option<Verdict> {
        let [left, right] = cells.map(|cell| cell.filter(|text| !text.trim().is_empty()));
        let (Some(left), Some(right)) = (left, right) else {
            let kind = match (left.is_none(), right.is_none()) {
                (true, true) if self.column.nulls == NullPolicy::Empty => return None,
                (false, true) => Kind::Nulled,
                (true, false) => Kind::Filled,
                // Spaces and no spaces.
                _ if cells.iter().all(Option::is_some) => Kind::SpaceOrCase,
                _ => Kind::Changed,
            };
            return Some(Verdict::of(kind));
        };
        if self.column.common == DataType::Float64 {
            return self.doubles([0, 1].map(|side: usize| self.double(side, at[side])));
        }
        let numbers = (self.number(0, at[0], left), self.number(1, at[1], right));
        let (Some(a), Some(b)) = numbers else {
            return Some(Verdict::of(of_texts(left, right)));
        };
        let (a, b, scale) = aligned(a, b);
        let delta = b.wrapping_sub(a);
        if delta == i256::ZERO {
            // Text against a number is the same value; text against text was written otherwise.
            let same = self.column.text_against_other() || self.column.within.is_some();
            return (!same).then_some(Verdict::of(Kind::Format));
        }
        if self.column.within.is_some_and(|within| holds(within, (a, b), scale)) {
            return None;
        }
        let size = Some((magnitude(delta), scale));
        Some(Verdict { kind: Kind::Changed, delta: Some(written(delta, scale)), size })
    }

    fn doubles(&self, [a, b]: [f64; 2]) -> Option<Verdict> {
        if self.column.within.is_some_and(|within| near(within, a, b)) {
            return None;
        }
        let delta = (b - a).is_finite().then(|| (b - a).to_string());
        let size = delta.as_deref().and_then(decimal);
        let size = size.map(|(units, scale)| (magnitude(i256::from_i128(units)), scale));
        Some(Verdict { kind: Kind::Changed, delta, size })
    }
}

impl Verdict {
    fn of(kind: Kind) -> Self {
        Self { kind, delta: None, size: None }
    }
}

/// How two texts differ that are not both plain numbers.
fn of_texts(left: &str, right: &str) -> Kind {
    match (is_nothing(left), is_nothing(right)) {
        (false, true) => Kind::Nulled,
        (true, false) => Kind::Filled,
        _ if bare(left).eq(bare(right)) => Kind::SpaceOrCase,
        _ if is_same(left, right) => Kind::Format,
        _ => Kind::Changed,
    }
}

/// A text without what spaces and case tell.
fn bare(text: &str) -> impl Iterator<Item = char> {
    text.split_whitespace().flat_map(|word| word.chars().flat_map(char::to_lowercase).chain([' ']))
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
fn written(value: i256, scale: u8) -> String {
    let sign = if value.is_negative() { "-" } else { "" };
    let digits = format!("{:0>width$}", magnitude(value).to_string(), width = usize::from(scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The larger of two sizes.
fn by_size(one: (i256, u8), other: (i256, u8)) -> Ordering {
    let common = one.1.max(other.1);
    one.0.wrapping_mul(power(common - one.1)).cmp(&other.0.wrapping_mul(power(common - other.1)))
}
