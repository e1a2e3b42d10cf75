//! An outcome for Python: tables on demand, text and JSON.

use crate::error::checked;
use crate::run::supervised;
use crate::table::Table;
use pyo3::prelude::*;
use recon378::{Cancel, Format, Manifest, Question, Reconciler};
use std::path::PathBuf;

/// What a run found, with the spec it was run by.
#[pyclass(frozen, module = "recon378._recon378")]
pub(crate) struct Outcome {
    pub(crate) outcome: recon378::Outcome,
    pub(crate) reconciler: Reconciler,
}

impl Outcome {
    /// Does `work` without the interpreter lock, on threads of its own: nothing of it is left behind for a fork.
    fn detached<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&recon378::Outcome) -> recon378::Result<T> + Send,
    ) -> PyResult<T> {
        checked(py, py.detach(|| self.reconciler.on_threads(|| work(&self.outcome))))
    }

    fn manifest_with_digest(&self) -> recon378::Result<Manifest> {
        Ok(self.reconciler.manifest(&self.outcome).with_digest(&self.outcome)?)
    }
}

#[pymethods]
impl Outcome {
    /// A table by its name.
    fn table(&self, py: Python<'_>, name: &str) -> PyResult<Table> {
        self.detached(py, |outcome| Ok(outcome.table(name)?)).map(Table::of)
    }

    /// The first rows of a table; the others are not made.
    fn head(&self, py: Python<'_>, name: &str, rows: usize) -> PyResult<Table> {
        let first = self.detached(py, |outcome| {
            let mut batches = outcome.batches(name, rows.max(1))?;
            let first = batches.next().unwrap_or_else(|| outcome.empty(name))?;
            Ok(first.slice(0, rows.min(first.num_rows())))
        });
        first.map(Table::of)
    }

    /// The summary as JSON.
    fn summary(&self, py: Python<'_>) -> PyResult<String> {
        self.detached(py, |outcome| Ok(outcome.summary().to_json()))
    }

    /// The summary as a person reads it.
    fn summary_text(&self, py: Python<'_>) -> PyResult<String> {
        self.detached(py, |outcome| Ok(outcome.summary().to_string()))
    }

    /// Decisions about groups, as a table that a later run takes.
    #[expect(clippy::needless_pass_by_value, reason = "Python hands over what was made for the call")]
    fn decisions_from(&self, py: Python<'_>, group_ids: Vec<u64>, kind: &str) -> PyResult<Table> {
        self.detached(py, |outcome| Ok(outcome.decisions_from(&group_ids, kind.parse()?)?)).map(Table::of)
    }

    /// The statement as a person reads it; none without balances.
    fn statement_text(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.detached(py, |outcome| Ok(outcome.statement_text(100)))
    }

    /// The story of a group or a record, which `question` (JSON) names: as text, and as JSON.
    fn explain(&self, py: Python<'_>, question: &str) -> PyResult<(String, String)> {
        let cancel = Cancel::new();
        let stop = cancel.clone();
        supervised(py, &cancel, None, move |_| {
            self.reconciler.on_threads(|| {
                let question = Question::from_json(question)?;
                let story = recon378::explain_until(&self.outcome, &question, &stop)?;
                Ok((story.to_string(), story.to_json()))
            })
        })
    }

    fn digest(&self, py: Python<'_>) -> PyResult<String> {
        self.detached(py, |outcome| Ok(outcome.digest()?))
    }

    /// The manifest as JSON.
    fn manifest(&self, py: Python<'_>) -> PyResult<String> {
        self.detached(py, |_| Ok(self.manifest_with_digest()?.to_json()))
    }

    /// Writes all tables into a folder, whole or not at all.
    fn write(&self, py: Python<'_>, folder: PathBuf, format: &str) -> PyResult<()> {
        let format: Format = checked(py, format.parse().map_err(recon378::Error::from))?;
        let cancel = Cancel::new();
        let stop = cancel.clone();
        supervised(py, &cancel, None, move |_| {
            self.reconciler.on_threads(|| {
                let manifest = self.manifest_with_digest()?;
                recon378::write_outcome(&self.outcome, &manifest, &folder, format, &stop)
            })
        })
    }

    /// One line: counts and what ties out.
    fn __str__(&self) -> String {
        self.outcome.to_string()
    }
}
