//! Amounts that differ by at most a tolerance.
//!
//! Everything is a comparison of fractions by cross-multiplication: nothing is rounded but the grade. Sixty-four
//! bits do for money as it is; wider amounts go through 128 and then 256 bits, with the same answers.

use super::rounding::share_wide;
use super::{Grade, Measured, amounts};
use crate::columns::{AmountColumn, Column, Row};
use crate::error::{Error, Mistake, Result};
use crate::money::Number;
use crate::plan::{Millionths, ONE, PaymentPlan, Side, WithinPlan};
use crate::spec::Sign;
use arrow_buffer::i256;
use std::cmp::Ordering;

/// Whether two amounts agree within a tolerance.
#[derive(Debug, Clone)]
pub struct Within {
    columns: Option<(AmountColumn, AmountColumn)>,
    tolerance: Allowance,
}

impl Within {
    pub(super) fn bind(plan: &WithinPlan, left: &Column, right: &Column, scale: u8) -> Result<Self> {
        Ok(Self { columns: amounts(left, right)?, tolerance: Allowance::new(plan, scale)? })
    }

    /// What the condition says of one candidate.
    #[must_use]
    #[inline]
    pub fn grade(&self, left: Row, right: Row) -> Grade {
        let Some((lefts, rights)) = &self.columns else { return Grade::Null };
        match (lefts.get(left), rights.get(right)) {
            (Some(left), Some(right)) => self.tolerance.grade(left, right),
            _ => Grade::Null,
        }
    }

    /// How far the amounts are apart, and how far they may be; `None` where one is null.
    pub(super) fn measured(&self, left: Row, right: Row) -> Option<Measured> {
        let (lefts, rights) = self.columns.as_ref()?;
        Some(self.tolerance.measured(lefts.get(left)?, rights.get(right)?))
    }
}

/// A tolerance at the run's scale.
#[derive(Debug, Clone)]
pub(crate) struct Allowance {
    absolute: Option<u128>,
    percent: Option<Percent>,
    larger: bool,
    of: Option<Side>,
    sign: Sign,
    payable: Option<Box<Payable>>,
}

/// How much more or less than is due may be paid.
#[derive(Debug, Clone)]
struct Payable {
    paid: Side,
    short_pay: Option<Allowance>,
    discount: Option<Allowance>,
    overpay: Option<Allowance>,
    in_parts: bool,
}

/// What a payment is that is not what is due, as far as a pass allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Payment {
    /// Less was paid, as a discount.
    Discount,
    /// Less was paid.
    Short,
    /// More was paid.
    Over,
}

/// A share of an amount, in lowest terms.
#[derive(Debug, Clone, Copy)]
struct Percent {
    part: u128,
    whole: u128,
}

/// An allowance for one pair: `units / per`.
struct Allowed<T> {
    units: T,
    per: T,
}

impl Allowance {
    pub(crate) fn new(plan: &WithinPlan, scale: u8) -> Result<Self> {
        let absolute = plan.absolute.map(|number| absolute_units(plan, number, scale)).transpose()?;
        let percent = plan.percent.map(|number| Percent::new(plan, number)).transpose()?;
        if absolute.is_none() && percent.is_none() {
            return Err(Error::Internal(format!("{}: a tolerance without a part", plan.path)));
        }
        let payable = plan.payment.as_ref().map(|plan| Payable::new(plan, scale)).transpose()?;
        let payable = payable.map(Box::new);
        Ok(Self { absolute, percent, larger: plan.larger, of: plan.of, sign: plan.sign, payable })
    }

    /// What holds beside the tolerance, by which of two amounts is larger: that which is told first comes first.
    fn beyond(&self, left: u128, right: u128) -> impl Iterator<Item = (&Self, Payment)> {
        let sides = |payable: &Payable| {
            let (paid, due) = if payable.paid == Side::Left { (left, right) } else { (right, left) };
            paid.cmp(&due)
        };
        let order = self.payable.as_deref().map_or(Ordering::Equal, sides);
        let all = self.payable.iter().flat_map(|payable| {
            [
                (Ordering::Less, &payable.discount, Payment::Discount),
                (Ordering::Less, &payable.short_pay, Payment::Short),
                (Ordering::Greater, &payable.overpay, Payment::Over),
            ]
        });
        let of_order = all.filter(move |(of, ..)| *of == order);
        of_order.filter_map(|(_, allowance, payment)| Some((allowance.as_ref()?, payment)))
    }

    /// The tolerance at two amounts, and what may be paid less or more: each with the amount that it is of.
    pub(crate) fn all(&self, left: u128, right: u128) -> impl Iterator<Item = (u128, u128)> {
        let beyond = self.payable.iter().flat_map(|all| [&all.discount, &all.short_pay, &all.overpay]);
        std::iter::once(self).chain(beyond.flatten()).map(move |one| {
            let base = one.base(left, right);
            (one.allowed(base), base)
        })
    }

    /// Whether two amounts agree by the tolerance itself.
    pub(crate) fn agree(&self, left: i128, right: i128) -> bool {
        let signs_agree = self.signs_agree(left, right);
        let (left, right) = (left.unsigned_abs(), right.unsigned_abs());
        signs_agree && left.abs_diff(right) <= self.allowed(self.base(left, right))
    }

    /// What a payment is that the tolerance does not allow, but what may be paid beyond it does; else `None`.
    pub(crate) fn payment(&self, left: i128, right: i128) -> Option<Payment> {
        if !self.signs_agree(left, right) || self.agree(left, right) {
            return None;
        }
        let (left, right) = (left.unsigned_abs(), right.unsigned_abs());
        let allows = |one: &Self| left.abs_diff(right) <= one.allowed(one.base(left, right));
        self.beyond(left, right).find(|(one, _)| allows(one)).map(|(_, payment)| payment)
    }

    /// Whether the signs of two amounts are as the rule wants them.
    #[inline]
    fn signs_agree(&self, left: i128, right: i128) -> bool {
        match self.sign {
            Sign::Same => !(left < 0 && right > 0 || left > 0 && right < 0),
            Sign::Opposite => !(left > 0 && right > 0 || left < 0 && right < 0),
            Sign::Ignore => true,
        }
    }

    /// How far two amounts are apart by the sign rule, and how far they may be.
    fn measured(&self, left: i128, right: i128) -> Measured {
        let signs_agree = self.signs_agree(left, right);
        let (left, right) = (left.unsigned_abs(), right.unsigned_abs());
        // Amounts whose signs are wrong lie on either side of zero.
        let distance = if signs_agree { left.abs_diff(right) } else { left.saturating_add(right) };
        let base = self.base(left, right);
        let beyond = self.beyond(left, right).map(|(one, _)| one.allowed(one.base(left, right)));
        let allowed = beyond.fold(self.allowed(base), u128::max);
        Measured::Amounts { distance, allowed, signs_agree }
    }

    /// The amount that a percentage is of.
    #[inline]
    fn base(&self, left: u128, right: u128) -> u128 {
        match self.of {
            Some(Side::Left) => left,
            Some(Side::Right) => right,
            None => left.max(right),
        }
    }

    /// The allowance of amounts with this base, rounded down.
    pub(crate) fn allowed(&self, base: u128) -> u128 {
        let percent = self.percent.map(|percent| {
            let product = wide(base).wrapping_mul(wide(percent.part));
            let (low, high) = product.checked_div(wide(percent.whole)).unwrap_or(i256::ZERO).to_parts();
            if high == 0 { low } else { u128::MAX }
        });
        match (self.absolute, percent) {
            (Some(absolute), Some(percent)) if self.larger => absolute.max(percent),
            (Some(absolute), Some(percent)) => absolute.min(percent),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => 0,
        }
    }

    #[inline]
    pub(super) fn grade(&self, left: i128, right: i128) -> Grade {
        if !self.signs_agree(left, right) {
            return Grade::Fails;
        }
        // Where the signs agree (or are opposite, as asked), the distance is that of the absolute values.
        let (left, right) = (left.unsigned_abs(), right.unsigned_abs());
        if self.payable.is_some() {
            return self.grade_payment(left, right);
        }
        let base = self.base(left, right);
        let distance = left.abs_diff(right);
        self.grade_narrow(distance, base).unwrap_or_else(|| self.grade_wide(distance, base))
    }

    /// The widest of all that holds: under it a distance has the best grade. Few passes compare payments, and the others
    /// shall not wait for them.
    #[cold]
    fn grade_payment(&self, left: u128, right: u128) -> Grade {
        let grade = |one: &Self| one.grade_wide(left.abs_diff(right), one.base(left, right));
        let whole = self.beyond(left, right).fold(grade(self), |best, (one, _)| better(best, grade(one)));
        // As the bound of a tolerance, however much of the larger is taken.
        let in_parts = self.payable.as_ref().is_some_and(|payable| payable.in_parts);
        if in_parts && left != 0 && right != 0 { better(whole, Grade::Holds(ONE / 2)) } else { whole }
    }

    /// `None` where a product passes what [`share_wide`] takes.
    #[inline]
    fn grade_narrow(&self, distance: u128, base: u128) -> Option<Grade> {
        if let (Some(units), None) = (self.absolute, self.percent) {
            return graded(distance, units);
        }
        let absolute = self.absolute.map(|units| Allowed { units, per: 1 });
        let percent = match self.percent {
            Some(percent) => Some(Allowed { units: base.checked_mul(percent.part)?, per: percent.whole }),
            None => None,
        };
        let allowed = match (absolute, percent) {
            (Some(absolute), Some(percent)) => {
                let fits = absolute.units.checked_mul(percent.per)? <= percent.units;
                if fits == self.larger { percent } else { absolute }
            }
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return Some(Grade::Fails),
        };
        graded(distance.checked_mul(allowed.per)?, allowed.units)
    }

    /// The same in 256 bits: amounts below 2^128, percentages below 2^97, twice a million: below 2^248.
    #[cold]
    fn grade_wide(&self, distance: u128, base: u128) -> Grade {
        let absolute = self.absolute.map(|units| Allowed { units: wide(units), per: i256::ONE });
        let percent = self.percent.map(|percent| Allowed {
            units: wide(base).wrapping_mul(wide(percent.part)),
            per: wide(percent.whole),
        });
        let allowed = match (absolute, percent) {
            (Some(absolute), Some(percent)) => {
                let fits = absolute.units.wrapping_mul(percent.per) <= percent.units;
                if fits == self.larger { percent } else { absolute }
            }
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return Grade::Fails,
        };
        let used = wide(distance).wrapping_mul(allowed.per);
        if used > allowed.units { Grade::Fails } else { Grade::Holds(half_share(used, allowed.units)) }
    }
}

fn better(one: Grade, other: Grade) -> Grade {
    match (one, other) {
        (Grade::Holds(one), Grade::Holds(other)) => Grade::Holds(one.max(other)),
        (Grade::Holds(_), _) => one,
        _ => other,
    }
}

impl Payable {
    fn new(plan: &PaymentPlan, scale: u8) -> Result<Self> {
        let bind =
            |plan: &Option<WithinPlan>| plan.as_ref().map(|plan| Allowance::new(plan, scale)).transpose();
        Ok(Self {
            paid: plan.paid,
            short_pay: bind(&plan.short_pay)?,
            discount: bind(&plan.discount)?,
            overpay: bind(&plan.overpay)?,
            in_parts: plan.in_parts,
        })
    }
}

/// The grade of a distance under an allowance, `None` where [`share_wide`] can't take it.
#[inline]
fn graded(used: u128, units: u128) -> Option<Grade> {
    if used > units {
        Some(Grade::Fails)
    } else if units < 1 << 100 {
        Some(Grade::Holds(share_wide(2 * units - used, 2 * units)))
    } else {
        None
    }
}

impl Percent {
    fn new(plan: &WithinPlan, number: Number) -> Result<Self> {
        let decimal = number.decimal().normalize();
        let part = u128::try_from(decimal.mantissa()).map_err(|_| negative(plan, number))?;
        // At most 28 + 2 digits.
        let whole = 100 * 10_u128.pow(decimal.scale());
        let common = greatest_common_divisor(part, whole);
        Ok(Self { part: part / common, whole: whole / common })
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

fn absolute_units(plan: &WithinPlan, number: Number, scale: u8) -> Result<u128> {
    let units = number.units(scale).ok_or_else(|| {
        Error::spec(Mistake::new(
            "tolerance_too_fine",
            plan.path.clone(),
            number.to_string(),
            format!("a tolerance with at most {scale} digits after the point, as the amounts have"),
        ))
    })?;
    u128::try_from(units).map_err(|_| negative(plan, number))
}

fn negative(plan: &WithinPlan, number: Number) -> Error {
    let expected = "a tolerance of zero or more";
    Error::spec(Mistake::new("bad_value", plan.path.clone(), number.to_string(), expected))
}

fn wide(value: u128) -> i256 {
    i256::from_parts(value, 0)
}

/// 1 − used / (2 × units) in millionths, to the nearest, halves up.
fn half_share(used: i256, units: i256) -> Millionths {
    let whole = units.wrapping_add(units);
    let left = whole.wrapping_sub(used).wrapping_mul(wide(2 * u128::from(ONE))).wrapping_add(whole);
    let rounded = left.checked_div(whole.wrapping_add(whole)).and_then(i256::to_i128);
    rounded.and_then(|value| Millionths::try_from(value).ok()).map_or(ONE, |value| value.min(ONE))
}

#[cfg(test)]
mod tests;
