//! Text and a query's words → an excerpt and the ranges to highlight. Never markup.

use std::ops::Range;

use crate::query::Matcher;

/// Length of an excerpt in characters: three lines of the page.
const SNIPPET_CHARS: usize = 240;

/// How much of it may stand before the first highlighted word.
const LEAD_CHARS: usize = 48;

/// An excerpt of a text.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Snippet {
    /// The excerpt, as in the text; white space within lines, and line ends that end no paragraph, have become spaces.
    pub text: String,
    /// Byte ranges of the excerpt to highlight, sorted, apart from each other.
    pub ranges: Vec<Range<usize>>,
    /// Whether the text begins before the excerpt.
    pub cut_start: bool,
    /// Whether the text goes on behind the excerpt.
    pub cut_end: bool,
}

/// The best excerpt: where most of the query's words stand together, else the beginning. Never begins or ends within a word.
///
/// # Example
/// ```
/// use fonds::query::{Matcher, parse};
/// let matcher = Matcher::new(&parse("harbour", false).query);
/// let snippet = fonds::snippet::snippet("A storm hit the harbour.", &matcher);
/// assert_eq!(&snippet.text[snippet.ranges[0].clone()], "harbour");
/// ```
#[must_use]
pub fn snippet(text: &str, matcher: &Matcher) -> Snippet {
    let hits = matcher.ranges(text);
    let window = window(text, &hits);
    let excerpt = text.get(window.clone()).unwrap_or_default();
    let inside =
        hits.into_iter().map(|(range, _)| range).filter(|range| window.start <= range.start && range.end <= window.end);
    Snippet {
        text: in_paragraphs(excerpt, has_blank_lines(text)),
        ranges: inside.map(|range| range.start - window.start..range.end - window.start).collect(),
        cut_start: text.get(..window.start).is_some_and(|before| !before.trim().is_empty()),
        cut_end: text.get(window.end..).is_some_and(|after| !after.trim().is_empty()),
    }
}

/// The whole text with its highlights.
#[must_use]
pub fn whole(text: &str, matcher: &Matcher) -> Snippet {
    let ranges = matcher.ranges(text).into_iter().map(|(range, _)| range).collect();
    Snippet { text: text.to_owned(), ranges, cut_start: false, cut_end: false }
}

/// Whether a text sets its paragraphs apart by blank lines, so that its other line ends are mere line ends.
fn has_blank_lines(text: &str) -> bool {
    text.trim().lines().any(|line| line.trim().is_empty())
}

/// Line ends as spaces, but for the first at the end of each paragraph. One byte for one byte, so that ranges stay right.
fn in_paragraphs(excerpt: &str, blank_lines: bool) -> String {
    let mut out = String::with_capacity(excerpt.len());
    let mut lines = excerpt.split('\n').peekable();
    while let Some(line) = lines.next() {
        out.push_str(&line.replace(['\r', '\t'], " "));
        let Some(next) = lines.peek() else { break };
        let ends = !line.trim().is_empty() && (!blank_lines || next.trim().is_empty());
        out.push(if ends { '\n' } else { ' ' });
    }
    out
}

/// Byte range of the excerpt.
fn window(text: &str, hits: &[(Range<usize>, usize)]) -> Range<usize> {
    let lead = best_hit(text, hits).map_or(0, |hit| back(text, hit, LEAD_CHARS));
    // A hit near the end leaves room: fill it with what stands before.
    let anchor = lead.min(back(text, text.len(), SNIPPET_CHARS));
    let start = if anchor == 0 { skip_space(text, 0) } else { word_start(text, anchor) };
    let end = forward(text, start, SNIPPET_CHARS);
    start..word_end(text, start, end)
}

/// The hit that begins the window with the most different words of the query; the first of several.
fn best_hit(text: &str, hits: &[(Range<usize>, usize)]) -> Option<usize> {
    let distinct = |(place, (first, _)): (usize, &(Range<usize>, usize))| {
        let end = forward(text, first.start, SNIPPET_CHARS - LEAD_CHARS);
        let within = hits.iter().skip(place).take_while(|(range, _)| range.end <= end);
        let mut leaves: Vec<usize> = Vec::new();
        for (_, leaf) in within {
            if !leaves.contains(leaf) {
                leaves.push(*leaf);
            }
        }
        (leaves.len(), std::cmp::Reverse(first.start))
    };
    // A thousand hits in one post are enough to choose from.
    let (_, std::cmp::Reverse(start)) = hits.iter().enumerate().take(1000).map(distinct).max()?;
    Some(start)
}

/// The byte `chars` characters before `from`.
fn back(text: &str, from: usize, chars: usize) -> usize {
    text.get(..from).and_then(|before| before.char_indices().nth_back(chars.saturating_sub(1))).map_or(0, |(at, _)| at)
}

/// The byte `chars` characters behind `from`.
fn forward(text: &str, from: usize, chars: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    rest.char_indices().nth(chars).map_or(text.len(), |(at, _)| from + at)
}

fn skip_space(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + (rest.len() - rest.trim_start().len())
}

/// The start of the first word behind `at`; in scripts without spaces, `at` itself.
fn word_start(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let reach = rest.char_indices().take(LEAD_CHARS).find(|(_, c)| c.is_whitespace());
    reach.map_or(at, |(space, _)| skip_space(text, at + space))
}

/// The end of the last whole word before `at`; `at` itself where there is no space near.
fn word_end(text: &str, start: usize, at: usize) -> usize {
    if at == text.len() {
        return start + text.get(start..).unwrap_or_default().trim_end().len();
    }
    let body = text.get(start..at).unwrap_or_default();
    if text.get(at..).is_some_and(|rest| rest.starts_with(char::is_whitespace)) {
        return start + body.trim_end().len();
    }
    let near = body.char_indices().rev().take(LEAD_CHARS).find(|(_, c)| c.is_whitespace());
    near.map_or(at, |(space, _)| start + body.get(..space).unwrap_or_default().trim_end().len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;
    use proptest::prelude::*;

    fn check(text: &str, query: &str) -> Snippet {
        let snippet = snippet(text, &Matcher::new(&parse(query, false).query));
        assert!(snippet.text.chars().count() <= SNIPPET_CHARS);
        for range in &snippet.ranges {
            assert!(snippet.text.get(range.clone()).is_some());
        }
        snippet
    }

    #[test]
    fn a_short_text_is_shown_whole() {
        let snippet = check("  Ёж\nи ещё ёж ", "ёж");
        assert_eq!(snippet.text, "Ёж\nи ещё ёж");
        assert_eq!(snippet.ranges.len(), 2);
        assert!(!snippet.cut_start && !snippet.cut_end);
    }

    #[test]
    fn the_window_opens_where_the_words_meet() {
        let text = format!("storm {} the storm hit the harbour {}", "filler words ".repeat(50), "more ".repeat(80));
        let snippet = check(&text, "storm harbour");
        assert!(snippet.text.contains("storm hit the harbour"), "{}", snippet.text);
        assert!(snippet.cut_start && snippet.cut_end);
        assert!(!snippet.text.starts_with(' ') && !snippet.text.ends_with(' '));
    }

    #[test]
    fn a_hit_near_the_end_does_not_leave_the_window_empty() {
        let text = "One year after the storm the harbour was quiet. #StormOttilie";
        assert_eq!(check(text, "#stormottilie").text, text);
        let long = format!("{} #end", "filler words ".repeat(50));
        assert!(check(&long, "#end").text.chars().count() > SNIPPET_CHARS - 20);
    }

    #[test]
    fn an_excerpt_keeps_the_ends_of_paragraphs() {
        assert_eq!(check("The year\r\nin numbers\n\n\tGulls: 3", "gulls").text, "The year  in numbers\n  Gulls: 3");
        assert_eq!(check("The year\nGulls: 3\n#numbers", "gulls").text, "The year\nGulls: 3\n#numbers");
    }

    proptest! {
        #[test]
        fn ranges_lie_on_characters(text in "[ a-cё港\u{301}\n🇷🇺]{0,600}", query in "[a-cё港 ]{0,6}") {
            check(&text, &query);
        }
    }
}
