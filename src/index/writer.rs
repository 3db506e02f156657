//! Builds the index: collects the tokens of each record, then writes terms, postings and lengths.

use std::collections::HashMap;

use super::postings::{self, Posting};
use super::reader::IndexReader;
use super::termdict::{self, TERMS_PER_BLOCK, TermInfo};
use super::{fieldnorm, keymap};
use crate::error::{Error, Result};
use crate::format::Section;
use crate::format::container::STREAM_BLOCK_LEN;
use crate::format::writer::ContainerWriter;
use crate::record::DocId;
use crate::text::tokenizer::TokenKind;
use crate::text::{Token, tokenize};

/// Collects postings in memory.
#[derive(Debug, Default)]
pub struct IndexWriter {
    terms: HashMap<String, Vec<Posting>>,
    norms: Vec<u8>,
    num_tokens: u64,
}

impl IndexWriter {
    /// Adds the next record: its texts (title, text) and its sigils (`#tag`, `@name`), which count once each where no text
    /// already holds them. Records come in the order of their `DocId`s.
    pub fn add(&mut self, texts: &[&str], sigils: &[String]) {
        let doc = self.norms.len() as DocId;
        let mut len = 0u32;
        for text in texts {
            for token in tokenize(text) {
                len += u32::from(token.kind != TokenKind::Sigil);
                self.count(token.term, doc, 1);
            }
        }
        for Token { term, .. } in sigils.iter().flat_map(|sigil| tokenize(sigil)) {
            self.count(term, doc, 0);
        }
        self.norms.push(fieldnorm::encode(len));
        self.num_tokens += u64::from(len);
    }

    /// Counts a term in a record; with `times` 0 it is there at least once.
    fn count(&mut self, term: String, doc: DocId, times: u32) {
        let postings = self.terms.entry(term).or_default();
        match postings.last_mut() {
            Some(last) if last.doc == doc => last.term_freq += times,
            _ => postings.push(Posting { doc, term_freq: times.max(1) }),
        }
    }

    /// Writes the sections `terms`, `postings` and `norms`; returns the index's part of the root.
    ///
    /// # Errors
    /// A block cannot be compressed.
    pub fn finish(self, out: &mut ContainerWriter) -> Result<IndexReader> {
        let mut sorted: Vec<_> = self.terms.into_iter().collect();
        sorted.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut root = IndexReader {
            num_terms: sorted.len() as u64,
            num_postings: sorted.iter().map(|(_, postings)| postings.len() as u64).sum(),
            num_tokens: self.num_tokens,
            ..IndexReader::default()
        };

        let mut stream = Vec::new();
        let terms: Vec<(String, TermInfo)> = sorted
            .into_iter()
            .map(|(term, postings)| {
                let start = stream.len() as u64;
                postings::encode(&postings, &mut stream);
                (term, TermInfo { doc_freq: postings.len() as u32, postings: start..stream.len() as u64 })
            })
            .collect();
        for block in terms.chunks(TERMS_PER_BLOCK) {
            block.iter().take(1).for_each(|(first, _)| root.terms.push(first.as_bytes()));
            out.push(Section::Terms, &termdict::encode(block)?)?;
        }
        for block in stream.chunks(STREAM_BLOCK_LEN as usize) {
            out.push(Section::Postings, block)?;
        }
        for block in self.norms.chunks(STREAM_BLOCK_LEN as usize) {
            out.push(Section::Norms, block)?;
        }
        Ok(root)
    }
}

/// Uids in a block of the `uids` section.
const UIDS_PER_BLOCK: usize = 1024;

/// Writes the section `uids` from the uids of the records in the order of their `DocId`s.
///
/// # Errors
/// Two records have the same uid.
pub fn write_uids(uids: &[String], out: &mut ContainerWriter) -> Result<keymap::KeyMapRoot> {
    let mut sorted: Vec<(&str, u64)> = uids.iter().map(String::as_str).zip(0..).collect();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| matches!(pair, [a, b] if a.0 == b.0)) {
        return Err(Error::corrupt("two records have the same uid"));
    }
    let mut root = keymap::KeyMapRoot::default();
    for block in sorted.chunks(UIDS_PER_BLOCK) {
        block.iter().take(1).for_each(|(first, _)| root.push(first.as_bytes()));
        out.push(Section::Uids, &keymap::encode(block.iter().map(|(uid, doc)| (uid.as_bytes(), *doc)))?)?;
    }
    Ok(root)
}
