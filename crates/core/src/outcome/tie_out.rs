//! The tie-out: an exact identity per cell that explains the totals of both sides to the last unit.
//!
//! `right_total − left_total = matched + proposed + open_right − open_left`. The totals come from the prepared
//! columns, the other terms from what the passes found, so that the check checks.

use super::cells::CellKey;
use super::found::Reason;
use super::gather::{TableBuilder, internal, names, numbers};
use crate::error::{DataError, Error, Result};
use crate::plan::Side;
use arrow_array::types::{Decimal128Type, Int8Type, Int16Type, UInt64Type};
use arrow_array::{Array as _, ArrayRef, PrimitiveArray, RecordBatch, StringArray};
use arrow_buffer::i256;
use std::sync::Arc;

/// What a line of the tie-out is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Section {
    /// All records that are not excluded.
    Total,
    /// Records that `where` left out. Not part of the totals.
    Excluded,
    /// Records that came from the open items of an earlier run. Part of the totals.
    Carried,
    /// Members of matched groups.
    Matched,
    /// Members of proposed groups.
    Proposed,
    /// Breaks.
    Open,
}

impl Section {
    /// All, in order.
    pub const ALL: &'static [Self] =
        &[Self::Total, Self::Excluded, Self::Carried, Self::Matched, Self::Proposed, Self::Open];

    /// As written in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Excluded => "excluded",
            Self::Carried => "carried",
            Self::Matched => "matched",
            Self::Proposed => "proposed",
            Self::Open => "open",
        }
    }
}

/// What kind of difference a line of the tie-out holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Line {
    /// Plain amounts: of totals, excluded, carried and open records.
    Amount,
    /// Groups whose members stand in this cell: the variance by the pass's sign rule.
    Variance,
    /// Of the same groups: what the sign rule explains of right − left. Its records are counted under `variance`.
    Sign,
    /// Of the same groups: what the pass's fees explain of right − left, counted likewise.
    Fee,
    /// Members whose partner stands in another cell because the pass turns one currency into the other.
    Conversion,
    /// Members whose partner stands in another cell.
    OtherCell,
    /// Members of groups inside one source.
    Netted,
}

impl Line {
    /// All, in order.
    pub const ALL: &'static [Self] = &[
        Self::Amount,
        Self::Variance,
        Self::Sign,
        Self::Fee,
        Self::Conversion,
        Self::OtherCell,
        Self::Netted,
    ];

    /// As written in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Variance => "variance",
            Self::Sign => "sign",
            Self::Fee => "fee",
            Self::Conversion => "conversion",
            Self::OtherCell => "other_cell",
            Self::Netted => "netted",
        }
    }
}

/// The pass or the reason of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineName {
    /// Of all passes and reasons.
    None,
    /// A pass, by its position in the plan.
    Pass(u16),
    /// A reason.
    Reason(Reason),
}

/// One line of the tie-out. Amounts are integers of 10^-scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieOutLine {
    /// The cell's values, by the fields of [`TieOut::by`]; `None` is null.
    pub cell: Vec<Option<String>>,
    /// What the line is about.
    pub section: Section,
    /// The pass or reason.
    pub name: LineName,
    /// The kind of difference.
    pub line: Line,
    /// Records, left and right.
    pub counts: [u64; 2],
    /// Amounts of these records, left and right; a null amount adds 0.
    pub amounts: [i256; 2],
    /// The line's part in right − left.
    pub difference: i256,
}

impl TieOutLine {
    /// Where the line stands among the others.
    pub(super) fn place(&self) -> (&CellKey, Section, LineName, Line) {
        (&self.cell, self.section, self.name, self.line)
    }
}

/// The tie-out of a run, or of one partition of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TieOut {
    /// Names of the fields whose values make a cell.
    pub by: Vec<String>,
    /// Names of the passes.
    pub passes: Vec<String>,
    /// Digits after the point of the amounts; `None`: records are only counted.
    pub scale: Option<u8>,
    /// Sorted by cell (nulls first), section, pass or reason, kind. Only lines that occur.
    pub lines: Vec<TieOutLine>,
}

/// The proof of one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellProof {
    /// The cell's values.
    pub cell: Vec<Option<String>>,
    /// Records of the totals, left and right.
    pub counts: [u64; 2],
    /// Totals, left and right.
    pub totals: [i256; 2],
    /// What of the totals came from open items, left and right.
    pub carried: [i256; 2],
    /// Difference explained by matched groups.
    pub matched: i256,
    /// Difference explained by proposed groups.
    pub proposed: i256,
    /// Open amounts, left and right.
    pub open: [i256; 2],
    /// What is left unexplained: 0, or the engine is wrong.
    pub unexplained: i256,
    /// Records less those in groups and breaks, per side: 0.
    pub uncounted: [i128; 2],
}

impl TieOut {
    /// Adds the tie-out of another partition of the same plan. Exact; the order of merging makes no difference.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let scale = self.scale.or(other.scale);
        let (by, passes) = if self.by.is_empty() && self.passes.is_empty() {
            (other.by, other.passes)
        } else {
            (self.by, self.passes)
        };
        let mut lines = self.lines;
        lines.extend(other.lines);
        lines.sort_by(|one, other| one.place().cmp(&other.place()));
        lines.dedup_by(|next, kept| {
            let same = next.place() == kept.place();
            if same {
                kept.absorb(next);
            }
            same
        });
        Self { by, passes, scale, lines }
    }

    /// The cells, each with its proof, in order.
    #[must_use]
    pub fn proofs(&self) -> Vec<CellProof> {
        self.lines.chunk_by(|one, other| one.cell == other.cell).map(CellProof::of).collect()
    }

    /// Checks the identity in every cell, for amounts and for counts.
    ///
    /// # Errors
    /// [`Error::Internal`] where it doesn't hold.
    pub fn check(&self) -> Result<()> {
        for proof in self.proofs() {
            if proof.unexplained != i256::ZERO || proof.uncounted != [0, 0] {
                return Err(Error::Internal(format!(
                    "the cell {:?} does not tie out: {} units and {:?} records are unexplained",
                    proof.cell, proof.unexplained, proof.uncounted
                )));
            }
        }
        Ok(())
    }

    /// Refuses sums that an Arrow decimal of 38 digits can't hold.
    pub(super) fn check_size(&self, names: &[String; 2], field: &str) -> Result<()> {
        let (Some(limit), true) = (i256::from_i128(10).checked_pow(38), self.scale.is_some()) else {
            return Ok(());
        };
        let fits = |amount: i256| amount.wrapping_abs() < limit;
        for line in &self.lines {
            for side in Side::BOTH {
                if !fits(line.amounts[side.index()]) || !fits(line.difference) {
                    let hint = "Check the scale of the field, or split the sources";
                    let problem = "a total has more than 38 digits";
                    let error = DataError::new("total_too_large", &names[side.index()], problem, hint);
                    return Err(error.field(field).into());
                }
            }
        }
        Ok(())
    }

    /// The table `tie_out`.
    ///
    /// # Errors
    /// [`Error::Internal`] where Arrow refuses the columns.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let lines = &self.lines;
        let rows = lines.len();
        let mut table = TableBuilder::default();
        add_cells(&mut table, (&self.by, FIXED_COLUMNS), rows, |row| &lines[row].cell);
        table.full("section", || {
            names::<Int8Type, _>(rows, &section_names(), |row| key(lines[row].section as usize))
        });
        table.nullable("name", || self.line_names());
        table.full("line", || {
            names::<Int8Type, _>(rows, &self.kind_names(), |row| key(lines[row].line as usize))
        });
        for side in Side::BOTH {
            let at = side.index();
            table.full(&format!("{}_count", side.name()), move || {
                numbers::<UInt64Type>(rows, |row| lines[row].counts[at])
            });
        }
        for side in Side::BOTH {
            let at = side.index();
            let name = format!("{}_amount", side.name());
            table.nullable(&name, move || self.decimals(|line| line.amounts[at]));
        }
        table.nullable("difference", || self.decimals(|line| line.difference));
        table.build()
    }

    /// Without an amount there is nothing to vary: records are counted.
    fn kind_names(&self) -> Vec<&'static str> {
        let counted = |line: Line| self.scale.is_none() && matches!(line, Line::Amount | Line::Variance);
        Line::ALL.iter().map(|line| if counted(*line) { "count" } else { line.name() }).collect()
    }

    fn line_names(&self) -> Result<ArrayRef> {
        let mut values: Vec<&str> = self.passes.iter().map(String::as_str).collect();
        values.extend(Reason::ALL.iter().map(|reason| reason.name()));
        let key = |row: usize| match self.lines[row].name {
            LineName::None => None,
            LineName::Pass(pass) => i16::try_from(pass).ok(),
            LineName::Reason(reason) => i16::try_from(self.passes.len() + reason as usize).ok(),
        };
        names::<Int16Type, _>(self.lines.len(), &values, key)
    }

    fn decimals(&self, amount: impl Fn(&TieOutLine) -> i256) -> Result<ArrayRef> {
        let array: PrimitiveArray<Decimal128Type> = match self.scale {
            Some(_) => self.lines.iter().map(|line| amount(line).to_i128()).collect(),
            None => PrimitiveArray::new_null(self.lines.len()),
        };
        let scale = i8::try_from(self.scale.unwrap_or(0)).map_err(internal)?;
        if self.scale.is_some() && array.null_count() > 0 {
            return Err(internal("an amount passes 128 bits"));
        }
        Ok(Arc::new(array.with_precision_and_scale(38, scale).map_err(internal)?))
    }
}

/// Adds a column per field that makes a cell; where its name is taken, it becomes `cell_<field>`.
pub(super) fn add_cells<'a>(
    table: &mut TableBuilder<'a>,
    (by, taken): (&[String], &[&str]),
    rows: usize,
    cell: impl Fn(usize) -> &'a CellKey + Copy + Send + Sync + 'a,
) {
    for (position, field) in by.iter().enumerate() {
        let name = if taken.contains(&field.as_str()) { format!("cell_{field}") } else { field.clone() };
        table.nullable(&name, move || {
            let cells = (0..rows).map(|row| cell(row).get(position).and_then(Option::as_deref));
            Ok(Arc::new(cells.collect::<StringArray>()))
        });
    }
}

/// Column names that a field can't take.
const FIXED_COLUMNS: &[&str] =
    &["section", "name", "line", "left_count", "right_count", "left_amount", "right_amount", "difference"];

fn section_names() -> Vec<&'static str> {
    Section::ALL.iter().map(|section| section.name()).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "a key of a dictionary whose keys may be null")]
fn key(position: usize) -> Option<i8> {
    Some(i8::try_from(position).unwrap_or(i8::MAX))
}

impl TieOutLine {
    fn absorb(&mut self, other: &Self) {
        for at in 0..2 {
            self.counts[at] += other.counts[at];
            self.amounts[at] = self.amounts[at].wrapping_add(other.amounts[at]);
        }
        self.difference = self.difference.wrapping_add(other.difference);
    }
}

impl CellProof {
    /// The proof of one cell's lines.
    pub(super) fn of(lines: &[TieOutLine]) -> Self {
        let mut proof = Self {
            cell: lines.first().map(|line| line.cell.clone()).unwrap_or_default(),
            counts: [0; 2],
            totals: [i256::ZERO; 2],
            carried: [i256::ZERO; 2],
            matched: i256::ZERO,
            proposed: i256::ZERO,
            open: [i256::ZERO; 2],
            unexplained: i256::ZERO,
            uncounted: [0; 2],
        };
        for line in lines {
            proof.add(line);
        }
        let [left, right] = proof.totals;
        let [open_left, open_right] = proof.open;
        let explained = proof.matched.wrapping_add(proof.proposed).wrapping_add(open_right);
        proof.unexplained = right.wrapping_sub(left).wrapping_sub(explained).wrapping_add(open_left);
        proof
    }

    fn add(&mut self, line: &TieOutLine) {
        for at in 0..2 {
            let count = i128::from(line.counts[at]);
            match line.section {
                Section::Total => {
                    self.counts[at] += line.counts[at];
                    self.totals[at] = self.totals[at].wrapping_add(line.amounts[at]);
                    self.uncounted[at] += count;
                }
                Section::Excluded => {}
                Section::Carried => self.carried[at] = self.carried[at].wrapping_add(line.amounts[at]),
                Section::Matched | Section::Proposed => self.uncounted[at] -= count,
                Section::Open => {
                    self.open[at] = self.open[at].wrapping_add(line.amounts[at]);
                    self.uncounted[at] -= count;
                }
            }
        }
        match line.section {
            Section::Matched => self.matched = self.matched.wrapping_add(line.difference),
            Section::Proposed => self.proposed = self.proposed.wrapping_add(line.difference),
            Section::Total | Section::Excluded | Section::Carried | Section::Open => {}
        }
    }
}
