//! The story of a cluster: what holds it together at its weakest.

use super::group::story_in;
use super::model::{GroupStory, Place};
use super::scene::Scene;
use super::world::World;
use crate::columns::{Row, row_of};
use crate::decisions::barred_from;
use crate::error::{Error, Result};
use crate::outcome::{Span, Verdict};
use crate::plan::{Millionths, Side};
use crate::resolve::cluster::Forest;
use std::cmp::Reverse;

/// Members of a cluster among which its weakest link is looked for: the first ones.
const LINKED_MAX: usize = 1_000;

/// Tells the story of a cluster.
///
/// Cost: every two members are compared, up to [`LINKED_MAX`].
///
/// # Errors
/// A cluster that the pass would not make is an internal error; cancellation.
pub(super) fn story(world: &World<'_>, verdict: Verdict, members: &[Row]) -> Result<GroupStory> {
    let bundled = Scene::bundled(world, verdict.pass)?;
    let odd = || Error::Internal(format!("a cluster of pass {} that it does not make", verdict.pass));
    let scene = Scene::new(world, (verdict.pass, Span::WithinLeft), &bundled)?.ok_or_else(odd)?;
    let (one, other) = weakest(&scene, members)?.ok_or_else(odd)?;
    let pair = verdict.pair_within(one, other);
    let columns = world.outcome.asked();
    let number = |row: &Row| columns.side(Side::Left).row_number(*row);
    let id = members.iter().map(number).min().map_or(u64::MAX, |first| 2 * first);
    let places: Vec<Place> = members.iter().map(|row| (Side::Left, *row)).collect();
    let mut told = story_in(&scene, &pair, (id, &places))?;
    let [one, other] = [one, other].map(|row| world.name((Side::Left, row)));
    told.regret_words = format!("nothing competes with it; its weakest link is that of {one} and {other}");
    Ok(told)
}

/// The weakest pair that a cluster needs: the last that joins two parts, when pairs are taken best first.
fn weakest(scene: &Scene<'_>, members: &[Row]) -> Result<Option<(Row, Row)>> {
    let members = &members[..members.len().min(LINKED_MAX)];
    let mut links: Vec<(Reverse<Millionths>, usize, usize)> = Vec::new();
    let mut scores = Vec::new();
    for (at, row) in members.iter().enumerate() {
        scene.world.cancel.check()?;
        let pairs: Vec<(Row, Row)> = members[at + 1..].iter().map(|other| (*row, *other)).collect();
        scene.context.scorer.score_many(&pairs, &mut scores);
        // What a person rejected is no link.
        let barred = barred_from(scene.context.barred[0], *row);
        for (other, score) in (at + 1..).zip(&scores) {
            if barred.iter().all(|pair| pair.1 != members[other]) {
                links.extend(score.map(|score| (Reverse(score), at, other)));
            }
        }
    }
    links.sort_unstable();
    let mut forest = Forest::new(members.len());
    let mut last = None;
    for (_, one, other) in links {
        let roots = [one, other].map(|at| forest.root(row_of(at)));
        if roots[0] != roots[1] {
            forest.join(roots);
            last = Some((members[one], members[other]));
        }
    }
    Ok(last)
}
