//! Passes in which each record of the side that has many goes to its best on the other side.
//!
//! Records don't compete: several may go to the same one, and what went to one record is a group. Which one is best is
//! decided as for pairs: greatest gain, least |variance|, least |days|. Equal best ones in substance are a tie; among
//! twins the first in canonical order is taken.

use super::one_to_one::{PassContext, limited, rejected};
use crate::candidates::blocks::BlockSink;
use crate::candidates::classes::Classes;
use crate::candidates::edges::{Candidate, Candidates};
use crate::columns::{Agreement, NO_ROW, Row, SideColumns, row_of};
use crate::control::Control;
use crate::decisions::Decisions;
use crate::engine::key_columns;
use crate::error::Result;
use crate::outcome::{Ambiguity, Groups, NO_REGRET, Note, Pair, PassWork, Reason, Verdict};
use crate::plan::{Millionths, Side};
use crate::spec::Ambiguous;
use rayon::prelude::*;
use std::cmp::Reverse;

/// A record of the side that has many, and where it goes.
#[derive(Debug, Clone, Copy)]
struct Link {
    /// The record that many may go to.
    one: Row,
    many: Row,
    score: Millionths,
    /// Other candidates of `many`.
    rivals: u32,
    regret: u32,
    ambiguity: Ambiguity,
}

/// What a pass found.
#[derive(Debug, Default)]
pub(crate) struct LookedUp {
    pub(crate) pairs: Vec<Pair>,
    pub(crate) groups: Groups,
    pub(crate) notes: [Vec<Note>; 2],
    pub(crate) work: PassWork,
}

/// Looks up the records of the side `many`.
///
/// Cost: as a pass of pairs, without the assignment.
///
/// # Errors
/// A memory limit, cancellation.
pub(crate) fn look_up(
    context: &PassContext<'_>,
    (sides, many): ([&SideColumns; 2], Side),
    rows: [&Vec<Row>; 2],
    decisions: &Decisions,
    control: &Control,
) -> Result<LookedUp> {
    let mut all = Found::default();
    if rows[0].is_empty() || rows[1].is_empty() {
        return Ok(LookedUp::default());
    }
    let keys = [key_columns(context.pass, sides[0], 0), key_columns(context.pass, sides[1], 1)];
    let sink = || Sink { context, many, agreements: keys[0].agreements(&keys[1]), found: Found::default() };
    let (sinks, _held) = context.blocks(&keys, rows, control, sink)?;
    for sink in sinks {
        all.append(sink.found);
    }
    all.links.par_sort_unstable_by_key(|link| (link.one, link.many));
    Ok(told(context, many, all, decisions))
}

#[derive(Debug, Default)]
struct Found {
    links: Vec<Link>,
    notes: [Vec<Note>; 2],
    work: PassWork,
}

impl Found {
    fn append(&mut self, mut other: Self) {
        self.links.append(&mut other.links);
        for (mine, theirs) in self.notes.iter_mut().zip(&mut other.notes) {
            mine.append(theirs);
        }
        self.work.merge(&other.work);
    }
}

struct Sink<'a> {
    context: &'a PassContext<'a>,
    many: Side,
    agreements: Vec<Agreement<'a>>,
    found: Found,
}

impl BlockSink for Sink<'_> {
    fn single(&mut self, left: Row, right: Row) {
        // Hashes agree; whether the keys do has not been looked at.
        if self.agreements.iter().all(|cells| cells.same(left, right)) {
            self.found.work.blocks += 1;
            self.found.work.comparisons += 1;
            self.only(left, right);
        }
    }

    fn several(&mut self, left: &mut [Row], right: &mut [Row]) -> Result<()> {
        self.context.check()?;
        let (classes, candidates) = self.context.candidates(left, right)?;
        self.found.work.blocks += 1;
        self.found.work.comparisons += candidates.comparisons;
        self.found.work.candidates += candidates.accepted;
        self.settle([&classes[0], &classes[1]], &candidates);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Sink<'_> {
    /// A record with one candidate at the most.
    fn only(&mut self, left: Row, right: Row) {
        let Some(score) = self.context.scorer.score(left, right) else { return };
        let pass = self.context.index;
        if self.context.barred[0].binary_search(&(left, right)).is_ok() {
            self.found.notes[0].push(rejected(left, right, pass, score));
            self.found.notes[1].push(rejected(right, left, pass, score));
            return;
        }
        self.found.work.candidates += 1;
        self.found.work.components += 1;
        let (one, many) = if self.many == Side::Left { (right, left) } else { (left, right) };
        let regret = self.context.gain(score);
        let ambiguity = Ambiguity::Unique;
        self.take(Link { one, many, score, rivals: 0, regret, ambiguity });
    }

    fn settle(&mut self, classes: [&Classes; 2], candidates: &Candidates) {
        let side = self.many.index();
        let (many, one) = (classes[side], classes[1 - side]);
        let of = |candidate: &Candidate| {
            if side == 0 { (candidate.left, candidate.right) } else { (candidate.right, candidate.left) }
        };
        let worth = |candidate: &Candidate| {
            (Reverse(self.context.gain(candidate.score)), candidate.variance, candidate.days)
        };
        let mut edges: Vec<&Candidate> = candidates.edges.iter().collect();
        edges.sort_by_key(|candidate| (of(candidate).0, worth(candidate), of(candidate).1));
        let mut links = Vec::new();
        let mut used = vec![false; one.len()];
        for own in edges.chunk_by(|a, b| of(a).0 == of(b).0) {
            let Some(best) = own.first() else { continue };
            let (class, target) = of(best);
            let gain = self.context.gain(best.score);
            let second = own.get(1);
            let tied = second.is_some_and(|second| worth(second) == worth(best));
            let twins = one.count(target) > 1;
            let ambiguity = match (tied, candidates.cut[side][class as usize], twins) {
                (true, ..) => Ambiguity::Ambiguous,
                (_, true, _) => Ambiguity::Limited,
                (.., true) => Ambiguity::Interchangeable,
                _ => Ambiguity::Unique,
            };
            let regret = gain - second.map_or(0, |second| self.context.gain(second.score)).min(gain);
            let records: u32 = own.iter().map(|candidate| one.count(of(candidate).1)).sum();
            let link = |row: &Row| Link {
                one: one.first(target),
                many: *row,
                score: best.score,
                rivals: records - 1,
                regret,
                ambiguity,
            };
            self.found.work.components += 1;
            self.found.work.limited += u64::from(ambiguity == Ambiguity::Limited);
            used[target as usize] = true;
            links.extend(many.members(class).iter().map(link));
        }
        for link in links {
            self.take(link);
        }
        self.note_twins(one, &used);
        self.note_barred(classes, candidates);
        self.note_cut(many, candidates);
    }

    /// Takes a link, or notes that it was left.
    fn take(&mut self, mut link: Link) {
        let pass = self.context.pass;
        let close = pass.margin > 0 && link.regret <= pass.margin;
        if close && link.ambiguity != Ambiguity::Interchangeable {
            link.ambiguity = Ambiguity::Ambiguous;
        }
        if link.ambiguity == Ambiguity::Ambiguous && pass.ambiguous == Ambiguous::Leave {
            let Link { one, many, score, .. } = link;
            self.found.notes[self.many.index()].push(Note {
                row: many,
                reason: Reason::Ambiguous,
                pass: self.context.index,
                nearest: one,
                rival: NO_ROW,
                score,
            });
            return;
        }
        self.found.links.push(link);
    }

    /// Records that equal one that others went to, and were left over.
    fn note_twins(&mut self, one: &Classes, used: &[bool]) {
        let side = self.many.other().index();
        for class in (0..row_of(one.len())).filter(|class| used[*class as usize]) {
            let nearest = one.first(class);
            let note = |row: &Row| Note {
                row: *row,
                reason: Reason::Duplicate,
                pass: self.context.index,
                nearest,
                rival: NO_ROW,
                score: 0,
            };
            self.found.notes[side].extend(one.members(class).iter().skip(1).map(note));
        }
    }

    fn note_barred(&mut self, classes: [&Classes; 2], candidates: &Candidates) {
        for side in 0..2 {
            for best in candidates.best_barred(side) {
                let rows = [classes[0].first(best.left), classes[1].first(best.right)];
                let note = rejected(rows[side], rows[1 - side], self.context.index, best.score);
                self.found.notes[side].push(note);
            }
        }
    }

    /// Records whose every candidate was cut.
    fn note_cut(&mut self, many: &Classes, candidates: &Candidates) {
        let side = self.many.index();
        for class in candidates.cut_off(side, false) {
            let note = |row: &Row| limited(*row, self.context.index);
            self.found.notes[side].extend(many.members(class).iter().map(note));
        }
    }
}

/// Links by the record they go to, as groups. A group is as good and as certain as its worst link.
fn told(context: &PassContext<'_>, many: Side, found: Found, decisions: &Decisions) -> LookedUp {
    let Found { links, notes, work } = found;
    let mut told = LookedUp { notes, work, ..LookedUp::default() };
    let mut members = Vec::new();
    for links in links.chunk_by(|a, b| a.one == b.one) {
        let Some(first) = links.first() else { continue };
        members.clear();
        members.extend(links.iter().map(|link| link.many));
        let one = std::slice::from_ref(&first.one);
        let (lefts, rights) =
            if many == Side::Left { (members.as_slice(), one) } else { (one, members.as_slice()) };
        let verdict = verdict(context, links);
        if lefts.len() + rights.len() > 2 && decisions.bar(lefts, rights) {
            let index = context.index;
            let of = |link: &Link| rejected(link.many, link.one, index, link.score);
            told.notes[many.index()].extend(links.iter().map(of));
            told.notes[many.other().index()].push(rejected(first.one, first.many, index, first.score));
            continue;
        }
        match (lefts, rights) {
            ([left], [right]) => told.pairs.push(verdict.pair(*left, *right)),
            _ => told.groups.push(verdict, lefts, rights),
        }
    }
    told
}

fn verdict(context: &PassContext<'_>, links: &[Link]) -> Verdict {
    let rank = |ambiguity: Ambiguity| Ambiguity::ALL.iter().position(|one| *one == ambiguity);
    let ambiguity = links.iter().map(|link| link.ambiguity).max_by_key(|one| rank(*one));
    let ambiguity = if links.iter().any(|link| link.ambiguity == Ambiguity::Ambiguous) {
        Ambiguity::Ambiguous
    } else {
        ambiguity.unwrap_or(Ambiguity::Unique)
    };
    let score = links.iter().map(|link| link.score).min().unwrap_or_default();
    Verdict {
        score,
        rivals: links.iter().map(|link| link.rivals).fold(0, u32::saturating_add),
        regret: links.iter().map(|link| link.regret).min().unwrap_or(NO_REGRET),
        pass: context.index,
        status: context.status_of(score, ambiguity),
        ambiguity,
    }
}
