//! Signs that people type around words, and that services show as formatting: `*bold*`, `_italic_`, `` `code` ``.
//!
//! Each service has a table of its own. A sign counts where it opens before a word and closes behind one, within a line unless it may
//! span several; anything else is what was typed. What services write beside (mentions, links, emoji) is for a function of the reader,
//! which is asked first.

use super::entities;
use super::rich_text::RichText;
use crate::record::Span;

/// Signs within each other. Deeper ones are text.
const MAX_DEPTH: usize = 6;

/// Bytes within which a sign that opens must close.
const MAX_SPAN_LEN: usize = 4 << 10;

/// One sign.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) sign: &'static str,
    /// The kind of span that it makes.
    pub(super) kind: &'static str,
    /// Whether nothing within it means anything, as in code.
    pub(super) is_verbatim: bool,
    /// Whether it may go on over line ends.
    pub(super) spans_lines: bool,
    /// Whether a word on the line of the sign that opens is the language of the code, and none of it.
    pub(super) names_language: bool,
}

impl Mark {
    pub(super) const fn inline(sign: &'static str, kind: &'static str) -> Self {
        Self { sign, kind, is_verbatim: false, spans_lines: false, names_language: false }
    }

    pub(super) const fn code(sign: &'static str, kind: &'static str) -> Self {
        Self { sign, kind, is_verbatim: true, spans_lines: sign.len() > 1, names_language: false }
    }
}

/// Something that a service writes in a way of its own.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Token {
    /// Bytes of the source that it takes.
    pub(super) len: usize,
    /// What is shown for it.
    pub(super) text: String,
    /// The kind of span that it makes; empty where it is plain text.
    pub(super) kind: &'static str,
    pub(super) href: Option<String>,
}

/// What links, tags and mentions are in plain text.
pub(super) fn plain_token(before: &str, rest: &str) -> Option<Token> {
    let (len, kind, href) = entities::entity_at(before, rest)?;
    Some(Token { len, text: rest.get(..len)?.to_owned(), kind, href })
}

/// A text with its formatting. Of signs that begin alike the longer must stand first in `marks`; `token` gets what stands before a
/// place and what begins there.
pub(super) fn marked(text: &str, marks: &[Mark], token: &dyn Fn(&str, &str) -> Option<Token>) -> RichText {
    let mut out = RichText::default();
    Setter { text, marks, token }.put(0, text.len(), 0, &mut out);
    out
}

struct Setter<'a> {
    text: &'a str,
    marks: &'a [Mark],
    token: &'a dyn Fn(&str, &str) -> Option<Token>,
}

impl Setter<'_> {
    fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Sets the text between two places.
    fn put(&self, mut at: usize, end: usize, depth: usize, out: &mut RichText) {
        while let Some(c) = self.slice(at, end).chars().next() {
            if let Some(token) = (self.token)(self.slice(0, at), self.slice(at, end)).filter(|token| token.len > 0) {
                out.push(&token.text, token.kind, token.href);
                at += token.len;
                continue;
            }
            if let Some((mark, close)) = self.opening(at, end).filter(|_| depth < MAX_DEPTH) {
                let inner = at + mark.sign.len();
                let (first, start) = (out.spans.len(), out.text.len());
                let mut language = None;
                if mark.is_verbatim {
                    let mut code = self.slice(inner, close);
                    if mark.names_language {
                        (language, code) = split_language(code);
                    }
                    out.text.push_str(code.trim_matches('\n'));
                } else {
                    self.put(inner, close, depth + 1, out);
                }
                if start < out.text.len() {
                    let span = Span {
                        range: start..out.text.len(),
                        kind: mark.kind.to_owned(),
                        href: language.map(str::to_owned),
                    };
                    out.spans.insert(first.min(out.spans.len()), span);
                }
                at = close + mark.sign.len();
                continue;
            }
            out.text.push(c);
            at += c.len_utf8();
        }
    }

    /// The sign that opens here, and where it closes.
    fn opening(&self, at: usize, end: usize) -> Option<(Mark, usize)> {
        let rest = self.slice(at, end);
        self.marks.iter().filter(|mark| rest.starts_with(mark.sign)).find_map(|mark| {
            let before = self.slice(0, at).chars().next_back();
            let is_free = mark.is_verbatim || !before.is_some_and(|c| c.is_alphanumeric() || mark.sign.ends_with(c));
            let close = is_free.then(|| closing(rest, *mark))??;
            Some((*mark, at + close))
        })
    }
}

/// The name of the language that stands before code, where anything follows that, and the code without it.
fn split_language(code: &str) -> (Option<&str>, &str) {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-' | '.' | '#');
    match code.split_once('\n') {
        Some((first, rest)) if !rest.trim().is_empty() && first.chars().all(is_of_name) => {
            (Some(first).filter(|first| !first.is_empty()), rest)
        }
        _ => (None, code),
    }
}

/// Where a sign closes in a text that it opens, in bytes.
fn closing(text: &str, mark: Mark) -> Option<usize> {
    let len = mark.sign.len();
    let mut window = text.len().min(MAX_SPAN_LEN);
    if mark.is_verbatim && mark.spans_lines {
        // Blocks of code may be of any length, and are looked for once: what follows is theirs.
        return Some(len + text.get(len..)?.find(mark.sign).filter(|found| *found > 0)?);
    }
    while !text.is_char_boundary(window) {
        window -= 1;
    }
    let text = text.get(..window)?;
    let text = if mark.spans_lines { text } else { text.lines().next().unwrap_or(text) };
    if text.get(len..)?.starts_with(char::is_whitespace) && !mark.is_verbatim {
        return None;
    }
    let mut from = len;
    loop {
        let at = from + text.get(from..)?.find(mark.sign)?;
        let before = text.get(..at)?.chars().next_back();
        let after = text.get(at + len..)?.chars().next();
        let is_sign = |c: char| mark.sign.ends_with(c);
        let closes = at > len
            && (mark.is_verbatim
                || !before.is_some_and(|c| c.is_whitespace() || is_sign(c))
                    && !after.is_some_and(|c| c.is_alphanumeric() || is_sign(c)));
        if closes {
            return Some(at);
        }
        from = at + len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: &[Mark] = &[
        Mark::code("```", "pre"),
        Mark { spans_lines: true, ..Mark::inline("**", "bold") },
        Mark::inline("*", "italic"),
        Mark::inline("_", "italic"),
        Mark::code("`", "code"),
    ];

    fn check(text: &str, expected: &str, spans: &[(&str, &str)]) {
        let found = marked(text, MARKS, &plain_token);
        assert_eq!(found.text, expected, "{text}");
        let shown: Vec<_> = found.spans.iter().map(|span| (&*span.kind, &found.text[span.range.clone()])).collect();
        assert_eq!(shown, spans, "{text}");
    }

    #[test]
    fn signs_around_words_are_formatting() {
        check(
            "a *b* **c _d_** `e *f*`",
            "a b c d e *f*",
            &[("italic", "b"), ("bold", "c d"), ("italic", "d"), ("code", "e *f*")],
        );
        check("**a\nb** *c\nd*", "a\nb *c\nd*", &[("bold", "a\nb")]);
        check("```\nx = 1\n```y", "x = 1y", &[("pre", "x = 1")]);
        check("(*a*), *b c*.", "(a), b c.", &[("italic", "a"), ("italic", "b c")]);
    }

    #[test]
    fn the_language_of_code_is_none_of_it() {
        let check = |code: &str, language, expected: &str| {
            assert_eq!(split_language(code), (language, expected), "{code}");
        };
        check("py\nx = 1\n", Some("py"), "x = 1\n");
        check("c++\n\nx", Some("c++"), "\nx");
        check("\nx", None, "x");
        check("x = 1\ny", None, "x = 1\ny");
        check("py\n", None, "py\n");
        check("py", None, "py");
        let marks = [Mark { names_language: true, ..Mark::code("```", "pre") }];
        let spans = marked("```rust\nlet x;\n```", &marks, &plain_token).spans;
        assert_eq!(spans, [Span { range: 0..6, kind: "pre".into(), href: Some("rust".into()) }]);
    }

    #[test]
    fn others_are_what_was_typed() {
        for text in ["2 * 3 * 4", "snake_case_name", "*a", "* a*", "*a *", "**", "****", "``", "a*b*c", "_", "*\n*"] {
            check(text, text, &[]);
        }
    }

    #[test]
    fn links_and_tags_are_found_within() {
        check(
            "*see https://a.example/_x_y* #t",
            "see https://a.example/_x_y #t",
            &[("italic", "see https://a.example/_x_y"), ("link", "https://a.example/_x_y"), ("hashtag", "#t")],
        );
    }

    #[test]
    fn no_text_panics_or_takes_long() {
        let many = "*a ".repeat(20_000) + &"`".repeat(20_000);
        let _ = marked(&many, MARKS, &plain_token);
        proptest::proptest!(|(text in "[*_`a-c \n#@/:.я]{0,60}")| {
            let found = marked(&text, MARKS, &plain_token);
            for span in &found.spans {
                proptest::prop_assert!(found.text.get(span.range.clone()).is_some());
            }
        });
    }
}
