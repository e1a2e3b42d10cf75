//! Cells with many values: every match of an expression, the items of a list, what a key stands for in a third table.

use super::FieldRead;
use super::clean::Cleaner;
use super::date::single_column;
use super::lookup::Lookup;
use super::many::{ManyBuilder, ManyColumn, ManyPart};
use super::model::{Column, Row, TextColumn};
use super::problem::Bad;
use super::source::{Extract, FieldReader, PIECE_ROWS, Physical, row};
use super::text::{TextRule, read_column};
use crate::control::Reservation;
use crate::error::{Error, Result};
use crate::spec::Clean;
use arrow_array::cast::AsArray as _;
use arrow_array::{Array, ArrayRef, OffsetSizeTrait};
use arrow_schema::DataType;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Reads the values of a field that has many.
///
/// # Errors
/// A type that holds neither text nor integers, a third table that is not there, a limit, cancellation.
pub(super) fn read(reader: &FieldReader<'_>) -> Result<FieldRead> {
    let column = reader.source.column(single_column(&reader.cell.from))?;
    let values = reader.field.clean[reader.side.index()].as_slice();
    // What a look-up's cell is cleaned by cleans its key.
    let (steps, lookup) = match &reader.cell.lookup {
        Some(lookup) => (reader.cell.clean.as_slice(), Some(Lookup::read(reader, lookup, values)?)),
        None => (values, None),
    };
    let extract = reader.extract()?;
    let (rule, every) = match extract {
        Some(extract) if reader.cell.all => (TextRule::plain(), Some(Every { extract, steps })),
        extract => (TextRule { extract, steps }, None),
    };
    let (items, held) = Items::read(reader, &column, &rule)?;
    let cells = Cells { reader, items: &items, every: every.as_ref(), lookup: lookup.as_ref() };
    let (many, bad) = cells.read(column.rows)?;
    drop((held, lookup));
    let what = format!("the many values of \"{}\"", reader.field.name);
    let memory = reader.control.memory.reserve(many.bytes(), &what)?;
    Ok(FieldRead { bad, memory: vec![memory], ..FieldRead::new(Column::Many(Arc::new(many)), column) })
}

/// Every match of an expression, each cleaned.
struct Every<'a> {
    extract: Extract,
    steps: &'a [Clean],
}

/// The texts of a column: one a record, or those of its lists.
pub(super) struct Items {
    texts: TextColumn,
    /// The texts of each record; `None` where record i has text i.
    ranges: Option<Vec<Range<Row>>>,
}

impl Items {
    /// Reads the cells of a column, or the items of its lists, as text.
    ///
    /// # Errors
    /// Those of [`read_column`].
    pub(super) fn read(
        reader: &FieldReader<'_>,
        column: &Physical,
        rule: &TextRule<'_>,
    ) -> Result<(Self, Vec<Reservation>)> {
        let lists = match &column.data_type {
            DataType::List(item) => flattened(column, item.data_type(), list::<i32>),
            DataType::LargeList(item) => flattened(column, item.data_type(), list::<i64>),
            DataType::FixedSizeList(item, length) => {
                let length = usize::try_from(*length).unwrap_or_default();
                flattened(column, item.data_type(), |chunk| {
                    let ranges = (0..chunk.len()).map(|at| at * length..(at + 1) * length).collect();
                    (ArrayRef::clone(chunk.as_fixed_size_list().values()), ranges)
                })
            }
            _ => {
                let (texts, held) = read_column(reader, column, rule)?;
                return Ok((Self { texts, ranges: None }, held));
            }
        };
        let Some((items, ranges)) = lists else {
            return Err(Error::Limit {
                what: format!("the lists of \"{}\" in source \"{}\"", column.name, reader.source.name),
                unit: "items",
                needed: u64::MAX,
                limit: u64::from(Row::MAX),
                hint: "Reconcile fewer records at a time".to_owned(),
            });
        };
        let (texts, held) = read_column(reader, &items, rule)?;
        Ok((Self { texts, ranges: Some(ranges) }, held))
    }

    /// The texts of a record, nulls left out.
    pub(super) fn of(&self, row: Row) -> impl Iterator<Item = &str> {
        let range = self.ranges.as_ref().map_or(row..row + 1, |ranges| ranges[row as usize].clone());
        range.filter_map(|at| self.texts.get(at))
    }
}

/// A chunk's items, and which are each list's.
type Lists = (ArrayRef, Vec<Range<usize>>);

fn list<O: OffsetSizeTrait>(chunk: &ArrayRef) -> Lists {
    let lists = chunk.as_list::<O>();
    let ends = lists.value_offsets().windows(2);
    let ranges = ends.map(|ends| ends[0].as_usize()..ends[1].as_usize()).collect();
    (ArrayRef::clone(lists.values()), ranges)
}

/// The items of all lists as a column, and which are each record's; `None` where they are too many to be numbered.
fn flattened(
    column: &Physical,
    item: &DataType,
    lists: impl Fn(&ArrayRef) -> Lists,
) -> Option<(Physical, Vec<Range<Row>>)> {
    let mut items = Physical { data_type: item.clone(), chunks: Vec::new(), rows: 0, ..column.clone() };
    let mut all = Vec::with_capacity(column.rows);
    for chunk in &column.chunks {
        let (values, ranges) = lists(chunk);
        let (first, end) = match (ranges.first(), ranges.last()) {
            (Some(first), Some(last)) => (first.start, last.end),
            _ => (0, 0),
        };
        for (at, range) in ranges.into_iter().enumerate() {
            // What lies under a null list is none of its values.
            let range = if chunk.is_null(at) { first..first } else { range };
            let place = |at: usize| Row::try_from(items.rows + at - first).ok();
            all.push(place(range.start)?..place(range.end)?);
        }
        if end > first {
            items.chunks.push(values.slice(first, end - first));
            items.rows += end - first;
        }
    }
    Some((items, all))
}

/// The cells of a column, read into sets of values.
struct Cells<'a> {
    reader: &'a FieldReader<'a>,
    items: &'a Items,
    every: Option<&'a Every<'a>>,
    lookup: Option<&'a Lookup>,
}

impl Cells<'_> {
    fn read(&self, rows: usize) -> Result<(ManyColumn, Vec<Bad>)> {
        let starts: Vec<usize> = (0..rows).step_by(PIECE_ROWS).collect();
        let parts = starts.into_par_iter().map(|start| {
            self.reader.control.cancel.check()?;
            Ok(self.part(row(start)..row(rows.min(start + PIECE_ROWS))))
        });
        // Not collected as a `Result` in parallel: which error came first would depend on the threads.
        let parts: Vec<Result<(ManyPart, Vec<Bad>)>> = parts.collect();
        let (mut all, mut bad) = (Vec::with_capacity(parts.len()), Vec::new());
        for part in parts {
            let (part, mut more) = part?;
            all.push(part);
            bad.append(&mut more);
        }
        if all.is_empty() {
            all.push(ManyBuilder::new(self.reader.field.kind).finish());
        }
        Ok((ManyColumn::join(all, self.reader.source.name, &self.reader.field.name)?, bad))
    }

    fn part(&self, rows: Range<Row>) -> (ManyPart, Vec<Bad>) {
        let mut builder = ManyBuilder::new(self.reader.field.kind);
        let mut bad = Vec::new();
        let mut every = self.every.map(|every| (every.extract.clone(), Cleaner::new(every.steps)));
        for row in rows {
            let mut problem = None;
            let mut add = |value: &str| problem = builder.add(value).err().or(problem);
            for text in self.items.of(row) {
                match &mut every {
                    None => self.values((text, row), &mut add),
                    Some((extract, cleaner)) => {
                        extract.find_all(text, |found| self.values((cleaner.clean(found), row), &mut add));
                    }
                }
            }
            builder.end_record();
            bad.extend(problem.map(|problem| Bad { row, problem }));
        }
        (builder.finish(), bad)
    }

    /// The values of a record's text: itself, or what it stands for in the third table.
    fn values(&self, (text, row): (&str, Row), add: &mut impl FnMut(&str)) {
        match self.lookup {
            None => add(text),
            Some(lookup) => lookup.values(text, row).for_each(add),
        }
    }
}
