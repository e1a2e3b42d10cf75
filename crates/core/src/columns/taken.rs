//! Some records of a source, side by side: what is looked at often doesn't stay scattered over columns of millions.

use super::model::{
    AmountColumn, AmountValues, Column, DateColumn, IntegerColumn, Row, SideColumns, TextColumn,
};
use super::parts::TextParts;
use crate::plan::FieldIndex;
use arrow_array::builder::LargeStringBuilder;
use arrow_buffer::{ArrowNativeType, BooleanBuffer, NullBuffer, ScalarBuffer};
use rayon::prelude::*;
use std::sync::Arc;

impl SideColumns {
    /// The records `rows`, ascending, with these fields alone. Record i of the result is `rows[i]`, so that the order of
    /// records stays as it is. What decisions bar is left behind.
    pub(crate) fn taken(&self, rows: &[Row], fields: &[FieldIndex]) -> Self {
        let take = |(field, column): (usize, &Column)| {
            if fields.contains(&field) { column.taken(rows) } else { Column::Absent }
        };
        let distinct = self.distinct.as_ref();
        Self {
            rows: super::row_of(rows.len()),
            fields: self.fields.par_iter().enumerate().map(take).collect(),
            rarities: self.rarities.iter().map(|rarity| rarity.taken(rows)).collect(),
            distinct: distinct
                .map(|bits| rows.iter().map(|row| bits.value(*row as usize)).collect::<BooleanBuffer>()),
            ..Self::default()
        }
    }

    /// Bytes that [`taken`](Self::taken) takes, about.
    pub(crate) fn taken_bytes(&self, rows: usize, fields: &[FieldIndex]) -> u64 {
        let each = fields.iter().filter_map(|field| self.fields.get(*field)).map(|column| match column {
            Column::Absent => 0,
            Column::Text(texts) => 8 + texts.bytes_each(),
            Column::Amount(_) => 16,
            Column::Date(_) => 4,
            Column::Integer(_) => 8,
            Column::Many(many) => many.bytes_each(),
        });
        (each.sum::<u64>() + 4 * self.rarities.len() as u64) * rows as u64
    }
}

impl Column {
    fn taken(&self, rows: &[Row]) -> Self {
        let nulls = self.nulls().map(|nulls| -> NullBuffer {
            rows.iter().map(|row| nulls.is_valid(*row as usize)).collect::<BooleanBuffer>().into()
        });
        match self {
            Self::Absent => Self::Absent,
            Self::Text(texts) => Self::Text(texts.taken(rows)),
            Self::Amount(AmountColumn { values, .. }) => {
                let values = match values {
                    AmountValues::Narrow(values) => AmountValues::Narrow(cells(values, rows)),
                    AmountValues::Wide(values) => AmountValues::Wide(cells(values, rows)),
                };
                Self::Amount(AmountColumn { values, nulls })
            }
            Self::Date(column) => Self::Date(DateColumn { days: cells(&column.days, rows), nulls }),
            Self::Integer(column) => {
                Self::Integer(IntegerColumn { values: cells(&column.values, rows), nulls })
            }
            Self::Many(many) => Self::Many(Arc::new(many.taken(rows))),
        }
    }
}

impl TextColumn {
    pub(super) fn taken(&self, rows: &[Row]) -> Self {
        let mut texts = LargeStringBuilder::with_capacity(rows.len(), rows.len() * 16);
        for row in rows {
            texts.append_option(self.get(*row));
        }
        Self::Large(TextParts::from(texts.finish()))
    }

    /// Bytes of its texts, on average, rounded up.
    pub(super) fn bytes_each(&self) -> u64 {
        let (bytes, rows) = match self {
            Self::Small(texts) => (texts.bytes(), texts.len()),
            Self::Large(texts) => (texts.bytes(), texts.len()),
        };
        bytes.div_ceil(rows.max(1) as u64)
    }
}

fn cells<T: ArrowNativeType>(values: &ScalarBuffer<T>, rows: &[Row]) -> ScalarBuffer<T> {
    rows.iter().map(|row| values[*row as usize]).collect()
}
