//! [`Query`] → the set of records that answer it, and their scores.

use std::cell::Cell;

use super::ast::Query;
use super::bm25::Bm25;
use super::docset::DocSet;
use super::matcher::phrase_occurs;
use crate::format::{Container, Fetch, gather};
use crate::index::{IndexReader, Posting};
use crate::record::DocId;
use crate::store::StoreReader;

/// What evaluation reads.
#[derive(Debug)]
pub struct Evaluator<'a> {
    /// Blocks.
    pub container: &'a Container,
    /// Terms and postings.
    pub index: &'a IndexReader,
    /// Texts, for phrases.
    pub store: &'a StoreReader,
    /// Records that could not be checked, since their block is lost; they count as no answer, and the total is a bound.
    pub unchecked: Cell<usize>,
}

impl<'a> Evaluator<'a> {
    /// Reads from these.
    #[must_use]
    pub fn new(container: &'a Container, index: &'a IndexReader, store: &'a StoreReader) -> Self {
        Self { container, index, store, unchecked: Cell::new(0) }
    }

    fn num_docs(&self) -> u32 {
        self.store.num_docs()
    }

    /// The records that answer a query.
    pub fn docs(&self, query: &Query) -> Fetch<DocSet> {
        self.docs_or_doubtful(query, false)
    }

    /// The records that answer a query. Those that cannot be checked are among them if `doubtful`: under a minus they must be,
    /// so that what is left is what surely answers, and a total stays a lower bound.
    fn docs_or_doubtful(&self, query: &Query, doubtful: bool) -> Fetch<DocSet> {
        match query {
            Query::All => Ok(Some(DocSet::from_range(0..self.num_docs()))),
            Query::Term(term) => self.term_docs(term),
            Query::Prefix(prefix) => self.prefix_docs(prefix),
            Query::Phrase { .. } => self.and_docs(std::slice::from_ref(query), doubtful),
            Query::And(parts) => self.and_docs(parts, doubtful),
            Query::Or(parts) => Ok(self.each(parts, doubtful)?.map(|sets| DocSet::union(&sets))),
            Query::Not(inner) => {
                let all = DocSet::from_range(0..self.num_docs());
                Ok(self.docs_or_doubtful(inner, !doubtful)?.map(|docs| all.difference(&docs)))
            }
        }
    }

    /// Sets of every part; asks for the blocks of all of them before it waits for any.
    fn each<'q>(&self, parts: impl IntoIterator<Item = &'q Query>, doubtful: bool) -> Fetch<Vec<DocSet>> {
        gather(parts.into_iter().map(|part| self.docs_or_doubtful(part, doubtful)))
    }

    /// Phrases are checked on texts, so they come last, all of them at once, on what their words and the other parts left.
    fn and_docs(&self, parts: &[Query], doubtful: bool) -> Fetch<DocSet> {
        let is_phrase = |part: &&Query| matches!(part, Query::Phrase { .. });
        let (phrases, others): (Vec<_>, Vec<_>) = parts.iter().partition(is_phrase);
        let (negated, positive): (Vec<_>, Vec<_>) = others.into_iter().partition(|part| matches!(part, Query::Not(_)));
        let excluded =
            negated.iter().filter_map(|part| if let Query::Not(inner) = part { Some(&**inner) } else { None });
        let candidates = gather(phrases.iter().map(|phrase| self.phrase_candidates(phrase)))?;
        let (positive, excluded) = (self.each(positive, doubtful)?, self.each(excluded, !doubtful)?);
        let (Some(mut sets), Some(excluded), Some(candidates)) = (positive, excluded, candidates) else {
            return Ok(None);
        };
        sets.extend(candidates);
        let docs = DocSet::intersection(&sets).unwrap_or_else(|| DocSet::from_range(0..self.num_docs()));
        let docs = excluded.iter().fold(docs, |docs, set| docs.difference(set));
        Ok(if phrases.is_empty() { Some(docs) } else { self.with_phrases(&docs, &phrases, doubtful) })
    }

    /// The records that hold every word of a phrase.
    fn phrase_candidates(&self, phrase: &Query) -> Fetch<DocSet> {
        let Query::Phrase { terms, prefix } = phrase else { return Ok(Some(DocSet::default())) };
        let last = terms.len().saturating_sub(1);
        let sets = terms
            .iter()
            .enumerate()
            .map(|(place, term)| if *prefix && place == last { self.prefix_docs(term) } else { self.term_docs(term) });
        Ok(gather(sets)?.map(|sets| DocSet::intersection(&sets).unwrap_or_default()))
    }

    /// Those of these records in whose texts all the phrases stand; `None` while texts are missing.
    fn with_phrases(&self, docs: &DocSet, phrases: &[&Query], doubtful: bool) -> Option<DocSet> {
        let mut kept = Vec::new();
        let mut missing = false;
        for doc in docs.as_slice() {
            match self.store.record(self.container, *doc) {
                Ok(None) => missing = true,
                Ok(Some(record)) => {
                    let texts = [record.title.as_deref().unwrap_or_default(), &record.text];
                    let occurs = |phrase: &&Query| match phrase {
                        Query::Phrase { terms, prefix } => phrase_occurs(texts, terms, *prefix),
                        _ => false,
                    };
                    if phrases.iter().all(occurs) {
                        kept.push(*doc);
                    }
                }
                Err(_) => {
                    self.unchecked.set(self.unchecked.get() + 1);
                    if doubtful {
                        kept.push(*doc);
                    }
                }
            }
        }
        (!missing).then(|| DocSet::from_sorted(kept))
    }

    fn term_docs(&self, term: &str) -> Fetch<DocSet> {
        Ok(self.term_postings(term)?.map(|postings| docs_of(&postings)))
    }

    fn prefix_docs(&self, prefix: &str) -> Fetch<DocSet> {
        Ok(self
            .prefix_postings(prefix)?
            .map(|lists| DocSet::union(&lists.iter().map(|list| docs_of(list)).collect::<Vec<_>>())))
    }

    fn term_postings(&self, term: &str) -> Fetch<Vec<Posting>> {
        match self.index.term(self.container, term)? {
            None => Ok(None),
            Some(None) => Ok(Some(Vec::new())),
            Some(Some(info)) => self.index.postings(self.container, &info, self.num_docs()),
        }
    }

    fn prefix_postings(&self, prefix: &str) -> Fetch<Vec<Vec<Posting>>> {
        let Some(terms) = self.index.terms_with_prefix(self.container, prefix)? else { return Ok(None) };
        let lists = terms.iter().map(|(_, info)| self.index.postings(self.container, info, self.num_docs()));
        gather(lists)
    }

    /// BM25 score of each of these records, which answer the query, summed over its leaves. A prefix counts as one term, the
    /// term that is exactly it counts once more, so that exact forms come first.
    pub fn scores(&self, query: &Query, docs: &DocSet) -> Fetch<Vec<f64>> {
        let leaves = query.positive_leaves();
        let norms = self.index.norms(self.container, docs.as_slice())?;
        let lists = gather(leaves.iter().map(|leaf| self.scored_lists(leaf)))?;
        let (Some(norms), Some(lists)) = (norms, lists) else { return Ok(None) };
        let mut scores = vec![0.0; docs.len()];
        for list in lists.iter().flatten() {
            let bm25 = Bm25::new(list.len(), self.num_docs(), self.index.num_tokens);
            let mut postings = list.iter().peekable();
            for ((doc, norm), score) in docs.as_slice().iter().zip(&norms).zip(&mut scores) {
                while postings.next_if(|posting| posting.doc < *doc).is_some() {}
                if let Some(posting) = postings.next_if(|posting| posting.doc == *doc) {
                    *score += bm25.score(posting.term_freq, *norm);
                }
            }
        }
        Ok(Some(scores))
    }

    /// The lists of postings that a leaf is scored by.
    fn scored_lists(&self, leaf: &Query) -> Fetch<Vec<Vec<Posting>>> {
        let exact = |term: &str| Ok(self.term_postings(term)?.map(|list| vec![list]));
        let prefix = |term: &str| {
            let (whole, lists) = (self.term_postings(term)?, self.prefix_postings(term)?);
            Ok(whole.zip(lists).map(|(whole, lists)| vec![whole, merge(&lists)]))
        };
        match leaf {
            Query::Term(term) => exact(term),
            Query::Prefix(term) => prefix(term),
            Query::Phrase { terms, prefix: is_prefix } => {
                let last = terms.len().saturating_sub(1);
                let lists = terms.iter().enumerate();
                let lists =
                    lists.map(|(place, term)| if *is_prefix && place == last { prefix(term) } else { exact(term) });
                Ok(gather(lists)?.map(|lists| lists.concat()))
            }
            _ => Ok(Some(Vec::new())),
        }
    }
}

fn docs_of(postings: &[Posting]) -> DocSet {
    DocSet::from_sorted(postings.iter().map(|posting| posting.doc).collect())
}

/// Postings of several terms as those of one.
fn merge(lists: &[Vec<Posting>]) -> Vec<Posting> {
    let mut coded: Vec<u64> = Vec::new();
    for posting in lists.iter().flatten() {
        coded.push(u64::from(posting.doc) << 32 | u64::from(posting.term_freq));
    }
    coded.sort_unstable();
    let mut merged: Vec<Posting> = Vec::new();
    for code in coded {
        let posting = Posting { doc: (code >> 32) as DocId, term_freq: code as u32 };
        match merged.last_mut() {
            Some(last) if last.doc == posting.doc => last.term_freq = last.term_freq.saturating_add(posting.term_freq),
            _ => merged.push(posting),
        }
    }
    merged
}
