//! Passes with names resolved to fields, defaults to values and numbers to integers.

use super::fields::Catalog;
use super::many::compares_many;
use super::model::{
    CalendarPlan, ConditionPlan, FieldIndex, Grouping, KeyPlan, Millionths, ONE, PassPlan, Side, TestPlan,
    VariancePlan, WithinPlan,
};
use super::names::{Report, listed, quoted};
use crate::error::Mistake;
use crate::money::Number;
use crate::spec::{
    Cardinality, Condition, DayRange, FieldKind, PassSpec, Score, Sign, Spec, Status, Test, Tolerance,
    nearest_name,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A condition whose fields exist.
#[derive(Debug)]
pub(super) struct Bound<'s> {
    pub(super) condition: &'s Condition,
    pub(super) path: String,
    pub(super) left: FieldIndex,
    pub(super) right: FieldIndex,
}

/// A pass whose conditions are bound, defaults first.
#[derive(Debug)]
pub(super) struct BoundPass<'s> {
    pub(super) spec: &'s PassSpec,
    pub(super) path: String,
    pub(super) conditions: Vec<Bound<'s>>,
    /// Fields by which records are taken as one, left first.
    pub(super) group_by: [Vec<FieldIndex>; 2],
    /// The amounts that are summed: those the spec names.
    pub(super) sum: Option<(FieldIndex, FieldIndex)>,
    /// The field of the rate, and the side that is converted by it.
    pub(super) rate: Option<(FieldIndex, Side)>,
    /// Whether every condition could be bound.
    complete: bool,
}

/// Binds the conditions of every pass; unknown names are noted.
pub(super) fn bind<'s>(spec: &'s Spec, catalog: &Catalog<'_>, report: &mut Report) -> Vec<BoundPass<'s>> {
    let passes = spec.passes.iter().enumerate();
    passes
        .map(|(at, pass)| {
            let path = format!("pass[{at}]");
            let defaults =
                spec.defaults.iter().enumerate().map(|(at, one)| (format!("defaults.on[{at}]"), one));
            let own = pass.on.iter().enumerate().map(|(at, one)| (format!("{path}.on[{at}]"), one));
            let all: Vec<_> = defaults.chain(own).collect();
            let wanted = all.len();
            let conditions: Vec<_> = all
                .into_iter()
                .filter_map(|(path, condition)| bind_condition(condition, path, catalog, report))
                .collect();
            let complete = conditions.len() == wanted;
            let group_by = bind_group_by(pass, &path, catalog, report);
            let sum = bind_sum(pass, &path, catalog, report);
            let rate = bind_rate(pass, &path, catalog, report);
            let bound = BoundPass { spec: pass, path, conditions, group_by, sum, rate, complete };
            check_sides(&bound, catalog, report);
            bound
        })
        .collect()
}

/// Binds what is compared inside groups, as the conditions of a pass that never runs.
pub(super) fn bind_compare<'s>(
    spec: &'s Spec,
    pass: &'s PassSpec,
    catalog: &Catalog<'_>,
    report: &mut Report,
) -> BoundPass<'s> {
    let compare = spec.compare.iter().enumerate();
    let conditions = compare
        .filter_map(|(at, one)| bind_condition(one, format!("compare[{at}]"), catalog, report))
        .collect();
    let path = "compare".to_owned();
    let group_by = [Vec::new(), Vec::new()];
    let bound = BoundPass { spec: pass, path, conditions, group_by, sum: None, rate: None, complete: false };
    check_sides(&bound, catalog, report);
    bound
}

/// The fields by which a pass takes records as one: each side's own have to be there.
fn bind_group_by(
    pass: &PassSpec,
    path: &str,
    catalog: &Catalog<'_>,
    report: &mut Report,
) -> [Vec<FieldIndex>; 2] {
    let path = format!("{path}.group_by");
    let Some(by) = &pass.group_by else { return Default::default() };
    Side::BOTH.map(|side| {
        let names = if side == Side::Left { &by.left } else { &by.right };
        let fields = names.iter().filter_map(|name| {
            let field = catalog.need(name, &path, report)?;
            refuse_one_sided(&path, (field, side), catalog, report);
            Some(field)
        });
        fields.collect()
    })
}

/// The amounts that a pass sums, where the spec names them.
fn bind_sum(
    pass: &PassSpec,
    path: &str,
    catalog: &Catalog<'_>,
    report: &mut Report,
) -> Option<(FieldIndex, FieldIndex)> {
    let (left, right) = pass.sum.as_ref()?.fields.as_ref()?;
    let path = format!("{path}.sum");
    let left = catalog.need(left, &path, report);
    let right = catalog.need(right, &path, report);
    for (field, side) in [(left, Side::Left), (right, Side::Right)] {
        field.inspect(|field| refuse_one_sided(&path, (*field, side), catalog, report));
    }
    left.zip(right)
}

/// The rate that a pass converts by: of the side that is named, else of the only one that has it.
fn bind_rate(
    pass: &PassSpec,
    path: &str,
    catalog: &Catalog<'_>,
    report: &mut Report,
) -> Option<(FieldIndex, Side)> {
    let convert = pass.sum.as_ref()?.convert.as_ref()?;
    let path = format!("{path}.sum.convert");
    let rate = catalog.need(&convert.rate, &format!("{path}.rate"), report)?;
    let draft = &catalog.drafts[rate];
    let side = match convert.side {
        Some(side) => side,
        None if draft.has_both() => {
            let given = format!("{}, which both sources have", quoted(&convert.rate));
            let expected = "side = \"left\" or \"right\": whose amounts are converted";
            report.refuse("missing", &path, given, expected);
            return None;
        }
        None if draft.has(Side::Left) => Side::Left,
        None => Side::Right,
    };
    refuse_one_sided(&format!("{path}.rate"), (rate, side), catalog, report);
    Some((rate, side))
}

/// A field has to be there on the side that it is read on.
fn refuse_one_sided(
    path: &str,
    (field, side): (FieldIndex, Side),
    catalog: &Catalog<'_>,
    report: &mut Report,
) {
    let draft = &catalog.drafts[field];
    if !draft.has(side) {
        let source = &catalog.names[side.index()];
        let given = format!("{}, which {source} doesn't have", quoted(&draft.name));
        let expected = format!("a field of {source}: give it a {} column in [fields]", side.name());
        report.refuse("one_sided_field", path, given, expected);
    }
}

fn bind_condition<'s>(
    condition: &'s Condition,
    path: String,
    catalog: &Catalog<'_>,
    report: &mut Report,
) -> Option<Bound<'s>> {
    let left = catalog.need(&condition.left, &path, report);
    let right =
        if condition.right == condition.left { left } else { catalog.need(&condition.right, &path, report) };
    Some(Bound { condition, path, left: left?, right: right? })
}

/// A pass across both sides reads its left fields on the left and its right ones on the right.
fn check_sides(pass: &BoundPass<'_>, catalog: &Catalog<'_>, report: &mut Report) {
    if pass.spec.cardinality == Cardinality::SameSide {
        return;
    }
    for bound in &pass.conditions {
        for (field, side) in [(bound.left, Side::Left), (bound.right, Side::Right)] {
            refuse_one_sided(&bound.path, (field, side), catalog, report);
        }
    }
}

/// What every pass is resolved against.
pub(super) struct Context<'a> {
    pub(super) catalog: &'a Catalog<'a>,
    pub(super) kinds: &'a [FieldKind],
    pub(super) calendars: &'a BTreeMap<String, Arc<CalendarPlan>>,
    /// The tie-out's amount, mapped on both sides.
    pub(super) tie_out: Option<FieldIndex>,
    /// What a `same_side` pass nets.
    pub(super) netted: Option<FieldIndex>,
    /// `date` and `currency`, wherever they are mapped.
    pub(super) date: Option<FieldIndex>,
    pub(super) currency: Option<FieldIndex>,
}

/// Resolves the passes, with field positions of the catalog.
pub(super) fn resolve(
    spec: &Spec,
    passes: &[BoundPass<'_>],
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<PassPlan> {
    let passes = passes.iter().zip(spec.pass_names());
    passes.map(|(pass, name)| Resolver { pass, context, report }.pass(name)).collect()
}

/// Resolves what is compared inside groups, with field positions of the catalog.
pub(super) fn resolve_compare(
    pass: &BoundPass<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<ConditionPlan> {
    let mut resolver = Resolver { pass, context, report };
    let plan = |bound: &Bound<'_>| {
        let test = resolver.test(&bound.condition.test, &bound.path)?;
        let (left, right) = (bound.left, bound.right);
        Some(ConditionPlan { left, right, test, required: true, weight: 0, nulls_equal: false })
    };
    pass.conditions.iter().filter_map(plan).collect()
}

pub(super) struct Resolver<'a> {
    pub(super) pass: &'a BoundPass<'a>,
    pub(super) context: &'a Context<'a>,
    pub(super) report: &'a mut Report,
}

impl Resolver<'_> {
    fn pass(&mut self, name: String) -> PassPlan {
        let spec = self.pass.spec;
        let same_side = spec.cardinality == Cardinality::SameSide;
        let probability = spec.score == Score::Probability;
        let mut key = Vec::new();
        let mut key_weight = 0;
        let mut conditions = Vec::new();
        for bound in &self.pass.conditions {
            let weight = if probability { 0 } else { self.weight(bound) };
            if self.joins(bound) {
                let one = KeyPlan {
                    left: bound.left,
                    right: bound.right,
                    nulls_equal: bound.condition.nulls_equal,
                };
                if !key.contains(&one) {
                    key.push(one);
                }
                key_weight += weight;
            } else {
                let test = if same_side && self.is_amount(bound) {
                    self.netting(bound)
                } else {
                    self.test(&bound.condition.test, &bound.path)
                };
                let Condition { required, nulls_equal, .. } = *bound.condition;
                let (left, right) = (bound.left, bound.right);
                conditions.extend(test.map(|test| ConditionPlan {
                    left,
                    right,
                    test,
                    required,
                    weight,
                    nulls_equal,
                }));
            }
        }
        if same_side {
            self.default_netting(&mut conditions);
        }
        let grouping = self.grouping(&mut conditions);
        if spec.partial && self.pass.complete {
            self.refuse_unnamed(&key, &conditions);
        }
        let variance = self.variance_of(&grouping, &key, &conditions);
        self.add_currency(&mut key, &conditions);
        if same_side {
            self.check_one_source(&key, &conditions);
        }
        let limiter = limiter(&conditions);
        if key.is_empty() && limiter.is_none() && self.pass.complete {
            self.refuse_unlimited(&conditions);
        }
        let slips = conditions.iter().any(|one| one.required && matches!(one.test, TestPlan::Slip(_)));
        PassPlan {
            name,
            cardinality: spec.cardinality,
            days: self.days(&conditions).filter(|_| grouping != Grouping::Cluster),
            key,
            conditions,
            limiter,
            key_weight,
            variance,
            floor: self.share(spec.floor, ONE / 2, "floor"),
            margin: self.share(spec.margin, 0, "margin"),
            ambiguous: spec.ambiguous,
            status: spec.status.unwrap_or(if slips { Status::Proposed } else { Status::Matched }),
            propose_below: self.share(spec.propose_below, 0, "propose_below"),
            grouping,
            prior: self.prior(),
        }
    }

    fn variance_of(
        &mut self,
        grouping: &Grouping,
        key: &[KeyPlan],
        conditions: &[ConditionPlan],
    ) -> Option<VariancePlan> {
        match grouping {
            Grouping::Bundles(bundles) => self.summed(bundles, key, conditions),
            // Nothing is right minus left where there is one source.
            Grouping::Cluster => None,
            _ => self.variance(key, conditions),
        }
    }

    /// Whether a condition is part of the key: an equality of single values that is required, and nets nothing.
    fn joins(&self, bound: &Bound<'_>) -> bool {
        let cardinality = self.pass.spec.cardinality;
        bound.condition.test == Test::Equals
            && bound.condition.required
            && !(cardinality == Cardinality::SameSide && self.is_amount(bound))
            && !compares_many(self.context.catalog, bound, cardinality)
    }

    fn is_amount(&self, bound: &Bound<'_>) -> bool {
        let test = &bound.condition.test;
        matches!(test, Test::Within(..))
            || (matches!(test, Test::Equals | Test::Slip(_))
                && self.context.kinds[bound.left] == FieldKind::Amount)
    }

    fn weight(&mut self, bound: &Bound<'_>) -> u64 {
        let default = if bound.condition.test == Test::Equals { 0 } else { u64::from(ONE) };
        let Some(weight) = bound.condition.weight else { return default };
        let millionths = weight.millionths().and_then(|weight| u64::try_from(weight).ok());
        millionths.filter(|weight| *weight <= WEIGHT_MAX).unwrap_or_else(|| {
            let expected = "a number from 0 to 1000 with at most 6 digits after the point";
            self.report.refuse("bad_value", &format!("{}.weight", bound.path), weight.to_string(), expected);
            default
        })
    }

    pub(super) fn share(&mut self, given: Option<Number>, default: Millionths, key: &str) -> Millionths {
        let path = format!("{}.{key}", self.pass.path);
        given.map_or(default, |given| self.millionths(given, &path).unwrap_or(default))
    }

    fn millionths(&mut self, given: Number, path: &str) -> Option<Millionths> {
        let units = given.millionths().and_then(|units| Millionths::try_from(units).ok());
        let units = units.filter(|units| *units <= ONE);
        if units.is_none() {
            let expected = "a number from 0 to 1 with at most 6 digits after the point";
            self.report.refuse("bad_value", path, given.to_string(), expected);
        }
        units
    }

    pub(super) fn test(&mut self, test: &Test, path: &str) -> Option<TestPlan> {
        Some(match test {
            Test::Equals => TestPlan::Equals,
            Test::Within(tolerance, sign) => {
                TestPlan::Within(self.within(tolerance, *sign, format!("{path}.within")))
            }
            Test::Days(range) => TestPlan::Days(self.range(*range, &format!("{path}.days"))),
            Test::BusinessDays(range, calendar) => {
                let calendar = self.calendar(calendar, &format!("{path}.calendar"))?;
                TestPlan::BusinessDays(self.range(*range, &format!("{path}.business_days")), calendar)
            }
            Test::Similar(measure, at_least) => {
                TestPlan::Similar(*measure, self.millionths(*at_least, &format!("{path}.at_least"))?)
            }
            Test::Occurs(occurs) => TestPlan::Occurs(*occurs),
            Test::Slip(slips) => {
                let mut slips = slips.clone();
                slips.sort_unstable();
                slips.dedup();
                if slips.is_empty() {
                    self.report.refuse(
                        "bad_value",
                        &format!("{path}.slip"),
                        "no slip",
                        "at least one kind of slip",
                    );
                }
                TestPlan::Slip(slips)
            }
            Test::Levels(levels) => TestPlan::Levels(self.levels(levels, path)?),
        })
    }

    pub(super) fn within(&mut self, tolerance: &Tolerance, sign: Sign, path: String) -> WithinPlan {
        let Tolerance { absolute, percent, larger, of } = tolerance.clone();
        let negative = [absolute, percent].into_iter().flatten().find(|part| part.is_negative());
        if let Some(part) = negative {
            self.report.refuse("bad_value", &path, part.to_string(), "a tolerance of zero or more");
        } else if absolute.is_none() && percent.is_none() {
            self.report.refuse(
                "bad_value",
                &path,
                "no tolerance",
                "an amount like \"0.05\" or a percentage like \"0.5%\"",
            );
        }
        WithinPlan { path, absolute, percent, larger, of, sign, payment: None }
    }

    fn range(&mut self, range: DayRange, path: &str) -> DayRange {
        if range.from > range.to {
            let given = format!("[{}, {}]", range.from, range.to);
            self.report.refuse("bad_value", path, given, "the smaller bound first");
        }
        range
    }

    fn calendar(&mut self, name: &str, path: &str) -> Option<Arc<CalendarPlan>> {
        let found = self.context.calendars.get(name).cloned();
        if found.is_none() {
            let names = || self.context.calendars.keys().map(String::as_str);
            let mistake = Mistake::new(
                "unknown_calendar",
                path,
                quoted(name),
                format!("a calendar: {}", listed(names())),
            );
            self.report.push(mistake.nearest(nearest_name(name, names())));
        }
        found
    }

    /// An amount condition of a `same_side` pass says how far its two records may be from netting to zero.
    fn netting(&mut self, bound: &Bound<'_>) -> Option<TestPlan> {
        if bound.left != bound.right {
            let given = format!("{} and {}", quoted(&bound.condition.left), quoted(&bound.condition.right));
            self.report.refuse(
                "bad_value",
                &bound.path,
                given,
                "one amount field: same_side nets it to zero",
            );
        }
        match &bound.condition.test {
            Test::Within(tolerance, _) => {
                if self.pass.spec.sum.is_some() && bound.condition.required {
                    let expected = "the netting tolerance once: here or as the pass's own";
                    self.report.refuse("conflict", &bound.path, "a second tolerance", expected);
                }
                let path = format!("{}.within", bound.path);
                Some(TestPlan::Within(self.within(tolerance, Sign::Opposite, path)))
            }
            Test::Equals => Some(TestPlan::Within(self.net_within())),
            _ => {
                self.report.refuse("bad_value", &bound.path, "a slip", "no slip in a same_side pass");
                None
            }
        }
    }

    fn net_within(&mut self) -> WithinPlan {
        let tolerance = self.pass.spec.sum.as_ref().map_or_else(Tolerance::exact, |sum| sum.within.clone());
        self.within(&tolerance, Sign::Opposite, format!("{}.sum.within", self.pass.path))
    }

    /// Without an amount condition of its own a `same_side` pass nets the amount.
    fn default_netting(&mut self, conditions: &mut Vec<ConditionPlan>) {
        if conditions.iter().any(|one| one.required && matches!(one.test, TestPlan::Within(_))) {
            return;
        }
        let Some(amount) = self.context.netted else {
            let expected = "an amount to net: map a field named amount, or name one in a condition";
            self.report.refuse("missing", &self.pass.path, "same_side without an amount", expected);
            return;
        };
        let test = TestPlan::Within(self.net_within());
        let weight = u64::from(ONE);
        conditions.push(ConditionPlan {
            left: amount,
            right: amount,
            test,
            required: true,
            weight,
            nulls_equal: false,
        });
    }

    /// A `same_side` pass reads all its fields on one source.
    fn check_one_source(&mut self, key: &[KeyPlan], conditions: &[ConditionPlan]) {
        let keys = key.iter().flat_map(|one| [one.left, one.right]);
        let fields: Vec<_> = keys.chain(conditions.iter().flat_map(|one| [one.left, one.right])).collect();
        let runs = |side: Side| fields.iter().all(|field| self.context.catalog.drafts[*field].has(side));
        if !Side::BOTH.into_iter().any(runs) {
            let expected = "one source that has all fields of a same_side pass, the amount and currency too";
            self.report.refuse(
                "one_sided_field",
                &self.pass.path,
                "fields that no source has all of",
                expected,
            );
        }
    }

    /// Every amount condition implies equal currency.
    fn add_currency(&self, key: &mut Vec<KeyPlan>, conditions: &[ConditionPlan]) {
        let Some(currency) = self.context.currency else { return };
        // Unless the pass turns one into the other.
        if self.pass.spec.sum.as_ref().is_some_and(|sum| sum.convert.is_some()) {
            return;
        }
        let same_side = self.pass.spec.cardinality == Cardinality::SameSide;
        let amount = |field: FieldIndex| self.context.kinds[field] == FieldKind::Amount;
        let compares =
            key.iter().any(|one| amount(one.left)) || conditions.iter().any(|one| amount(one.left));
        let mapped = self.context.catalog.drafts[currency].has_both() || same_side;
        let stands = key.iter().any(|one| one.left == currency && one.right == currency);
        if compares && mapped && !stands {
            key.push(KeyPlan { left: currency, right: currency, nulls_equal: false });
        }
    }

    /// The pass's own amounts, those of a required tolerance first; else the tie-out's.
    fn variance(&self, key: &[KeyPlan], conditions: &[ConditionPlan]) -> Option<VariancePlan> {
        let within = |required: bool| {
            conditions.iter().filter(move |one| one.required == required).find_map(|one| {
                one.test.single().find_map(|test| match test {
                    TestPlan::Within(within) => {
                        Some(VariancePlan { left: one.left, right: one.right, sign: within.sign })
                    }
                    _ => None,
                })
            })
        };
        let amount = |field: FieldIndex| self.context.kinds[field] == FieldKind::Amount;
        let same = |left, right| VariancePlan { left, right, sign: Sign::Same };
        let equal = || key.iter().find(|one| amount(one.left)).map(|one| same(one.left, one.right));
        let slip = || conditions.iter().find(|one| amount(one.left)).map(|one| same(one.left, one.right));
        let tie_out = || self.context.tie_out.map(|field| same(field, field));
        within(true).or_else(|| within(false)).or_else(equal).or_else(slip).or_else(tie_out)
    }

    /// The pass's own dates, those of a required range first; else `date`.
    fn days(&self, conditions: &[ConditionPlan]) -> Option<(FieldIndex, FieldIndex)> {
        let is_of_days = |test: &TestPlan| matches!(test, TestPlan::Days(_) | TestPlan::BusinessDays(..));
        let dated = |one: &&ConditionPlan| one.test.single().any(is_of_days);
        let own = || conditions.iter().filter(dated);
        let first = own().find(|one| one.required).or_else(|| own().next());
        let same_side = self.pass.spec.cardinality == Cardinality::SameSide;
        let date =
            self.context.date.filter(|date| same_side || self.context.catalog.drafts[*date].has_both());
        first.map(|one| (one.left, one.right)).or(date.map(|date| (date, date)))
    }

    fn refuse_unlimited(&mut self, conditions: &[ConditionPlan]) {
        let given =
            if conditions.is_empty() { "no condition" } else { "no condition that limits the candidates" };
        let expected = "at least one required equality, or a required within (an amount, or less than 100 %), days, \
                        business_days, occurs or similar";
        self.report.refuse("unlimited_pass", &format!("{}.on", self.pass.path), given, expected);
    }
}

/// The greatest weight a condition may have: 1,000.
const WEIGHT_MAX: u64 = 1_000 * ONE as u64;

/// The required condition that leaves the fewest candidates, by kind: values that are shared, amounts, days, occurrence,
/// likeness. A required equality among the conditions is one of many values.
pub(crate) fn limiter(conditions: &[ConditionPlan]) -> Option<usize> {
    let rank = |one: &ConditionPlan| match &one.test {
        TestPlan::Equals => Some(0),
        TestPlan::Within(within) if limits(within) => Some(1),
        TestPlan::Days(_) | TestPlan::BusinessDays(..) => Some(2),
        TestPlan::Occurs(_) => Some(3),
        TestPlan::Similar(_, at_least) if *at_least > 0 => Some(4),
        _ => None,
    };
    let ranked = conditions.iter().enumerate().filter(|(_, one)| one.required);
    ranked.filter_map(|(at, one)| rank(one).map(|rank| (rank, at))).min().map(|(_, at)| at)
}

/// Whether a tolerance leaves amounts out however large they are, and so does all that may be paid beyond it.
fn limits(within: &WithinPlan) -> bool {
    let beyond = within.payment.as_deref();
    if beyond.is_some_and(|payment| payment.in_parts || !payment.tolerances().all(limits)) {
        return false;
    }
    let narrow = within.percent.map(|percent| percent < Number::whole(100));
    match (within.absolute.is_some(), narrow) {
        (true, Some(narrow)) if within.larger => narrow,
        (absolute, narrow) => absolute || narrow.unwrap_or(false),
    }
}
