//! Blocks of one record on each side: most of a good match, so they are kept at twelve bytes until the end.
//!
//! They leave the join in the order of hashes and with hashes that may have collided. Brought into the order of the
//! left rows, one of the two sides is read front to back while the keys are verified and the pairs are made.

use super::one_to_one::{PassContext, PassFound};
use crate::candidates::blocks::KeyColumns;
use crate::columns::{NO_ROW, Row};
use crate::error::Result;
use crate::plan::{Millionths, ONE};
use rayon::prelude::*;

/// Pairs verified at a time.
const VERIFY_PAIRS: usize = 4096;

/// The only candidate of both its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Single {
    pub(crate) left: Row,
    pub(crate) right: Row,
    pub(crate) score: Millionths,
}

/// Singles of one partition. Scores are absent where all are [`ONE`].
#[derive(Debug, Default)]
pub(crate) struct Singles {
    pub(crate) pairs: Vec<(Row, Row)>,
    pub(crate) scores: Vec<Millionths>,
}

impl Singles {
    fn iter(&self) -> impl Iterator<Item = Single> {
        let scores = self.scores.iter().copied().chain(std::iter::repeat(ONE));
        self.pairs.iter().zip(scores).map(|(&(left, right), score)| Single { left, right, score })
    }
}

/// Makes the pairs of all partitions' singles, ascending by left row. `left_rows` bounds the left rows.
///
/// # Errors
/// [`crate::Error::Cancelled`].
pub(crate) fn settle(
    context: &PassContext<'_>,
    keys: &[KeyColumns<'_>; 2],
    parts: Vec<Singles>,
    left_rows: usize,
    found: &mut PassFound,
) -> Result<()> {
    let mut singles = in_left_order(parts, left_rows);
    let collided = AtomicFlag::default();
    singles.par_chunks_mut(VERIFY_PAIRS).for_each(|some| {
        let mut agree = vec![true; some.len()];
        keys[0].agree(&keys[1], some, &mut agree);
        for (single, _) in some.iter_mut().zip(&agree).filter(|(_, agree)| !**agree) {
            single.right = NO_ROW;
            collided.set();
        }
    });
    context.check()?;
    if collided.is_set() {
        singles.retain(|single| single.right != NO_ROW);
    }
    found.work.candidates += singles.len() as u64;
    found.work.components += singles.len() as u64;
    context.make_singles(&singles, found);
    Ok(())
}

/// Orders by left row. Each left row occurs once, so a slot per row sorts in one walk; few are sorted as they are.
fn in_left_order(parts: Vec<Singles>, left_rows: usize) -> Vec<Single> {
    let count: usize = parts.iter().map(|part| part.pairs.len()).sum();
    if count < left_rows / 16 {
        let mut few: Vec<Single> = parts.iter().flat_map(Singles::iter).collect();
        few.par_sort_unstable_by_key(|single| single.left);
        return few;
    }
    let mut slots = vec![(NO_ROW, 0); left_rows];
    for part in parts {
        for Single { left, right, score } in part.iter() {
            slots[left as usize] = (right, score);
        }
    }
    let mut ordered = Vec::with_capacity(count);
    ordered.extend(
        (0..).zip(slots).filter(|(_, (right, _))| *right != NO_ROW).map(|(left, (right, score))| Single {
            left,
            right,
            score,
        }),
    );
    ordered
}

#[derive(Debug, Default)]
struct AtomicFlag(std::sync::atomic::AtomicBool);

impl AtomicFlag {
    fn set(&self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::Relaxed)
    }
}
