//! Balances as they are handed in: a table, or a list in the spec.

use super::super::cells::CellKey;
use super::super::gather::{cell_text, internal};
use super::cell_column;
use crate::columns::{Column, Facts, Row, SideColumns, prepare_side};
use crate::control::Control;
use crate::error::{DataError, Error, Mistake, Mistakes, Result};
use crate::plan::{FieldPlan, Plan, Side};
use crate::spec::{CellSource, CellSpec, FieldKind, nearest_name};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{DataType, Field, Schema};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the source of an error is called that lies in the balances.
const BALANCES: &str = "balances";

/// Columns of the balances of both sides.
const COLUMNS: [[&str; 2]; 2] = [["left_opening", "left_closing"], ["right_opening", "right_closing"]];

/// Opening and closing balances of cells, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balances {
    /// Digits after the point.
    pub(super) scale: u8,
    /// By cell: of each side the opening and the closing balance.
    pub(super) cells: BTreeMap<CellKey, [[Option<i128>; 2]; 2]>,
}

impl Balances {
    /// Reads a table of balances: a column per field of the tie-out's cells, and `left_opening`, `left_closing`,
    /// `right_opening`, `right_closing`, of which at least one is there. Null: not known. Other columns are left alone.
    ///
    /// Text is read as plain decimals with a point, days as ISO dates. Doubles are refused.
    ///
    /// # Errors
    /// `missing_column`, `unreadable_cell`, `duplicate_balance`, the source being `balances`; those of
    /// [`Facts::gather`]; a `conflict` of the spec where no amount is tied out.
    pub fn read(plan: &Plan, batches: &[RecordBatch], control: &Control) -> Result<Self> {
        if plan.tie_out.amount.is_none() {
            let expected = "an amount that is tied out: without one there is nothing to prove";
            return Err(Error::spec(Mistake::new("conflict", BALANCES, "balances", expected)));
        }
        let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
        let (table, places) = table_plan(plan, &schema)?;
        let facts = Facts::gather_with(&table, Side::Left, batches, control)?;
        let read = prepare_side(&table, &facts, Side::Left, batches, None, control)?;
        if let Some(issue) = read.issues.first() {
            let hint = "Write balances as plain decimals with a point, or leave the cell empty";
            let error = DataError::new("unreadable_cell", BALANCES, issue.problem.clone(), hint);
            let field = issue.field.map_or("", |field| table.fields[field].name.as_str());
            return Err(error.field(field).cell(u64::from(issue.row), issue.value.clone()).into());
        }
        let mut cells = BTreeMap::new();
        let scale = facts.scale();
        for row in 0..read.rows {
            let key: CellKey =
                (0..plan.tie_out.by.len()).map(|field| cell_text(&read.fields[field], scale, row)).collect();
            let amounts = places.map(|side| side.map(|place| amount(&read, place, row)));
            if cells.insert(key.clone(), amounts).is_some() {
                return Err(twice(&key, row).into());
            }
        }
        Ok(Self { scale, cells })
    }

    /// Balances that stand in the spec itself: per cell the values by name.
    ///
    /// # Errors
    /// `unknown_key` for names that are neither a field of a cell nor a balance; as [`read`](Self::read).
    pub fn inline(plan: &Plan, cells: &[BTreeMap<String, String>], control: &Control) -> Result<Self> {
        let mut names = by_columns(plan);
        names.extend(COLUMNS.iter().flatten().map(|name| (*name).to_owned()));
        let mistakes: Vec<Mistake> = cells
            .iter()
            .enumerate()
            .flat_map(|(at, cell)| cell.keys().map(move |name| (at, name)))
            .filter(|(_, name)| !names.contains(name))
            .map(|(at, name)| {
                let expected = format!("one of {}", names.join(", "));
                let path = format!("balances[{at}].{name}");
                Mistake::new("unknown_key", path, format!("\"{name}\""), expected)
                    .nearest(nearest_name(name, names.iter().map(String::as_str)))
            })
            .collect();
        if !mistakes.is_empty() {
            return Err(Mistakes(mistakes).into());
        }
        let column = |name: &String| -> ArrayRef {
            Arc::new(cells.iter().map(|cell| cell.get(name)).collect::<StringArray>())
        };
        let fields: Vec<Field> = names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        let columns = names.iter().map(column).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(cells.len()));
        let schema = Arc::new(Schema::new(fields));
        let table = RecordBatch::try_new_with_options(schema, columns, &options).map_err(internal)?;
        Self::read(plan, &[table], control)
    }
}

/// Columns of the cell's fields.
fn by_columns(plan: &Plan) -> Vec<String> {
    let fixed: Vec<&str> = COLUMNS.iter().flatten().copied().collect();
    plan.tie_out.by.iter().map(|field| cell_column(&plan.fields[*field].name, &fixed)).collect()
}

/// A plan that reads the table as a left source, and where each balance stands in it.
fn table_plan(plan: &Plan, schema: &Schema) -> Result<(Plan, [[Option<usize>; 2]; 2])> {
    let mut fields = Vec::new();
    for (column, field) in by_columns(plan).iter().zip(&plan.tie_out.by) {
        if schema.column_with_name(column).is_none() {
            return Err(missing(column, schema).into());
        }
        // A cell is named as the tie-out names it; an amount in it is text like any other.
        let kind = match plan.fields[*field].kind {
            FieldKind::Amount => FieldKind::Text,
            kind => kind,
        };
        fields.push(field_plan(column, kind));
    }
    let places = COLUMNS.map(|side| {
        side.map(|column| {
            schema.column_with_name(column).map(|_| {
                fields.push(field_plan(column, FieldKind::Amount));
                fields.len() - 1
            })
        })
    });
    if places.iter().flatten().all(Option::is_none) {
        return Err(missing("left_closing", schema).into());
    }
    let names = [BALANCES.to_owned(), BALANCES.to_owned()];
    Ok((Plan { names, fields, limits: plan.limits.clone(), ..Plan::default() }, places))
}

fn field_plan(column: &str, kind: FieldKind) -> FieldPlan {
    let cell = CellSpec { from: CellSource::Column(column.to_owned()), ..CellSpec::default() };
    FieldPlan {
        name: column.to_owned(),
        kind,
        scale: [None, None],
        cells: [Some(cell), None],
        clean: [Vec::new(), Vec::new()],
        many: [false; 2],
    }
}

fn missing(column: &str, schema: &Schema) -> DataError {
    let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let problem = format!("there is no column \"{column}\" among {}", columns.join(", "));
    let hint = "Balances have a column per field of the tie-out's cells, and left_opening, left_closing, \
                right_opening, right_closing, as far as they are known";
    DataError::new("missing_column", BALANCES, problem, hint)
}

fn amount(read: &SideColumns, place: Option<usize>, row: Row) -> Option<i128> {
    match &read.fields[place?] {
        Column::Amount(amounts) => amounts.get(row),
        _ => None,
    }
}

fn twice(key: &CellKey, row: Row) -> DataError {
    let name = super::super::text::cell_name(key);
    let hint = "Give the balances of every cell once";
    DataError::new("duplicate_balance", BALANCES, "the cell stands there already", hint)
        .cell(u64::from(row), name)
}
