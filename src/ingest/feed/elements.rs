//! Elements of a feed by where they stand, which the parser does not say: their places, and what they say themselves.

use std::ops::Range;

use super::MAX_BASE_LEN;
use crate::record::Place;

/// Where the last whole entry ends.
pub(super) fn last_end(bytes: &[u8]) -> u64 {
    let end_of = |end: &[u8]| bytes.windows(end.len()).rposition(|window| window == end).map_or(0, |at| at + end.len());
    end_of(b"</item>").max(end_of(b"</entry>")) as u64
}

/// Where the elements of the entries are, if there are as many as entries. Tags are ASCII in every encoding but the wide ones, and that
/// of mails in Japanese.
pub(super) fn places(bytes: &[u8], count: usize) -> Vec<Place> {
    if bytes.contains(&0) || bytes.contains(&0x1B) {
        return Vec::new();
    }
    for name in ["item", "entry"] {
        let found = elements(bytes, name);
        let has_more = found.len() > count;
        // Whether an element with nothing in it is an entry, parsers decide.
        let found = found.into_iter().filter(|element| !(has_more && element.is_empty));
        let places: Vec<Place> =
            found.map(|element| Place::Bytes(element.range.start as u64, element.range.end as u64)).collect();
        if places.len() == count && count > 0 {
            return places;
        }
    }
    Vec::new()
}

/// An element of some XML, by where it stands.
struct Element {
    range: Range<usize>,
    is_empty: bool,
}

/// The elements of this name, none within another, but for those in comments and in what is packed as text.
fn elements(bytes: &[u8], name: &str) -> Vec<Element> {
    let (mut found, mut open, mut at) = (Vec::new(), None, 0);
    while let Some(start) = find(bytes, at, b"<") {
        let rest = bytes.get(start + 1..).unwrap_or_default();
        if let Some(end) = aside_end(bytes, start) {
            at = end;
            continue;
        }
        let end = find(bytes, start, b">").map_or(bytes.len(), |end| end + 1);
        let (is_close, inner) = rest.strip_prefix(b"/").map_or((false, rest), |inner| (true, inner));
        let is_named = inner.strip_prefix(name.as_bytes()).is_some_and(|rest| {
            rest.first().is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
        });
        at = if is_named { end } else { start + 1 };
        if !is_named {
            continue;
        }
        let is_empty = !is_close && bytes.get(..end).is_some_and(|tag| tag.ends_with(b"/>"));
        match (open, is_close) {
            (Some(begin), true) => {
                found.push(Element { range: begin..end, is_empty: false });
                open = None;
            }
            (None, false) if is_empty => found.push(Element { range: start..end, is_empty }),
            (None, false) => open = Some(start),
            _ => {}
        }
    }
    found.extend(open.map(|begin| Element { range: begin..bytes.len(), is_empty: false }));
    found
}

/// Where a comment ends that begins here, or what is packed as text.
fn aside_end(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    let end: &[u8] = match () {
        () if rest.starts_with(b"<!--") => b"-->",
        () if rest.starts_with(b"<![CDATA[") => b"]]>",
        () => return None,
    };
    Some(find(bytes, start, end).map_or(bytes.len(), |at| at + end.len()))
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let found = bytes.get(from..)?.windows(what.len()).position(|window| window == what)?;
    Some(from + found)
}

/// What an element says itself: without comments, without markup that is packed as text, and without what it says of the feed that it is
/// from.
pub(super) fn own_elements(element: &str) -> String {
    let (mut own, mut at) = (String::with_capacity(element.len()), 0);
    let bytes = element.as_bytes();
    while let Some(start) = find(bytes, at, b"<") {
        own.push_str(element.get(at..start).unwrap_or_default());
        let rest = element.get(start..).unwrap_or_default();
        at = aside_end(bytes, start).unwrap_or(start + 1);
        let aside = element.get(start..at).unwrap_or_default();
        if rest.starts_with("<source>") || rest.starts_with("<source ") {
            at = find(bytes, start, b"</source>").map_or(at, |end| end);
        } else if !aside.starts_with("<!--") && !aside.get(1..).is_some_and(|inner| inner.contains('<')) {
            own.push_str(aside);
        }
    }
    own.push_str(element.get(at..).unwrap_or_default());
    own
}

/// What the first element of this name in some XML says of where its addresses are seen from.
pub(super) fn xml_base(xml: &str, name: &str) -> Option<String> {
    let is_tag = |at: usize| {
        let rest = xml.get(at + 1..)?.strip_prefix(name)?;
        rest.starts_with(|c: char| c.is_whitespace() || c == '>').then_some(rest)
    };
    let tag = xml.match_indices('<').find_map(|(at, _)| is_tag(at))?;
    let (_, value) = tag.split('>').next()?.split_once("xml:base")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = value.get(1..)?.split(quote).next()?;
    Some(value.replace("&amp;", "&")).filter(|value| value.len() <= MAX_BASE_LEN)
}
