//! JSON lines: one object a line, one record an object. [`record_json`] knows its keys, a [`Plan`] those of others; what they do
//! not cover is kept as fields of the record.
//!
//! [`record_json`]: crate::record_json

use std::collections::VecDeque;
use std::io::BufRead;

use serde_json::{Map, Value};

use super::error::{IngestError, IngestErrorKind};
use super::files::Part;
use super::format::{Entry, ReadContext, Reader, Sample, Skipped, excerpt, streamed};
use super::json::{self, lenient};
use super::lines::{Line, Lines};
use super::table::{Demand, Plan, Row, SAMPLE_LEN, SAMPLE_ROWS, is_of_post, row_record};
use crate::record::Place;

/// Bytes of a line of which an account of it may need the start.
const EXCERPT_LEN: usize = 512;

/// Whether the first two lines that are not blank, or the only one, hold an object each; and the only one no list of records.
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
    match (is_object(), is_object()) {
        (Some(true), None) => !json::holds_list(&sample.text()),
        (Some(true), second) => second == Some(true),
        _ => false,
    }
}

/// Whether it is one object alone in which nothing looks like a post: settings, or posts that stand deeper in it.
pub(super) fn is_no_post(sample: &Sample<'_>) -> bool {
    let mut lines = sample.lines().iter().filter(|line| !line.trim().is_empty());
    match (lines.next(), lines.next()) {
        (Some(line), None) => parse(line).is_ok_and(|row| !is_of_post(&row)),
        _ => false,
    }
}

/// Reads a file line by line.
#[expect(clippy::unnecessary_wraps, reason = "every reader may find at once that the input is not of its format")]
pub(super) fn read<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let Part { file, input, .. } = part;
    let mut reader = LineReader { lines: Lines::new(input, &file), context, file, plan: None, queue: VecDeque::new() };
    Ok(streamed(move || reader.next()))
}

struct LineReader<'a, R> {
    lines: Lines<R>,
    context: &'a ReadContext,
    file: String,
    plan: Option<Plan>,
    /// What is found and not yet yielded.
    queue: VecDeque<Entry>,
}

impl<R: BufRead> LineReader<'_, R> {
    fn next(&mut self) -> Result<Option<Entry>, IngestError> {
        if self.plan.is_none() {
            self.decide()?;
        }
        if let Some(entry) = self.queue.pop_front() {
            return Ok(Some(entry));
        }
        let Some(plan) = &self.plan else { return Ok(None) };
        match next_row(&mut self.lines)? {
            Some((place, row, _)) => self.entry(plan, place, row).map(Some),
            None => Ok(plan.closing_note().map(Entry::Note)),
        }
    }

    /// Makes the plan from the first lines, and records of them.
    fn decide(&mut self) -> Result<(), IngestError> {
        let (mut seen, mut len) = (Vec::new(), 0);
        let mut failed = None;
        while seen.len() < SAMPLE_ROWS && len < SAMPLE_LEN {
            match next_row(&mut self.lines) {
                Ok(Some((place, row, row_len))) => {
                    len += row_len;
                    seen.push((place, row));
                }
                Ok(None) => break,
                // What stands before it is read all the same.
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let rows: Vec<Row> = seen.iter().filter_map(|(_, row)| row.as_ref().ok()).cloned().collect();
        let options = &self.context.options.table;
        let plan = Plan::decide(&rows, options, Demand::Nothing, &self.context.time_zone)
            .map_err(|kind| IngestError::new(&*self.file, kind))?;
        self.queue.extend(plan.notes().into_iter().map(Entry::Note));
        for (place, row) in seen {
            let entry = self.entry(&plan, place, row)?;
            self.queue.push_back(entry);
        }
        match failed {
            Some(error) if self.queue.is_empty() => return Err(error),
            _ => self.plan = Some(plan),
        }
        Ok(())
    }

    fn entry(&self, plan: &Plan, place: Place, row: Result<Row, Refused>) -> Result<Entry, IngestError> {
        match row {
            Ok(row) => {
                let row = plan.apply(row).map_err(|kind| IngestError::new(&*self.file, kind))?;
                Ok(Entry::Record(Box::new(row_record(row, place, &self.file, &self.context.time_zone))))
            }
            Err(Refused { reason, excerpt }) => {
                Ok(Entry::Skipped(Skipped { file: self.file.clone(), place, reason, excerpt }))
            }
        }
    }
}

/// A line that holds no object.
struct Refused {
    reason: String,
    excerpt: String,
}

/// The next line that is not blank: its place, its object or why there is none, and its length.
#[expect(clippy::type_complexity, reason = "a row is refused or not, and there may be none")]
fn next_row<R: BufRead>(lines: &mut Lines<R>) -> Result<Option<(Place, Result<Row, Refused>, usize)>, IngestError> {
    loop {
        let found = match lines.next() {
            Ok(found) => found.map(|line| (line.number, line.offset, line.bytes.to_vec())),
            Err(error) => {
                let IngestErrorKind::LineTooLong { limit, .. } = error.kind() else { return Err(error) };
                let reason = format!("the line is longer than {limit} bytes");
                let number = lines.pass()?;
                let refused = Refused { reason, excerpt: String::new() };
                return Ok(Some((Place::Lines(number, number), Err(refused), 0)));
            }
        };
        let Some((number, offset, bytes)) = found else { return Ok(None) };
        let line = Line { number, offset, bytes: &bytes };
        if line.bytes.trim_ascii().is_empty() {
            continue;
        }
        let object = line.text().map_err(|_| "the line is not UTF-8".to_owned()).and_then(parse);
        let row = object.map_err(|reason| {
            let start = line.bytes.get(..EXCERPT_LEN).unwrap_or(line.bytes);
            Refused { reason, excerpt: excerpt(&String::from_utf8_lossy(start)) }
        });
        return Ok(Some((Place::Lines(line.number, line.number), row, line.bytes.len())));
    }
}

/// The object that `line` holds, or why it is none. Files that were joined may have a byte order mark before any line.
fn parse(line: &str) -> Result<Map<String, Value>, String> {
    match lenient::value(line.trim_start_matches('\u{feff}').as_bytes()) {
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
    use crate::record::{Precision, Record};
    use jiff::tz::{Offset, TimeZone};

    fn entries(input: &[u8]) -> Vec<Entry> {
        let context = ReadContext::new("f.jsonl", TimeZone::fixed(Offset::constant(3)));
        read(Part::new(context.file.clone(), Box::new(input)), &context).unwrap().map(Result::unwrap).collect()
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
        assert_eq!(entries("{\"text\":\"a\"}\n\u{feff}{}".as_bytes()).len(), 2);
    }

    #[test]
    fn no_bytes_panic() {
        proptest::proptest!(|(bytes: Vec<u8>, text in "[\\[\\]{}\":,0-9a-z \n\\\\]{0,60}")| {
            for input in [bytes.as_slice(), text.as_bytes()] {
                let context = ReadContext::new("f", TimeZone::UTC);
                let _ = read(Part::new("f", Box::new(input)), &context).unwrap().count();
            }
        });
    }
}
