//! Which columns would do as a key: those that no two rows of a table agree on.

use super::CompareOptions;
use super::columns::{partner, plain};
use super::table::Table;
use crate::error::{Error, Mistake, Result};
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, LargeStringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

/// Columns that are looked at together, two at a time: those with the most values.
const COMBINED_MAX: usize = 6;
/// Rows of a table up to which columns are looked at together.
const COMBINED_ROWS_MAX: u32 = 1 << 21;

/// A column by numbers: equal cells have equal ones.
struct Coded<'a> {
    name: &'a str,
    codes: [Vec<u32>; 2],
    distinct: [usize; 2],
}

/// The error that says which columns could be the key.
pub(super) fn missing_key(tables: &[Table<'_>; 2], options: &CompareOptions) -> Error {
    let found = match candidates(tables, options) {
        Ok(found) => found,
        Err(error) => return error,
    };
    let given = if found.is_empty() {
        "no column that both tables have is unique in both; name several".to_owned()
    } else {
        format!("unique in both tables: {}", found.join(", "))
    };
    let expected = format!("the columns that bring rows together ({given})");
    Error::call(Mistake::new("missing", "key", "nothing", expected))
}

/// Columns that are unique in both tables; where there is none, two that are so together.
fn candidates(tables: &[Table<'_>; 2], options: &CompareOptions) -> Result<Vec<String>> {
    let schemas = tables.each_ref().map(Table::schema);
    let mut unique = Vec::new();
    let mut others = Vec::new();
    for field in schemas[0].fields() {
        let name = field.name().as_str();
        let Some(at) = at(&schemas, [name, partner(name, options)]) else { continue };
        let Some(coded) = coded(tables, name, at)? else { continue };
        if (0..2).all(|side| coded.distinct[side] == tables[side].rows as usize) {
            unique.push(format!("\"{name}\""));
        } else {
            others.push(coded);
        }
    }
    if !unique.is_empty() || tables.iter().any(|table| table.rows > COMBINED_ROWS_MAX) {
        return Ok(unique);
    }
    others.sort_by_key(|coded| std::cmp::Reverse(coded.distinct[0] + coded.distinct[1]));
    others.truncate(COMBINED_MAX);
    for (index, one) in others.iter().enumerate() {
        for other in &others[index + 1..] {
            if (0..2).all(|side| unique_together(&one.codes[side], &other.codes[side])) {
                unique.push(format!("\"{}\" with \"{}\"", one.name, other.name));
            }
        }
    }
    Ok(unique)
}

/// Where both tables have a column that can be a key.
fn at(schemas: &[arrow_schema::SchemaRef; 2], names: [&str; 2]) -> Option<[usize; 2]> {
    let of = |side: usize| {
        let (at, field) = schemas[side].column_with_name(names[side])?;
        let usable = !plain(field.data_type()).is_nested();
        usable.then_some(at)
    };
    Some([of(0)?, of(1)?])
}

/// Numbers the values of a column, unless a cell is null or can't be told.
fn coded<'a>(tables: &[Table<'_>; 2], name: &'a str, at: [usize; 2]) -> Result<Option<Coded<'a>>> {
    let mut codes = [Vec::new(), Vec::new()];
    let mut distinct = [0; 2];
    for side in 0..2 {
        let mut texts: Vec<LargeStringArray> = Vec::new();
        for part in tables[side].column(at[side]) {
            let Ok(text) = cast(&part, &DataType::LargeUtf8) else { return Ok(None) };
            if text.logical_null_count() > 0 {
                return Ok(None);
            }
            texts.push(text.as_string().clone());
        }
        let mut known: HashMap<&[u8], u32, FixedState> = HashMap::default();
        for text in &texts {
            for row in 0..text.len() {
                let next =
                    u32::try_from(known.len()).map_err(|_| Error::Internal("too many values".to_owned()))?;
                codes[side].push(*known.entry(text.value(row).trim().as_bytes()).or_insert(next));
            }
        }
        distinct[side] = known.len();
    }
    Ok(Some(Coded { name, codes, distinct }))
}

fn unique_together(one: &[u32], other: &[u32]) -> bool {
    let mut seen: HashSet<(u32, u32), FixedState> = HashSet::default();
    one.iter().zip(other).all(|(one, other)| seen.insert((*one, *other)))
}
