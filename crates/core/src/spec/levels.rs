//! Evidence levels: what a condition says of two records in bits, and the passes that score by it.

use super::Test;
use crate::money::Number;

/// What the score of a pass is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Score {
    /// The weighted mean of its conditions' grades.
    #[default]
    Grades,
    /// The probability that the two records belong together: its `prior`, and the bits of its levels.
    Probability,
}

/// How one field's agreement weighs, by levels: the first that holds counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels {
    /// From the strongest agreement to the weakest.
    pub levels: Vec<Level>,
    /// Bits where none holds. `None` in a required condition, where one has to hold.
    pub otherwise: Option<Number>,
    /// Bits where a value is null. Default 0: no evidence.
    pub null: Number,
}

/// One level of agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// When it holds. Any test but levels.
    pub test: Test,
    /// log2 of how much more often records that belong together are on this level than others.
    pub bits: Number,
    /// The bits are those of a value of average frequency: rarer ones weigh more, common ones less. Equality only.
    pub frequency: bool,
}

impl Test {
    /// Whether it weighs evidence.
    #[must_use]
    pub fn is_levels(&self) -> bool {
        matches!(self, Self::Levels(_))
    }

    /// Its levels' tests; of another test itself.
    pub(crate) fn single(&self) -> Vec<&Self> {
        match self {
            Self::Levels(levels) => levels.levels.iter().map(|level| &level.test).collect(),
            single => vec![single],
        }
    }
}
