//! What differs systematically: the one thing behind many differences, said once instead of a thousand times.
//!
//! Every field that both sides have is compared over all pairs: those that the passes made, and the open records with
//! their nearest ones. A first look at each pair counts the differing ones and keeps a sample of their values, by
//! hash; what the sample suggests is then counted exactly. So memory stays bounded, and neither the order of records
//! nor threads move a figure. The rules are `docs/spec/systematic.md`.
//!
//! Cost: two looks at each pair and field; a field that a pass joins on is not looked at in its pairs.

mod evidence;
mod signs;
#[cfg(test)]
mod tests;
mod words;

use crate::breaks::formula;
use crate::columns::{Columns, Row};
use crate::compare::Calendar;
use crate::outcome::{Found, cell_text};
use crate::plan::{CalendarPlan, FieldIndex, ONE, Plan, Side, TestPlan};
use crate::spec::FieldKind;
use evidence::{Counts, Evidence, Sample};
use serde::Serialize;
use signs::{Sign, Values};
use std::collections::BTreeMap;

/// Pairs that must show a difference for it to be said.
pub(crate) const PAIRS_MIN: u64 = 5;
/// Its least share of the pairs that differ in the field, in percent.
pub(crate) const SHARE_MIN_PERCENT: u64 = 20;
/// The same for a lag of dates: windows let dates scatter, and only what most pairs show is a rule.
pub(crate) const LAG_SHARE_MIN_PERCENT: u64 = 50;
/// Examples of a difference.
const EXAMPLES_MAX: usize = 3;
/// What is counted exactly, per field: what the sample shows most.
const SUSPECTS_MAX: usize = 32;

/// A difference that many pairs show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SystematicDifference {
    /// The field.
    pub field: String,
    /// `days`, `business_days`, `factor`, `sign`, `fee`, `rate`, `cut`, `prefix`, `suffix`, `leading_zeros`, `case`,
    /// `spaces` or `punctuation`.
    pub kind: &'static str,
    /// The side that shows it: whose dates are later, whose amounts are larger (for a rate: multiplied), whose texts
    /// are cut or have more. `null` where it has no side.
    pub side: Option<&'static str>,
    /// Days, factor, formula, characters or text; `null` where the kind says it all.
    pub value: Option<String>,
    /// Pairs that show it.
    pub pairs: u64,
    /// Pairs in which both records have a value.
    pub of: u64,
    /// `pairs` / `of`, in millionths.
    pub share: f64,
    /// Up to three pairs that show it, those of the first records.
    pub examples: Vec<SystematicExample>,
    /// All that in one sentence, with the names of the sources.
    pub text: String,
}

/// A pair that shows a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SystematicExample {
    /// Row of the left record.
    pub left_row: u64,
    /// Row of the right record.
    pub right_row: u64,
    /// Its value on the left, as prepared.
    pub left: String,
    /// Its value on the right.
    pub right: String,
}

/// What differs systematically, the most frequent first.
pub(crate) fn systematic(plan: &Plan, columns: &Columns, found: &Found) -> Vec<SystematicDifference> {
    let evidence = Evidence::of(plan, found);
    let mut all: Vec<(u64, FieldIndex, SystematicDifference)> = Vec::new();
    for (index, field) in plan.fields.iter().enumerate() {
        if field.kind == FieldKind::Integer {
            continue;
        }
        let calendar = calendar(plan, index);
        let Some(values) = Values::of(columns, index, &calendar) else { continue };
        let study = Study { plan, columns, field: index, values };
        all.extend(study.differences(&evidence).into_iter().map(|found| (found.pairs, index, found)));
    }
    all.sort_by(|one, other| (other.0, one.1, one.2.kind).cmp(&(one.0, other.1, other.2.kind)));
    all.into_iter().map(|(_, _, found)| found).collect()
}

/// The calendar that a condition on the field counts by, else Saturday and Sunday are skipped.
fn calendar(plan: &Plan, field: FieldIndex) -> Calendar {
    let conditions = plan.passes.iter().flat_map(|pass| &pass.conditions);
    let tests = conditions.filter(|condition| condition.left == field).flat_map(|one| one.test.single());
    let mut calendars =
        tests.filter_map(
            |test| {
                if let TestPlan::BusinessDays(_, calendar) = test { Some(calendar) } else { None }
            },
        );
    let own = calendars.next();
    let weekend = [false, false, false, false, false, true, true];
    let workweek = || Calendar::new(&CalendarPlan { weekend, ..CalendarPlan::default() });
    own.map_or_else(workweek, |calendar| Calendar::new(calendar))
}

/// One field under study.
struct Study<'a> {
    plan: &'a Plan,
    columns: &'a Columns,
    field: FieldIndex,
    values: Values<'a>,
}

impl Study<'_> {
    fn differences(&self, evidence: &Evidence<'_>) -> Vec<SystematicDifference> {
        let (looked, sample) = evidence.sample(self.field, &self.values);
        if looked.differing < PAIRS_MIN {
            return Vec::new();
        }
        let suspects = self.suspects(&sample);
        if suspects.is_empty() {
            return Vec::new();
        }
        let counts = evidence.count(self.field, &self.values, &suspects);
        let said = |sign: &Sign| Self::is_said(sign, &counts, looked.differing);
        let mut all: Vec<Sign> = counts.keys().copied().filter(said).collect();
        keep_one_calendar(&mut all, &counts);
        let of = looked.compared;
        all.iter().map(|sign| self.difference(sign, &counts[sign], of)).collect()
    }

    /// What the sample shows often enough to be counted.
    fn suspects(&self, sample: &Sample) -> Vec<Sign> {
        let mut weights: BTreeMap<Sign, u64> = BTreeMap::new();
        let mut signs = Vec::new();
        let mut total = 0;
        for (pair, count) in sample.pairs() {
            total += count;
            signs.clear();
            self.values.signs(pair, &mut signs);
            for sign in &signs {
                *weights.entry(*sign).or_default() += count;
            }
        }
        // Half of what is asked for in the end: a sample errs.
        let often = |weight: u64| weight * 200 >= total * SHARE_MIN_PERCENT;
        let mut suspects: Vec<(u64, Sign)> = weights
            .into_iter()
            .filter(|(_, weight)| often(*weight))
            .map(|(sign, weight)| (weight, sign))
            .collect();
        suspects.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        suspects.truncate(SUSPECTS_MAX);
        let formulas = formula::find(&self.values.amounts(sample));
        let formulas = formulas.into_iter().map(|formula| Sign::Formula(formula.kind));
        suspects.into_iter().map(|(_, sign)| sign).chain(formulas).collect()
    }

    /// Whether enough pairs show it, and nothing else explains them better.
    fn is_said(sign: &Sign, counts: &Counts, differing: u64) -> bool {
        let count = |sign: &Sign| counts.get(sign).map_or(0, |seen| seen.count);
        let seen = count(sign);
        let is_lag = matches!(sign, Sign::Days(_) | Sign::BusinessDays(_));
        let least = if is_lag { LAG_SHARE_MIN_PERCENT } else { SHARE_MIN_PERCENT };
        if seen < PAIRS_MIN || u128::from(seen) * 100 < u128::from(differing) * u128::from(least) {
            return false;
        }
        match sign {
            Sign::Start(_) => false,
            Sign::Cut(side, _) => {
                // Texts that stop anywhere are not cut, and a constant ending says more than a length.
                let ended = |(other, seen): (&Sign, &evidence::Seen)| match other {
                    Sign::Suffix(longer, _) if *longer != *side => seen.count,
                    _ => 0,
                };
                let endings: u64 = counts.iter().map(ended).max().unwrap_or(0);
                seen * 2 >= count(&Sign::Start(*side)) && endings * 5 < seen * 4
            }
            _ => true,
        }
    }

    fn difference(&self, sign: &Sign, seen: &evidence::Seen, of: u64) -> SystematicDifference {
        let share = u32::try_from(u128::from(seen.count) * u128::from(ONE) / u128::from(of.max(1)));
        let mut difference = SystematicDifference {
            field: self.plan.fields[self.field].name.clone(),
            kind: sign.kind(),
            side: sign.side().map(Side::name),
            value: sign.value(self.columns.scale),
            pairs: seen.count,
            of,
            share: f64::from(share.unwrap_or(ONE)) / 1e6,
            examples: seen.examples().map(|pair| self.example(pair)).collect(),
            text: String::new(),
        };
        difference.text = words::sentence(&difference, sign, &self.plan.names);
        difference
    }

    fn example(&self, (left, right): (Row, Row)) -> SystematicExample {
        let cell = |side: Side, row: Row| {
            cell_text(&self.columns.side(side).fields[self.field], self.columns.scale, row)
                .unwrap_or_default()
        };
        SystematicExample {
            left_row: self.columns.side(Side::Left).row_number(left),
            right_row: self.columns.side(Side::Right).row_number(right),
            left: cell(Side::Left, left),
            right: cell(Side::Right, right),
        }
    }
}

/// A lag in calendar days and one in business days often say the same: the one that more pairs show stays.
fn keep_one_calendar(all: &mut Vec<Sign>, counts: &Counts) {
    let sum = |business: bool| -> u64 {
        let of = all.iter().filter(|sign| match sign {
            Sign::Days(_) => !business,
            Sign::BusinessDays(_) => business,
            _ => false,
        });
        of.map(|sign| counts[sign].count).sum()
    };
    let business = sum(true) > sum(false);
    all.retain(|sign| match sign {
        Sign::Days(_) => !business,
        Sign::BusinessDays(_) => business,
        _ => true,
    });
}
