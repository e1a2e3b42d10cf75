//! The spec's types for TypeScript, made from the JSON Schema, so that they can't drift from it. A union of tables is
//! told apart by the key that only one of them has; the others say that they don't have it.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const HEAD: &str = "// The spec as types. Made from docs/spec/schema.json; edit the Rust types instead.\n";

/// The declarations `spec.d.ts`.
pub(crate) fn spec_types(schema: &str) -> Result<String, serde_json::Error> {
    let schema: Value = serde_json::from_str(schema)?;
    let none = Map::new();
    let definitions = schema["$defs"].as_object().unwrap_or(&none);
    let mut text = HEAD.to_owned();
    for (name, definition) in definitions {
        if is_table(definition) {
            interface(&mut text, name, definition, &absent(name, definitions));
        } else {
            text.push('\n');
            comment(&mut text, "", definition);
            let _written = writeln!(text, "export type {name} = {};", type_of(definition));
        }
    }
    interface(&mut text, "Spec", &schema, &BTreeSet::new());
    Ok(text)
}

fn is_table(definition: &Value) -> bool {
    definition.get("properties").is_some()
}

/// Keys that make other members of a union what they are, and that this table therefore doesn't have.
fn absent<'s>(name: &str, definitions: &'s Map<String, Value>) -> BTreeSet<&'s str> {
    let mut keys = BTreeSet::new();
    for union in definitions.values() {
        let members: Vec<&str> =
            union["oneOf"].as_array().into_iter().flatten().filter_map(referred).collect();
        if members.contains(&name) {
            let tables = members.iter().filter_map(|member| definitions.get(*member));
            keys.extend(tables.flat_map(required));
        }
    }
    let own = definitions.get(name).and_then(|table| table["properties"].as_object());
    keys.retain(|key| own.is_none_or(|own| !own.contains_key(*key)));
    keys
}

fn referred(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

fn required(definition: &Value) -> impl Iterator<Item = &str> {
    definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn interface(text: &mut String, name: &str, definition: &Value, absent: &BTreeSet<&str>) {
    text.push('\n');
    comment(text, "", definition);
    let _written = writeln!(text, "export interface {name} {{");
    let needed: Vec<&str> = required(definition).collect();
    for (key, property) in definition["properties"].as_object().into_iter().flatten() {
        comment(text, "  ", property);
        let mark = if needed.contains(&key.as_str()) { "" } else { "?" };
        let _written = writeln!(text, "  {key}{mark}: {};", type_of(property));
    }
    for key in absent {
        let _written = writeln!(text, "  {key}?: never;");
    }
    text.push_str("}\n");
}

fn comment(text: &mut String, indent: &str, definition: &Value) {
    let Some(description) = definition.get("description").and_then(Value::as_str) else { return };
    let description = description.replace("*/", "*\\/");
    let lines: Vec<&str> = description.lines().collect();
    let _written = writeln!(text, "{indent}/** {} */", lines.join(&format!("\n{indent} * ")));
}

/// A schema as a type.
fn type_of(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        return name.to_owned();
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    }
    if let Some(options) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
        return union(options.iter().map(type_of));
    }
    match schema.get("type") {
        Some(Value::Array(types)) => {
            union(types.iter().filter_map(Value::as_str).map(|kind| plain(kind, schema)))
        }
        Some(Value::String(kind)) => plain(kind, schema),
        _ => "unknown".to_owned(),
    }
}

fn plain(kind: &str, schema: &Value) -> String {
    match kind {
        "integer" | "number" => "number".to_owned(),
        "array" => list(schema),
        "object" => match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => format!("Record<string, {}>", type_of(values)),
            _ => "Record<string, unknown>".to_owned(),
        },
        // `string`, `boolean` and `null` are called the same.
        other => other.to_owned(),
    }
}

/// A list of a fixed length is a tuple.
fn list(schema: &Value) -> String {
    let item = schema.get("items").map_or_else(|| "unknown".to_owned(), type_of);
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
    match (bound("minItems"), bound("maxItems")) {
        (Some(2), Some(2)) => format!("readonly [{item}, {item}]"),
        _ if item.contains(' ') => format!("readonly ({item})[]"),
        _ => format!("readonly {item}[]"),
    }
}

/// A type stands once.
fn union(types: impl Iterator<Item = String>) -> String {
    let mut members: Vec<String> = Vec::new();
    for type_ in types {
        if !members.contains(&type_) {
            members.push(type_);
        }
    }
    members.join(" | ")
}
