//! How well records answer.

use std::rc::Rc;

use super::Evaluator;
use crate::format::{Fetch, gather};
use crate::index::TermInfo;
use crate::index::leaf::MIN_PREFIX_ENTRIES;
use crate::query::bm25;
use crate::query::{DocSet, Forms, Query};

/// Most entries that a prefix is scored by one by one. One that stands for more counts as a single term that stands once in each
/// of its records: which of its words a record holds says little then, and reading all their weights is dear.
pub const MAX_SCORED_ENTRIES: usize = 16;

const _: () = assert!(MAX_SCORED_ENTRIES < MIN_PREFIX_ENTRIES, "what has a list of its own is not scored one by one");

/// Records, and the code of the weight of each; no codes where each counts as if it were of average length and held the term
/// once.
type ScoredList = (DocSet, Option<Rc<[u8]>>);

/// The part of a word's score that only the form asked for has, so that it comes first.
const EXACT_SHARE: f64 = 0.2;

/// How the lists of a term count where a record stands in several of them.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Several {
    /// By the best, as the words that a prefix may stand for.
    Best,
    /// All together, as the forms of one word.
    Sum,
}

/// Lists that are scored as one term.
pub struct Scored {
    /// Number of records that hold it.
    pub doc_freq: usize,
    weight: f64,
    several: Several,
    lists: Vec<ScoredList>,
    /// Which of the query's leaves of words it is of.
    #[cfg_attr(not(feature = "more"), expect(dead_code, reason = "what is explained is explained by the whole core"))]
    leaf: usize,
}

#[cfg(feature = "more")]
impl Scored {
    /// Which of the query's leaves of words it is of.
    #[must_use]
    pub fn leaf(&self) -> usize {
        self.leaf
    }
}

/// What each leaf of words is worth, by the terms that it is scored by, among so many records.
#[cfg(feature = "more")]
#[must_use]
pub fn worths(terms: &[Scored], num_docs: u32) -> Vec<f64> {
    let mut worths = vec![0.0; terms.iter().map(|term| term.leaf + 1).max().unwrap_or_default()];
    for term in terms {
        if let Some(worth) = worths.get_mut(term.leaf) {
            *worth += term.weight * bm25::idf(term.doc_freq, num_docs);
        }
    }
    worths
}

impl Evaluator<'_> {
    /// Score of each of these records, which answer the query, summed over its leaves.
    pub fn scores(&self, query: &Query, docs: &DocSet) -> Fetch<Vec<f64>> {
        let Some(terms) = self.scored_terms(query)? else { return Ok(None) };
        Ok(Some(self.score(&terms, docs, self.num_docs(), &self.index.frequencies())))
    }

    /// The terms that a query is scored by: as many, and in the same order, in every archive. A prefix counts as one term, the
    /// term that is exactly it counts once more, so that exact forms come first.
    pub fn scored_terms(&self, query: &Query) -> Fetch<Vec<Scored>> {
        let leaves = query.positive_leaves();
        let leaves = leaves.iter().filter(|leaf| leaf.is_of_words());
        let terms = gather(leaves.enumerate().map(|(place, leaf)| {
            let why = || format!("how well {} answers", super::print(leaf));
            let terms = self.container.because(why, || self.scored(leaf))?;
            Ok(terms.map(|terms| terms.into_iter().map(move |term| Scored { leaf: place, ..term })))
        }))?;
        Ok(terms.map(|terms| terms.into_iter().flatten().collect()))
    }

    /// Score of each of these records, which answer the query, by its terms, among so many records, with what the codes of weights
    /// stand for among these.
    pub fn score(&self, terms: &[Scored], docs: &DocSet, num_docs: u32, frequencies: &[f64; 256]) -> Vec<f64> {
        let mut scores = vec![0.0; docs.len()];
        for term in terms {
            let idf = term.weight * bm25::idf(term.doc_freq, num_docs);
            let is_sum = term.several == Several::Sum;
            // Frequencies of forms add up before they saturate.
            let table = frequencies.map(|frequency| if is_sum { frequency } else { idf * bm25::saturated(frequency) });
            let once = if is_sum { 1.0 } else { idf * bm25::saturated(1.0) };
            let is_alone = term.lists.len() == 1 && !is_sum;
            let mut gathered = if is_alone { Vec::new() } else { vec![0.0; docs.len()] };
            let target = if is_alone { &mut scores } else { &mut gathered };
            for (list, codes) in &term.lists {
                let score_at = |place: usize| match codes {
                    Some(codes) => codes.get(place).and_then(|code| table.get(usize::from(*code))).copied(),
                    None => Some(once),
                };
                docs.join(list, |_, place, list_place| {
                    if let (Some(slot), Some(score)) = (target.get_mut(place), score_at(list_place)) {
                        *slot = if is_alone || is_sum { *slot + score } else { score.max(*slot) };
                    }
                });
            }
            for (score, gathered) in scores.iter_mut().zip(gathered).filter(|(_, gathered)| *gathered > 0.0) {
                *score += if is_sum { idf * bm25::saturated(gathered) } else { gathered };
            }
        }
        scores
    }

    /// The terms that a leaf is scored by.
    fn scored(&self, leaf: &Query) -> Fetch<Vec<Scored>> {
        match leaf {
            Query::Word(term) | Query::Literal(term) => Ok(self.scored_term(term)?.map(|term| vec![term])),
            Query::Forms(forms) => self.scored_forms(forms),
            Query::Prefix(term) => self.scored_prefix(term),
            Query::Phrase { terms, prefix: is_prefix, .. } => {
                let last = terms.len().saturating_sub(1);
                let terms = terms.iter().enumerate().map(|(place, term)| {
                    if *is_prefix && place == last {
                        self.scored_prefix(term)
                    } else {
                        Ok(self.scored_term(term)?.map(|term| vec![term]))
                    }
                });
                Ok(gather(terms)?.map(|terms| terms.into_iter().flatten().collect()))
            }
            _ => Ok(Some(Vec::new())),
        }
    }

    fn scored_prefix(&self, prefix: &str) -> Fetch<Vec<Scored>> {
        let whole = self.scored_term(prefix)?;
        let docs = self.prefix_docs(prefix)?;
        let Some(is_short) = self.is_short(prefix)? else { return Ok(None) };
        let infos = if is_short { self.index.infos_with_prefix(self.container, prefix)? } else { Some(Vec::new()) };
        let Some(infos) = infos else { return Ok(None) };
        let is_scored = is_short && infos.len() <= MAX_SCORED_ENTRIES;
        let lists = if is_scored { self.lists(&infos)? } else { Some(Vec::new()) };
        let (Some(whole), Some(docs), Some(mut lists)) = (whole, docs, lists) else { return Ok(None) };
        let doc_freq = self.count(&docs);
        if !is_scored {
            lists.push((docs, None));
        }
        Ok(Some(vec![whole, Scored { doc_freq, lists, weight: 1.0, several: Several::Best, leaf: 0 }]))
    }

    /// Whether a prefix can be one of few entries: what has a list of its own, or a whole leaf between its ends, stands for more
    /// than are scored one by one.
    fn is_short(&self, prefix: &str) -> Fetch<bool> {
        if self.is_many(prefix) {
            return Ok(Some(false));
        }
        let Some(list) = self.index.prefix_list(self.container, prefix)? else { return Ok(None) };
        if list.is_some() {
            return Ok(Some(false));
        }
        let ends = self.index.prefix_ends(self.container, prefix)?;
        Ok(ends.map(|ends| ends.is_none_or(|(first, last)| last.leaf().saturating_sub(first.leaf()) < 2)))
    }

    /// A word in all its forms is one term, as frequent as all of them together: a rare inflection is no rarer a word. The form
    /// asked for counts once more, by [`EXACT_SHARE`]; so does, where the word may go on, what begins with it.
    fn scored_forms(&self, forms: &Forms) -> Fetch<Vec<Scored>> {
        let of_forms = gather(forms.all().map(|form| self.index.infos(self.container, form)))?;
        let open =
            if forms.prefix { self.scored_prefix(&forms.word)?.map(|mut terms| terms.pop()) } else { Some(None) };
        let docs = self.forms_docs(&Forms { prefix: false, ..forms.clone() })?;
        let exact = self.scored_term(&forms.word)?;
        // The lists of all forms are asked for together with those of the word itself.
        let lists = match of_forms {
            Some(of_forms) => self.lists(&of_forms.concat())?,
            None => None,
        };
        let (Some(open), Some(docs), Some(exact), Some(lists)) = (open, docs, exact, lists) else { return Ok(None) };
        let doc_freq = self.count(&docs);
        let together = Scored { doc_freq, weight: 1.0 - EXACT_SHARE, several: Several::Sum, lists, leaf: 0 };
        let exact = Scored { doc_freq, weight: EXACT_SHARE, ..exact };
        Ok(Some([together, exact].into_iter().chain(open).collect()))
    }

    fn scored_term(&self, term: &str) -> Fetch<Scored> {
        let Some(infos) = self.index.infos(self.container, term)? else { return Ok(None) };
        Ok(self.lists(&infos)?.map(|lists| {
            let doc_freq = lists.iter().map(|(docs, _)| self.count(docs)).sum();
            Scored { doc_freq, lists, weight: 1.0, several: Several::Best, leaf: 0 }
        }))
    }

    fn lists(&self, infos: &[TermInfo]) -> Fetch<Vec<ScoredList>> {
        gather(infos.iter().map(|info| {
            let (docs, codes) = (self.index.docs(self.container, info)?, self.index.weights(self.container, info)?);
            Ok(docs.zip(codes).map(|(docs, codes)| (docs, Some(codes))))
        }))
    }
}
