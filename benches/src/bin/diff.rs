//! Two outcomes of the same records beside each other: by the exact pass alone, and with the tolerance pass after it.
//!
//! `cargo run --release -p recon378-benches --bin diff -- [records]`; the default is 1,000,000 records a side. Prints
//! the seconds and the bytes of making the tables and of the diff.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

use recon378_benches::meter::{Measured, measure};
use recon378_benches::work::{self, Work};
use recon378_core::diff::{GroupKind, OutcomeTables, diff_tables};
use recon378_core::outcome::Outcome;
use recon378_core::{Cancel, Control, Result, Spec};
use std::sync::Arc;

fn main() -> Result<()> {
    let records = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let ledgers = Work::Medium.ledgers(records);
    let input = [ledgers.left, ledgers.right];
    let sides = [&input[..1], &input[1..]];
    let outcome = |spec: &Spec| -> Result<Outcome> {
        let control = Control::default();
        let (plan, columns) = work::prepare(spec, sides, &control)?;
        let found = work::find(&plan, &columns, &control)?;
        Outcome::new(Arc::new(plan), Arc::new(columns), found)
    };
    let (old, new) = (outcome(&Work::Exact.spec()?)?, outcome(&Work::Medium.spec()?)?);
    let (tables, cost) = measure(|| {
        Ok::<_, recon378_core::Error>([OutcomeTables::of(&old, "old")?, OutcomeTables::of(&new, "new")?])
    });
    let [old, new] = tables?;
    line("tables", cost);
    let (diff, cost) = measure(|| diff_tables(&old, &new, &Cancel::new()));
    let diff = diff?;
    line("diff", cost);
    let counts = GroupKind::ALL.map(|kind| (kind.name(), diff.summary().groups_of(kind)));
    println!("{records} records a side; {counts:?}; {} rows of records", diff.records().num_rows());
    Ok(())
}

fn line(stage: &str, cost: Measured) {
    println!("{stage:<8} {:>9.3} s {:>6} MB", cost.seconds, cost.peak_bytes / 1_000_000);
}
