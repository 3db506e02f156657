//! Rooms of the core, each by its own door: what stands behind the one that is fuzzed gets honest bytes, so that few inputs are
//! lost on the way to it. Checksums are set right; what libFuzzer would have to guess (a length, a sum) is made here.

use fonds::builder::{BuildOptions, Builder};
use fonds::collector::Sort;
use fonds::error::Result;
use fonds::format::block::{self, Blocks, Codec, MAX_RAW_LEN};
use fonds::format::container::Cut;
use fonds::format::header::{HEADER_LEN, VERSION};
use fonds::format::writer::ContainerWriter;
use fonds::format::{BlockRef, Container, Fetch, Header, Paging, Section};
use fonds::index::termdict::Separators;
use fonds::index::{IndexReader, Leaf, TermInfo, TermOrd, postings};
use fonds::searcher::{Answer, Archive, Filter, Match, SearchPage, SearchRequest};
use std::sync::OnceLock;

use super::{Parts, bytes_of, records};

/// Splits what an input says of how into single bytes; behind its end there are zeros.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end.max(1)
    }

    fn short(&mut self) -> usize {
        usize::from(self.byte()) << 8 | usize::from(self.byte())
    }
}

/// Any bytes as the root of a container and what stands behind it: the table of sections, its pages, the places in them.
///
/// The first byte says which version, the next two how long the root is.
pub fn container(data: &[u8]) {
    let mut choices = Choices(data);
    let (version, root_len) = (u32::from(choices.byte()) % VERSION + 1, choices.short());
    let (root, rest) = choices.0.split_at(root_len.min(choices.0.len()));
    let root = block::encode(HEADER_LEN as u64, Codec::Raw, root.len() as u64, root);
    let place = BlockRef { offset: HEADER_LEN as u64, len: root.len() as u32 };
    let start = place.end().next_multiple_of(3) as usize;
    let container_len = (start + rest.len()) as u64;
    let mut bytes = Header { version, container_len, root: place }.encode();
    bytes.extend(root);
    bytes.resize(start, 0);
    bytes.extend(rest);
    let Ok((container, ())) = Container::open(&bytes, |_| Ok(())) else { return };
    for section in Section::ALL {
        let range = container.section_len(section);
        assert!(range <= container_len);
        let Some(places) = have(&container, &bytes, || container.places(section)) else { continue };
        assert_eq!(places.len(), container.num_blocks(section));
        // They may lie in each other, where pages lie: then no checksum is right but for one of them.
        for place in &places {
            assert!(place.offset >= start as u64 && place.end() <= container_len, "{place:?} lies outside");
            assert_eq!(container.section_at(place.offset), Some(section));
        }
        for ord in [0, places.len().saturating_sub(1), places.len()] {
            have(&container, &bytes, || container.block(section, ord));
        }
        for range in [0..1, 5..container.cut.block_len + 3] {
            let stream = have(&container, &bytes, || container.stream(section, range.clone()));
            assert!(stream.is_none_or(|stream| stream.len() as u64 == range.end - range.start));
        }
    }
    have(&container, &bytes, || container.others());
}

/// Asks a container until it answers, with its own bytes, of which every checksum is set right on the way; `None` on an error.
fn have<T>(container: &Container, bytes: &[u8], question: impl Fn() -> Fetch<T>) -> Option<T> {
    for _ in 0..10_000 {
        match question() {
            Ok(Some(answer)) => return Some(answer),
            Err(_) => return None,
            Ok(None) => {}
        }
        let wanted = container.take_wanted();
        assert!(!wanted.is_empty(), "what needs nothing must answer");
        for block in wanted {
            if container.supply(block.offset, &checked(bytes_of(bytes, block), block.offset)).is_err() {
                container.lose(block.offset, "refused");
            }
        }
    }
    panic!("the container asks without end");
}

/// The bytes of a block with the checksum that they should have there.
fn checked(bytes: &[u8], offset: u64) -> Vec<u8> {
    let rest = bytes.get(4..).unwrap_or_default();
    let checksum = fonds::format::checksum::crc32c(&[&offset.to_le_bytes(), rest]);
    [&checksum.to_le_bytes(), rest].concat()
}

/// Any bytes as a block behind its checksum, and as a dictionary before it: codec, length, payload.
///
/// The first two bytes say how long the dictionary is; 0 is the one of a real archive.
pub fn blocks(data: &[u8]) {
    const AT: u64 = 300;
    let mut choices = Choices(data);
    let dictionary_len = choices.short();
    let (dictionary, block) = choices.0.split_at(dictionary_len.min(choices.0.len()));
    let needs_dictionary = block.first() == Some(&(Codec::ZstdDict as u8));
    let dictionary = if dictionary.is_empty() && needs_dictionary { real_dictionary() } else { dictionary };
    let blocks = Blocks::default();
    let kept = block::encode(30_000_000, Codec::Raw, dictionary.len() as u64, dictionary);
    let place = BlockRef { offset: 30_000_000, len: kept.len() as u32 };
    blocks.set_dictionary(place);
    blocks.supply(place.offset, &kept).unwrap();
    let block = checked(&[&[0; 4], block].concat(), AT);
    if blocks.supply(AT, &block).is_err() {
        return;
    }
    let wanted = BlockRef { offset: AT, len: block.len() as u32 };
    if let Ok(raw) = blocks.get(wanted) {
        let raw = raw.expect("block and dictionary are here");
        assert!(raw.len() as u64 <= MAX_RAW_LEN);
        assert_eq!(blocks.get(wanted).unwrap().as_deref(), Some(&*raw));
    }
}

/// The dictionary of the store of an archive that has one.
fn real_dictionary() -> &'static [u8] {
    static DICTIONARY: OnceLock<Vec<u8>> = OnceLock::new();
    DICTIONARY.get_or_init(|| {
        let is_dictionary = |(section, _): &&(Section, Vec<u8>)| *section == Section::StoreDictionary;
        let parts = Parts::of(&with_dictionary());
        parts.blocks.iter().find(is_dictionary).expect("so many texts have a dictionary").1.clone()
    })
}

/// An archive with texts enough for a dictionary of its store.
fn with_dictionary() -> Vec<u8> {
    let mut builder = Builder::new(BuildOptions::default());
    for number in 0..1500u32 {
        let word = |word: u32| format!("w{} ", number.wrapping_mul(7919).wrapping_add(word * word * 31) % 997);
        let text = format!("the storm hit the harbour {}", (0..110).map(word).collect::<String>());
        builder.add(&fonds::Record { text, ..fonds::Record::default() });
    }
    builder.finish().unwrap().container
}

/// Any bytes in the place of a block of the dictionary: a leaf, what separates leaves, or, by the door of the reader, both.
pub fn dictionary(data: &[u8]) {
    let mut choices = Choices(data);
    match choices.byte() % 4 {
        0 => leaf(choices.0, Cut::FIRST),
        1 => leaf(choices.0, Cut { version: VERSION, block_len: 1 << 14 }),
        2 => {
            let Ok(separators) = Separators::decode(choices.0) else { return };
            for key in [&b""[..], b"storm", b"\xff", choices.0] {
                let place = separators.place_of(key);
                assert!(!separators.is_empty() || place.is_none());
            }
        }
        _ => {
            let mut parts = paged_parts();
            replace(&mut parts, &[Section::Terms], &mut choices);
            let bytes = parts.assemble();
            let Ok(archive) = Archive::open(&bytes) else { return };
            let (container, index) = (archive.container(), archive.index());
            let have = |question: &dyn Fn() -> Fetch<usize>| have(container, &bytes, question).unwrap_or_default();
            assert!(index.leaf(container, usize::MAX).is_err());
            for form in ["storm", "s", "", "harbour", "a", "\u{fffd}", "zz"] {
                let num_entries = have(&|| Ok(index.entries(container, form)?.map(|entries| entries.len())));
                let num_begun = have(&|| Ok(index.entries_with_prefix(container, form)?.map(|entries| entries.len())));
                assert!(num_entries <= 512 && num_begun <= parts.blocks.len() * 512);
                have(&|| Ok(index.prefix_docs(container, form)?.map(|docs| docs.len())));
                have(&|| Ok(index.prefix_ends(container, form)?.map(|ends| ends.map_or(0, |(first, _)| first.leaf()))));
            }
        }
    }
}

/// What is accepted as a leaf keeps the promises that searches rest on.
fn leaf(bytes: &[u8], cut: Cut) {
    let Ok(leaf) = Leaf::decode(bytes, cut) else { return };
    for place in 0..leaf.len() {
        let form = leaf.form(place);
        let first = leaf.lower_bound(form.as_bytes());
        assert!(first <= place && leaf.form(first) == form);
        assert!(leaf.with_prefix(form).contains(&place));
        let _ = leaf.prefix(form);
        if let Ok(entry) = leaf.entry(3, place) {
            let info = leaf.info(3, place);
            assert_eq!((entry.form.as_str(), entry.lang, &entry.info), (form, leaf.lang(place), &info));
            assert!(info.postings.start <= info.postings.end && info.positions.start <= info.positions.end);
        }
    }
    assert!(leaf.entry(0, leaf.len()).is_err());
}

/// Any bytes as the postings, weights and positions of an entry, and as the list of a prefix.
///
/// The first two bytes say how many records have the entry, the next how many there are, the next two how long its postings are.
pub fn postings_of_an_entry(data: &[u8]) {
    let mut choices = Choices(data);
    let (doc_freq, num_docs, len) = (choices.short() as u32, u32::from(choices.byte()) * 300, choices.short());
    let (list, positions) = choices.0.split_at(len.min(choices.0.len()));
    if let Ok(docs) = postings::decode(list, doc_freq, num_docs) {
        assert_eq!(docs.len(), doc_freq as usize);
        assert!(docs.is_sorted_by(|a, b| a < b) && docs.last().is_none_or(|last| *last < num_docs));
        let mut again = Vec::new();
        postings::encode(&docs, &mut again);
        assert_eq!(postings::decode(&again, doc_freq, num_docs), Ok(docs));
    }
    let mut out = ContainerWriter::default();
    out.push_raw(Section::Postings, list.to_vec());
    out.push_raw(Section::Positions, positions.to_vec());
    out.push_raw(Section::Weights, list.to_vec());
    let Ok(bytes) = out.finish(Vec::new()) else { return };
    let (container, ()) = Container::open(&bytes, |_| Ok(())).unwrap();
    let index = IndexReader::new(fonds::index::IndexRoot::default(), num_docs);
    let info = TermInfo {
        ord: TermOrd(0),
        doc_freq,
        postings: 0..list.len() as u64,
        weights: 0..u64::from(doc_freq),
        positions: 0..positions.len() as u64,
    };
    let docs = have(&container, &bytes, || index.docs(&container, &info));
    have(&container, &bytes, || index.weights(&container, &info));
    assert!(docs.is_none_or(|docs| docs.len() == doc_freq as usize));
    let every: Vec<usize> = (0..doc_freq as usize).collect();
    for wanted in [every.as_slice(), every.get(every.len() / 2..).unwrap_or_default(), &[0]] {
        // Blocks that are missing are asked for before anything is visited, so that nothing is visited twice.
        let found = std::cell::RefCell::new(Vec::new());
        let visited = have(&container, &bytes, || {
            found.borrow_mut().clear();
            index.positions(&container, &info, wanted, &mut |place, at| found.borrow_mut().push((place, at)))
        });
        if visited.is_some() {
            let found = found.into_inner();
            assert!(found.iter().all(|(place, at)| *place < wanted.len() && *at > 0));
            assert!(found.is_sorted(), "positions ascend within a posting, and postings do");
        }
    }
}

/// Any bytes in the place of a block of a column: dates, numbers, facets, uids, records; or of all that the root says of them.
///
/// The first two bytes say which block.
pub fn columns(data: &[u8]) {
    const SECTIONS: [Section; 6] =
        [Section::Uids, Section::Times, Section::FacetValues, Section::FacetColumns, Section::Store, Section::Numbers];
    let mut parts = paged_parts();
    let mut choices = Choices(data);
    if choices.byte() % 8 == 7 {
        parts.root = choices.0.to_vec();
    } else {
        replace(&mut parts, &SECTIONS, &mut choices);
    }
    let bytes = parts.assemble();
    let Ok(archive) = Archive::open(&bytes) else { return };
    let (container, root) = (archive.container(), archive.root());
    let docs: Vec<u32> = (0..archive.num_docs().min(200)).collect();
    if let Some(moments) = have(container, &bytes, || root.times.moments(container, &docs)) {
        assert_eq!(moments.len(), docs.len());
    }
    for seconds in [i64::MIN, 0, 1_717_236_000, i64::MAX] {
        have(container, &bytes, || root.times.first_at_or_after(container, seconds));
    }
    for numbers in root.numbers.iter().take(20) {
        if let Some(found) = have(container, &bytes, || numbers.numbers(container, &docs)) {
            assert_eq!(found.len(), docs.len());
        }
        let _ = numbers.typed("3..4.5");
    }
    for facet in root.facets.iter().take(20) {
        have(container, &bytes, || facet.first_values(container, 300));
        have(container, &bytes, || facet.value(container, 0));
        have(container, &bytes, || {
            facet.visit(container, &docs, |doc, values| {
                assert!(docs.contains(&doc) && values.iter().all(|value| *value < facet.num_values));
            })
        });
    }
    for doc in docs.iter().step_by(13).copied().chain([u32::MAX]) {
        if let Some(record) = have(container, &bytes, || root.store.record(container, doc)) {
            assert!(record.spans.iter().all(|span| record.text.get(span.range.clone()).is_some()));
        }
    }
    for uid in ["notes/1", "", "~", "notes/x9"] {
        let found = have(container, &bytes, || root.uids.find(container, &root.store, uid));
        assert!(found.flatten().is_none_or(|doc| doc < archive.num_docs()));
    }
}

/// Puts what is left of an input in the place of a block of one of these sections.
fn replace(parts: &mut Parts, sections: &[Section], choices: &mut Choices<'_>) {
    let places: Vec<usize> =
        (0..parts.blocks.len()).filter(|place| sections.contains(&parts.blocks[*place].0)).collect();
    let place = places[choices.below(places.len())];
    parts.blocks[place].1 = choices.0.to_vec();
}

/// The small archive, with nodes, pages and lists of prefixes, taken apart.
fn paged_parts() -> Parts {
    static PARTS: OnceLock<Parts> = OnceLock::new();
    PARTS.get_or_init(|| Parts::of(paged())).clone()
}

fn paged() -> &'static [u8] {
    static CONTAINER: OnceLock<Vec<u8>> = OnceLock::new();
    CONTAINER.get_or_init(|| {
        let paging = Paging { in_root: 1, per_page: 3, prefix_len: 40 };
        let mut builder = Builder::new(BuildOptions { paging, ..BuildOptions::default() });
        records().iter().for_each(|record| builder.add(record));
        builder.finish().unwrap().container
    })
}

/// Any question, and any manner in which the blocks come that it needs: late, twice, lost, damaged, at a wrong place, forgotten.
///
/// An input is the query up to the first line end, then bytes that choose: eight for the rest of the question, and one for each
/// block that is asked for. What is answered is what the same archive answers to whoever hands over all blocks at once; where
/// some are lost, totals that are said to be exact are the same; and once they are found, all is.
pub fn search_loop(data: &[u8]) {
    let line_end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len()).min(300);
    let (query, rest) = data.split_at(line_end);
    let mut choices = Choices(rest.get(1..).unwrap_or_default());
    let request = request(&String::from_utf8_lossy(query), &mut choices);
    let bytes = paged();
    let expected = at_once(&Archive::open(bytes).unwrap(), bytes, &request);

    let archive = Archive::open(bytes).unwrap();
    let other = SearchRequest { query: "storm h".into(), typing: true, limit: 3, ..SearchRequest::default() };
    let mut lost = Vec::new();
    let found = loop {
        let wanted = match archive.search(&request) {
            Ok(Answer::Need(wanted)) => wanted,
            Ok(Answer::Ready(page)) => break Ok(page),
            Ok(Answer::Beyond) => panic!("the program has every feature"),
            Err(error) => break Err(error),
        };
        assert!(!wanted.is_empty(), "an archive that needs nothing must answer");
        // What is held back, and not lost, comes once the input has nothing more to say.
        for block in &wanted {
            hand_over(&archive, bytes, *block, choices.byte(), &mut lost);
        }
        if choices.byte() % 8 == 1 {
            let _ = archive.search(&other);
        }
    };
    match found {
        Ok(page) if lost.is_empty() => assert_eq!(Ok(page), expected),
        Ok(page) => {
            if let (true, Ok(expected)) = (page.exact, &expected) {
                assert_eq!((page.total, page.relaxed), (expected.total, expected.relaxed), "{request:?}");
            }
        }
        Err(error) => assert!(!lost.is_empty() || expected.as_ref() == Err(&error), "{error}"),
    }
    assert!(archive.loaded_len() < 1 << 22, "a small archive takes little");
    lost.iter().for_each(|offset| archive.forget_lost(*offset));
    assert_eq!(at_once(&archive, bytes, &request), expected, "what was lost has come, and the answer is another");
}

/// Hands over a block, or does something else with it.
fn hand_over(archive: &Archive, bytes: &[u8], block: BlockRef, how: u8, lost: &mut Vec<u64>) {
    let own = bytes_of(bytes, block);
    match how % 16 {
        1 => {}
        2 => {
            archive.lose(block.offset, "it never arrived");
            lost.push(block.offset);
        }
        3 => {
            let mut damaged = own.to_vec();
            damaged[usize::from(how / 16) % own.len()] ^= 1 << (how / 16 % 8);
            archive.supply(block.offset, &damaged).expect_err("a bit is another");
        }
        4 => {
            archive.supply(block.offset, own).unwrap();
            archive.lose(block.offset, "it seemed lost");
            archive.forget_lost(block.offset);
            archive.supply(block.offset, own).unwrap();
        }
        5 => {
            archive.supply(block.offset + 3, own).expect_err("it stands elsewhere");
            archive.supply(block.offset, &own[..own.len() - 1]).expect_err("it is cut");
            archive.supply(block.offset, own).unwrap();
        }
        6 => {
            archive.set_budget(usize::from(how / 16) * 100);
            archive.supply(block.offset, own).unwrap();
        }
        _ => {
            archive.supply(block.offset, own).unwrap();
            archive.supply(block.offset, own).unwrap();
        }
    }
}

/// The answer when every block that is asked for comes.
fn at_once(archive: &Archive, bytes: &[u8], request: &SearchRequest) -> Result<SearchPage> {
    for _ in 0..1000 {
        match archive.search(request)? {
            Answer::Ready(page) => return Ok(page),
            Answer::Beyond => panic!("the program has every feature"),
            Answer::Need(wanted) => {
                wanted.into_iter().for_each(|block| archive.supply(block.offset, bytes_of(bytes, block)).unwrap());
            }
        }
    }
    panic!("the archive asks without end");
}

fn request(query: &str, choices: &mut Choices<'_>) -> SearchRequest {
    let flags = choices.byte();
    let period = |byte: u8| (byte % 4 == 1).then(|| format!("2024-{:02}", byte / 4 % 12 + 1).parse().unwrap());
    let filters = [("author", "marta"), ("tag", "storm"), ("lang", "en"), ("month", "2024-05"), ("kind", "post")];
    let filter = choices.byte();
    SearchRequest {
        query: query.to_owned(),
        typing: flags & 1 != 0,
        literal: flags & 2 != 0,
        sort: match choices.below(3) {
            0 => Sort::New,
            1 => Sort::Old,
            _ => Sort::Relevance,
        },
        matching: match choices.below(3) {
            0 => Match::All,
            1 => Match::Any,
            _ => Match::AllOrAny,
        },
        filters: filters
            .iter()
            .enumerate()
            .filter(|(place, _)| filter & 1 << place != 0)
            .map(|(_, (facet, value))| Filter {
                facet: (*facet).into(),
                value: (*value).into(),
                exclude: filter & 0x80 != 0,
            })
            .collect(),
        from: period(choices.byte()),
        to: period(choices.byte()),
        offset: choices.below(4),
        limit: choices.below(40),
        facet_limit: if flags & 4 != 0 { 20 } else { 0 },
        suggestions: usize::from(flags & 8 != 0),
        zoom: None,
        scan_limit: 0,
    }
}

/// What a target of this room begins with: honest bytes, from which libFuzzer goes on.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let parts = paged_parts();
    let of = |sections: &[Section]| -> Vec<Vec<u8>> {
        parts.blocks.iter().filter(|(section, _)| sections.contains(section)).map(|(_, raw)| raw.clone()).collect()
    };
    match target {
        "container" => [super::small(), paged().to_vec()].iter().map(|bytes| container_seed(bytes)).collect(),
        "blocks" => {
            let (small, large) = (super::small(), with_dictionary());
            let frames = [&small, &large].into_iter().flat_map(|bytes| {
                let archive = Archive::open(bytes).unwrap();
                let places = |section| archive.container().places_in(bytes, section).unwrap();
                let places: Vec<BlockRef> = Section::ALL.into_iter().flat_map(places).collect();
                places.into_iter().map(|place| [&[0, 0], &bytes_of(bytes, place)[4..]].concat())
            });
            frames.filter(|frame| frame.len() < 3000).take(80).collect()
        }
        "dictionary" => {
            let terms = of(&[Section::Terms]);
            let prefixed = |first: u8| terms.iter().map(move |raw| [&[first], raw.as_slice()].concat());
            (0..3)
                .flat_map(prefixed)
                .chain((0..).zip(&terms).map(|(place, raw)| [&[3, place], raw.as_slice()].concat()))
                .collect()
        }
        "postings" => {
            let lists = [vec![0, 1, 2, 3], (0..300).collect::<Vec<u32>>(), vec![7], vec![1, 40, 9000]];
            lists.iter().map(|docs| postings_seed(docs)).collect()
        }
        "columns" => {
            let sections: Vec<Section> = Section::ALL
                .into_iter()
                .filter(|section| {
                    !matches!(
                        section,
                        Section::Terms
                            | Section::Postings
                            | Section::Prefixes
                            | Section::Weights
                            | Section::Positions
                            | Section::StoreDictionary
                            | Section::Table
                    )
                })
                .collect();
            let blocks = (0..).zip(of(&sections)).map(|(place, raw)| [&[0, place], raw.as_slice()].concat());
            blocks.chain([[&[7], parts.root.as_slice()].concat()]).collect()
        }
        "search_loop" => super::questions()
            .into_iter()
            .map(|question| question.query)
            .chain(
                ["/st.rm/ -x", "*arbou*", "storn", "a sort:old match:any fold:copies", "\"storm hit\" OR (a -b)"]
                    .map(str::to_owned),
            )
            .flat_map(|query| {
                [&[][..], &[13, 0, 2, 0, 0, 0, 0, 10], &[5, 1, 0, 1, 1, 0, 0, 30, 1, 2, 3, 4, 5, 6, 0, 1, 19, 2]]
                    .map(|how| [query.as_bytes(), b"\n", how].concat())
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// A container as [`container`] takes it: version, length of the root, the root, the rest.
fn container_seed(bytes: &[u8]) -> Vec<u8> {
    let header = Header::decode(bytes).unwrap();
    let blocks = Blocks::default();
    blocks.supply(header.root.offset, bytes_of(bytes, header.root)).unwrap();
    let root = blocks.get(header.root).unwrap().unwrap();
    // Of the root, what stands before the table is not read there, and of the container the blocks but the table's pages are.
    let head = Archive::open(bytes).unwrap().root().encode().len();
    let table = &root[head..];
    let rest = &bytes[header.root.end().next_multiple_of(3) as usize..];
    let (high, low) = ((table.len() >> 8) as u8, table.len() as u8);
    [&[(header.version - 1) as u8, high, low], table, rest].concat()
}

/// An entry of these records, each of which has it at its first and third word.
fn postings_seed(docs: &[u32]) -> Vec<u8> {
    let (mut list, mut positions, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    postings::encode(docs, &mut list);
    for (place, _) in docs.iter().enumerate() {
        if place > 0 && place % fonds::index::positions::GROUP == 0 {
            ends.push(positions.len() as u32);
        }
        fonds::index::positions::encode_posting(&[1, 3], &mut positions);
    }
    let table = fonds::index::positions::encode_table(&ends);
    let short = |number: usize| [(number >> 8) as u8, number as u8];
    [&short(docs.len())[..], &[40], &short(list.len()), &list, &table, &positions].concat()
}
