//! Two versions of a table, compared: the short call, and a run with everything a host hands in.

use crate::batches::Batches;
use crate::error::Result;
use crate::host::{Host, host_methods};
use recon378_core::versions::{self, CompareOptions, Comparison};

#[cfg(feature = "io")]
mod files;

#[cfg(feature = "io")]
pub use files::{Version, write_comparison, write_comparison_ipc};

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
    host: Host,
}

host_methods!(
    Comparer,
    "Tells `progress` how far the comparison is: `columns` and `pass 1` bring rows together, `cells` compares them, \
     `outcome` makes the tables."
);

impl Comparer {
    /// A comparison by these options: quiet, without a memory limit, on as many threads as the machine has.
    pub fn new(options: CompareOptions) -> Self {
        Self { options, host: Host::default() }
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
        self.host.on_threads(|| Ok(versions::compare(left, right, &self.options, &self.host.control)?))
    }
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
        recon378_core::Error::call(mistake).into()
    })
}
