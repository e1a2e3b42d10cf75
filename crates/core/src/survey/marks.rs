//! Records that have somebody to be compared with, marked from any thread.

use crate::candidates::classes::Classes;
use crate::candidates::neighbours::Neighbours;
use crate::columns::Row;
use std::sync::atomic::{AtomicU64, Ordering};

/// A bit per record of a side. What is marked doesn't depend on who marks first.
#[derive(Debug)]
pub(super) struct Marks(Vec<AtomicU64>);

impl Marks {
    pub(super) fn new(rows: u32) -> Self {
        Self((0..rows.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }

    pub(super) fn mark(&self, row: Row) {
        if let Some(word) = self.0.get(row as usize / 64) {
            word.fetch_or(1 << (row % 64), Ordering::Relaxed);
        }
    }

    pub(super) fn is_marked(&self, row: Row) -> bool {
        self.0.get(row as usize / 64).is_some_and(|word| word.load(Ordering::Relaxed) >> (row % 64) & 1 == 1)
    }

    /// Marks what another marked, too.
    pub(super) fn merge(&self, other: &Self) {
        for (word, more) in self.0.iter().zip(&other.0) {
            word.fetch_or(more.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.load(Ordering::Relaxed).count_ones())).sum()
    }
}

/// Marks the records of a block that its limiting condition leaves somebody of the other side to be compared with.
/// `clusters`: both sides are one source, and nobody is compared with itself.
pub(super) fn mark_block(
    neighbours: &Neighbours,
    classes: [&Classes; 2],
    marks: [&Marks; 2],
    clusters: bool,
) {
    for side in 0..2 {
        for class in (0_u32..).take(classes[side].len()) {
            // Where a class meets itself, that counts where it has twins.
            let least = usize::from(clusters && classes[side].count(class) == 1) + 1;
            let any = match neighbours {
                Neighbours::All => classes[1 - side].len() >= least,
                Neighbours::Windows(windows) => windows[side].ranges[class as usize].len() >= least,
                Neighbours::Lists(lists) => lists[side].of(class).len() >= least,
                Neighbours::Shared(shared) => shared.finds(side, class),
            };
            if any {
                classes[side].members(class).iter().for_each(|row| marks[side].mark(*row));
            }
        }
    }
}
