//! Who is looked at for whom inside a block: everybody in a small one, else a window of the ordered condition or
//! the hits of a text index.

use super::shared::Shared;
use crate::columns::row_of;
use crate::limits::Limits;
use std::ops::Range;

/// Which classes of the other side are looked at for a class, from either side. Always mirrored: j is looked at for
/// i exactly when i is looked at for j.
#[derive(Debug)]
pub enum Neighbours {
    /// All of them.
    All,
    /// Windows over sorted values: `[for left classes, for right classes]`.
    Windows(Box<[Windows; 2]>),
    /// Lists: `[for left classes, for right classes]`.
    Lists(Box<[Lists; 2]>),
    /// Those that share a value.
    Shared(Box<Shared>),
}

/// Windows for the classes of one side over the sorted classes of the other.
#[derive(Debug, Default)]
pub struct Windows {
    /// Classes of the other side that have a value, by value.
    pub order: Vec<u32>,
    /// Window of each class, in positions of `order`.
    pub ranges: Vec<Range<u32>>,
    /// Position of each class of this side in the other side's `order`, for the mutual test.
    pub positions: Vec<u32>,
    /// Classes whose window was narrowed to `comparisons_max`.
    pub cut: Vec<bool>,
}

/// Lists of classes of the other side.
#[derive(Debug, Default)]
pub struct Lists {
    /// `items[starts[i]..starts[i + 1]]`, ascending.
    pub starts: Vec<usize>,
    /// Classes of the other side.
    pub items: Vec<u32>,
    /// Classes whose list was cut; empty where none can be.
    pub cut: Vec<bool>,
}

/// How many are looked at for a class at the most.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// In a window of an ordered condition.
    pub window: usize,
    /// In a block without a limiting condition where nothing else ranks, or that is small.
    pub few: usize,
    /// Among the hits of a text index: the first in canonical order.
    pub hits: usize,
}

impl Most {
    /// As a pass looks. A look-up of texts is never cut: whom it finds for one record doesn't depend on the other records
    /// of its side.
    #[must_use]
    pub fn of_pass(limits: &Limits) -> Self {
        Self {
            window: limits.comparisons_max as usize,
            few: 4 * limits.rivals_max as usize,
            hits: usize::MAX,
        }
    }

    /// As the search for the nearest record of an open one looks.
    #[must_use]
    pub fn of_nearest(limits: &Limits) -> Self {
        let most = limits.nearest_max as usize;
        Self { window: most, few: most, hits: most }
    }
}

impl Lists {
    /// The classes looked at for one.
    #[must_use]
    pub fn of(&self, class: u32) -> &[u32] {
        &self.items[self.starts[class as usize]..self.starts[class as usize + 1]]
    }

    /// No list yet.
    #[must_use]
    pub fn none() -> Self {
        Self { starts: vec![0], ..Self::default() }
    }

    /// Adds the list of the next class: the first `most` of these.
    pub fn push(&mut self, found: &[u32], most: usize) {
        self.items.extend(found.iter().take(most));
        self.starts.push(self.items.len());
        self.cut.push(found.len() > most);
    }

    /// The lists of `classes`, of pairs of a class and one that it looks at; `cut` tells whose others were left out.
    #[must_use]
    pub fn of_pairs(mut pairs: Vec<(u32, u32)>, cut: Vec<bool>) -> Self {
        pairs.sort_unstable();
        let mut starts = vec![0];
        starts.extend((0..row_of(cut.len())).map(|class| pairs.partition_point(|pair| pair.0 <= class)));
        Self { starts, items: pairs.into_iter().map(|pair| pair.1).collect(), cut }
    }

    /// The same relation seen from the other side, which has `classes`.
    #[must_use]
    pub fn inverted(&self, classes: usize) -> Self {
        let mut starts = vec![0_usize; classes + 1];
        for item in &self.items {
            starts[*item as usize + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut next = starts.clone();
        let mut items = vec![0; self.items.len()];
        for class in 0..row_of(self.starts.len().saturating_sub(1)) {
            for item in self.of(class) {
                let slot = &mut next[*item as usize];
                items[*slot] = class;
                *slot += 1;
            }
        }
        Self { starts, items, cut: Vec::new() }
    }
}

impl Neighbours {
    /// Collects the classes looked at for `class` of side `side` (0 left, 1 right); the other side has `others`.
    pub fn collect(&self, side: usize, class: u32, others: u32, found: &mut Vec<u32>) {
        found.clear();
        match self {
            Self::All => found.extend(0..others),
            Self::Lists(lists) => found.extend_from_slice(lists[side].of(class)),
            Self::Shared(shared) => shared.collect((side, false), class, found),
            Self::Windows(windows) => {
                let (own, other) = (&windows[side], &windows[1 - side]);
                let range = own.ranges[class as usize].clone();
                let position = own.positions[class as usize];
                let mutual = |them: &u32| other.ranges[*them as usize].contains(&position);
                found.extend(
                    own.order[range.start as usize..range.end as usize].iter().copied().filter(mutual),
                );
            }
        }
    }

    /// As [`collect`](Self::collect), without asking whether the others would look back: for a search in which each
    /// class looks for itself.
    pub(crate) fn collect_own(&self, side: usize, class: u32, others: u32, found: &mut Vec<u32>) {
        match self {
            Self::Windows(windows) => {
                let range = windows[side].ranges[class as usize].clone();
                found.clear();
                found.extend_from_slice(&windows[side].order[range.start as usize..range.end as usize]);
            }
            Self::Shared(shared) => shared.collect((side, true), class, found),
            Self::All | Self::Lists(_) => self.collect(side, class, others, found),
        }
    }

    /// Bytes that lists hold; windows hold a few per class.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Lists(lists) => lists.iter().map(|lists| 4 * lists.items.len() as u64).sum(),
            Self::Shared(shared) => shared.bytes(),
            Self::All | Self::Windows(_) => 0,
        }
    }

    /// Whether the search for a class was cut.
    #[must_use]
    pub fn cut(&self, side: usize, class: u32) -> bool {
        match self {
            Self::Windows(windows) => windows[side].cut[class as usize],
            Self::Lists(lists) => lists[side].cut.get(class as usize).is_some_and(|cut| *cut),
            Self::Shared(shared) => shared.cut(side, class),
            Self::All => false,
        }
    }
}

/// Values of one side's classes on the limiting condition; `None` where null.
pub type Values = Vec<Option<i128>>;

/// A side's classes that have a value, sorted by (value, class).
#[derive(Debug)]
pub struct Sorted {
    /// Values, ascending.
    pub values: Vec<i128>,
    /// Their classes.
    pub order: Vec<u32>,
}

impl Sorted {
    /// Sorts the classes that have a value.
    #[must_use]
    pub fn of(values: &Values) -> Self {
        Self::packed(values).unwrap_or_else(|| Self::wide(values))
    }

    /// Values of 64 bits, sorted each as one number with its class; `None` where one is wider.
    fn packed(values: &Values) -> Option<Self> {
        let mut keys: Vec<i128> =
            there(values).map(|(value, class)| key_of(value, class)).collect::<Option<_>>()?;
        keys.sort_unstable();
        Some(Self {
            values: keys.iter().map(|key| value_of(*key)).collect(),
            order: keys.into_iter().map(class_of).collect(),
        })
    }

    fn wide(values: &Values) -> Self {
        let mut sorted: Vec<(i128, u32)> = there(values).collect();
        sorted.sort_unstable();
        Self {
            values: sorted.iter().map(|(v, _)| *v).collect(),
            order: sorted.into_iter().map(|(_, c)| c).collect(),
        }
    }

    /// Positions of values in an inclusive range.
    #[must_use]
    pub fn between(&self, from: i128, to: i128) -> Range<usize> {
        let start = self.values.partition_point(|value| *value < from);
        start..self.values.partition_point(|value| *value <= to).max(start)
    }

    /// Positions around `value` for which `holds` is true, `holds` being true near it and false farther away.
    #[must_use]
    pub fn around(&self, value: i128, holds: impl Fn(u32) -> bool) -> Range<usize> {
        let middle = self.values.partition_point(|other| *other < value);
        let above = self.order[middle..].partition_point(|class| holds(*class));
        let below = partition_point_back(&self.order[..middle], &holds);
        below..middle + above
    }

    /// The `most` positions of `range` whose values are nearest to `centre`; ties go to the lower value.
    #[must_use]
    pub fn nearest(&self, range: Range<usize>, centre: i128, most: usize) -> Range<usize> {
        if range.len() <= most {
            return range;
        }
        let (mut low, mut high) = (range.start, range.end - most);
        while low < high {
            let middle = usize::midpoint(low, high);
            let below = centre.saturating_sub(self.values[middle]);
            let above = self.values[middle + most].saturating_sub(centre);
            if below > above { low = middle + 1 } else { high = middle }
        }
        low..low + most
    }
}

/// First position of the tail for which `holds`, found from the end.
fn partition_point_back(order: &[u32], holds: &impl Fn(u32) -> bool) -> usize {
    order.partition_point(|class| !holds(*class))
}

/// The classes that have a value, with it.
fn there(values: &Values) -> impl Iterator<Item = (i128, u32)> {
    (0_u32..).zip(values).filter_map(|(class, value)| value.map(|value| (value, class)))
}

/// A value of 64 bits above its class, as one number that orders as both do.
#[inline]
fn key_of(value: i128, class: u32) -> Option<i128> {
    i64::try_from(value).ok().map(|value| (i128::from(value) << 64) | i128::from(class))
}

#[inline]
fn value_of(key: i128) -> i128 {
    key >> 64
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the lower bits of a key are the class"
)]
fn class_of(key: i128) -> u32 {
    key as u32
}

/// Builds mirrored windows from the range of positions each class looks at. A class that doesn't look (`looks`, by side)
/// has an empty window of its own and is found by the others all the same.
pub fn windows(
    values: [&Values; 2],
    most: usize,
    looks: &impl Fn(usize, u32) -> bool,
    range: impl Fn(usize, u32, i128, &Sorted) -> (Range<usize>, i128),
) -> Neighbours {
    let sorted = [Sorted::of(values[0]), Sorted::of(values[1])];
    let build = |side: usize| {
        let other = &sorted[1 - side];
        let mut windows = Windows {
            order: other.order.clone(),
            ranges: Vec::with_capacity(values[side].len()),
            positions: vec![u32::MAX; values[side].len()],
            cut: Vec::with_capacity(values[side].len()),
        };
        for (class, value) in values[side].iter().enumerate() {
            let own = value.filter(|_| looks(side, row_of(class)));
            let (full, centre) = own.map_or((0..0, 0), |value| range(side, row_of(class), value, other));
            let narrowed = other.nearest(full.clone(), centre, most);
            windows.cut.push(narrowed.len() < full.len());
            windows.ranges.push(row_of(narrowed.start)..row_of(narrowed.end));
        }
        for (position, class) in sorted[side].order.iter().enumerate() {
            windows.positions[*class as usize] = row_of(position);
        }
        windows
    };
    Neighbours::Windows(Box::new([build(0), build(1)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nearest_keeps_the_nearest(
            mut values in prop::collection::vec(-20_i128..20, 1..30),
            centre in -25_i128..25,
            most in 1_usize..30,
        ) {
            values.sort_unstable();
            let sorted = Sorted::of(&values.iter().copied().map(Some).collect());
            let kept = sorted.nearest(0..values.len(), centre, most);
            prop_assert_eq!(kept.len(), most.min(values.len()));
            let distance = |value: &i128| (value - centre).abs();
            let farthest = values[kept.clone()].iter().map(distance).max();
            let left_out = values[..kept.start].iter().chain(&values[kept.end..]).map(distance).min();
            prop_assert!(left_out.is_none() || farthest <= left_out);
        }

        #[test]
        fn windows_are_mirrored(
            left in prop::collection::vec(prop::option::of(-9_i128..9), 1..20),
            right in prop::collection::vec(prop::option::of(-9_i128..9), 1..20),
            reach in 0_i128..6,
            most in 1_usize..8,
        ) {
            let neighbours = windows([&left, &right], most, &|_, _| true, |_, _, value, other| {
                (other.between(value - reach, value + reach), value)
            });
            let (mut from_left, mut from_right, mut found) = (vec![], vec![], vec![]);
            for i in 0..row_of(left.len()) {
                neighbours.collect(0, i, row_of(right.len()), &mut found);
                from_left.extend(found.iter().map(|j| (i, *j)));
            }
            for j in 0..row_of(right.len()) {
                neighbours.collect(1, j, row_of(left.len()), &mut found);
                from_right.extend(found.iter().map(|i| (*i, j)));
            }
            from_left.sort_unstable();
            from_right.sort_unstable();
            prop_assert_eq!(&from_left, &from_right);
            if most >= 20 {
                let near = |a: Option<i128>, b: Option<i128>| a.zip(b).is_some_and(|(a, b)| (a - b).abs() <= reach);
                let all = left.iter().flat_map(|a| right.iter().map(move |b| near(*a, *b))).filter(|x| *x).count();
                prop_assert_eq!(all, from_left.len());
            }
        }
    }

    proptest! {
        /// A search in which each looks for itself finds the same whoever else looks.
        #[test]
        fn who_looks_changes_nothing_for_those_who_do(
            left in prop::collection::vec(prop::option::of(-9_i128..9), 1..20),
            right in prop::collection::vec(prop::option::of(-9_i128..9), 1..20),
            looking in prop::collection::vec(any::<bool>(), 20),
            reach in 0_i128..6,
            most in 1_usize..8,
        ) {
            let looks = |side: usize, class: u32| looking[class as usize] != (side == 1);
            let range = |_: usize, _: u32, value: i128, other: &Sorted| {
                (other.between(value - reach, value + reach), value)
            };
            let all = windows([&left, &right], most, &|_, _| true, range);
            let some = windows([&left, &right], most, &looks, range);
            let counts = [row_of(left.len()), row_of(right.len())];
            let (mut one, mut other) = (Vec::new(), Vec::new());
            for side in [0, 1] {
                for class in (0..counts[side]).filter(|class| looks(side, *class)) {
                    all.collect_own(side, class, counts[1 - side], &mut one);
                    some.collect_own(side, class, counts[1 - side], &mut other);
                    prop_assert_eq!(&one, &other);
                    prop_assert_eq!(all.cut(side, class), some.cut(side, class));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn classes_are_sorted_by_their_values_however_wide(
            values in prop::collection::vec(prop::option::of(prop_oneof![
                -3_i128..3,
                Just(i128::from(i64::MIN)),
                Just(i128::from(i64::MAX)),
            ]), 0..20),
            wide in prop::option::weighted(0.3, prop_oneof![Just(i128::MAX), Just(i128::MIN)]),
        ) {
            let values: Values = values.into_iter().chain(wide.map(Some)).collect();
            let mut expected: Vec<(i128, u32)> =
                (0..).zip(&values).filter_map(|(class, value)| Some(((*value)?, class))).collect();
            expected.sort_unstable();
            let pairs = |sorted: Sorted| sorted.values.into_iter().zip(sorted.order).collect::<Vec<_>>();
            prop_assert_eq!(&pairs(Sorted::wide(&values)), &expected);
            let packed = Sorted::packed(&values);
            prop_assert_eq!(packed.is_some(), wide.is_none());
            prop_assert!(packed.is_none_or(|packed| pairs(packed) == expected));
        }
    }

    #[test]
    fn lists_inverted_twice_are_themselves() {
        let lists = Lists { starts: vec![0, 2, 2, 3], items: vec![0, 3, 1], cut: Vec::new() };
        let back = lists.inverted(4).inverted(3);
        assert_eq!((back.starts, back.items), (lists.starts, lists.items));
    }
}
