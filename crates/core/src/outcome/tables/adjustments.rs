//! `adjustments`: one row per matched group whose amounts differ, as the line that would post the difference.
//!
//! By convention a line is posted to the right source: with it the group differs by nothing. Proposed groups have none,
//! because nobody has decided that they belong together. `docs/spec/outcome.md` states what the lines add up to.

use super::super::Outcome;
use super::super::cells::Cells;
use super::super::found::{Pair, Span};
use super::super::gather::{BothSides, TableBuilder, amounts, cell_text, names, numbers, texts};
use super::super::ledger::sign_rule;
use super::{SIDES, group_id, side_key};
use crate::breaks::is_rounding;
use crate::columns::Row;
use crate::error::Result;
use crate::plan::Side;
use crate::spec::{Sign, Status};
use arrow_array::types::{Int8Type, Int32Type, UInt64Type};
use arrow_array::{RecordBatch, StringArray};
use std::sync::Arc;

/// What a line is taken to be, as dictionaries list it.
const KINDS: [&str; 2] = ["rounding", "write_off"];
/// Columns that a field of the cell can't take.
const FIXED_COLUMNS: [&str; 6] = ["group_id", "kind", "side", "currency", "amount", "memo"];

/// A line that would post a group's difference.
struct Adjustment<'a> {
    pair: &'a Pair,
    /// Units to post to the right source; never 0.
    units: i128,
    /// Position in [`KINDS`].
    kind: i8,
    /// The record in whose cell it is posted.
    at: (Side, Row),
}

impl Outcome {
    pub(in super::super) fn adjustments_of(&self, pairs: &[Pair]) -> Result<RecordBatch> {
        let lines: Vec<Adjustment<'_>> = pairs.iter().filter_map(|pair| self.adjustment(pair)).collect();
        let lines = &lines;
        let rows = lines.len();
        let mut table = TableBuilder::default();
        table.full("group_id", move || {
            numbers::<UInt64Type>(rows, |at| group_id(&self.columns, lines[at].pair))
        });
        table.full("kind", move || names::<Int8Type, _>(rows, &KINDS, |at| Some(lines[at].kind)));
        table.full("side", move || names::<Int8Type, _>(rows, &SIDES, |_| Some(side_key(Side::Right))));
        table.nullable("currency", move || match self.currencies() {
            None => names::<Int32Type, &str>(rows, &[], |_| None),
            Some(of) => names::<Int32Type, _>(rows, &of.names, |at| of.get(lines[at].at.0, lines[at].at.1)),
        });
        table.full("amount", move || amounts(rows, self.columns.scale, |at| Some(lines[at].units)));
        table.full("memo", move || {
            texts(rows, |at, out| {
                out.extend_from_slice(self.memo(&lines[at]).as_bytes());
                true
            })
        });
        self.add_cell_of_lines(&mut table, lines);
        table.build()
    }

    /// The fields of the tie-out's cells, but for the currency, which stands there already.
    fn add_cell_of_lines<'a>(&'a self, table: &mut TableBuilder<'a>, lines: &'a [Adjustment<'a>]) {
        for (position, field) in self.plan.tie_out.by.iter().enumerate() {
            if Some(*field) == self.plan.currency {
                continue;
            }
            let name = &self.plan.fields[*field].name;
            let name =
                if FIXED_COLUMNS.contains(&name.as_str()) { format!("cell_{name}") } else { name.clone() };
            table.nullable(&name, move || {
                let value = |line: &Adjustment<'_>| cell_value(&self.cells, line.at, position);
                Ok(Arc::new(lines.iter().map(value).collect::<StringArray>()))
            });
        }
    }

    /// The line of a group, where it is matched, both amounts are known and in one currency, and they differ.
    fn adjustment<'a>(&self, pair: &'a Pair) -> Option<Adjustment<'a>> {
        if pair.status != Status::Matched {
            return None;
        }
        let tied = BothSides::of(&self.columns, self.plan.tie_out.amount);
        let [first, second] = pair.span.sides();
        let (one, other) = (tied.amount(first, pair.left)?, tied.amount(second, pair.right)?);
        let currency = BothSides::of(&self.columns, self.plan.currency);
        if currency.column(first).order_across(pair.left, currency.column(second), pair.right).is_ne() {
            return None;
        }
        let sign = sign_rule(&self.plan, self.plan.passes.get(usize::from(pair.pass))?);
        // What is posted, and the two amounts that should have been one.
        let (units, amounts) = match pair.span {
            Span::Across => {
                let units = missing_on_right(sign, one, other);
                (units, (other + units, other))
            }
            Span::WithinLeft => (one + other, (one, -other)),
            Span::WithinRight => (-(one + other), (one, -other)),
        };
        let kind = i8::from(!is_rounding(amounts, self.columns.scale));
        let at = if pair.span == Span::Across { (second, pair.right) } else { (first, pair.left) };
        (units != 0).then_some(Adjustment { pair, units, kind, at })
    }

    /// Which records differ, and which pass put them together.
    fn memo(&self, line: &Adjustment<'_>) -> String {
        let pair = line.pair;
        let [first, second] = pair.span.sides();
        let names = &self.plan.names;
        let (one, other) = (self.record_name(first, pair.left), self.record_name(second, pair.right));
        let records = match pair.span {
            Span::Across => format!("{} {one} and {} {other}", names[0], names[1]),
            Span::WithinLeft | Span::WithinRight => format!("{} {one} and {other}", names[first.index()]),
        };
        let pass = self.plan.passes.get(usize::from(pair.pass)).map_or("", |pass| pass.name.as_str());
        format!("{}: {records}, by \"{pass}\"", KINDS[usize::from(line.kind > 0)])
    }

    /// A record's id, or its row where it has none.
    fn record_name(&self, side: Side, row: Row) -> String {
        let source = self.columns.side(side);
        let id = self.plan.id.and_then(|id| source.fields.get(id));
        let id = id.and_then(|ids| cell_text(ids, self.columns.scale, row));
        id.unwrap_or_else(|| format!("row {}", source.row_number(row)))
    }
}

/// What the right amount lacks to be the left one, by a sign rule.
fn missing_on_right(sign: Sign, left: i128, right: i128) -> i128 {
    match sign {
        Sign::Same => left - right,
        Sign::Opposite => -(left + right),
        Sign::Ignore => {
            let towards = if right == 0 { left.signum() } else { right.signum() };
            towards * (left.abs() - right.abs())
        }
    }
}

fn cell_value(cells: &Cells, (side, row): (Side, Row), position: usize) -> Option<&str> {
    cells.keys.get(cells.of(side, row) as usize)?.get(position)?.as_deref()
}
