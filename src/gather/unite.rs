//! One record of several that are the same post: the later words win where both say when they were edited, else the fuller
//! field, and what differs is kept.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::overrides::{SET_BY_HAND, add_set_by_hand, set_by_hand};
use crate::ingest::parse_date;
use crate::record::{Attachment, Date, Poll, Precision, Reaction, Record, Source, Span, is_published};
use crate::record_json::to_json;

/// The field that says where else a post stood: for each place what it had that the record has not (`differs`), and which of the
/// record's fields are as it has them and not as the record's own place has (`gave`).
pub(super) const ALSO_IN: &str = "also_in";

/// Merges `other` into `record`.
pub(super) fn unite(record: &mut Record, other: Record) {
    let (mut notes, mut theirs) = (Notes::of(record), Notes::of(&other));
    let (before, new) = (fields_of(record), fields_of(&other));
    let (own_place, place) = (place_of(&record.source), place_of(&other.source));
    let is_elsewhere = record.source != other.source;
    let (own_media, their_media) = (record.media.clone(), other.media.clone());
    fill(record, other);
    let after = fields_of(record);

    // Media that say less than others of theirs are no news.
    let [own_is_told, theirs_is_told, own_tells] =
        [(&record.media, &own_media), (&record.media, &their_media), (&own_media, &their_media)]
            .map(|(media, told)| tells(media, told));
    let has = |of: &Map<String, Value>, name: &str, value: &Value, is_told: bool| {
        says(of, name, value) || name == "media" && is_told && of.contains_key(name)
    };
    for (name, value) in before.iter().filter(|(name, value)| !has(&after, name, value, own_is_told)) {
        notes.lose(name, value, &own_place);
    }
    for (name, value) in &new {
        if !has(&after, name, value, theirs_is_told) {
            theirs.lose(name, value, &place);
        } else if has(&before, name, value, own_tells) {
            theirs.take_back(name);
        } else if theirs.giver(name).is_none() {
            theirs.at(&place).gave.push(name.clone());
        }
    }
    if is_elsewhere {
        theirs.at(&place);
    }
    theirs.0.into_iter().for_each(|note| notes.add(note));
    notes.put(record);
}

/// Whether a field says this: the same, or of times the same instant, which sources write with the offsets of those who exported them.
fn says(fields: &Map<String, Value>, name: &str, value: &Value) -> bool {
    let instant = |value: &Value| {
        let date = parse_date(value.as_str()?, &TimeZone::UTC)?;
        (date.precision == Precision::Second).then_some(date.seconds)
    };
    let is_time = matches!(name, "date" | "edited");
    fields
        .get(name)
        .is_some_and(|own| own == value || is_time && instant(own).is_some_and(|own| Some(own) == instant(value)))
}

/// Whether `other` says what `record` does not: a fuller field, or one that differs and is not noted yet.
pub(super) fn is_news(record: &Record, other: &Record) -> bool {
    let mut filled = record.clone();
    fill(&mut filled, other.clone());
    if filled != *record {
        return true;
    }
    let (after, notes) = (fields_of(&filled), Notes::of(record));
    let is_told = tells(&filled.media, &other.media);
    let is_known = |name: &str, value: &Value| {
        name == "media" && is_told
            || says(&after, name, value)
            || notes.0.iter().any(|note| note.differs.get(name) == Some(value))
    };
    fields_of(other).iter().any(|(name, value)| !is_known(name, value))
}

/// The fields of a record of which sources may say different things.
fn fields_of(record: &Record) -> Map<String, Value> {
    let is_own = |name: &str| matches!(name, "uid" | "kind" | "source" | "spans" | ALSO_IN | SET_BY_HAND);
    to_json(record).into_iter().filter(|(name, _)| !is_own(name)).collect()
}

/// Whether a list of media tells all that another does; where one has a file, the name under which it stands is no more.
fn tells(media: &[Attachment], told: &[Attachment]) -> bool {
    let tells_one = |(medium, told): (&Attachment, &Attachment)| {
        let both = united(medium, told);
        let has_file = medium.path.is_some() || told.path.is_none();
        agree(medium, told) && has_file && Attachment { path: medium.path.clone(), ..both } == *medium
    };
    media.len() == told.len() && media.iter().zip(told).all(tells_one)
}

/// Whether two may be one medium of which each tells a part: what is published has a name of its content, in place of the one it had.
fn agree(a: &Attachment, b: &Attachment) -> bool {
    fn is_same<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
        a.zip(b).is_none_or(|(a, b)| a == b)
    }
    let is_same_file = match (content_of(a), content_of(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => is_same(a.path.as_ref(), b.path.as_ref()),
        _ => true,
    };
    is_same_file
        && a.kind == b.kind
        && is_same(a.name.as_ref(), b.name.as_ref())
        && is_same(a.size.as_ref(), b.size.as_ref())
        && is_same(a.duration.as_ref(), b.duration.as_ref())
}

/// What both tell of one medium.
fn united(own: &Attachment, other: &Attachment) -> Attachment {
    let fuller = if fullness(other) > fullness(own) { other } else { own };
    Attachment {
        kind: own.kind.clone(),
        name: own.name.clone().or_else(|| other.name.clone()),
        size: own.size.or(other.size),
        duration: own.duration.or(other.duration),
        path: fuller.path.clone(),
    }
}

/// The media of both: each medium from what both tell of it, where they may be the same; else those of which more is told, files first,
/// since what one source has as an album may be several posts in another.
fn unite_media(own: &mut Vec<Attachment>, other: Vec<Attachment>) {
    if own.len() == other.len() && own.iter().zip(&other).all(|(own, other)| agree(own, other)) {
        own.iter_mut().zip(&other).for_each(|(own, other)| *own = united(own, other));
        return;
    }
    let facts = |medium: &Attachment| {
        usize::from(medium.name.is_some()) + usize::from(medium.size.is_some()) + usize::from(medium.duration.is_some())
    };
    let fullness_of = |media: &[Attachment]| {
        let files = media.iter().map(|medium| usize::from(fullness(medium))).sum::<usize>();
        (files, media.iter().map(facts).sum::<usize>(), media.len())
    };
    if fullness_of(&other) > fullness_of(own) {
        *own = other;
    }
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

/// What is noted of one place where a post stood.
#[derive(Clone, Debug, Default, PartialEq)]
struct Note {
    /// File, and lines or bytes.
    place: Map<String, Value>,
    /// What it had that the record has not.
    differs: Map<String, Value>,
    /// The fields that the record has from there.
    gave: Vec<String>,
}

/// What is noted of the places where a post stood.
struct Notes(Vec<Note>);

impl Notes {
    fn of(record: &Record) -> Self {
        let json = record.fields.iter().find(|(name, _)| name == ALSO_IN).map(|(_, json)| json.as_str());
        let notes: Vec<Value> = json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let note = |note: Value| {
            let Value::Object(mut place) = note else { return None };
            let differs = place.shift_remove("differs").and_then(|differs| differs.as_object().cloned());
            let gave = place.shift_remove("gave").and_then(|gave| serde_json::from_value(gave).ok());
            Some(Note { place, differs: differs.unwrap_or_default(), gave: gave.unwrap_or_default() })
        };
        Self(notes.into_iter().filter_map(note).collect())
    }

    /// Makes these the notes of a record.
    fn put(self, record: &mut Record) {
        record.fields.retain(|(name, _)| name != ALSO_IN);
        let json = |Note { mut place, differs, gave }: Note| {
            if !differs.is_empty() {
                place.insert("differs".to_owned(), Value::Object(differs));
            }
            if !gave.is_empty() {
                place.insert("gave".to_owned(), Value::from(gave));
            }
            Value::Object(place)
        };
        if !self.0.is_empty() {
            let notes = Value::Array(self.0.into_iter().map(json).collect());
            record.fields.push((ALSO_IN.to_owned(), notes.to_string()));
        }
    }

    /// The first note of a place that `fits`; a new one where there is none.
    fn find(&mut self, place: &Map<String, Value>, fits: impl Fn(&Note) -> bool) -> &mut Note {
        let found = self.0.iter().position(|note| note.place == *place && fits(note));
        let found = found.unwrap_or_else(|| {
            self.0.push(Note { place: place.clone(), ..Note::default() });
            self.0.len() - 1
        });
        self.0.get_mut(found).expect("it was found, or made just now")
    }

    fn at(&mut self, place: &Map<String, Value>) -> &mut Note {
        self.find(place, |_| true)
    }

    /// The note whose place gave a field.
    fn giver(&self, name: &str) -> Option<&Note> {
        self.0.iter().find(|note| note.gave.iter().any(|given| given == name))
    }

    /// No place is said to have given a field any more.
    fn take_back(&mut self, name: &str) {
        self.0.iter_mut().for_each(|note| note.gave.retain(|given| given != name));
    }

    /// Notes a value that is no longer the record's, of the place that gave it, or else of this one.
    fn lose(&mut self, name: &str, value: &Value, place: &Map<String, Value>) {
        let place = self.giver(name).map_or_else(|| place.clone(), |note| note.place.clone());
        self.take_back(name);
        self.differ(name, value, &place);
    }

    fn differ(&mut self, name: &str, value: &Value, place: &Map<String, Value>) {
        let note = self.find(place, |note| note.differs.get(name).is_none_or(|known| known == value));
        note.differs.insert(name.to_owned(), value.clone());
    }

    /// Adds to what is known of a place.
    fn add(&mut self, note: Note) {
        for (name, value) in &note.differs {
            self.differ(name, value, &note.place);
        }
        for name in note.gave {
            if self.giver(&name).is_none() {
                self.at(&note.place).gave.push(name);
            }
        }
        self.at(&note.place);
    }
}

/// A place as notes have it.
fn place_of(source: &Source) -> Map<String, Value> {
    let place = Record { source: Source { copies: Vec::new(), ..source.clone() }, ..Record::default() };
    to_json(&place).remove("source").and_then(|source| source.as_object().cloned()).unwrap_or_default()
}

/// Takes fields out of what is noted of where else a record stood.
pub(super) fn forget(record: &mut Record, is_taken: impl Fn(&str) -> bool) {
    let mut notes = Notes::of(record);
    for note in &mut notes.0 {
        note.differs.retain(|name, _| !is_taken(name));
        note.gave.retain(|given| !is_taken(given));
    }
    notes.put(record);
}

/// Takes each field of `other` that is fuller, but for what people set of either.
fn fill(record: &mut Record, other: Record) {
    let (own, others) = (set_by_hand(record), set_by_hand(&other));
    if own.is_empty() && others.is_empty() {
        return fill_fuller(record, other);
    }
    let (before, known) = (record.clone(), other.clone());
    fill_fuller(record, other);
    let mut set = |names: &[String], from: &Record| {
        for name in names {
            match name.as_str() {
                "date" => record.date.clone_from(&from.date),
                "channel" => record.channel.clone_from(&from.channel),
                "author" => record.author.clone_from(&from.author),
                "url" => record.url.clone_from(&from.url),
                _ => {}
            }
        }
    };
    set(&others, &known);
    // Of two that were set, the first stays.
    set(&own, &before);
    add_set_by_hand(record, others);
}

/// Takes each field of `other` that is fuller; of the words and of what follows from them, those of the later edit.
fn fill_fuller(record: &mut Record, mut other: Record) {
    match edited_after(&other, record) {
        Ordering::Greater => take_words(record, &mut other),
        Ordering::Less => (other.title, other.lang) = (None, None),
        Ordering::Equal => fill_words(record, &mut other),
    }
    let is_finer =
        |other: &Date| record.date.as_ref().is_none_or(|own| rank(other) > rank(own) || is_told_better(other, own));
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
    unite_media(&mut record.media, other.media);
    let count_all =
        |reactions: &[Reaction]| reactions.iter().map(|reaction| reaction.count).fold(0, u64::saturating_add);
    if count_all(&other.reactions) > count_all(&record.reactions) {
        record.reactions = other.reactions;
    }
    if other.views > record.views {
        record.views = other.views;
        // How they were shown goes with them.
        record.fields.retain(|(name, _)| name != "views_shown");
    }
    if other.poll.is_some() && other.poll.as_ref().map(count_votes) > record.poll.as_ref().map(count_votes) {
        record.poll = other.poll;
    }
    let filled =
        |forward: &crate::record::Forward| usize::from(forward.id.is_some()) + usize::from(forward.url.is_some());
    if other.forwarded_from.as_ref().map(filled) > record.forwarded_from.as_ref().map(filled) {
        record.forwarded_from = other.forwarded_from;
    }
    for (name, json) in other.fields {
        if name != ALSO_IN && name != SET_BY_HAND && !record.fields.iter().any(|(own, _)| *own == name) {
            record.fields.push((name, json));
        }
    }
}

/// Whether the words of `other` are from a later edit than those of `record`, as far as both say.
fn edited_after(other: &Record, record: &Record) -> Ordering {
    let edited = |record: &Record| parse_date(record.edited.as_deref()?, &TimeZone::UTC);
    match (edited(other), edited(record)) {
        // A time without an offset may be hours away from where it seems to be.
        (Some(other), Some(own)) if other.precision == own.precision => other.seconds.cmp(&own.seconds),
        (Some(edit), None) if is_before(record, &edit) => Ordering::Greater,
        (None, Some(edit)) if is_before(other, &edit) => Ordering::Less,
        _ => Ordering::Equal,
    }
}

/// Whether a record without an edit is as the post was before `edit`: what Telegram's `result.json` says would say of it, and a page of
/// a channel that was made earlier cannot show it.
fn is_before(record: &Record, edit: &Date) -> bool {
    let field = |name: &str| record.fields.iter().find(|(own, _)| own == name).map(|(_, json)| json.trim_matches('"'));
    let made = field("page_made").and_then(|made| parse_date(made, &TimeZone::UTC));
    field("chat_type").is_some() || made.is_some_and(|made| made.seconds < edit.seconds)
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

/// How much some formatting tells: spans, and of as many those of which more is known, such as the language of code.
fn told(spans: &[Span]) -> (usize, usize) {
    (spans.len(), spans.iter().filter(|span| span.href.is_some()).count())
}

/// Takes those words of `other` that are more.
fn fill_words(record: &mut Record, other: &mut Record) {
    if other.text.chars().count() > record.text.chars().count() {
        (record.text, record.spans) = (std::mem::take(&mut other.text), std::mem::take(&mut other.spans));
    } else if other.text == record.text && told(&other.spans) > told(&record.spans) {
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

/// Whether a time is the same instant and says the offset of a clock too.
fn is_told_better(other: &Date, own: &Date) -> bool {
    rank(other) == rank(own) && other.seconds == own.seconds && own.text.ends_with('Z') && !other.text.ends_with('Z')
}

/// How much a poll shows: votes by the answers are more than a number of voters, and of two states of one the later has more.
fn count_votes(poll: &Poll) -> (bool, u64) {
    let votes = poll.answers.iter().filter_map(|answer| answer.votes).fold(0, u64::saturating_add);
    (poll.answers.iter().any(|answer| answer.votes.is_some()), votes.max(poll.voters.unwrap_or_default()))
}

/// A time with its offset says more than one without, and that more than a day.
fn rank(date: &Date) -> u8 {
    match date.precision {
        Precision::Year => 0,
        Precision::Month => 1,
        Precision::Day => 2,
        Precision::LocalSecond => 3,
        Precision::Second => 4,
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
            r#"{"id":"1","kind":"post","text":"much longer","views":3,"url":"u","source":{"file":"a"},"x":1,"also_in":[{"file":"a","differs":{"text":"short"}},{"file":"b","differs":{"views":2},"gave":["text","url","x"]}]}"#,
        );
        check(
            r#"{"date":"2024-06-01","text":"a","source":{"file":"a"}}"#,
            r#"{"date":"2024-06-01T10:00:00Z","text":"a","source":{"file":"b","lines":[1,2]}}"#,
            r#"{"kind":"post","date":"2024-06-01T10:00:00Z","text":"a","source":{"file":"a"},"also_in":[{"file":"a","differs":{"date":"2024-06-01"}},{"file":"b","lines":[1,2],"gave":["date"]}]}"#,
        );
    }

    /// What a page on the web shows of a post, and what an export of it has, in whichever order they come.
    #[test]
    fn how_views_were_shown_goes_with_them() {
        let (few, many) = (
            r#"{"id":"1","views":5000,"source":{"file":"a"},"views_shown":"5K"}"#,
            r#"{"id":"1","views":6100,"source":{"file":"b"},"views_shown":"6.1K"}"#,
        );
        for (own, other) in [(few, many), (many, few)] {
            let mut record = read(own);
            unite(&mut record, read(other));
            assert_eq!(record.views, Some(6100));
            let shown: Vec<&str> =
                record.fields.iter().filter(|(name, _)| name == "views_shown").map(|(_, json)| json.as_str()).collect();
            assert_eq!(shown, [r#""6.1K""#], "{own}");
            assert!(to_json(&record)["also_in"].to_string().contains(r#""views_shown":"5K""#), "{own}");
        }
    }

    #[test]
    fn media_and_polls_are_the_fullest_of_both() {
        let page = r#"{"id":"1","media":[{"kind":"photo"},{"kind":"video","duration":7}],"poll":{"question":"q","answers":[{"text":"A (70%)"}],"voters":10},"source":{"file":"w"}}"#;
        let export = r#"{"id":"1","media":[{"kind":"photo","path":"photos/a.jpg"},{"kind":"video","name":"v.mp4","size":9}],"poll":{"question":"q","answers":[{"text":"A","votes":7}],"voters":10},"source":{"file":"j"}}"#;
        for (own, other) in [(page, export), (export, page)] {
            let mut record = read(own);
            unite(&mut record, read(other));
            let found = Value::Object(to_json(&record));
            let media = serde_json::json!([{"kind":"photo","path":"photos/a.jpg"},{"kind":"video","name":"v.mp4","size":9,"duration":7}]);
            assert_eq!(found["media"], media, "{own}");
            assert_eq!(found["poll"]["answers"], serde_json::json!([{"text":"A","votes":7}]), "{own}");
            let notes = found["also_in"].to_string();
            assert!(notes.contains("A (70%)") && !notes.contains("v.mp4"), "{notes}");
            assert!(!is_news(&record, &read(page)) && !is_news(&record, &read(export)), "{own}");
        }
        // An album is one post there, and a post for each picture here.
        let album = r#"{"id":"7","media":[{"kind":"photo"},{"kind":"photo"}],"source":{"file":"w"}}"#;
        let first = r#"{"id":"7","media":[{"kind":"photo","path":"photos/a.jpg"}],"source":{"file":"j"}}"#;
        for (own, other) in [(album, first), (first, album)] {
            let mut record = read(own);
            unite(&mut record, read(other));
            assert_eq!(record.media.len(), 1, "{own}");
            assert_eq!(record.media[0].path.as_deref(), Some("photos/a.jpg"));
        }
        // Of two files one is no part of the other.
        let other = r#"{"id":"1","media":[{"kind":"photo","path":"photos/b.jpg","size":5}],"source":{"file":"k"}}"#;
        let mut record =
            read(r#"{"id":"1","media":[{"kind":"photo","path":"photos/a.jpg","name":"a"}],"source":{"file":"j"}}"#);
        unite(&mut record, read(other));
        assert_eq!((record.media[0].name.as_deref(), record.media[0].size), (Some("a"), None));
    }

    #[test]
    fn formatting_of_which_more_is_known_wins() {
        let code = |href: &str, file: &str| {
            format!(
                r#"{{"id":"1","text":"x = 1","spans":[{{"start":0,"end":5,"kind":"pre"{href}}}],"source":{{"file":"{file}"}}}}"#
            )
        };
        let (page, export) = (code("", "w"), code(r#","href":"py""#, "j"));
        for (own, other) in [(&page, &export), (&export, &page)] {
            let mut record = read(own);
            unite(&mut record, read(other));
            assert_eq!(record.spans[0].href.as_deref(), Some("py"), "{own}");
        }
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
        let kept = |edited: &str, text: &str, file: &str, notes: &str| {
            post(edited, text, file).replace(r#""}}"#, &format!(r#""}},"also_in":[{notes}]}}"#))
        };
        let lost = r#""text":"long and wrong","tags":["long and wrong"],"edited":"2024-06-01T10:00:00Z""#;
        let own = format!(r#"{{"file":"a","differs":{{{lost}}}}},{{"file":"b","gave":["text","tags","edited"]}}"#);
        check(&post(&early, "long and wrong", "a"), &post(&late, "short", "b"), &kept(&late, "short", "a", &own));
        let other = format!(r#"{{"file":"b","differs":{{{lost}}}}}"#);
        check(&post(&late, "short", "a"), &post(&early, "long and wrong", "b"), &kept(&late, "short", "a", &other));
        // An export that tells of edits, and says of none, is from before them; so is a page that was made earlier.
        let (chat, page) = (r#""chat_type":"x","#, r#""page_made":"2024-06-01T09:00:00Z","#);
        for (old, is_known) in
            [(chat, true), (page, true), (r#""page_made":"2024-06-02T09:00:00Z","#, false), ("", false)]
        {
            for later_first in [false, true] {
                let (old, new) = (post(old, "what it was", "a"), post(&early, "cut", "b"));
                let (first, second) = if later_first { (&new, &old) } else { (&old, &new) };
                let mut record = read(first);
                unite(&mut record, read(second));
                assert_eq!(record.text, if is_known { "cut" } else { "what it was" }, "{old} {later_first}");
                assert!(record.edited.is_some());
            }
        }
        // Where one does not say when, or the clocks cannot be compared, more is more.
        let local = edited("2024-06-01T13:00:00");
        for (own, other) in [(&early[..], ""), ("", &late), (&early, &local)] {
            let (mut record, united) = (read(&post(own, "long", "a")), read(&post(other, "no", "b")));
            unite(&mut record, united);
            assert_eq!(record.text, "long", "{own} {other}");
        }
    }

    #[test]
    fn every_value_is_noted_of_the_place_that_had_it() {
        let post = |text: &str, file: &str| format!(r#"{{"id":"1","text":"{text}","source":{{"file":"{file}"}}}}"#);
        let texts = [("a", "one"), ("b", "longer"), ("c", "the longest"), ("d", "short")];
        // In whichever order they come, and whether all at once or two by two.
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
            let records = order.map(|at| read(&post(texts[at].1, texts[at].0)));
            let [first, second, third, fourth] = records;
            let (mut by_two, mut others) = (first.clone(), third.clone());
            unite(&mut by_two, second.clone());
            unite(&mut others, fourth.clone());
            unite(&mut by_two, others);
            let mut in_turn = first;
            [second, third, fourth].into_iter().for_each(|other| unite(&mut in_turn, other));
            for record in [by_two, in_turn] {
                assert_eq!(record.text, "the longest");
                let notes = Notes::of(&record).0;
                for (file, text) in texts {
                    let of_file: Vec<&Note> = notes.iter().filter(|note| note.place["file"] == file).collect();
                    let lost: Vec<&Value> = of_file.iter().filter_map(|note| note.differs.get("text")).collect();
                    let gave = of_file.iter().any(|note| note.gave == ["text"]);
                    assert_eq!(lost.first().and_then(|text| text.as_str()), (file != "c").then_some(text), "{notes:?}");
                    assert_eq!(gave, file == "c" && record.source.file != "c", "{file} in {notes:?}");
                }
            }
        }
    }

    #[test]
    fn what_people_set_is_not_changed_by_other_sources() {
        let set = r#"{"id":"1","date":"2020","text":"a","source":{"file":"a"},"set_by_hand":["date"]}"#;
        let finer = r#"{"id":"1","date":"2024-06-01T10:00:00Z","text":"a","source":{"file":"b"}}"#;
        for (own, other) in [(set, finer), (finer, set)] {
            let mut record = read(own);
            unite(&mut record, read(other));
            assert_eq!(record.date.as_ref().map(|date| date.text.as_str()), Some("2020"));
            assert_eq!(set_by_hand(&record), ["date"]);
            let notes = Notes::of(&record).0;
            assert!(notes.iter().any(|note| note.place["file"] == "b"
                && note.differs.get("date").is_some_and(|date| date == "2024-06-01T10:00:00Z")));
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
            assert_eq!((record.reactions[0].count, record.poll.map(|poll| count_votes(&poll))), (5, Some((true, 5))));
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
