//! The weight of a posting: how much a word stands out in a record, in one byte.
//!
//! `code = round(2 · log2(tf / len^z)) + 64`: half octaves of the term frequency over a power of the record's length (the normalisation Z of
//! the Terrier platform; Amati and van Rijsbergen, *Probabilistic models of information retrieval based on measuring the divergence
//! from randomness*, 2002, is its frame). Unlike BM25's own normalisation it knows no average, so that a posting keeps its
//! weight when archives are merged, and a reader needs no lengths of records: it multiplies by `average^z`, a number of the
//! archive. What follows is BM25's saturation (Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond*,
//! 2009, section 3.5), so a score is a look-up in a table of 256.

/// How much the length of a record counts. Half: `frequencies` takes a root.
#[cfg(feature = "cli")]
const Z: f64 = 0.5;

/// The code of a term that stands once in a record of one word.
const UNIT: i32 = 64;

/// How often a word of a title counts. A title says what a record is about, as in BM25F (Robertson, Zaragoza and Taylor,
/// *Simple BM25 extension to multiple weighted fields*, 2004).
#[cfg(feature = "cli")]
pub const TITLE_TIMES: u32 = 2;

/// The code of a term that stands `term_freq` times in a record of `len` words.
#[cfg(feature = "cli")]
#[must_use]
pub fn encode(term_freq: u32, len: u32) -> u8 {
    // libm's logarithm, not the platform's: the same bytes everywhere.
    let halves = 2.0 * (libm::log2(f64::from(term_freq.max(1))) - Z * libm::log2(f64::from(len.max(1))));
    (libm::round(halves) as i32 + UNIT).clamp(0, 255) as u8
}

/// The term frequency that each code stands for in a record of average length.
#[must_use]
pub fn frequencies(average_len: f64) -> [f64; 256] {
    // 2^(code/2) by multiplication, and z as a root, which are the same everywhere and bring no `exp2` or `pow` along.
    let average = average_len.max(1.0).sqrt();
    let mut frequencies = [0.0; 256];
    let mut even = average / (1u64 << (UNIT / 2)) as f64;
    for pair in frequencies.chunks_exact_mut(2) {
        for (slot, half) in pair.iter_mut().zip([1.0, std::f64::consts::SQRT_2]) {
            *slot = even * half;
        }
        even *= 2.0;
    }
    frequencies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_nearest_half_octave() {
        let frequencies = frequencies(1.0);
        for term_freq in [1, 2, 3, 17, 1000] {
            for len in [1u32, 2, 3, 9, 60, 61, 5000, u32::MAX] {
                let exact = f64::from(term_freq) / f64::from(len).sqrt();
                let known = frequencies[usize::from(encode(term_freq, len))];
                let step = 2f64.powf(0.25) + 1e-9;
                assert!(known <= exact * step && exact <= known * step, "{term_freq} in {len}: {known} for {exact}");
            }
        }
        assert_eq!((encode(1, 1), encode(2, 1), encode(1, 4)), (64, 66, 62));
    }

    #[test]
    fn an_average_record_is_taken_as_it_is() {
        let frequencies = frequencies(64.0);
        assert!((frequencies[usize::from(encode(1, 64))] - 1.0).abs() < 1e-9);
        assert!((frequencies[usize::from(encode(4, 64))] - 4.0).abs() < 1e-9);
    }
}
