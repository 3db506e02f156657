//! The lists of all terms while an index is built: many that grow by a few bytes at a time, and most of which stay short.
//!
//! They share one pool, in which each is a chain of slices; a slice is twice as long as the one before it, up to a bound, and ends
//! with the place of the next. A list of its own for each term would cost more than what the rare ones hold: half of all terms stand in
//! one record. After the byte pool of Lucene's indexer
//! (<https://lucene.apache.org/core/9_12_0/core/org/apache/lucene/util/ByteBlockPool.html>).

use super::positions::{self, GROUP};
use super::weight;
use crate::error::{Error, Result};
use crate::format::codec::{Decoder, put_varint};
use crate::record::DocId;

/// What a slice's length and place are multiples of, so that a place in 32 GiB fits 32 bits.
const UNIT: usize = 8;

/// Length of the first slice of a list: one posting with its weight, some positions, and the place of the next slice.
const FIRST_LEN: usize = 16;

/// Length of the longest slice: at most so much lies idle behind a long list, a thousandth of it or less.
const LAST_LEN: usize = 4096;

/// Length of the place of the next slice.
const LINK_LEN: usize = 4;

/// What the pool grows by.
const PAGE_LEN: usize = 1 << 20;

/// The bytes of all lists.
#[derive(Debug, Default)]
pub struct Pool {
    /// Each of [`PAGE_LEN`] bytes.
    pages: Vec<Box<[u8]>>,
    /// Bytes of the last page that are taken.
    taken: usize,
    /// The posting at hand: kept, since one is written for each word of each record.
    posting: Vec<u8>,
}

/// One list of a [`Pool`].
#[derive(Debug, Default)]
struct Chain {
    /// Place of the first slice, in units.
    first: u32,
    /// Place of the slice at hand.
    last: u32,
    /// Length of the slice at hand; 0 where there is none.
    slice_len: u16,
    /// Bytes in the slice at hand.
    used: u16,
}

/// What is known of one term so far: its postings in the order of records, each with its weight and positions.
#[derive(Debug, Default)]
pub struct TermLists {
    /// Number of postings.
    pub doc_freq: u32,
    /// Bytes that the postings will take, without weights and positions.
    pub postings_len: u32,
    /// The successor of the last record.
    next_doc: DocId,
    chain: Chain,
}

/// The lists of one term as they are written.
#[derive(Debug, Default)]
pub struct Split {
    /// Coded as `postings` says.
    pub postings: Vec<u8>,
    /// One byte for each posting.
    pub weights: Vec<u8>,
    /// What stands before the groups of positions.
    pub table: Vec<u8>,
    /// Coded as `positions` says.
    pub positions: Vec<u8>,
}

impl TermLists {
    /// Adds a record of `len` words in which the term stands at these positions, those in the title before `title_end`.
    ///
    /// # Errors
    /// The pool is full.
    pub fn add(&mut self, doc: DocId, positions: &[u32], title_end: u32, len: u32, pool: &mut Pool) -> Result<()> {
        let in_title = positions.iter().filter(|position| **position < title_end).count() as u32;
        let term_freq = positions.len() as u32 + in_title * (weight::TITLE_TIMES - 1);
        let mut posting = std::mem::take(&mut pool.posting);
        posting.clear();
        put_varint(&mut posting, u64::from(doc - self.next_doc));
        self.postings_len += posting.len() as u32;
        posting.push(weight::encode(term_freq, len));
        positions::encode_posting(positions, &mut posting);
        self.next_doc = doc + 1;
        self.doc_freq += 1;
        pool.append(&mut self.chain, &posting)?;
        pool.posting = posting;
        Ok(())
    }

    /// The records.
    ///
    /// # Errors
    /// The list was not read as it was written.
    pub fn docs(&self, pool: &Pool) -> Result<Vec<DocId>> {
        let bytes = pool.read(&self.chain);
        let mut rdr = Decoder::new(&bytes);
        let mut docs = Vec::with_capacity(self.doc_freq as usize);
        let mut next = 0;
        for _ in 0..self.doc_freq {
            let doc = next + rdr.varint_u32()?;
            docs.push(doc);
            next = doc + 1;
            rdr.u8()?;
            positions::skip_posting(&mut rdr)?;
        }
        Ok(docs)
    }

    /// What is written of it, each list apart.
    ///
    /// # Errors
    /// The list was not read as it was written.
    pub fn split(&self, pool: &Pool) -> Result<Split> {
        let bytes = pool.read(&self.chain);
        let mut rdr = Decoder::new(&bytes);
        let mut split = Split::default();
        let mut group_ends = Vec::new();
        for number in 1..=self.doc_freq as usize {
            put_varint(&mut split.postings, rdr.varint()?);
            split.weights.push(rdr.u8()?);
            let before = rdr.rest();
            positions::skip_posting(&mut rdr)?;
            split.positions.extend(before.iter().take(before.len() - rdr.rest().len()));
            if number.is_multiple_of(GROUP) && number < self.doc_freq as usize {
                group_ends.push(split.positions.len() as u32);
            }
        }
        split.table = positions::encode_table(&group_ends);
        Ok(split)
    }
}

impl Pool {
    fn append(&mut self, chain: &mut Chain, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let room = usize::from(chain.slice_len).saturating_sub(LINK_LEN + usize::from(chain.used));
            if room == 0 {
                self.lengthen(chain)?;
                continue;
            }
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.slice_mut(chain.last, usize::from(chain.used), now.len()).copy_from_slice(now);
            chain.used += now.len() as u16;
            bytes = later;
        }
        Ok(())
    }

    /// Gives a list its next slice.
    fn lengthen(&mut self, chain: &mut Chain) -> Result<()> {
        let is_first = chain.slice_len == 0;
        let len = if is_first { FIRST_LEN } else { (usize::from(chain.slice_len) * 2).min(LAST_LEN) };
        let place = self.take(len)?;
        if is_first {
            chain.first = place;
        } else {
            let link = usize::from(chain.slice_len) - LINK_LEN;
            self.slice_mut(chain.last, link, LINK_LEN).copy_from_slice(&place.to_le_bytes());
        }
        *chain = Chain { first: chain.first, last: place, slice_len: len as u16, used: 0 };
        Ok(())
    }

    /// Takes so many bytes; the place where they stand, in units.
    fn take(&mut self, len: usize) -> Result<u32> {
        if self.pages.is_empty() || self.taken + len > PAGE_LEN {
            self.pages.push(vec![0; PAGE_LEN].into_boxed_slice());
            self.taken = 0;
        }
        let at = (self.pages.len() - 1) * PAGE_LEN + self.taken;
        self.taken += len;
        u32::try_from(at / UNIT).map_err(|_| Error::corrupt("an archive's words take more than 32 GiB"))
    }

    fn slice_mut(&mut self, place: u32, offset: usize, len: usize) -> &mut [u8] {
        let at = place as usize * UNIT + offset;
        let page = self.pages.get_mut(at / PAGE_LEN);
        page.and_then(|page| page.get_mut(at % PAGE_LEN..at % PAGE_LEN + len)).unwrap_or_default()
    }

    fn slice(&self, place: u32, offset: usize, len: usize) -> &[u8] {
        let at = place as usize * UNIT + offset;
        let page = self.pages.get(at / PAGE_LEN);
        page.and_then(|page| page.get(at % PAGE_LEN..at % PAGE_LEN + len)).unwrap_or_default()
    }

    /// All bytes of a list.
    fn read(&self, chain: &Chain) -> Vec<u8> {
        let mut bytes = Vec::new();
        if chain.slice_len == 0 {
            return bytes;
        }
        let (mut place, mut len) = (chain.first, FIRST_LEN);
        while place != chain.last {
            bytes.extend_from_slice(self.slice(place, 0, len - LINK_LEN));
            let link = self.slice(place, len - LINK_LEN, LINK_LEN);
            place = link.iter().rev().fold(0, |place, byte| place << 8 | u32::from(*byte));
            len = (len * 2).min(LAST_LEN);
        }
        bytes.extend_from_slice(self.slice(place, 0, usize::from(chain.used)));
        bytes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where its input is wrong")]
mod tests {
    use super::*;
    use crate::index::postings;
    use proptest::prelude::*;

    proptest! {
        /// Whatever the order in which lists grow, each is read as it was written.
        #[test]
        fn lists_keep_apart(parts in prop::collection::vec((0usize..5, prop::collection::vec(any::<u8>(), 0..9000)), 0..60)) {
            let mut pool = Pool::default();
            let mut chains: Vec<Chain> = (0..5).map(|_| Chain::default()).collect();
            let mut expected = vec![Vec::new(); 5];
            for (list, bytes) in parts {
                pool.append(&mut chains[list], &bytes).unwrap();
                expected[list].extend_from_slice(&bytes);
            }
            for (chain, bytes) in chains.iter().zip(expected) {
                prop_assert_eq!(pool.read(chain), bytes);
            }
        }

        #[test]
        fn a_term_is_split_into_what_it_is_made_of(docs in prop::collection::btree_map(0u32..50_000, prop::collection::btree_set(1u32..900, 0..6), 0..400)) {
            let mut pool = Pool::default();
            let mut lists = TermLists::default();
            let mut expected = Split::default();
            let mut ends = Vec::new();
            for (number, (doc, positions)) in docs.iter().enumerate() {
                let positions: Vec<u32> = positions.iter().copied().collect();
                lists.add(*doc, &positions, 0, 100, &mut pool).unwrap();
                expected.weights.push(weight::encode(positions.len() as u32, 100));
                if number > 0 && number.is_multiple_of(GROUP) {
                    ends.push(expected.positions.len() as u32);
                }
                positions::encode_posting(&positions, &mut expected.positions);
            }
            let docs: Vec<DocId> = docs.into_keys().collect();
            postings::encode(&docs, &mut expected.postings);
            expected.table = positions::encode_table(&ends);
            let split = lists.split(&pool).unwrap();
            prop_assert_eq!(lists.docs(&pool).unwrap(), docs);
            prop_assert_eq!(lists.postings_len as usize, split.postings.len());
            prop_assert_eq!(
                (split.postings, split.weights, split.table, split.positions),
                (expected.postings, expected.weights, expected.table, expected.positions)
            );
        }
    }
}
