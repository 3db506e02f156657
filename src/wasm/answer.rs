//! Answers to searches and what is known of an archive, as values. www/types.d.ts holds their shapes.

use super::units::{Utf16, ranges};
use super::value::{Value, object};
use crate::collector::{self, Timeline};
use crate::format::BlockRef;
use crate::query::bind::typed_name;
use crate::record::Record;
use crate::searcher::{self, Answer, Shown};
use crate::snippet::Snippet;

use super::Opened;

/// `Answer<T>`: blocks that are needed, or what was asked for, or that the whole core is to be asked.
pub(super) fn answer<'a, T>(answer: &'a Answer<T>, page: impl FnOnce(&'a T) -> Value<'a>) -> Value<'a> {
    let nothing = Value::List(Vec::new());
    let (need, page, more) = match answer {
        Answer::Need(blocks) => (Value::list(blocks, block), Value::Null, false),
        Answer::Beyond => (nothing, Value::Null, true),
        Answer::Ready(ready) => (nothing, page(ready), false),
    };
    object! { need: need, page: page, more: more }
}

fn block(block: &BlockRef) -> Value<'_> {
    object! { offset: block.offset, len: block.len }
}

/// `SearchPage`.
pub(super) fn search_page<'a>(
    page: &'a searcher::SearchPage,
    query: &'a str,
    took_ms: f64,
    none: &'a Record,
) -> Value<'a> {
    let value = object! {
        query: query,
        total: page.total,
        exact: page.exact,
        relaxed: page.relaxed,
        scan: page.scan,
        took_us: took_ms * 1000.0,
        sort: page.sort.to_string(),
        hits: Value::list(&page.hits, |found| hit(found, none)),
        facets: Value::list(&page.facets, facet_counts),
        timeline: Value::maybe(page.timeline.as_ref(), timeline),
        terms: Value::list(&page.terms, search_term),
        problem: Value::maybe(page.problem.as_ref(), |problem| {
            object! { at: Utf16::new(query).at(problem.at), message: &problem.message }
        }),
        damage: &page.damage[..],
        suggestions: Value::list(&page.suggestions, |found| object! { query: &found.query, total: found.total }),
        wants_more: page.wants_more,
    };
    #[cfg(feature = "more")]
    let value = value.with(object! { folded: page.folded });
    value
}

fn search_term(term: &searcher::SearchTerm) -> Value<'_> {
    object! { text: &term.text, prefix: term.prefix, forms: forms(&term.forms) }
}

fn hit<'a>(hit: &'a searcher::Hit, none: &'a Record) -> Value<'a> {
    let (record, damaged) = shown(&hit.record, none);
    let value = object! {
        doc: hit.doc,
        uid: &record.uid,
        kind: &record.kind,
        date: record.date.as_ref().map(|date| &date.text),
        author: record.author.as_ref(),
        channel: record.channel.as_ref(),
        forwarded_from: record.forwarded_from.as_ref().map(|forward| &forward.name),
        lang: record.lang.as_ref(),
        title: Value::maybe(hit.title.as_ref(), excerpt),
        snippet: excerpt(&hit.snippet),
        tags: &record.tags[..],
        media: Value::list(&record.media, |attachment| Value::from(&attachment.kind)),
        picture: picture(record),
        flags: &record.flags[..],
        score: hit.score,
        damaged: damaged,
    };
    #[cfg(feature = "more")]
    let value = value.with(object! {
        group: hit.copies.as_ref().map(|copies| &copies.group),
        copies: hit.copies.as_ref().map_or(0, |copies| copies.count),
    });
    value
}

/// What is shown of a record's media beside its excerpt: nothing where its author covered them.
fn picture(record: &Record) -> Option<&String> {
    let is_covered = record.fields.iter().any(|(name, value)| name == "media_spoiler" && value == "true");
    record.media.iter().find_map(|attachment| attachment.path.as_ref()).filter(|_| !is_covered)
}

/// A record, or `none` and why there is none.
pub(super) fn shown<'a>(shown: &'a Shown, none: &'a Record) -> (&'a Record, Option<&'a str>) {
    match shown {
        Shown::Whole(record) => (record, None),
        Shown::Damaged(reason) => (none, Some(reason)),
    }
}

fn excerpt(snippet: &Snippet) -> Value<'_> {
    object! { text: &snippet.text, ranges: ranges(snippet), cut_start: snippet.cut_start, cut_end: snippet.cut_end }
}

fn facet_counts(facet: &searcher::FacetCounts) -> Value<'_> {
    object! { name: &facet.name, values: Value::list(&facet.values, facet_value), num_values: facet.num_values }
}

fn facet_value(value: &searcher::FacetValue) -> Value<'_> {
    object! { value: &value.value, count: value.count, chosen: value.chosen, excluded: value.excluded }
}

fn timeline(timeline: &Timeline) -> Value<'_> {
    let bar = |bar: &collector::Bar| {
        let hour = bar.hour.map_or_else(String::new, |hour| format!("T{hour:02}"));
        object! { key: bar.period.to_string() + &hour, count: bar.count, total: bar.total }
    };
    object! {
        unit: timeline.unit.name(),
        bars: Value::list(&timeline.bars, bar),
        coarse: timeline.coarse,
        undated: timeline.undated,
    }
}

/// `Form[]`.
pub(super) fn forms(forms: &[(String, u32)]) -> Value<'_> {
    Value::list(forms, |(text, count)| object! { text: text, count: *count })
}

/// `ArchiveInfo`.
pub(super) fn archive_info(archive: &Opened) -> Value<'_> {
    let (root, dates) = (archive.root(), archive.dates());
    object! {
        title: &root.title,
        num_docs: archive.num_docs(),
        num_undated: archive.num_undated(),
        num_folded: archive.num_folded(),
        first_date: dates.map(|(first, _)| first),
        last_date: dates.map(|(_, last)| last),
        time_zone: &root.times.zone.name,
        num_terms: archive.num_terms(),
        facets: Value::List(archive.facet_names().into_iter().map(Value::from).collect()),
        numbers: typed_names(&archive.number_names()),
        dates: typed_names(&archive.date_names()),
        sources: Value::List(archive.sources().map(source_account).collect()),
    }
}

fn typed_names(names: &[String]) -> Value<'static> {
    Value::List(names.iter().map(|name| Value::from(typed_name(name))).collect())
}

fn source_account(source: &searcher::SourceAccount) -> Value<'_> {
    object! {
        name: &source.name,
        size: source.size,
        sha256: source.sha256_hex(),
        format: &source.format,
        read: source.read,
        merged: source.merged,
        removed: source.removed,
        skipped: source.skipped,
    }
}
