//! Places in a text as JavaScript counts them.

use super::value::Value;
use crate::snippet::Snippet;

/// Turns byte offsets into UTF-16 units, for offsets that come in ascending order.
pub(super) struct Utf16<'a> {
    text: &'a str,
    byte: usize,
    units: usize,
}

impl<'a> Utf16<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, byte: 0, units: 0 }
    }

    pub(super) fn at(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            *self = Self::new(self.text);
        }
        self.units += self.text.get(self.byte..byte).map_or(0, |between| between.encode_utf16().count());
        self.byte = byte;
        self.units
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
