//! Several archives searched as one: whatever the records, the request and the way in which they are split, the answers are those
//! of one archive of the same records. That one is held against a plain scan elsewhere (`oracle`).

use std::collections::{BTreeMap, BTreeSet};

use fonds::Record;
use fonds::collector::Sort;
use fonds::error::Result;
use fonds::format::writer::frame;
use fonds::format::{BlockRef, Section};
use fonds::index::writer::num_words;
use fonds::ingest::parse_date;
use fonds::query::DocSet;
use fonds::searcher::{Answer, Archive, Hidden, Hit, Library, PostRequest, SearchPage, SearchRequest, Shown};
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::oracle::{records, requests};
use crate::support::{Driver, MANNERS, Manner, build_in, dated, post, request, uids};

/// Segments and what newer ones hide of them.
#[derive(Debug, Default)]
struct Parts {
    containers: Vec<Vec<u8>>,
    hidden: Vec<Hidden>,
    manner: Manner,
    /// Places of blocks among all segments that never arrive.
    lost: BTreeSet<u64>,
}

impl Parts {
    /// Segments of these records; those that are marked are hidden.
    fn new(time_zone: &TimeZone, segments: &[Vec<(Record, bool)>]) -> Self {
        let mut parts = Self::default();
        for records in segments {
            let built = build_in(time_zone, records.iter().map(|(record, _)| record.clone()));
            let is_ghost = |record: &Record| {
                records.iter().any(|(ghost, hidden)| *hidden && ghost.id.is_some() && ghost.id == record.id)
            };
            let (mut docs, mut num_tokens) = (Vec::new(), 0);
            for (record, doc) in built.records.iter().map(Result::unwrap).zip(0..) {
                if is_ghost(&record) {
                    docs.push(doc);
                    num_tokens += num_words(record.title.as_deref().unwrap_or_default(), &record.text);
                }
            }
            parts.hidden.push(Hidden { docs: DocSet::from_sorted(docs), num_tokens, num_folded: 0 });
            parts.containers.push(built.container);
        }
        parts
    }

    fn open(&self) -> Library {
        let mut library = Library::open(&self.containers[0]).unwrap();
        self.containers[1..].iter().for_each(|container| library.append(container).unwrap());
        if self.hidden.iter().any(|hidden| !hidden.docs.is_empty()) {
            library.hide(&frame(0, &Hidden::encode(&self.hidden)).unwrap()).unwrap();
        }
        if self.manner == Manner::Beforehand {
            self.blocks().into_iter().for_each(|block| self.hand_over(&library, block));
        }
        library
    }

    fn blocks(&self) -> Vec<BlockRef> {
        let mut base = 0;
        let mut blocks = Vec::new();
        for container in &self.containers {
            let archive = Archive::open(container).unwrap();
            let places = |section: &Section| archive.container().places_in(container, *section).unwrap();
            let of = Section::ALL.iter().flat_map(places);
            blocks.extend(of.map(|block| BlockRef { offset: block.offset + base, ..block }));
            base += container.len() as u64;
        }
        blocks
    }

    fn hand_over(&self, library: &Library, block: BlockRef) {
        if self.lost.contains(&block.offset) {
            library.lose(block.offset, "the block never arrived");
            return;
        }
        let (start, end) = (block.offset as usize, block.end() as usize);
        library.supply(block.offset, &self.containers.concat()[start..end]).unwrap();
    }

    fn ask<T>(&self, library: &Library, question: impl Fn(&Library) -> Result<Answer<T>>) -> Result<T> {
        for _ in 0..10_000 {
            let wanted = match question(library)? {
                Answer::Ready(answer) => return Ok(answer),
                Answer::Beyond => panic!("the program has every feature"),
                Answer::Need(wanted) => wanted,
            };
            assert!(!wanted.is_empty(), "a library that needs nothing must answer");
            let chosen: Vec<BlockRef> = match self.manner {
                Manner::AtOnce | Manner::Beforehand => wanted,
                Manner::OneByOne => wanted[..1].to_vec(),
                Manner::LastFirst => wanted[wanted.len() - 1..].to_vec(),
                Manner::Reversed => wanted.into_iter().rev().collect(),
                Manner::Repeated => wanted.iter().chain(&wanted).copied().collect(),
            };
            chosen.into_iter().for_each(|block| self.hand_over(library, block));
        }
        panic!("the library asks without end");
    }

    fn search(&self, library: &Library, request: &SearchRequest) -> Result<SearchPage> {
        self.ask(library, |library| library.search(request))
    }
}

/// A page without what differs between one archive and several: numbers of records, and the order of facets.
fn plain(mut page: SearchPage) -> SearchPage {
    for hit in &mut page.hits {
        hit.doc = 0;
    }
    page.facets.sort_by(|a, b| a.name.cmp(&b.name));
    for facet in &mut page.facets {
        // Values that are asked for, and in no hit, stand in no particular order.
        let known = facet.values.iter().position(|value| value.count == 0).unwrap_or(facet.values.len());
        facet.values[known..].sort_by(|a, b| a.value.cmp(&b.value));
    }
    page
}

fn check_page(
    request: &SearchRequest,
    found: SearchPage,
    expected: SearchPage,
) -> std::result::Result<(), TestCaseError> {
    let (found, expected) = (plain(found), plain(expected));
    prop_assert_eq!(found.total, expected.total, "total of {:?}", request);
    prop_assert_eq!(uids(&found), uids(&expected), "hits of {:?}", request);
    prop_assert_eq!(&found.timeline, &expected.timeline, "timeline of {:?}", request);
    for (found, expected) in found.facets.iter().zip(&expected.facets) {
        prop_assert_eq!(found, expected, "facet of {:?}", request);
    }
    prop_assert_eq!(&found.hits, &expected.hits, "hits of {:?}", request);
    prop_assert_eq!(found, expected, "page of {:?}", request);
    Ok(())
}

fn in_zone(time_zone: &TimeZone, records: Vec<(Record, Option<&'static str>)>) -> Vec<Record> {
    let with_date = |(place, (record, date)): (usize, (Record, Option<&str>))| Record {
        date: date.map(|date| parse_date(date, time_zone).unwrap()),
        id: Some(place.to_string()),
        ..record
    };
    records.into_iter().enumerate().map(with_date).collect()
}

/// A word that was never seen finds those with its stem that begin as it does, and what is in a group with these. `ёж` is too short
/// to be among them, and only a word that is hidden leads to it.
#[test]
fn a_word_that_only_hidden_records_have_leads_to_nothing() {
    let record = |id: &str, text: &str| Record {
        id: Some(id.to_owned()),
        text: text.to_owned(),
        lang: Some("ru".to_owned()),
        ..Record::default()
    };
    let segments = [vec![(record("1", "ёж"), false), (record("2", "Ежи"), true)]];
    let parts = Parts::new(&TimeZone::UTC, &segments);
    let built = build_in(&TimeZone::UTC, [record("1", "ёж")]);
    let mut driver = Driver::new(&built.container);
    let archive = driver.open();
    for query in ["ежи", "ежами", "еж"] {
        let request = SearchRequest { query: query.to_owned(), ..SearchRequest::default() };
        let expected = driver.search(&archive, &request).unwrap();
        check_page(&request, parts.search(&parts.open(), &request).unwrap(), expected).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn segments_answer_as_one_build(
        records in records(),
        ghosts in records(),
        zone in select(&["UTC", "Europe/Berlin", "America/New_York"][..]),
        num_segments in 1..4usize,
        places in vec(0..4usize, 48),
        requests in vec(requests(), 16),
        manner in select(&MANNERS[..]),
        with_ghosts in any::<bool>(),
        at in any::<prop::sample::Index>(),
        context in 0..4u32,
    ) {
        let time_zone = TimeZone::get(zone).unwrap();
        let mut segments: Vec<Vec<(Record, bool)>> = vec![Vec::new(); num_segments];
        for (record, place) in in_zone(&time_zone, records).into_iter().zip(&places) {
            segments[place % num_segments].push((record, false));
        }
        if with_ghosts {
            for (ghost, place) in in_zone(&time_zone, ghosts).into_iter().zip(places.iter().rev()) {
                let id = ghost.id.map(|id| format!("ghost {id}"));
                segments[place % num_segments].push((Record { id, ..ghost }, true));
            }
        }
        let whole = segments.iter().flatten().filter(|(_, hidden)| !hidden).map(|(record, _)| record.clone());
        let built = build_in(&time_zone, whole);
        let parts = Parts { manner, ..Parts::new(&time_zone, &segments) };
        let library = parts.open();
        let mut driver = Driver::new(&built.container);
        let archive = driver.open();
        prop_assert_eq!(library.num_docs(), archive.num_docs());
        for request in &requests {
            let request = SearchRequest { suggestions: if with_ghosts { 0 } else { 3 }, ..request.clone() };
            let expected = driver.search(&archive, &request).unwrap();
            let found = parts.search(&library, &request).unwrap();
            // Names and values that only hidden records have are known still.
            if with_ghosts && expected.problem.is_some() {
                continue;
            }
            check_page(&request, found, expected)?;
        }

        let in_order: Vec<Record> = built.records.iter().map(Result::unwrap).collect();
        let docs = parts.ask(&library, Library::in_order).unwrap();
        let found: Vec<Record> = docs.iter().map(|doc| parts.ask(&library, |library| library.record(*doc)).unwrap()).collect();
        prop_assert_eq!(&found, &in_order);
        if !in_order.is_empty() {
            let uid = in_order[at.index(in_order.len())].uid.clone();
            let ask = PostRequest { uid, query: requests[0].query.clone(), typing: false, literal: false, context };
            let expected = driver.post(&archive, &ask).unwrap().unwrap();
            let found = parts.ask(&library, |library| library.post(&ask)).unwrap().unwrap();
            prop_assert_eq!(found.index, expected.index);
            let without_doc = |posts: Vec<_>| -> Vec<(Shown, _, _)> {
                posts.into_iter().map(|(_, shown, title, text): (u32, _, _, _)| (shown, title, text)).collect()
            };
            prop_assert_eq!(without_doc(found.posts), without_doc(expected.posts));
        }
        let nobody = PostRequest { uid: "notes/ghost 0".into(), ..PostRequest::default() };
        prop_assert_eq!(parts.ask(&library, |library| library.post(&nobody)).unwrap(), None);
    }

    /// Blocks that are lost cost what depends on them: a total is what it should be, or a bound and said to be one.
    #[test]
    fn what_is_lost_is_never_a_wrong_number(
        records in records(),
        num_segments in 2..4usize,
        requests in vec(requests(), 8),
        lost in vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let mut segments: Vec<Vec<(Record, bool)>> = vec![Vec::new(); num_segments];
        for (place, record) in in_zone(&TimeZone::UTC, records).into_iter().enumerate() {
            segments[place % num_segments].push((record, false));
        }
        let whole = segments.iter().flatten().map(|(record, _)| record.clone());
        let built = build_in(&TimeZone::UTC, whole);
        let mut parts = Parts::new(&TimeZone::UTC, &segments);
        let blocks = parts.blocks();
        prop_assume!(!blocks.is_empty());
        parts.lost = lost.iter().map(|lost| blocks[lost.index(blocks.len())].offset).collect();
        let library = parts.open();
        let mut driver = Driver::new(&built.container);
        let archive = driver.open();
        for request in &requests {
            let expected = driver.search(&archive, request).unwrap();
            let Ok(page) = parts.search(&library, request) else { continue };
            prop_assert!(page.total == expected.total || (!page.exact && page.total < expected.total), "{:?}\n{:?}\n{:?}", request, page, expected);
            let (page, expected) = (plain(page), plain(expected));
            let is_whole = page.exact && page.damage.is_empty();
            for facet in page.facets.iter().filter(|_| page.exact) {
                prop_assert!(expected.facets.contains(facet), "{:?}: {facet:?}\n{:?}\n{:?}\n{:?}", request, expected.facets, page, parts.lost.iter().map(|o| parts.blocks().iter().position(|b| b.offset==*o)).collect::<Vec<_>>());
            }
            if is_whole {
                prop_assert_eq!(&page.timeline, &expected.timeline);
            }
        }
    }
}

// Cases worked out by hand.

fn of(segments: &[Vec<Record>]) -> Parts {
    let records = |segment: &Vec<Record>| segment.iter().map(|record| (record.clone(), false)).collect();
    Parts::new(&TimeZone::UTC, &segments.iter().map(records).collect::<Vec<_>>())
}

fn texts(hits: &[Hit]) -> Vec<String> {
    hits.iter().map(|hit| hit.snippet.text.clone()).collect()
}

#[test]
fn forms_that_segments_have_apart_are_found_from_any_of_them() {
    let english = |id: &str, text: &str| Record { lang: Some("en".into()), id: Some(id.into()), ..post(text) };
    let parts = of(&[
        vec![english("1", "harbour"), english("2", "boats")],
        vec![english("3", "harbours boat")],
        vec![english("4", "harboured"), english("5", "a storm")],
    ]);
    let library = parts.open();
    for (query, expected) in [
        ("harbour", &["harbour", "harbours boat", "harboured"][..]),
        ("harbours", &["harbour", "harbours boat", "harboured"]),
        ("harbouring", &["harbour", "harbours boat", "harboured"]),
        ("=harbours", &["harbours boat"]),
        ("boat harbours", &["harbours boat"]),
        ("-boat", &["harbour", "harboured", "a storm"]),
    ] {
        let page = parts.search(&library, &request(query)).unwrap();
        assert_eq!(texts(&page.hits), expected, "{query}");
    }
    let forms = parts.search(&library, &request("boats")).unwrap().terms[0].forms.clone();
    assert_eq!(forms, [("boat".to_owned(), 1)]);
}

#[test]
fn the_most_frequent_value_of_all_may_be_first_in_no_segment() {
    let tagged = |id: String, tag: &str| Record { tags: vec![tag.into()], id: Some(id), ..post("a") };
    let segment = |place: usize| -> Vec<Record> {
        let own = (0..3).map(|i| tagged(format!("{place}.{i}"), &format!("own {place}")));
        own.chain((3..5).map(|i| tagged(format!("{place}.{i}"), "shared"))).collect()
    };
    let parts = of(&(0..3).map(segment).collect::<Vec<_>>());
    let page = parts.search(&parts.open(), &SearchRequest { facet_limit: 1, ..request("") }).unwrap();
    let tags = page.facets.iter().find(|facet| facet.name == "tag").unwrap();
    assert_eq!((tags.values[0].value.as_str(), tags.values[0].count, tags.num_values), ("shared", 6, 4));
}

#[test]
fn a_page_of_the_newest_needs_no_block_of_an_older_segment() {
    let month = |month: usize| -> Vec<Record> {
        (1..=20).map(|day| dated(&format!("{month}.{day}"), &format!("2024-{month:02}-{day:02}"), "a storm")).collect()
    };
    let parts = of(&[month(1), month(2), month(3)]);
    let library = parts.open();
    let newest = SearchRequest { limit: 10, facet_limit: 0, ..request("") };
    let start = library.segments()[2].base;
    match library.search(&newest).unwrap() {
        Answer::Need(blocks) => assert!(blocks.iter().all(|block| block.offset >= start), "{blocks:?}"),
        other => panic!("{other:?}"),
    }
    let page = parts.search(&library, &newest).unwrap();
    assert_eq!(page.total, 60);
    assert_eq!(uids(&page)[0], "notes/3.20");
}

#[test]
fn segments_of_different_time_zones_are_refused() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let other = build_in(&berlin, [post("a")]).container;
    let mut library = of(&[vec![post("b")]]).open();
    assert!(library.append(&other).unwrap_err().to_string().contains("time zones"));
}

#[test]
fn equal_dates_stand_in_the_order_of_the_segments() {
    let parts = of(&[
        vec![dated("1", "2024-06-15", "a"), dated("2", "2024-06", "a"), post("a undated")],
        vec![dated("3", "2024-06-15", "a"), dated("4", "2024-06-15T00:00:00Z", "a")],
    ]);
    let library = parts.open();
    let order = |sort| {
        let page = parts.search(&library, &SearchRequest { sort, ..request("a") }).unwrap();
        let numbers: BTreeMap<usize, String> = uids(&page).into_iter().enumerate().collect();
        numbers.into_values().map(|uid| uid.replace("notes/", "")).map(|uid| uid[..1].to_owned()).collect::<String>()
    };
    assert_eq!(order(Sort::Old), "2134~");
    assert_eq!(order(Sort::New), "4312~");
}
