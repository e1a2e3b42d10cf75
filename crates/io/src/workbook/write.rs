//! Arrow to one XLSX workbook for people: a sheet per table, amounts and days as numbers that look like them.
//!
//! The numbers of a workbook are doubles, which hold 15 digits of any decimal. An amount or an integer with more is
//! written as text: no digit is lost. Text is never a formula.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::cast;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, Schema};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Rows of a sheet, the titles' included. What is more goes on in another sheet.
const SHEET_ROWS_MAX: u32 = 1_048_576;
/// Decimal digits that every double holds.
const EXACT_DIGITS: u32 = 15;
/// Characters of a cell, as UTF-16 counts them.
const CELL_CHARS_MAX: usize = 32_767;
/// Characters of a sheet's name.
const NAME_CHARS_MAX: usize = 31;
/// 1970-01-01 as a workbook counts days.
const EPOCH: i32 = 25_569;
/// 1900-03-01, the first day that all spreadsheets agree on.
const FIRST_DAY: i32 = 61 - EPOCH;
const COLUMN_WIDTHS: (usize, usize) = (10, 40);

/// What a workbook can't hold is `InvalidData`; other errors are the system's.
type Written = io::Result<()>;

/// A workbook in the making. Rows go to a temporary file as they come.
pub(crate) struct WorkbookWriter {
    workbook: Workbook,
    bold: Format,
    day: Format,
    /// The sheet that rows go to; `None` before the first table.
    sheet: Option<Sheet>,
}

struct Sheet {
    index: usize,
    /// The table's name, and how many sheets it fills so far.
    table: (String, u32),
    titles: Vec<String>,
    next_row: u32,
}

impl WorkbookWriter {
    /// An empty workbook. It tells no time, so that equal tables make equal files.
    pub(crate) fn new() -> io::Result<Self> {
        let mut workbook = Workbook::new();
        let made = ExcelDateTime::from_ymd(2000, 1, 1).map_err(text)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
        let (bold, day) = (Format::new().set_bold(), Format::new().set_num_format("yyyy-mm-dd"));
        Ok(Self { workbook, bold, day, sheet: None })
    }

    /// A sheet of rows that are written as a person reads them: cells that look like numbers are numbers.
    pub(crate) fn rows(&mut self, name: &str, rows: &[Vec<String>]) -> Written {
        guarded(|| self.write_rows(name, rows))
    }

    fn write_rows(&mut self, name: &str, rows: &[Vec<String>]) -> Written {
        let index = self.add_sheet(name)?;
        let bold = self.bold.clone();
        let mut widths: Vec<usize> = Vec::new();
        let sheet = self.workbook.worksheet_from_index(index).map_err(text)?;
        let mut begins = true;
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(cells) {
                let at = usize::from(column);
                widths.resize(widths.len().max(at + 1), 0);
                widths[at] = widths[at].max(if cells.len() > 1 { cell.chars().count() } else { 0 });
                // Names stand in the first column and in the first row of each part: they are never numbers.
                match (begins, looks_like_number(cell)) {
                    (true, _) if cells.len() > 1 => sheet.write_string_with_format(row, column, cell, &bold),
                    (false, Some((number, decimals))) if column > 0 => {
                        sheet.write_number_with_format(row, column, number, &amount_format(decimals))
                    }
                    _ => sheet.write_string(row, column, cell),
                }
                .map_err(text)?;
            }
            begins = cells.iter().all(String::is_empty);
        }
        set_widths(sheet, &widths)
    }

    /// Begins the sheet of a table.
    pub(crate) fn begin(&mut self, name: &str, schema: &Schema) -> Written {
        let titles = schema.fields().iter().map(|field| field.name().clone()).collect();
        guarded(|| self.begin_sheet((name.to_owned(), 1), titles))
    }

    fn begin_sheet(&mut self, table: (String, u32), titles: Vec<String>) -> Written {
        self.end()?;
        let index = match table.1 {
            1 => self.add_sheet(&table.0)?,
            number => self.add_sheet(&format!("{} {number}", table.0))?,
        };
        let bold = self.bold.clone();
        let sheet = self.workbook.worksheet_from_index(index).map_err(text)?;
        for (column, title) in (0..).zip(&titles) {
            sheet.write_string_with_format(0, column, title, &bold).map_err(text)?;
        }
        sheet.set_freeze_panes(1, 0).map_err(text)?;
        set_widths(sheet, &titles.iter().map(|title| title.chars().count() + 2).collect::<Vec<_>>())?;
        self.sheet = Some(Sheet { index, table, titles, next_row: 1 });
        Ok(())
    }

    /// Writes rows of the table that was begun.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Written {
        guarded(|| self.write_batch(batch))
    }

    fn write_batch(&mut self, batch: &RecordBatch) -> Written {
        let columns: Vec<Cells> = batch.columns().iter().map(Cells::of).collect::<io::Result<_>>()?;
        for row in 0..batch.num_rows() {
            let full = self.sheet.as_ref().is_some_and(|sheet| sheet.next_row == SHEET_ROWS_MAX);
            if full && let Some(sheet) = &self.sheet {
                let (table, titles) = (sheet.table.clone(), sheet.titles.clone());
                self.begin_sheet((table.0, table.1 + 1), titles)?;
            }
            let Some(sheet) = &mut self.sheet else { return Err(refused("no table was begun")) };
            let at = sheet.next_row;
            sheet.next_row += 1;
            let sheet = self.workbook.worksheet_from_index(sheet.index).map_err(text)?;
            for (column, cells) in (0..).zip(&columns) {
                cells.write(sheet, (at, column), row, &self.day)?;
            }
        }
        Ok(())
    }

    /// Ends the sheet at hand.
    fn end(&mut self) -> Written {
        if let Some(Sheet { index, titles, next_row, .. }) = self.sheet.take()
            && let Some(last) = titles.len().checked_sub(1).and_then(|last| u16::try_from(last).ok())
        {
            let sheet = self.workbook.worksheet_from_index(index).map_err(text)?;
            sheet.autofilter(0, 0, next_row - 1, last).map_err(text)?;
        }
        Ok(())
    }

    /// Writes the file.
    pub(crate) fn finish<W: Write + Send>(mut self, output: W) -> Written {
        guarded(|| {
            self.end()?;
            self.workbook.save_to_writer(output).map_err(text)
        })
    }

    fn add_sheet(&mut self, name: &str) -> io::Result<usize> {
        let sheet = self.workbook.add_worksheet_with_constant_memory().map_err(text)?;
        let name: String = name.chars().take(NAME_CHARS_MAX).collect();
        sheet.set_name(name).map_err(text)?;
        Ok(self.workbook.worksheets().len() - 1)
    }
}

fn text(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        other => refused(&other.to_string()),
    }
}

fn refused(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

/// Runs the foreign writer, which panics where its temporary file can't be written.
fn guarded<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(io::Error::other("the temporary file of the workbook can't be written. Is the disk full?"))
    })
}

fn set_widths(sheet: &mut Worksheet, widths: &[usize]) -> Written {
    for (column, width) in (0..).zip(widths) {
        let width = (*width).clamp(COLUMN_WIDTHS.0, COLUMN_WIDTHS.1);
        sheet.set_column_width(column, u32::try_from(width).unwrap_or(0)).map_err(text)?;
    }
    Ok(())
}

fn amount_format(decimals: usize) -> Format {
    let places = if decimals == 0 { String::new() } else { format!(".{}", "0".repeat(decimals)) };
    Format::new().set_num_format(format!("#,##0{places}"))
}

/// The value and the decimals of text such as `-1,204.50`. Text that a number would be written otherwise for is none.
fn looks_like_number(cell: &str) -> Option<(f64, usize)> {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let groups: Vec<&str> = whole.split(',').collect();
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_grouped = groups.len() == 1
        || (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
    let fits = !whole.is_empty()
        && is_grouped
        && (whole == "0" || !whole.starts_with('0'))
        && whole.len() + decimals.len() <= EXACT_DIGITS as usize
        && groups.iter().all(|group| all_digits(group))
        && all_digits(decimals);
    fits.then(|| cell.replace(',', "").parse().ok()).flatten().map(|number| (number, decimals.len()))
}

/// One column of a batch, as what its cells become.
enum Cells {
    /// Decimals, as text, and how they look.
    Amounts(ArrayRef, Format),
    Integers(ArrayRef),
    Doubles(ArrayRef),
    Days(ArrayRef),
    Truths(ArrayRef),
    Texts(ArrayRef),
    Others(ArrayRef),
}

impl Cells {
    fn of(column: &ArrayRef) -> io::Result<Self> {
        let to = |data_type: DataType| cast(column, &data_type).map_err(|error| refused(&error.to_string()));
        Ok(match column.data_type() {
            DataType::Decimal128(_, scale) if *scale >= 0 => {
                Self::Amounts(ArrayRef::clone(column), amount_format(usize::from(scale.unsigned_abs())))
            }
            // Beyond 64 bits stays text.
            DataType::UInt64 => match column.as_primitive::<arrow_array::types::UInt64Type>().values() {
                values if values.iter().all(|value| i64::try_from(*value).is_ok()) => {
                    Self::Integers(to(DataType::Int64)?)
                }
                _ => Self::Texts(to(DataType::LargeUtf8)?),
            },
            other if other.is_integer() => Self::Integers(to(DataType::Int64)?),
            DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                Self::Doubles(to(DataType::Float64)?)
            }
            DataType::Date32 => Self::Days(ArrayRef::clone(column)),
            DataType::Boolean => Self::Truths(ArrayRef::clone(column)),
            DataType::Dictionary(_, _) | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                Self::Texts(to(DataType::LargeUtf8)?)
            }
            _ => Self::Others(ArrayRef::clone(column)),
        })
    }

    fn write(&self, sheet: &mut Worksheet, (at, column): (u32, u16), row: usize, day: &Format) -> Written {
        let (Self::Amounts(cells, _)
        | Self::Integers(cells)
        | Self::Doubles(cells)
        | Self::Days(cells)
        | Self::Truths(cells)
        | Self::Texts(cells)
        | Self::Others(cells)) = self;
        if cells.is_null(row) {
            return Ok(());
        }
        let written = match self {
            Self::Amounts(cells, format) => {
                let units = cells.as_primitive::<Decimal128Type>().value(row);
                let plain = displayed(cells, row)?;
                match plain.parse::<f64>() {
                    Ok(number) if units.unsigned_abs() < 10_u128.pow(EXACT_DIGITS) => {
                        sheet.write_number_with_format(at, column, number, format)
                    }
                    _ => sheet.write_string(at, column, plain),
                }
            }
            Self::Integers(cells) => {
                let value = cells.as_primitive::<Int64Type>().value(row);
                if value.unsigned_abs() < 10_u64.pow(EXACT_DIGITS) {
                    #[expect(clippy::cast_precision_loss, reason = "under 2^53")]
                    let number = value as f64;
                    sheet.write_number(at, column, number)
                } else {
                    sheet.write_string(at, column, value.to_string())
                }
            }
            Self::Doubles(cells) => {
                let value = cells.as_primitive::<Float64Type>().value(row);
                if value.is_finite() {
                    sheet.write_number(at, column, value)
                } else {
                    sheet.write_string(at, column, value.to_string())
                }
            }
            Self::Days(cells) => match cells.as_primitive::<Date32Type>().value(row) {
                days if days >= FIRST_DAY => sheet.write_number_with_format(at, column, days + EPOCH, day),
                _ => sheet.write_string(at, column, displayed(cells, row)?),
            },
            Self::Truths(cells) => sheet.write_boolean(at, column, cells.as_boolean().value(row)),
            Self::Texts(cells) => {
                sheet.write_string(at, column, fitting(cells.as_string::<i64>().value(row))?)
            }
            Self::Others(cells) => sheet.write_string(at, column, fitting(&displayed(cells, row)?)?),
        };
        written.map(|_| ()).map_err(text)
    }
}

/// A text that a cell can hold.
fn fitting(cell: &str) -> io::Result<&str> {
    let chars = cell.encode_utf16().count();
    if chars <= CELL_CHARS_MAX {
        return Ok(cell);
    }
    Err(refused(&format!(
        "a text of {chars} characters, and a cell of a workbook holds {CELL_CHARS_MAX}: write parquet, csv, ndjson or \
         arrow"
    )))
}

fn displayed(cells: &ArrayRef, row: usize) -> io::Result<String> {
    let options = FormatOptions::default();
    let shown =
        ArrayFormatter::try_new(cells, &options).and_then(|formatter| formatter.value(row).try_to_string());
    shown.map_err(|error| refused(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::looks_like_number;

    #[test]
    fn only_what_a_number_would_be_written_as_is_one() {
        assert_eq!(looks_like_number("-1,204.50"), Some((-1204.5, 2)));
        assert_eq!(looks_like_number("0.00"), Some((0.0, 2)));
        assert_eq!(looks_like_number("12"), Some((12.0, 0)));
        for text in
            ["004711", "2,5", "1,20", ",500", "", "-", "1.2.3", "12 + 3", "94.0 %", "1234567890123456"]
        {
            assert_eq!(looks_like_number(text), None, "{text}");
        }
    }
}
