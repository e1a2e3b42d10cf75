//! What a run found, as Arrow tables, totals that tie out, and figures a person reads.

mod found;

pub use found::*;
