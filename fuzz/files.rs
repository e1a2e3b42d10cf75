//! What the targets of readers share: bytes become a file of a kind, which is read as the program reads it. Whatever it
//! holds, reading ends in batches or in a typed error.

use recon378_core::Cancel;
use recon378_core::spec::{Ragged, ReadSpec};
use recon378_io::{IoError, Reader, open};
use std::cell::OnceCell;
use std::path::PathBuf;

/// Panics of foreign readers are caught where they are called, and are no finding: the fuzzer's own hook would end the
/// process before that.
pub fn quiet() {
    std::panic::set_hook(Box::new(|_| {}));
}

/// Reads `bytes` as a file with this ending, by rules that the first two bytes choose, all of it and one column of it.
pub fn read_as(ending: &str, bytes: &[u8]) {
    thread_local! { static FOLDER: OnceCell<tempfile::TempDir> = const { OnceCell::new() }; }
    let Some((rules, content)) = bytes.split_first_chunk::<2>() else { return };
    let path = FOLDER.with(|folder| {
        folder.get_or_init(|| tempfile::tempdir().expect("a folder")).path().join(format!("file.{ending}"))
    });
    std::fs::write(&path, content).expect("a file");
    let rules = spec(*rules);
    let whole = read(&path, &rules, None);
    if let Ok((rows, columns)) = &whole
        && let Some(first) = columns.first()
    {
        let one = read(&path, &rules, Some(first)).expect("what reads as a whole reads in part");
        assert_eq!(one, (*rows, vec![first.clone()]));
    }
    let other = read(&path, &rules, None);
    assert_eq!(whole.map_err(|error| error.to_string()), other.map_err(|error| error.to_string()));
}

/// Rows and columns.
fn read(path: &PathBuf, rules: &ReadSpec, only: Option<&String>) -> Result<(usize, Vec<String>), IoError> {
    let mut reader: Reader = open(&[path], rules)?;
    if let Some(only) = only {
        reader.keep_columns(|name| name == only)?;
    }
    let cancel = Cancel::new();
    let schema = reader.schema();
    let mut rows = 0;
    while let Some(batch) = reader.next_batch()? {
        cancel.check()?;
        assert_eq!(batch.schema(), schema, "every batch has the columns that were promised");
        rows += batch.num_rows();
    }
    for bad in reader.take_bad_rows() {
        assert!(bad.row < rows as u64 && bad.line > 0 && !bad.problem.is_empty());
    }
    let names = schema.fields().iter().map(|field| field.name().clone()).collect();
    Ok((rows, names))
}

fn spec([first, second]: [u8; 2]) -> ReadSpec {
    let flag = |byte: u8, bit: u8| byte & (1 << bit) != 0;
    let encodings = [None, Some("windows-1252"), Some("utf-16le"), Some("shift_jis")];
    ReadSpec {
        encoding: encodings[usize::from(first & 3)].map(str::to_owned),
        header: flag(first, 2).then_some(false),
        skip: flag(first, 3).then_some(u32::from(second & 3)),
        footer: flag(first, 4).then_some(u32::from(second >> 2 & 3)),
        ragged: [Ragged::Unreadable, Ragged::Pad, Ragged::Error, Ragged::Unreadable][usize::from(second >> 4 & 3)],
        delimiter: flag(first, 5).then_some(';'),
        quote: flag(first, 6).then_some('\''),
        range: flag(first, 7).then(|| "A1:C9".parse().expect("a range")),
        ..ReadSpec::default()
    }
}
