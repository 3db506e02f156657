//! Mail: files of many (`mbox`), of one (`eml`), and folders of the latter (`maildir`).
//!
//! ```text
//! mbox := ("From " SENDER TIME LF header* LF body LF)*
//! ```
//!
//! In an mbox a line `From …` begins a message where a blank line stands before it, or nothing, and a time stands in it; what looks so
//! within a message has a `>` before it, which is taken away. Of a message that is longer than is held, the beginning is read.
//!
//! What people deleted stays in an mbox, and in a folder, until their program sweeps it: such messages are counted and left out, and so
//! are drafts, spam, and what a folder has not got whole.

mod body;
mod set_aside;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Read as _};

use mail_parser::{Addr, Address, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _};

use self::body::{plain, text_of};
use self::set_aside::{DELETED, DRAFT, MaildirPlace, is_expunged, is_unsent, left_out};
use super::date::{keep_unread, mail_date, parse_date};
use super::encoding;
use super::error::{IngestError, IngestErrorKind};
use super::files::Part;
use super::format::{Entry, Input, ReadContext, Reader, Removed, Sample, Skipped, excerpt, streamed};
use super::json::object::field;
use crate::record::{Attachment, Date, Place, Record, Source};

/// Bytes of a message that are read. Servers refuse longer ones; what stands behind is an attachment.
const MAX_MESSAGE_LEN: usize = 64 << 20;

/// What some programs put before UTF-8.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Longest line that is looked at as a whole, in bytes.
const MAX_LINE_LEN: u64 = 1 << 20;

/// Lines at the start of a message among which its headers are looked for.
const MAX_HEADER_LINES: usize = 100;

/// The first year of mail. What says an earlier one is a date of another calendar, or none.
const FIRST_YEAR: &str = "1971";

/// The header in which Gmail says what it calls a message.
const LABELS: &str = "X-Gmail-Labels";

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
    let head = head.strip_prefix(BOM).unwrap_or(head);
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
    let Part { file, input, .. } = part;
    let mut messages = Messages::new(input);
    let mut is_begun = false;
    let place_of_file = MaildirPlace::of(&file);
    let mut left_out: BTreeMap<&str, u64> = BTreeMap::new();
    Ok(streamed(move || {
        if !std::mem::replace(&mut is_begun, true) {
            return Ok(Some(Entry::Hint(
                "mail is private, and has addresses: whoever gets the archive can read it".to_owned(),
            )));
        }
        loop {
            let next = messages.next().map_err(|error| IngestError::new(&*file, IngestErrorKind::Io(error)))?;
            let Some(raw) = next else {
                let removed = left_out.pop_first();
                return Ok(removed.map(|(reason, count)| Entry::Removed(Removed { count, reason: reason.to_owned() })));
            };
            let place = Place::Bytes(raw.start, raw.end);
            let expunged = is_expunged(&raw.bytes).then_some(DELETED);
            let unsent = is_unsent(&raw.bytes).then_some(DRAFT);
            if let Some(reason) = place_of_file.left_out.or(expunged).or(unsent) {
                *left_out.entry(reason).or_default() += 1;
                continue;
            }
            let record = match record(&raw, context) {
                Some(Found::Kept(record)) => *record,
                Some(Found::LeftOut(reason)) => {
                    *left_out.entry(reason).or_default() += 1;
                    continue;
                }
                None => {
                    let reason = "no mail: it has neither headers nor a text".to_owned();
                    let excerpt = excerpt(&String::from_utf8_lossy(raw.bytes.get(..200).unwrap_or(&raw.bytes)));
                    return Ok(Some(Entry::Skipped(Skipped { file: file.clone(), place, reason, excerpt })));
                }
            };
            let mut record = record;
            record.fields.extend(place_of_file.folder.as_deref().map(|folder| field("folder", folder)));
            let source = Source { file: file.clone(), place: Some(place), copies: Vec::new() };
            return Ok(Some(Entry::Record(Box::new(Record { source, ..record }))));
        }
    }))
}

/// A message as it stands.
struct Raw {
    bytes: Vec<u8>,
    /// The line that begins it, of an mbox.
    mark: Option<String>,
    /// Its place in the file, the line that begins it included.
    start: u64,
    end: u64,
    /// Whether it was longer than is held.
    is_cut: bool,
}

/// What a message is.
enum Found {
    Kept(Box<Record>),
    /// Why it is left out.
    LeftOut(&'static str),
}

/// The messages of a file.
struct Messages<'a> {
    input: Input<'a>,
    /// Bytes before the next line.
    offset: u64,
    /// Where a message begins of which the mark has been read.
    begun: Option<(u64, String)>,
    /// Whether the file is an mbox; known with its first line.
    is_mbox: Option<bool>,
}

impl<'a> Messages<'a> {
    fn new(input: Input<'a>) -> Self {
        Self { input, offset: 0, begun: None, is_mbox: None }
    }

    fn next(&mut self) -> io::Result<Option<Raw>> {
        let (start, mark) = self.begun.take().unzip();
        let mut has_lines = mark.is_some();
        let mut raw = Raw { bytes: Vec::new(), mark, start: start.unwrap_or(self.offset), end: 0, is_cut: false };
        let (mut line, mut is_blank_before, mut is_whole_before) = (Vec::new(), self.is_mbox.is_none(), true);
        loop {
            line.clear();
            let len = (&mut self.input).take(MAX_LINE_LEN).read_until(b'\n', &mut line)? as u64;
            if len == 0 {
                raw.end = self.offset;
                return Ok(has_lines.then_some(raw));
            }
            let at = self.offset;
            self.offset += len;
            if at == 0 && line.starts_with(BOM) {
                line.drain(..BOM.len());
            }
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            let is_begin = is_whole_before && is_blank_before && is_mark(text);
            let is_mbox = *self.is_mbox.get_or_insert(is_begin);
            is_blank_before = text.is_empty() && is_whole_before;
            is_whole_before = line.ends_with(b"\n");
            if is_begin && is_mbox {
                let mark = String::from_utf8_lossy(text).into_owned();
                if has_lines {
                    self.begun = Some((at, mark));
                    raw.end = at;
                    return Ok(Some(raw));
                }
                (raw.start, raw.mark) = (at, Some(mark));
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

/// What a message is, if it is one.
fn record(raw: &Raw, context: &ReadContext) -> Option<Found> {
    let mark = raw.mark.as_deref().and_then(mark_parts);
    if !begins_with_header(&raw.bytes) {
        return bare(raw, mark, context).map(|record| Found::Kept(Box::new(record)));
    }
    let (bytes, mut is_guessed) = with_headers(&raw.bytes);
    let message = MessageParser::default().parse(bytes.as_ref())?;
    let labels = labels(&message);
    if let Some(reason) = labels.iter().find_map(|label| left_out(label)) {
        return Some(Found::LeftOut(reason));
    }
    let mut record = Record { kind: "message".to_owned(), ..Record::default() };
    record.id = message.message_id().map(str::to_owned);
    let written = message.header_raw("Date").map(one_line).filter(|date| !date.is_empty());
    record.date = written.as_deref().and_then(|written| time(written, context));
    // What is no date, or one of another calendar, is kept as it stands.
    if let Some(written) = written.filter(|_| record.date.is_none()) {
        keep_unread(&mut record, &written);
    }
    let from = message.from().and_then(Address::first).or_else(|| message.sender().and_then(Address::first));
    record.author = from.and_then(shown);
    take_mark(&mut record, mark, context);
    record.title = message.subject().map(one_line).filter(|subject| !subject.is_empty());
    let references = ids(message.references());
    record.reply_to = ids(message.in_reply_to()).into_iter().next().or_else(|| references.last().cloned());
    record.thread = references.into_iter().next().or_else(|| record.reply_to.clone());
    record.channel = message.header_raw("List-Id").and_then(list_name);
    text_of(&message, &mut is_guessed).fill(&mut record);
    if is_guessed {
        record.flags.push("encoding_guessed".to_owned());
    }
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
    record
        .fields
        .extend((!labels.is_empty()).then(|| ("labels".to_owned(), serde_json::Value::from(labels).to_string())));
    let says_something =
        !record.text.is_empty() || record.title.is_some() || record.author.is_some() || !record.media.is_empty();
    says_something.then(|| Found::Kept(Box::new(record)))
}

/// Who and when a line says that begins a message; a program that knows neither writes a dash, or an address of its own making.
fn mark_parts(mark: &str) -> Option<(Option<String>, String)> {
    let words: Vec<&str> = mark.strip_prefix("From ")?.split_ascii_whitespace().take(MAX_MARK_WORDS).collect();
    let is_day = |word: &&str| WEEKDAYS.contains(&word.trim_end_matches(','));
    let end_of_who = words.iter().position(is_day).unwrap_or(1);
    let (who, when) = words.split_at_checked(end_of_who)?;
    let when = when.split(|word| *word == "remote").next().unwrap_or_default().join(" ");
    let who = match who {
        [name, "at", host] => Some(format!("{name}@{host}")),
        [who] if who.contains('@') && !who.ends_with("@xxx") => Some((*who).to_owned()),
        _ => None,
    };
    Some((who, when))
}

/// Gives a message whose headers do not say who and when what the line before it says of its delivery.
fn take_mark(record: &mut Record, mark: Option<(Option<String>, String)>, context: &ReadContext) {
    let Some((who, when)) = mark else { return };
    if record.author.is_none() {
        record.author = who;
    }
    if record.date.is_none()
        && let Some(date) = time(&when, context)
    {
        record.date = Some(date);
        record.flags.push("date_of_delivery".to_owned());
    }
}

/// A message whose headers are UTF-8, and whether their encoding was guessed: they have to be ASCII, and say an encoding for anything
/// else, but old programs wrote what they had.
fn with_headers(bytes: &[u8]) -> (Cow<'_, [u8]>, bool) {
    let end = |blank: &[u8]| bytes.windows(blank.len()).position(|window| window == blank);
    let end = end(b"\n\n").into_iter().chain(end(b"\n\r\n")).min().unwrap_or(bytes.len());
    let (head, body) = bytes.split_at(end);
    match encoding::guessed(head) {
        None => (Cow::Borrowed(bytes), false),
        Some(head) => (Cow::Owned([head.as_bytes(), body].concat()), true),
    }
}

/// What Gmail calls a message.
fn labels(message: &Message<'_>) -> Vec<String> {
    let header = message.header_raw(LABELS).unwrap_or_default();
    // Letters beyond ASCII are written as those of a subject are, which the parser reads; of a header of Gmail's own it reads nothing.
    let as_subject = format!("Subject: {}\n\n", one_line(header));
    let decoded = MessageParser::default().parse(as_subject.as_bytes());
    let decoded = decoded.as_ref().and_then(|message| message.subject()).filter(|_| header.contains("=?"));
    let header = decoded.unwrap_or(header);
    header.split(',').map(|label| one_line(label.trim().trim_matches('"'))).filter(|label| !label.is_empty()).collect()
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

/// Whether a message begins with a header, as it must.
fn begins_with_header(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let name = line.split(|byte| *byte == b':').next().filter(|name| name.len() < line.len());
    name.is_some_and(|name| !name.is_empty() && name.iter().all(u8::is_ascii_graphic))
}

/// A message without headers: its text is all there is.
fn bare(raw: &Raw, mark: Option<(Option<String>, String)>, context: &ReadContext) -> Option<Record> {
    let mut record = Record { kind: "message".to_owned(), ..Record::default() };
    take_mark(&mut record, mark, context);
    let guessed = encoding::guessed(&raw.bytes);
    record.flags.extend(guessed.is_some().then(|| "encoding_guessed".to_owned()));
    let mut text = plain(&guessed.map_or_else(|| String::from_utf8_lossy(&raw.bytes), Cow::Owned));
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
    use super::set_aside::SPAM;
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
    fn headers_tell_mail_from_other_text() {
        assert_eq!(num_known_headers(b"From: a\r\nSubject: b\r\n folded\r\n\r\nDate: c"), 2);
        assert_eq!(num_known_headers(b"From: a\nno header\nDate: c"), 0);
        assert_eq!(num_known_headers(b" From: a"), 0);
    }

    fn only(message: &[u8]) -> Record {
        let mut messages = Messages::new(Box::new(message));
        let context = ReadContext::new("a.mbox", jiff::tz::TimeZone::UTC);
        match record(&messages.next().unwrap().unwrap(), &context) {
            Some(Found::Kept(record)) => *record,
            Some(Found::LeftOut(reason)) => panic!("left out: {reason}"),
            None => panic!("no message"),
        }
    }

    #[test]
    fn markup_is_read_where_the_plain_part_is_empty() {
        for plain in ["", " ", "\r\n", "\u{a0}\n"] {
            let mail = format!(
                "From: a@b\nContent-Type: multipart/alternative; boundary=q\n\n--q\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n--q\nContent-Type: text/html\n\n<p>All of it</p>\n--q--\n"
            );
            assert_eq!(only(mail.as_bytes()).text, "All of it", "{plain:?}");
        }
    }

    #[test]
    fn letters_of_an_encoding_that_nobody_says_are_read() {
        let record = only(b"From: J\xfcrgen <j@b>\nSubject: Gr\xfc\xdfe\n\nSch\xf6ne Gr\xfc\xdfe aus K\xf6ln\n");
        assert_eq!(record.title.as_deref(), Some("Gr\u{fc}\u{df}e"));
        assert_eq!(record.author.as_deref(), Some("J\u{fc}rgen"));
        assert_eq!(record.text, "Sch\u{f6}ne Gr\u{fc}\u{df}e aus K\u{f6}ln");
        assert_eq!(record.flags, ["encoding_guessed"]);
        let html =
            only(b"From: a@b\nContent-Type: text/html\n\n<meta charset=koi8-r><p>\xf0\xd2\xc9\xd7\xc5\xd4</p>\n");
        assert_eq!((html.text.as_str(), html.flags.len()), ("\u{41f}\u{440}\u{438}\u{432}\u{435}\u{442}", 0));
        let packed = only(
            b"From: a@b\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nSch=F6ne Gr=FC=DFe\n",
        );
        assert_eq!(packed.text, "Sch\u{f6}ne Gr\u{fc}\u{df}e");
    }

    #[test]
    fn a_mark_before_the_text_hides_no_header() {
        for (mail, author) in [
            ("\u{feff}From: a@b\nSubject: s\n\nt\n", "a@b"),
            ("\u{feff}From - Sat Jan  3 01:05:34 1996\nFrom: a@b\nSubject: s\n\nt\n", "a@b"),
        ] {
            let record = only(mail.as_bytes());
            assert_eq!(
                (record.author.as_deref(), record.title.as_deref(), &*record.text),
                (Some(author), Some("s"), "t")
            );
        }
    }

    #[test]
    fn a_mark_says_what_the_headers_do_not() {
        let record = only(b"From m@b.example Sat Jan  3 01:05:34 1996\nSubject: a\n\nb\n");
        assert_eq!(record.author.as_deref(), Some("m@b.example"));
        assert_eq!(record.date.unwrap().text, "1996-01-03T01:05:34");
        assert_eq!(record.flags, ["date_of_delivery"]);
        let record =
            only(b"From 1600@xxx Wed Apr 03 10:00:00 +0000 2019\nFrom: a@b\nDate: 1 Apr 2019 10:00 MSK\n\nb\n");
        assert_eq!((record.author.as_deref(), record.flags.len()), (Some("a@b"), 0));
        assert_eq!(record.date.unwrap().text, "2019-04-01T10:00:00");
    }

    #[test]
    fn labels_of_gmail_are_kept_and_obeyed() {
        let labelled = |labels: &str| {
            let mail = format!("X-Gmail-Labels: {labels}\nFrom: a@b\n\nb\n");
            let mut messages = Messages::new(Box::new(mail.as_bytes()));
            let raw = messages.next().unwrap().unwrap();
            match record(&raw, &ReadContext::new("a", jiff::tz::TimeZone::UTC)) {
                Some(Found::Kept(record)) => Ok(record.fields),
                Some(Found::LeftOut(reason)) => Err(reason),
                None => Err("none"),
            }
        };
        assert_eq!(labelled("Inbox,\"Harbour, old\"").unwrap()[0].1, r#"["Inbox","Harbour","old"]"#);
        assert_eq!(labelled("Spam,Unread"), Err(SPAM));
        assert_eq!(labelled("Trash"), Err(DELETED));
        assert_eq!(labelled("Drafts"), Err(DRAFT));
        // In the language of whoever has the account, and as headers write letters that are none of ASCII.
        assert_eq!(labelled("Posteingang,Papierkorb"), Err(DELETED));
        assert_eq!(labelled("=?UTF-8?Q?Wichtig,Entw=C3=BCrfe?="), Err(DRAFT));
        assert_eq!(labelled("=?UTF-8?B?0KHQv9Cw0Lw=?="), Err(SPAM));
        for (label, reason) in [("Черновики", DRAFT), ("Papelera", DELETED), ("المهملات", DELETED), ("垃圾邮件", SPAM)]
        {
            assert_eq!(labelled(label), Err(reason), "{label}");
        }
    }
}
