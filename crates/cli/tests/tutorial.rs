//! The tutorial and the README, typed as they stand: what they show is what the program prints.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says where")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn text(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// The fenced blocks of a text: language, content, and the text before.
fn blocks(text: &str) -> Vec<(&str, &str, &str)> {
    let mut parts = text.split("```");
    let mut blocks = Vec::new();
    while let (Some(before), Some(block)) = (parts.next(), parts.next()) {
        let (language, content) = block.split_once('\n').unwrap();
        blocks.push((language, content, before));
    }
    blocks
}

/// The file that was named last.
fn file_named(text: &str) -> Option<&str> {
    let ending =
        |name: &&str| Path::new(name).extension().and_then(|ending| ending.to_str()).map(str::to_owned);
    text.rsplit('`').find(|name| matches!(ending(name).as_deref(), Some("csv" | "ndjson" | "toml")))
}

/// Runs a command line and gives what it prints, and its exit code.
fn ended(folder: &Path, line: &str) -> (String, i32) {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["cat", file] => (std::fs::read_to_string(folder.join(file)).unwrap(), 0),
        ["recon378", arguments @ ..] => {
            let output = Command::new(env!("CARGO_BIN_EXE_recon378"))
                .args(arguments)
                .current_dir(folder)
                .env("NO_COLOR", "1")
                .output()
                .unwrap();
            let printed = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
            let code = output.status.code().unwrap();
            assert!(code == 2 || printed[1].is_empty(), "{line}\n{}", printed[1]);
            (printed.concat(), code)
        }
        _ => panic!("the tutorial types {line}"),
    }
}

/// Runs a command line that must go well and gives what it prints.
fn typed(folder: &Path, line: &str) -> String {
    let (text, code) = ended(folder, line);
    assert_eq!(code, 0, "{line}\n{text}");
    text
}

/// A session with what its commands print now. One that doesn't end with 0 has to be asked for its code.
fn replayed(folder: &Path, session: &str) -> String {
    let mut commands = session.lines().filter_map(|line| line.strip_prefix("$ ")).peekable();
    let mut text = String::new();
    while let Some(command) = commands.next() {
        let (printed, code) = ended(folder, command);
        write!(text, "$ {command}\n{printed}").unwrap();
        if let Some(asked) = commands.next_if_eq(&"echo $?") {
            writeln!(text, "$ {asked}\n{code}").unwrap();
        } else {
            assert_eq!(code, 0, "{command}\n{printed}");
        }
    }
    text
}

/// The text of a page with every session replayed; its files stand in `folder` afterwards.
fn replayed_page(folder: &Path, page: &str) -> String {
    let page = text(page);
    let mut now = page.clone();
    let mut sessions = 0;
    for (language, content, before) in blocks(&page) {
        match language {
            "console" => {
                sessions += 1;
                now = now.replacen(content, &replayed(folder, content), 1);
            }
            // What other languages say is run by their own tests.
            "rust" | "python" | "ts" => {}
            "sh" => content.lines().for_each(|line| drop(typed(folder, line))),
            _ => std::fs::write(folder.join(file_named(before).unwrap()), content).unwrap(),
        }
    }
    assert!(sessions >= 3, "{sessions} sessions");
    now
}

fn replayed_tutorial(folder: &Path) -> String {
    replayed_page(folder, "docs/guide/tutorial.md")
}

#[test]
fn page_on_explanations_shows_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let page = "docs/guide/explain.md";
    let now = replayed_page(folder.path(), page);
    assert!(now == text(page), "{page} should read:\n{now}");
}

#[test]
fn tutorial_shows_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let now = replayed_page(folder.path(), "docs/guide/tutorial.md");
    assert!(now == text("docs/guide/tutorial.md"), "docs/guide/tutorial.md should read:\n{now}");
}

#[test]
fn page_on_month_ends_shows_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let now = replayed_page(folder.path(), "docs/guide/month-end.md");
    assert!(now == text("docs/guide/month-end.md"), "docs/guide/month-end.md should read:\n{now}");
}

#[test]
fn page_on_payouts_shows_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let page = "docs/guide/payouts-and-orders.md";
    let now = replayed_page(folder.path(), page);
    assert!(now == text(page), "{page} should read:\n{now}");
}

#[test]
fn page_on_remittance_advices_shows_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let page = "docs/guide/remittance.md";
    let now = replayed_page(folder.path(), page);
    assert!(now == text(page), "{page} should read:\n{now}");
}

#[test]
fn page_on_duplicates_shows_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let page = "docs/guide/duplicates.md";
    let now = replayed_page(folder.path(), page);
    assert!(now == text(page), "{page} should read:\n{now}");
}

#[test]
fn page_on_migrations_shows_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let page = "docs/guide/table-migration.md";
    let now = replayed_page(folder.path(), page);
    assert!(now == text(page), "{page} should read:\n{now}");
}

#[test]
fn commands_of_the_readme_and_the_pages_on_versions_and_diffs_run() {
    let folder = tempfile::tempdir().unwrap();
    let _now = replayed_tutorial(folder.path());
    std::fs::rename(folder.path().join("recon.toml"), folder.path().join("old.toml")).unwrap();
    std::fs::copy(folder.path().join("old.toml"), folder.path().join("new.toml")).unwrap();
    std::fs::write(folder.path().join("before.csv"), "id,price\n1,9.50\n2,7.00\n").unwrap();
    std::fs::write(folder.path().join("after.csv"), "cost,id\n7.10,2\n1.00,3\n").unwrap();
    let mut commands = 0;
    for page in ["README.md", "docs/guide/compare.md", "docs/guide/diff.md"] {
        let page = text(page);
        let shell = blocks(&page).into_iter().filter(|(language, _, _)| *language == "sh");
        let lines = shell.flat_map(|(_, content, _)| content.lines());
        for line in lines.filter(|line| line.starts_with("recon378 ")) {
            typed(folder.path(), line.split('#').next().unwrap());
            commands += 1;
        }
    }
    assert!(commands >= 6, "{commands} commands");
}
