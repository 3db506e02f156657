//! `messages*.html` of Telegram Desktop: pages of a thousand messages, which follow each other.
//!
//! A message that is `joined` has its author from the one before it, and a forwarded one its origin. Old exports nest what follows
//! a message with buttons inside it, so everything is looked up up to the next message, not in the whole element. Only rows of
//! days date service messages. Of a whole account, `html_account` knows the chats.

use std::collections::BTreeSet;

use serde_json::json;

use super::album::Albums;
use super::html_account::{self, Account};
use super::message::link_target;
use super::{Chat, buttons, kind_of_poll, left_out, place_in_chat};
use crate::ingest::date::{parse_date, take_date};
use crate::ingest::entities::ask;
use crate::ingest::error::IngestError;
use crate::ingest::files::Parts;
use crate::ingest::format::{Entry, ReadContext, Reader, Removed, Sample, Skipped, excerpt};
use crate::ingest::html::{Node, Page, prose};
use crate::ingest::rich_text::RichText;
use crate::record::{Attachment, Date, Forward, Place, Poll, PollAnswer, Reaction, Record, Source};

/// How the page begins in place of a message that the exporter did not know.
const UNSUPPORTED: &str = "This message is not supported by this version of Telegram Desktop";

/// Titles that name the kind of a medium, not the medium.
const KIND_TITLES: [&str; 8] =
    ["Photo", "Sticker", "Animation", "Video file", "Video message", "Voice message", "Audio file", "File"];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Whether a sample is a page of messages, or a list of chats.
pub(in crate::ingest) fn recognise(sample: &Sample<'_>) -> bool {
    let head = String::from_utf8_lossy(sample.head());
    let is_page = head.contains("<title>Exported Data</title>") && head.contains("page_wrap");
    is_page && (head.contains("class=\"history\"") || html_account::is_list(&head))
}

/// Reads pages one after another.
#[expect(clippy::unnecessary_wraps, reason = "every reader may find at once that the input is not of its format")]
pub(in crate::ingest) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let mut history = History::default();
    let mut albums = Albums::default();
    let mut pages = Pages::default();
    let steps = parts.map(Some).chain(std::iter::once_with(|| None));
    Ok(Box::new(steps.flat_map(move |step| -> Vec<Result<Entry, IngestError>> {
        let Some(part) = step else {
            let entries = history.end().into_iter().chain(albums.finish()).chain(history.account.finish());
            return entries.chain(pages.missing(&context.beside)).map(Ok).collect();
        };
        let page = part.and_then(|part| Ok((part.file.clone(), Page::read(part)?)));
        match page {
            Ok((file, (page, note))) => {
                pages.add(&file, page.root());
                let found = history.page(&file, &page, context);
                found
                    .into_iter()
                    .chain(note.map(Entry::Note))
                    .flat_map(|entry| albums.pass(entry).collect::<Vec<_>>())
                    .map(Ok)
                    .collect()
            }
            Err(error) => albums.finish().map(Ok).into_iter().chain([Err(error)]).collect(),
        }
    })))
}

/// Which pages there are, and which they lead to.
#[derive(Default)]
struct Pages {
    read: BTreeSet<String>,
    linked: BTreeSet<String>,
}

impl Pages {
    fn add(&mut self, file: &str, root: Node<'_>) {
        let folder = file.rsplit_once('/').map(|(folder, _)| folder);
        let links = root.descendants().filter(|node| node.has_classes("pagination"));
        let is_page = |href: &&str| {
            href.starts_with("messages")
                && href.rsplit_once('.').is_some_and(|(_, end)| end == "html")
                && !href.contains('/')
        };
        for href in links.filter_map(|node| node.attribute("href")).filter(is_page) {
            self.linked.insert(folder.map_or_else(|| href.to_owned(), |folder| format!("{folder}/{href}")));
        }
        self.read.insert(file.to_owned());
    }

    /// Says which pages are not there. A page that was named by itself leads to others, and nobody said that these are missing.
    fn missing(&self, beside: &BTreeSet<String>) -> Option<Entry> {
        let missing = self.linked.difference(&self.read).filter(|page| !beside.contains(*page));
        let missing: Vec<&str> = missing.map(String::as_str).collect();
        let first = missing.first()?;
        let more = if missing.len() > 1 { format!(" and {} more", missing.len() - 1) } else { String::new() };
        Some(Entry::Note(format!("not read: `{first}`{more}, to which other pages lead")))
    }
}

/// What pages and messages have from those before them.
#[derive(Default)]
struct History {
    folder: Option<String>,
    chat: Chat,
    day: Option<Date>,
    /// Who spoke so far, up to three of them.
    speakers: BTreeSet<String>,
    /// Whether a row says that it is a channel.
    is_channel: bool,
    from: Option<String>,
    via: Option<String>,
    forward: Option<(Forward, Option<String>)>,
    num_read: u64,
    num_removed: u64,
    account: Account,
}

impl History {
    /// The entries of a page.
    fn page(&mut self, file: &str, page: &Page, context: &ReadContext) -> Vec<Entry> {
        let mut entries = Vec::new();
        let root = page.root();
        if self.account.list(file, root) {
            return entries;
        }
        let folder = file.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        if self.folder != folder {
            entries.extend(self.end());
            let chat =
                Chat { id: folder.as_deref().and_then(html_account::chat_of).map(str::to_owned), ..Chat::default() };
            *self = Self { folder, chat, account: std::mem::take(&mut self.account), ..Self::default() };
        }
        if let Some(name) = root.find("page_header").and_then(|header| header.find("text")) {
            self.chat.name = Some(name.text());
        }
        self.hear(root);
        let wanted = &context.options.chats;
        let is_wanted = if wanted.is_empty() {
            self.chat.id.is_none()
        } else {
            wanted.has(&self.chat.label(), |wanted| self.chat.is_called(wanted))
        };
        let is_cut = !page.is_whole();
        for node in root.descendants().filter(|node| is_message(*node)) {
            let id = node.attribute("id").and_then(|id| id.strip_prefix("message")).unwrap_or_default();
            if id.starts_with('-') {
                self.day = node.find("body").and_then(|body| day(&body.text(), context)).or(self.day.take());
                continue;
            }
            if !is_wanted {
                self.num_removed += 1;
                continue;
            }
            let range = node.range();
            let place = Place::Bytes(range.start as u64, range.end as u64);
            entries.push(match self.record(id, node, context) {
                Some(mut record) => {
                    self.num_read += 1;
                    record.source = Source { file: file.to_owned(), place: Some(place), copies: Vec::new() };
                    Entry::Record(Box::new(record))
                }
                None => Entry::Skipped(Skipped {
                    file: file.to_owned(),
                    place,
                    reason: "the message has no id or no body".to_owned(),
                    excerpt: excerpt(&node.text()),
                }),
            });
        }
        if is_cut {
            let end = root.range().end;
            let note = format!("`{file}` is cut at byte {end}: it ends within the page, and what followed is lost");
            if let Some(Entry::Record(record)) = entries.last_mut() {
                record.flags.push("incomplete".to_owned());
            }
            entries.push(Entry::Note(note));
        }
        entries
    }

    /// The account of a chat that was left out.
    fn end(&mut self) -> Option<Entry> {
        let (num_read, count) = (std::mem::take(&mut self.num_read), std::mem::take(&mut self.num_removed));
        if let Some(folder) = self.folder.as_deref().filter(|_| self.chat.id.is_some()) {
            self.account.met(folder, self.chat.name.as_deref(), num_read, count);
        }
        let reason = "of chats that were not asked for, and whose pages do not say whether they are public".to_owned();
        if count > 0 {
            return Some(Entry::Removed(Removed { count, reason }));
        }
        (num_read > 0 && self.chat.id.is_none()).then(|| Entry::Hint(self.warning(num_read)))
    }

    /// What people should know who publish the pages of one chat, which say of themselves less than a list of chats does.
    fn warning(&self, num_read: u64) -> String {
        let may = if self.chat.is_of_two() { "is not public (of two)" } else { "may not be public" };
        let messages = if num_read == 1 { "message" } else { "messages" };
        format!("`{}` {may}: whoever gets the archive can read its {num_read} {messages}", self.chat.label())
    }

    /// Notes who speaks on a page. Where the one after whom the chat is called speaks, and one other, it is a chat of two, unless a row
    /// tells of a channel.
    fn hear(&mut self, root: Node<'_>) {
        const ENOUGH: usize = 3;
        for message in root.descendants().filter(|node| is_message(*node)) {
            let Some(body) = message.child("body") else { continue };
            self.is_channel |= message.has_classes("service") && body.text().starts_with("Channel ");
            let name = body.child("from_name").and_then(|name| split_via(&name.text()).0);
            if let Some(name) = name.filter(|_| self.speakers.len() < ENOUGH) {
                self.speakers.insert(name);
            }
        }
        let is_called_so = self.chat.name.as_ref().is_some_and(|name| self.speakers.contains(name));
        let is_of_two = self.speakers.len() == 2 && is_called_so && !self.is_channel;
        self.chat.kind = is_of_two.then(|| "personal_chat".to_owned());
    }

    fn record(&mut self, id: &str, node: Node<'_>, context: &ReadContext) -> Option<Record> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let body = node.child("body")?;
        let mut record = Record { id: Some(id.to_owned()), kind: "message".to_owned(), ..Record::default() };
        let signature = if node.has_classes("service") {
            self.service(&mut record, body);
            // A new picture of the chat stands beside the row.
            let picture = node.find("userpic_link").and_then(|link| link.attribute("href"));
            record.media.extend(picture.filter(|path| !path.is_empty()).map(|path| Attachment {
                kind: "photo".to_owned(),
                name: path.rsplit('/').next().map(str::to_owned),
                path: Some(path.to_owned()),
                ..Attachment::default()
            }));
            None
        } else {
            self.message(&mut record, node, body, context)
        };
        // Of several chats the handle is of one, and nobody knows of which.
        let handle = context.options.handle.as_deref().filter(|_| context.options.chats.len() < 2);
        place_in_chat(&mut record, &self.chat, handle);
        record.author = signature.or(record.author);
        Some(record)
    }

    fn service(&self, record: &mut Record, body: Node<'_>) {
        record.date.clone_from(&self.day);
        let text = body.text();
        if text.starts_with(UNSUPPORTED) {
            "unsupported".clone_into(&mut record.kind);
            record.media.push(Attachment { kind: "unsupported".to_owned(), ..Attachment::default() });
            record.flags.push("unsupported_media".to_owned());
            return;
        }
        "service".clone_into(&mut record.kind);
        record.reply_to = answered(body);
        RichText { text, spans: Vec::new() }.fill(record);
    }

    /// Fills in a message; gives the name that it is signed with.
    fn message(
        &mut self,
        record: &mut Record,
        node: Node<'_>,
        body: Node<'_>,
        context: &ReadContext,
    ) -> Option<String> {
        let title = body.child("date").and_then(|date| date.attribute("title"));
        take_date(record, title, |title| parse_date(&iso(title)?, &context.time_zone));
        if let Some(name) = body.child("from_name") {
            (self.from, self.via) = split_via(&name.text());
        } else if !node.has_classes("joined") {
            (self.from, self.via) = (None, None);
        }
        record.author.clone_from(&self.from);

        let mut via = self.via.clone();
        let forwarded = body.child("forwarded body");
        if let Some(forwarded) = forwarded {
            if let Some(name) = forwarded.child("from_name") {
                let date = name.child("date").and_then(|date| date.attribute("title")).and_then(iso);
                let whole: String = name.children().filter_map(Node::as_text).collect();
                let (name, bot) = split_via(&whole);
                via = via.or(bot);
                self.forward = Some((Forward { name: name.unwrap_or_default(), id: None, url: None }, date));
            }
            if let Some((forward, date)) = &self.forward {
                record.forwarded_from = Some(forward.clone());
                record.fields.extend(date.iter().map(|date| field("forwarded_date", date)));
            }
        } else {
            self.forward = None;
        }
        record.fields.extend(via.iter().map(|bot| field("via_bot", bot)));

        let inner = forwarded.unwrap_or(body);
        let reply = inner.child("reply_to");
        record.reply_to = reply.and_then(answered);
        if record.reply_to.is_none() && reply.is_some_and(|reply| reply.text().ends_with("another chat")) {
            record.fields.push(field("reply_elsewhere", "another chat"));
        }
        let mut card = None;
        if let Some(media) = inner.child("media_wrap") {
            card = media_of(media, record);
        }
        let reactions = inner.child("reactions").or_else(|| body.child("reactions"));
        record.reactions = reactions.map(reactions_of).unwrap_or_default();
        record.fields.extend(reactions.and_then(recent_reactions));
        let text = inner.child("text").map(rich_text).unwrap_or_default();
        let said = |text: String| RichText { text, spans: Vec::new() };
        if text.text.is_empty() { card.map(said).unwrap_or_default() } else { text }.fill(record);
        // Below a message with buttons, old exports have those that follow it in the same element: only its own are looked for.
        let table = inner.child("bot_buttons_table").or_else(|| body.child("bot_buttons_table"));
        let rows =
            table.into_iter().flat_map(|table| table.descendants().filter(|node| node.has_classes("bot_button_row")));
        record.fields.extend(buttons(rows.map(|row| row.descendants().filter(|node| node.name() == "a").collect())));
        inner.child("signature").or_else(|| body.child("signature")).map(Node::text)
    }
}

/// Whether an element is a message; one that lost its id is known by the classes that every message has.
fn is_message(node: Node<'_>) -> bool {
    let has_id = node.attribute("id").is_some_and(|id| id.starts_with("message"));
    node.has_classes("message") && (has_id || node.has_classes("clearfix") || node.has_classes("service"))
}

fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), serde_json::Value::from(value).to_string())
}

/// A name without the bot that it was sent through, and the bot.
fn split_via(text: &str) -> (Option<String>, Option<String>) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.split_once(" via @") {
        Some((name, bot)) => (Some(name.to_owned()), Some(format!("@{bot}"))),
        None => (Some(text).filter(|text| !text.is_empty()), None),
    }
}

/// `DD.MM.YYYY HH:MM:SS[ UTC±HH:MM]` as ISO 8601.
fn iso(title: &str) -> Option<String> {
    let mut words = title.split(' ');
    let (date, time) = (words.next()?, words.next()?);
    let [day, month, year] = date.split('.').collect::<Vec<_>>().try_into().ok()?;
    let offset = match words.next().and_then(|zone| zone.strip_prefix("UTC")) {
        None => "",
        Some("" | "+00:00" | "-00:00") => "Z",
        Some(offset) => offset,
    };
    Some(format!("{year}-{month}-{day}T{time}{offset}"))
}

/// The day that a row such as `3 November 2025` names.
fn day(text: &str, context: &ReadContext) -> Option<Date> {
    let [day, month, year] = text.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    parse_date(&format!("{year}-{month:02}-{:02}", day.parse::<u8>().ok()?), &context.time_zone)
}

/// The id of the message that a link in `node` goes to.
fn answered(node: Node<'_>) -> Option<String> {
    let links = node.descendants().filter_map(|node| node.attribute("href"));
    links.filter_map(|href| Some(href.split_once("#go_to_message")?.1.to_owned())).find(|id| !id.is_empty())
}

/// The text of a message with its formatting.
fn rich_text(node: Node<'_>) -> RichText {
    let mut text = RichText::default();
    text.walk(node, kind_of);
    // The exporter sets the element's tags on lines of their own.
    let end = text.text.trim_end_matches(' ').strip_suffix('\n').map_or(text.text.len(), str::len);
    let start = usize::from(text.text.starts_with('\n'));
    text.cut(start..end);
    text
}

/// What an element of a text means.
fn kind_of(node: Node<'_>, covered: &str) -> (&'static str, Option<String>) {
    let kind = match node.name() {
        "strong" | "b" => "bold",
        "em" | "i" => "italic",
        "u" | "ins" => "underline",
        "s" | "del" => "strike",
        "code" => "code",
        "pre" | "blockquote" => return prose::kind_of_element(node),
        "span" if node.has_classes("spoiler") => "spoiler",
        "a" => return link_kind(node, covered),
        _ => "",
    };
    (kind, None)
}

fn link_kind(node: Node<'_>, covered: &str) -> (&'static str, Option<String>) {
    let action = node.attribute("onclick").unwrap_or_default();
    let actions = [
        ("ShowHashtag", "hashtag"),
        ("ShowBotCommand", "bot_command"),
        ("ShowCashtag", "cashtag"),
        ("ShowMentionName", "mention_name"),
        ("ShowNotLoadedEmoji", "custom_emoji"),
        ("ShowNotAvailableEmoji", "custom_emoji"),
    ];
    if let Some((_, kind)) = actions.iter().find(|(name, _)| action.contains(name)) {
        return (kind, None);
    }
    let href = node.attribute("href").unwrap_or_default();
    if href.starts_with("mailto:") {
        return ("email", None);
    }
    if href.starts_with("tel:") {
        return ("phone", None);
    }
    if covered.strip_prefix('@').is_some_and(|name| !name.is_empty() && href.ends_with(name)) {
        return ("mention", None);
    }
    if href == covered {
        return ("link", Some(link_target(href)));
    }
    // Pictures of emoji stand in a folder of the export; all else that leads out of it names how.
    if !href.contains(':') && href.contains("stickers/") {
        return ("custom_emoji", Some(href.trim_start_matches("../").to_owned()));
    }
    // Where the exporter left a picture out, its reason stands in the place of the path.
    if href.starts_with("(File ") {
        return ("custom_emoji", None);
    }
    ("link", Some(href.to_owned()))
}

/// Fills in the media, or the poll, that an element holds; gives the words of a game or an invoice, which is none of them.
fn media_of(wrap: Node<'_>, record: &mut Record) -> Option<String> {
    let media = wrap.children().find(|node| node.attribute("class").is_some())?;
    if media.has_classes("media_poll") {
        ask(poll_of(media), record);
        record.fields.extend(kind_of_poll(&media.child("details").map(Node::text).unwrap_or_default()));
        return None;
    }
    let href = media.attribute("href").filter(|href| !href.is_empty());
    let title = media.find("title").map(Node::text).unwrap_or_default();
    let status = media.find("status").map(Node::text).unwrap_or_default();
    let kind = match (&*title, media) {
        (_, media) if media.has_classes("photo_wrap") => "photo",
        (_, media) if media.has_classes("sticker_wrap") => "sticker",
        (_, media) if media.has_classes("animated_wrap") || media.has_classes("video_file_wrap") => "video",
        ("Sticker", _) => "sticker",
        (_, media) if media.has_classes("media_photo") => "photo",
        (_, media) if media.has_classes("media_video") => "video",
        (_, media) if media.has_classes("media_voice_message") => "voice",
        (_, media) if media.has_classes("media_audio_file") => "audio",
        (_, media) if media.has_classes("media_file") => "file",
        (_, media) if media.has_classes("media_contact") => "contact",
        (_, media)
            if ["media_location", "media_live_location", "media_venue"]
                .iter()
                .any(|class| media.has_classes(class)) =>
        {
            "location"
        }
        // Calls, games and invoices are no files.
        _ => {
            record.fields.push(field("media_text", &media.text()));
            let says = ["media_game", "media_invoice"].iter().any(|class| media.has_classes(class));
            let description = media.find("description").map(Node::text);
            let lines = [Some(title), description].into_iter().flatten().filter(|line| !line.is_empty());
            return Some(lines.collect::<Vec<_>>().join("\n")).filter(|_| says);
        }
    };
    let description = media.find("description").map(Node::text).unwrap_or_default();
    match (kind, href) {
        ("location", Some(href)) => record.fields.extend(super::point(href).map(|(latitude, longitude)| {
            ("location_information".to_owned(), format!("{{\"latitude\":{latitude},\"longitude\":{longitude}}}"))
        })),
        ("contact", Some(href)) => record.fields.push(field("contact_vcard", href.trim_start_matches("../"))),
        _ => {}
    }
    record.flags.extend(left_out(&description, "").map(str::to_owned));
    let path =
        href.filter(|_| !matches!(kind, "contact" | "location")).map(|href| href.trim_start_matches("../").to_owned());
    if media.has_classes("media_venue") && !description.is_empty() {
        record.fields.push(field("address", &description));
    }
    let own_title = Some(&title).filter(|title| !title.is_empty() && !KIND_TITLES.contains(&title.as_str()));
    let name = match kind {
        "location" if matches!(&*title, "Location" | "Live location") => Some(status.clone()),
        _ => own_title.cloned().or_else(|| Some(path.as_deref()?.rsplit('/').next()?.to_owned())),
    };
    let time = media.find("video_duration").map_or(status.clone(), Node::text);
    let duration = time.split(", ").next().and_then(seconds);
    if !status.is_empty() {
        record.fields.push(field("media_status", &status));
    }
    let name = name.filter(|name| !name.is_empty());
    record.media.push(Attachment { kind: kind.to_owned(), name, size: None, duration, path });
    None
}

/// The seconds that `02:34` or `1:02:34` are.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let parts: Vec<u64> = text.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let is_time = matches!(parts.len(), 2 | 3) && parts.iter().skip(1).all(|part| *part < 60);
    is_time.then(|| parts.iter().fold(0u64, |sum, part| sum.saturating_mul(60).saturating_add(*part)))
}

fn poll_of(node: Node<'_>) -> Poll {
    let text = |classes: &str| node.find(classes).map(Node::text).unwrap_or_default();
    let votes = |text: &str| text.split_once(" vote").and_then(|(count, _)| count.trim().parse().ok());
    let answers = node.descendants().filter(|node| node.has_classes("answer")).map(|answer| {
        let own: String = answer.children().filter_map(Node::as_text).collect();
        let own = own.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = own.strip_prefix("- ").unwrap_or(&own).to_owned();
        PollAnswer { text, votes: Some(answer.find("details").and_then(|details| votes(&details.text())).unwrap_or(0)) }
    });
    let total = text("total");
    let num_voters = if total.starts_with("No votes") { Some(0) } else { votes(&total) };
    Poll { question: text("question"), answers: answers.collect(), voters: num_voters }
}

fn reactions_of(node: Node<'_>) -> Vec<Reaction> {
    let reaction = |node: Node<'_>| {
        let emoji = node.find("emoji").map(Node::text).filter(|emoji| !emoji.is_empty())?;
        // Where few reacted the page shows all of them in place of their number.
        let shown = || node.descendants().filter(|node| node.has_classes("userpic")).count().max(1);
        let count = node.find("count").and_then(|count| count.text().parse().ok());
        Some(Reaction { emoji, count: count.unwrap_or_else(|| shown() as u64) })
    };
    node.descendants().filter(|node| node.has_classes("reaction")).filter_map(reaction).collect()
}

/// Who reacted last, as far as the page shows them, as `result.json` has it under the same name.
fn recent_reactions(node: Node<'_>) -> Option<(String, String)> {
    let of = |node: Node<'_>| {
        let emoji = node.find("emoji").map(Node::text).unwrap_or_default();
        let pictures = node.descendants().filter(|node| node.has_classes("userpic"));
        let named = pictures.filter_map(|node| {
            std::iter::once(node).chain(node.descendants()).find_map(|node| node.attribute("title"))
        });
        named.map(|name| json!({ "from": name, "emoji": emoji })).collect::<Vec<_>>()
    };
    let recent: Vec<_> = node.descendants().filter(|node| node.has_classes("reaction")).flat_map(of).collect();
    (!recent.is_empty()).then(|| ("reactions_recent".to_owned(), json!(recent).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::files::{all, alone};
    use jiff::tz::TimeZone;

    fn entries(rows: &str) -> Vec<Entry> {
        let page = format!(
            "<title>Exported Data</title><div class='page_wrap'><div class='page_header'><div class='text'>Mum</div></div>\
             <div class='history'>{rows}</div></div>"
        );
        let context = ReadContext::new("messages.html", TimeZone::UTC);
        let reader = read(alone("messages.html", Box::new(page.as_bytes())), &context).unwrap();
        all(Ok(reader)).unwrap()
    }

    fn message(id: u32, from: &str, rest: &str) -> String {
        format!(
            "<div class='message default clearfix' id='message{id}'><div class='body'>\
             <div class='date details' title='01.01.2024 10:00:0{id}'>10:00</div><div class='from_name'>{from}</div>\
             <div class='text'>Hello</div>{rest}</div></div>"
        )
    }

    #[test]
    fn a_chat_of_two_has_both_as_authors_and_a_channel_none() {
        let both = [message(1, "Me", ""), message(2, "Mum", "")].concat();
        let channel =
            "<div class='message service' id='message3'><div class='body details'>Channel «Mum» created</div></div>";
        let group = message(4, "Ann", "");
        for (rows, expected, warning) in [
            (both.clone(), [("message", Some("Me")), ("message", Some("Mum"))], "is not public (of two)"),
            (both.clone() + channel, [("message", Some("Me")), ("post", None)], "may not be public"),
            (both + &group, [("message", Some("Me")), ("post", None)], "may not be public"),
        ] {
            let entries = entries(&rows);
            let records =
                entries.iter().filter_map(|entry| if let Entry::Record(record) = entry { Some(record) } else { None });
            let told: Vec<_> = records.map(|record| (&*record.kind, record.author.as_deref())).collect();
            assert_eq!(told[..2], expected, "{rows}");
            let hints =
                entries.iter().filter_map(|entry| if let Entry::Hint(hint) = entry { Some(hint) } else { None });
            assert_eq!(hints.filter(|hint| hint.contains(warning)).count(), 1, "{rows}");
        }
    }

    #[test]
    fn reactions_are_counted_by_their_pictures_where_no_number_stands() {
        let pictures = "<div class='userpic'><div class='initials' title='Ann'>A</div></div><div class='userpic'><div class='initials' title='Bob'>B</div></div>";
        let rest = format!(
            "<span class='reactions'><span class='reaction'><span class='emoji'>👍</span><span class='userpics'>{pictures}</span></span>\
             <span class='reaction'><span class='emoji'>❤</span><span class='count'>7</span></span></span>"
        );
        let entries = entries(&message(1, "Mum", &rest));
        let mut records =
            entries.iter().filter_map(|entry| if let Entry::Record(record) = entry { Some(record) } else { None });
        let record = records.next().unwrap();
        let counts: Vec<_> = record.reactions.iter().map(|reaction| (&*reaction.emoji, reaction.count)).collect();
        assert_eq!(counts, [("👍", 2), ("❤", 7)]);
        let recent = record.fields.iter().find(|(name, _)| name == "reactions_recent").map(|(_, json)| &**json);
        assert_eq!(recent, Some(r#"[{"from":"Ann","emoji":"👍"},{"from":"Bob","emoji":"👍"}]"#));
    }
}
