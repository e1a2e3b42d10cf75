//! What a condition says of a pair, computed the long way from `docs/spec/matching.md`.

use super::value::Value;
use arrow_buffer::i256;
use recon378_core::compare::Grade;
use recon378_core::plan::{
    CalendarPlan, ConditionPlan, LevelPlan, Millionths, ONE, Side, TestPlan, WithinPlan,
};
use recon378_core::spec::{DayRange, Direction, Measure, Occurs, Sign, Slip};
use std::cmp::Ordering;

/// What `condition` says of a left and a right value, with the run's `scale`.
pub(super) fn grade(condition: &ConditionPlan, left: &Value, right: &Value, scale: u8) -> Grade {
    grade_by(&condition.test, condition, (left, right), scale)
}

/// What a test says, the condition's own or one of its levels'.
pub(super) fn grade_by(
    test: &TestPlan,
    condition: &ConditionPlan,
    (left, right): (&Value, &Value),
    scale: u8,
) -> Grade {
    if let TestPlan::Equals = test {
        return equals(left, right, condition.nulls_equal);
    }
    if left.is_null() || right.is_null() {
        return Grade::Null;
    }
    match (test, left, right) {
        (TestPlan::Within(within), Value::Amount(left), Value::Amount(right)) => {
            self::within(within, *left, *right, scale)
        }
        (TestPlan::Days(range), Value::Date(left), Value::Date(right)) => {
            days(*range, i64::from(*right) - i64::from(*left))
        }
        (TestPlan::BusinessDays(range, calendar), Value::Date(left), Value::Date(right)) => {
            days(*range, business_index(calendar, *right) - business_index(calendar, *left))
        }
        (TestPlan::Similar(measure, least), Value::Text(left), Value::Text(right)) => {
            similar(*measure, *least, left, right)
        }
        (TestPlan::Occurs(occurs), Value::Text(left), Value::Text(right)) => {
            self::occurs(*occurs, left, right)
        }
        (TestPlan::Slip(slips), left, right) => slip(slips, left, right, scale),
        (TestPlan::Levels(plan), left, right) => {
            let holds = |level: &LevelPlan| {
                matches!(grade_by(&level.test, condition, (left, right), scale), Grade::Holds(_))
            };
            holds_if(plan.levels.iter().any(holds))
        }
        _ => Grade::Fails,
    }
}

fn holds_if(yes: bool) -> Grade {
    if yes { Grade::Holds(ONE) } else { Grade::Fails }
}

fn equals(left: &Value, right: &Value, nulls_equal: bool) -> Grade {
    match (left.is_null(), right.is_null(), nulls_equal) {
        (false, false, _) | (_, _, true) => holds_if(left.equals(right)),
        _ => Grade::Null,
    }
}

/// An exact fraction with a positive denominator.
#[derive(Clone, Copy)]
struct Fraction {
    over: i256,
    under: i256,
}

impl Fraction {
    fn at_most(self, other: Self) -> bool {
        self.over * other.under <= other.over * self.under
    }

    /// To the nearest millionth, halves up.
    fn millionths(self) -> Millionths {
        let two = i256::from_i128(2);
        let doubled = self.over * two * i256::from_i128(i128::from(ONE)) + self.under;
        let rounded = doubled / (self.under * two);
        rounded.to_i128().and_then(|value| Millionths::try_from(value).ok()).unwrap_or(0)
    }
}

fn wide(value: i128) -> i256 {
    i256::from_i128(value)
}

fn absolute(value: i256) -> i256 {
    if value < i256::ZERO { i256::ZERO - value } else { value }
}

fn within(plan: &WithinPlan, left: i128, right: i128, scale: u8) -> Grade {
    let alone = within_alone(plan, left, right, scale);
    let Some(payment) = &plan.payment else { return alone };
    let signs = match plan.sign {
        Sign::Same => left.signum() == right.signum(),
        Sign::Opposite => left.signum() == -right.signum(),
        Sign::Ignore => true,
    };
    if payment.in_parts && signs && left != 0 && right != 0 && alone == Grade::Fails {
        return Grade::Holds(ONE / 2);
    }
    let (paid, due) = if payment.paid == Side::Left { (left, right) } else { (right, left) };
    let beyond: &[_] = match paid.unsigned_abs().cmp(&due.unsigned_abs()) {
        Ordering::Less => &[&payment.short_pay, &payment.discount],
        Ordering::Greater => &[&payment.overpay],
        Ordering::Equal => &[],
    };
    let grades = beyond.iter().copied().flatten().map(|one| within_alone(one, left, right, scale));
    grades.fold(alone, |best, next| match (best, next) {
        (Grade::Holds(one), Grade::Holds(other)) => Grade::Holds(one.max(other)),
        (Grade::Holds(_), _) => best,
        _ => next,
    })
}

fn within_alone(plan: &WithinPlan, left: i128, right: i128, scale: u8) -> Grade {
    let opposite = (left < 0 && right > 0) || (left > 0 && right < 0);
    let equal = (left < 0 && right < 0) || (left > 0 && right > 0);
    let (left, right) = (wide(left), wide(right));
    let difference = match plan.sign {
        Sign::Same if opposite => return Grade::Fails,
        Sign::Opposite if equal => return Grade::Fails,
        Sign::Same => absolute(right - left),
        Sign::Opposite => absolute(right + left),
        Sign::Ignore => absolute(absolute(right) - absolute(left)),
    };
    let allowance = allowance(plan, absolute(left), absolute(right), scale);
    let difference = Fraction { over: difference, under: wide(1) };
    if !difference.at_most(allowance) {
        return Grade::Fails;
    }
    if allowance.over == i256::ZERO {
        return Grade::Holds(ONE);
    }
    let whole = allowance.over * wide(2);
    Grade::Holds(Fraction { over: whole - difference.over * allowance.under, under: whole }.millionths())
}

fn allowance(plan: &WithinPlan, left: i256, right: i256, scale: u8) -> Fraction {
    let of = match plan.of {
        Some(Side::Left) => left,
        Some(Side::Right) => right,
        None => left.max(right),
    };
    let absolute = plan
        .absolute
        .and_then(|number| number.units(scale))
        .map(|units| Fraction { over: wide(units), under: wide(1) });
    let percent = plan.percent.map(|number| {
        let decimal = number.decimal();
        let under = (0..decimal.scale()).fold(wide(100), |under, _| under * wide(10));
        Fraction { over: of * wide(decimal.mantissa()), under }
    });
    match (absolute, percent) {
        (Some(one), Some(other)) => {
            if one.at_most(other) == plan.larger {
                other
            } else {
                one
            }
        }
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Fraction { over: i256::ZERO, under: wide(1) },
    }
}

fn days(range: DayRange, distance: i64) -> Grade {
    let (from, to) = (i64::from(range.from), i64::from(range.to));
    if distance < from || distance > to {
        return Grade::Fails;
    }
    let farthest = from.abs().max(to.abs());
    if farthest == 0 {
        return Grade::Holds(ONE);
    }
    let expected = if from > 0 {
        from
    } else if to < 0 {
        to
    } else {
        0
    };
    let over = i128::from(2 * farthest - (distance - expected).abs());
    Grade::Holds(Fraction { over: wide(over), under: wide(i128::from(2 * farthest)) }.millionths())
}

/// Business days from a fixed day up to and including `day`, counted one by one.
pub(super) fn business_index(calendar: &CalendarPlan, day: i32) -> i64 {
    let (step, start, end) = if day >= 0 { (1, 1, day) } else { (-1, day + 1, 0) };
    let business = (start..=end).filter(|day| is_business_day(calendar, *day)).count();
    i64::try_from(business).unwrap_or(i64::MAX) * step
}

fn is_business_day(calendar: &CalendarPlan, day: i32) -> bool {
    // 1970-01-01 was a Thursday; 0 is Monday.
    let weekday = usize::try_from((i64::from(day) + 3).rem_euclid(7)).unwrap_or(0);
    !calendar.weekend[weekday] && !calendar.holidays.contains(&day)
}

fn similar(measure: Measure, least: Millionths, left: &str, right: &str) -> Grade {
    let likeness = super::likeness(measure, left, right);
    if likeness >= least { Grade::Holds(likeness) } else { Grade::Fails }
}

fn occurs(plan: Occurs, left: &str, right: &str) -> Grade {
    let stands =
        |value: &str, text: &str| value.chars().count() >= plan.min_length as usize && text.contains(value);
    holds_if(match plan.direction {
        Direction::RightInLeft => stands(right, left),
        Direction::LeftInRight => stands(left, right),
        Direction::Either => stands(right, left) || stands(left, right),
    })
}

/// Equal values grade 1, values one listed slip apart 0.5.
fn slip(slips: &[Slip], left: &Value, right: &Value, scale: u8) -> Grade {
    if left == right {
        return Grade::Holds(ONE);
    }
    let (one, other) = match (left, right) {
        (Value::Amount(left), Value::Amount(right)) => {
            let across = (*left < 0 && *right > 0) || (*left > 0 && *right < 0);
            if across {
                return Grade::Fails;
            }
            if slips.contains(&Slip::Factor) && factor(left.unsigned_abs(), right.unsigned_abs()) {
                return Grade::Holds(ONE / 2);
            }
            (written(*left, scale), written(*right, scale))
        }
        (Value::Text(left), Value::Text(right)) => (left.clone(), right.clone()),
        _ => return Grade::Fails,
    };
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let slipped = (slips.contains(&Slip::Swapped) && swapped(&one, &other))
        || (slips.contains(&Slip::OneDigit) && one_digit(&one, &other));
    if slipped { Grade::Holds(ONE / 2) } else { Grade::Fails }
}

/// An amount's digits without its point, with at least one before it.
fn written(units: i128, scale: u8) -> String {
    format!("{:0>width$}", units.unsigned_abs(), width = usize::from(scale) + 1)
}

fn factor(one: u128, other: u128) -> bool {
    let (small, large) = (one.min(other), one.max(other));
    small > 0 && [10, 100].iter().any(|factor| small.checked_mul(*factor) == Some(large))
}

fn swapped(one: &[char], other: &[char]) -> bool {
    one.len() == other.len()
        && one != other
        && (1..one.len()).any(|place| {
            let mut turned = one.to_vec();
            turned.swap(place - 1, place);
            turned == other && one[place].is_ascii_digit() && one[place - 1].is_ascii_digit()
        })
}

fn one_digit(one: &[char], other: &[char]) -> bool {
    let different: Vec<_> = one.iter().zip(other).filter(|(one, other)| one != other).collect();
    one.len() == other.len()
        && different.len() == 1
        && different.iter().all(|(one, other)| one.is_ascii_digit() && other.is_ascii_digit())
}
