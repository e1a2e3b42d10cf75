//! Why a cell can't be read: small and `Copy`, so that a column full of bad cells costs no allocation per record.

use std::fmt;

/// A cell that can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bad {
    /// The record.
    pub(super) row: u32,
    /// Why.
    pub(super) problem: Problem,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// Text that is not an amount as the reading rules write it.
    NotAnAmount { decimal: char, thousands: Option<char> },
    /// Thousands separators that don't stand before three digits each.
    Grouping,
    /// A digit after the last place that is kept.
    TooManyDecimals(u8),
    /// More than 37 digits at the run's scale.
    AmountTooLarge,
    /// A double that is NaN or infinite.
    NotFinite,
    /// Debit and credit are both filled.
    BothFilled,
    /// A value of the indicator column that means neither debit nor credit.
    UnknownIndicator,
    /// A negative amount beside an indicator that gives the sign.
    SignedIndicator,
    /// An integer beyond 64 bits.
    IntegerTooLarge,
    /// An amount with a currency sign that the source doesn't name.
    CurrencySign(char),
    /// Text that is not an integer.
    NotAnInteger,
    /// Text that is not a date as in the format.
    NotADate,
    /// A date outside the calendar.
    DateOutOfRange,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnAmount { decimal, thousands: None } => {
                write!(f, "not an amount with the decimal mark \"{decimal}\" and no thousands separator")
            }
            Self::NotAnAmount { decimal, thousands: Some(thousands) } => {
                write!(
                    f,
                    "not an amount with the decimal mark \"{decimal}\" and the thousands separator \"{thousands}\""
                )
            }
            Self::CurrencySign(sign) => write!(f, "written with the currency sign \"{sign}\""),
            Self::Grouping => f.write_str("thousands separators do not stand before groups of three digits"),
            Self::TooManyDecimals(scale) => write!(f, "more than {scale} digits after the point"),
            Self::AmountTooLarge => f.write_str("more than 37 digits at the run's scale"),
            Self::NotFinite => f.write_str("not a finite number"),
            Self::BothFilled => f.write_str("debit and credit are both filled"),
            Self::UnknownIndicator => f.write_str("the indicator means neither debit nor credit"),
            Self::SignedIndicator => f.write_str("negative, though the indicator gives the sign"),
            Self::IntegerTooLarge => f.write_str("beyond 64 bits"),
            Self::NotAnInteger => f.write_str("not an integer"),
            Self::NotADate => f.write_str("not a date as in the format"),
            Self::DateOutOfRange => f.write_str("outside the calendar"),
        }
    }
}
