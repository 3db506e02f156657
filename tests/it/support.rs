//! Archives made from records, and drivers that hand an archive its blocks in several manners.

use std::collections::BTreeSet;

use fonds::Record;
use fonds::builder::{BuildOptions, Builder, Built};
use fonds::error::Result;
use fonds::format::{BlockRef, Paging, Section};
use fonds::ingest::parse_date;
use fonds::record::Source;
use fonds::searcher::{Answer, Archive, PostRequest, PostView, SearchPage, SearchRequest};
use jiff::tz::TimeZone;

/// A record with nothing but a text.
pub(crate) fn post(text: &str) -> Record {
    Record {
        kind: "post".into(),
        text: text.into(),
        source: Source { file: "notes.txt".into(), ..Source::default() },
        ..Record::default()
    }
}

/// A record with an id, a date and a text.
pub(crate) fn dated(id: &str, date: &str, text: &str) -> Record {
    let date = Some(parse_date(date, &TimeZone::UTC).unwrap());
    Record { id: Some(id.into()), date, ..post(text) }
}

/// The archive of these records, in UTC.
pub(crate) fn build(records: impl IntoIterator<Item = Record>) -> Built {
    build_in(&TimeZone::UTC, records)
}

/// The archive of these records, whose root holds as little as may be: everything stands in pages and nodes.
pub(crate) fn build_in(time_zone: &TimeZone, records: impl IntoIterator<Item = Record>) -> Built {
    build_paged(time_zone, Paging { in_root: 1, per_page: 3, prefix_len: 40 }, records)
}

/// The archive of these records, its root cut so; their field `due` is a date.
pub(crate) fn build_paged(time_zone: &TimeZone, paging: Paging, records: impl IntoIterator<Item = Record>) -> Built {
    let options = BuildOptions {
        title: "Test".into(),
        time_zone: time_zone.clone(),
        paging,
        facets: vec!["due".into()],
        dates: vec!["due".into()],
        ..BuildOptions::default()
    };
    let mut builder = Builder::new(options);
    records.into_iter().for_each(|record| builder.add(&record));
    builder.finish().unwrap()
}

/// The bytes at which a block stands.
pub(crate) fn bytes_of(container: &[u8], block: BlockRef) -> &[u8] {
    container.get(block.offset as usize..block.end() as usize).unwrap_or_default()
}

/// In what manner blocks are handed over.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Manner {
    /// All that are asked for, in order.
    #[default]
    AtOnce,
    /// Only the first one of those asked for, every time.
    OneByOne,
    /// Only the last one of those asked for, every time.
    LastFirst,
    /// All that are asked for, from the last to the first.
    Reversed,
    /// Each of them three times.
    Repeated,
    /// Every block of the archive before anything is asked.
    Beforehand,
}

/// Every [`Manner`].
pub(crate) const MANNERS: [Manner; 6] =
    [Manner::AtOnce, Manner::OneByOne, Manner::LastFirst, Manner::Reversed, Manner::Repeated, Manner::Beforehand];

/// Hands an archive the blocks that it asks for.
#[derive(Debug, Default)]
pub(crate) struct Driver<'a> {
    /// The container that the archive was opened from.
    pub(crate) container: &'a [u8],
    /// In what manner blocks are handed over.
    pub(crate) manner: Manner,
    /// Offsets of blocks that are given up when they are asked for.
    pub(crate) lost: BTreeSet<u64>,
    /// Offsets of blocks of which a bit is flipped on the way: they must be refused, and are then given up.
    pub(crate) corrupted: BTreeSet<u64>,
    /// How often the archive asked for blocks, over all questions.
    pub(crate) rounds: usize,
}

impl<'a> Driver<'a> {
    /// Hands over everything, at once.
    pub(crate) fn new(container: &'a [u8]) -> Self {
        Self { container, ..Self::default() }
    }

    /// Opens the archive.
    pub(crate) fn open(&self) -> Archive {
        let archive = Archive::open(self.container).unwrap();
        if self.manner == Manner::Beforehand {
            for block in all_blocks(self.container) {
                self.hand_over(&archive, block);
            }
        }
        archive
    }

    /// Asks until the archive answers.
    pub(crate) fn ask<T>(&mut self, archive: &Archive, question: impl Fn(&Archive) -> Result<Answer<T>>) -> Result<T> {
        for _ in 0..10_000 {
            let wanted = match question(archive)? {
                Answer::Ready(answer) => return Ok(answer),
                Answer::Beyond => panic!("the program has every feature"),
                Answer::Need(wanted) => wanted,
            };
            assert!(!wanted.is_empty(), "an archive that needs nothing must answer");
            self.rounds += 1;
            let chosen: Vec<BlockRef> = match self.manner {
                Manner::AtOnce | Manner::Beforehand => wanted,
                Manner::OneByOne => wanted[..1].to_vec(),
                Manner::LastFirst => wanted[wanted.len() - 1..].to_vec(),
                Manner::Reversed => wanted.into_iter().rev().collect(),
                Manner::Repeated => wanted.iter().chain(&wanted).chain(&wanted).copied().collect(),
            };
            for block in chosen {
                self.hand_over(archive, block);
            }
        }
        panic!("the archive asks without end");
    }

    fn hand_over(&self, archive: &Archive, block: BlockRef) {
        let bytes = bytes_of(self.container, block);
        if self.corrupted.contains(&block.offset) {
            let mut damaged = bytes.to_vec();
            let at = block.offset as usize % damaged.len();
            damaged[at] ^= 0x10;
            archive.supply(block.offset, &damaged).unwrap_err();
            archive.lose(block.offset, "the block arrived damaged");
        } else if self.lost.contains(&block.offset) {
            archive.lose(block.offset, "the block never arrived");
        } else {
            archive.supply(block.offset, bytes).unwrap();
        }
    }

    /// Answers a search.
    pub(crate) fn search(&mut self, archive: &Archive, request: &SearchRequest) -> Result<SearchPage> {
        self.ask(archive, |archive| archive.search(request))
    }

    /// Shows a post.
    pub(crate) fn post(&mut self, archive: &Archive, request: &PostRequest) -> Result<Option<PostView>> {
        self.ask(archive, |archive| archive.post(request))
    }
}

/// Every block of an archive but the root.
pub(crate) fn all_blocks(container: &[u8]) -> Vec<BlockRef> {
    let archive = Archive::open(container).unwrap();
    let places = |section| archive.container().places_in(container, section).unwrap();
    Section::ALL.into_iter().flat_map(places).collect()
}

/// A search for words as in the program: all of them, newest first, everything shown.
pub(crate) fn request(query: &str) -> SearchRequest {
    SearchRequest { query: query.into(), limit: 1000, facet_limit: 50, ..SearchRequest::default() }
}

/// Answers one search of a fresh archive.
pub(crate) fn search(container: &[u8], request: &SearchRequest) -> SearchPage {
    let mut driver = Driver::new(container);
    let archive = driver.open();
    driver.search(&archive, request).unwrap()
}

/// The uids of the hits of a page; a damaged one is `?`.
pub(crate) fn uids(page: &SearchPage) -> Vec<String> {
    let uid = |record: &fonds::searcher::Shown| match record {
        fonds::searcher::Shown::Whole(record) => record.uid.clone(),
        fonds::searcher::Shown::Damaged(_) => "?".to_owned(),
    };
    page.hits.iter().map(|hit| uid(&hit.record)).collect()
}
