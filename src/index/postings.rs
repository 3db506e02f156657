//! The postings of one term: in which records it stands, and how often.
//!
//! `DocId`s are coded as gaps (distance to the successor of the one before). Runs of 128 are bit-packed:
//!
//! ```text
//! ┌───────────┬─────────────┬────────────────────┬─────────────────────────────┐
//! │ gap width │ count width │ 128 gaps           │ 128 counts less one         │
//! │ u8        │ u8          │ 16 × width bytes   │ 16 × width bytes            │
//! └───────────┴─────────────┴────────────────────┴─────────────────────────────┘
//! ```
//!
//! least significant bit first. What is left over follows one by one: varint `gap × 2 + (1 if the count is one)`, and the count
//! as a varint where it is not one. The layout is Lucene's idea (`Lucene50PostingsFormat`), without its skip data.

use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::put_varint;
use crate::record::DocId;

/// Postings in a bit-packed run; fixed by the format.
const RUN: usize = 128;

/// One record that holds a term.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Posting {
    /// The record.
    pub doc: DocId,
    /// How often the term stands in it; at least 1.
    pub term_freq: u32,
}

/// Appends the postings of one term, which must be sorted by record and distinct.
#[cfg(feature = "cli")]
pub fn encode(postings: &[Posting], buf: &mut Vec<u8>) {
    let mut base = 0;
    let mut gap_of = |posting: &Posting| {
        let gap = posting.doc - base;
        base = posting.doc + 1;
        gap
    };
    let mut runs = postings.chunks_exact(RUN);
    for run in &mut runs {
        let gaps: Vec<u32> = run.iter().map(&mut gap_of).collect();
        let counts: Vec<u32> = run.iter().map(|posting| posting.term_freq - 1).collect();
        buf.extend([width(&gaps), width(&counts)]);
        pack(&gaps, buf);
        pack(&counts, buf);
    }
    for posting in runs.remainder() {
        let once = posting.term_freq == 1;
        put_varint(buf, u64::from(gap_of(posting)) * 2 + u64::from(once));
        if !once {
            put_varint(buf, u64::from(posting.term_freq));
        }
    }
}

/// Reads the postings of a term with the given document frequency; every record is below `num_docs`.
///
/// # Errors
/// The bytes end early, are too many, or name a record that the archive does not have.
pub fn decode(bytes: &[u8], doc_freq: u32, num_docs: u32) -> Result<Vec<Posting>> {
    if doc_freq > num_docs {
        return Err(Error::corrupt("a term stands in more records than there are"));
    }
    let mut rdr = Decoder::new(bytes);
    let mut postings = Vec::new();
    let mut base = 0u64;
    let mut push = |gap: u64, term_freq: u32| {
        let doc = base + gap;
        if doc >= u64::from(num_docs) || term_freq == 0 {
            return Err(Error::corrupt("a posting names a record that is not there"));
        }
        base = doc + 1;
        postings.push(Posting { doc: doc as u32, term_freq });
        Ok(())
    };
    let mut left = doc_freq as usize;
    while left >= RUN {
        let [gap_width, count_width] = rdr.array()?;
        let gaps = unpack(&mut rdr, gap_width)?;
        let counts = unpack(&mut rdr, count_width)?;
        for (gap, count) in gaps.into_iter().zip(counts) {
            push(u64::from(gap), count.saturating_add(1))?;
        }
        left -= RUN;
    }
    for _ in 0..left {
        let coded = rdr.varint()?;
        let term_freq = if coded & 1 == 1 { 1 } else { rdr.varint_u32()? };
        push(coded >> 1, term_freq)?;
    }
    if !rdr.is_empty() {
        return Err(Error::corrupt("postings are followed by something else"));
    }
    Ok(postings)
}

#[cfg(feature = "cli")]
fn width(values: &[u32]) -> u8 {
    let bits = values.iter().fold(0, |bits, value| bits | value);
    (u32::BITS - bits.leading_zeros()) as u8
}

/// Packs values into `width(values)` bits each; 128 of them fill whole bytes.
#[cfg(feature = "cli")]
fn pack(values: &[u32], buf: &mut Vec<u8>) {
    let width = u32::from(width(values));
    let (mut held, mut num_bits) = (0u64, 0);
    for value in values {
        held |= u64::from(*value) << num_bits;
        num_bits += width;
        while num_bits >= 8 {
            buf.push(held as u8);
            held >>= 8;
            num_bits -= 8;
        }
    }
}

fn unpack(rdr: &mut Decoder<'_>, width: u8) -> Result<[u32; RUN]> {
    if u32::from(width) > u32::BITS {
        return Err(Error::corrupt("a width of more than 32 bits"));
    }
    let width = u32::from(width);
    let mut bytes = rdr.bytes(RUN / 8 * width as usize)?.iter();
    let mask = (1u64 << width) - 1;
    let (mut held, mut num_bits) = (0u64, 0);
    let mut values = [0; RUN];
    for value in &mut values {
        while num_bits < width {
            held |= u64::from(bytes.next().copied().unwrap_or_default()) << num_bits;
            num_bits += 8;
        }
        *value = (held & mask) as u32;
        held >>= width;
        num_bits -= width;
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn postings() -> impl Strategy<Value = Vec<Posting>> {
        prop::collection::btree_map(0u32..100_000, prop_oneof![8 => Just(1u32), 2 => 1u32..300], 0..700)
            .prop_map(|docs| docs.into_iter().map(|(doc, term_freq)| Posting { doc, term_freq }).collect())
    }

    proptest! {
        #[test]
        fn round_trip(postings in postings()) {
            let mut buf = Vec::new();
            encode(&postings, &mut buf);
            prop_assert_eq!(decode(&buf, postings.len() as u32, 100_000).unwrap(), postings);
        }

        #[test]
        fn any_bytes_give_an_answer_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..600), doc_freq in 0u32..400) {
            if let Ok(postings) = decode(&bytes, doc_freq, 1000) {
                prop_assert!(postings.iter().all(|posting| posting.doc < 1000));
                prop_assert!(postings.is_sorted_by(|a, b| a.doc < b.doc));
            }
        }
    }

    #[test]
    fn the_widest_gap_fits() {
        let postings: Vec<_> =
            (0..128).map(|i| Posting { doc: u32::MAX - 300 + i * 2, term_freq: u32::MAX - 1 }).collect();
        let mut buf = Vec::new();
        encode(&postings, &mut buf);
        assert_eq!(decode(&buf, 128, u32::MAX), Ok(postings));
    }
}
