//! Candidates of a `similar` condition: an index that never loses a pair that is alike enough.

use crate::plan::Millionths;
use crate::spec::Measure;

/// Texts of one side, indexed for a measure and a threshold.
#[derive(Debug)]
pub struct TextIndex {
    positions: Vec<u32>,
}

/// What a probe reuses from one text to the next. One per thread.
#[derive(Debug, Default)]
pub struct TextScratch {}

impl TextIndex {
    /// Indexes the texts of one side. Nulls are never candidates.
    #[must_use]
    pub fn build(_measure: Measure, _at_least: Millionths, texts: &[Option<&str>]) -> Self {
        Self { positions: (0..).zip(texts).filter(|(_, text)| text.is_some()).map(|(at, _)| at).collect() }
    }

    /// Replaces `out` by the positions of all texts that may be alike enough, ascending. Returns the work done.
    pub fn candidates(&self, _text: &str, _scratch: &mut TextScratch, out: &mut Vec<u32>) -> u64 {
        out.clear();
        out.extend_from_slice(&self.positions);
        out.len() as u64
    }
}
