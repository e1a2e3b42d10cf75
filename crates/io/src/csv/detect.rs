//! Where the table of a text file begins and which delimiter it has, by its first rows.

use crate::text::is_value;
use csv_core::{ReadRecordResult, ReaderBuilder};
use std::collections::BTreeSet;

/// Delimiters that are looked for, the first wins among equals.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// Rows that are looked at.
const ROWS_MAX: usize = 100;

/// Names that are names even where no row follows them: exports of a month without a booking.
pub(crate) const NAMES_SURE: usize = 3;

/// What the first rows tell.
pub(super) struct Layout {
    /// The delimiter.
    pub(super) delimiter: u8,
    /// Bytes before the line that names the columns, and the rows in them.
    pub(super) preamble_bytes: usize,
    pub(super) preamble_rows: u64,
}

/// One of the first rows.
struct Row {
    start: usize,
    cells: Vec<String>,
}

impl Row {
    /// Cells up to the last that holds something: preambles are often padded to the table's width.
    fn filled(&self) -> usize {
        self.cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1)
    }

    /// Whether it can name columns: every cell up to the last that holds something does, none is a number or a day, none
    /// stands twice. A line may end in delimiters.
    fn names_columns(&self) -> bool {
        let mut names = BTreeSet::new();
        let is_name = |cell: &String| !cell.is_empty() && !is_value(cell) && names.insert(cell.clone());
        self.filled() > 1 && self.cells[..self.filled()].iter().all(is_name)
    }
}

/// The layout of the text that begins with `sample`. `whole`: the sample is all of the file. `delimiter`: the one that is
/// known; else it is the one that cuts the most of the first rows into equally many cells, the more cells the better, and
/// a comma where none does (one column). `finds_header`: lines before the one that names the columns are looked for.
pub(super) fn layout(
    sample: &[u8],
    whole: bool,
    quote: u8,
    delimiter: Option<u8>,
    finds_header: bool,
) -> Layout {
    let known = delimiter.map(|delimiter| vec![delimiter]);
    let mut best: Option<(bool, usize, usize, u8, Vec<Row>)> = None;
    for delimiter in known.unwrap_or_else(|| DELIMITERS.into_iter().filter(|mark| *mark != quote).collect()) {
        let rows = rows(sample, whole, delimiter, quote);
        let (width, support) = width(&rows);
        let even = support == rows.len();
        let better = best.as_ref().is_none_or(|best| (even, support, width) > (best.0, best.1, best.2));
        if better && width > 1 {
            best = Some((even, support, width, delimiter, rows));
        }
    }
    let Some((_, _, width, delimiter, rows)) = best else {
        return Layout { delimiter: delimiter.unwrap_or(b','), preamble_bytes: 0, preamble_rows: 0 };
    };
    let header = if finds_header { header(&rows, width) } else { 0 };
    let preamble_bytes = rows.get(header).map_or(0, |row| if header == 0 { 0 } else { row.start });
    Layout { delimiter, preamble_bytes, preamble_rows: header as u64 }
}

/// The most frequent number of cells, from two on, the larger among equals; and how many rows have it.
fn width(rows: &[Row]) -> (usize, usize) {
    let counts: Vec<usize> = rows.iter().map(|row| row.cells.len()).filter(|cells| *cells > 1).collect();
    let support = |cells: usize| counts.iter().filter(|other| **other == cells).count();
    counts
        .iter()
        .map(|&cells| (support(cells), cells))
        .max()
        .map_or((0, 0), |(support, cells)| (cells, support))
}

/// The first row that names the columns, where every row before it plainly is no part of the table (it fills at most
/// half of the columns) and the table plainly is one: some column holds a number or a day below its name, or nothing
/// follows at least three names, as in exports of a month without a booking. The first row where that isn't so: a row is
/// rather reported than lost.
fn header(rows: &[Row], width: usize) -> usize {
    let is_header = |row: &Row| row.cells.len() == width && row.filled() * 2 > width && row.names_columns();
    let Some(header) = rows.iter().position(is_header) else { return 0 };
    let is_preamble = |row: &Row| row.filled() <= 1 || row.filled() * 2 <= width;
    let (above, below) = (&rows[..header], &rows[header + 1..]);
    let is_table = match below {
        [] => width >= NAMES_SURE,
        _ => below.iter().any(|row| row.cells.len() == width && row.cells.iter().any(|cell| is_value(cell))),
    };
    if is_table && above.iter().all(is_preamble) { header } else { 0 }
}

/// The first rows, empty lines left out.
fn rows(sample: &[u8], whole: bool, delimiter: u8, quote: u8) -> Vec<Row> {
    let mut parser = ReaderBuilder::new().delimiter(delimiter).quote(quote).build();
    let mut output = vec![0; sample.len() + 1];
    let mut ends = vec![0; sample.len() + 1];
    let mut rows = Vec::new();
    let (mut at, mut written, mut found, mut start) = (0, 0, 0, None);
    while rows.len() < ROWS_MAX {
        if start.is_none() {
            at += sample[at..].iter().take_while(|&&byte| byte == b'\r' || byte == b'\n').count();
            start = Some(at);
        }
        let (result, read, wrote, ended) =
            parser.read_record(&sample[at..], &mut output[written..], &mut ends[found..]);
        (at, written, found) = (at + read, written + wrote, found + ended);
        match result {
            ReadRecordResult::Record => {
                let cell = |index: usize| {
                    let from = if index == 0 { 0 } else { ends[index - 1] };
                    String::from_utf8_lossy(output.get(from..ends[index]).unwrap_or_default())
                        .trim()
                        .to_owned()
                };
                rows.push(Row { start: start.unwrap_or(0), cells: (0..found).map(cell).collect() });
                (written, found, start) = (0, 0, None);
            }
            // An empty input ends the last row, which is whole only when the sample is.
            ReadRecordResult::InputEmpty if whole => {}
            _ => break,
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (char, &str) {
        let layout = layout(text.as_bytes(), true, b'"', None, true);
        (char::from(layout.delimiter), text.get(layout.preamble_bytes..).unwrap())
    }

    #[test]
    fn delimiter_is_the_one_that_cuts_most_rows_alike() {
        assert_eq!(found("id;amount\n1;2,50\n2;3,00\n").0, ';');
        assert_eq!(found("id\tnote\n1\ta, b\n2\tc\n").0, '\t');
        assert_eq!(found("Account 12, Zurich\n\nid|amount|text\n1|2,5|a\n2|3,0|b\n").0, '|');
        assert_eq!(found("only\none\n").0, ',');
    }

    #[test]
    fn lines_before_the_header_are_found_where_they_are_plain() {
        let table = "date;text;amount\n2026-01-01;rent;5,00\n2026-01-02;food;7,00\n";
        for preamble in
            ["", "Account 4711\n", "Account;4711;\nPeriod;01.01.2026;\n\n", "\u{2003}\nBank of Nowhere\n"]
        {
            let text = format!("{preamble}{table}");
            // Three columns: a line of two cells may be a row that lacks one.
            let expected = if preamble.contains("4711;") { text.as_str() } else { table };
            assert_eq!(found(&text).1, expected, "{preamble:?}");
        }
        assert_eq!(found("Account 4711\n\ndate;text;amount\n").1, "date;text;amount\n");
        assert_eq!(found("Account 4711\n\nref;amount;\nA;1.00;\n").1, "ref;amount;\nA;1.00;\n");
        let wide = "date;text;amount;balance\n2026-01-01;rent;5,00;1\n";
        assert_eq!(found(&format!("Account;4711\nPeriod;2026;;\n{wide}")).1, wide);
    }

    #[test]
    fn what_may_be_a_row_is_no_preamble() {
        for text in [
            "id,name\na1,Bob,x\na2,Ann,y\n",
            "2026-01-01,5\n2026-01-02,7\n",
            "a,b,c\n1,2\n3,4\n5,6\n",
            "one\n1,2\n3,4\n",
            "note\nbread; butter\n",
            "payee;\nAlice;x\nBob;y\n",
            "ref;name\nA;Bob;x;y\nB;Ann;x;y\n",
        ] {
            assert_eq!(found(text).1, text);
        }
    }
}
