//! What the repository derives from its code: written by `generate`, held current by `check` and by a test.

mod links;
mod markdown;
mod python;
mod structure;
mod typescript;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A derived file: where it stands and what it must hold.
struct Derived {
    path: &'static str,
    text: String,
}

/// Everything that is derived.
fn derived() -> Vec<Derived> {
    let schema = recon378_core::spec::json_schema();
    let python = python::spec_module(&schema).unwrap_or_else(|error| error.to_string());
    let typescript = typescript::spec_types(&schema).unwrap_or_else(|error| error.to_string());
    let reference = markdown::reference(&schema).unwrap_or_else(|error| error.to_string());
    vec![
        Derived { path: "docs/spec/schema.json", text: schema },
        Derived { path: "docs/spec/reference.md", text: reference },
        Derived { path: "bindings/python/recon378/_spec.py", text: python },
        Derived { path: "bindings/node/spec.d.ts", text: typescript },
    ]
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Writes the derived files that differ and returns their paths.
fn generate(root: &Path) -> std::io::Result<Vec<&'static str>> {
    let mut written = Vec::new();
    for file in stale(root) {
        let path = root.join(file.path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, file.text)?;
        written.push(file.path);
    }
    Ok(written)
}

/// The derived files that don't hold what they must.
fn stale(root: &Path) -> Vec<Derived> {
    let current =
        |file: &Derived| std::fs::read_to_string(root.join(file.path)).is_ok_and(|text| text == file.text);
    derived().into_iter().filter(|file| !current(file)).collect()
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that a person runs")]
fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    match command.as_deref() {
        Some("generate") => match generate(&root()) {
            Ok(written) => {
                for path in written {
                    println!("wrote {path}");
                }
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("could not write: {error}");
                ExitCode::FAILURE
            }
        },
        Some("check") => {
            let stale = stale(&root());
            for file in &stale {
                eprintln!("{} is stale: run `cargo run -p recon378-xtask -- generate`", file.path);
            }
            let problems =
                structure::problems(&root()).unwrap_or_else(|error| vec![format!("can't read: {error}")]);
            for problem in &problems {
                eprintln!("{problem}");
            }
            if stale.is_empty() && problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        _ => {
            eprintln!("usage: cargo run -p recon378-xtask -- generate | check");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests;
