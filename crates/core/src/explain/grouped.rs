//! The story of a group of more records that a pass made: of records that it takes as one, or of one that many went to.

use super::group::story_in;
use super::model::{GroupStory, Place};
use super::scene::Scene;
use super::world::World;
use crate::columns::Row;
use crate::error::{Error, Result};
use crate::outcome::{Group, Pair, Span};
use crate::plan::Side;

/// Tells the story of a group.
///
/// # Errors
/// A group that the pass would not make is an internal error; cancellation.
pub(super) fn story(world: &World<'_>, group: Group<'_>) -> Result<GroupStory> {
    let pass = group.verdict.pass;
    let bundled = Scene::bundled(world, pass)?;
    let odd = || Error::Internal(format!("a group of pass {pass} that it does not make"));
    let scene = Scene::new(world, (pass, Span::Across), &bundled)?.ok_or_else(odd)?;
    let pair = match scene.pass.bundles() {
        Some(_) => bundles(&scene, group),
        None => worst(&scene, group),
    };
    let members: Vec<Place> = group.members().collect();
    let id = group.id(|side, row| world.outcome.asked().side(side).row_number(row));
    story_in(&scene, &pair.ok_or_else(odd)?, (id, &members))
}

/// The two bundles.
fn bundles(scene: &Scene<'_>, group: Group<'_>) -> Option<Pair> {
    let row = |side: Side| Some(scene.seat_of((side, *group.on(side).first()?))?.1);
    Some(group.verdict.pair(row(Side::Left)?, row(Side::Right)?))
}

/// Of what went to one record, that with the least score: a group is as good as that.
fn worst(scene: &Scene<'_>, group: Group<'_>) -> Option<Pair> {
    let many = if group.lefts.len() > 1 { Side::Left } else { Side::Right };
    let one = *group.on(many.other()).first()?;
    let rows = |row: Row| if many == Side::Left { (row, one) } else { (one, row) };
    let score = |row: &Row| {
        let (left, right) = rows(*row);
        scene.context.scorer.score(left, right)
    };
    let (left, right) = rows(*group.on(many).iter().min_by_key(|row| score(row))?);
    Some(group.verdict.pair(left, right))
}
