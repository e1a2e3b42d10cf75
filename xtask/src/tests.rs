use super::*;
use serde_json::Value;

#[test]
fn derived_files_are_current() {
    let stale: Vec<_> = stale(&root()).into_iter().map(|file| file.path).collect();
    assert_eq!(stale, Vec::<&str>::new(), "run `cargo run -p recon378-xtask -- generate`");
}

#[test]
fn stale_file_is_found_and_written() {
    let folder = std::env::temp_dir().join(format!("recon378-xtask-{}", std::process::id()));
    assert_eq!(stale(&folder).len(), derived().len());
    let written = generate(&folder).expect("writable");
    assert_eq!(written.len(), derived().len());
    assert!(stale(&folder).is_empty());
    std::fs::remove_dir_all(folder).expect("removable");
}

/// Every key that a spec may have.
fn keys(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(entries) => {
            if let Some(Value::Object(properties)) = entries.get("properties") {
                found.extend(properties.keys().cloned());
            }
            entries.values().for_each(|value| keys(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[test]
fn every_key_is_in_the_reference() {
    let reference = std::fs::read_to_string(root().join("docs/spec/spec.md")).expect("docs/spec/spec.md");
    let mut found = Vec::new();
    let schema: Value = serde_json::from_str(&recon378_core::spec::json_schema()).expect("JSON");
    keys(&schema, &mut found);
    found.retain(|key| !reference.contains(&format!("`{key}`")));
    assert_eq!(found, Vec::<String>::new(), "docs/spec/spec.md says nothing of these keys");
}

#[test]
fn every_example_of_the_reference_is_a_spec() {
    let reference = std::fs::read_to_string(root().join("docs/spec/spec.md")).expect("docs/spec/spec.md");
    let examples: Vec<_> =
        reference.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() >= 8, "{} examples", examples.len());
    for example in examples {
        // Fragments show one part; a pass and a calendar make them whole.
        let pass = if example.contains("[[pass]]") { "" } else { "\n[[pass]]\non = \"reference\"\n" };
        let calendar = if example.contains("[calendars.TARGET]") { "" } else { "\n[calendars.TARGET]\n" };
        let text = format!("{example}{pass}{calendar}");
        if let Err(error) = recon378_core::Spec::from_toml(&text) {
            panic!("{error}\n{text}");
        }
    }
}
