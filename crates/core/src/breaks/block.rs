//! Records of one block that look for their nearest: who is looked at, compared, and the best of them kept.

use super::chance::{CHANCE_MAX, by_company};
use super::nearest::{Looking, Seen};
use super::share::Apart;
use crate::candidates::classes::Classes;
use crate::candidates::neighbours::Neighbours;
use crate::columns::{Row, row_of};
use crate::error::Result;
use crate::plan::{ONE, Side};
use rayon::prelude::*;

/// Classes of a block from which they are looked at in parallel.
pub(super) const PARALLEL_CLASSES: usize = 1_024;

/// Candidates whose texts are compared together: the record's own is prepared once for them.
const ASKED_AT_ONCE: usize = 16;

/// A block in which records look for their nearest.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) looking: &'a Looking<'a>,
    pub(super) classes: [&'a Classes; 2],
    /// Whether classes stand in canonical order.
    pub(super) is_ordered: bool,
    pub(super) neighbours: &'a Neighbours,
    /// The nearest in the amount or date that is lacking, where the others were cut.
    pub(super) nearest: Option<&'a Neighbours>,
}

impl Block<'_> {
    pub(super) fn look(&self, side: usize, seen: &mut Vec<Seen>) -> Result<()> {
        let classes = 0..row_of(self.classes[side].len());
        if classes.len() < PARALLEL_CLASSES {
            let mut others = Vec::new();
            classes.for_each(|class| self.look_for(side, class, (&mut others, seen)));
            return Ok(());
        }
        let chunks: Vec<u32> = classes.clone().step_by(PARALLEL_CLASSES / 4).collect();
        let parts = chunks.into_par_iter().map(|start| {
            self.looking.control.cancel.check()?;
            let (mut others, mut seen) = (Vec::new(), Vec::new());
            let end = classes.end.min(start + row_of(PARALLEL_CLASSES / 4));
            (start..end).for_each(|class| self.look_for(side, class, (&mut others, &mut seen)));
            Ok(seen)
        });
        for part in parts.collect::<Result<Vec<_>>>()? {
            seen.extend(part);
        }
        Ok(())
    }

    /// Looks for the nearest of all classes of both sides, comparing each two of them once: who looks at whom is mutual
    /// where no search was cut.
    pub(super) fn look_at_once(&self, seen: &mut [Vec<Seen>; 2]) {
        let looks = Side::BOTH.map(|side| -> Vec<bool> {
            let classes = self.classes[side.index()];
            (0..row_of(classes.len()))
                .map(|class| self.wanted(side.index(), class).next().is_some())
                .collect()
        });
        let mut best = self.classes.map(|classes| vec![Closest::default(); classes.len()]);
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
                    self.offer(1 - side, &mut best[side][at], (apart, other));
                    if theirs {
                        self.offer(side, &mut best[1 - side][other as usize], (apart, class));
                    }
                }
            }
        }
        for (side, (best, seen)) in best.iter().zip(seen).enumerate() {
            for (class, best) in (0_u32..).zip(best) {
                self.tell(side, class, (best, false), seen);
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
    fn look_for(&self, side: usize, class: u32, (others, seen): (&mut Vec<u32>, &mut Vec<Seen>)) {
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
            let mut best = Closest::default();
            for &other in others.iter() {
                if let Some(apart) = self.apart(side, row, other) {
                    self.offer(1 - side, &mut best, (apart, other));
                }
            }
            best
        };
        self.tell(side, class, (&best, cut), seen);
    }

    /// The best of the others where it takes long to say whether what remains holds: those that are nearest in what is
    /// lacking are asked first, and none any more when so many hold that the nearest of them is a coincidence: nothing then.
    fn best_of_nearest_first(&self, side: usize, row: Row, others: &[u32]) -> Closest {
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
        let mut best = Closest::default();
        let (mut pairs, mut scores) = (Vec::with_capacity(ASKED_AT_ONCE), Vec::new());
        for asked in nearest_first.chunks(ASKED_AT_ONCE) {
            pairs.clear();
            scores.clear();
            pairs.extend(asked.iter().map(|(_, other)| pair(*other)));
            relaxed.scorer.score_many(&pairs, &mut scores);
            for ((apart, other), _) in asked.iter().zip(&scores).filter(|(_, score)| score.is_some()) {
                self.offer(1 - side, &mut best, (*apart, *other));
                let share = best.nearest.map_or(0, |(apart, _)| u128::from(apart.share));
                if by_company(share, best.among) > CHANCE_MAX {
                    return Closest::default();
                }
            }
        }
        best
    }

    /// Tells what was found for a class.
    fn tell(&self, side: usize, class: u32, (best, cut): (&Closest, bool), seen: &mut Vec<Seen>) {
        if best.nearest.is_none() && !cut {
            return;
        }
        let nearest = best.nearest.map(|(_, class)| self.classes[1 - side].first(class));
        let share = best.nearest.map_or(ONE, |(apart, _)| apart.share);
        let among = best.among;
        seen.extend(self.wanted(side, class).map(|row| Seen { row, nearest, share, among, cut }));
    }

    /// Offers a class of a side to one of the other: the nearest is kept, of two that are equally near the first in
    /// canonical order.
    fn offer(&self, side: usize, best: &mut Closest, (apart, class): (Apart, u32)) {
        best.among += self.classes[side].count(class);
        let is_nearer = best.nearest.is_none_or(|(known, other)| {
            apart < known || (apart == known && self.is_before(side, class, other))
        });
        if is_nearer {
            best.nearest = Some((apart, class));
        }
    }

    fn is_before(&self, side: usize, class: u32, other: u32) -> bool {
        if self.is_ordered {
            return class < other;
        }
        let first = |class: u32| self.classes[side].first(class);
        self.looking.canon[side].order(first(class), first(other)).is_lt()
    }

    /// How far a record of a side and a class of the other are apart, if they lack nothing else.
    fn apart(&self, side: usize, row: Row, other: u32) -> Option<Apart> {
        let other = self.classes[1 - side].first(other);
        let (left, right) = if side == 0 { (row, other) } else { (other, row) };
        if self.looking.is_barred(side, row, other) {
            return None;
        }
        match self.nearest {
            // The nearest were looked at whatever the limiter says.
            Some(_) => self.looking.relaxed.apart(left, right),
            None => self.looking.relaxed.apart_of_neighbours(left, right),
        }
    }
}

/// The nearest class found so far, and how many records lack nothing else.
#[derive(Debug, Clone, Default)]
struct Closest {
    nearest: Option<(Apart, u32)>,
    among: u32,
}
