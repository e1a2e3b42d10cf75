//! How many records agree in a key or satisfy conditions: what being near under them is worth. A unique reference
//! proves much, a shared account little.
//!
//! Counted on a sample of each side's records, open or not: those with the smallest hashes of what conditions see, so
//! that neither the order of rows nor their number of batches moves it.

use super::nearest::Frequent;
use super::relaxed::Relaxed;
use super::rest::Rest;
use crate::candidates::blocks::KeyColumns;
use crate::columns::{Canon, Column, Columns, Row};
use crate::engine::taking_part;
use crate::limits::{CONDITION_SAMPLE_ROWS, KEY_SAMPLE_ROWS};
use crate::plan::{FieldIndex, Millionths, ONE, Plan, Side};
use rayon::prelude::*;

/// Rows hashed at a time.
const CHUNK_ROWS: usize = 1 << 14;

/// Samples of both sides, by their records in the run.
pub(super) struct Samples([Sample; 2]);

/// Samples of both sides, as they stand in columns of their own.
pub(super) struct Frequency<'a> {
    samples: [Sample; 2],
    columns: &'a Columns,
}

/// Some records of a side.
#[derive(Default)]
struct Sample {
    /// Ascending.
    rows: Vec<Row>,
    /// The few with the smallest hashes.
    few: Vec<Row>,
}

/// The samples, counted by a key: hashes of the sample's keys of each side, ascending.
pub(super) struct Counted<'a> {
    frequency: &'a Frequency<'a>,
    keys: &'a [KeyColumns<'a>; 2],
    hashes: [Vec<u64>; 2],
}

impl Samples {
    /// Draws the samples. Hashes the fields in use of every record once.
    pub(super) fn draw(plan: &Plan, columns: &Columns) -> Self {
        let sample = |side: Side| {
            let rows = taking_part(columns.side(side));
            let canon = Canon::new(plan, columns.side(side));
            let mut hashed: Vec<(u64, Row)> = rows
                .par_chunks(CHUNK_ROWS)
                .flat_map_iter(|rows| canon.hashes(rows).into_iter().zip(rows.iter().copied()))
                .collect();
            let order = |one: &(u64, Row), other: &(u64, Row)| {
                one.0.cmp(&other.0).then_with(|| canon.order(one.1, other.1))
            };
            if hashed.len() > KEY_SAMPLE_ROWS {
                hashed.select_nth_unstable_by(KEY_SAMPLE_ROWS, order);
                hashed.truncate(KEY_SAMPLE_ROWS);
            }
            hashed.sort_unstable_by(order);
            let mut rows: Vec<Row> = hashed.into_iter().map(|(_, row)| row).collect();
            let few = rows.iter().copied().take(CONDITION_SAMPLE_ROWS).collect();
            rows.sort_unstable();
            Sample { rows, few }
        };
        let (left, right) = rayon::join(|| sample(Side::Left), || sample(Side::Right));
        Self([left, right])
    }

    /// Their records, ascending.
    pub(super) fn rows(&self) -> [&[Row]; 2] {
        self.0.each_ref().map(|sample| sample.rows.as_slice())
    }
}

impl<'a> Frequency<'a> {
    /// The samples where they stand.
    pub(super) fn new(samples: &Samples, rest: &'a Rest) -> Self {
        let placed = |side: Side| {
            let Sample { rows, few } = &samples.0[side.index()];
            Sample {
                rows: rest.places(side, rows),
                few: few.iter().filter_map(|row| rest.place(side, *row)).collect(),
            }
        };
        Self { samples: Side::BOTH.map(placed), columns: &rest.columns }
    }

    /// A few records of each side.
    pub(super) fn few(&self) -> [Vec<Row>; 2] {
        self.samples.each_ref().map(|sample| sample.few.clone())
    }

    /// Counts the samples by a key.
    pub(super) fn of_keys<'s>(&'s self, keys: &'s [KeyColumns<'s>; 2]) -> Counted<'s> {
        let hashes = [0, 1].map(|side| {
            let mut hashes = vec![0; self.samples[side].rows.len()];
            for (column, _) in &keys[side].columns {
                column.fold_hashes(&self.samples[side].rows, &mut hashes);
            }
            hashes.sort_unstable();
            hashes
        });
        Counted { frequency: self, keys, hashes }
    }

    /// Days that a side's dates span, at least 1: over its sample.
    pub(super) fn span(&self, side: Side, field: FieldIndex) -> u64 {
        let Some(Column::Date(dates)) = self.columns.side(side).fields.get(field) else { return 1 };
        let days = || self.samples[side.index()].rows.iter().filter_map(|row| dates.get(*row));
        match (days().min(), days().max()) {
            (Some(first), Some(last)) => u64::from(last.abs_diff(first)) + 1,
            _ => 1,
        }
    }
}

impl Counted<'_> {
    /// The shares of the other side's records that agree with a record in what remains of a pass, its nearest one
    /// left out.
    pub(super) fn share_of(
        &self,
        relaxed: &Relaxed<'_>,
        side: usize,
        (row, nearest): (Row, Row),
    ) -> Frequent {
        let sample = &self.frequency.samples[1 - side];
        let drawn = sample.rows.binary_search(&nearest).is_ok();
        let mut hash = [0];
        for (column, _) in &self.keys[side].columns {
            column.fold_hashes(&[row], &mut hash);
        }
        let hashes = &self.hashes[1 - side];
        let from = hashes.partition_point(|other| *other < hash[0]);
        let to = hashes.partition_point(|other| *other <= hash[0]);
        let key = if self.keys[side].columns.is_empty() {
            ONE
        } else {
            share(to - from - usize::from(drawn && to > from), hashes.len() - usize::from(drawn))
        };
        // Where nobody else agrees in the key, the conditions make no difference.
        let conditions = if key == 0 { 0 } else { self.conditions(relaxed, side, (row, nearest)) };
        Frequent { key, conditions }
    }

    fn conditions(&self, relaxed: &Relaxed<'_>, side: usize, (row, nearest): (Row, Row)) -> Millionths {
        if relaxed.pass.conditions.is_empty() {
            return ONE;
        }
        let few = &self.frequency.samples[1 - side].few;
        let others = || few.iter().copied().filter(|other| *other != nearest);
        let holds = |other: &Row| {
            let (left, right) = if side == 0 { (row, *other) } else { (*other, row) };
            relaxed.scorer.score(left, right).is_some()
        };
        // One more than was seen: that none of a few satisfies them doesn't show that none does.
        share(others().filter(holds).count() + 1, others().count() + 1)
    }
}

/// Rounded down; 0 of nothing.
fn share(part: usize, whole: usize) -> Millionths {
    let share = (part as u64 * u64::from(ONE)).checked_div(whole as u64).unwrap_or(0);
    Millionths::try_from(share).unwrap_or(ONE)
}
