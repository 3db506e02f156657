//! The term dictionary: *here is a term, where are its postings?*
//!
//! Behind the FST of each block, whose values are the places of the terms in the block, stand
//! `[start of the first term's postings: varint]` and, for each term, `[document frequency: varint] [length of its postings:
//! varint]`. Postings follow each other in the order of the terms, so lengths are enough.

use std::ops::Range;
use std::rc::Rc;

use super::keymap::KeyBlock;
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::put_varint;

/// Terms in a block: a few kilobytes, so that a query reads little, and the root's list of first terms stays short.
#[cfg(feature = "cli")]
pub const TERMS_PER_BLOCK: usize = 512;

/// What the dictionary knows of a term.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TermInfo {
    /// Number of records that hold the term.
    pub doc_freq: u32,
    /// Byte range of its postings in the stream of the `postings` section.
    pub postings: Range<u64>,
}

/// One block of the dictionary, opened.
#[derive(Debug)]
pub struct TermBlock {
    keys: KeyBlock,
    infos: Vec<TermInfo>,
}

impl TermBlock {
    /// Opens a block.
    ///
    /// # Errors
    /// It does not hold an entry for every key.
    pub fn decode(bytes: Rc<[u8]>) -> Result<Self> {
        let keys = KeyBlock::decode(bytes)?;
        let mut rdr = Decoder::new(keys.rest());
        let mut start = rdr.varint()?;
        let mut infos = Vec::new();
        for _ in 0..keys.len() {
            let doc_freq = rdr.varint_u32()?;
            let end = start.checked_add(rdr.varint()?).ok_or(Error::corrupt("postings end beyond any file"))?;
            infos.push(TermInfo { doc_freq, postings: start..end });
            start = end;
        }
        Ok(Self { keys, infos })
    }

    /// The entry of a term.
    #[must_use]
    pub fn get(&self, term: &str) -> Option<&TermInfo> {
        self.keys.get(term.as_bytes()).and_then(|ord| self.infos.get(ord as usize))
    }

    /// Every term that begins with `prefix`, in order.
    #[must_use]
    pub fn with_prefix(&self, prefix: &str) -> Vec<(String, TermInfo)> {
        let found = self.keys.with_prefix(prefix.as_bytes()).into_iter();
        found
            .filter_map(|(key, ord)| Some((String::from_utf8(key).ok()?, self.infos.get(ord as usize)?.clone())))
            .collect()
    }
}

/// The bytes of a block of sorted, distinct terms.
///
/// # Errors
/// The terms are not sorted, or not distinct.
#[cfg(feature = "cli")]
pub fn encode(terms: &[(String, TermInfo)]) -> Result<Vec<u8>> {
    let mut buf = super::keymap::encode(terms.iter().zip(0..).map(|((term, _), ord)| (term.as_bytes(), ord)))?;
    put_varint(&mut buf, terms.first().map_or(0, |(_, info)| info.postings.start));
    for (_, info) in terms {
        put_varint(&mut buf, u64::from(info.doc_freq));
        put_varint(&mut buf, info.postings.end - info.postings.start);
    }
    Ok(buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let info = |doc_freq, postings| TermInfo { doc_freq, postings };
        let terms = [("гавань".to_owned(), info(3, 100..140)), ("гавани".to_owned(), info(1, 140..142))];
        let mut sorted = terms.to_vec();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let (first, second) = (info(1, 100..102), info(3, 102..142));
        sorted[0].1 = first.clone();
        sorted[1].1 = second.clone();
        let block = TermBlock::decode(encode(&sorted).unwrap().into()).unwrap();
        assert_eq!(block.get("гавани"), Some(&first));
        assert_eq!(block.get("гавань"), Some(&second));
        assert_eq!(block.get("гаван"), None);
        assert_eq!(block.with_prefix("гаван"), sorted);
    }
}
