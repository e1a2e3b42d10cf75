//! Candidates that share a value, where records have many: an index from values to the records that hold them.
//!
//! Each entry, a record's value, costs one hash; what is looked at for a record is the union of the holders of its values,
//! each once however many values they share. A value that many hold is searched as a block of its own: the nearest by
//! amount or date.

use super::classes::Classes;
use super::neighbours::{Lists, Neighbours};
use crate::columns::{Column, Row, Value, row_of};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Some classes of both sides.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'a> {
    classes: [&'a Classes; 2],
    /// The classes that are meant, by side; `None` for all.
    some: Option<[&'a [u32]; 2]>,
}

impl<'a> Looked<'a> {
    /// All classes of a block.
    #[must_use]
    pub fn all(classes: [&'a Classes; 2]) -> Self {
        Self { classes, some: None }
    }

    /// How many there are of a side.
    #[must_use]
    pub fn len(&self, side: usize) -> usize {
        self.some.map_or(self.classes[side].len(), |some| some[side].len())
    }

    /// The first record of each class of a side.
    pub fn firsts(&self, side: usize) -> impl Iterator<Item = Row> {
        (0..row_of(self.len(side))).map(move |at| self.classes[side].first(self.class(side, at)))
    }

    /// Which class of the block stands at a place.
    #[must_use]
    pub fn class(&self, side: usize, at: u32) -> u32 {
        self.some.map_or(at, |some| some[side][at as usize])
    }
}

/// Who shares a value with whom, among the classes of a block.
#[derive(Debug)]
pub struct Shared {
    /// The values of each class that the other side has too, by side.
    values: [Lists; 2],
    /// The classes that hold each value, by side.
    holders: [Lists; 2],
    /// The values that many hold, ascending, with who is looked at for whom among their holders.
    hot: Vec<(u32, Neighbours)>,
    /// Classes whose search was cut, by side.
    cut: [Vec<bool>; 2],
}

impl Shared {
    /// Indexes the values of both sides' classes. `search` says who is looked at for whom among the holders of a value; for
    /// most that is everybody.
    ///
    /// O(entries).
    pub fn of(
        classes: [&Classes; 2],
        columns: [&Column; 2],
        nulls_equal: bool,
        search: impl Fn(Looked<'_>) -> Neighbours,
    ) -> Self {
        let (values, count) = numbered(classes, columns, nulls_equal);
        let holders = [values[0].inverted(count), values[1].inverted(count)];
        let mut cut = classes.map(|classes| vec![false; classes.len()]);
        let mut hot = Vec::new();
        for value in 0..row_of(count) {
            let some = [holders[0].of(value), holders[1].of(value)];
            let found = search(Looked { classes, some: Some(some) });
            if matches!(found, Neighbours::All) {
                continue;
            }
            for side in 0..2 {
                for (at, class) in (0_u32..).zip(some[side]) {
                    cut[side][*class as usize] |= found.cut(side, at);
                }
            }
            hot.push((value, found));
        }
        Self { values, holders, hot, cut }
    }

    /// Collects the classes looked at for a class, each once. `own`: without asking whether they would look back.
    pub(super) fn collect(&self, (side, own): (usize, bool), class: u32, found: &mut Vec<u32>) {
        found.clear();
        let values = self.values[side].of(class);
        for value in values {
            let others = self.holders[1 - side].of(*value);
            let Some(search) = self.hot_search(*value) else {
                found.extend_from_slice(others);
                continue;
            };
            let Ok(at) = self.holders[side].of(*value).binary_search(&class) else { continue };
            let (at, count, mut near) = (row_of(at), row_of(others.len()), Vec::new());
            if own {
                search.collect_own(side, at, count, &mut near);
            } else {
                search.collect(side, at, count, &mut near);
            }
            found.extend(near.iter().map(|near| others[*near as usize]));
        }
        if values.len() > 1 {
            found.sort_unstable();
            found.dedup();
        }
    }

    fn hot_search(&self, value: u32) -> Option<&Neighbours> {
        let at = self.hot.binary_search_by_key(&value, |(value, _)| *value).ok()?;
        self.hot.get(at).map(|(_, search)| search)
    }

    /// Whether the search for a class was cut.
    pub(super) fn cut(&self, side: usize, class: u32) -> bool {
        self.cut[side][class as usize]
    }

    /// Bytes that the index holds.
    pub(super) fn bytes(&self) -> u64 {
        let lists = self.values.iter().chain(&self.holders);
        lists.map(|lists| 4 * lists.items.len() as u64 + 8 * lists.starts.len() as u64).sum()
    }

    /// Whether anybody is looked at for a class.
    pub(crate) fn finds(&self, side: usize, class: u32) -> bool {
        !self.values[side].of(class).is_empty()
    }

    /// Pairs of holders that are looked at for each other: those that share several values once for each.
    pub(crate) fn looked_at(&self) -> u64 {
        let all =
            |value: u32| self.holders.iter().map(|holders| holders.of(value).len() as u64).product::<u64>();
        let values = row_of(self.holders[0].starts.len().saturating_sub(1));
        let pairs = |value: u32| match self.hot_search(value) {
            Some(Neighbours::Windows(windows)) => {
                windows[0].ranges.iter().map(|range| range.len() as u64).sum()
            }
            _ => all(value),
        };
        (0..values).map(pairs).fold(0, u64::saturating_add)
    }
}

/// The values of each class by number, those that only one side has left out, and how many numbers there are.
fn numbered(classes: [&Classes; 2], columns: [&Column; 2], nulls_equal: bool) -> ([Lists; 2], usize) {
    let mut known: HashMap<Option<Value<'_>>, u32, FixedState> = HashMap::default();
    let mut first = Lists::none();
    let mut list = Vec::new();
    for row in Looked::all(classes).firsts(0) {
        list.clear();
        each_value(columns[0], row, nulls_equal, |value| {
            let next = row_of(known.len());
            list.push(*known.entry(value).or_insert(next));
        });
        list.sort_unstable();
        first.push(&list, usize::MAX);
    }
    let count = known.len();
    let mut on_both = vec![false; count];
    let mut second = Lists::none();
    for row in Looked::all(classes).firsts(1) {
        list.clear();
        each_value(columns[1], row, nulls_equal, |value| {
            if let Some(number) = known.get(&value) {
                on_both[*number as usize] = true;
                list.push(*number);
            }
        });
        list.sort_unstable();
        second.push(&list, usize::MAX);
    }
    let mut both = Lists::none();
    for class in 0..row_of(classes[0].len()) {
        list.clear();
        list.extend(first.of(class).iter().filter(|number| on_both[**number as usize]));
        both.push(&list, usize::MAX);
    }
    ([both, second], count)
}

/// The values of a record; the null that equals nulls counts as one.
fn each_value<'a>(column: &'a Column, row: Row, nulls_equal: bool, mut each: impl FnMut(Option<Value<'a>>)) {
    if nulls_equal && column.is_null(row) {
        each(None);
    }
    column.values(row).for_each(|value| each(Some(value)));
}
