//! What a survey says a run takes, against what the run's own account then holds.

use arrow_array::RecordBatch;
use recon378_core::columns::{self, Facts};
use recon378_core::plan::{self, Side};
use recon378_core::{Control, Spec, engine, survey};
use recon378_testkit::generate::{GenerateOptions, case, ledger};

/// The most that the account of a run held, and what a survey said before; `None` where the spec is refused.
fn held(spec: &Spec, [left, right]: [&RecordBatch; 2]) -> Option<(u64, u64)> {
    let plan = plan::resolve(spec, &left.schema(), &right.schema()).ok()?;
    let sides = [std::slice::from_ref(left), std::slice::from_ref(right)];
    let gather = |side: Side| Facts::gather(&plan, side, sides[side.index()]);
    let facts = gather(Side::Left).ok()?.merge(gather(Side::Right).ok()?).ok()?;
    let surveyed = Control::default();
    let columns = columns::prepare(&plan, &facts, sides, &surveyed).ok()?;
    let estimate = survey::survey(&plan, &columns, &surveyed).ok()?.memory;
    drop(columns);
    let control = Control::default();
    let columns = columns::prepare(&plan, &facts, sides, &control).ok()?;
    engine::run(&plan, &columns, &control).ok()?;
    assert!(estimate.counted <= estimate.total);
    Some((control.memory.peak(), estimate.counted))
}

#[test]
fn a_run_holds_no_more_than_the_survey_says() {
    let mut held_cases = 0;
    for seed in 0..1_000 {
        let made = case(seed);
        let [left, right] = made.batches();
        if let Some((peak, estimate)) = held(&made.spec, [&left, &right]) {
            assert!(peak <= estimate, "seed {seed}: {peak} bytes held, {estimate} estimated\n{made}");
            held_cases += 1;
        }
    }
    assert!(held_cases > 500, "{held_cases}");
}

#[test]
fn a_large_run_holds_no_more_than_the_survey_says() {
    // Enough records for the codes of repeated texts.
    let made = ledger(&GenerateOptions::medium(70_000));
    let spec = "version = 1\n[[pass]]\non = [\"account\", \"currency\", \"reference\", \"amount\"]\n\
                [[pass]]\non = [\"account\", \"currency\", { field = \"amount\", within = \"0.05\" }]\n";
    let spec = Spec::from_toml(spec).unwrap();
    let (peak, estimate) = held(&spec, [&made.left, &made.right]).unwrap();
    assert!(peak <= estimate, "{peak} bytes held, {estimate} estimated");
    assert!(estimate < 10 * peak, "{peak} bytes held, {estimate} estimated: too far to plan by");
}
