//! How many characters, or pairs of characters, two texts must share to be alike enough.
//!
//! A likeness p / w is rounded to at least T millionths exactly when 2 × 10^6 p ≥ (2 T − 1) w. All bounds stand on
//! that form, so that rounding never costs a pair.

use crate::plan::{Millionths, ONE};

/// A measure by edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    JaroWinkler,
    Levenshtein,
    Osa,
    Ratio,
    /// As `Ratio`, of the words that two texts don't share: pairs of characters say nothing.
    RatioOfRests,
}

/// Least characters in common for a pair of lengths, by the length of the common beginning (0 to 4; only
/// Jaro-Winkler looks at it). `u32::MAX`: not even all of them do.
pub(super) type Needs = [u32; 5];

/// Twice a million: the scale of the bounds.
const SCALE: u64 = 2 * ONE as u64;

/// 2 T − 1 for a threshold of at least 1.
pub(super) fn doubled(at_least: Millionths) -> u64 {
    (2 * u64::from(at_least)).saturating_sub(1)
}

/// Least `p` for which `p` / `whole` is rounded to at least the threshold.
pub(super) fn least_part(at_least: Millionths, whole: u64) -> u64 {
    (doubled(at_least) * whole).div_ceil(SCALE)
}

/// Least common length of one text's `whole` characters for 2 s / (s + whole) to reach the threshold.
pub(super) fn least_common(at_least: Millionths, whole: u64) -> u64 {
    let doubled = doubled(at_least);
    (doubled * whole).div_ceil((2 * SCALE).saturating_sub(doubled).max(1))
}

impl Edit {
    /// Least characters in common, counted with repeats.
    pub(super) fn needs(self, at_least: Millionths, left: u32, right: u32) -> Needs {
        let need = match self {
            Self::JaroWinkler => return needs_of_jaro_winkler(at_least, left, right),
            Self::Levenshtein | Self::Osa => least_part(at_least, u64::from(left.max(right))),
            // p = 2 × common, w = left + right.
            Self::Ratio | Self::RatioOfRests => {
                least_part(at_least, u64::from(left) + u64::from(right)).div_ceil(2)
            }
        };
        let most = left.min(right);
        [u32::try_from(need).ok().filter(|need| *need <= most).unwrap_or(u32::MAX); 5]
    }

    /// Least pairs of neighbouring characters in common, counted with repeats; 0 or less where nothing is sure.
    ///
    /// An edit spoils at most two pairs of the longer text, a swap of neighbours three (Ukkonen, "Approximate
    /// string matching with q-grams and maximal matches", 1992). For insertions and deletions alone, a deletion
    /// spoils two and an insertion one.
    pub(super) fn least_pairs(self, at_least: Millionths, left: u32, right: u32) -> i64 {
        let longer = i64::from(left.max(right));
        let both = i64::from(left) + i64::from(right);
        let least = |whole: i64| {
            let part = least_part(at_least, whole.unsigned_abs());
            i64::try_from(part).unwrap_or(i64::MAX / 8)
        };
        match self {
            Self::JaroWinkler | Self::RatioOfRests => 0,
            Self::Levenshtein => longer - 1 - 2 * (longer - least(longer)),
            Self::Osa => longer - 1 - 3 * (longer - least(longer)),
            // least(both) is twice the common characters, perhaps odd: rounded up.
            Self::Ratio => 3 * (least(both) + 1).div_euclid(2) - both - 1,
        }
    }

    /// The least of [`Edit::least_pairs`] over all partners that a text of this length can be alike to.
    pub(super) fn least_pairs_of_any(self, at_least: Millionths, length: u32) -> i64 {
        let own = self.least_pairs(at_least, length, length);
        if own < 1 {
            return own;
        }
        let (shortest, longest) = self.partners(at_least, length);
        (shortest..=longest).map(|other| self.least_pairs(at_least, length, other)).min().unwrap_or(0)
    }

    /// Lengths of texts that one of this length can be alike to, both inclusive.
    pub(super) fn partners(self, at_least: Millionths, length: u32) -> (u32, u32) {
        let allows = |other: u32| self.needs(at_least, length, other).iter().any(|need| *need != u32::MAX);
        // Likeness falls with the distance of the lengths: both ends are found by halving.
        let shortest = partition(0, length, |other| !allows(other));
        let most = u32::try_from(crate::limits::SIMILAR_CHARS_MAX).unwrap_or(u32::MAX - 1);
        let beyond = partition(length, most.max(length) + 1, allows);
        (shortest, beyond.saturating_sub(1))
    }
}

/// The first of `from..to` for which `before` no longer holds; `to` where it always does.
fn partition(mut from: u32, mut to: u32, before: impl Fn(u32) -> bool) -> u32 {
    while from < to {
        let middle = from.midpoint(to);
        if before(middle) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    from
}

/// Jaro with all common characters in order: (c / left + c / right + 1) / 3; Winkler adds a tenth of what is missing
/// per common first character where Jaro is above 0.7.
fn needs_of_jaro_winkler(at_least: Millionths, left: u32, right: u32) -> Needs {
    let most = left.min(right);
    if left == right && most == 0 {
        return [0; 5];
    }
    let reaches = |common: u32, begin: u32| {
        let (common, left, right) = (f64::from(common), f64::from(left), f64::from(right));
        let jaro = (common / left + common / right + 1.0) / 3.0;
        // A hair below 0.7 counts as above: the measure's own rounding must not cost a pair.
        let raised_by = if jaro > 0.699_999 { f64::from(begin) * 0.1 * (1.0 - jaro) } else { 0.0 };
        (jaro + raised_by) * 1e6 + 1.0 >= f64::from(at_least)
    };
    [0, 1, 2, 3, 4].map(|begin| {
        // Without a common character Jaro is 0.
        let need = partition(1, most.saturating_add(1), |common| !reaches(common, begin.min(most)));
        if need > most { u32::MAX } else { need }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_overlaps_are_those_of_the_definitions() {
        assert_eq!(Edit::Levenshtein.needs(800_000, 10, 9), [8; 5]);
        assert_eq!(Edit::Levenshtein.needs(800_000, 10, 7), [u32::MAX; 5]);
        assert_eq!(Edit::Ratio.needs(800_000, 10, 8), [8; 5], "2 × 8 / 18 is 0.89, 2 × 7 / 18 is 0.78");
        assert_eq!(Edit::Levenshtein.least_pairs(800_000, 10, 10), 5, "nine pairs, two edits");
        assert_eq!(Edit::Osa.least_pairs(800_000, 10, 10), 3);
        assert_eq!(Edit::Ratio.least_pairs(800_000, 10, 10), 3, "nine pairs, two deletions, two insertions");
        assert_eq!(Edit::Levenshtein.partners(800_000, 10), (8, 12));
        assert_eq!(least_common(800_000, 9), 6);
    }

    #[test]
    fn a_common_beginning_lowers_what_jaro_winkler_needs() {
        let [none, .., four] = Edit::JaroWinkler.needs(900_000, 10, 10);
        assert_eq!((none, four), (9, 8));
    }
}
