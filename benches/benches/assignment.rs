//! Assignment per component: records a side against time, over shapes that are easy and shapes that are not.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use recon378_benches::assignment::{Graph, Shape, SolverMemory, Worth};
use recon378_core::Limits;
use std::hint::black_box;

fn measure(criterion: &mut Criterion, group: &str, cases: &[(String, Graph)], regret_nodes_max: u32) {
    let limits = Limits { regret_nodes_max, ..Limits::default() };
    let mut memory = SolverMemory::default();
    let mut group = criterion.benchmark_group(group);
    group.sample_size(10);
    for (name, graph) in cases {
        group.throughput(Throughput::Elements(graph.edges.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), graph, |bencher, graph| {
            bencher.iter(|| black_box(graph.solve(&limits, &mut memory).ok()));
        });
    }
    group.finish();
}

fn random(part: u32, degree: u32) -> Shape {
    Shape::Random { part, degree }
}

/// Components of 30 records a side with 5 candidates each, and the same with regrets.
fn components(criterion: &mut Criterion) {
    let sizes = [10_000, 100_000, 1_000_000];
    let cases = sizes.map(|nodes| (nodes.to_string(), Graph::new(nodes, random(30, 5), Worth::Random, 7)));
    measure(criterion, "assignment/components_of_30", &cases, 0);
    measure(criterion, "assignment/components_of_30_with_regret", &cases[..2], 64);
    let cases = [(1, 1), (2, 2)].map(|(part, degree)| {
        (format!("{part}x{part}"), Graph::new(100_000, random(part, degree), Worth::Random, 7))
    });
    measure(criterion, "assignment/closed_forms", &cases, 64);
}

/// One component: growth, and the worths that are hard (equal, coarse) or wide (three criteria).
fn one(criterion: &mut Criterion) {
    let sizes = [1_000, 10_000, 100_000];
    for (name, worth) in [
        ("random", Worth::Random),
        ("three", Worth::Three),
        ("coarse", Worth::Coarse),
        ("equal", Worth::Equal),
    ] {
        let cases = sizes.map(|nodes| (nodes.to_string(), Graph::new(nodes, random(nodes, 5), worth, 7)));
        measure(criterion, &format!("assignment/one_component_{name}"), &cases, 0);
    }
}

/// Long chains, wide stars, everything against everything.
fn shapes(criterion: &mut Criterion) {
    let sizes = [1_000, 10_000, 100_000];
    for (name, shape) in [("chain", Shape::Chain), ("star", Shape::Star)] {
        for (worth_name, worth) in
            [("random", Worth::Random), ("equal", Worth::Equal), ("rising", Worth::Rising)]
        {
            let cases = sizes.map(|nodes| (nodes.to_string(), Graph::new(nodes, shape, worth, 7)));
            measure(criterion, &format!("assignment/{name}_{worth_name}"), &cases, 0);
        }
    }
    let cases = [("random", Worth::Random), ("equal", Worth::Equal), ("rising", Worth::Rising)]
        .map(|(name, worth)| (name.to_owned(), Graph::new(300, Shape::Complete, worth, 7)));
    measure(criterion, "assignment/complete_300", &cases, 0);
}

criterion_group!(benches, components, one, shapes);
criterion_main!(benches);
