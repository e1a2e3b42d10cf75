//! The promises of the engine, held on generated sources and specs, and the cases of `corpus/`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails panics; clippy sees these helpers as production code"
)]

mod carry;
mod causes;
mod corpus;
mod diff;
mod differential;
mod diffs;
mod explain;
mod memory;
mod nearest;
mod properties;
