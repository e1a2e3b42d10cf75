//! Who else could have taken a place: the other candidates of pairs that a person may want to look at.
//!
//! Computed when somebody asks, by the engine's own stages over the records that were open when the pass ran. Only
//! blocks that hold such a pair are looked at; a run of which nobody asks pays nothing.

use super::one_to_one::PassContext;
use super::{Edge, Problem, Scratch, tied_edges};
use crate::candidates::blocks::{self, BlockSink};
use crate::candidates::classes::Classes;
use crate::candidates::edges::Candidate;
use crate::columns::{Columns, Row, SideColumns, row_of};
use crate::control::Cancel;
use crate::engine::{all_rows, by_sign, key_columns};
use crate::error::Result;
use crate::limits::ALTERNATIVES_MAX;
use crate::outcome::{Ambiguity, Found, Pair, Span};
use crate::plan::{Grouping, Millionths, Plan, Side};
use crate::spec::Status;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::cmp::Reverse;

/// Another candidate of one of a pair's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alternative {
    /// The pair's position among those that were asked about.
    pub(crate) pair: usize,
    /// From 1: those of another optimal answer first, then the best.
    pub(crate) rank: u32,
    /// The side of the record that could take the place of the pair's own.
    pub(crate) side: Side,
    /// That record; of twins the first.
    pub(crate) row: Row,
    /// Its score with the pair's other record.
    pub(crate) score: Millionths,
    /// Whether another optimal answer has it.
    pub(crate) optimal: bool,
}

/// Whether a pair has alternatives to look for.
fn is_in_doubt(plan: &Plan, pair: &Pair) -> bool {
    let pass = plan.passes.get(usize::from(pair.pass));
    pass.is_some_and(|pass| pass.grouping == Grouping::Pairs)
        && (pair.status == Status::Proposed || pair.ambiguity == Ambiguity::Ambiguous)
}

/// The alternatives of all ambiguous and proposed pairs that were found, in their order, best first.
///
/// # Errors
/// As the run had.
pub(crate) fn alternatives(plan: &Plan, columns: &Columns, found: &Found) -> Result<Vec<Alternative>> {
    let mut wanted: HashMap<(u16, Span), Wanted, FixedState> = HashMap::default();
    for (at, pair) in found.pairs.iter().enumerate().filter(|(_, pair)| is_in_doubt(plan, pair)) {
        wanted.entry((pair.pass, pair.span)).or_default().insert(pair.left, (at, pair.right));
    }
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let closed = closed_by(columns, found);
    let mut places: Vec<(u16, Span)> = wanted.keys().copied().collect();
    places.sort_unstable();
    let mut all = Vec::new();
    for place in places {
        if let Some(wanted) = wanted.get(&place) {
            search(plan, columns, (place, wanted, &closed), &mut all)?;
        }
    }
    all.sort_by_key(|one: &Alternative| (one.pair, one.rank));
    Ok(all)
}

/// Pairs that are asked about, by their left record: their place and their right one.
type Wanted = HashMap<Row, (usize, Row), FixedState>;

/// The pass that closed each record; `u16::MAX` where none did.
fn closed_by(columns: &Columns, found: &Found) -> [Vec<u16>; 2] {
    let mut closed = Side::BOTH.map(|side| vec![u16::MAX; columns.side(side).rows as usize]);
    let mut close = |pass: u16, (side, row): (Side, Row)| closed[side.index()][row as usize] = pass;
    for pair in &found.pairs {
        pair.members().into_iter().for_each(|member| close(pair.pass, member));
    }
    for group in found.groups.iter() {
        group.members().for_each(|member| close(group.verdict.pass, member));
    }
    closed
}

fn search(
    plan: &Plan,
    columns: &Columns,
    ((index, span), wanted, closed): ((u16, Span), &Wanted, &[Vec<u16>; 2]),
    all: &mut Vec<Alternative>,
) -> Result<()> {
    let sides = span.sides().map(|side| columns.side(side));
    let cancel = Cancel::new();
    let Some(context) = PassContext::bind(plan, index, span, (sides, columns.scale), &cancel)? else {
        return Ok(());
    };
    let open = |side: Side, source: &SideColumns| -> Vec<Row> {
        all_rows(source).into_iter().filter(|row| closed[side.index()][*row as usize] >= index).collect()
    };
    let [first, second] = span.sides();
    let (mut lefts, mut rights) = if span == Span::Across {
        (open(first, sides[0]), open(second, sides[1]))
    } else {
        by_sign(context.pass, sides[0], &open(first, sides[0]))
    };
    let finder = || Finder { context: &context, wanted, scratch: Scratch::default(), found: Vec::new() };
    if context.pass.key.is_empty() {
        let mut finder = finder();
        finder.several(&mut lefts, &mut rights)?;
        all.append(&mut finder.found);
        return Ok(());
    }
    let keys = [key_columns(context.pass, sides[0], 0), key_columns(context.pass, sides[1], 1)];
    for mut part in blocks::join((&keys[0], &lefts), (&keys[1], &rights), &cancel, finder)? {
        all.append(&mut part.found);
    }
    Ok(())
}

struct Finder<'a> {
    context: &'a PassContext<'a>,
    wanted: &'a Wanted,
    scratch: Scratch,
    found: Vec<Alternative>,
}

impl BlockSink for Finder<'_> {
    /// The only candidate of both has no alternative.
    fn single(&mut self, _left: Row, _right: Row) {}

    fn several(&mut self, left: &mut [Row], right: &mut [Row]) -> Result<()> {
        if !left.iter().any(|row| self.wanted.contains_key(row)) {
            return Ok(());
        }
        let (classes, candidates) = self.context.candidates(left, right)?;
        let edge = |candidate: &Candidate| {
            let Candidate { left, right, variance, days, score } = *candidate;
            Edge { left, right, gain: self.context.gain(score), variance, days }
        };
        let counts = classes.each_ref().map(|classes| -> Vec<u32> {
            (0..row_of(classes.len())).map(|class| classes.count(class)).collect()
        });
        let [left_counts, right_counts] = counts;
        let edges = candidates.edges.iter().map(edge).collect();
        let tied = tied_edges(&Problem { left_counts, right_counts, edges }, &mut self.scratch)?;
        Block::new(&classes, &candidates.edges, &tied).tell(self);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// A block's candidates, to be looked up from either side.
struct Block<'a> {
    classes: &'a [Classes; 2],
    /// Sorted by left class.
    edges: &'a [Candidate],
    /// Whether another optimal answer has it, or has it another number of times.
    tied: &'a [bool],
    /// Positions of `edges`, sorted by right class.
    by_right: Vec<usize>,
}

impl<'a> Block<'a> {
    fn new(classes: &'a [Classes; 2], edges: &'a [Candidate], tied: &'a [bool]) -> Self {
        let mut by_right: Vec<usize> = (0..edges.len()).collect();
        by_right.sort_by_key(|at| edges[*at].right);
        Self { classes, edges, tied, by_right }
    }

    fn tell(&self, finder: &mut Finder<'_>) {
        let class_of = self.class_of_rights();
        for left in 0..row_of(self.classes[0].len()) {
            for row in self.classes[0].members(left) {
                let Some((pair, right)) = finder.wanted.get(row) else { continue };
                let Some(right) = class_of.get(right) else { continue };
                self.tell_pair(*pair, (left, *right), (finder.context.span, &mut finder.found));
            }
        }
    }

    fn class_of_rights(&self) -> HashMap<Row, u32, FixedState> {
        let classes = &self.classes[1];
        let members = |class: u32| classes.members(class).iter().map(move |row| (*row, class));
        (0..row_of(classes.len())).flat_map(members).collect()
    }

    fn tell_pair(&self, pair: usize, (left, right): (u32, u32), (span, out): (Span, &mut Vec<Alternative>)) {
        let start = self.edges.partition_point(|edge| edge.left < left);
        let end = self.edges.partition_point(|edge| edge.left <= left);
        let of_left = (start..end).filter(|at| self.edges[*at].right != right).map(|at| (1, at));
        let start = self.by_right.partition_point(|at| self.edges[*at].right < right);
        let end = self.by_right.partition_point(|at| self.edges[*at].right <= right);
        let of_right = self.by_right[start..end].iter().filter(|at| self.edges[**at].left != left);
        let mut all: Vec<(usize, usize)> = of_left.chain(of_right.map(|at| (0, *at))).collect();
        all.sort_by_key(|(side, at)| {
            let Candidate { left, right, score, variance, days } = self.edges[*at];
            (!self.tied[*at], Reverse(score), variance, days, *side, left, right)
        });
        let sides = span.sides();
        let alternative = |(rank, (side, at)): (u32, &(usize, usize))| {
            let edge = &self.edges[*at];
            let class = if *side == 0 { edge.left } else { edge.right };
            Alternative {
                pair,
                rank,
                side: sides[*side],
                row: self.classes[*side].first(class),
                score: edge.score,
                optimal: self.tied[*at],
            }
        };
        out.extend((1..).zip(&all).take(ALTERNATIVES_MAX).map(alternative));
    }
}
