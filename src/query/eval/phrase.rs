//! Words side by side.

use super::Evaluator;
use crate::format::{Fetch, gather};
use crate::query::matcher::phrase_occurs;
use crate::query::{DocSet, Query};

impl Evaluator<'_> {
    /// The records that hold every word of a phrase.
    pub(super) fn phrase_candidates(&self, phrase: &Query) -> Fetch<DocSet> {
        let Query::Phrase { terms, prefix } = phrase else { return Ok(Some(DocSet::default())) };
        let last = terms.len().saturating_sub(1);
        let sets = terms
            .iter()
            .enumerate()
            .map(|(place, term)| if *prefix && place == last { self.prefix_docs(term) } else { self.term_docs(term) });
        Ok(gather(sets)?.map(|sets| DocSet::intersection(&sets).unwrap_or_default()))
    }

    /// Those of these records in whose texts all the phrases stand; `None` while texts are missing.
    pub(super) fn with_phrases(&self, docs: &DocSet, phrases: &[&Query], doubtful: bool) -> Option<DocSet> {
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
}
