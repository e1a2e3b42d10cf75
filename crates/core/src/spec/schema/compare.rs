//! What is checked inside groups.

use super::{DayCount, Measure, Name, Share, WireSide, WireSign, Within, Yes, exactly_one, names_its_fields};
use schemars::JsonSchema;
use serde::Serialize;

/// What is checked inside groups: a field whose values have to be equal, or a table.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
pub(super) enum Compare {
    /// The field's values are equal.
    Name(Name),
    /// The values agree by a test, or are equal.
    Field(ComparedField),
}

/// A field that is checked inside groups, by at most one of `equals`, `within`, `days`, `business_days` and `similar`; without
/// one its values have to be equal. Two nulls agree, a null and a value don't.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = names_its_fields)]
pub(super) struct ComparedField {
    /// The field that is compared on both sides. Either this, or `left` and `right`.
    field: Option<Name>,
    /// The field that is read on the left.
    left: Option<Name>,
    /// The field that is read on the right.
    right: Option<Name>,
    /// true: the values are equal, which is the default.
    equals: Option<Yes>,
    /// The tolerance of amounts, inclusive.
    within: Option<Within>,
    /// Side of which a percentage of the tolerance is. Default: the larger absolute amount.
    of: Option<WireSide>,
    /// How the signs of amounts are compared. Default "same".
    sign: Option<WireSign>,
    /// Range of right - left in calendar days.
    days: Option<DayCount>,
    /// Range of right - left in business days.
    business_days: Option<DayCount>,
    /// The calendar of `business_days`, by its name in `calendars`.
    calendar: Option<Name>,
    /// The measure by which texts are alike.
    similar: Option<Measure>,
    /// The least similarity, 0 to 1.
    at_least: Option<Share>,
}
