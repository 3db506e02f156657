//! Columns of rows: their names, and the values at a path.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::Row;
use crate::ingest::rich_text::RichText;
use crate::ingest::telegram;
use crate::record::Span;

/// Columns that an error names at most.
const MAX_LISTED: usize = 30;

/// Names of the columns, in order of first appearance.
pub(super) fn names_of(rows: &[Row]) -> Vec<String> {
    let mut seen = HashSet::new();
    rows.iter().flat_map(Map::keys).filter(|name| seen.insert(name.as_str())).cloned().collect()
}

/// Names for people.
pub(super) fn list(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(MAX_LISTED).map(|name| format!("`{name}`")).collect();
    if names.len() > MAX_LISTED {
        shown.push(format!("and {} more", names.len() - MAX_LISTED));
    }
    shown.join(", ")
}

/// The value of a column, or at a path with dots between its names. A list on the way gives the values of all its objects.
pub(super) fn get(row: &Row, path: &str) -> Option<Value> {
    if let Some(value) = row.get(path) {
        return Some(value.clone());
    }
    splits(path).find_map(|(name, rest)| match row.get(name)? {
        Value::Object(object) => get(object, rest),
        Value::Array(items) => {
            let values = items.iter().filter_map(Value::as_object).filter_map(|object| get(object, rest));
            Some(values.collect::<Vec<_>>()).filter(|values| !values.is_empty()).map(Value::Array)
        }
        _ => None,
    })
}

/// Takes the value out of its row. What a list holds stays there as well.
pub(super) fn take(row: &mut Row, path: &str) -> Option<Value> {
    if let Some(value) = row.shift_remove(path) {
        return Some(value);
    }
    for (name, rest) in splits(path) {
        match row.get_mut(name) {
            Some(Value::Object(object)) => {
                if let Some(value) = take(object, rest) {
                    if object.is_empty() {
                        row.shift_remove(name);
                    }
                    return Some(value);
                }
            }
            Some(Value::Array(_)) => return get(row, path),
            _ => {}
        }
    }
    None
}

/// The ways to divide a path, the longest first name first: a name may hold dots itself.
fn splits(path: &str) -> impl Iterator<Item = (&str, &str)> {
    path.rmatch_indices('.').filter_map(|(at, _)| Some((path.get(..at)?, path.get(at + 1..)?)))
}

/// Puts a text together that is a list: of lines or, where some of them are objects with a text and what is to be said of it, of parts as
/// Telegram has them. Any other text stays.
pub(super) fn join_text(row: &mut Row) {
    let Some(Value::Array(parts)) = row.get("text") else { return };
    let is_part = |part: &Value| part.is_string() || part.get("text").is_some_and(Value::is_string);
    if parts.is_empty() || !parts.iter().all(is_part) {
        return;
    }
    if parts.iter().all(Value::is_string) {
        let lines: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
        let text = lines.join("\n");
        row.insert("text".to_owned(), Value::from(text));
        return;
    }
    let Some(RichText { text, spans }) = telegram::text_of_parts(&Value::from(parts.clone()).to_string()) else {
        return;
    };
    let point = |at: usize| text.get(..at).unwrap_or_default().chars().count();
    let span = |span: &Span| {
        let mut object = json!({ "start": point(span.range.start), "end": point(span.range.end), "kind": span.kind });
        if let (Some(href), Some(object)) = (&span.href, object.as_object_mut()) {
            object.insert("href".to_owned(), Value::from(href.as_str()));
        }
        object
    };
    let spans: Vec<Value> = spans.iter().map(span).collect();
    row.insert("text".to_owned(), Value::from(text));
    if !spans.is_empty() {
        row.entry("spans").or_insert(Value::Array(spans));
    }
}

/// Whether a value says yes or no, in JSON or as Python writes it.
pub(super) fn is_flag(value: &Value) -> bool {
    value.is_boolean() || matches!(value.as_str(), Some("True" | "False" | "true" | "false"))
}

/// A text as the list that it writes: JSON, or parts with commas, semicolons or bars between them, or tags with blanks.
pub(super) fn split_list(value: Value) -> Value {
    let Value::String(text) = value else { return value };
    let text = text.trim();
    if text.starts_with('[')
        && let Ok(list @ Value::Array(_)) = serde_json::from_str(text)
    {
        return list;
    }
    if let Some(items) = literals(text) {
        return Value::Array(items.into_iter().map(Value::from).collect());
    }
    if text.contains("://") {
        return Value::Array(split_addresses(text).into_iter().map(Value::from).collect());
    }
    let is_tags = text.split_whitespace().all(|word| word.starts_with('#'));
    let parts = text.split(|c: char| matches!(c, ',' | ';' | '|' | '\n') || is_tags && c.is_whitespace());
    Value::Array(parts.map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect())
}

/// The items of a list as Python writes it, `['a', "b's"]`, or Postgres, `{a,"b c"}`; `None` where it is none.
fn literals(text: &str) -> Option<Vec<String>> {
    let brackets = [('[', ']'), ('{', '}'), ('(', ')')];
    let (_, close) = brackets.into_iter().find(|(open, _)| text.starts_with(*open))?;
    let mut rest = text.get(1..)?.strip_suffix(close)?.trim();
    let mut items = Vec::new();
    while !rest.is_empty() {
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'));
        if let Some(quote) = quote {
            let (mut item, mut is_escaped, mut end) = (String::new(), false, None);
            for (at, c) in rest.char_indices().skip(1) {
                match c {
                    '\\' if !is_escaped => is_escaped = true,
                    c if c == quote && !is_escaped => {
                        end = Some(at + 1);
                        break;
                    }
                    c => {
                        item.push(c);
                        is_escaped = false;
                    }
                }
            }
            rest = rest.get(end?..)?.trim_start();
            items.push(item);
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            let item = rest.get(..end)?.trim();
            if item.is_empty() || item.contains(['\'', '"', '[', '{', '(']) {
                return None;
            }
            items.extend((!matches!(item, "None" | "NULL" | "nan")).then(|| item.to_owned()));
            rest = rest.get(end..)?;
        }
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None if rest.is_empty() => {}
            None => return None,
        }
    }
    Some(items)
}

/// Addresses, which may hold commas themselves: one ends a part only where an address follows.
fn split_addresses(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in text.split(|c: char| matches!(c, '|' | ';') || c.is_whitespace()) {
        for part in part.split(',') {
            match parts.last_mut() {
                Some(last) if !last.is_empty() && !part.contains("://") && last.contains("://") => {
                    last.push(',');
                    last.push_str(part);
                }
                _ => parts.push(part.to_owned()),
            }
        }
        parts.push(String::new());
    }
    parts.iter().map(|part| part.trim_matches(',').to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Names or addresses of files as attachments.
pub(super) fn attachments(names: &Value) -> Value {
    let attachment = |name: &Value| {
        let Some(text) = name.as_str() else { return name.clone() };
        let path = text.split(['?', '#']).next().unwrap_or(text);
        let name = path.rsplit(['/', '\\']).next().filter(|name| !name.is_empty()).unwrap_or(text);
        let mut object = Map::new();
        object.insert("kind".to_owned(), Value::from(kind_of(name)));
        object.insert("name".to_owned(), Value::from(name));
        if !text.contains("://") && text != name {
            object.insert("path".to_owned(), Value::from(text));
        }
        Value::Object(object)
    };
    match names {
        Value::Array(names) => Value::Array(names.iter().map(attachment).collect()),
        other => other.clone(),
    }
}

/// What a file is, by the end of its name.
fn kind_of(name: &str) -> &'static str {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_lowercase()).unwrap_or_default();
    match end.as_str() {
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "heic" | "avif" => "photo",
        "mp4" | "mov" | "webm" | "mkv" | "avi" | "m4v" => "video",
        "mp3" | "m4a" | "ogg" | "oga" | "opus" | "wav" | "flac" => "audio",
        _ => "file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: Value) -> Row {
        let Value::Object(row) = value else { panic!("{value}") };
        row
    }

    #[test]
    fn paths_lead_into_objects_and_lists() {
        let check = |path: &str, expected: Option<Value>, rest: Value| {
            let mut row =
                row(json!({"a": {"b": 1, "c": {"d": 2}}, "x.y": 3, "l": [{"n": "p"}, {"n": "q"}, 4], "s": "t"}));
            assert_eq!(get(&row, path), expected, "{path}");
            assert_eq!((take(&mut row, path), Value::Object(row)), (expected, rest), "{path}");
        };
        let whole = || json!({"a": {"b": 1, "c": {"d": 2}}, "x.y": 3, "l": [{"n": "p"}, {"n": "q"}, 4], "s": "t"});
        let without = |change: fn(&mut Value)| {
            let mut value = whole();
            change(&mut value);
            value
        };
        check("a.b", Some(json!(1)), without(|value| drop(value["a"].as_object_mut().unwrap().remove("b"))));
        check("a.c.d", Some(json!(2)), without(|value| drop(value["a"].as_object_mut().unwrap().remove("c"))));
        check("x.y", Some(json!(3)), without(|value| drop(value.as_object_mut().unwrap().remove("x.y"))));
        check("l.n", Some(json!(["p", "q"])), whole());
        for path in ["", ".", "a.", ".a", "a.z", "s.t", "z", "l.z"] {
            check(path, None, whole());
        }
    }

    #[test]
    fn lists_are_texts() {
        let check = |text: Value, expected: Value| {
            let mut row = row(json!({ "text": text }));
            join_text(&mut row);
            assert_eq!(Value::Object(row), expected);
        };
        check(json!(["a", "b"]), json!({"text": "a\nb"}));
        check(
            json!(["é ", {"type": "text_link", "text": "b", "href": "https://b.example"}, "."]),
            json!({"text": "é b.", "spans": [{"start": 2, "end": 3, "kind": "link", "href": "https://b.example"}]}),
        );
        for text in [json!([]), json!(["a", 1]), json!([{"type": "bold"}]), json!("a"), json!({"text": "a"})] {
            check(text.clone(), json!({ "text": text }));
        }
    }

    #[test]
    fn texts_are_lists_and_files() {
        let check = |text: &str, expected: Value| assert_eq!(split_list(Value::from(text)), expected, "{text}");
        check("a, b;c|d", json!(["a", "b", "c", "d"]));
        check("#a #b", json!(["#a", "#b"]));
        check("a b", json!(["a b"]));
        check("[\"a\", \"b, c\"]", json!(["a", "b, c"]));
        check("[a", json!(["[a"]));
        check("['tag', 'two words', \"it's\", 'a\\'b']", json!(["tag", "two words", "it's", "a'b"]));
        check("['a', None,]", json!(["a"]));
        check("{a,\"b, c\"}", json!(["a", "b, c"]));
        check("[]", json!([]));
        check("['a' 'b']", json!(["['a' 'b']"]));
        check("", json!([]));
        check("https://a.example/x,y, http://b.example", json!(["https://a.example/x,y", "http://b.example"]));
        check("https://a.example,https://b.example;c.jpg", json!(["https://a.example", "https://b.example", "c.jpg"]));
        let files = attachments(&json!(["photos/a.JPG", "https://a.example/v.mp4?x=1", "b", 1]));
        let expected = json!([
            {"kind": "photo", "name": "a.JPG", "path": "photos/a.JPG"},
            {"kind": "video", "name": "v.mp4"},
            {"kind": "file", "name": "b"},
            1
        ]);
        assert_eq!(files, expected);
    }
}
