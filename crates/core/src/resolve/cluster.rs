//! Passes that put near records of the only source together: duplicates of one thing.
//!
//! Two records are near when they are a candidate pair, and a cluster is a connected component of such pairs: what is
//! called single linkage, as in Sneath and Sokal, *Numerical Taxonomy* (1973). Its score is that of the weakest pair that
//! is needed to hold it together: the least of a maximum spanning tree, by Kruskal (1956). Nothing competes here, so
//! nothing is ambiguous.

use super::one_to_one::{PassContext, limited, rejected};
use crate::candidates::blocks;
use crate::candidates::classes::Classes;
use crate::candidates::edges::Candidates;
use crate::columns::{Row, SideColumns, row_of};
use crate::control::Control;
use crate::decisions::{Decisions, barred_from};
use crate::engine::key_columns;
use crate::error::Result;
use crate::outcome::{Ambiguity, Groups, NO_REGRET, Note, Pair, PassWork, Verdict};
use crate::plan::{Millionths, ONE};
use crate::spec::Status;
use rayon::prelude::*;
use std::cmp::Reverse;

/// What a pass found.
#[derive(Debug, Default)]
pub(crate) struct Clustered {
    /// Clusters of two.
    pub(crate) pairs: Vec<Pair>,
    /// Larger ones.
    pub(crate) groups: Groups,
    pub(crate) notes: Vec<Note>,
    pub(crate) work: PassWork,
}

/// Clusters some records of the only source.
///
/// Cost: one sort of the records by key in partitions that fit the cache; without other conditions that is all. With
/// them every pair that is looked at is compared from both of its records.
///
/// # Errors
/// A memory limit, cancellation.
pub(crate) fn cluster(
    context: &PassContext<'_>,
    source: &SideColumns,
    rows: &[Row],
    decisions: &Decisions,
    control: &Control,
) -> Result<Clustered> {
    let keys = key_columns(context.pass, source, 0);
    let what = format!("joining the keys of pass \"{}\"", context.pass.name);
    let _held = control.memory.reserve(blocks::join_bytes(rows.len(), 0), &what)?;
    let blocks = if keys.columns.is_empty() {
        vec![(rows.to_vec(), vec![row_of(rows.len())])]
    } else {
        keys.number(rows.len(), &control.memory);
        blocks::alike(&keys, rows, &control.cancel)?
    };
    let clustering = Clustering { context, decisions };
    let parts: Vec<Result<Clustered>> =
        blocks.into_par_iter().map(|(rows, ends)| clustering.blocks(rows, &ends)).collect();
    let mut all = Clustered::default();
    for part in parts {
        all.append(part?);
    }
    Ok(all)
}

impl Clustered {
    fn append(&mut self, mut other: Self) {
        self.pairs.append(&mut other.pairs);
        self.groups.append(other.groups);
        self.notes.append(&mut other.notes);
        self.work.merge(&other.work);
    }
}

#[derive(Clone, Copy)]
struct Clustering<'a> {
    context: &'a PassContext<'a>,
    decisions: &'a Decisions,
}

/// Records that belong together, and how far that is known.
struct Cluster {
    members: Vec<Row>,
    /// Of the weakest pair that is needed.
    score: Millionths,
    /// Whether some candidate of a member was cut.
    cut: bool,
}

impl Clustering<'_> {
    /// Clusters blocks that stand one after another, each up to its end.
    fn blocks(&self, mut rows: Vec<Row>, ends: &[u32]) -> Result<Clustered> {
        let mut found = Clustered::default();
        let mut start = 0;
        for end in ends {
            let end = *end as usize;
            if end - start > 1 {
                self.context.check()?;
                found.work.blocks += 1;
                self.block(&mut rows[start..end], &mut found)?;
            }
            start = end;
        }
        Ok(found)
    }

    fn block(&self, rows: &mut [Row], found: &mut Clustered) -> Result<()> {
        // Whoever agrees in the key is near, but for pairs that a person rejected: one record that is in none of those is
        // near all others.
        let barred = self.context.barred[0];
        let is_free = |row: &Row| barred_from(barred, *row).is_empty();
        if self.context.pass.is_of_key_alone() && rows.iter().any(is_free) {
            found.work.components += 1;
            self.tell(Cluster { members: rows.to_vec(), score: ONE, cut: false }, found);
            return Ok(());
        }
        let (classes, candidates) = self.context.candidates(&mut rows.to_vec(), rows)?;
        let classes = &classes[0];
        found.work.comparisons += candidates.comparisons;
        for cluster in components(classes, &candidates, &mut found.work) {
            self.tell(cluster, found);
        }
        self.note_open(classes, &candidates, found);
        Ok(())
    }

    /// Makes a group of a cluster, unless a person rejected exactly that.
    fn tell(&self, cluster: Cluster, found: &mut Clustered) {
        let Cluster { mut members, score, cut } = cluster;
        let pass = self.context.index;
        members.sort_unstable();
        let large = members.len() > self.context.cluster_max();
        let ambiguity = if cut || large { Ambiguity::Limited } else { Ambiguity::Unique };
        let status = if large { Status::Proposed } else { self.context.status_of(score, ambiguity) };
        let verdict = Verdict { score, rivals: 0, regret: NO_REGRET, pass, status, ambiguity };
        found.work.limited += u64::from(ambiguity == Ambiguity::Limited);
        match *members.as_slice() {
            [] | [_] => {}
            [one, other] => found.pairs.push(verdict.pair_within(one, other)),
            [first, second, ..] => {
                if self.decisions.bar(&members, &[]) {
                    let nearest = |row: Row| if row == first { second } else { first };
                    let note = |row: &Row| rejected(*row, nearest(*row), pass, score);
                    found.notes.extend(members.iter().map(note));
                } else {
                    found.groups.push(verdict, &members, &[]);
                }
            }
        }
    }

    /// Why records are in no cluster: a person said so, or their candidates were cut.
    fn note_open(&self, classes: &Classes, candidates: &Candidates, found: &mut Clustered) {
        let pass = self.context.index;
        for best in candidates.best_barred(0) {
            found.notes.push(rejected(classes.first(best.left), classes.first(best.right), pass, best.score));
        }
        for class in candidates.cut_off(0, true) {
            found.notes.extend(classes.members(class).iter().map(|row| limited(*row, pass)));
        }
    }
}

/// The connected components of candidates: classes of one source, each pair from both of its records.
fn components(classes: &Classes, candidates: &Candidates, work: &mut PassWork) -> Vec<Cluster> {
    let count = classes.len();
    // A class that is near anybody: itself, where it has twins, or others.
    let mut near = vec![false; count];
    let mut edges = Vec::with_capacity(candidates.edges.len() / 2);
    for edge in &candidates.edges {
        near[edge.left as usize] |= edge.left != edge.right || classes.count(edge.left) > 1;
        if edge.left < edge.right {
            edges.push((Reverse(edge.score), edge.left, edge.right));
        }
    }
    work.candidates += edges.len() as u64;
    edges.sort_unstable();
    let mut forest = Forest::new(count);
    // Twins come together by their own pair, or by way of the record that is nearest to them all.
    let mut scores: Vec<Millionths> =
        (0..row_of(count)).map(|class| if classes.count(class) > 1 { 0 } else { ONE }).collect();
    for edge in candidates.edges.iter().filter(|edge| classes.count(edge.left) > 1) {
        let score = &mut scores[edge.left as usize];
        *score = (*score).max(edge.score);
    }
    for (Reverse(score), one, other) in edges {
        let roots = [forest.root(one), forest.root(other)];
        if roots[0] != roots[1] {
            let weakest = score.min(scores[roots[0] as usize]).min(scores[roots[1] as usize]);
            scores[forest.join(roots) as usize] = weakest;
        }
    }
    let mut by_root: Vec<(u32, u32)> = (0..row_of(count))
        .filter(|class| near[*class as usize])
        .map(|class| (forest.root(class), class))
        .collect();
    by_root.sort_unstable();
    let clusters = by_root.chunk_by(|a, b| a.0 == b.0).map(|some| {
        let members = some.iter().flat_map(|(_, class)| classes.members(*class)).copied().collect();
        let cut = some.iter().any(|(_, class)| candidates.cut[0][*class as usize]);
        let score = some.first().map_or(ONE, |(root, _)| scores[*root as usize]);
        Cluster { members, score, cut }
    });
    let clusters: Vec<Cluster> = clusters.collect();
    work.components += clusters.len() as u64;
    clusters
}

/// A union-find forest with path halving; the smaller number is the root.
pub(crate) struct Forest(Vec<u32>);

impl Forest {
    /// Every node by itself.
    pub(crate) fn new(nodes: usize) -> Self {
        Self((0..row_of(nodes)).collect())
    }

    /// The root of a node's tree.
    pub(crate) fn root(&mut self, mut node: u32) -> u32 {
        while self.0[node as usize] != node {
            let above = self.0[self.0[node as usize] as usize];
            self.0[node as usize] = above;
            node = above;
        }
        node
    }

    /// Joins two roots and tells the new one.
    pub(crate) fn join(&mut self, [one, other]: [u32; 2]) -> u32 {
        let (root, below) = (one.min(other), one.max(other));
        self.0[below as usize] = root;
        root
    }
}
