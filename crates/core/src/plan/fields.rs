//! Which logical fields there are, where their cells come from, and what kind of value each holds.
//!
//! A field is listed in the spec or, where one column name exists on both sides, mapped without being listed.
//! Its kind follows from its name, from `as`, from how conditions use it, and last from its Arrow types.

use super::many::is_cut;
use super::model::{FieldIndex, FieldPlan, Side};
use super::names::{Report, listed, quoted};
use crate::error::Mistake;
use crate::spec::{CellSource, CellSpec, Clean, FieldKind, FieldSpec, Spec, child_path, nearest_name};
use crate::tables::Tables;

use arrow_schema::{DataType, Schema};
use std::collections::BTreeMap;

/// What the cells of a column hold, as far as a field's kind depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CellType {
    /// Nulls only: goes with everything.
    Null,
    Text,
    Integer,
    Decimal,
    Float,
    Day,
    Flag,
    /// Nothing that a field can hold.
    Other,
}

impl CellType {
    pub(super) fn of(data_type: &DataType) -> Self {
        use DataType as T;
        match data_type {
            T::Null => Self::Null,
            T::Utf8 | T::LargeUtf8 | T::Utf8View => Self::Text,
            T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64 => {
                Self::Integer
            }
            T::Decimal32(..) | T::Decimal64(..) | T::Decimal128(..) | T::Decimal256(..) => Self::Decimal,
            T::Float32 | T::Float64 => Self::Float,
            T::Date32 | T::Date64 | T::Timestamp(..) => Self::Day,
            T::Boolean => Self::Flag,
            T::Dictionary(_, value) => Self::of(value),
            T::RunEndEncoded(_, value) => Self::of(value.data_type()),
            T::List(item) | T::LargeList(item) | T::FixedSizeList(item, _) => {
                match Self::of(item.data_type()) {
                    one @ (Self::Text | Self::Integer | Self::Null) if !is_list(item.data_type()) => one,
                    _ => Self::Other,
                }
            }
            _ => Self::Other,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Null => "always null",
            Self::Text => "text",
            Self::Integer => "a whole number",
            Self::Decimal => "a decimal number",
            Self::Float => "a floating-point number",
            Self::Day => "a date",
            Self::Flag => "true or false",
            Self::Other => "of a type that no field can have",
        }
    }
}

/// Whether a column's cells are lists: many values each.
pub(super) fn is_list(data_type: &DataType) -> bool {
    matches!(data_type, DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..))
}

/// One side's cells of a draft.
#[derive(Debug, Clone)]
pub(super) struct DraftCell {
    pub(super) spec: CellSpec,
    /// What the column (of two: the amount's or debit's) holds.
    pub(super) holds: CellType,
    /// Whether each has many values.
    pub(super) many: bool,
}

/// A field that a spec may name.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) spec: FieldSpec,
    /// Whether it stands in the spec.
    pub(super) listed: bool,
    pub(super) cells: [Option<DraftCell>; 2],
}

impl Draft {
    pub(super) fn path(&self) -> String {
        child_path("fields", &self.name)
    }

    pub(super) fn has(&self, side: Side) -> bool {
        self.cells[side.index()].is_some()
    }

    pub(super) fn has_both(&self) -> bool {
        self.cells.iter().all(Option::is_some)
    }

    /// Whether a side's text is cleaned or cut out before it is compared.
    pub(super) fn is_cleaned(&self, side: Side) -> bool {
        let own = self.cells[side.index()].as_ref();
        !self.spec.clean.is_empty()
            || own.is_some_and(|cell| {
                is_cut(&cell.spec) || (cell.spec.lookup.is_none() && !cell.spec.clean.is_empty())
            })
    }

    /// Whether the spec says how a side's text stands against numbers.
    pub(super) fn settles_spelling(&self, side: Side) -> bool {
        let own = self.cells[side.index()].as_ref().map(|cell| &cell.spec);
        // The cleaning of a look-up's cell is its key's.
        let cleaned = own.filter(|cell| cell.lookup.is_none());
        let steps = self.spec.clean.iter().chain(cleaned.iter().flat_map(|cell| &cell.clean));
        self.spec.kind == Some(FieldKind::Text)
            || own.is_some_and(is_cut)
            || steps.into_iter().any(|step| *step == Clean::StripZeros)
    }

    /// What a side's column holds.
    pub(super) fn raw(&self, side: Side) -> Option<CellType> {
        self.cells[side.index()].as_ref().map(|cell| cell.holds)
    }

    /// What a side's cells hold once they are cleaned: cleaning makes text.
    pub(super) fn holds(&self, side: Side) -> Option<CellType> {
        let holds = self.raw(side)?;
        Some(if self.is_cleaned(side) && holds != CellType::Other { CellType::Text } else { holds })
    }

    /// What the spec says of the kind: the name's meaning, `as`, or a form that only one kind has.
    pub(super) fn declared(&self) -> Option<FieldKind> {
        role(&self.name).or(self.spec.kind).or_else(|| {
            let cells = self.cells.iter().flatten();
            let counts = |cell: &CellSpec| {
                !matches!(cell.from, CellSource::Column(_))
                    || cell.negate
                    || cell.minor.is_some()
                    || cell.scale.is_some()
            };
            let mut cells = cells.map(|cell| &cell.spec);
            if self.spec.scale.is_some() || cells.clone().any(counts) {
                Some(FieldKind::Amount)
            } else {
                cells.any(|cell| cell.dates.is_some()).then_some(FieldKind::Date)
            }
        })
    }

    pub(super) fn plan(&self, kind: FieldKind) -> FieldPlan {
        let cell = |side: usize| self.cells[side].as_ref().map(|cell| &cell.spec);
        let scale = |side: usize| cell(side).and_then(|cell| cell.scale.or(self.spec.scale));
        let clean = |side: usize| -> Vec<Clean> {
            // The cleaning of a look-up's cell is its key's.
            let own = cell(side).filter(|cell| cell.lookup.is_none());
            let own = own.map(|cell| cell.clean.clone()).unwrap_or_default();
            self.spec.clean.iter().copied().chain(own).collect()
        };
        FieldPlan {
            name: self.name.clone(),
            kind,
            scale: [scale(0), scale(1)],
            cells: [cell(0).cloned(), cell(1).cloned()],
            clean: [clean(0), clean(1)],
            many: Side::BOTH.map(|side| self.many(side)),
        }
    }
}

/// Names that mean themselves.
fn role(name: &str) -> Option<FieldKind> {
    match name {
        "amount" => Some(FieldKind::Amount),
        "date" => Some(FieldKind::Date),
        "currency" | "id" => Some(FieldKind::Text),
        _ => None,
    }
}

/// Every field a spec may name, sorted by name.
#[derive(Debug)]
pub(super) struct Catalog<'a> {
    /// Both sides are the only source.
    one_source: bool,
    pub(super) names: [String; 2],
    schemas: [&'a Schema; 2],
    /// Columns by name; of repeated names the first.
    columns: [BTreeMap<&'a str, CellType>; 2],
    pub(super) tables: &'a Tables,
    pub(super) drafts: Vec<Draft>,
}

impl<'a> Catalog<'a> {
    pub(super) fn new(
        spec: &Spec,
        schemas: [&'a Schema; 2],
        tables: &'a Tables,
        report: &mut Report,
    ) -> Self {
        let names = Side::BOTH.map(|side| spec.source_name(side).to_owned());
        let columns = schemas.map(|schema| {
            let fields = schema.fields().iter().rev();
            fields.map(|field| (field.name().as_str(), CellType::of(field.data_type()))).collect()
        });
        let one_source = spec.one_source;
        let mut catalog = Self { one_source, names, schemas, columns, tables, drafts: Vec::new() };
        for (name, field) in &spec.fields {
            let draft = catalog.listed(name, field, report);
            catalog.drafts.push(draft);
        }
        let mut unlisted: Vec<&str> = schemas[0]
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .filter(|name| !spec.fields.contains_key(*name) && catalog.has_column(Side::Right, name))
            .collect();
        let one_sided = |name: &&str| Side::BOTH.into_iter().any(|side| catalog.has_column(side, name));
        let carried = spec.carry.iter().map(String::as_str);
        unlisted.extend(carried.filter(|name| !spec.fields.contains_key(*name)).filter(one_sided));
        unlisted.sort_unstable();
        unlisted.dedup();
        let drafts: Vec<_> = unlisted.into_iter().map(|name| catalog.unlisted(name)).collect();
        catalog.drafts.extend(drafts);
        catalog.drafts.sort_by(|a, b| a.name.cmp(&b.name));
        catalog
    }

    pub(super) fn find(&self, name: &str) -> Option<FieldIndex> {
        self.drafts.binary_search_by(|draft| draft.name.as_str().cmp(name)).ok()
    }

    /// Finds a field or notes that there is none.
    pub(super) fn need(&self, name: &str, path: &str, report: &mut Report) -> Option<FieldIndex> {
        let found = self.find(name);
        if found.is_none() {
            let fields = || self.drafts.iter().map(|draft| draft.name.as_str());
            let only = Side::BOTH.into_iter().find(|side| self.has_column(*side, name));
            let expected = match only {
                Some(side) => format!(
                    "a field; {} is a column of {} only: list it under [fields] as {name} = {{ {} = {} }}",
                    quoted(name),
                    self.names[side.index()],
                    side.name(),
                    quoted(name)
                ),
                None => format!("a field: {}", listed(fields())),
            };
            let mistake = Mistake::new("unknown_field", path, quoted(name), expected);
            report.push(mistake.nearest(nearest_name(name, fields())));
        }
        found
    }

    pub(super) fn has_column(&self, side: Side, column: &str) -> bool {
        self.columns[side.index()].contains_key(column)
    }

    pub(super) fn columns(&self, side: Side) -> impl Iterator<Item = &str> {
        self.schemas[side.index()].fields().iter().map(|field| field.name().as_str())
    }

    fn unlisted(&self, name: &str) -> Draft {
        let cell = |side: Side| {
            self.has_column(side, name)
                .then(|| CellSpec { from: CellSource::Column(name.to_owned()), ..CellSpec::default() })
        };
        let spec = FieldSpec { left: cell(Side::Left), right: cell(Side::Right), ..FieldSpec::default() };
        let cells = Side::BOTH.map(|side| {
            let spec = cell(side)?;
            let holds = self.column_type(side, name)?;
            let many = self.is_list(side, name);
            Some(DraftCell { spec, holds, many })
        });
        Draft { name: name.to_owned(), spec, listed: false, cells }
    }

    fn listed(&self, name: &str, spec: &FieldSpec, report: &mut Report) -> Draft {
        let path = child_path("fields", name);
        if let (Some(meaning), Some(given)) = (role(name), spec.kind)
            && meaning != given
        {
            let expected = format!("{name} to mean itself ({}); use another name for it", kind_name(meaning));
            report.refuse("wrong_kind", &format!("{path}.as"), kind_name(given), expected);
        }
        let cells = Side::BOTH.map(|side| {
            let cell = if side == Side::Left { &spec.left } else { &spec.right }.as_ref()?;
            let key = if self.one_source { "source" } else { side.name() };
            let holds = self.cell_type(side, cell, &format!("{path}.{key}"), report);
            let many = cell.all || cell.lookup.is_some() || self.reads_lists(side, cell);
            Some(DraftCell { spec: cell.clone(), holds, many })
        });
        if spec.left.is_none() && spec.right.is_none() {
            report.refuse("missing", &path, "no column", "a column on at least one side");
        }
        Draft { name: name.to_owned(), spec: spec.clone(), listed: true, cells }
    }

    /// What a listed cell holds; unknown columns are noted and count as null, so that one mistake stays one.
    fn cell_type(&self, side: Side, cell: &CellSpec, path: &str, report: &mut Report) -> CellType {
        let columns: &[&String] = match &cell.from {
            CellSource::Column(column) => &[column],
            CellSource::DebitCredit { debit, credit } => &[debit, credit],
            CellSource::Indicator { column, indicator, .. } => &[column, indicator],
        };
        let types: Vec<_> =
            columns.iter().map(|column| self.need_column(side, column, path, report)).collect();
        let second = match &cell.from {
            CellSource::Column(_) => None,
            CellSource::DebitCredit { credit, .. } => {
                Some((FieldKind::Amount, credit, cell.extract.is_some()))
            }
            CellSource::Indicator { indicator, .. } => Some((FieldKind::Text, indicator, false)),
        };
        if let (Some((kind, column, is_cut)), Some(Some(holds))) = (second, types.get(1)) {
            check_holds(kind, (*holds, is_cut), path, &format!("column {}", quoted(column)), report);
        }
        if let Some(pattern) = &cell.extract
            && let Err(error) = regex::Regex::new(pattern)
        {
            let problem = error.to_string();
            let last = problem.lines().last().unwrap_or_default().to_owned();
            report.refuse(
                "bad_value",
                &format!("{path}.extract"),
                quoted(pattern),
                format!("a regular expression: {last}"),
            );
        }
        let own = types.first().copied().flatten().unwrap_or(CellType::Null);
        match &cell.lookup {
            Some(lookup) => self.lookup_type((cell, lookup, side), own, path, report),
            None => own,
        }
    }

    /// Whether some column of a cell holds lists.
    fn reads_lists(&self, side: Side, cell: &CellSpec) -> bool {
        match &cell.from {
            CellSource::Column(column) => self.is_list(side, column),
            CellSource::DebitCredit { debit, credit } => {
                self.is_list(side, debit) || self.is_list(side, credit)
            }
            CellSource::Indicator { column, indicator, .. } => {
                self.is_list(side, column) || self.is_list(side, indicator)
            }
        }
    }

    /// Whether the cells of a column are lists.
    pub(super) fn is_list(&self, side: Side, column: &str) -> bool {
        self.schemas[side.index()]
            .fields()
            .iter()
            .any(|field| field.name() == column && is_list(field.data_type()))
    }

    pub(super) fn need_column(
        &self,
        side: Side,
        column: &str,
        path: &str,
        report: &mut Report,
    ) -> Option<CellType> {
        let source = &self.names[side.index()];
        let columns = || self.columns(side);
        let found = self.column_type(side, column);
        if found.is_none() {
            let expected = format!("a column of {source}: {}", listed(columns()));
            let mistake = Mistake::new("unknown_column", path, quoted(column), expected);
            report.push(mistake.nearest(nearest_name(column, columns())));
        } else if columns().filter(|name| *name == column).nth(1).is_some() {
            let expected = format!("a column name that {source} has once");
            report.refuse("duplicate_column", path, quoted(column), expected);
        }
        found
    }

    fn column_type(&self, side: Side, column: &str) -> Option<CellType> {
        self.columns[side.index()].get(column).copied()
    }
}

/// A kind as specs write it.
pub(super) fn kind_name(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Amount => "amount",
        FieldKind::Date => "date",
        FieldKind::Text => "text",
        FieldKind::Integer => "integer",
    }
}

/// Whether cells of a type can be read as a kind: exactly where the columns read them. `is_cut`: by `extract`.
pub(super) fn fits(kind: FieldKind, holds: CellType, is_cut: bool) -> bool {
    use CellType as T;
    match (kind, holds) {
        (_, T::Other) => false,
        (_, T::Null | T::Text) => true,
        (FieldKind::Text, _) => holds != T::Float,
        // What is cut out of is text: a number has no certain spelling to cut.
        _ if is_cut => false,
        (FieldKind::Amount, _) => matches!(holds, T::Integer | T::Decimal | T::Float),
        (FieldKind::Date, _) => holds == T::Day,
        (FieldKind::Integer, _) => matches!(holds, T::Integer | T::Decimal),
    }
}

/// Whether the cells of both sides can be read as a kind.
pub(super) fn fits_all(draft: &Draft, kind: FieldKind) -> bool {
    draft.cells.iter().flatten().all(|cell| fits(kind, cell.holds, is_cut(&cell.spec)))
}

/// Notes where cells can't be read as a kind.
pub(super) fn check_holds(
    kind: FieldKind,
    (holds, is_cut): (CellType, bool),
    path: &str,
    what: &str,
    report: &mut Report,
) {
    if fits(kind, holds, is_cut) {
        return;
    }
    let given = format!("{what}, which is {}", holds.words());
    let expected = match kind {
        _ if is_cut && fits(kind, holds, false) => "text where there is `extract`, or no `extract`",
        FieldKind::Amount => "an amount: text, whole numbers, decimals, or doubles with a scale",
        FieldKind::Date => "a date: dates, timestamps, or text with a format such as dates = \"%Y%m%d\"",
        FieldKind::Integer => "whole numbers, or text that writes them",
        FieldKind::Text if holds == CellType::Float => {
            "text, or values that are written in one way only: where it is a number, say as = \"amount\" and a scale"
        }
        FieldKind::Text => "text, whole numbers, decimals, dates, timestamps, or true and false",
    };
    report.refuse("wrong_type", path, given, expected);
}
