//! Two slow solvers: one that looks at every answer, one that improves step by step.

use super::{Totals, assert_feasible, totals};
use crate::resolve::{Problem, Solution};
use std::cmp::Reverse;

type Worth = (u64, Reverse<u128>, Reverse<u64>);

fn worth((gain, variance, days): Totals) -> Worth {
    (gain, Reverse(variance), Reverse(days))
}

/// Every optimal answer as flows per edge.
struct Enumeration<'a> {
    problem: &'a Problem,
    forbidden: Option<usize>,
    flow: Vec<u32>,
    left: Vec<u32>,
    right: Vec<u32>,
    best: Worth,
    optimal: Vec<Vec<u32>>,
}

impl<'a> Enumeration<'a> {
    fn of(problem: &'a Problem, forbidden: Option<usize>) -> Self {
        let mut all = Self {
            problem,
            forbidden,
            flow: vec![0; problem.edges.len()],
            left: problem.left_counts.clone(),
            right: problem.right_counts.clone(),
            best: worth((0, 0, 0)),
            optimal: Vec::new(),
        };
        all.visit(0, (0, 0, 0));
        all
    }

    fn visit(&mut self, position: usize, sums: Totals) {
        let Some(edge) = self.problem.edges.get(position) else {
            let here = worth(sums);
            if here > self.best {
                self.best = here;
                self.optimal.clear();
            }
            if here == self.best {
                self.optimal.push(self.flow.clone());
            }
            return;
        };
        let (left, right) = (edge.left as usize, edge.right as usize);
        let most = if self.forbidden == Some(position) { 0 } else { self.left[left].min(self.right[right]) };
        for count in 0..=most {
            self.flow[position] = count;
            self.left[left] -= count;
            self.right[right] -= count;
            let gain = sums.0 + u64::from(edge.gain * count);
            let variance = sums.1 + edge.variance * u128::from(count);
            self.visit(position + 1, (gain, variance, sums.2 + u64::from(edge.days * count)));
            self.left[left] += count;
            self.right[right] += count;
        }
        self.flow[position] = 0;
    }

    /// Whether answers differ at some edge that passes the test.
    fn differs_at(&self, test: impl Fn(usize) -> bool) -> bool {
        let first = &self.optimal[0];
        self.optimal.iter().any(|flow| (0..flow.len()).any(|edge| test(edge) && flow[edge] != first[edge]))
    }
}

pub(super) fn assert_equals_enumeration(problem: &Problem, solution: &Solution) {
    assert_feasible(problem, solution);
    let all = Enumeration::of(problem, None);
    assert_eq!(worth(totals(problem, solution)), all.best, "{problem:?}");
    for (node, &tied) in solution.left_tied.iter().enumerate() {
        let expected = all.differs_at(|edge| problem.edges[edge].left as usize == node);
        assert_eq!(tied, expected, "left {node} of {problem:?}");
    }
    for (node, &tied) in solution.right_tied.iter().enumerate() {
        let expected = all.differs_at(|edge| problem.edges[edge].right as usize == node);
        assert_eq!(tied, expected, "right {node} of {problem:?}");
    }
    for flow in &solution.flows {
        let position = flow.edge as usize;
        assert_eq!(flow.tied, all.differs_at(|edge| edge == position), "edge {position} of {problem:?}");
        let edge = &problem.edges[position];
        let single =
            problem.left_counts[edge.left as usize] == 1 && problem.right_counts[edge.right as usize] == 1;
        let lost = if single { all.best.0 - Enumeration::of(problem, Some(position)).best.0 } else { 0 };
        assert_eq!(flow.regret.map(u64::from), Some(lost), "edge {position} of {problem:?}");
    }
}

/// The best totals, by Bellman and Ford's longest augmenting path for one record at a time, twins taken apart.
pub(super) fn slow_totals(problem: &Problem, forbidden: Option<u32>) -> Totals {
    let records = |counts: &[u32]| -> Vec<usize> {
        counts.iter().enumerate().flat_map(|(node, &count)| vec![node; count as usize]).collect()
    };
    let (lefts, rights) = (records(&problem.left_counts), records(&problem.right_counts));
    let figures = |left: usize, right: usize| -> Option<[i128; 3]> {
        let (left, right) = (lefts[left], rights[right]);
        let found = |edge: &crate::resolve::Edge| edge.left as usize == left && edge.right as usize == right;
        let position = problem.edges.iter().position(found)?;
        let edge = &problem.edges[position];
        let variance = i128::try_from(edge.variance).unwrap();
        let allowed = forbidden.is_none_or(|edge| edge as usize != position);
        allowed.then(|| [i128::from(edge.gain), -variance, -i128::from(edge.days)])
    };
    let mut owner: Vec<Option<usize>> = vec![None; rights.len()];
    let mut sums = [0; 3];
    while let Some((gained, taken)) = best_path(lefts.len(), &owner, &figures) {
        sums = plus(sums, gained, 1);
        owner = taken;
    }
    (u64::try_from(sums[0]).unwrap(), sums[1].unsigned_abs(), u64::try_from(-sums[2]).unwrap())
}

fn plus(a: [i128; 3], b: [i128; 3], sign: i128) -> [i128; 3] {
    [a[0] + sign * b[0], a[1] + sign * b[1], a[2] + sign * b[2]]
}

type Owners = Vec<Option<usize>>;

/// The augmenting path that gains most, if one gains anything: what it gains, and who holds what then.
fn best_path(
    lefts: usize,
    owner: &Owners,
    figures: &impl Fn(usize, usize) -> Option<[i128; 3]>,
) -> Option<([i128; 3], Owners)> {
    let rights = owner.len();
    let open = |left: usize| !owner.contains(&Some(left));
    // Best way to reach each right record, as its worth and the left record before it.
    let mut best: Vec<Option<([i128; 3], usize)>> = vec![None; rights];
    for _ in 0..=rights {
        for left in 0..lefts {
            let held = owner.iter().position(|&holder| holder == Some(left));
            let start = match held {
                None => [0; 3],
                Some(held) => match best[held] {
                    Some((reached, _)) => plus(reached, figures(left, held)?, -1),
                    None => continue,
                },
            };
            for right in (0..rights).filter(|&right| Some(right) != held) {
                let Some(edge) = figures(left, right) else { continue };
                let there = plus(start, edge, 1);
                if best[right].is_none_or(|(known, _)| there > known) {
                    best[right] = Some((there, left));
                }
            }
        }
    }
    let ends = (0..rights).filter(|&right| owner[right].is_none());
    let (gained, mut right) = ends.filter_map(|right| best[right].map(|(sum, _)| (sum, right))).max()?;
    if gained <= [0; 3] {
        return None;
    }
    let mut taken = owner.clone();
    loop {
        let (_, left) = best[right]?;
        let before = owner.iter().position(|&holder| holder == Some(left));
        taken[right] = Some(left);
        if open(left) {
            return Some((gained, taken));
        }
        right = before?;
    }
}
