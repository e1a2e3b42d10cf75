//! What every requirement of a pass says of two records, with the values in the file's own terms, and the score that
//! the grades come to.

use super::level::Level;
use super::model::{ScoreStep, ScoreSteps, Verdict};
use super::scene::Scene;
use super::words;
use crate::columns::{Row, Value};
use crate::compare::{Grade, Measured};
use crate::money::display_units;
use crate::outcome::Requirement;
use crate::plan::{ConditionPlan, KeyPlan, TestPlan, condition_view, decimal, name, pair_words};

/// Shared values that are named.
const SHARED_MAX: usize = 5;

impl Scene<'_> {
    /// What the pass requires and grades of a pair: the key first, then its conditions in order.
    pub(super) fn verdicts(&self, pair: (Row, Row)) -> Vec<Verdict> {
        let keys = self.pass.key.iter().enumerate().map(|(at, key)| self.key_verdict(at, key, pair));
        let grades = self.context.scorer.grades(pair.0, pair.1);
        let conditions = grades.into_iter().filter_map(|(at, grade)| {
            Some(self.condition_verdict(at, self.pass.conditions.get(at)?, grade, pair))
        });
        keys.chain(conditions).collect()
    }

    fn key_verdict(&self, at: usize, key: &KeyPlan, pair: (Row, Row)) -> Verdict {
        let plan = self.world.outcome.plan();
        let (left_value, right_value) = self.values(pair, key.left, key.right);
        let verdict = match (&left_value, &right_value) {
            (None, None) if key.nulls_equal => "holds",
            (None, _) | (_, None) if !key.nulls_equal => "null",
            _ if self.keys_agree(at, pair) => "holds",
            _ => "fails",
        };
        Verdict {
            left: name(plan, key.left).to_owned(),
            right: name(plan, key.right).to_owned(),
            test: if key.nulls_equal { "equal, nulls too".to_owned() } else { "equal".to_owned() },
            key: true,
            required: true,
            verdict,
            left_value,
            right_value,
            difference: None,
            allowance: None,
            grade: (verdict == "holds").then_some(crate::plan::ONE),
            weight: None,
            lacks: (verdict != "holds").then(|| self.lacks(Requirement::Key(position(at)), pair)),
            millibits: None,
            millibits_by_frequency: None,
            shared: None,
        }
    }

    fn condition_verdict(
        &self,
        at: usize,
        condition: &ConditionPlan,
        grade: Grade,
        pair: (Row, Row),
    ) -> Verdict {
        let view = condition_view(self.world.outcome.plan(), condition);
        let level = Level::of(self, (at, condition), pair);
        let graded = self.pass.prior.is_none();
        let (left_value, right_value) = self.values(pair, condition.left, condition.right);
        let (difference, allowance) = self.measured(at, level.test, pair);
        let lacking = condition.required && grade.held().is_none();
        Verdict {
            left: view.left,
            right: view.right,
            test: level.held().unwrap_or(view.test),
            key: false,
            required: condition.required,
            verdict: match grade {
                Grade::Holds(_) => "holds",
                Grade::Fails => "fails",
                Grade::Null => "null",
            },
            left_value,
            right_value,
            difference,
            allowance,
            grade: grade.held().filter(|_| graded),
            weight: graded.then_some(condition.weight),
            lacks: lacking.then(|| self.lacks(Requirement::Condition(position(at)), pair)),
            millibits: level.weighed.map(|weighed| weighed.millibits),
            millibits_by_frequency: level.by_frequency(),
            shared: self.shared(condition, pair),
        }
    }

    fn values(&self, (left, right): (Row, Row), from: usize, to: usize) -> (Option<String>, Option<String>) {
        (self.cell(0, left, from), self.cell(1, right, to))
    }

    /// The values that two records share by an equality of many values.
    fn shared(&self, condition: &ConditionPlan, pair: (Row, Row)) -> Option<String> {
        let columns = self.world.outcome.asked();
        let column = |seat: usize, field: usize| columns.side(self.sides[seat]).fields.get(field);
        let (left, right) = (column(0, condition.left)?, column(1, condition.right)?);
        let is_equality = matches!(condition.test, TestPlan::Equals) && (left.is_many() || right.is_many());
        let theirs: Vec<Value<'_>> = if is_equality { right.values(pair.1).collect() } else { Vec::new() };
        let shared = left.values(pair.0).filter(|value| theirs.contains(value)).take(SHARED_MAX);
        let shared: Vec<String> = shared.map(|value| value.to_string()).collect();
        (!shared.is_empty()).then(|| shared.join(", "))
    }

    /// What lies between the values, and what may.
    fn measured(
        &self,
        at: usize,
        test: &TestPlan,
        (left, right): (Row, Row),
    ) -> (Option<String>, Option<String>) {
        let scale = self.world.outcome.asked().scale;
        match (self.context.scorer.measured(at, left, right), test) {
            (Some(Measured::Amounts { distance, allowed, .. }), _) => {
                (Some(units(distance, scale)), Some(units(allowed, scale)))
            }
            (Some(Measured::Days(days)), TestPlan::Days(range) | TestPlan::BusinessDays(range, _)) => {
                (Some(days.to_string()), Some(format!("{} to {}", range.from, range.to)))
            }
            (Some(Measured::Likeness(likeness)), TestPlan::Similar(_, at_least)) => {
                (Some(decimal(likeness.into())), Some(decimal((*at_least).into())))
            }
            _ => (None, None),
        }
    }

    /// What a requirement lacks of a pair, in words.
    pub(super) fn lacks(&self, requirement: Requirement, pair: (Row, Row)) -> String {
        words::lacks(self, requirement, pair)
    }

    /// The score of a pair, step by step.
    pub(super) fn steps(&self, (left, right): (Row, Row)) -> ScoreSteps {
        let plan = self.world.outcome.plan();
        let scorer = &self.context.scorer;
        if let Some(evidence) = scorer.evidence(left, right) {
            return self.evidence(&evidence);
        }
        let steps = scorer.steps(&scorer.grades(left, right));
        let what = |position: Option<usize>| {
            let condition = position.and_then(|at| self.pass.conditions.get(at));
            condition.map_or_else(
                || "key".to_owned(),
                |condition| {
                    let view = condition_view(plan, condition);
                    format!("{} {}", pair_words(&view.left, &view.right), view.test)
                },
            )
        };
        let step = |step: &crate::compare::Step| ScoreStep {
            what: what(step.position),
            weight: step.weight,
            grade: step.grade,
            product: (u128::from(step.weight) * u128::from(step.grade)).to_string(),
        };
        ScoreSteps {
            steps: steps
                .steps
                .iter()
                .filter(|one| one.position.is_some() || one.weight > 0)
                .map(step)
                .collect(),
            sum: steps.sum.to_string(),
            weights: steps.weight.to_string(),
            score: steps.score,
            evidence: None,
        }
    }
}

/// Units of an amount that is never negative, as a decimal.
pub(super) fn units(amount: u128, scale: u8) -> String {
    display_units(i128::try_from(amount).unwrap_or(i128::MAX), scale)
}

fn position(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}
