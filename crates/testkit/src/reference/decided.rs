//! What persons decided: groups before the first pass, and pairs that no pass makes.

use super::Run;
use recon378_core::columns::Row;
use recon378_core::decisions::Decided;
use recon378_core::outcome::Found;
use recon378_core::plan::Side;
use std::collections::BTreeSet;

/// The records of a group.
type Members = BTreeSet<(Side, Row)>;

fn members(decided: &Decided) -> Members {
    decided.members.iter().filter_map(|member| Some((member.side, member.row?))).collect()
}

impl Run<'_> {
    /// Holds the records of groups that persons made, and checks that the engine made just these.
    pub(super) fn decided(&mut self) {
        let all: Vec<&Decided> = self.columns.decisions.applied().filter(|one| one.kind.makes()).collect();
        let expected: BTreeSet<Members> = all.into_iter().map(members).collect();
        for (side, row) in expected.iter().flatten() {
            self.held[side.index()][*row as usize] = true;
        }
        let Some(found) = self.found else { return };
        if self.columns.decisions.all.is_empty() {
            return;
        }
        let theirs = made(found);
        if theirs != expected {
            self.say(format!("decided: found {theirs:?}, expected {expected:?}"));
        }
    }

    /// Whether a person rejected a pair.
    pub(super) fn is_barred(&self, one: (Side, Row), other: (Side, Row)) -> bool {
        let pair = Members::from([one, other]);
        self.columns.decisions.applied().any(|decided| !decided.kind.makes() && members(decided) == pair)
    }

    /// Whether a person rejected just this group.
    pub(super) fn is_barred_group(&self, lefts: &[Row], rights: &[Row]) -> bool {
        let of = |side: Side, rows: &[Row]| rows.iter().map(move |row| (side, *row)).collect::<Vec<_>>();
        let group: Members = of(Side::Left, lefts).into_iter().chain(of(Side::Right, rights)).collect();
        self.columns.decisions.applied().any(|decided| !decided.kind.makes() && members(decided) == group)
    }

    /// Records that a rejection names are no twins of any.
    pub(super) fn is_distinct(&self, side: Side, row: Row) -> bool {
        let mut rejected = self.columns.decisions.applied().filter(|decided| !decided.kind.makes());
        rejected.any(|decided| members(decided).contains(&(side, row)))
    }
}

/// The groups of the pass of decisions.
fn made(found: &Found) -> BTreeSet<Members> {
    let pairs =
        found.pairs.iter().filter(|pair| pair.pass == 0).map(|pair| pair.members().into_iter().collect());
    let groups = found.groups.iter().filter(|group| group.verdict.pass == 0);
    pairs.chain(groups.map(|group| group.members().collect())).collect()
}
