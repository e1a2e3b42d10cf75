//! Which delimiter a CSV file has, by its first rows.

use csv_core::{ReadRecordResult, ReaderBuilder};

/// Delimiters that are looked for, the first wins among equals.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// Rows that are looked at.
const ROWS_MAX: usize = 50;

/// The delimiter of the text that begins with `sample`: the one that cuts the first rows into equally many cells,
/// the more the better. `whole`: the sample is all of the file. Without any, a comma (one column).
pub(super) fn delimiter(sample: &[u8], whole: bool, quote: u8) -> u8 {
    let mut best = (false, 1, b',');
    for delimiter in DELIMITERS {
        if delimiter == quote {
            continue;
        }
        let counts = cells(sample, whole, delimiter, quote);
        let Some(&header) = counts.first() else { continue };
        let even = counts.iter().all(|&count| count == header);
        if header > 1 && (even, header) > (best.0, best.1) {
            best = (even, header, delimiter);
        }
    }
    best.2
}

/// Cells of each of the first rows.
fn cells(sample: &[u8], whole: bool, delimiter: u8, quote: u8) -> Vec<usize> {
    let mut parser = ReaderBuilder::new().delimiter(delimiter).quote(quote).build();
    let mut output = vec![0; sample.len() + 1];
    let mut ends = vec![0; sample.len() + 1];
    let mut counts = Vec::new();
    let (mut at, mut found) = (0, 0);
    while counts.len() < ROWS_MAX {
        let (result, read, _, ended) = parser.read_record(&sample[at..], &mut output, &mut ends);
        at += read;
        found += ended;
        match result {
            ReadRecordResult::Record => {
                counts.push(found);
                found = 0;
            }
            // An empty input ends the last row, which is whole only when the sample is.
            ReadRecordResult::InputEmpty if whole => {}
            _ => break,
        }
    }
    counts
}
