//! Which records of a side agree in a pass's key and in `group_by`.

use super::Bundles;
use crate::candidates::blocks::{KeyColumns, alike};
use crate::columns::{Canon, Column, Row, SideColumns, row_of};
use crate::control::Control;
use crate::engine::key_columns;
use crate::error::Result;
use crate::plan::{FieldIndex, PassPlan, Plan, Side};
use rayon::prelude::*;
use std::cmp::Ordering;

/// Bytes that a record takes while bundles are formed: an entry of a hash and a row, then the row twice.
pub(crate) const BYTES_EACH: u64 = 16;

/// Bundles whose first and last records are looked for by one task.
const DATED_BUNDLES: usize = 4_096;

pub(super) fn form(
    plan: &Plan,
    (pass, by): (&PassPlan, &[FieldIndex]),
    (records, side): (&SideColumns, Side),
    rows: &[Row],
    control: &Control,
) -> Result<Bundles> {
    const NOTHING: &Column = &Column::Absent;
    let mut keys: KeyColumns<'_> = key_columns(pass, records, side.index());
    for field in by {
        let column = records.fields.get(*field).unwrap_or(NOTHING);
        if !pass
            .key
            .iter()
            .any(|key| if side == Side::Left { key.left == *field } else { key.right == *field })
        {
            keys.columns.push((column, false));
        }
    }
    keys.number(rows.len(), &control.memory);
    let parts = alike(&keys, rows, &control.cancel)?;
    let mut bundles = in_order(&parts);
    let dates = pass.days.map(|(left, right)| if side == Side::Left { left } else { right });
    let dates = dates.and_then(|field| records.fields.get(field));
    let canon = Canon::new(plan, records);
    let (earliest, latest) = ends(&bundles, dates.unwrap_or(NOTHING), &canon);
    (bundles.earliest, bundles.latest) = (earliest, latest);
    Ok(bundles)
}

/// The runs of all parts in the order of their first records.
fn in_order(parts: &[(Vec<Row>, Vec<u32>)]) -> Bundles {
    let mut runs: Vec<(Row, u32, u32, u32)> = Vec::new();
    for (part, (rows, ends)) in (0_u32..).zip(parts) {
        let mut start = 0;
        for end in ends {
            runs.push((rows[start as usize], part, start, *end));
            start = *end;
        }
    }
    runs.par_sort_unstable();
    let mut starts = Vec::with_capacity(runs.len() + 1);
    let mut all = Vec::with_capacity(parts.iter().map(|(rows, _)| rows.len()).sum());
    starts.push(0);
    for (_, part, start, end) in runs {
        all.extend_from_slice(&parts[part as usize].0[start as usize..end as usize]);
        starts.push(row_of(all.len()));
    }
    Bundles { starts, rows: all, ..Bundles::default() }
}

/// The earliest and the latest record of each bundle; those without a date come before all others.
fn ends(bundles: &Bundles, dates: &Column, canon: &Canon<'_>) -> (Vec<Row>, Vec<Row>) {
    let day = |row: Row| match dates {
        Column::Date(dates) => dates.get(row),
        _ => None,
    };
    let count = bundles.starts.len().saturating_sub(1);
    let of = |bundle: usize| {
        let members = bundles.members(row_of(bundle));
        let Some((first, rest)) = members.split_first() else { return (0, 0) };
        let (mut earliest, mut latest) = (*first, *first);
        for row in rest.iter().copied() {
            let before = |other: Row| day(row).cmp(&day(other));
            let first = |other: Row| canon.order(row, other).is_lt();
            earliest = match before(earliest) {
                Ordering::Less => row,
                Ordering::Equal if first(earliest) => row,
                _ => earliest,
            };
            latest = match before(latest) {
                Ordering::Greater => row,
                Ordering::Equal if first(latest) => row,
                _ => latest,
            };
        }
        (earliest, latest)
    };
    (0..count).into_par_iter().with_min_len(DATED_BUNDLES).map(of).unzip()
}
