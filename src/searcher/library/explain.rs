//! What a hit's score is made of, where several segments are searched as one.

use super::page::any_of_each;
use super::{Library, Segment};
use crate::error::Result;
use crate::format::{Fetch, gather};
use crate::index::weight;
use crate::query::Query;
use crate::query::eval::{Evaluator, Scored};
use crate::record::DocId;
use crate::searcher::explain::{Measure, ScoreParts, parts_of};
use crate::searcher::request::{Answer, SearchPage, SearchRequest};

impl Library {
    /// What the score of each hit of a page is made of; see [`Archive::explain`](crate::searcher::Archive::explain). Words are worth
    /// what they are among the records of all segments together.
    ///
    /// # Errors
    /// As there.
    pub fn explain(&self, request: &SearchRequest, page: &SearchPage) -> Result<Answer<Vec<ScoreParts>>> {
        match self.alone() {
            Some(archive) => archive.explain(request, page),
            None => Ok(self.answer(self.score_parts(request, page)?)),
        }
    }

    fn score_parts(&self, request: &SearchRequest, page: &SearchPage) -> Fetch<Vec<ScoreParts>> {
        if page.hits.iter().all(|hit| hit.score <= 0.0) {
            return Ok(Some(Vec::new()));
        }
        let Some(asked) = self.asked(request)? else { return Ok(None) };
        let queries = if page.relaxed { any_of_each(asked.query) } else { asked.query };
        let Some(many) = self.many_prefixes(&queries)? else { return Ok(None) };
        let evaluators = self.evaluators(&many);
        let Some(terms) = scored_terms(&evaluators, &queries)? else { return Ok(None) };
        let measure = Measure { num_docs: self.num_docs(), frequencies: &self.frequencies() };
        let mut parts = vec![ScoreParts::default(); page.hits.len()];
        for (((segment, evaluator), query), terms) in self.segments.iter().zip(&evaluators).zip(&queries).zip(terms) {
            let numbers = segment.first_doc..segment.first_doc + segment.archive.num_docs();
            let (places, docs): (Vec<usize>, Vec<DocId>) = (page.hits.iter().enumerate())
                .filter(|(_, hit)| numbers.contains(&hit.doc))
                .map(|(place, hit)| (place, hit.doc - segment.first_doc))
                .unzip();
            for (place, of_hit) in places.into_iter().zip(parts_of(evaluator, query, terms, docs, &measure)) {
                if let Some(part) = parts.get_mut(place) {
                    *part = of_hit;
                }
            }
        }
        Ok(Some(parts))
    }

    /// What the codes of weights stand for among the records of all segments.
    pub(super) fn frequencies(&self) -> [f64; 256] {
        let tokens = |segment: &Segment| segment.archive.root().index.num_tokens.saturating_sub(segment.hidden_tokens);
        let num_tokens: u64 = self.segments.iter().map(tokens).sum();
        weight::frequencies(num_tokens as f64 / f64::from(self.num_docs().max(1)))
    }
}

/// The terms that each segment's query is scored by, as frequent as they are in all segments together.
pub(super) fn scored_terms(evaluators: &[Evaluator<'_>], queries: &[Query]) -> Fetch<Vec<Vec<Scored>>> {
    let terms = gather(evaluators.iter().zip(queries).map(|(evaluator, query)| evaluator.scored_terms(query)))?;
    let Some(mut terms) = terms else { return Ok(None) };
    let num_terms = terms.first().map_or(0, Vec::len);
    let sums: Vec<usize> = (0..num_terms)
        .map(|place| terms.iter().filter_map(|terms| terms.get(place)).map(|term| term.doc_freq).sum())
        .collect();
    for (term, sum) in terms.iter_mut().flat_map(|terms| terms.iter_mut().zip(&sums)) {
        term.doc_freq = *sum;
    }
    Ok(Some(terms))
}
