//! What a hit's score is made of.

use super::archive::Archive;
use super::request::{Answer, SearchPage, SearchRequest};
use crate::error::Result;
use crate::format::Fetch;
use crate::query::eval::worths;
use crate::query::{DocSet, print};

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
        let Some(query) = self.searched(request, page.relaxed)? else { return Ok(None) };
        let evaluator = self.evaluator();
        let Some(terms) = evaluator.scored_terms(&query)? else { return Ok(None) };
        let worths = worths(&terms, self.num_docs());
        let leaves: Vec<_> = query.positive_leaves().into_iter().filter(|leaf| leaf.is_of_words()).collect();
        let mut docs: Vec<_> = page.hits.iter().map(|hit| hit.doc).collect();
        docs.sort_unstable();
        let docs = DocSet::from_sorted(docs);
        let frequencies = self.index().frequencies();
        let mut rest = terms;
        let of_leaves: Vec<Vec<f64>> = (0..leaves.len())
            .map(|leaf| {
                let of_leaf: Vec<_> = rest.extract_if(.., |term| term.leaf() == leaf).collect();
                evaluator.score(&of_leaf, &docs, self.num_docs(), &frequencies)
            })
            .collect();
        let parts = page.hits.iter().map(|hit| {
            let place = docs.iter().position(|doc| doc == hit.doc).unwrap_or_default();
            let words = leaves.iter().zip(&of_leaves).zip(&worths).map(|((leaf, scores), idf)| WordScore {
                word: print(leaf),
                idf: *idf,
                weight: if *idf > 0.0 { scores.get(place).copied().unwrap_or_default() / idf } else { 0.0 },
            });
            ScoreParts { words: words.collect() }
        });
        Ok(Some(parts.collect()))
    }
}
