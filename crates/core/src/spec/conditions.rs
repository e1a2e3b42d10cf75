//! Conditions as words, for [`Spec::builder`](super::Spec::builder). A name alone is an equality.
//!
//! ```
//! use recon378_core::spec::conditions::{days, equal, similar, within};
//! use recon378_core::spec::{Measure, Pass};
//! let pass = Pass::on([
//!     equal("account"),
//!     within("amount", ["0.05", "0.5%"]),
//!     days("date", 0, 5),
//!     similar("payee", Measure::TokenSet, "0.8").optional(),
//! ]);
//! # let _ = pass;
//! ```

use super::builder::{Draft, Figures};
use super::{Direction, Measure, Slip};
use crate::plan::Side;
use serde_json::Value;

/// A condition under construction. What is wrong with it is said by [`build`](super::SpecBuilder::build).
#[derive(Debug, Clone)]
pub struct When(pub(super) Value);

/// The fields of a condition: one name for both sides, or the left and the right one; `()` for a level, which tests the
/// fields of its condition.
#[derive(Debug, Clone)]
pub struct Fields(Draft);

impl From<&str> for Fields {
    fn from(field: &str) -> Self {
        Self(Draft::default().with("field", field))
    }
}

impl From<String> for Fields {
    fn from(field: String) -> Self {
        Self(Draft::default().with("field", field))
    }
}

impl From<(&str, &str)> for Fields {
    fn from((left, right): (&str, &str)) -> Self {
        Self(Draft::default().with("left", left).with("right", right))
    }
}

impl From<()> for Fields {
    fn from((): ()) -> Self {
        Self(Draft::default())
    }
}

fn when(fields: impl Into<Fields>, test: &str, value: impl Into<Value>) -> When {
    When(fields.into().0.with(test, value).finish())
}

fn name(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// The values are equal.
#[must_use]
pub fn equal(fields: impl Into<Fields>) -> When {
    when(fields, "equals", true)
}

/// The amounts differ by at most `tolerance`, inclusive: `"0.05"`, `"0.5%"`, or both, of which the smaller holds.
#[must_use]
pub fn within(fields: impl Into<Fields>, tolerance: impl Into<Figures>) -> When {
    when(fields, "within", tolerance.into().0)
}

/// right − left lies between `from` and `to` calendar days, inclusive.
#[must_use]
pub fn days(fields: impl Into<Fields>, from: i32, to: i32) -> When {
    when(fields, "days", vec![from, to])
}

/// right − left lies between `from` and `to` business days of a calendar of the spec, inclusive.
#[must_use]
pub fn business_days(fields: impl Into<Fields>, from: i32, to: i32, calendar: &str) -> When {
    when(fields, "business_days", vec![from, to]).with("calendar", calendar)
}

/// The texts are alike: the measure gives at least `at_least`, 0 to 1.
#[must_use]
pub fn similar(fields: impl Into<Fields>, measure: Measure, at_least: impl Into<Figures>) -> When {
    when(fields, "similar", name(&measure)).with("at_least", at_least.into().0)
}

/// One text stands in the other.
#[must_use]
pub fn occurs(fields: impl Into<Fields>, direction: Direction) -> When {
    when(fields, "occurs", direction.name())
}

/// The digits differ by one slip of these kinds.
#[must_use]
pub fn slip(fields: impl Into<Fields>, kinds: &[Slip]) -> When {
    when(fields, "slip", kinds.iter().map(name).collect::<Vec<_>>())
}

/// Evidence in bits, by the first of these levels that holds; `otherwise` where none does. For passes that score by
/// [probability](super::Pass::probability).
///
/// ```
/// use recon378_core::spec::conditions::{days, equal, levels, similar};
/// use recon378_core::spec::{Measure, Pass};
/// let name = [
///     equal(()).bits("9.1").by_frequency(),
///     similar((), Measure::JaroWinkler, "0.92").bits("5.3"),
/// ];
/// let pass = Pass::on([
///     equal("postcode"),
///     levels("name", name).otherwise("-4.5"),
///     levels("date", [equal(()).bits(6), days((), -3, 3).bits(3)]).otherwise(-3).null_bits("-0.5"),
/// ]);
/// # let _ = pass.probability("0.001");
/// ```
#[must_use]
pub fn levels(fields: impl Into<Fields>, levels: impl IntoIterator<Item = When>) -> When {
    when(fields, "levels", levels.into_iter().map(|level| level.0).collect::<Vec<_>>())
}

impl From<&str> for When {
    fn from(field: &str) -> Self {
        Self(Value::from(field))
    }
}

impl From<String> for When {
    fn from(field: String) -> Self {
        Self(Value::from(field))
    }
}

impl When {
    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        // A name alone becomes the long form of the equality it is.
        if let Value::String(field) = self.0 {
            self = equal(field);
        }
        if let Value::Object(entries) = &mut self.0 {
            entries.insert(key.to_owned(), value.into());
        }
        self
    }

    /// What this level is worth, in bits.
    #[must_use]
    pub fn bits(self, bits: impl Into<Figures>) -> Self {
        self.with("bits", bits.into().0)
    }

    /// The bits of this level are those of a value of average frequency. Equality only.
    #[must_use]
    pub fn by_frequency(self) -> Self {
        self.with("frequency", true)
    }

    /// The bits where no level holds.
    #[must_use]
    pub fn otherwise(self, bits: impl Into<Figures>) -> Self {
        self.with("otherwise", bits.into().0)
    }

    /// The bits where a value is null. Default 0: no evidence.
    #[must_use]
    pub fn null_bits(self, bits: impl Into<Figures>) -> Self {
        self.with("null", bits.into().0)
    }

    /// One of its levels has to hold, or the pair is no candidate.
    #[must_use]
    pub fn required(self) -> Self {
        self.with("required", true)
    }

    /// It grades candidates but doesn't gate them.
    #[must_use]
    pub fn optional(self) -> Self {
        self.with("required", false)
    }

    /// Its part in the score.
    #[must_use]
    pub fn weight(self, weight: impl Into<Figures>) -> Self {
        self.with("weight", weight.into().0)
    }

    /// Two nulls are equal. Equality only.
    #[must_use]
    pub fn nulls_equal(self) -> Self {
        self.with("nulls", "equal")
    }

    /// Of two parts of a tolerance, the larger allowance holds.
    #[must_use]
    pub fn larger(mut self) -> Self {
        if let Value::Object(entries) = &mut self.0
            && let Some(parts) = entries.get("within").cloned()
        {
            entries.insert("within".to_owned(), Draft::default().with("larger", parts).finish());
        }
        self
    }

    /// The percentage is of this side's amount, not of the larger one.
    #[must_use]
    pub fn of(self, side: Side) -> Self {
        self.with("of", side.name())
    }

    /// Signs must be opposite: the variance is left + right.
    #[must_use]
    pub fn opposite_signs(self) -> Self {
        self.with("sign", "opposite")
    }

    /// Absolute values are compared.
    #[must_use]
    pub fn ignore_signs(self) -> Self {
        self.with("sign", "ignore")
    }

    /// Values with fewer characters never occur.
    #[must_use]
    pub fn min_length(self, characters: u32) -> Self {
        self.with("min_length", characters)
    }
}
