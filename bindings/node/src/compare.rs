//! Two versions of a table.

use crate::run::{Told, bytes_of, listener};
use crate::work::{promised, refused};
use napi::Env;
use napi::bindgen_prelude::{Either, Function, Object, Uint8Array};
use napi_derive::napi;
use recon378::spec::ReadSpec;
use recon378::{Cancel, Comparer, Format, Result, Version};
use std::path::PathBuf;
use std::sync::Arc;

/// What a comparison found.
#[napi]
pub struct Comparison(Arc<recon378::Comparison>);

/// A table's records: Arrow IPC, or the path of a file.
type Records = Either<Uint8Array, String>;

/// Copies the bytes, since JavaScript may change them while the engine reads.
fn version(name: &str, records: Records) -> Result<Version> {
    Ok(match records {
        Either::A(bytes) => Version::Records(recon378::read_ipc(name, bytes.to_vec())?),
        Either::B(path) => Version::File(PathBuf::from(path)),
    })
}

/// What the host hands in for a comparison: it stops it, and holds it to its limits.
#[napi]
pub struct Stop {
    cancel: Cancel,
    limits: CompareLimits,
}

impl Stop {
    /// The flag that work looks at.
    pub(crate) fn flag(&self) -> Cancel {
        self.cancel.clone()
    }
}

#[napi]
impl Stop {
    /// One that nobody has used.
    #[napi(constructor)]
    pub fn new(limits: CompareLimits) -> Self {
        Self { cancel: Cancel::new(), limits }
    }

    /// Stops what was given this.
    #[napi]
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

/// What does not change a result.
#[napi(object)]
pub struct CompareLimits {
    /// Threads; as many as the machine has, when absent.
    pub threads: Option<u32>,
    /// Bytes held at most beside the tables handed over.
    pub memory_limit: Option<f64>,
}

/// Compares two tables; `options` is JSON.
#[napi(ts_return_type = "Promise<Comparison>")]
pub fn compare<'env>(
    env: &'env Env,
    sides: (Records, Records),
    options: String,
    stop: &Stop,
    on_progress: Option<Function<'_, Told, ()>>,
) -> napi::Result<Object<'env>> {
    let options = recon378::compare_options(&options).map_err(refused)?;
    let threads = usize::try_from(stop.limits.threads.unwrap_or(0)).unwrap_or(0);
    let mut comparer = Comparer::new(options).cancel(stop.cancel.clone()).threads(threads);
    if let Some(bytes) = stop.limits.memory_limit {
        comparer = comparer.memory_limit(bytes_of(bytes));
    }
    if let Some(callback) = on_progress {
        comparer = comparer.progress(listener(callback)?);
    }
    promised(env, move || {
        let versions = [version("left", sides.0)?, version("right", sides.1)?];
        Ok(Comparison(Arc::new(comparer.run_versions(versions, &ReadSpec::default())?)))
    })
}

#[napi]
impl Comparison {
    /// A table by its name, as an uncompressed Arrow IPC stream.
    #[napi(ts_return_type = "Promise<Uint8Array>")]
    pub fn table<'env>(&self, env: &'env Env, name: String) -> napi::Result<Object<'env>> {
        let found = Arc::clone(&self.0);
        promised(env, move || Ok(Uint8Array::new(recon378::write_comparison_ipc(&found, &name)?)))
    }

    /// The summary as JSON.
    #[napi]
    pub fn summary(&self) -> String {
        self.0.summary().to_json()
    }

    /// The summary as a person reads it.
    #[napi]
    pub fn summary_text(&self) -> String {
        self.0.summary().to_string()
    }

    /// Writes both tables and the summary into a folder, whole or not at all.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn write<'env>(&self, env: &'env Env, folder: String, format: String) -> napi::Result<Object<'env>> {
        let found = Arc::clone(&self.0);
        promised(env, move || {
            let format: Format = format.parse()?;
            recon378::write_comparison(&found, &PathBuf::from(folder), format, &Cancel::new())
        })
    }
}
