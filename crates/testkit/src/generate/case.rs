//! Tiny cases over tiny alphabets, so that ties, twins, nulls, repeats and cuts are the rule.

use super::decisions::decisions;
use super::random::Random;
use arrow_array::types::Decimal128Type;
use arrow_array::{ArrayRef, Date32Array, PrimitiveArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use proptest::strategy::Strategy;
use recon378_core::Number;
use recon378_core::plan::Side;
use recon378_core::spec::{
    Ambiguous, CalendarSpec, Cardinality, CellSource, CellSpec, Condition, Conditions, DayRange,
    DecisionKind, DecisionSpec, DecisionsSpec, Direction, FeeBase, FeePer, FeeSpec, FeeTier, FieldKind,
    FieldSpec, GroupBy, Level, Levels, Measure, Negative, Occurs, PassSpec, RecordName, Rounding, Score,
    Sign, Slip, Spec, Status, SumSpec, Test, Tolerance,
};
use std::fmt;
use std::sync::Arc;

/// A record of a case. Amounts are in cents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Mostly unique.
    pub id: Option<String>,
    /// One of two.
    pub account: Option<String>,
    /// One of two.
    pub currency: Option<String>,
    /// One of a few, some a slip or a part of another.
    pub reference: Option<String>,
    /// Near each other, of both signs, zero too.
    pub amount: Option<i64>,
    /// Within ten days.
    pub date: Option<i32>,
    /// One of a few alike.
    pub payee: Option<String>,
    /// The amount cell is text that is no amount (only where amounts are written as text).
    pub unreadable: bool,
    /// Some of a few, a blank between them.
    pub tags: Option<String>,
}

/// A spec and its two sources.
#[derive(Debug, Clone)]
pub struct Case {
    /// The request.
    pub spec: Spec,
    /// Records of each side.
    pub sides: [Vec<Record>; 2],
    /// Amounts are written as text instead of as decimals.
    pub text_amounts: bool,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let number = |number: Option<i64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        for condition in &self.spec.defaults {
            writeln!(f, "default {condition:?}")?;
        }
        for PassSpec {
            on,
            ambiguous,
            cardinality,
            status,
            propose_below,
            floor,
            margin,
            sum,
            group_by,
            conditions,
            ..
        } in &self.spec.passes
        {
            writeln!(
                f,
                "pass {} {ambiguous:?} status {status:?} below {propose_below:?} floor {floor:?} margin {margin:?} sum {sum:?} by {group_by:?} {conditions:?}",
                cardinality.name()
            )?;
            on.iter().try_for_each(|condition| writeln!(f, "  {condition:?}"))?;
        }
        self.spec.compare.iter().try_for_each(|compared| writeln!(f, "compare {compared:?}"))?;
        if let DecisionsSpec::Listed(decisions) = &self.spec.decisions {
            decisions.iter().try_for_each(|decision| writeln!(f, "{decision:?}"))?;
        }
        for (side, records) in ["left", "right"].iter().zip(&self.sides) {
            for record in records {
                let Record { id, account, currency, reference, amount, date, payee, unreadable, tags } =
                    record;
                let cells = [id, account, currency, reference, payee, tags].map(text).join(" | ");
                let (amount, date) = (number(*amount), number(date.map(i64::from)));
                writeln!(
                    f,
                    "{side} {cells} | {amount} | {date} {}",
                    if *unreadable { "unreadable" } else { "" }
                )?;
            }
        }
        Ok(())
    }
}

impl Case {
    /// The sources as Arrow tables.
    #[must_use]
    pub fn batches(&self) -> [RecordBatch; 2] {
        [batch(&self.sides[0], self.text_amounts), batch(&self.sides[1], self.text_amounts)]
    }

    /// The same case with each side's records in another order; `order[new] = old`.
    #[must_use]
    pub fn permuted(&self, random: &mut Random) -> (Self, [Vec<u32>; 2]) {
        let mut other = self.clone();
        let mut orders = [Vec::new(), Vec::new()];
        for (side, order) in orders.iter_mut().enumerate() {
            *order = (0..).take(self.sides[side].len()).collect();
            random.shuffle(order);
            other.sides[side] = order.iter().map(|old| self.sides[side][*old as usize].clone()).collect();
        }
        (other, orders)
    }
}

/// The case of a seed.
#[must_use]
pub fn case(seed: u64) -> Case {
    case_from(&mut Random::new(seed))
}

/// The case that a stream of choices makes.
#[must_use]
pub fn case_from(random: &mut Random) -> Case {
    let text_amounts = random.chance(25);
    // Mostly small; now and then a component of a dozen records.
    let most = random.pick(&[3, 5, 6, 7, 10]);
    let size = |random: &mut Random| 1 + random.index(most);
    let alphabet = 1 + random.below(4);
    let mut spec = spec(random);
    let counts = [size(random), size(random)];
    let sides = [0, 1]
        .map(|side| (0..counts[side]).map(|at| record(random, side, at, (alphabet, text_amounts))).collect());
    if random.chance(30) {
        spec.decisions = decisions(random, &sides);
    }
    if random.chance(30) {
        spec.compare = compared(random);
    }
    let mut case = Case { spec, sides, text_amounts };
    if random.chance(20)
        && let Some(first) = case.spec.passes.first_mut()
    {
        *first = pass_in_parts(random, first.name.clone());
    }
    if random.chance(8) {
        one_source(&mut case, random);
    }
    case
}

/// Makes a case one of one source: its passes look for duplicates among the records of both sides together.
fn one_source(case: &mut Case, random: &mut Random) {
    let [left, right] = &mut case.sides;
    left.append(right);
    let spec = &mut case.spec;
    spec.one_source = true;
    spec.compare.clear();
    spec.defaults.retain(|condition| !condition.is_directed());
    spec.decisions = one_sided_decisions(random, &case.sides[0]);
    spec.limits.cluster_max = random.pick(&[2, 3, 1_000]);
    for pass in &mut spec.passes {
        pass.cardinality = Cardinality::Cluster;
        (pass.sum, pass.group_by, pass.conditions) = (None, None, Conditions::Before);
        pass.partial = false;
        (pass.ambiguous, pass.margin) = (Ambiguous::Propose, None);
        pass.on.retain(|condition| !condition.is_directed());
        if !pass.on.iter().chain(&spec.defaults).any(|condition| condition.test.is_levels()) {
            (pass.score, pass.prior, pass.floor) = (Score::Grades, None, None);
        }
        let limits = |on: &Condition| on.required && !matches!(on.test, Test::Slip(_) | Test::Occurs(_));
        if !pass.on.iter().any(limits) {
            pass.on.retain(|on| on.left != "reference");
            pass.on.push(condition("reference", Test::Equals));
        }
    }
}

/// Now and then two or three records of the only source that don't belong together, named by ids that don't repeat: rows move
/// when records are permuted.
fn one_sided_decisions(random: &mut Random, records: &[Record]) -> DecisionsSpec {
    let once = |record: &&Record| records.iter().filter(|other| other.id == record.id).count() == 1;
    let mut ids: Vec<Option<String>> = records.iter().filter(once).map(|record| record.id.clone()).collect();
    random.shuffle(&mut ids);
    ids.truncate(random.pick(&[2, 3]));
    if random.chance(70) || ids.len() < 2 {
        return DecisionsSpec::default();
    }
    let left = ids.into_iter().map(|id| RecordName { id, ..RecordName::default() }).collect();
    let right = Vec::new();
    DecisionsSpec::Listed(vec![DecisionSpec { label: None, kind: DecisionKind::Reject, left, right }])
}

/// Cases as a proptest strategy. It shrinks by seed only; [`minimised`] makes a failing case small.
pub fn strategy() -> impl Strategy<Value = Case> {
    proptest::num::u64::ANY.prop_map(case)
}

/// The smallest case that still fails: records, passes and conditions are left out while it does.
#[must_use]
pub fn minimised(case: &Case, fails: impl Fn(&Case) -> bool) -> Case {
    let mut best = case.clone();
    loop {
        let smaller = reductions(&best).into_iter().find(|candidate| fails(candidate));
        match smaller {
            Some(smaller) => best = smaller,
            None => return best,
        }
    }
}

fn reductions(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    for side in 0..2 {
        for at in 0..case.sides[side].len() {
            let mut less = case.clone();
            less.sides[side].remove(at);
            all.push(less);
        }
    }
    for at in 0..case.spec.passes.len() {
        let mut less = case.clone();
        less.spec.passes.remove(at);
        all.push(less);
        for condition in 0..case.spec.passes[at].on.len() {
            let mut less = case.clone();
            less.spec.passes[at].on.remove(condition);
            all.push(less);
        }
    }
    if let DecisionsSpec::Listed(decisions) = &case.spec.decisions {
        for at in 0..decisions.len() {
            let mut fewer = decisions.clone();
            fewer.remove(at);
            let mut less = case.clone();
            less.spec.decisions = DecisionsSpec::Listed(fewer);
            all.push(less);
        }
    }
    for at in 0..case.spec.compare.len() {
        let mut less = case.clone();
        less.spec.compare.remove(at);
        all.push(less);
    }
    for at in 0..case.spec.defaults.len() {
        let mut less = case.clone();
        less.spec.defaults.remove(at);
        all.push(less);
    }
    all
}

/// What is compared inside groups.
fn compared(random: &mut Random) -> Vec<Condition> {
    let with = |field: &str, test: Test| Condition { test, ..Condition::equality(field) };
    let cents = Tolerance { absolute: Some(number("0.01")), percent: None, larger: false, of: None };
    let all = [
        Condition::equality("payee"),
        with("amount", Test::Within(cents, Sign::Same)),
        with("date", Test::Days(DayRange { from: -1, to: 2 })),
    ];
    all.into_iter().filter(|_| random.chance(60)).collect()
}

fn record(random: &mut Random, side: usize, at: usize, shape: (u64, bool)) -> Record {
    let (alphabet, text_amounts) = shape;
    let few = |random: &mut Random, from: &[&str]| {
        let some = from.len().min(1 + random.index(usize::try_from(alphabet).unwrap_or(1)));
        Some(from[random.index(some)].to_owned()).filter(|_| !random.chance(6))
    };
    let prefix = if side == 0 { "L" } else { "R" };
    let amounts = [1000, 1001, 1002, 1003, 1005, 1010, -1000, -1001, 0, 10_000, 1_900, 995];
    let spread = 2 + random.index(amounts.len() - 1);
    Record {
        id: Some(format!("{prefix}{}", if random.chance(8) { 0 } else { at })),
        account: few(random, &["A", "B"]),
        currency: few(random, &["EUR", "USD"]),
        reference: few(random, &["INV1234", "INV1243", "INV1235", "INV12345", "X"]),
        amount: Some(random.pick(&amounts[..spread])).filter(|_| !random.chance(5)),
        date: Some(20_450 + i32::try_from(random.below(1 + 3 * alphabet)).unwrap_or(0))
            .filter(|_| !random.chance(6)),
        payee: few(
            random,
            &["ACME TRADING LTD", "TRADING ACME", "ACME TRADE LIMITED", "BOREAL INV1234", "ZZ"],
        ),
        unreadable: text_amounts && random.chance(5),
        tags: tags(random),
    }
}

/// Up to three of four tags, in any order, some twice.
fn tags(random: &mut Random) -> Option<String> {
    let tags: Vec<&str> = (0..random.index(4)).map(|_| random.pick(&["T1", "T2", "T3", "T4"])).collect();
    (!tags.is_empty()).then(|| tags.join(" "))
}

fn field(name: &str) -> (String, FieldSpec) {
    let cell = || Some(CellSpec { from: CellSource::Column(name.to_owned()), ..CellSpec::default() });
    let mut field = FieldSpec { left: cell(), right: cell(), ..FieldSpec::default() };
    match name {
        "amount" => {
            field.kind = Some(FieldKind::Amount);
            field.scale = Some(2);
        }
        "date" => field.kind = Some(FieldKind::Date),
        "tags" => {
            for cell in [&mut field.left, &mut field.right].into_iter().flatten() {
                cell.extract = Some("T\\d".to_owned());
                cell.all = true;
            }
        }
        _ => field.kind = Some(FieldKind::Text),
    }
    (name.to_owned(), field)
}

fn number(text: &str) -> Number {
    text.parse().unwrap_or_default()
}

fn condition(field: &str, test: Test) -> Condition {
    Condition {
        left: field.to_owned(),
        right: field.to_owned(),
        test,
        required: true,
        weight: None,
        nulls_equal: false,
    }
}

fn spec(random: &mut Random) -> Spec {
    let mut names = vec!["id", "account", "reference", "amount", "date", "payee", "tags"];
    if random.chance(60) {
        names.push("currency");
    }
    let mut spec = Spec { fields: names.into_iter().map(field).collect(), ..Spec::default() };
    let holidays = vec![20_452, 20_458];
    spec.calendars.insert("C".to_owned(), CalendarSpec { weekend: vec![5, 6], holidays });
    if random.chance(30) {
        spec.defaults.push(condition("account", Test::Equals));
    }
    spec.passes = (0..=random.index(3)).map(|at| pass(random, at)).collect();
    for pass in &mut spec.passes {
        if random.chance(20) {
            pass.on.push(shared_tags(random));
        }
    }
    let Spec { passes, defaults, .. } = &mut spec;
    for pass in passes {
        probable(random, pass, defaults);
    }
    spec
}

/// An equality of many values, mostly required, now and then the only condition that limits.
fn shared_tags(random: &mut Random) -> Condition {
    let graded = random.chance(20);
    Condition {
        required: !graded,
        weight: (graded || random.chance(20)).then(|| number("2")),
        nulls_equal: random.chance(20),
        ..condition("tags", Test::Equals)
    }
}

fn pass(random: &mut Random, at: usize) -> PassSpec {
    let same_side = random.chance(20);
    if !same_side && random.chance(25) {
        return group_pass(random, at);
    }
    let mut on: Vec<Condition> = Vec::new();
    for _ in 0..=random.index(3) {
        let next = any_condition(random, same_side);
        let again = on.iter().any(|on| on.left == next.left);
        if !again {
            on.push(next);
        }
    }
    let limits = |on: &Condition| on.required && !matches!(on.test, Test::Slip(_) | Test::Occurs(_));
    if !same_side && !on.iter().any(limits) {
        let field = random.pick(&["account", "reference", "amount"]);
        on.retain(|on| on.left != field);
        on.push(condition(field, Test::Equals));
    }
    PassSpec {
        name: Some(format!("pass {at}")),
        cardinality: if same_side { Cardinality::SameSide } else { Cardinality::OneToOne },
        on,
        status: random.chance(10).then_some(Status::Proposed),
        propose_below: random.chance(20).then(|| number(random.pick(&["0.6", "0.75", "0.9"]))),
        ambiguous: random.pick(&[Ambiguous::Propose, Ambiguous::Leave, Ambiguous::Match]),
        floor: random.chance(30).then(|| number(random.pick(&["0", "0.25", "0.75", "1"]))),
        margin: random.chance(20).then(|| number(random.pick(&["0.01", "0.1", "0.3"]))),
        sum: (same_side && random.chance(50))
            .then(|| SumSpec { within: tolerance(random), ..SumSpec::default() }),
        ..PassSpec::default()
    }
}

/// Mostly none.
fn fees(random: &mut Random) -> Vec<FeeSpec> {
    let count = random.pick(&[0, 0, 0, 1, 1, 2]);
    let fee = |random: &mut Random| {
        let tiered = random.chance(20);
        let tier = |up_to: Option<&str>, percent: &str| FeeTier {
            up_to: up_to.map(number),
            percent: Some(number(percent)),
            fixed: None,
        };
        FeeSpec {
            percent: (!tiered).then(|| number(random.pick(&["1", "2.9", "50"]))),
            fixed: (!tiered && random.chance(50)).then(|| number(random.pick(&["0.01", "0.05"]))),
            tiers: if tiered { vec![tier(Some("0.05"), "20"), tier(None, "10")] } else { Vec::new() },
            per: random.pick(&[FeePer::Record, FeePer::Group]),
            side: random.pick(&[None, Some(Side::Left), Some(Side::Right)]),
            of: random.pick(&[FeeBase::Gross, FeeBase::Rest]),
            round: random.pick(&[Rounding::HalfUp, Rounding::HalfEven, Rounding::Up, Rounding::Down]),
            digits: random.pick(&[None, None, Some(1)]),
            negative: random.pick(&[Negative::Returned, Negative::Charged, Negative::Free]),
        }
    };
    (0..count).map(|_| fee(random)).collect()
}

/// A pass that takes records as one, or looks them up.
fn group_pass(random: &mut Random, at: usize) -> PassSpec {
    let looks_up = random.chance(50);
    let cardinality = if looks_up {
        random.pick(&[Cardinality::OneToMany, Cardinality::ManyToOne])
    } else {
        random.pick(&[Cardinality::OneToMany, Cardinality::ManyToOne, Cardinality::ManyToMany])
    };
    let key = condition(random.pick(&["account", "reference"]), Test::Equals);
    let mut on: Vec<Condition> = Vec::new();
    if looks_up || random.chance(60) {
        on.push(key);
    }
    for _ in 0..random.index(3) {
        let next = any_condition(random, false);
        let summed = !looks_up && next.left == "amount";
        if !summed && !on.iter().any(|on| on.left == next.left) {
            on.push(next);
        }
    }
    let by = |random: &mut Random| vec![random.pick(&["reference", "payee", "date", "account"]).to_owned()];
    let group_by = (!looks_up).then(|| GroupBy {
        left: if cardinality.has_many(Side::Left) { by(random) } else { Vec::new() },
        right: if cardinality.has_many(Side::Right) { by(random) } else { Vec::new() },
    });
    let required = on.iter().any(|on| on.required);
    let sums =
        !looks_up && (!on.iter().any(|on| on.required && on.test == Test::Equals) || random.chance(70));
    if !required {
        on.retain(|on| on.left != "account");
        on.push(condition("account", Test::Equals));
    }
    let sign = random.pick(&[Sign::Same, Sign::Same, Sign::Same, Sign::Opposite, Sign::Ignore]);
    let partial = sums && random.chance(35);
    PassSpec {
        name: Some(format!("pass {at}")),
        cardinality,
        on,
        status: random.chance(10).then_some(Status::Proposed),
        propose_below: random.chance(20).then(|| number(random.pick(&["0.6", "0.75", "0.9"]))),
        ambiguous: random.pick(&[Ambiguous::Propose, Ambiguous::Leave, Ambiguous::Match]),
        floor: random.chance(30).then(|| number(random.pick(&["0", "0.25", "0.75", "1"]))),
        margin: random.chance(20).then(|| number(random.pick(&["0.01", "0.1", "0.3"]))),
        sum: sums
            .then(|| {
                let within = tolerance(random);
                let [short_pay, discount, overpay] =
                    [(); 3].map(|()| beyond(random, &within).filter(|_| !partial));
                SumSpec {
                    within,
                    sign,
                    fee: if partial { Vec::new() } else { fees(random) },
                    short_pay,
                    discount,
                    overpay,
                    paid: Some(random.pick(&[Side::Left, Side::Right])),
                    ..SumSpec::default()
                }
            })
            .map(|sum| SumSpec { paid: sum.paid.filter(|_| sum.has_payment()), ..sum }),
        conditions: if !looks_up && random.chance(30) { Conditions::After } else { Conditions::Before },
        partial,
        group_by,
        ..PassSpec::default()
    }
}

/// A pass that takes records in part, of groups that are easily formed.
fn pass_in_parts(random: &mut Random, name: Option<String>) -> PassSpec {
    let cardinality = random.pick(&[
        Cardinality::OneToOne,
        Cardinality::OneToMany,
        Cardinality::ManyToOne,
        Cardinality::ManyToMany,
    ]);
    let by = |random: &mut Random, side: Side| {
        let field = random.pick(&["reference", "payee", "account"]).to_owned();
        if cardinality.has_many(side) { vec![field] } else { Vec::new() }
    };
    let group_by = (cardinality != Cardinality::OneToOne)
        .then(|| GroupBy { left: by(random, Side::Left), right: by(random, Side::Right) });
    let within = Tolerance { absolute: Some(number(random.pick(&["0", "0", "0.02"]))), ..Tolerance::exact() };
    PassSpec {
        name,
        cardinality,
        on: vec![condition(random.pick(&["account", "reference"]), Test::Equals)],
        status: random.chance(10).then_some(Status::Proposed),
        sum: Some(SumSpec { within, ..SumSpec::default() }),
        conditions: if group_by.is_some() && random.chance(30) {
            Conditions::After
        } else {
            Conditions::Before
        },
        partial: true,
        group_by,
        ..PassSpec::default()
    }
}

/// How much more or less than is due may be paid, in some passes.
fn beyond(random: &mut Random, within: &Tolerance) -> Option<Tolerance> {
    let beyond = random.chance(15).then(|| Tolerance { of: None, ..tolerance(random) });
    beyond.filter(|beyond| !within.allows_all_of(beyond))
}

/// Makes a pass one that scores by probability: what only graded weighs now.
fn probable(random: &mut Random, pass: &mut PassSpec, defaults: &mut [Condition]) {
    if pass.cardinality != Cardinality::OneToOne || !random.chance(30) {
        return;
    }
    for one in defaults.iter_mut() {
        one.weight = None;
    }
    for one in &mut pass.on {
        one.weight = None;
        if one.left == "tags" {
            // Many values have no levels.
            one.required = true;
        }
        if !one.required {
            *one = weighed(random, &one.left.clone(), &one.test.clone());
        }
    }
    let tests = [
        ("payee", Test::Equals),
        ("reference", Test::Slip(vec![Slip::OneDigit])),
        ("date", Test::Days(range(random))),
        ("amount", Test::Within(tolerance(random), Sign::Same)),
    ];
    let (field, test) = tests[random.index(tests.len())].clone();
    let made = weighed(random, field, &test);
    pass.on.push(made);
    pass.score = Score::Probability;
    pass.prior = Some(number(random.pick(&["0.5", "0.1", "0.001", "0.999"])));
    pass.floor = pass.floor.or_else(|| random.chance(50).then(|| number(random.pick(&["0", "0.01", "0.9"]))));
}

fn weighed(random: &mut Random, field: &str, test: &Test) -> Condition {
    let level = |random: &mut Random, test: Test| Level {
        bits: number(random.pick(&["0", "1.5", "3", "8.125", "-2", "20"])),
        frequency: test == Test::Equals && random.chance(60),
        test,
    };
    let mut levels = vec![level(random, test.clone())];
    if *test != Test::Equals && random.chance(70) {
        levels.insert(0, level(random, Test::Equals));
    }
    let required = random.chance(20);
    let bits = ["0", "-1", "-4.5", "-0.001", "2"];
    let otherwise = (!required).then(|| number(random.pick(&bits)));
    let null = if required || random.chance(60) { number("0") } else { number(random.pick(&bits)) };
    let test = Test::Levels(Levels { levels, otherwise, null });
    Condition { required, ..condition(field, test) }
}

fn any_condition(random: &mut Random, same_side: bool) -> Condition {
    let mut made = match random.below(if same_side { 7 } else { 11 }) {
        0..=2 => {
            let field = random.pick(&["account", "reference", "payee", "date"]);
            condition(field, Test::Equals)
        }
        3 | 4 => condition("date", Test::Days(range(random))),
        5 => condition("date", Test::BusinessDays(range(random), "C".to_owned())),
        6 => {
            let measure = random.pick(&[
                Measure::JaroWinkler,
                Measure::Levenshtein,
                Measure::Ratio,
                Measure::TokenSort,
                Measure::TokenSet,
                Measure::TokenJaccard,
                Measure::Trigram,
            ]);
            condition("payee", Test::Similar(measure, number(random.pick(&["0.3", "0.6", "0.8"]))))
        }
        7 | 8 => {
            let sign = random.pick(&[Sign::Same, Sign::Same, Sign::Opposite, Sign::Ignore]);
            condition("amount", Test::Within(tolerance(random), sign))
        }
        9 => {
            let direction = random.pick(&[Direction::RightInLeft, Direction::LeftInRight, Direction::Either]);
            let occurs = Test::Occurs(Occurs { direction, min_length: random.pick(&[1, 4, 8]) });
            let mut made = condition("reference", occurs);
            if random.chance(50) {
                "payee".clone_into(&mut made.left);
            }
            made
        }
        _ => {
            let field = random.pick(&["reference", "amount"]);
            let mut slips = vec![random.pick(&[Slip::Swapped, Slip::OneDigit])];
            if field == "amount" && random.chance(50) {
                slips.push(Slip::Factor);
            }
            condition(field, Test::Slip(slips))
        }
    };
    if random.chance(25) {
        made.required = false;
    }
    if random.chance(25) {
        made.weight = Some(number(random.pick(&["0.5", "2", "3"])));
    }
    if !made.required && made.test == Test::Equals {
        // Without a weight it would have no effect, and the spec would be refused.
        made.weight = Some(number("1"));
    }
    made.nulls_equal = matches!(made.test, Test::Equals) && random.chance(25);
    made
}

fn range(random: &mut Random) -> DayRange {
    random.pick(&[
        DayRange { from: -3, to: 3 },
        DayRange { from: 0, to: 0 },
        DayRange { from: 0, to: 5 },
        DayRange { from: -2, to: 0 },
        DayRange { from: 1, to: 4 },
        DayRange { from: -4, to: -1 },
    ])
}

fn tolerance(random: &mut Random) -> Tolerance {
    let absolute = random.pick(&["0", "0.01", "0.03", "0.1", "100"]);
    let percent = random.pick(&["0.1", "0.5", "33.3", "0"]);
    let (with_absolute, with_percent) =
        random.pick(&[(true, false), (true, false), (false, true), (true, true)]);
    Tolerance {
        absolute: with_absolute.then(|| number(absolute)),
        percent: with_percent.then(|| number(percent)),
        larger: with_absolute && with_percent && random.chance(50),
        of: if with_percent && random.chance(30) {
            Some(random.pick(&[Side::Left, Side::Right]))
        } else {
            None
        },
    }
}

#[expect(clippy::expect_used, reason = "the columns are of one length by construction")]
fn batch(records: &[Record], text_amounts: bool) -> RecordBatch {
    let text = |of: fn(&Record) -> &Option<String>| -> ArrayRef {
        Arc::new(records.iter().map(|record| of(record).as_deref()).collect::<StringArray>())
    };
    let amounts: ArrayRef = if text_amounts {
        Arc::new(records.iter().map(written).collect::<StringArray>())
    } else {
        let units: PrimitiveArray<Decimal128Type> =
            records.iter().map(|record| record.amount.map(i128::from)).collect();
        Arc::new(units.with_data_type(DataType::Decimal128(18, 2)))
    };
    let dates: ArrayRef = Arc::new(records.iter().map(|record| record.date).collect::<Date32Array>());
    let columns = [
        ("id", text(|record| &record.id)),
        ("account", text(|record| &record.account)),
        ("currency", text(|record| &record.currency)),
        ("reference", text(|record| &record.reference)),
        ("amount", amounts),
        ("date", dates),
        ("payee", text(|record| &record.payee)),
        ("tags", text(|record| &record.tags)),
    ];
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("columns of one length")
}

fn written(record: &Record) -> Option<String> {
    if record.unreadable {
        return Some("12,x".to_owned());
    }
    record.amount.map(|cents| recon378_core::money::display_units(i128::from(cents), 2))
}
