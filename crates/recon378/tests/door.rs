//! The door from outside: everything a host can hand in, and what it gets back.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt64Type;
use arrow_array::{Array as _, ArrayRef, RecordBatch, StringArray, record_batch};
use recon378::{
    Batches, Cancel, ErrorKind, Format, Outcome, Progress, Reconciler, Replay, Spec, Stage, StageTimes,
    reconcile,
};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// `records` payments; every tenth is missing on the right.
fn sources(records: usize) -> [RecordBatch; 2] {
    let table = |keep: fn(&usize) -> bool| {
        let rows: Vec<usize> = (0..records).filter(keep).collect();
        let text = |value: fn(usize) -> String| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| value(*row))))
        };
        RecordBatch::try_from_iter([
            ("reference", text(|row| format!("INV-{row}"))),
            ("amount", text(|row| format!("{}.{:02}", row * 7, row % 100))),
        ])
        .unwrap()
    };
    [table(|_| true), table(|row| row % 10 != 0)]
}

fn spec() -> Spec {
    Spec::short(&["reference", "amount"]).unwrap()
}

fn in_pieces(batch: &RecordBatch, rows: usize) -> Vec<RecordBatch> {
    (0..batch.num_rows())
        .step_by(rows)
        .map(|start| batch.slice(start, rows.min(batch.num_rows() - start)))
        .collect()
}

fn digest(outcome: &Outcome) -> String {
    outcome.digest().unwrap()
}

#[test]
fn batch_sizes_and_threads_change_nothing() {
    let [left, right] = sources(200);
    let whole = digest(&reconcile(&spec(), &left, &right).unwrap());
    for rows in [1, 2, 7, 49, 50, 51] {
        let (left, right) = (in_pieces(&left, rows), in_pieces(&right, rows + 3));
        for threads in [1, 4] {
            let outcome = Reconciler::new(spec()).threads(threads).run(&left, right.as_slice()).unwrap();
            assert_eq!(digest(&outcome), whole, "{rows} rows, {threads} threads");
        }
    }
}

#[test]
fn pool_of_the_host_is_used() {
    struct Names(Mutex<Vec<Option<String>>>);
    impl Progress for Names {
        fn started(&self, _: Stage, _: u64) {
            self.0.lock().unwrap().push(std::thread::current().name().map(str::to_owned));
        }
        fn advanced(&self, _: Stage, _: u64, _: u64) {}
        fn finished(&self, _: Stage, _: u64) {}
    }
    let [left, right] = sources(20);
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(2).thread_name(|_| "host".to_owned()).build().unwrap();
    let run = |reconciler: Reconciler| {
        let names = Arc::new(Names(Mutex::default()));
        pool.install(|| reconciler.progress(names.clone()).run(&left, &right)).unwrap();
        let names = names.0.lock().unwrap();
        names.clone()
    };
    assert!(run(Reconciler::new(spec())).iter().all(|name| name.as_deref() == Some("host")));
    assert!(run(Reconciler::new(spec()).threads(1)).iter().all(|name| name.as_deref() == Some("recon378-0")));
}

#[test]
fn cancelled_runs_end_as_cancelled() {
    let [left, right] = sources(20);
    let cancel = Cancel::new();
    cancel.cancel();
    let error = Reconciler::new(spec()).cancel(cancel).run(&left, &right).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Cancelled, "cancelled"));
}

#[test]
fn runs_can_be_cancelled_between_stages() {
    struct StopAt(Stage, Cancel);
    impl Progress for StopAt {
        fn started(&self, stage: Stage, _: u64) {
            if stage == self.0 {
                self.1.cancel();
            }
        }
        fn advanced(&self, _: Stage, _: u64, _: u64) {}
        fn finished(&self, _: Stage, _: u64) {}
    }
    let [left, right] = sources(200);
    for stage in [Stage::Columns, Stage::Pass(0)] {
        let cancel = Cancel::new();
        let progress = Arc::new(StopAt(stage, cancel.clone()));
        let error = Reconciler::new(spec()).cancel(cancel).progress(progress).run(&left, &right).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{stage}");
    }
}

#[test]
fn memory_limit_is_an_error_with_figures() {
    let [left, right] = sources(5_000);
    let error = Reconciler::new(spec()).memory_limit(1_000).run(&left, &right).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Limit, "limit"));
    assert!(error.to_string().contains("1000"), "{error}");
    Reconciler::new(spec()).memory_limit(1 << 30).run(&left, &right).unwrap();
}

#[test]
fn stages_are_measured() {
    let [left, right] = sources(100);
    let times = Arc::new(StageTimes::new());
    Reconciler::new(spec()).progress(times.clone()).run(&left, &right).unwrap();
    let report = times.report();
    let stages: Vec<&str> = report.stages.iter().map(|time| time.stage.as_str()).collect();
    assert_eq!(stages, ["columns", "pass 1", "breaks", "outcome"]);
    assert_eq!(report.to_string().lines().count(), 5);
}

#[test]
fn mistakes_are_told_all_at_once() {
    let [left, right] = sources(1);
    let spec = Spec::short(&["refrence", "amuont"]).unwrap();
    let error = reconcile(&spec, &left, &right).unwrap_err();
    assert_eq!((error.kind(), error.mistakes().len()), (ErrorKind::InvalidSpec, 2));
    assert_eq!(error.mistakes()[0].nearest.as_deref(), Some("reference"));
    let json: serde_json::Value = serde_json::from_str(&error.to_json()).unwrap();
    assert_eq!(json["code"], "unknown_field");
    assert_eq!(json["mistakes"].as_array().unwrap().len(), 2);
}

#[test]
fn no_batch_at_all_is_refused_and_an_empty_one_is_not() {
    let [left, right] = sources(10);
    let none: Vec<RecordBatch> = Vec::new();
    let error = reconcile(&spec(), &none, &right).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidData, "no_batches"));
    let empty = left.slice(0, 0);
    reconcile(&spec(), &empty, &right).unwrap();
    reconcile(&spec(), &empty, &right.slice(0, 0)).unwrap();
    assert_eq!([left, right].batches().len(), 2);
}

#[test]
fn files_are_read_relative_to_the_base_and_written_back() {
    let folder = tempfile::tempdir().unwrap();
    let [left, right] = sources(50);
    recon378::write_table(&folder.path().join("bank.parquet"), &left, Format::Parquet).unwrap();
    recon378::write_table(&folder.path().join("ledger.csv"), &right, Format::Csv).unwrap();
    let mut spec = spec();
    spec.left.path = vec!["bank.parquet".to_owned()];
    spec.right.path = vec!["ledger.csv".to_owned()];
    let reconciler = Reconciler::new(spec).base(folder.path());
    assert_eq!(reconciler.check_files().unwrap().passes.len(), 1);
    let outcome = reconciler.run_files().unwrap();
    assert_eq!(digest(&outcome), digest(&reconcile(&self::spec(), &left, &right).unwrap()));
    let result = folder.path().join("result");
    let manifest = reconciler.manifest_with_hashes(&outcome).unwrap();
    assert_eq!(manifest.sources[0].files, ["bank.parquet"]);
    assert!(manifest.digest.is_some() && manifest.sources.iter().all(|source| source.content_hash.is_some()));
    recon378::write_outcome(&outcome, &manifest, &result, Format::Arrow, &Cancel::new()).unwrap();
    let groups =
        recon378::read(&[result.join("groups.arrow")], &recon378::spec::ReadSpec::default()).unwrap();
    assert_eq!(groups.iter().map(RecordBatch::num_rows).sum::<usize>(), 45);
}

#[test]
fn memory_limit_counts_what_files_hold() {
    let folder = tempfile::tempdir().unwrap();
    let [left, right] = sources(1_000);
    let mut spec = spec();
    for (name, table, source) in [("l.csv", &left, &mut spec.left), ("r.csv", &right, &mut spec.right)] {
        recon378::write_table(&folder.path().join(name), table, Format::Csv).unwrap();
        source.path = vec![name.to_owned()];
    }
    let error = Reconciler::new(spec).base(folder.path()).memory_limit(4_096).run_files().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
}

#[test]
fn sources_without_files_are_named() {
    let error = Reconciler::new(spec()).run_files().unwrap_err();
    let paths: Vec<&str> = error.mistakes().iter().map(|mistake| mistake.path.as_str()).collect();
    assert_eq!(paths, ["left.path", "right.path"]);
    let mut spec = spec();
    spec.left.path = vec!["nowhere.csv".to_owned()];
    spec.right.path = vec!["nowhere.csv".to_owned()];
    let error = Reconciler::new(spec).base(Path::new("/no/folder")).run_files().unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unavailable, "not_found"));
}

#[test]
fn unreadable_cells_name_the_file_they_were_read_from() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("january.csv", "id,amount\nL0,1.00\nL1,x\n");
    write("nothing.csv", "id,amount\n");
    write("march.csv", "id,amount\nL2,y\nL3,4.00\nL4,z\n");
    write("ledger.csv", "id,amount\nR0,1.00\nR1,\"1,0\"\n");
    let text = "version = 1\n[left]\npath = [\"january.csv\", \"nothing.csv\", \"./march.csv\"]\n\
                [right]\npath = \"ledger.csv\"\n[[pass]]\non = \"amount\"\n";
    let spec = Spec::from_toml(text).unwrap();
    let reconciler = Reconciler::new(spec.clone()).base(folder.path());
    let outcome = reconciler.run_files().unwrap();
    let issues = outcome.issues().unwrap();
    let rows = issues.column_by_name("row").unwrap().as_primitive::<UInt64Type>().values().to_vec();
    let files = issues.column_by_name("file").unwrap().as_string::<i32>().clone();
    let files: Vec<_> = files.iter().flatten().map(str::to_owned).collect();
    assert_eq!(rows, [1, 2, 4, 1]);
    assert_eq!(files, ["january.csv", "./march.csv", "./march.csv", "ledger.csv"]);
    // The same records in memory: no file is known, and the digest doesn't ask for one.
    let read = |names: &[&str]| {
        let paths: Vec<_> = names.iter().map(|name| folder.path().join(name)).collect();
        recon378::read(&paths, &spec.left.read).unwrap()
    };
    let (left, right) = (read(&["january.csv", "nothing.csv", "march.csv"]), read(&["ledger.csv"]));
    let in_memory = reconcile(&spec, &left, &right).unwrap();
    assert_eq!(in_memory.issues().unwrap().column_by_name("file").unwrap().null_count(), 4);
    assert_eq!(digest(&in_memory), digest(&outcome));
}

#[test]
fn rows_that_cannot_be_cut_into_cells_are_open_records_and_issues() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "bank.csv",
        "Account 4711\nref;amount;state\nR1;1.00;booked\nR2;2.00;booked;x\nR3\nref;amount;state\nR4;4.00;void\n",
    );
    write("ledger.csv", "ref,amount\nR1,1.00\nR2,2.00\n");
    let text = "left = { path = 'bank.csv', where = [{ field = 'state', equals = 'booked' }] }\n\
                right = { path = 'ledger.csv' }\n[[pass]]\non = 'ref, amount'\n[limits]\nissues_max = 1\n";
    let run = |spec: Spec| Reconciler::new(spec).base(folder.path()).run_files();
    let outcome = run(text.parse().unwrap()).unwrap();
    let summary = outcome.summary();
    let source = &summary.sources[0];
    assert_eq!((source.records, source.matched, source.excluded, source.open), (4, 1, 1, 2));
    assert_eq!((source.unreadable, source.unreadable_rows), (2, 2));
    let left_out: Vec<_> = source.left_out_lines.iter().map(|(what, lines)| (*what, *lines)).collect();
    assert_eq!(left_out, [("before_header", 1), ("repeated_header", 1)]);
    // One is listed, as the limit says; both are counted.
    let issues = outcome.issues().unwrap();
    assert_eq!(issues.num_rows(), 1);
    assert!(issues.column_by_name("field").unwrap().is_null(0));
    assert_eq!(issues.column_by_name("value").unwrap().as_string::<i32>().value(0), "R2;2.00;booked;x");
    let story = recon378::explain(&outcome, &recon378::Question::record("left#1")).unwrap();
    assert!(story.to_string().contains("its row can't be read"), "{story}");
    let strict = run(format!("strict = true\n{text}").parse().unwrap()).unwrap_err();
    assert_eq!((strict.code(), strict.kind()), ("ragged_row", ErrorKind::InvalidData));
}

#[test]
fn folders_of_exports_are_reconciled_with_json_and_every_record_knows_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("exports/2026-03.csv", "ref;amount\nR1;$1,200.50\nR2;($3.10)\n");
    write("exports/2026-04.csv", "ref;amount\nR3;5.00-\nR4;€7\n");
    write(
        "ledger.json",
        r#"[{"ref": "R1", "amount": 1200.50}, {"ref": "R3", "amount": "-5"}, {"ref": "R2", "amount": -3.1}]"#,
    );
    let spec: Spec = r#"
        left = { path = "exports/2026-*.csv", read = { thousands = ",", currency_sign = "$" }, where = [{ field = "file", matches = "csv" }] }
        right = { path = "ledger.json" }
        [[pass]]
        on = ["ref", "amount"]
    "#
    .parse()
    .unwrap();
    let run = Reconciler::new(spec).base(folder.path());
    let outcome = run.run_files().unwrap();
    assert_eq!((outcome.summary().matched(), outcome.summary().breaks()), (3, 1));
    let issues = outcome.issues().unwrap();
    assert_eq!(issues.column_by_name("file").unwrap().as_string::<i32>().value(0), "exports/2026-04.csv");
    let problem = issues.column_by_name("problem").unwrap();
    assert!(format!("{problem:?}").contains("written with the currency sign"), "{problem:?}");
    // A file more is another input.
    let before = run.manifest_with_hashes(&outcome).unwrap().sources[0].content_hash.clone();
    write("exports/2026-05.csv", "ref;amount\nR5;1\n");
    let outcome = run.run_files().unwrap();
    assert_eq!(outcome.summary().breaks(), 2);
    assert_ne!(run.manifest_with_hashes(&outcome).unwrap().sources[0].content_hash, before);
}

#[test]
fn open_items_leave_one_run_and_enter_the_next_from_memory_or_files() {
    let folder = tempfile::tempdir().unwrap();
    let spec: Spec = "as_of = '2026-01-31'\n[[pass]]\non = 'reference, amount'".parse().unwrap();
    let [left, right] = sources(20);
    let first = Reconciler::new(spec.clone()).run(&left, &right.slice(0, 9)).unwrap();
    let items = first.open_items().unwrap();
    assert_eq!(items.num_rows(), 11);
    let (nothing, rest) = (left.slice(0, 0), right.slice(9, right.num_rows() - 9));
    let in_memory = Reconciler::new(spec.clone()).open_items(&items).run(&nothing, &rest).unwrap();
    assert_eq!(in_memory.summary().matched(), 9);
    assert_eq!(in_memory.summary().sources[0].carried, 11);
    for format in [Format::Csv, Format::Parquet, Format::Arrow] {
        let name = format!("open_items.{}", format.name());
        recon378::write_table(&folder.path().join(&name), &items, format).unwrap();
        let spec = Spec { open_items: vec![name.clone()], ..spec.clone() };
        let from_file = Reconciler::new(spec).base(folder.path()).run(&nothing, &rest).unwrap();
        assert_eq!(digest(&from_file), digest(&in_memory), "{name}");
    }
    let result = folder.path().join("result");
    let run = Reconciler::new(spec).open_items(&items);
    recon378::write_outcome(&in_memory, &run.manifest(&in_memory), &result, Format::Parquet, &Cancel::new())
        .unwrap();
    let diff = recon378::diff(&result, &in_memory).unwrap();
    assert!(diff.summary().equal && diff.summary().warnings.is_empty(), "{}", diff.summary());
    // What was handed over in memory is not there to be read again.
    let refused = Replay::open(&result).unwrap_err();
    assert_eq!(refused.code(), "no_replay");
}

fn texts(columns: &[(&str, &[&str])]) -> RecordBatch {
    let column = |cells: &[&str]| -> ArrayRef {
        let cells = cells.iter().map(|cell| (!cell.is_empty()).then_some(*cell));
        Arc::new(cells.collect::<StringArray>())
    };
    let columns = columns.iter().map(|(name, cells)| (*name, column(cells), true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

#[test]
fn explaining_and_diffing_can_be_stopped() {
    let [left, right] = sources(20);
    let outcome = reconcile(&spec(), &left, &right).unwrap();
    let question =
        recon378::Question { side: Some("left".to_owned()), row: Some(0), ..recon378::Question::default() };
    let stop = Cancel::new();
    recon378::explain_until(&outcome, &question, &stop).unwrap();
    recon378::Differ::new().cancel(stop.clone()).run(&outcome, &outcome).unwrap();
    stop.cancel();
    let story = recon378::explain_until(&outcome, &question, &stop).unwrap_err();
    let diff = recon378::Differ::new().cancel(stop).run(&outcome, &outcome).unwrap_err();
    assert_eq!([story.kind(), diff.kind()], [ErrorKind::Cancelled; 2]);
}

#[test]
fn groups_of_records_with_one_id_are_decided_apart() {
    let source = texts(&[("id", &["x", "x"]), ("reference", &["A", "B"]), ("amount", &["5.00", "5.00"])]);
    let spec: Spec = "[[pass]]\non = 'reference, amount'\nstatus = 'proposed'".parse().unwrap();
    let reconciler = Reconciler::new(spec);
    let first = reconciler.run(&source, &source).unwrap();
    let groups = first.groups().unwrap();
    let ids: Vec<u64> = groups["group_id"].as_primitive::<UInt64Type>().values().to_vec();
    let accept = |ids: &[u64]| first.decisions_from(ids, recon378::spec::DecisionKind::Accept).unwrap();
    assert_eq!(accept(&[ids[0], ids[0]]), accept(&[ids[0]]));
    let second = reconciler.decisions(&accept(&ids)).run(&source, &source).unwrap();
    assert_eq!(second.summary().matched(), 2);
    assert_eq!(second.pairs().unwrap().num_rows(), 2);
}

#[test]
fn values_that_a_decision_noted_are_compared_by_value() {
    let bank =
        texts(&[("id", &["b1"]), ("count", &["7"]), ("amount", &["10.50"]), ("date", &["2026-01-05"])]);
    let ledger =
        texts(&[("id", &["l1"]), ("count", &["8"]), ("amount", &["11.50"]), ("date", &["2026-01-05"])]);
    let spec: Spec = "fields.count = { left = 'count', right = 'count', as = 'integer' }\n[[pass]]\non = 'count, amount, date'"
        .parse()
        .unwrap();
    let run = |count: &str, amount: &str, date: &str| {
        let decided = texts(&[
            ("decision", &["1", "1"]),
            ("kind", &["force", "force"]),
            ("side", &["left", "right"]),
            ("id", &["b1", "l1"]),
            ("count", &[count, ""]),
            ("amount", &[amount, ""]),
            ("date", &[date, ""]),
        ]);
        let outcome = Reconciler::new(spec.clone()).decisions(&decided).run(&bank, &ledger)?;
        Ok::<u64, recon378::Error>(outcome.summary().decisions.unwrap().stale)
    };
    for (count, amount, date) in
        [("7.0", "10.5", "2026-01-05"), ("7", "10.5000", "2026-01-05T00:00:00"), ("", "", "")]
    {
        assert_eq!(run(count, amount, date).unwrap(), 0, "{count} {amount} {date}");
    }
    for (count, amount, date) in [("7.5", "", ""), ("", "10.501", ""), ("", "", "2026-01-06")] {
        assert_eq!(run(count, amount, date).unwrap(), 1, "{count} {amount} {date}");
    }
    let refused = run("seven", "10,50", "5.1.2026").unwrap_err();
    let paths: Vec<&str> = refused.mistakes().iter().map(|mistake| mistake.path.as_str()).collect();
    assert_eq!(paths, ["decisions[0].was.amount", "decisions[0].was.count", "decisions[0].was.date"]);
    assert!(refused.mistakes().iter().all(|mistake| mistake.code == "bad_value"));
}

#[test]
fn open_items_are_refused_that_would_count_twice_or_say_nothing() {
    let [left, right] = sources(20);
    let run = Reconciler::new(spec());
    let items = run.run(&left, &right.slice(0, 9)).unwrap().open_items().unwrap();
    let nothing = (left.slice(0, 0), right.slice(0, 0));
    let refused = |items: &[RecordBatch]| {
        run.clone().open_items(items).run(&nothing.0, &nothing.1).unwrap_err().code().to_owned()
    };
    assert_eq!(refused(&[items.clone(), items.clone()]), "listed_twice");
    let names: Vec<String> = items.schema().fields().iter().map(|field| field.name().clone()).collect();
    let without: Vec<usize> = (0..names.len()).filter(|at| names[*at] != "reference").collect();
    assert_eq!(refused(&[items.project(&without).unwrap()]), "missing_column");
    let unknown = texts(&[
        ("side", &["left"]),
        ("id", &["a"]),
        ("reference", &["A"]),
        ("amount", &["1.00"]),
        ("reason", &["mising"]),
    ]);
    assert_eq!(refused(&[unknown]), "unreadable_cell");
    // Two that are alike may be two, where nothing says which records they were.
    let twins = texts(&[
        ("side", &["left", "left"]),
        ("id", &["", ""]),
        ("reference", &["A", "A"]),
        ("amount", &["1.00", "1.00"]),
    ]);
    let outcome = run.clone().open_items(&twins).run(&nothing.0, &nothing.1).unwrap();
    assert_eq!(outcome.summary().sources[0].carried, 2);
}

#[test]
fn which_record_stands_for_which_open_item_does_not_depend_on_their_order() {
    let spec: Spec = "[[pass]]\non = 'amount, reference'".parse().unwrap();
    let nothing = texts(&[("id", &[]), ("amount", &[]), ("reference", &[])]);
    let items = |rows: [usize; 2]| {
        let pick = |cells: [&'static str; 2]| rows.map(|row| cells[row]);
        texts(&[
            ("side", &["left", "left"]),
            ("id", &["x", "x"]),
            ("amount", &pick(["5.00", ""])),
            ("reference", &["A", "A"]),
            ("first_seen", &pick(["2026-01-31", "2026-02-28"])),
        ])
    };
    let own = |rows: [usize; 2]| {
        let pick = |cells: [&'static str; 2]| rows.map(|row| cells[row]);
        texts(&[("id", &["x", "x"]), ("amount", &pick(["5.00", ""])), ("reference", &["A", "A"])])
    };
    for order in [[0, 1], [1, 0]] {
        for other in [[0, 1], [1, 0]] {
            let outcome =
                Reconciler::new(spec.clone()).open_items(&items(order)).run(&own(other), &nothing).unwrap();
            assert_eq!(outcome.summary().sources[0].replaced, 2);
            let table = outcome.open_items().unwrap();
            let days = table["first_seen"].as_primitive::<arrow_array::types::Date32Type>();
            let amounts = table.column_by_name("amount").unwrap();
            for row in 0..2 {
                let day = if amounts.is_null(row) { 20_512 } else { 20_484 };
                assert_eq!(days.value(row), day, "{order:?} {other:?}");
            }
        }
    }
}

#[test]
fn a_run_with_a_third_table_is_hashed_and_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let write = |name: &str, text: &str| std::fs::write(at(name), text).unwrap();
    write("left.csv", "id,payment\nb1,P1\nb2,P2\n");
    write("right.csv", "id,invoice\nl1,A-2\nl2,C-1\n");
    write("lines.csv", "payment;invoice\nP1;A-1\nP1;A-2\n");
    let spec: Spec = r#"
        left.path = "left.csv"
        right.path = "right.csv"
        [tables.lines]
        path = "lines.csv"
        read = { delimiter = ";" }
        [fields.invoice]
        left = { column = "payment", lookup = { table = "lines", key = "payment", column = "invoice" } }
        right = "invoice"
        [[pass]]
        on = ["invoice"]
    "#
    .parse()
    .unwrap();
    let run = Reconciler::new(spec).base(folder.path());
    let outcome = run.run_files().unwrap();
    assert_eq!(outcome.summary().matched(), 1);
    let manifest = run.manifest_with_hashes(&outcome).unwrap();
    let told: Vec<_> =
        manifest.brought.iter().map(|one| (one.table.as_str(), one.files.as_slice())).collect();
    assert_eq!(told, [("tables.lines", &["lines.csv".to_owned()][..])]);
    let written = || {
        recon378::write_outcome(&outcome, &manifest, &at("result"), Format::Parquet, &Cancel::new()).unwrap();
        Replay::open(at("result")).unwrap().run()
    };
    assert_eq!(digest(&written().unwrap()), digest(&outcome));
    write("lines.csv", "payment;invoice\nP1;A-2\n");
    assert_eq!(written().unwrap_err().code(), "sources_changed");
    // The one in memory takes the place of the file.
    let lines = record_batch!(("payment", Utf8, ["P2"]), ("invoice", Utf8, ["C-1"])).unwrap();
    let in_memory = run.table("lines", &lines);
    let other = in_memory.run_files().unwrap();
    assert_ne!(digest(&other), digest(&outcome));
    assert!(in_memory.manifest_with_hashes(&other).unwrap().brought[0].content_hash.is_some());
}

#[test]
fn a_third_table_that_is_nowhere_or_can_not_be_cut_into_cells_is_refused() {
    let [left, right] = sources(3);
    let declared: Spec = "[tables.lines]\n[[pass]]\non = 'reference'".parse().unwrap();
    let error = Reconciler::new(declared).run(&left, &right).unwrap_err();
    assert_eq!((error.code(), error.mistakes()[0].path.as_str()), ("missing", "tables.lines.path"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lines.csv"), "a,b\n1\n2,3\n").unwrap();
    let named: Spec = "[tables.lines]\npath = 'lines.csv'\n[[pass]]\non = 'reference'".parse().unwrap();
    let error = Reconciler::new(named).base(folder.path()).run(&left, &right).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
}

#[test]
fn a_written_run_with_decisions_and_open_items_is_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let write = |name: &str, table: &RecordBatch| {
        recon378::write_table(&at(name), table, Format::Csv).unwrap();
        vec![name.to_owned()]
    };
    let [left, right] = sources(20);
    let spec: Spec = "[[pass]]\non = 'reference, amount'\nstatus = 'proposed'".parse().unwrap();
    let first = Reconciler::new(spec.clone()).run(&left, &right.slice(0, 9)).unwrap();
    let groups = first.groups().unwrap();
    let ids = groups.column_by_name("group_id").unwrap().as_primitive::<UInt64Type>();
    let yes =
        first.decisions_from(&[ids.value(0), ids.value(3)], recon378::spec::DecisionKind::Accept).unwrap();
    let mut spec = Spec { open_items: write("items.csv", &first.open_items().unwrap()), ..spec };
    let path = write("yes.csv", &yes);
    spec.decisions = recon378::spec::DecisionsSpec::Files { path, swapped: false };
    spec.left.path = write("left.csv", &left);
    spec.right.path = write("right.csv", &right);
    let run = Reconciler::new(spec).base(folder.path());
    let outcome = run.run_files().unwrap();
    assert_eq!(outcome.summary().matched(), 2);
    for hashes in [true, false] {
        let manifest =
            if hashes { run.manifest_with_hashes(&outcome).unwrap() } else { run.manifest(&outcome) };
        assert_eq!(manifest.brought.len(), 2);
        assert!(manifest.brought.iter().all(|table| table.content_hash.is_some() == hashes));
        let result = at("result");
        recon378::write_outcome(&outcome, &manifest, &result, Format::Parquet, &Cancel::new()).unwrap();
        let again = Replay::open(&result).unwrap().run().unwrap();
        assert_eq!(digest(&again), digest(&outcome));
    }
    // The same decisions handed over in memory can't be read again.
    let in_memory = run.decisions(&yes);
    let outcome = in_memory.run_files().unwrap();
    let manifest = in_memory.manifest_with_hashes(&outcome).unwrap();
    recon378::write_outcome(&outcome, &manifest, &at("result"), Format::Parquet, &Cancel::new()).unwrap();
    let refused = Replay::open(at("result")).unwrap_err();
    assert_eq!(refused.code(), "no_replay");
    assert!(refused.to_string().contains("decisions"), "{refused}");
}

#[test]
fn balances_give_a_statement_and_a_proof_that_is_not_zero_is_no_error() {
    let [left, right] = sources(20);
    let balance = |closing: &str| -> RecordBatch {
        let text = |cell: &str| -> ArrayRef { Arc::new(StringArray::from(vec![cell])) };
        let columns = [("left_closing", text("1331.90")), ("right_closing", text(closing))];
        RecordBatch::try_from_iter(columns).unwrap()
    };
    assert_eq!(reconcile(&spec(), &left, &right).unwrap().statement_text(80), None);
    for (closing, proven) in [("1261.80", true), ("1261.81", false)] {
        let outcome = Reconciler::new(spec()).balances(&balance(closing)).run(&left, &right).unwrap();
        assert_eq!(outcome.summary().balances.unwrap().proven, Some(proven));
        let text = outcome.statement_text(80).unwrap();
        assert_eq!(text.contains("NOT RECONCILED"), !proven, "{text}");
        assert_eq!(outcome.table("balances").unwrap().num_rows(), 1);
    }
    // Of one source alone it is proven that its records are all there, not that the sources agree.
    let one_source = [("left_opening", "0.00"), ("left_closing", "1331.90")]
        .map(|(name, cell)| (name, Arc::new(StringArray::from(vec![cell])) as ArrayRef));
    let one_source = RecordBatch::try_from_iter(one_source).unwrap();
    let outcome = Reconciler::new(spec()).balances(&one_source).run(&left, &right).unwrap();
    assert_eq!(outcome.summary().balances.unwrap().proven, Some(true));
    let text = outcome.statement_text(80).unwrap();
    assert!(text.contains("from one source to the other a balance is lacking"), "{text}");
    assert!(!text.contains("reconciled"), "{text}");
    let refused = Reconciler::new(spec()).balances(&left).run(&left, &right).unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::InvalidData, "missing_column"));
}
