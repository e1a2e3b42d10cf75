//! Where not all are looked at: what a record's nearest is depends on the records of its own blocks alone.

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use recon378::reconcile;
use recon378_core::Spec;
use recon378_core::outcome::Outcome;
use std::sync::Arc;

/// Four are looked at the most; the second pass ranks by nothing, so that who they are goes by the order of the block.
const SPEC: &str = r#"
version = 1
limits = { nearest_max = 4 }
[fields]
batch = { as = "integer" }
ref   = { as = "integer" }
[[pass]]
on = ["code", "batch"]
[[pass]]
on = ["account", "ref"]
"#;

type Record = [String; 5];

fn record(id: &str, code: &str, account: &str, batch: &str, reference: u32) -> Record {
    [id.to_owned(), code.to_owned(), account.to_owned(), batch.to_owned(), reference.to_string()]
}

fn batch(records: &[Record]) -> RecordBatch {
    let column = |at: usize| -> ArrayRef {
        Arc::new(records.iter().map(|record| Some(record[at].as_str())).collect::<StringArray>())
    };
    let names = ["id", "code", "account", "batch", "ref"];
    RecordBatch::try_from_iter(names.iter().enumerate().map(|(at, name)| (*name, column(at)))).unwrap()
}

/// Twenty records a side with a reason of their own by the first pass, one more on one side, and of that side `others` in
/// accounts where nobody else is.
fn sides(others: u32) -> [Vec<Record>; 2] {
    let known = |side: &str, batch: &str| -> Vec<Record> {
        let one = |at: u32| {
            let reference = if side == "R" && at == 19 { 12_345_679 } else { 50_000_000 + 7_919 * at };
            record(&format!("{side}{at:02}"), &format!("C{at:02}"), "A", batch, reference)
        };
        (0..20).map(one).collect()
    };
    let (mut left, right) = (known("L", "1"), known("R", "2"));
    left.push(record("L99", "", "A", "1", 12_345_678));
    let apart = |at: u32| record(&format!("X{at:02}"), "", &format!("Z{at:02}"), "1", 90_000_000 + at);
    left.extend((0..others).map(apart));
    [left, right]
}

fn breaks(outcome: &Outcome) -> Vec<String> {
    let told = |at: usize| {
        let side = &outcome.found().breaks[at];
        side.iter().map(move |one| format!("{at} {} {:?} {}", one.row, one.reason, one.nearest))
    };
    told(0).chain(told(1)).collect()
}

#[test]
fn records_of_other_blocks_change_nobodys_nearest() {
    let spec = Spec::from_toml(SPEC).unwrap();
    for is_mirrored in [false, true] {
        let told = |others: u32| {
            let mut sides = sides(others);
            if is_mirrored {
                sides.reverse();
            }
            let [left, right] = sides.map(|records| batch(&records));
            let all = breaks(&reconcile(&spec, &left, &right).unwrap());
            let side = if is_mirrored { "1" } else { "0" };
            let others = |line: &String| {
                let row = line.split(' ').nth(1).and_then(|row| row.parse::<u32>().ok()).unwrap_or_default();
                line.starts_with(side) && row > 20
            };
            all.into_iter().filter(|line| !others(line)).collect::<Vec<_>>()
        };
        assert_eq!(told(0), told(20), "mirrored: {is_mirrored}");
    }
}
