//! What was found, as tables.

use super::cells::{Differing, Kind};
use super::columns::Layout;
use super::rows::Paired;
use super::summary::{ComparisonSummary, summary};
use super::table::Table;
use crate::control::Control;
use crate::error::{Error, Mistake, Result};
use crate::spec::nearest_name;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{UInt8Type, UInt32Type};
use arrow_array::{
    Array as _, ArrayRef, DictionaryArray, LargeStringArray, RecordBatch, StringArray, UInt8Array,
    UInt32Array, UInt64Array,
};
use arrow_cast::cast;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::concat::concat;
use arrow_select::take::take;
use rayon::prelude::*;
use std::sync::Arc;

/// Bytes of text that a column of a table holds at the most.
const TEXT_BYTES_MAX: u64 = i32::MAX as u64;

/// What a comparison found.
#[derive(Debug, Clone)]
pub struct Comparison {
    differences: RecordBatch,
    rows: RecordBatch,
    summary: ComparisonSummary,
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
                Err(Error::call(mistake.nearest(nearest)))
            }
        }
    }

    /// The figures.
    #[must_use]
    pub fn summary(&self) -> &ComparisonSummary {
        &self.summary
    }
}

pub(super) fn report(
    layout: &Layout,
    tables: &[Table<'_>; 2],
    paired: &Paired,
    found: &[Vec<Differing>],
    control: &Control,
) -> Result<Comparison> {
    let cells: usize = found.iter().flatten().map(|part| part.pairs.len()).sum();
    let bytes: u64 = found.iter().flatten().map(text_bytes).sum();
    let alone: usize = paired.alone.iter().map(Vec::len).sum();
    let key = 32 * layout.key.len() as u64;
    let bytes = bytes + cells as u64 * (64 + key) + alone as u64 * (16 + key);
    let _held = control.memory.reserve(bytes, "making the tables of differences")?;
    let order = Order::of(found);
    let summary = summary(layout, tables, (paired, order.changed_rows()), found);
    let differences = differences((layout, tables), paired, &order, found)?;
    let rows = rows(layout, tables, paired)?;
    Ok(Comparison { differences, rows, summary })
}

fn text_bytes(part: &Differing) -> u64 {
    part.texts.iter().map(|text| text.value_data().len() as u64 + 8 * text.len() as u64).sum()
}

/// The order of the differing cells: by pair, then column. They are found column by column.
struct Order(Vec<u64>);

impl Order {
    fn of(found: &[Vec<Differing>]) -> Self {
        let pairs = found.iter().flatten().flat_map(|part| &part.pairs);
        // Cells of an earlier column have lower numbers.
        let mut order: Vec<u64> = (0_u64..)
            .zip(pairs)
            .map(|(cell, pair)| u64::from(*pair) << 32 | cell & u64::from(u32::MAX))
            .collect();
        order.par_sort_unstable();
        Self(order)
    }

    fn pairs(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|entry| (entry >> 32) as usize)
    }

    /// Pairs in which a cell differs.
    fn changed_rows(&self) -> u64 {
        self.0.chunk_by(|one, other| one >> 32 == other >> 32).count() as u64
    }

    /// Cells in this order, by their numbers as they were found.
    #[expect(clippy::cast_possible_truncation, reason = "the lower half of an entry is the cell")]
    fn cells(&self) -> UInt32Array {
        self.0.iter().map(|entry| *entry as u32).collect()
    }
}

fn differences(
    (layout, tables): (&Layout, &[Table<'_>; 2]),
    paired: &Paired,
    order: &Order,
    found: &[Vec<Differing>],
) -> Result<RecordBatch> {
    if order.0.len() as u64 > u64::from(u32::MAX) {
        return Err(too_many("cells that differ", order.0.len() as u64, u32::MAX.into(), "rows"));
    }
    let rows = |of: fn(&(u32, u32)) -> u32| order.pairs().map(move |pair| of(&paired.pairs[pair]));
    let numbers = |of| -> ArrayRef { Arc::new(UInt64Array::from_iter_values(rows(of).map(u64::from))) };
    let mut columns: Vec<(String, ArrayRef, bool)> = vec![
        ("left_row".into(), numbers(|pair| pair.0), false),
        ("right_row".into(), numbers(|pair| pair.1), false),
    ];
    let left_rows: Vec<u32> = rows(|pair| pair.0).collect();
    key_columns((layout, tables), 0, &left_rows, &mut columns)?;
    drop(left_rows);
    let cells = order.cells();
    let names = StringArray::from_iter_values(layout.columns.iter().map(|column| &column.names[0]));
    let at = |(column, parts): (u32, &Vec<Differing>)| {
        std::iter::repeat_n(column, parts.iter().map(|part| part.pairs.len()).sum())
    };
    let column: UInt32Array = (0..).zip(found).flat_map(at).map(Some).collect();
    let column = take(&names, take(&column, &cells, None).map_err(made)?.as_primitive::<UInt32Type>(), None);
    columns.push(("column".into(), column.map_err(made)?, false));
    let kind = found.iter().flatten().flat_map(|part| &part.kinds).map(|kind| *kind as u8);
    let kind = take(&UInt8Array::from_iter_values(kind), &cells, None).map_err(made)?;
    let kinds = Arc::new(StringArray::from_iter_values(Kind::ALL));
    let kind = DictionaryArray::<UInt8Type>::try_new(kind.as_primitive().clone(), kinds).map_err(made)?;
    columns.push(("kind".into(), Arc::new(kind), false));
    let texts: [Vec<&LargeStringArray>; 3] =
        [0, 1, 2].map(|which: usize| found.iter().flatten().map(|part| &part.texts[which]).collect());
    let texts = texts.into_par_iter().zip(["left", "right", "delta"]);
    let texts: Vec<_> =
        texts.map(|(parts, name)| Ok((name.into(), text(&parts, &cells)?, true))).collect::<Result<_>>()?;
    columns.extend(texts);
    table(columns)
}

/// Text of all parts in the order of the cells.
fn text(parts: &[&LargeStringArray], cells: &UInt32Array) -> Result<ArrayRef> {
    let bytes: u64 = parts.iter().map(|part| part.value_data().len() as u64).sum();
    if bytes > TEXT_BYTES_MAX {
        return Err(too_many("the text of cells that differ", bytes, TEXT_BYTES_MAX, "bytes"));
    }
    let parts: Vec<_> =
        parts.iter().map(|part| cast(*part, &DataType::Utf8).map_err(made)).collect::<Result<_>>()?;
    if parts.is_empty() {
        return Ok(Arc::new(StringArray::new_null(0)));
    }
    let parts: Vec<_> = parts.iter().map(|part| &**part).collect();
    take(&concat(&parts).map_err(made)?, cells, None).map_err(made)
}

fn too_many(what: &str, needed: u64, limit: u64, unit: &'static str) -> Error {
    let hint = "Compare fewer rows or columns at a time".to_owned();
    Error::Limit { what: what.to_owned(), unit, needed, limit, hint }
}

fn rows(layout: &Layout, tables: &[Table<'_>; 2], paired: &Paired) -> Result<RecordBatch> {
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
        key_columns((layout, tables), side, &rows, &mut part)?;
        parts.push(part);
    }
    let right = parts.pop().unwrap_or_default();
    for ((name, left, nullable), (_, right, _)) in parts.pop().unwrap_or_default().into_iter().zip(right) {
        columns.push((name, concat(&[&left, &right]).map_err(made)?, nullable));
    }
    columns.push(("reason".into(), dictionary(reason, &REASONS)?, false));
    table(columns)
}

/// The key of some rows as text, under the columns' names; one that the table has already gets `key_` before it.
fn key_columns(
    (layout, tables): (&Layout, &[Table<'_>; 2]),
    side: usize,
    rows: &[u32],
    columns: &mut Vec<(String, ArrayRef, bool)>,
) -> Result<()> {
    const TAKEN: [&str; 10] =
        ["left_row", "right_row", "column", "kind", "left", "right", "delta", "side", "row", "reason"];
    for column in &layout.key {
        let name = &column.names[0];
        let name = if TAKEN.contains(&name.as_str()) { format!("key_{name}") } else { name.clone() };
        let cells = column.gather(tables, side, rows.iter().copied())?;
        columns.push((name, as_text(&cells)?, true));
    }
    Ok(())
}

/// Cells as text.
fn as_text(cells: &ArrayRef) -> Result<ArrayRef> {
    if matches!(cells.data_type(), DataType::Int64 | DataType::LargeUtf8) {
        return cast(cells, &DataType::Utf8).map_err(made);
    }
    let options = FormatOptions::default();
    let shown = ArrayFormatter::try_new(&**cells, &options).map_err(made)?;
    let text = |row: usize| cells.is_valid(row).then(|| shown.value(row).to_string());
    Ok(Arc::new((0..cells.len()).map(text).collect::<StringArray>()))
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
