//! The amounts of bundles: exact sums at the run's scale, as the pass's terms have them.

use super::{Bundles, Terms};
use crate::columns::{AmountColumn, AmountValues, Column, Row, SideColumns, row_of};
use crate::error::{DataError, Error, Result};
use crate::limits::AMOUNT_UNITS_END;
use crate::plan::{FieldIndex, PassPlan, Side};
use arrow_buffer::{BooleanBuffer, NullBuffer, i256};
use rayon::prelude::*;

/// Bundles summed by one task.
const SUMMED_BUNDLES: usize = 4_096;

/// How the amounts of a side are summed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Summing<'a> {
    /// The source's name, for errors.
    pub(super) source: &'a str,
    pub(super) side: Side,
    pub(super) terms: Option<&'a Terms>,
}

impl Summing<'_> {
    /// The field that a pass sums on this side.
    pub(super) fn field(self, pass: &PassPlan) -> Option<FieldIndex> {
        pass.variance.map(|variance| if self.side == Side::Left { variance.left } else { variance.right })
    }

    /// The sum of every bundle, null where an amount of it is: what is not known can't be equal.
    pub(super) fn of(self, amounts: &Column, bundles: &Bundles) -> Result<Column> {
        let amounts = as_amounts(amounts)?;
        let sums: Vec<Option<i128>> = (0..bundles.len())
            .into_par_iter()
            .with_min_len(SUMMED_BUNDLES)
            .map(|bundle| self.sum(amounts, bundles.members(row_of(bundle))))
            .collect::<Result<_>>()?;
        Ok(Column::Amount(column(&sums)))
    }

    /// Puts net amounts in the place of some records' own; the others, whom the pass does not see, have none.
    pub(super) fn replace(
        self,
        pass: &PassPlan,
        records: &SideColumns,
        net: &mut SideColumns,
        rows: &[Row],
    ) -> Result<()> {
        let Some(field) = self.field(pass) else { return Ok(()) };
        let (Some(amounts), Some(slot)) = (records.fields.get(field), net.fields.get_mut(field)) else {
            return Ok(());
        };
        let amounts = as_amounts(amounts)?;
        let sums: Vec<Option<i128>> = rows
            .par_iter()
            .with_min_len(SUMMED_BUNDLES)
            .map(|row| self.sum(amounts, std::slice::from_ref(row)))
            .collect::<Result<_>>()?;
        let mut all = vec![None; records.rows as usize];
        for (row, sum) in rows.iter().zip(sums) {
            all[*row as usize] = sum;
        }
        *slot = Column::Amount(column(&all));
        Ok(())
    }

    fn sum(self, amounts: &AmountColumn, rows: &[Row]) -> Result<Option<i128>> {
        if let Some(terms) = self.terms {
            let all = rows.iter().map(|row| (*row, amounts.get(*row)));
            return terms.amount(self.side, &all, self.source);
        }
        let Some(sum) = sum(amounts, rows) else { return Ok(None) };
        let sum = sum.to_i128().filter(|sum| sum.unsigned_abs() < AMOUNT_UNITS_END);
        sum.map_or_else(|| Err(too_large(self.source)), |sum| Ok(Some(sum)))
    }
}

fn as_amounts(column: &Column) -> Result<&AmountColumn> {
    match column {
        Column::Amount(amounts) => Ok(amounts),
        _ => Err(Error::Internal("a pass sums a field that holds no amounts".to_owned())),
    }
}

/// Exact whatever the order: 2^32 amounts of 37 digits fit 256 bits.
fn sum(amounts: &AmountColumn, rows: &[Row]) -> Option<i256> {
    let narrow = rows.iter().try_fold(Some(0_i128), |sum, row| {
        let amount = amounts.get(*row)?;
        Some(sum.and_then(|sum| sum.checked_add(amount)))
    })?;
    if let Some(sum) = narrow {
        return Some(i256::from_i128(sum));
    }
    let all = rows.iter().filter_map(|row| amounts.get(*row));
    Some(all.fold(i256::ZERO, |sum, amount| sum.wrapping_add(i256::from_i128(amount))))
}

fn too_large(source: &str) -> Error {
    let (problem, hint) = ("the sum of a group has more than 37 digits", "Check the scale of its amounts");
    DataError::new("total_too_large", source, problem, hint).into()
}

/// 64 bits each where all fit.
fn column(sums: &[Option<i128>]) -> AmountColumn {
    let nulls = sums
        .iter()
        .any(Option::is_none)
        .then(|| -> NullBuffer { sums.iter().map(Option::is_some).collect::<BooleanBuffer>().into() });
    let narrow: Option<Vec<i64>> = sums.iter().map(|sum| i64::try_from(sum.unwrap_or(0)).ok()).collect();
    let values = match narrow {
        Some(values) => AmountValues::Narrow(values.into()),
        None => AmountValues::Wide(sums.iter().map(|sum| sum.unwrap_or(0)).collect::<Vec<_>>().into()),
    };
    AmountColumn { values, nulls }
}
