//! Parts of texts and regular expressions: what no dictionary answers, held against the texts themselves.

use std::ops::Range;

use regex_lite::{Regex, RegexBuilder};

use super::ast::Query;
use crate::text::fold::{fold, fold_char};
use crate::text::script::{Class, class};

/// Largest compiled expression, in bytes, and deepest nesting of one. Matching takes time linear in text and expression, so these
/// bound it.
const MAX_REGEX_LEN: usize = 1 << 18;
const MAX_NESTING: u32 = 32;

/// Fewest characters of a literal that is looked for in the dictionary; shorter ones are in too many words to narrow anything.
const MIN_LITERAL_CHARS: usize = 3;

/// Something to look for in texts.
#[derive(Clone, Debug)]
pub struct Scan {
    what: What,
    folded: bool,
}

#[derive(Clone, Debug)]
enum What {
    Part(String),
    Pattern(Regex),
}

impl Scan {
    /// The scan of a leaf, if it is one.
    ///
    /// # Errors
    /// What is wrong with a regular expression.
    pub fn new(leaf: &Query) -> Result<Option<Self>, String> {
        Ok(match leaf {
            Query::Part(part) => Some(Self { what: What::Part(part.clone()), folded: true }),
            Query::Pattern { source, folded } => {
                let source = if *folded { fold_pattern(source) } else { source.clone() };
                let built = RegexBuilder::new(&source).size_limit(MAX_REGEX_LEN).nest_limit(MAX_NESTING).build();
                let pattern = built.map_err(|error| fault(&error.to_string()).to_owned())?;
                Some(Self { what: What::Pattern(pattern), folded: *folded })
            }
            _ => None,
        })
    }

    /// True where it occurs.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let folded;
        let text = if self.folded {
            folded = fold(text);
            &folded
        } else {
            text
        };
        match &self.what {
            What::Part(part) => text.contains(part.as_str()),
            What::Pattern(pattern) => pattern.is_match(text),
        }
    }

    /// Where it occurs, as byte ranges of the text; none of them is empty.
    #[must_use]
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let found = |text: &str| -> Vec<Range<usize>> {
            match &self.what {
                What::Part(part) => text.match_indices(part.as_str()).map(|(at, part)| at..at + part.len()).collect(),
                What::Pattern(pattern) => pattern.find_iter(text).map(|found| found.range()).collect(),
            }
        };
        let ranges = if self.folded {
            let (folded, places) = fold_with_places(text);
            let place = |at: usize| places.get(at).copied().unwrap_or(text.len());
            let whole = |range: Range<usize>| {
                let start = place(range.start);
                let char_len = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                start..if range.is_empty() { start } else { place(range.end).max(start + char_len) }
            };
            found(&folded).into_iter().map(whole).collect()
        } else {
            found(text)
        };
        // White space around a hit is not seen, and excerpts leave it out.
        let trimmed = |range: Range<usize>| {
            let found = text.get(range.clone()).unwrap_or_default();
            let start = range.start + found.len() - found.trim_start().len();
            start..start + found.trim().len()
        };
        ranges.into_iter().map(trimmed).filter(|range| !range.is_empty()).collect()
    }
}

/// True where a part can stand in one word only, so that the dictionary answers for it.
#[must_use]
pub fn is_in_word(part: &str) -> bool {
    part.chars().all(|c| class(c) == Class::Word)
}

/// What is said of an expression that is none, in a sentence that the page has in all of its languages: first the words by which the
/// library's own sentence is known.
const FAULTS: [(&str, &str); 10] = [
    ("without closing ')'", "a bracket of this expression is not closed"),
    ("without matching '('", "a bracket of this expression closes nothing"),
    ("class has no closing", "a square bracket of this expression is not closed"),
    ("closed character class", "a square bracket of this expression is not closed"),
    ("has no closing bracket", "a square bracket of this expression is not closed"),
    ("must be applied to", "in this expression nothing stands before a sign of repetition"),
    ("counted repetition", "in this expression a number of repetitions is not understood"),
    (
        "not supported",
        "this expression asks for something that expressions here do not have, such as look-around or back-references",
    ),
    ("too much nesting", "this expression is too large"),
    ("size limit", "this expression is too large"),
];

/// The sentence for what the library says of an expression.
fn fault(error: &str) -> &'static str {
    let known = FAULTS.iter().find(|(words, _)| error.contains(words));
    known.map_or("this regular expression is not understood", |(_, sentence)| sentence)
}

/// What a text that matches must have in its words, folded.
#[must_use]
pub fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    // Flags change what the characters mean.
    if source.contains("(?") {
        return found;
    }
    let mut run = String::new();
    let mut chars = source.chars().peekable();
    let mut depth = 0;
    while let Some(c) = chars.next() {
        let is_literal = depth == 0 && class(c) == Class::Word;
        match c {
            '|' if depth == 0 => return Vec::new(),
            '\\' => drop(chars.next()),
            '(' => depth += 1,
            ')' => depth -= 1,
            '[' => {
                // A bracket that stands first, or behind the hat, is one of the characters.
                let mut first = true;
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        ']' if !first => break,
                        '^' if first => continue,
                        _ => {}
                    }
                    first = false;
                }
            }
            '{' => while chars.next().is_some_and(|c| c != '}') {},
            _ => {}
        }
        let may_be_absent = matches!(chars.peek(), Some('*' | '?' | '{'));
        if is_literal && !may_be_absent {
            run.push(c);
        }
        if !is_literal || may_be_absent || chars.peek() == Some(&'+') || chars.peek().is_none() {
            found.push(std::mem::take(&mut run));
        }
    }
    let folded = found.into_iter().map(|mut run| {
        // A mark behind the last letter may make another letter of it.
        run.pop();
        fold(&run)
    });
    folded.filter(|run| run.chars().count() >= MIN_LITERAL_CHARS && is_in_word(run)).collect()
}

/// An expression whose literal characters are folded; what stands behind a backslash is none.
fn fold_pattern(source: &str) -> String {
    let mut out = String::new();
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            out.push(c);
            out.extend(chars.next());
        } else if class(c) == Class::Word {
            fold_char(c, &mut out);
        } else {
            out.push(c);
        }
    }
    out
}

/// A folded text, and for each byte of it the byte at which the character that it comes from begins.
fn fold_with_places(text: &str) -> (String, Vec<usize>) {
    let (mut folded, mut places) = (String::new(), Vec::new());
    for (at, c) in text.char_indices() {
        fold_char(c, &mut folded);
        places.resize(folded.len(), at);
    }
    (folded, places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;
    use proptest::prelude::*;

    fn scan(query: &str) -> Scan {
        Scan::new(&parse(query, false).query).unwrap().unwrap()
    }

    #[test]
    fn an_expression_that_is_none_is_told_apart() {
        let said = |source: &str| {
            let query = Query::Pattern { source: source.to_owned(), folded: false };
            Scan::new(&query).expect_err(source)
        };
        for (source, words) in [
            ("(a", "bracket of this expression is not closed"),
            ("(?", "not understood"),
            ("a)", "closes nothing"),
            ("[a", "square"),
            ("[", "square"),
            ("[^", "square"),
            ("[]", "square"),
            ("[a-", "square"),
            ("*a", "sign of repetition"),
            ("{2}", "sign of repetition"),
            ("a{3,2}", "number of repetitions"),
            ("a{3", "number of repetitions"),
            ("(?=a)", "look-around"),
            ("(a)\\1", "back-references"),
            ("\\pL", "look-around"),
            ("\\q", "not understood"),
            (&"(".repeat(100), "too large"),
            ("(a{1000}){1000}", "too large"),
        ] {
            assert!(said(source).contains(words), "{source}: {}", said(source));
        }
    }

    #[test]
    fn a_set_of_characters_is_no_word_of_a_pattern() {
        let none: [&str; 0] = [];
        assert_eq!(literals("storms"), ["storm"]);
        assert_eq!(literals("[^]storm]"), none);
        assert_eq!(literals("[\\]storm]x"), none);
        assert_eq!(literals("[^storm"), none);
        assert_eq!(literals("[a]harbour"), ["harbou"]);
        assert_eq!(literals("x{2,harbour}storms"), ["storm"]);
    }

    #[test]
    fn matches_are_where_they_are_written() {
        let check = |query: &str, text: &str, expected: &[&str]| {
            let found: Vec<_> = scan(query).ranges(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{query}");
            assert_eq!(scan(query).matches(text), !expected.is_empty());
        };
        check("*\"b, o\"*", "Ab, Ob", &["b, O"]);
        check("*s*", "aßs", &["ß", "ß", "s"]);
        check("*и*", "мои\u{306} ии", &["и", "и"]);
        check("*\"e-m\"*", "É-mail e\u{301}-m", &["É-m", "e\u{301}-m"]);
        check("/s[to]+/", "storm Sto", &["sto"]);
        check("/ШТОРМ\\w?/i", "Шторм шторм", &["Шторм", "шторм"]);
        check("/x*/", "ax", &["x"]);
    }

    #[test]
    fn hostile_expressions_are_refused() {
        let refused = |query: &str| Scan::new(&parse(query, false).query).is_err();
        assert!(refused("/(a/"));
        assert!(refused("/(a{900}){900}/"));
        assert!(refused(&format!("/{}{}/", "(".repeat(100), ")".repeat(100))));
        assert!(!refused("/(a|b)*c{2,3}/"));
    }

    #[test]
    fn literals_are_what_must_be_there() {
        for (source, expected) in [
            ("storm", &["stor"][..]),
            ("storms?", &["stor"]),
            ("harbour[a-z]+storm", &["harbou", "stor"]),
            ("(harbour)storm", &["stor"]),
            ("harbour|storm", &[]),
            ("(?i)storm", &[]),
            ("\\bstorm", &["stor"]),
            ("storm{2}", &["sto"]),
            ("[storm]", &[]),
            ("[]storm]harbour", &["harbou"]),
            ("ст.Шторм", &["штор"]),
        ] {
            assert_eq!(literals(source), expected, "{source}");
        }
    }

    proptest! {
        /// Whatever matches has the literals in its words.
        #[test]
        fn no_match_lacks_a_literal(source in "[abcи]{0,5}[.*?+|]{0,1}[abcи(]{0,5}[)]?[abc{}2\\[\\]]{0,4}", text in "[abcABCи\u{306} ]{0,14}") {
            let leaf = Query::Pattern { source: source.clone(), folded: false };
            if let Ok(Some(scan)) = Scan::new(&leaf)
                && scan.matches(&text)
            {
                let folded: Vec<String> = crate::text::tokenize(&text).into_iter().map(|token| token.term).collect();
                for literal in literals(&source) {
                    prop_assert!(folded.iter().any(|term| term.contains(&literal)), "{:?} needs {:?} in {:?}", source, literal, text);
                }
            }
        }
    }
}
