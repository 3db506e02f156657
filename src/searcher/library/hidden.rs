//! Which records of older segments newer ones have anew.
//!
//! ```text
//! for each segment, the oldest first: [words: varint] [folded: varint] [runs: varint],
//!     then for each run [gap: varint] [length less 1: varint]
//! ```
//!
//! Runs of records, each with its distance from the end of the one before (or from 0); how many words their texts have, so that
//! averages are right without them; and how many of the posts that say the same as an earlier one are no more, so that the others
//! can be counted without their column. The list stands in the frame of a block at place 0, so that damage shows.

use std::rc::Rc;

use crate::error::{Error, Result};
use crate::format::BlockRef;
use crate::format::block::Blocks;
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::put_varint;
use crate::query::DocSet;

/// What is hidden of one segment.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Hidden {
    /// The records.
    pub docs: DocSet,
    /// Words of these.
    pub num_tokens: u64,
    /// By how many posts fewer say the same as an earlier one of their segment, these being hidden.
    pub num_folded: u32,
}

/// Reads the list for segments of so many records.
pub(super) fn decode(list: &[u8], num_docs: &[u32]) -> Result<Vec<Hidden>> {
    let raw = unframed(list)?;
    let mut rdr = Decoder::new(&raw);
    let hidden = num_docs.iter().map(|num_docs| decode_segment(&mut rdr, *num_docs)).collect::<Result<Vec<_>>>()?;
    if rdr.is_empty() { Ok(hidden) } else { Err(Error::corrupt("more segments hide records than there are")) }
}

fn unframed(list: &[u8]) -> Result<Rc<[u8]>> {
    let blocks = Blocks::default();
    let len = u32::try_from(list.len()).map_err(|_| Error::corrupt("the list of hidden records is too long"))?;
    blocks.supply(0, list)?;
    blocks.get(BlockRef { offset: 0, len })?.ok_or(Error::corrupt("the list of hidden records needs another block"))
}

fn decode_segment(rdr: &mut Decoder<'_>, num_docs: u32) -> Result<Hidden> {
    let (num_tokens, num_folded) = (rdr.varint()?, rdr.varint_u32()?);
    let (mut words, mut end) = (vec![0u64; num_docs.div_ceil(64) as usize], 0u64);
    for _ in 0..rdr.count()? {
        let start = end + u64::from(rdr.varint_u32()?);
        end = start + u64::from(rdr.varint_u32()?) + 1;
        if end > u64::from(num_docs) {
            return Err(Error::corrupt("a record is hidden that its segment does not have"));
        }
        for doc in start..end {
            words.iter_mut().skip(doc as usize / 64).take(1).for_each(|word| *word |= 1 << (doc % 64));
        }
    }
    Ok(Hidden { docs: DocSet::from_words(words), num_tokens, num_folded })
}

#[cfg(feature = "cli")]
impl Hidden {
    /// The list of what is hidden of each segment, without the frame around it.
    #[must_use]
    pub fn encode(segments: &[Self]) -> Vec<u8> {
        let mut raw = Vec::new();
        for hidden in segments {
            put_varint(&mut raw, hidden.num_tokens);
            put_varint(&mut raw, u64::from(hidden.num_folded));
            let docs = hidden.docs.to_vec();
            let runs: Vec<&[u32]> = docs.chunk_by(|a, b| a + 1 == *b).collect();
            put_varint(&mut raw, runs.len() as u64);
            let mut end = 0;
            for run in runs {
                let first = run.first().copied().unwrap_or_default();
                put_varint(&mut raw, u64::from(first - end));
                put_varint(&mut raw, run.len() as u64 - 1);
                end = first + run.len() as u32;
            }
        }
        raw
    }
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(lists in vec((btree_set(0u32..300, 0..80), 0u64..1000, 0u32..80), 0..4)) {
            let hidden = |(docs, num_tokens, num_folded): &(std::collections::BTreeSet<u32>, u64, u32)| Hidden {
                docs: DocSet::from_sorted(docs.iter().copied().collect()),
                num_tokens: *num_tokens,
                num_folded: *num_folded,
            };
            let lists: Vec<Hidden> = lists.iter().map(hidden).collect();
            let bytes = crate::format::writer::frame(0, &Hidden::encode(&lists)).unwrap();
            prop_assert_eq!(decode(&bytes, &vec![300; lists.len()]).unwrap(), lists.clone());
            prop_assert!(decode(&bytes, &vec![300; lists.len() + 1]).is_err());
            if lists.iter().any(|list| !list.docs.is_empty()) {
                let shorter = |list: &Hidden| list.docs.iter().next_back().unwrap_or(0);
                prop_assert!(decode(&bytes, &lists.iter().map(shorter).collect::<Vec<_>>()).is_err());
            }
            for at in 0..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[at] ^= 0x10;
                prop_assert!(decode(&damaged, &vec![300; lists.len()]).is_err());
            }
        }
    }
}
