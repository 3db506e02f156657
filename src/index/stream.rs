//! Where lists stand in the streams of postings, weights, positions and prefixes.
//!
//! A stream is one row of lists, cut into blocks of [`STREAM_BLOCK_LEN`]. A list that would touch one block more than its length
//! asks for begins with the next block instead; the bytes before it are zeros, which cost nothing once compressed. So who reads the
//! list of a common word reads little of its neighbours'. Both sides know where a list begins by its length alone.

#[cfg(feature = "cli")]
use std::ops::Range;

#[cfg(feature = "cli")]
use crate::error::Result;
#[cfg(feature = "cli")]
use crate::format::Section;
use crate::format::container::STREAM_BLOCK_LEN;
#[cfg(feature = "cli")]
use crate::format::writer::ContainerWriter;

/// Shorter lists stand where the one before ends: there are too many of them to leave gaps, and the chance that one lies across
/// two blocks is small. Part of the format.
pub const MIN_PLACED_LEN: u64 = 2048;

/// Where a list of `len` bytes begins that follows one which ends at `end`.
#[must_use]
pub fn place(end: u64, len: u64) -> u64 {
    let used = end % STREAM_BLOCK_LEN;
    // What its last block would have left, did it begin with a block.
    let room = (STREAM_BLOCK_LEN - len % STREAM_BLOCK_LEN) % STREAM_BLOCK_LEN;
    if len < MIN_PLACED_LEN || used <= room { end } else { end.saturating_add(STREAM_BLOCK_LEN - used) }
}

/// Lists that become blocks as they come.
#[cfg(feature = "cli")]
pub struct Stream {
    section: Section,
    /// What no block holds yet.
    rest: Vec<u8>,
    len: u64,
}

#[cfg(feature = "cli")]
impl Stream {
    /// A stream without lists.
    #[must_use]
    pub fn new(section: Section) -> Self {
        Self { section, rest: Vec::new(), len: 0 }
    }

    /// Appends a list in parts; answers the range that it stands at.
    pub fn append(&mut self, parts: &[&[u8]], out: &mut ContainerWriter) -> Result<Range<u64>> {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let start = place(self.len, len as u64);
        self.rest.resize(self.rest.len() + (start - self.len) as usize, 0);
        parts.iter().for_each(|part| self.rest.extend_from_slice(part));
        self.len = start + len as u64;
        let whole = self.rest.len() - self.rest.len() % STREAM_BLOCK_LEN as usize;
        for block in self.rest.get(..whole).unwrap_or_default().chunks(STREAM_BLOCK_LEN as usize) {
            out.push(self.section, block)?;
        }
        self.rest.drain(..whole);
        Ok(start..self.len)
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

    #[test]
    fn only_what_would_lie_across_moves() {
        assert_eq!(place(100, 2047), 100);
        assert_eq!(place(16_000, 2047), 16_000);
        assert_eq!(place(16_000, 2048), 16_384);
        assert_eq!(place(16_000, 16_384 + 384), 16_000);
        assert_eq!(place(16_000, 16_384 + 385), 16_384);
    }

    proptest! {
        #[test]
        fn a_placed_list_touches_as_few_blocks_as_it_can(end in 0..1u64 << 40, len in MIN_PLACED_LEN..100_000) {
            let start = place(end, len);
            prop_assert!((end..end + STREAM_BLOCK_LEN).contains(&start));
            let touched = (start + len).div_ceil(STREAM_BLOCK_LEN) - start / STREAM_BLOCK_LEN;
            prop_assert_eq!(touched, len.div_ceil(STREAM_BLOCK_LEN));
            prop_assert_eq!(place(start, len), start);
        }
    }
}
