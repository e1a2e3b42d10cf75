//! The prepared columns as types.

use super::frequencies::Rarity;
use super::many::ManyColumn;
use super::parts::TextParts;
use crate::control::Reservation;
use crate::decisions::{Barred, Decisions};
use crate::plan::Side;
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use std::sync::Arc;

/// A record inside a run: its position in the prepared columns of its side.
pub type Row = u32;

/// No record.
pub const NO_ROW: Row = u32::MAX;

/// Both sources, prepared. `sides[0]` is left.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Left, right.
    pub sides: [SideColumns; 2],
    /// Digits after the point of every amount in the run.
    pub scale: u8,
    /// What persons decided about the records.
    pub decisions: Decisions,
}

impl Columns {
    /// The prepared columns of a side.
    #[must_use]
    pub fn side(&self, side: Side) -> &SideColumns {
        let [left, right] = &self.sides;
        match side {
            Side::Left => left,
            Side::Right => right,
        }
    }
}

/// One source, prepared.
#[derive(Debug, Clone, Default)]
pub struct SideColumns {
    /// Records read, excluded ones included.
    pub rows: u32,
    /// Where the records stand in the source: `None` when record `i` is row `i`.
    pub row_numbers: Option<ScalarBuffer<u64>>,
    /// A column per field of the plan; [`Column::Absent`] where this side has none.
    pub fields: Vec<Column>,
    /// Records that `where` left out (set bits).
    pub excluded: Option<BooleanBuffer>,
    /// Records whose amount or id can't be read (set bits): they are breaks `unreadable`.
    pub unreadable: Option<BooleanBuffer>,
    /// Records that a decision put in a group: no pass sees them (set bits).
    pub held: Option<BooleanBuffer>,
    /// Records known to be no twins (set bits): a decision bars them from others, so that what holds for them holds for
    /// none else, or there is no equal one.
    pub distinct: Option<BooleanBuffer>,
    /// Who is no candidate of whom.
    pub barred: Barred,
    /// Cells that can't be read.
    pub issues: Vec<Issue>,
    /// Unreadable cells beyond `issues_max`, by field.
    pub issues_dropped: Vec<u64>,
    /// Rows of which no cell can be read, ascending; `issues` lists them up to `issues_max`.
    pub unreadable_rows: Vec<Row>,
    /// Doubles that became decimals, by field.
    pub doubles: Vec<u64>,
    /// Records at the end that were carried from the open items of an earlier run; the others are the source's own.
    pub carried: u32,
    /// Records that groups take in part, each for one of the last records here, which is what is left of it.
    pub remainders: Vec<Row>,
    /// Since when records that an earlier run left open are so, ascending by record: carried ones, and own ones that
    /// took the place of an open item. `None` where that is not known.
    pub first_seen: Vec<(Row, Option<i32>)>,
    /// Open items whose place an own record took.
    pub replaced: u64,
    /// What frequencies of values say, where a level of some pass goes by them. The left side's alone.
    pub rarities: Vec<Rarity>,
    /// The memory these columns hold beyond the input, given back with the last clone.
    pub memory: Arc<Vec<Reservation>>,
}

impl SideColumns {
    /// Whether a record takes part in passes.
    #[must_use]
    pub fn takes_part(&self, row: Row) -> bool {
        let index = row as usize;
        !self.excluded.as_ref().is_some_and(|bits| bits.value(index))
            && !self.unreadable.as_ref().is_some_and(|bits| bits.value(index))
    }

    /// Whether a decision put a record in a group.
    #[must_use]
    pub fn is_held(&self, row: Row) -> bool {
        self.held.as_ref().is_some_and(|bits| bits.value(row as usize))
    }

    /// Records read and carried: all but what is left of some that groups take in part.
    #[must_use]
    pub fn records(&self) -> u32 {
        self.rows - super::row_of(self.remainders.len())
    }

    /// Records that the source itself holds.
    #[must_use]
    pub fn own(&self) -> u32 {
        self.records() - self.carried
    }

    /// The record itself, of what is left of one that a group takes in part.
    #[must_use]
    pub fn origin(&self, row: Row) -> Row {
        let at = row.checked_sub(self.records());
        at.and_then(|at| self.remainders.get(at as usize)).copied().unwrap_or(row)
    }

    /// Own records that took the place of an open item, without excluded ones.
    pub(crate) fn in_place_of_items(&self) -> impl Iterator<Item = Row> {
        let is_excluded = |row: Row| self.excluded.as_ref().is_some_and(|bits| bits.value(row as usize));
        let own = self.first_seen.iter().map(|(row, _)| *row).filter(|row| self.origin(*row) < self.own());
        own.filter(move |row| !is_excluded(*row))
    }

    /// Since when a record is open that an earlier run left open; `None` for one that none did, and `Some(None)`
    /// where the day is not known.
    #[must_use]
    pub fn first_seen(&self, row: Row) -> Option<Option<i32>> {
        let at = self.first_seen.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        self.first_seen.get(at).map(|(_, day)| *day)
    }

    /// The row number in the source; carried records count on behind it.
    #[must_use]
    pub fn row_number(&self, row: Row) -> u64 {
        self.row_numbers.as_ref().map_or(u64::from(row), |numbers| numbers[row as usize])
    }
}

/// A cell that can't be read, or a row of which no cell can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Row in the source.
    pub row: Row,
    /// The field's position in the plan; `None` for the whole row.
    pub field: Option<usize>,
    /// The cell or the row as it was given.
    pub value: String,
    /// What is wrong with it.
    pub problem: String,
}

/// One field of one side.
#[derive(Debug, Clone)]
pub enum Column {
    /// The side doesn't have the field.
    Absent,
    /// Text, trimmed and cleaned.
    Text(TextColumn),
    /// Amounts at the run's scale.
    Amount(AmountColumn),
    /// Days since 1970-01-01.
    Date(DateColumn),
    /// Integers.
    Integer(IntegerColumn),
    /// Many texts or integers a record.
    Many(Arc<ManyColumn>),
}

impl Column {
    /// Its cells as text where they are text: those of many values are joined.
    #[must_use]
    #[inline]
    pub fn texts(&self) -> Option<&TextColumn> {
        match self {
            Self::Text(texts) => Some(texts),
            Self::Many(many) => Some(many.cells()),
            Self::Absent | Self::Amount(_) | Self::Date(_) | Self::Integer(_) => None,
        }
    }
}

/// Text as offsets into bytes, zero-copy where nothing had to be cleaned.
#[derive(Debug, Clone)]
pub enum TextColumn {
    /// Under 2 GiB of text in each part.
    Small(TextParts<i32>),
    /// More, or as it came.
    Large(TextParts<i64>),
}

impl TextColumn {
    /// The text of a record, `None` for null (empty text is null).
    #[must_use]
    #[inline]
    pub fn get(&self, row: Row) -> Option<&str> {
        match self {
            Self::Small(texts) => texts.get(row),
            Self::Large(texts) => texts.get(row),
        }
    }

    /// Nulls, where there are any.
    pub(crate) fn nulls(&self) -> Option<&NullBuffer> {
        match self {
            Self::Small(texts) => texts.nulls(),
            Self::Large(texts) => texts.nulls(),
        }
    }
}

/// Amounts as integers of 10^-scale.
#[derive(Debug, Clone)]
pub struct AmountColumn {
    /// The values; anything where null.
    pub values: AmountValues,
    /// Nulls, where there are any.
    pub nulls: Option<NullBuffer>,
}

/// Width of an amount column: i64 where all values fit.
#[derive(Debug, Clone)]
pub enum AmountValues {
    /// All values fit 64 bits.
    Narrow(ScalarBuffer<i64>),
    /// Some don't.
    Wide(ScalarBuffer<i128>),
}

impl AmountColumn {
    /// The amount of a record, `None` for null.
    #[must_use]
    #[inline]
    pub fn get(&self, row: Row) -> Option<i128> {
        let index = row as usize;
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(index)) {
            return None;
        }
        Some(match &self.values {
            AmountValues::Narrow(values) => i128::from(values[index]),
            AmountValues::Wide(values) => values[index],
        })
    }
}

/// Days since 1970-01-01.
#[derive(Debug, Clone)]
pub struct DateColumn {
    /// The days; anything where null.
    pub days: ScalarBuffer<i32>,
    /// Nulls, where there are any.
    pub nulls: Option<NullBuffer>,
}

impl DateColumn {
    /// The day of a record, `None` for null.
    #[must_use]
    #[inline]
    pub fn get(&self, row: Row) -> Option<i32> {
        let index = row as usize;
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(index)) {
            None
        } else {
            Some(self.days[index])
        }
    }
}

/// 64-bit integers.
#[derive(Debug, Clone)]
pub struct IntegerColumn {
    /// The values; anything where null.
    pub values: ScalarBuffer<i64>,
    /// Nulls, where there are any.
    pub nulls: Option<NullBuffer>,
}

impl IntegerColumn {
    /// The integer of a record, `None` for null.
    #[must_use]
    #[inline]
    pub fn get(&self, row: Row) -> Option<i64> {
        let index = row as usize;
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(index)) {
            None
        } else {
            Some(self.values[index])
        }
    }
}
