//! The story of a group: what holds it together, how certain it is, and what else its members could have been.

use super::alternatives::Alternatives;
use super::model::{AlternativeStory, GroupStory, MemberStory, Place, RivalStory};
use super::scene::Scene;
use super::world::{World, members};
use super::{ALTERNATIVES_MAX, CANDIDATES_MAX, words};
use crate::breaks::comparable;
use crate::columns::{Column, Row};
use crate::error::{Error, Result};
use crate::outcome::{Ambiguity, NO_REGRET, Pair, group_id};
use crate::plan::{Millionths, Side};

/// Tells the story of a group.
///
/// # Errors
/// A pair of a pass that is not in the plan is an internal error.
pub(super) fn story(world: &World<'_>, pair: &Pair) -> Result<GroupStory> {
    let bundled = Scene::bundled(world, pair.pass)?;
    let Some(scene) = Scene::new(world, (pair.pass, pair.span), &bundled)? else {
        return Err(Error::Internal(format!("a group of pass {} of none", pair.pass)));
    };
    let [left, right] = members(pair);
    let own =
        scene.seat_of(left).zip(scene.seat_of(right)).filter(|_| pair.span == crate::outcome::Span::Across);
    let inside = own.map_or(*pair, |(left, right)| Pair { left: left.1, right: right.1, ..*pair });
    let id = group_id(world.outcome.asked(), pair);
    story_in(&scene, &inside, (id, &members(pair)))
}

/// Tells the story of a group whose rows are those of a scene.
pub(super) fn story_in(scene: &Scene<'_>, pair: &Pair, (id, all): (u64, &[Place])) -> Result<GroupStory> {
    let world = scene.world;
    let pass = scene.pass;
    let scale = world.outcome.asked().scale;
    let rows = (pair.left, pair.right);
    // Both records of one side stand on either side of their story.
    let within = pair.span != crate::outcome::Span::Across && !scene.is_cluster();
    let on = |seat: usize| -> Vec<MemberStory> {
        let places = all
            .iter()
            .enumerate()
            .filter(|(at, place)| if within { *at == seat } else { place.0.index() == seat });
        let story = |place: Place| MemberStory {
            record: world.name(place),
            file: world.file(place),
            in_part: world.part(place),
            cells: world.cells(place),
        };
        places.map(|(_, place)| story(*place)).collect()
    };
    let others = match pair.ambiguity {
        Ambiguity::Ambiguous => scene.alternatives(pair)?,
        _ => Alternatives::default(),
    };
    Ok(GroupStory {
        group_id: id,
        pass: pass.name.clone(),
        cardinality: pass.cardinality.name(),
        status: pair.status.name(),
        proposed_because: words::proposed(pair, pass),
        ambiguity: pair.ambiguity.name(),
        ambiguity_words: words::ambiguity(pair, pass, others.tied),
        left: on(0),
        right: on(1),
        terms: super::terms::terms(scene, all)?,
        conditions: scene.verdicts(rows),
        score: scene.steps(rows),
        gain: scene.context.gain(pair.score),
        regret: (pair.regret != NO_REGRET).then_some(pair.regret),
        regret_words: words::regret(pair),
        variance: variance(scene, pair, all).map(|units| words::amount(units, scale)),
        days: days(scene, pair, all),
        rivals_count: pair.rivals,
        rivals: if scene.is_cluster() {
            Vec::new()
        } else {
            vec![rivals(scene, 0, pair.left)?, rivals(scene, 1, pair.right)?]
        },
        alternatives: others
            .pairs
            .iter()
            .take(ALTERNATIVES_MAX)
            .map(|one| alternative(scene, *one))
            .collect(),
        alternatives_count: others.pairs.len() as u64,
    })
}

/// Right − left by the pass's rule for signs, of what the group takes.
fn variance(scene: &Scene<'_>, pair: &Pair, all: &[Place]) -> Option<i128> {
    let outcome = scene.world.outcome;
    let (fields, is_parted) =
        (scene.pass.variance?, all.iter().any(|place| scene.world.part(*place).is_some()));
    if !is_parted {
        return scene.context.scorer.variance(pair.left, pair.right);
    }
    let sum = |side: Side, field: usize| {
        let Some(Column::Amount(amounts)) = outcome.columns().side(side).fields.get(field) else {
            return None;
        };
        let own = all.iter().filter(|place| place.0 == side);
        own.map(|(_, row)| amounts.get(*row)).try_fold(0_i128, |sum, amount| sum.checked_add(amount?))
    };
    let (left, right) = (sum(Side::Left, fields.left)?, sum(Side::Right, fields.right)?);
    let (left, right) = comparable(left, right, fields.sign);
    right.checked_sub(left)
}

/// The latest on the right − the latest on the left, of the records that the group has.
fn days(scene: &Scene<'_>, pair: &Pair, all: &[Place]) -> Option<i64> {
    if !all.iter().any(|place| scene.world.part(*place).is_some()) {
        return scene.context.scorer.days(pair.left, pair.right);
    }
    let (left, right) = scene.pass.days?;
    let columns = scene.world.outcome.asked();
    let latest = |side: Side, field: usize| {
        let Some(Column::Date(dates)) = columns.side(side).fields.get(field) else { return None };
        let own = all.iter().filter(|place| place.0 == side);
        own.map(|(_, row)| dates.get(*row)).collect::<Option<Vec<i32>>>()?.into_iter().max()
    };
    Some(i64::from(latest(Side::Right, right)?) - i64::from(latest(Side::Left, left)?))
}

/// The other candidates of a member.
fn rivals(scene: &Scene<'_>, seat: usize, row: Row) -> Result<RivalStory> {
    let partner = scene.partner(seat, row).map(|(_, partner)| partner);
    let mut candidates = scene.candidates(seat, row, &scene.block(seat, row))?;
    // Records equal to the partner are rivals too.
    for found in &mut candidates.found {
        found.members.retain(|member| Some(*member) != partner);
    }
    candidates.found.retain(|found| !found.members.is_empty());
    Ok(RivalStory {
        member: scene.world.name(scene.place(seat, row)),
        count: candidates.records(),
        candidates: candidates
            .found
            .iter()
            .take(CANDIDATES_MAX)
            .map(|found| scene.candidate(seat, row, found))
            .collect(),
    })
}

/// A pair that other optimal answers make.
fn alternative(scene: &Scene<'_>, (left, right, score): (Row, Row, Millionths)) -> AlternativeStory {
    let [left, right] = [(0, left), (1, right)].map(|(seat, row)| scene.world.name(scene.place(seat, row)));
    AlternativeStory { left, right, score }
}
