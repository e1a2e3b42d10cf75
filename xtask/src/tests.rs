use super::*;
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};
use recon378_core::Spec;
use recon378_core::spec::{CellSource, LookupSpec, ReadSpec};
use recon378_core::tables::Tables;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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

/// The specs in a text: its TOML blocks, made whole where they show one part.
fn specs(text: &str) -> Vec<String> {
    let blocks = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let specs = blocks.filter(|block| !block.contains("[dependencies]")).map(|block| {
        // Alternatives below each other are a pass each.
        let lines = block.lines().map(|line| match line.strip_prefix("on =") {
            Some(on) if block.starts_with("on =") => format!("[[pass]]\non ={on}\n"),
            _ => format!("{line}\n"),
        });
        let text: String = lines.collect();
        let pass = if text.contains("[[pass]]") { "" } else { "\n[[pass]]\non = \"reference\"\n" };
        let calendar = if text.contains("[calendars.TARGET]") { "" } else { "\n[calendars.TARGET]\n" };
        format!("{text}{pass}{calendar}")
    });
    specs.collect()
}

/// Two tables of text with every column that a spec speaks of.
fn schemas(spec: &Spec) -> [Schema; 2] {
    let mut columns: [BTreeSet<String>; 2] = [BTreeSet::new(), BTreeSet::new()];
    for field in spec.fields.values() {
        for (side, cell) in [&field.left, &field.right].into_iter().enumerate() {
            columns[side].extend(cell.iter().flat_map(|cell| match &cell.from {
                CellSource::Column(column) => vec![column.clone()],
                CellSource::DebitCredit { debit, credit } => vec![debit.clone(), credit.clone()],
                CellSource::Indicator { column, indicator, .. } => vec![column.clone(), indicator.clone()],
            }));
            let asked = cell.iter().filter_map(|cell| cell.lookup.as_ref()?.as_of.as_ref());
            columns[side].extend(asked.map(|as_of| as_of.at.clone()));
        }
    }
    let mut unlisted = |side: usize, name: &String| {
        if !spec.fields.contains_key(name) {
            columns[side].insert(name.clone());
        }
    };
    let of_passes = spec.passes.iter().flat_map(|pass| &pass.on);
    for condition in spec.defaults.iter().chain(of_passes).chain(&spec.compare) {
        for side in 0..2 {
            unlisted(side, &condition.left);
            unlisted(side, &condition.right);
        }
    }
    let tied = spec.tie_out.iter().flat_map(|tie_out| tie_out.amount.iter().chain(&tie_out.by));
    for name in tied.chain(&spec.carry) {
        unlisted(0, name);
        unlisted(1, name);
    }
    for (side, source) in [&spec.left, &spec.right].into_iter().enumerate() {
        source.filter.iter().for_each(|filter| unlisted(side, &filter.field));
    }
    columns.map(|names| {
        Schema::new(names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect::<Vec<_>>())
    })
}

/// Third tables of text, without records, with every column that a spec looks up.
fn tables(spec: &Spec) -> Tables {
    let mut columns: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for cell in spec.fields.values().flat_map(|field| [&field.left, &field.right]).flatten() {
        if let Some(LookupSpec { table, key, column, only, as_of }) = &cell.lookup {
            let own = columns.entry(table).or_default();
            own.extend([key.as_str(), column.as_str()]);
            own.extend(only.keys().map(String::as_str));
            own.extend(as_of.iter().map(|as_of| as_of.date.as_str()));
        }
    }
    let mut tables = Tables::default();
    for (name, columns) in columns {
        let fields = columns.iter().map(|name| Field::new(*name, DataType::Utf8, true));
        let batch = RecordBatch::new_empty(Arc::new(Schema::new(fields.collect::<Vec<_>>())));
        tables.add(name, vec![batch], &ReadSpec::default(), Vec::new()).expect("a table");
    }
    tables
}

#[test]
fn every_spec_in_the_documentation_decodes_and_plans() {
    let mut count = 0;
    let folder = |name: &str| std::fs::read_dir(root().join(name)).expect("a folder");
    let pages = ["docs", "docs/spec", "docs/guide", "docs/how"].into_iter().flat_map(folder);
    let pages = pages.map(|entry| entry.expect("an entry").path()).chain([root().join("README.md")]);
    for page in pages.filter(|page| page.extension().is_some_and(|ending| ending == "md")) {
        for text in specs(&std::fs::read_to_string(&page).expect("a page")) {
            let spec =
                Spec::from_toml(&text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", page.display()));
            let [left, right] = schemas(&spec);
            if let Err(error) = recon378_core::plan::resolve_with(&spec, &left, &right, &tables(&spec)) {
                panic!("{}: {error}\n{text}", page.display());
            }
            let same = Spec::from_json(&spec.to_json()).expect("JSON of a spec");
            assert_eq!(same, spec, "{text}");
            count += 1;
        }
    }
    assert!(count >= 18, "{count} examples");
}
