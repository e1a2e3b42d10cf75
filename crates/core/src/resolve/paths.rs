//! Bids and shortest augmenting paths between single records, seen from the side that looks for a place.
//!
//! The same code serves both sides: on the mirrored network, "left" here is the problem's right.

use super::cost::Cost;
use super::network::{NONE, Network, number, refill};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A node of the other side, in one place in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Right<C> {
    pub(super) dual: C,
    /// The left node that holds it.
    pub(super) owner: u32,
    distance: C,
    /// The edge by which the search reached it.
    reached_by: u32,
}

impl<C: Cost> Right<C> {
    /// A node at a price that nobody holds.
    pub(super) fn free(dual: C) -> Self {
        Self { dual, owner: NONE, distance: C::INFINITE, reached_by: NONE }
    }
}

/// Who holds what, and the memory of the search.
#[derive(Debug, Default)]
pub(super) struct Paths<C> {
    pub(super) rights: Vec<Right<C>>,
    /// The edge each left node holds.
    pub(super) held: Vec<u32>,
    /// Left nodes that bids have not placed.
    waiting: Vec<u32>,
    heap: BinaryHeap<Reverse<(C, u32)>>,
    /// Right nodes at the distance being scanned.
    ready: Vec<u32>,
    touched: Vec<u32>,
    scanned: Vec<u32>,
}

/// Where a path ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// At a right node nobody holds, reached by an edge.
    Free(u32),
    /// At a left node that gives up what it holds (the first one: it stays open).
    Open(u32),
}

impl<C: Cost> Paths<C> {
    /// Forgets who holds what; prices stay.
    pub(super) fn release(&mut self, lefts: usize) {
        refill(&mut self.held, lefts, NONE);
        for right in &mut self.rights {
            right.owner = NONE;
        }
    }

    /// Every left node bids until it is placed, priced out, or tied with a holder: then it waits for a path.
    /// Returns whether the bids ended before that: the rest waits too.
    pub(super) fn bid_all(&mut self, network: &mut Network<C>, bids_per_node_max: usize) -> bool {
        self.waiting.clear();
        let lefts = network.left_duals.len();
        let mut bids_left = lefts.saturating_mul(bids_per_node_max);
        for first in 0..lefts {
            let mut bidder = number(first);
            while let Some(displaced) = self.bid(network, bidder) {
                bidder = displaced;
                bids_left = bids_left.saturating_sub(1);
                if bids_left == 0 {
                    self.waiting.push(bidder);
                    break;
                }
            }
        }
        bids_left == 0 && lefts > 0
    }

    /// Places everything that waits.
    pub(super) fn place_waiting(&mut self, network: &mut Network<C>, left_of: impl Fn(u32) -> u32 + Copy) {
        let waiting = std::mem::take(&mut self.waiting);
        for &left in &waiting {
            self.place(network, left, left_of);
        }
        self.waiting = waiting;
    }

    /// One bid; returns the left node that lost its place to it.
    fn bid(&mut self, network: &mut Network<C>, bidder: u32) -> Option<u32> {
        let left = bidder as usize;
        let (mut best, mut second) = (C::ZERO, C::ZERO);
        let (mut best_edge, mut best_taken) = (NONE, false);
        for edge in network.edges_of(left) {
            let arc = &network.arcs[edge];
            let right = &self.rights[arc.right as usize];
            let value = arc.weight - right.dual;
            if value > best {
                second = best;
                best = value;
                best_edge = number(edge);
                best_taken = right.owner != NONE;
            } else if value > second {
                second = value;
                if value == best && best_taken && right.owner == NONE {
                    best_edge = number(edge);
                    best_taken = false;
                }
            } else if value == best && best_taken && right.owner == NONE {
                best_edge = number(edge);
                best_taken = false;
            }
        }
        if best_edge == NONE {
            network.left_duals[left] = C::ZERO;
            return None;
        }
        if best_taken && best == second {
            network.left_duals[left] = best;
            self.waiting.push(bidder);
            return None;
        }
        let right = &mut self.rights[network.arcs[best_edge as usize].right as usize];
        network.left_duals[left] = second;
        right.dual = right.dual + (best - second);
        self.held[left] = best_edge;
        let displaced = std::mem::replace(&mut right.owner, bidder);
        if displaced == NONE {
            return None;
        }
        self.held[displaced as usize] = NONE;
        Some(displaced)
    }

    /// Places a left node along the cheapest path; it may stay open, or leave another open.
    pub(super) fn place(&mut self, network: &mut Network<C>, source: u32, left_of: impl Fn(u32) -> u32) {
        let mut dual = C::ZERO;
        for edge in network.edges_of(source as usize) {
            let arc = &network.arcs[edge];
            dual = dual.max(arc.weight - self.rights[arc.right as usize].dual);
        }
        network.left_duals[source as usize] = dual;
        if dual == C::ZERO {
            return;
        }
        let (length, end) = self.search(network, source);
        network.left_duals[source as usize] = dual - length;
        for &right in &self.scanned {
            let right = &mut self.rights[right as usize];
            let nearer = length - right.distance;
            right.dual = right.dual + nearer;
            let owner = &mut network.left_duals[right.owner as usize];
            *owner = *owner - nearer;
        }
        for &right in &self.touched {
            self.rights[right as usize].distance = C::INFINITE;
        }
        self.shift(network, source, end, left_of);
    }

    /// The length and end of the shortest path from an open left node.
    fn search(&mut self, network: &Network<C>, source: u32) -> (C, End) {
        self.heap.clear();
        self.ready.clear();
        self.touched.clear();
        self.scanned.clear();
        let (mut left, mut distance) = (source, C::ZERO);
        let (mut length, mut end) = (network.left_duals[source as usize], End::Open(source));
        loop {
            let here = distance + network.left_duals[left as usize];
            if here < length {
                (length, end) = (here, End::Open(left));
            }
            for edge in network.edges_of(left as usize) {
                let arc = &network.arcs[edge];
                let right = &mut self.rights[arc.right as usize];
                let there = here + right.dual - arc.weight;
                if there >= length || there >= right.distance {
                    continue;
                }
                if right.owner == NONE {
                    (length, end) = (there, End::Free(number(edge)));
                    continue;
                }
                if right.distance == C::INFINITE {
                    self.touched.push(arc.right);
                }
                right.distance = there;
                right.reached_by = number(edge);
                if there == distance {
                    self.ready.push(arc.right);
                } else {
                    self.heap.push(Reverse((there, arc.right)));
                }
            }
            let Some(right) = self.nearest(distance, length) else {
                return (length, end);
            };
            self.scanned.push(right);
            let right = &self.rights[right as usize];
            (left, distance) = (right.owner, right.distance);
        }
    }

    /// The next right node to scan, none where no path through it can be shorter than `length`.
    fn nearest(&mut self, distance: C, length: C) -> Option<u32> {
        if distance >= length {
            return None;
        }
        if let Some(right) = self.ready.pop() {
            return Some(right);
        }
        while let Some(Reverse((key, right))) = self.heap.pop() {
            if key >= length {
                return None;
            }
            // Entries that a shorter way overtook are skipped.
            if key == self.rights[right as usize].distance {
                return Some(right);
            }
        }
        None
    }

    /// Moves every holder along the path one place on.
    fn shift(&mut self, network: &Network<C>, source: u32, end: End, left_of: impl Fn(u32) -> u32) {
        let mut edge = match end {
            End::Free(edge) => edge,
            End::Open(left) if left == source => return,
            End::Open(left) => {
                let given_up = std::mem::replace(&mut self.held[left as usize], NONE);
                self.rights[network.arcs[given_up as usize].right as usize].reached_by
            }
        };
        loop {
            let left = left_of(edge);
            let right = network.arcs[edge as usize].right;
            self.rights[right as usize].owner = left;
            let before = std::mem::replace(&mut self.held[left as usize], edge);
            if left == source {
                return;
            }
            edge = self.rights[network.arcs[before as usize].right as usize].reached_by;
        }
    }
}
