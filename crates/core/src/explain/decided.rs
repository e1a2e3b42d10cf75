//! The story of a group that a person decided: it may break any condition, so there is nothing to grade and no rival.

use super::model::{GroupName, GroupStory, MemberStory, Place, ScoreSteps};
use super::words;
use super::world::World;
use crate::outcome::{Group, NO_REGRET};
use crate::plan::{ONE, Plan, Side};

/// The group in short, as a member sees it.
pub(super) fn name(world: &World<'_>, group: Group<'_>, place: Place) -> GroupName {
    let others = group.members().filter(|member| *member != place);
    GroupName {
        group_id: id(world, group),
        pass: pass_name(world.outcome.plan(), group),
        status: group.verdict.status.name(),
        ambiguity: group.verdict.ambiguity.name(),
        with: others.map(|member| world.name(member)).collect(),
    }
}

/// Tells the story of a group that a decision made.
pub(super) fn story(world: &World<'_>, group: Group<'_>) -> GroupStory {
    let verdict = group.verdict;
    let member = |place: Place| MemberStory {
        record: world.name(place),
        file: world.file(place),
        in_part: world.part(place),
        cells: world.cells(place),
    };
    let on = |side: Side| group.on(side).iter().map(|row| member((side, *row))).collect();
    let score = ScoreSteps {
        steps: Vec::new(),
        sum: "0".to_owned(),
        weights: "0".to_owned(),
        score: verdict.score.min(ONE),
        evidence: None,
    };
    GroupStory {
        group_id: id(world, group),
        pass: pass_name(world.outcome.plan(), group),
        cardinality: if world.outcome.plan().one_source { "cluster" } else { cardinality(group) },
        status: verdict.status.name(),
        proposed_because: None,
        ambiguity: verdict.ambiguity.name(),
        ambiguity_words: "a person decided it, before any pass ran".to_owned(),
        left: on(Side::Left),
        right: on(Side::Right),
        terms: Vec::new(),
        conditions: Vec::new(),
        score,
        gain: verdict.score,
        regret: (verdict.regret != NO_REGRET).then_some(verdict.regret),
        regret_words: "nothing competed with it".to_owned(),
        variance: variance(world, group),
        days: None,
        rivals_count: verdict.rivals,
        rivals: Vec::new(),
        alternatives: Vec::new(),
        alternatives_count: 0,
    }
}

fn id(world: &World<'_>, group: Group<'_>) -> u64 {
    group.id(|side, row| world.outcome.asked().side(side).row_number(row))
}

fn pass_name(plan: &Plan, group: Group<'_>) -> String {
    plan.passes.get(usize::from(group.verdict.pass)).map_or_else(String::new, |pass| pass.name.clone())
}

fn cardinality(group: Group<'_>) -> &'static str {
    match (group.lefts.len(), group.rights.len()) {
        (1, 1) => "1:1",
        (0, _) | (_, 0) => "same_side",
        (1, _) => "1:n",
        (_, 1) => "n:1",
        _ => "n:m",
    }
}

/// Right − left of the amounts tied out, the sum inside one source; `None` where one is null.
fn variance(world: &World<'_>, group: Group<'_>) -> Option<String> {
    let columns = world.outcome.asked();
    let field = world.outcome.plan().tie_out.amount?;
    let sum = |side: Side| {
        group.on(side).iter().try_fold(0_i128, |sum, row| {
            let amount = match columns.side(side).fields.get(field)? {
                crate::columns::Column::Amount(amounts) => amounts.get(*row)?,
                _ => return None,
            };
            Some(sum.wrapping_add(amount))
        })
    };
    let (left, right) = (sum(Side::Left)?, sum(Side::Right)?);
    let variance = if group.is_one_sided() { left.wrapping_add(right) } else { right.wrapping_sub(left) };
    Some(words::amount(variance, columns.scale))
}
