//! `differences`: one row per compared field whose values disagree inside a group.

use super::super::Outcome;
use super::super::differences::{Difference, columns_of};
use super::super::gather::{TableBuilder, names, numbers, texts, write_cell};
use crate::columns::{Column, Row};
use crate::error::Result;
use crate::money::display_units;
use crate::plan::{ConditionPlan, Side, TestPlan, name, pair_words};
use crate::spec::Sign;
use arrow_array::RecordBatch;
use arrow_array::types::{Int16Type, UInt64Type};
use std::ops::Range;

impl Outcome {
    /// Differences of the groups at these positions, by group, record and compared field.
    pub(in super::super) fn differences_between(&self, range: Range<usize>) -> Result<RecordBatch> {
        let mut found = self.differences_of(range);
        // Groups of many come behind the pairs of their stretch.
        let number = |side: Side, row: Row| self.columns.side(side).row_number(row);
        found.sort_by_key(|one| {
            (one.group_id, number(Side::Left, one.left), number(Side::Right, one.right), one.field)
        });
        let found: &[Difference] = &found;
        let rows = found.len();
        let mut table = TableBuilder::default();
        table.full("group_id", || numbers::<UInt64Type>(rows, |at| found[at].group_id));
        table.full("field", || {
            let fields: Vec<String> = self.plan.compare.iter().map(|one| self.compared_name(one)).collect();
            names::<Int16Type, _>(rows, &fields, |at| i16::try_from(found[at].field).ok())
        });
        for side in Side::BOTH {
            let row = move |at: usize| row_of(&found[at], side);
            table.full(&format!("{}_row", side.name()), move || {
                numbers::<UInt64Type>(rows, |at| self.columns.side(side).row_number(row(at)))
            });
            table.nullable(&format!("{}_id", side.name()), move || {
                texts(rows, |at, out| self.write_id(side, row(at), out))
            });
        }
        for side in Side::BOTH {
            table.nullable(side.name(), move || {
                texts(rows, |at, out| {
                    let difference = &found[at];
                    let column =
                        columns_of(&self.columns, &self.plan.compare[difference.field])[side.index()];
                    write_cell(column, self.columns.scale, row_of(difference, side), out)
                })
            });
        }
        table.nullable("delta", || {
            texts(rows, |at, out| {
                let delta = self.delta(&found[at]);
                out.extend_from_slice(delta.as_deref().unwrap_or_default().as_bytes());
                delta.is_some()
            })
        });
        table.build()
    }

    /// What a compared field is called: `status`, or `status = state`.
    pub(in super::super) fn compared_name(&self, compared: &ConditionPlan) -> String {
        pair_words(name(&self.plan, compared.left), name(&self.plan, compared.right))
    }

    /// right − left of two numbers or days; of amounts of opposite sign their sum, of amounts whose sign is ignored that
    /// of their sizes.
    fn delta(&self, difference: &Difference) -> Option<String> {
        let plan = self.plan.compare.get(difference.field)?;
        let (left, right) = (difference.left, difference.right);
        match columns_of(&self.columns, plan) {
            [Column::Amount(lefts), Column::Amount(rights)] => {
                let (left, right) = (lefts.get(left)?, rights.get(right)?);
                let sign = match &plan.test {
                    TestPlan::Within(within) => within.sign,
                    _ => Sign::Same,
                };
                let delta = match sign {
                    Sign::Same => right.checked_sub(left)?,
                    Sign::Opposite => right.checked_add(left)?,
                    Sign::Ignore => right.checked_abs()?.checked_sub(left.checked_abs()?)?,
                };
                Some(display_units(delta, self.columns.scale))
            }
            [Column::Date(lefts), Column::Date(rights)] => {
                Some((i64::from(rights.get(right)?) - i64::from(lefts.get(left)?)).to_string())
            }
            [Column::Integer(lefts), Column::Integer(rights)] => {
                Some((i128::from(rights.get(right)?) - i128::from(lefts.get(left)?)).to_string())
            }
            _ => None,
        }
    }
}

fn row_of(difference: &Difference, side: Side) -> Row {
    match side {
        Side::Left => difference.left,
        Side::Right => difference.right,
    }
}
