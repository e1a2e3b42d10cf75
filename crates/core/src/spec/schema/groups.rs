//! Groups of several records: what is taken as one, and what becomes of the amounts.

use super::{Decimal, Name, OneOrSome, Part, WireSide, WireSign, Within, exactly_one};
use crate::spec::{FeeBase, FeePer, Negative, Rounding};
use schemars::JsonSchema;
use serde::Serialize;

/// Fields by which records are taken as one: one, some, or by side.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
pub(super) enum GroupBy {
    /// One field, on every side that has many records.
    One(Name),
    /// Several fields, on every side that has many records.
    Some(#[schemars(length(min = 1))] Vec<Name>),
    /// Fields of each side.
    Sides(GroupBySides),
}

/// Fields by which the records of each side are taken as one.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupBySides {
    /// Fields read on the left.
    left: Option<OneOrSome>,
    /// Fields read on the right.
    right: Option<OneOrSome>,
}

/// Which records the conditions of a pass with `group_by` are asked of.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Conditions")]
pub(super) enum WireConditions {
    /// Every record against the earliest and the latest of the other side.
    Before,
    /// The latest record of one side against the latest of the other.
    After,
}

/// What the amounts of a group sum up to.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Sum {
    /// The amount that is summed on both sides. Default: the one that is tied out; a `same_side` pass has no other.
    field: Option<Name>,
    /// The amount that is summed on the left.
    left: Option<Name>,
    /// The amount that is summed on the right.
    right: Option<Name>,
    /// How far the sums may be apart; in a `same_side` pass, how far from zero. Default: not at all.
    within: Option<Within>,
    /// Side of which a percentage is; in a `same_side` pass left is the positive record, right the negative one. Default:
    /// the larger absolute sum.
    of: Option<WireSide>,
    /// How the signs of the sums are compared. Default "same".
    sign: Option<WireSign>,
    /// What is kept back of one side's amounts before they are compared. Default: nothing.
    fee: Option<Fees>,
    /// How amounts of one side become those of the other's currency, after fees. Default: currencies are equal.
    convert: Option<Converts>,
    /// How much less than is due may be paid, whatever `within` says; a percentage is of what is due. Default: as `within`.
    short_pay: Option<Within>,
    /// How much less may be paid as a discount, likewise: told before `short_pay` is. Default: none.
    discount: Option<Within>,
    /// How much more than is due may be paid, likewise. Default: as `within`.
    overpay: Option<Within>,
    /// The side whose amounts are payments. Default: of a side that has one and a side that has many the former, else
    /// right.
    paid: Option<WireSide>,
}

/// The field that holds the rate, or a conversion in full.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
pub(super) enum Converts {
    /// The field that holds the rate: amounts are multiplied by it.
    Rate(Name),
    /// In full.
    Full(Convert),
}

/// How amounts of one side become those of the other's currency before they are compared.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Convert {
    /// The field that holds the rate, on the side that is converted.
    rate: Name,
    /// The side that is converted. Default: the one that has the rate.
    side: Option<WireSide>,
    /// Whether amounts are divided by the rate. Default false: multiplied.
    divide: Option<bool>,
    /// The currency that the rate leads to: other records of the other side are not compared. Default: any.
    to: Option<Name>,
    /// Every record is rounded, or once the group. Default "record".
    per: Option<FeePer>,
    /// How it is rounded. Default `half_up`.
    round: Option<Rounding>,
    /// Digits after the point that it is rounded to. Default: those of the run's amounts.
    #[schemars(range(min = 0, max = 18))]
    digits: Option<u8>,
}

/// One fee or several, in order.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
pub(super) enum Fees {
    /// One, as text: `2.9% + 0.30 each`, `1.5%`, `0.25 each`. With `each` it is of every record, else of a group once.
    Text(Name),
    /// One, in full.
    One(Fee),
    /// Several, in order.
    Several(#[schemars(length(min = 1, max = 16))] Vec<OneFee>),
}

/// A fee among several.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = exactly_one)]
pub(super) enum OneFee {
    /// As text.
    Text(Name),
    /// In full.
    Full(Fee),
}

/// What is kept back of amounts before they are compared: `percent` and `fixed`, or `tiers`.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Fee {
    /// Percent of the amount.
    percent: Option<Part>,
    /// A fixed amount.
    fixed: Option<Decimal>,
    /// Instead of both: by the size of the amount, ascending.
    #[schemars(length(min = 1, max = 64))]
    tiers: Option<Vec<Tier>>,
    /// Of every record, or once of a group. Default "record".
    per: Option<FeePer>,
    /// The side whose amounts are gross. Default: the one that has many, else left.
    side: Option<WireSide>,
    /// What the percentage is of. Default "gross".
    of: Option<FeeBase>,
    /// How the percentage is rounded. Default `half_up`.
    round: Option<Rounding>,
    /// Digits after the point that it is rounded to. Default: those of the run's amounts.
    #[schemars(range(min = 0, max = 18))]
    digits: Option<u8>,
    /// What becomes of it where an amount is negative. Default "returned".
    negative: Option<Negative>,
}

/// A fee of amounts up to a size.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Tier {
    /// The largest amount that it is of, by its size. Only the last tier may be without.
    up_to: Option<Decimal>,
    /// Percent of the whole amount.
    percent: Option<Part>,
    /// A fixed amount.
    fixed: Option<Decimal>,
}
