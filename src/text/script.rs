//! Which characters make words, and which scripts write words without spaces between them.

use super::fold::is_mark;

/// How the tokenizer treats a character.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Class {
    /// Part of a word of a script that separates words.
    Word,
    /// Part of a run of a script that does not: indexed as overlapping n-grams of [`gram_len`] characters.
    Unspaced,
    /// Part of whatever it follows, and dropped by folding.
    Mark,
    /// Between words.
    Separator,
}

/// The class of a character.
#[must_use]
pub fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { Class::Word } else { Class::Separator };
    }
    if is_mark(c) {
        Class::Mark
    } else if is_unspaced(c) {
        Class::Unspaced
    } else if c.is_alphanumeric() || is_sign(c) {
        Class::Word
    } else {
        Class::Separator
    }
}

/// Characters of an n-gram that begins with this one: two of Han and kana, which are half a word each; three of Thai, Lao, Burmese
/// and Khmer, whose characters are letters and signs. A run of n-grams ends where this changes.
#[must_use]
pub fn gram_len(c: char) -> usize {
    if ('\u{e00}'..='\u{17ff}').contains(&c) { 3 } else { 2 }
}

/// Han, kana, Thai, Lao, Burmese and Khmer, with the vowel signs and marks of the last four.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' | '\u{e81}'..='\u{ece}' | '\u{edc}'..='\u{edf}'
        | '\u{1000}'..='\u{103f}' | '\u{1050}'..='\u{109f}' | '\u{1780}'..='\u{17d3}' | '\u{17dc}'..='\u{17dd}'
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{3099}'..='\u{309a}' | '\u{309d}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3fffd}')
}

/// Vowel signs and viramas of Indic scripts that Unicode does not call alphabetic, yet stand within words.
fn is_sign(c: char) -> bool {
    matches!(
        c,
        '\u{93c}'
            | '\u{94d}'
            | '\u{9bc}'
            | '\u{9cd}'
            | '\u{a3c}'
            | '\u{a4d}'
            | '\u{abc}'
            | '\u{acd}'
            | '\u{b3c}'
            | '\u{b4d}'
            | '\u{bcd}'
            | '\u{c4d}'
            | '\u{cbc}'
            | '\u{ccd}'
            | '\u{d3b}'..='\u{d3c}' | '\u{d4d}' | '\u{dca}' | '\u{f39}' | '\u{f84}'
    )
}
