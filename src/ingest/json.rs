//! JSON: a list of objects, or an object that holds one somewhere; one record an object. The list is found by what its first
//! object holds, and streamed.

mod document;
pub(super) mod guarded;
pub(super) mod lenient;
pub(super) mod object;
pub(super) mod outline;
pub(super) mod pull;
mod scan;

use std::collections::VecDeque;
use std::io::BufRead;

use serde_json::Value;

use self::document::Document;
use self::scan::ScanError;
use super::encoding::{self, Utf8};
use super::error::{IngestError, IngestErrorKind};
use super::files::Part;
use super::format::{Entry, ReadContext, Reader, Sample, Skipped, excerpt, streamed};
use super::lines::MAX_LINE_LEN;
use super::table::{Demand, Plan, Row, SAMPLE_LEN, SAMPLE_ROWS, TableOptions, looks_like_record, row_record};
use crate::record::{Place, Record};

/// Bytes of a value of which an account of it may need the start.
const EXCERPT_LEN: usize = 512;

/// Whether a sample begins a list of objects, an object that holds a list of records, or one record over several lines.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let text = sample.text();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if let Some(rest) = text.strip_prefix('[') {
        return rest.trim_start().starts_with('{');
    }
    text.starts_with('{')
        && (holds_list(text) || !sample.is_cut() && sample.lines().len() > 1 && is_record(text.as_bytes()))
}

/// Whether an object that begins with `text` holds a list of records.
pub(super) fn holds_list(text: &str) -> bool {
    let mut document = Document::new(text.as_bytes(), MAX_LINE_LEN as usize);
    let options = TableOptions::default();
    matches!(document.next_list(|_, first| is_wanted(first, &options)), Ok(Some(_)))
}

/// Reads a file.
pub(super) fn read<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let Part { file, input, .. } = part;
    let failed = |error| IngestError::new(&*file, IngestErrorKind::Io(error));
    let Utf8 { input, note } = encoding::utf8(input, context.options.table.encoding).map_err(failed)?;
    let document = Document::new(input, MAX_LINE_LEN as usize);
    let queue: VecDeque<Entry> = note.map(Entry::Note).into_iter().collect();
    let mut reader = JsonReader { document, context, file, plan: None, list: None, step: Step::Searching, queue };
    Ok(streamed(move || reader.next()))
}

struct JsonReader<'a, R> {
    document: Document<R>,
    context: &'a ReadContext,
    file: String,
    plan: Option<Plan>,
    /// Path of the list that is read, or was.
    list: Option<String>,
    step: Step,
    /// What is found and not yet yielded.
    queue: VecDeque<Entry>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    /// For a list of records.
    Searching,
    /// In it.
    Listing,
    Done,
}

impl<R: BufRead> JsonReader<'_, R> {
    fn next(&mut self) -> Result<Option<Entry>, IngestError> {
        loop {
            if let Some(entry) = self.queue.pop_front() {
                return Ok(Some(entry));
            }
            let result = match self.step {
                Step::Searching => self.search(),
                Step::Listing => self.advance(),
                Step::Done => return Ok(None),
            };
            match result {
                Ok(()) => {}
                Err(Stop::Scan(ScanError::Io(error))) => return Err(self.error(IngestErrorKind::Io(error))),
                Err(Stop::Scan(error)) => self.break_off(&error),
                Err(Stop::Ingest(kind)) => return Err(self.error(kind)),
            }
        }
    }

    /// Goes on to the list of records, or to the end.
    fn search(&mut self) -> Result<(), Stop> {
        let options = &self.context.options.table;
        let found = self.document.next_list(|path, first| match &options.records {
            Some(wanted) => wanted == path,
            None => is_wanted(first, options),
        })?;
        match (found, &self.list) {
            (None, None) => self.finish_without_list(),
            (None, Some(_)) => {
                self.step = Step::Done;
                self.queue.extend(self.plan.as_ref().and_then(Plan::closing_note).map(Entry::Note));
                Ok(())
            }
            (Some(path), Some(list)) => Err(Stop::Ingest(IngestErrorKind::Undecided {
                seen: format!("it holds two lists of records, `{list}` and `{path}`"),
                option: format!("--records {list}"),
            })),
            (Some(path), None) => {
                if !path.is_empty() {
                    self.queue.push_back(Entry::Note(format!("the records are the list `{path}`")));
                }
                self.list = Some(path);
                self.step = Step::Listing;
                self.decide()
            }
        }
    }

    /// Makes the plan from the first objects of the list, and records of them.
    fn decide(&mut self) -> Result<(), Stop> {
        let (mut rows, mut seen, mut len) = (Vec::new(), Vec::new(), 0);
        let mut broken = None;
        while rows.len() < SAMPLE_ROWS && len < SAMPLE_LEN {
            match self.document.next_element() {
                Ok(None) => {
                    self.step = Step::Searching;
                    break;
                }
                Ok(Some(element)) => {
                    len += element.json.len();
                    let place = place(element.offset, element.json.len());
                    match parse(element.json) {
                        Ok(row) => {
                            rows.push(row);
                            seen.push((place, None));
                        }
                        Err(reason) => seen.push((place, Some((reason, start_of(element.json))))),
                    }
                }
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        let plan = Plan::decide(&rows, &self.context.options.table, Demand::Text, &self.context.time_zone)?;
        self.queue.extend(plan.notes().into_iter().map(Entry::Note));
        let mut rows = rows.into_iter();
        for (place, skipped) in seen {
            let entry = match skipped {
                Some((reason, excerpt)) => self.skipped(place, reason, excerpt),
                None => match rows.next() {
                    Some(row) => self.record(&plan, row, place)?,
                    None => break,
                },
            };
            self.queue.push_back(entry);
        }
        self.plan = Some(plan);
        broken.map_or(Ok(()), |error| Err(error.into()))
    }

    /// The next object of the list.
    fn advance(&mut self) -> Result<(), Stop> {
        let Some(element) = self.document.next_element()? else {
            self.step = Step::Searching;
            return Ok(());
        };
        let place = place(element.offset, element.json.len());
        let parsed = parse(element.json);
        let start = if parsed.is_err() { start_of(element.json) } else { String::new() };
        let entry = match (parsed, &self.plan) {
            (Ok(row), Some(plan)) => self.record(plan, row, place)?,
            (Ok(_), None) => return Ok(()),
            (Err(reason), _) => self.skipped(place, reason, start),
        };
        self.queue.push_back(entry);
        Ok(())
    }

    /// A text without a list may be a record itself.
    fn finish_without_list(&mut self) -> Result<(), Stop> {
        self.step = Step::Done;
        let len = self.document.offset();
        if let Some(copy) = self.document.take_copy().filter(|copy| is_record(copy))
            && let Ok(row) = parse(&copy)
        {
            let options = &self.context.options.table;
            let plan = Plan::decide(std::slice::from_ref(&row), options, Demand::Nothing, &self.context.time_zone)?;
            self.queue.extend(plan.notes().into_iter().map(Entry::Note));
            let record = self.record(&plan, row, place(0, len as usize))?;
            self.queue.push_back(record);
            return Ok(());
        }
        let others = &self.document.others;
        Err(Stop::Ingest(match others.as_slice() {
            [] => IngestErrorKind::UnknownFormat { seen: "the JSON holds no list of objects".to_owned() },
            _ => IngestErrorKind::Undecided {
                seen: format!("no list in it looks like records; its lists of objects are `{}`", others.join("`, `")),
                option: "--records PATH` and `--map text=COLUMN".to_owned(),
            },
        }))
    }

    /// Says where the text breaks off, and ends.
    fn break_off(&mut self, error: &ScanError) {
        self.step = Step::Done;
        let at = self.document.offset();
        let reason = match error {
            ScanError::End => "not JSON: the input ends within a value".to_owned(),
            ScanError::TooLong => format!("a value is longer than {MAX_LINE_LEN} bytes; nothing after it was read"),
            ScanError::Unexpected { byte, wanted } => {
                format!("not JSON: {} where {wanted} is due; nothing after it was read", shown(*byte))
            }
            ScanError::Io(_) => String::new(),
        };
        let entry = self.skipped(Place::Bytes(at, at), reason, String::new());
        self.queue.push_back(entry);
        self.queue.extend(self.plan.as_ref().and_then(Plan::closing_note).map(Entry::Note));
    }

    fn record(&self, plan: &Plan, row: Row, place: Place) -> Result<Entry, IngestErrorKind> {
        let record: Record = row_record(plan.apply(row)?, place, &self.file, &self.context.time_zone);
        Ok(Entry::Record(Box::new(record)))
    }

    fn skipped(&self, place: Place, reason: String, excerpt: String) -> Entry {
        Entry::Skipped(Skipped { file: self.file.clone(), place, reason, excerpt })
    }

    fn error(&self, kind: IngestErrorKind) -> IngestError {
        IngestError::new(&*self.file, kind)
    }
}

/// What ends the reading, or a part of it.
enum Stop {
    Scan(ScanError),
    Ingest(IngestErrorKind),
}

impl From<ScanError> for Stop {
    fn from(error: ScanError) -> Self {
        Self::Scan(error)
    }
}

impl From<IngestErrorKind> for Stop {
    fn from(kind: IngestErrorKind) -> Self {
        Self::Ingest(kind)
    }
}

fn place(offset: u64, len: usize) -> Place {
    Place::Bytes(offset, offset + len as u64)
}

fn start_of(json: &[u8]) -> String {
    excerpt(&String::from_utf8_lossy(json.get(..EXCERPT_LEN).unwrap_or(json)))
}

fn shown(byte: u8) -> String {
    if byte.is_ascii_graphic() { format!("`{}`", char::from(byte)) } else { format!("byte 0x{byte:02X}") }
}

/// The object that a value is, or why it is none.
fn parse(json: &[u8]) -> Result<Row, String> {
    match lenient::value(json) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Array(_)) => Err("an array stands in the list, not an object".to_owned()),
        Ok(_) => Err("a bare value stands in the list, not an object".to_owned()),
        Err(error) => Err(format!("not JSON: {error}")),
    }
}

fn is_wanted(first: &[u8], options: &TableOptions) -> bool {
    parse(first).is_ok_and(|row| looks_like_record(&row, options))
}

fn is_record(json: &[u8]) -> bool {
    is_wanted(json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json), &TableOptions::default())
}

#[cfg(test)]
mod tests;
