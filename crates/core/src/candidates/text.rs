//! Candidates of a `similar` condition: an index that never loses a pair that is alike enough.
//!
//! Every measure has features (words, trigrams, pairs of characters, characters with their counts) of which two
//! alike texts must share a least number. Features are ordered by rarity; a pair that shares enough must share one
//! among the first few of each text, so only those are looked up (the prefix filter: Bayardo, Ma, Srikant, "Scaling
//! up all pairs similarity search", 2007; Xiao et al., "Efficient similarity joins for near duplicate detection",
//! 2008). What is left is held against the lengths and the counts of characters. Bounds are integers and err on
//! the side of keeping; the condition itself decides.
//!
//! | measure | features | least overlap of texts with n and m features, t = threshold |
//! | --- | --- | --- |
//! | `token_jaccard` | words | t (n + m) / (1 + t) |
//! | `token_set` | words by length | t n / (2 − t) of either text, or the bound of `ratio` |
//! | `trigram` | trigrams by count | the rest's norm reaches t of the whole's |
//! | `levenshtein`, `osa` | characters; pairs of characters | t max(n, m); max(n, m) − 1 − 2 or 3 per edit |
//! | `ratio`, `token_sort` | characters; pairs of characters | t (n + m) / 2; 3 t (n + m) / 2 − n − m − 1 |
//! | `jaro_winkler` | characters | what lifts Jaro to the threshold, given the common beginning |

mod bag;
mod bounds;
mod edits;
mod postings;
mod trigrams;
mod words;

#[cfg(test)]
mod tests;

use crate::compare::similar::{head, sorted_words_joined, word_set};
use crate::plan::Millionths;
use crate::spec::Measure;
use bounds::Edit;
use edits::EditIndex;
use std::borrow::Cow;
use trigrams::TrigramIndex;
use words::{JaccardIndex, SetIndex};

/// Texts of one side, indexed for a measure and a threshold.
#[derive(Debug)]
pub struct TextIndex {
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// Everything is alike enough.
    All(Vec<u32>),
    Edits(EditIndex, Canon),
    Jaccard(JaccardIndex),
    Set(SetIndex),
    Trigrams(TrigramIndex),
}

/// The form of a text that a measure by edits looks at.
#[derive(Debug, Clone, Copy)]
enum Canon {
    AsIs,
    SortedWords,
}

impl Canon {
    fn of(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::AsIs => Cow::Borrowed(head(text)),
            Self::SortedWords => Cow::Owned(sorted_words_joined(head(text))),
        }
    }
}

/// What a probe reuses from one text to the next, of one index or of many. One per thread.
#[derive(Debug, Default)]
pub struct TextScratch {
    /// By text: the last probe that saw it.
    seen: Vec<u32>,
    probe: u32,
    /// Features of the probed text, by rank.
    ranks: Vec<u32>,
    /// Counts of the probed text's features by rank; zeros between probes.
    counts: Vec<u32>,
    /// Least overlaps by length, as far as they are known.
    needs: Vec<bounds::Needs>,
}

impl TextScratch {
    /// A new probe of an index of `texts` texts: nothing has been seen.
    fn begin(&mut self, texts: usize) {
        if self.seen.len() < texts {
            self.seen.resize(texts, 0);
        }
        if self.probe == u32::MAX {
            self.seen.fill(0);
            self.probe = 0;
        }
        self.probe += 1;
    }

    /// Whether a text is seen for the first time in this probe.
    #[inline]
    fn first(&mut self, text: usize) -> bool {
        let seen = &mut self.seen[text];
        let first = *seen != self.probe;
        *seen = self.probe;
        first
    }
}

impl TextIndex {
    /// Indexes the texts of one side; nulls are never candidates. Equal texts may stand at several positions, but
    /// cost less when they stand at one. O(characters), and sorting.
    ///
    /// ```
    /// use recon378_core::candidates::text::{TextIndex, TextScratch};
    /// use recon378_core::spec::Measure;
    /// let texts = [Some("ACME GmbH"), None, Some("Globex AG"), Some("ACME Gmbh")];
    /// let index = TextIndex::build(Measure::Levenshtein, 800_000, &texts);
    /// let mut out = Vec::new();
    /// index.candidates("ACME GmbH", &mut TextScratch::default(), &mut out);
    /// assert_eq!(out, [0, 3]);
    /// ```
    #[must_use]
    pub fn build(measure: Measure, at_least: Millionths, texts: &[Option<&str>]) -> Self {
        let present = (0_u32..).zip(texts).filter_map(|(position, text)| Some((position, (*text)?)));
        let edits = |edit, canon: Canon| {
            let texts = present.clone().map(|(position, text)| (position, canon.of(text))).collect();
            Form::Edits(EditIndex::build(edit, at_least, texts), canon)
        };
        let sets = || -> Vec<_> {
            present.clone().map(|(position, text)| (position, word_set(head(text)))).collect()
        };
        let form = match measure {
            _ if at_least == 0 => Form::All(present.map(|(position, _)| position).collect()),
            Measure::JaroWinkler => edits(Edit::JaroWinkler, Canon::AsIs),
            Measure::Levenshtein => edits(Edit::Levenshtein, Canon::AsIs),
            Measure::Osa => edits(Edit::Osa, Canon::AsIs),
            Measure::Ratio => edits(Edit::Ratio, Canon::AsIs),
            Measure::TokenSort => edits(Edit::Ratio, Canon::SortedWords),
            Measure::TokenJaccard => Form::Jaccard(JaccardIndex::build(at_least, sets())),
            Measure::TokenSet => Form::Set(SetIndex::build(at_least, &sets())),
            Measure::Trigram => {
                let texts = present.map(|(position, text)| (position, head(text))).collect();
                Form::Trigrams(TrigramIndex::build(at_least, texts))
            }
        };
        Self { form }
    }

    /// Replaces `out` by the positions of all texts that may be alike enough, ascending and without repeats: every
    /// one that is, and a few that aren't. Returns the work done: entries visited and bounds tested.
    pub fn candidates(&self, text: &str, scratch: &mut TextScratch, out: &mut Vec<u32>) -> u64 {
        out.clear();
        let work = match &self.form {
            Form::All(positions) => {
                out.extend_from_slice(positions);
                positions.len() as u64
            }
            Form::Edits(index, canon) => index.candidates(&canon.of(text), scratch, out),
            Form::Jaccard(index) => index.candidates(&word_set(head(text)), scratch, out),
            Form::Set(index) => index.candidates(&word_set(head(text)), scratch, out),
            Form::Trigrams(index) => index.candidates(head(text), scratch, out),
        };
        out.sort_unstable();
        out.dedup();
        work
    }

    /// Bytes the index holds, about.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let bytes = match &self.form {
            Form::All(positions) => 4 * positions.len(),
            Form::Edits(index, _) => index.bytes(),
            Form::Jaccard(index) => index.bytes(),
            Form::Set(index) => index.bytes(),
            Form::Trigrams(index) => index.bytes(),
        };
        bytes as u64
    }
}
