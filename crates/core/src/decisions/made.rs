//! What decisions come to: a pass of their own, groups, records that no pass sees, pairs that none may make.

use super::given::Report;
use super::{Decided, Decisions, PASS};
use crate::columns::{Canon, Column, Columns, Row, row_of};
use crate::outcome::{Ambiguity, Groups, NO_REGRET, Pair, Span, Verdict};
use crate::plan::{Grouping, ONE, PassPlan, Plan, Side, VariancePlan};
use crate::spec::{Ambiguous, Cardinality, Sign, Status};
use arrow_buffer::BooleanBuffer;

/// No pass of the spec may be taken for that of the decisions.
pub(super) fn check_name(plan: &Plan, report: &mut Report) {
    if let Some(at) = plan.passes.iter().position(|pass| pass.name == PASS) {
        let expected = "another name: groups made by decisions are of a pass called so";
        report.refuse("duplicate_name", &format!("pass[{at}].name"), format!("{PASS:?}"), expected);
    }
}

pub(super) fn apply(plan: &mut Plan, columns: &mut Columns, decisions: Decisions) {
    let pass = pass(plan);
    plan.passes.insert(0, pass);
    for side in Side::BOTH {
        let rows = columns.side(side).rows as usize;
        let (mut held, mut named) = (Vec::new(), Vec::new());
        for decided in decisions.applied() {
            let target = if decided.kind.makes() { &mut held } else { &mut named };
            target.extend(decided.rows(side));
        }
        let source = &mut columns.sides[side.index()];
        source.held = bits(rows, held);
        source.distinct = bits(rows, named);
    }
    for decided in decisions.applied().filter(|decided| !decided.kind.makes()) {
        bar(columns, &decided.rows(Side::Left), &decided.rows(Side::Right));
    }
    for source in &mut columns.sides {
        for pairs in [&mut source.barred.across, &mut source.barred.within] {
            pairs.sort_unstable();
            pairs.dedup();
        }
    }
    columns.decisions = decisions;
}

/// The pass that the groups are of. Variance and days are as all `1:1` passes of the spec have them; where these
/// differ, variance is right − left of the amount that is tied out, and days are of `date`.
fn pass(plan: &Plan) -> PassPlan {
    let passes = || plan.passes.iter().filter(|pass| pass.cardinality == Cardinality::OneToOne);
    let tied = plan.tie_out.amount.map(|field| VariancePlan { left: field, right: field, sign: Sign::Same });
    let first = passes().next();
    let variance = first.map(|pass| pass.variance).filter(|one| passes().all(|pass| pass.variance == *one));
    let days = first.map(|pass| pass.days).filter(|one| passes().all(|pass| pass.days == *one));
    PassPlan {
        name: PASS.to_owned(),
        cardinality: Cardinality::ManyToMany,
        key: Vec::new(),
        conditions: Vec::new(),
        limiter: None,
        key_weight: 0,
        prior: None,
        variance: variance.unwrap_or(tied),
        days: days.unwrap_or(plan.date.map(|date| (date, date))),
        floor: 0,
        margin: 0,
        ambiguous: Ambiguous::Match,
        status: Status::Matched,
        propose_below: 0,
        grouping: Grouping::Decided,
    }
}

fn bits(rows: usize, mut set: Vec<Row>) -> Option<BooleanBuffer> {
    set.sort_unstable();
    let is_set = |at: usize| set.binary_search(&row_of(at)).is_ok();
    (!set.is_empty()).then(|| BooleanBuffer::collect_bool(rows, is_set))
}

/// Bars a pair. More records are barred as an exact set, which only passes that make such groups ask for.
fn bar(columns: &mut Columns, lefts: &[Row], rights: &[Row]) {
    let [left, right] = &mut columns.sides;
    match (lefts, rights) {
        ([one], [other]) => {
            left.barred.across.push((*one, *other));
            right.barred.across.push((*other, *one));
        }
        ([one, other], []) => left.barred.within.extend([(*one, *other), (*other, *one)]),
        ([], [one, other]) => right.barred.within.extend([(*one, *other), (*other, *one)]),
        _ => {}
    }
}

impl Decisions {
    /// The groups that were accepted or forced: pairs, and groups of more records.
    pub(crate) fn groups(&self, plan: &Plan, columns: &Columns) -> (Vec<Pair>, Groups) {
        let (mut pairs, mut groups) = (Vec::new(), Groups::default());
        for decided in self.applied().filter(|decided| decided.kind.makes()) {
            let (lefts, rights) = (decided.rows(Side::Left), decided.rows(Side::Right));
            let pair = |span, left, right| made(span, left, right);
            match (lefts.as_slice(), rights.as_slice()) {
                ([left], [right]) => pairs.push(pair(Span::Across, *left, *right)),
                ([_, _], []) => {
                    let [first, second] = by_amount(plan, columns, decided, Side::Left);
                    pairs.push(pair(Span::WithinLeft, first, second));
                }
                ([], [_, _]) => {
                    let [first, second] = by_amount(plan, columns, decided, Side::Right);
                    pairs.push(pair(Span::WithinRight, first, second));
                }
                (lefts, rights) => groups.push(verdict(), lefts, rights),
            }
        }
        (pairs, groups)
    }
}

/// A person is certain, and nothing was compared: score 1, no rivals, no regret.
fn made(span: Span, left: Row, right: Row) -> Pair {
    Pair {
        left,
        right,
        score: ONE,
        rivals: 0,
        regret: NO_REGRET,
        pass: 0,
        span,
        status: Status::Matched,
        ambiguity: Ambiguity::Unique,
    }
}

fn verdict() -> Verdict {
    made(Span::Across, 0, 0).verdict()
}

/// Two records of one side: the greater amount first, as a `same_side` pass has them; then in canonical order.
fn by_amount(plan: &Plan, columns: &Columns, decided: &Decided, side: Side) -> [Row; 2] {
    let mut rows = decided.rows(side);
    Canon::new(plan, columns.side(side)).sort(&mut rows);
    let amounts = plan.tie_out.amount.and_then(|field| columns.side(side).fields.get(field));
    if let Some(Column::Amount(amounts)) = amounts {
        rows.sort_by_key(|row| std::cmp::Reverse(amounts.get(*row).unwrap_or(0)));
    }
    <[Row; 2]>::try_from(rows).unwrap_or_default()
}
