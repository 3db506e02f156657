//! What Instagram and Facebook hand out as JSON: conversations (`messages/inbox/NAME_7/message_1.json`), those that Messenger encrypts
//! from end to end (`NAME_7.json`), and the posts of an account, which are read by [`super::meta_posts`].
//!
//! ```text
//! {"participants": [{"name"}], "messages": [{"sender_name", "timestamp_ms", "content", …}, …], "title", "thread_path"}
//! {"participants": ["…"], "threadName": "NAME_7", "messages": [{"senderName", "timestamp", "text", "media", …}, …]}
//! ```
//!
//! The texts are UTF-8 that was taken for Latin-1 on the way: `Ã©` for `é`. They are repaired where that gives UTF-8, and left alone
//! where it does not; those that are encrypted from end to end come as they are. What a conversation is called stands behind its
//! messages, so a file is held until its end.
//!
//! A conversation that is given by itself, its file or its folder, is read. Those of a download are counted and left out unless `--chat`
//! names them.

use std::collections::{BTreeMap, VecDeque};
use std::io;

use serde_json::Value;

use super::bounds::MAX_HELD_LEN;
use super::date::millis_date;
use super::entities;
use super::error::IngestError;
use super::files::{Part, Parts};
use super::format::{Entry, ReadContext, Reader, Removed, Sample};
use super::json::object::{Object, field};
use super::json::outline::{self, At, List, Sketch, Walk};
use super::media::{kind_of_name, last_of};
use super::meta_posts::{self, Posts};
use super::reach;
use crate::record::{Attachment, Place, Reaction, Record};

/// Messages of one file that are held until its end. The services write 10,000 to a file.
const MAX_HELD: usize = 200_000;

/// Lists of media, and what they hold.
const MEDIA: [(&str, &str); 6] = [
    ("photos", "photo"),
    ("videos", "video"),
    ("audio_files", "voice"),
    ("gifs", "video"),
    ("files", "file"),
    ("sticker", "sticker"),
];

/// Whether a sample is a conversation, or a list of posts.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    // Who takes part, and what it is called, may stand behind the messages.
    let sketch = Sketch::new(sample, "messages");
    sketch.first_has(&["sender_name", "timestamp_ms"])
        || sketch.first_has(&["senderName", "timestamp", "isUnsent"])
        || meta_posts::recognise(sample)
}

/// Reads conversations and posts.
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let conversations = Conversations {
        context,
        file: String::new(),
        head: Object::default(),
        held: Vec::new(),
        held_len: 0,
        left: BTreeMap::new(),
        num_other: 0,
        taken: BTreeMap::new(),
    };
    outline::read(parts, Download { conversations, posts: Posts::default(), is_posts: false })
}

/// A whole download: each file goes to whoever reads its like.
struct Download<'a> {
    conversations: Conversations<'a>,
    posts: Posts,
    /// Whether the file is a list of posts.
    is_posts: bool,
}

impl Walk for Download<'_> {
    fn begin(&mut self, part: &mut Part<'_>) -> io::Result<Option<List>> {
        self.is_posts = outline::is_list(part)?;
        if self.is_posts { self.posts.begin(part) } else { self.conversations.begin(part) }
    }

    fn member(&mut self, name: &str, value: Value) {
        self.conversations.member(name, value);
    }

    /// Only the end of a conversation tells whose it is.
    fn is_quoted(&self) -> bool {
        self.is_posts
    }

    fn element(&mut self, element: Object, at: &At<'_>, entries: &mut VecDeque<Entry>) {
        if self.is_posts {
            self.posts.element(element, at, entries);
        } else {
            self.conversations.element(element, at, entries);
        }
    }

    fn end(&mut self, entries: &mut VecDeque<Entry>) {
        if !self.is_posts {
            self.conversations.end(entries);
        }
    }

    fn finish(&mut self, entries: &mut VecDeque<Entry>) {
        self.conversations.finish(entries);
        self.posts.finish(entries);
    }
}

struct Conversations<'a> {
    context: &'a ReadContext,
    file: String,
    /// Members of the root beside the messages, as they stand.
    head: Object,
    held: Vec<(Object, Place)>,
    /// Bytes of memory that they take.
    held_len: usize,
    /// Messages of conversations that are left out as private, and of those that are taken, by conversation.
    left: BTreeMap<String, u64>,
    taken: BTreeMap<String, u64>,
    /// Messages of conversations that nobody asked for.
    num_other: u64,
}

impl Walk for Conversations<'_> {
    fn begin(&mut self, part: &mut Part<'_>) -> io::Result<Option<List>> {
        self.file.clone_from(&part.file);
        self.head = Object::default();
        Ok(Some(List::named("messages")))
    }

    fn member(&mut self, name: &str, value: Value) {
        self.head.put(name, value);
    }

    fn element(&mut self, element: Object, at: &At<'_>, entries: &mut VecDeque<Entry>) {
        self.held_len += element.held_len();
        self.held.push((element, at.place.clone()));
        if self.held.len() >= MAX_HELD || self.held_len >= MAX_HELD_LEN {
            self.end(entries);
        }
    }

    fn end(&mut self, entries: &mut VecDeque<Entry>) {
        let said = |key: &str| self.head.get(key).and_then(Value::as_str);
        let encrypted = said("threadName").map(|name| (unnumbered(name).to_owned(), name.to_owned()));
        let is_encrypted = encrypted.is_some() || self.held.first().is_some_and(|(first, _)| first.has("senderName"));
        let (title, thread) = match encrypted {
            Some((title, thread)) => (Some(title), Some(thread)),
            None => ["title", "thread_path"].map(|key| said(key).map(|text| repaired_text(text.to_owned()))).into(),
        };
        let folder = thread.as_deref().and_then(|path| path.rsplit('/').next());
        let wanted = &self.context.options.chats;
        let mut held = std::mem::take(&mut self.held);
        self.held_len = 0;
        let count = held.len() as u64;
        if count == 0 {
            return;
        }
        let name = title.clone().or_else(|| folder.map(str::to_owned)).unwrap_or_else(|| self.file.clone());
        let is_named = wanted.has(&name, |wanted| Some(wanted) == title.as_deref() || Some(wanted) == folder);
        match (is_named, wanted.is_empty()) {
            (false, false) => return self.num_other += count,
            (false, true) if !is_by_itself(&self.file) => return *self.left.entry(name).or_default() += count,
            _ => *self.taken.entry(name).or_default() += count,
        }
        // They stand there with the newest first, those that are encrypted with the oldest.
        if !is_encrypted {
            held.reverse();
        }
        for (element, place) in held {
            let at = At { file: &self.file, place };
            let message = if is_encrypted {
                encrypted_message(element, title.as_deref())
            } else {
                message(element, title.as_deref(), thread.as_deref())
            };
            entries.push_back(match message {
                Some(record) => Entry::Record(Box::new(Record { source: at.source(), ..record })),
                None => at.skipped("the message has no time", ""),
            });
        }
    }

    fn finish(&mut self, entries: &mut VecDeque<Entry>) {
        let num_left = self.left.values().sum();
        for (count, reason) in [
            (num_left, "of conversations, which are private"),
            (self.num_other, "of conversations that were not asked for"),
        ] {
            if count > 0 {
                entries.push_back(Entry::Removed(Removed { count, reason: reason.to_owned() }));
            }
        }
        let list =
            |chats: &BTreeMap<String, u64>| reach::named(chats.iter().map(|(name, count)| (name.as_str(), *count)));
        entries.extend(list(&self.left).map(|names| Entry::Hint(reach::left_out(&names))));
        entries.extend(list(&self.taken).map(|names| Entry::Hint(reach::taken(&names))));
    }
}

/// Whether a file was given by itself, or with its folder and nothing above that: `message_1.json`, `NAME_7/message_1.json`, and
/// `NAME_7.json` where it was encrypted.
fn is_by_itself(file: &str) -> bool {
    match file.rsplit_once('/') {
        None => true,
        Some((folder, name)) => !folder.contains('/') && name.starts_with("message_"),
    }
}

fn message(element: Object, title: Option<&str>, thread: Option<&str>) -> Option<Record> {
    let mut element = Object::of(repaired(element.into_value()))?;
    let millis: i64 = element.text("timestamp_ms")?.parse().ok()?;
    let mut record = Record { kind: "message".to_owned(), ..Record::default() };
    record.date = Some(millis_date(millis)?);
    record.author = element.text("sender_name");
    record.channel = title.map(str::to_owned);
    record.text = element.text("content").unwrap_or_default();
    if matches!(element.text("type").as_deref(), Some("Call" | "Subscribe" | "Unsubscribe" | "Payment" | "Plan")) {
        "service".clone_into(&mut record.kind);
    }
    for (list, kind) in MEDIA {
        let single = element.object(list);
        record.media.extend(element.objects(list).chain(single).map(|file| medium(file, kind, thread)));
    }
    if let Some(mut share) = element.object("share") {
        let (text, link) = (share.text("share_text"), share.text("link"));
        let texts: Vec<String> =
            [text, link.filter(|link| !record.text.contains(link.as_str()))].into_iter().flatten().collect();
        for text in texts {
            record.text = if record.text.is_empty() { text } else { format!("{}\n\n{text}", record.text) };
        }
        record.fields.extend(share.text("original_content_owner").map(|owner| field("shared_from", &owner)));
    }
    react(&mut element, &mut record);
    if element.flag("is_unsent") {
        record.flags.push("unsent".to_owned());
    }
    entities::fill(&mut record);
    element.pass(&[
        "bumped_message_metadata",
        "users",
        "ip",
        "is_geoblocked_for_viewer",
        "is_geoblocked",
        "is_unsent_image_by_messenger_kid_parent",
    ]);
    record.fields.extend(element.into_fields());
    Some(record)
}

/// A message that was encrypted from end to end.
fn encrypted_message(mut element: Object, title: Option<&str>) -> Option<Record> {
    let millis: i64 = element.text("timestamp")?.parse().ok()?;
    let mut record = Record { kind: "message".to_owned(), ..Record::default() };
    record.date = Some(millis_date(millis)?);
    record.author = element.text("senderName");
    record.channel = title.map(str::to_owned);
    record.text = element.text("text").unwrap_or_default();
    if element.flag("isUnsent") {
        record.flags.push("unsent".to_owned());
    }
    // What the app says in its place is nobody's word.
    if element.text("type").as_deref() == Some("placeholder") {
        "service".clone_into(&mut record.kind);
    }
    for mut file in element.objects("media") {
        let Some(uri) = file.text("uri") else { continue };
        record.media.push(Attachment {
            kind: kind_of_name(&uri).to_owned(),
            name: Some(last_of(&uri).to_owned()),
            path: (!uri.contains("://")).then(|| uri.trim_start_matches("./").to_owned()),
            ..Attachment::default()
        });
    }
    react(&mut element, &mut record);
    entities::fill(&mut record);
    record.fields.extend(element.into_fields());
    Some(record)
}

/// Counts the reactions to a message.
fn react(element: &mut Object, record: &mut Record) {
    for mut reaction in element.objects("reactions") {
        let Some(emoji) = reaction.text("reaction") else { continue };
        match record.reactions.iter_mut().find(|known| known.emoji == emoji) {
            Some(known) => known.count += 1,
            None => record.reactions.push(Reaction { emoji, count: 1 }),
        }
    }
}

/// The name of a conversation without the number that tells its file from others.
fn unnumbered(name: &str) -> &str {
    let is_number = |end: &str| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
    name.rsplit_once('_').filter(|(name, end)| !name.is_empty() && is_number(end)).map_or(name, |(name, _)| name)
}

fn medium(mut file: Object, kind: &str, thread: Option<&str>) -> Attachment {
    let uri = file.text("uri");
    // Paths begin at the root of the export, and files stand in the folder of the conversation.
    let path = uri.as_deref().filter(|uri| !uri.contains("://")).map(|uri| {
        let within = thread.and_then(|thread| uri.split_once(&format!("{thread}/"))).map(|(_, within)| within);
        within.map_or_else(|| format!("/{uri}"), str::to_owned)
    });
    let name = uri.as_deref().and_then(|uri| uri.rsplit('/').next()).filter(|name| !name.is_empty()).map(str::to_owned);
    Attachment { kind: kind.to_owned(), name, size: None, duration: None, path }
}

/// A value with all its texts repaired.
pub(super) fn repaired(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(repaired_text(text)),
        Value::Array(values) => Value::Array(values.into_iter().map(repaired).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(key, value)| (key, repaired(value))).collect())
        }
        other => other,
    }
}

/// UTF-8 that was taken for Latin-1, as what it was; any other text as it is.
fn repaired_text(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_by_itself_is_asked_for() {
        for file in ["message_1.json", "harbour_7/message_2.json", "harbour_7.json", "chat.json"] {
            assert!(is_by_itself(file), "{file}");
        }
        for file in ["inbox/harbour_7/message_1.json", "e2ee/harbour_7.json", "a/messages/inbox/h_7/message_1.json"] {
            assert!(!is_by_itself(file), "{file}");
        }
    }

    #[test]
    fn texts_are_repaired_where_they_can_be() {
        let check = |text: &str, expected: &str| assert_eq!(repaired_text(text.to_owned()), expected);
        check("L\u{c3}\u{a9}a \u{f0}\u{9f}\u{8d}\u{87}", "Léa 🍇");
        check("Léa", "Léa");
        check("Ёж", "Ёж");
        check("plain", "plain");
        check("\u{c3}\u{a9} Ё", "\u{c3}\u{a9} Ё");
    }
}
