//! Two versions of a table of any size: twenty columns of the usual types, the second in another order, with a share of
//! its cells changed.

use arrow_array::types::Decimal128Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, PrimitiveArray, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow_schema::ArrowError;
use recon378_testkit::generate::Random;
use std::sync::Arc;

/// The column that brings rows together.
pub const KEY: &str = "id";

/// One cell in so many is changed.
const CHANGED_EVERY: u64 = 100;
const STATES: [&str; 5] = ["booked", "pending", "returned", "settled", "void"];
const CURRENCIES: [&str; 4] = ["EUR", "USD", "GBP", "CHF"];

/// The table before and after: as many rows on both sides, all with a partner.
///
/// # Errors
/// Never, unless a column is as long as no other.
pub fn versions(rows: u32) -> Result<[RecordBatch; 2], ArrowError> {
    let before: Vec<u32> = (0..rows).collect();
    let mut after = before.clone();
    Random::new(378).shuffle(&mut after);
    Ok([batch(&before, 0)?, batch(&after, 1)?])
}

/// A cell's random number: another one where the cell is changed.
fn drawn(row: u32, column: u64, version: u64) -> u64 {
    let changed = version == 1 && Random::at(1, column, u64::from(row)).is_multiple_of(CHANGED_EVERY);
    Random::at(2 + u64::from(changed), column, u64::from(row))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "cells are drawn from random bits: which number they make does not matter"
)]
fn batch(rows: &[u32], version: u64) -> Result<RecordBatch, ArrowError> {
    let all = |column: u64| rows.iter().map(move |row| drawn(*row, column, version));
    let text = |column: u64, told: fn(u64) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(all(column).map(told)))
    };
    let small = |column: u64, bound: u64| all(column).map(move |bits| (bits % bound) as i32);
    let amount = |column: u64, bound: u64| -> Result<ArrayRef, ArrowError> {
        let units = all(column).map(|bits| i128::from(bits % bound));
        let units = PrimitiveArray::<Decimal128Type>::from_iter_values(units);
        Ok(Arc::new(units.with_precision_and_scale(18, 2)?))
    };
    let ids = rows.iter().map(|row| 1_000_000_007 + 13 * i64::from(*row));
    let note = |bits: u64| (!bits.is_multiple_of(5)).then(|| format!("paid by transfer {bits:016x}"));
    let closed = |bits: u64| (!bits.is_multiple_of(10)).then_some(bits.is_multiple_of(3));
    let at = |bits: u64| 1_700_000_000_000_000 + (bits % 100_000_000_000_000) as i64;
    let columns: Vec<(&str, ArrayRef)> = vec![
        (KEY, Arc::new(Int64Array::from_iter_values(ids))),
        ("account", text(1, |bits| format!("AC{:06}", bits % 100_000))),
        ("currency", text(2, |bits| CURRENCIES[(bits % 4) as usize].to_owned())),
        ("reference", text(3, |bits| format!("INV-{:010}", bits % 10_000_000_000))),
        ("payee", text(4, |bits| format!("Payee {} of {} Ltd", bits % 50_000, bits % 97))),
        ("state", text(5, |bits| STATES[(bits % 5) as usize].to_owned())),
        ("note", Arc::new(all(6).map(note).collect::<StringArray>())),
        ("booked", Arc::new(Date32Array::from_iter_values(small(7, 3_650).map(|day| 17_000 + day)))),
        ("due", Arc::new(Date32Array::from_iter_values(small(8, 3_650).map(|day| 17_000 + day)))),
        ("entered", Arc::new(TimestampMicrosecondArray::from_iter_values(all(9).map(at)))),
        ("amount", amount(10, 100_000_000)?),
        ("fee", amount(11, 10_000)?),
        ("net", amount(12, 100_000_000)?),
        ("pieces", Arc::new(Int32Array::from_iter_values(small(13, 1_000)))),
        ("branch", Arc::new(Int32Array::from_iter_values(small(14, 100)))),
        ("lot", Arc::new(Int64Array::from_iter_values(all(15).map(|bits| (bits >> 20) as i64)))),
        (
            "rate",
            Arc::new(Float64Array::from_iter_values(
                all(16).map(|bits| (bits % 2_000_000) as f64 / 1_000_000.0),
            )),
        ),
        (
            "weight",
            Arc::new(Float64Array::from_iter_values(all(17).map(|bits| (bits % 90_000) as f64 / 8.0))),
        ),
        ("active", Arc::new(all(18).map(|bits| Some(bits.is_multiple_of(2))).collect::<BooleanArray>())),
        ("closed", Arc::new(all(19).map(closed).collect::<BooleanArray>())),
    ];
    RecordBatch::try_from_iter(columns)
}
