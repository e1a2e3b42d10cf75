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

    /// Appends what the condition says of each candidate. A left text is readied once per run of candidates.
    pub(super) fn grade_many(&self, pairs: &[(Row, Row)], out: &mut Vec<Grade>) {
        let Some((lefts, rights)) = &self.columns else {
            out.resize(out.len() + pairs.len(), Grade::Null);
            return;
        };
        with_measure!(self.measure, M => {
            for run in pairs.chunk_by(|(a, _), (b, _)| a == b) {
                self.grade_run::<M>(lefts, rights, run, out);
            }
        });
    }

    /// Candidates of one left record.
    fn grade_run<M: Similarity>(
        &self,
        lefts: &TextColumn,
        rights: &TextColumn,
        run: &[(Row, Row)],
        out: &mut Vec<Grade>,
    ) {
        let Some(left) = run.first().and_then(|(left, _)| lefts.get(*left)).map(head) else {
            out.resize(out.len() + run.len(), Grade::Null);
            return;
        };
        let others = run.iter().map(|(_, right)| rights.get(*right).map(head));
        if run.len() == 1 {
            out.extend(
                others.map(|other| other.map_or(Grade::Null, |right| self.graded(between::<M>(left, right)))),
            );
        } else {
            let prepared = M::prepare(left);
            out.extend(others.map(|other| match other {
                None => Grade::Null,
                Some(right) if right == left => self.graded(ONE),
                Some(right) => self.graded(M::against(&prepared, right)),
            }));
        }
    }

    #[inline]
    fn graded(&self, likeness: Millionths) -> Grade {
        if likeness >= self.at_least { Grade::Holds(likeness) } else { Grade::Fails }
    }
}

#[cfg(test)]
mod tests;
