//! Reads records.
//!
//! A block is `[number of records: varint]`, then for each record `[length: varint] [its bytes]`. A record too long for one
//! block stands alone over several: each holds `0` and a piece of its bytes.

use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::put_varint;
use crate::format::{Container, Fetch, Section};
use crate::record::{DocId, Record};

/// Most records of an archive. A search holds a set of them in memory, at four bytes each: this many fit where the page has
/// four gigabytes, and a root that fits a shard cannot list the blocks of many more.
pub const MAX_DOCS: u32 = 1 << 26;

/// What [`MAX_DOCS`] and [`MAX_PIECES`] say where they are not kept.
const TOO_MANY: &str = "more records than an archive may hold";
const TOO_LONG: &str = "a record of more pieces than one may have";

/// Most pieces of one record, 64 MiB of it. Bounds what a hostile archive can make a reader put together.
pub const MAX_PIECES: usize = 512;

/// The store's part of the root.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StoreReader {
    /// For each block, the first record that does not begin before its end: records `ends[i - 1]..ends[i]` stand in block `i`.
    /// The pieces of a long record before its last one hold none.
    ends: Vec<DocId>,
}

impl StoreReader {
    /// Number of records.
    #[must_use]
    pub fn num_docs(&self) -> u32 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The record of a `DocId`.
    ///
    /// # Errors
    /// A block of it is lost or malformed, or the archive has no such record.
    pub fn record(&self, container: &Container, doc: DocId) -> Fetch<Record> {
        let (blocks, ord) = self.place(doc)?;
        let mut parts = Vec::new();
        let mut missing = false;
        for block in blocks {
            match container.block(Section::Store, block)? {
                Some(bytes) => parts.push(bytes),
                None => missing = true,
            }
        }
        if missing {
            return Ok(None);
        }
        let decoded = match parts.as_slice() {
            [block] => decode_in_block(block, ord),
            pieces => decode_pieces(pieces.iter().map(AsRef::as_ref)),
        };
        decoded.map(Some).map_err(|error| error.at(Section::Store.name(), 0))
    }

    /// The blocks that hold a record, and its place in the last one.
    fn place(&self, doc: DocId) -> Result<(std::ops::Range<usize>, usize)> {
        let last = self.ends.partition_point(|end| *end <= doc);
        if last == self.ends.len() {
            return Err(Error::corrupt("a record is asked for that the archive does not have"));
        }
        let start_of =
            |block: usize| block.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let ord = (doc - start_of(last)) as usize;
        // Blocks before it in which no record ends are pieces of this one.
        let mut first = last;
        while first > 0 && self.ends.get(first - 1).copied() == Some(start_of(first - 1)) {
            first -= 1;
        }
        Ok((first..last + 1, ord))
    }

    /// Reads the store's part of the root.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        let count = rdr.count()?;
        let mut end = 0u32;
        let mut ends = Vec::new();
        let mut pieces = 0;
        for _ in 0..count {
            let num_docs = rdr.varint_u32()?;
            end = end.checked_add(num_docs).filter(|end| *end <= MAX_DOCS).ok_or(Error::corrupt(TOO_MANY))?;
            pieces = if num_docs == 0 { pieces + 1 } else { 0 };
            if pieces >= MAX_PIECES {
                return Err(Error::corrupt(TOO_LONG));
            }
            ends.push(end);
        }
        Ok(Self { ends })
    }

    /// Appends the store's part of the root.
    #[cfg(feature = "cli")]
    pub fn encode(&self, buf: &mut Vec<u8>) {
        put_varint(buf, self.ends.len() as u64);
        let mut start = 0;
        for end in &self.ends {
            put_varint(buf, u64::from(end - start));
            start = *end;
        }
    }

    /// Notes that the next block holds `num_docs` records.
    #[cfg(feature = "cli")]
    pub fn push(&mut self, num_docs: u32) {
        self.ends.push(self.num_docs() + num_docs);
    }

    /// Checks what [`StoreReader::decode`] will ask for.
    ///
    /// # Errors
    /// More records, or more pieces of one, than an archive may hold.
    #[cfg(feature = "cli")]
    pub fn check(&self) -> Result<()> {
        let mut buf = Vec::new();
        self.encode(&mut buf);
        Self::decode(&mut Decoder::new(&buf)).map(|_| ())
    }
}

fn decode_in_block(block: &[u8], ord: usize) -> Result<Record> {
    let mut rdr = Decoder::new(block);
    if ord as u64 >= rdr.varint()? {
        return Err(Error::corrupt("a block holds fewer records than the root says"));
    }
    for _ in 0..ord {
        rdr.prefixed()?;
    }
    super::codec::decode(rdr.prefixed()?)
}

fn decode_pieces<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<Record> {
    let mut bytes = Vec::new();
    for piece in pieces {
        let mut rdr = Decoder::new(piece);
        if rdr.varint()? != 0 {
            return Err(Error::corrupt("a piece of a long record holds whole records"));
        }
        bytes.extend_from_slice(rdr.rest());
    }
    super::codec::decode(&bytes)
}

/// The bytes of a block of whole records.
#[cfg(feature = "cli")]
#[must_use]
pub fn encode_block(records: &[Vec<u8>]) -> Vec<u8> {
    let mut buf = Vec::new();
    put_varint(&mut buf, records.len() as u64);
    for record in records {
        crate::format::codec::put_prefixed(&mut buf, record);
    }
    buf
}

/// The bytes of a block that holds a piece of a long record.
#[cfg(feature = "cli")]
#[must_use]
pub fn encode_piece(piece: &[u8]) -> Vec<u8> {
    let mut buf = vec![0];
    buf.extend_from_slice(piece);
    buf
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_numbers_of_records_and_pieces_are_refused() {
        let decode = |counts: &[u32]| {
            let mut buf = Vec::new();
            crate::format::codec::put_varint(&mut buf, counts.len() as u64);
            counts.iter().for_each(|count| crate::format::codec::put_varint(&mut buf, u64::from(*count)));
            StoreReader::decode(&mut Decoder::new(&buf))
        };
        assert_eq!(decode(&[MAX_DOCS]).unwrap().num_docs(), MAX_DOCS);
        assert!(decode(&[MAX_DOCS, 1]).is_err());
        assert!(decode(&[u32::MAX, u32::MAX]).is_err());
        assert!(decode(&[vec![0; MAX_PIECES - 1], vec![1]].concat()).is_ok());
        assert!(decode(&vec![0; MAX_PIECES]).is_err());
    }
}
