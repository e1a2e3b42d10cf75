//! The spec as Rust types: valid by construction where types can say it.

use super::sheet_range::SheetRange;
use super::{DecisionsSpec, Levels, Places, Score};
use crate::limits::Limits;
use crate::money::Number;
use std::collections::BTreeMap;

/// A whole request. See `docs/spec` for the meaning of every key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spec {
    /// There is one source only, `left`, and passes look for duplicates in it.
    pub one_source: bool,
    /// The left source.
    pub left: SourceSpec,
    /// The right source.
    pub right: SourceSpec,
    /// Logical fields by name. A column that exists under one name on both sides is mapped without being listed.
    pub fields: BTreeMap<String, FieldSpec>,
    /// Conditions that stand before every pass's own.
    pub defaults: Vec<Condition>,
    /// The passes, in order.
    pub passes: Vec<PassSpec>,
    /// What is checked inside groups: neither required nor weighed. Two nulls agree, a null and a value don't.
    pub compare: Vec<Condition>,
    /// What totals are tied out, by which cells. `None`: `amount` by `currency`, where they are mapped.
    pub tie_out: Option<TieOutSpec>,
    /// Calendars by name.
    pub calendars: BTreeMap<String, CalendarSpec>,
    /// Fields to carry into `pairs`, from both sides.
    pub carry: Vec<String>,
    /// The day ages are counted to (`age_days`), as days since 1970-01-01.
    pub as_of: Option<Day>,
    /// Tables of open items that an earlier run left, in order.
    pub open_items: Vec<String>,
    /// Balances of the cells, to prove them. `None`: nothing is proved.
    pub balances: Option<BalancesSpec>,
    /// The first unreadable cell is an error.
    pub strict: bool,
    /// Bounds on work.
    pub limits: Limits,
    /// What persons decided about an earlier outcome.
    pub decisions: DecisionsSpec,
    /// Third tables by name, beside the two sources: what `lookup` reads.
    pub tables: BTreeMap<String, TableSpec>,
    /// Where all this stands in the text it was read from, where it was. No part of what the spec says.
    pub places: Places,
}

/// A third table: neither of the sources, but read beside them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableSpec {
    /// Its files, in order; empty when the table is passed in memory.
    pub path: Vec<String>,
    /// How its cells are written.
    pub read: ReadSpec,
}

/// Where the balances of cells stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BalancesSpec {
    /// In tables, in order.
    Paths(Vec<String>),
    /// Here: per cell the values of its fields, and what is known of `left_opening`, `left_closing`,
    /// `right_opening`, `right_closing`, as text.
    Inline(Vec<BTreeMap<String, String>>),
}

/// A calendar day, counted from 1970-01-01.
pub type Day = i32;

/// One source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceSpec {
    /// Its user-facing name. Default: `left`, `right`.
    pub name: Option<String>,
    /// Its files, in order; empty when tables are passed in memory.
    pub path: Vec<String>,
    /// How its cells are written.
    pub read: ReadSpec,
    /// Records that take part: all tests must hold. The others are `excluded`, counted and totalled.
    pub filter: Vec<FilterSpec>,
    /// Time zone that zoned timestamps are converted to (IANA name). Default: the column's own.
    pub zone: Option<String>,
    /// Time of day (seconds since midnight) from which a timestamp counts as the next day.
    pub cut_off: Option<u32>,
}

/// How a source's text is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadSpec {
    /// CSV delimiter. Default: detected among `,` `;` tab `|`.
    pub delimiter: Option<char>,
    /// Decimal mark of amounts in text. Default `.`.
    pub decimal: Option<char>,
    /// Thousands separator of amounts in text. Default: none.
    pub thousands: Option<char>,
    /// Currency sign that amounts in text may have before or behind them, such as `$` or `EUR`. Default: none.
    pub currency_sign: Option<String>,
    /// strftime format of dates in text. Default: ISO 8601 (`2026-01-31`, with or without a time).
    pub dates: Option<String>,
    /// Encoding label of text files (WHATWG). Default: UTF-8, with or without a byte order mark.
    pub encoding: Option<String>,
    /// CSV quote. Default `"`.
    pub quote: Option<char>,
    /// Whether the first line names the columns. Default true; else `column_1`, `column_2`, ….
    pub header: Option<bool>,
    /// Lines to skip before the header, rows of a sheet. Default: 0 of a sheet, of CSV those that plainly are no table.
    pub skip: Option<u32>,
    /// Rows to leave out at the end of each file. Default 0.
    pub footer: Option<u32>,
    /// What becomes of rows of CSV with more or fewer cells than the header. Default [`Ragged::Unreadable`].
    pub ragged: Ragged,
    /// Sheet of a workbook. Default: its only visible one.
    pub sheet: Option<String>,
    /// Range of the sheet. Default: all of it.
    pub range: Option<SheetRange>,
}

/// What becomes of a row of CSV that has more or fewer cells than the header. One that only has empty cells more is as
/// long as the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ragged {
    /// The record is unreadable, and its row an issue: which cell belongs to which column can't be told.
    #[default]
    Unreadable,
    /// Cells that are missing at the end of a row are empty; a row with too many is unreadable.
    Pad,
    /// The run stops at it.
    Error,
}

/// A test on one field or column of one source, on the text, amount or date of its cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterSpec {
    /// Field, or else column of this source.
    pub field: String,
    /// What must hold.
    pub test: FilterTest,
}

/// What a filter tests. A null cell passes only `IsNull(true)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterTest {
    /// Equal to this value.
    Equals(String),
    /// Equal to one of these.
    In(Vec<String>),
    /// Between both, inclusive: amounts and integers by value, dates by day, text by bytes.
    Between(String, String),
    /// The regular expression finds something.
    Matches(String),
    /// The cell is null (true) or is not (false).
    IsNull(bool),
}

/// A logical field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldSpec {
    /// Its cells on the left.
    pub left: Option<CellSpec>,
    /// Its cells on the right.
    pub right: Option<CellSpec>,
    /// What the cells mean. Default: `amount, currency, date, id` mean themselves, others by use, by Arrow type, text.
    pub kind: Option<FieldKind>,
    /// Digits after the point, for amounts; text and decimals with more are unreadable, doubles are rounded to it.
    pub scale: Option<u8>,
    /// Cleaning of text, in order, on both sides (before a side's own).
    pub clean: Vec<Clean>,
}

/// What the cells of a field mean.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Exact money or quantity.
    Amount,
    /// A calendar day.
    Date,
    /// Text (currencies and ids too).
    Text,
    /// A 64-bit integer key.
    Integer,
}

/// Where one side's cells of a field come from and how they are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CellSpec {
    /// The physical column(s).
    pub from: CellSource,
    /// The amount's sign is turned.
    pub negate: bool,
    /// Integers are in units of 10^-minor (`minor = 2`: cents). Amounts only.
    pub minor: Option<u8>,
    /// Digits after the point of this side; overrides the field's.
    pub scale: Option<u8>,
    /// strftime format of this column's dates; overrides the source's.
    pub dates: Option<String>,
    /// Regular expression: the first match's group 1, or the whole match; no match is null.
    pub extract: Option<String>,
    /// Cleaning of text, in order, after the field's.
    pub clean: Vec<Clean>,
    /// Every match of `extract` is a value, not only the first.
    pub all: bool,
    /// The cell is a key into a third table, whose values are the field's.
    pub lookup: Option<LookupSpec>,
}

/// Where a cell's values stand: in the rows of a third table that have the cell's text as their key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupSpec {
    /// The table.
    pub table: String,
    /// Its column that the cell is looked up in.
    pub key: String,
    /// Its column with the values.
    pub column: String,
    /// What its rows must hold: the text of a column, by the column's name. Other rows are not looked at.
    pub only: BTreeMap<String, String>,
    /// Of the rows with the key only those of one day. `None`: all of them.
    pub as_of: Option<AsOf>,
}

/// The day whose rows of a third table count: the latest that is not after a day of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsOf {
    /// The table's column with the day.
    pub date: String,
    /// The record's own column with the day.
    pub at: String,
    /// How many days earlier it may be.
    pub days: u32,
}

/// The physical column(s) a cell is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellSource {
    /// One column.
    Column(String),
    /// Two amount columns: credit − debit; at most one of them filled (a zero counts as empty).
    DebitCredit {
        /// Column of debits (counted negative).
        debit: String,
        /// Column of credits (counted positive).
        credit: String,
    },
    /// An unsigned amount column and one that says which way it goes.
    Indicator {
        /// The amount's column.
        column: String,
        /// The indicator's column.
        indicator: String,
        /// Values that mean debit (negative), compared after trimming, case-sensitive.
        debit: Vec<String>,
        /// Values that mean credit (positive). Any other value makes the amount unreadable.
        credit: Vec<String>,
    },
}

impl Default for CellSource {
    fn default() -> Self {
        Self::Column(String::new())
    }
}

/// A step of text cleaning. NFKC and trimming come first, always for cleaned fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clean {
    /// Upper case.
    Upper,
    /// Lower case.
    Lower,
    /// Letters without their accents: `Ä` → `A`; other scripts by their sound (lossy).
    Unaccent,
    /// Runs of white space become one space; ends trimmed.
    Collapse,
    /// Only letters and digits stay.
    Alphanumeric,
    /// Only digits stay.
    Digits,
    /// Leading zeros go; all zeros become `0`.
    StripZeros,
    /// Punctuation becomes a space.
    Punctuation,
}

/// One ordered matching step over the records that earlier passes left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassSpec {
    /// Its name. Default: its conditions' fields joined by ` + `.
    pub name: Option<String>,
    /// How many records a group has on each side.
    pub cardinality: Cardinality,
    /// Its own conditions, after the defaults.
    pub on: Vec<Condition>,
    /// Status of what it finds. Default `matched` (`proposed` for passes with a required `slip`).
    pub status: Option<Status>,
    /// Groups with a lower score are proposed.
    pub propose_below: Option<Number>,
    /// What happens to tied records.
    pub ambiguous: Ambiguous,
    /// Score from which a candidate gains more than the least. Default 0.5.
    pub floor: Option<Number>,
    /// Matches with a regret up to this are `ambiguous`. Default 0: only true ties are.
    pub margin: Option<Number>,
    /// What the amounts of a group sum up to. `None`: exactly zero in a `same_side` pass, anything in others.
    pub sum: Option<SumSpec>,
    /// The records of a side that are taken as one. `None`: each stands for itself.
    pub group_by: Option<GroupBy>,
    /// Which of the records that are taken as one the conditions are asked of.
    pub conditions: Conditions,
    /// Whether one record of a group is taken in part where the sums don't agree: what is left of it stays open.
    pub partial: bool,
    /// What its score is. Default: of grades.
    pub score: Score,
    /// The probability that two records of one of its blocks belong together, before anything else is known of them.
    /// Scores by probability need it, others have none.
    pub prior: Option<Number>,
}

/// What the amounts of a group sum up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumSpec {
    /// The amounts, on the left and on the right. `None`: what is tied out.
    pub fields: Option<(String, String)>,
    /// How far the sums may be apart; in a `same_side` pass, how far from zero.
    pub within: Tolerance,
    /// How the signs of the sums are compared.
    pub sign: Sign,
    /// What is kept back of one side's amounts before they are compared, in order.
    pub fee: Vec<FeeSpec>,
    /// How amounts of one side become those of the other's currency, after fees.
    pub convert: Option<ConvertSpec>,
    /// How much less than is due may be paid. Default: as `within` has it.
    pub short_pay: Option<Tolerance>,
    /// How much less may be paid as a discount: that is told before `short_pay` is. Default: none.
    pub discount: Option<Tolerance>,
    /// How much more than is due may be paid. Default: as `within` has it.
    pub overpay: Option<Tolerance>,
    /// The side whose amounts are payments. Default: the one that has one, else right.
    pub paid: Option<crate::plan::Side>,
}

impl SumSpec {
    /// Whether it does more than compare sums: then a pass of single records can have it, too.
    #[must_use]
    pub fn has_terms(&self) -> bool {
        !self.fee.is_empty() || self.convert.is_some() || self.has_payment()
    }

    /// Whether it says how much more or less than is due may be paid.
    #[must_use]
    pub fn has_payment(&self) -> bool {
        [&self.short_pay, &self.discount, &self.overpay].into_iter().any(Option::is_some)
    }
}

/// How amounts of one side become those of the other's currency before they are compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConvertSpec {
    /// The field that holds the rate, on the side that is converted.
    pub rate: String,
    /// The side that is converted. Default: the one that has the rate.
    pub side: Option<crate::plan::Side>,
    /// Amounts are divided by the rate, not multiplied.
    pub divide: bool,
    /// The currency that the rate leads to. Default: whatever the other record has.
    pub to: Option<String>,
    /// Every record is rounded, or once the group.
    pub per: FeePer,
    /// How it is rounded.
    pub round: Rounding,
    /// Digits after the point that it is rounded to. Default: those of the run's amounts.
    pub digits: Option<u8>,
}

/// What is kept back of amounts before they are compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeeSpec {
    /// Percent of the amount.
    pub percent: Option<Number>,
    /// A fixed amount.
    pub fixed: Option<Number>,
    /// Instead of both: by the size of the amount.
    pub tiers: Vec<FeeTier>,
    /// Of every record, or once of a group.
    pub per: FeePer,
    /// The side whose amounts are gross. Default: the one that has many, else left.
    pub side: Option<crate::plan::Side>,
    /// What the percentage is of.
    pub of: FeeBase,
    /// How the percentage is rounded.
    pub round: Rounding,
    /// Digits after the point that it is rounded to. Default: those of the run's amounts.
    pub digits: Option<u8>,
    /// What becomes of it where an amount is negative.
    pub negative: Negative,
}

/// A fee of amounts up to a size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeeTier {
    /// The largest amount that it is of, by its size. `None`: of all that are larger than the tiers before.
    pub up_to: Option<Number>,
    /// Percent of the whole amount.
    pub percent: Option<Number>,
    /// A fixed amount.
    pub fixed: Option<Number>,
}

/// What a fee is kept back of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeePer {
    /// Every record for itself.
    #[default]
    Record,
    /// The group's sum, once.
    Group,
}

/// What the percentage of a fee is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeeBase {
    /// The gross amount: fees stand beside each other.
    #[default]
    Gross,
    /// What the fees before it leave: fees follow each other.
    Rest,
}

/// How a fraction of a unit becomes whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest, halves away from zero.
    #[default]
    HalfUp,
    /// To the nearest, halves to the even one.
    HalfEven,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

/// What becomes of a fee where an amount is negative: a refund, or money paid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Negative {
    /// It is given back: the fee is that of the size, with the other sign.
    #[default]
    Returned,
    /// It is kept back all the same: −100.00 and a fee of 2.90 are −102.90.
    Charged,
    /// There is none.
    Free,
}

impl Default for SumSpec {
    /// Exactly equal.
    fn default() -> Self {
        Self {
            fields: None,
            within: Tolerance::exact(),
            sign: Sign::Same,
            fee: Vec::new(),
            convert: None,
            short_pay: None,
            discount: None,
            overpay: None,
            paid: None,
        }
    }
}

/// Fields by which the records of a side are taken as one: those with equal values, inside the pass's equalities. A
/// record in which one of them is null is in no group of the pass. Empty where a side's records stand for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupBy {
    /// Fields read on the left.
    pub left: Vec<String>,
    /// Fields read on the right.
    pub right: Vec<String>,
}

/// Which of the records that are taken as one the conditions of a pass are asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Conditions {
    /// Before they are taken together: every record against the earliest and the latest of the other side.
    #[default]
    Before,
    /// After: the latest of one side against the latest of the other.
    After,
}

impl Default for PassSpec {
    fn default() -> Self {
        Self {
            name: None,
            cardinality: Cardinality::OneToOne,
            on: Vec::new(),
            status: None,
            propose_below: None,
            ambiguous: Ambiguous::Propose,
            floor: None,
            margin: None,
            sum: None,
            group_by: None,
            conditions: Conditions::Before,
            partial: false,
            score: Score::Grades,
            prior: None,
        }
    }
}

/// How many records a group has on each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Cardinality {
    /// One of each: `1:1`.
    #[default]
    OneToOne,
    /// One on the left, any number on the right: `1:n`.
    OneToMany,
    /// Any number on the left, one on the right: `n:1`.
    ManyToOne,
    /// Any number of either: `n:m`.
    ManyToMany,
    /// Two of one source that net to zero: `same_side`.
    SameSide,
    /// Any number of the only source, each near another: `cluster`.
    Cluster,
}

impl Cardinality {
    /// As written in specs and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OneToOne => "1:1",
            Self::OneToMany => "1:n",
            Self::ManyToOne => "n:1",
            Self::ManyToMany => "n:m",
            Self::SameSide => "same_side",
            Self::Cluster => "cluster",
        }
    }

    /// Whether a group may have several records of a side that are taken as one. Those of `same_side` and `cluster` are
    /// records of one side, each for itself.
    #[must_use]
    pub fn has_many(self, side: crate::plan::Side) -> bool {
        match self {
            Self::OneToOne | Self::SameSide | Self::Cluster => false,
            Self::OneToMany => side == crate::plan::Side::Right,
            Self::ManyToOne => side == crate::plan::Side::Left,
            Self::ManyToMany => true,
        }
    }

    /// The same seen from the other side.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::OneToMany => Self::ManyToOne,
            Self::ManyToOne => Self::OneToMany,
            Self::OneToOne | Self::ManyToMany | Self::SameSide | Self::Cluster => self,
        }
    }
}

/// Whether a group is final or a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Final.
    Matched,
    /// A person decides; the group holds its records until then.
    Proposed,
}

impl Status {
    /// As written in specs and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Proposed => "proposed",
        }
    }
}

/// What happens to records that are tied in substance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ambiguous {
    /// One of the optimal answers is proposed.
    Propose,
    /// They stay open for later passes.
    Leave,
    /// One of the optimal answers is taken.
    Match,
}

/// One test of a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Field read on the left.
    pub left: String,
    /// Field read on the right; mostly the same.
    pub right: String,
    /// What is tested.
    pub test: Test,
    /// Whether a candidate must satisfy it. Else it only grades.
    pub required: bool,
    /// Its part in the score. Default 1, for equality 0; levels have none.
    pub weight: Option<Number>,
    /// Whether two nulls are equal (equality only).
    pub nulls_equal: bool,
}

/// What a condition tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The values are equal.
    Equals,
    /// The amounts differ by at most a tolerance.
    Within(Tolerance, Sign),
    /// right − left, in calendar days.
    Days(DayRange),
    /// right − left, in business days of a calendar.
    BusinessDays(DayRange, String),
    /// The texts are alike.
    Similar(Measure, Number),
    /// One text stands in the other.
    Occurs(Occurs),
    /// The digits differ by one slip.
    Slip(Vec<Slip>),
    /// How near the values are, weighed in bits.
    Levels(Levels),
}

/// How far two amounts may be apart: inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tolerance {
    /// Absolute part.
    pub absolute: Option<Number>,
    /// Part in percent of the larger absolute amount, or of one side's.
    pub percent: Option<Number>,
    /// With two parts: the larger allowance holds instead of the smaller.
    pub larger: bool,
    /// Side the percentage is of.
    pub of: Option<crate::plan::Side>,
}

impl Tolerance {
    /// None at all.
    #[must_use]
    pub fn exact() -> Self {
        Self { absolute: Some(Number::whole(0)), percent: None, larger: false, of: None }
    }

    /// Whether it allows, of any amounts, all that another does: where both are a fixed amount and nothing else, which is all
    /// that can be told without amounts.
    #[must_use]
    pub fn allows_all_of(&self, other: &Self) -> bool {
        let fixed = |one: &Self| one.absolute.filter(|_| one.percent.is_none());
        fixed(self).zip(fixed(other)).is_some_and(|(own, others)| others <= own)
    }
}

/// How signs are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sign {
    /// Signs must agree; zero agrees with both.
    #[default]
    Same,
    /// Signs must be opposite; the variance is left + right.
    Opposite,
    /// Absolute values are compared.
    Ignore,
}

/// An inclusive range of days, right − left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DayRange {
    /// Least.
    pub from: i32,
    /// Most.
    pub to: i32,
}

/// A measure of likeness of texts, 0 to 1.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Jaro-Winkler similarity, prefix weight 0.1, up to 4 characters.
    JaroWinkler,
    /// 1 − Levenshtein distance / longer length.
    Levenshtein,
    /// 1 − optimal string alignment distance (adjacent swaps count 1) / longer length.
    Osa,
    /// Indel similarity: 2 × longest common subsequence / sum of lengths.
    Ratio,
    /// Ratio of the texts with their words sorted.
    TokenSort,
    /// Best ratio of the common words against each side's words.
    TokenSet,
    /// Common words / all words (Jaccard).
    TokenJaccard,
    /// Cosine of the multisets of character trigrams.
    Trigram,
}

/// Which text must stand in which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Occurs {
    /// Where.
    pub direction: Direction,
    /// Values shorter than this never occur. Default 4 characters.
    pub min_length: u32,
}

/// Direction of an `occurs` condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The right value stands in the left text.
    RightInLeft,
    /// The left value stands in the right text.
    LeftInRight,
    /// Either.
    Either,
}

/// A kind of digit slip.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Slip {
    /// Two adjacent digits are swapped.
    Swapped,
    /// One digit is another.
    OneDigit,
    /// A factor of 10 or 100 (amounts only).
    Factor,
}

/// What is tied out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieOutSpec {
    /// The amount field. `None`: records are counted only.
    pub amount: Option<String>,
    /// Fields whose values make a cell.
    pub by: Vec<String>,
}

/// Which days are business days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarSpec {
    /// Days of the week that are not, 0 = Monday. Default Saturday and Sunday.
    pub weekend: Vec<u8>,
    /// Single days that are not.
    pub holidays: Vec<Day>,
}

impl Default for CalendarSpec {
    fn default() -> Self {
        Self { weekend: vec![5, 6], holidays: Vec::new() }
    }
}
