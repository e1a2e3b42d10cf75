//! The Python package's native part. It holds no logic: it converts, releases the interpreter lock, calls one function
//! of the library, converts back and maps the error. What a user sees is the Python beside it, in `recon378/`.

mod compare;
mod diff;
mod error;
mod outcome;
mod run;
mod spec;
mod table;

/// The native part of `recon378`; import the package instead.
#[pyo3::pymodule]
mod _recon378 {
    #[pymodule_export]
    use super::compare::{Comparison, compare};
    #[pymodule_export]
    use super::diff::{Diff, diff};
    #[pymodule_export]
    use super::outcome::Outcome;
    #[pymodule_export]
    use super::run::{Run, program};
    #[pymodule_export]
    use super::spec::{canonical, mistakes, schema, to_toml};
    #[pymodule_export]
    use super::table::Table;

    #[pymodule_init]
    fn init(module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
        pyo3::types::PyModuleMethods::add(module, "__version__", env!("CARGO_PKG_VERSION"))
    }
}
