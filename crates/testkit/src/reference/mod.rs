//! The slow, obvious engine: all pairs, all conditions, all optimal answers. Written from `docs/spec/matching.md`
//! alone, so that it and the fast engine can be wrong only in different places.
//!
//! It works on the prepared columns, without keys, sweeps, twin nodes or limits, and is meant for at most a dozen
//! records a side in one component.

mod breaks;
mod bundles;
mod cluster;
mod decided;
mod evidence;
mod grade;
mod lookup;
mod nearest;
mod pass;
mod solve;
mod value;

#[cfg(test)]
mod tests;

use recon378_core::columns::{Columns, Row};
use recon378_core::outcome::{Found, Groups, NO_REGRET, Pair, Reason, Span};
use recon378_core::plan::{Grouping, Millionths, PassPlan, Plan, Side};
use recon378_core::spec::Measure;
use std::collections::{BTreeMap, BTreeSet};
use value::Table;

/// What the reference engine says of a run.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// Pairs, sorted by (span, left row). Among ties and twins the pick is one of several.
    pub pairs: Vec<Pair>,
    /// Groups of more records, likewise.
    pub groups: Groups,
    /// Records that groups take in part: side, record, what is taken of it, and the pass.
    pub parts: Vec<(Side, Row, i128, u16)>,
    /// Open records of each side with their reason and the pass that gave it, ascending by row.
    pub breaks: [Vec<(Row, Reason, Option<u16>)>; 2],
    /// Everything in which the answer that was checked differs; empty when there was none to check.
    pub disagreements: Vec<String>,
}

/// Runs a plan on prepared columns, picking freely among ties.
#[must_use]
pub fn run(plan: &Plan, columns: &Columns) -> Reference {
    Run::new(plan, columns, None).run()
}

/// Checks what an engine found: pass by pass, that its pairs are one of the optimal answers given its earlier
/// picks, with the right status, ambiguity, score, rivals and regret; then its breaks and their reasons.
/// Returns what is wrong, one line each.
#[must_use]
pub fn check(plan: &Plan, columns: &Columns, found: &Found) -> Vec<String> {
    Run::new(plan, columns, Some(found)).run().disagreements
}

/// The measures of likeness are the engine's own: a second implementation of each would only test itself.
fn likeness(measure: Measure, left: &str, right: &str) -> Millionths {
    recon378_core::compare::similarity(measure, left, right)
}

/// Why an open record is open, as far as a pass can tell.
type Notes = [BTreeMap<Row, (Reason, u16)>; 2];

struct Run<'a> {
    plan: &'a Plan,
    columns: &'a Columns,
    table: Table,
    found: Option<&'a Found>,
    /// Per side and record, whether a group holds it.
    held: [Vec<bool>; 2],
    notes: Notes,
    /// Records that `taken` and `ambiguous` both fit, by a pick among ties.
    either: [BTreeSet<Row>; 2],
    result: Reference,
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan, columns: &'a Columns, found: Option<&'a Found>) -> Self {
        let table = Table::read(plan, columns);
        let held = Side::BOTH.map(|side| vec![false; table.rows(side) as usize]);
        Self {
            plan,
            columns,
            table,
            found,
            held,
            notes: Notes::default(),
            either: Default::default(),
            result: Reference::default(),
        }
    }

    fn run(mut self) -> Reference {
        self.decided();
        for pass in 0..self.plan.passes.len() {
            self.pass(pass);
        }
        self.check_groups();
        self.breaks();
        self.result.pairs.sort_by_key(|pair| (pair.span, pair.left, pair.right));
        self.result
    }

    /// Whether the engine made just these groups of more than two; those of persons are looked at elsewhere.
    fn check_groups(&mut self) {
        let Some(found) = self.found else { return };
        let searched = |pass: u16| self.plan.passes.get(usize::from(pass)).is_some_and(PassPlan::searches);
        let mut theirs = bundles::by_members(&found.groups);
        theirs.retain(|_, verdict| searched(verdict.pass));
        let ours = bundles::by_members(&self.result.groups);
        if theirs != ours {
            self.say(format!("groups: found {theirs:?}, expected {ours:?}"));
        }
        let mut theirs: Vec<_> =
            found.parts.iter().map(|part| (part.side, part.row, part.taken, part.pass)).collect();
        let mut ours = self.result.parts.clone();
        theirs.sort_unstable();
        ours.sort_unstable();
        if theirs != ours {
            self.say(format!("parts: found {theirs:?}, expected {ours:?}"));
        }
        // Lookups and clusters make pairs that no component was asked for.
        let looks = |pair: &&Pair| {
            let pass = self.plan.passes.get(usize::from(pair.pass));
            pass.is_some_and(|pass| matches!(pass.grouping, Grouping::Lookup | Grouping::Cluster))
        };
        let mut theirs: Vec<Pair> = found.pairs.iter().filter(looks).copied().collect();
        let mut ours: Vec<Pair> = self.result.pairs.iter().filter(looks).copied().collect();
        theirs.sort_by_key(|pair| (pair.left, pair.right));
        ours.sort_by_key(|pair| (pair.left, pair.right));
        if theirs != ours {
            self.say(format!("looked up or clustered: found {theirs:?}, expected {ours:?}"));
        }
    }

    fn is_open(&self, side: Side, row: Row) -> bool {
        self.columns.side(side).takes_part(row) && !self.held[side.index()][row as usize]
    }

    fn say(&mut self, what: String) {
        self.result.disagreements.push(what);
    }

    fn note(&mut self, side: Side, row: Row, reason: Reason, pass: u16) {
        let note = self.notes[side.index()].entry(row).or_insert((reason, pass));
        if (reason, pass) < *note {
            *note = (reason, pass);
        }
    }
}

/// The sides a span's left and right records are of.
fn sides(span: Span) -> (Side, Side) {
    match span {
        Span::Across => (Side::Left, Side::Right),
        Span::WithinLeft => (Side::Left, Side::Left),
        Span::WithinRight => (Side::Right, Side::Right),
    }
}

/// A pair's identity and verdict, for messages.
fn describe(pair: &Pair) -> String {
    let Pair { left, right, score, rivals, regret, pass, span, status, ambiguity } = *pair;
    let regret = if regret == NO_REGRET { "none".to_owned() } else { regret.to_string() };
    format!(
        "{span:?} {left}-{right} pass {pass} score {score} rivals {rivals} regret {regret} {} {}",
        status.name(),
        ambiguity.name()
    )
}
