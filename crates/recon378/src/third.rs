//! Third tables of a run: handed over, or in the files that the spec names.

use crate::batches::Batches;
use crate::error::Result;
use crate::reconciler::Reconciler;
use arrow_array::RecordBatch;
use recon378_core::control::Reservation;
use recon378_core::error::{Error as CoreError, Mistake, Mistakes};
use recon378_core::outcome::manifest::BroughtRecord;
#[cfg(feature = "io")]
use recon378_core::outcome::manifest::hash_batches;
use recon378_core::spec::{Ragged, ReadSpec};
use recon378_core::tables::Tables;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What stands before a third table's name where a manifest tells of it.
const PREFIX: &str = "tables.";

/// Where a third table stands.
enum Third<'a> {
    Memory(&'a [RecordBatch]),
    Files(&'a [String]),
    Nowhere,
}

impl Reconciler {
    /// Hands over a third table, which the spec's look-ups name; it takes the place of the one that the spec has a path
    /// for. How its text is written stands in the spec, under `tables`.
    ///
    /// ```
    /// use arrow_array::record_batch;
    /// use recon378::{Reconciler, Spec};
    ///
    /// let bank = record_batch!(("payment", Utf8, ["P1"]))?;
    /// let invoices = record_batch!(("invoice", Utf8, ["INV-7"]))?;
    /// let lines = record_batch!(("payment", Utf8, ["P1", "P1"]), ("invoice", Utf8, ["INV-7", "INV-8"]))?;
    /// let spec: Spec = r#"
    ///     [fields.invoice]
    ///     left = { column = "payment", lookup = { table = "remittance", key = "payment", column = "invoice" } }
    ///     right = "invoice"
    ///     [[pass]]
    ///     on = ["invoice"]
    /// "#.parse()?;
    /// let outcome = Reconciler::new(spec).table("remittance", &lines).run(&bank, &invoices)?;
    /// assert_eq!(outcome.summary().matched(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn table<B: Batches + ?Sized>(mut self, name: &str, table: &B) -> Self {
        self.in_memory.tables.insert(name.to_owned(), Arc::new(table.batches().to_vec()));
        self
    }

    /// All third tables, read. Each counts towards the memory limit as long as it is needed.
    pub(crate) fn third_tables(&self) -> Result<Tables> {
        let mut tables = Tables::default();
        let mut mistakes = Vec::new();
        for name in self.third_names() {
            let rules = self.third_rules(name);
            match self.third(name) {
                Third::Memory(batches) => tables.add(name, batches.to_vec(), &rules, Vec::new())?,
                Third::Files(paths) => {
                    let (batches, held) = self.read_third(name, paths, &rules)?;
                    tables.add(name, batches, &rules, held)?;
                }
                Third::Nowhere => {
                    let expected = "the path of a file, or a table that is handed over under this name";
                    mistakes.push(Mistake::new(
                        "missing",
                        format!("{PREFIX}{name}.path"),
                        "nothing",
                        expected,
                    ));
                }
            }
        }
        if mistakes.is_empty() { Ok(tables) } else { Err(CoreError::Spec(Mistakes(mistakes)).into()) }
    }

    /// What a manifest says of the third tables.
    pub(crate) fn third_records(&self) -> impl Iterator<Item = BroughtRecord> {
        self.third_names().into_iter().map(|name| {
            let files = match self.third(name) {
                Third::Files(paths) => paths.to_vec(),
                Third::Memory(_) | Third::Nowhere => Vec::new(),
            };
            BroughtRecord { table: format!("{PREFIX}{name}"), files, content_hash: None }
        })
    }

    /// The hash of a third table, by the name that a manifest has for it.
    #[cfg(feature = "io")]
    pub(crate) fn third_hash(&self, told: &str) -> Result<Option<String>> {
        let Some(name) = told.strip_prefix(PREFIX) else { return Ok(None) };
        Ok(match self.third(name) {
            Third::Memory(batches) => Some(hash_batches(batches)?),
            Third::Files(paths) => Some(self.hash_files(paths, &self.third_rules(name))?),
            Third::Nowhere => None,
        })
    }

    /// Of the spec and of those handed over, ascending.
    fn third_names(&self) -> BTreeSet<&str> {
        self.spec.tables.keys().chain(self.in_memory.tables.keys()).map(String::as_str).collect()
    }

    /// The files of all third tables.
    #[cfg(feature = "io")]
    pub(crate) fn third_paths(&self) -> impl Iterator<Item = &String> {
        let paths = self.third_names().into_iter().map(|name| match self.third(name) {
            Third::Files(paths) => paths,
            Third::Memory(_) | Third::Nowhere => &[],
        });
        paths.flatten()
    }

    fn third(&self, name: &str) -> Third<'_> {
        match (self.in_memory.tables.get(name), self.spec.tables.get(name)) {
            (Some(batches), _) => Third::Memory(batches),
            (None, Some(table)) if !table.path.is_empty() => Third::Files(&table.path),
            (None, _) => Third::Nowhere,
        }
    }

    /// How a third table is written. A row that can't be cut into cells has no record to be an issue of: it ends the run.
    fn third_rules(&self, name: &str) -> ReadSpec {
        let read = self.spec.tables.get(name).map(|table| table.read.clone()).unwrap_or_default();
        let ragged = if read.ragged == Ragged::Pad { Ragged::Pad } else { Ragged::Error };
        ReadSpec { ragged, ..read }
    }

    #[cfg(feature = "io")]
    fn read_third(
        &self,
        _name: &str,
        paths: &[String],
        rules: &ReadSpec,
    ) -> Result<(Vec<RecordBatch>, Vec<Reservation>)> {
        let paths: Vec<_> = paths.iter().map(|path| self.place(path)).collect();
        let mut reader = recon378_io::open(&paths, rules)?;
        crate::files::all_batches(&self.host.control, &mut reader, |_, _| Ok(()))
    }

    #[cfg(not(feature = "io"))]
    #[expect(clippy::unused_self, reason = "as where files are read")]
    fn read_third(
        &self,
        name: &str,
        paths: &[String],
        _rules: &ReadSpec,
    ) -> Result<(Vec<RecordBatch>, Vec<Reservation>)> {
        let given = format!("\"{}\"", paths.join("\", \""));
        let expected = "tables in memory: this build reads no files";
        let mistake = Mistake::new("bad_value", format!("{PREFIX}{name}.path"), given, expected);
        Err(CoreError::spec(mistake).into())
    }
}
