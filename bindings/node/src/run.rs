//! Runs, with what a host hands in.

use crate::outcome::Outcome;
use crate::spec::parsed;
use crate::work::{promised, refused};
use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, Object, Uint8Array};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use recon378::{Cancel, Check, Progress, Reconciler, Source, Stage};
use std::ffi::OsString;
use std::sync::Arc;

pub(crate) type Told = FnArgs<(String, String, f64, f64, f64)>;
type Callback = ThreadsafeFunction<Told, (), Told, napi::Status, false, true>;

/// Passes on what the engine tells. It never waits for the event loop.
struct Listener(Callback);

impl Listener {
    #[expect(clippy::cast_precision_loss, reason = "counts of records and bytes are far below 2^53")]
    fn tell(&self, stage: Stage, event: &str, [done, total, bytes]: [u64; 3]) {
        let told = (stage.to_string(), event.to_owned(), done as f64, total as f64, bytes as f64);
        // Nobody listens any more only when the host is going down.
        let _status = self.0.call(told.into(), ThreadsafeFunctionCallMode::NonBlocking);
    }
}

impl Progress for Listener {
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

/// A listener of a callback of JavaScript.
pub(crate) fn listener(callback: Function<'_, Told, ()>) -> napi::Result<Arc<dyn Progress>> {
    let callback: Callback = callback.build_threadsafe_function().weak::<true>().build()?;
    Ok(Arc::new(Listener(callback)))
}

/// Bytes that JavaScript gives.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
pub(crate) fn bytes_of(bytes: f64) -> u64 {
    bytes as u64
}

/// What does not belong to the spec.
#[napi(object)]
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The folder that paths of the spec are relative to.
    pub base: String,
    /// Threads; as many as the machine has, when absent.
    pub threads: Option<u32>,
    /// Bytes held at most beside the tables handed over.
    pub memory_limit: Option<f64>,
}

/// What a run brings along from the last one: Arrow IPC, or null for what the spec names.
type Brought = Option<Uint8Array>;

/// A spec with what the host hands in.
#[napi]
pub struct Run {
    reconciler: Reconciler,
    cancel: Cancel,
}

#[napi]
impl Run {
    /// Reads the spec, JSON that a program put together.
    #[napi(constructor)]
    pub fn new(
        spec: String,
        options: RunOptions,
        open_items: Brought,
        balances: Brought,
    ) -> napi::Result<Self> {
        let spec = parsed(&spec, true).map_err(refused)?;
        let cancel = Cancel::new();
        let threads = usize::try_from(options.threads.unwrap_or(0)).unwrap_or(0);
        let mut reconciler = Reconciler::new(spec).base(options.base).cancel(cancel.clone()).threads(threads);
        if let Some(bytes) = options.memory_limit {
            reconciler = reconciler.memory_limit(bytes_of(bytes));
        }
        let table = |name: &str, bytes: Uint8Array| recon378::read_ipc(name, bytes.to_vec()).map_err(refused);
        if let Some(bytes) = open_items {
            reconciler = reconciler.open_items(&table("open_items", bytes)?);
        }
        if let Some(bytes) = balances {
            reconciler = reconciler.balances(&table("balances", bytes)?);
        }
        Ok(Self { reconciler, cancel })
    }

    /// The same run with decisions from a table (Arrow IPC), instead of those the spec names.
    #[napi]
    pub fn with_decisions(&self, table: Uint8Array) -> napi::Result<Self> {
        let records = recon378::read_ipc("decisions", table.to_vec()).map_err(refused)?;
        Ok(Self { reconciler: self.reconciler.clone().decisions(&records), cancel: self.cancel.clone() })
    }

    /// The same run with a third table (Arrow IPC), instead of the one that the spec has a path for.
    #[napi]
    pub fn with_table(&self, name: String, table: Uint8Array) -> napi::Result<Self> {
        let records = recon378::read_ipc(&name, table.to_vec()).map_err(refused)?;
        Ok(Self { reconciler: self.reconciler.clone().table(&name, &records), cancel: self.cancel.clone() })
    }

    /// Stops what runs; its promise is then rejected.
    #[napi]
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Reconciles two sources: Arrow IPC, or null for the files that the spec names.
    #[napi(ts_return_type = "Promise<Outcome>")]
    pub fn reconcile<'env>(
        &self,
        env: &'env Env,
        left: Option<Uint8Array>,
        right: Option<Uint8Array>,
        on_progress: Option<Function<'_, Told, ()>>,
    ) -> napi::Result<Object<'env>> {
        let (reconciler, silent) = (self.listening(on_progress)?, self.reconciler.clone());
        promised(env, move || {
            let outcome = reconciler.run_sources(sources(&reconciler, left, right)?)?;
            Ok(Outcome::of(outcome, silent))
        })
    }

    /// What the plan says and what its passes would look at: the words and the JSON.
    #[napi(ts_return_type = "Promise<[string, string]>")]
    pub fn check<'env>(
        &self,
        env: &'env Env,
        left: Option<Uint8Array>,
        right: Option<Uint8Array>,
        on_progress: Option<Function<'_, Told, ()>>,
    ) -> napi::Result<Object<'env>> {
        let reconciler = self.listening(on_progress)?;
        promised(env, move || {
            let (plan, survey) = reconciler.survey_sources(sources(&reconciler, left, right)?)?;
            Ok(told(&Check { plan, survey: Some(survey) }))
        })
    }

    /// What the plan says: the words and the JSON.
    #[napi(ts_return_type = "Promise<[string, string]>")]
    pub fn check_schemas<'env>(
        &self,
        env: &'env Env,
        left: Option<Uint8Array>,
        right: Option<Uint8Array>,
    ) -> napi::Result<Object<'env>> {
        let reconciler = self.reconciler.clone();
        promised(env, move || {
            let plan = reconciler.check_sources(sources(&reconciler, left, right)?)?;
            Ok(told(&Check { plan, survey: None }))
        })
    }

    fn listening(&self, on_progress: Option<Function<'_, Told, ()>>) -> napi::Result<Reconciler> {
        let reconciler = self.reconciler.clone();
        let Some(callback) = on_progress else { return Ok(reconciler) };
        Ok(reconciler.progress(listener(callback)?))
    }
}

fn told(check: &Check) -> Vec<String> {
    vec![check.to_string(), check.to_json()]
}

/// Copies the bytes, since JavaScript may change them while the engine reads. Both sides at once: each is bound by memory.
fn sources(
    reconciler: &Reconciler,
    left: Option<Uint8Array>,
    right: Option<Uint8Array>,
) -> recon378::Result<[Source; 2]> {
    reconciler.on_threads(|| {
        let (left, right) = rayon::join(|| source("left", left), || source("right", right));
        Ok([left?, right?])
    })
}

fn source(name: &str, bytes: Option<Uint8Array>) -> recon378::Result<Source> {
    let records = bytes.map(|bytes| recon378::read_ipc(name, bytes.to_vec())).transpose()?;
    Ok(records.map_or(Source::Files, Source::Records))
}

/// The program, with its own name as the first argument. Returns its exit code.
#[napi]
pub fn program(arguments: Vec<String>) -> u32 {
    u32::from(recon378_cli::program(arguments.into_iter().map(OsString::from).collect::<Vec<_>>()))
}
