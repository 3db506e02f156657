//! What a source consists of: one file, the files of a folder, or those of a zip.
//!
//! Readers get the files of their format one after another, in natural order (`messages2.html` before `messages10.html`), and
//! never a path: a folder is walked by the program, a zip is read in place by [`ZipFiles`], and neither can be left.

mod natural;
mod zip;

use std::io::{self, BufReader, Read};

pub use natural::natural_order;
pub use zip::ZipFiles;

use super::encoding::{Damage, Mended, is_of_another};
use super::error::{IngestError, IngestErrorKind};
use super::format::{Format, Input, ReadContext, Reader, Sample, private_of, recognised, streamed};
use super::settled::settled;

/// Bytes at the start of an input by which it is recognised. Every signature stands within the first post or two, and this is
/// sixteen posts of the longest kind that a messenger allows.
pub(super) const SAMPLE_LEN: usize = 64 << 10;

/// Bytes that are read at once.
const BUF_LEN: usize = 64 << 10;

/// Files that a source may consist of. More is no export that anyone has; a lower limit would refuse an account with its media.
pub const MAX_FILES: usize = 1 << 20;

/// Names of files that no reader of texts could want, by their ends: an export has thousands of them beside its texts, and opening
/// each would take minutes. Anything else is judged by what is in it.
const MEDIA: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "webp", "heic", "ico", "svg", "mp4", "mov", "webm", "mkv", "avi", "mp3", "m4a", "ogg",
    "oga", "opus", "wav", "flac", "tgs", "pdf", "css", "woff", "woff2", "ttf",
];

/// Formats in which Telegram Desktop writes one and the same chat, side by side: posts of both are told by the ids that both have.
const TOGETHER: [&str; 2] = ["telegram-json", "telegram-html"];

/// A file of a source.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileInfo {
    /// Its name as it is shown to people and kept in records: the source's, and for a file in a folder or zip its path there
    /// after a `/`.
    pub name: String,
    /// Length in bytes; 0 where nobody knows, as with a pipe.
    pub len: u64,
}

/// The files of a source.
pub trait Files {
    /// All of them, in natural order.
    fn list(&self) -> &[FileInfo];

    /// Opens one, by its place in the list.
    ///
    /// # Errors
    ///
    /// It cannot be opened. What it reads may fail too.
    fn open(&self, index: usize) -> io::Result<Box<dyn Read + '_>>;

    /// The start of one, at most `len` bytes. It does not count as opened.
    ///
    /// # Errors
    ///
    /// It cannot be opened or read.
    fn head(&self, index: usize, len: usize) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.open(index)?.take(len as u64).read_to_end(&mut head)?;
        Ok(head)
    }

    /// The one folder that all of them are in, of which people see nothing where they name the source: whoever packs a folder has it
    /// in the zip.
    fn top(&self) -> Option<&str> {
        None
    }

    /// Whether git keeps a history beside them.
    fn has_history(&self) -> bool {
        false
    }
}

/// One file, open.
pub struct Part<'a> {
    /// Its name, as in [`FileInfo`].
    pub file: String,
    /// Its bytes.
    pub input: Input<'a>,
    /// Bytes of its path that are the same in all files, see [`Files::top`].
    top_len: usize,
}

impl<'a> Part<'a> {
    /// A file whose name says where it stands.
    pub(super) fn new(file: impl Into<String>, input: Input<'a>) -> Self {
        Self { file: file.into(), input, top_len: 0 }
    }

    /// Where it stands in the source: the same in a folder and in a zip of it.
    pub(super) fn path(&self) -> &str {
        path_in_source(&self.file).get(self.top_len..).unwrap_or_default()
    }

    /// Its name and all of its bytes, for formats that are read as a whole.
    ///
    /// # Errors
    /// - `Io`: it cannot be read.
    /// - `TooLarge`: it has more bytes than `limit`.
    pub(super) fn whole(self, limit: u64) -> Result<(String, Vec<u8>), IngestError> {
        let Self { file, input, .. } = self;
        let mut bytes = Vec::new();
        match input.take(limit + 1).read_to_end(&mut bytes) {
            Err(error) => Err(IngestError::new(file, IngestErrorKind::Io(error))),
            Ok(_) if bytes.len() as u64 > limit => Err(IngestError::new(file, IngestErrorKind::TooLarge { limit })),
            Ok(_) => Ok((file, bytes)),
        }
    }

    /// Its name and all of its text, without the beginning of a character within which it is cut, and what is to be said of bytes in
    /// it that are none.
    ///
    /// # Errors
    /// Those of [`Part::whole`], and `NotUtf8` where it is in another encoding.
    pub(super) fn text(self, limit: u64) -> Result<(String, Mended, Option<String>), IngestError> {
        let (file, mut bytes) = self.whole(limit)?;
        let Err(error) = std::str::from_utf8(&bytes) else {
            return Ok((file, Mended::new(bytes, 0, &mut Damage::default()), None));
        };
        if is_of_another(&bytes) {
            let offset = error.valid_up_to();
            let line = bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() as u64 + 1;
            return Err(IngestError::new(file, IngestErrorKind::NotUtf8 { line, offset: offset as u64 }));
        }
        let cut = bytes.utf8_chunks().last().map_or(0, |last| {
            let is_begun = std::str::from_utf8(last.invalid()).is_err_and(|error| error.error_len().is_none());
            if is_begun { last.invalid().len() } else { 0 }
        });
        bytes.truncate(bytes.len() - cut);
        let mut damage = Damage::default();
        let mended = Mended::new(bytes, 0, &mut damage);
        let note = damage.note(&file);
        Ok((file, mended, note))
    }
}

/// The files of one format, in order, each opened when its turn comes.
pub type Parts<'a> = Box<dyn Iterator<Item = Result<Part<'a>, IngestError>> + 'a>;

/// What a source was found to be.
#[derive(Clone, Debug)]
pub struct Detected {
    /// Its format.
    pub format: &'static Format,
    /// The files of that format, by their places in the list.
    pub files: Vec<usize>,
}

/// Finds the format that files of `source` are of, by their structure, or takes the one called `format`. Of a folder or zip
/// those files are taken that are of it; the rest, such as pictures, is left alone. Formats that one export has side by side are
/// several: each is read by itself.
///
/// # Errors
///
/// - `NoSuchFormat`.
/// - Of one file: those of [`detect`](super::detect).
/// - Of several: `NoKnownFile` where none of them is recognised, `MixedFormats` where they are of formats that are not written together,
///   `Conversations` where there are such pages, and nothing else that shows what it is.
/// - `Io`: a file cannot be read.
pub fn detect_files(source: &dyn Files, name: &str, format: Option<&str>) -> Result<Vec<Detected>, IngestError> {
    let wanted = format.map(|format| super::named(format, name)).transpose()?;
    let list = source.list();
    if let [file] = list {
        let format = match wanted {
            Some(format) => format,
            // A zip that was named is a source of its files; this one lies in a folder or in another zip.
            None if is_zip(&file.name) && head(source, 0, file)?.starts_with(b"PK\x03\x04") => {
                return Err(IngestError::new(name, IngestErrorKind::Packed { file: file.name.clone() }));
            }
            None => detect_file(source, 0, file).map_err(|error| match error.kind() {
                IngestErrorKind::UnknownFormat { .. } if source.has_history() => {
                    IngestError::new(name, IngestErrorKind::Repository)
                }
                _ => error,
            })?,
        };
        return Ok(vec![Detected { format, files: vec![0] }]);
    }
    let mut found: Vec<(&'static Format, Vec<usize>)> = Vec::new();
    // The first page of conversations: such pages are read where they are asked for, and are nothing where they are not.
    let mut conversations = None;
    // Formats of which some file could be of no other.
    let mut sure: Vec<&str> = Vec::new();
    for (index, file) in list.iter().enumerate().filter(|(_, file)| !is_media(&file.name)) {
        let head = head(source, index, file)?;
        let sample = sample(file, &head);
        let formats = match wanted {
            // Formats that nothing shows, such as plain text, are what they are asked to be.
            Some(format) if format.is_recognisable() => {
                recognised(&sample).into_iter().filter(|found| found.name == format.name).collect()
            }
            Some(format) => vec![format],
            None => recognised(&sample),
        };
        for format in formats {
            if let Some(kind) = private_of(&sample, format).filter(|_| wanted.is_none()) {
                conversations = conversations.or_else(|| Some(IngestError::new(&*file.name, kind)));
                continue;
            }
            if !format.yields(&sample) {
                sure.push(format.name);
            }
            match found.iter_mut().find(|(known, _)| known.name == format.name) {
                Some((_, files)) => files.push(index),
                None => found.push((format, vec![index])),
            }
        }
    }
    if !sure.is_empty() {
        found.retain(|(format, _)| sure.contains(&format.name));
    }
    // Beside the same as JSON, and with that alone, they are passed over, and named to whoever builds.
    if let Some(error) = conversations.filter(|_| found.iter().all(|(format, _)| format.is_generic)) {
        return Err(error);
    }
    let name_of = |index: Option<&usize>| index.and_then(|index| list.get(*index)).map(|file| file.name.clone());
    let is_one_export = found.iter().all(|(format, _)| TOGETHER.contains(&format.name));
    if found.len() == 1 || (is_one_export && !found.is_empty()) {
        // In the order of the table, so that what says most is read first.
        found.sort_by_key(|(format, _)| TOGETHER.iter().position(|name| *name == format.name));
        return Ok(found.into_iter().map(|(format, files)| Detected { format, files }).collect());
    }
    let kind = match found.as_slice() {
        [] if is_repository(list) || source.has_history() => IngestErrorKind::Repository,
        [] if let Some(file) = list.iter().find(|file| is_zip(&file.name)) => {
            IngestErrorKind::Packed { file: file.name.clone() }
        }
        [] => IngestErrorKind::NoKnownFile { num_files: list.len(), first: name_of(Some(&0)).unwrap_or_default() },
        several => IngestErrorKind::MixedFormats {
            formats: several
                .iter()
                .map(|(format, files)| (format.name, name_of(files.first()).unwrap_or_default()))
                .collect(),
        },
    };
    Err(IngestError::new(name, kind))
}

/// Reads the files that were found. `source` may be another view of those that [`detect_files`] saw, such as one that counts
/// what is read.
///
/// # Errors
///
/// Those of the reader; it may meet more later.
pub fn read_files<'a>(
    source: &'a dyn Files,
    detected: &Detected,
    context: &'a ReadContext,
) -> Result<Reader<'a>, IngestError> {
    let mut files = detected.files.clone();
    let rank = |index: &usize| {
        let name = source.list().get(*index).and_then(|file| file.name.rsplit('/').next()).unwrap_or_default();
        let leads = detected.format.leads;
        leads.iter().position(|lead| *lead == name).unwrap_or(leads.len())
    };
    files.sort_by_key(rank);
    let parts =
        files.into_iter().filter_map(move |index| source.list().get(index).map(|file| open_part(source, index, file)));
    (detected.format.read)(Box::new(parts), context).map(settled)
}

/// Reads each file by itself, for formats whose files know nothing of each other.
pub(super) fn each<'a>(
    mut parts: Parts<'a>,
    mut read: impl FnMut(Part<'a>) -> Result<Reader<'a>, IngestError> + 'a,
) -> Result<Reader<'a>, IngestError> {
    // The first file is opened at once, so that what is not of the format at all is said at once.
    let mut current = parts.next().map(|part| read(part?)).transpose()?;
    Ok(streamed(move || {
        loop {
            let Some(reader) = &mut current else { return Ok(None) };
            if let Some(entry) = reader.next() {
                return entry.map(Some);
            }
            current = parts.next().map(|part| read(part?)).transpose()?;
        }
    }))
}

/// One open file as the only one of a source.
pub(super) fn alone<'a>(file: &str, input: Input<'a>) -> Parts<'a> {
    Box::new(std::iter::once(Ok(Part::new(file, input))))
}

fn open_part<'a>(source: &'a dyn Files, index: usize, file: &FileInfo) -> Result<Part<'a>, IngestError> {
    let input = source.open(index).map_err(|error| IngestError::new(&*file.name, IngestErrorKind::Io(error)))?;
    let top_len = source.top().map_or(0, |top| top.len() + 1);
    Ok(Part { file: file.name.clone(), input: Box::new(BufReader::with_capacity(BUF_LEN, input)), top_len })
}

/// A file's name without that of the source.
pub(super) fn path_in_source(file: &str) -> &str {
    file.split_once('/').map_or(file, |(_, path)| path)
}

fn head(source: &dyn Files, index: usize, file: &FileInfo) -> Result<Vec<u8>, IngestError> {
    source.head(index, SAMPLE_LEN).map_err(|error| IngestError::new(&*file.name, IngestErrorKind::Io(error)))
}

fn sample<'a>(file: &'a FileInfo, head: &'a [u8]) -> Sample<'a> {
    Sample::new(&file.name, head, head.len() < SAMPLE_LEN)
}

fn detect_file(source: &dyn Files, index: usize, file: &FileInfo) -> Result<&'static Format, IngestError> {
    super::detect(sample(file, &head(source, index, file)?))
}

/// Whether these are the files of a repository of git: where its branch stands, and its objects beside that.
fn is_repository(list: &[FileInfo]) -> bool {
    let heads = list.iter().filter_map(|file| file.name.strip_suffix("HEAD"));
    heads.filter(|folder| folder.is_empty() || folder.ends_with('/')).any(|folder| {
        let objects = format!("{folder}objects/");
        list.iter().any(|file| file.name.starts_with(&objects))
    })
}

fn is_zip(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("zip"))
}

fn is_media(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| MEDIA.iter().any(|media| end.eq_ignore_ascii_case(media)))
}

impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part").field("file", &self.file).finish_non_exhaustive()
    }
}

/// Files of a test, in this order.
#[cfg(test)]
pub(super) fn several<'a>(files: Vec<(&str, String)>) -> Parts<'a> {
    let files: Vec<_> =
        files.into_iter().map(|(name, text)| Part::new(name, Box::new(io::Cursor::new(text)))).collect();
    Box::new(files.into_iter().map(Ok))
}

/// The records of a whole reader, beside whatever else it says.
#[cfg(test)]
pub(super) fn records(reader: Result<Reader<'_>, IngestError>) -> Vec<crate::record::Record> {
    let entries = all(reader).unwrap().into_iter();
    entries.filter_map(|entry| if let super::Entry::Record(record) = entry { Some(*record) } else { None }).collect()
}

/// The entries of a whole reader; tests of readers want them all.
#[cfg(test)]
pub(super) fn all(reader: Result<Reader<'_>, IngestError>) -> Result<Vec<super::Entry>, IngestError> {
    reader?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::Entry;
    use jiff::tz::TimeZone;

    struct Memory(Vec<FileInfo>, Vec<&'static [u8]>);

    impl Memory {
        fn new(files: &[(&str, &'static str)]) -> Self {
            let info = |(name, text): &(&str, &str)| FileInfo { name: format!("s/{name}"), len: text.len() as u64 };
            Self(files.iter().map(info).collect(), files.iter().map(|(_, text)| text.as_bytes()).collect())
        }
    }

    impl Files for Memory {
        fn list(&self) -> &[FileInfo] {
            &self.0
        }

        fn open(&self, index: usize) -> io::Result<Box<dyn Read + '_>> {
            Ok(Box::new(self.1[index]))
        }
    }

    /// Expects the format and the places of what was read, or a part of the error.
    fn check(files: &[(&str, &'static str)], format: Option<&str>, expected: &[&str]) {
        let files = Memory::new(files);
        let context = ReadContext::new("s", TimeZone::UTC);
        let found = match detect_files(&files, "s", format) {
            Ok(detected) => {
                let [detected] = detected.as_slice() else { panic!("{detected:?}") };
                let entries = all(read_files(&files, detected, &context)).unwrap().into_iter();
                let show = |entry| match entry {
                    Entry::Record(record) => format!("{} {}", record.source.file, record.text),
                    Entry::Skipped(skipped) => format!("{} skipped", skipped.file),
                    other => panic!("{other:?}"),
                };
                std::iter::once(detected.format.name.to_owned()).chain(entries.map(show)).collect::<Vec<_>>()
            }
            Err(error) => vec![error.to_string()],
        };
        assert_eq!(found, expected);
    }

    const LINES: &str = "{\"text\": \"a\"}\n{\"text\": \"b\"}";
    const SCRAPE: &str = "Forwarded from A\nb\n";

    #[test]
    fn files_of_one_format_are_read_in_order() {
        let files = [
            ("1.txt", "words"),
            ("2.jsonl", LINES),
            ("3.jsonl", "{\"text\": \"c\"}\n{\"text\": \"d\"}\n{]"),
            ("4.jpg", SCRAPE),
        ];
        check(
            &files,
            None,
            &["jsonl", "s/2.jsonl a", "s/2.jsonl b", "s/3.jsonl c", "s/3.jsonl d", "s/3.jsonl skipped"],
        );
    }

    #[test]
    fn mixed_files_need_a_format() {
        let files = [("1.txt", SCRAPE), ("2.jsonl", LINES)];
        let error = "s: its files are of several formats, scrape (s/1.txt) and jsonl (s/2.jsonl); choose one with `--format`, or name the files of each by themselves: what they have in common is united";
        check(&files, None, &[error]);
        check(&files, Some("scrape"), &["scrape", "s/1.txt b"]);
        check(
            &files,
            Some("text"),
            &["text", "s/1.txt Forwarded from A\nb", "s/2.jsonl {\"text\": \"a\"}\n{\"text\": \"b\"}"],
        );
    }

    #[test]
    fn pages_of_conversations_are_no_posts() {
        const CHAT: &str =
            "<!DOCTYPE html><html><body><div class=chatlog__message-group><div class=chatlog__message-container>secret";
        const PAGE: &str = "<!DOCTYPE html><html><body><article><p>Fog.</p></article></body></html>";
        const REFUSED: &str = "this is a channel that DiscordChatExporter wrote as a page; export it again as JSON (`--format Json`), and name that (`--format html` takes each such page as one post)";
        check(&[("a.html", CHAT)], None, &[&format!("s/a.html: {REFUSED}")]);
        check(&[("a.html", CHAT), ("b.html", PAGE)], None, &[&format!("s/a.html: {REFUSED}")]);
        check(&[("a.html", CHAT), ("b.jsonl", LINES)], None, &["jsonl", "s/b.jsonl a", "s/b.jsonl b"]);
        check(&[("a.html", CHAT), ("b.html", PAGE)], Some("html"), &["html", "s/a.html secret", "s/b.html Fog."]);
        check(&[("a.html", CHAT)], Some("html"), &["html", "s/a.html secret"]);
    }

    #[test]
    fn unknown_files_are_named() {
        let error = "s: none of its 2 files, the first of them s/1.txt, is of a known format; name one with `--format` (`fonds formats` lists them)";
        check(&[("1.txt", "words"), ("2.txt", "more")], None, &[error]);
        check(&[], None, &["s: there is no file in it; name another"]);
        let error = "s: what it holds is packed in s/2.zip; name that zip itself, or unpack it: a zip within a folder or another zip is not opened";
        check(&[("2.zip", "PK\x03\x04")], None, &[error]);
        check(&[("1.jpg", ""), ("2.zip", "PK\x03\x04")], None, &[error]);
    }
}
