//! The postings of one entry: in which records it stands.
//!
//! `DocId`s are gaps (the distance to the successor of the one before, or to 0) as varints, nothing else: what else there is to
//! save is left to zstd, which packs blocks of 16 KiB of them smaller than bit packing does.

use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::put_varint;
use crate::record::DocId;

/// Appends the postings of an entry: sorted, distinct records.
#[cfg(feature = "cli")]
pub fn encode(docs: &[DocId], buf: &mut Vec<u8>) {
    let mut base = 0;
    for doc in docs {
        put_varint(buf, u64::from(doc - base));
        base = doc + 1;
    }
}

/// Reads the postings of an entry with the given document frequency; every record is below `num_docs`.
///
/// # Errors
/// `Corrupt` where a record repeats or lies beyond the archive, or bytes are left over; `Truncated` where they end early.
pub fn decode(bytes: &[u8], doc_freq: u32, num_docs: u32) -> Result<Vec<DocId>> {
    // Each takes a byte at least, so what is reserved is bounded by the bytes at hand.
    if doc_freq as usize > bytes.len() {
        return Err(Error::corrupt("an entry has fewer postings than it says"));
    }
    let mut docs = Vec::with_capacity(doc_freq as usize);
    let mut base = 0u32;
    let mut rdr = Decoder::new(bytes);
    for _ in 0..doc_freq {
        let doc = u64::from(base) + u64::from(rdr.varint_u32()?);
        if doc >= u64::from(num_docs) {
            return Err(Error::corrupt("a posting names a record that the archive does not have"));
        }
        docs.push(doc as DocId);
        base = doc as DocId + 1;
    }
    if rdr.is_empty() { Ok(docs) } else { Err(Error::corrupt("an entry has more postings than it says")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(docs in prop::collection::btree_set(0u32..100_000, 0..700)) {
            let docs: Vec<_> = docs.into_iter().collect();
            let mut buf = Vec::new();
            encode(&docs, &mut buf);
            prop_assert_eq!(decode(&buf, docs.len() as u32, 100_000).unwrap(), docs);
        }

        #[test]
        fn any_bytes_give_an_answer_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..600), doc_freq in 0u32..400) {
            if let Ok(docs) = decode(&bytes, doc_freq, 1000) {
                prop_assert!(docs.iter().all(|doc| *doc < 1000));
                prop_assert!(docs.is_sorted_by(|a, b| a < b));
            }
        }
    }

    #[test]
    fn a_gap_that_leads_around_is_refused() {
        let mut buf = vec![5];
        put_varint(&mut buf, u64::MAX - 2);
        assert!(decode(&buf, 2, u32::MAX).is_err());
    }
}
