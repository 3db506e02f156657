//! The archive that Mastodon, and what speaks its language, gives to the owner of an account: `outbox.json`, with `actor.json` beside it.
//!
//! ```text
//! {"type": "OrderedCollection", "orderedItems": [{"type": "Create", "object": {"type": "Note", "content": "<p>…</p>", …}}, …]}
//! ```
//!
//! A post is public where it is addressed to everyone; others, for followers or for some people, are left out and counted unless
//! `--chat followers` or `--chat direct` takes them. Of a post of somebody else that was boosted, the outbox has nothing but its address.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::io;

use serde_json::Value;

use super::date::{parse_date, take_date};
use super::error::IngestError;
use super::files::{Part, Parts};
use super::format::{Entry, ReadContext, Reader, Removed, Sample};
use super::html::{Node, prose};
use super::json::object::{Object, addresses, field, language, scalar};
use super::json::outline::{self, At, List, Sketch, Walk};
use super::owners::{Owners, folder_of};
use crate::record::{Attachment, Forward, Poll, PollAnswer, Record};

/// How everyone is addressed.
const PUBLIC: [&str; 3] = ["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"];

/// What somebody may have done.
const ACTIVITIES: [&str; 14] = [
    "Create", "Update", "Announce", "Delete", "Undo", "Like", "Dislike", "Follow", "Add", "Remove", "Accept", "Reject",
    "Block", "Move",
];

/// Who may read a post that is not for everyone.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Reach {
    Followers,
    /// Fewer than all followers.
    Direct,
}

impl Reach {
    /// What `--chat` calls it.
    fn chat(self) -> &'static str {
        match self {
            Self::Followers => "followers",
            Self::Direct => "direct",
        }
    }

    /// What the account says of such posts.
    fn reason(self) -> &'static str {
        match self {
            Self::Followers => "posts for followers alone",
            Self::Direct => "posts for those whom they name",
        }
    }
}

/// Whether a sample is an outbox, or says who an account is.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let sketch = Sketch::new(sample, "orderedItems");
    let speaks = sketch.member("@context").is_some_and(|context| context.to_string().contains("activitystreams"));
    let is_account = speaks && sketch.member("inbox").is_some() && sketch.member("outbox").is_some();
    // Members come in whichever order a program gave them, so that what the list holds has to show it.
    let is_outbox = match &sketch.first {
        Some(first) => is_activity(first),
        // The first post goes on after the sample, or is none.
        None => sketch.has_list && speaks && sample.is_cut(),
    };
    let is_list = || Sketch::new(sample, "").first.as_ref().is_some_and(is_activity);
    is_account || is_outbox || is_list()
}

/// Whether an object says what somebody did, and to whom it is told.
pub(super) fn is_activity(object: &Object) -> bool {
    let kind = object.get("type").and_then(Value::as_str);
    kind.is_some_and(|kind| ACTIVITIES.contains(&kind))
        && object.has("object")
        && ["actor", "to", "cc"].iter().any(|name| object.has(name))
}

/// Reads outboxes.
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    outline::read(
        parts,
        Walker {
            context,
            actor: Object::default(),
            accounts: Owners::default(),
            place: String::new(),
            account: Account::default(),
            left: BTreeMap::new(),
            taken: BTreeMap::new(),
        },
    )
}

/// Whose posts they are.
#[derive(Clone, Default)]
struct Account {
    /// Address by which posts name it.
    id: Option<String>,
    name: Option<String>,
    /// `@name@host`.
    handle: Option<String>,
}

struct Walker<'a> {
    context: &'a ReadContext,
    /// Members of the root of the current file.
    actor: Object,
    accounts: Owners<Account>,
    /// The folder of the current file, and whose posts are in it.
    place: String,
    account: Account,
    /// Posts that are left out, and taken, though they are not for everyone.
    left: BTreeMap<Reach, u64>,
    taken: BTreeMap<Reach, u64>,
}

impl Walk for Walker<'_> {
    fn begin(&mut self, part: &mut Part<'_>) -> io::Result<Option<List>> {
        self.actor = Object::default();
        folder_of(&part.file).clone_into(&mut self.place);
        self.account = self.accounts.of(&self.place).cloned().unwrap_or_default();
        Ok(Some(List::named(if outline::is_list(part)? { "" } else { "orderedItems" })))
    }

    fn member(&mut self, name: &str, value: Value) {
        self.actor.put(name, value);
    }

    /// Of what cannot be read nobody knows whom it was for.
    fn is_quoted(&self) -> bool {
        false
    }

    fn element(&mut self, mut activity: Object, at: &At<'_>, entries: &mut VecDeque<Entry>) {
        let Some(reach) = reach(&activity) else { return entries.push_back(self.activity(&mut activity, at)) };
        let is_wanted = self.context.options.chats.has(reach.chat(), |chat| chat == reach.chat());
        if is_wanted {
            let entry = self.activity(&mut activity, at);
            entries.push_back(entry);
        }
        let counts = if is_wanted { &mut self.taken } else { &mut self.left };
        *counts.entry(reach).or_default() += 1;
    }

    fn end(&mut self, _entries: &mut VecDeque<Entry>) {
        let actor = &mut self.actor;
        if actor.has("inbox") && actor.has("preferredUsername") {
            let name = actor.text("preferredUsername");
            let id = actor.text("id");
            let host = id.as_deref().and_then(host_of);
            let handle = name.as_ref().and_then(|name| Some(format!("@{name}@{}", host?)));
            self.accounts.put(&self.place, Account { name: actor.text("name").or(name), handle, id });
        }
    }

    fn finish(&mut self, entries: &mut VecDeque<Entry>) {
        for (reach, count) in std::mem::take(&mut self.left) {
            let (chat, reason) = (reach.chat(), reach.reason());
            entries.push_back(Entry::Removed(Removed { count, reason: reason.to_owned() }));
            entries.push_back(Entry::Hint(format!("`--chat {chat}` takes {reason}, {count} of them")));
        }
        for reach in std::mem::take(&mut self.taken).into_keys() {
            let hint = format!("{} are in the archive: whoever gets it can read them", reach.reason());
            entries.push_back(Entry::Hint(hint));
        }
    }
}

/// Who may read a post; `None` where anyone can. An activity and the post in it are addressed each by itself: where they differ, the
/// fewer count, and what names nobody is for nobody.
fn reach(activity: &Object) -> Option<Reach> {
    let object = activity.get("object");
    let activity = addressed(|key| activity.get(key));
    let post = addressed(|key| object.and_then(|object| object.get(key)));
    match (activity, post) {
        (Some(activity), Some(post)) => activity.max(post),
        (one, other) => one.or(other).unwrap_or(Some(Reach::Direct)),
    }
}

/// Who may read what has these members; nothing where it names nobody.
fn addressed<'a>(member: impl Fn(&str) -> Option<&'a Value>) -> Option<Option<Reach>> {
    let names: Vec<&str> = ["to", "cc"]
        .into_iter()
        .filter_map(member)
        .flat_map(|value| match value {
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
            value => value.as_str().into_iter().collect::<Vec<_>>(),
        })
        .collect();
    if names.is_empty() {
        return None;
    }
    if names.iter().any(|name| PUBLIC.contains(name)) {
        return Some(None);
    }
    let is_for_followers = names.iter().any(|name| name.ends_with("/followers"));
    Some(Some(if is_for_followers { Reach::Followers } else { Reach::Direct }))
}

impl Walker<'_> {
    fn activity(&self, activity: &mut Object, at: &At<'_>) -> Entry {
        let kind = activity.text("type").unwrap_or_default();
        let published = activity.text("published");
        let actor = activity.text("actor");
        let object = activity.take("object");
        let record = match (&*kind, object) {
            ("Create" | "Update", Some(Value::Object(note))) => {
                Object::of(Value::Object(note)).and_then(|note| self.note(note))
            }
            ("Announce", Some(object)) => boost(activity, &object),
            _ => return at.skipped("neither a post nor a boost of one", &kind),
        };
        let Some(mut record) = record else { return at.skipped("the post has no address", &kind) };
        record.source = at.source();
        if record.date.is_none() && record.flags.iter().all(|flag| flag != "date_unread") {
            take_date(&mut record, published.as_deref(), |text| parse_date(text, &self.context.time_zone));
        }
        record.channel = self.account.name.clone().or_else(|| name_of(actor.as_deref()?).map(str::to_owned));
        record.fields.extend(self.account.handle.as_ref().map(|handle| field("channel_handle", handle)));
        Entry::Record(Box::new(record))
    }

    /// A post of one's own.
    fn note(&self, mut note: Object) -> Option<Record> {
        let address = note.text("id")?;
        let mut record =
            Record { id: Some(last_of(&address).to_owned()), kind: "post".to_owned(), ..Record::default() };
        record.url = note.text("url").or_else(|| Some(address.clone()));
        take_date(&mut record, note.text("published").as_deref(), |text| parse_date(text, &self.context.time_zone));
        record.edited = note.text("updated");
        record.title = note.text("summary").or_else(|| note.text("name"));
        record.thread = note.text("conversation").or_else(|| note.text("context"));
        if let Some(to) = note.text("inReplyTo") {
            match self.own(&to) {
                Some(id) => record.reply_to = Some(id.to_owned()),
                None => record.fields.push(field("reply_to_url", &to)),
            }
        }
        let languages = note.object("contentMap");
        record.lang = languages.and_then(|map| map.only_key()).and_then(|tag| language(&tag));
        let content = note.text("content").unwrap_or_default();
        let mut text = prose::prose(&content, kind_of);
        text.trim();
        text.fill(&mut record);
        let mut urls = Vec::new();
        record.media = note.objects("attachment").map(|attachment| medium(attachment, &mut urls)).collect();
        record.fields.extend(addresses("media_urls", urls));
        let has_sensitive = note.flag("sensitive");
        record.flags.extend(has_sensitive.then(|| "sensitive".to_owned()));
        record.poll = poll(&mut note);
        fill_tags(note.objects("tag"), &mut record);
        for (count, name) in [("likes", "likes"), ("shares", "boosts")] {
            let number =
                note.object(count).and_then(|mut object| object.number("totalItems")).filter(|number| *number > 0);
            record.fields.extend(number.map(|number| (name.to_owned(), number.to_string())));
        }
        note.pass(&[
            "@context",
            "type",
            "attributedTo",
            "to",
            "cc",
            "atomUri",
            "inReplyToAtomUri",
            "replies",
            "signature",
            "shares",
            "likes",
            "interactionPolicy",
        ]);
        record.fields.extend(note.into_fields());
        Some(record)
    }

    /// The id of a post of this account.
    fn own<'b>(&self, address: &'b str) -> Option<&'b str> {
        let rest = address.strip_prefix(self.account.id.as_deref()?)?;
        rest.starts_with('/').then(|| last_of(address))
    }
}

/// Somebody's post that was posted on: its address, and perhaps itself.
fn boost(activity: &mut Object, object: &Value) -> Option<Record> {
    let id = activity.text("id")?;
    let id = id.strip_suffix("/activity").unwrap_or(&id);
    let url = scalar(object).or_else(|| object.get("id").and_then(scalar))?;
    let name = name_of(&url).map_or_else(
        || url.clone(),
        |name| match host_of(&url) {
            Some(host) => format!("@{name}@{host}"),
            None => name.to_owned(),
        },
    );
    let mut record = Record { id: Some(last_of(id).to_owned()), kind: "post".to_owned(), ..Record::default() };
    let content = object.get("content").and_then(Value::as_str).unwrap_or_default();
    prose::prose(content, kind_of).fill(&mut record);
    record.forwarded_from = Some(Forward { name, id: Some(last_of(&url).to_owned()), url: Some(url.clone()) });
    record.links.push(url);
    Some(record)
}

/// What an element of a post means: mentions and tags are links of a class of their own.
fn kind_of(node: Node<'_>, covered: &str) -> (&'static str, Option<String>) {
    if node.name() == "a" && node.has_classes("hashtag") && covered.starts_with('#') {
        return ("hashtag", None);
    }
    if node.name() == "a" && node.has_classes("mention") && covered.starts_with('@') {
        return ("mention", node.attribute("href").map(str::to_owned));
    }
    prose::kind_of(node, covered)
}

/// Tags and mentions that stand beside the text. A post may have very many, and none is looked for among all the others.
fn fill_tags(tags: impl Iterator<Item = Object>, record: &mut Record) {
    let mut known: HashSet<String> = record.tags.iter().map(|tag| tag.to_lowercase()).collect();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (name, place) in record.mentions.iter().zip(0..) {
        places.entry(name.clone()).or_insert(place);
    }
    for mut tag in tags {
        let (kind, name) = (tag.text("type").unwrap_or_default(), tag.text("name").unwrap_or_default());
        match &*kind {
            "Hashtag" => {
                let name = name.trim_start_matches('#');
                if !name.is_empty() && known.insert(name.to_lowercase()) {
                    record.tags.push(name.to_owned());
                }
            }
            "Mention" => {
                // In the text the host is left out; who is meant is said in full.
                let name = name.trim_start_matches('@');
                let short = name.split('@').next().unwrap_or(name);
                let place = [short, name].into_iter().filter_map(|name| places.get(name)).min().copied();
                match place.and_then(|place| record.mentions.get_mut(place)) {
                    Some(said) => {
                        places.remove(said);
                        name.clone_into(said);
                    }
                    None if name.is_empty() => continue,
                    None => record.mentions.push(name.to_owned()),
                }
                places.entry(name.to_owned()).or_insert(place.unwrap_or(record.mentions.len() - 1));
            }
            _ => {}
        }
    }
}

/// A file of a post; its address goes to `urls` where it is elsewhere.
fn medium(mut attachment: Object, urls: &mut Vec<String>) -> Attachment {
    let media_type = attachment.text("mediaType").unwrap_or_default();
    let kind = match media_type.split('/').next().unwrap_or_default() {
        "image" => "photo",
        "video" => "video",
        "audio" => "audio",
        _ => "file",
    };
    let url = attachment.text("url");
    // An archive has its media beside it; others name them by their address.
    let path = url.as_deref().filter(|url| !url.contains("://")).map(|url| url.trim_start_matches('/').to_owned());
    let name = attachment.text("name").or_else(|| Some(last_of(url.as_deref()?).to_owned()));
    urls.extend(url.filter(|_| path.is_none()));
    Attachment { kind: kind.to_owned(), name, size: None, duration: None, path }
}

/// A question, which is a post with answers to choose from.
fn poll(note: &mut Object) -> Option<Poll> {
    let options: Vec<Object> = note.objects("oneOf").chain(note.objects("anyOf")).collect();
    let answers: Vec<PollAnswer> = options
        .into_iter()
        .map(|mut option| PollAnswer {
            text: option.text("name").unwrap_or_default(),
            votes: option.object("replies").and_then(|mut replies| replies.number("totalItems")),
        })
        .collect();
    let voters = note.number("votersCount");
    (!answers.is_empty()).then_some(Poll { question: String::new(), answers, voters })
}

/// The last part of an address.
fn last_of(address: &str) -> &str {
    address.trim_end_matches('/').rsplit('/').next().unwrap_or(address)
}

fn host_of(address: &str) -> Option<&str> {
    address.split_once("://")?.1.split('/').next().filter(|host| !host.is_empty())
}

/// The name of an account in its address, or in that of a post of it.
fn name_of(address: &str) -> Option<&str> {
    let (_, path) = address.split_once("://")?;
    let mut parts = path.split('/').skip(1);
    while let Some(part) = parts.next() {
        if let Some(name) = part.strip_prefix('@') {
            return Some(name);
        }
        if part == "users" {
            return parts.next().filter(|name| !name.is_empty());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::files::{records, several};

    #[test]
    fn addresses_tell_who_and_where() {
        let check = |address: &str, host, name, last: &str| {
            assert_eq!((host_of(address), name_of(address), last_of(address)), (host, name, last), "{address}");
        };
        check("https://a.example/users/marta/statuses/7", Some("a.example"), Some("marta"), "7");
        check("https://a.example/@marta/7/", Some("a.example"), Some("marta"), "7");
        check("https://a.example/notes/9", Some("a.example"), None, "9");
        check("x", None, None, "x");
    }

    #[test]
    fn posts_are_public_where_they_are_addressed_to_everyone() {
        let check = |json: &str, expected| {
            assert_eq!(reach(&Object::of(serde_json::from_str(json).unwrap()).unwrap()), expected, "{json}");
        };
        check(r#"{"to":["https://www.w3.org/ns/activitystreams#Public"]}"#, None);
        check(r#"{"cc":"as:Public","to":[]}"#, None);
        check(r#"{"to":["https://a.example/users/m/followers"],"object":{"cc":[]}}"#, Some(Reach::Followers));
        check(r#"{"to":["https://a.example/users/b"],"object":"https://x"}"#, Some(Reach::Direct));
        check("{}", Some(Reach::Direct));
        // What an activity says of a post does not widen it, nor the other way round.
        check(r#"{"to":"as:Public","object":{"to":["https://a.example/users/b"]}}"#, Some(Reach::Direct));
        check(r#"{"to":["https://a.example/users/m/followers"],"object":{"to":"as:Public"}}"#, Some(Reach::Followers));
        check(r#"{"to":"as:Public","object":{"to":[],"cc":[]}}"#, None);
    }

    #[test]
    fn accounts_keep_their_posts_and_dates_that_cannot_be_read_are_told() {
        let actor = |name: &str| {
            format!(
                r#"{{"id":"https://m.example/users/{name}","inbox":"i","outbox":"o","preferredUsername":"{name}"}}"#
            )
        };
        let outbox = |name: &str| {
            format!(
                r#"{{"orderedItems":[{{"type":"Create","to":"as:Public","published":"soon","object":{{"type":"Note","id":"https://m.example/users/{name}/statuses/1","content":"a"}}}},
                {{"type":"Create","to":"as:Public","published":"2024","object":{{"type":"Note","id":"https://m.example/users/{name}/statuses/2","published":"later"}}}}]}}"#
            )
        };
        let parts = several(vec![
            ("e/a/actor.json", actor("anna")),
            ("e/b/actor.json", actor("bob")),
            ("e/a/outbox.json", outbox("anna")),
            ("e/b/outbox.json", outbox("bob")),
        ]);
        let context = ReadContext::new("e", jiff::tz::TimeZone::UTC);
        let found = records(read(parts, &context));
        let channels: Vec<_> = found.iter().filter_map(|record| record.channel.as_deref()).collect();
        assert_eq!(channels, ["anna", "anna", "bob", "bob"]);
        for (record, written) in found.iter().zip(["\"soon\"", "\"later\"", "\"soon\"", "\"later\""]) {
            assert_eq!((&*record.flags, record.date.is_none()), (&["date_unread".to_owned()][..], true));
            assert!(record.fields.contains(&("date_written".to_owned(), written.to_owned())), "{record:?}");
        }
    }
}
