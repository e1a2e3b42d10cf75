//! Workbooks to Arrow: one sheet of an XLSX, XLSB, XLS or ODS file, its first row the names of its columns.
//!
//! A cell of a workbook is a number, a text or a day, whatever it looks like. A column of whole numbers comes out as
//! integers, of days as days, of numbers with a fraction as doubles, which the engine takes as amounts only with a scale;
//! a column of several kinds as text, numbers in their shortest decimal.

use crate::columnar::corrupt;
use crate::csv::detect::NAMES_SURE;
use crate::error::{IoError, Result};
use crate::packed;
use crate::text::is_value;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, RecordBatchOptions,
    StringArray, TimestampMillisecondArray,
};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{Field, Schema, SchemaRef};
use calamine::{Data, DataRef, ExcelDateTime, Reader as _, SheetVisible, Sheets};
use recon378_core::outcome::LeftOutLines;
use recon378_core::spec::{ReadSpec, SheetRange, column_letters};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Seek as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// Whole numbers that a double holds exactly.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
const DAY_MILLIS: i64 = 86_400_000;
/// Rows that may stand before the titles.
const PREAMBLE_ROWS_MAX: usize = 100;
/// Sheets that a message names.
const SHEETS_TOLD: usize = 20;

/// The formats of workbooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Xlsx,
    Xlsb,
    Xls,
    Ods,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "XLSX",
            Self::Xlsb => "XLSB",
            Self::Xls => "XLS",
            Self::Ods => "ODS",
        }
    }
}

/// Reads one sheet. All of it is held: what a column is shows when its last cell was seen.
pub(crate) struct WorkbookReader {
    schema: SchemaRef,
    batch: Option<RecordBatch>,
    left_out: LeftOutLines,
}

/// A cell that holds something.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Integer(i64),
    Number(f64),
    Text(String),
    Truth(bool),
    /// Milliseconds since 1970-01-01.
    Moment(i64),
}

/// Rows that hold something: their numbers, from 0, and their cells by column, ascending.
type Rows = Vec<(u32, Vec<(u32, Cell)>)>;

impl WorkbookReader {
    /// Opens a workbook and reads the sheet that the spec names, or its only one.
    pub(crate) fn open(path: &Path, file: File, format: Format, spec: &ReadSpec) -> Result<Self> {
        let rows = catch_unwind(AssertUnwindSafe(|| rows(path, file, format, spec)))
            .unwrap_or_else(|_| Err(corrupt(path, format.name(), "its reader gave up")))?;
        let (batch, left_out) = table(path, rows, spec)?;
        Ok(Self { schema: batch.schema(), batch: Some(batch), left_out })
    }

    /// Rows of the sheet that are no records.
    pub(crate) fn left_out(&self) -> LeftOutLines {
        self.left_out
    }

    /// The columns that are read.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Keeps only the columns at these positions.
    pub(crate) fn project(&mut self, path: &Path, positions: &[usize]) -> Result<()> {
        if let Some(batch) = &self.batch {
            let batch =
                batch.project(positions).map_err(|error| corrupt(path, "workbook", &error.to_string()))?;
            self.schema = batch.schema();
            self.batch = Some(batch);
        }
        Ok(())
    }

    /// The records; `None` after them.
    pub(crate) fn next_batch(&mut self) -> Option<RecordBatch> {
        self.batch.take().filter(|batch| batch.num_rows() > 0)
    }
}

/// Refuses a workbook whose parts claim to be far larger than it is.
fn check_size(path: &Path, file: &File, format: Format) -> Result<()> {
    let system = |error| IoError::system(path, error);
    let damaged = |error: zip::result::ZipError| corrupt(path, format.name(), &error.to_string());
    let packed = file.metadata().map_err(system)?.len();
    let limit_bytes = packed::unpacked_max(packed);
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    let mut total = 0_u64;
    for index in 0..archive.len() {
        total = total.saturating_add(archive.by_index_raw(index).map_err(damaged)?.size());
    }
    if total > limit_bytes {
        return Err(IoError::UnpacksTooMuch { path: path.to_owned(), limit_bytes });
    }
    Ok(())
}

fn rows(path: &Path, file: File, format: Format, spec: &ReadSpec) -> Result<Rows> {
    // An XLS file is no archive.
    if format != Format::Xls {
        check_size(path, &file, format)?;
    }
    let mut input = BufReader::new(file);
    input.rewind().map_err(|error| IoError::system(path, error))?;
    let damaged = |error: &dyn std::fmt::Display| corrupt(path, format.name(), &error.to_string());
    let mut sheets = match format {
        Format::Xlsx => Sheets::Xlsx(calamine::Xlsx::new(input).map_err(|error| damaged(&error))?),
        Format::Xlsb => Sheets::Xlsb(calamine::Xlsb::new(input).map_err(|error| damaged(&error))?),
        Format::Xls => Sheets::Xls(calamine::Xls::new(input).map_err(|error| damaged(&error))?),
        Format::Ods => Sheets::Ods(calamine::Ods::new(input).map_err(|error| damaged(&error))?),
    };
    let name = sheet_name(path, &sheets, spec.sheet.as_deref())?;
    let mut found = Found { range: spec.range, rows: Rows::new() };
    // Cell by cell where that is possible: a sheet with a cell in its last corner is no table of 17 billion cells.
    macro_rules! cells_of {
        ($book:expr) => {{
            let mut cells = $book.worksheet_cells_reader(&name).map_err(|error| damaged(&error))?;
            while let Some(cell) = cells.next_cell().map_err(|error| damaged(&error))? {
                found.push(cell.get_position(), of_ref(cell.get_value()));
            }
        }};
    }
    match &mut sheets {
        Sheets::Xlsx(book) => cells_of!(book),
        Sheets::Xlsb(book) => cells_of!(book),
        other => {
            let range = other.worksheet_range(&name).map_err(|error| damaged(&error))?;
            let (top, first) = range.start().unwrap_or_default();
            for (row, column, cell) in range.used_cells() {
                let place = |from: u32, at: usize| from.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
                found.push((place(top, row), place(first, column)), of_data(cell));
            }
        }
    }
    Ok(found.rows)
}

/// Rows in the making.
struct Found {
    range: Option<SheetRange>,
    rows: Rows,
}

impl Found {
    fn push(&mut self, (row, column): (u32, u32), cell: Option<Cell>) {
        let Some(cell) = cell.filter(|_| self.range.is_none_or(|range| range.holds(row, column))) else {
            return;
        };
        match self.rows.last_mut() {
            Some((last, cells)) if *last == row => cells.push((column, cell)),
            _ => self.rows.push((row, vec![(column, cell)])),
        }
    }
}

/// The sheet that is meant: the one that is named, else the only one that can be seen.
fn sheet_name<R: std::io::Read + std::io::Seek>(
    path: &Path,
    sheets: &Sheets<R>,
    wanted: Option<&str>,
) -> Result<String> {
    let all = sheets.sheets_metadata();
    if let Some(wanted) = wanted {
        if all.iter().any(|sheet| sheet.name == wanted) {
            return Ok(wanted.to_owned());
        }
        let names = all.iter().map(|sheet| sheet.name.clone()).take(SHEETS_TOLD).collect();
        return Err(IoError::UnknownSheet { path: path.to_owned(), sheet: wanted.to_owned(), names });
    }
    let seen: Vec<&str> = all
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.as_str())
        .collect();
    if let [only] = seen.as_slice() {
        return Ok((*only).to_owned());
    }
    let names = seen.iter().take(SHEETS_TOLD).map(|name| (*name).to_owned()).collect();
    Err(IoError::SheetNeeded { path: path.to_owned(), names })
}

fn of_ref(cell: &DataRef<'_>) -> Option<Cell> {
    match cell {
        DataRef::Int(value) => Some(Cell::Integer(*value)),
        DataRef::Float(value) => Some(number(*value)),
        DataRef::SharedString(text) => text_cell(text),
        DataRef::Bool(value) => Some(Cell::Truth(*value)),
        DataRef::DateTime(moment) => Some(moment_cell(moment)),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text_cell(text),
        DataRef::Error(error) => Some(Cell::Text(error.to_string())),
        DataRef::Empty => None,
    }
}

fn of_data(cell: &Data) -> Option<Cell> {
    match cell {
        Data::Int(value) => Some(Cell::Integer(*value)),
        Data::Float(value) => Some(number(*value)),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text_cell(text),
        Data::Bool(value) => Some(Cell::Truth(*value)),
        Data::DateTime(moment) => Some(moment_cell(moment)),
        Data::Error(error) => Some(Cell::Text(error.to_string())),
        Data::Empty => None,
    }
}

fn text_cell(text: &str) -> Option<Cell> {
    (!text.trim().is_empty()).then(|| Cell::Text(text.to_owned()))
}

/// A number; a whole one that a double holds exactly is an integer.
fn number(value: f64) -> Cell {
    if value.fract() == 0.0 && value.abs() <= WHOLE_MAX {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "whole, and within what both types hold exactly"
        )]
        return Cell::Integer(value as i64);
    }
    Cell::Number(value)
}

/// A day with or without a time. Times alone and durations are text.
fn moment_cell(moment: &ExcelDateTime) -> Cell {
    let value = moment.as_f64();
    if moment.is_duration() || (0.0..1.0).contains(&value) {
        return Cell::Text(duration_text(value));
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let days = days_from_civil(i64::from(year), i64::from(month), i64::from(day));
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    Cell::Moment(days * DAY_MILLIS + seconds * 1_000 + i64::from(milli))
}

/// A part of a day as hours, minutes and seconds.
fn duration_text(days: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, which a workbook's times never reach")]
    let seconds = (days * 86_400.0).round() as i64;
    let (sign, seconds) = (if seconds < 0 { "-" } else { "" }, seconds.unsigned_abs());
    format!("{sign}{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Days since 1970-01-01 of a day of the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date
/// algorithms", 2013). The 29th of February 1900, which only Excel knows, is the 1st of March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The rows as records.
fn table(path: &Path, mut rows: Rows, spec: &ReadSpec) -> Result<(RecordBatch, LeftOutLines)> {
    let skip = spec.skip.unwrap_or(0);
    rows.retain(|(row, _)| *row >= skip);
    rows.sort_by_key(|(row, _)| *row);
    for (_, cells) in &mut rows {
        cells.sort_by_key(|(column, _)| *column);
    }
    let has_titles = spec.header.unwrap_or(true);
    let left_out = leave_out(&mut rows, spec, has_titles);
    let Some((header, _)) = rows.first() else {
        return Err(IoError::EmptyFile { path: path.to_owned() });
    };
    let header = *header;
    let first = rows.iter().filter_map(|(_, cells)| cells.first()).map(|(column, _)| *column).min();
    let last = rows.iter().filter_map(|(_, cells)| cells.last()).map(|(column, _)| *column).max();
    let (first, last) = (first.unwrap_or(0), last.unwrap_or(0));
    let records = if has_titles { &rows[1..] } else { &rows[..] };
    let mut columns: Vec<Vec<Option<&Cell>>> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut place_of = vec![None; (last - first + 1) as usize];
    let mut uses = vec![false; place_of.len()];
    for (column, _) in records.iter().flat_map(|(_, cells)| cells) {
        uses[(column - first) as usize] = true;
    }
    for (at, place) in place_of.iter_mut().enumerate() {
        let column = first + u32::try_from(at).unwrap_or(0);
        let title = rows[0].1.iter().find(|(other, _)| *other == column).map(|(_, cell)| written(cell));
        let name = match (has_titles, title) {
            (true, Some(title)) => title.trim().to_owned(),
            // A column that is empty from top to bottom only separates others.
            (true, None) if !uses[at] => continue,
            (true, None) => {
                let (path, column) = (path.to_owned(), column_letters(column));
                return Err(IoError::NoColumnTitle { path, column, row: header + 1 });
            }
            (false, _) => format!("column_{}", at + 1),
        };
        *place = Some(names.len());
        names.push(name);
    }
    columns.resize_with(names.len(), || vec![None; records.len()]);
    for (record, (_, cells)) in records.iter().enumerate() {
        for (column, cell) in cells {
            if let Some(place) = place_of[(column - first) as usize] {
                columns[place][record] = Some(cell);
            }
        }
    }
    let arrays: Vec<ArrayRef> = columns.iter().map(|cells| array(cells)).collect();
    let fields = names.into_iter().zip(&arrays);
    let fields: Vec<Field> =
        fields.map(|(name, array)| Field::new(name, array.data_type().clone(), true)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(records.len()));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options);
    Ok((batch.map_err(|error| corrupt(path, "workbook", &error.to_string()))?, left_out))
}

/// Takes out the rows that are no records: as many at the end as the spec says, those before the titles where they plainly
/// are none, and repeated titles.
fn leave_out(rows: &mut Rows, spec: &ReadSpec, has_titles: bool) -> LeftOutLines {
    let first = usize::from(has_titles);
    let footer = (spec.footer.unwrap_or(0) as usize).min(rows.len().saturating_sub(first));
    rows.truncate(rows.len() - footer);
    let finds_header = has_titles && spec.skip.is_none();
    let before = if finds_header { titles(rows) } else { 0 };
    rows.drain(..before);
    let with_repeats = rows.len();
    if finds_header && let Some((_, titles)) = rows.first().cloned() {
        let mut at = 0;
        rows.retain(|(_, cells)| {
            at += 1;
            at == 1 || *cells != titles
        });
    }
    LeftOutLines {
        before_header: before as u64,
        repeated_header: (with_repeats - rows.len()) as u64,
        footer: footer as u64,
    }
}

/// The first row that titles every column in use below it, where each row before it fills at most half of the columns, and
/// some column holds a number or a day below its title, or nothing follows at least three titles; else the first row.
fn titles(rows: &Rows) -> usize {
    let mut below: BTreeMap<u32, usize> = BTreeMap::new();
    for (column, _) in rows.iter().flat_map(|(_, cells)| cells) {
        *below.entry(*column).or_insert(0) += 1;
    }
    let width = below.len();
    for (at, (_, cells)) in rows.iter().take(PREAMBLE_ROWS_MAX).enumerate() {
        for (column, _) in cells {
            if let Some(count) = below.get_mut(column) {
                *count -= 1;
            }
        }
        below.retain(|_, count| *count > 0);
        let mut names = BTreeSet::new();
        let is_name =
            |cell: &Cell| matches!(cell, Cell::Text(text) if !is_value(text) && names.insert(text.clone()));
        let here: BTreeSet<u32> = cells.iter().map(|(column, _)| *column).collect();
        let covers = below.keys().all(|column| here.contains(column));
        if covers
            && cells.iter().map(|(_, cell)| cell).all(is_name)
            && begins_table(&rows[at + 1..], cells.len())
        {
            return at;
        }
        if cells.len() > 1 && cells.len() * 2 > width {
            return 0;
        }
    }
    0
}

/// Whether what follows so many titles plainly is a table.
fn begins_table(below: &[(u32, Vec<(u32, Cell)>)], titles: usize) -> bool {
    let is_value = |(_, cell): &(u32, Cell)| match cell {
        Cell::Text(text) => is_value(text),
        _ => true,
    };
    if below.is_empty() {
        titles >= NAMES_SURE
    } else {
        below.iter().any(|(_, cells)| cells.iter().any(is_value))
    }
}

/// The cells of a column as what all of them are, else as text.
fn array(cells: &[Option<&Cell>]) -> ArrayRef {
    let all = |is: fn(&Cell) -> bool| cells.iter().flatten().all(|cell| is(cell));
    if cells.iter().all(Option::is_none) {
        return Arc::new(StringArray::new_null(cells.len()));
    }
    if all(|cell| matches!(cell, Cell::Integer(_))) {
        let value = |cell: &Cell| if let Cell::Integer(value) = cell { Some(*value) } else { None };
        return Arc::new(cells.iter().map(|cell| cell.and_then(value)).collect::<Int64Array>());
    }
    if all(|cell| matches!(cell, Cell::Integer(_) | Cell::Number(_))) {
        let value = |cell: &Cell| match cell {
            #[expect(clippy::cast_precision_loss, reason = "it came from a double")]
            Cell::Integer(value) => Some(*value as f64),
            Cell::Number(value) => Some(*value),
            _ => None,
        };
        return Arc::new(cells.iter().map(|cell| cell.and_then(value)).collect::<Float64Array>());
    }
    if all(|cell| matches!(cell, Cell::Truth(_))) {
        let value = |cell: &Cell| if let Cell::Truth(value) = cell { Some(*value) } else { None };
        return Arc::new(cells.iter().map(|cell| cell.and_then(value)).collect::<BooleanArray>());
    }
    let moment = |cell: &Cell| if let Cell::Moment(moment) = cell { Some(*moment) } else { None };
    if all(|cell| matches!(cell, Cell::Moment(moment) if moment.rem_euclid(DAY_MILLIS) == 0)) {
        let day = |moment: i64| i32::try_from(moment.div_euclid(DAY_MILLIS)).ok();
        return Arc::new(
            cells.iter().map(|cell| cell.and_then(moment).and_then(day)).collect::<Date32Array>(),
        );
    }
    if all(|cell| matches!(cell, Cell::Moment(_))) {
        let moments = cells.iter().map(|cell| cell.and_then(moment));
        return Arc::new(moments.collect::<TimestampMillisecondArray>());
    }
    Arc::new(cells.iter().map(|cell| cell.map(written)).collect::<StringArray>())
}

/// A cell as text.
fn written(cell: &Cell) -> String {
    match cell {
        Cell::Integer(value) => value.to_string(),
        Cell::Number(value) => value.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Truth(value) => value.to_string(),
        Cell::Moment(moment) => moment_text(*moment),
    }
}

/// A day, or a moment, in ISO 8601.
fn moment_text(moment: i64) -> String {
    let day =
        i32::try_from(moment.div_euclid(DAY_MILLIS)).ok().filter(|_| moment.rem_euclid(DAY_MILLIS) == 0);
    let text = match day {
        Some(day) => array_value_to_string(&Date32Array::from(vec![day]), 0),
        None => array_value_to_string(&TimestampMillisecondArray::from(vec![moment]), 0),
    };
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;
    use recon378_core::Cancel;
    use rust_xlsxwriter::{ExcelDateTime, Format as Look, Workbook};
    use std::path::PathBuf;

    fn read_with(workbook: &mut Workbook, spec: &ReadSpec) -> Result<Vec<RecordBatch>> {
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = folder.path().join("ledger.xlsx");
        workbook.save(&path).unwrap();
        read(&[path], spec, &Cancel::new())
    }

    fn ledger() -> Workbook {
        let mut workbook = Workbook::new();
        let day = Look::new().set_num_format("dd.mm.yyyy");
        let time = Look::new().set_num_format("dd.mm.yyyy hh:mm");
        let sheet = workbook.add_worksheet().set_name("March").unwrap();
        for (column, name) in ["id", "amount", "posted", "at", "ok", "mixed"].into_iter().enumerate() {
            sheet.write(0, u16::try_from(column).unwrap(), name).unwrap();
        }
        for (row, amount) in [(1, 12.5), (2, -7.0), (4, 0.1 + 0.2)] {
            sheet.write(row, 0, 4700 + row).unwrap();
            sheet.write(row, 1, amount).unwrap();
            let moment = ExcelDateTime::from_ymd(2026, 3, u8::try_from(row).unwrap()).unwrap();
            sheet.write_with_format(row, 2, &moment, &day).unwrap();
            let moment = moment.and_hms(9, 30, 0).unwrap();
            sheet.write_with_format(row, 3, &moment, &time).unwrap();
            sheet.write(row, 4, row == 1).unwrap();
        }
        sheet.write(1, 5, 1.25).unwrap();
        sheet.write(2, 5, "x").unwrap();
        workbook
    }

    fn shown(batch: &RecordBatch) -> Vec<Vec<String>> {
        let cell = |column: &ArrayRef, row: usize| array_value_to_string(column, row).unwrap();
        (0..batch.num_rows())
            .map(|row| batch.columns().iter().map(|column| cell(column, row)).collect())
            .collect()
    }

    #[test]
    fn columns_are_what_all_of_their_cells_are() {
        let batches = read_with(&mut ledger(), &ReadSpec::default()).unwrap();
        let types: Vec<String> =
            batches[0].schema().fields().iter().map(|field| field.data_type().to_string()).collect();
        assert_eq!(types, ["Int64", "Float64", "Date32", "Timestamp(ms)", "Boolean", "Utf8"]);
        let rows = shown(&batches[0]);
        assert_eq!(rows[0], ["4701", "12.5", "2026-03-01", "2026-03-01T09:30:00", "true", "1.25"]);
        assert_eq!(rows[1], ["4702", "-7.0", "2026-03-02", "2026-03-02T09:30:00", "false", "x"]);
        assert_eq!(
            rows[2][1], "0.30000000000000004",
            "the engine rounds to the scale it is given, and counts it"
        );
        assert_eq!(rows.len(), 3, "an empty row is none");
    }

    #[test]
    fn sheet_range_and_skip_choose_what_is_read() {
        let mut workbook = ledger();
        let sheet = workbook.add_worksheet().set_name("April").unwrap();
        sheet.write(0, 1, "Ledger of April").unwrap();
        for (column, name) in [(1, "id"), (2, "amount")] {
            sheet.write(2, column, name).unwrap();
        }
        sheet.write(3, 1, "B1").unwrap();
        sheet.write(3, 2, 5).unwrap();
        sheet.write(4, 2, "total").unwrap();
        sheet.write(9, 30, "a note").unwrap();
        let error = read_with(&mut workbook, &ReadSpec::default()).unwrap_err();
        assert_eq!(error.code(), "sheet_needed");
        assert!(error.to_string().contains("\"March\", \"April\""), "{error}");
        let named = |sheet: &str| ReadSpec { sheet: Some(sheet.to_owned()), ..ReadSpec::default() };
        assert_eq!(read_with(&mut workbook, &named("May")).unwrap_err().code(), "unknown_sheet");
        assert_eq!(shown(&read_with(&mut workbook, &named("March")).unwrap()[0]).len(), 3);

        let april = ReadSpec { range: "B3:c4".parse().ok(), ..named("April") };
        let batches = read_with(&mut workbook, &april).unwrap();
        assert_eq!(shown(&batches[0]), [["B1", "5"]]);
        let skipped = ReadSpec { skip: Some(2), range: "$B:$C".parse().ok(), ..named("April") };
        assert_eq!(shown(&read_with(&mut workbook, &skipped).unwrap()[0]), [["B1", "5"], ["", "total"]]);
        let untitled = read_with(&mut workbook, &ReadSpec { skip: Some(2), ..named("April") }).unwrap_err();
        assert_eq!(untitled.code(), "empty_column_name");
        assert!(untitled.to_string().contains("column AE has no title in row 3"), "{untitled}");
    }

    #[test]
    fn a_cell_in_the_last_corner_makes_no_table_of_billions() {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write(0, 0, "id").unwrap();
        sheet.write(1_048_575, 16_383, "far").unwrap();
        let error = read_with(&mut workbook, &ReadSpec::default()).unwrap_err();
        assert_eq!(error.code(), "empty_column_name");
        assert!(error.to_string().contains("column XFD"), "{error}");
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.xlsx", "a.xlsb", "a.xls", "a.ods"] {
            let path = folder.path().join(name);
            std::fs::write(&path, "id,amount\n").unwrap();
            let error = read(&[path], &ReadSpec::default(), &Cancel::new()).unwrap_err();
            assert_eq!(error.code(), "corrupt_file", "{name}: {error}");
        }
        // Damaged anywhere, it is refused or read, and nothing else happens.
        let whole = ledger().save_to_buffer().unwrap();
        let path = folder.path().join("damaged.xlsx");
        for at in (0..whole.len()).step_by(37) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x41;
            std::fs::write(&path, bytes).unwrap();
            if let Err(error) = read(&[&path], &ReadSpec::default(), &Cancel::new()) {
                assert_ne!(error.kind(), recon378_core::ErrorKind::Internal, "{at}: {error}");
            }
        }
        let mut empty = Workbook::new();
        empty.add_worksheet();
        assert_eq!(read_with(&mut empty, &ReadSpec::default()).unwrap_err().code(), "empty_file");
    }

    #[test]
    fn days_and_times_are_those_of_a_sheet() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(days_from_civil(2026, 11, 26), 20_783);
        assert_eq!(duration_text(1.5), "36:00:00");
        assert_eq!(
            moment_cell(&calamine::ExcelDateTime::new(0.5, calamine::ExcelDateTimeType::DateTime, false)),
            Cell::Text("12:00:00".to_owned())
        );
    }
}
