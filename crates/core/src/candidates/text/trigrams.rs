//! The index for the cosine of trigrams.

use super::TextScratch;
use super::postings::{Postings, Ranks};
use crate::compare::similar::{Counted, squares, trigrams};
use crate::plan::Millionths;

/// Texts by their rarest trigrams, and all trigrams of each text.
#[derive(Debug)]
pub(super) struct TrigramIndex {
    at_least: Millionths,
    positions: Vec<u32>,
    /// The trigrams of text t, ascending by rank: `grams[starts[t]..starts[t + 1]]`.
    grams: Vec<Ranked>,
    starts: Vec<u32>,
    /// By text: the sum of the squared counts.
    squares: Vec<u64>,
    ranks: Ranks<u64>,
    postings: Postings,
}

/// A trigram's rank and how often it occurs.
type Ranked = (u32, u32);

/// A probed text.
struct Probe {
    /// The trigrams that some indexed text has, ascending by rank.
    grams: Vec<Ranked>,
    /// Of all its trigrams.
    squares: u64,
}

impl Probe {
    fn of(ranks: &Ranks<u64>, grams: &[Counted]) -> Self {
        let known = grams.iter().filter_map(|(gram, count)| Some((ranks.get(gram)?, *count)));
        let mut probe = Self { grams: known.collect(), squares: squares(grams) };
        probe.grams.sort_unstable();
        probe
    }

    /// The rarest trigrams, of which every alike text has one: the norm of the others is too small a part of the
    /// whole's to reach the threshold.
    fn rarest(&self, at_least: Millionths) -> impl Iterator<Item = u32> {
        let least = square_below(at_least) * u128::from(self.squares);
        let square = |count: u32| u128::from(count) * u128::from(count) * 1_000_000_000_000;
        let mut left: u128 = self.grams.iter().map(|(_, count)| square(*count)).sum();
        self.grams.iter().map_while(move |(rank, count)| {
            let is_needed = left >= least;
            left -= square(*count);
            is_needed.then_some(*rank)
        })
    }
}

impl TrigramIndex {
    pub(super) fn build(at_least: Millionths, texts: Vec<(u32, &str)>) -> Self {
        let counted: Vec<Vec<Counted>> = texts.iter().map(|(_, text)| trigrams(text)).collect();
        let ranks = Ranks::of(counted.iter().flatten().map(|(gram, _)| gram));
        let (mut grams, mut starts) = (Vec::new(), vec![0]);
        let mut prefixes = Vec::with_capacity(texts.len());
        for counted in &counted {
            let probe = Probe::of(&ranks, counted);
            prefixes.push(probe.rarest(at_least).collect::<Vec<u32>>());
            grams.extend_from_slice(&probe.grams);
            starts.push(u32::try_from(grams.len()).unwrap_or(u32::MAX));
        }
        Self {
            at_least,
            positions: texts.into_iter().map(|(position, _)| position).collect(),
            grams,
            starts,
            squares: counted.iter().map(|counted| squares(counted)).collect(),
            postings: Postings::of(ranks.len(), &prefixes),
            ranks,
        }
    }

    pub(super) fn candidates(&self, text: &str, scratch: &mut TextScratch, out: &mut Vec<u32>) -> u64 {
        let probe = Probe::of(&self.ranks, &trigrams(text));
        scratch.begin(self.positions.len());
        let mut counts = std::mem::take(&mut scratch.counts);
        if counts.len() < self.ranks.len() {
            counts.resize(self.ranks.len(), 0);
        }
        for (rank, count) in &probe.grams {
            counts[*rank as usize] = *count;
        }
        let mut work = 1;
        for rank in probe.rarest(self.at_least) {
            for text in self.postings.get(rank).iter().map(|text| *text as usize) {
                work += 1;
                if scratch.first(text) && self.is_possible(&counts, probe.squares, text) {
                    out.push(self.positions[text]);
                }
            }
        }
        for (rank, _) in &probe.grams {
            counts[*rank as usize] = 0;
        }
        scratch.counts = counts;
        work
    }

    /// Whether the cosine reaches the threshold less one millionth. `counts` are the probed text's, by rank.
    fn is_possible(&self, counts: &[u32], squares: u64, text: usize) -> bool {
        let grams = &self.grams[self.starts[text] as usize..self.starts[text + 1] as usize];
        let dot: u64 =
            grams.iter().map(|(rank, count)| u64::from(*count) * u64::from(counts[*rank as usize])).sum();
        let squares = u128::from(squares) * u128::from(self.squares[text]);
        // Below 2^12 trigrams: both sides are below 2^90.
        u128::from(dot) * u128::from(dot) * 1_000_000_000_000 >= square_below(self.at_least) * squares
    }

    pub(super) fn bytes(&self) -> usize {
        16 * self.positions.len()
            + size_of::<Ranked>() * self.grams.len()
            + self.ranks.bytes()
            + self.postings.bytes()
    }
}

/// The square of the threshold less one millionth: the measure's rounding must not cost a pair.
fn square_below(at_least: Millionths) -> u128 {
    let below = u128::from(at_least.saturating_sub(1));
    below * below
}
