//! Solves the assignment graphs once and writes them for `benches/peers/assignment.py`: the same candidates, the
//! same machine, the same minutes.
//!
//! `assignment DIR [NODES]` writes `DIR/NAME.bin` (left, right, gain as little-endian u32) per graph and prints a
//! line of JSON each: name, nodes, edges, the total gain, the seconds of the best of three runs.

use recon378_benches::assignment::{Graph, Shape, SolverMemory, Worth};
use recon378_core::Limits;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let directory = arguments.next().ok_or("give a directory for the graphs")?;
    let nodes: u32 = match arguments.next() {
        Some(text) => text.to_str().unwrap_or_default().parse()?,
        None => 1_000_000,
    };
    let one = nodes / 10;
    let graphs = [
        ("components", nodes, 30, Worth::Random),
        ("components_full", nodes, 30, Worth::RandomFull),
        ("one", one, one, Worth::Random),
        ("one_full", one, one, Worth::RandomFull),
    ];
    for (name, nodes, part, worth) in graphs {
        let graph = Graph::new(nodes, Shape::Random { part, degree: 5 }, worth, 7);
        let path = Path::new(&directory).join(name).with_extension("bin");
        graph.write(&mut BufWriter::new(File::create(path)?))?;
        let (gain, seconds) = best_of_three(&graph)?;
        let edges = graph.edges.len();
        writeln!(
            stdout(),
            r#"{{"name":"{name}","nodes":{nodes},"edges":{edges},"gain":{gain},"seconds":{seconds:.4}}}"#
        )?;
    }
    Ok(())
}

/// The total gain, and the seconds of the fastest of three solutions, split into components included.
#[expect(
    clippy::disallowed_methods,
    reason = "to measure time is what this program is for; no result depends on it"
)]
fn best_of_three(graph: &Graph) -> Result<(u64, f64), Box<dyn Error>> {
    // A regret is more than the peers compute.
    let limits = Limits { regret_nodes_max: 0, ..Limits::default() };
    let mut memory = SolverMemory::default();
    let (mut gain, mut seconds) = (0, f64::INFINITY);
    for _ in 0..3 {
        let start = Instant::now();
        gain = graph.solve(&limits, &mut memory)?.0;
        seconds = seconds.min(start.elapsed().as_secs_f64());
    }
    Ok((gain, seconds))
}
