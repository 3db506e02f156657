//! An HTML page as a tree, for readers that look things up by class.
//!
//! Not the tree that browsers build: tags are taken as they stand, an end tag closes the nearest element of its name, and what is
//! never closed ends with the page. Pages that programs wrote look the same either way, and no page makes the tree deeper than
//! [`MAX_DEPTH`].

pub(super) mod conversations;
pub(super) mod markdown;
pub(super) mod prose;
pub(super) mod saved;

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt;
use std::ops::Range;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Readable as _, Reader, Span, StringReader, Tokenizer};
use url::{ParseError, Url};

use super::encoding::Mended;
use super::error::{IngestError, IngestErrorKind};
use super::files::Part;

/// Longest page that is read, in bytes. Exports and saved pages have a few megabytes at most; the tree takes some times as much.
const MAX_PAGE_LEN: u64 = 32 << 20;

/// Elements within each other. Deeper ones become neighbours, so that no walk over the tree is deeper, and what looks at all that
/// is in each of many nested elements takes so many times the page at most.
const MAX_DEPTH: usize = 100;

/// Attributes of a tag. The tokenizer calls itself for each that stands in quotes, so that some ten thousand would end the program.
const MAX_ATTRIBUTES: usize = 256;

/// Elements and texts of a page, each of which takes some hundred bytes of memory and as few as four of the page. A page of thirty
/// megabytes that people wrote has some hundred thousand.
const MAX_NODES: usize = 1 << 20;

/// Elements that hold nothing.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// A page.
pub(super) struct Page {
    nodes: Vec<Data>,
    is_whole: bool,
    /// The text that it was made of where that is not what stands in the file.
    mended: Option<Mended>,
}

struct Data {
    content: Content,
    children: Vec<usize>,
    range: Range<usize>,
}

/// Names and values, in the order of the page.
type Attributes = Vec<(String, String)>;

enum Content {
    Element { name: String, attributes: Attributes },
    Text(String),
}

/// An element or a text of a page.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    page: &'a Page,
    index: usize,
}

impl Page {
    /// Reads a whole page; and what is to be said of bytes in it that are no text.
    pub(super) fn read(part: Part<'_>) -> Result<(Self, Option<String>), IngestError> {
        let (file, mended, note) = part.text(MAX_PAGE_LEN)?;
        let page = Self::parse(&mended.text).map_err(|error| {
            let kind = match error {
                TooMany::Attributes { offset } => {
                    IngestErrorKind::TooManyAttributes { limit: MAX_ATTRIBUTES, offset: offset as u64 }
                }
                TooMany::Nodes => IngestErrorKind::TooManyElements { limit: MAX_NODES },
            };
            IngestError::new(file, kind)
        })?;
        let mended = note.is_some().then_some(mended);
        Ok((Self { mended, ..page }, note))
    }

    /// The tree of a page.
    pub(super) fn parse(html: &str) -> Result<Self, TooMany> {
        let tag = TagState::default();
        let mut tree = Tree::new(html.len());
        // A start tag comes in pieces.
        let mut begun: Option<(String, Attributes, usize)> = None;
        let handle = |event: CallbackEvent<'_>, span: Span<usize>| -> Option<Infallible> {
            if !matches!(
                event,
                CallbackEvent::AttributeName { .. } | CallbackEvent::AttributeValue { .. } | CallbackEvent::Error(_)
            ) {
                tag.num_attributes.set(0);
            }
            match event {
                CallbackEvent::OpenStartTag { name } => {
                    tag.start.set(span.start);
                    begun = Some((text_of(name), Vec::new(), span.start));
                }
                CallbackEvent::AttributeName { name } => {
                    tag.num_attributes.set(tag.num_attributes.get() + 1);
                    begun.iter_mut().for_each(|(_, attributes, _)| attributes.push((text_of(name), String::new())));
                }
                CallbackEvent::AttributeValue { value } => {
                    let last = begun.as_mut().and_then(|(_, attributes, _)| attributes.last_mut());
                    last.into_iter().for_each(|(_, last)| *last = text_of(value));
                }
                CallbackEvent::CloseStartTag { self_closing } => {
                    if let Some((name, attributes, start)) = begun.take() {
                        tag.num_nodes.set(tag.num_nodes.get() + 1);
                        tree.open(name, attributes, start..span.end, self_closing);
                    }
                }
                CallbackEvent::EndTag { name } => tree.close(&text_of(name), span.end),
                CallbackEvent::String { value } => {
                    tag.num_nodes.set(tag.num_nodes.get() + 1);
                    tree.add(Content::Text(text_of(value)), span.start..span.end);
                }
                _ => {}
            }
            None
        };
        let mut emitter = CallbackEmitter::new(handle);
        emitter.naively_switch_states(true);
        Tokenizer::new_with_emitter(Bounded { input: html.to_reader(), tag: &tag }, emitter).finish()?;
        Ok(tree.finish(html.len()))
    }

    /// Makes the addresses whole that links lead to, as seen from `address`, or from where the page itself says (HTML, section 4.2.3, the
    /// element `base`). They stay as they are where neither is known, and where they lead within the page.
    pub(super) fn resolve(&mut self, address: Option<&str>) {
        let own = address.and_then(|address| Url::parse(address).ok());
        let said = self.nodes.iter().find_map(|data| match &data.content {
            Content::Element { name, attributes } if name == "base" => attribute(attributes, "href"),
            _ => None,
        });
        let said = said.and_then(|said| Url::options().base_url(own.as_ref()).parse(said.trim()).ok());
        let Some(base) = said.or(own).filter(|base| matches!(base.scheme(), "http" | "https")) else { return };
        let mut num_left = MAX_PAGE_LEN;
        for data in &mut self.nodes {
            let Content::Element { name, attributes } = &mut data.content else { continue };
            let Some((_, href)) = attributes.iter_mut().find(|(name, _)| name == "href").filter(|_| name == "a") else {
                continue;
            };
            let is_relative = Url::parse(href.trim()) == Err(ParseError::RelativeUrlWithoutBase);
            if !is_relative || href.trim().is_empty() || href.trim().starts_with('#') {
                continue;
            }
            let Ok(whole) = base.join(href.trim()) else { continue };
            // A long address of the page would stand in each of a million links.
            let Some(left) = num_left.checked_sub(whole.as_str().len() as u64) else { return };
            num_left = left;
            *href = whole.into();
        }
    }

    /// Whether its `<html>` ends, where it has one: else the file was cut.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The element around all.
    pub(super) fn root(&self) -> Node<'_> {
        Node { page: self, index: 0 }
    }

    fn name_of(&self, index: usize) -> &str {
        match self.nodes.get(index).map(|data| &data.content) {
            Some(Content::Element { name, .. }) => name,
            _ => "",
        }
    }
}

fn attribute<'a>(attributes: &'a Attributes, wanted: &str) -> Option<&'a str> {
    attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A page in the making.
struct Tree {
    page: Page,
    /// The elements that are open, the outermost first.
    open: Vec<usize>,
}

impl Tree {
    fn new(len: usize) -> Self {
        let content = Content::Element { name: String::new(), attributes: Vec::new() };
        Self {
            page: Page {
                nodes: vec![Data { content, children: Vec::new(), range: 0..len }],
                is_whole: true,
                mended: None,
            },
            open: vec![0],
        }
    }

    fn add(&mut self, content: Content, range: Range<usize>) -> usize {
        let (index, parent) = (self.page.nodes.len(), self.open.last().copied().unwrap_or(0));
        self.page.nodes.push(Data { content, children: Vec::new(), range });
        if let Some(data) = self.page.nodes.get_mut(parent) {
            data.children.push(index);
        }
        index
    }

    fn open(&mut self, name: String, attributes: Attributes, range: Range<usize>, self_closing: bool) {
        let is_void = self_closing || VOID.contains(&&*name);
        let index = self.add(Content::Element { name, attributes }, range);
        if !is_void && self.open.len() < MAX_DEPTH {
            self.open.push(index);
        }
    }

    fn close(&mut self, name: &str, end: usize) {
        let is_it = |index: &usize| self.page.name_of(*index) == name;
        let Some(at) = self.open.iter().rposition(is_it).filter(|at| *at > 0) else { return };
        for index in self.open.drain(at..) {
            if let Some(data) = self.page.nodes.get_mut(index) {
                data.range.end = end.max(data.range.start);
            }
        }
    }

    fn finish(mut self, len: usize) -> Page {
        let is_html = |index: &usize| self.page.name_of(*index).eq_ignore_ascii_case("html");
        self.page.is_whole = !self.open.iter().any(is_html);
        for index in self.open {
            if let Some(data) = self.page.nodes.get_mut(index) {
                data.range.end = len;
            }
        }
        self.page
    }
}

/// The tag that the tokenizer is in, and what came before it.
#[derive(Default)]
struct TagState {
    start: Cell<usize>,
    num_attributes: Cell<usize>,
    num_nodes: Cell<usize>,
}

/// A page has more than is read.
#[derive(Debug)]
pub(super) enum TooMany {
    /// In one tag.
    Attributes {
        /// Bytes of the page before it, or before a start tag that it follows.
        offset: usize,
    },
    /// Elements and texts.
    Nodes,
}

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attributes { offset } => {
                write!(f, "a tag at byte {offset} has more than {MAX_ATTRIBUTES} attributes")
            }
            Self::Nodes => write!(f, "it has more than {MAX_NODES} elements and texts"),
        }
    }
}

impl std::error::Error for TooMany {}

/// A text that goes on only while the tag in it is of a bearable size, and the page.
struct Bounded<'a> {
    input: StringReader<'a>,
    tag: &'a TagState,
}

impl Bounded<'_> {
    fn check(&self) -> Result<(), TooMany> {
        if self.tag.num_attributes.get() > MAX_ATTRIBUTES {
            return Err(TooMany::Attributes { offset: self.tag.start.get() });
        }
        if self.tag.num_nodes.get() > MAX_NODES { Err(TooMany::Nodes) } else { Ok(()) }
    }
}

impl Reader for Bounded<'_> {
    type Error = TooMany;

    fn read_byte(&mut self) -> Result<Option<u8>, Self::Error> {
        self.check()?;
        self.input.read_byte().map_err(|never| match never {})
    }

    fn try_read_string(&mut self, text: &[u8], case_sensitive: bool) -> Result<bool, Self::Error> {
        self.input.try_read_string(text, case_sensitive).map_err(|never| match never {})
    }

    fn read_until<'b>(&'b mut self, needle: &[u8], buf: &'b mut [u8; 4]) -> Result<Option<&'b [u8]>, Self::Error> {
        self.check()?;
        self.input.read_until(needle, buf).map_err(|never| match never {})
    }
}

impl<'a> Node<'a> {
    fn data(self) -> Option<&'a Data> {
        self.page.nodes.get(self.index)
    }

    /// Its name in lower case; empty for a text.
    pub(super) fn name(self) -> &'a str {
        self.page.name_of(self.index)
    }

    /// Bytes of the file that it takes.
    pub(super) fn range(self) -> Range<usize> {
        let range = self.data().map(|data| data.range.clone()).unwrap_or_default();
        match &self.page.mended {
            Some(mended) => mended.original(range.start)..mended.original(range.end),
            None => range,
        }
    }

    /// The value of one of its attributes.
    pub(super) fn attribute(self, wanted: &str) -> Option<&'a str> {
        match self.data().map(|data| &data.content) {
            Some(Content::Element { attributes, .. }) => attribute(attributes, wanted),
            _ => None,
        }
    }

    /// Whether it is of all of these classes, which spaces divide.
    pub(super) fn has_classes(self, wanted: &str) -> bool {
        let Some(classes) = self.attribute("class") else { return false };
        wanted.split(' ').all(|wanted| classes.split_ascii_whitespace().any(|class| class == wanted))
    }

    /// The text that it is; none for an element.
    pub(super) fn as_text(self) -> Option<&'a str> {
        match self.data().map(|data| &data.content) {
            Some(Content::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// What it holds.
    pub(super) fn children(self) -> impl Iterator<Item = Node<'a>> {
        let children = self.data().map_or(&[][..], |data| data.children.as_slice());
        children.iter().map(move |index| Node { page: self.page, index: *index })
    }

    /// Everything in it, in the order of the page.
    pub(super) fn descendants(self) -> impl Iterator<Item = Node<'a>> {
        self.descendants_but(|_| false)
    }

    /// Everything in it but the elements that are `closed`, with what is in those.
    pub(super) fn descendants_but(self, closed: impl Fn(Node<'a>) -> bool) -> impl Iterator<Item = Node<'a>> {
        let mut ahead: Vec<Node<'a>> = self.children().collect();
        ahead.reverse();
        std::iter::from_fn(move || {
            while let Some(node) = ahead.pop() {
                if closed(node) {
                    continue;
                }
                let from = ahead.len();
                ahead.extend(node.children());
                if let Some(children) = ahead.get_mut(from..) {
                    children.reverse();
                }
                return Some(node);
            }
            None
        })
    }

    /// The first element in it of these classes.
    pub(super) fn find(self, classes: &str) -> Option<Node<'a>> {
        self.descendants().find(|node| node.has_classes(classes))
    }

    /// The first of its own children of these classes.
    pub(super) fn child(self, classes: &str) -> Option<Node<'a>> {
        self.children().find(|node| node.has_classes(classes))
    }

    /// All text in it, with white space as in print: one space for any of it, none at the ends.
    pub(super) fn text(self) -> String {
        let mut text = String::new();
        for part in std::iter::once(self).chain(self.descendants()) {
            match part.as_text() {
                Some(piece) => text.push_str(piece),
                None if part.name() == "br" => text.push(' '),
                None => {}
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows a tree as `name(children)`, texts in quotes.
    fn show(node: Node<'_>) -> String {
        match node.as_text() {
            Some(text) => format!("{text:?}"),
            None => format!("{}({})", node.name(), node.children().map(show).collect::<Vec<_>>().join(" ")),
        }
    }

    fn check(html: &str, expected: &str) {
        assert_eq!(show(Page::parse(html).unwrap().root()), format!("({expected})"), "{html}");
    }

    #[test]
    fn tags_are_taken_as_they_stand() {
        check("<p>a<br>b<b>c</b></p>d", "p(\"a\" br() \"b\" b(\"c\")) \"d\"");
        check("<div><p>a</div>b", "div(p(\"a\")) \"b\"");
        check("a</b>c<i/>d", "\"a\" \"c\" i() \"d\"");
        check("<script>if (a<b) '</div>'</script>&amp;&laquo;", "script(\"if (a<b) '</div>'\") \"&«\"");
        check("<!-- <p> --><!DOCTYPE html>", "");
    }

    #[test]
    fn elements_are_found_by_class() {
        let page = Page::parse("<div class='a b'>x <i class=c>y</i>\n<b>z</b></div><p class='b'>w").unwrap();
        let root = page.root();
        assert_eq!(root.find("b a").unwrap().text(), "x y z");
        assert!(root.child("c").is_none());
        assert_eq!(root.find("c").unwrap().range(), 19..35);
        assert_eq!(root.descendants_but(|node| node.has_classes("a")).count(), 2);
    }

    #[test]
    fn links_are_seen_from_the_page() {
        let check = |html: &str, address: Option<&str>, expected: &[&str]| {
            let mut page = Page::parse(html).unwrap();
            page.resolve(address);
            let hrefs: Vec<_> = page.root().descendants().filter_map(|node| node.attribute("href")).collect();
            assert_eq!(hrefs, expected, "{html}");
        };
        let here = Some("https://a.example/b/c.html?d");
        check("<a href=' e '>", here, &["https://a.example/b/e"]);
        check(
            "<a href='/e?f#g'><a href=//h.example/i><a href='?j'>",
            here,
            &["https://a.example/e?f#g", "https://h.example/i", "https://a.example/b/c.html?j"],
        );
        for href in ["#k", "", "mailto:l@m", "http://n.example", "javascript:o"] {
            check(&format!("<a href='{href}'>"), here, &[href]);
        }
        check("<a href=e>", None, &["e"]);
        check("<a href=e>", Some("file:///b/c.html"), &["e"]);
        check("<base href='/x/'><a href=e>", here, &["/x/", "https://a.example/x/e"]);
        check("<base href='https://p.example/q'><a href=e>", None, &["https://p.example/q", "https://p.example/e"]);
        check("<base href='/x/'><a href=e>", None, &["/x/", "e"]);
    }

    #[test]
    fn what_links_grow_to_is_bounded() {
        let mut page = Page::parse(&"<a href=x>".repeat(1 << 17)).unwrap();
        page.resolve(Some(&format!("https://a.example/{}/", "b".repeat(1 << 10))));
        let len: usize = page.root().descendants().filter_map(|node| node.attribute("href")).map(str::len).sum();
        assert!(len as u64 <= MAX_PAGE_LEN + (1 << 17), "{len}");
    }

    #[test]
    fn depth_is_bounded() {
        let page = Page::parse(&"<b>".repeat(100_000)).unwrap();
        let mut depth = 0;
        let mut node = page.root();
        while let Some(child) = node.children().next() {
            (node, depth) = (child, depth + 1);
        }
        assert!(depth <= MAX_DEPTH, "{depth}");
    }

    #[test]
    fn attributes_are_bounded() {
        let tag = |beginning: &str, count: usize| format!("a{beginning} {}>b", "x=\"y\" ".repeat(count));
        let num_attributes = |html: &str| match &Page::parse(html).unwrap().nodes[2].content {
            Content::Element { attributes, .. } => attributes.len(),
            Content::Text(text) => panic!("{text}"),
        };
        assert_eq!(num_attributes(&tag("<i", MAX_ATTRIBUTES)), MAX_ATTRIBUTES);
        assert_eq!(num_attributes(&(tag("<i x", MAX_ATTRIBUTES - 1) + &tag("<i", 9))), MAX_ATTRIBUTES);
        // So many once ended the program, the tokenizer calling itself for each.
        for beginning in ["<i", "</i"] {
            let error = Page::parse(&tag(beginning, 1_000_000)).err().unwrap();
            let expected = usize::from(beginning == "<i");
            assert!(matches!(error, TooMany::Attributes { offset } if offset == expected), "{error}");
        }
    }

    #[test]
    fn elements_and_texts_are_bounded() {
        for part in ["<b>", "</b>x<br>", "x<i>"] {
            let error = Page::parse(&part.repeat(MAX_NODES + 1)).err().unwrap();
            assert_eq!(error.to_string(), format!("it has more than {MAX_NODES} elements and texts"));
        }
        assert!(Page::parse(&"<p>x".repeat(MAX_NODES / 8)).is_ok());
    }

    #[test]
    fn no_bytes_panic() {
        proptest::proptest!(|(html in "([<>/a-c =\"'!-]|&amp;|\\PC){0,60}")| {
            let page = Page::parse(&html).unwrap();
            for node in page.root().descendants() {
                proptest::prop_assert!(html.get(node.range()).is_some());
            }
        });
    }
}
