//! What persons decided about an earlier outcome, as part of the request.

use super::nearest_name;
use crate::error::{Error, Mistake, Result};
use std::collections::BTreeMap;
use std::str::FromStr;

/// The decisions of a spec: written in it, or in tables it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecisionsSpec {
    /// One after the other, in the spec itself.
    Listed(Vec<DecisionSpec>),
    /// In the rows of these files.
    Files {
        /// The files, in order.
        path: Vec<String>,
        /// Whether `left` in the files means the right source: files of a spec that was mirrored.
        swapped: bool,
    },
}

impl Default for DecisionsSpec {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

impl DecisionsSpec {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Listed(decisions) => decisions.is_empty(),
            Self::Files { path, .. } => path.is_empty(),
        }
    }
}

/// What a person says of some records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DecisionKind {
    /// Yes to a group that was proposed.
    Accept,
    /// They are never one group.
    Reject,
    /// They are one group, whatever the passes say.
    Force,
}

impl DecisionKind {
    /// All, in order.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Reject, Self::Force];

    /// As written in specs and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Force => "force",
        }
    }

    /// Whether it makes a group.
    #[must_use]
    pub fn makes(self) -> bool {
        self != Self::Reject
    }
}

impl FromStr for DecisionKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| {
            let nearest = nearest_name(text, Self::ALL.map(Self::name));
            let expected = "one of accept, reject, force";
            Error::spec(Mistake::new("bad_value", "kind", format!("{text:?}"), expected).nearest(nearest))
        })
    }
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionSpec {
    /// What it is called. Default: its place in the list, from 1.
    pub label: Option<String>,
    /// What it says.
    pub kind: DecisionKind,
    /// The left records.
    pub left: Vec<RecordName>,
    /// The right records.
    pub right: Vec<RecordName>,
}

/// Names one record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordName {
    /// Its id, as outcomes show it.
    pub id: Option<String>,
    /// Which of the records with this id, in canonical order, from 1. Needed where the id repeats.
    pub occurrence: Option<u32>,
    /// Its row. Looked at only where there is no id, or it repeats and no occurrence is given.
    pub row: Option<u64>,
    /// Values it had when it was decided, by field, as outcomes show them. Where one differs now, the decision is
    /// stale.
    pub was: BTreeMap<String, String>,
}
