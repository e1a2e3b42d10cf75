//! Decisions as they were handed over, before anyone looks at the records.

use crate::error::{Mistake, Mistakes};
use crate::plan::Side;
use crate::spec::{DecisionKind, DecisionsSpec, RecordName};

/// Decisions whose records are not found yet, from a spec or from tables.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub(super) all: Vec<GivenDecision>,
}

/// One decision.
#[derive(Debug, Clone)]
pub(super) struct GivenDecision {
    /// Where it stands, for mistakes.
    pub(super) path: String,
    pub(super) label: String,
    pub(super) kind: DecisionKind,
    pub(super) members: Vec<GivenMember>,
}

/// A record it names.
#[derive(Debug, Clone)]
pub(super) struct GivenMember {
    /// Where it stands, for mistakes.
    pub(super) path: String,
    pub(super) side: Side,
    pub(super) name: RecordName,
}

impl Given {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Those that a spec lists; none of a spec that names files, which a host reads.
    #[must_use]
    pub fn from_spec(spec: &DecisionsSpec) -> Self {
        let DecisionsSpec::Listed(listed) = spec else { return Self::default() };
        let all = listed.iter().enumerate().map(|(at, decision)| {
            let path = format!("decisions[{at}]");
            let side = |side: Side, names: &[RecordName]| -> Vec<GivenMember> {
                let member = |(at, name): (usize, &RecordName)| GivenMember {
                    path: format!("{path}.{}[{at}]", side.name()),
                    side,
                    name: name.clone(),
                };
                names.iter().enumerate().map(member).collect()
            };
            let mut members = side(Side::Left, &decision.left);
            members.extend(side(Side::Right, &decision.right));
            let label = decision.label.clone().unwrap_or_else(|| (at + 1).to_string());
            GivenDecision { path, label, kind: decision.kind, members }
        });
        Self { all: all.collect() }
    }
}

/// Mistakes of decisions, all at once.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Mistake>);

/// Mistakes that are listed.
const MISTAKES_MAX: usize = 1_000;

impl Report {
    pub(super) fn push(&mut self, mistake: Mistake) {
        if self.0.len() < MISTAKES_MAX {
            self.0.push(mistake);
        }
    }

    pub(super) fn refuse(
        &mut self,
        code: &'static str,
        path: &str,
        given: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.push(Mistake::new(code, path, given, expected));
    }

    pub(super) fn finish(self) -> Result<(), Mistakes> {
        if self.0.is_empty() { Ok(()) } else { Err(Mistakes(self.0)) }
    }
}
