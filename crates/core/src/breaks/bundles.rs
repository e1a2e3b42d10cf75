//! The nearest of records that a pass takes as one: bundles of the open records are looked for as records are, and what
//! is found tells of every member.

use super::frequency::{Frequency, Samples};
use super::nearest::{Open, Wanted};
use super::relaxed::relaxed_bundles;
use super::{Best, Miss, Noted, best_of};
use crate::bundles::Bundled;
use crate::columns::{Columns, Row, row_of};
use crate::control::Control;
use crate::error::Result;
use crate::outcome::{Break, Reason};
use crate::plan::{Plan, Side};

/// What was found for open records of which nothing is known yet, by their side.
pub(super) fn misses(
    (plan, columns): (&Plan, &Columns),
    index: u16,
    (noted, is_wanted): (&mut [Noted; 2], &impl Fn(Side, Row) -> bool),
    control: &Control,
) -> Result<Vec<(Side, Miss)>> {
    let Some(pass) = plan.passes.get(usize::from(index)) else { return Ok(Vec::new()) };
    let open = [noted[0].open.as_slice(), noted[1].open.as_slice()];
    let bundled = Bundled::of(plan, pass, columns, open, control)?;
    let own = bundled.columns(columns.scale);
    let samples = Samples::draw(plan, &own);
    let frequency = Frequency::whole(samples, &own);
    let wanted: Wanted = Side::BOTH.map(|side| {
        let mut wanted = vec![false; own.side(side).rows as usize];
        for row in &bundled.rows[side.index()] {
            wanted[*row as usize] =
                bundled.members.of(side, row).iter().any(|member| is_wanted(side, *member));
        }
        wanted
    });
    let ways = relaxed_bundles((pass, index), (columns, &bundled), &own, &frequency)?;
    let rows = [bundled.rows[0].as_slice(), bundled.rows[1].as_slice()];
    let best = best_of(&Open { plan, columns: &own, rows, control }, &ways, &wanted, &frequency)?;
    let mut misses = Vec::new();
    for side in Side::BOTH {
        let Best { near, cut } = &best[side.index()];
        let open = |row: Row| {
            let members = bundled.members.of(side, &row).iter().filter(|member| is_wanted(side, **member));
            members.copied().collect::<Vec<_>>()
        };
        for member in cut.iter().flat_map(|row| open(*row)) {
            let noted = &mut noted[side.index()];
            if let Some(broken) = position(noted, member).and_then(|at| noted.breaks.get_mut(at)) {
                broken.reason = Reason::SearchLimit;
                broken.pass = broken.pass.or(Some(index));
            }
        }
        for (way, near) in near {
            for member in open(near.row) {
                let Some(at) = position(&noted[side.index()], member) else { continue };
                let miss = Miss::of_bundle(&ways[*way], near, (side, row_of(at), member), &bundled);
                misses.push((side, miss));
            }
        }
    }
    Ok(misses)
}

/// Where the break of an open record stands.
fn position(noted: &Noted, row: Row) -> Option<usize> {
    noted.breaks.binary_search_by_key(&row, |found: &Break| found.row).ok()
}
