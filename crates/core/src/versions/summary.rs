//! The figures of a comparison, as data and in words.

use super::cells::{Differing, Kind, Largest};
use super::columns::{Compared, Layout};
use super::rows::Paired;
use super::table::Table;
use serde::Serialize;
use std::fmt;

/// The figures of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparisonSummary {
    /// Whether the tables are equal: the same columns, every row with a partner, no cell that differs.
    pub equal: bool,
    /// What the two tables are called, left and right.
    pub names: [String; 2],
    /// Rows, left and right.
    pub rows: [u64; 2],
    /// Rows that have a partner.
    pub paired_rows: u64,
    /// Pairs of rows in which a cell differs.
    pub changed_rows: u64,
    /// Left rows without a partner.
    pub only_left: u64,
    /// Right rows without a partner.
    pub only_right: u64,
    /// Cells that differ.
    pub differing_cells: u64,
    /// Names of the key's columns on the left.
    pub key: Vec<String>,
    /// Keys that more than one row of a side has.
    pub repeated_keys: u64,
    /// Keys whose rows were too many to be paired by assignment.
    pub limited_keys: u64,
    /// Each compared column, in the left table's order.
    pub columns: Vec<ColumnSummary>,
    /// Columns that only the left or only the right table has.
    pub one_sided: OneSided,
    /// Columns that both have and that were not compared.
    pub ignored: Vec<String>,
}

/// Columns without a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OneSided {
    /// Of the left table.
    pub left: Vec<String>,
    /// Of the right table.
    pub right: Vec<String>,
}

/// The figures of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnSummary {
    /// Its name on the left.
    pub name: String,
    /// Its name on the right.
    pub right_name: String,
    /// Its types, left and right.
    pub types: [String; 2],
    /// Whether its values are of another kind on the other side.
    pub type_changed: bool,
    /// Cells that differ, by kind: `changed, nulled, filled, format, space_or_case`.
    pub differing: u64,
    /// Another value.
    pub changed: u64,
    /// A value that became null.
    pub nulled: u64,
    /// A null that became a value.
    pub filled: u64,
    /// The same number, written otherwise.
    pub format: u64,
    /// The same text but for spaces and case.
    pub space_or_case: u64,
    /// The largest difference, where its cells are numbers.
    pub largest: Option<LargestDifference>,
}

/// The largest difference of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LargestDifference {
    /// right − left.
    pub delta: String,
    /// Its row on the left.
    pub left_row: u64,
    /// Its row on the right.
    pub right_row: u64,
}

impl ComparisonSummary {
    /// As JSON, with a line feed at its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings and numbers always have a JSON form.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    fn rows_in_words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [left, right] = self.rows;
        let [one, other] = &self.names;
        writeln!(f, "key             {}", self.key.join(", "))?;
        writeln!(f, "rows            {left} in {one}, {right} in {other}")?;
        writeln!(f, "with a partner  {}, of which {} changed", self.paired_rows, self.changed_rows)?;
        writeln!(f, "without one     {} in {one}, {} in {other}", self.only_left, self.only_right)?;
        if self.repeated_keys > 0 {
            write!(f, "repeated keys   {}", self.repeated_keys)?;
            if self.limited_keys > 0 {
                write!(f, ", of which {} had too many rows: paired in sorted order", self.limited_keys)?;
            }
            writeln!(f)?;
        }
        for (name, columns) in [(one, &self.one_sided.left), (other, &self.one_sided.right)] {
            if !columns.is_empty() {
                writeln!(f, "columns only in {name}: {}", columns.join(", "))?;
            }
        }
        for column in self.columns.iter().filter(|column| column.type_changed) {
            let [left, right] = &column.types;
            writeln!(f, "type of {}: {left} in {one}, {right} in {other}", column.name)?;
        }
        Ok(())
    }
}

impl fmt::Display for ComparisonSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", if self.equal { "equal" } else { "different" })?;
        writeln!(f)?;
        self.rows_in_words(f)?;
        let differing: Vec<_> = self.columns.iter().filter(|column| column.differing > 0).collect();
        if differing.is_empty() {
            return Ok(());
        }
        let width = differing.iter().map(|column| column.name.chars().count()).max().unwrap_or(0).max(6);
        writeln!(f)?;
        writeln!(
            f,
            "{:<width$}  {:>9}  {:>7}  {:>6}  {:>6}  {:>6}  {:>10}  largest",
            "column", "differing", "changed", "nulled", "filled", "format", "space/case"
        )?;
        for column in differing {
            let ColumnSummary { name, differing, changed, nulled, filled, format, space_or_case, .. } =
                column;
            let largest = column.largest.as_ref().map_or("", |largest| &largest.delta);
            let line = format!(
                "{name:<width$}  {differing:>9}  {changed:>7}  {nulled:>6}  {filled:>6}  {format:>6}  {space_or_case:>10}  {largest}"
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// The figures of what was found; `changed_rows` pairs have a cell that differs.
pub(super) fn summary(
    layout: &Layout,
    tables: &[Table<'_>; 2],
    (paired, changed_rows): (&Paired, u64),
    found: &[Vec<Differing>],
) -> ComparisonSummary {
    let columns: Vec<ColumnSummary> = layout
        .columns
        .iter()
        .zip(found)
        .map(|(column, parts)| column_summary(column, parts, paired))
        .collect();
    let differing_cells: u64 = columns.iter().map(|column| column.differing).sum();
    let alone = paired.alone.each_ref().map(|rows| rows.len() as u64);
    let [left, right] = layout.one_sided.clone();
    let same_columns = left.is_empty() && right.is_empty();
    ComparisonSummary {
        equal: same_columns && alone == [0, 0] && differing_cells == 0,
        names: tables.each_ref().map(|table| table.name.to_owned()),
        rows: tables.each_ref().map(|table| table.rows.into()),
        paired_rows: paired.pairs.len() as u64,
        changed_rows,
        only_left: alone[0],
        only_right: alone[1],
        differing_cells,
        key: layout.key.iter().map(|column| column.names[0].clone()).collect(),
        repeated_keys: paired.repeated_keys,
        limited_keys: paired.limited_keys,
        columns,
        one_sided: OneSided { left, right },
        ignored: layout.ignored.clone(),
    }
}

fn column_summary(column: &Compared, parts: &[Differing], paired: &Paired) -> ColumnSummary {
    let mut counts = [0_u64; Kind::ALL.len()];
    parts.iter().flat_map(|part| &part.kinds).for_each(|kind| counts[*kind as usize] += 1);
    let [changed, nulled, filled, format, space_or_case] = counts;
    let largest = parts.iter().filter_map(|part| part.largest.clone()).reduce(Largest::or_larger);
    let largest = largest.map(|largest| {
        let (left_row, right_row) = paired.pairs[largest.pair as usize];
        LargestDifference { delta: largest.delta, left_row: left_row.into(), right_row: right_row.into() }
    });
    ColumnSummary {
        name: column.names[0].clone(),
        right_name: column.names[1].clone(),
        types: column.types.each_ref().map(ToString::to_string),
        type_changed: column.type_changed(),
        differing: counts.iter().sum(),
        changed,
        nulled,
        filled,
        format,
        space_or_case,
        largest,
    }
}
