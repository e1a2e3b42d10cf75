//! Which rows belong together: by the key, and where a key repeats, by what the rows hold.

use super::CompareOptions;
use super::classes::{self, Classes};
use super::columns::{Compared, Layout, plain};
use super::table::Table;
use crate::candidates::blocks::{self, BlockSink, KeyColumns};
use crate::columns::{self, Columns, Facts, NO_ROW, Row};
use crate::control::{Control, Stage};
use crate::engine::key_columns;
use crate::error::{Error, Result};
use crate::plan::{self, Plan, Side};
use crate::spec::Spec;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Schema};
use rayon::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Left rows whose keys are verified by one task.
const VERIFIED_ROWS: usize = 1 << 14;

/// Rows that belong together, and those that stand alone.
#[derive(Debug, Default)]
pub(super) struct Paired {
    /// Left and right row, ascending by left row.
    pub(super) pairs: Vec<(Row, Row)>,
    /// Rows without a partner, ascending, and whether the other side has rows of their key.
    pub(super) alone: [Vec<(Row, bool)>; 2],
    /// Keys that more than one row has on a side.
    pub(super) repeated_keys: u64,
    /// Keys whose rows were paired in sorted order, because they were too many.
    pub(super) limited_keys: u64,
}

/// Pairs the rows of two tables.
pub(super) fn pair(
    layout: &Layout,
    tables: &[Table<'_>; 2],
    options: &CompareOptions,
    control: &Control,
) -> Result<Paired> {
    let (plan, columns) = control.stage(Stage::Columns, || prepared(layout, tables, control))?;
    control.stage(Stage::Pass(0), || {
        let Some(pass) = plan.passes.first() else {
            return Err(Error::Internal("the pass over the key is gone".to_owned()));
        };
        let keys =
            [key_columns(pass, columns.side(Side::Left), 0), key_columns(pass, columns.side(Side::Right), 1)];
        let (mut paired, classes) = joined(tables, &keys, control)?;
        if !classes.is_empty() {
            classes::settle((layout, tables), &classes, options, control, &mut paired)?;
            paired.pairs.par_sort_unstable();
        }
        paired.alone.iter_mut().for_each(|alone| alone.par_sort_unstable());
        Ok(paired)
    })
}

/// The key's columns as the engine prepares them: one exact pass, in which null is null.
fn prepared(layout: &Layout, tables: &[Table<'_>; 2], control: &Control) -> Result<(Plan, Columns)> {
    let keys = [keys(layout, tables, 0)?, keys(layout, tables, 1)?];
    let schema = |side: usize| keys[side].first().map_or_else(|| Schema::empty().into(), RecordBatch::schema);
    let plan = plan::resolve(&spec(layout, tables)?, &schema(0), &schema(1))?;
    let gathered = |side: Side| Facts::gather_with(&plan, side, &keys[side.index()], control);
    let facts = gathered(Side::Left)?.merge(gathered(Side::Right)?)?;
    let prepared = columns::prepare(&plan, &facts, keys.each_ref().map(Vec::as_slice), control)?;
    Ok((plan, prepared))
}

/// The key of every row as columns `k0`, `k1`, …: integers and text as they are, everything else as text.
fn keys(layout: &Layout, tables: &[Table<'_>; 2], side: usize) -> Result<Vec<RecordBatch>> {
    let key = |batch: &RecordBatch| {
        let mut fields = Vec::with_capacity(layout.key.len());
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(layout.key.len());
        for (at, column) in layout.key.iter().enumerate() {
            let values = batch.column(column.at[side]);
            let values = if plain(values.data_type()) == key_type(column) {
                Arc::clone(values)
            } else {
                let common = column.as_common(values, (tables[side].name, side))?;
                cast(&common, &key_type(column)).map_err(|error| Error::Internal(error.to_string()))?
            };
            fields.push(Field::new(format!("k{at}"), values.data_type().clone(), true));
            arrays.push(values);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
            .map_err(|error| Error::Internal(error.to_string()))
    };
    tables[side].batches.par_iter().map(key).collect()
}

fn key_type(column: &Compared) -> DataType {
    if column.common == DataType::Int64 { DataType::Int64 } else { DataType::LargeUtf8 }
}

fn spec(layout: &Layout, tables: &[Table<'_>; 2]) -> Result<Spec> {
    let mut fields = serde_json::Map::new();
    let mut on = Vec::new();
    for (at, column) in layout.key.iter().enumerate() {
        let kind = if column.common == DataType::Int64 { "integer" } else { "text" };
        let name = format!("k{at}");
        fields.insert(name.clone(), serde_json::json!({ "as": kind }));
        on.push(serde_json::json!({ "field": name, "equals": true, "nulls": "equal" }));
    }
    let [left, right] = tables.each_ref().map(|table| table.name);
    let mut spec = serde_json::json!({
        "fields": fields,
        "pass": [{ "name": "key", "on": on }],
        "tie_out": { "amount": false, "by": [] },
    });
    if left != right {
        spec["left"] = serde_json::json!({ "name": left });
        spec["right"] = serde_json::json!({ "name": right });
    }
    Spec::from_program(&spec.to_string())
}

/// What becomes of the blocks of a partition: a slot for each left row whose key is there once on both sides, classes
/// for the others.
struct Sink<'a> {
    partners: &'a [AtomicU32],
    classes: Classes,
}

impl BlockSink for Sink<'_> {
    fn single(&mut self, left: Row, right: Row) {
        self.partners[left as usize].store(right, Ordering::Relaxed);
    }

    fn several(&mut self, left: &mut [Row], right: &mut [Row]) -> Result<()> {
        self.classes.push([left, right]);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Joins the keys: pairs of keys that are there once on both sides, and the rows of the others.
fn joined(
    tables: &[Table<'_>; 2],
    keys: &[KeyColumns<'_>; 2],
    control: &Control,
) -> Result<(Paired, Classes)> {
    let [left, right] = tables.each_ref().map(|table| table.rows as usize);
    let bytes = blocks::join_bytes(left, right) + left.min(right) as u64 * 8 + (left + right) as u64 * 5;
    let _held = control.memory.reserve(bytes, "bringing rows together by their key")?;
    let rows = tables.each_ref().map(|table| (0..table.rows).collect::<Vec<Row>>());
    let partners: Vec<AtomicU32> = (0..left).into_par_iter().map(|_| AtomicU32::new(NO_ROW)).collect();
    let sink = || Sink { partners: &partners, classes: Classes::default() };
    let sinks = blocks::join((&keys[0], &rows[0]), (&keys[1], &rows[1]), &control.cancel, sink)?;
    drop(rows);
    let mut classes = Classes::default();
    for sink in &sinks {
        classes.append(&sink.classes);
    }
    drop(sinks);
    let pairs = verified(&partners, keys, control)?;
    drop(partners);
    let mut paired = Paired { pairs, ..Paired::default() };
    paired.alone = alone(tables, &paired.pairs, &classes);
    paired.repeated_keys = classes.len() as u64;
    for (side, alone) in paired.alone.iter().enumerate() {
        paired.repeated_keys += repeated(&keys[side], alone, control)?;
    }
    Ok((paired, classes))
}

/// The pairs whose keys are equal and not only their hashes, ascending by left row.
fn verified(
    partners: &[AtomicU32],
    keys: &[KeyColumns<'_>; 2],
    control: &Control,
) -> Result<Vec<(Row, Row)>> {
    let agreements = keys[0].agreements(&keys[1]);
    let verify = |(chunk, partners): (usize, &[AtomicU32])| {
        control.cancel.check()?;
        let from = columns::row_of(chunk * VERIFIED_ROWS);
        let noted = (from..).zip(partners).map(|(left, right)| (left, right.load(Ordering::Relaxed)));
        let mut pairs: Vec<(Row, Row)> = noted.filter(|(_, right)| *right != NO_ROW).collect();
        let mut agree = vec![true; pairs.len()];
        for key in &agreements {
            key.check(&pairs, &mut agree);
        }
        let mut agree = agree.into_iter();
        pairs.retain(|_| agree.next().unwrap_or(false));
        Ok(pairs)
    };
    let chunks = partners.par_chunks(VERIFIED_ROWS).enumerate();
    Ok(chunks.map(verify).collect::<Result<Vec<_>>>()?.concat())
}

/// The rows of each side whose key the other side has not, ascending.
fn alone(tables: &[Table<'_>; 2], pairs: &[(Row, Row)], classes: &Classes) -> [Vec<(Row, bool)>; 2] {
    let mut taken = tables.each_ref().map(|table| vec![false; table.rows as usize]);
    for (left, right) in pairs {
        taken[0][*left as usize] = true;
        taken[1][*right as usize] = true;
    }
    for (side, taken) in taken.iter_mut().enumerate() {
        classes.rows(side).iter().for_each(|row| taken[*row as usize] = true);
    }
    taken.map(|taken| {
        let rows = (0..).zip(taken).filter(|(_, taken)| !*taken);
        rows.map(|(row, _)| (row, false)).collect()
    })
}

/// Counts the keys that more than one of these rows has: they are joined with themselves.
fn repeated(keys: &KeyColumns<'_>, alone: &[(Row, bool)], control: &Control) -> Result<u64> {
    let rows: Vec<Row> = alone.iter().map(|(row, _)| *row).collect();
    let _held = control.memory.reserve(rows.len() as u64 * 28, "counting keys that repeat")?;
    let sinks = blocks::join((keys, &rows), (keys, &rows), &control.cancel, Repeats::default)?;
    Ok(sinks.iter().map(|repeats| repeats.0).sum())
}

#[derive(Default)]
struct Repeats(u64);

impl BlockSink for Repeats {
    fn single(&mut self, _left: Row, _right: Row) {}

    fn several(&mut self, left: &mut [Row], _right: &mut [Row]) -> Result<()> {
        self.0 += u64::from(left.len() > 1);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
