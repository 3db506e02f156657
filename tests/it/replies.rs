//! Who answers which post, and what stands in one thread or album: as a search finds them, against a plain scan.

use fonds::Record;
use fonds::collector::Sort;
use fonds::searcher::{Filter, SearchRequest};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{build, dated, request, search, uids};

/// A field of a record that names a post by its id.
type Field = fn(&Record) -> Option<&String>;

/// Channel, and ids of what the post answers, its thread and its album.
type Made = (Option<&'static str>, [Option<u8>; 3]);

fn made() -> impl Strategy<Value = Made> {
    let id = || prop::option::of(0u8..12);
    (prop::option::of(prop::sample::select(vec!["Harbour", "Pilots"])), [id(), id(), id()])
}

fn records(all: &[Made]) -> Vec<Record> {
    let record = |(number, (channel, [reply_to, thread, album])): (usize, &Made)| {
        let id = |id: &Option<u8>| id.map(|id| id.to_string());
        Record {
            id: Some(number.to_string()),
            channel: channel.map(str::to_owned),
            reply_to: id(reply_to),
            thread: id(thread),
            album: id(album),
            ..dated("", &format!("2024-06-{:02}", number + 1), "Fog.")
        }
    };
    all.iter().enumerate().map(record).collect()
}

fn only(facet: &str, value: &str) -> SearchRequest {
    let filter = Filter { facet: facet.to_owned(), value: value.to_owned(), exclude: false };
    SearchRequest { sort: Sort::Old, filters: vec![filter], ..request("") }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn answers_threads_and_albums_are_those_of_a_plain_scan(all in vec(made(), 1..20)) {
        let records = records(&all);
        let container = build(records.clone()).container;
        let uid = |record: &Record, id: &str| Record::uid_of_id(record.channel.as_deref(), &record.source.file, id);
        let fields: [(&str, Field); 3] = [
            ("reply_to", |record| record.reply_to.as_ref()),
            ("thread", |record| record.thread.as_ref()),
            ("album", |record| record.album.as_ref()),
        ];
        for (facet, field) in fields {
            for asked in &records {
                let asked = uid(asked, asked.id.as_ref().unwrap());
                let those = records.iter().filter(|record| field(record).is_some_and(|id| uid(record, id) == asked));
                let expected: Vec<String> = those.map(|record| uid(record, record.id.as_ref().unwrap())).collect();
                let page = search(&container, &only(facet, &asked));
                prop_assert_eq!((page.total, page.exact), (expected.len(), true));
                prop_assert_eq!(uids(&page), &expected[..]);
                let page = search(&container, &SearchRequest { sort: Sort::Old, ..request(&format!("{facet}:\"{asked}\"")) });
                prop_assert_eq!(page.total, expected.len());
            }
        }
        // They are there for queries, not to choose from.
        let page = search(&container, &request(""));
        prop_assert!(page.facets.iter().all(|facet| !["reply_to", "thread", "album"].contains(&facet.name.as_str())));
    }
}
