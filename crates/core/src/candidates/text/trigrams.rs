//! The index for the cosine of trigrams.

use super::TextScratch;
use super::postings::{Postings, Ranks};
use crate::compare::similar::{Counted, squares, trigrams};
use crate::plan::Millionths;

/// Texts by their rarest trigrams.
#[derive(Debug)]
pub(super) struct TrigramIndex {
    at_least: Millionths,
    positions: Vec<u32>,
    shapes: Vec<Shape>,
    ranks: Ranks<u64>,
    postings: Postings,
}

/// What bounds the cosine of a text with any other.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// Trigrams, with repeats.
    total: u32,
    /// The most repeats of one.
    most: u32,
    /// Sum of the squared counts.
    squares: u64,
}

impl Shape {
    fn of(grams: &[Counted]) -> Self {
        Self {
            total: grams.iter().map(|(_, count)| count).sum(),
            most: grams.iter().map(|(_, count)| *count).max().unwrap_or(0),
            squares: squares(grams),
        }
    }

    /// Whether the cosine can reach the threshold: Σ a b ≤ max a × Σ b, and the same the other way round.
    fn allows(self, other: Self, at_least: Millionths) -> bool {
        let product = |most: u32, total: u32| u128::from(most) * u128::from(total);
        let dot = product(self.most, other.total).min(product(other.most, self.total));
        let squares = u128::from(self.squares) * u128::from(other.squares);
        // Below 2^12 trigrams: dot² × 10^12 and squares × 10^12 are below 2^90.
        dot * dot * 1_000_000_000_000 >= square_below(at_least) * squares
    }
}

/// The square of the threshold less one millionth: the measure's rounding must not cost a pair.
fn square_below(at_least: Millionths) -> u128 {
    let below = u128::from(at_least.saturating_sub(1));
    below * below
}

impl TrigramIndex {
    pub(super) fn build(at_least: Millionths, texts: Vec<(u32, &str)>) -> Self {
        let grams: Vec<Vec<Counted>> = texts.iter().map(|(_, text)| trigrams(text)).collect();
        let ranks = Ranks::of(grams.iter().flatten().map(|(gram, _)| gram));
        let mut prefixes = vec![Vec::new(); texts.len()];
        for (prefix, grams) in prefixes.iter_mut().zip(&grams) {
            rank_prefix(&ranks, grams, at_least, prefix);
        }
        Self {
            at_least,
            positions: texts.into_iter().map(|(position, _)| position).collect(),
            shapes: grams.iter().map(|grams| Shape::of(grams)).collect(),
            postings: Postings::of(ranks.len(), &prefixes),
            ranks,
        }
    }

    pub(super) fn candidates(&self, text: &str, scratch: &mut TextScratch, out: &mut Vec<u32>) -> u64 {
        let grams = trigrams(text);
        let shape = Shape::of(&grams);
        let mut ranks = std::mem::take(&mut scratch.ranks);
        rank_prefix(&self.ranks, &grams, self.at_least, &mut ranks);
        scratch.begin(self.positions.len());
        let mut work = 1;
        for text in ranks.iter().flat_map(|rank| self.postings.get(*rank)) {
            work += 1;
            if scratch.first(*text as usize) && shape.allows(self.shapes[*text as usize], self.at_least) {
                out.push(self.positions[*text as usize]);
            }
        }
        scratch.ranks = ranks;
        work
    }

    pub(super) fn bytes(&self) -> usize {
        self.positions.len() * (4 + size_of::<Shape>()) + self.ranks.bytes() + self.postings.bytes()
    }
}

/// Replaces `out` by the ranks of the rarest trigrams of a text, of which every alike text has one: the norm of the
/// others is too small a part of the whole's to reach the threshold.
fn rank_prefix(ranks: &Ranks<u64>, grams: &[Counted], at_least: Millionths, out: &mut Vec<u32>) {
    let mut known: Vec<(u32, u32)> =
        grams.iter().filter_map(|(gram, count)| Some((ranks.get(gram)?, *count))).collect();
    known.sort_unstable();
    let least = square_below(at_least) * u128::from(squares(grams));
    let square = |count: u32| u128::from(count) * u128::from(count) * 1_000_000_000_000;
    let mut left: u128 = known.iter().map(|(_, count)| square(*count)).sum();
    out.clear();
    for (rank, count) in known {
        if left < least {
            break;
        }
        out.push(rank);
        left -= square(count);
    }
}
