//! What a run brings along from the last one: open items, and the balances it has to prove.

use crate::batches::Batches;
use crate::error::Result;
use crate::reconciler::Reconciler;
use arrow_array::RecordBatch;
use recon378_core::carry::OpenItems;
use recon378_core::control::Reservation;
use recon378_core::outcome::Balances;
use recon378_core::outcome::manifest::BroughtRecord;
use recon378_core::plan::Plan;
use recon378_core::spec::BalancesSpec;
use std::sync::Arc;

/// Both, resolved against the plan.
pub(crate) struct Brought {
    pub(crate) open_items: Option<OpenItems>,
    pub(crate) balances: Option<Balances>,
    /// What the tables that were read from files take from the memory limit.
    pub(crate) held: Vec<Reservation>,
}

/// Tables that a host handed in.
#[derive(Debug, Clone, Default)]
pub(crate) struct InMemory {
    open_items: Option<Arc<Vec<RecordBatch>>>,
    balances: Option<Arc<Vec<RecordBatch>>>,
}

impl Reconciler {
    /// Carries these open items into the run: the table `open_items` of an earlier outcome. Takes the place of the
    /// spec's `open_items`.
    ///
    /// Records enter behind those of their source, as they were prepared then. Those that match leave the list; the
    /// others keep the day they were first seen open.
    ///
    /// ```
    /// use arrow_array::record_batch;
    /// use recon378::{Reconciler, Spec};
    ///
    /// let january = record_batch!(("id", Utf8, ["b1"]), ("reference", Utf8, ["INV-1"]), ("amount", Utf8, ["9.50"]))?;
    /// let february = record_batch!(("id", Utf8, ["l1"]), ("reference", Utf8, ["INV-1"]), ("amount", Utf8, ["9.50"]))?;
    /// let reconciler = Reconciler::new(Spec::short(&["reference", "amount"])?);
    /// let first = reconciler.run(&january, &january.slice(0, 0))?;
    /// let second = reconciler.open_items(&first.open_items()?).run(&january.slice(0, 0), &february)?;
    /// assert_eq!(second.summary().matched(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_items<B: Batches + ?Sized>(mut self, table: &B) -> Self {
        self.in_memory.open_items = Some(Arc::new(table.batches().to_vec()));
        self
    }

    /// Proves these balances: a column per field of the tie-out's cells, and `left_opening`, `left_closing`,
    /// `right_opening`, `right_closing`, as far as they are known. Takes the place of the spec's `balances`.
    ///
    /// The outcome then has a statement per cell: [`Outcome::statement_text`](crate::Outcome::statement_text). A proof
    /// that is not zero is a result, not an error.
    pub fn balances<B: Batches + ?Sized>(mut self, table: &B) -> Self {
        self.in_memory.balances = Some(Arc::new(table.batches().to_vec()));
        self
    }

    /// Reads what the run brings along. Mistakes in it are found before any record is matched.
    pub(crate) fn brought(&self, plan: &Plan) -> Result<Brought> {
        let mut held = Vec::new();
        let open_items = match (&self.in_memory.open_items, self.spec.open_items.as_slice()) {
            (Some(batches), _) => Some(OpenItems::new(plan, batches.to_vec())?),
            (None, []) => None,
            (None, paths) => Some(OpenItems::new(plan, self.table(paths, &mut held)?)?),
        };
        let balances = match (&self.in_memory.balances, &self.spec.balances) {
            (Some(batches), _) => Some(Balances::read(plan, batches, &self.control)?),
            (None, None) => None,
            (None, Some(BalancesSpec::Inline(cells))) => Some(Balances::inline(plan, cells, &self.control)?),
            (None, Some(BalancesSpec::Paths(paths))) => {
                Some(Balances::read(plan, &self.table(paths, &mut held)?, &self.control)?)
            }
        };
        Ok(Brought { open_items, balances, held })
    }

    /// What a manifest says of the tables that are brought along.
    pub(crate) fn brought_records(&self) -> Vec<BroughtRecord> {
        let balances = match &self.spec.balances {
            Some(BalancesSpec::Paths(paths)) => paths.as_slice(),
            _ => &[],
        };
        let tables = [
            ("open_items", self.in_memory.open_items.is_some(), self.spec.open_items.as_slice()),
            ("balances", self.in_memory.balances.is_some(), balances),
        ];
        let brought = tables.into_iter().filter(|(_, in_memory, files)| *in_memory || !files.is_empty());
        let record = |(table, in_memory, files): (&'static str, bool, &[String])| BroughtRecord {
            table,
            files: if in_memory { Vec::new() } else { files.to_vec() },
            content_hash: None,
        };
        brought.map(record).collect()
    }

    /// The cells of a table that is brought along, for a hash of them.
    #[cfg(feature = "io")]
    pub(crate) fn brought_batches(&self, record: &BroughtRecord) -> Result<Vec<RecordBatch>> {
        let in_memory = match record.table {
            "open_items" => &self.in_memory.open_items,
            _ => &self.in_memory.balances,
        };
        match in_memory {
            Some(batches) => Ok(batches.to_vec()),
            None => self.table(&record.files, &mut Vec::new()),
        }
    }

    #[cfg(feature = "io")]
    fn table(&self, paths: &[String], held: &mut Vec<Reservation>) -> Result<Vec<RecordBatch>> {
        let paths: Vec<_> = paths.iter().map(|path| self.base.join(path)).collect();
        let batches =
            recon378_io::read(&paths, &recon378_core::spec::ReadSpec::default(), &self.control.cancel)?;
        for batch in &batches {
            let bytes = u64::try_from(batch.get_array_memory_size()).unwrap_or(u64::MAX);
            held.push(self.control.memory.reserve(bytes, "reading the files")?);
        }
        Ok(batches)
    }

    #[cfg(not(feature = "io"))]
    fn table(&self, paths: &[String], _held: &mut Vec<Reservation>) -> Result<Vec<RecordBatch>> {
        let given = format!("\"{}\"", paths.join("\", \""));
        let expected = "tables in memory: this build reads no files";
        Err(recon378_core::Error::spec(recon378_core::error::Mistake::new(
            "bad_value",
            "open_items",
            given,
            expected,
        ))
        .into())
    }
}
