//! Equality that is not part of the key: one that grades, and one of many values.

use super::Grade;
use crate::columns::{Column, Row};
use crate::plan::ONE;

/// Whether two values are equal, or of many two records share one: grade 1, or fails. One null of two is not equal where nulls are equal.
#[derive(Debug, Clone)]
pub struct Equals {
    left: Column,
    right: Column,
    nulls_equal: bool,
    /// Whether a record has many values.
    many: bool,
}

impl Equals {
    pub(super) fn bind(left: &Column, right: &Column, nulls_equal: bool) -> Self {
        let many = left.is_many() || right.is_many();
        Self { left: left.clone(), right: right.clone(), nulls_equal, many }
    }

    /// What the condition says of one candidate.
    #[must_use]
    #[inline]
    pub fn grade(&self, left: Row, right: Row) -> Grade {
        match (self.left.is_null(left), self.right.is_null(right)) {
            (false, false) if self.holds(left, right) => Grade::Holds(ONE),
            (false, false) => Grade::Fails,
            (true, true) if self.nulls_equal => Grade::Holds(ONE),
            _ if self.nulls_equal => Grade::Fails,
            _ => Grade::Null,
        }
    }

    fn holds(&self, left: Row, right: Row) -> bool {
        if self.many {
            self.left.shares(left, &self.right, right)
        } else {
            self.left.same(left, &self.right, right)
        }
    }

    /// Whether it is of many values: then it walks along them.
    pub(super) fn is_many(&self) -> bool {
        self.many
    }
}
