//! A pass's conditions together: whether a pair of records is a candidate, and how good a one.

mod probability;

pub(crate) use probability::Evidence;

use super::{Comparison, Every, Grade, Measured};
use crate::bundles::Members;
use crate::columns::{AmountColumn, Column, DateColumn, Row, SideColumns};
use crate::error::{Error, Mistakes, Result};
use crate::plan::{FieldIndex, Millionths, ONE, PassPlan};
use crate::spec::Sign;
use probability::Odds;

/// Pairs below which going through them one by one costs less than keeping book of who is still in.
const BATCH_MIN: usize = 4;

/// The conditions of a pass, bound to the columns of two sides. Owns shared handles: free to send to any thread.
#[derive(Debug, Clone)]
pub struct Scorer {
    /// Cheapest first; all required ones before the others.
    conditions: Vec<Bound>,
    /// How many of `conditions` are required.
    required: usize,
    key_weight: u64,
    variance: Option<(AmountColumn, AmountColumn, Sign)>,
    days: Option<(DateColumn, DateColumn)>,
    /// What a score by probability starts from; `None`: it is of grades.
    odds: Option<Odds>,
}

#[derive(Debug, Clone)]
struct Bound {
    comparison: Comparison,
    weight: u64,
    /// Its place in the plan.
    position: usize,
}

/// A weighted mean under way. Weights are below 2^64, grades below 2^20, conditions below 2^10: 128 bits hold it.
#[derive(Debug, Clone, Copy)]
struct Mean {
    sum: u128,
    weight: u128,
}

impl Mean {
    #[inline]
    fn add(&mut self, weight: u64, grade: Millionths) {
        self.sum += u128::from(weight) * u128::from(grade);
        self.weight += u128::from(weight);
    }

    /// To the nearest millionth, halves up; 1 where nothing has a weight.
    #[inline]
    fn score(self) -> Millionths {
        if self.weight == 0 {
            return ONE;
        }
        let rounded = (2 * self.sum + self.weight) / (2 * self.weight);
        Millionths::try_from(rounded).unwrap_or(ONE).min(ONE)
    }
}

/// A score with what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Workings {
    /// The key first, then the conditions in the order of the plan.
    pub(crate) steps: Vec<Step>,
    /// Σ weight × grade.
    pub(crate) sum: u128,
    /// Σ weight.
    pub(crate) weight: u128,
    /// The score.
    pub(crate) score: Millionths,
}

/// What one condition adds to a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its position in the plan; `None`: the key.
    pub(crate) position: Option<usize>,
    /// Its weight.
    pub(crate) weight: u64,
    /// Its grade.
    pub(crate) grade: Millionths,
}

impl Scorer {
    /// Binds the conditions of a pass. A `same_side` pass gives the same side twice.
    ///
    /// # Errors
    /// Every tolerance that is too fine for the run's scale, all at once; a plan that doesn't fit the columns is an
    /// internal error.
    pub fn bind(pass: &PassPlan, left: &SideColumns, right: &SideColumns, scale: u8) -> Result<Self> {
        let mut bound = Vec::with_capacity(pass.conditions.len());
        let mut mistakes = Vec::new();
        for (position, condition) in pass.conditions.iter().enumerate() {
            match Comparison::bind(condition, left, right, scale) {
                Ok(comparison) => {
                    bound
                        .push((condition.required, Bound { comparison, weight: condition.weight, position }));
                }
                Err(Error::Spec(Mistakes(found))) => mistakes.extend(found),
                Err(other) => return Err(other),
            }
        }
        if !mistakes.is_empty() {
            return Err(Error::Spec(Mistakes(mistakes)));
        }
        bound.sort_by_key(|(required, bound)| (!*required, bound.comparison.cost()));
        let required = bound.iter().filter(|(required, _)| *required).count();
        let conditions: Vec<Bound> = bound.into_iter().map(|(_, bound)| bound).collect();
        let sign = pass.variance.map(|plan| plan.sign);
        Ok(Self {
            odds: Odds::of(pass, &conditions),
            conditions,
            required,
            key_weight: pass.key_weight,
            variance: pass
                .variance
                .and_then(|plan| Some((amount(left, plan.left)?, amount(right, plan.right)?)))
                .zip(sign)
                .map(|((left, right), sign)| (left, right, sign)),
            days: pass.days.and_then(|(from, to)| Some((date(left, from)?, date(right, to)?))),
        })
    }

    /// Asks conditions of every record that is taken as one, where the pass does: `left` and `right` are the columns
    /// of records, while the scorer was bound to those of bundles.
    ///
    /// # Errors
    /// As [`Scorer::bind`].
    pub(crate) fn ask_every(
        &mut self,
        pass: &PassPlan,
        [left, right]: [&SideColumns; 2],
        scale: u8,
        members: &Members,
    ) -> Result<()> {
        let Some(bundles) = pass.bundles().filter(|_| members.are_several()) else { return Ok(()) };
        for bound in &mut self.conditions {
            let Some(condition) = pass.conditions.get(bound.position) else { continue };
            if bundles.asks_every(bound.position) {
                let inner = Comparison::bind(condition, left, right, scale)?;
                bound.comparison = Comparison::Every(Every::new(inner, members.clone(), condition.required));
            }
        }
        Ok(())
    }

    /// The score of a pair, `None` where a required condition fails or reads a null, or a probability is below the
    /// pass's floor. Stops as soon as that is known.
    #[must_use]
    pub fn score(&self, left: Row, right: Row) -> Option<Millionths> {
        if let Some(odds) = &self.odds {
            return self.probability(odds, left, right);
        }
        let mut mean = self.start();
        let (required, optional) = self.split();
        for condition in required {
            mean.add(condition.weight, condition.comparison.grade(left, right).held()?);
        }
        for condition in optional {
            add_optional(&mut mean, condition.weight, condition.comparison.grade(left, right));
        }
        Some(mean.score())
    }

    /// Replaces `out` by the score of each pair, in their order: as [`Scorer::score`] says, but a condition at a
    /// time, over the pairs that are still in. Pairs that share a record should follow each other.
    pub fn score_many(&self, pairs: &[(Row, Row)], out: &mut Vec<Option<Millionths>>) {
        out.clear();
        match (pairs, self.conditions.as_slice()) {
            (_, []) if self.odds.is_none() => out.resize(pairs.len(), Some(self.start().score())),
            _ if pairs.len() < BATCH_MIN => {
                out.extend(pairs.iter().map(|(left, right)| self.score(*left, *right)));
            }
            _ => self.score_batch(pairs, out),
        }
    }

    fn score_batch(&self, pairs: &[(Row, Row)], out: &mut Vec<Option<Millionths>>) {
        if let Some(odds) = &self.odds {
            return self.probability_batch(odds, pairs, out);
        }
        let mut alive = pairs.to_vec();
        let mut positions: Vec<usize> = (0..pairs.len()).collect();
        let mut means = vec![self.start(); pairs.len()];
        let mut grades = Vec::with_capacity(pairs.len());
        let (required, optional) = self.split();
        for condition in required {
            condition.comparison.grade_many(&alive, &mut grades);
            let mut kept = 0;
            for index in 0..alive.len() {
                if let Grade::Holds(grade) = grades[index] {
                    (alive[kept], positions[kept], means[kept]) =
                        (alive[index], positions[index], means[index]);
                    means[kept].add(condition.weight, grade);
                    kept += 1;
                }
            }
            alive.truncate(kept);
            if kept == 0 {
                break;
            }
        }
        for condition in optional {
            condition.comparison.grade_many(&alive, &mut grades);
            for (mean, grade) in means.iter_mut().zip(&grades) {
                add_optional(mean, condition.weight, *grade);
            }
        }
        out.resize(pairs.len(), None);
        for ((_, position), mean) in alive.iter().zip(&positions).zip(&means) {
            out[*position] = Some(mean.score());
        }
    }

    /// What each condition says of a pair, by its position in the plan, ascending. Nothing stops early.
    #[must_use]
    pub fn grades(&self, left: Row, right: Row) -> Vec<(usize, Grade)> {
        let of = |bound: &Bound| (bound.position, bound.comparison.grade(left, right));
        let mut grades: Vec<_> = self.conditions.iter().map(of).collect();
        grades.sort_unstable_by_key(|(position, _)| *position);
        grades
    }

    /// What a condition measures of a pair, by its position in the plan.
    #[must_use]
    pub fn measured(&self, position: usize, left: Row, right: Row) -> Option<Measured> {
        let bound = self.conditions.iter().find(|bound| bound.position == position)?;
        bound.comparison.measured(left, right)
    }

    /// How many required conditions a pair does not satisfy, the floor of a probability being one. Stops beyond `most`.
    #[must_use]
    pub(crate) fn lacking(&self, left: Row, right: Row, most: usize) -> usize {
        let (required, _) = self.split();
        let lacks = |bound: &&Bound| bound.comparison.grade(left, right).held().is_none();
        let lacking = required.iter().filter(lacks).take(most.saturating_add(1)).count();
        if lacking > most { lacking } else { lacking + usize::from(self.is_below_floor(left, right)) }
    }

    /// The score of what some grades come to, as [`Scorer::grades`] lists them: whatever is required.
    #[must_use]
    pub(crate) fn steps(&self, grades: &[(usize, Grade)]) -> Workings {
        let mut steps = vec![Step { position: None, weight: self.key_weight, grade: ONE }];
        for (position, grade) in grades {
            let weight = self.conditions.iter().find(|bound| bound.position == *position);
            let grade = match grade {
                Grade::Holds(grade) => *grade,
                Grade::Fails => 0,
                Grade::Null => continue,
            };
            let weight = weight.map_or(0, |bound| bound.weight);
            steps.push(Step { position: Some(*position), weight, grade });
        }
        let mut mean = Mean { sum: 0, weight: 0 };
        for step in &steps {
            mean.add(step.weight, step.grade);
        }
        Workings { steps, sum: mean.sum, weight: mean.weight, score: mean.score() }
    }

    /// The variance of a pair under the pass's sign rule, `None` where the pass has none or an amount is null.
    ///
    /// `Same`: right − left. `Opposite`: left + right. `Ignore`: |right| − |left|. Saturates at the ends of i128,
    /// which two amounts near opposite ends can pass; [`Scorer::distance`] is exact there.
    #[must_use]
    pub fn variance(&self, left: Row, right: Row) -> Option<i128> {
        let (lefts, rights, sign) = self.variance.as_ref()?;
        let (left, right) = (lefts.get(left)?, rights.get(right)?);
        Some(match sign {
            Sign::Same => right.saturating_sub(left),
            Sign::Opposite => left.saturating_add(right),
            Sign::Ignore => {
                let size = i128::try_from(left.unsigned_abs().abs_diff(right.unsigned_abs()));
                let size = size.unwrap_or(i128::MAX);
                if right.unsigned_abs() < left.unsigned_abs() { -size } else { size }
            }
        })
    }

    /// |variance|, exact (the one sum that passes 128 bits, of twice the least amount, counts one unit less).
    /// What candidates are ranked by after their gain.
    #[must_use]
    pub fn distance(&self, left: Row, right: Row) -> Option<u128> {
        let (lefts, rights, sign) = self.variance.as_ref()?;
        let (left, right) = (lefts.get(left)?, rights.get(right)?);
        Some(match sign {
            Sign::Same => left.abs_diff(right),
            Sign::Opposite if (left < 0) == (right < 0) => {
                left.unsigned_abs().saturating_add(right.unsigned_abs())
            }
            Sign::Opposite | Sign::Ignore => left.unsigned_abs().abs_diff(right.unsigned_abs()),
        })
    }

    /// right − left of the pass's dates in calendar days, `None` where it has none or a date is null.
    #[must_use]
    pub fn days(&self, left: Row, right: Row) -> Option<i64> {
        let (lefts, rights) = self.days.as_ref()?;
        Some(i64::from(rights.get(right)?) - i64::from(lefts.get(left)?))
    }

    fn start(&self) -> Mean {
        let mut mean = Mean { sum: 0, weight: 0 };
        mean.add(self.key_weight, ONE);
        mean
    }

    fn split(&self) -> (&[Bound], &[Bound]) {
        self.conditions.split_at_checked(self.required).unwrap_or((&self.conditions, &[]))
    }
}

#[inline]
fn add_optional(mean: &mut Mean, weight: u64, grade: Grade) {
    match grade {
        Grade::Holds(grade) => mean.add(weight, grade),
        Grade::Fails => mean.add(weight, 0),
        Grade::Null => {}
    }
}

fn amount(side: &SideColumns, field: FieldIndex) -> Option<AmountColumn> {
    match side.fields.get(field) {
        Some(Column::Amount(column)) => Some(column.clone()),
        _ => None,
    }
}

fn date(side: &SideColumns, field: FieldIndex) -> Option<DateColumn> {
    match side.fields.get(field) {
        Some(Column::Date(column)) => Some(column.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
