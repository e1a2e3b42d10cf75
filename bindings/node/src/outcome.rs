//! An outcome for Node: tables on demand as Arrow IPC, text and JSON.

use crate::work::promised;
use napi::Env;
use napi::bindgen_prelude::{Object, Uint8Array};
use napi_derive::napi;
use recon378::{Cancel, Format, Manifest, Question, Reconciler, Result};
use std::path::PathBuf;
use std::sync::Arc;

/// What a run found, with the spec it was run by.
#[napi]
pub struct Outcome {
    inner: Arc<Inner>,
}

struct Inner {
    outcome: recon378::Outcome,
    reconciler: Reconciler,
}

impl Inner {
    fn manifest(&self) -> Result<Manifest> {
        Ok(self.reconciler.manifest(&self.outcome).with_digest(&self.outcome)?)
    }
}

impl Outcome {
    pub(crate) fn of(outcome: recon378::Outcome, reconciler: Reconciler) -> Self {
        Self { inner: Arc::new(Inner { outcome, reconciler }) }
    }

    /// The outcome itself; a copy shares its columns.
    pub(crate) fn shared(&self) -> recon378::Outcome {
        self.inner.outcome.clone()
    }

    /// Does `work` on threads of its own.
    fn later<'env, T: napi::bindgen_prelude::ToNapiValue + Send + 'static>(
        &self,
        env: &'env Env,
        work: impl FnOnce(&Inner) -> Result<T> + Send + 'static,
    ) -> napi::Result<Object<'env>> {
        let inner = Arc::clone(&self.inner);
        promised(env, move || inner.reconciler.on_threads(|| work(&inner)))
    }
}

#[napi]
impl Outcome {
    /// A table by its name, as an uncompressed Arrow IPC stream.
    #[napi(ts_return_type = "Promise<Uint8Array>")]
    pub fn table<'env>(&self, env: &'env Env, name: String) -> napi::Result<Object<'env>> {
        self.later(env, move |inner| Ok(Uint8Array::new(recon378::write_ipc(&inner.outcome, &name)?)))
    }

    /// Decisions about groups, as an uncompressed Arrow IPC stream that a later run takes.
    #[napi(ts_return_type = "Promise<Uint8Array>")]
    pub fn decisions_from<'env>(
        &self,
        env: &'env Env,
        group_ids: Vec<i64>,
        kind: String,
    ) -> napi::Result<Object<'env>> {
        self.later(env, move |inner| {
            let ids: Vec<u64> = group_ids.iter().map(|id| u64::try_from(*id).unwrap_or(u64::MAX)).collect();
            let table = inner.outcome.decisions_from(&ids, kind.parse()?)?;
            Ok(Uint8Array::new(recon378::write_table_ipc(&table)?))
        })
    }

    /// The summary as JSON.
    #[napi]
    pub fn summary(&self) -> String {
        self.inner.outcome.summary().to_json()
    }

    /// The summary as a person reads it.
    #[napi]
    pub fn summary_text(&self) -> String {
        self.inner.outcome.summary().to_string()
    }

    /// The statement as a person reads it; null without balances.
    #[napi]
    pub fn statement_text(&self) -> Option<String> {
        self.inner.outcome.statement_text(100)
    }

    /// One line: counts and what ties out.
    #[napi]
    pub fn line(&self) -> String {
        self.inner.outcome.to_string()
    }

    /// The story of a group or a record, which `question` (JSON) names: as text, and as JSON.
    #[napi(ts_return_type = "Promise<string[]>")]
    pub fn explain<'env>(&self, env: &'env Env, question: String) -> napi::Result<Object<'env>> {
        self.later(env, move |inner| {
            let story = recon378::explain(&inner.outcome, &Question::from_json(&question)?)?;
            Ok(vec![story.to_string(), story.to_json()])
        })
    }

    /// A hash of the logical values of all tables.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn digest<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.later(env, |inner| Ok(inner.outcome.digest()?))
    }

    /// The manifest as JSON.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn manifest<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.later(env, |inner| Ok(inner.manifest()?.to_json()))
    }

    /// Writes all tables into a folder, whole or not at all.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn write<'env>(&self, env: &'env Env, folder: String, format: String) -> napi::Result<Object<'env>> {
        self.later(env, move |inner| {
            let format: Format = format.parse()?;
            let (outcome, manifest) = (&inner.outcome, inner.manifest()?);
            recon378::write_outcome(outcome, &manifest, &PathBuf::from(folder), format, &Cancel::new())
        })
    }
}
