//! Links between pages: each leads to a file and a heading that are there, and the book's contents name every page.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The book's table of contents.
const CONTENTS: &str = "docs/SUMMARY.md";

/// What is wrong with the links of these pages, which are given from `root`.
///
/// # Errors
/// Pages that can't be read.
pub(crate) fn problems(root: &Path, pages: &[&Path]) -> std::io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut listed = BTreeSet::new();
    for page in pages {
        let text = std::fs::read_to_string(root.join(page))?;
        for (file, anchor) in links(&text) {
            let dead = !leads(root, page, file, anchor)?;
            let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
            found.extend(
                dead.then(|| format!("{}: the link to {file}{anchor} leads nowhere", page.display())),
            );
            if *page == Path::new(CONTENTS) {
                listed.insert(Path::new("docs").join(file));
            }
        }
    }
    let missing = pages
        .iter()
        .filter(|page| page.starts_with("docs") && **page != Path::new(CONTENTS) && !listed.contains(**page));
    found.extend(missing.map(|page| format!("{CONTENTS}: {} is not listed", page.display())));
    Ok(found)
}

/// Whether a link's file is there, and in a page the heading.
fn leads(root: &Path, page: &Path, file: &str, anchor: &str) -> std::io::Result<bool> {
    let folder = page.parent().map(Path::to_path_buf).unwrap_or_default();
    let target: PathBuf = root.join(if file.is_empty() { page.to_path_buf() } else { folder.join(file) });
    if anchor.is_empty() || target.extension().is_none_or(|ending| ending != "md") || !target.exists() {
        return Ok(target.exists());
    }
    Ok(anchors(&std::fs::read_to_string(target)?).contains(anchor))
}

/// The lines of a Markdown text that are not code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

/// Relative links of a Markdown text: the file, empty for the page itself, and the anchor.
fn links(text: &str) -> Vec<(&str, &str)> {
    let parts = prose(text).flat_map(|line| line.split("](").skip(1));
    let targets = parts.map(|part| part.split(')').next().unwrap_or_default());
    let relative = targets.filter(|target| !target.is_empty() && !target.contains([':', ' ']));
    relative.map(|target| target.split_once('#').unwrap_or((target, ""))).collect()
}

/// The anchors of a page's headings, by mdBook's rules: letters in lower case, digits, `-` and `_` stay, white space is
/// `-`, the rest goes; an anchor that repeats gets a number.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in prose(text) {
        let title = line.trim_start_matches('#');
        if title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let kept = title.trim().chars().filter_map(|sign| match sign {
            sign if sign.is_alphanumeric() || sign == '-' || sign == '_' => Some(sign),
            sign if sign.is_whitespace() => Some('-'),
            _ => None,
        });
        let anchor: String = kept.flat_map(char::to_lowercase).collect();
        let numbered = (1..).map(|number| format!("{anchor}-{number}"));
        let free = std::iter::once(anchor.clone()).chain(numbered).find(|name| !found.contains(name));
        found.extend(free);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_text_are_found_but_not_those_in_code() {
        let text =
            "see [a](a.md#part) and [b](../b.md), [web](https://x.org)\n```\nlet [x](y)\n```\n[c](#here)";
        assert_eq!(links(text), [("a.md", "part"), ("../b.md", ""), ("", "here")]);
    }

    #[test]
    fn headings_have_the_anchors_of_the_book() {
        let text = "# Two words\n```\n# no heading\n```\n## `pairs`: one row, in 1:1 groups\n## Ça_va\n## Two words\n#tag";
        let expected = ["pairs-one-row-in-11-groups", "two-words", "two-words-1", "ça_va"];
        assert_eq!(anchors(text).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn dead_links_and_unlisted_pages_are_found() {
        let root = std::env::temp_dir().join(format!("recon378-links-{}", std::process::id()));
        std::fs::create_dir_all(root.join("docs")).unwrap();
        for (page, text) in [
            ("docs/SUMMARY.md", "[a](a.md)"),
            ("docs/a.md", "# A\n[a](#a) [a](a.md#b) [c](c.md) [b](b.md)"),
            ("docs/b.md", ""),
        ] {
            std::fs::write(root.join(page), text).unwrap();
        }
        let pages = ["docs/SUMMARY.md", "docs/a.md", "docs/b.md"].map(Path::new);
        let found = problems(&root, &pages).unwrap();
        std::fs::remove_dir_all(root).unwrap();
        assert_eq!(
            found,
            [
                "docs/a.md: the link to a.md#b leads nowhere",
                "docs/a.md: the link to c.md leads nowhere",
                "docs/SUMMARY.md: docs/b.md is not listed",
            ]
        );
    }
}
