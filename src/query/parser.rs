//! Typed text → [`Query`].
//!
//! ```text
//! or     = and { "OR" and }
//! and    = { unary }                          all of them
//! unary  = "-" unary | "(" or ")" | quoted | part | regex | field | chunk
//! quoted = '"' … '"' [ "*" ]                  its words side by side, literally
//! part   = "*" … "*" | "*" '"' … '"' "*"      this anywhere in a word, or in the text
//! regex  = "/" … "/" [ "i" ]                  a regular expression; i: over the folded text
//! field  = name ":" ( … [ "*" ] | quoted )    a value of a field; sort:, match: and fold: set how the page is made
//! chunk  = anything up to a space, bracket or quotation mark, with an optional "=" before or "*" after it
//! ```
//!
//! A chunk that begins with `=` is literal: it is no prefix, even while it is typed, and stands for no other form of its word.
//! A chunk of several words (`e-mail`, `2,500`, `港口新闻`) is these words side by side; `#tag` and `@name` are one term each.
//! Nothing that is typed is an error: what cannot be understood is reported as a [`Problem`] and searched as plain words.
//! Which fields there are is the archive's to say: `bind` looks.

use super::ast::{Field, Query};
use crate::text::fold::fold;
use crate::text::tokenizer::{TokenKind, open_last_gram};
use crate::text::{Token, tokenize};

/// Deepest nesting of brackets and minus signs; deeper ones are searched as plain words. Bounds recursion, here and in every
/// walk over the query.
const MAX_DEPTH: usize = 32;

/// Most characters of a query that are looked at; nobody types more, and an address may hold anything.
const MAX_LEN: usize = 4096;

/// A query and what was wrong with its text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Parsed {
    /// What to search for.
    pub query: Query,
    /// The order that the query asks for by `sort:`, folded, and the byte at which it does.
    pub sort: Option<(String, usize)>,
    /// Whether one of the words is enough, where the query says so by `match:any` or `match:all`.
    pub any: Option<bool>,
    /// Whether of posts that say the same the first is shown alone, by `fold:copies`.
    pub fold: bool,
    /// Byte of the text at which each field of the query stands, in the order in which a walk meets them.
    pub places: Vec<usize>,
    /// The first thing that could not be understood.
    pub problem: Option<Problem>,
}

/// A part of a query's text that could not be understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Byte of the text at which it stands.
    pub at: usize,
    /// What is wrong, as a sentence's part in lower case.
    pub message: String,
}

/// Parses a query. While the reader is `typing`, the last word, if nothing follows it, also matches as a prefix.
///
/// # Example
/// ```
/// use fonds::query::{Query, parse};
/// let parsed = parse("Union stat", true);
/// assert_eq!(parsed.query, Query::And(vec![Query::Word("union".into()), Query::Prefix("stat".into())]));
/// ```
#[must_use]
pub fn parse(text: &str, typing: bool) -> Parsed {
    let text = text.char_indices().nth(MAX_LEN).and_then(|(end, _)| text.get(..end)).unwrap_or(text);
    let mut parser = Parser { text, typing, ..Parser::default() };
    let query = parser.or();
    let Parser { sort, any, fold, places, problem, wordless, .. } = parser;
    // What holds no word and is more than the beginning of a phrase, a tag or an exclusion asks for something that is not here.
    let query = if query == Query::All && wordless { Query::nothing() } else { query };
    Parsed { query, sort, any, fold, places, problem }
}

/// The words of a text, side by side, as they are searched for where an operator is not understood.
#[must_use]
pub fn plain(text: &str, prefix: bool) -> Query {
    let mut parser = Parser { text, ..Parser::default() };
    match parser.words(text, 0, prefix, true) {
        Query::All => Query::nothing(),
        words => words,
    }
}

#[derive(Default)]
struct Parser<'a> {
    text: &'a str,
    at: usize,
    typing: bool,
    depth: usize,
    /// Brackets that are open.
    open: usize,
    sort: Option<(String, usize)>,
    any: Option<bool>,
    fold: bool,
    places: Vec<usize>,
    problem: Option<Problem>,
    /// Whether something stood where a word should.
    wordless: bool,
}

impl Parser<'_> {
    fn or(&mut self) -> Query {
        let mut parts = vec![self.and()];
        while self.eat_or() {
            parts.push(self.and());
        }
        parts.retain(|part| *part != Query::All);
        match parts.len() {
            0 => Query::All,
            1 => parts.remove(0),
            _ => Query::Or(parts),
        }
    }

    fn and(&mut self) -> Query {
        let mut parts = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                Some(')') if self.open == 0 => {
                    self.report(self.at, "this bracket closes nothing");
                    self.bump();
                }
                None | Some(')') => break,
                _ if self.at_or() => break,
                _ => parts.push(self.unary()),
            }
        }
        all_of(parts)
    }

    fn unary(&mut self) -> Query {
        let negated = self.peek() == Some('-') && self.peek_second().is_some_and(|c| !c.is_whitespace());
        if self.depth >= MAX_DEPTH {
            self.report(self.at, "too many brackets or minus signs inside each other");
            return self.chunk();
        }
        self.depth += 1;
        let query = match self.peek() {
            Some('-') if negated => {
                self.bump();
                match self.unary() {
                    Query::All => Query::All,
                    inner => Query::Not(Box::new(inner)),
                }
            }
            Some('(') => self.group(),
            Some(c) if is_quote(c) => self.phrase(),
            Some('*') => self.part(),
            Some('/') => self.regex(),
            _ => self.field(),
        };
        self.depth -= 1;
        query
    }

    fn group(&mut self) -> Query {
        let start = self.at;
        self.bump();
        self.open += 1;
        let query = self.or();
        self.open -= 1;
        if self.peek() == Some(')') {
            self.bump();
        } else {
            self.report(start, "this bracket is not closed");
        }
        query
    }

    /// What stands in quotation marks, and whether they are closed.
    fn quotation(&mut self) -> (String, bool) {
        let start = self.at;
        let closing: &[char] = match self.bump() {
            Some('«') => &['»'],
            Some('»') => &['«', '»'],
            Some('„') => &['“', '”'],
            Some('“') => &['”'],
            _ => &['"', '”'],
        };
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(len) = rest.find(closing) else {
            self.report(start, "this quotation mark is not closed");
            self.at = self.text.len();
            return (rest.to_owned(), false);
        };
        self.at += len;
        self.bump();
        (rest.get(..len).unwrap_or_default().to_owned(), true)
    }

    fn phrase(&mut self) -> Query {
        let start = self.at;
        let (inner, closed) = self.quotation();
        let prefix = if closed { self.eat('*') } else { self.typing };
        self.words(&inner, start, prefix, true)
    }

    fn part(&mut self) -> Query {
        let start = self.at;
        self.bump();
        if self.peek().is_some_and(is_quote) {
            let (inner, closed) = self.quotation();
            let part = fold(&inner);
            if closed && !part.trim().is_empty() && self.eat('*') {
                return Query::Part(part);
            }
            return self.words(&inner, start, false, true);
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        let inner = rest.split(ends_chunk).next().unwrap_or_default();
        let part = inner.strip_suffix('*').map(fold).unwrap_or_default();
        if !part.trim().is_empty() && !part.contains('*') {
            self.at += inner.len();
            return Query::Part(part);
        }
        self.at = start;
        self.chunk()
    }

    /// A regular expression ends at the first slash without a backslash before it, and nothing but an `i` stands behind it:
    /// else it is an address or a path.
    fn regex(&mut self) -> Query {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let mut escaped = false;
        let mut end = None;
        for (at, c) in rest.char_indices() {
            if c == '/' && !escaped {
                end = Some(at);
                break;
            }
            escaped = c == '\\' && !escaped;
        }
        if let Some(end) = end.filter(|end| *end > 0) {
            let source = rest.get(..end).unwrap_or_default();
            let behind = rest.get(end + 1..).unwrap_or_default();
            let folded = behind.starts_with('i');
            let behind = behind.strip_prefix('i').unwrap_or(behind);
            if behind.chars().next().is_none_or(|c| c.is_whitespace() || c == ')') {
                self.at = self.text.len() - behind.len();
                return Query::Pattern { source: source.to_owned(), folded };
            }
        }
        self.chunk()
    }

    /// A chunk that begins like a field, or any other.
    fn field(&mut self) -> Query {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let (name, behind) = rest.split_at(rest.find(|c| !is_name(c)).unwrap_or(rest.len()));
        let name = fold(name);
        // Some characters fold to what no name has.
        let is_field = name.starts_with(char::is_alphabetic) && name.chars().all(is_name);
        let Some(behind) = behind.strip_prefix(':').filter(|_| is_field) else { return self.chunk() };
        let value_at = self.text.len() - behind.len();
        let (value, prefix) = if behind.starts_with(is_quote) {
            self.at = value_at;
            let (value, closed) = self.quotation();
            (value, if closed { self.eat('*') } else { self.typing })
        } else {
            let value = behind.split(ends_chunk).next().unwrap_or_default();
            // A colon before a space is punctuation, and behind a scheme stands an address.
            if value.starts_with("//") || (value.is_empty() && !(self.typing && behind.is_empty())) {
                return self.chunk();
            }
            self.at = value_at + value.len();
            let starred = value.strip_suffix('*');
            let is_last = self.typing && self.at == self.text.len();
            (starred.unwrap_or(value).to_owned(), starred.is_some() || is_last)
        };
        if fold(&value).trim().is_empty() {
            // The value is about to be typed.
            return Query::All;
        }
        match (name.as_str(), fold(&value)) {
            ("sort", value) => self.sort = Some((value, start)),
            ("match", value) if value == "any" || value == "all" => self.any = Some(value == "any"),
            ("match", _) => {
                self.report(start, "write match:any or match:all");
                return self.words(&format!("{name} {value}"), start, false, true);
            }
            ("fold", value) if value == "copies" => self.fold = true,
            _ => {
                self.places.push(start);
                return Query::Field(Field { name, value, prefix, test: None });
            }
        }
        Query::All
    }

    fn chunk(&mut self) -> Query {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        // At the depth limit a bracket or minus can stand first: it is then no part of a word.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let len = rest.get(first..).and_then(|rest| rest.find(ends_chunk)).map_or(rest.len(), |len| first + len);
        self.at = start + len;
        let chunk = rest.get(..len).unwrap_or_default();
        if let Some(literal) = chunk.strip_prefix('=') {
            return self.words(literal, start, false, true);
        }
        let starred = chunk.strip_suffix('*');
        let prefix = starred.is_some() || (self.typing && self.at == self.text.len());
        self.words(starred.unwrap_or(chunk), start, prefix, false)
    }

    /// The words of a chunk or of a quotation, side by side. `prefix` tells whether the last may go on, `literal` whether a
    /// single one stands for itself alone.
    fn words(&mut self, chunk: &str, start: usize, prefix: bool, literal: bool) -> Query {
        let tokens = tokenize(chunk);
        let is_alone =
            |sigil: &Token| sigil.range.start == 0 && tokens.iter().all(|token| token.range.end <= sigil.range.end);
        let sigil = tokens.first().filter(|token| token.kind == TokenKind::Sigil && is_alone(token));
        if let Some(sigil) = sigil {
            return leaf(vec![sigil.term.clone()], prefix && sigil.range.end == chunk.len(), true);
        }
        let mut words: Vec<_> = tokens.into_iter().filter(|token| token.kind != TokenKind::Sigil).collect();
        let is_gram = words.last().is_some_and(|last| last.kind == TokenKind::Gram);
        let goes_on = words.last().is_some_and(|last| chunk.len() == last.range.end);
        let prefix = open_last_gram(&mut words) || (prefix && goes_on && !is_gram);
        let terms: Vec<String> = words.into_iter().map(|token| token.term).collect();
        if terms.is_empty() {
            if !chunk.trim().is_empty() {
                self.report(start, "there is no word to search for in this");
                self.wordless |= !chunk.chars().all(is_begun);
            }
            return Query::All;
        }
        leaf(terms, prefix, literal)
    }

    /// True at the word `OR` between two parts.
    fn at_or(&self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        rest.strip_prefix("OR").is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '('))
    }

    fn eat_or(&mut self) -> bool {
        let found = self.at_or();
        if found {
            self.at += "OR".len();
        }
        found
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.bump();
        }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn peek_second(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().nth(1))
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.bump();
        }
        found
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn report(&mut self, at: usize, message: &str) {
        self.problem.get_or_insert_with(|| Problem { at, message: message.to_owned() });
    }
}

/// What begins something whose word is still to be typed.
fn is_begun(c: char) -> bool {
    c.is_whitespace() || is_quote(c) || matches!(c, '(' | ')' | '-' | '=' | '*' | '#' | '@' | '/')
}

/// True for marks that open a quotation.
pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

/// True where a chunk ends.
pub(super) fn ends_chunk(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '"' | '“' | '”' | '«' | '»')
}

fn leaf(mut terms: Vec<String>, prefix: bool, literal: bool) -> Query {
    match (terms.len(), prefix) {
        (1, true) => Query::Prefix(terms.remove(0)),
        (1, false) if literal => Query::Literal(terms.remove(0)),
        (1, false) => Query::Word(terms.remove(0)),
        _ => Query::Phrase { terms, prefix, quoted: literal },
    }
}

/// All of these parts; those that every record answers fall away.
fn all_of(parts: Vec<Query>) -> Query {
    let mut parts: Vec<_> = parts.into_iter().filter(|part| *part != Query::All).collect();
    match parts.len() {
        0 => Query::All,
        1 => parts.remove(0),
        _ => Query::And(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn term(text: &str) -> Query {
        Query::Word(text.into())
    }

    #[test]
    fn what_holds_no_word_asks_for_nothing() {
        assert_eq!(plain("storm", false), literal("storm"));
        assert_eq!(plain("?!", false), Query::nothing());
    }

    fn literal(text: &str) -> Query {
        Query::Literal(text.into())
    }

    fn phrase(terms: &[&str], prefix: bool) -> Query {
        Query::Phrase { terms: terms.iter().map(|term| (*term).to_owned()).collect(), prefix, quoted: true }
    }

    /// Side by side by how they were written.
    fn run(terms: &[&str], prefix: bool) -> Query {
        Query::Phrase { terms: terms.iter().map(|term| (*term).to_owned()).collect(), prefix, quoted: false }
    }

    fn check(text: &str, expected: Query) {
        let parsed = parse(text, false);
        assert_eq!((parsed.query, parsed.problem), (expected, None), "{text:?}");
    }

    #[test]
    fn words_and_phrases() {
        check("", Query::All);
        check("  Минск ", term("минск"));
        check("union state", Query::And(vec![term("union"), term("state")]));
        check("uni*", Query::Prefix("uni".into()));
        check("\"Union State\" minsk", Query::And(vec![phrase(&["union", "state"], false), term("minsk")]));
        check("«союзное государство»", phrase(&["союзное", "государство"], false));
        check("e-mail", run(&["e", "mail"], false));
        check("#UnionState", literal("#unionstate"));
        check("#UnionState,", literal("#unionstate"));
        check("@Pilot_Marta", literal("@pilot_marta"));
    }

    #[test]
    fn characters_without_spaces() {
        check("港", Query::Prefix("港".into()));
        check("港口", term("港口"));
        check("港口新闻", run(&["港口", "口新", "新闻"], false));
        check("abc港", run(&["abc", "港"], true));
        check("港abc", run(&["港", "abc"], false));
    }

    #[test]
    fn operators() {
        check("-storm", Query::Not(Box::new(term("storm"))));
        check("a -b", Query::And(vec![term("a"), Query::Not(Box::new(term("b")))]));
        check("a OR b c", Query::Or(vec![term("a"), Query::And(vec![term("b"), term("c")])]));
        check("(a OR b) c", Query::And(vec![Query::Or(vec![term("a"), term("b")]), term("c")]));
        check("ORange", term("orange"));
        check("a OR", Query::And(vec![term("a"), term("or")]));
    }

    #[test]
    fn the_last_word_is_a_prefix_while_typing() {
        let typing = |text: &str| parse(text, true).query;
        assert_eq!(typing("union stat"), Query::And(vec![term("union"), Query::Prefix("stat".into())]));
        assert_eq!(typing("union "), term("union"));
        assert_eq!(typing("#uni"), Query::Prefix("#uni".into()));
        assert_eq!(typing("e-ma"), run(&["e", "ma"], true));
        assert_eq!(typing("\"union sta"), phrase(&["union", "sta"], true));
        assert_eq!(typing("\"union state\""), phrase(&["union", "state"], false));
        assert_eq!(typing("=stat"), literal("stat"));
        assert_eq!(typing("state."), term("state"));
        assert_eq!(typing("=state"), literal("state"));
        assert_eq!(typing("港口"), term("港口"));
    }

    #[test]
    fn what_is_not_understood_is_said_and_searched_as_words() {
        let problem = |text: &str| parse(text, false).problem.map(|problem| problem.at);
        assert_eq!(problem("a (b"), Some(2));
        assert_eq!(problem("a) b"), Some(1));
        assert_eq!(problem("x \"a b"), Some(2));
        assert_eq!(problem("a !!!"), Some(2));
        assert_eq!(problem("a - b"), Some(2));
        assert_eq!(parse("a !!!", false).query, term("a"));
        assert_eq!(parse("🔥", false).query, Query::Or(Vec::new()));
        assert_eq!(parse("\"", true).query, Query::All);
        assert_eq!(parse("a) b", false).query, Query::And(vec![term("a"), term("b")]));
        assert_eq!(parse("\"a b", false).query, phrase(&["a", "b"], false));
        assert!(problem(&"(".repeat(10_000)).is_some());
        assert!(problem(&"-".repeat(10_000)).is_some());
    }

    proptest! {
        #[test]
        fn anything_typed_parses(text in "[-a-c港口#@\"«»()* ORёЁ\u{301}]{0,40}", typing: bool) {
            let parsed = parse(&text, typing);
            if let Some(problem) = parsed.problem {
                prop_assert!(text.is_char_boundary(problem.at));
            }
        }
    }
}
