//! The export of a Slack workspace: lists of people and channels, and a folder for each channel with a file for each day.
//!
//! ```text
//! users.json  channels.json  groups.json  dms.json  mpims.json  NAME/2024-01-31.json = [{"type": "message", "ts": "1706688000.000200", …}]
//! ```
//!
//! Public channels are read. Private ones, and direct messages, are counted, unless `--chat` names them. What a channel is, the lists
//! say; one that none of them has is private where there is a list at all. Without any a folder tells by its name whether it is of direct
//! messages; of the others nobody knows, and that is said.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;

use serde_json::Value;

use super::chosen::ChosenChats;
use super::date::{take_date, unix_date};
use super::entities;
use super::error::IngestError;
use super::escapes::unescaped;
use super::files::{Part, Parts};
use super::format::{Entry, ReadContext, Reader, Removed, Sample};
use super::json::object::{Object, field};
use super::json::outline::{self, At, List, Sketch, Walk};
use super::markers::{self, Mark, Token};
use super::owners::folder_of;
use super::reach;
use super::rich_text::RichText;
use super::shortcode;
use crate::record::{Attachment, Reaction, Record};

/// Signs around words.
const MARKS: &[Mark] = &[
    Mark::code("```", "pre"),
    Mark::code("`", "code"),
    Mark::inline("*", "bold"),
    Mark::inline("_", "italic"),
    Mark::inline("~", "strike"),
];

/// Kinds of messages that people write; all others say what happened.
const WRITTEN: [&str; 6] =
    ["bot_message", "me_message", "thread_broadcast", "file_share", "file_comment", "reply_broadcast"];

/// Members that say nothing more, or what only a member may see: addresses of files carry a key to them, and what a message said before
/// it was edited or deleted stands within what says so.
const PASSED: [&str; 33] = [
    "type",
    "client_msg_id",
    "team",
    "user_team",
    "source_team",
    "user_profile",
    "blocks",
    "files",
    "file",
    "upload",
    "upload_reply_to",
    "display_as_bot",
    "reply_count",
    "reply_users",
    "reply_users_count",
    "latest_reply",
    "replies",
    "subscribed",
    "last_read",
    "parent_user_id",
    "is_locked",
    "thread_ts",
    "bot_profile",
    "icons",
    "hidden",
    "assistant_app_thread",
    "metadata",
    "x_files",
    "mrkdwn",
    "root",
    "message",
    "previous_message",
    "original",
];

/// What is shown of an address that a message names, or of a message to which it leads. All else of it may hold keys, and words of those
/// who do not know that they are here.
const SHOWN: [&str; 8] =
    ["title", "text", "from_url", "original_url", "author_name", "service_name", "footer", "fallback"];

/// Files that list people and channels.
const LISTS: [&str; 5] = ["users.json", "channels.json", "groups.json", "dms.json", "mpims.json"];

/// How the keys begin that addresses of Slack's files carry.
const KEY: &str = "t=xox";

/// Whether a sample is a day of a channel, or a list of people or channels.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let sketch = Sketch::new(sample, "");
    let Some(first) = &sketch.first else { return false };
    let text = |key: &str| first.get(key).and_then(Value::as_str);
    let id_begins = |signs: &[char]| text("id").is_some_and(|id| id.starts_with(signs));
    let is_message = text("type") == Some("message") && text("ts").is_some_and(is_ts);
    let is_person = id_begins(&['U', 'W']) && first.has("profile") && first.has("name");
    let is_channel = id_begins(&['C', 'G', 'D']) && first.has("created");
    is_message || is_person || is_channel
}

/// Reads an export.
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    outline::read(parts, Walker::new(context))
}

/// A time as Slack writes it, which is also the id of a message in its channel.
fn is_ts(text: &str) -> bool {
    let Some((seconds, rest)) = text.split_once('.') else { return false };
    [seconds, rest].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a file is called as those are that have the messages of a day.
fn is_day(name: &str) -> bool {
    name.strip_suffix(".json")
        .is_some_and(|day| day.len() == 10 && day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
}

/// What a channel is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Reach {
    Public,
    /// No list says whether it is public.
    Unknown,
    Private,
    Direct,
}

struct Channel {
    id: String,
    name: String,
    reach: Reach,
}

/// What lists say of a workspace.
#[derive(Default)]
struct Workspace {
    /// Names of people by their ids.
    people: HashMap<String, String>,
    /// Channels by the folders that their messages are in.
    channels: HashMap<String, Channel>,
}

struct Walker<'a> {
    wanted: &'a ChosenChats,
    /// Workspaces by the folders that their lists are in; the current one is out of it.
    workspaces: HashMap<String, Workspace>,
    /// The folder of the current workspace.
    place: String,
    people: HashMap<String, String>,
    channels: HashMap<String, Channel>,
    /// What the current list of channels is of.
    listed: Reach,
    /// The folder of the current file.
    folder: String,
    /// Whether its messages are; decided when the first comes.
    is_taken: Option<bool>,
    reach: Reach,
    /// Messages left out and taken, by channel.
    left: BTreeMap<(Reach, String), u64>,
    taken: BTreeMap<(Reach, String), u64>,
}

impl<'a> Walker<'a> {
    fn new(context: &'a ReadContext) -> Self {
        Self {
            wanted: &context.options.chats,
            workspaces: HashMap::new(),
            place: String::new(),
            people: HashMap::new(),
            channels: HashMap::new(),
            listed: Reach::Public,
            folder: String::new(),
            is_taken: None,
            reach: Reach::Public,
            left: BTreeMap::new(),
            taken: BTreeMap::new(),
        }
    }

    /// Takes what is known of the workspace that a file is of, whose lists stand in a folder: what has none there belongs to the only one.
    fn enter(&mut self, folder: &str, name: &str) {
        let left = Workspace { people: std::mem::take(&mut self.people), channels: std::mem::take(&mut self.channels) };
        if !left.people.is_empty() || !left.channels.is_empty() {
            self.workspaces.insert(std::mem::take(&mut self.place), left);
        }
        let place = if is_day(name) { folder_of(folder) } else { folder };
        let has_own = LISTS.contains(&name) || self.workspaces.contains_key(place);
        let only = self.workspaces.keys().next().filter(|_| !has_own && self.workspaces.len() == 1);
        let place = only.cloned().unwrap_or_else(|| place.to_owned());
        let entered = self.workspaces.remove(&place).unwrap_or_default();
        (self.people, self.channels, self.place) = (entered.people, entered.channels, place);
    }

    /// Whether messages of the current folder are taken.
    fn takes(&self) -> bool {
        if self.wanted.is_empty() {
            return matches!(self.reach, Reach::Public | Reach::Unknown);
        }
        let channel = self.channels.get(&self.folder);
        self.wanted.has(channel.map_or(&self.folder, |channel| &channel.name), |wanted| {
            let wanted = wanted.trim_start_matches('#');
            *wanted == self.folder || channel.is_some_and(|channel| channel.id == wanted || channel.name == wanted)
        })
    }

    fn name_of<'b>(&'b self, id: &'b str) -> &'b str {
        self.people.get(id).map_or(id, String::as_str)
    }
}

impl Walk for Walker<'_> {
    fn begin(&mut self, part: &mut Part<'_>) -> io::Result<Option<List>> {
        let (folder, name) = part.file.rsplit_once('/').unwrap_or(("", &part.file));
        self.enter(folder, name);
        self.listed = match name {
            "groups.json" => Reach::Private,
            "dms.json" | "mpims.json" => Reach::Direct,
            _ => Reach::Public,
        };
        folder.rsplit('/').next().unwrap_or(folder).clone_into(&mut self.folder);
        let channel = self.channels.get(&self.folder);
        let has_lists = !self.channels.is_empty() || !self.workspaces.is_empty();
        let otherwise = if has_lists { Reach::Private } else { reach_by_name(&self.folder) };
        self.reach = channel.map_or(otherwise, |channel| channel.reach);
        self.is_taken = None;
        Ok(Some(List::named("")))
    }

    fn is_quoted(&self) -> bool {
        self.is_taken.unwrap_or_else(|| self.takes())
    }

    fn element(&mut self, mut element: Object, at: &At<'_>, entries: &mut VecDeque<Entry>) {
        if element.has("ts") {
            // A day by itself stands in no folder.
            let place = if self.folder.is_empty() { at.file } else { &self.folder };
            let channel = self.channels.get(&self.folder).map_or(place, |channel| &channel.name);
            let is_taken = self.is_taken.unwrap_or_else(|| self.takes());
            self.is_taken = Some(is_taken);
            let counts = if is_taken { &mut self.taken } else { &mut self.left };
            *counts.entry((self.reach, channel.to_owned())).or_default() += 1;
            if is_taken {
                entries.push_back(match self.message(element) {
                    Some(record) => Entry::Record(Box::new(Record { source: at.source(), ..record })),
                    None => at.skipped("the message has no time", ""),
                });
            }
        } else if element.get("type").is_some_and(|kind| kind == "message") {
            entries.push_back(at.skipped("the message has no time", ""));
        } else if element.has("profile") {
            if let Some(id) = element.text("id") {
                self.people.insert(id, person(element));
            }
        } else if element.has("created") {
            self.channel(element);
        }
    }

    fn finish(&mut self, entries: &mut VecDeque<Entry>) {
        let sum = |counts: &BTreeMap<(Reach, String), u64>, reach| -> u64 {
            counts.iter().filter(|((of, _), _)| *of == reach).map(|(_, count)| count).sum()
        };
        let reasons = [
            (Reach::Public, "of channels that were not asked for"),
            (Reach::Unknown, "of channels that were not asked for"),
            (Reach::Private, "of private channels"),
            (Reach::Direct, "direct messages"),
        ];
        for (reach, reason) in reasons {
            let count = sum(&self.left, reach);
            if count > 0 {
                entries.push_back(Entry::Removed(Removed { count, reason: reason.to_owned() }));
            }
        }
        let list = |counts: &BTreeMap<(Reach, String), u64>, is_listed: fn(Reach) -> bool| {
            let chats = counts.iter().filter(|((reach, _), _)| is_listed(*reach));
            reach::named(chats.map(|((_, name), count)| (name.as_str(), *count)))
        };
        let is_private = |reach| matches!(reach, Reach::Private | Reach::Direct);
        if let Some(names) = list(&self.left, is_private) {
            entries.push_back(Entry::Hint(reach::left_out(&names)));
        }
        if let Some(names) = list(&self.taken, is_private) {
            entries.push_back(Entry::Hint(reach::taken(&names)));
        }
        if let Some(names) = list(&self.taken, |reach| reach == Reach::Unknown) {
            entries.push_back(Entry::Hint(format!(
                "no list of channels says whether these are public: {names}; whoever gets the archive can read them"
            )));
        }
    }
}

/// What a folder is of that no list names: ids of direct messages begin with D, of private channels with G, and conversations of several
/// are called `mpdm-…`.
fn reach_by_name(folder: &str) -> Reach {
    let is_id = folder.len() > 2 && folder.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    match folder.as_bytes().first() {
        Some(b'D') if is_id => Reach::Direct,
        Some(b'G') if is_id => Reach::Private,
        _ if folder.starts_with("mpdm-") => Reach::Direct,
        _ => Reach::Unknown,
    }
}

/// How a person is shown.
fn person(mut user: Object) -> String {
    let mut profile = user.object("profile").unwrap_or_default();
    let shown = profile.text("display_name").or_else(|| profile.text("real_name"));
    shown.or_else(|| user.text("real_name")).or_else(|| user.text("name")).unwrap_or_default()
}

impl Walker<'_> {
    fn channel(&mut self, mut channel: Object) {
        let Some(id) = channel.text("id") else { return };
        let is_private = channel.flag("is_private");
        let reach = if is_private && self.listed == Reach::Public { Reach::Private } else { self.listed };
        let members: Vec<String> =
            channel.list("members").iter().filter_map(Value::as_str).map(|id| self.name_of(id).to_owned()).collect();
        let name = channel.text("name");
        let shown = match (&name, reach) {
            (Some(name), Reach::Public | Reach::Unknown | Reach::Private) => name.clone(),
            _ if members.is_empty() => id.clone(),
            _ => members.join(", "),
        };
        let folder = name.unwrap_or_else(|| id.clone());
        self.channels.insert(folder, Channel { id, name: shown, reach });
    }

    fn message(&self, mut message: Object) -> Option<Record> {
        let ts = message.text("ts")?;
        let channel = self.channels.get(&self.folder);
        let mut record = Record { id: Some(ts.clone()), kind: "message".to_owned(), ..Record::default() };
        take_date(&mut record, Some(&ts), |ts| {
            ts.split('.').next().and_then(|seconds| unix_date(seconds.parse().ok()?))
        });
        record.channel = channel.map(|channel| channel.name.clone()).or_else(|| Some(self.folder.clone()));
        record.channel = record.channel.filter(|name| !name.is_empty());
        record.fields.extend(channel.map(|channel| field("channel_id", &channel.id)));
        if let Some(subtype) =
            message.get("subtype").and_then(Value::as_str).filter(|subtype| !WRITTEN.contains(subtype))
        {
            if subtype == "tombstone" { "unsupported" } else { "service" }.clone_into(&mut record.kind);
        }
        record.thread = message.text("thread_ts");
        record.reply_to = record.thread.clone().filter(|thread| *thread != ts);
        record.author = self.author(&mut message);
        let edited = message.object("edited").and_then(|mut edited| edited.text("ts"));
        record.edited = edited.map(|ts| {
            let date = ts.split('.').next().and_then(|seconds| unix_date(seconds.parse().ok()?));
            date.map_or(ts, |date| date.text)
        });
        self.text(&mut message).fill(&mut record);
        let old = message.object("file");
        record.media = message.objects("files").chain(old).map(medium).collect();
        record.reactions = message
            .objects("reactions")
            .filter_map(|mut reaction| {
                let users = reaction.list("users").len() as u64;
                let name = reaction.text("name")?;
                let emoji = shortcode::emoji(&name).unwrap_or_else(|| format!(":{name}:"));
                Some(Reaction { emoji, count: reaction.number("count").unwrap_or(users) })
            })
            .collect();
        if !message.list("pinned_to").is_empty() {
            record.flags.push("pinned".to_owned());
        }
        if message.get("subtype").is_some_and(|subtype| subtype == "message_deleted") {
            record.flags.push("deleted".to_owned());
        }
        message.pass(&PASSED);
        record.fields.extend(message.into_fields().map(|(name, value)| (name, without_keys(&value))));
        Some(record)
    }

    /// Who wrote a message.
    fn author(&self, message: &mut Object) -> Option<String> {
        let user = message.text("user");
        let known = user.as_ref().and_then(|id| self.people.get(id)).cloned();
        let told = message.object("user_profile").and_then(|mut profile| {
            profile.text("display_name").or_else(|| profile.text("real_name")).or_else(|| profile.text("name"))
        });
        let bot =
            message.text("username").or_else(|| message.object("bot_profile").and_then(|mut bot| bot.text("name")));
        if let Some(id) = &user {
            message.put("user_id", id.as_str().into());
        }
        known.or(told).or(bot).or(user)
    }

    /// The text of a message, and what bots hang on it. What was shown of an address is no part of it.
    fn text(&self, message: &mut Object) -> RichText {
        let token = |before: &str, rest: &str| self.token(before, rest);
        let mut source = message.text("text").unwrap_or_default();
        if source.is_empty() {
            source = blocks_text(message.get("blocks"));
        }
        let is_shown =
            |attachment: &Value| attachment.get("from_url").is_some() || attachment.get("original_url").is_some();
        let attachments = message.take("attachments");
        let attachments = attachments.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let attachments = attachments.iter().filter(|attachment| !self.is_of_private(attachment)).cloned();
        let (shown, hung): (Vec<Value>, Vec<Value>) = attachments.partition(is_shown);
        let shown: Vec<Value> = shown.iter().filter_map(what_is_shown).collect();
        if !shown.is_empty() {
            message.put("attachments", Value::Array(shown));
        }
        let urls = |attachment: &Value| -> Vec<String> {
            let keys = ["title_link", "author_link", "image_url", "thumb_url"];
            keys.iter()
                .filter_map(|key| attachment.get(*key)?.as_str())
                .filter(|url| !is_guarded(url))
                .map(str::to_owned)
                .collect()
        };
        let urls = entities::distinct(hung.iter().flat_map(urls));
        if !urls.is_empty() {
            message.put("attachment_urls", urls.into());
        }
        let mut parts: Vec<String> = Some(source).into_iter().filter(|text| !text.is_empty()).collect();
        parts.extend(hung.into_iter().filter_map(Object::of).map(attachment_text).filter(|text| !text.is_empty()));
        markers::marked(&without_keys(&parts.join("\n\n")), MARKS, &token)
    }

    /// Whether what hangs on a message is of a channel that is not public: a message that was shared from there, or leads there.
    fn is_of_private(&self, attachment: &Value) -> bool {
        let text = |key: &str| attachment.get(key).and_then(Value::as_str);
        let led_to = |url: &'_ str| url.split_once(".slack.com/archives/")?.1.split('/').next().map(str::to_owned);
        let ids = ["from_url", "original_url", "title_link"].into_iter().filter_map(|key| led_to(text(key)?));
        ids.chain(text("channel_id").map(str::to_owned)).any(|id| !self.is_public(&id))
    }

    /// Whether a channel of this id is public, as far as anything says so.
    fn is_public(&self, id: &str) -> bool {
        let channel = self.channels.values().find(|channel| channel.id == id);
        channel.map_or(self.channels.is_empty() && id.starts_with('C'), |channel| channel.reach == Reach::Public)
    }

    /// What Slack writes between angles, and characters that it writes as HTML does.
    fn token(&self, before: &str, rest: &str) -> Option<Token> {
        if rest.starts_with('&') {
            let (escape, text) = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")]
                .into_iter()
                .find(|(escape, _)| rest.starts_with(escape))?;
            return Some(Token { len: escape.len(), text: text.to_owned(), ..Token::default() });
        }
        if let Some((len, text)) = shortcode::emoji_at(before, rest) {
            return Some(Token { len, text, ..Token::default() });
        }
        let Some(inner) = rest.strip_prefix('<') else {
            return markers::plain_token(before, rest).filter(|token| token.kind == "link");
        };
        let end = inner.find(['>', '\n']).filter(|end| inner.get(*end..).is_some_and(|rest| rest.starts_with('>')))?;
        let inner = inner.get(..end)?;
        let (target, label) = inner.split_once('|').map_or((inner, None), |(target, label)| (target, Some(label)));
        let shown = |text: &str| unescaped(label.filter(|label| !label.is_empty()).unwrap_or(text));
        let (text, kind, href) = match target.chars().next()? {
            '@' => (format!("@{}", shown(self.name_of(target.get(1..)?))), "mention", None),
            '#' => {
                let id = target.get(1..)?;
                let channel = self.channels.values().find(|channel| channel.id == id && channel.reach == Reach::Public);
                let text = match channel {
                    // What a private channel is called, only its members see; one that no list has is taken for private here too.
                    None if !self.channels.is_empty() => id.to_owned(),
                    channel => shown(channel.map_or(id, |channel| &channel.name)),
                };
                (format!("#{text}"), "", None)
            }
            '!' => {
                let name = target.get(1..)?.split('^').next()?;
                (if label.is_some() { shown(name) } else { format!("@{name}") }, "", None)
            }
            _ if target.contains(':') => {
                let href = unescaped(target);
                (shown(target), "link", Some(href))
            }
            _ => return None,
        };
        Some(Token { len: end + 2, text, kind, href })
    }
}

/// Whether an address opens for those who have a key alone: that of a file of the workspace.
fn is_guarded(url: &str) -> bool {
    let host = url.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    host.is_none_or(|host| host.starts_with("files") && host.ends_with(".slack.com")) || url.contains("?t=xox")
}

/// A text without the keys of the addresses in it.
fn without_keys(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(KEY) {
        let is_of_address = before.ends_with(['?', '&', ';']);
        kept.push_str(if is_of_address { before.strip_suffix(['?', '&']).unwrap_or(before) } else { before });
        let is_end = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '%' | '.');
        rest = after.get(after.find(is_end).unwrap_or(after.len())..).unwrap_or_default();
    }
    kept.push_str(rest);
    kept
}

/// Of what is shown of an address, that which says something and opens nothing.
fn what_is_shown(attachment: &Value) -> Option<Value> {
    let told = SHOWN.iter().filter_map(|key| Some((key, attachment.get(*key)?.as_str()?)));
    let told: serde_json::Map<String, Value> = told
        .filter(|(_, text)| !text.is_empty())
        .map(|(key, text)| ((*key).to_owned(), without_keys(text).into()))
        .collect();
    (!told.is_empty()).then_some(Value::Object(told))
}

/// What a bot hangs on a message.
fn attachment_text(mut attachment: Object) -> String {
    let mut parts: Vec<String> = ["pretext", "title", "text"].iter().filter_map(|key| attachment.text(key)).collect();
    for mut part in attachment.objects("fields") {
        let (title, value) = (part.text("title").unwrap_or_default(), part.text("value").unwrap_or_default());
        parts.push(if title.is_empty() { value } else { format!("{title}: {value}") });
    }
    if parts.is_empty() {
        parts.push(blocks_text(attachment.get("blocks")));
        parts.retain(|part| !part.is_empty());
    }
    if parts.is_empty() {
        parts.extend(attachment.text("fallback"));
    }
    parts.join("\n")
}

/// The words in blocks, for messages that have nothing else.
fn blocks_text(blocks: Option<&Value>) -> String {
    let mut text = String::new();
    let mut ahead: Vec<&Value> = blocks.into_iter().collect();
    while let Some(value) = ahead.pop() {
        match value {
            Value::Array(values) => ahead.extend(values.iter().rev()),
            Value::Object(members) => {
                let name = |key: &str| members.get(key).and_then(Value::as_str);
                match name("type") {
                    Some("user") => text.push_str(&format!("<@{}>", name("user_id").unwrap_or_default())),
                    Some("link") => text.push_str(&format!(
                        "<{}|{}>",
                        name("url").unwrap_or_default(),
                        name("text").unwrap_or_default()
                    )),
                    Some("emoji") => {
                        let name = name("name").unwrap_or_default();
                        let tone = members.get("skin_tone").and_then(Value::as_u64);
                        let toned = tone.map(|tone| format!("{name}::skin-tone-{tone}"));
                        let emoji = shortcode::emoji(toned.as_deref().unwrap_or(name));
                        text.push_str(&emoji.unwrap_or_else(|| format!(":{name}:")));
                    }
                    _ => {
                        if let Some(piece) = name("text") {
                            text.push_str(piece);
                        }
                        let inner = ["elements", "text", "fields"].iter().filter_map(|key| members.get(*key));
                        ahead.extend(inner.filter(|value| !value.is_string()));
                        if members
                            .get("type")
                            .and_then(Value::as_str)
                            .is_some_and(|kind| kind.starts_with("rich_text_") || kind == "section")
                            && !text.is_empty()
                        {
                            text.push('\n');
                        }
                    }
                }
            }
            _ => {}
        }
    }
    text.trim().to_owned()
}

fn medium(mut file: Object) -> Attachment {
    let media_type = file.text("mimetype").unwrap_or_default();
    let kind = match media_type.split('/').next().unwrap_or_default() {
        "image" => "photo",
        "video" => "video",
        "audio" => "audio",
        _ => "file",
    };
    let duration = file.number("duration_ms").map(|millis| millis / 1000);
    let name = file.text("name").or_else(|| file.text("title"));
    Attachment { kind: kind.to_owned(), name, size: file.number("size"), duration, path: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::files::{records, several};

    fn read_message(json: &str) -> Record {
        let context = ReadContext::new("export", jiff::tz::TimeZone::UTC);
        let mut walker = Walker::new(&context);
        for (id, name, reach) in [("C1", "general", Reach::Public), ("G1", "board", Reach::Private)] {
            walker.channels.insert(name.to_owned(), Channel { id: id.to_owned(), name: name.to_owned(), reach });
        }
        "general".clone_into(&mut walker.folder);
        walker.message(Object::of(serde_json::from_str(json).unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn keys_are_taken_out_of_addresses() {
        let check = |text: &str, expected: &str| assert_eq!(without_keys(text), expected);
        check("a https://files.slack.com/x.png?t=xoxe-1-Ab b", "a https://files.slack.com/x.png b");
        check("<https://x.example/?a=1&t=xoxe-A&b=2|y>", "<https://x.example/?a=1&b=2|y>");
        check("t=xoxb-1 and t=xoxe-", " and ");
        check("nothing", "nothing");
    }

    #[test]
    fn of_what_hangs_on_a_message_only_what_is_shown_is_kept() {
        let record = read_message(
            r#"{"ts": "1706688400.000100", "text": "see", "attachments": [
                {"from_url": "https://files.slack.com/x?t=xoxe-A", "title": "T", "files": [{"url_private": "https://files.slack.com/y?t=xoxe-B"}],
                 "image_url": "https://files.slack.com/i?t=xoxe-C", "text": "see https://files.slack.com/z?t=xoxe-D"},
                {"from_url": "https://ws.slack.com/archives/C1/p1", "channel_id": "C1", "text": "shared"},
                {"from_url": "https://ws.slack.com/archives/G1/p1", "text": "SECRET"},
                {"from_url": "https://ws.slack.com/x", "channel_id": "G1", "channel_name": "board", "text": "SECRET"},
                {"channel_id": "G2", "text": "SECRET"}, {"channel_id": "C2", "text": "SECRET"}]}"#,
        );
        let attachments = &record.fields.iter().find(|(name, _)| name == "attachments").unwrap().1;
        let expected = r#"[{"title":"T","text":"see https://files.slack.com/z","from_url":"https://files.slack.com/x"},{"text":"shared","from_url":"https://ws.slack.com/archives/C1/p1"}]"#;
        assert_eq!((record.text.as_str(), attachments.as_str()), ("see", expected));
    }

    #[test]
    fn what_a_message_said_before_is_not_kept() {
        for subtype in ["message_deleted", "message_changed"] {
            let record = read_message(&format!(
                r#"{{"ts": "1706688900.000100", "subtype": "{subtype}", "message": {{"text": "SECRET"}}, "previous_message": {{"text": "SECRET"}}}}"#
            ));
            assert!(!format!("{record:?}").contains("SECRET"), "{record:?}");
            assert_eq!(record.flags.iter().any(|flag| flag == "deleted"), subtype == "message_deleted");
        }
    }

    #[test]
    fn keys_in_texts_and_in_what_is_left_are_taken_out() {
        let record = read_message(
            r#"{"ts": "1.0", "text": "https://files.slack.com/x.png?t=xoxe-A", "odd": {"url": "https://files.slack.com/y?t=xoxe-B"}}"#,
        );
        assert!(!format!("{record:?}").contains("xox"), "{record:?}");
    }

    #[test]
    fn workspaces_of_one_source_keep_their_people_and_channels() {
        let users = |name: &str| format!(r#"[{{"id":"U1","name":"x","profile":{{"real_name":"{name}"}}}}]"#);
        let day = r#"[{"type":"message","user":"U1","text":"a","ts":"1706688000.000100"}]"#;
        let parts = several(vec![
            ("e/a/users.json", users("Anna")),
            ("e/b/users.json", users("Bob")),
            ("e/a/channels.json", r#"[{"id":"C1","name":"general","created":1}]"#.to_owned()),
            // Another workspace may call a channel as this one calls what is private.
            (
                "e/b/channels.json",
                r#"[{"id":"C2","name":"D1","created":1},{"id":"C3","name":"general","created":1}]"#.to_owned(),
            ),
            ("e/a/dms.json", r#"[{"id":"D1","created":1,"members":["U1"]}]"#.to_owned()),
            ("e/a/D1/2024-01-31.json", day.to_owned()),
            ("e/a/general/2024-01-31.json", day.to_owned()),
            ("e/b/D1/2024-01-31.json", day.to_owned()),
            ("e/c/general/2024-01-31.json", day.to_owned()),
        ]);
        let context = ReadContext::new("e", jiff::tz::TimeZone::UTC);
        let found = records(read(parts, &context));
        let found: Vec<_> = found.iter().map(|record| (record.author.as_deref(), &*record.source.file)).collect();
        let expected = [(Some("Anna"), "e/a/general/2024-01-31.json"), (Some("Bob"), "e/b/D1/2024-01-31.json")];
        assert_eq!(found, expected);
    }
}
