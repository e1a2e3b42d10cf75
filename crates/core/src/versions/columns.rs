//! Which columns are compared with which, and the type in which both can be.

use super::{CompareOptions, NullPolicy};
use crate::error::{DataError, Error, Mistake, Mistakes, Result};
use crate::money::Number;
use crate::spec::nearest_name;
use arrow_array::{Array as _, ArrayRef, RecordBatch};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Schema, SchemaRef, TimeUnit};
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
    pub(super) fn new(left: &[RecordBatch], right: &[RecordBatch], options: &CompareOptions) -> Result<Self> {
        let schemas = [schema(left, "left")?, schema(right, "right")?];
        let mut mistakes = Vec::new();
        let partner = |name: &str| options.renamed.get(name).map_or(name, String::as_str).to_owned();
        names(&schemas, options, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(Error::Spec(Mistakes(mistakes)));
        }
        if options.key.is_empty() {
            return Err(missing_key([left, right], &schemas));
        }
        let compared = |name: &str| compared(&schemas, name, &partner(name), options);
        let key = options.key.iter().map(|name| compared(name)).collect::<Result<Vec<_>>>()?;
        let right_of: BTreeSet<&str> = options.renamed.values().map(String::as_str).collect();
        let shared = |name: &str| schemas[1].column_with_name(&partner(name)).is_some();
        let names = schemas[0].fields().iter().map(|field| field.name().as_str());
        let (both, only_left): (Vec<&str>, Vec<&str>) = names.partition(|name| shared(name));
        let wanted = |name: &&&str| {
            let listed = options.columns.is_empty() || options.columns.iter().any(|column| column == **name);
            listed && !options.ignored.iter().any(|column| column == **name)
        };
        let columns = both.iter().filter(wanted).map(|name| compared(name)).collect::<Result<Vec<_>>>()?;
        let taken: BTreeSet<String> = both.iter().map(|name| partner(name)).collect();
        let names = schemas[1].fields().iter().map(|field| field.name());
        let only_right = names.filter(|name| !taken.contains(*name) && !right_of.contains(name.as_str()));
        Ok(Self {
            key,
            columns,
            one_sided: [only_left.into_iter().map(str::to_owned).collect(), only_right.cloned().collect()],
            ignored: both.iter().filter(|name| !wanted(name)).map(|name| (*name).to_owned()).collect(),
        })
    }
}

fn schema(batches: &[RecordBatch], side: &str) -> Result<SchemaRef> {
    let hint = "Hand over at least one batch; an empty one still tells the columns";
    let none = || DataError::new("no_batches", side, "there is no batch", hint);
    Ok(batches.first().ok_or_else(none)?.schema())
}

/// Every name of the options that no table has, and every tolerance that is none.
fn names(schemas: &[SchemaRef; 2], options: &CompareOptions, mistakes: &mut Vec<Mistake>) {
    let mut known = |side: usize, path: String, name: &str| {
        if schemas[side].column_with_name(name).is_none() {
            let columns = schemas[side].fields().iter().map(|field| field.name().as_str());
            let nearest = nearest_name(name, columns).map(str::to_owned);
            let table = ["left", "right"][side];
            let expected = format!("a column of the {table} table");
            mistakes
                .push(Mistake::new("unknown_column", path, format!("\"{name}\""), expected).nearest(nearest));
        }
    };
    for (list, names) in [("key", &options.key), ("columns", &options.columns), ("ignored", &options.ignored)]
    {
        for (at, name) in names.iter().enumerate() {
            known(0, format!("{list}[{at}]"), name);
        }
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

fn tolerance(text: &str) -> Option<Within> {
    let (digits, percent) = match text.trim().strip_suffix('%') {
        Some(digits) => (digits.trim(), true),
        None => (text.trim(), false),
    };
    let number: Number = digits.parse().ok()?;
    let within = if percent { Within::Percent(number) } else { Within::Absolute(number) };
    (!number.is_negative()).then_some(within)
}

fn compared(schemas: &[SchemaRef; 2], left: &str, right: &str, options: &CompareOptions) -> Result<Compared> {
    let find = |schema: &Schema, name: &str| {
        let found = schema.column_with_name(name).map(|(at, field)| (at, field.data_type().clone()));
        found.ok_or_else(|| Error::Internal(format!("the column {name} is gone")))
    };
    let (left_at, left_type) = find(&schemas[0], left)?;
    let (right_at, right_type) = find(&schemas[1], right)?;
    let common = common(&plain(&left_type), &plain(&right_type)).ok_or_else(|| {
        let problem =
            format!("the column \"{left}\" holds {left_type} on the left and {right_type} on the right");
        DataError::new(
            "unsupported_type",
            "left",
            problem,
            "Cast it to text on both sides, or ignore the column",
        )
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
    /// Whether the values are of another kind on the other side: text and number, but not text in another layout.
    pub(super) fn type_changed(&self) -> bool {
        plain(&self.types[0]) != plain(&self.types[1])
    }

    /// Whether one side's values are text and the other's are not.
    pub(super) fn text_against_other(&self) -> bool {
        let text = |type_: &DataType| plain(type_) == DataType::LargeUtf8;
        text(&self.types[0]) != text(&self.types[1])
    }

    /// The column of one table, in the type in which both are compared. A single batch of that type is not copied.
    pub(super) fn values(&self, batches: &[RecordBatch], side: usize) -> Result<ArrayRef> {
        let options = CastOptions { safe: false, ..CastOptions::default() };
        let refused = |error: arrow_schema::ArrowError| {
            let name = &self.names[side];
            let problem = format!("the column \"{name}\" can't be read as {}: {error}", self.common);
            Error::from(DataError::new(
                "unsupported_type",
                ["left", "right"][side],
                problem,
                "Ignore the column",
            ))
        };
        let cast = |batch: &RecordBatch| {
            let array = batch.column(self.at[side]);
            if *array.data_type() == self.common {
                return Ok(Arc::clone(array));
            }
            cast_with_options(array, &self.common, &options).map_err(refused)
        };
        let parts = batches.iter().map(cast).collect::<Result<Vec<_>>>()?;
        match parts.as_slice() {
            [one] => Ok(Arc::clone(one)),
            parts => {
                let parts: Vec<_> = parts.iter().map(|part| &**part).collect();
                arrow_select::concat::concat(&parts).map_err(refused)
            }
        }
    }
}

/// A type without what only its layout says.
fn plain(type_: &DataType) -> DataType {
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

/// The error that says which columns could be the key.
fn missing_key(sides: [&[RecordBatch]; 2], schemas: &[SchemaRef; 2]) -> Error {
    let names = schemas[0].fields().iter().map(|field| field.name().as_str());
    let shared = names.filter(|name| schemas[1].column_with_name(name).is_some());
    let unique: Vec<String> = shared
        .filter(|name| sides.iter().all(|side| is_unique(side, name)))
        .map(|name| format!("\"{name}\""))
        .collect();
    let given = if unique.is_empty() {
        "no column that both tables have is unique in both; name several".to_owned()
    } else {
        format!("unique in both tables: {}", unique.join(", "))
    };
    let expected = format!("the columns that bring rows together ({given})");
    Error::Spec(Mistakes(vec![Mistake::new("missing", "key", "nothing", expected)]))
}

/// Whether a column has no null and no value twice.
fn is_unique(batches: &[RecordBatch], name: &str) -> bool {
    let mut seen = BTreeSet::new();
    for batch in batches {
        let Some(column) = batch.column_by_name(name) else { return false };
        if column.logical_null_count() > 0 {
            return false;
        }
        let Ok(text) = cast_with_options(column, &DataType::LargeUtf8, &CastOptions::default()) else {
            return false;
        };
        let Some(text) = text.as_any().downcast_ref::<arrow_array::LargeStringArray>() else { return false };
        if !text.iter().flatten().all(|value| seen.insert(value.to_owned())) {
            return false;
        }
    }
    true
}
