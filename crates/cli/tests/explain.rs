//! `recon378 explain` from outside: stories from result folders and specs, and sources that have changed.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const BANK: &str = "id,amount,day\nB1,10.50,2026-01-05\nB2,7.00,2026-01-06\nB4,1.00,2026-01-07\n";
const LEDGER: &str = "id,amount,posted\nL2,7.00,2026-01-06\nL1,10.50,2026-01-05\nL3,1.30,2026-01-08\n";
const SPEC: &str = r#"
version = 1
left = { name = "bank", path = "data/bank.csv" }
right = { name = "ledger", path = "data/ledger.csv" }
fields = { date = ["day", "posted"] }
[[pass]]
name = "amount and date"
on = [{ field = "amount", within = "0.05" }, { field = "date", days = 2 }]
"#;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/bank.csv"), BANK).unwrap();
    std::fs::write(folder.path().join("data/ledger.csv"), LEDGER).unwrap();
    std::fs::write(folder.path().join("recon.toml"), SPEC).unwrap();
    folder
}

fn recon378(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_recon378"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn told(folder: &Path, arguments: &[&str]) -> String {
    let output = recon378(folder, arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn assert_refused(output: &Output, texts: &[&str]) {
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    for text in texts {
        assert!(errors.contains(text), "\"{text}\" is missing in: {errors}");
    }
}

#[test]
fn a_result_folder_tells_the_story_of_a_record() {
    let folder = folder();
    told(folder.path(), &["run", "recon.toml", "--out", "results/january", "--quiet"]);
    let story = told(folder.path(), &["explain", "results/january", "--record", "bank:B4"]);
    insta::assert_snapshot!("open_record", story);
    let from_spec = told(folder.path(), &["explain", "recon.toml", "--record", "bank#2"]);
    assert_eq!(from_spec, story);
    let by_side = told(folder.path(), &["explain", "recon.toml", "--record", "left:B4", "--threads", "1"]);
    assert_eq!(by_side, story);
}

#[test]
fn a_group_is_told_as_json() {
    let folder = folder();
    told(folder.path(), &["run", "recon.toml", "--out", "result", "--hashes", "--quiet"]);
    let json = told(folder.path(), &["explain", "result", "--group", "2", "--json"]);
    let story: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(story["kind"], "group");
    assert_eq!(story["left"][0]["record"]["id"], "B2");
    assert_eq!(story["score"]["score"], 1_000_000);
    assert!(told(folder.path(), &["explain", "result", "--group", "2"]).starts_with("group 2: matched"));
}

#[test]
fn a_carried_record_says_so() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("recon.toml"), format!("as_of = 2026-01-31\n{SPEC}")).unwrap();
    told(folder.path(), &["run", "recon.toml", "--out", "january", "--quiet"]);
    let february = format!("as_of = 2026-02-28\nopen_items = \"january\"\n{SPEC}");
    std::fs::write(at("february.toml"), february).unwrap();
    std::fs::write(at("data/bank.csv"), "id,amount,day\nB5,1.30,2026-02-02\n").unwrap();
    std::fs::write(at("data/ledger.csv"), "id,amount,posted\n").unwrap();
    let ask = |record: &str| told(folder.path(), &["explain", "february.toml", "--record", record, "--json"]);
    let carried: serde_json::Value = serde_json::from_str(&ask("bank:B4")).unwrap();
    assert_eq!((&carried["carried"], &carried["first_seen"]), (&true.into(), &"2026-01-31".into()));
    let own: serde_json::Value = serde_json::from_str(&ask("bank:B5")).unwrap();
    assert_eq!((&own["carried"], &own["first_seen"]), (&false.into(), &serde_json::Value::Null));
    let story = told(folder.path(), &["explain", "february.toml", "--record", "bank:B4"]);
    assert!(
        story.contains("carried from the open items of an earlier run, open since 2026-01-31"),
        "{story}"
    );
}

#[test]
fn a_moved_tree_still_tells() {
    let folder = folder();
    told(folder.path(), &["run", "recon.toml", "--out", "results/january", "--quiet"]);
    let elsewhere = tempfile::tempdir().unwrap();
    for (from, to) in [("data", "data"), ("results", "results")] {
        std::fs::rename(folder.path().join(from), elsewhere.path().join(to)).unwrap();
    }
    let result = elsewhere.path().join("results/january");
    let story = told(folder.path(), &["explain", result.to_str().unwrap(), "--record", "ledger:L3"]);
    assert!(story.starts_with("ledger:L3 (row 2), record 3 of data/ledger.csv: open"), "{story}");
}

#[test]
fn sources_that_have_changed_are_refused() {
    let folder = folder();
    let bank = folder.path().join("data/bank.csv");
    for hashes in [&["--hashes"][..], &[]] {
        std::fs::write(&bank, BANK).unwrap();
        let run = ["run", "recon.toml", "--out", "result", "--quiet"];
        told(folder.path(), &[&run[..], hashes].concat());
        let ask = || recon378(folder.path(), &["explain", "result", "--record", "bank:B1"]);
        assert_eq!(ask().status.code(), Some(0));
        std::fs::write(&bank, BANK.replace("7.00", "7.01")).unwrap();
        assert_refused(&ask(), &["run it again", "[sources_changed]"]);
        std::fs::write(&bank, format!("{BANK}B5,3.00,2026-01-09\n")).unwrap();
        assert_refused(&ask(), &["\"bank\"", "[sources_changed]"]);
        std::fs::remove_file(&bank).unwrap();
        assert_refused(&ask(), &["bank.csv", "[not_found]"]);
    }
}

#[test]
fn records_that_change_places_are_noticed_without_hashes() {
    let folder = folder();
    let bank = folder.path().join("data/bank.csv");
    told(folder.path(), &["run", "recon.toml", "--out", "result", "--quiet"]);
    // Every total and count stays, each record belongs to the other's group.
    let exchanged = BANK.replace("B1,", "B0,").replace("B2,", "B1,").replace("B0,", "B2,");
    std::fs::write(&bank, exchanged).unwrap();
    let output = recon378(folder.path(), &["explain", "result", "--record", "bank:B1"]);
    assert_refused(&output, &["another outcome", "[sources_changed]"]);
}

#[test]
fn open_items_and_decisions_enter_again_and_are_checked() {
    let folder = folder();
    told(folder.path(), &["run", "recon.toml", "--out", "january", "--format", "csv", "--quiet"]);
    std::fs::write(folder.path().join("data/february.csv"), "id,amount,posted\nL9,1.00,2026-01-08\n")
        .unwrap();
    let decisions = "decision,kind,side,id\n1,accept,left,B4\n1,accept,right,L9\n";
    std::fs::write(folder.path().join("decisions.csv"), decisions).unwrap();
    std::fs::write(folder.path().join("data/none.csv"), "id,amount,day\n").unwrap();
    let february = SPEC.replace("ledger.csv", "february.csv").replace("bank.csv", "none.csv").replace(
        "[[pass]]",
        "open_items = \"january/open_items.csv\"\ndecisions = \"decisions.csv\"\n[[pass]]",
    );
    std::fs::write(folder.path().join("february.toml"), february).unwrap();
    let items = folder.path().join("january/open_items.csv");
    let written = std::fs::read_to_string(&items).unwrap();
    for hashes in [&["--hashes"][..], &[]] {
        let run = ["run", "february.toml", "--out", "february", "--quiet"];
        told(folder.path(), &[&run[..], hashes].concat());
        let ask = || recon378(folder.path(), &["explain", "february", "--record", "bank:B4"]);
        let story = ask();
        let story = String::from_utf8(story.stdout).unwrap();
        assert!(story.contains("B4") && story.contains("matched"), "{story}");

        std::fs::write(&items, written.replace("1.30", "1.31")).unwrap();
        assert_refused(&ask(), &["[sources_changed]"]);
        let fewer: Vec<&str> = written.lines().filter(|line| !line.contains("L3")).collect();
        std::fs::write(&items, fewer.join("\n")).unwrap();
        assert_refused(
            &ask(),
            &[if hashes.is_empty() { "carried" } else { "its open_items" }, "[sources_changed]"],
        );
        std::fs::write(&items, &written).unwrap();

        std::fs::write(folder.path().join("decisions.csv"), decisions.replace("accept", "reject")).unwrap();
        let subject = if hashes.is_empty() { "another outcome" } else { "its decisions" };
        assert_refused(&ask(), &[subject, "[sources_changed]"]);
        std::fs::write(folder.path().join("decisions.csv"), decisions).unwrap();
    }
}

#[test]
fn questions_that_mean_nothing_are_answered_with_what_would() {
    let folder = folder();
    let ask = |more: &[&str]| recon378(folder.path(), &[&["explain", "recon.toml"], more].concat());
    assert_refused(&ask(&["--record", "bnk:B1"]), &["bank:ID, ledger:ID", "[bad_question]"]);
    assert_refused(&ask(&["--record", "bank#x"]), &["the number of a row", "[bad_question]"]);
    assert_refused(&ask(&["--record", "bank:B9"]), &["source \"bank\"", "\"B9\"", "[unknown_record]"]);
    assert_refused(&ask(&["--group", "1"]), &["[unknown_group]"]);
    assert_refused(&ask(&[]), &["--record"]);
    let output = recon378(folder.path(), &["explain", "data", "--group", "1"]);
    assert_refused(&output, &["manifest.json", "[not_found]"]);
}
