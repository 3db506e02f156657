//! The weight of a posting: how much a word stands out in a record, in one byte.
//!
//! `code = round(5/2 · log2(tf / (len + 16)^(7/8))) + 80`: steps of two fifths of an octave of the term frequency over a power of the
//! record's length (the normalisation Z of the Terrier platform; Amati and van Rijsbergen, *Probabilistic models of information
//! retrieval based on measuring the divergence from randomness*, 2002, is its frame). Unlike BM25's own normalisation it knows no
//! average, so that a posting keeps its weight when archives are merged, and a reader needs no lengths of records: it multiplies
//! by `(average + 16)^(7/8)`, a number of the archive. What follows is BM25's saturation (Robertson and Zaragoza, *The
//! Probabilistic Relevance Framework: BM25 and Beyond*, 2009, section 3.5), so a score is a look-up in a table of 256.

/// How much the length of a record counts. Seven eighths: `frequencies` takes roots.
#[cfg(feature = "cli")]
const Z: f64 = 0.875;

/// Words that every record has beside its own: of two very short ones the longer is hardly less to the point.
const MORE_WORDS: f64 = 16.0;

/// Steps to an octave. At two, short records of one archive weigh too much alike; three take more bytes and rank no better.
#[cfg(feature = "cli")]
const STEPS: f64 = 2.5;

/// The code of a frequency of 1 over a length of 1. What can be encoded at all lies between 10 and 160.
#[cfg(feature = "cli")]
const UNIT: i32 = 80;

/// What [`UNIT`] stands for as a power: 2^(80·2/5).
const UNIT_POWER: f64 = 4_294_967_296.0;

/// 2^(i·2/5), the steps of two octaves.
const POWERS: [f64; 5] =
    [1.0, 1.319_507_910_772_894_2, 1.741_101_126_592_248_2, 2.297_396_709_994_07, 3.031_433_133_020_796_4];

/// How often a word of a title counts. A title says what a record is about, as in BM25F (Robertson, Zaragoza and Taylor,
/// *Simple BM25 extension to multiple weighted fields*, 2004).
#[cfg(feature = "cli")]
pub const TITLE_TIMES: u32 = 2;

/// The code of a term that stands `term_freq` times in a record of `len` words.
#[cfg(feature = "cli")]
#[must_use]
pub fn encode(term_freq: u32, len: u32) -> u8 {
    // libm's logarithm, not the platform's: the same bytes everywhere.
    let octaves = libm::log2(f64::from(term_freq.max(1))) - Z * libm::log2(f64::from(len) + MORE_WORDS);
    (libm::round(STEPS * octaves) as i32 + UNIT).clamp(0, 255) as u8
}

/// The term frequency that each code stands for in a record of average length.
#[must_use]
pub fn frequencies(average_len: f64) -> [f64; 256] {
    // Powers by multiplication and by roots, which are the same everywhere and bring no `exp2` or `pow` along.
    let average = average_len + MORE_WORDS;
    let mut even = average / average.sqrt().sqrt().sqrt() / UNIT_POWER;
    let mut frequencies = [0.0; 256];
    for five in frequencies.chunks_mut(POWERS.len()) {
        for (slot, power) in five.iter_mut().zip(POWERS) {
            *slot = even * power;
        }
        even *= 4.0;
    }
    frequencies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_nearest_step() {
        // Of an average length at which no factor is left.
        let frequencies = frequencies(1.0 - MORE_WORDS);
        for term_freq in [1, 2, 3, 17, 1000, u32::MAX] {
            for len in [0u32, 1, 2, 3, 9, 60, 61, 5000, u32::MAX] {
                let exact = f64::from(term_freq) / (f64::from(len) + 16.0).powf(0.875);
                let known = frequencies[usize::from(encode(term_freq, len))];
                let step = 2f64.powf(0.2) + 1e-9;
                assert!(known <= exact * step && exact <= known * step, "{term_freq} in {len}: {known} for {exact}");
            }
        }
        assert_eq!((encode(1, 0), encode(1, 16), encode(2, 16), encode(4, 16)), (71, 69, 72, 74));
    }

    #[test]
    fn an_average_record_is_taken_as_it_is() {
        let frequencies = frequencies(64.0);
        // Nearly: a code is half a step off at most.
        let known = |term_freq| frequencies[usize::from(encode(term_freq, 64))] / f64::from(term_freq);
        assert!((0.87..1.15).contains(&known(1)) && (known(4) / known(1) - 1.0).abs() < 1e-9);
    }
}
