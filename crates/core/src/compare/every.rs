//! A condition that every record of a bundle has to satisfy.
//!
//! Each is asked against the earliest and the latest record of the other side: for a range of days that is as good as
//! asking it of every two, and it stays linear for conditions on texts.

use super::{Comparison, Grade};
use crate::bundles::Members;
use crate::columns::Row;
use crate::plan::Side;

/// A condition bound to the columns of records, asked of bundles.
#[derive(Debug, Clone)]
pub struct Every {
    inner: Box<Comparison>,
    members: Members,
    /// A null fails it; else nulls are left out.
    required: bool,
}

impl Every {
    pub(crate) fn new(inner: Comparison, members: Members, required: bool) -> Self {
        Self { inner: Box::new(inner), members, required }
    }

    /// The least of all grades.
    #[must_use]
    pub fn grade(&self, left: Row, right: Row) -> Grade {
        let lefts = self.members.of(Side::Left, &left);
        let rights = self.members.of(Side::Right, &right);
        if let ([left], [right]) = (lefts, rights) {
            return self.inner.grade(*left, *right);
        }
        let ends = |side: Side, row: Row| {
            let (first, last) = (self.members.earliest(side, row), self.members.latest(side, row));
            [Some(first), (last != first).then_some(last)].into_iter().flatten()
        };
        let forth = lefts.iter().flat_map(|one| ends(Side::Right, right).map(|end| (*one, end)));
        let back = rights.iter().flat_map(|one| ends(Side::Left, left).map(|end| (end, *one)));
        let mut least = None;
        for (left, right) in forth.chain(back) {
            match self.inner.grade(left, right) {
                Grade::Fails => return Grade::Fails,
                Grade::Null if self.required => return Grade::Null,
                Grade::Null => {}
                Grade::Holds(grade) => least = Some(least.map_or(grade, |known: u32| known.min(grade))),
            }
        }
        least.map_or(Grade::Null, Grade::Holds)
    }

    /// The condition between single records.
    pub(super) fn inner(&self) -> &Comparison {
        &self.inner
    }

    /// The latest records of both sides.
    pub(super) fn latest(&self, left: Row, right: Row) -> (Row, Row) {
        (self.members.latest(Side::Left, left), self.members.latest(Side::Right, right))
    }
}
