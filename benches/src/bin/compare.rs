//! Our half of the comparison with others that compare tables: writes two versions of a table as Arrow IPC, and compares
//! the same files. Driven by `benches/peers/compare.py`.
//!
//! `compare data FOLDER ROWS` and `compare ours FOLDER THREADS RUNS`.
#![expect(clippy::print_stdout, reason = "a program that prints JSON")]

use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::FileWriter;
use recon378_benches::meter::measure;
use recon378_benches::versions::{KEY, versions};
use recon378_core::Control;
use recon378_core::versions::{CompareOptions, compare};
use std::error::Error;
use std::fs::File;
use std::path::Path;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["data", folder, rows] => data(Path::new(folder), rows.parse()?),
        ["ours", folder, threads, runs] => ours(Path::new(folder), threads.parse()?, runs.parse()?),
        _ => Err("usage: compare data FOLDER ROWS | compare ours FOLDER THREADS RUNS".into()),
    }
}

fn data(folder: &Path, rows: u32) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    let [before, after] = versions(rows)?;
    write(&folder.join("before.arrow"), &before)?;
    write(&folder.join("after.arrow"), &after)
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

fn ours(folder: &Path, threads: usize, runs: usize) -> Outcome<()> {
    let (before, after) = (read(&folder.join("before.arrow"))?, read(&folder.join("after.arrow"))?);
    let options = CompareOptions { key: vec![KEY.to_owned()], ..CompareOptions::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let mut figures = Vec::new();
    for run in 0..runs {
        let work = || compare(&before, &after, &options, &Control::default());
        let (found, measured) = pool.install(|| measure(work));
        let found = found?;
        if run == 0 {
            write(&folder.join("ours.arrow"), found.differences())?;
        }
        let summary = found.summary();
        figures.push(format!(
            "{{\"seconds\": {}, \"cpu\": {}, \"peak_bytes\": {}, \"paired\": {}, \"changed\": {}}}",
            measured.seconds,
            measured.cpu_seconds,
            measured.peak_bytes,
            summary.paired_rows,
            summary.changed_rows
        ));
    }
    println!("[{}]", figures.join(", "));
    Ok(())
}
