//! Which files a path means: itself, the files of a folder, or those whose names fit a pattern.

use crate::error::{IoError, Result};
use crate::format::Input;
use crate::packed;
use std::path::{Path, PathBuf};

/// A file to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) path: PathBuf,
    /// What the column `file` says of it: its path from the folder that the pattern or the folder names. `None` for a file
    /// that was named itself.
    pub(crate) name: Option<String>,
}

/// The files that some paths mean, in the order of the paths; those of one path by name.
pub(crate) fn files<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<Listed>> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(files_of(path.as_ref())?);
    }
    Ok(all)
}

/// Makes sure that all files are there that some paths mean, so that a person is told of all at once of those that are not.
///
/// # Errors
/// `not_found`; a pattern that is none.
pub fn check_there<P: AsRef<Path>>(paths: &[P]) -> Result<()> {
    let is_missing = |error: &IoError| error.code() == "not_found";
    let mut missing = Vec::new();
    for path in paths.iter().map(AsRef::as_ref) {
        match files_of(path) {
            Err(error) if is_missing(&error) => missing.push(error),
            Err(error) => return Err(error),
            Ok(listed) => {
                let gone = listed.iter().filter_map(|file| std::fs::metadata(&file.path).err());
                missing.extend(gone.map(|error| IoError::system(path, error)).filter(is_missing));
            }
        }
    }
    match missing.len() {
        0 => Ok(()),
        1 => missing.pop().map_or(Ok(()), Err),
        _ => Err(IoError::SeveralNotFound(missing)),
    }
}

fn files_of(path: &Path) -> Result<Vec<Listed>> {
    let pattern = path.to_str().filter(|text| text.contains(['*', '?', '[']));
    match (std::fs::metadata(path), pattern) {
        (Ok(metadata), _) if metadata.is_dir() => of_folder(path),
        (Err(_), Some(pattern)) => of_pattern(path, pattern),
        // What is wrong with a file is said where it is opened.
        _ => Ok(vec![Listed { path: path.to_owned(), name: None }]),
    }
}

/// The files of a folder that can be read; hidden ones, and folders in it, are left out.
fn of_folder(folder: &Path) -> Result<Vec<Listed>> {
    let system = |error| IoError::system(folder, error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(system)? {
        let path = entry.map_err(system)?.path();
        let is_readable = packed::is_archive(&path) || Input::of(&packed::plain_name(&path)).is_ok();
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        if let Some(name) = name.filter(|name| is_readable && path.is_file() && !name.starts_with('.')) {
            found.push(Listed { path, name: Some(name) });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    if found.is_empty() {
        return Err(IoError::NoFileMatches { path: folder.to_owned() });
    }
    Ok(found)
}

/// The files that fit a pattern. Folders that are there stand for themselves, whatever characters their names have.
fn of_pattern(path: &Path, pattern: &str) -> Result<Vec<Listed>> {
    let bad = |problem: String| IoError::BadPattern { given: pattern.to_owned(), problem };
    let fixed = path.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(Path::new(""));
    let rest = path.strip_prefix(fixed).unwrap_or(path);
    let fixed_text = fixed.to_str().unwrap_or_default();
    let mut wanted = PathBuf::from(glob::Pattern::escape(fixed_text));
    wanted.push(rest);
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::default() };
    let wanted = wanted.to_str().unwrap_or(pattern);
    let mut found = Vec::new();
    for path in glob::glob_with(wanted, options).map_err(|error| bad(error.to_string()))? {
        let path = path.map_err(|error| {
            let at = error.path().to_owned();
            IoError::system(&at, error.into())
        })?;
        if path.is_file() {
            let name = path.strip_prefix(fixed).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            found.push(Listed { path, name: Some(name) });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    if found.is_empty() {
        return Err(IoError::NoFileMatches { path: path.to_owned() });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{open, read};
    use arrow_array::cast::AsArray as _;
    use recon378_core::Cancel;
    use recon378_core::spec::ReadSpec;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("[2026]/deep")).unwrap();
        for (name, text) in [
            ("[2026]/b.csv", "id\nB1\n"),
            ("[2026]/a.csv", "id\nA1\nA2\n"),
            ("[2026]/.hidden.csv", "id\nH1\n"),
            ("[2026]/notes.pdf", "x"),
            ("[2026]/deep/c.csv", "id\nC1\n"),
        ] {
            std::fs::write(at(name), text).unwrap();
        }
        folder
    }

    fn rows(path: &Path) -> Vec<(String, String)> {
        let batches = read(&[path], &ReadSpec::default(), &Cancel::new()).unwrap();
        let text = |batch: &arrow_array::RecordBatch, name: &str, row: usize| {
            batch.column_by_name(name).unwrap().as_string::<i32>().value(row).to_owned()
        };
        let of = |batch: &arrow_array::RecordBatch| {
            let rows = 0..batch.num_rows();
            rows.map(|row| (text(batch, "file", row), text(batch, "id", row))).collect::<Vec<_>>()
        };
        batches.iter().flat_map(of).collect()
    }

    #[test]
    fn folders_and_patterns_are_read_by_name_and_each_record_names_its_file() {
        let folder = folder();
        let pairs = |all: &[(&str, &str)]| -> Vec<(String, String)> {
            all.iter().map(|(file, id)| ((*file).to_owned(), (*id).to_owned())).collect()
        };
        let flat = pairs(&[("a.csv", "A1"), ("a.csv", "A2"), ("b.csv", "B1")]);
        assert_eq!(rows(&folder.path().join("[2026]")), flat);
        assert_eq!(rows(&folder.path().join("[2026]/*.csv")), flat);
        assert_eq!(rows(&folder.path().join("[2026]/[ab].csv")), flat);
        assert_eq!(rows(&folder.path().join("[2026]/**/c*")), pairs(&[("deep/c.csv", "C1")]));
    }

    #[test]
    fn a_file_that_is_named_has_no_column_of_its_name() {
        let folder = folder();
        let named = folder.path().join("[2026]/a.csv");
        let reader = open(&[&named], &ReadSpec::default()).unwrap();
        assert_eq!(reader.schema().fields().len(), 1);
        let mut reader = open(&[folder.path().join("[2026]")], &ReadSpec::default()).unwrap();
        reader.keep_columns(|name| name == "file").unwrap();
        let batch = reader.next_batch().unwrap().unwrap();
        assert_eq!((batch.num_columns(), batch.num_rows()), (1, 2));
        assert_eq!(reader.files().len(), 2);
    }

    #[test]
    fn what_fits_nothing_is_refused() {
        let folder = folder();
        for path in ["[2026]/x*.csv", "none/*.csv"] {
            let error = open(&[folder.path().join(path)], &ReadSpec::default()).unwrap_err();
            assert_eq!(error.code(), "not_found", "{path}: {error}");
        }
        let error = open(&[folder.path().join("[2026]/a***.csv")], &ReadSpec::default()).unwrap_err();
        assert_eq!(error.code(), "bad_pattern", "{error}");
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(open(&[empty.path()], &ReadSpec::default()).unwrap_err().code(), "not_found");
    }
}
