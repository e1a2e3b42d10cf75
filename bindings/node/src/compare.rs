//! Two versions of a table.

use crate::work::{promised, refused};
use arrow_array::RecordBatch;
use napi::Env;
use napi::bindgen_prelude::{Either, Object, Uint8Array};
use napi_derive::napi;
use recon378::spec::ReadSpec;
use recon378::{Cancel, Format, Result};
use std::path::PathBuf;
use std::sync::Arc;

/// What a comparison found.
#[napi]
pub struct Comparison(Arc<recon378::Comparison>);

/// A table's records: Arrow IPC, or the path of a file.
type Records = Either<Uint8Array, String>;

fn records(name: &str, records: Records) -> Result<Vec<RecordBatch>> {
    match records {
        Either::A(bytes) => recon378::read_ipc(name, bytes.to_vec()),
        Either::B(path) => recon378::read(&[path], &ReadSpec::default()),
    }
}

/// Stops comparisons.
#[napi]
#[derive(Default)]
pub struct Stop(Cancel);

impl Stop {
    /// The flag that work looks at.
    pub(crate) fn flag(&self) -> Cancel {
        self.0.clone()
    }
}

#[napi]
impl Stop {
    /// One that nobody has used.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops what was given this.
    #[napi]
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// Compares two tables; `options` is JSON.
#[napi(ts_return_type = "Promise<Comparison>")]
pub fn compare<'env>(
    env: &'env Env,
    sides: (Records, Records),
    options: String,
    stop: &Stop,
    threads: u32,
) -> napi::Result<Object<'env>> {
    let options = recon378::compare_options(&options).map_err(refused)?;
    let (cancel, threads) = (stop.0.clone(), usize::try_from(threads).unwrap_or(0));
    promised(env, move || {
        let (left, right) = (records("left", sides.0)?, records("right", sides.1)?);
        let found = recon378::compare_with(&left, &right, &options, &cancel, threads)?;
        Ok(Comparison(Arc::new(found)))
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
