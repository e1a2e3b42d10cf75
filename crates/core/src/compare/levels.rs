//! How near two values are, by levels, weighed in bits. Every level's test is one of the other conditions.

use super::{Comparison, Grade};
use crate::columns::{Row, SideColumns};
use crate::error::{Error, Mistakes, Result};
use crate::plan::{ConditionPlan, LevelsPlan, ONE};
use arrow_buffer::ScalarBuffer;

/// What a pair comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weighed {
    /// The level that holds.
    pub reached: Reached,
    /// Bits in thousandths, what the value's frequency makes of them included.
    pub millibits: i32,
    /// What of them the value's frequency makes; 0 where it doesn't count.
    pub by_frequency: i32,
}

/// How far agreement goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// This level is the first that holds.
    Level(u8),
    /// None holds.
    None,
    /// A value is null.
    Null,
}

/// The levels of a condition, bound to its columns.
#[derive(Debug, Clone)]
pub struct Levels {
    /// The first one that holds counts.
    all: Vec<Level>,
    otherwise: i32,
    null: i32,
    /// Beside an equal value of each left record, what its frequency adds. Empty where no level goes by it.
    rarity: ScalarBuffer<i32>,
    /// The most of them.
    rarity_most: i32,
}

#[derive(Debug, Clone)]
struct Level {
    comparison: Comparison,
    millibits: i32,
    frequency: bool,
}

impl Levels {
    /// Binds the levels of a condition.
    ///
    /// # Errors
    /// Every tolerance that is too fine for the run's scale; frequencies that nobody counted are an internal error.
    pub(super) fn bind(
        plan: &LevelsPlan,
        condition: &ConditionPlan,
        (left, right): (&SideColumns, &SideColumns),
        scale: u8,
    ) -> Result<Self> {
        let mut all = Vec::with_capacity(plan.levels.len());
        let mut mistakes = Vec::new();
        for level in &plan.levels {
            match Comparison::bind_test(&level.test, condition, (left, right), scale) {
                Ok(comparison) => {
                    let (millibits, frequency) = (level.millibits, level.frequency);
                    all.push(Level { comparison, millibits, frequency });
                }
                Err(Error::Spec(Mistakes(found))) => mistakes.extend(found),
                Err(other) => return Err(other),
            }
        }
        if !mistakes.is_empty() {
            return Err(Error::Spec(Mistakes(mistakes)));
        }
        let (rarity, rarity_most) = if plan.by_frequency() {
            let counted = left.rarity_of(condition.left, condition.right);
            let counted =
                counted.ok_or_else(|| Error::Internal("frequencies that nobody counted".to_owned()))?;
            (counted.millibits.clone(), counted.most)
        } else {
            (ScalarBuffer::default(), 0)
        };
        Ok(Self { all, otherwise: plan.otherwise, null: plan.null, rarity, rarity_most })
    }

    /// Holds where a level does.
    #[must_use]
    pub fn grade(&self, left: Row, right: Row) -> Grade {
        self.weigh(left, right).grade()
    }

    /// What a pair comes to.
    #[must_use]
    pub fn weigh(&self, left: Row, right: Row) -> Weighed {
        for (at, level) in (0_u8..).zip(&self.all) {
            match level.comparison.grade(left, right) {
                Grade::Holds(_) => return self.reached(at, level, left),
                Grade::Null => return self.without(Reached::Null),
                Grade::Fails => {}
            }
        }
        self.without(Reached::None)
    }

    /// Replaces `out` by what each pair comes to, in their order: a level at a time, over those that no earlier one
    /// took.
    pub(super) fn weigh_many(&self, pairs: &[(Row, Row)], out: &mut Vec<Weighed>) {
        out.clear();
        out.resize(pairs.len(), self.without(Reached::None));
        let mut open = pairs.to_vec();
        let mut places: Vec<usize> = (0..pairs.len()).collect();
        let mut grades = Vec::with_capacity(pairs.len());
        for (at, level) in (0_u8..).zip(&self.all) {
            level.comparison.grade_many(&open, &mut grades);
            let mut kept = 0;
            for (index, grade) in grades.iter().enumerate() {
                match grade {
                    Grade::Holds(_) => out[places[index]] = self.reached(at, level, open[index].0),
                    Grade::Null => out[places[index]] = self.without(Reached::Null),
                    Grade::Fails => {
                        (open[kept], places[kept]) = (open[index], places[index]);
                        kept += 1;
                    }
                }
            }
            open.truncate(kept);
            if kept == 0 {
                break;
            }
        }
    }

    /// Replaces `out` by whether a level holds of each pair.
    pub(super) fn grade_many(&self, pairs: &[(Row, Row)], out: &mut Vec<Grade>) {
        let mut weighed = Vec::with_capacity(pairs.len());
        self.weigh_many(pairs, &mut weighed);
        out.extend(weighed.iter().map(|weighed| weighed.grade()));
    }

    /// The most bits that any pair comes to, in thousandths.
    pub(super) fn most(&self) -> i32 {
        let of = |level: &Level| level.millibits + if level.frequency { self.rarity_most.max(0) } else { 0 };
        let most = self.all.iter().map(of).max().unwrap_or(self.otherwise);
        most.max(self.otherwise).max(self.null)
    }

    /// The test of a level.
    pub(super) fn level(&self, at: u8) -> Option<&Comparison> {
        self.all.get(usize::from(at)).map(|level| &level.comparison)
    }

    /// The tests of its levels.
    pub(super) fn comparisons(&self) -> impl Iterator<Item = &Comparison> {
        self.all.iter().map(|level| &level.comparison)
    }

    #[inline]
    fn reached(&self, at: u8, level: &Level, left: Row) -> Weighed {
        let rarity = || self.rarity.get(left as usize).copied().unwrap_or(0);
        let by_frequency = if level.frequency { rarity() } else { 0 };
        Weighed { reached: Reached::Level(at), millibits: level.millibits + by_frequency, by_frequency }
    }

    #[inline]
    fn without(&self, reached: Reached) -> Weighed {
        let millibits = if reached == Reached::Null { self.null } else { self.otherwise };
        Weighed { reached, millibits, by_frequency: 0 }
    }
}

impl Weighed {
    /// Holds where a level does.
    pub(super) fn grade(self) -> Grade {
        match self.reached {
            Reached::Level(_) => Grade::Holds(ONE),
            Reached::None => Grade::Fails,
            Reached::Null => Grade::Null,
        }
    }
}
