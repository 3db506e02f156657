//! Length of each record in tokens, in one byte: exact up to 40, then in steps of an eighth of a power of two.
//!
//! BM25 needs lengths only roughly (Lucene and tantivy store a byte too); the oracle in the tests quantises as well.

/// The length that a code stands for, in tokens.
#[must_use]
pub fn decode(code: u8) -> u32 {
    let code = u32::from(code);
    match code.checked_sub(40) {
        None => code,
        Some(step) => ((8 + step % 8) << (step / 8 + 2)) + 8,
    }
}

/// The largest code whose length is not above `len`.
#[must_use]
pub fn encode(len: u32) -> u8 {
    let (mut low, mut high) = (0u8, u8::MAX);
    while low < high {
        let middle = high - (high - low) / 2;
        if decode(middle) <= len { low = middle } else { high = middle - 1 }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_grow_and_come_back() {
        for code in 0..=u8::MAX {
            assert_eq!(encode(decode(code)), code);
            assert!(code == 0 || decode(code) > decode(code - 1));
        }
        assert_eq!((encode(43), decode(encode(43))), (40, 40));
        assert_eq!(decode(encode(u32::MAX)), (15 << 28) + 8);
    }
}
