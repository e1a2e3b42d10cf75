//! A block's candidates split into connected components, without a copy of them and without an allocation per
//! component.
//!
//! A component is a problem of its own: nothing in one can change the best answer of another. Components come in
//! the order of their least left node, and nodes and edges keep their order inside one.

use super::network::{NONE, number, refill};
use super::{Edge, Problem};
use crate::error::{Error, Result};

/// The components of a block; filled by [`components`], and its memory kept for the next block.
#[derive(Debug, Default)]
pub struct Components {
    /// Where the edges of a left node begin; one more at the end.
    edge_starts: Vec<u32>,
    /// During the split: the union-find forest of left nodes. After it: the component of a left node.
    left_parts: Vec<u32>,
    /// A left node of the right node, [`NONE`] where it has no edge.
    first_lefts: Vec<u32>,
    lefts: Side,
    rights: Side,
}

/// The nodes of one side by component.
#[derive(Debug, Default)]
struct Side {
    /// Where a component's nodes begin; one more at the end.
    starts: Vec<u32>,
    nodes: Vec<u32>,
    /// A node's number in its component.
    local: Vec<u32>,
}

impl Side {
    /// Groups nodes by component ([`NONE`]: in none), keeping their order.
    fn group(&mut self, components: u32, component_of: impl Iterator<Item = u32> + Clone) {
        refill(&mut self.starts, components as usize + 1, 0);
        self.local.clear();
        for component in component_of.clone() {
            if component == NONE {
                self.local.push(NONE);
            } else {
                let count = &mut self.starts[component as usize];
                self.local.push(*count);
                *count += 1;
            }
        }
        let mut total = 0;
        for start in &mut self.starts {
            let count = std::mem::replace(start, total);
            total += count;
        }
        refill(&mut self.nodes, total as usize, 0);
        for (node, component) in component_of.enumerate() {
            if component != NONE {
                let place = self.starts[component as usize] + self.local[node];
                self.nodes[place as usize] = number(node);
            }
        }
    }

    fn of(&self, component: usize) -> &[u32] {
        &self.nodes[self.starts[component] as usize..self.starts[component + 1] as usize]
    }
}

/// Splits a block of `left_nodes` × `right_nodes` into its connected components. Nodes without an edge are in
/// none. `edges` are sorted by (left, right) without repeats, as in [`Problem`].
///
/// Costs a few walks over nodes and edges; `split` is overwritten and its memory reused.
///
/// ```
/// # use recon378_core::resolve::{Components, Edge, Problem, components};
/// let edge = |left, right| Edge { left, right, gain: 1, variance: 0, days: 0 };
/// let edges = [edge(0, 1), edge(2, 0), edge(2, 2)];
/// let mut split = Components::default();
/// components(3, 3, &edges, &mut split).unwrap();
/// assert_eq!(split.len(), 2);
/// assert_eq!((split.lefts(1), split.rights(1)), ([2].as_slice(), [0, 2].as_slice()));
///
/// let (mut problem, mut positions) = (Problem::default(), Vec::new());
/// split.fill(1, (&[1; 3], &[1; 3]), &edges, &mut problem);
/// split.edges_of(1, &mut positions);
/// assert_eq!(problem.edges, [edge(0, 0), edge(0, 1)]);
/// assert_eq!(positions, [1, 2]);
/// ```
///
/// # Errors
/// `Limit` for a block with 2^32 candidates or more; `Internal` where an edge names a node that is not there or
/// the edges are not sorted.
pub fn components(left_nodes: u32, right_nodes: u32, edges: &[Edge], split: &mut Components) -> Result<()> {
    let limit = u64::from(u32::MAX) - 1;
    let needed = edges.len() as u64;
    if needed > limit {
        return Err(Error::Limit {
            what: "a block of candidates".to_owned(),
            unit: "candidates",
            needed,
            limit,
            hint: "Add an equality to the pass or tighten its tolerance".to_owned(),
        });
    }
    split.join(left_nodes, right_nodes, edges)?;
    let count = split.number_components();
    let Components { left_parts, first_lefts, lefts, rights, .. } = split;
    lefts.group(count, left_parts.iter().copied());
    let component_of = |first: &u32| if *first == NONE { NONE } else { left_parts[*first as usize] };
    rights.group(count, first_lefts.iter().map(component_of));
    Ok(())
}

impl Components {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lefts.starts.len().saturating_sub(1)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The left nodes of a component, ascending: local node `i` is the block's node `lefts(component)[i]`.
    #[must_use]
    pub fn lefts(&self, component: usize) -> &[u32] {
        self.lefts.of(component)
    }

    /// The right nodes of a component, ascending.
    #[must_use]
    pub fn rights(&self, component: usize) -> &[u32] {
        self.rights.of(component)
    }

    /// The left node's component, `None` where it has no candidate.
    #[must_use]
    pub fn of_left(&self, node: u32) -> Option<u32> {
        self.left_parts.get(node as usize).copied().filter(|&component| component != NONE)
    }

    /// Writes a component over `problem`, with the counts of its nodes (`counts` are the block's, left and right)
    /// and its edges in local numbers.
    pub fn fill(&self, component: usize, counts: (&[u32], &[u32]), edges: &[Edge], problem: &mut Problem) {
        let (lefts, rights) = (self.lefts(component), self.rights(component));
        problem.left_counts.clear();
        problem.left_counts.extend(lefts.iter().map(|&node| counts.0[node as usize]));
        problem.right_counts.clear();
        problem.right_counts.extend(rights.iter().map(|&node| counts.1[node as usize]));
        problem.edges.clear();
        for (local, &node) in lefts.iter().enumerate() {
            problem.edges.extend(edges[self.range(node)].iter().map(|edge| Edge {
                left: number(local),
                right: self.rights.local[edge.right as usize],
                ..*edge
            }));
        }
    }

    /// Writes the block's position of each of a component's edges over `positions`.
    pub fn edges_of(&self, component: usize, positions: &mut Vec<u32>) {
        positions.clear();
        for &node in self.lefts(component) {
            positions.extend(self.edge_starts[node as usize]..self.edge_starts[node as usize + 1]);
        }
    }

    fn range(&self, left: u32) -> std::ops::Range<usize> {
        self.edge_starts[left as usize] as usize..self.edge_starts[left as usize + 1] as usize
    }

    /// Unites left nodes that share a right node, and notes where each left node's edges begin.
    fn join(&mut self, left_nodes: u32, right_nodes: u32, edges: &[Edge]) -> Result<()> {
        refill(&mut self.first_lefts, right_nodes as usize, NONE);
        self.left_parts.clear();
        self.left_parts.extend(0..left_nodes);
        self.edge_starts.clear();
        for (position, edge) in edges.iter().enumerate() {
            let in_order = (edge.left as usize) + 1 >= self.edge_starts.len();
            if !in_order || edge.left >= left_nodes || edge.right >= right_nodes {
                return Err(Error::Internal("a block's candidates are not well formed".to_owned()));
            }
            while self.edge_starts.len() <= edge.left as usize {
                self.edge_starts.push(number(position));
            }
            let first = &mut self.first_lefts[edge.right as usize];
            if *first == NONE {
                *first = edge.left;
            } else {
                let first = *first;
                self.unite(first, edge.left);
            }
        }
        self.edge_starts.resize(left_nodes as usize + 1, number(edges.len()));
        Ok(())
    }

    /// The least node of a tree, halving the way to it.
    fn root(&mut self, mut node: u32) -> u32 {
        let parents = &mut self.left_parts;
        while parents[node as usize] != node {
            let above = parents[parents[node as usize] as usize];
            parents[node as usize] = above;
            node = above;
        }
        node
    }

    /// The lesser root becomes the root of both, so that a tree's root is its least node.
    fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.left_parts[a.max(b) as usize] = a.min(b);
    }

    /// Turns the forest into component numbers, in the order of the least left node; returns how many.
    fn number_components(&mut self) -> u32 {
        let mut count = 0;
        for node in 0..self.left_parts.len() {
            let parent = self.left_parts[node] as usize;
            // A parent is a lesser node and has its number already.
            self.left_parts[node] = if parent != node {
                self.left_parts[parent]
            } else if self.edge_starts[node] == self.edge_starts[node + 1] {
                NONE
            } else {
                count += 1;
                count - 1
            };
        }
        count
    }
}
