//! Equality that grades but is not part of the key.

use super::Grade;
use crate::columns::{Column, Row};
use crate::plan::ONE;

/// Whether two values are equal: grade 1, or fails. One null of two is not equal where nulls are equal.
#[derive(Debug, Clone)]
pub struct Equals {
    left: Column,
    right: Column,
    nulls_equal: bool,
}

impl Equals {
    pub(super) fn bind(left: &Column, right: &Column, nulls_equal: bool) -> Self {
        Self { left: left.clone(), right: right.clone(), nulls_equal }
    }

    /// What the condition says of one candidate.
    #[must_use]
    #[inline]
    pub fn grade(&self, left: Row, right: Row) -> Grade {
        match (self.left.is_null(left), self.right.is_null(right)) {
            (false, false) if self.left.same(left, &self.right, right) => Grade::Holds(ONE),
            (false, false) => Grade::Fails,
            (true, true) if self.nulls_equal => Grade::Holds(ONE),
            _ if self.nulls_equal => Grade::Fails,
            _ => Grade::Null,
        }
    }
}
