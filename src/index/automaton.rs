//! Checks an FST before the `fst` crate walks it: that crate trusts its bytes, and would panic, or list keys without end, on
//! hostile ones whose checksums are right.
//!
//! The nodes of an FST stand one behind another, children before their parents, each read from its last byte backwards
//! (docs/FORMAT.md has the layout). So one pass from the root down proves that every node lies within the bytes and that they
//! tile them, and one pass up that every transition leads to a node, and how many keys there are, of what length.

use crate::error::{Error, Result};
use crate::format::codec::Decoder;

/// Bytes before the first node: version and type.
const HEAD_LEN: usize = 16;

/// Bytes behind the last node: number of keys, place of the root, checksum.
const TAIL_LEN: usize = 20;

/// Most bytes that all keys of one FST may have together, far above what a block of terms or uids holds. Nodes are shared, so
/// without this a few bytes could stand for keys without end.
pub(super) const MAX_KEYS_LEN: u64 = 16 << 20;

/// Longest number in an FST, in bytes: values are below 2^32, so that a sum over the nodes of a block cannot overflow.
const MAX_NUMBER_LEN: usize = 4;

/// Most transitions of a node that has no table of them.
const MAX_UNINDEXED: usize = 32;

/// A node.
#[derive(Debug)]
struct Node {
    /// Its address: the place of its last byte.
    address: usize,
    is_final: bool,
    /// How many transitions it has; where they lead stands in a list of those of all nodes.
    num_targets: usize,
}

/// Checks the bytes of an FST of version 3; its own checksum does not matter, since the block around it has one.
///
/// # Errors
/// `Corrupt` where walking it could go wrong.
pub(super) fn check(bytes: &[u8]) -> Result<()> {
    walk(bytes).ok_or(Error::corrupt("a key map is malformed"))
}

fn walk(bytes: &[u8]) -> Option<()> {
    let nodes_end = bytes.len().checked_sub(TAIL_LEN)?;
    let mut tail = Decoder::new(bytes.get(nodes_end..)?);
    let (num_keys, root) = (tail.u64().ok()?, usize::try_from(tail.u64().ok()?).ok()?);
    if Decoder::new(bytes).u64() != Ok(3) {
        return None;
    }
    if root == 0 {
        // Nothing but the empty key.
        return (nodes_end == HEAD_LEN && num_keys <= 1).then_some(());
    }
    let (mut nodes, mut targets) = (Vec::new(), Vec::new());
    let mut end = nodes_end;
    while end > HEAD_LEN {
        let (node, start) = node(bytes, end - 1, &mut targets)?;
        end = start;
        nodes.push(node);
    }
    if end != HEAD_LEN || root != nodes_end - 1 {
        return None;
    }
    // Of each node that is done, by address: how many keys go on from it, and the bytes in them.
    let mut done: Vec<(u64, u64)> = vec![NOT_DONE; nodes_end];
    *done.first_mut()? = (1, 0);
    for node in nodes.iter().rev() {
        let (mut keys, mut keys_len) = (u64::from(node.is_final), 0u64);
        for target in targets.drain(targets.len() - node.num_targets..) {
            let (target_keys, target_len) = done.get(target).copied().filter(|done| *done != NOT_DONE)?;
            keys = keys.checked_add(target_keys)?;
            keys_len = keys_len.checked_add(target_len)?.checked_add(target_keys)?;
        }
        *done.get_mut(node.address)? = (keys, keys_len);
    }
    let (keys, keys_len) = *done.get(root)?;
    (keys == num_keys && keys_len <= MAX_KEYS_LEN).then_some(())
}

/// In a table of nodes: no node that has been read ends here.
const NOT_DONE: (u64, u64) = (u64::MAX, u64::MAX);

/// Reads the node whose last byte stands at `address`, and says where its first byte stands; where its transitions lead is
/// appended to `targets`, 0 for the end of a key.
fn node(bytes: &[u8], address: usize, targets: &mut Vec<usize>) -> Option<(Node, usize)> {
    // What a node holds is read backwards; `start` steps towards its first byte.
    let mut start = address;
    let mut back = |len: usize| {
        start = start.checked_sub(len).filter(|start| *start >= HEAD_LEN)?;
        bytes.get(start..start + len)
    };
    let state = *bytes.get(address)?;
    let low_bits = usize::from(state & 0x3f);
    let (is_final, distances, target_len) = if state & 0x80 == 0 {
        // Any number of transitions: `[final output] [outputs] [targets] [inputs] [table] [lengths] [number of them] [state]`.
        let is_final = state & 0x40 != 0;
        let count = match low_bits {
            0 => number(back(1)?),
            count => count,
        };
        // Of one transition only the next kind of node has a byte, so 1 stands for what a byte cannot hold.
        let count = if low_bits == 0 && count == 1 { 256 } else { count };
        let (target_len, output_len) = lens(back(1)?)?;
        back(if count > MAX_UNINDEXED { 256 } else { 0 })?;
        back(count)?;
        if count > 0 && target_len == 0 {
            return None;
        }
        let distances = back(count * target_len)?;
        back((count + usize::from(is_final)) * output_len)?;
        (is_final, distances, target_len)
    } else {
        // One transition: `[output] [target] [lengths] [input] [state]`, or `[input] [state]` where it leads to the node
        // before. Inputs that are frequent are coded in the state.
        back(usize::from(low_bits == 0))?;
        if state & 0x40 != 0 {
            targets.push(start.checked_sub(1)?);
            return Some((Node { address, is_final: false, num_targets: 1 }, start));
        }
        let (target_len, output_len) = lens(back(1)?)?;
        let distance = back(target_len).filter(|distance| !distance.is_empty())?;
        back(output_len)?;
        (false, distance, target_len)
    };
    // A target is a distance from the node's first byte; 0 is the end of a key.
    let before = targets.len();
    for distance in distances.chunks_exact(target_len.max(1)).map(number) {
        targets.push(if distance == 0 { 0 } else { start.checked_sub(distance)? });
    }
    Some((Node { address, is_final, num_targets: targets.len() - before }, start))
}

/// Lengths of targets and outputs of a node, which share a byte.
fn lens(byte: &[u8]) -> Option<(usize, usize)> {
    let (target_len, output_len) = (number(byte) >> 4, number(byte) & 0x0f);
    (target_len <= MAX_NUMBER_LEN && output_len <= MAX_NUMBER_LEN).then_some((target_len, output_len))
}

/// A little-endian number of at most four bytes.
fn number(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fst::{IntoStreamer, Streamer};
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    fn fst_of(keys: &[(Vec<u8>, u64)]) -> Vec<u8> {
        let map = fst::Map::from_iter(keys.iter().map(|(key, value)| (key, *value))).unwrap();
        map.as_fst().as_bytes().to_vec()
    }

    #[test]
    fn every_kind_of_node_is_read() {
        assert_eq!(check(&fst_of(&[])), Ok(()));
        assert_eq!(check(&fst_of(&[(vec![], 0)])), Ok(()));
        assert_eq!(check(&fst_of(&[(vec![], 7)])), Ok(()));
        let wide = |width: u16| {
            (0..width).map(|byte| (vec![byte as u8, 0xfe, byte as u8], u64::from(byte) * 70_000)).collect::<Vec<_>>()
        };
        for width in [1, 2, 32, 33, 63, 64, 255, 256] {
            assert_eq!(check(&fst_of(&wide(width))), Ok(()), "{width} transitions");
        }
    }

    #[test]
    fn few_bytes_that_stand_for_keys_without_end_are_refused() {
        // Thirty nodes, each of which leads to the one before by two ways: 2^30 keys.
        let mut bytes = [3u64.to_le_bytes(), 0u64.to_le_bytes()].concat();
        let mut start_before = None;
        for _ in 0..30 {
            let start = bytes.len();
            let distance = start_before.map_or(0, |_: usize| 1);
            bytes.extend([distance, distance, b'b', b'a', 0x10, 2]);
            start_before = Some(start);
        }
        let root = bytes.len() as u64 - 1;
        for num_keys in [1u64 << 30, 1, 512] {
            let mut bytes = bytes.clone();
            bytes.extend(num_keys.to_le_bytes());
            bytes.extend(root.to_le_bytes());
            bytes.extend([0; 4]);
            assert!(check(&bytes).is_err(), "{num_keys} keys");
        }
    }

    proptest! {
        #[test]
        fn what_the_writer_writes_is_accepted(keys in btree_map(vec(any::<u8>(), 0..6), 0..=u64::from(u32::MAX), 0..300)) {
            let keys: Vec<_> = keys.into_iter().collect();
            prop_assert_eq!(check(&fst_of(&keys)), Ok(()));
        }

        #[test]
        fn what_is_accepted_is_safe_to_walk(
            keys in btree_map(vec(0u8..4, 0..5), 0..300u64, 0..60),
            changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let mut bytes = fst_of(&keys.into_iter().collect::<Vec<_>>());
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if check(&bytes).is_ok() && let Ok(map) = fst::Map::new(bytes) {
                let mut stream = map.range().ge(b"\x01").into_stream();
                while stream.next().is_some() {}
                let _ = map.get(b"\x01\x02\x03");
                prop_assert_eq!(map.stream().into_byte_vec().len(), map.len());
            }
        }
    }
}
