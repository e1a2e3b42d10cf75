//! The library's error as an exception of the package.

use pyo3::prelude::*;

/// The exception for `error`: `recon378._errors` makes it of the error's JSON form.
fn raised(py: Python<'_>, error: &recon378::Error) -> PyErr {
    let made = || {
        let errors = py.import("recon378._errors")?;
        errors.call_method1("error_of", (error.to_json(),))
    };
    match made() {
        Ok(exception) => PyErr::from_value(exception),
        Err(problem) => problem,
    }
}

/// A result of the library as one of Python.
pub(crate) fn checked<T>(py: Python<'_>, result: recon378::Result<T>) -> PyResult<T> {
    result.map_err(|error| raised(py, &error))
}
