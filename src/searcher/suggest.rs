//! Corrected queries, where a query finds little: *did you mean …?*
//!
//! A word that few records hold, in any of its forms, is held against the words of the dictionary that begin with the same letter,
//! with the first two letters swapped, or without the first one: few leaves. Only where nothing is found so is the whole
//! dictionary read. Nothing is searched for silently: a correction is offered, with the number of records that it finds.

use super::archive::{Archive, FEW_HITS};
use super::request::{SearchPage, SearchRequest, Suggestion};
use crate::format::{Fetch, gather};
use crate::index::reader::LeafPart;
use crate::query::correct::{Correction, Corrector};
use crate::query::expand::expand;
use crate::query::{Query, parse, print};

/// Corrections of a word that are tried.
const CORRECTIONS: usize = 3;

/// A word has to be this much rarer than its correction.
const RARER: u32 = 4;

/// What corrections are looked for in: an archive, or several.
pub(super) trait Words {
    /// How many records answer a query of one word, which may go on where the reader is typing.
    fn num_found(&self, query: Query, typing: bool) -> Fetch<usize>;

    /// The leaves of the dictionary that hold forms which begin like this.
    fn leaves(&self, prefix: &str) -> Fetch<Vec<LeafPart>>;

    /// How many records answer a request.
    fn total(&self, request: &SearchRequest) -> Fetch<usize>;
}

impl Words for Archive {
    fn num_found(&self, mut query: Query, typing: bool) -> Fetch<usize> {
        let Some(_) = expand(&mut query, self.index(), self.container(), typing)? else { return Ok(None) };
        Ok(self.evaluator().docs(&query)?.map(|docs| docs.len()))
    }

    fn leaves(&self, prefix: &str) -> Fetch<Vec<LeafPart>> {
        let why = || {
            if prefix.is_empty() { "corrections".to_owned() } else { format!("corrections that begin with {prefix}") }
        };
        self.container().because(why, || self.index().leaves_with_prefix(self.container(), prefix))
    }

    fn total(&self, request: &SearchRequest) -> Fetch<usize> {
        Self::total(self, request)
    }
}

/// The page with corrected queries, where it is asked for them and has few hits.
pub(super) fn with_suggestions(words: &impl Words, mut page: SearchPage, request: &SearchRequest) -> Fetch<SearchPage> {
    if request.suggestions == 0 || page.total > FEW_HITS {
        return Ok(Some(page));
    }
    let query = parse(&request.query, request.typing).query;
    let Some(queries) = Correcting(words).corrected(&query, request.typing)? else { return Ok(None) };
    let totals = gather(queries.iter().map(|query| {
        let asked = SearchRequest { query: query.clone(), typing: false, ..request.clone() };
        words.total(&asked)
    }))?;
    let Some(totals) = totals else { return Ok(None) };
    let found = queries.into_iter().zip(totals).map(|(query, total)| Suggestion { query, total });
    page.suggestions = found.filter(|found| found.total > page.total).take(request.suggestions).collect();
    Ok(Some(page))
}

/// Corrects queries by the words of an archive.
struct Correcting<'a, W>(&'a W);

impl<W: Words> Correcting<'_, W> {
    /// Queries with their rare words corrected: each correction of the first such word, with the best of the others.
    fn corrected(&self, query: &Query, typing: bool) -> Fetch<Vec<String>> {
        let words: Vec<String> = query.positive_leaves().into_iter().filter_map(word_of).map(str::to_owned).collect();
        let found = gather(words.iter().map(|word| self.corrections(word, typing)))?;
        let Some(found) = found else { return Ok(None) };
        let corrected: Vec<(&String, &Vec<Correction>)> =
            words.iter().zip(&found).filter(|(_, found)| !found.is_empty()).collect();
        let Some(((first, choices), others)) = corrected.split_first() else { return Ok(Some(Vec::new())) };
        let mut queries: Vec<String> = Vec::new();
        for choice in *choices {
            let mut query = query.clone();
            replace(&mut query, first, &choice.form);
            for (word, found) in others {
                found.iter().take(1).for_each(|best| replace(&mut query, word, &best.form));
            }
            queries.push(print(&query));
        }
        Ok(Some(queries))
    }

    /// Corrections of a word that few records hold; none of one that is frequent enough.
    fn corrections(&self, word: &str, typing: bool) -> Fetch<Vec<Correction>> {
        let Some(corrector) = Corrector::new(word) else { return Ok(Some(Vec::new())) };
        let query = if typing { Query::Prefix(word.to_owned()) } else { Query::Word(word.to_owned()) };
        let Some(num_found) = self.0.num_found(query, typing)? else { return Ok(None) };
        if num_found > FEW_HITS {
            return Ok(Some(Vec::new()));
        }
        let letters: Vec<char> = word.chars().collect();
        let mut prefixes: Vec<String> = match letters.as_slice() {
            [first, second, third, ..] => {
                vec![first.to_string(), format!("{second}{first}"), format!("{second}{third}")]
            }
            _ => Vec::new(),
        };
        // Each word once.
        prefixes.dedup();
        let first = prefixes.first().cloned().unwrap_or_default();
        prefixes.retain(|prefix| *prefix == first || !prefix.starts_with(&first));
        let Some(found) = self.offered(corrector.clone(), &prefixes)? else { return Ok(None) };
        let found = if found.is_empty() { self.offered(corrector, &[String::new()])? } else { Some(found) };
        let is_frequent = |found: &Correction| found.doc_freq >= (num_found as u32).saturating_mul(RARER);
        Ok(found.map(|found| found.into_iter().filter(is_frequent).collect()))
    }

    /// What a corrector finds among the words that begin with these prefixes.
    fn offered(&self, mut corrector: Corrector, prefixes: &[String]) -> Fetch<Vec<Correction>> {
        let leaves = gather(prefixes.iter().map(|prefix| self.0.leaves(prefix)))?;
        let Some(leaves) = leaves else { return Ok(None) };
        for (_, leaf, places) in leaves.iter().flatten() {
            places.clone().for_each(|place| corrector.offer(leaf.form(place), leaf.doc_freq(place)));
        }
        Ok(Some(corrector.finish(CORRECTIONS)))
    }
}

/// The word that a leaf asks for, where it can be misspelled.
fn word_of(leaf: &Query) -> Option<&str> {
    match leaf {
        Query::Word(word) | Query::Prefix(word) => Some(word),
        _ => None,
    }
}

/// Puts another word in the place of one, wherever it stands but under a minus.
fn replace(query: &mut Query, word: &str, by: &str) {
    match query {
        Query::And(parts) | Query::Or(parts) => parts.iter_mut().for_each(|part| replace(part, word, by)),
        leaf if word_of(leaf) == Some(word) => *leaf = Query::Word(by.to_owned()),
        _ => {}
    }
}
