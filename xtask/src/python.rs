//! The spec's types for Python: frozen dataclasses made from the JSON Schema, so that they can't drift from it.

use serde_json::{Map, Value};
use std::fmt::Write as _;

/// Words that Python keeps for itself, and what the attribute is called instead.
const ATTRIBUTES: [(&str, &str); 3] = [("in", "in_"), ("as", "as_"), ("pass", "passes")];

const HEAD: &str = r#""""The spec as typed objects. Made from docs/spec/schema.json; edit the Rust types instead."""

from __future__ import annotations

import datetime
import decimal
from dataclasses import dataclass
from typing import Literal, Mapping, Optional, Sequence, Union

from recon378._document import Document
from recon378._tree import Node

"#;

/// The module `recon378._spec`.
pub(crate) fn spec_module(schema: &str) -> Result<String, serde_json::Error> {
    let schema: Value = serde_json::from_str(schema)?;
    let none = Map::new();
    let definitions = schema["$defs"].as_object().unwrap_or(&none);
    let (mut classes, mut aliases, mut names) = (String::new(), String::new(), vec!["Spec".to_owned()]);
    for (name, definition) in definitions {
        if is_class(definition) {
            class(&mut classes, name, definition);
            names.push(name.clone());
        } else if !is_scalar(definition) {
            let _written = write!(aliases, "\n{name} = {}\n", annotation(definition));
            docstring(&mut aliases, "", definition);
        }
    }
    class(&mut classes, "Spec", &schema);
    // Whole specs are equal when they mean the same; the base class says so.
    classes = classes.replace(
        "@dataclass(frozen=True, kw_only=True)\nclass Spec(Node)",
        "@dataclass(frozen=True, kw_only=True, eq=False)\nclass Spec(Document)",
    );
    names.sort();
    let all: String = names.iter().fold(String::new(), |text, name| text + &format!("    \"{name}\",\n"));
    Ok(format!("{HEAD}__all__ = [\n{all}]\n{aliases}{classes}"))
}

fn is_class(definition: &Value) -> bool {
    definition.get("properties").is_some()
}

fn is_scalar(definition: &Value) -> bool {
    definition.get("type").is_some()
}

fn class(text: &mut String, name: &str, definition: &Value) {
    let _written = write!(text, "\n\n@dataclass(frozen=True, kw_only=True)\nclass {name}(Node):\n");
    docstring(text, "    ", definition);
    text.push('\n');
    let required: Vec<&str> =
        definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, property) in definition["properties"].as_object().into_iter().flatten() {
        let attribute =
            ATTRIBUTES.iter().find(|(word, _)| word == key).map_or(key.as_str(), |(_, other)| other);
        let only = only_number(property).map(|number| format!(" = {number}"));
        let default = only.unwrap_or_else(|| " = None".to_owned());
        let (type_, default) = match annotation(property) {
            type_ if property.get("const").is_some() => (type_, " = True".to_owned()),
            type_ if required.contains(&key.as_str()) => (type_, String::new()),
            type_ if type_.starts_with("Optional[") => (type_, default),
            type_ => (format!("Optional[{type_}]"), default),
        };
        let _written = writeln!(text, "    {attribute}: {type_}{default}");
        docstring(text, "    ", property);
    }
}

/// The number that a key must have, when there is only one.
fn only_number(property: &Value) -> Option<&Value> {
    let least = property.get("minimum")?;
    (property.get("maximum") == Some(least)).then_some(least)
}

fn docstring(text: &mut String, indent: &str, definition: &Value) {
    let Some(description) = definition.get("description").and_then(Value::as_str) else { return };
    let description = description.replace('\\', "\\\\").replace('\n', &format!("\n{indent}"));
    let _written = writeln!(text, "{indent}\"\"\"{description}\"\"\"");
}

/// A schema as a Python type.
fn annotation(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        return reference(name);
    }
    if let Some(value) = schema.get("const") {
        return literal(value);
    }
    if let (Some(values), None) = (schema.get("enum").and_then(Value::as_array), schema.get("type")) {
        return union(values.iter().map(literal).collect());
    }
    if let Some(options) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
        return union(options.iter().map(annotation).collect());
    }
    match schema.get("type") {
        Some(Value::Array(types)) => {
            union(types.iter().filter_map(Value::as_str).map(|type_| plain(type_, schema)).collect())
        }
        Some(Value::String(type_)) => plain(type_, schema),
        _ => "Any".to_owned(),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "Literal[True]".to_owned(),
        Value::Bool(false) => "Literal[False]".to_owned(),
        other => format!("Literal[{other}]"),
    }
}

/// Definitions that are plain values say what they are; the others are classes and aliases of this module.
fn reference(name: &str) -> String {
    match name {
        "Name" => "str".to_owned(),
        "Date" => "Union[str, datetime.date]".to_owned(),
        "Bits" | "Decimal" | "Prior" | "Share" | "TolerancePart" => {
            "Union[str, int, float, decimal.Decimal]".to_owned()
        }
        "Scalar" => "Union[str, int, float, bool, decimal.Decimal]".to_owned(),
        name => format!("\"{name}\""),
    }
}

fn plain(type_: &str, schema: &Value) -> String {
    match type_ {
        "string" => "str".to_owned(),
        "integer" => "int".to_owned(),
        "number" => "float".to_owned(),
        "boolean" => "bool".to_owned(),
        "null" => "None".to_owned(),
        "array" => format!("Sequence[{}]", schema.get("items").map_or_else(|| "Any".to_owned(), annotation)),
        "object" => match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => format!("Mapping[str, {}]", annotation(values)),
            _ => "Mapping[str, Any]".to_owned(),
        },
        _ => "Any".to_owned(),
    }
}

/// Literals are one list, `None` makes it optional, a type stands once.
fn union(mut types: Vec<String>) -> String {
    let optional = types.iter().any(|type_| type_ == "None");
    types.retain(|type_| type_ != "None");
    let mut members: Vec<String> = Vec::new();
    let mut literals: Vec<String> = Vec::new();
    for type_ in types {
        match type_.strip_prefix("Literal[").and_then(|rest| rest.strip_suffix(']')) {
            Some(literal) => literals.push(literal.to_owned()),
            None if members.contains(&type_) => {}
            None => members.push(type_),
        }
    }
    if !literals.is_empty() {
        members.push(format!("Literal[{}]", literals.join(", ")));
    }
    let union = match members.as_slice() {
        [one] => one.clone(),
        many => format!("Union[{}]", many.join(", ")),
    };
    if optional { format!("Optional[{union}]") } else { union }
}
