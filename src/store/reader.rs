//! Reads records.
//!
//! Every block holds the same number of records, so that the root need not list them. A record too long to stand among others
//! has blocks of its own behind all these, each a piece of a block of one record.

use super::block::{Rows, short_uid};
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::put_varint;
use crate::format::{Container, Fetch, Section, gather};
use crate::record::{DocId, Record};

/// Most records of an archive. A search holds a set of them in memory, at four bytes each: this many fit where the page has
/// four gigabytes.
pub const MAX_DOCS: u32 = 1 << 26;

/// Most records of a block. One is found by walking those before it.
pub const MAX_DOCS_PER_BLOCK: u32 = 1 << 12;

/// Most pieces of one record, 64 MiB of it. Bounds what a hostile archive can make a reader put together.
pub const MAX_PIECES: usize = 512;

/// The store's part of the root.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StoreReader {
    num_docs: u32,
    docs_per_block: u32,
}

impl Default for StoreReader {
    fn default() -> Self {
        Self { num_docs: 0, docs_per_block: 1 }
    }
}

impl StoreReader {
    /// Number of records.
    #[must_use]
    pub fn num_docs(&self) -> u32 {
        self.num_docs
    }

    /// Number of records in each block but the last.
    #[must_use]
    pub fn docs_per_block(&self) -> u32 {
        self.docs_per_block
    }

    /// Number of blocks that hold records side by side; those of long records stand behind them.
    #[must_use]
    pub fn num_blocks(&self) -> u32 {
        self.num_docs.div_ceil(self.docs_per_block)
    }

    /// The block of a record.
    #[must_use]
    pub fn block_of(&self, doc: DocId) -> u32 {
        doc / self.docs_per_block
    }

    /// The record of a `DocId`.
    ///
    /// # Errors
    /// A block of it is lost or malformed, or the archive has no such record.
    pub fn record(&self, container: &Container, doc: DocId) -> Fetch<Record> {
        if doc >= self.num_docs {
            return Err(Error::corrupt("a record is asked for that the archive does not have"));
        }
        let Some(block) = container.block(Section::Store, self.block_of(doc) as usize)? else { return Ok(None) };
        let in_store = |error: Error| error.at(Section::Store.name(), 0);
        let rows = self.row(&block, doc).map_err(in_store)?;
        match rows.elsewhere() {
            None => rows.record().map(Some).map_err(in_store),
            Some((first, num_pieces)) => self.long_record(container, first, num_pieces),
        }
    }

    /// A block's rows, at a record.
    fn row(self, block: &[u8], doc: DocId) -> Result<Rows<'_>> {
        let mut rows = self.rows(block, self.block_of(doc))?;
        for _ in 0..=doc % self.docs_per_block {
            rows.advance()?;
        }
        Ok(rows)
    }

    /// A block's rows; there are as many as there must be.
    fn rows(self, block: &[u8], ord: u32) -> Result<Rows<'_>> {
        let rows = Rows::open(block)?;
        let first_doc = ord.saturating_mul(self.docs_per_block);
        if rows.num_docs != u64::from(self.docs_per_block.min(self.num_docs.saturating_sub(first_doc))) {
            return Err(Error::corrupt("a block holds more or fewer records than the root says"));
        }
        Ok(rows)
    }

    fn long_record(self, container: &Container, first: u64, num_pieces: u64) -> Fetch<Record> {
        if first < u64::from(self.num_blocks()) || num_pieces > MAX_PIECES as u64 {
            return Err(Error::corrupt("a long record names pieces that cannot be its own"));
        }
        let end = first.saturating_add(num_pieces);
        let Some(pieces) = gather((first..end).map(|ord| container.block(Section::Store, ord as usize)))? else {
            return Ok(None);
        };
        let bytes = pieces.concat();
        super::decode_record(&bytes).map(Some).map_err(|error| error.at(Section::Store.name(), 0))
    }

    /// The record of a uid, when it is in this block.
    ///
    /// # Errors
    /// The block is lost or malformed.
    pub fn find(&self, container: &Container, ord: u32, uid: &str) -> Fetch<Option<DocId>> {
        let Some(block) = container.block(Section::Store, ord as usize)? else { return Ok(None) };
        self.find_in_block(&block, ord, uid).map(Some).map_err(|error| error.at(Section::Store.name(), 0))
    }

    fn find_in_block(self, block: &[u8], ord: u32, uid: &str) -> Result<Option<DocId>> {
        let mut rows = self.rows(block, ord)?;
        let short = short_uid(uid);
        for doc in 0..rows.num_docs as u32 {
            rows.advance()?;
            let wanted = if rows.elsewhere().is_some() { short.as_str() } else { uid };
            if rows.uid()? == wanted {
                return Ok(Some(ord * self.docs_per_block + doc));
            }
        }
        Ok(None)
    }

    /// Reads the store's part of the root.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        let (num_docs, docs_per_block) = (rdr.varint_u32()?, rdr.varint_u32()?);
        if num_docs > MAX_DOCS || docs_per_block == 0 || docs_per_block > MAX_DOCS_PER_BLOCK {
            return Err(Error::corrupt("more records than an archive or a block may hold"));
        }
        Ok(Self { num_docs, docs_per_block })
    }

    /// Appends the store's part of the root.
    #[cfg(feature = "cli")]
    pub fn encode(&self, buf: &mut Vec<u8>) {
        put_varint(buf, u64::from(self.num_docs));
        put_varint(buf, u64::from(self.docs_per_block));
    }

    /// A store of so many records, as many in each block.
    ///
    /// # Errors
    /// More than an archive or a block may hold.
    #[cfg(feature = "cli")]
    pub fn new(num_docs: usize, docs_per_block: u32) -> Result<Self> {
        let num_docs = u32::try_from(num_docs).unwrap_or(u32::MAX);
        let mut buf = Vec::new();
        Self { num_docs, docs_per_block }.encode(&mut buf);
        Self::decode(&mut Decoder::new(&buf))
    }
}

#[cfg(all(test, feature = "cli"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where its input is wrong")]
mod tests {
    use super::*;

    #[test]
    fn hostile_numbers_of_records_are_refused() {
        assert_eq!(StoreReader::new(MAX_DOCS as usize, 1).unwrap().num_docs(), MAX_DOCS);
        assert!(StoreReader::new(MAX_DOCS as usize + 1, 1).is_err());
        assert!(StoreReader::new(usize::MAX, 1).is_err());
        assert!(StoreReader::new(1, 0).is_err());
        assert!(StoreReader::new(1, MAX_DOCS_PER_BLOCK + 1).is_err());
    }
}
