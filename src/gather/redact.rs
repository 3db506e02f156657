//! Makes what a pattern matches unreadable, wherever it stands in a record; and takes away what was derived from it.

use regex::Regex;
use serde_json::Value;

use crate::ingest::derive;
use crate::record::{Record, Span};

/// What stands in its place.
const MARK: &str = "[redacted]";

/// Redacts a record; gives the number of places.
pub(super) fn record(record: &mut Record, patterns: &[Regex]) -> u64 {
    let before = record.text.clone();
    let mut count = redact_text(record, patterns);
    if record.text != before {
        forget_derived(record, &before);
    }
    let Record { id, author, channel, reply_to, thread, album, title, edited, url, .. } = record;
    for text in [id, author, channel, reply_to, thread, album, title, edited, url].into_iter().flatten() {
        count += replace(text, patterns);
    }
    for list in
        [&mut record.tags, &mut record.mentions, &mut record.links, &mut record.flags, &mut record.dates_mentioned]
    {
        count += list.iter_mut().map(|text| replace(text, patterns)).sum::<u64>();
    }
    if let Some(forward) = &mut record.forwarded_from {
        count += replace(&mut forward.name, patterns);
        for text in [&mut forward.id, &mut forward.url].into_iter().flatten() {
            count += replace(text, patterns);
        }
    }
    for span in record.spans.iter_mut().filter_map(|span| span.href.as_mut()) {
        count += replace(span, patterns);
    }
    for file in &mut record.media {
        count +=
            [&mut file.name, &mut file.path].into_iter().flatten().map(|text| replace(text, patterns)).sum::<u64>();
    }
    if let Some(poll) = &mut record.poll {
        count += replace(&mut poll.question, patterns);
        count += poll.answers.iter_mut().map(|answer| replace(&mut answer.text, patterns)).sum::<u64>();
    }
    count += replace(&mut record.kind, patterns);
    count += record.spans.iter_mut().map(|span| replace(&mut span.kind, patterns)).sum::<u64>();
    count += record.media.iter_mut().map(|file| replace(&mut file.kind, patterns)).sum::<u64>();
    count += record.reactions.iter_mut().map(|reaction| replace(&mut reaction.emoji, patterns)).sum::<u64>();
    count += replace(&mut record.source.file, patterns);
    for (name, json) in &mut record.fields {
        count += replace(name, patterns);
        let Ok(mut value) = serde_json::from_str::<Value>(json) else { continue };
        let found = redact_value(&mut value, patterns);
        if found > 0 {
            *json = value.to_string();
            count += found;
        }
    }
    count
}

/// A text redacted, and the number of places.
pub(super) fn text(text: &str, patterns: &[Regex]) -> (String, u64) {
    let mut text = text.to_owned();
    let count = replace(&mut text, patterns);
    (text, count)
}

/// Redacts the text of a record, and keeps its spans where they were.
fn redact_text(record: &mut Record, patterns: &[Regex]) -> u64 {
    let mut count = 0;
    for pattern in patterns {
        let found: Vec<_> =
            pattern.find_iter(&record.text).map(|found| found.range()).filter(|range| !range.is_empty()).collect();
        count += found.len() as u64;
        for range in found.into_iter().rev() {
            record.text.replace_range(range.clone(), MARK);
            for Span { range: span, .. } in &mut record.spans {
                let moved = |place: usize, is_end: bool| match place {
                    place if place <= range.start => place,
                    place if place >= range.end => place - range.len() + MARK.len(),
                    _ if is_end => range.start + MARK.len(),
                    _ => range.start,
                };
                *span = moved(span.start, false)..moved(span.end, true);
            }
        }
    }
    count
}

/// Takes from a record what only its text before told.
fn forget_derived(record: &mut Record, before: &str) {
    let (old, new) = (derive(before), derive(&record.text));
    let lists = [
        (&mut record.tags, &old.tags, &new.tags),
        (&mut record.mentions, &old.mentions, &new.mentions),
        (&mut record.links, &old.links, &new.links),
        (&mut record.dates_mentioned, &old.dates_mentioned, &new.dates_mentioned),
    ];
    for (list, old, new) in lists {
        list.retain(|value| !old.contains(value) || new.contains(value));
    }
    let hrefs: Vec<&String> = old.spans.iter().filter_map(|span| span.href.as_ref()).collect();
    record.spans.retain(|span| match &span.href {
        Some(href) => !hrefs.contains(&href) || new.spans.iter().any(|other| other.href.as_ref() == Some(href)),
        None => true,
    });
}

fn redact_value(value: &mut Value, patterns: &[Regex]) -> u64 {
    match value {
        Value::String(text) => replace(text, patterns),
        Value::Number(number) => {
            let (redacted, count) = text(&number.to_string(), patterns);
            if count > 0 {
                *value = Value::String(redacted);
            }
            count
        }
        Value::Array(values) => values.iter_mut().map(|value| redact_value(value, patterns)).sum(),
        Value::Object(object) => redact_object(object, patterns),
        Value::Null | Value::Bool(_) => 0,
    }
}

/// Redacts names and values. Of names that are alike without what was redacted, each stays, with underscores behind it.
fn redact_object(object: &mut serde_json::Map<String, Value>, patterns: &[Regex]) -> u64 {
    let mut count = 0;
    for (mut name, mut value) in std::mem::take(object) {
        count += replace(&mut name, patterns) + redact_value(&mut value, patterns);
        while object.contains_key(&name) {
            name.push('_');
        }
        object.insert(name, value);
    }
    count
}

fn replace(text: &mut String, patterns: &[Regex]) -> u64 {
    let mut count = 0;
    for pattern in patterns {
        let found = pattern.find_iter(text).filter(|found| !found.is_empty()).count() as u64;
        if found > 0 {
            *text = pattern.replace_all(text, MARK).into_owned();
            count += found;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record_json::{from_json, to_json};
    use jiff::tz::TimeZone;

    #[test]
    fn nothing_of_it_is_left_anywhere() {
        let json = r#"{"id":"5551","author":"A 5551","title":"5551","text":"call 5551 or #t5551 on https://x.example/5551, 5551!",
            "spans":[{"start":0,"end":9,"kind":"bold"},{"start":47,"end":51,"kind":"code"}],"tags":["t5551"],"links":["https://x.example/5551"],
            "media":[{"kind":"x5551","name":"5551.pdf"}],"poll":{"question":"5551?","answers":[{"text":"5551"}]},
            "forwarded_from":{"name":"5551","id":"5551"},"n":5551,"deep":[{"x":"a5551","k5551":1,"k5552":2}],"source":{"file":"5551.txt"},
            "phone 5551":"a","phone 5552":"b","kind":"call 5551","reactions":[{"emoji":"5551","count":1}],
            "also_in":[{"file":"b","differs":{"phone 5551":"c"}}]}"#;
        let mut record = from_json(serde_json::from_str(json).unwrap(), &TimeZone::UTC);
        let count = super::record(&mut record, &[Regex::new("[0-9]{4}").unwrap()]);
        let out = Value::Object(to_json(&record)).to_string();
        assert!(!out.contains("5551") && !out.contains("5552"), "{out}");
        assert!(out.contains(r#""phone [redacted]":"a","phone [redacted]_":"b""#), "{out}");
        assert!(out.contains(r#""k[redacted]":1,"k[redacted]_":2"#), "{out}");
        assert_eq!(record.text, "call [redacted] or #t[redacted] on https://x.example/[redacted], [redacted]!");
        assert_eq!(record.text.get(record.spans[0].range.clone()), Some("call [redacted]"));
        assert_eq!(record.text.get(record.spans[1].range.clone()), Some("[redacted]"));
        assert!(count >= 15, "{count}");
    }

    #[test]
    fn what_the_text_told_goes_with_it() {
        let json = r#"{"text":"on 24 June 2024 by @marta_x","dates_mentioned":["2024-06-24"],"mentions":["marta_x"]}"#;
        let mut record = from_json(serde_json::from_str(json).unwrap(), &TimeZone::UTC);
        super::record(&mut record, &[Regex::new("24 June").unwrap()]);
        assert!(record.dates_mentioned.iter().all(|date| date != "2024-06-24"));
        assert_eq!(record.mentions, ["marta_x"]);
    }
}
