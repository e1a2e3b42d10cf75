//! Amounts of one currency as amounts of another: by the rate that stands with the record.

use crate::columns::{Column, Row, SideColumns, Value};
use crate::error::{Error, Mistake, Result};
use crate::money::Number;
use crate::plan::{ConvertPlan, Side};
use crate::spec::FeePer;
use arrow_buffer::i256;

use super::fees::rounded;

/// Digits after the point that a rate may have.
const RATE_DIGITS: u8 = 18;

/// A conversion at the run's scale, bound to the rates of its side.
#[derive(Debug, Clone)]
pub(crate) struct Convert {
    pub(super) side: Side,
    rates: Column,
    plan: ConvertPlan,
    /// Units that a converted amount is rounded to.
    step: i256,
}

impl Convert {
    /// Binds a conversion to the records of both sides.
    ///
    /// # Errors
    /// `rate_too_fine` for a rounding with more digits than the run's scale.
    pub(super) fn bind(plan: &ConvertPlan, sides: [&SideColumns; 2], scale: u8) -> Result<Self> {
        let finer = Self::finer(plan, scale)?;
        Ok(Self {
            side: plan.side,
            rates: sides[plan.side.index()].fields.get(plan.rate).cloned().unwrap_or(Column::Absent),
            plan: plan.clone(),
            step: i256::from_i128(10).checked_pow(u32::from(finer)).unwrap_or(i256::ONE),
        })
    }

    /// Digits that the amounts have beyond those that a conversion is rounded to.
    ///
    /// # Errors
    /// `rate_too_fine` where it is rounded to more than they have.
    pub(crate) fn finer(plan: &ConvertPlan, scale: u8) -> Result<u8> {
        let digits = plan.digits.unwrap_or(scale);
        scale.checked_sub(digits).ok_or_else(|| {
            let expected = format!("at most {scale} digits after the point, as the amounts of this run have");
            Error::spec(Mistake::new("rate_too_fine", &plan.path, format!("{digits} digits"), expected))
        })
    }

    /// The sum of some amounts in the other currency; `None` where a rate is missing or none.
    pub(super) fn sum(&self, amounts: impl Iterator<Item = (Row, i256)>) -> Option<i256> {
        let one = i256::from_i128(10).checked_pow(u32::from(RATE_DIGITS))?;
        let under = one.checked_mul(self.step)?;
        if self.plan.per == FeePer::Group {
            let mut sum = i256::ZERO;
            for (row, amount) in amounts {
                sum = sum.checked_add(amount.checked_mul(self.rate(row)?)?)?;
            }
            return self.whole(sum, under);
        }
        let mut sum = i256::ZERO;
        for (row, amount) in amounts {
            let rate = self.rate(row)?;
            let converted = if self.plan.divide {
                self.whole(amount.checked_mul(one)?, rate.checked_mul(self.step)?)?
            } else {
                self.whole(amount.checked_mul(rate)?, under)?
            };
            sum = sum.checked_add(converted)?;
        }
        Some(sum)
    }

    /// over / under in units, rounded to the step; halves as the rule says, whatever the sign.
    fn whole(&self, over: i256, under: i256) -> Option<i256> {
        let size = rounded(over.wrapping_abs(), under, self.plan.round).checked_mul(self.step)?;
        Some(if over < i256::ZERO { size.wrapping_neg() } else { size })
    }

    /// A record's rate in 10^-18: above zero, or none.
    fn rate(&self, row: Row) -> Option<i256> {
        let rate: Number = match &self.rates {
            Column::Text(texts) => texts.get(row)?.parse().ok()?,
            // Of a look-up: one number, however often and in whatever way it is written, or nobody knows which.
            many => {
                let mut rates = many.values(row).map(|value| match value {
                    Value::Text(rate) => rate.parse::<Number>().ok(),
                    Value::Integer(rate) => Some(Number::whole(rate)),
                });
                let first = rates.next()??;
                if !rates.all(|other| other == Some(first)) {
                    return None;
                }
                first
            }
        };
        let units = rate.units(RATE_DIGITS).filter(|units| *units > 0)?;
        Some(i256::from_i128(units))
    }
}
