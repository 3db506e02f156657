//! The core's one error type.

use std::fmt;

/// Result of anything in the core that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, and where in the container.
///
/// One pointer, so that a `Result` of a number stays small: half of the decoders' code was moving errors about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Error(Box<Report>);

/// What an [`Error`] says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// What went wrong.
    pub kind: ErrorKind,
    /// Name of the section concerned, where it is known.
    pub section: Option<&'static str>,
    /// Bytes from the start of the container, where they are known.
    pub offset: Option<u64>,
}

/// Kinds of [`Error`] that a caller can act on.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes end too early. Remedy: copy the archive again, whole.
    Truncated,
    /// The bytes are no fonds container.
    BadMagic,
    /// The container is of another version of the format. Remedy: a program of that version.
    Version {
        /// Version in the container.
        found: u32,
        /// Version that this program reads.
        supported: u32,
    },
    /// The container has a section that this program does not know, and that it cannot be read without. Remedy: a newer program.
    Section {
        /// Number of the section.
        number: u8,
    },
    /// A block's checksum does not match its bytes. Remedy: copy the archive again; the rest of it stays readable.
    Checksum,
    /// The bytes are whole, but not what the format allows; the text names the rule broken.
    Corrupt(&'static str),
    /// A length exceeds what the format allows; refused before any memory is taken.
    TooLarge {
        /// Length asked for, in bytes.
        len: u64,
        /// Largest length allowed, in bytes.
        limit: u64,
    },
    /// A block could not be had; the text says why.
    Lost(String),
}

impl Error {
    /// An error at no particular place.
    #[must_use]
    #[cold]
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Report { kind, section: None, offset: None }))
    }

    /// A [`ErrorKind::Corrupt`] at no particular place yet.
    #[must_use]
    #[cold]
    pub fn corrupt(rule: &'static str) -> Self {
        Self::new(ErrorKind::Corrupt(rule))
    }

    /// The same error, placed in a section at a byte offset, unless it has a place already.
    #[must_use]
    pub fn at(mut self, section: &'static str, offset: u64) -> Self {
        self.0.section.get_or_insert(section);
        self.0.offset.get_or_insert(offset);
        self
    }
}

impl std::ops::Deref for Error {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Truncated => write!(f, "the archive ends too early: copy it again, whole")?,
            ErrorKind::BadMagic => write!(f, "this is not a fonds archive")?,
            ErrorKind::Version { found, supported } => write!(
                f,
                "the archive has format version {found}, this program reads version {supported}: open it with the program that made it"
            )?,
            ErrorKind::Section { number } => {
                write!(
                    f,
                    "the archive needs its section {number}, which this program does not know: open it with a newer one"
                )?;
            }
            ErrorKind::Checksum => {
                write!(f, "a block is damaged (its checksum does not match): copy the archive again")?;
            }
            ErrorKind::Corrupt(rule) => write!(f, "the archive is malformed: {rule}")?,
            ErrorKind::TooLarge { len, limit } => {
                write!(f, "the archive is malformed: a length of {len} bytes where at most {limit} are allowed")?;
            }
            ErrorKind::Lost(reason) => write!(f, "{reason}")?,
        }
        if let Some(section) = self.section {
            write!(f, " (section {section}")?;
            if let Some(offset) = self.offset {
                write!(f, ", byte {offset}")?;
            }
            write!(f, ")")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
