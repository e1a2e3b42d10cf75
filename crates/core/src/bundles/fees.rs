//! What a pass expects to be kept back: the amounts of one side become net of fees before they are compared.
//!
//! Exact: a percentage is a product of 256 bits, rounded once, by a named rule, to a named digit. A fee has the sign
//! of what it is kept back from, unless the spec says otherwise, so that a refund gives it back.

use crate::error::{Error, Mistake, Result};
use crate::money::Number;
use crate::plan::{FeePlan, FeeRate, PassPlan, Side};
use crate::spec::{FeeBase, FeePer, Negative, Rounding};
use arrow_buffer::i256;

/// The fees of a pass at the run's scale.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fees {
    parts: Vec<Part>,
}

/// One fee, its numbers as integers.
#[derive(Debug, Clone)]
struct Part {
    side: Side,
    per: FeePer,
    base: FeeBase,
    negative: Negative,
    round: Rounding,
    /// Units that the percentage is rounded to.
    step: i256,
    rates: Vec<Rate>,
}

/// What is kept back of amounts up to a size.
#[derive(Debug, Clone, Copy)]
struct Rate {
    /// In units; `None`: of all amounts.
    up_to: Option<i256>,
    /// In 10^-12: of 1, not of 100.
    share: i256,
    /// In units.
    fixed: i256,
}

/// Digits of a share: those of a percentage, and the two of the percent.
const SHARE_DIGITS: u8 = 12;
const ONE_SHARE: i128 = 1_000_000_000_000;

impl Fees {
    /// The fees of a pass; `None` where it has none.
    ///
    /// # Errors
    /// `fee_too_fine` for a fixed amount, a bound or a rounding with more digits than the run's scale.
    pub(crate) fn bind(pass: &PassPlan, scale: u8) -> Result<Option<Self>> {
        let plans = pass.bundles().map_or(&[][..], |bundles| &bundles.fees);
        let parts = plans.iter().map(|plan| Part::bind(plan, scale)).collect::<Result<Vec<_>>>()?;
        Ok((!parts.is_empty()).then_some(Self { parts }))
    }

    /// Whether the amounts hold what a fee is written with.
    ///
    /// # Errors
    /// `fee_too_fine`.
    pub(crate) fn fits(plan: &FeePlan, scale: u8) -> Result<()> {
        Part::bind(plan, scale).map(drop)
    }

    /// Whether amounts of a side are net of any.
    pub(crate) fn on(&self, side: Side) -> bool {
        self.parts.iter().any(|part| part.side == side)
    }

    /// What is kept back of a group's amounts on a side, in units.
    pub(crate) fn of(&self, side: Side, amounts: impl Iterator<Item = i128>) -> i256 {
        let (mut gross, mut rest) = (i256::ZERO, i256::ZERO);
        for amount in amounts {
            let amount = i256::from_i128(amount);
            gross = gross.wrapping_add(amount);
            rest = rest.wrapping_add(self.left_over(side, FeePer::Record, amount));
        }
        let left = self.kept(side, FeePer::Group, gross, rest);
        gross.wrapping_sub(left)
    }

    /// What is left of one amount by the fees of a kind.
    fn left_over(&self, side: Side, per: FeePer, amount: i256) -> i256 {
        self.kept(side, per, amount, amount)
    }

    /// What is left of `rest` by the fees of a kind; those of the gross amount are of `gross`.
    fn kept(&self, side: Side, per: FeePer, gross: i256, mut rest: i256) -> i256 {
        for part in self.parts.iter().filter(|part| part.side == side && part.per == per) {
            let base = if part.base == FeeBase::Gross { gross } else { rest };
            rest = rest.wrapping_sub(part.of(base));
        }
        rest
    }
}

impl Part {
    fn bind(plan: &FeePlan, scale: u8) -> Result<Self> {
        let digits = plan.digits.unwrap_or(scale);
        let finer =
            scale.checked_sub(digits).ok_or_else(|| too_fine(plan, format!("{digits} digits"), scale))?;
        let step = i256::from_i128(10).checked_pow(u32::from(finer)).unwrap_or(i256::ONE);
        let units = |number: Number| -> Result<i256> {
            let units = number.units(scale).ok_or_else(|| too_fine(plan, number.to_string(), scale))?;
            Ok(i256::from_i128(units))
        };
        let rate = |rate: &FeeRate| -> Result<Rate> {
            let share = rate.percent.and_then(|percent| percent.units(SHARE_DIGITS - 2));
            Ok(Rate {
                up_to: rate.up_to.map(units).transpose()?,
                share: i256::from_i128(share.unwrap_or(0)),
                fixed: rate.fixed.map_or(Ok(i256::ZERO), units)?,
            })
        };
        Ok(Self {
            side: plan.side,
            per: plan.per,
            base: plan.base,
            negative: plan.negative,
            round: plan.round,
            step,
            rates: plan.rates.iter().map(rate).collect::<Result<_>>()?,
        })
    }

    fn of(&self, base: i256) -> i256 {
        let is_negative = base < i256::ZERO;
        let size = base.wrapping_abs();
        let covers = |rate: &&Rate| rate.up_to.is_none_or(|up_to| size <= up_to);
        let Some(rate) = self.rates.iter().find(covers) else { return i256::ZERO };
        // A fee of nothing is nothing: there was nothing to keep it from.
        if size == i256::ZERO {
            return i256::ZERO;
        }
        let one = i256::from_i128(ONE_SHARE).wrapping_mul(self.step);
        let percent = rounded(size.wrapping_mul(rate.share), one, self.round).wrapping_mul(self.step);
        let fee = percent.wrapping_add(rate.fixed);
        match (is_negative, self.negative) {
            (false, _) | (true, Negative::Charged) => fee,
            (true, Negative::Returned) => fee.wrapping_neg(),
            (true, Negative::Free) => i256::ZERO,
        }
    }
}

/// over / under as a whole number; both are at least 0.
pub(super) fn rounded(over: i256, under: i256, rule: Rounding) -> i256 {
    let (whole, rest) = (over.wrapping_div(under), over.wrapping_rem(under));
    let twice = rest.wrapping_add(rest);
    let up = match rule {
        Rounding::Down => false,
        Rounding::Up => rest > i256::ZERO,
        Rounding::HalfUp => twice >= under,
        Rounding::HalfEven => {
            let odd = whole.wrapping_rem(i256::from_i128(2)) == i256::ONE;
            twice > under || (twice == under && odd)
        }
    };
    if up { whole.wrapping_add(i256::ONE) } else { whole }
}

fn too_fine(plan: &FeePlan, given: String, scale: u8) -> Error {
    let expected = format!("at most {scale} digits after the point, as the amounts of this run have");
    Error::spec(Mistake::new("fee_too_fine", &plan.path, given, expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    fn plan(percent: &str, fixed: &str) -> FeePlan {
        FeePlan {
            path: "pass[0].sum.fee".to_owned(),
            side: Side::Left,
            per: FeePer::Record,
            base: FeeBase::Gross,
            negative: Negative::Returned,
            round: Rounding::HalfUp,
            digits: None,
            rates: vec![FeeRate { up_to: None, percent: Some(number(percent)), fixed: Some(number(fixed)) }],
        }
    }

    fn fees(plans: &[FeePlan], scale: u8) -> Fees {
        Fees { parts: plans.iter().map(|plan| Part::bind(plan, scale).unwrap()).collect() }
    }

    fn of(plans: &[FeePlan], amounts: &[i128]) -> i128 {
        fees(plans, 2).of(Side::Left, amounts.iter().copied()).to_i128().unwrap()
    }

    #[test]
    fn each_record_is_rounded_for_itself_and_a_group_once() {
        let each = plan("2.9", "0.30");
        let once = FeePlan { per: FeePer::Group, ..each.clone() };
        // 2.9 % of 10.50 is 0.3045, and 0.609 of twice that.
        assert_eq!(of(&[each], &[1050, 1050]), 60 + 60);
        assert_eq!(of(&[once], &[1050, 1050]), 61 + 30);
    }

    #[test]
    fn rounding_is_named() {
        let by = |round, amount| of(&[FeePlan { round, ..plan("1", "0") }], &[amount]);
        assert_eq!([50, 150, 149].map(|amount| by(Rounding::HalfUp, amount)), [1, 2, 1]);
        assert_eq!([50, 150, 151].map(|amount| by(Rounding::HalfEven, amount)), [0, 2, 2]);
        assert_eq!([1, 100, 101].map(|amount| by(Rounding::Up, amount)), [1, 1, 2]);
        assert_eq!([99, 100, 199].map(|amount| by(Rounding::Down, amount)), [0, 1, 1]);
        let tenths = FeePlan { digits: Some(1), ..plan("1", "0") };
        assert_eq!(of(&[tenths], &[1_450]), 10);
    }

    #[test]
    fn negative_amounts_give_back_pay_or_are_free() {
        let by = |negative| of(&[FeePlan { negative, ..plan("10", "0.30") }], &[-1000]);
        let all = [Negative::Returned, Negative::Charged, Negative::Free].map(by);
        assert_eq!(all, [-130, 130, 0]);
    }

    #[test]
    fn fees_of_the_rest_follow_those_before_them() {
        let second = FeePlan { base: FeeBase::Rest, ..plan("10", "0") };
        assert_eq!(of(&[plan("20", "0"), second.clone()], &[1000]), 200 + 80);
        assert_eq!(of(&[plan("20", "0"), FeePlan { base: FeeBase::Gross, ..second }], &[1000]), 200 + 100);
    }

    #[test]
    fn a_tier_is_of_the_whole_amount() {
        let rate = |up_to: Option<&str>, percent| FeeRate {
            up_to: up_to.map(number),
            percent: Some(number(percent)),
            fixed: None,
        };
        let rates = vec![rate(Some("10.00"), "3"), rate(Some("100.00"), "2"), rate(None, "1")];
        let tiers = FeePlan { rates, ..plan("0", "0") };
        assert_eq!(
            [1000, 1001, 10_000, 10_001].map(|amount| of(std::slice::from_ref(&tiers), &[amount])),
            [30, 20, 200, 100]
        );
    }

    #[test]
    fn finer_than_the_amounts_is_a_mistake() {
        let bound = |plan: FeePlan| Part::bind(&plan, 2).map(|_| ()).map_err(|error| error.code());
        assert_eq!(bound(plan("2.9", "0.305")), Err("fee_too_fine"));
        assert_eq!(bound(FeePlan { digits: Some(3), ..plan("1", "0") }), Err("fee_too_fine"));
    }

    proptest! {
        /// However the records are ordered, and the other way round for what is given back.
        #[test]
        fn the_order_of_records_makes_no_difference(amounts in prop::collection::vec(-1_000_000_i128..1_000_000, 0..8), group: bool) {
            let per = if group { FeePer::Group } else { FeePer::Record };
            let fees = fees(&[FeePlan { per, ..plan("2.9", "0.30") }], 2);
            let fee = fees.of(Side::Left, amounts.iter().copied()).to_i128().unwrap();
            let turned = fees.of(Side::Left, amounts.iter().rev().copied()).to_i128().unwrap();
            prop_assert_eq!(turned, fee);
            let negated = fees.of(Side::Left, amounts.iter().map(|amount| -amount)).to_i128().unwrap();
            prop_assert_eq!(negated, -fee);
            prop_assert_eq!(fees.of(Side::Right, amounts.iter().copied()), i256::ZERO);
        }
    }
}
