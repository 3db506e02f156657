//! The section table: which sections a container has, and where the blocks of each stand.
//!
//! Blocks of a section stand one after another in the container, each padded to [`BLOCK_ALIGN`], so the table holds one
//! length a block and no offsets.

use super::block::{BLOCK_ALIGN, BlockRef, MAX_BLOCK_LEN};
use super::codec::{Decoder, put_varint};
use crate::error::{Error, ErrorKind, Result};

/// Kinds of sections, by the number that stands in the table.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Section {
    /// Uid → `DocId`.
    Uids = 1,
    /// Entries of the term dictionary.
    Terms = 2,
    /// `DocId`s of each entry.
    Postings = 3,
    /// How much each posting weighs.
    Weights = 4,
    /// Where in its records each entry stands.
    Positions = 5,
    /// Date of each record.
    Times = 6,
    /// Values of each facet.
    FacetValues = 7,
    /// Which values each record has.
    FacetColumns = 8,
    /// zstd dictionary of the store.
    StoreDictionary = 9,
    /// The records.
    Store = 10,
    /// Numbers of each record.
    Numbers = 11,
}

impl Section {
    /// Every section, in the order in which they stand in a container.
    pub const ALL: [Self; 11] = [
        Self::Uids,
        Self::Terms,
        Self::Postings,
        Self::Weights,
        Self::Positions,
        Self::Times,
        Self::FacetValues,
        Self::FacetColumns,
        Self::StoreDictionary,
        Self::Store,
        Self::Numbers,
    ];

    /// Its name in shard names, errors and docs/FORMAT.md.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Uids => "uids",
            Self::Terms => "terms",
            Self::Postings => "postings",
            Self::Weights => "weights",
            Self::Positions => "positions",
            Self::Times => "times",
            Self::FacetValues => "facet-values",
            Self::FacetColumns => "facet-columns",
            Self::StoreDictionary => "store-dictionary",
            Self::Store => "store",
            Self::Numbers => "numbers",
        }
    }
}

/// Places of the blocks of every section.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SectionTable {
    blocks: Vec<Vec<BlockRef>>,
}

impl SectionTable {
    /// A table of the stored block lengths of each section, in the order of [`Section::ALL`], the first one at `start`.
    #[must_use]
    pub fn new(start: u64, lens: &[Vec<u32>]) -> Self {
        let mut offset = start;
        let place = |len: &u32| {
            let block = BlockRef { offset, len: *len };
            offset = block.end().next_multiple_of(BLOCK_ALIGN);
            block
        };
        let mut place = place;
        Self { blocks: lens.iter().map(|lens| lens.iter().map(&mut place).collect()).collect() }
    }

    /// Blocks of a section, in order.
    #[must_use]
    pub fn blocks(&self, section: Section) -> &[BlockRef] {
        self.blocks.get(section as usize - 1).map_or(&[], Vec::as_slice)
    }

    /// One block of a section.
    ///
    /// # Errors
    /// The section has no such block.
    pub fn block(&self, section: Section, ord: usize) -> Result<BlockRef> {
        let missing = || Error::corrupt("a block is referred to that the section does not have").at(section.name(), 0);
        self.blocks(section).get(ord).copied().ok_or_else(missing)
    }

    /// First byte behind the last block and its padding.
    #[must_use]
    pub fn end(&self, start: u64) -> u64 {
        self.blocks.iter().flatten().next_back().map_or(start, |block| block.end().next_multiple_of(BLOCK_ALIGN))
    }

    /// Appends the table to the root.
    pub fn encode(lens: &[Vec<u32>], buf: &mut Vec<u8>) {
        put_varint(buf, lens.len() as u64);
        for (section, lens) in Section::ALL.iter().zip(lens) {
            buf.push(*section as u8);
            put_varint(buf, lens.len() as u64);
            for len in lens {
                put_varint(buf, u64::from(*len));
            }
        }
    }

    /// Reads the table; the first block stands at `start`. Sections unknown to this version cannot be stepped over, since
    /// their blocks stand among the others: the format version changes when one is added.
    ///
    /// # Errors
    /// A table that names other sections than [`Section::ALL`], or a block longer than [`MAX_BLOCK_LEN`].
    pub fn decode(rdr: &mut Decoder<'_>, start: u64) -> Result<Self> {
        if rdr.count()? != Section::ALL.len() {
            return Err(Error::corrupt("the section table does not list every section"));
        }
        let mut lens = Vec::with_capacity(Section::ALL.len());
        for section in Section::ALL {
            if rdr.u8()? != section as u8 {
                return Err(Error::corrupt("the section table is out of order"));
            }
            lens.push(rdr.list(block_len)?);
        }
        Ok(Self::new(start, &lens))
    }
}

fn block_len(rdr: &mut Decoder<'_>) -> Result<u32> {
    let len = rdr.varint()?;
    if len > u64::from(MAX_BLOCK_LEN) {
        return Err(Error::new(ErrorKind::TooLarge { len, limit: u64::from(MAX_BLOCK_LEN) }));
    }
    Ok(len as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_each_other_at_multiples_of_three() {
        let mut lens = vec![Vec::new(); Section::ALL.len()];
        lens[0] = vec![10, 3];
        lens[Section::Store as usize - 1] = vec![7];
        let mut buf = Vec::new();
        SectionTable::encode(&lens, &mut buf);
        let table = SectionTable::decode(&mut Decoder::new(&buf), 48).unwrap();
        assert_eq!(table.blocks(Section::Uids), [BlockRef { offset: 48, len: 10 }, BlockRef { offset: 60, len: 3 }]);
        assert_eq!(table.blocks(Section::Store), [BlockRef { offset: 63, len: 7 }]);
        assert_eq!(table.end(48), 72);
        assert!(table.block(Section::Terms, 0).is_err());
    }

    #[test]
    fn numbers_of_sections_are_their_places_in_the_table() {
        for (place, section) in Section::ALL.iter().enumerate() {
            assert_eq!(*section as usize, place + 1);
        }
    }
}
