//! Every folder in golden/ that holds an `input.*`, or a folder `input`, is a case: its entries, one a line, are in `records.jsonl`
//! beside it.
//!
//! A file `format` names the format where it is not to be detected; a file `options.json` says how a table is read. `UPDATE_GOLDEN=1` rewrites the expectations; their diff is
//! reviewed as code.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests read their samples, and fail by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fonds::ingest::{
    self, ChosenChats, Entry, FileInfo, Files, IngestError, ReadContext, ReadOptions, Reader, TableOptions,
};
use fonds::record::Place;
use fonds::record_json;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

#[test]
fn every_input_gives_its_entries() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let mut num_cases = 0;
    for case in cases {
        let is_input = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == "input");
        let mut files = fs::read_dir(&case).into_iter().flatten().map(|file| file.unwrap().path());
        let Some(input) = files.find(is_input) else { continue };
        num_cases += 1;
        let format = fs::read_to_string(case.join("format")).ok();
        let found = dump(&Input::read(&input), format.as_deref().map(str::trim), &case);
        let expected = case.join("records.jsonl");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(found, expected, "{}", case.display());
    }
    assert!(num_cases > 0);
}

/// Whatever a source is cut to, its reader comes to an end, and no more comes of it than it has bytes.
#[test]
fn what_is_cut_anywhere_is_read_as_far_as_it_goes() {
    const CUTS: usize = 100;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut formats = BTreeSet::new();
    for case in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let mut files = fs::read_dir(&case).into_iter().flatten().map(|file| file.unwrap().path());
        let Some(input) = files.find(|path| path.file_stem().is_some_and(|stem| stem == "input")) else { continue };
        let mut input = Input::read(&input);
        let format = fs::read_to_string(case.join("format")).ok();
        let Ok(detected) = ingest::detect_files(&input, &input.name, format.as_deref().map(str::trim)) else {
            continue;
        };
        let mut context = ReadContext::new(&*input.name, TimeZone::UTC);
        context.options = options(&case);
        for (detected, index) in detected.iter().flat_map(|one| one.files.iter().map(move |index| (one, *index))) {
            let whole = input.bytes[index].clone();
            let rest: usize = input.bytes.iter().map(Vec::len).sum::<usize>() - whole.len();
            for cut in 0..CUTS.min(whole.len()) {
                let len = whole.len() * cut / CUTS.min(whole.len());
                input.bytes[index] = whole[..len].to_vec();
                if let Ok(reader) = ingest::read_files(&input, detected, &context) {
                    let found = |entry: &Result<Entry, _>| matches!(entry, Ok(Entry::Record(_) | Entry::Skipped(_)));
                    assert!(reader.filter(found).count() <= rest + len + 1, "{} cut at {len}", case.display());
                }
            }
            input.bytes[index] = whole;
        }
        formats.extend(detected.iter().map(|detected| detected.format.name));
    }
    let all: BTreeSet<&str> = ingest::FORMATS.iter().map(|format| format.name).collect();
    assert_eq!(formats, all);
}

/// Formats whose records say where they stand, and of which one can be understood without what follows: not scraped text, whose posts are
/// told by their copies, nor a chat of which a later line proves how it writes days, nor posts whose comments stand within them, nor
/// what hangs together by an index.
const READ_AS_THEY_COME: [&str; 10] =
    ["csv", "discord", "git", "json", "jsonl", "reddit", "telegram-html", "telegram-json", "telegram-web", "tsv"];

/// Formats of which a few rows may not show how they are to be read: then all of it is refused, in words.
const TABLES: [&str; 4] = ["csv", "json", "jsonl", "tsv"];

/// Wherever a file is cut, what stands whole before the cut is kept, word for word.
#[test]
fn what_stands_whole_before_a_cut_is_kept() {
    const CUTS: usize = 150;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let (mut formats, mut num_kept, mut lost) = (BTreeSet::new(), 0, Vec::new());
    for case in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let mut files = fs::read_dir(&case).into_iter().flatten().map(|file| file.unwrap().path());
        let Some(path) = files.find(|path| path.is_file() && path.file_stem().is_some_and(|stem| stem == "input"))
        else {
            continue;
        };
        let mut input = Input::read(&path);
        let format = fs::read_to_string(case.join("format")).ok();
        let Ok(detected) = ingest::detect_files(&input, &input.name, format.as_deref().map(str::trim)) else {
            continue;
        };
        let mut context = ReadContext::new(&*input.name, TimeZone::UTC);
        context.options = options(&case);
        let [detected] = detected.as_slice() else { continue };
        if !READ_AS_THEY_COME.contains(&detected.format.name) {
            continue;
        }
        let whole = input.bytes[0].clone();
        let all = places_and_texts(&input, detected, &context).unwrap_or_default();
        for cut in 1..CUTS.min(whole.len()) {
            let len = whole.len() * cut / CUTS.min(whole.len());
            input.bytes[0] = whole[..len].to_vec();
            // The last of them may be cut; and in UTF-16 the byte of a line feed is half of it.
            let num_lines = whole[..len].split(|byte| *byte == b'\n').count() as u64;
            let left = match places_and_texts(&input, detected, &context) {
                Some(left) => left,
                None if TABLES.contains(&detected.format.name) => continue,
                None => Vec::new(),
            };
            for one in &all {
                let is_whole = match one.0 {
                    Place::Bytes(_, end) => end <= len as u64,
                    Place::Lines(_, end) => end + 1 < num_lines,
                };
                if is_whole && left.contains(one) {
                    num_kept += 1;
                } else if is_whole {
                    lost.push(format!("{} cut at {len}: {one:?}", case.display()));
                }
            }
        }
        formats.insert(detected.format.name);
    }
    assert_eq!(lost, [""; 0]);
    assert_eq!(formats, READ_AS_THEY_COME.into());
    assert!(num_kept > 4_000, "{num_kept}");
}

/// Where the records of an input stand in it, and what they say; nothing where it is refused. What was extracted of another archive says
/// where it stood there.
fn places_and_texts(
    input: &Input,
    detected: &ingest::Detected,
    context: &ReadContext,
) -> Option<Vec<(Place, Option<String>, String)>> {
    let entries: Result<Vec<Entry>, IngestError> = ingest::read_files(input, detected, context).ok()?.collect();
    let record = |entry| if let Entry::Record(record) = entry { Some(record) } else { None };
    let records = entries.ok()?.into_iter().filter_map(record).filter(|record| record.source.file == input.name);
    Some(records.filter_map(|record| Some((record.source.place?, record.id, record.text))).collect())
}

/// What a page lacks of a record, or has in its place, where `result.json` of the same chat has more; `fonds formats` says so in words.
const ONLY_IN_JSON: [&str; 17] = [
    "action",
    "actor_id",
    "channel_id",
    "chat_type",
    "contact_information",
    "edited",
    "file_name",
    "from_id",
    "height",
    "media_type",
    "mime_type",
    "performer",
    "sticker_emoji",
    "thumbnail",
    "thumbnail_file_size",
    "title_",
    "width",
];

/// Fields of a page that are in no `result.json`.
const ONLY_IN_HTML: [&str; 2] = ["forwarded_date", "media_status"];

/// One chat with everything in it, exported in both forms: its records are the same, but for what a page does not say.
#[test]
fn json_and_html_of_a_chat_tell_the_same() {
    let from_json = records_of("result.json", "telegram-json");
    let from_html = records_of("messages.html", "telegram-html");
    assert_eq!(from_json.len(), 17);
    let (mut only_in_json, mut only_in_html) = (BTreeSet::new(), BTreeSet::new());
    let ids = |records: &[Map<String, Value>]| records.iter().map(|record| record["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&from_json), ids(&from_html));
    for (mut json, mut html) in from_json.into_iter().zip(from_html) {
        only_in_json.extend(json.keys().filter(|key| !html.contains_key(*key)).cloned());
        only_in_html.extend(html.keys().filter(|key| !json.contains_key(*key)).cloned());
        json.retain(|key, _| !ONLY_IN_JSON.contains(&key.as_str()));
        html.retain(|key, _| !ONLY_IN_HTML.contains(&key.as_str()));
        for record in [&mut json, &mut html] {
            record.remove("source");
        }
        // Service messages stand below the row of their day, which has no time.
        if json["kind"] == "service" {
            let day = json["date"].as_str().unwrap()[..10].to_owned();
            json.insert("date".to_owned(), day.into());
        }
        // Pages say neither the language of code nor whether a quotation is folded.
        for span in json.get_mut("spans").and_then(Value::as_array_mut).into_iter().flatten() {
            let span = span.as_object_mut().unwrap();
            if span["kind"] == "pre" || span["kind"] == "quote" {
                span.remove("href");
            }
        }
        json.get_mut("forwarded_from").map(|from| from.as_object_mut().unwrap().remove("id"));
        for medium in json.get_mut("media").and_then(Value::as_array_mut).into_iter().flatten() {
            let medium = medium.as_object_mut().unwrap();
            medium.remove("size");
            // A sticker that was left out has no name on a page.
            if medium["kind"] == "sticker" {
                medium.remove("name");
            }
        }
        assert_eq!(json, html);
    }
    assert_eq!(only_in_json, ONLY_IN_JSON.map(str::to_owned).into());
    assert_eq!(only_in_html, ONLY_IN_HTML.map(str::to_owned).into());
}

/// The records of a form of the twins, with all that is known of them.
fn records_of(file: &str, format: &str) -> Vec<Map<String, Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/telegram-twins").join(file);
    let bytes = fs::read(path).unwrap();
    let context = ReadContext::new(file, TimeZone::UTC);
    let (found, reader) = ingest::open(Box::new(bytes.as_slice()), None, &context).unwrap();
    assert_eq!(found.name, format);
    let record = |entry| match entry {
        Ok(Entry::Record(record)) => Some(record_json::to_json(&record)),
        // Pages do not say whether their chat is public.
        Ok(Entry::Hint(_)) => None,
        other => panic!("{other:?}"),
    };
    reader.filter_map(record).collect()
}

/// The files of a case.
struct Input {
    name: String,
    list: Vec<FileInfo>,
    bytes: Vec<Vec<u8>>,
}

impl Input {
    /// Reads a file, or all files of a folder.
    fn read(path: &Path) -> Self {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut input = Self { name: name.clone(), list: Vec::new(), bytes: Vec::new() };
        let mut paths = vec![(name, path.to_owned())];
        while let Some((name, path)) = paths.pop() {
            if path.is_dir() {
                let entries = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap());
                paths.extend(
                    entries.map(|entry| (format!("{name}/{}", entry.file_name().to_str().unwrap()), entry.path())),
                );
                paths.sort_by(|(a, _), (b, _)| ingest::natural_order(b, a));
            } else {
                let bytes = fs::read(path).unwrap();
                input.list.push(FileInfo { name, len: bytes.len() as u64 });
                input.bytes.push(bytes);
            }
        }
        input
    }
}

impl Files for Input {
    fn list(&self) -> &[FileInfo] {
        &self.list
    }

    fn open(&self, index: usize) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.bytes[index].as_slice()))
    }
}

/// What `options.json` says, in the words of the command line.
fn options(case: &Path) -> ReadOptions {
    let Ok(json) = fs::read(case.join("options.json")) else { return ReadOptions::default() };
    let options: Value = serde_json::from_slice(&json).unwrap();
    let text = |name: &str| options[name].as_str().map(str::to_owned);
    let texts =
        |name: &str| options[name].as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned());
    ReadOptions {
        table: TableOptions {
            map: texts("map").map(|mapped| mapped.parse().unwrap()).collect(),
            date_format: text("date_format"),
            records: text("records"),
            ..TableOptions::default()
        },
        chats: ChosenChats::new(texts("chats").collect()),
        ..ReadOptions::default()
    }
}

/// The entries of an input, or its error, one a line.
fn dump(input: &Input, format: Option<&str>, case: &Path) -> String {
    let mut context = ReadContext::new(&*input.name, TimeZone::UTC);
    context.options = options(case);
    let told = |error: IngestError| format!("{}\n", json!({ "error": error.to_string() }));
    let all = match ingest::detect_files(input, &input.name, format) {
        Ok(all) => all,
        Err(error) => return told(error),
    };
    all.iter()
        .map(|detected| {
            ingest::read_files(input, detected, &context)
                .map_or_else(told, |reader| dump_as(detected.format.name, reader))
        })
        .collect()
}

fn dump_as(format: &str, reader: Reader<'_>) -> String {
    let mut lines = format!("{}\n", json!({ "format": format }));
    for entry in reader {
        let line = match entry {
            Ok(Entry::Record(record)) => record_json::to_json(&record).into(),
            Ok(Entry::Skipped(skipped)) => {
                json!({ "skipped": skipped.place.to_string(), "reason": skipped.reason, "excerpt": skipped.excerpt })
            }
            Ok(Entry::Merged(merged)) => json!({ "merged": merged.place.to_string(), "reason": merged.reason }),
            Ok(Entry::Removed(removed)) => json!({ "removed": removed.count, "reason": removed.reason }),
            Ok(Entry::Note(note)) => json!({ "note": note }),
            Ok(Entry::Hint(hint)) => json!({ "hint": hint }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    lines
}
