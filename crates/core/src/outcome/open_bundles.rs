//! The records that a run left open, as a pass takes them as one: what a shortfall between sums is told from.

use super::found::{Break, Found, Reason, Requirement};
use super::gather::record_name;
use crate::breaks::{self, Shortfall};
use crate::bundles::{Bundled, Members};
use crate::columns::{Canon, Columns, NO_ROW, Row};
use crate::compare::{Comparison, Every};
use crate::control::Control;
use crate::plan::{PassPlan, Plan, Side};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The bundles of one pass.
#[derive(Clone)]
pub(super) struct OpenBundles {
    columns: Columns,
    members: Members,
    /// The bundle of each record, by side.
    places: [Vec<Row>; 2],
    /// The records by which bundles fail what is asked of every record: many breaks ask for the same.
    farthest: Arc<Mutex<Farthest>>,
}

/// By requirement and bundles.
type Farthest = BTreeMap<(Requirement, Row, Row), Vec<(Row, Row)>>;

impl OpenBundles {
    /// By pass; `None` where a pass takes no records as one.
    pub(super) fn all(plan: &Plan, columns: &Columns, found: &Found) -> Vec<Option<Self>> {
        let rows = Side::BOTH.map(|side| -> Vec<Row> {
            let is_record =
                |open: &&Break| !matches!(open.reason, Reason::Unreadable | Reason::PartlyAllocated);
            let open = found.breaks[side.index()].iter().filter(is_record);
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
        Some(Self {
            columns: bundled.columns(columns.scale),
            members: bundled.members,
            places,
            farthest: Arc::default(),
        })
    }

    /// What the bundles of two records lack of a requirement.
    pub(super) fn shortfall(
        &self,
        (plan, records): (&Plan, &Columns),
        requirement: (u16, Requirement),
        (left, right): (Row, Row),
    ) -> Option<Shortfall> {
        let place = |side: usize, row: Row| self.places[side].get(row as usize).copied();
        let bundles = (place(0, left)?, place(1, right)?);
        if bundles.0 == NO_ROW || bundles.1 == NO_ROW {
            return None;
        }
        match self.every(plan, records, requirement) {
            None => breaks::shortfall(plan, &self.columns, requirement, bundles),
            Some(every) => {
                let farthest = self.farthest(&every, (plan, records), (requirement.1, bundles.0, bundles.1));
                let told = |pair| breaks::shortfall(plan, records, requirement, pair);
                let mut all = farthest.iter().filter_map(|pair| told(*pair));
                let first = all.next()?;
                let short = all.fold(first, Shortfall::with);
                let named = |side: Side, (asked, own): (Row, Row)| {
                    let name = |row| record_name(plan, records, (side, row));
                    (asked != own).then(|| format!("{} as one with {}", name(asked), name(own)))
                };
                let pair = farthest.first()?;
                let named =
                    [named(Side::Left, (pair.0, left)), named(Side::Right, (pair.1, right))].into_iter();
                let named: Vec<String> = named.flatten().collect();
                Some(if named.is_empty() { short } else { short.of(&named.join(" and ")) })
            }
        }
    }

    /// The records that are farthest from satisfying a condition, in canonical order where several are as far.
    fn farthest(
        &self,
        every: &Every,
        (plan, records): (&Plan, &Columns),
        key: (Requirement, Row, Row),
    ) -> Vec<(Row, Row)> {
        if let Some(known) = self.farthest.lock().ok().and_then(|known| known.get(&key).cloned()) {
            return known;
        }
        let canon = Side::BOTH.map(|side| Canon::new(plan, records.side(side)));
        let found = every.farthest_failing(key.1, key.2, |one, other| {
            canon[0].order(one.0, other.0).then_with(|| canon[1].order(one.1, other.1))
        });
        if let Ok(mut known) = self.farthest.lock() {
            known.insert(key, found.clone());
        }
        found
    }

    /// The condition, where it is asked of every record and not of what stands for them.
    fn every(
        &self,
        plan: &Plan,
        records: &Columns,
        (pass, requirement): (u16, Requirement),
    ) -> Option<Every> {
        let pass = plan.passes.get(usize::from(pass))?;
        let Requirement::Condition(at) = requirement else { return None };
        let asked = pass.bundles().is_some_and(|bundles| bundles.asks_every(usize::from(at)));
        let condition = pass.conditions.get(usize::from(at)).filter(|_| asked)?;
        let [left, right] = Side::BOTH.map(|side| records.side(side));
        let inner = Comparison::bind(condition, left, right, records.scale).ok()?;
        Some(Every::new(inner, self.members.clone(), condition.required))
    }
}
