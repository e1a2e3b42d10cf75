//! Which pairs are looked at at all: blocks by equality, then one ordered or text condition inside a block.
//!
//! Nothing here is a nested loop over two sources, and nothing here decides: a candidate is only what the
//! conditions are then asked about.

pub mod blocks;
pub mod classes;
pub mod edges;
pub mod limiter;
pub mod neighbours;
pub mod occurs;
pub mod shared;
pub mod text;
