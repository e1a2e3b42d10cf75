//! The work that is measured: generated ledgers, the specs that match them, and the stages one by one.

use arrow_array::{RecordBatch, UInt32Array};
use recon378_core::columns::{self, Columns, Facts};
use recon378_core::outcome::{Found, Outcome, TABLES};
use recon378_core::plan::{self, Plan, Side};
use recon378_core::{Control, Result, Spec, engine};
use recon378_testkit::generate::{GenerateOptions, Generated, ledger};
use std::sync::Arc;

/// What is reconciled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// One pass: account, currency, reference and amount are equal. Nearly all records have one partner.
    Exact,
    /// The exact pass, then one with tolerances; a pair in fifty needs it.
    Few,
    /// One in five needs it, amounts repeat.
    Medium,
    /// Two in five need it, few amounts: most have rivals.
    Hard,
    /// The exact pass, then account, amount and a payee that is spelled alike.
    Similar,
    /// The exact pass over records that are all equal.
    Hot,
}

const EXACT_PASS: &str = r#"
[[pass]]
name = "exact"
on = ["account", "currency", "reference", "amount"]
"#;

const TOLERANCE_PASS: &str = r#"
[[pass]]
name = "tolerance"
on = ["account", "currency", { field = "amount", within = "0.05" }, { field = "date", days = [0, 3] }]
"#;

const SIMILAR_PASS: &str = r#"
[[pass]]
name = "similar"
on = ["account", "currency", { field = "amount", within = "0.05" }, { field = "payee", similar = "token_set", at_least = 0.6 }]
"#;

impl Work {
    /// All, in the order they are reported.
    pub const ALL: [Self; 6] = [Self::Exact, Self::Few, Self::Medium, Self::Hard, Self::Similar, Self::Hot];

    /// Its name on the command line and in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Few => "few",
            Self::Medium => "medium",
            Self::Hard => "hard",
            Self::Similar => "similar",
            Self::Hot => "hot",
        }
    }

    /// The work of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|work| work.name() == name)
    }

    /// Its sources. The payee column is made only where it is read.
    #[must_use]
    pub fn ledgers(self, records: u32) -> Generated {
        if self == Self::Hot {
            return repeated(
                ledger(&GenerateOptions { records: 1, missing_share: 0, ..GenerateOptions::default() }),
                records,
            );
        }
        let options = match self {
            Self::Exact | Self::Hot => GenerateOptions { records, ..GenerateOptions::default() },
            Self::Few => GenerateOptions::few(records),
            Self::Medium | Self::Similar => GenerateOptions::medium(records),
            Self::Hard => GenerateOptions::hard(records),
        };
        // As many records an account at every size: what a tolerance pass costs grows with a record's neighbours.
        let accounts = if self == Self::Exact { options.accounts } else { (records / 1_000).max(1) };
        ledger(&GenerateOptions { payee: self == Self::Similar, accounts, ..options })
    }

    /// Its spec.
    ///
    /// # Errors
    /// None but a bug of the spec's decoder.
    pub fn spec(self) -> Result<Spec> {
        let second = match self {
            Self::Exact | Self::Hot => "",
            Self::Few | Self::Medium | Self::Hard => TOLERANCE_PASS,
            Self::Similar => SIMILAR_PASS,
        };
        Spec::from_toml(&format!("version = 1\n{EXACT_PASS}{second}"))
    }
}

/// The first record of both sides, many times.
fn repeated(one: Generated, records: u32) -> Generated {
    let first = UInt32Array::from_value(0, records as usize);
    let repeat = |batch: &RecordBatch| arrow_select::take::take_record_batch(batch, &first);
    match (repeat(&one.left), repeat(&one.right)) {
        (Ok(left), Ok(right)) => {
            Generated { left, right, truth: (0..records).map(|row| (row, row)).collect() }
        }
        _ => one,
    }
}

/// Resolves a spec and prepares its columns.
///
/// # Errors
/// Those of the plan, the columns and the memory account.
pub fn prepare(spec: &Spec, sides: [&[RecordBatch]; 2], control: &Control) -> Result<(Plan, Columns)> {
    let schema = |side: &[RecordBatch]| side.first().map(RecordBatch::schema);
    let missing = || recon378_core::Error::Internal("a side without a batch".to_owned());
    let left = schema(sides[0]).ok_or_else(missing)?;
    let right = schema(sides[1]).ok_or_else(missing)?;
    let plan = plan::resolve(spec, &left, &right)?;
    let facts = Facts::gather_with(&plan, Side::Left, sides[0], control)?.merge(Facts::gather_with(
        &plan,
        Side::Right,
        sides[1],
        control,
    )?)?;
    let columns = columns::prepare(&plan, &facts, sides, control)?;
    Ok((plan, columns))
}

/// Runs all passes and explains the breaks.
///
/// # Errors
/// Those of the engine.
pub fn find(plan: &Plan, columns: &Columns, control: &Control) -> Result<Found> {
    engine::run(plan, columns, control)
}

/// Rows of a batch of the outcome's tables.
const BATCH_ROWS: usize = 1 << 16;

/// Checks the promises and makes every table, in batches that are all held; returns their rows.
///
/// # Errors
/// A promise that does not hold.
pub fn tables(plan: Arc<Plan>, columns: Arc<Columns>, found: Found) -> Result<usize> {
    let outcome = Outcome::new(plan, columns, found)?;
    let mut held: Vec<RecordBatch> = Vec::new();
    for name in TABLES {
        for batch in outcome.batches(name, BATCH_ROWS)? {
            held.push(batch?);
        }
    }
    Ok(held.iter().map(RecordBatch::num_rows).sum())
}
