//! What a condition's levels say of two records, and the probability that comes of them.

use super::model::{EvidenceStep, EvidenceSteps, ScoreSteps};
use super::scene::Scene;
use crate::columns::Row;
use crate::compare::{Evidence, Reached, Weighed};
use crate::outcome::Requirement;
use crate::plan::{ConditionPlan, Plan, TestPlan, name, pair_words, test_words};

/// A condition as it was met: by its own test, or by one of its levels.
pub(super) struct Level<'a> {
    plan: &'a Plan,
    condition: &'a ConditionPlan,
    /// The test of the level that holds; without one the condition's own.
    pub(super) test: &'a TestPlan,
    /// What the levels come to; `None` for a condition without them.
    pub(super) weighed: Option<Weighed>,
}

impl<'a> Level<'a> {
    pub(super) fn of(
        scene: &Scene<'a>,
        (at, condition): (usize, &'a ConditionPlan),
        (left, right): (Row, Row),
    ) -> Self {
        Self::new(scene, condition, scene.context.scorer.weighed(at, left, right))
    }

    fn new(scene: &Scene<'a>, condition: &'a ConditionPlan, weighed: Option<Weighed>) -> Self {
        let plan = scene.world.outcome.plan();
        let level = match (&condition.test, weighed.map(|weighed| weighed.reached)) {
            (TestPlan::Levels(levels), Some(Reached::Level(at))) => levels.levels.get(usize::from(at)),
            _ => None,
        };
        let test = level.map_or(&condition.test, |level| &level.test);
        Self { plan, condition, test, weighed }
    }

    /// The level that holds, in words.
    pub(super) fn held(&self) -> Option<String> {
        let reached = self.weighed?.reached;
        matches!(reached, Reached::Level(_)).then(|| test_words(self.plan, self.condition, self.test))
    }

    /// What the frequency of the value makes, where it counts.
    pub(super) fn by_frequency(&self) -> Option<i32> {
        let (weighed, TestPlan::Levels(levels)) = (self.weighed?, &self.condition.test) else { return None };
        let Reached::Level(at) = weighed.reached else { return None };
        levels.levels.get(usize::from(at)).filter(|level| level.frequency).map(|_| weighed.by_frequency)
    }

    /// The fields, and what was found of them.
    fn what(&self) -> String {
        let fields = pair_words(name(self.plan, self.condition.left), name(self.plan, self.condition.right));
        let found = match self.weighed.map(|weighed| weighed.reached) {
            Some(Reached::Null) => "empty".to_owned(),
            Some(Reached::None) => "on no level".to_owned(),
            Some(Reached::Level(_)) | None => test_words(self.plan, self.condition, self.test),
        };
        format!("{fields} {found}")
    }
}

impl Scene<'_> {
    /// A probability, step by step.
    pub(super) fn evidence(&self, evidence: &Evidence) -> ScoreSteps {
        let step = |(at, weighed): &(usize, Weighed)| {
            let level = Level::new(self, self.pass.conditions.get(*at)?, Some(*weighed));
            Some(EvidenceStep {
                what: level.what(),
                millibits: weighed.millibits,
                millibits_by_frequency: level.by_frequency(),
            })
        };
        let steps = EvidenceSteps {
            prior: evidence.prior.probability.decimal().normalize().to_string(),
            prior_millibits: evidence.prior.millibits,
            steps: evidence.steps.iter().filter_map(step).collect(),
            millibits: evidence.millibits,
        };
        ScoreSteps {
            steps: Vec::new(),
            sum: "0".to_owned(),
            weights: "0".to_owned(),
            score: evidence.score,
            evidence: Some(steps),
        }
    }

    /// What the score of a pair lacks, in words, where the pass requires a probability that it hasn't.
    pub(super) fn lacks_probability(&self, pair: (Row, Row)) -> Option<String> {
        let below = self.context.scorer.is_below_floor(pair.0, pair.1);
        below.then(|| self.lacks(Requirement::Floor, pair))
    }
}
