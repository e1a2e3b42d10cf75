//! Finds the records that decisions name, and says which decisions are stale.

use super::given::{Given, GivenDecision, GivenMember, Report};
use super::{Decided, Decisions, Member, Stale, made};
use crate::columns::{Canon, Column, Columns, Row, SideColumns, day_written, plain_decimal, row_of};
use crate::error::{Error, Mistake, Result};
use crate::outcome::{cell_text, write_cell};
use crate::plan::{FieldIndex, Plan, Side};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Finds the records of the decisions and applies them to a plan and its columns: groups that stand before the first
/// pass, in a pass of their own ([`super::PASS`]), and pairs that no pass may make. Without decisions nothing changes.
///
/// Cost: a look at every id, where a decision names one.
///
/// # Errors
/// [`Error::Spec`] with all mistakes: two decisions about one record, an id that repeats without its occurrence, a
/// pass of the spec that is called `decision`.
pub fn take(plan: &mut Plan, columns: &mut Columns, given: &Given) -> Result<()> {
    if given.is_empty() {
        return Ok(());
    }
    let mut report = Report::default();
    made::check_name(plan, &mut report);
    let all = Finder::new(plan, columns, given).all(given, &mut report);
    refuse_conflicts(plan, columns, (&given.all, &all), &mut report);
    report.finish().map_err(Error::from)?;
    made::apply(plan, columns, Decisions { all });
    Ok(())
}

struct Finder<'a> {
    plan: &'a Plan,
    columns: &'a Columns,
    /// Records by the ids that are wanted, in canonical order.
    by_id: [HashMap<&'a str, Vec<Row>, FixedState>; 2],
}

impl<'a> Finder<'a> {
    fn new(plan: &'a Plan, columns: &'a Columns, given: &'a Given) -> Self {
        let by_id = Side::BOTH.map(|side| {
            let members = given.all.iter().flat_map(|decision| &decision.members);
            let ids =
                members.filter(|member| member.side == side).filter_map(|member| member.name.id.as_deref());
            let mut wanted: HashMap<&str, Vec<Row>, FixedState> = ids.map(|id| (id, Vec::new())).collect();
            let source = columns.side(side);
            if let Some(ids) = plan.id.and_then(|field| source.fields.get(field)) {
                note_rows(ids, source, columns.scale, &mut wanted);
            }
            let canon = Canon::new(plan, source);
            wanted.values_mut().for_each(|rows| canon.sort(rows));
            wanted
        });
        Self { plan, columns, by_id }
    }

    fn all(&self, given: &Given, report: &mut Report) -> Vec<Decided> {
        given.all.iter().map(|decision| self.decided(decision, report)).collect()
    }

    fn decided(&self, given: &GivenDecision, report: &mut Report) -> Decided {
        let members: Vec<Member> = given.members.iter().map(|member| self.member(member, report)).collect();
        for (at, member) in members.iter().enumerate() {
            let same = |other: &Member| other.side == member.side && other.row == member.row;
            if member.row.is_some() && members[..at].iter().any(same) {
                let path = &given.members[at].path;
                let said = self.name(member.side, &given.members[at]);
                report.refuse("duplicate_name", path, said, "every record once in a decision");
            }
        }
        Decided { label: given.label.clone(), kind: given.kind, members }
    }

    fn member(&self, given: &GivenMember, report: &mut Report) -> Member {
        let GivenMember { side, name, .. } = given;
        let row = self.row(given, report);
        let stale = match row {
            None => Some(Stale::Absent),
            Some(row) => self.stale(*side, row, &name.was, (&given.path, report)),
        };
        Member { side: *side, row, id: name.id.clone(), occurrence: name.occurrence, stale }
    }

    /// The record that is meant.
    fn row(&self, given: &GivenMember, report: &mut Report) -> Option<Row> {
        let GivenMember { side, name, path } = given;
        let by_row = || row_at(self.columns.side(*side), name.row?);
        let Some(id) = name.id.as_deref() else { return by_row() };
        if self.plan.id.is_none() {
            let expected = "a row: no field `id` is mapped on both sides";
            report.refuse("unknown_field", path, format!("{id:?}"), expected);
            return None;
        }
        let rows = self.by_id[side.index()].get(id).map_or(&[][..], Vec::as_slice);
        match (rows, name.occurrence) {
            (rows, Some(occurrence)) => rows.get((occurrence as usize).checked_sub(1)?).copied(),
            ([], None) => None,
            ([one], None) => Some(*one),
            (several, None) => {
                let row = by_row().filter(|row| several.contains(row));
                if row.is_none() {
                    let expected = format!("an occurrence: {} records have this id", several.len());
                    report.refuse("repeated_id", path, self.name(*side, given), expected);
                }
                row
            }
        }
    }

    fn name(&self, side: Side, given: &GivenMember) -> String {
        let source = &self.plan.names[side.index()];
        match (&given.name.id, given.name.row) {
            (Some(id), _) => format!("{source}:{id}"),
            (None, Some(row)) => format!("row {row} of {source}"),
            (None, None) => source.clone(),
        }
    }

    fn stale(
        &self,
        side: Side,
        row: Row,
        was: &BTreeMap<String, String>,
        (path, report): (&str, &mut Report),
    ) -> Option<Stale> {
        let source = self.columns.side(side);
        let set = |bits: &Option<arrow_buffer::BooleanBuffer>| {
            bits.as_ref().is_some_and(|bits| bits.value(row as usize))
        };
        if set(&source.excluded) {
            return Some(Stale::Excluded);
        }
        if set(&source.unreadable) {
            return Some(Stale::Unreadable);
        }
        let mut changed = None;
        for (name, was) in was {
            let Some(field) = self.plan.fields.iter().position(|field| field.name == *name) else {
                let names = self.plan.fields.iter().map(|field| field.name.as_str());
                let nearest = crate::spec::nearest_name(name, names);
                let expected = "a field that the run prepares";
                let mistake =
                    Mistake::new("unknown_field", format!("{path}.was"), format!("{name:?}"), expected);
                report.push(mistake.nearest(nearest));
                continue;
            };
            let column = source.fields.get(field).unwrap_or(&Column::Absent);
            let Some(is) = is(column, self.columns.scale, row, was) else {
                let expected = match column {
                    Column::Amount(_) => "a plain amount, such as \"10.50\"",
                    Column::Date(_) => "a day, such as \"2026-01-31\"",
                    _ => "a whole number",
                };
                report.refuse("bad_value", &format!("{path}.was.{name}"), format!("{was:?}"), expected);
                continue;
            };
            if changed.is_none() && !is {
                let now = cell_text(column, self.columns.scale, row);
                changed = Some(Stale::Changed { field, was: was.clone(), now });
            }
        }
        changed
    }
}

/// Notes the records of wanted ids.
fn note_rows(
    ids: &Column,
    source: &SideColumns,
    scale: u8,
    wanted: &mut HashMap<&str, Vec<Row>, FixedState>,
) {
    let mut text = Vec::new();
    for row in 0..if wanted.is_empty() { 0 } else { source.rows } {
        text.clear();
        if write_cell(ids, scale, row, &mut text)
            && let Ok(id) = std::str::from_utf8(&text)
            && let Some(rows) = wanted.get_mut(id)
        {
            rows.push(row);
        }
    }
}

/// The record at a row number of the source.
fn row_at(source: &SideColumns, number: u64) -> Option<Row> {
    match &source.row_numbers {
        None => Row::try_from(number).ok().filter(|row| *row < source.rows),
        Some(numbers) => numbers.iter().position(|other| *other == number).map(row_of),
    }
}

/// Whether a cell holds a value that is written as text: amounts and integers by value, whatever their zeros, days by the
/// day. `None` where the text is no such value.
fn is(column: &Column, scale: u8, row: Row, was: &str) -> Option<bool> {
    let value = |cell: Option<(i128, u8)>| {
        let (one, other) = (plain_decimal(was)?, cell);
        Some(other.is_some_and(|other| same_value(one, other)))
    };
    match column {
        Column::Absent => Some(false),
        Column::Text(texts) => Some(texts.get(row) == Some(was)),
        Column::Many(many) => Some(many.cells().get(row) == Some(was)),
        Column::Amount(amounts) => value(amounts.get(row).map(|amount| (amount, scale))),
        Column::Integer(integers) => value(integers.get(row).map(|integer| (i128::from(integer), 0))),
        Column::Date(days) => {
            let day = day_written(was.get(..10).unwrap_or(was), None)?;
            Some(days.get(row).is_some_and(|other| i64::from(other) == day))
        }
    }
}

/// Whether two decimals, each digits and how many of them stand after the point, are the same number.
fn same_value((one, decimals): (i128, u8), (other, other_decimals): (i128, u8)) -> bool {
    let at = |digits: i128, missing: u8| digits.checked_mul(10_i128.checked_pow(u32::from(missing))?);
    match decimals.cmp(&other_decimals) {
        Ordering::Equal => one == other,
        Ordering::Less => at(one, other_decimals - decimals) == Some(other),
        Ordering::Greater => at(other, decimals - other_decimals) == Some(one),
    }
}

/// Two decisions that claim one record, or a yes and a no to one group.
fn refuse_conflicts(
    plan: &Plan,
    columns: &Columns,
    (given, all): (&[GivenDecision], &[Decided]),
    report: &mut Report,
) {
    let name = |side: Side, row: Row| {
        let source = columns.side(side);
        let id =
            plan.id.and_then(|field: FieldIndex| cell_text(source.fields.get(field)?, columns.scale, row));
        let id = id.unwrap_or_else(|| format!("row {}", source.row_number(row)));
        format!("{}:{id}", plan.names[side.index()])
    };
    let said = |at: usize| format!("{} {:?}", all[at].kind.name(), all[at].label);
    let mut claimed: HashMap<(Side, Row), usize, FixedState> = HashMap::default();
    let mut made: HashMap<[Vec<Row>; 2], usize, FixedState> = HashMap::default();
    for (at, decided) in all.iter().enumerate().filter(|(_, one)| one.kind.makes() && one.is_applied()) {
        made.insert(Side::BOTH.map(|side| decided.rows(side)), at);
        for (side, row) in decided.members.iter().filter_map(|one| Some((one.side, one.row?))) {
            let first = *claimed.entry((side, row)).or_insert(at);
            if first != at {
                let expected = format!("one decision for {}: {} claims it too", name(side, row), said(first));
                report.refuse("conflict", &given[at].path, said(at), expected);
            }
        }
    }
    for (at, decided) in all.iter().enumerate().filter(|(_, one)| !one.kind.makes() && one.is_applied()) {
        if let Some(&first) = made.get(&Side::BOTH.map(|side| decided.rows(side))) {
            let expected = format!("one decision for these records: {} makes them a group", said(first));
            report.refuse("conflict", &given[at].path, said(at), expected);
        }
    }
}
