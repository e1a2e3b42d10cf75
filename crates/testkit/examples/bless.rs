//! Writes `expected.json` of every case of `corpus/`, or of those named: what the engine says now.

use recon378_testkit::corpus;

fn main() -> std::io::Result<()> {
    let named: Vec<String> = std::env::args().skip(1).collect();
    for case in corpus::cases()? {
        let name = case.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if named.is_empty() || named.contains(&name) {
            std::fs::write(case.join("expected.json"), corpus::readable(&corpus::outcome(&case)?))?;
        }
    }
    Ok(())
}
