//! Arrow tables in and out, without a copy: buffers are shared across the C stream interface.

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
    TimestampMicrosecondArray,
};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_cast::pretty::pretty_format_batches_with_schema;
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList};
use pyo3_arrow::PyTable;
use pyo3_arrow::input::AnyRecordBatch;
use std::sync::Arc;

/// A table of Arrow batches.
#[pyclass(frozen, module = "recon378._recon378")]
pub(crate) struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    pub(crate) fn of(batch: RecordBatch) -> Self {
        Self { schema: batch.schema(), batches: vec![batch] }
    }

    /// The batches; an empty one where there are none, so that the columns are known.
    pub(crate) fn records(&self) -> Vec<RecordBatch> {
        if self.batches.is_empty() {
            vec![RecordBatch::new_empty(Arc::clone(&self.schema))]
        } else {
            self.batches.clone()
        }
    }

    fn py_table(&self) -> PyResult<PyTable> {
        PyTable::try_new(self.batches.clone(), Arc::clone(&self.schema))
    }
}

/// The text of a row's cells; None for null.
type Line = Vec<Option<String>>;

/// What Arrow refused.
#[expect(clippy::needless_pass_by_value, reason = "stands where an error is mapped")]
fn refused(error: ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

#[pymethods]
impl Table {
    /// Takes any object with `__arrow_c_stream__` or `__arrow_c_array__`; a stream is read to its end.
    #[new]
    fn new(data: AnyRecordBatch) -> PyResult<Self> {
        let (batches, schema) = data.into_table()?.into_inner();
        Ok(Self { schema, batches })
    }

    /// Makes a table of columns: `(name, kind, cells)`, with the kinds `text`, `integer`,
    /// `double`, `boolean`, `timestamp` and `timestamp_utc` (microseconds since 1970).
    #[staticmethod]
    fn from_columns(columns: Vec<(String, String, Bound<'_, PyList>)>, rows: usize) -> PyResult<Self> {
        let mut fields = Vec::with_capacity(columns.len());
        let mut arrays = Vec::with_capacity(columns.len());
        for (name, kind, cells) in columns {
            let array: ArrayRef = match kind.as_str() {
                "text" => Arc::new(StringArray::from(cells.extract::<Vec<Option<String>>>()?)),
                "integer" => Arc::new(Int64Array::from(cells.extract::<Vec<Option<i64>>>()?)),
                "double" => Arc::new(Float64Array::from(cells.extract::<Vec<Option<f64>>>()?)),
                "timestamp" => {
                    Arc::new(TimestampMicrosecondArray::from(cells.extract::<Vec<Option<i64>>>()?))
                }
                "timestamp_utc" => {
                    let instants = cells.extract::<Vec<Option<i64>>>()?;
                    Arc::new(TimestampMicrosecondArray::from(instants).with_timezone("UTC"))
                }
                "boolean" => Arc::new(BooleanArray::from(cells.extract::<Vec<Option<bool>>>()?)),
                other => return Err(PyValueError::new_err(format!("no kind of column: {other}"))),
            };
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
            .map(Self::of)
            .map_err(refused)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        // The method is part of the class's Python side only.
        self.py_table()?.into_pyobject(py)?.call_method1("__arrow_c_stream__", (requested_schema,))
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.py_table()?.into_pyobject(py)?.call_method0("__arrow_c_schema__")
    }

    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Names of the columns, in order.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Names of the columns' Arrow types, in order.
    #[getter]
    fn column_types(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.data_type().to_string()).collect()
    }

    /// The first rows as a table of text.
    fn text(&self, rows: usize) -> PyResult<String> {
        let shown = self.slice(0, rows);
        let more = self.__len__() - shown.__len__();
        let text =
            pretty_format_batches_with_schema(Arc::clone(&self.schema), &shown.batches).map_err(refused)?;
        Ok(if more > 0 { format!("{text}\nand {more} more") } else { text.to_string() })
    }

    /// Names of the columns, and the text of the cells of the first rows; None for null.
    fn cells(&self, rows: usize) -> PyResult<(Vec<String>, Vec<Line>)> {
        let options = FormatOptions::default();
        let mut lines = Vec::new();
        for batch in &self.slice(0, rows).batches {
            let columns: Vec<_> = batch
                .columns()
                .iter()
                .map(|column| Ok((column, ArrayFormatter::try_new(column, &options).map_err(refused)?)))
                .collect::<PyResult<_>>()?;
            let cell = |row: usize| {
                columns
                    .iter()
                    .map(move |(column, text)| column.is_valid(row).then(|| text.value(row).to_string()))
            };
            lines.extend((0..batch.num_rows()).map(|row| cell(row).collect()));
        }
        Ok((self.column_names(), lines))
    }

    /// Rows from `offset` on, at most `length`.
    fn slice(&self, offset: usize, length: usize) -> Self {
        let (mut skip, mut wanted) = (offset, length);
        let mut batches = Vec::new();
        for batch in &self.batches {
            let from = skip.min(batch.num_rows());
            let rows = wanted.min(batch.num_rows() - from);
            skip -= from;
            wanted -= rows;
            if rows > 0 {
                batches.push(batch.slice(from, rows));
            }
        }
        Self { schema: Arc::clone(&self.schema), batches }
    }
}
