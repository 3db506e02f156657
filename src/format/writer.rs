//! Writes a container: sections are filled block by block, then header and root are put before them.

use super::block::{self, BLOCK_ALIGN, BlockRef, Codec, MAX_BLOCK_LEN, MAX_RAW_LEN};
use super::header::{HEADER_LEN, Header};
use super::section::{Section, SectionTable};
use crate::error::{Error, ErrorKind, Result};

/// zstd level of every block: the highest before the "ultra" levels, whose larger windows blocks of this size cannot use.
const ZSTD_LEVEL: i32 = 19;

/// Content of one block before it has a place.
#[derive(Debug)]
struct Content {
    codec: Codec,
    raw_len: u64,
    payload: Vec<u8>,
}

/// Collects the blocks of every section.
#[derive(Debug)]
pub struct ContainerWriter {
    sections: Vec<Vec<Content>>,
    dictionary: Option<Vec<u8>>,
}

impl Default for ContainerWriter {
    fn default() -> Self {
        Self { sections: Section::ALL.iter().map(|_| Vec::new()).collect(), dictionary: None }
    }
}

impl ContainerWriter {
    /// The zstd dictionary of the blocks pushed with [`ContainerWriter::push_with_dictionary`] from now on.
    pub fn set_dictionary(&mut self, dictionary: Vec<u8>) {
        self.push_raw(Section::StoreDictionary, dictionary.clone());
        self.dictionary = Some(dictionary);
    }

    /// Appends a block to a section, compressed where that helps.
    pub fn push(&mut self, section: Section, raw: &[u8]) -> Result<()> {
        let packed = compress(raw, None)?;
        self.push_smaller(section, raw, Codec::Zstd, packed);
        Ok(())
    }

    /// Appends a block to a section, compressed with the dictionary, if one is set.
    pub fn push_with_dictionary(&mut self, section: Section, raw: &[u8]) -> Result<()> {
        let packed = compress(raw, self.dictionary.as_deref())?;
        let codec = if self.dictionary.is_some() { Codec::ZstdDict } else { Codec::Zstd };
        self.push_smaller(section, raw, codec, packed);
        Ok(())
    }

    /// Appends a block to a section as it is.
    pub fn push_raw(&mut self, section: Section, raw: Vec<u8>) {
        self.content(section, Content { codec: Codec::Raw, raw_len: raw.len() as u64, payload: raw });
    }

    fn push_smaller(&mut self, section: Section, raw: &[u8], codec: Codec, packed: Vec<u8>) {
        self.content(section, smaller(raw, codec, packed));
    }

    fn content(&mut self, section: Section, content: Content) {
        let blocks = self.sections.get_mut(section as usize - 1).expect("there is one list for each section");
        blocks.push(content);
    }

    /// Number of blocks of a section so far.
    #[must_use]
    pub fn num_blocks(&self, section: Section) -> usize {
        self.sections.get(section as usize - 1).map_or(0, Vec::len)
    }

    /// Writes the container. `root` is what stands in the root before the section table.
    ///
    /// # Errors
    /// A block, or the root, is longer than a shard can hold, or longer decompressed than a reader opens.
    pub fn finish(self, mut root: Vec<u8>) -> Result<Vec<u8>> {
        let lens: Vec<Vec<u32>> =
            self.sections.iter().map(|blocks| blocks.iter().map(stored_len).collect()).collect::<Result<_>>()?;
        SectionTable::encode(&lens, &mut root);
        let packed = compress(&root, None)?;
        let root_content = smaller(&root, Codec::Zstd, packed);
        let root_ref = BlockRef { offset: HEADER_LEN as u64, len: stored_len(&root_content)? };
        let start = root_ref.end().next_multiple_of(BLOCK_ALIGN);
        let table = SectionTable::new(start, &lens);
        let header = Header { container_len: table.end(start), root: root_ref };

        let mut out = header.encode();
        append(&mut out, &root_content);
        for content in self.sections.iter().flatten() {
            append(&mut out, content);
        }
        debug_assert_eq!(out.len() as u64, header.container_len);
        Ok(out)
    }
}

/// The content compressed, where that is shorter.
fn smaller(raw: &[u8], codec: Codec, packed: Vec<u8>) -> Content {
    let raw_len = raw.len() as u64;
    if packed.len() < raw.len() {
        Content { codec, raw_len, payload: packed }
    } else {
        Content { codec: Codec::Raw, raw_len, payload: raw.to_vec() }
    }
}

fn append(out: &mut Vec<u8>, content: &Content) {
    let bytes = block::encode(out.len() as u64, content.codec, content.raw_len, &content.payload);
    out.extend_from_slice(&bytes);
    out.resize(out.len().next_multiple_of(BLOCK_ALIGN as usize), 0);
}

fn stored_len(content: &Content) -> Result<u32> {
    if content.raw_len > MAX_RAW_LEN {
        return Err(Error::new(ErrorKind::TooLarge { len: content.raw_len, limit: MAX_RAW_LEN }));
    }
    let len = block::encode(0, content.codec, content.raw_len, &[]).len() + content.payload.len();
    match u32::try_from(len) {
        Ok(len) if len <= MAX_BLOCK_LEN => Ok(len),
        _ => Err(Error::new(ErrorKind::TooLarge { len: len as u64, limit: u64::from(MAX_BLOCK_LEN) })),
    }
}

fn compress(raw: &[u8], dictionary: Option<&[u8]>) -> Result<Vec<u8>> {
    let failed = |_| Error::corrupt("zstd could not compress a block");
    let mut compressor = match dictionary {
        Some(dictionary) => zstd::bulk::Compressor::with_dictionary(ZSTD_LEVEL, dictionary),
        None => zstd::bulk::Compressor::new(ZSTD_LEVEL),
    }
    .map_err(failed)?;
    // The frame around it already holds length and checksum.
    compressor.include_contentsize(true).map_err(failed)?;
    compressor.include_checksum(false).map_err(failed)?;
    compressor.compress(raw).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Container;
    use crate::format::container::STREAM_BLOCK_LEN;

    #[test]
    fn a_block_that_no_reader_would_open_is_not_written() {
        let mut out = ContainerWriter::default();
        out.push(Section::Postings, &vec![0; MAX_RAW_LEN as usize + 1]).unwrap();
        assert!(matches!(out.finish(Vec::new()).unwrap_err().kind, ErrorKind::TooLarge { .. }));
    }

    #[test]
    fn a_stream_cut_elsewhere_than_at_its_block_length_is_refused() {
        let mut out = ContainerWriter::default();
        out.push(Section::Postings, &[1; 100]).unwrap();
        out.push(Section::Postings, &[2; 100]).unwrap();
        let bytes = out.finish(Vec::new()).unwrap();
        let (container, ()) = Container::open(&bytes, |_| Ok(())).unwrap();
        for block in container.table.blocks(Section::Postings) {
            container.supply(block.offset, &bytes[block.offset as usize..block.end() as usize]).unwrap();
        }
        assert!(container.stream(Section::Postings, 90..100).is_err());
        assert!(container.stream(Section::Postings, 90..STREAM_BLOCK_LEN + 10).is_err());
    }
}
