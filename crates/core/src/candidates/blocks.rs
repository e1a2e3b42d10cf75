//! Blocks: the records of both sides that agree on a pass's key.
//!
//! A partitioned sort-merge join on row numbers. Each record costs one hash of its key cells, eight bytes written
//! and one sort inside a partition that fits the cache; the cells themselves are compared once more, so a collision
//! of hashes can split a block but never join two.

use crate::columns::{Agreement, Column, Row, row_of};
use crate::control::{Cancel, Memory};
use crate::error::Result;
use rayon::prelude::*;
use std::cmp::Ordering;

/// Records hashed and scattered by one task.
const CHUNK_ROWS: usize = 1 << 18;
/// Records hashed at a time: the hashes stay in the first-level cache.
const BATCH_ROWS: usize = 2048;
/// Records of a partition that are aimed at: both sides sort inside the second-level cache.
const PARTITION_ROWS: usize = 8192;
/// Partitions are at most 2^12: beyond, scattering misses the address cache.
const PARTITION_BITS_MAX: u32 = 12;

/// What hashes of keys begin with.
const SEED: u64 = 0x243F_6A88_85A3_08D3;

/// Records of a pass from which codes of its key texts are worth making.
const NUMBER_ROWS_MIN: usize = 1 << 16;

/// The key cells of one side.
#[derive(Debug, Clone)]
pub struct KeyColumns<'a> {
    /// A column per equality, and whether its nulls are equal.
    pub columns: Vec<(&'a Column, bool)>,
}

impl KeyColumns<'_> {
    /// Whether two records, of this side and another, agree on the key. Nulls that are not equal never get here.
    pub(crate) fn same(&self, row: Row, other: &Self, other_row: Row) -> bool {
        self.columns.iter().zip(&other.columns).all(|((a, _), (b, _))| a.same(row, b, other_row))
    }

    /// Whether two records of this side agree on the key.
    fn alike(&self, row: Row, other_row: Row) -> bool {
        self.columns.iter().all(|(column, _)| column.alike(row, other_row))
    }

    /// Hashes of the keys of some records: equal for equal keys, of either side.
    pub(crate) fn hashes(&self, rows: &[Row]) -> Vec<u64> {
        let mut hashes = vec![SEED; rows.len()];
        for (column, _) in &self.columns {
            column.fold_hashes(rows, &mut hashes);
        }
        hashes
    }

    /// How the cells of this side and another are compared, column by column.
    pub(crate) fn agreements<'s>(&'s self, other: &'s Self) -> Vec<Agreement<'s>> {
        self.columns.iter().zip(&other.columns).map(|((a, _), (b, _))| Agreement::of(a, b)).collect()
    }

    /// Gives texts that repeat codes: hashes and comparisons of many records are cheaper by them.
    pub(crate) fn number(&self, rows: usize, memory: &Memory) {
        if rows >= NUMBER_ROWS_MIN {
            self.columns.par_iter().for_each(|(column, _)| column.number(memory));
        }
    }

    /// Orders the keys of two records, of this side and another.
    fn order(&self, row: Row, other: &Self, other_row: Row) -> Ordering {
        let cells = self.columns.iter().zip(&other.columns);
        cells
            .map(|((a, _), (b, _))| a.order_across(row, b, other_row))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Of some records of this side, those whose key is that of a record of `other`: the block it would be in. None
    /// where its key holds a null that equals nothing. One look at each record.
    pub(crate) fn sharing(&self, rows: &[Row], other: &KeyColumns<'_>, other_row: Row) -> Vec<Row> {
        let mut joinable = vec![other_row];
        other.keep_joinable(&mut joinable);
        if joinable.is_empty() {
            return Vec::new();
        }
        let mut rows = rows.to_vec();
        self.keep_joinable(&mut rows);
        rows.into_par_iter().filter(|row| self.same(*row, other, other_row)).collect()
    }

    /// How many equalities of the key don't hold between a record of this side and one of another.
    pub(crate) fn differing(&self, row: Row, other: &KeyColumns<'_>, other_row: Row) -> usize {
        let cells = self.columns.iter().zip(&other.columns);
        cells
            .filter(|((a, nulls_equal), (b, _))| {
                !a.same(row, b, other_row) || (!nulls_equal && a.is_null(row))
            })
            .count()
    }

    /// Records that can be in a block: none of their key cells is a null that equals nothing.
    fn keep_joinable(&self, rows: &mut Vec<Row>) {
        for (column, nulls_equal) in &self.columns {
            if !nulls_equal && (matches!(column, Column::Absent) || column.nulls().is_some()) {
                rows.retain(|row| !column.is_null(*row));
            }
        }
    }
}

/// One side, hashed and scattered: per chunk the entries grouped by partition.
struct Scattered {
    chunks: Vec<Chunk>,
}

/// Entries of a chunk of records: `entries[starts[p]..starts[p + 1]]` are of partition p. An entry holds 32 bits of
/// the hash above the row, so that sorting entries sorts by hash, then row.
struct Chunk {
    entries: Vec<u64>,
    starts: Vec<u32>,
}

impl Chunk {
    fn of(keys: &KeyColumns<'_>, rows: &[Row], bits: u32) -> Self {
        let mut scattered: Vec<(u32, u64)> = Vec::with_capacity(rows.len());
        let mut batch = Vec::with_capacity(BATCH_ROWS);
        let mut hashes = Vec::with_capacity(BATCH_ROWS);
        for slice in rows.chunks(BATCH_ROWS) {
            batch.clear();
            batch.extend_from_slice(slice);
            keys.keep_joinable(&mut batch);
            hashes.clear();
            hashes.resize(batch.len(), SEED);
            for (column, _) in &keys.columns {
                column.fold_hashes(&batch, &mut hashes);
            }
            scattered.extend(hashes.iter().zip(&batch).map(|(hash, row)| split(*hash, *row, bits)));
        }
        Self::scatter(&scattered, bits)
    }

    /// Counting sort by partition; stable, so rows stay ascending inside.
    fn scatter(hashed: &[(u32, u64)], bits: u32) -> Self {
        let mut starts = vec![0_u32; (1_usize << bits) + 1];
        for (partition, _) in hashed {
            starts[*partition as usize + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut next = starts.clone();
        let mut entries = vec![0_u64; hashed.len()];
        for (partition, entry) in hashed {
            let slot = &mut next[*partition as usize];
            entries[*slot as usize] = *entry;
            *slot += 1;
        }
        Self { entries, starts }
    }

    fn partition(&self, partition: usize) -> &[u64] {
        &self.entries[self.starts[partition] as usize..self.starts[partition + 1] as usize]
    }
}

/// Partition and entry of a record.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the hash is cut to the bits that are wanted")]
fn split(hash: u64, row: Row, bits: u32) -> (u32, u64) {
    let partition = hash.checked_shr(64 - bits).unwrap_or(0) as u32;
    let rest = (hash << bits) & 0xFFFF_FFFF_0000_0000;
    (partition, rest | u64::from(row))
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the lower half of an entry is the row")]
fn row_in(entry: u64) -> Row {
    entry as Row
}

impl Scattered {
    fn of(keys: &KeyColumns<'_>, rows: &[Row], bits: u32, cancel: &Cancel) -> Result<Self> {
        let chunks = rows
            .par_chunks(CHUNK_ROWS)
            .map(|chunk| cancel.check().map(|()| Chunk::of(keys, chunk, bits)))
            .collect::<Result<_>>()?;
        Ok(Self { chunks })
    }

    /// The entries of a partition, sorted by hash, then row.
    fn gather(&self, partition: usize, entries: &mut Vec<u64>) {
        entries.clear();
        for chunk in &self.chunks {
            entries.extend_from_slice(chunk.partition(partition));
        }
        entries.sort_unstable();
    }
}

/// What is done with the blocks of one partition: called for each block, the rows of a side ascending.
pub trait BlockSink: Send {
    /// One record on each side: the common case. Their hashes agree; whether their keys do is for
    /// `KeyColumns::agreements` to say, and where they don't neither record has a partner.
    fn single(&mut self, left: Row, right: Row);
    /// More than one record on some side, at least one on each, all of one key.
    ///
    /// # Errors
    /// What the sink says; the join stops.
    fn several(&mut self, left: &mut [Row], right: &mut [Row]) -> Result<()>;
    /// The partition is done.
    ///
    /// # Errors
    /// What the sink says; the join stops.
    fn flush(&mut self) -> Result<()>;
}

/// Bytes that a join and its singles hold at the most for so many records: an entry of eight bytes each, then twenty
/// a single and a slot of eight for a left row.
#[must_use]
pub fn join_bytes(left: usize, right: usize) -> u64 {
    (left as u64 + right as u64) * 8 + left.min(right) as u64 * 20 + left as u64 * 8
}

/// Joins two sets of records on their keys and hands each block with records on both sides to a sink. A sink is
/// made per partition; they come back in an order that does not depend on threads.
///
/// O(n) hashing and scattering, O(n log m) sorting in partitions of m ≈ 8,192 records; 8 bytes a record, and a
/// further 12 while a chunk is scattered.
///
/// # Errors
/// Those of the sinks, and [`crate::Error::Cancelled`].
pub fn join<S: BlockSink>(
    left: (&KeyColumns<'_>, &[Row]),
    right: (&KeyColumns<'_>, &[Row]),
    cancel: &Cancel,
    sink: impl Fn() -> S + Sync,
) -> Result<Vec<S>> {
    let bits = partition_bits(left.1.len().max(right.1.len()));
    let lefts = Scattered::of(left.0, left.1, bits, cancel)?;
    let rights = Scattered::of(right.0, right.1, bits, cancel)?;
    (0..1_usize << bits)
        .into_par_iter()
        .map_init(Scratch::default, |scratch, partition| {
            cancel.check()?;
            lefts.gather(partition, &mut scratch.left);
            rights.gather(partition, &mut scratch.right);
            let mut sink = sink();
            scratch.merge(left.0, right.0, &mut sink)?;
            sink.flush()?;
            Ok(sink)
        })
        .collect()
}

/// Counts the records that share their key with another record of the same side.
///
/// # Errors
/// [`crate::Error::Cancelled`].
pub fn repeats(keys: &KeyColumns<'_>, rows: &[Row], cancel: &Cancel) -> Result<u64> {
    let bits = partition_bits(rows.len());
    let scattered = Scattered::of(keys, rows, bits, cancel)?;
    (0..1_usize << bits)
        .into_par_iter()
        .map_init(Vec::new, |entries, partition| {
            cancel.check()?;
            scattered.gather(partition, entries);
            let runs = entries.chunk_by(|a, b| a >> 32 == b >> 32).filter(|run| run.len() > 1);
            Ok(runs.map(|run| repeats_in_run(keys, run)).sum::<u64>())
        })
        .sum()
}

/// The records of one side that share their key, in parts: rows one run after another, ascending in each, and where
/// each run ends. Records with a null that equals nothing are left out. The order of the runs depends on hashes.
///
/// # Errors
/// [`crate::Error::Cancelled`].
pub(crate) fn alike(
    keys: &KeyColumns<'_>,
    rows: &[Row],
    cancel: &Cancel,
) -> Result<Vec<(Vec<Row>, Vec<u32>)>> {
    let bits = partition_bits(rows.len());
    let scattered = Scattered::of(keys, rows, bits, cancel)?;
    (0..1_usize << bits)
        .into_par_iter()
        .map_init(Vec::new, |entries, partition| {
            cancel.check()?;
            scattered.gather(partition, entries);
            let (mut rows, mut ends) = (Vec::with_capacity(entries.len()), Vec::new());
            for run in entries.chunk_by(|a, b| a >> 32 == b >> 32) {
                let start = rows.len();
                rows.extend(run.iter().map(|entry| row_in(*entry)));
                split_by_key(keys, &mut rows, start, &mut ends);
            }
            Ok((rows, ends))
        })
        .collect()
}

/// Splits rows of equal hashes by their keys; most agree.
fn split_by_key(keys: &KeyColumns<'_>, rows: &mut [Row], start: usize, ends: &mut Vec<u32>) {
    let run = &mut rows[start..];
    if let Some((first, rest)) = run.split_first()
        && !rest.iter().all(|row| keys.alike(*row, *first))
    {
        run.sort_unstable_by(|a, b| keys.order(*a, keys, *b).then(a.cmp(b)));
    }
    let mut end = start;
    for same in rows[start..].chunk_by(|a, b| keys.alike(*a, *b)) {
        end += same.len();
        ends.push(row_of(end));
    }
}

fn repeats_in_run(keys: &KeyColumns<'_>, run: &[u64]) -> u64 {
    let mut rows: Vec<Row> = run.iter().map(|entry| row_in(*entry)).collect();
    rows.sort_unstable_by(|a, b| keys.order(*a, keys, *b));
    rows.chunk_by(|a, b| keys.alike(*a, *b)).filter(|same| same.len() > 1).map(|same| same.len() as u64).sum()
}

fn partition_bits(rows: usize) -> u32 {
    (rows / PARTITION_ROWS).next_power_of_two().trailing_zeros().min(PARTITION_BITS_MAX)
}

#[derive(Default)]
struct Scratch {
    left: Vec<u64>,
    right: Vec<u64>,
    rows: [Vec<Row>; 2],
}

impl Scratch {
    /// Merges two sorted runs of entries into blocks.
    fn merge<S: BlockSink>(&mut self, lk: &KeyColumns<'_>, rk: &KeyColumns<'_>, sink: &mut S) -> Result<()> {
        let (mut i, mut j) = (0, 0);
        while let (Some(a), Some(b)) = (self.left.get(i), self.right.get(j)) {
            let (hash_a, hash_b) = (a >> 32, b >> 32);
            if hash_a < hash_b {
                i += 1;
                continue;
            }
            if hash_b < hash_a {
                j += 1;
                continue;
            }
            let (i_end, j_end) = (run_end(&self.left, i, hash_a), run_end(&self.right, j, hash_b));
            if i_end - i == 1 && j_end - j == 1 {
                sink.single(row_in(*a), row_in(*b));
            } else {
                let [left, right] = &mut self.rows;
                fill(left, &self.left[i..i_end]);
                fill(right, &self.right[j..j_end]);
                several(lk, rk, (left, right), sink)?;
            }
            (i, j) = (i_end, j_end);
        }
        Ok(())
    }
}

fn run_end(entries: &[u64], start: usize, hash: u64) -> usize {
    let run = entries[start..].iter().take_while(|entry| **entry >> 32 == hash).count();
    start + run
}

fn fill(rows: &mut Vec<Row>, entries: &[u64]) {
    rows.clear();
    rows.extend(entries.iter().map(|entry| row_in(*entry)));
}

/// Hands a run of equal hashes on: as one block where all keys agree, else split by key.
fn several<S: BlockSink>(
    lk: &KeyColumns<'_>,
    rk: &KeyColumns<'_>,
    (left, right): (&mut [Row], &mut [Row]),
    sink: &mut S,
) -> Result<()> {
    let (Some(first), Some(other)) = (left.first().copied(), right.first().copied()) else { return Ok(()) };
    let one_key = rk.same(other, lk, first)
        && left.iter().all(|row| lk.alike(*row, first))
        && right.iter().all(|row| rk.alike(*row, other));
    if one_key {
        return sink.several(left, right);
    }
    left.sort_unstable_by(|a, b| lk.order(*a, lk, *b).then(a.cmp(b)));
    right.sort_unstable_by(|a, b| rk.order(*a, rk, *b).then(a.cmp(b)));
    for lefts in left.chunk_by_mut(|a, b| lk.alike(*a, *b)) {
        let Some(first) = lefts.first().copied() else { continue };
        let start = right.partition_point(|row| rk.order(*row, lk, first).is_lt());
        let end = right.partition_point(|row| rk.order(*row, lk, first).is_le());
        if start < end {
            sink.several(lefts, &mut right[start..end])?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::IntegerColumn;
    use proptest::prelude::*;

    struct Collect(Vec<(Vec<Row>, Vec<Row>)>);

    impl BlockSink for Collect {
        fn single(&mut self, left: Row, right: Row) {
            self.0.push((vec![left], vec![right]));
        }
        fn several(&mut self, left: &mut [Row], right: &mut [Row]) -> Result<()> {
            self.0.push((left.to_vec(), right.to_vec()));
            Ok(())
        }
        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    fn integers(values: &[Option<i64>]) -> Column {
        let nulls = values.iter().any(Option::is_none).then(|| values.iter().map(Option::is_some).collect());
        Column::Integer(IntegerColumn { values: values.iter().map(|v| v.unwrap_or(3)).collect(), nulls })
    }

    fn blocks(left: &[Option<i64>], right: &[Option<i64>], nulls_equal: bool) -> Vec<(Vec<Row>, Vec<Row>)> {
        let (a, b) = (integers(left), integers(right));
        let rows = |n: usize| (0..u32::try_from(n).unwrap()).collect::<Vec<_>>();
        let (lk, rk) = (
            KeyColumns { columns: vec![(&a, nulls_equal)] },
            KeyColumns { columns: vec![(&b, nulls_equal)] },
        );
        let sinks =
            join((&lk, &rows(left.len())), (&rk, &rows(right.len())), &Cancel::new(), || Collect(Vec::new()));
        let mut all: Vec<_> = sinks.unwrap().into_iter().flat_map(|sink| sink.0).collect();
        all.sort_unstable();
        all
    }

    fn naive(left: &[Option<i64>], right: &[Option<i64>], nulls_equal: bool) -> Vec<(Vec<Row>, Vec<Row>)> {
        let mut keys: Vec<Option<i64>> = left.to_vec();
        keys.sort_unstable();
        keys.dedup();
        let at = |side: &[Option<i64>], key| {
            (0_u32..).zip(side).filter(|(_, value)| **value == key).map(|(row, _)| row).collect::<Vec<_>>()
        };
        let mut all: Vec<_> = keys
            .into_iter()
            .filter(|key| nulls_equal || key.is_some())
            .map(|key| (at(left, key), at(right, key)))
            .filter(|(_, rights)| !rights.is_empty())
            .collect();
        all.sort_unstable();
        all
    }

    proptest! {
        #[test]
        fn blocks_are_what_a_nested_loop_finds(
            left in prop::collection::vec(prop::option::of(0_i64..20), 0..60),
            right in prop::collection::vec(prop::option::of(0_i64..20), 0..60),
            nulls_equal: bool,
        ) {
            prop_assert_eq!(blocks(&left, &right, nulls_equal), naive(&left, &right, nulls_equal));
        }
    }

    #[test]
    fn many_partitions_lose_no_record() {
        let left: Vec<_> = (0..100_000).map(Some).collect();
        let right: Vec<_> = (50_000..150_000).rev().map(Some).collect();
        assert_eq!(blocks(&left, &right, false).len(), 50_000);
    }

    #[test]
    fn a_collision_of_hashes_splits_the_block() {
        let (a, b) = (integers(&[Some(1), Some(2), Some(1)]), integers(&[Some(2), Some(1), Some(9)]));
        let (lk, rk) = (KeyColumns { columns: vec![(&a, false)] }, KeyColumns { columns: vec![(&b, false)] });
        let mut sink = Collect(Vec::new());
        several(&lk, &rk, (&mut [0, 1, 2], &mut [0, 1, 2]), &mut sink).unwrap();
        assert_eq!(sink.0, [(vec![0, 2], vec![1]), (vec![1], vec![0])]);
        let mut agree = [true; 2];
        let pairs = [(0, 1), (1, 2)];
        lk.agreements(&rk).iter().for_each(|key| key.check(&pairs, &mut agree));
        assert_eq!(agree, [true, false]);
    }
}
