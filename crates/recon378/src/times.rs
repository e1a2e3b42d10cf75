//! How long each stage took and what it held: for people who tune, never for results.

use recon378_core::{Progress, Stage};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Listens to a run and measures its stages; hand it to [`Reconciler::progress`](crate::Reconciler::progress).
///
/// ```
/// # use recon378::{StageTimes, Progress, Stage};
/// let times = StageTimes::new();
/// times.started(Stage::Columns, 0);
/// times.finished(Stage::Columns, 4_096);
/// assert_eq!(times.report().stages[0].stage, "columns");
/// ```
#[derive(Default)]
pub struct StageTimes {
    open: Mutex<Vec<(Stage, Instant)>>,
    done: Mutex<Vec<(Stage, StageTime)>>,
    next: Option<Arc<dyn Progress>>,
}

/// What the stages of a run took, in the order they ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct StageReport {
    /// A line per stage; a stage that ran more than once has one line.
    pub stages: Vec<StageTime>,
}

/// What a stage took.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct StageTime {
    /// `columns`, `pass 1`, …, `breaks`, `cells`, `outcome`.
    pub stage: String,
    /// Wall clock, in microseconds.
    pub micros: u64,
    /// Bytes the engine held when it ended, by its own accounts.
    pub bytes: u64,
}

impl fmt::Debug for StageTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StageTimes").field("report", &self.report()).finish_non_exhaustive()
    }
}

impl StageTimes {
    /// A listener that measures.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A listener that measures and passes everything on.
    #[must_use]
    pub fn around(next: Arc<dyn Progress>) -> Self {
        Self { next: Some(next), ..Self::default() }
    }

    /// What was measured so far.
    #[must_use]
    pub fn report(&self) -> StageReport {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        StageReport { stages: done.iter().map(|(_, time)| time.clone()).collect() }
    }
}

impl Progress for StageTimes {
    #[expect(clippy::disallowed_methods, reason = "measures the run and never touches its result")]
    fn started(&self, stage: Stage, bytes: u64) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push((stage, Instant::now()));
        if let Some(next) = &self.next {
            next.started(stage, bytes);
        }
    }

    fn advanced(&self, stage: Stage, done: u64, total: u64) {
        if let Some(next) = &self.next {
            next.advanced(stage, done, total);
        }
    }

    fn finished(&self, stage: Stage, bytes: u64) {
        let begun = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let at = open.iter().rposition(|(running, _)| *running == stage);
            at.map(|at| open.swap_remove(at).1)
        };
        if let Some(begun) = begun {
            let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
            let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, time)) = done.iter_mut().find(|(ended, _)| *ended == stage) {
                time.micros += micros;
                time.bytes = time.bytes.max(bytes);
            } else {
                done.push((stage, StageTime { stage: stage.to_string(), micros, bytes }));
            }
        }
        if let Some(next) = &self.next {
            next.finished(stage, bytes);
        }
    }
}

impl fmt::Display for StageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<10} {:>12} {:>14}", "stage", "ms", "bytes held")?;
        for StageTime { stage, micros, bytes } in &self.stages {
            let millis = format!("{}.{:03}", micros / 1_000, micros % 1_000);
            writeln!(f, "{stage:<10} {millis:>12} {bytes:>14}")?;
        }
        Ok(())
    }
}
