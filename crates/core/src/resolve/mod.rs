//! Which candidates become groups: optimal assignment per connected component, its ties and its regrets.

mod problem;

pub use problem::*;
