//! recon378 reconciles: it takes the records of two sources (a bank statement and a ledger, payouts and orders,
//! a table before and after a migration), decides which records belong together, and accounts for every
//! difference that is left. Arrow batches in, Arrow batches out.
//!
//! This crate is the door. [`reconcile`] is the short call; a [`Reconciler`] takes what a host hands in (a flag
//! to stop by, a listener for progress, a memory limit, threads) and reads the files a spec names. Nothing here
//! decides a result: the engine does, from the [`Spec`] alone.
//!
//! ```
//! use arrow_array::record_batch;
//! use recon378::{Spec, reconcile};
//!
//! let bank = record_batch!(("reference", Utf8, ["INV-1", "INV-2"]), ("amount", Utf8, ["10.50", "7.00"]))?;
//! let ledger = record_batch!(("reference", Utf8, ["INV-2", "INV-3"]), ("amount", Utf8, ["7.00", "9.99"]))?;
//! let spec = Spec::short(&["reference", "amount"])?;
//! let outcome = reconcile(&spec, &bank, &ledger)?;
//! println!("{}", outcome.summary());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Features: `io` (on by default) reads and writes files.

mod batches;
mod brought;
mod check;
mod compare;
#[cfg(feature = "io")]
mod diff;
mod error;
mod explain;
#[cfg(feature = "io")]
mod files;
mod host;
mod reconciler;
#[cfg(feature = "io")]
mod replay;
mod third;
mod times;

pub use batches::Batches;
pub use check::Check;
pub use compare::{Comparer, compare, compare_options};
#[cfg(feature = "io")]
pub use compare::{Version, write_comparison, write_comparison_ipc};
#[cfg(feature = "io")]
pub use diff::{DiffInput, Differ, diff, write_diff, write_diff_ipc};
pub use error::{Error, Place, Result};
pub use explain::{Question, explain, explain_until};
#[cfg(feature = "io")]
pub use files::{
    Format, ResultKind, Source, Spooled, check_folder, columns, read, read_ipc, spool, write_ipc,
    write_outcome, write_table, write_table_ipc,
};
pub use recon378_core::diff::{self as diffs, Diff, DiffSummary};
pub use recon378_core::error::{DataError, Mistake};
pub use recon378_core::explain::{Explanation, Subject};
pub use recon378_core::outcome::{self, Manifest, Outcome, Summary};
pub use recon378_core::plan::{self, Plan, Side};
pub use recon378_core::spec::{self, Pass, Spec, conditions};
pub use recon378_core::survey::{self, Survey};
pub use recon378_core::versions::{self, CompareOptions, Comparison};
pub use recon378_core::{Cancel, ErrorKind, Limits, Number, Progress, Stage};
pub use reconciler::{Reconciler, reconcile};
#[cfg(feature = "io")]
pub use replay::Replay;
pub use times::{StageReport, StageTime, StageTimes};

/// The version of the engine, as manifests name it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The Rust examples of the README and the guide, run as they stand.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
#[doc = include_str!("../../../docs/guide/embedding.md")]
#[doc = include_str!("../../../docs/guide/decisions.md")]
#[doc = include_str!("../../../docs/guide/explain.md")]
#[doc = include_str!("../../../docs/guide/remittance.md")]
#[doc = include_str!("../../../docs/guide/duplicates.md")]
#[doc = include_str!("../../../docs/spec/groups.md")]
mod examples {}
