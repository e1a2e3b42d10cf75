//! What passes compute on: every field of every record, read once into integers, days and clean text.
//!
//! A column never holds an amount as a float, and a cell that can't be read is never dropped in silence.

mod keys;
mod model;

pub use keys::{Canon, row_of};
pub use model::*;
