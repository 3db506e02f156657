//! Conversations as Instagram and Facebook hand them out as JSON: `messages/inbox/NAME_7/message_1.json`.
//!
//! ```text
//! {"participants": [{"name"}], "messages": [{"sender_name", "timestamp_ms", "content", …}, …], "title", "thread_path"}
//! ```
//!
//! The texts are UTF-8 that was taken for Latin-1 on the way: `Ã©` for `é`. They are repaired where that gives UTF-8, and left alone
//! where it does not. What a conversation is called stands behind its messages, so a file is held until its end.

use std::collections::VecDeque;
use std::io;

use serde_json::Value;

use super::date::millis_date;
use super::entities;
use super::error::IngestError;
use super::files::{Part, Parts};
use super::format::{Entry, ReadContext, Reader, Removed, Sample};
use super::json::object::{Object, field};
use super::json::outline::{self, At, List, Sketch, Walk};
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

/// Whether a sample is a conversation.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let sketch = Sketch::new(sample, "messages");
    let is_conversation =
        sketch.member("participants").is_some_and(Value::is_array) || sketch.member("title").is_some();
    is_conversation && sketch.has_list && sketch.first_has(&["sender_name", "timestamp_ms"])
}

/// Reads conversations.
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    outline::read(
        parts,
        Walker {
            context,
            file: String::new(),
            head: Object::default(),
            held: Vec::new(),
            num_left: 0,
            names: Vec::new(),
        },
    )
}

struct Walker<'a> {
    context: &'a ReadContext,
    file: String,
    /// Members of the root beside the messages.
    head: Object,
    held: Vec<(Object, Place)>,
    num_left: u64,
    /// Conversations that are taken.
    names: Vec<String>,
}

impl Walk for Walker<'_> {
    fn begin(&mut self, part: &mut Part<'_>) -> io::Result<Option<List>> {
        self.file.clone_from(&part.file);
        self.head = Object::default();
        Ok(Some(List::named("messages")))
    }

    fn member(&mut self, name: &str, value: Value) {
        self.head.put(name, repaired(value));
    }

    fn element(&mut self, element: Object, at: &At<'_>, entries: &mut VecDeque<Entry>) {
        self.held.push((element, at.place.clone()));
        if self.held.len() >= MAX_HELD {
            self.end(entries);
        }
    }

    fn end(&mut self, entries: &mut VecDeque<Entry>) {
        let text = |key: &str| self.head.get(key).and_then(Value::as_str).map(str::to_owned);
        let (title, thread) = (text("title"), text("thread_path"));
        let folder = thread.as_deref().and_then(|path| path.rsplit('/').next());
        let wanted = &self.context.options.chats;
        let held = std::mem::take(&mut self.held);
        if !wanted.is_empty()
            && !wanted.iter().any(|wanted| Some(wanted) == title.as_ref() || Some(wanted.as_str()) == folder)
        {
            self.num_left += held.len() as u64;
            return;
        }
        let name = title.clone().or_else(|| folder.map(str::to_owned)).unwrap_or_else(|| self.file.clone());
        if !held.is_empty() && !self.names.contains(&name) {
            self.names.push(name);
        }
        // They stand there with the newest first.
        for (element, place) in held.into_iter().rev() {
            let at = At { file: &self.file, place };
            entries.push_back(match message(element, title.as_deref(), thread.as_deref()) {
                Some(record) => Entry::Record(Box::new(Record { source: at.source(), ..record })),
                None => at.skipped("the message has no time", ""),
            });
        }
    }

    fn finish(&mut self, entries: &mut VecDeque<Entry>) {
        if self.num_left > 0 {
            let reason = "of conversations that were not asked for".to_owned();
            entries.push_back(Entry::Removed(Removed { count: self.num_left, reason }));
        }
        if !self.names.is_empty() {
            const MAX_NAMED: usize = 40;
            let names: Vec<String> = self.names.iter().take(MAX_NAMED).map(|name| format!("`{name}`")).collect();
            let more = self.names.len() - names.len();
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let names = names.join(", ");
            entries.push_back(Entry::Hint(format!(
                "conversations are private, and whoever gets the archive can read them: {names}{more}; `--chat` takes some of them by name"
            )));
        }
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
    for mut reaction in element.objects("reactions") {
        let Some(emoji) = reaction.text("reaction") else { continue };
        match record.reactions.iter_mut().find(|known| known.emoji == emoji) {
            Some(known) => known.count += 1,
            None => record.reactions.push(Reaction { emoji, count: 1 }),
        }
    }
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
    fn texts_are_repaired_where_they_can_be() {
        let check = |text: &str, expected: &str| assert_eq!(repaired_text(text.to_owned()), expected);
        check("L\u{c3}\u{a9}a \u{f0}\u{9f}\u{8d}\u{87}", "Léa 🍇");
        check("Léa", "Léa");
        check("Ёж", "Ёж");
        check("plain", "plain");
        check("\u{c3}\u{a9} Ё", "\u{c3}\u{a9} Ё");
    }
}
