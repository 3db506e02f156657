//! Where the values of a JSON text begin and end, without holding more than one of them.

use std::io::{self, BufRead, ErrorKind};

/// Why a text cannot be followed further.
#[derive(Debug)]
pub(super) enum ScanError {
    /// It ends within a value.
    End,
    /// A byte stands where none such may.
    Unexpected { byte: u8, wanted: &'static str },
    /// A value is too long.
    TooLong,
    /// It could not be read.
    Io(io::Error),
}

/// Goes over a JSON text. It knows where values end; whether they are values is for a parser.
pub(super) struct Scanner<R> {
    input: R,
    /// Bytes before the next one.
    offset: u64,
    /// Longest value that is kept, in bytes.
    limit: usize,
    /// What was gone over, as long as it is short.
    copy: Option<Vec<u8>>,
}

/// Bytes of a whole text that are kept, in case it is a record itself.
const MAX_COPY: usize = 4 << 20;

impl<R: BufRead> Scanner<R> {
    pub(super) fn new(input: R, limit: usize) -> Self {
        Self { input, offset: 0, limit, copy: Some(Vec::new()) }
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The text so far, where it is short.
    pub(super) fn take_copy(&mut self) -> Option<Vec<u8>> {
        self.copy.take()
    }

    /// The next byte that is no white space, which is not consumed.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ScanError> {
        loop {
            let chunk = fill(&mut self.input)?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let found = chunk.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
            let byte = found.and_then(|at| chunk.get(at)).copied();
            let used = found.unwrap_or(chunk.len());
            self.consume(used);
            if byte.is_some() {
                return Ok(byte);
            }
        }
    }

    /// Consumes white space and one of these bytes.
    pub(super) fn expect(&mut self, wanted: u8, name: &'static str) -> Result<(), ScanError> {
        match self.peek()? {
            Some(byte) if byte == wanted => {
                self.consume(1);
                Ok(())
            }
            Some(byte) => Err(ScanError::Unexpected { byte, wanted: name }),
            None => Err(ScanError::End),
        }
    }

    /// Consumes a byte order mark.
    pub(super) fn skip_mark(&mut self) -> Result<(), ScanError> {
        if fill(&mut self.input)?.starts_with(b"\xEF\xBB\xBF") {
            self.input.consume(3);
            self.offset += 3;
        }
        Ok(())
    }

    /// Moves the next value to `buf`, which is cleared; gives its first byte's place.
    pub(super) fn value(&mut self, buf: &mut Vec<u8>) -> Result<u64, ScanError> {
        buf.clear();
        let first = self.peek()?.ok_or(ScanError::End)?;
        let start = self.offset;
        if matches!(first, b',' | b':' | b']' | b'}') {
            return Err(ScanError::Unexpected { byte: first, wanted: "a value" });
        }
        let mut state = State::default();
        loop {
            let chunk = fill(&mut self.input)?;
            if chunk.is_empty() {
                // Numbers and the like end with the text.
                return if state.within == Within::Scalar && !buf.is_empty() { Ok(start) } else { Err(ScanError::End) };
            }
            let end = state.end(chunk);
            let used = end.unwrap_or(chunk.len());
            if buf.len() + used > self.limit {
                return Err(ScanError::TooLong);
            }
            buf.extend_from_slice(chunk.get(..used).unwrap_or_default());
            self.consume(used);
            if end.is_some() {
                return Ok(start);
            }
        }
    }

    fn consume(&mut self, len: usize) {
        if let Some(copy) = &mut self.copy {
            // Whatever is consumed stands in the buffer of the input.
            let chunk = self.input.fill_buf().unwrap_or_default();
            copy.extend_from_slice(chunk.get(..len).unwrap_or_default());
            if copy.len() > MAX_COPY {
                self.copy = None;
            }
        }
        self.input.consume(len);
        self.offset += len as u64;
    }
}

/// How far a value has been followed.
#[derive(Default)]
struct State {
    depth: usize,
    within: Within,
    is_escaped: bool,
}

/// What the next byte stands in.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
enum Within {
    /// Nothing yet.
    #[default]
    Nothing,
    /// A list or an object.
    Nested,
    /// A string, perhaps in one of these.
    Text,
    /// A number or a word.
    Scalar,
}

impl State {
    /// Where in `chunk` the value ends, if it does.
    fn end(&mut self, chunk: &[u8]) -> Option<usize> {
        for (at, &byte) in chunk.iter().enumerate() {
            match (self.within, byte) {
                (Within::Text, _) if self.is_escaped => self.is_escaped = false,
                (Within::Text, b'\\') => self.is_escaped = true,
                (Within::Text, b'"') if self.depth == 0 => return Some(at + 1),
                (Within::Text, b'"') => self.within = Within::Nested,
                (Within::Scalar, b',' | b':' | b']' | b'}' | b'[' | b'{' | b'"' | b' ' | b'\t' | b'\n' | b'\r') => {
                    return Some(at);
                }
                (Within::Nested | Within::Nothing, b'"') => self.within = Within::Text,
                (Within::Nested | Within::Nothing, b'{' | b'[') => {
                    self.within = Within::Nested;
                    self.depth += 1;
                }
                (Within::Nested, b'}' | b']') => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                (Within::Nothing, _) => self.within = Within::Scalar,
                (Within::Text | Within::Scalar | Within::Nested, _) => {}
            }
        }
        None
    }
}

fn fill<R: BufRead>(input: &mut R) -> Result<&[u8], ScanError> {
    loop {
        match input.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(ScanError::Io(error)),
        }
    }
    input.fill_buf().map_err(ScanError::Io)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(input: &str, chunk: usize) -> Vec<String> {
        let mut scanner = Scanner::new(io::BufReader::with_capacity(chunk, input.as_bytes()), 100);
        let mut buf = Vec::new();
        let mut found = Vec::new();
        while scanner.peek().unwrap().is_some() {
            match scanner.value(&mut buf) {
                Ok(start) => found.push(format!("{start} {}", String::from_utf8_lossy(&buf))),
                Err(error) => {
                    found.push(format!("{error:?}"));
                    break;
                }
            }
        }
        found
    }

    #[test]
    fn finds_where_values_end() {
        let check = |input: &str, expected: &[&str]| {
            for chunk in [1, 2, 3, 100] {
                assert_eq!(values(input, chunk), expected, "{input} in chunks of {chunk}");
            }
        };
        check(" 12 \"a\\\"]\" null", &["1 12", "4 \"a\\\"]\"", "11 null"]);
        check("{\"a\":[1,\"}\"]}[]", &["0 {\"a\":[1,\"}\"]}", "13 []"]);
        check("{\"a\"", &["End"]);
        check("\"\\", &["End"]);
        check("]", &["Unexpected { byte: 93, wanted: \"a value\" }"]);
        check(&"1".repeat(101), &["TooLong"]);
    }
}
