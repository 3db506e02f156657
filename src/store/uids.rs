//! From a uid to its record.
//!
//! Uids stand in their order, each cut to what tells it from the one before, with the block of the store that holds its record:
//! that block is read anyway, and has the uid. Front-coded columns of such beginnings take a fraction of a byte where ids count
//! up. `uids` holds leaves of [`UIDS_PER_LEAF`], and behind them, where there are more than [`MAX_IN_ROOT`], blocks that hold the
//! first beginning of each of [`LEAVES_PER_NODE`] leaves, so that the root stays small.

use super::reader::StoreReader;
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_prefixed, put_varint};
#[cfg(feature = "cli")]
use crate::format::writer::ContainerWriter;
use crate::format::{Container, Fetch, Section};
use crate::record::DocId;

/// Uids in a leaf.
pub const UIDS_PER_LEAF: usize = 4096;

/// Leaves under a block of the level above.
pub const LEAVES_PER_NODE: usize = 512;

/// Most beginnings that the root holds.
pub const MAX_IN_ROOT: usize = 64;

/// The uids' part of the root.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UidsReader {
    num_leaves: u32,
    /// The first beginnings of the leaves, or of the blocks above them.
    firsts: Vec<Vec<u8>>,
}

impl UidsReader {
    /// The record of a uid; `Some(None)` when none has it.
    ///
    /// # Errors
    /// A block that could name it is lost or malformed.
    pub fn find(&self, container: &Container, store: &StoreReader, uid: &str) -> Fetch<Option<DocId>> {
        let Some(block) = self.block_of(container, uid)? else { return Ok(None) };
        let Some(block) = block else { return Ok(Some(None)) };
        if block >= store.num_blocks() {
            return Err(in_uids(Error::corrupt("a uid names a block that does not exist")));
        }
        store.find(container, block, uid)
    }

    /// The block of the store that must hold the record of a uid; `Some(None)` where none does.
    fn block_of(&self, container: &Container, uid: &str) -> Fetch<Option<u32>> {
        let Some(mut leaf) = before(&self.firsts, uid) else { return Ok(Some(None)) };
        if self.num_leaves as usize > MAX_IN_ROOT {
            let ord = self.num_leaves as usize + leaf;
            let Some(node) = container.block(Section::Uids, ord)? else { return Ok(None) };
            let firsts = Decoder::new(&node).list(|rdr| rdr.prefixed().map(<[u8]>::to_vec)).map_err(in_uids)?;
            let Some(place) = before(&firsts, uid) else { return Ok(Some(None)) };
            leaf = leaf * LEAVES_PER_NODE + place;
        }
        if leaf >= self.num_leaves as usize {
            return Err(in_uids(Error::corrupt("a leaf is named that does not exist")));
        }
        let Some(bytes) = container.block(Section::Uids, leaf)? else { return Ok(None) };
        find_in_leaf(&bytes, uid.as_bytes()).map(Some).map_err(in_uids)
    }

    /// Reads the uids' part of the root.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        let num_leaves = rdr.varint_u32()?;
        let firsts = rdr.list(|rdr| rdr.prefixed().map(<[u8]>::to_vec))?;
        if !firsts.is_sorted_by(|a, b| a < b) {
            return Err(Error::corrupt("the uids in the root are not in order"));
        }
        Ok(Self { num_leaves, firsts })
    }

    /// Appends the uids' part of the root.
    #[cfg(feature = "cli")]
    pub fn encode(&self, buf: &mut Vec<u8>) {
        put_varint(buf, u64::from(self.num_leaves));
        put_list(buf, &self.firsts);
    }
}

/// The place of the last beginning that does not sort behind `uid`.
fn before(firsts: &[Vec<u8>], uid: &str) -> Option<usize> {
    firsts.partition_point(|first| first.as_slice() <= uid.as_bytes()).checked_sub(1)
}

fn in_uids(error: Error) -> Error {
    error.at(Section::Uids.name(), 0)
}

/// The block of the store that must hold the record of `uid`, if any does.
fn find_in_leaf(bytes: &[u8], uid: &[u8]) -> Result<Option<u32>> {
    let mut rdr = Decoder::new(bytes);
    let count = rdr.count()?;
    let blocks = rdr.list(Decoder::varint_u32)?;
    let (mut shared, mut lens, refs) = (Decoder::new(rdr.prefixed()?), Decoder::new(rdr.prefixed()?), rdr.prefixed()?);
    let mut beginning = Vec::new();
    let mut found = None;
    for ord in 0..count {
        let keep = shared.varint()? as usize;
        if keep > beginning.len() {
            return Err(Error::corrupt("a uid shares more than there is"));
        }
        beginning.truncate(keep);
        beginning.extend_from_slice(rdr.bytes(lens.varint()? as usize)?);
        if beginning.as_slice() > uid {
            break;
        }
        found = Some(ord);
    }
    let Some(found) = found else { return Ok(None) };
    // The list of blocks has ascending differences.
    let sum =
        |sum: u32, gap: &u32| sum.checked_add(*gap).ok_or_else(|| Error::corrupt("a uid names a block that cannot be"));
    // All lower bytes come before all higher ones, of which there are some only where they are needed.
    let byte = |at: usize| refs.get(at).copied().map(usize::from);
    let place =
        byte(found).map(|low| low + (byte(count + found).unwrap_or(0) << 8)).filter(|place| *place < blocks.len());
    let place = place.ok_or_else(|| Error::corrupt("a uid names a block that its leaf does not"))?;
    blocks.iter().take(place + 1).try_fold(0, sum).map(Some)
}

#[cfg(feature = "cli")]
fn put_list(buf: &mut Vec<u8>, keys: &[Vec<u8>]) {
    put_varint(buf, keys.len() as u64);
    keys.iter().for_each(|key| put_prefixed(buf, key));
}

/// Writes the section `uids` from distinct uids in their order, each with the block of the store that holds its record.
///
/// # Errors
/// A block cannot be compressed.
#[cfg(feature = "cli")]
pub fn write<'a>(uids: impl Iterator<Item = (&'a [u8], u32)>, out: &mut ContainerWriter) -> Result<UidsReader> {
    let mut firsts = Vec::new();
    let mut leaf: Vec<(&[u8], u32)> = Vec::new();
    let mut before: &[u8] = &[];
    for (uid, block) in uids {
        let len = (shared_len(before, uid) + 1).min(uid.len());
        before = uid;
        leaf.push((uid.get(..len).unwrap_or_default(), block));
        if leaf.len() == UIDS_PER_LEAF {
            write_leaf(&mut leaf, &mut firsts, out)?;
        }
    }
    write_leaf(&mut leaf, &mut firsts, out)?;
    let num_leaves = firsts.len() as u32;
    if firsts.len() > MAX_IN_ROOT {
        let mut above = Vec::new();
        for node in firsts.chunks(LEAVES_PER_NODE) {
            above.extend(node.first().cloned());
            let mut buf = Vec::new();
            put_list(&mut buf, node);
            out.push(Section::Uids, &buf)?;
        }
        firsts = above;
    }
    Ok(UidsReader { num_leaves, firsts })
}

#[cfg(feature = "cli")]
fn write_leaf(leaf: &mut Vec<(&[u8], u32)>, firsts: &mut Vec<Vec<u8>>, out: &mut ContainerWriter) -> Result<()> {
    let Some((first, _)) = leaf.first() else { return Ok(()) };
    firsts.push(first.to_vec());
    out.push(Section::Uids, &encode_leaf(leaf))?;
    leaf.clear();
    Ok(())
}

#[cfg(feature = "cli")]
fn encode_leaf(leaf: &[(&[u8], u32)]) -> Vec<u8> {
    let mut blocks: Vec<u32> = leaf.iter().map(|(_, block)| *block).collect();
    blocks.sort_unstable();
    blocks.dedup();
    let (mut shared, mut lens, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    let (mut refs, mut high_refs) = (Vec::new(), Vec::new());
    let mut before: &[u8] = &[];
    for (beginning, block) in leaf {
        let keep = shared_len(before, beginning);
        put_varint(&mut shared, keep as u64);
        put_varint(&mut lens, (beginning.len() - keep) as u64);
        let [low, high, ..] = (blocks.partition_point(|known| known < block) as u64).to_le_bytes();
        refs.push(low);
        high_refs.push(high);
        ends.extend_from_slice(beginning.get(keep..).unwrap_or_default());
        before = beginning;
    }
    if blocks.len() > 256 {
        refs.append(&mut high_refs);
    }
    let mut buf = Vec::new();
    put_varint(&mut buf, leaf.len() as u64);
    put_varint(&mut buf, blocks.len() as u64);
    let gaps = blocks.iter().scan(0, |before, block| Some(block - std::mem::replace(before, *block)));
    gaps.for_each(|gap| put_varint(&mut buf, u64::from(gap)));
    [shared, lens, refs].iter().for_each(|column| put_prefixed(&mut buf, column));
    buf.extend(ends);
    buf
}

/// Bytes that both begin with.
#[cfg(feature = "cli")]
fn shared_len(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(all(test, feature = "cli"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where its input is wrong")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The leaf of these uids, each in the block of its own number.
    fn leaf(uids: &[String]) -> Vec<u8> {
        let mut before: &[u8] = &[];
        let mut entries: Vec<(&[u8], u32)> = Vec::new();
        for (uid, block) in uids.iter().zip(0..) {
            let len = (shared_len(before, uid.as_bytes()) + 1).min(uid.len());
            entries.push((&uid.as_bytes()[..len], block));
            before = uid.as_bytes();
        }
        encode_leaf(&entries)
    }

    proptest! {
        #[test]
        fn every_uid_finds_its_block(uids in prop::collection::btree_set("[abé]{0,3}/[0-9]{1,4}", 1..80)) {
            let uids: Vec<String> = uids.into_iter().collect();
            let bytes = leaf(&uids);
            for (uid, block) in uids.iter().zip(0..) {
                prop_assert_eq!(find_in_leaf(&bytes, uid.as_bytes()), Ok(Some(block)));
            }
            prop_assert_eq!(find_in_leaf(&bytes, b""), Ok(None));
        }

        #[test]
        fn damaged_leaves_never_panic(place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
            let mut bytes = leaf(&(10..40).map(|number| format!("c/{number}")).collect::<Vec<_>>());
            let at = place.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            let _ = find_in_leaf(&bytes, b"c/31");
        }
    }

    #[test]
    fn so_many_uids_that_their_leaves_need_a_level_above() {
        let uids: Vec<String> = (0..(MAX_IN_ROOT + 2) * UIDS_PER_LEAF).map(|number| format!("{number:07}")).collect();
        let mut out = ContainerWriter::default();
        let root = write(uids.iter().map(String::as_bytes).zip(0..), &mut out).unwrap();
        assert_eq!((root.num_leaves as usize, root.firsts.len()), (MAX_IN_ROOT + 2, 1));
        let bytes = out.finish(Vec::new()).unwrap();
        let (container, ()) = Container::open(&bytes, |_| Ok(())).unwrap();
        for block in container.places_in(&bytes, Section::Uids).unwrap() {
            container.supply(block.offset, &bytes[block.offset as usize..block.end() as usize]).unwrap();
        }
        for number in [0, 1, UIDS_PER_LEAF, 5 * UIDS_PER_LEAF - 1, uids.len() - 1] {
            assert_eq!(root.block_of(&container, &uids[number]), Ok(Some(Some(number as u32))));
        }
        assert_eq!(root.block_of(&container, ""), Ok(Some(None)));
        // A node that names leaves that are not there, and a store without these blocks.
        let lying = UidsReader { num_leaves: MAX_IN_ROOT as u32 + 1, ..root.clone() };
        assert!(lying.block_of(&container, &uids[0]).is_err());
        assert!(root.find(&container, &StoreReader::default(), &uids[0]).is_err());
    }

    #[test]
    fn ids_that_count_up_take_little() {
        let uids: std::collections::BTreeSet<String> = (0..4096).map(|number| format!("channel/{number}")).collect();
        let entries: Vec<String> = uids.into_iter().collect();
        let len = leaf(&entries).len();
        assert!(len < 7 * 4096, "{len}");
    }
}
