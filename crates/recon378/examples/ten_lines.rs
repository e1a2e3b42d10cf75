//! Reconciles two batches in memory: `cargo run --example ten_lines`.
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use arrow_array::record_batch;
use recon378::{Spec, reconcile};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bank = record_batch!(("reference", Utf8, ["INV-1", "INV-2"]), ("amount", Utf8, ["10.50", "7.00"]))?;
    let ledger = record_batch!(("reference", Utf8, ["INV-2", "INV-3"]), ("amount", Utf8, ["7.00", "9.99"]))?;
    let spec = Spec::short(&["reference", "amount"])?;
    let outcome = reconcile(&spec, &bank, &ledger)?;
    println!("{}", outcome.summary());
    Ok(())
}
