//! Our half of the comparison with DuckDB and Polars: writes the sources as Arrow IPC, and runs our work on the
//! same files. Driven by `benches/peers/run.py`.
//!
//! `peers data FOLDER WORK RECORDS` and `peers ours FOLDER WORK THREADS RUNS`.
#![expect(clippy::print_stdout, reason = "a program that prints JSON")]

use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::FileWriter;
use recon378_benches::meter::measure;
use recon378_benches::work::{self, Work};
use recon378_core::Control;
use recon378_core::outcome::{Found, Pair};
use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["data", folder, work, records] => data(Path::new(folder), named(work)?, records.parse()?),
        ["ours", folder, work, threads, runs] => {
            ours(Path::new(folder), named(work)?, threads.parse()?, runs.parse()?)
        }
        _ => Err("usage: peers data FOLDER WORK RECORDS | peers ours FOLDER WORK THREADS RUNS".into()),
    }
}

fn named(work: &str) -> Outcome<Work> {
    Work::named(work).ok_or_else(|| format!("no work is named {work}").into())
}

fn data(folder: &Path, work: Work, records: u32) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    let made = work.ledgers(records);
    write(&folder.join("left.arrow"), &made.left)?;
    write(&folder.join("right.arrow"), &made.right)?;
    let rows = |of: fn(&(u32, u32)) -> u32| -> ArrayRef {
        Arc::new(UInt32Array::from_iter_values(made.truth.iter().map(of)))
    };
    let truth = RecordBatch::try_from_iter([("l", rows(|pair| pair.0)), ("r", rows(|pair| pair.1))])?;
    write(&folder.join("truth.arrow"), &truth)
}

fn write(path: &Path, batch: &RecordBatch) -> Outcome<()> {
    const ROWS: usize = 1 << 20;
    let mut writer = FileWriter::try_new(File::create(path)?, &batch.schema())?;
    for from in (0..batch.num_rows()).step_by(ROWS) {
        writer.write(&batch.slice(from, ROWS.min(batch.num_rows() - from)))?;
    }
    writer.finish()?;
    Ok(())
}

fn read(path: &Path) -> Outcome<Vec<RecordBatch>> {
    Ok(FileReader::try_new(File::open(path)?, None)?.collect::<Result<_, _>>()?)
}

fn ours(folder: &Path, work: Work, threads: usize, runs: usize) -> Outcome<()> {
    let (left, right) = (read(&folder.join("left.arrow"))?, read(&folder.join("right.arrow"))?);
    let spec = work.spec()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let mut figures = Vec::new();
    for _ in 0..runs {
        let (found, passes) = pool.install(|| {
            measure(|| {
                let control = Control::default();
                let (plan, columns) = work::prepare(&spec, [&left, &right], &control)?;
                let found = work::find(&plan, &columns, &control)?;
                Result::<_, recon378_core::Error>::Ok((plan, columns, found))
            })
        });
        let (plan, columns, found) = found?;
        if figures.is_empty() {
            write_pairs(&folder.join("ours.arrow"), &found)?;
        }
        let (rows, tables) =
            pool.install(|| measure(|| work::tables(Arc::new(plan), Arc::new(columns), found)));
        figures.push(format!(
            "{{\"seconds\": {}, \"full_seconds\": {}, \"peak_bytes\": {}, \"rows\": {}}}",
            passes.seconds,
            passes.seconds + tables.seconds,
            passes.peak_bytes,
            rows?
        ));
    }
    println!("[{}]", figures.join(", "));
    Ok(())
}

fn write_pairs(path: &Path, found: &Found) -> Outcome<()> {
    let figures = |of: fn(&Pair) -> u32| -> ArrayRef {
        Arc::new(UInt32Array::from_iter_values(found.pairs.iter().map(of)))
    };
    let columns = [
        ("l", figures(|pair| pair.left)),
        ("r", figures(|pair| pair.right)),
        ("pass", figures(|pair| u32::from(pair.pass))),
    ];
    write(path, &RecordBatch::try_from_iter(columns)?)
}
