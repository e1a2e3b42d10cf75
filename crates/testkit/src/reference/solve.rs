//! A component's optimal answers by trying everything: dynamic programming over sets of right records.

use arrow_buffer::i256;
use std::collections::{BTreeMap, BTreeSet};

/// A candidate between two records of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) score: u32,
    pub(super) gain: u32,
    pub(super) variance: i256,
    pub(super) days: i64,
}

/// A component: candidates by (left, right) position, and the twin class of each position.
pub(super) struct Component {
    pub(super) candidates: BTreeMap<(usize, usize), Candidate>,
    pub(super) left_classes: Vec<usize>,
    pub(super) right_classes: Vec<usize>,
}

/// What an answer is worth: greater is better, field by field. The last ranks by pairs between two classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Worth {
    pub(super) gain: i64,
    pub(super) less_variance: i256,
    pub(super) less_days: i64,
    pairs: i64,
}

impl Worth {
    const ZERO: Self = Self { gain: 0, less_variance: i256::ZERO, less_days: 0, pairs: 0 };

    pub(super) fn plus(self, candidate: &Candidate, pairs: i64) -> Self {
        Self {
            gain: self.gain + i64::from(candidate.gain),
            less_variance: self.less_variance - candidate.variance,
            less_days: self.less_days - candidate.days,
            pairs: self.pairs + pairs,
        }
    }

    pub(super) fn of(candidates: impl Iterator<Item = Candidate>) -> Self {
        candidates.fold(Self::ZERO, |worth, candidate| worth.plus(&candidate, 0))
    }
}

/// Pairs between a left and a right class.
pub(super) type ClassPair = (usize, usize);

/// A flow between two classes over all optimal answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) least: usize,
    pub(super) most: usize,
}

/// By (right records used, ruled pairs made): the best worth, and the choice that led there.
type Layer = BTreeMap<(u64, usize), (Worth, Option<usize>)>;

#[derive(Clone, Copy)]
struct Rule {
    class_pair: ClassPair,
    /// What a pair between the two classes adds to [`Worth::pairs`].
    adds: i64,
    /// How many such pairs there may be.
    most: usize,
}

impl Component {
    /// The greatest worth, and the pairs of one answer that has it.
    pub(super) fn optimum(&self) -> (Worth, Vec<(usize, usize)>) {
        self.best(Rule { class_pair: (usize::MAX, usize::MAX), adds: 0, most: 0 })
    }

    /// The least and the most pairs that optimal answers make between every two classes with a candidate.
    pub(super) fn bounds(&self) -> BTreeMap<ClassPair, Bounds> {
        let every = self.candidates.len();
        self.class_pairs()
            .map(|class_pair| {
                let most = self.best(Rule { class_pair, adds: 1, most: every }).0.pairs;
                let least = -self.best(Rule { class_pair, adds: -1, most: every }).0.pairs;
                let count = |pairs: i64| usize::try_from(pairs).unwrap_or(usize::MAX);
                (class_pair, Bounds { least: count(least), most: count(most) })
            })
            .collect()
    }

    /// Gain lost if fewer than `made` pairs were made between two classes.
    pub(super) fn regret(&self, class_pair: ClassPair, made: usize) -> u32 {
        let free = self.optimum().0.gain;
        let forced = self.best(Rule { class_pair, adds: 0, most: made.saturating_sub(1) }).0.gain;
        u32::try_from(free - forced).unwrap_or(u32::MAX)
    }

    fn class_pairs(&self) -> impl Iterator<Item = ClassPair> {
        let pairs: BTreeSet<ClassPair> =
            self.candidates.keys().map(|(left, right)| self.class_pair(*left, *right)).collect();
        pairs.into_iter()
    }

    /// Whether one of two classes has more than one record here.
    pub(super) fn has_twins(&self, (left, right): ClassPair) -> bool {
        let many =
            |classes: &[usize], class: usize| classes.iter().filter(|other| **other == class).count() > 1;
        many(&self.left_classes, left) || many(&self.right_classes, right)
    }

    pub(super) fn class_pair(&self, left: usize, right: usize) -> ClassPair {
        (self.left_classes[left], self.right_classes[right])
    }

    /// Best answer under a rule, one left record after the other.
    fn best(&self, rule: Rule) -> (Worth, Vec<(usize, usize)>) {
        let mut layers: Vec<Layer> = vec![BTreeMap::from([((0, 0), (Worth::ZERO, None))])];
        for left in 0..self.left_classes.len() {
            let mut next = Layer::new();
            for (&(used, made), &(worth, _)) in &layers[left] {
                let mut offer = |key, worth, choice| {
                    let entry = next.entry(key).or_insert((worth, choice));
                    if worth > entry.0 {
                        *entry = (worth, choice);
                    }
                };
                offer((used, made), worth, None);
                for (&(_, right), candidate) in self.candidates.range((left, 0)..(left + 1, 0)) {
                    let ruled = self.class_pair(left, right) == rule.class_pair;
                    let made = made + usize::from(ruled);
                    if used & (1 << right) != 0 || (ruled && made > rule.most) {
                        continue;
                    }
                    let adds = if ruled { rule.adds } else { 0 };
                    offer((used | 1 << right, made), worth.plus(candidate, adds), Some(right));
                }
            }
            layers.push(next);
        }
        self.walk_back(&layers, rule)
    }

    fn walk_back(&self, layers: &[Layer], rule: Rule) -> (Worth, Vec<(usize, usize)>) {
        let last = layers.len() - 1;
        let best = layers[last].iter().max_by_key(|(_, (worth, _))| *worth);
        let Some((&key, &(worth, _))) = best else { return (Worth::ZERO, Vec::new()) };
        let (mut key, mut pairs) = (key, Vec::new());
        for left in (0..last).rev() {
            if let Some(right) = layers[left + 1][&key].1 {
                pairs.push((left, right));
                let ruled = self.class_pair(left, right) == rule.class_pair;
                key = (key.0 & !(1 << right), key.1 - usize::from(ruled));
            }
        }
        pairs.reverse();
        (worth, pairs)
    }
}
