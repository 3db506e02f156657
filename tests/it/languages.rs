//! Stemmers and words against data from elsewhere: Snowball's vocabularies and Unicode's cases for word breaks. They are no part of
//! the repository: the folder that `FONDS_SHARED` names, or `shared` beside this one. Where it is absent the tests say so and pass.

use std::fs;
use std::path::{Path, PathBuf};

use fonds::text::fold::fold;
use fonds::text::stem::of_snowball;
use fonds::text::tokenize;
use fonds::text::tokenizer::TokenKind;

fn shared(path: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let path = std::env::var_os("FONDS_SHARED").map_or_else(beside, PathBuf::from).join(path);
    if !path.exists() {
        eprintln!("skipped 1: there is no {}", path.display());
    }
    path.exists().then_some(path)
}

/// The language of a vocabulary, and how many of its words may be stemmed otherwise, since the algorithm has changed since.
const VOCABULARIES: [(&str, &str, usize); 31] = [
    ("armenian", "hy", 0),
    ("basque", "eu", 0),
    ("catalan", "ca", 0),
    ("czech", "cs", 29),
    ("danish", "da", 0),
    ("dutch", "nl", 0),
    ("english", "en", 0),
    ("esperanto", "eo", 0),
    ("estonian", "et", 0),
    ("finnish", "fi", 0),
    ("french", "fr", 0),
    ("german", "de", 0),
    ("greek", "el", 0),
    ("hindi", "hi", 0),
    ("hungarian", "hu", 0),
    ("indonesian", "id", 0),
    ("irish", "ga", 0),
    ("italian", "it", 0),
    ("lithuanian", "lt", 0),
    ("nepali", "ne", 0),
    ("norwegian", "nb", 0),
    ("persian", "fa", 984),
    ("polish", "pl", 0),
    ("portuguese", "pt", 0),
    ("romanian", "ro", 0),
    ("russian", "ru", 0),
    ("serbian", "sr", 0),
    ("spanish", "es", 0),
    ("swedish", "sv", 0),
    ("turkish", "tr", 0),
    ("yiddish", "yi", 0),
];

#[test]
fn stems_are_those_of_snowball() {
    let Some(folder) = shared("data/snowball") else { return };
    for (name, lang, allowed) in VOCABULARIES {
        let text = fs::read_to_string(folder.join(format!("{name}.sample.tsv"))).unwrap();
        let differs = |line: &&str| {
            let (word, expected) = line.split_once('\t').unwrap();
            of_snowball(lang, word) != Some(if expected.is_empty() { fold(word) } else { fold(expected) })
        };
        let found: Vec<&str> = text.lines().filter(differs).collect();
        assert!(
            text.lines().count() > 100 && found.len() <= allowed,
            "{name}: {} differ: {:?}",
            found.len(),
            found.first()
        );
    }
}

/// Where our words are not Unicode's, and why. Anything else that differs is a mistake.
fn differs_on_purpose(text: &str) -> bool {
    // Apostrophes, full stops, colons, commas and underscores separate words, so that every part is found.
    text.contains(['\'', '.', ':', ',', '_', '\u{ff0e}', '\u{387}', '\u{2019}'])
        // Hebrew and kana have no rules of their own; a sign of an Indic script is part of a word even where it stands alone; a
        // picture never is, though it be joined to one.
        || text.contains(['"', '\u{3031}', '\u{903}', '🛑', '✁'])
        // Scripts without spaces become n-grams.
        || tokenize(text).iter().any(|token| token.kind == TokenKind::Gram)
}

#[test]
fn words_are_those_of_unicode_but_for_what_differs_on_purpose() {
    let Some(path) = shared("data/segmentation/WordBreakTest.txt") else { return };
    let (mut same, mut on_purpose) = (0, 0);
    for line in fs::read_to_string(path).unwrap().lines() {
        let Some(case) = line.split('#').next().map(str::trim).filter(|case| !case.is_empty()) else { continue };
        let mut pieces = vec![String::new()];
        for sign in case.split_whitespace() {
            match sign {
                "÷" => pieces.push(String::new()),
                "×" => {}
                code => {
                    let sign = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
                    pieces.last_mut().unwrap().extend(sign);
                }
            }
        }
        let text: String = pieces.concat();
        // Marks and format signs before and behind a word make no difference.
        let expected: Vec<String> =
            pieces.iter().filter(|piece| piece.contains(char::is_alphanumeric)).map(|piece| fold(piece)).collect();
        let found: Vec<String> = tokenize(&text).into_iter().map(|token| token.term).collect();
        if found == expected {
            same += 1;
        } else {
            assert!(differs_on_purpose(&text), "{text:?}: {found:?}, Unicode has {expected:?}");
            on_purpose += 1;
        }
    }
    eprintln!("{same} cases as in Unicode, {on_purpose} different on purpose");
    assert!(same > 900, "{same}");
}
