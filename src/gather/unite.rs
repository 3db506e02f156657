//! One record of several that are the same post: the later words win where both say when they were edited, else the fuller
//! field, and what differs is kept.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::ingest::parse_date;
use crate::record::{Attachment, Poll, Reaction, Record, Source, is_published};
use crate::record_json::to_json;

/// The field that says where else a post stood, and what differed there.
pub(super) const ALSO_IN: &str = "also_in";

/// Merges `other` into `record`.
pub(super) fn unite(record: &mut Record, other: Record) {
    let mut differs = differences(record, &other);
    let (mut notes, also_other) = (take_notes(record), take_notes_of(&other));
    // What is known to differ is not said again, nor is where a post is known to stand.
    for known in notes.iter().chain(&also_other).filter_map(|note| note.get("differs")?.as_object()) {
        differs.retain(|name, value| known.get(name) != Some(value));
    }
    let has_news = !differs.is_empty();
    let place = note(&other.source, Map::new());
    let is_known = record.source == other.source || notes.iter().any(|note| is_at(note, &place));
    if has_news || !is_known {
        notes.push(note(&other.source, differs));
    }
    fill(record, other);
    for note in also_other {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    if !notes.is_empty() {
        record.fields.push((ALSO_IN.to_owned(), Value::Array(notes).to_string()));
    }
}

/// Whether `other` says what `record` does not: a fuller field, or one that differs and is not noted yet.
pub(super) fn is_news(record: &Record, other: &Record) -> bool {
    let mut filled = record.clone();
    fill(&mut filled, other.clone());
    if filled != *record {
        return true;
    }
    let mut differs = differences(record, other);
    for known in take_notes_of(record).iter().filter_map(|note| note.get("differs")?.as_object()) {
        differs.retain(|name, value| known.get(name) != Some(value));
    }
    !differs.is_empty()
}

/// The values of `other` that the united record will not have.
fn differences(record: &Record, other: &Record) -> Map<String, Value> {
    let mut united = record.clone();
    fill(&mut united, other.clone());
    let mut differs = lost(&united, other);
    // Where the other's value won, it is the record's own that is kept here, under the same name.
    for (name, value) in lost(&united, record) {
        differs.entry(name).or_insert(value);
    }
    differs
}

/// The values of a record that another has otherwise.
fn lost(united: &Record, record: &Record) -> Map<String, Value> {
    let is_own = |name: &str| matches!(name, "uid" | "kind" | "source" | "spans") || name == ALSO_IN;
    let has_media = is_same_media(&united.media, &record.media);
    let united = to_json(united);
    let is_kept = |name: &str, value: &Value| united.get(name) == Some(value) || name == "media" && has_media;
    to_json(record).into_iter().filter(|(name, value)| !is_own(name) && !is_kept(name, value)).collect()
}

/// Whether two lists tell of the same media.
fn is_same_media(a: &[Attachment], b: &[Attachment]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same_medium(a, b))
}

/// Whether two media are the same, as far as is told: what is published has a name of its content, in place of the one it had.
fn is_same_medium(a: &Attachment, b: &Attachment) -> bool {
    let without_path = |medium: &Attachment| Attachment { path: None, ..medium.clone() };
    let is_same_file = match (content_of(a), content_of(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a.path == b.path,
        _ => true,
    };
    is_same_file && without_path(a) == without_path(b)
}

/// What the name of a published medium tells of its content.
fn content_of(medium: &Attachment) -> Option<&str> {
    let path = medium.path.as_deref().filter(|path| is_published(path))?;
    path.split_once('.').map(|(content, _)| content)
}

/// How much there is behind a path: nothing, something elsewhere, a published thumbnail, a published file.
fn fullness(medium: &Attachment) -> u8 {
    match medium.path.as_deref() {
        None => 0,
        Some(path) if !is_published(path) => 1,
        Some(path) if path.ends_with(".thumb.jpg") => 2,
        Some(_) => 3,
    }
}

fn note(source: &Source, differs: Map<String, Value>) -> Value {
    let place = Record { source: source.clone(), ..Record::default() };
    let mut note = to_json(&place).remove("source").and_then(|source| source.as_object().cloned()).unwrap_or_default();
    if !differs.is_empty() {
        note.insert("differs".to_owned(), Value::Object(differs));
    }
    Value::Object(note)
}

/// Whether a note is about this place.
fn is_at(note: &Value, place: &Value) -> bool {
    let member = |value: &Value, name: &str| value.get(name).cloned();
    ["file", "lines", "bytes"].iter().all(|name| member(note, name) == member(place, name))
}

/// Takes a field out of what is noted of where else a record stood.
pub(super) fn forget(record: &mut Record, field: &str) {
    let mut notes = take_notes(record);
    for note in notes.iter_mut().filter_map(Value::as_object_mut) {
        let Some(differs) = note.get_mut("differs").and_then(Value::as_object_mut) else { continue };
        differs.shift_remove(field);
        if differs.is_empty() {
            note.shift_remove("differs");
        }
    }
    if !notes.is_empty() {
        record.fields.push((ALSO_IN.to_owned(), Value::Array(notes).to_string()));
    }
}

fn take_notes(record: &mut Record) -> Vec<Value> {
    let notes = take_notes_of(record);
    record.fields.retain(|(name, _)| name != ALSO_IN);
    notes
}

fn take_notes_of(record: &Record) -> Vec<Value> {
    let json = record.fields.iter().find(|(name, _)| name == ALSO_IN).map(|(_, json)| json.as_str());
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// Takes each field of `other` that is fuller; of the words and of what follows from them, those of the later edit.
fn fill(record: &mut Record, mut other: Record) {
    match edited_after(&other, record) {
        Ordering::Greater => take_words(record, &mut other),
        Ordering::Less => (other.title, other.lang) = (None, None),
        Ordering::Equal => fill_words(record, &mut other),
    }
    let is_finer = |other: &crate::record::Date| record.date.as_ref().is_none_or(|own| rank(other) > rank(own));
    if other.date.as_ref().is_some_and(is_finer) {
        record.date = other.date;
    }
    for (own, other) in [
        (&mut record.id, other.id),
        (&mut record.author, other.author),
        (&mut record.channel, other.channel),
        (&mut record.reply_to, other.reply_to),
        (&mut record.thread, other.thread),
        (&mut record.album, other.album),
        (&mut record.title, other.title),
        (&mut record.edited, other.edited),
        (&mut record.lang, other.lang),
        (&mut record.url, other.url),
    ] {
        if own.is_none() {
            *own = other;
        }
    }
    longer(&mut record.flags, other.flags);
    if is_same_media(&record.media, &other.media) {
        for (own, other) in record.media.iter_mut().zip(other.media) {
            if fullness(&other) > fullness(own) {
                own.path = other.path;
            }
        }
    } else {
        longer(&mut record.media, other.media);
    }
    let count_all =
        |reactions: &[Reaction]| reactions.iter().map(|reaction| reaction.count).fold(0, u64::saturating_add);
    if count_all(&other.reactions) > count_all(&record.reactions) {
        record.reactions = other.reactions;
    }
    record.views = record.views.max(other.views);
    if other.poll.is_some() && other.poll.as_ref().map(count_votes) > record.poll.as_ref().map(count_votes) {
        record.poll = other.poll;
    }
    let filled =
        |forward: &crate::record::Forward| usize::from(forward.id.is_some()) + usize::from(forward.url.is_some());
    if other.forwarded_from.as_ref().map(filled) > record.forwarded_from.as_ref().map(filled) {
        record.forwarded_from = other.forwarded_from;
    }
    for (name, json) in other.fields {
        if name != ALSO_IN && !record.fields.iter().any(|(own, _)| *own == name) {
            record.fields.push((name, json));
        }
    }
}

/// Whether the words of `other` are from a later edit than those of `record`, as far as both say.
fn edited_after(other: &Record, record: &Record) -> Ordering {
    let edited = |record: &Record| parse_date(record.edited.as_deref()?, &TimeZone::UTC);
    match edited(other).zip(edited(record)) {
        // A time without an offset may be hours away from where it seems to be.
        Some((other, own)) if other.precision == own.precision => other.seconds.cmp(&own.seconds),
        _ => Ordering::Equal,
    }
}

/// Takes the words of `other`, and what was found in them.
fn take_words(record: &mut Record, other: &mut Record) {
    for (own, other) in [(&mut record.title, &mut other.title), (&mut record.lang, &mut other.lang)] {
        if other.is_some() {
            *own = other.take();
        }
    }
    record.edited = other.edited.take();
    (record.text, record.spans) = (std::mem::take(&mut other.text), std::mem::take(&mut other.spans));
    for (own, other) in lists_of_words(record, other) {
        *own = std::mem::take(other);
    }
}

/// Takes those words of `other` that are more.
fn fill_words(record: &mut Record, other: &mut Record) {
    if other.text.chars().count() > record.text.chars().count() {
        (record.text, record.spans) = (std::mem::take(&mut other.text), std::mem::take(&mut other.spans));
    } else if other.text == record.text && other.spans.len() > record.spans.len() {
        record.spans = std::mem::take(&mut other.spans);
    }
    for (own, other) in lists_of_words(record, other) {
        longer(own, std::mem::take(other));
    }
}

/// Lists of what was found in the words, side by side.
fn lists_of_words<'a>(
    record: &'a mut Record,
    other: &'a mut Record,
) -> [(&'a mut Vec<String>, &'a mut Vec<String>); 4] {
    [
        (&mut record.tags, &mut other.tags),
        (&mut record.mentions, &mut other.mentions),
        (&mut record.links, &mut other.links),
        (&mut record.dates_mentioned, &mut other.dates_mentioned),
    ]
}

/// How many votes a poll shows: of two states of one, the later has more.
fn count_votes(poll: &Poll) -> u64 {
    let votes = poll.answers.iter().filter_map(|answer| answer.votes).fold(0, u64::saturating_add);
    votes.max(poll.voters.unwrap_or_default())
}

/// A time with its offset says more than one without, and that more than a day.
fn rank(date: &crate::record::Date) -> u8 {
    use crate::record::Precision::{Day, LocalSecond, Month, Second, Year};
    match date.precision {
        Year => 0,
        Month => 1,
        Day => 2,
        LocalSecond => 3,
        Second => 4,
    }
}

fn longer<T>(own: &mut Vec<T>, other: Vec<T>) {
    if other.len() > own.len() {
        *own = other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record_json::from_json;

    fn read(json: &str) -> Record {
        from_json(serde_json::from_str(json).unwrap(), &TimeZone::UTC)
    }

    fn check(a: &str, b: &str, expected: &str) {
        let mut record = read(a);
        unite(&mut record, read(b));
        assert_eq!(Value::Object(to_json(&record)).to_string(), expected, "{a} {b}");
    }

    #[test]
    fn the_fuller_field_wins_and_the_other_is_kept() {
        check(
            r#"{"id":"1","text":"short","views":3,"source":{"file":"a"}}"#,
            r#"{"id":"1","text":"much longer","views":2,"url":"u","x":1,"source":{"file":"b"}}"#,
            r#"{"id":"1","kind":"post","text":"much longer","views":3,"url":"u","source":{"file":"a"},"x":1,"also_in":[{"file":"b","differs":{"views":2,"text":"short"}}]}"#,
        );
        check(
            r#"{"date":"2024-06-01","text":"a","source":{"file":"a"}}"#,
            r#"{"date":"2024-06-01T10:00:00Z","text":"a","source":{"file":"b","lines":[1,2]}}"#,
            r#"{"kind":"post","date":"2024-06-01T10:00:00Z","text":"a","source":{"file":"a"},"also_in":[{"file":"b","lines":[1,2],"differs":{"date":"2024-06-01"}}]}"#,
        );
    }

    #[test]
    fn the_later_edit_wins_where_both_say_when() {
        let post = |edited: &str, text: &str, file: &str| {
            format!(
                r#"{{"id":"1","kind":"post","text":"{text}","tags":["{text}"],{edited}"source":{{"file":"{file}"}}}}"#
            )
        };
        let edited = |time: &str| format!(r#""edited":"{time}","#);
        let (early, late) = (edited("2024-06-01T10:00:00Z"), edited("2024-06-01T13:00:00+02:00"));
        let kept = |edited: &str, text: &str, file: &str, differs: &str| {
            post(edited, text, file)
                .replace(r#""}}"#, &format!(r#""}},"also_in":[{{"file":"b","differs":{{{differs}}}}}]}}"#))
        };
        let lost = r#""text":"long and wrong","tags":["long and wrong"],"edited":"2024-06-01T10:00:00Z""#;
        check(&post(&early, "long and wrong", "a"), &post(&late, "short", "b"), &kept(&late, "short", "a", lost));
        check(&post(&late, "short", "a"), &post(&early, "long and wrong", "b"), &kept(&late, "short", "a", lost));
        // Where one does not say when, or the clocks cannot be compared, more is more.
        let local = edited("2024-06-01T13:00:00");
        for (own, other) in [(&early[..], ""), ("", &late), (&early, &local)] {
            let (mut record, united) = (read(&post(own, "long", "a")), read(&post(other, "no", "b")));
            unite(&mut record, united);
            assert_eq!(record.text, "long", "{own} {other}");
        }
    }

    #[test]
    fn more_votes_and_reactions_are_fuller() {
        let counted = |votes: u64, file: &str| {
            let poll = format!(r#"{{"question":"q","answers":[{{"text":"a","votes":{votes}}}]}}"#);
            let reactions = format!(r#"[{{"emoji":"👍","count":{votes}}}]"#);
            format!(
                r#"{{"id":"1","kind":"post","text":"","poll":{poll},"reactions":{reactions},"source":{{"file":"{file}"}}}}"#
            )
        };
        for (own, other) in [(3, 5), (5, 3)] {
            let mut record = read(&counted(own, "a"));
            unite(&mut record, read(&counted(other, "b")));
            assert_eq!((record.reactions[0].count, record.poll.map(|poll| count_votes(&poll))), (5, Some(5)));
        }
    }

    #[test]
    fn a_medium_that_is_published_is_the_one_that_was_named() {
        let named = r#"{"id":"1","text":"a","media":[{"kind":"photo","path":"photos/a.jpg"}],"source":{"file":"a"}}"#;
        let published = named.replace("photos/a.jpg", "media/0123456789abcdef0123456789abcdef.t.jpg");
        let kept = published.replace(r#""text""#, r#""kind":"post","text""#);
        check(&published, named, &kept);
        check(named, &published, &kept);
        let thumbnail = published.replace(".t.jpg", ".thumb.jpg");
        check(&thumbnail, &published, &kept);
        let replaced = published.replace("media/0", "media/1");
        check(
            &published,
            &replaced,
            &kept.replace(
                r#""source":{"file":"a"}"#,
                r#""source":{"file":"a"},"also_in":[{"file":"a","differs":{"media":[{"kind":"photo","path":"media/1123456789abcdef0123456789abcdef.t.jpg"}]}}]"#,
            ),
        );
        let other = named.replace("photos/a.jpg", "media/a.jpg");
        check(
            named,
            &other,
            &kept.replace("media/0123456789abcdef0123456789abcdef.t.jpg", "photos/a.jpg").replace(
                r#""source":{"file":"a"}"#,
                r#""source":{"file":"a"},"also_in":[{"file":"a","differs":{"media":[{"kind":"photo","path":"media/a.jpg"}]}}]"#,
            ),
        );
    }

    #[test]
    fn the_same_place_says_nothing_new() {
        let post = r#"{"id":"1","kind":"post","text":"a","source":{"file":"a"}}"#;
        check(post, post, post);
    }
}
