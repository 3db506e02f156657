//! The lists of terms and of prefixes.

use super::Evaluator;
use crate::format::{Fetch, gather};
use crate::index::Posting;
use crate::query::DocSet;

impl Evaluator<'_> {
    pub(super) fn term_docs(&self, term: &str) -> Fetch<DocSet> {
        Ok(self.term_postings(term)?.map(|postings| docs_of(&postings)))
    }

    pub(super) fn prefix_docs(&self, prefix: &str) -> Fetch<DocSet> {
        Ok(self
            .prefix_postings(prefix)?
            .map(|lists| DocSet::union(&lists.iter().map(|list| docs_of(list)).collect::<Vec<_>>())))
    }

    pub(super) fn term_postings(&self, term: &str) -> Fetch<Vec<Posting>> {
        match self.index.term(self.container, term)? {
            None => Ok(None),
            Some(None) => Ok(Some(Vec::new())),
            Some(Some(info)) => self.index.postings(self.container, &info, self.num_docs()),
        }
    }

    pub(super) fn prefix_postings(&self, prefix: &str) -> Fetch<Vec<Vec<Posting>>> {
        let Some(terms) = self.index.terms_with_prefix(self.container, prefix)? else { return Ok(None) };
        let lists = terms.iter().map(|(_, info)| self.index.postings(self.container, info, self.num_docs()));
        gather(lists)
    }
}

fn docs_of(postings: &[Posting]) -> DocSet {
    DocSet::from_sorted(postings.iter().map(|posting| posting.doc).collect())
}
