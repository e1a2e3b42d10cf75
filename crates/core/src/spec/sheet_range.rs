//! The part of a sheet that is read.

use std::fmt;
use std::str::FromStr;

/// A range of a sheet, such as `B3:F200`, or `B:F` for whole columns. Rows and columns are counted from 0, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetRange {
    /// First and last column.
    pub columns: (u32, u32),
    /// First and last row; all of them when absent.
    pub rows: Option<(u32, u32)>,
}

/// How a range is written.
pub(super) const EXPECTED: &str = "a range of a sheet, such as \"B3:F200\", or \"B:F\" for whole columns";

/// Text that is no [`SheetRange`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{EXPECTED}")]
pub struct NotARange;

impl SheetRange {
    /// Whether a cell is in it.
    #[must_use]
    pub fn holds(&self, row: u32, column: u32) -> bool {
        let (first, last) = self.columns;
        (first..=last).contains(&column)
            && self.rows.is_none_or(|(first, last)| (first..=last).contains(&row))
    }
}

impl FromStr for SheetRange {
    type Err = NotARange;

    fn from_str(text: &str) -> Result<Self, NotARange> {
        let (from, to) = text.split_once(':').ok_or(NotARange)?;
        let (from, to) = (corner(from).ok_or(NotARange)?, corner(to).ok_or(NotARange)?);
        let rows = match (from.1, to.1) {
            (Some(first), Some(last)) => Some((first, last)),
            (None, None) => None,
            _ => return Err(NotARange),
        };
        if from.0 > to.0 || rows.is_some_and(|(first, last)| first > last) {
            return Err(NotARange);
        }
        Ok(Self { columns: (from.0, to.0), rows })
    }
}

/// Column and row of a corner, from 0; no row for a whole column.
fn corner(text: &str) -> Option<(u32, Option<u32>)> {
    let text = text.trim().replace('$', "").to_ascii_uppercase();
    let split = text.find(|character: char| !character.is_ascii_uppercase()).unwrap_or(text.len());
    let (letters, digits) = text.split_at_checked(split)?;
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let column = letters.bytes().fold(0_u32, |column, letter| column * 26 + u32::from(letter - b'A') + 1) - 1;
    if digits.is_empty() {
        return Some((column, None));
    }
    let row: u32 = digits.parse().ok().filter(|row| *row > 0)?;
    Some((column, Some(row - 1)))
}

/// The letters of a column of a sheet: A, B, …, Z, AA, ….
#[must_use]
pub fn column_letters(column: u32) -> String {
    let mut left = u64::from(column) + 1;
    let mut letters = Vec::new();
    while left > 0 {
        letters.push(char::from(b'A' + u8::try_from((left - 1) % 26).unwrap_or(0)));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

impl fmt::Display for SheetRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (column_letters(self.columns.0), column_letters(self.columns.1));
        match self.rows {
            Some((first, last)) => write!(f, "{from}{}:{to}{}", u64::from(first) + 1, u64::from(last) + 1),
            None => write!(f, "{from}:{to}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_are_those_of_a_sheet() {
        assert_eq!([0, 25, 26, 701, 702, 16_383].map(column_letters), ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "B3",
            "C3:B4",
            "B4:B3",
            "3:4",
            "B:C4",
            ":",
            "B0:C4",
            "ABCD1:ABCD2",
            "B3:F200:G1",
            "B3-F200",
            "B-1:C2",
        ] {
            assert_eq!(text.parse::<SheetRange>(), Err(NotARange), "{text}");
        }
        let range: SheetRange = " $b$3 : f200".parse().unwrap();
        assert_eq!(
            (range.to_string().as_str(), range.columns, range.rows),
            ("B3:F200", (1, 5), Some((2, 199)))
        );
        assert!(range.holds(2, 1) && range.holds(199, 5) && !range.holds(200, 5) && !range.holds(2, 6));
    }

    proptest! {
        #[test]
        fn ranges_are_read_as_they_are_written(
            (first, more) in (0_u32..18_000, 0_u32..200),
            rows in prop::option::of((0_u32..2_000_000, 0_u32..2_000_000)),
        ) {
            prop_assume!(first + more < 18_278);
            let rows = rows.map(|(one, other)| (one.min(other), one.max(other)));
            let range = SheetRange { columns: (first, first + more), rows };
            prop_assert_eq!(range.to_string().parse(), Ok(range));
        }
    }
}
