//! One error at the door, whatever room it comes from.

use recon378_core::error::Mistake;
use recon378_core::{Error as CoreError, ErrorKind};
use std::fmt;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any failure. The [kind](Self::kind) says what a caller does about it, the [code](Self::code) is stable, the
/// text names source, file, field, row and value and what to do.
///
/// ```
/// use recon378::{ErrorKind, Spec};
/// let error: recon378::Error = Spec::from_toml("version = 2").unwrap_err().into();
/// assert_eq!(error.kind(), ErrorKind::InvalidSpec);
/// assert!(!error.mistakes().is_empty());
/// ```
#[derive(Debug)]
pub struct Error(Box<Room>);

/// Where an error is; null where that is not known or makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Place {
    /// In the spec (of the first mistake), or the file.
    pub path: Option<String>,
    /// The source's name as the user wrote it.
    pub source: Option<String>,
    /// The logical field.
    pub field: Option<String>,
    /// The row, from 0.
    pub row: Option<u64>,
    /// The line of the file, from 1.
    pub line: Option<u64>,
    /// What stands there.
    pub value: Option<String>,
    /// What to do.
    pub hint: Option<String>,
}

fn of_mistake(mistake: &Mistake) -> Place {
    let nearest = mistake.nearest.as_ref().map(|name| format!(" (did you mean \"{name}\"?)"));
    Place {
        path: Some(mistake.path.clone()),
        value: Some(mistake.given.clone()),
        hint: Some(format!("expected {}{}", mistake.expected, nearest.unwrap_or_default())),
        ..Place::default()
    }
}

/// Where an error comes from.
#[derive(Debug)]
enum Room {
    Core(CoreError),
    #[cfg(feature = "io")]
    Io(recon378_io::IoError),
}

impl Error {
    /// What a caller does about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &*self.0 {
            Room::Core(error) => error.kind(),
            #[cfg(feature = "io")]
            Room::Io(error) => error.kind(),
        }
    }

    /// The stable code: `unknown_field`, `double_needs_scale`, `ragged_row`, `not_found`, ….
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &*self.0 {
            Room::Core(error) => error.code(),
            #[cfg(feature = "io")]
            Room::Io(error) => error.code(),
        }
    }

    /// All mistakes of a spec, in the order of its text; empty for other errors.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        match &*self.0 {
            Room::Core(error) => error.mistakes(),
            #[cfg(feature = "io")]
            Room::Io(_) => &[],
        }
    }

    /// Where it is: what the text names, as data.
    #[must_use]
    pub fn place(&self) -> Place {
        match &*self.0 {
            Room::Core(CoreError::Spec(mistakes) | CoreError::Call(mistakes)) => {
                mistakes.0.first().map(of_mistake).unwrap_or_default()
            }
            Room::Core(CoreError::Data(data)) => Place {
                source: Some(data.source_name.clone()),
                field: data.field.clone(),
                row: data.row,
                value: data.value.clone(),
                hint: Some(data.hint.clone()).filter(|hint| !hint.is_empty()),
                ..Place::default()
            },
            Room::Core(CoreError::Limit { hint, .. }) => {
                Place { hint: Some(hint.clone()), ..Place::default() }
            }
            Room::Core(_) => Place::default(),
            #[cfg(feature = "io")]
            Room::Io(error) => Place {
                path: error.path().map(|path| path.display().to_string()),
                line: error.line(),
                ..Place::default()
            },
        }
    }

    /// The error as a JSON object with `kind`, `code`, `message`, the keys of its [`place`](Self::place) and
    /// `mistakes`.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(serde::Serialize)]
        struct View<'a> {
            kind: &'a str,
            code: &'a str,
            message: String,
            #[serde(flatten)]
            place: Place,
            mistakes: &'a [Mistake],
        }
        let view = View {
            kind: self.kind().name(),
            code: self.code(),
            message: self.to_string(),
            place: self.place(),
            mistakes: self.mistakes(),
        };
        // Strings and lists of strings always have a JSON form.
        serde_json::to_string(&view).unwrap_or_default()
    }

    /// The error with the line of every mistake, where a spec was read from a text.
    pub(crate) fn located(self, spec: &recon378_core::Spec) -> Self {
        match *self.0 {
            Room::Core(error) => spec.places.locate(error).into(),
            #[cfg(feature = "io")]
            other @ Room::Io(_) => Self(Box::new(other)),
        }
    }

    /// The mistakes of a spec that was put together from what a person gave, told as those of their call: `place` says what
    /// they gave for a path of the spec, where they gave something.
    #[must_use]
    pub fn of_call(self, place: impl Fn(&str) -> Option<String>) -> Self {
        match *self.0 {
            Room::Core(CoreError::Spec(mut mistakes)) => {
                for mistake in &mut mistakes.0 {
                    mistake.path = place(&mistake.path).unwrap_or_else(|| mistake.path.clone());
                    mistake.position = None;
                }
                CoreError::Call(mistakes).into()
            }
            Room::Core(error) => error.into(),
            #[cfg(feature = "io")]
            other @ Room::Io(_) => Self(Box::new(other)),
        }
    }

    pub(crate) fn internal(problem: impl Into<String>) -> Self {
        CoreError::Internal(problem.into()).into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Room::Core(error) => error.fmt(f),
            #[cfg(feature = "io")]
            Room::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            Room::Core(error) => error.source(),
            #[cfg(feature = "io")]
            Room::Io(error) => error.source(),
        }
    }
}

impl From<CoreError> for Error {
    fn from(error: CoreError) -> Self {
        Self(Box::new(Room::Core(error)))
    }
}

#[cfg(feature = "io")]
impl From<recon378_io::IoError> for Error {
    fn from(error: recon378_io::IoError) -> Self {
        match error {
            recon378_io::IoError::Engine(error) => error.into(),
            other => Self(Box::new(Room::Io(other))),
        }
    }
}
