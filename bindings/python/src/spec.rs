//! Specs as text: canonical JSON in between, TOML at the edge.

use crate::error::checked;
use pyo3::prelude::*;
use recon378::Spec;

fn parsed(text: &str) -> recon378::Result<Spec> {
    Ok(text.parse()?)
}

/// A spec in TOML or JSON as canonical JSON.
#[pyfunction]
pub(crate) fn canonical(py: Python<'_>, text: &str) -> PyResult<String> {
    checked(py, parsed(text).map(|spec| spec.to_json()))
}

/// A spec in TOML or JSON as TOML.
#[pyfunction]
pub(crate) fn to_toml(py: Python<'_>, text: &str) -> PyResult<String> {
    checked(py, parsed(text).map(|spec| spec.to_toml()))
}

/// The mistakes of a spec as a JSON list; empty when it is right.
#[pyfunction]
pub(crate) fn mistakes(text: &str) -> String {
    let mistakes = parsed(text).err().map(|error| error.mistakes().to_vec()).unwrap_or_default();
    // Strings and numbers always have a JSON form.
    serde_json::to_string(&mistakes).unwrap_or_default()
}

/// The JSON Schema of specs.
#[pyfunction]
pub(crate) fn schema() -> String {
    recon378::spec::json_schema()
}
