//! What was found, as tables and as figures.

use super::cells::{Differing, Kind, by_size, written};
use super::columns::{Compared, Layout};
use super::rows::Paired;
use crate::error::{Error, Mistake, Result};
use crate::spec::nearest_name;
use arrow_array::types::UInt8Type;
use arrow_array::{ArrayRef, DictionaryArray, RecordBatch, StringArray, UInt8Array, UInt64Array};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{Field, Schema};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// What a comparison found.
#[derive(Debug, Clone)]
pub struct Comparison {
    differences: RecordBatch,
    rows: RecordBatch,
    summary: ComparisonSummary,
}

/// The figures of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparisonSummary {
    /// Whether the tables are equal: the same columns, every row with a partner, no cell that differs.
    pub equal: bool,
    /// Rows, left and right.
    pub rows: [u64; 2],
    /// Rows that have a partner.
    pub paired_rows: u64,
    /// Pairs of rows in which a cell differs.
    pub changed_rows: u64,
    /// Left rows without a partner.
    pub only_left: u64,
    /// Right rows without a partner.
    pub only_right: u64,
    /// Cells that differ.
    pub differing_cells: u64,
    /// Names of the key's columns on the left.
    pub key: Vec<String>,
    /// Keys that more than one row of a side has.
    pub repeated_keys: u64,
    /// Keys whose rows were too many to be paired by assignment.
    pub limited_keys: u64,
    /// Each compared column, in the left table's order.
    pub columns: Vec<ColumnSummary>,
    /// Columns that only the left or only the right table has.
    pub one_sided: OneSided,
    /// Columns that both have and that were not compared.
    pub ignored: Vec<String>,
}

/// Columns without a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OneSided {
    /// Of the left table.
    pub left: Vec<String>,
    /// Of the right table.
    pub right: Vec<String>,
}

/// The figures of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnSummary {
    /// Its name on the left.
    pub name: String,
    /// Its name on the right.
    pub right_name: String,
    /// Its types, left and right.
    pub types: [String; 2],
    /// Whether its values are of another kind on the other side.
    pub type_changed: bool,
    /// Cells that differ, by kind: `changed, nulled, filled, format, space_or_case`.
    pub differing: u64,
    /// Another value.
    pub changed: u64,
    /// A value that became null.
    pub nulled: u64,
    /// A null that became a value.
    pub filled: u64,
    /// The same number, written otherwise.
    pub format: u64,
    /// The same text but for spaces and case.
    pub space_or_case: u64,
    /// The largest difference, where its cells are numbers.
    pub largest: Option<LargestDifference>,
}

/// The largest difference of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LargestDifference {
    /// right − left.
    pub delta: String,
    /// Its row on the left.
    pub left_row: u64,
    /// Its row on the right.
    pub right_row: u64,
}

impl Comparison {
    /// Names of the tables.
    pub const TABLES: [&'static str; 2] = ["differences", "rows"];

    /// A row per differing cell, by left row and column: `left_row`, `right_row`, the key, `column`, `kind`, `left`,
    /// `right`, `delta` (right − left, for numbers). Values are text, exactly as they are.
    #[must_use]
    pub fn differences(&self) -> &RecordBatch {
        &self.differences
    }

    /// A row per row without a partner, left ones first: `side`, `row`, the key, `reason` (`missing_on_left`,
    /// `missing_on_right`, or `duplicate` where the other side has rows of its key, but fewer).
    #[must_use]
    pub fn rows(&self) -> &RecordBatch {
        &self.rows
    }

    /// A table by its name.
    ///
    /// # Errors
    /// `unknown_table`, with the nearest name.
    pub fn table(&self, name: &str) -> Result<&RecordBatch> {
        match name {
            "differences" => Ok(&self.differences),
            "rows" => Ok(&self.rows),
            other => {
                let nearest = nearest_name(other, Self::TABLES).map(str::to_owned);
                let expected = format!("one of {}", Self::TABLES.join(", "));
                let mistake = Mistake::new("unknown_table", "table", format!("\"{other}\""), expected);
                Err(Error::spec(mistake.nearest(nearest)))
            }
        }
    }

    /// The figures.
    #[must_use]
    pub fn summary(&self) -> &ComparisonSummary {
        &self.summary
    }
}

impl ComparisonSummary {
    /// As JSON, with a line feed at its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings and numbers always have a JSON form.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

impl fmt::Display for ComparisonSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [left, right] = self.rows;
        writeln!(f, "{}", if self.equal { "equal" } else { "different" })?;
        writeln!(f)?;
        writeln!(f, "key             {}", self.key.join(", "))?;
        writeln!(f, "rows            {left} on the left, {right} on the right")?;
        writeln!(f, "with a partner  {}, of which {} changed", self.paired_rows, self.changed_rows)?;
        writeln!(f, "only on left    {}", self.only_left)?;
        writeln!(f, "only on right   {}", self.only_right)?;
        if self.repeated_keys > 0 {
            writeln!(
                f,
                "repeated keys   {}, of which {} paired in sorted order",
                self.repeated_keys, self.limited_keys
            )?;
        }
        for (side, names) in [("left", &self.one_sided.left), ("right", &self.one_sided.right)] {
            if !names.is_empty() {
                writeln!(f, "columns only on the {side}: {}", names.join(", "))?;
            }
        }
        for column in self.columns.iter().filter(|column| column.type_changed) {
            let [left, right] = &column.types;
            writeln!(f, "type of {}: {left} on the left, {right} on the right", column.name)?;
        }
        let differing: Vec<_> = self.columns.iter().filter(|column| column.differing > 0).collect();
        if differing.is_empty() {
            return Ok(());
        }
        let width = differing.iter().map(|column| column.name.chars().count()).max().unwrap_or(0).max(6);
        writeln!(f)?;
        writeln!(
            f,
            "{:<width$}  {:>9}  {:>7}  {:>6}  {:>6}  {:>6}  {:>10}  largest",
            "column", "differing", "changed", "nulled", "filled", "format", "space/case"
        )?;
        for column in differing {
            let ColumnSummary { name, differing, changed, nulled, filled, format, space_or_case, .. } =
                column;
            let largest = column.largest.as_ref().map_or("", |largest| &largest.delta);
            let line = format!(
                "{name:<width$}  {differing:>9}  {changed:>7}  {nulled:>6}  {filled:>6}  {format:>6}  {space_or_case:>10}  {largest}"
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

pub(super) fn report(
    layout: &Layout,
    sides: [&[RecordBatch]; 2],
    paired: &Paired,
    found: &[Vec<Differing>],
) -> Result<Comparison> {
    let keys = [key_cells(layout, sides, 0)?, key_cells(layout, sides, 1)?];
    let summary = summary(layout, sides, paired, found);
    let differences = differences(layout, &keys, paired, found)?;
    let rows = rows(layout, &keys, paired)?;
    Ok(Comparison { differences, rows, summary })
}

fn summary(
    layout: &Layout,
    sides: [&[RecordBatch]; 2],
    paired: &Paired,
    found: &[Vec<Differing>],
) -> ComparisonSummary {
    let columns: Vec<ColumnSummary> = layout
        .columns
        .iter()
        .zip(found)
        .map(|(column, cells)| column_summary(column, cells, paired))
        .collect();
    let changed: BTreeSet<u32> = found.iter().flatten().map(|cell| cell.pair).collect();
    let differing_cells: u64 = columns.iter().map(|column| column.differing).sum();
    let alone = paired.alone.each_ref().map(|rows| rows.len() as u64);
    let [left, right] = layout.one_sided.clone();
    let same_columns = left.is_empty() && right.is_empty();
    ComparisonSummary {
        equal: same_columns && alone == [0, 0] && differing_cells == 0,
        rows: sides.map(|side| side.iter().map(|batch| batch.num_rows() as u64).sum()),
        paired_rows: paired.pairs.len() as u64,
        changed_rows: changed.len() as u64,
        only_left: alone[0],
        only_right: alone[1],
        differing_cells,
        key: layout.key.iter().map(|column| column.names[0].clone()).collect(),
        repeated_keys: paired.repeated_keys,
        limited_keys: paired.limited_keys,
        columns,
        one_sided: OneSided { left, right },
        ignored: layout.ignored.clone(),
    }
}

fn column_summary(column: &Compared, cells: &[Differing], paired: &Paired) -> ColumnSummary {
    let of = |kind: Kind| cells.iter().filter(|cell| cell.kind == kind).count() as u64;
    let mut largest: Option<&Differing> = None;
    for cell in cells {
        let Some(size) = cell.size else { continue };
        // The first of equal ones.
        if largest.and_then(|largest| largest.size).is_none_or(|known| by_size(size, known).is_gt()) {
            largest = Some(cell);
        }
    }
    let largest = largest.map(|cell| {
        let (left_row, right_row) = paired.pairs[cell.pair as usize];
        let delta = cell
            .delta
            .clone()
            .unwrap_or_else(|| cell.size.map(|(size, scale)| written(size, scale)).unwrap_or_default());
        LargestDifference { delta, left_row: left_row.into(), right_row: right_row.into() }
    });
    ColumnSummary {
        name: column.names[0].clone(),
        right_name: column.names[1].clone(),
        types: column.types.each_ref().map(ToString::to_string),
        type_changed: column.type_changed(),
        differing: cells.len() as u64,
        changed: of(Kind::Changed),
        nulled: of(Kind::Nulled),
        filled: of(Kind::Filled),
        format: of(Kind::Format),
        space_or_case: of(Kind::SpaceOrCase),
        largest,
    }
}

fn differences(
    layout: &Layout,
    keys: &[Vec<ArrayRef>; 2],
    paired: &Paired,
    found: &[Vec<Differing>],
) -> Result<RecordBatch> {
    let mut cells: Vec<(u32, usize, &Differing)> = found
        .iter()
        .enumerate()
        .flat_map(|(column, cells)| cells.iter().map(move |cell| (cell.pair, column, cell)))
        .collect();
    cells.sort_unstable_by_key(|(pair, column, _)| (*pair, *column));
    let pair = |(pair, _, _): &(u32, usize, &Differing)| paired.pairs[*pair as usize];
    let row = |of: fn((u32, u32)) -> u32| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(cells.iter().map(|cell| u64::from(of(pair(cell))))))
    };
    let mut columns: Vec<(String, ArrayRef, bool)> =
        vec![("left_row".into(), row(|pair| pair.0), false), ("right_row".into(), row(|pair| pair.1), false)];
    let left_rows: Vec<u32> = cells.iter().map(|cell| pair(cell).0).collect();
    key_columns(layout, &keys[0], &left_rows, &mut columns)?;
    let names: Vec<&str> = layout.columns.iter().map(|column| column.names[0].as_str()).collect();
    let of_column: StringArray = cells.iter().map(|(_, column, _)| names.get(*column).copied()).collect();
    let kinds = Arc::new(StringArray::from_iter_values(Kind::ALL));
    let kind = UInt8Array::from_iter_values(cells.iter().map(|(_, _, cell)| cell.kind as u8));
    let kind = DictionaryArray::<UInt8Type>::try_new(kind, kinds).map_err(made)?;
    let text = |of: fn(&Differing) -> Option<&str>| -> ArrayRef {
        Arc::new(cells.iter().map(|(_, _, cell)| of(cell)).collect::<StringArray>())
    };
    columns.push(("column".into(), Arc::new(of_column), false));
    columns.push(("kind".into(), Arc::new(kind), false));
    columns.push(("left".into(), text(|cell| cell.left.as_deref()), true));
    columns.push(("right".into(), text(|cell| cell.right.as_deref()), true));
    columns.push(("delta".into(), text(|cell| cell.delta.as_deref()), true));
    table(columns)
}

fn rows(layout: &Layout, keys: &[Vec<ArrayRef>; 2], paired: &Paired) -> Result<RecordBatch> {
    const REASONS: [&str; 3] = ["missing_on_right", "missing_on_left", "duplicate"];
    let sided =
        || paired.alone.iter().enumerate().flat_map(|(side, rows)| rows.iter().map(move |row| (side, *row)));
    let dictionary = |codes: UInt8Array, names: &[&str]| {
        let names = Arc::new(StringArray::from_iter_values(names));
        DictionaryArray::<UInt8Type>::try_new(codes, names)
            .map(|made| Arc::new(made) as ArrayRef)
            .map_err(made)
    };
    let side = UInt8Array::from_iter_values(sided().map(|(side, _)| u8::from(side == 1)));
    let row = UInt64Array::from_iter_values(sided().map(|(_, (row, _))| u64::from(row)));
    let reason = |(side, (_, shared)): (usize, (u32, bool))| if shared { 2 } else { u8::from(side == 1) };
    let reason = UInt8Array::from_iter_values(sided().map(reason));
    let mut columns: Vec<(String, ArrayRef, bool)> = vec![
        ("side".into(), dictionary(side, &["left", "right"])?, false),
        ("row".into(), Arc::new(row), false),
    ];
    let mut parts = Vec::with_capacity(2);
    for (side, alone) in paired.alone.iter().enumerate() {
        let rows: Vec<u32> = alone.iter().map(|(row, _)| *row).collect();
        let mut part = Vec::new();
        key_columns(layout, &keys[side], &rows, &mut part)?;
        parts.push(part);
    }
    let right = parts.pop().unwrap_or_default();
    for ((name, left, nullable), (_, right, _)) in parts.pop().unwrap_or_default().into_iter().zip(right) {
        columns.push((name, arrow_select::concat::concat(&[&left, &right]).map_err(made)?, nullable));
    }
    columns.push(("reason".into(), dictionary(reason, &REASONS)?, false));
    table(columns)
}

/// The key's columns of a side.
fn key_cells(layout: &Layout, sides: [&[RecordBatch]; 2], side: usize) -> Result<Vec<ArrayRef>> {
    layout.key.iter().map(|column| column.values(sides[side], side)).collect()
}

/// The key of some rows as text, under the columns' names; one that the table has already gets `key_` before it.
fn key_columns(
    layout: &Layout,
    keys: &[ArrayRef],
    rows: &[u32],
    columns: &mut Vec<(String, ArrayRef, bool)>,
) -> Result<()> {
    const TAKEN: [&str; 10] =
        ["left_row", "right_row", "column", "kind", "left", "right", "delta", "side", "row", "reason"];
    for (column, values) in layout.key.iter().zip(keys) {
        let name = &column.names[0];
        let name = if TAKEN.contains(&name.as_str()) { format!("key_{name}") } else { name.clone() };
        let options = FormatOptions::default();
        let shown = ArrayFormatter::try_new(&**values, &options).map_err(made)?;
        let text = |row: &u32| {
            let row = *row as usize;
            values.is_valid(row).then(|| shown.value(row).to_string())
        };
        columns.push((name, Arc::new(rows.iter().map(text).collect::<StringArray>()), true));
    }
    Ok(())
}

fn table(columns: Vec<(String, ArrayRef, bool)>) -> Result<RecordBatch> {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns
        .into_iter()
        .map(|(name, array, nullable)| (Field::new(name, array.data_type().clone(), nullable), array))
        .unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(made)
}

#[expect(clippy::needless_pass_by_value, reason = "stands where an error is mapped")]
fn made(error: arrow_schema::ArrowError) -> Error {
    Error::Internal(error.to_string())
}
