//! What "the same bytes" means: a hash over logical values, the same for every encoding, cut and platform.
//!
//! A column is a stream: its header, then its cells in order. Every column has a hasher of its own, so that
//! columns are hashed beside each other; a table hashes its columns' hashes, the outcome its tables'. The
//! definition stands in `docs/spec/outcome.md`, so that any language can recompute it from the written files.

use super::gather::internal;
use super::{Outcome, TABLES};
use crate::error::Result;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float64Type, Int64Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, new_null_array};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, Schema};
use rayon::prelude::*;

/// Stands before every digest; it changes with the definition.
pub const DIGEST_VERSION: &str = "1";

/// Groups or breaks of which tables are built at a time.
const SLICE_ROWS: usize = 1 << 17;
/// Bytes gathered before they are hashed.
const BUFFER_BYTES: usize = 1 << 16;

/// The digest of an outcome: see [`Outcome::digest`].
pub(super) fn outcome(outcome: &Outcome) -> Result<String> {
    let mut all = blake3::Hasher::new();
    all.update(b"recon378 outcome ");
    all.update(DIGEST_VERSION.as_bytes());
    for name in TABLES {
        let mut table = TableHasher::new(name, outcome.empty(name)?.schema_ref());
        for batch in outcome.batches(name, SLICE_ROWS)? {
            let batch = batch?;
            table.update(&if *name == "issues" { without_files(batch)? } else { batch })?;
        }
        all.update(table.finish().as_bytes());
    }
    Ok(versioned(&all.finalize()))
}

/// The same table with no file named: the digest says what was found, not where the records were read.
fn without_files(batch: RecordBatch) -> Result<RecordBatch> {
    let Some((at, _)) = batch.schema_ref().column_with_name("file") else { return Ok(batch) };
    let (schema, mut columns, rows) = batch.into_parts();
    columns[at] = new_null_array(schema.field(at).data_type(), rows);
    RecordBatch::try_new(schema, columns).map_err(internal)
}

/// A hash with the version of its definition.
pub(super) fn versioned(hash: &blake3::Hash) -> String {
    format!("{DIGEST_VERSION}-{}", hash.to_hex())
}

/// Hashes a table that comes in batches of one schema.
#[derive(Debug)]
pub(super) struct TableHasher {
    name: String,
    rows: u64,
    columns: Vec<ColumnHasher>,
}

impl TableHasher {
    pub(super) fn new(name: &str, schema: &Schema) -> Self {
        let column = |field: &arrow_schema::FieldRef| ColumnHasher::new(field.name(), field.data_type());
        Self { name: name.to_owned(), rows: 0, columns: schema.fields().iter().map(column).collect() }
    }

    pub(super) fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_columns() != self.columns.len() {
            return Err(internal("batches of one table differ in their columns"));
        }
        self.rows += batch.num_rows() as u64;
        let columns = self.columns.par_iter_mut().zip(batch.columns());
        columns.map(|(hasher, array)| hasher.update(array)).collect()
    }

    pub(super) fn finish(self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(self.name.len() as u64).to_le_bytes());
        hasher.update(self.name.as_bytes());
        hasher.update(&self.rows.to_le_bytes());
        for column in self.columns {
            hasher.update(column.finish().as_bytes());
        }
        hasher.finalize()
    }
}

#[derive(Debug)]
struct ColumnHasher {
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
}

impl ColumnHasher {
    fn new(name: &str, kind: &DataType) -> Self {
        let mut this = Self { hasher: blake3::Hasher::new(), buffer: Vec::with_capacity(BUFFER_BYTES + 64) };
        this.text(name.as_bytes());
        this.text(kind_name(kind).as_bytes());
        this
    }

    fn finish(mut self) -> blake3::Hash {
        self.hasher.update(&self.buffer);
        self.hasher.finalize()
    }

    #[inline]
    fn text(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.buffer.extend_from_slice(bytes);
        self.flush_when_full();
    }

    #[inline]
    fn flush_when_full(&mut self) {
        if self.buffer.len() >= BUFFER_BYTES {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }

    #[inline]
    fn cell(&mut self, text: Option<&[u8]>) {
        self.buffer.push(u8::from(text.is_some()));
        match text {
            Some(text) => self.text(text),
            None => self.flush_when_full(),
        }
    }

    #[inline]
    fn fixed<const N: usize>(&mut self, bytes: Option<[u8; N]>) {
        self.buffer.push(u8::from(bytes.is_some()));
        if let Some(bytes) = bytes {
            self.buffer.extend_from_slice(&bytes);
        }
        self.flush_when_full();
    }

    fn numbers<T: ArrowPrimitiveType, const N: usize>(
        &mut self,
        array: &dyn Array,
        bytes: impl Fn(T::Native) -> [u8; N],
    ) {
        let array = array.as_primitive::<T>();
        if array.null_count() == 0 {
            array.values().iter().for_each(|&value| self.fixed(Some(bytes(value))));
        } else {
            array.iter().for_each(|value| self.fixed(value.map(&bytes)));
        }
    }

    fn update(&mut self, array: &ArrayRef) -> Result<()> {
        match array.data_type() {
            DataType::Null => (0..array.len()).for_each(|_| self.cell(None)),
            DataType::Boolean => {
                array.as_boolean().iter().for_each(|value| self.fixed(value.map(|bit| [u8::from(bit)])));
            }
            DataType::UInt64 => self.numbers::<UInt64Type, 8>(array, u64::to_le_bytes),
            DataType::Date32 => {
                self.numbers::<Date32Type, 8>(array, |day| i64::from(day).to_le_bytes());
            }
            kind if kind.is_integer() => {
                let wide = arrow_cast::cast(array, &DataType::Int64).map_err(internal)?;
                self.numbers::<Int64Type, 8>(&wide, i64::to_le_bytes);
            }
            DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                let wide = arrow_cast::cast(array, &DataType::Float64).map_err(internal)?;
                self.numbers::<Float64Type, 8>(&wide, canonical_double);
            }
            DataType::Decimal128(..) => self.numbers::<Decimal128Type, 16>(array, i128::to_le_bytes),
            DataType::Utf8 => {
                array.as_string::<i32>().iter().for_each(|text| self.cell(text.map(str::as_bytes)));
            }
            DataType::LargeUtf8 => {
                array.as_string::<i64>().iter().for_each(|text| self.cell(text.map(str::as_bytes)));
            }
            DataType::Utf8View => {
                array.as_string_view().iter().for_each(|text| self.cell(text.map(str::as_bytes)));
            }
            DataType::Dictionary(..) => self.dictionary(array)?,
            DataType::Timestamp(..) | DataType::Date64 => {
                let ticks = arrow_cast::cast(array, &DataType::Int64).map_err(internal)?;
                self.numbers::<Int64Type, 8>(&ticks, i64::to_le_bytes);
            }
            _ => self.displayed(array)?,
        }
        Ok(())
    }

    /// Text by its keys; dictionaries of anything else are unpacked first.
    fn dictionary(&mut self, array: &ArrayRef) -> Result<()> {
        let dictionary = array.as_any_dictionary();
        if !is_text(dictionary.values().data_type()) {
            let kind = dictionary.values().data_type();
            return self.update(&arrow_cast::cast(array, kind).map_err(internal)?);
        }
        let values = arrow_cast::cast(dictionary.values(), &DataType::Utf8).map_err(internal)?;
        let values: &StringArray = values.as_string();
        // A cell of the stream for each value, made once.
        let stream = |at: usize| {
            let mut cell = vec![u8::from(values.is_valid(at))];
            if values.is_valid(at) {
                cell.extend_from_slice(&(values.value(at).len() as u64).to_le_bytes());
                cell.extend_from_slice(values.value(at).as_bytes());
            }
            cell
        };
        let cells: Vec<Vec<u8>> = (0..values.len()).map(stream).collect();
        let keys = arrow_cast::cast(dictionary.keys(), &DataType::Int64).map_err(internal)?;
        let keys: &Int64Array = keys.as_primitive();
        for key in keys {
            let cell = key.and_then(|key| cells.get(usize::try_from(key).ok()?));
            self.buffer.extend_from_slice(cell.map_or(&[0], Vec::as_slice));
            self.flush_when_full();
        }
        Ok(())
    }

    /// Kinds of columns that only a source can have: as Arrow displays them.
    fn displayed(&mut self, array: &ArrayRef) -> Result<()> {
        let options = FormatOptions::default().with_display_error(false);
        let formatter = ArrayFormatter::try_new(array, &options).map_err(internal)?;
        for row in 0..array.len() {
            if array.is_null(row) {
                self.cell(None);
            } else {
                let text = formatter.value(row).try_to_string().map_err(internal)?;
                self.cell(Some(text.as_bytes()));
            }
        }
        Ok(())
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn canonical_double(value: f64) -> [u8; 8] {
    let value = if value.is_nan() {
        f64::NAN
    } else if value == 0.0 {
        0.0
    } else {
        value
    };
    value.to_bits().to_le_bytes()
}

/// A type as digests name it: encodings of one logical type share a name.
fn kind_name(kind: &DataType) -> String {
    match kind {
        DataType::Null => "null".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "float".to_owned(),
        DataType::Decimal128(_, scale) => format!("decimal {scale}"),
        DataType::Dictionary(_, values) => kind_name(values),
        kind if is_text(kind) => "text".to_owned(),
        kind if kind.is_integer() => "integer".to_owned(),
        other => other.to_string(),
    }
}
