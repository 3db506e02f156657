//! Real and hostile inputs that are no part of the repository: the folder that `FONDS_SHARED` names, or `shared` beside this
//! one. Where it is absent, the tests say so and pass.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read samples, say which they lack, and fail by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

use fonds::ingest::{self, Entry, IngestErrorKind, ReadContext};
use fonds::record::{Place, Record};
use jiff::tz::TimeZone;

fn shared(path: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let path = std::env::var_os("FONDS_SHARED").map_or_else(beside, PathBuf::from).join(path);
    if !path.exists() {
        eprintln!("skipped: there is no {}", path.display());
    }
    path.exists().then_some(path)
}

fn context() -> ReadContext {
    ReadContext::new("f", TimeZone::UTC)
}

/// The records of a text that is recognised as a scrape.
fn scraped(text: &str) -> Vec<Record> {
    let context = context();
    let (format, reader) = ingest::open(Box::new(text.as_bytes()), None, &context).unwrap();
    assert_eq!(format.name, "scrape");
    let record = |entry| match entry {
        Ok(Entry::Record(record)) => *record,
        other => panic!("{other:?}"),
    };
    reader.map(record).collect()
}

/// Lines of the first and second copy.
fn num_lines(record: &Record) -> (u64, u64) {
    let count = |place: &Place| match place {
        Place::Lines(first, last) => last - first + 1,
        Place::Bytes(..) => panic!("{record:?}"),
    };
    let header = u64::from(record.forwarded_from.is_some());
    let first = record.source.place.as_ref().map_or(0, count) - header;
    (first, record.source.copies.iter().map(count).sum())
}

#[test]
fn the_seed_is_five_posts_and_two_stubs() {
    let Some(path) = shared("seed/channel-scrape.txt") else { return };
    let text = fs::read_to_string(path).unwrap();
    let records = scraped(&text);
    let kinds: Vec<_> = records.iter().map(|record| record.kind.as_str()).collect();
    assert_eq!(kinds, ["post", "post", "post", "post", "post", "unsupported", "unsupported"]);
    let first_lines = records.iter().map(|record| match record.source.place {
        Some(Place::Lines(first, _)) => first,
        _ => panic!("{record:?}"),
    });
    assert_eq!(first_lines.collect::<Vec<_>>(), [1, 13, 23, 43, 69, 102, 104]);
    let posts = &records[..5];
    assert_eq!(posts.iter().map(num_lines).collect::<Vec<_>>(), [(6, 5), (5, 4), (10, 9), (13, 12), (17, 15)]);
    assert!(posts.iter().all(|post| post.forwarded_from.is_some()));

    // Without the headers, the same posts.
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("Forwarded from")).collect();
    let bare = scraped(&lines.join("\n"));
    let texts = |records: &[Record]| {
        records
            .iter()
            .map(|record| (record.kind.clone(), record.text.clone(), record.flags.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&bare), texts(&records));
    assert_eq!(bare[..5].iter().map(num_lines).collect::<Vec<_>>(), [(6, 5), (5, 4), (10, 9), (13, 12), (17, 15)]);
}

#[test]
fn a_scrape_without_structure_is_refused() {
    let Some(path) = shared("data/samples/scraped-text/tchantest_a.trafilatura-1.8.1.txt") else {
        return;
    };
    let (text, context) = (fs::read(path).unwrap(), context());
    let error = ingest::open(Box::new(text.as_slice()), None, &context).err().unwrap();
    assert!(matches!(error.kind(), IngestErrorKind::UnknownFormat { .. }), "{error}");
}

#[test]
fn hostile_json_does_no_harm() {
    let Some(folder) = shared("data/hostile/JSONTestSuite") else { return };
    let mut num_files = 0;
    for folder in [folder.join("test_parsing"), folder.join("test_transform")] {
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let (bytes, context) = (fs::read(&path).unwrap(), context());
            num_files += 1;
            // Detected or not, whatever it is comes to an end.
            if let Ok((_, reader)) = ingest::open(Box::new(bytes.as_slice()), None, &context) {
                assert!(reader.count() <= bytes.len(), "{}", path.display());
            }
            for format in ingest::FORMATS {
                let input = Box::new(bytes.as_slice());
                if let Ok((_, reader)) = ingest::open(input, Some(format.name), &context) {
                    let found = |entry: &Result<Entry, _>| matches!(entry, Ok(Entry::Record(_) | Entry::Skipped(_)));
                    assert!(
                        reader.filter(found).count() <= bytes.len().max(1),
                        "{} as {}",
                        path.display(),
                        format.name
                    );
                }
            }
        }
    }
    assert!(num_files > 300);
}

/// The records of an input that is recognised as `format`, and how many of its posts were skipped.
fn read_as(bytes: &[u8], format: &str) -> (Vec<Record>, usize) {
    let context = context();
    let (found, reader) = ingest::open(Box::new(bytes), None, &context).unwrap();
    assert_eq!(found.name, format);
    let (mut records, mut num_skipped) = (Vec::new(), 0);
    for entry in reader {
        match entry.unwrap() {
            Entry::Record(record) => records.push(*record),
            Entry::Skipped(_) => num_skipped += 1,
            _ => {}
        }
    }
    (records, num_skipped)
}

#[test]
fn exports_of_telegram_are_read_whole() {
    for (name, format, marks) in [
        ("telegram-html/cyber_messages20.html", "telegram-html", "<div class=\"message default"),
        ("telegram-html/cyber_messages40.html", "telegram-html", "<div class=\"message default"),
        ("telegram-json/chatpack_telegram_export.json", "telegram-json", "\"type\": \"message\""),
        ("tme-s-html/tchantest_a.html", "telegram-web", "data-post=\""),
        ("tme-s-html/teleglance_feed_page.html", "telegram-web", "data-post=\""),
        ("tme-s-html/teleglance_embed_message.html", "telegram-web", "data-post=\""),
        ("tme-s-html/air-alert-early-warning_channel.html", "telegram-web", "data-post=\""),
    ] {
        let Some(path) = shared(&format!("data/samples/{name}")) else { continue };
        let text = fs::read_to_string(path).unwrap();
        let (records, num_skipped) = read_as(text.as_bytes(), format);
        let num_messages = records.iter().filter(|record| format == "telegram-web" || record.kind != "service").count();
        assert_eq!((num_messages, num_skipped), (text.matches(marks).count(), 0), "{name}");
        assert!(records.iter().all(|record| record.id.is_some() && record.channel.is_some()), "{name}");
        let dated = records.iter().filter(|record| record.date.is_some()).count();
        assert!(dated * 10 >= records.len() * 9, "{name}: {dated} of {}", records.len());
    }
}

#[test]
fn json_and_html_of_a_chat_tell_the_same() {
    let golden =
        |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)).unwrap();
    // A control character is nothing that a page can show.
    let json = golden("telegram-json/input.json").replace("\\x0B", "");
    let (from_json, _) = read_as(json.as_bytes(), "telegram-json");
    let (from_html, _) = read_as(golden("telegram-html/input.html").as_bytes(), "telegram-html");
    // What a page lacks, and what only it has.
    let comparable = |record: &Record| {
        let mut record = record.clone();
        record.fields.clear();
        record.edited = None;
        record.source = fonds::record::Source::default();
        record.reactions.retain(|reaction| reaction.emoji == "❤");
        record.media.iter_mut().for_each(|media| media.size = None);
        record.forwarded_from.iter_mut().for_each(|from| from.id = None);
        if record.kind == "service" {
            record.date = None;
        }
        record
    };
    let mut num_compared = 0;
    for record in &from_json {
        let Some(twin) = from_html.iter().find(|twin| twin.id == record.id && twin.kind == record.kind) else {
            continue;
        };
        if matches!(record.id.as_deref(), Some("1" | "2" | "3" | "4" | "5")) {
            num_compared += 1;
            assert_eq!(comparable(record), comparable(twin));
        }
    }
    assert_eq!(num_compared, 5);
}
