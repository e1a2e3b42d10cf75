//! The statement as a person reads it.

use super::super::gather::{BothSides, iso_date};
use super::super::summary::money;
use super::super::text::{Grid, WIDTH_MIN, cell_name, grouped, grouped_decimal};
use super::super::tie_out::LineName;
use super::super::{Break, Outcome};
use super::lines::{CellStatement, Statement, StatementKind, StatementLine};
use crate::money::display_units;
use crate::plan::Side;
use arrow_buffer::i256;
use std::fmt::Write as _;

/// Open records that are listed per cell and side, oldest first; the others are counted.
const ITEMS_MAX: usize = 20;
/// Cells that are written out; the others are counted.
const CELLS_MAX: usize = 1_000;

/// Renders the statement of every cell.
pub(super) fn render(outcome: &Outcome, statement: &Statement, width: usize) -> String {
    let width = width.max(WIDTH_MIN);
    let mut out = String::new();
    let known = statement.cells.iter().filter(|cell| cell.has_balances());
    let listed: Vec<&CellStatement> = known.take(CELLS_MAX).collect();
    let items = Items::of(outcome, &listed);
    for (at, cell) in listed.iter().enumerate() {
        let page = Page { outcome, statement, cell, items: &items.cells[at] };
        page.grid().write(width, &mut out);
    }
    let more = statement.cells.iter().filter(|cell| cell.has_balances()).count() - listed.len();
    if more > 0 {
        let _infallible = writeln!(out, "and {} more cells, in the table statement\n", grouped(more));
    }
    let unknown = statement.cells.iter().filter(|cell| !cell.has_balances());
    let unknown: Vec<String> = unknown.take(CELLS_MAX).map(|cell| cell_name(&cell.cell)).collect();
    if unknown.iter().any(|name| !name.is_empty()) {
        let _infallible = writeln!(out, "no balances were given for {}", unknown.join(", "));
    }
    out.push_str(verdict(statement));
    out.push('\n');
    out
}

fn verdict(statement: &Statement) -> &'static str {
    match statement.is_proven() {
        Some(true) if statement.is_across() => "reconciled: every proof is zero",
        Some(true) => "every proof that is known is zero; from one source to the other a balance is lacking",
        Some(false) => "NOT RECONCILED: a proof is not zero",
        None => "nothing is proven: no cell has all the balances it takes",
    }
}

/// The records open in each cell, oldest first, up to a number, and how many there are.
struct Items<'a> {
    cells: Vec<[(Vec<&'a Break>, usize); 2]>,
}

impl<'a> Items<'a> {
    fn of(outcome: &'a Outcome, cells: &[&CellStatement]) -> Self {
        let dates = BothSides::of(&outcome.columns, outcome.plan.date);
        let keys = &outcome.cells.keys;
        // The place of each of the run's cells among those that are listed.
        let places: Vec<Option<usize>> =
            keys.iter().map(|key| cells.binary_search_by(|cell| cell.cell.cmp(key)).ok()).collect();
        let mut lists: Vec<[Vec<&Break>; 2]> = vec![Default::default(); cells.len()];
        for side in Side::BOTH {
            for open in &outcome.found.breaks[side.index()] {
                if let Some(place) = places[outcome.cells.of(side, open.row) as usize] {
                    lists[place][side.index()].push(open);
                }
            }
        }
        let oldest = |side: Side, mut rows: Vec<&'a Break>| {
            let count = rows.len();
            let age = |open: &&Break| {
                let day = dates.day(side, open.row);
                (day.is_none(), day, outcome.columns.side(side).row_number(open.row))
            };
            rows.sort_by_key(age);
            rows.truncate(ITEMS_MAX);
            (rows, count)
        };
        let cells =
            lists.into_iter().map(|[left, right]| [oldest(Side::Left, left), oldest(Side::Right, right)]);
        Self { cells: cells.collect() }
    }
}

/// One cell's statement.
struct Page<'a> {
    outcome: &'a Outcome,
    statement: &'a Statement,
    cell: &'a CellStatement,
    items: &'a [(Vec<&'a Break>, usize); 2],
}

impl Page<'_> {
    fn grid(&self) -> Grid {
        let [left, right] = &self.statement.names;
        let name = if self.cell.cell.is_empty() {
            String::new()
        } else {
            format!(" {}", cell_name(&self.cell.cell))
        };
        let as_of =
            self.outcome.plan.as_of.map(|day| format!(" as of {}", iso_date(day))).unwrap_or_default();
        let mut grid = Grid::new([format!("statement{name}{as_of}"), String::new()]);
        let amount = |amount: Option<i256>| self.shown(amount);
        grid.row([format!("  balance of {left}"), amount(self.cell.closing[0])]);
        self.add_open(&mut grid, Side::Left, &format!("− open in {left}"));
        self.add_open(&mut grid, Side::Right, &format!("+ open in {right}"));
        self.add_groups(&mut grid, StatementKind::Matched, "+ differences in matched groups");
        self.add_groups(&mut grid, StatementKind::Proposed, "+ differences in proposed groups");
        if self.cell.brought_forward().is_some_and(|brought| brought != i256::ZERO) {
            grid.row(["+ brought forward".to_owned(), amount(self.cell.brought_forward())]);
        }
        grid.row(["= adjusted balance".to_owned(), amount(self.cell.adjusted())]);
        grid.row([format!("  balance of {right}"), amount(self.cell.closing[1])]);
        grid.row(["  proof".to_owned(), amount(self.cell.proof())]);
        for (side, name) in Side::BOTH.into_iter().zip([left, right]) {
            if self.cell.opening[side.index()].is_some() {
                let label = format!("  proof of {name}: closing − opening − records");
                grid.row([label, amount(self.cell.side_proof(side))]);
            }
        }
        grid
    }

    fn shown(&self, amount: Option<i256>) -> String {
        let text = amount.map(|amount| grouped_decimal(&money(amount, self.statement.scale)));
        text.unwrap_or_else(|| "not known".to_owned())
    }

    fn lines(&self, kind: StatementKind) -> impl Iterator<Item = &StatementLine> {
        self.cell.lines.iter().filter(move |line| line.kind == kind)
    }

    fn sum(&self, kind: StatementKind) -> i256 {
        self.lines(kind).filter_map(|line| line.amount).fold(i256::ZERO, i256::wrapping_add)
    }

    /// The sum of a side's open records, and the oldest of them.
    fn add_open(&self, grid: &mut Grid, side: Side, label: &str) {
        let (rows, count) = &self.items[side.index()];
        if *count == 0 {
            return;
        }
        let kind = if side == Side::Left { StatementKind::OpenLeft } else { StatementKind::OpenRight };
        let records = if *count == 1 { "record" } else { "records" };
        let label = format!("{label}: {} {records}", grouped(count));
        grid.row([label, self.shown(Some(self.sum(kind)))]);
        for row in rows {
            grid.row([format!("    {}", self.item(side, row)), String::new()]);
        }
        if rows.len() < *count {
            grid.row([format!("    and {} more", grouped(count - rows.len())), String::new()]);
        }
    }

    /// A record in words: day, id, amount, reason.
    fn item(&self, side: Side, open: &Break) -> String {
        let (outcome, row) = (self.outcome, open.row);
        let day = BothSides::of(&outcome.columns, outcome.plan.date).day(side, row);
        let id = outcome.plan.id.map(|id| &outcome.columns.side(side).fields[id]);
        let id = id.and_then(|ids| super::super::cell_text(ids, outcome.columns.scale, row));
        let id = id.unwrap_or_else(|| format!("row {}", outcome.columns.side(side).row_number(row)));
        let amount = BothSides::of(&outcome.columns, outcome.plan.tie_out.amount).amount(side, row);
        let amount = amount.map_or_else(
            || "no amount".to_owned(),
            |units| grouped_decimal(&display_units(units, outcome.columns.scale)),
        );
        let mut text = day.map(|day| iso_date(day) + "  ").unwrap_or_default();
        let _infallible = write!(text, "{id}  {amount}  {}", open.reason.name());
        if let Some(Some(since)) = outcome.columns.side(side).first_seen(row) {
            let _infallible = write!(text, ", open since {}", iso_date(since));
        }
        text
    }

    /// What groups of one status add, by pass and kind of difference; those that add nothing are left out.
    fn add_groups(&self, grid: &mut Grid, kind: StatementKind, label: &str) {
        let differing = |line: &&StatementLine| line.amount.is_some_and(|amount| amount != i256::ZERO);
        let lines: Vec<&StatementLine> = self.lines(kind).filter(differing).collect();
        if lines.is_empty() {
            return;
        }
        grid.row([label.to_owned(), self.shown(Some(self.sum(kind)))]);
        for line in lines {
            let pass = match line.name {
                LineName::Pass(pass) => {
                    self.statement.passes.get(usize::from(pass)).map_or("", String::as_str)
                }
                _ => "",
            };
            let part = line.part.map_or("", super::super::Line::name);
            grid.row([format!("    {pass}, {part}: {}", self.shown(line.amount)), String::new()]);
        }
    }
}
