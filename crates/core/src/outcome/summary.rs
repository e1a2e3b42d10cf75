//! The figures of a run: what a person reads first and a program checks.

use super::causes::{self, Cause};
use super::differences::DifferenceCounts;
use super::found::{Ambiguity, PassWork, Reason};
use super::tie_out::{CellProof, LineName, Section, TieOut, TieOutLine};
use super::{CellStatement, FileRows, Outcome, SCHEMA_VERSION, Statement, text};
use crate::breaks::systematic::{self, SystematicDifference};
use crate::candidates::blocks::{self, KeyColumns};
use crate::columns::{Issue, Row};
use crate::control::Cancel;
use crate::plan::{Side, condition_view};
use crate::spec::{DecisionKind, Status};
use arrow_buffer::i256;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Cells that a summary lists; the others are counted. All of them stand in the table `tie_out`.
pub const SUMMARY_CELLS_MAX: usize = 1_000;

/// Counts, amounts and rates of a run. Amounts are exact decimals in text; rates are 0 to 1, in millionths.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The day ages are counted to, ISO 8601.
    pub as_of: Option<String>,
    /// Left, right; or the only one.
    pub sources: Vec<SourceSummary>,
    /// In the order of the plan.
    pub passes: Vec<PassSummary>,
    /// Open records, by side and reason, those that occur.
    pub open: Vec<OpenSummary>,
    /// Over both sides and all passes.
    pub totals: Totals,
    /// What persons decided; null where nothing was.
    pub decisions: Option<DecisionsSummary>,
    /// What was compared inside groups, in the order of the spec.
    pub compared: Vec<ComparedSummary>,
    /// Groups that hold many records on both sides, or lie inside one source: nothing in them was compared.
    pub not_compared: u64,
    /// Limits that were reached: nothing here is dropped in silence.
    pub limits_reached: Vec<LimitReached>,
    /// The identity of every cell.
    pub tie_out: TieOutSummary,
    /// What the balances prove; null where none were given.
    pub balances: Option<BalancesSummary>,
    /// What differs systematically, the most frequent first.
    pub systematic: Vec<SystematicDifference>,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceSummary {
    /// `left` or `right`.
    pub side: &'static str,
    /// Its user-facing name.
    pub name: String,
    /// Records read, carried ones included.
    pub records: u64,
    /// Of these, records that came from the open items of an earlier run.
    pub carried: u64,
    /// Open items that are not among them, because the source holds them itself.
    pub replaced: u64,
    /// Records that `where` left out.
    pub excluded: u64,
    /// Records whose amount or id can't be read; they are open.
    pub unreadable: u64,
    /// Records in matched groups.
    pub matched: u64,
    /// Records in proposed groups.
    pub proposed: u64,
    /// Records that groups take in part: what is left of each is open beside.
    pub in_part: u64,
    /// Records that are open.
    pub open: u64,
    /// Matched records among those that are not excluded; null where there are none.
    pub match_rate: Option<f64>,
    /// Records whose id another record has too.
    pub repeated_ids: u64,
    /// Doubles that became decimals, by field, where there are any.
    pub doubles: BTreeMap<String, u64>,
    /// Unreadable cells, by field, where there are any. `issues` lists them up to `issues_max`.
    pub unreadable_cells: BTreeMap<String, u64>,
    /// The first unreadable cell of each field that has any, and the first row of which no cell can be read.
    pub first_unreadable: Vec<FirstUnreadable>,
    /// Rows whose cells couldn't be told apart, such as those of a CSV file with a cell too many. They are among the
    /// unreadable records.
    pub unreadable_rows: u64,
    /// Lines of its files that are no records: `before_header`, `repeated_header`, `footer`, where there are any.
    pub left_out_lines: BTreeMap<&'static str, u64>,
}

/// The first of the unreadable cells of a field: enough to see what the spec has to say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirstUnreadable {
    /// The field; null for a row of which no cell can be read.
    pub field: Option<String>,
    /// The record.
    pub row: u64,
    /// The cell, or the row, as it was given.
    pub value: String,
    /// What is wrong with it.
    pub problem: String,
}

/// One pass.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PassSummary {
    /// Its name.
    pub name: String,
    /// As specs write it.
    pub cardinality: &'static str,
    /// Matched groups.
    pub matched: GroupsSummary,
    /// Proposed groups.
    pub proposed: GroupsSummary,
    /// Groups by how certain their choice is.
    pub ambiguity: AmbiguitySummary,
    /// What it looked at.
    pub work: PassWork,
}

/// The groups of one pass and status.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct GroupsSummary {
    /// Groups.
    pub groups: u64,
    /// Records of them, left and right.
    pub records: [u64; 2],
    /// Their amounts, by currency; empty when records are only counted.
    pub amounts: Vec<Amounts>,
}

/// Groups by ambiguity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct AmbiguitySummary {
    /// In every optimal answer.
    pub unique: u64,
    /// Optimal answers differ only by exchanging twins.
    pub interchangeable: u64,
    /// Optimal answers differ in substance.
    pub ambiguous: u64,
    /// A limit cut the search.
    pub limited: u64,
}

/// Amounts of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amounts {
    /// The currency; null where it is null, not mapped, or not part of the tie-out's cells.
    pub currency: Option<String>,
    /// Sum on the left.
    pub left: String,
    /// Sum on the right.
    pub right: String,
    /// What it explains of right − left.
    pub difference: String,
}

/// Open records of one side and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenSummary {
    /// `left` or `right`.
    pub side: &'static str,
    /// Why they are open.
    pub reason: &'static str,
    /// How many.
    pub records: u64,
    /// Their amounts, by currency; empty when records are only counted.
    pub amounts: Vec<OpenAmount>,
}

/// An amount of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenAmount {
    /// As in [`Amounts`].
    pub currency: Option<String>,
    /// The sum.
    pub amount: String,
}

/// Figures over both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Totals {
    /// Records read.
    pub records: u64,
    /// Records excluded.
    pub excluded: u64,
    /// Matched groups.
    pub matched: u64,
    /// Proposed groups.
    pub proposed: u64,
    /// Open records.
    pub open: u64,
    /// Compared fields that differ inside a group.
    pub differences: u64,
    /// Records in matched groups among those that are not excluded; null where there are none.
    pub match_rate: Option<f64>,
}

/// A field that was compared inside groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparedSummary {
    /// The field; `left = right` where the names differ.
    pub field: String,
    /// What has to hold, in words.
    pub test: String,
    /// Pairs of records that were compared.
    pub pairs: u64,
    /// Of these, pairs whose values disagree: rows of `differences`.
    pub differing: u64,
}

/// Decisions by what they say, and those that were not applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct DecisionsSummary {
    /// Groups that were accepted.
    pub accepted: u64,
    /// Groups that were forced.
    pub forced: u64,
    /// Groups that were rejected.
    pub rejected: u64,
    /// Decisions that name an absent or changed record, or one that takes no part: not applied.
    pub stale: u64,
}

/// A limit that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitReached {
    /// The pass (`limited` components, records whose `nearest` was not found), or the source and field (`issues` not
    /// kept).
    pub place: String,
    /// `components`, `nearest` or `issues`.
    pub what: &'static str,
    /// How many were cut.
    pub count: u64,
}

/// The identity of every cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TieOutSummary {
    /// The amount field that is tied out; null: records are only counted.
    pub amount: Option<String>,
    /// Fields whose values make a cell.
    pub by: Vec<String>,
    /// All cells tie out exactly. An outcome for which this is false does not exist.
    pub tied_out: bool,
    /// Number of cells.
    pub cells_count: u64,
    /// The first [`SUMMARY_CELLS_MAX`] cells, in order.
    pub cells: Vec<CellSummary>,
    #[serde(skip)]
    pub(super) scale: Option<u8>,
}

/// The identity of one cell: `difference = matched + proposed + open_right − open_left`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellSummary {
    /// The cell's values; null is the cell of the nulls.
    pub cell: Vec<Option<String>>,
    /// Records that are not excluded, left and right.
    pub records: [u64; 2],
    /// Total on the left. All amounts are null when records are only counted.
    pub left: Option<String>,
    /// Total on the right.
    pub right: Option<String>,
    /// Right − left.
    pub difference: Option<String>,
    /// Explained by matched groups.
    pub matched: Option<String>,
    /// Explained by proposed groups.
    pub proposed: Option<String>,
    /// Open on the left.
    pub open_left: Option<String>,
    /// Open on the right.
    pub open_right: Option<String>,
    /// What is left: always 0.
    pub unexplained: Option<String>,
    /// The shortest list of causes whose amounts add up to the difference, the largest first. Empty when records are
    /// only counted.
    pub causes: Vec<CauseSummary>,
    /// The difference less the amounts of the causes: always 0.
    pub residual: Option<String>,
}

/// A cause of a cell's difference, over all passes and both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CauseSummary {
    /// A reason, or `fee`, `rate`, `rounding`, `variance`, `sign`, `other_cell`, `netted`, `proposed`.
    pub cause: &'static str,
    /// The fee, the rate or the factor, where several pairs agree on one.
    pub detail: Option<String>,
    /// Records, left and right.
    pub records: [u64; 2],
    /// What it adds to right − left.
    pub amount: String,
}

/// Proofs of the balances that were given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BalancesSummary {
    /// Whether every proof that is known is zero; null where none is known.
    pub proven: Option<bool>,
    /// Number of cells.
    pub cells_count: u64,
    /// The first [`SUMMARY_CELLS_MAX`] cells, in order.
    pub cells: Vec<BalanceSummary>,
}

/// Proofs of one cell; null where a balance that they take is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BalanceSummary {
    /// The cell's values; null is the cell of the nulls.
    pub cell: Vec<Option<String>>,
    /// Closing − opening − records of the left source.
    pub left_proof: Option<String>,
    /// The same of the right source.
    pub right_proof: Option<String>,
    /// The difference of the opening balances that carried records don't explain.
    pub brought_forward: Option<String>,
    /// The right closing balance less the left one and all that explains the way.
    pub proof: Option<String>,
}

impl Summary {
    /// Matched groups.
    #[must_use]
    pub fn matched(&self) -> u64 {
        self.totals.matched
    }

    /// Proposed groups.
    #[must_use]
    pub fn proposed(&self) -> u64 {
        self.totals.proposed
    }

    /// Open records of both sides.
    #[must_use]
    pub fn breaks(&self) -> u64 {
        self.totals.open
    }

    /// Compared fields that differ inside a group.
    #[must_use]
    pub fn differences(&self) -> u64 {
        self.totals.differences
    }

    /// The summary as JSON text, with a line feed at its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        json(self)
    }

    /// The summary as a text of at most `width` columns (at least 60) that a person reads.
    #[must_use]
    pub fn to_text(&self, width: usize) -> String {
        text::render(self, width)
    }

    /// What [`to_text`](Self::to_text) shows, as rows of cells for a sheet; an empty row stands between its parts.
    #[must_use]
    pub fn rows(&self) -> Vec<Vec<String>> {
        text::rows_of_cells(self)
    }

    pub(super) fn of(outcome: &Outcome) -> Self {
        let currency = outcome.plan.currency;
        let by = &outcome.plan.tie_out.by;
        let position = currency.and_then(|field| by.iter().position(|&other| other == field));
        let sums = Sums { tie_out: &outcome.tie_out, currency: position };
        let passes = passes(outcome, &sums);
        let sources: Vec<_> = outcome.plan.sides().map(|side| source(outcome, &sums, side)).collect();
        let counts = outcome.count_differences();
        let totals = totals(&sources, &passes, &counts);
        Self {
            schema_version: SCHEMA_VERSION,
            as_of: outcome.plan.as_of.map(super::gather::iso_date),
            open: open(&sums),
            decisions: decisions(outcome),
            compared: compared(outcome, &counts),
            not_compared: counts.left_out,
            limits_reached: limits_reached(outcome),
            tie_out: tie_out(outcome),
            balances: outcome.statement.as_ref().map(balances),
            systematic: systematic::systematic(&outcome.plan, &outcome.columns, &outcome.found),
            sources,
            passes,
            totals,
        }
    }
}

impl fmt::Display for Summary {
    /// [`Summary::to_text`] at 100 columns.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(100))
    }
}

/// Plain structs of text and numbers always become JSON.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value)
        .map_or_else(|error| format!("{{\"error\": {:?}}}\n", error.to_string()), |text| text + "\n")
}

/// The tie-out's lines, added up by what a summary tells.
struct Sums<'a> {
    tie_out: &'a TieOut,
    currency: Option<usize>,
}

/// Counts and amounts of some lines.
#[derive(Default)]
struct Sum {
    counts: [u64; 2],
    by_currency: BTreeMap<Option<String>, ([i256; 2], i256)>,
}

impl Sums<'_> {
    fn of(&self, wanted: impl Fn(&TieOutLine) -> bool) -> Sum {
        let mut sum = Sum::default();
        for line in self.tie_out.lines.iter().filter(|line| wanted(line)) {
            let currency = self.currency.and_then(|at| line.cell.get(at).cloned().flatten());
            let (amounts, difference) = sum.by_currency.entry(currency).or_default();
            for side in Side::BOTH {
                let at = side.index();
                sum.counts[at] += line.counts[at];
                amounts[at] = amounts[at].wrapping_add(line.amounts[at]);
            }
            *difference = difference.wrapping_add(line.difference);
        }
        sum
    }

    fn section(&self, section: Section) -> Sum {
        self.of(|line| line.section == section)
    }

    fn groups(&self, section: Section, pass: usize, groups: u64) -> GroupsSummary {
        let name = LineName::Pass(u16::try_from(pass).unwrap_or(u16::MAX));
        let sum = self.of(|line| line.section == section && line.name == name);
        let Some(scale) = self.tie_out.scale else {
            return GroupsSummary { groups, records: sum.counts, amounts: Vec::new() };
        };
        let amounts = sum.by_currency.into_iter().map(|(currency, ([left, right], difference))| {
            let [left, right, difference] = [left, right, difference].map(|sum| money(sum, scale));
            Amounts { currency, left, right, difference }
        });
        GroupsSummary { groups, records: sum.counts, amounts: amounts.collect() }
    }
}

fn rate(part: u64, whole: u64) -> Option<f64> {
    let millionths = (u128::from(part) * 1_000_000).checked_div(u128::from(whole))?;
    u32::try_from(millionths).ok().map(|millionths| f64::from(millionths) / 1e6)
}

fn source(outcome: &Outcome, sums: &Sums<'_>, side: Side) -> SourceSummary {
    let at = side.index();
    let source = outcome.columns.side(side);
    let by_field = |counts: &[u64]| -> BTreeMap<String, u64> {
        let named = outcome.plan.fields.iter().map(|field| field.name.clone()).zip(counts.iter().copied());
        named.filter(|(_, count)| *count > 0).collect()
    };
    let mut unreadable_cells = source.issues_dropped.clone();
    unreadable_cells.resize(outcome.plan.fields.len(), 0);
    for issue in &source.issues {
        if let Some(count) = issue.field.and_then(|field| unreadable_cells.get_mut(field)) {
            *count += 1;
        }
    }
    let count = |section| sums.section(section).counts[at];
    let reason = LineName::Reason(Reason::Unreadable);
    let matched = count(Section::Matched);
    SourceSummary {
        side: side.name(),
        name: outcome.plan.names[at].clone(),
        records: u64::from(source.records()),
        in_part: source.remainders.len() as u64,
        carried: u64::from(source.carried),
        replaced: source.replaced,
        excluded: count(Section::Excluded),
        unreadable: sums.of(|line| line.name == reason).counts[at],
        matched,
        proposed: count(Section::Proposed),
        open: count(Section::Open),
        match_rate: rate(matched, count(Section::Total) - source.remainders.len() as u64),
        repeated_ids: repeated_ids(outcome, side),
        doubles: by_field(&source.doubles),
        unreadable_cells: by_field(&unreadable_cells),
        first_unreadable: first_unreadable(outcome, side),
        unreadable_rows: source.unreadable_rows.len() as u64,
        left_out_lines: left_out_lines(outcome.files(side)),
    }
}

fn first_unreadable(outcome: &Outcome, side: Side) -> Vec<FirstUnreadable> {
    let source = outcome.columns.side(side);
    // Issues stand in the order of rows.
    let mut firsts: BTreeMap<Option<usize>, &Issue> = BTreeMap::new();
    for issue in &source.issues {
        firsts.entry(issue.field).or_insert(issue);
    }
    let told = |issue: &Issue| FirstUnreadable {
        field: issue.field.and_then(|field| outcome.plan.fields.get(field)).map(|field| field.name.clone()),
        row: source.row_number(issue.row),
        value: issue.value.clone(),
        problem: issue.problem.clone(),
    };
    firsts.into_values().map(told).collect()
}

/// Lines that are no records, in all files of a source.
fn left_out_lines(files: &[FileRows]) -> BTreeMap<&'static str, u64> {
    let mut lines = BTreeMap::new();
    for file in files {
        for (what, count) in file.left_out.named() {
            if count > 0 {
                *lines.entry(what).or_insert(0) += count;
            }
        }
    }
    lines
}

/// Records whose id another record of the side has too. Ids that ascend are read once and not hashed.
fn repeated_ids(outcome: &Outcome, side: Side) -> u64 {
    let source = outcome.columns.side(side);
    let Some(ids) = outcome.plan.id.and_then(|field| source.fields.get(field)) else { return 0 };
    let ascending = |row: Row| ids.is_null(row) || ids.order(row, row + 1).is_lt();
    if (0..source.records().saturating_sub(1)).all(ascending) {
        return 0;
    }
    let rows: Vec<Row> = (0..source.records()).collect();
    // Nobody can cancel it, and nothing else can go wrong.
    blocks::repeats(&KeyColumns { columns: vec![(ids, false)] }, &rows, &Cancel::new()).unwrap_or_default()
}

/// Groups per pass, status and ambiguity.
type Counts = Vec<[[u64; 4]; 2]>;

fn counts(outcome: &Outcome) -> Counts {
    let empty = || vec![[[0; 4]; 2]; outcome.plan.passes.len()];
    let add = |mut counts: Counts, pair: &super::Pair| {
        let status = usize::from(pair.status == Status::Proposed);
        counts[usize::from(pair.pass)][status][pair.ambiguity as usize] += 1;
        counts
    };
    let groups = outcome.found.groups.iter().fold(empty(), |mut counts: Counts, group| {
        let verdict = group.verdict;
        let status = usize::from(verdict.status == Status::Proposed);
        counts[usize::from(verdict.pass)][status][verdict.ambiguity as usize] += 1;
        counts
    });
    let merge = |mut one: Counts, other: Counts| {
        let all = one.iter_mut().flatten().flatten().zip(other.iter().flatten().flatten());
        all.for_each(|(one, other)| *one += other);
        one
    };
    let pairs = outcome.found.pairs.par_iter().with_min_len(1 << 16).fold(empty, add).reduce(empty, merge);
    merge(pairs, groups)
}

fn passes(outcome: &Outcome, sums: &Sums<'_>) -> Vec<PassSummary> {
    let counts = counts(outcome);
    let pass = |(at, pass): (usize, &crate::plan::PassPlan)| {
        let [matched, proposed] = counts[at];
        let of = |ambiguity: Ambiguity| matched[ambiguity as usize] + proposed[ambiguity as usize];
        PassSummary {
            name: pass.name.clone(),
            cardinality: pass.cardinality.name(),
            matched: sums.groups(Section::Matched, at, matched.iter().sum()),
            proposed: sums.groups(Section::Proposed, at, proposed.iter().sum()),
            ambiguity: AmbiguitySummary {
                unique: of(Ambiguity::Unique),
                interchangeable: of(Ambiguity::Interchangeable),
                ambiguous: of(Ambiguity::Ambiguous),
                limited: of(Ambiguity::Limited),
            },
            work: outcome.found.work.get(at).copied().unwrap_or_default(),
        }
    };
    outcome.plan.passes.iter().enumerate().map(pass).collect()
}

fn open(sums: &Sums<'_>) -> Vec<OpenSummary> {
    let mut all = Vec::new();
    for side in Side::BOTH {
        for &reason in Reason::ALL {
            let name = LineName::Reason(reason);
            let at = side.index();
            let sum = sums.of(|line| line.name == name && line.counts[at] > 0);
            if sum.counts[at] == 0 {
                continue;
            }
            let amount = |scale: u8| {
                let of = sum.by_currency.iter();
                of.map(|(currency, (amounts, _))| OpenAmount {
                    currency: currency.clone(),
                    amount: money(amounts[at], scale),
                })
                .collect()
            };
            let amounts = sums.tie_out.scale.map(amount).unwrap_or_default();
            let (side, reason, records) = (side.name(), reason.name(), sum.counts[at]);
            all.push(OpenSummary { side, reason, records, amounts });
        }
    }
    all
}

fn totals(sources: &[SourceSummary], passes: &[PassSummary], counts: &DifferenceCounts) -> Totals {
    let sum = |of: fn(&SourceSummary) -> u64| sources.iter().map(of).sum::<u64>();
    let records = sum(|source| source.records);
    let excluded = sum(|source| source.excluded);
    Totals {
        records,
        excluded,
        matched: passes.iter().map(|pass| pass.matched.groups).sum(),
        proposed: passes.iter().map(|pass| pass.proposed.groups).sum(),
        open: sum(|source| source.open),
        differences: counts.fields.iter().map(|field| field.differing).sum(),
        match_rate: rate(sum(|source| source.matched), records - excluded),
    }
}

fn compared(outcome: &Outcome, counts: &DifferenceCounts) -> Vec<ComparedSummary> {
    let fields = outcome.plan.compare.iter().zip(&counts.fields);
    let told = fields.map(|(compared, count)| ComparedSummary {
        field: outcome.compared_name(compared),
        test: condition_view(&outcome.plan, compared).test,
        pairs: count.pairs,
        differing: count.differing,
    });
    told.collect()
}

fn decisions(outcome: &Outcome) -> Option<DecisionsSummary> {
    let all = &outcome.columns.decisions.all;
    let mut summary = DecisionsSummary::default();
    for decided in all {
        let count = match decided.kind {
            _ if !decided.is_applied() => &mut summary.stale,
            DecisionKind::Accept => &mut summary.accepted,
            DecisionKind::Force => &mut summary.forced,
            DecisionKind::Reject => &mut summary.rejected,
        };
        *count += 1;
    }
    (!all.is_empty()).then_some(summary)
}

fn limits_reached(outcome: &Outcome) -> Vec<LimitReached> {
    let mut all = Vec::new();
    for (pass, work) in outcome.plan.passes.iter().zip(&outcome.found.work) {
        if work.limited > 0 {
            all.push(LimitReached { place: pass.name.clone(), what: "components", count: work.limited });
        }
        if work.nearest_cut > 0 {
            all.push(LimitReached { place: pass.name.clone(), what: "nearest", count: work.nearest_cut });
        }
    }
    for side in Side::BOTH {
        let dropped = &outcome.columns.side(side).issues_dropped;
        for (field, &count) in outcome.plan.fields.iter().zip(dropped).filter(|(_, count)| **count > 0) {
            let place = format!("{}, {}", outcome.plan.names[side.index()], field.name);
            all.push(LimitReached { place, what: "issues", count });
        }
        let source = outcome.columns.side(side);
        let listed = source.issues.iter().filter(|issue| issue.field.is_none()).count();
        let count = source.unreadable_rows.len().saturating_sub(listed) as u64;
        if count > 0 {
            all.push(LimitReached { place: outcome.plan.names[side.index()].clone(), what: "issues", count });
        }
    }
    all
}

fn tie_out(outcome: &Outcome) -> TieOutSummary {
    let proofs = outcome.tie_out.proofs();
    let amount = outcome.plan.tie_out.amount.and_then(|field| outcome.plan.fields.get(field));
    let scale = outcome.tie_out.scale;
    TieOutSummary {
        amount: amount.map(|field| field.name.clone()),
        by: outcome.tie_out.by.clone(),
        tied_out: proofs.iter().all(|proof| proof.unexplained == i256::ZERO),
        cells_count: proofs.len() as u64,
        cells: proofs
            .into_iter()
            .take(SUMMARY_CELLS_MAX)
            .map(|proof| {
                let causes = causes::shortest(causes::of_cell(outcome.all_causes(), &proof.cell));
                cell(proof, &causes, scale)
            })
            .collect(),
        scale,
    }
}

fn balances(statement: &Statement) -> BalancesSummary {
    let known = |amount: Option<i256>| amount.map(|amount| money(amount, statement.scale));
    let cell = |cell: &CellStatement| BalanceSummary {
        cell: cell.cell.clone(),
        left_proof: known(cell.side_proof(Side::Left)),
        right_proof: known(cell.side_proof(Side::Right)),
        brought_forward: known(cell.brought_forward()),
        proof: known(cell.proof()),
    };
    BalancesSummary {
        proven: statement.is_proven(),
        cells_count: statement.cells.len() as u64,
        cells: statement.cells.iter().take(SUMMARY_CELLS_MAX).map(cell).collect(),
    }
}

fn cell(proof: CellProof, causes: &[Cause], scale: Option<u8>) -> CellSummary {
    let money = |amount: i256| scale.map(|scale| money(amount, scale));
    let [left, right] = proof.totals;
    let [open_left, open_right] = proof.open;
    let difference = right.wrapping_sub(left);
    let residual = causes.iter().fold(difference, |rest, cause| rest.wrapping_sub(cause.amount));
    CellSummary {
        cell: proof.cell,
        records: proof.counts,
        left: money(left),
        right: money(right),
        difference: money(difference),
        matched: money(proof.matched),
        proposed: money(proof.proposed),
        open_left: money(open_left),
        open_right: money(open_right),
        unexplained: money(proof.unexplained),
        causes: causes.iter().filter_map(|cause| Some(cause_of(cause, money(cause.amount)?))).collect(),
        residual: money(residual),
    }
}

fn cause_of(cause: &Cause, amount: String) -> CauseSummary {
    let (name, detail) = (cause.name.name(), cause.detail.clone());
    CauseSummary { cause: name, detail, records: cause.counts, amount }
}

/// Units of 10^-scale as a plain decimal, of any size.
pub(crate) fn money(units: i256, scale: u8) -> String {
    let digits = units.wrapping_abs().to_string();
    let sign = if units.is_negative() { "-" } else { "" };
    let places = usize::from(scale);
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}
