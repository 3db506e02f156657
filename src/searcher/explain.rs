//! What a hit's score is made of.

use super::archive::Archive;
use super::asked::any_of;
use super::request::{Answer, SearchPage, SearchRequest};
use crate::error::Result;
use crate::format::Fetch;
use crate::query::eval::{Evaluator, Scored, worths};
use crate::query::{DocSet, Query, print};
use crate::record::DocId;

/// The parts of the score of one hit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreParts {
    /// What each word of the query gives, in the query's order; words that give nothing too.
    pub words: Vec<WordScore>,
}

/// What a word gives to a hit's score.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WordScore {
    /// The word, or words side by side, as a query.
    pub word: String,
    /// What it is worth in this archive: the rarer, the more.
    pub idf: f64,
    /// How much it stands out in the record: 1 where it stands once in a record of average length, more where it stands more
    /// often or the record is shorter. `idf` times this is what it gives.
    pub weight: f64,
}

impl WordScore {
    /// What the word gives.
    #[must_use]
    pub fn score(&self) -> f64 {
        self.idf * self.weight
    }
}

impl Archive {
    /// What the score of each hit of a page is made of: for the page's request, as it was answered. Empty unless the page is
    /// sorted by relevance.
    ///
    /// # Errors
    /// A block of the index is lost or malformed.
    pub fn explain(&self, request: &SearchRequest, page: &SearchPage) -> Result<Answer<Vec<ScoreParts>>> {
        let parts = self.score_parts(request, page)?;
        Ok(self.answer(parts))
    }

    fn score_parts(&self, request: &SearchRequest, page: &SearchPage) -> Fetch<Vec<ScoreParts>> {
        if page.hits.iter().all(|hit| hit.score <= 0.0) {
            return Ok(Some(Vec::new()));
        }
        let Some(asked) = self.asked(request)? else { return Ok(None) };
        let query = if page.relaxed { any_of(asked.query) } else { asked.query };
        let evaluator = self.evaluator();
        let Some(terms) = evaluator.scored_terms(&query)? else { return Ok(None) };
        let docs = page.hits.iter().map(|hit| hit.doc).collect();
        let measure = Measure { num_docs: self.num_docs(), frequencies: &self.index().frequencies() };
        Ok(Some(parts_of(&evaluator, &query, terms, docs, &measure)))
    }
}

/// What scores are measured by: the number of records, and what the codes of weights stand for among these.
pub(super) struct Measure<'a> {
    pub num_docs: u32,
    pub frequencies: &'a [f64; 256],
}

/// What the score of each of these records is made of, by the terms that the query is scored by.
pub(super) fn parts_of(
    evaluator: &Evaluator<'_>,
    query: &Query,
    mut terms: Vec<Scored>,
    docs: Vec<DocId>,
    measure: &Measure<'_>,
) -> Vec<ScoreParts> {
    let worths = worths(&terms, measure.num_docs);
    let leaves: Vec<_> = query.positive_leaves().into_iter().filter(|leaf| leaf.is_of_words()).collect();
    let mut sorted = docs.clone();
    sorted.sort_unstable();
    let sorted = DocSet::from_sorted(sorted);
    let of_leaves: Vec<Vec<f64>> = (0..leaves.len())
        .map(|leaf| {
            let of_leaf: Vec<_> = terms.extract_if(.., |term| term.leaf() == leaf).collect();
            evaluator.score(&of_leaf, &sorted, measure.num_docs, measure.frequencies)
        })
        .collect();
    let parts = docs.into_iter().map(|doc| {
        let place = sorted.iter().position(|other| other == doc).unwrap_or_default();
        let words = leaves.iter().zip(&of_leaves).zip(&worths).map(|((leaf, scores), idf)| WordScore {
            word: print(leaf),
            idf: *idf,
            weight: if *idf > 0.0 { scores.get(place).copied().unwrap_or_default() / idf } else { 0.0 },
        });
        ScoreParts { words: words.collect() }
    });
    parts.collect()
}
