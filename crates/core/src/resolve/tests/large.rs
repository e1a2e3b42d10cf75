//! Larger graphs of awkward shapes, proven optimal by their duals.

use super::{edge, single};
use crate::resolve::cost::{Cost, Units};
use crate::resolve::{Edge, Problem, Solver, Task, Width, survey::Survey, ties::Ties};

/// Pseudo-random numbers from a seed (splitmix64).
struct Seeded(u64);

impl Seeded {
    fn next(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((z ^ (z >> 31)) % u64::from(below)).unwrap()
    }
}

/// Solves and checks that flow and duals prove each other.
fn assert_proven(problem: &Problem) {
    let survey = Survey::of(problem).unwrap();
    let Width::Narrow(units) = Width::of(&survey) else { panic!("these figures fit 64 bits") };
    let mut solver = Solver::<i64>::default();
    let mut solution = crate::resolve::Solution::default();
    super::closed::clear(problem, &mut solution);
    let task = Task { problem, single: survey.single, regrets: false };
    task.run(&mut solver, units, &mut Ties::default(), &mut solution);
    let network = &solver.network;
    let (mut primal, mut dual) = (0, 0);
    for (position, edge) in problem.edges.iter().enumerate() {
        let slack = network.reduced(edge.left as usize, position);
        assert!(slack >= 0 && (network.flow[position] == 0 || slack == 0));
        primal += i64::weigh(edge, units) * i64::from(network.flow[position]);
    }
    super::assert_feasible(problem, &solution);
    for (price, &count) in network.left_duals.iter().zip(&problem.left_counts) {
        assert!(*price >= 0);
        dual += price * i64::from(count);
    }
    for (price, &count) in network.right_duals.iter().zip(&problem.right_counts) {
        assert!(*price >= 0);
        dual += price * i64::from(count);
    }
    assert_eq!(primal, dual);
}

fn regular(nodes: u32, degree: u32, seed: u64, gain: impl Fn(&mut Seeded) -> u32) -> Problem {
    let mut seeded = Seeded(seed);
    let mut edges = Vec::new();
    for left in 0..nodes {
        for _ in 0..degree {
            let right = seeded.next(nodes);
            edges.push(Edge { days: seeded.next(3), ..edge(left, right, gain(&mut seeded)) });
        }
    }
    edges.sort_by_key(|edge| (edge.left, edge.right));
    edges.dedup_by_key(|edge| (edge.left, edge.right));
    single(nodes as usize, nodes as usize, edges)
}

fn chain(nodes: u32, gain: impl Fn(u32, u32) -> u32) -> Problem {
    let near = |left| [(left, left), (left, left + 1)];
    let edges = (0..nodes).flat_map(near).filter(|pair| pair.1 < nodes);
    single(nodes as usize, nodes as usize, edges.map(|(l, r)| edge(l, r, gain(l, r))).collect())
}

fn complete(lefts: u32, rights: u32, gain: impl Fn(u32, u32) -> u32) -> Problem {
    let edges = (0..lefts).flat_map(|left| (0..rights).map(move |right| (left, right)));
    single(lefts as usize, rights as usize, edges.map(|(l, r)| edge(l, r, gain(l, r))).collect())
}

#[test]
fn random_graphs_are_proven_optimal() {
    for seed in 0..20 {
        assert_proven(&regular(500, 5, seed, |seeded| 1 + seeded.next(1_000_000)));
        assert_proven(&regular(500, 4, seed, |seeded| 1 + seeded.next(3)));
        assert_proven(&regular(500, 3, seed, |_| 7));
    }
}

#[test]
fn random_graphs_of_twins_are_proven_optimal() {
    for seed in 0..20 {
        let mut problem = regular(300, 4, seed, |seeded| 1 + seeded.next(50));
        let mut seeded = Seeded(seed + 1_000);
        let counts = problem.left_counts.iter_mut().chain(&mut problem.right_counts);
        counts.for_each(|count| *count = 1 + seeded.next(20));
        assert_proven(&problem);
    }
}

/// Many on one side compete for few on the other: prices rise on one and must fall on the other.
fn lopsided(nodes: u32, few: u32, seed: u64) -> Problem {
    let mut problem = regular(nodes, 4, seed, |seeded| 500_000 + seeded.next(500_000));
    problem.edges.retain(|edge| edge.right < few || edge.left < few / 2);
    problem
}

#[test]
fn lopsided_graphs_are_proven_optimal_from_both_sides() {
    for seed in 0..10 {
        let problem = lopsided(800, 300, seed);
        assert_proven(&problem);
        assert_proven(&super::mirrored(&problem).0);
        assert_proven(&regular(800, 6, seed, |seeded| 1 + seeded.next(30)));
    }
}

/// Here some right records keep a price after the auction that nobody pays.
#[test]
fn prices_without_a_taker_are_settled() {
    for gains in [2, 3, 10, 100] {
        for seed in 0..4 {
            let mut problem = regular(1_000, 5, seed, |seeded| 100 + seeded.next(gains));
            problem.edges.retain(|edge| edge.right < 800);
            assert_proven(&problem);
            assert_proven(&super::mirrored(&problem).0);
        }
    }
}

#[test]
fn large_graphs_have_the_same_answer_at_every_width() {
    for seed in 0..3 {
        let problem = regular(600, 5, seed, |seeded| 500_000 + seeded.next(500_000));
        let Width::Narrow(units) = Width::of(&Survey::of(&problem).unwrap()) else {
            panic!("they fit 64 bits")
        };
        let packed = Units { gain: i128::from(units.gain), variance: i128::from(units.variance) };
        let narrow = super::totals(&problem, &super::searched(&problem, Width::Narrow(units)));
        assert_eq!(narrow, super::totals(&problem, &super::searched(&problem, Width::Packed(packed))));
        assert_eq!(narrow, super::totals(&problem, &super::searched(&problem, Width::Wide)));
    }
}

#[test]
fn awkward_shapes_are_proven_optimal() {
    assert_proven(&chain(20_000, |_, _| 5));
    assert_proven(&chain(20_000, |l, r| if l == r { 5 } else { 6 }));
    assert_proven(&chain(20_000, |l, r| if l == r { 6 } else { 5 }));
    assert_proven(&chain(5_000, |l, r| 1_000_000 - l - r));
    assert_proven(&chain(5_000, |l, r| 1 + l + r));
    assert_proven(&complete(100, 100, |_, _| 3));
    assert_proven(&complete(120, 80, |_, _| 3));
    assert_proven(&complete(80, 120, |l, r| 1 + (l * r) % 7));
    assert_proven(&complete(100, 100, |l, r| 1 + l * r));
}
