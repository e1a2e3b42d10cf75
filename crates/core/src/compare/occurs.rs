//! One text stands in the other.

use super::{Grade, texts};
use crate::columns::{Column, Row, TextColumn};
use crate::error::Result;
use crate::plan::ONE;
use crate::spec::{Direction, Occurs};

/// Whether a text of at least `min_length` characters stands anywhere in the other: grade 1, or fails.
#[derive(Debug, Clone)]
pub struct OccursIn {
    columns: Option<(TextColumn, TextColumn)>,
    plan: Occurs,
}

impl OccursIn {
    pub(super) fn bind(plan: Occurs, left: &Column, right: &Column) -> Result<Self> {
        Ok(Self { columns: texts(left, right)?, plan })
    }

    /// What the condition says of one candidate.
    #[must_use]
    #[inline]
    pub fn grade(&self, left: Row, right: Row) -> Grade {
        let Some((lefts, rights)) = &self.columns else { return Grade::Null };
        let (Some(left), Some(right)) = (lefts.get(left), rights.get(right)) else { return Grade::Null };
        let least = self.plan.min_length;
        let holds = match self.plan.direction {
            Direction::RightInLeft => occurs(right, left, least),
            Direction::LeftInRight => occurs(left, right, least),
            Direction::Either => occurs(right, left, least) || occurs(left, right, least),
        };
        if holds { Grade::Holds(ONE) } else { Grade::Fails }
    }
}

/// Whether `needle` has at least `least` characters and stands in `text`.
#[inline]
pub(crate) fn occurs(needle: &str, text: &str, least: u32) -> bool {
    needle.len() <= text.len() && is_long_enough(needle, least) && text.contains(needle)
}

/// Whether a text has at least `least` characters. Empty text never has.
#[inline]
pub(crate) fn is_long_enough(text: &str, least: u32) -> bool {
    let least = usize::try_from(least.max(1)).unwrap_or(usize::MAX);
    // A character takes one to four bytes: most texts are decided without counting.
    text.len() >= least && (text.len() / 4 >= least || text.chars().count() >= least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert!(occurs("4711", "invoice 4711", 4));
        assert!(!occurs("471", "invoice 4711", 4));
        assert!(!occurs("äöü", "xäöüx", 4), "six bytes, three characters");
        assert!(occurs("äöüß", "xäöüßx", 4));
        assert!(!occurs("", "text", 0), "empty text is null");
        assert!(!occurs("longer", "long", 4));
    }
}
