//! The archive that X, once Twitter, gives to the owner of an account: `data/tweets.js` and what belongs to it.
//!
//! ```text
//! window.YTD.tweets.part0 = [ {"tweet": {"id_str": "7", "full_text": "…", "created_at": "Tue Mar 19 15:46:29 +0000 2019", …}}, … ]
//! ```
//!
//! Older archives write `tweet.js`, and posts without the `tweet` around them. `account.js` says whose they are, `note-tweet.js` has the
//! whole of long posts. Posts of communities are taken too. Direct messages, posts for a circle and posts that were deleted are counted, and
//! nothing of them is read; every other file beside them is left alone.
//!
//! Places of tags, mentions and links are given in an unclear unit, so they are looked for in the text instead. The short address of a
//! link gives way to the one that it leads to.

use std::collections::{HashMap, VecDeque};
use std::io::{self, BufRead as _, Read as _};

use super::date::{formatted_date, parse_date, take_date};
use super::error::IngestError;
use super::escapes::unescaped;
use super::files::{Part, Parts};
use super::format::{Entry, ReadContext, Reader, Removed, Sample, Skipped};
use super::html::prose;
use super::json::object::{Object, field, language, scalar};
use super::json::outline::{self, At, List, Walk};
use super::owners::{Owners, folder_of};
use super::rich_text::RichText;
use crate::record::{Attachment, Forward, Place, Poll, PollAnswer, Reaction, Record};

/// Longest beginning of a file before its list, in bytes.
const MAX_PREFIX_LEN: u64 = 256;

/// How dates are written.
const DATE_FORMAT: &str = "%a %b %d %H:%M:%S %z %Y";

/// Characters of a long post by which it is found again: more than chance repeats, fewer than a post that is cut keeps.
const NOTE_KEY_CHARS: usize = 100;

/// Seconds between a post and the whole of it: they are written down at once, and two that begin alike seldom are.
const MAX_NOTE_GAP: u64 = 5 * 60;

/// Bytes of long posts that are held, since the posts that they belong to come later.
const MAX_NOTES_LEN: usize = 256 << 20;

/// Long posts that begin alike and are told apart by their time: each is held against every post that begins so.
const MAX_ALIKE: usize = 10_000;

/// Longest handle that X gives out, in letters.
const MAX_HANDLE_LEN: usize = 15;

/// Tags, mentions and links of a post that are looked for: each is, at every character of the text.
const MAX_MARKS: usize = 500;

/// What a file of the archive holds, by the name of its list.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Kind {
    Account,
    Notes,
    #[default]
    Posts,
    Deleted,
    /// Posts for those whom the account had chosen.
    Circle,
    Messages,
}

/// The kind of the file that begins with this, and its length up to the list.
fn kind_of(head: &str) -> Option<(Kind, usize)> {
    let text = head.trim_start_matches('\u{feff}').trim_start();
    let (name, rest) = text.strip_prefix("window.YTD.")?.split_once('.')?;
    let rest = rest.strip_prefix("part")?.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    let list = rest.strip_prefix('=')?;
    let kind = match name {
        "account" => Kind::Account,
        "note_tweet" => Kind::Notes,
        "tweets" | "tweet" | "community_tweet" => Kind::Posts,
        "deleted_tweets" | "deleted_tweet" => Kind::Deleted,
        "twitter_circle_tweet" => Kind::Circle,
        "direct_messages" | "direct_message" | "direct_messages_group" | "direct_message_group_headers" => {
            Kind::Messages
        }
        _ => return None,
    };
    Some((kind, head.len() - list.len()))
}

/// Whether a sample is a file of the archive that is read, or counted.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    sample.lines().iter().find(|line| !line.trim().is_empty()).is_some_and(|line| kind_of(line).is_some())
}

/// Reads the files of an archive.
pub(super) fn read<'a>(parts: Parts<'a>, _context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    outline::read(parts, Walker::default())
}

/// Whose posts they are.
#[derive(Clone, Default)]
struct Account {
    id: Option<String>,
    handle: Option<String>,
    name: Option<String>,
}

/// The whole of a long post.
struct Note {
    text: String,
    /// When it was written, in seconds since 1970.
    seconds: Option<i64>,
    file: String,
    place: Place,
    /// Whether a post was found that it is the whole of.
    is_used: bool,
}

#[derive(Default)]
struct Walker {
    accounts: Owners<Account>,
    /// The folder of the current file, and whose posts are in it.
    place: String,
    account: Account,
    /// Long posts by how they begin.
    notes: HashMap<String, Vec<Note>>,
    notes_len: usize,
    /// What the current file holds.
    kind: Kind,
    /// Where media of its posts stand.
    folder: &'static str,
    /// Deleted posts, posts for a circle, and direct messages.
    removed: [u64; 3],
}

impl Walk for Walker {
    fn begin(&mut self, part: &mut Part<'_>) -> io::Result<Option<List>> {
        let mut prefix = Vec::new();
        part.input.by_ref().take(MAX_PREFIX_LEN).read_until(b'=', &mut prefix)?;
        let Some((kind, _)) = kind_of(&String::from_utf8_lossy(&prefix)) else { return Ok(None) };
        self.kind = kind;
        folder_of(&part.file).clone_into(&mut self.place);
        self.account = self.accounts.of(&self.place).cloned().unwrap_or_default();
        let is_old = prefix.windows(11).any(|name| name == b".YTD.tweet.");
        self.folder = if is_old { "tweet_media" } else { "tweets_media" };
        Ok(Some(List { name: "", offset: prefix.len() as u64 }))
    }

    fn is_quoted(&self) -> bool {
        self.kind == Kind::Posts
    }

    fn element(&mut self, mut element: Object, at: &At<'_>, entries: &mut VecDeque<Entry>) {
        match self.kind {
            Kind::Account => self.accounts.put(&self.place, account(element)),
            Kind::Notes => self.note(element, at, entries),
            Kind::Deleted => self.removed[0] += 1,
            Kind::Circle => self.removed[1] += 1,
            Kind::Messages => {
                let mut conversation = element.object("dmConversation").unwrap_or_default();
                self.removed[2] += conversation.list("messages").len() as u64;
            }
            Kind::Posts => {
                let post = element.object("tweet").unwrap_or(element);
                entries.push_back(match self.post(post) {
                    Some(record) => Entry::Record(Box::new(Record { source: at.source(), ..record })),
                    None => at.skipped("the post has no id", ""),
                });
            }
        }
    }

    fn finish(&mut self, entries: &mut VecDeque<Entry>) {
        let reasons = [
            "posts that their author deleted",
            "posts for a circle, which few may read",
            "direct messages, which nobody else may read",
        ];
        for (count, reason) in self.removed.into_iter().zip(reasons).filter(|(count, _)| *count > 0) {
            entries.push_back(Entry::Removed(Removed { count, reason: reason.to_owned() }));
        }
        let notes = std::mem::take(&mut self.notes).into_values().flatten();
        let mut unused: Vec<Note> = notes.filter(|note| !note.is_used).collect();
        let start = |place: &Place| match place {
            Place::Lines(start, _) | Place::Bytes(start, _) => *start,
        };
        unused.sort_by(|one, other| (&one.file, start(&one.place)).cmp(&(&other.file, start(&other.place))));
        // What it says is not quoted: the post may be one that was deleted, or was for a circle.
        entries.extend(unused.into_iter().map(|note| {
            let reason = "a long post that is the whole of none that was read".to_owned();
            Entry::Skipped(Skipped { file: note.file, place: note.place, reason, excerpt: String::new() })
        }));
    }
}

/// Of what was posted on, whose it is and the rest of the text; nothing where somebody only began a text so.
fn posted_on(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.strip_prefix("RT @")?.split_once(": ")?;
    let is_handle = (1..=MAX_HANDLE_LEN).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_handle.then_some((name, rest))
}

fn account(mut element: Object) -> Account {
    let mut account = element.object("account").unwrap_or_default();
    Account {
        id: account.text("accountId"),
        handle: account.text("username"),
        name: account.text("accountDisplayName"),
    }
}

impl Walker {
    /// Keeps the whole of a long post.
    fn note(&mut self, mut element: Object, at: &At<'_>, entries: &mut VecDeque<Entry>) {
        let mut note = element.object("noteTweet").unwrap_or_default();
        let Some(text) = note.object("core").and_then(|mut core| core.text("text")) else {
            return entries.push_back(at.skipped("a long post without its text", ""));
        };
        let text = unescaped(&text);
        self.notes_len += text.len();
        if self.notes_len > MAX_NOTES_LEN {
            return entries.push_back(at.skipped("more long posts than are held", ""));
        }
        let date = note.text("createdAt").and_then(|text| parse_date(&text, &jiff::tz::TimeZone::UTC));
        let alike = self.notes.entry(note_key(&text)).or_default();
        if alike.len() >= MAX_ALIKE {
            return entries.push_back(at.skipped("more long posts begin so than are told apart", ""));
        }
        alike.push(Note {
            text,
            seconds: date.map(|date| date.seconds),
            file: at.file.to_owned(),
            place: at.place.clone(),
            is_used: false,
        });
    }

    fn post(&mut self, mut post: Object) -> Option<Record> {
        let id = post.text("id_str").or_else(|| post.text("id"))?;
        post.pass(&["id", "id_str", "retweeted", "favorited", "truncated", "display_text_range"]);
        let mut record = Record { id: Some(id.clone()), kind: "post".to_owned(), ..Record::default() };
        let handle = self.account.handle.clone();
        let handle = handle.as_deref();
        record.channel = self.account.name.clone().or_else(|| self.account.handle.clone());
        record.url = Some(format!("https://x.com/{}/status/{id}", handle.unwrap_or("i/web")));
        record.fields.extend(handle.map(|handle| field("channel_handle", handle)));
        take_date(&mut record, post.text("created_at").as_deref(), |text| formatted_date(text, DATE_FORMAT));
        record.lang = post.text("lang").and_then(|lang| language(&lang)).map(|lang| match &*lang {
            "in" => "id".to_owned(),
            "iw" => "he".to_owned(),
            _ => lang,
        });
        self.answer(&mut post, &mut record);

        let mut entities = post.object("entities").unwrap_or_default();
        let mut extended = post.object("extended_entities").unwrap_or_default();
        let mut media: Vec<Object> = extended.objects("media").collect();
        let plain: Vec<Object> = entities.objects("media").collect();
        if media.is_empty() {
            media = plain;
        }
        let text = unescaped(&post.text("full_text").or_else(|| post.text("text")).unwrap_or_default());
        let mut text = self.whole(text, &id, record.date.as_ref().map(|date| date.seconds));
        if let Some((name, rest)) = posted_on(&text) {
            record.forwarded_from =
                Some(Forward { name: name.to_owned(), id: None, url: Some(format!("https://x.com/{name}")) });
            text = rest.to_owned();
            // Of what was posted on, only the first 140 characters are in the archive.
            if text.ends_with('…') {
                record.flags.push("elided".to_owned());
            }
        }
        let links: Vec<Object> = entities.objects("urls").collect();
        for medium in &mut media {
            if let Some(short) = medium.text("url") {
                text = text.replace(&short, "");
            }
        }
        let marks = Marks::new(&mut entities, links);
        record.fields.extend(marks.quoted(&id).map(|url| field("quoted_url", url)));
        marks.mark(text.trim_end()).fill(&mut record);
        let is_foreign = record.forwarded_from.is_some();
        record.media = media.into_iter().map(|medium| self.medium(medium, &id, is_foreign)).collect();
        record.poll = poll(&mut post);

        let likes = post.number("favorite_count").filter(|count| *count > 0);
        record.reactions.extend(likes.map(|count| Reaction { emoji: "❤".to_owned(), count }));
        if let Some(count) = post.number("retweet_count").filter(|count| *count > 0) {
            record.fields.push(("retweets".to_owned(), count.to_string()));
        }
        if let Some(client) = post.text("source") {
            record.fields.push(field("client", &prose::prose(&client, prose::kind_of).text));
        }
        if is_edited(&mut post, &id) {
            record.flags.push("edited".to_owned());
        }
        record.fields.extend(post.into_fields());
        Some(record)
    }

    /// Which post it answers: one of the same account, or somebody else's, which stands elsewhere.
    fn answer(&self, post: &mut Object, record: &mut Record) {
        let to = post.text("in_reply_to_status_id_str").or_else(|| post.text("in_reply_to_status_id"));
        let whose = post.text("in_reply_to_user_id_str").or_else(|| post.text("in_reply_to_user_id"));
        let name = post.text("in_reply_to_screen_name");
        post.pass(&["in_reply_to_status_id", "in_reply_to_user_id"]);
        let is_own = self.account.id.is_some() && whose == self.account.id;
        match to {
            Some(id) if is_own || self.account.id.is_none() => record.reply_to = Some(id),
            Some(id) => {
                let name = name.unwrap_or_else(|| "i/web".to_owned());
                record.fields.push(field("reply_to_url", &format!("https://x.com/{name}/status/{id}")));
            }
            None => record.fields.extend(name.map(|name| field("reply_to_url", &format!("https://x.com/{name}")))),
        }
    }

    /// The whole of a post of which the archive has only the beginning: a longer one that begins so and was written at that time. Each is
    /// the whole of one post, and of several the nearest in time.
    fn whole(&mut self, text: String, id: &str, seconds: Option<i64>) -> String {
        let is_cut = text.contains('…') || text.contains(&format!("/status/{id}"));
        let notes = self.notes.get_mut(&note_key(&text)).into_iter().flatten();
        // Where one of the two has no time, how they begin must do.
        let gap = |note: &Note| note.seconds.zip(seconds).map_or(MAX_NOTE_GAP, |(one, other)| one.abs_diff(other));
        let fitting = notes.filter(|note| !note.is_used && gap(note) <= MAX_NOTE_GAP);
        let Some(note) = fitting.min_by_key(|note| gap(note)) else { return text };
        if is_cut && note.text.len() > text.len() / 2 {
            note.is_used = true;
            return note.text.clone();
        }
        // Some archives have long posts whole already.
        note.is_used = note.text.trim() == text.trim();
        text
    }

    fn medium(&self, mut medium: Object, id: &str, is_foreign: bool) -> Attachment {
        let kind = if medium.text("type").as_deref() == Some("photo") { "photo" } else { "video" };
        let mut info = medium.object("video_info").unwrap_or_default();
        let duration = info.number("duration_millis").map(|millis| millis / 1000);
        let variants = info.objects("variants").filter_map(|mut variant| {
            Some((
                variant.number("bitrate").unwrap_or_default(),
                variant.text("url").filter(|url| url.contains(".mp4"))?,
            ))
        });
        let best = variants.max_by_key(|(bitrate, _)| *bitrate).map(|(_, url)| url);
        let address = best.or_else(|| medium.text("media_url_https")).or_else(|| medium.text("media_url"));
        let name = address.and_then(|address| {
            let path = address.split(['?', '#']).next()?;
            path.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned)
        });
        // The archive has the files of its own posts.
        let path = name.as_ref().filter(|_| !is_foreign).map(|name| format!("{}/{id}-{name}", self.folder));
        let name = medium.text("ext_alt_text").or(name);
        Attachment { kind: kind.to_owned(), name, size: None, duration, path }
    }
}

/// How a long post begins.
fn note_key(text: &str) -> String {
    text.chars().take(NOTE_KEY_CHARS).collect()
}

/// Whether the post is the last of several versions.
fn is_edited(post: &mut Object, id: &str) -> bool {
    let mut info = post.object("edit_info").unwrap_or_default();
    let ids = |mut of: Object| of.list("editTweetIds");
    let nested = info.object("edit").map(|mut edit| edit.object("editControlInitial").map(ids).unwrap_or_default());
    let ids = info.object("initial").map(ids).or(nested).unwrap_or_default();
    ids.len() > 1 && ids.last().and_then(scalar).is_some_and(|last| last == id)
}

/// A poll, which only some archives have.
fn poll(post: &mut Object) -> Option<Poll> {
    let mut poll = post.object("poll")?;
    let answers = poll.objects("options").filter_map(|mut option| {
        let votes = option.number("votes");
        Some(PollAnswer { text: option.text("label").or_else(|| option.text("text"))?, votes })
    });
    Some(Poll { question: String::new(), answers: answers.collect(), voters: None })
}

/// What the source knows of the words of a post.
struct Marks {
    /// Short addresses, and where they lead.
    links: Vec<(String, String)>,
    /// Tags, mentions and cashtags with their signs, each with its kind.
    names: Vec<(String, &'static str, Option<String>)>,
}

impl Marks {
    fn new(entities: &mut Object, links: Vec<Object>) -> Self {
        let mut names = Vec::new();
        for (list, sign, kind) in [("hashtags", '#', "hashtag"), ("symbols", '$', "cashtag")] {
            for mut entity in entities.objects(list) {
                names.extend(entity.text("text").map(|text| (format!("{sign}{text}"), kind, None)));
            }
        }
        for mut entity in entities.objects("user_mentions") {
            let name = entity.text("screen_name");
            names.extend(name.map(|name| (format!("@{name}"), "mention", Some(format!("https://x.com/{name}")))));
        }
        // Of two names that begin alike the longer is looked for first.
        names.sort_by_key(|(name, ..)| std::cmp::Reverse(name.len()));
        names.truncate(MAX_MARKS);
        let links = links.into_iter().take(MAX_MARKS).filter_map(|mut link| {
            let short = link.text("url")?;
            let target = link.text("expanded_url").unwrap_or_else(|| short.clone());
            Some((short, target))
        });
        Self { links: links.collect(), names }
    }

    /// The post that is quoted: the last link to another.
    fn quoted(&self, own: &str) -> Option<&str> {
        let is_post = |url: &str| {
            let rest = url.strip_prefix("https://twitter.com/").or_else(|| url.strip_prefix("https://x.com/"));
            rest.and_then(|rest| rest.split_once("/status/"))
                .is_some_and(|(_, id)| id != own && id.starts_with(|c: char| c.is_ascii_digit()))
        };
        self.links.iter().rev().map(|(_, target)| target.as_str()).find(|target| is_post(target))
    }

    /// The text with its formatting, short addresses replaced.
    fn mark(&self, text: &str) -> RichText {
        let mut marked = RichText::default();
        let mut rest = text;
        let mut before = ' ';
        while let Some(c) = rest.chars().next() {
            let link = self.links.iter().find(|(short, _)| rest.starts_with(short.as_str()));
            let name = || self.names.iter().find(|(name, ..)| !before.is_alphanumeric() && begins_with(rest, name));
            let len = if let Some((short, target)) = link {
                marked.push(target, "link", Some(target.clone()));
                short.len()
            } else if let Some((name, kind, href)) = name() {
                marked.push(rest.get(..name.len()).unwrap_or_default(), kind, href.clone());
                name.len()
            } else {
                marked.text.push(c);
                c.len_utf8()
            };
            let (passed, ahead) = rest.split_at(len);
            before = passed.chars().next_back().unwrap_or(' ');
            rest = ahead;
        }
        marked
    }
}

/// Whether a text begins with a name, in whichever case, and the name ends there.
fn begins_with(text: &str, name: &str) -> bool {
    let Some((head, tail)) = text.split_at_checked(name.len()) else { return false };
    let ends = !tail.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    ends && (head == name || head.to_lowercase() == name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::files::{records, several};

    #[test]
    fn posted_on_is_what_names_a_handle() {
        assert_eq!(posted_on("RT @bob_1: hello: you"), Some(("bob_1", "hello: you")));
        for text in [
            "RT @bob what a lovely day, my view: see",
            "RT @: x",
            "RT @abcdefghijklmnop: x",
            "RT @b\u{f6}b: x",
            "RT bob: x",
        ] {
            assert_eq!(posted_on(text), None, "{text}");
        }
    }

    #[test]
    fn accounts_of_one_source_keep_their_posts() {
        let account = |name: &str| {
            format!(
                r#"window.YTD.account.part0 = [{{"account":{{"accountId":"{name}","username":"{name}","accountDisplayName":"{name}"}}}}]"#
            )
        };
        let posts =
            |id: &str| format!(r#"window.YTD.tweets.part0 = [{{"tweet":{{"id_str":"{id}","full_text":"a"}}}}]"#);
        let parts = several(vec![
            ("e/a/data/account.js", account("anna")),
            ("e/b/data/account.js", account("bob")),
            ("e/a/data/tweets.js", posts("1")),
            ("e/b/data/tweets.js", posts("2")),
        ]);
        let context = ReadContext::new("e", jiff::tz::TimeZone::UTC);
        let found: Vec<_> =
            records(read(parts, &context)).into_iter().map(|record| (record.channel, record.url)).collect();
        let expected = |name: &str, id: u8| (Some(name.to_owned()), Some(format!("https://x.com/{name}/status/{id}")));
        assert_eq!(found, [expected("anna", 1), expected("bob", 2)]);
    }
}
