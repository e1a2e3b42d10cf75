//! Two versions of a table.

use crate::error::checked;
use crate::run::supervised;
use crate::table::Table;
use pyo3::prelude::*;
use recon378::spec::ReadSpec;
use recon378::{Cancel, Format};
use std::path::PathBuf;

/// What a comparison found.
#[pyclass(frozen, module = "recon378._recon378")]
pub(crate) struct Comparison(recon378::Comparison);

/// Compares two tables; `options` is JSON.
#[pyfunction]
pub(crate) fn compare(
    py: Python<'_>,
    left: &Bound<'_, Table>,
    right: &Bound<'_, Table>,
    options: &str,
    threads: usize,
) -> PyResult<Comparison> {
    let options = checked(py, recon378::compare_options(options))?;
    let (left, right) = (left.get().records(), right.get().records());
    let cancel = Cancel::new();
    let stop = cancel.clone();
    let work = move |_| recon378::compare_with(&left, &right, &options, &stop, threads);
    supervised(py, &cancel, None, work).map(Comparison)
}

/// Reads a file, by its ending.
#[pyfunction]
pub(crate) fn read(py: Python<'_>, path: PathBuf) -> PyResult<Table> {
    let records = py.detach(|| recon378::read(&[path], &ReadSpec::default()));
    checked(py, records).map(Table::of_batches)
}

#[pymethods]
impl Comparison {
    /// A table by its name.
    fn table(&self, py: Python<'_>, name: &str) -> PyResult<Table> {
        let table = self.0.table(name).cloned();
        checked(py, table.map_err(recon378::Error::from)).map(Table::of)
    }

    /// The summary as JSON.
    fn summary(&self) -> String {
        self.0.summary().to_json()
    }

    /// The summary as a person reads it.
    fn summary_text(&self) -> String {
        self.0.summary().to_string()
    }

    /// Writes both tables and the summary into a folder, whole or not at all.
    fn write(&self, py: Python<'_>, folder: PathBuf, format: &str) -> PyResult<()> {
        let format: Format = checked(py, format.parse().map_err(recon378::Error::from))?;
        let cancel = Cancel::new();
        let stop = cancel.clone();
        supervised(py, &cancel, None, move |_| recon378::write_comparison(&self.0, &folder, format, &stop))
    }
}
