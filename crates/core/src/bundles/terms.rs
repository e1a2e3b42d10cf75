//! What a pass makes of amounts before it compares them: fees are kept back, then one currency becomes the other.

use super::{Convert, Fees};
use crate::columns::{Columns, Row};
use crate::error::{DataError, Result};
use crate::limits::AMOUNT_UNITS_END;
use crate::plan::{PassPlan, Side};
use arrow_buffer::i256;

/// The terms of a pass, bound to the columns of records.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    fees: Option<Fees>,
    convert: Option<Convert>,
}

impl Terms {
    /// The terms of a pass; `None` where it compares amounts as they stand.
    ///
    /// # Errors
    /// As [`Fees::bind`].
    pub(crate) fn bind(pass: &PassPlan, columns: &Columns) -> Result<Option<Self>> {
        let fees = Fees::bind(pass, columns.scale)?;
        let plan = pass.bundles().and_then(|bundles| bundles.convert.as_ref());
        let sides = Side::BOTH.map(|side| columns.side(side));
        let convert = plan.map(|plan| Convert::bind(plan, sides, columns.scale)).transpose()?;
        Ok((fees.is_some() || convert.is_some()).then_some(Self { fees, convert }))
    }

    /// Whether amounts of a side are compared otherwise than they stand.
    pub(crate) fn on(&self, side: Side) -> bool {
        self.fees.as_ref().is_some_and(|fees| fees.on(side)) || self.converts_on(side)
    }

    /// Whether anything is kept back.
    pub(crate) fn keeps(&self) -> bool {
        self.fees.is_some()
    }

    /// Whether one currency becomes the other.
    pub(crate) fn converts(&self) -> bool {
        self.convert.is_some()
    }

    /// Whether the amounts of a side become those of the other's currency.
    pub(crate) fn converts_on(&self, side: Side) -> bool {
        self.convert.as_ref().is_some_and(|convert| convert.side == side)
    }

    /// What is kept back of a group's amounts on a side, in their own currency.
    pub(crate) fn kept(&self, side: Side, amounts: impl Iterator<Item = i128>) -> i256 {
        self.fees.as_ref().map_or(i256::ZERO, |fees| fees.of(side, amounts))
    }

    /// The sum of a group's amounts on a side as it is compared; `None` where one of them, or a rate, is not known.
    pub(crate) fn sum(
        &self,
        side: Side,
        amounts: &(impl Iterator<Item = (Row, Option<i128>)> + Clone),
    ) -> Option<i256> {
        if amounts.clone().any(|(_, amount)| amount.is_none()) {
            return None;
        }
        let known = || amounts.clone().filter_map(|(row, amount)| Some((row, amount?)));
        if let Some(convert) = self.convert.as_ref().filter(|convert| convert.side == side) {
            let net = |(row, amount): (Row, i128)| {
                let kept = self.kept(side, std::iter::once(amount));
                (row, i256::from_i128(amount).wrapping_sub(kept))
            };
            return convert.sum(known().map(net));
        }
        let gross = known().fold(i256::ZERO, |sum, (_, amount)| sum.wrapping_add(i256::from_i128(amount)));
        Some(gross.wrapping_sub(self.kept(side, known().map(|(_, amount)| amount))))
    }

    /// [`sum`](Self::sum) as an amount.
    ///
    /// # Errors
    /// `total_too_large` beyond the 37 digits of an amount.
    pub(crate) fn amount(
        &self,
        side: Side,
        amounts: &(impl Iterator<Item = (Row, Option<i128>)> + Clone),
        source: &str,
    ) -> Result<Option<i128>> {
        let Some(sum) = self.sum(side, amounts) else { return Ok(None) };
        let sum = sum.to_i128().filter(|sum| sum.unsigned_abs() < AMOUNT_UNITS_END);
        let hint = "Check the scale of its amounts";
        let problem = "an amount net of fees or in another currency has more than 37 digits";
        sum.map_or_else(
            || Err(DataError::new("total_too_large", source, problem, hint).into()),
            |sum| Ok(Some(sum)),
        )
    }
}
