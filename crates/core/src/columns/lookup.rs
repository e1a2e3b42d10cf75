//! Look-ups: a cell is a key, and the rows of a third table that have it hold the values.
//!
//! The table is read once per field and side that looks something up in it, and each cell then costs one hash.

use super::date;
use super::many_read::Items;
use super::model::{Column, DateColumn};
use super::source::{FieldReader, Source};
use super::text::TextRule;
use crate::columns::{Row, row_of};
use crate::control::Reservation;
use crate::error::{DataError, Error, Result};
use crate::plan::FieldPlan;
use crate::spec::{CellSource, CellSpec, Clean, FieldKind, LookupSpec};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// The keys and values of a third table.
pub(super) struct Lookup {
    values: Items,
    /// A number for each key.
    known: HashMap<String, u32, FixedState>,
    /// The table's rows with key k: `rows[starts[k]..starts[k + 1]]`, those of one day beside each other where days count.
    starts: Vec<u32>,
    rows: Vec<Row>,
    dated: Option<Dated>,
    _held: Vec<Reservation>,
}

/// When the rows of a third table hold, and which day each record asks for.
struct Dated {
    /// By row of the table; records ask for those of the latest day.
    days: DateColumn,
    /// By record.
    asked: DateColumn,
    /// How much earlier a row may be.
    most: i64,
}

impl Lookup {
    /// Reads the two columns: keys cleaned as the cells that are looked up, values by the field's steps.
    ///
    /// # Errors
    /// Columns that can't be read as text, a limit, cancellation.
    pub(super) fn read(reader: &FieldReader<'_>, lookup: &LookupSpec, steps: &[Clean]) -> Result<Self> {
        let Some(table) = reader.tables.get(&lookup.table) else {
            return Err(Error::Internal(format!("the table \"{}\" is not there", lookup.table)));
        };
        let source = Source::of_table(&lookup.table, &table.batches)?;
        let records = reader;
        let reader = &FieldReader { source: &source, rules: &table.rules, ..*reader };
        let read = |column: &str, steps| {
            let column = source.column(column)?;
            Items::read(reader, &column, &TextRule { extract: None, steps })
        };
        let (keys, mut held) = read(&lookup.key, reader.cell.clean.as_slice())?;
        let (values, more) = read(&lookup.column, steps)?;
        held.extend(more);
        let what = format!("the keys of the table \"{}\"", lookup.table);
        held.push(reader.control.memory.reserve(u64::from(source.rows) * KEY_BYTES, &what)?);
        let mut tests = Vec::new();
        for (column, wanted) in &lookup.only {
            let (cells, more) = read(column, &[])?;
            held.extend(more);
            tests.push((cells, wanted.as_str()));
        }
        let holds = |row: Row| tests.iter().all(|(cells, wanted)| cells.of(row).any(|cell| cell == *wanted));
        let mut dated = None;
        if let Some(as_of) = &lookup.as_of {
            let (days, more) = dates(reader, &as_of.date, true)?;
            held.extend(more);
            let (asked, more) = dates(records, &as_of.at, false)?;
            held.extend(more);
            dated = Some(Dated { days, asked, most: i64::from(as_of.days) });
        }
        let day = |row: Row| dated.as_ref().map_or(Some(0), |dated| dated.days.get(row));
        let rows = (0..source.rows).filter(|row| holds(*row) && day(*row).is_some());
        let mut lookup = Self::of(&keys, values, rows, held);
        for key in lookup.starts.windows(2).map(|ends| ends[0] as usize..ends[1] as usize) {
            lookup.rows[key].sort_by_key(|row| day(*row));
        }
        lookup.dated = dated;
        Ok(lookup)
    }

    fn of(
        keys: &Items,
        values: Items,
        table_rows: impl Iterator<Item = Row>,
        held: Vec<Reservation>,
    ) -> Self {
        let mut known: HashMap<String, u32, FixedState> = HashMap::default();
        let mut pairs: Vec<(u32, Row)> = Vec::new();
        for row in table_rows {
            for key in keys.of(row) {
                let next = row_of(known.len());
                let number = match known.get(key) {
                    Some(number) => *number,
                    None => *known.entry(key.to_owned()).or_insert(next),
                };
                pairs.push((number, row));
            }
        }
        let mut starts = vec![0_u32; known.len() + 1];
        for (number, _) in &pairs {
            starts[*number as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; pairs.len()];
        for (number, row) in pairs {
            let slot = &mut next[number as usize];
            rows[*slot as usize] = row;
            *slot += 1;
        }
        Self { values, known, starts, rows, dated: None, _held: held }
    }

    /// The values of the rows that have a key, as a record asks for them.
    pub(super) fn values(&self, key: &str, record: Row) -> impl Iterator<Item = &str> {
        let rows = self.known.get(key).map(|number| {
            let number = *number as usize;
            let rows = &self.rows[self.starts[number] as usize..self.starts[number + 1] as usize];
            self.dated.as_ref().map_or(rows, |dated| dated.latest(rows, record))
        });
        rows.into_iter().flatten().flat_map(|row| self.values.of(*row))
    }
}

impl Dated {
    /// Of rows in the order of their days those of the latest that is not after the record's.
    fn latest<'r>(&self, rows: &'r [Row], record: Row) -> &'r [Row] {
        let Some(asked) = self.asked.get(record) else { return &[] };
        let day = |row: Row| self.days.get(row).unwrap_or(i32::MIN);
        let end = rows.partition_point(|row| day(*row) <= asked);
        let Some(last) = end.checked_sub(1).map(|last| day(rows[last])) else { return &[] };
        if i64::from(asked) - i64::from(last) > self.most {
            return &[];
        }
        &rows[rows.partition_point(|row| day(*row) < last)..end]
    }
}

/// The days of a column.
///
/// # Errors
/// Where it is strict, a cell that is no date: nobody could tell when a row of a third table holds.
fn dates(reader: &FieldReader<'_>, column: &str, strict: bool) -> Result<(DateColumn, Vec<Reservation>)> {
    let cell = CellSpec { from: CellSource::Column(column.to_owned()), ..CellSpec::default() };
    let field = FieldPlan { kind: FieldKind::Date, ..reader.field.clone() };
    let read = date::read(&FieldReader { cell: &cell, field: &field, ..*reader })?;
    if let (true, Some(bad)) = (strict, read.bad.first()) {
        let hint = "Mend the cell, or say how the table is written: read = { dates = \"%d.%m.%Y\" }";
        let problem = format!("a cell of \"{column}\" {}", bad.problem);
        let error = DataError::new("unreadable_cell", reader.source.name, problem, hint);
        return Err(error.cell(u64::from(bad.row), read.show(bad.row)).into());
    }
    let Column::Date(days) = read.column else {
        return Err(Error::Internal(format!("the dates of \"{column}\" are none")));
    };
    Ok((days, read.memory))
}

/// Bytes of a row of a third table while it is looked up in: its key's text and number, its place.
const KEY_BYTES: u64 = 64;
