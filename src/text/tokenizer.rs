//! Text → tokens.
//!
//! A word is a run of letters, digits and marks; everything else separates words, apostrophes, hyphens and underscores too,
//! so that every part of `rock-and-roll` or `l'avion` is found, and the whole as its parts side by side. In scripts without
//! spaces each character begins a token of itself and its successor, the last one of a run stands alone: then a string of two
//! or more characters is those pairs side by side, and a single one is a prefix of its token wherever it stands.
//!
//! A hashtag or mention is also a token of its own, `#tag` or `@name`, at the place of its first word.

use std::ops::Range;

use super::fold::fold_char;
use super::script::{Class, class};

/// A folded word and where it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token {
    /// Folded form.
    pub term: String,
    /// Bytes of the text that it covers.
    pub range: Range<usize>,
    /// Place among the words of the text, from 0. A hashtag's own token has the place of its first word.
    pub position: u32,
    /// What it is.
    pub kind: TokenKind,
}

/// What a [`Token`] is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenKind {
    /// A word.
    Word,
    /// A pair of characters, or the last character, of a run without spaces.
    Gram,
    /// A hashtag or mention as a whole, with its `#` or `@`.
    Sigil,
}

/// Longest term in bytes; longer words are cut here, in index and query alike. Longer than any word that people write, and
/// short enough that a page of base64 does not fill the dictionary.
pub const MAX_TERM_LEN: usize = 120;

/// Every token of a text, in order of position; a sigil's token stands before the words in it.
#[must_use]
pub fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut position = 0;
    let mut chars = text.char_indices().peekable();
    while let Some(&(start, c)) = chars.peek() {
        match class(c) {
            Class::Word => word(text, start, &mut chars, &mut position, &mut tokens),
            Class::Unspaced => grams(text, start, &mut chars, &mut position, &mut tokens),
            Class::Mark => {
                chars.next();
            }
            Class::Separator => {
                chars.next();
                if matches!(c, '#' | '＃' | '@') && !follows_word(text, start) {
                    tokens.extend(sigil_token(text, start, c, position));
                }
            }
        }
    }
    tokens
}

type Chars<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

fn word(text: &str, start: usize, chars: &mut Chars<'_>, position: &mut u32, tokens: &mut Vec<Token>) {
    let mut term = String::new();
    let mut end = start;
    while let Some(&(at, c)) = chars.peek() {
        if !matches!(class(c), Class::Word | Class::Mark) {
            break;
        }
        fold_char(c, &mut term);
        end = at + c.len_utf8();
        chars.next();
    }
    debug_assert!(text.is_char_boundary(end));
    push(tokens, term, start..end, *position, TokenKind::Word);
    *position += 1;
}

fn grams(text: &str, start: usize, chars: &mut Chars<'_>, position: &mut u32, tokens: &mut Vec<Token>) {
    let mut run: Vec<(Range<usize>, String)> = Vec::new();
    while let Some(&(at, c)) = chars.peek() {
        match class(c) {
            Class::Unspaced => {
                let mut form = String::new();
                fold_char(c, &mut form);
                run.push((at..at + c.len_utf8(), form));
            }
            Class::Mark => {}
            _ => break,
        }
        chars.next();
    }
    debug_assert!(text.is_char_boundary(start));
    let mut following = run.iter().skip(1);
    for (range, form) in &run {
        let next = following.next();
        let term = next.map_or(form.clone(), |(_, next)| format!("{form}{next}"));
        let end = next.map_or(range.end, |(next, _)| next.end);
        push(tokens, term, range.start..end, *position, TokenKind::Gram);
        *position += 1;
    }
}

/// The token of a hashtag or mention whose sigil stands at `start`.
fn sigil_token(text: &str, start: usize, sigil: char, position: u32) -> Option<Token> {
    let body_start = start + sigil.len_utf8();
    let body = text.get(body_start..)?;
    let len = body.find(|c| class(c) == Class::Separator && c != '_').unwrap_or(body.len());
    let body = body.get(..len)?;
    if !body.chars().any(char::is_alphanumeric) {
        return None;
    }
    let mut term = String::from(if sigil == '@' { '@' } else { '#' });
    super::fold::fold_into(body, &mut term);
    cut(&mut term);
    Some(Token { term, range: start..body_start + len, position, kind: TokenKind::Sigil })
}

/// True where a word character stands right before `at`, as in an e-mail address or a URL's anchor.
fn follows_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    before.is_some_and(|c| class(c) != Class::Separator)
}

fn push(tokens: &mut Vec<Token>, mut term: String, range: Range<usize>, position: u32, kind: TokenKind) {
    cut(&mut term);
    if !term.is_empty() {
        tokens.push(Token { term, range, position, kind });
    }
}

fn cut(term: &mut String) {
    if term.len() > MAX_TERM_LEN {
        let end = (0..=MAX_TERM_LEN).rev().find(|at| term.is_char_boundary(*at)).unwrap_or(0);
        term.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let terms: Vec<_> = tokenize(text).into_iter().map(|token| token.term).collect();
        assert_eq!(terms, expected, "{text:?}");
    }

    #[test]
    fn words() {
        check("", &[]);
        check("The Union's e-mail, 2,500 ships", &["the", "union", "s", "e", "mail", "2", "500", "ships"]);
        check("naïve cafe\u{301}s", &["naive", "cafes"]);
        check("Ёлки-палки", &["елки", "палки"]);
        check("مَرْحَبًا بالعالم", &["مرحبا", "بالعالم"]);
        check("हिन्दी में", &["हिन्दी", "में"]);
        check("⚓️ 🇷🇺", &[]);
    }

    #[test]
    fn hashtags_and_mentions_are_found_whole_and_by_part() {
        check("#UnionState now", &["#unionstate", "unionstate", "now"]);
        check("#Harbour_Day", &["#harbour_day", "harbour", "day"]);
        check("@pilot_marta ok", &["@pilot_marta", "pilot", "marta", "ok"]);
        check("a#b mail@host", &["a", "b", "mail", "host"]);
        check("#港口新闻", &["#港口新闻", "港口", "口新", "新闻", "闻"]);
        check("# #_ ##x", &["#x", "x"]);
    }

    #[test]
    fn scripts_without_spaces_become_pairs() {
        check("港口", &["港口", "口"]);
        check("港", &["港"]);
        check("在港口abc", &["在港", "港口", "口", "abc"]);
        check("カタカナ", &["カタ", "タカ", "カナ", "ナ"]);
    }

    #[test]
    fn ranges_cover_the_words_as_written() {
        let text = "«Ёж»: cafe\u{301}!";
        let words: Vec<_> = tokenize(text).iter().map(|token| &text[token.range.clone()]).collect();
        assert_eq!(words, ["Ёж", "cafe\u{301}"]);
    }

    #[test]
    fn a_very_long_word_is_cut() {
        let tokens = tokenize(&"ё".repeat(500));
        assert_eq!(tokens.len(), 1);
        assert_eq!(tokens[0].term.len(), MAX_TERM_LEN);
    }

    #[test]
    fn a_terms_own_tokens_are_itself() {
        for text in ["Straße", "İstanbul", "ǅungla", "ﬀ", "ℵ", "½", "ﷺ"] {
            for token in tokenize(text) {
                let again: Vec<_> = tokenize(&token.term).into_iter().map(|token| token.term).collect();
                assert_eq!(again, [token.term.as_str()]);
            }
        }
    }
}
