//! Components whose nodes are single records: the common case, and the fast one.
//!
//! First every left record bids for its best right one, paying what it gains over its second best (Jonker and
//! Volgenant's augmenting row reduction, an auction without a least step); the few left over are placed along
//! shortest augmenting paths (Dijkstra on reduced costs), which keeps the duals feasible throughout. To stay open
//! is a candidate of worth zero that every record has. Large components in which bids creep start again from the
//! prices of [`auction`](super::auction); right records that kept a price there without a taker are then placed
//! too, by the same paths from their side.

use super::auction;
use super::cost::Cost;
use super::network::{Grouped, NONE, Network, number, refill};
use super::paths::{Paths, Right};

/// Bids a component may spend per left node; what is not placed then is placed along paths.
const BIDS_PER_NODE_MAX: usize = 30;
/// The same before a large component starts again from better prices.
const TRIAL_BIDS_PER_NODE_MAX: usize = 3;
/// Left nodes from which a component is large: below, paths are short anyway.
const LARGE_NODES_MIN: usize = 200;

/// Memory of the search, kept between components.
#[derive(Debug, Default)]
pub(super) struct Single<C> {
    forward: Paths<C>,
    backward: Paths<C>,
    /// The network with its sides swapped, and the edge behind each of its edges.
    mirror: Network<C>,
    by_right: Grouped,
}

impl<C: Cost> Single<C> {
    /// Leaves the optimum in `network`. `left_of` names the left node of an edge.
    pub(super) fn solve(&mut self, network: &mut Network<C>, left_of: impl Fn(u32) -> u32 + Copy) {
        let lefts = network.left_duals.len();
        let large = lefts >= LARGE_NODES_MIN;
        refill(&mut self.forward.rights, network.right_duals.len(), Right::free(C::ZERO));
        self.forward.release(lefts);
        let bids = if large { TRIAL_BIDS_PER_NODE_MAX } else { BIDS_PER_NODE_MAX };
        let creeping = self.forward.bid_all(network, bids) && large;
        if creeping {
            self.restart(network, left_of);
        }
        self.forward.place_waiting(network, left_of);
        for (dual, right) in network.right_duals.iter_mut().zip(&self.forward.rights) {
            *dual = right.dual;
        }
        if creeping {
            self.settle(network, left_of);
        }
        for (left, &edge) in self.forward.held.iter().enumerate() {
            if edge != NONE {
                network.flow[edge as usize] = 1;
                network.left_used[left] = 1;
                network.right_used[network.arcs[edge as usize].right as usize] = 1;
            }
        }
    }

    /// Bids again, from prices near the optimum.
    fn restart(&mut self, network: &mut Network<C>, left_of: impl Fn(u32) -> u32) {
        network.mirror_into(&mut self.mirror, &mut self.by_right, left_of);
        let Self { forward, backward, mirror, .. } = self;
        forward.rights.fill(Right::free(C::ZERO));
        refill(&mut backward.rights, network.left_duals.len(), Right::free(C::ZERO));
        auction::approach((network, &mut forward.rights), (mirror, &mut backward.rights));
        forward.release(network.left_duals.len());
        forward.bid_all(network, BIDS_PER_NODE_MAX);
    }

    /// Places right nodes that have a price but no taker, so that only taken ones have one.
    fn settle(&mut self, network: &mut Network<C>, left_of: impl Fn(u32) -> u32) {
        let Self { forward, backward, mirror, by_right } = self;
        let unpaid = |right: &Right<C>| right.owner == NONE && right.dual > C::ZERO;
        if !forward.rights.iter().any(unpaid) {
            return;
        }
        refill(&mut backward.held, forward.rights.len(), NONE);
        for (node, &dual) in backward.rights.iter_mut().zip(&network.left_duals) {
            *node = Right::free(dual);
        }
        mirror.left_duals.copy_from_slice(&network.right_duals);
        for right in 0..forward.rights.len() {
            for place in by_right.range(right) {
                let left = mirror.arcs[place].right as usize;
                if forward.held[left] == by_right.at(place) {
                    backward.held[right] = number(place);
                    backward.rights[left].owner = number(right);
                }
            }
        }
        for right in 0..forward.rights.len() {
            if unpaid(&forward.rights[right]) {
                backward.place(mirror, number(right), |place| {
                    network.arcs[by_right.at(place as usize) as usize].right
                });
            }
        }
        forward.held.fill(NONE);
        for &place in backward.held.iter().filter(|&&place| place != NONE) {
            let edge = by_right.at(place as usize);
            forward.held[left_of(edge) as usize] = edge;
        }
        network.right_duals.copy_from_slice(&mirror.left_duals);
        for (dual, node) in network.left_duals.iter_mut().zip(&backward.rights) {
            *dual = node.dual;
        }
    }
}
