//! What the passes found, in compact form. Partial results of partitions merge by concatenation; tables are made
//! from it on request.

use crate::columns::Row;
use crate::plan::Millionths;
use crate::spec::Status;

/// Two records that a pass put together. `left` and `right` are of both sides in a `1:1` pass; in a `same_side`
/// pass both are of that side, the positive one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The left record, or the positive one.
    pub left: Row,
    /// The right record, or the negative one.
    pub right: Row,
    /// Its score.
    pub score: Millionths,
    /// Other candidates that could have taken either record's place.
    pub rivals: u32,
    /// Gain lost if this pair were forbidden; [`NO_REGRET`] where it was not computed.
    pub regret: u32,
    /// The pass's position in the plan.
    pub pass: u16,
    /// Which records it is of.
    pub span: Span,
    /// Matched or proposed.
    pub status: Status,
    /// How certain the choice is.
    pub ambiguity: Ambiguity,
}

/// [`Pair::regret`] where it was not computed.
pub const NO_REGRET: u32 = u32::MAX;

/// Which sides a pair's records are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Span {
    /// One of each side.
    Across,
    /// Both left.
    WithinLeft,
    /// Both right.
    WithinRight,
}

/// How certain a choice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ambiguity {
    /// In every optimal answer.
    Unique,
    /// Optimal answers differ only by exchanging twins.
    Interchangeable,
    /// Optimal answers differ in substance.
    Ambiguous,
    /// A limit cut the search: nothing here is called unique.
    Limited,
}

impl Ambiguity {
    /// As written in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unique => "unique",
            Self::Interchangeable => "interchangeable",
            Self::Ambiguous => "ambiguous",
            Self::Limited => "limited",
        }
    }
}

/// Why a record is open. Declared in the order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// Its amount or id can't be read.
    Unreadable,
    /// It equals another record of its side, which is named.
    Duplicate,
    /// Tied in substance, and left open.
    Ambiguous,
    /// It met every condition; the other record went to a better rival, which is named.
    Taken,
    /// A limit cut the search.
    SearchLimit,
    /// Nothing on the left is near enough: a right record without a partner.
    MissingOnLeft,
    /// Nothing on the right is near enough: a left record without a partner.
    MissingOnRight,
}

impl Reason {
    /// As written in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Duplicate => "duplicate",
            Self::Ambiguous => "ambiguous",
            Self::Taken => "taken",
            Self::SearchLimit => "search_limit",
            Self::MissingOnLeft => "missing_on_left",
            Self::MissingOnRight => "missing_on_right",
        }
    }
}

/// What the passes noted about a record they left open: the strongest note wins, then the earliest pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// The open record.
    pub row: Row,
    /// `Ambiguous`, `Taken` or `SearchLimit`.
    pub reason: Reason,
    /// The pass that noted it.
    pub pass: u16,
    /// For `Taken`: the record of the other side that went to a rival. For `Ambiguous`: one that it is tied for.
    pub nearest: Row,
    /// For `Taken`: the rival on this record's own side that took it.
    pub rival: Row,
    /// The score of the candidate that was not chosen.
    pub score: Millionths,
}

/// An open record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// The record.
    pub row: Row,
    /// Why it is open.
    pub reason: Reason,
    /// The pass that gave the evidence.
    pub pass: Option<u16>,
    /// Nearest record of the other side (for `duplicate`: the record of its own side that it equals).
    pub nearest: Row,
    /// The rival on its own side that took `nearest`.
    pub rival: Row,
    /// Score of the nearest candidate.
    pub score: Option<Millionths>,
}

/// Work done and limits reached, per pass. Merges by addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct PassWork {
    /// Records that entered, left and right.
    pub entered: [u64; 2],
    /// Blocks with records on both sides.
    pub blocks: u64,
    /// Candidates tested.
    pub comparisons: u64,
    /// Candidates that satisfied every required condition.
    pub candidates: u64,
    /// Connected components.
    pub components: u64,
    /// Components in which a limit cut the search.
    pub limited: u64,
}

/// Everything the passes found. Row numbers are those of the prepared columns.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Pairs, sorted by (span, left row) once complete.
    pub pairs: Vec<Pair>,
    /// Open records of each side, ascending by row. Every record that takes no part in a pair and is not excluded.
    pub breaks: [Vec<Break>; 2],
    /// Per pass.
    pub work: Vec<PassWork>,
    /// Records whose id another record of the side has too.
    pub repeated_ids: [u64; 2],
}
