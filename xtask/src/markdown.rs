//! The reference of every key of a spec as a page, made from the JSON Schema, so that it can't drift from it. One
//! heading per definition; what a key may hold is a type that links to the definition it is made of.

use serde_json::{Map, Value};
use std::fmt::Write as _;

const HEAD: &str = "\
# Every key, by type

Made from [schema.json](schema.json), which is made from the code. What the keys do, with examples, stands in
[The spec](spec.md), [Conditions](conditions.md) and [Reading cells](reading.md).

- A key that is not required may be absent, or `null` in JSON.
- Numbers may be written as text.
- A key that is not listed is an error.
";
/// Tables that name a definition; of one that more of them name, who does is not worth a line.
const USERS_MAX: usize = 6;

/// The page `docs/spec/reference.md`.
pub(crate) fn reference(schema: &str) -> Result<String, serde_json::Error> {
    let schema: Value = serde_json::from_str(schema)?;
    let none = Map::new();
    let definitions = schema["$defs"].as_object().unwrap_or(&none);
    let mut whole = schema.clone();
    if let Some(parts) = whole.as_object_mut() {
        parts.shift_remove("$defs");
    }
    let named = definitions.iter().map(|(name, definition)| (name.as_str(), definition));
    let sections: Vec<(&str, &Value)> = std::iter::once(("Spec", &whole)).chain(named).collect();
    let mut text = HEAD.to_owned();
    let contents: Vec<String> = sections.iter().map(|(name, _)| link(name)).collect();
    let _written = writeln!(text, "\n{}", contents.join(" · "));
    for (name, definition) in &sections {
        let _written = writeln!(text, "\n## {name}\n\n{}", description(definition));
        let users: Vec<String> =
            sections.iter().filter(|(_, user)| refers(user, name)).map(|(user, _)| link(user)).collect();
        if !users.is_empty() && users.len() <= USERS_MAX {
            let _written = writeln!(text, "\nUsed by {}.", users.join(", "));
        }
        text.push_str(&body(definition));
    }
    Ok(text)
}

/// Where a definition stands on the page.
fn link(name: &str) -> String {
    format!("[{name}](#{})", name.to_lowercase())
}

fn description(definition: &Value) -> String {
    one_line(definition["description"].as_str().unwrap_or_default())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A cell of a table: a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Whether a schema refers to a definition, at any depth.
fn refers(schema: &Value, name: &str) -> bool {
    match schema {
        Value::Object(parts) => {
            referred(schema) == Some(name) || parts.values().any(|part| refers(part, name))
        }
        Value::Array(parts) => parts.iter().any(|part| refers(part, name)),
        _ => false,
    }
}

fn referred(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

/// What stands under a heading behind its description.
fn body(definition: &Value) -> String {
    let forms = members(definition);
    if let Some(properties) = definition["properties"].as_object() {
        keys(definition, properties) + &alternatives(forms)
    } else if forms.is_empty() {
        format!("\nType: {}.\n", type_of(definition))
    } else if forms.iter().all(|form| form.get("const").is_some()) {
        rows("value", forms)
    } else {
        rows("one of", forms)
    }
}

/// The members of a union.
fn members(schema: &Value) -> &[Value] {
    let members = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array);
    members.map_or(&[], Vec::as_slice)
}

/// The table of a union.
fn rows(head: &str, forms: &[Value]) -> String {
    forms.iter().fold(format!("\n| {head} | meaning |\n| --- | --- |\n"), |text, form| {
        text + &format!("| {} | {} |\n", cell(&type_of(form)), cell(&description(form)))
    })
}

/// The table of an object's keys.
fn keys(definition: &Value, properties: &Map<String, Value>) -> String {
    let needed: Vec<&str> =
        definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let head = "\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    properties.iter().fold(head, |text, (key, property)| {
        let (meaning, default) = meaning_and_default(&description(property));
        let default = if needed.contains(&key.as_str()) { "required" } else { default.as_str() };
        let type_ = type_of(property);
        text + &format!("| `{key}` | {} | {} | {} |\n", cell(&type_), cell(default), cell(&meaning))
    })
}

/// Keys of which a table has the ones or the others.
fn alternatives(forms: &[Value]) -> String {
    let sets: Vec<String> = forms
        .iter()
        .filter_map(|form| {
            let needed = form["required"].as_array()?.iter().filter_map(Value::as_str);
            Some(needed.map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and "))
        })
        .collect();
    if sets.is_empty() { String::new() } else { format!("\nEither {}.\n", sets.join(", or ")) }
}

/// A description cut in two: the sentence that begins with "Default" goes into a column of its own.
fn meaning_and_default(text: &str) -> (String, String) {
    let Some((before, after)) = text.split_once(". Default") else {
        return (text.to_owned(), String::new());
    };
    let (default, rest) =
        after.split_once(". ").unwrap_or_else(|| (after.strip_suffix('.').unwrap_or(after), ""));
    let default = default.strip_prefix(':').unwrap_or(default).trim();
    (format!("{before}. {rest}").trim_end().to_owned(), default.to_owned())
}

/// A schema in words.
fn type_of(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        return link(name);
    }
    if let Some(value) = schema.get("const") {
        return value_of(value);
    }
    if let Some(values) = schema["enum"].as_array() {
        return either(values.iter().filter(|value| !value.is_null()).map(value_of));
    }
    let forms = members(schema);
    if !forms.is_empty() {
        return either(forms.iter().filter(|form| form["type"] != "null").map(type_of));
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    // Any whole number may be text; the page says so once.
    let whole = kinds.contains(&"integer");
    let told = kinds.into_iter().filter(|kind| *kind != "null" && !(whole && *kind == "string"));
    either(told.map(|kind| plain(kind, schema)))
}

fn value_of(value: &Value) -> String {
    value.as_str().map_or_else(|| format!("`{value}`"), |text| format!("`\"{text}\"`"))
}

fn either(types: impl Iterator<Item = String>) -> String {
    types.collect::<Vec<_>>().join(" or ")
}

fn plain(kind: &str, schema: &Value) -> String {
    match kind {
        "integer" => number("whole number", schema),
        "number" => number("number", schema),
        "boolean" => "flag".to_owned(),
        "string" => string(schema),
        "array" => list(schema),
        "object" => match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => format!("table of {} by name", grouped(&type_of(values))),
            _ => "table".to_owned(),
        },
        other => other.to_owned(),
    }
}

/// Bounds of a number, a length or a count, if there are any.
fn bounds(schema: &Value, least: &str, most: &str) -> Option<String> {
    let bound = |key: &str| schema.get(key).map(|bound| thousands(&bound.to_string()));
    match (bound(least), bound(most)) {
        (Some(least), Some(most)) if least == most => Some(least),
        (Some(least), Some(most)) => Some(format!("{least} to {most}")),
        (Some(least), None) => Some(format!("at least {least}")),
        (None, Some(most)) => Some(format!("at most {most}")),
        (None, None) => None,
    }
}

fn number(name: &str, schema: &Value) -> String {
    let bounds = bounds(schema, "minimum", "maximum");
    bounds.map_or_else(|| name.to_owned(), |bounds| format!("{name} ({bounds})"))
}

fn string(schema: &Value) -> String {
    let form = schema["pattern"].as_str().filter(|pattern| pattern.starts_with('^'));
    match (form, bounds(schema, "minLength", "maxLength")) {
        (Some(form), _) => format!("text of the form `{form}`"),
        (None, Some(bounds)) if bounds == "1" => "one character".to_owned(),
        (None, Some(bounds)) => format!("text ({bounds} characters)"),
        (None, None) => "text".to_owned(),
    }
}

/// A list of a fixed length shows its places.
fn list(schema: &Value) -> String {
    let item = schema.get("items").map_or_else(|| "anything".to_owned(), type_of);
    let once = if schema["uniqueItems"] == true { ", each once" } else { "" };
    match bounds(schema, "minItems", "maxItems") {
        Some(bounds) if bounds == "2" => format!("[{item}, {item}]"),
        Some(bounds) => format!("list of {} ({bounds}){once}", grouped(&item)),
        None => format!("list of {}{once}", grouped(&item)),
    }
}

/// A choice in parentheses, where another type stands around it.
fn grouped(type_: &str) -> String {
    if type_.contains(" or ") { format!("({type_})") } else { type_.to_owned() }
}

/// A whole number with a comma before each three digits.
fn thousands(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let mut text = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_goes_into_its_own_column() {
        for (text, meaning, default) in [
            ("Its name. Default: none.", "Its name.", "none"),
            ("The mark. Default \".\".", "The mark.", "\".\""),
            ("So many. Default 64. More are cut.", "So many. More are cut.", "64"),
            ("The column.", "The column.", ""),
        ] {
            assert_eq!(meaning_and_default(text), (meaning.to_owned(), default.to_owned()), "{text}");
        }
    }

    #[test]
    fn types_are_told_in_words() {
        for (schema, words) in [
            (r##"{"anyOf": [{"$ref": "#/$defs/Name"}, {"type": "null"}]}"##, "[Name](#name)"),
            (
                r#"{"type": ["integer", "string"], "minimum": 0, "maximum": 65535}"#,
                "whole number (0 to 65,535)",
            ),
            (r#"{"type": ["number", "string"], "minimum": 0}"#, "number (at least 0) or text"),
            (r#"{"enum": [true, null]}"#, "`true`"),
            (r#"{"type": ["string", "null"], "minLength": 1, "maxLength": 1}"#, "one character"),
            (r#"{"type": "array", "items": {"type": "string"}, "minItems": 1}"#, "list of text (at least 1)"),
            (r#"{"type": "array", "items": {"const": 1}, "minItems": 2, "maxItems": 2}"#, "[`1`, `1`]"),
            (r#"{"type": "object", "additionalProperties": {"type": "boolean"}}"#, "table of flag by name"),
        ] {
            assert_eq!(type_of(&serde_json::from_str(schema).unwrap()), words, "{schema}");
        }
    }

    #[test]
    fn every_definition_has_a_heading_and_every_key_a_row() {
        let schema = recon378_core::spec::json_schema();
        let page = reference(&schema).unwrap();
        let schema: Value = serde_json::from_str(&schema).unwrap();
        let sections: Vec<&str> = page.split("\n## ").skip(1).collect();
        let definitions = schema["$defs"].as_object().unwrap();
        assert_eq!(sections.len(), definitions.len() + 1);
        for (section, (name, definition)) in sections.iter().skip(1).zip(definitions) {
            assert!(section.starts_with(&format!("{name}\n")), "{section}");
            for key in definition["properties"].as_object().into_iter().flat_map(Map::keys) {
                assert!(section.contains(&format!("\n| `{key}` |")), "{name}.{key}");
            }
        }
    }
}
