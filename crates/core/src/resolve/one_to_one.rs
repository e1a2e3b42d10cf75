//! From the blocks of a `1:1` or `same_side` pass to its pairs, and to notes about what it left open.
//!
//! A block becomes twin classes, classes become candidates, candidates fall into components, and each component has
//! one optimal answer. This file says what that answer means for records; it decides nothing itself.

use super::singles::{Single, Slots};
use super::{Components, Edge, Flow, Problem, Scratch, Solution, components, solve_into};
use crate::bundles::Bundled;
use crate::candidates::blocks::{self, BlockSink, KeyColumns};
use crate::candidates::classes::Classes;
use crate::candidates::edges::{Block, Candidate, Candidates};
use crate::candidates::limiter::Limiter;
use crate::candidates::neighbours::Most;
use crate::columns::{Canon, Columns, NO_ROW, Row, SideColumns, row_of};
use crate::compare::Scorer;
use crate::control::{Cancel, Control, Reservation};
use crate::error::Result;
use crate::limits::Limits;
use crate::outcome::{Ambiguity, NO_REGRET, Note, Pair, PassWork, Reason, Span};
use crate::plan::{Millionths, ONE, PassPlan, Plan, Side};
use crate::spec::{Ambiguous, Status};
use rayon::prelude::*;
use std::cmp::Reverse;
use std::ops::Range;

/// Candidates of a block from which its components are settled in parallel.
const PARALLEL_EDGES: usize = 50_000;
/// Components settled by one task.
const PARALLEL_COMPONENTS: usize = 256;

/// A pass bound to the columns it works on. `left` and `right` are the same side in a `same_side` pass.
#[derive(Debug)]
pub struct PassContext<'a> {
    /// The pass.
    pub pass: &'a PassPlan,
    /// Its position in the plan.
    pub index: u16,
    /// Which records its pairs are of.
    pub span: Span,
    pub(crate) canon: [Canon<'a>; 2],
    /// Pairs that a decision bars, by left and by right record.
    pub(crate) barred: [&'a [(Row, Row)]; 2],
    pub(crate) scorer: Scorer,
    pub(crate) limiter: Limiter<'a>,
    limits: &'a Limits,
    cancel: &'a Cancel,
}

impl<'a> PassContext<'a> {
    /// Binds a pass of a plan.
    ///
    /// # Errors
    /// A tolerance with more digits than the run's scale.
    pub fn bind(
        plan: &'a Plan,
        index: u16,
        span: Span,
        (sides, scale): ([&'a SideColumns; 2], u8),
        cancel: &'a Cancel,
    ) -> Result<Option<Self>> {
        let Some(pass) = plan.passes.get(usize::from(index)) else { return Ok(None) };
        let [left, right] = sides;
        Ok(Some(Self {
            pass,
            index,
            span,
            canon: [Canon::new(plan, left), Canon::new(plan, right)],
            barred: sides.map(|side| match span {
                Span::Across => side.barred.across.as_slice(),
                Span::WithinLeft | Span::WithinRight => side.barred.within.as_slice(),
            }),
            scorer: Scorer::bind(pass, left, right, scale)?,
            limiter: Limiter::bind(pass, left, right, scale)?,
            limits: &plan.limits,
            cancel,
        }))
    }

    /// As [`bind`](Self::bind), for a pass that takes records as one: its rows are those of `bundled`.
    ///
    /// # Errors
    /// As [`bind`](Self::bind).
    pub(crate) fn bind_bundled(
        plan: &'a Plan,
        index: u16,
        (columns, bundled): (&Columns, &'a Bundled<'_>),
        cancel: &'a Cancel,
    ) -> Result<Option<Self>> {
        let sides = (bundled.sides(), columns.scale);
        let Some(mut context) = Self::bind(plan, index, Span::Across, sides, cancel)? else {
            return Ok(None);
        };
        let records = Side::BOTH.map(|side| columns.side(side));
        context.scorer.ask_every(context.pass, records, columns.scale, &bundled.members)?;
        Ok(Some(context))
    }

    /// A sink for the blocks of one partition.
    #[must_use]
    pub(crate) fn sink<'s>(&'s self, slots: &'s Slots) -> Sink<'s> {
        Sink {
            context: self,
            slots,
            found: PassFound::default(),
            singles: Vec::new(),
            barred: Vec::new(),
            split: Components::default(),
            scratch: Scratch::default(),
        }
    }

    /// Records of a cluster up to which it is matched.
    pub(super) fn cluster_max(&self) -> usize {
        self.limits.cluster_max as usize
    }

    /// Hands the blocks of some records to sinks, one a partition; without a key all of them are one block. Comes with
    /// what the singles among them take of the memory limit.
    ///
    /// # Errors
    /// What the sinks say, a memory limit, cancellation.
    pub(crate) fn blocks<S: BlockSink>(
        &self,
        keys: &[KeyColumns<'_>; 2],
        rows: [&Vec<Row>; 2],
        control: &Control,
        sink: impl Fn() -> S + Sync,
    ) -> Result<(Vec<S>, Option<Reservation>)> {
        if self.pass.key.is_empty() {
            let mut sink = sink();
            sink.several(&mut rows[0].clone(), &mut rows[1].clone())?;
            return Ok((vec![sink], None));
        }
        let held = blocks::join_bytes(rows[0].len(), rows[1].len());
        let what = format!("joining the keys of pass \"{}\"", self.pass.name);
        let held = control.memory.reserve(held, &what)?;
        rayon::join(
            || keys[0].number(rows[0].len(), &control.memory),
            || keys[1].number(rows[1].len(), &control.memory),
        );
        let sides = [(&keys[0], rows[0].as_slice()), (&keys[1], rows[1].as_slice())];
        Ok((blocks::join(sides[0], sides[1], &control.cancel, sink)?, Some(held)))
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.cancel.check()
    }

    /// The twin classes of a block and the candidates between them.
    pub(crate) fn candidates(
        &self,
        left: &mut [Row],
        right: &mut [Row],
    ) -> Result<([Classes; 2], Candidates)> {
        let classes = [Classes::of(&self.canon[0], left), Classes::of(&self.canon[1], right)];
        let both = [&classes[0], &classes[1]];
        let (neighbours, index_work) =
            self.limiter.neighbours(both, Most::of_pass(self.limits), self.cancel)?;
        let mut candidates = Block {
            classes: both,
            neighbours: &neighbours,
            scorer: &self.scorer,
            rivals_max: self.limits.rivals_max as usize,
            barred: self.barred,
            cancel: self.cancel,
        }
        .candidates()?;
        candidates.comparisons += index_work;
        Ok((classes, candidates))
    }

    /// Notes about records whose only candidate a decision bars.
    pub(crate) fn note_barred(&self, barred: &[Single], found: &mut PassFound) {
        for one in barred {
            found.notes[0].push(rejected(one.left, one.right, self.index, one.score));
            found.notes[1].push(rejected(one.right, one.left, self.index, one.score));
        }
    }

    /// Makes the pairs of records that have no other candidate.
    pub(crate) fn make_singles(&self, singles: &[Single], found: &mut PassFound) {
        for single in singles {
            found.emit(self, &self.pairing(single));
        }
    }

    /// The pair of a single: it is made unless its regret is within a margin.
    #[inline]
    pub(crate) fn single(&self, single: &Single) -> Pair {
        self.pair(&self.pairing(single)).0
    }

    #[inline]
    fn pairing(&self, single: &Single) -> Pairing {
        Pairing {
            left: single.left,
            right: single.right,
            score: single.score,
            rivals: 0,
            regret: Some(self.gain(single.score)),
            ambiguity: Ambiguity::Unique,
            twins: false,
        }
    }

    /// The pair, and whether it is made.
    fn pair(&self, pairing: &Pairing) -> (Pair, bool) {
        let (ambiguity, status) = self.verdict(pairing);
        let Pairing { left, right, score, rivals, regret, .. } = *pairing;
        let (pass, span, regret) = (self.index, self.span, regret.unwrap_or(NO_REGRET));
        let made = status.is_some();
        let status = status.unwrap_or(Status::Proposed);
        (Pair { left, right, score, rivals, regret, pass, span, status, ambiguity }, made)
    }

    /// What a candidate is worth to the assignment.
    pub(crate) fn gain(&self, score: Millionths) -> Millionths {
        score.saturating_sub(self.pass.floor).max(1)
    }

    /// What a pair is called and whether a person decides; `None` when it is not made.
    fn verdict(&self, pairing: &Pairing) -> (Ambiguity, Option<Status>) {
        let Pairing { score, regret, ambiguity, twins, .. } = *pairing;
        let margin = self.pass.margin;
        // A twin takes the place of the other at no loss: that says nothing of rivals in substance.
        let close = margin > 0 && !twins && regret.is_some_and(|regret| regret <= margin);
        let ambiguity = if close { Ambiguity::Ambiguous } else { ambiguity };
        let status = match (ambiguity, self.pass.ambiguous) {
            (Ambiguity::Ambiguous, Ambiguous::Leave) => None,
            _ if margin > 0 && regret.is_none() => Some(Status::Proposed),
            _ => Some(self.status_of(score, ambiguity)),
        };
        (ambiguity, status)
    }

    /// Whether a person decides about a group of this score and certainty, which is made.
    pub(super) fn status_of(&self, score: Millionths, ambiguity: Ambiguity) -> Status {
        let tied = ambiguity == Ambiguity::Ambiguous && self.pass.ambiguous == Ambiguous::Propose;
        let proposed = tied || self.pass.status == Status::Proposed || score < self.pass.propose_below;
        if proposed { Status::Proposed } else { Status::Matched }
    }
}

/// What one pass found in some of its blocks.
#[derive(Debug, Default)]
pub struct PassFound {
    /// Its pairs.
    pub pairs: Vec<Pair>,
    /// Notes about records it left open: of the left (or positive) ones, of the right (or negative) ones.
    pub notes: [Vec<Note>; 2],
    /// Work done.
    pub work: PassWork,
}

impl PassFound {
    /// Makes a pair, or notes that it was left; tells whether it was made.
    fn emit(&mut self, context: &PassContext<'_>, pairing: &Pairing) -> bool {
        let (pair, made) = context.pair(pairing);
        if made {
            self.pairs.push(pair);
            return true;
        }
        let Pairing { left, right, score, .. } = *pairing;
        let pass = context.index;
        let note =
            |row, nearest| Note { row, reason: Reason::Ambiguous, pass, nearest, rival: NO_ROW, score };
        self.notes[0].push(note(left, right));
        self.notes[1].push(note(right, left));
        false
    }

    /// Adds pairs in any order; the fewer are copied.
    pub(super) fn take_pairs(&mut self, mut pairs: Vec<Pair>) {
        if self.pairs.len() < pairs.len() {
            std::mem::swap(&mut self.pairs, &mut pairs);
        }
        self.pairs.append(&mut pairs);
    }

    /// Adds what was found elsewhere.
    pub fn append(&mut self, mut other: Self) {
        self.pairs.append(&mut other.pairs);
        for (mine, theirs) in self.notes.iter_mut().zip(&mut other.notes) {
            mine.append(theirs);
        }
        self.work.merge(&other.work);
    }
}

/// Resolves the blocks of one partition.
#[derive(Debug)]
pub(crate) struct Sink<'a> {
    context: &'a PassContext<'a>,
    slots: &'a Slots,
    found: PassFound,
    singles: Vec<Single>,
    /// Singles that a decision bars.
    barred: Vec<Single>,
    split: Components,
    scratch: Scratch,
}

impl Sink<'_> {
    /// What was found in blocks of several records, the singles that the slots did not take, and those that a
    /// decision bars.
    pub(crate) fn into_parts(self) -> (PassFound, Vec<Single>, Vec<Single>) {
        (self.found, self.singles, self.barred)
    }
}

impl BlockSink for Sink<'_> {
    fn single(&mut self, left: Row, right: Row) {
        self.singles.push(Single { left, right, score: ONE });
    }

    /// Scores the singles: those that fail a required condition are none.
    fn flush(&mut self) -> Result<()> {
        let count = self.singles.len() as u64;
        let work = &mut self.found.work;
        work.blocks += count;
        work.comparisons += count;
        if !self.context.pass.is_of_key_alone() {
            let pairs: Vec<(Row, Row)> =
                self.singles.iter().map(|single| (single.left, single.right)).collect();
            let mut scores = Vec::new();
            self.context.scorer.score_many(&pairs, &mut scores);
            let mut scores = scores.into_iter();
            self.singles.retain_mut(|single| {
                let score = scores.next().flatten();
                single.score = score.unwrap_or_default();
                score.is_some()
            });
        }
        let barred = self.context.barred[0];
        if !barred.is_empty() {
            let is_barred = |one: &mut Single| barred.binary_search(&(one.left, one.right)).is_ok();
            self.barred.extend(self.singles.extract_if(.., is_barred));
        }
        self.slots.take(&mut self.singles);
        Ok(())
    }

    fn several(&mut self, left: &mut [Row], right: &mut [Row]) -> Result<()> {
        self.context.cancel.check()?;
        let (classes, candidates) = self.context.candidates(left, right)?;
        let work = &mut self.found.work;
        work.blocks += 1;
        work.comparisons += candidates.comparisons;
        work.candidates += candidates.accepted;
        self.settle_block([&classes[0], &classes[1]], &candidates)
    }
}

impl Sink<'_> {
    /// Splits a block's candidates into components and settles each; a large block's in parallel.
    fn settle_block(&mut self, classes: [&Classes; 2], candidates: &Candidates) -> Result<()> {
        let gain = |candidate: &Candidate| self.context.gain(candidate.score);
        let edges: Vec<Edge> =
            candidates.edges.iter().map(|candidate| edge(candidate, gain(candidate))).collect();
        let counts = classes.map(|classes| -> Vec<u32> {
            (0..row_of(classes.len())).map(|class| classes.count(class)).collect()
        });
        components(row_of(classes[0].len()), row_of(classes[1].len()), &edges, &mut self.split)?;
        let block = Settling { classes, candidates, edges: &edges, counts: &counts, split: &self.split };
        let all = 0..self.split.len();
        if edges.len() < PARALLEL_EDGES || all.len() < 2 {
            block.settle(self.context, all, &mut self.scratch, &mut self.found)?;
        } else {
            let chunks: Vec<_> = all.clone().step_by(PARALLEL_COMPONENTS).collect();
            let parts = chunks
                .into_par_iter()
                .map_init(Scratch::default, |scratch, start| {
                    let mut found = PassFound::default();
                    let some = start..(start + PARALLEL_COMPONENTS).min(all.end);
                    block.settle(self.context, some, scratch, &mut found).map(|()| found)
                })
                .collect::<Result<Vec<_>>>()?;
            for part in parts {
                self.found.append(part);
            }
        }
        block.note_cut(self.context.index, &mut self.found);
        block.note_barred(self.context.index, &mut self.found);
        Ok(())
    }
}

fn edge(candidate: &Candidate, gain: u32) -> Edge {
    let Candidate { left, right, variance, days, .. } = *candidate;
    Edge { left, right, gain, variance, days }
}

/// A block whose components are being settled.
#[derive(Clone, Copy)]
struct Settling<'a> {
    classes: [&'a Classes; 2],
    candidates: &'a Candidates,
    /// The candidates as edges.
    edges: &'a [Edge],
    /// Records of each class, by side.
    counts: &'a [Vec<u32>; 2],
    split: &'a Components,
}

impl Settling<'_> {
    fn settle(
        &self,
        context: &PassContext<'_>,
        some: Range<usize>,
        scratch: &mut Scratch,
        found: &mut PassFound,
    ) -> Result<()> {
        let (mut problem, mut solution, mut positions) =
            (Problem::default(), Solution::default(), Vec::new());
        for component in some {
            context.cancel.check()?;
            self.split.fill(component, (&self.counts[0], &self.counts[1]), self.edges, &mut problem);
            self.split.edges_of(component, &mut positions);
            solve_into(&problem, context.limits, scratch, &mut solution)?;
            let nodes = [self.split.lefts(component), self.split.rights(component)];
            let cut =
                |side: usize| nodes[side].iter().any(|class| self.candidates.cut[side][*class as usize]);
            let limited = cut(0) || cut(1);
            found.work.components += 1;
            found.work.limited += u64::from(limited);
            let candidates: &[Candidate] = &self.candidates.edges;
            let (problem, solution, positions) = (&problem, &solution, &positions);
            let settled =
                Settled { classes: self.classes, nodes, problem, candidates, positions, solution, limited };
            settled.tell(context, found);
        }
        Ok(())
    }

    /// Records that a person barred from their best: noted in case nothing else is found for them.
    fn note_barred(&self, pass: u16, found: &mut PassFound) {
        for side in 0..2 {
            for best in self.candidates.best_barred(side) {
                let rows = [self.classes[0].first(best.left), self.classes[1].first(best.right)];
                found.notes[side].push(rejected(rows[side], rows[1 - side], pass, best.score));
            }
        }
    }

    /// Records whose every candidate was cut are in no component.
    fn note_cut(&self, pass: u16, found: &mut PassFound) {
        for side in 0..2 {
            for class in self.candidates.cut_off(side, false) {
                let members = self.classes[side].members(class).iter();
                found.notes[side].extend(members.map(|row| limited(*row, pass)));
            }
        }
    }
}

/// What is noted of a record whose every candidate was cut.
pub(super) fn limited(row: Row, pass: u16) -> Note {
    Note { row, reason: Reason::SearchLimit, pass, nearest: NO_ROW, rival: NO_ROW, score: 0 }
}

pub(crate) fn rejected(row: Row, nearest: Row, pass: u16, score: Millionths) -> Note {
    Note { row, reason: Reason::RejectedByDecision, pass, nearest, rival: NO_ROW, score }
}

struct Pairing {
    left: Row,
    right: Row,
    score: Millionths,
    rivals: u32,
    regret: Option<u32>,
    ambiguity: Ambiguity,
    /// Whether either record has a twin in this block.
    twins: bool,
}

/// One component and its optimal answer.
struct Settled<'a> {
    classes: [&'a Classes; 2],
    /// Class of each node, by side.
    nodes: [&'a [u32]; 2],
    problem: &'a Problem,
    /// The block's candidates.
    candidates: &'a [Candidate],
    /// The candidate of each of the problem's edges.
    positions: &'a [u32],
    solution: &'a Solution,
    limited: bool,
}

/// What is known of a node once the flows are told.
#[derive(Debug, Clone, Copy)]
struct NodeState {
    /// Members given out so far, left ones included.
    given: u32,
    /// Members in pairs.
    paired: u32,
    /// The first member of the other side's node that a pair was made with.
    partner: Row,
}

impl Settled<'_> {
    fn counts(&self, side: usize) -> &[u32] {
        if side == 0 { &self.problem.left_counts } else { &self.problem.right_counts }
    }

    fn node(&self, side: usize, edge: u32) -> usize {
        let edge = &self.problem.edges[edge as usize];
        (if side == 0 { edge.left } else { edge.right }) as usize
    }

    fn member(&self, side: usize, node: usize, at: u32) -> Row {
        self.classes[side].members(self.nodes[side][node])[at as usize]
    }

    fn candidate(&self, edge: u32) -> &Candidate {
        &self.candidates[self.positions[edge as usize] as usize]
    }

    fn tell(&self, context: &PassContext<'_>, found: &mut PassFound) {
        let degrees = [self.degrees(0), self.degrees(1)];
        let blank = NodeState { given: 0, paired: 0, partner: NO_ROW };
        let mut state = [vec![blank; self.nodes[0].len()], vec![blank; self.nodes[1].len()]];
        for flow in &self.solution.flows {
            self.tell_flow(flow, &degrees, &mut state, (context, found));
        }
        for side in 0..2 {
            self.note_left_over(side, &state, context.index, found);
        }
    }

    /// Candidates of each node, in records of the other side.
    fn degrees(&self, side: usize) -> Vec<u32> {
        let mut degrees = vec![0_u32; self.nodes[side].len()];
        for edge in 0..row_of(self.problem.edges.len()) {
            let other = self.counts(1 - side)[self.node(1 - side, edge)];
            let degree = &mut degrees[self.node(side, edge)];
            *degree = degree.saturating_add(other);
        }
        degrees
    }

    fn tell_flow(
        &self,
        flow: &Flow,
        degrees: &[Vec<u32>; 2],
        state: &mut [Vec<NodeState>; 2],
        (context, found): (&PassContext<'_>, &mut PassFound),
    ) {
        let (left, right) = (self.node(0, flow.edge), self.node(1, flow.edge));
        let twins = self.counts(0)[left] > 1 || self.counts(1)[right] > 1;
        let ambiguity = match (flow.tied, self.limited, twins) {
            (true, ..) => Ambiguity::Ambiguous,
            (_, true, _) => Ambiguity::Limited,
            (.., true) => Ambiguity::Interchangeable,
            _ => Ambiguity::Unique,
        };
        let rivals = degrees[0][left].saturating_add(degrees[1][right]).saturating_sub(2);
        let score = self.candidate(flow.edge).score;
        for _ in 0..flow.count {
            let l = self.member(0, left, state[0][left].given);
            let r = self.member(1, right, state[1][right].given);
            let made = found.emit(
                context,
                &Pairing { left: l, right: r, score, rivals, regret: flow.regret, ambiguity, twins },
            );
            for (side, node, partner) in [(0, left, r), (1, right, l)] {
                let node = &mut state[side][node];
                node.given += 1;
                if made {
                    node.paired += 1;
                    node.partner = if node.partner == NO_ROW { partner } else { node.partner };
                }
            }
        }
    }

    /// Notes about the members of a side's nodes that are in no pair.
    fn note_left_over(&self, side: usize, state: &[Vec<NodeState>; 2], pass: u16, found: &mut PassFound) {
        let best = self.best_edges(side, &state[side]);
        let tied = if side == 0 { &self.solution.left_tied } else { &self.solution.right_tied };
        for (node, own) in state[side].iter().enumerate() {
            let Some(edge) = best[node] else { continue };
            let other = self.node(1 - side, edge);
            let nearest = self.member(1 - side, other, 0);
            let rival = state[1 - side][other].partner;
            let reason = if self.limited {
                Reason::SearchLimit
            } else if tied[node] || rival == NO_ROW {
                Reason::Ambiguous
            } else {
                Reason::Taken
            };
            let first = Note {
                row: NO_ROW,
                reason,
                pass,
                nearest,
                rival: if reason == Reason::Taken { rival } else { NO_ROW },
                score: self.candidate(edge).score,
            };
            for at in own.given..self.counts(side)[node] {
                let row = self.member(side, node, at);
                found.notes[side].push(Note { row, ..first });
            }
        }
        self.note_duplicates(side, &state[side], pass, found);
    }

    /// Members of a class of which others were paired: left over, or freed because they are tied. Notes about
    /// those that were paired themselves are never read: they aren't open.
    fn note_duplicates(&self, side: usize, state: &[NodeState], pass: u16, found: &mut PassFound) {
        for (node, own) in state.iter().enumerate() {
            let count = self.counts(side)[node];
            if own.paired == 0 || own.paired == count {
                continue;
            }
            let from = if own.paired == own.given { own.given } else { 0 };
            found.notes[side].extend((from..count).map(|at| Note {
                row: self.member(side, node, at),
                reason: Reason::Duplicate,
                pass,
                nearest: self.member(side, node, u32::from(at == 0)),
                rival: NO_ROW,
                score: 0,
            }));
        }
    }

    /// The best candidate of each node that has members left over.
    fn best_edges(&self, side: usize, state: &[NodeState]) -> Vec<Option<u32>> {
        let mut best: Vec<Option<u32>> = vec![None; self.nodes[side].len()];
        for at in 0..row_of(self.problem.edges.len()) {
            let node = self.node(side, at);
            if state[node].given == self.counts(side)[node] {
                continue;
            }
            let worth = |edge: u32| {
                let edge = &self.problem.edges[edge as usize];
                (Reverse(edge.gain), edge.variance, edge.days)
            };
            if best[node].is_none_or(|old| worth(at) < worth(old)) {
                best[node] = Some(at);
            }
        }
        best
    }
}
