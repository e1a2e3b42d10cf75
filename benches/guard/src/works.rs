//! The works whose instructions are counted: small enough for valgrind, large enough that setting up a run is noise.

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use recon378_core::columns::{self, Columns, Facts};
use recon378_core::plan::{self, Plan, Side};
use recon378_core::resolve::{Edge, Problem, Scratch, solve};
use recon378_core::versions::{CompareOptions, compare};
use recon378_core::{Control, Error, Limits, Result, Spec, engine};
use std::hint::black_box;
use std::sync::Arc;

/// Records a side.
const RECORDS: u64 = 20_000;
/// Nodes a side of the assignment, and the candidates of each.
const NODES: u32 = 2_000;
const DEGREE: u32 = 5;

/// A counted path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Texts, amounts and dates of both sides into columns.
    Prepare,
    /// One pass on account, reference and amount.
    Exact,
    /// One pass on account, an amount within cents and a date within days, with rivals.
    Tolerance,
    /// One pass on account and amount, with texts that are alike.
    Similar,
    /// Two versions of a table, half of whose rows differ in most cells.
    Compare,
    /// One large component of candidates.
    Solve,
}

const EXACT: &str = "[[pass]]\non = [\"account\", \"reference\", \"amount\"]\n";
const TOLERANCE: &str = "[[pass]]\non = [\"account\", { field = \"amount\", within = \"0.05\" }, \
                         { field = \"date\", days = [0, 5] }]\n";
const SIMILAR: &str = "[[pass]]\non = [\"account\", { field = \"amount\", within = \"0.05\" }, \
                       { field = \"payee\", similar = \"token_set\", at_least = 0.7 }]\n";

impl Work {
    pub(crate) const ALL: [Self; 6] =
        [Self::Prepare, Self::Exact, Self::Tolerance, Self::Similar, Self::Compare, Self::Solve];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Exact => "exact",
            Self::Tolerance => "tolerance",
            Self::Similar => "similar",
            Self::Compare => "compare",
            Self::Solve => "solve",
        }
    }

    /// Makes the input and, with `work`, does what is counted.
    pub(crate) fn run(self, work: bool) -> Result<()> {
        match self {
            Self::Solve => assignment(work),
            Self::Compare => versions(work),
            Self::Prepare => {
                let sides = [table(0)?, table(1)?];
                let plan = resolve(TOLERANCE, &sides)?;
                if work {
                    black_box(prepare(&plan, &sides)?);
                }
                Ok(())
            }
            Self::Exact => pass(EXACT, work),
            Self::Tolerance => pass(TOLERANCE, work),
            Self::Similar => pass(SIMILAR, work),
        }
    }
}

fn pass(spec: &str, work: bool) -> Result<()> {
    let sides = [table(0)?, table(1)?];
    let plan = resolve(spec, &sides)?;
    let columns = prepare(&plan, &sides)?;
    if work {
        black_box(engine::run(&plan, &columns, &Control::default())?);
    }
    Ok(())
}

fn versions(work: bool) -> Result<()> {
    let [before, after] = [0, 1].map(|side| -> Result<RecordBatch> {
        let table = table(side)?;
        let ids = places(side).map(|place| i64::try_from(place).ok()).collect::<Int64Array>();
        let schema = table.schema();
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let columns = names.zip(table.columns().iter().cloned()).chain([("id", Arc::new(ids) as ArrayRef)]);
        RecordBatch::try_from_iter(columns).map_err(|error| Error::Internal(error.to_string()))
    });
    let (before, after) = (before?, after?);
    let options = CompareOptions { key: vec!["id".to_owned()], ..CompareOptions::default() };
    if work {
        black_box(compare(&[before], &[after], &options, &Control::default())?);
    }
    Ok(())
}

fn resolve(spec: &str, sides: &[RecordBatch; 2]) -> Result<Plan> {
    plan::resolve(&Spec::from_toml(spec)?, sides[0].schema_ref(), sides[1].schema_ref())
}

fn prepare(plan: &Plan, [left, right]: &[RecordBatch; 2]) -> Result<Columns> {
    let sides: [&[RecordBatch]; 2] = [std::slice::from_ref(left), std::slice::from_ref(right)];
    let facts =
        Facts::gather(plan, Side::Left, sides[0])?.merge(Facts::gather(plan, Side::Right, sides[1])?)?;
    columns::prepare(plan, &facts, sides, &Control::default())
}

/// A number that depends on its place alone.
fn mixed(place: u64) -> u64 {
    let mut bits = place.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// Which record stands where on a side.
fn places(side: u64) -> impl Iterator<Item = u64> {
    (0..RECORDS).map(move |row| (row + side * 7_919) % RECORDS)
}

/// Half of the records have equal partners, the others are off by cents, days and a letter.
fn table(side: u64) -> Result<RecordBatch> {
    const FIRST: [&str; 8] = ["ACME", "NORTH", "BLUE", "GRAND", "RAPID", "UNION", "SILVER", "CENTRAL"];
    const SECOND: [&str; 8] =
        ["TRADING", "FOODS", "LOGISTICS", "PAPER", "STEEL", "ENERGY", "HEALTH", "BOOKS"];
    let places = || places(side);
    let changed = |place: u64| if mixed(place).is_multiple_of(2) { 0 } else { side };
    let text = |cell: &dyn Fn(u64) -> String| -> ArrayRef {
        Arc::new(places().map(|place| Some(cell(place))).collect::<StringArray>())
    };
    let pick = |words: [&'static str; 8], bits: u64| words[usize::try_from(bits % 8).unwrap_or(0)];
    let account =
        Arc::new(places().map(|place| i64::try_from(mixed(place) % 50).ok()).collect::<Int64Array>());
    let amount = text(&|place| {
        let cents = mixed(place ^ 1) % 200_000 + changed(place) * 3;
        format!("{}.{:02}", cents / 100, cents % 100)
    });
    let date = text(&|place| format!("2026-03-{:02}", 1 + mixed(place ^ 2) % 20 + changed(place) * 2));
    let reference = text(&|place| format!("INV-{:07}{}", place, if changed(place) == 1 { "X" } else { "" }));
    let payee = text(&|place| {
        let bits = mixed(place ^ 3);
        let (first, second) = (pick(FIRST, bits), pick(SECOND, bits >> 8));
        if changed(place) == 1 { format!("{second} {first} LTD") } else { format!("{first} {second}") }
    });
    let columns: [(&str, ArrayRef); 5] = [
        ("account", account),
        ("amount", amount),
        ("date", date),
        ("reference", reference),
        ("payee", payee),
    ];
    RecordBatch::try_from_iter(columns).map_err(|error| Error::Internal(error.to_string()))
}

fn assignment(work: bool) -> Result<()> {
    let mut edges: Vec<Edge> = (0..NODES)
        .flat_map(|left| {
            (0..DEGREE).map(move |at| {
                let bits = mixed(u64::from(left * DEGREE + at));
                let near = u32::try_from(bits % 40).unwrap_or(0);
                let gain = u32::try_from((bits >> 20) % 500_000).unwrap_or(0) + 1;
                Edge { left, right: (left + near) % NODES, gain, variance: u128::from(bits >> 60), days: 0 }
            })
        })
        .collect();
    edges.sort_unstable_by_key(|edge| (edge.left, edge.right));
    edges.dedup_by_key(|edge| (edge.left, edge.right));
    let ones = || vec![1; NODES as usize];
    let problem = Problem { left_counts: ones(), right_counts: ones(), edges };
    if work {
        black_box(solve(&problem, &Limits::default(), &mut Scratch::default())?);
    }
    Ok(())
}
