//! An open container: the section table and the blocks that are in memory.

use std::ops::Range;
use std::rc::Rc;

use super::block::{BlockRef, Blocks};
use super::codec::Decoder;
use super::header::Header;
use super::section::{Section, SectionTable};
use crate::error::{Error, ErrorKind, Result};

/// What a reader over blocks answers: the value, or `None` while a block that it needs is not here. The block is then among
/// [`Container::take_wanted`]; hand it over and ask again.
pub type Fetch<T> = Result<Option<T>>;

/// All of these, or `None` when one is missing; asks for the blocks of all of them before it waits for any.
///
/// # Errors
/// The first of theirs.
pub fn gather<T>(items: impl IntoIterator<Item = Result<Option<T>>>) -> Fetch<Vec<T>> {
    let mut found = Some(Vec::new());
    for item in items {
        match (item?, &mut found) {
            (Some(item), Some(found)) => found.push(item),
            (None, _) => found = None,
            (Some(_), None) => {}
        }
    }
    Ok(found)
}

/// How sections that are one stream of bytes are cut into blocks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cut {
    /// Version of the container, by which it is known how lists stand in a stream.
    pub version: u32,
    /// Raw length of each block but the last: a power of two. What a rare word costs, since it shares its block with others.
    pub block_len: u64,
}

impl Cut {
    /// As in every container of version 1.
    pub const FIRST: Self = Self { version: 1, block_len: 16 * 1024 };

    /// Reads what the root of a container says.
    fn decode(version: u32, rdr: &mut Decoder<'_>) -> Result<Self> {
        if version == 1 {
            return Ok(Self::FIRST);
        }
        let block_len = rdr.varint()?;
        if !block_len.is_power_of_two() || !(1 << 10..=1 << 16).contains(&block_len) {
            return Err(Error::corrupt("the blocks of streams have a length that none may have"));
        }
        Ok(Self { version, block_len })
    }
}

/// The blocks of one archive, by section.
#[derive(Debug)]
pub struct Container {
    /// Where the blocks stand.
    table: SectionTable,
    /// How its streams are cut.
    pub cut: Cut,
    /// Length of the container in bytes.
    pub len: u64,
    blocks: Blocks,
    #[cfg(feature = "cli")]
    reasons: super::reasons::Reasons,
}

impl Container {
    /// Runs what may ask for blocks; they are asked for `why`, which is noted where somebody wants to know. The page never does.
    #[cfg(feature = "cli")]
    pub fn because<T>(&self, why: impl FnOnce() -> String, ask: impl FnOnce() -> T) -> T {
        self.reasons.because(why, ask)
    }

    /// Runs what may ask for blocks.
    #[cfg(not(feature = "cli"))]
    pub fn because<T>(&self, _: impl FnOnce() -> String, ask: impl FnOnce() -> T) -> T {
        ask()
    }

    /// Why blocks are asked for.
    #[cfg(feature = "cli")]
    pub fn reasons(&self) -> &super::reasons::Reasons {
        &self.reasons
    }

    /// Opens a container from its first bytes, which must hold header and root. `decode_root` reads what stands in the root
    /// before the section table.
    ///
    /// # Errors
    /// The bytes are no container of this version, or header or root are damaged or cut.
    pub fn open<T>(head: &[u8], decode_root: impl FnOnce(&mut Decoder<'_>) -> Result<T>) -> Result<(Self, T)> {
        let header = Header::decode(head)?;
        let root_range = usize::try_from(header.root.offset).ok().zip(usize::try_from(header.root.end()).ok());
        let root = root_range
            .and_then(|(start, end)| head.get(start..end))
            .ok_or(Error::new(ErrorKind::Truncated).at("root", header.root.offset))?;
        let blocks = Blocks::default();
        let in_root = |error: Error| error.at("root", header.root.offset);
        blocks.supply(header.root.offset, root).map_err(in_root)?;
        let raw = blocks.get(header.root).map_err(in_root)?.ok_or(Error::corrupt("the root needs another block"))?;
        let mut rdr = Decoder::new(&raw);
        let value = decode_root(&mut rdr).map_err(in_root)?;
        let start = header.root.end().next_multiple_of(super::block::BLOCK_ALIGN);
        let table = SectionTable::decode(&mut rdr, start, header.container_len).map_err(in_root)?;
        let cut = Cut::decode(header.version, &mut rdr).map_err(in_root)?;
        if table.num_blocks(Section::StoreDictionary) == 1 {
            // The only block of a section needs no page.
            table
                .place(&blocks, Section::StoreDictionary, 0)
                .map_err(in_root)?
                .into_iter()
                .for_each(|block| blocks.set_dictionary(block));
        }
        let container = Self {
            table,
            cut,
            len: header.container_len,
            blocks,
            #[cfg(feature = "cli")]
            reasons: super::reasons::Reasons::default(),
        };
        Ok((container, value))
    }

    /// Number of blocks of a section.
    #[must_use]
    pub fn num_blocks(&self, section: Section) -> usize {
        self.table.num_blocks(section)
    }

    /// Bytes of a section, from its first block to the end of its last.
    #[must_use]
    pub fn section_len(&self, section: Section) -> u64 {
        let range = self.table.range(section);
        range.end - range.start
    }

    /// What a section is to hold.
    #[cfg(feature = "cli")]
    #[must_use]
    pub fn contents(&self, section: Section) -> Option<super::section::Contents> {
        self.table.contents(section)
    }

    /// Content of one block of a section.
    pub fn block(&self, section: Section, ord: usize) -> Fetch<Rc<[u8]>> {
        let Some(block) = self.table.place(&self.blocks, section, ord)? else { return Ok(None) };
        let found = self.blocks.get(block).map_err(|error| error.at(section.name(), block.offset))?;
        if found.is_none() && section == Section::Store {
            self.blocks.want_dictionary();
        }
        #[cfg(feature = "cli")]
        if found.is_none() {
            self.reasons.note(section, ord, block);
        }
        Ok(found)
    }

    /// A range of a section that is one stream of bytes, cut into blocks of one length; see [`Cut`].
    ///
    /// # Errors
    /// The stream ends before the range does, one of its blocks has another length, or a block is lost.
    pub fn stream(&self, section: Section, range: Range<u64>) -> Fetch<Vec<u8>> {
        if range.start == range.end {
            return Ok(Some(Vec::new()));
        }
        let block_len = self.cut.block_len;
        let first = range.start / block_len;
        let last = range.end.saturating_sub(1).max(range.start) / block_len;
        let num_blocks = self.table.num_blocks(section) as u64;
        if range.start > range.end || last >= num_blocks {
            return Err(Error::corrupt("a range lies outside its section").at(section.name(), range.start));
        }
        let parts = gather((first..=last).map(|ord| self.block(section, ord as usize)))?;
        let Some(parts) = parts else { return Ok(None) };
        let whole = |(part, ord): (&Rc<[u8]>, u64)| {
            let len = part.len() as u64;
            len == block_len || (len < block_len && ord + 1 == num_blocks)
        };
        if !parts.iter().zip(first..).all(whole) {
            return Err(Error::corrupt("a block of a stream is not as long as all are").at(section.name(), range.start));
        }
        // A range is no longer than the blocks that are here.
        let mut bytes = Vec::with_capacity((range.end - range.start) as usize);
        for (part, ord) in parts.iter().zip(first..) {
            let within = |at: u64| at.saturating_sub(ord * block_len).min(part.len() as u64) as usize;
            bytes.extend_from_slice(part.get(within(range.start)..within(range.end)).unwrap_or_default());
        }
        if bytes.len() as u64 != range.end - range.start {
            return Err(Error::corrupt("a range lies outside its section").at(section.name(), range.start));
        }
        Ok(Some(bytes))
    }

    /// Hands over one block's stored bytes; see [`Blocks::supply`].
    ///
    /// # Errors
    /// Its checksum is wrong.
    pub fn supply(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.blocks.supply(offset, bytes).map_err(|error| match self.section_at(offset) {
            Some(section) => error.at(section.name(), offset),
            None => error,
        })
    }

    /// Gives a block up; see [`Blocks::lose`].
    pub fn lose(&self, offset: u64, reason: &str) {
        let error = Error::new(ErrorKind::Lost(reason.to_owned()));
        let error = self.section_at(offset).map_or(error.clone(), |section| error.at(section.name(), offset));
        self.blocks.lose(offset, error);
    }

    /// Takes back that a block was given up; see [`Blocks::forget_lost`].
    pub fn forget_lost(&self, offset: u64) {
        self.blocks.forget_lost(offset);
    }

    /// Forgets blocks beyond a budget; see [`Blocks::trim`].
    pub fn trim(&self, budget: usize, since: u64) {
        self.blocks.trim(budget, since);
    }

    /// Bytes that the blocks take that are here.
    #[must_use]
    pub fn cost(&self) -> usize {
        self.blocks.cost()
    }

    /// A moment, for [`Container::trim`].
    #[must_use]
    pub fn now(&self) -> u64 {
        self.blocks.now()
    }

    /// Blocks asked for since the last call, by offset.
    pub fn take_wanted(&self) -> Vec<BlockRef> {
        self.blocks.take_wanted()
    }

    /// The section that a byte of the container belongs to.
    #[must_use]
    pub fn section_at(&self, offset: u64) -> Option<Section> {
        Section::ALL.into_iter().find(|section| self.table.range(*section).contains(&offset))
    }

    /// Where the blocks of a section stand.
    #[cfg(feature = "cli")]
    pub fn places(&self, section: Section) -> Fetch<Vec<BlockRef>> {
        gather((0..self.table.num_blocks(section)).map(|ord| self.table.place(&self.blocks, section, ord)))
    }

    /// Where the blocks of sections stand that this program does not know.
    #[cfg(feature = "cli")]
    pub fn others(&self) -> Fetch<Vec<BlockRef>> {
        self.table.others(&self.blocks)
    }

    /// Where the blocks of a section stand, from the bytes of the whole container.
    ///
    /// # Errors
    /// A page of the section table is damaged.
    #[cfg(feature = "cli")]
    pub fn places_in(&self, container: &[u8], section: Section) -> Result<Vec<BlockRef>> {
        loop {
            if let Some(places) = self.places(section)? {
                return Ok(places);
            }
            for page in self.take_wanted() {
                let bytes = container.get(page.offset as usize..page.end() as usize);
                self.supply(page.offset, bytes.ok_or(Error::new(ErrorKind::Truncated))?)?;
            }
        }
    }
}
