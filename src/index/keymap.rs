//! Sorted keys in blocks under a small root, so that a look-up touches one block: the shape of uids and of terms.
//!
//! A block is `[length of the FST: varint] [FST: key → u64] [what the owner of the section puts behind it]`; the root holds
//! the first key of each block. The FST is that of the `fst` crate, version 3, specified in docs/FORMAT.md.

use std::rc::Rc;

use fst::{IntoStreamer, Streamer};

use super::automaton;
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_prefixed, put_varint};

/// The first key of each block of a key map.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeyMapRoot {
    first_keys: Vec<Vec<u8>>,
}

impl KeyMapRoot {
    /// The one block that can hold `key`, or `None` when it sorts before every key.
    #[must_use]
    pub fn block_of(&self, key: &[u8]) -> Option<usize> {
        self.first_keys.partition_point(|first| first.as_slice() <= key).checked_sub(1)
    }

    /// The blocks that can hold keys beginning with `prefix`.
    #[must_use]
    pub fn blocks_of_prefix(&self, prefix: &[u8]) -> std::ops::Range<usize> {
        let start = self.block_of(prefix).unwrap_or(0);
        let end = self.first_keys.partition_point(|first| first.as_slice() <= prefix || first.starts_with(prefix));
        start..end.max(start)
    }

    /// Reads the root part.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        let first_keys = rdr.list(|rdr| rdr.prefixed().map(<[u8]>::to_vec))?;
        if !first_keys.is_sorted_by(|a, b| a < b) {
            return Err(Error::corrupt("the first keys of a key map are not in order"));
        }
        Ok(Self { first_keys })
    }

    /// Appends the root part.
    #[cfg(feature = "cli")]
    pub fn encode(&self, buf: &mut Vec<u8>) {
        put_varint(buf, self.first_keys.len() as u64);
        for key in &self.first_keys {
            put_prefixed(buf, key);
        }
    }

    /// Notes the first key of the next block.
    #[cfg(feature = "cli")]
    pub fn push(&mut self, first_key: &[u8]) {
        self.first_keys.push(first_key.to_vec());
    }
}

/// One block of a key map.
#[derive(Debug)]
pub struct KeyBlock {
    map: fst::Map<FstBytes>,
    bytes: Rc<[u8]>,
    rest_start: usize,
}

/// The FST's part of a block, without a copy of it.
#[derive(Debug)]
struct FstBytes {
    block: Rc<[u8]>,
    range: std::ops::Range<usize>,
}

impl AsRef<[u8]> for FstBytes {
    fn as_ref(&self) -> &[u8] {
        self.block.get(self.range.clone()).unwrap_or_default()
    }
}

impl KeyBlock {
    /// Opens a block.
    ///
    /// # Errors
    /// The bytes do not begin with an FST that is safe to walk. Its own checksum is not looked at: the block's covers it, and
    /// the table for it would cost the page 16 KB.
    pub fn decode(bytes: Rc<[u8]>) -> Result<Self> {
        let mut rdr = Decoder::new(&bytes);
        let automaton = rdr.prefixed()?;
        automaton::check(automaton)?;
        let rest_start = bytes.len() - rdr.rest().len();
        let range = rest_start - automaton.len()..rest_start;
        let map = fst::Map::new(FstBytes { block: bytes.clone(), range })
            .map_err(|_| Error::corrupt("a key map's block holds no FST"))?;
        Ok(Self { map, bytes, rest_start })
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<u64> {
        self.map.get(key)
    }

    /// Every key that begins with `prefix`, with its value, in order.
    #[must_use]
    pub fn with_prefix(&self, prefix: &[u8]) -> Vec<(Vec<u8>, u64)> {
        let mut found = Vec::new();
        let mut stream = self.map.range().ge(prefix).into_stream();
        while let Some((key, value)) = stream.next() {
            if !key.starts_with(prefix) {
                break;
            }
            found.push((key.to_vec(), value));
        }
        found
    }

    /// Number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// True when it holds no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// What stands behind the FST.
    #[must_use]
    pub fn rest(&self) -> &[u8] {
        self.bytes.get(self.rest_start..).unwrap_or_default()
    }
}

/// The start of a block's bytes: an FST of sorted, distinct keys.
///
/// # Errors
/// The keys are not sorted, or not distinct, or too long for a reader to accept.
#[cfg(feature = "cli")]
pub fn encode<'a>(keys: impl Iterator<Item = (&'a [u8], u64)>) -> Result<Vec<u8>> {
    let map = fst::Map::from_iter(keys).map_err(|_| Error::corrupt("keys are not sorted and distinct"))?;
    automaton::check(map.as_fst().as_bytes())?;
    let mut buf = Vec::new();
    put_prefixed(&mut buf, map.as_fst().as_bytes());
    Ok(buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(keys: &[(&str, u64)]) -> KeyBlock {
        let mut bytes = encode(keys.iter().map(|(key, value)| (key.as_bytes(), *value))).unwrap();
        bytes.extend_from_slice(b"rest");
        KeyBlock::decode(bytes.into()).unwrap()
    }

    #[test]
    fn keys_are_found_alone_and_by_prefix() {
        let block = block(&[("a", 3), ("ab", 1), ("b", 2), ("ba", 9)]);
        assert_eq!(block.get(b"ab"), Some(1));
        assert_eq!(block.get(b"abc"), None);
        assert_eq!(block.with_prefix(b"b"), [(b"b".to_vec(), 2), (b"ba".to_vec(), 9)]);
        assert_eq!(
            block.with_prefix(b""),
            block.with_prefix(b"a").into_iter().chain(block.with_prefix(b"b")).collect::<Vec<_>>()
        );
        assert_eq!(block.rest(), b"rest");
    }

    #[test]
    fn the_root_names_the_blocks_to_look_into() {
        let mut root = KeyMapRoot::default();
        for key in ["b", "da", "db", "f"] {
            root.push(key.as_bytes());
        }
        assert_eq!(root.block_of(b"a"), None);
        assert_eq!(root.block_of(b"b"), Some(0));
        assert_eq!(root.block_of(b"z"), Some(3));
        assert_eq!(root.blocks_of_prefix(b"d"), 0..3);
        assert_eq!(root.blocks_of_prefix(b"a"), 0..0);
        assert_eq!(root.blocks_of_prefix(b""), 0..4);
        assert_eq!(root.blocks_of_prefix(b"fz"), 3..4);
    }
}
