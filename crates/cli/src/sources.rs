//! From what was typed to a spec.

use crate::exit::Failure;
use crate::reading;
use recon378::spec::{FieldSpec, ReadSpec};
use recon378::{Cancel, ErrorKind, Spec, Spooled};
use std::collections::BTreeMap;
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
        let fields: Vec<Named<'_>> = on.iter().map(|text| Named::of(text)).collect();
        let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
        let mut spec = Spec::short(&names).map_err(of_options)?;
        spec.fields = named_fields(&fields)?;
        let (left_name, right_name) = names_of(left, right);
        spec.left.name = Some(left_name);
        spec.right.name = Some(right_name);
        spec.left.path = vec![text_of(left)?];
        spec.right.path = vec![text_of(right)?];
        Ok(Self { spec, base: PathBuf::new() })
    }

    /// The short start with one file: its duplicates, which agree in these fields.
    pub(crate) fn duplicates(file: &Path, on: &[String]) -> Result<Self, Failure> {
        let fields: Vec<Named<'_>> = on.iter().map(|text| Named::of(text)).collect();
        if let Some((text, _)) = on.iter().zip(&fields).find(|(_, field)| field.is_of_two()) {
            return Err(Failure::usage(format!(
                "--on {text}: one file has one column per field, by its name or as FIELD:COLUMN"
            )));
        }
        let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
        let mapped: serde_json::Map<String, serde_json::Value> = fields
            .iter()
            .filter_map(|field| Some((field.name.to_owned(), serde_json::json!(field.columns?[0]))))
            .collect();
        let name = name_of(file).filter(|name| !name.contains('*')).unwrap_or_else(|| "source".to_owned());
        let document = serde_json::json!({
            "source": { "name": name, "path": text_of(file)? },
            "fields": mapped,
            "pass": [{ "cardinality": "cluster", "on": names }],
        });
        let spec = Spec::from_program(&document.to_string()).map_err(of_options)?;
        Ok(Self { spec, base: PathBuf::new() })
    }

    /// Takes what `--scale` says into the spec. A field that isn't named in it has the same column on both sides.
    pub(crate) fn scale(&mut self, given: &[(String, u8)]) -> Result<(), Failure> {
        if given.is_empty() {
            return Ok(());
        }
        let typed =
            |path: &str| path.rsplit('.').next().filter(|key| *key == "scale").map(|_| "--scale".to_owned());
        reading::change(&mut self.spec, typed, |document| {
            for (field, digits) in given {
                let mut known = document["fields"][field].take();
                if let Some([left, right]) = known.as_array().map(Vec::as_slice) {
                    known = serde_json::json!({ "left": left, "right": right });
                }
                if let Some(column) = known.as_str() {
                    known = serde_json::json!({ "source": column });
                }
                if !known.is_object() {
                    known = serde_json::json!({});
                }
                known["scale"] = serde_json::json!(digits);
                document["fields"][field] = known;
            }
        })
    }

    /// Takes standard input into a file, where a source is to be read from it.
    pub(crate) fn standard_input(&self, cancel: &Cancel) -> Result<Option<Spooled>, Failure> {
        let uses = [&self.spec.left, &self.spec.right];
        match uses.iter().flat_map(|source| &source.path).filter(|path| *path == "-").count() {
            0 => Ok(None),
            1 => Ok(Some(recon378::spool(std::io::stdin().lock(), cancel)?)),
            _ => Err(Failure::usage("standard input can be read once: only one path can be -")),
        }
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
                for file in source.path.iter_mut().filter(|file| *file != "-") {
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

/// A field as `--on` names it: a column of both files, `LEFT=RIGHT`, or `FIELD:LEFT=RIGHT`.
struct Named<'a> {
    name: &'a str,
    columns: Option<[&'a str; 2]>,
}

impl<'a> Named<'a> {
    /// Whether its columns differ.
    fn is_of_two(&self) -> bool {
        self.columns.is_some_and(|[left, right]| left != right)
    }

    fn of(text: &'a str) -> Self {
        let is_name = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_lowercase())
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let (name, columns) = match text.split_once(':') {
            Some((name, columns)) if is_name(name) && !columns.is_empty() => (Some(name), columns),
            _ => (None, text),
        };
        let pair = columns.split_once('=').filter(|(left, right)| !left.is_empty() && !right.is_empty());
        match (name, pair) {
            (Some(name), Some((left, right))) => Self { name, columns: Some([left, right]) },
            (Some(name), None) => Self { name, columns: Some([columns, columns]) },
            // A name that means something gives the field its meaning.
            (None, Some((left, right))) => {
                let means = |name: &str| matches!(name, "amount" | "currency" | "date" | "id");
                let name = if means(right) && !means(left) { right } else { left };
                Self { name, columns: Some([left, right]) }
            }
            (None, None) => Self { name: text, columns: None },
        }
    }
}

/// The fields whose columns have other names, as a spec holds them.
fn named_fields(fields: &[Named<'_>]) -> Result<BTreeMap<String, FieldSpec>, Failure> {
    let mapped = fields.iter().filter_map(|field| Some((field.name, field.columns?)));
    let mapped: serde_json::Map<String, serde_json::Value> =
        mapped.map(|(name, columns)| (name.to_owned(), serde_json::json!(columns))).collect();
    let document = serde_json::json!({ "fields": mapped, "pass": [{ "on": ["any"] }] });
    let spec = Spec::from_program(&document.to_string()).map_err(of_options)?;
    Ok(spec.fields)
}

/// Names of the sources: those of their files, unless both have the same.
fn names_of(left: &Path, right: &Path) -> (String, String) {
    match (name_of(left), name_of(right)) {
        // A pattern is no name.
        (Some(left), Some(right)) if left != right && !left.contains('*') && !right.contains('*') => {
            (left, right)
        }
        _ => ("left".to_owned(), "right".to_owned()),
    }
}

/// What a file is called without its ending.
fn name_of(path: &Path) -> Option<String> {
    if path == Path::new("-") {
        return Some("input".to_owned());
    }
    // `bank.csv.gz` is the bank, as `bank.csv` is.
    let is_packed =
        path.extension().is_some_and(|ending| ending == "gz" || ending == "zst" || ending == "zip");
    let plain = if is_packed { path.with_extension("") } else { path.to_owned() };
    plain.file_stem().map(|stem| stem.to_string_lossy().into_owned())
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
    if error.code() == "double_needs_scale" {
        let advice =
            "Without a spec: --scale amount=2, with the field and its digits after the point".to_owned();
        return Failure::Library(error, Some(advice));
    }
    if error.kind() != ErrorKind::InvalidSpec || error.mistakes().is_empty() {
        return error.into();
    }
    let error = error.of_call(option_of);
    let mut lines = Vec::new();
    let left = if request.spec.one_source { "source" } else { "left" };
    for (side, source) in [(left, &request.spec.left), ("right", &request.spec.right)] {
        // A spec of one source has no right one.
        if source.path.is_empty() || source.path.iter().any(|path| path == "-") {
            continue;
        }
        if let Ok(columns) = recon378::columns(&source.path, &source.read) {
            let name = source.name.as_deref().unwrap_or_default();
            lines.push(match uncut(&columns) {
                Some(mark) => format!(
                    "{name} has one column, {}: is its delimiter another? --read \"{side}.delimiter={}\"",
                    columns.join(", "),
                    mark.escape_default()
                ),
                None => format!("{name} has the columns {}", columns.join(", ")),
            });
        }
    }
    if request.spec.one_source {
        lines.push(
            "A field whose column has another name is FIELD:COLUMN, such as --on amount:Betrag".to_owned(),
        );
        return Failure::Library(error, Some(lines.join("\n")));
    }
    lines.push(
        "Columns that go by different names are LEFT=RIGHT; how a file is written is for --read to say, such as \
         --read left.decimal=,. Names that are no names of columns, but what stands before them, are skipped by \
         --read left.skip=3"
            .to_owned(),
    );
    Failure::Library(error, Some(lines.join("\n")))
}

/// The mistakes of a spec that options were put into, as those of the options.
pub(crate) fn of_options(error: impl Into<recon378::Error>) -> Failure {
    error.into().of_call(option_of).into()
}

/// The option that a place in the spec of a short start comes from.
fn option_of(path: &str) -> Option<String> {
    if path.starts_with("pass[0].on") || path.starts_with("on[") {
        return Some("--on".to_owned());
    }
    let field = path.strip_prefix("fields.")?;
    let name = field.strip_suffix(".left").or_else(|| field.strip_suffix(".right")).unwrap_or(field);
    Some(format!("--on {name}"))
}

/// What an only column's name holds that would cut it into several.
fn uncut(columns: &[String]) -> Option<char> {
    let [only] = columns else { return None };
    [';', '|', ',', '\t'].into_iter().find(|mark| only.contains(*mark))
}

fn missing(path: &Path) -> Failure {
    // The library's words for a missing file name the nearest one.
    match recon378::columns(&[path], &ReadSpec::default()) {
        Err(error) => error.into(),
        Ok(_) => Failure::usage(format!("{}: this is no spec", path.display())),
    }
}
