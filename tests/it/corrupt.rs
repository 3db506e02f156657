//! Damaged and hostile containers: always an answer or an error, soon; never a panic, never memory without end.
//!
//! Damage is caught by checksums. What is hostile has the right ones: [`Parts`](crate::fuzz::Parts) takes a container apart, lets a test change
//! what is inside the blocks, and puts it together again with fresh lengths and checksums, so that the change reaches the
//! decoders.

use fonds::error::ErrorKind;
use fonds::format::block::{self, Codec};
use fonds::format::header::{HEADER_LEN, VERSION};
use fonds::format::{BlockRef, Header, Section};
use fonds::searcher::Archive;

use crate::fuzz::{Parts, Random, mutate, probe, questions, small};
use crate::support::{all_blocks, bytes_of, search};

/// A container with nothing but a root of these bytes, section table included, with the right checksums.
fn with_root(raw: &[u8], container_len: u64) -> Vec<u8> {
    let root = block::encode(HEADER_LEN as u64, Codec::Raw, raw.len() as u64, raw);
    let place = BlockRef { offset: HEADER_LEN as u64, len: root.len() as u32 };
    let container_len = container_len.max(place.end().next_multiple_of(3));
    let mut out = Header { version: VERSION, container_len, root: place }.encode();
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
    for block in all_blocks(&container) {
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
    let blocks = all_blocks(&container);
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
fn hostile_pages_of_the_table_with_right_checksums() {
    let container = crate::support::build((0..40).map(|i| crate::support::post(&format!("storm {i}")))).container;
    let archive = Archive::open(&container).unwrap();
    let pages = archive.container().places_in(&container, Section::Table).unwrap();
    assert!(pages.len() > 2, "the fixture has pages of pages");
    let mut random = Random(4);
    for page in pages {
        let blocks = block::Blocks::default();
        blocks.supply(page.offset, bytes_of(&container, page)).unwrap();
        let raw = blocks.get(page).unwrap().unwrap();
        for _ in 0..300 {
            let mut hostile = raw.to_vec();
            mutate(&mut hostile, &mut random);
            // A raw block of another length would move what stands behind it: such a page is cut or filled up.
            hostile.resize(raw.len(), 0xff);
            let stored = block::encode(page.offset, Codec::Raw, hostile.len() as u64, &hostile);
            if stored.len() == page.len as usize {
                let mut damaged = container.clone();
                damaged[page.offset as usize..page.end() as usize].copy_from_slice(&stored);
                probe(&damaged);
            }
        }
    }
}

#[test]
fn hostile_frames_with_right_checksums() {
    // Compressed blocks whose frames are changed before the checksum is made.
    let container = small();
    let mut random = Random(3);
    for block in all_blocks(&container) {
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
