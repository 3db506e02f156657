//! Where lists stand in the streams of postings, weights, positions and prefixes.
//!
//! A stream is one row of lists, cut into blocks of one length. A list of [`MIN_LONG_LEN`] or more has its blocks to itself:
//! it begins with one, and the next list begins behind its last; the bytes between them are zeros, which cost nothing once
//! compressed. So who reads the list of a common word reads nothing of its neighbours', which compress worse, since their gaps are
//! longer. Both sides know where a list begins by lengths alone.

use std::ops::Range;

use crate::error::{Error, Result};
#[cfg(feature = "cli")]
use crate::format::Section;
use crate::format::container::Cut;
#[cfg(feature = "cli")]
use crate::format::writer::ContainerWriter;

/// Shorter lists follow each other without gaps: there are too many of them. Part of the format.
pub const MIN_LONG_LEN: u64 = 2048;

/// A place in a stream, behind some of its lists.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    cut: Cut,
    /// Where the next list begins, unless it is long.
    at: u64,
}

impl Cursor {
    /// Where the first of some lists begins.
    #[must_use]
    pub fn new(cut: Cut, at: u64) -> Self {
        Self { cut, at }
    }

    /// Goes on behind a list of `len` bytes; answers the range that it stands at.
    ///
    /// # Errors
    /// It ends beyond any file.
    pub fn pass(&mut self, len: u64) -> Result<Range<u64>> {
        let is_long = len >= MIN_LONG_LEN;
        let beyond = || Error::corrupt("a list ends beyond any file");
        let next_block = |at: u64| at.checked_next_multiple_of(self.cut.block_len).ok_or_else(beyond);
        let start = match self.cut.version {
            1 if is_long => first_version(self.at, len),
            2.. if is_long => next_block(self.at)?,
            _ => self.at,
        };
        let end = start.checked_add(len).ok_or_else(beyond)?;
        self.at = if is_long && self.cut.version > 1 { next_block(end)? } else { end };
        Ok(start..end)
    }
}

/// Where a long list begins in version 1: with the next block where it would else touch one more than its length asks for.
fn first_version(at: u64, len: u64) -> u64 {
    let block_len = Cut::FIRST.block_len;
    let used = at % block_len;
    // What its last block would have left, did it begin with a block.
    let room = (block_len - len % block_len) % block_len;
    if used <= room { at } else { at.saturating_add(block_len - used) }
}

/// Lists that become blocks as they come.
#[cfg(feature = "cli")]
pub struct Stream {
    section: Section,
    /// What no block holds yet.
    rest: Vec<u8>,
    /// Length of what is there.
    len: u64,
    cursor: Cursor,
}

#[cfg(feature = "cli")]
impl Stream {
    /// A stream without lists.
    #[must_use]
    pub fn new(section: Section, cut: Cut) -> Self {
        Self { section, rest: Vec::new(), len: 0, cursor: Cursor::new(cut, 0) }
    }

    /// Appends a list in parts; answers the range that it stands at.
    pub fn append(&mut self, parts: &[&[u8]], out: &mut ContainerWriter) -> Result<Range<u64>> {
        let range = self.cursor.pass(parts.iter().map(|part| part.len() as u64).sum())?;
        self.rest.resize(self.rest.len() + (range.start - self.len) as usize, 0);
        parts.iter().for_each(|part| self.rest.extend_from_slice(part));
        self.len = range.end;
        let block_len = self.cursor.cut.block_len as usize;
        let whole = self.rest.len() - self.rest.len() % block_len;
        for block in self.rest.get(..whole).unwrap_or_default().chunks(block_len) {
            out.push(self.section, block)?;
        }
        self.rest.drain(..whole);
        Ok(range)
    }

    /// Writes what is left.
    pub fn finish(&mut self, out: &mut ContainerWriter) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { out.push(self.section, &self.rest) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CUT: Cut = Cut { version: 2, block_len: 8192 };

    fn passed(cut: Cut, at: u64, lens: &[u64]) -> Vec<u64> {
        let mut cursor = Cursor::new(cut, at);
        lens.iter().map(|len| cursor.pass(*len).unwrap().start).collect()
    }

    #[test]
    fn a_long_list_has_its_blocks_to_itself() {
        assert_eq!(
            passed(CUT, 100, &[2047, 10, 2048, 0, 10, 8193, 1]),
            [100, 2147, 8192, 16_384, 16_384, 24_576, 40_960]
        );
        assert_eq!(passed(CUT, 8192, &[2048]), [8192]);
        assert!(Cursor::new(CUT, u64::MAX - 5).pass(4096).is_err());
        assert!(Cursor::new(CUT, u64::MAX - 5).pass(6).is_err());
    }

    #[test]
    fn in_version_1_only_what_would_lie_across_moves() {
        assert_eq!(passed(Cut::FIRST, 100, &[2047, 5000]), [100, 2147]);
        assert_eq!(passed(Cut::FIRST, 16_000, &[2047]), [16_000]);
        assert_eq!(passed(Cut::FIRST, 16_000, &[2048]), [16_384]);
        assert_eq!(passed(Cut::FIRST, 16_000, &[16_384 + 384]), [16_000]);
        assert_eq!(passed(Cut::FIRST, 16_000, &[16_384 + 385]), [16_384]);
        assert!(Cursor::new(Cut::FIRST, u64::MAX - 5).pass(4096).is_err());
    }

    proptest! {
        #[test]
        fn lists_follow_each_other_and_long_ones_touch_no_block_of_another(
            at in 0..1u64 << 40,
            lens in prop::collection::vec(prop_oneof![0..3000u64, 0..100_000u64], 1..20),
        ) {
            let mut cursor = Cursor::new(CUT, at);
            let ranges: Vec<Range<u64>> = lens.iter().map(|len| cursor.pass(*len).unwrap()).collect();
            for (before, after) in ranges.iter().zip(ranges.iter().skip(1)) {
                prop_assert!((before.end..before.end + CUT.block_len).contains(&after.start));
                let is_apart = before.end.div_ceil(CUT.block_len) <= after.start / CUT.block_len;
                let is_long = |range: &Range<u64>| range.end - range.start >= MIN_LONG_LEN;
                prop_assert_eq!(is_apart || !(is_long(before) || is_long(after)), true);
            }
        }
    }
}
