//! The indexes for measures by sets of words.

use super::TextScratch;
use super::bounds::{Edit, doubled, least_common, least_part};
use super::edits::EditIndex;
use super::postings::{Postings, Ranks};
use crate::plan::{Millionths, ONE};
use std::borrow::Cow;

/// Texts by their rarest words, for common words / all words.
#[derive(Debug)]
pub(super) struct JaccardIndex {
    at_least: Millionths,
    positions: Vec<u32>,
    /// Words of each text.
    sizes: Vec<u32>,
    ranks: Ranks<Box<str>>,
    postings: Postings,
    /// Texts without a word: alike only to each other.
    empty: Vec<u32>,
}

impl JaccardIndex {
    pub(super) fn build(at_least: Millionths, texts: Vec<Words<'_>>) -> Self {
        let (texts, empty) = split_empty(texts);
        let ranks = rank_words(&texts);
        let mut prefixes = vec![Vec::new(); texts.len()];
        for (prefix, (_, words)) in prefixes.iter_mut().zip(&texts) {
            rank_prefix(&ranks, words, at_least, prefix);
        }
        Self {
            at_least,
            positions: texts.iter().map(|(position, _)| *position).collect(),
            sizes: texts.iter().map(|(_, words)| u32::try_from(words.len()).unwrap_or(u32::MAX)).collect(),
            postings: Postings::of(ranks.len(), &prefixes),
            ranks,
            empty,
        }
    }

    pub(super) fn candidates(&self, words: &[&str], scratch: &mut TextScratch, out: &mut Vec<u32>) -> u64 {
        if words.is_empty() {
            out.extend_from_slice(&self.empty);
            return self.empty.len() as u64;
        }
        let mut ranks = std::mem::take(&mut scratch.ranks);
        rank_prefix(&self.ranks, words, self.at_least, &mut ranks);
        scratch.begin(self.positions.len());
        let mut work = 1;
        for text in ranks.iter().flat_map(|rank| self.postings.get(*rank)) {
            work += 1;
            if scratch.first(*text as usize) && self.sizes_allow(words.len(), *text) {
                out.push(self.positions[*text as usize]);
            }
        }
        scratch.ranks = ranks;
        work
    }

    /// The smaller set must cover the threshold's part of the larger.
    fn sizes_allow(&self, words: usize, text: u32) -> bool {
        let (own, other) = (words as u64, u64::from(self.sizes[text as usize]));
        2 * u64::from(ONE) * own.min(other) >= doubled(self.at_least) * own.max(other)
    }

    pub(super) fn bytes(&self) -> usize {
        8 * self.positions.len() + self.ranks.bytes() + self.postings.bytes()
    }
}

/// Replaces `out` by the ranks of the rarest words, of which every alike text has one: at least the threshold's part
/// of a text's words are common words.
fn rank_prefix(ranks: &Ranks<Box<str>>, words: &[&str], at_least: Millionths, out: &mut Vec<u32>) {
    out.clear();
    out.extend(words.iter().filter_map(|word| ranks.get(*word)));
    out.sort_unstable();
    let unknown = words.len() - out.len();
    let least = usize::try_from(least_part(at_least, words.len() as u64)).unwrap_or(usize::MAX).max(1);
    out.truncate((words.len() + 1).saturating_sub(least).saturating_sub(unknown));
}

/// Texts for the ratio of common words. Alike texts share words that make up enough of one of them, or are alike as
/// wholes under [`Edit::RatioOfRests`].
#[derive(Debug)]
pub(super) struct SetIndex {
    at_least: Millionths,
    positions: Vec<u32>,
    ranks: Ranks<Box<str>>,
    /// Texts by all their words: for common words that make up enough of the probed text.
    all: Postings,
    /// Texts by their rarest words: for common words that make up enough of the indexed text.
    rarest: Postings,
    wholes: EditIndex,
}

impl SetIndex {
    pub(super) fn build(at_least: Millionths, texts: &[Words<'_>]) -> Self {
        let ranks = rank_words(texts);
        let mut all = vec![Vec::new(); texts.len()];
        let mut rarest = vec![Vec::new(); texts.len()];
        for ((all, rarest), (_, words)) in all.iter_mut().zip(&mut rarest).zip(texts) {
            all.extend(words.iter().filter_map(|word| ranks.get(*word)));
            weighed_prefix(&ranks, words, at_least, rarest);
        }
        let wholes = texts.iter().map(|(position, words)| (*position, Cow::Owned(words.join(" ")))).collect();
        Self {
            at_least,
            positions: texts.iter().map(|(position, _)| *position).collect(),
            all: Postings::of(ranks.len(), &all),
            rarest: Postings::of(ranks.len(), &rarest),
            ranks,
            wholes: EditIndex::build(Edit::RatioOfRests, at_least, wholes),
        }
    }

    pub(super) fn candidates(&self, words: &[&str], scratch: &mut TextScratch, out: &mut Vec<u32>) -> u64 {
        let mut work = self.wholes.candidates(&words.join(" "), scratch, out);
        let mut ranks = std::mem::take(&mut scratch.ranks);
        scratch.begin(self.positions.len());
        weighed_prefix(&self.ranks, words, self.at_least, &mut ranks);
        let own_rarest = ranks.iter().flat_map(|rank| self.all.get(*rank));
        let theirs = words.iter().filter_map(|word| self.ranks.get(*word));
        for text in own_rarest.chain(theirs.flat_map(|rank| self.rarest.get(rank))) {
            work += 1;
            if scratch.first(*text as usize) {
                out.push(self.positions[*text as usize]);
            }
        }
        scratch.ranks = ranks;
        work
    }

    pub(super) fn bytes(&self) -> usize {
        4 * self.positions.len()
            + self.ranks.bytes()
            + self.all.bytes()
            + self.rarest.bytes()
            + self.wholes.bytes()
    }
}

/// Replaces `out` by the ranks of the rarest words of a text, of which every other has one that shares words making
/// up enough of this text: without them, what is left is too short. A word weighs its length and the space after it.
fn weighed_prefix(ranks: &Ranks<Box<str>>, words: &[&str], at_least: Millionths, out: &mut Vec<u32>) {
    let weight = |word: &str| word.chars().count() as u64 + 1;
    let total: u64 = words.iter().map(|word| weight(word)).sum();
    let least = least_common(at_least, total.saturating_sub(1)) + 1;
    let mut known: Vec<(u32, u64)> =
        words.iter().filter_map(|word| Some((ranks.get(*word)?, weight(word)))).collect();
    known.sort_unstable();
    let mut left: u64 = known.iter().map(|(_, weight)| weight).sum();
    out.clear();
    for (rank, weight) in known {
        if left < least {
            break;
        }
        out.push(rank);
        left -= weight;
    }
}

type Words<'a> = (u32, Vec<&'a str>);

fn rank_words(texts: &[Words<'_>]) -> Ranks<Box<str>> {
    let words: Vec<Box<str>> =
        texts.iter().flat_map(|(_, words)| words).map(|word| Box::from(*word)).collect();
    Ranks::of(words.iter())
}

fn split_empty(texts: Vec<Words<'_>>) -> (Vec<Words<'_>>, Vec<u32>) {
    let (empty, texts): (Vec<_>, Vec<_>) = texts.into_iter().partition(|(_, words)| words.is_empty());
    (texts, empty.into_iter().map(|(position, _)| position).collect())
}
