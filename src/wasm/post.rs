//! An opened post with its neighbours, as values. www/types.d.ts holds their shapes.

use super::answer::shown;
use super::units::{Utf16, ranges};
use super::value::{Value, object};
use crate::record::{DocId, Place, Record};
use crate::searcher::{self, Shown};
use crate::snippet::Snippet;

/// `PostView | null`.
pub(super) fn post_view<'a>(view: Option<&'a searcher::PostView>, none: &'a Record) -> Value<'a> {
    Value::maybe(view, |view| {
        let value = object! { posts: Value::list(&view.posts, |post| record_view(post, none)), index: view.index };
        #[cfg(feature = "more")]
        let value = value.with(object! { group: view.group.as_ref() });
        value
    })
}

fn record_view<'a>((doc, record, title, text): &'a (DocId, Shown, Snippet, Snippet), none: &'a Record) -> Value<'a> {
    let (record, damaged) = shown(record, none);
    let mut units = Utf16::new(&record.text);
    let span = |span: &'a crate::record::Span| {
        let (start, end) = units.range(&span.range);
        object! { start: start, end: end, kind: &span.kind, href: span.href.as_ref() }
    };
    object! {
        doc: *doc,
        uid: &record.uid,
        id: record.id.as_ref(),
        kind: &record.kind,
        date: record.date.as_ref().map(|date| &date.text),
        author: record.author.as_ref(),
        channel: record.channel.as_ref(),
        forwarded_from: Value::maybe(record.forwarded_from.as_ref(), forward),
        reply_to: record.reply_to.as_ref(),
        thread: record.thread.as_ref(),
        album: record.album.as_ref(),
        title: record.title.as_ref(),
        title_ranges: ranges(title),
        text: &record.text,
        text_ranges: ranges(text),
        spans: Value::list(&record.spans, span),
        tags: &record.tags[..],
        mentions: &record.mentions[..],
        links: &record.links[..],
        media: Value::list(&record.media, attachment),
        poll: Value::maybe(record.poll.as_ref(), poll),
        reactions: Value::list(&record.reactions, |reaction| object! { emoji: &reaction.emoji, count: reaction.count }),
        views: record.views,
        edited: record.edited.as_ref(),
        flags: &record.flags[..],
        dates_mentioned: &record.dates_mentioned[..],
        lang: record.lang.as_ref(),
        url: record.url.as_ref(),
        source: object! {
            file: &record.source.file,
            place: Value::maybe(record.source.place.as_ref(), place),
            copies: Value::list(&record.source.copies, place),
        },
        fields: Value::list(&record.fields, |(name, value)| object! { name: name, value: value }),
        damaged: damaged,
    }
}

fn forward(forward: &crate::record::Forward) -> Value<'_> {
    object! { name: &forward.name, id: forward.id.as_ref(), url: forward.url.as_ref() }
}

fn attachment(attachment: &crate::record::Attachment) -> Value<'_> {
    object! {
        kind: &attachment.kind,
        name: attachment.name.as_ref(),
        size: attachment.size,
        duration: attachment.duration,
        path: attachment.path.as_ref(),
    }
}

fn poll(poll: &crate::record::Poll) -> Value<'_> {
    object! {
        question: &poll.question,
        answers: Value::list(&poll.answers, |answer| object! { text: &answer.text, votes: answer.votes }),
        voters: poll.voters,
    }
}

fn place(place: &Place) -> Value<'_> {
    let (lines, bytes) = match *place {
        Place::Lines(first, last) => (Some((first, last)), None),
        Place::Bytes(start, end) => (None, Some((start, end))),
    };
    object! { lines: lines, bytes: bytes }
}
