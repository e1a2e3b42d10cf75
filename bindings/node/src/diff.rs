//! Two outcomes beside each other.

use crate::compare::Stop;
use crate::outcome::Outcome;
use crate::work::promised;
use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Either, Object, Uint8Array};
use napi_derive::napi;
use recon378::{Cancel, DiffInput, Differ, Format};
use std::path::PathBuf;
use std::sync::Arc;

/// What differs between two outcomes.
#[napi]
pub struct Diff(Arc<recon378::Diff>);

/// What is diffed: an outcome, or the path of a folder or a spec.
enum Side {
    Outcome(Box<recon378::Outcome>),
    Path(PathBuf),
}

impl Side {
    fn of(input: Either<ClassInstance<'_, Outcome>, String>) -> Self {
        match input {
            Either::A(outcome) => Self::Outcome(Box::new(outcome.shared())),
            Either::B(path) => Self::Path(PathBuf::from(path)),
        }
    }

    fn borrowed(&self) -> DiffInput<'_> {
        match self {
            Self::Outcome(outcome) => DiffInput::Outcome(outcome),
            Self::Path(path) => DiffInput::Path(path),
        }
    }
}

/// What differs between two outcomes.
#[napi(ts_return_type = "Promise<Diff>")]
pub fn diff<'env>(
    env: &'env Env,
    old: Either<ClassInstance<'_, Outcome>, String>,
    new: Either<ClassInstance<'_, Outcome>, String>,
    stop: &Stop,
    threads: u32,
) -> napi::Result<Object<'env>> {
    let (old, new) = (Side::of(old), Side::of(new));
    let differ = Differ::new().cancel(stop.flag()).threads(usize::try_from(threads).unwrap_or(0));
    promised(env, move || {
        let found = differ.run(old.borrowed(), new.borrowed())?;
        Ok(Diff(Arc::new(found)))
    })
}

#[napi]
impl Diff {
    /// A table by its name, as an uncompressed Arrow IPC stream.
    #[napi(ts_return_type = "Promise<Uint8Array>")]
    pub fn table<'env>(&self, env: &'env Env, name: String) -> napi::Result<Object<'env>> {
        let found = Arc::clone(&self.0);
        promised(env, move || Ok(Uint8Array::new(recon378::write_diff_ipc(&found, &name)?)))
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

    /// Writes the tables and the summary into a folder, whole or not at all.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn write<'env>(&self, env: &'env Env, folder: String, format: String) -> napi::Result<Object<'env>> {
        let found = Arc::clone(&self.0);
        promised(env, move || {
            let format: Format = format.parse()?;
            recon378::write_diff(&found, &PathBuf::from(folder), format, &Cancel::new())
        })
    }
}
