//! Two ledgers in which some records are open for a known cause each: what the reasons of breaks are measured on.

use super::random::Random;
use arrow_array::types::Decimal128Type;
use arrow_array::{ArrayRef, Date32Array, PrimitiveArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use recon378_core::outcome::Reason;
use recon378_core::plan::Side;
use std::sync::Arc;

/// Why a record has no partner that a spec accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Booked days after the range.
    Late,
    /// The right amount is net of 2.9 % + 0.30.
    Fee,
    /// Two digits swapped, or one wrong.
    Slip,
    /// The other sign.
    Sign,
    /// The right reference is cut.
    Truncated,
    /// Booked on another account.
    Account,
    /// The right amount is rounded to whole units.
    Rounded,
    /// The right amount is some other.
    Amount,
    /// The right record stands there twice.
    Duplicate,
    /// No partner at all.
    Missing,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Late,
        Self::Fee,
        Self::Slip,
        Self::Sign,
        Self::Truncated,
        Self::Account,
        Self::Rounded,
        Self::Amount,
        Self::Duplicate,
        Self::Missing,
    ];

    /// The reason that a record of `side` should have.
    #[must_use]
    pub fn reason(self, side: Side) -> Reason {
        match (self, side) {
            (Self::Late, _) => Reason::DateOutsideWindow,
            (Self::Fee, _) => Reason::FeeLike,
            (Self::Slip, _) => Reason::DigitsSlipped,
            (Self::Sign, _) => Reason::SignReversed,
            (Self::Truncated | Self::Account, _) => Reason::FieldDiffers,
            (Self::Rounded, _) => Reason::RoundingLike,
            (Self::Amount, _) => Reason::AmountDiffers,
            (Self::Duplicate, _) => Reason::Duplicate,
            (Self::Missing, Side::Left) => Reason::MissingOnRight,
            (Self::Missing, Side::Right) => Reason::MissingOnLeft,
        }
    }

    /// The field that the truth is about.
    #[must_use]
    pub fn field(self) -> Option<&'static str> {
        match self {
            Self::Late => Some("date"),
            Self::Fee | Self::Slip | Self::Sign | Self::Rounded | Self::Amount => Some("amount"),
            Self::Truncated => Some("reference"),
            Self::Account => Some("account"),
            Self::Duplicate | Self::Missing => None,
        }
    }
}

/// How two ledgers with known causes are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CauseOptions {
    /// Payments.
    pub payments: u32,
    /// Payments in a thousand that have a cause.
    pub share: u32,
    /// Accounts.
    pub accounts: u32,
    /// Amounts that recur (subscriptions, rents) make this many in a hundred of the payments.
    pub recurring: u64,
    /// Equal seeds make equal ledgers.
    pub seed: u64,
}

impl Default for CauseOptions {
    fn default() -> Self {
        Self { payments: 10_000, share: 100, accounts: 20, recurring: 20, seed: 378 }
    }
}

/// Two ledgers and why some of their records are open.
#[derive(Debug, Clone)]
pub struct Caused {
    /// Columns `id, account, currency, reference, amount, date`.
    pub left: RecordBatch,
    /// The same columns.
    pub right: RecordBatch,
    /// Records with a cause: side, row, cause; by side, then row.
    pub truth: Vec<(Side, u32, Cause)>,
}

#[derive(Debug, Clone)]
struct Line {
    account: String,
    reference: String,
    amount: i64,
    date: i32,
    cause: Option<Cause>,
}

/// Makes two ledgers. All causes are equally frequent.
#[must_use]
pub fn causes(options: &CauseOptions) -> Caused {
    let mut random = Random::new(options.seed);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for payment in 0..options.payments {
        let line = payment_line(payment, options, &mut random);
        let cause = (random.below(1_000) < u64::from(options.share)).then(|| random.pick(&Cause::ALL));
        let mut other = Line { date: line.date + whole(random.below(3)), ..line.clone() };
        let Some(cause) = cause else {
            left.push(line);
            right.push(other);
            continue;
        };
        // What rounding hardly changes is late instead.
        let hardly = (line.amount - rounded(line.amount)).abs() <= 10;
        let cause = if cause == Cause::Rounded && hardly { Cause::Late } else { cause };
        change(&mut other, cause, options, &mut random);
        let (line, other) = (Line { cause: Some(cause), ..line }, Line { cause: Some(cause), ..other });
        match cause {
            Cause::Duplicate => {
                left.push(Line { cause: None, ..line });
                right.extend([Line { cause: None, ..other.clone() }, other]);
            }
            Cause::Missing if random.chance(50) => left.push(line),
            Cause::Missing => right.push(other),
            _ => {
                left.push(line);
                right.push(other);
            }
        }
    }
    random.shuffle(&mut right);
    let truth = [(Side::Left, &left), (Side::Right, &right)].into_iter().flat_map(|(side, lines)| {
        let caused = (0_u32..).zip(lines.iter());
        caused.filter_map(move |(row, line)| line.cause.map(|cause| (side, row, cause)))
    });
    let truth = truth.collect();
    Caused { left: batch("L", &left), right: batch("R", &right), truth }
}

fn payment_line(payment: u32, options: &CauseOptions, random: &mut Random) -> Line {
    let recurring = random.chance(options.recurring);
    let amount = if recurring {
        random.pick(&[999_i64, 1_999, 4_900, 12_000, 75_000])
    } else {
        let size = 10_i64.pow(3 + u32::try_from(random.below(4)).unwrap_or(0));
        size + i64::from(whole(random.below(9 * u64::try_from(size).unwrap_or(0))))
    };
    let sign = if random.chance(30) { -1 } else { 1 };
    Line {
        account: format!("ACC-{:03}", random.below(u64::from(options.accounts))),
        reference: format!("INV-2026-{:07}", u64::from(payment) * 7 + 1_000_000 + random.below(7)),
        amount: amount * sign,
        date: 20_454 + whole(random.below(60)),
        cause: None,
    }
}

fn whole(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Makes the right record differ as the cause says.
fn change(line: &mut Line, cause: Cause, options: &CauseOptions, random: &mut Random) {
    match cause {
        Cause::Late => line.date += 8 + whole(random.below(20)),
        Cause::Fee => {
            let gross = line.amount.abs();
            line.amount -= (gross * 29 + 500) / 1_000 + 30;
        }
        Cause::Slip => line.amount = slipped(line.amount, random),
        Cause::Sign => line.amount = -line.amount,
        Cause::Truncated => line.reference.truncate(14),
        Cause::Account => {
            let other = 1 + random.below(u64::from(options.accounts) - 1);
            let now: u64 = line.account.trim_start_matches("ACC-").parse().unwrap_or(0);
            line.account = format!("ACC-{:03}", (now + other) % u64::from(options.accounts));
        }
        Cause::Rounded => line.amount = rounded(line.amount),
        Cause::Amount => {
            let share = 103_000 + i64::from(whole(random.below(20_000)));
            line.amount = line.amount * share / 100_000
                + (7 + i64::from(whole(random.below(90)))) * line.amount.signum();
        }
        Cause::Duplicate | Cause::Missing => {}
    }
}

/// To whole units, halves away from zero.
fn rounded(amount: i64) -> i64 {
    (amount.abs() + 50) / 100 * 100 * amount.signum()
}

/// One digit swapped with its neighbour, or wrong by at least 3 in a place that is not the last.
fn slipped(amount: i64, random: &mut Random) -> i64 {
    let digits: Vec<u8> = amount.abs().to_string().into_bytes();
    for _ in 0..20 {
        let mut other = digits.clone();
        let at = random.index(digits.len() - 1);
        if random.chance(50) {
            other.swap(at, at + 1);
        } else {
            other[at] = b'0' + (digits[at] - b'0' + 3 + u8::try_from(random.below(4)).unwrap_or(0)) % 10;
        }
        let text = String::from_utf8(other.clone()).unwrap_or_default();
        if other != digits && other[0] != b'0' {
            return text.parse::<i64>().unwrap_or(amount) * amount.signum();
        }
    }
    amount + 300 * amount.signum()
}

fn batch(prefix: &str, lines: &[Line]) -> RecordBatch {
    let text = |of: &dyn Fn(usize, &Line) -> String| -> ArrayRef {
        let texts = lines.iter().enumerate().map(|(at, line)| Some(of(at, line)));
        Arc::new(texts.collect::<StringArray>())
    };
    let amounts: PrimitiveArray<Decimal128Type> =
        lines.iter().map(|line| Some(i128::from(line.amount))).collect();
    let amounts = amounts.with_data_type(DataType::Decimal128(18, 2));
    let dates: Date32Array = lines.iter().map(|line| Some(line.date)).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", text(&|at, _| format!("{prefix}{at}"))),
        ("account", text(&|_, line| line.account.clone())),
        ("currency", text(&|_, _| "EUR".to_owned())),
        ("reference", text(&|_, line| line.reference.clone())),
        ("amount", Arc::new(amounts)),
        ("date", Arc::new(dates)),
    ];
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .unwrap_or_else(|_| RecordBatch::new_empty(Arc::new(Schema::empty())))
}
