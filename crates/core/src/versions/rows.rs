//! Which rows belong together: by the key, and where a key repeats, by what the rows hold.

use super::CompareOptions;
use super::columns::{Compared, Layout};
use crate::columns::{self, Facts};
use crate::control::Control;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::outcome::{Ambiguity, Reason};
use crate::plan::{self, Side};
use crate::resolve::{Edge, Problem, Scratch, solve};
use crate::spec::Spec;
use arrow_array::{Array as _, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_cast::cast;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, Field, Schema};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows that belong together, and those that stand alone.
#[derive(Debug, Default)]
pub(super) struct Paired {
    /// Left and right row, ascending by left row.
    pub(super) pairs: Vec<(u32, u32)>,
    /// Rows without a partner, ascending, and whether the other side has rows of their key.
    pub(super) alone: [Vec<(u32, bool)>; 2],
    /// Keys that more than one row has on a side.
    pub(super) repeated_keys: u64,
    /// Keys whose rows were paired in sorted order, because they were too many.
    pub(super) limited_keys: u64,
}

/// Pairs the rows of two tables.
pub(super) fn pair(
    layout: &Layout,
    sides: [&[RecordBatch]; 2],
    options: &CompareOptions,
    control: &Control,
) -> Result<Paired> {
    let keys = [keys(layout, sides[0], 0)?, keys(layout, sides[1], 1)?];
    let spec = spec(layout)?;
    let plan = plan::resolve(&spec, &keys[0].schema(), &keys[1].schema())?;
    let gathered = |side: Side| Facts::gather_with(&plan, side, &keys[side.index()..=side.index()], control);
    let facts = gathered(Side::Left)?.merge(gathered(Side::Right)?)?;
    let prepared = columns::prepare(&plan, &facts, [&keys[..1], &keys[1..]], control)?;
    let found = crate::engine::run(&plan, &prepared, control)?;
    let mut paired = Paired::default();
    let mut unsettled: [Vec<u32>; 2] = [Vec::new(), Vec::new()];
    for (side, open) in found.breaks.iter().enumerate() {
        for one in open {
            // Missing: no row of the other side has its key, none of its own equals it. Others share a key.
            match one.reason {
                Reason::MissingOnLeft | Reason::MissingOnRight => paired.alone[side].push((one.row, false)),
                _ => unsettled[side].push(one.row),
            }
        }
    }
    for pair in &found.pairs {
        if pair.ambiguity == Ambiguity::Unique {
            paired.pairs.push((pair.left, pair.right));
        } else {
            unsettled[0].push(pair.left);
            unsettled[1].push(pair.right);
        }
    }
    if unsettled.iter().any(|rows| !rows.is_empty()) {
        settle(layout, (sides, &keys), &unsettled, (options, control), &mut paired)?;
    }
    paired.pairs.sort_unstable();
    for alone in &mut paired.alone {
        alone.sort_unstable();
    }
    Ok(paired)
}

/// The key of every row as columns `k0`, `k1`, …: integers as they are, everything else as text.
fn keys(layout: &Layout, batches: &[RecordBatch], side: usize) -> Result<RecordBatch> {
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (at, column) in layout.key.iter().enumerate() {
        let values = column.values(batches, side)?;
        let values = if values.data_type() == &key_type(column) {
            values
        } else {
            cast(&values, &key_type(column)).map_err(|error| Error::Internal(error.to_string()))?
        };
        fields.push(Field::new(format!("k{at}"), key_type(column), true));
        arrays.push(values);
    }
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
        .map_err(|error| Error::Internal(error.to_string()))
}

fn key_type(column: &Compared) -> DataType {
    if column.common == DataType::Int64 { DataType::Int64 } else { DataType::LargeUtf8 }
}

/// One exact pass over the key, in which null is null. Rows of one key may go to any other of it: they are paired anew.
fn spec(layout: &Layout) -> Result<Spec> {
    let mut fields = serde_json::Map::new();
    let mut on = Vec::new();
    for (at, column) in layout.key.iter().enumerate() {
        let kind = if column.common == DataType::Int64 { "integer" } else { "text" };
        let name = format!("k{at}");
        fields.insert(name.clone(), serde_json::json!({ "as": kind }));
        on.push(serde_json::json!({ "field": name, "equals": true, "nulls": "equal" }));
    }
    let spec = serde_json::json!({
        "fields": fields,
        "pass": [{ "name": "key", "on": on, "ambiguous": "match" }],
        "tie_out": { "amount": false, "by": [] },
    });
    Spec::from_program(&spec.to_string())
}

/// Rows of a key that repeats, by side.
type Class = [Vec<u32>; 2];

/// Pairs rows whose key repeats.
fn settle(
    layout: &Layout,
    (sides, keys): ([&[RecordBatch]; 2], &[RecordBatch; 2]),
    unsettled: &[Vec<u32>; 2],
    (options, control): (&CompareOptions, &Control),
    paired: &mut Paired,
) -> Result<()> {
    let mut classes: BTreeMap<Vec<Option<String>>, Class> = BTreeMap::new();
    for (side, rows) in unsettled.iter().enumerate() {
        let texts = Texts::new(keys[side].columns())?;
        for row in rows {
            // As the engine compares keys: trimmed, and empty text is null.
            let trimmed = |text: Option<String>| {
                text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
            };
            let key = texts.row(*row).into_iter().map(trimmed).collect();
            classes.entry(key).or_default()[side].push(*row);
        }
    }
    let mut held = Vec::with_capacity(2);
    for (side, batches) in sides.iter().enumerate() {
        held.push(
            layout.columns.iter().map(|column| column.values(batches, side)).collect::<Result<Vec<_>>>()?,
        );
    }
    let held = [Texts::new(&held[0])?, Texts::new(&held[1])?];
    let mut scratch = Scratch::default();
    for [left, right] in classes.into_values() {
        control.cancel.check()?;
        paired.repeated_keys += u64::from(left.len() > 1 || right.len() > 1);
        if left.is_empty() || right.is_empty() {
            paired.alone[0].extend(left.iter().map(|row| (*row, false)));
            paired.alone[1].extend(right.iter().map(|row| (*row, false)));
            continue;
        }
        class(&held, &[left, right], options, &mut scratch, paired)?;
    }
    Ok(())
}

/// Pairs the rows of one key: equal ones cancel, the rest so that as many cells as possible are equal.
fn class(
    held: &[Texts<'_>; 2],
    rows: &Class,
    options: &CompareOptions,
    scratch: &mut Scratch,
    paired: &mut Paired,
) -> Result<()> {
    let [mut left, mut right] = [0, 1].map(|side: usize| {
        let mut sorted: Vec<_> = rows[side].iter().map(|row| (held[side].row(*row), *row)).collect();
        sorted.sort_unstable();
        sorted
    });
    cancel_equal(&mut left, &mut right, paired);
    let many = usize::try_from(options.rivals_max).unwrap_or(usize::MAX);
    if left.len() > many || right.len() > many {
        paired.limited_keys += 1;
        paired.pairs.extend(left.iter().zip(&right).map(|((_, l), (_, r))| (*l, *r)));
        let both = left.len().min(right.len());
        left.drain(..both);
        right.drain(..both);
    } else if !left.is_empty() && !right.is_empty() {
        assign(&mut left, &mut right, scratch, paired)?;
    }
    paired.alone[0].extend(left.iter().map(|(_, row)| (*row, true)));
    paired.alone[1].extend(right.iter().map(|(_, row)| (*row, true)));
    Ok(())
}

/// A row with its compared cells as text.
type Told = (Vec<Option<String>>, u32);

/// Pairs rows that are equal in all compared cells, in the order of their rows; both lists are sorted.
fn cancel_equal(left: &mut Vec<Told>, right: &mut Vec<Told>, paired: &mut Paired) {
    let mut rest = Vec::new();
    let mut others = std::mem::take(right).into_iter().peekable();
    let mut left_over = Vec::new();
    for (cells, row) in std::mem::take(left) {
        while others.peek().is_some_and(|(other, _)| *other < cells) {
            rest.extend(others.next());
        }
        match others.next_if(|(other, _)| *other == cells) {
            Some((_, other)) => paired.pairs.push((row, other)),
            None => left_over.push((cells, row)),
        }
    }
    rest.extend(others);
    *left = left_over;
    *right = rest;
}

/// Pairs rows so that the fewest cells differ. Ties go by the order of the cells, never by that of the rows.
fn assign(
    left: &mut Vec<Told>,
    right: &mut Vec<Told>,
    scratch: &mut Scratch,
    paired: &mut Paired,
) -> Result<()> {
    let mut problem =
        Problem { left_counts: vec![1; left.len()], right_counts: vec![1; right.len()], edges: Vec::new() };
    for (l, (cells, _)) in (0_u32..).zip(&*left) {
        for (r, (others, _)) in (0_u32..).zip(&*right) {
            let equal = cells.iter().zip(others).filter(|(one, other)| one == other).count();
            // A partner at all is worth more than any cell.
            let gain = 500_000 + u32::try_from(equal * 500_000 / cells.len().max(1)).unwrap_or(0);
            problem.edges.push(Edge { left: l, right: r, gain, variance: 0, days: 0 });
        }
    }
    let limits = Limits { regret_nodes_max: 0, ..Limits::default() };
    let solution = solve(&problem, &limits, scratch)?;
    let mut taken = [vec![false; left.len()], vec![false; right.len()]];
    for flow in &solution.flows {
        let edge = problem.edges[flow.edge as usize];
        let (l, r) = (edge.left as usize, edge.right as usize);
        paired.pairs.push((left[l].1, right[r].1));
        taken[0][l] = true;
        taken[1][r] = true;
    }
    for (side, taken) in [left, right].into_iter().zip(taken) {
        let mut taken = taken.into_iter();
        side.retain(|_| !taken.next().unwrap_or(false));
    }
    Ok(())
}

/// Columns whose cells are told as text.
struct Texts<'a>(Vec<(&'a ArrayRef, ArrayFormatter<'a>)>);

impl<'a> Texts<'a> {
    fn new(columns: &'a [ArrayRef]) -> Result<Self> {
        const OPTIONS: FormatOptions<'static> = FormatOptions::new();
        let told = |column: &'a ArrayRef| {
            let text = ArrayFormatter::try_new(&**column, &OPTIONS);
            text.map(|text| (column, text)).map_err(|error| Error::Internal(error.to_string()))
        };
        columns.iter().map(told).collect::<Result<_>>().map(Self)
    }

    fn row(&self, row: u32) -> Vec<Option<String>> {
        let row = row as usize;
        let cell = |(column, text): &(&ArrayRef, ArrayFormatter<'_>)| {
            column.is_valid(row).then(|| match text.value(row).to_string() {
                // Zero has no sign.
                zero if zero == "-0.0" => "0.0".to_owned(),
                other => other,
            })
        };
        self.0.iter().map(cell).collect()
    }
}
