//! The first 48 bytes of a container: what it is, how long it is, where the root stands.

use super::block::{BLOCK_ALIGN, BlockRef, MAX_BLOCK_LEN};
use super::checksum::crc32c;
use super::codec::Decoder;
use crate::error::{Error, ErrorKind, Result};

/// First bytes of every container. The line ends and the control byte show a transfer in text mode at once, as PNG's do.
pub const MAGIC: [u8; 8] = *b"FONDS\r\n\x1a";

/// Version of the format that this code writes. docs/FORMAT.md says what a new version is needed for.
pub const VERSION: u32 = 2;

/// The oldest version that it reads.
pub const OLDEST: u32 = 1;

/// Length of the encoded header in bytes: a multiple of 3, so that the root behind it starts at one.
pub const HEADER_LEN: usize = 48;

/// Where the root stands in a container of how many bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// Version of the format.
    pub version: u32,
    /// Length of the whole container in bytes.
    pub container_len: u64,
    /// The root block.
    pub root: BlockRef,
}

impl Header {
    /// The header's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut buf = Vec::with_capacity(HEADER_LEN);
        buf.extend_from_slice(&MAGIC);
        buf.extend_from_slice(&self.version.to_le_bytes());
        buf.extend_from_slice(&self.root.len.to_le_bytes());
        buf.extend_from_slice(&self.container_len.to_le_bytes());
        buf.extend_from_slice(&self.root.offset.to_le_bytes());
        buf.resize(HEADER_LEN - 4, 0);
        let checksum = crc32c(&[&buf]);
        buf.extend_from_slice(&checksum.to_le_bytes());
        buf
    }

    /// Reads the header from the container's first bytes.
    ///
    /// # Errors
    /// No magic, a version unknown here, a wrong checksum, fewer than [`HEADER_LEN`] bytes, or a root that no block can be.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut rdr = Decoder::new(bytes);
        if rdr.array::<8>().is_ok_and(|magic| magic != MAGIC) || bytes.len() < MAGIC.len() {
            return Err(Error::new(ErrorKind::BadMagic));
        }
        let version = rdr.u32()?;
        if !(OLDEST..=VERSION).contains(&version) {
            return Err(Error::new(ErrorKind::Version { found: version, supported: VERSION }));
        }
        let root_len = rdr.u32()?;
        let container_len = rdr.u64()?;
        let root_offset = rdr.u64()?;
        let covered = bytes.get(..HEADER_LEN - 4).ok_or(Error::new(ErrorKind::Truncated))?;
        rdr = Decoder::new(bytes.get(HEADER_LEN - 4..).unwrap_or_default());
        if rdr.u32()? != crc32c(&[covered]) {
            return Err(Error::new(ErrorKind::Checksum).at("header", 0));
        }
        let root = BlockRef { offset: root_offset, len: root_len };
        if root.end() > container_len || root.offset < HEADER_LEN as u64 {
            return Err(Error::corrupt("the root lies outside the container").at("header", 0));
        }
        if root.len > MAX_BLOCK_LEN || !root.offset.is_multiple_of(BLOCK_ALIGN) {
            return Err(Error::corrupt("the root is too long, or does not start at a multiple of 3").at("header", 0));
        }
        Ok(Self { version, container_len, root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_every_flipped_bit_is_noticed() {
        let header = Header { version: VERSION, container_len: 4096, root: BlockRef { offset: 48, len: 300 } };
        let bytes = header.encode();
        assert_eq!(bytes.len(), HEADER_LEN);
        assert_eq!(Header::decode(&bytes), Ok(header));
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(Header::decode(&damaged).is_err(), "bit {bit}");
        }
        for len in 0..bytes.len() {
            assert!(Header::decode(&bytes[..len]).is_err(), "length {len}");
        }
    }

    #[test]
    fn a_root_that_is_no_block_is_refused_before_it_is_asked_for() {
        for (offset, len) in [(48, MAX_BLOCK_LEN + 1), (49, 300), (45, 300), (u64::MAX - 2, 300)] {
            let header = Header { version: VERSION, container_len: 1 << 30, root: BlockRef { offset, len } };
            assert!(Header::decode(&header.encode()).is_err(), "{len} bytes at {offset}");
        }
    }
}
