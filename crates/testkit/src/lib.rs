//! What shows that the engine is right: seeded generators whose truth is known, a slow and obvious reference
//! engine, the runner of `corpus/`, and assertions that print what differs. Not published.
//!
//! Nothing here shares code with what it checks, except the measures of likeness of texts.

pub mod corpus;
pub mod corpus_compare;
pub mod diff;
pub mod generate;
pub mod reference;
pub mod run;
