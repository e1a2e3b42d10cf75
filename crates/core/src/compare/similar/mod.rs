//! Texts that are alike: measures from a crate and our own behind one trait.
//!
//! Every measure is symmetric bit for bit and works on characters, not bytes. Only the first
//! [`SIMILAR_CHARS_MAX`] characters of a text take part, so that a cell of megabytes costs no more than a long line.

mod edits;
mod tokens;
mod trigrams;

pub use edits::{JaroWinkler, Levenshtein, Osa, Ratio};
pub use tokens::{TokenJaccard, TokenSet, TokenSort};

pub(crate) use tokens::{sorted_words_joined, word_set};
pub use trigrams::Trigram;
pub(crate) use trigrams::{Counted, squares, trigrams};

use super::{Grade, texts};
use crate::columns::{Column, Row, TextColumn};
use crate::error::Result;
use crate::limits::SIMILAR_CHARS_MAX;
use crate::plan::{Millionths, ONE};
use crate::spec::Measure;

/// A measure of likeness of texts. `between(a, b) == between(b, a)`, and equal texts are 1.
pub trait Similarity {
    /// A text readied for comparison with many others.
    type Prepared<'a>;

    /// Readies a text.
    fn prepare(text: &str) -> Self::Prepared<'_>;

    /// The likeness of a readied text and another, in millionths: the same as [`Similarity::between`].
    fn against(prepared: &Self::Prepared<'_>, other: &str) -> Millionths;

    /// The likeness of two texts, in millionths.
    #[must_use]
    fn between(left: &str, right: &str) -> Millionths {
        Self::against(&Self::prepare(left), right)
    }
}

/// Runs `$body` with `$M` as the measure's type: decided once, outside of the loop.
macro_rules! with_measure {
    ($measure:expr, $M:ident => $body:expr) => {
        match $measure {
            Measure::JaroWinkler => {
                type $M = JaroWinkler;
                $body
            }
            Measure::Levenshtein => {
                type $M = Levenshtein;
                $body
            }
            Measure::Osa => {
                type $M = Osa;
                $body
            }
            Measure::Ratio => {
                type $M = Ratio;
                $body
            }
            Measure::TokenSort => {
                type $M = TokenSort;
                $body
            }
            Measure::TokenSet => {
                type $M = TokenSet;
                $body
            }
            Measure::TokenJaccard => {
                type $M = TokenJaccard;
                $body
            }
            Measure::Trigram => {
                type $M = Trigram;
                $body
            }
        }
    };
}

/// The likeness of two texts, in millionths.
///
/// ```
/// use recon378_core::compare::similarity;
/// use recon378_core::spec::Measure;
/// assert_eq!(similarity(Measure::Levenshtein, "kitten", "sitting"), 571_429); // 1 − 3/7
/// assert_eq!(similarity(Measure::TokenSort, "ACME GmbH", "GmbH ACME"), 1_000_000);
/// ```
#[must_use]
pub fn similarity(measure: Measure, left: &str, right: &str) -> Millionths {
    with_measure!(measure, M => between::<M>(head(left), head(right)))
}

/// The part of a text that measures look at.
#[inline]
pub(crate) fn head(text: &str) -> &str {
    if text.len() <= SIMILAR_CHARS_MAX {
        return text;
    }
    text.char_indices().nth(SIMILAR_CHARS_MAX).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[inline]
fn between<M: Similarity>(left: &str, right: &str) -> Millionths {
    if left == right { ONE } else { M::between(left, right) }
}

/// Whether two texts are alike, at least so much; the grade is the likeness.
#[derive(Debug, Clone)]
pub struct Similar {
    columns: Option<(TextColumn, TextColumn)>,
    measure: Measure,
    at_least: Millionths,
}

impl Similar {
    pub(super) fn bind(
        measure: Measure,
        at_least: Millionths,
        left: &Column,
        right: &Column,
    ) -> Result<Self> {
        Ok(Self { columns: texts(left, right)?, measure, at_least })
    }

    /// What the condition says of one candidate.
    #[must_use]
    pub fn grade(&self, left: Row, right: Row) -> Grade {
        let Some((lefts, rights)) = &self.columns else { return Grade::Null };
        match (lefts.get(left), rights.get(right)) {
            (Some(left), Some(right)) => self.graded(similarity(self.measure, left, right)),
            _ => Grade::Null,
        }
    }

    /// How alike the texts are; `None` where one is null.
    pub(super) fn measured(&self, left: Row, right: Row) -> Option<Millionths> {
        let (lefts, rights) = self.columns.as_ref()?;
        Some(similarity(self.measure, lefts.get(left)?, rights.get(right)?))
    }

    /// Appends what the condition says of each candidate. A text that the candidates of a run share, on either side,
    /// is readied once.
    pub(super) fn grade_many(&self, pairs: &[(Row, Row)], out: &mut Vec<Grade>) {
        let Some((lefts, rights)) = &self.columns else {
            out.resize(out.len() + pairs.len(), Grade::Null);
            return;
        };
        let mut rest = pairs;
        with_measure!(self.measure, M => {
            while let Some(first) = rest.first() {
                let of_left = rest.iter().take_while(|pair| pair.0 == first.0).count();
                let of_right = rest.iter().take_while(|pair| pair.1 == first.1).count();
                let (run, after) = rest.split_at(of_left.max(of_right));
                rest = after;
                if of_left >= of_right {
                    let others = run.iter().map(|(_, right)| rights.get(*right));
                    self.grade_run::<M>(lefts.get(first.0), others, out);
                } else {
                    let others = run.iter().map(|(left, _)| lefts.get(*left));
                    self.grade_run::<M>(rights.get(first.1), others, out);
                }
            }
        });
    }

    /// Candidates of one record: likeness doesn't depend on which side it is of.
    #[expect(single_use_lifetimes, reason = "a lifetime inside impl Trait can't be left out")]
    fn grade_run<'a, M: Similarity>(
        &self,
        shared: Option<&str>,
        others: impl ExactSizeIterator<Item = Option<&'a str>>,
        out: &mut Vec<Grade>,
    ) {
        let Some(shared) = shared.map(head) else {
            out.resize(out.len() + others.len(), Grade::Null);
            return;
        };
        if others.len() == 1 {
            out.extend(others.map(|other| {
                other.map_or(Grade::Null, |other| self.graded(between::<M>(shared, head(other))))
            }));
            return;
        }
        let prepared = M::prepare(shared);
        out.extend(others.map(|other| match other.map(head) {
            None => Grade::Null,
            Some(other) if other == shared => self.graded(ONE),
            Some(other) => self.graded(M::against(&prepared, other)),
        }));
    }

    #[inline]
    fn graded(&self, likeness: Millionths) -> Grade {
        if likeness >= self.at_least { Grade::Holds(likeness) } else { Grade::Fails }
    }
}

#[cfg(test)]
mod tests;
