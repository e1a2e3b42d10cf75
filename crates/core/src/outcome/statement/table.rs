//! The tables `balances` and `statement`.

use super::super::found::Reason;
use super::super::gather::{TableBuilder, internal, names, numbers};
use super::super::tie_out::{Line, LineName};
use super::cell_column;
use super::lines::{CellStatement, Statement, StatementKind, StatementLine};
use crate::columns::row_of;
use crate::error::Result;
use crate::plan::Side;
use arrow_array::types::{Decimal128Type, Int8Type, Int16Type, UInt32Type};
use arrow_array::{ArrayRef, PrimitiveArray, RecordBatch, StringArray, UInt64Array};
use arrow_buffer::i256;
use std::sync::Arc;

const BALANCES_COLUMNS: [&str; 12] = [
    "left_opening",
    "left_movement",
    "left_closing",
    "left_proof",
    "right_opening",
    "right_movement",
    "right_closing",
    "right_proof",
    "left_carried",
    "right_carried",
    "brought_forward",
    "proof",
];
const STATEMENT_COLUMNS: [&str; 6] = ["number", "line", "name", "part", "records", "amount"];

/// One row per cell.
pub(super) fn balances(statement: &Statement) -> Result<RecordBatch> {
    let cells = &statement.cells;
    let mut table = TableBuilder::default();
    add_cells(&mut table, statement, &BALANCES_COLUMNS, cells.iter().collect());
    table.together(&BALANCES_COLUMNS, move || {
        let of = |amount: &dyn Fn(&CellStatement) -> Option<i256>| {
            decimals(cells.iter().map(amount), statement.scale)
        };
        let mut columns = Vec::new();
        for side in Side::BOTH {
            let at = side.index();
            columns.push(of(&|cell| cell.opening[at])?);
            columns.push(of(&|cell| Some(cell.movement[at]))?);
            columns.push(of(&|cell| cell.closing[at])?);
            columns.push(of(&|cell| cell.side_proof(side))?);
        }
        columns.push(of(&|cell| Some(cell.carried[0]))?);
        columns.push(of(&|cell| Some(cell.carried[1]))?);
        columns.push(of(&CellStatement::brought_forward)?);
        columns.push(of(&CellStatement::proof)?);
        Ok(columns)
    });
    table.build()
}

/// One row per cell and line.
pub(super) fn statement(statement: &Statement) -> Result<RecordBatch> {
    let lines: Vec<(&CellStatement, u32, &StatementLine)> = statement
        .cells
        .iter()
        .flat_map(|cell| cell.lines.iter().enumerate().map(move |(at, line)| (cell, row_of(at + 1), line)))
        .collect();
    let lines = &lines;
    let rows = lines.len();
    let mut table = TableBuilder::default();
    add_cells(&mut table, statement, &STATEMENT_COLUMNS, lines.iter().map(|(cell, ..)| *cell).collect());
    table.full("number", move || numbers::<UInt32Type>(rows, |at| lines[at].1));
    table.full("line", move || {
        let all = StatementKind::ALL.map(StatementKind::name);
        names::<Int8Type, _>(rows, &all, |at| i8::try_from(lines[at].2.kind as usize).ok())
    });
    table.nullable("name", move || {
        let mut all: Vec<&str> = statement.passes.iter().map(String::as_str).collect();
        all.extend(Reason::ALL.iter().map(|reason| reason.name()));
        names::<Int16Type, _>(rows, &all, |at| match lines[at].2.name {
            LineName::None => None,
            LineName::Pass(pass) => i16::try_from(pass).ok(),
            LineName::Reason(reason) => i16::try_from(statement.passes.len() + reason as usize).ok(),
        })
    });
    table.nullable("part", move || {
        let all: Vec<&str> = Line::ALL.iter().map(|line| line.name()).collect();
        names::<Int8Type, _>(rows, &all, |at| i8::try_from(lines[at].2.part? as usize).ok())
    });
    table.nullable("records", move || {
        Ok(Arc::new(lines.iter().map(|(.., line)| line.records).collect::<UInt64Array>()))
    });
    table.nullable("amount", move || decimals(lines.iter().map(|(.., line)| line.amount), statement.scale));
    table.build()
}

fn add_cells<'a>(
    table: &mut TableBuilder<'a>,
    statement: &'a Statement,
    fixed: &[&str],
    cells: Vec<&'a CellStatement>,
) {
    let cells = Arc::new(cells);
    for (position, field) in statement.by.iter().enumerate() {
        let cells = Arc::clone(&cells);
        table.nullable(&cell_column(field, fixed), move || {
            let values = cells.iter().map(|cell| cell.cell.get(position).and_then(Option::as_deref));
            Ok(Arc::new(values.collect::<StringArray>()))
        });
    }
}

/// Amounts that are known to fit.
fn decimals(amounts: impl Iterator<Item = Option<i256>>, scale: u8) -> Result<ArrayRef> {
    let units = amounts.map(|amount| match amount.map(i256::to_i128) {
        Some(None) => Err(internal("an amount passes 128 bits")),
        Some(units) => Ok(units),
        None => Ok(None),
    });
    let array: PrimitiveArray<Decimal128Type> = units.collect::<Result<Vec<Option<i128>>>>()?.into();
    let scale = i8::try_from(scale).map_err(internal)?;
    Ok(Arc::new(array.with_precision_and_scale(38, scale).map_err(internal)?))
}
