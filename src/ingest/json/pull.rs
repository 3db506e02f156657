//! JSON as programs export it, read piece by piece.
//!
//! Two readers that share one idea of where a value ends: [`Scanner`] walks an input of any length and holds one value of it at a
//! time, [`Json`] reads such a value. Neither recurses, so nesting costs nothing; what is no JSON gives a [`Fault`]. Control
//! characters are written `\x0C` by Telegram Desktop, which no JSON knows: they are read as what they mean.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

use serde_json::Value;

/// Bytes that are asked of the input at once.
const CHUNK_LEN: usize = 256 << 10;

/// Longest text that is read as a key or a name.
const MAX_NAME_LEN: usize = 1 << 20;

/// Why something is no JSON.
#[derive(Debug)]
pub(in crate::ingest) enum Fault {
    /// The input ends before it does.
    Cut,
    /// Something else stands where this was expected, at this byte of the input or value.
    Expected(&'static str, u64),
    /// It is longer than is sound.
    TooLong(usize),
    /// The input cannot be read.
    Io(io::Error),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut => write!(f, "the file ends within it"),
            Self::Expected(what, at) => write!(f, "not JSON: there is no {what} at byte {at}"),
            Self::TooLong(limit) => write!(f, "longer than {limit} bytes, which no message is"),
            Self::Io(error) => write!(f, "reading failed: {error}"),
        }
    }
}

/// Finds where a value ends, in as many steps as its bytes come in.
#[derive(Clone, Copy, Debug, Default)]
struct ValueEnd {
    depth: u64,
    in_string: bool,
    is_escaped: bool,
    /// Within a number or literal, which ends before what cannot belong to it.
    in_scalar: bool,
}

impl ValueEnd {
    /// Bytes of `bytes` that belong to the value, if it ends within them.
    fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.in_string {
                if std::mem::take(&mut self.is_escaped) {
                    at += 1;
                    continue;
                }
                at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)? + 1;
                if bytes.get(at - 1) == Some(&b'\\') {
                    self.is_escaped = true;
                    continue;
                }
                self.in_string = false;
                if self.depth == 0 {
                    return Some(at);
                }
                continue;
            }
            match byte {
                b'"' | b'{' | b'[' if self.in_scalar => return Some(at),
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    if self.depth == 0 {
                        return Some(at);
                    }
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 => return Some(at),
                _ => self.in_scalar = self.depth == 0,
            }
            at += 1;
        }
        None
    }
}

/// Walks a JSON text of any length.
pub(in crate::ingest) struct Scanner<R> {
    input: R,
    buf: Vec<u8>,
    /// What of the buffer has been passed.
    at: usize,
    /// Bytes of the input before the buffer.
    start: u64,
}

impl<R: Read> Scanner<R> {
    pub(in crate::ingest) fn new(input: R) -> Self {
        Self { input, buf: Vec::new(), at: 0, start: 0 }
    }

    /// Bytes of the input that have been passed.
    pub(in crate::ingest) fn offset(&self) -> u64 {
        self.start + self.at as u64
    }

    /// Bytes of the input that have been read.
    pub(in crate::ingest) fn end(&self) -> u64 {
        self.start + self.buf.len() as u64
    }

    /// The next byte that is no white space; it is not passed.
    pub(in crate::ingest) fn peek(&mut self) -> Result<u8, Fault> {
        loop {
            while let Some(&byte) = self.buf.get(self.at) {
                // A byte order mark is white space here: it can stand at the start only.
                if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0xEF | 0xBB | 0xBF) {
                    return Ok(byte);
                }
                self.at += 1;
            }
            self.fill()?;
        }
    }

    /// Passes one byte.
    pub(in crate::ingest) fn skip_byte(&mut self) {
        self.at += 1;
    }

    /// Passes `byte`, which is called `name` in a fault.
    pub(in crate::ingest) fn expect(&mut self, byte: u8, name: &'static str) -> Result<(), Fault> {
        if self.peek()? != byte {
            return Err(Fault::Expected(name, self.offset()));
        }
        self.at += 1;
        Ok(())
    }

    /// Passes the `,` between two members or items, if one stands here.
    pub(in crate::ingest) fn comma(&mut self) -> Result<(), Fault> {
        if self.peek()? == b',' {
            self.at += 1;
        }
        Ok(())
    }

    /// A key and the `:` after it.
    pub(in crate::ingest) fn key(&mut self) -> Result<String, Fault> {
        if self.peek()? != b'"' {
            return Err(Fault::Expected("key", self.offset()));
        }
        let at = self.offset();
        let key = self.value(MAX_NAME_LEN)?;
        let key = std::str::from_utf8(key).map_err(|_| Fault::Expected("UTF-8", at))?;
        let key = unescaped(key).ok_or(Fault::Expected("text", at))?.into_owned();
        self.expect(b':', "`:`")?;
        Ok(key)
    }

    /// A whole value; one that is longer than `limit` is passed, and a fault.
    pub(in crate::ingest) fn value(&mut self, limit: usize) -> Result<&[u8], Fault> {
        self.peek()?;
        let (mut end, mut seen) = (ValueEnd::default(), self.at);
        loop {
            if let Some(len) = end.find(self.buf.get(seen..).unwrap_or_default()) {
                let from = self.at;
                if seen + len == from {
                    return Err(Fault::Expected("value", self.offset()));
                }
                self.at = seen + len;
                return Ok(self.buf.get(from..self.at).unwrap_or_default());
            }
            let len = self.buf.len() - self.at;
            if len > limit {
                self.at = self.buf.len();
                self.pass(end)?;
                return Err(Fault::TooLong(limit));
            }
            match self.fill() {
                Ok(()) => seen = self.at + len,
                // A number may end with the input.
                Err(Fault::Cut) if end.in_scalar => {
                    let from = std::mem::replace(&mut self.at, self.buf.len());
                    return Ok(self.buf.get(from..).unwrap_or_default());
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Passes a value of any length.
    pub(in crate::ingest) fn skip_value(&mut self) -> Result<(), Fault> {
        self.peek()?;
        let at = self.offset();
        self.pass(ValueEnd::default())?;
        // A walk that passes nothing would never end.
        if self.offset() == at { Err(Fault::Expected("value", at)) } else { Ok(()) }
    }

    fn pass(&mut self, mut end: ValueEnd) -> Result<(), Fault> {
        loop {
            let rest = self.buf.get(self.at..).unwrap_or_default();
            if let Some(len) = end.find(rest) {
                self.at += len;
                return Ok(());
            }
            self.at = self.buf.len();
            self.fill()?;
        }
    }

    /// Reads more; what has been passed goes.
    fn fill(&mut self) -> Result<(), Fault> {
        self.buf.drain(..self.at);
        self.start += self.at as u64;
        self.at = 0;
        let len = (&mut self.input).take(CHUNK_LEN as u64).read_to_end(&mut self.buf).map_err(Fault::Io)?;
        if len == 0 { Err(Fault::Cut) } else { Ok(()) }
    }
}

/// A JSON text that is all there.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct Json<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Json<'a> {
    pub(in crate::ingest) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The members of an object, each as its key and the JSON text of its value.
    pub(in crate::ingest) fn members(mut self) -> Result<Vec<(Cow<'a, str>, &'a str)>, Fault> {
        self.expect(b'{', "`{`")?;
        let mut members = Vec::with_capacity(24);
        while !self.closes(b'}', members.is_empty())? {
            let at = self.at;
            let key = self.value()?;
            let key = unescaped(key).ok_or(Fault::Expected("key", at as u64))?;
            self.expect(b':', "`:`")?;
            members.push((key, self.value()?));
        }
        Ok(members)
    }

    /// The items of an array, each as its JSON text.
    pub(in crate::ingest) fn items(mut self) -> Result<Vec<&'a str>, Fault> {
        self.expect(b'[', "`[`")?;
        let mut items = Vec::new();
        while !self.closes(b']', items.is_empty())? {
            items.push(self.value()?);
        }
        Ok(items)
    }

    /// Whether an object or array ends here; else passes the `,` before what follows.
    fn closes(&mut self, end: u8, is_first: bool) -> Result<bool, Fault> {
        let byte = self.peek().ok_or(Fault::Cut)?;
        if byte == end {
            self.at += 1;
            return Ok(true);
        }
        if !is_first {
            self.expect(b',', "`,`")?;
        }
        Ok(false)
    }

    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn expect(&mut self, byte: u8, name: &'static str) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return Err(Fault::Expected(name, self.at as u64));
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self) -> Result<&'a str, Fault> {
        self.peek();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut end = ValueEnd::default();
        let len = match end.find(rest.as_bytes()) {
            Some(len) => len,
            None if end.in_scalar => rest.len(),
            None => return Err(Fault::Cut),
        };
        if len == 0 {
            return Err(Fault::Expected("value", self.at as u64));
        }
        self.at += len;
        // Values begin and end at ASCII bytes, or where the text does.
        rest.get(..len).ok_or(Fault::Expected("value", self.at as u64))
    }
}

/// The text that the JSON text of a string means; none if it is no string.
pub(in crate::ingest) fn unescaped(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"').filter(|_| json.len() > 1)?;
    let Some(first) = memchr::memchr(b'\\', inner.as_bytes()) else { return Some(Cow::Borrowed(inner)) };
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    let mut next = Some(first);
    while let Some(at) = next {
        text.push_str(rest.get(..at)?);
        rest = rest.get(at + 1..)?;
        let escape = rest.chars().next()?;
        rest = rest.get(escape.len_utf8()..)?;
        match escape {
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            '"' | '\\' | '/' => text.push(escape),
            'x' => {
                text.push(char::from_u32(hex(rest, 2)?)?);
                rest = rest.get(2..)?;
            }
            'u' => {
                let high = hex(rest, 4)?;
                rest = rest.get(4..)?;
                let pair =
                    rest.strip_prefix("\\u").and_then(|tail| hex(tail, 4)).filter(|_| (0xD800..0xDC00).contains(&high));
                match pair {
                    Some(low) if (0xDC00..0xE000).contains(&low) => {
                        text.push(char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))?);
                        rest = rest.get(6..)?;
                    }
                    // Half of a pair means nothing.
                    _ => text.push(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER)),
                }
            }
            _ => return None,
        }
        next = memchr::memchr(b'\\', rest.as_bytes());
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

/// The number that the first `count` characters write in hexadecimal.
fn hex(text: &str, count: usize) -> Option<u32> {
    let digits = text.get(..count).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

/// What a value is as text: a string, or the digits or literal as they stand; none for `null`, objects and arrays.
pub(in crate::ingest) fn scalar(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' => unescaped(json),
        b'{' | b'[' => None,
        _ => Some(Cow::Borrowed(json)).filter(|text| text != "null"),
    }
}

/// A value as JSON text in its shortest form. What is no JSON becomes a string of itself.
pub(in crate::ingest) fn compact(json: &str) -> String {
    let value = match unescaped(json) {
        Some(text) => Value::from(&*text),
        None => serde_json::from_str(json).unwrap_or_else(|_| Value::from(json)),
    };
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_mean_what_they_say() {
        let check = |json: &str, expected: Option<&str>| assert_eq!(unescaped(json).as_deref(), expected, "{json}");
        check(r#""""#, Some(""));
        check(r#""a\"\\\/\n\t""#, Some("a\"\\/\n\t"));
        check(r#""\x0C\x41\\x41""#, Some("\u{c}A\\x41"));
        check(r#""\ud83d\ude00 \ud83d \ude00\u2028""#, Some("😀 \u{fffd} \u{fffd}\u{2028}"));
        check(r#""ёж""#, Some("ёж"));
        check(r#""\q""#, None);
        check(r#""\u12""#, None);
        check(r#""\x1ё""#, None);
        check("\"", None);
        check("12", None);
    }

    #[test]
    fn members_and_items() {
        let members = |json| Json::new(json).members().map_err(|fault| fault.to_string());
        let object = r#" { "a": 1 , "b\n" : {"c": ["}"]},"d":null}"#;
        let found = members(object).unwrap();
        let found: Vec<_> = found.iter().map(|(key, value)| (&**key, *value)).collect();
        assert_eq!(found, [("a", "1"), ("b\n", r#"{"c": ["}"]}"#), ("d", "null")]);
        assert_eq!(members("{}").unwrap().len(), 0);
        assert!(members(r#"{"a" 1}"#).unwrap_err().contains("no `:` at byte 5"));
        assert!(members(r#"{"a": 1 "b": 2}"#).unwrap_err().contains("no `,`"));
        assert!(members(r#"{"a": "#).unwrap_err().contains("ends within"));
        assert_eq!(Json::new(r#"["a", 2, [3]]"#).items().unwrap(), ["\"a\"", "2", "[3]"]);
    }

    #[test]
    fn a_scanner_needs_no_more_than_a_value() {
        struct Drip<'a>(&'a [u8]);
        impl Read for Drip<'_> {
            fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                let len = self.0.len().min(buf.len()).min(1);
                buf[..len].copy_from_slice(&self.0[..len]);
                self.0 = &self.0[len..];
                Ok(len)
            }
        }
        let text = br#"{"a": [1, "x\"]"], "b": "long enough", "c": 12"#;
        let mut scanner = Scanner::new(Drip(text));
        scanner.expect(b'{', "`{`").unwrap();
        assert_eq!(scanner.key().unwrap(), "a");
        assert_eq!(scanner.value(100).unwrap(), br#"[1, "x\"]"]"#);
        scanner.comma().unwrap();
        assert_eq!(scanner.key().unwrap(), "b");
        scanner.skip_value().unwrap();
        scanner.comma().unwrap();
        assert_eq!((scanner.key().unwrap().as_str(), scanner.value(100).unwrap()), ("c", &b"12"[..]));
        assert!(matches!(scanner.peek(), Err(Fault::Cut)));
    }

    #[test]
    fn values_are_compacted() {
        let check = |json, expected| assert_eq!(compact(json), expected, "{json}");
        check("{ \"a\" : 1.10 }", r#"{"a":1.10}"#);
        check(r#""\x0C""#, r#""\f""#);
        check("nul", r#""nul""#);
    }
}
