//! The posts as static HTML, readable with no script: the newest in index.html, all of them in monthly pages.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::assets;
use super::owner::{Owner, markup};
use super::page::{escape, fill};
use super::words::Voice;
use crate::record::{Date, Precision, Record, Span};
use crate::time::civil::{DAY, Day, Period};
use crate::time::zone::Zone;

/// Posts in index.html.
pub const NEWEST: usize = 20;

/// What stands in the place of a month where there is none; it names the page too.
const UNDATED: &str = "undated";

/// Characters of each of them; the monthly page has the whole.
const NEWEST_CHARS: usize = 1200;

/// Posts of a monthly page; a busier month has several pages.
const POSTS_PER_PAGE: usize = 500;

/// Bytes of text up to which monthly pages are written unless asked otherwise.
pub const DEFAULT_MAX_TEXT: u64 = 20 * 1000 * 1000;

/// What all pages of an archive have.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Title of the archive.
    pub title: &'a str,
    /// Language of the page.
    pub lang: &'a str,
    /// What its owner says.
    pub owner: &'a Owner,
}

/// The newest posts, in that order, as markup; `pages` tells whether monthly pages are there to link to.
#[must_use]
pub fn newest(lang: &str, records: &[Record], zone: &Zone, pages: bool) -> String {
    let voice = Voice::of(lang);
    let mut html: String = records.iter().map(|record| article(record, zone, &voice, Some(NEWEST_CHARS))).collect();
    if pages {
        html.push_str(&link(&voice));
    }
    html
}

/// Leads from index.html to the monthly pages.
pub(super) fn link(voice: &Voice) -> String {
    format!("<p><a href=\"posts/index.html\">{}</a></p>\n", voice.say("static_all", "All posts, month by month"))
}

/// Paths and markup of the monthly pages of these records, and of their index.
///
/// # Errors
/// A record cannot be read back.
pub fn pages<E>(
    frame: &Frame<'_>,
    zone: &Zone,
    records: impl Iterator<Item = Result<Record, E>>,
) -> Result<Vec<(String, String)>, E> {
    let voice = Voice::of(frame.lang);
    let mut by_month: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in records {
        let record = record?;
        by_month.entry(month(&record, zone)).or_default().push(article(&record, zone, &voice, None));
    }
    // The undated stand last, as in the archive.
    let undated = by_month.remove(UNDATED);
    let months = by_month.into_iter().chain(undated.map(|articles| (UNDATED.to_owned(), articles)));
    let mut pages = Vec::new();
    let mut list = String::new();
    let search = format!("<a href=\"../index.html\">{}</a>", voice.say("static_search", "Search"));
    let back = format!("<p><a href=\"index.html\">{}</a> · {search}</p>\n", voice.say("static_months", "All months"));
    for (month, articles) in months {
        let parts: Vec<&[String]> = articles.chunks(POSTS_PER_PAGE).collect();
        for (part, number) in parts.iter().zip(1..) {
            let name = if number == 1 { format!("{month}.html") } else { format!("{month}-{number}.html") };
            let when = if month == UNDATED { voice.say("undatedPost", UNDATED) } else { month.clone() };
            let label = if parts.len() == 1 { when } else { format!("{when} ({number})") };
            let count = voice.posts(part.len());
            list.push_str(&format!("<li><a href=\"{name}\">{label}</a> <small>{count}</small></li>\n"));
            let articles = part.concat();
            pages.push((
                format!("posts/{name}"),
                document(frame, &voice, &[label, escape(frame.title)], &format!("{back}{articles}{back}")),
            ));
        }
    }
    let about = markup::about(frame.owner, &voice);
    let body = format!("<p>{search}</p>\n<ul class=\"months\">\n{list}</ul>\n{about}");
    pages.push(("posts/index.html".to_owned(), document(frame, &voice, &[escape(frame.title)], &body)));
    Ok(pages)
}

/// The month of a record on the archive's calendar, as everywhere else in the archive; it names the record's page.
fn month(record: &Record, zone: &Zone) -> String {
    record.date.as_ref().map_or_else(|| UNDATED.to_owned(), |date| zone.run_of(date).to_string())
}

/// A page under what it is called: its heading, and what that belongs to, all as markup.
fn document(frame: &Frame<'_>, voice: &Voice, titles: &[String], body: &str) -> String {
    const TEMPLATE: &str = "<!doctype html>\n<html lang=\"{{lang}}\"{{dir}}>\n<head>\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
        <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'{{data}}\">\n\
        <title>{{title}}</title>\n<link rel=\"stylesheet\" href=\"../fonds/posts.css\">\n{{head}}</head>\n<body>\n<main>\n\
        <h1 dir=\"auto\">{{heading}}</h1>\n{{body}}</main>\n</body>\n</html>\n";
    let Frame { lang, owner, .. } = frame;
    let sheet =
        markup::sheet(owner).map(|_| "<link rel=\"stylesheet\" href=\"../fonds/owner.css\">\n").unwrap_or_default();
    let head = format!("{sheet}{}", markup::head(owner));
    let data = if owner.sheet.is_some() { "; img-src data:; font-src data:" } else { "" };
    fill(
        TEMPLATE,
        &[
            ("lang", &escape(lang)),
            ("dir", voice.dir()),
            ("title", &titles.join(" · ")),
            ("heading", titles.first().map_or("", String::as_str)),
            ("body", body),
            ("head", &head),
            ("data", data),
        ],
    )
}

/// The style sheet of these pages.
#[must_use]
pub fn style() -> &'static str {
    assets::POSTS_STYLE
}

fn article(record: &Record, zone: &Zone, voice: &Voice, max_chars: Option<usize>) -> String {
    let mut html = String::from("<article>\n<p class=\"about\">");
    html.push_str(&about(record, zone, voice).join(" · "));
    html.push_str("</p>\n");
    if let Some(title) = &record.title {
        html.push_str(&format!("<h2 dir=\"auto\"{}>{}</h2>\n", lang(record), escape(title)));
    }
    // Where posts stand in short nothing can be uncovered.
    let (text, spoilers) = match max_chars {
        Some(_) => (record.covered_text(), Vec::new()),
        None => (Cow::Borrowed(record.text.as_str()), record.spoilers().collect()),
    };
    let cut = max_chars.and_then(|max| text.char_indices().nth(max)).map(|(end, _)| end);
    let shown = cut.and_then(|end| text.get(..end)).unwrap_or(&text);
    let ellipsis = if cut.is_some() { "…" } else { "" };
    if !text.is_empty() {
        html.push_str(&format!(
            "<p class=\"text\" dir=\"auto\"{}>{}{ellipsis}</p>\n",
            lang(record),
            words(shown, &spoilers)
        ));
    }
    for attachment in &record.media {
        let name = attachment.name.as_deref().map(|name| format!(": {}", escape(name))).unwrap_or_default();
        html.push_str(&format!("<p class=\"about\">[{}{name}]</p>\n", voice.kind(&attachment.kind)));
    }
    html.push_str("</article>\n");
    html
}

/// A text, with what covers its spoilers until a pointer or the keyboard is on them.
fn words(text: &str, spoilers: &[&Span]) -> String {
    let mut html = String::new();
    let mut at = 0;
    for span in spoilers {
        if let Some((before, hidden)) = text.get(at..span.range.start).zip(text.get(span.range.clone())) {
            html.push_str(&format!(
                "{}<span class=\"spoiler\" tabindex=\"0\">{}</span>",
                escape(before),
                escape(hidden)
            ));
            at = span.range.end;
        }
    }
    html.push_str(&escape(text.get(at..).unwrap_or_default()));
    html
}

fn lang(record: &Record) -> String {
    record.lang.as_deref().map(|lang| format!(" lang=\"{}\"", escape(lang))).unwrap_or_default()
}

/// When, who, where from: the line above a post.
fn about(record: &Record, zone: &Zone, voice: &Voice) -> Vec<String> {
    let name = |text: &String| format!("<bdi>{}</bdi>", escape(text));
    let mut about = Vec::new();
    about.extend(record.date.as_ref().map(|date| time(date, zone)));
    about.extend(record.author.as_ref().or(record.channel.as_ref()).map(name));
    about.extend(record.forwarded_from.as_ref().map(|forward| voice.forwarded_from(&name(&forward.name))));
    about.extend(record.url.as_deref().filter(|url| url.starts_with("https://") || url.starts_with("http://")).map(
        |url| {
            let original = voice.say("original", "Original");
            format!("<a href=\"{}\" rel=\"noopener noreferrer nofollow\">{original}</a>", escape(url))
        },
    ));
    if about.is_empty() {
        about.push(voice.place(&record.source.file, record.source.place.as_ref()));
    }
    about
}

/// A date on the archive's clock, to the minute; the attribute has it as the source gave it.
fn time(date: &Date, zone: &Zone) -> String {
    let readable = match date.precision {
        Precision::Second | Precision::LocalSecond => {
            let local = date.seconds + zone.offset_at(date.seconds);
            let minute = local.rem_euclid(DAY) / 60;
            let day = Period::Day(Day::from_days(local.div_euclid(DAY)));
            format!("{day} {:02}:{:02}", minute / 60, minute % 60)
        }
        Precision::Year | Precision::Month | Precision::Day => date.text.clone(),
    };
    format!("<time datetime=\"{}\">{}</time>", escape(&date.text), escape(&readable))
}
