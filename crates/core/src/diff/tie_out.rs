//! The terms of the tie-out, before and after.

use super::columns::TableReader;
use super::money::amount;
use super::summary::{DiffCell, TermChange};
use crate::error::{DataError, Error, Result};
use crate::outcome::money_text;
use arrow_array::{Array as _, Decimal128Array, StringViewArray};
use arrow_buffer::i256;
use std::collections::BTreeMap;

/// The terms, in the order in which they are told. The identity of every cell is
/// right − left = matched + proposed + `open_right` − `open_left`.
pub(super) const TERMS: [&str; 6] = ["left", "right", "matched", "proposed", "open_left", "open_right"];

/// The values that make a cell.
pub(super) type Cell = Vec<Option<String>>;

/// The tie-out of one outcome.
pub(super) struct TieOutCells {
    /// Names of the fields that make a cell.
    pub(super) by: Vec<String>,
    /// Sums by the order of [`TERMS`]; `None`: no amount is tied out.
    pub(super) cells: BTreeMap<Cell, [Option<i256>; 6]>,
}

impl TieOutCells {
    pub(super) fn read(reader: &TableReader<'_>, scale: i8) -> Result<Self> {
        let by: Vec<String> = reader.names().into_iter().take_while(|name| name != "section").collect();
        let keys: Vec<StringViewArray> = by.iter().map(|name| reader.texts(name)).collect::<Result<_>>()?;
        let sections = reader.texts("section")?;
        let [left, right, difference] =
            ["left_amount", "right_amount", "difference"].map(|column| reader.amounts(column, scale));
        let amounts = [left?, right?, difference?];
        let mut cells: BTreeMap<Cell, [Option<i256>; 6]> = BTreeMap::new();
        for row in 0..reader.rows {
            let text = |key: &StringViewArray| {
                key.is_valid(row).then(|| key.value(row)).filter(|text| !text.is_empty()).map(str::to_owned)
            };
            let terms = cells.entry(keys.iter().map(text).collect()).or_insert([None; 6]);
            add(terms, sections.value(row), &amounts, row);
        }
        Ok(Self { by, cells })
    }
}

/// Adds one row of `tie_out` to the terms of its cell.
fn add(terms: &mut [Option<i256>; 6], section: &str, amounts: &[Decimal128Array; 3], row: usize) {
    let mut add = |term: usize, at: usize| {
        if let Some(value) = amount(&amounts[at], row) {
            let sum = terms[term].unwrap_or(i256::ZERO);
            terms[term] = Some(sum.wrapping_add(i256::from_i128(value)));
        }
    };
    match section {
        "total" => {
            add(0, 0);
            add(1, 1);
        }
        "matched" => add(2, 2),
        "proposed" => add(3, 2),
        "open" => {
            add(4, 0);
            add(5, 1);
        }
        _ => {}
    }
}

/// A cell's terms in both outcomes.
pub(super) struct CellTerms {
    pub(super) cell: Cell,
    /// Old and new, by term. A term that has no rows is 0 where amounts are tied out.
    pub(super) terms: [[Option<i256>; 2]; 6],
}

impl CellTerms {
    /// Whether nothing of it moved.
    pub(super) fn is_same(&self) -> bool {
        self.terms.iter().all(|[old, new]| old == new)
    }

    /// New − old.
    pub(super) fn change([old, new]: [Option<i256>; 2]) -> Option<i256> {
        Some(new?.wrapping_sub(old?))
    }

    /// As text.
    pub(super) fn told(&self, scale: u8) -> DiffCell {
        let text = |value: Option<i256>| value.map(|value| money_text(value, scale));
        let term = |(name, terms): (&&'static str, &[Option<i256>; 2])| TermChange {
            term: name,
            old: text(terms[0]),
            new: text(terms[1]),
            change: text(Self::change(*terms)),
        };
        DiffCell { cell: self.cell.clone(), terms: TERMS.iter().zip(&self.terms).map(term).collect() }
    }
}

/// All cells of both outcomes, in the order of their values, nulls first. `None`: cells are made of other fields.
pub(super) fn beside(old: &TieOutCells, new: &TieOutCells) -> Option<Vec<CellTerms>> {
    let both = [old, new];
    if old.by != new.by && both.iter().all(|tie_out| !tie_out.cells.is_empty()) {
        return None;
    }
    let tied = both.map(|tie_out| tie_out.cells.values().flatten().any(Option::is_some));
    // An outcome without records has no cells and ties out whatever the other does.
    let tied = [0, 1].map(|at| tied[at] || (both[at].cells.is_empty() && tied[1 - at]));
    let mut cells: Vec<Cell> = old.cells.keys().chain(new.cells.keys()).cloned().collect();
    cells.sort_unstable();
    cells.dedup();
    let beside = |cell: Cell| {
        let of = |at: usize, term: usize| {
            let known = both[at].cells.get(&cell).and_then(|terms| terms[term]);
            known.or(tied[at].then_some(i256::ZERO))
        };
        let terms = std::array::from_fn(|term| [of(0, term), of(1, term)]);
        CellTerms { cell, terms }
    };
    Some(cells.into_iter().map(beside).collect())
}

/// A sum as an Arrow decimal.
pub(super) fn fitting(value: Option<i256>) -> Result<Option<i128>> {
    let too_large = || {
        let (problem, hint) =
            ("a change has more than 38 digits", "Diff outcomes of smaller amounts, or of fewer records");
        Error::from(DataError::new("total_too_large", "the diff", problem, hint))
    };
    // 38 digits are what an Arrow decimal promises to hold.
    let end = 10_i128.pow(38);
    let fits = |value: i256| value.to_i128().filter(|value| *value > -end && *value < end);
    value.map(|value| fits(value).ok_or_else(too_large)).transpose()
}
