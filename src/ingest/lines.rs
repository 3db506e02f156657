//! Lines of an input, numbered and bounded: one hostile line costs an error, not the memory of the machine.

use std::io::{BufRead, Chain, Cursor, ErrorKind, Read as _};

use super::error::{IngestError, IngestErrorKind};

/// Longest line that is read, in bytes. No service has posts near this size, while an input without line ends would otherwise be
/// held whole: a lower limit refuses albums with embedded thumbnails, a higher one costs their size in memory.
pub const MAX_LINE_LEN: u64 = 64 << 20;

/// Bytes at the start of an input in which a control byte proves that it is no text. Archives, images and databases show one
/// within their first hundreds; further in, a stray one is more likely damage that should not cost the whole input.
const HEAD_LEN: u64 = 64 << 10;

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One line, without its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: u64,
    /// Bytes of the input before it.
    pub(super) offset: u64,
    /// Its bytes, without a byte order mark and its end: `\n`, `\r\n`, or `\r` where there is no `\n`.
    pub(super) bytes: &'a [u8],
}

/// Reads an input line by line, holding one line at a time.
pub(super) struct Lines<R> {
    /// What was looked at, and the rest.
    input: Chain<Cursor<Vec<u8>>, R>,
    file: String,
    /// The byte that ends a line; not known until the first is read.
    end: Option<u8>,
    limit: u64,
    buf: Vec<u8>,
    number: u64,
    /// Bytes of the input before what comes next.
    offset: u64,
}

impl<'a> Line<'a> {
    /// Its text.
    ///
    /// # Errors
    ///
    /// `NotUtf8`, with the place of the first wrong byte.
    pub(super) fn text(&self) -> Result<&'a str, IngestErrorKind> {
        std::str::from_utf8(self.bytes).map_err(|error| IngestErrorKind::NotUtf8 {
            line: self.number,
            offset: self.offset + error.valid_up_to() as u64,
        })
    }
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R, file: &str) -> Self {
        Self::with_limit(input, file, MAX_LINE_LEN)
    }

    fn with_limit(input: R, file: &str, limit: u64) -> Self {
        let input = Cursor::default().chain(input);
        Self { input, file: file.to_owned(), end: None, limit, buf: Vec::new(), number: 0, offset: 0 }
    }

    /// The name of the input in errors.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// The next line, or `None` at the end of the input.
    ///
    /// # Errors
    ///
    /// `Io`, `LineTooLong`, and near the start of the input `Utf16` and `Binary`.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, IngestError> {
        let start = self.offset;
        self.buf.clear();
        if let Err(kind) = self.fill() {
            return Err(IngestError::new(&*self.file, kind));
        }
        if self.buf.is_empty() {
            return Ok(None);
        }
        self.number += 1;

        let mut bytes = self.buf.as_slice();
        let mut offset = start;
        bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if start == 0
            && let Some(rest) = bytes.strip_prefix(UTF8_MARK)
        {
            bytes = rest;
            offset = UTF8_MARK.len() as u64;
        }
        Ok(Some(Line { number: self.number, offset, bytes }))
    }

    /// Passes what is left of a line that was too long; gives its number.
    ///
    /// # Errors
    ///
    /// `Io`.
    pub(super) fn pass(&mut self) -> Result<u64, IngestError> {
        self.number += 1;
        self.buf.clear();
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(IngestError::new(&*self.file, IngestErrorKind::Io(error))),
            };
            let end = memchr::memchr(self.end.unwrap_or(b'\n'), chunk);
            let used = end.map_or(chunk.len(), |end| end + 1);
            self.input.consume(used);
            self.offset += used as u64;
            if end.is_some() || used == 0 {
                return Ok(self.number);
            }
        }
    }

    /// The byte that ends a line, of which the start of the input tells: a line feed, or where there is none of them the carriage
    /// return of old text files.
    fn end(&mut self) -> Result<u8, IngestErrorKind> {
        if let Some(end) = self.end {
            return Ok(end);
        }
        let (head, rest) = self.input.get_mut();
        let mut start = Vec::new();
        rest.take(HEAD_LEN).read_to_end(&mut start).map_err(IngestErrorKind::Io)?;
        let has_returns_alone = memchr::memchr(b'\n', &start).is_none() && memchr::memchr(b'\r', &start).is_some();
        *head = Cursor::new(start);
        let end = if has_returns_alone { b'\r' } else { b'\n' };
        self.end = Some(end);
        Ok(end)
    }

    /// Moves the next line, with its end, from the input to `buf`.
    fn fill(&mut self) -> Result<(), IngestErrorKind> {
        let line_end = self.end()?;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(IngestErrorKind::Io(error)),
            };
            let end = memchr::memchr(line_end, chunk);
            let used = end.map_or(chunk.len(), |end| end + 1);
            let seen = self.buf.len();
            if (seen + used) as u64 > self.limit {
                return Err(IngestErrorKind::LineTooLong { line: self.number + 1, limit: self.limit });
            }
            self.buf.extend(chunk.iter().take(used));
            self.input.consume(used);
            check_text(&self.buf, seen, self.offset - seen as u64)?;
            self.offset += used as u64;
            if end.is_some() || used == 0 {
                return Ok(());
            }
        }
    }
}

/// Refuses what no text holds. `buf` begins at byte `start` of the input; its first `seen` bytes have been looked at before.
fn check_text(buf: &[u8], seen: usize, start: u64) -> Result<(), IngestErrorKind> {
    if start >= HEAD_LEN {
        return Ok(());
    }
    if start == 0 && (buf.starts_with(b"\xFF\xFE") || buf.starts_with(b"\xFE\xFF")) {
        return Err(IngestErrorKind::Utf16 { big_endian: buf.starts_with(b"\xFE") });
    }
    let head = buf.iter().take((HEAD_LEN - start) as usize);
    match head.enumerate().skip(seen).find(|&(_, &byte)| is_binary(byte)) {
        Some((index, &byte)) => Err(IngestErrorKind::Binary { offset: start + index as u64, byte }),
        None => Ok(()),
    }
}

/// Whether no text holds `byte`: a control byte that is neither white space nor one of those by which chat logs and terminals
/// set bold, colour and the like.
fn is_binary(byte: u8) -> bool {
    matches!(byte, 0x00 | 0x01 | 0x04..=0x08 | 0x0E | 0x10 | 0x12..=0x15 | 0x17..=0x1A | 0x1C)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &[u8], limit: u64, chunk: usize) -> Result<Vec<(u64, u64, String)>, String> {
        let input = std::io::BufReader::with_capacity(chunk, input);
        let mut lines = Lines::with_limit(input, "f", limit);
        let mut all = Vec::new();
        while let Some(line) = lines.next().map_err(|error| error.to_string())? {
            let text = line.text().map_err(|kind| kind.to_string())?;
            all.push((line.number, line.offset, text.to_owned()));
        }
        Ok(all)
    }

    fn check(input: &[u8], expected: &[(u64, u64, &str)]) {
        for chunk in [1, 2, 3, 100] {
            let lines = read(input, 10, chunk).unwrap();
            let lines: Vec<_> = lines.iter().map(|(number, offset, text)| (*number, *offset, text.as_str())).collect();
            assert_eq!(lines, expected, "{input:?} in chunks of {chunk}");
        }
    }

    fn check_error(input: &[u8], expected: &str) {
        for chunk in [1, 2, 3, 100] {
            let error = read(input, 10, chunk).unwrap_err();
            assert!(error.contains(expected), "{error:?} should say {expected:?}");
        }
    }

    #[test]
    fn numbers_lines_and_strips_their_ends() {
        check(b"", &[]);
        check(b"\n", &[(1, 0, "")]);
        check(b"a", &[(1, 0, "a")]);
        check(b"a\n\nb\n", &[(1, 0, "a"), (2, 2, ""), (3, 3, "b")]);
        check(b"a\r\nb\r\r\n", &[(1, 0, "a"), (2, 3, "b\r")]);
        check(b"a\r\rb\r", &[(1, 0, "a"), (2, 2, ""), (3, 3, "b")]);
        check(b"a\rb\nc", &[(1, 0, "a\rb"), (2, 4, "c")]);
        check(b"\xEF\xBB\xBFa\n\xEF\xBB\xBFb", &[(1, 3, "a"), (2, 5, "\u{feff}b")]);
        check(b"\xEF\xBB\xBF", &[(1, 3, "")]);
        check(b"123456789\n1", &[(1, 0, "123456789"), (2, 10, "1")]);
    }

    #[test]
    fn refuses_what_is_no_text() {
        check_error(b"1234567890\n", "line 1 is longer than 10 bytes");
        check_error(b"a\n12345678901", "line 2 is longer");
        check_error(b"a\nb\xFFc", "line 2 is not UTF-8 at byte 3");
        check_error(b"\xFF\xFEa\0", "UTF-16LE");
        check_error(b"\xFE\xFF\0a", "UTF-16BE");
        check_error(b"PK\x03\x04", "byte 3 is 0x04");
        check_error(b"ab\nc\0", "byte 4 is 0x00");
    }

    #[test]
    fn formatting_bytes_of_chat_logs_are_text() {
        check(b"\x02a\x0F\t\x1B[0", &[(1, 0, "\x02a\x0F\t\x1B[0")]);
    }

    #[test]
    fn an_endless_line_fails_within_the_limit() {
        let input = std::io::BufReader::new(std::io::repeat(b'x'));
        let error = Lines::new(input, "f").next().unwrap_err();
        assert!(matches!(error.kind(), IngestErrorKind::LineTooLong { line: 1, .. }));
    }
}
