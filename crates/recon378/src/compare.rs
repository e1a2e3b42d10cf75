//! Two versions of a table, compared: the short call, and a run with everything a host hands in.

use crate::batches::Batches;
use crate::error::Result;
use crate::files::Format;
use crate::reconciler::on_threads;
use arrow_array::RecordBatch;
use recon378_core::control::{Control, Memory, Reservation};
use recon378_core::spec::ReadSpec;
use recon378_core::versions::{self, CompareOptions, Comparison};
use recon378_core::{Cancel, Progress};
use recon378_io::{Attachment, MANIFEST, Table};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Compares two versions of a table by a key: which rows stand on one side only, which cells differ, by how much.
///
/// ```
/// use arrow_array::record_batch;
/// use recon378::{CompareOptions, compare};
///
/// let before = record_batch!(("id", Int64, [1, 2, 3]), ("price", Utf8, ["9.50", "7.00", "1.25"]))?;
/// let after = record_batch!(("id", Int64, [3, 2, 4]), ("price", Utf8, ["1.25", "7.10", "2.00"]))?;
/// let options = CompareOptions { key: vec!["id".into()], ..CompareOptions::default() };
/// let comparison = compare(&before, &after, &options)?;
/// assert!(!comparison.summary().equal);
/// assert_eq!(comparison.summary().columns[1].largest.as_ref().map(|largest| largest.delta.as_str()), Some("0.10"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Columns that aren't there, a key that is missing (with columns that would do), types that can't be compared.
pub fn compare<L, R>(left: &L, right: &R, options: &CompareOptions) -> Result<Comparison>
where
    L: Batches + ?Sized,
    R: Batches + ?Sized,
{
    Comparer::new(options.clone()).run(left, right)
}

/// Options with what a host hands in: a flag to stop by, a listener, a memory limit, threads. None of these change a
/// result.
///
/// ```
/// # use recon378::{Cancel, CompareOptions, Comparer};
/// # let options = CompareOptions { key: vec!["id".into()], ..CompareOptions::default() };
/// let stop = Cancel::new(); // keep a clone: another thread may call stop.cancel()
/// let comparer = Comparer::new(options).cancel(stop.clone()).memory_limit(2 << 30).threads(4);
/// # let _unused = comparer;
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing happens before run()"]
pub struct Comparer {
    options: CompareOptions,
    control: Control,
    threads: Option<usize>,
}

/// Where a table of a comparison comes from.
#[derive(Debug, Clone)]
pub enum Version {
    /// Batches with the same columns, in the order of their rows: at least one, which may be empty.
    Records(Vec<RecordBatch>),
    /// A file, read by its ending.
    File(PathBuf),
}

impl Comparer {
    /// A comparison by these options: quiet, without a memory limit, on as many threads as the machine has.
    pub fn new(options: CompareOptions) -> Self {
        Self { options, control: Control::default(), threads: None }
    }

    /// Stops the comparison when `cancel` is set, from any thread; it then fails with the kind `cancelled`.
    pub fn cancel(mut self, cancel: Cancel) -> Self {
        self.control.cancel = cancel;
        self
    }

    /// Tells `progress` how far the comparison is: `columns` and `pass 1` bring rows together, `cells` compares them,
    /// `outcome` makes the tables.
    pub fn progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.control.progress = Some(progress);
        self
    }

    /// Holds the comparison to this many bytes beyond tables handed in; tables read from files count. Passing it is an
    /// error of the kind `limit`.
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.control.memory = Memory::limited(bytes);
        self
    }

    /// Runs on this many threads, made for the call and gone after it. 0: as many as the machine has.
    ///
    /// Without this, a call made inside a rayon pool (`pool.install(|| …)`) runs on that pool.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Compares two tables in memory. See [`compare`].
    ///
    /// # Errors
    /// As [`compare`]; cancellation; a memory limit that was reached.
    pub fn run<L, R>(&self, left: &L, right: &R) -> Result<Comparison>
    where
        L: Batches + ?Sized,
        R: Batches + ?Sized,
    {
        let (left, right) = (left.batches(), right.batches());
        on_threads(self.threads, || Ok(versions::compare(left, right, &self.options, &self.control)?))
    }

    /// Compares two tables, each in memory or in a file that is read by `rules`. Tables without a name of their own are
    /// called by their files.
    ///
    /// # Errors
    /// As [`run`](Self::run); files that can't be read.
    pub fn run_versions(&self, versions: [Version; 2], rules: &ReadSpec) -> Result<Comparison> {
        let mut options = self.options.clone();
        if options.names == CompareOptions::default().names
            && let Some(names) = names_of(&versions)
        {
            options.names = names;
        }
        on_threads(self.threads, || {
            let [left, right] = versions;
            let (left, right) = rayon::join(|| self.read(left, rules), || self.read(right, rules));
            let ((left, _left_held), (right, _right_held)) = (left?, right?);
            Ok(versions::compare(&left, &right, &options, &self.control)?)
        })
    }

    /// The batches of a table, and what they take from the memory limit.
    fn read(&self, version: Version, rules: &ReadSpec) -> Result<(Vec<RecordBatch>, Vec<Reservation>)> {
        let path = match version {
            Version::Records(batches) => return Ok((batches, Vec::new())),
            Version::File(path) => path,
        };
        let mut reader = recon378_io::open(&[path], rules)?;
        let (mut batches, mut held) = (Vec::new(), Vec::new());
        while let Some(batch) = reader.next_batch()? {
            self.control.cancel.check()?;
            let bytes = u64::try_from(batch.get_array_memory_size()).unwrap_or(u64::MAX);
            held.push(self.control.memory.reserve(bytes, "reading the files")?);
            batches.push(batch);
        }
        if batches.is_empty() {
            batches.push(RecordBatch::new_empty(reader.schema()));
        }
        Ok((batches, held))
    }
}

/// What the tables are called: by their files, a table in memory by its side. Two files of one name are left and right.
fn names_of(versions: &[Version; 2]) -> Option<[String; 2]> {
    let name = |side: usize| match &versions[side] {
        Version::Records(_) => Some(["left", "right"][side].to_owned()),
        Version::File(path) => path.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
    };
    let names = [name(0)?, name(1)?];
    (names[0] != names[1]).then_some(names)
}

/// Reads options that a program wrote as JSON.
///
/// # Errors
/// `bad_options`, with what is wrong with them.
pub fn compare_options(json: &str) -> Result<CompareOptions> {
    serde_json::from_str(json).map_err(|error| {
        let expected =
            "key, columns, ignored, renamed, within, nulls (equal, empty, differ), rivals_max, names";
        let mistake = recon378_core::error::Mistake::new("bad_options", "", error.to_string(), expected);
        recon378_core::Error::spec(mistake).into()
    })
}

/// A table of a comparison as an uncompressed Arrow IPC stream.
///
/// # Errors
/// A name that no table has.
pub fn write_comparison_ipc(comparison: &Comparison, table: &str) -> Result<Vec<u8>> {
    let table = comparison.table(table)?;
    recon378_io::write_ipc(&table.schema(), std::iter::once(Ok(table.clone())))
}

/// Writes the tables `differences` and `rows`, with summary.json, into a folder, whole or not at all.
///
/// # Errors
/// When something else than a result of recon378 stands there (`not_ours`), the system refuses, or `cancel` is set.
pub fn write_comparison(
    comparison: &Comparison,
    folder: &Path,
    format: Format,
    cancel: &Cancel,
) -> Result<()> {
    let tables = vec![
        Table::new("differences", comparison.differences().clone()),
        Table::new("rows", comparison.rows().clone()),
    ];
    let manifest = serde_json::json!({ "engine": env!("CARGO_PKG_VERSION"), "result": "comparison" });
    let attachments = [
        Attachment { name: "summary.json".to_owned(), bytes: comparison.summary().to_json().into_bytes() },
        Attachment { name: MANIFEST.to_owned(), bytes: format!("{manifest:#}\n").into_bytes() },
    ];
    Ok(recon378_io::write_outcome(folder, tables, &attachments, format, cancel)?)
}
