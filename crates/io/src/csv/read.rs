//! CSV to Arrow: rows are cut by `csv-core`, cells are laid into text columns, batch by batch.

use super::{detect, unguarded};
use crate::error::{IoError, Result};
use crate::read::{BATCH_BYTES_MAX, BATCH_ROWS_MAX, ROW_BYTES_MAX};
use crate::text::{Text, lines_in};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use csv_core::{ReadRecordResult, ReaderBuilder};
use recon378_core::outcome::LeftOutLines;
use recon378_core::spec::{Ragged, ReadSpec};
use std::collections::{BTreeSet, VecDeque};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of a row that are kept to show it.
const SHOWN_BYTES_MAX: usize = 1_024;

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
    ragged: Ragged,
    /// The file is one that recon378 wrote: what keeps spreadsheets from running its cells comes off.
    written: bool,
    row: RowBuffer,
    /// The cells that name the columns, where rows that repeat them are looked for.
    header: Option<RowBuffer>,
    /// The rows read ahead: as many as are left out at the end, oldest first. Their buffers go round.
    ahead: VecDeque<RowBuffer>,
    /// Bytes of these.
    ahead_bytes: usize,
    /// The buffer of the row before.
    spare: Option<RowBuffer>,
    footer: usize,
    left_out: LeftOutLines,
    /// Rows handed out, in all batches.
    rows: u64,
    /// Rows whose cells can't be told apart, since they were last asked for.
    bad_rows: Vec<BadRow>,
    /// Bytes of each column of the last batch.
    last_bytes: Vec<usize>,
    /// The row at hand is data: the first one of a file without a header.
    holds_row: bool,
}

/// A row whose cells can't be told apart. In the batches they are null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its position among the records of its file.
    pub row: u64,
    /// The line it begins on, from 1.
    pub line: u64,
    /// The row as it was written, without quotes.
    pub value: String,
    /// What is wrong with it.
    pub problem: String,
    /// A hash of all of it.
    pub hash: String,
    found: usize,
    expected: usize,
    delimiter: char,
}

impl BadRow {
    /// The error that stops at it.
    pub(crate) fn error(&self, path: &Path) -> IoError {
        let (line, found, expected, delimiter) = (self.line, self.found, self.expected, self.delimiter);
        IoError::RaggedRow { path: path.to_owned(), line, found, expected, delimiter }
    }
}

/// One row: its cells one after the other, and where each ends.
struct RowBuffer {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    cells: usize,
    line: u64,
}

impl Default for RowBuffer {
    fn default() -> Self {
        Self { bytes: vec![0; 4096], ends: vec![0; 64], cells: 0, line: 0 }
    }
}

impl RowBuffer {
    /// Bytes it takes.
    fn size(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<usize>()
    }

    /// Whether both hold the same cells.
    fn equals(&self, other: &Self) -> bool {
        let length = |row: &Self| row.cells.checked_sub(1).map_or(0, |last| row.ends[last]);
        self.cells == other.cells
            && self.ends[..self.cells] == other.ends[..self.cells]
            && self.bytes[..length(self)] == other.bytes[..length(other)]
    }

    /// A hash of its cells.
    fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for index in 0..self.cells {
            hasher.update(&(self.cell(index).len() as u64).to_le_bytes());
            hasher.update(self.cell(index));
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Whether all cells from `index` on are empty.
    fn is_empty_from(&self, index: usize) -> bool {
        (index..self.cells).all(|index| self.cell(index).iter().all(u8::is_ascii_whitespace))
    }

    /// The cells as one text, cut where it is long.
    fn shown(&self, delimiter: u8) -> String {
        let mut shown = Vec::new();
        for index in 0..self.cells {
            if index > 0 {
                shown.push(delimiter);
            }
            let cell = self.cell(index);
            let room = SHOWN_BYTES_MAX.saturating_sub(shown.len());
            shown.extend_from_slice(&cell[..cell.len().min(room)]);
            if room <= cell.len() {
                break;
            }
        }
        String::from_utf8_lossy(&shown).into_owned()
    }

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
        let names_columns = spec.header.unwrap_or(true);
        skip_lines(&mut text, spec.skip.unwrap_or(0))?;
        let known = spec.delimiter.map(|delimiter| ascii("delimiter", delimiter)).transpose()?;
        let sample = text.chunk()?.to_vec();
        let finds_header = names_columns && spec.skip.is_none();
        let layout = detect::layout(&sample, text.is_last_chunk(), quote, known, finds_header);
        if layout.delimiter == quote {
            return Err(IoError::BadOption { what: "delimiter", given: char::from(quote) });
        }
        let lines_before = lines_in(&sample[..layout.preamble_bytes]);
        let before_header = lines_before.max(layout.preamble_rows);
        text.consume(layout.preamble_bytes);
        let mut parser = ReaderBuilder::new().delimiter(layout.delimiter).quote(quote).build();
        parser.set_line(u64::from(spec.skip.unwrap_or(0)) + lines_before + 1);
        let mut reader = Self {
            path: path.to_owned(),
            text,
            parser,
            delimiter: layout.delimiter,
            schema: Arc::new(Schema::empty()),
            kept: Vec::new(),
            width: 0,
            ragged: spec.ragged,
            written: false,
            row: RowBuffer::default(),
            header: None,
            ahead: VecDeque::new(),
            ahead_bytes: 0,
            spare: None,
            footer: spec.footer.unwrap_or(0) as usize,
            left_out: LeftOutLines { before_header, ..LeftOutLines::default() },
            rows: 0,
            bad_rows: Vec::new(),
            last_bytes: Vec::new(),
            holds_row: false,
        };
        reader.read_header(names_columns)?;
        if !finds_header {
            reader.header = None;
        }
        Ok(reader)
    }

    fn read_header(&mut self, names_columns: bool) -> Result<()> {
        if !self.parse_row()? {
            return Err(IoError::EmptyFile { path: self.path.clone() });
        }
        let names = if names_columns {
            let header = std::mem::take(&mut self.row);
            let names = self.names(&header)?;
            self.header = Some(header);
            names
        } else {
            (1..=self.row.cells).map(|position| format!("column_{position}")).collect()
        };
        self.width = names.len();
        self.kept = (0..self.width).collect();
        self.holds_row = !names_columns;
        let fields: Vec<Field> =
            names.into_iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        self.schema = Arc::new(Schema::new(fields));
        Ok(())
    }

    /// The columns' names. A line may end in delimiters; a cell that is empty before its end is named by its position.
    fn names(&self, header: &RowBuffer) -> Result<Vec<String>> {
        let mut names = Vec::with_capacity(header.cells);
        for index in 0..header.cells {
            let name = std::str::from_utf8(header.cell(index)).map_err(|_| self.bad_encoding(header.line))?;
            names.push(name.trim().to_owned());
        }
        while names.len() > 1 && names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        let given: BTreeSet<String> = names.iter().cloned().collect();
        for (name, position) in names.iter_mut().zip(1..) {
            let by_position = format!("column_{position}");
            // The only column of a file has nothing to be told from.
            if name.is_empty() && given.len() > 1 && !given.contains(&by_position) {
                *name = by_position;
            }
        }
        Ok(names)
    }

    /// The same for a file that recon378 wrote: cells and names are what they were before.
    pub(crate) fn of_ours(mut self) -> Self {
        let field = |field: &Arc<Field>| {
            let name = String::from_utf8_lossy(unguarded(field.name().as_bytes())).into_owned();
            Field::new(name, DataType::Utf8, true)
        };
        (self.written, self.header) = (true, None);
        self.schema = Arc::new(Schema::new(self.schema.fields().iter().map(field).collect::<Vec<_>>()));
        self
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

    /// Lines of the file that are no records, as far as it was read.
    pub(crate) fn left_out(&self) -> LeftOutLines {
        self.left_out
    }

    /// Rows whose cells can't be told apart, since this was last asked.
    pub(crate) fn take_bad_rows(&mut self) -> Vec<BadRow> {
        std::mem::take(&mut self.bad_rows)
    }

    /// The next batch, `None` at the end.
    pub(crate) fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let mut building = Building::new(self.kept.len(), &self.last_bytes);
        while building.lines.len() < BATCH_ROWS_MAX && building.bytes < BATCH_BYTES_MAX {
            if !self.next_row()? {
                break;
            }
            if self.header.as_ref().is_some_and(|header| self.row.equals(header)) {
                self.left_out.repeated_header += 1;
                continue;
            }
            let fits = self.row.cells == self.width
                || self.row.cells > self.width && self.row.is_empty_from(self.width)
                || self.row.cells < self.width && self.ragged == Ragged::Pad;
            if fits {
                building.push(&self.row, &self.kept, self.written);
            } else {
                let bad = self.bad_row();
                if self.ragged == Ragged::Error {
                    return Err(bad.error(&self.path));
                }
                self.bad_rows.push(bad);
                building.push_nulls(self.row.line);
            }
            self.rows += 1;
        }
        if building.lines.is_empty() {
            return Ok(None);
        }
        self.last_bytes = building.columns.iter().map(|column| column.values.len()).collect();
        building.finish(&self.schema).map(Some).map_err(|line| self.bad_encoding(line))
    }

    fn bad_row(&self) -> BadRow {
        let (found, expected) = (self.row.cells, self.width);
        let cells = if found == 1 { "cell" } else { "cells" };
        BadRow {
            row: self.rows,
            line: self.row.line,
            value: self.row.shown(self.delimiter),
            hash: self.row.hash(),
            problem: format!("{found} {cells} where the header has {expected}, on line {}", self.row.line),
            found,
            expected,
            delimiter: char::from(self.delimiter),
        }
    }

    fn bad_encoding(&self, line: u64) -> IoError {
        IoError::BadEncoding {
            path: self.path.clone(),
            line,
            encoding: self.text.encoding().to_owned(),
            hint: "Set read.encoding to the file's own, often windows-1252".to_owned(),
        }
    }

    /// Goes on to the next row; false where only the rows that are left out at the end follow.
    fn next_row(&mut self) -> Result<bool> {
        if self.footer == 0 {
            return if std::mem::take(&mut self.holds_row) { Ok(true) } else { self.parse_row() };
        }
        while self.ahead.len() <= self.footer {
            if !std::mem::take(&mut self.holds_row) && !self.parse_row()? {
                self.left_out.footer = self.ahead.len() as u64;
                return Ok(false);
            }
            let spare = self.spare.take().unwrap_or_default();
            let row = std::mem::replace(&mut self.row, spare);
            self.ahead_bytes += row.size();
            if self.ahead_bytes > ROW_BYTES_MAX {
                return Err(self.too_large(row.line));
            }
            self.ahead.push_back(row);
        }
        if let Some(row) = self.ahead.pop_front() {
            self.ahead_bytes -= row.size();
            self.spare = Some(std::mem::replace(&mut self.row, row));
        }
        Ok(true)
    }

    /// Reads the next row; false at the end of the file. Empty lines are no rows.
    fn parse_row(&mut self) -> Result<bool> {
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
                ReadRecordResult::OutputEndsFull => self.grow_ends()?,
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
        if self.row.size() >= ROW_BYTES_MAX {
            return Err(self.too_large(self.row.line));
        }
        self.row.bytes.resize(bytes * 2, 0);
        Ok(())
    }

    fn grow_ends(&mut self) -> Result<()> {
        if self.row.size() >= ROW_BYTES_MAX {
            return Err(self.too_large(self.row.line));
        }
        self.row.ends.resize(self.row.ends.len() * 2, 0);
        Ok(())
    }

    fn too_large(&self, line: u64) -> IoError {
        IoError::RowTooLarge { path: self.path.clone(), line, limit_bytes: ROW_BYTES_MAX }
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

    /// A row without cells: null and empty text are the same to every reader of these columns.
    fn push_nulls(&mut self, line: u64) {
        for column in &mut self.columns {
            column.offsets.push(column.offsets.last().copied().unwrap_or(0));
        }
        self.lines.push(line);
        self.bytes += self.columns.len() * size_of::<i32>();
    }

    fn push(&mut self, row: &RowBuffer, kept: &[usize], written: bool) {
        for (column, &index) in self.columns.iter_mut().zip(kept) {
            // Cells that are missing at the end are empty.
            let cell = if index < row.cells { row.cell(index) } else { &[] };
            let cell = if written { unguarded(cell) } else { cell };
            column.values.extend_from_slice(cell);
            self.bytes += cell.len();
            // Fits by BATCH_BYTES_MAX and ROW_BYTES_MAX.
            column.offsets.push(i32::try_from(column.values.len()).unwrap_or(i32::MAX));
        }
        self.bytes += self.columns.len() * size_of::<i32>();
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
