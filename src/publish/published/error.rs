//! Why something cannot be opened as an archive.

use std::path::{Path, PathBuf};
use std::{error, fmt, io};

use super::super::output::cause;
use crate::error::{Error, ErrorKind};

/// Why something cannot be opened as an archive. Its message names the file, the cause and the remedy.
#[derive(Debug)]
pub struct OpenError {
    path: PathBuf,
    kind: OpenErrorKind,
}

/// What is wrong with something that cannot be opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenErrorKind {
    /// It cannot be read. Check its name and permissions.
    Io(io::Error),
    /// It is no archive that fonds made. Name one.
    Foreign(String),
    /// It is an archive of another version of the format. The error says what to do.
    Version(Error),
    /// It is an archive, and damaged. Copy it again.
    Damaged(String),
}

impl OpenError {
    /// An error about `path`.
    #[must_use]
    pub fn new(path: &Path, kind: OpenErrorKind) -> Self {
        Self { path: path.to_owned(), kind }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &OpenErrorKind {
        &self.kind
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.kind)
    }
}

impl fmt::Display for OpenErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{}; check the name", cause(error)),
            Self::Foreign(what) => write!(f, "{what}; name a published folder, zip, single html or container"),
            Self::Version(error) => write!(f, "{error}"),
            Self::Damaged(what) => write!(f, "{what}; copy the archive again"),
        }
    }
}

impl error::Error for OpenError {}

impl From<io::Error> for OpenErrorKind {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Error> for OpenErrorKind {
    fn from(error: Error) -> Self {
        match error.kind {
            ErrorKind::Version { .. } => Self::Version(error),
            ErrorKind::Truncated => damaged("it ends too early"),
            ErrorKind::Checksum => damaged("a checksum does not match"),
            _ => damaged(error.to_string()),
        }
    }
}

pub(super) fn damaged(what: impl Into<String>) -> OpenErrorKind {
    OpenErrorKind::Damaged(what.into())
}

pub(super) fn foreign(what: &str) -> OpenErrorKind {
    OpenErrorKind::Foreign(format!("this is no archive that fonds made: {what}"))
}
