//! Third tables: what stands beside the two sources and belongs to neither, such as the lines of remittance advices.
//!
//! They are known before the plan is made, records and all: a spec is resolved against their columns as it is against
//! those of the sources, and the columns that look something up read their records.

use crate::control::Reservation;
use crate::error::{DataError, Result};
use crate::plan::SourcePlan;
use crate::spec::ReadSpec;
use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Third tables by name. A clone shares their records.
///
/// ```
/// # use recon378_core::{Spec, plan, spec::ReadSpec, tables::Tables};
/// # use arrow_array::record_batch;
/// let bank = record_batch!(("payment", Utf8, ["P1"]))?;
/// let invoices = record_batch!(("invoice", Utf8, ["INV-1"]))?;
/// let lines = record_batch!(("payment", Utf8, ["P1", "P1"]), ("invoice", Utf8, ["INV-1", "INV-2"]))?;
/// let mut tables = Tables::default();
/// tables.add("remittance", vec![lines], &ReadSpec::default(), Vec::new())?;
/// let spec: Spec = r#"
///     [fields.invoice]
///     left = { column = "payment", lookup = { table = "remittance", key = "payment", column = "invoice" } }
///     right = "invoice"
///     [[pass]]
///     on = ["invoice"]
/// "#.parse()?;
/// let plan = plan::resolve_with(&spec, &bank.schema(), &invoices.schema(), &tables)?;
/// assert_eq!(plan.fields[0].many, [true, false]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Tables(BTreeMap<String, Arc<Table>>);

/// A third table.
#[derive(Debug)]
pub struct Table {
    pub(crate) batches: Vec<RecordBatch>,
    pub(crate) rules: SourcePlan,
    schema: SchemaRef,
    /// What its records take from a memory limit.
    _held: Vec<Reservation>,
}

impl Table {
    /// Its columns.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }
}

impl Tables {
    /// Adds a table: its records, at least one batch, which may be empty; how its cells are written; and what it takes
    /// from a memory limit, which is given back with the last clone.
    ///
    /// # Errors
    /// `no_batches`: without one, nobody knows the columns.
    pub fn add(
        &mut self,
        name: &str,
        batches: Vec<RecordBatch>,
        read: &ReadSpec,
        held: Vec<Reservation>,
    ) -> Result<()> {
        let Some(first) = batches.first() else {
            let hint = "Hand over at least one batch; an empty one still tells the columns";
            return Err(DataError::new("no_batches", name, "there is no batch", hint).into());
        };
        let schema = first.schema();
        let rules = SourcePlan { read: read.clone(), ..SourcePlan::default() };
        self.0.insert(name.to_owned(), Arc::new(Table { batches, rules, schema, _held: held }));
        Ok(())
    }

    /// A table by its name.
    pub(crate) fn get(&self, name: &str) -> Option<&Table> {
        self.0.get(name).map(AsRef::as_ref)
    }

    /// Their names, ascending.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
