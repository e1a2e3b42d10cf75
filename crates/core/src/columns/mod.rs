//! What passes compute on: every field of every record, read once into integers, days and clean text.
//!
//! A column never holds an amount as a float, and a cell that can't be read is never dropped in silence. The rules
//! are `docs/spec/reading.md`.
//!
//! Two steps, because the scale of a run is known only when both sides were seen: [`Facts::gather`] per side or
//! part of it, merged in any order, then [`prepare_side`] with what all of them came to.

mod agree;
mod amount;
mod amount_text;
mod clean;
mod codes;
mod date;
mod date_text;
mod doubles;
mod facts;
mod filter;
pub(crate) mod frequencies;
mod integer;
mod keys;
mod lookup;
mod many;
mod many_read;
mod model;
mod parts;
mod prepare;
mod problem;
mod rescale;
mod source;
mod taken;
mod text;
mod unreadable_rows;
mod zone;

#[cfg(test)]
mod tests;

pub(crate) use agree::Agreement;
pub use facts::Facts;
pub(crate) use filter::left_out_by;
pub use frequencies::{Rarity, ValueCounts};
pub use keys::{Canon, row_of};
pub use many::ManyColumn;
pub(crate) use many::Value;
pub use model::*;
pub use parts::TextParts;
pub use prepare::{prepare, prepare_side};
pub(crate) use source::schema_change;
pub use unreadable_rows::UnreadableRow;

use prepare::{FieldRead, read_field};

/// A trimmed text as a day, by a strftime format, ISO 8601 without one: days since 1970-01-01. A time of day other than
/// midnight, or a zone, makes it none.
pub(crate) fn day_written(text: &str, format: Option<&str>) -> Option<i64> {
    match date_text::DateFormat::new(format).parse(text).ok()? {
        date_text::Moment::Day(day) => Some(day),
        date_text::Moment::Local(seconds) if seconds.rem_euclid(date_text::DAY_SECONDS) == 0 => {
            Some(seconds.div_euclid(date_text::DAY_SECONDS))
        }
        date_text::Moment::Local(_) | date_text::Moment::Instant(..) => None,
    }
}

/// A trimmed text as a decimal with a point: its digits and how many stand after the point, at most 18.
pub(crate) fn plain_decimal(text: &str) -> Option<(i128, u8)> {
    let written = amount_text::Marks::plain().parse(text).ok()?;
    Some((written.mantissa, written.decimals))
}
