//! What a query asks for, before records are looked for: its order, the word at its end, and what it becomes where not all of its
//! words can be had.

use super::request::{Match, SearchRequest};
use crate::collector::Sort;
use crate::query::{Parsed, Problem, Query, parse};
use crate::text::tokenize;
use crate::text::tokenizer::TokenKind;

/// A request as it is searched for. `Q` is its query, or the queries of several segments, which differ by their fields alone.
#[cfg_attr(feature = "more", expect(clippy::struct_excessive_bools, reason = "none follows from another"))]
pub(super) struct Asked<Q> {
    /// Bound to fields, its words in all their forms.
    pub(super) query: Q,
    pub(super) sort: Sort,
    /// Whether the query itself asks for an order.
    names_order: bool,
    pub(super) matching: Match,
    /// Whether records are shown that have not all of the words, since none has.
    pub(super) relaxed: bool,
    /// Whether of posts that say the same the first is shown alone.
    #[cfg(feature = "more")]
    pub(super) folds: bool,
    pub(super) problem: Option<Problem>,
    /// Whether it has words that no record holds and that only the whole core can stem.
    pub(super) has_unseen: bool,
}

impl<Q> Asked<Q> {
    /// What a request asks for beside its query: the query takes precedence over what stands beside it.
    pub(super) fn new(
        query: Q,
        mut parsed: Parsed,
        request: &SearchRequest,
        has_number: impl Fn(&str) -> bool,
    ) -> Self {
        let sort = order(request, &mut parsed, has_number);
        Self {
            query,
            sort,
            names_order: parsed.sort.is_some(),
            matching: matching(request, &parsed),
            relaxed: false,
            #[cfg(feature = "more")]
            folds: parsed.fold,
            problem: parsed.problem,
            has_unseen: false,
        }
    }

    /// Notes that no record has all of the words. The best match is wanted then, unless an order was asked for.
    pub(super) fn relax(&mut self) {
        self.relaxed = true;
        if self.sort == Sort::New && !self.names_order {
            self.sort = Sort::Relevance;
        }
    }
}

/// Whether all words must be there, as the query says, or else what stands beside it.
fn matching(request: &SearchRequest, parsed: &Parsed) -> Match {
    match parsed.any {
        Some(true) => Match::Any,
        Some(false) => Match::All,
        None => request.matching,
    }
}

/// Whether the last word of a query may go on.
pub(super) fn is_open(query: &str, typing: bool) -> bool {
    typing && !query.trim_end().ends_with('*')
}

/// The order asked for, in the query or beside it; a number that the archive does not have is said.
fn order(request: &SearchRequest, parsed: &mut Parsed, has_number: impl Fn(&str) -> bool) -> Sort {
    let asked = parsed.sort.as_ref().map(|(name, at)| (Sort::parse(name), *at));
    // What stands beside the query is at no place in it.
    for (sort, at) in asked.into_iter().chain([(request.sort.clone(), request.query.len())]) {
        match &sort {
            Sort::By { name, .. } if !has_number(name) => {
                let message = format!("there is no order by {name}");
                parsed.problem.get_or_insert(Problem { at, message });
            }
            _ => return sort,
        }
    }
    Sort::New
}

/// The last word of a query, where it may go on and is not a single letter, which begins too many.
pub(super) fn word_to_complete(query: &str) -> Option<String> {
    let parsed = parse(query, true).query;
    let leaves = parsed.positive_leaves();
    let Some(Query::Prefix(word)) = leaves.last() else { return None };
    (word.trim_start_matches(['#', '@']).chars().count() >= 2).then(|| word.clone())
}

/// Regular expressions that are none are words, which is said.
#[cfg(feature = "more")]
pub(super) fn scans_or_words(query: &mut Query, problem: &mut Option<Problem>, text: &str) {
    fn walk(query: &mut Query, text: &str, problem: &mut Option<Problem>) {
        match query {
            Query::And(parts) | Query::Or(parts) => parts.iter_mut().for_each(|part| walk(part, text, problem)),
            Query::Not(inner) => walk(inner, text, problem),
            Query::Pattern { source, .. } => {
                let source = source.clone();
                if let Err(message) = crate::query::scan::Scan::new(query) {
                    let at = text.find(source.as_str()).unwrap_or_default();
                    problem.get_or_insert(Problem { at, message });
                    *query = crate::query::parser::plain(&source, false);
                }
            }
            _ => {}
        }
    }
    walk(query, text, problem);
}

/// The query that asks for any of the words of the given one; what narrows goes on to narrow.
pub(super) fn any_of(query: Query) -> Query {
    match query {
        Query::And(parts) => {
            let narrows = |part: &Query| matches!(part, Query::Not(_)) || part.is_of_fields() || part.scans();
            let (negated, positive): (Vec<_>, Vec<_>) = parts.into_iter().partition(narrows);
            if positive.is_empty() {
                return Query::And(negated);
            }
            let any = Query::Or(positive.into_iter().map(loosened).collect());
            if negated.is_empty() { any } else { Query::And(std::iter::once(any).chain(negated).collect()) }
        }
        other => loosened(other),
    }
}

/// A sentence in a script without spaces is no phrase where any of its words will do, unless it was quoted: any of its n-grams does,
/// and any number or foreign word that stands in it.
fn loosened(query: Query) -> Query {
    let is_gram = |term: &String| tokenize(term).first().is_some_and(|token| token.kind == TokenKind::Gram);
    match query {
        Query::Phrase { mut terms, prefix, quoted: false } if terms.iter().any(is_gram) => {
            let open = if prefix { terms.pop() } else { None };
            let word = |term| if is_gram(&term) { Query::Literal(term) } else { Query::Word(term) };
            Query::Or(terms.into_iter().map(word).chain(open.map(Query::Prefix)).collect())
        }
        other => other,
    }
}
