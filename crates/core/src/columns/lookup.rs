//! Look-ups: a cell is a key, and the rows of a third table that have it hold the values.
//!
//! The table is read once per field and side that looks something up in it, and each cell then costs one hash.

use super::many_read::Items;
use super::source::{FieldReader, Source};
use super::text::TextRule;
use crate::columns::{Row, row_of};
use crate::control::Reservation;
use crate::error::{Error, Result};
use crate::spec::{Clean, LookupSpec};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// The keys and values of a third table.
pub(super) struct Lookup {
    values: Items,
    /// A number for each key.
    known: HashMap<String, u32, FixedState>,
    /// The table's rows with key k: `rows[starts[k]..starts[k + 1]]`.
    starts: Vec<u32>,
    rows: Vec<Row>,
    _held: Vec<Reservation>,
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
        let reader = FieldReader { source: &source, rules: &table.rules, ..*reader };
        let read = |column: &str, steps| {
            let column = source.column(column)?;
            Items::read(&reader, &column, &TextRule { extract: None, steps })
        };
        let (keys, mut held) = read(&lookup.key, reader.cell.clean.as_slice())?;
        let (values, more) = read(&lookup.column, steps)?;
        held.extend(more);
        let what = format!("the keys of the table \"{}\"", lookup.table);
        held.push(reader.control.memory.reserve(u64::from(source.rows) * KEY_BYTES, &what)?);
        Ok(Self::of(&keys, values, source.rows, held))
    }

    fn of(keys: &Items, values: Items, table_rows: Row, held: Vec<Reservation>) -> Self {
        let mut known: HashMap<String, u32, FixedState> = HashMap::default();
        let mut pairs: Vec<(u32, Row)> = Vec::new();
        for row in 0..table_rows {
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
        Self { values, known, starts, rows, _held: held }
    }

    /// The values of the rows that have a key.
    pub(super) fn values(&self, key: &str) -> impl Iterator<Item = &str> {
        let rows = self.known.get(key).map(|number| {
            let number = *number as usize;
            &self.rows[self.starts[number] as usize..self.starts[number + 1] as usize]
        });
        rows.into_iter().flatten().flat_map(|row| self.values.of(*row))
    }
}

/// Bytes of a row of a third table while it is looked up in: its key's text and number, its place.
const KEY_BYTES: u64 = 64;
