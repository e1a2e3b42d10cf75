//! Two versions of a table.

use crate::error::checked;
use crate::run::supervised;
use crate::table::Table;
use pyo3::prelude::*;
use recon378::spec::ReadSpec;
use recon378::{Cancel, Comparer, Format, Progress, Version};
use std::path::PathBuf;
use std::sync::Arc;

/// What a comparison found.
#[pyclass(frozen, module = "recon378._recon378")]
pub(crate) struct Comparison(recon378::Comparison);

/// A table of a comparison: records or the path of a file.
#[derive(FromPyObject)]
pub(crate) enum Given<'py> {
    Records(Bound<'py, Table>),
    File(PathBuf),
}

impl From<Given<'_>> for Version {
    fn from(given: Given<'_>) -> Self {
        match given {
            Given::Records(table) => Self::Records(table.get().records()),
            Given::File(path) => Self::File(path),
        }
    }
}

/// Compares two tables; `options` is JSON.
#[pyfunction]
#[pyo3(signature = (sides, options, limits, progress=None))]
pub(crate) fn compare(
    py: Python<'_>,
    sides: [Given<'_>; 2],
    options: &str,
    limits: (Option<usize>, Option<u64>),
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Comparison> {
    let options = checked(py, recon378::compare_options(options))?;
    let (threads, memory_limit) = limits;
    let versions = sides.map(Version::from);
    let cancel = Cancel::new();
    let mut comparer = Comparer::new(options).cancel(cancel.clone()).threads(threads.unwrap_or(0));
    if let Some(bytes) = memory_limit {
        comparer = comparer.memory_limit(bytes);
    }
    let work = move |listener: Option<Arc<dyn Progress>>| {
        let comparer = match listener {
            Some(listener) => comparer.progress(listener),
            None => comparer,
        };
        comparer.run_versions(versions, &ReadSpec::default())
    };
    supervised(py, &cancel, progress, work).map(Comparison)
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
