//! Rooms of Matrix, exported by Element as JSON.
//!
//! ```text
//! {"room_name": "Harbour", "topic": …, "messages": [{"type": "m.room.message", "event_id": "$…", "sender": "@…",
//!   "origin_server_ts": 1700000000000, "content": {"msgtype": "m.text", "body": "…", "m.relates_to": {…}}}, …]}
//! ```
//!
//! Edits, reactions, votes and redactions are events of their own, behind those that they are about, and go into these: an edit's
//! text is the text, and of what was redacted nothing is kept, even where the export still has it.
//!
//! A room that says of itself that not everyone may join, or that it is a conversation, is counted and left out unless `--chat` names it;
//! so is one that was encrypted and does not say who may join. An export begins where people ask it to, so that most say nothing.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;

use serde_json::Value;

use super::bounds::{MAX_HELD_LEN, bounded};
use super::date::millis_date;
use super::entities;
use super::error::IngestError;
use super::files::{Part, Parts};
use super::format::{Entry, ReadContext, Reader, Removed, Sample, Skipped};
use super::html::{Node, prose};
use super::json::object::{Object, field};
use super::json::outline::{self, At, List, Sketch, Walk};
use super::markers;
use super::reach;
use super::rich_text::RichText;
use crate::record::{Attachment, Poll, PollAnswer, Reaction, Record};

/// Events of one file that are held until its end; those behind them are a part of their own. A room of years has some ten thousand.
const MAX_HELD: usize = 500_000;

/// Events that are written, by their types.
const WRITTEN: [&str; 2] = ["m.room.message", "m.sticker"];

/// How a poll begins, is answered and ends, today and before it was agreed on.
const POLL_STARTS: [&str; 2] = ["m.poll.start", "org.matrix.msc3381.poll.start"];
const POLL_ANSWERS: [&str; 2] = ["m.poll.response", "org.matrix.msc3381.poll.response"];
const POLL_ENDS: [&str; 2] = ["m.poll.end", "org.matrix.msc3381.poll.end"];

/// Where links to rooms, posts and people lead.
const LINKS: &str = "https://matrix.to/#/";

/// Whether a sample is a room.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let sketch = Sketch::new(sample, "messages");
    sketch.has_list && sketch.first_has(&["type", "sender", "content", "origin_server_ts"])
}

/// Reads rooms.
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let walker = Walker {
        context,
        file: String::new(),
        room: Object::default(),
        open: Room::default(),
        left: BTreeMap::new(),
        num_other: 0,
        hints: Vec::new(),
    };
    outline::read(parts, walker)
}

struct Walker<'a> {
    context: &'a ReadContext,
    file: String,
    /// Members of the root beside the events.
    room: Object,
    open: Room,
    /// Events of private rooms that are left out, by room.
    left: BTreeMap<String, u64>,
    /// Events of rooms that nobody asked for.
    num_other: u64,
    hints: Vec<String>,
}

/// What the events of a room say of who may read it.
#[derive(Clone, Copy, Default)]
struct Access {
    /// Whether anyone may join, or read without that; absent where it is not said.
    anyone_joins: Option<bool>,
    anyone_reads: bool,
    is_encrypted: bool,
    /// Whether it is a conversation of two, or of few.
    is_direct: bool,
}

impl Access {
    fn is_public(self) -> bool {
        !self.is_direct && (self.anyone_joins == Some(true) || self.anyone_reads)
    }

    fn is_private(self) -> bool {
        let is_closed = self.anyone_joins.map_or(self.is_encrypted, |anyone_joins| !anyone_joins);
        self.is_direct || is_closed && !self.anyone_reads
    }
}

/// What is held of a room.
#[derive(Default)]
struct Room {
    entries: Vec<Entry>,
    /// Where the record of an event stands among the entries.
    by_id: HashMap<String, usize>,
    /// Names of people, by their ids, as the room last knew them.
    people: HashMap<String, String>,
    /// Votes by poll and voter; the last counts.
    votes: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Ids of answers, by poll.
    answers: HashMap<String, Vec<String>>,
    access: Access,
    id: Option<String>,
    num_events: u64,
    /// Bytes of memory that the events took: more than what is kept of them does.
    held_len: usize,
}

impl Walk for Walker<'_> {
    fn begin(&mut self, part: &mut Part<'_>) -> io::Result<Option<List>> {
        self.file.clone_from(&part.file);
        self.room = Object::default();
        self.open = Room::default();
        Ok(Some(List::named("messages")))
    }

    fn member(&mut self, name: &str, value: Value) {
        self.room.put(name, value);
    }

    /// Only its end tells whether a room is left out.
    fn is_quoted(&self) -> bool {
        false
    }

    fn element(&mut self, element: Object, at: &At<'_>, entries: &mut VecDeque<Entry>) {
        self.open.num_events += 1;
        self.open.held_len += element.held_len();
        self.open.event(element, at);
        if self.open.entries.len() >= MAX_HELD || self.open.held_len >= MAX_HELD_LEN {
            self.end(entries);
        }
    }

    fn end(&mut self, entries: &mut VecDeque<Entry>) {
        let name =
            self.room.get("room_name").and_then(Value::as_str).map(str::to_owned).filter(|name| !name.is_empty());
        let name = name.map(bounded);
        let room = std::mem::take(&mut self.open);
        let label = name.clone().or_else(|| room.id.clone()).unwrap_or_else(|| self.file.clone());
        let wanted = &self.context.options.chats;
        let is_named =
            wanted.has(&label, |wanted| Some(wanted) == name.as_deref() || Some(wanted) == room.id.as_deref());
        let access = room.access;
        // A long room goes on.
        self.open.access = access;
        if !is_named && !wanted.is_empty() {
            self.num_other += room.num_events;
            return;
        }
        if !is_named && access.is_private() {
            *self.left.entry(label).or_default() += room.num_events;
            return;
        }
        if room.num_events > 0 && !access.is_public() {
            let hint = if access.is_private() {
                format!("the room `{label}` is private: whoever gets the archive can read it")
            } else {
                format!("nothing says that the room `{label}` is public: whoever gets the archive can read it")
            };
            if !self.hints.contains(&hint) {
                self.hints.push(hint);
            }
        }
        entries.extend(room.finish(name.as_deref()));
    }

    fn finish(&mut self, entries: &mut VecDeque<Entry>) {
        let num_private = self.left.values().sum();
        for (count, reason) in [(num_private, "of private rooms"), (self.num_other, "of rooms that were not asked for")]
        {
            if count > 0 {
                entries.push_back(Entry::Removed(Removed { count, reason: reason.to_owned() }));
            }
        }
        let names = reach::named(self.left.iter().map(|(name, count)| (name.as_str(), *count)));
        entries.extend(names.map(|names| Entry::Hint(reach::left_out(&names))));
        entries.extend(self.hints.drain(..).map(Entry::Hint));
    }
}

impl Room {
    fn event(&mut self, mut event: Object, at: &At<'_>) {
        let kind = event.text("type").unwrap_or_default();
        let sender = event.text("sender").unwrap_or_default();
        let mut content = event.object("content").unwrap_or_default();
        if self.id.is_none() {
            self.id = event.get("room_id").and_then(Value::as_str).map(str::to_owned).map(bounded);
        }
        let mut relation = content.object("m.relates_to").unwrap_or_default();
        let about = relation.get("event_id").and_then(Value::as_str).map(str::to_owned);
        let merged = |reason: &str| {
            Entry::Merged(Skipped {
                file: at.file.to_owned(),
                place: at.place.clone(),
                reason: reason.to_owned(),
                excerpt: String::new(),
            })
        };
        let relates = relation.get("rel_type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let entry = match &*kind {
            "m.room.encrypted" => {
                self.access.is_encrypted = true;
                at.skipped("the message is encrypted, and the export has no key to it", "")
            }
            "m.reaction" => match about.and_then(|about| self.react(&about, &mut relation)) {
                Some(()) => merged("a reaction to an earlier event"),
                None => at.skipped("a reaction to what the export does not have", ""),
            },
            "m.room.redaction" => {
                let about = content.text("redacts").or_else(|| event.text("redacts"));
                match about.and_then(|about| self.redact(&about)) {
                    Some(()) => merged("it says that an earlier event was deleted"),
                    None => at.skipped("it says that something was deleted which the export does not have", ""),
                }
            }
            kind if POLL_ANSWERS.contains(&kind) => match about.filter(|about| self.by_id.contains_key(about)) {
                Some(about) => {
                    self.votes.entry(about).or_default().insert(sender, choices(&mut content));
                    merged("a vote in an earlier poll")
                }
                None => at.skipped("a vote in a poll that the export does not have", ""),
            },
            kind if POLL_ENDS.contains(&kind) => match about.and_then(|about| self.record(&about)) {
                Some(poll) => {
                    poll.flags.push("closed".to_owned());
                    merged("the end of an earlier poll")
                }
                None => at.skipped("the end of a poll that the export does not have", ""),
            },
            _ if relates == "m.replace" && about.is_some() => {
                let time = event.text("origin_server_ts");
                match self.edit(&about.unwrap_or_default(), &sender, content, time.as_deref()) {
                    Some(()) => merged("an edit of an earlier event"),
                    None => at.skipped("an edit of what the export does not have, or of somebody else's words", ""),
                }
            }
            _ => match self.written(&kind, &sender, content, event, relation) {
                Ok(record) => {
                    if let Some(id) = &record.id {
                        self.by_id.insert(id.clone(), self.entries.len());
                    }
                    Entry::Record(Box::new(Record { source: at.source(), ..record }))
                }
                Err(reason) => at.skipped(reason, &kind),
            },
        };
        self.entries.push(entry);
    }

    fn record(&mut self, id: &str) -> Option<&mut Record> {
        match self.entries.get_mut(*self.by_id.get(id)?)? {
            Entry::Record(record) => Some(record),
            _ => None,
        }
    }

    fn react(&mut self, about: &str, relation: &mut Object) -> Option<()> {
        let emoji = relation.text("key")?;
        let record = self.record(about)?;
        match record.reactions.iter_mut().find(|known| known.emoji == emoji) {
            Some(known) => known.count += 1,
            None => record.reactions.push(Reaction { emoji, count: 1 }),
        }
        Some(())
    }

    fn redact(&mut self, about: &str) -> Option<()> {
        let record = self.record(about)?;
        blank(record);
        Some(())
    }

    /// Gives an event the words of a later one by the same person.
    fn edit(&mut self, about: &str, sender: &str, mut content: Object, time: Option<&str>) -> Option<()> {
        let mut words = content.object("m.new_content").unwrap_or(content);
        let date = time.and_then(|time| millis_date(time.parse().ok()?));
        let record = self.record(about)?;
        let by_whom = field("user_id", sender);
        if record.flags.iter().any(|flag| flag == "redacted") || !record.fields.contains(&by_whom) {
            return None;
        }
        if let Some(poll) = poll_of(&mut words) {
            if record.poll.take().is_some_and(|asked| record.title.as_ref() == Some(&asked.question)) {
                record.title = None;
            }
            entities::ask(poll.0, record);
            self.answers.insert(about.to_owned(), poll.1);
        } else {
            text_of(&mut words, false).fill(record);
        }
        let record = self.record(about)?;
        record.edited = date.map(|date| date.text);
        Some(())
    }

    /// An event as a record.
    fn written(
        &mut self,
        kind: &str,
        sender: &str,
        mut content: Object,
        mut event: Object,
        mut relation: Object,
    ) -> Result<Record, &'static str> {
        let time: i64 =
            event.text("origin_server_ts").and_then(|time| time.parse().ok()).ok_or("the event has no time")?;
        let mut record = Record { kind: "message".to_owned(), ..Record::default() };
        record.date = millis_date(time);
        record.id = event.text("event_id");
        let room = event.text("room_id").or_else(|| self.id.clone());
        record.url = record.id.as_ref().and_then(|id| Some(format!("{LINKS}{}/{id}", room.as_ref()?)));
        record.author = Some(sender.to_owned()).filter(|sender| !sender.is_empty());
        if !sender.is_empty() {
            record.fields.push(field("user_id", sender));
        }
        let mut answered = relation.object("m.in_reply_to").and_then(|mut answered| answered.text("event_id"));
        if relation.get("rel_type").is_some_and(|relates| relates == "m.thread") {
            record.thread = relation.text("event_id");
            // Programs that know no threads are told to show the latest of it as answered.
            if relation.flag("is_falling_back") {
                answered = None;
            }
        }
        record.reply_to = answered;
        let mut about = event.object("unsigned").unwrap_or_default();
        if about.has("redacted_because") || event.has("redacted_because") {
            blank(&mut record);
        } else if let Some((poll, answers)) = poll_of(&mut content).filter(|_| POLL_STARTS.contains(&kind)) {
            entities::ask(poll, &mut record);
            self.answers.extend(record.id.clone().map(|id| (id, answers)));
        } else if WRITTEN.contains(&kind) {
            let is_answer = record.reply_to.is_some() || record.thread.is_some();
            message(kind, &mut content, is_answer, &mut record);
        } else {
            self.service(kind, event.text("state_key"), &mut content, &mut record);
        }
        bundled(&mut about, &mut record);
        Ok(record)
    }

    /// What happened to the room, or to who is in it.
    fn service(&mut self, kind: &str, state_key: Option<String>, content: &mut Object, record: &mut Record) {
        "service".clone_into(&mut record.kind);
        record.fields.push(field("action", kind));
        let mut text = None;
        match kind {
            "m.room.member" => {
                let membership = content.text("membership");
                record.fields.extend(membership.map(|membership| field("membership", &membership)));
                self.access.is_direct |= content.flag("is_direct");
                if let (Some(who), Some(name)) = (&state_key, content.text("displayname")) {
                    self.people.insert(who.clone(), bounded(name));
                }
                record.fields.extend(
                    state_key.filter(|who| Some(who) != record.author.as_ref()).map(|who| field("member", &who)),
                );
            }
            "m.room.join_rules" => {
                let rule = content.text("join_rule");
                self.access.anyone_joins = Some(rule.as_deref() == Some("public"));
                record.fields.extend(rule.map(|rule| field("join_rule", &rule)));
            }
            "m.room.history_visibility" => {
                let visibility = content.text("history_visibility");
                self.access.anyone_reads = visibility.as_deref() == Some("world_readable");
                record.fields.extend(visibility.map(|visibility| field("history_visibility", &visibility)));
            }
            "m.room.encryption" => self.access.is_encrypted = true,
            "m.room.topic" => text = content.text("topic"),
            "m.room.name" => text = content.text("name"),
            _ => {}
        }
        if let Some(text) = text {
            markers::marked(&text, &[], &markers::plain_token).fill(record);
        }
    }

    /// The entries of the room, with what only its end tells.
    fn finish(mut self, name: Option<&str>) -> Vec<Entry> {
        for (poll, votes) in std::mem::take(&mut self.votes) {
            let Some(ids) = self.answers.get(&poll).cloned() else { continue };
            let Some(poll) = self.record(&poll).and_then(|record| record.poll.as_mut()) else { continue };
            let count = |id: &String| votes.values().filter(|chosen| chosen.contains(id)).count() as u64;
            for (answer, id) in poll.answers.iter_mut().zip(&ids) {
                answer.votes = Some(count(id));
            }
            poll.voters = Some(votes.values().filter(|chosen| !chosen.is_empty()).count() as u64);
        }
        let mut threads: Vec<String> = Vec::new();
        for entry in &mut self.entries {
            let Entry::Record(record) = entry else { continue };
            record.channel = name.map(str::to_owned).or_else(|| self.id.clone());
            if let Some(name) = record.author.as_ref().and_then(|id| self.people.get(id)) {
                record.author = Some(name.clone());
            }
            threads.extend(record.thread.clone());
        }
        // What a thread began with belongs to it.
        for thread in threads {
            if let Some(record) = self.record(&thread)
                && record.thread.is_none()
            {
                record.thread = Some(thread);
            }
        }
        self.entries
    }
}

/// Leaves nothing of what somebody wrote.
fn blank(record: &mut Record) {
    let kept = std::mem::take(record);
    *record = Record {
        kind: "unsupported".to_owned(),
        flags: vec!["redacted".to_owned()],
        fields: kept.fields.into_iter().filter(|(name, _)| name == "user_id").collect(),
        id: kept.id,
        date: kept.date,
        author: kept.author,
        reply_to: kept.reply_to,
        thread: kept.thread,
        url: kept.url,
        source: kept.source,
        ..Record::default()
    };
}

/// A message with what hangs on it.
fn message(kind: &str, content: &mut Object, is_answer: bool, record: &mut Record) {
    let msgtype = content.text("msgtype").unwrap_or_default();
    let media = match (&*msgtype, kind) {
        (_, "m.sticker") => "sticker",
        ("m.image", _) => "photo",
        ("m.video", _) => "video",
        ("m.audio", _) if content.has("org.matrix.msc3245.voice") || content.has("m.voice") => "voice",
        ("m.audio", _) => "audio",
        ("m.file", _) => "file",
        ("m.location", _) => "location",
        _ => "",
    };
    match &*msgtype {
        "m.emote" => record.flags.push("action".to_owned()),
        "m.notice" => record.flags.push("notice".to_owned()),
        _ => {}
    }
    if media.is_empty() {
        text_of(content, is_answer).fill(record);
        return;
    }
    let mut info = content.object("info").unwrap_or_default();
    let duration = info.number("duration").map(|millis| millis / 1000);
    let body = content.text("body");
    // Where a file has a name of its own, what stands in its place is a caption.
    let name = content.text("filename");
    let caption = name.as_ref().filter(|name| body.as_ref() != Some(name)).and(body.as_ref());
    if let Some(caption) = caption {
        content.put("body", caption.as_str().into());
        text_of(content, is_answer).fill(record);
    }
    // Of a file that is encrypted the address stands beside its key, and is left where it is.
    record.fields.extend(content.text("url").map(|address| field("media_url", &address)));
    record.fields.extend(content.text("geo_uri").map(|place| field("geo_uri", &place)));
    let name = name.or(body);
    record.media.push(Attachment { kind: media.to_owned(), name, size: info.number("size"), duration, path: None });
}

/// What is said, formatted where it is.
fn text_of(content: &mut Object, is_answer: bool) -> RichText {
    let body = content.text("body").unwrap_or_default();
    let is_formatted = content.text("format").as_deref() == Some("org.matrix.custom.html");
    if let Some(html) = content.text("formatted_body").filter(|_| is_formatted) {
        let html = match html.split_once("</mx-reply>") {
            Some((head, rest)) if head.trim_start().starts_with("<mx-reply") => rest,
            _ => &html,
        };
        let mut text = prose::prose(html, kind_of);
        text.trim();
        text.find(&["link"]);
        return text;
    }
    markers::marked(if is_answer { without_quote(&body) } else { &body }, &[], &markers::plain_token)
}

/// An answer begins, for programs that know no answers, with what it answers.
fn without_quote(body: &str) -> &str {
    if !body.starts_with("> <") && !body.starts_with("> * <") {
        return body;
    }
    let mut rest = body;
    while rest.starts_with('>') {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    rest.trim_start_matches('\n')
}

/// What an element means: people are links to them, and what is hidden has an attribute of its own.
fn kind_of(node: Node<'_>, covered: &str) -> (&'static str, Option<String>) {
    let href = node.attribute("href").unwrap_or_default();
    if node.name() == "a"
        && href.strip_prefix(LINKS).is_some_and(|rest| rest.starts_with('@') || rest.starts_with("%40"))
    {
        return ("mention", Some(href.to_owned()));
    }
    if node.name() == "span" && node.attribute("data-mx-spoiler").is_some() {
        return ("spoiler", None);
    }
    prose::kind_of(node, covered)
}

/// A poll, and the ids of its answers.
fn poll_of(content: &mut Object) -> Option<(Poll, Vec<String>)> {
    let mut start = POLL_STARTS.iter().chain(&["m.poll"]).find_map(|name| content.object(name))?;
    let question = start.object("question").map(text_in).unwrap_or_default();
    let (mut answers, mut ids) = (Vec::new(), Vec::new());
    for mut answer in start.objects("answers") {
        ids.push(answer.text("id").or_else(|| answer.text("m.id")).unwrap_or_default());
        answers.push(PollAnswer { text: text_in(answer), votes: None });
    }
    Some((Poll { question, answers, voters: None }, ids))
}

/// A text in the forms that it was given over the years.
fn text_in(mut object: Object) -> String {
    let listed = |object: &mut Object| object.objects("m.text").next().and_then(|mut text| text.text("body"));
    let text = object.text("m.text").or_else(|| object.text("org.matrix.msc1767.text"));
    text.or_else(|| listed(&mut object)).or_else(|| object.text("body")).unwrap_or_default()
}

fn choices(content: &mut Object) -> Vec<String> {
    let mut answer = POLL_ANSWERS.iter().find_map(|name| content.object(name)).unwrap_or_default();
    let chosen = answer.list("answers").into_iter().chain(content.list("m.selections"));
    chosen.filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

/// What the server gathered about an event: reactions that are no events of the export, and when it was edited.
fn bundled(about: &mut Object, record: &mut Record) {
    let Some(mut relations) = about.object("m.relations") else { return };
    for mut reaction in
        relations.object("m.annotation").map(|mut list| list.objects("chunk").collect::<Vec<_>>()).unwrap_or_default()
    {
        if let (Some(emoji), Some(count)) = (reaction.text("key"), reaction.number("count")) {
            record.reactions.push(Reaction { emoji, count });
        }
    }
    let edit = relations.object("m.replace").and_then(|mut edit| edit.text("origin_server_ts"));
    record.edited = record.edited.take().or_else(|| Some(millis_date(edit?.parse().ok()?)?.text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_answered_is_no_part_of_the_answer() {
        assert_eq!(without_quote("> <@a:b> x\n> y\n\nz"), "z");
        assert_eq!(without_quote("> quoted\nz"), "> quoted\nz");
        assert_eq!(without_quote("> <@a:b> x"), "");
    }

    #[test]
    fn people_and_hidden_words_are_marked() {
        let html = r#"<a href="https://matrix.to/#/@a:b">A</a> <span data-mx-spoiler="x">c</span> <a href="https://d.example">d</a>"#;
        let text = prose::prose(html, kind_of);
        let kinds: Vec<_> = text.spans.iter().map(|span| span.kind.as_str()).collect();
        assert_eq!((&*text.text, kinds), ("A c d", vec!["mention", "spoiler", "link"]));
    }
}
