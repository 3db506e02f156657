//! The section table: which sections a container has, and where the blocks of each stand.
//!
//! Blocks stand one after another in the container, each padded to [`BLOCK_ALIGN`], so one length a block says where they are.
//! Where there are more than the root should hold, *pages* list them, and pages of a level above list the pages, up to a level
//! that the root holds:
//!
//! ```text
//! root:     lengths of the pages of the highest level
//! level 2:  [first offset] [lengths of pages of level 1] …
//! level 1:  [first offset] [lengths of blocks] …
//! ```
//!
//! A later program of the same version may add sections, numbered between those of this one and that of the pages. What is
//! optional among them is stepped over, what is required is refused.

use std::ops::Range;

#[cfg(feature = "cli")]
use sha2::{Digest, Sha256};

use super::block::{BLOCK_ALIGN, BlockRef, Blocks, MAX_BLOCK_LEN};
use super::codec::Decoder;
#[cfg(feature = "cli")]
use super::codec::put_varint;
use super::container::Fetch;
#[cfg(feature = "cli")]
use super::container::gather;
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
    /// `DocId`s of short prefixes.
    Prefixes = 4,
    /// How much each posting weighs.
    Weights = 5,
    /// Where in its records each entry stands.
    Positions = 6,
    /// Date of each record.
    Times = 7,
    /// Values of each facet.
    FacetValues = 8,
    /// Which values each record has.
    FacetColumns = 9,
    /// zstd dictionary of the store.
    StoreDictionary = 10,
    /// The records.
    Store = 11,
    /// Numbers of each record.
    Numbers = 12,
    /// Pages of the section table; they stand behind whatever else there may be.
    Table = 255,
}

impl Section {
    /// Every section, in the order in which they stand in a container.
    pub const ALL: [Self; 13] = [
        Self::Uids,
        Self::Terms,
        Self::Postings,
        Self::Prefixes,
        Self::Weights,
        Self::Positions,
        Self::Times,
        Self::FacetValues,
        Self::FacetColumns,
        Self::StoreDictionary,
        Self::Store,
        Self::Numbers,
        Self::Table,
    ];

    /// Its place in [`Section::ALL`].
    pub(super) fn place(self) -> usize {
        (self as usize - 1).min(Self::ALL.len() - 1)
    }

    /// Its name in shard names, errors and docs/FORMAT.md.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Uids => "uids",
            Self::Terms => "terms",
            Self::Postings => "postings",
            Self::Prefixes => "prefixes",
            Self::Weights => "weights",
            Self::Positions => "positions",
            Self::Times => "times",
            Self::FacetValues => "facet-values",
            Self::FacetColumns => "facet-columns",
            Self::StoreDictionary => "store-dictionary",
            Self::Store => "store",
            Self::Numbers => "numbers",
            Self::Table => "table",
        }
    }
}

/// Least bytes of a block: checksum, codec and length. No container has more blocks than so many fit in.
const MIN_BLOCK_LEN: u64 = 6;

/// Length of a SHA-256.
const DIGEST_LEN: usize = 32;

/// The flag of a section without which an archive cannot be read.
const REQUIRED: u8 = 1;

/// Most items that a page may list.
const MAX_PER_PAGE: u32 = 4096;

/// Pages that are asked for together, where there are no more: some kilobytes once, for a journey less at every step of a search.
const MAX_AT_ONCE: usize = 64;

/// From which sizes on an archive is cut so that its parts stay short.
#[cfg(feature = "cli")]
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    /// Separators of the dictionary that the root may hold; of the lengths of blocks, which are shorter, eight times as many, and
    /// of the longer instants a quarter.
    pub in_root: usize,
    /// Items in a page; 2 to 4096.
    pub per_page: usize,
    /// Bytes of postings, all words of a prefix together, from which on the prefix has a list of its own.
    pub prefix_len: usize,
}

#[cfg(feature = "cli")]
impl Default for Paging {
    fn default() -> Self {
        // Less than two blocks of postings are read fast enough.
        Self { in_root: 1024, per_page: 256, prefix_len: 16 * 1024 }
    }
}

/// Where one section stands.
#[derive(Clone, Debug)]
struct Extent {
    /// Number of its first block among the blocks of all sections.
    first: u64,
    num_blocks: u64,
    /// From its first block to the end of its last, without the padding behind it.
    range: Range<u64>,
}

/// What a section holds, as its table says: the contents of its blocks, one behind the other.
#[cfg(feature = "cli")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Contents {
    /// Their length.
    pub len: u64,
    /// Their SHA-256.
    pub sha256: [u8; DIGEST_LEN],
}

/// Tells where the blocks of every section stand.
#[derive(Debug)]
pub struct SectionTable {
    sections: Vec<Extent>,
    #[cfg(feature = "cli")]
    contents: Vec<Contents>,
    /// Those that this program does not know.
    #[cfg(feature = "cli")]
    others: Vec<Extent>,
    /// First byte behind the root; offsets in pages count from here.
    start: u64,
    per_page: u64,
    /// How many items each level has: the blocks, the pages that list them, the pages that list those, …
    levels: Vec<u64>,
    /// The items of the last level.
    top: Vec<BlockRef>,
}

impl SectionTable {
    /// Number of blocks of a section.
    #[must_use]
    pub fn num_blocks(&self, section: Section) -> usize {
        self.sections.get(section.place()).map_or(0, |extent| extent.num_blocks as usize)
    }

    /// Where a section stands.
    #[must_use]
    pub fn range(&self, section: Section) -> Range<u64> {
        self.sections.get(section.place()).map_or(0..0, |extent| extent.range.clone())
    }

    /// What a section is to hold.
    #[cfg(feature = "cli")]
    #[must_use]
    pub fn contents(&self, section: Section) -> Option<Contents> {
        self.contents.get(section.place()).copied()
    }

    /// One block of a section; `None` while a page that lists it is not among `blocks`.
    ///
    /// # Errors
    /// The section has no such block, or a page is lost or malformed.
    pub fn place(&self, blocks: &Blocks, section: Section, ord: usize) -> Fetch<BlockRef> {
        let missing = || Error::corrupt("a block is referred to that the section does not have").at(section.name(), 0);
        let extent = self.sections.get(section.place()).filter(|extent| (ord as u64) < extent.num_blocks);
        let extent = extent.ok_or_else(missing)?;
        if extent.num_blocks == 1 {
            return Ok(Some(BlockRef {
                offset: extent.range.start,
                len: block_len(extent.range.end - extent.range.start)?,
            }));
        }
        let (mut level, mut number) = (0, extent.first + ord as u64);
        if section == Section::Table {
            (level, number) = (1, ord as u64);
            while let Some(pages) = self.levels.get(level).filter(|pages| number >= **pages) {
                (level, number) = (level + 1, number - pages);
            }
        }
        let Some(block) = self.item(blocks, level, number)? else { return Ok(None) };
        if block.offset < extent.range.start || block.end() > extent.range.end {
            return Err(Error::corrupt("a block stands outside its section").at(section.name(), block.offset));
        }
        Ok(Some(block))
    }

    /// The blocks of sections that this program does not know.
    #[cfg(feature = "cli")]
    pub fn others(&self, blocks: &Blocks) -> Fetch<Vec<BlockRef>> {
        let numbers = self.others.iter().flat_map(|extent| extent.first..extent.first + extent.num_blocks);
        gather(numbers.map(|number| self.item(blocks, 0, number)))
    }

    /// An item of a level, by its number.
    fn item(&self, blocks: &Blocks, level: usize, number: u64) -> Fetch<BlockRef> {
        if level + 1 >= self.levels.len() {
            let block = self.top.get(number as usize).copied();
            return block.map(Some).ok_or(Error::corrupt("the section table ends early"));
        }
        let Some(page) = self.item(blocks, level + 1, number / self.per_page)? else { return Ok(None) };
        let in_page = |error: Error| error.at(Section::Table.name(), page.offset);
        let Some(bytes) = blocks.get(page).map_err(in_page)? else {
            if self.levels.len() == 2 && self.top.len() <= MAX_AT_ONCE {
                self.top.iter().for_each(|page| blocks.want(*page));
            }
            return Ok(None);
        };
        self.listed(&bytes, number % self.per_page).map(Some).map_err(in_page)
    }

    /// The item at a place of a page.
    fn listed(&self, page: &[u8], place: u64) -> Result<BlockRef> {
        let mut rdr = Decoder::new(page);
        let mut block = BlockRef { offset: self.start.saturating_add(rdr.varint()?), len: 0 };
        for _ in 0..=place {
            block = BlockRef { offset: behind(block)?, len: block_len(rdr.varint()?)? };
        }
        Ok(block)
    }

    /// Reads the table; the first block stands at `start`, the container ends at `end`.
    ///
    /// # Errors
    /// A table that lacks one of [`Section::ALL`], that requires another, or that does not fill the container.
    pub fn decode(rdr: &mut Decoder<'_>, start: u64, end: u64) -> Result<Self> {
        let unfilled = || Error::corrupt("the blocks do not fill the container");
        let mut sections: Vec<Extent> = Vec::with_capacity(Section::ALL.len());
        #[cfg(feature = "cli")]
        let (mut contents, mut others) = (Vec::with_capacity(Section::ALL.len()), Vec::new());
        let (mut first, mut place, mut before) = (0, BlockRef { offset: start, len: 0 }.offset, 0);
        for _ in 0..rdr.count()? {
            let (number, flags) = (rdr.u8()?, rdr.u8()?);
            let (num_blocks, len) = (rdr.varint()?, rdr.varint()?);
            let held = (rdr.varint()?, rdr.bytes(DIGEST_LEN)?);
            if number <= before {
                return Err(Error::corrupt("the section table is out of order"));
            }
            before = number;
            if num_blocks > len / MIN_BLOCK_LEN {
                return Err(Error::corrupt("a section has more blocks than it has room for"));
            }
            let range = place..place.checked_add(len).filter(|section_end| *section_end <= end).ok_or_else(unfilled)?;
            place = range.end.checked_next_multiple_of(BLOCK_ALIGN).ok_or_else(unfilled)?;
            if Section::ALL.get(sections.len()).is_some_and(|section| *section as u8 == number) {
                sections.push(Extent { first, num_blocks, range });
                #[cfg(feature = "cli")]
                contents.push(Contents { len: held.0, sha256: held.1.try_into().unwrap_or_default() });
                // Blocks are checked one by one, by their checksums.
                #[cfg(not(feature = "cli"))]
                let _ = held;
            } else if flags & REQUIRED != 0 {
                return Err(Error::new(ErrorKind::Section { number }));
            } else {
                #[cfg(feature = "cli")]
                others.push(Extent { first, num_blocks, range });
            }
            first += num_blocks;
        }
        if sections.len() != Section::ALL.len() {
            return Err(Error::corrupt("the section table does not list every section"));
        }
        let num_pages = sections.last().map_or(0, |table| table.num_blocks);
        let per_page = rdr.varint_u32()?;
        if place != end || !(2..=MAX_PER_PAGE).contains(&per_page) {
            return Err(unfilled());
        }
        let lens = rdr.list(Decoder::varint)?;
        let (per_page, mut items) = (u64::from(per_page), first - num_pages);
        let mut levels = vec![items];
        if lens.is_empty() && items > 0 {
            return Err(Error::corrupt("the section table lists no block"));
        }
        while items > lens.len() as u64 {
            items = items.div_ceil(per_page);
            levels.push(items);
        }
        if items != lens.len() as u64 || levels.iter().skip(1).sum::<u64>() != num_pages {
            return Err(Error::corrupt("the pages of the section table are not as many as there should be"));
        }
        // The items of the last level are the last blocks of all.
        let mut top = Vec::with_capacity(lens.len());
        let padded = |len: &u64| len.next_multiple_of(BLOCK_ALIGN);
        let mut block = BlockRef { offset: 0, len: 0 };
        for len in &lens {
            block_len(*len)?;
        }
        let len: u64 = lens.iter().map(padded).sum();
        block.offset = end.checked_sub(len).filter(|offset| *offset >= start).ok_or_else(unfilled)?;
        if levels.len() == 1 && block.offset != start {
            return Err(unfilled());
        }
        for len in &lens {
            block = BlockRef { offset: behind(block)?, len: block_len(*len)? };
            top.push(block);
        }
        Ok(Self {
            sections,
            #[cfg(feature = "cli")]
            contents,
            #[cfg(feature = "cli")]
            others,
            start,
            per_page,
            levels,
            top,
        })
    }

    /// Appends the table to the root, from what each section but that of pages holds, and the stored lengths of its blocks.
    /// `store_page` takes what is in a page and gives its stored length.
    ///
    /// # Errors
    /// Those of `store_page`.
    #[cfg(feature = "cli")]
    pub fn encode(
        sections: &[(Contents, Vec<u32>)],
        paging: Paging,
        buf: &mut Vec<u8>,
        mut store_page: impl FnMut(&[u8]) -> Result<u32>,
    ) -> Result<()> {
        let padded = |len: &u32| u64::from(*len).next_multiple_of(BLOCK_ALIGN);
        let span = |lens: &[u32]| {
            let padding = lens.last().map_or(0, |len| padded(len) - u64::from(*len));
            lens.iter().map(padded).sum::<u64>() - padding
        };
        let mut pages: Vec<u32> = Vec::new();
        let mut of_pages = ContentsOf::default();
        let mut level: Vec<u32> = sections.iter().flat_map(|(_, lens)| lens).copied().collect();
        let mut at = 0;
        while level.len() > paging.in_root * 8 {
            let mut above = Vec::new();
            for items in level.chunks(paging.per_page) {
                let mut page = Vec::new();
                put_varint(&mut page, at);
                items.iter().for_each(|len| put_varint(&mut page, u64::from(*len)));
                at += items.iter().map(padded).sum::<u64>();
                of_pages.add(&page);
                above.push(store_page(&page)?);
            }
            pages.extend(&above);
            level = above;
        }
        put_varint(buf, Section::ALL.len() as u64);
        for (section, (contents, lens)) in Section::ALL.iter().zip(sections.iter().chain([&(of_pages.finish(), pages)]))
        {
            buf.extend([*section as u8, REQUIRED]);
            put_varint(buf, lens.len() as u64);
            put_varint(buf, span(lens));
            put_varint(buf, contents.len);
            buf.extend(contents.sha256);
        }
        put_varint(buf, paging.per_page as u64);
        put_varint(buf, level.len() as u64);
        level.iter().for_each(|len| put_varint(buf, u64::from(*len)));
        Ok(())
    }
}

/// Adds up what a section holds.
#[cfg(feature = "cli")]
#[derive(Clone, Default)]
pub struct ContentsOf {
    len: u64,
    hasher: Sha256,
}

#[cfg(feature = "cli")]
impl ContentsOf {
    /// Adds the content of the next block.
    pub fn add(&mut self, content: &[u8]) {
        self.len += content.len() as u64;
        self.hasher.update(content);
    }

    /// What the section holds.
    #[must_use]
    pub fn finish(self) -> Contents {
        Contents { len: self.len, sha256: self.hasher.finalize().into() }
    }
}

/// Where the next block stands.
fn behind(block: BlockRef) -> Result<u64> {
    let next = block.end().checked_next_multiple_of(BLOCK_ALIGN);
    next.ok_or(Error::corrupt("a block stands beyond any file"))
}

fn block_len(len: u64) -> Result<u32> {
    if len > u64::from(MAX_BLOCK_LEN) {
        return Err(Error::new(ErrorKind::TooLarge { len, limit: u64::from(MAX_BLOCK_LEN) }));
    }
    Ok(len as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of these lengths, its pages, and where the container ends.
    fn table(lens: &[Vec<u32>], paging: Paging) -> (Result<SectionTable>, Vec<Vec<u8>>) {
        let (mut buf, mut pages) = (Vec::new(), Vec::new());
        let store = |page: &[u8]| {
            pages.push(page.to_vec());
            Ok(page.len() as u32 + 6)
        };
        let sections: Vec<_> = lens.iter().map(|lens| (ContentsOf::default().finish(), lens.clone())).collect();
        SectionTable::encode(&sections, paging, &mut buf, store).unwrap();
        let padded = |len: u64| len.next_multiple_of(3);
        let blocks: u64 = lens.iter().flatten().map(|len| padded(u64::from(*len))).sum();
        let end = 48 + blocks + pages.iter().map(|page| padded(page.len() as u64 + 6)).sum::<u64>();
        (SectionTable::decode(&mut Decoder::new(&buf), 48, end), pages)
    }

    fn lens(uids: &[u32], store: &[u32]) -> Vec<Vec<u32>> {
        let mut lens = vec![Vec::new(); Section::ALL.len() - 1];
        (lens[0], lens[Section::Store.place()]) = (uids.to_vec(), store.to_vec());
        lens
    }

    #[test]
    fn blocks_follow_each_other_at_multiples_of_three() {
        let (table, pages) = table(&lens(&[10, 8], &[7]), Paging::default());
        let (table, blocks) = (table.unwrap(), Blocks::default());
        assert!(pages.is_empty());
        let place = |section, ord| table.place(&blocks, section, ord);
        assert_eq!(place(Section::Uids, 0), Ok(Some(BlockRef { offset: 48, len: 10 })));
        assert_eq!(place(Section::Uids, 1), Ok(Some(BlockRef { offset: 60, len: 8 })));
        assert_eq!(place(Section::Store, 0), Ok(Some(BlockRef { offset: 69, len: 7 })));
        assert_eq!((table.num_blocks(Section::Uids), table.range(Section::Uids)), (2, 48..68));
        assert!(place(Section::Terms, 0).is_err() && place(Section::Store, 1).is_err());
    }

    #[test]
    fn a_table_of_several_levels_says_the_same() {
        let lens = lens(&[9; 20], &(6..80).collect::<Vec<_>>());
        let (flat, _) = table(&lens, Paging::default());
        let (flat, none) = (flat.unwrap(), Blocks::default());
        let (deep, pages) = table(&lens, Paging { in_root: 1, per_page: 3, ..Paging::default() });
        let (deep, blocks) = (deep.unwrap(), Blocks::default());
        assert_eq!((pages.len(), deep.num_blocks(Section::Table)), (32 + 11 + 4, 47));
        for ord in (0..pages.len()).rev() {
            // Pages of higher levels come last, so each is found by those that are here.
            let place = deep.place(&blocks, Section::Table, ord).unwrap().unwrap();
            let stored = super::super::block::encode(
                place.offset,
                super::super::block::Codec::Raw,
                pages[ord].len() as u64,
                &pages[ord],
            );
            assert_eq!(stored.len(), place.len as usize);
            blocks.supply(place.offset, &stored).unwrap();
        }
        for section in [Section::Uids, Section::Store] {
            for ord in 0..flat.num_blocks(section) {
                assert_eq!(deep.place(&blocks, section, ord), flat.place(&none, section, ord));
            }
        }
    }

    /// Puts a section of a number between those known and the pages: three blocks of ten bytes.
    fn with_another(number: u8, flags: u8) -> (Result<SectionTable>, u64) {
        let (mut buf, end) = (Vec::new(), 48 + 12 + 9 + 3 * 12);
        let sections: Vec<_> =
            lens(&[10], &[7]).into_iter().map(|lens| (ContentsOf::default().finish(), lens)).collect();
        SectionTable::encode(&sections, Paging::default(), &mut buf, |_| Ok(0)).unwrap();
        // Behind the table's own row: items in a page, items, the two lengths.
        let row = buf.len() - (2 + 1 + 2) - (2 + 3 + DIGEST_LEN);
        let mut another = vec![number, flags, 3, 3 * 12 - 2, 30];
        another.extend([7; DIGEST_LEN]);
        buf.splice(row..row, another);
        buf[0] += 1;
        let items = buf.len() - 3;
        buf.splice(items.., [5, 10, 7, 10, 10, 10]);
        (SectionTable::decode(&mut Decoder::new(&buf), 48, end), end)
    }

    #[test]
    fn sections_of_later_programs_are_stepped_over_unless_they_are_required() {
        let (table, end) = with_another(13, 0);
        let (table, blocks) = (table.unwrap(), Blocks::default());
        assert_eq!(table.place(&blocks, Section::Store, 0), Ok(Some(BlockRef { offset: 60, len: 7 })));
        assert_eq!(table.range(Section::Table), end..end);
        let others = [69, 81, 93].map(|offset| BlockRef { offset, len: 10 });
        assert_eq!(table.others(&blocks), Ok(Some(others.to_vec())));
        assert!(with_another(254, 2).0.is_ok(), "other flags say nothing yet");
        for number in [13, 254] {
            assert_eq!(with_another(number, REQUIRED).0.err(), Some(Error::new(ErrorKind::Section { number })));
        }
        assert!(with_another(5, 0).0.is_err() && with_another(255, 0).0.is_err(), "out of order");
    }

    #[test]
    fn a_table_without_items_has_no_blocks() {
        let (mut buf, end) = (Vec::new(), 48 + 12);
        let sections: Vec<_> =
            lens(&[10], &[]).into_iter().map(|lens| (ContentsOf::default().finish(), lens)).collect();
        SectionTable::encode(&sections, Paging::default(), &mut buf, |_| Ok(0)).unwrap();
        buf.truncate(buf.len() - 2);
        buf.push(0);
        assert!(SectionTable::decode(&mut Decoder::new(&buf), 48, end).is_err());
    }

    #[test]
    fn numbers_of_sections_are_their_places_in_the_table() {
        for (place, section) in Section::ALL.iter().enumerate() {
            assert_eq!(section.place(), place);
            assert!(*section == Section::Table || *section as usize == place + 1);
        }
    }
}
