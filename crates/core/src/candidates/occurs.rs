//! Candidates of an `occurs` condition: every needle that stands in a text, found in one reading of the text.
//!
//! All needles go into one Aho-Corasick automaton (Aho, Corasick, "Efficient string matching", 1975), so a text
//! costs its length and its matches, whatever the number of needles.

use crate::compare::is_long_enough;
use crate::error::{Error, Result};
use aho_corasick::{AhoCorasick, MatchKind};

/// Needles, ready to be found.
#[derive(Debug)]
pub struct OccursIndex {
    automaton: AhoCorasick,
    /// Positions of the needles in the slice they came in, grouped by their text.
    positions: Vec<u32>,
    /// Positions of pattern p: `positions[starts[p]..starts[p + 1]]`.
    starts: Vec<u32>,
}

impl OccursIndex {
    /// Builds the automaton over needles of at least `min_length` characters. Nulls and shorter ones are never
    /// found. O(bytes of the needles).
    ///
    /// # Errors
    /// [`Error::Limit`] when the needles are too many for one automaton (over 2^31 bytes or so).
    pub fn build(needles: &[Option<&str>], min_length: u32) -> Result<Self> {
        let mut sorted: Vec<(&str, u32)> = (0_u32..)
            .zip(needles)
            .filter_map(|(position, needle)| Some(((*needle)?, position)))
            .filter(|(needle, _)| is_long_enough(needle, min_length))
            .collect();
        sorted.sort_unstable();
        let mut patterns = Vec::new();
        let mut positions = Vec::with_capacity(sorted.len());
        let mut starts = vec![0];
        for same in sorted.chunk_by(|(a, _), (b, _)| a == b) {
            patterns.extend(same.first().map(|(needle, _)| *needle));
            positions.extend(same.iter().map(|(_, position)| *position));
            starts.push(u32::try_from(positions.len()).unwrap_or(u32::MAX));
        }
        let bytes = patterns.iter().map(|pattern| pattern.len() as u64).sum();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&patterns)
            .map_err(|_| too_many(bytes))?;
        Ok(Self { automaton, positions, starts })
    }

    /// Replaces `out` by the positions of the needles that stand in `text`, ascending. Returns the work done:
    /// matches looked at, repeats included.
    pub fn find(&self, text: &str, out: &mut Vec<u32>) -> u64 {
        out.clear();
        let mut matches = 0;
        // Repeats pile up in long texts: they are cleared whenever the list has doubled.
        let mut clear_at = 1_024;
        for found in self.automaton.find_overlapping_iter(text) {
            matches += 1;
            out.push(found.pattern().as_u32());
            if out.len() == clear_at {
                out.sort_unstable();
                out.dedup();
                clear_at = (2 * out.len()).max(1_024);
            }
        }
        out.sort_unstable();
        out.dedup();
        self.to_positions(out);
        matches
    }

    /// Patterns become the positions of their needles.
    fn to_positions(&self, out: &mut Vec<u32>) {
        let patterns = out.len();
        for index in 0..patterns {
            let pattern = out[index] as usize;
            let (from, to) = (self.starts[pattern] as usize, self.starts[pattern + 1] as usize);
            out.extend_from_slice(&self.positions[from..to]);
        }
        out.drain(..patterns);
        out.sort_unstable();
    }

    /// Bytes the index holds.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        (self.automaton.memory_usage() + 4 * (self.positions.len() + self.starts.len())) as u64
    }
}

fn too_many(bytes: u64) -> Error {
    Error::Limit {
        what: "an index of the values that an occurs condition looks for".to_owned(),
        unit: "bytes",
        needed: bytes,
        limit: u64::from(u32::MAX / 2),
        hint: "Add an equality to the pass, so that it looks inside smaller blocks".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::occurs;
    use proptest::prelude::*;

    #[test]
    fn overlapping_and_repeated_needles_are_found_once_each() {
        let needles = [Some("4711"), None, Some("71"), Some("4711"), Some("711"), Some("absent")];
        let index = OccursIndex::build(&needles, 3).unwrap();
        let mut out = vec![9];
        let matches = index.find("47114711", &mut out);
        assert_eq!(out, [0, 3, 4]);
        assert_eq!(matches, 4);
        index.find("", &mut out);
        assert!(out.is_empty());
    }

    #[test]
    fn a_long_text_full_of_matches_is_kept_small() {
        let index = OccursIndex::build(&[Some("aaaa"), Some("aaaaa")], 4).unwrap();
        let mut out = Vec::new();
        let matches = index.find(&"a".repeat(100_000), &mut out);
        assert_eq!(out, [0, 1]);
        assert_eq!(matches, 100_000 - 3 + 100_000 - 4);
        assert!(out.capacity() < 10_000);
    }

    proptest! {
        #[test]
        fn finds_what_the_condition_holds_for(
            needles in prop::collection::vec(prop::option::of("[abä1]{0,5}"), 0..30),
            text in "[abä1 ]{0,40}", least in 0_u32..5,
        ) {
            let needles: Vec<Option<&str>> = needles.iter().map(Option::as_deref).collect();
            let mut found = Vec::new();
            OccursIndex::build(&needles, least).unwrap().find(&text, &mut found);
            let expected: Vec<u32> = (0_u32..).zip(&needles)
                .filter(|(_, needle)| needle.is_some_and(|needle| occurs(needle, &text, least)))
                .map(|(position, _)| position).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
