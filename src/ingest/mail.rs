//! Mail: files of many (`mbox`), of one (`eml`), and folders of the latter (`maildir`).
//!
//! ```text
//! mbox := ("From " SENDER TIME LF header* LF body LF)*
//! ```
//!
//! In an mbox a line `From …` begins a message where a blank line stands before it, or nothing, and a time stands in it; what looks so
//! within a message has a `>` before it, which is taken away. Of a message that is longer than is held, the beginning is read.
//!
//! What people deleted stays in an mbox, and in a folder, until their program sweeps it: such messages are counted and left out.

use std::io::{self, BufRead, Read as _};

use mail_parser::{Addr, Address, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

use super::date::{mail_date, parse_date};
use super::error::{IngestError, IngestErrorKind};
use super::files::Part;
use super::format::{Entry, Input, ReadContext, Reader, Removed, Sample, Skipped, excerpt, streamed};
use super::html::prose;
use super::json::object::field;
use super::markers;
use super::rich_text::RichText;
use crate::record::{Attachment, Date, Place, Record, Source};

/// Bytes of a message that are read. Servers refuse longer ones; what stands behind is an attachment.
const MAX_MESSAGE_LEN: usize = 64 << 20;

/// Longest line that is looked at as a whole, in bytes.
const MAX_LINE_LEN: u64 = 1 << 20;

/// Lines at the start of a message among which its headers are looked for.
const MAX_HEADER_LINES: usize = 100;

/// The first year of mail. What says an earlier one is a date of another calendar, or none.
const FIRST_YEAR: &str = "1971";

/// The bit of `X-Mozilla-Status` by which Thunderbird and its kin say that a message is deleted (`nsMsgMessageFlags::Expunged`).
const EXPUNGED: u16 = 8;

/// Headers of which every message has some.
const KNOWN: [&str; 10] = [
    "from",
    "to",
    "date",
    "subject",
    "message-id",
    "received",
    "return-path",
    "mime-version",
    "delivered-to",
    "content-type",
];

/// Words that are looked at of a line that may begin a message.
const MAX_MARK_WORDS: usize = 16;

/// Days and months as such lines have them, whatever language people speak.
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Whether a sample begins a message, or a file of many.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let head = sample.head();
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    is_mark(first) || num_known_headers(head) > 1 || has_parts(head)
}

/// Whether there is a header that cuts what follows into parts, and the first of them: what programs leave of a message whose sender and
/// time they took away.
fn has_parts(head: &[u8]) -> bool {
    if num_known_headers(head) == 0 {
        return false;
    }
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines();
    let headers = lines.by_ref().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    // Letters of ASCII keep their places.
    let small = headers.to_ascii_lowercase();
    let boundary = small.split_once("content-type: multipart/").and_then(|(before, rest)| {
        let at = before.len() + "content-type: multipart/".len() + rest.find("boundary=")? + "boundary=".len();
        let value = headers.get(at..)?;
        let quoted = value.strip_prefix('"').and_then(|value| value.split('"').next());
        quoted.or_else(|| value.split([';', ' ', '\t']).next()).filter(|boundary| !boundary.is_empty())
    });
    boundary.is_some_and(|boundary| {
        lines.any(|line| line.strip_prefix("--").is_some_and(|rest| rest.trim_end() == boundary))
    })
}

/// Headers that every message has, at the start of one; none where its first line is no header.
fn num_known_headers(head: &[u8]) -> usize {
    let mut found = Vec::new();
    for (number, line) in head.split(|byte| *byte == b'\n').take(MAX_HEADER_LINES).enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if matches!(line.first(), Some(b' ' | b'\t')) && number > 0 {
            continue;
        }
        let name = line.split(|byte| *byte == b':').next().filter(|name| name.len() < line.len());
        let name = name.and_then(|name| std::str::from_utf8(name).ok()).map(str::to_ascii_lowercase);
        let Some(name) = name.filter(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()))
        else {
            return 0;
        };
        if KNOWN.contains(&name.as_str()) && !found.contains(&name) {
            found.push(name);
        }
    }
    found.len()
}

/// Whether a line begins a message of an mbox: `From`, who, and when, as [RFC 4155](https://www.rfc-editor.org/rfc/rfc4155) has it, with what programs write beside
/// it: an offset or a zone before the year or behind it, no seconds, a comma, `name at host`, and where it came from. Prose that
/// begins so has words elsewhere.
fn is_mark(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let rest = String::from_utf8_lossy(rest);
    let words: Vec<&str> = rest.split_ascii_whitespace().take(MAX_MARK_WORDS).collect();
    let day = words.iter().position(|word| WEEKDAYS.contains(&word.trim_end_matches(',')));
    // Without a day of the week only an address makes it sure.
    let (end_of_who, start_of_time) = match day {
        Some(day) => (day, day + 1),
        None if words.first().is_some_and(|word| word.contains('@')) => (1, 1),
        None => return false,
    };
    let [who, when] = [words.get(..end_of_who), words.get(start_of_time..)].map(Option::unwrap_or_default);
    matches!(who, [_] | [_, "at", _]) && is_time(when)
}

/// Whether words say a month, a day, a time and a year, each once and in an order that programs write, and nothing else.
fn is_time(words: &[&str]) -> bool {
    let words = words.split(|word| *word == "remote").next().unwrap_or_default();
    let [first, second, rest @ ..] = words else { return false };
    let (month, day) = if MONTHS.contains(first) { (first, second) } else { (second, first) };
    let digits = |word: &str, lens: std::ops::RangeInclusive<usize>| {
        lens.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_clock = |word: &str| {
        let parts: Vec<&str> = word.split(':').collect();
        matches!(parts.len(), 2 | 3) && parts.iter().all(|part| digits(part, 1..=2))
    };
    let is_year = |word: &str| digits(word, 4..=4) && (word.starts_with("19") || word.starts_with("20"));
    let is_zone = |word: &str| {
        word.strip_prefix(['+', '-']).is_some_and(|offset| digits(offset, 4..=4))
            || (1..=5).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    let count = |is: &dyn Fn(&str) -> bool| rest.iter().filter(|word| is(word)).count();
    let (clocks, years, zones) = (count(&is_clock), count(&is_year), count(&is_zone));
    let is_day = digits(day, 1..=2);
    MONTHS.contains(month) && is_day && (clocks, years) == (1, 1) && zones <= 2 && clocks + years + zones == rest.len()
}

/// Reads a file.
#[expect(clippy::unnecessary_wraps, reason = "every reader may find at once that the input is not of its format")]
pub(super) fn read<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let Part { file, input } = part;
    let mut messages = Messages::new(input);
    let mut is_begun = false;
    let is_trashed = is_trashed(&file);
    let mut num_deleted = 0;
    Ok(streamed(move || {
        if !std::mem::replace(&mut is_begun, true) {
            return Ok(Some(Entry::Hint(
                "mail is private, and has addresses: whoever gets the archive can read it".to_owned(),
            )));
        }
        loop {
            let next = messages.next().map_err(|error| IngestError::new(&*file, IngestErrorKind::Io(error)))?;
            let Some(raw) = next else {
                let count = std::mem::take(&mut num_deleted);
                let reason = "deleted, and not yet swept from where they were".to_owned();
                return Ok((count > 0).then_some(Entry::Removed(Removed { count, reason })));
            };
            let place = Place::Bytes(raw.start, raw.end);
            if is_trashed || is_expunged(&raw.bytes) {
                num_deleted += 1;
                continue;
            }
            let Some(record) = record(&raw, context) else {
                let reason = "no mail: it has neither headers nor a text".to_owned();
                let excerpt = excerpt(&String::from_utf8_lossy(raw.bytes.get(..200).unwrap_or(&raw.bytes)));
                return Ok(Some(Entry::Skipped(Skipped { file: file.clone(), place, reason, excerpt })));
            };
            let source = Source { file: file.clone(), place: Some(place), copies: Vec::new() };
            return Ok(Some(Entry::Record(Box::new(Record { source, ..record }))));
        }
    }))
}

/// A message as it stands.
struct Raw {
    bytes: Vec<u8>,
    /// Its place in the file, the line that begins it included.
    start: u64,
    end: u64,
    /// Whether it was longer than is held.
    is_cut: bool,
}

/// The messages of a file.
struct Messages<'a> {
    input: Input<'a>,
    /// Bytes before the next line.
    offset: u64,
    /// Where a message begins of which the mark has been read.
    begun: Option<u64>,
    /// Whether the file is an mbox; known with its first line.
    is_mbox: Option<bool>,
}

impl<'a> Messages<'a> {
    fn new(input: Input<'a>) -> Self {
        Self { input, offset: 0, begun: None, is_mbox: None }
    }

    fn next(&mut self) -> io::Result<Option<Raw>> {
        let mut raw = Raw { bytes: Vec::new(), start: self.begun.unwrap_or(self.offset), end: 0, is_cut: false };
        let (mut line, mut is_blank_before, mut is_whole_before) = (Vec::new(), self.is_mbox.is_none(), true);
        let mut has_lines = self.begun.take().is_some();
        loop {
            line.clear();
            let len = (&mut self.input).take(MAX_LINE_LEN).read_until(b'\n', &mut line)? as u64;
            if len == 0 {
                raw.end = self.offset;
                return Ok(has_lines.then_some(raw));
            }
            let at = self.offset;
            self.offset += len;
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            let is_begin = is_whole_before && is_blank_before && is_mark(text);
            let is_mbox = *self.is_mbox.get_or_insert(is_begin);
            is_blank_before = text.is_empty() && is_whole_before;
            is_whole_before = line.ends_with(b"\n");
            if is_begin && is_mbox {
                if has_lines {
                    self.begun = Some(at);
                    raw.end = at;
                    return Ok(Some(raw));
                }
                raw.start = at;
                has_lines = true;
                continue;
            }
            has_lines = true;
            let quoted = line.iter().take_while(|byte| **byte == b'>').count();
            let is_quoted_mark =
                is_mbox && quoted > 0 && line.get(quoted..).is_some_and(|rest| rest.starts_with(b"From "));
            let kept = if is_quoted_mark { line.get(1..).unwrap_or_default() } else { &line };
            if raw.bytes.len() + kept.len() > MAX_MESSAGE_LEN {
                raw.is_cut = true;
            } else if !raw.is_cut {
                raw.bytes.extend_from_slice(kept);
            }
        }
    }
}

/// The record that a message is.
fn record(raw: &Raw, context: &ReadContext) -> Option<Record> {
    if !begins_with_header(&raw.bytes) {
        return bare(raw);
    }
    let message = MessageParser::default().parse(&raw.bytes)?;
    let mut record = Record { kind: "message".to_owned(), ..Record::default() };
    record.id = message.message_id().map(str::to_owned);
    let written = message.header_raw("Date").map(one_line).filter(|date| !date.is_empty());
    record.date = written.as_deref().and_then(|written| time(written, context));
    // What is no date, or one of another calendar, is kept as it stands.
    let written = written.filter(|_| record.date.is_none());
    if let Some(written) = written {
        record.flags.push("date_unread".to_owned());
        record.fields.push(field("date_written", &written));
    }
    let from = message.from().and_then(Address::first).or_else(|| message.sender().and_then(Address::first));
    record.author = from.and_then(shown);
    record.title = message.subject().map(one_line).filter(|subject| !subject.is_empty());
    let references = ids(message.references());
    record.reply_to = ids(message.in_reply_to()).into_iter().next().or_else(|| references.last().cloned());
    record.thread = references.into_iter().next().or_else(|| record.reply_to.clone());
    record.channel = message.header_raw("List-Id").and_then(list_name);
    text_of(&message).fill(&mut record);
    record.media = message.attachments().filter_map(attachment).collect();
    if raw.is_cut {
        record.flags.push("incomplete".to_owned());
    }
    let address = from.filter(|from| from.name.is_some()).and_then(|from| from.address.as_deref());
    record.fields.extend(address.map(|address| field("address", address)));
    for (name, addresses) in [("to", message.to()), ("cc", message.cc())] {
        let all: Vec<String> =
            addresses.map(|addresses| addresses.iter().filter_map(shown).collect()).unwrap_or_default();
        record.fields.extend((!all.is_empty()).then(|| (name.to_owned(), serde_json::Value::from(all).to_string())));
    }
    let says_something =
        !record.text.is_empty() || record.title.is_some() || record.author.is_some() || !record.media.is_empty();
    says_something.then_some(record)
}

/// A time as headers have it, or as programs write it that know no better.
fn time(text: &str, context: &ReadContext) -> Option<Date> {
    let is_of_mail = |date: &Date| date.text.get(..4).is_some_and(|year| year >= FIRST_YEAR);
    let date = mail_date(text, &context.time_zone).or_else(|| {
        let (day, time) = text.split_once([' ', 'T'])?;
        // Others put a space before the offset.
        parse_date(&format!("{day}T{}", time.replace(' ', "")), &context.time_zone)
    });
    date.filter(is_of_mail)
}

/// Whether the name of a file in a maildir says that its message is deleted: `1700000000.M1.host:2,ST`
/// (<https://cr.yp.to/proto/maildir.html>).
fn is_trashed(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once("2,").is_some_and(|(before, flags)| {
        before.ends_with([':', ';', '!', '-'])
            && flags.contains('T')
            && flags.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
}

/// Whether a header says that the message is deleted.
fn is_expunged(bytes: &[u8]) -> bool {
    let lines =
        bytes.split(|byte| *byte == b'\n').take(MAX_HEADER_LINES).take_while(|line| !line.trim_ascii().is_empty());
    let mut status = lines.filter_map(|line| line.strip_prefix(b"X-Mozilla-Status: "));
    let bits = status.next().and_then(|bits| u16::from_str_radix(std::str::from_utf8(bits).ok()?.trim(), 16).ok());
    bits.is_some_and(|bits| bits & EXPUNGED != 0)
}

/// Whether a message begins with a header, as it must.
fn begins_with_header(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let name = line.split(|byte| *byte == b':').next().filter(|name| name.len() < line.len());
    name.is_some_and(|name| !name.is_empty() && name.iter().all(u8::is_ascii_graphic))
}

/// A message without headers: its text is all there is.
fn bare(raw: &Raw) -> Option<Record> {
    let mut record = Record { kind: "message".to_owned(), ..Record::default() };
    let mut text = plain(&String::from_utf8_lossy(&raw.bytes));
    text.trim();
    text.fill(&mut record);
    (!record.text.is_empty()).then_some(record)
}

/// How a person is shown: by name, else by address.
fn shown(person: &Addr<'_>) -> Option<String> {
    let name = person.name.as_deref().map(one_line).filter(|name| !name.is_empty());
    name.or_else(|| person.address.as_deref().map(one_line)).filter(|name| !name.is_empty())
}

/// A header's text without the breaks and control characters that may hide in it.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Ids of messages that a header names.
fn ids(header: &HeaderValue<'_>) -> Vec<String> {
    match header {
        HeaderValue::Text(id) => vec![id.to_string()],
        HeaderValue::TextList(ids) => ids.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

/// The name of a mailing list: `Harbour talk <talk.harbour.example>`.
fn list_name(header: &str) -> Option<String> {
    let (name, id) = header.split_once('<').unwrap_or((header, ""));
    let name = one_line(name).trim_matches('"').to_owned();
    let id = id.split('>').next().map(one_line).unwrap_or_default();
    Some(if name.is_empty() { id } else { name }).filter(|name| !name.is_empty())
}

/// The text of a message: what is plain, and markup where nothing else is.
fn text_of(message: &Message<'_>) -> RichText {
    let mut out = RichText::default();
    for part in message.text_bodies() {
        let mut text = match &part.body {
            PartType::Text(text) => plain(&unflowed(text, part)),
            PartType::Html(html) => prose::prose(html, prose::kind_of),
            _ => continue,
        };
        text.trim();
        if text.text.is_empty() {
            continue;
        }
        if !out.text.is_empty() {
            out.text.push_str("\n\n");
        }
        out.append(text);
    }
    out
}

/// Plain text, with its links and with what it quotes.
fn plain(text: &str) -> RichText {
    let token = |before: &str, rest: &str| markers::plain_token(before, rest).filter(|token| token.kind == "link");
    let mut out = RichText::default();
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).peekable();
    let is_quoted = |line: &str| line.starts_with('>');
    while let Some(line) = lines.next() {
        if !out.text.is_empty() {
            out.text.push('\n');
        }
        let mut block = line.to_owned();
        while let Some(next) = lines.next_if(|next| is_quoted(next) == is_quoted(line)) {
            block.push('\n');
            block.push_str(next);
        }
        let (first, start) = (out.spans.len(), out.text.len());
        out.append(markers::marked(&block, &[], &token));
        if is_quoted(line) {
            out.mark(first, start, "quote");
        }
    }
    out
}

/// Paragraphs that were broken into lines on the way (RFC 3676), whole again.
fn unflowed(text: &str, part: &MessagePart<'_>) -> String {
    let is_flowed = part
        .content_type()
        .and_then(|kind| kind.attribute("format"))
        .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
    if !is_flowed {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        // A space is put before what would mean something at the start of a line.
        out.push_str(line.strip_prefix(' ').unwrap_or(line));
        if !line.ends_with(' ') || line == "-- " || line.starts_with('>') {
            out.push('\n');
        }
    }
    out
}

fn attachment(part: &MessagePart<'_>) -> Option<Attachment> {
    if part.is_multipart() {
        return None;
    }
    let kind = match part.content_type().map(|kind| kind.ctype().to_lowercase()).as_deref() {
        Some("image") => "photo",
        Some("video") => "video",
        Some("audio") => "audio",
        _ => "file",
    };
    let name = part.attachment_name().map(one_line).filter(|name| !name.is_empty());
    Some(Attachment {
        kind: kind.to_owned(),
        name,
        size: Some(part.contents().len() as u64),
        duration: None,
        path: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_name_who_and_when() {
        let check = |line: &str, expected| assert_eq!(is_mark(line.as_bytes()), expected, "{line}");
        check("From a@b.example Sat Jan  3 01:05:34 1996", true);
        check("From MAILER-DAEMON Mon Jan 15 15:30 2018 +0100", true);
        check("From 1234567890123456789@xxx Tue Apr 20 17:29:56 +0000 2010", true);
        check("From - Mon Jan 15 15:30:00 2018", true);
        check("From name at host.example  Sat Jan  3 01:05:34 1996", true);
        check("From a@b.example Thu, 18 Jul 2002 12:34:56 +0000", true);
        check("From a@b.example Sat Jan  3 01:05:34 PST 1996 remote from host", true);
        check("From a@b.example Jan 3 01:05:34 1996", true);
        check("From the harbour on Mon Jan 15 at 10:30 in 2018 the ferry left", false);
        check("From Anna, Mon Jan 15 2018 10:30 at the quay", false);
        check("From noon (12:00) of 3 January 1996 on", false);
        check("From 10:30 to 11:30 in 2018", false);
        check("From Monday 15 Jan 10:30 2018", false);
        check("From here Jan 15 10:30:00 2018", false);
        check("From a@b.example I heard at 10:30 in 2018", false);
        check("From then on, at 10:30, nothing", false);
        check("From here to there in 2018", false);
        check(">From a@b.example Sat Jan  3 01:05:34 1996", false);
    }

    #[test]
    fn messages_are_cut_at_marks_alone() {
        let mbox = "From a Sat Jan  3 01:05:34 1996\nA: b\n\nFrom c Sat Jan  3 01:05:34 1996\n\none\n>From x\n>>From y\n\nFrom here on\nFrom d Sat Jan  3 01:05:34 1996\n";
        let mut messages = Messages::new(Box::new(mbox.as_bytes()));
        let mut found = Vec::new();
        while let Some(raw) = messages.next().unwrap() {
            assert_eq!(mbox.get(raw.start as usize..raw.start as usize + 5), Some("From "));
            found.push((String::from_utf8(raw.bytes).unwrap(), raw.end));
        }
        let second = "\none\nFrom x\n>From y\n\nFrom here on\nFrom d Sat Jan  3 01:05:34 1996\n";
        assert_eq!(found, [("A: b\n\n".to_owned(), 38), (second.to_owned(), mbox.len() as u64)]);
    }

    #[test]
    fn what_is_deleted_says_so() {
        let check = |file: &str, expected| assert_eq!(is_trashed(file), expected, "{file}");
        check("mail/cur/1700000000.M1P2.host:2,ST", true);
        check("mail/cur/1700000000.M1P2.host;2,T", true);
        check("mail/cur/1700000000.M1P2.host:2,S", false);
        check("mail/new/1700000000.M1P2.host", false);
        check("Take 2,Today", false);
        check("in-2,Test.eml", false);
        let check = |head: &str, expected| assert_eq!(is_expunged(head.as_bytes()), expected, "{head}");
        check("X-Mozilla-Status: 0009\r\nFrom: a\r\n\r\nb", true);
        check("From: a\nX-Mozilla-Status: 0001\n\nb", false);
        check("From: a\n\nX-Mozilla-Status: 0009\n", false);
    }

    #[test]
    fn headers_tell_mail_from_other_text() {
        assert_eq!(num_known_headers(b"From: a\r\nSubject: b\r\n folded\r\n\r\nDate: c"), 2);
        assert_eq!(num_known_headers(b"From: a\nno header\nDate: c"), 0);
        assert_eq!(num_known_headers(b" From: a"), 0);
    }
}
