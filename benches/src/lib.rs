//! Measurements of recon378: what is measured, shared by criterion's benches and by the programs that print tables.

pub mod assignment;
pub mod meter;
pub mod versions;
pub mod work;
