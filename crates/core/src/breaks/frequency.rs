//! How many records agree in a key or satisfy conditions: what being near under them is worth. A unique reference
//! proves much, a shared account little.
//!
//! Counted on a sample of each side's records, open or not: those with the smallest hashes of what conditions see, so
//! that neither the order of rows nor their number of batches moves it.

use super::chance::Frequent;
use super::relaxed::Relaxed;
use super::rest::Rest;
use crate::candidates::blocks::KeyColumns;
use crate::columns::{Canon, Column, Columns, Row};
use crate::engine::taking_part;
use crate::limits::{CONDITION_SAMPLE_ROWS, KEY_SAMPLE_ROWS};
use crate::plan::{ConditionPlan, FieldIndex, Millionths, ONE, Plan, Side};
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

/// The samples, counted by a key.
pub(super) struct Counted<'a> {
    frequency: &'a Frequency<'a>,
    hashes: [Hashes; 2],
    /// The samples by the values of the first of the equalities of many values, where there is one: a hash of the key and a
    /// value, and the record. Ascending.
    values: [Vec<(u64, Row)>; 2],
    /// Which records of each side are in its sample.
    drawn: [Vec<bool>; 2],
}

/// Hashes, found by their first bits.
struct Hashes {
    /// By bucket, ascending in each.
    all: Vec<u64>,
    /// Where each bucket begins, and the end.
    starts: Vec<u32>,
}

/// First bits of a hash that name its bucket.
const BUCKET_BITS: u32 = 14;

impl Hashes {
    /// Scattered into their buckets, which hold one each where the hashes differ; only fuller ones are sorted.
    fn of(hashes: &[u64]) -> Self {
        let mut starts = vec![0_u32; (1 << BUCKET_BITS) + 1];
        for hash in hashes {
            starts[Self::bucket(*hash) + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut next = starts.clone();
        let mut all = vec![0; hashes.len()];
        for hash in hashes {
            let slot = &mut next[Self::bucket(*hash)];
            all[*slot as usize] = *hash;
            *slot += 1;
        }
        for ends in starts.windows(2).filter(|ends| ends[1] - ends[0] > 1) {
            all[ends[0] as usize..ends[1] as usize].sort_unstable();
        }
        Self { all, starts }
    }

    fn bucket(hash: u64) -> usize {
        usize::try_from(hash >> (64 - BUCKET_BITS)).unwrap_or(0)
    }

    /// How many are equal to one.
    fn count(&self, hash: u64) -> usize {
        let bucket = Self::bucket(hash);
        let some = &self.all[self.starts[bucket] as usize..self.starts[bucket + 1] as usize];
        let from = some.partition_point(|other| *other < hash);
        some[from..].partition_point(|other| *other == hash)
    }
}

impl Samples {
    /// Draws the samples. Hashes the fields in use of every record once.
    pub(super) fn draw(plan: &Plan, columns: &Columns) -> Self {
        let sample = |side: Side| {
            let rows = taking_part(columns.side(side));
            let canon = Canon::new(plan, columns.side(side));
            let below = |end: u64| -> Vec<(u64, Row)> {
                let smallest = |rows: &[Row]| -> Vec<(u64, Row)> {
                    let hashed = canon.hashes(rows).into_iter().zip(rows.iter().copied());
                    hashed.filter(|(hash, _)| *hash <= end).collect()
                };
                rows.par_chunks(CHUNK_ROWS).flat_map_iter(smallest).collect()
            };
            // A few more than are wanted; equal records hash alike, so that it can be fewer.
            let mut hashed = below(few_above(rows.len()));
            if hashed.len() < KEY_SAMPLE_ROWS.min(rows.len()) {
                hashed = below(u64::MAX);
            }
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

    /// Samples of columns that are looked at themselves.
    pub(super) fn whole(samples: Samples, columns: &'a Columns) -> Self {
        Self { samples: samples.0, columns }
    }

    /// A few records of each side.
    pub(super) fn few(&self) -> [Vec<Row>; 2] {
        self.samples.each_ref().map(|sample| sample.few.clone())
    }

    /// Counts the samples by a key.
    pub(super) fn of_keys<'s>(&'s self, keys: &[KeyColumns<'_>; 2], relaxed: &Relaxed<'_>) -> Counted<'s> {
        let keyed = [0, 1].map(|side| keys[side].hashes(&self.samples[side].rows));
        let values = Side::BOTH.map(|side| {
            let Some(shared) = relaxed.shared.first() else { return Vec::new() };
            let mut values = Vec::new();
            for (row, hash) in self.samples[side.index()].rows.iter().zip(&keyed[side.index()]) {
                self.fold_values(shared, (side, *row), *hash, |hash| values.push((hash, *row)));
            }
            values.sort_unstable();
            values
        });
        let hashes = keyed.each_ref().map(|all| Hashes::of(all));
        let drawn = Side::BOTH.map(|side| {
            let mut drawn = vec![false; self.columns.side(side).rows as usize];
            self.samples[side.index()].rows.iter().for_each(|row| drawn[*row as usize] = true);
            drawn
        });
        Counted { frequency: self, hashes, values, drawn }
    }

    fn fold_values(
        &self,
        shared: &ConditionPlan,
        (side, row): (Side, Row),
        hash: u64,
        each: impl FnMut(u64),
    ) {
        if let Some(column) = self.column(shared, side) {
            column.fold_values(row, shared.nulls_equal, hash, each);
        }
    }

    fn column(&self, shared: &ConditionPlan, side: Side) -> Option<&Column> {
        let field = if side == Side::Left { shared.left } else { shared.right };
        self.columns.side(side).fields.get(field)
    }

    /// Whether an equality of many values holds between two records.
    fn shares(&self, shared: &ConditionPlan, (left, right): (Row, Row)) -> bool {
        let (Some(lefts), Some(rights)) = (self.column(shared, Side::Left), self.column(shared, Side::Right))
        else {
            return false;
        };
        let null = shared.nulls_equal && lefts.is_null(left) && rights.is_null(right);
        null || lefts.shares(left, rights, right)
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
    /// left out: in its key, and the least that it can be in its conditions. `hash` is that of the record's key.
    pub(super) fn at_least(
        &self,
        relaxed: &Relaxed<'_>,
        side: usize,
        (row, hash): (Row, u64),
        nearest: Row,
    ) -> Frequent {
        let drawn = self.drawn[1 - side][nearest as usize];
        let hashes = &self.hashes[1 - side];
        let key = if let [first, more @ ..] = relaxed.shared.as_slice() {
            let sharing = self.sharing((first, more), side, (row, hash), nearest);
            share(sharing, hashes.all.len() - usize::from(drawn))
        } else if relaxed.pass.key.is_empty() {
            ONE
        } else {
            let equal = hashes.count(hash);
            share(equal - usize::from(drawn && equal > 0), hashes.all.len() - usize::from(drawn))
        };
        let pair = if side == 0 { (row, nearest) } else { (nearest, row) };
        self.with_least(relaxed, side, (key, relaxed.tolerated.share(pair.0, pair.1)))
    }

    /// The least that both shares can be for any record of a side with this hash, whichever is its nearest.
    pub(super) fn least(&self, relaxed: &Relaxed<'_>, side: usize, hash: u64) -> Frequent {
        let hashes = &self.hashes[1 - side];
        let key = if relaxed.shared.is_empty() && !relaxed.pass.key.is_empty() {
            share(hashes.count(hash).saturating_sub(1), hashes.all.len())
        } else {
            0
        };
        self.with_least(relaxed, side, (key, relaxed.tolerated.least()))
    }

    /// Where nobody else agrees in the key, the conditions make no difference.
    fn with_least(
        &self,
        relaxed: &Relaxed<'_>,
        side: usize,
        (key, tolerated): (Millionths, Millionths),
    ) -> Frequent {
        let conditions = if key == 0 {
            0
        } else if Self::has_no_conditions(relaxed) {
            ONE
        } else {
            share(1, self.frequency.samples[1 - side].few.len() + 1).min(tolerated)
        };
        Frequent { key, conditions }
    }

    /// The same with what the conditions come to, counted until that is above `most`.
    pub(super) fn share_of(
        &self,
        relaxed: &Relaxed<'_>,
        side: usize,
        (least, most): (Frequent, Millionths),
        (row, nearest): (Row, Row),
    ) -> Frequent {
        if least.key == 0 || Self::has_no_conditions(relaxed) {
            return least;
        }
        Frequent { conditions: self.conditions(relaxed, side, (row, nearest), most), ..least }
    }

    fn has_no_conditions(relaxed: &Relaxed<'_>) -> bool {
        relaxed.pass.conditions.len() == relaxed.shared.len()
    }

    /// How many of the other side's sample agree with a record in the key and share a value with it, its nearest one left
    /// out.
    fn sharing(
        &self,
        (first, more): (&ConditionPlan, &[ConditionPlan]),
        side: usize,
        (row, hash): (Row, u64),
        nearest: Row,
    ) -> usize {
        let values = &self.values[1 - side];
        let mut others = Vec::new();
        let own = Side::BOTH[side];
        self.frequency.fold_values(first, (own, row), hash, |hash| {
            let from = values.partition_point(|(other, _)| *other < hash);
            let same = values[from..].iter().take_while(|(other, _)| *other == hash);
            others.extend(same.map(|(_, other)| *other));
        });
        others.sort_unstable();
        others.dedup();
        let agrees = |other: &Row| {
            let pair = if own == Side::Left { (row, *other) } else { (*other, row) };
            *other != nearest && more.iter().all(|shared| self.frequency.shares(shared, pair))
        };
        others.into_iter().filter(|other| agrees(other)).count()
    }

    fn conditions(
        &self,
        relaxed: &Relaxed<'_>,
        side: usize,
        (row, nearest): (Row, Row),
        most: Millionths,
    ) -> Millionths {
        let few = &self.frequency.samples[1 - side].few;
        let others = || few.iter().copied().filter(|other| *other != nearest);
        let holds = |other: &Row| {
            let (left, right) = if side == 0 { (row, *other) } else { (*other, row) };
            relaxed.unshared.score(left, right).is_some()
        };
        // One more than was seen: that none of a few satisfies them doesn't show that none does. But no more of it than the
        // tolerances allow.
        let among = others().count() + 1;
        let shares = (2..).map(|count| share(count, among));
        let counted = others().filter(holds).zip(shares).map(|(_, share)| share);
        let pair = if side == 0 { (row, nearest) } else { (nearest, row) };
        let mut known = share(1, among).min(relaxed.tolerated.share(pair.0, pair.1));
        for share in counted {
            known = share;
            if known > most {
                break;
            }
        }
        known
    }
}

/// The hash below which a few more than [`KEY_SAMPLE_ROWS`] of so many different records are expected.
fn few_above(rows: usize) -> u64 {
    let part = u128::from(u64::MAX) * 5 / 4 * KEY_SAMPLE_ROWS as u128;
    u64::try_from(part / (rows as u128).max(1)).unwrap_or(u64::MAX)
}

/// Rounded down; 0 of nothing.
fn share(part: usize, whole: usize) -> Millionths {
    let share = (part as u64 * u64::from(ONE)).checked_div(whole as u64).unwrap_or(0);
    Millionths::try_from(share).unwrap_or(ONE)
}
