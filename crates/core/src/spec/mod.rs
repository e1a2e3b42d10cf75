//! The request as data: what a host asks for, before any data is seen.
//!
//! JSON is canonical; TOML and the builder produce the same. A spec is decoded from a generic tree, so that all
//! mistakes are reported at once, each with its path, what was given, what was expected and the nearest name.

mod model;

pub use model::*;
