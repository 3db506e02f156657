//! Writes records into compressed blocks, with a trained dictionary where it pays.

use super::reader::{StoreReader, encode_block, encode_piece};
use crate::error::Result;
use crate::format::Section;
use crate::format::writer::ContainerWriter;
use crate::record::Record;

/// Raw length at which a block ends. A page of ten results opens up to ten blocks, so small ones make a first look cheap; the
/// dictionary gives back most of the ratio that they lose.
const BLOCK_LEN: usize = 8 * 1024;

/// Raw length above which a record is cut into pieces: even incompressible, a piece fits a block.
const PIECE_LEN: usize = 128 * 1024;

/// Length of a trained dictionary. zstd's guidance is a hundredth of the samples; every first look at a record loads it.
const DICTIONARY_LEN: usize = 14 * 1024;

/// Raw length of all records below which no dictionary is tried: it would outweigh what it saves.
const DICTIONARY_MIN_INPUT: usize = 40 * DICTIONARY_LEN;

/// Raw length of the samples that a dictionary is trained on, and on which it is tried. More gains little and costs time.
const SAMPLE_LEN: usize = 4 * 1024 * 1024;

/// Collects the bytes of records in the order of their `DocId`s.
#[derive(Debug, Default)]
pub struct StoreWriter {
    records: Vec<Vec<u8>>,
}

impl StoreWriter {
    /// Adds the next record.
    pub fn add(&mut self, record: &Record) {
        self.records.push(super::codec::encode(record));
    }

    /// Writes the sections `store` and `store-dictionary`; returns the store's part of the root.
    ///
    /// # Errors
    /// A block cannot be compressed.
    pub fn finish(self, out: &mut ContainerWriter) -> Result<StoreReader> {
        let blocks = blocks(&self.records);
        if let Some(dictionary) = train(&blocks) {
            out.set_dictionary(dictionary);
        }
        let mut root = StoreReader::default();
        for (num_docs, raw) in &blocks {
            root.push(*num_docs);
            out.push_with_dictionary(Section::Store, raw)?;
        }
        root.check()?;
        Ok(root)
    }
}

/// Raw blocks, each with the number of records that end in it.
fn blocks(records: &[Vec<u8>]) -> Vec<(u32, Vec<u8>)> {
    let mut blocks = Vec::new();
    let mut rest = records;
    while let Some((first, tail)) = rest.split_first() {
        if first.len() > PIECE_LEN {
            let mut pieces: Vec<_> = first.chunks(PIECE_LEN).map(|piece| (0, encode_piece(piece))).collect();
            pieces.iter_mut().next_back().into_iter().for_each(|(num_docs, _)| *num_docs = 1);
            blocks.append(&mut pieces);
            rest = tail;
            continue;
        }
        let mut len = 0;
        let fits = |record: &&Vec<u8>| {
            let fits = record.len() <= PIECE_LEN && (len == 0 || len < BLOCK_LEN);
            len += record.len().max(1);
            fits
        };
        let count = rest.iter().take_while(fits).count();
        let (block, tail) = rest.split_at(count);
        blocks.push((count as u32, encode_block(block)));
        rest = tail;
    }
    blocks
}

/// A dictionary for these blocks, when it saves more than its own length.
fn train(blocks: &[(u32, Vec<u8>)]) -> Option<Vec<u8>> {
    let total: usize = blocks.iter().map(|(_, raw)| raw.len()).sum();
    if total < DICTIONARY_MIN_INPUT {
        return None;
    }
    // Every k-th block, so that the samples cover the whole span of time.
    let step = total.div_ceil(SAMPLE_LEN);
    let samples: Vec<&[u8]> = blocks.iter().step_by(step).map(|(_, raw)| raw.as_slice()).collect();
    let dictionary = zstd::dict::from_samples(&samples, DICTIONARY_LEN).ok()?;
    let len_with = |dictionary: &[u8]| -> Option<usize> {
        let mut compressor = zstd::bulk::Compressor::with_dictionary(3, dictionary).ok()?;
        samples.iter().map(|sample| compressor.compress(sample).ok().map(|packed| packed.len())).sum()
    };
    let saved = len_with(&[])?.saturating_sub(len_with(&dictionary)?);
    (saved * step > dictionary.len()).then_some(dictionary)
}
