//! What can go wrong, said so that a person can mend it and a program can act on it.
//!
//! Kinds are coarse (what a caller does about it), codes are stable (what a test checks), texts name source,
//! field, row and value. What a run *finds* (ambiguous, over tolerance, a limit reached) is a result, never an
//! error.

use std::fmt;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller does about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is wrong: mend the spec.
    InvalidSpec,
    /// The data can't be read as the spec says: mend the data or the reading rules.
    InvalidData,
    /// A limit given by the host was reached: give more or split the work.
    Limit,
    /// The host asked to stop.
    Cancelled,
    /// Something outside (a file, a device) did not answer.
    Unavailable,
    /// A bug of ours.
    Internal,
}

impl ErrorKind {
    /// The kind's stable name: `invalid_spec`, `invalid_data`, `limit`, `cancelled`, `unavailable`, `internal`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidSpec => "invalid_spec",
            Self::InvalidData => "invalid_data",
            Self::Limit => "limit",
            Self::Cancelled => "cancelled",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

/// Any failure of the engine.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The spec has mistakes; all of them are listed.
    #[error(transparent)]
    Spec(#[from] Mistakes),
    /// What was asked for (a record, a table, the key of a comparison) has mistakes; no spec is at fault.
    #[error("{}", .0.told_of("the call"))]
    Call(Mistakes),
    /// A source can't be read as the spec says.
    #[error(transparent)]
    Data(#[from] Box<DataError>),
    /// A limit given by the host would be passed.
    #[error("{what} needs {needed} {unit}, the limit is {limit}. {hint}")]
    Limit {
        /// What needed more.
        what: String,
        /// The unit of both figures: `bytes`, `rows`.
        unit: &'static str,
        /// How much it would take.
        needed: u64,
        /// How much was given.
        limit: u64,
        /// What to do.
        hint: String,
    },
    /// The host cancelled the run.
    #[error("the run was cancelled")]
    Cancelled,
    /// A promise of the engine does not hold. Never the user's fault.
    #[error("internal error: {0}. This is a bug of recon378: please report it with the spec")]
    Internal(String),
}

impl Error {
    /// What a caller does about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Spec(_) | Self::Call(_) => ErrorKind::InvalidSpec,
            Self::Data(_) => ErrorKind::InvalidData,
            Self::Limit { .. } => ErrorKind::Limit,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    /// The stable code: of the first mistake for a spec, of the problem for data, else the kind's name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Spec(mistakes) | Self::Call(mistakes) => {
                mistakes.0.first().map_or("invalid_spec", |mistake| mistake.code)
            }
            Self::Data(data) => data.code,
            other => other.kind().name(),
        }
    }

    /// All mistakes of a spec or a call; empty for other errors.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        match self {
            Self::Spec(mistakes) | Self::Call(mistakes) => &mistakes.0,
            _ => &[],
        }
    }

    /// A call with one mistake.
    #[must_use]
    pub fn call(mistake: Mistake) -> Self {
        Self::Call(Mistakes(vec![mistake]))
    }

    /// A spec with one mistake.
    #[must_use]
    pub fn spec(mistake: Mistake) -> Self {
        Self::Spec(Mistakes(vec![mistake]))
    }
}

impl From<DataError> for Error {
    fn from(error: DataError) -> Self {
        Self::Data(Box::new(error))
    }
}

/// One mistake in a spec.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Mistake {
    /// Stable code: `unknown_key`, `wrong_type`, `missing`, `unknown_field`, `unknown_column`, `bad_value`, `not_yet`, …
    pub code: &'static str,
    /// Where in the spec: `pass[0].on[1].within`.
    pub path: String,
    /// Line and column in the text the spec was read from, from 1, where known.
    pub position: Option<(u32, u32)>,
    /// What stands there, as text.
    pub given: String,
    /// What would be right, in words.
    pub expected: String,
    /// The nearest valid name, for names.
    pub nearest: Option<String>,
}

impl Mistake {
    /// A mistake at `path`.
    #[must_use]
    pub fn new(
        code: &'static str,
        path: impl Into<String>,
        given: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self {
            code,
            path: path.into(),
            position: None,
            given: given.into(),
            expected: expected.into(),
            nearest: None,
        }
    }

    /// The same mistake with the nearest valid name.
    #[must_use]
    pub fn nearest(mut self, name: Option<impl Into<String>>) -> Self {
        self.nearest = name.map(Into::into);
        self
    }

    /// The same mistake with its place in the text.
    #[must_use]
    pub fn at(mut self, position: Option<(u32, u32)>) -> Self {
        self.position = position;
        self
    }
}

impl Mistake {
    /// `whole` is what a mistake without a path is about.
    fn tell(&self, whole: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.position {
            write!(f, "line {line}, column {column}: ")?;
        }
        let path = if self.path.is_empty() { whole } else { &self.path };
        write!(f, "{path}: given {}, expected {}", self.given, self.expected)?;
        if let Some(nearest) = &self.nearest {
            write!(f, " (did you mean \"{nearest}\"?)")?;
        }
        write!(f, " [{}]", self.code)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tell("the spec", f)
    }
}

/// All mistakes of a spec, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told_of("the spec").fmt(f)
    }
}

impl Mistakes {
    fn told_of(&self, whole: &'static str) -> impl fmt::Display + '_ {
        fmt::from_fn(move |f| match self.0.as_slice() {
            [one] => {
                write!(f, "{whole} has a mistake: ")?;
                one.tell(whole, f)
            }
            all => {
                write!(f, "{whole} has {} mistakes:", all.len())?;
                all.iter().try_for_each(|mistake| {
                    f.write_str("\n  - ")?;
                    mistake.tell(whole, f)
                })
            }
        })
    }
}

/// A source that can't be read as the spec says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct DataError {
    /// Stable code: `unreadable_cell`, `double_needs_scale`, `schema_changed`, `scale_too_large`, …
    pub code: &'static str,
    /// The source's name as the user wrote it.
    pub source_name: String,
    /// The logical field, where one is concerned.
    pub field: Option<String>,
    /// The row, from 0, where one is concerned.
    pub row: Option<u64>,
    /// The value as it was given.
    pub value: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub hint: String,
}

impl DataError {
    /// A problem of a source.
    #[must_use]
    pub fn new(
        code: &'static str,
        source_name: impl Into<String>,
        problem: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            code,
            source_name: source_name.into(),
            field: None,
            row: None,
            value: None,
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    /// The same problem at a field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same problem at a cell.
    #[must_use]
    pub fn cell(mut self, row: u64, value: impl Into<String>) -> Self {
        self.row = Some(row);
        self.value = Some(value.into());
        self
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "source \"{}\"", self.source_name)?;
        if let Some(field) = &self.field {
            write!(f, ", field \"{field}\"")?;
        }
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        write!(f, ": {}", self.problem)?;
        if let Some(value) = &self.value {
            write!(f, " (value \"{value}\")")?;
        }
        if !self.hint.is_empty() {
            write!(f, ". {}", self.hint)?;
        }
        write!(f, " [{}]", self.code)
    }
}
