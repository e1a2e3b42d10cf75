//! Blocks of one record on each side: most of a good match, so they are kept at four bytes until the end.
//!
//! They leave the join in the order of hashes and with hashes that may have collided. Noted by left row, they are
//! read in the order of the left rows: one of the two sides is read front to back while the keys are verified and
//! the pairs are made.

use super::one_to_one::{PassContext, PassFound};
use crate::candidates::blocks::KeyColumns;
use crate::columns::{Agreement, NO_ROW, Row, row_of};
use crate::error::Result;
use crate::outcome::Pair;
use crate::plan::{Millionths, ONE};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// Left rows verified at a time.
const VERIFY_ROWS: usize = 8192;
/// Left rows per open one from which a slot for each row costs more than sorting.
const SPARSE: usize = 16;

/// The only candidate of both its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Single {
    pub(crate) left: Row,
    pub(crate) right: Row,
    pub(crate) score: Millionths,
}

/// The singles of a pass, each noted once from any thread. No left row is noted twice.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    /// The right row of each left row, or [`NO_ROW`]. Empty where the open records are sparse.
    rights: Vec<AtomicU32>,
    /// Its score. Empty where all are [`ONE`].
    scores: Vec<AtomicU32>,
}

impl Slots {
    /// Room for the singles of some open records of `left_rows`; `scored` says whether scores differ.
    pub(crate) fn new(open: usize, left_rows: usize, scored: bool) -> Self {
        let slots =
            |wanted: bool| (0..if wanted { left_rows } else { 0 }).map(|_| AtomicU32::new(NO_ROW)).collect();
        let dense = open >= left_rows / SPARSE;
        Self { rights: slots(dense), scores: slots(dense && scored) }
    }

    /// Takes singles, unless the records are sparse: then they stay where they are.
    pub(crate) fn take(&self, singles: &mut Vec<Single>) {
        if self.rights.is_empty() {
            return;
        }
        for single in singles.drain(..) {
            self.rights[single.left as usize].store(single.right, Ordering::Relaxed);
            if let Some(slot) = self.scores.get(single.left as usize) {
                slot.store(single.score, Ordering::Relaxed);
            }
        }
    }

    /// The singles of some slots, ascending.
    fn read(&self, chunk: usize, out: &mut Vec<Single>) {
        out.clear();
        let first = chunk * VERIFY_ROWS;
        let last = (first + VERIFY_ROWS).min(self.rights.len());
        let rows = (row_of(first)..row_of(last)).zip(&self.rights[first..last]);
        let noted = rows.map(|(left, right)| (left, right.load(Ordering::Relaxed)));
        out.extend(noted.filter(|(_, right)| *right != NO_ROW).map(|(left, right)| {
            let score = self.scores.get(left as usize).map_or(ONE, |score| score.load(Ordering::Relaxed));
            Single { left, right, score }
        }));
    }

    /// Forgets the singles whose keys differ; how many are left of each chunk.
    fn verify(&self, keys: &[Agreement<'_>]) -> Vec<usize> {
        let chunks = self.rights.len().div_ceil(VERIFY_ROWS);
        let verify = |(some, scratch): &mut (Vec<Single>, Scratch), chunk| {
            self.read(chunk, some);
            let agree = scratch.agree(keys, some);
            let collided = some.iter().zip(agree.iter()).filter(|(_, agree)| !**agree);
            let collided = collided.map(|(single, _)| {
                self.rights[single.left as usize].store(NO_ROW, Ordering::Relaxed);
            });
            some.len() - collided.count()
        };
        (0..chunks).into_par_iter().map_init(Default::default, verify).collect()
    }
}

#[derive(Debug, Default)]
struct Scratch {
    pairs: Vec<(Row, Row)>,
    agree: Vec<bool>,
}

impl Scratch {
    /// Whether the keys of each single are equal.
    fn agree(&mut self, keys: &[Agreement<'_>], singles: &[Single]) -> &[bool] {
        self.pairs.clear();
        self.pairs.extend(singles.iter().map(|single| (single.left, single.right)));
        self.agree.clear();
        self.agree.resize(singles.len(), true);
        for key in keys {
            key.check(&self.pairs, &mut self.agree);
        }
        &self.agree
    }
}

/// Makes the pairs of all singles whose keys agree, ascending by left row: those in `slots`, or `sparse` ones.
///
/// # Errors
/// [`crate::Error::Cancelled`].
pub(crate) fn settle(
    context: &PassContext<'_>,
    keys: &[KeyColumns<'_>; 2],
    slots: &Slots,
    mut sparse: Vec<Single>,
    found: &mut PassFound,
) -> Result<()> {
    let keys = keys[0].agreements(&keys[1]);
    let counts = slots.verify(&keys);
    context.check()?;
    let made = if context.pass.margin > 0 {
        let mut some = Vec::new();
        for chunk in 0..counts.len() {
            slots.read(chunk, &mut some);
            sparse.extend_from_slice(&some);
        }
        0
    } else {
        let pairs = pairs_of(context, slots, &counts);
        let made = pairs.len();
        found.take_pairs(pairs);
        made
    };
    sparse.par_sort_unstable_by_key(|single| single.left);
    let mut scratch = Scratch::default();
    let mut agree = scratch.agree(&keys, &sparse).iter();
    sparse.retain(|_| agree.next().is_some_and(|agree| *agree));
    context.make_singles(&sparse, found);
    let settled = made as u64 + sparse.len() as u64;
    found.work.candidates += settled;
    found.work.components += settled;
    context.check()
}

/// Notes about the singles that a decision bars, where their keys agree.
pub(crate) fn note_barred(
    context: &PassContext<'_>,
    keys: &[KeyColumns<'_>; 2],
    mut barred: Vec<Single>,
    found: &mut PassFound,
) {
    if barred.is_empty() {
        return;
    }
    let keys = keys[0].agreements(&keys[1]);
    let mut scratch = Scratch::default();
    let mut agree = scratch.agree(&keys, &barred).iter();
    barred.retain(|_| agree.next().is_some_and(|agree| *agree));
    context.note_barred(&barred, found);
}

/// The pairs of the slots, `counts` of each chunk. Written in place by all threads: most of a run's result is made
/// here, and a page of memory is costly to touch for the first time.
fn pairs_of(context: &PassContext<'_>, slots: &Slots, counts: &[usize]) -> Vec<Pair> {
    let blank = context.single(&Single { left: NO_ROW, right: NO_ROW, score: ONE });
    let mut pairs = Vec::new();
    rayon::iter::repeat_n(blank, counts.iter().sum()).collect_into_vec(&mut pairs);
    let mut rest = pairs.as_mut_slice();
    let mut jobs = Vec::with_capacity(counts.len());
    for (chunk, count) in counts.iter().enumerate() {
        let (out, tail) = std::mem::take(&mut rest).split_at_mut(*count);
        jobs.push((chunk, out));
        rest = tail;
    }
    jobs.into_par_iter().for_each_init(Vec::new, |some, (chunk, out)| {
        slots.read(chunk, some);
        for (pair, single) in out.iter_mut().zip(some.iter()) {
            *pair = context.single(single);
        }
    });
    pairs
}
