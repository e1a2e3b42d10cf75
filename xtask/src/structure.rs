//! What the repository's shape promises, checked: which crate may see which, one arrow, short files, no word that
//! says "later", links that lead somewhere, floats and unsafe code only where they may stand.
//!
//! Each check returns what is wrong, one line each, with the place first.

use crate::links;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Lines a source file may have.
const FILE_LINES_MAX: usize = 1_000;
/// Folders that hold what we write.
const OURS: [&str; 8] = ["crates", "bindings", "benches", "fuzz", "xtask", "docs", "corpus", ".ci"];
/// Folders that hold what is made.
const MADE: [&str; 9] = [
    "target",
    "node_modules",
    ".examples",
    "book",
    "artifacts",
    "coverage",
    ".venv",
    ".venv-bindings",
    ".venv-datacompy",
];
/// The crates of ours that a crate may depend on; one that is not listed may be seen by nobody and sees all.
const MAY_SEE: [(&str, &[&str]); 6] = [
    ("recon378-core", &[]),
    ("recon378-io", &["recon378-core"]),
    ("recon378", &["recon378-core", "recon378-io"]),
    ("recon378-cli", &["recon378"]),
    ("recon378-python", &["recon378", "recon378-cli"]),
    ("recon378-node", &["recon378", "recon378-cli"]),
];
/// Where core may compute with floats: likeness, doubles that come in or are compared as such, figures that go out.
const FLOATS: [&str; 7] =
    ["breaks/systematic/", "compare/", "candidates/text/", "columns/", "diff/", "outcome/", "versions/"];

/// Everything that is wrong with the tree at `root`.
///
/// # Errors
/// Files that can't be read.
pub(crate) fn problems(root: &Path) -> std::io::Result<Vec<String>> {
    let mut found = Vec::new();
    let files = sources(root)?;
    for path in files.iter().filter(|path| path.file_name().is_some_and(|name| name == "Cargo.toml")) {
        let text = std::fs::read_to_string(root.join(path))?;
        found.extend(manifest(&text).into_iter().map(|problem| format!("{}: {problem}", path.display())));
    }
    found.extend(one_arrow(&std::fs::read_to_string(root.join("Cargo.lock"))?));
    for path in &files {
        let Ok(text) = std::fs::read_to_string(root.join(path)) else { continue };
        let place = path.to_string_lossy().replace('\\', "/");
        found.extend(file(&place, &text).into_iter().map(|problem| format!("{place}{problem}")));
    }
    let page = |path: &&Path| path.extension().is_some_and(|extension| extension == "md");
    let pages: Vec<&Path> = files.iter().map(PathBuf::as_path).filter(page).collect();
    found.extend(links::problems(root, &pages)?);
    Ok(found)
}

/// Files of ours, by path from the root, sorted.
fn sources(root: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open: Vec<_> = OURS.iter().map(|folder| root.join(folder)).filter(|path| path.is_dir()).collect();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let made = path.file_name().is_some_and(|name| MADE.iter().any(|made| name == *made));
            if path.is_dir() && !path.is_symlink() {
                if !made {
                    open.push(path);
                }
            } else if let Ok(path) = path.strip_prefix(root) {
                found.push(path.to_path_buf());
            }
        }
    }
    for entry in std::fs::read_dir(root)? {
        let path = entry?.path();
        // In a second worktree `.git` is a file that names the first.
        if let (true, Ok(path)) = (path.is_file() && !path.ends_with(".git"), path.strip_prefix(root)) {
            found.push(path.to_path_buf());
        }
    }
    found.sort();
    Ok(found)
}

/// Dependencies point down, and every crate takes the workspace's lints.
fn manifest(text: &str) -> Vec<String> {
    let Ok(manifest) = text.parse::<toml::Table>() else { return vec!["not a TOML document".to_owned()] };
    let Some(name) = manifest.get("package").and_then(|package| package.get("name")?.as_str()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let takes_lints = manifest.get("lints").and_then(|lints| lints.get("workspace")?.as_bool());
    if takes_lints != Some(true) && !name.ends_with("-fuzz") {
        found.push("`[lints] workspace = true` is missing".to_owned());
    }
    let Some((_, allowed)) = MAY_SEE.iter().find(|(known, _)| *known == name) else { return found };
    for section in ["dependencies", "build-dependencies"] {
        let dependencies = manifest.get(section).and_then(toml::Value::as_table);
        let ours =
            dependencies.iter().flat_map(|table| table.keys()).filter(|key| key.starts_with("recon378"));
        let wrong = ours.filter(|key| !allowed.contains(&key.as_str()));
        found.extend(wrong.map(|key| format!("{name} must not see {key}")));
    }
    found
}

/// Two arrow majors in one graph don't share a type.
fn one_arrow(lock: &str) -> Vec<String> {
    let Ok(lock) = lock.parse::<toml::Table>() else {
        return vec!["Cargo.lock: not a TOML document".to_owned()];
    };
    let mut majors: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in lock.get("package").and_then(toml::Value::as_array).into_iter().flatten() {
        let text = |key: &str| package.get(key).and_then(toml::Value::as_str);
        if let (Some(name), Some(version)) = (text("name"), text("version"))
            && (name.starts_with("arrow-") || name == "arrow" || name == "parquet")
        {
            majors.entry("arrow").or_default().insert(version.split('.').next().unwrap_or(version));
        }
    }
    let several = majors.values().filter(|majors| majors.len() > 1);
    several.map(|majors| format!("Cargo.lock: more than one arrow major: {majors:?}")).collect()
}

/// One text file.
fn file(place: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let extension = place.rsplit('.').next().unwrap_or_default();
    let code = ["rs", "py", "ts", "js", "mjs"].contains(&extension);
    let lines = text.lines().count();
    if code && lines > FILE_LINES_MAX {
        found.push(format!(": {lines} lines, at most {FILE_LINES_MAX}: it has two subjects"));
    }
    for (at, line) in text.lines().enumerate() {
        let at = at + 1;
        found.extend(words(code, line).map(|word| format!(":{at}: `{word}` does not stay")));
        if extension == "rs" {
            found.extend(rust_line(place, line).map(|problem| format!(":{at}: {problem}")));
        }
    }
    found
}

/// Words that say "later", waive a lint without a reason, skip a test, or name the machine it was written on.
/// They are put together here so that this file passes its own check.
fn words(code: bool, line: &str) -> impl Iterator<Item = String> + use<'_> {
    let in_code = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("#[ig", "nore]"),
        concat!("#[al", "low("),
        concat!("#![al", "low("),
    ];
    let machine = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tmp/ba", "sh")];
    let words = in_code.into_iter().filter(move |_| code).chain(machine);
    words.filter(|word| line.contains(word)).map(str::to_owned)
}

/// Unsafe code stands in the kernel alone; floats only in the rooms that may round.
fn rust_line<'l>(place: &str, line: &'l str) -> impl Iterator<Item = &'static str> + use<'l> {
    let core = place.strip_prefix("crates/core/src/");
    let kernel = core.is_some_and(|place| place.starts_with("kernel/"));
    let rounds =
        core.is_none_or(|place| FLOATS.iter().any(|room| place.starts_with(room)) || place.contains("tests"));
    let statement = line.split("//").next().unwrap_or(line);
    let is = |word: &'static str| {
        statement.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == word)
    };
    let forms = [
        concat!("un", "safe {"),
        concat!("un", "safe fn"),
        concat!("un", "safe impl"),
        concat!("un", "safe extern"),
    ];
    let unsafe_code = (!kernel && forms.iter().any(|form| statement.contains(form)))
        .then_some("unsafe code outside crates/core/src/kernel");
    let floats = (!rounds && (is("f64") || is("f32"))).then_some("a float in a room of core that is exact");
    unsafe_code.into_iter().chain(floats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_holds_its_shape() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert_eq!(problems(root).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn core_sees_no_other_crate_and_siblings_dont_see_each_other() {
        let crate_of = |name: &str, sees: &str| {
            format!(
                "[package]\nname = \"{name}\"\n[dependencies]\n{sees} = \"1\"\n[lints]\nworkspace = true\n"
            )
        };
        for (name, sees, fine) in [
            ("recon378-core", "recon378-io", false),
            ("recon378-core", "serde", true),
            ("recon378-io", "recon378-core", true),
            ("recon378-io", "recon378", false),
            ("recon378-cli", "recon378-core", false),
            ("recon378-testkit", "recon378-core", true),
        ] {
            assert_eq!(manifest(&crate_of(name, sees)).is_empty(), fine, "{name} sees {sees}");
        }
        assert_eq!(manifest("[package]\nname = \"x\"\n").len(), 1, "lints are missing");
    }

    #[test]
    fn two_arrow_majors_are_found() {
        let package =
            |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        let one = package("arrow-array", "59.1.0") + &package("parquet", "59.2.0");
        assert!(one_arrow(&one).is_empty());
        assert_eq!(one_arrow(&(one + &package("arrow-schema", "60.0.0"))).len(), 1);
    }

    #[test]
    fn words_floats_and_unsafe_code_are_found_where_they_may_not_stand() {
        let later = concat!("// TO", "DO: more");
        assert_eq!(file("crates/core/src/money.rs", later).len(), 1);
        assert_eq!(file("docs/guide.md", later).len(), 0, "a text may speak of it");
        assert_eq!(file("docs/guide.md", concat!("see /wo", "rk/x")).len(), 1);
        assert_eq!(file("crates/core/src/money.rs", "let x: f64 = 1.0;").len(), 1);
        assert_eq!(file("crates/core/src/money.rs", "// no f64 here").len(), 0);
        assert_eq!(file("crates/core/src/compare/similar.rs", "let x: f64 = 1.0;").len(), 0);
        assert_eq!(file("crates/io/src/read.rs", concat!("uns", "afe { }")).len(), 1);
        assert_eq!(file("crates/core/src/kernel/mod.rs", concat!("uns", "afe { }")).len(), 0);
        assert_eq!(file("crates/core/src/money.rs", &"\n".repeat(FILE_LINES_MAX + 1)).len(), 1);
    }
}
