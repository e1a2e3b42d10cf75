//! Twins: records of one side that are equal in every field in use are one node with a count.
//!
//! A hot key costs its distinct values, not its rows. Nodes and their members stand in canonical order, so that
//! nothing later depends on the order of rows.

use crate::columns::{Canon, Row, row_of};

/// The twin classes of some records of one side, in canonical order of their first members unless made otherwise.
#[derive(Debug, Clone, Default)]
pub struct Classes {
    members: Vec<Row>,
    starts: Vec<u32>,
}

impl Classes {
    /// Groups records into twin classes. O(n log n), comparing hashes before cells.
    #[must_use]
    pub fn of(canon: &Canon<'_>, rows: &mut [Row]) -> Self {
        canon.sort(rows);
        let class_of = number_classes(canon, rows);
        let classes = class_of.iter().max().map_or(0, |last| *last as usize + 1);
        let mut starts = vec![0_u32; classes + 1];
        for class in &class_of {
            starts[*class as usize + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut next = starts.clone();
        let mut members = vec![0; rows.len()];
        for (row, class) in rows.iter().zip(&class_of) {
            let slot = &mut next[*class as usize];
            members[*slot as usize] = *row;
            *slot += 1;
        }
        Self { members, starts }
    }

    /// A class for each of some records that are known to be no twins, in their order and not the canonical one: for a caller
    /// to whom the order of classes decides nothing. `None` where one may be a twin.
    pub(crate) fn distinct(canon: &Canon<'_>, rows: &[Row]) -> Option<Self> {
        let distinct = rows.iter().all(|row| canon.is_distinct(*row));
        distinct.then(|| Self { members: rows.to_vec(), starts: (0..=row_of(rows.len())).collect() })
    }

    /// How many classes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The records of a class, in canonical order.
    #[must_use]
    pub fn members(&self, class: u32) -> &[Row] {
        let class = class as usize;
        &self.members[self.starts[class] as usize..self.starts[class + 1] as usize]
    }

    /// The first record of a class: it stands for all where only fields in use are looked at.
    #[must_use]
    pub fn first(&self, class: u32) -> Row {
        self.members[self.starts[class as usize] as usize]
    }

    /// How many records a class has.
    #[must_use]
    pub fn count(&self, class: u32) -> u32 {
        self.starts[class as usize + 1] - self.starts[class as usize]
    }
}

/// The class of each row, numbered by first appearance.
fn number_classes(canon: &Canon<'_>, rows: &[Row]) -> Vec<u32> {
    let (positions, alike): (Vec<u32>, Vec<Row>) =
        (0_u32..).zip(rows).filter(|(_, row)| !canon.is_distinct(**row)).map(|(at, row)| (at, *row)).unzip();
    let mut order: Vec<(u64, u32)> = canon.hashes(&alike).into_iter().zip(positions).collect();
    order.sort_unstable();
    // The first position of each row's class, then numbered in order of position.
    let mut leader: Vec<u32> = (0..row_of(rows.len())).collect();
    for run in order.chunk_by(|a, b| a.0 == b.0) {
        let mut leaders: Vec<u32> = Vec::new();
        for (_, at) in run {
            let twin = leaders.iter().find(|first| canon.twins(rows[**first as usize], rows[*at as usize]));
            match twin {
                Some(first) => leader[*at as usize] = *first,
                None => leaders.push(*at),
            }
        }
    }
    let mut number = vec![0_u32; rows.len()];
    let mut next = 0;
    for at in 0..rows.len() {
        let first = leader[at] as usize;
        if first == at {
            number[at] = next;
            next += 1;
        } else {
            number[at] = number[first];
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{AmountColumn, AmountValues, Column, SideColumns, TextColumn};
    use crate::plan::Plan;
    use arrow_array::StringArray;

    #[test]
    fn twins_share_a_class_and_classes_stand_in_canonical_order() {
        let side = SideColumns {
            fields: vec![
                Column::Amount(AmountColumn {
                    values: AmountValues::Narrow(vec![5, 7, 5, 7, 6].into()),
                    nulls: None,
                }),
                Column::Text(TextColumn::Small(StringArray::from(vec!["e", "d", "c", "b", "a"]).into())),
            ],
            rows: 5,
            ..SideColumns::default()
        };
        let plan = Plan { id: Some(1), used: vec![0], ..Plan::default() };
        let classes = Classes::of(&Canon::new(&plan, &side), &mut [0, 1, 2, 3, 4]);
        let all: Vec<_> = (0..3).map(|class| classes.members(class).to_vec()).collect();
        assert_eq!(all, [vec![4], vec![3, 1], vec![2, 0]]);
        assert_eq!((classes.len(), classes.count(1), classes.first(2)), (3, 2, 2));
    }
}
