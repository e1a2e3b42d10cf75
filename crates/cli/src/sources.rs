//! From what was typed to a spec.

use crate::exit::Failure;
use recon378::{ErrorKind, Spec};
use std::path::{Path, PathBuf};

/// A spec, and the folder its paths are relative to.
pub(crate) struct Request {
    pub(crate) spec: Spec,
    pub(crate) base: PathBuf,
}

impl Request {
    /// Reads a spec file; its paths are relative to it.
    pub(crate) fn from_file(path: &Path) -> Result<Self, Failure> {
        if !path.exists() {
            return Err(missing(path));
        }
        if !path.extension().is_some_and(|ending| ending == "toml" || ending == "json") {
            return Err(Failure::usage(format!(
                "{path}: a spec ends in .toml or .json. To reconcile two files without one, name both and the \
                 fields that must be equal: recon378 run {path} OTHER --on reference,amount",
                path = path.display(),
            )));
        }
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
        let spec: Spec = text.parse().map_err(recon378::Error::from)?;
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self { spec, base })
    }

    /// The short start: two files and the fields that must be equal.
    pub(crate) fn short(left: &Path, right: &Path, on: &[String]) -> Result<Self, Failure> {
        let names: Vec<&str> = on.iter().map(String::as_str).collect();
        let mut spec = Spec::short(&names).map_err(recon378::Error::from)?;
        let (left_name, right_name) = names_of(left, right);
        spec.left.name = Some(left_name);
        spec.right.name = Some(right_name);
        spec.left.path = vec![text_of(left)?];
        spec.right.path = vec![text_of(right)?];
        Ok(Self { spec, base: PathBuf::new() })
    }

    /// Makes sure that the spec, once saved, takes the place of nothing: somebody may have worked on what is there.
    pub(crate) fn check_free(&self, path: &Path) -> Result<(), Failure> {
        if !path.exists()
            || std::fs::read_to_string(path)
                .is_ok_and(|there| self.text_for(path).is_ok_and(|text| text == there))
        {
            return Ok(());
        }
        let path = path.display();
        Err(Failure::usage(format!("{path} is there already, and stays as it is: save to another file")))
    }

    /// Writes the spec into a new file.
    pub(crate) fn save(&self, path: &Path) -> Result<(), Failure> {
        self.check_free(path)?;
        std::fs::write(path, self.text_for(path)?).map_err(|error| Failure::file(path, &error))
    }

    /// The spec as a file holds it, with paths that hold from where it is.
    fn text_for(&self, path: &Path) -> Result<String, Failure> {
        let mut spec = self.spec.clone();
        let folder = path.parent().unwrap_or(Path::new(""));
        if !folder.as_os_str().is_empty() {
            for source in [&mut spec.left, &mut spec.right] {
                for file in &mut source.path {
                    let absolute =
                        std::path::absolute(&*file).map_err(|error| Failure::file(path, &error))?;
                    *file = text_of(&absolute)?;
                }
            }
        }
        let is_json = path.extension().is_some_and(|ending| ending == "json");
        Ok(if is_json { spec.to_json() } else { spec.to_toml() })
    }
}

/// Names of the sources: those of their files, unless both have the same.
fn names_of(left: &Path, right: &Path) -> (String, String) {
    let stem = |path: &Path| {
        // `bank.csv.gz` is the bank, as `bank.csv` is.
        let is_packed = path.extension().is_some_and(|ending| ending == "gz" || ending == "zst");
        let plain = if is_packed { path.with_extension("") } else { path.to_owned() };
        plain.file_stem().map(|stem| stem.to_string_lossy().into_owned())
    };
    match (stem(left), stem(right)) {
        (Some(left), Some(right)) if left != right => (left, right),
        _ => ("left".to_owned(), "right".to_owned()),
    }
}

fn text_of(path: &Path) -> Result<String, Failure> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::usage(format!(
            "{}: the name of the file is no Unicode, a spec can't hold it",
            path.display()
        ))
    })
}

/// Adds to mistakes of `--on` what both files have: the names alone don't show what to type instead.
pub(crate) fn with_columns(error: recon378::Error, request: &Request) -> Failure {
    if error.kind() != ErrorKind::InvalidSpec || error.mistakes().is_empty() {
        return error.into();
    }
    let mut lines = Vec::new();
    for source in [&request.spec.left, &request.spec.right] {
        if let Ok(columns) = recon378::columns(&source.path, &source.read) {
            let name = source.name.as_deref().unwrap_or_default();
            lines.push(format!("{name} has the columns {}", columns.join(", ")));
        }
    }
    lines.push(
        "Columns that go by different names, or amounts and dates that are written otherwise, need a spec: \
         see recon378 demo for an example"
            .to_owned(),
    );
    Failure::Library(error, Some(lines.join("\n")))
}

fn missing(path: &Path) -> Failure {
    // The library's words for a missing file name the nearest one.
    match recon378::columns(&[path], &recon378::spec::ReadSpec::default()) {
        Err(error) => error.into(),
        Ok(_) => Failure::usage(format!("{}: this is no spec", path.display())),
    }
}
