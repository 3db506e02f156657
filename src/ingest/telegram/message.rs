//! One message of `result.json`, from its JSON text to a record.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::{CUSTOM_EMOJI, Chat, DELETED, export_date, left_out, place_in_chat, service_text};
use crate::ingest::entities::ask;
use crate::ingest::json::pull::{Fault, Json, compact, scalar, unescaped};
use crate::ingest::rich_text::{COLLAPSED, RichText};
use crate::record::{Attachment, Forward, Poll, PollAnswer, Reaction, Record, Source};
use crate::record_json::KEYS;

/// Seconds of a day, within which all zones have the same moment.
const SECONDS_OF_DAY: i64 = 24 * 60 * 60;

/// What is known of a message beside itself.
pub(super) struct Surroundings<'a> {
    pub(super) chat: &'a Chat,
    pub(super) handle: Option<&'a str>,
    pub(super) zone: &'a TimeZone,
    pub(super) source: Source,
}

/// The record that a message is. What no field of a record holds is kept among its other fields.
pub(super) fn record(json: &str, around: Surroundings<'_>) -> Result<Record, Fault> {
    let mut members = Members(Json::new(json).members()?);
    let id = members.scalar("id").ok_or(Fault::Expected("id", 0))?;
    let kind = members.scalar("type").unwrap_or_else(|| "message".to_owned());
    let mut record = Record { id: Some(id), kind, source: around.source, ..Record::default() };

    record.date = members.date("date", "date_unixtime", around.zone);
    // Old programs write the beginning of 1970, in the zone of whoever exported, for what was never edited.
    let edited = members.date("edited", "edited_unixtime", around.zone);
    record.edited = edited.filter(|date| date.seconds.abs() > SECONDS_OF_DAY).map(|date| date.text);
    let signature = members.scalar("author");
    record.author = members.name("from");
    if let Some(name) = members.name("forwarded_from") {
        record.forwarded_from = Some(Forward { name, id: members.scalar("forwarded_from_id"), url: None });
    }
    let answered = members.scalar("reply_to_message_id");
    // The id of an answered message means nothing in this chat where it stands in another.
    let elsewhere =
        members.scalar("reply_to_peer_id").map(|chat| format!("{chat}/{}", answered.as_deref().unwrap_or("")));
    record.reply_to = answered.filter(|_| elsewhere.is_none());
    let happened =
        if record.kind == "service" { service(&mut members, &mut record, around.chat) } else { String::new() };
    record.media = media(&mut members, &mut record.flags);
    let (polled, reacted) = (members.take("poll"), members.take("reactions"));
    if let Some(poll) = polled.map(poll).transpose()? {
        ask(poll, &mut record);
    }
    record.reactions = reacted.map(reactions).transpose()?.unwrap_or_default();
    let rest_of_poll = polled.map(rest_of_poll).transpose()?.unwrap_or_default();
    let recent = reacted.map(recent_reactions).transpose()?.flatten();
    let drawn = reacted.map(drawn_reactions).transpose()?.flatten();
    if record.kind == "unsupported" {
        record.media.push(Attachment { kind: "unsupported".to_owned(), ..Attachment::default() });
        record.flags.push("unsupported_media".to_owned());
    }

    let entities = members.take("text_entities").filter(|json| !is_empty_array(json));
    let text = members.take("text");
    let text = rich_text(entities.or(text).unwrap_or("\"\""))?;
    let shown = || if happened.is_empty() { card(&members) } else { happened };
    let text = if text.text.is_empty() { RichText { text: shown(), spans: Vec::new() } } else { text };
    text.fill(&mut record);
    place_in_chat(&mut record, around.chat, around.handle);
    // A channel's post is by the channel, and may be signed by who wrote it.
    let by = signature.is_some().then(|| record.author.take()).flatten();
    let by = by.filter(|by| signature.as_ref() != Some(by)).map(|by| ("from".to_owned(), quoted(&by)));
    record.author = signature.or(record.author);

    let about = [("chat_type", &around.chat.kind), ("channel_id", &around.chat.id), ("reply_elsewhere", &elsewhere)];
    let about =
        about.into_iter().filter_map(|(name, value)| Some((name.to_owned(), compact(&quoted(value.as_ref()?)))));
    // A field that had the name of one of the record's own would be taken for that when the record is read again.
    let free = |key: Cow<'_, str>| if KEYS.contains(&&*key) { format!("{key}_") } else { key.into_owned() };
    let own = members.0.into_iter().filter(|(_, json)| *json != "null").map(|(key, json)| (free(key), compact(json)));
    record.fields = about.chain(own).collect();
    record.fields.extend(by);
    record.fields.extend(rest_of_poll);
    record.fields.extend(recent.map(|json| ("reactions_recent".to_owned(), json)));
    record.fields.extend(drawn.map(|json| ("reactions_custom".to_owned(), json)));
    Ok(record)
}

/// Whether a JSON text is a message of Telegram Desktop, by its own members.
pub(super) fn is_message(json: &str) -> bool {
    let Ok(members) = Json::new(json).members() else { return false };
    let members = Members(members);
    let has = |key: &str| members.get(key).is_some();
    let kind = members.get("type").and_then(scalar);
    let is_known = matches!(kind.as_deref(), Some("message" | "service")) && has("date") && has("text");
    has("id") && (is_known || kind.as_deref() == Some("unsupported"))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The members of an object that nobody has taken yet.
struct Members<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Members<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, json)| *json)
    }

    /// Takes a member. Where a key stands twice, its last value counts, as in most readers of JSON; but one that says something before an
    /// empty text, which the exporter writes behind the text of what a program of the web sent.
    fn take(&mut self, key: &str) -> Option<&'a str> {
        let of_name = || self.0.iter().rev().filter(|(name, _)| name == key).map(|(_, json)| *json);
        let json = of_name().find(|json| *json != "\"\"").or_else(|| of_name().next())?;
        self.0.retain(|(name, _)| name != key);
        Some(json).filter(|json| *json != "null")
    }

    /// Takes a text, number or literal; others stay.
    fn scalar(&mut self, key: &str) -> Option<String> {
        let text = scalar(self.get(key)?)?.into_owned();
        self.take(key);
        Some(text)
    }

    /// Takes the name of a person or chat, which is `null` where it is no more.
    fn name(&mut self, key: &str) -> Option<String> {
        let is_deleted = self.get(key)? == "null";
        if is_deleted {
            self.take(key);
            return Some(DELETED.to_owned());
        }
        self.scalar(key)
    }

    fn number(&mut self, key: &str) -> Option<u64> {
        let number = scalar(self.get(key)?)?.parse().ok()?;
        self.take(key);
        Some(number)
    }

    /// Takes a local time and the seconds since 1970 that go with it.
    fn date(&mut self, local: &str, unix: &str, zone: &TimeZone) -> Option<crate::record::Date> {
        let seconds = self.get(unix).and_then(scalar).and_then(|text| text.parse().ok());
        let date = export_date(&scalar(self.get(local)?)?, seconds, zone)?;
        self.take(local);
        self.take(unix);
        Some(date)
    }
}

/// The text of a message: a string, or an array of strings and entities.
pub(super) fn rich_text(json: &str) -> Result<RichText, Fault> {
    let mut text = RichText::default();
    if !json.starts_with('[') {
        text.push(&words(json)?, "", None);
        return Ok(text);
    }
    for item in Json::new(json).items()? {
        if !item.starts_with('{') {
            text.push(&words(item)?, "", None);
            continue;
        }
        let mut entity = Members(Json::new(item).members()?);
        let kind = entity.scalar("type").unwrap_or_default();
        let covered = words(entity.take("text").unwrap_or("\"\""))?;
        let href = match &*kind {
            "text_link" => entity.scalar("href"),
            "link" => Some(link_target(&covered)),
            "mention_name" => entity.scalar("user_id").map(|id| format!("tg://user?id={id}")),
            "custom_emoji" => entity.scalar("document_id"),
            "pre" => entity.scalar("language").filter(|language| !language.is_empty()),
            "blockquote" => (entity.get("collapsed") == Some("true")).then(|| COLLAPSED.to_owned()),
            _ => None,
        };
        text.push(&covered, span_kind(&kind), href);
    }
    Ok(text)
}

/// What a text says. One that cannot be told is no text at all: better to say so than to lose its words.
fn words(json: &str) -> Result<Cow<'_, str>, Fault> {
    match scalar(json) {
        Some(text) => Ok(text),
        None if json.starts_with('"') => Err(Fault::Expected("text whose escapes JSON knows", 0)),
        None => Ok(Cow::Borrowed("")),
    }
}

/// Where a link leads of which only the text is there: the app lets people leave the scheme out.
pub(super) fn link_target(text: &str) -> String {
    if text.contains("://") { text.to_owned() } else { format!("http://{text}") }
}

fn is_empty_array(json: &str) -> bool {
    json.strip_prefix('[').and_then(|json| json.strip_suffix(']')).is_some_and(|inner| inner.trim().is_empty())
}

/// The media of a message, of which there is at most one.
fn media(members: &mut Members<'_>, flags: &mut Vec<String>) -> Vec<Attachment> {
    let (kind, path) = if let Some(path) = members.scalar("photo") {
        ("photo", path)
    } else if let Some(path) = members.scalar("file") {
        let kind = match members.get("media_type").and_then(scalar).as_deref() {
            Some("sticker") => "sticker",
            Some("video_message" | "animation" | "video_file") => "video",
            Some("voice_message") => "voice",
            Some("audio_file") => "audio",
            _ => "file",
        };
        (kind, path)
    } else {
        return other_media(members);
    };
    let missing = left_out(&path, "(File ");
    flags.extend(missing.map(str::to_owned));
    let path = Some(path).filter(|_| missing.is_none());
    let song = || {
        let (performer, title) = (members.get("performer").and_then(scalar)?, members.get("title").and_then(scalar)?);
        Some(format!("{performer} – {title}")).filter(|_| kind == "audio")
    };
    let in_path = || path.as_ref().and_then(|path| Some(path.rsplit('/').next()?.to_owned()));
    let name = song().or_else(|| members.get("file_name").and_then(scalar).map(Cow::into_owned)).or_else(in_path);
    let size_key = if kind == "photo" { "photo_file_size" } else { "file_size" };
    let (size, duration) = (members.number(size_key), members.number("duration_seconds"));
    vec![Attachment { kind: kind.to_owned(), name, size, duration, path }]
}

/// The words that a list of tasks, a game or an invoice shows, each on its line: they are all that such a message says. What else is known
/// of it stays among the other fields.
fn card(members: &Members<'_>) -> String {
    fn object(json: &str) -> Option<Members<'_>> {
        Json::new(json).members().map(Members).ok()
    }
    let line = |json: Option<&str>| plain(json).ok().filter(|text| !text.is_empty());
    if let Some(list) = members.get("todo_list").and_then(object) {
        let tasks = list.get("answers").and_then(|json| Json::new(json).items().ok()).unwrap_or_default();
        let tasks =
            tasks.into_iter().filter_map(|task| line(object(task)?.get("text")).map(|task| format!("- {task}")));
        return line(list.get("title")).into_iter().chain(tasks).collect::<Vec<_>>().join("\n");
    }
    let of_game = ["game_title", "game_description"].map(|key| line(members.get(key)));
    // The exporter writes this object as a text.
    let invoice = members.get("invoice_information").map(|json| scalar(json).unwrap_or(Cow::Borrowed(json)));
    let invoice = invoice.as_deref().and_then(object);
    let of_invoice = ["title", "description"].map(|key| line(invoice.as_ref().and_then(|invoice| invoice.get(key))));
    of_game.into_iter().chain(of_invoice).flatten().collect::<Vec<_>>().join("\n")
}

/// Media that are no files. What the record cannot hold of them stays among the other fields.
fn other_media(members: &Members<'_>) -> Vec<Attachment> {
    let part = |json: &str, key: &str| {
        let mut object = Members(Json::new(json).members().ok()?);
        object.scalar(key).filter(|text| !text.is_empty())
    };
    let media = |kind: &str, name: Option<String>| {
        vec![Attachment { kind: kind.to_owned(), name: name.filter(|name| !name.is_empty()), ..Attachment::default() }]
    };
    if let Some(json) = members.get("location_information") {
        let place = members.get("place_name").and_then(scalar).map(Cow::into_owned);
        let point = || Some(format!("{}, {}", part(json, "latitude")?, part(json, "longitude")?));
        return media("location", place.or_else(point));
    }
    if let Some(json) = members.get("contact_information") {
        let names: Vec<String> = ["first_name", "last_name"].into_iter().filter_map(|key| part(json, key)).collect();
        return media("contact", Some(names.join(" ")));
    }
    Vec::new()
}

fn poll(json: &str) -> Result<Poll, Fault> {
    let mut members = Members(Json::new(json).members()?);
    let question = plain(members.take("question"))?;
    let mut answers = Vec::new();
    for answer in members.take("answers").map(|json| Json::new(json).items()).transpose()?.unwrap_or_default() {
        let mut answer = Members(Json::new(answer).members()?);
        answers.push(PollAnswer { text: plain(answer.take("text"))?, votes: answer.number("voters") });
    }
    Ok(Poll { question, answers, voters: members.number("total_voters") })
}

/// What a poll has that no field of a record holds: that it is closed, and what later programs write of it and of its answers. What whoever
/// exported it chose is theirs alone, and left out.
fn rest_of_poll(json: &str) -> Result<Vec<(String, String)>, Fault> {
    const READ: [&str; 3] = ["question", "answers", "total_voters"];
    const READ_OF_ANSWER: [&str; 3] = ["text", "voters", "chosen"];
    let members = Members(Json::new(json).members()?);
    let says = |json: &str| !["null", "false"].contains(&json);
    let mut rest: Vec<(String, String)> = (members.0.iter())
        .filter(|(key, json)| !READ.contains(&&**key) && says(json))
        .map(|(key, json)| (format!("poll_{key}"), compact(json)))
        .collect();
    let answers = members.get("answers").map(|json| Json::new(json).items()).transpose()?.unwrap_or_default();
    let rest_of = |answer| -> Result<BTreeMap<String, String>, Fault> {
        let more = Json::new(answer).members()?.into_iter();
        let more = more.filter(|(key, json)| !READ_OF_ANSWER.contains(&&**key) && says(json));
        Ok(more.map(|(key, json)| (key.into_owned(), compact(json))).collect())
    };
    let of_answers = answers.into_iter().map(rest_of).collect::<Result<Vec<_>, _>>()?;
    if of_answers.iter().any(|more| !more.is_empty()) {
        let object = |more: &BTreeMap<String, String>| {
            let members: Vec<String> = more.iter().map(|(key, json)| format!("{}:{json}", quoted(key))).collect();
            format!("{{{}}}", members.join(","))
        };
        let list: Vec<String> = of_answers.iter().map(object).collect();
        rest.push(("poll_answers".to_owned(), format!("[{}]", list.join(","))));
    }
    Ok(rest)
}

/// The pictures that people reacted with, where they are no characters: their numbers or places, as they stand.
fn drawn_reactions(json: &str) -> Result<Option<String>, Fault> {
    let mut drawn = Vec::new();
    for item in Json::new(json).items()? {
        let members = Members(Json::new(item).members()?);
        drawn.extend(members.get("document_id").map(compact));
    }
    Ok((!drawn.is_empty()).then(|| format!("[{}]", drawn.join(","))))
}

/// Who reacted last, as far as the export says it.
fn recent_reactions(json: &str) -> Result<Option<String>, Fault> {
    let mut recent = Vec::new();
    for item in Json::new(json).items()? {
        let members = Members(Json::new(item).members()?);
        if let Some(json) = members.get("recent").filter(|json| json.starts_with('[') && !is_empty_array(json)) {
            recent.extend(Json::new(json).items()?.into_iter().map(compact));
        }
    }
    Ok((!recent.is_empty()).then(|| format!("[{}]", recent.join(","))))
}

/// A text without its formatting.
fn plain(json: Option<&str>) -> Result<String, Fault> {
    Ok(json.map(rich_text).transpose()?.unwrap_or_default().text)
}

fn reactions(json: &str) -> Result<Vec<Reaction>, Fault> {
    let mut reactions = Vec::new();
    for item in Json::new(json).items()? {
        let mut reaction = Members(Json::new(item).members()?);
        let kind = reaction.scalar("type");
        // Of one that somebody drew there is a number, or the place of its picture; which character it stands for is not told.
        let drawn = reaction.get("document_id").map(|_| CUSTOM_EMOJI.to_owned());
        let named = reaction.scalar("emoji").or(drawn);
        let emoji = named.or(kind.filter(|kind| kind == "paid").map(|_| "⭐".to_owned()));
        if let Some(emoji) = emoji {
            reactions.push(Reaction { emoji, count: reaction.number("count").unwrap_or(1) });
        }
    }
    Ok(reactions)
}

/// The sentence that says what happened; what it happened to stays among the other fields.
fn service(members: &mut Members<'_>, record: &mut Record, chat: &Chat) -> String {
    let actor = members.name("actor");
    let action = members.get("action").and_then(scalar);
    let shown = |key: &str| {
        let json = members.get(key)?;
        let names = || {
            let items = Json::new(json).items().ok()?;
            let names: Vec<_> = items.into_iter().map(|item| unescaped(item).unwrap_or(DELETED.into())).collect();
            Some(match &*names {
                [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
                names => names.concat(),
            })
        };
        scalar(json).map(Cow::into_owned).or_else(names)
    };
    let text = match (&action, shown("information_text")) {
        (_, Some(text)) => text,
        (Some(action), None) => service_text(action, actor.as_deref(), chat, shown),
        (None, None) => String::new(),
    };
    // What is pinned may be of another chat, which `reply_elsewhere` says.
    if record.reply_to.is_none() && members.get("reply_to_peer_id").is_none() {
        record.reply_to = members.scalar("message_id");
    }
    record.author = record.author.take().or(actor);
    text
}

/// The kind of span that Telegram's name of an entity means; empty where it is no formatting.
fn span_kind(entity: &str) -> &str {
    match entity {
        "plain" | "unknown" => "",
        "strikethrough" => "strike",
        "blockquote" => "quote",
        "text_link" => "link",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_edited_is_not_edited_in_1970() {
        for (members, expected) in [
            (r#""edited":"1970-01-01T03:00:00""#, None),
            (r#""edited":"1969-12-31T19:00:00""#, None),
            (r#""edited":"1970-01-01T03:00:00","edited_unixtime":"0""#, None),
            (r#""edited":"2018-05-05T11:00:00""#, Some("2018-05-05T11:00:00")),
        ] {
            let json = format!(
                r#"{{"id":1,"type":"message","date":"2018-05-05T10:00:00","from":"News","text":"a",{members}}}"#
            );
            let around =
                Surroundings { chat: &Chat::default(), handle: None, zone: &TimeZone::UTC, source: Source::default() };
            let record = record(&json, around).unwrap();
            assert_eq!(record.edited.as_deref(), expected, "{members}");
            assert!(!record.fields.iter().any(|(name, _)| name.starts_with("edited")), "{members}");
        }
    }

    #[test]
    fn a_list_of_tasks_a_game_and_an_invoice_say_what_they_show() {
        for (members, expected) in [
            (
                r#""todo_list":{"title":[{"type":"bold","text":"Paint"}," the boat"],"answers":[{"id":1,"text":"sand"},{"id":2,"text":["scrape ",{"type":"plain","text":"rust"}]}]}"#,
                "Paint the boat\n- sand\n- scrape rust",
            ),
            (
                r#""game_title":"Tides","game_description":"Guess them","game_link":"https://t.me/x?game=y""#,
                "Tides\nGuess them",
            ),
            (r#""invoice_information":{"title":"Berth","description":"A year","amount":5}"#, "Berth\nA year"),
            (r#""invoice_information":"{\"title\":\"Berth\",\"description\":\"A year\"}""#, "Berth\nA year"),
            (r#""todo_list":7"#, ""),
        ] {
            let json = format!(
                r#"{{"id":1,"type":"message","date":"2024-01-01T10:00:00","from":"News","text":"",{members}}}"#
            );
            let around =
                Surroundings { chat: &Chat::default(), handle: None, zone: &TimeZone::UTC, source: Source::default() };
            let record = record(&json, around).unwrap();
            assert_eq!(record.text, expected, "{json}");
            // What else it says is kept.
            assert!(!record.fields.is_empty(), "{json}");
        }
    }
}
