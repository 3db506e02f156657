//! XML that is a list of elements, streamed: one of them is held at a time, with all that is in it.
//!
//! No entity but those of XML itself is known, and a file that declares any is refused: such declarations are how a page of text
//! becomes gigabytes. Nor is anything else fetched or looked up.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;
use std::{error, fmt};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::format::Input;
use crate::record::Place;

/// Longest element that is held, in bytes: a post with all its comments. The most discussed posts have some megabytes.
const MAX_ELEMENT_LEN: u64 = 16 << 20;

/// Elements in it, each of which takes some hundred bytes of memory and as few as four of the file. A comment is some ten.
const MAX_ELEMENTS: usize = 500_000;

/// Elements within each other.
const MAX_DEPTH: usize = 32;

/// Attributes of an element.
const MAX_ATTRIBUTES: usize = 64;

/// An element, with its text and the elements in it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Element {
    /// With its prefix, as it is written.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// The text that stands in it itself.
    pub(super) text: String,
    children: Vec<Element>,
    start: u64,
    end: u64,
}

impl Element {
    /// The value of an attribute.
    pub(super) fn attribute(&self, wanted: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// Takes the text of the first element of this name, where there is something in it.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let child = self.children.iter_mut().find(|child| child.name == name)?;
        Some(std::mem::take(&mut child.text)).filter(|text| !text.trim().is_empty())
    }

    /// Takes all elements of this name.
    pub(super) fn take_all(&mut self, name: &str) -> Vec<Element> {
        let (taken, left) = std::mem::take(&mut self.children).into_iter().partition(|child| child.name == name);
        self.children = left;
        taken
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        Place::Bytes(self.start, self.end)
    }
}

/// Why no more can be read.
#[derive(Debug)]
pub(super) enum Fault {
    Io(io::Error),
    /// It declares entities.
    Declares,
    /// An element is longer than is held.
    TooLong,
    /// An element holds more than is held.
    TooMany,
    /// It ends within an element.
    Cut,
    /// It is no XML.
    Broken(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "reading failed: {error}"),
            Self::Declares => {
                write!(f, "it declares entities of its own, which no export does; take the declaration out")
            }
            Self::TooLong => write!(f, "an element is longer than {MAX_ELEMENT_LEN} bytes"),
            Self::TooMany => write!(f, "an element holds more than {MAX_ELEMENTS} others"),
            Self::Cut => write!(f, "the file is cut here; what stands before is kept"),
            Self::Broken(error) => write!(f, "it is no XML: {error}"),
        }
    }
}

impl error::Error for Fault {}

/// An open file.
pub(super) struct Xml<'a> {
    reader: Reader<Bounded<'a>>,
    left: Rc<Cell<u64>>,
    buf: Vec<u8>,
    /// Names of the elements that are open around what is read.
    open: Vec<String>,
    /// Where the last whole element ended.
    done: u64,
}

impl<'a> Xml<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        let left = Rc::new(Cell::new(MAX_ELEMENT_LEN));
        let mut reader = Reader::from_reader(Bounded { input, left: Rc::clone(&left) });
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        config.check_end_names = false;
        Self { reader, left, buf: Vec::new(), open: Vec::new(), done: 0 }
    }

    /// Bytes that were read.
    pub(super) fn position(&self) -> u64 {
        self.reader.buffer_position()
    }

    /// Where the last whole element ended.
    pub(super) fn done(&self) -> u64 {
        self.done
    }

    /// The next element that stands within elements of these names, which are walked through.
    pub(super) fn next_below(&mut self, around: &[&str]) -> Result<Option<Element>, Fault> {
        // The element in the making, and those that are open in it.
        let mut stack: Vec<Element> = Vec::new();
        let (mut too_deep, mut num_elements) = (0_usize, 0_usize);
        loop {
            let start = self.position();
            self.buf.clear();
            let event = self.reader.read_event_into(&mut self.buf).map_err(|error| match error {
                quick_xml::Error::Io(error) if is_bound(&error) => Fault::TooLong,
                quick_xml::Error::Io(error) => Fault::Io(io::Error::new(error.kind(), error.to_string())),
                quick_xml::Error::Syntax(_) if !stack.is_empty() => Fault::Cut,
                error => Fault::Broken(error.to_string()),
            })?;
            match event {
                Event::Start(tag) => {
                    let name = tag.name().as_ref().to_owned();
                    if stack.is_empty() && around.contains(&&*name) && self.open.len() < around.len() {
                        self.open.push(name);
                        self.left.set(MAX_ELEMENT_LEN);
                    } else if stack.len() < MAX_DEPTH && too_deep == 0 {
                        num_elements += 1;
                        if num_elements > MAX_ELEMENTS {
                            return Err(Fault::TooMany);
                        }
                        stack.push(Element { attributes: attributes(&tag), name, start, ..Element::default() });
                    } else {
                        too_deep += 1;
                    }
                }
                Event::End(_) if too_deep > 0 => too_deep -= 1,
                Event::End(_) => {
                    let end = self.reader.buffer_position();
                    let Some(mut element) = stack.pop() else {
                        self.open.pop();
                        continue;
                    };
                    element.end = end;
                    let Some(parent) = stack.last_mut() else {
                        self.left.set(MAX_ELEMENT_LEN);
                        self.done = end;
                        return Ok(Some(element));
                    };
                    parent.children.push(element);
                }
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if too_deep > 0 => {}
                Event::Text(text) => {
                    stack.last_mut().into_iter().for_each(|element| element.text.push_str(&text.xml10_content()));
                }
                Event::CData(text) => {
                    stack.last_mut().into_iter().for_each(|element| element.text.push_str(&text.xml10_content()));
                }
                Event::GeneralRef(reference) => {
                    let shown = match reference.resolve_char_ref() {
                        Ok(Some(c)) => c.to_string(),
                        _ => match quick_xml::escape::resolve_predefined_entity(&reference) {
                            Some(text) => text.to_owned(),
                            None => format!("&{};", &*reference),
                        },
                    };
                    stack.last_mut().into_iter().for_each(|element| element.text.push_str(&shown));
                }
                Event::DocType(declared) if declared.contains("<!ENTITY") => return Err(Fault::Declares),
                Event::Eof if stack.is_empty() => return Ok(None),
                Event::Eof => return Err(Fault::Cut),
                _ => {}
            }
        }
    }
}

fn attributes(tag: &BytesStart<'_>) -> Vec<(String, String)> {
    let known = tag.attributes().take(MAX_ATTRIBUTES).filter_map(Result::ok);
    let pair = |attribute: quick_xml::events::attributes::Attribute<'_>| {
        let value = quick_xml::escape::unescape(&attribute.value).map(std::borrow::Cow::into_owned);
        Some((attribute.key.as_ref().to_owned(), value.ok()?))
    };
    known.filter_map(pair).collect()
}

/// An input that gives no more than is left for the element in it.
struct Bounded<'a> {
    input: Input<'a>,
    left: Rc<Cell<u64>>,
}

/// What the input says at its bound.
const AT_BOUND: &str = "an element is too long";

fn is_bound(error: &io::Error) -> bool {
    error.to_string() == AT_BOUND
}

impl Read for Bounded<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let len = available.read(buf)?;
        self.consume(len);
        Ok(len)
    }
}

impl BufRead for Bounded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left.get() == 0 {
            return Err(io::Error::other(AT_BOUND));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, len: usize) {
        self.left.set(self.left.get().saturating_sub(len as u64));
        self.input.consume(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows the elements of a text, and why there are no more.
    fn check(text: &str, expected: &[&str]) {
        let mut xml = Xml::new(Box::new(text.as_bytes()));
        let mut found = Vec::new();
        loop {
            match xml.next_below(&["a", "b"]) {
                Ok(Some(element)) => found.push(show(&element)),
                Ok(None) => break,
                Err(fault) => {
                    found.push(fault.to_string());
                    break;
                }
            }
        }
        assert_eq!(found, expected, "{text}");
    }

    fn show(element: &Element) -> String {
        let children: String = element.children.iter().map(show).collect();
        format!("{}({}{children})", element.name, element.text)
    }

    #[test]
    fn elements_come_one_by_one() {
        check(
            "<?xml version='1.0'?><a><b><c>d<e/></c><f>&lt;&#x41;&nope;<![CDATA[<g>]]></f></b></a>",
            &["c(de())", "f(<A&nope;<g>)"],
        );
        check("<a><b><c><b>x</b></c></b></a>", &["c(b(x))"]);
        check("", &[]);
    }

    #[test]
    fn what_is_cut_or_declares_is_refused() {
        check("<a><b><c>d</c><e>f", &["c(d)", "the file is cut here; what stands before is kept"]);
        check(
            "<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;'>]><a><b><c>&c;</c></b></a>",
            &["it declares entities of its own, which no export does; take the declaration out"],
        );
    }

    #[test]
    fn depth_and_length_are_bounded() {
        check(
            &format!("<a><b>{}x{}<d/></b></a>", "<c>".repeat(100_000), "</c>".repeat(100_000)),
            &[&format!("{}{}", "c(".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH)), "d()"],
        );
        let long = io::repeat(b'x');
        let mut xml = Xml::new(Box::new(io::BufReader::new("<a><b><c>".as_bytes().chain(long))));
        assert!(matches!(xml.next_below(&["a", "b"]), Err(Fault::TooLong)));
    }

    #[test]
    fn no_text_panics() {
        proptest::proptest!(|(text in "(<[a-c]>|</[a-c]>|<[a-c]/>|&#?[a-z0-9]{0,3};?|<!\\[CDATA\\[|\\]\\]>|<!--|-->|\\PC){0,40}")| {
            let mut xml = Xml::new(Box::new(text.as_bytes()));
            while let Ok(Some(element)) = xml.next_below(&["a", "b"]) {
                proptest::prop_assert!(element.end <= text.len() as u64 && element.start <= element.end);
            }
        });
    }
}
