//! The candidates of one block: who satisfies the pass's conditions, each record keeping its best.
//!
//! A candidate survives when it is among the `rivals_max` best of both its records. Where one was cut, both records
//! are marked: their component is `limited`, and nothing in it is called unique.

use super::classes::Classes;
use super::neighbours::Neighbours;
use crate::columns::Row;
use crate::compare::Scorer;
use crate::control::Cancel;
use crate::decisions::barred_from;
use crate::error::Result;
use crate::plan::Millionths;
use rayon::prelude::*;
use std::cmp::Ordering;

/// Classes queried by one task.
const QUERY_CLASSES: usize = 512;

/// A pair of classes that satisfies every required condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Left class.
    pub left: u32,
    /// Right class.
    pub right: u32,
    /// Its score.
    pub score: Millionths,
    /// |days|; 0 where unknown.
    pub days: u32,
    /// |variance|; 0 where unknown.
    pub variance: u128,
}

impl Candidate {
    /// Best first: score, then variance, then days.
    fn rank(&self, other: &Self) -> Ordering {
        other
            .score
            .cmp(&self.score)
            .then_with(|| self.variance.cmp(&other.variance))
            .then_with(|| self.days.cmp(&other.days))
    }

    fn class(&self, side: usize) -> u32 {
        if side == 0 { self.left } else { self.right }
    }

    fn key(&self) -> (u32, u32) {
        (self.left, self.right)
    }
}

/// The candidates of a block.
#[derive(Debug, Default)]
pub struct Candidates {
    /// Sorted by (left, right).
    pub edges: Vec<Candidate>,
    /// Classes of each side whose search was cut.
    pub cut: [Vec<bool>; 2],
    /// Pairs that were tested.
    pub comparisons: u64,
    /// Pairs that satisfied every required condition, cut ones included where they were counted.
    pub accepted: u64,
    /// Pairs that satisfied every required condition, and that a decision bars: no candidates. Sorted by (left, right).
    pub barred: Vec<Candidate>,
}

/// A block to be searched.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    /// Classes of both sides.
    pub classes: [&'a Classes; 2],
    /// Who is looked at for whom.
    pub neighbours: &'a Neighbours,
    /// Tells candidates from others.
    pub scorer: &'a Scorer,
    /// Candidates a record keeps.
    pub rivals_max: usize,
    /// Pairs that are no candidates, by left and by right record, ascending.
    pub barred: [&'a [(Row, Row)]; 2],
    /// Stops the search.
    pub cancel: &'a Cancel,
}

impl Block<'_> {
    /// Finds the candidates. Cost: pairs looked at; memory: classes × `rivals_max`.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`].
    pub fn candidates(&self) -> Result<Candidates> {
        let mut from_left = self.query(0)?;
        from_left.cut.push(self.narrowed(1));
        let cut_left = from_left.cut_edges;
        let [left, right] = <[Vec<bool>; 2]>::try_from(from_left.cut).unwrap_or_default();
        let mut found = Candidates {
            edges: from_left.edges,
            cut: [left, right],
            comparisons: from_left.comparisons,
            accepted: from_left.accepted,
            barred: from_left.barred,
        };
        if cut_left {
            let from_right = self.query(1)?;
            found.comparisons += from_right.comparisons;
            intersect(&mut found, from_right);
        } else {
            found.prune(1, self.rivals_max);
        }
        Ok(found)
    }

    fn narrowed(&self, side: usize) -> Vec<bool> {
        let classes = self.classes[side].len();
        (0..classes).map(|class| self.neighbours.cut(side, crate::columns::row_of(class))).collect()
    }

    /// The best candidates of each class of one side.
    fn query(&self, side: usize) -> Result<Query> {
        let classes: Vec<u32> = (0..crate::columns::row_of(self.classes[side].len())).collect();
        let parts = if classes.len() <= QUERY_CLASSES {
            vec![self.query_some(side, &classes)?]
        } else {
            classes
                .par_chunks(QUERY_CLASSES)
                .map(|some| self.query_some(side, some))
                .collect::<Result<Vec<_>>>()?
        };
        let mut all = Query { cut: vec![self.narrowed(side)], ..Query::default() };
        for part in parts {
            all.edges.extend(part.edges);
            all.comparisons += part.comparisons;
            all.accepted += part.accepted;
            all.barred.extend(part.barred);
            all.cut_edges |= part.cut_edges;
            for class in part.cut_classes {
                all.cut[0][class as usize] = true;
            }
        }
        Ok(all)
    }

    fn query_some(&self, side: usize, classes: &[u32]) -> Result<Part> {
        self.cancel.check()?;
        let others = crate::columns::row_of(self.classes[1 - side].len());
        let mut part = Part::default();
        let (mut found, mut pairs, mut scores) = (Vec::new(), Vec::new(), Vec::new());
        for class in classes {
            self.neighbours.collect(side, *class, others, &mut found);
            pairs.clear();
            pairs.extend(found.iter().map(|other| self.rows(side, *class, *other)));
            self.scorer.score_many(&pairs, &mut scores);
            part.comparisons += pairs.len() as u64;
            let start = part.edges.len();
            // A record that a decision names is a class of its own.
            let barred = barred_from(self.barred[side], self.classes[side].first(*class));
            for ((other, pair), score) in found.iter().zip(&pairs).zip(&scores) {
                let Some(score) = score else { continue };
                let candidate = self.candidate(side, (*class, *other), *pair, *score);
                let other_row = if side == 0 { pair.1 } else { pair.0 };
                if !barred.is_empty() && barred.iter().any(|pair| pair.1 == other_row) {
                    part.barred.push(candidate);
                } else {
                    part.edges.push(candidate);
                }
            }
            part.accepted += (part.edges.len() - start) as u64;
            if part.edges.len() - start > self.rivals_max {
                keep_best(&mut part.edges, start, self.rivals_max);
                part.cut_classes.push(*class);
                part.cut_edges = true;
            }
        }
        Ok(part)
    }

    fn rows(&self, side: usize, class: u32, other: u32) -> (Row, Row) {
        let (row, other_row) = (self.classes[side].first(class), self.classes[1 - side].first(other));
        if side == 0 { (row, other_row) } else { (other_row, row) }
    }

    fn candidate(&self, side: usize, classes: (u32, u32), pair: (Row, Row), score: Millionths) -> Candidate {
        let (left, right) = if side == 0 { classes } else { (classes.1, classes.0) };
        Candidate {
            left,
            right,
            score,
            days: self
                .scorer
                .days(pair.0, pair.1)
                .map_or(0, |days| u32::try_from(days.unsigned_abs()).unwrap_or(u32::MAX)),
            variance: self.scorer.distance(pair.0, pair.1).unwrap_or(0),
        }
    }
}

#[derive(Default)]
struct Part {
    edges: Vec<Candidate>,
    cut_classes: Vec<u32>,
    cut_edges: bool,
    comparisons: u64,
    accepted: u64,
    barred: Vec<Candidate>,
}

#[derive(Default)]
struct Query {
    edges: Vec<Candidate>,
    cut: Vec<Vec<bool>>,
    cut_edges: bool,
    comparisons: u64,
    accepted: u64,
    barred: Vec<Candidate>,
}

/// Keeps the best `most` candidates from `start` on; equals by (left, right).
fn keep_best(edges: &mut Vec<Candidate>, start: usize, most: usize) {
    edges[start..].sort_unstable_by(|a, b| a.rank(b).then_with(|| a.key().cmp(&b.key())));
    edges.truncate(start + most);
}

/// Keeps what both directions kept; the records of everything else are marked.
fn intersect(found: &mut Candidates, mut from_right: Query) {
    found.edges.sort_unstable_by_key(Candidate::key);
    from_right.edges.sort_unstable_by_key(Candidate::key);
    for (mine, theirs) in found.cut[1].iter_mut().zip(from_right.cut.iter().flatten()) {
        *mine |= *theirs;
    }
    let mut kept = Vec::with_capacity(found.edges.len().min(from_right.edges.len()));
    let mut mark = |edge: &Candidate| {
        found.cut[0][edge.left as usize] = true;
        found.cut[1][edge.right as usize] = true;
    };
    let (mut a, mut b) = (found.edges.iter().peekable(), from_right.edges.iter().peekable());
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        match x.key().cmp(&y.key()) {
            Ordering::Less => a.next().into_iter().for_each(&mut mark),
            Ordering::Greater => b.next().into_iter().for_each(&mut mark),
            Ordering::Equal => {
                kept.push(**x);
                a.next();
                b.next();
            }
        }
    }
    a.for_each(&mut mark);
    b.for_each(&mut mark);
    found.edges = kept;
}

impl Candidates {
    /// The best barred candidate of each class of a side that has one.
    #[must_use]
    pub fn best_barred(&self, side: usize) -> Vec<Candidate> {
        let mut best = self.barred.clone();
        best.sort_by(|a, b| {
            a.class(side).cmp(&b.class(side)).then_with(|| a.rank(b)).then_with(|| a.key().cmp(&b.key()))
        });
        best.dedup_by_key(|candidate| candidate.class(side));
        best
    }

    /// Classes of a side whose every candidate was cut: no edge leads from them to another one (`within`: where both sides
    /// are one source, an edge to itself is none).
    pub(crate) fn cut_off(&self, side: usize, within: bool) -> Vec<u32> {
        let mut cut = self.cut[side].clone();
        if !cut.contains(&true) {
            return Vec::new();
        }
        for edge in self.edges.iter().filter(|edge| !within || edge.left != edge.right) {
            cut[edge.class(side) as usize] = false;
        }
        (0..).zip(cut).filter(|(_, cut)| *cut).map(|(class, _)| class).collect()
    }

    /// Keeps the best candidates of each class of a side, all of its candidates being here; sorts by (left, right).
    fn prune(&mut self, side: usize, most: usize) {
        let mut degree = vec![0_usize; self.cut[side].len()];
        for edge in &self.edges {
            degree[edge.class(side) as usize] += 1;
        }
        if degree.iter().any(|degree| *degree > most) {
            self.edges.sort_unstable_by(|a, b| {
                a.class(side).cmp(&b.class(side)).then_with(|| a.rank(b)).then_with(|| a.key().cmp(&b.key()))
            });
            let mut rank_in_class = 0;
            let mut last = None;
            let [cut_left, cut_right] = &mut self.cut;
            self.edges.retain(|edge| {
                rank_in_class = if last == Some(edge.class(side)) { rank_in_class + 1 } else { 0 };
                last = Some(edge.class(side));
                if rank_in_class >= most {
                    cut_left[edge.left as usize] = true;
                    cut_right[edge.right as usize] = true;
                }
                rank_in_class < most
            });
        }
        if !self.edges.is_sorted_by_key(Candidate::key) {
            self.edges.sort_unstable_by_key(Candidate::key);
        }
    }
}
