//! Components in which a node stands for several equal records: shortest augmenting paths that carry as many
//! records as their narrowest place lets through, so that a hot key costs its nodes, not its records.

use super::Problem;
use super::cost::Cost;
use super::network::{Grouped, NONE, Network, number, refill};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A node during the search. Lefts come first, rights follow.
#[derive(Debug, Clone, Copy)]
struct Node<C> {
    distance: C,
    /// The edge by which the search reached it.
    reached_by: u32,
}

/// Memory of the search, kept between components.
#[derive(Debug, Default)]
pub(super) struct Counted<C> {
    nodes: Vec<Node<C>>,
    by_right: Grouped,
    heap: BinaryHeap<Reverse<(C, u32)>>,
    touched: Vec<u32>,
    scanned: Vec<u32>,
}

/// The shortest path found: its length and the node it ends at.
#[derive(Debug, Clone, Copy)]
struct Path<C> {
    length: C,
    end: u32,
}

impl<C: Cost> Counted<C> {
    /// Leaves the optimum in `network`.
    pub(super) fn solve(&mut self, problem: &Problem, network: &mut Network<C>) {
        let (lefts, rights) = (problem.left_counts.len(), problem.right_counts.len());
        refill(&mut self.nodes, lefts + rights, Node { distance: C::INFINITE, reached_by: NONE });
        let edges = problem.edges.iter().enumerate();
        self.by_right.fill(rights, edges.map(|(position, edge)| (edge.right, number(position))));
        for source in 0..lefts {
            for edge in network.edges_of(source) {
                let arc = &network.arcs[edge];
                let value = arc.weight - network.right_duals[arc.right as usize];
                network.left_duals[source] = network.left_duals[source].max(value);
            }
            while network.left_used[source] < problem.left_counts[source]
                && network.left_duals[source] > C::ZERO
            {
                let path = self.search(problem, network, source);
                self.reprice(network, path.length, lefts);
                self.carry(problem, network, source, path.end);
            }
        }
    }

    fn reach(&mut self, node: usize, distance: C, edge: u32) {
        if self.nodes[node].distance == C::INFINITE {
            self.touched.push(number(node));
        }
        self.nodes[node] = Node { distance, reached_by: edge };
        self.heap.push(Reverse((distance, number(node))));
    }

    /// The shortest path from a left node with open records to a right one, or to a left one that can give up.
    fn search(&mut self, problem: &Problem, network: &Network<C>, source: usize) -> Path<C> {
        let lefts = problem.left_counts.len();
        self.heap.clear();
        self.touched.clear();
        self.scanned.clear();
        let mut path = Path { length: network.left_duals[source], end: number(source) };
        self.reach(source, C::ZERO, NONE);
        while let Some(Reverse((distance, number))) = self.heap.pop() {
            if distance >= path.length {
                break;
            }
            let node = number as usize;
            if distance > self.nodes[node].distance {
                continue;
            }
            self.scanned.push(number);
            if node < lefts {
                self.scan_left(problem, network, node, &mut path);
            } else {
                self.scan_right(problem, network, node - lefts);
            }
        }
        path
    }

    fn scan_left(&mut self, problem: &Problem, network: &Network<C>, left: usize, path: &mut Path<C>) {
        let lefts = problem.left_counts.len();
        let here = self.nodes[left].distance + network.left_duals[left];
        if here < path.length {
            *path = Path { length: here, end: number(left) };
        }
        for edge in network.edges_of(left) {
            let arc = &network.arcs[edge];
            let right = arc.right as usize;
            let there = here + network.right_duals[right] - arc.weight;
            if there >= path.length || there >= self.nodes[lefts + right].distance {
                continue;
            }
            self.reach(lefts + right, there, number(edge));
            if network.right_used[right] < problem.right_counts[right] {
                *path = Path { length: there, end: number(lefts + right) };
            }
        }
    }

    fn scan_right(&mut self, problem: &Problem, network: &Network<C>, right: usize) {
        let distance = self.nodes[problem.left_counts.len() + right].distance;
        for place in self.by_right.range(right) {
            let edge = self.by_right.at(place);
            let left = problem.edges[edge as usize].left as usize;
            if network.flow[edge as usize] > 0 && distance < self.nodes[left].distance {
                self.reach(left, distance, edge);
            }
        }
    }

    /// Moves the duals so that the path becomes tight and nothing else is broken.
    fn reprice(&mut self, network: &mut Network<C>, length: C, lefts: usize) {
        for &node in &self.scanned {
            let node = node as usize;
            let nearer = length - self.nodes[node].distance;
            if node < lefts {
                network.left_duals[node] = network.left_duals[node] - nearer;
            } else {
                network.right_duals[node - lefts] = network.right_duals[node - lefts] + nearer;
            }
        }
        for &node in &self.touched {
            self.nodes[node as usize].distance = C::INFINITE;
        }
    }

    /// Sends as many records along the path as it carries.
    fn carry(&self, problem: &Problem, network: &mut Network<C>, source: usize, end: u32) {
        let lefts = problem.left_counts.len();
        let end = end as usize;
        if end == source {
            return;
        }
        let mut count = problem.left_counts[source] - network.left_used[source];
        if end >= lefts {
            count = count.min(problem.right_counts[end - lefts] - network.right_used[end - lefts]);
        }
        self.walk(problem, source, end, |edge, forward| {
            if !forward {
                count = count.min(network.flow[edge]);
            }
        });
        self.walk(problem, source, end, |edge, forward| {
            if forward {
                network.flow[edge] += count;
            } else {
                network.flow[edge] -= count;
            }
        });
        network.left_used[source] += count;
        if end < lefts {
            network.left_used[end] -= count;
        } else {
            network.right_used[end - lefts] += count;
        }
    }

    /// Visits the edges of the path from its end to its source, with whether they are walked left to right.
    fn walk(&self, problem: &Problem, source: usize, end: usize, mut visit: impl FnMut(usize, bool)) {
        let lefts = problem.left_counts.len();
        let mut node = end;
        while node != source {
            let edge = self.nodes[node].reached_by as usize;
            let forward = node >= lefts;
            visit(edge, forward);
            node = if forward {
                problem.edges[edge].left as usize
            } else {
                lefts + problem.edges[edge].right as usize
            };
        }
    }
}
