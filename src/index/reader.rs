//! Reads the index: terms, postings and lengths of records.

use super::fieldnorm;
use super::keymap::KeyMapRoot;
use super::postings::{self, Posting};
use super::termdict::{TermBlock, TermInfo};
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::put_varint;
use crate::format::container::STREAM_BLOCK_LEN;
use crate::format::{Container, Fetch, Section};
use crate::record::DocId;

/// The index's part of the root.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct IndexReader {
    /// Number of distinct terms.
    pub num_terms: u64,
    /// Number of postings of all terms.
    pub num_postings: u64,
    /// Number of tokens of all records.
    pub num_tokens: u64,
    /// First term of each block of the dictionary.
    pub terms: KeyMapRoot,
}

impl IndexReader {
    /// The dictionary's entry of a term; `Some(None)` when the archive has no such term.
    pub fn term(&self, container: &Container, term: &str) -> Fetch<Option<TermInfo>> {
        let Some(ord) = self.terms.block_of(term.as_bytes()) else { return Ok(Some(None)) };
        let Some(block) = container.block(Section::Terms, ord)? else { return Ok(None) };
        Ok(Some(TermBlock::decode(block).map_err(in_terms)?.get(term).cloned()))
    }

    /// Every term that begins with `prefix`, in order.
    pub fn terms_with_prefix(&self, container: &Container, prefix: &str) -> Fetch<Vec<(String, TermInfo)>> {
        let mut found = Some(Vec::new());
        for ord in self.terms.blocks_of_prefix(prefix.as_bytes()) {
            match container.block(Section::Terms, ord)? {
                Some(block) => {
                    let terms = TermBlock::decode(block).map_err(in_terms)?.with_prefix(prefix);
                    found.iter_mut().for_each(|found| found.extend(terms.iter().cloned()));
                }
                None => found = None,
            }
        }
        Ok(found)
    }

    /// The postings of a term.
    pub fn postings(&self, container: &Container, info: &TermInfo, num_docs: u32) -> Fetch<Vec<Posting>> {
        let Some(bytes) = container.stream(Section::Postings, info.postings.clone())? else { return Ok(None) };
        let in_postings = |error: Error| error.at(Section::Postings.name(), info.postings.start);
        postings::decode(&bytes, info.doc_freq, num_docs).map(Some).map_err(in_postings)
    }

    /// Length in tokens, as quantised, of each of the given records, which must be sorted.
    pub fn norms(&self, container: &Container, docs: &[DocId]) -> Fetch<Vec<u32>> {
        let mut norms = Some(Vec::with_capacity(docs.len()));
        for run in docs.chunk_by(|a, b| norm_block(*a) == norm_block(*b)) {
            let Some(first) = run.first() else { continue };
            match container.block(Section::Norms, norm_block(*first) as usize)? {
                None => norms = None,
                Some(block) => {
                    let of = |doc: &DocId| block.get((u64::from(*doc) % STREAM_BLOCK_LEN) as usize).copied();
                    norms.iter_mut().for_each(|norms| {
                        norms.extend(run.iter().map(|doc| fieldnorm::decode(of(doc).unwrap_or_default())));
                    });
                }
            }
        }
        Ok(norms)
    }

    /// Reads the index's part of the root.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        Ok(Self {
            num_terms: rdr.varint()?,
            num_postings: rdr.varint()?,
            num_tokens: rdr.varint()?,
            terms: KeyMapRoot::decode(rdr)?,
        })
    }

    /// Appends the index's part of the root.
    #[cfg(feature = "cli")]
    pub fn encode(&self, buf: &mut Vec<u8>) {
        put_varint(buf, self.num_terms);
        put_varint(buf, self.num_postings);
        put_varint(buf, self.num_tokens);
        self.terms.encode(buf);
    }
}

fn in_terms(error: Error) -> Error {
    error.at(Section::Terms.name(), 0)
}

/// The block of the `norms` stream that holds a record's byte.
fn norm_block(doc: DocId) -> u64 {
    u64::from(doc) / STREAM_BLOCK_LEN
}
