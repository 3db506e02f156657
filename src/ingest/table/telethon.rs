//! Messages as Telethon's `to_dict` writes them: objects that name their type in `_`.

use serde_json::{Map, Value, json};

use super::Row;
use super::column::get;
use crate::ingest::rich_text::COLLAPSED;

/// Members that are read of what a message answers, of what it was forwarded from, and of a photo or document.
const REPLY_READ: [&str; 3] = ["reply_to_msg_id", "reply_to_top_id", "reply_to_peer_id"];
const FORWARD_READ: [&str; 3] = ["from_id", "channel_id", "from_name"];
const FILE_READ: [&str; 3] = ["photo", "document", "poll"];

/// The type of messages that were deleted.
pub(super) const DELETED: &str = "MessageEmpty";

/// Puts what stands in nested objects under the keys of a record. What has no such key stays where it is.
pub(super) fn prepare(row: &mut Row) {
    let is_deleted = type_of(row) == Some(DELETED);
    if is_deleted || type_of(row) == Some("MessageService") {
        put(row, "kind", Some(Value::from("service")));
    }
    if is_deleted {
        put(row, "action", Some(json!({ "_": DELETED })));
    }
    row.shift_remove("_");
    let channel = channel_of(row);
    // The number by which other exports tell the channel, too; that of a person is none.
    let is_channel = ["peer_id", "to_id"].iter().any(|peer| get(row, &format!("{peer}.channel_id")).is_some());
    put(row, "channel_id", channel.clone().filter(|_| is_channel));
    put(row, "channel", channel);
    let spans =
        row.get("message").and_then(Value::as_str).zip(row.get("entities")).and_then(|(text, list)| spans(text, list));
    replace(row, "entities", "spans", spans);
    let forward = row.get("fwd_from").and_then(forward);
    if forward.is_some() {
        let rest = row.shift_remove("fwd_from").and_then(|header| rest(header, &FORWARD_READ));
        put(row, "fwd_from", rest);
    }
    put(row, "forwarded_from", forward);
    // The object that holds it has the record's own key.
    let header = row.get("reply_to").cloned();
    let reply = get(row, "reply_to.reply_to_msg_id").or_else(|| get(row, "reply_to_msg_id"));
    let thread = get(row, "reply_to.reply_to_top_id");
    // Of another channel's message there is the number, which means another one here.
    let elsewhere = get(row, "reply_to.reply_to_peer_id")
        .as_ref()
        .and_then(peer_id)
        .filter(|peer| Some(peer) != channel_of(row).as_ref());
    let (reply, other) = if elsewhere.is_some() { (None, reply) } else { (reply, None) };
    if let (Some(Value::String(peer)), Some(id)) = (elsewhere, other) {
        row.shift_remove("reply_to");
        put(row, "reply_elsewhere", Some(Value::from(format!("{peer}/{id}"))));
    }
    put(row, "reply_header", header.and_then(|header| rest(header, &REPLY_READ)));
    if reply.as_ref().is_some_and(|id| !id.is_null()) {
        row.shift_remove("reply_to_msg_id");
        row.insert("reply_to".to_owned(), reply.unwrap_or_default());
    }
    put(row, "thread", thread);
    let reactions = row.get("reactions").and_then(reactions);
    if let Some(reactions) = reactions {
        row.insert("reactions".to_owned(), reactions);
    }
    let poll = row.get("media").and_then(poll);
    let media = row.get("media").and_then(attachment);
    if let Some(media) = media {
        // The keys and thumbnails of a file are of use to the program that wrote them alone; what else there is says what is shown.
        let shown = row.get("media").cloned().and_then(|media| rest(media, &FILE_READ));
        row.insert("media".to_owned(), json!([media]));
        put(row, "media_information", shown);
    }
    put(row, "poll", poll);
    row.retain(|_, value| !value.is_null());
}

fn channel_of(row: &Row) -> Option<Value> {
    ["peer_id", "to_id"].iter().find_map(|peer| get(row, peer).as_ref().and_then(peer_id))
}

/// What an object says beside its type and what was read of it; what says nothing is left out.
fn rest(value: Value, read: &[&str]) -> Option<Value> {
    let Value::Object(mut rest) = value else { return None };
    let says = |value: &Value| !matches!(value, Value::Null | Value::Bool(false)) && *value != json!([]);
    rest.retain(|key, value| key != "_" && !read.contains(&&**key) && says(value));
    (!rest.is_empty()).then_some(Value::Object(rest))
}

fn put(row: &mut Row, key: &str, value: Option<Value>) {
    if let Some(value) = value.filter(|value| !value.is_null()) {
        row.insert(key.to_owned(), value);
    }
}

/// Puts a value in the place of the one that it was made of.
fn replace(row: &mut Row, from: &str, to: &str, value: Option<Value>) {
    if value.is_some() {
        row.shift_remove(from);
        put(row, to, value);
    }
}

fn type_of(object: &Row) -> Option<&str> {
    object.get("_").and_then(Value::as_str)
}

/// The number of a channel, group or user, as a text.
fn peer_id(peer: &Value) -> Option<Value> {
    let id = ["channel_id", "chat_id", "user_id"].iter().find_map(|key| peer.get(key))?;
    id.is_number().then(|| Value::String(id.to_string()))
}

/// Formatting. Its places count UTF-16 units there, code points in a record.
fn spans(text: &str, entities: &Value) -> Option<Value> {
    // The code point that begins at, or goes on over, each unit; and the end.
    let mut points: Vec<usize> = text.chars().enumerate().flat_map(|(at, c)| vec![at; c.len_utf16()]).collect();
    points.push(text.chars().count());
    let span = |entity: &Value| {
        let kind = kind_of(type_of(entity.as_object()?)?)?;
        let place = |key: &str| entity.get(key).and_then(Value::as_u64).and_then(|place| usize::try_from(place).ok());
        let start = place("offset")?;
        let (start, end) = (points.get(start)?, points.get(start.checked_add(place("length")?)?)?);
        let mut span = json!({"start": start, "end": end, "kind": kind});
        let shown: String = text.chars().skip(*start).take(end - start).collect();
        let href = match kind {
            "link" => entity.get("url").and_then(Value::as_str).map_or(shown, str::to_owned),
            "custom_emoji" => entity.get("document_id").map(ToString::to_string).unwrap_or_default(),
            "pre" => entity.get("language").and_then(Value::as_str).unwrap_or_default().to_owned(),
            "quote" if entity.get("collapsed") == Some(&Value::Bool(true)) => COLLAPSED.to_owned(),
            "mention" => entity.get("user_id").map(|id| format!("tg://user?id={id}")).unwrap_or_default(),
            _ => String::new(),
        };
        if !href.is_empty() {
            span.as_object_mut()?.insert("href".to_owned(), Value::from(href));
        }
        Some(span)
    };
    let spans: Vec<Value> = entities.as_array()?.iter().filter_map(span).collect();
    Some(Value::Array(spans))
}

fn kind_of(entity: &str) -> Option<&'static str> {
    Some(match entity.strip_prefix("MessageEntity")? {
        "Bold" => "bold",
        "Italic" => "italic",
        "Underline" => "underline",
        "Strike" => "strike",
        "Code" => "code",
        "Pre" => "pre",
        "Blockquote" => "quote",
        "Spoiler" => "spoiler",
        "Url" | "TextUrl" => "link",
        "Mention" | "MentionName" => "mention",
        "Hashtag" => "hashtag",
        "Cashtag" => "cashtag",
        "Phone" => "phone",
        "Email" => "email",
        "BankCard" => "bank_card",
        "BotCommand" => "bot_command",
        "CustomEmoji" => "custom_emoji",
        _ => return None,
    })
}

fn forward(header: &Value) -> Option<Value> {
    let id =
        header.get("from_id").and_then(peer_id).or_else(|| Some(Value::String(header.get("channel_id")?.to_string())));
    let name = header.get("from_name").filter(|name| name.is_string()).cloned().or_else(|| id.clone())?;
    let mut forward = json!({ "name": name });
    if let (Some(id), Some(object)) = (id, forward.as_object_mut()) {
        object.insert("id".to_owned(), id);
    }
    Some(forward)
}

fn reactions(value: &Value) -> Option<Value> {
    let reaction = |result: &Value| {
        let reaction = result.get("reaction")?;
        let emoji = match reaction {
            Value::String(emoji) => emoji.clone(),
            object => match object.get("emoticon").and_then(Value::as_str) {
                Some(emoji) => emoji.to_owned(),
                None if object.get("_").and_then(Value::as_str) == Some("ReactionPaid") => "⭐".to_owned(),
                None => object.get("document_id")?.to_string(),
            },
        };
        Some(json!({"emoji": emoji, "count": result.get("count")?}))
    };
    value.get("results")?.as_array()?.iter().map(reaction).collect::<Option<Vec<_>>>().map(Value::Array)
}

fn named(kind: &str, name: &str) -> Value {
    if name.is_empty() { json!({ "kind": kind }) } else { json!({ "kind": kind, "name": name }) }
}

/// The texts of these members, with blanks between them.
fn text_of(object: &Value, keys: &[&str]) -> String {
    let texts = keys.iter().filter_map(|key| object.get(*key)?.as_str()).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join(" ")
}

/// The file of a message.
fn attachment(media: &Value) -> Option<Value> {
    let kind = match type_of(media.as_object()?)?.strip_prefix("MessageMedia")? {
        "Photo" => return Some(json!({"kind": "photo"})),
        "Geo" | "GeoLive" | "Venue" => return Some(named("location", &text_of(media, &["title"]))),
        "Contact" => return Some(named("contact", &text_of(media, &["first_name", "last_name"]))),
        "Poll" => return Some(json!({"kind": "poll"})),
        "Unsupported" => return Some(json!({"kind": "unsupported"})),
        "Document" => "file",
        _ => return None,
    };
    let document = media.get("document")?;
    let mut object = Map::new();
    let mut kind = match document.get("mime_type").and_then(Value::as_str).and_then(|mime| mime.split('/').next()) {
        Some("image") => "photo",
        Some("video") => "video",
        Some("audio") => "audio",
        _ => kind,
    };
    let (mut name, mut duration) = (None, None);
    for attribute in document.get("attributes").and_then(Value::as_array).into_iter().flatten() {
        match attribute.get("_").and_then(Value::as_str) {
            Some("DocumentAttributeFilename") => name = attribute.get("file_name").cloned(),
            Some("DocumentAttributeSticker") => kind = "sticker",
            Some("DocumentAttributeAudio") if attribute.get("voice").and_then(Value::as_bool) == Some(true) => {
                kind = "voice";
            }
            _ => {}
        }
        if let Some(seconds) = attribute.get("duration").and_then(Value::as_f64) {
            duration = Some(Value::from(seconds.max(0.0) as u64));
        }
    }
    object.insert("kind".to_owned(), Value::from(kind));
    let parts = [("name", name), ("size", document.get("size").cloned()), ("duration", duration)];
    for (key, value) in parts {
        put(&mut object, key, value);
    }
    Some(Value::Object(object))
}

fn poll(media: &Value) -> Option<Value> {
    let poll = media.get("poll")?;
    let text = |value: &Value| value.as_str().or_else(|| value.get("text")?.as_str()).map(str::to_owned);
    let results = media.get("results");
    let votes = |option: &Value| {
        let results = results?.get("results")?.as_array()?;
        results.iter().find(|result| result.get("option") == Some(option))?.get("voters").cloned()
    };
    let answer = |answer: &Value| {
        let mut object = Map::new();
        object.insert("text".to_owned(), Value::from(text(answer.get("text")?)?));
        put(&mut object, "votes", answer.get("option").and_then(votes));
        Some(Value::Object(object))
    };
    let answers: Option<Vec<Value>> = poll.get("answers")?.as_array()?.iter().map(answer).collect();
    let mut object = Map::new();
    object.insert("question".to_owned(), Value::from(text(poll.get("question")?)?));
    object.insert("answers".to_owned(), Value::Array(answers?));
    put(&mut object, "voters", results.and_then(|results| results.get("total_voters")).cloned());
    Some(Value::Object(object))
}
