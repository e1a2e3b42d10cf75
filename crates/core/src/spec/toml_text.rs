//! A spec as TOML, laid out as a person would: a section per source, a line per field, a block per pass.

use serde_json::{Map, Value};
use std::fmt::Write as _;

/// Characters up to which a list of conditions stays on one line.
const LINE_CHARACTERS: usize = 90;

/// Lays out the canonical JSON of a spec.
pub(super) fn write(spec: &Value) -> String {
    let mut out = String::new();
    let Value::Object(entries) = spec else { return out };
    for (key, value) in entries.iter().filter(|(_, value)| !is_section(value)) {
        line(&mut out, key, value);
    }
    for (key, value) in entries.iter().filter(|(_, value)| is_section(value)) {
        section(&mut out, key, value);
    }
    out
}

/// Whether a value of the top gets a heading.
fn is_section(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.first().is_some_and(Value::is_object),
        _ => false,
    }
}

fn section(out: &mut String, key: &str, value: &Value) {
    match value {
        Value::Array(items) => {
            for item in items {
                put(out, format_args!("\n[[{}]]\n", name(key)));
                lines(out, item);
            }
        }
        Value::Object(entries) if key == "calendars" => {
            for (calendar, value) in entries {
                put(out, format_args!("\n[{}.{}]\n", name(key), name(calendar)));
                lines(out, value);
            }
        }
        value => {
            put(out, format_args!("\n[{}]\n", name(key)));
            lines(out, value);
        }
    }
}

fn lines(out: &mut String, value: &Value) {
    if let Value::Object(entries) = value {
        for (key, value) in entries {
            line(out, key, value);
        }
    }
}

fn line(out: &mut String, key: &str, value: &Value) {
    let short = inline(value);
    let text = match value {
        Value::Array(items) if short.chars().count() > LINE_CHARACTERS => {
            let items: Vec<_> = items.iter().map(|item| format!("  {},\n", inline(item))).collect();
            format!("[\n{}]", items.concat())
        }
        _ => short,
    };
    put(out, format_args!("{} = {text}\n", name(key)));
}

fn inline(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        Value::Object(entries) => table(entries),
    }
}

fn table(entries: &Map<String, Value>) -> String {
    let entries: Vec<_> =
        entries.iter().map(|(key, value)| format!("{} = {}", name(key), inline(value))).collect();
    format!("{{ {} }}", entries.join(", "))
}

fn name(key: &str) -> String {
    let bare = !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare { key.to_owned() } else { quoted(key) }
}

/// A TOML basic string. Backslashes are common in expressions, so a literal string stands where one can.
fn quoted(text: &str) -> String {
    let literal = text.contains('\\') && !text.contains('\'') && !text.chars().any(char::is_control);
    if literal {
        return format!("'{text}'");
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            other if other.is_control() => put(&mut out, format_args!("\\u{:04X}", u32::from(other))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String never fails.
    let _written = out.write_fmt(text);
}
