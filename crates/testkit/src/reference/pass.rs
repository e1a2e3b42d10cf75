//! One pass: candidates, components, the set of optimal answers, and one of them.

use super::grade::grade;
use super::solve::{Bounds, Candidate, ClassPair, Component, Worth};
use super::value::Value;
use super::{Run, describe, sides};
use arrow_buffer::i256;
use recon378_core::columns::Row;
use recon378_core::compare::Grade;
use recon378_core::outcome::{Ambiguity, Found, NO_REGRET, Pair, Reason, Span};
use recon378_core::plan::{ConditionPlan, Grouping, Millionths, ONE, PassPlan, Side};
use recon378_core::spec::{Ambiguous, Cardinality, Sign, Status};
use std::collections::{BTreeMap, BTreeSet};

/// The open records of one pass on one span and their candidates.
pub(super) struct Field {
    pub(super) span: Span,
    pub(super) lefts: Vec<Row>,
    pub(super) rights: Vec<Row>,
    pub(super) candidates: BTreeMap<(usize, usize), Candidate>,
    pub(super) left_classes: Vec<usize>,
    pub(super) right_classes: Vec<usize>,
}

/// A flow's verdict.
#[derive(Clone, Copy)]
struct Verdict {
    bounds: Bounds,
    /// Ambiguous only because its regret is within the margin.
    within_margin: bool,
    regret: u32,
}

impl Verdict {
    fn is_tied(self) -> bool {
        self.bounds.least != self.bounds.most
    }

    fn is_ambiguous(self) -> bool {
        self.is_tied() || self.within_margin
    }
}

impl Run<'_> {
    pub(super) fn pass(&mut self, index: usize) {
        let pass = &self.plan.passes[index];
        let spans: &[Span] = match (&pass.grouping, pass.cardinality) {
            (Grouping::Bundles(_), _) => return self.bundled(index),
            (Grouping::Lookup, _) => return self.look_up(index),
            (Grouping::Cluster, _) => return self.cluster(index),
            (Grouping::Decided, _) => return,
            (Grouping::Pairs, Cardinality::SameSide) => &[Span::WithinLeft, Span::WithinRight],
            (Grouping::Pairs, _) => &[Span::Across],
        };
        for &span in spans {
            let field = self.field(index, span);
            let pairs = self.pairs_of(index, &field, self.found);
            let (left_side, right_side) = sides(span);
            for pair in &pairs {
                self.held[left_side.index()][pair.left as usize] = true;
                self.held[right_side.index()][pair.right as usize] = true;
            }
            self.result.pairs.extend(pairs);
        }
    }

    /// The pairs of a pass, component by component; `found` is what the engine made.
    pub(super) fn pairs_of(&mut self, index: usize, field: &Field, found: Option<&Found>) -> Vec<Pair> {
        let pairs: Vec<Pair> = components(field)
            .into_iter()
            .flat_map(|(lefts, rights)| self.component((index, found), field, &lefts, &rights))
            .collect();
        self.strangers((index, found), field, &pairs);
        self.note_taken(index, field, &pairs);
        pairs
    }

    /// The open records and every candidate between them.
    fn field(&mut self, index: usize, span: Span) -> Field {
        let plan = self.plan;
        let pass = &plan.passes[index];
        let (left_side, right_side) = sides(span);
        let lefts = self.entering(pass, left_side, span, true);
        let rights = self.entering(pass, right_side, span, false);
        let mut candidates = BTreeMap::new();
        for (i, &left) in lefts.iter().enumerate() {
            for (j, &right) in rights.iter().enumerate() {
                let Some(candidate) = self.candidate(pass, (left_side, left), (right_side, right)) else {
                    continue;
                };
                if self.is_barred((left_side, left), (right_side, right)) {
                    let pass = u16::try_from(index).unwrap_or(u16::MAX);
                    self.note(left_side, left, Reason::RejectedByDecision, pass);
                    self.note(right_side, right, Reason::RejectedByDecision, pass);
                } else {
                    candidates.insert((i, j), candidate);
                }
            }
        }
        let left_classes = self.classes(left_side, &lefts);
        let right_classes = self.classes(right_side, &rights);
        Field { span, lefts, rights, candidates, left_classes, right_classes }
    }

    /// Records that enter a pass on one end of its pairs, in canonical order.
    fn entering(&self, pass: &PassPlan, side: Side, span: Span, is_left: bool) -> Vec<Row> {
        let mut rows: Vec<Row> = (0..self.table.rows(side)).filter(|row| self.is_open(side, *row)).collect();
        if span != Span::Across {
            rows.retain(|row| {
                let amount = pass.variance.and_then(|plan| {
                    let field = if is_left { plan.left } else { plan.right };
                    self.table.get(side, *row, field).amount()
                });
                amount.is_some_and(|amount| if is_left { amount > 0 } else { amount < 0 })
            });
        }
        rows.sort_by_key(|row| self.canonical(side, *row));
        rows
    }

    /// Canonical order: id, the used fields, row.
    pub(super) fn canonical(&self, side: Side, row: Row) -> (Option<&Value>, Vec<&Value>, Row) {
        (self.plan.id.map(|field| self.table.get(side, row, field)), self.used(side, row), row)
    }

    pub(super) fn used(&self, side: Side, row: Row) -> Vec<&Value> {
        self.plan.used.iter().map(|field| self.table.get(side, row, *field)).collect()
    }

    fn classes(&self, side: Side, rows: &[Row]) -> Vec<usize> {
        let mut numbers = BTreeMap::new();
        rows.iter()
            .map(|row| {
                let next = numbers.len();
                let alone = self.is_distinct(side, *row).then_some(*row);
                *numbers.entry((alone, self.used(side, *row))).or_insert(next)
            })
            .collect()
    }

    pub(super) fn candidate(
        &self,
        pass: &PassPlan,
        left: (Side, Row),
        right: (Side, Row),
    ) -> Option<Candidate> {
        let (left_record, right_record) = (left, right);
        let left = |field| self.table.get(left.0, left.1, field);
        let right = |field| self.table.get(right.0, right.1, field);
        let key_holds = pass.key.iter().all(|key| {
            let (left, right) = (left(key.left), right(key.right));
            left == right && (key.nulls_equal || !left.is_null())
        });
        if !key_holds {
            return None;
        }
        let of = |condition| {
            (condition, grade(condition, left(condition.left), right(condition.right), self.columns.scale))
        };
        let grades: Vec<_> = pass.conditions.iter().map(of).collect();
        let by_grades = score_of(pass, &grades)?;
        let score = match self.probability(pass, left_record, right_record) {
            Some(score) if score < pass.floor => return None,
            Some(score) => score,
            None => by_grades,
        };
        let variance = pass.variance.and_then(|plan| {
            let (left, right) = (left(plan.left).amount()?, right(plan.right).amount()?);
            let (left, right) = (i256::from_i128(left), i256::from_i128(right));
            Some(absolute(match plan.sign {
                Sign::Same => right - left,
                Sign::Opposite => right + left,
                Sign::Ignore => absolute(right) - absolute(left),
            }))
        });
        let days = pass
            .days
            .and_then(|(from, to)| Some((i64::from(right(to).day()?) - i64::from(left(from).day()?)).abs()));
        Some(Candidate {
            score,
            gain: score.saturating_sub(pass.floor).max(1),
            variance: variance.unwrap_or(i256::ZERO),
            days: days.unwrap_or(0),
        })
    }

    /// Solves a component, checks the engine's answer on it, and returns the pairs that are made.
    fn component(
        &mut self,
        (index, found): (usize, Option<&Found>),
        field: &Field,
        lefts: &[usize],
        rights: &[usize],
    ) -> Vec<Pair> {
        let pass = &self.plan.passes[index];
        let component = field.part(lefts, rights);
        let (worth, optimal) = component.optimum();
        let chosen = match found {
            None => by_rank(&component, &optimal),
            Some(found) => followed((index, found), field, lefts, rights),
        };
        let mut made: BTreeMap<ClassPair, usize> = BTreeMap::new();
        for &(left, right) in &chosen {
            *made.entry(component.class_pair(left, right)).or_default() += 1;
        }
        let verdicts = verdicts(&component, pass, &made);
        let leave = pass.ambiguous == Ambiguous::Leave;
        if found.is_some() {
            self.check_answer(index, &component, (worth, &chosen), &verdicts);
        }
        self.note_ambiguous(index, field, (lefts, rights, &component), &verdicts);
        let nodes = lefts.len() + rights.len();
        chosen
            .iter()
            .filter(|(left, right)| !(leave && verdicts[&component.class_pair(*left, *right)].is_ambiguous()))
            .map(|&(left, right)| {
                let verdict = verdicts[&component.class_pair(left, right)];
                let mut pair = self.pair(index, &component, (left, right), verdict);
                if nodes > self.plan.limits.regret_nodes_max as usize {
                    pair.regret = NO_REGRET;
                }
                pair.span = field.span;
                pair.left = field.lefts[lefts[left]];
                pair.right = field.rights[rights[right]];
                pair
            })
            .collect()
    }

    fn pair(&self, index: usize, component: &Component, at: (usize, usize), verdict: Verdict) -> Pair {
        let pass = &self.plan.passes[index];
        let (left, right) = at;
        let score = component.candidates[&at].score;
        let twins = component.has_twins(component.class_pair(left, right));
        let rivals =
            component.candidates.keys().filter(|key| **key != at && (key.0 == left || key.1 == right));
        let ambiguity = if verdict.is_ambiguous() {
            Ambiguity::Ambiguous
        } else if twins {
            Ambiguity::Interchangeable
        } else {
            Ambiguity::Unique
        };
        let proposed = pass.status == Status::Proposed
            || score < pass.propose_below
            || (verdict.is_ambiguous() && pass.ambiguous == Ambiguous::Propose);
        Pair {
            left: 0,
            right: 0,
            score,
            rivals: u32::try_from(rivals.count()).unwrap_or(u32::MAX),
            regret: verdict.regret,
            pass: u16::try_from(index).unwrap_or(u16::MAX),
            span: Span::Across,
            status: if proposed { Status::Proposed } else { Status::Matched },
            ambiguity,
        }
    }

    /// Whether the engine's answer on a component is one of the optimal ones.
    fn check_answer(
        &mut self,
        index: usize,
        component: &Component,
        answer: (Worth, &[(usize, usize)]),
        verdicts: &BTreeMap<ClassPair, Verdict>,
    ) {
        let (worth, chosen) = answer;
        let leave = self.plan.passes[index].ambiguous == Ambiguous::Leave;
        let reached = Worth::of(chosen.iter().map(|at| component.candidates[at]));
        if !leave && reached != worth {
            self.say(format!("pass {index}: worth {reached:?}, the optimum is {worth:?}"));
        }
        for (class_pair, verdict) in verdicts {
            let expected = if leave && verdict.is_ambiguous() {
                0..=0
            } else {
                verdict.bounds.least..=verdict.bounds.most
            };
            let made = chosen.iter().filter(|at| component.class_pair(at.0, at.1) == *class_pair).count();
            if !expected.contains(&made) {
                self.say(format!(
                    "pass {index}: {made} pairs between classes {class_pair:?}, expected {expected:?}"
                ));
            }
        }
        let unique = |ends: Vec<usize>| ends.iter().collect::<BTreeSet<_>>().len() == ends.len();
        if !unique(chosen.iter().map(|at| at.0).collect()) || !unique(chosen.iter().map(|at| at.1).collect())
        {
            self.say(format!("pass {index}: a record is in two pairs"));
        }
        if !verdicts.values().any(|verdict| verdict.is_tied()) {
            self.check_ranks(index, component, chosen);
        }
    }

    /// Within a class, records are used in canonical order; within a flow, the first goes with the first.
    fn check_ranks(&mut self, index: usize, component: &Component, chosen: &[(usize, usize)]) {
        let leave = self.plan.passes[index].ambiguous == Ambiguous::Leave;
        let lefts: BTreeSet<usize> = chosen.iter().map(|at| at.0).collect();
        let rights: BTreeSet<usize> = chosen.iter().map(|at| at.1).collect();
        for (classes, used) in [(&component.left_classes, &lefts), (&component.right_classes, &rights)] {
            let skipped = (0..classes.len()).any(|at| {
                !used.contains(&at)
                    && (at + 1..classes.len())
                        .any(|later| classes[later] == classes[at] && used.contains(&later))
            });
            if skipped && !leave {
                self.say(format!("pass {index}: twins are not used in canonical order: {chosen:?}"));
            }
        }
        let crossed = chosen.iter().any(|one| {
            chosen.iter().any(|other| {
                component.class_pair(one.0, one.1) == component.class_pair(other.0, other.1)
                    && one.0 < other.0
                    && one.1 > other.1
            })
        });
        if crossed {
            self.say(format!("pass {index}: twins are not paired by rank: {chosen:?}"));
        }
    }

    /// Pairs of the engine that are no candidates of this pass, and pairs whose verdict differs.
    fn strangers(&mut self, (index, found): (usize, Option<&Found>), field: &Field, pairs: &[Pair]) {
        let Some(found) = found else { return };
        let span = field.span;
        let theirs: Vec<&Pair> =
            found.pairs.iter().filter(|pair| usize::from(pair.pass) == index && pair.span == span).collect();
        for pair in &theirs {
            let ours = pairs.iter().find(|ours| (ours.left, ours.right) == (pair.left, pair.right));
            match ours {
                None => {
                    let open = field.lefts.contains(&pair.left) && field.rights.contains(&pair.right);
                    self.say(format!(
                        "no such pair should be made (records open: {open}): {}",
                        describe(pair)
                    ));
                }
                Some(ours) if ours != *pair => {
                    self.say(format!("found {}, expected {}", describe(pair), describe(ours)));
                }
                Some(_) => {}
            }
        }
    }

    /// Notes records that are open because of a tie.
    fn note_ambiguous(
        &mut self,
        index: usize,
        field: &Field,
        part: (&[usize], &[usize], &Component),
        verdicts: &BTreeMap<ClassPair, Verdict>,
    ) {
        let component = part.2;
        let leave = self.plan.passes[index].ambiguous == Ambiguous::Leave;
        let counts = |verdict: &Verdict| {
            verdict.is_tied() || (leave && verdict.within_margin && verdict.bounds.most > 0)
        };
        let (left_side, right_side) = sides(field.span);
        let pass = u16::try_from(index).unwrap_or(u16::MAX);
        for (class_pair, _) in verdicts.iter().filter(|(_, verdict)| counts(verdict)) {
            for (at, class) in component.left_classes.iter().enumerate() {
                if *class == class_pair.0 {
                    self.note(left_side, field.lefts[part.0[at]], Reason::Ambiguous, pass);
                }
            }
            for (at, class) in component.right_classes.iter().enumerate() {
                if *class == class_pair.1 {
                    self.note(right_side, field.rights[part.1[at]], Reason::Ambiguous, pass);
                }
            }
        }
    }

    /// Notes records left over whose best candidate went to another (`taken`), or was freed by `leave`
    /// (`ambiguous`).
    fn note_taken(&mut self, index: usize, field: &Field, pairs: &[Pair]) {
        let (left_side, right_side) = sides(field.span);
        let pass = u16::try_from(index).unwrap_or(u16::MAX);
        let paired_left = |at: usize| pairs.iter().any(|pair| pair.left == field.lefts[at]);
        let paired_right = |at: usize| pairs.iter().any(|pair| pair.right == field.rights[at]);
        for left in (0..field.lefts.len()).filter(|at| !paired_left(*at)) {
            let best = best(
                field.candidates.iter().filter(|(at, _)| at.0 == left).map(|(at, found)| (at.1, *found)),
            );
            self.note_best(left_side, field.lefts[left], pass, best.into_iter().map(paired_right));
        }
        for right in (0..field.rights.len()).filter(|at| !paired_right(*at)) {
            let best = best(
                field.candidates.iter().filter(|(at, _)| at.1 == right).map(|(at, found)| (at.0, *found)),
            );
            self.note_best(right_side, field.rights[right], pass, best.into_iter().map(paired_left));
        }
    }

    fn note_best(&mut self, side: Side, row: Row, pass: u16, went: impl Iterator<Item = bool>) {
        let went: BTreeSet<bool> = went.collect();
        if went.len() > 1 {
            // Equally good ones went both ways: canonical order decides, which is a pick among ties.
            self.either[side.index()].insert(row);
        }
        for went in went {
            self.note(side, row, if went { Reason::Taken } else { Reason::Ambiguous }, pass);
        }
    }
}

/// The score of some grades; `None` where a required condition does not hold.
pub(super) fn score_of(pass: &PassPlan, grades: &[(&ConditionPlan, Grade)]) -> Option<Millionths> {
    let (mut weight, mut sum) = (u128::from(pass.key_weight), u128::from(pass.key_weight) * u128::from(ONE));
    for (condition, grade) in grades {
        match grade {
            Grade::Holds(grade) => {
                weight += u128::from(condition.weight);
                sum += u128::from(condition.weight) * u128::from(*grade);
            }
            Grade::Fails | Grade::Null if condition.required => return None,
            Grade::Fails => weight += u128::from(condition.weight),
            Grade::Null => {}
        }
    }
    let score = (2 * sum + weight).checked_div(2 * weight);
    Some(score.map_or(ONE, |score| score.try_into().unwrap_or(ONE)))
}

/// The engine's pairs inside a component.
fn followed(
    (index, found): (usize, &Found),
    field: &Field,
    lefts: &[usize],
    rights: &[usize],
) -> Vec<(usize, usize)> {
    let place = |rows: &[Row], part: &[usize], row: Row| part.iter().position(|at| rows[*at] == row);
    found
        .pairs
        .iter()
        .filter(|pair| usize::from(pair.pass) == index && pair.span == field.span)
        .filter_map(|pair| {
            let left = place(&field.lefts, lefts, pair.left)?;
            let right = place(&field.rights, rights, pair.right)?;
            field.candidates.contains_key(&(lefts[left], rights[right])).then_some((left, right))
        })
        .collect()
}

/// The other ends of the best of a record's candidates.
fn best(candidates: impl Iterator<Item = (usize, Candidate)>) -> Vec<usize> {
    let worth = |found: &Candidate| (std::cmp::Reverse(found.gain), found.variance, found.days);
    let all: Vec<_> = candidates.map(|(other, found)| (worth(&found), other)).collect();
    let best = all.iter().map(|(worth, _)| *worth).min();
    all.into_iter().filter(|(worth, _)| Some(*worth) == best).map(|(_, other)| other).collect()
}

impl Field {
    /// The component of these positions, renumbered.
    fn part(&self, lefts: &[usize], rights: &[usize]) -> Component {
        let candidates = self
            .candidates
            .iter()
            .filter_map(|((left, right), candidate)| {
                let left = lefts.iter().position(|at| at == left)?;
                let right = rights.iter().position(|at| at == right)?;
                Some(((left, right), *candidate))
            })
            .collect();
        Component {
            candidates,
            left_classes: lefts.iter().map(|at| self.left_classes[*at]).collect(),
            right_classes: rights.iter().map(|at| self.right_classes[*at]).collect(),
        }
    }
}

fn absolute(value: i256) -> i256 {
    if value < i256::ZERO { i256::ZERO - value } else { value }
}

/// Connected components, as ascending positions.
fn components(field: &Field) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut names: Vec<usize> = (0..field.lefts.len()).collect();
    let mut right_names: Vec<Option<usize>> = vec![None; field.rights.len()];
    loop {
        let mut changed = false;
        for &(left, right) in field.candidates.keys() {
            let least = names[left].min(right_names[right].unwrap_or(usize::MAX));
            changed |= names[left] != least || right_names[right] != Some(least);
            names[left] = least;
            right_names[right] = Some(least);
        }
        if !changed {
            break;
        }
    }
    (0..field.lefts.len())
        .map(|name| {
            let lefts = (0..names.len()).filter(|at| names[*at] == name).collect();
            let rights = (0..right_names.len()).filter(|at| right_names[*at] == Some(name)).collect();
            (lefts, rights)
        })
        .filter(|(_, rights): &(Vec<usize>, Vec<usize>)| !rights.is_empty())
        .collect()
}

/// The same answer with the records of each class used in canonical order.
fn by_rank(component: &Component, optimal: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut flows: Vec<ClassPair> = optimal.iter().map(|at| component.class_pair(at.0, at.1)).collect();
    flows.sort_unstable();
    let mut lefts = vec![false; component.left_classes.len()];
    let mut rights = vec![false; component.right_classes.len()];
    let take = |classes: &[usize], used: &mut [bool], class: usize| {
        let at = (0..classes.len()).find(|at| classes[*at] == class && !used[*at]).unwrap_or(0);
        used[at] = true;
        at
    };
    flows
        .into_iter()
        .map(|(left, right)| {
            (
                take(&component.left_classes, &mut lefts, left),
                take(&component.right_classes, &mut rights, right),
            )
        })
        .collect()
}

fn verdicts(
    component: &Component,
    pass: &PassPlan,
    made: &BTreeMap<ClassPair, usize>,
) -> BTreeMap<ClassPair, Verdict> {
    component
        .bounds()
        .into_iter()
        .map(|(class_pair, bounds)| {
            // Under `leave` an engine doesn't say how many it would have made; an untied flow has one count only.
            let made = if bounds.least == bounds.most {
                bounds.most
            } else {
                made.get(&class_pair).copied().unwrap_or(0)
            };
            // Where a class has more than one record, a twin takes the place and nothing is lost.
            let twins = component.has_twins(class_pair);
            let regret = if made == 0 || twins { 0 } else { component.regret(class_pair, made) };
            let within_margin = pass.margin > 0 && made > 0 && !twins && regret <= pass.margin;
            (class_pair, Verdict { bounds, within_margin, regret })
        })
        .collect()
}
