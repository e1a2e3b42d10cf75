//! Prints, for each work, size and stage: seconds, rows/s, ns/record and bytes/record. A record is one row of one
//! side, and rates count both sides.
//!
//! `cargo run --release -p recon378-benches --bin run -- [work,…] [records,…]`; the default is every work at
//! 10,000, 100,000 and 1,000,000 records a side. For clean memory figures, run one work and size at a time.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

use recon378_benches::meter::{Measured, measure};
use recon378_benches::work::{self, Work};
use recon378_core::outcome::Found;
use recon378_core::{Control, Result};
use std::sync::Arc;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let kinds =
        words.first().map_or(Work::ALL.to_vec(), |names| names.split(',').filter_map(Work::named).collect());
    let default = "10000,100000,1000000";
    let sizes = words.get(1).map_or(default, String::as_str);
    println!("work      records  stage        seconds      rows/s  ns/record  bytes/record");
    for records in sizes.split(',').filter_map(|size| size.parse().ok()) {
        for work in &kinds {
            one(*work, records)?;
        }
    }
    Ok(())
}

fn one(work: Work, records: u32) -> Result<()> {
    let ledgers = work.ledgers(records);
    let spec = work.spec()?;
    let control = Control::default();
    let input = [ledgers.left, ledgers.right];
    let rows = u64::from(records) * 2;
    let sides = [&input[..1], &input[1..]];
    let (prepared, columns_cost) = measure(|| work::prepare(&spec, sides, &control));
    let (plan, columns) = prepared?;
    line(work, records, "columns", rows, columns_cost);
    let (found, passes_cost) = measure(|| work::find(&plan, &columns, &control));
    let found = found?;
    line(work, records, "passes", rows, passes_cost);
    let seconds = columns_cost.seconds + passes_cost.seconds;
    let cpu_seconds = columns_cost.cpu_seconds + passes_cost.cpu_seconds;
    let peak_bytes = columns_cost.peak_bytes.max(passes_cost.peak_bytes);
    line(work, records, "to pairs", rows, Measured { seconds, cpu_seconds, peak_bytes });
    let right = truths(&found, &ledgers.truth);
    let groups = found.pairs.len();
    let (tables, tables_cost) = measure(|| work::tables(Arc::new(plan), Arc::new(columns), found));
    tables?;
    line(work, records, "outcome", rows, tables_cost);
    let seconds = seconds + tables_cost.seconds;
    let cpu_seconds = cpu_seconds + tables_cost.cpu_seconds;
    let peak_bytes = peak_bytes.max(tables_cost.peak_bytes);
    line(work, records, "whole", rows, Measured { seconds, cpu_seconds, peak_bytes });
    let input_bytes: usize = input.iter().map(arrow_array::RecordBatch::get_array_memory_size).sum();
    println!(
        "{:<8} {records:>8}  {groups} groups, {right} of {} true pairs; input {} bytes/record; account peak {} bytes/record",
        work.name(),
        ledgers.truth.len(),
        input_bytes as u64 / rows.max(1),
        control.memory.peak() / rows.max(1)
    );
    Ok(())
}

fn truths(found: &Found, truth: &[(u32, u32)]) -> usize {
    found.pairs.iter().filter(|pair| truth.binary_search(&(pair.left, pair.right)).is_ok()).count()
}

#[expect(clippy::cast_precision_loss, reason = "figures of a table, to three digits")]
fn line(work: Work, records: u32, stage: &str, rows: u64, cost: Measured) {
    let rows = rows as f64;
    println!(
        "{:<8} {records:>8}  {stage:<10} {:>9.4} {:>11.0} {:>10.1} {:>13.1}",
        work.name(),
        cost.seconds,
        rows / cost.seconds,
        cost.seconds * 1e9 / rows,
        cost.peak_bytes as f64 / rows
    );
}
