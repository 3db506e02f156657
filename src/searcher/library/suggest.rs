//! What corrections need of a library.

use std::cell::Cell;

use super::Library;
use super::page::found_in;
use crate::collector::Sort;
use crate::format::Fetch;
use crate::index::reader::LeafPart;
use crate::query::{DocSet, Query};
use crate::searcher::SearchRequest;
use crate::searcher::suggest::Words;

impl Words for Library {
    fn is_related(&self, a: &str, b: &str) -> bool {
        self.segments.iter().any(|segment| segment.archive.is_related(a, b))
    }

    fn num_found(&self, query: Query) -> Fetch<usize> {
        self.num_in_each(&vec![query; self.segments.len()])
    }

    fn num_of_forms(&self, query: Query, typing: bool) -> Fetch<usize> {
        let mut queries = vec![query; self.segments.len()];
        if !self.expand(&mut queries, typing)? {
            return Ok(None);
        }
        self.num_in_each(&queries)
    }

    fn leaves(&self, prefix: &str) -> Fetch<Vec<LeafPart>> {
        let leaves =
            self.each(|_, segment| segment.archive.index().leaves_with_prefix(segment.archive.container(), prefix))?;
        Ok(leaves.map(|leaves| leaves.into_iter().flatten().collect()))
    }

    fn total(&self, request: &SearchRequest) -> Fetch<usize> {
        let counting = SearchRequest { limit: 0, facet_limit: 0, sort: Sort::New, ..request.clone() };
        Ok(self.search_page(&counting)?.map(|page| page.total))
    }
}

impl Library {
    /// How many records answer, in each segment its query.
    fn num_in_each(&self, queries: &[Query]) -> Fetch<usize> {
        let found = found_in(&self.evaluators(&[]), queries, &Cell::new(usize::MAX))?;
        Ok(found.map(|found| found.iter().map(DocSet::len).sum()))
    }
}
