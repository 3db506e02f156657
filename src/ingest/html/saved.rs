//! A page of the web that somebody saved: what it is called, what it says, when it was written, and where it came from.

use std::collections::HashSet;

use encoding_rs::{Encoding, UTF_8};
use serde_json::Value;

use super::{Node, Page, TooMany, prose};
use crate::ingest::date::{formatted_date, parse_date};
use crate::ingest::encoding;
use crate::ingest::entities;
use crate::ingest::media::{kind_of_name, last_of, unescaped};
use crate::ingest::rich_text::RichText;
use crate::record::{Attachment, Date, Record};
use jiff::tz::TimeZone;

/// Bytes at the start of a page in which it says its encoding and where it was saved from.
const HEAD_LEN: usize = 4 << 10;

/// Characters that a part of a page must have to be what the page is about.
const MIN_CHARS: usize = 200;

/// Parts of a page that are about the site, not about the page.
const AROUND: [&str; 8] = ["nav", "footer", "aside", "form", "dialog", "button", "select", "iframe"];

/// The same by what parts say of themselves.
const ROLES: [&str; 7] = ["navigation", "banner", "contentinfo", "search", "complementary", "dialog", "menu"];

/// Longest data that a page says of itself in JSON, in bytes.
const MAX_DATA_LEN: usize = 256 << 10;

/// Tables and lists within each other in such data.
const MAX_DATA_DEPTH: usize = 8;

/// Bytes of a page as text: by its mark, by what the server or the page says, else by its letters.
pub(in crate::ingest) fn text_of(bytes: &[u8], named: Option<&str>) -> String {
    let head = bytes.get(..HEAD_LEN).unwrap_or(bytes);
    let said = named.map(str::as_bytes).and_then(Encoding::for_label).or_else(|| said_in(head));
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    // Many pages say something else, and are UTF-8.
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    match said.filter(|encoding| *encoding != UTF_8) {
        Some(encoding) => encoding.decode(bytes).0.into_owned(),
        None => encoding::sample(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// The encoding that a page says it is in.
fn said_in(head: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset=")?;
    let label = rest.trim_start_matches(['"', '\'', ' ']);
    let end = label.find(['"', '\'', ' ', ';', '>', '/'])?;
    Encoding::for_label(label.get(..end)?.as_bytes())
}

/// Whether a text begins as a page does.
pub(in crate::ingest) fn is_page(text: &str) -> bool {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    // Browsers and programs that save pages say so before it.
    for _ in 0..8 {
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?xml") {
            "?>"
        } else {
            break;
        };
        let Some((_, after)) = rest.split_once(end) else { return false };
        rest = after.trim_start();
    }
    let begins = |start: &str| rest.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    begins("<!doctype html") || begins("<html") || begins("<head")
}

/// What is known of a page.
pub(in crate::ingest) struct Saved {
    pub(in crate::ingest) record: Record,
    /// When it was written, as far as it says.
    pub(in crate::ingest) published: Option<Date>,
    /// What it says of that, where nothing of it can be read.
    pub(in crate::ingest) unread: Option<String>,
    /// Where the program that saved it says that it was.
    pub(in crate::ingest) origin: Option<String>,
}

/// Reads a page, which was at `address` where that is known.
pub(in crate::ingest) fn read(html: &str, zone: &TimeZone, address: Option<&str>) -> Result<Saved, TooMany> {
    let mut page = Page::parse(html)?;
    let about = About::new(page.root());
    let origin = saved_from(html);
    let canonical = about.canonical.clone().or_else(|| about.meta(&["og:url"])).filter(|url| is_address(url));
    page.resolve(address.or(origin.as_deref()).or(canonical.as_deref()));
    let root = page.root();
    let mut record = Record { kind: "page".to_owned(), ..Record::default() };
    let main = main_part(root);
    let mut text = prose::prose_but(main, prose::kind_of, is_around);
    text.trim();
    let heading = || root.descendants().find(|node| node.name() == "h1").map(Node::text);
    let titles = [about.meta(&["og:title", "twitter:title"]), about.data("headline"), about.title.clone(), heading()];
    record.title = titles.into_iter().flatten().find(|title| !title.trim().is_empty());
    if let Some(title) = &record.title {
        without_title(&mut text, title);
    }
    text.find(&["link"]);
    text.fill(&mut record);
    record.author = about
        .meta(&["author", "article:author", "dc.creator", "parsely-author"])
        .filter(|author| !author.starts_with("http"))
        .or_else(|| about.author());
    record.url = canonical.or_else(|| origin.clone());
    record.channel = about.meta(&["og:site_name", "application-name"]).or_else(|| host_of(record.url.as_deref()?));
    record.lang = about.lang.as_deref().and_then(|tag| tag.split(['-', '_']).next()).map(str::to_lowercase);
    record.lang = record.lang.filter(|lang| lang.len() == 2 && lang.bytes().all(|byte| byte.is_ascii_lowercase()));
    let tags = about.all(&["article:tag", "keywords", "news_keywords"]);
    let keywords = about.keywords();
    let tags = tags.chain(keywords.iter().map(String::as_str));
    let tags = tags.flat_map(|tags| tags.split(',')).map(str::trim).filter(|tag| !tag.is_empty());
    entities::add_tags(&mut record, tags.map(str::to_owned));
    let date = |text: String| date(&text, zone);
    let written = [
        about.data("datePublished"),
        about.meta(&PUBLISHED),
        about.property("datePublished"),
        time_in(main).filter(|time| !time.trim().is_empty()),
    ];
    let published = written.iter().flatten().cloned().find_map(date);
    let unread = written.into_iter().flatten().next().filter(|_| published.is_none());
    let edited =
        about.data("dateModified").or_else(|| about.meta(&MODIFIED)).or_else(|| about.property("dateModified"));
    let edited =
        edited.and_then(date).filter(|edited| published.as_ref().is_none_or(|date| date.seconds < edited.seconds));
    record.edited = edited.map(|date| date.text);
    record.media = images(main);
    Ok(Saved { record, published, unread, origin })
}

/// Names under which pages say when they were written, and when changed.
const PUBLISHED: [&str; 12] = [
    "article:published_time",
    "og:article:published_time",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "dcterms.created",
    "parsely-pub-date",
    "pubdate",
    "publish-date",
    "sailthru.date",
    "citation_publication_date",
];
const MODIFIED: [&str; 4] = ["article:modified_time", "og:updated_time", "last-modified", "dcterms.modified"];

/// What a page says of itself, apart from its text.
#[derive(Default)]
struct About {
    title: Option<String>,
    lang: Option<String>,
    canonical: Option<String>,
    metas: Vec<(String, String)>,
    properties: Vec<(String, String)>,
    data: Vec<Value>,
}

impl About {
    fn new(root: Node<'_>) -> Self {
        let mut about = Self::default();
        for node in root.descendants() {
            let value = |name: &str| node.attribute(name).map(str::trim).filter(|value| !value.is_empty());
            match node.name() {
                "html" => about.lang = about.lang.take().or_else(|| value("lang").map(str::to_owned)),
                "title" if about.title.is_none() => about.title = Some(node.text()),
                "link" if value("rel") == Some("canonical") => about.canonical = value("href").map(str::to_owned),
                "meta" => {
                    let name = value("property").or_else(|| value("name")).or_else(|| value("itemprop"));
                    if let Some((name, content)) = name.zip(value("content")) {
                        about.metas.push((name.to_ascii_lowercase(), content.to_owned()));
                    }
                }
                "script" if value("type").is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json")) => {
                    let json: String = node.children().filter_map(Node::as_text).collect();
                    if json.len() <= MAX_DATA_LEN {
                        about.data.extend(serde_json::from_str::<Value>(json.trim()).ok());
                    }
                }
                _ => {}
            }
            if let Some(name) = value("itemprop").filter(|_| node.name() != "meta") {
                let said = value("datetime").or_else(|| value("content")).map(str::to_owned);
                about.properties.extend(said.map(|said| (name.to_owned(), said)));
            }
        }
        about
    }

    fn meta(&self, names: &[&str]) -> Option<String> {
        names
            .iter()
            .find_map(|wanted| self.metas.iter().find(|(name, _)| name == wanted))
            .map(|(_, value)| value.clone())
    }

    fn all<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.metas.iter().filter(|(name, _)| names.contains(&&**name)).map(|(_, value)| value.as_str())
    }

    fn property(&self, wanted: &str) -> Option<String> {
        self.properties.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
    }

    /// A text of the first thing in the data of which a page says so much.
    fn data(&self, key: &str) -> Option<String> {
        self.data.iter().find_map(|data| within(data, key, 0))?.as_str().map(str::to_owned)
    }

    /// The keywords in the data of a page: a text, a list of them, or of things with names.
    fn keywords(&self) -> Vec<String> {
        let name = |value: &Value| value.get("name").unwrap_or(value).as_str().map(str::to_owned);
        match self.data.iter().find_map(|data| within(data, "keywords", 0)) {
            Some(Value::Array(values)) => values.iter().filter_map(name).collect(),
            Some(value) => name(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    fn author(&self) -> Option<String> {
        let name = |value: &Value| value.get("name").unwrap_or(value).as_str().map(str::to_owned);
        match self.data.iter().find_map(|data| within(data, "author", 0))? {
            Value::Array(authors) => authors.iter().filter_map(name).reduce(|all, name| format!("{all}, {name}")),
            author => name(author),
        }
    }
}

/// The first value of this name in some data, the outermost first.
fn within<'a>(value: &'a Value, key: &str, depth: usize) -> Option<&'a Value> {
    if depth > MAX_DATA_DEPTH {
        return None;
    }
    match value {
        Value::Object(members) => {
            members.get(key).or_else(|| members.values().find_map(|value| within(value, key, depth + 1)))
        }
        Value::Array(values) => values.iter().find_map(|value| within(value, key, depth + 1)),
        _ => None,
    }
}

/// What a page is about: what it marks as such where that has some text in it, else all of it.
fn main_part(root: Node<'_>) -> Node<'_> {
    let is_enough = |node: &Node<'_>| num_chars(*node) >= MIN_CHARS;
    let body = || root.descendants().find(|node| node.name() == "body");
    let whole = body().unwrap_or(root);
    let marked: [fn(&Node<'_>) -> bool; 4] = [
        |node| node.attribute("itemprop") == Some("articleBody"),
        |node| node.name() == "article",
        |node| node.name() == "main" || node.attribute("role") == Some("main"),
        |node| matches!(node.attribute("id"), Some("content" | "main" | "mw-content-text" | "main-content")),
    ];
    for is_marked in marked {
        let mut found = root.descendants().filter(is_marked).filter(is_enough);
        // Of a list of articles none is the one.
        if let (Some(node), None) = (found.next(), found.next()) {
            return node;
        }
    }
    whole
}

fn num_chars(node: Node<'_>) -> usize {
    node.descendants_but(|node| is_around(node) || matches!(node.name(), "script" | "style"))
        .filter_map(Node::as_text)
        .map(|text| text.trim().chars().count())
        .sum()
}

/// Whether a part of a page is about the site, or is not seen.
fn is_around(node: Node<'_>) -> bool {
    let role = node.attribute("role").unwrap_or_default();
    let is_hidden = node.attribute("hidden").is_some()
        || node.attribute("aria-hidden") == Some("true")
        || node.attribute("style").is_some_and(hides);
    AROUND.contains(&node.name()) || ROLES.contains(&role) || is_hidden && node.name() != ""
}

/// Whether a style takes an element off the page.
fn hides(style: &str) -> bool {
    let mut rules = style.split(';').filter_map(|rule| rule.split_once(':'));
    rules.any(|(name, value)| {
        let value = value.trim().to_ascii_lowercase();
        name.trim().eq_ignore_ascii_case("display") && value.split_whitespace().next() == Some("none")
    })
}

/// The title stands above the text already.
fn without_title(text: &mut RichText, title: &str) {
    let line = text.text.lines().next().unwrap_or_default();
    let len = line.len();
    if line.trim() == title.trim() && len < text.text.len() {
        text.cut(len..text.text.len());
        text.trim();
    }
}

fn time_in(node: Node<'_>) -> Option<String> {
    let mut seen = node.descendants_but(is_around);
    seen.find(|node| node.name() == "time").and_then(|node| node.attribute("datetime")).map(str::to_owned)
}

/// A date as pages write it.
pub(in crate::ingest) fn date(text: &str, zone: &TimeZone) -> Option<Date> {
    let text = text.trim();
    let other =
        || ["%a, %d %b %Y %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%z"].iter().find_map(|format| formatted_date(text, format));
    parse_date(text, zone).or_else(other)
}

/// Pictures of a page: those beside it, and those elsewhere by their name alone.
fn images(main: Node<'_>) -> Vec<Attachment> {
    let (mut media, mut known) = (Vec::new(), HashSet::new());
    for node in main.descendants_but(is_around).filter(|node| matches!(node.name(), "img" | "video" | "audio")) {
        let Some(address) = node.attribute("src").map(str::trim) else { continue };
        if address.is_empty() || address.starts_with("data:") || address.starts_with("blob:") {
            continue;
        }
        let is_local = !address.contains("://") && !address.starts_with("//");
        let path = is_local.then(|| unescaped(address.trim_start_matches("./")));
        let name = node.attribute("alt").map(str::trim).filter(|name| !name.is_empty()).unwrap_or(last_of(address));
        let kind = match node.name() {
            "img" => "photo",
            "video" | "audio" => node.name(),
            _ => kind_of_name(address),
        };
        let medium = Attachment { kind: kind.to_owned(), name: Some(name.to_owned()), path, ..Attachment::default() };
        if known.insert((kind, medium.name.clone(), medium.path.clone())) {
            media.push(medium);
        }
    }
    media
}

/// Where a page was saved from, as browsers and SingleFile write it in a comment before it.
fn saved_from(html: &str) -> Option<String> {
    let mut end = html.len().min(HEAD_LEN);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let head = html.get(..end)?;
    let by_browser = head.split_once("saved from url=(").and_then(|(_, rest)| rest.split_once(')'));
    let by_program = || head.split_once("SingleFile").and_then(|(_, rest)| rest.split_once("url:"));
    let (_, rest) = by_browser.or_else(by_program)?;
    let address = rest.split_whitespace().next()?.trim_end_matches("-->");
    is_address(address).then(|| address.to_owned())
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// The host of an address.
pub(in crate::ingest) fn host_of(address: &str) -> Option<String> {
    let host = address.split_once("://")?.1.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?.split(':').next()?;
    Some(host.strip_prefix("www.").unwrap_or(host).to_lowercase()).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(html: &str) -> Saved {
        read(html, &TimeZone::UTC, None).unwrap()
    }

    #[test]
    fn pages_begin_in_many_ways() {
        assert!(is_page("\u{feff}\n<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">") && is_page("<html lang=a>"));
        assert!(is_page("<!-- saved from url=(0014)about:internet -->\n<?xml version='1.0'?>\n<html>"));
        assert!(!is_page("<p>a") && !is_page("text <html>") && !is_page("<!-- a"));
    }

    #[test]
    fn what_is_around_a_page_is_left_out() {
        let html = format!(
            "<body><nav>menu</nav><main><h1>Fog</h1><p>{}<aside>ad</aside></main><footer>foot</footer>",
            "word ".repeat(50)
        );
        let record = saved(&html).record;
        assert_eq!((record.title.as_deref(), record.text.len()), (Some("Fog"), 249));
        let short = saved("<title>A</title><body><nav>menu</nav><main>b</main>c").record;
        assert_eq!((short.title.as_deref(), &*short.text), (Some("A"), "b\nc"));
        let hidden =
            "<body>a<div hidden>b</div><p aria-hidden=true>c</p><p style='color:red; DISPLAY : none !important'>d</p>";
        let hidden = saved(hidden).record;
        assert_eq!(hidden.text, "a");
    }

    #[test]
    fn links_are_seen_from_where_the_page_was() {
        let links = |html: &str, address| read(html, &TimeZone::UTC, address).unwrap().record.links;
        let link = "<a href='b.html'>b</a> <a href='https://x.example/'>x</a>";
        assert_eq!(links(link, None), ["https://x.example/"]);
        assert_eq!(links(link, Some("https://a.example/c/d")), ["https://a.example/c/b.html", "https://x.example/"]);
        let saved = format!("<!-- saved from url=(0023)https://s.example/t/ --><html>{link}");
        assert_eq!(links(&saved, None)[0], "https://s.example/t/b.html");
        let canonical = format!("<link rel=canonical href='https://k.example/l'>{link}");
        assert_eq!(links(&canonical, None)[0], "https://k.example/b.html");
        let said = format!("<base href='/m/'>{link}");
        assert_eq!(links(&said, Some("https://a.example/c/d"))[0], "https://a.example/m/b.html");
    }

    #[test]
    fn a_date_that_cannot_be_read_is_told() {
        let found = saved("<meta name=date content='last spring'><time datetime=soon>s</time>a");
        assert_eq!((found.published, found.unread.as_deref()), (None, Some("last spring")));
        let found = saved("<meta name=date content='last spring'><time datetime=2024-01-05>s</time>a");
        assert_eq!((found.published.unwrap().text.as_str(), found.unread), ("2024-01-05", None));
    }

    #[test]
    fn keywords_in_data_are_tags() {
        let check = |keywords: &str, expected: &[&str]| {
            let html = format!(
                "<script type='application/ld+json'>{{\"@type\":\"Article\",\"keywords\":{keywords}}}</script><p>a"
            );
            assert_eq!(saved(&html).record.tags, expected);
        };
        check(r#"["k1","k2"]"#, &["k1", "k2"]);
        check(r#""k1, k2""#, &["k1", "k2"]);
        check(r#"[{"@type":"DefinedTerm","name":"k3"}]"#, &["k3"]);
    }

    #[test]
    fn dates_are_taken_from_what_says_them_best() {
        let check = |html: &str, expected: Option<&str>| {
            assert_eq!(saved(html).published.map(|date| date.text).as_deref(), expected, "{html}");
        };
        let data = r#"<script type="application/ld+json">{"@graph":[{"a":1},{"datePublished":"2024-01-05T10:00:00+01:00"}]}</script>"#;
        check(&format!("{data}<meta name=date content=2023>"), Some("2024-01-05T10:00:00+01:00"));
        check("<meta property='article:published_time' content='2024-01-05T10:00:00Z'>", Some("2024-01-05T10:00:00Z"));
        check("<time datetime=2024-01-05>5 January</time>", Some("2024-01-05"));
        check("<p>a<aside><time datetime=2020-05-05>related</time></aside>", None);
        check(
            "<nav><time datetime=2020-05-05>x</time></nav><p>a<time datetime=2024-01-05>b</time>",
            Some("2024-01-05"),
        );
        check("<span itemprop=datePublished content=2024-01>x</span>", Some("2024-01"));
        check("<script type='application/ld+json'>{broken</script><time datetime='last week'>", None);
    }

    #[test]
    fn where_it_was_is_known() {
        let address = |html: &str| saved(html).record.url;
        assert_eq!(
            address("<!-- saved from url=(0024)https://www.a.example/b -->\n<html>").as_deref(),
            Some("https://www.a.example/b")
        );
        assert_eq!(
            address("<!--\n Page saved with SingleFile \n url: https://a.example/c \n-->").as_deref(),
            Some("https://a.example/c")
        );
        assert_eq!(address("<link rel=canonical href=https://a.example/d>").as_deref(), Some("https://a.example/d"));
        assert_eq!(address("<link rel=canonical href='javascript:x'>"), None);
        assert_eq!(host_of("https://u:p@www.A.example:8080/b").as_deref(), Some("a.example"));
    }

    #[test]
    fn bytes_are_read_in_the_encoding_that_they_are_in() {
        assert_eq!(text_of(b"<meta charset=windows-1251>\xcc\xee\xeb", None), "<meta charset=windows-1251>Мол");
        assert_eq!(text_of(b"\xcc\xee\xeb", Some("windows-1251")), "Мол");
        assert_eq!(text_of("<meta charset=latin1>Мол".as_bytes(), None), "<meta charset=latin1>Мол");
        assert_eq!(unescaped("a%20b%zz%d0%bc%"), "a b%zzм%");
    }

    #[test]
    fn no_page_panics() {
        proptest::proptest!(|(html in "(<(/)?(main|article|p|title|h1|meta|time|script type=application/ld\\+json|nav|img src=a)>|[a-c{}\":%]|charset=|\\PC){0,40}")| {
            let found = saved(&html);
            for span in &found.record.spans {
                proptest::prop_assert!(found.record.text.get(span.range.clone()).is_some());
            }
            let _ = (text_of(html.as_bytes(), None), unescaped(&html));
        });
    }
}
