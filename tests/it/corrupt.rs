//! Damaged and hostile containers: always an answer or an error, soon; never a panic, never memory without end.
//!
//! Damage is caught by checksums. What is hostile has the right ones: [`Parts`] takes a container apart, lets a test change
//! what is inside the blocks, and puts it together again with fresh lengths and checksums, so that the change reaches the
//! decoders.

use std::time::{Duration, Instant};

use fonds::Record;
use fonds::collector::Sort;
use fonds::error::ErrorKind;
use fonds::format::block::{self, Codec};
use fonds::format::header::HEADER_LEN;
use fonds::format::writer::ContainerWriter;
use fonds::format::{BlockRef, Header, Section};
use fonds::record::{Attachment, Forward, Place, Poll, PollAnswer, Reaction, Source, Span};
use fonds::searcher::{Answer, Archive, Filter, PostRequest, SearchRequest};

use crate::support::{Random, all_blocks, build_in, bytes_of, dated, post, request, search};

/// A small archive in which every section and every field of a record occurs.
fn small() -> Vec<u8> {
    let full = Record {
        title: Some("Ёж".into()),
        author: Some("marta".into()),
        forwarded_from: Some(Forward { name: "Radio".into(), id: Some("9".into()), url: None }),
        spans: vec![Span { range: 0..5, kind: "bold".into(), href: Some("x".into()) }],
        tags: vec!["Union_State".into(), "storm".into()],
        links: vec!["https://harbour.example/".into()],
        media: vec![Attachment { kind: "photo".into(), size: Some(7), ..Attachment::default() }],
        poll: Some(Poll {
            question: "?".into(),
            answers: vec![PollAnswer { text: "yes".into(), votes: Some(1) }],
            voters: Some(2),
        }),
        reactions: vec![Reaction { emoji: "❤".into(), count: 3 }],
        source: Source { file: "f".into(), place: Some(Place::Lines(1, 2)), copies: vec![Place::Bytes(3, 4)] },
        fields: vec![("x".into(), "1".into())],
        ..dated("1", "2024-06-01T10:00:00Z", "storm hit the harbour")
    };
    let berlin = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let mut records =
        vec![full, dated("2", "2024-04", "the harbour 港口新闻"), post("no storm"), dated("4", "2023", "harbours")];
    records.extend((0..140).map(|i| dated(&format!("x{i}"), "2024-05-01", "a")));
    build_in(&berlin, records).container
}

/// Questions that between them reach every decoder.
fn questions() -> Vec<SearchRequest> {
    let filter = |facet: &str, value: &str, exclude| Filter { facet: facet.into(), value: value.into(), exclude };
    vec![
        SearchRequest { limit: 5, ..request("") },
        SearchRequest { sort: Sort::Relevance, typing: true, limit: 200, ..request("h") },
        SearchRequest { typing: true, ..request("\"storm hi") },
        SearchRequest { facet_limit: 0, ..request("-a 港口新") },
        SearchRequest {
            from: Some("2024-04".parse().unwrap()),
            to: Some("2024-05-01".parse().unwrap()),
            limit: 3,
            ..request("")
        },
        SearchRequest { filters: vec![filter("author", "marta", true), filter("tag", "storm", false)], ..request("*") },
    ]
}

/// Opens whatever the bytes are and asks everything; blocks that cannot be had or are refused are given up.
fn probe(container: &[u8]) {
    let start = Instant::now();
    if let Ok(archive) = Archive::open(container) {
        for question in questions() {
            settle(container, &archive, |archive| archive.search(&question));
        }
        for uid in ["notes/1", "~", "zzz"] {
            let ask = PostRequest { uid: uid.into(), query: "storm".into(), typing: true, context: 2 };
            settle(container, &archive, |archive| archive.post(&ask));
        }
        settle(container, &archive, |archive| archive.record(1));
    }
    assert!(start.elapsed() < Duration::from_secs(20), "it takes too long");
}

fn settle<T>(container: &[u8], archive: &Archive, question: impl Fn(&Archive) -> fonds::error::Result<Answer<T>>) {
    for _ in 0..1000 {
        match question(archive) {
            Ok(Answer::Need(wanted)) => {
                assert!(!wanted.is_empty());
                for block in wanted {
                    if archive.supply(block.offset, bytes_of(container, block)).is_err() {
                        archive.lose(block.offset, "refused");
                    }
                }
            }
            Ok(Answer::Ready(_)) | Err(_) => return,
        }
    }
    panic!("the archive asks without end");
}

/// What is inside the blocks of a container.
#[derive(Clone, Debug)]
struct Parts {
    /// The root before the section table.
    root: Vec<u8>,
    blocks: Vec<(Section, Vec<u8>)>,
}

impl Parts {
    fn of(container: &[u8]) -> Self {
        let archive = Archive::open(container).unwrap();
        for block in all_blocks(&archive) {
            archive.supply(block.offset, bytes_of(container, block)).unwrap();
        }
        let content = |section: Section| {
            let archive = &archive;
            let count = archive.container().table.blocks(section).len();
            (0..count).map(move |ord| (section, archive.container().block(section, ord).unwrap().unwrap().to_vec()))
        };
        Self { root: archive.root().encode(), blocks: Section::ALL.into_iter().flat_map(content).collect() }
    }

    fn assemble(&self) -> Vec<u8> {
        let mut out = ContainerWriter::default();
        for (section, raw) in &self.blocks {
            out.push_raw(*section, raw.clone());
        }
        out.finish(self.root.clone()).unwrap()
    }
}

/// A container with nothing but a root of these bytes, section table included, with the right checksums.
fn with_root(raw: &[u8], container_len: u64) -> Vec<u8> {
    let root = block::encode(HEADER_LEN as u64, Codec::Raw, raw.len() as u64, raw);
    let place = BlockRef { offset: HEADER_LEN as u64, len: root.len() as u32 };
    let container_len = container_len.max(place.end().next_multiple_of(3));
    let mut out = Header { container_len, root: place }.encode();
    out.extend(root);
    out
}

/// The root of a container, section table included.
fn whole_root(container: &[u8]) -> Vec<u8> {
    let header = Header::decode(container).unwrap();
    let blocks = block::Blocks::default();
    blocks.supply(header.root.offset, bytes_of(container, header.root)).unwrap();
    blocks.get(header.root).unwrap().unwrap().to_vec()
}

/// Changes bytes in one of the ways that decoders must stand.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() + 1);
        match random.below(8) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, random.next() as u8),
            // The largest number that a varint holds, the largest of 32 bits, and one that no varint holds.
            2 => drop(bytes.splice(at..at, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1])),
            3 => drop(bytes.splice(at..(at + 1).min(bytes.len()), [0xff, 0xff, 0xff, 0xff, 0x0f])),
            4 if at < bytes.len() => drop(bytes.remove(at)),
            5 if at < bytes.len() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            6 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            _ if at < bytes.len() => bytes[at] = random.next() as u8,
            _ => {}
        }
    }
}

#[test]
fn cut_at_every_length() {
    let container = small();
    for len in 0..container.len() {
        probe(&container[..len]);
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let container = small();
    let archive = Archive::open(&container).unwrap();
    let root = Header::decode(&container).unwrap().root;
    for bit in 0..root.end() as usize * 8 {
        let mut damaged = container.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(Archive::open(&damaged).is_err(), "bit {bit}");
    }
    for block in all_blocks(&archive) {
        for at in 0..block.len as usize {
            let mut damaged = bytes_of(&container, block).to_vec();
            damaged[at] ^= 1 << (at % 8);
            let error = archive.supply(block.offset, &damaged).unwrap_err();
            assert!(error.section.is_some());
        }
    }
}

#[test]
fn blocks_at_wrong_places_are_refused() {
    let container = Parts::of(&small()).assemble();
    let archive = Archive::open(&container).unwrap();
    let blocks = all_blocks(&archive);
    for block in &blocks {
        for other in blocks.iter().filter(|other| *other != block) {
            let error = archive.supply(block.offset, bytes_of(&container, *other)).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Checksum);
        }
        let (whole, half) = (bytes_of(&container, *block), block.len as usize / 2);
        archive.supply(block.offset, &whole[..half]).unwrap_err();
        archive.supply(block.offset, &[whole, &[0]].concat()).unwrap_err();
    }
    // Two blocks of one length, swapped in the file.
    let swapped = |a: BlockRef, b: BlockRef| {
        let mut swapped = container.clone();
        swapped[a.offset as usize..a.end() as usize].copy_from_slice(bytes_of(&container, b));
        swapped[b.offset as usize..b.end() as usize].copy_from_slice(bytes_of(&container, a));
        swapped
    };
    let pairs =
        blocks.iter().flat_map(|a| blocks.iter().filter(move |b| a.len == b.len && a < b).map(move |b| (*a, *b)));
    assert!(pairs.map(|(a, b)| probe(&swapped(a, b))).count() > 0, "the fixture has two blocks of one length");
}

#[test]
fn what_is_put_together_again_answers_as_before() {
    let container = small();
    let again = Parts::of(&container).assemble();
    for question in questions() {
        assert_eq!(search(&again, &question), search(&container, &question));
    }
}

#[test]
fn hostile_blocks_with_right_checksums() {
    let parts = Parts::of(&small());
    let mut random = Random(1);
    let rounds = 3000 / parts.blocks.len();
    for place in 0..parts.blocks.len() {
        for _ in 0..rounds {
            let mut hostile = parts.clone();
            mutate(&mut hostile.blocks[place].1, &mut random);
            probe(&hostile.assemble());
        }
    }
}

#[test]
fn hostile_roots_with_right_checksums() {
    let container = small();
    let (parts, whole, end) = (Parts::of(&container), whole_root(&container), container.len());
    let mut random = Random(2);
    for _ in 0..1500 {
        let mut hostile = parts.clone();
        mutate(&mut hostile.root, &mut random);
        probe(&hostile.assemble());
        let mut root = whole.clone();
        mutate(&mut root, &mut random);
        probe(&with_root(&root, end as u64));
    }
}

#[test]
fn hostile_frames_with_right_checksums() {
    // Compressed blocks whose frames are changed before the checksum is made.
    let container = small();
    let archive = Archive::open(&container).unwrap();
    let mut random = Random(3);
    for block in all_blocks(&archive) {
        let bytes = bytes_of(&container, block);
        for _ in 0..300 {
            let mut rest = bytes[4..].to_vec();
            mutate(&mut rest, &mut random);
            let mut rdr = fonds::format::codec::Decoder::new(&rest);
            let (Ok(codec), Ok(raw_len)) = (rdr.u8(), rdr.varint()) else { continue };
            let codec = [Codec::Raw, Codec::Zstd, Codec::ZstdDict][usize::from(codec) % 3];
            let hostile = block::encode(block.offset, codec, raw_len, rdr.rest());
            let blocks = block::Blocks::default();
            if blocks.supply(block.offset, &hostile).is_ok() {
                let _ = blocks.get(BlockRef { offset: block.offset, len: hostile.len() as u32 });
            }
        }
    }
}
