//! What a condition measures of a pair, beside its verdict: for people who ask why, never for the search.

use super::{Comparison, Reached};
use crate::columns::Row;
use crate::plan::Millionths;

/// What lies between the two values of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Measured {
    /// Two amounts.
    Amounts {
        /// How far they are apart by the sign rule, in units of the run's scale. Where the signs are not as the
        /// rule wants them: what would have to be nothing.
        distance: u128,
        /// How far apart they may be, rounded down to a unit: a distance is whole units, so nothing is lost.
        allowed: u128,
        /// Whether the signs are as the rule wants them.
        signs_agree: bool,
    },
    /// right − left, in the condition's kind of days.
    Days(i64),
    /// How alike two texts are.
    Likeness(Millionths),
}

impl Comparison {
    /// What lies between the two values; `None` where one is null, or the condition measures nothing.
    #[must_use]
    pub fn measured(&self, left: Row, right: Row) -> Option<Measured> {
        match self {
            Self::Within(test) => test.measured(left, right),
            Self::Days(test) => test.measured(left, right).map(Measured::Days),
            Self::BusinessDays(test) => test.measured(left, right).map(Measured::Days),
            Self::Similar(test) => test.measured(left, right).map(Measured::Likeness),
            Self::Every(test) => {
                let (left, right) = test.latest(left, right);
                test.inner().measured(left, right)
            }
            Self::Levels(test) => match test.weigh(left, right).reached {
                Reached::Level(at) => test.level(at)?.measured(left, right),
                Reached::None | Reached::Null => None,
            },
            Self::Equals(_) | Self::Occurs(_) | Self::Slip(_) => None,
        }
    }
}
