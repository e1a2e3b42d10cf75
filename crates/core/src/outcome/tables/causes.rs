//! The table `causes`.

use super::super::Outcome;
use super::super::causes::{Cause, CauseName};
use super::super::gather::{TableBuilder, internal, names, nullable_numbers, numbers, texts, write_cell};
use super::super::tie_out::add_cells;
use super::{SIDES, pass_key, side_key};
use crate::columns::Row;
use crate::error::{DataError, Result};
use crate::plan::Side;
use arrow_array::types::{Decimal128Type, Int8Type, Int16Type, UInt64Type};
use arrow_array::{Array as _, ArrayRef, PrimitiveArray, RecordBatch};
use std::sync::Arc;

/// Column names that a field can't take.
const FIXED_COLUMNS: &[&str] = &[
    "cause",
    "detail",
    "pass",
    "side",
    "left_count",
    "right_count",
    "amount",
    "left_row",
    "left_id",
    "right_row",
    "right_id",
];

impl Outcome {
    /// Why the totals of each cell differ: causes that add up to right − left exactly, the largest of a cell first.
    ///
    /// # Errors
    /// `total_too_large` where an amount passes the 38 digits of an Arrow decimal; else as [`groups`](Self::groups).
    pub fn causes(&self) -> Result<RecordBatch> {
        let causes = self.all_causes();
        let rows = causes.len();
        let mut table = TableBuilder::default();
        add_cells(&mut table, (&self.tie_out.by, FIXED_COLUMNS), rows, |row| &causes[row].cell);
        table.full("cause", || {
            let all: Vec<&str> = CauseName::all().map(CauseName::name).collect();
            let place = |row: usize| CauseName::all().position(|name| name == causes[row].name);
            names::<Int8Type, _>(rows, &all, |row| place(row).and_then(|at| i8::try_from(at).ok()))
        });
        table.nullable("detail", || {
            texts(rows, |row, out| {
                out.extend_from_slice(causes[row].detail.as_deref().unwrap_or_default().as_bytes());
                causes[row].detail.is_some()
            })
        });
        table.nullable("pass", || {
            let all: Vec<&str> = self.plan.passes.iter().map(|pass| pass.name.as_str()).collect();
            names::<Int16Type, _>(rows, &all, |row| causes[row].pass.map(pass_key))
        });
        table.nullable("side", || names::<Int8Type, _>(rows, &SIDES, |row| causes[row].side.map(side_key)));
        for side in Side::BOTH {
            table.full(&format!("{}_count", side.name()), move || {
                numbers::<UInt64Type>(rows, |row| causes[row].counts[side.index()])
            });
        }
        table.full("amount", || self.cause_amounts(causes));
        for side in Side::BOTH {
            let row_of = move |at: usize| causes[at].example[side.index()];
            table.nullable(&format!("{}_row", side.name()), move || {
                nullable_numbers::<UInt64Type>(rows, |at| {
                    row_of(at).map(|row| self.columns.side(side).row_number(row))
                })
            });
            table.nullable(&format!("{}_id", side.name()), move || {
                texts(rows, |at, out| row_of(at).is_some_and(|row| self.write_id(side, row, out)))
            });
        }
        table.build()
    }

    pub(super) fn write_id(&self, side: Side, row: Row, out: &mut Vec<u8>) -> bool {
        let column = self.plan.id.and_then(|id| self.columns.side(side).fields.get(id));
        column.is_some_and(|column| write_cell(column, self.columns.scale, row, out))
    }

    fn cause_amounts(&self, causes: &[Cause]) -> Result<ArrayRef> {
        let amounts: PrimitiveArray<Decimal128Type> =
            causes.iter().map(|cause| cause.amount.to_i128()).collect();
        let limit = 10_i128.pow(38);
        let fits = |amount: &i128| amount.unsigned_abs() < limit.unsigned_abs();
        if amounts.null_count() > 0 || !amounts.values().iter().all(fits) {
            let hint = "Check the scale of the field, or split the sources";
            let name = self.plan.names.join(" and ");
            return Err(
                DataError::new("total_too_large", &name, "a total has more than 38 digits", hint).into()
            );
        }
        let scale = i8::try_from(self.columns.scale).map_err(internal)?;
        Ok(Arc::new(amounts.with_precision_and_scale(38, scale).map_err(internal)?))
    }
}
