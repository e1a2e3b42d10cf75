//! Whether two records agree on their keys: what verifies that equal hashes were equal keys.
//!
//! Pairs come in the order of their left rows, so the right rows are all over the place: every look at one is asked
//! for ahead, and texts that have codes are compared by them.

use super::codes::{Codes, translate};
use super::model::{AmountColumn, AmountValues, Column, Row, TextColumn};
use super::parts::TextParts;
use crate::kernel::prefetch;
use arrow_array::OffsetSizeTrait;

/// Pairs between asking for a value and looking at it.
const AHEAD: usize = 24;

/// How the cells of one key column are compared.
pub(crate) enum Agreement<'a> {
    /// By the codes of their texts; the last tells which right code each left one is.
    Codes(&'a [u16], &'a [u16], Vec<u16>),
    /// By the cells.
    Cells(&'a Column, &'a Column),
}

impl<'a> Agreement<'a> {
    /// For a column of each side.
    pub(crate) fn of(left: &'a Column, right: &'a Column) -> Self {
        let nulls = left.nulls().is_some() || right.nulls().is_some();
        let coded = match (left, right) {
            _ if nulls => None,
            (Column::Text(TextColumn::Small(a)), Column::Text(TextColumn::Small(b))) => coded(a, b),
            (Column::Text(TextColumn::Small(a)), Column::Text(TextColumn::Large(b))) => coded(a, b),
            (Column::Text(TextColumn::Large(a)), Column::Text(TextColumn::Small(b))) => coded(a, b),
            (Column::Text(TextColumn::Large(a)), Column::Text(TextColumn::Large(b))) => coded(a, b),
            _ => None,
        };
        coded.unwrap_or(Self::Cells(left, right))
    }

    /// Whether the cells of two records are equal; null agrees with null. Many are [`check`](Self::check)ed faster.
    #[inline]
    pub(crate) fn same(&self, a: Row, b: Row) -> bool {
        match self {
            Self::Codes(left, right, map) => map[usize::from(left[a as usize])] == right[b as usize],
            Self::Cells(left, right) => left.same(a, right, b),
        }
    }

    /// Clears `agree` for the pairs whose cells differ; null agrees with null.
    pub(crate) fn check(&self, pairs: &[(Row, Row)], agree: &mut [bool]) {
        match self {
            Self::Codes(left, right, map) => {
                agree_where((pairs, right), agree, |a, b| map[usize::from(left[a])] == right[b]);
            }
            Self::Cells(left, right) => agree_cells(left, right, pairs, agree),
        }
    }
}

fn coded<'a, O: OffsetSizeTrait, P: OffsetSizeTrait>(
    left: &'a TextParts<O>,
    right: &'a TextParts<P>,
) -> Option<Agreement<'a>> {
    let (a, b): (&Codes, &Codes) = (left.codes()?, right.codes()?);
    Some(Agreement::Codes(&a.of, &b.of, translate((a, left), (b, right))))
}

fn agree_cells(left: &Column, right: &Column, pairs: &[(Row, Row)], agree: &mut [bool]) {
    if left.nulls().is_some() || right.nulls().is_some() {
        return agree_slowly(left, right, pairs, agree);
    }
    match (left, right) {
        (Column::Text(TextColumn::Small(a)), Column::Text(TextColumn::Small(b))) => {
            agree_text((a, b), pairs, agree);
        }
        (Column::Text(TextColumn::Large(a)), Column::Text(TextColumn::Large(b))) => {
            agree_text((a, b), pairs, agree);
        }
        (
            Column::Amount(AmountColumn { values: AmountValues::Narrow(a), .. }),
            Column::Amount(AmountColumn { values: AmountValues::Narrow(b), .. }),
        ) => agree_where((pairs, b), agree, |left, right| a[left] == b[right]),
        (Column::Date(a), Column::Date(b)) => {
            agree_where((pairs, &b.days), agree, |left, right| a.days[left] == b.days[right]);
        }
        (Column::Integer(a), Column::Integer(b)) => {
            agree_where((pairs, &b.values), agree, |left, right| a.values[left] == b.values[right]);
        }
        _ => agree_slowly(left, right, pairs, agree),
    }
}

fn agree_slowly(left: &Column, right: &Column, pairs: &[(Row, Row)], agree: &mut [bool]) {
    for (agree, (a, b)) in agree.iter_mut().zip(pairs) {
        *agree &= left.same(*a, right, *b);
    }
}

/// `ahead` is the column whose cells are asked for by right row.
#[inline]
fn agree_where<T>(
    (pairs, ahead): (&[(Row, Row)], &[T]),
    agree: &mut [bool],
    same: impl Fn(usize, usize) -> bool,
) {
    for (at, (agree, (left, right))) in agree.iter_mut().zip(pairs).enumerate() {
        if let Some((_, right)) = pairs.get(at + AHEAD) {
            prefetch(ahead, *right as usize);
        }
        *agree &= same(*left as usize, *right as usize);
    }
}

fn agree_text<O: OffsetSizeTrait>(
    (a, b): (&TextParts<O>, &TextParts<O>),
    pairs: &[(Row, Row)],
    agree: &mut [bool],
) {
    b.gather(
        pairs.len(),
        |at| pairs[at].1,
        |at, text| agree[at] &= same_bytes(a.value(pairs[at].0).as_bytes(), text),
    );
}

/// Equality of short texts without a call: both ends overlap in the middle.
#[inline]
fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        0..4 => a.iter().zip(b).all(|(x, y)| x == y),
        4..8 => a.first_chunk::<4>() == b.first_chunk() && a.last_chunk::<4>() == b.last_chunk(),
        8..=16 => a.first_chunk::<8>() == b.first_chunk() && a.last_chunk::<8>() == b.last_chunk(),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::row_of;
    use crate::control::Memory;
    use arrow_array::StringArray;

    fn column(step: usize, many: usize) -> Column {
        let texts = (0..80_000).map(|at| format!("account {}", at * step % many));
        Column::Text(TextColumn::Small(StringArray::from_iter_values(texts).into()))
    }

    #[test]
    fn codes_hash_and_compare_as_their_texts_do() {
        let (left, right) = (column(7, 500), column(11, 450));
        let pairs: Vec<(Row, Row)> = (0..80_000).map(|at| (row_of(at), row_of(at * 31 % 80_000))).collect();
        let rows: Vec<Row> = pairs.iter().map(|pair| pair.1).collect();
        let told = || {
            let agreement = Agreement::of(&left, &right);
            let (mut agree, mut hashes) = (vec![true; pairs.len()], vec![5; rows.len()]);
            agreement.check(&pairs, &mut agree);
            right.fold_hashes(&rows, &mut hashes);
            (matches!(agreement, Agreement::Codes(..)), agree, hashes)
        };
        let (coded, agree, hashes) = told();
        assert!(!coded && agree.contains(&true) && agree.contains(&false));
        left.number(&Memory::default());
        right.number(&Memory::default());
        assert_eq!(told(), (true, agree, hashes));
    }
}
