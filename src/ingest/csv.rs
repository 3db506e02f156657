//! Tables of cells: CSV, TSV and their kin (RFC 4180, and what spreadsheets make of it); one record a row.

mod dialect;
mod quotes;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufReader, Cursor, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder};
use serde_json::Value;

use self::quotes::{Told, Unquoted};
use super::encoding::{self, Utf8};
use super::error::{IngestError, IngestErrorKind};
use super::files::Part;
use super::format::{Entry, Input, ReadContext, Reader, Sample, Skipped, excerpt, streamed};
use super::lines::MAX_LINE_LEN;
use super::table::{Demand, Plan, Row, SAMPLE_LEN, SAMPLE_ROWS, row_record};
use crate::record::Place;

/// Bytes at the start by which a table's manner of writing is found.
const HEAD_LEN: usize = 256 << 10;

/// Cells of a row at most: a row costs memory for each, even where all are empty.
const MAX_CELLS: usize = 1 << 16;

/// Whether a sample is a table with commas, semicolons or bars.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    delimiter_of(sample).is_some_and(|delimiter| delimiter != b'\t')
}

/// Whether a sample is a table with tabs.
pub(super) fn recognise_tabs(sample: &Sample<'_>) -> bool {
    delimiter_of(sample) == Some(b'\t')
}

fn delimiter_of(sample: &Sample<'_>) -> Option<u8> {
    dialect::recognise(sample.text().as_bytes(), !sample.is_cut())
}

/// Reads a table whatever stands between its cells.
pub(super) fn read<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    read_with(part, context, None)
}

/// Reads a table with tabs.
pub(super) fn read_tabs<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    read_with(part, context, Some(b'\t'))
}

fn read_with<'a>(part: Part<'a>, context: &'a ReadContext, delimiter: Option<u8>) -> Result<Reader<'a>, IngestError> {
    let Part { file, input, .. } = part;
    let failed = |error| IngestError::new(&*file, IngestErrorKind::Io(error));
    let Utf8 { mut input, note } = encoding::utf8(input, context.options.table.encoding).map_err(failed)?;
    let mut head = Vec::with_capacity(HEAD_LEN);
    (&mut input).take(HEAD_LEN as u64).read_to_end(&mut head).map_err(failed)?;
    let mark_len = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    head.drain(..mark_len);

    let is_whole = head.len() + mark_len < HEAD_LEN;
    let told = dialect::told(&head);
    head.drain(..told.map_or(0, |(_, len)| len));
    let mut options = context.options.table.clone();
    options.delimiter = options.delimiter.or(told.map(|(delimiter, _)| delimiter)).or(delimiter);
    let dialect = dialect::find(&head, is_whole, &options).map_err(|kind| IngestError::new(&*file, kind))?;
    let whole = BufReader::new(Cursor::new(head)).chain(input);
    let num_lines = told.map_or(0, |_| 1);
    let (whole, quotes) = Unquoted::new(whole, dialect.delimiter, MAX_LINE_LEN, num_lines);
    let mut notes: VecDeque<Entry> = note.map(Entry::Note).into_iter().collect();
    notes.push_back(Entry::Note(dialect.note.clone()));
    let mut table = Table {
        rows: Rows::new(Box::new(BufReader::new(whole)), dialect.delimiter, MAX_LINE_LEN).behind(num_lines),
        quotes,
        context,
        file,
        names: Vec::new(),
        has_header: dialect.has_header,
        demand: Demand::Cells { has_commas: dialect.delimiter == b';' },
        plan: None,
        queue: notes,
    };
    Ok(streamed(move || table.next()))
}

struct Table<'a> {
    rows: Rows<'a>,
    /// Quotation marks that do not close their cells.
    quotes: Rc<RefCell<Told>>,
    context: &'a ReadContext,
    file: String,
    names: Vec<String>,
    has_header: bool,
    demand: Demand,
    plan: Option<Plan>,
    /// What is found and not yet yielded.
    queue: VecDeque<Entry>,
}

impl Table<'_> {
    fn next(&mut self) -> Result<Option<Entry>, IngestError> {
        if self.plan.is_none() {
            self.decide().map_err(|kind| self.error(kind))?;
        }
        if let Some(entry) = self.queue.pop_front() {
            return Ok(Some(entry));
        }
        let Some(plan) = &self.plan else { return Ok(None) };
        let row = self.rows.next().map_err(|kind| IngestError::new(&*self.file, kind))?;
        let Some((place, row)) = row else {
            self.queue.extend(plan.closing_note().into_iter().chain(self.quotes.borrow_mut().notes()).map(Entry::Note));
            return Ok(self.queue.pop_front());
        };
        self.entry(plan, place, named(row, &self.names)).map(Some).map_err(|kind| self.error(kind))
    }

    /// Names the columns, makes the plan from the first rows, and records of them.
    fn decide(&mut self) -> Result<(), IngestErrorKind> {
        let mut first = None;
        if self.has_header {
            let header = self.rows.next()?;
            self.names = column_names(header.and_then(|(_, cells)| cells.ok()).unwrap_or_default());
        } else {
            first = self.rows.next()?;
            let width = first.as_ref().and_then(|(_, cells)| cells.as_ref().ok()).map_or(0, Vec::len);
            self.names = column_names(vec![String::new(); width]);
        }
        let (mut seen, mut len) = (Vec::new(), 0);
        while seen.len() < SAMPLE_ROWS && len < SAMPLE_LEN {
            let next = match first.take() {
                Some(row) => Some(row),
                None => self.rows.next()?,
            };
            let Some((place, cells)) = next else { break };
            len += cells.iter().flatten().map(String::len).sum::<usize>();
            seen.push((place, named(cells, &self.names)));
        }
        let rows: Vec<Row> = seen.iter().filter_map(|(_, row)| row.as_ref().ok()).cloned().collect();
        let plan = Plan::decide(&rows, &self.context.options.table, self.demand, &self.context.time_zone)?;
        self.queue.extend(plan.notes().into_iter().map(Entry::Note));
        for (place, row) in seen {
            let entry = self.entry(&plan, place, row)?;
            self.queue.push_back(entry);
        }
        self.plan = Some(plan);
        Ok(())
    }

    fn entry(&self, plan: &Plan, place: Place, row: Result<Row, Refused>) -> Result<Entry, IngestErrorKind> {
        Ok(match row {
            Ok(row) => {
                let record = row_record(plan.apply(row)?, place, &self.file, &self.context.time_zone);
                Entry::Record(Box::new(record))
            }
            Err(Refused { reason, start }) => {
                Entry::Skipped(Skipped { file: self.file.clone(), place, reason, excerpt: excerpt(&start) })
            }
        })
    }

    fn error(&self, kind: IngestErrorKind) -> IngestError {
        IngestError::new(&*self.file, kind)
    }
}

/// A row that is no record.
struct Refused {
    reason: String,
    /// How it begins.
    start: String,
}

/// Cells by the names of their columns; empty ones are left out.
fn named(cells: Result<Vec<String>, Refused>, names: &[String]) -> Result<Row, Refused> {
    let cells = cells?;
    let is_beyond = |(at, cell): (usize, &String)| at >= names.len() && !cell.trim().is_empty();
    if cells.iter().enumerate().any(is_beyond) {
        let reason = format!("the row has {} cells, and there are {} columns", cells.len(), names.len());
        return Err(Refused { reason, start: cells.join(" ") });
    }
    let cells = names.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
    Ok(cells.map(|(name, cell)| (name.clone(), Value::String(cell))).collect())
}

/// A name for each column: its own, with a number after it where it is not the only one; its place where it has none.
fn column_names(cells: Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    let mut seen = std::collections::HashSet::new();
    for (at, cell) in cells.into_iter().enumerate() {
        let cell = cell.trim();
        let base = if cell.is_empty() { format!("column{}", at + 1) } else { cell.to_owned() };
        let mut name = base.clone();
        let mut number = 2;
        while !seen.insert(name.clone()) {
            name = format!("{base}_{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// The rows of a table with their places.
struct Rows<'a> {
    reader: csv::Reader<Watched<Input<'a>>>,
    seen: Rc<RefCell<Seen>>,
    limit: u64,
    record: ByteRecord,
    /// Bytes and line ends before the next row.
    offset: u64,
    num_breaks: u64,
    /// Whether what is before the next row ends with a carriage return, of which a line feed behind it is no other end.
    is_after_return: bool,
}

/// What was read and is no part of a row yet.
#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    /// Bytes at the start of `bytes` that were rows.
    used: usize,
    is_exceeded: bool,
}

impl<'a> Rows<'a> {
    fn new(input: Input<'a>, delimiter: u8, limit: u64) -> Self {
        let seen = Rc::new(RefCell::new(Seen::default()));
        let input = Watched { input, limit, seen: seen.clone() };
        let reader = ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(input);
        Self { reader, seen, limit, record: ByteRecord::new(), offset: 0, num_breaks: 0, is_after_return: false }
    }

    /// Rows that stand behind so many lines.
    fn behind(self, num_breaks: u64) -> Self {
        Self { num_breaks, ..self }
    }

    #[expect(clippy::type_complexity, reason = "a row is refused or not, and there may be none")]
    fn next(&mut self) -> Result<Option<(Place, Result<Vec<String>, Refused>)>, IngestErrorKind> {
        let found = self.reader.read_byte_record(&mut self.record).map_err(|error| {
            if self.seen.borrow().is_exceeded {
                return IngestErrorKind::LineTooLong { line: self.num_breaks + 1, limit: self.limit };
            }
            match error.into_kind() {
                csv::ErrorKind::Io(error) => IngestErrorKind::Io(error),
                kind => IngestErrorKind::Io(io::Error::other(format!("{kind:?}"))),
            }
        })?;
        if !found {
            return Ok(None);
        }
        let place = self.place();
        let refused = |reason: String| {
            let start = self.record.as_slice().get(..EXCERPT_LEN).unwrap_or(self.record.as_slice());
            Refused { reason, start: String::from_utf8_lossy(start).into_owned() }
        };
        let cells = if self.record.len() > MAX_CELLS {
            Err(refused(format!("the row has more than {MAX_CELLS} cells")))
        } else {
            let cells: Result<Vec<String>, _> =
                self.record.iter().map(|cell| std::str::from_utf8(cell).map(str::to_owned)).collect();
            cells.map_err(|_| refused("the row is not UTF-8".to_owned()))
        };
        Ok(Some((place, cells)))
    }

    /// The lines of the row that was just read; what the parser says of them is one off after `\r\n`.
    fn place(&mut self) -> Place {
        let mut seen = self.seen.borrow_mut();
        let len = (self.reader.position().byte() - self.offset) as usize;
        self.offset += len as u64;
        let row = seen.bytes.get(seen.used..seen.used + len).unwrap_or_default();
        let is_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let before = row.iter().take_while(is_end).count();
        let after = row.iter().rev().take_while(is_end).count().min(row.len() - before);
        let mut breaks = |range: std::ops::Range<usize>| {
            let bytes = row.get(range).unwrap_or_default();
            let mut count = 0;
            for byte in bytes {
                count += u64::from(*byte == b'\r' || *byte == b'\n' && !self.is_after_return);
                self.is_after_return = *byte == b'\r';
            }
            count
        };
        let first = self.num_breaks + 1 + breaks(0..before);
        let last = first + breaks(before..row.len() - after);
        self.num_breaks = last - 1 + breaks(row.len() - after..row.len());
        seen.used += len;
        Place::Lines(first, last)
    }
}

/// Bytes of a row of which an account of it may need the start.
const EXCERPT_LEN: usize = 512;

/// Keeps what is read until it is a row, so much at most: a quotation mark that nothing closes would otherwise make one row of
/// all that follows.
struct Watched<R> {
    input: R,
    limit: u64,
    seen: Rc<RefCell<Seen>>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.input.read(buf)?;
        let mut seen = self.seen.borrow_mut();
        let used = std::mem::take(&mut seen.used);
        seen.bytes.drain(..used);
        if (seen.bytes.len() + len) as u64 > self.limit {
            seen.is_exceeded = true;
            return Err(io::Error::other("the row is too long"));
        }
        seen.bytes.extend_from_slice(buf.get(..len).unwrap_or_default());
        Ok(len)
    }
}

#[cfg(test)]
mod tests;
