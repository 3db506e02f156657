//! Writes records into compressed blocks, with a trained dictionary where it pays.

use super::block::BlockWriter;
use super::reader::{MAX_DOCS_PER_BLOCK, MAX_PIECES, StoreReader};
use crate::error::{Error, ErrorKind, Result};
use crate::format::Section;
use crate::format::writer::ContainerWriter;
use crate::record::{DocId, Record};

/// Raw length that blocks have on average. A page of ten results opens up to ten blocks, so small ones make a first look cheap;
/// the dictionary gives back most of the ratio that they lose.
const BLOCK_LEN: u64 = 10 * 1024;

/// Raw length above which the longest records of a block are put into blocks of their own, so that no long neighbour makes a
/// short record dear.
const MAX_BLOCK_LEN: usize = 4 * BLOCK_LEN as usize;

/// Raw length above which a record is cut into pieces: even incompressible, a piece fits a block.
const PIECE_LEN: usize = 128 * 1024;

/// Length of a trained dictionary. Every first look at a record loads it, compressed to about half.
const DICTIONARY_LEN: usize = 32 * 1024;

/// Raw length of all records below which no dictionary is tried: it would outweigh what it saves.
const DICTIONARY_MIN_INPUT: u64 = 20 * DICTIONARY_LEN as u64;

/// Raw length of the samples that a dictionary is trained on. More gains little and costs time.
const SAMPLE_LEN: u64 = 4 * 1024 * 1024;

/// What a record takes in a block beside its texts, in bytes: for choosing how many a block holds.
const ROW_LEN: usize = 8;

/// About how long a record is in a block.
#[must_use]
pub fn weight(record: &Record) -> usize {
    let fields: usize = record.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    let lists = [&record.tags, &record.mentions, &record.links, &record.flags, &record.dates_mentioned];
    let lists: usize = lists.into_iter().flatten().map(String::len).sum();
    let spans: usize = record.spans.iter().map(|span| 4 + span.href.as_ref().map_or(0, String::len)).sum();
    let rare = 16 * (record.media.len() + record.reactions.len() + record.source.copies.len());
    let poll = record.poll.iter().flat_map(|poll| &poll.answers).map(|answer| answer.text.len()).sum::<usize>();
    let ids = [&record.id, &record.author, &record.channel, &record.url];
    let ids: usize = ids.into_iter().flatten().map(|text| text.len() / 4).sum();
    record.text.len()
        + record.title.as_ref().map_or(0, String::len)
        + ROW_LEN
        + fields
        + lists
        + spans
        + rare
        + poll
        + ids
}

/// How records are laid out in blocks.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    root: StoreReader,
    total_weight: u64,
}

impl Layout {
    /// The layout of so many records of this [`weight`] together.
    ///
    /// # Errors
    /// More records than an archive may hold.
    pub fn new(num_docs: usize, total_weight: u64) -> Result<Self> {
        let docs_per_block = (BLOCK_LEN * num_docs as u64) / total_weight.max(1);
        let root = StoreReader::new(num_docs, docs_per_block.clamp(1, u64::from(MAX_DOCS_PER_BLOCK)) as u32)?;
        Ok(Self { root, total_weight })
    }

    /// The store's part of the root.
    #[must_use]
    pub fn root(&self) -> StoreReader {
        self.root
    }

    /// Records whose blocks a dictionary is trained on: every k-th block, so that they cover the whole span of time. None
    /// where a dictionary would not pay.
    pub fn samples(&self) -> impl Iterator<Item = std::ops::Range<DocId>> + use<> {
        let num_blocks = if self.total_weight < DICTIONARY_MIN_INPUT { 0 } else { self.root.num_blocks() };
        let step = self.total_weight.div_ceil(SAMPLE_LEN).max(1) as usize;
        let (num_docs, per_block) = (self.root.num_docs(), self.root.docs_per_block());
        (0..num_blocks).step_by(step).map(move |ord| ord * per_block..((ord + 1) * per_block).min(num_docs))
    }
}

/// A dictionary for blocks like these, when it saves more than its own length.
#[must_use]
pub fn train(layout: &Layout, samples: &[Vec<u8>]) -> Option<Vec<u8>> {
    if samples.is_empty() {
        return None;
    }
    let dictionary = zstd::dict::from_samples(samples, DICTIONARY_LEN).ok()?;
    let len_with = |dictionary: &[u8]| -> Option<u64> {
        let mut compressor = zstd::bulk::Compressor::with_dictionary(3, dictionary).ok()?;
        samples.iter().map(|sample| compressor.compress(sample).ok().map(|packed| packed.len() as u64)).sum()
    };
    let saved = len_with(&[])?.saturating_sub(len_with(&dictionary)?);
    let num_samples = samples.len() as u64;
    (saved * u64::from(layout.root.num_blocks()) > dictionary.len() as u64 * num_samples).then_some(dictionary)
}

/// The bytes of a block of these records, none of them long.
#[must_use]
pub fn sample_block(records: &[Record]) -> Vec<u8> {
    let mut block = BlockWriter::default();
    records.iter().filter(|record| weight(record) <= MAX_BLOCK_LEN).for_each(|record| block.push(record));
    block.finish()
}

/// Writes records in the order of their `DocId`s.
#[derive(Debug)]
pub struct StoreWriter {
    root: StoreReader,
    /// Records of the block that is not full yet.
    pending: Vec<Record>,
    /// Pieces of long records, which follow all blocks.
    pieces: Vec<Vec<u8>>,
}

impl StoreWriter {
    /// Starts a store.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self { root: layout.root, pending: Vec::new(), pieces: Vec::new() }
    }

    /// Adds the next record.
    ///
    /// # Errors
    /// A block cannot be compressed, or a record is longer than one may be.
    pub fn add(&mut self, record: Record, out: &mut ContainerWriter) -> Result<()> {
        self.pending.push(record);
        if self.pending.len() == self.root.docs_per_block() as usize { self.write_block(out) } else { Ok(()) }
    }

    fn write_block(&mut self, out: &mut ContainerWriter) -> Result<()> {
        let records = std::mem::take(&mut self.pending);
        if records.is_empty() {
            return Ok(());
        }
        let mut block = BlockWriter::default();
        let long = long_records(&records);
        for (record, is_long) in records.iter().zip(long) {
            if is_long {
                let first = u64::from(self.root.num_blocks()) + self.pieces.len() as u64;
                let num_pieces = self.add_pieces(record)?;
                block.push_elsewhere(&record.uid, first, num_pieces);
            } else {
                block.push(record);
            }
        }
        out.push_with_dictionary(Section::Store, &block.finish())
    }

    /// Cuts a record into pieces; returns their number.
    fn add_pieces(&mut self, record: &Record) -> Result<u64> {
        let bytes = super::encode_record(record);
        if bytes.len() > PIECE_LEN * MAX_PIECES {
            let (len, limit) = (bytes.len() as u64, (PIECE_LEN * MAX_PIECES) as u64);
            return Err(Error::new(ErrorKind::TooLarge { len, limit }));
        }
        let before = self.pieces.len();
        self.pieces.extend(bytes.chunks(PIECE_LEN).map(<[u8]>::to_vec));
        Ok((self.pieces.len() - before) as u64)
    }

    /// Writes what is left of the sections `store` and `store-dictionary`; returns the store's part of the root.
    ///
    /// # Errors
    /// A block cannot be compressed.
    pub fn finish(mut self, out: &mut ContainerWriter) -> Result<StoreReader> {
        self.write_block(out)?;
        self.pieces.iter().try_for_each(|piece| out.push_with_dictionary(Section::Store, piece))?;
        Ok(self.root)
    }
}

/// Which records of a block are so long that they must stand elsewhere: the longest, until the others fit.
fn long_records(records: &[Record]) -> Vec<bool> {
    let mut by_weight: Vec<(usize, usize)> = records.iter().map(weight).zip(0..).collect();
    let mut total: usize = by_weight.iter().map(|(weight, _)| weight).sum();
    by_weight.sort_unstable();
    let mut long = vec![false; records.len()];
    while let Some((weight, ord)) = by_weight.pop().filter(|(weight, _)| total > MAX_BLOCK_LEN && *weight > ROW_LEN) {
        total -= weight;
        if let Some(is_long) = long.get_mut(ord) {
            *is_long = true;
        }
    }
    long
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where its input is wrong")]
mod tests {
    use super::*;
    use crate::format::{BlockRef, Container, Fetch};

    /// Text that does not compress.
    fn noise(len: usize) -> String {
        let mut state = 7u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b' ' + (state >> 24) as u8 % 90)
        };
        (0..len).map(|_| next()).collect()
    }

    /// Asks until it is answered; blocks at these offsets are lost.
    fn settle<T>(container: &Container, bytes: &[u8], lost: &[u64], ask: impl Fn() -> Fetch<T>) -> Result<T> {
        loop {
            if let Some(answer) = ask()? {
                return Ok(answer);
            }
            for BlockRef { offset, len } in container.take_wanted() {
                if lost.contains(&offset) {
                    container.lose(offset, "lost");
                } else {
                    container.supply(offset, &bytes[offset as usize..offset as usize + len as usize]).unwrap();
                }
            }
        }
    }

    #[test]
    fn a_long_record_stands_in_pieces_and_its_loss_is_its_own() {
        let long = 3 * PIECE_LEN;
        let records: Vec<Record> = [20, 30, long, 40, 500, MAX_BLOCK_LEN, 20]
            .into_iter()
            .zip(0..)
            .map(|(len, id): (usize, u32)| {
                let (uid, id) = (format!("c/{id}"), Some(id.to_string()));
                Record { uid, id, channel: Some("c".into()), text: noise(len), ..Record::default() }
            })
            .collect();
        // As among many more: few bytes for each.
        let layout = Layout::new(records.len(), records.len() as u64 * 1000).unwrap();
        let (mut writer, mut out) = (StoreWriter::new(&layout), ContainerWriter::default());
        records.iter().for_each(|record| writer.add(record.clone(), &mut out).unwrap());
        let store = writer.finish(&mut out).unwrap();
        let bytes = out.finish(Vec::new()).unwrap();
        let open = || Container::open(&bytes, |_| Ok(())).unwrap().0;
        let container = open();
        let places = container.places_in(&bytes, Section::Store).unwrap();
        assert_eq!(places.len(), 1 + 4 + 1, "a block, four pieces of the long one, one of the other");
        for (doc, record) in (0..).zip(&records) {
            assert_eq!(settle(&container, &bytes, &[], || store.record(&container, doc)).unwrap(), *record);
            let found = settle(&container, &bytes, &[], || store.find(&container, 0, &record.uid)).unwrap();
            assert_eq!(found, Some(doc));
        }
        let container = open();
        for (doc, record) in (0..).zip(&records) {
            let found = settle(&container, &bytes, &[places[3].offset], || store.record(&container, doc));
            assert_eq!(found.is_err(), record.text.len() == long, "{doc}");
        }
        assert!(settle(&container, &bytes, &[], || store.record(&container, 7)).is_err());
    }
}
