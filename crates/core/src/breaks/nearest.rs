//! The nearest record of each open one: a pass less one requirement is searched among the open records as the pass
//! itself would be, and the best that is found has to be better than chance.
//!
//! Each record looks for itself. What is found depends on the open records alone, not on their order.

use super::frequency::Frequency;
use super::relaxed::Relaxed;
use super::share::Apart;
use crate::candidates::blocks::{self, BlockSink, KeyColumns};
use crate::candidates::classes::Classes;
use crate::candidates::neighbours::{Most, Neighbours};
use crate::columns::{Agreement, Canon, Columns, Row, row_of};
use crate::control::Control;
use crate::decisions::barred_from;
use crate::engine::key_columns;
use crate::error::Result;
use crate::outcome::Requirement;
use crate::plan::{Millionths, ONE, Plan, Side};
use rayon::prelude::*;

/// Expected records that come as near by chance, up to which nearness is evidence: in millionths.
const CHANCE_MAX: u128 = 50_000;
/// Findings that one thread judges at a time.
const JUDGED_ROWS: usize = 1 << 10;
/// Classes of a block from which they are looked at in parallel.
const PARALLEL_CLASSES: usize = 1_024;

/// The nearest record of an open one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Near {
    /// The open record.
    pub(super) row: Row,
    /// The nearest, of the other side.
    pub(super) nearest: Row,
    /// How far apart they are.
    pub(super) apart: Apart,
    /// What it lacks.
    pub(super) lacks: Requirement,
    /// Records that lack nothing else, as many as were looked at.
    among: u32,
    /// Whether not all were looked at.
    cut: bool,
    /// Records expected to come as near by chance, in millionths.
    pub(super) by_chance: u128,
}

/// What was found for one record.
#[derive(Debug, Clone, Copy)]
pub(super) enum Finding {
    /// The nearest record.
    Near(Near),
    /// Nothing, but not all were looked at.
    Cut(Row),
}

impl Finding {
    fn row(&self) -> Row {
        match self {
            Self::Near(near) => near.row,
            Self::Cut(row) => *row,
        }
    }
}

/// Candidates whose texts are compared together: the record's own is prepared once for them.
const ASKED_AT_ONCE: usize = 16;

/// Which open records of a side are looked for: by row.
pub(super) type Wanted = [Vec<bool>; 2];

/// The open records of both sides.
pub(super) struct Open<'a> {
    pub(super) plan: &'a Plan,
    pub(super) columns: &'a Columns,
    /// Ascending.
    pub(super) rows: [&'a [Row]; 2],
    pub(super) control: &'a Control,
}

impl Open<'_> {
    /// Looks for the nearest record of every wanted one, lacking this requirement; by side, in no particular order.
    pub(super) fn search(
        &self,
        relaxed: &Relaxed<'_>,
        wanted: &Wanted,
        frequency: &Frequency<'_>,
    ) -> Result<[Vec<Finding>; 2]> {
        let [left, right] = Side::BOTH.map(|side| self.columns.side(side));
        let keys = [key_columns(&relaxed.pass, left, 0), key_columns(&relaxed.pass, right, 1)];
        for (keys, rows) in keys.iter().zip(self.rows) {
            keys.number(rows.len(), &self.control.memory);
        }
        let looking = Looking {
            relaxed,
            wanted,
            canon: [Canon::new(self.plan, left), Canon::new(self.plan, right)],
            barred: [left, right].map(|side| side.barred.across.as_slice()),
            agreements: keys[0].agreements(&keys[1]),
            most: Most::of_nearest(&self.plan.limits),
            control: self.control,
        };
        let mut found = [Vec::new(), Vec::new()];
        for sink in looking.blocks(&keys, self.rows)? {
            for (all, some) in found.iter_mut().zip(sink) {
                all.extend(some);
            }
        }
        let counted = frequency.of_keys(&keys, relaxed);
        for (side, found) in found.iter_mut().enumerate() {
            let others = self.rows[1 - side].len() as u128;
            let judged = |(finding, hash): (Finding, u64)| match finding {
                Finding::Near(mut near) => {
                    let frequent = || counted.share_of(relaxed, side, (near.row, hash), near.nearest);
                    near.by_chance = by_chance(&near, others, frequent);
                    if near.by_chance <= CHANCE_MAX {
                        return Some(Finding::Near(near));
                    }
                    near.cut.then_some(Finding::Cut(near.row))
                }
                Finding::Cut(_) => Some(finding),
            };
            let judge = |chunk: &[Finding]| {
                let rows: Vec<Row> = chunk.iter().map(Finding::row).collect();
                let hashes = keys[side].hashes(&rows);
                let judged = chunk.iter().copied().zip(hashes).filter_map(judged);
                judged.collect::<Vec<_>>()
            };
            *found = found.par_chunks(JUDGED_ROWS).flat_map_iter(judge).collect();
        }
        Ok(found)
    }
}

/// share × max(m − 1, O × F) in millionths, rounded up.
fn by_chance(near: &Near, others: u128, frequency: impl FnOnce() -> Frequent) -> u128 {
    let share = u128::from(near.apart.share);
    let among = by_company(share, near.among);
    if among > CHANCE_MAX {
        return among;
    }
    let Frequent { key, conditions } = frequency();
    // In millionths to the third power; every factor is below 2^33.
    let expected = share * others * u128::from(key.min(ONE)) * u128::from(conditions.min(ONE));
    among.max(expected.div_ceil(u128::from(ONE) * u128::from(ONE)))
}

/// How many of the records that lack nothing else are to be expected as near as the nearest, in millionths.
fn by_company(share: u128, among: u32) -> u128 {
    share * u128::from(among.saturating_sub(1))
}

/// How many records satisfy what remains, as two shares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frequent {
    /// Of the other side's records: those that agree in the key.
    pub(super) key: Millionths,
    /// Of the other side's records: those that satisfy the conditions.
    pub(super) conditions: Millionths,
}

/// A search under way.
struct Looking<'a> {
    relaxed: &'a Relaxed<'a>,
    wanted: &'a Wanted,
    canon: [Canon<'a>; 2],
    /// Pairs that a decision bars, by left and by right record.
    barred: [&'a [(Row, Row)]; 2],
    /// When the keys of two records are equal.
    agreements: Vec<Agreement<'a>>,
    most: Most,
    control: &'a Control,
}

type Found = [Vec<Finding>; 2];

impl Looking<'_> {
    fn blocks(&self, keys: &[KeyColumns<'_>; 2], rows: [&[Row]; 2]) -> Result<Vec<Found>> {
        let sink = || Sink { looking: self, found: Found::default() };
        if self.relaxed.pass.key.is_empty() {
            let mut sink = sink();
            sink.several(&mut rows[0].to_vec(), &mut rows[1].to_vec())?;
            return Ok(vec![sink.found]);
        }
        let bytes = blocks::join_bytes(rows[0].len(), rows[1].len());
        let _held = self.control.memory.reserve(bytes, "looking for the nearest records")?;
        let sides = [(&keys[0], rows[0]), (&keys[1], rows[1])];
        let sinks = blocks::join(sides[0], sides[1], &self.control.cancel, sink)?;
        Ok(sinks.into_iter().map(|sink| sink.found).collect())
    }

    /// Whether a person said that two records don't belong together.
    #[inline]
    fn is_barred(&self, side: usize, row: Row, other: Row) -> bool {
        barred_from(self.barred[side], row).iter().any(|pair| pair.1 == other)
    }

    fn is_wanted(&self, side: usize, row: Row) -> bool {
        self.wanted[side][row as usize]
    }
}

struct Sink<'a> {
    looking: &'a Looking<'a>,
    found: Found,
}

impl BlockSink for Sink<'_> {
    fn single(&mut self, left: Row, right: Row) {
        let looking = self.looking;
        let wanted = [looking.is_wanted(0, left), looking.is_wanted(1, right)];
        if wanted == [false, false] || !looking.agreements.iter().all(|cells| cells.same(left, right)) {
            return;
        }
        if looking.is_barred(0, left, right) {
            return;
        }
        let Some(apart) = looking.relaxed.apart(left, right) else { return };
        for (side, (row, nearest)) in [(left, right), (right, left)].into_iter().enumerate() {
            if wanted[side] {
                let lacks = looking.relaxed.lacks;
                self.found[side].push(Finding::Near(Near {
                    row,
                    nearest,
                    apart,
                    lacks,
                    among: 1,
                    cut: false,
                    by_chance: 0,
                }));
            }
        }
    }

    fn several(&mut self, left: &mut [Row], right: &mut [Row]) -> Result<()> {
        let looking = self.looking;
        looking.control.cancel.check()?;
        let any = |side: usize, rows: &[Row]| rows.iter().any(|row| looking.is_wanted(side, *row));
        let wanted = [any(0, left), any(1, right)];
        if wanted == [false, false] {
            return Ok(());
        }
        let classes = [Classes::of(&looking.canon[0], left), Classes::of(&looking.canon[1], right)];
        let both = [&classes[0], &classes[1]];
        let looks = |side: usize, class: u32| {
            both[side].members(class).iter().any(|row| looking.is_wanted(side, *row))
        };
        let (neighbours, _work) =
            looking.relaxed.limiter.neighbours_of(both, looking.most, &looks, &looking.control.cancel)?;
        let _held = looking.control.memory.reserve(neighbours.bytes(), "looking for the nearest records")?;
        let is_cut = |side: usize| (0..row_of(both[side].len())).any(|class| neighbours.cut(side, class));
        let nearest = match &looking.relaxed.nearest {
            Some(limiter) if is_cut(0) || is_cut(1) => {
                Some(limiter.neighbours_of(both, looking.most, &looks, &looking.control.cancel)?.0)
            }
            _ => None,
        };
        let block = Block { looking, classes: both, neighbours: &neighbours, nearest: nearest.as_ref() };
        let is_small = both.into_iter().all(|classes| classes.len() < PARALLEL_CLASSES);
        let compares_texts = looking.relaxed.compares_texts();
        if is_small && wanted == [true, true] && !is_cut(0) && !is_cut(1) && !compares_texts {
            block.look_at_once(&mut self.found);
            return Ok(());
        }
        for (side, (wanted, found)) in wanted.into_iter().zip(&mut self.found).enumerate() {
            if wanted {
                block.look(side, found)?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// A block in which records look for their nearest.
#[derive(Clone, Copy)]
struct Block<'a> {
    looking: &'a Looking<'a>,
    classes: [&'a Classes; 2],
    neighbours: &'a Neighbours,
    /// The nearest in the amount or date that is lacking, where the others were cut.
    nearest: Option<&'a Neighbours>,
}

impl Block<'_> {
    fn look(&self, side: usize, found: &mut Vec<Finding>) -> Result<()> {
        let classes = 0..row_of(self.classes[side].len());
        if classes.len() < PARALLEL_CLASSES {
            let mut others = Vec::new();
            classes.for_each(|class| self.look_for(side, class, (&mut others, found)));
            return Ok(());
        }
        let chunks: Vec<u32> = classes.clone().step_by(PARALLEL_CLASSES / 4).collect();
        let parts = chunks.into_par_iter().map(|start| {
            self.looking.control.cancel.check()?;
            let (mut others, mut found) = (Vec::new(), Vec::new());
            let end = classes.end.min(start + row_of(PARALLEL_CLASSES / 4));
            (start..end).for_each(|class| self.look_for(side, class, (&mut others, &mut found)));
            Ok(found)
        });
        for part in parts.collect::<Result<Vec<_>>>()? {
            found.extend(part);
        }
        Ok(())
    }

    /// Looks for the nearest of all classes of both sides, comparing each two of them once: who looks at whom is mutual
    /// where no search was cut.
    fn look_at_once(&self, found: &mut Found) {
        let looks = Side::BOTH.map(|side| -> Vec<bool> {
            let classes = self.classes[side.index()];
            (0..row_of(classes.len()))
                .map(|class| self.wanted(side.index(), class).next().is_some())
                .collect()
        });
        let mut best = self.classes.map(|classes| vec![Best::default(); classes.len()]);
        let counts = self.classes.map(|classes| row_of(classes.len()));
        let mut others = Vec::new();
        for side in [0, 1] {
            let looking = looks[side].iter().enumerate().filter(|(_, looks)| **looks);
            for (at, _) in looking {
                let class = row_of(at);
                self.neighbours.collect_own(side, class, counts[1 - side], &mut others);
                for &other in &others {
                    let theirs = looks[1 - side][other as usize];
                    // The left classes came first, and those that look found who looks on the right.
                    if side == 1 && theirs {
                        continue;
                    }
                    let Some(apart) = self.apart(side, self.classes[side].first(class), other) else {
                        continue;
                    };
                    best[side][at].offer((apart, other), self.classes[1 - side].count(other));
                    if theirs {
                        best[1 - side][other as usize].offer((apart, class), self.classes[side].count(class));
                    }
                }
            }
        }
        for (side, (best, found)) in best.iter().zip(found).enumerate() {
            for (class, best) in (0_u32..).zip(best) {
                self.tell(side, class, (best, false), found);
            }
        }
    }

    /// The members of a class that look.
    fn wanted(&self, side: usize, class: u32) -> impl Iterator<Item = Row> {
        self.classes[side]
            .members(class)
            .iter()
            .copied()
            .filter(move |row| self.looking.is_wanted(side, *row))
    }

    /// Looks for the nearest of a class; its members share it.
    fn look_for(&self, side: usize, class: u32, (others, found): (&mut Vec<u32>, &mut Vec<Finding>)) {
        if self.wanted(side, class).next().is_none() {
            return;
        }
        let count = row_of(self.classes[1 - side].len());
        let cut = self.neighbours.cut(side, class);
        self.neighbours.collect_own(side, class, count, others);
        if let (true, Some(nearest)) = (cut, self.nearest) {
            let mut more = Vec::new();
            nearest.collect_own(side, class, count, &mut more);
            others.append(&mut more);
            others.sort_unstable();
            others.dedup();
        }
        let row = self.classes[side].first(class);
        let best = if self.looking.relaxed.compares_texts() {
            self.best_of_nearest_first(side, row, others)
        } else {
            let mut best = Best::default();
            for &other in others.iter() {
                if let Some(apart) = self.apart(side, row, other) {
                    best.offer((apart, other), self.classes[1 - side].count(other));
                }
            }
            Some(best)
        };
        match best {
            Some(best) => self.tell(side, class, (&best, cut), found),
            // As what is dismissed for being nothing but chance.
            None if cut => found.extend(self.wanted(side, class).map(Finding::Cut)),
            None => {}
        }
    }

    /// The best of the others where it takes long to say whether what remains holds: those that are nearest in what is
    /// lacking are asked first, and none any more when so many hold that the nearest of them is a coincidence. `None` then.
    fn best_of_nearest_first(&self, side: usize, row: Row, others: &[u32]) -> Option<Best> {
        let relaxed = self.looking.relaxed;
        let pair = |other: u32| {
            let other = self.classes[1 - side].first(other);
            if side == 0 { (row, other) } else { (other, row) }
        };
        let apart = |&other: &u32| {
            if self.looking.is_barred(side, row, self.classes[1 - side].first(other)) {
                return None;
            }
            let (left, right) = pair(other);
            Some((relaxed.apart_if_rest_holds(left, right)?, other))
        };
        let mut nearest_first: Vec<(Apart, u32)> = others.iter().filter_map(apart).collect();
        nearest_first.sort_unstable();
        let mut best = Best::default();
        let (mut pairs, mut scores) = (Vec::with_capacity(ASKED_AT_ONCE), Vec::new());
        for asked in nearest_first.chunks(ASKED_AT_ONCE) {
            pairs.clear();
            scores.clear();
            pairs.extend(asked.iter().map(|(_, other)| pair(*other)));
            relaxed.scorer.score_many(&pairs, &mut scores);
            for ((apart, other), _) in asked.iter().zip(&scores).filter(|(_, score)| score.is_some()) {
                best.offer((*apart, *other), self.classes[1 - side].count(*other));
                let share = best.nearest.map_or(0, |(apart, _)| u128::from(apart.share));
                if by_company(share, best.among) > CHANCE_MAX {
                    return None;
                }
            }
        }
        Some(best)
    }

    /// Tells what was found for a class.
    fn tell(&self, side: usize, class: u32, (best, cut): (&Best, bool), found: &mut Vec<Finding>) {
        let members = self.wanted(side, class);
        if let Some((apart, nearest)) = best.nearest {
            let nearest = self.classes[1 - side].first(nearest);
            let (lacks, among) = (self.looking.relaxed.lacks, best.among);
            let near = |row| Near { row, nearest, apart, lacks, among, cut, by_chance: 0 };
            found.extend(members.map(|row| Finding::Near(near(row))));
        } else if cut {
            found.extend(members.map(Finding::Cut));
        }
    }

    /// How far a record of a side and a class of the other are apart, if they lack nothing else.
    fn apart(&self, side: usize, row: Row, other: u32) -> Option<Apart> {
        let other = self.classes[1 - side].first(other);
        let (left, right) = if side == 0 { (row, other) } else { (other, row) };
        if self.looking.is_barred(side, row, other) {
            return None;
        }
        self.looking.relaxed.apart(left, right)
    }
}

/// The nearest class found so far, and how many records lack nothing else. Classes stand in canonical order.
#[derive(Debug, Clone, Default)]
struct Best {
    nearest: Option<(Apart, u32)>,
    among: u32,
}

impl Best {
    fn offer(&mut self, (apart, class): (Apart, u32), records: u32) {
        self.among += records;
        if self.nearest.is_none_or(|known| (apart, class) < known) {
            self.nearest = Some((apart, class));
        }
    }
}
