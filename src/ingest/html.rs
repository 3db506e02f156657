//! An HTML page as a tree, for readers that look things up by class.
//!
//! Not the tree that browsers build: tags are taken as they stand, an end tag closes the nearest element of its name, and what is
//! never closed ends with the page. Pages that programs wrote look the same either way, and no page makes the tree deeper than
//! [`MAX_DEPTH`].

use std::io::Read;
use std::ops::Range;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

use super::error::{IngestError, IngestErrorKind};
use super::files::Part;

/// Longest page that is read, in bytes. Exports and saved pages have a few megabytes at most; the tree takes some times as much.
const MAX_PAGE_LEN: u64 = 32 << 20;

/// Elements within each other. Deeper ones become neighbours, so that no walk over the tree is deeper.
const MAX_DEPTH: usize = 200;

/// Elements that hold nothing.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// A page.
pub(super) struct Page {
    nodes: Vec<Data>,
}

struct Data {
    content: Content,
    children: Vec<usize>,
    range: Range<usize>,
}

enum Content {
    Element { name: String, attributes: Vec<(String, String)> },
    Text(String),
}

/// An element or a text of a page.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    page: &'a Page,
    index: usize,
}

impl Page {
    /// Reads a whole page.
    pub(super) fn read(part: Part<'_>) -> Result<Self, IngestError> {
        let fail = |kind| IngestError::new(&*part.file, kind);
        let mut bytes = Vec::new();
        let read = part.input.take(MAX_PAGE_LEN + 1).read_to_end(&mut bytes);
        read.map_err(|error| fail(IngestErrorKind::Io(error)))?;
        if bytes.len() as u64 > MAX_PAGE_LEN {
            return Err(fail(IngestErrorKind::TooLarge { limit: MAX_PAGE_LEN }));
        }
        let html = String::from_utf8(bytes).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            let line = error.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() as u64 + 1;
            fail(IngestErrorKind::NotUtf8 { line, offset: offset as u64 })
        })?;
        Ok(Self::parse(&html))
    }

    /// The tree of a page.
    pub(super) fn parse(html: &str) -> Self {
        let root = Data {
            content: Content::Element { name: String::new(), attributes: Vec::new() },
            children: Vec::new(),
            range: 0..html.len(),
        };
        let mut page = Self { nodes: vec![root] };
        let mut open = vec![0];
        let mut emitter = DefaultEmitter::<usize>::new_with_span();
        emitter.naively_switch_states(true);
        for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
            match token {
                Token::StartTag(tag) => {
                    let name = text_of(&tag.name);
                    let attributes = tag.attributes.iter().map(|(name, value)| (text_of(name), text_of(&value.value)));
                    let is_void = tag.self_closing || VOID.contains(&&*name);
                    let content = Content::Element { name, attributes: attributes.collect() };
                    let index = page.add(&open, content, tag.span.start..tag.span.end);
                    if !is_void && open.len() < MAX_DEPTH {
                        open.push(index);
                    }
                }
                Token::EndTag(tag) => {
                    let name = text_of(&tag.name);
                    let is_it = |index: &usize| page.name_of(*index) == name;
                    let Some(at) = open.iter().rposition(is_it).filter(|at| *at > 0) else { continue };
                    for index in open.drain(at..) {
                        if let Some(data) = page.nodes.get_mut(index) {
                            data.range.end = tag.span.end.max(data.range.start);
                        }
                    }
                }
                Token::String(text) => {
                    page.add(&open, Content::Text(text_of(&text.value)), text.span.start..text.span.end);
                }
                _ => {}
            }
        }
        for index in open {
            if let Some(data) = page.nodes.get_mut(index) {
                data.range.end = html.len();
            }
        }
        page
    }

    /// The element around all.
    pub(super) fn root(&self) -> Node<'_> {
        Node { page: self, index: 0 }
    }

    fn add(&mut self, open: &[usize], content: Content, range: Range<usize>) -> usize {
        let (index, parent) = (self.nodes.len(), open.last().copied().unwrap_or(0));
        self.nodes.push(Data { content, children: Vec::new(), range });
        if let Some(data) = self.nodes.get_mut(parent) {
            data.children.push(index);
        }
        index
    }

    fn name_of(&self, index: usize) -> &str {
        match self.nodes.get(index).map(|data| &data.content) {
            Some(Content::Element { name, .. }) => name,
            _ => "",
        }
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl<'a> Node<'a> {
    fn data(self) -> Option<&'a Data> {
        self.page.nodes.get(self.index)
    }

    /// Its name in lower case; empty for a text.
    pub(super) fn name(self) -> &'a str {
        self.page.name_of(self.index)
    }

    /// Bytes of the page that it takes.
    pub(super) fn range(self) -> Range<usize> {
        self.data().map(|data| data.range.clone()).unwrap_or_default()
    }

    /// The value of one of its attributes.
    pub(super) fn attribute(self, wanted: &str) -> Option<&'a str> {
        match self.data().map(|data| &data.content) {
            Some(Content::Element { attributes, .. }) => {
                attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
            }
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
        assert_eq!(show(Page::parse(html).root()), format!("({expected})"), "{html}");
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
        let page = Page::parse("<div class='a b'>x <i class=c>y</i>\n<b>z</b></div><p class='b'>w");
        let root = page.root();
        assert_eq!(root.find("b a").unwrap().text(), "x y z");
        assert!(root.child("c").is_none());
        assert_eq!(root.find("c").unwrap().range(), 19..35);
        assert_eq!(root.descendants_but(|node| node.has_classes("a")).count(), 2);
    }

    #[test]
    fn depth_is_bounded() {
        let page = Page::parse(&"<b>".repeat(100_000));
        let mut depth = 0;
        let mut node = page.root();
        while let Some(child) = node.children().next() {
            (node, depth) = (child, depth + 1);
        }
        assert!(depth <= MAX_DEPTH, "{depth}");
    }

    #[test]
    fn no_bytes_panic() {
        proptest::proptest!(|(html in "([<>/a-c =\"'!-]|&amp;|\\PC){0,60}")| {
            let page = Page::parse(&html);
            for node in page.root().descendants() {
                proptest::prop_assert!(html.get(node.range()).is_some());
            }
        });
    }
}
