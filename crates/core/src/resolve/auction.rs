//! Prices near the optimum for large components, by an auction whose steps shrink.
//!
//! Bids alone can creep (a price war), and paths alone can be long. An auction with a least step (Bertsekas 1988)
//! ends soon, with prices off by the step; halving it several times over keeps each round short. Records may stay
//! open, so a price that once rose too high must be able to fall: after each round the sides change places, and the
//! prices of the one become what the other would gain. What comes out is only a start: it is made exact after.

use super::cost::Cost;
use super::network::{NONE, Network, number};
use super::paths::Right;

/// The first step: the largest weight halved so many times.
const FIRST_STEP_HALVINGS: u32 = 8;
/// The last step: about four parts in a million.
const LAST_STEP_HALVINGS: u32 = 18;
/// From one round to the next.
const ROUND_HALVINGS: u32 = 5;
/// Bids of a round per bidder; a round that ends early only gives worse prices.
const BIDS_PER_NODE_MAX: usize = 20;

/// Moves the prices of `rights` near the optimum. `mirror` is `network` with its sides swapped, `lefts` the prices
/// there.
pub(super) fn approach<C: Cost>(
    (network, rights): (&Network<C>, &mut [Right<C>]),
    (mirror, lefts): (&Network<C>, &mut [Right<C>]),
) {
    let most = network.arcs.iter().map(|arc| arc.weight).max().unwrap_or(C::ZERO);
    let mut halvings = FIRST_STEP_HALVINGS;
    while halvings <= LAST_STEP_HALVINGS {
        let step = most.halved(halvings);
        if step == C::ZERO {
            return;
        }
        round(network, rights, step);
        profits(network, rights, lefts);
        round(mirror, lefts, step);
        profits(mirror, lefts, rights);
        halvings += ROUND_HALVINGS;
    }
}

/// Everyone bids until placed or priced out.
fn round<C: Cost>(network: &Network<C>, rights: &mut [Right<C>], step: C) {
    for right in &mut *rights {
        right.owner = NONE;
    }
    let bidders = network.left_duals.len();
    let mut bids_left = bidders.saturating_mul(BIDS_PER_NODE_MAX);
    for first in 0..bidders {
        let mut bidder = number(first);
        while bidder != NONE && bids_left > 0 {
            bids_left -= 1;
            bidder = bid(network, rights, bidder, step);
        }
    }
}

/// One bid, a step above what it takes; returns who lost its place to it.
fn bid<C: Cost>(network: &Network<C>, rights: &mut [Right<C>], bidder: u32, step: C) -> u32 {
    let (mut best, mut second) = (C::ZERO, C::ZERO);
    let mut best_right = NONE;
    for edge in network.edges_of(bidder as usize) {
        let arc = &network.arcs[edge];
        let value = arc.weight - rights[arc.right as usize].dual;
        if value > best {
            second = best;
            best = value;
            best_right = arc.right;
        } else if value > second {
            second = value;
        }
    }
    if best_right == NONE {
        return NONE;
    }
    let right = &mut rights[best_right as usize];
    right.dual = right.dual + (best - second) + step;
    std::mem::replace(&mut right.owner, bidder)
}

/// What each left node gains at the prices of the rights: its own price when the sides change places.
fn profits<C: Cost>(network: &Network<C>, rights: &[Right<C>], lefts: &mut [Right<C>]) {
    for (left, node) in lefts.iter_mut().enumerate() {
        let values = network.arcs[network.edges_of(left)].iter();
        node.dual = values.map(|arc| arc.weight - rights[arc.right as usize].dual).fold(C::ZERO, C::max);
    }
}
