//! `result.json` of Telegram Desktop: one chat, or a whole account.
//!
//! ```text
//! chat    := {"name", "type", "id", "messages": [message…]}
//! account := {"about", "personal_information", …, "chats": {"list": [chat…]}, "left_chats": {"list": [chat…]}}
//! ```
//!
//! Files of gigabytes are usual, so one message at a time is held. A message that cannot be read costs itself; where the file
//! ends within one, all before it is kept. Of an account, the public chats are read and the private ones counted, unless chats
//! are named. Contacts, sessions and the rest of an account are passed over.

use super::album::Albums;
use super::message::{self, Surroundings};
use super::{Chat, message::is_message};
use crate::ingest::encoding::{Damage, Mended};
use crate::ingest::error::{IngestError, IngestErrorKind};
use crate::ingest::files::{Part, Parts};
use crate::ingest::format::{Entry, Input, ReadContext, Reader, Removed, Sample, Skipped, excerpt};
use crate::ingest::json::pull::{Fault, Scanner, scalar};
use crate::record::{Place, Source};

/// Longest message that is read, in bytes. A message has at most 4,096 characters of text, each written twice with its
/// formatting; the rest is room for polls and long lists of reactions.
const MAX_MESSAGE_LEN: usize = 4 << 20;

/// Chats that are named to people; the rest is counted.
const MAX_CHATS_NAMED: usize = 40;

/// Keys that only a whole account has, in the order of the exporter.
const ACCOUNT_KEYS: [&str; 6] =
    ["personal_information", "profile_pictures", "contacts", "frequent_contacts", "chats", "left_chats"];

/// Whether a sample is of a chat or of an account.
pub(in crate::ingest) fn recognise(sample: &Sample<'_>) -> bool {
    let mut scanner = Scanner::new(sample.head());
    looks_right(&mut scanner).unwrap_or(false)
}

/// What the root's keys tell, as far as the sample goes.
fn looks_right(scanner: &mut Scanner<&[u8]>) -> Result<bool, Fault> {
    scanner.expect(b'{', "`{`")?;
    let mut chat = Chat::default();
    let mut num_account_keys = 0;
    loop {
        let key = scanner.key()?;
        num_account_keys += usize::from(ACCOUNT_KEYS.contains(&key.as_str()));
        if num_account_keys > 1 || num_account_keys == 1 && matches!(&*key, "chats" | "left_chats") {
            return Ok(true);
        }
        if key == "messages" {
            scanner.expect(b'[', "`[`")?;
            let is_empty = scanner.peek()? == b']';
            if is_empty {
                return Ok(chat.kind.is_some() && chat.id.is_some());
            }
            let first = scanner.value(MAX_MESSAGE_LEN);
            return Ok(match first {
                Ok(first) => is_message(&String::from_utf8_lossy(first)),
                Err(_) => chat.kind.is_some() && chat.id.is_some(),
            });
        }
        let has_value = chat_member(&mut chat, &key, scanner);
        match has_value {
            Ok(()) => {}
            // A section of an account that is longer than the sample.
            Err(Fault::Cut) => return Ok(num_account_keys > 0),
            Err(fault) => return Err(fault),
        }
        scanner.comma()?;
    }
}

/// Reads a chat's name, type or id; passes anything else.
fn chat_member<R: std::io::Read>(chat: &mut Chat, key: &str, scanner: &mut Scanner<R>) -> Result<(), Fault> {
    let field = match key {
        "name" => &mut chat.name,
        "type" => &mut chat.kind,
        "id" => &mut chat.id,
        _ => return scanner.skip_value(),
    };
    let value = scanner.value(MAX_MESSAGE_LEN)?;
    *field = scalar(&String::from_utf8_lossy(value)).map(std::borrow::Cow::into_owned);
    Ok(())
}

/// Reads files one after another.
#[expect(clippy::unnecessary_wraps, reason = "every reader may find at once that the input is not of its format")]
pub(in crate::ingest) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let entries = parts.flat_map(move |part| -> Reader<'a> {
        match part {
            Ok(part) => Box::new(Export::new(part, context)),
            Err(error) => Box::new(std::iter::once(Err(error))),
        }
    });
    let mut albums = Albums::default();
    // One more step after the last entry lets go of what the albums hold.
    let steps = entries.map(Some).chain(std::iter::once_with(|| None));
    Ok(Box::new(steps.flat_map(move |step| -> Vec<Result<Entry, IngestError>> {
        match step {
            Some(Ok(entry)) => albums.pass(entry).map(Ok).collect(),
            Some(Err(error)) => albums.finish().map(Ok).into_iter().chain([Err(error)]).collect(),
            None => albums.finish().map(Ok).into_iter().collect(),
        }
    })))
}

/// The public name of the chats that are read: it is of one, so an account has it only where one chat is asked for.
fn handle_of(context: &ReadContext, is_account: bool) -> Option<&str> {
    let is_of_one = !is_account || context.options.chats.len() == 1;
    context.options.handle.as_deref().filter(|_| is_of_one)
}

/// What the walk is in.
enum Level {
    /// The root, or a chat of a list: its members are next.
    Chat(Box<ChatState>),
    /// `chats` or `left_chats`.
    Section,
    /// A list of chats.
    List,
    /// Messages of the chat below.
    Messages,
}

#[derive(Default)]
struct ChatState {
    chat: Chat,
    /// Whether its messages are wanted; decided when the first comes.
    is_wanted: Option<bool>,
    /// Whether its messages came before what it says of itself.
    is_late: bool,
    num_read: u64,
    num_removed: u64,
}

/// One file in the reading.
struct Export<'a> {
    scanner: Scanner<Input<'a>>,
    file: String,
    context: &'a ReadContext,
    levels: Vec<Level>,
    /// Entries that go out before more is read.
    ready: std::collections::VecDeque<Entry>,
    /// Whether there are several chats.
    is_account: bool,
    chats: Vec<String>,
    num_chats: usize,
    /// Parts of an account that are no chats.
    others: Vec<String>,
    /// Where the last message begins.
    begun: u64,
    /// Bytes of messages that are no text.
    damage: Damage,
    is_done: bool,
}

impl<'a> Export<'a> {
    fn new(part: Part<'a>, context: &'a ReadContext) -> Self {
        Self {
            scanner: Scanner::new(part.input),
            file: part.file,
            context,
            levels: Vec::new(),
            ready: std::collections::VecDeque::new(),
            is_account: false,
            chats: Vec::new(),
            num_chats: 0,
            others: Vec::new(),
            begun: 0,
            damage: Damage::default(),
            is_done: false,
        }
    }

    /// One step of the walk.
    fn step(&mut self) -> Result<(), Fault> {
        match self.levels.last() {
            None => {
                self.scanner.expect(b'{', "`{`")?;
                self.levels.push(Level::Chat(Box::default()));
                Ok(())
            }
            Some(Level::Chat(_)) => self.chat_step(),
            Some(Level::Section) => self.section_step(),
            Some(Level::List) => self.list_step(),
            Some(Level::Messages) => self.message_step(),
        }
    }

    fn chat_step(&mut self) -> Result<(), Fault> {
        if self.closes(b'}')? {
            if let Some(Level::Chat(state)) = self.levels.pop() {
                self.end_chat(&state);
            }
            return Ok(());
        }
        let key = self.scanner.key()?;
        let is_root = self.levels.len() == 1;
        let byte = self.scanner.peek()?;
        match (&*key, byte) {
            ("messages", b'[') => {
                self.scanner.skip_byte();
                self.levels.push(Level::Messages);
                Ok(())
            }
            ("chats" | "left_chats", b'{') if is_root => {
                self.scanner.skip_byte();
                self.is_account = true;
                self.levels.push(Level::Section);
                Ok(())
            }
            (_, b'{' | b'[') if is_root && self.others.len() < MAX_CHATS_NAMED => {
                self.others.push(key);
                self.scanner.skip_value()
            }
            _ => match self.levels.last_mut() {
                Some(Level::Chat(state)) => chat_member(&mut state.chat, &key, &mut self.scanner),
                _ => self.scanner.skip_value(),
            },
        }
    }

    fn section_step(&mut self) -> Result<(), Fault> {
        if self.closes(b'}')? {
            self.levels.pop();
            return Ok(());
        }
        let key = self.scanner.key()?;
        if key == "list" && self.scanner.peek()? == b'[' {
            self.scanner.skip_byte();
            self.levels.push(Level::List);
            return Ok(());
        }
        self.scanner.skip_value()
    }

    fn list_step(&mut self) -> Result<(), Fault> {
        if self.closes(b']')? {
            self.levels.pop();
            return Ok(());
        }
        if self.scanner.peek()? == b'{' {
            self.scanner.skip_byte();
            self.levels.push(Level::Chat(Box::default()));
            return Ok(());
        }
        self.scanner.skip_value()
    }

    fn message_step(&mut self) -> Result<(), Fault> {
        if self.closes(b']')? {
            self.levels.pop();
            return Ok(());
        }
        let wanted = &self.context.options.chats;
        let above = self.levels.len().checked_sub(2);
        let Some(Level::Chat(state)) = above.and_then(|above| self.levels.get_mut(above)) else {
            return self.scanner.skip_value();
        };
        let is_account = self.is_account;
        let chat = &state.chat;
        state.is_late |= chat.kind.is_none();
        let is_wanted = *state.is_wanted.get_or_insert_with(|| {
            if wanted.is_empty() {
                !is_account || chat.is_public()
            } else {
                wanted.has(&chat.label(), |wanted| chat.is_called(wanted))
            }
        });
        self.scanner.peek()?;
        let start = self.scanner.offset();
        self.begun = start;
        if !is_wanted {
            self.scanner.skip_value()?;
            state.num_removed += 1;
            return Ok(());
        }
        let read = match self.scanner.value(MAX_MESSAGE_LEN) {
            Ok(bytes) => {
                let place = Place::Bytes(start, start + bytes.len() as u64);
                let around = Surroundings {
                    chat: &state.chat,
                    handle: handle_of(self.context, is_account),
                    zone: &self.context.time_zone,
                    source: Source { file: self.file.clone(), place: Some(place.clone()), copies: Vec::new() },
                };
                let mut damage = self.damage;
                let mended;
                let text = if let Ok(text) = std::str::from_utf8(bytes) {
                    text
                } else {
                    mended = Mended::new(bytes.to_vec(), start, &mut damage);
                    &mended.text
                };
                let read = message::record(text, around).map_err(|fault| (place, fault, head_of(bytes)));
                // Of a message that cannot be read it is said that it is skipped.
                if read.is_ok() {
                    self.damage = damage;
                }
                read
            }
            Err(Fault::TooLong(limit)) => {
                Err((Place::Bytes(start, self.scanner.offset()), Fault::TooLong(limit), String::new()))
            }
            Err(fault) => return Err(fault),
        };
        self.ready.push_back(match read {
            Ok(record) => {
                state.num_read += 1;
                Entry::Record(Box::new(record))
            }
            Err((place, fault, excerpt)) => {
                let reason = format!("the message cannot be read: {fault}");
                Entry::Skipped(Skipped { file: self.file.clone(), place, reason, excerpt })
            }
        });
        Ok(())
    }

    /// Whether the object or array ends here; else passes the `,` before what follows.
    fn closes(&mut self, end: u8) -> Result<bool, Fault> {
        self.scanner.comma()?;
        let closes = self.scanner.peek()? == end;
        if closes {
            self.scanner.skip_byte();
        }
        Ok(closes)
    }

    /// Says what became of a chat.
    fn end_chat(&mut self, state: &ChatState) {
        let is_root = self.levels.is_empty();
        if is_root && self.is_account {
            return self.end_account();
        }
        let kind = state.chat.kind.as_deref().unwrap_or("of an unknown kind");
        let label = state.chat.label();
        if state.num_removed > 0 {
            // The account is published, and says nothing of what is not: not even that there is such a chat.
            let is_asked = !self.context.options.chats.is_empty();
            let reason = if is_asked { "of chats that were not asked for" } else { "of private chats" }.to_owned();
            self.ready.push_back(Entry::Removed(Removed { count: state.num_removed, reason }));
        }
        if state.is_late && state.chat.kind.is_some() {
            // To whoever builds alone: the account is published, and must not name a chat that may be private.
            self.ready.push_back(Entry::Hint(format!(
                "`{label}` says after its messages what it is, as where a program has sorted the names: it was taken for a chat without a \
                 name of which nobody knows whether it is public; what Telegram Desktop wrote says so before them"
            )));
        }
        if state.num_read > 0 && !state.chat.is_public() {
            let messages = if state.num_read == 1 { "message" } else { "messages" };
            let note = format!(
                "`{label}` is not public ({kind}): whoever gets the archive can read its {} {messages}",
                state.num_read
            );
            self.ready.push_back(Entry::Hint(note));
        }
        if state.is_wanted.is_none() {
            // It has no messages, and is there.
            self.context.options.chats.has(&label, |wanted| state.chat.is_called(wanted));
        }
        self.num_chats += 1;
        if self.chats.len() < MAX_CHATS_NAMED {
            let id = state.chat.id.as_ref().map_or_else(String::new, |id| format!("id {id}, "));
            self.chats.push(format!("`{label}` ({kind}, {id}{})", state.num_read + state.num_removed));
        }
    }

    /// Lists the chats of an account, so that people can choose.
    fn end_account(&mut self) {
        if self.context.options.handle.is_some() && handle_of(self.context, true).is_none() {
            let hint = "the handle was not used, since it is of one chat: take that one alone, with `--chat`";
            self.ready.push_back(Entry::Hint(hint.to_owned()));
        }
        let more = match self.num_chats - self.chats.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if !self.others.is_empty() {
            let others = self.others.join("`, `");
            self.ready
                .push_back(Entry::Note(format!("of the account chats alone are read; left as they are: `{others}`")));
        }
        let note = format!(
            "a whole account with {} chats: {}{more}; `--chat` takes them by name or id",
            self.num_chats,
            self.chats.join(", ")
        );
        self.ready.push_back(Entry::Hint(note));
    }

    /// Accounts for what stands after the last that could be read, and ends.
    fn break_off(&mut self, start: u64, fault: Fault) -> Result<(), IngestError> {
        self.is_done = true;
        let num_read: u64 =
            self.levels.iter().map(|level| if let Level::Chat(state) = level { state.num_read } else { 0 }).sum();
        let reason = match fault {
            Fault::Io(error) => return Err(IngestError::new(&*self.file, IngestErrorKind::Io(error))),
            Fault::Cut => format!("the file is cut here; the {num_read} whole messages of its last chat are kept"),
            fault => format!("from here on the file cannot be read: {fault}"),
        };
        let start = start.max(self.begun);
        let end = self.scanner.end().max(start);
        if end == 0 {
            return Ok(());
        }
        let place = Place::Bytes(start, end);
        self.ready.push_back(Entry::Skipped(Skipped {
            file: self.file.clone(),
            place,
            reason,
            excerpt: String::new(),
        }));
        while let Some(level) = self.levels.pop() {
            if let Level::Chat(state) = level {
                self.end_chat(&state);
            }
        }
        Ok(())
    }
}

impl Iterator for Export<'_> {
    type Item = Result<Entry, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Some(Ok(entry));
            }
            if self.is_done {
                let note = std::mem::take(&mut self.damage).note(&self.file)?;
                return Some(Ok(Entry::Note(note)));
            }
            let start = self.scanner.offset();
            let stepped = self.step();
            if stepped.is_ok() {
                self.is_done = self.levels.is_empty();
                continue;
            }
            if let Err(error) = stepped.or_else(|fault| self.break_off(start, fault)) {
                return Some(Err(error));
            }
        }
    }
}

/// How a message begins, for an account of it.
fn head_of(bytes: &[u8]) -> String {
    const LEN: usize = 512;
    excerpt(&String::from_utf8_lossy(bytes.get(..LEN).unwrap_or(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::ChosenChats;
    use crate::ingest::files::alone;
    use jiff::tz::TimeZone;

    /// Shows each entry: a record as `chat/id text`.
    fn entries(text: &str, chats: &[&str]) -> Vec<String> {
        let mut context = ReadContext::new("f", TimeZone::UTC);
        context.options.chats = ChosenChats::new(chats.iter().map(|chat| (*chat).to_owned()).collect());
        let show = |entry| match entry {
            Ok(Entry::Record(record)) => {
                format!("{}/{} {}", record.channel.unwrap_or_default(), record.id.unwrap_or_default(), record.text)
            }
            Ok(Entry::Skipped(skipped)) => format!("{}: {}", skipped.place, skipped.reason),
            Ok(Entry::Removed(removed)) => format!("{} removed: {}", removed.count, removed.reason),
            Ok(Entry::Hint(note) | Entry::Note(note)) => format!("note: {note}"),
            other => panic!("{other:?}"),
        };
        let reader = read(alone("f", Box::new(text.as_bytes())), &context);
        reader.unwrap().map(show).collect()
    }

    fn message(id: u32, text: &str) -> String {
        format!(r#"{{"id": {id}, "type": "message", "date": "2024-01-01T00:00:00", "from": "A", "text": "{text}"}}"#)
    }

    fn chat(name: &str, kind: &str, messages: &[String]) -> String {
        format!(r#"{{"name": "{name}", "type": "{kind}", "id": {}, "messages": [{}]}}"#, name.len(), messages.join(","))
    }

    #[test]
    fn a_bad_byte_costs_itself_and_is_said() {
        let text = chat("C", "public_channel", &[message(1, "a?b"), message(2, "c??d")]);
        let bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'?' { 0xFF } else { byte }).collect();
        let context = ReadContext::new("f", TimeZone::UTC);
        assert!(recognise(&Sample::new("f", &bytes, true)));
        let found: Vec<Entry> =
            read(alone("f", Box::new(bytes.as_slice())), &context).unwrap().map(Result::unwrap).collect();
        let [Entry::Record(first), Entry::Record(second), Entry::Note(note)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((first.text.as_str(), second.text.as_str()), ("a\u{fffd}b", "c\u{fffd}\u{fffd}d"));
        let at = text.find('?').unwrap();
        assert!(note.contains(&format!("3 bytes that are no UTF-8, the first of them byte {at}")), "{note}");
    }

    #[test]
    fn one_chat() {
        let text = chat("C", "public_channel", &[message(1, "a"), message(2, "b")]);
        assert_eq!(entries(&text, &[]), ["C/1 a", "C/2 b"]);
        let private = chat("C", "personal_chat", &[message(1, "a")]);
        let note = "note: `C` is not public (personal_chat): whoever gets the archive can read its 1 message";
        assert_eq!(entries(&private, &[]), ["C/1 a", note]);
    }

    #[test]
    fn an_account_gives_what_is_public_or_asked_for() {
        let chats = [
            chat("Open", "public_channel", &[message(1, "a")]),
            chat("Me", "personal_chat", &[message(2, "b"), message(3, "c")]),
        ];
        let text = format!(
            r#"{{"about": "x", "personal_information": {{"bio": "]}}"}}, "chats": {{"about": "x", "list": [{}]}}}}"#,
            chats.join(",")
        );
        let list = "note: a whole account with 2 chats: `Open` (public_channel, id 4, 1), `Me` (personal_chat, id 2, 2); `--chat` takes them by name or id";
        let others = "note: of the account chats alone are read; left as they are: `personal_information`";
        let removed = "2 removed: of private chats";
        assert_eq!(entries(&text, &[]), ["Open/1 a", removed, others, list]);
        let warning = "note: `Me` is not public (personal_chat): whoever gets the archive can read its 2 messages";
        let removed = "1 removed: of chats that were not asked for";
        assert_eq!(entries(&text, &["2"]), [removed, "Me/2 b", "Me/3 c", warning, others, list]);
    }

    #[test]
    fn a_handle_is_of_one_chat() {
        let chats =
            [chat("Open", "public_channel", &[message(1, "a")]), chat("Other", "public_channel", &[message(1, "b")])];
        let text = format!(r#"{{"chats": {{"list": [{}]}}}}"#, chats.join(","));
        for (wanted, address, is_told) in
            [(&[][..], None, true), (&["Other"], Some("https://t.me/other/1"), false), (&["Other", "Typo"], None, true)]
        {
            let mut context = ReadContext::new("f", TimeZone::UTC);
            context.options.chats = ChosenChats::new(wanted.iter().map(|chat: &&str| (*chat).to_owned()).collect());
            context.options.handle = Some("other".to_owned());
            let entries: Vec<Entry> =
                read(alone("f", Box::new(text.as_bytes())), &context).unwrap().map(Result::unwrap).collect();
            let last = entries
                .iter()
                .rev()
                .find_map(|entry| if let Entry::Record(record) = entry { Some(record) } else { None });
            assert_eq!(last.unwrap().url.as_deref(), address, "{wanted:?}");
            let told = entries
                .iter()
                .any(|entry| matches!(entry, Entry::Hint(hint) if hint.contains("the handle was not used")));
            assert_eq!(told, is_told, "{wanted:?}");
            let is_missing = |told: &String| told.starts_with("--chat Typo: nothing is called so");
            assert_eq!(context.options.chats.missing().iter().any(is_missing), wanted.contains(&"Typo"), "{wanted:?}");
        }
    }

    #[test]
    fn a_chat_that_says_after_its_messages_what_it_is_is_told() {
        let own = r#""name":"Open","type":"public_channel","id":7"#;
        let messages = format!(r#""messages":[{}]"#, message(1, "a"));
        for (members, is_late) in [([own, &messages], false), ([&messages, own], true)] {
            let text = format!(r#"{{"chats":{{"list":[{{{}}}]}}}}"#, members.join(","));
            let context = ReadContext::new("f", TimeZone::UTC);
            let entries: Vec<Entry> =
                read(alone("f", Box::new(text.as_bytes())), &context).unwrap().map(Result::unwrap).collect();
            let has = |is: &dyn Fn(&Entry) -> bool| entries.iter().any(is);
            assert_eq!(has(&|entry| matches!(entry, Entry::Record(_))), !is_late, "{text}");
            let told = |entry: &Entry| matches!(entry, Entry::Hint(hint) if hint.contains("says after its messages what it is"));
            assert_eq!(has(&told), is_late, "{text}");
        }
    }

    #[test]
    fn a_cut_file_keeps_its_whole_messages() {
        let text = chat("C", "public_channel", &[message(1, "a"), message(2, "b"), message(3, "c")]);
        let third = text.find(r#"{"id": 3"#).unwrap();
        for cut in third + 1..text.len() - 2 {
            let found = entries(&text[..cut], &[]);
            assert_eq!(found[..2], ["C/1 a", "C/2 b"], "{cut}");
            assert!(found.last().unwrap().contains("the file is cut here"), "{found:?}");
        }
        assert_eq!(entries(&text[..third], &[]).len(), 3);
    }

    #[test]
    fn a_bad_message_costs_itself() {
        let text = chat(
            "C",
            "public_channel",
            &[message(1, "a"), r#"{"id" 2}"#.into(), message(3, r"\x0Cc"), message(4, r"a \q b")],
        );
        let found = entries(&text, &[]);
        assert_eq!((&*found[0], &*found[2]), ("C/1 a", "C/3 \u{c}c"));
        assert!(found[3].contains("the message cannot be read: not JSON: there is no text"), "{found:?}");
        assert!(found[1].contains("the message cannot be read: not JSON: there is no `:`"), "{found:?}");
    }
}
