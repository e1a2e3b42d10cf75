//! CSV to Arrow: rows are cut by `csv-core`, cells are laid into text columns, batch by batch.

use super::detect;
use crate::error::{IoError, Result};
use crate::read::{BATCH_BYTES_MAX, BATCH_ROWS_MAX, ROW_BYTES_MAX};
use crate::text::{Text, lines_in};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use csv_core::{ReadRecordResult, ReaderBuilder};
use recon378_core::spec::ReadSpec;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads one CSV file in batches of bounded size.
pub(crate) struct CsvReader {
    path: PathBuf,
    text: Text,
    parser: csv_core::Reader,
    delimiter: u8,
    schema: SchemaRef,
    /// Positions of the columns that are kept.
    kept: Vec<usize>,
    /// Cells of every row.
    width: usize,
    row: RowBuffer,
    /// Bytes of each column of the last batch.
    last_bytes: Vec<usize>,
    /// The row at hand is data: the first one of a file without a header.
    holds_row: bool,
}

/// One row: its cells one after the other, and where each ends.
#[derive(Default)]
struct RowBuffer {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    cells: usize,
    line: u64,
}

impl RowBuffer {
    fn cell(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..self.ends[index]]
    }
}

/// Text columns in the making.
struct Building {
    columns: Vec<BuildingColumn>,
    /// Line that each row begins on, to name it if its bytes turn out to be no text.
    lines: Vec<u64>,
    bytes: usize,
}

struct BuildingColumn {
    values: Vec<u8>,
    offsets: Vec<i32>,
}

impl CsvReader {
    /// Opens a file's text and reads its header.
    pub(crate) fn new(path: &Path, input: Box<dyn Read + Send>, spec: &ReadSpec) -> Result<Self> {
        let quote = ascii("quote", spec.quote.unwrap_or('"'))?;
        let mut text = Text::new(path, input, spec.encoding.as_deref())?;
        skip_lines(&mut text, spec.skip.unwrap_or(0))?;
        let delimiter = if let Some(delimiter) = spec.delimiter {
            ascii("delimiter", delimiter)?
        } else {
            let sample = text.chunk()?.to_vec();
            detect::delimiter(&sample, text.is_last_chunk(), quote)
        };
        if delimiter == quote {
            return Err(IoError::BadOption { what: "delimiter", given: char::from(delimiter) });
        }
        let mut parser = ReaderBuilder::new().delimiter(delimiter).quote(quote).build();
        parser.set_line(u64::from(spec.skip.unwrap_or(0)) + 1);
        let mut reader = Self {
            path: path.to_owned(),
            text,
            parser,
            delimiter,
            schema: Arc::new(Schema::empty()),
            kept: Vec::new(),
            width: 0,
            row: RowBuffer { bytes: vec![0; 4096], ends: vec![0; 64], cells: 0, line: 0 },
            last_bytes: Vec::new(),
            holds_row: false,
        };
        reader.read_header(spec.header.unwrap_or(true))?;
        Ok(reader)
    }

    fn read_header(&mut self, names_columns: bool) -> Result<()> {
        if !self.next_row()? {
            return Err(IoError::EmptyFile { path: self.path.clone() });
        }
        self.width = self.row.cells;
        self.kept = (0..self.width).collect();
        self.holds_row = !names_columns;
        let names: Vec<String> = if names_columns {
            let named =
                (0..self.width).map(|index| std::str::from_utf8(self.row.cell(index)).map(str::to_owned));
            named.collect::<Result<_, _>>().map_err(|_| self.bad_encoding(self.row.line))?
        } else {
            (1..=self.width).map(|position| format!("column_{position}")).collect()
        };
        let fields: Vec<Field> =
            names.into_iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        self.schema = Arc::new(Schema::new(fields));
        Ok(())
    }

    /// Names of the columns that are read.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Keeps only the columns at these positions.
    pub(crate) fn project(&mut self, positions: &[usize]) {
        let fields: Vec<Arc<Field>> =
            positions.iter().map(|&position| Arc::clone(&self.schema.fields()[position])).collect();
        self.schema = Arc::new(Schema::new(fields));
        self.kept = positions.iter().map(|&position| self.kept[position]).collect();
    }

    /// The next batch, `None` at the end.
    pub(crate) fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let mut building = Building::new(self.kept.len(), &self.last_bytes);
        while building.lines.len() < BATCH_ROWS_MAX && building.bytes < BATCH_BYTES_MAX {
            if !std::mem::take(&mut self.holds_row) && !self.next_row()? {
                break;
            }
            if self.row.cells != self.width {
                return Err(IoError::RaggedRow {
                    path: self.path.clone(),
                    line: self.row.line,
                    found: self.row.cells,
                    expected: self.width,
                    delimiter: char::from(self.delimiter),
                });
            }
            building.push(&self.row, &self.kept);
        }
        if building.lines.is_empty() {
            return Ok(None);
        }
        self.last_bytes = building.columns.iter().map(|column| column.values.len()).collect();
        building.finish(&self.schema).map(Some).map_err(|line| self.bad_encoding(line))
    }

    fn bad_encoding(&self, line: u64) -> IoError {
        IoError::BadEncoding {
            path: self.path.clone(),
            line,
            encoding: self.text.encoding().to_owned(),
            hint: "Set read.encoding to the file's own, often windows-1252".to_owned(),
        }
    }

    /// Reads the next row; false at the end of the file. Empty lines are no rows.
    fn next_row(&mut self) -> Result<bool> {
        if !self.skip_line_ends()? {
            return Ok(false);
        }
        self.row.line = self.parser.line();
        let (mut written, mut cells) = (0, 0);
        loop {
            let chunk = self.text.chunk()?;
            // A line end after the last byte ends the last row, unless it stands inside quotes.
            let at_end = chunk.is_empty();
            let input = if at_end { b"\n" } else { chunk };
            let (result, read, wrote, ended) =
                self.parser.read_record(input, &mut self.row.bytes[written..], &mut self.row.ends[cells..]);
            if !at_end {
                self.text.consume(read);
            }
            written += wrote;
            cells += ended;
            match result {
                ReadRecordResult::Record => break,
                ReadRecordResult::OutputFull => self.grow_row()?,
                ReadRecordResult::OutputEndsFull => self.row.ends.resize(self.row.ends.len() * 2, 0),
                ReadRecordResult::InputEmpty if at_end => {
                    return Err(IoError::UnclosedQuote { path: self.path.clone(), line: self.row.line });
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::End => return Ok(false),
            }
        }
        self.row.cells = cells;
        Ok(true)
    }

    fn grow_row(&mut self) -> Result<()> {
        let bytes = self.row.bytes.len();
        if bytes >= ROW_BYTES_MAX {
            let line = self.row.line;
            return Err(IoError::RowTooLarge { path: self.path.clone(), line, limit_bytes: ROW_BYTES_MAX });
        }
        self.row.bytes.resize(bytes * 2, 0);
        Ok(())
    }

    /// Skips line ends, so that a row's line is the one it begins on; false at the end of the file.
    fn skip_line_ends(&mut self) -> Result<bool> {
        loop {
            let chunk = self.text.chunk()?;
            if chunk.is_empty() {
                return Ok(false);
            }
            let skipped = chunk.iter().take_while(|&&byte| byte == b'\r' || byte == b'\n').count();
            let lines = lines_in(&chunk[..skipped]);
            let found = skipped < chunk.len();
            self.text.consume(skipped);
            self.parser.set_line(self.parser.line() + lines);
            if found {
                return Ok(true);
            }
        }
    }
}

impl Building {
    /// Columns with room for as many bytes as the last batch had, and an eighth more.
    fn new(columns: usize, last_bytes: &[usize]) -> Self {
        let column = |index: usize| {
            let bytes = last_bytes.get(index).map_or(0, |bytes| bytes + bytes / 8);
            BuildingColumn { values: Vec::with_capacity(bytes), offsets: vec![0] }
        };
        Self { columns: (0..columns).map(column).collect(), lines: Vec::new(), bytes: 0 }
    }

    fn push(&mut self, row: &RowBuffer, kept: &[usize]) {
        for (column, &index) in self.columns.iter_mut().zip(kept) {
            let cell = row.cell(index);
            column.values.extend_from_slice(cell);
            self.bytes += cell.len();
            // Fits by BATCH_BYTES_MAX and ROW_BYTES_MAX.
            column.offsets.push(i32::try_from(column.values.len()).unwrap_or(i32::MAX));
        }
        self.lines.push(row.line);
    }

    /// The batch, or the line of the first row that is no UTF-8.
    fn finish(self, schema: &SchemaRef) -> Result<RecordBatch, u64> {
        let lines = self.lines;
        let first_bad = |values: &[u8], offsets: &[i32]| {
            let bad = offsets.windows(2).position(|pair| {
                let [start, end] = [pair[0], pair[1]].map(|offset| usize::try_from(offset).unwrap_or(0));
                std::str::from_utf8(&values[start..end]).is_err()
            });
            bad.map_or(0, |row| lines[row])
        };
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len());
        let mut bad_line: Option<u64> = None;
        for column in self.columns {
            let values = Buffer::from_vec(column.values);
            let offsets = ScalarBuffer::from(column.offsets);
            let built = StringArray::try_new(OffsetBuffer::new(offsets.clone()), values.clone(), None);
            if let Ok(array) = built {
                arrays.push(Arc::new(array));
            } else {
                let line = first_bad(&values, &offsets);
                bad_line = Some(bad_line.map_or(line, |earlier| earlier.min(line)));
            }
        }
        if let Some(line) = bad_line {
            return Err(line);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(lines.len()));
        RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options).map_err(|_| 0)
    }
}

fn ascii(what: &'static str, given: char) -> Result<u8> {
    u8::try_from(given)
        .ok()
        .filter(|byte| byte.is_ascii() && !matches!(byte, b'\r' | b'\n'))
        .ok_or(IoError::BadOption { what, given })
}

/// Skips whole lines before the header.
fn skip_lines(text: &mut Text, lines: u32) -> Result<()> {
    for _ in 0..lines {
        loop {
            let chunk = text.chunk()?;
            let (used, done) = match chunk.iter().position(|&byte| byte == b'\n') {
                Some(end) => (end + 1, true),
                None => (chunk.len(), chunk.is_empty()),
            };
            text.consume(used);
            if done {
                break;
            }
        }
    }
    Ok(())
}
