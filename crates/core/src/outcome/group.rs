//! Groups of any number of records, kept flat: their members stand in one list, so that a million groups are a few
//! allocations. Two records are a [`Pair`](super::Pair), which is smaller and what most groups are.

use super::found::{Ambiguity, NO_REGRET, Pair, Span};
use crate::columns::Row;
use crate::plan::{Millionths, Side};
use crate::spec::Status;

/// What a pass says of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Its score.
    pub score: Millionths,
    /// Other candidates that could have taken a member's place.
    pub rivals: u32,
    /// Gain lost if this group were forbidden; [`NO_REGRET`] where it was not computed.
    pub regret: u32,
    /// The pass's position in the plan.
    pub pass: u16,
    /// Matched or proposed.
    pub status: Status,
    /// How certain the choice is.
    pub ambiguity: Ambiguity,
}

impl Verdict {
    /// Whether its regret is known.
    #[must_use]
    pub fn known_regret(&self) -> Option<u32> {
        (self.regret != NO_REGRET).then_some(self.regret)
    }

    /// Two records of both sides, of which it is said.
    #[must_use]
    pub fn pair(self, left: Row, right: Row) -> Pair {
        self.pair_of(Span::Across, left, right)
    }

    /// Two records of the only source, of which it is said.
    #[must_use]
    pub fn pair_within(self, one: Row, other: Row) -> Pair {
        self.pair_of(Span::WithinLeft, one, other)
    }

    fn pair_of(self, span: Span, left: Row, right: Row) -> Pair {
        let Self { score, rivals, regret, pass, status, ambiguity } = self;
        Pair { left, right, score, rivals, regret, pass, span, status, ambiguity }
    }
}

/// One of [`Groups`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group<'a> {
    /// What the pass says of it.
    pub verdict: Verdict,
    /// Its left records, ascending by row number of the source.
    pub lefts: &'a [Row],
    /// Its right records, likewise.
    pub rights: &'a [Row],
}

impl<'a> Group<'a> {
    /// Its records on a side.
    #[must_use]
    pub fn on(&self, side: Side) -> &'a [Row] {
        match side {
            Side::Left => self.lefts,
            Side::Right => self.rights,
        }
    }

    /// All its records, left ones first.
    pub fn members(&self) -> impl Iterator<Item = (Side, Row)> + Clone + use<'a> {
        let of = |side: Side, rows: &'a [Row]| rows.iter().map(move |row| (side, *row));
        of(Side::Left, self.lefts).chain(of(Side::Right, self.rights))
    }

    /// Whether all its records are of one source.
    #[must_use]
    pub fn is_one_sided(&self) -> bool {
        self.lefts.is_empty() || self.rights.is_empty()
    }

    /// 2 × number of its first left record, or 2 × number of its first right record + 1 where it has no left one.
    #[inline]
    pub(crate) fn id(&self, number: impl Fn(Side, Row) -> u64) -> u64 {
        match (self.lefts.first(), self.rights.first()) {
            (Some(first), _) => 2 * number(Side::Left, *first),
            (None, Some(first)) => 2 * number(Side::Right, *first) + 1,
            (None, None) => u64::MAX,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Head {
    verdict: Verdict,
    /// Where its members begin: left ones, then right ones.
    start: usize,
    counts: [u32; 2],
}

/// Groups of three records or more, of any number on either side. Rows are those of the prepared columns.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    heads: Vec<Head>,
    members: Vec<Row>,
}

impl PartialEq for Groups {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Groups {}

impl Groups {
    /// Adds a group; its members may come in any order.
    pub fn push(&mut self, verdict: Verdict, lefts: &[Row], rights: &[Row]) {
        let start = self.members.len();
        for rows in [lefts, rights] {
            let from = self.members.len();
            self.members.extend_from_slice(rows);
            self.members[from..].sort_unstable();
        }
        let counts = [lefts, rights].map(|rows| crate::columns::row_of(rows.len()));
        self.heads.push(Head { verdict, start, counts });
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// A group by its position.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Group<'_>> {
        self.heads.get(at).map(|head| self.group(head))
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = Group<'_>> + Clone {
        self.heads.iter().map(|head| self.group(head))
    }

    fn group(&self, head: &Head) -> Group<'_> {
        let [lefts, rights] = head.counts.map(|count| count as usize);
        let (lefts, rest) = self.members[head.start..].split_at(lefts);
        Group { verdict: head.verdict, lefts, rights: &rest[..rights] }
    }

    /// Adds the groups of another part.
    pub fn append(&mut self, other: Self) {
        if self.heads.is_empty() {
            *self = other;
            return;
        }
        let base = self.members.len();
        self.members.extend_from_slice(&other.members);
        self.heads.extend(other.heads.into_iter().map(|head| Head { start: base + head.start, ..head }));
    }

    /// Gives members other row numbers.
    pub(super) fn renumber(&mut self, row_of: impl Fn(Side, Row) -> Row) {
        for head in &self.heads {
            let middle = head.start + head.counts[0] as usize;
            let end = middle + head.counts[1] as usize;
            for (side, range) in [(Side::Left, head.start..middle), (Side::Right, middle..end)] {
                self.members[range].iter_mut().for_each(|row| *row = row_of(side, *row));
            }
        }
    }

    /// Sorts members by what `number` says of them, then groups by their first member.
    pub(super) fn sort_by(&mut self, number: impl Fn(Side, Row) -> u64) {
        for head in &self.heads {
            let middle = head.start + head.counts[0] as usize;
            let end = middle + head.counts[1] as usize;
            for (side, range) in [(Side::Left, head.start..middle), (Side::Right, middle..end)] {
                self.members[range].sort_unstable_by_key(|row| number(side, *row));
            }
        }
        let mut heads = std::mem::take(&mut self.heads);
        heads.sort_by_key(|head| self.group(head).id(&number));
        self.heads = heads;
    }

    /// Brings groups and their members into order, by prepared rows.
    pub(crate) fn sort(&mut self) {
        self.sort_by(|_, row| u64::from(row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERDICT: Verdict = Verdict {
        score: 1,
        rivals: 0,
        regret: NO_REGRET,
        pass: 0,
        status: Status::Matched,
        ambiguity: Ambiguity::Unique,
    };

    #[test]
    fn parts_come_together_in_any_order() {
        let part = |groups: &[(&[Row], &[Row])]| {
            let mut part = Groups::default();
            for (lefts, rights) in groups {
                part.push(VERDICT, lefts, rights);
            }
            part
        };
        let (one, two) = (part(&[(&[7, 3], &[1]), (&[], &[9, 8, 4])]), part(&[(&[0], &[6, 5, 2])]));
        let merged = |mut first: Groups, second: Groups| {
            first.append(second);
            first.sort();
            first
        };
        let all = merged(one.clone(), two.clone());
        assert_eq!(all, merged(two, one));
        let members: Vec<_> = all.iter().map(|group| (group.lefts.to_vec(), group.rights.to_vec())).collect();
        assert_eq!(members, [(vec![0], vec![2, 5, 6]), (vec![3, 7], vec![1]), (vec![], vec![4, 8, 9])]);
    }
}
