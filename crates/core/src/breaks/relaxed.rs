//! A pass less one of the things it requires, and what the records that fail only that one are apart in it.

use super::frequency::Frequency;
use super::share::{self, Apart};
use super::tolerated::Tolerated;
use crate::bundles::{Bundled, Members};
use crate::candidates::limiter::Limiter;
use crate::columns::{Column, Columns, Row, SideColumns};
use crate::compare::{Calendar, Comparison, Every, Grade, Scorer};
use crate::error::Result;
use crate::outcome::Requirement;
use crate::plan::{
    ConditionPlan, FieldIndex, Grouping, KeyPlan, Millionths, ONE, PassPlan, Side, TestPlan, VariancePlan,
    limiter_of,
};
use crate::spec::{DayRange, Sign};

/// A pass less one requirement, bound to the columns.
pub(super) struct Relaxed<'a> {
    /// What remains of it: requirements alone.
    pub(super) pass: PassPlan,
    /// Its position in the plan.
    pub(super) index: u16,
    /// The requirement that is left out.
    pub(super) lacks: Requirement,
    /// Whether the remaining conditions hold.
    pub(super) scorer: Scorer,
    /// Whether those hold that say nothing of who is looked at, where the others then do. `None` where they may not.
    beside: Option<Scorer>,
    /// Who is looked at inside a block.
    pub(super) limiter: Limiter<'a>,
    /// Who is nearest in the amount or date that is lacking, where the limiter is of something else.
    pub(super) nearest: Option<Limiter<'a>>,
    /// What remains of equalities of many values: they are as rare as a key.
    pub(super) shared: Vec<ConditionPlan>,
    /// Whether the other remaining conditions hold.
    pub(super) unshared: Scorer,
    /// How much those allow.
    pub(super) tolerated: Tolerated<'a>,
    lacking: Lacking<'a>,
    weight: u64,
    /// The floor, where a probability is lacking.
    floor: Option<Millionths>,
}

/// The requirement that is left out, bound.
struct Lacking<'a> {
    columns: [&'a Column; 2],
    /// Records of each side that tell how common a text is.
    few: [Vec<Row>; 2],
    /// Their texts, one after another: what doesn't stand in these stands in none of them. `None` where they are long.
    few_texts: [Option<String>; 2],
    fails: Fails,
    measure: Measure,
}

/// When the requirement fails.
enum Fails {
    /// Unless the values are equal; nulls where they may be.
    Unequal { nulls_equal: bool },
    /// Unless the condition holds.
    Condition(Box<Comparison>),
}

/// How far apart two values are that fail it.
enum Measure {
    Amounts(Sign),
    Days(DayRange, Option<Calendar>, u64),
    Texts,
    Integers,
    Others,
}

/// All the ways to leave out one requirement of a pass, in the order of the spec: its key first. A pass inside one
/// source has none: its records have no counterpart.
pub(super) fn relaxed<'a>(
    (pass, index): (&PassPlan, u16),
    columns: &'a Columns,
    frequency: &Frequency<'_>,
) -> Result<Vec<Relaxed<'a>>> {
    if !pass.is_across() {
        return Ok(Vec::new());
    }
    let ways = requirements(pass).into_iter();
    let ways = ways.filter_map(|lacks| Relaxed::of((pass, index), lacks, columns, frequency).transpose());
    ways.collect()
}

/// The same of a pass that takes records as one: `own` are the columns of bundles.
pub(super) fn relaxed_bundles<'a>(
    (pass, index): (&PassPlan, u16),
    (columns, bundled): (&Columns, &Bundled<'_>),
    own: &'a Columns,
    frequency: &Frequency<'_>,
) -> Result<Vec<Relaxed<'a>>> {
    let mut all = Vec::new();
    let records = Side::BOTH.map(|side| columns.side(side));
    for lacks in requirements(pass) {
        let Some(mut way) = Relaxed::of((pass, index), lacks, own, frequency)? else { continue };
        // The windows are of what stands for the records, not of each.
        way.beside = None;
        way.scorer.ask_every(&way.pass, records, columns.scale, &bundled.members)?;
        way.lacking.ask_every(pass, lacks, (records, columns.scale), &bundled.members)?;
        all.push(way);
    }
    Ok(all)
}

fn requirements(pass: &PassPlan) -> Vec<Requirement> {
    let position = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
    let keys = (0..pass.key.len()).map(|at| Requirement::Key(position(at)));
    let required = pass.conditions.iter().enumerate().filter(|(_, condition)| condition.required);
    let conditions = required.map(|(at, _)| Requirement::Condition(position(at)));
    let floor = pass.requires_probability().then_some(Requirement::Floor);
    keys.chain(conditions).chain(floor).collect()
}

impl<'a> Relaxed<'a> {
    /// `None` where nothing remains that limits who is looked at.
    fn of(
        (pass, index): (&PassPlan, u16),
        lacks: Requirement,
        columns: &'a Columns,
        frequency: &Frequency<'_>,
    ) -> Result<Option<Self>> {
        let [left, right] = [columns.side(Side::Left), columns.side(Side::Right)];
        let Some(mut rest) = without(pass, lacks) else { return Ok(None) };
        let fields = pass.fields_of(lacks);
        let span = |(from, to)| frequency.span(Side::Left, from).max(frequency.span(Side::Right, to));
        let span = fields.map_or(1, span);
        let (lacking, weight) = match lacks {
            Requirement::Key(at) => {
                (Lacking::key(pass.key[usize::from(at)], [left, right], (span, frequency)), 0)
            }
            Requirement::Condition(at) => {
                let condition = &pass.conditions[usize::from(at)];
                let comparison = Comparison::bind(condition, left, right, columns.scale)?;
                let columns = [column(left, condition.left), column(right, condition.right)];
                let fails = Fails::Condition(Box::new(comparison));
                let few = frequency.few();
                let few_texts = texts_of(columns, &few);
                let measure = measure(&condition.test, columns, span);
                (Lacking { columns, few, few_texts, fails, measure }, condition.weight)
            }
            Requirement::Floor => (Lacking::of_no_field(), 0),
        };
        let mut nearest = None;
        if let Some(pass) = fields.and_then(|fields| by_dimension(&rest, &lacking, fields)) {
            if is_shared(&rest) {
                rest = PassPlan { limiter: rest.limiter, ..pass };
            } else if rest.limiter.is_some() {
                nearest = Some(Limiter::bind(&pass, left, right, columns.scale)?);
            } else {
                rest = pass;
            }
        }
        let beside = beside(&rest).map(|rest| Scorer::bind(&rest, left, right, columns.scale)).transpose()?;
        let is_equality = |condition: &ConditionPlan| matches!(condition.test, TestPlan::Equals);
        let (shared, conditions): (Vec<_>, Vec<_>) = rest.conditions.iter().cloned().partition(is_equality);
        let others = PassPlan { conditions, limiter: None, ..rest.clone() };
        Ok(Some(Self {
            shared,
            tolerated: Tolerated::of(&others.conditions, columns, frequency)?,
            unshared: Scorer::bind(&others, left, right, columns.scale)?,
            scorer: Scorer::bind(&rest, left, right, columns.scale)?,
            beside,
            limiter: Limiter::bind(&rest, left, right, columns.scale)?,
            nearest,
            pass: rest,
            index,
            lacks,
            lacking,
            weight,
            floor: (lacks == Requirement::Floor).then_some(pass.floor),
        }))
    }

    /// How far apart a pair is in what it lacks; `None` where it satisfies everything, or not all that remains. The
    /// records agree in the remaining key.
    pub(super) fn apart(&self, left: Row, right: Row) -> Option<Apart> {
        if let Some(floor) = self.floor {
            let score = self.scorer.score(left, right)?;
            let share = ONE.saturating_sub(score);
            return (score < floor).then_some(Apart { share, distance: share.into() });
        }
        self.lacking.fails(left, right).then_some(())?;
        self.scorer.score(left, right)?;
        Some(self.lacking.apart(left, right))
    }

    /// The same of a pair that the limiter lets look at each other.
    pub(super) fn apart_of_neighbours(&self, left: Row, right: Row) -> Option<Apart> {
        let Some(beside) = &self.beside else { return self.apart(left, right) };
        let holds = beside.score(left, right).is_some();
        debug_assert_eq!(
            holds,
            self.scorer.score(left, right).is_some(),
            "windows are as exact as the condition"
        );
        if !holds {
            return None;
        }
        self.apart_if_rest_holds(left, right)
    }

    /// How far apart a pair is in what it lacks, whatever it is in all that remains; `None` where it lacks nothing.
    pub(super) fn apart_if_rest_holds(&self, left: Row, right: Row) -> Option<Apart> {
        self.lacking.fails(left, right).then(|| self.lacking.apart(left, right))
    }

    /// The least share that two of these records can be apart, if they lack the requirement; 0 where that is not known.
    pub(super) fn share_least(&self, rows: [impl Iterator<Item = Row>; 2]) -> Millionths {
        if self.floor.is_some() { 0 } else { self.lacking.share_least(rows) }
    }

    /// Whether it takes long to say whether what remains holds: texts are compared.
    pub(super) fn compares_texts(&self) -> bool {
        let of_texts = |test: &TestPlan| matches!(test, TestPlan::Similar(..));
        // What a probability lacks is known only when all was compared.
        self.floor.is_none() && self.pass.conditions.iter().any(|one| one.test.single().any(of_texts))
    }

    /// The score of such a pair: what is lacking counts 0, of a probability what it is. `None` where no requirement has a
    /// weight.
    pub(super) fn score(&self, left: Row, right: Row) -> Option<Millionths> {
        if self.pass.prior.is_some() {
            return self.scorer.score(left, right);
        }
        let rest: u64 = self.pass.conditions.iter().map(|condition| condition.weight).sum();
        let rest = u128::from(rest) + u128::from(self.pass.key_weight);
        let whole = rest + u128::from(self.weight);
        let score = u128::from(self.scorer.score(left, right)?);
        let rounded = (2 * score * rest + whole).checked_div(2 * whole)?;
        Millionths::try_from(rounded).ok()
    }

    /// Both amounts as the requirement compares them, where it is one of amounts.
    pub(super) fn amounts(&self, left: Row, right: Row) -> Option<(i128, i128)> {
        let Measure::Amounts(sign) = self.lacking.measure else { return None };
        let (Column::Amount(lefts), Column::Amount(rights)) =
            (self.lacking.columns[0], self.lacking.columns[1])
        else {
            return None;
        };
        Some(share::comparable(lefts.get(left)?, rights.get(right)?, sign))
    }

    /// Whether it is a date that is lacking.
    pub(super) fn is_date(&self, left: Row, right: Row) -> bool {
        let there = |side: usize, row: Row| !self.lacking.columns[side].is_null(row);
        matches!(self.lacking.measure, Measure::Days(..)) && there(0, left) && there(1, right)
    }
}

/// What remains of a pass's requirements without one; `None` where that limits nothing.
fn without(pass: &PassPlan, lacks: Requirement) -> Option<PassPlan> {
    let mut rest = pass.clone();
    match lacks {
        Requirement::Key(at) => {
            rest.key.remove(usize::from(at));
        }
        Requirement::Condition(at) => {
            let at = usize::from(at);
            // Bits count, whether or not they are required.
            match rest.conditions.get_mut(at) {
                Some(one) if matches!(one.test, TestPlan::Levels(_)) => one.required = false,
                _ => drop(rest.conditions.remove(at)),
            }
        }
        Requirement::Floor => rest.floor = 0,
    }
    if rest.prior.is_none() {
        rest.conditions.retain(|condition| condition.required);
    }
    if let Grouping::Bundles(bundles) = &mut rest.grouping {
        // The sums are the last condition, and required.
        let lacking =
            matches!((lacks, bundles.sum), (Requirement::Condition(at), Some(sum)) if usize::from(at) == sum);
        bundles.sum = bundles.sum.filter(|_| !lacking).and_then(|_| rest.conditions.len().checked_sub(1));
    }
    rest.limiter = limiter_of(&rest.conditions);
    (!rest.key.is_empty() || rest.limiter.is_some()).then_some(rest)
}

/// The remaining pass without its limiter, where that is an amount or a date: in its windows the condition holds.
fn beside(rest: &PassPlan) -> Option<PassPlan> {
    let at = rest.limiter.filter(|_| rest.prior.is_none())?;
    let test = &rest.conditions.get(at)?.test;
    let is_exact = matches!(test, TestPlan::Within(_) | TestPlan::Days(_) | TestPlan::BusinessDays(..));
    is_exact.then(|| {
        let mut pass = PassPlan { limiter: None, ..rest.clone() };
        pass.conditions.remove(at);
        pass
    })
}

/// The remaining pass with the nearest in the lacking amount or date first; `None` where neither is lacking.
fn by_dimension(
    rest: &PassPlan,
    lacking: &Lacking<'_>,
    (left, right): (FieldIndex, FieldIndex),
) -> Option<PassPlan> {
    let mut pass = PassPlan { limiter: None, ..rest.clone() };
    match &lacking.measure {
        Measure::Amounts(sign) => pass.variance = Some(VariancePlan { left, right, sign: *sign }),
        Measure::Days(..) => {
            pass.variance = None;
            pass.days = Some((left, right));
        }
        Measure::Texts | Measure::Integers | Measure::Others => return None,
    }
    (!pass.key.is_empty() || is_shared(rest)).then_some(pass)
}

/// Whether who is looked at shares a value. Such a limiter finds the nearest in the lacking amount or date by itself.
fn is_shared(pass: &PassPlan) -> bool {
    let limiter = pass.limiter.and_then(|at| pass.conditions.get(at));
    limiter.is_some_and(|condition| matches!(condition.test, TestPlan::Equals))
}

fn column(side: &SideColumns, field: FieldIndex) -> &Column {
    const NOTHING: &Column = &Column::Absent;
    side.fields.get(field).unwrap_or(NOTHING)
}

fn measure(test: &TestPlan, columns: [&Column; 2], span: u64) -> Measure {
    match test {
        TestPlan::Within(within) => Measure::Amounts(within.sign),
        TestPlan::Days(range) => Measure::Days(*range, None, span),
        TestPlan::BusinessDays(range, calendar) => Measure::Days(*range, Some(Calendar::new(calendar)), span),
        _ => by_kind(columns, span),
    }
}

/// Bytes of texts that are put one after another: every way to relax a pass holds some.
const FEW_TEXTS_BYTES_MAX: usize = 1 << 16;

/// The texts of a few records of each side, one after another.
fn texts_of(columns: [&Column; 2], few: &[Vec<Row>; 2]) -> [Option<String>; 2] {
    Side::BOTH.map(|side| {
        let Column::Text(texts) = columns[side.index()] else { return None };
        let mut all = String::new();
        for text in few[side.index()].iter().filter_map(|row| texts.get(*row)) {
            if all.len() + text.len() > FEW_TEXTS_BYTES_MAX {
                return None;
            }
            all.push_str(text);
            all.push('\n');
        }
        Some(all)
    })
}

fn by_kind(columns: [&Column; 2], span: u64) -> Measure {
    match columns {
        [Column::Amount(_), Column::Amount(_)] => Measure::Amounts(Sign::Same),
        [Column::Date(_), Column::Date(_)] => Measure::Days(DayRange { from: 0, to: 0 }, None, span),
        [Column::Text(_), Column::Text(_)] => Measure::Texts,
        [Column::Integer(_), Column::Integer(_)] => Measure::Integers,
        _ => Measure::Others,
    }
}

impl<'a> Lacking<'a> {
    fn key(key: KeyPlan, sides: [&'a SideColumns; 2], (span, frequency): (u64, &Frequency<'_>)) -> Self {
        let columns = [column(sides[0], key.left), column(sides[1], key.right)];
        let fails = Fails::Unequal { nulls_equal: key.nulls_equal };
        let few = frequency.few();
        let few_texts = texts_of(columns, &few);
        Self { columns, few, few_texts, fails, measure: by_kind(columns, span) }
    }

    /// Asks the condition of every record that is taken as one, where the pass does.
    fn ask_every(
        &mut self,
        pass: &PassPlan,
        lacks: Requirement,
        ([left, right], scale): ([&SideColumns; 2], u8),
        members: &Members,
    ) -> Result<()> {
        let Requirement::Condition(at) = lacks else { return Ok(()) };
        let asked = pass.bundles().is_some_and(|bundles| bundles.asks_every(usize::from(at)));
        if let Some(condition) = pass.conditions.get(usize::from(at)).filter(|_| asked) {
            let inner = Comparison::bind(condition, left, right, scale)?;
            let every = Comparison::Every(Every::new(inner, members.clone(), true));
            self.fails = Fails::Condition(Box::new(every));
        }
        Ok(())
    }

    /// Of a requirement that reads no field.
    fn of_no_field() -> Self {
        const NOTHING: &Column = &Column::Absent;
        let fails = Fails::Unequal { nulls_equal: true };
        let (few, few_texts) = Default::default();
        Self { columns: [NOTHING, NOTHING], few, few_texts, fails, measure: Measure::Others }
    }

    fn fails(&self, left: Row, right: Row) -> bool {
        match &self.fails {
            Fails::Unequal { nulls_equal } => {
                let equal = self.columns[0].same(left, self.columns[1], right);
                !equal || (!nulls_equal && self.columns[0].is_null(left))
            }
            Fails::Condition(comparison) => !matches!(comparison.grade(left, right), Grade::Holds(_)),
        }
    }

    fn apart(&self, left: Row, right: Row) -> Apart {
        let apart = match (&self.measure, self.columns) {
            (Measure::Amounts(sign), [Column::Amount(lefts), Column::Amount(rights)]) => {
                let both = lefts.get(left).zip(rights.get(right));
                both.map(|(left, right)| share::amounts(share::comparable(left, right, *sign)))
            }
            (Measure::Days(range, calendar, span), [Column::Date(lefts), Column::Date(rights)]) => {
                let both = lefts.get(left).zip(rights.get(right));
                both.map(|(left, right)| {
                    let days = match calendar {
                        Some(calendar) => calendar.distance(left, right),
                        None => i64::from(right) - i64::from(left),
                    };
                    share::days(days, *range, *span)
                })
            }
            (Measure::Texts, [Column::Text(lefts), Column::Text(rights)]) => {
                let both = lefts.get(left).zip(rights.get(right));
                both.map(|texts| {
                    share::texts(texts.0, texts.1, |text, side| self.stands(text, side, (left, right)))
                })
            }
            (Measure::Integers, [Column::Integer(lefts), Column::Integer(rights)]) => {
                let both = lefts.get(left).zip(rights.get(right));
                both.map(|(left, right)| share::integers(left, right))
            }
            _ => None,
        };
        apart.unwrap_or(Apart::ANYWHERE)
    }

    fn share_least(&self, rows: [impl Iterator<Item = Row>; 2]) -> Millionths {
        let (Measure::Texts, Fails::Unequal { .. }) = (&self.measure, &self.fails) else { return 0 };
        let are_whole = |(column, mut rows): (&Column, _)| {
            let is_whole =
                |row| column.texts().is_some_and(|texts| texts.get(row).is_none_or(share::is_whole));
            Iterator::all(&mut rows, is_whole)
        };
        if !self.columns.into_iter().zip(rows).all(are_whole) {
            return 0;
        }
        let others = self.few.iter().map(Vec::len).max().unwrap_or(0);
        share::texts_least(share::of(1, others as u128 + 1))
    }

    /// The share of a side's texts in which a text stands, these records left out: counted on a few, one more taken to.
    fn stands(&self, text: &str, side: Side, (left, right): (Row, Row)) -> Millionths {
        let Column::Text(texts) = self.columns[side.index()] else { return ONE };
        let own = if side == Side::Left { left } else { right };
        let others = || self.few[side.index()].iter().filter(|row| **row != own);
        let stands = |row: &&Row| texts.get(**row).is_some_and(|other| other.contains(text));
        let anywhere = self.few_texts[side.index()].as_ref().is_none_or(|texts| texts.contains(text));
        let found = if anywhere { others().filter(stands).count() } else { 0 };
        share::of(found as u128 + 1, others().count() as u128 + 1)
    }
}
