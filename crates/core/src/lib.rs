//! The engine of recon378: it decides which records of two sources belong together and accounts, to the last
//! unit, for every difference that is left.
//!
//! Data flows one way: spec → plan → columns → candidates → compare → resolve → breaks → outcome, a folder each.
//! The crate is pure: no I/O, no async, no clock, no randomness, no threads that outlive a call.

pub mod breaks;
mod bundles;
pub mod candidates;
pub mod carry;
pub mod columns;
pub mod compare;
pub mod control;
pub mod decisions;
pub mod diff;
pub mod engine;
pub mod error;
pub mod explain;
mod fineness;
mod kernel;
pub mod limits;
pub mod money;
pub mod outcome;
pub mod plan;
pub mod resolve;
pub mod spec;
pub mod survey;
pub mod tables;
pub mod versions;

pub use control::{Cancel, Control, Memory, Progress, Stage};
pub use error::{Error, ErrorKind, Result};
pub use limits::Limits;
pub use money::Number;
pub use plan::Side;
pub use spec::Spec;
