//! Numbers of a spec that are finer than the amounts of the run: only when the columns are prepared is their scale known,
//! and then all of them are told at once.

use crate::bundles::Fees;
use crate::columns::Columns;
use crate::compare::Allowance;
use crate::error::{Error, Mistakes, Result};
use crate::plan::{ConditionPlan, PassPlan, Plan, TestPlan, WithinPlan};

/// Refuses tolerances, limits and fees that the amounts can't hold.
///
/// # Errors
/// `tolerance_too_fine` and `fee_too_fine`, all of them.
pub(crate) fn check(plan: &Plan, columns: &Columns) -> Result<()> {
    let mut found = Vec::new();
    let mut ask = |asked: Result<()>| match asked {
        Err(Error::Spec(Mistakes(mistakes))) => {
            found.extend(mistakes);
            Ok(())
        }
        other => other,
    };
    for pass in &plan.passes {
        for within in pass.conditions.iter().flat_map(tolerances) {
            ask(Allowance::new(&within, columns.scale).map(drop))?;
        }
        ask(fees(pass, columns.scale))?;
    }
    for within in plan.compare.iter().flat_map(tolerances) {
        ask(Allowance::new(&within, columns.scale).map(drop))?;
    }
    if found.is_empty() { Ok(()) } else { Err(Error::Spec(Mistakes(found))) }
}

fn fees(pass: &PassPlan, scale: u8) -> Result<()> {
    Fees::bind(pass, scale).map(drop)
}

/// The tolerances of a condition, those of levels and limits of payments among them, each by itself.
fn tolerances(condition: &ConditionPlan) -> impl Iterator<Item = WithinPlan> {
    let withins = condition.test.single().filter_map(|test| match test {
        TestPlan::Within(within) => Some(within),
        _ => None,
    });
    withins.flat_map(|within| {
        let limits = within.payment.iter().flat_map(|payment| payment.limits());
        std::iter::once(WithinPlan { payment: None, ..within.clone() }).chain(limits.cloned())
    })
}
