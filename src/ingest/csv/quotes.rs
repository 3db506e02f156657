//! Quotation marks that open a cell and do not close it. RFC 4180 makes one cell of all that follows, up to the next mark, so that
//! a message that begins with one takes the rows behind it along. Such a mark shows: what stands behind its partner is neither the
//! end of a cell nor of a row, or it has none. Where each line that it took is a row of the table's width by itself, the mark is
//! read as a character; where not, the row is left to the parser, and told.

use std::cell::RefCell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// Places that are told by their lines; of the others, how many there are.
const MAX_TOLD: usize = 5;

/// What was found of marks that do not close their cell, in lines counted from 1.
#[derive(Debug, Default)]
pub(super) struct Told {
    mended: Lines,
    left: Lines,
}

#[derive(Debug, Default)]
struct Lines {
    first: Vec<u64>,
    count: u64,
}

/// Hands a table on, a row at a time, with quotation marks that are only characters written as such.
pub(super) struct Unquoted<R> {
    input: R,
    delimiter: u8,
    limit: usize,
    told: Rc<RefCell<Told>>,
    /// What was read: up to `given` handed on, up to `ready` to be, then a row that may not be whole.
    held: Vec<u8>,
    given: usize,
    ready: usize,
    scan: Scan,
    /// Cells of the first row.
    width: Option<usize>,
    /// Line ends before what is held, and before `ready`.
    num_lines: u64,
    is_ended: bool,
    /// Whether a row is longer than any is read: the parser is to say so.
    is_exceeded: bool,
}

/// How far a row was read.
#[derive(Clone, Debug, Default)]
struct Scan {
    at: usize,
    num_cells: usize,
    state: State,
    /// The mark that opened the cell before or at `at`.
    opened: usize,
    /// Whether that cell goes over the end of a line.
    is_across: bool,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    #[default]
    Start,
    Plain,
    Quoted,
    /// Behind a mark within a quoted cell, which ends it, or is the first of two that mean one.
    Closing,
}

enum Verdict {
    /// A row of so many bytes, its line end included.
    Row(usize),
    /// The cell that was opened ends where no cell can.
    Astray,
    /// What is there is too short to tell.
    Unknown,
}

impl<R: BufRead> Unquoted<R> {
    /// `limit` is that of a row, in bytes; `num_lines` stand before the first.
    pub(super) fn new(input: R, delimiter: u8, limit: u64, num_lines: u64) -> (Self, Rc<RefCell<Told>>) {
        let told = Rc::default();
        let unquoted = Self {
            input,
            delimiter,
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            told: Rc::clone(&told),
            held: Vec::new(),
            given: 0,
            ready: 0,
            scan: Scan::default(),
            width: None,
            num_lines,
            is_ended: false,
            is_exceeded: false,
        };
        (unquoted, told)
    }

    /// Finds a row that can be handed on, or reads on.
    fn step(&mut self) -> io::Result<()> {
        let row = self.held.get(self.ready..).unwrap_or_default();
        match self.scan.advance(row, self.delimiter, self.is_ended) {
            Verdict::Row(len) => {
                if self.scan.num_cells > 0 {
                    self.width.get_or_insert(self.scan.num_cells);
                }
                self.hand_on(len);
            }
            Verdict::Astray => self.judge(),
            Verdict::Unknown if row.len() > self.limit => {
                self.is_exceeded = true;
                self.hand_on(row.len());
            }
            Verdict::Unknown => self.read_on()?,
        }
        Ok(())
    }

    fn hand_on(&mut self, len: usize) {
        let row = self.held.get(self.ready..self.ready + len).unwrap_or_default();
        self.num_lines += num_breaks(row);
        self.ready += len;
        self.scan = Scan::default();
    }

    fn read_on(&mut self) -> io::Result<()> {
        self.held.drain(..self.given);
        self.ready -= self.given;
        self.given = 0;
        let more = self.input.fill_buf()?;
        let len = more.len();
        self.held.extend_from_slice(more);
        self.input.consume(len);
        self.is_ended = len == 0;
        Ok(())
    }

    /// Decides what the mark that opened the cell in question is.
    fn judge(&mut self) {
        let row = self.held.get(self.ready..).unwrap_or_default();
        let taken = row.get(..self.scan.at).unwrap_or_default();
        let line = self.num_lines + 1 + num_breaks(taken.get(..self.scan.opened).unwrap_or_default());
        // The line on which the next mark stands may go on, in a cell that is closed.
        let is_to_the_end = self.scan.at == row.len() && self.is_ended;
        let end = if is_to_the_end { Some(taken.len()) } else { memchr::memrchr2(b'\n', b'\r', taken) };
        if self.are_rows(taken.get(..end.unwrap_or(0)).unwrap_or_default()) {
            self.told.borrow_mut().mended.push(line);
            self.write_as_character();
        } else {
            self.told.borrow_mut().left.push(line);
            // As the parser does.
            self.scan.state = State::Plain;
            self.scan.is_across = false;
        }
    }

    /// Whether each line has the cells of a row, a mark that its line does not close taken as a character.
    fn are_rows(&self, lines: &[u8]) -> bool {
        let Some(width) = self.width.filter(|width| *width > 1) else { return false };
        let mut lines = lines.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty());
        lines.all(|line| num_cells(line, self.delimiter) == width)
    }

    /// Puts the cell that the mark opened between marks, up to the end of its line at most, and begins the row again.
    fn write_as_character(&mut self) {
        let start = self.ready + self.scan.opened;
        let rest = self.held.get(start..).unwrap_or_default();
        let len = memchr::memchr3(self.delimiter, b'\n', b'\r', rest).unwrap_or(rest.len());
        let mut cell = vec![b'"'];
        for byte in rest.get(..len).unwrap_or_default() {
            cell.extend(std::iter::repeat_n(*byte, if *byte == b'"' { 2 } else { 1 }));
        }
        cell.push(b'"');
        self.held.splice(start..start + len, cell);
        self.scan = Scan::default();
    }
}

impl<R: BufRead> Read for Unquoted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let is_done = |own: &Self| own.is_exceeded || own.is_ended && own.ready == own.held.len();
        while self.ready - self.given < buf.len() && !is_done(self) {
            self.step()?;
        }
        if self.given == self.ready && self.is_exceeded {
            return self.input.read(buf);
        }
        let ready = self.held.get(self.given..self.ready).unwrap_or_default();
        let len = ready.len().min(buf.len());
        let (to, from) = (buf.get_mut(..len).unwrap_or_default(), ready.get(..len).unwrap_or_default());
        to.copy_from_slice(from);
        self.given += len;
        Ok(len)
    }
}

impl Scan {
    /// Reads on in a row that begins at the start of `row`; `is_last` says that nothing follows it.
    fn advance(&mut self, row: &[u8], delimiter: u8, is_last: bool) -> Verdict {
        while let Some(byte) = row.get(self.at) {
            let is_end = matches!(byte, b'\n' | b'\r');
            match self.state {
                State::Start if *byte == b'"' => {
                    (self.opened, self.is_across, self.state) = (self.at, false, State::Quoted);
                }
                State::Start | State::Plain | State::Closing if is_end => return self.row(self.at + 1),
                State::Start | State::Plain | State::Closing if *byte == delimiter => {
                    self.num_cells += 1;
                    self.state = State::Start;
                }
                State::Plain => {
                    let rest = row.get(self.at..).unwrap_or_default();
                    self.at += memchr::memchr3(delimiter, b'\n', b'\r', rest).unwrap_or(rest.len());
                    continue;
                }
                State::Quoted => {
                    let rest = row.get(self.at..).unwrap_or_default();
                    let len = memchr::memchr(b'"', rest).unwrap_or(rest.len());
                    self.is_across |= memchr::memchr2(b'\n', b'\r', rest.get(..len).unwrap_or_default()).is_some();
                    self.at += len;
                    if len == rest.len() {
                        continue;
                    }
                    self.state = State::Closing;
                }
                State::Closing if *byte == b'"' => self.state = State::Quoted,
                State::Closing if self.is_across => return Verdict::Astray,
                State::Start | State::Closing => self.state = State::Plain,
            }
            self.at += 1;
        }
        match self.state {
            State::Quoted if is_last => Verdict::Astray,
            _ if is_last => self.row(row.len()),
            _ => Verdict::Unknown,
        }
    }

    /// A row that ends before `end`; one of nothing has no cells.
    fn row(&mut self, end: usize) -> Verdict {
        if self.at > 0 {
            self.num_cells += 1;
        }
        Verdict::Row(end)
    }
}

/// Cells of a line, where a mark that the line does not close is a character.
fn num_cells(line: &[u8], delimiter: u8) -> usize {
    let mut count = 1;
    let mut rest = line;
    loop {
        let cell_len =
            quoted_len(rest, delimiter).unwrap_or_else(|| memchr::memchr(delimiter, rest).unwrap_or(rest.len()));
        match rest.get(cell_len + 1..) {
            Some(next) => rest = next,
            None => return count,
        }
        count += 1;
    }
}

/// The length of the quoted cell that a line begins with, if one ends before a delimiter or with the line.
fn quoted_len(line: &[u8], delimiter: u8) -> Option<usize> {
    let mut at = 1;
    line.first().filter(|first| **first == b'"')?;
    loop {
        at += memchr::memchr(b'"', line.get(at..)?)? + 1;
        match line.get(at) {
            Some(b'"') => at += 1,
            Some(next) if *next != delimiter => return None,
            _ => return Some(at),
        }
    }
}

fn num_breaks(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

impl Told {
    /// What was found, for people; once.
    pub(super) fn notes(&mut self) -> Vec<String> {
        let Self { mended, left } = std::mem::take(self);
        let say = |lines: &Lines, what: &str| (lines.count > 0).then(|| format!("{what}: {}", lines.name()));
        let mended = say(&mended, "quotation marks that open a cell and are never closed, read as characters");
        let left = say(
            &left,
            "cells of several lines in which quotation marks do not match, so that they may hold other rows",
        );
        mended.into_iter().chain(left).collect()
    }
}

impl Lines {
    fn push(&mut self, line: u64) {
        if self.first.len() < MAX_TOLD {
            self.first.push(line);
        }
        self.count += 1;
    }

    fn name(&self) -> String {
        let first: Vec<String> = self.first.iter().map(|line| format!("line {line}")).collect();
        let more = self.count - self.first.len() as u64;
        first.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
    }
}
