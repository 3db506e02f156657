//! Why an input cannot be read, and what its owner can do about it.

use std::{error, fmt, io};

/// An input that cannot be read. Its message names the file, the place, the cause and the remedy.
#[derive(Debug)]
pub struct IngestError {
    file: String,
    kind: IngestErrorKind,
}

/// What is wrong with an input.
#[derive(Debug)]
#[non_exhaustive]
pub enum IngestErrorKind {
    /// No line of it holds anything. Export it again.
    Empty,
    /// It holds bytes that no text holds. Unpack or convert it first.
    Binary {
        /// Bytes before it.
        offset: u64,
        /// The byte.
        byte: u8,
    },
    /// It begins with the mark of UTF-16. Convert it to UTF-8.
    Utf16 {
        /// Whether the high byte stands first.
        big_endian: bool,
    },
    /// It is text in another encoding, or damaged. Convert it to UTF-8.
    NotUtf8 {
        /// Line of it, counted from 1.
        line: u64,
        /// Bytes of the input before the first wrong one.
        offset: u64,
    },
    /// A line is too long to be one post. Split it.
    LineTooLong {
        /// Number of the line, counted from 1.
        line: u64,
        /// The longest length that is read, in bytes.
        limit: u64,
    },
    /// More of it would have to be held in memory at once than is sound. Split the input.
    TooLarge {
        /// The largest size that is read, in bytes.
        limit: u64,
    },
    /// A tag of its HTML has more attributes than any export writes. Take it out.
    TooManyAttributes {
        /// How many are read at most.
        limit: usize,
        /// Bytes of the input before the tag, or before a tag ahead of it.
        offset: u64,
    },
    /// A page has more elements and texts than any export writes. Split it.
    TooManyElements {
        /// How many are read at most.
        limit: usize,
    },
    /// It is no format that fonds knows. Name one.
    UnknownFormat {
        /// What was seen of it, in words.
        seen: String,
    },
    /// It is where git keeps a history. Write the history out.
    Repository,
    /// It holds nothing that is read but a zip, which is read where it is named. Name that.
    Packed {
        /// The name of the zip.
        file: String,
    },
    /// None of its files is of a format that fonds knows. Name one.
    NoKnownFile {
        /// How many there are.
        num_files: usize,
        /// The name of the first.
        first: String,
    },
    /// Its files are of several formats. Name one.
    MixedFormats {
        /// Names of the formats, each with a file of it.
        formats: Vec<(&'static str, String)>,
    },
    /// It looks like more than one format. Name one.
    Ambiguous {
        /// Names of the formats.
        formats: Vec<&'static str>,
    },
    /// It is a page that a program wrote conversations into. Have them written as what can be read.
    Conversations {
        /// What it is, in words.
        what: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// It says itself who may read it, or is private, and the readers that know such do not know this. Name a format.
    Guarded {
        /// What it is, in words.
        what: &'static str,
        /// The format whose reader knows whom it is for.
        format: &'static str,
        /// The format that takes it as it stands.
        generic: &'static str,
    },
    /// It can be read in more than one way, or in none that is known. An option decides.
    Undecided {
        /// What was seen, in words.
        seen: String,
        /// The option, as it is typed.
        option: String,
    },
    /// The format asked for has no reader. Choose one that has.
    NoSuchFormat {
        /// The name asked for.
        name: String,
    },
    /// The input could not be read to its end.
    Io(io::Error),
}

impl IngestError {
    /// An error about `file`, as it is named to people.
    #[must_use]
    pub fn new(file: impl Into<String>, kind: IngestErrorKind) -> Self {
        Self { file: file.into(), kind }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &IngestErrorKind {
        &self.kind
    }

    /// The file that it is about.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }
}

impl fmt::Display for IngestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.kind)
    }
}

impl fmt::Display for IngestErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the input holds no text; export it again"),
            Self::Binary { offset, byte } => write!(
                f,
                "byte {offset} is 0x{byte:02X}, which no text holds; unpack the input, or convert it to UTF-8 text"
            ),
            Self::Utf16 { big_endian } => {
                let name = if *big_endian { "UTF-16BE" } else { "UTF-16LE" };
                write!(f, "the text is {name}; convert it to UTF-8, for example with `iconv -f UTF-16 -t UTF-8`")
            }
            Self::NotUtf8 { line, offset } => write!(
                f,
                "line {line} is not UTF-8 at byte {offset} of the input; convert it to UTF-8, for example with `iconv -f WINDOWS-1251 -t UTF-8`"
            ),
            Self::LineTooLong { line, limit } => {
                write!(f, "line {line} is longer than {limit} bytes; split it, one post a line")
            }
            Self::TooLarge { limit } => {
                write!(f, "more than {limit} bytes would have to be held in memory at once; split the input")
            }
            Self::TooManyAttributes { limit, offset } => write!(
                f,
                "a tag at byte {offset} or behind it has more than {limit} attributes, which no export writes; take it out of the page"
            ),
            Self::TooManyElements { limit } => {
                write!(f, "it has more than {limit} elements and texts, which no export writes; split it")
            }
            Self::UnknownFormat { seen } => {
                write!(f, "no known format: {seen}; name one with `--format` (`fonds formats` lists them)")
            }
            Self::Packed { file } => write!(
                f,
                "what it holds is packed in {file}; name that zip itself, or unpack it: a zip within a folder or another zip is not opened"
            ),
            Self::NoKnownFile { num_files: 0, .. } => write!(f, "there is no file in it; name another"),
            Self::NoKnownFile { num_files, first } => write!(
                f,
                "none of its {num_files} files, the first of them {first}, is of a known format; name one with `--format` (`fonds formats` lists them)"
            ),
            Self::Repository => write!(
                f,
                "this is a repository of git, of which fonds reads what `git fast-export` writes; run `git -C PATH fast-export --all --no-data --show-original-ids --signed-tags=strip --reencode=yes > history.fast-export`, and name that file"
            ),
            Self::MixedFormats { formats } => {
                let formats: Vec<_> = formats.iter().map(|(format, file)| format!("{format} ({file})")).collect();
                write!(
                    f,
                    "its files are of several formats, {}; choose one with `--format`, or name the files of each by themselves: what they have in common is united",
                    formats.join(" and ")
                )
            }
            Self::Ambiguous { formats } => {
                write!(f, "the input looks like {}; choose one with `--format`", formats.join(" and "))
            }
            Self::Conversations { what, remedy } => {
                write!(f, "this is {what}; {remedy} (`--format html` takes each such page as one post)")
            }
            Self::Guarded { what, format, generic } => write!(
                f,
                "this is {what}, in another form than is read; try `--format {format}` (`--format {generic}` takes all of it, and whoever gets the archive can read it)"
            ),
            Self::Undecided { seen, option } => write!(f, "{seen}; decide with `{option}`"),
            Self::NoSuchFormat { name } => {
                write!(f, "there is no format `{name}`; `fonds formats` lists those there are")
            }
            Self::Io(error) => write!(f, "reading failed: {error}"),
        }
    }
}

impl error::Error for IngestError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.kind {
            IngestErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_file_place_cause_and_remedy() {
        let check = |kind, expected: &str| {
            assert_eq!(IngestError::new("a.txt", kind).to_string(), expected);
        };
        check(IngestErrorKind::Empty, "a.txt: the input holds no text; export it again");
        check(
            IngestErrorKind::Binary { offset: 4, byte: 0 },
            "a.txt: byte 4 is 0x00, which no text holds; unpack the input, or convert it to UTF-8 text",
        );
        check(
            IngestErrorKind::Ambiguous { formats: vec!["jsonl", "scrape"] },
            "a.txt: the input looks like jsonl and scrape; choose one with `--format`",
        );
        check(
            IngestErrorKind::LineTooLong { line: 2, limit: 10 },
            "a.txt: line 2 is longer than 10 bytes; split it, one post a line",
        );
    }
}
