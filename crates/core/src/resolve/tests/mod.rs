//! The solver against every answer there is, against a slow one, and against its own mirror.

mod brute;
mod large;
mod split;

use super::cost::Units;
use super::*;
use proptest::prelude::*;

/// Total gain, variance and days.
pub(super) type Totals = (u64, u128, u64);

pub(super) fn totals(problem: &Problem, solution: &Solution) -> Totals {
    let mut sums = (0, 0, 0);
    for flow in &solution.flows {
        let edge = &problem.edges[flow.edge as usize];
        sums.0 += u64::from(edge.gain) * u64::from(flow.count);
        sums.1 += edge.variance * u128::from(flow.count);
        sums.2 += u64::from(edge.days) * u64::from(flow.count);
    }
    sums
}

fn assert_feasible(problem: &Problem, solution: &Solution) {
    let mut left = vec![0; problem.left_counts.len()];
    let mut right = vec![0; problem.right_counts.len()];
    for flow in &solution.flows {
        assert!(flow.count > 0);
        left[problem.edges[flow.edge as usize].left as usize] += flow.count;
        right[problem.edges[flow.edge as usize].right as usize] += flow.count;
    }
    assert!(left.iter().zip(&problem.left_counts).all(|(used, count)| used <= count));
    assert!(right.iter().zip(&problem.right_counts).all(|(used, count)| used <= count));
    assert!(solution.flows.is_sorted_by(|a, b| a.edge < b.edge));
}

/// Sides swapped; with the position in the mirrored problem of each edge.
fn mirrored(problem: &Problem) -> (Problem, Vec<usize>) {
    let mut order: Vec<usize> = (0..problem.edges.len()).collect();
    order.sort_by_key(|&position| (problem.edges[position].right, problem.edges[position].left));
    let edges = order.iter().map(|&position| {
        let edge = problem.edges[position];
        Edge { left: edge.right, right: edge.left, ..edge }
    });
    let mirror = Problem {
        left_counts: problem.right_counts.clone(),
        right_counts: problem.left_counts.clone(),
        edges: edges.collect(),
    };
    let mut positions = vec![0; order.len()];
    for (new, old) in order.into_iter().enumerate() {
        positions[old] = new;
    }
    (mirror, positions)
}

/// Per edge: flow, tied, regret where there is flow that is in every answer; `None` where there is no such flow.
fn forced(problem: &Problem, solution: &Solution) -> Vec<Option<(u32, Option<u32>)>> {
    let mut forced = vec![None; problem.edges.len()];
    for flow in solution.flows.iter().filter(|flow| !flow.tied) {
        forced[flow.edge as usize] = Some((flow.count, flow.regret));
    }
    forced
}

/// Problems with few distinct figures, so that ties are frequent.
fn problems(nodes_max: usize, counts_max: u32) -> impl Strategy<Value = Problem> {
    let side = move || prop::collection::vec(1..=counts_max, 1..=nodes_max);
    (side(), side()).prop_flat_map(|(left_counts, right_counts)| {
        let places = left_counts.len() * right_counts.len();
        let figures = (0_u8..10, 1_u32..4, 0_u8..3, 0_u32..2);
        prop::collection::vec(figures, places).prop_map(move |figures| {
            let mut edges = Vec::new();
            for (place, (density, gain, variance, days)) in figures.into_iter().enumerate() {
                if density < 6 {
                    let left = u32::try_from(place / right_counts.len()).unwrap();
                    let right = u32::try_from(place % right_counts.len()).unwrap();
                    edges.push(Edge { left, right, gain, variance: u128::from(variance / 2), days });
                }
            }
            Problem { left_counts: left_counts.clone(), right_counts: right_counts.clone(), edges }
        })
    })
}

/// Solves by search at a given width, closed forms left aside.
fn searched(problem: &Problem, width: Width) -> Solution {
    let mut solution = Solution::default();
    let survey = Survey::of(problem).unwrap();
    search(problem, &survey, width, &Limits::default(), (&mut Scratch::default(), &mut solution));
    solution
}

fn solved(problem: &Problem) -> Solution {
    solve(problem, &Limits::default(), &mut Scratch::default()).unwrap()
}

fn assert_same(a: &Solution, b: &Solution) {
    assert_eq!(a.flows, b.flows);
    assert_eq!((&a.left_tied, &a.right_tied), (&b.left_tied, &b.right_tied));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn small_problems_of_single_records_equal_the_enumeration(problem in problems(4, 1)) {
        brute::assert_equals_enumeration(&problem, &solved(&problem));
        brute::assert_equals_enumeration(&problem, &searched(&problem, Width::Wide));
    }

    #[test]
    fn small_problems_of_twins_equal_the_enumeration(problem in problems(3, 3)) {
        brute::assert_equals_enumeration(&problem, &solved(&problem));
        brute::assert_equals_enumeration(&problem, &searched(&problem, Width::Wide));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn middling_problems_equal_the_slow_solver(problem in problems(14, 3)) {
        let solution = solved(&problem);
        assert_feasible(&problem, &solution);
        prop_assert_eq!(totals(&problem, &solution), brute::slow_totals(&problem, None));
    }

    #[test]
    fn middling_regrets_equal_the_slow_solver(problem in problems(7, 1)) {
        let solution = solved(&problem);
        for flow in &solution.flows {
            let without = brute::slow_totals(&problem, Some(flow.edge));
            let lost = totals(&problem, &solution).0 - without.0;
            prop_assert_eq!(flow.regret.map(u64::from), Some(lost));
        }
    }

    #[test]
    fn every_width_gives_the_same_answer(problem in problems(10, 2)) {
        let narrow = searched(&problem, Width::Narrow(Units { gain: 1_000_000, variance: 1_000 }));
        let packed = searched(&problem, Width::Packed(Units { gain: 1_000_000, variance: 1_000 }));
        assert_same(&narrow, &packed);
        assert_same(&narrow, &searched(&problem, Width::Wide));
        assert_same(&narrow, &searched(&problem, Width::of(&Survey::of(&problem).unwrap())));
    }

    #[test]
    fn the_mirrored_problem_has_the_mirrored_answer(problem in problems(10, 3)) {
        let solution = solved(&problem);
        let (mirror, positions) = mirrored(&problem);
        let other = solved(&mirror);
        prop_assert_eq!(totals(&problem, &solution), totals(&mirror, &other));
        prop_assert_eq!(&solution.left_tied, &other.right_tied);
        prop_assert_eq!(&solution.right_tied, &other.left_tied);
        let (here, there) = (forced(&problem, &solution), forced(&mirror, &other));
        for (position, forced) in here.iter().enumerate() {
            prop_assert_eq!(forced, &there[positions[position]]);
        }
    }

    #[test]
    fn renumbered_nodes_change_no_total_and_no_tie(problem in problems(10, 3), turn in 0_usize..10) {
        let turned = |node: u32, nodes: usize| u32::try_from((node as usize + turn) % nodes).unwrap();
        let (lefts, rights) = (problem.left_counts.len(), problem.right_counts.len());
        let mut other = problem.clone();
        other.left_counts.rotate_right(turn % lefts);
        other.right_counts.rotate_right(turn % rights);
        for edge in &mut other.edges {
            (edge.left, edge.right) = (turned(edge.left, lefts), turned(edge.right, rights));
        }
        other.edges.sort_by_key(|edge| (edge.left, edge.right));
        let (here, mut there) = (solved(&problem), solved(&other));
        prop_assert_eq!(totals(&problem, &here), totals(&other, &there));
        there.left_tied.rotate_left(turn % lefts);
        there.right_tied.rotate_left(turn % rights);
        prop_assert_eq!(&here.left_tied, &there.left_tied);
        prop_assert_eq!(&here.right_tied, &there.right_tied);
    }

    #[test]
    fn scratch_carries_nothing_over(first in problems(8, 3), second in problems(8, 1)) {
        let mut scratch = Scratch::default();
        let mut solution = Solution::default();
        for problem in [&first, &second, &first] {
            solve_into(problem, &Limits::default(), &mut scratch, &mut solution).unwrap();
            assert_same(&solution, &solved(problem));
        }
    }
}

fn edge(left: u32, right: u32, gain: u32) -> Edge {
    Edge { left, right, gain, variance: 0, days: 0 }
}

fn single(lefts: usize, rights: usize, edges: Vec<Edge>) -> Problem {
    Problem { left_counts: vec![1; lefts], right_counts: vec![1; rights], edges }
}

#[test]
fn a_hot_key_is_one_flow() {
    let counts = vec![100_000];
    let problem = Problem { left_counts: counts.clone(), right_counts: counts, edges: vec![edge(0, 0, 7)] };
    let flow = Flow { edge: 0, count: 100_000, tied: false, regret: Some(0) };
    assert_eq!(solved(&problem).flows, [flow]);
    assert_eq!(searched(&problem, Width::of(&Survey::of(&problem).unwrap())).flows.len(), 1);
}

#[test]
fn variances_beyond_every_integer_are_summed_exactly() {
    let vast = |left, right, variance| Edge { left, right, gain: 1, variance, days: 0 };
    let edges = vec![
        vast(0, 0, u128::MAX),
        vast(0, 1, u128::MAX - 1),
        vast(1, 0, u128::MAX),
        vast(1, 1, u128::MAX),
        vast(1, 2, u128::MAX),
        vast(2, 1, u128::MAX),
    ];
    let problem = single(3, 3, edges);
    assert_eq!(Width::of(&Survey::of(&problem).unwrap()), Width::Wide);
    let solution = solved(&problem);
    assert_eq!(solution.flows.len(), 3);
    let two = single(2, 2, problem.edges.iter().copied().filter(|e| e.left < 2 && e.right < 2).collect());
    assert_eq!(solved(&two).flows.iter().map(|flow| flow.edge).collect::<Vec<_>>(), [1, 2]);
    assert!(solved(&two).flows.iter().all(|flow| !flow.tied));
}

#[test]
fn regret_is_unknown_above_the_limit_unless_a_closed_form_tells_it() {
    let limits = Limits { regret_nodes_max: 3, ..Limits::default() };
    let regret = |problem: &Problem| {
        solve(problem, &limits, &mut Scratch::default())
            .unwrap()
            .flows
            .iter()
            .map(|f| f.regret)
            .collect::<Vec<_>>()
    };
    let star = single(1, 4, vec![edge(0, 0, 9), edge(0, 2, 4), edge(0, 3, 5)]);
    assert_eq!(regret(&star), [Some(4)]);
    assert_eq!(regret(&single(1, 1, vec![edge(0, 0, 9)])), [Some(9)]);
    assert_eq!(regret(&single(2, 2, vec![edge(0, 0, 9), edge(1, 0, 3), edge(1, 1, 3)])), [None, None]);
}

#[test]
fn malformed_problems_are_internal_errors() {
    let cases = [
        single(1, 1, vec![edge(0, 1, 1)]),
        single(1, 1, vec![edge(1, 0, 1)]),
        single(1, 1, vec![edge(0, 0, 0)]),
        single(2, 2, vec![edge(1, 0, 1), edge(0, 0, 1)]),
        single(2, 2, vec![edge(1, 0, 1), edge(1, 0, 1)]),
        Problem { left_counts: vec![0], right_counts: vec![1], edges: vec![edge(0, 0, 1)] },
    ];
    for problem in cases {
        let error = solve(&problem, &Limits::default(), &mut Scratch::default()).unwrap_err();
        assert_eq!(error.code(), "internal");
    }
}

#[test]
fn problems_without_candidates_have_empty_answers() {
    for (lefts, rights) in [(0, 0), (1, 1), (0, 3), (4, 1), (3, 2)] {
        let solution = solved(&single(lefts, rights, Vec::new()));
        assert!(solution.flows.is_empty());
        assert_eq!((solution.left_tied.len(), solution.right_tied.len()), (lefts, rights));
    }
}
