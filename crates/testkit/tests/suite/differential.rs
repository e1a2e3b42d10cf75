//! The fast engine against the slow one.

use recon378_testkit::generate::{Case, case, minimised};
use recon378_testkit::{reference, run};

/// Seeds that the suite walks through; more with `cargo test -- --ignored`.
const CASES: u64 = 4_000;

/// What the reference engine objects to; `None` where the spec is refused.
fn objections(case: &Case) -> Option<Vec<String>> {
    let prepared = run::prepare(case).ok()?;
    let found = match prepared.run() {
        Ok(found) => found,
        Err(error) => return Some(vec![format!("the engine failed: {error}")]),
    };
    Some(reference::check(&prepared.plan, &prepared.columns, &found))
}

fn compare(seeds: std::ops::Range<u64>) {
    let (mut refused, mut wrong) = (0_u64, Vec::new());
    let all = seeds.end - seeds.start;
    for seed in seeds {
        match objections(&case(seed)) {
            None => refused += 1,
            Some(found) if found.is_empty() => {}
            Some(_) => wrong.push(seed),
        }
    }
    if let Some(seed) = wrong.first() {
        let small = minimised(&case(*seed), |case| objections(case).is_some_and(|found| !found.is_empty()));
        let found = objections(&small).unwrap_or_default().join("\n");
        let seeds = &wrong[..wrong.len().min(20)];
        panic!("{} of {all} cases differ, seeds {seeds:?}\n\n{found}\n\n{small}", wrong.len());
    }
    assert!(refused * 20 < all, "{refused} of {all} generated specs are refused");
}

#[test]
fn the_fast_engine_gives_what_the_slow_one_gives() {
    compare(0..CASES);
}

#[test]
#[ignore = "a long walk: a hundred thousand cases"]
fn the_fast_engine_gives_what_the_slow_one_gives_for_long() {
    compare(CASES..100_000);
}
