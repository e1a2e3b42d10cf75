//! The words of an explanation: what a pair lacks, what became of a candidate, why a choice is (un)certain.

use super::model::{Behind, RecordName};
use super::scene::{Found, Scene};
use super::verdict::units;
use crate::breaks::{Change, Shortfall, shortfall};
use crate::columns::Row;
use crate::compare::Measured;
use crate::money::display_units;
use crate::outcome::{Ambiguity, NO_REGRET, Pair, Requirement};
use crate::plan::{Grouping, PassPlan, decimal, name, pair_words};
use crate::spec::{Ambiguous, Status};
use std::fmt;

impl fmt::Display for RecordName {
    /// `bank:4711 (row 17)`, or `bank#17` without an id: what the program takes as `--record`, and the row.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "{}:{id} (row {})", self.source, self.row),
            None => write!(f, "{}#{}", self.source, self.row),
        }
    }
}

/// What a requirement lacks of a pair, and the smallest change to the spec that it would hold with.
pub(super) fn lacks(scene: &Scene<'_>, requirement: Requirement, pair: (Row, Row)) -> String {
    let outcome = scene.world.outcome;
    if scene.sides[0] == scene.sides[1] {
        return inside(scene, requirement, pair);
    }
    let short = shortfall(outcome.plan(), scene.columns(), (scene.index, requirement), pair);
    short.as_ref().map_or_else(String::new, lacking)
}

/// What is lacking, and what it would take.
pub(super) fn lacking(short: &Shortfall) -> String {
    match &short.change {
        Change::Without => short.differs.clone(),
        change => format!("{}; it would hold {change}", short.differs),
    }
}

/// The same of two records of one source, which have no two names to tell them apart by.
fn inside(scene: &Scene<'_>, requirement: Requirement, pair: (Row, Row)) -> String {
    let plan = scene.world.outcome.plan();
    let (key, condition) = match requirement {
        Requirement::Key(at) => (scene.pass.key.get(usize::from(at)), None),
        Requirement::Condition(at) => (None, scene.pass.conditions.get(usize::from(at)).zip(Some(at))),
        Requirement::Floor => {
            let Some(evidence) = scene.context.scorer.evidence(pair.0, pair.1) else { return String::new() };
            let [likely, floor] = [evidence.score, scene.pass.floor].map(|share| decimal(share.into()));
            return format!(
                "its probability of {likely} is below {floor}; it would hold at floor = {likely}"
            );
        }
    };
    let fields = key.map(|key| (key.left, key.right));
    let fields = fields.or_else(|| condition.map(|(condition, _)| (condition.left, condition.right)));
    let Some((from, to)) = fields else { return String::new() };
    let subject = pair_words(name(plan, from), name(plan, to));
    let cells = [(0, pair.0, from), (1, pair.1, to)];
    let empty =
        |&(seat, row, field): &(usize, Row, usize)| scene.world.cell(scene.place(seat, row), field).is_none();
    if cells.iter().any(empty) {
        return format!("{subject} is empty");
    }
    let measured =
        condition.and_then(|(_, at)| scene.context.scorer.measured(usize::from(at), pair.0, pair.1));
    let scale = scene.world.outcome.asked().scale;
    match measured {
        Some(Measured::Amounts { signs_agree: false, .. }) if scene.is_cluster() => {
            format!("{subject} has the other sign")
        }
        Some(Measured::Amounts { distance, .. }) if scene.is_cluster() => {
            format!("{subject} is {} apart", units(distance, scale))
        }
        Some(Measured::Amounts { signs_agree: false, .. }) => format!("{subject} has the same sign"),
        Some(Measured::Amounts { distance, .. }) => {
            format!("{subject} nets to {}, not to zero", units(distance, scale))
        }
        Some(Measured::Days(days)) => format!("{subject} is {days} days apart"),
        Some(Measured::Likeness(likeness)) => format!("{subject} is {} alike", decimal(likeness.into())),
        None => format!("{subject} differs"),
    }
}

/// How much better one candidate is than another.
pub(super) fn behind(loser: &Found, winner: &Found, scale: u8) -> Behind {
    let (more, less) = (loser.distance.max(winner.distance), loser.distance.min(winner.distance));
    let sign = if loser.distance < winner.distance { "-" } else { "" };
    Behind {
        score: i64::from(winner.score) - i64::from(loser.score),
        variance: format!("{sign}{}", units(more - less, scale)),
        days: i64::try_from(loser.days).unwrap_or(i64::MAX) - i64::try_from(winner.days).unwrap_or(i64::MAX),
    }
}

/// By what the winner won: the first of gain, variance and days in which they differ.
pub(super) fn won_by(loser: &Found, winner: &Found, scale: u8) -> String {
    let behind = behind(loser, winner, scale);
    let score = decimal(behind.score.unsigned_abs());
    if winner.gain > loser.gain {
        return format!("whose score is {score} better");
    }
    if winner.gain < loser.gain {
        return format!(
            "whose score is {score} worse: so the pass reaches the greatest sum over all its pairs"
        );
    }
    if winner.distance != loser.distance {
        let better = if winner.distance < loser.distance { "smaller" } else { "larger" };
        let by = behind.variance.trim_start_matches('-');
        return format!("with an equal gain and a variance that is {by} {better}");
    }
    if winner.days != loser.days {
        let better = if winner.days < loser.days { "fewer" } else { "more" };
        return format!("with an equal gain and variance and {} days {better}", behind.days.abs());
    }
    "with an equal gain, variance and days".to_owned()
}

/// What an ambiguity means. A pair that is not tied is ambiguous by its pass's margin.
pub(super) fn ambiguity(pair: &Pair, pass: &PassPlan, tied: bool) -> String {
    match pair.ambiguity {
        Ambiguity::Unique if pass.grouping == Grouping::Cluster => {
            "all that are near each other were looked at".to_owned()
        }
        Ambiguity::Limited if pass.grouping == Grouping::Cluster => {
            "it has more records than cluster_max, or a limit cut the search: more may belong to it".to_owned()
        }
        Ambiguity::Unique => "it is in every optimal answer of the pass".to_owned(),
        Ambiguity::Interchangeable => {
            "equal records could take each other's place; what is put together is the same in every optimal answer"
                .to_owned()
        }
        Ambiguity::Limited => {
            "a limit cut the search here: another answer might have been better".to_owned()
        }
        Ambiguity::Ambiguous if !tied && pass.margin > 0 => {
            let margin = decimal(pass.margin.into());
            format!("another answer is worse by no more than the pass's margin of {margin}")
        }
        Ambiguity::Ambiguous => "other answers are exactly as good and put other records together".to_owned(),
    }
}

/// What a regret means.
pub(super) fn regret(pair: &Pair) -> String {
    match pair.regret {
        NO_REGRET => "it was not computed: too many records hang together here".to_owned(),
        0 => "forbidding this pair would lose no gain".to_owned(),
        regret => format!("forbidding this pair would lose a gain of {}", decimal(regret.into())),
    }
}

/// Why a group is proposed.
pub(super) fn proposed(pair: &Pair, pass: &PassPlan) -> Option<String> {
    if pair.status != Status::Proposed {
        return None;
    }
    let mut reasons = Vec::new();
    if pass.status == Status::Proposed {
        reasons.push("the pass proposes all it finds".to_owned());
    }
    if pair.score < pass.propose_below {
        reasons.push(format!(
            "its score is below the pass's propose_below of {}",
            decimal(pass.propose_below.into())
        ));
    }
    if pair.ambiguity == Ambiguity::Ambiguous && pass.ambiguous == Ambiguous::Propose {
        reasons.push("it is ambiguous, and the pass proposes what is".to_owned());
    }
    if pass.margin > 0 && pair.regret == NO_REGRET {
        reasons.push("the pass has a margin, and its regret was not computed".to_owned());
    }
    if pass.grouping == Grouping::Cluster && reasons.is_empty() {
        reasons.push("it has more records than the limit cluster_max".to_owned());
    }
    Some(reasons.join("; "))
}

/// A signed amount.
pub(super) fn amount(units: i128, scale: u8) -> String {
    display_units(units, scale)
}
