//! Text → tokens.
//!
//! A word is a run of letters, digits and marks; everything else separates words, apostrophes, hyphens and underscores too,
//! so that every part of `rock-and-roll` or `l'avion` is found, and the whole as its parts side by side. In scripts without
//! spaces each character begins a token of itself and its successors, two or three characters together ([`gram_len`]), fewer at
//! the end of a run: then a string of that many characters or more is its n-grams side by side, and a shorter one is a prefix
//! of its token wherever it stands.
//!
//! A hashtag or mention is also a token of its own, `#tag` or `@name`, at the place of its first word; where a hyphen, full stop
//! or the like joins further words to it, the whole of them is another. So are names such as `C++` and `C#`, which without their
//! signs would be one letter among many.

use std::ops::Range;

use super::fold::fold_char;
use super::script::{Class, class, gram_len};

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
    /// An n-gram of a run without spaces, or fewer characters at its end.
    Gram,
    /// A hashtag or mention as a whole, with its `#` or `@`, or a name that ends with signs.
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
                    sigil_tokens(text, start, c, position, &mut tokens);
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
    let signs = signs_len(text.get(end..).unwrap_or_default());
    if signs > 0 && term.len() <= MAX_SIGNED_LEN {
        let signed = format!("{term}{}", text.get(end..end + signs).unwrap_or_default());
        push(tokens, signed, start..end + signs, *position, TokenKind::Sigil);
    }
    push(tokens, term, start..end, *position, TokenKind::Word);
    *position += 1;
}

/// Longest word in bytes that keeps the signs behind it: names of languages are short, and other signs are punctuation.
const MAX_SIGNED_LEN: usize = 2;

/// Length of the signs right behind a word that belong to it, as in `C++` and `C#`: then neither a word nor more of them follows.
fn signs_len(rest: &str) -> usize {
    let signs = ["++", "#"].into_iter().find(|signs| rest.starts_with(signs)).unwrap_or_default();
    let next = rest.get(signs.len()..).and_then(|rest| rest.chars().next());
    if next.is_some_and(|c| class(c) != Class::Separator || matches!(c, '+' | '#' | '/' | '_')) {
        0
    } else {
        signs.len()
    }
}

fn grams(text: &str, start: usize, chars: &mut Chars<'_>, position: &mut u32, tokens: &mut Vec<Token>) {
    let mut run: Vec<(Range<usize>, char)> = Vec::new();
    let mut len = 0;
    let mut form = String::new();
    while let Some(&(at, c)) = chars.peek() {
        match class(c) {
            Class::Unspaced if run.is_empty() || gram_len(c) == len => {
                len = gram_len(c);
                form.clear();
                fold_char(c, &mut form);
                let range = at..at + c.len_utf8();
                match (run.last_mut(), form.chars().next()) {
                    // A sound mark of its own after a kana is one letter with it.
                    (Some((last, kana)), Some(mark)) if voiced(*kana, mark).is_some() => {
                        *kana = voiced(*kana, mark).unwrap_or(*kana);
                        last.end = range.end;
                    }
                    (_, Some(form)) => run.push((range, form)),
                    _ => {}
                }
            }
            Class::Mark => {}
            _ => break,
        }
        chars.next();
    }
    debug_assert!(text.is_char_boundary(start));
    for place in 0..run.len() {
        let gram = run.get(place..(place + len).min(run.len())).unwrap_or_default();
        if let ([(first, _), ..], [.., (last, _)]) = (gram, gram) {
            let term = gram.iter().map(|(_, c)| *c).collect();
            push(tokens, term, first.start..last.end, *position, TokenKind::Gram);
            *position += 1;
        }
    }
}

/// Takes from the words of a query what only stands at the end of a run of a text: behind the last whole n-gram the text may go
/// on. Tells whether the last word is then the beginning of an n-gram.
pub fn open_last_gram(words: &mut Vec<Token>) -> bool {
    while let [.., before, last] = words.as_slice()
        && last.kind == TokenKind::Gram
        && before.range.end == last.range.end
    {
        words.pop();
    }
    words.last().is_some_and(|last| {
        let len = last.term.chars().next().map_or(0, gram_len);
        last.kind == TokenKind::Gram && last.term.chars().count() < len
    })
}

/// The letter that a kana and a sound mark behind it are together.
fn voiced(kana: char, mark: char) -> Option<char> {
    let is_h = |c: u32| (0x306f..=0x307b).contains(&c) && (c - 0x306f).is_multiple_of(3);
    let code = kana as u32;
    // Katakana stand as far from each other as hiragana do.
    let hiragana = if code > 0x30a0 { code - 0x60 } else { code };
    let steps = match mark {
        '\u{3099}' | '゛' | '\u{ff9e}' if is_h(hiragana) || is_voiced_before(hiragana) => 1,
        '\u{309a}' | '゜' | '\u{ff9f}' if is_h(hiragana) => 2,
        '\u{3099}' | '゛' | '\u{ff9e}' if hiragana == 0x3046 => 0x4e,
        _ => return None,
    };
    char::from_u32(code + steps)
}

/// True for the hiragana of the rows ka, sa and ta, whose successor is the same with a voice.
fn is_voiced_before(hiragana: u32) -> bool {
    match hiragana {
        0x304b..=0x3061 => (hiragana - 0x304b).is_multiple_of(2),
        0x3064..=0x3068 => (hiragana - 0x3064).is_multiple_of(2),
        _ => false,
    }
}

/// The tokens of a hashtag or mention whose sigil stands at `start`: as far as words and underscores go, and, where signs join
/// further words to it, with these.
fn sigil_tokens(text: &str, start: usize, sigil: char, position: u32, tokens: &mut Vec<Token>) {
    let body_start = start + sigil.len_utf8();
    let rest = text.get(body_start..).unwrap_or_default();
    let ends = |c: char| class(c) == Class::Separator && c != '_';
    let len = rest.find(ends).unwrap_or(rest.len());
    let mut whole = len;
    while let Some(joined) = rest.get(whole..).filter(|joined| joined.starts_with(is_joiner)) {
        let sign = joined.chars().next().map_or(0, char::len_utf8);
        let word =
            joined.get(sign..).map_or("", |rest| rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or(rest));
        // Of marks alone nothing is left once they are folded away, and then the sign joins nothing.
        if word.chars().all(|c| class(c) == Class::Mark) {
            break;
        }
        whole += sign + word.len();
    }
    let mut lens = vec![whole, len];
    lens.dedup();
    for len in lens {
        let body = rest.get(..len).unwrap_or_default();
        if body.chars().any(char::is_alphanumeric) {
            let mut term = String::from(if sigil == '@' { '@' } else { '#' });
            super::fold::fold_into(body, &mut term);
            push(tokens, term, start..body_start + len, position, TokenKind::Sigil);
        }
    }
}

/// True for the term of a sigil token: no other has a sign in it.
#[must_use]
pub fn is_sigil(term: &str) -> bool {
    term.starts_with(['#', '@']) || term.ends_with(['#', '+'])
}

/// Signs that join the words of a tag or name: `#a-b`, `#v1.2`, `@user@host`, `#c++`.
fn is_joiner(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑' | '.' | '@' | '\'' | '’' | ':' | '&' | '+')
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
        check("#a-b. #v1.2", &["#a-b", "#a", "a", "b", "#v1.2", "#v1", "v1", "2"]);
        check("@pilot@host.org", &["@pilot@host.org", "@pilot", "pilot", "host", "org"]);
        check("@pilot_marta ok", &["@pilot_marta", "pilot", "marta", "ok"]);
        check("a#b mail@host", &["a", "b", "mail", "host"]);
        check("#港口新闻", &["#港口新闻", "港口", "口新", "新闻", "闻"]);
        check("# #_ ##x", &["#x", "x"]);
        check("#+\u{301}+a", &["a"]);
    }

    #[test]
    fn scripts_without_spaces_become_n_grams() {
        check("港口", &["港口", "口"]);
        check("港", &["港"]);
        check("在港口abc", &["在港", "港口", "口", "abc"]);
        check("カタカナ", &["カタ", "タカ", "カナ", "ナ"]);
        check("ท่าเรือ", &["ท่า", "่าเ", "าเร", "เรื", "รือ", "ือ", "อ"]);
        check("ท่า港", &["ท่า", "่า", "า", "港"]);
    }

    #[test]
    fn kana_meet_in_every_spelling() {
        let forms = ["ガイドブック", "カ\u{3099}イト\u{3099}フ\u{3099}ック", "ｶﾞｲﾄﾞﾌﾞｯｸ"];
        for form in forms {
            check(form, &["ガイ", "イド", "ドブ", "ブッ", "ック", "ク"]);
        }
        check("ﾊﾟﾊﾟ", &["パパ", "パ"]);
        check("ウ\u{3099}", &["ヴ"]);
        check("か\u{3099}つ\u{3099}", &["がづ", "づ"]);
    }

    #[test]
    fn names_that_end_with_signs_are_found_whole_and_by_part() {
        check("C++, C# and F#.", &["c++", "c", "c#", "c", "and", "f#", "f"]);
        check("i++j a+b x### good++", &["i", "j", "a", "b", "x", "good"]);
        check("#C++", &["#c", "c++", "c"]);
    }

    #[test]
    fn a_query_leaves_open_how_its_last_n_gram_goes_on() {
        let open = |text: &str| {
            let mut words = tokenize(text);
            let is_open = open_last_gram(&mut words);
            (words.into_iter().map(|token| token.term).collect::<Vec<_>>(), is_open)
        };
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(open("港"), (words(&["港"]), true));
        assert_eq!(open("港口"), (words(&["港口"]), false));
        assert_eq!(open("港口新"), (words(&["港口", "口新"]), false));
        assert_eq!(open("ท่"), (words(&["ท่"]), true));
        assert_eq!(open("ท่าเ"), (words(&["ท่า", "่าเ"]), false));
        assert_eq!(open("港a"), (words(&["港", "a"]), false));
        assert_eq!(open("a"), (words(&["a"]), false));
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
