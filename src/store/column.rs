//! Columns of a block: the values of one field for all its records, one behind the other.
//!
//! No byte from 0xF5 on stands in UTF-8, so these mark ends, absence and repetition. A column that ends early goes on with its
//! last value: a field that all records of a block share costs its value once.

use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_prefixed, put_varint};

/// Of so many steps, the last goes back.
const STEPS: u64 = 8;

/// Ends a text.
pub(super) const END: u8 = 0xFF;
/// Stands for an absent text; ends a list, and alone is an empty one.
pub(super) const ABSENT: u8 = 0xFE;
/// Stands for the value used last; the bytes below it, down to [`OLDEST`], for those used before that.
const RECENT: u8 = 0xFD;
/// Stands for the value used [`NUM_RECENT`] different ones ago.
const OLDEST: u8 = RECENT - (NUM_RECENT as u8 - 1);
/// How many values a column remembers.
const NUM_RECENT: usize = 7;
/// Ends a text behind which a number follows, or the record's id.
pub(super) const JOINED: u8 = 0xF6;
/// Stands for a list that the spans of the text give.
pub(super) const DERIVED: u8 = 0xF5;

/// A column of texts, or of lists of texts.
#[derive(Clone, Debug)]
pub(super) struct Values<'a> {
    rest: &'a [u8],
    is_list: bool,
    /// Values used last, the newest first.
    recent: Vec<&'a [u8]>,
    /// The present record's value with what ends it; [`ABSENT`] or [`DERIVED`] alone.
    pub(super) value: &'a [u8],
}

impl<'a> Values<'a> {
    /// A column before its first record; without bytes, `default` is the value of every record, [`ABSENT`] or [`DERIVED`].
    pub(super) fn new(bytes: &'a [u8], is_list: bool, default: u8) -> Self {
        Self {
            rest: bytes,
            is_list,
            recent: Vec::new(),
            value: if default == DERIVED { &[DERIVED] } else { &[ABSENT] },
        }
    }

    /// Goes on to the next record.
    pub(super) fn advance(&mut self) -> Result<()> {
        let Some(first) = self.rest.first() else { return Ok(()) };
        let is_end = |byte: &u8| if self.is_list { *byte == ABSENT } else { *byte == END || *byte == JOINED };
        let len = match *first {
            ABSENT | DERIVED => 1,
            OLDEST..=RECENT => {
                let rank = usize::from(RECENT - first);
                if rank >= self.recent.len() {
                    return Err(Error::corrupt("a column repeats a value that it did not have"));
                }
                self.value = self.recent.remove(rank);
                self.recent.insert(0, self.value);
                self.rest = self.rest.get(1..).unwrap_or_default();
                return Ok(());
            }
            _ => {
                1 + self.rest.iter().position(is_end).ok_or_else(|| Error::corrupt("a value of a column has no end"))?
            }
        };
        let is_special = matches!(*first, ABSENT | DERIVED);
        (self.value, self.rest) = self.rest.split_at_checked(len).unwrap_or_default();
        if !is_special {
            self.recent.truncate(NUM_RECENT - 1);
            self.recent.insert(0, self.value);
        }
        Ok(())
    }

    /// The present text, and whether something follows it; `None` where it is absent.
    pub(super) fn text(&self) -> Result<Option<(&'a str, bool)>> {
        match self.value.split_last() {
            Some((end @ (&END | &JOINED), text)) => utf8(text).map(|text| Some((text, *end == JOINED))),
            _ => Ok(None),
        }
    }

    /// The present text as a record has it.
    pub(super) fn string(&self) -> Result<Option<String>> {
        Ok(self.text()?.map(|(text, _)| text.to_owned()))
    }

    /// The present list; `None` where the spans give it.
    pub(super) fn list(&self) -> Result<Option<Vec<String>>> {
        let Some((&ABSENT, items)) = self.value.split_last() else { return Ok(None) };
        let mut list = Vec::new();
        let mut rest = items;
        while !rest.is_empty() {
            list.push(take_text(&mut rest)?.to_owned());
        }
        Ok(Some(list))
    }
}

/// The text at the front of `rest`, up to its [`END`].
pub(super) fn take_text<'a>(rest: &mut &'a [u8]) -> Result<&'a str> {
    let end = rest.iter().position(|byte| *byte == END).ok_or_else(|| Error::corrupt("a text has no end"))?;
    let (text, tail) = rest.split_at_checked(end).unwrap_or_default();
    *rest = tail.get(1..).unwrap_or_default();
    utf8(text)
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Error::corrupt("a record's text is not UTF-8"))
}

/// A column of numbers; one that ends early goes on with its last number, an empty one is 0 throughout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers<'a> {
    rest: Decoder<'a>,
    /// The present record's number.
    pub(super) value: u64,
}

impl<'a> Numbers<'a> {
    /// A column before its first record.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: Decoder::new(bytes), value: 0 }
    }

    /// Goes on to the next record.
    pub(super) fn advance(&mut self) -> Result<()> {
        if !self.rest.is_empty() {
            self.value = self.rest.varint()?;
        }
        Ok(())
    }

    /// The present number as a step that seldom goes back: of eight numbers one is negative.
    pub(super) fn step(&self) -> u64 {
        let eighth = self.value / STEPS;
        if self.value % STEPS == STEPS - 1 { !eighth } else { self.value - eighth }
    }

    /// The present number as a difference.
    pub(super) fn delta(&self) -> u64 {
        (self.value >> 1) ^ (self.value & 1).wrapping_neg()
    }
}

/// A column of byte strings, each behind its length; one that ends early goes on with empty ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blobs<'a> {
    rest: Decoder<'a>,
    /// The present record's bytes.
    pub(super) value: &'a [u8],
}

impl<'a> Blobs<'a> {
    /// A column before its first record.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: Decoder::new(bytes), value: &[] }
    }

    /// Goes on to the next record.
    pub(super) fn advance(&mut self) -> Result<()> {
        self.value = if self.rest.is_empty() { &[] } else { self.rest.prefixed()? };
        Ok(())
    }
}

/// Writes what [`Values`] reads.
#[cfg(feature = "cli")]
#[derive(Debug)]
pub(super) struct ValuesWriter {
    buf: Vec<u8>,
    /// Where the values used last stand in `buf`, the newest first.
    recent: Vec<std::ops::Range<usize>>,
    last: Last,
    /// How often the last value came again since it was written.
    repeats: usize,
}

/// The value that a column had last.
#[cfg(feature = "cli")]
#[derive(Clone, Debug)]
enum Last {
    /// [`ABSENT`] or [`DERIVED`].
    Special(u8),
    /// The newest of those used.
    Newest,
}

#[cfg(feature = "cli")]
impl ValuesWriter {
    /// An empty column, whose records all have `default`.
    pub(super) fn new(default: u8) -> Self {
        Self { buf: Vec::new(), recent: Vec::new(), last: Last::Special(default), repeats: 0 }
    }

    /// Adds the next record's value, with what ends it.
    pub(super) fn push(&mut self, value: &[u8]) {
        let newest = || self.recent.first().and_then(|range| self.buf.get(range.clone()));
        let (is_last, again) = match self.last {
            Last::Special(last) => (value == [last], last),
            Last::Newest => (newest() == Some(value), RECENT),
        };
        if is_last {
            self.repeats += 1;
            return;
        }
        self.buf.resize(self.buf.len() + std::mem::take(&mut self.repeats), again);
        if let [special @ (ABSENT | DERIVED)] = value {
            self.buf.push(*special);
            self.last = Last::Special(*special);
            return;
        }
        self.last = Last::Newest;
        let rank = self.recent.iter().position(|range| self.buf.get(range.clone()) == Some(value));
        let range = if let Some(rank) = rank {
            self.buf.push(RECENT - rank as u8);
            self.recent.remove(rank)
        } else {
            self.buf.extend_from_slice(value);
            self.buf.len() - value.len()..self.buf.len()
        };
        self.recent.truncate(NUM_RECENT - 1);
        self.recent.insert(0, range);
    }

    /// Adds the last value again: the record's is told elsewhere.
    pub(super) fn repeat(&mut self) {
        self.repeats += 1;
    }

    /// The column's bytes.
    pub(super) fn finish(self) -> Vec<u8> {
        self.buf
    }
}

/// Writes what [`Numbers`] reads.
#[cfg(feature = "cli")]
#[derive(Debug, Default)]
pub(super) struct NumbersWriter {
    buf: Vec<u8>,
    last: u64,
    repeats: usize,
}

#[cfg(feature = "cli")]
impl NumbersWriter {
    /// Adds the next record's number.
    pub(super) fn push(&mut self, value: u64) {
        if value == self.last {
            self.repeats += 1;
            return;
        }
        for _ in 0..std::mem::take(&mut self.repeats) {
            put_varint(&mut self.buf, self.last);
        }
        put_varint(&mut self.buf, value);
        self.last = value;
    }

    /// Adds a difference, which may be negative.
    pub(super) fn push_delta(&mut self, delta: u64) {
        self.push((delta << 1) ^ (delta >> 63).wrapping_neg());
    }

    /// Adds a step: a difference between numbers below 2⁶⁰.
    pub(super) fn push_step(&mut self, step: u64) {
        let is_negative = step.cast_signed() < 0;
        self.push(if is_negative { !step * STEPS + STEPS - 1 } else { step + step / (STEPS - 1) });
    }

    /// Adds the last number again: the record has none.
    pub(super) fn repeat(&mut self) {
        self.push(self.last);
    }

    /// The column's bytes.
    pub(super) fn finish(self) -> Vec<u8> {
        self.buf
    }
}

/// Writes what [`Blobs`] reads.
#[cfg(feature = "cli")]
#[derive(Debug, Default)]
pub(super) struct BlobsWriter {
    buf: Vec<u8>,
    empty: usize,
}

#[cfg(feature = "cli")]
impl BlobsWriter {
    /// Adds the next record's bytes.
    pub(super) fn push(&mut self, value: &[u8]) {
        if value.is_empty() {
            self.empty += 1;
            return;
        }
        self.buf.resize(self.buf.len() + std::mem::take(&mut self.empty), 0);
        put_prefixed(&mut self.buf, value);
    }

    /// The column's bytes.
    pub(super) fn finish(self) -> Vec<u8> {
        self.buf
    }
}

#[cfg(all(test, feature = "cli"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where its input is wrong")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_round_trip(values in prop::collection::vec(prop::option::of(("[a-c]{0,1}|[a-zё\u{10FFFF}]{2}", any::<bool>())), 0..60)) {
            let mut writer = ValuesWriter::new(ABSENT);
            for value in &values {
                writer.push(&value.as_ref().map_or(vec![ABSENT], |(text, joined)| {
                    [text.as_bytes(), &[if *joined { JOINED } else { END }]].concat()
                }));
            }
            let bytes = writer.finish();
            let mut column = Values::new(&bytes, false, ABSENT);
            for value in &values {
                column.advance().unwrap();
                prop_assert_eq!(column.text().unwrap(), value.as_ref().map(|(text, joined)| (text.as_str(), *joined)));
            }
        }

        #[test]
        fn lists_round_trip(values in prop::collection::vec(prop::option::of(prop::collection::vec("[ab]{0,2}", 0..3)), 0..40)) {
            let mut writer = ValuesWriter::new(DERIVED);
            for value in &values {
                writer.push(&value.as_ref().map_or(vec![DERIVED], |items| {
                    let mut bytes: Vec<u8> = items.iter().flat_map(|item| [item.as_bytes(), &[END]].concat()).collect();
                    bytes.push(ABSENT);
                    bytes
                }));
            }
            let bytes = writer.finish();
            let mut column = Values::new(&bytes, true, DERIVED);
            for value in &values {
                column.advance().unwrap();
                prop_assert_eq!(&column.list().unwrap(), value);
            }
        }

        #[test]
        fn numbers_and_bytes_round_trip(values in prop::collection::vec(prop_oneof![Just(0), Just(7), any::<u64>()], 0..40)) {
            let (mut numbers, mut deltas, mut blobs) = (NumbersWriter::default(), NumbersWriter::default(), BlobsWriter::default());
            for value in &values {
                numbers.push(*value);
                deltas.push_delta(*value);
                blobs.push(&vec![1; (*value % 3) as usize]);
            }
            let (numbers, deltas, blobs) = (numbers.finish(), deltas.finish(), blobs.finish());
            let (mut numbers, mut deltas, mut blobs) = (Numbers::new(&numbers), Numbers::new(&deltas), Blobs::new(&blobs));
            for value in &values {
                numbers.advance().unwrap();
                deltas.advance().unwrap();
                blobs.advance().unwrap();
                prop_assert_eq!((numbers.value, deltas.delta(), blobs.value.len() as u64), (*value, *value, *value % 3));
            }
        }
    }

    #[test]
    fn steps_round_trip() {
        let mut writer = NumbersWriter::default();
        let steps = (-20..200).chain([-(1 << 60), (1 << 60), 0]).map(|step: i64| step.cast_unsigned());
        steps.clone().for_each(|step| writer.push_step(step));
        let bytes = writer.finish();
        let mut column = Numbers::new(&bytes);
        for step in steps {
            column.advance().unwrap();
            assert_eq!(column.step(), step);
        }
    }

    #[test]
    fn what_all_records_share_is_written_once() {
        let mut writer = ValuesWriter::new(ABSENT);
        (0..5).for_each(|_| writer.push(b"post\xFF"));
        assert_eq!(writer.finish(), b"post\xFF");
        let mut writer = ValuesWriter::new(ABSENT);
        (0..5).for_each(|_| writer.push(&[ABSENT]));
        assert!(writer.finish().is_empty());
    }
}
