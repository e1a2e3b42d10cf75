//! Puts the parts of a plan together and keeps only the fields that something needs.

use super::fields::{Catalog, CellType, check_holds, fits_all};
use super::kinds;
use super::many;
use super::model::{
    BundlePlan, CalendarPlan, ConditionPlan, FieldIndex, FilterPlan, FilterSubject, Grouping, KeyPlan,
    PassPlan, Plan, Side, SourcePlan, TieOutPlan, VariancePlan,
};
use super::names::{Report, listed, quoted};
use super::passes::{self, BoundPass, Context};
use crate::error::{Mistake, Result};
use crate::limits::{FIELDS_MAX, PASSES_MAX};
use crate::spec::{
    CalendarSpec, Cardinality, FieldKind, FilterSpec, FilterTest, PassSpec, SourceSpec, Spec, nearest_name,
};
use crate::tables::Tables;
use arrow_schema::Schema;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Resolves a spec against the schemas of both sources.
///
/// Cost: linear in fields, columns and conditions; no data is read.
///
/// # Errors
/// [`Error::Spec`](crate::Error::Spec) with every mistake: names that don't exist (`unknown_field`,
/// `unknown_column`, `unknown_calendar`, each with the nearest one), fields that only the other source has
/// (`one_sided_field`), columns that can't be read as their field's kind (`wrong_type`), values of different kinds
/// (`wrong_kind`, `text_against_integer`), passes that would compare everything with everything
/// (`unlimited_pass`), and values that can't be (`bad_value`, `conflict`, `missing`, `too_many`).
///
/// ```
/// # use arrow_schema::{DataType, Field, Schema};
/// # use recon378_core::{plan, spec::*};
/// let reference = Schema::new(vec![Field::new("reference", DataType::Utf8, true)]);
/// let equal = Condition {
///     left: "refrence".to_owned(),
///     right: "refrence".to_owned(),
///     test: Test::Equals,
///     required: true,
///     weight: None,
///     nulls_equal: false,
/// };
/// let pass = PassSpec { on: vec![equal], ..PassSpec::default() };
/// let spec = Spec { passes: vec![pass], ..Spec::default() };
/// let error = plan::resolve(&spec, &reference, &reference).unwrap_err();
/// assert_eq!(error.mistakes()[0].code, "unknown_field");
/// assert_eq!(error.mistakes()[0].nearest.as_deref(), Some("reference"));
/// ```
pub fn resolve(spec: &Spec, left: &Schema, right: &Schema) -> Result<Plan> {
    resolve_with(spec, left, right, &Tables::default())
}

/// As [`resolve`], with third tables for what the spec looks up. Of a spec with one source the left schema is its
/// schema, and the right one is not looked at.
///
/// # Errors
/// Those of [`resolve`]; `unknown_table` with the nearest one; `many_values` where one value is needed and a record has
/// many.
pub fn resolve_with(spec: &Spec, left: &Schema, right: &Schema, tables: &Tables) -> Result<Plan> {
    let mut report = Report::default();
    check_counts(spec, &mut report);
    // The records of one source are compared with each other: it stands on both sides until columns are made.
    let right = if spec.one_source { left } else { right };
    let catalog = Catalog::new(spec, [left, right], tables, &mut report);
    if catalog.names[0] == catalog.names[1] && !spec.one_source {
        let expected = "another name than that of the left source, or nobody can tell which one is meant";
        report.push(Mistake::new("duplicate_name", "right.name", quoted(&catalog.names[1]), expected));
    }
    let mut bound = passes::bind(spec, &catalog, &mut report);
    let tie_out = tie_out(spec, &catalog, &mut report);
    let netted = netted(spec, &catalog);
    let amounts = amounts(spec, &bound, &tie_out, netted);
    let never_run = PassSpec::default();
    bound.push(passes::bind_compare(spec, &never_run, &catalog, &mut report));
    let kinds = kinds::kinds(&catalog, &bound, &amounts, &mut report);
    many::check_tests(&catalog, &bound, &mut report);
    let compared = bound.pop();
    let tie_out = without_unreadable_default(spec, &catalog, tie_out);
    let context = Context {
        catalog: &catalog,
        kinds: &kinds,
        calendars: &calendars(spec, &mut report),
        tie_out: tie_out.amount,
        netted,
        date: readable(&catalog, "date", FieldKind::Date),
        currency: readable(&catalog, "currency", FieldKind::Text),
    };
    let passes = passes::resolve(spec, &bound, &context, &mut report);
    let compare = compared.map(|compared| passes::resolve_compare(&compared, &context, &mut report));
    let filters =
        [filters(spec, Side::Left, &context, &mut report), filters(spec, Side::Right, &context, &mut report)];
    let carry: Vec<_> = spec
        .carry
        .iter()
        .enumerate()
        .filter_map(|(at, name)| catalog.need(name, &format!("carry[{at}]"), &mut report))
        .collect();
    let draft = Drafted { passes, compare: compare.unwrap_or_default(), filters, carry, tie_out };
    let kept = draft.kept(&context);
    for field in &kept {
        kinds::check_cells(&catalog, *field, kinds[*field], &mut report);
    }
    report.finish().map_err(|mistakes| spec.places.located(mistakes))?;
    Ok(draft.plan(spec, &context, &kept))
}

fn check_counts(spec: &Spec, report: &mut Report) {
    for (path, count, most) in
        [("fields", spec.fields.len(), FIELDS_MAX), ("pass", spec.passes.len(), PASSES_MAX)]
    {
        if count > most {
            report.refuse("too_many", path, count.to_string(), format!("at most {most}"));
        }
    }
    if spec.passes.is_empty() {
        report.refuse("missing", "pass", "nothing", "at least one pass");
    }
    for (side, source) in [(Side::Left, &spec.left), (Side::Right, &spec.right)] {
        let path = spec.source_key(side);
        if let Some(zone) = &source.zone
            && jiff::tz::TimeZone::get(zone).is_err()
        {
            report.refuse(
                "bad_value",
                &format!("{path}.zone"),
                quoted(zone),
                "an IANA time zone like \"Europe/Berlin\"",
            );
        }
    }
}

/// What is tied out: as the spec says, or `amount` by `currency` where both sources have them.
fn tie_out(spec: &Spec, catalog: &Catalog<'_>, report: &mut Report) -> TieOutPlan {
    let both = |name: &str| catalog.find(name).filter(|field| catalog.drafts[*field].has_both());
    if spec.one_source {
        return TieOutPlan::default();
    }
    let Some(given) = &spec.tie_out else {
        let amount = both("amount");
        return TieOutPlan { amount, by: amount.and_then(|_| both("currency")).into_iter().collect() };
    };
    let mut need = |name: &str, path: &str| {
        let field = catalog.need(name, path, report)?;
        for side in Side::BOTH.into_iter().filter(|side| !catalog.drafts[field].has(*side)) {
            let given = format!("{}, which {} doesn't have", quoted(name), catalog.names[side.index()]);
            report.refuse("one_sided_field", path, given, "a field of both sources");
        }
        many::check_single(catalog, field, (path, "a record counts in one cell"), report);
        Some(field)
    };
    let amount = given.amount.as_ref().and_then(|name| need(name, "tie_out.amount"));
    let by = given.by.iter().enumerate();
    let mut by: Vec<_> = by.filter_map(|(at, name)| need(name, &format!("tie_out.by[{at}]"))).collect();
    let mut seen = Vec::new();
    by.retain(|field| {
        !seen.contains(field) && {
            seen.push(*field);
            true
        }
    });
    TieOutPlan { amount, by }
}

/// The amount that `same_side` passes net by default: the tie-out's, else `amount`, on one source or both.
fn netted(spec: &Spec, catalog: &Catalog<'_>) -> Option<FieldIndex> {
    let named = spec.tie_out.as_ref().and_then(|given| given.amount.as_deref());
    catalog.find(named.unwrap_or("amount"))
}

/// Fields that are amounts because of where the spec names them.
fn amounts(
    spec: &Spec,
    passes: &[BoundPass<'_>],
    tie_out: &TieOutPlan,
    netted: Option<FieldIndex>,
) -> Vec<(FieldIndex, String)> {
    let tied =
        tie_out.amount.filter(|_| spec.tie_out.is_some()).map(|field| (field, "tie_out.amount".to_owned()));
    let nets = passes.iter().find(|pass| pass.spec.cardinality == Cardinality::SameSide);
    let nets = nets.and_then(|pass| Some((netted?, pass.path.clone())));
    let summed = passes.iter().filter_map(|pass| Some((pass.sum?, format!("{}.sum", pass.path))));
    let summed = summed.flat_map(|((left, right), path)| [(left, path.clone()), (right, path)]);
    tied.into_iter().chain(nets).chain(summed).collect()
}

/// A default must not refuse a spec: an unlisted `amount` that holds no amounts is not tied out.
fn without_unreadable_default(spec: &Spec, catalog: &Catalog<'_>, tie_out: TieOutPlan) -> TieOutPlan {
    let amount = readable(catalog, "amount", FieldKind::Amount);
    match tie_out.amount {
        Some(field) if spec.tie_out.is_none() && amount != Some(field) => TieOutPlan::default(),
        _ if spec.tie_out.is_some() => tie_out,
        _ => {
            let currency = readable(catalog, "currency", FieldKind::Text);
            let by = tie_out.by.into_iter().filter(|field| currency == Some(*field)).collect();
            TieOutPlan { amount: tie_out.amount, by }
        }
    }
}

/// A field that means itself, unless it is an unlisted column that can't be read as what the name means.
fn readable(catalog: &Catalog<'_>, name: &str, kind: FieldKind) -> Option<FieldIndex> {
    catalog.find(name).filter(|field| {
        let draft = &catalog.drafts[*field];
        draft.listed || (fits_all(draft, kind) && !draft.is_many())
    })
}

fn calendars(spec: &Spec, report: &mut Report) -> BTreeMap<String, Arc<CalendarPlan>> {
    let calendars = spec.calendars.iter();
    calendars.map(|(name, given)| (name.clone(), Arc::new(calendar(name, given, report)))).collect()
}

fn calendar(name: &str, given: &CalendarSpec, report: &mut Report) -> CalendarPlan {
    let mut weekend = [false; 7];
    for day in &given.weekend {
        if let Some(free) = weekend.get_mut(usize::from(*day)) {
            *free = true;
        } else {
            let path = format!("calendars.{name}.weekend");
            report.refuse(
                "bad_value",
                &path,
                day.to_string(),
                "days of the week from 0 (Monday) to 6 (Sunday)",
            );
        }
    }
    if weekend.iter().all(|free| *free) {
        let path = format!("calendars.{name}.weekend");
        report.refuse("bad_value", &path, "all seven days", "at least one business day a week");
    }
    // 1970-01-01 was a Thursday: weekday 3.
    let weekday = |day: i32| usize::try_from((i64::from(day) + 3).rem_euclid(7)).unwrap_or(0);
    let mut holidays: Vec<_> = given.holidays.iter().copied().filter(|day| !weekend[weekday(*day)]).collect();
    holidays.sort_unstable();
    holidays.dedup();
    CalendarPlan { name: name.to_owned(), weekend, holidays }
}

/// Filters with catalog positions. A listed field is meant before a column of the same name.
fn filters(spec: &Spec, side: Side, context: &Context<'_>, report: &mut Report) -> Vec<FilterPlan> {
    let source = if side == Side::Left { &spec.left } else { &spec.right };
    let filters = source.filter.iter().enumerate();
    filters
        .filter_map(|(at, filter)| {
            let path = format!("{}.where[{at}]", spec.source_key(side));
            check_pattern(filter, &path, report);
            let subject = filter_subject(filter, side, context, &path, report)?;
            Some(FilterPlan { subject, test: filter.test.clone() })
        })
        .collect()
}

fn check_pattern(filter: &FilterSpec, path: &str, report: &mut Report) {
    if let FilterTest::Matches(pattern) = &filter.test
        && let Err(error) = regex::Regex::new(pattern)
    {
        let problem = error.to_string();
        let last = problem.lines().last().unwrap_or_default().to_owned();
        report.refuse(
            "bad_value",
            &format!("{path}.matches"),
            quoted(pattern),
            format!("a regular expression: {last}"),
        );
    }
}

/// What a column that no field maps is read as.
fn raw_kind(holds: CellType) -> FieldKind {
    match holds {
        CellType::Integer => FieldKind::Integer,
        CellType::Decimal => FieldKind::Amount,
        CellType::Day => FieldKind::Date,
        CellType::Null | CellType::Text | CellType::Float | CellType::Flag | CellType::Other => {
            FieldKind::Text
        }
    }
}

fn filter_subject(
    filter: &FilterSpec,
    side: Side,
    context: &Context<'_>,
    path: &str,
    report: &mut Report,
) -> Option<FilterSubject> {
    let catalog = context.catalog;
    let path = format!("{path}.field");
    let field = catalog.find(&filter.field).filter(|field| catalog.drafts[*field].has(side));
    if let Some(field) = field
        && (catalog.drafts[field].listed || fits_all(&catalog.drafts[field], context.kinds[field]))
    {
        return Some(FilterSubject::Field(field));
    }
    if catalog.has_column(side, &filter.field) {
        let holds = catalog.need_column(side, &filter.field, &path, report)?;
        if catalog.is_list(side, &filter.field) && holds != CellType::Other {
            let given = format!("column {}, which has many values per record", quoted(&filter.field));
            let expected =
                "a field: list the column under [fields], and the filter asks for any of its values";
            report.refuse("many_values", &path, given, expected);
            return None;
        }
        let what = format!("column {}", quoted(&filter.field));
        check_holds(raw_kind(holds), (holds, false), &path, &what, report);
        return Some(FilterSubject::Column(filter.field.clone()));
    }
    let fields = catalog.drafts.iter().filter(|draft| draft.has(side)).map(|draft| draft.name.as_str());
    let names: Vec<_> = fields.chain(catalog.columns(side)).collect();
    let source = &catalog.names[side.index()];
    let expected = format!("a field or a column of {source}: {}", listed(names.iter().copied()));
    let mistake = Mistake::new("unknown_field", &path, quoted(&filter.field), expected);
    report.push(mistake.nearest(nearest_name(&filter.field, names)));
    None
}

/// A plan whose field positions are still the catalog's.
struct Drafted {
    passes: Vec<PassPlan>,
    compare: Vec<ConditionPlan>,
    filters: [Vec<FilterPlan>; 2],
    carry: Vec<FieldIndex>,
    tie_out: TieOutPlan,
}

impl Drafted {
    /// Fields that decide: those of conditions, compare, tie-out, variance and days.
    fn used(&self) -> Vec<FieldIndex> {
        let tied = self.tie_out.amount.iter().chain(&self.tie_out.by).copied();
        let passes = self.passes.iter().flat_map(pass_fields);
        let compared = self.compare.iter().flat_map(|one| [one.left, one.right]);
        sorted(tied.chain(passes).chain(compared))
    }

    /// Fields that something needs, and those that mean themselves.
    fn kept(&self, context: &Context<'_>) -> Vec<FieldIndex> {
        let filtered = self.filters.iter().flatten().filter_map(|filter| match filter.subject {
            FilterSubject::Field(field) => Some(field),
            FilterSubject::Column(_) => None,
        });
        let roles = [
            readable(context.catalog, "id", FieldKind::Text),
            readable(context.catalog, "amount", FieldKind::Amount),
            context.date,
            context.currency,
        ];
        sorted(
            self.used()
                .into_iter()
                .chain(filtered)
                .chain(roles.into_iter().flatten())
                .chain(self.carry.iter().copied()),
        )
    }

    fn plan(mut self, spec: &Spec, context: &Context<'_>, kept: &[FieldIndex]) -> Plan {
        let catalog = context.catalog;
        let place = |field: FieldIndex| kept.binary_search(&field).unwrap_or(usize::MAX);
        let used = self.used().into_iter().map(place).collect();
        for pass in &mut self.passes {
            replace_fields(pass, place);
        }
        for ConditionPlan { left, right, .. } in &mut self.compare {
            (*left, *right) = (place(*left), place(*right));
        }
        for filter in self.filters.iter_mut().flatten() {
            if let FilterSubject::Field(field) = &mut filter.subject {
                *field = place(*field);
            }
        }
        let both =
            |field: Option<FieldIndex>| field.filter(|field| catalog.drafts[*field].has_both()).map(place);
        let [left, right] = self.filters;
        Plan {
            one_source: spec.one_source,
            names: catalog.names.clone(),
            sources: [source(&spec.left, left), source(&spec.right, right)],
            fields: kept.iter().map(|field| catalog.drafts[*field].plan(context.kinds[*field])).collect(),
            id: readable(catalog, "id", FieldKind::Text).map(place),
            date: both(context.date),
            currency: both(context.currency),
            tie_out: TieOutPlan {
                amount: self.tie_out.amount.map(place),
                by: self.tie_out.by.iter().copied().map(place).collect(),
            },
            used,
            passes: self.passes,
            compare: self.compare,
            carry: self.carry.iter().copied().map(place).collect(),
            as_of: spec.as_of,
            strict: spec.strict,
            limits: spec.limits.clone(),
            tables: catalog.tables.clone(),
        }
    }
}

fn source(spec: &SourceSpec, filter: Vec<FilterPlan>) -> SourcePlan {
    SourcePlan { read: spec.read.clone(), filter, zone: spec.zone.clone(), cut_off: spec.cut_off }
}

fn sorted(fields: impl Iterator<Item = FieldIndex>) -> Vec<FieldIndex> {
    let mut fields: Vec<_> = fields.collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// Every field a pass reads.
pub(super) fn pass_fields(pass: &PassPlan) -> Vec<FieldIndex> {
    let keys = pass.key.iter().flat_map(|one| [one.left, one.right]);
    let conditions = pass.conditions.iter().flat_map(|one| [one.left, one.right]);
    let variance = pass.variance.iter().flat_map(|one| [one.left, one.right]);
    let days = pass.days.iter().flat_map(|(left, right)| [*left, *right]);
    let by = pass.bundles().into_iter().flat_map(BundlePlan::fields);
    keys.chain(conditions).chain(variance).chain(days).chain(by).collect()
}

fn replace_fields(pass: &mut PassPlan, place: impl Fn(FieldIndex) -> FieldIndex) {
    for KeyPlan { left, right, .. } in &mut pass.key {
        (*left, *right) = (place(*left), place(*right));
    }
    for ConditionPlan { left, right, .. } in &mut pass.conditions {
        (*left, *right) = (place(*left), place(*right));
    }
    if let Some(VariancePlan { left, right, .. }) = &mut pass.variance {
        (*left, *right) = (place(*left), place(*right));
    }
    pass.days = pass.days.map(|(left, right)| (place(left), place(right)));
    if let Grouping::Bundles(bundles) = &mut pass.grouping {
        bundles.by.iter_mut().flatten().flatten().for_each(|field| *field = place(*field));
        if let Some(convert) = &mut bundles.convert {
            convert.rate = place(convert.rate);
            convert.to.iter_mut().for_each(|(field, _)| *field = place(*field));
        }
    }
}
