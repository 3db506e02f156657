//! Texts with their formatting, put together piece by piece.

use std::ops::Range;

use super::entities;
use super::html::Node;
use crate::record::{Record, Span};

/// Target of a quotation of which only the beginning is shown until somebody asks for the rest.
pub(super) const COLLAPSED: &str = "collapsed";

/// A text in the making.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct RichText {
    pub(super) text: String,
    pub(super) spans: Vec<Span>,
}

impl RichText {
    /// Adds a stretch of one kind; an empty kind, and an empty stretch, leave no span.
    pub(super) fn push(&mut self, text: &str, kind: &str, href: Option<String>) {
        let start = self.text.len();
        self.text.push_str(text);
        if !kind.is_empty() && start < self.text.len() {
            self.spans.push(Span { range: start..self.text.len(), kind: kind.to_owned(), href });
        }
    }

    /// Adds what an element holds; `kind_of` says what an element in it means, by itself and by the text that it covers.
    pub(super) fn walk(&mut self, node: Node<'_>, kind_of: fn(Node<'_>, &str) -> (&'static str, Option<String>)) {
        for child in node.children() {
            if let Some(piece) = child.as_text() {
                self.text.push_str(piece);
                continue;
            }
            if child.name() == "br" {
                self.text.push('\n');
                continue;
            }
            let (first, start) = (self.spans.len(), self.text.len());
            self.walk(child, kind_of);
            let covered = self.text.get(start..).unwrap_or_default();
            let (kind, href) = kind_of(child, covered);
            // Pages set emoji in tags that mean nothing.
            if child.has_classes("emoji") {
                self.spans.truncate(first);
            }
            if !kind.is_empty() && !covered.is_empty() {
                let span = Span { range: start..self.text.len(), kind: kind.to_owned(), href };
                self.spans.insert(first.min(self.spans.len()), span);
            }
        }
    }

    /// Adds another text.
    pub(super) fn append(&mut self, other: Self) {
        let len = self.text.len();
        self.text.push_str(&other.text);
        let moved = |span: Span| Span { range: span.range.start + len..span.range.end + len, ..span };
        self.spans.extend(other.spans.into_iter().map(moved));
    }

    /// Marks all that was added since the text was so long, and had so many spans.
    pub(super) fn mark(&mut self, first: usize, start: usize, kind: &str) {
        if start < self.text.len() {
            let span = Span { range: start..self.text.len(), kind: kind.to_owned(), href: None };
            self.spans.insert(first.min(self.spans.len()), span);
        }
    }

    /// Leaves out white space at both ends.
    pub(super) fn trim(&mut self) {
        let start = self.text.len() - self.text.trim_start().len();
        let end = self.text.trim_end().len();
        self.cut(start..end);
    }

    /// Keeps only these bytes, which are on character boundaries.
    pub(super) fn cut(&mut self, range: Range<usize>) {
        let range = range.start.min(range.end)..range.end;
        self.text = self.text.get(range.clone()).unwrap_or_default().to_owned();
        for span in &mut self.spans {
            let place = |at: usize| at.saturating_sub(range.start).min(self.text.len());
            span.range = place(span.range.start)..place(span.range.end);
        }
        self.spans.retain(|span| !span.range.is_empty());
    }

    /// Takes out these bytes, which are on character boundaries.
    pub(super) fn remove(&mut self, range: Range<usize>) {
        let len = range.len();
        self.text.replace_range(range.clone(), "");
        let place = |at: usize| if at <= range.start { at } else { at.saturating_sub(len).max(range.start) };
        for span in &mut self.spans {
            span.range = place(span.range.start)..place(span.range.end);
        }
        self.spans.retain(|span| !span.range.is_empty());
    }

    /// Marks links, tags and mentions that stand in the bare text, as far as their kinds are asked for, where nothing else claims it.
    pub(super) fn find(&mut self, kinds: &[&str]) {
        const CLAIMED: [&str; 5] = ["link", "mention", "hashtag", "code", "pre"];
        if kinds.is_empty() {
            return;
        }
        let mut claimed: Vec<Range<usize>> = Vec::new();
        let mut taken: Vec<_> =
            self.spans.iter().filter(|span| CLAIMED.contains(&&*span.kind)).map(|span| span.range.clone()).collect();
        taken.sort_by_key(|range| range.start);
        for range in taken {
            match claimed.last_mut().filter(|last| range.start <= last.end) {
                Some(last) => last.end = last.end.max(range.end),
                None => claimed.push(range),
            }
        }
        let is_free = |span: &Span| {
            let next = claimed.partition_point(|range| range.end <= span.range.start);
            claimed.get(next).is_none_or(|range| range.start >= span.range.end)
        };
        let found = entities::find_spans(&self.text).into_iter();
        self.spans.extend(found.filter(|span| kinds.contains(&&*span.kind) && is_free(span)));
    }

    /// Gives a record this text and what its formatting tells: tags, mentions, links; then what the words tell.
    pub(super) fn fill(self, record: &mut Record) {
        record.text = self.text;
        record.spans = self.spans;
        record.spans.sort_by_key(|span| (span.range.start, std::cmp::Reverse(span.range.end)));
        entities::fill_marked(record);
    }
}
