//! Components small or simple enough to need no search: one node on a side, or two records against two.

use super::network::{NONE, number, refill};
use super::{Edge, Flow, Limits, Problem, Solution};
use std::cmp::{Ordering, Reverse};

/// The better edge first: more gain, then less variance, then fewer days.
fn by_worth(a: &Edge, b: &Edge) -> Ordering {
    b.gain.cmp(&a.gain).then(a.variance.cmp(&b.variance)).then(a.days.cmp(&b.days))
}

/// Empties a solution and makes it fit a problem.
pub(super) fn clear(problem: &Problem, solution: &mut Solution) {
    solution.flows.clear();
    refill(&mut solution.left_tied, problem.left_counts.len(), false);
    refill(&mut solution.right_tied, problem.right_counts.len(), false);
}

/// Two nodes: all that fit are put together.
pub(super) fn pair(problem: &Problem, solution: &mut Solution) {
    clear(problem, solution);
    if let ([edge], [left], [right]) =
        (problem.edges.as_slice(), problem.left_counts.as_slice(), problem.right_counts.as_slice())
    {
        let regret = if *left == 1 && *right == 1 { edge.gain } else { 0 };
        let count = (*left).min(*right);
        solution.flows.push(Flow { edge: 0, count, tied: false, regret: Some(regret) });
    }
}

/// One node on a side: its records go to the best of the other side. n log n for n edges; `order` is scratch.
pub(super) fn star(problem: &Problem, order: &mut Vec<u32>, solution: &mut Solution) {
    clear(problem, solution);
    let centre_is_left = problem.left_counts.len() == 1;
    let (centre, leaves, leaves_tied, centre_tied) = if centre_is_left {
        (&problem.left_counts, &problem.right_counts, &mut solution.right_tied, &mut solution.left_tied)
    } else {
        (&problem.right_counts, &problem.left_counts, &mut solution.left_tied, &mut solution.right_tied)
    };
    let centre = centre.first().copied().unwrap_or(0);
    let edge_at = |position: u32| &problem.edges[position as usize];
    let leaf_of = |position: u32| {
        let edge = edge_at(position);
        (if centre_is_left { edge.right } else { edge.left }) as usize
    };
    order.clear();
    order.extend(0..number(problem.edges.len()));
    order.sort_unstable_by(|&a, &b| by_worth(edge_at(a), edge_at(b)).then(a.cmp(&b)));
    let runner_up = order.get(1).map_or(0, |&position| edge_at(position).gain);

    let mut open = centre;
    for equals in order.chunk_by(|&a, &b| by_worth(edge_at(a), edge_at(b)).is_eq()) {
        let wanted: u64 = equals.iter().map(|&position| u64::from(leaves[leaf_of(position)])).sum();
        let tied = equals.len() > 1 && wanted > u64::from(open);
        for &position in equals {
            let leaf = leaf_of(position);
            let count = leaves[leaf].min(open);
            leaves_tied[leaf] = tied;
            open -= count;
            let single = centre == 1 && leaves[leaf] == 1;
            let regret = if single { edge_at(position).gain - runner_up } else { 0 };
            if count > 0 {
                solution.flows.push(Flow { edge: position, count, tied, regret: Some(regret) });
            }
        }
        if tied {
            centre_tied.fill(true);
        }
        if open == 0 {
            break;
        }
    }
    solution.flows.sort_unstable_by_key(|flow| flow.edge);
}

/// What a way to put records together is worth; greater is better.
type Worth = (u64, Reverse<u128>, Reverse<u64>);

/// One or two edges without a common node.
#[derive(Debug, Clone, Copy)]
struct Choice {
    edges: [u32; 2],
    worth: Worth,
}

impl Choice {
    fn of(problem: &Problem, edges: [u32; 2]) -> Option<Self> {
        let mut worth: Worth = (0, Reverse(0), Reverse(0));
        for position in edges.into_iter().filter(|&position| position != NONE) {
            let edge = &problem.edges[position as usize];
            worth.0 += u64::from(edge.gain);
            worth.1 = Reverse(worth.1.0.checked_add(edge.variance)?);
            worth.2 = Reverse(worth.2.0 + u64::from(edge.days));
        }
        Some(Self { edges, worth })
    }

    /// The edge at a node, if any.
    fn at(&self, problem: &Problem, node: u32, left: bool) -> Option<u32> {
        let touches = |edge: &Edge| if left { edge.left == node } else { edge.right == node };
        self.edges.into_iter().find(|&position| problem.edges.get(position as usize).is_some_and(touches))
    }

    fn has(&self, edge: u32) -> bool {
        self.edges.contains(&edge)
    }
}

/// Two records against two, by looking at all seven answers. Returns false, having decided nothing, where a sum of
/// variances passes 128 bits.
pub(super) fn two_by_two(problem: &Problem, limits: &Limits, solution: &mut Solution) -> bool {
    let count = number(problem.edges.len().min(4));
    let mut choices = [Choice { edges: [NONE; 2], worth: (0, Reverse(0), Reverse(0)) }; 16];
    let mut used = 1;
    for first in 0..count {
        for second in (first + 1..count).chain([NONE]) {
            let [a, b] = [first, second].map(|position| problem.edges.get(position as usize));
            if let (Some(a), Some(b)) = (a, b)
                && (a.left == b.left || a.right == b.right)
            {
                continue;
            }
            let Some(choice) = Choice::of(problem, [first, second]) else { return false };
            choices[used] = choice;
            used += 1;
        }
    }
    let choices = &choices[..used];
    let mut best = choices[0];
    for choice in choices {
        if choice.worth > best.worth {
            best = *choice;
        }
    }
    clear(problem, solution);
    for other in choices.iter().filter(|choice| choice.worth == best.worth) {
        for node in 0..2 {
            let place = node as usize;
            let differs = |left| other.at(problem, node, left) != best.at(problem, node, left);
            solution.left_tied[place] |= differs(true);
            solution.right_tied[place] |= differs(false);
        }
    }
    for edge in best.edges.into_iter().filter(|&edge| edge != NONE) {
        let without = choices.iter().filter(|choice| !choice.has(edge)).map(|choice| choice.worth).max();
        let without = without.unwrap_or_default();
        let lost = u32::try_from(best.worth.0 - without.0).unwrap_or(u32::MAX);
        let regret = (limits.regret_nodes_max >= 4).then_some(lost);
        solution.flows.push(Flow { edge, count: 1, tied: without == best.worth, regret });
    }
    true
}
