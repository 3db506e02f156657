//! What Telegram is, whoever wrote it down: chats and their kinds, dates, albums, service messages, addresses.
//!
//! Three readers share it: [`desktop_json`] and [`desktop_html`] for what Telegram Desktop exports, [`web`] for saved pages of
//! `t.me/s`. Each gives the same post the same record, but for what its format lacks, which [`super::FORMATS`] lists.

mod album;
pub(super) mod desktop_html;
pub(super) mod desktop_json;
mod html_account;
mod message;
pub(super) mod web;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use serde_json::json;

use super::date::{parse_date, unix_date};
use super::html::Node;
use super::rich_text::RichText;
use crate::record::{Date, Precision, Record};

/// What is shown of a reaction that is a picture somebody drew: which character it stands for, no export says.
const CUSTOM_EMOJI: &str = "custom emoji";

/// How the exporter begins what it writes in place of a file that it left out, and the flag that says why: its settings had it leave
/// out such files, or files of that size, or the servers did not give it. The page says it beside the medium: `LEFT_OUT` in
/// www/view/post.js.
const LEFT_OUT: [(&str, &str); 3] = [
    ("not included", "media_not_included"),
    ("exceeds maximum size", "media_too_large"),
    ("unavailable", "media_unavailable"),
];

/// The flag of a file in whose place `text` stands; `before` is what comes before the reason in this form of an export.
fn left_out(text: &str, before: &str) -> Option<&'static str> {
    let reason = text.trim_start().get(..before.len()).filter(|start| start.eq_ignore_ascii_case(before));
    let reason = text.trim_start().get(reason?.len()..)?;
    let begins = |start: &str| reason.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    LEFT_OUT.iter().find(|(start, _)| begins(start)).map(|(_, flag)| *flag)
}

/// Name of an author or channel that is no more, as Telegram's own exports write it.
const DELETED: &str = "Deleted Account";

/// Largest offset from UTC that a place on earth has, in seconds.
const MAX_OFFSET: i64 = 14 * 3600;

/// A chat, as far as its export tells.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Chat {
    /// Its name; absent where nobody gave it one.
    pub(super) name: Option<String>,
    /// Telegram's word: `public_channel`, `personal_chat`, ….
    pub(super) kind: Option<String>,
    /// Its number, without sign and `-100`.
    pub(super) id: Option<String>,
}

impl Chat {
    /// Whether it is with one other, person or program, and has their name.
    fn is_of_two(&self) -> bool {
        self.kind.as_deref().is_some_and(|kind| matches!(kind, "personal_chat" | "bot_chat"))
    }

    /// Whether anyone can read it: no harm is done by publishing it. What does not say so is private.
    pub(super) fn is_public(&self) -> bool {
        self.kind.as_deref().is_some_and(|kind| kind.starts_with("public_"))
    }

    fn is_channel(&self) -> bool {
        self.kind.as_deref().is_some_and(|kind| kind.ends_with("_channel"))
    }

    /// How people know it.
    pub(super) fn label(&self) -> String {
        let number = || self.id.as_ref().map_or_else(|| "a chat without a name".to_owned(), |id| format!("chat {id}"));
        // Telegram calls it so on the screen, and its export gives it no name.
        let saved =
            || self.kind.as_deref().filter(|kind| *kind == "saved_messages").map(|_| "Saved Messages".to_owned());
        self.name.clone().filter(|name| !name.is_empty()).or_else(saved).unwrap_or_else(number)
    }

    /// Whether `wanted` is its name, what it is listed as, or its number, with or without the sign that the interfaces of Telegram put
    /// before it.
    pub(super) fn is_called(&self, wanted: &str) -> bool {
        let wanted = wanted.trim();
        let number = wanted.strip_prefix("-100").or_else(|| wanted.strip_prefix('-')).unwrap_or(wanted);
        self.name.as_deref() == Some(wanted) || self.id.as_deref() == Some(number) || self.label() == wanted
    }
}

/// Makes a record a post of `chat`: the author is left out where it is the channel or group itself, and the address follows from
/// the handle.
fn place_in_chat(record: &mut Record, chat: &Chat, handle: Option<&str>) {
    // A chat of two is called as the other one is, whose words these are.
    let by_itself = record.author.is_some() && record.author == chat.name && !chat.is_of_two();
    if record.kind == "message" && by_itself {
        "post".clone_into(&mut record.kind);
    }
    if by_itself {
        record.author = None;
    }
    record.channel.clone_from(&chat.name);
    if let (Some(handle), Some(id)) = (handle, &record.id) {
        record.url = Some(format!("https://t.me/{handle}/{id}"));
    }
}

/// What a page says of a poll below its question, `Anonymous Quiz, final results`: whether it is closed, and what else there is.
fn kind_of_poll(said: &str) -> Vec<(String, String)> {
    const CLOSED: &str = "final results";
    let is_closed = said.to_lowercase().ends_with(CLOSED);
    let kind = if is_closed { said.get(..said.len().saturating_sub(CLOSED.len())).unwrap_or_default() } else { said };
    let kind = kind.trim_end_matches([',', ' ']);
    let kind = (!kind.is_empty()).then(|| ("poll_type".to_owned(), serde_json::Value::from(kind).to_string()));
    kind.into_iter().chain(is_closed.then(|| ("poll_closed".to_owned(), "true".to_owned()))).collect()
}

/// The latitude and longitude that the address of a map asks for.
fn point(href: &str) -> Option<(&str, &str)> {
    let (_, query) = href.split_once('?')?;
    let point = query.split('&').find_map(|part| part.strip_prefix("q="))?;
    let (latitude, longitude) = point.split_once(',').or_else(|| point.split_once("%2C"))?;
    let is_number = |text: &str| serde_json::from_str::<serde_json::Number>(text).is_ok();
    (is_number(latitude) && is_number(longitude)).then_some((latitude, longitude))
}

/// A text in the parts that `result.json` has it in.
pub(super) fn text_of_parts(json: &str) -> Option<RichText> {
    message::rich_text(json).ok()
}

/// The date of which an export gives the local time, and perhaps the seconds since 1970: together they tell the offset.
fn export_date(local: &str, unix: Option<i64>, zone: &TimeZone) -> Option<Date> {
    let Some(seconds) = unix else { return parse_date(local, zone) };
    let offset = parse_date(local, &TimeZone::UTC).map(|local| local.seconds.saturating_sub(seconds));
    // A local time that fits no offset is from another moment: then the instant alone is sure.
    let Some(offset) = offset.filter(|offset| (-MAX_OFFSET..=MAX_OFFSET).contains(offset) && offset % 900 == 0) else {
        let text = Timestamp::from_second(seconds).ok()?.to_string();
        return Some(Date { text, seconds, precision: Precision::Second });
    };
    let text = if offset == 0 {
        format!("{local}Z")
    } else {
        let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
        format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    };
    parse_date(&text, zone)
}

/// The sentence that Telegram shows for a service message, as far as its action and these members tell it.
fn service_text(action: &str, actor: Option<&str>, chat: &Chat, member: impl Fn(&str) -> Option<String>) -> String {
    let actor = actor.unwrap_or(DELETED);
    let title = || member("title").unwrap_or_default();
    match action {
        "create_channel" => format!("Channel «{}» created", title()),
        "create_group" => {
            let members = member("members").filter(|names| !names.is_empty());
            format!(
                "{actor} created group «{}»{}",
                title(),
                members.map_or_else(String::new, |names| format!(" with members {names}"))
            )
        }
        "topic_created" => format!("{actor} created topic «{}»", title()),
        "topic_edit" => match member("new_title").filter(|title| !title.is_empty()) {
            Some(title) => format!("{actor} changed topic title to «{title}»"),
            None => format!("{actor} changed topic icon"),
        },
        "group_call" => {
            let lasted = member("duration").map_or_else(String::new, |seconds| format!(" ({seconds} seconds)"));
            if chat.is_channel() {
                format!("Voice chat{lasted}")
            } else {
                format!("{actor} started voice chat{lasted}")
            }
        }
        "group_call_scheduled" => {
            let moment = member("schedule_date").and_then(|seconds| unix_date(seconds.parse().ok()?));
            let when = moment.map_or_else(String::new, |date| format!(" for {}", date.text));
            if chat.is_channel() {
                format!("Voice chat scheduled{when}")
            } else {
                format!("{actor} scheduled a voice chat{when}")
            }
        }
        "invite_to_group_call" => {
            format!("{actor} invited {} to the voice chat", member("members").unwrap_or_default())
        }
        "score_in_game" => format!("{actor} scored {} in this game", member("score").unwrap_or_default()),
        "proximity_reached" => {
            let whom = |key: &str| member(key).unwrap_or_else(|| DELETED.to_owned());
            let distance = member("distance").unwrap_or_default();
            format!("{} is now within {distance} meters from {}", whom("from"), whom("to"))
        }
        "set_messages_ttl" => {
            let period =
                member("period").and_then(|seconds| seconds.parse::<u64>().ok()).filter(|seconds| *seconds > 0);
            let period = period.map(|seconds| match seconds / 3600 {
                hours if hours > 24 && hours % 24 == 0 => format!("{} days", hours / 24),
                hours if hours > 0 && seconds % 3600 == 0 => format!("{hours} hours"),
                _ => format!("{seconds} seconds"),
            });
            match (period, chat.is_channel()) {
                (Some(period), true) => format!("New messages will auto-delete in {period}"),
                (None, true) => "New messages will not auto-delete".to_owned(),
                (Some(period), false) => format!("{actor} has set messages to auto-delete in {period}"),
                (None, false) => format!("{actor} has set messages not to auto-delete"),
            }
        }
        "phone_call" => match member("duration_seconds") {
            Some(seconds) => format!("{actor} called ({seconds} seconds)"),
            None => format!("{actor} called"),
        },
        "edit_chat_theme" if chat.is_channel() => match member("emoticon").filter(|theme| !theme.is_empty()) {
            Some(theme) => format!("Channel theme was changed to {theme}"),
            None => "Channel theme was disabled".to_owned(),
        },
        "edit_chat_theme" => match member("emoticon").filter(|theme| !theme.is_empty()) {
            Some(theme) => format!("{actor} changed chat theme to {theme}"),
            None => format!("{actor} disabled chat theme"),
        },
        "join_group_by_request" => format!("{actor} joined group by request"),
        "edit_group_title" if chat.is_channel() => format!("Channel title changed to «{}»", title()),
        "edit_group_title" => format!("{actor} changed group title to «{}»", title()),
        "edit_group_photo" if chat.is_channel() => "Channel photo changed".to_owned(),
        "edit_group_photo" => format!("{actor} changed group photo"),
        "delete_group_photo" if chat.is_channel() => "Channel photo removed".to_owned(),
        "delete_group_photo" => format!("{actor} removed group photo"),
        "pin_message" => format!("{actor} pinned this message"),
        "clear_history" => "History cleared".to_owned(),
        "invite_members" => format!("{actor} invited {}", member("members").unwrap_or_default()),
        "remove_members" => format!("{actor} removed {}", member("members").unwrap_or_default()),
        "join_group_by_link" => format!("{actor} joined group by link from {}", member("inviter").unwrap_or_default()),
        "migrate_to_supergroup" => format!("{actor} converted this group to a supergroup"),
        "migrate_from_group" => format!("{actor} converted a basic group to this supergroup «{}»", title()),
        "joined_telegram" => format!("{actor} joined Telegram"),
        "take_screenshot" => format!("{actor} took a screenshot"),
        other => format!("{actor}: {}", other.replace('_', " ")),
    }
}

/// The buttons beneath a message on a page, as `result.json` has them under the same name: `rows` of links, each with its text.
fn buttons<'a>(rows: impl Iterator<Item = Vec<Node<'a>>>) -> Option<(String, String)> {
    let button = |node: Node<'_>| match node.attribute("href").filter(|href| !href.is_empty()) {
        Some(href) => json!({ "type": "url", "text": node.text(), "data": href }),
        None => json!({ "type": "callback", "text": node.text() }),
    };
    let rows: Vec<Vec<_>> = rows.map(|row| row.into_iter().map(button).collect()).collect();
    (!rows.is_empty()).then(|| ("inline_bot_buttons".to_owned(), json!(rows).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_the_offset_that_both_times_tell() {
        let check = |local: &str, unix, expected: &str| {
            assert_eq!(export_date(local, unix, &TimeZone::UTC).unwrap().text, expected);
        };
        check("2025-11-03T21:10:28", Some(1_762_200_628), "2025-11-03T21:10:28+01:00");
        check("2025-11-03T20:10:28", Some(1_762_200_628), "2025-11-03T20:10:28Z");
        check("2025-11-04T01:55:28", Some(1_762_200_628), "2025-11-04T01:55:28+05:45");
        check("2025-11-03T15:40:28", Some(1_762_200_628), "2025-11-03T15:40:28-04:30");
        check("2025-11-03T20:11:00", Some(1_762_200_628), "2025-11-03T20:10:28Z");
        check("never", Some(1_762_200_628), "2025-11-03T20:10:28Z");
        check("2025-11-03T20:10:28", None, "2025-11-03T20:10:28");
        assert_eq!(export_date("never", None, &TimeZone::UTC), None);
    }

    #[test]
    fn files_are_left_out_for_a_reason() {
        let json = |text| left_out(text, "(File ");
        let settings = "(File not included. Change data exporting settings to download.)";
        assert_eq!(json(settings), Some("media_not_included"));
        assert_eq!(
            json("(File exceeds maximum size. Change data exporting settings to download.)"),
            Some("media_too_large")
        );
        assert_eq!(json("(File unavailable, please try again later)"), Some("media_unavailable"));
        assert_eq!(left_out("Unavailable, please try again later.", ""), Some("media_unavailable"));
        for path in ["photos/a.jpg", "files/(File not included)", "(File", ""] {
            assert_eq!(json(path), None, "{path}");
        }
    }

    #[test]
    fn what_happened_is_said_as_pages_say_it() {
        let check = |action: &str, members: &[(&str, &str)], expected: &str| {
            let member =
                |key: &str| members.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned());
            assert_eq!(service_text(action, Some("Ann"), &Chat::default(), member), expected);
        };
        check(
            "create_group",
            &[("title", "Club"), ("members", "Bob and Cy")],
            "Ann created group «Club» with members Bob and Cy",
        );
        check("create_group", &[("title", "Club")], "Ann created group «Club»");
        check("topic_created", &[("title", "Tides")], "Ann created topic «Tides»");
        check("topic_edit", &[("new_title", "Ebb")], "Ann changed topic title to «Ebb»");
        check("topic_edit", &[("new_title", "")], "Ann changed topic icon");
        check("group_call", &[("duration", "60")], "Ann started voice chat (60 seconds)");
        check("edit_chat_theme", &[("emoticon", "🐥")], "Ann changed chat theme to 🐥");
        check("join_group_by_request", &[], "Ann joined group by request");
        check("invite_to_group_call", &[("members", "Bob")], "Ann invited Bob to the voice chat");
        check(
            "group_call_scheduled",
            &[("schedule_date", "1717236000")],
            "Ann scheduled a voice chat for 2024-06-01T10:00:00Z",
        );
        check("score_in_game", &[("score", "7")], "Ann scored 7 in this game");
        check(
            "proximity_reached",
            &[("from", "Bob"), ("to", "Cy"), ("distance", "90")],
            "Bob is now within 90 meters from Cy",
        );
        check("set_messages_ttl", &[("period", "604800")], "Ann has set messages to auto-delete in 7 days");
        check("set_messages_ttl", &[("period", "86400")], "Ann has set messages to auto-delete in 24 hours");
        check("set_messages_ttl", &[("period", "90")], "Ann has set messages to auto-delete in 90 seconds");
        check("set_messages_ttl", &[("period", "0")], "Ann has set messages not to auto-delete");
        check("phone_call", &[("duration_seconds", "61")], "Ann called (61 seconds)");
        check("something_new", &[], "Ann: something new");
        let channel = Chat { kind: Some("public_channel".into()), ..Chat::default() };
        let of_channel = |action| service_text(action, Some("Ann"), &channel, |_| None);
        assert_eq!(of_channel("group_call"), "Voice chat");
        assert_eq!(of_channel("group_call_scheduled"), "Voice chat scheduled");
        assert_eq!(of_channel("set_messages_ttl"), "New messages will not auto-delete");
        assert_eq!(of_channel("edit_chat_theme"), "Channel theme was disabled");
    }

    #[test]
    fn chats_are_called_by_name_and_number() {
        let chat = Chat { name: Some("Harbour".into()), kind: Some("public_channel".into()), id: Some("77".into()) };
        for (wanted, expected) in
            [("Harbour", true), ("77", true), ("-10077", true), ("-77", true), ("7", false), ("harbour", false)]
        {
            assert_eq!(chat.is_called(wanted), expected, "{wanted}");
        }
    }

    #[test]
    fn a_channel_speaks_as_itself_and_nobody_else_does() {
        for (kind, author) in [
            ("public_channel", None),
            ("private_supergroup", None),
            ("personal_chat", Some("Anna")),
            ("bot_chat", Some("Anna")),
        ] {
            let chat = Chat { name: Some("Anna".into()), kind: Some(kind.into()), id: None };
            let mut record = Record { author: Some("Anna".into()), kind: "message".into(), ..Record::default() };
            place_in_chat(&mut record, &chat, None);
            assert_eq!(record.author.as_deref(), author, "{kind}");
            assert_eq!(record.kind == "post", author.is_none(), "{kind}");
        }
    }
}
