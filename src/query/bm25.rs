//! BM25: how well a record answers a term.
//!
//! Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond* (2009), section 3.5, with Lucene's idf, which
//! is never negative. How the length of a record counts is in the term frequency already: see [`crate::index::weight`].

/// Saturation of the term frequency: the usual value.
const K1: f64 = 1.2;

/// What a term is worth that stands in `doc_freq` of `num_docs` records.
#[must_use]
pub fn idf(doc_freq: usize, num_docs: u32) -> f64 {
    let (doc_freq, num_docs) = (doc_freq as f64, f64::from(num_docs));
    // libm's logarithm, not the platform's: the page must rank exactly as the program does.
    libm::log(1.0 + (num_docs - doc_freq + 0.5) / (doc_freq + 0.5))
}

/// What a term frequency is worth, as in a record of average length: 1 for a term that stands once, `K1 + 1` at most.
#[must_use]
pub fn saturated(frequency: f64) -> f64 {
    frequency * (K1 + 1.0) / (frequency + K1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_and_frequent_score_higher() {
        assert!(idf(1, 1000) > idf(900, 1000));
        assert!(idf(1000, 1000) > 0.0);
        assert!(saturated(2.0) > saturated(1.0));
        assert!((saturated(1.0) - 1.0).abs() < 1e-12 && saturated(1e9) < K1 + 1.0);
    }
}
