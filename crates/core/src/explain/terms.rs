//! What became of a group's amounts before they were compared: from the records to the compared sum.

use super::model::{Place, TermStory};
use super::scene::Scene;
use super::words;
use crate::bundles::Terms;
use crate::columns::{Column, Row};
use crate::error::Result;
use crate::plan::Side;
use arrow_buffer::i256;

/// The amounts of both sides that the pass of a group compares otherwise than they stand; none where it has no fees and
/// converts nothing.
///
/// # Errors
/// Terms that can't be bound, which the run has told already.
pub(super) fn terms(scene: &Scene<'_>, members: &[Place]) -> Result<Vec<TermStory>> {
    let columns = scene.world.outcome.asked();
    let (Some(terms), Some(fields)) = (Terms::bind(scene.pass, columns)?, scene.pass.variance) else {
        return Ok(Vec::new());
    };
    let of = |side: Side| {
        let field = if side == Side::Left { fields.left } else { fields.right };
        let amount = |row: Row| match columns.side(side).fields.get(field)? {
            Column::Amount(amounts) => amounts.get(row),
            _ => None,
        };
        let own = members.iter().filter(|(of, _)| *of == side);
        let amounts: Vec<(Row, Option<i128>)> = own.map(|(_, row)| (*row, amount(*row))).collect();
        let known: Option<Vec<i128>> = amounts.iter().map(|(_, amount)| *amount).collect();
        let told = |units: i256| units.to_i128().map(|units| words::amount(units, columns.scale));
        let gross = known.as_ref().map(|known| {
            known.iter().fold(i256::ZERO, |sum, amount| sum.wrapping_add(i256::from_i128(*amount)))
        });
        let fee = known.map(|known| terms.kept(side, known.into_iter()));
        TermStory {
            side: side.name(),
            source: scene.world.outcome.plan().names[side.index()].clone(),
            gross: gross.and_then(told),
            fee: fee.filter(|_| terms.keeps()).and_then(told),
            converts: terms.converts_on(side),
            compared: terms.sum(side, &amounts.iter().copied()).and_then(told),
        }
    };
    Ok(Side::BOTH.into_iter().filter(|side| terms.on(*side)).map(of).collect())
}
