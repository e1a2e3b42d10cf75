//! Readers on hostile files, writers there and back.

use crate::read::read_written;
use crate::{
    Attachment, BadRow, Format, IoError, MANIFEST, ResultKind, Table, check_folder, open, read, write_file,
    write_result,
};
use arrow_array::cast::AsArray;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, RecordBatch,
    StringArray, UInt64Array, types::Int8Type,
};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{DataType, Field, Schema};
use proptest::prelude::*;
use recon378_core::outcome::LeftOutLines;
use recon378_core::spec::{Ragged, ReadSpec};
use recon378_core::{Cancel, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn rows(batches: &[RecordBatch]) -> Vec<Vec<String>> {
    batches
        .iter()
        .flat_map(|batch| {
            (0..batch.num_rows()).map(move |row| {
                batch.columns().iter().map(|column| column.as_string::<i32>().value(row).to_owned()).collect()
            })
        })
        .collect()
}

fn names(batches: &[RecordBatch]) -> Vec<String> {
    batches[0].schema().fields().iter().map(|field| field.name().clone()).collect()
}

fn csv_with(bytes: impl AsRef<[u8]>, spec: &ReadSpec) -> Result<Vec<RecordBatch>, IoError> {
    let folder = folder();
    let path = file(&folder, "source.csv", bytes);
    read(&[path], spec, &Cancel::new())
}

fn csv(bytes: impl AsRef<[u8]>) -> Result<Vec<RecordBatch>, IoError> {
    csv_with(bytes, &ReadSpec::default())
}

#[track_caller]
fn assert_csv(bytes: impl AsRef<[u8]>, header: &[&str], expected: &[&[&str]]) {
    let batches = csv(bytes).unwrap();
    assert_eq!(names(&batches), header);
    assert_eq!(rows(&batches), expected);
}

#[test]
fn csv_cells_stay_the_text_that_was_written() {
    assert_csv(
        "id,amount\n007,1.50\n 8 ,\"1,234.00\"\n,1e5\n",
        &["id", "amount"],
        &[&["007", "1.50"], &[" 8 ", "1,234.00"], &["", "1e5"]],
    );
}

#[test]
fn csv_delimiter_is_the_one_that_cuts_rows_evenly() {
    assert_csv("a;b\n1,5;2,5\n3,5;4,5\n", &["a", "b"], &[&["1,5", "2,5"], &["3,5", "4,5"]]);
    assert_csv("a\tb\nx, y\tz\n", &["a", "b"], &[&["x, y", "z"]]);
    assert_csv("a|b|c\n1|2|3", &["a", "b", "c"], &[&["1", "2", "3"]]);
    assert_csv("a,b;c\n1,2;3\n", &["a", "b;c"], &[&["1", "2;3"]]);
    assert_csv("\"a;x\",b\n\"1;;;\",2\n", &["a;x", "b"], &[&["1;;;", "2"]]);
    assert_csv("one\nx\ny\n", &["one"], &[&["x"], &["y"]]);
    assert_csv("a;b\n", &["a", "b"], &[]);
}

#[test]
fn csv_takes_line_ends_of_all_systems_and_none_at_the_end() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["a,b", "1,2", "3,4"].join(end);
        assert_csv(&text, &["a", "b"], &[&["1", "2"], &["3", "4"]]);
        assert_csv(text + end, &["a", "b"], &[&["1", "2"], &["3", "4"]]);
    }
}

#[test]
fn csv_quotes_hold_line_ends_delimiters_and_quotes() {
    assert_csv(
        "a,b\r\n\"line 1\r\nline 2\",\"say \"\"hi\"\"\"\r\n",
        &["a", "b"],
        &[&["line 1\r\nline 2", "say \"hi\""]],
    );
}

#[test]
fn csv_byte_order_mark_is_no_part_of_the_first_name() {
    assert_csv("\u{feff}a,b\n1,2\n", &["a", "b"], &[&["1", "2"]]);
    assert_csv("\u{feff}\"a\",b\n1,2\n", &["a", "b"], &[&["1", "2"]]);
}

#[test]
fn csv_nul_bytes_are_text() {
    assert_csv("a,b\n\0,x\0y\n", &["a", "b"], &[&["\0", "x\0y"]]);
}

#[test]
fn csv_empty_lines_are_no_rows() {
    assert_csv("\n\na,b\n\n1,2\n\n\n3,4\n\n", &["a", "b"], &[&["1", "2"], &["3", "4"]]);
}

#[test]
fn csv_cell_of_ten_megabytes_is_read() {
    let cell = "x".repeat(10 << 20);
    let batches = csv(format!("a,b\n1,{cell}\n2,y\n")).unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 2);
    assert_eq!(batches[0].column(1).as_string::<i32>().value(0).len(), 10 << 20);
}

#[test]
fn csv_batches_are_bounded_in_rows_and_bytes() {
    let many = csv("a\n".to_owned() + &"x\n".repeat(150_000)).unwrap();
    assert_eq!(many.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [65_536, 65_536, 18_928]);
    let wide = csv("a\n".to_owned() + &("y".repeat(1 << 20) + "\n").repeat(40)).unwrap();
    assert_eq!(wide.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [32, 8]);
}

#[test]
fn csv_options_of_the_spec_are_kept() {
    let spec = ReadSpec {
        delimiter: Some(';'),
        quote: Some('\''),
        header: Some(false),
        skip: Some(2),
        ..ReadSpec::default()
    };
    let batches = csv_with("Bank of X\n\"unclosed\n'1;5';x\n2,\"5;y\n", &spec).unwrap();
    assert_eq!(names(&batches), ["column_1", "column_2"]);
    assert_eq!(rows(&batches), [["1;5", "x"], ["2,\"5", "y"]]);
    assert_refused(csv_with("one\ntwo\na;b\n1\n", &spec), "ragged_row", Some(4));
}

#[test]
fn csv_without_records_still_has_its_columns() {
    let batches = csv("a;b\n").unwrap();
    assert_eq!((batches.len(), batches[0].num_rows(), batches[0].num_columns()), (1, 0, 2));
}

#[test]
fn csv_encodings_are_converted() {
    let spec = |label: &str| ReadSpec { encoding: Some(label.to_owned()), ..ReadSpec::default() };
    let latin = csv_with(b"name\nM\xfcller \x80\n", &spec("windows-1252")).unwrap();
    assert_eq!(rows(&latin), [["Müller €"]]);
    let utf16: Vec<u8> = "\u{feff}name,x\nMüller,😀\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16 = csv_with(utf16, &spec("utf-16le")).unwrap();
    assert_eq!(
        (names(&utf16), rows(&utf16)),
        (vec!["name".into(), "x".into()], vec![vec!["Müller".into(), "😀".into()]])
    );
    // Its mark says that a file is UTF-16.
    for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let text = "\u{feff}name,x\nMüller,😀\n".encode_utf16().flat_map(to_bytes);
        assert_eq!(rows(&csv(text.collect::<Vec<u8>>()).unwrap()), [["Müller", "😀"]]);
    }
    // Without one it is told what the file looks like.
    let bare: Vec<u8> =
        "reference;amount\nINV-1;1.00\nINV-2;2.00\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = csv(&bare).unwrap_err();
    assert!(error.to_string().contains("looks like utf-16le"), "{error}");
    assert_eq!(rows(&csv_with(bare, &spec("utf-16le")).unwrap()).len(), 2);
    let marked = csv_with("\u{feff}name\nMüller\n", &spec("windows-1252")).unwrap();
    assert_eq!(rows(&marked), [["Müller"]]);
}

#[test]
fn csv_characters_cut_by_a_chunk_are_whole() {
    let text = "a\n".to_owned() + &"ü€😀".repeat(70_000) + "\n";
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let spec = ReadSpec { encoding: Some("utf-16le".into()), ..ReadSpec::default() };
    assert_eq!(rows(&csv_with(utf16, &spec).unwrap()), rows(&csv(text).unwrap()));
}

#[track_caller]
fn assert_refused(result: Result<Vec<RecordBatch>, IoError>, code: &str, line: Option<u64>) {
    let error = result.map(|batches| rows(&batches)).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().ends_with(&format!("[{code}]")), "{error}");
    if let Some(line) = line {
        assert!(error.to_string().contains(&format!("line {line}:")), "{error}");
    }
}

#[test]
fn csv_bad_bytes_are_refused_with_their_line() {
    assert_refused(csv(b"a,b\n1,\"x\ny\"\nM\xfcller,2\n"), "bad_encoding", Some(4));
    assert_refused(csv(b"a,b\r\n1,2\r\n\r\n3,\xff\r\n4,5\r\n"), "bad_encoding", Some(4));
    // Halves of a character in two cells are no character.
    assert_refused(csv(b"a,b\n\xc3,\xbc\n"), "bad_encoding", Some(2));
    assert_refused(csv(b"n\xfc,b\n1,2\n"), "bad_encoding", Some(1));
    let spec = ReadSpec { encoding: Some("shift_jis".into()), ..ReadSpec::default() };
    assert_refused(csv_with(b"a\nx\n\x81\n", &spec), "bad_encoding", Some(3));
    let spec = ReadSpec { encoding: Some("klingon".into()), ..ReadSpec::default() };
    assert_refused(csv_with("a\n", &spec), "unknown_encoding", None);
}

#[test]
fn csv_ragged_rows_are_refused_with_their_line() {
    assert_refused(csv("a,b\n1,2\n3\n"), "ragged_row", Some(3));
    assert_refused(csv("a,b\r\n\"1\r\n\",2\r\n\r\n3,4,5\r\n"), "ragged_row", Some(5));
    match csv("a,b\n1,2,3\n").unwrap_err() {
        IoError::RaggedRow { line, found, expected, delimiter, .. } => {
            assert_eq!((line, found, expected, delimiter), (2, 3, 2, ','));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn csv_open_quotes_are_refused_with_their_line() {
    assert_refused(csv("a,b\n1,2\n3,\"4\n5,6\n"), "unclosed_quote", Some(3));
    assert_refused(csv("a,b\n1,\""), "unclosed_quote", Some(2));
    assert_csv("a,b\n1,\"\"", &["a", "b"], &[&["1", ""]]);
    assert_csv("a,b\n1,\"x\"", &["a", "b"], &[&["1", "x"]]);
}

#[test]
fn csv_headers_name_every_column_once() {
    assert_refused(csv("a,b,a\n1,2,3\n"), "duplicate_column", None);
    assert_csv("a,,b\n1,2,3\n", &["a", "column_2", "b"], &[&["1", "2", "3"]]);
    assert_refused(csv("column_2,,b\n1,2,3\n"), "empty_column_name", None);
    assert_csv(" a ;b;;\n1;2;;\n3;4\n5;6; \n", &["a", "b"], &[&["1", "2"], &["3", "4"], &["5", "6"]]);
}

/// All that reading one file gives: its rows, those that can't be read, and the lines that are none.
fn csv_read(text: &str, spec: &ReadSpec) -> (Vec<Vec<String>>, Vec<BadRow>, LeftOutLines) {
    let folder = folder();
    let mut reader = open(&[file(&folder, "a.csv", text)], spec).unwrap();
    let mut batches = Vec::new();
    while let Some(batch) = reader.next_batch().unwrap() {
        batches.push(batch);
    }
    (rows(&batches), reader.take_bad_rows(), reader.left_out()[0])
}

#[test]
fn csv_rows_that_are_too_short_or_too_long_are_told_and_hold_nothing() {
    let text = "id;note;amount\n1;a;5\n2;b\n3;c;d;7\n4;;\n5;e;6;\n";
    let (rows, bad, _) = csv_read(text, &ReadSpec::default());
    assert_eq!(rows, [["1", "a", "5"], ["", "", ""], ["", "", ""], ["4", "", ""], ["5", "e", "6"]]);
    let told: Vec<_> = bad.iter().map(|bad| (bad.row, bad.line, bad.value.as_str())).collect();
    assert_eq!(told, [(1, 3, "2;b"), (2, 4, "3;c;d;7")]);
    assert_eq!(bad[0].problem, "2 cells where the header has 3, on line 3");
    let (rows, bad, _) = csv_read(text, &ReadSpec { ragged: Ragged::Pad, ..ReadSpec::default() });
    assert_eq!((rows[1].clone(), bad.len()), (vec!["2".to_owned(), "b".into(), String::new()], 1));
    let stops = ReadSpec { ragged: Ragged::Error, ..ReadSpec::default() };
    assert_refused(csv_with(text, &stops), "ragged_row", Some(3));
}

#[test]
fn csv_batches_are_bounded_where_rows_hold_next_to_nothing() {
    let names: Vec<String> = (0..20_000).map(|at| format!("c{at}")).collect();
    let text = names.join(",") + "\n" + &"x\n".repeat(1_000);
    for ragged in [Ragged::Pad, Ragged::Unreadable] {
        let folder = folder();
        let mut reader =
            open(&[file(&folder, "a.csv", &text)], &ReadSpec { ragged, ..ReadSpec::default() }).unwrap();
        let first = reader.next_batch().unwrap().unwrap();
        assert!(first.num_rows() < 500, "{}", first.num_rows());
    }
}

#[test]
fn csv_headers_of_nothing_but_delimiters_are_named_at_once() {
    let header = "a".to_owned() + &",".repeat(200_000) + "b";
    let read = csv(header + "\n").unwrap();
    assert_eq!(read[0].num_columns(), 200_001);
    assert_eq!(read[0].schema().field(199_999).name(), "column_200000");
}

#[test]
fn csv_rows_are_numbered_through_files_and_batches() {
    let folder = folder();
    let long = "a;b\n".to_owned() + &"x;y\n".repeat(70_000) + "z\n";
    let paths = [file(&folder, "1.csv", &long), file(&folder, "2.csv", "a;b\n1;2\n3;4;5\n6;7\n")];
    let mut reader = open(&paths, &ReadSpec::default()).unwrap();
    let mut rows = Vec::new();
    while reader.next_batch().unwrap().is_some() {
        rows.extend(reader.take_bad_rows().iter().map(|bad| (bad.row, bad.line)));
    }
    assert_eq!(rows, [(70_000, 70_002), (70_002, 3)]);
}

#[test]
fn csv_lines_that_are_no_records_are_left_out_and_counted() {
    let text = "Account;4711\nAs of 31.01.2026\n\nday;text;amount;balance\n1;a;2;3\nday;text;amount;balance\n2;b;4;7\n\
                ;Total;6;\n";
    let left_out =
        |before_header, repeated_header, footer| LeftOutLines { before_header, repeated_header, footer };
    let (rows, bad, lines) = csv_read(text, &ReadSpec::default());
    assert_eq!((rows.len(), bad.len(), lines), (3, 0, left_out(3, 1, 0)));
    let (rows, bad, lines) = csv_read(text, &ReadSpec { footer: Some(1), ..ReadSpec::default() });
    assert_eq!(rows, [["1", "a", "2", "3"], ["2", "b", "4", "7"]]);
    assert_eq!((bad.len(), lines), (0, left_out(3, 1, 1)));
    // More than there are; and where the first line is a record.
    let (rows, _, lines) = csv_read("a;b\n1;2\n", &ReadSpec { footer: Some(9), ..ReadSpec::default() });
    assert_eq!((rows.len(), lines.footer), (0, 1));
    let spec = ReadSpec { header: Some(false), footer: Some(1), ..ReadSpec::default() };
    assert_eq!(csv_read("1;2\n3;4\n5;6\n", &spec).0, [["1", "2"], ["3", "4"]]);
    // A line number counts the lines before.
    let (_, bad, _) = csv_read(&text.replace("2;b;4;7", "2;b"), &ReadSpec::default());
    assert_eq!(bad[0].line, 7);
}

#[test]
fn csv_without_a_line_is_refused() {
    assert_refused(csv(""), "empty_file", None);
    assert_refused(csv("\u{feff}"), "empty_file", None);
    assert_refused(csv("\n\r\n"), "empty_file", None);
    let spec = ReadSpec { skip: Some(3), ..ReadSpec::default() };
    assert_refused(csv_with("a\nb\n", &spec), "empty_file", None);
}

#[test]
fn csv_options_that_no_file_has_are_refused() {
    for delimiter in ['ü', '\n', '"'] {
        let spec = ReadSpec { delimiter: Some(delimiter), ..ReadSpec::default() };
        assert_refused(csv_with("a\n", &spec), "bad_option", None);
    }
}

#[test]
fn files_that_are_missing_or_of_unknown_kind_are_refused() {
    let folder = folder();
    file(&folder, "ledger.csv", "a\n");
    let wanted = |name: &str| read(&[folder.path().join(name)], &ReadSpec::default(), &Cancel::new());
    match wanted("leger.csv").unwrap_err() {
        IoError::NotFound { nearest, .. } => assert_eq!(nearest.as_deref(), Some("ledger.csv")),
        other => panic!("{other}"),
    }
    assert_refused(wanted("quite_other"), "not_found", None);
    file(&folder, "a.xyz", "a\n");
    assert_refused(wanted("a.xyz"), "unsupported_format", None);
    assert_refused(wanted("ledger.csv/x*"), "not_found", None);
    file(&folder, "a.parquet", "PAR1 is not enough PAR1");
    assert_refused(wanted("a.parquet"), "corrupt_file", None);
    file(&folder, "a.arrow", "ARROW1 and no more");
    assert_refused(wanted("a.arrow"), "corrupt_file", None);
    file(&folder, "b.arrow", "neither");
    assert_refused(wanted("b.arrow"), "corrupt_file", None);
    file(&folder, "c.parquet", "");
    assert_refused(wanted("c.parquet"), "empty_file", None);
    let none: [&Path; 0] = [];
    assert_refused(read(&none, &ReadSpec::default(), &Cancel::new()), "no_files", None);
}

#[test]
fn files_of_one_source_are_read_in_listed_order() {
    let folder = folder();
    let first = file(&folder, "b.csv", "x,y\n1,2\n");
    let second = file(&folder, "a.csv", "x;y\n3;4\n");
    let both = read(&[&first, &second], &ReadSpec::default(), &Cancel::new()).unwrap();
    assert_eq!(rows(&both), [["1", "2"], ["3", "4"]]);
    let other = file(&folder, "c.csv", "x,z\n5,6\n");
    assert_refused(read(&[&first, &other], &ReadSpec::default(), &Cancel::new()), "schema_differs", None);
}

#[test]
fn only_the_columns_asked_for_are_read() {
    let folder = folder();
    let (_, table) = sample();
    write_result(
        (&folder.path().join("out"), ResultKind::Outcome),
        vec![table],
        &[manifest()],
        Format::Parquet,
        &Cancel::new(),
    )
    .unwrap();
    let csv = file(&folder, "a.csv", "id,amount,text\n1,2,3\n");
    for path in [csv, folder.path().join("out/groups.parquet")] {
        let mut reader = open(&[path], &ReadSpec::default()).unwrap();
        reader.keep_columns(|name| name == "text" || name == "id").unwrap();
        let batch = reader.next_batch().unwrap().unwrap();
        assert_eq!(names(std::slice::from_ref(&batch)), ["id", "text"]);
        assert_eq!(batch.num_columns(), 2);
    }
}

#[test]
fn reading_stops_when_asked_to() {
    let folder = folder();
    let path = file(&folder, "a.csv", "x\n1\n");
    let cancel = Cancel::new();
    cancel.cancel();
    let error = read(&[path], &ReadSpec::default(), &cancel).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

fn sample() -> (RecordBatch, Table<'static>) {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(UInt64Array::from(vec![Some(0), Some(u64::from(u32::MAX)), None]))),
        (
            "amount",
            Arc::new(
                Decimal128Array::from(vec![Some(-1_205), Some(i128::from(i64::MAX)), None])
                    .with_precision_and_scale(38, 2)
                    .unwrap(),
            ),
        ),
        ("text", Arc::new(StringArray::from(vec![Some("a \"b\", c\nd"), Some(""), None]))),
        ("score", Arc::new(Float64Array::from(vec![Some(0.95), Some(f64::NAN), None]))),
        ("day", Arc::new(Date32Array::from(vec![Some(20_454), Some(0), None]))),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        (
            "status",
            Arc::new(
                vec![Some("matched"), Some("proposed"), None]
                    .into_iter()
                    .collect::<DictionaryArray<Int8Type>>(),
            ),
        ),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    (batch.clone(), Table::new("groups", batch))
}

fn manifest() -> Attachment {
    Attachment { name: MANIFEST.to_owned(), bytes: b"{\"engine\":\"0\",\"schema_version\":1}\n".to_vec() }
}

fn write(path: &Path, format: Format) -> Result<(), IoError> {
    let (_, table) = sample();
    write_result((path, ResultKind::Outcome), vec![table], &[manifest()], format, &Cancel::new())
}

#[test]
fn parquet_and_arrow_come_back_as_they_were() {
    let folder = folder();
    for format in [Format::Parquet, Format::Arrow] {
        let out = folder.path().join(format.name());
        write(&out, format).unwrap();
        let path = out.join(format!("groups.{}", format.name()));
        let back = read(&[path], &ReadSpec::default(), &Cancel::new()).unwrap();
        let (batch, _) = sample();
        assert_eq!(format!("{:?}", back[0].columns()), format!("{:?}", batch.columns()));
        assert_eq!(back[0].schema().fields(), batch.schema().fields());
    }
}

#[test]
fn arrow_streams_are_read_too() {
    let folder = folder();
    let (batch, _) = sample();
    let path = folder.path().join("a.arrows");
    let mut writer =
        arrow_ipc::writer::StreamWriter::try_new(std::fs::File::create(&path).unwrap(), &batch.schema())
            .unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    let back = read(&[path], &ReadSpec::default(), &Cancel::new()).unwrap();
    assert_eq!(back[0].num_rows(), 3);
}

#[test]
fn csv_and_ndjson_are_written_exactly() {
    let folder = folder();
    let out = folder.path().join("out");
    write(&out, Format::Csv).unwrap();
    assert_eq!(
        std::fs::read_to_string(out.join("groups.csv")).unwrap(),
        "id,amount,text,score,day,flag,status\n\
         0,-12.05,\"a \"\"b\"\", c\nd\",0.95,2026-01-01,true,matched\n\
         4294967295,92233720368547758.07,\"\",NaN,1970-01-01,false,proposed\n\
         ,,,,,,\n"
    );
    write(&out, Format::Ndjson).unwrap();
    assert!(!out.join("groups.csv").exists(), "the folder holds exactly the new result");
    assert_eq!(
        std::fs::read_to_string(out.join("groups.ndjson")).unwrap(),
        "{\"id\":0,\"amount\":\"-12.05\",\"text\":\"a \\\"b\\\", c\\nd\",\"score\":0.95,\"day\":\"2026-01-01\",\"flag\":true,\"status\":\"matched\"}\n\
         {\"id\":4294967295,\"amount\":\"92233720368547758.07\",\"text\":\"\",\"score\":null,\"day\":\"1970-01-01\",\"flag\":false,\"status\":\"proposed\"}\n\
         {\"id\":null,\"amount\":null,\"text\":null,\"score\":null,\"day\":null,\"flag\":null,\"status\":null}\n"
    );
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
fn results_replace_only_results_and_leave_nothing_behind() {
    let folder = folder();
    let out = folder.path().join("deep/er/out");
    write(&out, Format::Csv).unwrap();
    write(&out, Format::Parquet).unwrap();
    assert_eq!(entries(&out), ["groups.parquet", MANIFEST]);
    assert_eq!(entries(out.parent().unwrap()), ["out"]);

    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    write(&empty, Format::Csv).unwrap();

    let foreign = folder.path().join("foreign");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("thesis.doc"), "years of work").unwrap();
    assert_eq!(write(&foreign, Format::Csv).unwrap_err().code(), "not_ours");
    let check = |folder: &Path| check_folder(folder, ResultKind::Outcome);
    assert_eq!(check(&foreign).unwrap_err().code(), "not_ours");
    check(&out).unwrap();
    assert_eq!(entries(&foreign), ["thesis.doc"]);
    // Other programs have manifests too.
    for text in ["{\"name\":\"my app\"}", "{}", "no JSON", "{\"engine\":\"9\",\"result\":\"else\"}"] {
        std::fs::write(foreign.join(MANIFEST), text).unwrap();
        assert_eq!(check(&foreign).unwrap_err().code(), "not_ours", "{text}");
    }
    std::fs::remove_file(foreign.join(MANIFEST)).unwrap();
    let refused = check_folder(&out, ResultKind::Diff).unwrap_err();
    assert!(refused.to_string().contains("a result of another kind (outcome)"), "{refused}");
    let (_, table) = sample();
    let diff = (out.as_path(), ResultKind::Diff);
    assert_eq!(
        write_result(diff, vec![table], &[manifest()], Format::Csv, &Cancel::new()).unwrap_err().code(),
        "not_ours"
    );
    assert_eq!(entries(&out), ["groups.parquet", MANIFEST]);

    let plain = file(&folder, "plain", "a file");
    assert_eq!(write(&plain, Format::Csv).unwrap_err().code(), "not_ours");
    assert_eq!(std::fs::read_to_string(plain).unwrap(), "a file");
    assert_eq!(entries(folder.path()), ["deep", "empty", "foreign", "plain"]);
}

#[test]
fn results_that_fail_or_are_cancelled_leave_the_old_one() {
    let folder = folder();
    let out = folder.path().join("out");
    write(&out, Format::Csv).unwrap();
    let before = std::fs::read(out.join("groups.csv")).unwrap();

    let (_, table) = sample();
    let cancel = Cancel::new();
    let stopping = cancel.clone();
    let batch = sample().0;
    // Stopped between two batches, and before the first file is made.
    let stopped = |batch: RecordBatch| Table {
        name: "members",
        schema: batch.schema(),
        batches: Box::new((0..2).map(move |_| {
            stopping.cancel();
            Ok(batch.clone())
        })),
    };
    let error = write_result(
        (&out, ResultKind::Outcome),
        vec![stopped(batch)],
        &[manifest()],
        Format::Ndjson,
        &cancel,
    )
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(entries(folder.path()), ["out"]);
    let error =
        write_result((&out, ResultKind::Outcome), vec![sample().1], &[manifest()], Format::Ndjson, &cancel)
            .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);

    let bad = Attachment { name: "no/such/folder".to_owned(), bytes: Vec::new() };
    write_result(
        (&out, ResultKind::Outcome),
        vec![table],
        &[manifest(), bad],
        Format::Ndjson,
        &Cancel::new(),
    )
    .unwrap_err();

    assert_eq!(std::fs::read(out.join("groups.csv")).unwrap(), before);
    assert_eq!(entries(&out), ["groups.csv", MANIFEST]);
    assert_eq!(entries(folder.path()), ["out"]);
}

#[test]
fn written_bytes_are_the_same_every_time() {
    let folder = folder();
    for format in Format::ALL {
        let bytes = [0, 1].map(|turn| {
            let out = folder.path().join(format!("{}{turn}", format.name()));
            write(&out, format).unwrap();
            let name = if format == Format::Xlsx { "outcome" } else { "groups" };
            std::fs::read(out.join(format!("{name}.{}", format.name()))).unwrap()
        });
        assert_eq!(bytes[0], bytes[1], "{format:?}");
    }
}

#[test]
fn workbooks_hold_amounts_and_days_as_numbers_and_lose_no_digit() {
    let folder = folder();
    let path = folder.path().join("table.xlsx");
    let huge = 12_345_678_901_234_567_890_i128;
    let columns: [(&str, ArrayRef); 5] = [
        ("amount", Arc::new(amounts(&[Some(120_450), None]))),
        ("huge", Arc::new(amounts(&[Some(huge), Some(-1)]))),
        ("day", Arc::new(Date32Array::from(vec![Some(20_458), None]))),
        ("before", Arc::new(Date32Array::from(vec![Some(-30_000), Some(20_458)]))),
        ("text", Arc::new(StringArray::from(vec!["=1+1", "007"]))),
    ];
    let table = RecordBatch::try_from_iter(columns).unwrap();
    write_file(&path, Table::new("", table), Format::Xlsx).unwrap();
    let read = read(&[&path], &ReadSpec::default(), &Cancel::new()).unwrap();
    let types: Vec<String> =
        read[0].schema().fields().iter().map(|field| field.data_type().to_string()).collect();
    assert_eq!(types, ["Float64", "Utf8", "Date32", "Utf8", "Utf8"]);
    let shown = |column: usize, row| array_value_to_string(read[0].column(column), row).unwrap();
    assert_eq!((shown(0, 0), shown(0, 1)), ("1204.5".to_owned(), String::new()));
    assert_eq!((shown(1, 0), shown(1, 1)), ("123456789012345678.90".to_owned(), "-0.01".to_owned()));
    assert_eq!((shown(2, 0), shown(3, 0)), ("2026-01-05".to_owned(), "1887-11-12".to_owned()));
    assert_eq!((shown(4, 0), shown(4, 1)), ("=1+1".to_owned(), "007".to_owned()));
    let long = RecordBatch::try_from_iter([(
        "text",
        Arc::new(StringArray::from(vec!["x".repeat(40_000)])) as ArrayRef,
    )]);
    let error = write_file(&path, Table::new("", long.unwrap()), Format::Xlsx).unwrap_err();
    assert_eq!(error.code(), "unwritable");
    assert_eq!(entries(folder.path()), ["table.xlsx"]);
}

fn amounts(units: &[Option<i128>]) -> Decimal128Array {
    Decimal128Array::from(units.to_vec()).with_precision_and_scale(38, 2).unwrap()
}

#[test]
fn workbooks_with_lines_around_the_table_are_read() {
    let folder = folder();
    let path = folder.path().join("bank.xlsx");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let rows = [
        ["Statement of account 4711", "", ""],
        ["", "", ""],
        ["Day", "Text", "Amount"],
        ["1", "rent", "5.00"],
        ["Day", "Text", "Amount"],
        ["2", "food", "7.00"],
        ["Total", "", "12.00"],
    ];
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    workbook.save(&path).unwrap();
    let read_with = |spec: &ReadSpec| {
        let mut reader = open(&[&path], spec).unwrap();
        let batch = reader.next_batch().unwrap().unwrap();
        (rows_of(&batch), reader.left_out()[0])
    };
    let (rows, left_out) = read_with(&ReadSpec { footer: Some(1), ..ReadSpec::default() });
    assert_eq!(rows, [["1", "rent", "5.00"], ["2", "food", "7.00"]]);
    assert_eq!(left_out, LeftOutLines { before_header: 1, repeated_header: 1, footer: 1 });
    // What is said is done, and nothing else.
    let (rows, left_out) = read_with(&ReadSpec { skip: Some(2), ..ReadSpec::default() });
    assert_eq!((rows.len(), left_out), (4, LeftOutLines::default()));
    let refused = read(&[&path], &ReadSpec { skip: Some(0), ..ReadSpec::default() }, &Cancel::new());
    assert_refused(refused, "empty_column_name", None);
}

fn rows_of(batch: &RecordBatch) -> Vec<Vec<String>> {
    rows(std::slice::from_ref(batch))
}

#[test]
fn formats_are_named() {
    for format in Format::ALL {
        assert_eq!(format.name().parse::<Format>().unwrap(), format);
    }
    assert_eq!("xls".parse::<Format>().unwrap_err().code(), "unknown_format");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn csv_text_comes_back_as_it_was_written(
        cells in prop::collection::vec(("[a\",;\n\r ü'=@+-]{0,6}", "[a\",;\n\r ü'=1-]{0,6}"), 1..12)
    ) {
        let folder = folder();
        let schema = Arc::new(Schema::new(vec![
            Field::new("a", DataType::Utf8, true),
            Field::new("b", DataType::Utf8, true),
        ]));
        let columns: [ArrayRef; 2] = [
            Arc::new(StringArray::from_iter_values(cells.iter().map(|(a, _)| a))),
            Arc::new(StringArray::from_iter_values(cells.iter().map(|(_, b)| b))),
        ];
        let batch = RecordBatch::try_new(schema, columns.to_vec()).unwrap();
        let mut bytes = Vec::new();
        crate::csv::write_header(&mut bytes, &batch.schema()).unwrap();
        crate::csv::write_rows(&mut bytes, &batch).unwrap();
        let path = file(&folder, "t.csv", bytes);
        let back = read_written(&path, &Cancel::new()).unwrap();
        prop_assert_eq!(rows(&back), rows(&[batch]));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let folder = folder();
        for name in ["a.csv", "a.parquet", "a.arrow"] {
            let path = file(&folder, name, &bytes);
            let _read_or_refused = read(&[path], &ReadSpec::default(), &Cancel::new()).map_err(|error| error.code());
        }
    }

    #[test]
    fn damaged_files_are_read_or_refused(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let folder = folder();
        let (batch, _) = sample();
        let bytes_of = |format: Format| {
            let path = folder.path().join("whole");
            write_file(&path, Table::new("", batch.clone()), format).unwrap();
            std::fs::read(path).unwrap()
        };
        let (parquet, arrow) = (bytes_of(Format::Parquet), bytes_of(Format::Arrow));
        for (name, mut bytes) in [("a.parquet", parquet), ("a.arrow", arrow)] {
            for (at, byte) in &damage {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            if let Some(cut) = &cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            let path = file(&folder, name, &bytes);
            let _read_or_refused = read(&[path], &ReadSpec::default(), &Cancel::new()).map_err(|error| error.code());
        }
    }
}

/// A length that is taken at its word ends the host when there isn't so much memory: no test would be left to fail.
#[test]
fn arrow_files_that_say_they_are_longer_are_refused() {
    let folder = folder();
    let (batch, _) = sample();
    let path = folder.path().join("whole");
    write_file(&path, Table::new("", batch.clone()), Format::Arrow).unwrap();
    let file_format = std::fs::read(path).unwrap();
    let stream =
        crate::write_ipc(&batch.schema(), [Ok::<_, IoError>(batch.clone()), Ok(batch)].into_iter()).unwrap();
    for (name, whole) in [("a.arrow", file_format), ("a.arrows", stream)] {
        for at in 0..whole.len() {
            for byte in [0x7F, 0xFF] {
                let mut bytes = whole.clone();
                bytes[at] = byte;
                let path = file(&folder, name, &bytes);
                if let Err(error) = read(&[path], &ReadSpec::default(), &Cancel::new()) {
                    assert_ne!(error.kind(), ErrorKind::Internal, "{name} {at}: {error}");
                }
            }
        }
    }
}

#[test]
fn ndjson_of_ours_is_read_back_and_other_lines_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("groups.ndjson");
    std::fs::write(&path, "{\"id\":18446744073709551615,\"net\":\"0.10\",\"score\":0.916667}\n{\"id\":2,\"net\":null,\"score\":1}\n")
        .unwrap();
    let batches = crate::json::read_written(&path).unwrap();
    let texts = |name: &str| -> Vec<Option<String>> {
        let column = batches[0].column_by_name(name).unwrap().as_string::<i32>();
        column.iter().map(|text| text.map(str::to_owned)).collect()
    };
    assert_eq!(texts("id"), [Some("18446744073709551615".to_owned()), Some("2".to_owned())]);
    assert_eq!(texts("net"), [Some("0.10".to_owned()), None]);
    assert_eq!(texts("score")[0].as_deref(), Some("0.916667"));
    for (line, problem) in
        [("{\"id\":1}", "keys"), ("{\"id\":[1],\"net\":1,\"score\":1}", "list"), ("id,net", "line 2")]
    {
        std::fs::write(&path, format!("{{\"id\":1,\"net\":null,\"score\":1}}\n{line}\n")).unwrap();
        let error = crate::json::read_written(&path).unwrap_err();
        assert_eq!(error.code(), "corrupt_file");
        assert!(error.to_string().contains("line 2") && error.to_string().contains(problem), "{error}");
    }
    std::fs::write(&path, "").unwrap();
    assert!(crate::json::read_written(&path).unwrap().is_empty());
}
