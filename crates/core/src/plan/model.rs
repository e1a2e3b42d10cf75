//! The plan as types: names are resolved to positions, numbers to integers, defaults to values.

use super::levels::{LevelsPlan, PriorPlan};
use crate::limits::Limits;
use crate::money::Number;
use crate::outcome::Requirement;
use crate::spec::{
    Ambiguous, Cardinality, CellSpec, Clean, Conditions, DayRange, FeeBase, FeePer, FieldKind, FilterTest,
    Measure, Negative, Occurs, ReadSpec, Rounding, Sign, Slip, Status,
};
use crate::tables::Tables;
use std::sync::Arc;

/// One of the two sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The left source.
    Left,
    /// The right source.
    Right,
}

impl Side {
    /// Both, left first.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// 0 for left, 1 for right.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Left => 0,
            Self::Right => 1,
        }
    }

    /// The other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    /// `left` or `right`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

/// Position of a field in [`Plan::fields`].
pub type FieldIndex = usize;

/// A score, grade, weight or share in millionths: 0 to 1,000,000.
pub type Millionths = u32;

/// One, in millionths.
pub const ONE: Millionths = 1_000_000;

/// A whole request, resolved.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// There is one source only, the left one; the right one has no records.
    pub one_source: bool,
    /// User-facing names of the sources, left first.
    pub names: [String; 2],
    /// Sources, left first.
    pub sources: [SourcePlan; 2],
    /// Logical fields, sorted by name.
    pub fields: Vec<FieldPlan>,
    /// The `id` field, where there is one.
    pub id: Option<FieldIndex>,
    /// The `date` field, where it is mapped on both sides: days of a group.
    pub date: Option<FieldIndex>,
    /// The `currency` field, where it is mapped on both sides: every amount condition implies it.
    pub currency: Option<FieldIndex>,
    /// What is tied out.
    pub tie_out: TieOutPlan,
    /// Fields that a condition, compare or tie-out uses, ascending: records of one side that are equal in all of
    /// them are twins.
    pub used: Vec<FieldIndex>,
    /// Passes, in order.
    pub passes: Vec<PassPlan>,
    /// What is checked inside groups.
    pub compare: Vec<ConditionPlan>,
    /// Fields carried into `pairs`.
    pub carry: Vec<FieldIndex>,
    /// The day ages are counted to.
    pub as_of: Option<i32>,
    /// The first unreadable cell is an error.
    pub strict: bool,
    /// Bounds on work.
    pub limits: Limits,
    /// Third tables, until columns are made.
    pub tables: Tables,
}

impl Plan {
    /// The sources that there are.
    pub fn sides(&self) -> impl Iterator<Item = Side> + use<> {
        let only = self.one_source;
        Side::BOTH.into_iter().filter(move |side| !only || *side == Side::Left)
    }

    /// The fields that tell records apart: those in use and the id.
    pub(crate) fn fields_compared(&self) -> Vec<FieldIndex> {
        self.used.iter().copied().chain(self.id).collect()
    }

    /// The fields that conditions, compare or the tie-out name: those in use but for what only ranks candidates.
    pub(crate) fn fields_named(&self) -> Vec<FieldIndex> {
        let tied = self.tie_out.amount.iter().chain(&self.tie_out.by).copied();
        let keys = self.passes.iter().flat_map(|pass| &pass.key).flat_map(|one| [one.left, one.right]);
        let conditions = self.passes.iter().flat_map(|pass| &pass.conditions).chain(&self.compare);
        let by = self.passes.iter().filter_map(PassPlan::bundles).flat_map(BundlePlan::fields);
        tied.chain(keys).chain(conditions.flat_map(|one| [one.left, one.right])).chain(by).collect()
    }

    /// Whether a source has every field that a `same_side` pass tests. On a source without them the pass finds
    /// nothing.
    #[must_use]
    pub fn runs_on(&self, pass: &PassPlan, side: Side) -> bool {
        let has = |field: FieldIndex| {
            self.fields.get(field).is_some_and(|field| field.cells[side.index()].is_some())
        };
        pass.key.iter().all(|one| has(one.left) && has(one.right))
            && pass.conditions.iter().all(|one| has(one.left) && has(one.right))
    }
}

/// How one source is read.
#[derive(Debug, Clone, Default)]
pub struct SourcePlan {
    /// How its text is written.
    pub read: ReadSpec,
    /// Records that take part.
    pub filter: Vec<FilterPlan>,
    /// Time zone zoned timestamps are converted to.
    pub zone: Option<String>,
    /// Second of the day from which a timestamp counts as the next day.
    pub cut_off: Option<u32>,
}

/// A resolved filter.
#[derive(Debug, Clone)]
pub struct FilterPlan {
    /// What is tested: a field's prepared cell or a raw column's text.
    pub subject: FilterSubject,
    /// What must hold.
    pub test: FilterTest,
}

/// What a filter looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterSubject {
    /// A field's prepared cell.
    Field(FieldIndex),
    /// A physical column, read as text.
    Column(String),
}

/// A logical field, resolved.
#[derive(Debug, Clone)]
pub struct FieldPlan {
    /// Its name.
    pub name: String,
    /// What its cells mean.
    pub kind: FieldKind,
    /// Digits after the point that the spec asks for, by side.
    pub scale: [Option<u8>; 2],
    /// Where its cells come from, left first; `None` where the side doesn't have it.
    pub cells: [Option<CellSpec>; 2],
    /// Cleaning in order (the field's, then the side's), by side.
    pub clean: [Vec<Clean>; 2],
    /// Whether a record has many values, by side: equality is then that two records share one.
    pub many: [bool; 2],
}

/// What is tied out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TieOutPlan {
    /// The amount field; `None`: records are only counted.
    pub amount: Option<FieldIndex>,
    /// Fields whose values make a cell.
    pub by: Vec<FieldIndex>,
}

/// A pass, resolved.
#[derive(Debug, Clone)]
pub struct PassPlan {
    /// Its name, unique in the plan.
    pub name: String,
    /// How many records a group has on each side.
    pub cardinality: Cardinality,
    /// Required equalities: together they are the key of a block. The currency is among them wherever an amount
    /// condition implies it.
    pub key: Vec<KeyPlan>,
    /// All other conditions, in the order of the spec (defaults first). In a `same_side` pass the netting
    /// tolerance is one of them (`Within` with `Sign::Opposite`).
    pub conditions: Vec<ConditionPlan>,
    /// Which of `conditions` limits the candidates inside a block; `None` when the key alone does.
    pub limiter: Option<usize>,
    /// Sum of the weights of the key's equalities, in millionths (they grade 1 where they hold).
    pub key_weight: u64,
    /// The amount field whose variance ranks candidates: the pass's own amount condition's, else the tie-out's.
    pub variance: Option<VariancePlan>,
    /// The date fields whose distance ranks candidates, (left, right).
    pub days: Option<(FieldIndex, FieldIndex)>,
    /// Score from which a candidate gains more than the least.
    pub floor: Millionths,
    /// Matches with a regret up to this are ambiguous; 0: off.
    pub margin: Millionths,
    /// What happens to tied records.
    pub ambiguous: Ambiguous,
    /// Status of what it finds.
    pub status: Status,
    /// Groups with a lower score are proposed.
    pub propose_below: Millionths,
    /// How its groups come about.
    pub grouping: Grouping,
    /// What is known of a pair beforehand, where the score is a probability; then a pair below the floor is no candidate.
    /// `None`: the score is of grades.
    pub prior: Option<PriorPlan>,
}

/// How the groups of a pass come about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Grouping {
    /// Two records each, by assignment.
    #[default]
    Pairs,
    /// Records of a side are taken as one; then two of these each, by assignment.
    Bundles(BundlePlan),
    /// Each record of the side that has many goes to its best on the other.
    Lookup,
    /// Records of the only source, each near another.
    Cluster,
    /// A person made them: nothing is searched.
    Decided,
}

/// How the records of a side are taken as one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BundlePlan {
    /// Fields whose values are equal inside a bundle, beside those of the key, by side; `None` where every record stands
    /// for itself.
    pub by: [Option<Vec<FieldIndex>>; 2],
    /// Position of the condition on the sums; `None` where sums are not compared.
    pub sum: Option<usize>,
    /// Which records the other conditions are asked of.
    pub conditions: Conditions,
    /// What is kept back of amounts before they are compared, in order.
    pub fees: Vec<FeePlan>,
    /// How amounts of one side become those of the other's currency.
    pub convert: Option<ConvertPlan>,
    /// Whether a record is taken in part where the sums don't agree.
    pub partial: bool,
}

/// How amounts of one side become those of the other's currency, before the run's scale is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertPlan {
    /// Where it stands in the spec, for errors.
    pub path: String,
    /// The side that is converted.
    pub side: Side,
    /// The field that holds the rate, on that side.
    pub rate: FieldIndex,
    /// Amounts are divided by the rate, not multiplied.
    pub divide: bool,
    /// The currency that the rate leads to, with its field: other records of the other side are not compared.
    pub to: Option<(FieldIndex, String)>,
    /// Every record is rounded, or once the group.
    pub per: FeePer,
    /// How it is rounded.
    pub round: Rounding,
    /// Digits after the point that it is rounded to; `None`: the run's.
    pub digits: Option<u8>,
}

/// What is kept back of one side's amounts, before the run's scale is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeePlan {
    /// Where it stands in the spec, for errors.
    pub path: String,
    /// The side whose amounts are gross.
    pub side: Side,
    /// Of every record, or once of a group.
    pub per: FeePer,
    /// What the percentage is of.
    pub base: FeeBase,
    /// What becomes of it where an amount is negative.
    pub negative: Negative,
    /// How the percentage is rounded.
    pub round: Rounding,
    /// Digits after the point that it is rounded to; `None`: the run's.
    pub digits: Option<u8>,
    /// By the size of the amount, ascending; one without a bound is of all.
    pub rates: Vec<FeeRate>,
}

/// What is kept back of amounts up to a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FeeRate {
    /// The largest size; `None`: any.
    pub up_to: Option<Number>,
    /// Percent of the amount: 2.9 means 2.9 %.
    pub percent: Option<Number>,
    /// A fixed amount.
    pub fixed: Option<Number>,
}

impl BundlePlan {
    /// The fields that it reads beside those of conditions, of both sides.
    pub(crate) fn fields(&self) -> impl Iterator<Item = FieldIndex> {
        let convert = self.convert.iter().flat_map(|convert| {
            let to = convert.to.as_ref().map(|(field, _)| *field);
            std::iter::once(convert.rate).chain(to)
        });
        self.by.iter().flatten().flatten().copied().chain(convert)
    }
}

impl PassPlan {
    /// Whether it searches candidates. What persons decided stands in a pass that doesn't.
    #[must_use]
    pub fn searches(&self) -> bool {
        self.grouping != Grouping::Decided
    }

    /// Whether its groups have records of both sides.
    #[must_use]
    pub fn is_across(&self) -> bool {
        !matches!(self.cardinality, Cardinality::SameSide | Cardinality::Cluster)
    }

    /// How it takes records as one, where it does.
    #[must_use]
    pub fn bundles(&self) -> Option<&BundlePlan> {
        match &self.grouping {
            Grouping::Bundles(bundles) => Some(bundles),
            Grouping::Pairs | Grouping::Lookup | Grouping::Cluster | Grouping::Decided => None,
        }
    }

    /// How its sums are compared, where it says how much more or less than is due may be paid.
    pub(crate) fn payable(&self) -> Option<&WithinPlan> {
        let sum = self.bundles()?.sum?;
        match &self.conditions.get(sum)?.test {
            TestPlan::Within(within) => within.payment.is_some().then_some(within),
            _ => None,
        }
    }

    /// Whether all records that agree in the key are candidates of the full score.
    #[must_use]
    pub fn is_of_key_alone(&self) -> bool {
        self.conditions.is_empty() && self.prior.is_none()
    }

    /// Whether it requires a probability of its candidates.
    #[must_use]
    pub fn requires_probability(&self) -> bool {
        self.prior.is_some() && self.floor > 0
    }

    /// The fields that a requirement reads, left and right; `None` where the pass has no such requirement, or it reads no
    /// field.
    #[must_use]
    pub fn fields_of(&self, requirement: Requirement) -> Option<(FieldIndex, FieldIndex)> {
        match requirement {
            Requirement::Key(at) => self.key.get(usize::from(at)).map(|key| (key.left, key.right)),
            Requirement::Condition(at) => {
                self.conditions.get(usize::from(at)).map(|condition| (condition.left, condition.right))
            }
            Requirement::Floor => None,
        }
    }
}

/// Which amounts make the variance of a group, and with which signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VariancePlan {
    /// Amount field on the left.
    pub left: FieldIndex,
    /// Amount field on the right.
    pub right: FieldIndex,
    /// `Same`: right − left; `Opposite`: left + right; `Ignore`: |right| − |left|.
    pub sign: Sign,
}

/// One equality of a block's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPlan {
    /// Field on the left.
    pub left: FieldIndex,
    /// Field on the right.
    pub right: FieldIndex,
    /// Whether nulls are equal; else a record with a null is in no block.
    pub nulls_equal: bool,
}

/// A condition that is not part of the key.
#[derive(Debug, Clone)]
pub struct ConditionPlan {
    /// Field on the left (in a `same_side` pass: of the positive record).
    pub left: FieldIndex,
    /// Field on the right (in a `same_side` pass: of the negative record).
    pub right: FieldIndex,
    /// What is tested.
    pub test: TestPlan,
    /// Whether a candidate must satisfy it.
    pub required: bool,
    /// Its part in the score, in millionths.
    pub weight: u64,
    /// Whether two nulls are equal (`Equals` only).
    pub nulls_equal: bool,
}

/// What a condition tests, resolved.
#[derive(Debug, Clone)]
pub enum TestPlan {
    /// The values are equal: an equality that is not required, or one of many values, which holds where two records share
    /// one. No block is made of the latter, as records with different values may share one.
    Equals,
    /// The amounts differ by at most a tolerance.
    Within(WithinPlan),
    /// right − left in calendar days.
    Days(DayRange),
    /// right − left in business days.
    BusinessDays(DayRange, Arc<CalendarPlan>),
    /// The texts are alike, at least so much.
    Similar(Measure, Millionths),
    /// One text stands in the other.
    Occurs(Occurs),
    /// The digits differ by one slip.
    Slip(Vec<Slip>),
    /// How near the values are, weighed in bits.
    Levels(LevelsPlan),
}

/// A tolerance, before the run's scale is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithinPlan {
    /// Where it stands in the spec, for errors: `pass[1].on[0].within`.
    pub path: String,
    /// Absolute part.
    pub absolute: Option<Number>,
    /// Percent part: 0.5 means 0.5 %.
    pub percent: Option<Number>,
    /// With two parts: the larger allowance holds.
    pub larger: bool,
    /// Side the percentage is of; `None`: the larger absolute amount.
    pub of: Option<Side>,
    /// How signs are compared.
    pub sign: Sign,
    /// How much more or less than is due may be paid beyond that.
    pub payment: Option<Box<PaymentPlan>>,
}

/// How much more or less than is due may be paid, before the run's scale is known.
///
/// What is less is a discount as far as that goes, and paid short beyond it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentPlan {
    /// The side whose amounts are payments.
    pub paid: Side,
    /// How much less may be paid.
    pub short_pay: Option<WithinPlan>,
    /// How much less may be paid as a discount.
    pub discount: Option<WithinPlan>,
    /// How much more may be paid.
    pub overpay: Option<WithinPlan>,
    /// Whether it is paid in parts: any sums of the same sign.
    pub in_parts: bool,
}

impl PaymentPlan {
    /// The tolerances that it has.
    pub fn tolerances(&self) -> impl Iterator<Item = &WithinPlan> {
        [&self.short_pay, &self.discount, &self.overpay].into_iter().flatten()
    }
}

/// A calendar, resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarPlan {
    /// Its name in the spec.
    pub name: String,
    /// By weekday, 0 = Monday: whether it is no business day.
    pub weekend: [bool; 7],
    /// Other days that are none, ascending, without weekend days and repeats.
    pub holidays: Vec<i32>,
}
