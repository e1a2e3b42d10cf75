//! Which columns are compared with which, and the type in which both can be.

use super::table::Table;
use super::{CompareOptions, NullPolicy, hint};
use crate::error::{DataError, Error, Mistake, Mistakes, Result};
use crate::money::Number;
use crate::spec::nearest_name;
use arrow_array::{Array as _, ArrayRef};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Schema, SchemaRef, TimeUnit};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A column of both tables.
#[derive(Debug, Clone)]
pub(super) struct Compared {
    /// Names on the left and the right.
    pub(super) names: [String; 2],
    /// Positions in the tables.
    pub(super) at: [usize; 2],
    /// Types as they came.
    pub(super) types: [DataType; 2],
    /// The type in which both are compared.
    pub(super) common: DataType,
    pub(super) within: Option<Within>,
    pub(super) nulls: NullPolicy,
}

/// A tolerance, inclusive.
#[derive(Debug, Clone, Copy)]
pub(super) enum Within {
    Absolute(Number),
    Percent(Number),
}

/// What is compared.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) key: Vec<Compared>,
    pub(super) columns: Vec<Compared>,
    /// Columns that one table has and the other has not.
    pub(super) one_sided: [Vec<String>; 2],
    /// Columns of both that were left out.
    pub(super) ignored: Vec<String>,
}

impl Layout {
    /// # Errors
    /// Every name that no table has and every tolerance that is none; a key that is missing, with columns that would
    /// do; types that can't be compared.
    pub(super) fn new(tables: &[Table<'_>; 2], options: &CompareOptions) -> Result<Self> {
        let schemas = tables.each_ref().map(Table::schema);
        let mut mistakes = Vec::new();
        names((tables, &schemas), options, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(Error::Call(Mistakes(mistakes)));
        }
        if options.key.is_empty() {
            return Err(hint::missing_key(tables, options));
        }
        let partner = |name: &str| partner(name, options).to_owned();
        let compared = |name: &str| compared((tables, &schemas), [name, &partner(name)], options);
        let key = options.key.iter().map(|name| compared(name)).collect::<Result<Vec<_>>>()?;
        let right_of: BTreeSet<&str> = options.renamed.values().map(String::as_str).collect();
        // A column that is another one's new name is no partner of the old one of that name.
        let shared = |name: &str| {
            let free = options.renamed.contains_key(name) || !right_of.contains(name);
            free && schemas[1].column_with_name(&partner(name)).is_some()
        };
        let names = schemas[0].fields().iter().map(|field| field.name().as_str());
        let (both, only_left): (Vec<&str>, Vec<&str>) = names.partition(|name| shared(name));
        let wanted = |name: &&&str| {
            let listed = options.columns.is_empty() || options.columns.iter().any(|column| column == **name);
            listed && !options.ignored.iter().any(|column| column == **name)
        };
        let columns = both.iter().filter(wanted).map(|name| compared(name)).collect::<Result<Vec<_>>>()?;
        tolerable(options, &columns)?;
        let taken: BTreeSet<String> = both.iter().map(|name| partner(name)).collect();
        let names = schemas[1].fields().iter().map(|field| field.name());
        let only_right = names.filter(|name| !taken.contains(*name) && !right_of.contains(name.as_str()));
        // A column of one table that is to be left out is left out of the verdict, too.
        let told = |name: &&String| !options.ignored.contains(name);
        Ok(Self {
            key,
            columns,
            one_sided: [
                only_left.into_iter().map(str::to_owned).filter(|name| told(&name)).collect(),
                only_right.filter(told).cloned().collect(),
            ],
            ignored: both.iter().filter(|name| !wanted(name)).map(|name| (*name).to_owned()).collect(),
        })
    }
}

/// The right table's name of a column.
pub(super) fn partner<'a>(name: &'a str, options: &'a CompareOptions) -> &'a str {
    options.renamed.get(name).map_or(name, String::as_str)
}

/// Every name of the options that no table has, and every tolerance that is none.
fn names(
    (tables, schemas): (&[Table<'_>; 2], &[SchemaRef; 2]),
    options: &CompareOptions,
    mistakes: &mut Vec<Mistake>,
) {
    let mut known = |side: usize, path: String, name: &str| {
        if schemas[side].column_with_name(name).is_none() {
            let columns = schemas[side].fields().iter().map(|field| field.name().as_str());
            let nearest = nearest_name(name, columns).map(str::to_owned);
            let expected = format!("a column of {}", tables[side].name);
            mistakes
                .push(Mistake::new("unknown_column", path, format!("\"{name}\""), expected).nearest(nearest));
        }
    };
    let either = |name: &String| schemas[1].column_with_name(name).is_none();
    let ignored = options.ignored.iter().enumerate().filter(|(_, name)| either(name));
    for (list, names) in [("key", &options.key), ("columns", &options.columns)] {
        for (at, name) in names.iter().enumerate() {
            known(0, format!("{list}[{at}]"), name);
        }
    }
    for (at, name) in ignored {
        known(0, format!("ignored[{at}]"), name);
    }
    for name in options.key.iter().filter(|name| !options.renamed.contains_key(*name)) {
        if schemas[0].column_with_name(name).is_some() {
            known(1, "key".to_owned(), name);
        }
    }
    for (name, other) in &options.renamed {
        known(0, format!("renamed.{name}"), name);
        known(1, format!("renamed.{name}"), other);
    }
    for name in options.within.keys() {
        known(0, format!("within.{name}"), name);
    }
    for name in options.nulls.keys() {
        known(0, format!("nulls.{name}"), name);
    }
    for (name, text) in &options.within {
        if tolerance(text).is_none() {
            let expected =
                "a tolerance of 0 or more: \"0.05\" in the column's unit, or percent such as \"0.5%\"";
            mistakes.push(Mistake::new(
                "bad_value",
                format!("within.{name}"),
                format!("\"{text}\""),
                expected,
            ));
        }
    }
}

/// Makes sure that every tolerance has a column to be the tolerance of: one that is compared and may hold numbers.
fn tolerable(options: &CompareOptions, columns: &[Compared]) -> Result<()> {
    let mistake = |(name, text): (&String, &String)| {
        let problem = match columns.iter().find(|column| column.names[0] == *name) {
            _ if options.key.contains(name) => "it is part of the key, which has to be equal".to_owned(),
            Some(column) if column.holds_numbers() => return None,
            Some(column) => format!("it holds {}", column.common),
            None => "it isn't compared".to_owned(),
        };
        let expected = format!("no tolerance for \"{name}\": {problem}");
        Some(Mistake::new("bad_value", format!("within.{name}"), format!("\"{text}\""), expected))
    };
    let mistakes: Vec<Mistake> = options.within.iter().filter_map(mistake).collect();
    if mistakes.is_empty() { Ok(()) } else { Err(Error::Call(Mistakes(mistakes))) }
}

fn tolerance(text: &str) -> Option<Within> {
    let (digits, percent) = match text.trim().strip_suffix('%') {
        Some(digits) => (digits.trim(), true),
        None => (text.trim(), false),
    };
    let number: Number = digits.parse().ok()?;
    let within = if percent { Within::Percent(number) } else { Within::Absolute(number) };
    (!number.is_negative()).then_some(within)
}

fn compared(
    (tables, schemas): (&[Table<'_>; 2], &[SchemaRef; 2]),
    [left, right]: [&str; 2],
    options: &CompareOptions,
) -> Result<Compared> {
    let find = |schema: &Schema, name: &str| {
        let found = schema.column_with_name(name).map(|(at, field)| (at, field.data_type().clone()));
        found.ok_or_else(|| Error::Internal(format!("the column {name} is gone")))
    };
    let (left_at, left_type) = find(&schemas[0], left)?;
    let (right_at, right_type) = find(&schemas[1], right)?;
    let common = common(&plain(&left_type), &plain(&right_type)).ok_or_else(|| {
        let [one, other] = tables.each_ref().map(|table| table.name);
        let problem = format!("the column \"{left}\" holds {left_type} in {one} and {right_type} in {other}");
        let hint = "Cast it to text on both sides, or ignore the column";
        DataError::new("unsupported_type", one, problem, hint)
    })?;
    Ok(Compared {
        names: [left.to_owned(), right.to_owned()],
        at: [left_at, right_at],
        types: [left_type, right_type],
        common,
        within: options.within.get(left).and_then(|text| tolerance(text)),
        nulls: options.nulls.get(left).copied().unwrap_or_default(),
    })
}

impl Compared {
    /// Whether its cells may be numbers, that of a text column too.
    fn holds_numbers(&self) -> bool {
        self.common.is_numeric() || self.common == DataType::LargeUtf8
    }

    /// Whether the values are of another kind on the other side: text and number, but not text in another layout.
    pub(super) fn type_changed(&self) -> bool {
        plain(&self.types[0]) != plain(&self.types[1])
    }

    /// Whether one side's values are text and the other's are not.
    pub(super) fn text_against_other(&self) -> bool {
        let text = |type_: &DataType| plain(type_) == DataType::LargeUtf8;
        text(&self.types[0]) != text(&self.types[1])
    }

    /// The column of one table, batch by batch: as it is where both sides' cells can be compared so, else in the type
    /// in which both are compared.
    pub(super) fn parts(&self, tables: &[Table<'_>; 2], side: usize) -> Result<Vec<ArrayRef>> {
        let table = &tables[side];
        let parts = table.column(self.at[side]);
        if same_layout(&self.types[0], &self.types[1]) {
            return Ok(parts);
        }
        parts.par_iter().map(|part| self.as_common(part, (table.name, side))).collect()
    }

    /// Whether the columns must be cast before they can be compared.
    pub(super) fn is_cast(&self) -> bool {
        !same_layout(&self.types[0], &self.types[1])
    }

    /// Bytes that both columns take when they are cast: what text takes besides its bytes, at the least.
    pub(super) fn cast_bytes(&self, tables: &[Table<'_>; 2]) -> u64 {
        let width = self.common.primitive_width().unwrap_or(32) as u64;
        tables.iter().map(|table| u64::from(table.rows) * width).sum()
    }

    /// Some cells of one table in the type in which both sides are compared.
    pub(super) fn gather(
        &self,
        tables: &[Table<'_>; 2],
        side: usize,
        rows: impl Iterator<Item = u32>,
    ) -> Result<ArrayRef> {
        let cells = tables[side].gather(self.at[side], rows)?;
        self.as_common(&cells, (tables[side].name, side))
    }

    pub(super) fn as_common(&self, cells: &ArrayRef, (table, side): (&str, usize)) -> Result<ArrayRef> {
        if *cells.data_type() == self.common {
            return Ok(Arc::clone(cells));
        }
        let options = CastOptions { safe: false, ..CastOptions::default() };
        cast_with_options(cells, &self.common, &options).map_err(|error| {
            let name = &self.names[side];
            let problem = format!("the column \"{name}\" can't be read as {}: {error}", self.common);
            DataError::new("unsupported_type", table, problem, "Ignore the column").into()
        })
    }
}

/// Whether cells of two types are equal where their bits or bytes are (doubles: where they are the same number).
fn same_layout(left: &DataType, right: &DataType) -> bool {
    use DataType::{
        Boolean, Date32, Decimal32, Decimal64, Decimal128, Float32, Float64, Int8, Int16, Int32, Int64,
        LargeUtf8, Timestamp, UInt8, UInt16, UInt32, UInt64, Utf8, Utf8View,
    };
    match (left, right) {
        (Decimal32(_, one), Decimal32(_, other))
        | (Decimal64(_, one), Decimal64(_, other))
        | (Decimal128(_, one), Decimal128(_, other)) => one == other,
        (Timestamp(one, zone), Timestamp(other, same)) => one == other && zone.is_some() == same.is_some(),
        (
            Boolean | Date32 | Float32 | Float64 | Int8 | Int16 | Int32 | Int64 | LargeUtf8 | UInt8 | UInt16
            | UInt32 | UInt64 | Utf8 | Utf8View,
            other,
        ) => left == other,
        _ => false,
    }
}

/// A type without what only its layout says.
pub(super) fn plain(type_: &DataType) -> DataType {
    match type_ {
        DataType::Dictionary(_, values) => plain(values),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Decimal256(..) => {
            DataType::LargeUtf8
        }
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32 => DataType::Int64,
        DataType::UInt64 => DataType::Decimal128(38, 0),
        DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) | DataType::Decimal128(_, scale) => {
            DataType::Decimal128(38, *scale)
        }
        DataType::Float16 | DataType::Float32 | DataType::Float64 => DataType::Float64,
        DataType::Date32 | DataType::Date64 => DataType::Date32,
        // An instant is the same in every zone.
        DataType::Timestamp(unit, zone) => {
            DataType::Timestamp(finest(*unit), zone.as_ref().map(|_| "UTC".into()))
        }
        other => other.clone(),
    }
}

/// Nanoseconds reach from 1677 to 2262 only, so others stay in microseconds.
fn finest(unit: TimeUnit) -> TimeUnit {
    if unit == TimeUnit::Nanosecond { unit } else { TimeUnit::Microsecond }
}

/// The type in which two plain types are compared.
fn common(left: &DataType, right: &DataType) -> Option<DataType> {
    use DataType::{Boolean, Date32, Decimal128, Float64, Int64, LargeUtf8, Null, Timestamp};
    let number = |type_: &DataType| matches!(type_, Int64 | Decimal128(..) | Float64);
    let supported = |type_: &DataType| {
        number(type_) || matches!(type_, Boolean | Date32 | LargeUtf8 | Null | Timestamp(..))
    };
    if !supported(left) || !supported(right) {
        return None;
    }
    Some(match (left, right) {
        (Null, Null) => LargeUtf8,
        (Null, other) | (other, Null) => other.clone(),
        (one, other) if one == other => one.clone(),
        (Int64, Decimal128(_, scale)) | (Decimal128(_, scale), Int64) => Decimal128(38, *scale),
        (Decimal128(_, one), Decimal128(_, other)) => Decimal128(38, *one.max(other)),
        (one, other) if number(one) && number(other) => Float64,
        (Timestamp(one, zone), Timestamp(other, same)) if zone.is_some() == same.is_some() => {
            let unit = if *one == *other { *one } else { TimeUnit::Microsecond };
            Timestamp(unit, zone.clone())
        }
        (Date32, Timestamp(unit, None)) | (Timestamp(unit, None), Date32) => Timestamp(*unit, None),
        _ => LargeUtf8,
    })
}
