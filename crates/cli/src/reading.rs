//! `--read`: how a source is written, from what was typed to the spec.

use crate::exit::Failure;
use recon378::Spec;
use recon378::spec::ReadSpec;
use serde_json::{Value, json};

/// Puts what was typed into a spec, key by key. The whole is checked as a spec is: every mistake is told, with the path it
/// has there.
pub(crate) fn put(spec: &mut Spec, given: &[(String, String)]) -> Result<(), Failure> {
    if given.is_empty() {
        return Ok(());
    }
    let one_source = spec.one_source;
    let typed = |path: &str| {
        let (source, key) = path.split_once(".read.")?;
        let is_given = |given: &&(String, String)| {
            let (for_side, given) = sides(&given.0);
            let is_of = if source == "right" { for_side[1] } else { for_side[0] };
            is_of && given.trim_start_matches("source.") == key
        };
        given.iter().find(is_given).map(|(given, _)| format!("--read {given}"))
    };
    change(spec, typed, |document| {
        for (key, value) in given {
            let (for_side, key) = sides(key);
            // What is said of a side that isn't there is a mistake of the spec, which tells it.
            if let (true, [true, true]) = (one_source, for_side) {
                let key = key.strip_prefix("source.").unwrap_or(key);
                document["source"]["read"][key] = value_of(key, value);
                continue;
            }
            for (side, named) in ["left", "right"].into_iter().zip(for_side) {
                if named {
                    // A source or a `read` that isn't there is made.
                    document[side]["read"][key] = value_of(key, value);
                }
            }
        }
    })
}

/// Changes a spec as a document, which is then read as any spec is. `typed` tells what was typed for a path of it, where
/// something was.
pub(crate) fn change(
    spec: &mut Spec,
    typed: impl Fn(&str) -> Option<String>,
    change: impl FnOnce(&mut Value),
) -> Result<(), Failure> {
    let mut document: Value =
        serde_json::from_str(&spec.to_json()).map_err(|error| Failure::ours(error.to_string()))?;
    change(&mut document);
    let places = std::mem::take(&mut spec.places);
    // What stood in the spec was read before: mistakes are of what was typed, or that it does not go with the rest.
    *spec = Spec::from_program(&document.to_string())
        .map_err(|error| recon378::Error::from(error).of_call(typed))?;
    spec.places = places;
    Ok(())
}

/// What was typed for both tables of a comparison.
pub(crate) fn of_tables(given: &[(String, String)], known: &[&str]) -> Result<ReadSpec, Failure> {
    if let Some((key, _)) = given.iter().find(|(key, _)| !known.contains(&key.as_str())) {
        return Err(Failure::usage(format!("--read {key}: a comparison knows {}", known.join(", "))));
    }
    let mut spec = Spec::short(&["any"]).map_err(recon378::Error::from)?;
    put(&mut spec, given)?;
    Ok(spec.left.read)
}

/// Whether a key is for the left and for the right source, and its name in `read`.
fn sides(key: &str) -> ([bool; 2], &str) {
    match key.split_once('.') {
        Some(("left", key)) => ([true, false], key),
        Some(("right", key)) => ([false, true], key),
        _ => ([true, true], key),
    }
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
