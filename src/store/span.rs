//! Formatting over a text, and the lists that it gives: hashtags, mentions and links that stand in the text are stored once.

use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_str, put_varint};
use crate::record::Span;

/// Kinds by number; 0 is any other, whose name follows.
const KINDS: [&str; 11] =
    ["", "bold", "italic", "strike", "code", "quote", "spoiler", "link", "mention", "hashtag", "custom_emoji"];

/// How many kinds a byte can tell apart; the target stands above them.
const NUM_KINDS: u8 = 16;

/// What the target of a span is: none, the text that it covers, that text behind [`SCHEME`], or a text that follows.
const TARGET_NONE: u8 = 0;
const TARGET_COVERED: u8 = 1;
const TARGET_BARE: u8 = 2;
const TARGET_GIVEN: u8 = 3;

/// What an address without a scheme is led to by.
const SCHEME: &str = "https://";

/// Spans of a record that are looked at for the lists that they give; bounds the work that a hostile record makes.
const MAX_GIVING: usize = 256;

/// Reads the spans over a text.
///
/// # Errors
/// A span does not lie on the characters of the text, or has an unknown kind.
pub(super) fn decode(bytes: &[u8], text: &str) -> Result<Vec<Span>> {
    let mut rdr = Decoder::new(bytes);
    let mut spans = Vec::new();
    let mut start = 0usize;
    while !rdr.is_empty() {
        start = start.wrapping_add(rdr.varint()? as usize);
        let end = start.saturating_add(rdr.varint()? as usize);
        let covered =
            text.get(start..end).ok_or_else(|| Error::corrupt("a span does not lie on the characters of its text"))?;
        let code = rdr.u8()?;
        let kind = match code % NUM_KINDS {
            0 => rdr.string()?,
            number => {
                (*KINDS.get(usize::from(number)).ok_or_else(|| Error::corrupt("a span of an unknown kind"))?).to_owned()
            }
        };
        let href = match code / NUM_KINDS {
            TARGET_NONE => None,
            TARGET_COVERED => Some(covered.to_owned()),
            TARGET_BARE => Some([SCHEME, covered].concat()),
            TARGET_GIVEN => Some(rdr.string()?),
            _ => return Err(Error::corrupt("a span with an unknown target")),
        };
        spans.push(Span { range: start..end, kind, href });
    }
    Ok(spans)
}

/// The bytes of spans over a text; they are sorted by their start.
#[cfg(feature = "cli")]
pub(super) fn encode(spans: &[Span], text: &str) -> Vec<u8> {
    let mut buf = Vec::new();
    let mut before = 0;
    for span in spans {
        let (start, end) = (span.range.start, span.range.end);
        put_varint(&mut buf, start.wrapping_sub(before) as u64);
        put_varint(&mut buf, end.saturating_sub(start) as u64);
        before = start;
        let kind = KINDS.iter().rposition(|kind| *kind == span.kind).unwrap_or_default();
        let covered = text.get(start..end).unwrap_or_default();
        let target = match span.href.as_deref() {
            None => TARGET_NONE,
            Some(href) if href == covered => TARGET_COVERED,
            Some(href) if href.strip_prefix(SCHEME) == Some(covered) => TARGET_BARE,
            Some(_) => TARGET_GIVEN,
        };
        buf.push(kind as u8 + NUM_KINDS * target);
        if kind == 0 {
            put_str(&mut buf, &span.kind);
        }
        if target == TARGET_GIVEN {
            put_str(&mut buf, span.href.as_deref().unwrap_or_default());
        }
    }
    buf
}

/// Names of the hashtags or mentions in the text: what the spans of that kind cover, without its first character, each once.
pub(super) fn names(kind: &str, spans: &[Span], text: &str) -> Vec<String> {
    let covered = spans.iter().take(MAX_GIVING).filter(|span| span.kind == kind);
    distinct(covered.filter_map(|span| text.get(span.range.start + 1..span.range.end)))
}

/// Targets of the links in the text, each once.
pub(super) fn targets(spans: &[Span]) -> Vec<String> {
    distinct(spans.iter().take(MAX_GIVING).filter(|span| span.kind == "link").filter_map(|span| span.href.as_deref()))
}

fn distinct<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for value in values {
        if !list.iter().any(|known| known == value) {
            list.push(value.to_owned());
        }
    }
    list
}

#[cfg(all(test, feature = "cli"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where its input is wrong")]
mod tests {
    use super::*;

    fn span(range: std::ops::Range<usize>, kind: &str, href: Option<&str>) -> Span {
        Span { range, kind: kind.into(), href: href.map(str::to_owned) }
    }

    #[test]
    fn spans_and_their_lists_round_trip() {
        let text = "ёж #a #b #a www.x.example @me";
        let spans = vec![
            span(0..4, "bold", None),
            span(0..4, "own", Some("")),
            span(5..7, "hashtag", None),
            span(8..10, "hashtag", Some("#b")),
            span(11..13, "hashtag", None),
            span(14..27, "link", Some("https://www.x.example")),
            span(28..31, "mention", Some("https://t.example/me")),
        ];
        assert_eq!(decode(&encode(&spans, text), text), Ok(spans.clone()));
        assert_eq!(names("hashtag", &spans, text), ["a", "b"]);
        assert_eq!(names("mention", &spans, text), ["me"]);
        assert_eq!(targets(&spans), ["https://www.x.example"]);
    }

    #[test]
    fn a_span_beside_its_text_or_within_a_character_is_refused() {
        let text = "ёж #a";
        for range in [0..100, 1..2, 8..9] {
            assert!(decode(&encode(&[span(range, "bold", None)], text), text).is_err());
        }
        assert!(decode(&[0, 1, 0x0B], "a").is_err());
        assert!(decode(&[0, 1, 0x41], "a").is_err());
    }
}
