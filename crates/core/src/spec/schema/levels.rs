//! The schema of evidence levels.

use super::{
    DayCount, Measure, Name, Share, Slips, WireDirection, WireSide, WireSign, Within, Yes, exactly_one,
    names_its_fields,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use std::borrow::Cow;

/// What the score of a pass is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Score {
    /// The weighted mean of its conditions' grades.
    Grades,
    /// The probability that the two records belong together: its prior, and the bits of its levels.
    Probability,
}

/// A probability above 0 and below 1.
#[derive(Serialize)]
pub(super) struct Prior(String);

impl JsonSchema for Prior {
    fn schema_name() -> Cow<'static, str> {
        "Prior".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A probability above 0 and below 1 with at most 12 digits after the point: a number, or text.",
            "type": ["number", "string"],
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 1,
            "pattern": "^0?\\.[0-9]+$|^[0-9]+(\\.[0-9]+)?[eE]-[0-9]{1,3}$",
        })
    }
}

/// Bits of evidence.
#[derive(Serialize)]
pub(super) struct Bits(String);

impl JsonSchema for Bits {
    fn schema_name() -> Cow<'static, str> {
        "Bits".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Evidence in bits, from -100 to 100 with at most 3 digits after the point: a number, or text. \
                            Each bit doubles the odds.",
            "type": ["number", "string"],
            "minimum": -100,
            "maximum": 100,
            "pattern": "^-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]{1,3})?$",
        })
    }
}

/// How near the values are, weighed in bits: the first level that holds counts. For passes with `score` "probability".
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Levels", transform = names_its_fields)]
pub(super) struct InLevels {
    /// The field that is tested on both sides. Either this, or `left` and `right`.
    field: Option<Name>,
    /// The field that is read on the left.
    left: Option<Name>,
    /// The field that is read on the right.
    right: Option<Name>,
    /// The levels, from the strongest agreement to the weakest.
    #[schemars(length(min = 1, max = 16))]
    levels: Vec<Level>,
    /// Bits where no level holds. Needed, unless `required`.
    otherwise: Option<Bits>,
    /// Bits where a value is null. Default 0: no evidence.
    null: Option<Bits>,
    /// true: one of the levels has to hold, or the pair is no candidate. Default false.
    required: Option<bool>,
}

/// One level of agreement: one test, and what it is worth.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
enum Level {
    /// The values are equal.
    Equals(EqualsLevel),
    /// The amounts differ by at most a tolerance.
    Within(WithinLevel),
    /// The dates are near in calendar days.
    Days(DaysLevel),
    /// The dates are near in business days.
    BusinessDays(BusinessDaysLevel),
    /// The texts are alike.
    Similar(SimilarLevel),
    /// One text stands in the other.
    Occurs(OccursLevel),
    /// The digits differ by one slip.
    Slip(SlipLevel),
}

macro_rules! levels {
    ($($(#[$doc:meta])* $name:ident { $($body:tt)* })*) => {$(
        $(#[$doc])*
        #[derive(Serialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        struct $name {
            $($body)*
            /// log2 of how many times more often records that belong together are on this level than others.
            bits: Bits,
        }
    )*};
}

levels! {
    /// The values are equal.
    EqualsLevel {
        /// true.
        equals: Yes,
        /// true: the bits are those of a value of average frequency; rarer ones weigh more, common ones less. Default false.
        frequency: Option<bool>,
    }
    /// The amounts differ by at most a tolerance, inclusive.
    WithinLevel {
        /// The tolerance.
        within: Within,
        /// Side of which the percentage is. Default: the larger absolute amount.
        of: Option<WireSide>,
        /// How signs are compared. Default "same".
        sign: Option<WireSign>,
    }
    /// right - left in calendar days lies in a range.
    DaysLevel {
        /// The range.
        days: DayCount,
    }
    /// right - left in business days lies in a range.
    BusinessDaysLevel {
        /// The range.
        business_days: DayCount,
        /// The calendar, by its name in `calendars`.
        calendar: Name,
    }
    /// The texts are alike.
    SimilarLevel {
        /// The measure.
        similar: Measure,
        /// The least similarity, 0 to 1.
        at_least: Share,
    }
    /// One text stands in the other.
    OccursLevel {
        /// Which text must stand in which.
        occurs: WireDirection,
        /// Values with fewer characters never occur. Default 4.
        #[schemars(range(min = 1, max = 10_000))]
        min_length: Option<u32>,
    }
    /// The digits differ by one slip.
    SlipLevel {
        /// The kinds of slip: "any", one, or a list.
        slip: Slips,
    }
}
