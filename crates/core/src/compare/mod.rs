//! What each condition says of a candidate: one file per condition, all under one conformance test.

use crate::plan::Millionths;

/// What a condition says of one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// It holds, so well.
    Holds(Millionths),
    /// It fails.
    Fails,
    /// A value is null: a required condition fails, another is left out of the score.
    Null,
}
