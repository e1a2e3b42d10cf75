//! Numbers of a spec that are finer than the amounts of the run: only when the columns are prepared is their scale known,
//! and then all of them are told at once.

use crate::bundles::{Convert, Fees};
use crate::compare::Allowance;
use crate::error::{Error, Mistakes, Result};
use crate::plan::{BundlePlan, ConditionPlan, Plan, TestPlan, WithinPlan};

/// Refuses tolerances, fees and roundings that amounts of this scale can't hold.
///
/// # Errors
/// `tolerance_too_fine`, `fee_too_fine` and `rate_too_fine`, all of them.
pub(crate) fn check(plan: &Plan, scale: u8) -> Result<()> {
    let conditions = |conditions: &[ConditionPlan]| -> Vec<Result<()>> {
        let tolerances = conditions.iter().flat_map(tolerances);
        tolerances.map(|within| Allowance::new(&within, scale).map(drop)).collect()
    };
    let terms = |bundles: &BundlePlan| -> Vec<Result<()>> {
        let fees = bundles.fees.iter().map(|fee| Fees::fits(fee, scale));
        let converts = bundles.convert.iter().map(|convert| Convert::finer(convert, scale).map(drop));
        fees.chain(converts).collect()
    };
    let passes = plan.passes.iter().flat_map(|pass| {
        let terms = pass.bundles().map(terms).unwrap_or_default();
        conditions(&pass.conditions).into_iter().chain(terms)
    });
    let mut found = Vec::new();
    for asked in passes.chain(conditions(&plan.compare)) {
        match asked {
            Err(Error::Spec(Mistakes(mistakes))) => found.extend(mistakes),
            other => other?,
        }
    }
    if found.is_empty() { Ok(()) } else { Err(Error::Spec(Mistakes(found))) }
}

/// The tolerances of a condition, those of levels and of payments among them, each by itself.
fn tolerances(condition: &ConditionPlan) -> impl Iterator<Item = WithinPlan> {
    let withins = condition.test.single().filter_map(|test| match test {
        TestPlan::Within(within) => Some(within),
        _ => None,
    });
    withins.flat_map(|within| {
        let beyond = within.payment.iter().flat_map(|payment| payment.tolerances());
        std::iter::once(WithinPlan { payment: None, ..within.clone() }).chain(beyond.cloned())
    })
}
