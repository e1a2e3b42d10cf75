//! Whole runs through the door that the Python and Node packages use, on the sources that `peers data` wrote: two
//! tables in, `pairs` and `breaks` out. Driven by `benches/bindings/run.py`.
//!
//! `door FOLDER WORK THREADS RUNS` prints the seconds of each run, and the digest.
#![expect(clippy::print_stdout, reason = "a program that prints JSON")]

use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use recon378::Reconciler;
use recon378_benches::meter::measure;
use recon378_benches::work::Work;
use std::error::Error;
use std::fs::File;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, work, threads, runs] = words.as_slice() else {
        return Err("usage: door FOLDER WORK THREADS RUNS".into());
    };
    let folder = Path::new(folder);
    let (left, right) = (read(&folder.join("left.arrow"))?, read(&folder.join("right.arrow"))?);
    let work = Work::named(work).ok_or("no such work")?;
    let reconciler = Reconciler::new(work.spec()?).threads(threads.parse()?);
    let mut seconds = Vec::new();
    let mut digest = String::new();
    for _ in 0..runs.parse::<u32>()? {
        let (outcome, cost) = measure(|| {
            let outcome = reconciler.run(&left, &right)?;
            reconciler.on_threads(|| {
                let tables = (outcome.table("pairs")?, outcome.table("breaks")?);
                drop(tables);
                Ok(())
            })?;
            Ok::<_, recon378::Error>(outcome)
        });
        seconds.push(cost.seconds);
        digest = outcome?.digest()?;
    }
    println!("{{\"seconds\": {seconds:?}, \"digest\": \"{digest}\"}}");
    Ok(())
}

fn read(path: &Path) -> Result<Vec<RecordBatch>, Box<dyn Error>> {
    Ok(FileReader::try_new(File::open(path)?, None)?.collect::<Result<_, _>>()?)
}
