//! The nearest record of an open one, the long way: every open record of the other side against every pass less one of
//! its requirements.

use super::Run;
use super::grade::grade;
use super::value::Value;
use recon378_core::columns::Row;
use recon378_core::compare::{Grade, similarity};
use recon378_core::outcome::{Reason, Requirement};
use recon378_core::plan::{ConditionPlan, ONE, PassPlan, Side, TestPlan, WithinPlan};
use recon378_core::spec::{DayRange, Measure, Sign};

/// What the nearest record tells.
pub(super) struct Nearest {
    pub(super) reason: Reason,
    pub(super) pass: u16,
}

/// A record that lacks one requirement.
struct Miss {
    share: u128,
    distance: u128,
    other: Row,
    requirement: Requirement,
    among: u128,
    by_chance: u128,
}

impl Run<'_> {
    pub(super) fn nearest(&self, side: Side, row: Row) -> Option<Nearest> {
        self.plan.passes.iter().zip(0_u16..).find_map(|(pass, index)| {
            let requirements = requirements(pass);
            let misses = requirements.iter().filter_map(|one| self.best(pass, *one, (side, row)));
            let best = misses.min_by(|one, other| {
                let place =
                    |miss: &Miss| (miss.by_chance, miss.share, self.canonical(side.other(), miss.other));
                place(one).cmp(&place(other)).then_with(|| {
                    let order = |miss: &Miss| requirements.iter().position(|each| *each == miss.requirement);
                    order(one).cmp(&order(other))
                })
            })?;
            Some(Nearest { reason: self.reason_of(pass, &best, (side, row)), pass: index })
        })
    }

    /// The nearest record lacking this requirement, if it is better than chance.
    fn best(&self, pass: &PassPlan, requirement: Requirement, (side, row): (Side, Row)) -> Option<Miss> {
        if !remains(pass, requirement) {
            return None;
        }
        let rows = (0..self.table.rows(side.other())).filter(|other| self.is_open(side.other(), *other));
        let mut misses: Vec<Miss> = rows
            .filter(|other| !self.is_barred((side, row), (side.other(), *other)))
            .filter(|other| self.lacks_only(pass, requirement, (side, row, *other)))
            .map(|other| {
                let (share, distance) = self.apart(pass, requirement, (side, row, other));
                Miss { share, distance, other, requirement, among: 0, by_chance: 0 }
            })
            .collect();
        let among = misses.len() as u128;
        misses.sort_by(|one, other| {
            let place = |miss: &Miss| (miss.share, miss.distance, self.canonical(side.other(), miss.other));
            place(one).cmp(&place(other))
        });
        let best = misses.into_iter().next().map(|miss| Miss { among, ..miss })?;
        let by_chance = self.by_chance(pass, &best, (side, row));
        (by_chance <= 50_000).then_some(Miss { by_chance, ..best })
    }

    fn values(&self, fields: (usize, usize), (side, row, other): (Side, Row, Row)) -> (&Value, &Value) {
        let (left, right) = if side == Side::Left { (row, other) } else { (other, row) };
        (self.table.get(Side::Left, left, fields.0), self.table.get(Side::Right, right, fields.1))
    }

    fn holds(&self, pass: &PassPlan, requirement: Requirement, records: (Side, Row, Row)) -> bool {
        match requirement {
            Requirement::Key(at) => {
                let key = pass.key[usize::from(at)];
                let (left, right) = self.values((key.left, key.right), records);
                left == right && (key.nulls_equal || !left.is_null())
            }
            Requirement::Condition(at) => {
                let condition = &pass.conditions[usize::from(at)];
                let (left, right) = self.values((condition.left, condition.right), records);
                matches!(grade(condition, left, right, self.columns.scale), Grade::Holds(_))
            }
            Requirement::Floor => self.likely(pass, records) >= pass.floor,
        }
    }

    /// The probability of a pair.
    fn likely(&self, pass: &PassPlan, (side, row, other): (Side, Row, Row)) -> u32 {
        let (left, right) = if side == Side::Left { (row, other) } else { (other, row) };
        self.probability(pass, (Side::Left, left), (Side::Right, right)).unwrap_or(ONE)
    }

    fn lacks_only(&self, pass: &PassPlan, requirement: Requirement, records: (Side, Row, Row)) -> bool {
        requirements(pass).into_iter().all(|one| self.holds(pass, one, records) == (one != requirement))
    }

    /// Share in millionths, and distance.
    fn apart(&self, pass: &PassPlan, requirement: Requirement, records: (Side, Row, Row)) -> (u128, u128) {
        if requirement == Requirement::Floor {
            let unlikely = u128::from(ONE - self.likely(pass, records));
            return (unlikely, unlikely);
        }
        let fields = pass.fields_of(requirement).unwrap_or_default();
        let test = test_of(pass, requirement);
        match self.values(fields, records) {
            (Value::Amount(left), Value::Amount(right)) => amounts(compared(test, *left, *right)),
            (Value::Date(left), Value::Date(right)) => {
                let (days, range) = match test {
                    Some(TestPlan::BusinessDays(range, calendar)) => (
                        super::grade::business_index(calendar, *right)
                            - super::grade::business_index(calendar, *left),
                        *range,
                    ),
                    Some(TestPlan::Days(range)) => (i64::from(*right) - i64::from(*left), *range),
                    _ => (i64::from(*right) - i64::from(*left), DayRange { from: 0, to: 0 }),
                };
                let (from, to) = (i64::from(range.from), i64::from(range.to));
                let outside = if days < from { from - days } else { days - to };
                let outside = u128::from(outside.unsigned_abs());
                let width = u128::from((to - from).unsigned_abs()) + 1;
                (share(2 * outside + width, self.span(fields)), outside)
            }
            (Value::Text(left), Value::Text(right)) => self.texts(fields, records, (left, right)),
            (Value::Integer(left), Value::Integer(right)) => {
                let (left, right) = (i128::from(*left), i128::from(*right));
                let most = left.unsigned_abs().max(right.unsigned_abs());
                (if slip(left, right, 0) { slips(most) } else { u128::from(ONE) }, left.abs_diff(right))
            }
            _ => (u128::from(ONE), u128::MAX),
        }
    }

    fn texts(
        &self,
        fields: (usize, usize),
        (side, row, other): (Side, Row, Row),
        (left, right): (&str, &str),
    ) -> (u128, u128) {
        let unlike = u128::from(ONE - similarity(Measure::Levenshtein, left, right));
        let likely = (2 * unlike).min(u128::from(ONE));
        let (left_row, right_row) = if side == Side::Left { (row, other) } else { (other, row) };
        let stands = |text: &str, side: Side, own: Row, field: usize| {
            let others = (0..self.table.rows(side))
                .filter(|other| self.columns.side(side).takes_part(*other) && *other != own);
            let others: Vec<&Value> = others.map(|other| self.table.get(side, other, field)).collect();
            let with = |value: &&&Value| matches!(value, Value::Text(other) if other.contains(text));
            share(others.iter().filter(with).count() as u128 + 1, others.len() as u128 + 1)
        };
        let share = if right.chars().count() >= 4 && left.contains(right) {
            likely.min(stands(right, Side::Left, left_row, fields.0))
        } else if left.chars().count() >= 4 && right.contains(left) {
            likely.min(stands(left, Side::Right, right_row, fields.1))
        } else {
            likely
        };
        (share, unlike)
    }

    /// share × max(m − 1, O × F) in millionths, rounded up.
    fn by_chance(&self, pass: &PassPlan, miss: &Miss, (side, row): (Side, Row)) -> u128 {
        let other_side = side.other();
        let open = (0..self.table.rows(other_side)).filter(|other| self.is_open(other_side, *other)).count();
        let others: Vec<Row> = (0..self.table.rows(other_side))
            .filter(|other| self.columns.side(other_side).takes_part(*other) && *other != miss.other)
            .collect();
        let rest = || requirements(pass).into_iter().filter(|one| *one != miss.requirement);
        let part = |keys: bool| {
            let some: Vec<Requirement> = rest().filter(|one| is_equality(pass, *one) == keys).collect();
            if some.is_empty() {
                return u128::from(ONE);
            }
            let holds = |other: &&Row| some.iter().all(|one| self.holds(pass, *one, (side, row, **other)));
            // Of conditions one more is taken to satisfy them, where none does as many as they tolerate.
            let more = u128::from(!keys);
            let found = others.iter().filter(holds).count() as u128;
            let part =
                ((found + more) * u128::from(ONE)).checked_div(others.len() as u128 + more).unwrap_or(0);
            if keys || found > 0 {
                part
            } else {
                part.min(self.tolerated(pass, &some, (side, row, miss.other)))
            }
        };
        let one = u128::from(ONE);
        let expected = miss.share * open as u128 * part(true) * part(false);
        (miss.share * (miss.among - 1)).max(expected.div_ceil(one * one))
    }

    /// The share of values that come as near as conditions allow.
    fn tolerated(&self, pass: &PassPlan, conditions: &[Requirement], records: (Side, Row, Row)) -> u128 {
        let shares = conditions.iter().map(|one| {
            let (Some(test), Some(fields)) = (test_of(pass, *one), pass.fields_of(*one)) else {
                return u128::from(ONE);
            };
            match (test, self.values(fields, records)) {
                (TestPlan::Within(within), _) if within.payment.as_ref().is_some_and(|one| one.in_parts) => {
                    u128::from(ONE)
                }
                (TestPlan::Within(within), (Value::Amount(left), Value::Amount(right))) => {
                    let beyond = within.payment.iter().flat_map(|payment| payment.tolerances());
                    let shares = std::iter::once(within).chain(beyond).map(|within| {
                        let (allowed, of) = allowed(within, (*left, *right), self.columns.scale);
                        share(2 * allowed + 1, of)
                    });
                    shares.max().unwrap_or(u128::from(ONE))
                }
                (TestPlan::Days(range) | TestPlan::BusinessDays(range, _), _) => {
                    let width = u128::from(range.to.abs_diff(range.from)) + 1;
                    share(width, self.span(fields))
                }
                (TestPlan::Similar(_, at_least), _) => {
                    share(2 * u128::from(ONE - at_least), ONE.into()).max(1)
                }
                _ => u128::from(ONE),
            }
        });
        shares.fold(ONE.into(), |product, share| (product * share).div_ceil(ONE.into()))
    }

    /// Days that the dates of a field span.
    fn span(&self, fields: (usize, usize)) -> u128 {
        let days = |side: Side, field| {
            let rows = (0..self.table.rows(side)).filter(|row| self.columns.side(side).takes_part(*row));
            let days: Vec<i32> = rows.filter_map(|row| self.table.get(side, row, field).day()).collect();
            let span =
                days.iter().max().zip(days.iter().min()).map(|(last, first)| last.abs_diff(*first) + 1);
            span.unwrap_or(1)
        };
        u128::from(days(Side::Left, fields.0).max(days(Side::Right, fields.1)))
    }

    fn reason_of(&self, pass: &PassPlan, miss: &Miss, (side, row): (Side, Row)) -> Reason {
        let Some(fields) = pass.fields_of(miss.requirement) else { return Reason::FieldDiffers };
        match self.values(fields, (side, row, miss.other)) {
            (Value::Amount(left), Value::Amount(right)) => {
                let (left, right) = compared(test_of(pass, miss.requirement), *left, *right);
                amount_reason(left, right, self.columns.scale)
            }
            (Value::Date(_), Value::Date(_)) => Reason::DateOutsideWindow,
            _ => Reason::FieldDiffers,
        }
    }
}

fn requirements(pass: &PassPlan) -> Vec<Requirement> {
    // Of bundles only what the passes noted is compared.
    if !pass.is_across() || !pass.searches() || pass.bundles().is_some() {
        return Vec::new();
    }
    let keys = (0_u16..).zip(&pass.key).map(|(at, _)| Requirement::Key(at));
    let conditions = (0_u16..).zip(&pass.conditions).filter(|(_, condition)| condition.required);
    let floor = pass.requires_probability().then_some(Requirement::Floor);
    keys.chain(conditions.map(|(at, _)| Requirement::Condition(at))).chain(floor).collect()
}

/// Equalities are counted together, those of the key and those of many values.
fn is_equality(pass: &PassPlan, requirement: Requirement) -> bool {
    requirement != Requirement::Floor && matches!(test_of(pass, requirement), None | Some(TestPlan::Equals))
}

fn test_of(pass: &PassPlan, requirement: Requirement) -> Option<&TestPlan> {
    match requirement {
        Requirement::Key(_) | Requirement::Floor => None,
        Requirement::Condition(at) => Some(&pass.conditions[usize::from(at)].test),
    }
}

/// Whether something remains that limits who is looked at.
fn remains(pass: &PassPlan, requirement: Requirement) -> bool {
    let rest: Vec<Requirement> = requirements(pass).into_iter().filter(|one| *one != requirement).collect();
    rest.iter().any(|one| match one {
        Requirement::Key(_) => true,
        Requirement::Condition(at) => limits(&pass.conditions[usize::from(*at)]),
        Requirement::Floor => false,
    })
}

fn limits(condition: &ConditionPlan) -> bool {
    match &condition.test {
        TestPlan::Within(within) => {
            let beyond = within.payment.iter().flat_map(|payment| payment.tolerances());
            let in_parts = within.payment.as_ref().is_some_and(|payment| payment.in_parts);
            !in_parts && std::iter::once(within).chain(beyond).all(is_narrow)
        }
        // An equality that is required beside the key is of many values.
        TestPlan::Equals | TestPlan::Days(_) | TestPlan::BusinessDays(..) | TestPlan::Occurs(_) => true,
        TestPlan::Similar(_, at_least) => *at_least > 0,
        TestPlan::Slip(_) | TestPlan::Levels(_) => false,
    }
}

fn is_narrow(WithinPlan { absolute, percent, larger, .. }: &WithinPlan) -> bool {
    let narrow = percent.is_none_or(|percent| percent < recon378_core::Number::whole(100));
    match (absolute, percent) {
        (Some(_), Some(_)) => !larger || narrow,
        (Some(_), None) => true,
        _ => narrow,
    }
}

/// What a tolerance allows in units, rounded down, and the amount it is of.
fn allowed(within: &WithinPlan, (left, right): (i128, i128), scale: u8) -> (u128, u128) {
    let (left, right) = (left.unsigned_abs(), right.unsigned_abs());
    let of = match within.of {
        Some(Side::Left) => left,
        Some(Side::Right) => right,
        None => left.max(right),
    };
    let absolute = within.absolute.and_then(|number| u128::try_from(number.units(scale)?).ok());
    let percent = within.percent.map(|percent| {
        let decimal = percent.decimal();
        let part = u128::try_from(decimal.mantissa()).unwrap_or(0);
        of * part / (100 * 10_u128.pow(decimal.scale()))
    });
    let allowed = match (absolute, percent) {
        (Some(absolute), Some(percent)) if within.larger => absolute.max(percent),
        (Some(absolute), Some(percent)) => absolute.min(percent),
        (absolute, percent) => absolute.or(percent).unwrap_or(0),
    };
    (allowed, of)
}

fn compared(test: Option<&TestPlan>, left: i128, right: i128) -> (i128, i128) {
    match test {
        Some(TestPlan::Within(WithinPlan { sign: Sign::Opposite, .. })) => (left, -right),
        Some(TestPlan::Within(WithinPlan { sign: Sign::Ignore, .. })) => (left.abs(), right.abs()),
        _ => (left, right),
    }
}

/// part / whole in millionths, rounded up, at most 1.
fn share(part: u128, whole: u128) -> u128 {
    if whole == 0 { u128::from(ONE) } else { (part * u128::from(ONE)).div_ceil(whole).min(u128::from(ONE)) }
}

fn slips(number: u128) -> u128 {
    let digits = u32::try_from(number.to_string().len()).unwrap_or(0);
    share(10 * u128::from(digits), 10_u128.pow(digits)).max(10)
}

fn amounts((left, right): (i128, i128)) -> (u128, u128) {
    let distance = left.abs_diff(right);
    let most = left.unsigned_abs().max(right.unsigned_abs());
    let share = if (left == -right && left != 0) || factor(left, right) {
        10
    } else if (left < 0 && right > 0) || (left > 0 && right < 0) {
        u128::from(ONE)
    } else if slip(left, right, 0) {
        share(2 * distance, most).min(slips(most))
    } else {
        share(2 * distance, most)
    };
    (share, distance)
}

fn factor(left: i128, right: i128) -> bool {
    left != 0 && right != 0 && [10, 100].iter().any(|times| left * times == right || right * times == left)
}

/// One digit wrong or two neighbours swapped, with at least `scale` + 1 digits.
fn slip(left: i128, right: i128, scale: usize) -> bool {
    let digits = |value: i128| format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (one, other) = (digits(left).into_bytes(), digits(right).into_bytes());
    if one.len() != other.len() || (left < 0 && right > 0) || (left > 0 && right < 0) {
        return false;
    }
    let wrong: Vec<usize> = (0..one.len()).filter(|at| one[*at] != other[*at]).collect();
    match wrong.as_slice() {
        [_] => true,
        [first, second] => {
            second - first == 1 && one[*first] == other[*second] && one[*second] == other[*first]
        }
        _ => false,
    }
}

fn amount_reason(left: i128, right: i128, scale: u8) -> Reason {
    let distance = left.abs_diff(right);
    let rounded = (1..=u32::from(scale)).any(|digits| {
        let step = 10_u128.pow(digits);
        let whole = |amount: i128| amount.unsigned_abs().is_multiple_of(step);
        (whole(left) || whole(right)) && 2 * distance <= step
    });
    if left == -right && left != 0 {
        Reason::SignReversed
    } else if distance <= 2 || rounded {
        Reason::RoundingLike
    } else if factor(left, right) || slip(left, right, usize::from(scale)) {
        Reason::DigitsSlipped
    } else {
        Reason::AmountDiffers
    }
}
