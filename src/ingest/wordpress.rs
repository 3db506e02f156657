//! What WordPress exports of a site: a feed with everything in it, called WXR.
//!
//! ```text
//! <rss xmlns:wp="http://wordpress.org/export/1.2/"><channel> <wp:wxr_version/> <wp:author/>…
//!   <item> <title/> <link/> <dc:creator/> <content:encoded/> <wp:post_id/> <wp:post_date_gmt/> <wp:status/> <wp:post_type/>
//!          <category domain nicename/>… <wp:comment/>… </item>… </channel></rss>
//! ```
//!
//! What is published is read, with the comments that were let through, which are answers. Drafts, private and protected posts, and
//! what waits for its day are counted and left out, and so is what a site keeps beside its posts: pictures, menus, revisions.
//! Nobody's mail address and no address of a computer is kept.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::bounds::bounded;
use super::date::{formatted_date, keep_unread, parse_date};
use super::entities;
use super::error::{IngestError, IngestErrorKind};
use super::files::{Part, Parts, each};
use super::format::{Entry, ReadContext, Reader, Removed, Sample, Skipped, streamed};
use super::html::{Page, prose};
use super::json::object::field;
use super::media::{kind_of_type, last_of};
use super::xml::{Element, Fault, Xml};
use crate::record::{Attachment, Date, Place, Record, Source};

/// What a site keeps beside its posts and pages.
const FURNITURE: [&str; 13] = [
    "attachment",
    "nav_menu_item",
    "revision",
    "custom_css",
    "customize_changeset",
    "oembed_cache",
    "user_request",
    "wp_block",
    "wp_template",
    "wp_template_part",
    "wp_global_styles",
    "wp_navigation",
    "wp_font_family",
];

/// What plugins keep in the same way, and nobody wrote for readers: what was sent through forms, orders, and how pages are built.
const KEPT_BY_PLUGINS: [&str; 26] = [
    "feedback",
    "flamingo_inbound",
    "flamingo_contact",
    "flamingo_outbound",
    "wpcf7_contact_form",
    "wpforms",
    "wpforms_log",
    "nf_sub",
    "mc4wp-form",
    "shop_order",
    "shop_order_refund",
    "shop_coupon",
    "shop_subscription",
    "edd_payment",
    "edd_log",
    "give_payment",
    "jp_pay_order",
    "scheduled-action",
    "amp_validated_url",
    "acf-field",
    "acf-field-group",
    "acf-post-type",
    "acf-taxonomy",
    "elementor_library",
    "elementor_snippet",
    "et_pb_layout",
];

/// Tags that begin or end a line by themselves.
const BLOCKS: [&str; 16] =
    ["p", "div", "ul", "ol", "li", "blockquote", "table", "tr", "td", "th", "pre", "h1", "h2", "h3", "h4", "hr"];

/// Whether a sample is such an export.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    is_export(&sample.text())
}

/// Whether a feed says, before its first item and in no text of its own, which version of WordPress's form it has.
pub(super) fn is_export(text: &str) -> bool {
    let head = text.split("<item>").next().unwrap_or_default();
    let mut rest = head;
    let (mut has_root, mut has_version) = (false, false);
    while let Some((at, end)) =
        [("<![CDATA[", "]]>"), ("<!--", "-->")].iter().filter_map(|(begin, end)| Some((rest.find(begin)?, *end))).min()
    {
        let piece = rest.get(..at).unwrap_or_default();
        has_root |= piece.contains("<rss");
        has_version |= piece.contains("<wp:wxr_version>");
        rest = rest.get(at..).and_then(|rest| rest.split_once(end)).map_or("", |(_, rest)| rest);
    }
    (has_root || rest.contains("<rss")) && (has_version || rest.contains("<wp:wxr_version>"))
}

/// Reads exports one after another: a long one comes in several files.
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    each(parts, |part| Ok(read_file(part, context)))
}

fn read_file<'a>(part: Part<'a>, context: &'a ReadContext) -> Reader<'a> {
    let mut export = Export {
        file: part.file,
        xml: Xml::new(part.input),
        context,
        site: Site::default(),
        left: BTreeMap::new(),
        queue: VecDeque::new(),
        num_items: 0,
        is_done: false,
    };
    streamed(move || export.next())
}

/// What is said of all posts.
#[derive(Default)]
struct Site {
    title: Option<String>,
    lang: Option<String>,
    /// The address that all of it begins with, without the scheme.
    address: Option<String>,
    /// How people are shown, by the names with which they log in.
    people: HashMap<String, String>,
}

impl Site {
    /// Where a file that was uploaded to the site stands, seen from its root: whoever keeps the site's export may have kept that too.
    fn path_of(&self, address: &str) -> Option<String> {
        let (_, address) = address.split_once("://")?;
        let bare = |address: &str| address.strip_prefix("www.").unwrap_or(address).to_owned();
        let (address, site) = (bare(address), bare(self.address.as_deref()?));
        let path = address.strip_prefix(&site)?.split(['?', '#']).next()?;
        path.starts_with("/wp-content/").then(|| path.to_owned())
    }
}

struct Export<'a> {
    file: String,
    xml: Xml<'a>,
    context: &'a ReadContext,
    site: Site,
    /// What is left out, by the reason.
    left: BTreeMap<String, u64>,
    queue: VecDeque<Entry>,
    num_items: u64,
    is_done: bool,
}

impl Export<'_> {
    fn next(&mut self) -> Result<Option<Entry>, IngestError> {
        loop {
            if let Some(entry) = self.queue.pop_front() {
                return Ok(Some(entry));
            }
            if self.is_done {
                return Ok(None);
            }
            // An item has its elements two deep; what stands around it is walked through.
            match self.xml.next_below(&["rss", "channel"]) {
                Ok(Some(element)) => self.element(element),
                Ok(None) => self.end(),
                Err(Fault::Io(error)) => return Err(IngestError::new(&*self.file, IngestErrorKind::Io(error))),
                Err(fault) => {
                    let place = Place::Bytes(self.xml.done(), self.xml.position().max(self.xml.done() + 1));
                    let reason = format!("from here on the export cannot be read: {fault}");
                    let file = self.file.clone();
                    self.queue.push_back(Entry::Skipped(Skipped { file, place, reason, excerpt: String::new() }));
                    self.end();
                }
            }
        }
    }

    fn end(&mut self) {
        self.is_done = true;
        if self.num_items == 0 && self.queue.is_empty() {
            self.queue.push_back(Entry::Note("there is no post in the export".to_owned()));
        }
        for (reason, count) in std::mem::take(&mut self.left) {
            self.queue.push_back(Entry::Removed(Removed { count, reason }));
        }
    }

    fn element(&mut self, mut element: Element) {
        match &*element.name {
            "title" => self.site.title = Some(bounded(line_of(&element.text))).filter(|title| !title.is_empty()),
            "link" | "wp:base_blog_url" => {
                let address = element.text.trim().split_once("://").map(|(_, address)| address.trim_end_matches('/'));
                self.site.address = address.map(str::to_owned).or(self.site.address.take());
            }
            "language" => {
                let lang = element.text.split(['-', '_']).next().unwrap_or_default().trim().to_lowercase();
                self.site.lang = Some(lang).filter(|lang| lang.len() == 2);
            }
            "wp:author" => {
                let shown = element.take("wp:author_display_name");
                let login = element.take("wp:author_login");
                self.site.people.extend(login.zip(shown.map(bounded)));
            }
            "item" => self.item(element),
            _ => {}
        }
    }

    fn item(&mut self, mut item: Element) {
        let kind = item.take("wp:post_type").unwrap_or_else(|| "post".to_owned());
        let status = item.take("wp:status").unwrap_or_else(|| "unknown".to_owned());
        self.num_items += 1;
        let comments: Vec<Element> = item.take_all("wp:comment");
        let beside = if FURNITURE.contains(&&*kind) {
            Some("pictures, menus and the like, which are no posts")
        } else {
            KEPT_BY_PLUGINS
                .contains(&&*kind)
                .then_some("what forms, shops and builders of pages keep, which are no posts")
        };
        if let Some(reason) = beside {
            // Comments on pictures go with them.
            let count = 1 + comments.len() as u64;
            *self.left.entry(reason.to_owned()).or_default() += count;
            return;
        }
        let is_protected = item.take("wp:post_password").is_some();
        let reach = if is_protected && status == "publish" { "protected" } else { &status };
        if reach != "publish" && !self.context.options.chats.has(reach, |chat| chat == reach) {
            let what = if is_protected { "protected by a password" } else { reach };
            *self.left.entry(format!("posts and pages that are not published ({what})")).or_default() += 1;
            let hint = format!("`--chat {reach}` takes posts and pages that are {what}");
            self.queue.push_back(Entry::Hint(hint));
            if !comments.is_empty() {
                let reason = "comments on what is not published".to_owned();
                *self.left.entry(reason).or_default() += comments.len() as u64;
            }
            return;
        }
        if reach != "publish" {
            let hint = format!("posts that are not public ({reach}) are in the archive: whoever gets it can read them");
            self.queue.push_back(Entry::Hint(hint));
        }
        let place = item.place();
        let Some(post) = self.post(item, &kind) else {
            let reason = "the post has no id".to_owned();
            let file = self.file.clone();
            self.queue.push_back(Entry::Skipped(Skipped { file, place, reason, excerpt: String::new() }));
            return;
        };
        let (id, url) = (post.id.clone().unwrap_or_default(), post.url.clone());
        let is_threaded = !comments.is_empty();
        let thread = is_threaded.then(|| id.clone());
        self.push(Record { thread, ..post }, place);
        for comment in comments {
            let place = comment.place();
            let Some(record) = self.comment(comment, &id, url.as_deref()) else {
                *self.left.entry("comments that were not let through".to_owned()).or_default() += 1;
                continue;
            };
            self.push(record, place);
        }
    }

    fn push(&mut self, mut record: Record, place: Place) {
        record.channel.clone_from(&self.site.title);
        record.lang.clone_from(&self.site.lang);
        record.source = Source { file: self.file.clone(), place: Some(place), copies: Vec::new() };
        self.queue.push_back(Entry::Record(Box::new(record)));
    }

    fn post(&self, mut item: Element, kind: &str) -> Option<Record> {
        let mut record = Record { kind: kind.to_owned(), ..Record::default() };
        record.id = Some(item.take("wp:post_id")?);
        record.title = item.take("title").map(|title| line_of(&title)).filter(|title| !title.is_empty());
        record.url = item.take("link").map(|link| link.trim().to_owned()).filter(|link| link.starts_with("http"));
        let zone = &self.context.time_zone;
        let written = [item.take("wp:post_date"), item.take("wp:post_date_gmt"), item.take("pubDate")];
        let [local, utc, said] = written.each_ref().map(Option::as_deref);
        let said = said.and_then(|text| formatted_date(text, "%a, %d %b %Y %H:%M:%S %z"));
        record.date = date(local, utc, zone).or(said);
        keep_if_unread(&mut record, &written);
        let modified =
            date(item.take("wp:post_modified").as_deref(), item.take("wp:post_modified_gmt").as_deref(), zone);
        let is_later = |modified: &Date| record.date.as_ref().is_none_or(|date| date.seconds < modified.seconds);
        record.edited = modified.filter(is_later).map(|date| date.text);
        let creator = item.take("dc:creator");
        record.author = creator.map(|login| self.site.people.get(&login).cloned().unwrap_or(login));
        fill(&item.take("content:encoded").unwrap_or_default(), &self.site, &mut record);
        let summary = line_of(&item.take("excerpt:encoded").unwrap_or_default());
        if !summary.is_empty() && !record.text.starts_with(&summary) {
            record.fields.push(field("summary", &summary));
        }
        let mut tags = Vec::new();
        for category in item.take_all("category") {
            let tag = line_of(&category.text);
            let is_tag = matches!(category.attribute("domain"), Some("category" | "post_tag") | None);
            if is_tag && !tag.is_empty() {
                tags.push(tag);
            } else if !is_tag && !tag.is_empty() {
                let domain = category.attribute("domain").unwrap_or_default();
                record.fields.push(field(&format!("term_{domain}"), &tag));
            }
        }
        entities::add_tags(&mut record, tags);
        if item.take("wp:is_sticky").as_deref() == Some("1") {
            record.flags.push("pinned".to_owned());
        }
        let parent = item.take("wp:post_parent").filter(|parent| parent != "0");
        record.fields.extend(parent.map(|parent| field("parent", &parent)));
        for mut meta in item.take_all("wp:postmeta") {
            // What a podcast attaches: its address, its length and its type, a line each.
            if meta.take("wp:meta_key").as_deref() == Some("enclosure") {
                let value = meta.take("wp:meta_value");
                record.media.extend(value.and_then(|value| enclosure(&value, &self.site)));
            }
        }
        Some(record)
    }

    /// A comment, where it was let through.
    fn comment(&self, mut comment: Element, post: &str, url: Option<&str>) -> Option<Record> {
        if comment.take("wp:comment_approved").as_deref() != Some("1") {
            return None;
        }
        let id = comment.take("wp:comment_id")?;
        let kind = comment.take("wp:comment_type").filter(|kind| kind != "comment");
        let mut record = Record { kind: kind.unwrap_or_else(|| "comment".to_owned()), ..Record::default() };
        let parent = comment.take("wp:comment_parent").filter(|parent| parent != "0");
        record.reply_to = Some(parent.map_or_else(|| post.to_owned(), |parent| format!("comment-{parent}")));
        record.thread = Some(post.to_owned());
        record.url = url.map(|url| format!("{url}#comment-{id}"));
        record.id = Some(format!("comment-{id}"));
        record.author = comment.take("wp:comment_author").map(|author| line_of(&author));
        let written = [comment.take("wp:comment_date"), comment.take("wp:comment_date_gmt")];
        let [local, utc] = written.each_ref().map(Option::as_deref);
        record.date = date(local, utc, &self.context.time_zone);
        keep_if_unread(&mut record, &written);
        fill(&comment.take("wp:comment_content").unwrap_or_default(), &self.site, &mut record);
        let site = comment.take("wp:comment_author_url").filter(|url| url.starts_with("http"));
        record.fields.extend(site.map(|site| field("author_url", &site)));
        Some(record)
    }
}

/// Gives a record the words of some content, and the pictures in it.
fn fill(content: &str, site: &Site, record: &mut Record) {
    let html = paragraphs(&without_brackets(content));
    let Ok(mut page) = Page::parse(&html) else {
        content.clone_into(&mut record.text);
        return;
    };
    page.resolve(record.url.as_deref());
    let mut text = prose::prose_of(page.root(), prose::kind_of);
    text.trim();
    text.find(&["link"]);
    text.fill(record);
    for image in page.root().descendants().filter(|node| node.name() == "img") {
        let Some(address) = image.attribute("src").filter(|address| address.starts_with("http")) else { continue };
        let name = image.attribute("alt").map(str::trim).filter(|name| !name.is_empty()).unwrap_or(last_of(address));
        record.media.push(Attachment {
            kind: "photo".to_owned(),
            name: Some(name.to_owned()),
            path: site.path_of(address),
            ..Attachment::default()
        });
    }
}

/// Content as HTML: what was written before there were blocks has empty lines between its paragraphs, and line ends that count.
fn paragraphs(content: &str) -> String {
    if content.contains("<!-- wp:") || content.contains("<p>") || content.contains("<p ") {
        return content.to_owned();
    }
    let mut html = String::with_capacity(content.len() + content.len() / 8);
    let mut is_verbatim = false;
    let content = content.replace("\r\n", "\n");
    for line in content.split('\n') {
        is_verbatim |= line.contains("<pre");
        html.push_str(line);
        html.push_str(if is_verbatim {
            "\n"
        } else if line.trim().is_empty() {
            "</p><p>"
        } else if ends_block(line) {
            "\n"
        } else {
            "<br>"
        });
        is_verbatim &= !line.contains("</pre>");
    }
    format!("<p>{html}</p>")
}

/// Whether a line ends with the tag of a block, behind which no line is broken.
fn ends_block(line: &str) -> bool {
    let line = line.trim_end();
    let tag = line.strip_suffix('>').and_then(|line| line.rfind('<').and_then(|at| line.get(at + 1..)));
    let name = tag.map(|tag| tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default());
    name.is_some_and(|name| BLOCKS.contains(&name) || name == "br")
}

/// Leaves out the brackets that WordPress writes around a picture and what stands below it, and around an address of which it shows the
/// page.
fn without_brackets(content: &str) -> String {
    const BRACKETS: [&str; 5] = ["[caption ", "[/caption]", "[embed]", "[embed ", "[/embed]"];
    let mut kept = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(at) = BRACKETS.iter().filter_map(|bracket| rest.find(bracket)).min() {
        let (head, tail) = rest.split_at(at);
        kept.push_str(head);
        let end = tail.find(']').map_or(tail.len(), |end| end + 1);
        rest = tail.get(end..).unwrap_or_default();
    }
    kept + rest
}

/// Some markup as a line of plain text.
fn line_of(html: &str) -> String {
    prose::prose(html, prose::kind_of).text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn enclosure(value: &str, of: &Site) -> Option<Attachment> {
    let mut lines = value.lines().map(str::trim);
    let address = lines.next().filter(|address| address.starts_with("http"))?;
    let size = lines.next().and_then(|size| size.parse().ok()).filter(|size| *size > 0);
    let kind = kind_of_type(lines.next().unwrap_or_default()).to_owned();
    let (name, path) = (Some(last_of(address).to_owned()), of.path_of(address));
    Some(Attachment { kind, name, size, path, ..Attachment::default() })
}

/// Keeps the first of the times that a record could have been dated by, where it could by none. Zeros alone stand for no time.
fn keep_if_unread(record: &mut Record, written: &[Option<String>]) {
    let says_nothing = |text: &str| text.trim().chars().all(|c| matches!(c, '0' | '-' | ':' | ' '));
    let unread = written.iter().flatten().find(|text| !says_nothing(text));
    if let (None, Some(text)) = (&record.date, unread) {
        keep_unread(record, text.trim());
    }
}

/// A time that is given twice, by the clock of the site and in UTC: the difference is the site's offset.
fn date(local: Option<&str>, utc: Option<&str>, zone: &TimeZone) -> Option<Date> {
    let parse = |text: &str| text.trim().parse::<DateTime>().ok();
    let (at, in_utc) = (local.and_then(parse), utc.and_then(parse));
    match (at, in_utc) {
        (Some(at), Some(in_utc)) => {
            let seconds = at.duration_since(in_utc).as_secs();
            let is_offset = seconds % 900 == 0 && seconds.abs() <= 15 * 3600;
            if !is_offset {
                return parse_date(&format!("{}Z", in_utc.strftime("%Y-%m-%dT%H:%M:%S")), zone);
            }
            let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
            let offset =
                if seconds == 0 { "Z".to_owned() } else { format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60) };
            parse_date(&format!("{}{offset}", at.strftime("%Y-%m-%dT%H:%M:%S")), zone)
        }
        (None, Some(in_utc)) => parse_date(&format!("{}Z", in_utc.strftime("%Y-%m-%dT%H:%M:%S")), zone),
        (Some(at), None) => parse_date(&at.strftime("%Y-%m-%dT%H:%M:%S").to_string(), zone),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_are_none_are_kept() {
        let kept = |written: &[&str]| {
            let mut record = Record::default();
            let written: Vec<_> = written.iter().map(|text| Some((*text).to_owned())).collect();
            keep_if_unread(&mut record, &written);
            record.fields
        };
        assert_eq!(kept(&["0000-00-00 00:00:00", "last May", "x"]), [field("date_written", "last May")]);
        assert_eq!(kept(&["0000-00-00 00:00:00", ""]), []);
    }

    #[test]
    fn the_offset_is_the_difference() {
        let check = |local: &str, utc: &str, expected: Option<&str>| {
            let date = date(Some(local), Some(utc), &TimeZone::UTC);
            assert_eq!(date.map(|date| date.text).as_deref(), expected, "{local} {utc}");
        };
        check("2024-01-05 10:00:00", "2024-01-05 09:00:00", Some("2024-01-05T10:00:00+01:00"));
        check("2024-01-05 10:00:00", "2024-01-05 15:30:00", Some("2024-01-05T10:00:00-05:30"));
        check("2024-01-05 10:00:00", "2024-01-05 10:00:00", Some("2024-01-05T10:00:00Z"));
        check("2024-01-05 10:00:00", "0000-00-00 00:00:00", Some("2024-01-05T10:00:00"));
        check("2024-01-05 10:00:07", "2024-01-05 09:00:00", Some("2024-01-05T09:00:00Z"));
        check("0000-00-00 00:00:00", "x", None);
    }

    #[test]
    fn an_export_says_that_it_is_one() {
        let check = |text: &str, expected| assert_eq!(is_export(text), expected, "{text}");
        check("<rss xmlns:wp='x'><channel><title>a</title><wp:wxr_version>1.2</wp:wxr_version><item>", true);
        check(
            "<!-- made by WordPress --><rss><channel><title><![CDATA[a]]></title><wp:wxr_version>1.2</wp:wxr_version>",
            true,
        );
        check("<rss><channel><title>a</title><item><description><wp:wxr_version></description>", false);
        check("<rss><channel><description><![CDATA[<wp:wxr_version> is]]></description><item>", false);
        check("<rss><channel><!-- <wp:wxr_version> --><description>wp:wxr_version</description><item>", false);
        check("<rss><![CDATA[<wp:wxr_version>", false);
    }

    #[test]
    fn what_was_uploaded_is_known_by_its_address() {
        let site = Site { address: Some("harbour.example/blog".to_owned()), ..Site::default() };
        let check = |address: &str, expected: Option<&str>| {
            assert_eq!(site.path_of(address).as_deref(), expected, "{address}");
        };
        check("https://www.harbour.example/blog/wp-content/a/b.jpg?w=300", Some("/wp-content/a/b.jpg"));
        check("http://harbour.example/blog/else.jpg", None);
        check("https://other.example/wp-content/a/b.jpg", None);
        check("/wp-content/a.jpg", None);
    }

    #[test]
    fn old_content_has_its_lines() {
        let check = |content: &str, expected: &str| {
            let mut record = Record::default();
            fill(content, &Site::default(), &mut record);
            assert_eq!(record.text, expected, "{content}");
        };
        check("a\nb\n\nc <b>d</b>\n<ul>\n<li>e</li>\n<li>f</li>\n</ul>\ng", "a\nb\n\nc d\n\n• e\n• f\n\ng");
        check("<pre>a\n\nb</pre>\nc", "a\n\nb\n\nc");
        check("[caption id=\"x\"]<img src=\"https://a.example/i.jpg\" /> below[/caption]\nc", "below\nc");
        check(
            "a [embed width=\"9\"]https://a.example/v[/embed] [embed]https://b.example[/embed] c",
            "a https://a.example/v https://b.example c",
        );
        check("<!-- wp:paragraph -->\n<p>a\nb</p>\n<!-- /wp:paragraph -->", "a b");
    }
}
