//! Corrected queries, offered beside what a query finds.

use fonds::Record;
use fonds::searcher::{Answer, Library, Match, SearchRequest};

use crate::support::{Driver, build, post, request};

/// An archive of English posts, each text so many times.
fn archive(texts: &[(&str, usize)]) -> Vec<u8> {
    build(records(texts)).container
}

fn records(texts: &[(&str, usize)]) -> Vec<Record> {
    let english = |text: &&str| Record { lang: Some("en".into()), ..post(text) };
    texts.iter().flat_map(|(text, times)| std::iter::repeat_n(text, *times)).map(english).collect()
}

/// The number of hits, and what is offered, each with its number of hits.
fn offered(container: &[u8], query: &str, typing: bool) -> (usize, Vec<(String, usize)>) {
    let mut driver = Driver::new(container);
    let archive = driver.open();
    let page = driver.search(&archive, &SearchRequest { suggestions: 3, typing, ..request(query) }).unwrap();
    (page.total, page.suggestions.into_iter().map(|found| (found.query, found.total)).collect())
}

#[track_caller]
fn check(container: &[u8], query: &str, total: usize, expected: &[(&str, usize)]) {
    let expected = expected.iter().map(|(query, total)| ((*query).to_owned(), *total)).collect();
    assert_eq!(offered(container, query, false), (total, expected), "{query}");
}

#[test]
fn a_misspelled_word_is_corrected_also_where_its_stem_has_hits() {
    let container = archive(&[("the existence of ships", 6), ("ships exist", 4), ("a storm", 1)]);
    // It has the stem of `exist` and `existence`, so both are found.
    check(&container, "existance", 10, &[("existence", 10)]);
    check(&container, "ships existance", 10, &[("ships existence", 10)]);
    check(&container, "existance storm", 0, &[]);
    check(&container, "existence", 10, &[]);
}

#[test]
fn another_form_of_the_word_is_no_correction() {
    let container = archive(&[("the harbour", 20), ("a boat", 7), ("a boot", 9), ("many boasts", 40)]);
    // Found by their stems, and spelled as they should be.
    check(&container, "harbours", 20, &[]);
    check(&container, "harboured", 20, &[]);
    // `boots` would be one edit away, but `boot` is not four times as frequent as `boat`; `boasts` is.
    check(&container, "boats", 7, &[("boasts", 40)]);
}

#[test]
fn a_word_without_any_hit_may_be_two_edits_away() {
    let container = archive(&[("the lighthouse", 3), ("the harbour", 3)]);
    check(&container, "lihgthuose", 0, &[("lighthouse", 3)]);
    check(&container, "harbour lihgthuose", 0, &[]);
    check(&container, "harbour OR lihgthuose", 3, &[("harbour OR lighthouse", 6)]);
    check(&container, "-lihgthuose", 6, &[]);
    check(&container, "=lihgthuose", 0, &[]);
}

#[test]
fn what_no_post_has_all_words_of_is_not_offered() {
    let container = archive(&[("the harbour master", 3), ("a mast", 20), ("the harbour", 5)]);
    let mut driver = Driver::new(&container);
    let archive = driver.open();
    let relaxed = SearchRequest { suggestions: 3, matching: Match::AllOrAny, ..request("harbour mastr") };
    let page = driver.search(&archive, &relaxed).unwrap();
    assert!(page.relaxed && page.total == 8);
    let offered: Vec<_> = page.suggestions.into_iter().map(|found| (found.query, found.total)).collect();
    // `harbour mast` has 28 posts with either word, and none with both.
    assert_eq!(offered, [("harbour master".to_owned(), 3)]);
}

#[test]
fn a_quoted_sentence_without_spaces_is_not_taken_apart() {
    let container = archive(&[("\u{78B3}\u{6C34}\u{5316}\u{5408}", 2), ("\u{6C34}\u{5316}", 1)]);
    let mut driver = Driver::new(&container);
    let archive = driver.open();
    let mut found = |query: &str| {
        let page = driver.search(&archive, &SearchRequest { matching: Match::AllOrAny, ..request(query) }).unwrap();
        (page.total, page.relaxed)
    };
    assert_eq!(found("\u{78B3}\u{6C34}\u{5316}\u{5408}\u{7269}"), (3, true));
    assert_eq!(found("\"\u{78B3}\u{6C34}\u{5316}\u{5408}\u{7269}\""), (0, false));
    assert_eq!(found("\"\u{78B3}\u{6C34}\u{5316}\""), (2, false));
}

#[test]
fn a_rare_word_is_corrected_to_one_four_times_as_frequent() {
    let container = archive(&[("a smyth", 2), ("a smith", 8), ("a smoth", 7)]);
    check(&container, "smyth", 2, &[("smith", 8)]);
    let container = archive(&[("a smyth", 6), ("a smith", 80)]);
    check(&container, "smyth", 6, &[]);
}

#[test]
fn what_may_go_on_is_no_misspelling() {
    let container = archive(&[("existence", 8), ("exits", 60)]);
    assert_eq!(offered(&container, "exis", true), (8, Vec::new()));
    assert_eq!(offered(&container, "existan", true).1, Vec::new());
    assert_eq!(offered(&container, "existance", true), (8, vec![("existence".to_owned(), 8)]));
}

#[test]
fn segments_offer_what_one_build_does() {
    let texts =
        [("the existence of ships", 6), ("ships exist", 4), ("many goats", 40), ("a boat", 7), ("lighthouse", 2)];
    let whole = archive(&texts);
    let parts: Vec<Vec<u8>> = texts.iter().map(|text| archive(&[*text])).collect();
    for query in ["existance", "boats", "lihgthuose", "lighthouse", "exist", "ships existance"] {
        let mut library = Library::open(&parts[0]).unwrap();
        parts[1..].iter().for_each(|part| library.append(part).unwrap());
        assert_eq!(in_library(&library, &parts.concat(), query), offered(&whole, query, false), "{query}");
    }
}

fn in_library(library: &Library, bytes: &[u8], query: &str) -> (usize, Vec<(String, usize)>) {
    loop {
        match library.search(&SearchRequest { suggestions: 3, ..request(query) }).unwrap() {
            Answer::Ready(page) => {
                return (page.total, page.suggestions.into_iter().map(|found| (found.query, found.total)).collect());
            }
            Answer::Beyond => panic!("the program has every feature"),
            Answer::Need(blocks) => {
                for block in blocks {
                    let range = block.offset as usize..block.end() as usize;
                    library.supply(block.offset, &bytes[range]).unwrap();
                }
            }
        }
    }
}
