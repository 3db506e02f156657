//! The text that `WhatsApp` exports of a chat: a line for each message, begun by its local time, and lines that go on.
//!
//! ```text
//! [15/01/2024, 10:30:15] Marta: Hello          iOS
//! 15.01.24, 10:30 - Marta: Hello               Android
//! ```
//!
//! Nothing is known of offsets from UTC, of ids, replies and reactions; what of the dates is the day must be proven (`head`). Where they
//! are of another calendar the messages have none, and what stands there is a field.

mod head;
mod phrases;

use std::collections::VecDeque;
use std::ops::Range;

use self::head::{DIRECTIONS, Head, Order, digit, is_space, order};
use super::date::{keep_unread, parse_date};
use super::entities;
use super::error::IngestError;
use super::files::Part;
use super::format::{Entry, ReadContext, Reader, Sample, Skipped, excerpt, streamed};
use super::markers::{self, Mark, Token};
use crate::record::{Attachment, Place, Poll, PollAnswer, Record, Source};

/// Longest chat that is read, in bytes. The app exports 40,000 messages at most, of some hundred bytes each; of the shortest there are a
/// million and a half in so many, each of which takes a hundred bytes until the last is read.
const MAX_CHAT_LEN: u64 = 32 << 20;

/// Longest name of who writes, in characters.
const MAX_NAME_CHARS: usize = 100;

/// What stands around a name, so that its direction is its own.
const ISOLATE: char = '\u{2068}';
const END_OF_ISOLATE: char = '\u{2069}';

/// Signs around words.
const MARKS: &[Mark] = &[
    Mark::code("```", "code"),
    Mark::code("`", "code"),
    Mark::inline("*", "bold"),
    Mark::inline("_", "italic"),
    Mark::inline("~", "strike"),
];

/// Words that programs write where somebody's name stands in a chat, in capitals.
const LEVELS: [&str; 14] = [
    "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "ERR", "FATAL", "CRITICAL", "CRIT", "ALERT",
    "SEVERE", "VERBOSE",
];

/// Whether the first line of a sample begins a message, some line tells who wrote it, and these are people: logs of programs look much the
/// same.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let mut filled = sample.lines().iter().filter(|line| !line.trim().is_empty());
    if filled.clone().next().is_none_or(|line| Head::parse(line).is_none()) {
        return false;
    }
    let authors = filled.by_ref().filter_map(|line| Some(author(Head::parse(line)?.1)?.0));
    let (programs, people): (Vec<&str>, Vec<&str>) = authors.partition(|name| is_program(name));
    people.len() > programs.len()
}

/// Whether a name is what a program calls itself in its log, or the weight of what it says.
fn is_program(name: &str) -> bool {
    let is_level = |word: &str| LEVELS.contains(&word.trim_matches(['[', ']', '<', '>', '(', ')', '|', ' ']));
    let words = || name.split([' ', '.', '|', '/', '-']).filter(|word| !word.is_empty());
    let is_numbered =
        name.ends_with(']') && name.contains('[') || name.contains('#') && name.contains(char::is_numeric);
    words().any(is_level) || is_numbered || ["::", "=", "{", "=>", "->"].iter().any(|sign| name.contains(sign))
}

/// Reads a chat.
pub(super) fn read<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let (file, mended, damage) = part.text(MAX_CHAT_LEN)?;
    let text = mended.text;
    let fail = |kind| IngestError::new(&*file, kind);
    let (messages, before) = split(&text);
    let heads: Vec<Head> = messages.iter().map(|message| message.head).collect();
    let (order, note) = order(&heads, context.options.table.date_format.as_deref()).map_err(fail)?;
    let group = group(&messages, &text).map(str::to_owned);
    let channel = chat_name(&file).or_else(|| group.clone());
    let skipped = |(last, start): (u64, Range<usize>)| {
        let (file, place) = (file.clone(), Place::Lines(1, last));
        let reason = "it stands before the first message".to_owned();
        Entry::Skipped(Skipped { file, place, reason, excerpt: excerpt(text.get(start).unwrap_or_default()) })
    };
    let notes = note.into_iter().chain(foreign(&heads)).chain(damage).map(Entry::Note);
    let mut first: VecDeque<Entry> = before.map(skipped).into_iter().chain(notes).collect();
    first.push_back(Entry::Hint("a chat is private: whoever gets the archive can read its messages".to_owned()));
    drop(heads);
    // One record at a time: all of them would take many times the length of the chat.
    let mut messages = messages.into_iter();
    Ok(streamed(move || {
        let entry = first.pop_front().or_else(|| {
            let message = messages.next()?.of(&text);
            let place = Place::Lines(message.first, message.last);
            let Some(mut record) = record(&message, order, context) else {
                let reason = "the calendar lacks its date".to_owned();
                let (file, excerpt) = (file.clone(), excerpt(&message.text));
                return Some(Entry::Skipped(Skipped { file, place, reason, excerpt }));
            };
            if record.author.is_some() && record.author == group {
                record.author = None;
                "service".clone_into(&mut record.kind);
            }
            record.channel.clone_from(&channel);
            record.source = Source { file: file.clone(), place: Some(place), copies: Vec::new() };
            Some(Entry::Record(Box::new(record)))
        });
        Ok(entry)
    }))
}

/// What is said of dates that are not read.
fn foreign(heads: &[Head]) -> Option<String> {
    let count = heads.iter().filter(|head| head.is_of_another_calendar()).count();
    let messages = if count == 1 { "message is" } else { "messages are" };
    (count > 0).then(|| {
        format!("{count} {messages} without a date: the year is of another calendar, and what stands there is the field `date_written`")
    })
}

/// Where a message stands, in bytes of the chat, and in its lines.
struct Stretch {
    head: Head,
    written: Range<usize>,
    author: Option<Range<usize>>,
    /// To the end of its last line.
    text: Range<usize>,
    first: u64,
    last: u64,
}

/// A message, its date not yet understood.
struct Message<'a> {
    head: Head,
    /// The date and time as they stand.
    written: &'a str,
    author: Option<&'a str>,
    text: String,
    first: u64,
    last: u64,
}

impl Stretch {
    /// The message in its chat.
    fn of(self, chat: &str) -> Message<'_> {
        let part = |range: Range<usize>| chat.get(range).unwrap_or_default();
        let lines = part(self.text).split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        Message {
            head: self.head,
            written: part(self.written),
            author: self.author.map(part),
            text: lines.collect::<Vec<_>>().join("\n"),
            first: self.first,
            last: self.last,
        }
    }
}

/// Splits a chat into messages; gives also the last line before them, and the first of these, where something stands there.
fn split(text: &str) -> (Vec<Stretch>, Option<(u64, Range<usize>)>) {
    let mut messages: Vec<Stretch> = Vec::new();
    let mut before = None;
    let mut start = 0;
    for (number, whole) in (1..).zip(text.split('\n')) {
        let line = whole.strip_suffix('\r').unwrap_or(whole);
        let end = start + line.len();
        // Where a part of the line stands that is one of its own slices.
        let place = |part: &str| line.find(part).map_or(end..end, |at| start + at..start + at + part.len());
        // A line that somebody has copied out of another chat is one of theirs.
        let is_own = |head: &Head| messages.first().is_none_or(|first| first.head.is_like(head));
        if let Some((head, rest)) = Head::parse(line).filter(|(head, _)| is_own(head)) {
            let written = line.strip_suffix(rest).unwrap_or(line);
            let written = written.trim_matches(|c: char| is_space(c) || matches!(c, '[' | ']' | '-' | '–'));
            let (author, said) = author(rest).map_or((None, rest), |(author, said)| (Some(author), said));
            let rest_start = end - rest.len();
            let author = author.map(|author| {
                let at = rest_start + rest.find(author).unwrap_or_default();
                at..at + author.len()
            });
            messages.push(Stretch {
                head,
                written: place(written),
                author,
                text: end - said.len()..end,
                first: number,
                last: number,
            });
        } else if let Some(message) = messages.last_mut() {
            message.text.end = end;
            if !line.trim().is_empty() {
                message.last = number;
            }
        } else if !line.trim().is_empty() {
            before = Some((number, before.map_or(start..end, |(_, first)| first)));
        }
        start += whole.len() + 1;
    }
    (messages, before)
}

/// Who wrote a message, and what; none where the app says what happened.
fn author(rest: &str) -> Option<(&str, &str)> {
    let (name, text) = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|name| (name, "")))?;
    let name = name.trim_matches(|c: char| is_space(c) || DIRECTIONS.contains(&c));
    // Names of groups stand in quotes in what the app says, and those of people do not.
    let is_name =
        !name.is_empty() && name.chars().count() <= MAX_NAME_CHARS && !name.contains(['"', '“', '«', '<', '„', '「']);
    is_name.then_some((name, text))
}

/// The name of a group, where iOS has it say what happens there: of a chat with a mark of direction before each of these words, as before
/// all that the app says itself, from the first message on.
fn group<'a>(messages: &[Stretch], chat: &'a str) -> Option<&'a str> {
    let part = |range: &Range<usize>| chat.get(range.clone()).unwrap_or_default();
    let name = part(messages.first()?.author.as_ref()?);
    let own = messages.iter().filter(|message| message.author.as_ref().is_some_and(|author| part(author) == name));
    let mut own = own.map(|message| part(&message.text));
    own.all(|text| text.starts_with('\u{200E}') && poll(text).is_none() && medium(text).is_none()).then_some(name)
}

/// The name of a chat, where its file tells it.
fn chat_name(file: &str) -> Option<String> {
    const BEGINNINGS: [&str; 8] = [
        "WhatsApp Chat with ",
        "WhatsApp Chat - ",
        "WhatsApp-Chat mit ",
        "Chat de WhatsApp con ",
        "Conversa do WhatsApp com ",
        "Discussion WhatsApp avec ",
        "Чат WhatsApp с ",
        "Chat WhatsApp con ",
    ];
    file.split('/').rev().find_map(|name| {
        let name = BEGINNINGS.iter().find_map(|beginning| name.strip_prefix(beginning))?;
        let name = name.strip_suffix(".txt").or_else(|| name.strip_suffix(".zip")).unwrap_or(name).trim();
        (!name.is_empty()).then(|| name.to_owned())
    })
}

/// The record of a message; none where the calendar lacks its date.
fn record(message: &Message<'_>, order: Order, context: &ReadContext) -> Option<Record> {
    let mut record = Record { kind: "message".to_owned(), ..Record::default() };
    if message.head.is_of_another_calendar() {
        keep_unread(&mut record, message.written);
    } else {
        let time = message.head.time(order)?.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        record.date = parse_date(&time, &context.time_zone);
    }
    record.author = message.author.map(str::to_owned);
    if message.author.is_none() {
        "service".clone_into(&mut record.kind);
    }
    let mut text = message.text.trim_end();
    if let Some(before) = edited(text) {
        record.flags.push("edited".to_owned());
        text = before.trim_end();
    }
    if let Some(poll) = poll(text) {
        entities::ask(poll, &mut record);
        text = "";
    }
    let mut lines: Vec<&str> = text.split('\n').collect();
    // The name of a file stands before what was written to it, or is all; or behind, and before it what the app says of a document.
    let found = lines.first().and_then(|line| medium(line).map(|medium| (medium, "")).or_else(|| attached(line)));
    if let Some((medium, caption)) = found {
        let (caption, num_pages) = document(caption);
        record.fields.extend(num_pages.map(|num_pages| ("pages".to_owned(), num_pages.to_string())));
        if caption.is_empty() {
            lines.remove(0);
        } else if let Some(first) = lines.first_mut() {
            *first = caption;
        }
        if medium.path.is_none() {
            record.flags.push("media_not_included".to_owned());
        }
        record.media.push(medium);
    }
    let text = lines.join("\n");
    let is_mark = |c: char| DIRECTIONS.contains(&c) && !matches!(c, ISOLATE | END_OF_ISOLATE);
    let text: String = text.trim_matches(is_mark).trim_end().to_owned();
    let mut rich = markers::marked(&text, MARKS, &token);
    rich.trim();
    rich.fill(&mut record);
    Some(record)
}

/// What links, tags and mentions are; and names, which the app sets apart from the direction of what is around them.
fn token(before: &str, rest: &str) -> Option<Token> {
    let named = |sign: &str, rest: &str| {
        let (name, _) = rest.strip_prefix(ISOLATE)?.split_once(END_OF_ISOLATE)?;
        let is_name = !name.is_empty() && name.chars().count() <= MAX_NAME_CHARS && !name.contains('\n');
        let len = sign.len() + ISOLATE.len_utf8() + name.len() + END_OF_ISOLATE.len_utf8();
        is_name.then(|| Token { len, text: format!("{sign}{name}"), kind: "", href: None })
    };
    match rest.strip_prefix('@').map(|rest| named("@", rest)) {
        Some(Some(mention)) => Some(Token { kind: "mention", ..mention }),
        _ => named("", rest).or_else(|| markers::plain_token(before, rest)),
    }
}

/// The text without the app's remark that it was edited.
fn edited(text: &str) -> Option<&str> {
    let (before, remark) = text.trim_end_matches(DIRECTIONS).strip_suffix('>')?.rsplit_once('<')?;
    // Nobody types the mark of direction that stands before it on iOS, whatever the language.
    let is_apps = before.ends_with('\u{200E}') && !remark.contains(": ");
    let before = before.trim_end_matches(DIRECTIONS);
    ((is_apps || phrases::is_edited(remark)) && !before.trim().is_empty()).then_some(before)
}

/// The file that a line names, or says is left out.
fn medium(line: &str) -> Option<Attachment> {
    let is_apps = line.starts_with('\u{200E}');
    let line = line.trim_matches(|c: char| is_space(c));
    // In an unknown language the mark of direction, or the name, shows that the app wrote it.
    let named = |words: &str, name: &str, is_known: fn(&str) -> bool| {
        let name = name.trim_matches(|c: char| is_space(c) || DIRECTIONS.contains(&c));
        file(name).filter(|_| is_apps || is_known(words) || phrases::is_apps_name(name))
    };
    let inner =
        [('<', '>'), ('‹', '›')].into_iter().find_map(|(open, close)| line.strip_prefix(open)?.strip_suffix(close));
    if let Some(inner) = inner {
        // iOS names the file behind a word of its language, Android says in some words that it is left out.
        return match inner.split_once([':', '：']) {
            Some((words, name)) => named(words, name, phrases::is_named),
            None => {
                phrases::is_left_out(inner).then(|| Attachment { kind: "file".to_owned(), ..Attachment::default() })
            }
        };
    }
    if let Some((name, remark)) = line.strip_suffix(')').and_then(|line| line.rsplit_once(" (")) {
        return named(remark, name, phrases::is_attached);
    }
    let kind = phrases::kind_left_out(line).filter(|_| is_apps)?;
    Some(Attachment { kind: kind.to_owned(), ..Attachment::default() })
}

/// The file that iOS names at the end of a line, behind a mark of direction, and what stands before it.
fn attached(line: &str) -> Option<(Attachment, &str)> {
    let (before, last) = line.trim_end_matches(DIRECTIONS).rsplit_once('\u{200E}')?;
    let medium = medium(&format!("\u{200E}{last}"))?;
    let before = before.trim_matches(is_space);
    let shown =
        document(before).1.and_then(|_| before.split(" • ").next()).map(|name| name.trim_matches(is_space).to_owned());
    Some((Attachment { name: shown.or(medium.name), ..medium }, before))
}

/// What is left of a caption without what the app says of a document, its name and how many pages it has; and their number.
fn document(caption: &str) -> (&str, Option<u32>) {
    let Some((name, pages)) = caption.split_once(" • ") else { return (caption, None) };
    let number: String = pages.chars().filter_map(digit).filter_map(|digit| char::from_digit(digit, 10)).collect();
    match number.parse().ok().filter(|_| file(name.trim_matches(is_space)).is_some()) {
        Some(number) => ("", Some(number)),
        None => (caption, None),
    }
}

/// A file by its name.
fn file(name: &str) -> Option<Attachment> {
    let (stem, end) = name.rsplit_once('.')?;
    let is_name = !stem.is_empty()
        && (2..=5).contains(&end.len())
        && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !name.contains(['/', '\\', ':']);
    let kind = match end.to_lowercase().as_str() {
        _ if name.contains("-STICKER-") || name.starts_with("STK-") => "sticker",
        "jpg" | "jpeg" | "png" | "webp" | "heic" => "photo",
        "mp4" | "mov" | "3gp" => "video",
        "opus" => "voice",
        "mp3" | "m4a" | "aac" | "ogg" => "audio",
        "vcf" => "contact",
        _ => "file",
    };
    is_name.then(|| Attachment {
        kind: kind.to_owned(),
        name: Some(name.to_owned()),
        path: Some(name.to_owned()),
        ..Attachment::default()
    })
}

/// A poll, as the English app writes it.
fn poll(text: &str) -> Option<Poll> {
    let mut lines = text.split('\n').map(|line| line.trim_matches(is_space));
    lines.next().filter(|line| *line == "POLL:")?;
    let question = lines.next()?.to_owned();
    let answers = lines.filter_map(|line| {
        let answer = line.strip_prefix("OPTION: ")?;
        let (text, votes) = answer.strip_suffix(')').and_then(|answer| answer.rsplit_once(" ("))?;
        Some(PollAnswer { text: text.to_owned(), votes: votes.split(' ').next()?.parse().ok() })
    });
    Some(Poll { question, answers: answers.collect(), voters: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_of_programs_are_no_chats() {
        let check = |text: &str, expected| {
            assert_eq!(recognise(&Sample::new("f", text.as_bytes(), true)), expected, "{text}");
        };
        check("15/01/2024, 10:30 - A: b\n15/01/2024, 10:31 - Anna (work): see [1]\n", true);
        check(
            "[2024-01-15 10:30:15] Åsa: hej\n[2024-01-15 10:31:15] ERROR: a man of strange name\n[2024-01-15 10:31:16] Åsa: hej",
            true,
        );
        for log in [
            "2024-01-15 10:30:15 - INFO: the server starts\n2024-01-15 10:30:16 - INFO: it listens\n",
            "2024-01-15 10:30 - WARN: the disk is nearly full\n2024-01-15 10:31 - INFO: it is not\n",
            "[2024-01-15 10:30:15] production.ERROR: no such table: posts\n#0 /srv/app.php(12): query()\n",
            "[2024-01-15 10:30:15] [INFO] tide: high\n[2024-01-15 10:30:16] [DEBUG] tide: low\n",
            "[2024-01-15 10:30:15] sshd[1234]: accepted a key\n[2024-01-15 10:31:15] cron[77]: run\n",
            "[15.01.2024 10:30:15] harbour::tide: high\n[15.01.2024 10:30:15] harbour::tide: low\n",
            "15/01/2024 10:30 - level=info msg: started\n",
            "[2024-01-15 10:30:15] main WARN: slow\n[2024-01-15 10:30:15] worker-1 INFO: quick\n",
            "2024/01/15 10:30:15 [error] 12#0: *1 open() failed\n",
            "[2024-01-15 10:30:15] a build without a name\n",
        ] {
            check(log, false);
        }
    }

    #[test]
    fn a_message_is_what_stands_from_its_head_to_the_next() {
        let chat = "early\r\n\r\nbird\n[15/01/2024, 10:30:15] Marta: a: b\r\nc\r\n\r\n[15/01/2024, 10:31:00] Marta left\n\
                    [15/01/2024, 10:32:15]  Jan :\nd\n\n";
        let (messages, before) = split(chat);
        assert_eq!(before, Some((3, 0..5)));
        let found: Vec<_> = messages
            .into_iter()
            .map(|message| message.of(chat))
            .map(|message| (message.written, message.author, message.text, message.first, message.last))
            .collect();
        let text = str::to_owned;
        assert_eq!(
            found,
            [
                ("15/01/2024, 10:30:15", Some("Marta"), text("a: b\nc\n"), 4, 5),
                ("15/01/2024, 10:31:00", None, text("Marta left"), 7, 7),
                ("15/01/2024, 10:32:15", Some("Jan"), text("\nd\n\n"), 8, 9),
            ]
        );
    }

    #[test]
    fn documents_have_pages() {
        let check = |line: &str, expected: Option<(&str, &str, &str)>| {
            let found = attached(line);
            let found = found.as_ref().map(|(medium, before)| {
                (
                    medium.name.as_deref().unwrap_or_default(),
                    medium.path.as_deref().unwrap_or_default(),
                    document(before).0,
                )
            });
            assert_eq!(found, expected, "{line}");
        };
        check(
            "tides 2024.pdf • \u{200E}12 pages \u{200E}<attached: 00000012-tides 2024.pdf>",
            Some(("tides 2024.pdf", "00000012-tides 2024.pdf", "")),
        );
        check(
            "tides.pdf • \u{200E}1 Seite \u{200E}<Anhang: 00000012-tides.pdf>",
            Some(("tides.pdf", "00000012-tides.pdf", "")),
        );
        check("tides.pdf • \u{200E}3 pages \u{200E}document omitted", Some(("tides.pdf", "", "")));
        check(
            "the quay \u{200E}<attached: 7-PHOTO-2024.jpg>",
            Some(("7-PHOTO-2024.jpg", "7-PHOTO-2024.jpg", "the quay")),
        );
        check("the quay <attached: 7-PHOTO-2024.jpg>", None);
        check("a • b", None);
        assert_eq!(document("a.pdf • many pages"), ("a.pdf • many pages", None));
    }

    #[test]
    fn media_are_told_from_text() {
        let check = |line: &str, expected: Option<(&str, Option<&str>)>| {
            let found = medium(line);
            assert_eq!(found.as_ref().map(|medium| (&*medium.kind, medium.path.as_deref())), expected, "{line}");
        };
        check("<attached: 00000008-PHOTO-2020.jpg>", Some(("photo", Some("00000008-PHOTO-2020.jpg"))));
        check("\u{200E}<Anhang: 7-STICKER-2020.webp>", Some(("sticker", Some("7-STICKER-2020.webp"))));
        check("IMG-2024-WA0001.jpg (file attached)", Some(("photo", Some("IMG-2024-WA0001.jpg"))));
        check("\u{200E}PTT-1.opus (Datei angehängt)", Some(("voice", Some("PTT-1.opus"))));
        check("<Media omitted>", Some(("file", None)));
        check("\u{200E}image omitted", Some(("photo", None)));
        for line in
            ["image omitted", "see a.jpg", "<3", "<b>", "../a.jpg (file attached)", "v1.50 (2020)", "hello (there)"]
        {
            check(line, None);
        }
        // What people type is text, however much it looks like what the app writes.
        for line in [
            "<seufz laut>",
            "<see: report.pdf>",
            "report.pdf (please read by tomorrow)",
            "<Media omitted too>",
            "\u{200E}Bild kommt",
        ] {
            check(line, None);
        }
        check("<Medien ausgeschlossen>", Some(("file", None)));
        check("\u{200E}Bild weggelassen", Some(("photo", None)));
        check("\u{200E}Contact card omitted", Some(("contact", None)));
        check("\u{200E}‹附件：00000012-PHOTO-2024.jpg›", Some(("photo", Some("00000012-PHOTO-2024.jpg"))));
        check("<附件：7.pdf>", Some(("file", Some("7.pdf"))));
        check("\u{200E}report.pdf (liite)", Some(("file", Some("report.pdf"))));
        check("IMG-20240115-WA0001.jpg (liite)", Some(("photo", Some("IMG-20240115-WA0001.jpg"))));
    }

    #[test]
    fn edits_are_told_from_text() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(edited(text), expected, "{text}");
        check("a \u{200E}<This message was edited>", Some("a "));
        check("a \u{200E}<Tätä viestiä muokattiin>", Some("a "));
        check("a <Diese Nachricht wurde bearbeitet.>", Some("a "));
        check("a <b>", None);
        check("<This message was edited>", None);
        check("a \u{200E}<attached: b.jpg>", None);
    }
}
