//! Stems: what the inflected forms of a word have in common, by Snowball's algorithm for its language.
//!
//! A stemmer wants words as they are written, in lower case: folding takes away what it goes by (`é`, `ä`, `й` after `и`). So
//! [`written`] is what is stemmed, not the folded form.
//!
//! *Useful for* telling which words of a dictionary are forms of one. *Not useful for* showing: a stem is no word.

use snowball_stemmers_rs::{Algorithm, Stemmer};

use super::fold::{fold_into, is_mark};
use super::lower::lower;

/// The languages that have a stemmer, by their codes in ISO 639-1 (Sesotho: `st`), with its algorithm.
const STEMMERS: [(&str, Algorithm); 37] = [
    ("ar", Algorithm::Arabic),
    ("ca", Algorithm::Catalan),
    ("cs", Algorithm::Czech),
    ("da", Algorithm::Danish),
    ("de", Algorithm::German),
    ("el", Algorithm::Greek),
    ("en", Algorithm::English),
    ("eo", Algorithm::Esperanto),
    ("es", Algorithm::Spanish),
    ("et", Algorithm::Estonian),
    ("eu", Algorithm::Basque),
    ("fa", Algorithm::Persian),
    ("fi", Algorithm::Finnish),
    ("fr", Algorithm::French),
    ("ga", Algorithm::Irish),
    ("hi", Algorithm::Hindi),
    ("hu", Algorithm::Hungarian),
    ("hy", Algorithm::Armenian),
    ("id", Algorithm::Indonesian),
    ("it", Algorithm::Italian),
    ("lt", Algorithm::Lithuanian),
    ("nb", Algorithm::Norwegian),
    ("ne", Algorithm::Nepali),
    ("nl", Algorithm::Dutch),
    ("nn", Algorithm::Norwegian),
    ("no", Algorithm::Norwegian),
    ("pl", Algorithm::Polish),
    ("pt", Algorithm::Portuguese),
    ("ro", Algorithm::Romanian),
    ("ru", Algorithm::Russian),
    ("sr", Algorithm::Serbian),
    ("st", Algorithm::Sesotho),
    ("sv", Algorithm::Swedish),
    ("ta", Algorithm::Tamil),
    ("tr", Algorithm::Turkish),
    ("uk", Algorithm::Ukrainian),
    ("yi", Algorithm::Yiddish),
];

/// True where words of this language can be stemmed.
#[must_use]
pub fn has_stemmer(lang: &str) -> bool {
    algorithm(lang).is_some()
}

/// The stem, folded, of a word written in lower case; `None` where the language has no stemmer.
///
/// # Example
/// ```
/// use fonds::text::stem::stem;
/// assert_eq!(stem("ru", "гаванями"), stem("ru", "гавань"));
/// assert_eq!(stem("de", "häuser").as_deref(), Some("haus"));
/// assert_eq!(stem("zh", "港口"), None);
/// ```
#[must_use]
pub fn stem(lang: &str, word: &str) -> Option<String> {
    let mut stem = of_snowball(lang, word)?;
    if lang == "ar" {
        for ending in ARABIC_ENDINGS {
            let shorter = stem.strip_suffix(ending).filter(|shorter| shorter.chars().count() >= 2);
            stem = shorter.map_or(stem.clone(), str::to_owned);
        }
    }
    Some(stem)
}

/// Endings of adjectives and of the feminine, folded, which Snowball leaves. Taking further particles and endings away, as light
/// stemming does, ranked no better (docs/ARCHITECTURE.md).
const ARABIC_ENDINGS: [char; 2] = ['ه', 'ي'];

/// What Snowball's algorithm leaves, folded.
#[must_use]
pub fn of_snowball(lang: &str, word: &str) -> Option<String> {
    let stemmer = Stemmer::create(algorithm(lang)?);
    let stem = stemmer.stem(word);
    // Some algorithms leave nothing of a word that is all ending.
    let mut folded = String::new();
    fold_into(if stem.is_empty() { word } else { &stem }, &mut folded);
    Some(folded)
}

/// What words of this stem begin with beside the stem itself: particles that are written together with the word.
#[must_use]
pub fn particles(lang: &str) -> &'static [&'static str] {
    if lang == "ar" { &["ال", "ب", "بال", "ل", "لل", "و", "وال"] } else { &[] }
}

/// True where a folded form is a word that stemmers know what to do with: letters and, in Indic scripts, the signs of vowels.
#[must_use]
pub fn is_stemmed(form: &str) -> bool {
    form.chars().all(char::is_alphabetic)
        || form.chars().all(|c| c.is_alphabetic() || ('\u{900}'..='\u{dff}').contains(&c))
}

/// A word as it is written, in lower case and without what no letter needs: the form that is stemmed. A word with accents of
/// their own, as some systems decompose them, is taken as it folds.
#[must_use]
pub fn written(word: &str) -> String {
    if word.contains(|c| matches!(c, '\u{300}'..='\u{36f}')) {
        return super::fold::fold(word);
    }
    word.chars().filter(|c| !is_mark(*c)).map(lower).map(|c| c.to_ascii_lowercase()).collect()
}

fn algorithm(lang: &str) -> Option<Algorithm> {
    let place = STEMMERS.binary_search_by(|(code, _)| (*code).cmp(lang)).ok()?;
    STEMMERS.get(place).map(|(_, algorithm)| *algorithm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_sorted_and_each_has_a_stemmer() {
        assert!(STEMMERS.is_sorted_by(|(a, _), (b, _)| a < b));
        for (lang, _) in STEMMERS {
            assert!(stem(lang, "abc").is_some_and(|stem| !stem.is_empty()));
        }
    }

    #[test]
    fn forms_of_one_word_meet() {
        let meet = |lang: &str, words: &[&str]| {
            let stems: Vec<_> = words.iter().map(|word| stem(lang, &written(word)).unwrap()).collect();
            assert!(stems.iter().all(|stem| *stem == stems[0]), "{words:?}: {stems:?}");
        };
        meet("en", &["Harbour", "harbours", "HARBOURED"]);
        meet("ru", &["Гавань", "гавани", "гаванями"]);
        meet("de", &["Haus", "Häuser", "Häusern"]);
        meet("fr", &["déclaré", "déclarée", "déclarer"]);
        meet("es", &["canción", "canciones"]);
        meet("ar", &["مدرسة", "المدرسة"]);
        meet("ar", &["أساس", "أساسي", "أساسية"]);
        meet("id", &["baca", "membaca", "dibacakan"]);
        meet("sr", &["жена", "žena"]);
    }

    #[test]
    fn a_word_is_lowered_and_its_marks_left_out() {
        assert_eq!(written("ÉTÉ"), "été");
        assert_eq!(written("cafe\u{301}s"), "cafes");
        assert_eq!(written("co\u{ad}op"), "coop");
    }
}
