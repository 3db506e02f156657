//! JSON texts that are one long list, or an object about one: the list is streamed, the rest is handed over as it comes.
//!
//! ```text
//! {"channel": {…}, "messages": [{…}, {…}, …], "messageCount": 2}
//!  └ member         └ list       └ element
//! ```
//!
//! A [`Walk`] says which list is meant and makes entries of its elements; [`read`] does the rest: one element is held at a time, one
//! that cannot be read costs itself, and where the file is cut all before is kept.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, Read};

use serde_json::Value;

use super::object::Object;
use super::pull::{Fault, Scanner};
use crate::ingest::error::{IngestError, IngestErrorKind};
use crate::ingest::files::{Part, Parts};
use crate::ingest::format::{Entry, Reader, Sample, Skipped, excerpt, streamed};
use crate::record::{Place, Source};

/// Longest element that is read, in bytes: posts of any service with all that hangs on them have a thousandth of it.
const MAX_ELEMENT_LEN: usize = 8 << 20;

/// Longest member beside the list that is read, in bytes. Longer ones say nothing of the posts.
const MAX_MEMBER_LEN: usize = 1 << 20;

/// Bytes of an element that an account of it may need.
const EXCERPT_LEN: usize = 512;

/// Makes entries of what is in a source.
pub(in crate::ingest) trait Walk {
    /// A file begins: which member of its root is the list, or that the root itself is (`""`). What stands before the JSON is read
    /// here. `None` passes over the file.
    fn begin(&mut self, part: &mut Part<'_>) -> io::Result<Option<List>>;

    /// A member of the root beside the list.
    fn member(&mut self, _name: &str, _value: Value) {}

    /// Whether what cannot be read of the file may be quoted. The account of a source is published, so that nothing is which the reader
    /// would leave out.
    fn is_quoted(&self) -> bool {
        true
    }

    /// An element of the list.
    fn element(&mut self, element: Object, at: &At<'_>, entries: &mut VecDeque<Entry>);

    /// The file ends.
    fn end(&mut self, _entries: &mut VecDeque<Entry>) {}

    /// There are no more files.
    fn finish(&mut self, _entries: &mut VecDeque<Entry>) {}
}

/// Where a file's list is.
pub(in crate::ingest) struct List {
    pub(in crate::ingest) name: &'static str,
    /// Bytes of the file that were read before the JSON.
    pub(in crate::ingest) offset: u64,
}

impl List {
    /// The list of this name in a file that is JSON from its start.
    pub(in crate::ingest) fn named(name: &'static str) -> Self {
        Self { name, offset: 0 }
    }
}

/// Where something stands.
pub(in crate::ingest) struct At<'a> {
    pub(in crate::ingest) file: &'a str,
    pub(in crate::ingest) place: Place,
}

impl At<'_> {
    /// As a record has it.
    pub(in crate::ingest) fn source(&self) -> Source {
        Source { file: self.file.to_owned(), place: Some(self.place.clone()), copies: Vec::new() }
    }

    /// An account of it.
    pub(in crate::ingest) fn skipped(&self, reason: &str, text: &str) -> Entry {
        Entry::Skipped(Skipped {
            file: self.file.to_owned(),
            place: self.place.clone(),
            reason: reason.to_owned(),
            excerpt: excerpt(text),
        })
    }
}

/// Whether a file is a list, and no object about one.
pub(in crate::ingest) fn is_list(part: &mut Part<'_>) -> io::Result<bool> {
    let head = part.input.fill_buf()?;
    let first = head.iter().find(|byte| byte.is_ascii() && !byte.is_ascii_whitespace());
    Ok(first == Some(&b'['))
}

/// Reads files one after another.
#[expect(clippy::unnecessary_wraps, reason = "every reader may find at once that the input is not of its format")]
pub(in crate::ingest) fn read<'a>(parts: Parts<'a>, walk: impl Walk + 'a) -> Result<Reader<'a>, IngestError> {
    let mut walker = Walker { parts, walk, open: None, entries: VecDeque::new(), is_done: false };
    Ok(streamed(move || walker.next()))
}

/// The root of a sample, as far as it goes: its members with the short ones among their values, and the first element of its list.
pub(in crate::ingest) struct Sketch {
    members: Vec<(String, Value)>,
    /// Whether the list is there.
    pub(in crate::ingest) has_list: bool,
    pub(in crate::ingest) first: Option<Object>,
}

impl Sketch {
    /// Looks at what `sample` begins with.
    pub(in crate::ingest) fn new(sample: &Sample<'_>, list: &'static str) -> Self {
        Self::of(sample.head(), list)
    }

    /// Looks at what these bytes begin with.
    pub(in crate::ingest) fn of(head: &[u8], list: &'static str) -> Self {
        let mut outline = Outline::new(head, List::named(list));
        let mut sketch = Self { members: Vec::new(), has_list: false, first: None };
        while let Ok(Some(piece)) = outline.next() {
            match piece {
                Piece::Member(name, value) => sketch.members.push((name, value)),
                Piece::Element(_, value) => {
                    sketch.first = Object::of(value);
                    break;
                }
                Piece::Broken(..) => break,
            }
        }
        sketch.has_list = outline.has_list;
        sketch
    }

    /// A member of the root before the list.
    pub(in crate::ingest) fn member(&self, name: &str) -> Option<&Value> {
        self.members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Whether the first element has members of all these names, `null` or not.
    pub(in crate::ingest) fn first_has(&self, names: &[&str]) -> bool {
        self.first.as_ref().is_some_and(|first| names.iter().all(|name| first.get(name).is_some()))
    }
}

struct Walker<'a, W> {
    parts: Parts<'a>,
    walk: W,
    open: Option<Open<'a>>,
    entries: VecDeque<Entry>,
    is_done: bool,
}

struct Open<'a> {
    file: String,
    outline: Outline<crate::ingest::format::Input<'a>>,
}

impl<W: Walk> Walker<'_, W> {
    fn next(&mut self) -> Result<Option<Entry>, IngestError> {
        loop {
            if let Some(entry) = self.entries.pop_front() {
                return Ok(Some(entry));
            }
            if self.is_done {
                return Ok(None);
            }
            match &mut self.open {
                None => self.open_next()?,
                Some(open) => {
                    let failed = |error| IngestError::new(&*open.file, IngestErrorKind::Io(error));
                    match open.outline.next().map_err(failed)? {
                        None => {
                            self.open = None;
                            self.walk.end(&mut self.entries);
                        }
                        Some(Piece::Member(name, value)) => self.walk.member(&name, value),
                        Some(Piece::Element(place, value)) => {
                            let at = At { file: &open.file, place };
                            match Object::of(value) {
                                Some(element) => self.walk.element(element, &at, &mut self.entries),
                                None => {
                                    self.entries.push_back(at.skipped("a bare value stands where a post is due", ""));
                                }
                            }
                        }
                        Some(Piece::Broken(place, reason, head)) => {
                            let at = At { file: &open.file, place };
                            let head = if self.walk.is_quoted() { &*head } else { "" };
                            self.entries.push_back(at.skipped(&reason, head));
                        }
                    }
                }
            }
        }
    }

    fn open_next(&mut self) -> Result<(), IngestError> {
        let Some(part) = self.parts.next() else {
            self.is_done = true;
            self.walk.finish(&mut self.entries);
            return Ok(());
        };
        let mut part = part?;
        let begun = self.walk.begin(&mut part);
        let begun = begun.map_err(|error| IngestError::new(&*part.file, IngestErrorKind::Io(error)))?;
        self.open = begun.map(|list| Open { file: part.file, outline: Outline::new(part.input, list) });
        Ok(())
    }
}

/// A JSON text on its way through.
struct Outline<R> {
    scanner: Scanner<R>,
    list: List,
    state: State,
    /// Whether the root is an object.
    is_object: bool,
    /// Whether the list has begun.
    has_list: bool,
}

#[derive(Clone, Copy)]
enum State {
    Start,
    Members,
    Elements,
    Done,
}

enum Piece {
    Member(String, Value),
    Element(Place, Value),
    /// What could not be read: its place, why, and how it begins.
    Broken(Place, String, String),
}

impl<R: Read> Outline<R> {
    fn new(input: R, list: List) -> Self {
        Self { scanner: Scanner::new(input), list, state: State::Start, is_object: false, has_list: false }
    }

    fn next(&mut self) -> io::Result<Option<Piece>> {
        loop {
            let start = self.scanner.offset();
            let step = match self.state {
                State::Start => self.begin(),
                State::Members => self.member(),
                State::Elements => self.element(),
                State::Done => return Ok(None),
            };
            match step {
                Ok(None) => {}
                Ok(piece) => return Ok(piece),
                Err(Fault::Io(error)) => return Err(error),
                Err(fault) => {
                    self.state = State::Done;
                    let end = self.scanner.end().max(start);
                    if end == 0 {
                        return Ok(None);
                    }
                    let reason = match fault {
                        Fault::Cut => "the file is cut here; what stands before is kept".to_owned(),
                        fault => format!("from here on the file cannot be read: {fault}"),
                    };
                    return Ok(Some(Piece::Broken(self.place(start, end), reason, String::new())));
                }
            }
        }
    }

    fn place(&self, start: u64, end: u64) -> Place {
        Place::Bytes(self.list.offset + start, self.list.offset + end)
    }

    fn begin(&mut self) -> Result<Option<Piece>, Fault> {
        let is_list = self.list.name.is_empty();
        self.is_object = !is_list;
        self.has_list = is_list;
        self.scanner.expect(if is_list { b'[' } else { b'{' }, if is_list { "`[`" } else { "`{`" })?;
        self.state = if is_list { State::Elements } else { State::Members };
        Ok(None)
    }

    fn member(&mut self) -> Result<Option<Piece>, Fault> {
        self.scanner.comma()?;
        if self.scanner.peek()? == b'}' {
            self.scanner.skip_byte();
            self.state = State::Done;
            return Ok(None);
        }
        let name = self.scanner.key()?;
        if name == self.list.name && self.scanner.peek()? == b'[' {
            self.scanner.skip_byte();
            self.has_list = true;
            self.state = State::Elements;
            return Ok(None);
        }
        match self.scanner.value(MAX_MEMBER_LEN) {
            Ok(json) => Ok(parse(json).ok().map(|value| Piece::Member(name, value))),
            Err(Fault::TooLong(_)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    fn element(&mut self) -> Result<Option<Piece>, Fault> {
        self.scanner.comma()?;
        if self.scanner.peek()? == b']' {
            self.scanner.skip_byte();
            self.state = if self.is_object { State::Members } else { State::Done };
            return Ok(None);
        }
        let start = self.scanner.offset();
        let (reason, head) = match self.scanner.value(MAX_ELEMENT_LEN) {
            Ok(json) => match parse(json) {
                Ok(value) => {
                    let end = start + json.len() as u64;
                    return Ok(Some(Piece::Element(self.place(start, end), value)));
                }
                Err(error) => {
                    let head = json.get(..EXCERPT_LEN).unwrap_or(json);
                    (format!("not JSON: {error}"), String::from_utf8_lossy(head).into_owned())
                }
            },
            Err(fault @ Fault::TooLong(_)) => (fault.to_string(), String::new()),
            Err(fault) => return Err(fault),
        };
        Ok(Some(Piece::Broken(self.place(start, self.scanner.offset()), reason, head)))
    }
}

fn parse(json: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(json).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows what a text consists of.
    fn pieces(text: &str, list: &'static str) -> Vec<String> {
        let mut outline = Outline::new(text.as_bytes(), List { name: list, offset: 100 });
        let mut pieces = Vec::new();
        while let Some(piece) = outline.next().unwrap() {
            pieces.push(match piece {
                Piece::Member(name, value) => format!("{name}={value}"),
                Piece::Element(place, value) => format!("{place}: {value}"),
                Piece::Broken(place, reason, head) => format!("{place}! {reason}; {head}"),
            });
        }
        pieces
    }

    #[test]
    fn the_list_is_streamed_and_the_rest_handed_over() {
        let text = r#"{"a": 1, "list": [{"b": 2}, 3], "c": "x"}"#;
        assert_eq!(pieces(text, "list"), ["a=1", r#"bytes 118–126: {"b":2}"#, "bytes 128–129: 3", r#"c="x""#]);
        assert_eq!(pieces("[1,[2]]", ""), ["bytes 101–102: 1", "bytes 103–106: [2]"]);
        assert_eq!(pieces(r#"{"list": 7}"#, "list"), ["list=7"]);
        assert_eq!(pieces("", "list"), [""; 0]);
    }

    #[test]
    fn what_is_cut_or_broken_is_told() {
        let cut = "the file is cut here; what stands before is kept; ";
        assert_eq!(
            pieces(r#"[{"a":1},{"b":"#, ""),
            [r#"bytes 101–108: {"a":1}"#.to_owned(), format!("bytes 108–114! {cut}")]
        );
        assert_eq!(pieces(r#"{"a": 1, "#, "list"), ["a=1".to_owned(), format!("bytes 107–109! {cut}")]);
        let broken = pieces("[{a}, 2]", "");
        assert!(
            broken[0].starts_with("bytes 101–104! not JSON: key must be a string") && broken[1].ends_with(": 2"),
            "{broken:?}"
        );
        assert!(pieces("x", "")[0].contains("cannot be read"));
    }

    #[test]
    fn a_sketch_knows_what_the_sample_shows() {
        let sketch = Sketch::of(br#"{"guild": {"id": 1}, "messages": [{"x": null}, {"y"#, "messages");
        assert!(
            sketch.member("guild").is_some()
                && sketch.has_list
                && sketch.first_has(&["x"])
                && !sketch.first_has(&["y"])
        );
        let cut = Sketch::of(br#"{"guild": 1, "messages": [{"x": "#, "messages");
        assert!(cut.has_list && cut.first.is_none() && cut.member("guild").is_some());
        assert!(Sketch::of(br#"{"messages": []}"#, "messages").has_list);
        assert!(!Sketch::of(b"[]", "messages").has_list);
    }
}
