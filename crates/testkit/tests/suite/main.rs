//! The promises of the engine, held on generated sources and specs, and the cases of `corpus/`.

mod corpus;
mod differential;
mod properties;
