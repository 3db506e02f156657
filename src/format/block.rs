//! A block: the unit of checksumming, compression and loading.
//!
//! ```text
//!   0        4       5            …
//! ┌────────┬───────┬────────────┬─────────────┐
//! │ crc32c │ codec │ raw length │ payload     │   zero to two bytes 0x00 follow, up to a multiple of 3
//! │ u32    │ u8    │ varint     │             │
//! └────────┴───────┴────────────┴─────────────┘
//! ```
//!
//! The checksum covers the block's own offset in the container and everything after the checksum, so that a whole block at
//! a wrong place is noticed as well as a damaged one. It is checked before anything is decompressed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use ruzstd::decoding::{Dictionary, FrameDecoder};

use super::checksum::crc32c;
use super::codec::Decoder;
use super::lru::Lru;
use crate::error::{Error, ErrorKind, Result};

/// Longest block as stored: one shard (256 KiB decoded) holds at least one block, and a block never spans two.
pub const MAX_BLOCK_LEN: u32 = 256 * 1024;

/// Longest block once decompressed. Bounds what a hostile block can make a reader allocate.
pub const MAX_RAW_LEN: u64 = 1024 * 1024;

/// Every block starts at a multiple of this, so that its span in base64 is exact (three bytes are four characters).
pub const BLOCK_ALIGN: u64 = 3;

/// Place of one block in the container.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct BlockRef {
    /// Bytes from the start of the container.
    pub offset: u64,
    /// Stored length in bytes, without the padding behind it.
    pub len: u32,
}

impl BlockRef {
    /// First byte behind the block.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(u64::from(self.len))
    }
}

/// How a block's payload is coded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Codec {
    /// As it is.
    Raw = 0,
    /// One zstd frame (RFC 8878).
    Zstd = 1,
    /// One zstd frame that needs the archive's dictionary.
    ZstdDict = 2,
}

/// A block's parts after its checksum was found right.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    codec: Codec,
    raw_len: usize,
    payload: &'a [u8],
}

/// Puts a payload into its frame for the given place. `raw_len` is the length after decompression.
#[must_use]
pub fn encode(offset: u64, codec: Codec, raw_len: u64, payload: &[u8]) -> Vec<u8> {
    let mut buf = vec![0, 0, 0, 0, codec as u8];
    super::codec::put_varint(&mut buf, raw_len);
    buf.extend_from_slice(payload);
    let checksum = checksum(offset, buf.get(4..).unwrap_or_default());
    for (slot, byte) in buf.iter_mut().zip(checksum.to_le_bytes()) {
        *slot = byte;
    }
    buf
}

/// Checks a block's checksum and bounds; decompresses nothing.
///
/// # Errors
/// `Checksum` when bytes or place are wrong; `TooLarge` or `Corrupt` when the frame itself breaks a rule.
pub fn check(offset: u64, bytes: &[u8]) -> Result<Frame<'_>> {
    let mut rdr = Decoder::new(bytes);
    let stored = rdr.u32()?;
    if stored != checksum(offset, rdr.rest()) {
        return Err(Error::new(ErrorKind::Checksum));
    }
    let codec = match rdr.u8()? {
        0 => Codec::Raw,
        1 => Codec::Zstd,
        2 => Codec::ZstdDict,
        _ => return Err(Error::corrupt("a block has an unknown codec")),
    };
    let raw_len = rdr.varint()?;
    if raw_len > MAX_RAW_LEN {
        return Err(Error::new(ErrorKind::TooLarge { len: raw_len, limit: MAX_RAW_LEN }));
    }
    Ok(Frame { codec, raw_len: raw_len as usize, payload: rdr.rest() })
}

impl Frame<'_> {
    /// The block's content, by a decoder that has the dictionary where one is needed.
    ///
    /// # Errors
    /// `Corrupt` when the payload does not decode to exactly the announced length.
    fn decode(&self, decoder: &mut FrameDecoder) -> Result<Vec<u8>> {
        match self.codec {
            Codec::Raw if self.payload.len() == self.raw_len => Ok(self.payload.to_vec()),
            Codec::Raw => Err(Error::corrupt("a raw block is not as long as it says")),
            Codec::Zstd | Codec::ZstdDict => {
                let mut raw = vec![0; self.raw_len];
                let written = decoder.decode_all(self.payload, &mut raw).map_err(|_| Error::corrupt(UNDECODABLE))?;
                let whole = written == self.raw_len;
                if whole { Ok(raw) } else { Err(Error::corrupt("a compressed block is not as long as it says")) }
            }
        }
    }
}

const UNDECODABLE: &str = "a compressed block does not decode";

/// A decoder of frames that need this dictionary.
fn decoder_with(dictionary: &[u8]) -> Result<FrameDecoder> {
    let mut decoder = FrameDecoder::new();
    let dictionary = Dictionary::decode_dict(dictionary).map_err(|_| Error::corrupt(UNDECODABLE))?;
    decoder.add_dict(dictionary).map_err(|_| Error::corrupt(UNDECODABLE))?;
    Ok(decoder)
}

fn checksum(offset: u64, rest: &[u8]) -> u32 {
    crc32c(&[&offset.to_le_bytes(), rest])
}

/// The blocks of one archive that are in memory, and a list of those asked for that are not.
///
/// This is how the core does no I/O: a reader asks [`Blocks::get`]; what is missing is noted, the caller of the core fetches
/// it by whatever means, hands it to [`Blocks::supply`] and asks again. What takes more than its share of memory is forgotten
/// by [`Blocks::trim`], and asked for anew when it is needed again.
#[derive(Default)]
pub struct Blocks {
    loaded: Lru<u64, State>,
    /// Blocks that cannot be had, by offset.
    lost: RefCell<Vec<(u64, Error)>>,
    wanted: RefCell<Vec<BlockRef>>,
    dictionary: Cell<Option<BlockRef>>,
    /// Kept from block to block: the tables of a dictionary take longer to make than a block to decode.
    with_dictionary: RefCell<Option<FrameDecoder>>,
}

impl std::fmt::Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blocks").field("loaded", &self.loaded).field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
enum State {
    /// Checked, but not decompressed yet.
    Stored(Rc<[u8]>),
    /// Ready to be read.
    Open(Rc<[u8]>),
}

impl Blocks {
    /// Names the block that holds the zstd dictionary of the blocks coded with one.
    pub fn set_dictionary(&self, block: BlockRef) {
        self.dictionary.set(Some(block));
    }

    /// The content of a block, or `None` when it is not here yet; then it is among [`Blocks::take_wanted`].
    ///
    /// # Errors
    /// The block is lost, or does not decode.
    pub fn get(&self, block: BlockRef) -> Result<Option<Rc<[u8]>>> {
        match self.loaded.get(&block.offset) {
            Some(State::Open(raw)) => Ok(Some(raw)),
            Some(State::Stored(bytes)) => self.open(block, &bytes),
            None => {
                if let Some((_, error)) = self.lost.borrow().iter().find(|(offset, _)| *offset == block.offset) {
                    return Err(error.clone());
                }
                self.note(block);
                Ok(None)
            }
        }
    }

    /// Asks for a block that will be of use, unless it is here or lost.
    pub fn want(&self, block: BlockRef) {
        if !self.is_known(block.offset) {
            self.note(block);
        }
    }

    /// Asks for the dictionary too, since a block is asked for that may need it: one trip less than asking once it is here.
    pub fn want_dictionary(&self) {
        if let Some(dictionary) = self.dictionary.get().filter(|_| self.with_dictionary.borrow().is_none()) {
            self.want(dictionary);
        }
    }

    fn note(&self, block: BlockRef) {
        let mut wanted = self.wanted.borrow_mut();
        if let Err(place) = wanted.binary_search(&block) {
            wanted.insert(place, block);
        }
    }

    fn is_known(&self, offset: u64) -> bool {
        self.loaded.get(&offset).is_some() || self.lost.borrow().iter().any(|(lost, _)| *lost == offset)
    }

    fn open(&self, block: BlockRef, bytes: &[u8]) -> Result<Option<Rc<[u8]>>> {
        let frame = check(block.offset, bytes)?;
        let raw: Rc<[u8]> = if frame.codec == Codec::ZstdDict {
            if self.with_dictionary.borrow().is_none() {
                let dictionary = self.dictionary.get().filter(|dictionary| *dictionary != block);
                let dictionary = dictionary.ok_or(Error::corrupt("a block needs a dictionary where there is none"))?;
                let Some(dictionary) = self.get(dictionary)? else { return Ok(None) };
                *self.with_dictionary.borrow_mut() = Some(decoder_with(&dictionary)?);
            }
            let mut kept = self.with_dictionary.borrow_mut();
            frame.decode(kept.get_or_insert_with(FrameDecoder::new))?.into()
        } else {
            frame.decode(&mut FrameDecoder::new())?.into()
        };
        self.loaded.put(block.offset, State::Open(raw.clone()), raw.len());
        Ok(Some(raw))
    }

    /// Hands over one block's stored bytes.
    ///
    /// # Errors
    /// Its checksum or frame is wrong; the block stays missing.
    pub fn supply(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        check(offset, bytes)?;
        if !self.is_known(offset) {
            self.loaded.put(offset, State::Stored(bytes.into()), bytes.len());
        }
        Ok(())
    }

    /// Gives a block up: asking for it is an error from now on, and everything else goes on.
    pub fn lose(&self, offset: u64, error: Error) {
        self.loaded.remove(&offset);
        self.forget_lost(offset);
        self.lost.borrow_mut().push((offset, error));
    }

    /// Takes back that a block was given up: asking for it fetches it anew.
    pub fn forget_lost(&self, offset: u64) {
        self.lost.borrow_mut().retain(|(lost, _)| *lost != offset);
    }

    /// The blocks asked for since the last call, by offset.
    pub fn take_wanted(&self) -> Vec<BlockRef> {
        self.wanted.take()
    }

    /// Forgets blocks until those left take `budget` bytes; see [`Lru::trim`].
    pub fn trim(&self, budget: usize, since: u64) {
        self.loaded.trim(budget, since);
    }

    /// A moment, for [`Blocks::trim`].
    #[must_use]
    pub fn now(&self) -> u64 {
        self.loaded.now()
    }

    /// Bytes that the blocks take.
    #[must_use]
    pub fn cost(&self) -> usize {
        self.loaded.cost()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_asked_for_supplied_and_read() {
        let blocks = Blocks::default();
        let bytes = encode(300, Codec::Raw, 5, b"hello");
        let block = BlockRef { offset: 300, len: bytes.len() as u32 };
        assert_eq!(blocks.get(block), Ok(None));
        assert_eq!(blocks.take_wanted(), [block]);
        blocks.supply(300, &bytes).unwrap();
        assert_eq!(blocks.get(block).unwrap().as_deref(), Some(&b"hello"[..]));
        assert_eq!(blocks.take_wanted(), []);
    }

    #[test]
    fn a_whole_block_at_a_wrong_place_is_noticed() {
        let bytes = encode(300, Codec::Raw, 5, b"hello");
        assert_eq!(check(303, &bytes).err(), Some(Error::new(ErrorKind::Checksum)));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let bytes = encode(3, Codec::Raw, 5, b"hello");
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(check(3, &damaged).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_hostile_length_is_refused_before_memory_is_taken() {
        let bytes = encode(3, Codec::Zstd, u64::MAX, b"");
        assert!(matches!(check(3, &bytes).map(|_| ()).unwrap_err().kind, ErrorKind::TooLarge { .. }));
    }

    #[test]
    fn what_is_forgotten_is_asked_for_anew() {
        let blocks = Blocks::default();
        let bytes = encode(3, Codec::Raw, 5, b"hello");
        let block = BlockRef { offset: 3, len: bytes.len() as u32 };
        blocks.supply(3, &bytes).unwrap();
        let since = blocks.now();
        blocks.get(block).unwrap().unwrap();
        blocks.trim(0, since);
        assert_eq!(blocks.cost(), 5, "it is in use");
        blocks.trim(0, blocks.now());
        assert_eq!((blocks.cost(), blocks.get(block)), (0, Ok(None)));
        assert_eq!(blocks.take_wanted(), [block]);
    }

    #[test]
    fn a_lost_block_is_an_error_and_nothing_else_is() {
        let blocks = Blocks::default();
        let block = BlockRef { offset: 9, len: 20 };
        blocks.lose(9, Error::new(ErrorKind::Lost("gone".into())));
        assert!(blocks.get(block).is_err());
        blocks.forget_lost(12);
        assert!(blocks.get(block).is_err());
        blocks.forget_lost(9);
        assert_eq!(blocks.get(block), Ok(None));
        assert_eq!(blocks.get(BlockRef { offset: 12, len: 20 }), Ok(None));
    }
}
