//! A table as its batches: rows are numbered through them, cells are looked up without making one array of a column.

use crate::columns::schema_change;
use crate::error::{DataError, Error, Result};
use crate::limits::ROWS_MAX;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use arrow_select::interleave::interleave;
use std::borrow::Cow;

/// Where a row stands: its batch in the upper bits, its position there in the lower ones.
pub(super) type Place = u32;

/// How a [`Place`] is taken apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    shift: u32,
    mask: u64,
}

impl Split {
    /// Batch and position.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "both are parts of 32 bits")]
    pub(super) fn of(self, place: Place) -> (usize, usize) {
        let place = u64::from(place);
        ((place >> self.shift) as usize, (place & self.mask) as usize)
    }
}

/// One of the two tables.
#[derive(Debug)]
pub(super) struct Table<'a> {
    /// What the user calls it.
    pub(super) name: &'a str,
    pub(super) rows: u32,
    /// At least one; none is empty unless all are.
    pub(super) batches: Cow<'a, [RecordBatch]>,
    /// The first row of each batch.
    starts: Vec<u32>,
    pub(super) split: Split,
}

impl<'a> Table<'a> {
    /// Takes batches as one table.
    ///
    /// # Errors
    /// `no_batches`; `schema_changed` where batches differ in columns; [`Error::Limit`] beyond [`ROWS_MAX`] rows.
    pub(super) fn new(name: &'a str, batches: &'a [RecordBatch]) -> Result<Self> {
        let Some((first, rest)) = batches.split_first() else {
            let hint = "Hand over at least one batch; an empty one still tells the columns";
            return Err(DataError::new("no_batches", name, "there is no batch", hint).into());
        };
        for (at, batch) in rest.iter().enumerate() {
            if let Some(change) = schema_change(&first.schema(), &batch.schema()) {
                let problem = format!("batch {} {change}", at + 1);
                let hint = "Give all batches of a table the same columns, in one order";
                return Err(DataError::new("schema_changed", name, problem, hint).into());
            }
        }
        let needed: u64 = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        let Some(rows) = u32::try_from(needed).ok().filter(|_| needed <= ROWS_MAX) else {
            return Err(Error::Limit {
                what: format!("table \"{name}\""),
                unit: "rows",
                needed,
                limit: ROWS_MAX,
                hint: "Compare fewer rows at a time".to_owned(),
            });
        };
        let batches = filled(batches)?;
        let mut starts = Vec::with_capacity(batches.len());
        let mut start = 0;
        for batch in batches.iter() {
            starts.push(start);
            start += rows_of(batch);
        }
        let shift = bits(&batches);
        let split = Split { shift, mask: (1_u64 << shift) - 1 };
        Ok(Self { name, rows, batches, starts, split })
    }

    pub(super) fn schema(&self) -> SchemaRef {
        self.batches.first().map_or_else(|| arrow_schema::Schema::empty().into(), RecordBatch::schema)
    }

    /// A column, batch by batch.
    pub(super) fn column(&self, at: usize) -> Vec<ArrayRef> {
        self.batches.iter().map(|batch| ArrayRef::clone(batch.column(at))).collect()
    }

    /// Where a row stands.
    pub(super) fn place(&self, row: u32) -> Place {
        let batch = self.starts.partition_point(|start| *start <= row).saturating_sub(1);
        self.put(batch, row - self.starts[batch])
    }

    fn put(&self, batch: usize, position: u32) -> Place {
        let batch = u32::try_from(batch).unwrap_or(0);
        batch.checked_shl(self.split.shift).unwrap_or(0) | position
    }

    /// The cells of some rows as one array.
    pub(super) fn gather(&self, at: usize, rows: impl Iterator<Item = u32>) -> Result<ArrayRef> {
        let columns = self.column(at);
        let columns: Vec<&dyn Array> = columns.iter().map(|column| &**column).collect();
        let cells: Vec<(usize, usize)> = rows.map(|row| self.split.of(self.place(row))).collect();
        interleave(&columns, &cells).map_err(|error| Error::Internal(error.to_string()))
    }
}

fn rows_of(batch: &RecordBatch) -> u32 {
    u32::try_from(batch.num_rows()).unwrap_or(u32::MAX)
}

/// Bits that the position in a batch takes.
fn bits(batches: &[RecordBatch]) -> u32 {
    let longest = batches.iter().map(rows_of).max().unwrap_or(0);
    u32::BITS - longest.saturating_sub(1).leading_zeros()
}

/// The batches that have rows, or the first; as one where a place would not hold them: a long one among many.
fn filled(batches: &[RecordBatch]) -> Result<Cow<'_, [RecordBatch]>> {
    let mut some = Cow::Borrowed(batches);
    if batches.len() > 1 && batches.iter().any(|batch| batch.num_rows() == 0) {
        let mut kept: Vec<_> = batches.iter().filter(|batch| batch.num_rows() > 0).cloned().collect();
        if kept.is_empty() {
            kept.extend(batches.first().cloned());
        }
        some = Cow::Owned(kept);
    }
    let many = some.len().saturating_sub(1) as u64;
    if let Some(first) = some.first()
        && many.checked_shl(bits(&some)).is_none_or(|last| last > u64::from(u32::MAX))
    {
        let whole = concat_batches(&first.schema(), some.iter());
        some = Cow::Owned(vec![whole.map_err(|error| Error::Internal(error.to_string()))?]);
    }
    Ok(some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::record_batch;

    #[test]
    fn rows_are_found_in_batches_of_any_size() {
        let all = record_batch!(("n", Int64, [0, 1, 2, 3, 4, 5, 6])).unwrap();
        for cuts in [vec![7], vec![3, 4], vec![0, 1, 0, 5, 1, 0], vec![1, 1, 1, 1, 1, 1, 1]] {
            let mut from = 0;
            let mut batches = Vec::new();
            for rows in cuts {
                batches.push(all.slice(from, rows));
                from += rows;
            }
            let table = Table::new("t", &batches).unwrap();
            for row in 0..7 {
                let (batch, at) = table.split.of(table.place(row));
                assert_eq!(
                    table.batches[batch].column(0).slice(at, 1).as_ref(),
                    all.column(0).slice(row as usize, 1).as_ref()
                );
            }
        }
    }
}
