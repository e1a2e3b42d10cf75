//! Blocks split into components.

use super::{edge, problems, solved, totals};
use crate::resolve::{Components, Edge, Problem, components};
use proptest::prelude::*;

fn split(lefts: u32, rights: u32, edges: &[Edge]) -> Components {
    let mut split = Components::default();
    components(lefts, rights, edges, &mut split).unwrap();
    split
}

/// Whether all edges hang together, by spreading from the first until nothing is added.
fn is_connected(problem: &Problem) -> bool {
    let mut left = vec![false; problem.left_counts.len()];
    let mut right = vec![false; problem.right_counts.len()];
    left[0] = true;
    for _ in 0..left.len() + right.len() {
        for edge in &problem.edges {
            let touched = left[edge.left as usize] || right[edge.right as usize];
            left[edge.left as usize] |= touched;
            right[edge.right as usize] |= touched;
        }
    }
    left.into_iter().chain(right).all(|reached| reached)
}

proptest! {
    #[test]
    fn a_block_is_the_sum_of_its_components(block in problems(12, 2), keep in 1_usize..6) {
        let mut block = block;
        let mut position = 0;
        block.edges.retain(|_| { position += 1; position % keep == 0 });
        let counts = (block.left_counts.as_slice(), block.right_counts.as_slice());
        let nodes = |counts: &[u32]| u32::try_from(counts.len()).unwrap();
        let parts = split(nodes(counts.0), nodes(counts.1), &block.edges);
        let (mut problem, mut positions, mut seen) = (Problem::default(), Vec::new(), Vec::new());
        let mut sums = (0, 0, 0);
        for part in 0..parts.len() {
            parts.fill(part, counts, &block.edges, &mut problem);
            parts.edges_of(part, &mut positions);
            prop_assert!(is_connected(&problem));
            for (&position, local) in positions.iter().zip(&problem.edges) {
                let (left, right) = (parts.lefts(part)[local.left as usize], parts.rights(part)[local.right as usize]);
                prop_assert_eq!(Edge { left, right, ..*local }, block.edges[position as usize]);
                prop_assert_eq!(problem.left_counts[local.left as usize], counts.0[left as usize]);
                prop_assert_eq!(problem.right_counts[local.right as usize], counts.1[right as usize]);
                prop_assert_eq!(parts.of_left(left), u32::try_from(part).ok());
            }
            prop_assert_eq!(positions.len(), problem.edges.len());
            seen.extend_from_slice(&positions);
            let part = totals(&problem, &solved(&problem));
            sums = (sums.0 + part.0, sums.1 + part.1, sums.2 + part.2);
        }
        seen.sort_unstable();
        prop_assert!(seen.iter().map(|&position| position as usize).eq(0..block.edges.len()));
        prop_assert!((1..parts.len()).all(|part| parts.lefts(part - 1)[0] < parts.lefts(part)[0]));
        prop_assert_eq!(sums, totals(&block, &solved(&block)));
    }
}

#[test]
fn a_block_without_candidates_has_no_component() {
    let parts = split(3, 2, &[]);
    assert!(parts.is_empty());
    assert_eq!(parts.of_left(1), None);
    assert!(split(0, 0, &[]).is_empty());
}

#[test]
fn a_block_that_is_not_well_formed_is_an_internal_error() {
    for edges in [vec![edge(1, 0, 1), edge(0, 0, 1)], vec![edge(0, 5, 1)], vec![edge(7, 0, 1)]] {
        let error = components(2, 2, &edges, &mut Components::default()).unwrap_err();
        assert_eq!(error.code(), "internal");
    }
}
