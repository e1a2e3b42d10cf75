//! A run looked back on: which group holds a record, and which records were open when a pass ran.

use super::model::{CellStory, FilePlace, IssueStory, PartStory, Place, RecordName};
use crate::columns::{Column, NO_ROW, Row, row_of};
use crate::control::Cancel;
use crate::engine::all_rows;
use crate::outcome::{Group, Outcome, Pair, Span, Verdict, cell_text};
use crate::plan::{PassPlan, Side, cell_words};

/// A run, and the group of every record. Four bytes a record, for the time of an explanation.
pub(super) struct World<'a> {
    pub(super) outcome: &'a Outcome,
    /// Per side and record: the position of its pair, or [`NO_ROW`]. Groups of many stand behind the pairs.
    held: [Vec<u32>; 2],
    /// Stops the explanation where it is set.
    pub(super) cancel: Cancel,
}

/// What holds a record: a pair or a group that a pass made, or a group that a person decided.
#[derive(Clone, Copy)]
pub(super) enum Member<'a> {
    Pair(&'a Pair),
    Grouped(Group<'a>),
    Decided(Decided<'a>),
}

/// A group that a person decided.
#[derive(Clone, Copy)]
pub(super) enum Decided<'a> {
    Group(Group<'a>),
    /// Two records of one source, ascending.
    Within(Verdict, Side, [Row; 2]),
}

impl Decided<'_> {
    /// Its records, by side.
    pub(super) fn group(&self) -> Group<'_> {
        match self {
            Self::Group(group) => *group,
            Self::Within(verdict, Side::Left, rows) => Group { verdict: *verdict, lefts: rows, rights: &[] },
            Self::Within(verdict, Side::Right, rows) => Group { verdict: *verdict, lefts: &[], rights: rows },
        }
    }
}

/// The members of a pair.
pub(super) fn members(pair: &Pair) -> [Place; 2] {
    let [first, second] = pair.span.sides();
    [(first, pair.left), (second, pair.right)]
}

/// A pair as what it is: the pairs of the pass without a search were decided.
pub(super) fn member<'a>(outcome: &Outcome, pair: &'a Pair) -> Member<'a> {
    let searches = outcome.plan().passes.get(usize::from(pair.pass)).is_none_or(PassPlan::searches);
    if searches {
        return Member::Pair(pair);
    }
    let one = std::slice::from_ref;
    let rows = [pair.left.min(pair.right), pair.left.max(pair.right)];
    Member::Decided(match pair.span {
        Span::Across => Decided::Group(Group {
            verdict: pair.verdict(),
            lefts: one(&pair.left),
            rights: one(&pair.right),
        }),
        Span::WithinLeft => Decided::Within(pair.verdict(), Side::Left, rows),
        Span::WithinRight => Decided::Within(pair.verdict(), Side::Right, rows),
    })
}

/// A group as what it is.
pub(super) fn grouped<'a>(outcome: &Outcome, group: Group<'a>) -> Member<'a> {
    let searches = outcome.plan().passes.get(usize::from(group.verdict.pass)).is_none_or(PassPlan::searches);
    if searches { Member::Grouped(group) } else { Member::Decided(Decided::Group(group)) }
}

impl<'a> World<'a> {
    /// One look at every group.
    pub(super) fn new(outcome: &'a Outcome, cancel: Cancel) -> Self {
        let mut held = Side::BOTH.map(|side| vec![NO_ROW; outcome.asked().side(side).rows as usize]);
        for (at, pair) in outcome.pairs_rows().iter().enumerate() {
            for (side, row) in members(pair) {
                if let Some(slot) = held[side.index()].get_mut(row as usize) {
                    *slot = row_of(at);
                }
            }
        }
        let pairs = outcome.pairs_rows().len();
        for (at, group) in outcome.found().groups.iter().enumerate() {
            for (side, row) in group.members() {
                if let Some(slot) = held[side.index()].get_mut(row as usize) {
                    *slot = row_of(pairs + at);
                }
            }
        }
        Self { outcome, held, cancel }
    }

    /// The pair that holds a record: one that a pass made, or a person.
    pub(super) fn pair_of(&self, (side, row): Place) -> Option<&'a Pair> {
        let at = self.held[side.index()].get(row as usize).copied()?;
        self.outcome.pairs_rows().get(at as usize)
    }

    /// What holds a record.
    pub(super) fn member_of(&self, (side, row): Place) -> Option<Member<'a>> {
        if let Some(pair) = self.pair_of((side, row)) {
            return Some(member(self.outcome, pair));
        }
        let at = self.held[side.index()].get(row as usize).copied()? as usize;
        let group = at.checked_sub(self.outcome.pairs_rows().len())?;
        self.outcome.found().groups.get(group).map(|group| grouped(self.outcome, group))
    }

    /// What holds a record, as a number that tells one group from another.
    pub(super) fn group_id_of(&self, (side, row): Place) -> Option<u32> {
        self.held[side.index()].get(row as usize).copied().filter(|at| *at != NO_ROW)
    }

    /// The pass of the group that holds a record.
    pub(super) fn pass_of(&self, place: Place) -> Option<u16> {
        self.member_of(place).map(|member| match member {
            Member::Pair(pair) => pair.pass,
            Member::Grouped(group) => group.verdict.pass,
            Member::Decided(decided) => decided.group().verdict.pass,
        })
    }

    /// Whether a record that takes part was open when a pass ran.
    pub(super) fn is_open_at(&self, place: Place, pass: u16) -> bool {
        self.pass_of(place).is_none_or(|own| own >= pass)
    }

    /// The records of a side that were open when a pass ran, ascending. One look at each.
    pub(super) fn open_at(&self, side: Side, pass: u16) -> Vec<Row> {
        let mut rows = all_rows(self.outcome.asked().side(side));
        rows.retain(|row| self.is_open_at((side, *row), pass));
        rows
    }

    /// A record by its name.
    pub(super) fn name(&self, (side, row): Place) -> RecordName {
        let (plan, columns) = (self.outcome.plan(), self.outcome.asked());
        let source = columns.side(side);
        let id = plan.id.and_then(|field| source.fields.get(field));
        RecordName {
            side: side.name(),
            source: plan.names[side.index()].clone(),
            row: source.row_number(row),
            id: id.and_then(|column| cell_text(column, columns.scale, row)),
        }
    }

    /// What its group takes of a record, and what is left of it, where that is not nothing.
    pub(super) fn part(&self, (side, row): Place) -> Option<PartStory> {
        let parts = &self.outcome.found().parts;
        let at = parts.binary_search_by_key(&(side, row), |part| (part.side, part.row)).ok()?;
        let part = parts.get(at)?;
        let columns = self.outcome.asked();
        let amounts = columns.side(side).fields.get(self.outcome.plan().tie_out.amount?)?;
        let Column::Amount(amounts) = amounts else { return None };
        let left = amounts.get(row)?.checked_sub(part.taken)?;
        let [taken, left] = [part.taken, left].map(|units| super::words::amount(units, columns.scale));
        Some(PartStory { taken, left })
    }

    /// The file a record was read from, where files are known.
    pub(super) fn file(&self, (side, row): Place) -> Option<FilePlace> {
        let mut row = self.outcome.asked().side(side).row_number(row);
        for file in self.outcome.files(side) {
            match row.checked_sub(file.rows) {
                Some(rest) => row = rest,
                None => return Some(FilePlace { path: file.path.clone(), row }),
            }
        }
        None
    }

    /// A cell as text; `None` where it is null.
    pub(super) fn cell(&self, (side, row): Place, field: usize) -> Option<String> {
        let columns = self.outcome.asked();
        let column = columns.side(side).fields.get(field).unwrap_or(&Column::Absent);
        cell_text(column, columns.scale, row)
    }

    /// Why a cell of a record, or the whole record, can't be read.
    pub(super) fn issue(&self, (side, row): Place, field: Option<usize>) -> Option<IssueStory> {
        let issues = &self.outcome.asked().side(side).issues;
        let issue = issues.iter().find(|issue| issue.row == row && issue.field == field)?;
        Some(IssueStory { value: issue.value.clone(), problem: issue.problem.clone() })
    }

    /// The cells of a record: the fields that its side has.
    pub(super) fn cells(&self, place: Place) -> Vec<CellStory> {
        let (side, _) = place;
        let story = |(at, field): (usize, &crate::plan::FieldPlan)| {
            let cell = field.cells[side.index()].as_ref()?;
            Some(CellStory {
                field: field.name.clone(),
                column: cell_words(field, cell, side.index()),
                value: self.cell(place, at),
                issue: self.issue(place, Some(at)),
            })
        };
        self.outcome.plan().fields.iter().enumerate().filter_map(story).collect()
    }
}
