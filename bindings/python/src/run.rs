//! A run beside the interpreter: the engine works on a thread of its own, and the calling thread listens for signals
//! and reports progress. No thread of the engine ever waits for the interpreter lock.

use crate::error::checked;
use crate::outcome::Outcome;
use crate::spec::parsed;
use crate::table::Table;
use pyo3::prelude::*;
use recon378::{Cancel, Check, Progress, Reconciler, Source, Stage};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long the calling thread sleeps before it looks for signals again. A run that ends, or reports, wakes it at once.
const SIGNALS_EVERY: Duration = Duration::from_millis(50);

/// What the engine tells the calling thread.
enum Event<T> {
    Progress { stage: Stage, event: &'static str, done: u64, total: u64, bytes: u64 },
    Ended(T),
}

struct Listener<T>(Sender<Event<T>>);

impl<T> Listener<T> {
    fn tell(&self, stage: Stage, event: &'static str, [done, total, bytes]: [u64; 3]) {
        // Nobody listens any more only when the call is over.
        let _sent = self.0.send(Event::Progress { stage, event, done, total, bytes });
    }
}

impl<T: Send> Progress for Listener<T> {
    fn started(&self, stage: Stage, bytes: u64) {
        self.tell(stage, "started", [0, 0, bytes]);
    }

    fn advanced(&self, stage: Stage, done: u64, total: u64) {
        self.tell(stage, "advanced", [done, total, 0]);
    }

    fn finished(&self, stage: Stage, bytes: u64) {
        self.tell(stage, "finished", [0, 0, bytes]);
    }
}

/// Runs `work` on a thread of its own until it ends. A signal or an error of the callback cancels it and is raised.
pub(crate) fn supervised<T: Send + 'static>(
    py: Python<'_>,
    cancel: &Cancel,
    callback: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(Option<Arc<dyn Progress>>) -> recon378::Result<T> + Send,
) -> PyResult<T> {
    let (tell, mut events) = channel();
    let listens = callback.is_some();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let listener = listens.then(|| Arc::new(Listener(tell.clone())) as Arc<dyn Progress>);
            let result = work(listener);
            let _sent = tell.send(Event::Ended(result));
        });
        let mut stopped = None;
        loop {
            match next(py, &mut events) {
                Ok(Event::Progress { stage, event, done, total, bytes }) => {
                    if let (Some(callback), None) = (callback, &stopped)
                        && let Err(error) = callback.call1((stage.to_string(), event, done, total, bytes))
                    {
                        cancel.cancel();
                        stopped = Some(error);
                    }
                }
                Ok(Event::Ended(result)) => return stopped.map_or_else(|| checked(py, result), Err),
                Err(RecvTimeoutError::Timeout) => {
                    if let (Err(error), None) = (py.check_signals(), &stopped) {
                        cancel.cancel();
                        stopped = Some(error);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let ended = "the engine's thread ended without an answer";
                    return Err(pyo3::exceptions::PyRuntimeError::new_err(ended));
                }
            }
        }
    })
}

fn next<T: Send>(py: Python<'_>, events: &mut Receiver<Event<T>>) -> Result<Event<T>, RecvTimeoutError> {
    py.detach(move || events.recv_timeout(SIGNALS_EVERY))
}

/// A spec with what the host hands in, for one call: what is cancelled once stays so.
#[pyclass(frozen, module = "recon378._recon378")]
pub(crate) struct Run {
    reconciler: Reconciler,
    cancel: Cancel,
}

/// The tables of both sides, or of open items and balances; `None` stands for what the spec names.
type Sides<'py> = [Option<Bound<'py, Table>>; 2];

fn sources(sides: Sides<'_>) -> [Source; 2] {
    sides.map(|table| table.map_or(Source::Files, |table| Source::Records(table.get().records())))
}

#[pymethods]
impl Run {
    #[new]
    #[pyo3(signature = (spec, base, limits, brought))]
    fn new(
        py: Python<'_>,
        spec: &str,
        base: PathBuf,
        limits: (Option<usize>, Option<u64>),
        brought: Sides<'_>,
    ) -> PyResult<Self> {
        let spec = checked(py, parsed(spec, true))?;
        let cancel = Cancel::new();
        let (threads, memory_limit) = limits;
        let mut reconciler =
            Reconciler::new(spec).base(base).cancel(cancel.clone()).threads(threads.unwrap_or(0));
        if let Some(bytes) = memory_limit {
            reconciler = reconciler.memory_limit(bytes);
        }
        let [open_items, balances] = brought;
        if let Some(table) = open_items {
            reconciler = reconciler.open_items(&table.get().records());
        }
        if let Some(table) = balances {
            reconciler = reconciler.balances(&table.get().records());
        }
        Ok(Self { reconciler, cancel })
    }

    /// The same run with decisions from a table, instead of those the spec names.
    fn with_decisions(&self, table: &Bound<'_, Table>) -> Self {
        let reconciler = self.reconciler.clone().decisions(&table.get().records());
        Self { reconciler, cancel: self.cancel.clone() }
    }

    /// The same run with a third table, instead of the one that the spec has a path for.
    fn with_table(&self, name: &str, table: &Bound<'_, Table>) -> Self {
        let reconciler = self.reconciler.clone().table(name, &table.get().records());
        Self { reconciler, cancel: self.cancel.clone() }
    }

    /// Stops what runs; it then raises `Cancelled`.
    fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Reconciles two sources.
    #[pyo3(signature = (sides, progress=None))]
    fn reconcile(
        &self,
        py: Python<'_>,
        sides: Sides<'_>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Outcome> {
        let sources = sources(sides);
        let outcome = supervised(py, &self.cancel, progress, |listener| {
            listening(&self.reconciler, listener).run_sources(sources)
        })?;
        Ok(Outcome { outcome, reconciler: self.reconciler.clone() })
    }

    /// What the plan says and what its passes would look at: `(words, JSON)`.
    #[pyo3(signature = (sides, schemas_only, progress=None))]
    fn check(
        &self,
        py: Python<'_>,
        sides: Sides<'_>,
        schemas_only: bool,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(String, String)> {
        let sources = sources(sides);
        let checked = supervised(py, &self.cancel, progress, |listener| {
            let reconciler = listening(&self.reconciler, listener);
            if schemas_only {
                return Ok(Check { plan: reconciler.check_sources(sources)?, survey: None });
            }
            let (plan, survey) = reconciler.survey_sources(sources)?;
            Ok(Check { plan, survey: Some(survey) })
        })?;
        Ok((checked.to_string(), checked.to_json()))
    }
}

fn listening(reconciler: &Reconciler, listener: Option<Arc<dyn Progress>>) -> Reconciler {
    match listener {
        Some(listener) => reconciler.clone().progress(listener),
        None => reconciler.clone(),
    }
}

/// The program, with its own name as the first argument. Returns its exit code.
#[pyfunction]
pub(crate) fn program(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| recon378_cli::program(arguments))
}
