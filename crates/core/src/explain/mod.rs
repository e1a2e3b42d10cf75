//! The full story of a group or a record, on demand: which conditions held and by how much, who else was there, what
//! each lacked or by how much it was worse.
//!
//! Nothing of it is kept by an outcome. It is found again with the engine's own blocks, limiters and scorers, asked
//! only about the records concerned: there is no second implementation of the rules, and there must never be one.

mod alternatives;
mod clustered;
mod decided;
mod fate;
mod find;
mod group;
mod grouped;
mod level;
mod model;
mod nearest;
mod record;
mod scene;
mod terms;
#[cfg(test)]
mod tests;
mod text;
mod verdict;
mod words;
mod world;

pub use model::*;

use crate::control::Cancel;
use crate::error::Result;
use crate::outcome::Outcome;
use crate::plan::{Grouping, Side};
use world::{Member, World};

/// Candidates of a record that are told, per pass; the others are counted.
pub const CANDIDATES_MAX: usize = 10;
/// Pairs of other optimal answers that are told; the others are counted.
pub const ALTERNATIVES_MAX: usize = 10;

impl Outcome {
    /// Tells the full story of a group or a record. Print it, or serialise it.
    ///
    /// The same for every number of threads and cut into batches. Nothing is kept for it and nothing after it.
    ///
    /// Cost: one look at every record per pass that the record took part in, to find who shares its key; inside
    /// that block, what the pass's limiting condition takes to find its candidates. A record without a candidate is
    /// then held against those of the other side that lack at most two requirements. For an ambiguous group its
    /// block is searched as the pass did. Memory: four bytes a record and a few lists of rows.
    ///
    /// # Errors
    /// `unknown_group`, `unknown_record`; `no_ids` for an id where the field is not mapped; `repeated_id`, with the
    /// rows, where several records have the id and no occurrence tells which is meant.
    pub fn explain(&self, subject: &Subject) -> Result<Explanation> {
        self.explain_until(subject, &Cancel::new())
    }

    /// [`explain`](Self::explain) that ends when `cancel` is set.
    ///
    /// # Errors
    /// As [`explain`](Self::explain); cancellation.
    pub fn explain_until(&self, subject: &Subject, cancel: &Cancel) -> Result<Explanation> {
        let world = World::new(self, cancel.clone());
        if let Subject::Group(id) = subject {
            let told = match find::group(self, *id)? {
                Member::Pair(pair) if self.is_cluster(pair.pass) => {
                    clustered::story(&world, pair.verdict(), &[pair.left, pair.right])?
                }
                Member::Grouped(group) if self.is_cluster(group.verdict.pass) => {
                    clustered::story(&world, group.verdict, group.lefts)?
                }
                Member::Pair(pair) => group::story(&world, pair)?,
                Member::Grouped(group) => grouped::story(&world, group)?,
                Member::Decided(decided) => decided::story(&world, decided.group()),
            };
            return Ok(Explanation::Group(Box::new(told)));
        }
        let place = find::record(&world, subject)?;
        let place = place.ok_or_else(|| crate::Error::Internal("a subject of no kind".to_owned()))?;
        Ok(Explanation::Record(Box::new(record::story(&world, place)?)))
    }

    fn is_cluster(&self, pass: u16) -> bool {
        let pass = self.plan().passes.get(usize::from(pass));
        pass.is_some_and(|pass| pass.grouping == Grouping::Cluster)
    }

    /// The side that a person means: a source by its name, or `left` or `right`.
    ///
    /// # Errors
    /// `unknown_source`, with the nearest name.
    pub fn side_named(&self, name: &str) -> Result<Side> {
        find::side(self.plan(), name)
    }
}

impl Explanation {
    /// As JSON, with a line feed at its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        crate::outcome::json(self)
    }
}
