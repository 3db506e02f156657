//! Writes a container: sections are filled block by block, then header and root are put before them.

use zstd::bulk::Compressor;

use super::block::{self, BLOCK_ALIGN, BlockRef, Codec, MAX_BLOCK_LEN, MAX_RAW_LEN};
use super::codec::put_varint;
use super::container::Cut;
use super::header::{HEADER_LEN, Header, VERSION};
use super::section::{ContentsOf, Paging, Section, SectionTable};
use crate::error::{Error, ErrorKind, Result};

/// zstd level of blocks without a dictionary: for their size, higher ones gain a thousandth for twice the time.
const ZSTD_LEVEL: i32 = 12;

/// zstd level of blocks with the dictionary, whose length makes zstd choose as for longer ones.
const ZSTD_DICTIONARY_LEVEL: i32 = 16;

/// Raw length of the blocks of streams, unless it is set otherwise: smaller ones would each compress worse.
const STREAM_BLOCK_LEN: u64 = 4 * 1024;

/// Content of one block before it has a place.
#[derive(Debug)]
struct Content {
    codec: Codec,
    raw_len: u64,
    payload: Vec<u8>,
}

/// Collects the blocks of every section.
pub struct ContainerWriter {
    /// How what would make the root long is cut into pages.
    pub paging: Paging,
    /// How streams are cut.
    pub cut: Cut,
    sections: Vec<(ContentsOf, Vec<Content>)>,
    /// Kept from block to block: preparing one costs more than compressing a block, above all with a dictionary.
    compressor: Option<Compressor<'static>>,
    with_dictionary: Option<Compressor<'static>>,
}

impl Default for ContainerWriter {
    fn default() -> Self {
        let sections = Section::ALL.iter().map(|_| Default::default()).collect();
        let cut = Cut { version: VERSION, block_len: STREAM_BLOCK_LEN };
        Self { paging: Paging::default(), cut, sections, compressor: None, with_dictionary: None }
    }
}

impl ContainerWriter {
    /// The zstd dictionary of the blocks pushed with [`ContainerWriter::push_with_dictionary`] from now on.
    ///
    /// # Errors
    /// zstd refuses it.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> Result<()> {
        self.with_dictionary = Some(compressor(ZSTD_DICTIONARY_LEVEL, dictionary)?);
        self.push(Section::StoreDictionary, dictionary)
    }

    /// Appends a block to a section, compressed where that helps.
    pub fn push(&mut self, section: Section, raw: &[u8]) -> Result<()> {
        let content = self.compressed(raw)?;
        self.content(section, raw, content);
        Ok(())
    }

    /// Appends a block to a section, compressed with the dictionary, if one is set.
    pub fn push_with_dictionary(&mut self, section: Section, raw: &[u8]) -> Result<()> {
        let content = match &mut self.with_dictionary {
            Some(compressor) => smaller(raw, Codec::ZstdDict, compressor.compress(raw).map_err(failed)?),
            None => self.compressed(raw)?,
        };
        self.content(section, raw, content);
        Ok(())
    }

    fn compressed(&mut self, raw: &[u8]) -> Result<Content> {
        let compressor = match &mut self.compressor {
            Some(compressor) => compressor,
            none => none.insert(compressor(ZSTD_LEVEL, &[])?),
        };
        Ok(smaller(raw, Codec::Zstd, compressor.compress(raw).map_err(failed)?))
    }

    /// Appends a block to a section as it is.
    pub fn push_raw(&mut self, section: Section, raw: Vec<u8>) {
        let (contents, blocks) = self.section(section);
        contents.add(&raw);
        blocks.push(Content { codec: Codec::Raw, raw_len: raw.len() as u64, payload: raw });
    }

    fn content(&mut self, section: Section, raw: &[u8], content: Content) {
        let (contents, blocks) = self.section(section);
        contents.add(raw);
        blocks.push(content);
    }

    fn section(&mut self, section: Section) -> &mut (ContentsOf, Vec<Content>) {
        self.sections.get_mut(section.place()).expect("there is one list for each section")
    }

    /// Number of blocks of a section so far.
    #[must_use]
    pub fn num_blocks(&self, section: Section) -> usize {
        self.sections.get(section.place()).map_or(0, |(_, blocks)| blocks.len())
    }

    /// Writes the container. `root` is what stands in the root before the section table.
    ///
    /// # Errors
    /// A block, or the root, is longer than a shard can hold, or longer decompressed than a reader opens.
    pub fn finish(mut self, mut root: Vec<u8>) -> Result<Vec<u8>> {
        // Pages are made here alone.
        self.sections.truncate(Section::Table.place());
        let mut table = Vec::with_capacity(self.sections.len());
        for (contents, blocks) in &self.sections {
            table.push((contents.clone().finish(), blocks.iter().map(stored_len).collect::<Result<Vec<u32>>>()?));
        }
        let mut pages = Vec::new();
        SectionTable::encode(&table, self.paging, &mut root, |page| {
            let page = self.compressed(page)?;
            let len = stored_len(&page);
            pages.push(page);
            len
        })?;
        put_varint(&mut root, self.cut.block_len);
        let root_content = self.compressed(&root)?;
        let root_ref = BlockRef { offset: HEADER_LEN as u64, len: stored_len(&root_content)? };
        let start = root_ref.end().next_multiple_of(BLOCK_ALIGN);
        let padded = |content: &Content| stored_len(content).map(|len| u64::from(len).next_multiple_of(BLOCK_ALIGN));
        let blocks = self.sections.iter().flat_map(|(_, blocks)| blocks).chain(&pages);
        let len = blocks.map(padded).sum::<Result<u64>>()?;
        let header = Header { version: VERSION, container_len: start + len, root: root_ref };

        let mut out = Vec::with_capacity(header.container_len as usize);
        out.extend(header.encode());
        append(&mut out, &root_content);
        // Each block is given up once it stands in the container, so that the archive is not in memory twice.
        for content in self.sections.into_iter().flat_map(|(_, blocks)| blocks).chain(pages) {
            append(&mut out, &content);
        }
        debug_assert_eq!(out.len() as u64, header.container_len);
        Ok(out)
    }
}

/// A block that stands by itself, as if at a place of a container.
///
/// # Errors
/// It is longer than a block may be.
pub fn frame(offset: u64, raw: &[u8]) -> Result<Vec<u8>> {
    let content = ContainerWriter::default().compressed(raw)?;
    stored_len(&content)?;
    Ok(block::encode(offset, content.codec, content.raw_len, &content.payload))
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

/// Compresses blocks, with a dictionary unless it is empty.
fn compressor(level: i32, dictionary: &[u8]) -> Result<Compressor<'static>> {
    let mut compressor = Compressor::with_dictionary(level, dictionary).map_err(failed)?;
    // The frame around it already holds length and checksum.
    compressor.include_contentsize(true).map_err(failed)?;
    compressor.include_checksum(false).map_err(failed)?;
    Ok(compressor)
}

fn failed(_: std::io::Error) -> Error {
    Error::corrupt("zstd could not compress a block")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Container;

    #[test]
    fn a_block_that_no_reader_would_open_is_not_written() {
        let mut out = ContainerWriter::default();
        out.push(Section::Postings, &vec![0; MAX_RAW_LEN as usize + 1]).unwrap();
        assert!(matches!(out.finish(Vec::new()).unwrap_err().kind, ErrorKind::TooLarge { .. }));
    }

    #[test]
    fn a_block_that_stays_longer_than_any_may_be_is_not_written() {
        let mut state = 1u32;
        let noise: Vec<u8> = (0..MAX_BLOCK_LEN + 1000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        let mut out = ContainerWriter::default();
        out.push(Section::Postings, &noise).unwrap();
        assert!(matches!(out.finish(Vec::new()).unwrap_err().kind, ErrorKind::TooLarge { .. }));
        assert!(frame(0, &noise).is_err());
    }

    #[test]
    fn a_stream_cut_elsewhere_than_at_its_block_length_is_refused() {
        let mut out = ContainerWriter::default();
        out.push(Section::Postings, &[1; 100]).unwrap();
        out.push(Section::Postings, &[2; 100]).unwrap();
        let bytes = out.finish(Vec::new()).unwrap();
        let (container, ()) = Container::open(&bytes, |_| Ok(())).unwrap();
        for block in container.places_in(&bytes, Section::Postings).unwrap() {
            container.supply(block.offset, &bytes[block.offset as usize..block.end() as usize]).unwrap();
        }
        assert!(container.stream(Section::Postings, 90..100).is_err());
        assert!(container.stream(Section::Postings, 90..STREAM_BLOCK_LEN + 10).is_err());
    }
}
