//! Which group of the old outcome is which of the new one: by their records.

use super::records::Both;
use super::snapshot::{MONEY, NOWHERE, Snapshot};
use super::summary::GroupKind;

/// What can change about a group whose records stay; bits of [`GroupRow::changes`], in this order.
pub(super) const CHANGES: [&str; 10] =
    ["pass", "status", "ambiguity", "score", "currency", MONEY[0], MONEY[1], MONEY[2], MONEY[3], MONEY[4]];

/// A group in one or both outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GroupRow {
    pub(super) kind: GroupKind,
    /// The number of what is regrouped together, from 0.
    pub(super) regroup: Option<u32>,
    /// Its place among the groups of each outcome, or [`NOWHERE`].
    pub(super) at: [u32; 2],
    pub(super) changes: u16,
}

/// All groups of both outcomes, each exactly once.
pub(super) struct Related {
    /// Unchanged and changed ones in the order of their old ids, then regrouped, vanished, appeared.
    pub(super) rows: Vec<GroupRow>,
    /// The new group that has the very records of each old one, or [`NOWHERE`].
    pub(super) same: Vec<u32>,
}

/// Relates the groups. Cost: a few looks at every member.
pub(super) fn relate(snapshots: [&Snapshot<'_>; 2], records: &[Both]) -> Related {
    let links = Links::of(snapshots, records);
    let [old, new] = snapshots.map(|snapshot| snapshot.groups.len());
    let mut same = vec![NOWHERE; old];
    let mut taken = vec![false; new];
    let mut rows = Vec::with_capacity(old);
    for group in (0_u32..).take(old) {
        let Some(other) = links.same(group) else { continue };
        same[group as usize] = other;
        taken[other as usize] = true;
        let changes = changes(snapshots, [group, other]);
        let kind = if changes == 0 { GroupKind::Unchanged } else { GroupKind::Changed };
        rows.push(GroupRow { kind, regroup: None, at: [group, other], changes });
    }
    let left_over = |taken: &dyn Fn(usize) -> bool, count: usize| -> Vec<u32> {
        (0_u32..).take(count).filter(|group| !taken(*group as usize)).collect()
    };
    let olds = left_over(&|group| same[group] != NOWHERE, old);
    let news = left_over(&|group| taken[group], new);
    rows.extend(regrouped(&links, &olds, &news));
    Related { rows, same }
}

/// Who stands where in the other outcome.
struct Links<'a> {
    snapshots: [&'a Snapshot<'a>; 2],
    /// Per outcome, for each of its members the record's place in the other outcome.
    other: [Vec<u32>; 2],
}

impl<'a> Links<'a> {
    fn of(snapshots: [&'a Snapshot<'a>; 2], records: &[Both]) -> Self {
        let mut other = snapshots.map(|snapshot| vec![NOWHERE; snapshot.records.group.len()]);
        for both in records {
            let [old, new] = both.at;
            for (places, (at, partner)) in other.iter_mut().zip([(old, new), (new, old)]) {
                if let Some(place) = places.get_mut(at as usize) {
                    *place = partner;
                }
            }
        }
        Self { snapshots, other }
    }

    /// The groups of the other outcome that the members of a group are in; `None` for those that are in none.
    fn groups(&self, which: usize, group: u32) -> impl Iterator<Item = Option<u32>> + '_ {
        let members = self.snapshots[which].groups.members(group);
        let other = &self.snapshots[1 - which].records;
        members.map(move |member| other.group(self.other[which][member as usize]))
    }

    /// The new group that has the very records of an old one.
    fn same(&self, group: u32) -> Option<u32> {
        let mut groups = self.groups(0, group);
        let first = groups.next()??;
        let together = groups.all(|other| other == Some(first));
        let count = |which: usize, group| self.snapshots[which].groups.members(group).len();
        (together && count(0, group) == count(1, first)).then_some(first)
    }
}

/// What differs between two groups of the same records, as bits by [`CHANGES`].
fn changes(snapshots: [&Snapshot<'_>; 2], at: [u32; 2]) -> u16 {
    let [(old, one), (new, other)] = [0, 1].map(|which| (&snapshots[which].groups, at[which] as usize));
    let names = [&old.pass, &old.status, &old.ambiguity];
    let new_names = [&new.pass, &new.status, &new.ambiguity];
    let mut differ = names.iter().zip(new_names).map(|(old, new)| old[one] != new[other]).collect::<Vec<_>>();
    differ.push(old.score[one] != new.score[other]);
    differ.push(old.currency[one] != new.currency[other]);
    for (old, new) in old.money.iter().zip(&new.money) {
        differ.push(super::money::amount(old, one) != super::money::amount(new, other));
    }
    differ.iter().enumerate().fold(0, |bits, (at, differs)| bits | (u16::from(*differs) << at))
}

/// Groups that are not the same in both: regrouped where they share records, else vanished or appeared.
fn regrouped(links: &Links<'_>, olds: &[u32], news: &[u32]) -> Vec<GroupRow> {
    let mut sets = Sets::new(olds.len() + news.len());
    let place = |group: u32| news.binary_search(&group).ok().map(|at| olds.len() + at);
    for (at, &old) in olds.iter().enumerate() {
        for new in links.groups(0, old).flatten() {
            if let Some(new) = place(new) {
                sets.join(at, new);
            }
        }
    }
    // Sets by their first group; every set of more than one has old ones and new ones, since each join has both.
    let mut members: Vec<[Vec<u32>; 2]> = vec![[const { Vec::new() }; 2]; olds.len() + news.len()];
    for (at, &group) in olds.iter().chain(news).enumerate() {
        members[sets.first(at)][usize::from(at >= olds.len())].push(group);
    }
    let (mut all, mut vanished, mut appeared) = (Vec::new(), Vec::new(), Vec::new());
    let row = |kind, regroup, at| GroupRow { kind, regroup, at, changes: 0 };
    let mut number = 0;
    for [olds, news] in &members {
        match (olds.as_slice(), news.as_slice()) {
            ([], news) => {
                appeared.extend(news.iter().map(|new| row(GroupKind::Appeared, None, [NOWHERE, *new])));
            }
            (olds, []) => {
                vanished.extend(olds.iter().map(|old| row(GroupKind::Vanished, None, [*old, NOWHERE])));
            }
            ([old], [new]) => {
                all.push(row(GroupKind::Regrouped, Some(number), [*old, *new]));
                number += 1;
            }
            (olds, news) => {
                let olds = olds.iter().map(|old| [*old, NOWHERE]);
                let each = olds.chain(news.iter().map(|new| [NOWHERE, *new]));
                all.extend(each.map(|at| row(GroupKind::Regrouped, Some(number), at)));
                number += 1;
            }
        }
    }
    all.extend(vanished);
    all.extend(appeared);
    all
}

/// Disjoint sets; each is known by its first member.
struct Sets(Vec<usize>);

impl Sets {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn first(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            // Halves the way for the next one.
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let [one, other] = [self.first(one), self.first(other)];
        self.0[one.max(other)] = one.min(other);
    }
}
