//! Names in messages: which exist, and which one was most likely meant.

use crate::error::{Mistake, Mistakes};

/// Names listed in a message; with more, the rest is counted.
const NAMES_LISTED_MAX: usize = 12;
/// Mistakes kept of one spec.
const MISTAKES_MAX: usize = 1_000;

/// Every mistake found so far, each once.
#[derive(Debug, Default)]
pub(super) struct Report {
    mistakes: Vec<Mistake>,
}

impl Report {
    pub(super) fn push(&mut self, mistake: Mistake) {
        // A default condition is looked at in every pass, but is wrong only once.
        let known = |other: &Mistake| {
            (other.code, &other.path, &other.given) == (mistake.code, &mistake.path, &mistake.given)
        };
        if self.mistakes.len() < MISTAKES_MAX && !self.mistakes.iter().any(known) {
            self.mistakes.push(mistake);
        }
    }

    pub(super) fn refuse(
        &mut self,
        code: &'static str,
        path: &str,
        given: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.push(Mistake::new(code, path, given, expected));
    }

    pub(super) fn finish(self) -> Result<(), Mistakes> {
        if self.mistakes.is_empty() { Ok(()) } else { Err(Mistakes(self.mistakes)) }
    }
}

/// A name in quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.escape_debug())
}

/// Names separated by commas, the first dozen.
pub(super) fn listed(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut names = names.into_iter();
    let shown: Vec<_> = names.by_ref().take(NAMES_LISTED_MAX).map(|name| quoted(name.as_ref())).collect();
    let more = names.count();
    match (shown.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => shown.join(", "),
        (false, more) => format!("{} and {more} more", shown.join(", ")),
    }
}
