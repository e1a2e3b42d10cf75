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

    /// The error as a JSON object with `kind`, `code`, `message` and `mistakes`.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(serde::Serialize)]
        struct View<'a> {
            kind: &'a str,
            code: &'a str,
            message: String,
            mistakes: &'a [Mistake],
        }
        let view = View {
            kind: self.kind().name(),
            code: self.code(),
            message: self.to_string(),
            mistakes: self.mistakes(),
        };
        // Strings and lists of strings always have a JSON form.
        serde_json::to_string(&view).unwrap_or_default()
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
