//! The program from outside: what it prints, writes and returns.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const BANK: &str =
    "reference,amount,booked\nINV-1,10.50,2026-01-05\nINV-2,7.00,2026-01-06\nINV-4,1.00,2026-01-07\n";
const LEDGER: &str =
    "reference,amount,posted\nINV-2,7.00,2026-01-06\nINV-1,10.50,2026-01-05\nINV-3,9.99,2026-01-08\n";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bank.csv"), BANK).unwrap();
    std::fs::write(folder.path().join("ledger.csv"), LEDGER).unwrap();
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

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
fn assert_ends(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "stdout: {}\nstderr: {}", stdout(output), stderr(output));
}

#[track_caller]
fn assert_refused(output: &Output, texts: &[&str]) {
    assert_ends(output, 2);
    let errors = stderr(output);
    assert!(errors.starts_with("error: "), "{errors}");
    for text in texts {
        assert!(errors.contains(text), "\"{text}\" is missing in: {errors}");
    }
}

const SHORT: [&str; 5] = ["run", "bank.csv", "ledger.csv", "--on", "reference,amount"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    SHORT.iter().chain(more).copied().collect()
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn demo_is_reconciled_and_tied_out() {
    let folder = tempfile::tempdir().unwrap();
    let output = recon378(folder.path(), &["demo", "here"]);
    assert_ends(&output, 0);
    insta::assert_snapshot!("demo", stdout(&output));
    assert_eq!(stderr(&output), "");
    assert_eq!(entries(&folder.path().join("here")), ["bank.csv", "ledger.parquet", "recon.toml", "result"]);
}

#[test]
fn demo_is_the_same_every_time_and_runs_over_itself() {
    let folder = tempfile::tempdir().unwrap();
    let first = recon378(folder.path(), &["demo"]);
    let bytes = || {
        let file = |name: &str| std::fs::read(folder.path().join("recon378-demo").join(name)).unwrap();
        ["bank.csv", "ledger.parquet", "result/groups.parquet", "result/manifest.json", "result/summary.json"]
            .map(file)
    };
    let before = bytes();
    let second = recon378(folder.path(), &["demo"]);
    assert_ends(&second, 0);
    assert_eq!(first.stdout, second.stdout);
    assert_eq!(before, bytes());
}

#[test]
fn demo_leaves_files_of_others_alone() {
    let folder = folder();
    assert_refused(&recon378(folder.path(), &["demo", "."]), &["another content"]);
    assert_eq!(entries(folder.path()), ["bank.csv", "ledger.csv"]);
    // What somebody put beside a result would go with it.
    assert_ends(&recon378(folder.path(), &with(&["--out", "result"])), 0);
    std::fs::write(folder.path().join("result/Sign-off.docx"), "mine").unwrap();
    assert_refused(&recon378(folder.path(), &with(&["--out", "result"])), &["Sign-off.docx", "[not_ours]"]);
    assert!(folder.path().join("result/Sign-off.docx").exists());
}

#[test]
fn short_start_saves_a_spec_that_does_the_same() {
    let folder = folder();
    let short = recon378(folder.path(), &with(&["--save", "recon.toml", "--json"]));
    assert_ends(&short, 0);
    let saved = recon378(folder.path(), &["run", "recon.toml", "--json"]);
    assert_ends(&saved, 0);
    assert_eq!(stdout(&short), stdout(&saved));
    insta::assert_snapshot!("saved_spec", std::fs::read_to_string(folder.path().join("recon.toml")).unwrap());
}

#[test]
fn saved_spec_finds_its_files_from_another_folder() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("specs")).unwrap();
    assert_ends(&recon378(folder.path(), &with(&["--save", "specs/recon.json", "--quiet"])), 0);
    let output = recon378(&folder.path().join("specs"), &["run", "recon.json", "--quiet"]);
    assert_ends(&output, 0);
    assert_eq!((stdout(&output), stderr(&output)), (String::new(), String::new()));
}

#[test]
fn json_is_all_there_is_on_stdout() {
    let folder = folder();
    for arguments in [with(&["--json", "--out", "result"]), with(&["--json", "--times"])] {
        let output = recon378(folder.path(), &arguments);
        assert_ends(&output, 0);
        let summary: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert!(summary.is_object());
    }
    let failed = recon378(folder.path(), &["run", "bank.csv", "ledger.csv", "--on", "nothing", "--json"]);
    assert_refused(&failed, &["nothing"]);
    let error: serde_json::Value = serde_json::from_str(&stdout(&failed)).unwrap();
    assert_eq!(error["error"]["kind"], "invalid_spec");
    assert_eq!(error["error"]["mistakes"][0]["code"], "unknown_field");
}

#[test]
fn exit_code_is_1_for_what_was_asked_to_fail_on() {
    let folder = folder();
    assert_ends(&recon378(folder.path(), &with(&["--fail-on", "proposed,differences"])), 0);
    assert_ends(&recon378(folder.path(), &with(&["--fail-on", "breaks"])), 1);
    assert_ends(&recon378(folder.path(), &with(&["--fail-on", "proposed,breaks", "--quiet"])), 1);
    assert_refused_usage(&recon378(folder.path(), &with(&["--fail-on", "everything"])));
}

#[track_caller]
fn assert_refused_usage(output: &Output) {
    assert_ends(output, 2);
    assert!(
        stderr(output).contains("possible values") || stderr(output).contains("Usage"),
        "{}",
        stderr(output)
    );
}

#[test]
fn outcomes_are_written_in_every_format_and_replaced() {
    let folder = folder();
    for format in ["parquet", "csv", "ndjson", "arrow"] {
        assert_ends(&recon378(folder.path(), &with(&["--out", "result", "--format", format])), 0);
        let names = entries(&folder.path().join("result"));
        for table in recon378::outcome::TABLES {
            assert!(names.contains(&format!("{table}.{format}")), "{names:?}");
        }
        assert!(names.contains(&"summary.json".to_owned()) && names.contains(&"manifest.json".to_owned()));
        let others = names.iter().filter(|name| !name.ends_with(format) && !name.ends_with("json")).count();
        assert_eq!(others, 0, "{names:?}");
    }
    assert_eq!(entries(folder.path()), ["bank.csv", "ledger.csv", "result"]);
}

#[test]
fn folders_of_others_are_refused_before_the_work() {
    let folder = folder();
    assert_refused(&recon378(folder.path(), &with(&["--out", "."])), &["[not_ours]"]);
    assert_eq!(entries(folder.path()), ["bank.csv", "ledger.csv"]);
}

#[test]
fn threads_and_memory_change_no_byte() {
    let folder = folder();
    assert_ends(&recon378(folder.path(), &with(&["--out", "one", "--threads", "1"])), 0);
    assert_ends(&recon378(folder.path(), &with(&["--out", "four", "--threads", "4", "--memory", "1GB"])), 0);
    for name in entries(&folder.path().join("one")) {
        let [one, four] =
            ["one", "four"].map(|result| std::fs::read(folder.path().join(result).join(&name)).unwrap());
        assert_eq!(one, four, "{name}");
    }
}

#[test]
fn memory_that_does_not_suffice_is_said() {
    let folder = folder();
    assert_refused(&recon378(folder.path(), &with(&["--memory", "100"])), &["bytes", "limit"]);
}

#[test]
fn unknown_fields_are_answered_with_the_columns_of_both_files() {
    let folder = folder();
    let output = recon378(folder.path(), &["run", "bank.csv", "ledger.csv", "--on", "refernce,booked"]);
    assert_refused(
        &output,
        &[
            "refernce",
            "\"reference\"",
            "booked",
            "bank has the columns reference, amount, booked",
            "ledger has the columns",
        ],
    );
}

#[test]
fn a_file_that_a_wrong_delimiter_leaves_in_one_column_is_told() {
    let folder = folder();
    std::fs::write(folder.path().join("bank.csv"), "reference;amount\nA;1.00\n").unwrap();
    let arguments = ["run", "bank.csv", "ledger.csv", "--on", "reference", "--read", "left.delimiter=,"];
    assert_refused(
        &recon378(folder.path(), &arguments),
        &["bank has one column, reference;amount", "--read \"left.delimiter=;\""],
    );
}

#[test]
fn wrong_calls_say_how_it_is_done() {
    let folder = folder();
    let run = |arguments: &[&str]| recon378(folder.path(), arguments);
    assert_refused(&run(&["run", "bank.csv", "ledger.csv"]), &["--on", "bank.csv has the columns reference"]);
    assert_refused(&run(&["run", "bank.csv"]), &["a spec ends in .toml or .json"]);
    assert_refused(
        &run(&["run", "bnk.csv", "ledger.csv", "--on", "amount"]),
        &["Did you mean \"bank.csv\"?"],
    );
    assert_refused(&run(&["check", "recon.toml"]), &["there is no such file"]);
    assert_refused_usage(&run(&["rnu"]));
    assert_refused_usage(&run(&[]));
}

#[test]
fn all_mistakes_of_a_spec_are_listed() {
    let folder = folder();
    let spec = "[left]\npath = \"bank.csv\"\n[right]\npath = \"ledger.csv\"\n[[pass]]\nonn = [\"x\"]\nstatus = \"perhaps\"\n";
    std::fs::write(folder.path().join("recon.toml"), spec).unwrap();
    for command in ["check", "run"] {
        let output = recon378(folder.path(), &[command, "recon.toml"]);
        assert_refused(&output, &["onn", "perhaps", "line 6", "line 7"]);
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn mistakes_that_only_the_columns_show_have_their_line() {
    let folder = folder();
    let spec = "left.path = \"bank.csv\"\nright.path = \"ledger.csv\"\n[fields]\namount = \"amount\"\n\
                date = { left = \"boked\", right = \"posted\" }\n[[pass]]\non = [\"reference\", \"amuont\"]\n";
    std::fs::write(folder.path().join("recon.toml"), spec).unwrap();
    let texts = [
        "line 5, column 17: fields.date.left: given \"boked\"",
        "did you mean \"booked\"?",
        "line 7, column 20: pass[0].on[1]: given \"amuont\"",
    ];
    assert_refused(&recon378(folder.path(), &["run", "recon.toml"]), &texts);
    // How a file is read may be typed as well: the spec stays where it is.
    let typed = ["run", "recon.toml", "--read", "left.decimal=."];
    assert_refused(&recon378(folder.path(), &typed), &texts);
}

#[test]
fn what_is_no_toml_is_shown() {
    let folder = folder();
    std::fs::write(folder.path().join("recon.toml"), "[left]\npath = bank.csv\n").unwrap();
    let texts = ["line 2, column 8: ", "given \"path = bank.csv\"", "must be quoted"];
    assert_refused(&recon378(folder.path(), &["check", "recon.toml"]), &texts);
}

#[test]
fn check_counts_what_takes_no_part() {
    let folder = folder();
    std::fs::write(folder.path().join("bank.csv"), "reference,amount\nA,1.00\nB,x\nC,2.00\nD\n").unwrap();
    let spec = "left = { path = \"bank.csv\", where = [{ field = \"reference\", in = [\"A\", \"B\", \"D\"] }] }\nright.path = \"ledger.csv\"\n\
                [[pass]]\non = [\"reference\", { field = \"amount\", within = \"0.01\" }]\n";
    std::fs::write(folder.path().join("recon.toml"), spec).unwrap();
    let output = recon378(folder.path(), &["check", "recon.toml"]);
    assert_ends(&output, 0);
    let told = stdout(&output);
    for text in [
        "1 of left left out by where\n",
        "2 of left can't be read\n",
        "1 records of left and 3 of right take part",
    ] {
        assert!(told.contains(text), "{text:?} is missing in: {told}");
    }
}

#[test]
fn files_that_are_not_there_are_told_at_once() {
    let folder = folder();
    let spec = "open_items = \"jan/open_items.parquet\"\n[left]\npath = [\"bank.csv\", \"2026-*.csv\"]\n[right]\n\
                path = \"legder.csv\"\n[[pass]]\non = [\"reference\"]\n";
    std::fs::write(folder.path().join("recon.toml"), spec).unwrap();
    let texts = [
        "3 files are not there:",
        "\n  - 2026-*.csv: no file",
        "\n  - legder.csv: there is no such file. Did you mean \"ledger.csv\"?",
        "\n  - jan/open_items.parquet: ",
        "[not_found]",
    ];
    for command in ["run", "check"] {
        assert_refused(&recon378(folder.path(), &[command, "recon.toml"]), &texts);
    }
}

#[test]
fn mistakes_of_a_call_are_not_called_those_of_a_spec() {
    let folder = folder();
    let refused = |arguments: &[&str], texts: &[&str]| {
        let output = recon378(folder.path(), arguments);
        assert_refused(&output, texts);
        assert!(!stderr(&output).contains("the spec"), "{}", stderr(&output));
    };
    refused(
        &["run", "bank.csv", "ledger.csv", "--on", "reference,date:boked=posted"],
        &["the call has a mistake: --on date: given \"boked\"", "did you mean \"booked\"?"],
    );
    refused(&["run", "bank.csv", "ledger.csv", "--on", "refrence"], &["--on: given \"refrence\""]);
    refused(&with(&["--read", "left.decmal=,"]), &["the call has a mistake: --read left.decmal: "]);
    assert_ends(&recon378(folder.path(), &with(&["--out", "result", "--quiet"])), 0);
    refused(
        &["explain", "result", "--record", "bnk:1"],
        &["the call has a mistake: record: given \"bnk:1\""],
    );
    refused(&["explain", "result", "--group", "99"], &["the call has a mistake: group: given 99"]);
    refused(&["explain", "result"], &["--record <SOURCE:ID | SOURCE#ROW>|--group <GROUP_ID>"]);
    refused(&["compare", "bank.csv", "ledger.csv", "--key", "refrence"], &["the call has a mistake: key"]);
}

#[test]
fn check_tells_the_plan_in_words_and_as_json() {
    let folder = folder();
    assert_ends(&recon378(folder.path(), &with(&["--save", "recon.toml", "--quiet"])), 0);
    let words = recon378(folder.path(), &["check", "recon.toml"]);
    assert_ends(&words, 0);
    assert!(stdout(&words).contains("reference + amount"), "{}", stdout(&words));
    let json = recon378(folder.path(), &["check", "recon.toml", "--json"]);
    let plan: serde_json::Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(plan["passes"][0]["name"], "reference + amount");
}

#[test]
fn check_tells_what_the_passes_would_look_at_unless_told_to_read_schemas_only() {
    let folder = folder();
    let ledger = "reference,amount\nINV-1,10.50\nINV-1,10.50\nINV-3,9.99\n";
    std::fs::write(folder.path().join("ledger.csv"), ledger).unwrap();
    assert_ends(&recon378(folder.path(), &with(&["--save", "recon.toml", "--quiet"])), 0);
    let words = stdout(&recon378(folder.path(), &["check", "recon.toml"]));
    for line in [
        "3 records of bank and 3 of ledger take part. Were they all open in every pass:",
        "with a partner by the key: 1 of 3 records of bank (33.3 %), 2 of 3 records of ledger (66.7 %)",
        "pairs to compare: 1 of 2 that agree on the key",
        "1 × 2: reference \"INV-1\", amount \"10.50\"",
    ] {
        assert!(words.contains(line), "\"{line}\" is missing in: {words}");
    }
    let json = recon378(folder.path(), &["check", "recon.toml", "--json"]);
    let plan: serde_json::Value = serde_json::from_str(&stdout(&json)).unwrap();
    let pass = &plan["survey"]["passes"][0];
    assert_eq!(pass["largest"][0]["key"], serde_json::json!(["INV-1", "10.50"]));
    assert_eq!(pass["with_partner"], serde_json::json!([1, 2]));
    // Records that can't be read at all don't keep anybody from seeing the plan.
    std::fs::write(folder.path().join("ledger.csv"), "reference,amount\n\"INV-1\n").unwrap();
    assert_refused(&recon378(folder.path(), &["check", "recon.toml"]), &["ledger.csv, line 2"]);
    let schemas = recon378(folder.path(), &["check", "recon.toml", "--schemas-only"]);
    assert_ends(&schemas, 0);
    assert!(!stdout(&schemas).contains("take part"), "{}", stdout(&schemas));
}

#[test]
fn what_somebody_wrote_is_not_replaced() {
    let folder = folder();
    let save = with(&["--save", "recon.toml", "--out", "result", "--quiet"]);
    assert_ends(&recon378(folder.path(), &save), 0);
    assert_ends(&recon378(folder.path(), &save), 0); // it is the same
    let spec = folder.path().join("recon.toml");
    let worked_on = std::fs::read_to_string(&spec).unwrap() + "# the desk's rules\n";
    std::fs::write(&spec, &worked_on).unwrap();
    assert_refused(&recon378(folder.path(), &save), &["recon.toml is there already"]);
    assert_eq!(std::fs::read_to_string(&spec).unwrap(), worked_on);

    let diff = recon378(folder.path(), &["diff", "result", "result", "--out", "result"]);
    assert_refused(&diff, &["result of another kind (outcome)", "[not_ours]"]);
    let compare = ["compare", "bank.csv", "ledger.csv", "--key", "reference", "--out"];
    let compare = |out| recon378(folder.path(), &[&compare[..], &[out]].concat());
    assert_refused(&compare("result"), &["[not_ours]"]);
    assert_ends(&compare("differences"), 0);
    assert_ends(&compare("differences"), 0);
}

#[test]
fn data_that_needs_a_spec_leaves_the_start_of_one() {
    let folder = folder();
    std::fs::write(folder.path().join("bank.csv"), b"reference,amount\nM\xfcller,1\n").unwrap();
    let output = recon378(folder.path(), &with(&["--save", "recon.toml"]));
    assert_refused(&output, &["bank.csv, line 2", "[bad_encoding]", "windows-1252"]);
    assert_eq!(entries(folder.path()), ["bank.csv", "ledger.csv", "recon.toml"]);
}

#[test]
fn cells_that_cannot_be_read_are_told_with_what_to_say() {
    let folder = folder();
    std::fs::write(folder.path().join("bank.csv"), "reference;amount\nA;1.234,50\nB;2,00\nC;3\n").unwrap();
    let output = recon378(folder.path(), &["run", "bank.csv", "ledger.csv", "--on", "reference,amount"]);
    assert_ends(&output, 0);
    let told = stdout(&output);
    for text in
        ["\"amount\" of bank, row 0, \"1.234,50\": not an amount", ", and 1 more", "read = { decimal = \",\""]
    {
        assert!(told.contains(text), "{text}: {told}");
    }
    let fine =
        stdout(&recon378(folder.path(), &["run", "ledger.csv", "ledger.csv", "--on", "reference,amount"]));
    assert!(!fine.contains("can't be read"), "{fine}");
}

#[test]
fn schema_completions_and_version_are_printed() {
    let folder = folder();
    let schema: serde_json::Value =
        serde_json::from_str(&stdout(&recon378(folder.path(), &["schema"]))).unwrap();
    assert!(schema["properties"]["pass"].is_object());
    assert!(stdout(&recon378(folder.path(), &["completions", "bash"])).contains("recon378"));
    let version = recon378(folder.path(), &["--version"]);
    assert_eq!(stdout(&version), format!("recon378 {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn colours_are_for_terminals() {
    let folder = folder();
    let output = Command::new(env!("CARGO_BIN_EXE_recon378"))
        .args(["run", "none.toml"])
        .current_dir(folder.path())
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    assert!(!stderr(&output).contains('\u{1b}'), "{:?}", stderr(&output));
}

fn versions() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let before = "id,price,name\n1,9.50,Ann\n2,7.00,Bob\n3,1.25,Cid\n";
    let after = "name,id,cost\nCid,3,1.250\nBob,2,7.10\nDan,4,2.00\n";
    std::fs::write(folder.path().join("before.csv"), before).unwrap();
    std::fs::write(folder.path().join("after.csv"), after).unwrap();
    folder
}

const COMPARE: [&str; 7] = ["compare", "before.csv", "after.csv", "--key", "id", "--rename", "price=cost"];

#[test]
fn compare_tells_rows_and_cells_that_differ() {
    let folder = versions();
    let told = recon378(folder.path(), &COMPARE);
    assert_ends(&told, 0);
    let text = stdout(&told);
    for line in [
        "different",
        "rows            3 in before, 3 in after",
        "with a partner  2, of which 2 changed",
        "without one     1 in before, 1 in after",
    ] {
        assert!(text.contains(line), "\"{line}\" is missing in: {text}");
    }
    let json = recon378(folder.path(), &[&COMPARE[..], &["--json", "--fail-on-differences"]].concat());
    assert_ends(&json, 1);
    let summary: serde_json::Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(
        (&summary["differing_cells"], &summary["columns"][1]["largest"]["delta"]),
        (&2.into(), &"0.10".into())
    );
}

#[test]
fn compare_writes_its_tables_and_takes_tolerances() {
    let folder = versions();
    let out = ["--out", "result", "--format", "csv", "--within", "price=0.1"];
    assert_ends(&recon378(folder.path(), &[&COMPARE[..], &out].concat()), 0);
    let rows = std::fs::read_to_string(folder.path().join("result/rows.csv")).unwrap();
    assert_eq!(rows, "side,row,id,reason\nleft,0,1,missing_on_right\nright,2,4,missing_on_left\n");
    let cells = std::fs::read_to_string(folder.path().join("result/differences.csv")).unwrap();
    assert_eq!(cells, "left_row,right_row,id,column,kind,left,right,delta\n");
    // The folder is ours: it may be written again.
    assert_ends(&recon378(folder.path(), &[&COMPARE[..], &out].concat()), 0);
}

#[test]
fn compare_names_a_key_that_would_do_and_all_mistakes() {
    let folder = versions();
    let files = ["compare", "before.csv", "after.csv"];
    assert_refused(&recon378(folder.path(), &files), &["key", "\"id\""]);
    let wrong = ["--key", "idd", "--within", "price=x"];
    assert_refused(
        &recon378(folder.path(), &[&files[..], &wrong].concat()),
        &["key[0]", "\"id\"", "within.price"],
    );
    let none = ["compare", "before.csv", "no.csv", "--key", "id"];
    assert_refused(&recon378(folder.path(), &none), &["no.csv"]);
}

#[test]
fn compare_keeps_to_limits_and_tells_its_stages() {
    let folder = versions();
    let told =
        recon378(folder.path(), &[&COMPARE[..], &["--threads", "1", "--memory", "64MB", "--times"]].concat());
    assert_ends(&told, 0);
    for stage in ["columns", "pass 1", "cells", "outcome"] {
        assert!(stderr(&told).contains(stage), "{stage} is missing in: {}", stderr(&told));
    }
    let small = recon378(folder.path(), &[&COMPARE[..], &["--memory", "10"]].concat());
    assert_refused(&small, &["bytes", "limit"]);
}

#[test]
fn compare_reads_files_as_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("before.csv"), "15\ta\"b\t1\n16\tc\t2\n").unwrap();
    std::fs::write(folder.path().join("after.csv"), "16\tc\t3\n15\ta\"b\t1\n").unwrap();
    let rules = ["--no-header", "--delimiter", "\t", "--quote", "'"];
    let call = ["compare", "before.csv", "after.csv", "--key", "column_1", "--json"];
    let told = recon378(folder.path(), &[&call[..], &rules].concat());
    assert_ends(&told, 0);
    let summary: serde_json::Value = serde_json::from_str(&stdout(&told)).unwrap();
    assert_eq!((&summary["paired_rows"], &summary["columns"][2]["differing"]), (&2.into(), &1.into()));
}

/// Two specs of one input, the second with a tolerance.
fn rules() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bank.csv"), "id,reference,amount\nB1,INV-1,10.50\nB2,INV-2,7.00\n")
        .unwrap();
    std::fs::write(folder.path().join("ledger.csv"), "id,reference,amount\nL1,INV-1,10.50\nL2,INV-2,7.02\n")
        .unwrap();
    let head = "version = 1\n[left]\nname = \"bank\"\npath = \"bank.csv\"\n[right]\nname = \"ledger\"\npath = \"ledger.csv\"\n";
    let old = format!("{head}[[pass]]\nname = \"exact\"\non = [\"reference\", \"amount\"]\n");
    let new = format!(
        "{old}[[pass]]\nname = \"near\"\non = [\"reference\", {{ field = \"amount\", within = \"0.05\" }}]\n"
    );
    std::fs::write(folder.path().join("old.toml"), old).unwrap();
    std::fs::write(folder.path().join("new.toml"), new).unwrap();
    folder
}

#[test]
fn diff_tells_what_a_change_of_rules_does() {
    let folder = rules();
    let told = recon378(folder.path(), &["diff", "old.toml", "new.toml"]);
    assert_ends(&told, 0);
    let text = stdout(&told);
    for line in ["different", "bank: 1 open", "matched by \"near\"", "matched: 0.00 → 0.02 (+0.02)"] {
        assert!(text.contains(line), "\"{line}\" is missing in: {text}");
    }
    let json = recon378(folder.path(), &["diff", "old.toml", "new.toml", "--json", "--fail-on-changes"]);
    assert_ends(&json, 1);
    let summary: serde_json::Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(summary["groups"][4]["groups"], serde_json::json!([0, 1]));
    let same = recon378(folder.path(), &["diff", "old.toml", "old.toml", "--fail-on-changes"]);
    assert_ends(&same, 0);
}

#[test]
fn diff_reads_folders_of_every_format_and_writes_its_tables() {
    let folder = rules();
    for format in ["parquet", "csv", "ndjson", "arrow"] {
        let run = ["run", "new.toml", "--out", format, "--format", format, "--quiet"];
        assert_ends(&recon378(folder.path(), &run), 0);
        let same = ["diff", format, "new.toml", "--fail-on-changes"];
        assert_ends(&recon378(folder.path(), &same), 0);
        let mixed = ["diff", "parquet", format, "--fail-on-changes"];
        assert_ends(&recon378(folder.path(), &mixed), 0);
    }
    let out = ["diff", "old.toml", "csv", "--out", "changes", "--format", "csv"];
    assert_ends(&recon378(folder.path(), &out), 0);
    let records = std::fs::read_to_string(folder.path().join("changes/records.csv")).unwrap();
    assert!(records.contains("grouped,left,1,1,B2,7.00,7.00,,open,matched,"), "{records}");
    assert_eq!(entries(&folder.path().join("changes")).len(), 5);
    assert_ends(&recon378(folder.path(), &out), 0);
}

#[test]
fn diff_says_what_is_no_outcome() {
    let folder = rules();
    assert_refused(&recon378(folder.path(), &["diff", "nowhere", "old.toml"]), &["nowhere", "[not_found]"]);
    std::fs::create_dir(folder.path().join("mine")).unwrap();
    let foreign = || recon378(folder.path(), &["diff", "mine", "old.toml"]);
    assert_refused(&foreign(), &["mine", "no manifest.json", "[no_outcome]"]);
    std::fs::write(folder.path().join("mine/manifest.json"), "{\"schema_version\":99}").unwrap();
    assert_refused(&foreign(), &["version 99", "[other_schema_version]"]);
    let run = ["run", "old.toml", "--out", "result", "--quiet"];
    assert_ends(&recon378(folder.path(), &run), 0);
    std::fs::remove_file(folder.path().join("result/breaks.parquet")).unwrap();
    assert_refused(&recon378(folder.path(), &["diff", "result", "old.toml"]), &["breaks", "[missing_table]"]);
    assert_ends(&recon378(folder.path(), &["diff", "old.toml", "new.toml", "--out", "changes"]), 0);
    assert_refused(&recon378(folder.path(), &["diff", "changes", "old.toml"]), &["a diff", "[no_outcome]"]);
}
