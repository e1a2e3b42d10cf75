//! Cells that couldn't be read, told so that one knows what to say in the spec.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int8Type, Int16Type, UInt64Type};
use recon378::{Outcome, Spec};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const ADVICE: &str = "How a source writes its amounts and days is for the spec to say: \
                      read = { decimal = \",\", thousands = \".\", currency_sign = \"€\", dates = \"%d.%m.%Y\" }\n";

/// A line per field and source that has unreadable cells, with the first of them; nothing where there is none.
pub(crate) fn cells(outcome: &Outcome, spec: &Spec) -> recon378::Result<String> {
    let issues = outcome.issues()?;
    let columns = ["side", "field", "row", "value", "problem"].map(|name| issues.column_by_name(name));
    let [Some(side), Some(field), Some(row), Some(value), Some(problem)] = columns else {
        return Ok(String::new());
    };
    let sides = side.as_dictionary::<Int8Type>().downcast_dict::<arrow_array::StringArray>();
    let fields = field.as_dictionary::<Int16Type>().downcast_dict::<arrow_array::StringArray>();
    let (Some(sides), Some(fields)) = (sides, fields) else { return Ok(String::new()) };
    // The first cell of each, and how many there are.
    let mut found: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for (at, key) in sides.into_iter().zip(fields).enumerate() {
        if let (Some(side), Some(field)) = key {
            found.entry((side, field)).or_insert((at, 0)).1 += 1;
        }
    }
    let mut text = String::new();
    for ((side, field), (at, count)) in found {
        let source = if side == "left" { &spec.left.name } else { &spec.right.name };
        let source = source.as_deref().unwrap_or(side);
        let row = row.as_primitive::<UInt64Type>().value(at);
        let (value, problem) = (value.as_string::<i32>().value(at), problem.as_string::<i32>().value(at));
        let more = if count > 1 { ", and others" } else { "" };
        let _infallible =
            writeln!(text, "can't be read: \"{field}\" of {source}, row {row}, \"{value}\": {problem}{more}");
    }
    if !text.is_empty() {
        text += ADVICE;
    }
    Ok(text)
}
