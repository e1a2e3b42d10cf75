//! Specs as text: canonical JSON in between, TOML at the edge.

use crate::error::checked;
use pyo3::prelude::*;
use recon378::Spec;

/// A spec that a person wrote, in TOML or JSON, or one that a program put together as JSON.
pub(crate) fn parsed(text: &str, by_program: bool) -> recon378::Result<Spec> {
    Ok(if by_program { Spec::from_program(text)? } else { text.parse()? })
}

/// A spec as canonical JSON.
#[pyfunction]
pub(crate) fn canonical(py: Python<'_>, text: &str, by_program: bool) -> PyResult<String> {
    checked(py, parsed(text, by_program).map(|spec| spec.to_json()))
}

/// A spec as TOML.
#[pyfunction]
pub(crate) fn to_toml(py: Python<'_>, text: &str, by_program: bool) -> PyResult<String> {
    checked(py, parsed(text, by_program).map(|spec| spec.to_toml()))
}

/// The mistakes of a spec as a JSON list; empty when it is right.
#[pyfunction]
pub(crate) fn mistakes(text: &str, by_program: bool) -> String {
    let mistakes = parsed(text, by_program).err().map(|error| error.mistakes().to_vec()).unwrap_or_default();
    // Strings and numbers always have a JSON form.
    serde_json::to_string(&mistakes).unwrap_or_default()
}

/// The JSON Schema of specs.
#[pyfunction]
pub(crate) fn schema() -> String {
    recon378::spec::json_schema()
}
