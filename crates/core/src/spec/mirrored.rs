//! The same request seen from the other side.

use super::{BalancesSpec, Cardinality, DecisionSpec, DecisionsSpec, FieldSpec};
use super::{Condition, DayRange, Direction, GroupBy, PassSpec, Spec, Test, Tolerance};
use crate::plan::Side;
use std::collections::BTreeMap;

impl Spec {
    /// The request with its sources swapped: a run of it over swapped sources finds the same groups and breaks,
    /// with the sign of every variance turned. Mirroring twice gives the spec back.
    ///
    /// Tables that are named stay as they are: open items and balances in files name their sides themselves, and third
    /// tables have none.
    ///
    /// In a `same_side` pass left and right of a condition mean the positive and the negative record, so its
    /// conditions stay as they are. A default that is not the same from both sides is refused beside such a
    /// pass. A spec of one source is its own mirror image.
    ///
    /// ```
    /// use recon378_core::Spec;
    /// let spec: Spec = r#"
    ///     fields.date = ["booked", "posted"]
    ///     [[pass]]
    ///     on = ["reference", { field = "date", days = [0, 5] }]
    /// "#.parse()?;
    /// assert!(spec.mirrored().to_toml().contains("days = [-5, 0]"));
    /// assert_eq!(spec.mirrored().mirrored(), spec);
    /// # Ok::<(), recon378_core::Error>(())
    /// ```
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let mut spec = self.clone();
        if spec.one_source {
            return spec;
        }
        // Nobody wrote the mirror image.
        spec.places = super::Places::default();
        std::mem::swap(&mut spec.left, &mut spec.right);
        for field in spec.fields.values_mut() {
            let FieldSpec { left, right, .. } = field;
            std::mem::swap(left, right);
        }
        spec.defaults.iter_mut().for_each(mirror_condition);
        spec.passes.iter_mut().for_each(mirror_pass);
        spec.compare.iter_mut().for_each(mirror_condition);
        mirror_decisions(&mut spec.decisions);
        if let Some(BalancesSpec::Inline(cells)) = &mut spec.balances {
            cells.iter_mut().for_each(mirror_balances);
        }
        spec
    }
}

/// Names of sources in a file's column `side` go along with the sources; `left` and `right` don't.
fn mirror_decisions(decisions: &mut DecisionsSpec) {
    match decisions {
        DecisionsSpec::Listed(all) => {
            for DecisionSpec { left, right, .. } in all {
                std::mem::swap(left, right);
            }
        }
        DecisionsSpec::Files { swapped, .. } => *swapped = !*swapped,
    }
}

/// Only what a spec itself holds can be mirrored: tables of balances and open items name their sides.
fn mirror_balances(cell: &mut BTreeMap<String, String>) {
    for (left, right) in [("left_opening", "right_opening"), ("left_closing", "right_closing")] {
        let (one, other) = (cell.remove(left), cell.remove(right));
        cell.extend(one.map(|value| (right.to_owned(), value)));
        cell.extend(other.map(|value| (left.to_owned(), value)));
    }
}

fn mirror_pass(pass: &mut PassSpec) {
    if matches!(pass.cardinality, Cardinality::SameSide | Cardinality::Cluster) {
        return;
    }
    pass.cardinality = pass.cardinality.mirrored();
    pass.on.iter_mut().for_each(mirror_condition);
    if let Some(GroupBy { left, right }) = &mut pass.group_by {
        std::mem::swap(left, right);
    }
    if let Some(sum) = &mut pass.sum {
        if let Some((left, right)) = &mut sum.fields {
            std::mem::swap(left, right);
        }
        mirror_tolerance(&mut sum.within);
        if let Some(convert) = &mut sum.convert {
            convert.side = convert.side.map(Side::other);
        }
        sum.paid = sum.paid.map(Side::other);
        for fee in &mut sum.fee {
            // Without a side it is that which has many, else left: right in the mirror.
            let many = [Side::Left, Side::Right].map(|side| pass.cardinality.has_many(side));
            fee.side = match (fee.side, many) {
                (Some(side), _) => Some(side.other()),
                (None, [true, false] | [false, true]) => None,
                (None, _) => Some(Side::Right),
            };
        }
    }
}

fn mirror_condition(condition: &mut Condition) {
    std::mem::swap(&mut condition.left, &mut condition.right);
    mirror_test(&mut condition.test);
}

fn mirror_test(test: &mut Test) {
    match test {
        Test::Within(tolerance, _) => mirror_tolerance(tolerance),
        Test::Days(range) | Test::BusinessDays(range, _) => *range = mirrored_days(*range),
        Test::Occurs(occurs) => {
            occurs.direction = match occurs.direction {
                Direction::RightInLeft => Direction::LeftInRight,
                Direction::LeftInRight => Direction::RightInLeft,
                Direction::Either => Direction::Either,
            }
        }
        Test::Levels(levels) => levels.levels.iter_mut().for_each(|level| mirror_test(&mut level.test)),
        Test::Equals | Test::Similar(..) | Test::Slip(_) => {}
    }
}

fn mirror_tolerance(tolerance: &mut Tolerance) {
    tolerance.of = tolerance.of.map(Side::other);
}

fn mirrored_days(range: DayRange) -> DayRange {
    DayRange { from: range.to.saturating_neg(), to: range.from.saturating_neg() }
}

impl Condition {
    /// Whether the condition tells left from right: its mirror image is another condition.
    #[must_use]
    pub fn is_directed(&self) -> bool {
        let mut mirrored = self.clone();
        mirror_condition(&mut mirrored);
        mirrored != *self
    }
}
