//! How the program ends: a code a script can act on, and the whole error on standard error.

use recon378::{Error, ErrorKind};
use std::fmt;
use std::io::{self, Write as _};

/// An end without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Done.
    Clean,
    /// Done, and found what was asked to fail on.
    Found,
}

impl Verdict {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Found => 1,
        }
    }
}

/// An end with an error.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The library refused or failed; what a person may do about it, where that can be said.
    Library(Error, Option<String>),
    /// The call is wrong.
    Usage(String),
    /// A file or the terminal failed.
    System(String),
    /// A bug of ours.
    Ours(String),
    /// Whoever reads our output has enough.
    ClosedPipe,
}

impl Failure {
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    pub(crate) fn ours(text: impl Into<String>) -> Self {
        Self::Ours(text.into())
    }

    /// What the system said about a file.
    pub(crate) fn file(path: &std::path::Path, error: &io::Error) -> Self {
        Self::System(format!("{}: {error}", path.display()))
    }

    fn code(&self) -> u8 {
        match self {
            Self::Library(error, _) => match error.kind() {
                ErrorKind::Internal => 3,
                ErrorKind::Cancelled => 130,
                _ => 2,
            },
            Self::Usage(_) | Self::System(_) => 2,
            Self::Ours(_) => 3,
            Self::ClosedPipe => 0,
        }
    }

    fn to_json(&self) -> String {
        let (kind, code) = match self {
            Self::Library(error, _) => return format!("{{\"error\":{}}}\n", error.to_json()),
            Self::Usage(_) => ("invalid_spec", "usage"),
            Self::System(_) => ("unavailable", "unavailable"),
            Self::Ours(_) | Self::ClosedPipe => ("internal", "internal"),
        };
        let error = serde_json::json!({
            "kind": kind, "code": code, "message": self.to_string(), "mistakes": [],
        });
        format!("{}\n", serde_json::json!({ "error": error }))
    }

    /// Says what went wrong: in full on standard error, and as an object on standard output where JSON was asked
    /// for.
    pub(crate) fn report(&self, json: bool) -> u8 {
        if !matches!(self, Self::ClosedPipe) {
            let style = anstyle::AnsiColor::Red.on_default().bold();
            // Nothing is left to do where even the report can't be written.
            let _written =
                writeln!(anstream::stderr(), "{style}error{style:#}: {}", clipped(&self.to_string()));
            if json {
                let _written = anstream::stdout().write_all(self.to_json().as_bytes());
            }
        }
        self.code()
    }
}

/// Characters of a line of an error: a name of a column may be a file without a line break.
const LINE_CHARS_MAX: usize = 2_000;

/// The lines of a text, cut where they are longer than a person reads.
fn clipped(text: &str) -> String {
    let lines = text.lines().map(|line| match line.char_indices().nth(LINE_CHARS_MAX) {
        None => line.to_owned(),
        Some((end, _)) => format!("{}… ({} bytes)", line.get(..end).unwrap_or_default(), line.len()),
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Library(error, None) => error.fmt(f),
            Self::Library(error, Some(advice)) => write!(f, "{error}\n{advice}"),
            Self::Usage(text) | Self::System(text) | Self::Ours(text) => f.write_str(text),
            Self::ClosedPipe => f.write_str("the output was closed"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Library(error, None)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::System(error.to_string())
        }
    }
}
