//! Saved pages of `t.me/s/CHANNEL`, and of single posts as other pages embed them.
//!
//! Every post names itself, `data-post="slug/id"`. One that a page shows twice is one record: the fuller one is kept and takes from
//! the other what it lacks. Those of several pages are united where those of several sources are. What is inside `.media_not_supported_cont` is a fallback that no reader sees.

use std::collections::{HashMap, HashSet};

use base64::Engine as _;

use super::desktop_html::seconds;
use super::{CUSTOM_EMOJI, buttons};
use crate::ingest::date::{parse_date, take_date, unix_date};
use crate::ingest::entities::ask;
use crate::ingest::error::IngestError;
use crate::ingest::files::{Part, Parts};
use crate::ingest::format::{Entry, ReadContext, Reader, Sample, Skipped, excerpt};
use crate::ingest::html::{Node, Page, prose};
use crate::ingest::json::pull::{Json, scalar};
use crate::ingest::rich_text::RichText;
use crate::record::{Attachment, Forward, Place, Poll, PollAnswer, Reaction, Record, Source};

/// Whether a sample is a page with posts.
pub(in crate::ingest) fn recognise(sample: &Sample<'_>) -> bool {
    let head = String::from_utf8_lossy(sample.head());
    head.contains("tgme_widget_message") && head.contains("data-post=\"")
}

/// Reads one page after another. A post that stands on several is told as often: what they say of it need not be the same.
#[expect(clippy::unnecessary_wraps, reason = "every reader may find at once that the input is not of its format")]
pub(in crate::ingest) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    Ok(Box::new(parts.flat_map(move |part| -> Vec<Result<Entry, IngestError>> {
        match part.and_then(|part| page(part, context)) {
            Ok(entries) => entries.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        }
    })))
}

/// The posts of a page in order of first appearance, then what became of the others.
fn page(part: Part<'_>, context: &ReadContext) -> Result<Vec<Entry>, IngestError> {
    let mut posts: Vec<Record> = Vec::new();
    let mut others: Vec<Entry> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let file = part.file.clone();
    let (page, note) = Page::read(part)?;
    let root = page.root();
    let title = root.find("tgme_channel_info_header_title").map(Node::text).filter(|title| !title.is_empty());
    for node in root.descendants().filter(|node| is_post(*node)) {
        let Some(name) = node.attribute("data-post") else { continue };
        let range = node.range();
        let place = Place::Bytes(range.start as u64, range.end as u64);
        let account = |reason: &str| Skipped {
            file: file.clone(),
            place: place.clone(),
            reason: reason.to_owned(),
            excerpt: excerpt(&own(node).filter_map(Node::as_text).collect::<String>()),
        };
        let Some(mut record) = post(name, node, title.as_deref(), context) else {
            others.push(Entry::Skipped(account("the post has no name such as channel/7")));
            continue;
        };
        record.source = Source { file: file.clone(), place: Some(place.clone()), copies: Vec::new() };
        if let Some(known) = places.get(name).and_then(|at| posts.get_mut(*at)) {
            merge(known, record);
            others.push(Entry::Merged(account("the same post stands on this page before")));
            continue;
        }
        places.insert(name.to_owned(), posts.len());
        posts.push(record);
    }
    let posts = posts.into_iter().map(|record| Entry::Record(Box::new(record)));
    Ok(posts.chain(others).chain(note.map(Entry::Note)).collect())
}

/// Joins two records of one post: the one with more text stays, and has the larger counts.
fn merge(known: &mut Record, mut other: Record) {
    if other.text.len() > known.text.len() {
        std::mem::swap(known, &mut other);
    }
    known.views = known.views.max(other.views);
    known.date = known.date.take().or(other.date);
    known.author = known.author.take().or(other.author);
    known.forwarded_from = known.forwarded_from.take().or(other.forwarded_from);
    known.reply_to = known.reply_to.take().or(other.reply_to);
    known.poll = known.poll.take().or(other.poll);
    known.title = known.title.take().or(other.title);
    if known.media.len() < other.media.len() {
        known.media = other.media;
    }
    if known.reactions.len() < other.reactions.len() {
        known.reactions = other.reactions;
    }
    for (name, value) in other.fields {
        if known.fields.iter().all(|(known, _)| *known != name) {
            known.fields.push((name, value));
        }
    }
}

/// What stands in place of a medium that browsers cannot show.
const STUB: &str = "message_media_not_supported_wrap";

/// The record of a post.
fn post<'a>(name: &str, node: Node<'a>, title: Option<&str>, context: &ReadContext) -> Option<Record> {
    let (slug, id) = name.rsplit_once('/').filter(|(slug, id)| !slug.is_empty() && is_number(id))?;
    let shown = |classes: &str| inner(node).find(|node| node.has_classes(classes));
    let text_of = |classes: &str| shown(classes).map(Node::text).filter(|text| !text.is_empty());

    let mut record = Record { id: Some(id.to_owned()), kind: "post".to_owned(), ..Record::default() };
    record.url = Some(format!("https://t.me/{slug}/{id}"));
    let owner = text_of("tgme_widget_message_owner_name").or(title.map(str::to_owned));
    record.channel = Some(owner.unwrap_or_else(|| slug.to_owned()));
    record.author = text_of("tgme_widget_message_from_author");
    let time = |node: Node<'_>| own(node).find_map(|node| node.attribute("datetime").map(str::to_owned));
    let date = shown("tgme_widget_message_date").and_then(time).or_else(|| time(node));
    take_date(&mut record, date.as_deref(), |date| parse_date(&date.replace("+00:00", "Z"), &context.time_zone));
    if let Some(from) = shown("tgme_widget_message_forwarded_from_name") {
        record.forwarded_from =
            Some(Forward { name: from.text(), id: None, url: from.attribute("href").map(str::to_owned) });
    }
    record.fields.push(field("channel_handle", slug));
    let view = node.attribute("data-view").map(view_of).unwrap_or_default();
    record.fields.extend(view.into_iter().map(|(name, value)| field(name, &value)));
    let find = |classes: &str| own(node).find(|node| node.has_classes(classes));
    if let Some(href) = find("tgme_widget_message_reply").and_then(|node| node.attribute("href")) {
        // A post answers one of its own channel, or the address says whose.
        match href.rsplit_once('/') {
            Some((channel, id)) if channel.ends_with(&format!("/{slug}")) && is_number(id) => {
                record.reply_to = Some(id.to_owned());
            }
            _ => record.fields.push(field("reply_to_url", href)),
        }
    }
    if let Some(views) = text_of("tgme_widget_message_views") {
        record.views = count(&views);
        if !is_number(&views) {
            record.fields.push(field("views_shown", &views));
        }
    }
    if text_of("tgme_widget_message_meta").is_some_and(|meta| meta.starts_with("edited")) {
        record.flags.push("edited".to_owned());
    }
    record.fields.extend(find("tgme_widget_message_link_preview").map(preview).unwrap_or_default());
    let signature = text_of("tgme_widget_message_forwarded_from_author");
    record.fields.extend(signature.map(|name| field("forwarded_signature", &name)));
    let rows = own(node).filter(|node| node.has_classes("tgme_widget_message_inline_row"));
    let of_row = |row: Node<'a>| {
        row.descendants().filter(|node| node.has_classes("tgme_widget_message_inline_button")).collect()
    };
    record.fields.extend(buttons(rows.map(of_row)));
    record.reactions = inner(node).filter(|node| node.has_classes("tgme_reaction")).filter_map(reaction).collect();
    if let Some(poll) = shown("tgme_widget_message_poll") {
        ask(poll_of(poll, text_of("tgme_widget_message_voters")), &mut record);
        let kind = poll.find("tgme_widget_message_poll_type").map(Node::text).unwrap_or_default();
        record.fields.extend(super::kind_of_poll(&kind));
    }

    let parts: Vec<Node<'_>> = inner(node).collect();
    media(&parts, &mut record);
    if shown("tgme_widget_message_grouped_wrap").is_some() {
        record.album = Some(id.to_owned());
    }
    let texts = parts.iter().filter(|node| node.has_classes("tgme_widget_message_text"));
    // A text that the page can unfold stands within itself; the innermost is the text.
    let text = texts.copied().find(|node| node.find("tgme_widget_message_text").is_none());
    text.map(rich_text).unwrap_or_default().fill(&mut record);

    if node.has_classes("service_message") {
        "service".clone_into(&mut record.kind);
        if record.text.is_empty() {
            let row =
                text_of("tgme_widget_message_service_date_wrap").or_else(|| text_of("tgme_widget_message_bubble"));
            RichText { text: row.unwrap_or_default(), spans: Vec::new() }.fill(&mut record);
        }
    } else if record.text.is_empty() && record.media.iter().any(|media| media.kind == "unsupported") {
        "unsupported".clone_into(&mut record.kind);
    }
    Some(record)
}

fn is_post(node: Node<'_>) -> bool {
    node.has_classes("tgme_widget_message")
}

/// What is in a post, but for posts that stand in it: each is one of its own.
fn own(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    node.descendants_but(is_post)
}

/// What people see of a post: neither the fallbacks that a page hides, nor what is in it of other posts and pages.
fn inner(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    const FOREIGN: [&str; 3] =
        ["media_not_supported_cont", "tgme_widget_message_link_preview", "tgme_widget_message_reply"];
    node.descendants_but(|node| is_post(node) || FOREIGN.iter().any(|class| node.has_classes(class)))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), serde_json::Value::from(value).to_string())
}

/// What the page that a post links to says of itself.
fn preview(node: Node<'_>) -> Vec<(String, String)> {
    const PARTS: [(&str, &str); 3] = [
        ("link_preview_site_name", "link_preview_site"),
        ("link_preview_title", "link_preview_title"),
        ("link_preview_description", "link_preview_description"),
    ];
    let said = |(class, name)| {
        let text = node.find(class).map(Node::text).filter(|text| !text.is_empty())?;
        Some(field(name, &text))
    };
    let address = node.attribute("href").map(|href| field("link_preview", href));
    address.into_iter().chain(PARTS.into_iter().filter_map(said)).collect()
}

/// What `data-view` tells: the channel's number, and when the page was made.
fn view_of(data: &str) -> Vec<(&'static str, String)> {
    let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(data.trim_end_matches('=')).unwrap_or_default();
    let members = std::str::from_utf8(&json).ok().and_then(|json| Json::new(json).members().ok()).unwrap_or_default();
    let member = |key: &str| members.iter().find(|(name, _)| name == key).and_then(|(_, value)| scalar(value));
    let channel =
        member("c").map(|number| number.trim_start_matches('-').to_owned()).filter(|number| is_number(number));
    let seen = member("t").and_then(|time| unix_date(time.parse().ok()?)).map(|date| date.text);
    [("channel_id", channel), ("page_made", seen)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// The number that `1.2K` stands for, as near as it says.
fn count(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(['K', 'M', 'B']);
    let zeros = match text.get(digits.len()..)? {
        "" => 0,
        "K" => 3,
        "M" => 6,
        "B" => 9,
        _ => return None,
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_sound = is_number(whole) && (part.is_empty() || is_number(part)) && part.len() <= zeros;
    is_sound.then(|| format!("{whole}{part}{}", "0".repeat(zeros - part.len())).parse().ok())?
}

fn reaction(node: Node<'_>) -> Option<Reaction> {
    let text = node.text();
    let shown = node.find("emoji").map(Node::text).filter(|emoji| !emoji.is_empty());
    let number: String =
        text.chars().rev().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | 'K' | 'M')).collect();
    let number: String = number.chars().rev().collect();
    let emoji = shown.or_else(|| {
        let custom =
            node.descendants().find(|node| node.attribute("emoji-id").is_some()).map(|_| CUSTOM_EMOJI.to_owned());
        custom.or_else(|| node.has_classes("tgme_reaction_paid").then(|| "⭐".to_owned()))
    })?;
    Some(Reaction { emoji, count: count(&number)? })
}

fn poll_of(node: Node<'_>, voters: Option<String>) -> Poll {
    let options = node.descendants().filter(|node| node.has_classes("tgme_widget_message_poll_option"));
    let answers = options.map(|option| {
        let text = option.find("tgme_widget_message_poll_option_text").map(Node::text).unwrap_or_default();
        let percent = option.find("tgme_widget_message_poll_option_percent").map(Node::text).unwrap_or_default();
        // Pages tell shares, not votes.
        let text = if percent.is_empty() { text } else { format!("{text} ({percent})") };
        PollAnswer { text, votes: None }
    });
    Poll {
        question: node.find("tgme_widget_message_poll_question").map(Node::text).unwrap_or_default(),
        answers: answers.collect(),
        voters: voters.and_then(|voters| count(&voters)),
    }
}

/// Adds the media of a post. What a player shows where it cannot play stands within it, and is no medium of its own.
fn media(parts: &[Node<'_>], record: &mut Record) {
    let mut end_of_player = 0;
    for part in parts {
        let range = part.range();
        let is_stub = part.has_classes(STUB);
        if is_stub && range.start < end_of_player {
            continue;
        }
        let before = record.media.len();
        medium(*part, record);
        if record.media.len() > before && !is_stub {
            end_of_player = end_of_player.max(range.end);
        }
    }
}

/// Adds the medium that an element is, if it is one.
fn medium(node: Node<'_>, record: &mut Record) {
    const KINDS: [(&str, &str); 10] = [
        ("tgme_widget_message_photo_wrap", "photo"),
        ("tgme_widget_message_video_player", "video"),
        ("tgme_widget_message_roundvideo_player", "video"),
        ("tgme_widget_message_voice_player", "voice"),
        ("tgme_widget_message_document_wrap", "file"),
        ("tgme_widget_message_sticker_wrap", "sticker"),
        ("tgme_widget_message_location_wrap", "location"),
        ("tgme_widget_message_venue_wrap", "location"),
        ("tgme_widget_message_contact_wrap", "contact"),
        (STUB, "unsupported"),
    ];
    let Some((_, kind)) = KINDS.iter().find(|(class, _)| node.has_classes(class)) else { return };
    let text = |classes: &str| node.find(classes).map(Node::text).filter(|text| !text.is_empty());
    let durations =
        ["message_video_duration", "tgme_widget_message_voice_duration", "tgme_widget_message_roundvideo_duration"];
    let is_song = *kind == "file" && node.find("tgme_widget_message_document_icon audio").is_some();
    let name = match *kind {
        "contact" => text("tgme_widget_message_contact_name"),
        "location" => text("tgme_widget_message_venue_title").or_else(|| {
            let (latitude, longitude) = super::point(node.attribute("href")?)?;
            Some(format!("{latitude}, {longitude}"))
        }),
        "sticker" => node.descendants().find_map(|node| node.attribute("data-sticker-emoji").map(str::to_owned)),
        _ => text("tgme_widget_message_document_title"),
    };
    if *kind == "unsupported" {
        record.flags.push("unsupported_media".to_owned());
    }
    record.fields.extend(text("tgme_widget_message_document_extra").map(|extra| field("media_status", &extra)));
    record.fields.extend(text("tgme_widget_message_venue_address").map(|address| field("address", &address)));
    record.fields.extend(text("tgme_widget_message_contact_phone").map(|phone| field("contact_phone", &phone)));
    record.media.push(Attachment {
        kind: if is_song { "audio" } else { kind }.to_owned(),
        name,
        size: None,
        duration: durations.iter().find_map(|class| text(class)).and_then(|time| seconds(&time)),
        path: address(node)
            .filter(|address| !address.contains("://") && !address.starts_with("//") && !address.starts_with("data:")),
    });
}

/// Where the file of a medium stands: beside a page that was saved whole, else on a server, which is of no use to an archive.
fn address(node: Node<'_>) -> Option<String> {
    std::iter::once(node).chain(node.descendants()).find_map(|node| {
        let shown = || {
            let (_, rest) = node.attribute("style")?.split_once("background-image:url(")?;
            Some(rest.split_once(')')?.0.trim_matches(['\'', '"']))
        };
        node.attribute("src").or_else(shown).map(str::to_owned)
    })
}

fn rich_text(node: Node<'_>) -> RichText {
    let mut text = RichText::default();
    text.walk(node, kind_of);
    // A block of code is marked once, as one, whatever it is made of.
    let blocks: HashSet<_> =
        text.spans.iter().filter(|span| span.kind == "pre").map(|span| span.range.clone()).collect();
    text.spans.retain(|span| span.kind != "code" || !blocks.contains(&span.range));
    let trimmed = text.text.trim_ascii();
    let start = text.text.len() - text.text.trim_ascii_start().len();
    text.cut(start..start + trimmed.len());
    text
}

/// What an element of a text means.
fn kind_of(node: Node<'_>, covered: &str) -> (&'static str, Option<String>) {
    let kind = match node.name() {
        _ if node.has_classes("emoji") => "",
        "tg-spoiler" => "spoiler",
        "tg-emoji" => return ("custom_emoji", node.attribute("emoji-id").map(str::to_owned)),
        "a" => return link_kind(node.attribute("href").unwrap_or_default(), covered),
        _ => return prose::kind_of_element(node),
    };
    (kind, None)
}

fn link_kind(href: &str, covered: &str) -> (&'static str, Option<String>) {
    if covered.starts_with('#') && href.contains("?q=%23") {
        return ("hashtag", None);
    }
    if covered.starts_with('$') && href.contains("?q=%24") {
        return ("cashtag", None);
    }
    if covered.strip_prefix('@').is_some_and(|name| !name.is_empty() && href.ends_with(name)) {
        return ("mention", None);
    }
    if href.starts_with("mailto:") {
        return ("email", None);
    }
    if href.starts_with("tel:") {
        return ("phone", None);
    }
    // Addresses under a text are escaped twice.
    ("link", Some(href.replace("&amp;", "&")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::files::{all, alone};
    use jiff::tz::TimeZone;

    fn records(html: &str) -> Vec<Record> {
        let context = ReadContext::new("f", TimeZone::UTC);
        let entries = all(read(alone("f", Box::new(html.as_bytes())), &context)).unwrap();
        let record = |entry| match entry {
            Entry::Record(record) => Some(*record),
            Entry::Merged(_) => None,
            other => panic!("{other:?}"),
        };
        entries.into_iter().filter_map(record).collect()
    }

    #[test]
    fn counts_are_estimates() {
        let check = |text, expected| assert_eq!(count(text), expected, "{text}");
        check("980", Some(980));
        check("1.2K", Some(1200));
        check("436.6K", Some(436_600));
        check("2M", Some(2_000_000));
        check("1.23456K", None);
        check("K", None);
        check("many", None);
    }

    #[test]
    fn a_place_is_its_coordinates() {
        let check = |href, expected| assert_eq!(crate::ingest::telegram::point(href), expected, "{href}");
        check("https://maps.google.com/maps?q=-23.5,-46.7&ll=-23.5,-46.7&z=16", Some(("-23.5", "-46.7")));
        check("https://maps.google.com/maps?z=16&q=59.94%2C30.31", Some(("59.94", "30.31")));
        check("https://maps.google.com/maps?q=harbour,north", None);
        check("https://maps.google.com/maps?faq=1,2", None);
        check("https://maps.google.com/maps", None);
        let found = records(
            "<div class='tgme_widget_message' data-post='s/7'><a class='tgme_widget_message_location_wrap' \
             href='https://maps.google.com/maps?q=-23.5,-46.7&amp;ll=-23.5,-46.7&amp;z=16'></a></div>",
        );
        let names = found.iter().flat_map(|record| &record.media).map(|media| media.name.as_deref());
        assert_eq!(names.collect::<Vec<_>>(), [Some("-23.5, -46.7")]);
    }

    #[test]
    fn what_a_player_says_where_it_cannot_play_is_no_medium() {
        let found = records(
            "<div class='tgme_widget_message' data-post='s/7'><a class='tgme_widget_message_video_player'>\
             <time class='message_video_duration'>0:27</time><div class='message_media_not_supported_wrap'>\
             <div class='message_media_not_supported'>This media is not supported in your browser</div></div></a>\
             <a class='tgme_widget_message_photo_wrap'></a></div>\
             <div class='tgme_widget_message' data-post='s/8'><div class='message_media_not_supported_wrap'>\
             <div class='message_media_not_supported'>Please open Telegram to view this post</div></div></div>",
        );
        let kinds = |record: &Record| record.media.iter().map(|media| media.kind.clone()).collect::<Vec<_>>().join(" ");
        let told: Vec<_> = found.iter().map(|record| (&*record.kind, kinds(record), record.flags.len())).collect();
        assert_eq!(told, [("post", "video photo".to_owned(), 0), ("unsupported", "unsupported".to_owned(), 1)]);
        assert_eq!(found[0].media[0].duration, Some(27));
    }

    #[test]
    fn a_post_on_two_pages_is_one() {
        let post = |views: &str, text: &str| {
            format!(
                "<div class='tgme_widget_message' data-post='s/7'><div class='tgme_widget_message_text'>{text}</div>\
                 <span class='tgme_widget_message_views'>{views}</span></div>"
            )
        };
        let found = records(&(post("12", "whole text") + &post("1.5K", "cut")));
        let [record] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((record.text.as_str(), record.views), ("whole text", Some(1500)));
    }

    #[test]
    fn posts_within_posts_are_posts_of_their_own() {
        // Each once looked at all that is in it, so that thousands within each other took as many times the page.
        let post = |id: usize| {
            format!(
                "<div class='tgme_widget_message' data-post='s/{id}'><time datetime='2024-06-{:02}'></time>\
                 <div class='tgme_widget_message_text'>t{id}</div>",
                id % 28 + 1
            )
        };
        let found = records(&(1..3000).map(post).collect::<String>());
        assert_eq!(found.len(), 2999);
        for (record, id) in found.iter().zip(1..).take(90) {
            let day = record.date.as_ref().map(|date| date.text.clone());
            assert_eq!((record.text.clone(), day), (format!("t{id}"), Some(format!("2024-06-{:02}", id % 28 + 1))));
        }
    }

    #[test]
    fn a_bad_byte_costs_itself_and_is_said() {
        let post = |id: u8, text: &[u8]| {
            let begin =
                format!("<div class='tgme_widget_message' data-post='s/{id}'><p class='tgme_widget_message_text'>");
            [begin.as_bytes(), text, b"</p></div>"].concat()
        };
        let (first, second) = (post(7, b"a\xFFb"), post(8, b"c"));
        let bytes = [first.as_slice(), &second].concat();
        let context = ReadContext::new("f", TimeZone::UTC);
        let found = all(read(alone("f", Box::new(bytes.as_slice())), &context)).unwrap();
        let [Entry::Record(one), Entry::Record(two), Entry::Note(note)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.text.as_str(), two.text.as_str()), ("a\u{fffd}b", "c"));
        // What follows stands where it does in the file, not in what was read.
        assert_eq!(two.source.place, Some(Place::Bytes(first.len() as u64, bytes.len() as u64)));
        let at = first.iter().position(|byte| *byte == 0xFF).unwrap();
        assert!(note.contains(&format!("byte {at}: U+FFFD")), "{note}");
    }

    #[test]
    fn views_are_read() {
        let data = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(br#"{"c":-1591537674,"t":1677228733}"#);
        let expected = [("channel_id", "1591537674".to_owned()), ("page_made", "2023-02-24T08:52:13Z".to_owned())];
        assert_eq!(view_of(&data), expected);
        assert_eq!(view_of("?"), []);
    }
}
