//! Tables of well-known programs, recognised by their columns.

use serde_json::{Value, json};

use super::column::get;
use super::{Row, telethon};

/// Characters of an emoji at most: those of flags of regions and of families have not half as many.
const MAX_SIGN_CHARS: usize = 16;

/// A table whose columns are known.
#[derive(Debug)]
pub(super) struct Preset {
    /// What it is.
    pub(super) title: &'static str,
    /// Whether a row is of it.
    recognise: fn(&Row) -> bool,
    /// Whether each row must be, or all of them together: cells without a text are not there.
    is_by_row: bool,
    /// Fields and the columns that hold them; of several for one field, the first that is there.
    pub(super) columns: &'static [(&'static str, &'static str)],
    /// Makes a row such that its columns can be taken.
    pub(super) prepare: Option<fn(&mut Row)>,
}

const PRESETS: &[Preset] = &[
    Preset {
        title: "posts saved by snscrape",
        recognise: |row| {
            let is_of_it = row.get("_type").and_then(Value::as_str).is_some_and(|name| name.starts_with("snscrape."));
            is_of_it
                || has(row, &["url", "date", "content", "renderedContent"])
                || has(row, &["url", "date", "rawContent"])
        },
        is_by_row: false,
        columns: &[
            ("text", "rawContent"),
            ("text", "content"),
            ("text", "renderedContent"),
            ("id", "id"),
            ("date", "date"),
            ("url", "url"),
            ("author", "user.username"),
            ("channel", "channel.username"),
            ("lang", "lang"),
            ("tags", "hashtags"),
            ("mentions", "mentionedUsers.username"),
            ("links", "outlinks"),
            ("thread", "conversationId"),
            ("reply_to", "inReplyToTweetId"),
            ("views", "viewCount"),
        ],
        prepare: Some(snscrape),
    },
    Preset {
        title: "posts collected by 4CAT",
        recognise: |row| {
            has(row, &["thread_id", "body", "timestamp"]) && (row.contains_key("author") || row.contains_key("chat"))
        },
        is_by_row: false,
        columns: &[
            ("text", "body"),
            ("title", "subject"),
            ("id", "id"),
            // Its `timestamp` is the same moment in the zone of the server, which it does not name.
            ("date", "unix_timestamp"),
            ("date", "timestamp"),
            ("edited", "unix_timestamp_edited"),
            ("edited", "timestamp_edited"),
            // Its own `author` is a number.
            ("author", "author_name"),
            ("author", "author_username"),
            ("author", "author"),
            ("channel", "chat"),
            ("thread", "thread_id"),
            ("reply_to", "reply_to"),
            ("tags", "hashtags"),
            ("mentions", "entities_mentioned"),
            ("links", "links"),
            ("links", "urls_linked"),
            ("views", "views"),
        ],
        prepare: Some(four_cat),
    },
    Preset {
        title: "messages saved by Telethon",
        recognise: |row| {
            // Of a message that was deleted there is its number, and nothing else.
            match row.get("_").and_then(Value::as_str) {
                Some(telethon::DELETED) => true,
                Some(name) if name.starts_with("Message") => {
                    get(row, "peer_id._").is_some() || row.contains_key("to_id")
                }
                _ => false,
            }
        },
        is_by_row: true,
        columns: &[
            ("text", "message"),
            ("id", "id"),
            ("date", "date"),
            ("edited", "edit_date"),
            ("author", "post_author"),
            ("album", "grouped_id"),
            ("views", "views"),
        ],
        prepare: Some(telethon::prepare),
    },
];

/// Puts what snscrape has of a post of Telegram, and of media, under the keys of a record.
fn snscrape(row: &mut Row) {
    let post_of = |url: &str| {
        let path = url.strip_prefix("https://t.me/")?;
        let (channel, id) = path.strip_prefix("s/").unwrap_or(path).split_once('/')?;
        let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| (channel.to_owned(), id.to_owned()))
    };
    let of = |row: &Row, key: &str| row.get(key).and_then(Value::as_str).and_then(post_of);
    if let Some((channel, id)) = of(row, "url") {
        row.insert("url".to_owned(), Value::from(format!("https://t.me/{channel}/{id}")));
        row.entry("id").or_insert(Value::from(id));
        row.entry("channel").or_insert(Value::from(channel));
    }
    if let Some((channel, id)) = of(row, "forwardedUrl") {
        let url = row.shift_remove("forwardedUrl").unwrap_or_default();
        row.insert("forwarded_from".to_owned(), json!({ "name": channel, "id": id, "url": url }));
    }
    let Some(media) = row.get("media").and_then(Value::as_array).filter(|media| !media.is_empty()) else { return };
    let medium = |medium: &Value| {
        let kind = match medium.get("_type")?.as_str()?.rsplit('.').next()? {
            "Photo" => "photo",
            "Video" | "Gif" => "video",
            "VoiceMessage" => "voice",
            _ => return None,
        };
        let address = || medium.get("variants")?.as_array()?.first()?.get("url");
        let url = medium.get("fullUrl").or_else(|| medium.get("url")).or_else(address)?.as_str()?;
        let name = url.split(['?', '#']).next()?.rsplit('/').next()?;
        Some((json!({ "kind": kind, "name": name }), Value::from(url)))
    };
    let read: Option<Vec<_>> = media.iter().map(medium).collect();
    if let Some(read) = read {
        let (media, urls): (Vec<Value>, Vec<Value>) = read.into_iter().unzip();
        row.insert("media".to_owned(), Value::Array(media));
        row.insert("media_urls".to_owned(), Value::Array(urls));
    }
}

/// Takes apart what 4CAT puts together of a message of Telegram: its id begins with that of its channel, which is its thread too, and
/// of its reactions there is a sign for each.
fn four_cat(row: &mut Row) {
    if let Some(reactions) = row.get("reactions").and_then(Value::as_str).and_then(counted) {
        row.insert("reactions".to_owned(), reactions);
    }
    let text = |row: &Row, key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
    let of_forward = |part: &str| text(row, &format!("author_forwarded_from_{part}")).filter(|text| !text.is_empty());
    if let Some(name) = of_forward("name").or_else(|| of_forward("username")).or_else(|| of_forward("id")) {
        let url = of_forward("username").map(|handle| format!("https://t.me/{handle}"));
        let members = [("name", Some(name)), ("id", of_forward("id")), ("url", url)];
        let forward = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))));
        row.insert("forwarded_from".to_owned(), Value::Object(forward.collect()));
        row.retain(|name, _| !name.starts_with("author_forwarded_from_"));
    }
    let Some(thread) = text(row, "thread_id") else { return };
    let own = text(row, "id").and_then(|id| Some(id.strip_prefix(&*thread)?.strip_prefix('-')?.to_owned()));
    let own = own.filter(|own| !own.is_empty() && own.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(own) = &own {
        row.insert("id".to_owned(), Value::from(own.as_str()));
    }
    // What calls its channel by that name is of the channel, and no thread of it.
    let chat = text(row, "chat");
    if chat.as_ref().is_some_and(|chat| *chat == thread) || chat.is_none() && own.is_some() {
        row.shift_remove("thread_id");
        row.insert("chat".to_owned(), Value::from(thread));
    }
    let Some(handle) = text(row, "chat").filter(|chat| is_handle(chat)) else { return };
    if let Some(id) =
        text(row, "id").filter(|id| !row.contains_key("url") && id.bytes().all(|byte| byte.is_ascii_digit()))
    {
        row.insert("url".to_owned(), Value::from(format!("https://t.me/{handle}/{id}")));
    }
    row.insert("channel_handle".to_owned(), Value::from(handle));
}

/// Whether a name is one under which Telegram shows a channel to everybody (<https://core.telegram.org/method/channels.updateUsername>); the
/// number of one that has none is no such name.
fn is_handle(name: &str) -> bool {
    (4..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Signs that stand in a row, each as often as it was given, as reactions; `None` where anything else stands between them.
fn counted(signs: &str) -> Option<Value> {
    let mut counts: Vec<(&str, u64)> = Vec::new();
    let mut rest = signs;
    while !rest.is_empty() {
        let sign = first_sign(rest)?;
        match counts.iter_mut().find(|(known, _)| *known == sign) {
            Some((_, count)) => *count += 1,
            None => counts.push((sign, 1)),
        }
        rest = rest.get(sign.len()..)?;
    }
    let reactions = counts.into_iter().map(|(sign, count)| json!({"emoji": sign, "count": count}));
    Some(reactions.collect::<Vec<_>>()).filter(|reactions| !reactions.is_empty()).map(Value::Array)
}

/// The longest sign that a text begins with.
fn first_sign(text: &str) -> Option<&str> {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(MAX_SIGN_CHARS);
    ends.filter_map(|end| text.get(..end)).filter(|sign| emojis::get(sign).is_some()).last()
}

/// The preset that the rows are of.
pub(super) fn of(rows: &[Row]) -> Option<&'static Preset> {
    let mut all = Row::new();
    for (name, value) in rows.iter().flatten() {
        if !all.contains_key(name) {
            all.insert(name.clone(), value.clone());
        }
    }
    let is_of = |preset: &&Preset| {
        if preset.is_by_row { rows.iter().all(preset.recognise) } else { (preset.recognise)(&all) }
    };
    PRESETS.iter().filter(|_| !rows.is_empty()).find(is_of)
}

fn has(row: &Row, columns: &[&str]) -> bool {
    columns.iter().all(|column| row.contains_key(*column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_a_text_hides_no_table() {
        let row = |json: &str| serde_json::from_str::<Row>(json).unwrap();
        let rows = [
            row(r#"{"thread_id":"quay","id":"quay-7","timestamp":"2024-01-01 10:00:00","author":"1"}"#),
            row(r#"{"thread_id":"quay","id":"quay-8","timestamp":"2024-01-01 10:00:00","body":"x"}"#),
        ];
        assert_eq!(of(&rows).map(|preset| preset.title), Some("posts collected by 4CAT"));
        assert!(of(&rows[..1]).is_none());
        assert!(of(&[]).is_none());
    }

    #[test]
    fn the_id_of_a_message_is_taken_out_of_what_4cat_makes_of_it() {
        let check = |row: &str, expected: &str| {
            let mut row: Row = serde_json::from_str(row).unwrap();
            four_cat(&mut row);
            assert_eq!(Value::Object(row), serde_json::from_str::<Value>(expected).unwrap());
        };
        check(
            r#"{"thread_id":"quay","id":"quay-7","reply_to":"5","chat":"quay","body":"x"}"#,
            r#"{"id":"7","reply_to":"5","chat":"quay","body":"x","url":"https://t.me/quay/7","channel_handle":"quay"}"#,
        );
        check(r#"{"thread_id":"12","id":"12-7","body":"x"}"#, r#"{"id":"7","body":"x","chat":"12"}"#);
        let signs = r#"{"thread_id":"quay","id":"quay-7","body":"x","chat":"quay","reactions":"👍👍❤❤‍🔥👍🏽👍"}"#;
        let expected = r#"{"id":"7","body":"x","chat":"quay","url":"https://t.me/quay/7","channel_handle":"quay","reactions":[{"emoji":"👍","count":3},{"emoji":"❤","count":1},
            {"emoji":"❤‍🔥","count":1},{"emoji":"👍🏽","count":1}]}"#;
        check(signs, expected);
        let others = r#"{"thread_id":"90","id":"91","body":"x","reactions":"👍: 3"}"#;
        check(others, others);
        // Of another network ids are their own.
        for row in [r#"{"thread_id":"90","id":"91","body":"x"}"#, r#"{"thread_id":"quay","id":"quay-x","body":"x"}"#] {
            check(row, row);
        }
    }

    #[test]
    fn a_post_of_telegram_has_its_address_from_snscrape() {
        let check = |row: &str, expected: Value| {
            let mut row: Row = serde_json::from_str(row).unwrap();
            snscrape(&mut row);
            assert_eq!(Value::Object(row), expected);
        };
        check(
            r#"{"url":"https://t.me/s/harbour/12","forwardedUrl":"https://t.me/s/radio/3","content":"x",
                "media":[{"_type":"snscrape.modules.telegram.Photo","url":"https://cdn.example/a.jpg?x=1"}]}"#,
            json!({"url":"https://t.me/harbour/12","content":"x","id":"12","channel":"harbour",
                "forwarded_from":{"name":"radio","id":"3","url":"https://t.me/s/radio/3"},
                "media":[{"kind":"photo","name":"a.jpg"}],"media_urls":["https://cdn.example/a.jpg?x=1"]}),
        );
        let of_another = json!({"url":"https://twitter.example/a/status/1","media":[{"_type":"x.Poll"}],"id":1});
        check(&of_another.to_string(), of_another.clone());
    }
}
