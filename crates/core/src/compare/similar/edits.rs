//! Measures by edits of characters: rapidfuzz behind [`Similarity`].
//!
//! The distances are integers and symmetric by definition; likeness is made of them in integers. Jaro-Winkler is a
//! float made of symmetric counts by operations that don't depend on the order of the two texts.

use super::Similarity;
use crate::compare::rounding::{likeness, share};
use crate::plan::Millionths;
use rapidfuzz::distance::{indel, jaro_winkler, levenshtein, osa};

/// Calls `$f` with the characters of `$text`: ASCII is widened byte by byte, which needs no decoding.
macro_rules! with_chars {
    ($text:expr, $chars:ident => $body:expr) => {
        if $text.is_ascii() {
            let $chars = $text.bytes().map(char::from);
            $body
        } else {
            let $chars = $text.chars();
            $body
        }
    };
}

/// Characters of a text.
#[inline]
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// 1 − distance / most.
#[inline]
fn one_minus(distance: usize, most: usize) -> Millionths {
    share(most.saturating_sub(distance) as u64, most as u64)
}

/// Insertions and deletions that turn one text into the other.
pub(super) fn indel_distance(left: &str, right: &str) -> usize {
    with_chars!(left, a => with_chars!(right, b => indel::distance(a.clone(), b)))
}

/// 1 − distance / sum of the lengths.
pub(super) fn indel_ratio(left: &str, right: &str) -> Millionths {
    one_minus(indel_distance(left, right), length(left) + length(right))
}

/// Jaro-Winkler: prefix weight 0.1, up to 4 characters, where Jaro is above 0.7.
#[derive(Debug, Clone, Copy)]
pub struct JaroWinkler;

impl Similarity for JaroWinkler {
    type Prepared<'a> = jaro_winkler::BatchComparator<char>;

    fn prepare(text: &str) -> Self::Prepared<'_> {
        with_chars!(text, chars => jaro_winkler::BatchComparator::new(chars))
    }

    fn against(prepared: &Self::Prepared<'_>, other: &str) -> Millionths {
        likeness(with_chars!(other, chars => prepared.similarity(chars)))
    }

    fn between(left: &str, right: &str) -> Millionths {
        likeness(with_chars!(left, a => with_chars!(right, b => jaro_winkler::similarity(a.clone(), b))))
    }
}

/// A distance-based measure: a readied comparator and the text's length.
macro_rules! distance_measure {
    ($(#[$doc:meta])* $name:ident, $module:ident, $most:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Similarity for $name {
            type Prepared<'a> = ($module::BatchComparator<char>, usize);

            fn prepare(text: &str) -> Self::Prepared<'_> {
                (with_chars!(text, chars => $module::BatchComparator::new(chars)), length(text))
            }

            fn against((comparator, own): &Self::Prepared<'_>, other: &str) -> Millionths {
                let most: fn(usize, usize) -> usize = $most;
                let distance = with_chars!(other, chars => comparator.distance(chars));
                one_minus(distance, most(*own, length(other)))
            }

            fn between(left: &str, right: &str) -> Millionths {
                let most: fn(usize, usize) -> usize = $most;
                let distance =
                    with_chars!(left, a => with_chars!(right, b => $module::distance(a.clone(), b)));
                one_minus(distance, most(length(left), length(right)))
            }
        }
    };
}

distance_measure! {
    /// 1 − Levenshtein distance / longer length.
    Levenshtein, levenshtein, usize::max
}
distance_measure! {
    /// 1 − optimal string alignment distance / longer length: a swap of neighbours counts 1.
    Osa, osa, usize::max
}
distance_measure! {
    /// 2 × longest common subsequence / sum of the lengths.
    Ratio, indel, |left, right| left + right
}
