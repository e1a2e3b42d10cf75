//! The live things of a run, handed in by the host: cancellation, progress, memory, threads.
//!
//! They never change a result. Options that do are part of the spec.

use crate::error::{Error, Result};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A flag that stops a run from another thread. Clones share the flag.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every run that holds this flag to stop; they return [`Error::Cancelled`] soon after.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was asked for.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Fails with [`Error::Cancelled`] when a stop was asked for.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// A stage of a run, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Facts of the columns and the columns themselves.
    Columns,
    /// A pass, by its position in the spec.
    Pass(u16),
    /// Reasons of the open records.
    Breaks,
    /// Cells of two versions of a table.
    Cells,
    /// Totals, tables.
    Outcome,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns => f.write_str("columns"),
            Self::Pass(pass) => write!(f, "pass {}", u32::from(*pass) + 1),
            Self::Breaks => f.write_str("breaks"),
            Self::Cells => f.write_str("cells"),
            Self::Outcome => f.write_str("outcome"),
        }
    }
}

/// Who wants to hear how far a run is. Called from any thread of the run; it must return quickly.
pub trait Progress: Send + Sync {
    /// A stage begins. `bytes` is what the engine holds at that moment by its own accounts.
    fn started(&self, stage: Stage, bytes: u64);
    /// `done` of `total` units (records) of a stage are done.
    fn advanced(&self, stage: Stage, done: u64, total: u64);
    /// A stage ended.
    fn finished(&self, stage: Stage, bytes: u64);
}

/// The engine's account of the memory it holds beyond the input. Shared by clones.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    account: Arc<Account>,
}

#[derive(Debug, Default)]
struct Account {
    limit: Option<u64>,
    held: AtomicU64,
    peak: AtomicU64,
}

/// Memory reserved from an account; given back when dropped.
#[derive(Debug)]
#[must_use = "a reservation that is dropped is given back at once"]
pub struct Reservation {
    account: Arc<Account>,
    bytes: u64,
}

impl Memory {
    /// An account that refuses to hold more than `bytes`.
    #[must_use]
    pub fn limited(bytes: u64) -> Self {
        Self { account: Arc::new(Account { limit: Some(bytes), ..Account::default() }) }
    }

    /// The most bytes it may hold, where it is limited.
    #[must_use]
    pub fn limit(&self) -> Option<u64> {
        self.account.limit
    }

    /// Reserves `bytes` for `what` before they are allocated.
    ///
    /// # Errors
    /// [`Error::Limit`] when the account would pass its limit; nothing is held then.
    pub fn reserve(&self, bytes: u64, what: &str) -> Result<Reservation> {
        let held = self.account.held.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if let Some(limit) = self.account.limit
            && held > limit
        {
            self.account.held.fetch_sub(bytes, Ordering::Relaxed);
            return Err(Error::Limit {
                what: what.to_owned(),
                unit: "bytes",
                needed: held,
                limit,
                hint: "Give the run more memory or reconcile fewer records at a time".to_owned(),
            });
        }
        self.account.peak.fetch_max(held, Ordering::Relaxed);
        Ok(Reservation { account: Arc::clone(&self.account), bytes })
    }

    /// Bytes held now.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.account.held.load(Ordering::Relaxed)
    }

    /// The most bytes that were held at one time.
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.account.peak.load(Ordering::Relaxed)
    }
}

impl Reservation {
    /// How many bytes it holds.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.account.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// What a host hands to a run. `Control::default()` runs quietly, without a limit, on rayon's current pool.
#[derive(Clone, Default)]
pub struct Control {
    /// Stops the run from another thread.
    pub cancel: Cancel,
    /// Hears how far the run is.
    pub progress: Option<Arc<dyn Progress>>,
    /// Holds the run to a memory limit.
    pub memory: Memory,
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("cancel", &self.cancel)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}

impl Control {
    /// Runs a stage with its start and end reported.
    ///
    /// # Errors
    /// Those of `work`, and [`Error::Cancelled`] before it starts.
    pub fn stage<T>(&self, stage: Stage, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.cancel.check()?;
        if let Some(progress) = &self.progress {
            progress.started(stage, self.memory.held());
        }
        let result = work();
        if let Some(progress) = &self.progress {
            progress.finished(stage, self.memory.held());
        }
        result
    }

    /// Reports that `done` of `total` records of a stage are done.
    pub fn advanced(&self, stage: Stage, done: u64, total: u64) {
        if let Some(progress) = &self.progress {
            progress.advanced(stage, done, total);
        }
    }
}
