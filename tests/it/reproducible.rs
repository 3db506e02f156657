//! The same records give the same bytes, in whatever order sources name records of distinct times.

use fonds::Record;
use jiff::tz::TimeZone;

use crate::fuzz::Random;
use crate::support::{build, build_in, dated, post};

fn records() -> Vec<Record> {
    let mut records: Vec<Record> = (0..300)
        .map(|i| {
            let date = format!("2024-{:02}-{:02}T{:02}:00:00Z", i / 28 + 1, i % 28 + 1, i % 24);
            let text = format!("post {i} #tag{} harbour {}", i % 9, i * i);
            let tags = (0..i % 4).map(|tag| format!("tag{tag}")).collect();
            Record { author: Some(format!("author {}", i % 13)), tags, ..dated(&i.to_string(), &date, &text) }
        })
        .collect();
    records.push(post("undated"));
    records
}

#[test]
fn built_twice_is_the_same_twice() {
    for zone in ["UTC", "Europe/Berlin"] {
        let zone = TimeZone::get(zone).unwrap();
        let (first, second) = (build_in(&zone, records()), build_in(&zone, records()));
        assert!(first.container == second.container);
        assert_eq!(first.root, second.root);
    }
}

#[test]
fn the_order_of_sources_does_not_matter_where_times_differ() {
    let expected = build(records());
    let mut random = Random(6);
    for _ in 0..5 {
        let mut shuffled = records();
        for end in (1..shuffled.len()).rev() {
            shuffled.swap(end, random.below(end + 1));
        }
        let built = build(shuffled);
        assert!(built.records.iter().eq(expected.records.iter()));
        assert!(built.container == expected.container);
    }
}

#[test]
fn records_of_one_time_stay_in_the_order_of_their_source() {
    let at = |id: &str| dated(id, "2024-06-15T12:00:00Z", "a");
    let built = build([at("b"), at("a"), at("c")]);
    let uids: Vec<_> = built.records.iter().map(|record| record.unwrap().uid).collect();
    assert_eq!(uids, ["notes/b", "notes/a", "notes/c"]);
}
