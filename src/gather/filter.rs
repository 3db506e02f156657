//! Which records stay, and what stays of them, on request. It acts before anything is written; what it took is counted, never
//! kept.

use jiff::civil;
use jiff::tz::TimeZone;
use regex::Regex;
use serde_json::Value;

use super::{redact, unite};
use crate::ingest::parse_date;
use crate::record::{Date, Precision, Record, Source};
use crate::record_json::{self, KEYS};

/// Fields that no record can do without.
const NEEDED: [&str; 3] = ["uid", "kind", "source"];

/// What to leave out.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// First instant that stays, in seconds since 1970.
    pub since: Option<i64>,
    /// First instant that no longer stays, in seconds since 1970.
    pub until: Option<i64>,
    /// Fields and the values that one of them must have; several of one field add up.
    pub only: Vec<(String, String)>,
    /// Fields to leave out.
    pub drop: Vec<String>,
    /// What to make unreadable.
    pub redact: Vec<Regex>,
}

impl Filter {
    /// Whether it takes anything away.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.since.is_some()
            || self.until.is_some()
            || !(self.only.is_empty() && self.drop.is_empty() && self.redact.is_empty())
    }

    /// Whether a record stays. One without a date lies in no period.
    #[must_use]
    pub fn keeps(&self, record: &Record) -> bool {
        let seconds = record.date.as_ref().map(|date| date.seconds);
        if self.since.is_some_and(|since| seconds.is_none_or(|seconds| seconds < since))
            || self.until.is_some_and(|until| seconds.is_none_or(|seconds| seconds >= until))
        {
            return false;
        }
        if self.only.is_empty() {
            return true;
        }
        let object = record_json::to_json(record);
        self.only.iter().all(|(field, _)| {
            let values = object.get(field).map(labels).unwrap_or_default();
            self.only.iter().any(|(other, value)| other == field && values.contains(value))
        })
    }

    /// Takes from a record what is not to be kept of it; gives the number of places that became unreadable.
    pub fn strip(&self, record: &mut Record) -> u64 {
        self.drop.iter().for_each(|field| clear(record, field));
        if self.redact.is_empty() { 0 } else { redact::record(record, &self.redact) }
    }

    /// A text without what is to be unreadable.
    #[must_use]
    pub fn redacted(&self, text: &str) -> String {
        redact::text(text, &self.redact).0
    }
}

/// The first instant that a date names, and the first after what it names, in seconds since 1970.
#[must_use]
pub fn period(text: &str, zone: &TimeZone) -> Option<(i64, i64)> {
    let Date { text, seconds, precision } = parse_date(text, zone)?;
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let day = || {
        let month = i8::try_from(number(5..7).unwrap_or(1)).ok()?;
        let day = i8::try_from(number(8..10).unwrap_or(1)).ok()?;
        civil::Date::new(number(0..4)?, month, day).ok()
    };
    let next = match precision {
        Precision::Year => civil::Date::new(number(0..4)?.checked_add(1)?, 1, 1).ok()?,
        Precision::Month => {
            let (year, month) = (number(0..4)?, number(5..7)?);
            let (year, month) = if month == 12 { (year.checked_add(1)?, 1) } else { (year, month + 1) };
            civil::Date::new(year, i8::try_from(month).ok()?, 1).ok()?
        }
        Precision::Day => day()?.tomorrow().ok()?,
        Precision::Second | Precision::LocalSecond => return Some((seconds, seconds.checked_add(1)?)),
    };
    let end = zone.to_ambiguous_timestamp(next.at(0, 0, 0, 0)).compatible().ok()?.as_second();
    Some((seconds, end))
}

/// The name of a field as records have it; `None` where no record can do without it.
#[must_use]
pub fn droppable(name: &str) -> Option<&str> {
    (!NEEDED.contains(&name)).then_some(name)
}

/// What a value is called: a scalar by itself, an object by its name or kind, a list by each of its values.
fn labels(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(flag) => vec![flag.to_string()],
        Value::Array(values) => values.iter().flat_map(labels).collect(),
        Value::Object(object) => {
            ["name", "kind", "emoji"].iter().filter_map(|key| object.get(*key)).flat_map(labels).collect()
        }
        Value::Null => Vec::new(),
    }
}

/// Names under which readers and tables keep what goes with a field, beside those that begin with its own name and `_`, such as
/// `author_username` or `views_shown`.
const COMPANIONS: [(&str, &[&str]); 10] = [
    ("author", AUTHOR),
    ("channel", &["guild", "url"]),
    ("date", &["published", "timestamp", "unix_timestamp"]),
    ("edited", &["edit_date", "timestamp_edited", "unix_timestamp_edited"]),
    ("forwarded_from", &["fwd_from", "saved_from", "timestamp_forwarded_from", "unix_timestamp_forwarded_from"]),
    ("id", &["url"]),
    ("links", LINKS),
    ("media", MEDIA),
    ("text", &["game_description", "game_link", "game_title", "invoice_information", "media_text", "todo_list"]),
    ("url", &["saved_from"]),
];

/// What readers and tables keep of those who wrote, did or answered something.
const AUTHOR: &[&str] = &[
    "actor",
    "actor_id",
    "address",
    "from",
    "from_id",
    "inviter",
    "inviter_id",
    "members",
    "reactions_recent",
    "sender",
    "sender_id",
    "user",
    "user_id",
];

/// Where else an address may stand that a post leads to.
const LINKS: &[&str] = &[
    "inline_bot_buttons",
    "link_preview",
    "link_preview_description",
    "link_preview_site",
    "link_preview_title",
    "webpage",
    "webpage_description",
    "webpage_title",
];

/// What readers keep of media beside them.
const MEDIA: &[&str] = &[
    "address",
    "contact_information",
    "contact_phone",
    "contact_vcard",
    "duration_seconds",
    "file_name",
    "file_size",
    "height",
    "invoice_information",
    "live_location_period_seconds",
    "location_information",
    "mime_type",
    "paid_media",
    "performer",
    "photo_file_size",
    "place_name",
    "sticker_emoji",
    "thumbnail",
    "thumbnail_file_size",
    "width",
];

/// Whether a field says the same as another one, or more of it.
fn goes_with(name: &str, field: &str) -> bool {
    let stem = match field {
        "forwarded_from" => "forwarded",
        "reply_to" => "reply",
        field => field,
    };
    let extends = |stem: &str| name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('_'));
    let is_companion = |(of, names): &(&str, &[&str])| *of == field && names.contains(&name);
    // What a record has of its own under such a name is dropped by that name.
    let is_known = KEYS.contains(&name) && name != field && name != "url";
    !is_known && (name == field || extends(stem) || COMPANIONS.iter().any(is_companion))
}

/// Whether a record has a field, or what goes with it.
pub(super) fn has(record: &serde_json::Map<String, Value>, field: &str) -> bool {
    record.keys().any(|name| goes_with(name, field))
}

/// Whether an address says who wrote: that of a tweet does.
fn says_author(url: &str, record: &Record) -> bool {
    let handles = record.fields.iter().filter(|(name, _)| name == "author_username");
    let handles = handles.filter_map(|(_, json)| serde_json::from_str::<String>(json).ok());
    let names = handles.chain(record.author.clone());
    let is_author = |part: &str| names.clone().any(|name| name.eq_ignore_ascii_case(part.trim_start_matches('@')));
    url.split(['/', '?', '#']).any(|part| !part.is_empty() && is_author(part))
}

/// Takes a field away, also from what other sources had in its place, and what goes with it.
fn clear(record: &mut Record, field: &str) {
    if field == "author" && record.url.as_ref().is_some_and(|url| says_author(url, record)) {
        record.url = None;
        unite::forget(record, |name| name == "url");
    }
    record.fields.retain(|(own, _)| !goes_with(own, field));
    unite::forget(record, |name| goes_with(name, field));
    if field == "channel" {
        // A channel that writes itself is called by its number there too.
        let is_channels = |(name, json): &(String, String)| {
            matches!(&**name, "actor_id" | "from_id") && json.starts_with("\"channel")
                || name == "title_" && record.kind == "service"
        };
        record.fields.retain(|field| !is_channels(field));
    }
    // Telegram's own sentence of what was done says who did it, and what a channel is called.
    if (field == "author" || field == "channel") && record.kind == "service" {
        clear_known(record, "text");
        unite::forget(record, |name| name == "text" || name == "spans");
    }
    for name in KEYS.iter().filter(|name| goes_with(name, field) && droppable(name).is_some()) {
        clear_known(record, name);
    }
}

fn clear_known(record: &mut Record, field: &str) {
    match field {
        "id" => record.id = None,
        "date" => record.date = None,
        "author" => record.author = None,
        "channel" => record.channel = None,
        "forwarded_from" => record.forwarded_from = None,
        "reply_to" => record.reply_to = None,
        "thread" => record.thread = None,
        "album" => record.album = None,
        "title" => record.title = None,
        "text" => {
            record.text.clear();
            record.spans.clear();
        }
        "spans" => record.spans.clear(),
        "tags" => record.tags.clear(),
        "mentions" => record.mentions.clear(),
        "links" => {
            record.links.clear();
            record.spans.retain(|span| span.kind != "link");
        }
        "media" => record.media.clear(),
        "poll" => {
            // What a poll asks may stand as the title too.
            if record.poll.take().is_some_and(|poll| record.title.as_ref() == Some(&poll.question)) {
                record.title = None;
            }
        }
        "reactions" => record.reactions.clear(),
        "views" => record.views = None,
        "edited" => record.edited = None,
        "flags" => record.flags.clear(),
        "dates_mentioned" => record.dates_mentioned.clear(),
        "lang" => record.lang = None,
        "url" => record.url = None,
        _ => record.source = Source { file: std::mem::take(&mut record.source.file), ..Source::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(json: &str) -> Record {
        record_json::from_json(serde_json::from_str(json).unwrap(), &TimeZone::UTC)
    }

    #[test]
    fn periods_end_where_the_next_begins() {
        let check = |text: &str, next: &str| {
            let first = |text| period(text, &TimeZone::UTC).unwrap().0;
            assert_eq!(period(text, &TimeZone::UTC), Some((first(text), first(next))), "{text}");
        };
        check("2024", "2025");
        check("2024-12", "2025-01");
        check("2024-02", "2024-03");
        check("2024-02-29", "2024-03-01");
        check("2024-02-29T10:00:00Z", "2024-02-29T10:00:01Z");
        assert_eq!(period("soon", &TimeZone::UTC), None);
    }

    #[test]
    fn keeps_what_is_asked_for() {
        let only = |pairs: &[(&str, &str)]| Filter {
            only: pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect(),
            ..Filter::default()
        };
        let post = record(
            r#"{"text":"a","author":"m","tags":["x","y"],"n":3,"forwarded_from":{"name":"r"},"date":"2024-06"}"#,
        );
        for (pairs, expected) in [
            (&[("author", "m")][..], true),
            (&[("author", "n")], false),
            (&[("author", "n"), ("author", "m")], true),
            (&[("author", "m"), ("tags", "z")], false),
            (&[("tags", "y"), ("n", "3")], true),
            (&[("forwarded_from", "r")], true),
            (&[("absent", "r")], false),
        ] {
            assert_eq!(only(pairs).keeps(&post), expected, "{pairs:?}");
        }
        let (since, until) = period("2024-06", &TimeZone::UTC).unwrap();
        let within = Filter { since: Some(since), until: Some(until), ..Filter::default() };
        assert!(within.keeps(&post));
        assert!(!within.keeps(&record(r#"{"text":"a","date":"2024-07-01"}"#)));
        assert!(!within.keeps(&record(r#"{"text":"a"}"#)));
    }

    #[test]
    fn a_field_is_dropped_from_what_other_sources_had_too() {
        let mut post = record(
            r#"{"text":"a","author":"m","also_in":[{"file":"b","differs":{"author":"n","phone":"7"}},{"file":"c","differs":{"phone":"8","views":2}}]}"#,
        );
        let drop = ["author", "phone"].map(str::to_owned).to_vec();
        Filter { drop, ..Filter::default() }.strip(&mut post);
        let found = record_json::to_json(&post);
        assert!(!found.contains_key("author"));
        assert_eq!(found["also_in"], serde_json::json!([{ "file": "b" }, { "file": "c", "differs": { "views": 2 } }]));
    }

    #[test]
    fn how_a_dropped_field_was_written_goes_with_it() {
        let mut post = record(
            r#"{"text":"a","views":1200,"views_shown":"1.2K","also_in":[{"file":"b","differs":{"views":900,"views_shown":"0.9K"}}]}"#,
        );
        Filter { drop: vec!["views".to_owned()], ..Filter::default() }.strip(&mut post);
        assert_eq!(
            serde_json::Value::Object(record_json::to_json(&post)),
            serde_json::json!({ "kind": "post", "text": "a", "also_in": [{ "file": "b" }] })
        );
    }

    #[test]
    fn who_reacted_voted_or_is_shown_goes_with_the_field_that_they_are_of() {
        for (field, companion) in [
            ("reactions", "reactions_recent"),
            ("poll", "poll_closed"),
            ("reply_to", "reply_elsewhere"),
            ("media", "contact_information"),
            ("media", "place_name"),
            ("forwarded_from", "forwarded_signature"),
            ("forwarded_from", "saved_from"),
            ("author", "from_id"),
            ("author", "author_username"),
            ("author", "members"),
            ("author", "sender"),
            ("author", "sender_id"),
            ("author", "user"),
            ("author", "reactions_recent"),
            ("date", "timestamp"),
            ("edited", "timestamp_edited"),
            ("forwarded_from", "fwd_from"),
            ("links", "link_preview_title"),
            ("channel", "channel_id"),
        ] {
            let mut post = record(&format!(r#"{{"text":"a","{companion}":"somebody","own":"kept"}}"#));
            Filter { drop: vec![field.to_owned()], ..Filter::default() }.strip(&mut post);
            let left = serde_json::Value::Object(record_json::to_json(&post));
            assert_eq!(left, serde_json::json!({ "kind": "post", "text": "a", "own": "kept" }), "{field}");
        }
    }

    #[test]
    fn an_address_that_says_who_wrote_goes_with_the_author() {
        for (author, url, is_left) in [
            ("bob", "https://twitter.com/bob/status/160", false),
            ("Bob", "https://social.example/@bob/160", false),
            ("bob", "https://t.me/bobsnews/160", true),
            ("Bob B", "https://t.me/quay/160", true),
        ] {
            let mut post = record(&format!(r#"{{"text":"a","author":"{author}","url":"{url}"}}"#));
            Filter { drop: vec!["author".to_owned()], ..Filter::default() }.strip(&mut post);
            assert_eq!((post.author, post.url.is_some()), (None, is_left), "{url}");
        }
    }

    #[test]
    fn who_did_what_is_told_is_gone_with_the_author() {
        let mut post =
            record(r#"{"kind":"service","text":"Ann invited Bob","author":"Ann","action":"invite_members"}"#);
        Filter { drop: vec!["author".to_owned()], ..Filter::default() }.strip(&mut post);
        let left = serde_json::Value::Object(record_json::to_json(&post));
        assert_eq!(left, serde_json::json!({ "kind": "service", "action": "invite_members" }));
    }

    #[test]
    fn what_else_the_words_of_a_post_stand_in_goes_with_them() {
        let mut post = record(r#"{"text":"sand","todo_list":{"title":"Paint"},"game_title":"Tides","views":1}"#);
        Filter { drop: vec!["text".to_owned()], ..Filter::default() }.strip(&mut post);
        let left = serde_json::Value::Object(record_json::to_json(&post));
        assert_eq!(left, serde_json::json!({ "kind": "post", "views": 1 }));
    }

    #[test]
    fn an_address_that_says_the_dropped_is_gone_with_it() {
        for field in ["id", "channel"] {
            let mut post = record(r#"{"id":"1","channel":"c","url":"https://t.me/c/1","text":"a"}"#);
            Filter { drop: vec![field.to_owned()], ..Filter::default() }.strip(&mut post);
            assert_eq!((post.url, &*post.text), (None, "a"), "{field}");
        }
    }

    #[test]
    fn a_poll_that_is_dropped_takes_its_question_out_of_the_title() {
        let dropped = |title: &str| {
            let mut post = record(&format!(r#"{{"title":"{title}","poll":{{"question":"Ferry?"}}}}"#));
            Filter { drop: vec!["poll".to_owned()], ..Filter::default() }.strip(&mut post);
            post.title
        };
        assert_eq!(dropped("Ferry?"), None);
        assert_eq!(dropped("The ferry"), Some("The ferry".to_owned()));
    }

    #[test]
    fn every_known_field_can_be_dropped_but_those_that_are_needed() {
        let full = r#"{"id":"1","date":"2024","author":"a","channel":"c","forwarded_from":"f","reply_to":"1","thread":"1",
            "album":"1","title":"t","text":"x","spans":[{"start":0,"end":1,"kind":"bold"}],"tags":["t"],"mentions":["m"],
            "links":["l"],"media":[{"kind":"photo"}],"poll":{"question":"q"},"reactions":[{"emoji":"e","count":1}],"views":1,
            "edited":"2024","flags":["f"],"dates_mentioned":["2024"],"lang":"en","url":"u","own":1}"#;
        for field in KEYS.iter().filter(|field| droppable(field).is_some()).chain(&["own"]) {
            let mut post = record(full);
            assert!(record_json::to_json(&post).contains_key(*field), "{field}");
            Filter { drop: vec![(*field).to_owned()], ..Filter::default() }.strip(&mut post);
            assert!(!record_json::to_json(&post).contains_key(*field), "{field}");
        }
    }
}
