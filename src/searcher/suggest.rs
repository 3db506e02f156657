//! Corrected queries, where a query has a rare word: *did you mean …?*
//!
//! A word that few records hold as it is typed is held against the words of the dictionary that begin with the same letter, with
//! the first two letters swapped, or without the first one: few leaves. Only where nothing is found so is the whole dictionary
//! read. Nothing is searched for silently: a correction is offered beside the hits, with the number of records that it finds.
//!
//! A misspelled word has a stem too, and so it may have hits; but so has a word well spelled that no record holds in just this
//! form. Where a word's other forms are found, a correction is one edit away. If it is of the same stem, it is held against the
//! word as typed alone, and must end alike: inflection changes the end. If not, it is held against all forms of the word.

use super::archive::{Archive, FEW_HITS};
use super::request::{Match, SearchPage, SearchRequest, Suggestion};
use crate::format::{Fetch, gather};
use crate::index::reader::LeafPart;
use crate::query::correct::{Correction, Corrector};
use crate::query::expand::expand;
use crate::query::{Query, parse, print};
use crate::text::stem::stem;

/// Corrections of a word that are tried.
const CORRECTIONS: usize = 3;

/// A word has to be this much rarer than its correction.
const RARER: u32 = 4;

/// Letters at the end that a word and its correction share where they have the same stem: what differs there alone is another
/// form, which the word finds anyway.
const SAME_END: usize = 2;

/// What corrections are looked for in: an archive, or several.
pub(super) trait Words {
    /// How many records answer a query of one word, just as it is.
    fn num_found(&self, query: Query) -> Fetch<usize>;

    /// How many records answer it in any of its forms.
    fn num_of_forms(&self, query: Query, typing: bool) -> Fetch<usize>;

    /// Whether two words have the same stem in a language of the records.
    fn is_related(&self, a: &str, b: &str) -> bool;

    /// The leaves of the dictionary that hold forms which begin like this.
    fn leaves(&self, prefix: &str) -> Fetch<Vec<LeafPart>>;

    /// How many records answer a request.
    fn total(&self, request: &SearchRequest) -> Fetch<usize>;
}

impl Words for Archive {
    fn num_found(&self, query: Query) -> Fetch<usize> {
        Ok(self.evaluator().docs(&query)?.map(|docs| docs.len()))
    }

    fn num_of_forms(&self, mut query: Query, typing: bool) -> Fetch<usize> {
        let Some(_) = expand(&mut query, self.index(), self.container(), typing)? else { return Ok(None) };
        self.num_found(query)
    }

    fn is_related(&self, a: &str, b: &str) -> bool {
        self.index()
            .root
            .languages
            .iter()
            .any(|lang| stem(lang, a).is_some_and(|stem_of_a| stem(lang, b) == Some(stem_of_a)))
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

/// The page with corrected queries, where it is asked for them.
pub(super) fn with_suggestions(words: &impl Words, mut page: SearchPage, request: &SearchRequest) -> Fetch<SearchPage> {
    if request.suggestions == 0 {
        return Ok(Some(page));
    }
    let query = parse(&request.query, request.typing).query;
    let Some(queries) =
        (Correcting { words, is_thorough: page.total <= FEW_HITS }).corrected(&query, request.typing)?
    else {
        return Ok(None);
    };
    // What has but some of the words is not what anybody meant.
    let matching = if request.matching == Match::AllOrAny { Match::All } else { request.matching };
    let totals = gather(queries.iter().map(|query| {
        let asked = SearchRequest { query: query.clone(), typing: false, matching, ..request.clone() };
        words.total(&asked)
    }))?;
    let Some(totals) = totals else { return Ok(None) };
    let found = queries.into_iter().zip(totals).map(|(query, total)| Suggestion { query, total });
    page.suggestions = found.filter(|found| found.total > 0).take(request.suggestions).collect();
    Ok(Some(page))
}

/// Corrects queries by the words of an archive.
struct Correcting<'a, W> {
    words: &'a W,
    /// Whether the whole dictionary may be read, for a wrong first letter: there is little else to show then.
    is_thorough: bool,
}

impl<W: Words> Correcting<'_, W> {
    /// Queries with their rare words corrected: each correction of the first such word, with the best of the others.
    fn corrected(&self, query: &Query, typing: bool) -> Fetch<Vec<String>> {
        let leaves = query.positive_leaves();
        let (words, leaves): (Vec<&str>, Vec<&Query>) =
            leaves.into_iter().filter_map(|leaf| Some((word_of(leaf)?, leaf))).unzip();
        let found = gather(words.iter().zip(leaves).map(|(word, leaf)| self.corrections(word, leaf, typing)))?;
        let Some(found) = found else { return Ok(None) };
        let corrected: Vec<(&&str, &Vec<Correction>)> =
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
    fn corrections(&self, word: &str, leaf: &Query, typing: bool) -> Fetch<Vec<Correction>> {
        let Some(corrector) = Corrector::new(word) else { return Ok(Some(Vec::new())) };
        let Some(num_found) = self.words.num_found(leaf.clone())? else { return Ok(None) };
        if num_found > FEW_HITS {
            return Ok(Some(Vec::new()));
        }
        let Some(num_of_forms) = self.words.num_of_forms(leaf.clone(), typing)? else { return Ok(None) };
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
        let is_meant = |found: &Correction| {
            let is_form = self.words.is_related(word, &found.form);
            let rival = if is_form { num_found } else { num_of_forms };
            found.doc_freq >= (rival as u32).saturating_mul(RARER)
                && (num_of_forms == 0 || found.distance == 1)
                && (!is_form || ends_alike(word, &found.form))
        };
        let Some(found) = self.offered(corrector.clone(), &prefixes)? else { return Ok(None) };
        let found =
            if found.is_empty() && self.is_thorough { self.offered(corrector, &[String::new()])? } else { Some(found) };
        Ok(found.map(|found| found.into_iter().filter(is_meant).take(CORRECTIONS).collect()))
    }

    /// What a corrector finds among the words that begin with these prefixes.
    fn offered(&self, mut corrector: Corrector, prefixes: &[String]) -> Fetch<Vec<Correction>> {
        let leaves = gather(prefixes.iter().map(|prefix| self.words.leaves(prefix)))?;
        let Some(leaves) = leaves else { return Ok(None) };
        for (_, leaf, places) in leaves.iter().flatten() {
            places.clone().for_each(|place| corrector.offer(leaf.form(place), leaf.doc_freq(place)));
        }
        // Some of them may be forms of the word.
        Ok(Some(corrector.finish(CORRECTIONS * 4)))
    }
}

/// Whether the last [`SAME_END`] letters are the same.
fn ends_alike(a: &str, b: &str) -> bool {
    a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b).count() >= SAME_END
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
