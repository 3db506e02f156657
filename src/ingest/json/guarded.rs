//! JSON that says of each post who may read it, or that is a conversation: the generic readers know nothing of that, and all of it would
//! be published. Where no reader that knows it claims such a text, it is refused, and whoever names a format decides.

use crate::ingest::format::Sample;
use crate::ingest::json::object::Object;
use crate::ingest::json::outline::Sketch;
use crate::ingest::mastodon;

/// What a text is that must not be read as any other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::ingest) struct Guarded {
    /// What it is, in words.
    pub(in crate::ingest) what: &'static str,
    /// The format whose reader knows whom it is for.
    pub(in crate::ingest) format: &'static str,
}

const OUTBOX: Guarded =
    Guarded { what: "a collection of ActivityPub, which says of each post who may read it", format: "mastodon" };

const CONVERSATION: Guarded = Guarded { what: "a private conversation of Facebook or Instagram", format: "meta" };

/// What a sample of JSON is that must not be read as any other.
pub(in crate::ingest) fn guarded(sample: &Sample<'_>) -> Option<Guarded> {
    let text = sample.text();
    // The sample may end within the first element, so that keys are looked for and nothing is parsed.
    if has_key(&text, "orderedItems") {
        return Some(OUTBOX);
    }
    let keys = |names: [&str; 2]| names.iter().all(|name| has_key(&text, name));
    let is_list_of_them = keys(["sender_name", "timestamp_ms"]) || keys(["senderName", "isUnsent"]);
    if has_key(&text, "messages") && is_list_of_them {
        return Some(CONVERSATION);
    }
    let in_list = |list| Sketch::of(text.as_bytes(), list).first;
    let on_line = || {
        let line = text.lines().find(|line| !line.trim().is_empty())?;
        Object::of(serde_json::from_str(line.trim_start_matches('\u{feff}')).ok()?)
    };
    let first = on_line().filter(|object| !object.has("items")).or_else(|| in_list("")).or_else(|| in_list("items"))?;
    let has = |names: [&str; 2]| names.iter().all(|name| first.has(name));
    let is_message = has(["sender_name", "timestamp_ms"]) || has(["senderName", "isUnsent"]);
    if mastodon::is_activity(&first) { Some(OUTBOX) } else { is_message.then_some(CONVERSATION) }
}

/// Whether an object of the text has a member of this name. In a text within it the quotes would stand behind strokes.
fn has_key(text: &str, name: &str) -> bool {
    let quoted = format!("\"{name}\"");
    text.match_indices(&quoted).any(|(at, _)| {
        let behind = text.get(at + quoted.len()..).unwrap_or_default();
        behind.trim_start().starts_with(':')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_who_may_read_it_is_known_however_it_is_written() {
        let check = |text: &str, expected: Option<&str>| {
            let found = guarded(&Sample::new("f", text.as_bytes(), true));
            assert_eq!(found.map(|found| found.format), expected, "{text}");
        };
        check(r#"{"orderedItems": [{"x": "cut he"#, Some("mastodon"));
        check(r#"{"list": {"orderedItems":["https://a.example/1"]}}"#, Some("mastodon"));
        check(r#"[{"object": {"content": "a"}, "to": ["b"], "type": "Create"}]"#, Some("mastodon"));
        check("{\"type\": \"Announce\", \"to\": [], \"object\": \"x\"}\n{}", Some("mastodon"));
        check(r#"{"items": [{"actor": "a", "object": {}, "type": "Create"}]}"#, Some("mastodon"));
        check(r#"{"chat": {"messages": [{"sender_name": "A", "timestamp_ms": 7}]}}"#, Some("meta"));
        check(r#"{"messages": [{"isUnsent": false, "senderName": "A"#, Some("meta"));
        check(r#"[{"sender_name": "A", "timestamp_ms": 7}]"#, Some("meta"));
        check(r#"[{"text": "the key \"orderedItems\": of an outbox"}]"#, None);
        check(r#"{"messages": [{"sender_name": "A", "text": "b"}]}"#, None);
        check(r#"[{"type": "Create", "text": "b"}]"#, None);
        check("", None);
    }
}
