//! Where a query's words stand in a text: what to highlight.

use std::ops::Range;

use super::ast::Query;
use crate::text::tokenizer::{TokenKind, is_sigil};
use crate::text::{Token, tokenize};

/// The leaves of a query, ready to be held against texts.
#[derive(Clone, Debug, Default)]
pub struct Matcher {
    leaves: Vec<Leaf>,
    #[cfg(feature = "more")]
    scans: Vec<super::scan::Scan>,
}

/// Terms side by side; a single term is a phrase of one.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Leaf {
    terms: Vec<String>,
    prefix: bool,
    /// Other forms of a single term, sorted.
    others: Vec<(String, u32)>,
}

impl Matcher {
    /// The words that a record may match a query by.
    #[must_use]
    pub fn new(query: &Query) -> Self {
        let leaves = query.positive_leaves().into_iter().filter_map(|leaf| match leaf {
            Query::Word(term) | Query::Literal(term) => {
                Some(Leaf { terms: vec![term.clone()], prefix: false, others: Vec::new() })
            }
            Query::Forms(forms) => {
                Some(Leaf { terms: vec![forms.word.clone()], prefix: forms.prefix, others: forms.others.clone() })
            }
            Query::Prefix(term) => Some(Leaf { terms: vec![term.clone()], prefix: true, others: Vec::new() }),
            Query::Phrase { terms, prefix, .. } => {
                Some(Leaf { terms: terms.clone(), prefix: *prefix, others: Vec::new() })
            }
            _ => None,
        });
        Self {
            leaves: leaves.collect(),
            #[cfg(feature = "more")]
            scans: query.positive_leaves().into_iter().filter_map(|leaf| super::scan::Scan::new(leaf).ok()?).collect(),
        }
    }

    /// The terms searched for, those of a phrase one by one; each with whether it is a prefix, and the place of its leaf.
    pub fn terms(&self) -> impl Iterator<Item = (&str, bool, usize)> {
        self.leaves.iter().enumerate().flat_map(|(leaf_place, leaf)| {
            let last = leaf.terms.len() - 1;
            let terms = leaf.terms.iter().enumerate();
            terms.map(move |(place, term)| (term.as_str(), leaf.prefix && place == last, leaf_place))
        })
    }

    /// The other forms of the word that is the leaf at a place.
    #[must_use]
    pub fn others(&self, leaf: usize) -> &[(String, u32)] {
        self.leaves.get(leaf).map_or(&[], |leaf| &leaf.others)
    }

    /// Byte ranges of the text that match, sorted, apart from each other, each with the place of its leaf in the query.
    #[must_use]
    pub fn ranges(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let tokens = tokenize(text);
        let mut found: Vec<(Range<usize>, usize)> = Vec::new();
        // Start and place in `found`, as one number: the same sort as elsewhere in the core, which costs the page but once.
        let mut order: Vec<u64> = Vec::new();
        for (place, leaf) in self.leaves.iter().enumerate() {
            for range in occurrences(text, &tokens, &leaf.terms, leaf.prefix, &leaf.others) {
                order.push((range.start as u64) << 32 | found.len() as u64);
                found.push((range, place));
            }
        }
        #[cfg(feature = "more")]
        for (place, scan) in (self.leaves.len()..).zip(&self.scans) {
            for range in scan.ranges(text) {
                order.push((range.start as u64) << 32 | found.len() as u64);
                found.push((range, place));
            }
        }
        order.sort_unstable();
        let mut merged: Vec<(Range<usize>, usize)> = Vec::new();
        for (range, place) in order.iter().filter_map(|order| found.get(*order as u32 as usize)).cloned() {
            match merged.last_mut() {
                Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
                _ => merged.push((range, place)),
            }
        }
        merged
    }
}

/// Byte ranges where the terms stand side by side.
fn occurrences<'a>(
    text: &'a str,
    tokens: &'a [Token],
    terms: &'a [String],
    prefix: bool,
    others: &'a [(String, u32)],
) -> impl Iterator<Item = Range<usize>> + 'a {
    let wants_sigil = terms.len() == 1 && terms.iter().any(|term| is_sigil(term));
    let candidates: Vec<&Token> =
        tokens.iter().filter(|token| (token.kind == TokenKind::Sigil) == wants_sigil).collect();
    let last = terms.len().saturating_sub(1);
    let fits = move |token: &Token, place: usize| {
        terms.get(place).is_some_and(|term| {
            let is_other = || others.binary_search_by(|(other, _)| other.as_str().cmp(&token.term)).is_ok();
            token.term == *term || is_other() || (prefix && place == last && token.term.starts_with(term.as_str()))
        })
    };
    (0..candidates.len()).filter_map(move |start| {
        let run = candidates.get(start..start + terms.len())?;
        let matches = run.iter().enumerate().all(|(place, token)| fits(token, place));
        let (first, last) = (run.first()?, run.last()?);
        matches.then(|| first.range.start..highlight_end(text, last, terms, prefix))
    })
}

/// Where a highlight ends: fewer characters than an n-gram has are only its beginning.
fn highlight_end(text: &str, last: &Token, terms: &[String], prefix: bool) -> usize {
    let wanted = terms.last().map_or(0, |term| term.chars().count());
    if !prefix || last.kind != TokenKind::Gram || wanted >= last.term.chars().count() {
        return last.range.end;
    }
    let gram = text.get(last.range.clone()).unwrap_or_default();
    // A kana and its sound mark are one character of the term: count as tokens do.
    let end = tokenize(gram).get(wanted).map_or(gram.len(), |rest| rest.range.start);
    last.range.start + end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;

    fn check(query: &str, text: &str, expected: &[&str]) {
        let matcher = Matcher::new(&parse(query, true).query);
        let found: Vec<_> = matcher.ranges(text).into_iter().map(|(range, _)| &text[range]).collect();
        assert_eq!(found, expected, "{query:?} in {text:?}");
    }

    #[test]
    fn words_as_written_are_found() {
        check("ёж", "Ежи и ЁЖ", &["Ежи", "ЁЖ"]);
        check("union state ", "The Union State of states", &["Union", "State"]);
        check("\"union state\"", "state union, Union  state!", &["Union  state"]);
        check("#uni", "#UnionState union", &["#UnionState"]);
        check("uni", "#UnionState", &["UnionState"]);
        check("-union ", "union", &[]);
        check("e-mail", "my E-Mails", &["E-Mails"]);
    }

    #[test]
    fn characters_without_spaces_are_found_where_they_stand() {
        check("港", "在港口。港", &["港", "港"]);
        check("港口", "在港口里", &["港口"]);
        check("港口新", "在港口新闻", &["港口新"]);
    }
}
