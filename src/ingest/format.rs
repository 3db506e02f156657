//! What a format is, what its reader is told and gives, and which of the formats an input is of.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use jiff::tz::TimeZone;

use super::chosen::ChosenChats;
use super::error::{IngestError, IngestErrorKind};
use super::files::{Parts, SAMPLE_LEN, alone};
use super::formats::FORMATS;
use super::html::conversations::exporter;
use super::json::guarded::{Guarded, guarded};
use super::lines::Lines;
use super::settled::settled;
use super::table::TableOptions;
use super::{encoding, jsonl, markdown, reddit, scrape, warc};
use crate::record::{Place, Record};

/// Characters of a line that an account of it shows.
const EXCERPT_CHARS: usize = 80;

/// The name of scraped text.
pub(super) const SCRAPE: &str = "scrape";

/// The name of JSON lines.
pub(super) const JSONL: &str = "jsonl";

/// The name of JSON.
pub(super) const JSON: &str = "json";

/// The name of Markdown.
pub(super) const MARKDOWN: &str = "markdown";

/// The name of pages from the web.
pub(super) const HTML: &str = "html";

/// A format and its reader.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is.
    pub title: &'static str,
    /// What it is recognised by.
    pub recognised_by: &'static str,
    /// What its reader keeps.
    pub keeps: &'static str,
    /// Fields of a record that it never holds.
    pub lacks: &'static [&'static str],
    /// Whether others hold things of this form too: where an input is of another format as well, that is what it is.
    pub is_generic: bool,
    /// Whether its reader was tried on real exports. One that is not is made from what is public of the format.
    pub is_proven: bool,
    /// Names of files that say what others mean, such as a list of members: they are read before those.
    pub leads: &'static [&'static str],
    /// Whether a sample is of this format; absent where nothing shows it.
    pub recognise: Option<fn(&Sample<'_>) -> bool>,
    /// Reads the files of a source that are of this format.
    pub read: for<'a> fn(Parts<'a>, &'a ReadContext) -> Result<Reader<'a>, IngestError>,
}

impl Format {
    /// What people should know before they rely on it.
    #[must_use]
    pub fn caution(&self) -> Option<&'static str> {
        (!self.is_proven)
            .then_some("unproven: its reader has met no real export yet; compare some posts with the original")
    }

    /// Whether an input that is of another format as well is of that one.
    pub(super) fn yields(&self, sample: &Sample<'_>) -> bool {
        // An object on the only line is also how other formats write a whole file.
        let is_one_object = self.name == JSONL && sample.num_filled() == 1;
        let has_reader = self.name == JSONL && (reddit::recognise(sample) || warc::is_beside(sample));
        let shows_little = self.name == SCRAPE && scrape::only_repeats(sample)
            || self.name == MARKDOWN && !markdown::has_front_matter(sample);
        self.is_generic || is_one_object || has_reader || shows_little
    }

    /// Whether something shows that an input is of this format.
    #[must_use]
    pub fn is_recognisable(&self) -> bool {
        self.recognise.is_some()
    }
}

/// An open input.
pub type Input<'a> = Box<dyn BufRead + 'a>;

/// The entries of an input, in its order. After an error there are no more.
pub type Reader<'a> = Box<dyn Iterator<Item = Result<Entry, IngestError>> + 'a>;

/// What a reader must be told about its source.
#[derive(Clone, Debug)]
pub struct ReadContext {
    /// The name of the source as it is shown to people; without folders of this machine.
    pub file: String,
    /// The zone in which times without an offset are read.
    pub time_zone: TimeZone,
    /// What the source does not say, and people know.
    pub options: ReadOptions,
    /// Files of the same folder that are sources themselves.
    pub beside: Rc<BTreeSet<String>>,
}

impl ReadContext {
    /// A context without options, of a source beside which there is no other.
    pub fn new(file: impl Into<String>, time_zone: TimeZone) -> Self {
        Self { file: file.into(), time_zone, options: ReadOptions::default(), beside: Rc::default() }
    }
}

/// What people say about a source when they name it.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Chats to take of a whole account, by name or id; where there are none, all public ones.
    pub chats: ChosenChats,
    /// The channel's public name, without `@`, where the source lacks it.
    pub handle: Option<String>,
    /// How tables are read: which column is what, and how their dates are written.
    pub table: TableOptions,
    /// Where posts begin and end in a scraped text, as far as people say so.
    pub boundaries: Vec<Boundary>,
}

/// Lines of a file that are one post.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Boundary {
    /// The file; absent where it is every one.
    pub file: Option<String>,
    /// The first line, counted from 1.
    pub first: u64,
    /// The last line.
    pub last: u64,
}

/// What a reader found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entry {
    /// A record.
    Record(Box<Record>),
    /// What could not be made a record.
    Skipped(Skipped),
    /// What was found to be a record that has been yielded already, and went into it.
    Merged(Skipped),
    /// What was left out because nobody asked for it, or somebody asked to leave it out.
    Removed(Removed),
    /// What people should know about the source as a whole; a sentence, lower case, no final period.
    Note(String),
    /// What whoever builds the archive should know, and nobody else: it may name what was left out. It is never published.
    Hint(String),
}

/// The account of what was left out on request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Removed {
    /// How many records would have come of it.
    pub count: u64,
    /// Why; lower case, no final period. Never any content.
    pub reason: String,
}

/// The account of what a reader skipped.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Skipped {
    /// The file that it stands in, named as in records.
    pub file: String,
    /// Where it stands there.
    pub place: Place,
    /// Why; lower case, no final period.
    pub reason: String,
    /// How it begins.
    pub excerpt: String,
}

/// The start of an input, as far as its format may show.
#[derive(Debug)]
pub struct Sample<'a> {
    /// The name of the input.
    file: &'a str,
    /// Its bytes.
    head: &'a [u8],
    /// The lines, without their ends; up to the first that is no text.
    lines: Vec<&'a str>,
    /// Whether the last line goes on after the sample.
    is_cut: bool,
    /// Bytes of the sample.
    len: usize,
    /// Why its lines end early.
    error: Option<IngestError>,
    /// The sample as UTF-8, where it is in another encoding.
    converted: Option<String>,
}

/// Finds the format of `input`, or takes the one named, and reads it.
///
/// # Example
///
/// ```
/// use fonds::ingest::{Entry, IngestError, ReadContext, open};
/// use jiff::tz::TimeZone;
///
/// let input = "Forwarded from Harbour News\nThe first ferry leaves on Monday. #ferries\n";
/// let context = ReadContext::new("channel.txt", TimeZone::UTC);
/// let (format, reader) = open(Box::new(input.as_bytes()), None, &context)?;
/// assert_eq!(format.name, "scrape");
/// for entry in reader {
///     match entry? {
///         Entry::Record(record) => assert_eq!(record.tags, ["ferries"]),
///         other => panic!("{other:?}"),
///     }
/// }
/// # Ok::<(), IngestError>(())
/// ```
///
/// # Errors
///
/// Those of [`named`], [`detect`] and the reader; `Io` where the input cannot be read.
pub fn open<'a>(
    mut input: Input<'a>,
    format: Option<&str>,
    context: &'a ReadContext,
) -> Result<(&'static Format, Reader<'a>), IngestError> {
    if let Some(name) = format {
        let format = named(name, &context.file)?;
        return Ok((format, settled((format.read)(alone(&context.file, input), context)?)));
    }
    let mut head = Vec::with_capacity(SAMPLE_LEN);
    let read = (&mut input).take(SAMPLE_LEN as u64).read_to_end(&mut head);
    read.map_err(|error| IngestError::new(&*context.file, IngestErrorKind::Io(error)))?;

    let is_whole = head.len() < SAMPLE_LEN;
    let format = detect(Sample::new(&context.file, &head, is_whole))?;
    let input = Box::new(BufReader::new(Cursor::new(head)).chain(input));
    Ok((format, settled((format.read)(alone(&context.file, input), context)?)))
}

/// The format called `name`.
///
/// # Errors
///
/// `NoSuchFormat`.
pub fn named(name: &str, file: &str) -> Result<&'static Format, IngestError> {
    let kind = || IngestErrorKind::NoSuchFormat { name: name.to_owned() };
    FORMATS.iter().find(|format| format.name == name).ok_or_else(|| IngestError::new(file, kind()))
}

/// Which export of several that one source may hold a file is of, by a name that all its files share. Two exports may have the same
/// posts; one has each of its posts once. Whatever has but one export has one without a name.
#[must_use]
pub fn export_of<'f>(format: &str, file: &'f str) -> &'f str {
    match format {
        "telegram-json" | "telegram-web" => file,
        "telegram-html" => file.rsplit_once('/').map_or("", |(folder, _)| folder),
        _ => "",
    }
}

/// The one format that `sample` is of, by its structure.
///
/// # Errors
///
/// - `Empty`, `Binary`, `Utf16`, `NotUtf8`, `LineTooLong`: it is no text that any format could be in.
/// - `UnknownFormat`: it is text of none of the formats.
/// - `Ambiguous`: it is text of more than one.
/// - `Conversations`, `Guarded`: it is a page that a program wrote conversations into, or JSON that says whom it is for.
pub fn detect(sample: Sample<'_>) -> Result<&'static Format, IngestError> {
    let found = recognised(&sample);
    let kind = match found.as_slice() {
        [format] => match private_of(&sample, format) {
            None => return Ok(format),
            Some(kind) => kind,
        },
        [] => match sample.error {
            Some(error) => return Err(error),
            None if sample.is_blank() => IngestErrorKind::Empty,
            None => IngestErrorKind::UnknownFormat { seen: sample.describe() },
        },
        several => IngestErrorKind::Ambiguous { formats: several.iter().map(|format| format.name).collect() },
    };
    Err(IngestError::new(sample.file, kind))
}

/// Why an input must not be read by a reader that takes whatever there is: a program wrote conversations into a page, or JSON says itself
/// whom it is for.
pub(super) fn private_of(sample: &Sample<'_>, format: &Format) -> Option<IngestErrorKind> {
    match format.name {
        HTML => exporter(&sample.text())
            .map(|exporter| IngestErrorKind::Conversations { what: exporter.what, remedy: exporter.remedy }),
        JSON | JSONL => {
            let guard =
                |Guarded { what, format: name }| IngestErrorKind::Guarded { what, format: name, generic: format.name };
            let is_nothing = format.name == JSONL && jsonl::is_no_post(sample);
            let unknown = || is_nothing.then(|| IngestErrorKind::UnknownFormat { seen: sample.describe() });
            guarded(sample).map(guard).or_else(unknown)
        }
        _ => None,
    }
}

/// The formats that `sample` is of; a generic one only where no other is.
pub(super) fn recognised(sample: &Sample<'_>) -> Vec<&'static Format> {
    let is_of = |format: &&Format| format.recognise.is_some_and(|recognise| recognise(sample));
    let mut found: Vec<&'static Format> = FORMATS.iter().filter(is_of).collect();
    if found.iter().any(|format| !format.yields(sample)) {
        found.retain(|format| !format.yields(sample));
    } else if sample.hides_other_than(&found) {
        // The generic reader would take it for what it is not.
        found.clear();
    }
    found
}

impl<'a> Sample<'a> {
    /// The sample of an input that begins with `head`, or ends with it too where that `is_whole`.
    #[must_use]
    pub fn new(file: &'a str, head: &'a [u8], is_whole: bool) -> Self {
        let is_cut = !is_whole && !head.ends_with(b"\n");
        let mut sample = Self { file, head, lines: Vec::new(), is_cut, len: head.len(), error: None, converted: None };
        // Reading the lines proves that they are text; what is kept are slices of `head`, found again by their place.
        let mut lines = Lines::new(head, file);
        loop {
            let (offset, len) = match lines.next() {
                Ok(Some(line)) => (line.offset as usize, line.bytes.len()),
                Ok(None) => break,
                Err(error) => {
                    sample.error = Some(error);
                    break;
                }
            };
            let bytes = head.get(offset..offset + len).unwrap_or_default();
            match std::str::from_utf8(bytes) {
                Ok(text) => sample.lines.push(text),
                // The cut may have gone through a character: that of the sample, or one of the input.
                Err(error) if offset + len == head.len() && error.error_len().is_none() => {
                    let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
                    sample.lines.push(std::str::from_utf8(valid).unwrap_or_default());
                }
                Err(error) => {
                    let line = sample.lines.len() as u64 + 1;
                    let offset = (offset + error.valid_up_to()) as u64;
                    // What is no text in any encoding shows it later, often within a few bytes.
                    let binary = std::iter::from_fn(|| lines.next().map(|line| line.map(|_| ())).transpose())
                        .find_map(Result::err);
                    let not_utf8 = || IngestError::new(file, IngestErrorKind::NotUtf8 { line, offset });
                    sample.error = Some(binary.unwrap_or_else(not_utf8));
                    break;
                }
            }
        }
        if sample.error.is_some() {
            sample.converted = encoding::sample(head);
        }
        sample
    }

    /// The sample as UTF-8, for formats that may be in any encoding; lines end with a line feed.
    #[must_use]
    pub fn text(&self) -> String {
        self.converted.clone().unwrap_or_else(|| self.lines.join("\n"))
    }

    /// Its bytes, of which there are at most 64 KiB.
    #[must_use]
    pub fn head(&self) -> &'a [u8] {
        self.head
    }

    /// The name of the input. It may speak for a format, but never alone.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.file
    }

    /// Whether it is text, with something in it.
    #[must_use]
    pub fn has_text(&self) -> bool {
        (self.error.is_none() || self.converted.is_some()) && !self.text().trim().is_empty()
    }

    /// The lines, without their ends; the last may be cut.
    #[must_use]
    pub fn lines(&self) -> &[&'a str] {
        &self.lines
    }

    /// Whether the last of the lines goes on after the sample.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether it is of some other format than these but for its encoding, which that format is never in; any text may have a line of a
    /// scrape.
    fn hides_other_than(&self, found: &[&'static Format]) -> bool {
        let Some(text) = self.converted.as_deref().filter(|_| !found.is_empty()) else { return false };
        let is_whole = self.len < SAMPLE_LEN;
        let sample = Sample::new(self.file, text.as_bytes(), is_whole);
        recognised(&sample).iter().any(|format| format.name != SCRAPE && !format.yields(&sample))
    }

    /// Lines with something on them.
    fn num_filled(&self) -> usize {
        self.lines.iter().filter(|line| !line.trim().is_empty()).count()
    }

    fn is_blank(&self) -> bool {
        self.num_filled() == 0
    }

    /// What is seen of it, for people who wonder why it is no format.
    fn describe(&self) -> String {
        let first = self.lines.iter().find(|line| !line.trim().is_empty()).copied().unwrap_or_default();
        let blank = self.lines.iter().filter(|line| line.trim().is_empty()).count();
        let extent = if self.len < SAMPLE_LEN { "" } else { "the first " };
        format!(
            "seen {extent}{} bytes of UTF-8 text, {} lines ({blank} blank), the first of them `{}`",
            self.len,
            self.lines.len(),
            excerpt(first)
        )
    }
}

/// The start of a text, on one line.
pub(super) fn excerpt(text: &str) -> String {
    let mut chars = text.trim().chars();
    let mut excerpt: String =
        chars.by_ref().take(EXCERPT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if chars.next().is_some() {
        excerpt.push('…');
    }
    excerpt
}

/// A reader of entries that are found one by one, to the end of the input or an error.
pub(super) fn streamed<'a>(mut next: impl FnMut() -> Result<Option<Entry>, IngestError> + 'a) -> Reader<'a> {
    let mut has_failed = false;
    Box::new(std::iter::from_fn(move || {
        if has_failed {
            return None;
        }
        let entry = next().transpose();
        has_failed = matches!(entry, Some(Err(_)));
        entry
    }))
}

/// A reader of entries that are all there.
pub(super) fn entries<'a>(records: impl Iterator<Item = Record> + 'a) -> Reader<'a> {
    Box::new(records.map(|record| Ok(Entry::Record(Box::new(record)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        check_bytes(input.as_bytes(), expected);
    }

    /// Expects the name of a format, or a part of the error.
    fn check_bytes(input: &[u8], expected: &str) {
        match detect(Sample::new("f", input, true)) {
            Ok(format) => assert_eq!(format.name, expected, "{input:?}"),
            Err(error) => {
                assert!(error.to_string().contains(expected), "{error} should say {expected:?}");
            }
        }
    }

    #[test]
    fn what_another_encoding_hides_is_not_read_as_something_else() {
        let utf16 = |text: &str| -> Vec<u8> {
            b"\xFF\xFE".iter().copied().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        };
        let chat = r#"{"name": "Q", "type": "public_channel", "id": 7, "messages": [{"id": 1, "type": "message", "date": "2024-01-01T00:00:00", "text": "a"}]}"#;
        check(chat, "telegram-json");
        check_bytes(&utf16(chat), "f: the text is UTF-16LE; convert it to UTF-8");
        let page =
            r#"<!DOCTYPE html><title>Exported Data</title><div class="page_wrap"><div class="history"></div></div>"#;
        check(page, "telegram-html");
        check_bytes(&utf16(page), "f: the text is UTF-16LE; convert it to UTF-8");
        check_bytes(&utf16("<!DOCTYPE html><title>A page</title><p>Of its own.</p>"), "html");
        check_bytes(&utf16(r#"[{"text": "a"}, {"text": "b"}]"#), "json");
        check_bytes(&utf16("id,text\n1,some words\n2,some more\n"), "csv");
    }

    const ECHO: &str =
        "A heading of some length stands here\nThe first paragraph of the post goes on for a while\nThe second one\n";

    #[test]
    fn scrapes() {
        check("Forwarded from Somebody\ntext", "scrape");
        check("a\nForwarded from\u{a0}Somebody\n", "scrape");
        check("Please open Telegram to view this post\nVIEW IN TELEGRAM", "scrape");
        check("\u{feff}Forwarded from Somebody\r\ntext", "scrape");
        let tail = ECHO.split_once('\n').unwrap().1;
        check(&format!("{ECHO}{tail}"), "scrape");
        // What repeats in JSON, or in a mail, is no scrape.
        check(&format!("[{{\n{ECHO}{tail}"), "json");
        check(&format!("From: a@b.example\nSubject: c\n\n{ECHO}{tail}"), "mail");
    }

    #[test]
    fn json_lines() {
        check("{\"text\": \"a\"}", "jsonl");
        check("{\"note\": \"said somewhere\", \"n\": 1}", "jsonl");
        // Of one object alone nobody knows what it is.
        check("{}", "no known format");
        check("{\"a\": 1}", "no known format");
        check("{\"1\": {\"text\": \"a\"}, \"2\": {\"text\": \"b\"}}", "no known format");
        check("\n{\"text\": \"a\"}\n\n {\"text\": \"b\"}\n[]", "jsonl");
        let pair = format!("{{\"text\": \"{0}\"}}\n{{\"text\": \"{0}{0}\"}}\n", "long ".repeat(20));
        check(&format!("{pair}{pair}"), "jsonl");
    }

    #[test]
    fn what_says_whom_it_is_for_is_not_read_as_something_else() {
        let post = r#"{"content":"a","to":["https://a.example/b"]}"#;
        let activity = format!(r#"{{"actor":"c","object":{post},"to":["https://a.example/b"],"type":"Create"}}"#);
        for (before, behind) in
            [("{\"orderedItems\":[", "],\"type\":\"OrderedCollection\"}"), ("[", "]"), ("[\n", ",\n{}]")]
        {
            check(&format!("{before}{activity}{behind}"), "mastodon");
        }
        check(&format!("{activity}\n{activity}\n"), "f: this is a collection of ActivityPub");
        check(
            &format!(r#"{{"outbox":{{"orderedItems":[{activity}]}}}}"#),
            "`--format mastodon` (`--format jsonl` takes",
        );
        // A post that goes on after the sample.
        let long = format!(r#"{{"orderedItems":[{{"object":{{"content":"{}"#, "a".repeat(SAMPLE_LEN));
        let found = detect(Sample::new("f", &long.as_bytes()[..SAMPLE_LEN], false));
        assert!(found.is_err_and(|error| error.to_string().contains("a collection of ActivityPub")));
        let message = r#"{"sender_name":"A","timestamp_ms":7,"content":"b"}"#;
        check(&format!(r#"{{"messages":[{message}],"participants":[{{"name":"A"}}]}}"#), "meta");
        check(&format!("[{message}]"), "f: this is a private conversation");
        check(&format!(r#"{{"mine":{{"one":{{"messages":[{message}]}}}}}}"#), "f: this is a private conversation");
    }

    #[test]
    fn refuses_what_it_does_not_know_and_says_what_it_saw() {
        check(
            "Some text\nand more\n\n",
            "f: no known format: seen 20 bytes of UTF-8 text, 3 lines (1 blank), the first of them `Some text`; name one with `--format`",
        );
        check("[1, {\"a\": 1}]", "no known format");
        check("{\n  \"a\": 1\n}", "no known format");
        check("{} {}", "no known format");
        check("{}\nnothing", "no known format");
        check("Forwarded from", "no known format");
        check("{}\n{}\nForwarded from A", "f: the input looks like scrape and jsonl; choose one with `--format`");
        check("", "f: the input holds no text");
        check(" \n\n", "holds no text");
        check_bytes(b"PK\x03\x04\x14\0", "f: byte 3 is 0x04");
        check_bytes(b"\xFF\xFEa\0", "UTF-16LE");
        check_bytes(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", "byte 6 is 0x1A");
        check_bytes(b"a\ncaf\xE9 au lait\n", "line 2 is not UTF-8 at byte 5");
        check_bytes(b"Forwarded from A\nNo\xD0", "scrape");
    }

    #[test]
    fn a_sample_may_end_within_a_line_and_a_character() {
        let long = format!("{{\"text\": \"{}", "я".repeat(100));
        for cut in 10..long.len() {
            let head = &long.as_bytes()[..cut];
            assert_eq!(detect(Sample::new("f", head, false)).unwrap().name, "jsonl");
            assert!(detect(Sample::new("f", head, true)).is_err());
        }
    }

    #[test]
    fn no_bytes_panic() {
        proptest::proptest!(|(bytes: Vec<u8>, is_whole: bool)| {
            let _ = detect(Sample::new("f", &bytes, is_whole));
        });
    }

    #[test]
    fn the_table_tells_its_rows_apart() {
        let names: std::collections::HashSet<_> = FORMATS.iter().map(|format| format.name).collect();
        assert_eq!(names.len(), FORMATS.len());
        assert_eq!(named("text", "f").unwrap().name, "text");
        assert_eq!(
            named("txt", "f").unwrap_err().to_string(),
            "f: there is no format `txt`; `fonds formats` lists those there are"
        );
    }

    #[test]
    fn an_opened_input_is_read_from_its_start() {
        let text = format!("{{\"text\": \"{}\"}}\n{{\"text\": \"b\"}}", "a".repeat(2 * SAMPLE_LEN));
        let context = ReadContext::new("f", TimeZone::UTC);
        let (format, reader) = open(Box::new(text.as_bytes()), None, &context).unwrap();
        assert_eq!((format.name, reader.count()), ("jsonl", 2));
    }
}
