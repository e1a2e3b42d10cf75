//! Whom the rows of a pass stand for.

use super::Bundles;
use crate::columns::{NO_ROW, Row};
use crate::plan::Side;
use std::sync::Arc;

/// The members of both sides' bundles; a side without has records that stand for themselves. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members {
    bundles: [Option<Arc<Bundles>>; 2],
}

impl Members {
    pub(super) fn new(bundles: [Option<Arc<Bundles>>; 2]) -> Self {
        Self { bundles }
    }

    /// Whether a row may stand for several.
    pub(crate) fn are_several(&self) -> bool {
        self.bundles.iter().any(Option::is_some)
    }

    /// The records that a row of a side stands for, ascending.
    #[inline]
    pub(crate) fn of<'a>(&'a self, side: Side, row: &'a Row) -> &'a [Row] {
        match &self.bundles[side.index()] {
            None => std::slice::from_ref(row),
            Some(bundles) => bundles.members(*row),
        }
    }

    /// The latest of them.
    pub(crate) fn latest(&self, side: Side, row: Row) -> Row {
        match &self.bundles[side.index()] {
            Some(bundles) => bundles.latest.get(row as usize).copied().unwrap_or(NO_ROW),
            None => row,
        }
    }

    /// The earliest of them.
    pub(crate) fn earliest(&self, side: Side, row: Row) -> Row {
        match &self.bundles[side.index()] {
            Some(bundles) => bundles.earliest.get(row as usize).copied().unwrap_or(NO_ROW),
            None => row,
        }
    }
}
