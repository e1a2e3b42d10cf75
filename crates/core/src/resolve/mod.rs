//! Which candidates become groups: optimal assignment per connected component, its ties and its regrets.
//!
//! A component is solved exactly: greatest Σ gain, then least Σ |variance|, then least Σ |days|, whatever its size
//! and whatever the order of its records. What is left undecided after the three is a tie and is told, never
//! decided in silence. Nothing here may depend on anything but the problem: no order of a hash table, no clock.
//!
//! [`components`] splits a block, [`solve_into`] solves one component. `docs/how/assignment.md` tells how and why.

pub(crate) mod alternatives;
mod auction;
mod closed;
pub(crate) mod cluster;
mod components;
mod cost;
mod counted;
pub(crate) mod lookup;
mod network;
pub mod one_to_one;
mod paths;
mod problem;
mod regret;
mod single;
pub(crate) mod singles;
mod survey;
#[cfg(test)]
mod tests;
mod ties;

pub use components::{Components, components};
pub use problem::*;

use crate::error::Result;
use crate::limits::Limits;
use cost::{Cost, Wide, Width};
use survey::Survey;

/// Memory of the solver, kept from one component to the next. Holds no state that a result could depend on.
#[derive(Debug, Default)]
pub struct Scratch {
    narrow: Solver<i64>,
    packed: Solver<i128>,
    wide: Solver<Wide>,
    ties: ties::Ties,
    order: Vec<u32>,
}

/// The memory of one width of cost.
#[derive(Debug, Default)]
struct Solver<C> {
    network: network::Network<C>,
    single: single::Single<C>,
    counted: counted::Counted<C>,
    regrets: regret::Regrets<C>,
}

/// Solves one component into a solution of its own; see [`solve_into`].
///
/// ```
/// # use recon378_core::{Limits, resolve::{Edge, Problem, Scratch, solve}};
/// let edge = |left, right, gain| Edge { left, right, gain, variance: 0, days: 0 };
/// let problem = Problem {
///     left_counts: vec![1, 1],
///     right_counts: vec![1, 1],
///     edges: vec![edge(0, 0, 500_000), edge(0, 1, 450_000), edge(1, 0, 480_000)],
/// };
/// let solution = solve(&problem, &Limits::default(), &mut Scratch::default()).unwrap();
/// let taken: Vec<u32> = solution.flows.iter().map(|flow| flow.edge).collect();
/// assert_eq!(taken, [1, 2]); // 930,000 is more than 500,000
/// assert_eq!(solution.flows[0].regret, Some(430_000));
/// ```
///
/// # Errors
/// Those of [`solve_into`].
pub fn solve(problem: &Problem, limits: &Limits, scratch: &mut Scratch) -> Result<Solution> {
    let mut solution = Solution::default();
    solve_into(problem, limits, scratch, &mut solution)?;
    Ok(solution)
}

/// Solves one component: greatest Σ gain, then least Σ variance, then least Σ days, with what is tied and what
/// each pair is worth over the best answer without it. The problem need not be connected.
///
/// `solution` is overwritten; with `scratch` and `solution` reused nothing is allocated once both have grown.
/// [`Flow::regret`] is known for one node on a side and for problems of at most `limits.regret_nodes_max` records.
/// Expected cost is near-linear in edges; at worst, nodes × edges × log(nodes).
///
/// # Errors
/// `Internal` where the problem is not well formed: edges unsorted, repeated, without gain or naming a node that is
/// not there, a count of zero.
pub fn solve_into(
    problem: &Problem,
    limits: &Limits,
    scratch: &mut Scratch,
    solution: &mut Solution,
) -> Result<()> {
    let survey = Survey::of(problem)?;
    let (lefts, rights) = (problem.left_counts.len(), problem.right_counts.len());
    if lefts == 1 && rights == 1 {
        closed::pair(problem, solution);
        return Ok(());
    }
    if lefts == 1 || rights == 1 {
        closed::star(problem, &mut scratch.order, solution);
        return Ok(());
    }
    if lefts == 2 && rights == 2 && survey.single && closed::two_by_two(problem, limits, solution) {
        return Ok(());
    }
    search(problem, &survey, Width::of(&survey), limits, (scratch, solution));
    Ok(())
}

/// Whether some optimal answer has another count on each edge than another: of an edge that the answer doesn't use,
/// whether an optimal one does.
pub(crate) fn tied_edges(problem: &Problem, scratch: &mut Scratch) -> Result<Vec<bool>> {
    let survey = Survey::of(problem)?;
    scratch.ties.none(problem);
    let limits = Limits { regret_nodes_max: 0, ..Limits::default() };
    let mut solution = Solution::default();
    search(problem, &survey, Width::of(&survey), &limits, (scratch, &mut solution));
    Ok(scratch.ties.edge_tied.clone())
}

/// Solves by search, at a width of cost that is wide enough.
fn search(
    problem: &Problem,
    survey: &Survey,
    width: Width,
    limits: &Limits,
    (scratch, solution): (&mut Scratch, &mut Solution),
) {
    closed::clear(problem, solution);
    let regrets = survey.left_records + survey.right_records <= u64::from(limits.regret_nodes_max);
    let task = Task { problem, single: survey.single, regrets };
    let ties = &mut scratch.ties;
    match width {
        Width::Narrow(units) => task.run(&mut scratch.narrow, units, ties, solution),
        Width::Packed(units) => task.run(&mut scratch.packed, units, ties, solution),
        Width::Wide => task.run(&mut scratch.wide, (), ties, solution),
    }
}

/// A problem to be solved by search.
#[derive(Debug, Clone, Copy)]
struct Task<'a> {
    problem: &'a Problem,
    /// Every node is one record.
    single: bool,
    /// Whether regrets are wanted.
    regrets: bool,
}

impl Task<'_> {
    fn run<C: Cost>(
        self,
        solver: &mut Solver<C>,
        units: C::Units,
        ties: &mut ties::Ties,
        solution: &mut Solution,
    ) {
        let problem = self.problem;
        let Solver { network, single, counted, regrets } = solver;
        network.lay_out(problem, units);
        if self.single {
            single.solve(network, |edge| problem.edges[edge as usize].left);
        } else {
            counted.solve(problem, network);
        }
        // Between single records, answers differ only by exchanging edges.
        let undecided = !(self.single && network.only_flow_is_tight());
        if undecided {
            ties.find(problem, network);
            solution.left_tied.copy_from_slice(&ties.left_tied);
            solution.right_tied.copy_from_slice(&ties.right_tied);
        }
        if self.regrets {
            regrets.prepare(problem, network);
        }
        for (position, &count) in network.flow.iter().enumerate() {
            if count > 0 {
                let regret = self.regrets.then(|| regrets.of(problem, network, position, units));
                let differs = undecided && ties.edge_tied[position];
                solution.flows.push(Flow { edge: network::number(position), count, tied: differs, regret });
            }
        }
    }
}
