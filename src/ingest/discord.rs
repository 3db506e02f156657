//! What `DiscordChatExporter` writes as JSON: a channel, a thread or a conversation in one file, or in parts.
//!
//! ```text
//! {"guild": {"id", "name"}, "channel": {"id", "type", "category", "name", "topic"}, "messages": [{"id", "timestamp", "content", …}, …]}
//! ```
//!
//! Direct messages and private threads are counted and left out unless `--chat` names them. Whether any other channel of a guild is private,
//! no export says.

use std::collections::VecDeque;
use std::io;

use serde_json::Value;

use super::date::{parse_date, take_date};
use super::entities;
use super::error::IngestError;
use super::files::{Part, Parts};
use super::format::{Entry, ReadContext, Reader, Removed, Sample};
use super::json::object::{Object, addresses, field, scalar};
use super::json::outline::{self, At, List, Sketch, Walk};
use super::markers::{self, Mark, Token};
use super::rich_text::RichText;
use crate::record::{Attachment, Forward, Poll, PollAnswer, Reaction, Record};

/// Signs around words.
const MARKS: &[Mark] = &[
    Mark { names_language: true, ..Mark::code("```", "pre") },
    Mark::code("``", "code"),
    Mark::code("`", "code"),
    Mark { spans_lines: true, ..Mark::inline("**", "bold") },
    Mark { spans_lines: true, ..Mark::inline("__", "underline") },
    Mark { spans_lines: true, ..Mark::inline("~~", "strike") },
    Mark { spans_lines: true, ..Mark::inline("||", "spoiler") },
    Mark { spans_lines: true, ..Mark::inline("*", "italic") },
    Mark { spans_lines: true, ..Mark::inline("_", "italic") },
];

/// Types of messages that people or their programs write; all others say what happened.
const WRITTEN: [&str; 6] = ["Default", "Reply", "ChatInputCommand", "ContextMenuCommand", "ThreadStarterMessage", "19"];

/// Names that are looked for in a text: everybody who is mentioned in one message.
const MAX_NAMES: usize = 200;

/// Whether a sample is of a channel.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let sketch = Sketch::new(sample, "messages");
    let is_object = |name: &str| sketch.member(name).is_some_and(Value::is_object);
    let has_messages =
        sketch.has_list && (sketch.first.is_none() || sketch.first_has(&["id", "type", "timestamp", "author"]));
    // Where the messages stand first, only what each has tells.
    is_object("guild") && is_object("channel") && has_messages
        || sketch.has_list && sketch.first_has(&["id", "type", "timestamp", "timestampEdited", "author"])
}

/// Reads channels.
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let walker = Walker {
        context,
        channel: Channel::default(),
        num_left: 0,
        num_private: 0,
        num_other: 0,
        num_unplaced: 0,
        hints: Vec::new(),
    };
    outline::read(parts, walker)
}

/// Where the messages of a file were written.
#[derive(Clone, Default)]
struct Channel {
    guild_id: String,
    guild: Option<String>,
    id: String,
    name: Option<String>,
    /// The channel that a thread is in.
    parent: Option<String>,
    /// As the exporter calls it, or the number that Discord has for it
    /// (<https://discord.com/developers/docs/resources/channel#channel-object-channel-types>).
    kind: String,
}

impl Channel {
    fn is_direct(&self) -> bool {
        self.kind.starts_with("Direct") || self.guild_id == "0" || matches!(&*self.kind, "1" | "3")
    }

    fn is_private_thread(&self) -> bool {
        matches!(&*self.kind, "GuildPrivateThread" | "12")
    }

    fn is_thread(&self) -> bool {
        self.kind.ends_with("Thread") || matches!(&*self.kind, "10" | "11" | "12")
    }

    /// Whether the file has said where its messages were written.
    fn is_known(&self) -> bool {
        !(self.id.is_empty() || self.guild_id.is_empty() && self.kind.is_empty())
    }

    fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

struct Walker<'a> {
    context: &'a ReadContext,
    channel: Channel,
    /// Direct messages, and messages of channels nobody asked for, that are left out; and those of which it is not said in time where
    /// they were written.
    num_left: u64,
    num_private: u64,
    num_other: u64,
    num_unplaced: u64,
    hints: Vec<String>,
}

impl Walk for Walker<'_> {
    fn begin(&mut self, _part: &mut Part<'_>) -> io::Result<Option<List>> {
        self.channel = Channel::default();
        Ok(Some(List::named("messages")))
    }

    fn member(&mut self, name: &str, value: Value) {
        let Some(mut object) = Object::of(value) else { return };
        let channel = &mut self.channel;
        match name {
            "guild" => {
                channel.guild_id = object.text("id").unwrap_or_default();
                channel.guild = object.text("name");
            }
            "channel" => {
                channel.id = object.text("id").unwrap_or_default();
                channel.kind = object.text("type").unwrap_or_default();
                channel.name = object.text("name");
                channel.parent = object.text("category");
            }
            _ => {}
        }
    }

    fn is_quoted(&self) -> bool {
        let is_private = self.channel.is_direct() || self.channel.is_private_thread();
        self.channel.is_known() && (self.is_named() || !is_private && self.context.options.chats.is_empty())
    }

    fn element(&mut self, element: Object, at: &At<'_>, entries: &mut VecDeque<Entry>) {
        if !self.channel.is_known() {
            self.num_unplaced += 1;
            let hint = format!(
                "in `{}` the messages stand before what says where they were written: put `guild` and `channel` first",
                at.file
            );
            if !self.hints.contains(&hint) {
                self.hints.push(hint);
            }
            return;
        }
        let wanted = &self.context.options.chats;
        let is_named = self.is_named();
        let is_direct = self.channel.is_direct();
        let is_private = self.channel.is_private_thread();
        if !is_named && (is_direct || is_private || !wanted.is_empty()) {
            let (count, what) = match (is_direct, is_private) {
                (true, _) => (&mut self.num_left, "direct messages with"),
                (false, true) => (&mut self.num_private, "messages of the private thread"),
                (false, false) => (&mut self.num_other, ""),
            };
            *count += 1;
            let hint =
                format!("{what} `{}` are left out; `--chat {}` takes them", self.channel.label(), self.channel.id);
            if !what.is_empty() && !self.hints.contains(&hint) {
                self.hints.push(hint);
            }
            return;
        }
        if !is_direct && !is_private {
            let hint =
                "whether a channel is public no export of Discord says: whoever gets the archive can read its messages";
            if !self.hints.iter().any(|known| known == hint) {
                self.hints.push(hint.to_owned());
            }
        }
        if is_direct || is_private {
            let kind = if is_direct { "conversation" } else { "private thread" };
            let hint = format!("`{}` is a {kind}: whoever gets the archive can read it", self.channel.label());
            if !self.hints.contains(&hint) {
                self.hints.push(hint);
            }
        }
        entries.push_back(match self.message(element) {
            Some(record) => Entry::Record(Box::new(Record { source: at.source(), ..record })),
            None => at.skipped("the message has no id", ""),
        });
    }

    fn finish(&mut self, entries: &mut VecDeque<Entry>) {
        for (count, reason) in [
            (self.num_left, "direct messages"),
            (self.num_private, "of private threads"),
            (self.num_other, "of channels that were not asked for"),
            (self.num_unplaced, "of which their file does not say, before them, whether they were direct messages"),
        ] {
            if count > 0 {
                entries.push_back(Entry::Removed(Removed { count, reason: reason.to_owned() }));
            }
        }
        entries.extend(self.hints.drain(..).map(Entry::Hint));
    }
}

impl Walker<'_> {
    fn is_named(&self) -> bool {
        let Channel { id, name, .. } = &self.channel;
        self.context.options.chats.has(self.channel.label(), |wanted| wanted == id || Some(wanted) == name.as_deref())
    }

    fn message(&self, mut message: Object) -> Option<Record> {
        let id = message.text("id")?;
        let Channel { guild_id, guild, id: channel_id, name, parent, .. } = &self.channel;
        let kind = message.text("type").unwrap_or_default();
        let mut record = Record { kind: "message".to_owned(), ..Record::default() };
        if !WRITTEN.contains(&&*kind) {
            "service".clone_into(&mut record.kind);
            record.fields.push(field("action", &kind));
        }
        let place = if self.channel.is_direct() { "@me" } else { guild_id };
        record.url = Some(format!("https://discord.com/channels/{place}/{channel_id}/{id}"));
        record.id = Some(id);
        let written = message.text("timestamp");
        take_date(&mut record, written.as_deref(), |text| parse_date(text, &self.context.time_zone));
        record.edited = message.text("timestampEdited");
        record.channel = if self.channel.is_thread() { parent.clone().or_else(|| name.clone()) } else { name.clone() };
        if self.channel.is_thread() {
            record.thread = Some(channel_id.clone());
            record.fields.extend(name.as_ref().map(|name| field("thread_name", name)));
        } else {
            record.fields.extend(parent.as_ref().map(|parent| field("category", parent)));
        }
        record.fields.extend(guild.as_ref().map(|guild| field("guild", guild)));
        let mut author = message.object("author").unwrap_or_default();
        record.fields.extend(author.text("id").map(|id| field("user_id", &id)));
        if author.flag("isBot") {
            record.flags.push("bot".to_owned());
        }
        record.author = author.text("nickname").or_else(|| author.text("name"));
        if message.flag("isPinned") {
            record.flags.push("pinned".to_owned());
        }
        self.answer(&mut message, &mut record);

        let mut forwarded = message.object("forwardedMessage");
        let names = names([Some(&mut message), forwarded.as_mut()]);
        let mut text = message.text("content").unwrap_or_default();
        if let Some(forward) = &mut forwarded {
            let origin = record.fields.iter().find(|(name, _)| name == "reply_to_url");
            let url = origin.and_then(|(_, json)| serde_json::from_str(json).ok());
            record.forwarded_from = Some(Forward { name: "another channel".to_owned(), id: None, url });
            record.fields.extend(forward.text("timestamp").map(|date| field("forwarded_date", &date)));
            text = forward.text("content").unwrap_or(text);
        }
        let mut of_both = |name: &str| {
            let forwarded = forwarded.as_mut().map(|forward| forward.list(name)).unwrap_or_default();
            message.list(name).into_iter().chain(forwarded).collect::<Vec<_>>()
        };
        let (attached, stickers) = (of_both("attachments"), of_both("stickers"));
        let embeds: Vec<Value> = of_both("embeds").into_iter().map(unsigned).collect();
        let mut urls = Vec::new();
        if text.is_empty() {
            urls.extend(embeds.iter().flat_map(shown_in_box));
            let texts: Vec<String> = embeds.iter().cloned().filter_map(Object::of).map(embed_text).collect();
            text = texts.join("\n\n");
        } else if !embeds.is_empty() {
            // What is shown of an address is no part of the text.
            message.put("embeds", Value::Array(embeds));
        }
        rich_text(&text, &names).fill(&mut record);
        let attached: Vec<(Attachment, Option<String>)> =
            attached.into_iter().filter_map(Object::of).map(medium).collect();
        urls.splice(0..0, attached.iter().filter_map(|(_, url)| url.clone()));
        record.media = attached.into_iter().map(|(medium, _)| medium).collect();
        record.fields.extend(addresses("media_urls", urls));
        record.media.extend(stickers.into_iter().filter_map(Object::of).map(|mut sticker| Attachment {
            kind: "sticker".to_owned(),
            name: sticker.text("name"),
            path: sticker.text("sourceUrl").as_deref().and_then(local),
            ..Attachment::default()
        }));
        record.reactions = message.objects("reactions").filter_map(reaction).collect();
        if let Some(asked) = message.object("poll").map(poll) {
            entities::ask(asked, &mut record);
        }
        let known = ["inlineEmojis", "roles", "mentions"];
        message.pass(&known);
        record.fields.extend(message.into_fields());
        if let Some(mut forward) = forwarded {
            forward.pass(&known);
            record.fields.extend(forward.into_fields().map(|(name, json)| (format!("forwarded_{name}"), json)));
        }
        Some(record)
    }

    /// Which message it answers, here or in another channel.
    fn answer(&self, message: &mut Object, record: &mut Record) {
        let Some(mut reference) = message.object("reference") else { return };
        let (channel, guild) = (reference.text("channelId"), reference.text("guildId"));
        let Some(id) = reference.text("messageId") else { return };
        match channel.filter(|channel| *channel != self.channel.id) {
            Some(channel) => {
                let guild = guild.unwrap_or_else(|| "@me".to_owned());
                record
                    .fields
                    .push(field("reply_to_url", &format!("https://discord.com/channels/{guild}/{channel}/{id}")));
            }
            None => record.reply_to = Some(id),
        }
    }
}

/// Names of those whom a message mentions, the longest first.
fn names(messages: [Option<&mut Object>; 2]) -> Vec<String> {
    let mut names: Vec<String> = messages
        .into_iter()
        .flatten()
        .flat_map(|message| message.objects("mentions"))
        .flat_map(|mut person| [person.text("nickname"), person.text("name")])
        .flatten()
        .take(MAX_NAMES)
        .collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.dedup();
    names
}

/// A text with its formatting; lines that begin with `> ` are quoted, and all that follows `>>> `.
fn rich_text(text: &str, names: &[String]) -> RichText {
    let token = |before: &str, rest: &str| token(before, rest, names);
    let mut out = RichText::default();
    let mut lines = text.split('\n').peekable();
    let mut is_first = true;
    while let Some(line) = lines.next() {
        if !std::mem::take(&mut is_first) {
            out.text.push('\n');
        }
        let quotes_all = |line: &str| line.starts_with(">>> ");
        let Some(quoted) = line.strip_prefix("> ").or_else(|| line.strip_prefix(">>> ")) else {
            // Signs may go on over lines, up to the next quotation.
            let mut block = line.to_owned();
            while let Some(next) = lines.next_if(|next| !next.starts_with("> ") && !quotes_all(next)) {
                block.push('\n');
                block.push_str(next);
            }
            out.append(markers::marked(&block, MARKS, &token));
            continue;
        };
        let mut block = quoted.to_owned();
        while let Some(next) = lines.next_if(|next| quotes_all(line) || next.starts_with("> ")) {
            block.push('\n');
            block.push_str(next.strip_prefix("> ").filter(|_| !quotes_all(line)).unwrap_or(next));
        }
        let (first, start) = (out.spans.len(), out.text.len());
        out.append(markers::marked(&block, MARKS, &token));
        out.mark(first, start, "quote");
    }
    out
}

/// Links with a text of their own, addresses that show no preview, and people by their names.
fn token(before: &str, rest: &str, names: &[String]) -> Option<Token> {
    if let Some(inner) = rest.strip_prefix('[') {
        let (text, after) = inner.split_once("](")?;
        let (target, _) = after.split_once(')')?;
        let target = target.trim_start_matches('<').trim_end_matches('>').split(' ').next().unwrap_or_default();
        let is_link = (target.starts_with("https://") || target.starts_with("http://"))
            && !text.is_empty()
            && !text.contains(['\n', '[']);
        let len = inner.len() - after.len() + 1 + after.find(')')? + 1;
        return is_link.then(|| Token { len, text: text.to_owned(), kind: "link", href: Some(target.to_owned()) });
    }
    if let Some(inner) = rest.strip_prefix('<').filter(|inner| inner.starts_with("http")) {
        let (target, _) = inner.split_once('>')?;
        let is_link = !target.contains(char::is_whitespace);
        return is_link.then(|| Token {
            len: target.len() + 2,
            text: target.to_owned(),
            kind: "link",
            href: Some(target.to_owned()),
        });
    }
    if let Some(inner) = rest.strip_prefix('@') {
        let name = names.iter().find(|name| inner.starts_with(name.as_str()))?;
        return Some(Token { len: name.len() + 1, text: format!("@{name}"), kind: "mention", href: None });
    }
    markers::plain_token(before, rest).filter(|token| token.kind == "link")
}

/// What a program shows in a box.
fn embed_text(mut embed: Object) -> String {
    let author = embed.object("author").and_then(|mut author| author.text("name"));
    let mut parts: Vec<String> =
        author.into_iter().chain(["title", "description"].iter().filter_map(|key| embed.text(key))).collect();
    for mut part in embed.objects("fields") {
        parts.push(format!("{}: {}", part.text("name").unwrap_or_default(), part.text("value").unwrap_or_default()));
    }
    parts.extend(embed.object("footer").and_then(|mut footer| footer.text("text")));
    parts.extend(embed.text("url"));
    parts.join("\n")
}

/// Addresses of the pictures in a box.
fn shown_in_box(embed: &Value) -> Vec<String> {
    let one = ["image", "thumbnail", "video"].iter().filter_map(|key| embed.get(*key));
    let several = embed.get("images").and_then(Value::as_array).into_iter().flatten();
    let urls = one.chain(several).filter_map(|shown| shown.get("url")?.as_str());
    entities::distinct(urls.filter(|url| url.contains("://")).map(str::to_owned))
}

/// A value in which no address carries the key that opens it for some hours.
fn unsigned(value: Value) -> Value {
    match value {
        Value::String(text) => match text.split_once('?') {
            Some((path, query)) if path.starts_with("https://") && is_key(query) => Value::from(path),
            _ => Value::String(text),
        },
        Value::Array(values) => Value::Array(values.into_iter().map(unsigned).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, unsigned(value))).collect())
        }
        other => other,
    }
}

/// Whether what stands behind an address is a key: when it ends, when it was given, and its signature.
fn is_key(query: &str) -> bool {
    ["ex=", "hm="].iter().all(|name| query.split('&').any(|part| part.starts_with(name)))
}

/// A file of a message, and its address where it is elsewhere.
fn medium(mut attachment: Object) -> (Attachment, Option<String>) {
    let name = attachment.text("fileName");
    let end =
        name.as_deref().and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_lowercase()).unwrap_or_default();
    let kind = match &*end {
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif" | "heic" => "photo",
        "mp4" | "mov" | "webm" | "mkv" => "video",
        "mp3" | "ogg" | "m4a" | "wav" | "flac" | "opus" => "audio",
        _ => "file",
    };
    let size = attachment.number("fileSizeBytes");
    let url = attachment.text("url");
    let path = url.as_deref().and_then(local);
    let url = url.filter(|_| path.is_none()).and_then(|url| scalar(&unsigned(Value::from(url))));
    (Attachment { kind: kind.to_owned(), name, size, duration: None, path }, url)
}

/// Where a file stands beside the export, if it was exported with its media.
fn local(url: &str) -> Option<String> {
    (!url.contains("://") && !url.is_empty()).then(|| url.replace('\\', "/"))
}

fn reaction(mut reaction: Object) -> Option<Reaction> {
    let mut emoji = reaction.object("emoji")?;
    let is_custom = emoji.text("id").is_some();
    let name = emoji.text("name")?;
    let count = reaction.number("count").unwrap_or(1);
    Some(Reaction { emoji: if is_custom { format!(":{name}:") } else { name }, count })
}

fn poll(mut poll: Object) -> Poll {
    let question =
        poll.object("question").and_then(|mut question| question.text("text")).or_else(|| poll.text("question"));
    let answers = poll.objects("answers").map(|mut answer| PollAnswer {
        text: answer.text("text").unwrap_or_default(),
        votes: answer.number("votes").or_else(|| answer.number("count")),
    });
    Poll { question: question.unwrap_or_default(), answers: answers.collect(), voters: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, names: &[&str], expected: &str, spans: &[(&str, &str)]) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let found = rich_text(text, &names);
        assert_eq!(found.text, expected, "{text}");
        let shown: Vec<_> = found.spans.iter().map(|span| (&*span.kind, &found.text[span.range.clone()])).collect();
        assert_eq!(shown, spans, "{text}");
    }

    #[test]
    fn what_people_type_is_formatting() {
        check(
            "**a** ||b|| ~~c~~ __d__ `e`",
            &[],
            "a b c d e",
            &[("bold", "a"), ("spoiler", "b"), ("strike", "c"), ("underline", "d"), ("code", "e")],
        );
        check(
            "> one\n> **two**\nthree\n> four",
            &[],
            "one\ntwo\nthree\nfour",
            &[("quote", "one\ntwo"), ("bold", "two"), ("quote", "four")],
        );
        check("one\n>>> two\n> three\n", &[], "one\ntwo\n> three\n", &[("quote", "two\n> three\n")]);
        check(
            "[site](https://a.example/x) <https://b.example> #general",
            &[],
            "site https://b.example #general",
            &[("link", "site"), ("link", "https://b.example")],
        );
        check(
            "@Ann Lee and @Ann, not @Bob",
            &["Ann Lee", "Ann"],
            "@Ann Lee and @Ann, not @Bob",
            &[("mention", "@Ann Lee"), ("mention", "@Ann")],
        );
        check("[a](b) [c](https://d e [", &[], "[a](b) [c](https://d e [", &[("link", "https://d")]);
    }
}
