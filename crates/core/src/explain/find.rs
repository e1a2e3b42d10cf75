//! From a subject to the record or group that is meant.

use super::model::{Place, Subject};
use super::world::{Member, World, grouped, member};
use crate::columns::{Canon, Column, Row, row_of};
use crate::error::{DataError, Error, Mistake, Result};
use crate::outcome::{Group, Outcome, cell_text, group_id};
use crate::plan::{Plan, Side};
use crate::spec::nearest_name;

/// Rows listed in a message.
const ROWS_LISTED_MAX: usize = 12;

/// The side that a name means: a source's own name first, else `left` or `right`.
///
/// # Errors
/// `unknown_source`, with the nearest name.
pub(super) fn side(plan: &Plan, given: &str) -> Result<Side> {
    let by = |name: fn(&Plan, Side) -> &str| Side::BOTH.into_iter().find(|side| name(plan, *side) == given);
    let found = by(|plan, side| &plan.names[side.index()]).or_else(|| by(|_, side| side.name()));
    found.ok_or_else(|| {
        let names = plan.names.iter().map(String::as_str);
        let expected = match &plan.names {
            [source, _] if plan.one_source => format!("\"{source}\" (or left)"),
            [left, right] => format!("\"{left}\" or \"{right}\" (or left, right)"),
        };
        let nearest = nearest_name(given, names).map(str::to_owned);
        Error::call(Mistake::new("unknown_source", "side", format!("\"{given}\""), expected).nearest(nearest))
    })
}

/// The group of an id.
///
/// # Errors
/// `unknown_group`.
pub(super) fn group(outcome: &Outcome, id: u64) -> Result<Member<'_>> {
    let pairs = outcome.pairs_rows();
    let columns = outcome.asked();
    let at = pairs.binary_search_by_key(&id, |pair| group_id(columns, pair));
    let pair = at.ok().and_then(|at| pairs.get(at)).map(|pair| member(outcome, pair));
    let has_id = |group: &Group<'_>| group.id(|side, row| columns.side(side).row_number(row)) == id;
    let many = || outcome.found().groups.iter().find(has_id).map(|group| grouped(outcome, group));
    pair.or_else(many).ok_or_else(|| {
        let expected = "a group_id of the table groups".to_owned();
        Error::call(Mistake::new("unknown_group", "group", id.to_string(), expected))
    })
}

/// The record that a subject means.
///
/// # Errors
/// `unknown_record`; `repeated_id` where it takes an occurrence to tell which of several is meant.
pub(super) fn record(world: &World<'_>, subject: &Subject) -> Result<Option<Place>> {
    match subject {
        Subject::Group(_) => Ok(None),
        Subject::Record { side, row } => by_row(world, *side, *row).map(Some),
        Subject::Id { side, id, occurrence } => by_id(world, (*side, id), *occurrence).map(Some),
    }
}

fn refused(world: &World<'_>, side: Side, code: &'static str, (problem, hint): (String, String)) -> Error {
    DataError::new(code, &world.outcome.plan().names[side.index()], problem, hint).into()
}

fn by_row(world: &World<'_>, side: Side, row: u64) -> Result<Place> {
    let source = world.outcome.asked().side(side);
    let at = match &source.row_numbers {
        None => Row::try_from(row).ok().filter(|row| *row < source.rows),
        Some(numbers) => numbers.iter().position(|number| *number == row).map(row_of),
    };
    at.map(|row| (side, row)).ok_or_else(|| {
        let problem = format!("there is no row {row}");
        let hint = format!("Rows count from 0; it has {} records", source.rows);
        refused(world, side, "unknown_record", (problem, hint))
    })
}

fn by_id(world: &World<'_>, (side, id): (Side, &str), occurrence: Option<u32>) -> Result<Place> {
    let rows = rows_of(world, side, id)?;
    let source = world.outcome.asked().side(side);
    let listed = || -> String {
        let rows: Vec<String> = rows.iter().map(|row| source.row_number(*row).to_string()).collect();
        let more = rows.len().saturating_sub(ROWS_LISTED_MAX);
        let shown = rows.get(..rows.len().min(ROWS_LISTED_MAX)).unwrap_or_default().join(", ");
        if more == 0 { shown } else { format!("{shown} and {more} more") }
    };
    let chosen = match (rows.as_slice(), occurrence) {
        ([one], None) => Some(*one),
        ([], _) => {
            let problem = format!("no record has the id \"{id}\"");
            let hint =
                "Ids are compared as the tables write them; a record can be named by its row too".to_owned();
            return Err(refused(world, side, "unknown_record", (problem, hint)));
        }
        (several, None) => {
            let problem = format!("{} records have the id \"{id}\": rows {}", several.len(), listed());
            let hint = "Name one by its row, or by its occurrence from 1".to_owned();
            return Err(refused(world, side, "repeated_id", (problem, hint)));
        }
        (several, Some(occurrence)) => {
            let at = usize::try_from(occurrence).ok().and_then(|nth| nth.checked_sub(1));
            at.and_then(|at| several.get(at)).copied()
        }
    };
    chosen.map(|row| (side, row)).ok_or_else(|| {
        let problem = format!("the id \"{id}\" occurs {} times: rows {}", rows.len(), listed());
        let hint = "Occurrences count from 1".to_owned();
        refused(world, side, "unknown_record", (problem, hint))
    })
}

/// The records with an id, in canonical order. One look at every id of the side.
fn rows_of(world: &World<'_>, side: Side, id: &str) -> Result<Vec<Row>> {
    let (plan, columns) = (world.outcome.plan(), world.outcome.asked());
    let source = columns.side(side);
    let column = plan.id.and_then(|field| source.fields.get(field)).unwrap_or(&Column::Absent);
    let has_id = |row: &Row| match column {
        Column::Text(texts) => texts.get(*row) == Some(id),
        other => cell_text(other, columns.scale, *row).as_deref() == Some(id),
    };
    if matches!(column, Column::Absent) {
        let problem = "it has no field id".to_owned();
        let hint = "Name the record by its row, or map the field id in the spec".to_owned();
        return Err(refused(world, side, "no_ids", (problem, hint)));
    }
    let mut rows: Vec<Row> = (0..source.rows).filter(has_id).collect();
    Canon::new(plan, source).sort(&mut rows);
    Ok(rows)
}
