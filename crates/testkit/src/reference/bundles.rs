//! Passes that take records as one, the long way: every record is looked at for every two bundles.

use super::grade::grade;
use super::pass::{Field, score_of};
use super::solve::Candidate;
use super::value::Value;
use super::{Run, describe};
use arrow_buffer::i256;
use recon378_core::Number;
use recon378_core::columns::Row;
use recon378_core::compare::Grade;
use recon378_core::outcome::{Found, Groups, Pair, Reason, Span, Verdict};
use recon378_core::plan::{BundlePlan, ConditionPlan, FeePlan, ONE, PassPlan, Side, TestPlan, WithinPlan};
use recon378_core::spec::{Conditions, FeeBase, FeePer, Negative, Rounding, Sign};
use std::collections::BTreeMap;

/// The records of a group on both sides, and what it takes of one that it doesn't have whole.
type Parted = (Vec<Row>, Vec<Row>, Option<(Side, Row, i128)>);

/// The bundles of both sides, each with its members ascending, in canonical order of their latest records.
type Bundles = [Vec<Vec<Row>>; 2];

impl Run<'_> {
    pub(super) fn bundled(&mut self, index: usize) {
        let plan = self.plan;
        let pass = &plan.passes[index];
        let Some(bundling) = pass.bundles() else { return };
        let bundles = Side::BOTH.map(|side| self.bundles(pass, bundling, side));
        let (field, barred) = self.bundle_field((pass, bundling), &bundles);
        let number = u16::try_from(index).unwrap_or(u16::MAX);
        for (left, right) in barred {
            self.note_all(Side::Left, &bundles[0][left], Reason::RejectedByDecision, number);
            self.note_all(Side::Right, &bundles[1][right], Reason::RejectedByDecision, number);
        }
        // The engine's groups as pairs of bundles; the rest is what a pass of pairs does.
        let translated = self.translated(index, &bundles);
        let outer = std::mem::take(&mut self.notes);
        let pairs = self.pairs_of(index, &field, translated.as_ref());
        let notes = std::mem::replace(&mut self.notes, outer);
        for (side, notes) in Side::BOTH.into_iter().zip(notes) {
            for (bundle, (reason, pass)) in notes {
                self.note_all(side, &bundles[side.index()][bundle as usize], reason, pass);
            }
        }
        for pair in pairs {
            let (lefts, rights) = (&bundles[0][pair.left as usize], &bundles[1][pair.right as usize]);
            let (lefts, rights, part) = self.parted((pass, bundling), lefts, rights);
            if bundling.partial && self.is_barred_group(&lefts, &rights) {
                self.note_all(Side::Left, &lefts, Reason::RejectedByDecision, number);
                self.note_all(Side::Right, &rights, Reason::RejectedByDecision, number);
                continue;
            }
            self.result.parts.extend(part.map(|(side, row, taken)| (side, row, taken, number)));
            for (side, rows) in [(Side::Left, &lefts), (Side::Right, &rights)] {
                for row in rows {
                    self.held[side.index()][*row as usize] = true;
                }
            }
            match (lefts.as_slice(), rights.as_slice()) {
                ([left], [right]) => self.result.pairs.push(Pair { left: *left, right: *right, ..pair }),
                (lefts, rights) => self.result.groups.push(pair.verdict(), lefts, rights),
            }
        }
    }

    fn note_all(&mut self, side: Side, rows: &[Row], reason: Reason, pass: u16) {
        for row in rows {
            self.note(side, *row, reason, pass);
        }
    }

    fn bundles(&self, pass: &PassPlan, bundling: &BundlePlan, side: Side) -> Vec<Vec<Row>> {
        let open: Vec<Row> = (0..self.table.rows(side)).filter(|row| self.is_open(side, *row)).collect();
        let mut all: Vec<Vec<Row>> = match &bundling.by[side.index()] {
            None => open.into_iter().map(|row| vec![row]).collect(),
            Some(by) => {
                let mut all: BTreeMap<Vec<&Value>, Vec<Row>> = BTreeMap::new();
                for row in open {
                    let value = |field: usize| self.table.get(side, row, field);
                    let keys = pass.key.iter().map(|key| {
                        let field = if side == Side::Left { key.left } else { key.right };
                        (value(field), key.nulls_equal)
                    });
                    let by = by.iter().map(|field| (value(*field), false));
                    let keys: Vec<(&Value, bool)> = keys.chain(by).collect();
                    if keys.iter().all(|(value, nulls_equal)| *nulls_equal || !value.is_null()) {
                        all.entry(keys.into_iter().map(|(value, _)| value).collect()).or_default().push(row);
                    }
                }
                all.into_values().collect()
            }
        };
        all.sort_by_key(|members| self.canonical(side, self.latest(pass, side, members)));
        all
    }

    fn day(&self, pass: &PassPlan, side: Side, row: Row) -> Option<i32> {
        let (left, right) = pass.days?;
        self.table.get(side, row, if side == Side::Left { left } else { right }).day()
    }

    /// The last day; the first in canonical order among several.
    fn latest(&self, pass: &PassPlan, side: Side, members: &[Row]) -> Row {
        let last = members.iter().map(|row| self.day(pass, side, *row)).max().flatten();
        self.first_on(pass, (side, members), last)
    }

    fn earliest(&self, pass: &PassPlan, side: Side, members: &[Row]) -> Row {
        let first = members.iter().map(|row| self.day(pass, side, *row)).min().flatten();
        self.first_on(pass, (side, members), first)
    }

    fn first_on(&self, pass: &PassPlan, (side, members): (Side, &[Row]), day: Option<i32>) -> Row {
        let of_day = members.iter().copied().filter(|row| self.day(pass, side, *row) == day);
        of_day.min_by_key(|row| self.canonical(side, *row)).unwrap_or_default()
    }

    /// The sum, net of what the pass keeps back of this side.
    fn sum(&self, bundling: &BundlePlan, (side, members): (Side, &[Row]), field: usize) -> Option<i128> {
        let amounts: Option<Vec<i128>> =
            members.iter().map(|row| self.table.get(side, *row, field).amount()).collect();
        let fees: Vec<&FeePlan> = bundling.fees.iter().filter(|fee| fee.side == side).collect();
        Some(net(&fees, &amounts?, self.columns.scale))
    }

    /// Candidates between bundles, and the pairs of bundles that a person rejected.
    fn bundle_field(
        &self,
        (pass, bundling): (&PassPlan, &BundlePlan),
        bundles: &Bundles,
    ) -> (Field, Vec<(usize, usize)>) {
        let mut candidates = BTreeMap::new();
        let mut barred = Vec::new();
        for (i, lefts) in bundles[0].iter().enumerate() {
            for (j, rights) in bundles[1].iter().enumerate() {
                let Some(found) = self.bundle_candidate((pass, bundling), lefts, rights) else { continue };
                if self.is_barred_group(lefts, rights) {
                    barred.push((i, j));
                } else {
                    candidates.insert((i, j), found);
                }
            }
        }
        let row = |at: usize| Row::try_from(at).unwrap_or(Row::MAX);
        let rejected = |side: Side, at: usize| {
            barred.iter().any(|(left, right)| if side == Side::Left { *left == at } else { *right == at })
        };
        let classes = |side: Side| {
            let mut numbers = BTreeMap::new();
            let bundles = bundles[side.index()].iter().enumerate();
            let class = |(at, members): (usize, &Vec<Row>)| {
                let next = numbers.len();
                let alone = members.len() > 1
                    || members.iter().any(|row| self.is_distinct(side, *row))
                    || rejected(side, at);
                *numbers.entry((alone.then_some(at), self.used(side, members[0]))).or_insert(next)
            };
            bundles.map(class).collect::<Vec<usize>>()
        };
        let field = Field {
            span: Span::Across,
            lefts: (0..bundles[0].len()).map(row).collect(),
            rights: (0..bundles[1].len()).map(row).collect(),
            left_classes: classes(Side::Left),
            right_classes: classes(Side::Right),
            candidates,
        };
        (field, barred)
    }

    fn bundle_candidate(
        &self,
        (pass, bundling): (&PassPlan, &BundlePlan),
        lefts: &[Row],
        rights: &[Row],
    ) -> Option<Candidate> {
        let ends = [
            [self.earliest(pass, Side::Left, lefts), self.latest(pass, Side::Left, lefts)],
            [self.earliest(pass, Side::Right, rights), self.latest(pass, Side::Right, rights)],
        ];
        let (left, right) = (ends[0][1], ends[1][1]);
        let key_holds = pass.key.iter().all(|key| {
            let (left, right) =
                (self.table.get(Side::Left, left, key.left), self.table.get(Side::Right, right, key.right));
            left == right && (key.nulls_equal || !left.is_null())
        });
        if !key_holds {
            return None;
        }
        let mut grades = Vec::new();
        for (at, condition) in pass.conditions.iter().enumerate() {
            let grade = if bundling.sum == Some(at) {
                let sum = |side: Side, rows: &[Row], field: usize| {
                    self.sum(bundling, (side, rows), field).map_or(Value::Null, Value::Amount)
                };
                let left = sum(Side::Left, lefts, condition.left);
                let right = sum(Side::Right, rights, condition.right);
                grade(condition, &left, &right, self.columns.scale)
            } else if bundling.conditions == Conditions::After {
                self.grade_of(condition, left, right)
            } else {
                let forth = lefts.iter().flat_map(|one| ends[1].map(|end| (*one, end)));
                let back = rights.iter().flat_map(|one| ends[0].map(|end| (end, *one)));
                least(forth.chain(back).map(|(left, right)| self.grade_of(condition, left, right)), condition)
            };
            grades.push((condition, grade));
        }
        let score = score_of(pass, &grades)?;
        let variance = pass.variance.and_then(|plan| {
            let left = self.sum(bundling, (Side::Left, lefts), plan.left)?;
            let right = self.sum(bundling, (Side::Right, rights), plan.right)?;
            Some(i256::from_i128(match plan.sign {
                Sign::Same => (right - left).abs(),
                Sign::Opposite => (right + left).abs(),
                Sign::Ignore => (right.abs() - left.abs()).abs(),
            }))
        });
        let days = self.day(pass, Side::Right, right).zip(self.day(pass, Side::Left, left));
        Some(Candidate {
            score,
            gain: score.saturating_sub(pass.floor).max(1),
            variance: variance.unwrap_or(i256::ZERO),
            days: days.map_or(0, |(right, left)| (i64::from(right) - i64::from(left)).abs()),
        })
    }

    /// Whom the group of two bundles has, and what it takes of one record that it doesn't have whole: the oldest records of the
    /// side that has more, until there is as much as on the other.
    fn parted(&self, (pass, bundling): (&PassPlan, &BundlePlan), lefts: &[Row], rights: &[Row]) -> Parted {
        let whole = (lefts.to_vec(), rights.to_vec(), None);
        let condition = bundling.sum.and_then(|at| pass.conditions.get(at));
        let Some(condition) = condition.filter(|_| bundling.partial) else { return whole };
        let TestPlan::Within(within) = &condition.test else { return whole };
        let exact = TestPlan::Within(WithinPlan { payment: None, ..within.clone() });
        let exact = ConditionPlan { test: exact, ..condition.clone() };
        let fields = [condition.left, condition.right];
        let total = |side: Side, rows: &[Row]| -> i128 {
            let amounts =
                rows.iter().filter_map(|row| self.table.get(side, *row, fields[side.index()]).amount());
            amounts.sum()
        };
        let agree = |left: i128, right: i128| {
            let (left, right) = (Value::Amount(left), Value::Amount(right));
            matches!(grade(&exact, &left, &right, self.columns.scale), Grade::Holds(_))
        };
        let sums = [total(Side::Left, lefts), total(Side::Right, rights)];
        if agree(sums[0], sums[1]) {
            return whole;
        }
        let more = if sums[0].abs() > sums[1].abs() { Side::Left } else { Side::Right };
        let wanted = sums[more.other().index()].abs() * sums[more.index()].signum();
        let mut queue = if more == Side::Left { lefts.to_vec() } else { rights.to_vec() };
        let amount = |row: Row| total(more, &[row]);
        queue.sort_by_key(|row| {
            let adds = (amount(*row) < 0) == (wanted < 0);
            (adds, self.day(pass, more, *row), self.canonical(more, *row))
        });
        let is_enough = |sum: i128| {
            let other = sums[more.other().index()];
            if more == Side::Left { agree(sum, other) } else { agree(other, sum) }
        };
        let (mut taken, mut part) = (Vec::new(), None);
        for row in queue {
            let before = total(more, &taken);
            let after = before + amount(row);
            let size = |sum: i128| if wanted < 0 { -sum } else { sum };
            if size(after) <= size(wanted) {
                taken.push(row);
                if after == wanted {
                    break;
                }
                continue;
            }
            if is_enough(after) {
                taken.push(row);
            } else if taken.is_empty() || !is_enough(before) {
                taken.push(row);
                part = Some((more, row, wanted - before));
            }
            break;
        }
        taken.sort_unstable();
        match more {
            Side::Left => (taken, rights.to_vec(), part),
            Side::Right => (lefts.to_vec(), taken, part),
        }
    }

    fn grade_of(&self, condition: &ConditionPlan, left: Row, right: Row) -> Grade {
        let left = self.table.get(Side::Left, left, condition.left);
        let right = self.table.get(Side::Right, right, condition.right);
        grade(condition, left, right, self.columns.scale)
    }

    /// What the engine made in a pass, as pairs of bundles. Whatever is no two bundles is told.
    fn translated(&mut self, index: usize, bundles: &Bundles) -> Option<Found> {
        let found = self.found?;
        let mut translated = Found::default();
        let mut odd = Vec::new();
        let in_parts = self.plan.passes[index].bundles().is_some_and(|bundles| bundles.partial);
        let place = |side: usize, rows: &[Row]| {
            let is_taken = |members: &Vec<Row>| {
                members == rows || (in_parts && rows.iter().all(|row| members.contains(row)))
            };
            let at = bundles[side].iter().position(is_taken)?;
            Row::try_from(at).ok()
        };
        let own = |verdict: &Verdict| usize::from(verdict.pass) == index;
        for pair in found.pairs.iter().filter(|pair| own(&pair.verdict())) {
            match (place(0, &[pair.left]), place(1, &[pair.right])) {
                (Some(left), Some(right)) => translated.pairs.push(Pair { left, right, ..*pair }),
                _ => odd.push(describe(pair)),
            }
        }
        for group in found.groups.iter().filter(|group| own(&group.verdict)) {
            match (place(0, group.lefts), place(1, group.rights)) {
                (Some(left), Some(right)) => {
                    translated.pairs.push(group.verdict.pair(left, right));
                }
                _ => odd.push(format!("{group:?}")),
            }
        }
        for odd in odd {
            self.say(format!("pass {index}: no two bundles: {odd}"));
        }
        Some(translated)
    }
}

/// What fees leave of some amounts: those of records first, each for itself, then those of the group.
fn net(fees: &[&FeePlan], amounts: &[i128], scale: u8) -> i128 {
    let gross: i128 = amounts.iter().sum();
    let of = |per: FeePer, gross: i128, rest: i128| {
        fees.iter().filter(|fee| fee.per == per).fold(rest, |rest, fee| {
            rest - kept(fee, if fee.base == FeeBase::Gross { gross } else { rest }, scale)
        })
    };
    let rest = amounts.iter().map(|amount| of(FeePer::Record, *amount, *amount)).sum();
    of(FeePer::Group, gross, rest)
}

/// One fee of one amount, in units: `size × percent / 100`, rounded to the digits asked for, and the fixed part.
fn kept(fee: &FeePlan, amount: i128, scale: u8) -> i128 {
    let units =
        |number: Option<Number>, scale: u8| number.map_or(0, |number| number.units(scale).unwrap_or(0));
    let size = amount.abs();
    let rate = fee.rates.iter().find(|rate| rate.up_to.is_none_or(|up_to| size <= units(Some(up_to), scale)));
    let Some(rate) = rate.filter(|_| size > 0) else { return 0 };
    let step = 10_i128.pow(u32::from(scale - fee.digits.unwrap_or(scale)));
    let (over, under) = (size * units(rate.percent, 6), 100_000_000 * step);
    let (whole, rest) = (over / under, over % under);
    let up = match fee.round {
        Rounding::Down => false,
        Rounding::Up => rest != 0,
        Rounding::HalfUp => 2 * rest >= under,
        Rounding::HalfEven => 2 * rest > under || (2 * rest == under && whole % 2 != 0),
    };
    let of_size = (whole + i128::from(up)) * step + units(rate.fixed, scale);
    match fee.negative {
        Negative::Charged => of_size,
        Negative::Returned => of_size * amount.signum(),
        Negative::Free => of_size * i128::from(amount > 0),
    }
}

/// The least of all grades: one that fails decides, a null only where the condition is required.
fn least(grades: impl Iterator<Item = Grade>, condition: &ConditionPlan) -> Grade {
    let all: Vec<Grade> = grades.collect();
    if all.contains(&Grade::Fails) {
        return Grade::Fails;
    }
    if condition.required && all.contains(&Grade::Null) {
        return Grade::Null;
    }
    let least = all.iter().filter_map(|grade| grade.held()).min();
    least.map_or(Grade::Null, |grade| Grade::Holds(grade.min(ONE)))
}

/// Groups by what they are of, for comparing.
pub(super) fn by_members(groups: &Groups) -> BTreeMap<(Vec<Row>, Vec<Row>), Verdict> {
    groups.iter().map(|group| ((group.lefts.to_vec(), group.rights.to_vec()), group.verdict)).collect()
}
