//! Records that groups take in part, as two: the part, which stands for the record, and what is left of it, which is an open
//! record behind all others. What is summed and written needs no rule of its own then.

use super::found::{Break, Found, Part, Reason};
use crate::carry::{behind, longer};
use crate::columns::{AmountColumn, AmountValues, Column, Columns, NO_ROW, Row, SideColumns, row_of};
use crate::error::{Error, Result};
use crate::plan::{FieldIndex, Plan, Side};

/// The columns with what is left of records behind them, and the breaks with it.
///
/// Cost: one copy of the columns but text.
///
/// # Errors
/// [`Error::Internal`] for parts that are none.
pub(super) fn split(plan: &Plan, columns: &Columns, found: &mut Found) -> Result<Columns> {
    let Some(amount) = plan.tie_out.amount else {
        return Err(Error::Internal("parts of what is not tied out".to_owned()));
    };
    let side = |side: Side| -> Result<(SideColumns, Vec<Part>)> {
        let parts: Vec<Part> = found.parts.iter().filter(|part| part.side == side).copied().collect();
        let records = columns.side(side);
        if parts.is_empty() {
            return Ok((records.clone(), parts));
        }
        Ok((split_side(plan, (records, side), amount, &parts)?, parts))
    };
    let [left, right] = [side(Side::Left)?, side(Side::Right)?];
    for ((records, parts), breaks) in [&left, &right].into_iter().zip(&mut found.breaks) {
        let first = records.records();
        breaks.extend((first..).zip(parts).map(|(row, part)| Break {
            row,
            reason: Reason::PartlyAllocated,
            pass: Some(part.pass),
            nearest: part.partner,
            rival: NO_ROW,
            score: None,
            lacks: None,
        }));
    }
    Ok(Columns { sides: [left.0, right.0], ..columns.clone() })
}

fn split_side(
    plan: &Plan,
    (records, side): (&SideColumns, Side),
    amount: FieldIndex,
    parts: &[Part],
) -> Result<SideColumns> {
    let of: Vec<Row> = parts.iter().map(|part| part.row).collect();
    let fields = records.fields.iter().zip(&plan.fields).map(|(column, field)| {
        if field.cells[side.index()].is_none() {
            Column::Absent
        } else {
            behind(column, (column, &of), field)
        }
    });
    let mut fields: Vec<Column> = fields.collect();
    let Some(Column::Amount(amounts)) = fields.get_mut(amount) else {
        return Err(Error::Internal("parts of what is no amount".to_owned()));
    };
    *amounts = parted(amounts, records.rows, parts)?;
    let none = vec![false; of.len()];
    let bits = |bits: &Option<_>| bits.as_ref().map(|bits| longer(Some(bits), records.rows, &none));
    let numbers = (0..records.rows).chain(of.iter().copied()).map(|row| records.row_number(row));
    let mut first_seen = records.first_seen.clone();
    let behind = row_of(of.len());
    first_seen
        .extend((records.rows..).zip(&of).filter_map(|(row, of)| Some((row, records.first_seen(*of)?))));
    Ok(SideColumns {
        rows: records.rows + behind,
        row_numbers: Some(numbers.collect::<Vec<u64>>().into()),
        fields,
        excluded: bits(&records.excluded),
        unreadable: bits(&records.unreadable),
        held: bits(&records.held),
        distinct: bits(&records.distinct),
        first_seen,
        remainders: of,
        ..records.clone()
    })
}

/// The amounts with the taken part in the place of each record's own, and what is left of it behind.
fn parted(amounts: &AmountColumn, rows: Row, parts: &[Part]) -> Result<AmountColumn> {
    let mut values: Vec<i128> = match &amounts.values {
        AmountValues::Narrow(values) => values.iter().copied().map(i128::from).collect(),
        AmountValues::Wide(values) => values.to_vec(),
    };
    for (at, part) in (rows as usize..).zip(parts) {
        let row = part.row as usize;
        let whole = values.get(row).copied().unwrap_or_default();
        let is_part = part.taken != 0
            && (part.taken < 0) == (whole < 0)
            && part.taken.unsigned_abs() < whole.unsigned_abs();
        if !is_part {
            return Err(Error::Internal(format!("{} is no part of {whole}", part.taken)));
        }
        values[row] = part.taken;
        values[at] = whole - part.taken;
    }
    let narrow: Option<Vec<i64>> = values.iter().map(|value| i64::try_from(*value).ok()).collect();
    let values = match narrow {
        Some(narrow) => AmountValues::Narrow(narrow.into()),
        None => AmountValues::Wide(values.into()),
    };
    Ok(AmountColumn { values, nulls: amounts.nulls.clone() })
}
