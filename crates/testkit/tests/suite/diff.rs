//! Tables with known differences, by other people: every difference is found and none invented.

use recon378_testkit::diff;
use std::path::Path;

#[test]
fn known_differences_are_found_and_none_invented() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !data.join("diff").is_dir() {
        eprintln!("skipped: the tables with known differences are not there");
        return;
    }
    let (measured, _) = diff::measure(&data).unwrap();
    assert!(measured.len() > 80, "only {} cases were found", measured.len());
    let wrong: Vec<String> = measured
        .iter()
        .filter(|case| !case.missed.is_empty() || !case.invented.is_empty())
        .map(|case| format!("{}\n  missed {:#?}\n  invented {:#?}", case.name, case.missed, case.invented))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
