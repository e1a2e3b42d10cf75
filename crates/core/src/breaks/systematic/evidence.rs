//! The pairs that show differences, and mergeable counts and samples over them.

use super::EXAMPLES_MAX;
use super::signs::{Sign, Values};
use crate::columns::{NO_ROW, Row};
use crate::limits::SYSTEMATIC_VALUES_MAX;
use crate::outcome::{Found, Pair, Span};
use crate::plan::{FieldIndex, Plan, Side};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Pairs that one thread looks at at a time.
const CHUNK: usize = 1 << 15;

/// The pairs of a run: what the passes made, and open records with their nearest ones.
pub(super) struct Evidence<'a> {
    made: &'a [Pair],
    near: Vec<(Row, Row)>,
    /// By pass and field: whether the pass joins on it, so that its pairs agree there.
    joined: Vec<Vec<bool>>,
}

/// How many pairs were looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Looked {
    /// Both records have a value.
    pub(super) compared: u64,
    /// The values differ.
    pub(super) differing: u64,
}

/// How many pairs show something, and the first of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) count: u64,
    examples: [(Row, Row); EXAMPLES_MAX],
}

/// What was counted.
pub(super) type Counts = BTreeMap<Sign, Seen>;

impl Default for Seen {
    fn default() -> Self {
        Self { count: 0, examples: [(NO_ROW, NO_ROW); EXAMPLES_MAX] }
    }
}

impl Seen {
    fn add(&mut self, pair: (Row, Row)) {
        self.count += 1;
        self.offer(pair);
    }

    fn offer(&mut self, pair: (Row, Row)) {
        if let Some(last) = self.examples.last_mut().filter(|last| pair < **last) {
            *last = pair;
            self.examples.sort_unstable();
        }
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        other.examples.iter().for_each(|pair| self.offer(*pair));
    }

    /// The pairs of the first records.
    pub(super) fn examples(&self) -> impl Iterator<Item = (Row, Row)> {
        self.examples.into_iter().filter(|(left, _)| *left != NO_ROW)
    }
}

/// Pairs of different values, chosen by their hash: the same ones whatever the order and the threads.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample {
    /// Values stay whose hash begins with so many zero bits: as few as leave [`SYSTEMATIC_VALUES_MAX`] of them.
    level: u32,
    held: HashMap<u64, ((Row, Row), u64), FixedState>,
}

impl Sample {
    fn add(&mut self, hash: u64, pair: (Row, Row), count: u64) {
        if hash.leading_zeros() < self.level {
            return;
        }
        let held = self.held.entry(hash).or_insert((pair, 0));
        held.0 = held.0.min(pair);
        held.1 += count;
        while self.held.len() > SYSTEMATIC_VALUES_MAX {
            self.level += 1;
            let level = self.level;
            self.held.retain(|hash, _| hash.leading_zeros() >= level);
        }
    }

    fn merge(mut self, other: Self) -> Self {
        if other.held.len() > self.held.len() {
            return other.merge(self);
        }
        self.level = self.level.max(other.level);
        let level = self.level;
        self.held.retain(|hash, _| hash.leading_zeros() >= level);
        let mut others: Vec<_> = other.held.into_iter().collect();
        others.sort_unstable();
        for (hash, (pair, count)) in others {
            self.add(hash, pair, count);
        }
        self
    }

    /// A pair per pair of values, with how many pairs have them; in the order of their hashes.
    pub(super) fn pairs(&self) -> impl Iterator<Item = ((Row, Row), u64)> {
        let mut all: Vec<_> = self.held.iter().map(|(hash, held)| (*hash, *held)).collect();
        all.sort_unstable();
        all.into_iter().map(|(_, held)| held)
    }
}

impl<'a> Evidence<'a> {
    pub(super) fn of(plan: &Plan, found: &'a Found) -> Self {
        let joins = |pass: &crate::plan::PassPlan| {
            let on = |field: FieldIndex| pass.key.iter().any(|key| key.left == field && key.right == field);
            (0..plan.fields.len()).map(on).collect()
        };
        Self {
            made: &found.pairs,
            near: near_pairs(plan, found),
            joined: plan.passes.iter().map(joins).collect(),
        }
    }

    /// The pairs in stretches; a pass's own pairs come with its number.
    fn stretches(&self) -> impl ParallelIterator<Item = Stretch<'_>> {
        let made = self.made.par_chunks(CHUNK).map(Stretch::Made);
        made.chain(self.near.par_chunks(CHUNK).map(Stretch::Near))
    }

    /// Counts the pairs that differ in a field and samples their values.
    pub(super) fn sample(&self, field: FieldIndex, values: &Values<'_>) -> (Looked, Sample) {
        let look = |stretch: Stretch<'_>| {
            let mut looked = Looked::default();
            let mut differing = Vec::new();
            stretch.each(|pair, pass| {
                if pass.is_some_and(|pass| self.joined[usize::from(pass)][field]) {
                    looked.compared += 1;
                } else if let Some(differs) = values.differ(pair) {
                    looked.compared += 1;
                    if differs {
                        looked.differing += 1;
                        differing.push(pair);
                    }
                }
            });
            let mut sample = Sample::default();
            for (hash, pair) in values.hashes(&differing).into_iter().zip(differing) {
                sample.add(hash, pair, 1);
            }
            (looked, sample)
        };
        let merge = |one: (Looked, Sample), other: (Looked, Sample)| {
            let compared = one.0.compared + other.0.compared;
            let differing = one.0.differing + other.0.differing;
            (Looked { compared, differing }, one.1.merge(other.1))
        };
        self.stretches().map(look).reduce(Default::default, merge)
    }

    /// Counts exactly what is suspected.
    pub(super) fn count(&self, field: FieldIndex, values: &Values<'_>, suspects: &[Sign]) -> Counts {
        let formulas: Vec<Sign> =
            suspects.iter().copied().filter(|sign| matches!(sign, Sign::Formula(_))).collect();
        let count = |stretch: Stretch<'_>| {
            let mut counts: Counts = suspects.iter().map(|sign| (*sign, Seen::default())).collect();
            let mut signs = Vec::new();
            stretch.each(|pair, pass| {
                if pass.is_some_and(|pass| self.joined[usize::from(pass)][field])
                    || values.differ(pair) != Some(true)
                {
                    return;
                }
                signs.clear();
                values.signs(pair, &mut signs);
                signs.extend(formulas.iter().copied().find(|formula| values.explains(formula, pair)));
                for sign in &signs {
                    if let Some(seen) = counts.get_mut(sign) {
                        seen.add(pair);
                    }
                }
            });
            counts
        };
        let merge = |mut one: Counts, other: Counts| {
            for (sign, seen) in other {
                one.entry(sign).or_default().merge(&seen);
            }
            one
        };
        self.stretches().map(count).reduce(Counts::new, merge)
    }
}

enum Stretch<'a> {
    Made(&'a [Pair]),
    Near(&'a [(Row, Row)]),
}

impl Stretch<'_> {
    /// Tells of each pair across the sources, with the pass that made it.
    fn each(&self, mut tell: impl FnMut((Row, Row), Option<u16>)) {
        match self {
            Self::Made(pairs) => {
                for pair in pairs.iter().filter(|pair| pair.span == Span::Across) {
                    tell((pair.left, pair.right), Some(pair.pass));
                }
            }
            Self::Near(pairs) => pairs.iter().for_each(|pair| tell(*pair, None)),
        }
    }
}

/// Open records and their nearest ones of the other side, each pair once, in order.
fn near_pairs(plan: &Plan, found: &Found) -> Vec<(Row, Row)> {
    let mut all = Vec::new();
    for side in Side::BOTH {
        for open in &found.breaks[side.index()] {
            if open.lacks.is_none() || open.nearest == NO_ROW || open.nearest_side(plan, side) == side {
                continue;
            }
            all.push(match side {
                Side::Left => (open.row, open.nearest),
                Side::Right => (open.nearest, open.row),
            });
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}
