//! A [`Record`] as one JSON object: the shape that `fonds extract --format jsonl` writes and the reader of JSON lines takes.
//!
//! Absent fields are left out. Places in the text count Unicode code points, so that they hold in every language a script is
//! written in. The source's other fields come last, under their own names.
//!
//! Reading is lenient about types and loses nothing: a value that a known key cannot have is kept as a field of that name. Where
//! such a name is taken when the record is written again (`tags`, say, since tags were found in the text), the field's name gets
//! underscores until it is free. An object that names a key twice has its last value, as RFC 8259 leaves open.
//!
//! *Useful for* extracting, and for reading what was extracted. *Not useful for* the page, which gets no JSON.

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::ingest::{bare_date, distinct, parse_date};
use crate::record::{Attachment, Date, Forward, Place, Poll, PollAnswer, Reaction, Record, Source, Span};

/// The known keys, in the order in which they are written.
pub const KEYS: [&str; 26] = [
    "uid",
    "id",
    "kind",
    "date",
    "author",
    "channel",
    "forwarded_from",
    "reply_to",
    "thread",
    "album",
    "title",
    "text",
    "spans",
    "tags",
    "mentions",
    "links",
    "media",
    "poll",
    "reactions",
    "views",
    "edited",
    "flags",
    "dates_mentioned",
    "lang",
    "url",
    "source",
];

/// What a record is where its source does not say.
const DEFAULT_KIND: &str = "post";

/// Writes a record.
#[must_use]
pub fn to_json(record: &Record) -> Map<String, Value> {
    let mut object = Map::new();
    put_text(&mut object, "uid", Some(&record.uid));
    put_text(&mut object, "id", record.id.as_ref());
    put_text(&mut object, "kind", Some(&record.kind));
    put_text(&mut object, "date", record.date.as_ref().map(|date| &date.text));
    put_text(&mut object, "author", record.author.as_ref());
    put_text(&mut object, "channel", record.channel.as_ref());
    put(&mut object, "forwarded_from", record.forwarded_from.as_ref().map(forward_to_json));
    put_text(&mut object, "reply_to", record.reply_to.as_ref());
    put_text(&mut object, "thread", record.thread.as_ref());
    put_text(&mut object, "album", record.album.as_ref());
    put_text(&mut object, "title", record.title.as_ref());
    put_text(&mut object, "text", Some(&record.text));
    put_list(&mut object, "spans", spans_to_json(&record.text, &record.spans));
    put_texts(&mut object, "tags", &record.tags);
    put_texts(&mut object, "mentions", &record.mentions);
    put_texts(&mut object, "links", &record.links);
    put_list(&mut object, "media", record.media.iter().map(attachment_to_json).collect());
    put(&mut object, "poll", record.poll.as_ref().map(poll_to_json));
    put_list(&mut object, "reactions", record.reactions.iter().map(reaction_to_json).collect());
    put(&mut object, "views", record.views.map(Value::from));
    put_text(&mut object, "edited", record.edited.as_ref());
    put_texts(&mut object, "flags", &record.flags);
    put_texts(&mut object, "dates_mentioned", &record.dates_mentioned);
    put_text(&mut object, "lang", record.lang.as_ref());
    put_text(&mut object, "url", record.url.as_ref());
    put(&mut object, "source", (record.source != Source::default()).then(|| source_to_json(&record.source)));

    for (name, json) in &record.fields {
        let mut name = name.clone();
        while object.contains_key(&name) {
            name.push('_');
        }
        let value = serde_json::from_str(json).unwrap_or_else(|_| Value::from(json.as_str()));
        object.insert(name, value);
    }
    object
}

/// Reads a record. Times without an offset are read in `zone`.
///
/// Ids may be numbers, numbers may be strings of digits, lists of one may be bare, tags and mentions may have their signs, and a
/// date may be the seconds since 1970. `null`, an empty text and an empty list are absent values.
#[must_use]
pub fn from_json(object: Map<String, Value>, zone: &TimeZone) -> Record {
    let mut record = Record { kind: DEFAULT_KIND.to_owned(), ..Record::default() };
    // Places in the text can only be read with it at hand.
    record.text = object.get("text").and_then(text).unwrap_or_default();
    for (key, value) in object {
        let is_known = KEYS.contains(&key.as_str());
        if is_known && (is_absent(&value) || read_key(&mut record, &key, &value, zone).is_some()) {
            continue;
        }
        record.fields.push((key, value.to_string()));
    }
    record
}

/// Sets the field called `key`, if it can have this value.
fn read_key(record: &mut Record, key: &str, value: &Value, zone: &TimeZone) -> Option<()> {
    match key {
        "uid" => record.uid = text(value)?,
        "id" => record.id = Some(text_or_digits(value)?),
        "kind" => record.kind = text(value)?,
        "date" => record.date = Some(date_from_json(value, zone)?),
        "author" => record.author = Some(text(value)?),
        "channel" => record.channel = Some(text(value)?),
        "forwarded_from" => record.forwarded_from = Some(forward_from_json(value)?),
        "reply_to" => record.reply_to = Some(text_or_digits(value)?),
        "thread" => record.thread = Some(text_or_digits(value)?),
        "album" => record.album = Some(text_or_digits(value)?),
        "title" => record.title = Some(text(value)?),
        "text" => record.text = text(value)?,
        "spans" => record.spans = spans_from_json(&record.text, value)?,
        "tags" => record.tags = names(value, '#')?,
        "mentions" => record.mentions = names(value, '@')?,
        "links" => record.links = texts(value)?,
        "media" => record.media = list(value, attachment_from_json)?,
        "poll" => record.poll = Some(poll_from_json(value)?),
        "reactions" => record.reactions = list(value, reaction_from_json)?,
        "views" => record.views = Some(count(value)?),
        "edited" => record.edited = Some(text_or_digits(value)?),
        "flags" => record.flags = texts(value)?,
        "dates_mentioned" => record.dates_mentioned = texts(value)?,
        "lang" => record.lang = Some(lang_from_json(value)?),
        "url" => record.url = Some(text(value)?),
        "source" => record.source = source_from_json(value)?,
        _ => return None,
    }
    Some(())
}

// The values of single keys, writing beside reading.

fn date_from_json(value: &Value, zone: &TimeZone) -> Option<Date> {
    match value {
        Value::String(text) => parse_date(text.trim(), zone),
        // Either a year or an instant.
        Value::Number(number) => {
            let number = number.to_string();
            parse_date(&number, zone).or_else(|| bare_date(&number))
        }
        _ => None,
    }
}

fn forward_to_json(forward: &Forward) -> Value {
    let mut object = Map::new();
    object.insert("name".to_owned(), Value::from(forward.name.as_str()));
    put_text(&mut object, "id", forward.id.as_ref());
    put_text(&mut object, "url", forward.url.as_ref());
    Value::Object(object)
}

fn forward_from_json(value: &Value) -> Option<Forward> {
    if let Value::String(name) = value {
        return Some(Forward { name: name.clone(), ..Forward::default() });
    }
    let object = object(value, &["name", "id", "url"])?;
    Some(Forward {
        name: object.get("name").and_then(text)?,
        id: member(object, "id", text_or_digits)?,
        url: member(object, "url", text)?,
    })
}

fn spans_to_json(text: &str, spans: &[Span]) -> Vec<Value> {
    if spans.is_empty() {
        return Vec::new();
    }
    let boundaries = boundaries(text);
    let code_point = |byte: usize| Value::from(boundaries.partition_point(|boundary| *boundary < byte) as u64);
    let span = |span: &Span| {
        let mut object = Map::new();
        object.insert("start".to_owned(), code_point(span.range.start));
        object.insert("end".to_owned(), code_point(span.range.end));
        object.insert("kind".to_owned(), Value::from(span.kind.as_str()));
        put_text(&mut object, "href", span.href.as_ref());
        Value::Object(object)
    };
    spans.iter().map(span).collect()
}

fn spans_from_json(text: &str, value: &Value) -> Option<Vec<Span>> {
    let boundaries = boundaries(text);
    let byte = |value: &Value| boundaries.get(usize::try_from(value.as_u64()?).ok()?).copied();
    let mut spans = list(value, |value| {
        let object = object(value, &["start", "end", "kind", "href"])?;
        let range = byte(object.get("start")?)?..byte(object.get("end")?)?;
        let kind = object.get("kind").and_then(self::text)?;
        let href = member(object, "href", self::text)?;
        (range.start <= range.end).then_some(Span { range, kind, href })
    })?;
    spans.sort_by_key(|span| span.range.start);
    Some(spans)
}

/// Byte offset of each code point of `text`, and of its end.
fn boundaries(text: &str) -> Vec<usize> {
    text.char_indices().map(|(index, _)| index).chain([text.len()]).collect()
}

fn attachment_to_json(attachment: &Attachment) -> Value {
    let mut object = Map::new();
    object.insert("kind".to_owned(), Value::from(attachment.kind.as_str()));
    put_text(&mut object, "name", attachment.name.as_ref());
    put(&mut object, "size", attachment.size.map(Value::from));
    put(&mut object, "duration", attachment.duration.map(Value::from));
    put_text(&mut object, "path", attachment.path.as_ref());
    Value::Object(object)
}

fn attachment_from_json(value: &Value) -> Option<Attachment> {
    let object = object(value, &["kind", "name", "size", "duration", "path"])?;
    Some(Attachment {
        kind: object.get("kind").and_then(text)?,
        name: member(object, "name", text)?,
        size: member(object, "size", count)?,
        duration: member(object, "duration", count)?,
        path: member(object, "path", text)?,
    })
}

fn poll_to_json(poll: &Poll) -> Value {
    let answer = |answer: &PollAnswer| {
        let mut object = Map::new();
        object.insert("text".to_owned(), Value::from(answer.text.as_str()));
        put(&mut object, "votes", answer.votes.map(Value::from));
        Value::Object(object)
    };
    let mut object = Map::new();
    object.insert("question".to_owned(), Value::from(poll.question.as_str()));
    put_list(&mut object, "answers", poll.answers.iter().map(answer).collect());
    put(&mut object, "voters", poll.voters.map(Value::from));
    Value::Object(object)
}

fn poll_from_json(value: &Value) -> Option<Poll> {
    let answer = |value: &Value| {
        let object = object(value, &["text", "votes"])?;
        Some(PollAnswer { text: object.get("text").and_then(text)?, votes: member(object, "votes", count)? })
    };
    let object = object(value, &["question", "answers", "voters"])?;
    Some(Poll {
        question: object.get("question").and_then(text)?,
        answers: member(object, "answers", |value| list(value, answer))?.unwrap_or_default(),
        voters: member(object, "voters", count)?,
    })
}

fn reaction_to_json(reaction: &Reaction) -> Value {
    let mut object = Map::new();
    object.insert("emoji".to_owned(), Value::from(reaction.emoji.as_str()));
    object.insert("count".to_owned(), Value::from(reaction.count));
    Value::Object(object)
}

fn reaction_from_json(value: &Value) -> Option<Reaction> {
    let object = object(value, &["emoji", "count"])?;
    Some(Reaction { emoji: object.get("emoji").and_then(text)?, count: object.get("count").and_then(count)? })
}

/// A code of two or three letters; the page and the stemmers know no regions.
fn lang_from_json(value: &Value) -> Option<String> {
    text(value).filter(|code| matches!(code.len(), 2 | 3) && code.bytes().all(|byte| byte.is_ascii_lowercase()))
}

fn source_to_json(source: &Source) -> Value {
    let mut object = Map::new();
    object.insert("file".to_owned(), Value::from(source.file.as_str()));
    if let Some(place) = &source.place {
        put_place(&mut object, place);
    }
    let copy = |place: &Place| {
        let mut object = Map::new();
        put_place(&mut object, place);
        Value::Object(object)
    };
    put_list(&mut object, "copies", source.copies.iter().map(copy).collect());
    Value::Object(object)
}

fn source_from_json(value: &Value) -> Option<Source> {
    let copy = |value: &Value| place(object(value, &["lines", "bytes"])?)?;
    let object = object(value, &["file", "lines", "bytes", "copies"])?;
    Some(Source {
        file: object.get("file").and_then(text)?,
        place: place(object)?,
        copies: member(object, "copies", |value| list(value, copy))?.unwrap_or_default(),
    })
}

fn put_place(object: &mut Map<String, Value>, place: &Place) {
    let (key, first, second) = match place {
        Place::Lines(first, last) => ("lines", first, last),
        Place::Bytes(start, end) => ("bytes", start, end),
    };
    object.insert(key.to_owned(), Value::from(vec![*first, *second]));
}

/// The place that an object names; it may name none, but not two.
#[expect(clippy::option_option, reason = "not readable, absent, and read are three cases")]
fn place(object: &Map<String, Value>) -> Option<Option<Place>> {
    let pair = |value: &Value| match value.as_array()?.as_slice() {
        [first, second] => Some((first.as_u64()?, second.as_u64()?)).filter(|(first, second)| first <= second),
        _ => None,
    };
    match (member(object, "lines", pair)?, member(object, "bytes", pair)?) {
        (Some(_), Some(_)) => None,
        (Some((first, last)), None) => Some(Some(Place::Lines(first, last))),
        (None, Some((start, end))) => Some(Some(Place::Bytes(start, end))),
        (None, None) => Some(None),
    }
}

// The kinds of values.

fn put(object: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        object.insert(key.to_owned(), value);
    }
}

fn put_text(object: &mut Map<String, Value>, key: &str, text: Option<&String>) {
    put(object, key, text.filter(|text| !text.is_empty()).map(|text| Value::from(text.as_str())));
}

fn put_list(object: &mut Map<String, Value>, key: &str, values: Vec<Value>) {
    put(object, key, (!values.is_empty()).then_some(Value::Array(values)));
}

fn put_texts(object: &mut Map<String, Value>, key: &str, texts: &[String]) {
    put_list(object, key, texts.iter().map(|text| Value::from(text.as_str())).collect());
}

fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        _ => false,
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn text_or_digits(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(whole(&number.to_string()).to_owned()),
        _ => text(value),
    }
}

fn count(value: &Value) -> Option<u64> {
    let digits = match value {
        Value::String(digits) => digits.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let digits = whole(&digits);
    digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A number without the zeros behind its point: where one value of a column is missing, pandas makes decimals of all.
pub(crate) fn whole(number: &str) -> &str {
    let digits = number.strip_prefix('-').unwrap_or(number);
    match digits.split_once('.') {
        Some((digits, zeros))
            if !zeros.is_empty()
                && zeros.bytes().all(|byte| byte == b'0')
                && !digits.is_empty()
                && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            number.split('.').next().unwrap_or(number)
        }
        _ => number,
    }
}

/// The items of a list; none if one of them is not readable, so that it is kept as a whole.
fn list<T>(value: &Value, item: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value.as_array()?.iter().map(item).collect()
}

fn texts(value: &Value) -> Option<Vec<String>> {
    if let Value::String(text) = value { Some(vec![text.clone()]) } else { list(value, text) }
}

/// Texts, each once and without the sign before it.
fn names(value: &Value, sign: char) -> Option<Vec<String>> {
    let bare = |text: String| {
        let name = text.trim();
        name.strip_prefix(sign).unwrap_or(name).to_owned()
    };
    Some(distinct(texts(value)?.into_iter().map(bare).filter(|name| !name.is_empty())))
}

/// The object that `value` is, if it has no keys but these.
fn object<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a Map<String, Value>> {
    value.as_object().filter(|object| object.keys().all(|key| keys.contains(&key.as_str())))
}

/// A member of an object, which may be absent; `None` if it is not readable.
#[expect(clippy::option_option, reason = "not readable, absent, and read are three cases")]
fn member<T>(object: &Map<String, Value>, key: &str, read: impl Fn(&Value) -> Option<T>) -> Option<Option<T>> {
    match object.get(key) {
        None | Some(Value::Null) => Some(None),
        Some(value) => read(value).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{self, Entry, ReadContext};
    use proptest::prelude::*;
    use std::ops::Range;

    fn read(json: &str) -> Record {
        from_json(serde_json::from_str(json).unwrap(), &TimeZone::UTC)
    }

    /// Reads an object and writes it again.
    fn check(json: &str, expected: &str) {
        assert_eq!(Value::Object(to_json(&read(json))).to_string(), expected, "{json}");
    }

    #[test]
    fn keys_are_written_in_their_order() {
        let values = KEYS.map(|key| match key {
            "date" => r#""1963""#.to_owned(),
            "forwarded_from" => r#"{"name":"n"}"#.to_owned(),
            "spans" => r#"[{"start":0,"end":1,"kind":"bold"}]"#.to_owned(),
            "tags" | "mentions" | "links" | "flags" | "dates_mentioned" => r#"["a"]"#.to_owned(),
            "media" => r#"[{"kind":"photo"}]"#.to_owned(),
            "poll" => r#"{"question":"q"}"#.to_owned(),
            "reactions" => r#"[{"emoji":"e","count":1}]"#.to_owned(),
            "views" => "1".to_owned(),
            "lang" => r#""en""#.to_owned(),
            "source" => r#"{"file":"f","lines":[1,2]}"#.to_owned(),
            _ => r#""a""#.to_owned(),
        });
        let members: Vec<_> = KEYS.iter().zip(values).map(|(key, value)| format!("\"{key}\":{value}")).collect();
        let forwards = format!("{{{}}}", members.join(","));
        let backwards = format!("{{{}}}", members.into_iter().rev().collect::<Vec<_>>().join(","));
        check(&forwards, &forwards);
        check(&backwards, &forwards);
    }

    #[test]
    fn absent_values_are_left_out() {
        check("{}", r#"{"kind":"post"}"#);
        check(r#"{"id":"","text":null,"tags":[],"views":null,"other":null}"#, r#"{"kind":"post","other":null}"#);
    }

    #[test]
    fn types_are_lenient() {
        check(r#"{"id":12345678901234567890123}"#, r#"{"id":"12345678901234567890123","kind":"post"}"#);
        check(r##"{"tags":"#a","mentions":["@b","b"]}"##, r#"{"kind":"post","tags":["a"],"mentions":["b"]}"#);
        check(r#"{"views":"12"}"#, r#"{"kind":"post","views":12}"#);
        check(r#"{"views":100.0,"id":12.0}"#, r#"{"id":"12","kind":"post","views":100}"#);
        check(r#"{"views":"100.00"}"#, r#"{"kind":"post","views":100}"#);
        check(r#"{"views":1.5}"#, r#"{"kind":"post","views":1.5}"#);
        check(r#"{"id":"1.0"}"#, r#"{"id":"1.0","kind":"post"}"#);
        check(r#"{"forwarded_from":"n"}"#, r#"{"kind":"post","forwarded_from":{"name":"n"}}"#);
        check(r#"{"date":1719225015}"#, r#"{"kind":"post","date":"2024-06-24T10:30:15Z"}"#);
    }

    #[test]
    fn what_a_key_cannot_have_is_a_field() {
        for json in [
            r#""views":"1.2K""#,
            r#""views":-1"#,
            r#""tags":["a",1]"#,
            r#""author":{"name":"n"}"#,
            r#""date":"soon""#,
            r#""forwarded_from":{"name":"n","more":1}"#,
            r#""forwarded_from":{"id":"1"}"#,
            r#""media":["a.jpg"]"#,
            r#""spans":[{"start":1,"end":0,"kind":"bold"}]"#,
            r#""spans":[{"start":0,"end":1,"kind":"bold"}]"#,
            r#""source":{"file":"f","lines":[1,2],"bytes":[1,2]}"#,
            r#""price":1.10"#,
        ] {
            check(&format!("{{{json}}}"), &format!("{{\"kind\":\"post\",{json}}}"));
        }
    }

    #[test]
    fn a_taken_name_gets_underscores() {
        let mut record = read(r#"{"tags":1,"tags_":2}"#);
        record.tags = vec!["a".to_owned()];
        let json = Value::Object(to_json(&record)).to_string();
        assert_eq!(json, r#"{"kind":"post","tags":["a"],"tags_":1,"tags__":2}"#);
    }

    #[test]
    fn places_in_the_text_count_code_points() {
        let json = r#"{"kind":"post","text":"🙂é a","spans":[{"start":1,"end":2,"kind":"bold"}]}"#;
        assert_eq!(read(json).spans[0].range, 4..6);
        check(json, json);
    }

    fn some<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
        prop::option::of(value)
    }

    fn names() -> impl Strategy<Value = Vec<String>> {
        prop::collection::hash_set("[a-zа-я\\n]{1,5}", 0..3).prop_map(|set| {
            let mut names: Vec<String> = set.into_iter().map(|name| name.replace('\n', "_")).collect();
            names.sort();
            names.dedup();
            names
        })
    }

    fn places() -> impl Strategy<Value = Place> {
        (0..9_u64, 0..9_u64, any::<bool>()).prop_map(|(start, len, is_lines)| {
            if is_lines { Place::Lines(start, start + len) } else { Place::Bytes(start, start + len) }
        })
    }

    /// Spans over `text`, sorted.
    fn spans(text: &str, picks: Vec<(usize, usize, Option<String>)>) -> Vec<Span> {
        let boundaries = boundaries(text);
        let at = |pick: usize| boundaries[pick % boundaries.len()];
        let mut spans: Vec<Span> = picks
            .into_iter()
            .map(|(a, b, href)| {
                let range = Range { start: at(a).min(at(b)), end: at(a).max(at(b)) };
                Span { range, kind: "bold".to_owned(), href }
            })
            .collect();
        spans.sort_by_key(|span| span.range.start);
        spans
    }

    /// Records in whose texts nothing is to be found that they do not say themselves.
    fn records() -> impl Strategy<Value = Record> {
        let text = "[ a-zа-я🙂\\n\"\\\\]{0,30}";
        let date = prop_oneof![
            Just("1963"),
            Just("1963-01"),
            Just("1963-01-04"),
            Just("1963-01-04 10:30:00.5+03:00"),
            Just("1963-01-04T10:30:00")
        ];
        let attachment = ("[a-z]{1,5}", some("[a-z]{1,3}"), some(any::<u64>()), some(any::<u64>()), some("[a-z]{1,3}"))
            .prop_map(|(kind, name, size, duration, path)| Attachment { kind, name, size, duration, path });
        let poll = (text, prop::collection::vec((text, some(any::<u64>())), 0..3), some(any::<u64>())).prop_map(
            |(question, answers, voters)| {
                let answers = answers.into_iter().map(|(text, votes)| PollAnswer { text, votes }).collect();
                Poll { question, answers, voters }
            },
        );
        let reaction = ("[a-z👍]{1,2}", any::<u64>()).prop_map(|(emoji, count)| Reaction { emoji, count });
        let forward = ("[a-z]{0,3}", some("[a-z]{1,3}"), some("[a-z]{1,3}")).prop_map(|(name, id, url)| Forward {
            name,
            id,
            url,
        });
        let source = ("[a-z]{1,3}", some(places()), prop::collection::vec(places(), 0..3))
            .prop_map(|(file, place, copies)| Source { file, place, copies });
        let field = prop_oneof![Just("1.10"), Just("null"), Just("{\"b\":[1,\"x\"],\"a\":null}"), Just("\"text\"")];
        (
            (
                "[a-z~.]{0,3}",
                some("[a-z0-9]{1,3}"),
                "[a-z]{1,5}",
                some(date),
                some("[a-z]{1,3}"),
                some("[a-z]{1,3}"),
                some(forward),
            ),
            (some("[0-9]{1,3}"), some("[0-9]{1,3}"), some("[0-9]{1,3}"), some("[a-z]{1,9}"), text),
            prop::collection::vec((0..40_usize, 0..40_usize, some("[a-z]{1,3}")), 0..4),
            (names(), names(), names(), names(), names()),
            (
                prop::collection::vec(attachment, 0..3),
                some(poll),
                prop::collection::vec(reaction, 0..3),
                some(any::<u64>()),
            ),
            (some("[0-9]{1,3}"), some("[a-z]{1,9}"), source),
            prop::collection::btree_map("x[a-z]{1,4}", field, 0..3),
        )
            .prop_map(|(head, ids, picks, lists, extras, tail, fields)| Record {
                uid: head.0,
                id: head.1,
                kind: head.2,
                date: head.3.map(|text| parse_date(text, &TimeZone::UTC).unwrap()),
                author: head.4,
                channel: head.5,
                forwarded_from: head.6,
                reply_to: ids.0,
                thread: ids.1,
                album: ids.2,
                title: ids.3,
                spans: spans(&ids.4, picks),
                text: ids.4,
                tags: lists.0,
                mentions: lists.1,
                links: lists.2,
                flags: lists.3,
                dates_mentioned: lists.4,
                media: extras.0,
                poll: extras.1,
                reactions: extras.2,
                views: extras.3,
                edited: tail.0,
                lang: Some("en".to_owned()),
                url: tail.1,
                source: tail.2,
                fields: fields.into_iter().map(|(name, json)| (name, json.to_owned())).collect(),
            })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_as_itself(record in records()) {
            let line = Value::Object(to_json(&record)).to_string();
            let context = ReadContext::new("f", TimeZone::UTC);
            let (_, reader) = ingest::open(Box::new(line.as_bytes()), Some("jsonl"), &context).unwrap();
            let entries: Vec<_> = reader.map(Result::unwrap).collect();
            prop_assert_eq!(entries, vec![Entry::Record(Box::new(record))]);
        }
    }
}
