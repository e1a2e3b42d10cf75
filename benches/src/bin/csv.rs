//! Our half of the comparison of CSV readers: writes a bank's export of any size, and reads it as text, batch by batch.
//! Driven by `benches/peers/text.py`.
//!
//! `csv data FILE ROWS` and `csv ours FILE RUNS`.
#![expect(clippy::print_stdout, reason = "a program that prints JSON")]

use recon378_benches::meter::measure;
use recon378_core::spec::ReadSpec;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["data", file, rows] => data(file, rows.parse()?),
        ["ours", file, runs] => ours(file, runs.parse()?),
        _ => Err("usage: csv data FILE ROWS | csv ours FILE RUNS".into()),
    }
}

/// Eight columns as exports have them: some quoted, some empty, one long.
fn data(file: &str, rows: u64) -> Outcome<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(file)?);
    writeln!(file, "entry;booked;account;currency;amount;reference;payee;narrative")?;
    // Numerical Recipes' generator: the same file everywhere.
    let mut state = 1_u64;
    for row in 0..rows {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (day, cents, payee) = ((state >> 33) % 28, state >> 40, (state >> 20) % 1_024);
        let reference =
            if (state >> 50).is_multiple_of(8) { String::new() } else { format!("INV-{:07}", state >> 44) };
        writeln!(
            file,
            "B{row:09};2026-01-{:02};DE12345{};EUR;{}.{:02};{reference};\"Payee {payee}; and sons\";SEPA transfer for \
             goods and services, {reference}, customer {payee}",
            day + 1,
            state >> 60,
            cents / 100,
            cents % 100,
        )?;
    }
    file.flush()?;
    Ok(())
}

/// Every column, every batch dropped when the next one comes.
fn ours(file: &str, runs: usize) -> Outcome<()> {
    for _ in 0..runs {
        let (read, measured) = measure(|| {
            let mut reader = recon378_io::open(&[file], &ReadSpec::default())?;
            let (mut rows, mut columns) = (0, 0);
            while let Some(batch) = reader.next_batch()? {
                rows += batch.num_rows();
                columns = batch.num_columns();
            }
            Ok::<_, recon378_io::IoError>((rows, columns))
        });
        let (rows, columns) = read?;
        println!(
            "{{\"rows\": {rows}, \"columns\": {columns}, \"seconds\": {}, \"cpu_seconds\": {}, \"peak_bytes\": {}}}",
            measured.seconds, measured.cpu_seconds, measured.peak_bytes
        );
    }
    Ok(())
}
