//! Values that are compared inside groups, and where they disagree.
//!
//! Nothing here decides what belongs together: groups stand before. Each record of a group is compared with each of
//! the other side. Groups with many records on both sides are not compared: nobody says which of them meet; nor are
//! groups inside one source. Two nulls agree, a null and a value don't.
//!
//! Cost: one look at every pair and compared field; only what differs is kept.

use super::Outcome;
use super::found::{Pair, Span};
use super::group::Group;
use super::tables::{Item, Stretch, group_id};
use crate::columns::{Column, Columns, Row};
use crate::compare::{Comparison, Grade};
use crate::error::Result;
use crate::plan::{ConditionPlan, Plan, Side, TestPlan};
use rayon::prelude::*;
use std::ops::Range;

/// Groups that one task compares.
const TASK_GROUPS: usize = 1 << 14;

/// Two values of a compared field that disagree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Difference {
    pub(super) group_id: u64,
    /// Position in the plan's `compare`.
    pub(super) field: usize,
    pub(super) left: Row,
    pub(super) right: Row,
}

/// How often a field was compared, and how often its values disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct FieldCount {
    pub(super) pairs: u64,
    pub(super) differing: u64,
}

/// What was compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct DifferenceCounts {
    pub(super) fields: Vec<FieldCount>,
    /// Groups that can't be compared.
    pub(super) left_out: u64,
}

/// Binds what the plan compares.
pub(super) fn bind(plan: &Plan, columns: &Columns) -> Result<Vec<Comparison>> {
    let [left, right] = Side::BOTH.map(|side| columns.side(side));
    plan.compare.iter().map(|one| Comparison::bind(one, left, right, columns.scale)).collect()
}

/// The columns of a compared field.
pub(super) fn columns_of<'a>(columns: &'a Columns, compared: &ConditionPlan) -> [&'a Column; 2] {
    const NOTHING: &Column = &Column::Absent;
    let of = |side: Side, field: usize| columns.side(side).fields.get(field).unwrap_or(NOTHING);
    [of(Side::Left, compared.left), of(Side::Right, compared.right)]
}

impl Outcome {
    /// What differs in the groups at these positions, in their order: by group, then record, then field.
    pub(super) fn differences_of(&self, range: Range<usize>) -> Vec<Difference> {
        let mut found = Vec::new();
        self.each_compared(range, |difference, agrees| {
            if !agrees {
                found.push(difference);
            }
        });
        found
    }

    /// How often each field was compared, and differs.
    pub(super) fn count_differences(&self) -> DifferenceCounts {
        let none =
            || DifferenceCounts { fields: vec![FieldCount::default(); self.compared.len()], left_out: 0 };
        if self.compared.is_empty() {
            return none();
        }
        let total = self.groups_count();
        let starts: Vec<usize> = (0..total).step_by(TASK_GROUPS).collect();
        let count = |start: usize| {
            let mut counts = none();
            let left_out = self.each_compared(start..total.min(start + TASK_GROUPS), |difference, agrees| {
                if let Some(count) = counts.fields.get_mut(difference.field) {
                    count.pairs += 1;
                    count.differing += u64::from(!agrees);
                }
            });
            DifferenceCounts { left_out, ..counts }
        };
        let add = |mut one: DifferenceCounts, other: DifferenceCounts| {
            for (count, more) in one.fields.iter_mut().zip(&other.fields) {
                count.pairs += more.pairs;
                count.differing += more.differing;
            }
            one.left_out += other.left_out;
            one
        };
        starts.into_par_iter().map(count).reduce(none, add)
    }

    /// Compares the groups at these positions. Tells how many it left out.
    fn each_compared(&self, range: Range<usize>, mut each: impl FnMut(Difference, bool)) -> u64 {
        if self.compared.is_empty() {
            return 0;
        }
        let mut left_out = 0;
        let mut pair = |pair: &Pair| {
            if pair.span == Span::Across {
                self.compare(group_id(&self.columns, pair), (pair.left, pair.right), &mut each);
            } else {
                left_out += 1;
            }
        };
        match self.stretch(range) {
            Stretch::Pairs(pairs) => pairs.iter().for_each(pair),
            Stretch::Both(items) => {
                let mut many = Vec::new();
                for item in items {
                    match item {
                        Item::Pair(one) => pair(one),
                        Item::Group(group) => many.push(group),
                    }
                }
                left_out += self.compare_many(&many, &mut each);
            }
        }
        left_out
    }

    fn compare_many(&self, groups: &[Group<'_>], each: &mut impl FnMut(Difference, bool)) -> u64 {
        let mut left_out = 0;
        for group in groups {
            let (left, right) = (group.on(Side::Left), group.on(Side::Right));
            if left.len() > 1 && right.len() > 1 || group.is_one_sided() {
                left_out += 1;
                continue;
            }
            let id = group.id(|side, row| self.columns.side(side).row_number(row));
            for (left, right) in left.iter().flat_map(|left| right.iter().map(move |right| (*left, *right))) {
                self.compare(id, (left, right), each);
            }
        }
        left_out
    }

    fn compare(&self, group_id: u64, (left, right): (Row, Row), each: &mut impl FnMut(Difference, bool)) {
        for (field, (plan, comparison)) in self.plan.compare.iter().zip(&self.compared).enumerate() {
            let [lefts, rights] = columns_of(&self.columns, plan);
            let agrees = match (&plan.test, lefts.is_null(left), rights.is_null(right)) {
                (_, true, true) => true,
                (_, true, false) | (_, false, true) => false,
                (TestPlan::Equals, ..) => lefts.same(left, rights, right),
                _ => matches!(comparison.grade(left, right), Grade::Holds(_)),
            };
            each(Difference { group_id, field, left, right }, agrees);
        }
    }
}
