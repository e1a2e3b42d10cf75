//! A problem laid out for the algorithms, and what they leave behind: flow, dual prices, uses.

use super::{Problem, cost::Cost};

/// No edge, no node.
pub(super) const NONE: u32 = u32::MAX;

/// A position below 2^32: [`Survey`](super::survey::Survey) refuses problems that have more.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "edges and nodes of a problem are counted before they are numbered"
)]
pub(super) fn number(position: usize) -> u32 {
    position as u32
}

/// A candidate as seen from its left node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arc<C> {
    pub(super) weight: C,
    pub(super) right: u32,
}

/// The graph by left node, and the optimal answer with its proof: duals `u`, `v` ≥ 0 with `u + v ≥ weight` on every
/// edge, equal where there is flow, and zero at every node with spare records.
#[derive(Debug, Default)]
pub(super) struct Network<C> {
    /// Where the arcs of a left node begin; one more at the end.
    pub(super) starts: Vec<u32>,
    pub(super) arcs: Vec<Arc<C>>,
    pub(super) left_duals: Vec<C>,
    pub(super) right_duals: Vec<C>,
    /// Records put together, per edge.
    pub(super) flow: Vec<u32>,
    pub(super) left_used: Vec<u32>,
    pub(super) right_used: Vec<u32>,
}

impl<C: Cost> Network<C> {
    /// Lays a problem out; nothing is put together yet.
    pub(super) fn lay_out(&mut self, problem: &Problem, units: C::Units) {
        let (lefts, rights) = (problem.left_counts.len(), problem.right_counts.len());
        refill(&mut self.left_duals, lefts, C::ZERO);
        refill(&mut self.right_duals, rights, C::ZERO);
        refill(&mut self.left_used, lefts, 0);
        refill(&mut self.right_used, rights, 0);
        refill(&mut self.flow, problem.edges.len(), 0);
        self.arcs.clear();
        self.arcs.extend(
            problem.edges.iter().map(|edge| Arc { weight: C::weigh(edge, units), right: edge.right }),
        );
        self.starts.clear();
        for (position, edge) in problem.edges.iter().enumerate() {
            while self.starts.len() <= edge.left as usize {
                self.starts.push(number(position));
            }
        }
        self.starts.resize(lefts + 1, number(problem.edges.len()));
    }

    /// The edges of a left node.
    #[inline]
    pub(super) fn edges_of(&self, left: usize) -> std::ops::Range<usize> {
        self.starts[left] as usize..self.starts[left + 1] as usize
    }

    /// Writes the network with its sides swapped over `mirror`, nothing put together, and over `by_right` the edge
    /// behind each of its edges.
    pub(super) fn mirror_into(
        &self,
        mirror: &mut Self,
        by_right: &mut Grouped,
        left_of: impl Fn(u32) -> u32,
    ) {
        let rights = self.right_duals.len();
        let items = self.arcs.iter().enumerate().map(|(edge, arc)| (arc.right, number(edge)));
        by_right.fill(rights, items);
        mirror.starts.clear();
        mirror.starts.extend((0..=rights).map(|right| by_right.starts[right]));
        mirror.arcs.clear();
        mirror.arcs.extend(
            by_right
                .positions
                .iter()
                .map(|&edge| Arc { weight: self.arcs[edge as usize].weight, right: left_of(edge) }),
        );
        refill(&mut mirror.left_duals, rights, C::ZERO);
    }

    /// How far an edge is from being tight, ≥ 0.
    #[inline]
    pub(super) fn reduced(&self, left: usize, edge: usize) -> C {
        let arc = &self.arcs[edge];
        self.left_duals[left] + self.right_duals[arc.right as usize] - arc.weight
    }

    /// Whether all edges without flow are slack: then no answer exchanges one edge for another.
    pub(super) fn only_flow_is_tight(&self) -> bool {
        (0..self.left_duals.len()).all(|left| {
            let dual = self.left_duals[left];
            self.edges_of(left).all(|edge| {
                let arc = &self.arcs[edge];
                self.flow[edge] > 0 || dual + self.right_duals[arc.right as usize] != arc.weight
            })
        })
    }
}

/// Empties a buffer and fills it again, keeping its memory.
pub(super) fn refill<T: Clone>(buffer: &mut Vec<T>, length: usize, value: T) {
    buffer.clear();
    buffer.resize(length, value);
}

/// Positions grouped by a key, in order: the offsets of each key's group, and the positions.
#[derive(Debug, Default)]
pub(super) struct Grouped {
    starts: Vec<u32>,
    positions: Vec<u32>,
}

impl Grouped {
    /// Groups `(key, position)` by key; positions keep their order inside a group. Two walks over the items.
    pub(super) fn fill(&mut self, keys: usize, items: impl Iterator<Item = (u32, u32)> + Clone) {
        refill(&mut self.starts, keys + 2, 0);
        for (key, _) in items.clone() {
            self.starts[key as usize + 2] += 1;
        }
        for key in 2..self.starts.len() {
            self.starts[key] += self.starts[key - 1];
        }
        let total = self.starts.last().copied().unwrap_or(0);
        refill(&mut self.positions, total as usize, 0);
        for (key, position) in items {
            let next = &mut self.starts[key as usize + 1];
            self.positions[*next as usize] = position;
            *next += 1;
        }
    }

    /// The positions of a key.
    #[inline]
    pub(super) fn of(&self, key: usize) -> &[u32] {
        &self.positions[self.range(key)]
    }

    /// Where the positions of a key stand among all.
    #[inline]
    pub(super) fn range(&self, key: usize) -> std::ops::Range<usize> {
        self.starts[key] as usize..self.starts[key + 1] as usize
    }

    /// The position at a place.
    #[inline]
    pub(super) fn at(&self, place: usize) -> u32 {
        self.positions[place]
    }
}
