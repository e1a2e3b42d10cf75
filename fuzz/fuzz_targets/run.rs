//! Whole runs on arbitrary batches. The bytes steer a small case: its spec and its records. What runs must be what
//! the slow reference engine says; then the same records run again with a hostile amount column, where anything
//! but a panic will do.
#![no_main]

use arrow_array::types::{Decimal128Type, Int64Type};
use arrow_array::{ArrayRef, Float64Array, PrimitiveArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use libfuzzer_sys::fuzz_target;
use recon378_testkit::generate::{Random, case_from};
use recon378_testkit::{reference, run};
use std::sync::Arc;

fuzz_target!(|bytes: &[u8]| {
    let mut random = Random::steered(bytes);
    let case = case_from(&mut random);
    if let Ok(prepared) = run::prepare(&case) {
        let found = prepared.run().expect("a prepared case runs");
        let wrong = reference::check(&prepared.plan, &prepared.columns, &found);
        assert!(wrong.is_empty(), "{}\n{case}", wrong.join("\n"));
    }
    let [left, right] = case.batches().map(|batch| hostile(&batch, &mut random, bytes));
    if let Ok(prepared) = run::prepare_batches(&case.spec, [&[left], &[right]]) {
        let _typed = prepared.run();
    }
});

/// The same table with amounts at the edges of their type, as doubles, or as any text.
fn hostile(batch: &RecordBatch, random: &mut Random, bytes: &[u8]) -> RecordBatch {
    let rows = batch.num_rows();
    let mut edge = || random.pick(&[i128::MAX, i128::MIN, 0, 1, -1, i128::from(i64::MAX), 10_i128.pow(37)]);
    let amounts: ArrayRef = match bytes.len() % 4 {
        0 => {
            let units = PrimitiveArray::<Decimal128Type>::from_iter_values((0..rows).map(|_| edge()));
            Arc::new(units.with_data_type(DataType::Decimal128(38, 2)))
        }
        1 => Arc::new(PrimitiveArray::<Int64Type>::from_iter_values((0..rows).map(|_| edge() as i64))),
        2 => {
            let odd = [f64::NAN, f64::INFINITY, -0.0, 0.1, 1e300, 5e-324];
            Arc::new(Float64Array::from_iter_values((0..rows).map(|_| random.pick(&odd))))
        }
        _ => {
            let text = String::from_utf8_lossy(bytes);
            let cells: Vec<&str> = text.split('\n').chain(std::iter::repeat("")).take(rows).collect();
            Arc::new(StringArray::from(cells))
        }
    };
    let mut columns = batch.columns().to_vec();
    let mut fields: Vec<Field> = batch.schema().fields().iter().map(|field| field.as_ref().clone()).collect();
    let at = batch.schema().index_of("amount").expect("cases have an amount");
    fields[at] = Field::new("amount", amounts.data_type().clone(), true);
    columns[at] = amounts;
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).expect("columns of one length")
}
