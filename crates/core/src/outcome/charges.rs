//! What passes make of the amounts of their groups before they compare them: fees kept back, currencies converted.

use super::gather::BothSides;
use super::ledger::sign_rule;
use crate::bundles::Terms;
use crate::columns::{Columns, Row};
use crate::compare::{Allowance, Payment};
use crate::error::Result;
use crate::plan::{PassPlan, Plan, Side, VariancePlan};
use crate::spec::Sign;
use arrow_buffer::i256;

/// The terms of every pass.
#[derive(Debug, Clone, Default)]
pub(super) struct Charges {
    /// By pass; `None` where it has none. Empty where no pass has any.
    passes: Vec<Option<Charge>>,
    /// By pass: how much more or less than is due may be paid, of what is tied out.
    payments: Vec<Option<Allowance>>,
}

#[derive(Debug, Clone)]
struct Charge {
    terms: Terms,
    /// Whether the pass compares what is tied out.
    is_tied: bool,
}

impl Charges {
    /// Binds the terms of all passes.
    ///
    /// # Errors
    /// `fee_too_fine`, which the run has told already.
    pub(super) fn of(plan: &Plan, columns: &Columns) -> Result<Self> {
        let tied = plan.tie_out.amount;
        let is_tied = |pass: &PassPlan| {
            let tied = |variance: VariancePlan| Some(variance.left) == tied && Some(variance.right) == tied;
            pass.variance.is_some_and(tied)
        };
        let charge = |pass: &PassPlan| {
            Ok(Terms::bind(pass, columns)?.map(|terms| Charge { terms, is_tied: is_tied(pass) }))
        };
        let payment = |pass: &PassPlan| {
            let within = pass.payable().filter(|_| is_tied(pass));
            within.map(|within| Allowance::new(within, columns.scale)).transpose()
        };
        let passes: Vec<_> = plan.passes.iter().map(charge).collect::<Result<_>>()?;
        let any = passes.iter().any(Option::is_some);
        let payments = plan.passes.iter().map(payment).collect::<Result<_>>()?;
        Ok(Self { passes: if any { passes } else { Vec::new() }, payments })
    }

    /// What the difference of a group's amounts is that only what may be paid less or more allows.
    pub(super) fn payment(&self, pass: u16, (left, right): (i128, i128)) -> Option<Payment> {
        self.payments.get(usize::from(pass))?.as_ref()?.payment(left, right)
    }

    /// Whether any pass has terms.
    pub(super) fn any(&self) -> bool {
        !self.passes.is_empty()
    }

    fn of_pass(&self, pass: u16) -> Option<&Charge> {
        self.passes.get(usize::from(pass))?.as_ref()
    }

    /// Whether a pass compares amounts otherwise than they stand.
    #[inline]
    pub(super) fn has(&self, pass: u16) -> bool {
        self.of_pass(pass).is_some()
    }

    /// Whether a pass keeps back anything of what is tied out, or converts it.
    #[inline]
    pub(super) fn is_tied(&self, pass: u16) -> bool {
        self.of_pass(pass).is_some_and(|charge| charge.is_tied)
    }

    /// Whether a pass keeps back anything of what is tied out.
    pub(super) fn keeps(&self, pass: u16) -> bool {
        self.of_pass(pass).is_some_and(|charge| charge.is_tied && charge.terms.keeps())
    }

    /// Whether a pass turns one currency into another.
    pub(super) fn converts(&self, pass: u16) -> bool {
        self.of_pass(pass).is_some_and(|charge| charge.terms.converts())
    }

    /// The sum of a group's amounts on a side as its pass compares it; `None` where one is not known.
    pub(super) fn sum(
        &self,
        pass: u16,
        side: Side,
        amounts: &(impl Iterator<Item = (Row, Option<i128>)> + Clone),
    ) -> Option<i256> {
        self.of_pass(pass)?.terms.sum(side, amounts)
    }

    /// What is kept back of the tied-out amounts of a group, left and right; nothing where one of a side is not known.
    pub(super) fn kept_of_tied(
        &self,
        pass: u16,
        tied: BothSides<'_>,
        members: &(impl Iterator<Item = (Side, Row)> + Clone),
    ) -> [i256; 2] {
        let Some(charge) = self.of_pass(pass).filter(|charge| charge.is_tied) else { return [i256::ZERO; 2] };
        Side::BOTH.map(|side| {
            let own = members.clone().filter(|(of, _)| *of == side);
            let amounts: Option<Vec<i128>> = own.map(|(of, row)| tied.amount(of, row)).collect();
            amounts.map_or(i256::ZERO, |amounts| charge.terms.kept(side, amounts.into_iter()))
        })
    }
}

/// What fees and the sign rule explain of right − left of two gross sums: both as they stand there.
pub(super) fn explained(sign: Sign, sums: [i256; 2], kept: [i256; 2]) -> (i256, i256) {
    let net = [sums[0].wrapping_sub(kept[0]), sums[1].wrapping_sub(kept[1])];
    (kept[1].wrapping_sub(kept[0]), super::ledger::sign_part(sign, net[0], net[1]))
}

/// The sign rule of every pass, where it is about what is tied out.
pub(super) fn signs(plan: &Plan) -> Vec<Sign> {
    plan.passes.iter().map(|pass| sign_rule(plan, pass)).collect()
}
