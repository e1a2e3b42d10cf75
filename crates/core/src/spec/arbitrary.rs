//! Arbitrary valid specs for property tests. Every value a spec can hold occurs, in every place.

use super::{
    Ambiguous, AsOf, BalancesSpec, CalendarSpec, Cardinality, CellSource, CellSpec, Clean, Condition,
    Conditions, ConvertSpec, DayRange, DecisionKind, DecisionSpec, DecisionsSpec, Direction, FeeBase, FeePer,
    FeeSpec, FeeTier, FieldKind, FieldSpec, FilterSpec, FilterTest, GroupBy, Level, Levels, LookupSpec,
    Measure, Negative, Occurs, PassSpec, Places, Ragged, ReadSpec, RecordName, Rounding, Score, Sign, Slip,
    SourceSpec, Spec, Status, SumSpec, TableSpec, Test, TieOutSpec, Tolerance,
};
use crate::limits::Limits;
use crate::money::Number;
use crate::plan::Side;
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// A valid spec.
pub(crate) fn spec() -> impl Strategy<Value = Spec> {
    let calendars = btree_map(name(), calendar(), 1..3);
    let carried = (vec(name(), 0..3), of(balances()), decisions());
    let rest = (of(tie_out()), distinct_names(), of(-20_000..40_000_i32), any::<bool>(), limits(), carried);
    let sources = (
        source().boxed(),
        source().boxed(),
        btree_map(name(), field().boxed(), 0..4),
        btree_map(name(), third_table(), 0..3),
    );
    let two = (sources, rest, calendars).prop_flat_map(|(sources, rest, calendars)| {
        let names: Vec<_> = calendars.keys().cloned().collect();
        let passes =
            vec(prop_oneof![3 => pass(names.clone()).boxed(), 1 => probable(names.clone()).boxed()], 1..4);
        let compared = vec(compared(names.clone()).boxed(), 0..3);
        let conditions = (vec(condition(names).boxed(), 0..3), compared);
        (Just(sources), Just(rest), Just(calendars), conditions, passes).prop_map(assembled)
    });
    (two, 0..4_u8).prop_map(|(spec, chance)| if chance == 0 { of_one_source(spec) } else { spec })
}

type Sources = (
    SourceSpec,
    SourceSpec,
    std::collections::BTreeMap<String, FieldSpec>,
    std::collections::BTreeMap<String, TableSpec>,
);
type Carried = (Vec<String>, Option<BalancesSpec>, DecisionsSpec);
type Rest = (Option<TieOutSpec>, Vec<String>, Option<i32>, bool, Limits, Carried);
type Given = (Vec<Condition>, Vec<Condition>);
type Parts = (Sources, Rest, std::collections::BTreeMap<String, CalendarSpec>, Given, Vec<PassSpec>);

fn assembled((sources, rest, calendars, (mut defaults, compare), mut passes): Parts) -> Spec {
    let (left, right, fields, tables) = sources;
    let (tie_out, carry, as_of, strict, limits, (open_items, balances, decisions)) = rest;
    if passes.iter().any(|pass| pass.cardinality == Cardinality::SameSide) {
        defaults.retain(|condition| !condition.is_directed());
    }
    if passes.iter().any(|pass| pass.score == Score::Probability) {
        defaults.retain(|condition| condition.required && condition.weight.is_none());
    }
    let mut names = Vec::new();
    for pass in &mut passes {
        if !pass.on.iter().any(|condition| condition.required) {
            pass.on.push(Condition::equality("reference"));
        }
        if pass.name.as_ref().is_some_and(|name| names.contains(name)) {
            pass.name = None;
        }
        names.extend(pass.name.clone());
    }
    Spec {
        one_source: false,
        left,
        right,
        fields,
        defaults,
        passes,
        compare,
        tie_out,
        calendars,
        carry,
        as_of,
        open_items,
        balances,
        strict,
        limits,
        decisions,
        tables,
        places: Places::default(),
    }
}

/// What a spec of one source can have of it.
fn of_one_source(mut spec: Spec) -> Spec {
    for field in spec.fields.values_mut() {
        let cell = field.left.take().or(field.right.take());
        (field.left, field.right) = (cell.clone(), cell);
    }
    spec.defaults.retain(|condition| !condition.is_directed());
    for pass in &mut spec.passes {
        pass.cardinality = Cardinality::Cluster;
        (pass.sum, pass.group_by, pass.conditions, pass.partial) = (None, None, Conditions::Before, false);
        (pass.ambiguous, pass.margin) = (Ambiguous::Propose, None);
        pass.on.retain(|condition| !condition.is_directed());
        if !pass.on.iter().chain(&spec.defaults).any(|condition| condition.test.is_levels()) {
            (pass.score, pass.prior, pass.floor) = (Score::Grades, None, None);
        }
        if !pass.on.iter().any(|condition| condition.required) {
            pass.on.push(Condition::equality("reference"));
        }
    }
    Spec {
        one_source: true,
        right: SourceSpec::default(),
        compare: Vec::new(),
        tie_out: None,
        carry: Vec::new(),
        open_items: Vec::new(),
        balances: None,
        ..spec
    }
}

/// Names people use, and names that need quotes somewhere.
pub(crate) fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_]{1,8}",
        select(vec!["Größe", "a b", "a.b", "\"quoted\"", "it's", "back\\slash", "x]", "= 1", "# no"])
            .prop_map(str::to_owned),
        "[\\PC&&[^\\s]]{1,6}",
    ]
}

fn number(most: i64) -> impl Strategy<Value = Number> {
    (0..=most * 1_000_000, 0..=6_u32).prop_map(|(units, scale)| {
        let units = units - units % 10_i64.pow(6 - scale);
        Number::from(rust_decimal::Decimal::new(units, 6))
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,8}", any::<String>().prop_map(|text| text.chars().take(8).collect())]
}

fn source() -> impl Strategy<Value = SourceSpec> {
    let zone = select(vec!["Europe/Berlin", "UTC", "America/New_York"]).prop_map(str::to_owned);
    (of(name()), vec(name(), 0..3), read(), vec(filter(), 0..3), of(zone), of(0..86_400_u32)).prop_map(
        |(name, path, read, filter, zone, cut_off)| SourceSpec { name, path, read, filter, zone, cut_off },
    )
}

fn third_table() -> impl Strategy<Value = TableSpec> {
    (vec(name(), 0..3), read()).prop_map(|(path, read)| TableSpec { path, read })
}

fn lookup() -> impl Strategy<Value = LookupSpec> {
    let as_of = (name(), name(), 0..=100_000_u32).prop_map(|(date, at, days)| AsOf { date, at, days });
    (name(), name(), name(), btree_map(name(), text(), 0..2), of(as_of))
        .prop_map(|(table, key, column, only, as_of)| LookupSpec { table, key, column, only, as_of })
}

fn date_format() -> impl Strategy<Value = String> {
    select(vec!["%d.%m.%Y", "%Y-%m-%dT%H:%M:%S", "%m/%d/%y"]).prop_map(str::to_owned)
}

fn read() -> impl Strategy<Value = ReadSpec> {
    (
        of(select(vec![',', ';', '\t', '|'])),
        of(select(vec!['.', ','])),
        of(select(vec![' ', '\'', '\u{a0}'])),
        of(select(vec!["$", "CHF", "kr"])),
        of(date_format()),
        of(name()),
        of(select(vec!['"', '\''])),
        of(any::<bool>()),
        (
            of(0..9_u32),
            of(name()),
            of(select(vec!["B3:F200", "A:C"])),
            of(0..9_u32),
            select(vec![Ragged::Unreadable, Ragged::Pad, Ragged::Error]),
        ),
    )
        .prop_map(|(delimiter, decimal, thousands, sign, dates, encoding, quote, header, part)| {
            ReadSpec {
                delimiter,
                decimal,
                thousands,
                currency_sign: sign.map(str::to_owned),
                dates,
                encoding,
                quote,
                header,
                skip: part.0,
                footer: part.3,
                ragged: part.4,
                sheet: part.1,
                range: part.2.and_then(|range| range.parse().ok()),
            }
        })
}

fn filter() -> impl Strategy<Value = FilterSpec> {
    let test = prop_oneof![
        text().prop_map(FilterTest::Equals),
        vec(text(), 1..3).prop_map(FilterTest::In),
        (text(), text()).prop_map(|(from, to)| FilterTest::Between(from, to)),
        expression().prop_map(FilterTest::Matches),
        any::<bool>().prop_map(FilterTest::IsNull),
    ];
    (name(), test).prop_map(|(field, test)| FilterSpec { field, test })
}

fn expression() -> impl Strategy<Value = String> {
    select(vec!["INV-?(\\d+)", "^a|b$", "'\\w+'", "\"x\"", "\\n\t"]).prop_map(str::to_owned)
}

fn clean() -> impl Strategy<Value = Vec<Clean>> {
    let all = vec![
        Clean::Upper,
        Clean::Lower,
        Clean::Unaccent,
        Clean::Collapse,
        Clean::Alphanumeric,
        Clean::Digits,
        Clean::StripZeros,
        Clean::Punctuation,
    ];
    vec(select(all), 0..3)
}

/// A field whose reading rules suit its kind.
fn field() -> impl Strategy<Value = FieldSpec> {
    let kind = select(vec![FieldKind::Amount, FieldKind::Date, FieldKind::Text, FieldKind::Integer]);
    kind.prop_flat_map(|kind| {
        let sides = (of(cell(kind)), cell(kind), any::<bool>());
        (sides, of(0..=18_u8), clean()).prop_map(move |((one, other, turned), scale, clean)| {
            let (left, right) = if turned { (Some(other), one) } else { (one, Some(other)) };
            let texts = kind == FieldKind::Text;
            FieldSpec {
                left,
                right,
                kind: Some(kind),
                scale: scale.filter(|_| kind == FieldKind::Amount),
                clean: if texts { clean } else { Vec::new() },
            }
        })
    })
}

fn cell(kind: FieldKind) -> impl Strategy<Value = CellSpec> {
    let column = name().prop_map(CellSource::Column);
    let debit_credit = (name(), name()).prop_map(|(debit, credit)| CellSource::DebitCredit { debit, credit });
    let indicator = (name(), name(), vec("[A-C]", 1..3), vec("[D-F]", 1..3)).prop_map(
        |(column, indicator, debit, credit)| CellSource::Indicator { column, indicator, debit, credit },
    );
    let from = prop_oneof![3 => column, 1 => debit_credit, 1 => indicator];
    let amount = (from, any::<bool>(), of(0..=18_u8), of(0..=18_u8));
    let many = (any::<bool>(), of(lookup()));
    (amount, name(), of(date_format()), of(expression()), clean(), many).prop_map(
        move |((from, negate, minor, scale), column, dates, extract, clean, (all, lookup))| match kind {
            FieldKind::Amount => CellSpec { from, negate, minor, scale, ..CellSpec::default() },
            FieldKind::Date => {
                CellSpec { from: CellSource::Column(column), dates, extract, ..CellSpec::default() }
            }
            FieldKind::Integer => {
                CellSpec { from: CellSource::Column(column), extract, ..CellSpec::default() }
            }
            FieldKind::Text => {
                let all = all && extract.is_some();
                CellSpec {
                    from: CellSource::Column(column),
                    extract,
                    clean,
                    all,
                    lookup,
                    ..CellSpec::default()
                }
            }
        },
    )
}

fn pass(calendars: Vec<String>) -> impl Strategy<Value = PassSpec> {
    let cardinalities = vec![
        Cardinality::OneToOne,
        Cardinality::OneToMany,
        Cardinality::ManyToOne,
        Cardinality::ManyToMany,
        Cardinality::SameSide,
    ];
    let signs = select(vec![Sign::Same, Sign::Opposite, Sign::Ignore]);
    let payment = (of(of_due()), of(of_due()), of(of_due()), of(select(vec![Side::Left, Side::Right])));
    let sum =
        (of((name(), name())), tolerance(), signs, vec(fee().boxed(), 0..3), of(convert().boxed()), payment);
    let grouping = (of(sum), of((names(), names())), any::<bool>(), any::<bool>());
    let shape = (of(name()), select(cardinalities), vec(condition(calendars).boxed(), 0..4), grouping);
    let rules = (
        of(select(vec![Status::Matched, Status::Proposed])),
        of(number(1)),
        select(vec![Ambiguous::Propose, Ambiguous::Leave, Ambiguous::Match]),
        of(number(1)),
        of(number(1)),
    );
    (shape, rules).prop_map(|((name, cardinality, on, grouping), rules)| {
        let (status, propose_below, ambiguous, floor, margin) = rules;
        let (sum, group_by, conditions, partial) = grouped(cardinality, grouping);
        let (score, prior) = (Score::Grades, None);
        PassSpec {
            name,
            cardinality,
            on,
            status,
            propose_below,
            ambiguous,
            floor,
            margin,
            sum,
            group_by,
            conditions,
            partial,
            score,
            prior,
        }
    })
}

type Sum = (Option<(String, String)>, Tolerance, Sign, Vec<FeeSpec>, Option<ConvertSpec>, Payment);
type Payment = (Option<Tolerance>, Option<Tolerance>, Option<Tolerance>, Option<Side>);
type Grouping = (Option<Sum>, Option<(Vec<String>, Vec<String>)>, bool, bool);

/// What a cardinality can have of it.
fn grouped(
    cardinality: Cardinality,
    (sum, by, after, partial): Grouping,
) -> (Option<SumSpec>, Option<GroupBy>, Conditions, bool) {
    let many = |side: Side| cardinality.has_many(side);
    let is_grouped = many(Side::Left) || many(Side::Right);
    let of = |side: Side, names: &[String]| if many(side) { names.to_vec() } else { Vec::new() };
    let by = by.or_else(|| {
        let needed = cardinality == Cardinality::ManyToMany || (is_grouped && sum.is_some());
        needed.then(|| (vec!["batch".to_owned()], vec!["batch".to_owned()]))
    });
    let group_by = by
        .filter(|_| is_grouped)
        .map(|(left, right)| GroupBy { left: of(Side::Left, &left), right: of(Side::Right, &right) });
    let same_side = cardinality == Cardinality::SameSide;
    let alike = many(Side::Left) == many(Side::Right);
    let sided = |fee: FeeSpec| FeeSpec { side: fee.side.or(alike.then_some(Side::Left)), ..fee };
    let payment = |within: &Tolerance, (short_pay, discount, overpay, paid): Payment| {
        let has_effect = |one: &Tolerance| !within.allows_all_of(one);
        let [short_pay, discount, overpay] = [short_pay, discount, overpay].map(|one| one.filter(has_effect));
        let paid = paid.or(alike.then_some(Side::Right));
        let paid = paid.filter(|_| [&short_pay, &discount, &overpay].into_iter().any(Option::is_some));
        if same_side { (None, None, None, None) } else { (short_pay, discount, overpay, paid) }
    };
    let sum = sum.map(|(fields, within, sign, fee, convert, given)| {
        let given = payment(&within, given);
        ((fields, within, sign, fee, convert), given)
    });
    let sum = sum.filter(|_| is_grouped || same_side || partial);
    let sum =
        sum.map(|((fields, within, sign, fee, convert), (short_pay, discount, overpay, paid))| SumSpec {
            fields: fields
                .filter(|_| !same_side)
                .filter(|(left, right)| left != "amount" || right != "amount"),
            within,
            sign: if same_side { Sign::Same } else { sign },
            fee: if same_side { Vec::new() } else { fee.into_iter().map(sided).collect() },
            convert: convert.filter(|_| !same_side),
            short_pay,
            discount,
            overpay,
            paid,
        });
    let conditions = if after && group_by.is_some() { Conditions::After } else { Conditions::Before };
    let is_plain = |sum: &SumSpec| sum.fields.is_none() && !sum.has_terms();
    let partial = partial && !same_side && sum.as_ref().is_some_and(is_plain);
    // A pass of single records sums only for a reason.
    let sum = sum.filter(|sum| is_grouped || same_side || partial || sum.has_terms());
    (sum, group_by, conditions, partial)
}

fn convert() -> impl Strategy<Value = ConvertSpec> {
    let rules = (
        select(vec![FeePer::Record, FeePer::Group]),
        select(vec![Rounding::HalfUp, Rounding::HalfEven, Rounding::Up, Rounding::Down]),
        of(0..=18_u8),
    );
    (name(), of(select(vec![Side::Left, Side::Right])), any::<bool>(), of(name()), rules).prop_map(
        |(rate, side, divide, to, (per, round, digits))| {
            let per = if divide { FeePer::Record } else { per };
            ConvertSpec { rate, side, divide, to, per, round, digits }
        },
    )
}

fn fee() -> impl Strategy<Value = FeeSpec> {
    let flat = (of(number(100)), of(number(1_000)))
        .prop_filter("of something", |(percent, fixed)| percent.is_some() || fixed.is_some());
    let flat = flat.prop_map(|(percent, fixed)| (percent, fixed, Vec::new()));
    let tier = |up_to: Option<i64>, percent| FeeTier {
        up_to: up_to.map(Number::whole),
        percent: Some(percent),
        fixed: None,
    };
    let tiers = (1..100_i64, number(100), number(100))
        .prop_map(move |(up_to, one, other)| (None, None, vec![tier(Some(up_to), one), tier(None, other)]));
    let rules = (
        select(vec![FeePer::Record, FeePer::Group]),
        of(select(vec![Side::Left, Side::Right])),
        select(vec![FeeBase::Gross, FeeBase::Rest]),
        select(vec![Rounding::HalfUp, Rounding::HalfEven, Rounding::Up, Rounding::Down]),
        of(0..=18_u8),
        select(vec![Negative::Returned, Negative::Charged, Negative::Free]),
    );
    (prop_oneof![flat, tiers], rules).prop_map(|((percent, fixed, tiers), rules)| {
        let (per, side, of, round, digits, negative) = rules;
        FeeSpec { percent, fixed, tiers, per, side, of, round, digits, negative }
    })
}

/// One name or more, each once.
fn names() -> impl Strategy<Value = Vec<String>> {
    vec(name(), 1..3).prop_map(|mut names| {
        names.dedup();
        names
    })
}

/// A pass that scores by probability.
fn probable(calendars: Vec<String>) -> impl Strategy<Value = PassSpec> {
    let levels = vec(levels(calendars.clone()).boxed(), 1..3);
    let prior = (1..1_000_000_000_000_i64)
        .prop_map(|units| Some(Number::from(rust_decimal::Decimal::new(units, 12))));
    (pass(calendars).boxed(), levels, prior).prop_map(|(pass, levels, prior)| {
        let plain =
            pass.on.into_iter().filter(|one| one.required).map(|one| Condition { weight: None, ..one });
        PassSpec {
            cardinality: Cardinality::OneToOne,
            on: plain.chain(levels).collect(),
            sum: None,
            partial: false,
            group_by: None,
            conditions: Conditions::Before,
            score: Score::Probability,
            prior,
            ..pass
        }
    })
}

fn levels(calendars: Vec<String>) -> impl Strategy<Value = Condition> {
    let level = (test(calendars), bits(), any::<bool>()).prop_map(|(test, bits, frequency)| Level {
        frequency: frequency && test == Test::Equals,
        test,
        bits,
    });
    (name(), name(), vec(level, 1..4), bits(), bits(), any::<bool>()).prop_map(
        |(left, right, mut levels, otherwise, null, required)| {
            let mut seen: Vec<Test> = Vec::new();
            levels.retain(|level| {
                let is_new = !seen.contains(&level.test);
                seen.push(level.test.clone());
                is_new
            });
            let (otherwise, null) =
                if required { (None, Number::default()) } else { (Some(otherwise), null) };
            let test = Test::Levels(Levels { levels, otherwise, null });
            Condition { left, right, test, required, weight: None, nulls_equal: false }
        },
    )
}

fn bits() -> impl Strategy<Value = Number> {
    (-100_000..=100_000_i64).prop_map(|units| Number::from(rust_decimal::Decimal::new(units, 3)))
}

fn condition(calendars: Vec<String>) -> impl Strategy<Value = Condition> {
    let fields = (name(), name(), any::<bool>())
        .prop_map(|(left, right, same)| if same { (left.clone(), left) } else { (left, right) });
    (fields, test(calendars).boxed(), any::<bool>(), of(number(1_000)), any::<bool>()).prop_map(
        |((left, right), test, required, weight, nulls_equal)| {
            let equality = test == Test::Equals;
            let weightless = weight.map_or(equality, |weight| weight == Number::default());
            let nulls_equal = nulls_equal && equality;
            Condition { left, right, test, required: required || weightless, weight, nulls_equal }
        },
    )
}

/// What is compared inside groups.
fn compared(calendars: Vec<String>) -> impl Strategy<Value = Condition> {
    let compared = |test: &Test| !matches!(test, Test::Occurs(_) | Test::Slip(_));
    condition(calendars)
        .prop_filter("a test that is compared by", move |one| compared(&one.test))
        .prop_map(|one| Condition { required: true, weight: None, nulls_equal: false, ..one })
}

fn test(calendars: Vec<String>) -> impl Strategy<Value = Test> {
    let measures = vec![
        Measure::JaroWinkler,
        Measure::Levenshtein,
        Measure::Osa,
        Measure::Ratio,
        Measure::TokenSort,
        Measure::TokenSet,
        Measure::TokenJaccard,
        Measure::Trigram,
    ];
    let directions = vec![Direction::RightInLeft, Direction::LeftInRight, Direction::Either];
    let slips = vec![Slip::Swapped, Slip::OneDigit, Slip::Factor];
    prop_oneof![
        Just(Test::Equals),
        (tolerance(), select(vec![Sign::Same, Sign::Opposite, Sign::Ignore]))
            .prop_map(|(tolerance, sign)| Test::Within(tolerance, sign)),
        day_range().prop_map(Test::Days),
        (day_range(), select(calendars)).prop_map(|(range, calendar)| Test::BusinessDays(range, calendar)),
        (select(measures), number(1)).prop_map(|(measure, least)| Test::Similar(measure, least)),
        (select(directions), 1..20_u32)
            .prop_map(|(direction, min_length)| Test::Occurs(Occurs { direction, min_length })),
        subsequence(slips, 1..=3).prop_map(Test::Slip),
    ]
}

/// Of what is due, in percent.
fn of_due() -> impl Strategy<Value = Tolerance> {
    tolerance().prop_map(|tolerance| Tolerance { of: None, ..tolerance })
}

fn tolerance() -> impl Strategy<Value = Tolerance> {
    let parts = prop_oneof![
        number(1_000_000).prop_map(|absolute| (Some(absolute), None)),
        number(100).prop_map(|percent| (None, Some(percent))),
        (number(1_000_000), number(100)).prop_map(|(absolute, percent)| (Some(absolute), Some(percent))),
    ];
    (parts, any::<bool>(), of(select(vec![Side::Left, Side::Right]))).prop_map(
        |((absolute, percent), larger, side)| Tolerance {
            absolute,
            percent,
            larger: larger && absolute.is_some() && percent.is_some(),
            of: side.filter(|_| percent.is_some()),
        },
    )
}

fn day_range() -> impl Strategy<Value = DayRange> {
    prop_oneof![
        (0..400_i32).prop_map(|most| DayRange { from: -most, to: most }),
        (-400..400_i32, 0..400_i32).prop_map(|(from, more)| DayRange { from, to: from + more }),
    ]
}

fn tie_out() -> impl Strategy<Value = TieOutSpec> {
    // The amount of `sum` is the tied-out one; without one, a spec says `amount`.
    (of(name()), distinct_names()).prop_map(|(amount, by)| TieOutSpec { amount, by })
}

fn balances() -> impl Strategy<Value = BalancesSpec> {
    let column = prop_oneof![name(), select(vec!["left_opening", "right_closing"]).prop_map(str::to_owned)];
    prop_oneof![
        vec(name(), 1..3).prop_map(BalancesSpec::Paths),
        vec(btree_map(column, text(), 0..4), 1..3).prop_map(BalancesSpec::Inline),
    ]
}

fn distinct_names() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::btree_set(name(), 0..3).prop_map(|names| names.into_iter().rev().collect())
}

fn calendar() -> impl Strategy<Value = CalendarSpec> {
    let weekend = subsequence((0..7_u8).collect::<Vec<_>>(), 0..=6);
    (weekend, vec(-20_000..40_000_i32, 0..4))
        .prop_map(|(weekend, holidays)| CalendarSpec { weekend, holidays })
}

fn decisions() -> impl Strategy<Value = DecisionsSpec> {
    let files =
        (vec(name(), 1..3), any::<bool>()).prop_map(|(path, swapped)| DecisionsSpec::Files { path, swapped });
    let kind = select(DecisionKind::ALL.to_vec());
    let sides = (vec(record_name(), 1..3), vec(record_name(), 1..3));
    let decision = (of(name()), kind, sides).prop_map(|(label, kind, (left, right))| DecisionSpec {
        label,
        kind,
        left,
        right,
    });
    prop_oneof![files, vec(decision, 0..3).prop_map(DecisionsSpec::Listed)]
}

fn record_name() -> impl Strategy<Value = RecordName> {
    let was = btree_map(name(), text(), 0..2);
    (of(name()), of(1..9_u32), of(0..99_u64), was).prop_map(|(id, occurrence, row, was)| RecordName {
        occurrence: occurrence.filter(|_| id.is_some()),
        row: row.or(id.is_none().then_some(7)),
        id,
        was,
    })
}

fn limits() -> impl Strategy<Value = Limits> {
    (1..200_u32, 0..200_u32, 1..=u32::MAX, 4..=65_535_u32, 2..=u32::MAX, any::<u32>()).prop_map(
        |(rivals_max, regret_nodes_max, comparisons_max, nearest_max, cluster_max, issues_max)| Limits {
            rivals_max,
            regret_nodes_max,
            comparisons_max,
            nearest_max,
            cluster_max,
            issues_max,
        },
    )
}
