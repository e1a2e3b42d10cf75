//! `recon378 demo`: an example with everything that makes reconciling hard, and its run.
//!
//! The same bytes every time: a seed, no clock.

use crate::args::DemoArguments;
use crate::exit::{Failure, Verdict};
use crate::run::written;
use crate::sources::Request;
use crate::terminal::{self, Stop};
use arrow_array::{ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringArray};
use recon378::{Format, Reconciler};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// Payments that are made up.
const PAYMENTS: u32 = 1_200;
/// 2026-01-05, a Monday, in days since 1970-01-01.
const FIRST_DAY: i32 = 20_458;
const DAYS: u64 = 85;

/// The bank's account, its currency.
const ACCOUNTS: [(&str, &str); 3] =
    [("DE02120300000000202051", "EUR"), ("DE02500105170137075030", "EUR"), ("CH9300762011623852957", "CHF")];

/// Customers as the bank writes them and as the ledger does.
const CUSTOMERS: [(&str, &str); 16] = [
    ("Müller & Söhne GmbH", "GmbH Müller & Söhne"),
    ("Bäckerei Österreicher", "Baeckerei Oesterreicher, Bäckerei Österreicher"),
    ("Größe und Maß KG", "Größe und Maß KG"),
    ("Jürgen Weiß", "Weiß, Jürgen"),
    ("Schäfer Logistik AG", "Schäfer Logistik"),
    ("Café Zürich", "Café Zürich AG"),
    ("Köhler Maschinenbau GmbH", "Köhler Maschinenbau"),
    ("Brüder Grün OHG", "Grün Brüder OHG"),
    ("Hansen Werft", "Hansen Werft"),
    ("Łódź Trading", "Lodz Trading"),
    ("Nordlicht Energie eG", "Nordlicht Energie"),
    ("Atelier Fröhlich", "Fröhlich Atelier"),
    ("Dr. Anneliese Vogt", "Vogt Anneliese Dr."),
    ("Weingut Überlingen", "Weingut Überlingen"),
    ("Stadtwerke Nürnberg", "Stadtwerke Nürnberg"),
    ("Götz & Partner mbB", "Götz & Partner"),
];

/// The spec of the example.
pub(crate) const SPEC: &str = include_str!("demo.toml");

pub(crate) fn demo(arguments: &DemoArguments) -> Result<Verdict, Failure> {
    let folder = &arguments.dir;
    write_sources(folder)?;
    let spec_path = folder.join("recon.toml");
    let request = Request::from_file(&spec_path)?;
    let stop = Stop::on_ctrl_c();
    let reconciler = Reconciler::new(request.spec).base(request.base).cancel(stop.cancel.clone());
    let outcome = reconciler.run_files()?;
    let result = folder.join("result");
    let manifest = reconciler.manifest(&outcome);
    stop.write(|cancel| recon378::write_outcome(&outcome, &manifest, &result, Format::Parquet, cancel))?;
    terminal::print(&format!("{}\n", outcome.summary()))?;
    terminal::print(&written(&result, Format::Parquet))?;
    terminal::print(&format!(
        "The example is in {}: bank.csv, ledger.parquet, recon.toml. Run it again with\n  recon378 run {} --out {}\n",
        folder.display(),
        spec_path.display(),
        result.display(),
    ))?;
    Ok(Verdict::Clean)
}

/// Writes `bank.csv`, `ledger.parquet` and `recon.toml`, and never over files of another content.
fn write_sources(folder: &Path) -> Result<(), Failure> {
    let book = Book::make();
    std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    let texts = [("bank.csv", book.bank_csv()), ("recon.toml", SPEC.as_bytes().to_vec())];
    let ledger = folder.join("ledger.parquet");
    let ours = |(name, bytes): &(&str, Vec<u8>)| {
        std::fs::read(folder.join(name)).is_ok_and(|existing| existing == *bytes)
    };
    let taken = texts.iter().any(|file| folder.join(file.0).exists() && !ours(file));
    if taken || (ledger.exists() && !texts.iter().all(ours)) {
        return Err(Failure::usage(format!(
            "{}: files of the example's names are there with another content, and stay as they are. Name another \
             folder: recon378 demo DIR",
            folder.display()
        )));
    }
    for (name, bytes) in &texts {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|error| Failure::file(&path, &error))?;
    }
    recon378::write_table(&ledger, &book.ledger()?, Format::Parquet)?;
    Ok(())
}

/// A booking of either source.
struct Booking {
    account: usize,
    day: i32,
    name: &'static str,
    text: String,
    cents: i64,
}

/// All bookings.
#[derive(Default)]
struct Book {
    bank: Vec<Booking>,
    ledger: Vec<Booking>,
}

/// What happens to a payment on its way.
enum Fate {
    Clean,
    WithoutReference,
    CentsOff,
    DigitsSwapped,
    LedgerOnly,
    BankOnly,
    Returned,
    BookedTwice,
}

impl Fate {
    fn draw(random: &mut Random) -> Self {
        match random.below(1_000) {
            0..800 => Self::Clean,
            800..890 => Self::WithoutReference,
            890..920 => Self::CentsOff,
            920..935 => Self::DigitsSwapped,
            935..960 => Self::LedgerOnly,
            960..980 => Self::BankOnly,
            980..992 => Self::Returned,
            _ => Self::BookedTwice,
        }
    }
}

impl Book {
    fn make() -> Self {
        let mut random = Random(378);
        let mut book = Self::default();
        for number in 0..PAYMENTS {
            book.pay(number, &mut random);
        }
        book.repeat_alike();
        book.bank.sort_by_key(|booking| booking.day);
        book.ledger.sort_by_key(|booking| booking.day);
        book
    }

    fn pay(&mut self, number: u32, random: &mut Random) {
        let account = random.pick(ACCOUNTS.len());
        let (bank_name, ledger_name) = CUSTOMERS[random.pick(CUSTOMERS.len())];
        let bank_day = workday(FIRST_DAY + random.int(DAYS));
        let ledger_day = workday(bank_day + random.int(3));
        let cents = 500 + i64::from(random.int(1_900_000));
        let document = format!("INV-{}", 10_000 + number);
        let bank =
            |text: String, cents: i64| Booking { account, day: bank_day, name: bank_name, text, cents };
        let ledger = |text: &str, cents: i64| Booking {
            account,
            day: ledger_day,
            name: ledger_name,
            text: text.to_owned(),
            cents,
        };
        let paid = format!("Rechnung {document} vom {}", date(bank_day - 14));
        match Fate::draw(random) {
            Fate::Clean => {
                self.bank.push(bank(paid, cents));
                self.ledger.push(ledger(&document, cents));
            }
            Fate::WithoutReference => {
                self.bank.push(bank("Überweisung, vielen Dank".to_owned(), cents));
                self.ledger.push(ledger(&document, cents));
            }
            Fate::CentsOff => {
                self.bank.push(bank(paid, cents - 1 - i64::from(random.int(4))));
                self.ledger.push(ledger(&document, cents));
            }
            Fate::DigitsSwapped => {
                self.bank.push(bank(paid, cents));
                self.ledger.push(ledger(&document, swapped(cents)));
            }
            Fate::LedgerOnly => self.ledger.push(ledger(&document, cents)),
            Fate::BankOnly => self.bank.push(bank("Kontoführung und Gebühren".to_owned(), -cents / 100)),
            Fate::Returned => {
                self.bank.push(bank(format!("Lastschrift {document}"), cents));
                let mut returned = bank(format!("Rückgabe {document}, Konto gelöscht"), -cents);
                returned.day = workday(bank_day + 2);
                self.bank.push(returned);
            }
            Fate::BookedTwice => {
                self.bank.push(bank(paid, cents));
                self.ledger.push(ledger(&document, cents));
                self.ledger.push(ledger(&document, cents));
            }
        }
    }

    /// Payments that are alike: some may be exchanged without any loss, some differ in substance.
    fn repeat_alike(&mut self) {
        let (bank_name, ledger_name) = CUSTOMERS[8];
        let mut add = |bank: bool, day: i32, cents: i64| {
            let (list, name, text) = if bank {
                (&mut self.bank, bank_name, "Miete Liegeplatz")
            } else {
                (&mut self.ledger, ledger_name, "")
            };
            list.push(Booking { account: 0, day, name, text: text.to_owned(), cents });
        };
        for month in [0, 28, 56] {
            for _ in 0..3 {
                add(true, FIRST_DAY + month, 4_990);
                add(false, FIRST_DAY + month + 1, 4_990);
            }
            for step in 0..2 {
                add(true, FIRST_DAY + month + step, 12_500);
                add(false, FIRST_DAY + month + 2 + step, 12_500);
            }
        }
    }

    /// The bank's export as banks write it: semicolons, decimal commas, days first, windows-1252.
    fn bank_csv(&self) -> Vec<u8> {
        let mut text =
            "Umsatz-ID;Konto;Buchungstag;Auftraggeber;Verwendungszweck;Betrag;Währung\r\n".to_owned();
        for (index, booking) in self.bank.iter().enumerate() {
            let (account, currency) = ACCOUNTS[booking.account];
            let Booking { name, text: purpose, .. } = booking;
            let amount = if index == 300 { "siehe Beleg".to_owned() } else { german(booking.cents) };
            // Writing to a String can't fail.
            let _written = write!(
                text,
                "B{:05};{account};{};{name};\"{purpose}\";{amount};{currency}\r\n",
                index + 1,
                date(booking.day)
            );
        }
        windows_1252(&text)
    }

    fn ledger(&self) -> Result<RecordBatch, Failure> {
        let text = |value: fn(&Booking) -> &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(self.ledger.iter().map(value)))
        };
        let ours = |error: arrow_schema::ArrowError| Failure::ours(error.to_string());
        let ids = (1..=self.ledger.len()).map(|number| format!("L{number:05}"));
        let amounts = self.ledger.iter().map(|booking| i128::from(booking.cents));
        let amounts =
            Decimal128Array::from_iter_values(amounts).with_precision_and_scale(18, 2).map_err(ours)?;
        let days = Date32Array::from_iter_values(self.ledger.iter().map(|booking| booking.day));
        RecordBatch::try_from_iter([
            ("entry_id", Arc::new(StringArray::from_iter_values(ids)) as ArrayRef),
            ("account", text(|booking| ACCOUNTS[booking.account].0)),
            ("posted_at", Arc::new(days)),
            ("customer", text(|booking| booking.name)),
            ("document", text(|booking| &booking.text)),
            ("amt", Arc::new(amounts)),
            ("currency", text(|booking| ACCOUNTS[booking.account].1)),
        ])
        .map_err(ours)
    }
}

/// `SplitMix64`: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn int(&mut self, end: u64) -> i32 {
        i32::try_from(self.below(end)).unwrap_or(0)
    }

    fn pick(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }
}

/// The day itself, or the Monday after a weekend.
fn workday(day: i32) -> i32 {
    // 1970-01-01 was a Thursday.
    match (day + 3).rem_euclid(7) {
        5 => day + 2,
        6 => day + 1,
        _ => day,
    }
}

/// Two neighbouring digits change places: the last ones that differ, and never to a leading zero.
fn swapped(cents: i64) -> i64 {
    let mut digits: Vec<char> = cents.to_string().chars().collect();
    if let Some(at) =
        (1..digits.len()).rev().find(|&at| digits[at] != digits[at - 1] && (at > 1 || digits[at] != '0'))
    {
        digits.swap(at, at - 1);
    }
    digits.into_iter().collect::<String>().parse().unwrap_or(cents)
}

/// `31.01.2026`, by Howard Hinnant's `civil_from_days`.
fn date(day: i32) -> String {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + i32::from(month <= 2);
    format!("{day_of_month:02}.{month:02}.{year}")
}

/// `-1.234,50`.
fn german(cents: i64) -> String {
    let digits = (cents.unsigned_abs() / 100).to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{grouped},{:02}", cents.unsigned_abs() % 100)
}

/// The text in windows-1252, where it is Latin-1; other letters become a question mark, as in many an export.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_banks_do() {
        assert_eq!(date(0), "01.01.1970");
        assert_eq!(date(FIRST_DAY), "05.01.2026");
        assert_eq!(date(19_782), "29.02.2024");
        assert_eq!(date(-1), "31.12.1969");
    }

    #[test]
    fn amounts_are_written_as_banks_do() {
        assert_eq!(german(123_456_789), "1.234.567,89");
        assert_eq!(german(-5), "-0,05");
        assert_eq!(german(100_000), "1.000,00");
    }

    #[test]
    fn swapped_digits_make_another_amount_of_the_same_length() {
        for cents in [510_i64, 1_200, 123_456, 1_999_999, 110] {
            assert_ne!(swapped(cents), cents);
            assert_eq!(swapped(cents).to_string().len(), cents.to_string().len(), "{cents}");
        }
    }

    #[test]
    fn weekends_move_to_monday() {
        assert_eq!(workday(FIRST_DAY), FIRST_DAY);
        assert_eq!(workday(FIRST_DAY + 5), FIRST_DAY + 7);
        assert_eq!(workday(FIRST_DAY + 6), FIRST_DAY + 7);
    }
}
