//! Measurements: what the benches and the peers share.

pub mod assignment;
