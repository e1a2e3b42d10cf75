//! What the passes found, in compact form. Partial results of partitions merge by concatenation; tables are made
//! from it on request.

use super::group::{Groups, Verdict};
use crate::breaks::formula::Formula;
use crate::columns::{NO_ROW, Row};
use crate::plan::{Millionths, Plan, Side};
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

impl Pair {
    /// What the pass says of it.
    #[must_use]
    #[inline]
    pub fn verdict(&self) -> Verdict {
        let Self { score, rivals, regret, pass, status, ambiguity, .. } = *self;
        Verdict { score, rivals, regret, pass, status, ambiguity }
    }

    /// Its two records with their sides.
    #[must_use]
    #[inline]
    pub fn members(&self) -> [(Side, Row); 2] {
        let [first, second] = self.span.sides();
        [(first, self.left), (second, self.right)]
    }
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

impl Span {
    /// The sides of a pair's `left` and `right` records.
    #[must_use]
    pub fn sides(self) -> [Side; 2] {
        match self {
            Self::Across => Side::BOTH,
            Self::WithinLeft => [Side::Left; 2],
            Self::WithinRight => [Side::Right; 2],
        }
    }
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
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Unique, Self::Interchangeable, Self::Ambiguous, Self::Limited];

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
    /// It is what is left of a record that a group takes in part.
    PartlyAllocated,
    /// It equals another record of its side, which is named.
    Duplicate,
    /// Tied in substance, and left open.
    Ambiguous,
    /// It met every condition; the other record went to a better rival, which is named.
    Taken,
    /// A person barred the only candidates it had.
    RejectedByDecision,
    /// A limit cut the search.
    SearchLimit,
    /// The nearest candidate has its amount with the other sign.
    SignReversed,
    /// The nearest candidate's amount differs by one slip of its digits.
    DigitsSlipped,
    /// The nearest candidate's amount differs as a fee does that others show too.
    FeeLike,
    /// The nearest candidate's amount differs by a rate that others show too.
    FxLike,
    /// The nearest candidate's amount differs as rounding does.
    RoundingLike,
    /// The nearest candidate has another amount.
    AmountDiffers,
    /// The nearest candidate's date lies outside the range.
    DateOutsideWindow,
    /// The nearest candidate differs in another field.
    FieldDiffers,
    /// Nothing on the left is near enough: a right record without a partner.
    MissingOnLeft,
    /// Nothing on the right is near enough: a left record without a partner.
    MissingOnRight,
}

impl Reason {
    /// All, in the order of precedence.
    pub const ALL: &'static [Self] = &[
        Self::Unreadable,
        Self::PartlyAllocated,
        Self::Duplicate,
        Self::Ambiguous,
        Self::Taken,
        Self::RejectedByDecision,
        Self::SearchLimit,
        Self::SignReversed,
        Self::DigitsSlipped,
        Self::FeeLike,
        Self::FxLike,
        Self::RoundingLike,
        Self::AmountDiffers,
        Self::DateOutsideWindow,
        Self::FieldDiffers,
        Self::MissingOnLeft,
        Self::MissingOnRight,
    ];

    /// As written in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::PartlyAllocated => "partly_allocated",
            Self::Duplicate => "duplicate",
            Self::Ambiguous => "ambiguous",
            Self::Taken => "taken",
            Self::RejectedByDecision => "rejected_by_decision",
            Self::SearchLimit => "search_limit",
            Self::SignReversed => "sign_reversed",
            Self::DigitsSlipped => "digits_slipped",
            Self::FeeLike => "fee_like",
            Self::FxLike => "fx_like",
            Self::RoundingLike => "rounding_like",
            Self::AmountDiffers => "amount_differs",
            Self::DateOutsideWindow => "date_outside_window",
            Self::FieldDiffers => "field_differs",
            Self::MissingOnLeft => "missing_on_left",
            Self::MissingOnRight => "missing_on_right",
        }
    }
}

/// One of the things a pass requires of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Requirement {
    /// An equality of its key, by its position in [`PassPlan::key`](crate::plan::PassPlan::key).
    Key(u16),
    /// A required condition, by its position in [`PassPlan::conditions`](crate::plan::PassPlan::conditions).
    Condition(u16),
    /// A probability of at least its floor, where it scores by probability.
    Floor,
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
    /// What the nearest candidate lacks of the pass: the one requirement that it fails. `None` where it lacks nothing,
    /// or there is none.
    pub lacks: Option<Requirement>,
}

impl Break {
    /// The side that [`Break::nearest`] is of, for a record of `side`: its own for a duplicate and for the evidence
    /// of a `same_side` pass, else the other.
    #[must_use]
    pub fn nearest_side(&self, plan: &Plan, side: Side) -> Side {
        let same_side = self
            .pass
            .and_then(|pass| plan.passes.get(usize::from(pass)))
            .is_some_and(|pass| !pass.is_across());
        if self.reason == Reason::Duplicate || same_side { side } else { side.other() }
    }
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
    /// Open records for whose nearest record not all that might be it were looked at, and for which none was found.
    pub nearest_cut: u64,
}

/// A record that a group takes in part: what is left of it stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Its side.
    pub side: Side,
    /// The record.
    pub row: Row,
    /// What the group takes of its amount, in units of the run's scale.
    pub taken: i128,
    /// The pass's position in the plan.
    pub pass: u16,
    /// A record of the other side that it is taken for.
    pub partner: Row,
}

/// Everything the passes found. Row numbers are those of the prepared columns.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Pairs, sorted by (span, left row) once complete.
    pub pairs: Vec<Pair>,
    /// Groups of more records, left ones first, by their first record once complete.
    pub groups: Groups,
    /// Open records of each side, ascending by row. Every record that is in no pair or group and is not excluded.
    pub breaks: [Vec<Break>; 2],
    /// Per pass.
    pub work: Vec<PassWork>,
    /// Records that groups take in part, by side and row. An [`Outcome`](super::Outcome) has what is left of them as records
    /// of their own.
    pub parts: Vec<Part>,
    /// What the reasons `fee_like` and `fx_like` were told by.
    pub(crate) formulas: Vec<Formula>,
}

impl PassWork {
    /// Adds the work of another partition.
    pub fn merge(&mut self, other: &Self) {
        let [left, right] = other.entered;
        self.entered[0] += left;
        self.entered[1] += right;
        self.blocks += other.blocks;
        self.comparisons += other.comparisons;
        self.candidates += other.candidates;
        self.components += other.components;
        self.limited += other.limited;
        self.nearest_cut += other.nearest_cut;
    }
}

impl Found {
    /// Adds what another partition found. Both must speak of the same rows: see [`Found::renumber`]. Sort with
    /// [`Found::canonical_sort`] once all parts are in; the order of merging then makes no difference.
    pub fn merge(&mut self, other: Self) {
        self.pairs.extend(other.pairs);
        self.groups.append(other.groups);
        for (mine, theirs) in self.breaks.iter_mut().zip(other.breaks) {
            mine.extend(theirs);
        }
        let more = other.formulas.into_iter().filter(|formula| !self.formulas.contains(formula));
        self.formulas.extend(more.collect::<Vec<_>>());
        self.parts.extend(other.parts);
        if self.work.len() < other.work.len() {
            self.work.resize(other.work.len(), PassWork::default());
        }
        for (mine, theirs) in self.work.iter_mut().zip(&other.work) {
            mine.merge(theirs);
        }
    }

    /// Turns the row numbers of a partition into those of the whole run. `row_of` is asked with real rows only.
    pub fn renumber(&mut self, plan: &Plan, row_of: impl Fn(Side, Row) -> Row) {
        let known = |side, row| if row == NO_ROW { NO_ROW } else { row_of(side, row) };
        for pair in &mut self.pairs {
            let [first, second] = pair.span.sides();
            pair.left = known(first, pair.left);
            pair.right = known(second, pair.right);
        }
        self.groups.renumber(&row_of);
        for part in &mut self.parts {
            (part.row, part.partner) = (known(part.side, part.row), known(part.side.other(), part.partner));
        }
        for (side, breaks) in Side::BOTH.into_iter().zip(&mut self.breaks) {
            for open in breaks {
                let nearest_side = open.nearest_side(plan, side);
                open.row = known(side, open.row);
                open.nearest = known(nearest_side, open.nearest);
                open.rival = known(side, open.rival);
            }
        }
    }

    /// Brings pairs and breaks into the order they are promised in. Linear where they already are.
    pub fn canonical_sort(&mut self) {
        let place = |pair: &Pair| (pair.span, pair.left, pair.right);
        if !self.pairs.is_sorted_by_key(place) {
            self.pairs.sort_by_key(place);
        }
        self.groups.sort();
        for breaks in &mut self.breaks {
            if !breaks.is_sorted_by_key(|open| open.row) {
                breaks.sort_by_key(|open| open.row);
            }
        }
    }
}
