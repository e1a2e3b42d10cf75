//! Which parts of an optimal answer are not forced, exactly and in linear time.
//!
//! All optimal answers live on the tight edges of any optimal duals, and two of them differ by cycles along which
//! records can be shifted: forward over any tight edge, backward over one with flow, in and out of the open state
//! (the virtual node) at nodes whose dual is zero. An edge can change iff a cycle of more than two steps passes it.
//!
//! An arc without its reverse lies on such a cycle iff its ends are in one strongly connected part (Tarjan 1972).
//! A pair of opposite arcs is different: the two alone are a cycle that shifts nothing. Taking such pairs as
//! undirected edges, a part is a strongly connected mixed graph, and an undirected edge of one can be given a
//! direction that keeps it strongly connected iff it is no bridge (Boesch and Tindell 1980). So: same part, and no
//! bridge of the part with directions forgotten.

use super::Problem;
use super::cost::Cost;
use super::network::{Grouped, NONE, Network, number, refill};

/// A place where answers may differ.
#[derive(Debug, Clone, Copy)]
struct Link {
    from: u32,
    to: u32,
    /// Records can be shifted from → to.
    forward: bool,
    /// Records can be shifted to → from.
    backward: bool,
}

impl Link {
    fn other(&self, node: u32) -> u32 {
        if node == self.from { self.to } else { self.from }
    }

    fn leaves(&self, node: u32) -> bool {
        if node == self.from { self.forward } else { self.backward }
    }
}

/// A node in a depth-first search. Numbers count from 1; 0 is not visited yet.
#[derive(Debug, Clone, Copy, Default)]
struct Visit {
    number: u32,
    low: u32,
    /// Next of the node's links.
    cursor: u32,
    /// The link it was entered by.
    entered_by: u32,
}

/// Memory of the test, kept between components, and its answer.
#[derive(Debug, Default)]
pub(super) struct Ties {
    /// One per tight edge, then one per node whose records may be open.
    links: Vec<Link>,
    /// The edges of the first links.
    edges: Vec<u32>,
    by_node: Grouped,
    visits: Vec<Visit>,
    path: Vec<u32>,
    pending: Vec<u32>,
    part: Vec<u32>,
    bridge: Vec<bool>,
    /// Per edge: another count in some optimal answer.
    pub(super) edge_tied: Vec<bool>,
    pub(super) left_tied: Vec<bool>,
    pub(super) right_tied: Vec<bool>,
}

impl Ties {
    /// Everything forced.
    pub(super) fn none(&mut self, problem: &Problem) {
        refill(&mut self.edge_tied, problem.edges.len(), false);
        refill(&mut self.left_tied, problem.left_counts.len(), false);
        refill(&mut self.right_tied, problem.right_counts.len(), false);
    }

    /// Tests every edge and node against an optimal answer and its duals.
    pub(super) fn find<C: Cost>(&mut self, problem: &Problem, network: &Network<C>) {
        self.none(problem);
        self.link(problem, network);
        let nodes = problem.left_counts.len() + problem.right_counts.len() + 1;
        let ends = self
            .links
            .iter()
            .enumerate()
            .flat_map(|(position, link)| [(link.from, number(position)), (link.to, number(position))]);
        self.by_node.fill(nodes, ends);
        self.find_parts(nodes);
        self.find_bridges(nodes);
        self.mark(problem);
    }

    fn link<C: Cost>(&mut self, problem: &Problem, network: &Network<C>) {
        let lefts = number(problem.left_counts.len());
        let open = lefts + number(problem.right_counts.len());
        self.links.clear();
        self.edges.clear();
        for (position, edge) in problem.edges.iter().enumerate() {
            if network.reduced(edge.left as usize, position) == C::ZERO {
                let backward = network.flow[position] > 0;
                self.links.push(Link { from: edge.left, to: lefts + edge.right, forward: true, backward });
                self.edges.push(number(position));
            }
        }
        for (left, &count) in problem.left_counts.iter().enumerate() {
            if network.left_duals[left] == C::ZERO {
                let used = network.left_used[left];
                let (forward, backward) = (used < count, used > 0);
                self.links.push(Link { from: open, to: number(left), forward, backward });
            }
        }
        for (right, &count) in problem.right_counts.iter().enumerate() {
            if network.right_duals[right] == C::ZERO {
                let used = network.right_used[right];
                let (forward, backward) = (used < count, used > 0);
                self.links.push(Link { from: lefts + number(right), to: open, forward, backward });
            }
        }
    }

    /// Strongly connected parts, by number of their root.
    fn find_parts(&mut self, nodes: usize) {
        refill(&mut self.visits, nodes, Visit::default());
        refill(&mut self.part, nodes, NONE);
        self.pending.clear();
        let mut counter = 0;
        for root in 0..nodes {
            if self.visits[root].number == 0 {
                self.enter(root, NONE, &mut counter);
                self.pending.push(number(root));
                self.walk_parts(&mut counter);
            }
        }
    }

    fn walk_parts(&mut self, counter: &mut u32) {
        while let Some(&node) = self.path.last() {
            let here = node as usize;
            let Some(link) = self.next_link(here) else {
                self.path.pop();
                self.close_part(node);
                continue;
            };
            let link = self.links[link as usize];
            if !link.leaves(node) {
                continue;
            }
            let next = link.other(node);
            let there = next as usize;
            if self.visits[there].number == 0 {
                self.enter(there, NONE, counter);
                self.pending.push(next);
            } else if self.part[there] == NONE {
                self.visits[here].low = self.visits[here].low.min(self.visits[there].number);
            }
        }
    }

    fn close_part(&mut self, node: u32) {
        let here = node as usize;
        let Visit { number, low, .. } = self.visits[here];
        if low == number {
            while let Some(member) = self.pending.pop() {
                self.part[member as usize] = node;
                if member == node {
                    break;
                }
            }
        } else if let Some(&parent) = self.path.last() {
            let parent = &mut self.visits[parent as usize];
            parent.low = parent.low.min(low);
        }
    }

    /// Links without which a part, directions forgotten, would fall in two.
    fn find_bridges(&mut self, nodes: usize) {
        refill(&mut self.visits, nodes, Visit::default());
        refill(&mut self.bridge, self.links.len(), false);
        let mut counter = 0;
        for root in 0..nodes {
            if self.visits[root].number == 0 {
                self.enter(root, NONE, &mut counter);
                self.walk_bridges(&mut counter);
            }
        }
    }

    fn walk_bridges(&mut self, counter: &mut u32) {
        while let Some(&node) = self.path.last() {
            let here = node as usize;
            let Some(position) = self.next_link(here) else {
                self.path.pop();
                let Visit { number, low, entered_by, .. } = self.visits[here];
                if let Some(&parent) = self.path.last() {
                    let parent = &mut self.visits[parent as usize];
                    parent.low = parent.low.min(low);
                    self.bridge[entered_by as usize] = low == number;
                }
                continue;
            };
            let there = self.links[position as usize].other(node) as usize;
            if position == self.visits[here].entered_by || self.part[there] != self.part[here] {
                continue;
            }
            if self.visits[there].number == 0 {
                self.enter(there, position, counter);
            } else {
                self.visits[here].low = self.visits[here].low.min(self.visits[there].number);
            }
        }
    }

    fn enter(&mut self, node: usize, entered_by: u32, counter: &mut u32) {
        *counter += 1;
        self.visits[node] = Visit { number: *counter, low: *counter, cursor: 0, entered_by };
        self.path.push(number(node));
    }

    fn next_link(&mut self, node: usize) -> Option<u32> {
        let cursor = self.visits[node].cursor;
        self.visits[node].cursor += 1;
        self.by_node.of(node).get(cursor as usize).copied()
    }

    fn mark(&mut self, problem: &Problem) {
        let lefts = problem.left_counts.len();
        for (position, link) in self.links.iter().enumerate() {
            if self.part[link.from as usize] != self.part[link.to as usize] || self.bridge[position] {
                continue;
            }
            if let Some(&edge) = self.edges.get(position) {
                self.edge_tied[edge as usize] = true;
            }
            for node in [link.from as usize, link.to as usize] {
                if node < lefts {
                    self.left_tied[node] = true;
                } else if let Some(tied) = self.right_tied.get_mut(node - lefts) {
                    *tied = true;
                }
            }
        }
    }
}
