//! What persons decided about an earlier outcome, given back: yes to a proposed group, never this group, or a group
//! of their own.
//!
//! Decisions are read ([`Given`]), their records are found ([`take`]), and the engine is told three things: which
//! groups stand before the first pass, which records no pass sees, and who is never a candidate of whom. One that
//! names an absent or changed record is stale: it is listed and not applied. `docs/spec/matching.md` has the rules.

mod given;
mod locate;
mod made;
mod table;

pub use given::Given;
pub use locate::take;

use crate::columns::Row;
use crate::plan::{FieldIndex, Side};
use crate::spec::DecisionKind;

/// The name of the pass that groups made by decisions are of.
pub const PASS: &str = "decision";

/// All decisions of a run, their records found.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// In the order they were given.
    pub all: Vec<Decided>,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// What it is called.
    pub label: String,
    /// What it says.
    pub kind: DecisionKind,
    /// Its records, left ones first.
    pub members: Vec<Member>,
}

/// A record that a decision names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its side.
    pub side: Side,
    /// The record; `None` where there is no such one.
    pub row: Option<Row>,
    /// The id it was named by.
    pub id: Option<String>,
    /// The occurrence it was named by.
    pub occurrence: Option<u32>,
    /// Why the decision is stale, as far as this record goes.
    pub stale: Option<Stale>,
}

/// What makes a decision stale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// There is no such record.
    Absent,
    /// A value is not what it was.
    Changed {
        /// The field.
        field: FieldIndex,
        /// What it was when it was decided.
        was: String,
        /// What it is; `None` for null.
        now: Option<String>,
    },
    /// `where` leaves the record out.
    Excluded,
    /// Its amount or id can't be read.
    Unreadable,
}

impl Stale {
    /// The names of all, as tables list them.
    pub const NAMES: [&str; 4] = ["absent", "changed", "excluded", "unreadable"];

    /// Its place in [`Stale::NAMES`].
    #[must_use]
    pub fn at(&self) -> i8 {
        match self {
            Self::Absent => 0,
            Self::Changed { .. } => 1,
            Self::Excluded => 2,
            Self::Unreadable => 3,
        }
    }
}

impl Decided {
    /// Whether it was applied: every record it names is there, unchanged, and takes part.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        self.members.iter().all(|member| member.stale.is_none())
    }

    /// Its records on a side, ascending.
    #[must_use]
    pub fn rows(&self, side: Side) -> Vec<Row> {
        let members = self.members.iter().filter(|member| member.side == side);
        let mut rows: Vec<Row> = members.filter_map(|member| member.row).collect();
        rows.sort_unstable();
        rows
    }
}

impl Decisions {
    /// Those that were applied.
    pub fn applied(&self) -> impl Iterator<Item = &Decided> {
        self.all.iter().filter(|decided| decided.is_applied())
    }

    /// Whether a group of exactly these records was rejected. Rows ascend.
    #[must_use]
    pub fn bar(&self, lefts: &[Row], rights: &[Row]) -> bool {
        self.applied().any(|decided| {
            !decided.kind.makes() && decided.rows(Side::Left) == lefts && decided.rows(Side::Right) == rights
        })
    }
}

/// Records of one side that are never a candidate of each other, by the record that asks.
#[derive(Debug, Clone, Default)]
pub struct Barred {
    /// (this side's record, the other side's), ascending.
    pub(crate) across: Vec<(Row, Row)>,
    /// Two of this side, each pair in both orders, ascending.
    pub(crate) within: Vec<(Row, Row)>,
}

/// The records that `row` is barred from, in a sorted list of pairs.
#[inline]
pub(crate) fn barred_from(pairs: &[(Row, Row)], row: Row) -> &[(Row, Row)] {
    if pairs.is_empty() {
        return pairs;
    }
    let start = pairs.partition_point(|pair| pair.0 < row);
    let end = pairs.partition_point(|pair| pair.0 <= row);
    &pairs[start..end]
}
