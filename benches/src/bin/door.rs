//! Whole runs through the door that the Python and Node packages use, on the sources that `peers data` wrote: two
//! tables in, `pairs` and `breaks` out. Driven by `benches/bindings/run.py`.
//!
//! `door FOLDER WORK THREADS RUNS [ipc]` prints the seconds of each run, and the digest; with `ipc`, tables cross as Arrow IPC
//! bytes, as they do for hosts without a shared memory layout.
#![expect(clippy::print_stdout, reason = "a program that prints JSON")]

use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use recon378::{Outcome, Reconciler};
use recon378_benches::meter::measure;
use recon378_benches::work::Work;
use std::error::Error;
use std::fs::File;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let ([folder, work, threads, runs] | [folder, work, threads, runs, _]) = words.as_slice() else {
        return Err("usage: door FOLDER WORK THREADS RUNS [ipc]".into());
    };
    let folder = Path::new(folder);
    let sides = [folder.join("left.arrow"), folder.join("right.arrow")];
    let work = Work::named(work).ok_or("no such work")?;
    let reconciler = Reconciler::new(work.spec()?).threads(threads.parse()?);
    let (mut seconds, mut digest) = (Vec::new(), String::new());
    for _ in 0..runs.parse::<u32>()? {
        let (outcome, cost) = if words.len() == 5 {
            let [left, right] = [std::fs::read(&sides[0])?, std::fs::read(&sides[1])?];
            measure(|| over_ipc(&reconciler, left, right))
        } else {
            let [left, right] = [read(&sides[0])?, read(&sides[1])?];
            measure(|| in_memory(&reconciler, &left, &right))
        };
        seconds.push(cost.seconds);
        digest = outcome?.digest()?;
    }
    println!("{{\"seconds\": {seconds:?}, \"digest\": \"{digest}\"}}");
    Ok(())
}

fn in_memory(
    reconciler: &Reconciler,
    left: &Vec<RecordBatch>,
    right: &Vec<RecordBatch>,
) -> recon378::Result<Outcome> {
    let outcome = reconciler.run(left, right)?;
    reconciler.on_threads(|| {
        let tables = (outcome.table("pairs")?, outcome.table("breaks")?);
        drop(tables);
        Ok(())
    })?;
    Ok(outcome)
}

fn over_ipc(reconciler: &Reconciler, left: Vec<u8>, right: Vec<u8>) -> recon378::Result<Outcome> {
    let read = |name, bytes| recon378::read_ipc(name, bytes);
    let (left, right) = reconciler.on_threads(|| {
        let (left, right) = rayon::join(|| read("left", left), || read("right", right));
        Ok((left?, right?))
    })?;
    let outcome = reconciler.run(&left, &right)?;
    reconciler.on_threads(|| {
        let tables = (recon378::write_ipc(&outcome, "pairs")?, recon378::write_ipc(&outcome, "breaks")?);
        drop(tables);
        Ok(())
    })?;
    Ok(outcome)
}

fn read(path: &Path) -> Result<Vec<RecordBatch>, Box<dyn Error>> {
    Ok(FileReader::try_new(File::open(path)?, None)?.collect::<Result<_, _>>()?)
}
