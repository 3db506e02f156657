//! The text that `WhatsApp` exports of a chat: a line for each message, begun by its local time, and lines that go on.
//!
//! ```text
//! [15/01/2024, 10:30:15] Marta: Hello          iOS
//! 15.01.24, 10:30 - Marta: Hello               Android
//! ```
//!
//! The order of day and month is the telephone's, and stands nowhere. It is proven by a day that no month is, or since messages go on
//! in time one way only; else `--date-format` decides. Nothing is known of offsets from UTC, of ids, replies and reactions.

use jiff::civil;

use super::date::parse_date;
use super::error::{IngestError, IngestErrorKind};
use super::files::Part;
use super::format::{Entry, ReadContext, Reader, Sample, Skipped, excerpt};
use super::markers::{self, Mark};
use crate::record::{Attachment, Place, Poll, PollAnswer, Record, Source};

/// Longest chat that is read, in bytes. The app exports 40,000 messages at most, of some hundred bytes each.
const MAX_CHAT_LEN: u64 = 256 << 20;

/// Longest name of who writes, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Signs around words.
const MARKS: &[Mark] = &[
    Mark::code("```", "code"),
    Mark::code("`", "code"),
    Mark::inline("*", "bold"),
    Mark::inline("_", "italic"),
    Mark::inline("~", "strike"),
];

/// Marks of direction, which the app puts before what it writes itself, and others put anywhere.
const DIRECTIONS: [char; 8] =
    ['\u{200E}', '\u{200F}', '\u{202A}', '\u{202B}', '\u{202C}', '\u{2068}', '\u{2069}', '\u{FEFF}'];

/// Words for the second half of the day, as telephones write them; all others mean the first.
const AFTERNOON: [&str; 9] = ["pm", "p.m.", "p. m.", "下午", "晚上", "오후", "م", "μ.μ.", "nachm."];

/// Words for the first half.
const MORNING: [&str; 9] = ["am", "a.m.", "a. m.", "上午", "凌晨", "오전", "ص", "π.μ.", "vorm."];

/// Whether the first line of a sample begins a message, and some line tells who wrote it.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let mut filled = sample.lines().iter().filter(|line| !line.trim().is_empty());
    let is_first = filled.clone().next().is_some_and(|line| Head::parse(line).is_some());
    is_first && filled.any(|line| Head::parse(line).is_some_and(|(_, rest)| author(rest).is_some()))
}

/// Reads a chat.
pub(super) fn read<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let (file, text) = part.text(MAX_CHAT_LEN)?;
    let fail = |kind| IngestError::new(&*file, kind);
    let (messages, before) = split(&text);
    let (order, note) = order(&messages, context.options.table.date_format.as_deref()).map_err(fail)?;
    let channel = chat_name(&file);
    let mut entries: Vec<Entry> = before
        .map(|(last, start)| {
            let reason = "it stands before the first message".to_owned();
            Entry::Skipped(Skipped {
                file: file.clone(),
                place: Place::Lines(1, last),
                reason,
                excerpt: excerpt(start),
            })
        })
        .into_iter()
        .chain(note.map(Entry::Note))
        .collect();
    entries.push(Entry::Hint("a chat is private: whoever gets the archive can read its messages".to_owned()));
    for message in &messages {
        let place = Place::Lines(message.first, message.last);
        let Some(mut record) = record(message, order, context) else {
            let reason = "no calendar has its date".to_owned();
            entries.push(Entry::Skipped(Skipped {
                file: file.clone(),
                place,
                reason,
                excerpt: excerpt(&message.text),
            }));
            continue;
        };
        record.channel.clone_from(&channel);
        record.source = Source { file: file.clone(), place: Some(place), copies: Vec::new() };
        entries.push(Entry::Record(Box::new(record)));
    }
    Ok(Box::new(entries.into_iter().map(Ok)))
}

/// When a message was written, as far as its line tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Head {
    /// The three numbers of the date, as they stand.
    parts: [u16; 3],
    /// Whether the year stands first.
    is_year_first: bool,
    /// Whether points stand between them, as where the day is first.
    has_points: bool,
    hour: u8,
    minute: u8,
    second: Option<u8>,
}

impl Head {
    /// The beginning of a message, and what follows it on its line.
    fn parse(line: &str) -> Option<(Self, &str)> {
        let line = line.trim_start_matches(DIRECTIONS);
        let (inner, is_bracketed) = match line.strip_prefix('[') {
            Some(inner) => (inner, true),
            None => (line, false),
        };
        let mut rest = Cursor(inner);
        let first = rest.number(4)?;
        let sign = rest.one_of(&['/', '.', '-'])?;
        rest.spaces();
        let second = rest.number(2)?;
        rest.one_of(&[sign])?;
        rest.spaces();
        let third = rest.number(4)?;
        rest.one_of(&['.']);
        rest.one_of(&[',']);
        if rest.spaces() == 0 {
            return None;
        }
        let half = rest.half();
        let hour = rest.number(2)?;
        let colon = rest.one_of(&[':', '.'])?;
        let minute = rest.number(2)?;
        let seconds = if rest.one_of(&[colon]).is_some() { Some(rest.number(2)?) } else { None };
        let before = rest.0;
        rest.spaces();
        let half = half.or_else(|| rest.half());
        if half.is_none() {
            rest.0 = before;
        }
        let body = if is_bracketed {
            let rest = rest.0.strip_prefix(']')?;
            rest.strip_prefix(' ').unwrap_or(rest)
        } else {
            rest.0
                .trim_start_matches(is_space)
                .strip_prefix('-')
                .or_else(|| rest.0.trim_start_matches(is_space).strip_prefix('–'))?
                .strip_prefix(' ')?
        };
        let hour = match half {
            Some(_) if hour > 12 => hour,
            Some(is_afternoon) => hour % 12 + if is_afternoon { 12 } else { 0 },
            None => hour,
        };
        let head = Self {
            parts: [first, second, third],
            is_year_first: first > 99,
            has_points: sign == '.',
            hour: u8::try_from(hour).ok()?,
            minute: u8::try_from(minute).ok()?,
            second: seconds.map(u8::try_from).transpose().ok()?,
        };
        Some((head, body))
    }

    /// Its date and time; none that a calendar lacks.
    fn time(&self, order: Order) -> Option<civil::DateTime> {
        let [a, b, c] = self.parts;
        let (year, month, day) = match (self.is_year_first, order) {
            (true, _) => (a, b, c),
            (false, Order::DayFirst) => (c, b, a),
            (false, Order::MonthFirst) => (c, a, b),
        };
        let year = if year < 100 { year + 2000 } else { year };
        let [month, day] = [month, day].map(|number| i8::try_from(number).ok());
        let date = civil::Date::new(i16::try_from(year).ok()?, month?, day?).ok()?;
        let [hour, minute, second] =
            [self.hour, self.minute, self.second.unwrap_or(0)].map(|number| i8::try_from(number).ok());
        Some(date.to_datetime(civil::Time::new(hour?, minute?, second?, 0).ok()?))
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Order {
    DayFirst,
    MonthFirst,
}

/// What of a line is still to be read.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    /// One to `max` ASCII digits.
    fn number(&mut self, max: usize) -> Option<u16> {
        let len = self.0.bytes().take(max + 1).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at_checked(len).filter(|_| (1..=max).contains(&len))?;
        self.0 = rest;
        digits.parse().ok()
    }

    fn one_of(&mut self, signs: &[char]) -> Option<char> {
        let sign = self.0.chars().next().filter(|c| signs.contains(c))?;
        self.0 = self.0.get(sign.len_utf8()..)?;
        Some(sign)
    }

    fn spaces(&mut self) -> usize {
        let rest = self.0.trim_start_matches(is_space);
        let len = self.0.len() - rest.len();
        self.0 = rest;
        len
    }

    /// Which half of the day it is, where a word says so.
    fn half(&mut self) -> Option<bool> {
        let is_at = |word: &&str| {
            let head: String = self.0.chars().take(word.chars().count()).collect();
            head.replace(['\u{a0}', '\u{202f}'], " ").to_lowercase() == **word
        };
        // The longer first: `p.m.` begins with no other.
        let (is_afternoon, word) = AFTERNOON
            .iter()
            .map(|word| (true, word))
            .chain(MORNING.iter().map(|word| (false, word)))
            .find(|(_, word)| is_at(word))?;
        let len: usize = self.0.chars().take(word.chars().count()).map(char::len_utf8).sum();
        self.0 = self.0.get(len..)?;
        self.spaces();
        Some(is_afternoon)
    }
}

/// White space as telephones write it; U+202F stands before `AM`.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}') || DIRECTIONS.contains(&c)
}

/// A message, its date not yet understood.
struct Message<'a> {
    head: Head,
    author: Option<&'a str>,
    text: String,
    first: u64,
    last: u64,
}

/// Splits a chat into messages; gives also the last line before them, and how they begin, where something stands there.
fn split(text: &str) -> (Vec<Message<'_>>, Option<(u64, &str)>) {
    let mut messages: Vec<Message<'_>> = Vec::new();
    let mut before = None;
    for (number, line) in (1..).zip(text.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Some((head, rest)) = Head::parse(line) {
            let (author, text) = author(rest).map_or((None, rest), |(author, text)| (Some(author), text));
            messages.push(Message { head, author, text: text.to_owned(), first: number, last: number });
        } else if let Some(message) = messages.last_mut() {
            message.text.push('\n');
            message.text.push_str(line);
            if !line.trim().is_empty() {
                message.last = number;
            }
        } else if !line.trim().is_empty() {
            before = Some((number, before.map_or(line, |(_, start)| start)));
        }
    }
    (messages, before)
}

/// Who wrote a message, and what; none where the app says what happened.
fn author(rest: &str) -> Option<(&str, &str)> {
    let (name, text) = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|name| (name, "")))?;
    let name = name.trim_matches(is_space);
    // Names of groups stand in quotes in what the app says, and those of people do not.
    let is_name =
        !name.is_empty() && name.chars().count() <= MAX_NAME_CHARS && !name.contains(['"', '“', '«', '<', '„', '「']);
    is_name.then_some((name, text))
}

/// Which part of the dates is the day, and what proves it; nothing is guessed.
fn order(messages: &[Message<'_>], format: Option<&str>) -> Result<(Order, Option<String>), IngestErrorKind> {
    if let Some(format) = format {
        let place = |part: &str| format.find(part).unwrap_or(usize::MAX);
        return Ok((if place("%m") < place("%d") { Order::MonthFirst } else { Order::DayFirst }, None));
    }
    let open = |message: &&Message<'_>| !message.head.is_year_first;
    let mut ambiguous = None;
    for message in messages.iter().filter(open) {
        let [a, b, _] = message.head.parts;
        match (a > 12, b > 12) {
            (true, false) => return Ok((Order::DayFirst, None)),
            (false, true) => return Ok((Order::MonthFirst, None)),
            _ if message.head.has_points => return Ok((Order::DayFirst, None)),
            _ if a != b => ambiguous = ambiguous.or(Some(message.head.parts)),
            _ => {}
        }
    }
    let Some([a, b, c]) = ambiguous else { return Ok((Order::DayFirst, None)) };
    let num_back = |order| {
        let times: Vec<_> = messages.iter().filter_map(|message| message.head.time(order)).collect();
        times.windows(2).filter(|pair| matches!(pair, [before, after] if after < before)).count()
    };
    match (num_back(Order::DayFirst), num_back(Order::MonthFirst)) {
        (0, 1..) => {
            Ok((Order::DayFirst, Some("the day stands first in its dates: else they would go back in time".to_owned())))
        }
        (1.., 0) => Ok((
            Order::MonthFirst,
            Some("the month stands first in its dates: else they would go back in time".to_owned()),
        )),
        _ => Err(IngestErrorKind::Undecided {
            seen: format!("{a}/{b}/{c} may have the day or the month first, and no message shows which"),
            option: "--date-format %d/%m/%Y` or `--date-format %m/%d/%Y".to_owned(),
        }),
    }
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

/// The record of a message; none where no calendar has its date.
fn record(message: &Message<'_>, order: Order, context: &ReadContext) -> Option<Record> {
    let time = message.head.time(order)?;
    let mut record = Record { kind: "message".to_owned(), ..Record::default() };
    record.date = parse_date(&time.strftime("%Y-%m-%dT%H:%M:%S").to_string(), &context.time_zone);
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
        record.poll = Some(poll);
        text = "";
    }
    let mut lines: Vec<&str> = text.split('\n').collect();
    // The name of a file stands before what was written to it, or is all.
    if let Some(medium) = lines.first().and_then(|line| medium(line)) {
        lines.remove(0);
        if medium.path.is_none() {
            record.flags.push("media_not_included".to_owned());
        }
        record.media.push(medium);
    }
    let text = lines.join("\n");
    let text: String = text.trim_matches(|c: char| DIRECTIONS.contains(&c)).trim_end().to_owned();
    let mut rich = markers::marked(&text, MARKS, &markers::plain_token);
    rich.trim();
    rich.fill(&mut record);
    Some(record)
}

/// The text without the app's remark that it was edited.
fn edited(text: &str) -> Option<&str> {
    let (before, remark) = text.rsplit_once('\u{200E}')?;
    let remark = remark.trim_end_matches(DIRECTIONS);
    (remark.starts_with('<') && remark.ends_with('>') && !remark.contains(": ") && !before.trim().is_empty())
        .then_some(before)
}

/// The file that a line names, or says is left out.
fn medium(line: &str) -> Option<Attachment> {
    let is_apps = line.starts_with('\u{200E}');
    let line = line.trim_matches(|c: char| is_space(c));
    if let Some(inner) = line.strip_prefix('<').and_then(|line| line.strip_suffix('>')) {
        // iOS names the file behind a word of its language, Android says in two words that it is left out.
        return match inner.split_once(": ") {
            Some((_, name)) => file(name.trim()),
            None => (!inner.contains(['<', '>', '/', '@', '=']) && inner.contains(' '))
                .then(|| Attachment { kind: "file".to_owned(), ..Attachment::default() }),
        };
    }
    if let Some((name, remark)) = line.strip_suffix(')').and_then(|line| line.rsplit_once(" (")) {
        // Only the app writes a name and behind it a remark without a digit.
        return file(name).filter(|_| !remark.contains(|c: char| c.is_ascii_digit() || c == ')'));
    }
    let (kind, left_out) = line.split_once(' ')?;
    let kind = match kind.to_lowercase().as_str() {
        "image" => "photo",
        "video" | "gif" => "video",
        "audio" => "voice",
        "sticker" => "sticker",
        "document" => "file",
        _ => return None,
    };
    (is_apps && left_out == "omitted").then(|| Attachment { kind: kind.to_owned(), ..Attachment::default() })
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
    fn heads_of_every_telephone() {
        let check = |line: &str, time: &str, rest: &str| {
            let (head, found) = Head::parse(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((head.time(Order::DayFirst).unwrap().to_string().as_str(), found), (time, rest), "{line}");
        };
        check("15/01/2024, 10:30 - A: b", "2024-01-15T10:30:00", "A: b");
        check("5/1/24, 10:30\u{202f}PM - A: b", "2024-01-05T22:30:00", "A: b");
        check("[15/01/2024, 12:05:09 am] A: b", "2024-01-15T00:05:09", "A: b");
        check("\u{200E}[15.01.24, 10:30:15] A: \u{200E}b", "2024-01-15T10:30:15", "A: \u{200E}b");
        check("15.01.24, 10:30 – A: b", "2024-01-15T10:30:00", "A: b");
        check("2024-01-15, 10.30 - A: b", "2024-01-15T10:30:00", "A: b");
        check("15/1/2024 10:30 p. m. - A: b", "2024-01-15T22:30:00", "A: b");
        check("2024/1/15 下午10:30 - A: b", "2024-01-15T22:30:00", "A: b");
        check("15‏/1‏/2024، 10:30 م - A: b".replace('،', ",").replace('‏', "").as_str(), "2024-01-15T22:30:00", "A: b");
        for line in [
            "Hello",
            "15/01/2024 is a date",
            "15/01/2024, 10:30",
            "10:30 - A: b",
            "[15/01/2024] A",
            "1234567, 10:30 - A",
        ] {
            assert!(Head::parse(line).is_none(), "{line}");
        }
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
    }
}
