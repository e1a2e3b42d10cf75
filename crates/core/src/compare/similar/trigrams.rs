//! Likeness by trigrams: runs of three characters, counted.

use super::Similarity;
use crate::compare::rounding::likeness;
use crate::plan::Millionths;
use std::cmp::Ordering;

/// Stands where a text of one or two characters has no more: above every character.
const NO_CHARACTER: u64 = 0x1F_FFFF;

/// A trigram (21 bits a character) and how often it occurs.
pub(crate) type Counted = (u64, u32);

/// The trigrams of a text, ascending, with their counts. A text of less than three characters is one gram.
pub(crate) fn trigrams(text: &str) -> Vec<Counted> {
    let mut grams = Vec::with_capacity(text.len());
    let mut characters = text.chars().map(|character| u64::from(u32::from(character)));
    let (first, second) = (characters.next(), characters.next());
    let mut window = first.unwrap_or(NO_CHARACTER) << 21 | second.unwrap_or(NO_CHARACTER);
    for character in characters {
        window = (window << 21 | character) & ((1 << 63) - 1);
        grams.push(window);
    }
    if grams.is_empty() && first.is_some() {
        grams.push((window << 21 | NO_CHARACTER) & ((1 << 63) - 1));
    }
    grams.sort_unstable();
    let mut counted: Vec<Counted> = Vec::with_capacity(grams.len());
    for gram in grams {
        match counted.last_mut() {
            Some((last, count)) if *last == gram => *count += 1,
            _ => counted.push((gram, 1)),
        }
    }
    counted
}

/// Sum of the squared counts.
pub(crate) fn squares(grams: &[Counted]) -> u64 {
    grams.iter().map(|(_, count)| u64::from(*count) * u64::from(*count)).sum()
}

/// Cosine of the multisets of character trigrams.
#[derive(Debug, Clone, Copy)]
pub struct Trigram;

impl Similarity for Trigram {
    type Prepared<'a> = (Vec<Counted>, u64);

    fn prepare(text: &str) -> Self::Prepared<'_> {
        let grams = trigrams(text);
        let own = squares(&grams);
        (grams, own)
    }

    fn against((grams, own): &Self::Prepared<'_>, other: &str) -> Millionths {
        let others = trigrams(other);
        cosine(dot(grams, &others), *own, squares(&others))
    }
}

/// dot / √(left × right). All three are below 2^25 (see `SIMILAR_CHARS_MAX`), so that the product is exact.
#[expect(clippy::cast_precision_loss, reason = "below 2^53")]
fn cosine(dot: u64, left: u64, right: u64) -> Millionths {
    if dot == 0 { 0 } else { likeness(dot as f64 / ((left * right) as f64).sqrt()) }
}

/// Sum of the products of the counts of common trigrams.
fn dot(mut left: &[Counted], mut right: &[Counted]) -> u64 {
    let mut sum = 0;
    while let ([(a, in_left), left_rest @ ..], [(b, in_right), right_rest @ ..]) = (left, right) {
        match a.cmp(b) {
            Ordering::Equal => {
                sum += u64::from(*in_left) * u64::from(*in_right);
                (left, right) = (left_rest, right_rest);
            }
            Ordering::Less => left = left_rest,
            Ordering::Greater => right = right_rest,
        }
    }
    sum
}
