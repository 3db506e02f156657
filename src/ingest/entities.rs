//! Hashtags, mentions and links in plain text, for sources that do not mark them.

use std::ops::Range;

use super::mentioned;
use crate::record::{Poll, Record, Span};

/// Punctuation that ends a sentence around a link rather than the link.
const TRAILING: &[char] = &['.', ',', ';', ':', '!', '?', '\'', '"', '*', '…', '(', '[', '{'];

/// Fills in what the text of a record tells and its source did not: spans, tags, mentions, links, mentioned dates.
/// A field that holds something is left alone.
pub(super) fn fill(record: &mut Record) {
    let spans = find_spans(&record.text);
    let covered = |kind: &'static str| spans.iter().filter(move |span| span.kind == kind);
    let names = |kind| {
        covered(kind).filter_map(|span| record.text.get(span.range.start + 1..span.range.end)).map(str::to_owned)
    };
    if record.tags.is_empty() {
        record.tags = distinct(names("hashtag"));
    }
    if record.mentions.is_empty() {
        record.mentions = distinct(names("mention"));
    }
    if record.links.is_empty() {
        record.links = distinct(covered("link").filter_map(|span| span.href.clone()));
    }
    if record.dates_mentioned.is_empty() {
        let links = covered("link").map(|span| span.range.clone());
        record.dates_mentioned = mentioned::dates(&record.text, links);
    }
    if record.spans.is_empty() {
        record.spans = spans;
    }
}

/// Fills in the same from the spans that the source marks, and marks nothing else: where it knows what is a tag, nobody guesses.
pub(super) fn fill_marked(record: &mut Record) {
    let text = |span: &Span| record.text.get(span.range.clone()).unwrap_or_default();
    let covered = |kind: &'static str| record.spans.iter().filter(move |span| span.kind == kind);
    let names =
        |kind, sign: char| covered(kind).filter_map(move |span| text(span).strip_prefix(sign)).map(str::to_owned);
    let links = covered("link").map(|span| span.href.clone().unwrap_or_else(|| text(span).to_owned()));
    let (tags, mentions, links) = (distinct(names("hashtag", '#')), distinct(names("mention", '@')), distinct(links));
    record.dates_mentioned = mentioned::dates(&record.text, covered("link").map(|span| span.range.clone()));
    (record.tags, record.mentions, record.links) = (tags, mentions, links);
}

/// What a text tells by itself.
pub(crate) fn derive(text: &str) -> Record {
    let mut record = Record { text: text.to_owned(), ..Record::default() };
    fill(&mut record);
    record
}

/// Adds tags that stand beside a text, each that the record has not yet. However many there are, it looks at each of them once.
pub(super) fn add_tags(record: &mut Record, tags: impl IntoIterator<Item = String>) {
    record.tags = distinct(std::mem::take(&mut record.tags).into_iter().chain(tags));
}

/// The values in order of first appearance, each once.
pub(crate) fn distinct(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    values.filter(|value| seen.insert(value.clone())).collect()
}

/// Spans of the links, hashtags and mentions in `text`, sorted, none over another.
pub(super) fn find_spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut end = 0;
    // All of them begin at one of these bytes, which stand in no longer character.
    for (start, _) in text.match_indices(['#', '@', 'h', 'H', 't', 'T']) {
        if start < end {
            continue;
        }
        let before = text.get(..start).unwrap_or_default();
        let rest = text.get(start..).unwrap_or_default();
        if let Some((len, kind, href)) = entity_at(before, rest) {
            end = start + len;
            spans.push(Span { range: Range { start, end }, kind: kind.to_owned(), href });
        }
    }
    spans
}

/// The link, hashtag or mention at the start of `rest`: its length, kind and target.
pub(super) fn entity_at(before: &str, rest: &str) -> Option<(usize, &'static str, Option<String>)> {
    match rest.as_bytes() {
        [b'#', ..] => hashtag_len(before, rest).map(|len| (len, "hashtag", None)),
        [b'@', ..] => mention_len(before, rest).map(|len| (len, "mention", None)),
        [b'h' | b'H' | b't' | b'T', ..] => link(before, rest).map(|(len, href)| (len, "link", Some(href))),
        _ => None,
    }
}

/// Length of the hashtag at the start of `rest`: `#` and letters, digits and underscores of any script, a letter among them.
fn hashtag_len(before: &str, rest: &str) -> Option<usize> {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '#' | '&' | '/');
    if before.ends_with(joins) {
        return None;
    }
    let name = rest.strip_prefix('#')?;
    let len = name.find(|c| !is_tag_char(c)).unwrap_or(name.len());
    let name = name.get(..len)?;
    (name.starts_with(|c: char| !is_joining_mark(c)) && name.contains(char::is_alphabetic)).then_some(1 + len)
}

/// Length of the mention at the start of `rest`: `@` and three or more ASCII letters, digits and underscores.
fn mention_len(before: &str, rest: &str) -> Option<usize> {
    // What may stand before the @ of an e-mail address (RFC 5322, section 3.2.3); a dot may end a sentence or hide a reply.
    let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '%' | '&' | '/' | '=' | '@');
    if before.ends_with(joins) {
        return None;
    }
    let name = rest.strip_prefix('@')?;
    let len = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    (len >= 3).then_some(1 + len)
}

/// Length and target of the link at the start of `rest`.
fn link(before: &str, rest: &str) -> Option<(usize, String)> {
    if before.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let schemed = ["https://", "http://"].into_iter().find_map(|scheme| strip_prefix_ignoring_case(rest, scheme));
    let bare = schemed.is_none();
    let tail = match schemed {
        Some(tail) => tail,
        None if before.ends_with(['/', '.', '-', '_', '@']) => return None,
        None => strip_prefix_ignoring_case(rest, "t.me/")?,
    };
    // A host begins with a letter or digit; the path of t.me may also be an invitation.
    if !tail.starts_with(|c: char| c.is_alphanumeric() || bare && matches!(c, '+' | '_')) {
        return None;
    }
    let len = rest.len() - tail.len() + link_tail_len(tail);
    let shown = rest.get(..len)?;
    Some((len, if bare { format!("https://{shown}") } else { shown.to_owned() }))
}

/// How far a link goes: to white space, to a character that no address holds, or to a bracket that closes what was opened
/// before it; then back over punctuation that ends the sentence.
fn link_tail_len(tail: &str) -> usize {
    let mut open = Vec::new();
    let mut len = tail.len();
    for (index, c) in tail.char_indices() {
        let ends = match c {
            '(' | '[' | '{' => {
                open.push(c);
                false
            }
            ')' => open.pop_if(|c| *c == '(').is_none(),
            ']' => open.pop_if(|c| *c == '[').is_none(),
            '}' => open.pop_if(|c| *c == '{').is_none(),
            _ => c.is_whitespace() || c.is_control() || is_outside_links(c),
        };
        if ends {
            len = index;
            break;
        }
    }
    tail.get(..len).unwrap_or_default().trim_end_matches(TRAILING).len()
}

/// Characters that stand in no address as people write it: quotation marks, and the punctuation of scripts that put no space
/// after an address.
fn is_outside_links(c: char) -> bool {
    matches!(
        c,
        '<' | '>' | '"' | '`' | '\\' | '|' | '«' | '»' | '“' | '”' | '„' | '‘' | '’' | '\u{3000}'
            ..='\u{303F}' | '！' | '（' | '）' | '，' | '：' | '；' | '？' | '\u{FFFC}' | '\u{200B}'
    )
}

fn is_tag_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_joining_mark(c)
}

/// Marks that spell words without being letters themselves: accents, vowel killers, tone marks, joiners. The standard library
/// knows only those marks that Unicode counts as alphabetic.
fn is_joining_mark(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0591}'..='\u{05C7}' | '\u{0610}'..='\u{061A}' | '\u{064B}'..='\u{065F}'
        | '\u{093C}' | '\u{094D}' | '\u{09BC}' | '\u{09CD}' | '\u{0A3C}' | '\u{0A4D}' | '\u{0ABC}' | '\u{0ACD}'
        | '\u{0B3C}' | '\u{0B4D}' | '\u{0BCD}' | '\u{0C4D}' | '\u{0CBC}' | '\u{0CCD}' | '\u{0D4D}' | '\u{0DCA}'
        | '\u{0E47}'..='\u{0E4E}' | '\u{0EC8}'..='\u{0ECE}' | '\u{0F84}' | '\u{1037}' | '\u{1039}' | '\u{103A}'
        | '\u{17C9}'..='\u{17D3}' | '\u{200C}' | '\u{200D}' | '\u{3099}' | '\u{309A}')
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

/// Gives a record a poll. What it asks is the title too, where there is none: so it is found, and shown where posts are listed.
pub(super) fn ask(poll: Poll, record: &mut Record) {
    if record.title.is_none() && !poll.question.is_empty() {
        record.title = Some(poll.question.clone());
    }
    record.poll = Some(poll);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let found = find_spans(text);
        let found: Vec<_> = found.iter().map(|span| (&*span.kind, &text[span.range.clone()])).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    fn check_links(text: &str, expected: &[&str]) {
        let mut record = Record { text: text.to_owned(), ..Record::default() };
        fill(&mut record);
        assert_eq!(record.links, expected, "{text:?}");
    }

    #[test]
    fn hashtags_of_any_script() {
        check("#Tag, #tag_2 (#third)", &[("hashtag", "#Tag"), ("hashtag", "#tag_2"), ("hashtag", "#third")]);
        check("#Новости#Ещё", &[("hashtag", "#Новости")]);
        check("#新闻 #أخبار", &[("hashtag", "#新闻"), ("hashtag", "#أخبار")]);
        check("#हिन्दी #ภาษาไทยที่", &[("hashtag", "#हिन्दी"), ("hashtag", "#ภาษาไทยที่")]);
        check("#2024year #1 #_ ##x a#b &#x41; 5#c #️⃣", &[("hashtag", "#2024year")]);
        check("🏅#Victory:", &[("hashtag", "#Victory")]);
        check("#", &[]);
    }

    #[test]
    fn mentions_but_no_mail_addresses() {
        check("@name, (@other_1) .@third", &[("mention", "@name"), ("mention", "@other_1"), ("mention", "@third")]);
        check("a.b@example.org a+@example.org @ab @ @@name", &[]);
        check("请看@channel说", &[("mention", "@channel")]);
    }

    #[test]
    fn links_end_where_the_sentence_takes_over() {
        check_links("See https://example.org/a?b=c#d.", &["https://example.org/a?b=c#d"]);
        check_links(
            "(https://example.org/a_(b)), http://example.org!",
            &["https://example.org/a_(b)", "http://example.org"],
        );
        check_links(
            "[site](https://example.org/x)[y](https://example.org/z)",
            &["https://example.org/x", "https://example.org/z"],
        );
        check_links("见https://example.org/路径。再见", &["https://example.org/路径"]);
        check_links("HTTPS://EXAMPLE.ORG <http://a.example>", &["HTTPS://EXAMPLE.ORG", "http://a.example"]);
        check_links("https:// http://. xhttp://a.example https://example.org/((", &["https://example.org/"]);
        check_links("https://a.example https://a.example", &["https://a.example"]);
    }

    #[test]
    fn bare_addresses_of_telegram() {
        check_links("t.me/name/5, T.me/+AbC", &["https://t.me/name/5", "https://T.me/+AbC"]);
        check_links("not.me/x start.me/x /t.me/x t.me/ a@t.me/x", &[]);
    }

    #[test]
    fn nothing_is_found_inside_a_link() {
        check("https://example.org/#tag?@name", &[("link", "https://example.org/#tag?@name")]);
    }

    #[test]
    fn what_the_source_says_stays() {
        let mut record = Record { text: "#a @bcd".into(), tags: vec!["z".into()], ..Record::default() };
        fill(&mut record);
        assert_eq!((record.tags, record.mentions), (vec!["z".to_owned()], vec!["bcd".to_owned()]));
    }

    proptest! {
        #[test]
        fn spans_are_sorted_and_on_character_boundaries(text in "([#@а-яa-c._ /()]|https://|t\\.me/|\\PC){0,40}") {
            let mut end = 0;
            for span in find_spans(&text) {
                prop_assert!(span.range.start >= end && span.range.end > span.range.start);
                prop_assert!(text.get(span.range.clone()).is_some());
                end = span.range.end;
            }
        }
    }
}
