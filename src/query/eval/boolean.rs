//! Parts of a query that must all be answered.

use super::Evaluator;
use crate::format::{Fetch, gather};
use crate::query::{DocSet, Query};

impl Evaluator<'_> {
    /// Fields are looked at for what the other parts left. Positions are the longest lists, so phrases come last, all of them at
    /// once, on what their words and the other parts left.
    pub(super) fn and_docs(&self, parts: &[Query], doubtful: bool) -> Fetch<DocSet> {
        let is_phrase = |part: &&Query| matches!(part, Query::Phrase { .. });
        let (fields, others): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part.is_of_fields());
        let (phrases, others): (Vec<_>, Vec<_>) = others.into_iter().partition(is_phrase);
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
        let fields = gather(fields.iter().map(|field| self.field_docs(field, &docs)))?;
        let Some(fields) = fields else { return Ok(None) };
        let docs = fields.iter().fold(docs, |docs, set| docs.intersect(set));
        if phrases.is_empty() { Ok(Some(docs)) } else { self.with_phrases(&docs, &phrases) }
    }
}
