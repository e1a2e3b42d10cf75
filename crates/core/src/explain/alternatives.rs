//! What other optimal answers make of the members of a tied group.

use super::scene::{Block, Scene};
use crate::candidates::classes::Classes;
use crate::columns::{Row, row_of};
use crate::error::Result;
use crate::outcome::Pair;
use crate::plan::Millionths;
use crate::resolve::{Components, Edge, Problem, Scratch, components, tied_edges};
use std::cmp::Reverse;

/// What is known of the other answers.
#[derive(Debug, Default)]
pub(super) struct Alternatives {
    /// Whether the pair itself is tied: other optimal answers put fewer or more such records together.
    pub(super) tied: bool,
    /// Left and right record and score of the pairs that others make of its members, best first.
    pub(super) pairs: Vec<(Row, Row, Millionths)>,
}

impl Scene<'_> {
    /// The pairs that other optimal answers make of a tied pair's members: first records of their classes, with
    /// their scores. Solves the pair's component again, which costs what the pass spent on its block.
    ///
    /// # Errors
    /// Cancellation.
    pub(super) fn alternatives(&self, pair: &Pair) -> Result<Alternatives> {
        let Block { rows: [mut left, mut right] } = self.block(0, pair.left);
        let (classes, candidates) = self.context.candidates(&mut left, &mut right)?;
        let both = [&classes[0], &classes[1]];
        let edges: Vec<Edge> = candidates
            .edges
            .iter()
            .map(|one| Edge {
                left: one.left,
                right: one.right,
                gain: self.context.gain(one.score),
                variance: one.variance,
                days: one.days,
            })
            .collect();
        let class_of = |side: usize, row: Row| {
            (0..row_of(classes[side].len())).find(|class| classes[side].members(*class).contains(&row))
        };
        let (Some(l), Some(r)) = (class_of(0, pair.left), class_of(1, pair.right)) else {
            return Ok(Alternatives::default());
        };
        let tied = tied_in_component(both, &edges, l)?;
        let edge = |at: &u32| &candidates.edges[*at as usize];
        let is_own = |at: &u32| edge(at).left == l && edge(at).right == r;
        let own = tied.iter().any(is_own);
        let mut others: Vec<_> =
            tied.iter().map(edge).filter(|edge| (edge.left == l) != (edge.right == r)).collect();
        others.sort_by_key(|edge| (Reverse(edge.score), edge.variance, edge.days, edge.left, edge.right));
        let rows = |class: u32, own: u32, of: Row, side: usize| {
            if class == own { of } else { classes[side].first(class) }
        };
        let pairs = others
            .into_iter()
            .map(|edge| (rows(edge.left, l, pair.left, 0), rows(edge.right, r, pair.right, 1), edge.score))
            .collect();
        Ok(Alternatives { tied: own, pairs })
    }
}

/// Positions of the tied edges of the component that a left class is in.
fn tied_in_component(classes: [&Classes; 2], edges: &[Edge], left: u32) -> Result<Vec<u32>> {
    let mut split = Components::default();
    components(row_of(classes[0].len()), row_of(classes[1].len()), edges, &mut split)?;
    let counts = classes.map(|classes| -> Vec<u32> {
        (0..row_of(classes.len())).map(|class| classes.count(class)).collect()
    });
    let Some(component) = split.of_left(left) else { return Ok(Vec::new()) };
    let (mut problem, mut positions) = (Problem::default(), Vec::new());
    split.fill(component as usize, (&counts[0], &counts[1]), edges, &mut problem);
    split.edges_of(component as usize, &mut positions);
    let tied = tied_edges(&problem, &mut Scratch::default())?;
    Ok(positions.into_iter().zip(tied).filter_map(|(at, tied)| tied.then_some(at)).collect())
}
