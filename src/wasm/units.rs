//! Places in a text as JavaScript counts them.

use super::value::Value;
use crate::snippet::Snippet;

/// Bytes between two places whose units are remembered.
const STEP: usize = 256;

/// Turns byte offsets into UTF-16 units, in any order, each by reading no more than a stretch of the text anew: spans overlap, and
/// those of a hostile archive all of them.
pub(super) struct Utf16<'a> {
    text: &'a str,
    /// Places so far, each with the units before it.
    marks: Vec<(usize, usize)>,
}

impl<'a> Utf16<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, marks: Vec::new() }
    }

    pub(super) fn at(&mut self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        let behind = self.marks.partition_point(|(mark, _)| *mark <= byte);
        let (mut at, mut units) =
            behind.checked_sub(1).and_then(|mark| self.marks.get(mark)).copied().unwrap_or_default();
        while byte - at > STEP {
            let next = self.text.floor_char_boundary(at + STEP);
            units += self.units(at, next);
            at = next;
            self.marks.push((at, units));
        }
        units + self.units(at, byte)
    }

    fn units(&self, start: usize, end: usize) -> usize {
        self.text.get(start..end).map_or(0, |between| between.encode_utf16().count())
    }

    pub(super) fn range(&mut self, range: &std::ops::Range<usize>) -> (usize, usize) {
        (self.at(range.start), self.at(range.end))
    }
}

/// The ranges of a snippet, in UTF-16 units.
pub(super) fn ranges(snippet: &Snippet) -> Value<'static> {
    let mut units = Utf16::new(&snippet.text);
    Value::List(snippet.ranges.iter().map(|range| Value::from(units.range(range))).collect())
}
