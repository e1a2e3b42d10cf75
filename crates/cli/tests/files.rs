//! Files as they come from banks and offices, from the first message to the answer; and results that appear whole or
//! not at all.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use arrow_array::{ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringArray};
use recon378::Format;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recon378"));
    command.current_dir(folder).env("NO_COLOR", "1");
    command
}

fn recon378(folder: &Path, arguments: &[&str]) -> Output {
    program(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[track_caller]
fn assert_ends(output: &Output, code: i32) -> String {
    let (out, errors) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "stdout: {out}\nstderr: {errors}");
    out + &errors
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.fold(String::new(), |text, line| text + &line + "\n")
}

/// A bank's export as Windows writes it, and a ledger's workbook.
fn office(folder: &Path) {
    let bank = "Kontoauszug;DE12 3456\nZeitraum;Januar 2026\n\nBuchungstag;Empf\u{e4}nger;Zweck;Betrag\n\
                05.01.2026;M\u{fc}ller;INV-1;1.204,50\n06.01.2026;Stra\u{df}enbau;INV-2;-7,00\n07.01.2026;X;INV-3\n";
    let bytes: Vec<u8> = bank.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect();
    std::fs::write(folder.join("bank.csv"), bytes).unwrap();
    let columns: [(&str, ArrayRef); 3] = [
        ("doc", Arc::new(StringArray::from(vec!["INV-1", "INV-2", "=INV-4"]))),
        (
            "amt",
            Arc::new(
                Decimal128Array::from(vec![120_450, -700, 100]).with_precision_and_scale(38, 2).unwrap(),
            ),
        ),
        ("posted", Arc::new(Date32Array::from(vec![20_458, 20_459, 20_460]))),
    ];
    let ledger = RecordBatch::try_from_iter(columns).unwrap();
    recon378::write_table(&folder.join("ledger.xlsx"), &ledger, Format::Xlsx).unwrap();
}

#[test]
fn a_windows_csv_and_a_workbook_are_reconciled_by_what_the_messages_say() {
    let folder = tempfile::tempdir().unwrap();
    office(folder.path());
    let run = |more: &[&str]| {
        let short = ["run", "bank.csv", "ledger.xlsx", "--on", "reference:Zweck=doc,amount:Betrag=amt"];
        recon378(folder.path(), &[&short[..], more].concat())
    };
    let told = assert_ends(&run(&[]), 2);
    assert!(told.contains("[bad_encoding]") && told.contains("windows-1252"), "{told}");
    let encoding = ["--read", "left.encoding=windows-1252"];
    // The workbook's amounts are doubles: the message says which scale fits.
    let told = assert_ends(&run(&encoding), 2);
    assert!(told.contains("holds doubles") && told.contains("--scale amount="), "{told}");
    let scaled = [&encoding[..], &["--scale", "amount=2"]].concat();
    let told = assert_ends(&run(&scaled), 0);
    assert!(told.contains("can't be read: \"amount\" of bank") && told.contains("decimal"), "{told}");
    let marks = ["--read", "left.decimal=,", "--read", "left.thousands=.", "--save", "recon.toml"];
    assert_ends(&run(&[&scaled[..], &marks].concat()), 0);
    let told = assert_ends(&recon378(folder.path(), &["run", "recon.toml", "--fail-on", "breaks"]), 1);
    for part in ["lines left out", "unreadable rows", "3 cells where the header has 4, on line 7"] {
        assert!(told.contains(part), "\"{part}\" is missing in: {told}");
    }
    let json = recon378(folder.path(), &["run", "recon.toml", "--json"]);
    let summary: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(summary["sources"][0]["matched"], 2);
    assert_eq!(summary["sources"][0]["left_out_lines"], serde_json::json!({ "before_header": 3 }));
    assert_eq!(summary["sources"][0]["unreadable_rows"], 1);
}

#[test]
fn scales_and_open_items_are_said_as_one_guesses() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("bank.csv", "id,amount\nA,1.00\nB,2\nC,x\n");
    write("ledger.csv", "id,amount\nA,1\n");
    let scaled =
        ["run", "bank.csv", "ledger.csv", "--on", "id,amount", "--scale", "amount=2", "--out", "january"];
    let told = assert_ends(&recon378(folder.path(), &scaled), 0);
    assert!(told.contains("tied out to the cent, but for 1 unreadable record"), "{told}");
    let failing = [&scaled[..7], &["--fail-on", "unreadable"]].concat();
    assert_ends(&recon378(folder.path(), &failing), 1);
    let files = "[left]\npath = \"next.csv\"\n[right]\npath = \"ledger.csv\"\n";
    write("next.csv", "id,amount\n");
    write("next.toml", &format!("open_items = \"january\"\n{files}[[pass]]\non = [\"id\", \"amount\"]\n"));
    let output = recon378(folder.path(), &["run", "next.toml", "--json"]);
    assert_ends(&output, 0);
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["sources"][0]["carried"], 2);
}

#[test]
fn rules_of_reading_that_are_none_are_told_as_they_were_typed() {
    let folder = tempfile::tempdir().unwrap();
    office(folder.path());
    let told = |read: &[&str]| {
        let mut call = vec!["run", "bank.csv", "ledger.xlsx", "--on", "amount"];
        for rule in read {
            call.extend(["--read", rule]);
        }
        assert_ends(&recon378(folder.path(), &call), 2)
    };
    let text = told(&["left.decimel=,", "right.skip=many"]);
    for part in ["--read left.decimel", "decimal", "--read right.skip"] {
        assert!(text.contains(part), "\"{part}\" is missing in: {text}");
    }
    assert!(told(&["decimal"]).contains("NAME=VALUE"));
}

#[test]
fn rules_of_reading_are_put_into_a_spec_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bank.csv"), "id;amount\nA;1.204,50\n").unwrap();
    std::fs::write(folder.path().join("ledger.csv"), "id;amount\nA;1204.50\n").unwrap();
    let spec = |read: &str| {
        let text = format!(
            "[left]\npath = \"bank.csv\"\nread = {{ {read} }}\n[right]\npath = \"ledger.csv\"\n[[pass]]\non = [\"id\", \"amount\"]\n"
        );
        std::fs::write(folder.path().join("recon.toml"), text).unwrap();
    };
    let run =
        |rule: &str| recon378(folder.path(), &["run", "recon.toml", "--fail-on", "breaks", "--read", rule]);
    spec("decimal = \",\"");
    assert_ends(&run("left.thousands=."), 0);
    spec("thousands = \",\"");
    let told = assert_ends(&run("left.decimal=,"), 2);
    assert!(told.contains("left.read.thousands") && told.contains("[conflict]"), "{told}");
}

#[test]
fn outcomes_of_folders_and_patterns_with_hashes_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    std::fs::write(folder.path().join("in/a.csv"), "id;amount\nA;1.00\nB;2.00;3\n").unwrap();
    std::fs::write(folder.path().join("in/b.csv"), "id;amount\nC;1.00\n").unwrap();
    std::fs::write(folder.path().join("ledger.csv"), "id;amount\nA;1.00\n").unwrap();
    let run =
        ["run", "in/*.csv", "ledger.csv", "--on", "id,amount", "--out", "result", "--hashes", "--quiet"];
    assert_ends(&recon378(folder.path(), &run), 0);
    let explain = || recon378(folder.path(), &["explain", "result", "--record", "left#1"]);
    let told = assert_ends(&explain(), 0);
    assert!(told.contains("its row can't be read: \"B;2.00;3\""), "{told}");
    // What a row that can't be read says is part of the input.
    std::fs::write(folder.path().join("in/a.csv"), "id;amount\nA;1.00\nB;2.00;4\n").unwrap();
    assert!(assert_ends(&explain(), 2).contains("[sources_changed]"));
}

#[test]
fn rows_that_say_nothing_are_not_carried_along() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bank.csv"), "id;amount\nA;1.00\nB;2.00;3\n").unwrap();
    std::fs::write(folder.path().join("ledger.csv"), "id;amount\nC;1.00\n").unwrap();
    let spec =
        "[left]\npath = \"bank.csv\"\n[right]\npath = \"ledger.csv\"\n[[pass]]\non = [\"id\", \"amount\"]\n";
    std::fs::write(folder.path().join("one.toml"), spec).unwrap();
    assert_ends(&recon378(folder.path(), &["run", "one.toml", "--out", "one", "--format", "csv"]), 0);
    std::fs::write(folder.path().join("two.toml"), format!("open_items = \"one/open_items.csv\"\n{spec}"))
        .unwrap();
    let output = recon378(folder.path(), &["run", "two.toml", "--json"]);
    assert_ends(&output, 0);
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&summary["sources"][0]["open"], &summary["sources"][0]["unreadable"]),
        (&2.into(), &1.into())
    );
}

#[test]
fn standard_input_is_a_source() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ledger.csv"), "reference,amount\nINV-1,1.00\nINV-2,2.00\n").unwrap();
    let piped = |bytes: &[u8], arguments: &[&str]| {
        let mut child = program(folder.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that refuses its arguments doesn't read.
        let _closed = child.stdin.take().unwrap().write_all(bytes);
        child.wait_with_output().unwrap()
    };
    let short = ["run", "-", "ledger.csv", "--on", "reference,amount", "--json"];
    for bytes in [
        &b"reference;amount\nINV-1;1.00\n"[..],
        b"[{\"reference\": \"INV-1\", \"amount\": 1.0}]",
        b"{\"reference\": \"INV-1\", \"amount\": \"1.00\"}\n",
    ] {
        let output = piped(bytes, &short);
        assert_ends(&output, 0);
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(summary["totals"]["matched"], 1);
        assert_eq!(summary["sources"][0]["name"], "input");
    }
    // The saved spec and the outcome know it as `-`.
    let kept = [&short[..], &["--save", "recon.toml", "--out", "result"]].concat();
    assert_ends(&piped(b"reference;amount\nINV-1;1.00\n", &kept), 0);
    assert!(std::fs::read_to_string(folder.path().join("recon.toml")).unwrap().contains("path = \"-\""));
    assert_ends(&piped(b"reference;amount\nINV-2;2.00\n", &["run", "recon.toml"]), 0);
    assert_ends(&piped(b"reference;amount\nINV-2;2.00\n", &["check", "recon.toml"]), 0);
    let told = assert_ends(&recon378(folder.path(), &["explain", "result", "--group", "0"]), 2);
    assert!(told.contains("standard input") && told.contains("[no_replay]"), "{told}");
    let manifest = std::fs::read_to_string(folder.path().join("result/manifest.json")).unwrap();
    assert!(manifest.contains("\"-\"") && !manifest.contains("recon378-"), "{manifest}");
    let told = assert_ends(&piped(b"", &["run", "-", "ledger.csv", "--on", "reference"]), 2);
    assert!(told.contains("[empty_file]"), "{told}");
    let told = assert_ends(&piped(b"a\n", &["run", "-", "-", "--on", "a"]), 2);
    assert!(told.contains("standard input"), "{told}");
}

#[test]
fn texts_that_spreadsheets_would_run_are_guarded_and_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let ids = ["=cmd|' /C calc'!A0", "-123-A", "'=x", "@SUM(A1)", "+41 79", "-5.00", "plain"];
    let rows = lines(ids.iter().map(|id| format!("\"{id}\",1.00")));
    std::fs::write(folder.path().join("bank.csv"), format!("id,amount\n{rows}")).unwrap();
    std::fs::write(folder.path().join("ledger.csv"), "id,amount\nother,2.00\n").unwrap();
    let spec =
        "[left]\npath = \"bank.csv\"\n[right]\npath = \"ledger.csv\"\n[[pass]]\non = [\"id\", \"amount\"]\n";
    std::fs::write(folder.path().join("january.toml"), spec).unwrap();
    assert_ends(&recon378(folder.path(), &["run", "january.toml", "--out", "january", "--format", "csv"]), 0);
    let breaks = std::fs::read_to_string(folder.path().join("january/breaks.csv")).unwrap();
    for written in ["'=cmd|' /C calc'!A0", "'-123-A", "''=x", "'@SUM(A1)", "'+41 79", ",-5.00,", ",plain,"] {
        assert!(breaks.contains(written), "\"{written}\" is missing in: {breaks}");
    }
    // The outcome is the one that it was, and its open items are known again.
    assert_ends(&recon378(folder.path(), &["diff", "january", "january.toml", "--fail-on-changes"]), 0);
    let next = format!("open_items = \"january/open_items.csv\"\n{spec}");
    std::fs::write(folder.path().join("february.toml"), next).unwrap();
    let output = recon378(folder.path(), &["run", "february.toml", "--json"]);
    assert_ends(&output, 0);
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["sources"][0]["replaced"], ids.len());
    assert_eq!(summary["sources"][0]["carried"], 0);
}

#[test]
fn an_outcome_is_a_workbook_for_people() {
    let folder = tempfile::tempdir().unwrap();
    let rows = lines((0..40).map(|at| format!("=R{at},{at}.25")));
    std::fs::write(folder.path().join("bank.csv"), format!("id,amount\n{rows}")).unwrap();
    std::fs::write(folder.path().join("ledger.csv"), "id,amount\n=R1,1.25\n=R2,2.20\n").unwrap();
    let run = |out: &str| {
        let short = ["run", "bank.csv", "ledger.csv", "--on", "id,amount", "--format", "xlsx", "--out", out];
        let told = assert_ends(&recon378(folder.path(), &short), 0);
        assert!(told.contains("outcome.xlsx, sheet breaks"), "{told}");
        std::fs::read(folder.path().join(out).join("outcome.xlsx")).unwrap()
    };
    assert_eq!(run("one"), run("two"), "no clock and no chance is in it");
    let book = folder.path().join("one/outcome.xlsx");
    let sheet = |name: &str| {
        // The summary is no table.
        let header = Some(name != "summary");
        let rules = recon378::spec::ReadSpec { sheet: Some(name.to_owned()), header, ..Default::default() };
        recon378::read(&[&book], &rules)
    };
    let breaks = sheet("breaks").unwrap();
    assert_eq!(breaks.iter().map(RecordBatch::num_rows).sum::<usize>(), 40);
    let ids = arrow_cast::pretty::pretty_format_columns(
        "id",
        &[Arc::clone(breaks[0].column_by_name("id").unwrap())],
    );
    assert!(ids.unwrap().to_string().contains("=R3"));
    let amounts = breaks[0].column_by_name("amount").unwrap();
    assert_eq!(amounts.data_type().to_string(), "Float64");
    assert!(sheet("summary").is_ok() && sheet("tie_out").is_ok() && sheet("groups").is_ok());
    // It is no exact record of the outcome: it isn't read as one, and is run again where its story is asked for.
    let told = assert_ends(&recon378(folder.path(), &["diff", "one", "two"]), 2);
    assert!(told.contains("outcome.xlsx") && told.contains("[no_outcome]"), "{told}");
    let told = assert_ends(&recon378(folder.path(), &["explain", "one", "--record", "bank:=R3"]), 0);
    assert!(told.contains("open"), "{told}");
}

/// Runs the program where no file may grow beyond a few kilobytes: as on a full disk a write is refused, or, where the
/// signal isn't ignored, the process is killed in the midst of it.
#[cfg(unix)]
fn limited(folder: &Path, traps: &str, arguments: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_recon378");
    Command::new("bash")
        .args(["-c", &format!("{traps} ulimit -f 8; exec '{program}' {arguments}")])
        .current_dir(folder)
        .output()
        .unwrap()
}

#[cfg(unix)]
#[test]
fn a_full_disk_and_a_killed_process_leave_the_result_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let rows = lines((0..3_000).map(|at| format!("R{at},{at}.25")));
    std::fs::write(folder.path().join("bank.csv"), format!("id,amount\n{rows}")).unwrap();
    std::fs::write(folder.path().join("ledger.csv"), "id,amount\nR1,1.25\n").unwrap();
    let run = |format: &str, out: &str| {
        format!("run bank.csv ledger.csv --on id,amount --quiet --format {format} --out {out}")
    };
    let call = run("csv", "result");
    assert_ends(&recon378(folder.path(), &call.split(' ').collect::<Vec<_>>()), 0);
    let before = content(&folder.path().join("result"));
    for format in ["parquet", "csv", "ndjson", "arrow", "xlsx"] {
        for out in ["result", "new"] {
            let full = limited(folder.path(), "trap '' XFSZ;", &run(format, out));
            let told = assert_ends(&full, 2);
            assert!(told.contains("[unavailable]") && told.contains(out), "{format}: {told}");
            let killed = limited(folder.path(), "", &run(format, out));
            assert_eq!(killed.status.code(), None, "{format}: {}", text(&killed.stderr));
            assert!(content(&folder.path().join("result")) == before, "{format}");
            assert!(!folder.path().join("new").exists(), "{format}");
        }
    }
    // Nothing stands in the way of the next one.
    assert_ends(&recon378(folder.path(), &call.split(' ').collect::<Vec<_>>()), 0);
}

/// The files of a folder and what they hold.
#[cfg(unix)]
fn content(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}
