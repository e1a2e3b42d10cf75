//! Writes `expected.json` of every case of `corpus/`, or of those named: what the engine says now. Cases that compare typed
//! tables get their `.arrow` files, too.

use recon378_testkit::{corpus, corpus_compare};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let named: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |case: &Path| {
        let name = case.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        named.is_empty() || named.contains(&name)
    };
    for case in corpus::cases()?.into_iter().filter(|case| wanted(case)) {
        std::fs::write(case.join("expected.json"), corpus::readable(&corpus::outcome(&case)?))?;
    }
    for case in corpus_compare::cases()?.into_iter().filter(|case| wanted(case)) {
        for (file, bytes) in corpus_compare::typed_files(&case)? {
            std::fs::write(file, bytes)?;
        }
        let told = corpus_compare::outcome(&case, None)?;
        std::fs::write(case.join("expected.json"), corpus::readable(&told))?;
    }
    Ok(())
}
