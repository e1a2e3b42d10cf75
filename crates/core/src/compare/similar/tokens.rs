//! Measures by words: sorted, as sets, shared. Words are what white space separates.

use super::Similarity;
use super::edits::{Ratio, indel_distance, indel_ratio, length};
use crate::compare::rounding::share;
use crate::plan::{Millionths, ONE};
use std::cmp::Ordering;

/// The words of a text, ascending by bytes, with repeats.
fn sorted_words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    words.sort_unstable();
    words
}

/// The distinct words of a text, ascending by bytes.
pub(crate) fn word_set(text: &str) -> Vec<&str> {
    let mut words = sorted_words(text);
    words.dedup();
    words
}

/// The words of a text in order, one space between them.
pub(crate) fn sorted_words_joined(text: &str) -> String {
    sorted_words(text).join(" ")
}

/// [`Ratio`] of the texts with their words sorted.
#[derive(Debug, Clone, Copy)]
pub struct TokenSort;

impl Similarity for TokenSort {
    type Prepared<'a> = <Ratio as Similarity>::Prepared<'a>;

    fn prepare(text: &str) -> Self::Prepared<'_> {
        Ratio::prepare(&sorted_words_joined(text))
    }

    fn against(prepared: &Self::Prepared<'_>, other: &str) -> Millionths {
        Ratio::against(prepared, &sorted_words_joined(other))
    }

    fn between(left: &str, right: &str) -> Millionths {
        indel_ratio(&sorted_words_joined(left), &sorted_words_joined(right))
    }
}

/// Best ratio of the common words against each side's words, as RapidFuzz's `token_set_ratio`: 1 where one text's
/// words all stand in the other.
#[derive(Debug, Clone, Copy)]
pub struct TokenSet;

impl Similarity for TokenSet {
    type Prepared<'a> = Vec<&'a str>;

    fn prepare(text: &str) -> Self::Prepared<'_> {
        word_set(text)
    }

    fn against(prepared: &Self::Prepared<'_>, other: &str) -> Millionths {
        let split = Split::of(prepared, &word_set(other));
        let common = joined_length(&split.common);
        if !split.common.is_empty() && (split.left.is_empty() || split.right.is_empty()) {
            return ONE;
        }
        let (left, right) = (split.left.join(" "), split.right.join(" "));
        let gap = usize::from(!split.common.is_empty());
        let (left_rest, right_rest) = (length(&left) + gap, length(&right) + gap);
        let whole = 2 * common + left_rest + right_rest;
        let by_rest = share((whole - indel_distance(&left, &right).min(whole)) as u64, whole as u64);
        if whole == 0 || common == 0 {
            return if whole == 0 { 0 } else { by_rest };
        }
        let by_common = |rest: usize| share(2 * common as u64, (2 * common + rest) as u64);
        by_rest.max(by_common(left_rest)).max(by_common(right_rest))
    }
}

/// Common words / all words, each word once.
#[derive(Debug, Clone, Copy)]
pub struct TokenJaccard;

impl Similarity for TokenJaccard {
    type Prepared<'a> = Vec<&'a str>;

    fn prepare(text: &str) -> Self::Prepared<'_> {
        word_set(text)
    }

    fn against(prepared: &Self::Prepared<'_>, other: &str) -> Millionths {
        let split = Split::of(prepared, &word_set(other));
        let all = split.common.len() + split.left.len() + split.right.len();
        if all == 0 { 0 } else { share(split.common.len() as u64, all as u64) }
    }
}

/// Two sets of words, split.
struct Split<'a> {
    common: Vec<&'a str>,
    left: Vec<&'a str>,
    right: Vec<&'a str>,
}

impl<'a> Split<'a> {
    fn of(mut left: &[&'a str], mut right: &[&'a str]) -> Self {
        let mut split = Self { common: Vec::new(), left: Vec::new(), right: Vec::new() };
        while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
            match a.cmp(b) {
                Ordering::Equal => {
                    split.common.push(a);
                    (left, right) = (left_rest, right_rest);
                }
                Ordering::Less => {
                    split.left.push(a);
                    left = left_rest;
                }
                Ordering::Greater => {
                    split.right.push(b);
                    right = right_rest;
                }
            }
        }
        split.left.extend_from_slice(left);
        split.right.extend_from_slice(right);
        split
    }
}

/// Characters of words with one space between them.
fn joined_length(words: &[&str]) -> usize {
    words.iter().map(|word| length(word)).sum::<usize>() + words.len().saturating_sub(1)
}
