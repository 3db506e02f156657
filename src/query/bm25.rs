//! BM25: how well a record answers a term.
//!
//! Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond* (2009), section 3.5, with Lucene's idf, which
//! is never negative.

/// Saturation of the term frequency: the usual value.
const K1: f64 = 1.2;

/// How much the length of a record counts: the usual value.
const B: f64 = 0.75;

/// Scores of one term over an archive.
#[derive(Clone, Copy, Debug)]
pub struct Bm25 {
    idf: f64,
    average_len: f64,
}

impl Bm25 {
    /// For a term that stands in `doc_freq` of `num_docs` records with `num_tokens` tokens together.
    #[must_use]
    pub fn new(doc_freq: usize, num_docs: u32, num_tokens: u64) -> Self {
        let (doc_freq, num_docs) = (doc_freq as f64, f64::from(num_docs));
        // libm's logarithm, not the platform's: the page must rank exactly as the program does.
        let idf = libm::log(1.0 + (num_docs - doc_freq + 0.5) / (doc_freq + 0.5));
        Self { idf, average_len: (num_tokens as f64 / num_docs.max(1.0)).max(1.0) }
    }

    /// Score of a record of `len` tokens in which the term stands `term_freq` times.
    #[must_use]
    pub fn score(&self, term_freq: u32, len: u32) -> f64 {
        let term_freq = f64::from(term_freq);
        let norm = K1 * (1.0 - B + B * f64::from(len) / self.average_len);
        self.idf * term_freq * (K1 + 1.0) / (term_freq + norm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_frequent_and_short_score_higher() {
        let (rare, common) = (Bm25::new(1, 1000, 100_000), Bm25::new(900, 1000, 100_000));
        assert!(rare.score(1, 100) > common.score(1, 100));
        assert!(rare.score(2, 100) > rare.score(1, 100));
        assert!(rare.score(1, 50) > rare.score(1, 100));
        assert!(Bm25::new(1000, 1000, 0).score(1, 0) > 0.0);
    }
}
