//! What crawlers and recorders of the web keep: WARC files, packed or not, and WACZ, which is a zip with such files in it.
//!
//! ```text
//! WARC/1.0                                     each record has headers of its own, its length among them;
//! WARC-Type: response                          a response holds what the server said, with its headers
//! WARC-Target-URI: https://harbour.example/
//! WARC-Date: 2024-01-05T10:00:00Z
//! Content-Length: 1234
//! ```
//!
//! Pages are posts, as of when they were captured; when they were written is a field. All else that was captured is skipped, with the
//! reason. The reader is ours: a record is a dozen lines of headers and a length, and the crates for it either hold a whole record in
//! memory, whatever length it claims, or bring an HTTP client along.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use brotli_decompressor::Decompressor as Brotli;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::date::{parse_date, take_date};
use super::error::{IngestError, IngestErrorKind};
use super::files::{Part, Parts, each};
use super::format::{Entry, Input, ReadContext, Reader, Sample, Skipped, excerpt, streamed};
use super::html::saved;
use super::json::object::field;
use super::markers;
use super::unpacked::Unpacked;
use crate::record::{Place, Record, Source};

/// Bytes that brotli takes at once.
const BROTLI_BUF_LEN: usize = 4096;

/// The largest window of zstd that servers may use, 8 MB ([RFC 9659](https://www.rfc-editor.org/rfc/rfc9659)).
const ZSTD_WINDOW_LOG: u32 = 23;

/// How a gzip begins.
const GZIP_MARK: &[u8] = &[0x1F, 0x8B];

/// Bytes of a record within which its headers say what it is.
const START_LEN: u64 = 4 << 10;

/// The header that does.
const TYPE: &[u8] = b"\nwarc-type:";

/// Longest line among headers, in bytes, and lines of one record.
const MAX_LINE_LEN: u64 = 64 << 10;
const MAX_HEADERS: usize = 500;

/// Longest page that is read, in bytes, packed or unpacked: its tree takes some times as much.
const MAX_PAGE_LEN: u64 = 32 << 20;

/// Records that say how something was captured.
const ABOUT: [&str; 3] = ["warcinfo", "request", "metadata"];

/// Whether a sample is a WARC file, or what stands beside one in a WACZ.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let head = sample.head();
    if head.starts_with(GZIP_MARK) {
        let mut start = Vec::new();
        // The sample may end within what is packed; what is whole is enough.
        let _ = MultiGzDecoder::new(head).take(START_LEN).read_to_end(&mut start);
        return is_record(&start);
    }
    is_record(head) || is_beside(sample)
}

/// Whether a record begins here: its version stands alone on the first line, and among its headers is what it is.
fn is_record(head: &[u8]) -> bool {
    let Some(rest) = head.strip_prefix(b"WARC/") else { return false };
    let is_version = matches!(rest, [b'0' | b'1', b'.', b'0'..=b'9', b'\r' | b'\n', ..])
        || matches!(rest, [b'0', b'.', b'1', b'0'..=b'9', b'\r' | b'\n', ..]);
    let start = rest.get(..rest.len().min(START_LEN as usize)).unwrap_or_default();
    is_version && start.to_ascii_lowercase().windows(TYPE.len()).any(|header| header == TYPE)
}

/// Whether a sample is the list of pages of a WACZ, or the log of whoever made it: they name what the records hold.
pub(super) fn is_beside(sample: &Sample<'_>) -> bool {
    let first = sample.lines().first().copied().unwrap_or_default();
    let has = |key: &str| first.contains(&format!("\"{key}\""));
    first.starts_with('{')
        && (first.contains("json-pages-1.0") || has("logLevel") && has("timestamp") && has("context"))
}

/// Reads files one after another.
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    each(parts, |part| read_file(part, context))
}

fn read_file<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let Part { file, mut input, .. } = part;
    let failed = |error| IngestError::new(&*file, IngestErrorKind::Io(error));
    let head = input.fill_buf().map_err(failed)?;
    if head.starts_with(b"{") {
        return Ok(Box::new(std::iter::empty()));
    }
    let input: Input<'a> = if head.starts_with(GZIP_MARK) {
        let unpacked = Unpacked::new(input, |input| Ok(MultiGzDecoder::new(input))).map_err(failed)?;
        Box::new(BufReader::new(unpacked))
    } else {
        input
    };
    let mut warc = Warc { file, input, context, offset: 0, num_about: 0, is_done: false };
    Ok(streamed(move || warc.next()))
}

struct Warc<'a> {
    file: String,
    input: Input<'a>,
    context: &'a ReadContext,
    /// Bytes that were read, unpacked.
    offset: u64,
    num_about: u64,
    is_done: bool,
}

/// The headers of a record or a response, their names in lower case.
type Headers = BTreeMap<String, String>;

/// What a record was found to be.
enum Found {
    Page(Box<Record>),
    Other(String),
    About,
}

impl Warc<'_> {
    fn next(&mut self) -> Result<Option<Entry>, IngestError> {
        while !self.is_done {
            let start = self.offset;
            let found = match self.record() {
                Ok(Some(found)) => found,
                Ok(None) => {
                    self.is_done = true;
                    let count = self.num_about;
                    let note = format!("{count} records say how something was captured, and are no posts");
                    return Ok((count > 0).then_some(Entry::Note(note)));
                }
                Err(error) if is_damage(&error) => {
                    self.is_done = true;
                    let reason = match error.kind() {
                        ErrorKind::UnexpectedEof => "the file is cut here; what stands before is kept".to_owned(),
                        _ => format!("from here on the file cannot be read: {error}"),
                    };
                    return Ok(Some(self.skipped(start, reason, "")));
                }
                Err(error) => return Err(IngestError::new(&*self.file, IngestErrorKind::Io(error))),
            };
            match found {
                (_, Found::About) => self.num_about += 1,
                (address, Found::Other(reason)) => return Ok(Some(self.skipped(start, reason, &address))),
                (_, Found::Page(mut record)) => {
                    let place = Some(Place::Bytes(start, self.offset));
                    record.source = Source { file: self.file.clone(), place, copies: Vec::new() };
                    return Ok(Some(Entry::Record(record)));
                }
            }
        }
        Ok(None)
    }

    fn skipped(&self, start: u64, reason: String, address: &str) -> Entry {
        let place = Place::Bytes(start, self.offset.max(start + 1));
        Entry::Skipped(Skipped { file: self.file.clone(), place, reason, excerpt: excerpt(address) })
    }

    /// The next line, without its end; none at the end of the file.
    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let len = (&mut self.input).take(MAX_LINE_LEN).read_until(b'\n', &mut line)?;
        self.offset += len as u64;
        if len == 0 {
            return Ok(None);
        }
        if line.pop() != Some(b'\n') {
            let is_long = len as u64 == MAX_LINE_LEN;
            let too_long = || io::Error::new(ErrorKind::InvalidData, "a line of its headers is too long");
            return Err(if is_long { too_long() } else { ErrorKind::UnexpectedEof.into() });
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(String::from_utf8_lossy(&line).into_owned()))
    }

    /// Reads a record: what it is about, and what it is.
    fn record(&mut self) -> io::Result<Option<(String, Found)>> {
        let first = loop {
            match self.line()? {
                None => return Ok(None),
                Some(line) if line.trim().is_empty() => {}
                Some(line) => break line,
            }
        };
        let invalid = |what: &str| io::Error::new(ErrorKind::InvalidData, what.to_owned());
        if !first.starts_with("WARC/") {
            return Err(invalid("no record of a WARC file begins here"));
        }
        let mut headers = Headers::new();
        loop {
            let line = self.line()?.ok_or(ErrorKind::UnexpectedEof)?;
            if line.is_empty() {
                break;
            }
            add_header(&line, &mut headers);
            if headers.len() > MAX_HEADERS {
                return Err(invalid("a record has too many headers"));
            }
        }
        let len: u64 = headers
            .get("content-length")
            .and_then(|len| len.parse().ok())
            .ok_or_else(|| invalid("a record has no length"))?;
        let address = headers.get("warc-target-uri").map(|address| address.trim_matches(['<', '>']).to_owned());
        let address = address.unwrap_or_default();
        let mut found = Self::judge(&headers, &address);
        let mut body = Vec::new();
        let mut content = (&mut self.input).take(len);
        if found.is_none() {
            if len <= MAX_PAGE_LEN {
                content.read_to_end(&mut body)?;
            } else {
                found = Some(Found::Other(format!("the page is longer than {MAX_PAGE_LEN} bytes")));
            }
        }
        io::copy(&mut content, &mut io::sink())?;
        let left = content.limit();
        self.offset += len - left;
        if left > 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let found = match found {
            Some(found) => found,
            None => page(&headers, &address, &body, self.context).map_or_else(Found::Other, Found::Page),
        };
        Ok(Some((address, found)))
    }

    /// What a record is, as far as its headers tell; none where it may be a page.
    fn judge(headers: &Headers, address: &str) -> Option<Found> {
        let kind = headers.get("warc-type").map(|kind| kind.to_ascii_lowercase()).unwrap_or_default();
        match &*kind {
            kind if ABOUT.contains(&kind) => Some(Found::About),
            _ if address.starts_with("dns:") => Some(Found::About),
            "revisit" => Some(Found::Other("captured before, and not changed since".to_owned())),
            "continuation" => {
                let why =
                    "what follows of a page that was written in several records; of such the first is read, and marked";
                Some(Found::Other(why.to_owned()))
            }
            "response" | "resource" | "conversion" => None,
            kind => Some(Found::Other(format!("a record of the kind `{}`", excerpt(kind)))),
        }
    }
}

fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof)
}

fn add_header(line: &str, headers: &mut Headers) {
    if let Some((name, value)) = line.split_once(':') {
        headers.entry(name.trim().to_ascii_lowercase()).or_insert_with(|| value.trim().to_owned());
    }
}

/// A page, or why it is none.
fn page(headers: &Headers, address: &str, body: &[u8], context: &ReadContext) -> Result<Box<Record>, String> {
    let header = |name: &str| headers.get(name).map(String::as_str);
    let is_response =
        header("warc-type") == Some("response") && header("content-type").is_none_or(|kind| kind.contains("http"));
    let unpacked;
    let (kind, payload) = if is_response {
        let said = Said::parse(body)?;
        if said.status != 200 {
            return Err(format!("the server answered {}", said.status));
        }
        let kind = said.headers.get("content-type").cloned().unwrap_or_default();
        if !is_html(&kind) && !kind.is_empty() {
            return Err(no_page(&kind));
        }
        unpacked = said.unpacked()?;
        (kind, unpacked.as_slice())
    } else {
        (header("content-type").unwrap_or_default().to_owned(), body)
    };
    let mut record = if header("warc-type") == Some("conversion") && kind.starts_with("text/plain") {
        let mut record = Record { kind: "page".to_owned(), ..Record::default() };
        let mut text = markers::marked(&String::from_utf8_lossy(payload), &[], &markers::plain_token);
        text.trim();
        text.fill(&mut record);
        record
    } else {
        let charset = kind
            .to_ascii_lowercase()
            .split_once("charset=")
            .map(|(_, rest)| rest.split(';').next().unwrap_or_default().trim().trim_matches('"').to_owned());
        let html = saved::text_of(payload, charset.as_deref());
        if !(is_html(&kind) || kind.is_empty() && saved::is_page(&html)) {
            return Err(no_page(&kind));
        }
        let found = saved::read(&html, &context.time_zone, Some(address))
            .map_err(|error| format!("{error}, which no page needs"))?;
        let mut record = found.record;
        let published = found.published.map(|date| date.text).or(found.unread);
        record.fields.extend(published.map(|text| field("published", text.trim())));
        record
    };
    if record.text.is_empty() && record.media.is_empty() {
        return Err("there is no text on the page".to_owned());
    }
    // Files of a capture stand in it, under their addresses.
    record.media.iter_mut().for_each(|medium| medium.path = None);
    record.channel = record.channel.filter(|_| record.url.is_some()).or_else(|| saved::host_of(address));
    record.url = Some(address.to_owned()).filter(|address| address.starts_with("http"));
    let id = header("warc-record-id").map(|id| id.trim_matches(['<', '>']));
    record.id = id.map(|id| id.strip_prefix("urn:uuid:").unwrap_or(id).to_owned());
    // Whoever captured it stopped before its end, or the rest stands in other records.
    if header("warc-truncated").is_some() || header("warc-segment-number").is_some() {
        record.flags.push("incomplete".to_owned());
    }
    take_date(&mut record, header("warc-date"), |text| parse_date(text, &context.time_zone));
    Ok(Box::new(record))
}

fn is_html(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    kind.starts_with("text/html") || kind.starts_with("application/xhtml")
}

fn no_page(kind: &str) -> String {
    let kind = excerpt(kind.split(';').next().unwrap_or(kind));
    if kind.is_empty() { "no page, by what it begins with".to_owned() } else { format!("no page but {kind}") }
}

/// What a server said.
struct Said<'a> {
    status: u16,
    headers: Headers,
    body: &'a [u8],
}

impl<'a> Said<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let (head, body) = [&b"\r\n\r\n"[..], b"\n\n"]
            .into_iter()
            .filter_map(|end| {
                let at = memchr::memmem::find(bytes, end)?;
                Some((bytes.get(..at)?, bytes.get(at + end.len()..)?))
            })
            .min_by_key(|(head, _)| head.len())
            .ok_or("the headers of the server have no end")?;
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let first = lines.next().unwrap_or_default();
        let status = first.split_ascii_whitespace().nth(1).and_then(|status| status.parse().ok());
        let status = status.filter(|_| first.starts_with("HTTP/")).ok_or("it is no answer of a server")?;
        let mut headers = Headers::new();
        lines.take(MAX_HEADERS).for_each(|line| add_header(line, &mut headers));
        Ok(Self { status, headers, body })
    }

    /// The body without what it was packed in on its way.
    fn unpacked(&self) -> Result<Vec<u8>, String> {
        let is_chunked =
            self.headers.get("transfer-encoding").is_some_and(|how| how.to_ascii_lowercase().contains("chunked"));
        // Many recorders put chunks together and leave the header as it was.
        let body = if is_chunked {
            dechunked(self.body).unwrap_or_else(|| self.body.to_owned())
        } else {
            self.body.to_owned()
        };
        let how = self.headers.get("content-encoding").map(|how| how.to_ascii_lowercase()).unwrap_or_default();
        let mut unpacked = Vec::new();
        let read = match &*how {
            "" | "identity" | "utf-8" => return Ok(body),
            // Some unpack what they record, and leave this header too.
            "gzip" | "x-gzip" if !body.starts_with(GZIP_MARK) => return Ok(body),
            "gzip" | "x-gzip" => MultiGzDecoder::new(&*body).take(MAX_PAGE_LEN + 1).read_to_end(&mut unpacked),
            "deflate" if body.first().is_some_and(|byte| byte & 0x0F == 8) => {
                ZlibDecoder::new(&*body).take(MAX_PAGE_LEN + 1).read_to_end(&mut unpacked)
            }
            "deflate" => DeflateDecoder::new(&*body).take(MAX_PAGE_LEN + 1).read_to_end(&mut unpacked),
            _ if saved::is_page(&String::from_utf8_lossy(body.get(..1024).unwrap_or(&body))) => return Ok(body),
            "br" => Brotli::new(&*body, BROTLI_BUF_LEN).take(MAX_PAGE_LEN + 1).read_to_end(&mut unpacked),
            "zstd" => zstd::Decoder::new(&*body).and_then(|mut decoder| {
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                decoder.take(MAX_PAGE_LEN + 1).read_to_end(&mut unpacked)
            }),
            how => return Err(format!("the page is packed by `{}`, which is not read", excerpt(how))),
        };
        match read {
            Ok(_) if unpacked.len() as u64 > MAX_PAGE_LEN => {
                Err(format!("the page is longer than {MAX_PAGE_LEN} bytes"))
            }
            Err(error) if unpacked.is_empty() => Err(format!("the page cannot be unpacked: {error}")),
            _ => Ok(unpacked),
        }
    }
}

/// Chunks put together; none where they are no chunks.
fn dechunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::with_capacity(bytes.len());
    loop {
        let end = memchr::memchr(b'\n', bytes.get(..bytes.len().min(64))?)?;
        let line = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let len = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        bytes = bytes.get(end + 1..)?;
        if len == 0 {
            return Some(body);
        }
        // The last chunk may be cut.
        body.extend(bytes.get(..len).unwrap_or(bytes));
        bytes = bytes.get(len..).unwrap_or_default();
        bytes = bytes.strip_prefix(b"\r\n").or_else(|| bytes.strip_prefix(b"\n")).unwrap_or(bytes);
        if bytes.is_empty() {
            return Some(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_speaks_of_captures_is_none() {
        let check = |text: &str, expected| {
            assert_eq!(recognise(&Sample::new("f", text.as_bytes(), true)), expected, "{text}");
        };
        check("WARC/1.0\r\nWARC-Record-ID: <a>\r\nWARC-Type: warcinfo\r\n\r\n", true);
        check("WARC/0.17\nwarc-type: response\n", true);
        for text in [
            "WARC/1.0 is a form of archives\nWARC-Type: says what a record is\n",
            "WARC/1.0\nThis is what a record begins with.\n",
            "WARC/2024 10:30:15 the crawl begins\n",
            "WARC/1.1\n",
        ] {
            check(text, false);
        }
    }

    #[test]
    fn chunks_are_put_together() {
        assert_eq!(dechunked(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").unwrap(), b"abcde");
        assert_eq!(dechunked(b"5\r\nabc").unwrap(), b"abc");
        assert_eq!(dechunked(b"<html>\n"), None);
        assert_eq!(dechunked(b"ffffffffffffffff\r\nabc").unwrap(), b"abc");
    }

    #[test]
    fn no_bomb_goes_off() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        io::copy(&mut io::repeat(b' ').take(MAX_PAGE_LEN + 10), &mut packed).unwrap();
        let packed = packed.finish().unwrap();
        let said = [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", packed.as_slice()].concat();
        assert!(Said::parse(&said).unwrap().unpacked().unwrap_err().contains("longer"));
    }

    #[test]
    fn no_bytes_panic() {
        proptest::proptest!(|(text in "(WARC/1.0\r\n|WARC-Type: (response|resource|revisit)\r\n|Content-Length: [0-9]{1,3}\r\n|\r\n|HTTP/1.1 200 OK\r\n|Transfer-Encoding: chunked\r\n|[0-9a-f]\r\n|<html>|[a-c]){0,30}", packed: bool)| {
            let context = ReadContext::new("f", jiff::tz::TimeZone::UTC);
            let bytes = if packed { [GZIP_MARK, text.as_bytes()].concat() } else { text.into_bytes() };
            let part = Part::new("f", Box::new(bytes.as_slice()));
            let _ = read_file(part, &context).unwrap().count();
        });
    }
}
