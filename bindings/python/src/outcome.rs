//! An outcome for Python: tables on demand, text and JSON.

use crate::error::checked;
use crate::run::supervised;
use crate::table::Table;
use pyo3::prelude::*;
use recon378::{Cancel, Format, Reconciler};
use std::path::PathBuf;

/// What a run found, with the spec it was run by.
#[pyclass(frozen, module = "recon378._recon378")]
pub(crate) struct Outcome {
    pub(crate) outcome: recon378::Outcome,
    pub(crate) reconciler: Reconciler,
}

#[pymethods]
impl Outcome {
    /// A table by its name.
    fn table(&self, py: Python<'_>, name: &str) -> PyResult<Table> {
        let table = py.detach(|| self.outcome.table(name));
        checked(py, table.map_err(recon378::Error::from)).map(Table::of)
    }

    /// The first rows of a table; the others are not made.
    fn head(&self, py: Python<'_>, name: &str, rows: usize) -> PyResult<Table> {
        let first = py.detach(|| {
            let mut batches = self.outcome.batches(name, rows.max(1))?;
            let first = batches.next().unwrap_or_else(|| self.outcome.empty(name))?;
            Ok(first.slice(0, rows.min(first.num_rows())))
        });
        checked(py, first).map(Table::of)
    }

    /// The summary as JSON.
    fn summary(&self, py: Python<'_>) -> String {
        py.detach(|| self.outcome.summary().to_json())
    }

    /// The summary as a person reads it.
    fn summary_text(&self, py: Python<'_>) -> String {
        py.detach(|| self.outcome.summary().to_string())
    }

    fn digest(&self, py: Python<'_>) -> PyResult<String> {
        checked(py, py.detach(|| self.outcome.digest()).map_err(recon378::Error::from))
    }

    /// The manifest as JSON.
    fn manifest(&self, py: Python<'_>) -> PyResult<String> {
        let manifest = py.detach(|| self.reconciler.manifest(&self.outcome).with_digest(&self.outcome));
        checked(py, manifest.map_err(recon378::Error::from)).map(|manifest| manifest.to_json())
    }

    /// Writes all tables into a folder, whole or not at all.
    fn write(&self, py: Python<'_>, folder: PathBuf, format: &str) -> PyResult<()> {
        let format: Format = checked(py, format.parse().map_err(recon378::Error::from))?;
        let cancel = Cancel::new();
        let stop = cancel.clone();
        supervised(py, &cancel, None, move |_| {
            let manifest = self.reconciler.manifest(&self.outcome).with_digest(&self.outcome)?;
            recon378::write_outcome(&self.outcome, &manifest, &folder, format, &stop)
        })
    }

    /// One line: counts and what ties out.
    fn __str__(&self) -> String {
        self.outcome.to_string()
    }
}
