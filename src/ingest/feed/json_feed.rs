//! JSON Feed (<https://www.jsonfeed.org/version/1.1/>), both versions of it.

use std::collections::VecDeque;
use std::io;

use serde_json::Value;

use super::{About, MAX_HELD, NOTHING, lang, medium, rich_text, says_nothing};
use crate::ingest::bounds::{MAX_HELD_LEN, bounded};
use crate::ingest::date::{mail_date, parse_date, take_date};
use crate::ingest::entities;
use crate::ingest::files::Part;
use crate::ingest::format::{Entry, ReadContext, Skipped};
use crate::ingest::html::prose;
use crate::ingest::json::object::{Object, field};
use crate::ingest::json::outline::{At, List, Walk};
use crate::record::{Place, Record};

/// A JSON feed on its way through.
pub(super) struct JsonFeed<'a> {
    context: &'a ReadContext,
    file: String,
    feed: Object,
    /// Items, since the feed's name may stand behind them.
    held: Vec<(Object, Place)>,
    /// Bytes of memory that they take.
    held_len: usize,
}

impl<'a> JsonFeed<'a> {
    pub(super) fn new(context: &'a ReadContext) -> Self {
        Self { context, feed: Object::default(), held: Vec::new(), held_len: 0, file: String::new() }
    }
}

impl Walk for JsonFeed<'_> {
    fn begin(&mut self, part: &mut Part<'_>) -> io::Result<Option<List>> {
        self.file.clone_from(&part.file);
        Ok(Some(List::named("items")))
    }

    fn member(&mut self, name: &str, value: Value) {
        self.feed.put(name, value);
    }

    fn element(&mut self, element: Object, at: &At<'_>, entries: &mut VecDeque<Entry>) {
        self.held_len += element.held_len();
        self.held.push((element, at.place.clone()));
        if self.held.len() >= MAX_HELD || self.held_len >= MAX_HELD_LEN {
            self.end(entries);
        }
    }

    fn end(&mut self, entries: &mut VecDeque<Entry>) {
        let text = |key: &str| self.feed.get(key).and_then(Value::as_str).map(str::to_owned);
        let about = About {
            title: text("title").map(bounded),
            lang: text("language").and_then(|tag| lang(&tag)),
            author: authors_of(&mut self.feed.clone()).map(bounded),
            link: text("home_page_url").map(bounded),
        };
        self.held_len = 0;
        for (item, place) in std::mem::take(&mut self.held) {
            let at = At { file: &self.file, place };
            let record = json_item(item, &about, self.context);
            if says_nothing(&record) {
                let (file, reason) = (self.file.clone(), NOTHING.to_owned());
                entries.push_back(Entry::Skipped(Skipped { file, place: at.place, reason, excerpt: String::new() }));
                continue;
            }
            entries.push_back(Entry::Record(Box::new(Record { source: at.source(), ..record })));
        }
    }
}

fn json_item(mut item: Object, about: &About, context: &ReadContext) -> Record {
    let mut record = Record { kind: "post".to_owned(), ..Record::default() };
    record.id = item.text("id");
    record.url = item.text("url").or_else(|| item.text("external_url"));
    record.url = record.url.map(|url| about.seen_from(&url, &[]));
    record.title = item.text("title");
    record.channel.clone_from(&about.title);
    record.author = authors_of(&mut item).or_else(|| about.author.clone());
    let date = |text: &str| parse_date(text.trim(), &context.time_zone).or_else(|| mail_date(text, &context.time_zone));
    take_date(&mut record, item.text("date_published").as_deref(), date);
    if let Some(text) = item.text("date_modified") {
        record.edited = date(&text).map(|date| date.text);
        record.fields.extend(record.edited.is_none().then(|| field("date_modified", &text)));
    }
    record.lang = item.text("language").and_then(|tag| lang(&tag)).or_else(|| about.lang.clone());
    let address = record.url.clone().or_else(|| about.link.clone());
    let html = item.text("content_html").map(|html| prose::prose_at(&html, prose::kind_of, address.as_deref()));
    let plain = item.text("content_text").map(|text| rich_text(&text, "text/plain", None));
    let summary = item.text("summary");
    let summary_text = || summary.as_deref().map(|text| rich_text(text, "text/plain", None));
    let mut text = html.or(plain).or_else(summary_text).unwrap_or_default();
    text.trim();
    text.fill(&mut record);
    record.fields.extend(
        summary.filter(|summary| !record.text.starts_with(summary.as_str())).map(|summary| field("summary", &summary)),
    );
    let tags = item.list("tags");
    entities::add_tags(&mut record, tags.iter().filter_map(Value::as_str).map(str::to_owned));
    record.media = item
        .objects("attachments")
        .map(|mut file| {
            let kind = file.text("mime_type");
            let (size, duration) = (file.number("size_in_bytes"), file.number("duration_in_seconds"));
            medium(&file.text("url").unwrap_or_default(), kind.as_deref(), size, duration)
        })
        .collect();
    record.fields.extend(item.into_fields());
    record
}

/// Who wrote an item, or all of a feed, as both versions of JSON Feed say it.
fn authors_of(object: &mut Object) -> Option<String> {
    let old = object.object("author");
    let authors: Vec<String> =
        object.objects("authors").chain(old).filter_map(|mut author| author.text("name")).collect();
    (!authors.is_empty()).then(|| authors.join(", "))
}
