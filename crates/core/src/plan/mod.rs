//! The spec resolved against both schemas: what every later stage reads instead of the spec.
//!
//! All mistakes of a request surface here or in `spec`; a plan that exists can be run.

mod model;

pub use model::*;
