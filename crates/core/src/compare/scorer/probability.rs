//! Scores by probability: the prior's log-odds and the bits of every condition's level, added up in integers. Only the
//! sum becomes a probability.

use super::super::bits;
use super::super::{Comparison, Grade, Reached, Weighed};
use super::{Bound, Scorer};
use crate::columns::Row;
use crate::plan::{Millionths, PassPlan, PriorPlan};

/// What a pass that scores by probability needs beside its conditions.
#[derive(Debug, Clone)]
pub(super) struct Odds {
    prior: PriorPlan,
    /// The least log-odds of a candidate, in thousandths of a bit; `None` where any will do.
    least: Option<i64>,
    /// By condition, in the scorer's order: the most bits that it and those after it can come to.
    most_from: Vec<i64>,
}

/// A score by probability with what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// What was known beforehand.
    pub(crate) prior: PriorPlan,
    /// What each condition with levels comes to, by its position in the plan, ascending.
    pub(crate) steps: Vec<(usize, Weighed)>,
    /// The log-odds they add up to, in thousandths of a bit.
    pub(crate) millibits: i64,
    /// The score.
    pub(crate) score: Millionths,
}

impl Odds {
    pub(super) fn of(pass: &PassPlan, conditions: &[Bound]) -> Option<Self> {
        let prior = pass.prior?;
        let mut most_from: Vec<i64> = conditions.iter().map(|bound| most(&bound.comparison)).collect();
        for at in (1..most_from.len()).rev() {
            most_from[at - 1] += most_from[at];
        }
        Some(Self { prior, least: bits::least(pass.floor), most_from })
    }

    /// Whether odds can still reach the floor, whatever the conditions from this one on come to.
    #[inline]
    fn reaches(&self, millibits: i64, from: usize) -> bool {
        let most = self.most_from.get(from).copied().unwrap_or(0);
        self.least.is_none_or(|least| millibits + most >= least)
    }
}

fn most(comparison: &Comparison) -> i64 {
    if let Comparison::Levels(levels) = comparison { levels.most().into() } else { 0 }
}

impl Scorer {
    /// The score of a pair, `None` where a required condition fails or reads a null, or the floor is out of reach.
    /// Stops as soon as that is known.
    pub(super) fn probability(&self, odds: &Odds, left: Row, right: Row) -> Option<Millionths> {
        let mut sum = odds.prior.millibits;
        for (at, bound) in self.conditions.iter().enumerate() {
            if !odds.reaches(sum, at) {
                return None;
            }
            let required = at < self.required;
            let holds = match &bound.comparison {
                Comparison::Levels(levels) => {
                    let weighed = levels.weigh(left, right);
                    sum += i64::from(weighed.millibits);
                    matches!(weighed.reached, Reached::Level(_))
                }
                other => other.grade(left, right).held().is_some(),
            };
            if required && !holds {
                return None;
            }
        }
        odds.reaches(sum, self.conditions.len()).then(|| bits::probability(sum))
    }

    /// The same a condition at a time, over the pairs that are still in.
    pub(super) fn probability_batch(
        &self,
        odds: &Odds,
        pairs: &[(Row, Row)],
        out: &mut Vec<Option<Millionths>>,
    ) {
        let mut alive = pairs.to_vec();
        let mut positions: Vec<usize> = (0..pairs.len()).collect();
        let mut sums = vec![odds.prior.millibits; pairs.len()];
        let (mut weighed, mut grades) = (Vec::new(), Vec::new());
        for (at, bound) in self.conditions.iter().enumerate() {
            let required = at < self.required;
            if let Comparison::Levels(levels) = &bound.comparison {
                levels.weigh_many(&alive, &mut weighed);
                sums.iter_mut().zip(&weighed).for_each(|(sum, one)| *sum += i64::from(one.millibits));
                grades.clear();
                grades.extend(weighed.iter().map(|one: &Weighed| one.grade()));
            } else {
                bound.comparison.grade_many(&alive, &mut grades);
            }
            let mut kept = 0;
            for index in 0..alive.len() {
                let holds = !required || matches!(grades[index], Grade::Holds(_));
                if holds && odds.reaches(sums[index], at + 1) {
                    (alive[kept], positions[kept], sums[kept]) =
                        (alive[index], positions[index], sums[index]);
                    kept += 1;
                }
            }
            alive.truncate(kept);
            sums.truncate(kept);
            if kept == 0 {
                break;
            }
        }
        out.resize(pairs.len(), None);
        for (position, sum) in positions.iter().zip(&sums) {
            out[*position] = Some(bits::probability(*sum));
        }
    }

    /// What the evidence of a pair comes to, whatever is required; `None` where the score is of grades.
    #[must_use]
    pub(crate) fn evidence(&self, left: Row, right: Row) -> Option<Evidence> {
        let prior = self.odds.as_ref()?.prior;
        let weighed = self.conditions.iter().filter_map(|bound| match &bound.comparison {
            Comparison::Levels(levels) => Some((bound.position, levels.weigh(left, right))),
            _ => None,
        });
        let mut steps: Vec<_> = weighed.collect();
        steps.sort_unstable_by_key(|(position, _)| *position);
        let millibits =
            prior.millibits + steps.iter().map(|(_, weighed)| i64::from(weighed.millibits)).sum::<i64>();
        Some(Evidence { prior, steps, millibits, score: bits::probability(millibits) })
    }

    /// What the levels of a condition come to, by its position in the plan; `None` for one without levels.
    pub(crate) fn weighed(&self, position: usize, left: Row, right: Row) -> Option<Weighed> {
        let bound = self.conditions.iter().find(|bound| bound.position == position)?;
        if let Comparison::Levels(levels) = &bound.comparison {
            Some(levels.weigh(left, right))
        } else {
            None
        }
    }

    /// Whether the evidence of a pair leaves it below the pass's floor.
    pub(crate) fn is_below_floor(&self, left: Row, right: Row) -> bool {
        let Some(least) = self.odds.as_ref().and_then(|odds| odds.least) else { return false };
        self.evidence(left, right).is_some_and(|evidence| evidence.millibits < least)
    }
}
