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

/// What a reader may say of a source beside its records.
const MAX_NOTES: usize = 4;

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
                assert!(reader.count() <= bytes.len() + MAX_NOTES, "{}", path.display());
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

/// Every real sample of these folders is recognised, and has posts or what was skipped of them; texts show no markup of what they were
/// packed in.
#[test]
fn samples_of_other_formats_are_recognised_and_read() {
    for (folder, format) in [
        ("discord-json", "discord"),
        ("eml", "mail"),
        ("feeds", "feed"),
        ("instagram-json", "meta"),
        ("mbox", "mail"),
        ("whatsapp-txt", "whatsapp"),
        ("wxr", "wordpress"),
        ("warc", "warc"),
        ("car", "bluesky"),
    ] {
        let Some(folder) = shared(&format!("data/samples/{folder}")) else { continue };
        let mut num_files = 0;
        for file in fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() || path.extension().is_some_and(|end| end == "md") {
                continue;
            }
            num_files += 1;
            let (records, num_skipped) = read_as(&fs::read(&path).unwrap(), format);
            let name = path.display();
            assert!(records.len() + num_skipped > 0, "{name}");
            assert!(records.iter().all(|record| record.source.place.is_some()), "{name}");
            let num_shown = records
                .iter()
                .filter(|record| !record.text.is_empty() || record.title.is_some() || !record.media.is_empty());
            assert!(num_shown.count() * 2 >= records.len(), "{name}: most of it says nothing");
            for leak in ["<![CDATA[", "=3D\n", "Content-Transfer-Encoding:", "WARC-Type:"] {
                assert!(!records.iter().any(|record| record.text.contains(leak)), "{name}: {leak}");
            }
        }
        assert!(num_files > 0, "{} is empty", folder.display());
    }
}

/// The outcome of reading an input as `format`: the texts of its records, and whether all of it was understood.
fn outcome(bytes: &[u8], format: &str, map: &str) -> (Vec<String>, Vec<String>) {
    let mut context = context();
    context.options.table.map = map.split_terminator('\n').map(|mapped| mapped.parse().unwrap()).collect();
    let (mut texts, mut problems) = (Vec::new(), Vec::new());
    match ingest::open(Box::new(bytes), Some(format), &context) {
        Err(error) => problems.push(error.to_string()),
        Ok((_, reader)) => {
            for entry in reader {
                match entry {
                    Ok(Entry::Record(record)) => texts.push(record.text),
                    Ok(Entry::Skipped(skipped)) => problems.push(skipped.reason),
                    Ok(_) => {}
                    Err(error) => problems.push(error.to_string()),
                }
            }
        }
    }
    (texts, problems)
}

#[test]
fn json_is_judged_as_its_test_suite_does() {
    let Some(folder) = shared("data/hostile/JSONTestSuite/test_parsing") else { return };
    let (mut num_right, mut wrong) = (0, Vec::new());
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&path).unwrap();
        // Within a list that is certainly one of records, whatever stands in it must be JSON, and its end the end.
        let listed = [b"[{\"text\": \"a\"}, ".as_slice(), &bytes, b"]"].concat();
        let (_, problems) = outcome(&listed, "json", "");
        let is_refused = problems.iter().any(|problem| problem.contains("not JSON"));
        match name.as_bytes() {
            [b'y', ..] if is_refused => wrong.push(format!("{name} was refused: {problems:?}")),
            // Alone these are no JSON; in a list, what they are short of is there.
            [b'n', ..] if !is_refused && !outcome(&bytes, "json", "").1.is_empty() => num_right += 1,
            [b'n', ..] if !is_refused => wrong.push(format!("{name} was taken")),
            _ => num_right += 1,
        }
    }
    assert!(wrong.is_empty(), "{num_right} right, and {wrong:#?}");
    assert!(num_right > 300);
}

#[test]
fn every_cell_of_the_csv_spectrum_is_kept() {
    let Some(folder) = shared("data/hostile/csv-spectrum") else { return };
    let mut num_files = 0;
    for file in fs::read_dir(folder.join("csvs")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let rows: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join(format!("json/{name}.json"))).unwrap()).unwrap();
        let rows = rows.as_array().cloned().unwrap_or_else(|| vec![rows]);
        let rows: Vec<_> = rows.iter().map(|row| row.as_object().unwrap()).collect();
        let bytes = fs::read(&path).unwrap();
        num_files += 1;
        // Here the set has another telephone number in its answer than in its question.
        let is_right = |column: &&String| name != "location_coordinates" || column.as_str() != "Contact Phone Number";
        for column in rows.first().unwrap().keys().filter(is_right) {
            // The set spells one file's line ends as its reader saw them.
            let plain = |text: &str| text.replace("\r\n", "\n");
            let expected: Vec<String> =
                rows.iter().map(|row| plain(row.get(column).unwrap().as_str().unwrap())).collect();
            if expected.iter().all(String::is_empty) {
                continue;
            }
            let (texts, problems) = outcome(&bytes, "csv", &format!("text={column}"));
            let texts: Vec<String> = texts.iter().map(|text| plain(text)).collect();
            assert_eq!((texts, problems), (expected, Vec::new()), "{name}, column {column}");
        }
    }
    assert!(num_files > 10);
}

#[test]
fn naughty_strings_pass_through_tables_unchanged() {
    let Some(path) = shared("data/hostile/blns.json") else { return };
    let strings: Vec<String> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let strings: Vec<String> = strings.into_iter().filter(|text| !text.is_empty()).collect();
    let list: Vec<_> = strings.iter().map(|text| serde_json::json!({ "text": text })).collect();
    let json = serde_json::Value::from(list).to_string();
    assert_eq!(outcome(json.as_bytes(), "json", ""), (strings.clone(), Vec::new()));
    let mut csv = "id,text\n".to_owned();
    strings.iter().for_each(|text| csv.push_str(&format!("1,\"{}\"\n", text.replace('"', "\"\""))));
    assert_eq!(outcome(csv.as_bytes(), "csv", ""), (strings, Vec::new()));
}

/// Cases of the tokenizer that are text alone, most of them references to characters: the text of a post is what they say.
#[test]
fn text_of_tokenizer_cases_is_what_they_say() {
    let Some(folder) = shared("data/hostile/html5lib-tests/tokenizer") else { return };
    let before = "<title>Exported Data</title><div class=\"page_wrap\"><div class=\"history\"><div class=\"message default\" \
                  id=\"message1\"><div class=\"body\"><div class=\"text\">";
    let before_web = "<div class=\"tgme_channel_history\"><div class=\"tgme_widget_message\" data-post=\"a/1\">\
                      <div class=\"tgme_widget_message_text js-message_text\">";
    let mut num_cases = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let Ok(suite) = serde_json::from_slice::<serde_json::Value>(&fs::read(&path).unwrap()) else { continue };
        for case in suite["tests"].as_array().into_iter().flatten() {
            let states = case["initialStates"].as_array();
            let is_of_data = states.is_none_or(|states| states.iter().any(|state| state == "Data state"));
            let output = case["output"].as_array().unwrap();
            let is_text = output.iter().all(|token| token[0] == "Character");
            if !is_of_data || !is_text || case["doubleEscaped"] == true {
                continue;
            }
            num_cases += 1;
            let input = case["input"].as_str().unwrap();
            let expected: String = output.iter().map(|token| token[1].as_str().unwrap()).collect();
            for (format, before) in [("telegram-html", before), ("telegram-web", before_web)] {
                let (texts, _) = outcome(format!("{before}{input}").as_bytes(), format, "");
                // White space at the ends is the page's own.
                let texts: Vec<&str> = texts.iter().map(|text| text.trim_ascii()).collect();
                assert_eq!(texts, [expected.trim_ascii()], "{format}: {input:?} in {}", path.display());
            }
        }
    }
    assert!(num_cases > 4000, "{num_cases}");
}

#[test]
fn pages_of_tokenizer_cases_come_to_an_end() {
    let Some(folder) = shared("data/hostile/html5lib-tests/tokenizer") else { return };
    let before = "<title>Exported Data</title><div class=\"page_wrap\"><div class=\"history\"><div class=\"message default\" \
                  id=\"message1\"><div class=\"body\"><div class=\"text\">";
    let before_web = "<div class=\"tgme_channel_history\"><div class=\"tgme_widget_message\" data-post=\"a/1\">\
                      <div class=\"tgme_widget_message_text js-message_text\">";
    let mut num_cases = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let Ok(suite) = serde_json::from_slice::<serde_json::Value>(&fs::read(&path).unwrap()) else { continue };
        for case in suite["tests"].as_array().into_iter().flatten() {
            let input = case["input"].as_str().unwrap();
            num_cases += 1;
            for (format, before) in [("telegram-html", before), ("telegram-web", before_web)] {
                let (texts, problems) = outcome(format!("{before}{input}").as_bytes(), format, "");
                // The one post is there, whatever its text becomes; a case may end it, and hold another.
                assert!(!texts.is_empty() && problems.is_empty(), "{format}: {input:?}: {problems:?}");
            }
        }
    }
    assert!(num_cases > 1000, "{num_cases}");
}
