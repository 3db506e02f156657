//! JSON lines: one object a line, one record an object. [`record_json`] knows its keys; what they do not cover is kept as
//! fields of the record.
//!
//! [`record_json`]: crate::record_json

use serde_json::{Map, Value};

use super::entities;
use super::error::IngestError;
use super::files::Part;
use super::format::{Entry, ReadContext, Reader, Sample, Skipped, excerpt, streamed};
use super::lines::{Line, Lines};
use crate::record::{Place, Record, Source};
use crate::record_json;

/// Bytes of a line of which an account of it may need the start.
const EXCERPT_LEN: usize = 512;

/// Whether the first two lines that are not blank, or the only one, hold an object each.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let num_lines = sample.lines().len();
    let mut lines = (1..).zip(sample.lines()).filter(|(_, line)| !line.trim().is_empty());
    let mut is_object = || {
        let (number, line) = lines.next()?;
        Some(match parse(line) {
            Ok(_) => true,
            // The sample ends within the line: an object as far as it goes.
            Err(_) if sample.is_cut() && number == num_lines => is_start_of_object(line),
            Err(_) => false,
        })
    };
    is_object() == Some(true) && is_object() != Some(false)
}

/// Reads a file line by line.
#[expect(clippy::unnecessary_wraps, reason = "every reader may find at once that the input is not of its format")]
pub(super) fn read<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let Part { file, input } = part;
    let mut lines = Lines::new(input, &file);
    Ok(streamed(move || {
        while let Some(line) = lines.next()? {
            if !line.bytes.trim_ascii().is_empty() {
                return Ok(Some(entry(line, &file, context)));
            }
        }
        Ok(None)
    }))
}

/// The record on a line, or why there is none.
fn entry(line: Line<'_>, file: &str, context: &ReadContext) -> Entry {
    let place = Place::Lines(line.number, line.number);
    let object = line.text().map_err(|_| "the line is not UTF-8".to_owned()).and_then(parse);
    match object {
        Ok(object) => Entry::Record(Box::new(record(object, place, file, context))),
        Err(reason) => {
            let start = line.bytes.get(..EXCERPT_LEN).unwrap_or(line.bytes);
            Entry::Skipped(Skipped {
                file: file.to_owned(),
                place,
                reason,
                excerpt: excerpt(&String::from_utf8_lossy(start)),
            })
        }
    }
}

fn record(object: Map<String, Value>, place: Place, file: &str, context: &ReadContext) -> Record {
    let mut record = record_json::from_json(object, &context.time_zone);
    if record.source == Source::default() {
        record.source = Source { file: file.to_owned(), place: Some(place), copies: Vec::new() };
    }
    entities::fill(&mut record);
    record
}

/// The object that `line` holds, or why it is none. Files that were joined may have a byte order mark before any line.
fn parse(line: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(line.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Array(_)) => Err("the line holds an array, not an object".to_owned()),
        Ok(_) => Err("the line holds a bare value, not an object".to_owned()),
        Err(error) => Err(format!("not JSON: {}", error.to_string().replace(" at line 1 column ", " at column "))),
    }
}

fn is_start_of_object(line: &str) -> bool {
    let whole = serde_json::from_str::<Map<String, Value>>(line);
    line.trim_start().starts_with('{') && whole.is_err_and(|error| error.is_eof())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Precision;
    use jiff::tz::{Offset, TimeZone};

    fn entries(input: &[u8]) -> Vec<Entry> {
        let context = ReadContext::new("f.jsonl", TimeZone::fixed(Offset::constant(3)));
        read(Part { file: context.file.clone(), input: Box::new(input) }, &context)
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }

    fn one(line: &str) -> Record {
        match entries(line.as_bytes()).pop() {
            Some(Entry::Record(record)) => *record,
            other => panic!("{line} gave {other:?}"),
        }
    }

    fn check_skipped(line: &[u8], expected: &str) {
        let entries = entries(line);
        let [Entry::Skipped(skipped)] = entries.as_slice() else { panic!("{line:?} gave {entries:?}") };
        assert!(skipped.reason.contains(expected), "{:?} should say {expected:?}", skipped.reason);
    }

    #[test]
    fn a_bad_line_costs_only_itself() {
        let entries = entries(b"{\"text\": \"a\"}\n\n{bad\n{\"text\": \"b\"}");
        let places = entries.iter().map(|entry| match entry {
            Entry::Record(record) => (record.text.as_str(), record.source.place.clone()),
            Entry::Skipped(skipped) => (skipped.excerpt.as_str(), Some(skipped.place.clone())),
            other => panic!("{other:?}"),
        });
        let line = |number| Some(Place::Lines(number, number));
        assert_eq!(places.collect::<Vec<_>>(), [("a", line(1)), ("{bad", line(3)), ("b", line(4))]);
    }

    #[test]
    fn says_why_it_skips() {
        check_skipped(b"[1]", "the line holds an array, not an object");
        check_skipped(b"12", "the line holds a bare value, not an object");
        check_skipped(b"{\"a\": }", "not JSON: expected value at column 7");
        check_skipped(b"{\"a\": 1} {}", "not JSON: trailing characters at column 10");
        check_skipped(b"{\"a\": \"\xFF\"}", "the line is not UTF-8");
        check_skipped("[".repeat(100_000).as_bytes(), "not JSON: recursion limit exceeded");
    }

    #[test]
    fn derives_what_the_source_does_not_say() {
        let record = one(r##"{"text": "#tag @name https://example.org 24 June 2024"}"##);
        assert_eq!(record.tags, ["tag"]);
        assert_eq!(record.mentions, ["name"]);
        assert_eq!(record.links, ["https://example.org"]);
        assert_eq!(record.dates_mentioned, ["2024-06-24"]);
        assert_eq!(record.spans.len(), 3);
        assert_eq!(one(r##"{"text": "#tag", "tags": ["other"]}"##).tags, ["other"]);
    }

    #[test]
    fn reads_local_times_in_the_zone_of_the_archive() {
        let date = one(r#"{"date": "1970-01-01T03:00:00"}"#).date.unwrap();
        assert_eq!((date.seconds, date.precision), (0, Precision::LocalSecond));
    }

    #[test]
    fn keeps_the_place_that_an_earlier_extract_wrote() {
        let source = one(r#"{"source": {"file": "a.txt", "lines": [3, 5]}}"#).source;
        assert_eq!((source.file.as_str(), source.place), ("a.txt", Some(Place::Lines(3, 5))));
        let record = one(r#"{"source": "radio"}"#);
        assert_eq!((record.source.file.as_str(), record.source.place), ("f.jsonl", Some(Place::Lines(1, 1))));
        assert_eq!(record.fields, [("source".to_owned(), "\"radio\"".to_owned())]);
    }

    #[test]
    fn joined_files_may_have_marks_within() {
        assert_eq!(entries("{}\n\u{feff}{}".as_bytes()).len(), 2);
    }

    #[test]
    fn no_bytes_panic() {
        proptest::proptest!(|(bytes: Vec<u8>, text in "[\\[\\]{}\":,0-9a-z \n\\\\]{0,60}")| {
            for input in [bytes.as_slice(), text.as_bytes()] {
                let context = ReadContext::new("f", TimeZone::UTC);
                let _ = read(Part { file: "f".into(), input: Box::new(input) }, &context).unwrap().count();
            }
        });
    }
}
