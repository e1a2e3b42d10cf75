//! What a candidate lacks, in the user's own names, and the smallest change to the spec that would have made it one.

use super::formula::{Formula, Kind};
use super::share::comparable;
use crate::columns::{Column, Columns, Row};
use crate::compare::{Calendar, Scorer, is_long_enough, similarity};
use crate::money::display_units;
use crate::outcome::{Requirement, cell_text};
use crate::plan::{FieldIndex, Millionths, ONE, PassPlan, Plan, Side, TestPlan, WithinPlan};
use crate::spec::{DayRange, Direction, Occurs, Sign};
use arrow_buffer::i256;
use std::fmt;

/// Characters shown of a value.
const SHOWN_CHARS_MAX: usize = 40;

/// What one candidate lacks of one requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    /// The fields that are read on the left and on the right, by their positions in the plan. `None`: the score is what is
    /// lacking.
    pub fields: Option<(FieldIndex, FieldIndex)>,
    /// What differs, with both values: `amount differs by 0.35 (100.00 in bank, 100.35 in ledger)`.
    pub differs: String,
    /// What would have made it a candidate.
    pub change: Change,
    /// Both amounts as the requirement compares them, where amounts are lacking.
    pub(crate) amounts: Option<(i128, i128)>,
}

/// The smallest change to a condition that a candidate would have satisfied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A wider tolerance.
    Within {
        /// The key of the spec that has it: `within`, or `short_pay`, `discount` or `overpay` where the pass has such a tolerance.
        key: &'static str,
        /// The absolute part, in units of the run's scale, where it has to be larger.
        absolute: Option<u128>,
        /// The part in percent, in units of 10^-6 %, where it has to be larger.
        percent: Option<u128>,
        /// The run's scale.
        scale: u8,
    },
    /// Another rule for signs.
    Sign(Sign),
    /// A tolerance of nothing, and another rule for signs: what an equality has none of.
    WithinAndSign(Sign),
    /// A wider range of calendar days.
    Days(DayRange),
    /// A wider range of business days.
    BusinessDays(DayRange),
    /// Less likeness.
    AtLeast(Millionths),
    /// Shorter values may occur.
    MinLength(u32),
    /// Nulls that are equal.
    NullsEqual,
    /// A lower floor.
    Floor(Millionths),
    /// Nothing less than leaving the condition out.
    Without,
}

impl Shortfall {
    /// The same, and what another pair lacks of the same requirement: a range of days that allows both.
    pub(crate) fn with(mut self, other: Self) -> Self {
        let both = |one: DayRange, other: DayRange| DayRange {
            from: one.from.min(other.from),
            to: one.to.max(other.to),
        };
        self.change = match (self.change, other.change) {
            (Change::Days(one), Change::Days(other)) => Change::Days(both(one, other)),
            (Change::BusinessDays(one), Change::BusinessDays(other)) => {
                Change::BusinessDays(both(one, other))
            }
            (change, _) => change,
        };
        self
    }

    /// The same with what explains the difference.
    pub(crate) fn explained(mut self, formulas: &[Formula], scale: u8) -> Self {
        let kind = self.amounts.and_then(|(left, right)| {
            formulas.iter().find(|formula| formula.explains(left, right)).map(|formula| formula.kind)
        });
        let words = match kind {
            Some(Kind::Fee(fee)) => Some(format!("a fee of {}", fee.words(scale))),
            Some(Kind::Rate(rate)) => Some(format!("a rate of {}", rate.number())),
            Some(Kind::Factor(_)) | None => None,
        };
        if let Some(words) = words {
            self.differs = format!("{}, as by {words}", self.differs);
        }
        self
    }

    /// The same, told of other records than those that are asked about.
    pub(crate) fn of(mut self, records: &str) -> Self {
        self.differs = format!("of {records}: {}", self.differs);
        self
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; would have been a candidate {}", self.differs, self.change)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |range: &DayRange| format!("[{}, {}]", range.from, range.to);
        match self {
            Self::Within { key, absolute, percent, scale } => {
                let absolute = absolute.map(|units| units_text(units, *scale));
                let percent = percent.map(|units| format!("\"{}%\"", shortest(units, 6)));
                let parts: Vec<String> = absolute.into_iter().chain(percent).collect();
                write!(f, "at {key} = {}", parts.join(" and "))
            }
            Self::Sign(sign) => write!(f, "with sign = \"{}\"", sign_name(*sign)),
            Self::WithinAndSign(sign) => write!(f, "with within = 0 and sign = \"{}\"", sign_name(*sign)),
            Self::Days(days) => write!(f, "at days = {}", range(days)),
            Self::BusinessDays(days) => write!(f, "at business_days = {}", range(days)),
            Self::AtLeast(likeness) => write!(f, "at at_least = {}", shortest((*likeness).into(), 6)),
            Self::MinLength(length) => write!(f, "at min_length = {length}"),
            Self::Floor(floor) => write!(f, "at floor = {}", shortest((*floor).into(), 6)),
            Self::NullsEqual => f.write_str("with nulls = \"equal\""),
            Self::Without => f.write_str("without this condition"),
        }
    }
}

/// What a pair lacks of a requirement of a pass. Nothing says that it does lack it: the words fit a pair that fails it.
///
/// `None` where the plan has no such pass or requirement.
#[must_use]
pub fn shortfall(
    plan: &Plan,
    columns: &Columns,
    (pass, requirement): (u16, Requirement),
    (left, right): (Row, Row),
) -> Option<Shortfall> {
    let pass: &PassPlan = plan.passes.get(usize::from(pass))?;
    let equality = TestPlan::Equals;
    let (fields, test, nulls_equal) = match requirement {
        Requirement::Key(at) => {
            let key = pass.key.get(usize::from(at))?;
            ((key.left, key.right), &equality, key.nulls_equal)
        }
        Requirement::Condition(at) => {
            let condition = pass.conditions.get(usize::from(at))?;
            ((condition.left, condition.right), &condition.test, condition.nulls_equal)
        }
        Requirement::Floor => return unlikely(pass, columns, (left, right)),
    };
    let is_sum = matches!((requirement, pass.bundles()), (Requirement::Condition(at), Some(bundles)) if bundles.sum == Some(usize::from(at)));
    let values = Values { plan, columns, fields, rows: (left, right), is_sum };
    let (differs, change) = values.told(test, nulls_equal);
    // No wider level says how much closer the values would have to be.
    let change = if matches!(test, TestPlan::Levels(_)) { Change::Without } else { change };
    Some(Shortfall { fields: Some(fields), differs, change, amounts: values.compared(test) })
}

/// What a probability lacks of its floor.
fn unlikely(pass: &PassPlan, columns: &Columns, (left, right): (Row, Row)) -> Option<Shortfall> {
    let sides = Side::BOTH.map(|side| columns.side(side));
    let score = Scorer::bind(pass, sides[0], sides[1], columns.scale).ok()?.evidence(left, right)?.score;
    let [likely, floor] = [score, pass.floor].map(|share| shortest(share.into(), 6));
    let differs = format!("its probability of {likely} is below {floor}");
    Some(Shortfall { fields: None, differs, change: Change::Floor(score), amounts: None })
}

/// The two values a condition reads.
struct Values<'a> {
    plan: &'a Plan,
    columns: &'a Columns,
    fields: (FieldIndex, FieldIndex),
    rows: (Row, Row),
    /// Whether the amounts are sums of several records.
    is_sum: bool,
}

impl<'a> Values<'a> {
    fn column(&self, side: Side) -> &'a Column {
        const NOTHING: &Column = &Column::Absent;
        let field = if side == Side::Left { self.fields.0 } else { self.fields.1 };
        self.columns.side(side).fields.get(field).unwrap_or(NOTHING)
    }

    fn row(&self, side: Side) -> Row {
        if side == Side::Left { self.rows.0 } else { self.rows.1 }
    }

    /// The field's name; both where they differ.
    fn name(&self) -> String {
        let name = |field: FieldIndex| self.plan.fields.get(field).map_or("", |field| field.name.as_str());
        let (left, right) = (name(self.fields.0), name(self.fields.1));
        let names = if left == right { left.to_owned() } else { format!("{left} against {right}") };
        if self.is_sum { format!("sum of {names}") } else { names }
    }

    fn source(&self, side: Side) -> &'a str {
        &self.plan.names[side.index()]
    }

    /// `100.00 in bank, 100.35 in ledger`; texts stand in quotes.
    fn both(&self) -> String {
        let shown = |side: Side| {
            let column = self.column(side);
            let text = cell_text(column, self.columns.scale, self.row(side));
            let text = match (text, column) {
                (None, _) => "nothing".to_owned(),
                (Some(text), Column::Text(_) | Column::Many(_)) => format!("\"{}\"", shortened(&text)),
                (Some(text), _) => text,
            };
            format!("{text} in {}", self.source(side))
        };
        format!("{}, {}", shown(Side::Left), shown(Side::Right))
    }

    fn told(&self, test: &TestPlan, nulls_equal: bool) -> (String, Change) {
        let null = Side::BOTH.map(|side| self.column(side).is_null(self.row(side)));
        if null != [false, false] {
            return self.empty(null, matches!(test, TestPlan::Equals) && !nulls_equal);
        }
        match (self.column(Side::Left), self.column(Side::Right)) {
            (Column::Amount(lefts), Column::Amount(rights)) => {
                match lefts.get(self.rows.0).zip(rights.get(self.rows.1)) {
                    Some(amounts) => self.amounts(test, amounts),
                    None => self.other(),
                }
            }
            (Column::Date(lefts), Column::Date(rights)) => {
                match lefts.get(self.rows.0).zip(rights.get(self.rows.1)) {
                    Some(days) => self.days(test, days),
                    None => self.other(),
                }
            }
            (Column::Text(lefts), Column::Text(rights)) => {
                match lefts.get(self.rows.0).zip(rights.get(self.rows.1)) {
                    Some(texts) => self.texts(test, texts),
                    None => self.other(),
                }
            }
            _ => self.other(),
        }
    }

    fn empty(&self, null: [bool; 2], equality: bool) -> (String, Change) {
        let name = self.name();
        let [left, right] = [self.source(Side::Left), self.source(Side::Right)];
        match null {
            [true, true] if equality => {
                (format!("{name} is empty in {left} and in {right}"), Change::NullsEqual)
            }
            [true, true] => (format!("{name} is empty in {left} and in {right}"), Change::Without),
            [true, false] => (format!("{name} is empty in {left} ({})", self.both()), Change::Without),
            _ => (format!("{name} is empty in {right} ({})", self.both()), Change::Without),
        }
    }

    fn other(&self) -> (String, Change) {
        if Side::BOTH.into_iter().any(|side| self.column(side).is_many()) {
            return (format!("{} has no shared value ({})", self.name(), self.both()), Change::Without);
        }
        (format!("{} differs ({})", self.name(), self.both()), Change::Without)
    }

    fn amounts(&self, test: &TestPlan, (left, right): (i128, i128)) -> (String, Change) {
        let exact = WithinPlan {
            path: String::new(),
            absolute: None,
            percent: None,
            larger: false,
            of: None,
            sign: Sign::Same,
            payment: None,
        };
        let within = match test {
            TestPlan::Within(within) => within,
            TestPlan::Slip(_) => {
                let differs = format!("{} is not one slip apart ({})", self.name(), self.both());
                return (differs, Change::Without);
            }
            _ => &exact,
        };
        let across = left != 0 && right != 0 && (left < 0) != (right < 0);
        let other_rule = match within.sign {
            Sign::Same if across => Some(Sign::Opposite),
            Sign::Opposite if left != 0 && right != 0 && !across => Some(Sign::Same),
            _ => None,
        };
        let distance = match (within.sign, other_rule) {
            (Sign::Same, None) => left.abs_diff(right),
            _ => left.unsigned_abs().abs_diff(right.unsigned_abs()),
        };
        let change = wider(within, distance, (left, right), self.columns.scale);
        match other_rule {
            Some(sign) if distance == 0 => {
                let which = if sign == Sign::Opposite { "the other" } else { "the same" };
                let change = match test {
                    TestPlan::Within(_) => Change::Sign(sign),
                    _ => Change::WithinAndSign(sign),
                };
                (format!("{} has {which} sign ({})", self.name(), self.both()), change)
            }
            Some(_) => {
                let differs = format!("{} differs in its sign and by {}", self.name(), self.units(distance));
                (format!("{differs} ({})", self.both()), Change::Without)
            }
            None => {
                (format!("{} differs by {} ({})", self.name(), self.units(distance), self.both()), change)
            }
        }
    }

    /// Both amounts as a requirement compares them.
    fn compared(&self, test: &TestPlan) -> Option<(i128, i128)> {
        let (Column::Amount(lefts), Column::Amount(rights)) =
            (self.column(Side::Left), self.column(Side::Right))
        else {
            return None;
        };
        let sign = if let TestPlan::Within(within) = test { within.sign } else { Sign::Same };
        Some(comparable(lefts.get(self.rows.0)?, rights.get(self.rows.1)?, sign))
    }

    fn units(&self, units: u128) -> String {
        units_text(units, self.columns.scale)
    }

    fn days(&self, test: &TestPlan, (left, right): (i32, i32)) -> (String, Change) {
        let later = i64::from(right) - i64::from(left);
        match test {
            TestPlan::BusinessDays(range, calendar) => {
                let later = Calendar::new(calendar).distance(left, right);
                (self.later(later, "business day"), Change::BusinessDays(widened(*range, later)))
            }
            TestPlan::Days(range) => (self.later(later, "day"), Change::Days(widened(*range, later))),
            _ => (self.later(later, "day"), Change::Days(widened(DayRange { from: 0, to: 0 }, later))),
        }
    }

    /// `date is 7 days later in ledger (…)`.
    fn later(&self, days: i64, unit: &str) -> String {
        let right = self.source(Side::Right);
        let word = if days < 0 { "earlier" } else { "later" };
        let many = if days.unsigned_abs() == 1 { "" } else { "s" };
        let days = days.unsigned_abs();
        format!("{} is {days} {unit}{many} {word} in {right} ({})", self.name(), self.both())
    }

    fn texts(&self, test: &TestPlan, (left, right): (&str, &str)) -> (String, Change) {
        match test {
            TestPlan::Similar(measure, _) => {
                let likeness = similarity(*measure, left, right);
                let alike = shortest(likeness.into(), 6);
                let differs = format!("{} is {alike} alike ({})", self.name(), self.both());
                (differs, if likeness == 0 { Change::Without } else { Change::AtLeast(likeness) })
            }
            TestPlan::Occurs(occurs) => {
                let differs = format!("{}: neither stands in the other as asked", self.name());
                (format!("{differs} ({})", self.both()), shorter(*occurs, left, right))
            }
            TestPlan::Slip(_) => {
                (format!("{} is not one slip apart ({})", self.name(), self.both()), Change::Without)
            }
            _ => self.other(),
        }
    }
}

fn sign_name(sign: Sign) -> &'static str {
    match sign {
        Sign::Same => "same",
        Sign::Opposite => "opposite",
        Sign::Ignore => "ignore",
    }
}

/// A shorter least length, where that is all that is lacking.
fn shorter(occurs: Occurs, left: &str, right: &str) -> Change {
    let short = |needle: &str, text: &str| {
        let hidden = text.contains(needle) && !is_long_enough(needle, occurs.min_length);
        hidden.then(|| u32::try_from(needle.chars().count()).unwrap_or(u32::MAX)).filter(|length| *length > 0)
    };
    let length = match occurs.direction {
        Direction::RightInLeft => short(right, left),
        Direction::LeftInRight => short(left, right),
        Direction::Either => short(right, left).max(short(left, right)),
    };
    length.map_or(Change::Without, Change::MinLength)
}

/// The range with one more day, and those between.
fn widened(range: DayRange, day: i64) -> DayRange {
    let day = i32::try_from(day).unwrap_or(if day < 0 { i32::MIN } else { i32::MAX });
    DayRange { from: range.from.min(day), to: range.to.max(day) }
}

/// The tolerance that two amounts are under: that of what may be paid less or more, where the pass has one; with its key.
fn tolerance_of(within: &WithinPlan, (left, right): (i128, i128)) -> (&WithinPlan, &'static str) {
    let Some(payment) = &within.payment else { return (within, "within") };
    let (paid, due) = if payment.paid == Side::Left { (left, right) } else { (right, left) };
    let (beyond, key) = match (paid.unsigned_abs() < due.unsigned_abs(), &payment.short_pay) {
        (true, None) => (&payment.discount, "discount"),
        (true, short_pay) => (short_pay, "short_pay"),
        (false, _) => (&payment.overpay, "overpay"),
    };
    beyond.as_ref().map_or((within, "within"), |beyond| (beyond, key))
}

/// The least tolerance that allows a distance: of the parts it has, those that are too small.
fn wider(within: &WithinPlan, distance: u128, (left, right): (i128, i128), scale: u8) -> Change {
    let (within, key) = tolerance_of(within, (left, right));
    let allowed = |units: Option<i128>| units.and_then(|units| u128::try_from(units).ok());
    let absolute = within.absolute.map(|number| allowed(number.units(scale)).unwrap_or(0));
    let base = match within.of {
        Some(Side::Left) => left.unsigned_abs(),
        Some(Side::Right) => right.unsigned_abs(),
        None => left.unsigned_abs().max(right.unsigned_abs()),
    };
    let needed = share(distance, base);
    let percent = within.percent.map(|number| allowed(number.units(6)).unwrap_or(u128::MAX));
    let change = |absolute, percent| Change::Within { key, absolute, percent, scale };
    match (absolute, percent) {
        (None, Some(_)) => needed.map_or(Change::Without, |needed| change(None, Some(needed))),
        // Both parts have to allow it; with `larger` one of them is enough.
        (Some(absolute), Some(percent)) if !within.larger => needed.map_or(Change::Without, |needed| {
            change((absolute < distance).then_some(distance), (percent < needed).then_some(needed))
        }),
        _ => change(Some(distance), None),
    }
}

/// part / whole in units of 10^-6 %, rounded up; `None` beyond 100 %.
fn share(part: u128, whole: u128) -> Option<u128> {
    let wide = |value: u128| i256::from_parts(value, 0);
    let scaled = wide(part).wrapping_mul(wide(100_000_000));
    let less = wide(whole).checked_sub(i256::ONE)?;
    let share = scaled.wrapping_add(less).checked_div(wide(whole))?.to_i128()?;
    u128::try_from(share).ok().filter(|share| *share <= 100 * u128::from(ONE))
}

fn units_text(units: u128, scale: u8) -> String {
    i128::try_from(units).map_or_else(|_| units.to_string(), |units| display_units(units, scale))
}

/// Units of 10^-scale without trailing zeros.
fn shortest(units: u128, scale: u8) -> String {
    let text = units_text(units, scale);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= SHOWN_CHARS_MAX {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(SHOWN_CHARS_MAX - 1).collect();
    short.push('…');
    short
}
