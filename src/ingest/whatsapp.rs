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
use super::entities;
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

/// Words for the second half of the day, as telephones write them, in small letters; of one that begins as another does the longer counts.
const AFTERNOON: [&str; 44] = [
    "pm",
    "p.m.",
    "p.m",
    "p. m.",
    "p m",
    "下午",
    "午後",
    "中午",
    "傍晚",
    "晚上",
    "오후",
    "م",
    "مساءً",
    "مساء",
    "ب.ظ",
    "ب.ظ.",
    "بعدازظهر",
    "بعد دوپہر",
    "μ.μ.",
    "μμ",
    "nachm.",
    "odp.",
    "popoldne",
    "popoludní",
    "du.",
    "ip.",
    "e.m.",
    "em",
    "ch",
    "ptg",
    "pg",
    "ös",
    "сл.об.",
    "попл.",
    "пп",
    "пополудни",
    "अपराह्न",
    "अपराह्न.",
    "অপরাহ্ণ",
    "পিএম",
    "பிற்பகல்",
    "หลังเที่ยง",
    "m.d.",
    "p.d.",
];

/// Words for the first half.
const MORNING: [&str; 38] = [
    "am",
    "a.m.",
    "a.m",
    "a. m.",
    "a m",
    "上午",
    "午前",
    "早上",
    "清晨",
    "凌晨",
    "오전",
    "ص",
    "صباحًا",
    "صباحا",
    "ق.ظ",
    "ق.ظ.",
    "قبل‌ازظهر",
    "قبل دوپہر",
    "π.μ.",
    "πμ",
    "vorm.",
    "dop.",
    "dopoldne",
    "dopoludnia",
    "de.",
    "ap.",
    "f.m.",
    "fm",
    "sa",
    "öö",
    "пр.об.",
    "претпл.",
    "дп",
    "पूर्वाह्न",
    "পূর্বাহ্ণ",
    "এএম",
    "முற்பகல்",
    "ก่อนเที่ยง",
];

/// Words that telephones write between a date and its time.
const BETWEEN: [&str; 8] = ["à", "às", "klo", "kl.", "um", "alle", "at", "o"];

/// What the digits of other scripts than ours begin with, each followed by its other nine.
const ZEROS: [char; 13] = [
    '\u{660}', '\u{6F0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}', '\u{B66}', '\u{BE6}', '\u{C66}', '\u{CE6}',
    '\u{E50}', '\u{1040}', '\u{FF10}',
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
        rest.one_of(&[',', '،', '٬']);
        if rest.spaces() == 0 {
            return None;
        }
        rest.between();
        let half = rest.half();
        let hour = rest.number(2)?;
        let colon = rest.one_of(&[':', '.', '：'])?;
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
        } else if seconds.is_some() {
            // Only within brackets the app writes them; programs do so in logs.
            return None;
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
        // Thai telephones count years from the Buddha's death.
        let year = if (2550..2650).contains(&year) { year - 543 } else { year };
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

impl<'a> Cursor<'a> {
    /// A number of one to `max` digits, of whatever script.
    fn number(&mut self, max: usize) -> Option<u16> {
        let rest = self.0.trim_start_matches(DIRECTIONS);
        let digits: Vec<u32> = rest.chars().take(max + 1).map_while(digit).collect();
        let len: usize = rest.chars().take(digits.len()).map(char::len_utf8).sum();
        if digits.is_empty() || digits.len() > max {
            return None;
        }
        self.0 = rest.get(len..)?;
        u16::try_from(digits.iter().fold(0, |number, digit| number * 10 + digit)).ok()
    }

    fn one_of(&mut self, signs: &[char]) -> Option<char> {
        let rest = self.0.trim_start_matches(DIRECTIONS);
        let sign = rest.chars().next().filter(|c| signs.contains(c))?;
        self.0 = rest.get(sign.len_utf8()..)?;
        Some(sign)
    }

    fn spaces(&mut self) -> usize {
        let rest = self.0.trim_start_matches(is_space);
        let len = self.0.len() - rest.len();
        self.0 = rest;
        len
    }

    /// A word between a date and its time.
    fn between(&mut self) {
        let rest = BETWEEN.iter().find_map(|word| self.0.strip_prefix(word).filter(|rest| rest.starts_with(is_space)));
        if let Some(rest) = rest {
            self.0 = rest.trim_start_matches(is_space);
        }
    }

    /// Which half of the day it is, where a word says so.
    fn half(&mut self) -> Option<bool> {
        let words = AFTERNOON.iter().map(|word| (true, word)).chain(MORNING.iter().map(|word| (false, word)));
        let found = words.filter_map(|(is_afternoon, word)| Some((self.behind(word)?, is_afternoon)));
        let (rest, is_afternoon) = found.min_by_key(|(rest, _)| rest.len())?;
        self.0 = rest;
        self.spaces();
        Some(is_afternoon)
    }

    /// What stands behind a word, where that stands here; spaces of any width are one.
    fn behind(&self, word: &str) -> Option<&'a str> {
        let mut rest = self.0.chars();
        for expected in word.chars() {
            let found = rest.next()?;
            let is_same =
                found == expected || found.to_lowercase().eq([expected]) || expected == ' ' && is_space(found);
            is_same.then_some(())?;
        }
        let rest = rest.as_str();
        (!rest.starts_with(|c: char| c.is_alphabetic())).then_some(rest)
    }
}

/// What a digit counts, of whatever script.
fn digit(c: char) -> Option<u32> {
    let of = |zero: &char| u32::from(c).checked_sub(u32::from(*zero)).filter(|digit| *digit < 10);
    c.to_digit(10).or_else(|| ZEROS.iter().find_map(of))
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
        check("15‏/1‏/2024، 10:30 م - A: b", "2024-01-15T22:30:00", "A: b");
        check("١٥‏/١‏/٢٠٢٤، ١٠:٣٠ ص - A: b", "2024-01-15T10:30:00", "A: b");
        check("[۲۰۲۴/۱/۱۵،\u{a0}۱۰:۳۰:۱۵ ب.ظ.] A: b", "2024-01-15T22:30:15", "A: b");
        check("[2024/01/15 午後10:30:15] A: b", "2024-01-15T22:30:15", "A: b");
        check("[2024/01/15 午前0:30:15] A: b", "2024-01-15T00:30:15", "A: b");
        check("15/1/2024, 10:30\u{202f}p.\u{a0}m. - A: b", "2024-01-15T22:30:00", "A: b");
        check("15/1/2024, 12:30\u{202f}a.\u{202f}m. - A: b", "2024-01-15T00:30:00", "A: b");
        check("[15/1/24, 10:30:15\u{202f}μ.μ.] A: b", "2024-01-15T22:30:15", "A: b");
        check("[2024. 1. 15. 오후 10:30:15] A: b", "2024-01-15T22:30:15", "A: b");
        check("15.1.2024 klo 22.30 - A: b", "2024-01-15T22:30:00", "A: b");
        check("15/01/2024 à 22:30 - A: b", "2024-01-15T22:30:00", "A: b");
        check("१५/१/२४, १०:३० अपराह्न - A: b", "2024-01-15T22:30:00", "A: b");
        check("15/1/2567 22:30 - A: b", "2024-01-15T22:30:00", "A: b");
        for line in [
            "Hello",
            "15/01/2024 is a date",
            "15/01/2024, 10:30",
            "10:30 - A: b",
            "[15/01/2024] A",
            "1234567, 10:30 - A",
            "2024-01-15 10:30:15 - A: b",
            "15/01/2024, 10:30 amen - A: b",
        ] {
            assert!(Head::parse(line).is_none(), "{line}");
        }
    }

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
    }
}
