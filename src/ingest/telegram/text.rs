//! Texts with their formatting, put together piece by piece.

use std::ops::Range;

use crate::ingest::entities;
use crate::ingest::html::Node;
use crate::record::{Record, Span};

/// A text in the making.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::ingest) struct RichText {
    pub(in crate::ingest) text: String,
    pub(in crate::ingest) spans: Vec<Span>,
}

impl RichText {
    /// Adds a stretch of one kind; an empty kind, and an empty stretch, leave no span.
    pub(in crate::ingest) fn push(&mut self, text: &str, kind: &str, href: Option<String>) {
        let start = self.text.len();
        self.text.push_str(text);
        if !kind.is_empty() && start < self.text.len() {
            self.spans.push(Span { range: start..self.text.len(), kind: kind.to_owned(), href });
        }
    }

    /// Adds what an element holds; `kind_of` says what an element in it means, by itself and by the text that it covers.
    pub(in crate::ingest) fn walk(
        &mut self,
        node: Node<'_>,
        kind_of: fn(Node<'_>, &str) -> (&'static str, Option<String>),
    ) {
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

    /// Keeps only these bytes, which are on character boundaries.
    pub(in crate::ingest) fn cut(&mut self, range: Range<usize>) {
        let range = range.start.min(range.end)..range.end;
        self.text = self.text.get(range.clone()).unwrap_or_default().to_owned();
        for span in &mut self.spans {
            let place = |at: usize| at.saturating_sub(range.start).min(self.text.len());
            span.range = place(span.range.start)..place(span.range.end);
        }
        self.spans.retain(|span| !span.range.is_empty());
    }

    /// Gives a record this text and what its formatting tells: tags, mentions, links; then what the words tell.
    pub(in crate::ingest) fn fill(self, record: &mut Record) {
        record.text = self.text;
        record.spans = self.spans;
        record.spans.sort_by_key(|span| (span.range.start, std::cmp::Reverse(span.range.end)));
        entities::fill_marked(record);
    }
}

/// The kind of span that Telegram's name of an entity means; empty where it is no formatting.
pub(in crate::ingest) fn span_kind(entity: &str) -> &str {
    match entity {
        "plain" | "unknown" => "",
        "strikethrough" => "strike",
        "blockquote" => "quote",
        "text_link" => "link",
        other => other,
    }
}
