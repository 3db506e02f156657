//! Feeds: RSS, Atom and JSON Feed.
//!
//! A feed that is no XML (a bare ampersand, a control character, a file that is cut) is mended as far as it goes, which is said. An
//! entry has the place of its element where these can be told apart, else that of the whole file.

mod elements;
mod json_feed;

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::BufRead as _;

use encoding_rs::Encoding;
use feed_rs::model::{Entry as Item, Feed, Link, Text};
use feed_rs::parser::Builder;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use url::Url;

use self::elements::{last_end, own_elements, places, xml_base};
use self::json_feed::JsonFeed;
use super::bounds::bounded;
use super::date::{keep_unread, mail_date, parse_date};
use super::encoding;
use super::entities;
use super::error::{IngestError, IngestErrorKind};
use super::files::{Part, Parts};
use super::format::{Entry, ReadContext, Reader, Sample, Skipped, excerpt};
use super::html::prose;
use super::json::object::field;
use super::json::outline::{self, Sketch};
use super::rich_text::RichText;
use super::wordpress;
use crate::record::{Attachment, Date, Place, Precision, Record, Source};

/// Longest feed that is read, in bytes. A feed has some dozen entries, an archive of a blog some thousand.
const MAX_FEED_LEN: u64 = 64 << 20;

/// Bytes within which a feed declares its encoding.
const MAX_DECLARATION_LEN: usize = 256;

/// What was done to a feed of which the end could not be read.
const CUT: &str = "it ends behind its last whole entry";

/// Why an entry is no post.
const NOTHING: &str = "there is nothing in the entry";

/// Items of a JSON Feed that are held until its end, and of a feed in XML.
const MAX_HELD: usize = 100_000;

/// Tags of a feed, which is held whole: each takes some hundred bytes of memory, and as few as seven of the feed.
const MAX_TAGS: usize = 1 << 20;

/// Bytes before the root of a feed: a declaration, style sheets, comments.
const MAX_PROLOGUE_LEN: usize = 8 << 10;

/// Seconds of a day of UTC.
const SECONDS_OF_DAY: i64 = 24 * 60 * 60;

/// Longest address that the links of an entry are seen from.
const MAX_BASE_LEN: usize = 2 << 10;

/// Whether a sample is a feed.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let text = sample.text();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') {
        let sketch = Sketch::new(sample, "items");
        let version = sketch.member("version").and_then(Value::as_str).unwrap_or_default();
        return version.contains("jsonfeed.org/version/") && sketch.has_list;
    }
    // What WordPress exports has the form of a feed, and more in it.
    root(text).is_some_and(|root| ["rss", "feed", "rdf:RDF"].contains(&root)) && !wordpress::is_export(text)
}

/// The name of the first element of a text.
fn root(text: &str) -> Option<&str> {
    let mut at = 0;
    loop {
        at += text.get(at..).filter(|_| at < MAX_PROLOGUE_LEN)?.find('<')?;
        let rest = text.get(at + 1..)?;
        if !text.get(..at)?.trim_end().is_empty() && !text.trim_start().starts_with('<') {
            return None;
        }
        let end = match rest.chars().next()? {
            '?' => rest.find("?>")?,
            '!' if rest.starts_with("!--") => rest.find("-->")?,
            '!' => rest.find('>')?,
            _ => return rest.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next(),
        };
        at += 1 + end;
    }
}

/// Reads files one after another.
#[expect(clippy::unnecessary_wraps, reason = "every reader may find at once that the input is not of its format")]
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    Ok(Box::new(parts.flat_map(move |part| -> Reader<'a> {
        let read = part.and_then(|mut part| {
            let head =
                part.input.fill_buf().map_err(|error| IngestError::new(&*part.file, IngestErrorKind::Io(error)))?;
            let is_json = head.iter().find(|byte| !byte.is_ascii_whitespace() && **byte < 0x80) == Some(&b'{');
            if is_json {
                let parts: Parts<'a> = Box::new(std::iter::once(Ok(part)));
                return outline::read(parts, JsonFeed::new(context));
            }
            xml(part, context)
        });
        read.unwrap_or_else(|error| Box::new(std::iter::once(Err(error))))
    })))
}

/// Refuses a feed of more tags, or more entries, than are read, with what the limit is.
fn bounded_tags(xml: &[u8]) -> Result<(), usize> {
    let (mut num_tags, mut num_items) = (0, 0);
    for tag in xml.split(|byte| *byte == b'<').skip(1) {
        let name =
            tag.split(|byte| matches!(byte, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n')).next().unwrap_or_default();
        let name = name.rsplit(|byte| *byte == b':').next();
        num_tags += 1;
        num_items += usize::from(name.is_some_and(|name| name == b"item" || name == b"entry"));
    }
    match () {
        () if num_items > MAX_HELD => Err(MAX_HELD),
        () if num_tags > MAX_TAGS => Err(MAX_TAGS),
        () => Ok(()),
    }
}

/// Reads RSS or Atom.
fn xml<'a>(part: Part<'a>, context: &ReadContext) -> Result<Reader<'a>, IngestError> {
    let (file, bytes) = part.whole(MAX_FEED_LEN)?;
    bounded_tags(&bytes).map_err(|limit| IngestError::new(&*file, IngestErrorKind::TooManyElements { limit }))?;
    let (mut entries, mut is_cut) = (Vec::new(), false);
    let parsed = parse(&plain(&bytes)).or_else(|error| {
        mended(&bytes)
            .into_iter()
            .find_map(|(xml, how)| {
                let feed = parse(xml.as_bytes()).ok()?;
                entries.push(Entry::Note(format!("the feed is no XML ({error}) and was mended: {how}")));
                is_cut = how == CUT;
                Some(feed)
            })
            .ok_or(error)
    });
    let whole = Place::Bytes(0, bytes.len() as u64);
    let feed = match parsed {
        Ok(feed) => feed,
        Err(error) => {
            let reason = format!("the feed cannot be read: {error}");
            entries.push(Entry::Skipped(Skipped { file: file.clone(), place: whole, reason, excerpt: String::new() }));
            return Ok(Box::new(entries.into_iter().map(Ok)));
        }
    };
    if is_cut {
        let reason = "what stands behind the last whole entry cannot be read".to_owned();
        let len = bytes.len() as u64;
        let skipped =
            Skipped { file: file.clone(), place: Place::Bytes(last_end(&bytes), len), reason, excerpt: String::new() };
        entries.push(Entry::Skipped(skipped));
    }
    let places = places(&bytes, feed.entries.len());
    let about = About::new(&feed);
    let head = String::from_utf8_lossy(bytes.get(..MAX_PROLOGUE_LEN).unwrap_or(&bytes)).into_owned();
    let bases: Vec<String> =
        ["feed", "rss", "rdf:RDF", "channel"].iter().filter_map(|tag| xml_base(&head, tag)).collect();
    for (number, item) in feed.entries.into_iter().enumerate() {
        let place = places.get(number).cloned().unwrap_or_else(|| whole.clone());
        let range = if let Place::Bytes(start, end) = place { start as usize..end as usize } else { 0..0 };
        let element = bytes.get(range).filter(|_| !places.is_empty()).unwrap_or_default();
        let element = match std::str::from_utf8(element) {
            Ok(element) => Cow::Borrowed(element),
            Err(_) => narrow(&bytes).decode(element).0,
        };
        let inner = ["entry", "item", "content"].iter().filter_map(|tag| xml_base(&element, tag));
        let bases: Vec<String> = bases.iter().cloned().chain(inner).collect();
        let mut record = about.record(item, &bases);
        if says_nothing(&record) {
            let reason = NOTHING.to_owned();
            entries.push(Entry::Skipped(Skipped { file: file.clone(), place, reason, excerpt: excerpt(&element) }));
            continue;
        }
        keep_dates(&element, &mut record, &context.time_zone);
        record.source = Source { file: file.clone(), place: Some(place), copies: Vec::new() };
        entries.push(Entry::Record(Box::new(record)));
    }
    Ok(Box::new(entries.into_iter().map(Ok)))
}

/// A feed as UTF-8 that says nothing of its encoding: quick-xml ends the program where a declaration is at odds with the bytes.
fn plain(bytes: &[u8]) -> Vec<u8> {
    let wide = match bytes {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => Some(encoding_rs::UTF_16LE),
        [0xfe, 0xff, ..] | [0, b'<', ..] => Some(encoding_rs::UTF_16BE),
        _ => None,
    };
    let text = match (wide, std::str::from_utf8(bytes)) {
        (Some(encoding), _) => encoding.decode(bytes).0,
        (None, Ok(text)) => Cow::Borrowed(text.trim_start_matches('\u{feff}')),
        (None, Err(_)) => narrow(bytes).decode(bytes).0,
    };
    let body = match text.trim_start().split_once("?>") {
        Some((declaration, body)) if declaration.starts_with("<?xml ") => body,
        _ => &text,
    };
    body.as_bytes().to_vec()
}

/// The encoding of a feed that is neither UTF-8 nor a wide one.
fn narrow(bytes: &[u8]) -> &'static Encoding {
    declared(bytes).unwrap_or(encoding_rs::WINDOWS_1252)
}

/// The encoding that a feed declares, where its bytes can be of it.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(MAX_DECLARATION_LEN))?).into_owned();
    let (_, rest) = head.split_once("encoding=")?;
    let label = rest.get(1..)?.split(['"', '\'']).next()?;
    let found = Encoding::for_label(label.as_bytes())?;
    Some(found).filter(|found| *found != encoding_rs::UTF_16LE && *found != encoding_rs::UTF_16BE)
}

fn parse(xml: &[u8]) -> Result<Feed, String> {
    // An id that nobody gave is none.
    let parser = Builder::new().sanitize_content(false).id_generator(|_, _, _| String::new()).build();
    parser.parse(xml).map_err(|error| error.to_string())
}

/// A feed that is no XML, mended in one way after another, each with what was done.
fn mended(bytes: &[u8]) -> Vec<(String, &'static str)> {
    let text = encoding::sample(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '&' if !is_reference(after) => clean.push_str("&amp;"),
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => clean.push(' '),
            c => clean.push(c),
        }
        rest = after;
    }
    // The text is UTF-8 by now, whatever it says of itself.
    if let Some((_, body)) = clean.split_once("?>").filter(|(declaration, _)| declaration.starts_with("<?xml")) {
        clean = String::from(body.trim_start());
    }
    let escaped = with_markup_as_text(&clean);
    let mut cut = Vec::new();
    for text in [Some(&clean), escaped.as_ref()].into_iter().flatten() {
        for (end, closing) in [("</item>", "</channel></rss>"), ("</entry>", "</feed>"), ("</item>", "</rdf:RDF>")] {
            if let Some(at) = text.rfind(end) {
                let head = text.get(..at + end.len()).unwrap_or_default();
                cut.push((format!("{head}{closing}"), CUT));
            }
        }
    }
    let mut ways = vec![(clean, "stray characters were taken for text")];
    ways.extend(escaped.map(|text| (text, "markup that is not closed was taken for the text that it stands in")));
    ways.extend(cut);
    ways
}

/// A feed in which what its texts hold unpacked is packed as text: `<description>one<br>two</description>`; none where that changes
/// nothing. Markup that says that it is XML stays.
fn with_markup_as_text(xml: &str) -> Option<String> {
    const TEXTS: [&str; 5] = ["description", "content:encoded", "summary", "content", "title"];
    let (mut out, mut rest, mut is_changed) = (String::with_capacity(xml.len()), xml, false);
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let name = tag.get(1..).unwrap_or_default().split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next();
        let Some(name) = name.filter(|name| TEXTS.contains(name)) else {
            // What is packed already may name such elements.
            let end = tag.starts_with("<![CDATA[").then(|| tag.find("]]>").map(|end| end + 3)).flatten().unwrap_or(1);
            let (kept, after) = tag.split_at(end);
            out.push_str(kept);
            rest = after;
            continue;
        };
        let head_len = tag.find('>').map_or(tag.len(), |end| end + 1);
        let (head, after) = tag.split_at(head_len);
        out.push_str(head);
        rest = after;
        let is_xml = head.ends_with("/>") || head.contains("xhtml") || rest.trim_start().starts_with("<![CDATA[");
        let Some(end) = rest.find(&format!("</{name}>")).filter(|_| !is_xml) else { continue };
        let (inner, after) = rest.split_at(end);
        if inner.contains('<') {
            out.push_str(&inner.replace('&', "&amp;").replace('<', "&lt;"));
            is_changed = true;
        } else {
            out.push_str(inner);
        }
        rest = after;
    }
    out.push_str(rest);
    is_changed.then_some(out)
}

/// Whether what follows an ampersand makes it a reference that XML knows.
fn is_reference(rest: &str) -> bool {
    let Some((name, _)) = rest.split_once(';').filter(|(name, _)| name.len() <= 10) else { return false };
    match name.strip_prefix('#') {
        Some(number) => {
            let digits = number.strip_prefix('x').unwrap_or(number);
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        None => ["amp", "lt", "gt", "quot", "apos"].contains(&name),
    }
}

/// Whether an entry has nothing that anybody could read or look up.
fn says_nothing(record: &Record) -> bool {
    let Record { id, title, text, url, media, tags, fields, .. } = record;
    let has_none = id.is_none() && title.is_none() && text.is_empty() && url.is_none();
    has_none && media.is_empty() && tags.is_empty() && fields.is_empty()
}

/// The address that an entry has of its own.
fn page_of(item: &Item) -> Option<&str> {
    item.links.iter().find(|link| is_page(link)).map(|link| link.href.as_str())
}

/// An address as it is seen from another.
fn join(base: Option<&Url>, address: &str) -> Option<Url> {
    Url::options().base_url(base).parse(address.trim()).ok()
}

/// What elements say of where addresses are seen from, each within the one before.
fn said(whole: Option<&Url>, bases: &[String]) -> Option<Url> {
    bases.iter().fold(None, |base: Option<Url>, said| join(base.as_ref().or(whole), said).or(base))
}

/// Whether a link leads to what it is of, not to what is about it or enclosed.
fn is_page(link: &Link) -> bool {
    link.rel.as_deref().is_none_or(|rel| rel == "alternate")
}

/// What a feed says of all its entries.
struct About {
    title: Option<String>,
    lang: Option<String>,
    author: Option<String>,
    /// The address of what it is the feed of.
    link: Option<String>,
}

impl About {
    fn new(feed: &Feed) -> Self {
        Self {
            title: feed.title.as_ref().map(line_of).filter(|title| !title.is_empty()).map(bounded),
            lang: feed.language.as_deref().and_then(lang),
            author: names(&feed.authors).map(bounded),
            link: feed.links.iter().find(|link| is_page(link)).map(|link| bounded(link.href.clone())),
        }
    }

    /// From where the links of an entry are seen: what its elements say, `bases`, one within the other (XML Base, section 4), else its own
    /// address, else that of the whole.
    fn base_of(&self, item: &Item, bases: &[String]) -> Option<Url> {
        let whole = self.link.as_deref().and_then(|link| join(None, link));
        let own = page_of(item).and_then(|link| join(whole.as_ref(), link));
        said(whole.as_ref(), bases).or(own).or(whole)
    }

    /// The address of an entry, which some feeds write as seen from their site.
    fn url_of(&self, item: &Item, bases: &[String]) -> Option<String> {
        page_of(item).map(|link| self.seen_from(link, bases))
    }

    /// An address as it leads somewhere; one that says where by itself stays as it is written.
    fn seen_from(&self, address: &str, bases: &[String]) -> String {
        if Url::parse(address.trim()).is_ok() {
            return address.to_owned();
        }
        let whole = self.link.as_deref().and_then(|link| join(None, link));
        let base = said(whole.as_ref(), bases).or(whole);
        join(base.as_ref(), address).map_or_else(|| address.to_owned(), String::from)
    }

    fn record(&self, item: Item, bases: &[String]) -> Record {
        let mut record = Record { kind: "post".to_owned(), ..Record::default() };
        let base = self.base_of(&item, bases).map(String::from);
        let address = base.as_deref();
        record.url = self.url_of(&item, bases);
        record.id = Some(item.id).filter(|id| !id.is_empty());
        record.channel.clone_from(&self.title);
        record.author = names(&item.authors).or_else(|| self.author.clone());
        record.title = item.title.as_ref().map(line_of).filter(|title| !title.is_empty());
        let (published, updated) =
            (item.published.map(|time| time.timestamp()), item.updated.map(|time| time.timestamp()));
        record.date = published.or(updated).and_then(utc);
        record.edited = updated
            .filter(|updated| published.is_some_and(|published| published != *updated))
            .and_then(utc)
            .map(|date| date.text);
        record.lang = item.language.as_deref().and_then(lang).or_else(|| self.lang.clone());
        let body = item
            .content
            .as_ref()
            .and_then(|content| Some((content.body.as_deref()?, content.content_type.to_string())));
        let summary = item.summary.as_ref().map(|text| (text.content.as_str(), text.content_type.to_string()));
        let mut text =
            body.as_ref().or(summary.as_ref()).map(|(body, kind)| rich_text(body, kind, address)).unwrap_or_default();
        text.trim();
        text.fill(&mut record);
        if let (Some(_), Some((summary, kind))) = (&body, &summary) {
            let summary = rich_text(summary, kind, address).text;
            if !summary.is_empty() && !record.text.starts_with(summary.trim_end_matches(['…', '.', ' '])) {
                record.fields.push(field("summary", &summary));
            }
        }
        let tags = item.categories.into_iter().map(|category| category.label.unwrap_or(category.term));
        entities::add_tags(&mut record, tags.filter(|tag| !tag.is_empty()));
        let enclosed = item.links.iter().filter(|link| link.rel.as_deref() == Some("enclosure"));
        record.media = enclosed.map(|link| medium(&link.href, link.media_type.as_deref(), link.length, None)).collect();
        let mut known: HashSet<Option<String>> = record.media.iter().map(|medium| medium.name.clone()).collect();
        for object in item.media {
            let duration = object.duration.map(|duration| duration.as_secs());
            for content in object.content {
                let Some(url) = content.url else { continue };
                let kind = content.content_type.map(|kind| kind.to_string());
                let duration = content.duration.map(|duration| duration.as_secs()).or(duration);
                let medium = medium(url.as_str(), kind.as_deref(), content.size, duration);
                if known.insert(medium.name.clone()) {
                    record.media.push(medium);
                }
            }
        }
        record
    }
}

/// Elements that say when an entry is of, or when it was changed.
const DATES: [&str; 8] =
    ["pubDate", "published", "updated", "modified", "issued", "created", "dc:date", "dcterms:modified"];

/// Gives the dates of an entry the offset and the precision that its source has, since the parser keeps instants alone, and a date that it
/// has not understood.
fn keep_dates(element: &str, record: &mut Record, zone: &TimeZone) {
    let mut unread = None;
    let element = own_elements(element);
    for name in DATES {
        let inner = element.split_once(&format!("<{name}")).and_then(|(_, rest)| rest.split_once('>'));
        let Some(text) = inner.and_then(|(_, rest)| rest.split_once("</")).map(|(text, _)| plain_text(text)) else {
            continue;
        };
        let read = |zone| parse_date(text, zone).or_else(|| mail_date(text, zone));
        // The parser takes for UTC what has no offset that it knows, and for midnight what has no time.
        let (Some(said), Some(as_utc)) = (read(zone), read(&TimeZone::UTC)) else {
            unread = unread.or(Some(text).filter(|text| !text.is_empty()));
            continue;
        };
        if record.date.is_none() {
            record.date = Some(said);
            continue;
        }
        // The parser takes the end of a day for its start.
        let is_end_of_day = record.date.as_ref().is_some_and(|date| date.seconds + SECONDS_OF_DAY == as_utc.seconds);
        if is_end_of_day && text.contains("24:00") {
            record.date = Some(said);
            continue;
        }
        if said.precision == Precision::Second && said.text.ends_with(['Z', 'z']) {
            continue;
        }
        let edited = record.edited.as_deref().and_then(|text| parse_date(text, &TimeZone::UTC));
        if edited.is_some_and(|edited| edited.seconds == as_utc.seconds) {
            record.edited = Some(said.text.clone());
        }
        if record.date.as_ref().is_some_and(|date| date.seconds == as_utc.seconds) {
            record.date = Some(said);
        }
    }
    if let Some(text) = unread.filter(|_| record.date.is_none()) {
        keep_unread(record, text);
    }
}

/// What an element holds, without what says that it is text.
fn plain_text(inner: &str) -> &str {
    let inner = inner.trim();
    inner.strip_prefix("<![CDATA[").and_then(|inner| inner.strip_suffix("]]>")).unwrap_or(inner).trim()
}

fn names(people: &[feed_rs::model::Person]) -> Option<String> {
    let names: Vec<&str> =
        people.iter().filter_map(|person| person.name.as_deref().or(person.email.as_deref())).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn utc(seconds: i64) -> Option<Date> {
    Some(Date { text: Timestamp::from_second(seconds).ok()?.to_string(), seconds, precision: Precision::Second })
}

/// The language of a tag such as `de-AT`.
fn lang(tag: &str) -> Option<String> {
    let lang = tag.split(['-', '_']).next()?.to_lowercase();
    (lang.len() == 2 && lang.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(lang)
}

/// A heading, on one line.
fn line_of(text: &Text) -> String {
    let kind = text.content_type.to_string();
    rich_text(&text.content, &kind, None).text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that is markup, whose links are seen from `address`, or says that it is plain and is.
fn rich_text(text: &str, kind: &str, address: Option<&str>) -> RichText {
    let is_markup = kind != "text/plain" || text.contains("</") || text.contains("&lt;") || text.contains("<br");
    if is_markup {
        return prose::prose_at(text, prose::kind_of, address);
    }
    super::markers::marked(text, &[], &super::markers::plain_token)
}

fn medium(url: &str, kind: Option<&str>, size: Option<u64>, duration: Option<u64>) -> Attachment {
    let kind = match kind.unwrap_or_default().split('/').next().unwrap_or_default() {
        "image" => "photo",
        "video" => "video",
        "audio" => "audio",
        _ => "file",
    };
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(url).to_owned();
    Attachment { kind: kind.to_owned(), name: Some(name), size: size.filter(|size| *size > 0), duration, path: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_their_places_and_offsets_beside_what_is_none() {
        let rss = |items: &str| format!("<rss version='2.0'><channel><title>a</title>{items}</channel></rss>");
        let item = "<item><title>b</title><pubDate>Mon, 15 Jan 2024 10:30:00 +0100</pubDate></item>";
        let cases = [
            rss(&format!("{item}<item/>")),
            rss(&format!("<item />{item}")),
            rss(&format!("<!-- <item><pubDate>Mon, 1 Jan 2001 10:30:00 +0900</pubDate></item> -->{item}")),
            rss(&format!("<image><description><![CDATA[<item>]]></description></image>{item}")),
        ];
        for xml in cases {
            let found = records(&xml).into_iter().find(|record| record.title.is_some()).unwrap();
            assert_eq!(found.date.as_ref().unwrap().text, "2024-01-15T10:30:00+01:00", "{xml}");
            let start = xml.rfind("<item><title>").unwrap() as u64;
            assert_eq!(found.source.place, Some(Place::Bytes(start, start + item.len() as u64)), "{xml}");
        }
        let xml = rss("<item><title>b</title><pubDate>Lun, 15 janv. 2024</pubDate></item><item/>");
        assert_eq!(records(&xml)[0].flags, ["date_unread"]);
    }

    #[test]
    fn dates_of_something_else_are_none_of_an_entry() {
        let date = |inner: &str| {
            let xml = format!(
                "<rss version='2.0'><channel><title>a</title><item><title>b</title>{inner}</item></channel></rss>"
            );
            records(&xml).remove(0).date.map(|date| date.text)
        };
        let own = "<pubDate>Mon, 15 Jan 2024 10:30:00 +0100</pubDate>";
        let packed = "<description><![CDATA[Write <pubDate>Sat, 01 Jan 2000 00:00:00 GMT</pubDate> so]]></description>";
        assert_eq!(date(packed), None);
        assert_eq!(date(&format!("{packed}{own}")).as_deref(), Some("2024-01-15T10:30:00+01:00"));
        assert_eq!(date("<source><published>2001-01-01T00:00:00Z</published></source>"), None);
        assert_eq!(date("<!-- <pubDate>Sat, 01 Jan 2000 00:00:00 GMT</pubDate> -->"), None);
        let day = date("<pubDate><![CDATA[Mon, 15 Jan 2024 10:30:00 +0100]]></pubDate>");
        assert_eq!(day.as_deref(), Some("2024-01-15T10:30:00+01:00"));
        assert_eq!(date("<pubDate>Tue, 16 Jan 2024 24:00:00 GMT</pubDate>").as_deref(), Some("2024-01-17T00:00:00Z"));
    }

    #[test]
    fn items_of_json_have_the_authors_of_their_feed() {
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"J","authors":[{"name":"Top"}],"items":[{"id":"1"},{"id":"2","author":{"name":"Own"}}]}"#;
        let context = ReadContext::new("f.json", TimeZone::UTC);
        let parts: Parts<'_> = Box::new(std::iter::once(Ok(Part::new("f.json", Box::new(json.as_bytes())))));
        let authors: Vec<_> = read(parts, &context)
            .unwrap()
            .filter_map(|entry| if let Entry::Record(record) = entry.unwrap() { record.author } else { None })
            .collect();
        assert_eq!(authors, ["Top", "Own"]);
    }

    fn read_all(xml: &str) -> Vec<Entry> {
        let context = ReadContext::new("f.xml", TimeZone::UTC);
        let part = Part::new("f.xml", Box::new(xml.as_bytes()));
        super::xml(part, &context).unwrap().map(Result::unwrap).collect()
    }

    fn records(xml: &str) -> Vec<Record> {
        let record = |entry| if let Entry::Record(record) = entry { Some(*record) } else { None };
        read_all(xml).into_iter().filter_map(record).collect()
    }

    #[test]
    fn dates_keep_the_zone_and_the_precision_that_they_have() {
        let check = |date: &str, expected: Option<&str>| {
            let xml = format!(
                "<rss version='2.0'><channel><title>a</title><item><guid>1</guid>{date}</item></channel></rss>"
            );
            let record = records(&xml).remove(0);
            assert_eq!(record.date.map(|date| date.text).as_deref(), expected, "{date}");
        };
        for zone in ["CEST", "MSK", "MSD", "BST", "A", "K", "AEST", ""] {
            check(&format!("<pubDate>Sun, 31 Mar 2019 02:30:00 {zone}</pubDate>"), Some("2019-03-31T02:30:00"));
        }
        check("<pubDate>Sun, 31 Mar 2019 02:30:00 EST</pubDate>", Some("2019-03-31T02:30:00-05:00"));
        check("<pubDate>Sun, 31 Mar 2019 02:30:00 GMT</pubDate>", Some("2019-03-31T02:30:00Z"));
        check("<pubDate>soon</pubDate>", None);
        let rdf = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>a</title></channel><item><title>b</title><link>https://a.example/1</link><dc:date>2022-12-17</dc:date></item></rdf:RDF>";
        assert_eq!(records(rdf)[0].date.as_ref().unwrap().text, "2022-12-17");
    }

    #[test]
    fn links_are_seen_from_what_the_feed_says() {
        let check = |feed: &str, entry: &str, content: &str, expected: &[&str]| {
            let xml = format!(
                "<feed xmlns='http://www.w3.org/2005/Atom'{feed}<title>a</title><entry{entry}<id>1</id><content type='html'{content}>\
                 &lt;a href='b?c'&gt;d&lt;/a&gt;</content></entry></feed>"
            );
            assert_eq!(records(&xml)[0].links, expected, "{xml}");
        };
        let (whole, own) = ("><link href='https://w.example/x/'/>", "><link href='https://o.example/y/z'/>");
        check(">", ">", "", &[]);
        check(whole, ">", "", &["https://w.example/x/b?c"]);
        check(whole, own, "", &["https://o.example/y/b?c"]);
        check(" xml:base='https://f.example/'>", own, "", &["https://f.example/b?c"]);
        check(" xml:base='https://f.example/'>", ">", " xml:base='g/'", &["https://f.example/g/b?c"]);
        check(whole, " xml:base=\"h/\">", " xml:base='i/'", &["https://w.example/x/h/i/b?c"]);
        let rss = "<rss version='2.0'><channel><title>a</title><link>https://r.example/s/</link><item><guid>1</guid>\
                   <description>&lt;p&gt;&lt;a href='/t'&gt;u&lt;/a&gt;&lt;/p&gt;</description></item></channel></rss>";
        assert_eq!(records(rss)[0].links, ["https://r.example/t"]);
    }

    #[test]
    fn markup_that_is_not_closed_costs_no_feed() {
        let item =
            |number: u8, text: &str| format!("<item><guid>{number}</guid><description>{text}</description></item>");
        let xml = format!(
            "<rss version='2.0'><channel><title>a</title>{}{}{}</channel></rss>",
            item(1, "one<br>two"),
            item(2, "a &amp; b <b>c"),
            item(3, "<![CDATA[<p>last</p>]]>")
        );
        let texts: Vec<String> = records(&xml).into_iter().map(|record| record.text).collect();
        assert_eq!(texts, ["one\ntwo", "a & b c", "last"]);
        assert!(read_all(&xml).iter().any(|entry| matches!(entry, Entry::Note(note) if note.contains("not closed"))));
    }
}
