//! An archive of which only a part is there: answers depend on what is there, never on when and how it came.

use std::sync::OnceLock;

use fonds::Record;
use fonds::builder::Built;
use fonds::collector::Sort;
use fonds::error::ErrorKind;
use fonds::format::{BlockRef, Paging, Section};
use fonds::searcher::{Answer, Archive, Filter, PostRequest, SearchPage, SearchRequest, Shown};
use jiff::tz::TimeZone;

use crate::fuzz::Random;
use crate::support::{Driver, MANNERS, Manner, build_paged, dated, request, search};

/// Most times that an archive may ask for blocks before it answers: terms, postings, lengths of groups, positions, columns of
/// filters, what is counted, records, and one to spare. Each time costs the page a journey to the server.
const MAX_ROUNDS: usize = 8;

/// The same where the root has neither the places of all blocks nor the separators of all leaves.
const MAX_ROUNDS_LARGE: usize = 13;

/// Enough text for several blocks of every large section, and for a dictionary.
fn fixture() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| paged(Paging { prefix_len: 10_000, ..Paging::default() }))
}

/// The same as an archive a thousand times as large has it: pages of the section table, and nodes of the dictionary.
fn large_fixture() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| paged(Paging { in_root: 2, per_page: 20, prefix_len: 1000 }))
}

fn paged(paging: Paging) -> Built {
    let mut random = Random(7);
    let words: Vec<String> = (0..1500).map(|i| format!("w{}", i * 7919 % 10_007)).collect();
    let records = (0..5000).map(|i| {
        let mut text = String::from(if i % 3 == 0 { "the storm hit the harbour" } else { "the harbour and no storm" });
        for _ in 0..36 {
            text += " ";
            text += &words[random.below(words.len()).min(random.below(words.len()))];
        }
        let month = i / 110;
        let date = format!("{}-{:02}-{:02}", 2010 + month / 12, month % 12 + 1, i % 28 + 1);
        Record {
            author: Some(format!("author {}", i % 50)),
            lang: Some(["en", "de", "ru"][i % 3].into()),
            tags: vec![format!("tag{}", i % 7)],
            ..dated(&i.to_string(), &date, &text)
        }
    });
    build_paged(&TimeZone::UTC, paging, records)
}

fn filter(facet: &str, value: &str, exclude: bool) -> Filter {
    Filter { facet: facet.into(), value: value.into(), exclude }
}

/// Requests that between them touch every part of an archive.
fn requests() -> Vec<SearchRequest> {
    let page = |query: &str| SearchRequest { limit: 10, ..request(query) };
    vec![
        page(""),
        page("w7919"),
        page("w1*"),
        page("storm harbour"),
        SearchRequest { sort: Sort::Relevance, ..page("storm w79*") },
        page("\"storm hit\""),
        page("\"storm hit\" \"the harbour\" \"hit the\" w1*"),
        page("-\"storm hit\""),
        page("from:\"author 3\"* harbour -(length:<230 OR date:2010-03..2010-04) has:tag"),
        page("from:\"author 7\" \"storm hit\""),
        page("\"no storm\" OR (\"storm hit\" (w1* OR \"hit the\"))"),
        SearchRequest {
            from: Some("2011-02".parse().unwrap()),
            to: Some("2011-05-20".parse().unwrap()),
            sort: Sort::Old,
            ..page("storm")
        },
        SearchRequest {
            filters: vec![
                filter("author", "author 3", true),
                filter("author", "author 4", true),
                filter("lang", "en", true),
                filter("tag", "tag1", true),
                filter("year", "2010", true),
                filter("month", "2011-01", true),
                filter("tag", "tag2", false),
                filter("lang", "de", false),
            ],
            sort: Sort::Relevance,
            ..page("\"no storm\" harbour")
        },
    ]
}

#[test]
fn the_fixture_has_several_blocks_and_a_dictionary() {
    let archive = Archive::open(&fixture().container).unwrap();
    let count = |section| archive.container().num_blocks(section);
    assert_eq!(count(Section::StoreDictionary), 1);
    assert!(
        count(Section::Store) > 20
            && count(Section::Terms) > 1
            && count(Section::Postings) > 1
            && count(Section::Uids) > 1
    );
}

#[test]
fn answers_do_not_depend_on_the_manner_of_loading() {
    for (built, max_rounds) in [(fixture(), MAX_ROUNDS), (large_fixture(), MAX_ROUNDS_LARGE)] {
        for request in requests() {
            let expected = search(&built.container, &request);
            assert!(expected.total > 0, "{request:?}");
            for manner in MANNERS {
                let mut driver = Driver { manner, ..Driver::new(&built.container) };
                let archive = driver.open();
                assert_eq!(driver.search(&archive, &request).unwrap(), expected, "{manner:?}: {request:?}");
                let rounds = driver.rounds;
                if manner == Manner::AtOnce {
                    assert!(rounds <= max_rounds, "{rounds} rounds for {request:?}");
                }
                assert_eq!(driver.search(&archive, &request).unwrap(), expected);
                assert_eq!(driver.rounds, rounds, "an answer was asked for twice, and needed blocks again");
            }
        }
    }
}

#[test]
fn each_slice_of_a_scan_waits_for_its_own_blocks_alone() {
    let built = fixture();
    let request = request(r"/\bw\d+7 w\d+3\b/");
    let expected = search(&built.container, &request).total;
    let mut driver = Driver { manner: Manner::AtOnce, ..Driver::new(&built.container) };
    let archive = driver.open();
    let slice = SearchRequest { scan_limit: 250, ..request };
    let mut looked_at = 0;
    loop {
        let rounds = driver.rounds;
        let page = driver.search(&archive, &slice).unwrap();
        assert!(driver.rounds - rounds <= MAX_ROUNDS, "{} rounds for a slice", driver.rounds - rounds);
        let Some((scanned, all)) = page.scan.filter(|(scanned, all)| scanned < all) else {
            assert_eq!((page.total, page.exact), (expected, true));
            break;
        };
        assert_eq!(scanned, looked_at + 250, "of {all}");
        looked_at = scanned;
    }
}

#[test]
fn requests_that_take_turns_do_not_disturb_each_other() {
    let built = fixture();
    let requests = requests();
    let archive = Archive::open(&built.container).unwrap();
    let mut open: Vec<(usize, Option<SearchPage>)> = (0..requests.len()).map(|i| (i, None)).collect();
    for _ in 0..MAX_ROUNDS * requests.len() {
        for (i, page) in open.iter_mut().filter(|(_, page)| page.is_none()) {
            match archive.search(&requests[*i]).unwrap() {
                Answer::Ready(ready) => *page = Some(ready),
                Answer::Beyond => panic!("the program has every feature"),
                // Another request may have taken the list of what is needed; the answer to this one must not be lost by it.
                Answer::Need(wanted) => wanted.iter().for_each(|block| {
                    archive.supply(block.offset, crate::support::bytes_of(&built.container, *block)).unwrap();
                }),
            }
        }
    }
    for (i, page) in open {
        assert_eq!(page, Some(search(&built.container, &requests[i])));
    }
}

#[test]
fn an_archive_that_may_keep_nothing_answers_alike() {
    let built = fixture();
    let expected: Vec<SearchPage> = requests().iter().map(|request| search(&built.container, request)).collect();
    let mut rounds = Vec::new();
    for budget in [0, 100_000, 64 << 20] {
        let mut driver = Driver::new(&built.container);
        let archive = driver.open();
        archive.set_budget(budget);
        for _ in 0..2 {
            for (request, expected) in requests().iter().zip(&expected) {
                assert_eq!(driver.search(&archive, request).unwrap(), *expected, "{budget}: {request:?}");
            }
        }
        rounds.push(driver.rounds);
    }
    assert!(rounds[0] > rounds[1] && rounds[1] > rounds[2], "less memory is more asking: {rounds:?}");
}

#[test]
fn the_first_letter_of_a_word_asks_for_no_more_than_its_prefix() {
    // Of a word that no record holds forms are sought; of a letter that would be among all words that begin with it.
    for built in [fixture(), large_fixture()] {
        let asked_for = |query: &str, typing| {
            let mut driver = Driver { manner: Manner::OneByOne, ..Driver::new(&built.container) };
            let archive = driver.open();
            let page = driver.search(&archive, &SearchRequest { typing, limit: 10, ..request(query) }).unwrap();
            (page.total, driver.rounds)
        };
        let typed = asked_for("w", true);
        assert!(typed.0 > 0);
        assert_eq!(typed, asked_for("w*", false));
    }
}

fn blocks(section: Section) -> Vec<BlockRef> {
    let container = &fixture().container;
    Archive::open(container).unwrap().container().places_in(container, section).unwrap()
}

/// Numbers of the hits of a page, those that are damaged apart.
fn hits(page: &SearchPage) -> (Vec<u32>, Vec<u32>) {
    let (whole, damaged): (Vec<_>, Vec<_>) = page.hits.iter().partition(|hit| matches!(hit.record, Shown::Whole(_)));
    (whole.iter().map(|hit| hit.doc).collect(), damaged.iter().map(|hit| hit.doc).collect())
}

#[test]
fn a_lost_block_of_the_store_costs_its_records_and_nothing_else() {
    let built = fixture();
    let store = blocks(Section::Store);
    for corrupted in [false, true] {
        let bad = [store[3].offset, store[11].offset].into();
        let mut driver = Driver::new(&built.container);
        if corrupted {
            driver.corrupted = bad;
        } else {
            driver.lost = bad;
        }
        for query in ["", "storm", "w1*", "-w7919"] {
            let archive = driver.open();
            let everything = SearchRequest { limit: usize::MAX, ..request(query) };
            let whole = search(&built.container, &everything);
            let page = driver.search(&archive, &everything).unwrap();
            assert_eq!((page.total, page.exact), (whole.total, true), "{query}");
            assert_eq!((&page.facets, &page.timeline), (&whole.facets, &whole.timeline));
            assert_eq!(page.damage, Vec::<String>::new());
            assert_eq!(page.hits.len(), whole.hits.len());
            let (_, damaged) = hits(&page);
            assert!(!damaged.is_empty() && damaged.len() < 120, "{} damaged", damaged.len());
            for (found, expected) in page.hits.iter().zip(&whole.hits) {
                assert_eq!(found.doc, expected.doc);
                match &found.record {
                    Shown::Whole(_) => assert_eq!(found, expected),
                    Shown::Damaged(why) => assert!(why.contains("section store"), "{why}"),
                }
            }
        }
        // So it is with phrases: the index knows where words stand.
        for query in ["\"storm hit\"", "-\"no storm\" harbour", "harbour -(w1* OR \"no storm\")"] {
            let whole = search(&built.container, &request(query));
            let page = driver.search(&driver.open(), &request(query)).unwrap();
            assert_eq!((page.total, page.exact, &page.facets), (whole.total, true, &whole.facets), "{query}");
        }
    }
}

#[test]
fn a_lost_dictionary_costs_the_texts_but_no_count() {
    let built = fixture();
    let mut driver = Driver::new(&built.container);
    driver.lost = [blocks(Section::StoreDictionary)[0].offset].into();
    let archive = driver.open();
    let page = driver.search(&archive, &request("storm")).unwrap();
    let whole = search(&built.container, &request("storm"));
    assert_eq!((page.total, page.exact), (whole.total, true));
    assert!(page.hits.iter().all(|hit| matches!(&hit.record, Shown::Damaged(why) if why.contains("store-dictionary"))));
    assert!(driver.search(&archive, &request("\"storm hit\"")).unwrap().exact);
}

#[test]
fn a_lost_block_of_the_index_is_named_and_costs_only_what_needs_it() {
    let built = fixture();
    let expected: Vec<SearchPage> = requests().iter().map(|request| search(&built.container, request)).collect();
    // The root of this one lists every block: it has no pages of the table.
    let other = [Section::Store, Section::StoreDictionary, Section::Table];
    let index = Section::ALL.into_iter().filter(|section| !other.contains(section));
    for section in index {
        let (mut failed, mut answered) = (0, 0);
        for block in blocks(section).into_iter().take(3) {
            let mut driver = Driver::new(&built.container);
            driver.lost = [block.offset].into();
            let archive = driver.open();
            for (request, whole) in requests().iter().zip(&expected) {
                match driver.search(&archive, request) {
                    Ok(page) => {
                        answered += 1;
                        if page.damage.is_empty() {
                            assert_eq!(page, *whole);
                        } else {
                            assert!(page.damage.iter().all(|why| why.contains(section.name())), "{:?}", page.damage);
                            let beside = SearchPage {
                                facets: whole.facets.clone(),
                                timeline: whole.timeline.clone(),
                                damage: Vec::new(),
                                ..page
                            };
                            assert_eq!(beside, *whole);
                        }
                    }
                    Err(error) => {
                        failed += 1;
                        assert_eq!((error.section, error.offset), (Some(section.name()), Some(block.offset)));
                        assert!(matches!(error.kind, ErrorKind::Lost(_)));
                    }
                }
            }
        }
        // Uids are asked for by posts alone, and lists of prefixes only save reading; every other section is needed by some search.
        assert_eq!(failed > 0, ![Section::Uids, Section::Prefixes].contains(&section), "{section:?}");
        assert!(answered > 0, "{section:?}");
    }
}

#[test]
fn a_lost_page_of_the_table_is_named_and_costs_only_what_it_lists() {
    let built = large_fixture();
    let archive = Archive::open(&built.container).unwrap();
    let pages = archive.container().places_in(&built.container, Section::Table).unwrap();
    assert!(pages.len() > 2);
    let expected: Vec<SearchPage> = requests().iter().map(|request| search(&built.container, request)).collect();
    let (mut failed, mut answered) = (0, 0);
    for page in pages.into_iter().step_by(5) {
        let mut driver = Driver::new(&built.container);
        driver.lost = [page.offset].into();
        let archive = driver.open();
        for (request, whole) in requests().iter().zip(&expected) {
            match driver.search(&archive, request) {
                Ok(found) => {
                    answered += 1;
                    assert_eq!(found.total, whole.total);
                    assert!(found.damage.iter().all(|why| why.contains("table")), "{:?}", found.damage);
                }
                Err(error) => {
                    failed += 1;
                    assert_eq!((error.section, error.offset), (Some("table"), Some(page.offset)));
                }
            }
        }
    }
    assert!(failed > 0 && answered > 0);
}

#[test]
fn posts_are_found_while_other_uids_are_lost() {
    let built = fixture();
    let uids = blocks(Section::Uids);
    let mut driver = Driver::new(&built.container);
    driver.lost = [uids[1].offset].into();
    let archive = driver.open();
    let (mut shown, mut lost) = (0, 0);
    for record in built.records.iter().map(Result::unwrap).step_by(97) {
        match driver.post(&archive, &PostRequest { uid: record.uid.clone(), context: 1, ..PostRequest::default() }) {
            Ok(view) => {
                let view = view.unwrap();
                assert_eq!(view.posts[view.index].1, Shown::Whole(Box::new(record.clone())));
                shown += 1;
            }
            Err(error) => {
                assert_eq!(error.section, Some("uids"));
                lost += 1;
            }
        }
    }
    assert!(shown > 5 && lost > 5);
}

#[test]
fn a_post_in_a_lost_block_is_shown_as_damaged_among_its_neighbours() {
    let built = fixture();
    let mut driver = Driver::new(&built.container);
    driver.lost = [blocks(Section::Store)[5].offset].into();
    let archive = driver.open();
    let page = driver.search(&archive, &SearchRequest { limit: usize::MAX, ..request("") }).unwrap();
    let doc = *hits(&page).1.iter().min().unwrap();
    let ask = |doc| {
        let uid = built.records.get(doc).unwrap().uid;
        PostRequest { uid, context: 1, ..PostRequest::default() }
    };
    let view = driver.post(&archive, &ask(doc - 1)).unwrap().unwrap();
    assert!(matches!(view.posts[view.index].1, Shown::Whole(_)));
    assert!(matches!(view.posts[view.index + 1].1, Shown::Damaged(_)));
    // A uid is checked against its record, so that of a lost record is not known to be there.
    assert_eq!(driver.post(&archive, &ask(doc)).unwrap_err().section, Some("store"));
}
