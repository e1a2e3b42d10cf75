//! The records that a run left open, as a pass takes them as one: what a shortfall between sums is told from.

use super::found::{Found, Reason, Requirement};
use crate::breaks::{self, Shortfall};
use crate::bundles::Bundled;
use crate::columns::{Columns, NO_ROW, Row};
use crate::control::Control;
use crate::plan::{PassPlan, Plan, Side};

/// The bundles of one pass.
#[derive(Clone)]
pub(super) struct OpenBundles {
    columns: Columns,
    /// The bundle of each record, by side.
    places: [Vec<Row>; 2],
}

impl OpenBundles {
    /// By pass; `None` where a pass takes no records as one.
    pub(super) fn all(plan: &Plan, columns: &Columns, found: &Found) -> Vec<Option<Self>> {
        let rows = Side::BOTH.map(|side| -> Vec<Row> {
            let open = found.breaks[side.index()].iter().filter(|open| open.reason != Reason::Unreadable);
            let mut rows: Vec<Row> = open.map(|open| open.row).collect();
            rows.sort_unstable();
            rows
        });
        plan.passes.iter().map(|pass| Self::of(plan, pass, columns, [&rows[0], &rows[1]])).collect()
    }

    fn of(plan: &Plan, pass: &PassPlan, columns: &Columns, rows: [&[Row]; 2]) -> Option<Self> {
        pass.bundles()?;
        // The run has formed the same ones, and found room for them.
        let bundled = Bundled::of(plan, pass, columns, rows, &Control::default()).ok()?;
        let places = Side::BOTH.map(|side| bundled.places(side, columns.side(side).rows));
        Some(Self { columns: bundled.columns(columns.scale), places })
    }

    /// What the bundles of two records lack of a requirement.
    pub(super) fn shortfall(
        &self,
        plan: &Plan,
        requirement: (u16, Requirement),
        (left, right): (Row, Row),
    ) -> Option<Shortfall> {
        let place = |side: usize, row: Row| self.places[side].get(row as usize).copied();
        let (left, right) = (place(0, left)?, place(1, right)?);
        let known = left != NO_ROW && right != NO_ROW;
        known.then(|| breaks::shortfall(plan, &self.columns, requirement, (left, right))).flatten()
    }
}
