//! Two ledgers of any size that tell of the same payments, with the pairs that belong together.

use super::random::{Random, below};
use arrow_array::types::{Decimal128Type, Int64Type};
use arrow_array::{ArrayRef, Date32Array, PrimitiveArray, RecordBatch, StringArray};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema};
use std::sync::Arc;

/// How two ledgers are made. Shares are in a thousand of `records`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerateOptions {
    /// Records on each side.
    pub records: u32,
    /// Equal seeds make equal ledgers.
    pub seed: u64,
    /// The right side stands in another order.
    pub shuffle: bool,
    /// Pairs whose right reference is another and whose amount and date may be off: what a tolerance pass finds.
    pub tolerance_share: u32,
    /// Records on each side without a partner.
    pub missing_share: u32,
    /// Pairs that are, but for their ids, copies of another pair.
    pub duplicate_share: u32,
    /// Distinct amounts; 0: as many as there are records.
    pub repeated_amounts: u32,
    /// Distinct accounts.
    pub accounts: u32,
    /// Days that the right date of a tolerance pair may lag.
    pub days_lag: u32,
    /// Minor units that the right amount of a tolerance pair may be off, up or down.
    pub amount_off: u32,
    /// Type of the amount column.
    pub amounts: Amounts,
    /// Whether there is a payee column, spelled otherwise on the right in every third pair.
    pub payee: bool,
}

/// Type of an amount column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amounts {
    /// `Decimal128(18, 2)`.
    Decimal,
    /// `Int64` in minor units.
    Minor,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        Self {
            records: 10_000,
            seed: 378,
            shuffle: true,
            tolerance_share: 0,
            missing_share: 10,
            duplicate_share: 0,
            repeated_amounts: 0,
            accounts: 1_000,
            days_lag: 3,
            amount_off: 5,
            amounts: Amounts::Decimal,
            payee: true,
        }
    }
}

impl GenerateOptions {
    /// Nearly all pairs are exact: 2 % need a tolerance.
    #[must_use]
    pub fn few(records: u32) -> Self {
        Self { records, tolerance_share: 20, ..Self::default() }
    }

    /// A fifth of the pairs needs a tolerance, amounts repeat.
    #[must_use]
    pub fn medium(records: u32) -> Self {
        Self { records, tolerance_share: 200, repeated_amounts: 1_000, missing_share: 30, ..Self::default() }
    }

    /// Two fifths of the pairs need a tolerance, and amounts repeat so often that most have rivals.
    #[must_use]
    pub fn hard(records: u32) -> Self {
        Self { records, tolerance_share: 400, repeated_amounts: 20, missing_share: 50, ..Self::default() }
    }
}

/// Two ledgers and what belongs together.
#[derive(Debug, Clone)]
pub struct Generated {
    /// Columns `id, account, currency, reference, amount, date` and, if asked for, `payee`.
    pub left: RecordBatch,
    /// The same columns.
    pub right: RecordBatch,
    /// Rows that tell of the same payment, (left, right), ascending.
    pub truth: Vec<(u32, u32)>,
}

/// Makes two ledgers. Costs about 100 bytes and 200 ns a record.
///
/// # Panics
/// When the text of a column passes 2 GiB (beyond 10^8 records).
///
/// ```
/// use recon378_testkit::generate::{GenerateOptions, ledger};
/// let ledgers = ledger(&GenerateOptions::few(1_000));
/// assert_eq!(ledgers.left.num_rows(), 1_000);
/// assert_eq!(ledgers.truth.len(), 990);
/// ```
#[must_use]
pub fn ledger(options: &GenerateOptions) -> Generated {
    let missing = share(options.records, options.missing_share);
    let both = options.records - missing;
    // Payments 0..both are on both sides; the next are left only, the last right only.
    let left: Vec<u32> = (0..options.records).collect();
    let mut right: Vec<u32> = (0..both).chain(options.records..options.records + missing).collect();
    if options.shuffle {
        Random::new(options.seed).shuffle(&mut right);
    }
    let mut place = vec![u32::MAX; both as usize];
    for (row, payment) in (0_u32..).zip(&right) {
        if let Some(place) = place.get_mut(*payment as usize) {
            *place = row;
        }
    }
    let payments = Payments { options, both };
    Generated {
        left: payments.batch(&left, false),
        right: payments.batch(&right, true),
        truth: (0..).zip(place).collect(),
    }
}

fn share(records: u32, thousandths: u32) -> u32 {
    u32::try_from(u64::from(records) * u64::from(thousandths) / 1_000).unwrap_or(records).min(records)
}

/// What each number of [`Random::at`] is drawn for.
#[derive(Clone, Copy)]
enum Draw {
    Account = 1,
    Reference,
    Amount,
    Date,
    Payee,
    Tolerance,
    AmountOff,
    DateOff,
    OtherReference,
    Spelling,
    Sign,
}

struct Payments<'a> {
    options: &'a GenerateOptions,
    both: u32,
}

const CURRENCIES: [&str; 3] = ["EUR", "USD", "GBP"];
/// 2026-01-01.
const FIRST_DAY: i32 = 20_454;
const NAMES: [&str; 16] = [
    "Acme",
    "Borealis",
    "Cardinal",
    "Delta",
    "Evergreen",
    "Falcon",
    "Granite",
    "Harbour",
    "Ionic",
    "Juniper",
    "Kestrel",
    "Lumen",
    "Meridian",
    "Northwind",
    "Orchard",
    "Pinnacle",
];
const TRADES: [&str; 12] = [
    "Trading",
    "Logistics",
    "Foods",
    "Textiles",
    "Software",
    "Energy",
    "Motors",
    "Paper",
    "Chemicals",
    "Media",
    "Dairy",
    "Timber",
];

impl Payments<'_> {
    fn draw(&self, payment: u32, what: Draw) -> u64 {
        Random::at(self.options.seed, what as u64, u64::from(payment))
    }

    fn number(&self, payment: u32, what: Draw, bound: u64) -> u64 {
        below(self.draw(payment, what), bound)
    }

    /// The payment that this one is a copy of, or itself.
    fn original(&self, payment: u32) -> u32 {
        let copies = share(self.options.records, self.options.duplicate_share).min(self.both / 2);
        if payment < copies { self.both - 1 - payment } else { payment }
    }

    fn needs_tolerance(&self, payment: u32) -> bool {
        payment < self.both
            && self.number(payment, Draw::Tolerance, 1_000) < u64::from(self.options.tolerance_share)
    }

    fn amount(&self, payment: u32, is_right: bool) -> i64 {
        let payment = self.original(payment);
        let units = match self.options.repeated_amounts {
            0 => 100 + self.number(payment, Draw::Amount, 100_000_000),
            // Prices: the distinct amounts are spread by a fixed step, so that neighbours stay apart.
            distinct => 995 + 137 * self.number(payment, Draw::Amount, u64::from(distinct)),
        };
        let units = i64::try_from(units).unwrap_or(i64::MAX);
        let signed = if self.draw(payment, Draw::Sign).is_multiple_of(4) { -units } else { units };
        if is_right && self.needs_tolerance(payment) {
            let off = u64::from(self.options.amount_off);
            let drawn = self.number(payment, Draw::AmountOff, 2 * off + 1);
            return signed + i64::try_from(drawn).unwrap_or(0) - i64::try_from(off).unwrap_or(0);
        }
        signed
    }

    fn date(&self, payment: u32, is_right: bool) -> i32 {
        let payment = self.original(payment);
        let mut days = self.number(payment, Draw::Date, 90);
        if is_right && self.needs_tolerance(payment) {
            days += self.number(payment, Draw::DateOff, u64::from(self.options.days_lag) + 1);
        }
        FIRST_DAY + i32::try_from(days).unwrap_or(0)
    }

    fn account(&self, payment: u32) -> u64 {
        self.number(self.original(payment), Draw::Account, u64::from(self.options.accounts.max(1)))
    }

    fn reference(&self, payment: u32, is_right: bool) -> [u8; 12] {
        let payment = self.original(payment);
        let what =
            if is_right && self.needs_tolerance(payment) { Draw::OtherReference } else { Draw::Reference };
        let mut bits = self.draw(payment, what);
        std::array::from_fn(|_| {
            let digit = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(bits & 31) as usize];
            bits >>= 5;
            digit
        })
    }

    fn payee(&self, payment: u32, is_right: bool, text: &mut Vec<u8>) {
        let payment = self.original(payment);
        let bits = self.draw(payment, Draw::Payee);
        let name = NAMES[(bits % 16) as usize];
        let trade = TRADES[(bits / 16 % 12) as usize];
        let number = bits / 192 % 1_000;
        let other = is_right && self.draw(payment, Draw::Spelling).is_multiple_of(3);
        let spelled = if other {
            format!("{trade} {name} {number} Limited").to_uppercase()
        } else {
            format!("{name} {trade} {number} Ltd")
        };
        text.extend_from_slice(spelled.as_bytes());
    }

    fn batch(&self, payments: &[u32], is_right: bool) -> RecordBatch {
        let prefix = if is_right { b'R' } else { b'L' };
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            (
                "id",
                text(payments, 10, |payment, text| {
                    text.push(prefix);
                    digits(u64::from(payment), 9, text);
                }),
            ),
            (
                "account",
                text(payments, 8, |payment, text| {
                    text.extend_from_slice(b"AC");
                    digits(self.account(payment), 6, text);
                }),
            ),
            (
                "currency",
                text(payments, 3, |payment, text| {
                    let currency = CURRENCIES[(self.account(payment) % 3) as usize];
                    text.extend_from_slice(currency.as_bytes());
                }),
            ),
            (
                "reference",
                text(payments, 12, |payment, text| {
                    text.extend_from_slice(&self.reference(payment, is_right));
                }),
            ),
            ("amount", self.amounts(payments, is_right)),
            (
                "date",
                Arc::new(Date32Array::from_iter_values(
                    payments.iter().map(|payment| self.date(*payment, is_right)),
                )),
            ),
        ];
        if self.options.payee {
            columns.push(("payee", text(payments, 26, |payment, text| self.payee(payment, is_right, text))));
        }
        batch(columns)
    }

    fn amounts(&self, payments: &[u32], is_right: bool) -> ArrayRef {
        let amounts = payments.iter().map(|payment| self.amount(*payment, is_right));
        match self.options.amounts {
            Amounts::Minor => Arc::new(PrimitiveArray::<Int64Type>::from_iter_values(amounts)),
            Amounts::Decimal => {
                let units = PrimitiveArray::<Decimal128Type>::from_iter_values(amounts.map(i128::from));
                Arc::new(units.with_data_type(DataType::Decimal128(18, 2)))
            }
        }
    }
}

fn text(payments: &[u32], width: usize, write: impl Fn(u32, &mut Vec<u8>)) -> ArrayRef {
    let mut bytes = Vec::with_capacity(payments.len() * width);
    let mut offsets = Vec::with_capacity(payments.len() + 1);
    offsets.push(0);
    for payment in payments {
        write(*payment, &mut bytes);
        offsets.push(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
    }
    Arc::new(StringArray::new(OffsetBuffer::new(ScalarBuffer::from(offsets)), Buffer::from(bytes), None))
}

fn digits(number: u64, width: u32, text: &mut Vec<u8>) {
    text.extend((0..width).rev().map(|place| b'0' + (number / 10_u64.pow(place) % 10) as u8));
}

#[expect(clippy::expect_used, reason = "the columns are of one length and not null by construction")]
fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), false)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("columns of one length")
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray as _;

    #[test]
    fn truth_names_rows_with_equal_keys_when_all_pairs_are_exact() {
        let made =
            ledger(&GenerateOptions { records: 500, tolerance_share: 0, ..GenerateOptions::default() });
        let text = |batch: &RecordBatch, column: &str, row: u32| {
            batch[column].as_string::<i32>().value(row as usize).to_owned()
        };
        for &(left, right) in &made.truth {
            for column in ["account", "currency", "reference"] {
                assert_eq!(text(&made.left, column, left), text(&made.right, column, right));
            }
        }
        assert_eq!(made.truth.len(), 495);
    }

    #[test]
    fn tolerance_pairs_differ_in_reference_and_stay_within_the_bounds() {
        let options = GenerateOptions { tolerance_share: 1_000, ..GenerateOptions::medium(300) };
        let made = ledger(&options);
        let amount = |batch: &RecordBatch, row: u32| {
            batch["amount"].as_primitive::<Decimal128Type>().value(row as usize)
        };
        for &(left, right) in &made.truth {
            assert!((amount(&made.left, left) - amount(&made.right, right)).abs() <= 5);
            assert_ne!(
                made.left["reference"].as_string::<i32>().value(left as usize),
                made.right["reference"].as_string::<i32>().value(right as usize)
            );
        }
    }

    #[test]
    fn equal_seeds_make_equal_ledgers() {
        let one = ledger(&GenerateOptions::hard(200));
        let other = ledger(&GenerateOptions::hard(200));
        assert_eq!((one.left, one.right, one.truth), (other.left, other.right, other.truth));
    }
}
