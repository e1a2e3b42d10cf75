//! Graphs for the assignment benches: made from a seed, the same for us and for the peers.

use recon378_core::resolve::{Components, Edge, Problem, Scratch, Solution, components, solve_into};
use recon378_core::{Limits, Result};
use std::io::{self, Write};

/// A block of candidates between single records, sorted by (left, right).
#[derive(Debug, Clone)]
pub struct Graph {
    /// Nodes on each side.
    pub nodes: u32,
    /// Candidates.
    pub edges: Vec<Edge>,
}

/// How candidates connect records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Each left record and `degree` random right ones of its part of `part` records, its own number among them.
    Random {
        /// Records a side of one part.
        part: u32,
        /// Candidates of a left record.
        degree: u32,
    },
    /// Each left record and the right ones of its own and the next number.
    Chain,
    /// Every left record and every right one.
    Complete,
    /// Every left record and the first right one.
    Star,
}

/// What candidates are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// Random from 500,000 to 1,000,000 millionths.
    Random,
    /// The same plus 10^9: to leave a record open never pays, so that the best answer is also a peer's, which can
    /// only match all.
    RandomFull,
    /// Random from 1 to 4, variances from 0 to 2, days from 0 to 1: ties everywhere.
    Coarse,
    /// Random, with variances below 100,000 and days below 10.
    Three,
    /// All equal.
    Equal,
    /// Rising along the numbers.
    Rising,
}

/// Pseudo-random numbers from a seed (splitmix64).
#[derive(Debug, Clone)]
pub struct Seeded(pub u64);

impl Seeded {
    /// The next number below a bound.
    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((((z ^ (z >> 31)) >> 32) * u64::from(bound)) >> 32).unwrap_or(0)
    }
}

impl Graph {
    /// A graph of `nodes` records a side.
    #[must_use]
    pub fn new(nodes: u32, shape: Shape, worth: Worth, seed: u64) -> Self {
        let mut seeded = Seeded(seed);
        let mut edges = Vec::new();
        let mut rights = Vec::new();
        for left in 0..nodes {
            rights.clear();
            match shape {
                Shape::Random { part, degree } => {
                    let first = left / part * part;
                    let size = part.min(nodes - first);
                    rights.push(left);
                    while rights.len() < degree.min(size) as usize {
                        let right = first + seeded.below(size);
                        if !rights.contains(&right) {
                            rights.push(right);
                        }
                    }
                    rights.sort_unstable();
                }
                Shape::Chain => rights.extend(left..nodes.min(left + 2)),
                Shape::Complete => rights.extend(0..nodes),
                Shape::Star => rights.push(0),
            }
            edges.extend(rights.iter().map(|&right| worth.edge(left, right, &mut seeded)));
        }
        Self { nodes, edges }
    }

    /// Splits the graph and solves every component; total gain, flows, tied left records.
    ///
    /// # Errors
    /// Those of the solver: none for a graph made here.
    pub fn solve(&self, limits: &Limits, memory: &mut SolverMemory) -> Result<(u64, u64, u64)> {
        let SolverMemory { split, scratch, problem, solution, counts } = memory;
        counts.resize(self.nodes as usize, 1);
        components(self.nodes, self.nodes, &self.edges, split)?;
        let (mut gain, mut flows, mut tied) = (0, 0, 0);
        for component in 0..split.len() {
            split.fill(component, (counts, counts), &self.edges, problem);
            solve_into(problem, limits, scratch, solution)?;
            flows += solution.flows.len() as u64;
            tied += solution.left_tied.iter().filter(|tied| **tied).count() as u64;
            gain += solution
                .flows
                .iter()
                .map(|flow| u64::from(problem.edges[flow.edge as usize].gain))
                .sum::<u64>();
        }
        Ok((gain, flows, tied))
    }

    /// Writes left, right and gain of every candidate as little-endian u32.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        for edge in &self.edges {
            for figure in [edge.left, edge.right, edge.gain] {
                to.write_all(&figure.to_le_bytes())?;
            }
        }
        to.flush()
    }
}

impl Worth {
    fn edge(self, left: u32, right: u32, seeded: &mut Seeded) -> Edge {
        let random = 500_000 + seeded.below(500_001);
        let plain = Edge { left, right, gain: random, variance: 0, days: 0 };
        match self {
            Self::Random => plain,
            Self::RandomFull => Edge { gain: 1_000_000_000 + random, ..plain },
            Self::Coarse => {
                let variance = u128::from(seeded.below(3));
                Edge { gain: 1 + seeded.below(4), variance, days: seeded.below(2), ..plain }
            }
            Self::Three => {
                let variance = u128::from(seeded.below(100_000));
                Edge { variance, days: seeded.below(10), ..plain }
            }
            Self::Equal => Edge { gain: 1_000_000, ..plain },
            Self::Rising => Edge { gain: 1 + left + right, ..plain },
        }
    }
}

/// What one thread keeps from one block to the next.
#[derive(Debug, Default)]
pub struct SolverMemory {
    split: Components,
    scratch: Scratch,
    problem: Problem,
    solution: Solution,
    counts: Vec<u32>,
}
