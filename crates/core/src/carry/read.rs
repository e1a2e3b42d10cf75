//! A table of open items, read by the column readers that sources are read by, under rules that change nothing.

use super::{OPEN_ITEMS, field_columns};
use crate::columns::{Column, Facts, Row, SideColumns, prepare_side, row_of};
use crate::control::Control;
use crate::error::{DataError, Result};
use crate::outcome::{Reason, cell_text};
use crate::plan::{FieldIndex, FieldPlan, Plan, Side};
use crate::spec::{CellSource, CellSpec, FieldKind};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Schema};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::fmt::Write as _;

/// The open items of an earlier run, not yet at a scale.
#[derive(Debug, Clone)]
pub struct OpenItems {
    batches: Vec<RecordBatch>,
    /// A plan that reads the table as one source: its left one.
    table: Plan,
    /// Where the fields of the run's plan stand in `table`; `None` for those that the table doesn't have.
    places: Vec<Option<FieldIndex>>,
    /// Where the table's own columns stand in `table`.
    side: FieldIndex,
    reason: Option<FieldIndex>,
    first_seen: Option<FieldIndex>,
    /// Where an item stood in the run that left it.
    row: Option<FieldIndex>,
    scale: Option<u8>,
}

/// The open items at the run's scale, one row per record, both sides among each other.
pub(super) struct Items {
    /// The side of each.
    pub(super) sides: Vec<Side>,
    /// A column per field of the run's plan; [`Column::Absent`] where the table has none.
    pub(super) fields: Vec<Column>,
    /// Since when each is open, where that is known.
    pub(super) first_seen: Vec<Option<i32>>,
    /// Which of them can't be read.
    pub(super) unreadable: Vec<bool>,
}

impl OpenItems {
    /// Resolves the columns of a table of open items: those of the plan's fields by their names. Needed are `side` and
    /// `id`, and a column per field that conditions, compare or the tie-out use; `reason` and `first_seen` are read where
    /// they are. Another field without a column is null, other columns are left alone.
    ///
    /// Text is read by the field's kind: plain decimals with a point, ISO dates.
    ///
    /// # Errors
    /// `missing_column`; `schema_changed`, `wrong_type` and the others of [`Facts::gather`], the source being
    /// `open_items`.
    pub fn new(plan: &Plan, batches: Vec<RecordBatch>) -> Result<Self> {
        let schema =
            batches.first().map_or_else(|| std::sync::Arc::new(Schema::empty()), RecordBatch::schema);
        for needed in ["side", "id"] {
            if schema.column_with_name(needed).is_none() {
                return Err(missing(needed, &schema).into());
            }
        }
        let mut table = TablePlan { schema: &schema, fields: Vec::new() };
        let mut places = vec![None; plan.fields.len()];
        for (field, column) in field_columns(plan) {
            places[field] = table.add(&column, &plan.fields[field]);
        }
        if let Some(id) = plan.id {
            places[id] = table.add("id", &plan.fields[id]);
        }
        let needed = plan.fields_named();
        for (field, column) in field_columns(plan).iter().filter(|(field, _)| needed.contains(field)) {
            if places[*field].is_none() {
                return Err(missing(column, &schema).into());
            }
        }
        let side = table.own("side", FieldKind::Text).unwrap_or_default();
        let reason = table.own("reason", FieldKind::Text);
        let first_seen = table.own("first_seen", FieldKind::Date);
        let row = table.own("row", FieldKind::Integer);
        let table = Plan {
            names: [OPEN_ITEMS.to_owned(), OPEN_ITEMS.to_owned()],
            fields: table.fields,
            limits: plan.limits.clone(),
            ..Plan::default()
        };
        let facts = Facts::gather(&table, Side::Left, &batches)?;
        let amounts = facts.scales[0].iter().any(Option::is_some);
        let scale = amounts.then(|| facts.scale());
        Ok(Self { batches, table, places, side, reason, first_seen, row, scale })
    }

    /// Digits after the point of the table's amounts; `None` where it holds none. The run's scale is at least as
    /// large: [`Facts::with_scale`].
    #[must_use]
    pub fn scale(&self) -> Option<u8> {
        self.scale
    }

    /// Rows of the table.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Whether the table has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the table at the run's scale.
    pub(super) fn items(&self, facts: &Facts, control: &Control) -> Result<Items> {
        let read = prepare_side(&self.table, facts, Side::Left, &self.batches, None, control)?;
        if let Some(issue) = read.issues.first() {
            let hint = "Write amounts with a point, dates as 2026-01-31, or leave the row out";
            let error = DataError::new("unreadable_cell", OPEN_ITEMS, issue.problem.clone(), hint);
            let field = issue.field.map_or("", |field| self.table.fields[field].name.as_str());
            return Err(error.field(field).cell(u64::from(issue.row), issue.value.clone()).into());
        }
        self.refuse_repeats(&read, facts.scale())?;
        let sides = (0..read.rows).map(|row| self.side_of(&read, row)).collect::<Result<_>>()?;
        let text = |field: Option<FieldIndex>, row: Row| match field.map(|field| &read.fields[field]) {
            Some(Column::Text(cells)) => cells.get(row),
            _ => None,
        };
        let day = |row: Row| match self.first_seen.map(|field| &read.fields[field]) {
            Some(Column::Date(cells)) => cells.get(row),
            _ => None,
        };
        let column =
            |place: &Option<FieldIndex>| place.map_or(Column::Absent, |place| read.fields[place].clone());
        Ok(Items {
            sides,
            first_seen: (0..read.rows).map(day).collect(),
            unreadable: (0..read.rows)
                .map(|row| match text(self.reason, row) {
                    None => Ok(false),
                    Some(name) => Self::reason_of(name, row).map(|reason| reason == Reason::Unreadable),
                })
                .collect::<Result<_>>()?,
            fields: self.places.iter().map(column).collect(),
        })
    }

    /// An item that is there twice, with the row it had in the run that left it: a list was handed in twice. Without the
    /// row, two items that are alike may be two.
    fn refuse_repeats(&self, read: &SideColumns, scale: u8) -> Result<()> {
        if self.row.is_none() {
            return Ok(());
        }
        let mut first: HashMap<String, Row, FixedState> = HashMap::default();
        for row in 0..read.rows {
            let mut cells = String::new();
            for column in &read.fields {
                let cell = cell_text(column, scale, row).unwrap_or_default();
                let _infallible = write!(cells, "{}:{cell}", cell.len());
            }
            if let Some(known) = first.insert(cells, row) {
                let problem = format!("the item stands in row {known} already, with all its values");
                let hint = "Hand in the open items of the latest run, once";
                let id = self.table.fields.iter().position(|field| field.name == "id");
                let id = id.and_then(|id| cell_text(&read.fields[id], scale, row)).unwrap_or_default();
                let error = DataError::new("listed_twice", OPEN_ITEMS, problem, hint);
                return Err(error.cell(u64::from(row), id).into());
            }
        }
        Ok(())
    }

    fn reason_of(name: &str, row: Row) -> Result<Reason> {
        Reason::ALL.iter().copied().find(|reason| reason.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
            let hint = format!("A reason is one of {}, or null", names.join(", "));
            let error = DataError::new("unreadable_cell", OPEN_ITEMS, "not a reason", hint);
            error.field("reason").cell(u64::from(row), name).into()
        })
    }

    fn side_of(&self, read: &SideColumns, row: Row) -> Result<Side> {
        let Column::Text(cells) = &read.fields[self.side] else { return Ok(Side::Left) };
        match cells.get(row) {
            Some("left") => Ok(Side::Left),
            Some("right") => Ok(Side::Right),
            other => {
                let hint = "Every open item says which source it belongs to: left or right";
                let error = DataError::new("unreadable_cell", OPEN_ITEMS, "not a side", hint);
                Err(error.field("side").cell(u64::from(row), other.unwrap_or_default()).into())
            }
        }
    }
}

fn missing(needed: &str, schema: &Schema) -> DataError {
    let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let problem = format!("there is no column \"{needed}\" among {}", columns.join(", "));
    let hint = "Give the table open_items of an earlier outcome, or one with its columns side and id and one for every field \
                that conditions, compare or the tie-out use; they may be empty";
    DataError::new("missing_column", OPEN_ITEMS, problem, hint)
}

/// A plan in the making, of columns that are there.
struct TablePlan<'a> {
    schema: &'a Schema,
    fields: Vec<FieldPlan>,
}

impl TablePlan<'_> {
    fn add(&mut self, column: &str, field: &FieldPlan) -> Option<FieldIndex> {
        let (_, found) = self.schema.column_with_name(column)?;
        // Only doubles need to be told a scale; what was written exactly is kept as it was.
        let is_double = matches!(found.data_type(), DataType::Float32 | DataType::Float64);
        let scale = field.scale[0].max(field.scale[1]).filter(|_| is_double);
        let cell = CellSpec { from: CellSource::Column(column.to_owned()), ..CellSpec::default() };
        self.fields.push(FieldPlan {
            name: field.name.clone(),
            // Many integers stand in one text.
            kind: if field.many == [false; 2] { field.kind } else { FieldKind::Text },
            scale: [scale, None],
            cells: [Some(cell), None],
            clean: [Vec::new(), Vec::new()],
            many: [false; 2],
        });
        Some(self.fields.len() - 1)
    }

    fn own(&mut self, column: &str, kind: FieldKind) -> Option<FieldIndex> {
        let name = column.to_owned();
        let clean = [Vec::new(), Vec::new()];
        self.add(
            column,
            &FieldPlan { name, kind, scale: [None, None], cells: [None, None], clean, many: [false; 2] },
        )
    }
}

/// Positions as rows.
pub(super) fn rows_where(count: usize, wanted: impl Fn(usize) -> bool) -> Vec<Row> {
    (0..count).filter(|at| wanted(*at)).map(row_of).collect()
}
