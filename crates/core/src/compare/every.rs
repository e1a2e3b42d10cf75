//! A condition that every record of a bundle has to satisfy.
//!
//! Each is asked against the earliest and the latest record of the other side: for a range of days that is as good as
//! asking it of every two, and it stays linear for conditions on texts.

use super::{Comparison, Grade, Measured};
use crate::bundles::Members;
use crate::columns::Row;
use crate::plan::{ONE, Side};
use std::cmp::{Ordering, Reverse};

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
        let mut least = None;
        for (left, right) in self.asked((left, lefts), (right, rights)) {
            match self.inner.grade(left, right) {
                Grade::Fails => return Grade::Fails,
                Grade::Null if self.required => return Grade::Null,
                Grade::Null => {}
                Grade::Holds(grade) => least = Some(least.map_or(grade, |known: u32| known.min(grade))),
            }
        }
        least.map_or(Grade::Null, Grade::Holds)
    }

    /// The records it is asked of.
    fn asked<'a>(
        &'a self,
        (left, lefts): (Row, &'a [Row]),
        (right, rights): (Row, &'a [Row]),
    ) -> impl Iterator<Item = (Row, Row)> + 'a {
        let ends = |side: Side, row: Row| {
            let (first, last) = (self.members.earliest(side, row), self.members.latest(side, row));
            [Some(first), (last != first).then_some(last)].into_iter().flatten()
        };
        let forth = lefts.iter().flat_map(move |one| ends(Side::Right, right).map(move |end| (*one, end)));
        let back = rights.iter().flat_map(move |one| ends(Side::Left, left).map(move |end| (end, *one)));
        forth.chain(back)
    }

    /// Of the records for which it fails, those that lie farthest apart: of days in both directions. The farthest first, of
    /// equals that which `order` has first.
    pub(crate) fn farthest_failing(
        &self,
        left: Row,
        right: Row,
        order: impl Fn((Row, Row), (Row, Row)) -> Ordering,
    ) -> Vec<(Row, Row)> {
        let lefts = self.members.of(Side::Left, &left);
        let rights = self.members.of(Side::Right, &right);
        let asked = self.asked((left, lefts), (right, rights));
        let failing = asked.filter(|pair| !matches!(self.inner.grade(pair.0, pair.1), Grade::Holds(_)));
        let mut ends: Option<[(i128, (Row, Row)); 2]> = None;
        for pair in failing {
            let apart = match self.inner.measured(pair.0, pair.1) {
                Some(Measured::Days(days)) => i128::from(days),
                Some(Measured::Amounts { distance, .. }) => i128::try_from(distance).unwrap_or(i128::MAX),
                Some(Measured::Likeness(likeness)) => i128::from(ONE.saturating_sub(likeness)),
                None => i128::MAX,
            };
            let [least, most] = ends.unwrap_or([(apart, pair); 2]);
            ends = Some([
                if apart < least.0 || (apart == least.0 && order(pair, least.1).is_lt()) {
                    (apart, pair)
                } else {
                    least
                },
                if apart > most.0 || (apart == most.0 && order(pair, most.1).is_lt()) {
                    (apart, pair)
                } else {
                    most
                },
            ]);
        }
        let Some([least, most]) = ends else { return Vec::new() };
        let mut pairs = vec![least, most];
        pairs.sort_by_key(|(apart, _)| Reverse(apart.unsigned_abs()));
        pairs.dedup();
        pairs.into_iter().map(|(_, pair)| pair).collect()
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
