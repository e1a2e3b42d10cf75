//! A written outcome, run again from what its manifest says: the outcome as it was, or an error that says why not.

use crate::VERSION;
use crate::diff::Differ;
use crate::error::Result;
use crate::reconciler::Reconciler;
use recon378_core::Spec;
use recon378_core::outcome::{Outcome, SCHEMA_VERSION};
use recon378_io::{IoError, MANIFEST};
use std::path::{Component, Path, PathBuf};

/// The summary's file in a result folder.
pub(crate) const SUMMARY: &str = "summary.json";

/// The run that a result folder is of.
///
/// ```no_run
/// # use recon378::{Question, Replay, explain};
/// let replay = Replay::open("result/")?;
/// let outcome = replay.run()?;
/// println!("{}", explain(&outcome, &Question::record("bank:4711"))?);
/// # Ok::<(), recon378::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing happens before run()"]
pub struct Replay {
    folder: PathBuf,
    written: Written,
    reconciler: Reconciler,
}

/// What a replay reads of a manifest.
#[derive(Debug, Clone, serde::Deserialize)]
struct Written {
    engine: String,
    schema_version: u32,
    spec: String,
    base: Option<String>,
    sources: Vec<WrittenSource>,
    #[serde(default)]
    brought: Vec<WrittenTable>,
    digest: Option<String>,
}

#[derive(Debug, Clone, serde::Deserialize)]
struct WrittenSource {
    name: String,
    rows: u64,
    #[serde(default)]
    carried: u64,
    files: Vec<String>,
    content_hash: Option<String>,
}

#[derive(Debug, Clone, serde::Deserialize)]
struct WrittenTable {
    table: String,
    files: Vec<String>,
    content_hash: Option<String>,
}

impl Replay {
    /// Reads the manifest of a result folder. No source is read yet.
    ///
    /// # Errors
    /// `not_found`; `no_replay` where the folder holds something else than an outcome, its tables are those of
    /// another version, or its sources, open items, balances or decisions were tables in memory.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder: PathBuf = folder.into();
        let path = folder.join(MANIFEST);
        let text = recon378_io::read_text(&path)?;
        let refused = |problem: String| IoError::NoReplay { path: path.clone(), problem };
        let written: Written = serde_json::from_str(&text)
            .map_err(|error| refused(format!("its manifest is not that of an outcome ({error})")))?;
        if written.schema_version != SCHEMA_VERSION {
            let theirs = written.schema_version;
            let problem = format!(
                "its tables are of version {theirs} (recon378 {}), those of recon378 {VERSION} are of version \
                 {SCHEMA_VERSION}",
                written.engine
            );
            return Err(refused(problem).into());
        }
        if let Some(source) = written.sources.iter().find(|source| source.files.is_empty()) {
            let problem = format!("source \"{}\" was a table in memory; ask the outcome itself", source.name);
            return Err(refused(problem).into());
        }
        if let Some(source) =
            written.sources.iter().find(|source| source.files.iter().any(|file| file == "-"))
        {
            let problem =
                format!("source \"{}\" was standard input, which is gone: run it from a file", source.name);
            return Err(refused(problem).into());
        }
        if let Some(table) = written.brought.iter().find(|table| table.files.is_empty()) {
            let problem = format!("its {} were a table in memory; ask the outcome itself", table.table);
            return Err(refused(problem).into());
        }
        let Some(base) = &written.base else {
            return Err(refused("its manifest doesn't say where its files are".to_owned()).into());
        };
        let spec = Spec::from_program(&written.spec)?;
        let reconciler = Reconciler::new(spec).base(folder.join(base));
        Ok(Self { folder, written, reconciler })
    }

    /// Runs with what a host hands in: a flag to stop by, a listener, a memory limit, threads.
    pub fn with(mut self, change: impl FnOnce(Reconciler) -> Reconciler) -> Self {
        self.reconciler = change(self.reconciler);
        self
    }

    /// Runs it again and makes sure that the outcome is the same one: by the hashes of its files and the digest where
    /// the manifest has them, else by the summary and by [`diff()`](crate::diff()) with the tables of the folder.
    ///
    /// Cost: that of the run; with hashes, each file is read once more; without, that of the diff.
    ///
    /// # Errors
    /// `sources_changed` where the outcome is another one; those of [`Reconciler::run_files`].
    pub fn run(&self) -> Result<Outcome> {
        self.check_sources()?;
        let outcome = self.reconciler.run_files()?;
        for (at, source) in self.written.sources.iter().enumerate() {
            let side = outcome.columns().sides.get(at);
            let (rows, carried) =
                side.map_or((0, 0), |side| (u64::from(side.own()), u64::from(side.carried)));
            if (rows, carried) != (source.rows, source.carried) {
                let name = &source.name;
                let problem = if rows == source.rows {
                    format!("source \"{name}\" had {} carried open items, now {carried}", source.carried)
                } else {
                    format!("source \"{name}\" had {} records, now {rows}", source.rows)
                };
                return Err(self.changed(problem));
            }
        }
        if self.is_same(&outcome)? {
            return Ok(outcome);
        }
        let mut problem = "its sources now give another outcome".to_owned();
        if self.written.engine != VERSION {
            let engine = &self.written.engine;
            problem =
                format!("{problem}, or recon378 {VERSION} decides otherwise than recon378 {engine} did");
        }
        Err(self.changed(problem))
    }

    /// Compares the files with their hashes, where the manifest has them.
    fn check_sources(&self) -> Result<()> {
        let spec = &self.reconciler.spec;
        for (written, source) in self.written.sources.iter().zip([&spec.left, &spec.right]) {
            let now = || self.reconciler.hash_files(&source.path, &source.read).map(Some);
            let subject = format!("source \"{}\"", written.name);
            self.check_content(&subject, &written.files, written.content_hash.as_deref(), now)?;
        }
        for written in &self.written.brought {
            let now = || self.reconciler.brought_hash(&written.table);
            let subject = format!("its {}", written.table);
            self.check_content(&subject, &written.files, written.content_hash.as_deref(), now)?;
        }
        Ok(())
    }

    fn check_content(
        &self,
        subject: &str,
        files: &[String],
        written: Option<&str>,
        now: impl FnOnce() -> Result<Option<String>>,
    ) -> Result<()> {
        if written.is_none() || now()?.as_deref() == written {
            return Ok(());
        }
        Err(self.changed(format!("the content of {subject} has changed ({})", files.join(", "))))
    }

    fn is_same(&self, outcome: &Outcome) -> Result<bool> {
        let reconciler = &self.reconciler;
        if let Some(digest) = &self.written.digest {
            return Ok(reconciler.on_threads(|| Ok(outcome.digest()?))? == *digest);
        }
        if recon378_io::read_text(&self.folder.join(SUMMARY))? != outcome.summary().to_json() {
            return Ok(false);
        }
        let differ = Differ { host: reconciler.host.clone() };
        let diff = differ.run(&self.folder, outcome)?;
        Ok(diff.summary().equal && diff.summary().warnings.is_empty())
    }

    fn changed(&self, problem: String) -> crate::Error {
        IoError::SourcesChanged { path: self.folder.clone(), problem }.into()
    }
}

/// A folder as seen from another, with forward slashes; whole where there is no way between them.
pub(crate) fn seen_from(folder: &Path, from: &Path) -> String {
    let (to, from) = (settled(folder), settled(from));
    let (mut to_parts, mut from_parts) = (to.components().peekable(), from.components().peekable());
    if to_parts.peek() != from_parts.peek() {
        return to.to_string_lossy().into_owned();
    }
    while to_parts.peek().is_some() && to_parts.peek() == from_parts.peek() {
        to_parts.next();
        from_parts.next();
    }
    let up = from_parts.map(|_| "..".to_owned());
    let down = to_parts.filter(|part| matches!(part, Component::Normal(_)));
    let parts: Vec<String> =
        up.chain(down.map(|part| part.as_os_str().to_string_lossy().into_owned())).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// A whole path with links followed as far as it exists: `..` means something else behind a link.
fn settled(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for ancestor in whole.ancestors() {
        if let (Ok(real), Ok(rest)) = (ancestor.canonicalize(), whole.strip_prefix(ancestor)) {
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_seen_from_another() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        std::fs::create_dir_all(at("data/january")).unwrap();
        for (folder, from, seen) in [
            ("data", "data/result", ".."),
            ("data/january", "results/january", "../../data/january"),
            ("data", "data", "."),
            ("data/january", "data", "january"),
        ] {
            assert_eq!(seen_from(&at(folder), &at(from)), seen, "{folder} from {from}");
        }
    }
}
