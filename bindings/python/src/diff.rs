//! Two outcomes beside each other.

use crate::error::checked;
use crate::outcome::Outcome;
use crate::run::supervised;
use crate::table::Table;
use pyo3::prelude::*;
use recon378::{Cancel, DiffInput, Differ, Format};
use std::path::PathBuf;

/// What differs between two outcomes.
#[pyclass(frozen, module = "recon378._recon378")]
pub(crate) struct Diff(recon378::Diff);

/// An outcome in memory, or the path of a folder or a spec.
#[derive(FromPyObject)]
pub(crate) enum Input<'py> {
    Outcome(Bound<'py, Outcome>),
    Path(PathBuf),
}

impl Input<'_> {
    fn borrowed(&self) -> DiffInput<'_> {
        match self {
            Self::Outcome(outcome) => DiffInput::Outcome(&outcome.get().outcome),
            Self::Path(path) => DiffInput::Path(path),
        }
    }
}

/// What differs between two outcomes.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "Python hands over what was made for the call")]
pub(crate) fn diff(py: Python<'_>, old: Input<'_>, new: Input<'_>, threads: usize) -> PyResult<Diff> {
    let (old, new) = (old.borrowed(), new.borrowed());
    let cancel = Cancel::new();
    let differ = Differ::new().cancel(cancel.clone()).threads(threads);
    supervised(py, &cancel, None, move |_| differ.run(old, new)).map(Diff)
}

#[pymethods]
impl Diff {
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

    /// Writes the tables and the summary into a folder, whole or not at all.
    fn write(&self, py: Python<'_>, folder: PathBuf, format: &str) -> PyResult<()> {
        let format: Format = checked(py, format.parse().map_err(recon378::Error::from))?;
        let cancel = Cancel::new();
        let stop = cancel.clone();
        supervised(py, &cancel, None, move |_| recon378::write_diff(&self.0, &folder, format, &stop))
    }
}
