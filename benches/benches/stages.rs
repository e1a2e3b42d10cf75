//! Each stage at growing sizes. Rates count the records of both sides.
//!
//! `cargo bench -p recon378-benches --bench stages`; sizes are 10^4 to 10^6 a side, with `--features huge` 10^7 too.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use recon378_benches::work::{self, Work};
use recon378_core::{Control, Result};
use std::hint::black_box;
use std::sync::Arc;

const SIZES: &[u32] = if cfg!(feature = "huge") {
    &[10_000, 100_000, 1_000_000, 10_000_000]
} else {
    &[10_000, 100_000, 1_000_000]
};

fn stages(criterion: &mut Criterion) -> Result<()> {
    for &records in SIZES {
        for work in Work::ALL {
            measured(criterion, work, records)?;
        }
    }
    Ok(())
}

fn measured(criterion: &mut Criterion, work: Work, records: u32) -> Result<()> {
    let made = work.ledgers(records);
    let spec = work.spec()?;
    let control = Control::default();
    let input = [made.left, made.right];
    let sides = [&input[..1], &input[1..]];
    let (plan, columns) = work::prepare(&spec, sides, &control)?;
    let id = |stage: &str| BenchmarkId::new(format!("{}/{stage}", work.name()), records);
    let mut group = criterion.benchmark_group("stages");
    group.sample_size(10).throughput(Throughput::Elements(u64::from(records) * 2));
    group.bench_function(id("columns"), |bench| {
        bench.iter(|| work::prepare(black_box(&spec), sides, &control).is_ok());
    });
    group.bench_function(id("passes"), |bench| {
        bench.iter(|| work::find(black_box(&plan), &columns, &control).is_ok());
    });
    let found = work::find(&plan, &columns, &control)?;
    let (plan, columns) = (Arc::new(plan), Arc::new(columns));
    group.bench_function(id("outcome"), |bench| {
        bench.iter(|| work::tables(Arc::clone(&plan), Arc::clone(&columns), found.clone()).is_ok());
    });
    group.bench_function(id("whole"), |bench| {
        bench.iter(|| {
            let (plan, columns) = work::prepare(black_box(&spec), sides, &control)?;
            let found = work::find(&plan, &columns, &control)?;
            work::tables(Arc::new(plan), Arc::new(columns), found)
        });
    });
    group.finish();
    Ok(())
}

fn all(criterion: &mut Criterion) {
    if let Err(error) = stages(criterion) {
        // A bench without figures must not look like a fast one.
        #[expect(clippy::panic, reason = "a bench has no other way to fail")]
        std::panic::panic_any(error.to_string());
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
