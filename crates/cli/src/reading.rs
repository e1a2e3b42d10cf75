//! `--read`: how a source is written, from what was typed to the rules of a spec.

use crate::exit::Failure;
use recon378::Spec;
use recon378::spec::ReadSpec;
use serde_json::{Map, Value, json};

/// Whether a key is for the left and for the right source, and its name in `read`.
pub(crate) fn sides(key: &str) -> ([bool; 2], &str) {
    match key.split_once('.') {
        Some(("left", key)) => ([true, false], key),
        Some(("right", key)) => ([false, true], key),
        _ => ([true, true], key),
    }
}

/// The rules of both sources. They are checked as those of a spec are: every mistake is told, with the path it has there.
pub(crate) fn rules(given: &[(String, String)]) -> Result<[ReadSpec; 2], Failure> {
    let mut read = [Map::new(), Map::new()];
    for (key, value) in given {
        let (for_side, key) = sides(key);
        for (table, named) in read.iter_mut().zip(for_side) {
            if named {
                table.insert(key.to_owned(), value_of(key, value));
            }
        }
    }
    let [left, right] = read;
    let document =
        json!({ "left": { "read": left }, "right": { "read": right }, "pass": [{ "on": ["any"] }] });
    let spec = Spec::from_json(&document.to_string()).map_err(recon378::Error::from)?;
    Ok([spec.left.read, spec.right.read])
}

fn value_of(key: &str, value: &str) -> Value {
    match (key, value) {
        ("header", "true" | "yes") => json!(true),
        ("header", "false" | "no") => json!(false),
        // What a shell makes hard to type.
        ("delimiter" | "thousands", "tab" | "\\t") => json!("\t"),
        ("thousands", "space") => json!(" "),
        _ => json!(value),
    }
}

/// Takes one rule, which is known to be one, from `from`.
pub(crate) fn take(to: &mut ReadSpec, from: &ReadSpec, key: &str) {
    match key {
        "delimiter" => to.delimiter = from.delimiter,
        "decimal" => to.decimal = from.decimal,
        "thousands" => to.thousands = from.thousands,
        "currency_sign" => to.currency_sign.clone_from(&from.currency_sign),
        "dates" => to.dates.clone_from(&from.dates),
        "encoding" => to.encoding.clone_from(&from.encoding),
        "quote" => to.quote = from.quote,
        "header" => to.header = from.header,
        "skip" => to.skip = from.skip,
        "footer" => to.footer = from.footer,
        "ragged" => to.ragged = from.ragged,
        "sheet" => to.sheet.clone_from(&from.sheet),
        _ => to.range = from.range,
    }
}
