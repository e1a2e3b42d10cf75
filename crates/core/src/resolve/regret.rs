//! What each pair is worth over the best answer without it.
//!
//! Forbidding a pair frees its two records; the best answer that remains differs from the optimum by the shortest
//! way, on reduced costs, from the freed left record to the freed right one. The way may lead through the open
//! state (either record stays open, or makes another one stay open). Where a node has several records, a twin
//! takes the place of the one that may not, and nothing is lost.

use super::Problem;
use super::cost::Cost;
use super::network::{Grouped, Network, number, refill};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Memory of the searches, kept between components.
#[derive(Debug, Default)]
pub(super) struct Regrets<C> {
    /// The edges with flow, by right node.
    holders: Grouped,
    /// Shortest way from the open state, by right node.
    from_open: Vec<C>,
    distances: Vec<C>,
    left_seen: Vec<bool>,
    touched: Vec<u32>,
    lefts_touched: Vec<u32>,
    heap: BinaryHeap<Reverse<(C, u32)>>,
    /// The edge that is forbidden, the right node to be reached, the shortest way to it known so far.
    forbidden: usize,
    end: usize,
    shortest: C,
}

impl<C: Cost> Regrets<C> {
    /// Prepares a component for [`Self::of`].
    pub(super) fn prepare(&mut self, problem: &Problem, network: &Network<C>) {
        let (lefts, rights) = (problem.left_counts.len(), problem.right_counts.len());
        let flows = network.flow.iter().enumerate().filter(|(_, flow)| **flow > 0);
        let held = flows.map(|(edge, _)| (network.arcs[edge].right, number(edge)));
        self.holders.fill(rights, held);
        refill(&mut self.distances, rights, C::INFINITE);
        refill(&mut self.left_seen, lefts, false);
        self.search_from_open(problem, network);
        std::mem::swap(&mut self.from_open, &mut self.distances);
        refill(&mut self.distances, rights, C::INFINITE);
        self.forget();
    }

    /// The gain lost if the flow of `edge` were forbidden.
    pub(super) fn of(
        &mut self,
        problem: &Problem,
        network: &Network<C>,
        edge: usize,
        units: C::Units,
    ) -> u32 {
        let forbidden = &problem.edges[edge];
        let (left, right) = (forbidden.left as usize, forbidden.right as usize);
        if problem.left_counts[left] > 1 || problem.right_counts[right] > 1 {
            return 0;
        }
        (self.forbidden, self.end, self.shortest) = (edge, right, C::INFINITE);
        self.scan(problem, network, left, C::ZERO);
        while let Some(Reverse((distance, node))) = self.heap.pop() {
            if distance >= self.shortest {
                break;
            }
            let node = node as usize;
            if distance > self.distances[node] {
                continue;
            }
            for place in self.holders.range(node) {
                let holder = problem.edges[self.holders.at(place) as usize].left as usize;
                if self.see(holder) {
                    self.scan(problem, network, holder, distance);
                }
            }
        }
        self.forget();
        self.shortest.gain(units)
    }

    /// Reaches on from a left node at a distance.
    fn scan(&mut self, problem: &Problem, network: &Network<C>, left: usize, distance: C) {
        let here = distance + network.left_duals[left];
        let from_open = self.from_open[self.end];
        self.shortest = self.shortest.min(here + from_open);
        for edge in network.edges_of(left) {
            let arc = &network.arcs[edge];
            let right = arc.right as usize;
            let there = here + network.right_duals[right] - arc.weight;
            if edge == self.forbidden || there >= self.shortest {
                continue;
            }
            if right == self.end {
                self.shortest = there;
                continue;
            }
            if network.right_used[right] < problem.right_counts[right] {
                self.shortest = self.shortest.min(there + from_open);
            }
            self.reach(arc.right, there);
        }
    }

    fn search_from_open(&mut self, problem: &Problem, network: &Network<C>) {
        for right in 0..problem.right_counts.len() {
            if network.right_used[right] > 0 {
                self.reach(number(right), network.right_duals[right]);
            }
        }
        for left in 0..problem.left_counts.len() {
            if network.left_used[left] < problem.left_counts[left] && self.see(left) {
                self.scan_from_open(network, left, C::ZERO);
            }
        }
        while let Some(Reverse((distance, node))) = self.heap.pop() {
            let node = node as usize;
            if distance > self.distances[node] {
                continue;
            }
            for place in self.holders.range(node) {
                let holder = problem.edges[self.holders.at(place) as usize].left as usize;
                if self.see(holder) {
                    self.scan_from_open(network, holder, distance);
                }
            }
        }
    }

    fn scan_from_open(&mut self, network: &Network<C>, left: usize, distance: C) {
        let here = distance + network.left_duals[left];
        for edge in network.edges_of(left) {
            let arc = &network.arcs[edge];
            self.reach(arc.right, here + network.right_duals[arc.right as usize] - arc.weight);
        }
    }

    fn reach(&mut self, right: u32, distance: C) {
        let known = &mut self.distances[right as usize];
        if distance < *known {
            if *known == C::INFINITE {
                self.touched.push(right);
            }
            *known = distance;
            self.heap.push(Reverse((distance, right)));
        }
    }

    /// Whether a left node is seen for the first time, which is at its least distance.
    fn see(&mut self, left: usize) -> bool {
        let first = !std::mem::replace(&mut self.left_seen[left], true);
        if first {
            self.lefts_touched.push(number(left));
        }
        first
    }

    fn forget(&mut self) {
        self.heap.clear();
        for right in self.touched.drain(..) {
            self.distances[right as usize] = C::INFINITE;
        }
        for left in self.lefts_touched.drain(..) {
            self.left_seen[left as usize] = false;
        }
    }
}
