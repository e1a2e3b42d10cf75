//! What a statement says, as exact numbers.

use super::super::cells::CellKey;
use super::super::tie_out::{CellProof, Line, LineName, Section, TieOut, TieOutLine};
use super::balances::Balances;
use crate::error::{DataError, Result};
use crate::plan::{Plan, Side};
use arrow_buffer::i256;
use std::collections::BTreeMap;

/// The statement of a run: one per cell of the tie-out or of the balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Names of the fields whose values make a cell.
    pub by: Vec<String>,
    /// Names of the sources, left first.
    pub names: [String; 2],
    /// Names of the passes.
    pub passes: Vec<String>,
    /// Digits after the point: the run's, or the balances' where they have more.
    pub scale: u8,
    /// In order of their values, nulls first.
    pub cells: Vec<CellStatement>,
}

/// The statement of one cell. Amounts are integers of 10^-scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellStatement {
    /// The cell's values; `None` is null.
    pub cell: Vec<Option<String>>,
    /// Opening balances, left and right, where known.
    pub opening: [Option<i256>; 2],
    /// Closing balances, left and right, where known.
    pub closing: [Option<i256>; 2],
    /// Sums of the sources' own records, left and right, without excluded ones and those that took the place of an open
    /// item.
    pub movement: [i256; 2],
    /// Sums of the records that an earlier run left open, left and right: carried ones, and own ones in their place.
    pub carried: [i256; 2],
    /// What explains the way from the left closing balance to the right one.
    pub lines: Vec<StatementLine>,
}

/// What a line of a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum StatementKind {
    /// The closing balance of the left source.
    ClosingLeft,
    /// Less the records open on the left, by reason.
    OpenLeft,
    /// Plus the records open on the right, by reason.
    OpenRight,
    /// Plus what matched groups explain of right − left, as the tie-out splits it.
    Matched,
    /// Plus what proposed groups explain.
    Proposed,
    /// Plus the difference of the opening balances that carried records don't explain.
    BroughtForward,
    /// The sum of all above.
    Adjusted,
    /// The closing balance of the right source.
    ClosingRight,
    /// The closing balance of the right source less the adjusted one.
    Proof,
}

impl StatementKind {
    /// All, in order.
    pub const ALL: [Self; 9] = [
        Self::ClosingLeft,
        Self::OpenLeft,
        Self::OpenRight,
        Self::Matched,
        Self::Proposed,
        Self::BroughtForward,
        Self::Adjusted,
        Self::ClosingRight,
        Self::Proof,
    ];

    /// As written in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ClosingLeft => "closing_left",
            Self::OpenLeft => "open_left",
            Self::OpenRight => "open_right",
            Self::Matched => "matched",
            Self::Proposed => "proposed",
            Self::BroughtForward => "brought_forward",
            Self::Adjusted => "adjusted",
            Self::ClosingRight => "closing_right",
            Self::Proof => "proof",
        }
    }
}

/// A line between both closing balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// What it is.
    pub kind: StatementKind,
    /// The pass of matched and proposed lines, the reason of open ones.
    pub name: LineName,
    /// The kind of difference of matched and proposed lines.
    pub part: Option<Line>,
    /// Records, where there are some to count.
    pub records: Option<u64>,
    /// What it adds on the way from left to right; `None` where it is not known.
    pub amount: Option<i256>,
}

impl Statement {
    pub(super) fn empty(plan: &Plan, scale: u8) -> Self {
        let name = |field: &usize| plan.fields[*field].name.clone();
        Self {
            by: plan.tie_out.by.iter().map(name).collect(),
            names: plan.names.clone(),
            passes: plan.passes.iter().map(|pass| pass.name.clone()).collect(),
            scale,
            cells: Vec::new(),
        }
    }

    /// `in_place`: amounts of own records that took the place of an open item, by cell and side.
    pub(super) fn of(
        plan: &Plan,
        tie_out: &TieOut,
        balances: &Balances,
        in_place: &[(&CellKey, Side, i256)],
    ) -> Self {
        let run = tie_out.scale.unwrap_or(0);
        let mut statement = Self::empty(plan, run.max(balances.scale));
        let [to_run, to_balances] = [run, balances.scale].map(|own| power(statement.scale - own));
        let mut cells: BTreeMap<&CellKey, CellStatement> = BTreeMap::new();
        for key in balances.cells.keys() {
            cells.insert(key, CellStatement::new(key));
        }
        for lines in tie_out.lines.chunk_by(|one, other| one.cell == other.cell) {
            let key = &lines[0].cell;
            cells.entry(key).or_insert_with(|| CellStatement::new(key)).explain(lines, to_run);
        }
        for (key, side, amount) in in_place {
            if let Some(cell) = cells.get_mut(key) {
                let (at, amount) = (side.index(), amount.wrapping_mul(to_run));
                cell.carried[at] = cell.carried[at].wrapping_add(amount);
                cell.movement[at] = cell.movement[at].wrapping_sub(amount);
            }
        }
        for (key, sides) in &balances.cells {
            if let Some(cell) = cells.get_mut(key) {
                let of = |at: usize, end: usize| {
                    sides[at][end].map(|amount| i256::from_i128(amount).wrapping_mul(to_balances))
                };
                cell.opening = [of(0, 0), of(1, 0)];
                cell.closing = [of(0, 1), of(1, 1)];
            }
        }
        statement.cells = cells.into_values().collect();
        for cell in &mut statement.cells {
            cell.close();
        }
        statement
    }

    /// Whether every proof that is known is zero. `None` where none is known.
    #[must_use]
    pub fn is_proven(&self) -> Option<bool> {
        let known: Vec<i256> = self.cells.iter().flat_map(CellStatement::proofs).collect();
        (!known.is_empty()).then(|| known.iter().all(|proof| *proof == i256::ZERO))
    }

    /// Whether the way from one source's balance to the other's is proven or refuted in every cell that has balances.
    pub(super) fn is_across(&self) -> bool {
        self.cells.iter().filter(|cell| cell.has_balances()).all(|cell| cell.proof().is_some())
    }

    /// Refuses sums that an Arrow decimal of 38 digits can't hold.
    pub(super) fn check_size(&self) -> Result<()> {
        let Some(limit) = i256::from_i128(10).checked_pow(38) else { return Ok(()) };
        let fits = |amount: i256| amount.wrapping_abs() < limit;
        let all_fit = self.cells.iter().all(|cell| {
            let lines = cell.lines.iter().filter_map(|line| line.amount);
            let balances = cell.opening.into_iter().chain(cell.closing).flatten();
            let sums = cell.movement.into_iter().chain(cell.carried);
            lines.chain(balances).chain(sums).chain(cell.proofs()).all(fits)
        });
        if all_fit {
            return Ok(());
        }
        let hint = "Check the balances, or split the sources";
        Err(DataError::new("total_too_large", "balances", "a sum has more than 38 digits", hint).into())
    }
}

fn power(places: u8) -> i256 {
    i256::from_i128(10_i128.pow(u32::from(places)))
}

impl CellStatement {
    fn new(key: &CellKey) -> Self {
        Self {
            cell: key.clone(),
            opening: [None; 2],
            closing: [None; 2],
            movement: [i256::ZERO; 2],
            carried: [i256::ZERO; 2],
            lines: Vec::new(),
        }
    }

    /// Takes what the tie-out says of the cell, each amount times `factor`.
    fn explain(&mut self, lines: &[TieOutLine], factor: i256) {
        let proof = CellProof::of(lines);
        for at in 0..2 {
            self.carried[at] = proof.carried[at].wrapping_mul(factor);
            self.movement[at] = proof.totals[at].wrapping_sub(proof.carried[at]).wrapping_mul(factor);
        }
        for line in lines {
            let grouped = |kind| {
                let part = Some(line.line);
                let records = Some(line.counts[0] + line.counts[1]);
                let amount = Some(line.difference.wrapping_mul(factor));
                StatementLine { kind, name: line.name, part, records, amount }
            };
            match line.section {
                Section::Total | Section::Excluded | Section::Carried => {}
                Section::Matched => self.lines.push(grouped(StatementKind::Matched)),
                Section::Proposed => self.lines.push(grouped(StatementKind::Proposed)),
                Section::Open => self.add_open(line, factor),
            }
        }
    }

    fn add_open(&mut self, line: &TieOutLine, factor: i256) {
        for (side, kind) in [(Side::Left, StatementKind::OpenLeft), (Side::Right, StatementKind::OpenRight)] {
            let at = side.index();
            if line.counts[at] > 0 {
                let amount = line.amounts[at].wrapping_mul(factor);
                let amount = if side == Side::Left { amount.wrapping_neg() } else { amount };
                let records = Some(line.counts[at]);
                self.lines.push(StatementLine {
                    kind,
                    name: line.name,
                    part: None,
                    records,
                    amount: Some(amount),
                });
            }
        }
    }

    /// Adds balances and sums, and brings the lines into their order.
    fn close(&mut self) {
        self.lines.sort_by_key(|line| (line.kind, line.name, line.part));
        let lines = std::mem::take(&mut self.lines);
        let single =
            |kind, amount| StatementLine { kind, name: LineName::None, part: None, records: None, amount };
        self.lines.push(single(StatementKind::ClosingLeft, self.closing[0]));
        self.lines.extend(lines);
        let brought = self.brought_forward();
        self.lines.push(single(StatementKind::BroughtForward, brought));
        let adjusted = self.adjusted();
        self.lines.push(single(StatementKind::Adjusted, adjusted));
        self.lines.push(single(StatementKind::ClosingRight, self.closing[1]));
        let proof = self.proof();
        self.lines.push(single(StatementKind::Proof, proof));
    }

    /// Whether a balance of the cell is known.
    #[must_use]
    pub fn has_balances(&self) -> bool {
        self.opening.iter().chain(&self.closing).any(Option::is_some)
    }

    /// Closing − opening − movement of a side: 0 where its records are complete. `None` where a balance is not known.
    #[must_use]
    pub fn side_proof(&self, side: Side) -> Option<i256> {
        let at = side.index();
        Some(self.closing[at]?.wrapping_sub(self.opening[at]?).wrapping_sub(self.movement[at]))
    }

    /// The difference of the opening balances, right − left, less that of the carried records. `None` where an opening
    /// balance is not known.
    #[must_use]
    pub fn brought_forward(&self) -> Option<i256> {
        let opening = self.opening[1]?.wrapping_sub(self.opening[0]?);
        Some(opening.wrapping_sub(self.carried[1]).wrapping_add(self.carried[0]))
    }

    /// The left closing balance with all lines that lead to the right one; what is brought forward counts 0 where it is
    /// not known. `None` where the left closing balance is not known.
    #[must_use]
    pub fn adjusted(&self) -> Option<i256> {
        let on_the_way = |line: &&StatementLine| {
            matches!(
                line.kind,
                StatementKind::OpenLeft
                    | StatementKind::OpenRight
                    | StatementKind::Matched
                    | StatementKind::Proposed
            )
        };
        let amounts = self.lines.iter().filter(on_the_way).filter_map(|line| line.amount);
        let start = self.closing[0]?.wrapping_add(self.brought_forward().unwrap_or(i256::ZERO));
        Some(amounts.fold(start, i256::wrapping_add))
    }

    /// The right closing balance less the adjusted left one: 0 where the cell is reconciled. `None` where a closing
    /// balance is not known.
    #[must_use]
    pub fn proof(&self) -> Option<i256> {
        Some(self.closing[1]?.wrapping_sub(self.adjusted()?))
    }

    /// All proofs that are known: of each side, and of the cell.
    fn proofs(&self) -> impl Iterator<Item = i256> {
        let sides = Side::BOTH.map(|side| self.side_proof(side));
        sides.into_iter().chain([self.proof()]).flatten()
    }
}
