//! How well records answer.

use super::Evaluator;
use crate::format::{Fetch, gather};
use crate::index::Posting;
use crate::query::bm25::Bm25;
use crate::query::{DocSet, Query};
use crate::record::DocId;

impl Evaluator<'_> {
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
            Query::Word(term) | Query::Literal(term) => exact(term),
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
