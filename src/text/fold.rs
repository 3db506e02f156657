//! Folding: the form under which spellings that a reader takes for the same word meet.
//!
//! Case, accents, ligatures, width and ё/е fold; so do the Arabic vowel marks, tatweel, and the letter variants that
//! keyboards confuse (alef forms, final ya, ta marbuta, the Persian kaf and ya: the set of Lucene's `ArabicNormalizer` and
//! `PersianNormalizer`). Letters that an alphabet counts as its own stay: й, ї, ў, the voiced kana, the marks of Indic scripts.
//!
//! A table of our own instead of full Unicode normalization, which would cost the page many times as much. A test holds the table
//! against Unicode's own decompositions.

use std::sync::OnceLock;

use super::lower::lower;

/// A character (lower case) a line, then what it folds to; in ascending order of the characters.
const TABLE: &str = include_str!("fold_table.txt");

/// Appends the folded form of `text` to `out`.
///
/// Folding is idempotent, and folds each character by itself, but for the three Cyrillic letters that decompose.
///
/// # Example
/// ```
/// let mut folded = String::new();
/// fonds::text::fold::fold_into("Ёлка Ångström STRASSE straße", &mut folded);
/// assert_eq!(folded, "елка angstrom strasse strasse");
/// ```
pub fn fold_into(text: &str, out: &mut String) {
    for c in text.chars() {
        fold_char(c, out);
    }
}

/// The folded form of `text`.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Appends the folded form of one character.
pub fn fold_char(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
    } else if is_mark(c) {
        recompose(c, out);
    } else {
        let lower = lower(c);
        match lookup(lower) {
            Some(form) => out.push_str(form),
            None => out.push(lower),
        }
    }
}

/// True for characters that belong to the word they stand in, and that folding drops: combining accents, Hebrew points,
/// Arabic vowel marks and tatweel, soft hyphen, joiners, signs of direction, variation selectors.
#[must_use]
pub fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'
        | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}'..='\u{6e8}'
        | '\u{6ea}'..='\u{6ed}' | '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Cyrillic letters of their own that decomposed text writes as a letter and a mark.
fn recompose(mark: char, out: &mut String) {
    let whole = match (out.chars().next_back(), mark) {
        (Some('и'), '\u{306}') => 'й',
        (Some('у'), '\u{306}') => 'ў',
        (Some('і'), '\u{308}') => 'ї',
        _ => return,
    };
    out.pop();
    out.push(whole);
}

fn lookup(c: char) -> Option<&'static str> {
    static PAIRS: OnceLock<Vec<(char, &'static str)>> = OnceLock::new();
    let pairs = PAIRS.get_or_init(|| {
        let pair = |line: &'static str| {
            let mut chars = line.chars();
            chars.next().map(|c| (c, chars.as_str()))
        };
        TABLE.lines().filter_map(pair).collect()
    });
    let place = pairs.binary_search_by_key(&c, |(variant, _)| *variant).ok()?;
    pairs.get(place).map(|(_, form)| *form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::is_combining_mark;

    fn check(input: &str, expected: &str) {
        assert_eq!(fold(input), expected, "{input:?}");
    }

    #[test]
    fn spellings_that_meet() {
        check("ЁЖ ёж", "еж еж");
        check("Café CAFÉ cafe\u{301}", "cafe cafe cafe");
        check("Ｆｕｌｌ １２", "full 12");
        check("ﬁnale", "finale");
        check("Ἀθῆναι ΑΘΗΝΑΣ", "αθηναι αθηνασ");
        check("مَدْرَسَةٌ", "مدرسه");
        check("إلى آخر", "الي اخر");
        check("שָׁלוֹם", "שלום");
        check("ﾊﾝｶｸ", "ハンカク");
        check("Việt Đức", "viet duc");
        check("İstanbul ISTANBUL ısı", "istanbul istanbul isi");
    }

    #[test]
    fn the_table_is_in_order() {
        let variants: Vec<_> = TABLE.lines().filter_map(|line| line.chars().next()).collect();
        assert!(variants.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn letters_of_their_own_stay() {
        check("мой моя Їжак", "мой моя їжак");
        check("мои\u{306}", "мой");
        check("ガカ", "ガカ");
        check("हिन्दी", "हिन्दी");
    }

    #[test]
    fn folding_is_idempotent_for_every_character() {
        for c in '\0'..=char::MAX {
            let once = fold(&c.to_string());
            assert_eq!(fold(&once), once, "U+{:04X}", c as u32);
        }
    }

    /// Latin, Greek and their presentation forms agree with Unicode: decompose, drop the marks, lower the case.
    #[test]
    fn the_table_agrees_with_unicode() {
        let beyond_unicode = "ßẞæœøłđðþħŧıςǽǿĸ";
        let ranges = ['\u{c0}'..='\u{24f}', '\u{1e00}'..='\u{1eff}', '\u{370}'..='\u{3ff}', '\u{1f00}'..='\u{1fff}'];
        for c in ranges.into_iter().flatten().filter(|c| c.is_alphanumeric()) {
            let lower: String = c.to_lowercase().collect();
            if lower.chars().any(|c| beyond_unicode.contains(c)) {
                continue;
            }
            let bare: String = lower.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
            let bare = bare.replace('ς', "σ");
            if bare.chars().all(char::is_alphanumeric) && !bare.contains(|c| beyond_unicode.contains(c)) {
                assert_eq!(fold(&c.to_string()), bare, "U+{:04X}", c as u32);
            }
        }
    }
}
