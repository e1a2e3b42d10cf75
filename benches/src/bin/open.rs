//! Open records and their reasons: what finding them takes, beside what the passes took.
//!
//! `cargo run --release -p recon378-benches --bin open -- [records] [turns]`; the default is a million payments of which
//! a tenth has a cause (a fee, another date, another reference, another account, a slip, a partner that is missing, …),
//! five turns. Prints the seconds of each turn and the median of the ratios: on a shared machine the ratio holds.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

use recon378::{Reconciler, Spec, StageTimes};
use recon378_testkit::generate::{CauseOptions, causes};
use std::sync::Arc;

const SPEC: &str = r#"
[[pass]]
on = ["account", "currency", "reference", "amount", { field = "date", days = [0, 3] }]

[[pass]]
name = "cents off"
on = ["account", "reference", { field = "amount", within = "0.05" }, { field = "date", days = [0, 5] }]
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let mut number = |default: u32| words.next().map_or(Ok(default), |word| word.parse());
    let (payments, turns) = (number(1_000_000)?, number(5)?);
    let made = causes(&CauseOptions { payments, ..CauseOptions::default() });
    let spec: Spec = SPEC.parse()?;
    println!("turn  open records  passes s  breaks s  breaks / passes");
    let mut ratios = Vec::new();
    for turn in 1..=turns {
        let times = Arc::new(StageTimes::new());
        let outcome = Reconciler::new(spec.clone()).progress(times.clone()).run(&made.left, &made.right)?;
        let stages = times.report().stages;
        let micros = |wanted: &dyn Fn(&str) -> bool| -> f64 {
            let some = stages.iter().filter(|stage| wanted(&stage.stage));
            some.map(|stage| u32::try_from(stage.micros).map_or(f64::MAX, f64::from)).sum::<f64>() / 1e6
        };
        let passes = micros(&|stage| stage.starts_with("pass"));
        let breaks = micros(&|stage| stage == "breaks");
        ratios.push(breaks / passes);
        println!(
            "{turn:>4}  {:>12}  {passes:>8.3}  {breaks:>8.3}  {:>15.2}",
            outcome.summary().breaks(),
            breaks / passes
        );
    }
    ratios.sort_by(f64::total_cmp);
    println!("median of the ratios: {:.2}", ratios.get(ratios.len() / 2).copied().unwrap_or_default());
    Ok(())
}
