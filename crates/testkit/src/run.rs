//! From a spec and two tables to what the engine found, stage by stage, so that tests can stand between them.

use crate::generate::{Case, Random};
use arrow_array::RecordBatch;
use recon378_core::carry::OpenItems;
use recon378_core::columns::{self, Columns, Facts};
use recon378_core::decisions::{self, Given};
use recon378_core::outcome::{Found, Outcome};
use recon378_core::plan::{self, Plan, Side};
use recon378_core::spec::DecisionsSpec;
use recon378_core::tables::Tables;
use recon378_core::{Control, Result, Spec, engine};
use std::sync::Arc;

/// A plan and its prepared columns.
#[derive(Debug)]
pub struct Prepared {
    /// The plan.
    pub plan: Plan,
    /// Both sources, prepared.
    pub columns: Columns,
}

/// Resolves and prepares a case, each side in one batch.
///
/// # Errors
/// Those of the plan and of the columns.
pub fn prepare(case: &Case) -> Result<Prepared> {
    let [left, right] = case.batches();
    prepare_batches(&case.spec, [&[left], &[right]])
}

/// Resolves and prepares a spec on batches.
///
/// # Errors
/// Those of the plan and of the columns; a side without a batch.
pub fn prepare_batches(spec: &Spec, sides: [&[RecordBatch]; 2]) -> Result<Prepared> {
    prepare_with(spec, sides, &Brought::default())
}

/// Tables that a spec may name beside its sources; empty: none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Brought<'a> {
    /// What a person decided.
    pub decisions: &'a [RecordBatch],
    /// Open items of an earlier run.
    pub open_items: &'a [RecordBatch],
    /// Third tables.
    pub tables: Option<&'a Tables>,
}

/// The same with open items of an earlier run behind the sources.
///
/// # Errors
/// As [`prepare_with`].
pub fn prepare_carrying(
    spec: &Spec,
    sides: [&[RecordBatch]; 2],
    open_items: &[RecordBatch],
) -> Result<Prepared> {
    prepare_with(spec, sides, &Brought { open_items, ..Brought::default() })
}

/// The same with the tables that the spec names.
///
/// # Errors
/// Those of the plan, of the columns, of the open items and of the decisions; a side without a batch.
pub fn prepare_with(
    spec: &Spec,
    sides: [&[RecordBatch]; 2],
    Brought { decisions: decided, open_items, tables }: &Brought<'_>,
) -> Result<Prepared> {
    let schema = |side: usize| {
        let first = sides[side].first().map(RecordBatch::schema_ref);
        first.ok_or_else(|| recon378_core::Error::Internal("a side without a batch".to_owned()))
    };
    let none = Tables::default();
    let right = schema(usize::from(!spec.one_source))?;
    let mut plan = plan::resolve_with(spec, schema(0)?, right, tables.unwrap_or(&none))?;
    let items = if open_items.is_empty() { None } else { Some(OpenItems::new(&plan, open_items.to_vec())?) };
    let facts = Facts::gather(&plan, Side::Left, sides[0])?
        .merge(Facts::gather(&plan, Side::Right, sides[1])?)?
        .with_scale(items.as_ref().and_then(OpenItems::scale));
    let mut columns = columns::prepare(&plan, &facts, sides, &Control::default())?;
    if let Some(items) = items {
        columns = items.join(&plan, &facts, columns, &Control::default())?;
    }
    let given = match &spec.decisions {
        DecisionsSpec::Files { swapped, .. } => Given::from_batches(&plan, decided, *swapped)?,
        listed @ DecisionsSpec::Listed(_) => Given::from_spec(listed),
    };
    decisions::take(&mut plan, &mut columns, &given)?;
    Ok(Prepared { plan, columns })
}

impl Prepared {
    /// Runs the engine in one piece.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn run(&self) -> Result<Found> {
        engine::run(&self.plan, &self.columns, &Control::default())
    }

    /// Runs the engine and makes the outcome.
    ///
    /// # Errors
    /// Those of the engine and of the outcome's checks.
    pub fn outcome(&self) -> Result<Outcome> {
        Outcome::new(Arc::new(self.plan.clone()), Arc::new(self.columns.clone()), self.run()?)
    }

    /// Runs the engine on partitions, merged in a random order.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn run_in_parts(&self, parts: usize, random: &mut Random) -> Result<Found> {
        let control = Control::default();
        let mut found = Vec::new();
        for rows in engine::partition(&self.plan, &self.columns, parts) {
            found.push(engine::run_part(&self.plan, &self.columns, rows, &control)?);
        }
        random.shuffle(&mut found);
        let mut merged = engine::Partial::default();
        for part in found {
            merged.merge(part);
        }
        engine::finish(&self.plan, &self.columns, merged, &control)
    }
}

/// Cuts a table into batches of at most `rows`, at least one.
#[must_use]
pub fn in_batches(table: &RecordBatch, rows: usize) -> Vec<RecordBatch> {
    let all = table.num_rows();
    if all == 0 {
        return vec![table.clone()];
    }
    (0..all).step_by(rows.max(1)).map(|from| table.slice(from, rows.max(1).min(all - from))).collect()
}
